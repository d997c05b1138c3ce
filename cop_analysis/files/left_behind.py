"""Whose a file is that stands half-made: of a process that is at work yet, or of nobody any more.

A clock that is put right, or back, changes nothing of what is said here.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

AHEAD_SECONDS: Final = 3600
"""Two machines' clocks may differ by so much; what claims to be of later was made by a clock that was wrong."""

_GONE_STATES: Final = ("Z", "X", "x")


def born(process: int) -> str:
    """Say when a process began, in words that tell it from every other that has its number before or after it.

    On Linux it is counted from the start of the machine and not by the clock, which may be set while a process runs.

    Returns
    -------
    str
        Empty where there is no such process.

    Examples
    --------
    >>> import os
    >>> born(os.getpid()) == born(os.getpid()), born(2**22 + 1)
    (True, '')
    """
    if sys.platform == "linux":
        found = _of_linux(process)
        if found is not None:
            return found
    import psutil

    try:
        one = psutil.Process(process)
        return "" if one.status() == psutil.STATUS_ZOMBIE else f"{one.create_time():.0f}"
    except (psutil.Error, ValueError, OverflowError):
        return ""


def _of_linux(process: int) -> str | None:
    """Read where the system keeps it; None where it is not to be read, as in a folder of another kind of system."""
    with suppress(OSError):
        machine = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip().replace("-", "")
        try:
            # The name stands in brackets and may hold anything.
            words = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].decode("ascii").split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return "" if words[0] in _GONE_STATES else f"{machine[:4]}.{words[19]}"
    return None


def is_at_work(process: int, since: object) -> bool:
    """Say whether the process that is called so and began then is still there.

    Parameters
    ----------
    process : int
    since : object
        What `born` said of it; whatever a file holds in its place that is none of that counts as no longer there.

    Examples
    --------
    >>> import os
    >>> is_at_work(os.getpid(), born(os.getpid())), is_at_work(os.getpid(), "1"), is_at_work(os.getpid(), None)
    (True, False, False)
    """
    now = born(process)
    if not now or not isinstance(since, str):
        return False
    if now == since:
        return True
    # By the clock two looks at one start may differ by a second.
    return now.isdigit() and since.isdigit() and abs(int(now) - int(since)) <= 2


def is_left(path: Path, seconds: float) -> bool:
    """Say whether nobody has touched a file or folder for so long; of a time to come, nobody knows, and it is left.

    Raises
    ------
    OSError
        When it is not there.

    Examples
    --------
    >>> import os, tempfile
    >>> path = Path(tempfile.mkdtemp())
    >>> is_left(path, 600)
    False
    >>> os.utime(path, (time.time() + 86_400,) * 2)
    >>> is_left(path, 600)
    True
    """
    age = time.time() - path.stat().st_mtime
    return age > seconds or age < -AHEAD_SECONDS
