"""What two codings say differently of one record, put so that somebody can decide; finding it is `merge`'s work."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from cop_analysis.realist.model import Coding
from cop_analysis.realist.records import COLLECTIONS, natural_order
from cop_analysis.study.faults import visible

KINDS: Final = MappingProxyType(
    {
        "changed twice": "was changed in two ways",
        "renamed twice": "was given two names",
        "deleted and changed": "was deleted by one and changed by the other; it was kept",
        "deleted and in use": "was deleted by one and is used by the other; it was kept",
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
        where = f"{self.collection} {visible(self.id)}" + (f", {self.field}" if self.field else "")
        values = "" if not self.field else f"; kept {_shown(self.kept)}, the other is {_shown(self.other)}"
        return f"{where}: {KINDS[self.kind]}{values}."


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
        rows = [
            (one.collection, one.id, one.field, one.kind, _shown(one.kept), _shown(one.other), _shown(one.base))
            for one in self.conflicts
        ]
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
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return visible("; ".join(value), 200)
    return visible(repr(value), 200)
