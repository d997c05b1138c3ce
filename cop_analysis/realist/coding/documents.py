"""The documents of a coding: taken in, replaced by a corrected text, read as they are and as they were coded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace as changed
from pathlib import Path
from typing import Literal

from cop_analysis.realist.coding import agree
from cop_analysis.realist.coding.holders import Table, Who
from cop_analysis.realist.coding.texts import corrected_text, keep_text, put_text
from cop_analysis.realist.documents.speakers import kept_speakers
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.reanchoring import Reanchored, reanchor
from cop_analysis.realist.model.records import Document
from cop_analysis.realist.store.acts import Act
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.state import Changes, State
from cop_analysis.study.faults import visible


class Documents(Table):
    """The documents that are coded: ``coding.documents``."""

    reads = "documents"

    def add(
        self,
        document: str | Document,
        *,
        file: str = "",
        title: str = "",
        speakers: tuple[str, ...] | None = None,
        attributes: tuple[tuple[str, str], ...] = (),
        coder: Who = None,
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
            return self._add(Act.ADD_DOCUMENT, coder, document)
        made = self.as_taken_in(document)
        made = changed(made, speakers=made.speakers if speakers is None else speakers, attributes=attributes)
        made = changed(made, file=file or made.file, title=title or made.title)
        return self._add(Act.ADD_DOCUMENT, coder, made)

    def take_in(self, document: str, *, coder: Who = None) -> Document:
        """Take a document of the study into its coding where it is not there yet; no undo ever takes it out again.

        Others may code it by the time somebody undoes the first thing they did in it.

        Raises
        ------
        CodingError
            When its text cannot be read.
        """
        known = self._state.get(("documents", document)) or self._store.look().get(("documents", document))
        if isinstance(known, Document):
            return known
        made = self.as_taken_in(document)
        key = ("documents", document)
        self._transact(Act.TAKE_IN, lambda state: {} if state.get(key) is not None else {key: made}, coder)
        taken: Document = self._state.require("documents", document)
        return taken

    def replace(
        self,
        document: str | Document,
        *,
        text: str | None = None,
        file: Path | str | None = None,
        coder: Who = None,
    ) -> Reanchored:
        """Carry the coding of a document over to its corrected text, in one transaction.

        Parameters
        ----------
        document : document or identifier
        text : str, optional
            The whole corrected text; it is put in the place of the document's file.
        file : path, optional
            The corrected file instead (.txt, .md, .docx, .vtt, .srt), read as the workbench reads it. With neither, the
            document's own file holds the corrected text already.
        coder : coder or identifier, optional

        Returns
        -------
        Reanchored
            What was placed again and what could not be; no extract is lost. Selections that are kept for another
            program move along.

        Raises
        ------
        ChangedElsewhere
            When somebody replaced the text, or moved an extract in it, since this process last looked.
        CodingError
            When the text cannot be read or written; the old one then stands in its place.
        """
        coding, who = self._coding, self._who(coder)
        identifier: str = self._state.require("documents", document).id
        corrected = corrected_text(text, None if file is None else Path(file))
        before = dict(coding._texts)
        put_back: Callable[[], None] | None = None
        if corrected is not None:
            with suppress(CodingError):
                before[identifier] = self.read_anew(identifier)
            put_back = put_text(coding._study, identifier, corrected)
        found: list[Reanchored] = []

        def edit(state: State) -> Changes:
            state.require("documents", identifier)
            # What was read before stands in for the old text, where it was read at all.
            result = reanchor(Coding(state.snapshot(), before.__getitem__), identifier, now)
            found.append(result)
            return agree.difference(state, result.coding.snapshot)

        try:
            now = self.read_anew(identifier)
            kept = keep_text(identifier, before.get(identifier), now)
            self._store.change(str(Act.REPLACE_DOCUMENT), who, edit, beside=kept)
            coding._settle()
        except BaseException as error:
            if put_back is not None:
                put_back()
                coding._texts.pop(identifier, None)
            if isinstance(error, ValueError) and not isinstance(error, CodingError):
                raise CodingError(f"{' '.join(str(error).split())} Nothing was changed.") from None
            raise
        return found[-1]

    def delete(
        self,
        document: str | Document,
        *,
        extracts: Literal["delete"] | None = None,
        coder: Who = None,
    ) -> None:
        """Take a document out of the coding; the file stays where it is.

        Raises
        ------
        InUse
            When something uses it and ``extracts="delete"`` was not said.
        """
        self._delete(Act.DELETE_DOCUMENT, coder, "documents", document, extracts, "extracts='delete'")

    def read_anew(self, document: str) -> str:
        """Read a text as it is now, whatever was read before.

        Raises
        ------
        CodingError
            When it cannot be read.
        """
        coding = self._coding
        if coding.read_text is None:
            raise CodingError("This coding was opened without its study, so its documents cannot be read.")
        try:
            text: str = coding.read_text(document)
        except (ValueError, OSError, KeyError) as error:
            raise CodingError(" ".join(str(error).split())) from error
        coding._texts[document] = text
        return text

    def as_taken_in(self, document: str) -> Document:
        """Give a document of the study as its coding takes it in, with the checksum of its text."""
        text = self.read_anew(document)
        file, title = self._coding._listed_documents().get(document, ("", ""))
        study = self._coding._study
        folder = None if study is None else study.folder
        speakers = None if folder is None else kept_speakers(folder, document)
        return Document(document, file or f"documents/{document}.txt", title, _checksum(text), len(text), speakers)

    def as_coded(self, document: Document) -> str:
        """Read the text of a document as it was coded.

        Raises
        ------
        CodingError
            When it was replaced since.
        """
        text = self.read_anew(document.id)
        if document.sha256 and _checksum(text) != document.sha256.lower():
            raise CodingError(
                f"The text of {document.id} ({visible(document.file)}) is not the one that was coded: it was replaced "
                "since. Nothing was changed. Put the old text back, or carry its extracts over to the new one first "
                f"(the button of the coding panel, or cop coding replace STUDY {document.id})."
            )
        return text


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
