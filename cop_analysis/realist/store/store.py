"""The store: one study's coding in memory and in its database, kept in step; every change is one transaction.

It knows records, not what they mean: the verbs that do are in the other files, and each hands it one function that
says what becomes of which records. Whether a change may be made is judged here: what uses what it deletes, and the
checks a coding.json passes.
"""

from __future__ import annotations

import os
import secrets
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, text
from sqlalchemy.engine import Connection

from cop_analysis.files import is_left, place_new
from cop_analysis.realist.model.check import check_references
from cop_analysis.realist.model.json_form import Layout, Parsed, check_form
from cop_analysis.realist.model.records import COLLECTIONS, Erased, Key, Record, Snapshot, references
from cop_analysis.realist.store import log
from cop_analysis.realist.store.address import Address, Place, release_claim, take_claim
from cop_analysis.realist.store.connect import (
    BUSY_SECONDS,
    Connector,
    identity,
    is_under_another_log,
    replaced,
    table_names,
)
from cop_analysis.realist.store.errors import ChangedElsewhere, CodingError, Full, InUse, NotNow, ReadOnly, Unsettled
from cop_analysis.realist.store.log import Act, Action, Change, changes_back, find_change, users
from cop_analysis.realist.store.migrate import bring_up_to_date, make_tables
from cop_analysis.realist.store.schema import agreement, head
from cop_analysis.realist.store.state import Changes, Missing, State, from_body, named, of_collection
from cop_analysis.study.faults import visible

Edit = Callable[[State], Changes]
"""Says what a change makes of which records, given all as they are now."""

Guard = Callable[[State, Changes], None]
"""Raises where a change may not be made, given all records as they are now and what would become of which."""

Beside = Callable[[Connection, Change], None]
"""Writes what belongs to a change besides its records."""

Ahead = Callable[[Connection, Change, Action, Changes], None]
"""Is told which change is turned round, how, and what becomes of which records."""

LEFT_AFTER_SECONDS: Final = 600
"""A part of a file that has not been touched for so long is nobody's any more."""


class Store:
    """A study's coding in its database, or in memory as coding.json says it until the first change makes one.

    Parameters
    ----------
    address : Address
    first : callable
        Gives what a new database begins with and the SHA-256 of the coding.json it was read from, if any.
    remember : callable
        Takes over into a new database what was erased, of which a coding.json keeps only marks.
    busy_seconds : float
        How long a change waits for that of another process.
    """

    def __init__(
        self,
        address: Address,
        first: Callable[[], tuple[Snapshot, str | None]],
        remember: Callable[[Connection, str, Sequence[Erased]], object],
        *,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.address = address
        self.first = first
        self.remember = remember
        self.lock = threading.RLock()
        self.unseen: dict[Key, Record | None] = {}
        """Records others changed since this process last looked, as they were then."""
        self.guard: Guard | None = None
        self.layout = Layout()
        """What of coding.json is laid out already."""
        self.connector = Connector(address, busy_seconds=busy_seconds, read_only=_cannot_write(address.path))
        self.begun = False
        self._swept = False
        self._file: tuple[int, int] | None = None
        self.state = State(address.study)
        weakref.finalize(self, _close, self.connector, id(self))
        if self._is_there():
            self._open()
        else:
            self.state = State.of(first()[0])

    # --- reading ----------------------------------------------------------------------------------------------------

    def look(self) -> State:
        """Take over what others did since, and give the records as they are now."""
        with self.lock:
            try:
                self._look()
            except Unsettled:
                self._look()
            self.unseen.clear()
            return self.state

    def _look(self) -> None:
        if not self.begun and self._is_there():
            self._open()
        elif self.begun and self.latest() != self.state.seq:
            with self.connector.reading() as connection:
                log.catch_up(connection, self.state)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that reads the log.

        Raises
        ------
        CodingError
            When the coding has no database yet, and so no log.
        """
        if not self.begun and self._is_there():
            self._open()
        if not self.begun:
            raise CodingError("This coding has no log yet: the first change makes its database.")
        with self.connector.reading() as connection:
            yield connection

    # --- changing ---------------------------------------------------------------------------------------------------

    def change(self, verb: str, who: str, edit: Edit, *, note: str = "", beside: Beside | None = None) -> Change | None:
        """Make a change, whole or not at all.

        Parameters
        ----------
        verb, who : str
        edit : callable
            Given the records as they are at this moment, with no other writer at work.
        note : str
        beside : callable, optional
            Writes what belongs to the change besides its records, in the same transaction.

        Returns
        -------
        Change or None
            None where nothing would be different, and so nothing was written.

        Raises
        ------
        ChangedElsewhere
            When what it changes was changed by somebody else since this process last looked.
        CodingError
            When it may not be made, for any other reason.
        """

        def write(connection: Connection, counters: log.Head) -> Change | None:
            changes = self._edited(connection, edit)
            if not changes:
                return None
            self.judge(connection, changes)
            done = log.append(connection, counters, self.state, changes, who=who, verb=verb, note=note)
            if beside is not None:
                beside(connection, done)
            return done

        with self.lock:
            if not self.begun and not self._is_there():
                # What is refused, or changes nothing, makes no database.
                planned = self._different(edit(self.state))
                self.judge(None, planned)
                if not planned:
                    return None
            return self.write(who, write)

    def write(self, who: str, work: Callable[[Connection, log.Head], Change | None]) -> Change | None:
        """Do a piece of work as the only writer; what it returns is taken over once it is committed.

        The first work makes the database; where that is refused, or cannot be written, none is left.
        """
        with self.lock:
            if not self.begun and self.address.path is not None and not self._is_there():
                self._may_write(who)
                done, is_ours = self._made_with(self.address.path, work)
                if is_ours:
                    self.begin(who)
                    if done is not None:
                        self.take_over(done)
                    return done
            self.begin(who)
            with self.connector.writing() as connection:
                counters = log.read_head(connection, lock=True)
                for key, before in log.catch_up(connection, self.state).items():
                    self.unseen.setdefault(key, before)
                done = work(connection, counters)
            if done is not None:
                self.take_over(done)
            return done

    def take_over(self, done: Change) -> None:
        """Let the records in memory follow a change that is in the database."""
        for one in done.entries:
            key = self.state.keys.get(one.number, one.key)
            self.state.put(key, None if one.after is None else from_body(one.key[0], one.after), one.number)
            self.state.seq = one.seq
            self.unseen.pop(key, None)

    def undo(self, who: str, ahead: Ahead | None = None) -> Change:
        """Take back the latest change of a coder that still stands; the log keeps both.

        Parameters
        ----------
        who : str
        ahead : callable, optional
            Does what has to be done besides before it is written, or raises where it may not be.

        Raises
        ------
        CodingError
            When there is none, or somebody built on it.
        """
        return self._turn(who, "undo", ahead)

    def redo(self, who: str, ahead: Ahead | None = None) -> Change:
        """Make again what the coder last took back, as long as they changed nothing in between.

        Raises
        ------
        CodingError
            When there is nothing, or somebody changed the same since.
        """
        return self._turn(who, "redo", ahead)

    # --- making and opening the database ----------------------------------------------------------------------------

    def begin(self, who: str) -> None:
        """Make the database from coding.json if there is none, and become its writer."""
        self._may_write(who)
        if not self.begun:
            seen = self.state
            if not self._is_there():
                self._make()
            self._open()
            self._note_unseen(seen)
        if not self._swept:
            _sweep(self.address)
            self._swept = True
        self._still_the_same_file()

    def close(self) -> None:
        """Let go of the database."""
        self.connector.close()
        if self.address.path is not None:
            release_claim(self.address.path, id(self))

    # --- the parts --------------------------------------------------------------------------------------------------

    def _may_write(self, who: str) -> None:
        if self.connector.read_only:
            raise self.connector.cannot_write()
        if self.address.path is not None and self.address.place.shared:
            take_claim(self.address.path, who, id(self))

    def _note_unseen(self, seen: State) -> None:
        for name, kept in seen.records.items():
            now = self.state.records[name]
            for identifier in kept.keys() | now.keys():
                if kept.get(identifier) != now.get(identifier):
                    self.unseen.setdefault((name, identifier), kept.get(identifier))

    @contextmanager
    def guarded(self, guard: Guard) -> Iterator[None]:
        """Ask somebody else as well whether a change may be made, for as long as the block lasts."""
        with self.lock:
            before, self.guard = self.guard, guard
            try:
                yield
            finally:
                self.guard = before

    def judge(self, connection: Connection | None, changes: Changes) -> None:
        """Refuse a change that may not be made."""
        if self.guard is not None:
            self.guard(self.state, changes)
        judge(connection, self.state, changes)

    def _edited(self, connection: Connection, edit: Edit) -> dict[Key, Record | None]:
        try:
            wanted = edit(self.state)
        except Missing as missing:
            if self.unseen.pop(missing.key, None) is not None:
                raise ChangedElsewhere(self._changed_sentence(connection, missing.key)) from None
            raise
        changes = self._different(wanted)
        stale = [key for key, new in changes.items() if self._is_stale(key, new)]
        if stale:
            sentence = self._changed_sentence(connection, stale[0])
            for key in stale:
                del self.unseen[key]
            raise ChangedElsewhere(sentence)
        return changes

    def _different(self, wanted: Changes) -> dict[Key, Record | None]:
        return {key: new for key, new in wanted.items() if new != self.state.get(key)}

    def _is_stale(self, key: Key, new: Record | None) -> bool:
        if key not in self.unseen:
            return False
        seen, now = self.unseen[key], self.state.get(key)
        if seen is None or now is None or new is None:
            return seen != now
        mine = [one.name for one in fields(now) if getattr(new, one.name) != getattr(now, one.name)]
        return any(getattr(seen, name) != getattr(now, name) for name in mine)

    def _changed_sentence(self, connection: Connection, key: Key) -> str:
        last = log.last_change_of(connection, key)
        what = named(key)
        if last is None:
            return f"{what} was changed elsewhere since you last looked. Nothing was changed; look again."
        how = next((one.sentence for one in last.entries if one.key == key), what)
        return (
            f"{last.who} changed {what} at {last.at[:19]}Z, since you last looked ({how}). Nothing of yours was "
            "written: look at it again, and make your change if it still stands."
        )

    def _turn(self, who: str, action: Action, ahead: Ahead | None) -> Change:
        def write(connection: Connection, counters: log.Head) -> Change:
            target = find_change(connection, who, action)
            changes, numbers = changes_back(connection, self.state, target, action)
            self.judge(connection, changes)
            if ahead is not None:
                ahead(connection, target, action, changes)
            return log.append(
                connection,
                counters,
                self.state,
                changes,
                who=who,
                verb=target.verb,
                action=action,
                about=target.id,
                numbers=numbers,
            )

        done = self.write(who, write)
        assert done is not None
        return done

    def _is_there(self) -> bool:
        path = self.address.path
        if path is not None:
            # A link that leads nowhere is there: what is no file is refused when it is looked through.
            return os.path.lexists(path)
        with self.connector.reading() as connection:
            return head.name in table_names(connection)

    def _open(self) -> None:
        with suppress(Unsettled):
            self._read()
            return
        self._read()

    def _read(self) -> None:
        self.connector.look_through()
        bring_up_to_date(self.connector)
        with self.connector.reading() as connection:
            self.state = log.load(connection)
        self._file = None if self.address.path is None else identity(self.address.path)
        self.begun = True

    def latest(self) -> int:
        """Ask how far the log has got, without reading it."""
        self._still_the_same_file()
        return self.connector.first_number("SELECT seq FROM head")

    def _still_the_same_file(self) -> None:
        if self.begun and self.address.path is not None and identity(self.address.path) != self._file:
            if is_under_another_log(self.address.path):
                raise replaced(self.address.path)
            raise CodingError(
                f"The database {self.address.path} was deleted, moved or replaced while it was open. Nothing more is "
                "written to what is gone: open the study again."
            )

    def _make(self) -> None:
        if self.address.path is None:
            self._make_schema()
        else:
            self._make_file(self.address.path)

    def _made_with(
        self, path: Path, work: Callable[[Connection, log.Head], Change | None]
    ) -> tuple[Change | None, bool]:
        """Make the database with its first work in it; say what that changed, and whether the database is this one."""
        seen, unseen, made = self.state, dict(self.unseen), None

        def begin_with(connection: Connection) -> None:
            nonlocal made
            self.state = log.load(connection)
            self._note_unseen(seen)
            made = work(connection, log.read_head(connection, lock=True))

        try:
            is_ours = self._make_file(path, begin_with)
            return made, is_ours
        finally:
            self.state, self.unseen = seen, unseen

    def _make_file(self, path: Path, also: Callable[[Connection], None] | None = None) -> bool:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            beside.touch(exist_ok=False)
        except OSError as error:
            raise ReadOnly(
                f"The coding cannot be changed: {path.parent} cannot be written ({error.strerror}). Nothing was "
                "changed; ask for the right to write there, or work in a copy of your own: cop coding copy STUDY TO."
            ) from error
        # A rollback journal leaves one file, which then gets its name in one step.
        aside = Connector(replace(self.address, path=beside, place=Place("network")))
        try:
            with aside.writing() as connection:
                self._fill(connection)
                if also is not None:
                    also(connection)
            aside.close()
            return _name_it(beside, path)
        except (Full, NotNow) as fault:
            raise type(fault)(str(fault).replace(beside.name, path.name)) from fault
        finally:
            aside.close()
            for leftover in (beside, beside.with_name(f"{beside.name}-journal")):
                with suppress(OSError):
                    leftover.unlink(missing_ok=True)

    def _make_schema(self) -> None:
        schema = self.address.schema
        with self.connector.writing() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:schema))"), {"schema": schema})
            if head.name in table_names(connection):
                return
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
            self._fill(connection)

    def _fill(self, connection: Connection) -> None:
        snapshot, sha256 = self.first()
        make_tables(connection, snapshot.study)
        empty = State(snapshot.study)
        counters = log.read_head(connection, lock=True)
        records = State.of(snapshot)
        everything = of_collection(one for kept in records.records.values() for one in kept.values())
        if everything:
            log.append(connection, counters, empty, everything, who="coding.json", verb=Act.BEGIN)
        self.remember(connection, snapshot.study, snapshot.erased)
        if sha256 is not None:
            row = {"sha256": sha256, "seq": counters.seq, "at": counters.at}
            connection.execute(insert(agreement), row)


def _name_it(beside: Path, path: Path) -> bool:
    """Give a finished file its name and say so, unless another process was first."""
    with _one_at_a_time(path.parent):
        if not path.exists():
            _put_aside(path)
        with suppress(FileExistsError):
            place_new(beside, path)
            return True
    return False


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep other processes from making a database here for a moment, where the system has locks for that."""
    handle = None
    with suppress(ImportError, OSError):
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _put_aside(path: Path) -> None:
    """Rename the log of a database that is gone, which SQLite would play into the new one of the same name."""
    for ending in ("-wal", "-journal"):
        left = path.with_name(f"{path.name}{ending}")
        if left.exists():
            left.replace(path.with_name(f"{path.stem}.before-lost{ending}{path.suffix}"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def _cannot_write(path: Path | None) -> bool:
    if path is None:
        return False
    if path.exists() and not os.access(path, os.W_OK):
        return True
    return path.parent.is_dir() and not os.access(path.parent, os.W_OK)


def _sweep(address: Address) -> None:
    """Delete what a process that was killed while it wrote a file left beside it; a fresh one may be at work."""
    folders = {address.folder} if address.path is None else {address.folder, address.path.parent}
    for folder in folders:
        for pattern in (".coding.json.*.part", ".*.db.*.part", ".*.db.*.part-journal"):
            for leftover in folder.glob(pattern):
                with suppress(OSError):
                    if is_left(leftover, LEFT_AFTER_SECONDS):
                        leftover.unlink()


def _close(connector: Connector, holder: int) -> None:
    with suppress(Exception):
        connector.close()
        if connector.address.path is not None:
            release_claim(connector.address.path, holder)


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
