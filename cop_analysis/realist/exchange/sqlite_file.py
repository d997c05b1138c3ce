"""Opening SQLite databases that came from elsewhere: read only, nothing in them run, ordinary tables only."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from cop_analysis.files import MOST_ARCHIVE, judge_file
from cop_analysis.files.databases import look_into
from cop_analysis.realist.exchange.report import ExchangeError, refusing

LARGEST_VALUE: Final = 256 * 2**20
"""The largest value that is read from one cell, in bytes."""


class Database:
    """A SQLite file opened to be read and nothing else.

    Parameters
    ----------
    path : path
    what : str
        What the file should be, for messages: ``"Taguette project (.sqlite3)"``.
    needed : mapping of str to tuple of str
        The tables and columns without which it is not one.

    Raises
    ------
    ExchangeError
        When it is no SQLite database, is damaged, still open elsewhere, or is not what it should be.
    OSError
        When it cannot be opened.
    """

    def __init__(self, path: Path, what: str, needed: Mapping[str, tuple[str, ...]]) -> None:
        self.path, self.what = path, what
        if not path.exists():
            raise ExchangeError(f"There is no file {path}.")
        if path.is_dir():
            raise ExchangeError(f"{path} is a folder, where a {what} is due: name the file.")
        with refusing(path):
            judge_file(path, most=MOST_ARCHIVE, database=True)
        if not os.access(path, os.R_OK):
            raise ExchangeError(f"{path.name} cannot be read: close it in other programs and check that you may.")
        if not path.stat().st_size:
            raise ExchangeError(f"{path.name} is no SQLite database, which a {what} is: it is empty.")
        for ending in ("-wal", "-journal"):
            beside = path.with_name(path.name + ending)
            if beside.exists() and beside.stat().st_size:
                raise ExchangeError(
                    f"{path.name} was not read: another program has it open or did not close it ({beside.name} holds "
                    "changes); close that program first."
                )
        try:
            self.connection = look_into(path)
        except sqlite3.Error:
            raise self._damaged() from None
        try:
            self._prepare(needed)
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def has(self, table: str) -> bool:
        """Say whether it has an ordinary table of that name."""
        return table in self.columns

    def rows(self, table: str, wanted: tuple[str, ...], order: str = "rowid") -> Iterator[dict[str, Any]]:
        """Give the rows of a table as dictionaries of the wanted columns; None for a column it does not have.

        `table`, `wanted` and `order` come from this package, never from a file.
        """
        if table not in self.columns:
            return
        present = [name for name in wanted if name in self.columns[table]]
        selected = ", ".join(f'"{name}"' for name in present) or "NULL"
        try:
            cursor = self.connection.execute(f'SELECT {selected} FROM "{table}" ORDER BY {order}')
            for values in cursor:
                found = dict(zip(present, values, strict=False))
                yield {name: _text(found.get(name)) for name in wanted}
        except (sqlite3.Error, OverflowError, MemoryError):
            raise self._damaged() from None

    def _prepare(self, needed: Mapping[str, tuple[str, ...]]) -> None:
        try:
            self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
            # What is not text in the encoding it claims is read all the same, with marks where it is broken.
            self.connection.text_factory = lambda content: content.decode("utf-8", "replace")
            self.connection.execute("PRAGMA trusted_schema = OFF")
            self.connection.execute("PRAGMA cell_size_check = ON")
            tables = self.connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
            self.columns: dict[str, set[str]] = {}
            for name, sql in tables:
                # A view or a virtual table can run whatever its maker wrote; only ordinary tables are looked at.
                if not str(sql).upper().split("(")[0].startswith("CREATE VIRTUAL"):
                    described = self.connection.execute("SELECT name FROM pragma_table_info(?)", (name,))
                    self.columns[str(name)] = {str(column) for (column,) in described}
        except sqlite3.Error as error:
            if (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_NOTADB:
                raise ExchangeError(f"{self.path.name} is no SQLite database, which a {self.what} is.") from None
            raise self._damaged() from None
        for table, columns in needed.items():
            absent = [name for name in columns if name not in self.columns.get(table, set())]
            if table not in self.columns:
                raise ExchangeError(f"{self.path.name} is no {self.what}: it has no table {table}.")
            if absent:
                raise ExchangeError(
                    f"{self.path.name} is no {self.what} of a version read here: its table {table} has no column "
                    f"{', '.join(absent)}."
                )

    def _damaged(self) -> ExchangeError:
        return ExchangeError(
            f"{self.path.name} is a damaged database; open it in the program it came from and save a copy."
        )


def _text(value: object) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def number(value: object) -> int | None:
    """Read a whole number from a cell that may hold anything.

    Examples
    --------
    >>> number(3), number("4"), number(None), number("x"), number(2.5)
    (3, 4, None, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    try:
        return int(str(value))
    except ValueError:
        return None


def words(value: object) -> str:
    """Read a text from a cell that may hold anything."""
    return "" if value is None else str(value)
