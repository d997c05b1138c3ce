"""Opening a study's coding, reading one that is to be merged, and copying a study with its database."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy.engine import Connection

from cop_analysis.files import is_database, is_full, place_folder, reason_of
from cop_analysis.realist.coding import agree
from cop_analysis.realist.coding.kept import KeptCoding
from cop_analysis.realist.erasure.tombstones import Tombstones, clean_around, take_over
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.coding import read_coding
from cop_analysis.realist.model.json_form import FILE
from cop_analysis.realist.store import log
from cop_analysis.realist.store.address import DATABASE_FILE, Address, find_address
from cop_analysis.realist.store.connect import BUSY_SECONDS, Connector
from cop_analysis.realist.store.errors import CodingError, Damaged, Full
from cop_analysis.realist.store.migrate import version_of
from cop_analysis.realist.store.schema import SCHEMA_VERSION
from cop_analysis.realist.store.store import Store
from cop_analysis.study.faults import StudyError, summarise, visible
from cop_analysis.study.settings import FILE as SETTINGS_FILE
from cop_analysis.study.settings import read_settings

if TYPE_CHECKING:
    from cop_analysis.study import Study


def open_coding(path: Path | str, study: Study | None = None, *, busy_seconds: float = BUSY_SECONDS) -> KeptCoding:
    """Open the coding of a study folder, to be read and changed.

    Parameters
    ----------
    path : path
        The study folder, or the coding.json in it.
    study : Study, optional
        Whose documents `Coding.text` reads, and whose study.toml may say where the database is.
    busy_seconds : float
        How long a change waits for that of another process.

    Returns
    -------
    KeptCoding
        A folder without coding gives an empty one; its database is made by the first change.

    Raises
    ------
    CodingError
        When the database is damaged, newer than this workbench or cannot be reached.
    StudyError
        When coding.json is at fault.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> coding = open_coding(folder)
    >>> _ = coding.add_coder("coder-a", "Coder A")
    >>> _ = coding.add_code("Trust in peers")
    >>> coding.codes["name"].tolist(), [change.verb for change in coding.log.changes()]
    (['Trust in peers'], ['add_coder', 'add_code'])
    >>> coding.undo().verb, coding.codes["name"].tolist()
    ('add_code', [])
    >>> coding.close()
    """
    folder = Path(path)
    is_the_file = folder.name == FILE or (folder.suffix == ".json" and not folder.is_dir())
    folder = folder.parent if is_the_file else folder
    key = folder.resolve().name if study is None else study.key
    setting = "" if study is None else study.config.coding.database
    address = find_address(folder, key or "coding", setting)
    store = Store(address, agree.first_of(folder, key), take_over, busy_seconds=busy_seconds)
    return KeptCoding(store, None if study is None else study.read_document, study)


def start_coding(study: Study) -> KeptCoding:
    """Begin the coding of a study that has none.

    Raises
    ------
    CodingError
        When the study was made without a folder to keep it in.
    """
    if study.folder is None:
        raise CodingError("This study was made of tables without a folder, so there is no place to keep a coding.")
    return open_coding(study.folder, study)


def read_source(path: Path) -> Coding:
    """Read a coding from a coding.json, a study folder, a database (.db) or a project (.qdpx).

    Raises
    ------
    CodingError
        When there is no such file, or it is none of these.
        A coding.json at fault is named by its path, with its faults.

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
            return _read_given(path / FILE)
        raise CodingError(f"{path} holds no coding: neither {DATABASE_FILE} nor {FILE}.")
    if path.suffix.lower() == ".json":
        return _read_given(path)
    if path.suffix.lower() == ".qdpx":
        from cop_analysis.realist.exchange import read_qdpx

        coding, _ = read_qdpx(path)
        return coding
    raise CodingError(
        f"{path.name} is no coding that can be merged: give a .json, .db or .qdpx file, or a study folder."
    )


def _read_given(path: Path) -> Coding:
    """Read a coding.json somebody gave; what is wrong with it is said of that file, and not of the study."""
    try:
        return read_coding(path, given=True)
    except StudyError as fault:
        errors = [one for one in fault.faults if one.severity == "error"]
        listed = "\n".join(summarise(errors))
        raise CodingError(
            f"{visible(str(path), 600)} cannot be read as a coding. Nothing was changed.\n{listed}"
        ) from None


def read_pair(first: Path, second: Path) -> tuple[Coding, Coding, Coding | None]:
    """Read two codings that are to be merged, each without what was erased from the database of the other.

    Returns
    -------
    (Coding, Coding, Coding or None)
        The two, and the last state that the logs of their databases share.

    Raises
    ------
    CodingError
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
        return _file(path / DATABASE_FILE) if os.path.lexists(path / DATABASE_FILE) else None
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
    except Damaged as fault:
        # What to do about a damaged database is said to those whose own it is; this one is somebody else's file.
        raise CodingError(
            f"{address.path or address.name} cannot be merged: it {fault.what}. Nothing was changed, neither here nor "
            "there. Merge another copy of it, or the coding.json that was written from it."
        ) from None
    finally:
        connector.close()


_LEFT_OUT: Final = (".writer", ".part", ".part-journal")


def copy_study(study: Study, to: Path | str) -> Path:
    """Copy a study to a new folder, its coding as it is at one moment, whoever works in it meanwhile.

    Parameters
    ----------
    study : Study
    to : path
        A folder that is not there yet.

    Returns
    -------
    pathlib.Path
        The new study folder, which can be opened, changed, and merged with the old one.

    Raises
    ------
    CodingError
        When the folder is there, lies in the study, cannot be written, or the coding is kept outside the study folder.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.study import new_study, open_study
    >>> place = Path(tempfile.mkdtemp())
    >>> copy_study(open_study(new_study(place / "forum")), place / "mine").name
    'mine'
    """
    if study.folder is None:
        raise CodingError("This study was made of tables without a folder, so there is no folder to copy.")
    folder, to = study.folder.resolve(), Path(to)
    address = find_address(folder, study.key, study.config.coding.database)
    if address.path is None or address.path.resolve() != folder / DATABASE_FILE:
        raise CodingError(
            f"The coding is not kept in the study folder but where study.toml says ({address.name}), and a copy would "
            "work on the same one. Nothing was copied: open the study as it is, or ask whoever keeps the database for "
            "the right to write."
        )
    if os.path.lexists(to):
        raise CodingError(f"{to} is there already. Nothing was copied: name a folder that is not there yet.")
    if to.resolve().is_relative_to(folder):
        raise CodingError(f"{to} would lie in the study itself. Nothing was copied: name a folder outside it.")
    part = to.with_name(f".{to.name}.{secrets.token_hex(4)}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        # coding.json first: the database, copied after it, then knows that it wrote it.
        shutil.copytree(folder, part, symlinks=True, ignore=_not_copied, copy_function=shutil.copyfile)
        for inside, _, _ in os.walk(part):
            # What may only be read there may be written here.
            Path(inside).chmod(Path(inside).stat().st_mode | 0o700)
        _copy_database(address.path, part / DATABASE_FILE, Connector(address, read_only=True))
        place_folder(part, to)
    except (OSError, sqlite3.Error) as error:
        reason = reason_of(error) if isinstance(error, OSError) else " ".join(str(error).split())
        kind = Full if isinstance(error, OSError) and is_full(error) else CodingError
        raise kind(f"{to} could not be written ({reason}). Nothing was copied.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return to


def _not_copied(place: str, names: list[str]) -> set[str]:
    """Say what no copy of files may hold: databases, what goes with them, and what is no file."""
    paths = {name: Path(place) / name for name in names}
    return {
        name
        for name, path in paths.items()
        if name.endswith(_LEFT_OUT) or is_database(path) or not (path.is_symlink() or path.is_file() or path.is_dir())
    }


def _copy_database(path: Path, to: Path, connector: Connector) -> None:
    try:
        if not path.exists():
            return
        connector.look_through()
        copy = sqlite3.connect(to)
        try:
            with connector.alone() as connection:
                held = connection.connection.driver_connection
                assert isinstance(held, sqlite3.Connection)
                held.backup(copy)
            # What the copy is written with is decided where it is opened.
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
    finally:
        connector.close()
