"""A file appears whole or not at all: written beside its place, then given its name in one step.

What is written, and whether what stands there may be replaced, is settled by whoever asks. Text that a spreadsheet
would run as a formula is kept from it by an apostrophe, which reading takes away again.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.25
_QUOTA: Final = getattr(errno, "EDQUOT", errno.ENOSPC)
_IN_WORDS: Final = {
    _QUOTA: "your share of the disk is used up",
    errno.ENOSPC: "the disk has no room left",
    errno.EFBIG: "a file may not grow as large as this one",
    errno.EROFS: "the disk can only be read",
}
FULL: Final = frozenset({errno.ENOSPC, errno.EFBIG, _QUOTA})
"""What the system says of a disk, or of a person's share of it, that has no room left."""

_NUMBERED = re.compile(r"\[Errno (\d+)\] ([^:]+)")


def reason_of(fault: OSError) -> str:
    """Say in a few words why the system would not read or write, without a path of this machine.

    Examples
    --------
    >>> reason_of(OSError(28, "No space left on device", "/mnt/people.csv"))
    'the disk has no room left'
    >>> reason_of(OSError(13, "Permission denied")), reason_of(OSError())
    ('Permission denied', 'OSError')

    Copying a whole folder, Python gathers what went wrong with each file: the first says it for all.

    >>> import shutil
    >>> reason_of(shutil.Error([("/a/people.csv", "/b/people.csv", "[Errno 28] No space left on device: '/b'")]))
    'the disk has no room left'
    """
    if isinstance(fault, shutil.Error):
        first = _first_of(fault)
        return reason_of(first) if first else "a file of it could not be copied"
    return _IN_WORDS.get(fault.errno or 0) or fault.strerror or type(fault).__name__


def is_full(fault: OSError) -> bool:
    """Say whether the system would not write because there is no room, which can be made.

    Examples
    --------
    >>> is_full(OSError(28, "No space left on device")), is_full(OSError(13, "Permission denied"))
    (True, False)
    """
    first = _first_of(fault) if isinstance(fault, shutil.Error) else fault
    return first is not None and first.errno in FULL


def _first_of(fault: shutil.Error) -> OSError | None:
    """Give the first of what went wrong with the files of a folder that was copied."""
    told = fault.args[0] if fault.args and isinstance(fault.args[0], list) else []
    found = _NUMBERED.match(str(told[0][-1])) if told else None
    return OSError(int(found[1]), found[2]) if found else None


def put_whole(
    path: Path,
    content: bytes | str | Callable[[BinaryIO], None],
    *,
    lasting: bool = True,
    overwrite: bool = True,
) -> None:
    """Put a file in its place in one step, so that whoever reads it finds the old one or the new one.

    A file that another program holds for a moment, as those do that keep a folder the same on several machines, is
    tried again for five seconds.

    Parameters
    ----------
    path : pathlib.Path
        In a folder that exists; what stands there is replaced and its permissions are kept.
    content : bytes, str or callable
        Text is written as UTF-8, line ends as they are; a callable writes to the open binary file it is given.
    lasting : bool
        Wait until the disk has it, so that a power cut right afterwards loses nothing; what can be made again need not.
    overwrite : bool
        False leaves alone what stands there, even what appeared meanwhile.

    Raises
    ------
    FileExistsError
        When something stands there and `overwrite` is false.
    OSError
        When the folder cannot be written, or what stands there is a pipe or a device; what stood there before still
        stands, and nothing half-written is left.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> put_whole(path, "person")
    >>> path.read_text(), len(list(path.parent.iterdir()))
    ('person', 1)
    """
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(f"{path} exists already.")
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "what stands there is a pipe or a device, not a file", str(path))
    beside = path.with_name(f".{path.name[:60]}.{secrets.token_hex(4)}.part")
    try:
        with open(beside, "xb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        if overwrite:
            _patiently(beside.replace, path)
        else:
            place_new(beside, path)
    except OSError as fault:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        if fault.errno is None:
            raise
        # The system names the file beside, or none at all where a disk is full.
        raise OSError(fault.errno, fault.strerror, str(path)) from fault
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def put_files(folder: Path, files: Mapping[str, bytes | str], *, lasting: bool = True, overwrite: bool = False) -> None:
    """Put files in a folder, which is made where it is missing; where one cannot be written none of them stays.

    Parameters
    ----------
    folder : pathlib.Path
    files : mapping of str to bytes or str
        By path inside the folder, in the order in which they are written; a name that ends in ``/`` is a folder.
    lasting, overwrite : bool
        As for `put_whole`; what was there before stays, replaced or not.

    Raises
    ------
    OSError
        When something cannot be written; the folders that were made for it are gone again.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "a" / "b"
    >>> put_files(folder, {"people.csv": "person", "documents/": ""})
    >>> sorted(one.name for one in folder.iterdir())
    ['documents', 'people.csv']
    """
    made: list[Path] = []
    try:
        for name, content in files.items():
            place = folder / name
            home = place if name.endswith("/") else place.parent
            for one in reversed([one for one in (home, *home.parents) if not one.exists()]):
                one.mkdir(exist_ok=True)
                made.append(one)
            if home != place:
                is_new = not os.path.lexists(place)
                put_whole(place, content, lasting=lasting, overwrite=overwrite)
                made += [place] if is_new else []
    except BaseException:
        for one in reversed(made):
            with suppress(OSError):
                one.rmdir() if one.is_dir() else one.unlink()
        raise


def place_new(beside: Path, path: Path) -> None:
    """Give a file its name where nothing has it yet.

    Raises
    ------
    FileExistsError
        When something has it by then.
    """
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: look once more, then rename.
        if os.path.lexists(path):
            raise FileExistsError(f"{path} exists already.") from None
        _patiently(beside.rename, path)
        return
    beside.unlink()


def place_folder(beside: Path, path: Path) -> None:
    """Give a folder that is complete its name, in one step; the folder above then lasts through a power cut."""
    _patiently(beside.rename, path)
    with suppress(OSError):
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _patiently(step: Callable[[Path], object], path: Path) -> None:
    for left in reversed(range(_TRIES)):
        try:
            step(path)
            return
        except OSError as error:
            # Another program may hold a file for a moment: on Windows any reader, on a network drive its server.
            is_held = error.errno == errno.EBUSY or (os.name == "nt" and isinstance(error, PermissionError))
            if not is_held or not left:
                raise
            time.sleep(_PAUSE_SECONDS)


FORMULA_LEADS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run as a formula."""

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet would run a text, or an apostrophe already keeps it from doing so."""
    return _FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula; `unguarded` gives it back exactly.

    Examples
    --------
    >>> guarded("=1+1"), guarded("fine"), guarded("'=1+1")
    ("'=1+1", 'fine', "''=1+1")
    """
    return "'" + text if is_formula(text) else text


def guarded_cells(cells: Iterable[object]) -> list[object]:
    """Guard the texts among some cells and leave every other value as it is.

    Examples
    --------
    >>> guarded_cells(["=1+1", "fine", -2])
    ["'=1+1", 'fine', -2]
    """
    return ["'" + cell if isinstance(cell, str) and _FORMULA.match(cell) else cell for cell in cells]


def unguarded(text: str) -> str:
    """Take off the apostrophe that guards a text.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("'tis"), unguarded(guarded("'@x"))
    ('=1+1', "'tis", "'@x")
    """
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text
