"""The door through which every file from outside comes in; what is refused here is opened nowhere.

A study comes from other people's computers and mail. A pipe would wait for ever, a device never ends, a sparse file of
a few kilobytes can claim terabytes, and a link can lead to a file that is nobody's business. Each is told by looking,
before anything is read; what is read never exceeds what its reader said it can hold.

A database is left to SQLite. On POSIX systems a process that closes a file loses every lock it holds on it, whichever
handle took them (SQLite, "How To Corrupt An SQLite Database File", 2.2, https://www.sqlite.org/howtocorrupt.html). So
nothing here, and nothing that asks here first, reads a database by itself: a kernel may have it open.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

MOST_SETTINGS: Final = 4 * 2**20
"""The largest study.toml, in bytes; one of a large study has some 30,000."""
MOST_TABLE: Final = 128 * 2**20
"""The largest table (CSV), in bytes; the survey of 10,000 people at two times has some 10 million."""
MOST_TEXT: Final = 64 * 2**20
"""The largest text, in bytes; a transcript of 30,000 words has about 200,000."""
MOST_CODING: Final = 256 * 2**20
"""The largest coding.json, in bytes; one of 50,000 extracts has some 30 million."""
MOST_ARCHIVE: Final = 4 * 2**30
"""The largest ZIP file or database that is looked into, in bytes; their parts have limits of their own."""

_KINDS: Final = (
    (stat.S_ISDIR, "is a folder, not a file"),
    (stat.S_ISFIFO, "is a pipe, not a file"),
    (stat.S_ISSOCK, "is a socket, not a file"),
    (stat.S_ISCHR, "is a device, not a file"),
    (stat.S_ISBLK, "is a device, not a file"),
)
# A pipe that becomes one after it was looked at must not hold the reader; Windows has neither flag.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)
_PIECE: Final = 2**20


class FileRefusedError(ValueError):
    """A file is not opened; the message says why and what to do about it.

    Parameters
    ----------
    rule : str
        What is wrong, as the rest of a sentence about the file: ``"is a pipe, not a file"``.
    remedy : str
        What to do, as an instruction without a full stop.
    """

    def __init__(self, rule: str, remedy: str) -> None:
        self.rule, self.remedy = rule, remedy
        super().__init__(f"{rule}: {remedy}")

    def __reduce__(self) -> tuple[type[FileRefusedError], tuple[str, str]]:
        return type(self), (self.rule, self.remedy)


def judge_file(path: Path | str, *, most: int, inside: Path | None = None, database: bool = False) -> Path:
    """Judge a file by its kind, its links and its size, without opening it.

    Parameters
    ----------
    path : path
    most : int
        The most bytes its reader can hold. A sparse file is as large as it claims to be.
    inside : path, optional
        The folder it must lie in once every link is followed.
    database : bool
        Whether it may be a database, for the one reader that hands it to SQLite.

    Returns
    -------
    pathlib.Path
        Where it lies, no link left in the path.

    Raises
    ------
    FileRefusedError
        When it is no ordinary file, is larger, leads out of the folder, or is a database, which only SQLite may open.
    OSError
        When it is not there or may not be looked at.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "people.csv").symlink_to("/etc/hostname")
    >>> judge_file(folder / "people.csv", most=MOST_TABLE, inside=folder)
    Traceback (most recent call last):
    ...
    cop_analysis.files.door.FileRefusedError: leads outside the study folder: put the file itself in there
    >>> judge_file(folder, most=MOST_TABLE)
    Traceback (most recent call last):
    ...
    cop_analysis.files.door.FileRefusedError: is a folder, not a file: put the file itself in its place
    """
    try:
        real = Path(path).resolve(strict=True)
        if inside is not None and not real.is_relative_to(inside.resolve()):
            raise FileRefusedError("leads outside the study folder", "put the file itself in there")
    except RuntimeError:
        raise FileRefusedError("is a link that leads in a circle", "put the file itself in its place") from None
    except OSError as error:
        if Path(path).is_symlink():
            raise FileRefusedError("is a link that leads to no file", "put the file itself in its place") from error
        raise
    _judge(os.stat(real, follow_symlinks=False), most)
    if not database and is_database(real):
        raise FileRefusedError("is a database, which only its own program may open", "export what it holds as a file")
    return real


def _judge(found: os.stat_result, most: int) -> None:
    for is_kind, rule in _KINDS:
        if is_kind(found.st_mode):
            raise FileRefusedError(rule, "put the file itself in its place")
    if not stat.S_ISREG(found.st_mode):
        raise FileRefusedError("is no ordinary file", "put the file itself in its place")
    if found.st_size > most:
        _too_large(found.st_size, most)


def _too_large(size: int, most: int) -> None:
    held = f"{size / 2**20:,.0f} MB" if size >= 2**20 else f"{size:,} bytes"
    limit = f"{most / 2**20:,.0f} MB" if most >= 2**20 else f"{most:,} bytes"
    raise FileRefusedError(f"holds {held}, more than the {limit} read here", "see whether it is the right file")


@contextmanager
def open_file(path: Path | str, *, most: int, inside: Path | None = None) -> Iterator[BinaryIO]:
    """Open a file that has been judged, to be read; what it is is judged a second time once it is open.

    Parameters, returns and errors are those of `judge_file`, and the file is closed at the end.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_bytes(b"person")
    >>> with open_file(path, most=MOST_TABLE) as file:
    ...     file.read(3)
    b'per'
    """
    real = judge_file(path, most=most, inside=inside)
    with open(os.open(real, _FLAGS), "rb") as file:
        _judge(os.fstat(file.fileno()), most)
        yield file


def read_file(path: Path | str, *, most: int, inside: Path | None = None) -> bytes:
    """Read a file whole.

    Parameters
    ----------
    path : path
    most : int
        The most bytes that are read. A file that grows past it meanwhile is refused as one that was too large.
    inside : path, optional
        The folder it must lie in once every link is followed.

    Raises
    ------
    FileRefusedError
        When it is no ordinary file, is larger, or leads out of the folder.
    OSError
        When it is not there or may not be read.

    Examples
    --------
    >>> import os, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_bytes(b"person")
    >>> read_file(path, most=6)
    b'person'
    >>> read_file(path, most=5)
    Traceback (most recent call last):
    ...
    cop_analysis.files.door.FileRefusedError: holds 6 bytes, more than the 5 bytes read here: see whether it is the \
right file
    """
    with open_file(path, most=most, inside=inside) as file:
        # What /proc and some network drives hold has no size until it is read.
        content = file.read(most + 1)
    if len(content) > most:
        _too_large(len(content), most)
    return content


def starts_with(path: Path | str, count: int, *, most: int = MOST_ARCHIVE) -> bytes:
    """Read the first bytes of a file, by which its kind is told; errors are those of `read_file`."""
    with open_file(path, most=most) as file:
        return file.read(count)


def fingerprint(path: Path | str, *, most: int, inside: Path | None = None) -> tuple[int, str]:
    """Give the size and the SHA-256 of a file, read piece by piece; errors are those of `read_file`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_bytes(b"person")
    >>> fingerprint(path, most=MOST_TABLE)[0]
    6
    """
    digest, size = hashlib.sha256(), 0
    with open_file(path, most=most, inside=inside) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            if size > most:
                _too_large(size, most)
    return size, digest.hexdigest()


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
