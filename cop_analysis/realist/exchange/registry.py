"""The kinds of file that hold a coding: found by looking in `formats`, so that adding one is one file.

A kind says what it is called, how a file of it is known by what it holds, and how it is read and written.
"""

from __future__ import annotations

import pkgutil
import re
import sqlite3
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cop_analysis.files import starts_with, wide_encoding
from cop_analysis.files.door import SMALLEST, look_into
from cop_analysis.realist.documents.containers import Archive, ExchangeError, refusing
from cop_analysis.realist.exchange.offsets import KnownDocuments
from cop_analysis.realist.exchange.report import ExchangeReport
from cop_analysis.realist.model import Coding, Snapshot

if TYPE_CHECKING:
    import pandas as pd

_HEAD: Final = 65_536
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})[\s>/]")


@dataclass(frozen=True)
class Seen:
    """What a file shows of itself before it is read.

    Parameters
    ----------
    path : pathlib.Path
    tables : frozenset of str or None
        The tables of an SQLite database; None where the file is none.
    parts : tuple of str or None
        The names in a ZIP file, in small letters; None where the file is none.
    text : str
        How any other file begins.
    """

    path: Path
    tables: frozenset[str] | None = None
    parts: tuple[str, ...] | None = None
    text: str = ""

    @property
    def is_markup(self) -> bool:
        """Whether it begins as XML does."""
        return re.match(r"\s*<", self.text) is not None

    @property
    def root(self) -> str:
        """The name of the first element of an XML file; empty where there is none.

        Examples
        --------
        >>> Seen(Path("any"), text="<?xml version='1.0'?><!-- from elsewhere --><q:CodeBook>").root
        'CodeBook'
        """
        text = re.sub(r"<\?.*?\?>|<!--.*?-->", "", self.text, flags=re.DOTALL)
        match = _ROOT.search(text)
        return match[1] if match is not None and not text[: match.start()].strip() else ""


@dataclass(frozen=True)
class HowToRead:
    """What was said of how a file is to be read.

    Parameters
    ----------
    offsets, line_breaks : str
        As `read_qdpx` takes them.
    project : str
        Which project, where a file holds several.
    known : KnownDocuments, optional
        The documents a table of passages may be about.
    """

    offsets: str = "auto"
    line_breaks: str = "auto"
    project: str = ""
    known: KnownDocuments | None = None


@dataclass(frozen=True)
class HowToWrite:
    """What was said of how a file is to be written.

    Parameters
    ----------
    overwrite : bool
    offsets : str
        As `write_qdpx` takes them.
    files : path, optional
        Where the files of the documents lie.
    title : str
    tables : callable, optional
        Gives further tables by their titles.
    """

    overwrite: bool = True
    offsets: str = "codepoint"
    files: Path | None = None
    title: str = ""
    tables: Callable[[], Mapping[str, pd.DataFrame]] | None = None


def _as_they_are(snapshot: Snapshot, path: Path, project: str) -> Snapshot:
    return snapshot


@dataclass(frozen=True)
class Format:
    """A kind of file that holds a coding.

    Parameters
    ----------
    name : str
        What it is chosen by, and the ending of a file of it.
    title : str
        What a file of it is called.
    purpose : str
        What it is good for.
    recognise : callable, optional
        Says whether a file is one, by what it shows; None where none is read.
    read : callable, optional
    write : callable, optional
    own_names : callable, optional
        Makes identifiers that only number a file's records mean the same record each time: given the records, the file
        and the project.
    """

    name: str
    title: str
    purpose: str
    recognise: Callable[[Seen], bool] | None = None
    read: Callable[[Path, HowToRead], tuple[Coding, ExchangeReport]] | None = None
    write: Callable[[Coding, Path, HowToWrite], ExchangeReport] | None = None
    own_names: Callable[[Snapshot, Path, str], Snapshot] = _as_they_are


@cache
def formats() -> Mapping[str, Format]:
    """Give every kind of file by its name.

    Examples
    --------
    >>> sorted(formats())
    ['csv', 'docx', 'qdc', 'qdpx', 'qualcoder', 'taguette', 'xlsx']
    >>> [name for name, one in sorted(formats().items()) if one.write]
    ['csv', 'docx', 'qdc', 'qdpx', 'xlsx']
    """
    package = f"{__package__}.formats"
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(import_module(package).__path__):
        for one in import_module(f"{package}.{module.name}").FORMATS:
            found[one.name] = one
    return found


def recognise(path: Path) -> Format | None:
    """Say of which kind a file or folder is, by what it holds; None where it is a text and no coding.

    Raises
    ------
    ExchangeError
        When it is nothing that can be brought in, in one sentence that says what it is and what to do instead.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "any.name"
    >>> _ = place.write_text("<CodeBook xmlns='urn:QDA-XML:codebook:1.0'/>")
    >>> recognise(place).title
    'REFI-QDA codebook'
    """
    seen = _look(path)
    kind = next((one for one in formats().values() if one.recognise is not None and one.recognise(seen)), None)
    if kind is None:
        _refuse_what_is_none(seen)
    return kind


def _look(path: Path) -> Seen:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise ExchangeError(f"There is no file {path}.") from None
    if stat.S_ISDIR(mode):
        return Seen(path)
    if not stat.S_ISREG(mode):
        raise ExchangeError(f"{path} is a device or a pipe and no file: name a file.")
    if path.stat().st_size == 0:
        raise ExchangeError(f"{path.name} is an empty file: choose the one that holds the project.")
    tables = database_tables(path)
    if tables is not None:
        return Seen(path, tables=frozenset(tables))
    with refusing(path):
        head = starts_with(path, _HEAD)
    if head.startswith(b"PK"):
        with Archive(path, "project or workbook") as archive:
            return Seen(path, parts=tuple(name.replace("\\", "/").casefold() for name in archive.names))
    return Seen(path, text=_plain(head))


def _refuse_what_is_none(seen: Seen) -> None:
    """Refuse a file that is neither a coding nor a text."""
    path = seen.path
    if path.is_dir():
        if (path / "study.toml").is_file():
            raise ExchangeError(f"{path} is a study folder: bring its coding in with `cop coding merge STUDY {path}`.")
        raise ExchangeError(f"{path} is a folder and no QualCoder project (it holds no data.qda): name the file.")
    is_ours = seen.tables is not None and {"head", "entry", "change"} <= seen.tables
    if is_ours or re.match(r'\s*\{\s*"schema"', seen.text):
        raise ExchangeError(
            f"{path.name} is a coding of this workbench: bring it in with `cop coding merge STUDY {path.name}`."
        )
    if seen.tables is not None:
        raise ExchangeError(
            f"{path.name} is a database that is damaged, or of neither Taguette nor QualCoder; open it in the program "
            "it came from and save a copy."
        )
    if seen.parts is not None and not any(name.startswith("word/") for name in seen.parts):
        raise ExchangeError(f"{path.name} is a ZIP file with neither a project nor a workbook in it. {_what_can()}")
    if seen.is_markup:
        raise ExchangeError(f"{path.name} is XML whose first element is {seen.root[:60] or 'none'}. {_what_can()}")


def _what_can() -> str:
    return (
        "What can be brought in: REFI-QDA (.qdpx, .qde, .qdc), Taguette, QualCoder, a table of coded segments (CSV, "
        "xlsx), and texts (Word, captions, plain text)."
    )


def database_tables(path: Path) -> set[str] | None:
    """Give the tables of an SQLite database; None where the file is none.

    Only SQLite opens the file: any other handle of a database that this process has open would drop its locks.
    """
    if path.stat().st_size < SMALLEST:
        return None
    try:
        connection = look_into(path)
    except sqlite3.Error:
        return None
    try:
        connection.text_factory = lambda content: content.decode("utf-8", "replace")
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {str(name) for (name,) in found}
    except sqlite3.DatabaseError as error:
        is_none = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_NOTADB
        return None if is_none else set()
    finally:
        connection.close()


def _plain(head: bytes) -> str:
    even = head[: len(head) // 2 * 2]
    return head.decode(wide_encoding(even) or "utf-8", "replace").lstrip("\ufeff")
