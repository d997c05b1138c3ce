"""Whether a change may be made: what uses what it deletes, and the checks a coding.json passes. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from cop_analysis.realist.model.check import check_references
from cop_analysis.realist.model.json_form import Parsed, check_form
from cop_analysis.realist.model.records import COLLECTIONS, Key, Record, Snapshot, references
from cop_analysis.realist.store.errors import CodingError, InUse
from cop_analysis.realist.store.log import users
from cop_analysis.realist.store.state import Changes, State, named
from cop_analysis.study.faults import visible

_BETWEEN_RECORDS = ("codes.parent", "theories.follows")

_SHOWN = 3


def judge(connection: Connection | None, state: State, changes: Changes) -> None:
    """Refuse a change that would leave the coding in a state no coding.json may be in.

    Raises
    ------
    InUse
        When something that stays points at something that goes.
    CodingError
        When a record is at fault, with the reason.
    """
    gone = [key for key, new in changes.items() if new is None]
    if gone:
        used = still_used(connection, state, changes, gone)
        if used:
            key, by = next(iter(used.items()))
            raise InUse(f"{_capital(named(key))} cannot be deleted: {in_words(by)}. Nothing was changed.")
    touched = {key: new for key, new in changes.items() if new is not None}
    if touched:
        _judge_records(state, changes, touched)


def still_used(connection: Connection | None, state: State, changes: Changes, gone: list[Key]) -> dict[Key, list[Key]]:
    """Give, for each record that goes, those that stay and point at it; asked of memory where there is no database."""
    if connection is None:
        return _still_used_in_memory(state, changes, set(gone))
    numbers = {state.numbers[key]: key for key in gone if key in state.numbers}
    found: dict[Key, list[Key]] = {}
    for target, sources in users(connection, numbers).items():
        for source in sorted(sources):
            user = state.keys[source]
            stays = changes[user] if user in changes else state.get(user)
            if stays is not None and numbers[target] in references(stays):
                found.setdefault(numbers[target], []).append(user)
    return found


def _still_used_in_memory(state: State, changes: Changes, gone: set[Key]) -> dict[Key, list[Key]]:
    found: dict[Key, list[Key]] = {}
    for name, kept in state.records.items():
        for identifier, record in kept.items():
            user = (name, identifier)
            stays = changes.get(user, record)
            for key in gone.intersection(() if stays is None else references(stays)):
                found.setdefault(key, []).append(user)
    return found


def in_words(users_of_it: list[Key]) -> str:
    """Say what uses a record: how many of each kind, and the first few by name.

    Examples
    --------
    >>> in_words([("extracts", "x1"), ("extracts", "x2"), ("codes", "c2")])
    '1 code (c2) and 2 extracts (x1, x2) use it'
    """
    parts = []
    for kind, name in COLLECTIONS.items():
        its = [identifier for collection, identifier in users_of_it if collection == name]
        if its:
            shown = ", ".join([visible(one) for one in its[:_SHOWN]] + (["..."] if len(its) > _SHOWN else []))
            parts.append(f"{len(its):,} {kind.__name__.lower() if len(its) == 1 else name} ({shown})")
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{listed} {'uses' if len(users_of_it) == 1 else 'use'} it"


def _judge_records(state: State, changes: Changes, touched: Mapping[Key, Record]) -> None:
    shape = Parsed()
    try:
        check_form(touched.values(), shape)
    except (ValueError, TypeError) as error:
        raise CodingError(f"{error} Nothing was changed.") from None
    errors = [fault for fault in shape.faults if fault.severity == "error"]
    if not errors:
        snapshot = _with_what_they_name(state, changes, touched)
        judged = Parsed()
        check_references(snapshot, judged)
        ours = {identifier for _, identifier in touched}
        errors = [
            fault
            for fault, record in zip(judged.faults, judged.about, strict=True)
            if fault.severity == "error" and (record in ours or fault.column in _BETWEEN_RECORDS)
        ]
    if errors:
        first = errors[0]
        what = f'"{visible(first.value)}" {first.rule}' if first.value else first.rule
        more = f" ({len(errors) - 1:,} more like it.)" if len(errors) > 1 else ""
        raise CodingError(f"{visible(first.column)}: {what}; {visible(first.fix, 600)}. Nothing was changed.{more}")


def _with_what_they_name(state: State, changes: Changes, touched: Mapping[Key, Record]) -> Snapshot:
    found: dict[Key, Record] = dict(touched)
    waiting = list(touched.values())
    while waiting:
        for key in references(waiting.pop()):
            if key not in found:
                named_record = changes[key] if key in changes else state.get(key)
                if named_record is not None:
                    found[key] = named_record
                    waiting.append(named_record)
    collections: dict[str, Any] = {
        name: tuple(record for (collection, _), record in found.items() if collection == name)
        for name in COLLECTIONS.values()
    }
    return Snapshot(state.study or "coding", **collections)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
