"""Records as JSON texts and back, driven by the record classes alone: a field added to a class needs nothing here."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final

from cop_analysis.realist import records
from cop_analysis.realist.records import COLLECTIONS, Record
from cop_analysis.realist.store.errors import NewerDatabase

KINDS: Mapping[str, type] = {name: kind for kind, name in COLLECTIONS.items()}
"""The record class of each collection."""

_AT_ONCE: Final = 2_000
_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=vars).encode

Key = tuple[str, str]
"""What names a record: its collection and its identifier."""


def key_of(record: Record) -> Key:
    """Give what names a record.

    Examples
    --------
    >>> from cop_analysis.realist.records import Code
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
    >>> from cop_analysis.realist.records import Coder
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
