"""The verbs of extracts. A passage is checked against the text as it is at that moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from cop_analysis.realist.coding.codes import refuse_twin
from cop_analysis.realist.coding.documents import Documents
from cop_analysis.realist.coding.holders import Table, Who, moment
from cop_analysis.realist.model.check import CONTEXT_LENGTH
from cop_analysis.realist.model.identifiers import new_identifier
from cop_analysis.realist.model.records import Code, Document, Extract
from cop_analysis.realist.store.acts import Act
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.state import Changes, State
from cop_analysis.study.faults import visible


class Extracts(Table):
    """Passages with their codes: ``coding.extracts``."""

    reads = "extracts"

    def add(
        self,
        document: str | Document,
        start: int | None = None,
        end: int | None = None,
        code: str | Code | None = None,
        *,
        quote: str | None = None,
        memo: str = "",
        id: str | None = None,
        coder: Who = None,
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
        who, documents = self._who(coder), Documents(self._coding)
        if code is None:
            raise CodingError("Name the code: coding.extracts.add(document, start, end, code).")
        if isinstance(document, str) and document in self._coding._listed_documents():
            documents.take_in(document, coder=who)
        chosen: Document = self._state.require("documents", document)
        text = documents.as_coded(chosen)
        start, end = _place(text, chosen.id, start, end, quote)
        made = Extract(
            id or new_identifier("x"),
            chosen.id,
            start,
            end,
            text[start:end],
            "",
            who,
            _before(text, start),
            text[end : end + CONTEXT_LENGTH],
            moment(),
            memo,
        )
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

        self._transact(Act.ADD_EXTRACT, edit, who)
        added: Extract = self._state.require("extracts", made.id)
        return added

    def recode(self, extract: str | Extract, code: str | Code, *, coder: Who = None) -> Extract:
        """Give an extract another code."""

        def edit(state: State) -> Changes:
            now = state.require("extracts", extract)
            return {("extracts", now.id): replace(now, code=state.require("codes", code).id)}

        self._transact(Act.RECODE, edit, coder)
        recoded: Extract = self._state.require("extracts", extract)
        return recoded

    def move(self, extract: str | Extract, start: int, end: int, *, coder: Who = None) -> Extract:
        """Select the passage of an extract anew; its code, links and memos stay.

        Raises
        ------
        CodingError
            As `add_extract` does.
        """
        now: Extract = self._state.require("extracts", extract)
        text = Documents(self._coding).as_coded(self._state.require("documents", now.document))
        start, end = _place(text, now.document, start, end, None)
        values = {
            "start": start,
            "end": end,
            "quote": text[start:end],
            "prefix": _before(text, start),
            "suffix": text[end : end + CONTEXT_LENGTH],
            "placed": True,
        }
        return self._alter(Act.MOVE_EXTRACT, coder, "extracts", extract, values)

    def annotate(self, extract: str | Extract, memo: str, *, coder: Who = None) -> Extract:
        """Write what is noted beside an extract, its own memo; `coding.memos` are records of their own."""
        return self._alter(Act.ANNOTATE, coder, "extracts", extract, {"memo": memo})

    def delete(
        self,
        extract: str | Extract,
        *,
        evidence: Literal["delete"] | None = None,
        coder: Who = None,
    ) -> None:
        """Delete an extract; one that is evidence only if you say that its links go with it.

        Raises
        ------
        InUse
            When something uses it and ``evidence="delete"`` was not said.
        """
        self._delete(Act.DELETE_EXTRACT, coder, "extracts", extract, evidence, "evidence='delete'")


def _before(text: str, start: int) -> str:
    return text[max(0, start - CONTEXT_LENGTH) : start]


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
