"""Connections to a coding's database: how each is set up, transactions that read or write, errors in plain words.

One engine a database and process is lent to everybody who asks, so that a second handle never drops the locks of the
first. It is known by the file itself (device and number) and not by its name; the last to give it back closes it.
Before the process forks, what is idle is closed, because a connection must not be carried into a child (SQLite, "How To
Corrupt An SQLite Database File", 2.6, https://www.sqlite.org/howtocorrupt.html).
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cop_analysis.files import MOST_ARCHIVE, FileRefusedError, judge_file
from cop_analysis.realist.store.address import Address
from cop_analysis.realist.store.errors import (
    CodingError,
    Damaged,
    Full,
    Locked,
    NotNow,
    ReadOnly,
    Unreachable,
    Unsettled,
)
from cop_analysis.realist.store.schema import metadata

FORK_SECONDS: Final = 5.0
"""How long a fork waits for the transactions of other threads."""


@dataclass
class Lent:
    """An engine that several share.

    Parameters
    ----------
    key : hashable
    engine : sqlalchemy.engine.Engine
    path : pathlib.Path or None
        The file, where it is one.
    users : int
        How many have it.
    working : int
        How many transactions are open.
    process : int
        The process whose connections it holds.
    """

    key: Hashable
    engine: Engine
    path: Path | None
    users: int = 0
    working: int = 0
    process: int = field(default_factory=os.getpid)


_lent: dict[Hashable, Lent] = {}

_carried: set[tuple[int, int]] = set()
"""Files a parent was reading or writing at the moment it forked."""

_changed = threading.Condition(threading.RLock())

_here = threading.local()

_forking = False


def identity(path: Path) -> tuple[int, int] | None:
    """Give what a file is, whatever it is called: its device and number; None where it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def lend(key: Hashable, make: Callable[[], Engine], path: Path | None = None) -> Lent:
    """Give the engine of a database, made now or before.

    Parameters
    ----------
    key : hashable
        What the database is.
    make : callable
        Makes its engine.
    path : pathlib.Path, optional
        Its file.

    Raises
    ------
    CodingError
        When this process has the file open under another name or had another open under this one, or was forked while
        its parent used it.
    """
    whole = None if path is None else path.resolve()
    with _changed:
        if path is not None and identity(path) in _carried:
            raise CodingError(
                f"This process was forked while the database {path} was in use, so it cannot open it safely. Start it "
                "anew instead: with multiprocessing, use the start method 'spawn'."
            )
        one = _lent.get(key)
        if one is None:
            if path is not None and is_under_another_log(path):
                raise replaced(path)
            one = _lent[key] = Lent(key, make(), whole)
        elif one.path != whole:
            # Its journal is found by its name: under two names one would not know of the other's.
            raise CodingError(
                f"The database {path} is open in this process under another name ({one.path}). Close it there "
                "(coding.close()) or restart the kernel, then open it again."
            )
        one.users += 1
        return one


def give_back(one: Lent) -> None:
    """Let go of an engine; the last one closes it."""
    with _changed:
        if one.process != os.getpid():
            return
        one.users -= 1
        if one.users > 0:
            return
        if _lent.get(one.key) is one:
            del _lent[one.key]
    one.engine.dispose()


def is_under_another_log(path: Path) -> bool:
    """Say whether this process holds a file that had this name, and its log lies beside the one that has it now."""
    now, whole = identity(path), path.resolve()
    with _changed:
        if now is None or now in _lent or not path.with_name(f"{path.name}-wal").exists():
            return False
        # Who only reads keeps no connection, and a file that was not there has no number.
        held = [one.key for one in _lent.values() if one.path == whole and _is_a_file(one.key)]
    return bool(held)


def _is_a_file(key: Hashable) -> bool:
    return isinstance(key, tuple) and all(isinstance(part, int) for part in key)


def replaced(path: Path) -> CodingError:
    """Say that another file stands where a database was open, whose log SQLite would play into it."""
    return CodingError(
        f"The database {path} was replaced by another file while it was open. The log of the old one ({path.name}-wal) "
        f"still lies beside it and would be played into the new one, so nothing is read or written: close the coding "
        f"everywhere (restart the kernels), delete {path.name}-wal and {path.name}-shm, then open the study again."
    )


def is_lent(key: Hashable) -> bool:
    """Say whether this process has the database open."""
    with _changed:
        return key in _lent


@contextmanager
def at_work(one: Lent) -> Iterator[None]:
    """Mark a transaction, so that no fork falls into it unseen."""
    depth = getattr(_here, "depth", 0)
    with _changed:
        while _forking and not depth:
            _changed.wait()
        one.working += 1
    _here.depth = depth + 1
    try:
        yield
    finally:
        _here.depth = depth
        with _changed:
            one.working -= 1
            if _forking:
                _changed.notify_all()


def renew(one: Lent) -> None:
    """Close what is idle, so that the next to ask gets a fresh connection."""
    one.engine.dispose()


# --- forking ---------------------------------------------------------------------------------------------------------


def _before_fork() -> None:
    global _forking
    _changed.acquire()
    _forking = True
    until = time.monotonic() + FORK_SECONDS
    # A thread that forks inside its own transaction cannot wait for it.
    while not getattr(_here, "depth", 0) and any(one.working for one in _lent.values()):
        if not _changed.wait(max(0.0, until - time.monotonic())):
            break
    for one in _lent.values():
        if not one.working:
            one.engine.dispose()


def _after_in_parent() -> None:
    global _forking
    _forking = False
    _changed.notify_all()
    _changed.release()


def _after_in_child() -> None:
    global _forking, _changed
    at_work_on = (identity(one.path) for one in _lent.values() if one.working and one.path is not None)
    _carried.update(file for file in at_work_on if file is not None)
    for one in _lent.values():
        # Nothing of the parent's is closed here, which would take its locks or end its session.
        one.engine.dispose(close=False)
    _lent.clear()
    _here.__dict__.clear()
    _forking = False
    _changed = threading.Condition(threading.RLock())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)


BUSY_SECONDS: Final = 15.0
"""How long a change waits for another process's change, which takes milliseconds."""

# SQLite's primary result codes, https://www.sqlite.org/rescode.html
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26


class Connector:
    """Opens transactions on one database.

    Parameters
    ----------
    address : Address
    busy_seconds : float
        How long to wait for another process.
    read_only : bool
        Open an SQLite file without being able to change it or to leave anything beside it.
    """

    def __init__(self, address: Address, *, busy_seconds: float = BUSY_SECONDS, read_only: bool = False) -> None:
        self.address = address
        self.is_sqlite = address.path is not None
        """Whether the database is a file."""
        self.busy_seconds = busy_seconds
        self.read_only = read_only
        self._lent: Lent | None = None

    @property
    def engine(self) -> Engine:
        """The engine of this database in this process, shared by all who have it open."""
        return self._shared().engine

    def close(self) -> None:
        """Let go of the database; others of this process who have it open keep it."""
        lent, self._lent = self._lent, None
        if lent is not None:
            give_back(lent)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in a transaction that sees one moment of the database."""
        with self._connected() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that no other writer can be in; committed at the end, or nothing is."""
        if self.read_only:
            raise self.cannot_write()
        with self._connected() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                yield connection

    def first_number(self, question: str) -> int:
        """Ask for one number, outside any transaction; without the layers in between it costs microseconds."""
        with self.translated(), at_work(lent := self._shared()):
            raw = lent.engine.raw_connection()
            try:
                cursor = raw.cursor()
                self._wait_as_long(raw)
                cursor.execute(question)
                found: Any = cursor.fetchone()
            finally:
                raw.close()
        if found is None:
            raise CodingError("The coding's database has lost its counters: restore it from a copy.")
        return int(found[0])

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Give a connection outside any transaction, for what the database does to its own files."""
        with self._connected() as connection:
            if self.is_sqlite:
                connection = connection.execution_options(bare=True)
            else:
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    def cannot_write(self) -> ReadOnly:
        """Say that the place cannot be written."""
        where = self.address.path.parent if self.address.path is not None else self.address.name
        return ReadOnly(
            f"The coding cannot be changed: {where} can be read but not written. Nothing was changed; ask for the "
            "right to write there, or work in a copy of your own: cop coding copy STUDY TO."
        )

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the database's errors into sentences."""
        try:
            yield
        except DBAPIError as error:
            raise self._in_words(error.orig) from (error if self.is_sqlite else None)
        except sqlite3.Error as error:
            raise self._in_words(error) from error
        except SQLAlchemyError as error:
            said = self.unnamed(str(error))
            raise CodingError(f"The database of the coding ({self.address.name}) refused: {said}.") from None

    def ask_again(self, said: str) -> CodingError:
        """Ask SQLite a second time, with a fresh connection, whether a file is whole, and say what it answers.

        Parameters
        ----------
        said : str
            What it said the first time.

        Returns
        -------
        CodingError
            `Damaged` only where it says so again; `Unsettled` where all is well now.
        """
        lent = self._lent
        if lent is not None:
            renew(lent)
        again = ""
        try:
            with at_work(self._shared()):
                fresh = self._open_file()
                try:
                    found = fresh.execute("PRAGMA integrity_check(1)").fetchone()
                    again = self._cut_short(fresh) if found == ("ok",) else str(found[0])
                finally:
                    fresh.close()
        except sqlite3.Error as error:
            if (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in (_CORRUPT, _NOTADB):
                return self._sqlite_in_words(error)
            again = str(error)
        if again:
            return damaged(self.address, f"is damaged ({again})")
        return Unsettled(
            f"The database {self.address.path} could not be read a moment ago ({said}); asked again, SQLite finds it "
            "whole. Nothing was changed: do it again."
        )

    def look_through(self) -> None:
        """Refuse a file that SQLite cannot read, or that is shorter than SQLite says it is, before it is worked with.

        Raises
        ------
        Damaged
            When SQLite says so twice, or there is no coding in it.
        Unsettled
            When it says so once only.
        """
        path = self.address.path
        if path is None:
            return
        self._judge_file(path)
        if path.exists() and path.stat().st_size == 0:
            raise damaged(self.address, "is empty (0 bytes)")
        _refuse_second_name(path)
        # A connection of its own, which sets nothing: somebody else's file stays as it is.
        with self.translated(), at_work(self._shared()):
            fresh = self._open_file()
            try:
                names = {str(name) for (name,) in fresh.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
                said = self._cut_short(fresh)
            finally:
                fresh.close()
        if said:
            raise self.ask_again(said)
        if not names & {"alembic_version", *metadata.tables}:
            raise damaged(self.address, f"holds no tables of a coding{_others(names)}")

    def _cut_short(self, connection: Any) -> str:
        """Compare how large a file is with what SQLite says of it; what lies in a log yet is not in the file."""
        path = self.address.path
        assert path is not None
        begun = not connection.in_transaction
        if begun:
            connection.execute("BEGIN")
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = pages * connection.execute("PRAGMA page_size").fetchone()[0]
        held = path.stat().st_size
        waiting = any(_holds_something(path, ending) for ending in ("-wal", "-journal"))
        if begun:
            connection.execute("ROLLBACK")
        return f"it should hold {size:,} bytes and holds {held:,}" if held < size and not waiting else ""

    # --- the parts --------------------------------------------------------------------------------------------------

    def _shared(self) -> Lent:
        lent = self._lent
        if lent is None or lent.process != os.getpid():
            key: Hashable = str(self.address.url), self.address.url.password, self.address.schema
            if self.address.path is not None:
                file = identity(self.address.path) or self.address.path.resolve()
                # Who may only read shares what is open for writing; alone it opens the file so that nothing is left.
                key = ("read", file) if self.read_only and not is_lent(file) else file
            lent = self._lent = lend(key, self._sqlite if self.is_sqlite else self._postgresql, self.address.path)
        return lent

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self.translated(), at_work(lent := self._shared()), lent.engine.connect() as connection:
            self._wait_as_long(connection.connection)
            yield connection

    def _wait_as_long(self, held: Any) -> None:
        """Let a shared connection wait for others as long as this user of it is ready to."""
        wanted = max(int(self.busy_seconds * 1000), 0) if self.is_sqlite else max(1, int(self.busy_seconds * 1000))
        if held.info.get("waits") == wanted:
            return
        connection = held.driver_connection
        if self.is_sqlite:
            connection.execute(f"PRAGMA busy_timeout={wanted}")
        else:
            connection.execute(f"SET lock_timeout TO {wanted}")
            connection.commit()
        held.info["waits"] = wanted

    def _sqlite(self) -> Engine:
        from sqlalchemy.pool import NullPool, QueuePool

        # What was read without locks is not kept: each look at a file that may only be read opens it anew.
        kept: dict[str, Any] = {"poolclass": NullPool}
        if not self.read_only:
            kept = {"poolclass": QueuePool, "pool_size": 2, "max_overflow": -1}
        engine = create_engine("sqlite://", creator=self._open_file, **kept)
        journal = "DELETE" if self.address.place.shared else "WAL"

        @event.listens_for(engine, "connect")
        def set_up(connection: sqlite3.Connection, _: object) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA secure_delete=ON")
            if not self.read_only:
                cursor.execute(f"PRAGMA journal_mode={journal}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            options = connection.get_execution_options()
            if not options.get("bare"):
                connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")

        return engine

    @staticmethod
    def _judge_file(path: Path) -> None:
        """Refuse what is no ordinary file: SQLite itself would wait for ever at a pipe."""
        try:
            judge_file(path, most=MOST_ARCHIVE, inside=path.parent, database=True)
        except FileNotFoundError:
            return
        except FileRefusedError as refused:
            raise CodingError(f"{path} was not opened: it {refused.rule}; {refused.remedy}.") from None

    def _open_file(self) -> sqlite3.Connection:
        path = self.address.path
        assert path is not None
        self._judge_file(path)
        way = "mode=rw"
        if self.read_only:
            # Without the right to write, the shared memory of a write-ahead log cannot be made. A file that has no
            # such log, and no rollback journal, is read as it is; where one may come at any time, under locks.
            live = self.address.place.shared or any(_is_beside(path, ending) for ending in ("-wal", "-journal"))
            way = "mode=ro" if live and not self._is_left_over(path) else "mode=ro&immutable=1"
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?{way}",
            uri=True,
            timeout=max(self.busy_seconds, 0.0),
            check_same_thread=False,
            isolation_level=None,
        )

    @staticmethod
    def _is_left_over(path: Path) -> bool:
        """Say whether an empty log was left by somebody who only read, and the shared memory that went with it is gone.

        Nothing waits in an empty log, and without that memory it could not be read in a place that is not written.
        """
        return (
            _is_beside(path, "-wal")
            and not _holds_something(path, "-wal")
            and not (_is_beside(path, "-shm") or _is_beside(path, "-journal"))
        )

    def _postgresql(self) -> Engine:
        engine = create_engine(
            self.address.url, pool_size=2, max_overflow=8, pool_pre_ping=True, connect_args={"connect_timeout": 10}
        )
        schema = self.address.schema.replace('"', '""')

        @event.listens_for(engine, "connect")
        def set_up(connection: Any, _: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f'SET search_path TO "{schema}"')
            connection.commit()

        return engine

    def _in_words(self, error: BaseException | None) -> CodingError:
        if isinstance(error, sqlite3.Error):
            return self._sqlite_in_words(error)
        state = getattr(error, "sqlstate", None) or ""
        name = self.address.name
        if state == "55P03":
            return self._locked()
        if state in ("53100", "53200"):
            return Full(f"The database {name} has no room left; nothing was changed. Ask whoever keeps the server.")
        if state in ("25006", "42501"):
            return ReadOnly(f"The coding cannot be changed: {name} does not let this user write. Nothing was changed.")
        if not state or state[:2] in ("08", "28", "57", "3D"):
            return Unreachable(
                f"The database {name} cannot be reached or does not let you in ({self._why_not(error, state)}). Check "
                "the network, the address in study.toml and the password; nothing was changed."
            )
        said = self.unnamed(str(error))
        return CodingError(f"The database {name} refused the change, and nothing was changed ({said}).")

    def _why_not(self, error: BaseException | None, state: str) -> str:
        """Say why a server cannot be used, in words that name neither it nor whoever asked."""
        for begins, words in _WHY.items():
            if state.startswith(begins):
                return words
        said = str(error)
        return next((words for pattern, words in _SAID.items() if re.search(pattern, said)), self.unnamed(said))

    def unnamed(self, said: str) -> str:
        """Give what a server said without user, host and password: what a report says may go anywhere."""
        url = self.address.url
        said = " ".join(said.split())
        said = re.sub(r"(server|socket|host|user|role)( at| name)? [\"'][^\"']*[\"']", r"\1", said)
        for one in (url.password, url.host, url.username):
            if one:
                said = re.sub(rf"(?<!\w){re.escape(str(one))}(?!\w)", "…", said)
        return _NUMBERED.sub("…", said)

    def _sqlite_in_words(self, error: sqlite3.Error) -> CodingError:
        path = self.address.path
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (_BUSY, _LOCKED):
            return self._locked()
        if code == _FULL:
            return Full(
                f"The disk of {path} has no room left. Nothing was changed and nothing is lost: make room and do it "
                "again."
            )
        if code in (_CORRUPT, _NOTADB):
            return self.ask_again(str(error))
        if code == _READONLY:
            return self.cannot_write()
        if code in (_CANTOPEN, _IOERR):
            return NotNow(
                f"The database {path} cannot be read or written just now ({error}). Nothing was changed: check the "
                "disk and your rights on the folder, and do it again."
            )
        return CodingError(f"The database {path} refused the change, and nothing was changed ({error}).")

    def _locked(self) -> Locked:
        return Locked(
            f"Another process has been changing this coding ({self.address.name}) for more than "
            f"{self.busy_seconds:g} seconds. Nothing was changed: wait for it to end, or close it, and do this again."
        )


_WHY: Final = {
    "28": "it does not accept the user name or the password",
    "3D": "it holds no database of that name",
    "53": "it has no connection left",
    "57": "it is starting, stopping or was interrupted",
}
"""Why a server lets nobody in, by the beginning of its code (PostgreSQL, Appendix A, Error Codes)."""

_SAID: Final = {
    "too many (connections|clients)|connection slots": _WHY["53"],
    "starting up|shutting down": _WHY["57"],
    "password|authentication": _WHY["28"],
    "does not exist": _WHY["3D"],
    "refused": "nothing answers at the address",
    "timeout|timed out": "nothing answered in ten seconds",
    "resolve|translate host|Name or service|nodename": "no machine of that name is known",
    "SSL|certificate": "no safe connection could be agreed on",
    "closed|terminat": "the connection was cut",
}

_NUMBERED: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){2,7}[0-9a-fA-F:]*\b")


def _is_beside(path: Path, ending: str) -> bool:
    return path.with_name(f"{path.name}{ending}").exists()


def _holds_something(path: Path, ending: str) -> bool:
    with suppress(OSError):
        return path.with_name(f"{path.name}{ending}").stat().st_size > 0
    return False


def damaged(address: Address, what: str) -> Damaged:
    """Say that a file is damaged or no database of a coding, and how to go on without losing what can still be read."""
    path = address.path
    name = path.name if path is not None else address.name
    return Damaged(
        f"The database {path} {what}. It was not touched. Rename it to {name}.damaged and keep it: the coding is then "
        "rebuilt from coding.json as that was last written, without the log of changes.",
        what,
    )


def _refuse_second_name(path: Path) -> None:
    """Refuse a file with hard links: its log is found by its name, and under another name it has another log."""
    names = path.stat().st_nlink if path.exists() else 1
    if names > 1:
        # Whoever makes a database gives the finished file its name first, and then takes the first name away.
        names -= sum(identity(part) == identity(path) for part in path.parent.glob(f".{path.name}.*.part"))
    if names > 1:
        raise CodingError(
            f"The database {path} has {names} names (hard links), and what is written under one would be lost under "
            "the other. It was not opened: close the coding, copy the file and put the copy in its place, or delete "
            "the other name."
        )


def _others(names: set[str]) -> str:
    """Name a few tables of a database that is somebody else's."""
    few = sorted(names)[:3]
    more = f" and {len(names) - len(few):,} more" if len(names) > len(few) else ""
    return f" (its tables are {', '.join(few)}{more}), so another program made it" if few else ""


def table_names(connection: Connection) -> set[str]:
    """List the tables of the study's own schema."""
    if connection.dialect.name == "sqlite":
        return set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    wanted = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    return set(connection.execute(text(wanted)).scalars())
