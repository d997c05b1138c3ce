"""What a record points at, a record that points elsewhere, and one without what is gone."""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeVar

from cop_analysis.realist.model import records
from cop_analysis.realist.model.records import (
    Code,
    Configuration,
    Decision,
    Evidence,
    Extract,
    Foreign,
    Key,
    Memo,
    Question,
    Record,
    Ripple,
    Theory,
    Validation,
)
from cop_analysis.realist.model.vocabulary import ABOUT

Kept = TypeVar("Kept", bound=Any)

POINTERS: Final[Mapping[type, Mapping[str, str]]] = MappingProxyType(
    {
        Code: {"parent": "codes"},
        Extract: {"document": "documents", "code": "codes", "coder": "coders"},
        Configuration: {"rivals": "configurations"},
        Evidence: {"extract": "extracts", "configuration": "configurations", "coder": "coders"},
        Ripple: {"source": "configurations", "target": "configurations", "extracts": "extracts"},
        Theory: {
            "follows": "theories",
            "configurations": "configurations",
            "evidence": "evidence",
            "coder": "coders",
        },
        Question: {
            "configurations": "configurations",
            "theories": "theories",
            "documents": "documents",
            "coder": "coders",
        },
        Validation: {
            "configuration": "configurations",
            "theory": "theories",
            "document": "documents",
            "extracts": "extracts",
            "coder": "coders",
        },
        Memo: {"coder": "coders"},
        Decision: {"coders": "coders"},
        Foreign: {"documents": "documents"},
    }
)
"""For each kind of record the fields that hold an identifier, or several, and the collection they point into.

Besides these, the slots of a configuration point at codes, and a memo or decision at the record it is about.
"""


def references(record: Record) -> Iterator[tuple[str, str]]:
    """Give every reference a record makes, as collection and identifier.

    Examples
    --------
    >>> list(references(Code("c2", "Ringing", parent="c1")))
    [('codes', 'c1')]
    >>> list(references(Memo("m1", "Too soon?", about="configuration", target="cmo01", coder="a")))
    [('coders', 'a'), ('configurations', 'cmo01')]
    """
    for name, collection in POINTERS.get(type(record), {}).items():
        value = getattr(record, name)
        if isinstance(value, tuple):
            for identifier in value:
                yield collection, identifier
        elif value is not None:
            yield collection, value
    if isinstance(record, Configuration):
        for slot in record.slots:
            for code in slot.codes:
                yield "codes", code
    if isinstance(record, Memo | Decision) and record.about in ABOUT and record.target is not None:
        yield ABOUT[record.about or ""], record.target


def pointing_at(record: Kept, renamed: Mapping[str, Mapping[str, str]]) -> Kept:
    """Give the record with its references renamed.

    Parameters
    ----------
    record : record
    renamed : mapping of str to mapping of str to str
        By collection, the new identifier of each old one; what is not named stays.

    Examples
    --------
    >>> pointing_at(Code("c2", "Ringing", parent="c1"), {"codes": {"c1": "c9"}}).parent
    'c9'
    """

    def new(collection: str, identifier: str) -> str:
        return renamed.get(collection, {}).get(identifier, identifier)

    changed: dict[str, Any] = {}
    for name, collection in POINTERS.get(type(record), {}).items():
        if collection not in renamed:
            continue
        value = getattr(record, name)
        if isinstance(value, tuple):
            changed[name] = tuple(dict.fromkeys(new(collection, one) for one in value))
        elif value is not None:
            changed[name] = new(collection, value)
    if isinstance(record, Configuration) and "codes" in renamed:
        changed["slots"] = tuple(
            replace(slot, codes=tuple(dict.fromkeys(new("codes", one) for one in slot.codes))) for slot in record.slots
        )
    if isinstance(record, Memo | Decision) and record.about in ABOUT and record.target is not None:
        changed["target"] = new(ABOUT[record.about or ""], record.target)
    changed = {name: value for name, value in changed.items() if value != getattr(record, name)}
    return replace(record, **changed) if changed else record


def without(record: Record, gone: Collection[Key]) -> Record | None:
    """Give a record that no longer points at what is gone.

    Parameters
    ----------
    record : record
    gone : collection of (str, str)
        Collections and identifiers.

    Returns
    -------
    record or None
        None where the record is nothing without it: a link without its extract, an extract without its code.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Evidence, Slot
    >>> cmo = Configuration("cmo1", "A name", slots=(Slot("context", ("c1", "c2")),), rivals=("cmo2",))
    >>> without(cmo, {("codes", "c1"), ("configurations", "cmo2")}).slots[0].codes
    ('c2',)
    >>> without(Evidence("e1", "x1", "cmo1", "supports"), {("extracts", "x1")}) is None
    True
    """
    if not any(key in gone for key in references(record)):
        return record
    if isinstance(record, Foreign):
        # What another program kept beside a document may hold its words.
        return None
    changes: dict[str, Any] = {}
    kind: type = type(record)
    for name, collection in POINTERS.get(kind, {}).items():
        value = getattr(record, name)
        if isinstance(value, tuple):
            changes[name] = tuple(one for one in value if (collection, one) not in gone)
        elif value is not None and (collection, value) in gone:
            if not _may_be_none(kind, name):
                return None
            changes[name] = None
    if isinstance(record, Configuration):
        changes["slots"] = tuple(
            replace(slot, codes=tuple(one for one in slot.codes if ("codes", one) not in gone)) for slot in record.slots
        )
    if isinstance(record, Memo | Decision) and (ABOUT.get(record.about or ""), record.target) in gone:
        changes |= {"about": None, "target": None}
    return replace(record, **changes)


@cache
def _may_be_none(kind: type, name: str) -> bool:
    return type(None) in typing.get_args(typing.get_type_hints(kind, vars(records))[name])


def renames(of: Mapping[Key, Key]) -> dict[str, dict[str, str]]:
    """Write renamed keys in the way of `references.pointing_at`.

    Examples
    --------
    >>> renames({("codes", "c1"): ("codes", "c2")})
    {'codes': {'c1': 'c2'}}
    """
    found: dict[str, dict[str, str]] = {}
    for (collection, old), (_, new) in of.items():
        found.setdefault(collection, {})[old] = new
    return found
