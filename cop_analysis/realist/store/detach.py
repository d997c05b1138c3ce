"""Records without what they pointed at, for when that goes; the list of references is in `realist.references`."""

from __future__ import annotations

import typing
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from cop_analysis.realist import records
from cop_analysis.realist.records import Configuration, Decision, Foreign, Memo, Record
from cop_analysis.realist.references import POINTERS, references
from cop_analysis.realist.store.bodies import Key
from cop_analysis.realist.vocabulary import ABOUT


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
    >>> from cop_analysis.realist.records import Evidence, Slot
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
