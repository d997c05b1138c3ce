"""Taking back and making again: which change is meant, and what it takes to turn it round. Writes nothing itself."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from cop_analysis.realist.records import Record
from cop_analysis.realist.store import log
from cop_analysis.realist.store.bodies import Key, from_body, named
from cop_analysis.realist.store.errors import ChangedElsewhere, CodingError
from cop_analysis.realist.store.log import Action, Change, Entry
from cop_analysis.realist.store.schema import change
from cop_analysis.realist.store.state import State

TAKE_IN = "take_in"
"""The verb under which a document comes into the coding because somebody codes it; that is no act to be undone."""

_NO_ACTS = ("begin", TAKE_IN)


def find_change(connection: Connection, who: str, action: Action) -> Change:
    """Find the change an undo or a redo of this coder is about.

    An undo takes the coder's latest change that still stands. A redo takes what they took back last, as long as they
    have made no new change since.

    Raises
    ------
    CodingError
        When there is none.
    """
    turned = change.alias("turned")
    latest_turn = select(func.max(turned.c.id)).where(turned.c.about == change.c.id).correlate(change).scalar_subquery()
    state_of_turn = change.alias("state_of_turn")
    stands = select(state_of_turn.c.action).where(state_of_turn.c.id == latest_turn).correlate(change).scalar_subquery()
    mine = select(change.c.id).where(change.c.who == who, change.c.action == "do", change.c.verb.not_in(_NO_ACTS))
    if action == "undo":
        wanted = mine.where(func.coalesce(stands, "redo") == "redo").order_by(change.c.id.desc()).limit(1)
        found = connection.execute(wanted).scalar()
    else:
        newest = connection.execute(
            select(func.max(change.c.id)).where(change.c.who == who, change.c.action == "do")
        ).scalar()
        wanted = mine.where(stands == "undo", latest_turn > (newest or 0)).order_by(latest_turn.desc()).limit(1)
        found = connection.execute(wanted).scalar()
    if found is None:
        raise CodingError(f"There is nothing {who} could {action}.")
    return log.history(connection, only=int(found))[0]


def changes_back(
    connection: Connection, state: State, target: Change, action: Action
) -> tuple[dict[Key, Record | None], dict[Key, int]]:
    """Say what turning a change round makes of the records, and which numbers come back.

    Only the fields the change touched are turned back, so that what somebody else did to others of the same record
    stays.

    Raises
    ------
    ChangedElsewhere
        When somebody changed the same fields since.
    CodingError
        When a part of it was erased.
    """
    changes: dict[Key, Record | None] = {}
    numbers: dict[Key, int] = {}
    entries = target.entries if action == "redo" else tuple(reversed(target.entries))
    for one in entries:
        if one.erased:
            raise CodingError(
                f"Change {target.id} ({target.verb.replace('_', ' ')}) cannot be {_PAST[action]}: what it was about "
                "has been erased."
            )
        found, wanted = (one.after, one.before) if action == "undo" else (one.before, one.after)
        changes[one.key] = _turned(connection, state, one, found, wanted, target, action)
        numbers[one.key] = one.number
    return changes, numbers


_PAST = {"undo": "undone", "redo": "done again"}


def _turned(
    connection: Connection, state: State, one: Entry, found: str | None, wanted: str | None, of: Change, action: Action
) -> Record | None:
    now: Any = state.get(one.key)
    expected: Any = None if found is None else from_body(one.key[0], found)
    new: Any = None if wanted is None else from_body(one.key[0], wanted)
    if expected is None or new is None:
        if now != expected:
            raise _changed_since(connection, one, of, action)
        return new
    touched = [each.name for each in fields(new) if getattr(new, each.name) != getattr(expected, each.name)]
    if now is None or any(getattr(now, name) != getattr(expected, name) for name in touched):
        raise _changed_since(connection, one, of, action)
    return replace(now, **{name: getattr(new, name) for name in touched})


def _changed_since(connection: Connection, one: Entry, of: Change, action: Action) -> ChangedElsewhere:
    last = log.last_change_of(connection, one.key)
    who = "" if last is None else f" by {last.who} at {last.at[:19]}Z ({last.verb.replace('_', ' ')})"
    return ChangedElsewhere(
        f"Change {of.id} ({of.verb.replace('_', ' ')}) cannot be {_PAST[action]}: {named(one.key)} was changed "
        f"since{who}. Nothing was changed; change it by hand."
    )
