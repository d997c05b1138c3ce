"""Conflicts of a merge kept until somebody decides: as rows of the database, and as the change that settles one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, is_dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from cop_analysis.realist.model.foreign import foreign_name
from cop_analysis.realist.model.merging import KINDS, Conflict, values_in_words
from cop_analysis.realist.model.records import COLLECTIONS, Foreign, Key, Record
from cop_analysis.realist.store import log
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.schema import change, conflict
from cop_analysis.realist.store.state import State, from_body, named, to_body

Choice = Literal["kept", "other"]

NOTHING_TO_CHANGE: Final = frozenset({"same identifier", "same name"})
"""Conflicts in which both sides were kept: taking them note settles them."""


@dataclass(frozen=True)
class OpenConflict:
    """A conflict that waits for a decision.

    Parameters
    ----------
    number : int
        By which it is settled.
    kind : str
        A key of `realist.conflicts.KINDS`.
    collection, id : str
        The record.
    fields : tuple of str
        Empty where it is about the record as a whole.
    kept, other : Record or None
        The record as it was kept, and as it would be otherwise; None stands for deleted.
    source : str
        What was merged.
    at : str
        When.
    """

    number: int
    kind: str
    collection: str
    id: str
    fields: tuple[str, ...]
    kept: Record | None
    other: Record | None
    source: str
    at: str

    @property
    def sentence(self) -> str:
        """The conflict in words, with both values."""
        values = ""
        if self.fields and self.kept is not None and self.other is not None:
            kept, other = ([getattr(one, name) for name in self.fields] for one in (self.kept, self.other))
            values = values_in_words(self.fields, kept, other)
        known = self.kept if self.kept is not None else self.other
        if isinstance(known, Foreign):
            where = foreign_name(known)
        else:
            where = named((self.collection, self.id)) + (f", {', '.join(self.fields)}" if self.fields else "")
        return f"{self.number}  {where}: {KINDS.get(self.kind, self.kind)}{values}."


def keep(connection: Connection, found: Iterable[Conflict], state: State, of: int, source: str) -> int:
    """Write the conflicts a merge found, besides those that wait already; give how many there were."""
    # What was decided once is not asked again, unless the decision or the merge was taken back.
    undone = log.undone(connection)
    rows = connection.execute(select(conflict)).all()
    known = {
        (row.kind, row.collection, row.record_id, row.fields, row.other)
        for row in rows
        # What a merge brings back once more is asked once more.
        if row.change not in undone and (row.settled is None or row.kind != "deleted and there")
    }
    number = int(connection.execute(select(func.max(conflict.c.id))).scalar() or 0)
    written = 0
    for one in found:
        row = _as_row(one, state)
        if (row["kind"], row["collection"], row["record_id"], row["fields"], row["other"]) in known:
            continue
        number += 1
        written += 1
        connection.execute(insert(conflict), {**row, "id": number, "change": of, "source": source, "settled": None})
    return written


def read_open(connection: Connection) -> list[OpenConflict]:
    """Read the conflicts that wait, in the order they were found."""
    joined = conflict.join(change, conflict.c.change == change.c.id)
    undone = log.undone(connection)
    rows = [
        row
        for row in connection.execute(select(conflict, change.c.at).select_from(joined).order_by(conflict.c.id))
        if row.change not in undone and (row.settled is None or row.settled in undone)
    ]
    return [
        OpenConflict(
            row.id,
            row.kind,
            row.collection,
            row.record_id,
            tuple(json.loads(row.fields)),
            _read(row.collection, row.kept),
            _read(row.collection, row.other),
            row.source,
            row.at,
        )
        for row in rows
    ]


def find(connection: Connection, number: int) -> OpenConflict:
    """Give one conflict that waits.

    Raises
    ------
    CodingError
        When none of that number does.
    """
    waiting = read_open(connection)
    for one in waiting:
        if one.number == number:
            return one
    numbers = ", ".join(str(one.number) for one in waiting) or "none"
    raise CodingError(f"No conflict {number} waits for a decision; these do: {numbers}.")


def change_that_settles(one: OpenConflict, choice: Choice, state: State) -> dict[Key, Record | None]:
    """Say what deciding a conflict makes of its record; nothing where what was kept stays."""
    key = (one.collection, one.id)
    if choice == "kept" or one.kind in NOTHING_TO_CHANGE:
        return {}
    if not one.fields:
        return {key: one.other}
    now = state.require(*key)
    assert one.other is not None
    return {key: replace(now, **{name: getattr(one.other, name) for name in one.fields})}


def mark_settled(connection: Connection, number: int, by: int) -> None:
    """Note which change settled a conflict."""
    connection.execute(update(conflict).where(conflict.c.id == number).values(settled=by))


def _as_row(one: Conflict, state: State) -> dict[str, Any]:
    names = [name.strip() for name in one.field.split(",")] if one.field else []
    key = (one.collection, one.id)
    kept: Any = one.kept if is_dataclass(one.kept) else state.get(key)
    other: Any = one.other if is_dataclass(one.other) else None
    if names:
        kept = state.get(key)
        values = one.other if len(names) > 1 else (one.other,)
        other = None if kept is None else replace(kept, **dict(zip(names, values, strict=True)))
    return {
        "kind": one.kind,
        "collection": one.collection,
        "record_id": one.id,
        "fields": json.dumps(names),
        "kept": None if kept is None else to_body(kept),
        "other": None if other is None else to_body(other),
    }


def _read(collection: str, body: str | None) -> Record | None:
    return None if body is None or collection not in COLLECTIONS.values() else from_body(collection, body)
