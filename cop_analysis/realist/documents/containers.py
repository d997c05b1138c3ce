"""Files of others opened with care: a ZIP, an XML text or an SQLite file that may be damaged, huge or hostile."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from xml.parsers import expat

from cop_analysis.files import MOST_ARCHIVE, FileRefusedError, judge_file, open_file
from cop_analysis.files.door import look_into
from cop_analysis.study.faults import visible


class ExchangeError(ValueError):
    """A file cannot be read or written at all; the one sentence says what, where and how to correct it."""


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn the refusal of a file by its kind, links or size into an `ExchangeError` that names it."""
    try:
        yield
    except FileRefusedError as refused:
        raise ExchangeError(f"{path.name} was not read: it {refused.rule}; {refused.remedy}.") from None


MOST_ENTRIES: Final = 50_000

LARGEST_ENTRY: Final = 512 * 2**20
"""The largest entry that is read, in bytes unpacked; media that are not read may be larger."""

LARGEST_READ: Final = 1024 * 2**20
"""How much is read from one file in all, in bytes unpacked."""

LARGEST_RATIO: Final = 100
"""How many times its packed size an entry may grow; only entries above `RATIO_FROM` are judged by it."""

RATIO_FROM: Final = 10 * 2**20

LARGEST_DIRECTORY: Final = 16 * 2**20
"""The largest list of entries that is read, in bytes; `MOST_ENTRIES` with names of 200 letters need less."""

_DRIVE = re.compile(r"[A-Za-z]:")


class Archive:
    """A ZIP file whose names and declared sizes have been judged, read entry by entry.

    Parameters
    ----------
    path : path
    what : str
        What the file should be, for messages: ``"REFI-QDA project (.qdpx)"``.

    Raises
    ------
    ExchangeError
        When it is no ZIP file, is damaged or encrypted, holds names that lead out of it, links, names used twice, too
        many entries, or entries that would unpack to far more than they are.
    OSError
        When the file cannot be opened.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        self._left = LARGEST_READ
        if path.is_dir():
            raise ExchangeError(f"{path} is a folder, where a {what} is due: name the file.")
        try:
            with refusing(path):
                _judge_directory(judge_file(path, most=MOST_ARCHIVE))
            self._zip = zipfile.ZipFile(path)
        except ExchangeError:
            raise
        except FileNotFoundError:
            raise ExchangeError(f"There is no file {path}.") from None
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, UnicodeDecodeError, OverflowError):
            raise ExchangeError(
                f"{path.name} is not a whole ZIP file, which a {what} is: it may have been cut short on its way; "
                "export or copy it again."
            ) from None
        try:
            self._judge()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The names of the files in it, folders left out, as they are written."""
        return [info.filename for info in self._zip.infolist() if not info.is_dir()]

    def size(self, name: str) -> int:
        """The size an entry declares, in bytes unpacked."""
        return self._zip.getinfo(name).file_size

    def read(self, name: str) -> bytes:
        """Read one entry.

        Raises
        ------
        ExchangeError
            When it is damaged, larger than it declares, or larger than is read here.
        """
        info = self._zip.getinfo(name)
        shown = visible(name)
        if info.file_size > min(LARGEST_ENTRY, self._left):
            raise ExchangeError(
                f"{self.path.name} was not read: {shown} declares {info.file_size / 2**20:,.0f} MB, more than the "
                f"{LARGEST_ENTRY / 2**20:,.0f} MB read from one entry and {LARGEST_READ / 2**20:,.0f} MB from one file."
            )
        try:
            with self._zip.open(info) as entry:
                content = entry.read(info.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
            raise ExchangeError(
                f"{self.path.name} is damaged: {shown} in it cannot be unpacked; export or copy the file again."
            ) from None
        except NotImplementedError:
            raise ExchangeError(
                f"{self.path.name} was not read: {shown} is packed in a way that is not read here; pack it as an "
                "ordinary ZIP file (deflate)."
            ) from None
        except RuntimeError:
            raise ExchangeError(self._encrypted(shown)) from None
        if len(content) > info.file_size:
            raise ExchangeError(f"{self.path.name} was not read: {shown} unpacks to more than it declares.")
        self._left -= len(content)
        return content

    def _judge(self) -> None:
        entries = self._zip.infolist()
        name = self.path.name
        if len(entries) > MOST_ENTRIES:
            raise ExchangeError(f"{name} was not read: it holds {len(entries):,} entries, more than {MOST_ENTRIES:,}.")
        seen: set[str] = set()
        for info in entries:
            shown = visible(info.filename)
            reason = _unsafe(info)
            if reason:
                raise ExchangeError(f"{name} was not read: the entry {shown} {reason}, which no honest file needs.")
            if info.flag_bits & 0x1:
                raise ExchangeError(self._encrypted(shown))
            if info.filename in seen:
                raise ExchangeError(f"{name} was not read: it holds {shown} twice, so that either could be meant.")
            seen.add(info.filename)
            if info.file_size > RATIO_FROM and info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
                raise ExchangeError(
                    f"{name} was not read: {shown} would unpack from {info.compress_size / 1024:,.0f} kB to "
                    f"{info.file_size / 2**20:,.0f} MB, which only a file made to fill a computer does."
                )

    def _encrypted(self, shown: str) -> str:
        return f"{self.path.name} was not read: {shown} is locked with a password; save the file again without one."


def _judge_directory(path: Path) -> None:
    """Refuse an archive whose list of entries alone would fill the memory, before zipfile reads it whole."""
    with open_file(path, most=MOST_ARCHIVE) as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - _END_AT_MOST))
        tail = file.read()
    sizes = [0]
    for mark, place, length in ((b"PK\x05\x06", 12, 4), (b"PK\x06\x06", 40, 8)):
        found = tail.rfind(mark)
        field = tail[found + place : found + place + length] if found >= 0 else b""
        if len(field) == length and field != b"\xff" * length:
            sizes.append(int.from_bytes(field, "little"))
    if max(sizes) > LARGEST_DIRECTORY:
        raise ExchangeError(
            f"{path.name} was not read: the list of what it holds is {max(sizes) / 2**20:,.0f} MB, more than the "
            f"{LARGEST_DIRECTORY / 2**20:,.0f} MB read here."
        )


# The end record of 22 bytes, a comment of at most 65,535, and what a large archive (ZIP64) puts before them.
_END_AT_MOST: Final = 22 + 65_535 + 20 + 56


def _unsafe(info: zipfile.ZipInfo) -> str:
    # `orig_filename` is the name as it is written: zipfile itself cuts `filename` at a NUL.
    name = info.orig_filename
    parts = re.split(r"[/\\]", name)
    if "\x00" in name:
        return "has a name with a character that ends names"
    if name.startswith(("/", "\\")):
        return "names a place on the computer (an absolute path)"
    if _DRIVE.match(name):
        return "names a drive of the computer"
    if ".." in parts:
        return "leads out of the file"
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a link to another place"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is neither a file nor a folder"
    return ""


DEEPEST: Final = 1_000
"""How many elements may stand inside each other."""

MOST_MARKS: Final = 10_000_000
"""How many tags a file may have, opening and closing: each element takes some 100 bytes of memory, however short."""

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")

_DECLARATION = re.compile(r"<\?xml[^>]{0,400}\?>")

_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "cp1252", "utf-16"}

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

_TEXT_MARKS = re.compile("[&<>\r]")

_ATTRIBUTE = {**_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}

_ATTRIBUTE_MARKS = re.compile('[&<>"\r\n\t]')


def parse_xml(content: bytes, file: str, most: int = MOST_MARKS) -> ElementTree.Element:
    """Parse XML that may be hostile: no document type, no entity but the five of XML, nothing fetched.

    Parameters
    ----------
    content : bytes
    file : str
        What to call it in a message.
    most : int
        How many tags it may have.

    Returns
    -------
    xml.etree.ElementTree.Element

    Raises
    ------
    ExchangeError
        When it declares a document type or entities, is no well-formed XML, or is nested too deeply, or
        has more tags.

    Examples
    --------
    >>> parse_xml(b"<Project name='a'/>", "project.qde").get("name")
    'a'
    >>> parse_xml(b"<!DOCTYPE x [<!ENTITY e 'ha'>]><x>&e;</x>", "project.qde")
    Traceback (most recent call last):
    ...
    cop_analysis.realist.documents.containers.ExchangeError: project.qde was not read: it declares a document type, ...
    """
    if (marks := content.count(b"<")) > most:
        raise ExchangeError(
            f"{file} was not read: it has {marks:,} tags, more than the {most:,} that are read; a file that somebody "
            "wrote has far fewer. Save it again from its program, or split it."
        )
    # What is judged and what is parsed are the same bytes, so that no trick of encodings comes between them.
    plain = _decoded(content, file).encode("utf-8")
    _refuse_document_type(plain, file)
    parser = ElementTree.XMLParser(encoding="utf-8")
    try:
        parser.feed(plain)
        return parser.close()
    except ElementTree.ParseError as error:
        raise _not_well_formed(file, error.position[0], str(error)) from None


def xml_text(text: str) -> str:
    """Write a text between tags; characters that XML cannot hold become the replacement character.

    Examples
    --------
    >>> xml_text("a < b & c"), xml_text("bell" + chr(7))
    ('a &lt; b &amp; c', 'bell\ufffd')
    """
    text = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    return _TEXT_MARKS.sub(lambda match: _TEXT[match[0]], text)


def xml_attribute(text: str) -> str:
    r"""Write an attribute's value without its quotation marks; line breaks and tabs survive reading.

    Examples
    --------
    >>> xml_attribute('say "yes"\n')
    'say &quot;yes&quot;&#10;'
    """
    text = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    return _ATTRIBUTE_MARKS.sub(lambda match: _ATTRIBUTE[match[0]], text)


def is_holdable(text: str) -> bool:
    """Say whether XML can hold every character of a text.

    Examples
    --------
    >>> is_holdable("tab\t"), is_holdable("form feed\f")
    (True, False)
    """
    return _FORBIDDEN.search(text) is None


def _decoded(content: bytes, file: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content.startswith((b"<\x00", b"\x00<")):
        encoding = "utf-16-le" if content.startswith(b"<\x00") else "utf-16-be"
    else:
        declared = _DECLARED.match(content.removeprefix(b"\xef\xbb\xbf"))
        encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
        if encoding not in _ENCODINGS:
            raise ExchangeError(f"{file} was not read: it is written in {encoding}; save it as UTF-8.")
        if encoding.replace("-", "") in ("utf8", "utf16"):
            # A file whose bytes are plainly not UTF-16 keeps a declaration some programs leave behind.
            encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ExchangeError(
            f"{file} was not read: line {line} is not {encoding} text; export the file again."
        ) from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ExchangeError(f"{file} was not read: it is empty; export the file again.")
    return _DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text


def _refuse_document_type(plain: bytes, file: str) -> None:
    depth = 0

    def document_type(*_: object) -> None:
        raise ExchangeError(
            f"{file} was not read: it declares a document type, through which a file can read other files or fill the "
            "memory; no REFI-QDA or Office file needs one."
        )

    def begin(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ExchangeError(f"{file} was not read: more than {DEEPEST:,} of its elements stand inside each other.")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = document_type
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    try:
        parser.Parse(plain, True)
    except expat.ExpatError as error:
        raise _not_well_formed(file, error.lineno, expat.ErrorString(error.code)) from None


def _not_well_formed(file: str, line: int, words: str) -> ExchangeError:
    return ExchangeError(
        f"{file} is not well-formed XML (line {line}: {words.split(':')[0]}): it may have been cut short; export again."
    )


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
