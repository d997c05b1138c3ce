"""Which records a record points at, and the same record pointing elsewhere: the one list of all references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

from cop_analysis.realist.records import (
    Code,
    Configuration,
    Decision,
    Evidence,
    Extract,
    Foreign,
    Memo,
    Question,
    Record,
    Ripple,
    Theory,
    Validation,
)
from cop_analysis.realist.vocabulary import ABOUT

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
