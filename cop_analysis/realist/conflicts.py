"""What two codings say differently of one record, put so that somebody can decide; finding it is `merge`'s work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from cop_analysis.realist.foreign_words import foreign_difference, foreign_name
from cop_analysis.realist.model import Coding
from cop_analysis.realist.records import COLLECTIONS, Foreign, Part, Slot, natural_order
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
