"""A copy of a study that others may be working in: SQLite copies the database, for a copied file may be half of two.

A live database and its log are copied at different moments by anything that copies files (SQLite, "How To Corrupt An
SQLite Database File", 1.2, https://www.sqlite.org/howtocorrupt.html).
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cop_analysis.files import is_database
from cop_analysis.realist.store.address import DATABASE_FILE, find_address
from cop_analysis.realist.store.connect import Connector
from cop_analysis.realist.store.errors import CodingError

if TYPE_CHECKING:
    from cop_analysis.study import Study

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
        part.rename(to)
    except (OSError, shutil.Error, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise CodingError(f"{to} could not be written ({reason}). Nothing was copied.") from None
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
