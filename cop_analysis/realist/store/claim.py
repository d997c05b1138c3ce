"""The claim of one process to be the only writer of a database in a shared folder, held as a small file beside it.

Locks on a network folder cannot be relied on, but making a file that must not exist yet can. In a synchronised
folder the claim travels with the folder, so that the other machine sees it as soon as it sees the database.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cop_analysis.files import MOST_SETTINGS, born, is_at_work, read_file
from cop_analysis.realist.store.errors import Locked

_held: dict[Path, int] = {}

_holders: dict[Path, set[int]] = {}
"""Which handles of this process write under a claim; the last to go lets others write."""

_lock = threading.Lock()


def claim_path(database: Path) -> Path:
    """Name the file of the claim.

    Examples
    --------
    >>> claim_path(Path("forum/coding.db")).name
    'coding.db.writer'
    """
    return database.with_name(f"{database.name}.writer")


def take_claim(database: Path, who: str, holder: int = 0) -> None:
    """Become the writer of a database, or find out who is.

    Parameters
    ----------
    database : pathlib.Path
    who : str
    holder : int
        Which handle of this process it is for.

    Raises
    ------
    Locked
        When another process is, on this machine or another.
    """
    path = claim_path(database).absolute()
    with _lock:
        if path in _held and _owner(path).get("pid") == os.getpid():
            _holders.setdefault(path, set()).add(holder)
            return
        for _ in range(3):
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            except FileExistsError:
                owner = _owner(path)
                if not _is_gone(owner):
                    raise Locked(_sentence(database, path, owner)) from None
                path.unlink(missing_ok=True)
                continue
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(_own(who), file)
            if not _held:
                atexit.register(release_all)
            _held[path] = os.getpid()
            _holders[path] = {holder}
            return
    raise Locked(_sentence(database, path, _owner(path)))


def release_claim(database: Path, holder: int = 0) -> None:
    """Let others write, as soon as no other handle of this process does."""
    path = claim_path(database).absolute()
    with _lock:
        others = _holders.get(path, set())
        others.discard(holder)
        if others and _held.get(path) == os.getpid():
            return
        _holders.pop(path, None)
        if _held.pop(path, None) == os.getpid() and _owner(path).get("pid") == os.getpid():
            path.unlink(missing_ok=True)


def release_all() -> None:
    """Let others write what this process wrote."""
    for path in list(_held):
        _holders.pop(path, None)
        release_claim(path.with_name(path.name.removesuffix(".writer")))


def _own(who: str) -> dict[str, Any]:
    return {
        "machine": socket.gethostname(),
        "pid": os.getpid(),
        "started": born(os.getpid()),
        "who": who,
        "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _owner(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(read_file(path, most=MOST_SETTINGS, inside=path.parent))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _is_gone(owner: dict[str, Any]) -> bool:
    """Say whether the owner was a process of this machine that is no more."""
    if owner.get("machine") != socket.gethostname() or not isinstance(owner.get("pid"), int):
        return False
    return not is_at_work(owner["pid"], owner.get("started"))


def _sentence(database: Path, path: Path, owner: dict[str, Any]) -> str:
    who = f"{owner['who']} on " if owner.get("who") else ""
    since = f" since {owner['since']}" if owner.get("since") else ""
    return (
        f"{who}{owner.get('machine', 'another machine')} has this coding open for writing{since}, and in a shared "
        f"folder ({database.parent}) only one may. Nothing was changed: ask them to close it, and if nobody has it "
        f"open delete {path.name}."
    )
