"""Keeping coding.json and the database in agreement: writing the one from the other, merging where both changed.

A coding.json whose checksum is known was written from the database and not touched since. Any other was changed by
somebody else, and is merged before it is ever written over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from cop_analysis.files import MOST_CODING, FileRefusedError, put_whole, read_file
from cop_analysis.realist.coding import conflicts
from cop_analysis.realist.erasure.tombstones import KeptOut, Tombstones, clean_around, take_over
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.coding import read_coding
from cop_analysis.realist.model.json_form import FILE, write
from cop_analysis.realist.model.merging import Conflict, merge_codings
from cop_analysis.realist.model.records import COLLECTIONS, Key, Record, Snapshot
from cop_analysis.realist.store import log
from cop_analysis.realist.store.log import Act, Change
from cop_analysis.realist.store.schema import agreement, entry
from cop_analysis.realist.store.state import State, to_body
from cop_analysis.realist.store.store import Store, judge
from cop_analysis.study.faults import Fault, StudyError

_TRIES = 5


@dataclass(frozen=True)
class CodingFile:
    """coding.json beside a store, for whoever is not to know how it is kept in step."""

    store: Store

    def take_in(self) -> list[str]:
        """Merge what was changed outside the database; see `take_in`."""
        return take_in(self.store)

    def save(self) -> bool:
        """Write it from the database; see `save`."""
        return save(self.store)

    def in_step(self) -> bool:
        """Say whether the database knows what it says; see `in_step`."""
        return in_step(self.store)


def first_snapshot(folder: Path, study: str) -> tuple[Snapshot, str | None]:
    """Give what a new database begins with: coding.json, or nothing; and the file's checksum."""
    path = folder / FILE
    content = read_bytes(path)
    if content is None:
        return Snapshot(study), None
    return read_coding(path).snapshot, hashlib.sha256(content).hexdigest()


def first_of(folder: Path, study: str) -> Callable[[], tuple[Snapshot, str | None]]:
    """Give what gives the first snapshot, and reads the file again only if it is another by then."""
    held: list[tuple[Snapshot, str | None]] = []

    def first() -> tuple[Snapshot, str | None]:
        content = read_bytes(folder / FILE)
        sha256 = None if content is None else hashlib.sha256(content).hexdigest()
        if not held or held[0][1] != sha256:
            held[:] = [first_snapshot(folder, study)]
        return held[0]

    return first


def read_bytes(path: Path) -> bytes | None:
    """Read a file, or None where there is none.

    Raises
    ------
    StudyError
        When what stands there is no file that can be read.
    """
    try:
        return read_file(path, most=MOST_CODING, inside=path.parent)
    except FileNotFoundError:
        return None
    except FileRefusedError as refused:
        raise StudyError([Fault(path.name, None, "", "", refused.rule, refused.remedy)]) from None


def take_in(store: Store) -> list[str]:
    """Merge a coding.json that was changed elsewhere into the database.

    Returns
    -------
    list of str
        What there is to say about it; empty where the file was written from the database.

    Raises
    ------
    StudyError
        When the file is at fault. It is not written over until it is corrected or deleted.
    """
    path = store.address.folder / FILE
    content = read_bytes(path)
    if content is None or not store.begun:
        return []
    sha256 = hashlib.sha256(content).hexdigest()
    with store.reading() as connection:
        if is_known(connection, sha256):
            return []
    if store.connector.read_only:
        return [
            f"{FILE} was changed outside the database and cannot be merged into it here, because the database may "
            "not be written. What you see is the database."
        ]
    theirs = read_coding(path)
    with store.reading() as connection:
        base = find_origin(connection, theirs.snapshot)
    changed, waiting, erased = merge_into(store, theirs, base, who=FILE, source=FILE)
    # What the file says is in the database now, and the file may be written over.
    with store.connector.writing() as connection:
        counters = log.read_head(connection, lock=True)
        connection.execute(insert(agreement), {"sha256": sha256, "seq": counters.seq, "at": counters.at})
    if changed is None and not waiting:
        return []
    count = 0 if changed is None else len(changed.entries)
    said = f"{FILE} was changed outside the database; its changes were merged ({count:,} records)."
    if waiting:
        said += f" {waiting:,} conflict{'s wait' if waiting > 1 else ' waits'} for a decision (see .conflicts)."
    return [said, *([erased] if erased else [])]


def merge_into(
    store: Store, theirs: Coding, base: Coding | None, *, who: str, source: str
) -> tuple[Change | None, int, str]:
    """Merge a coding into the database in one transaction, conflicts with it.

    Returns
    -------
    (Change or None, int, str)
        The change, how many conflicts wait, and what is to be said where the copy tells of an erasure elsewhere.
    """
    waiting, said = 0, ""

    def work(connection: Connection, counters: log.Head) -> Change | None:
        nonlocal waiting, said
        # What was erased, here or there, is not brought back by a copy from before.
        here = {one.digest for one in Tombstones.of(connection, counters.study).marks()}
        new = take_over(connection, counters.study, theirs.snapshot.erased)
        known = Tombstones.of(connection, counters.study)
        before = store.state.snapshot()
        clean, ours = before, KeptOut(before)
        if new:
            clean = clean_around(theirs.snapshot, {one.digest for one in theirs.snapshot.erased}, before, here)
            ours = known.keep_out(before, clean)
        kept_out = known.keep_out(theirs.snapshot, clean)
        if ours.sentence:
            said = (
                f"Somebody was erased elsewhere: {ours.records:,} records were taken out here and {ours.redacted:,} "
                "redacted. The log of this database still holds them: erase them here as well (cop coding erase)."
            )
        started = None if base is None else Coding(known.keep_out(base.snapshot, ours.snapshot).snapshot)
        merged = merge_codings(Coding(ours.snapshot), Coding(kept_out.snapshot, theirs.read_text), started)
        listed = {(one.collection, one.id) for one in merged.conflicts}
        taken_back = _taken_back(connection, ours.snapshot, merged.coding.snapshot, listed)
        changes = difference(store.state, merged.coding.snapshot)
        judge(connection, store.state, changes)
        note = "; ".join(part for part in (source, kept_out.sentence) if part)
        done = log.append(connection, counters, store.state, changes, who=who, verb=Act.MERGE, note=note)
        after = State.of(merged.coding.snapshot)
        waiting = conflicts.keep(connection, (*merged.conflicts, *taken_back), after, done.id, source)
        if not (changes or waiting or new):
            raise _Nothing
        return done

    try:
        return store.write(who, work), waiting, said
    except _Nothing:
        return None, 0, ""


def _taken_back(connection: Connection, before: Snapshot, after: Snapshot, listed: Collection[Key]) -> list[Conflict]:
    """List what was deleted here, as the log knows, and is brought back by a copy that still holds it."""
    had = State.of(before)
    back = {
        (name, identifier): one
        for name, kept in State.of(after).records.items()
        for identifier, one in kept.items()
        if identifier not in had.records[name] and (name, identifier) not in listed
    }
    gone = log.deleted(connection, back)
    return [Conflict("deleted and there", *key, "", one, None) for key, one in back.items() if key in gone]


class _Nothing(Exception):
    """Rolls back a merge that brought nothing."""


def difference(state: State, wanted: Snapshot) -> dict[Key, Record | None]:
    """Say what has to change for the records to be those of a snapshot."""
    target = State.of(wanted)
    changes: dict[Key, Record | None] = {}
    for name, kept in state.records.items():
        for identifier in kept:
            if identifier not in target.records[name]:
                changes[name, identifier] = None
        for identifier, record in target.records[name].items():
            if kept.get(identifier) != record:
                changes[name, identifier] = record
    return changes


def save(store: Store) -> bool:
    """Write coding.json from the database; one that was changed elsewhere is merged first.

    Returns
    -------
    bool
        Whether the file is now what the database holds.

    Raises
    ------
    StudyError
        When a coding.json that was changed elsewhere cannot be read.
    OSError
        When the file cannot be written. The database has everything.
    """
    if not store.begun or store.connector.read_only:
        return False
    path = store.address.folder / FILE
    for _ in range(_TRIES):
        take_in(store)
        state, content = as_file(store)
        sha256 = hashlib.sha256(content).hexdigest()
        here = read_bytes(path)
        if here == content and _known_now(store, sha256):
            return True
        # The checksum is noted first: a file whose checksum nobody knows would be taken for somebody's change.
        with store.connector.writing() as connection:
            at = log.read_head(connection, lock=True).at
            connection.execute(insert(agreement), {"sha256": sha256, "seq": state.seq, "at": at})
        with store.connector.writing() as connection:
            if log.read_head(connection, lock=True).seq != state.seq:
                continue
            here = read_bytes(path)
            if here is not None and not is_known(connection, hashlib.sha256(here).hexdigest()):
                continue
            if here != content:
                put_whole(path, content)
            return True
    # Others are writing faster than this; the last of them leaves the file as it should be.
    return False


def in_step(store: Store) -> bool:
    """Say whether the database knows what coding.json says; True where there is no file or no database yet."""
    content = read_bytes(store.address.folder / FILE)
    return content is None or not store.begun or _known_now(store, hashlib.sha256(content).hexdigest())


def as_file(store: Store) -> tuple[State, bytes]:
    """Give the records as they are now, and what coding.json says where it is in step with them."""
    state = store.look()
    with store.reading() as connection:
        erased = Tombstones.of(connection, state.study).marks()
    snapshot = state.snapshot()
    return state, write(replace(snapshot, erased=erased) if erased else snapshot, store.layout).encode("utf-8")


def _known_now(store: Store, sha256: str) -> bool:
    with store.reading() as connection:
        return is_known(connection, sha256)


def is_known(connection: Connection, sha256: str) -> bool:
    """Say whether the database wrote, or took in, a coding.json of this checksum."""
    return connection.execute(select(agreement.c.id).where(agreement.c.sha256 == sha256).limit(1)).first() is not None


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
