"""Two codings made one by identifier: what each did, what is in conflict and how a conflict is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from cop_analysis.realist.model.coding import Coding
from cop_analysis.realist.model.foreign import foreign_difference, foreign_name
from cop_analysis.realist.model.records import (
    COLLECTIONS,
    Code,
    Configuration,
    Decision,
    Document,
    Evidence,
    Extract,
    Foreign,
    Memo,
    Part,
    Question,
    Ripple,
    Slot,
    Snapshot,
    Theory,
    Validation,
    natural_order,
    pointing_at,
    references,
)
from cop_analysis.realist.model.vocabulary import SCHEMAS
from cop_analysis.study.faults import visible

KINDS: Final = MappingProxyType(
    {
        "changed twice": "was changed in two ways",
        "renamed twice": "was given two names",
        "deleted and changed": "was deleted by one and changed by the other; it was kept",
        "deleted and in use": "was deleted by one and is used by the other; it was kept",
        "deleted and there": "was deleted by one and still stands in the other; it was kept",
        "two texts": "is two different texts under one identifier",
        "text changed": "stands in a text that the other has replaced; it was kept without a place",
        "same identifier": "is two different records under one identifier; both were kept, one under a new identifier",
        "same name": "has a twin of the same name under another identifier; both were kept",
        "circle": "closed a circle when the two were brought together; one step was taken out",
        "role": "stands in a slot that the schema chosen for its configuration does not have; the slot was left open",
    }
)
"""The kinds of conflict, each as the rest of a sentence about the record."""


@dataclass(frozen=True)
class Conflict:
    """Something two codings disagree on, what was provisionally kept, and what was not.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    collection, id : str
        The record.
    field : str
        The field or fields it is about, separated by ", "; empty where it is about the record as a whole.
    kept, other : object
        The two values (a tuple of them where several fields belong together; the whole record where `field` is
        empty). Which is kept does not depend on the order in which the codings were given.
    base : object
        What both started from, where that is known.
    """

    kind: str
    collection: str
    id: str
    field: str = ""
    kept: Any = None
    other: Any = None
    base: Any = None

    @property
    def sentence(self) -> str:
        """The conflict as one sentence, fit for a list of decisions.

        Examples
        --------
        >>> print(Conflict("renamed twice", "codes", "c1", "name", "Trust", "Standing").sentence)
        codes c1, name: was given two names; kept "Trust", the other is "Standing".
        """
        names = [name.strip() for name in self.field.split(",")] if self.field else []
        kept, other = (one if len(names) > 1 else (one,) for one in (self.kept, self.other))
        if self.collection == "foreign":
            where = foreign_name(_as_foreign(self.id, names, kept, self.kept))
        else:
            where = f"{self.collection} {visible(self.id)}" + (f", {self.field}" if self.field else "")
        return f"{where}: {KINDS[self.kind]}{values_in_words(names, kept, other) if names else ''}."


@dataclass(frozen=True)
class MergedCoding:
    """Two codings brought together, and what is left for somebody to decide.

    Parameters
    ----------
    coding : Coding
        Everything both hold; where they disagree, a provisional choice.
    conflicts : tuple of Conflict
        In the order of coding.json.
    """

    coding: Coding
    conflicts: tuple[Conflict, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row a conflict: collection, record, field, kind, kept, other, base."""
        rows = [(one.collection, one.id, one.field, one.kind, *_three_values(one)) for one in self.conflicts]
        columns = ("collection", "record", "field", "kind", "kept", "other", "base")
        return pd.DataFrame(rows, columns=list(columns)).astype("str")

    @property
    def sentence(self) -> str:
        """How much was brought together, and how much is left to decide."""
        counts = [(name, len(getattr(self.coding.snapshot, name))) for name in COLLECTIONS.values()]
        listed = ", ".join(f"{count:,} {name}" for name, count in counts if count) or "no record"
        left = len(self.conflicts)
        decide = "nothing is left to decide" if not left else f"{left:,} conflict{'s are' if left > 1 else ' is'} left"
        return f"The merged coding holds {listed}; {decide}."


def values_in_words(names: Sequence[str], kept: Sequence[Any], other: Sequence[Any]) -> str:
    """Say what was kept and what the other is, field by field, fit to stand behind a conflict.

    Parameters
    ----------
    names : sequence of str
        The fields the conflict is about.
    kept, other : sequence
        Their values, in that order.

    Examples
    --------
    >>> values_in_words(["name"], ["Trust"], ["Standing"])
    '; kept "Trust", the other is "Standing"'
    >>> values_in_words(["start", "end", "quote"], [0, 6, "We met"], [0, 7, "We met."])
    '; kept end 6, quote "We met", the other is end 7, quote "We met."'
    """
    pairs = dict(zip(names, zip(kept, other, strict=True), strict=True))
    if "parts" in pairs and all(_are_parts(one) for one in pairs["parts"]):
        ours, theirs = pairs["parts"]
        return f"; kept {foreign_difference(ours, theirs)}, the other has {foreign_difference(theirs, ours)}"
    unlike = [name for name in names if pairs[name][0] != pairs[name][1]] or list(names)
    ours, theirs = ({name: pair[side] for name, pair in pairs.items()} for side in (0, 1))
    return f"; kept {_in_words(unlike, ours, len(names))}, the other is {_in_words(unlike, theirs, len(names))}"


def _in_words(names: Sequence[str], values: Mapping[str, Any], of: int) -> str:
    if of == 1:
        return _shown(values[names[0]])
    return ", ".join(f"{name.replace('_', ' ')} {_shown(values[name]) or 'left open'}" for name in names)


def _three_values(one: Conflict) -> tuple[str, str, str]:
    """Write what was kept, what was not and what both started from, each fit for a cell."""
    names = [name.strip() for name in one.field.split(",")] if one.field else []
    if len(names) < 2:
        return _shown(one.kept), _shown(one.other), _shown(one.base)
    kept, other = dict(zip(names, one.kept, strict=True)), dict(zip(names, one.other, strict=True))
    base = {} if one.base is None else dict(zip(names, one.base, strict=True))
    if "parts" in kept:
        parts = kept["parts"], other["parts"], base.get("parts", ())
        first = foreign_difference(parts[2], parts[0]) if base else ""
        return foreign_difference(parts[0], parts[1]), foreign_difference(parts[1], parts[0]), first
    unlike = [name for name in names if kept[name] != other[name]] or names
    return (
        _in_words(unlike, kept, len(names)),
        _in_words(unlike, other, len(names)),
        _in_words(unlike, base, len(names)) if base else "",
    )


def _are_parts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, Part) for one in value)


def _as_foreign(identifier: str, names: Sequence[str], values: Sequence[Any], whole: Any) -> Foreign:
    """Give enough of a kept element to name it: the record where there is one, else what its parts say."""
    if isinstance(whole, Foreign):
        return whole
    found = dict(zip(names, values, strict=False))
    parts = found.get("parts") if _are_parts(found.get("parts")) else ()
    name = dict(parts[0].attributes).get("name", "") if parts else str(found.get("name") or "")
    kind = str(found.get("kind") or (parts[0].tag if parts else "part"))
    return Foreign(identifier, kind, name)


def in_order(conflicts: list[Conflict]) -> tuple[Conflict, ...]:
    """Put conflicts in the order of coding.json, each once.

    Examples
    --------
    >>> found = [Conflict("role", "evidence", "e1", "slot"), Conflict("renamed twice", "codes", "c1", "name")]
    >>> [one.id for one in in_order(found)]
    ['c1', 'e1']
    """
    order = {name: position for position, name in enumerate(COLLECTIONS.values())}
    kinds = {name: position for position, name in enumerate(KINDS)}
    unique: dict[tuple[Any, ...], Conflict] = {}
    for one in conflicts:
        unique.setdefault((order[one.collection], natural_order(one.id), kinds[one.kind], one.field), one)
    return tuple(unique[key] for key in sorted(unique))


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'"{visible(value, 200)}"'
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return visible("; ".join(value), 200)
    if isinstance(value, tuple) and all(isinstance(one, Slot) for one in value):
        slots = (f"{one.role}: {one.wording or ', '.join(one.codes) or 'open'}" for one in value)
        return visible("; ".join(slots), 200)
    if is_dataclass(value):
        known = ("label", "name", "title", "quote", "text", "id")
        return visible(next((str(getattr(value, name)) for name in known if getattr(value, name, "")), ""), 200)
    return visible(repr(value), 200)


# Fields that mean something only together are kept or changed together.
_TOGETHER: Final[Mapping[type, tuple[tuple[str, ...], ...]]] = MappingProxyType(
    {
        Document: (("sha256", "length"),),
        Extract: (("document", "start", "end", "quote", "prefix", "suffix", "placed"),),
        Configuration: (("schema", "slots"),),
        Evidence: (("extract", "configuration"), ("stance", "inference", "relevance", "richness", "rigour", "reason")),
        Ripple: (("source", "target"),),
        Theory: (("stage", "move", "inference", "reason"),),
        Validation: (("statement", "verdict", "configuration", "theory"),),
        Memo: (("about", "target"),),
        Decision: (("about", "target"),),
        Foreign: (("kind", "name", "documents", "parts", "loose"),),
    }
)

# Fields that hold a set of identifiers: two additions do not contradict each other.
_SETS: Final[Mapping[type, frozenset[str]]] = MappingProxyType(
    {
        Configuration: frozenset({"rivals"}),
        Ripple: frozenset({"extracts"}),
        Theory: frozenset({"follows", "configurations", "evidence"}),
        Question: frozenset({"configurations", "theories", "documents"}),
        Validation: frozenset({"extracts"}),
        Decision: frozenset({"coders"}),
    }
)

# Two records of one identifier that differ here were made independently: both are kept.
_IDENTITY: Final[Mapping[type, tuple[str, ...]]] = MappingProxyType(
    {
        Extract: ("coder",),
        Evidence: ("extract", "configuration"),
        Ripple: ("source", "target"),
        Memo: ("coder", "about", "target"),
    }
)

Records = dict[str, dict[str, Any]]
"""By collection, the records by identifier."""


def merge_codings(first: Coding, second: Coding, base: Coding | None = None) -> MergedCoding:
    """Bring two codings of one study together by identifier.

    Parameters
    ----------
    first, second : Coding
        Two coders' codings, or two states of one; their order does not matter.
    base : Coding, optional
        What both started from. With it only what both changed differently is a conflict, and what one deleted and
        the other left alone is gone. Without it nothing is ever deleted, and every difference is listed.

    Returns
    -------
    MergedCoding
        ``.coding`` holds no reference to a record that is not there (unless a coding given has one), no code that is
        its own ancestor and no role its schema lacks; ``.conflicts`` lists what was chosen provisionally.

    Raises
    ------
    ValueError
        When the codings belong to different studies.

    Notes
    -----
    A provisional choice takes what is filled in before what is empty, and otherwise the value that comes last in
    code point order; it carries no judgement. Documents of one identifier with different texts are a conflict; the
    extracts made on the text not chosen are kept without a place (`Extract.placed`), to be placed by `reanchor`.
    Extracts of one identifier by different coders, evidence between different records, and the like, were made
    independently: both are kept, and one gets a new identifier.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Code, Snapshot
    >>> base = Coding(Snapshot("demo", codes=(Code("c1", "Trust"),)))
    >>> one = base.with_records(Code("c1", "Trust in peers"))
    >>> other = base.with_records(Code("c1", "Standing"), Code("c2", "Time"))
    >>> merged = merge_codings(one, other, base)
    >>> merged.coding.codes["name"].tolist(), merged.conflicts[0].kind
    (['Trust in peers', 'Time'], 'renamed twice')
    >>> merge_codings(other, one, base).coding == merged.coding
    True
    """
    studies = {one.study for one in (first, second, base) if one is not None and one.study}
    if len(studies) > 1:
        raise ValueError(
            f"These codings belong to different studies ({', '.join(sorted(studies))}). Merge codings of one study."
        )
    merge = _Merge(_records(first), _records(second), None if base is None else _records(base))
    merge.keep_apart()
    for kind, name in COLLECTIONS.items():
        merge.merge_collection(kind, name)
    merge.restore_what_is_in_use()
    merge.keep_without_place()
    merge.open_code_circles()
    merge.open_theory_circles()
    merge.leave_unknown_roles()
    merge.list_twins()
    collections = {name: tuple(kept.values()) for name, kept in merge.result.items()}
    erased = (*first.snapshot.erased, *second.snapshot.erased)
    snapshot = Snapshot(next(iter(studies), ""), **collections, erased=erased)
    return MergedCoding(Coding(snapshot, _reader(first, second)), in_order(merge.conflicts))


@dataclass
class _Merge:
    first: Records
    second: Records
    base: Records | None
    result: Records = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)

    def note(self, kind: str, collection: str, identifier: str, *about: Any) -> None:
        self.conflicts.append(Conflict(kind, collection, identifier, *about))

    # --- record by record --------------------------------------------------------------------------------------

    def keep_apart(self) -> None:
        """Give one of two records that were made independently under one identifier an identifier of its own."""
        for kind, name in COLLECTIONS.items():
            identity = _IDENTITY.get(kind)
            if identity is None:
                continue
            started = {} if self.base is None else self.base[name]
            renamed: tuple[dict[str, str], dict[str, str]] = ({}, {})
            for identifier in self.first[name].keys() & self.second[name].keys():
                one, other = self.first[name][identifier], self.second[name][identifier]
                who, whose = (tuple(repr(getattr(record, part)) for part in identity) for record in (one, other))
                if who == whose or identifier in started:
                    continue
                side, moved, stays = (0, one, other) if who > whose else (1, other, one)
                fresh = self._free(name, kind, identifier, moved, max(who, whose))
                renamed[side][identifier] = fresh
                self.note("same identifier", name, identifier, "", stays, replace(moved, id=fresh))
            for records, names in ((self.first, renamed[0]), (self.second, renamed[1])):
                if names:
                    _rename(records, name, names)

    def _free(self, name: str, kind: type, identifier: str, record: Any, identity: tuple[str, ...]) -> str:
        digest = sha256("\x1f".join(identity).encode("utf-8", "surrogatepass")).hexdigest()
        for length in range(6, len(digest)):
            fresh = f"{identifier}-{digest[:length]}"
            there = [records[name][fresh] for records in (self.first, self.second) if fresh in records[name]]
            # What was given this name by an earlier merge is the same record and takes it again.
            if all(_identity(one, kind) == _identity(record, kind) for one in there):
                return fresh
        return f"{identifier}-{digest}"

    def merge_collection(self, kind: type, name: str) -> None:
        ours, theirs = self.first[name], self.second[name]
        started = None if self.base is None else self.base[name]
        kept: dict[str, Any] = {}
        for identifier in {**ours, **theirs}:
            one, other = ours.get(identifier), theirs.get(identifier)
            before = None if started is None else started.get(identifier)
            if one is None or other is None:
                left = one if one is not None else other
                if before is None:
                    kept[identifier] = left
                elif left != before:
                    kept[identifier] = left
                    self.note("deleted and changed", name, identifier, "", left, None, before)
            elif one == other or other == before:
                kept[identifier] = one
            elif one == before:
                kept[identifier] = other
            else:
                kept[identifier] = self._both_changed(kind, name, one, other, before)
        self.result[name] = kept

    def _both_changed(self, kind: type, name: str, one: Any, other: Any, before: Any) -> Any:
        changed: dict[str, Any] = {}
        for unit in _units(kind):
            ours, theirs = _values(one, unit), _values(other, unit)
            started = None if before is None else _values(before, unit)
            if ours in (theirs, started):
                chosen = theirs
            elif theirs == started:
                chosen = ours
            elif unit[0] in _SETS.get(kind, ()):
                chosen = (_united(ours[0], theirs[0], None if started is None else started[0]),)
                if started is None:
                    least = min(ours[0], theirs[0], key=lambda value: (len(value), value))
                    self.note("changed twice", name, one.id, unit[0], chosen[0], least)
            else:
                chosen = self._preferred(kind, one, other, ours, theirs)
                rest = theirs if chosen == ours else ours
                self.note(
                    _kind_of_change(kind, unit),
                    name,
                    one.id,
                    ", ".join(unit),
                    _bare(chosen),
                    _bare(rest),
                    None if started is None else _bare(started),
                )
            changed.update(zip(unit, chosen, strict=True))
        return replace(one, **changed)

    def _preferred(self, kind: type, one: Any, other: Any, ours: Any, theirs: Any) -> Any:
        if kind is Extract and "documents" in self.result:
            # A place counts in the text that was chosen.
            chosen = [
                self._stands_in_chosen_text(records, record)
                for records, record in ((self.first, one), (self.second, other))
            ]
            if chosen[0] != chosen[1]:
                return ours if chosen[0] else theirs
        return max(ours, theirs, key=_preference)

    def _stands_in_chosen_text(self, records: Records, extract: Extract) -> bool:
        there, chosen = records["documents"].get(extract.document), self.result["documents"].get(extract.document)
        return there is None or chosen is None or there.sha256 == chosen.sha256

    # --- what holds between records ------------------------------------------------------------------------------

    def restore_what_is_in_use(self) -> None:
        """Bring back what one coding deleted and the other still points at."""
        waiting = [record for kept in self.result.values() for record in kept.values()]
        while waiting:
            record = waiting.pop()
            for collection, identifier in references(record):
                if identifier in self.result[collection]:
                    continue
                found = next(
                    (
                        one
                        for records in (self.first, self.second, self.base or {})
                        if (one := records.get(collection, {}).get(identifier)) is not None
                    ),
                    None,
                )
                if found is not None:
                    self.result[collection][identifier] = found
                    self.note("deleted and in use", collection, identifier, "", found)
                    waiting.append(found)

    def keep_without_place(self) -> None:
        """Take their places from extracts that were made on a text which was not chosen."""
        extracts = self.result["extracts"]
        for identifier, extract in extracts.items():
            sides = [records for records in (self.first, self.second) if identifier in records["extracts"]]
            if not extract.placed or not sides:
                continue
            placed_by = [
                records
                for records in sides
                if _values(records["extracts"][identifier], _PLACE) == _values(extract, _PLACE)
            ]
            if not any(self._stands_in_chosen_text(records, extract) for records in placed_by):
                extracts[identifier] = replace(extract, placed=False)
                self.note("text changed", "extracts", identifier, "placed", False, True)

    def open_code_circles(self) -> None:
        """Choose parents again, code by code, where the ones chosen make a code its own ancestor.

        Each code takes the best of the parents it was given that closes no circle with those taken before, so that
        the same choice comes out when the result is merged again. Codes that were not moved choose first.
        """
        codes = self.result["codes"]
        if not _circle({one.id: (one.parent,) for one in codes.values()}):
            return
        started = {} if self.base is None else self.base["codes"]

        def is_moved(identifier: str) -> bool:
            return identifier not in started or started[identifier].parent != codes[identifier].parent

        taken: dict[str, str | None] = {}
        for identifier in sorted(codes, key=lambda one: (is_moved(one), natural_order(one))):
            given = {
                one[identifier].parent
                for one in (self.first["codes"], self.second["codes"], started)
                if identifier in one
            }
            rest = sorted((one for one in given if one in codes), key=lambda one: _preference((one,)), reverse=True)
            first = codes[identifier].parent
            taken[identifier] = next((one for one in (first, *rest) if not _leads_to(one, identifier, taken)), None)
            if taken[identifier] != first:
                self.note("circle", "codes", identifier, "parent", taken[identifier], first)
        for identifier, parent in taken.items():
            codes[identifier] = replace(codes[identifier], parent=parent)

    def open_theory_circles(self) -> None:
        """Leave out, one after the other, the steps by which versions would come out of each other."""
        theories = self.result["theories"]
        if not _circle({one.id: one.follows for one in theories.values()}):
            return
        taken: dict[str, list[str]] = {}
        for identifier in sorted(theories, key=natural_order):
            given = theories[identifier].follows
            for before in sorted(given, key=natural_order):
                if not _comes_out_of(before, identifier, taken):
                    taken.setdefault(identifier, []).append(before)
            kept = tuple(one for one in given if one in taken.get(identifier, ()))
            if kept != given:
                self.note("circle", "theories", identifier, "follows", kept, given)
                theories[identifier] = replace(theories[identifier], follows=kept)

    def leave_unknown_roles(self) -> None:
        """Open the slot of evidence whose configuration was given another schema by the other coding."""
        for identifier, link in self.result["evidence"].items():
            configuration = self.result["configurations"].get(link.configuration)
            schema = None if configuration is None else SCHEMAS.get(configuration.schema)
            if link.slot is not None and schema is not None and schema.role(link.slot) is None:
                self.note("role", "evidence", identifier, "slot", None, link.slot)
                self.result["evidence"][identifier] = replace(link, slot=None)

    def list_twins(self) -> None:
        """List codes of one name under one parent of which each coding brought one."""
        named: dict[tuple[str, str | None], list[Code]] = {}
        for code in self.result["codes"].values():
            named.setdefault((" ".join(code.name.split()).casefold(), code.parent), []).append(code)
        for twins in named.values():
            for code in twins:
                for twin in twins:
                    if code.id < twin.id and self._brought_apart(code.id, twin.id):
                        self.note("same name", "codes", code.id, "", code, twin)

    def _brought_apart(self, one: str, other: str) -> bool:
        sides = (self.first["codes"], self.second["codes"])
        return not any(one in codes and other in codes for codes in sides)


# --- fields ----------------------------------------------------------------------------------------------------------

_PLACE: Final = _TOGETHER[Extract][0]


@cache
def _units(kind: type) -> tuple[tuple[str, ...], ...]:
    """Give the fields of a record in groups that are merged as one."""
    together = _TOGETHER.get(kind, ())
    grouped = {name for unit in together for name in unit} | {"id"}
    return (*together, *((one.name,) for one in fields(kind) if one.name not in grouped))


def _values(record: Any, unit: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in unit)


def _bare(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 else values


def _preference(values: tuple[Any, ...]) -> tuple[int, str]:
    return sum(value not in (None, "", ()) for value in values), repr(values)


def _united(ours: tuple[str, ...], theirs: tuple[str, ...], started: tuple[str, ...] | None) -> tuple[str, ...]:
    """Unite two sets of identifiers; with what both started from, what either took out is out."""
    gone = set() if started is None else {one for one in started if one not in ours or one not in theirs}
    first = [one for one in started or () if one not in gone]
    added = sorted({*ours, *theirs} - gone - set(first), key=natural_order)
    return (*first, *added)


def _kind_of_change(kind: type, unit: tuple[str, ...]) -> str:
    if kind is Document and "sha256" in unit:
        return "two texts"
    return "renamed twice" if kind is Code and unit == ("name",) else "changed twice"


def _identity(record: Any, kind: type) -> tuple[Any, ...]:
    return _values(record, _IDENTITY[kind])


# --- records ---------------------------------------------------------------------------------------------------------


def _records(coding: Coding) -> Records:
    return {name: {one.id: one for one in getattr(coding.snapshot, name)} for name in COLLECTIONS.values()}


def _rename(records: Records, name: str, renamed: Mapping[str, str]) -> None:
    records[name] = {
        renamed.get(identifier, identifier): replace(record, id=renamed.get(identifier, identifier))
        if identifier in renamed
        else record
        for identifier, record in records[name].items()
    }
    for kept in records.values():
        for identifier, record in kept.items():
            kept[identifier] = pointing_at(record, {name: renamed})


def _leads_to(parent: str | None, identifier: str, taken: Mapping[str, str | None]) -> bool:
    """Say whether a code's parent is the code itself or below it."""
    while parent is not None and parent != identifier:
        parent = taken.get(parent)
    return parent is not None


def _comes_out_of(version: str, identifier: str, taken: Mapping[str, list[str]]) -> bool:
    """Say whether a version of a theory is another one or comes out of it."""
    waiting, seen = [version], {version}
    while waiting:
        one = waiting.pop()
        if one == identifier:
            return True
        further = [before for before in taken.get(one, ()) if before not in seen]
        seen.update(further)
        waiting += further
    return False


def _circle(steps: Mapping[str, tuple[str | None, ...]]) -> list[str]:
    """Find a circle among steps, the same one whatever the order they are given in; empty where there is none."""
    settled: set[str] = set()
    for start in sorted(steps, key=natural_order):
        if start in settled:
            continue
        path = [start]
        on_path = {start}
        branches = [iter(_onward(steps, start))]
        while branches:
            step = next(branches[-1], None)
            if step is None:
                branches.pop()
                done = path.pop()
                on_path.discard(done)
                settled.add(done)
            elif step in on_path:
                return path[path.index(step) :]
            elif step not in settled:
                path.append(step)
                on_path.add(step)
                branches.append(iter(_onward(steps, step)))
    return []


def _onward(steps: Mapping[str, tuple[str | None, ...]], identifier: str) -> Iterator[str]:
    return iter(sorted((one for one in steps[identifier] if one is not None and one in steps), key=natural_order))


def _reader(first: Coding, second: Coding) -> Callable[[str], str] | None:
    """Give a reader of documents that asks whichever coding can read them."""
    readers = [one.read_text for one in (first, second) if one.read_text is not None]
    if len(readers) < 2:
        return readers[0] if readers else None

    def read(document: str) -> str:
        try:
            return readers[0](document)
        except Exception:
            return readers[1](document)

    return read
