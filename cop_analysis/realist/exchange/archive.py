"""Opening ZIP files that came from elsewhere: what is refused before anything is read. No XML and no coding here.

Nothing is ever extracted to disk: entries are read into memory, one at a time, and never past what they declare.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import Final

from cop_analysis.files import MOST_ARCHIVE, judge_file, open_file
from cop_analysis.realist.exchange.report import ExchangeError, refusing
from cop_analysis.study.faults import visible

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
