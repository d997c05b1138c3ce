"""Erasure: a person withdraws, and everything that holds them goes from what is and from all that was.

This is the one exception to a log that is only added to. It happens in one transaction, and leaves a count that names
nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from cop_analysis.realist.erasure.tombstones import remember
from cop_analysis.realist.erasure.traces import Target, Traces, goes, parts_of, redacted
from cop_analysis.realist.model.records import Document, Extract, Key, Record
from cop_analysis.realist.store import log
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.schema import change, conflict, correction, entry, erasing, record, reference
from cop_analysis.realist.store.state import State, from_body, to_body
from cop_analysis.results import count_of


def count_of_those_that_hold(connection: Connection, target: Target) -> int:
    """Count the corrections of texts somebody speaks in, or that name or quote them."""
    its = {*target.documents, *target.spans}
    rows = connection.execute(select(correction.c.document, correction.c.before, correction.c.after)).all()
    return sum(one.document in its or any(map(target.traces.found, (one.before, one.after))) for one in rows)


def forget(connection: Connection) -> None:
    """Keep nothing of what texts once said: somebody's words are erased."""
    connection.execute(delete(correction))


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
    files : int
        Files of reports and notebooks in which words were taken out.
    removed : int
        Files of reports and notebooks that were removed.
    remains : tuple of str
        What is outside the coding and still has to be done, a sentence each.
    """

    records: int
    redacted: int
    entries: int
    conflicts: int
    files: int = 0
    removed: int = 0
    remains: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([f"{self.sentence}.", *(f"  Still to be done: {one}" for one in self.remains)])

    @property
    def sentence(self) -> str:
        """The count as one sentence, as the log keeps it.

        Examples
        --------
        >>> Erasure(1, 0, 3, 0, 2, 0).sentence
        '1 record erased, 0 redacted, 3 entries of the log emptied or redacted, 0 conflicts removed, 2 files redacted'
        """
        parts = [
            f"{count_of(self.records, 'record')} erased, {self.redacted:,} redacted",
            f"{self.entries:,} {'entry' if self.entries == 1 else 'entries'} of the log emptied or redacted",
            f"{count_of(self.conflicts, 'conflict')} removed",
        ]
        if self.files:
            parts.append(f"{count_of(self.files, 'file')} redacted")
        if self.removed:
            parts.append(f"{count_of(self.removed, 'file')} removed")
        return ", ".join(parts)

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to erase."""
        return not (self.records or self.redacted or self.entries or self.conflicts or self.files or self.removed)


@dataclass
class Ever:
    """Every state any record ever had, the latest last, and the number of each key."""

    bodies: dict[Key, list[Record]] = field(default_factory=dict)
    numbers: dict[int, Key] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State) -> Ever:
        """Take the records as they are: of a coding that has no database yet, and so no log."""
        return cls({(name, one.id): [one] for name, kept in state.records.items() for one in kept.values()})

    def documents(self) -> dict[str, list[Document]]:
        """Give every document there ever was, in each of its states."""
        return {
            key[1]: [one for one in states if isinstance(one, Document)]
            for key, states in self.bodies.items()
            if key[0] == "documents"
        }


def ever(connection: Connection) -> Ever:
    """Read every state any record ever had."""
    found = Ever()
    columns = (entry.c.record, entry.c.kind, entry.c.id, entry.c.before, entry.c.after)
    for row in connection.execute(select(*columns).order_by(entry.c.seq)):
        key = (row.kind, row.id)
        found.numbers[row.record] = key
        for body in (row.before, row.after):
            if body is not None:
                states = found.bodies.setdefault(key, [])
                one = from_body(row.kind, body)
                if states and states[-1] == one:
                    continue
                # A state that came back is the latest.
                if one in states:
                    states.remove(one)
                states.append(one)
    return found


def passages(target: Target, everything: Ever, state: State) -> list[str]:
    """Give what the person said wherever it was coded, now or before."""
    gone = doomed(target, everything, state)
    return [one.quote for key in gone for one in everything.bodies.get(key, ()) if isinstance(one, Extract)]


def count(
    connection: Connection | None, state: State, target: Target, everything: Ever, *, files: int = 0, removed: int = 0
) -> Erasure:
    """Count what an erasure would do, and do nothing; without a connection, of a coding that has no database yet."""
    gone, changes = _changes(state, target, everything)
    if connection is None:
        # Its database would begin with one entry a record.
        return _counted(changes, len(changes), 0, files, removed)
    numbers = {number for number, key in everything.numbers.items() if key in gone}
    entries = sum(map(len, _of_log(connection, target, gone, numbers)))
    entries += count_of_those_that_hold(connection, target)
    return _counted(changes, entries, len(_of_conflicts(connection, target, gone)), files, removed)


def erase(
    connection: Connection,
    counters: log.Head,
    state: State,
    target: Target,
    who: str,
    *,
    names: Iterable[str] = (),
    files: int = 0,
    removed: int = 0,
) -> tuple[Change, Erasure]:
    """Erase from the records, the log and the conflicts, and append one change that counts what went.

    Parameters
    ----------
    connection, counters, state
        Of the transaction.
    target : Target
    who : str
    names : iterable of str
        The words by which they are known again in an old copy.
    files, removed : int
        What was done to files before, for the count.
    """
    everything = ever(connection)
    gone, changes = _changes(state, target, everything)
    numbers = {number for number, key in everything.numbers.items() if key in gone}
    connection.execute(insert(erasing), {"one": 1})
    emptied = _redact_log(connection, target, gone, numbers)
    emptied += count_of_those_that_hold(connection, target)
    taken_out = _redact_conflicts(connection, target, gone)
    _redact_notes(connection, target.traces)
    erasure = _counted(changes, emptied, taken_out, files, removed)
    done = _append(connection, counters, state, changes, who, erasure.sentence)
    forget(connection)
    connection.execute(delete(erasing))
    documents = everything.documents()
    # What others say in the same words is theirs, here as in the texts.
    said = [one.quote for key in gone for one in everything.bodies.get(key, ()) if isinstance(one, Extract)]
    # What they said and nobody coded may stand in a colleague's copy: coded there, or in a memo.
    said += target.said
    turns = {
        (document, target.texts[document]): spans
        for document, spans in target.spans.items()
        if target.texts.get(document)
    }
    remember(
        connection,
        counters.study,
        gone,
        texts=[one.sha256 for document in target.documents for one in documents.get(document, []) if one.sha256],
        names=names,
        runs=[run for quote in said for run in parts_of(quote) if target.traces.passages.holds(run)],
        turns=turns,
    )
    return done, erasure


def _changes(state: State, target: Target, everything: Ever) -> tuple[set[Key], dict[Key, Record | None]]:
    """Say what goes, and what becomes of the records as they are now."""
    gone = doomed(target, everything, state)
    changes: dict[Key, Record | None] = {}
    for name, kept in state.records.items():
        for identifier, one in kept.items():
            key = (name, identifier)
            new = None if key in gone else redacted(one, target, gone)
            if new != one:
                changes[key] = new
    return gone, changes


def _counted(changes: Mapping[Key, Record | None], entries: int, conflicts: int, files: int, removed: int) -> Erasure:
    going = sum(new is None for new in changes.values())
    return Erasure(going, len(changes) - going, entries, conflicts, files, removed)


def doomed(target: Target, everything: Ever, state: State) -> set[Key]:
    """Find what goes whole: the documents, what was ever coded in them or in the turns, and what is nothing without."""
    gone: set[Key] = {("documents", identifier) for identifier in target.documents}
    # What a record is now decides where it still is; where it went before, any state it ever had.
    decisive = {
        key: [now] if (now := state.get(key)) is not None else states for key, states in everything.bodies.items()
    }
    growing = True
    while growing:
        growing = False
        for key, states in decisive.items():
            if key not in gone and any(goes(one, target, gone) for one in states):
                gone.add(key)
                growing = True
    return gone


def _of_log(
    connection: Connection, target: Target, gone: set[Key], numbers: set[int]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Say which entries are to be emptied, and which redacted."""
    emptied, changed = [], []
    for row in connection.execute(select(entry)):
        if row.record in numbers:
            emptied.append({"its_seq": row.seq, "its_id": f"erased-{row.record}"})
            continue
        bodies = {}
        for name in ("before", "after"):
            body = getattr(row, name)
            if body is not None:
                new = redacted(from_body(row.kind, body), target, gone)
                bodies[name] = None if new is None else to_body(new)
            else:
                bodies[name] = None
        if bodies["before"] != row.before or bodies["after"] != row.after:
            changed.append({"its_seq": row.seq, "its_before": bodies["before"], "its_after": bodies["after"]})
    return emptied, changed


def _redact_log(connection: Connection, target: Target, gone: set[Key], numbers: set[int]) -> int:
    emptied, changed = _of_log(connection, target, gone, numbers)
    its = entry.c.seq == bindparam("its_seq")
    if emptied:
        connection.execute(
            update(entry).where(its).values(id=bindparam("its_id"), before=None, after=None, erased=1), emptied
        )
    if changed:
        connection.execute(
            update(entry).where(its).values(before=bindparam("its_before"), after=bindparam("its_after"), erased=1),
            changed,
        )
    return len(emptied) + len(changed)


def _of_conflicts(connection: Connection, target: Target, gone: set[Key]) -> list[int]:
    """Say which conflicts are to go."""
    doomed = []
    for row in connection.execute(select(conflict)):
        states = [from_body(row.collection, body) for body in (row.kept, row.other) if body is not None]
        touched = (row.collection, row.record_id) in gone or any(redacted(one, target, gone) != one for one in states)
        if touched:
            doomed.append(row.id)
    return doomed


def _redact_conflicts(connection: Connection, target: Target, gone: set[Key]) -> int:
    doomed = _of_conflicts(connection, target, gone)
    for some in log.batches(doomed):
        connection.execute(delete(conflict).where(conflict.c.id.in_(some)))
    return len(doomed)


def _redact_notes(connection: Connection, traces: Traces) -> None:
    for row in connection.execute(select(change.c.id, change.c.who, change.c.note)).all():
        new = {"who": traces.without(row.who), "note": traces.without(row.note)}
        if (row.who, row.note) != (new["who"], new["note"]):
            connection.execute(update(change).where(change.c.id == row.id).values(**new))
    for one in connection.execute(select(conflict.c.id, conflict.c.source)).all():
        if traces.found(one.source):
            its = conflict.c.id == one.id
            connection.execute(update(conflict).where(its).values(source=traces.without(one.source)))


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
