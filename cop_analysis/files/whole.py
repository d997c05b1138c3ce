"""A file appears whole or not at all: written beside its place, then given its name in one step.

What is written, and whether what stands there may be replaced, is settled by whoever asks.
"""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path
from typing import Final

_TRIES: Final = 20


def put_whole(path: Path, content: bytes | str, *, lasting: bool = True) -> None:
    """Put a file in its place in one step, so that whoever reads it finds the old one or the new one.

    Parameters
    ----------
    path : pathlib.Path
        In a folder that exists; what stands there is replaced and its permissions are kept.
    content : bytes or str
        Text is written as UTF-8, line ends as they are.
    lasting : bool
        Wait until the disk has it, so that a power cut right afterwards loses nothing; what can be made again need not.

    Raises
    ------
    OSError
        When the folder cannot be written; what stood there before still stands, and nothing half-written is left.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> put_whole(path, "person")
    >>> path.read_text(), len(list(path.parent.iterdir()))
    ('person', 1)
    """
    beside = path.with_name(f".{path.name[:60]}.{secrets.token_hex(4)}.part")
    try:
        with open(beside, "xb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        _rename(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _rename(beside: Path, path: Path) -> None:
    for left in reversed(range(_TRIES)):
        try:
            beside.replace(path)
            return
        except PermissionError:
            # On Windows another process may be reading the old file.
            if os.name != "nt" or not left:
                raise
            time.sleep(0.1)
