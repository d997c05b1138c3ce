"""The records of a coding as they stand at one number of the log, in memory. Nothing here reads or writes a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from cop_analysis.realist.records import COLLECTIONS, Record, Snapshot, natural_order
from cop_analysis.realist.store.bodies import KINDS, Key, named
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.study.faults import nearest

Changes = Mapping[Key, Record | None]
"""What a change makes of records: the new one, or None where it goes."""


class Missing(CodingError):
    """There is no record of that identifier; `key` says which was asked for."""

    def __init__(self, key: Key, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class State:
    """Records by collection and identifier, and the number the database knows each by.

    Examples
    --------
    >>> from cop_analysis.realist.records import Code
    >>> state = State("demo")
    >>> state.put(("codes", "c1"), Code("c1", "Trust"), 1)
    >>> state.require("codes", "c1").name, [code.id for code in state.snapshot().codes]
    ('Trust', ['c1'])
    """

    def __init__(self, study: str, seq: int = 0) -> None:
        self.study = study
        self.seq = seq
        self.records: dict[str, dict[str, Any]] = {name: {} for name in COLLECTIONS.values()}
        self.numbers: dict[Key, int] = {}
        self.keys: dict[int, Key] = {}
        self._order: dict[str, Any] = {}
        self._tuples: dict[str, tuple[Any, ...]] = {}
        self._snapshot: Snapshot | None = None

    @classmethod
    def of(cls, snapshot: Snapshot, seq: int = 0) -> State:
        """Take the records of a snapshot."""
        state = cls(snapshot.study, seq)
        for name in COLLECTIONS.values():
            state.records[name] = {record.id: record for record in getattr(snapshot, name)}
            state._tuples[name] = getattr(snapshot, name)
        state._snapshot = snapshot
        return state

    def get(self, key: Key) -> Record | None:
        """Give a record, or None."""
        found: Record | None = self.records[key[0]].get(key[1])
        return found

    def require(self, collection: str, identifier: object) -> Any:
        """Give a record by its identifier, or by an older state of itself.

        Raises
        ------
        Missing
            When there is none, naming the nearest.
        """
        kind = KINDS[collection]
        given = identifier.id if isinstance(identifier, kind) else identifier  # type: ignore[attr-defined]
        word = kind.__name__.lower()
        if not isinstance(given, str):
            article = "an" if word[0] in "aeiou" else "a"
            raise TypeError(f"Name the {word} by its identifier or give {article} {kind.__name__}, not {given!r}.")
        found = self.records[collection].get(given)
        if found is not None:
            return found
        near = nearest(given[:200], self.records[collection])
        hint = f"; {near!r} is near" if near else ""
        raise Missing((collection, given), f"The coding of {self.study} has no {named((collection, given))}{hint}.")

    def put(self, key: Key, record: Record | None, number: int) -> None:
        """Take over what the log says of one record."""
        if record is None:
            self.records[key[0]].pop(key[1], None)
            self.numbers.pop(key, None)
            self.keys.pop(number, None)
        else:
            self.records[key[0]][key[1]] = record
            self.numbers[key] = number
            self.keys[number] = key
        self._tuples.pop(key[0], None)
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """Give the records as a snapshot, sorting again only what changed."""
        if self._snapshot is None:
            made: Snapshot = object.__new__(Snapshot)
            object.__setattr__(made, "study", self.study)
            for name in COLLECTIONS.values():
                if name not in self._tuples:
                    self._tuples[name] = tuple(sorted(self.records[name].values(), key=self._natural))
                object.__setattr__(made, name, self._tuples[name])
            assert {one.name for one in fields(Snapshot) if one.compare} == {"study", *COLLECTIONS.values()}
            object.__setattr__(made, "erased", ())
            self._snapshot = made
        return self._snapshot

    def _natural(self, record: Record) -> Any:
        order = self._order.get(record.id)
        if order is None:
            order = self._order[record.id] = natural_order(record.id)
        return order


def of_collection(records: Iterable[Record]) -> dict[Key, Record | None]:
    """Write records as changes.

    Examples
    --------
    >>> from cop_analysis.realist.records import Coder
    >>> of_collection([Coder("a")])
    {('coders', 'a'): Coder(id='a', name='')}
    """
    return {(COLLECTIONS[type(record)], record.id): record for record in records}
