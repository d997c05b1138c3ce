"""The verbs of the texts: documents and extracts. A passage is checked against the text as it is at that moment."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Literal

from cop_analysis.realist.coding.codes import gone_with_what_needs_it, refuse_twin
from cop_analysis.realist.coding.keeping import Verbs, moment
from cop_analysis.realist.documents.answers import kept_speakers
from cop_analysis.realist.model.check import CONTEXT_LENGTH
from cop_analysis.realist.model.identifiers import new_identifier
from cop_analysis.realist.model.records import Code, Coder, Document, Extract
from cop_analysis.realist.store.errors import CodingError, InUse
from cop_analysis.realist.store.judge import in_words
from cop_analysis.realist.store.log import TAKE_IN
from cop_analysis.realist.store.state import Changes, State
from cop_analysis.study.faults import visible


class ExtractVerbs(Verbs):
    """Changing documents and extracts."""

    def add_document(
        self,
        document: str | Document,
        *,
        file: str = "",
        title: str = "",
        speakers: tuple[str, ...] | None = None,
        attributes: tuple[tuple[str, str], ...] = (),
        coder: str | Coder | None = None,
    ) -> Document:
        """Take a document of the study into its coding, with the checksum of its text.

        Parameters
        ----------
        document : str or Document
            Its identifier in documents.csv; or a whole record, as reading a transcript gives it.
        file, title : str
            Taken from documents.csv where left out.
        speakers, attributes
            As `Document` says.

        Raises
        ------
        CodingError
            When it is in the coding already, or its text cannot be read.
        """
        if isinstance(document, Document):
            return self._add("add_document", coder, document)
        made = self._fresh_document(document)
        made = replace(made, speakers=made.speakers if speakers is None else speakers, attributes=attributes)
        made = replace(made, file=file or made.file, title=title or made.title)
        return self._add("add_document", coder, made)

    def take_in(self, document: str, *, coder: str | Coder | None = None) -> Document:
        """Take a document of the study into its coding where it is not there yet; no undo ever takes it out again.

        Others may code it by the time somebody undoes the first thing they did in it.

        Raises
        ------
        CodingError
            When its text cannot be read.
        """
        known = self._store.state.get(("documents", document)) or self._store.look().get(("documents", document))
        if isinstance(known, Document):
            return known
        made = self._fresh_document(document)
        key = ("documents", document)
        self.transact(TAKE_IN, lambda state: {} if state.get(key) is not None else {key: made}, coder=coder)
        taken: Document = self._store.state.require("documents", document)
        return taken

    def delete_document(
        self,
        document: str | Document,
        *,
        extracts: Literal["delete"] | None = None,
        coder: str | Coder | None = None,
    ) -> None:
        """Take a document out of the coding; the file stays where it is.

        Raises
        ------
        InUse
            When something uses it and ``extracts="delete"`` was not said.
        """
        self._delete("delete_document", coder, "documents", document, extracts, "extracts='delete'")

    def add_extract(
        self,
        document: str | Document,
        start: int | None = None,
        end: int | None = None,
        code: str | Code | None = None,
        *,
        quote: str | None = None,
        memo: str = "",
        id: str | None = None,
        coder: str | Coder | None = None,
    ) -> Extract:
        """Code a passage of a document; passages may overlap.

        Parameters
        ----------
        document : document or identifier
            One of the study that is not in its coding yet is taken into it first, as `take_in` does.
        start, end : int
            Code points of the text, `end` not included: ``coding.text(document)[start:end]``.
        code : code or identifier
            A whole `Code` that is not in the codebook yet is added with the extract, in the same change.
        quote : str, optional
            Instead of start and end: words that stand in the text exactly once; or with them, to make sure.
        memo : str
        id : str, optional
            Made new where left out.
        coder : coder or identifier, optional

        Raises
        ------
        CodingError
            When the passage is empty, holds nothing but blanks, runs past the end, or is not the quote; or when the
            document was changed since it was coded.
        """
        who = self._who(coder)
        if code is None:
            raise CodingError("Name the code: coding.add_extract(document, start, end, code).")
        if isinstance(document, str) and document in self._listed_documents():
            self.take_in(document, coder=who)
        chosen: Document = self._store.state.require("documents", document)
        text = self._text_as_coded(chosen)
        start, end = _place(text, chosen.id, start, end, quote)
        made = Extract(
            id or new_identifier("x"), chosen.id, start, end, text[start:end], "", who, _before(text, start),
            text[end : end + CONTEXT_LENGTH], moment(), memo,
        )  # fmt: skip
        key = ("extracts", made.id)

        def edit(state: State) -> Changes:
            now = state.require("documents", chosen.id)
            if now.sha256 != chosen.sha256:
                raise CodingError(f"The text of {chosen.id} was replaced just now. Look at it again and select anew.")
            if state.get(key) is not None:
                raise CodingError(f"There is an extract {made.id!r} already. Give another identifier, or leave it out.")
            if isinstance(code, Code) and state.get(("codes", code.id)) is None:
                refuse_twin(state, code.id, code.name, code.parent)
                return {("codes", code.id): code, key: replace(made, code=code.id)}
            return {key: replace(made, code=state.require("codes", code).id)}

        self.transact("add_extract", edit, coder=who)
        added: Extract = self._store.state.require("extracts", made.id)
        return added

    def recode(self, extract: str | Extract, code: str | Code, *, coder: str | Coder | None = None) -> Extract:
        """Give an extract another code."""

        def edit(state: State) -> Changes:
            now = state.require("extracts", extract)
            return {("extracts", now.id): replace(now, code=state.require("codes", code).id)}

        self.transact("recode", edit, coder=coder)
        recoded: Extract = self._store.state.require("extracts", extract)
        return recoded

    def move_extract(
        self, extract: str | Extract, start: int, end: int, *, coder: str | Coder | None = None
    ) -> Extract:
        """Select the passage of an extract anew; its code, links and memos stay.

        Raises
        ------
        CodingError
            As `add_extract` does.
        """
        now: Extract = self._store.state.require("extracts", extract)
        text = self._text_as_coded(self._store.state.require("documents", now.document))
        start, end = _place(text, now.document, start, end, None)
        values = {
            "start": start,
            "end": end,
            "quote": text[start:end],
            "prefix": _before(text, start),
            "suffix": text[end : end + CONTEXT_LENGTH],
            "placed": True,
        }
        return self._alter("move_extract", coder, "extracts", extract, values)

    def note(self, extract: str | Extract, memo: str, *, coder: str | Coder | None = None) -> Extract:
        """Write the note of an extract."""
        return self._alter("note", coder, "extracts", extract, {"memo": memo})

    def delete_extract(
        self,
        extract: str | Extract,
        *,
        evidence: Literal["delete"] | None = None,
        coder: str | Coder | None = None,
    ) -> None:
        """Delete an extract; one that is evidence only if you say that its links go with it.

        Raises
        ------
        InUse
            When something uses it and ``evidence="delete"`` was not said.
        """
        self._delete("delete_extract", coder, "extracts", extract, evidence, "evidence='delete'")

    def _delete(
        self, verb: str, coder: str | Coder | None, collection: str, record: object, also: str | None, how: str
    ) -> None:
        """Delete a record; with what cannot be without it where that was said."""
        if also not in (None, "delete"):
            raise CodingError(f"Write {how} to delete what uses it as well, or leave it out.")

        def edit(state: State) -> Changes:
            now = state.require(collection, record)
            key = (collection, now.id)
            changes = gone_with_what_needs_it(state, {key})
            if len(changes) > 1 and also is None:
                users = [one for one in changes if one != key]
                raise InUse(f"{_capital(collection, now.id)} was not deleted: {in_words(users)}. To delete it all the "
                            f"same, with what cannot be without it, say {how}.")  # fmt: skip
            return changes

        self.transact(verb, edit, coder=coder)

    # --- texts ------------------------------------------------------------------------------------------------------

    def _fresh_text(self, document: str) -> str:
        """Read a text as it is now, whatever was read before."""
        if self.read_text is None:
            raise CodingError("This coding was opened without its study, so its documents cannot be read.")
        try:
            text: str = self.read_text(document)
        except (ValueError, OSError, KeyError) as error:
            raise CodingError(" ".join(str(error).split())) from error
        self._texts[document] = text
        return text

    def _fresh_document(self, document: str) -> Document:
        """Give a document of the study as its coding takes it in, with the checksum of its text."""
        text = self._fresh_text(document)
        file, title = self._listed_documents().get(document, ("", ""))
        folder = None if self._study is None else self._study.folder
        speakers = None if folder is None else kept_speakers(folder, document)
        return Document(document, file or f"documents/{document}.txt", title, _checksum(text), len(text), speakers)

    def _text_as_coded(self, document: Document) -> str:
        text = self._fresh_text(document.id)
        if document.sha256 and _checksum(text) != document.sha256.lower():
            raise CodingError(
                f"The text of {document.id} ({visible(document.file)}) is not the one that was coded: it was replaced "
                "since. Nothing was changed. Put the old text back, or carry its extracts over to the new one first "
                f"(the button of the coding panel, or cop coding replace STUDY {document.id})."
            )
        return text


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _before(text: str, start: int) -> str:
    return text[max(0, start - CONTEXT_LENGTH) : start]


def _capital(collection: str, identifier: str) -> str:
    return f"{'Extract' if collection == 'extracts' else collection[:-1].capitalize()} {identifier!r}"


def _place(text: str, document: str, start: int | None, end: int | None, quote: str | None) -> tuple[int, int]:
    """Judge a selection, or find the one place of a quote."""
    if start is None and end is None and quote is not None:
        first = text.find(quote) if quote.strip() else -1
        if not quote.strip():
            raise CodingError("The quote holds nothing but blanks: select some words. Nothing was changed.")
        if first < 0:
            raise CodingError(f'"{visible(quote)}" does not stand in {document}. Nothing was changed.')
        if text.find(quote, first + 1) >= 0:
            raise CodingError(
                f'"{visible(quote)}" stands in {document} more than once: give start and end. Nothing was changed.'
            )
        return first, first + len(quote)
    for name, value in (("start", start), ("end", end)):
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise CodingError(f"Give {name} as a whole number of characters, not {value!r}. Nothing was changed.")
    begin, stop = int(start), int(end)  # type: ignore[arg-type]
    if begin == stop:
        raise CodingError(f"The selection {begin} to {stop} of {document} is empty. Nothing was changed; select words.")
    if begin < 0 or stop < begin or stop > len(text):
        raise CodingError(
            f"The selection {begin} to {stop} is not in {document}, which holds {len(text):,} characters (0 to "
            f"{len(text)}). Nothing was changed; select the passage again."
        )
    if not text[begin:stop].strip():
        raise CodingError(
            f"The selection {begin} to {stop} of {document} holds nothing but blanks. Nothing was changed; select "
            "words."
        )
    if quote is not None and text[begin:stop] != quote:
        raise CodingError(
            f'{document} holds "{visible(text[begin:stop])}" at {begin} to {stop}, not the quote given. Nothing was '
            "changed; select the passage again."
        )
    return begin, stop
