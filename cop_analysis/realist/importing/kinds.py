"""Which kind of project a file is, and how its offsets would be read."""

from __future__ import annotations

import re
import sqlite3
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cop_analysis.files import starts_with, wide_encoding
from cop_analysis.files.databases import SMALLEST, look_into
from cop_analysis.realist.documents.containers import Archive, ExchangeError, refusing
from cop_analysis.realist.model import Coding
from cop_analysis.study.faults import visible

Kind = Literal["qdpx", "qdc", "taguette", "qualcoder", "segments", "document"]
"""What can be brought in: a REFI-QDA project or codebook, Taguette, QualCoder, a table of coded segments, a text."""

WORDS: Final[dict[str, str]] = {
    "qdpx": "REFI-QDA project",
    "qdc": "REFI-QDA codebook",
    "taguette": "Taguette project",
    "qualcoder": "QualCoder project",
    "segments": "table of coded segments",
    "document": "text",
}

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})[\s>/]")

_HEAD: Final = 65_536

_CAN: Final = (
    "What can be brought in: REFI-QDA (.qdpx, .qde, .qdc), Taguette, QualCoder, a table of coded segments (CSV, xlsx), "
    "and texts (Word, captions, plain text)."
)


def recognise(path: Path) -> Kind:
    """Say what a file or folder is.

    Raises
    ------
    ExchangeError
        When it is nothing that can be brought in, in one sentence that says what it is and what to do instead.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "any.name"
    >>> _ = place.write_text("<CodeBook xmlns='urn:QDA-XML:codebook:1.0'/>")
    >>> recognise(place)
    'qdc'
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise ExchangeError(f"There is no file {path}.") from None
    if stat.S_ISDIR(mode):
        return _folder(path)
    if not stat.S_ISREG(mode):
        raise ExchangeError(f"{path} is a device or a pipe and no file: name a file.")
    if path.stat().st_size == 0:
        raise ExchangeError(f"{path.name} is an empty file: choose the one that holds the project.")
    tables = database_tables(path)
    if tables is not None:
        return _database(path, tables)
    with refusing(path):
        head = starts_with(path, _HEAD)
    if head.startswith(b"PK"):
        return _archive(path)
    text = _plain(head)
    if re.match(r"\s*<", text):
        root = _root(text)
        if root == "Project" or re.match(r"\s*(?:<\?[^>]{0,400}>\s*)?<!DOCTYPE", text, re.IGNORECASE):
            # A document type is refused by the reader, which says why.
            return "qdpx"
        if root == "CodeBook":
            return "qdc"
        raise ExchangeError(f"{path.name} is XML whose first element is {root[:60] or 'none'}. {_CAN}")
    if re.match(r'\s*\{\s*"schema"', text):
        raise ExchangeError(
            f"{path.name} is a coding of this workbench: bring it in with `cop coding merge STUDY {path.name}`."
        )
    return "segments" if _is_table(text) else "document"


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


def _folder(path: Path) -> Kind:
    if (path / "data.qda").is_file():
        return "qualcoder"
    if (path / "study.toml").is_file():
        raise ExchangeError(f"{path} is a study folder: bring its coding in with `cop coding merge STUDY {path}`.")
    raise ExchangeError(f"{path} is a folder and no QualCoder project (it holds no data.qda): name the file.")


def _database(path: Path, tables: set[str]) -> Kind:
    if {"projects", "highlights"} <= tables:
        return "taguette"
    if {"source", "code_name"} <= tables:
        return "qualcoder"
    if {"head", "entry", "change"} <= tables:
        raise ExchangeError(
            f"{path.name} is a coding of this workbench: bring it in with `cop coding merge STUDY {path.name}`."
        )
    raise ExchangeError(
        f"{path.name} is a database that is damaged, or of neither Taguette nor QualCoder; open it in the program it "
        "came from and save a copy."
    )


def _archive(path: Path) -> Kind:
    with Archive(path, "project or workbook") as archive:
        names = [name.replace("\\", "/").casefold() for name in archive.names]
    if any(name.endswith(".qde") for name in names):
        return "qdpx"
    if "xl/workbook.xml" in names:
        return "segments"
    if "word/document.xml" in names or any(name.startswith("word/") for name in names):
        return "document"
    if any(name.endswith("data.qda") for name in names):
        raise ExchangeError(f"{path.name} is a packed QualCoder project: unpack it, and name its folder (.qda).")
    raise ExchangeError(f"{path.name} is a ZIP file with neither a project nor a workbook in it. {_CAN}")


def _plain(head: bytes) -> str:
    even = head[: len(head) // 2 * 2]
    return head.decode(wide_encoding(even) or "utf-8", "replace").lstrip("\ufeff")


def _root(text: str) -> str:
    text = re.sub(r"<\?.*?\?>|<!--.*?-->", "", text, flags=re.DOTALL)
    match = _ROOT.search(text)
    return match[1] if match is not None and not text[: match.start()].strip() else ""


def _is_table(text: str) -> bool:
    """Say whether the first lines are rows of values: the same separator, at least twice, in each of them."""
    lines = [line for line in text.splitlines() if line.strip()][:2]
    if not lines or text.lstrip().startswith("WEBVTT"):
        return False
    from cop_analysis.realist.exchange.segments import names_a_column

    for separator in (",", ";", "\t"):
        cells = [cell.strip().strip('"') for cell in lines[0].split(separator)]
        if len(cells) >= 2 and sum(names_a_column(cell) for cell in cells) >= 2:
            return True
        if len(cells) >= 3 and len(lines) == 2 and lines[1].count(separator) == lines[0].count(separator) >= 2 and \
                all(len(cell) <= 40 for cell in cells):  # fmt: skip
            return True
    return False


QUOTES: Final = 5

READINGS: Final[Mapping[str, tuple[str, str]]] = {
    "Unicode code points": ("codepoint", "one"),
    "UTF-16 code units": ("utf16", "one"),
    "Unicode code points, line breaks as two": ("codepoint", "two"),
    "UTF-16 code units, line breaks as two": ("utf16", "two"),
}
"""The ways in which a file's positions may count, by what they are called: `offsets` and `line_breaks`."""


@dataclass(frozen=True)
class OffsetPreview:
    """A few quotes under every reading that gives other words.

    Parameters
    ----------
    readings : tuple of (str, str, str)
        What each reading is called, and the `offsets` and `line_breaks` that choose it.
    quotes : tuple of tuple of str
        For each quote its words under each reading, in that order.
    """

    readings: tuple[tuple[str, str, str], ...]
    quotes: tuple[tuple[str, ...], ...]

    @property
    def lines(self) -> list[str]:
        """The preview as lines of text, each reading with the options that choose it."""
        lines = []
        for position, (name, offsets, breaks) in enumerate(self.readings):
            lines.append(f"{name} (--offsets {offsets} --line-breaks {breaks}):")
            lines += [f"  “{visible(quote[position], 160)}”" for quote in self.quotes]
        return lines


class UnsettledOffsets(ExchangeError):
    """The selections of a file do not settle what its positions count; nothing was brought in."""

    def __init__(self, sentence: str, preview: OffsetPreview) -> None:
        super().__init__(sentence)
        self.preview = preview


def preview_of(read: Callable[[str, str], Coding]) -> OffsetPreview:
    """Read a file in every way and give the first quotes on which the ways differ.

    Parameters
    ----------
    read : callable
        Given `offsets` and `line_breaks`, the coding as that reading gives it.

    Examples
    --------
    >>> from cop_analysis.realist.model import Extract, Snapshot
    >>> def read(offsets, line_breaks):
    ...     quote = "trust" if offsets == "utf16" else "rust "
    ...     return Coding(Snapshot("d", extracts=(Extract("x", "D1", 0, 5, quote, "c", "a"),)))
    >>> preview_of(read).quotes
    (('rust ', 'trust'),)
    """
    found: dict[str, dict[str, str]] = {}
    for name, (offsets, breaks) in READINGS.items():
        words = {one.id: one.quote for one in read(offsets, breaks).snapshot.extracts}
        if words not in found.values():
            found[name] = words
    shared = [one for one in next(iter(found.values())) if all(one in words for words in found.values())]
    unlike = [one for one in shared if len({words[one] for words in found.values()}) > 1]
    chosen = (unlike or shared)[:QUOTES]
    return OffsetPreview(
        tuple((name, *READINGS[name]) for name in found),
        tuple(tuple(words[one] for words in found.values()) for one in chosen),
    )
