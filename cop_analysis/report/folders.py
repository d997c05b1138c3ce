"""Where a run is built and how it appears: in a hidden folder first, under its own name only when it is whole."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cop_analysis.files import MOST_SETTINGS, born, is_at_work, is_left, place_folder, put_whole, read_file, reason_of
from cop_analysis.report.settings import SettingsError

PARTIAL = ".partial-"
_OWNER = "owner.json"
_HOUR = 3600.0
_OTHER_MACHINE_STALE = 7 * 24 * _HOUR
_UNOWNED_STALE = _HOUR


def new_run_id(started: datetime) -> str:
    """Name a run by its start in UTC, in letters every file system takes; the order of names is that of starts.

    After the second stand three digits of its 4,096 parts and four random ones.

    Examples
    --------
    >>> new_run_id(datetime(2026, 11, 22, 14, 10, 52, 500_000, tzinfo=UTC))[:20]
    '20261122T141052Z-800'
    """
    part = started.microsecond * 4096 // 1_000_000
    return f"{started.astimezone(UTC):%Y%m%dT%H%M%SZ}-{part:03x}{secrets.token_hex(2)}"


def open_partial(out: Path, key: str, run: str) -> Path:
    """Make the hidden folder a run is built in, marked with the process that builds it.

    Raises
    ------
    SettingsError
        If the place reports go to is a file, or cannot be written.
    """
    partial = out / key / f"{PARTIAL}{run}"
    try:
        for place in (out, out / key):
            if place.exists() and not place.is_dir():
                raise SettingsError(f"{place} is a file; reports go into a folder: give another with --out.")
        partial.mkdir(parents=True)
        owner = {"process": os.getpid(), "born": born(os.getpid()), "machine": socket.gethostname()}
        (partial / _OWNER).write_text(json.dumps(owner), encoding="utf-8")
    except OSError as fault:
        raise SettingsError(
            f"Reports cannot be written to {out} ({reason_of(fault)}); give another folder with --out."
        ) from None
    return partial


def publish(partial: Path, final: Path) -> None:
    """Give a finished run its own name, in one step."""
    (partial / _OWNER).unlink(missing_ok=True)
    place_folder(partial, final)


def discard(partial: Path) -> None:
    """Remove the folder of a run that was given up."""
    shutil.rmtree(partial, ignore_errors=True)


def clear_stale(folder: Path) -> int:
    """Remove what killed runs left in a study's folder; a run that is still alive keeps its own. Gives the number."""
    stale = [path for path in folder.glob(f"{PARTIAL}*") if path.is_dir() and _is_stale(path)]
    for path in stale:
        discard(path)
    return len(stale)


def _is_stale(partial: Path) -> bool:
    with suppress(OSError):
        try:
            owner = json.loads(read_file(partial / _OWNER, most=MOST_SETTINGS))
            machine, process, began = owner["machine"], int(owner["process"]), owner["born"]
        except (OSError, ValueError, KeyError, TypeError):
            # Between making the folder and naming its owner, or between unmarking and renaming it.
            return is_left(partial, _UNOWNED_STALE)
        if machine != socket.gethostname():
            return is_left(partial, _OTHER_MACHINE_STALE)
        # A process number is used again; together with its start it is not.
        return not is_at_work(process, began)
    return False


def write_whole(path: Path, text: str) -> None:
    """Write a file of a report so that no reader meets half of it; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    put_whole(path, text, lasting=False)
