"""What can be merged into a coding: a coding.json, study folder, database or project, read without changing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import Connection

from cop_analysis.realist.json_form import FILE
from cop_analysis.realist.model import Coding
from cop_analysis.realist.snapshot import read_coding
from cop_analysis.realist.store import log
from cop_analysis.realist.store.address import DATABASE_FILE, Address, find_address
from cop_analysis.realist.store.connect import Connector
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.migrate import version_of
from cop_analysis.realist.store.schema import SCHEMA_VERSION
from cop_analysis.realist.store.tombstones import Tombstones, clean_around
from cop_analysis.study.settings import FILE as SETTINGS_FILE
from cop_analysis.study.settings import read_settings


def read_source(path: Path) -> Coding:
    """Read a coding from a coding.json, a study folder, a database (.db) or a project (.qdpx).

    Raises
    ------
    CodingError
        When there is no such file, or it is none of these.
    StudyError
        When a coding.json is at fault.

    Examples
    --------
    >>> read_source(Path("nowhere.json"))
    Traceback (most recent call last):
    cop_analysis.realist.store.errors.CodingError: There is no file or folder nowhere.json.
    """
    if not path.exists():
        raise CodingError(f"There is no file or folder {path}.")
    address = _database_of(path)
    if address is not None:
        with _reading(address) as connection:
            state = log.load(connection)
            return Coding(replace(state.snapshot(), erased=Tombstones.of(connection, state.study).marks()))
    if path.is_dir():
        if (path / FILE).exists():
            return read_coding(path / FILE)
        raise CodingError(f"{path} holds no coding: neither {DATABASE_FILE} nor {FILE}.")
    if path.suffix.lower() == ".json":
        return read_coding(path)
    if path.suffix.lower() == ".qdpx":
        from cop_analysis.realist.exchange import read_qdpx

        coding, _ = read_qdpx(path)
        return coding
    raise CodingError(
        f"{path.name} is no coding that can be merged: give a .json, .db or .qdpx file, or a study folder."
    )


def read_pair(first: Path, second: Path) -> tuple[Coding, Coding, Coding | None]:
    """Read two codings that are to be merged, each without what was erased from the database of the other.

    Returns
    -------
    (Coding, Coding, Coding or None)
        The two, and the last state that the logs of their databases share.

    Raises
    ------
    CodingError, StudyError
        As `read_source` does.
    """
    one, other, base = read_source(first), read_source(second), None
    address = _database_of(first)
    if address is not None and _database_of(second) is not None:
        with _reading(address) as connection:
            base = shared_base(connection, one.study, second)
    of_one, of_other = _erased_from(first, one), _erased_from(second, other)
    marks, marks_of_other = ({mark.digest for mark in known.marks()} for known in (of_one, of_other))
    clean = clean_around(one.snapshot, marks, other.snapshot, marks_of_other)
    ours = Coding(of_other.keep_out(one.snapshot, clean).snapshot, one.read_text)
    theirs = Coding(of_one.keep_out(other.snapshot, clean).snapshot, other.read_text)
    if base is not None:
        for known in (of_one, of_other):
            base = Coding(known.keep_out(base.snapshot, ours.snapshot).snapshot)
    return ours, theirs, base


def shared_base(connection: Connection, study: str, other: Path) -> Coding | None:
    """Give the last state a log shares with that of another source; None where that has no log, or shares nothing.

    Two study folders of which one was once copied from the other have one log up to then.
    """
    address = _database_of(other)
    if address is None:
        return None
    with _reading(address) as theirs:
        seq = log.shared_until(connection, theirs)
    return Coding(log.state_at(connection, seq, study).snapshot()) if seq else None


def _erased_from(path: Path, coding: Coding) -> Tombstones:
    """Give what a source remembers of erasures."""
    address = _database_of(path)
    if address is None:
        return Tombstones(coding.study, coding.snapshot.erased)
    with _reading(address) as connection:
        return Tombstones.of(connection, log.read_head(connection).study)


def _database_of(path: Path) -> Address | None:
    """Say in which database a source is kept; None where it is in a file of another kind."""
    if path.is_dir():
        settings = read_settings(path).config if (path / SETTINGS_FILE).is_file() else None
        if settings is not None and settings.coding.database:
            return find_address(path, settings.key, settings.coding.database)
        return _file(path / DATABASE_FILE) if (path / DATABASE_FILE).exists() else None
    return _file(path) if path.suffix.lower() in (".db", ".sqlite", ".sqlite3") else None


def _file(path: Path) -> Address:
    return find_address(path.parent, "coding", f"sqlite:///{path.absolute()}")


@contextmanager
def _reading(address: Address) -> Iterator[Connection]:
    connector = Connector(address, read_only=True)
    try:
        with connector.reading() as connection:
            found = version_of(connection)
            if found != SCHEMA_VERSION:
                raise CodingError(
                    f"{address.name} has the schema version {found or 'of no coding'} and not {SCHEMA_VERSION}: open "
                    "it once with the workbench it belongs to, or merge its coding.json."
                )
            yield connection
    finally:
        connector.close()
