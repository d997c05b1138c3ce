"""Records by their keys: as JSON texts and back, and all of them as they stand at one number of the log."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final

from cop_analysis.realist.model import records
from cop_analysis.realist.model.records import COLLECTIONS, Key, Record, Snapshot, natural_order
from cop_analysis.realist.store.errors import CodingError, NewerDatabase
from cop_analysis.study.faults import nearest

KINDS: Mapping[str, type] = {name: kind for kind, name in COLLECTIONS.items()}
"""The record class of each collection."""

_AT_ONCE: Final = 2_000

_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=vars).encode


def key_of(record: Record) -> Key:
    """Give what names a record.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Code
    >>> key_of(Code("c1", "Trust"))
    ('codes', 'c1')
    """
    return COLLECTIONS[type(record)], record.id


def named(key: Key) -> str:
    """Name a record in a sentence.

    Examples
    --------
    >>> named(("codes", "c1")), named(("theories", "t1"))
    ("code 'c1'", "theory 't1'")
    """
    return f"{KINDS[key[0]].__name__.lower()} {key[1]!r}"


def to_body(record: Record) -> str:
    """Write a record as one line of JSON, every field by its name.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Coder
    >>> to_body(Coder("a", "Coder A"))
    '{"id":"a","name":"Coder A"}'
    """
    return _write(vars(record))


def from_bodies(collection: str, bodies: Sequence[str]) -> list[Record]:
    """Read records of one collection from their JSON, many at once.

    Examples
    --------
    >>> from_bodies("coders", ['{"id":"a","name":"A"}', '{"id":"b","name":"B"}'])[1].name
    'B'
    """
    found: list[Record] = []
    for start in range(0, len(bodies), _AT_ONCE):
        # One text is read in a third of the time that as many texts of their own take.
        some = json.loads(f"[{','.join(bodies[start : start + _AT_ONCE])}]")
        found += [_made(collection, values) for values in some]
    return found


def from_body(collection: str, body: str) -> Record:
    """Read a record from its JSON.

    Raises
    ------
    NewerDatabase
        When it holds a collection or a field this workbench does not know, which it would lose.

    Examples
    --------
    >>> from_body("coders", '{"id":"a","name":"Coder A"}')
    Coder(id='a', name='Coder A')
    """
    return _made(collection, json.loads(body))


def _made(collection: str, values: dict[str, Any]) -> Record:
    kind = KINDS.get(collection)
    if kind is None:
        raise _newer(f"records of a kind this workbench does not know ({collection})")
    for name, read in _readers(kind):
        if name in values:
            values[name] = read(values[name])
    try:
        record: Record = kind(**values)
    except TypeError:
        known = {one.name for one in fields(kind)}
        unknown = ", ".join(sorted(set(values) - known)) or "a form"
        raise _newer(f"a {kind.__name__.lower()} with what this workbench does not know ({unknown})") from None
    return record


def _newer(what: str) -> NewerDatabase:
    return NewerDatabase(
        f"The database of this coding holds {what}: it was written by a newer cop_analysis. Update cop_analysis on "
        "this machine; nothing was changed."
    )


@cache
def _readers(kind: type) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """List the fields of a class that JSON does not give back as they were: tuples, and records in records."""
    hints = typing.get_type_hints(kind, vars(records))
    readers = ((one.name, _reader(hints[one.name])) for one in fields(kind))
    return tuple((name, read) for name, read in readers if read is not None)


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = next((read for one in arguments if (read := _reader(one)) is not None), None)
        return None if inner is None else lambda value: None if value is None else inner(value)
    if origin is tuple:
        each = _reader(arguments[0])
        return tuple if each is None else lambda value: tuple(each(one) for one in value)
    if isinstance(hint, type) and is_dataclass(hint):
        nested = _readers(hint)

        def read(value: Mapping[str, Any]) -> Any:
            values = dict(value)
            for name, reader in nested:
                if name in values:
                    values[name] = reader(values[name])
            return hint(**values)

        return read
    return None


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
    >>> from cop_analysis.realist.model.records import Code
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
        self._order: dict[str, list[Any]] = {}
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
        kept = self.records[key[0]]
        if record is None:
            kept.pop(key[1], None)
            self.numbers.pop(key, None)
            self.keys.pop(number, None)
            self._order.pop(key[0], None)
        else:
            if key[1] not in kept and key[0] in self._order:
                self._order[key[0]].append(natural_order(key[1]))
            kept[key[1]] = record
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
                    kept = self.records[name]
                    if name not in self._order:
                        self._order[name] = [natural_order(identifier) for identifier in kept]
                    self._order[name].sort()
                    self._tuples[name] = tuple(kept[identifier] for _, identifier in self._order[name])
                object.__setattr__(made, name, self._tuples[name])
            assert {one.name for one in fields(Snapshot) if one.compare} == {"study", *COLLECTIONS.values()}
            object.__setattr__(made, "erased", ())
            self._snapshot = made
        return self._snapshot


def of_collection(records: Iterable[Record]) -> dict[Key, Record | None]:
    """Write records as changes.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Coder
    >>> of_collection([Coder("a")])
    {('coders', 'a'): Coder(id='a', name='')}
    """
    return {(COLLECTIONS[type(record)], record.id): record for record in records}
