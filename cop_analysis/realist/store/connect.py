"""Connections to a coding's database: how each is set up, transactions that read or write, errors in plain words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cop_analysis.realist.store.address import Address
from cop_analysis.realist.store.errors import CodingError, Damaged, Full, Locked, NotNow, ReadOnly, Unreachable

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
        self.busy_seconds = busy_seconds
        self.read_only = read_only
        self._engine: Engine | None = None
        self._process = os.getpid()

    @property
    def engine(self) -> Engine:
        """The engine of this process; one that was inherited by a fork is left to the parent."""
        if self._engine is not None and self._process != os.getpid():
            self._engine.dispose(close=False)
            self._engine = None
        if self._engine is None:
            self._process = os.getpid()
            self._engine = self._sqlite() if self.address.path is not None else self._postgresql()
        return self._engine

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file."""
        return self.address.path is not None

    def close(self) -> None:
        """Close every connection."""
        if self._engine is not None:
            self._engine.dispose(close=self._process == os.getpid())
            self._engine = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in a transaction that sees one moment of the database."""
        with self.translated(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that no other writer can be in; committed at the end, or nothing is."""
        if self.read_only:
            raise self.cannot_write()
        with self.translated(), self.engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Give a connection outside any transaction, for what the database does to its own files."""
        with self.translated(), self.engine.connect() as connection:
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
            "right to write there, or copy the study folder to a place of your own."
        )

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the database's errors into sentences."""
        try:
            yield
        except DBAPIError as error:
            raise self._in_words(error.orig) from error
        except sqlite3.Error as error:
            raise self._in_words(error) from error
        except SQLAlchemyError as error:
            raise CodingError(f"The database of the coding ({self.address.name}) refused: {error}.") from error

    # --- the parts --------------------------------------------------------------------------------------------------

    def _sqlite(self) -> Engine:
        from sqlalchemy.pool import NullPool, QueuePool

        # What was read without locks is not kept: each look at a file that may only be read opens it anew.
        kept: dict[str, Any] = {"poolclass": NullPool}
        if not self.read_only:
            kept = {"poolclass": QueuePool, "pool_size": 2, "max_overflow": 8}
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

    def _open_file(self) -> sqlite3.Connection:
        path = self.address.path
        assert path is not None
        way = "mode=rw"
        if self.read_only:
            # Without the right to write, the shared memory of a write-ahead log cannot be made. A file nobody else
            # has open is read as it is.
            journal = path.with_name(f"{path.name}-wal")
            way = "mode=ro" if journal.exists() and journal.stat().st_size else "mode=ro&immutable=1"
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?{way}",
            uri=True,
            timeout=max(self.busy_seconds, 0.0),
            check_same_thread=False,
            isolation_level=None,
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
                cursor.execute(f"SET lock_timeout TO {max(1, int(self.busy_seconds * 1000))}")
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
        said = " ".join(str(error).split())
        if not state or state[:2] in ("08", "28", "57", "3D"):
            return Unreachable(
                f"The database {name} cannot be reached or does not let you in ({said}). Check the network, the "
                "address in study.toml and the password; nothing was changed."
            )
        return CodingError(f"The database {name} refused the change, and nothing was changed ({said}).")

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
            return damaged(self.address, str(error))
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


def damaged(address: Address, said: str) -> Damaged:
    """Say that a database file is damaged, and how to go on without losing what can still be read."""
    path = address.path
    name = path.name if path is not None else address.name
    return Damaged(
        f"The database {path} is damaged ({said}). It was not touched. Rename it to {name}.damaged and keep it: the "
        "coding is then rebuilt from coding.json as that was last written, without the log of changes."
    )


def table_names(connection: Connection) -> set[str]:
    """List the tables of the study's own schema."""
    if connection.dialect.name == "sqlite":
        return set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    wanted = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    return set(connection.execute(text(wanted)).scalars())
