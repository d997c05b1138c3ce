"""Erasure: a person withdraws, and everything that holds them goes from what is and from all that was.

This is the one exception to a log that is only added to. It happens in one transaction, and leaves a count that names
nobody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from cop_analysis.realist.json_form import FORMS
from cop_analysis.realist.records import COLLECTIONS, Extract, Measure, Record, Snapshot
from cop_analysis.realist.references import POINTERS
from cop_analysis.realist.store import log
from cop_analysis.realist.store.bodies import Key, from_body, to_body
from cop_analysis.realist.store.detach import without
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.schema import change, conflict, entry, erasing, record, reference, tombstone
from cop_analysis.realist.store.state import State

ERASED: Final = "[erased]"
"""What stands where a person was named."""


SHORTEST_QUOTE: Final = 12
"""Shorter passages are anybody's words, and stay where somebody wrote them."""

_OF_THE_TEXT: Final = frozenset({"quote", "prefix", "suffix"})


@dataclass(frozen=True)
class Erasure:
    """What an erasure did, in numbers; it names nobody.

    Parameters
    ----------
    records : int
        Records of the coding that were deleted.
    redacted : int
        Records that stay, with words taken out.
    entries : int
        Entries of the log that were emptied or redacted.
    conflicts : int
        Waiting conflicts that went.
    remains : tuple of str
        What is outside the coding and still has to be done, a sentence each.
    """

    records: int
    redacted: int
    entries: int
    conflicts: int
    remains: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The count as one sentence, as the log keeps it."""
        return (
            f"{self.records:,} records erased, {self.redacted:,} redacted, {self.entries:,} entries of the log emptied "
            f"or redacted, {self.conflicts:,} conflicts removed"
        )


@dataclass(frozen=True)
class Target:
    """What is to go.

    Parameters
    ----------
    documents : frozenset of str
        Documents that go whole, with all that was coded in them.
    spans : mapping of str to tuple of (int, int)
        In documents that stay, the turns that go.
    words : tuple of str
        Names and pseudonyms that are taken out of every text.
    quotes : tuple of str
        What they said, taken out where somebody wrote it down in a memo or a statement.
    """

    documents: frozenset[str]
    spans: Mapping[str, tuple[tuple[int, int], ...]]
    words: tuple[str, ...]
    quotes: tuple[str, ...] = ()

    @cached_property
    def said(self) -> re.Pattern[str] | None:
        """Finds their words as they were said, for the longer of them."""
        quotes = sorted({quote for quote in self.quotes if len(quote) >= SHORTEST_QUOTE}, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, quotes))) if quotes else None

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """Finds the words, each as a whole word whatever its case."""
        words = sorted({word.strip() for word in self.words if word.strip()}, key=len, reverse=True)
        if not words:
            return None
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def erase(connection: Connection, counters: log.Head, state: State, target: Target, who: str) -> tuple[Change, Erasure]:
    """Erase from the records, the log and the conflicts, and append one change that counts what went."""
    everything = _ever(connection)
    gone = _doomed(target, everything, state)
    passages = [one for key in gone for one in everything.bodies.get(key, ()) if isinstance(one, Extract)]
    target = replace(target, quotes=tuple(one.quote.strip() for one in passages))
    changes: dict[Key, Record | None] = {}
    for name, kept in state.records.items():
        for identifier, one in kept.items():
            key = (name, identifier)
            new = None if key in gone else _redacted(one, target, gone)
            if new != one:
                changes[key] = new
    numbers = {number for number, key in everything.numbers.items() if key in gone}
    connection.execute(insert(erasing), {"one": 1})
    emptied = _redact_log(connection, target, gone, numbers)
    removed = _redact_conflicts(connection, target, gone)
    _redact_notes(connection, target)
    erasure = Erasure(
        sum(new is None for new in changes.values()), sum(new is not None for new in changes.values()), emptied, removed
    )
    done = _append(connection, counters, state, changes, who, erasure.sentence)
    connection.execute(delete(erasing))
    _remember(connection, gone)
    return done, erasure


def digest(study: str, key: Key) -> str:
    """Name what was erased so that it is known again and cannot be read."""
    return hashlib.sha256("\x1f".join((study, *key)).encode("utf-8", "surrogatepass")).hexdigest()


def kept_out(connection: Connection, theirs: Snapshot) -> tuple[Snapshot, int]:
    """Take out of a coding that is to be merged what was erased here, so that an old copy does not bring it back."""
    known = set(connection.execute(select(tombstone.c.digest)).scalars())
    if not known:
        return theirs, 0
    records = {(name, one.id): one for name in COLLECTIONS.values() for one in getattr(theirs, name)}
    gone = {key for key in records if digest(theirs.study, key) in known}
    growing = bool(gone)
    while growing:
        more = {key for key, one in records.items() if key not in gone and without(one, gone) is None}
        gone |= more
        growing = bool(more)
    left: dict[str, list[Any]] = {name: [] for name in COLLECTIONS.values()}
    for key, one in records.items():
        if key not in gone:
            left[key[0]].append(without(one, gone))
    return Snapshot(theirs.study, **{name: tuple(kept) for name, kept in left.items()}), len(gone)


def _remember(connection: Connection, gone: Collection[Key]) -> None:
    study = log.read_head(connection).study
    known = set(connection.execute(select(tombstone.c.digest)).scalars())
    new = sorted({digest(study, key) for key in gone} - known)
    if new:
        connection.execute(insert(tombstone), [{"digest": one} for one in new])


@dataclass
class _Ever:
    """Every state any record ever had, and the number of each key."""

    bodies: dict[Key, list[Record]]
    numbers: dict[int, Key]


def _ever(connection: Connection) -> _Ever:
    found = _Ever({}, {})
    for row in connection.execute(select(entry.c.record, entry.c.kind, entry.c.id, entry.c.before, entry.c.after)):
        key = (row.kind, row.id)
        found.numbers[row.record] = key
        for body in (row.before, row.after):
            if body is not None:
                states = found.bodies.setdefault(key, [])
                one = from_body(row.kind, body)
                if one not in states:
                    states.append(one)
    return found


def _doomed(target: Target, ever: _Ever, state: State) -> set[Key]:
    """Find what goes whole: the documents, what was ever coded in them or in the turns, and what is nothing without."""
    gone: set[Key] = {("documents", identifier) for identifier in target.documents}
    # What a record is now decides where it still is; where it went before, any state it ever had.
    decisive = {key: [now] if (now := state.get(key)) is not None else states for key, states in ever.bodies.items()}
    growing = True
    while growing:
        growing = False
        for key, states in decisive.items():
            if key not in gone and any(_is_nothing(one, target, gone) for one in states):
                gone.add(key)
                growing = True
    return gone


def _is_nothing(one: Record, target: Target, gone: Collection[Key]) -> bool:
    return (isinstance(one, Extract) and _is_spoken(one, target)) or without(one, gone) is None


def _is_spoken(extract: Extract, target: Target) -> bool:
    return any(extract.start < stop and start < extract.end for start, stop in target.spans.get(extract.document, ()))


def _redacted(one: Record, target: Target, gone: Collection[Key]) -> Record | None:
    left: Any = None if _is_nothing(one, target, gone) else without(one, gone)
    if left is None:
        return None
    if isinstance(left, Extract):
        # What stands before and after a passage may be somebody's turn.
        for start, stop in target.spans.get(left.document, ()):
            if start < left.start <= stop + len(left.prefix):
                left = replace(left, prefix="")
            if left.end - 1 <= stop and start - len(left.suffix) <= left.end:
                left = replace(left, suffix="")
    pattern, said = target.pattern, target.said
    if pattern is None and said is None:
        return left
    values = {}
    kind: type = type(left)
    for name in _texts(kind):
        value = getattr(left, name)
        new = value
        if said is not None and name not in _OF_THE_TEXT:
            new = _without_words(new, said)
        if pattern is not None and isinstance(left, Extract) and name == "quote":
            # A quote keeps its length, because its place in the text is counted in characters.
            new = pattern.sub(lambda found: "█" * len(found[0]), value)
        elif pattern is not None:
            new = _without_words(new, pattern)
        if new != value:
            values[name] = new
    return replace(left, **values) if values else left


def _without_words(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, tuple):
        return tuple(_without_words(one, pattern) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        kind: type = type(value)
        return replace(value, **{name: _without_words(getattr(value, name), pattern) for name in _texts(kind)})
    return value


_STRUCTURE: Final = frozenset({"id", "sha256", "colour", "created", "role", "codes", "about", "target", "file"})
"""Fields that hold no words of people, though they are texts."""


@cache
def _texts(kind: type) -> tuple[str, ...]:
    """List the fields of a record in which people write, or that hold records in which they do."""
    if kind is Measure:
        return ()
    pointers = POINTERS.get(kind, {})
    names = ((one.attribute or one.name, one) for one in FORMS[kind])
    return tuple(
        name
        for name, one in names
        if one.kind not in ("whole", "number or null", "yes or no")
        and not one.choices
        and name not in pointers
        and name not in _STRUCTURE
    )


def _redact_log(connection: Connection, target: Target, gone: set[Key], numbers: set[int]) -> int:
    emptied, redacted = [], []
    for row in connection.execute(select(entry)):
        if row.record in numbers:
            emptied.append({"its_seq": row.seq, "its_id": f"erased-{row.record}"})
            continue
        bodies = {}
        for name in ("before", "after"):
            body = getattr(row, name)
            if body is not None:
                new = _redacted(from_body(row.kind, body), target, gone)
                bodies[name] = None if new is None else to_body(new)
            else:
                bodies[name] = None
        if bodies["before"] != row.before or bodies["after"] != row.after:
            redacted.append({"its_seq": row.seq, "its_before": bodies["before"], "its_after": bodies["after"]})
    its = entry.c.seq == bindparam("its_seq")
    if emptied:
        connection.execute(
            update(entry).where(its).values(id=bindparam("its_id"), before=None, after=None, erased=1), emptied
        )
    if redacted:
        connection.execute(
            update(entry).where(its).values(before=bindparam("its_before"), after=bindparam("its_after"), erased=1),
            redacted,
        )
    return len(emptied) + len(redacted)


def _redact_conflicts(connection: Connection, target: Target, gone: set[Key]) -> int:
    doomed = []
    for row in connection.execute(select(conflict)):
        states = [from_body(row.collection, body) for body in (row.kept, row.other) if body is not None]
        touched = (row.collection, row.record_id) in gone or any(_redacted(one, target, gone) != one for one in states)
        if touched:
            doomed.append(row.id)
    for some in log.batches(doomed):
        connection.execute(delete(conflict).where(conflict.c.id.in_(some)))
    return len(doomed)


def _redact_notes(connection: Connection, target: Target) -> None:
    pattern = target.pattern
    if pattern is None:
        return
    for row in connection.execute(select(change.c.id, change.c.note)).all():
        if pattern.search(row.note):
            connection.execute(update(change).where(change.c.id == row.id).values(note=pattern.sub(ERASED, row.note)))


def _append(
    connection: Connection, counters: log.Head, state: State, changes: Mapping[Key, Record | None], who: str, note: str
) -> Change:
    """Write what is left of the records, and one change whose entries tell other processes and nobody else."""
    doomed = [state.numbers[key] for key, new in changes.items() if new is None]
    kept = {key: new for key, new in changes.items() if new is not None}
    for some in log.batches(doomed):
        connection.execute(delete(reference).where(reference.c.source.in_(some)))
    touched = [state.numbers[key] for key in kept]
    for some in log.batches(touched):
        connection.execute(delete(reference).where(reference.c.source.in_(some)))
    for some in log.batches(doomed):
        connection.execute(delete(reference).where(reference.c.target.in_(some)))
        connection.execute(delete(record).where(record.c.number.in_(some)))
    return log.append_erased(connection, counters, state, kept, doomed, who=who, note=note)
