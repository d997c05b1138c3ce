"""One engine a database and process, lent to everybody who asks: a second handle never drops the locks of the first.

Known by the file itself (device and number) and not by its name. The last to give an engine back closes it. Before the
process forks, what is idle is closed, because a connection must not be carried into a child (SQLite, "How To Corrupt An
SQLite Database File", 2.6, https://www.sqlite.org/howtocorrupt.html). What is read or written is not decided here.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy.engine import Engine

from cop_analysis.realist.store.errors import CodingError

FORK_SECONDS: Final = 5.0
"""How long a fork waits for the transactions of other threads."""


@dataclass
class Lent:
    """An engine that several share.

    Parameters
    ----------
    key : hashable
    engine : sqlalchemy.engine.Engine
    path : pathlib.Path or None
        The file, where it is one.
    users : int
        How many have it.
    working : int
        How many transactions are open.
    process : int
        The process whose connections it holds.
    """

    key: Hashable
    engine: Engine
    path: Path | None
    users: int = 0
    working: int = 0
    process: int = field(default_factory=os.getpid)


_lent: dict[Hashable, Lent] = {}

_carried: set[tuple[int, int]] = set()
"""Files a parent was reading or writing at the moment it forked."""

_changed = threading.Condition(threading.RLock())

_here = threading.local()

_forking = False


def identity(path: Path) -> tuple[int, int] | None:
    """Give what a file is, whatever it is called: its device and number; None where it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def lend(key: Hashable, make: Callable[[], Engine], path: Path | None = None) -> Lent:
    """Give the engine of a database, made now or before.

    Parameters
    ----------
    key : hashable
        What the database is.
    make : callable
        Makes its engine.
    path : pathlib.Path, optional
        Its file.

    Raises
    ------
    CodingError
        When this process has the file open under another name or had another open under this one, or was forked while
        its parent used it.
    """
    whole = None if path is None else path.resolve()
    with _changed:
        if path is not None and identity(path) in _carried:
            raise CodingError(
                f"This process was forked while the database {path} was in use, so it cannot open it safely. Start it "
                "anew instead: with multiprocessing, use the start method 'spawn'."
            )
        one = _lent.get(key)
        if one is None:
            if path is not None and is_under_another_log(path):
                raise replaced(path)
            one = _lent[key] = Lent(key, make(), whole)
        elif one.path != whole:
            # Its journal is found by its name: under two names one would not know of the other's.
            raise CodingError(
                f"The database {path} is open in this process under another name ({one.path}). Close it there "
                "(coding.close()) or restart the kernel, then open it again."
            )
        one.users += 1
        return one


def give_back(one: Lent) -> None:
    """Let go of an engine; the last one closes it."""
    with _changed:
        if one.process != os.getpid():
            return
        one.users -= 1
        if one.users > 0:
            return
        if _lent.get(one.key) is one:
            del _lent[one.key]
    one.engine.dispose()


def is_under_another_log(path: Path) -> bool:
    """Say whether this process holds a file that had this name, and its log lies beside the one that has it now."""
    now, whole = identity(path), path.resolve()
    with _changed:
        if now is None or now in _lent or not path.with_name(f"{path.name}-wal").exists():
            return False
        # Who only reads keeps no connection, and a file that was not there has no number.
        held = [one.key for one in _lent.values() if one.path == whole and _is_a_file(one.key)]
    return bool(held)


def _is_a_file(key: Hashable) -> bool:
    return isinstance(key, tuple) and all(isinstance(part, int) for part in key)


def replaced(path: Path) -> CodingError:
    """Say that another file stands where a database was open, whose log SQLite would play into it."""
    return CodingError(
        f"The database {path} was replaced by another file while it was open. The log of the old one ({path.name}-wal) "
        f"still lies beside it and would be played into the new one, so nothing is read or written: close the coding "
        f"everywhere (restart the kernels), delete {path.name}-wal and {path.name}-shm, then open the study again."
    )


def is_lent(key: Hashable) -> bool:
    """Say whether this process has the database open."""
    with _changed:
        return key in _lent


@contextmanager
def at_work(one: Lent) -> Iterator[None]:
    """Mark a transaction, so that no fork falls into it unseen."""
    depth = getattr(_here, "depth", 0)
    with _changed:
        while _forking and not depth:
            _changed.wait()
        one.working += 1
    _here.depth = depth + 1
    try:
        yield
    finally:
        _here.depth = depth
        with _changed:
            one.working -= 1
            if _forking:
                _changed.notify_all()


def renew(one: Lent) -> None:
    """Close what is idle, so that the next to ask gets a fresh connection."""
    one.engine.dispose()


# --- forking ---------------------------------------------------------------------------------------------------------


def _before_fork() -> None:
    global _forking
    _changed.acquire()
    _forking = True
    until = time.monotonic() + FORK_SECONDS
    # A thread that forks inside its own transaction cannot wait for it.
    while not getattr(_here, "depth", 0) and any(one.working for one in _lent.values()):
        if not _changed.wait(max(0.0, until - time.monotonic())):
            break
    for one in _lent.values():
        if not one.working:
            one.engine.dispose()


def _after_in_parent() -> None:
    global _forking
    _forking = False
    _changed.notify_all()
    _changed.release()


def _after_in_child() -> None:
    global _forking, _changed
    at_work_on = (identity(one.path) for one in _lent.values() if one.working and one.path is not None)
    _carried.update(file for file in at_work_on if file is not None)
    for one in _lent.values():
        # Nothing of the parent's is closed here, which would take its locks or end its session.
        one.engine.dispose(close=False)
    _lent.clear()
    _here.__dict__.clear()
    _forking = False
    _changed = threading.Condition(threading.RLock())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
