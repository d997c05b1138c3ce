"""From which state of the log a copy of the coding set out: the one it is most like. Reads; changes nothing."""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import select
from sqlalchemy.engine import Connection

from cop_analysis.realist.model import Coding
from cop_analysis.realist.records import COLLECTIONS, Snapshot
from cop_analysis.realist.store import log
from cop_analysis.realist.store.bodies import Key, to_body
from cop_analysis.realist.store.schema import entry

_TIE: Final = 1e-9
"""Sums of the same fractions in another order differ by less."""


def find_origin(connection: Connection, copy: Snapshot) -> Coding | None:
    """Give the state of the log a copy set out from, so that a merge knows who changed what since.

    A copy that came back after days was made of an older state than the latest. Each state the log went through is
    scored: for each of its records by the share of fields the copy has alike, less the share it has otherwise, and
    less one for a record the copy does not have. The best score wins, and among equals the earliest: too early a state
    makes a conflict of what is none, too late a one would undo somebody's work without a word.

    Returns
    -------
    Coding or None
        None where no state has more in common with the copy than not.
    """
    theirs: dict[Key, str] = {
        (name, one.id): to_body(one) for name in COLLECTIONS.values() for one in getattr(copy, name)
    }
    best, chosen, score, last = 0.0, 0, 0.0, None
    worth: dict[int, float] = {}
    wanted = select(entry.c.seq, entry.c.change, entry.c.record, entry.c.kind, entry.c.id, entry.c.after)
    for row in connection.execute(wanted.order_by(entry.c.seq)):
        # Only whole changes are states that ever were.
        if last is not None and row.change != last.change and score > best + _TIE:
            best, chosen = score, last.seq
        last = row
        here = _likeness(row.after, theirs.get((row.kind, row.id)))
        score += here - worth.get(row.record, 0.0)
        worth[row.record] = here
    if last is not None and score > best + _TIE:
        best, chosen = score, last.seq
    if not chosen:
        return None
    return Coding(log.state_at(connection, chosen, copy.study).snapshot())


def _likeness(body: str | None, copy: str | None) -> float:
    """Score one record of a state against the copy's: 1 where they are equal, -1 where the copy has none.

    Examples
    --------
    >>> _likeness('{"id":"c1","name":"Trust"}', '{"id":"c1","name":"Faith"}')
    0.0
    """
    if body is None:
        return 0.0
    if copy is None:
        return -1.0
    if body == copy:
        return 1.0
    ours, theirs = json.loads(body), json.loads(copy)
    alike = sum(theirs.get(name) == value for name, value in ours.items())
    return (2 * alike - len(ours)) / len(ours)
