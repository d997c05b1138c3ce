"""Whether a file is a database, which only SQLite may open: closing any other handle drops the locks of the process.

On POSIX systems a process that closes a file loses every lock it holds on it, whichever handle took them (SQLite, "How
To Corrupt An SQLite Database File", 2.2, https://www.sqlite.org/howtocorrupt.html). So nothing here, and nothing that
asks here first, reads a database by itself: a kernel may have it open.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import Final

ENDINGS: Final = (".db", ".sqlite", ".sqlite3", ".db3")
"""How the files of databases are usually called."""

SMALLEST: Final = 512
"""The smallest database, one page, in bytes; SQLite takes a file of a few bytes for an empty one."""

COMPANIONS: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, and holds locks on as well."""


def is_database(path: Path) -> bool:
    """Say whether a file is an SQLite database, or belongs to one, without opening it but through SQLite.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    bool
        True for what is called like a database or stands beside one as its journal, whatever is in it; of any other
        file SQLite itself is asked. False for what is not there, is empty or is no ordinary file.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> sqlite3.connect(folder / "kept").execute("CREATE TABLE t (x)").connection.close()
    >>> _ = (folder / "notes.txt").write_text("SQLite format 3 is a format.")
    >>> is_database(folder / "kept"), is_database(folder / "notes.txt")
    (True, False)
    """
    name = path.name.lower()
    for ending in COMPANIONS:
        base = name.removesuffix(ending)
        if base != name and (base.endswith(ENDINGS) or path.with_name(path.name[: -len(ending)]).exists()):
            return True
    try:
        found = os.stat(path)
    except OSError:
        return False
    if not stat.S_ISREG(found.st_mode):
        return False
    if name.endswith(ENDINGS):
        return True
    return found.st_size >= SMALLEST and _sqlite_reads(path)


def look_into(path: Path) -> sqlite3.Connection:
    """Open a database to be read as it lies there; whoever asks closes it.

    No lock is taken and no file is made beside it, and SQLite keeps track of what else it has open.

    Raises
    ------
    sqlite3.Error
        When it cannot be opened; what is in it is looked at with the first question only.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _sqlite_reads(path: Path) -> bool:
    try:
        connection = look_into(path)
    except (sqlite3.Error, ValueError):
        return False
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        # What is damaged behind its header is a database all the same.
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_CORRUPT
    finally:
        connection.close()
    return True
