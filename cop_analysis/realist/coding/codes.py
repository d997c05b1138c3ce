"""The verbs of coding: coders, codes and extracts. What happens to what uses a code is said, or it is not deleted.

A passage is checked against the text as it is at that moment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from cop_analysis.realist.coding.documents import Documents
from cop_analysis.realist.coding.keeping import Table, Who, every_record, gone_with_what_needs_it, moment
from cop_analysis.realist.model.check import CONTEXT_LENGTH
from cop_analysis.realist.model.identifiers import new_identifier
from cop_analysis.realist.model.records import (
    Code,
    Coder,
    Document,
    Extract,
    Key,
    Record,
    pointing_at,
    references,
    renames,
)
from cop_analysis.realist.store.errors import CodingError, InUse
from cop_analysis.realist.store.log import Act
from cop_analysis.realist.store.state import Changes, State, named
from cop_analysis.realist.store.store import in_words
from cop_analysis.study.faults import visible


class Coders(Table):
    """Who codes: ``coding.coders``."""

    reads = "coders"

    def add(self, id: str, name: str = "", *, coder: Who = None) -> Coder:
        """Add somebody who codes; the first one adds themselves.

        Raises
        ------
        CodingError
            When the identifier is taken.
        """
        made = Coder(id, name or id)
        key = ("coders", id)

        def edit(state: State) -> Changes:
            if state.get(key) is not None:
                raise CodingError(f"There is a {named(key)} already. Give another identifier.")
            return {key: made}

        self._coding._change_as(self._coding._who_or(coder, id), Act.ADD_CODER, edit)
        return made


class Codes(Table):
    """The codebook: ``coding.codes``."""

    reads = "codes"

    def add(
        self,
        name: str,
        *,
        parent: str | Code | None = None,
        definition: str = "",
        examples: str = "",
        colour: str = "",
        level: str | None = None,
        id: str | None = None,
        coder: Who = None,
    ) -> Code:
        """Add a code to the codebook.

        Parameters
        ----------
        name : str
        parent : code or identifier, optional
        definition, examples : str
            What it means, and words that show it.
        colour : str
            As ``#005EB8``.
        level : {"individual", "interpersonal", "organisational", "system"}, optional
        id : str, optional
            Made from the name where left out, so that no two coders' codes share one.
        coder : coder or identifier, optional
            Who adds it, where no ``with coding.by(...)`` says so.

        Raises
        ------
        CodingError
            When a code of that name stands there already, or the parent does not exist.
        """
        made = Code(id or new_identifier("code", name), name, None, definition, examples, colour, level)

        def edit(state: State) -> Changes:
            above = None if parent is None else state.require("codes", parent).id
            refuse_twin(state, made.id, name, above)
            if state.get(("codes", made.id)) is not None:
                raise CodingError(f"There is a {named(('codes', made.id))} already. Give another identifier.")
            return {("codes", made.id): replace(made, parent=above)}

        self._transact(Act.ADD_CODE, edit, coder)
        added: Code = self._state.require("codes", made.id)
        return added

    def rename(self, code: str | Code, name: str, *, coder: Who = None) -> Code:
        """Give a code another name; its extracts and slots follow.

        Raises
        ------
        ChangedElsewhere
            When another coder renamed it since you last looked.
        CodingError
            When a code of that name stands beside it.
        """

        def edit(state: State) -> Changes:
            now = state.require("codes", code)
            refuse_twin(state, now.id, name, now.parent)
            return {("codes", now.id): replace(now, name=name)}

        self._transact(Act.RENAME_CODE, edit, coder)
        renamed: Code = self._state.require("codes", code)
        return renamed

    def move(self, code: str | Code, parent: str | Code | None, *, coder: Who = None) -> Code:
        """Put a code, with all below it, under another one; None makes it stand at the top.

        Raises
        ------
        CodingError
            When that would make it its own ancestor.
        """

        def edit(state: State) -> Changes:
            now = state.require("codes", code)
            above = None if parent is None else state.require("codes", parent)
            step = above
            while step is not None:
                if step.id == now.id:
                    assert above is not None
                    where = "itself" if above.id == now.id else f"{above.name!r}, which stands below it"
                    raise CodingError(
                        f"{now.name!r} cannot be put under {where}: a code would be its own ancestor. Nothing was "
                        "changed; choose another place, or move the other code out first."
                    )
                step = state.records["codes"].get(step.parent)
            refuse_twin(state, now.id, now.name, None if above is None else above.id)
            return {("codes", now.id): replace(now, parent=None if above is None else above.id)}

        self._transact(Act.MOVE_CODE, edit, coder)
        moved: Code = self._state.require("codes", code)
        return moved

    def merge(self, into: str | Code, *others: str | Code, coder: Who = None) -> Code:
        """Make several codes one: all that used the others uses the first, and the others go.

        Where one coder had given both codes to the same passage, one extract stays; links and memos of the other
        follow it.

        Raises
        ------
        CodingError
            When no other is named, or the first stands below one of them.
        """
        if not others:
            raise CodingError("Name the codes that are to become one with it: coding.codes.merge(into, other, ...).")

        def edit(state: State) -> Changes:
            kept = state.require("codes", into)
            gone = {("codes", state.require("codes", one).id) for one in others} - {("codes", kept.id)}
            step = state.records["codes"].get(kept.parent)
            while step is not None:
                if ("codes", step.id) in gone:
                    raise CodingError(
                        f"{kept.name!r} stands below {step.name!r}, which would go. Name the upper one first, or move "
                        "the lower one out."
                    )
                step = state.records["codes"].get(step.parent)
            return _with_codes_moved(state, gone, ("codes", kept.id))

        self._transact(Act.MERGE_CODES, edit, coder)
        whole: Code = self._state.require("codes", into)
        return whole

    def delete(
        self,
        code: str | Code,
        *,
        extracts: Literal["delete"] | str | Code | None = None,
        children: Literal["move up", "delete"] | None = None,
        coder: Who = None,
    ) -> None:
        """Delete a code; one in use only if you say what becomes of what uses it.

        Parameters
        ----------
        code : code or identifier
        extracts : "delete", or a code
            What becomes of its extracts: deleted with their links, or given that other code, which then also takes
            its place in slots. With ``"delete"`` slots lose the code and keep their wording, and memos about it stay.
        children : {"move up", "delete"}, optional
            What becomes of the codes below it.
        coder : coder or identifier, optional

        Raises
        ------
        InUse
            When it is in use and nothing was said, with what uses it.
        """

        def edit(state: State) -> Changes:
            now = state.require("codes", code)
            below = [one.id for one in state.records["codes"].values() if one.parent == now.id]
            gone = {("codes", now.id)}
            if children == "delete":
                gone |= {("codes", one) for one in _all_below(state, now.id)}
            used = [
                key
                for key, record in every_record(state)
                if key not in gone
                and not (key[0] == "codes" and key[1] in below)
                and gone.intersection(references(record))
            ]
            if (used and extracts is None) or (below and children is None):
                raise InUse(_how_to_delete(now, used if extracts is None else [], below if children is None else []))
            changes: dict[Key, Record | None] = {}
            if children == "move up":
                changes |= {("codes", one): replace(state.records["codes"][one], parent=now.parent) for one in below}
            if extracts is not None and extracts != "delete":
                heir = state.require("codes", extracts)
                if ("codes", heir.id) in gone:
                    raise CodingError(f"{named(('codes', heir.id))} goes as well: give the extracts another code.")
                return {**_with_codes_moved(state, gone, ("codes", heir.id)), **changes}
            return {**gone_with_what_needs_it(state, gone), **changes}

        self._transact(Act.DELETE_CODE, edit, coder)


# --- what becomes of the rest ------------------------------------------------------------------------------------


def _with_codes_moved(state: State, gone: set[Key], heir: Key) -> dict[Key, Record | None]:
    renamed = renames(dict.fromkeys(gone, heir))
    changes: dict[Key, Record | None] = dict.fromkeys(gone)
    taken: dict[tuple[Any, ...], str] = {}
    twins: dict[Key, Key] = {}
    for extract in state.records["extracts"].values():
        if extract.code == heir[1]:
            taken.setdefault(_span(extract), extract.id)
    for key, record in every_record(state):
        if key in gone or not gone.intersection(references(record)):
            continue
        moved = pointing_at(record, renamed)
        if isinstance(moved, Code) and moved.parent == moved.id:
            moved = replace(moved, parent=None)
        if isinstance(moved, Extract):
            first = taken.setdefault(_span(moved), moved.id)
            if first != moved.id:
                twins[key] = ("extracts", first)
                changes[key] = None
                _keep_memo(state, changes, first, moved)
                continue
        changes[key] = moved
    if twins:
        renamed = renames(twins)
        for key, record in every_record(state):
            now = changes.get(key, record)
            if now is not None and not twins.keys().isdisjoint(references(now)):
                changes[key] = pointing_at(now, renamed)
    return changes


def _keep_memo(state: State, changes: dict[Key, Record | None], first: str, twin: Extract) -> None:
    key = ("extracts", first)
    kept: Any = changes.get(key) or state.get(key)
    if twin.memo.strip() and twin.memo != kept.memo:
        changes[key] = replace(kept, memo="\n".join(filter(None, [kept.memo, twin.memo])))


def _span(extract: Extract) -> tuple[Any, ...]:
    return extract.document, extract.start, extract.end, extract.coder, extract.placed


def _all_below(state: State, code: str) -> set[str]:
    found: set[str] = set()
    waiting = [code]
    while waiting:
        above = waiting.pop()
        for one in state.records["codes"].values():
            if one.parent == above and one.id not in found:
                found.add(one.id)
                waiting.append(one.id)
    return found


def refuse_twin(state: State, identifier: str, name: str, parent: str | None) -> None:
    """Refuse a code whose name another one has in the same place."""
    plain = " ".join(name.split()).casefold()
    for one in state.records["codes"].values():
        if one.id != identifier and one.parent == parent and " ".join(one.name.split()).casefold() == plain:
            where = "at the top" if parent is None else f"under {state.records['codes'][parent].name!r}"
            raise CodingError(f"A code {one.name!r} stands {where} already ({one.id}). Use it, or choose another name.")


def _how_to_delete(code: Code, used: list[Key], below: list[str]) -> str:
    every = [*used, *(("codes", one) for one in below)]
    ways = []
    if used:
        ways.append("extracts='delete', or extracts=<another code> to give them that one")
    if below:
        ways.append("children='move up' or children='delete'")
    said = " and ".join(ways)
    return (
        f"{code.name!r} ({code.id}) is in use and was not deleted: {in_words(every)}. Say what becomes of them: {said}."
    )


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
