"""Running the command line for the panel: started in a process of its own, followed by what it writes, never waited on.

What a run says goes to a file and not down a pipe, so that a report goes on and ends well when the kernel is restarted.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cop_analysis.files import MOST_SETTINGS, MOST_TABLE, MOST_TEXT, is_at_work, read_file
from cop_analysis.results.runs import begun, place_in_order

PROGRESS_VARIABLE: Final = "COP_PROGRESS"
"""The environment variable that makes `cop report` write a line for each step it has done."""

LOOK_EVERY_SECONDS: Final = 0.25
_FOR_A_TERMINAL: Final = ("FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
_PARTIAL = ".partial-"
_STEP = re.compile(r"progress (\d+)/(\d+) (.*)")
_RUN = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-")


@dataclass
class Run:
    """A run of the command line: what was asked, how far it is, what it said."""

    verb: str
    study: Path
    process: subprocess.Popen[bytes]
    log: Path
    began: float = field(default_factory=time.monotonic)
    is_stopped: bool = False

    def stop(self) -> None:
        """End it; what it had begun is in a hidden folder and is cleared away by the next run."""
        self.is_stopped = True
        self.process.terminate()


def start_run(verb: str, study: Path, *, period: str = "", out: Path | None = None, faults: Path | None = None) -> Run:
    """Start `cop check` or `cop report` on a study.

    Raises
    ------
    OSError
        When it cannot be started.
    """
    command = [sys.executable, "-m", "cop_analysis", verb]
    if verb == "report":
        command += ["--out", str(out)] + (["--period", period] if period else [])
    if faults is not None:
        command += ["--faults", str(faults)]
    # What follows -- is never taken for an option, whatever the folder is called.
    command += ["--", str(study)]
    # A notebook's kernel asks its programs for colours and bars, which are for a terminal.
    environment = {name: value for name, value in os.environ.items() if name not in _FOR_A_TERMINAL}
    environment |= {PROGRESS_VARIABLE: "1", "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    handle, name = tempfile.mkstemp(prefix="cop-workbench-", suffix=".log")
    with os.fdopen(handle, "wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
    return Run(verb, study, process, Path(name))


def follow(run: Run, tell: Callable[[int, int, str], None]) -> tuple[int, list[str]]:
    """Wait until a run has ended, telling each step, and give its exit code and the lines it wrote besides."""
    told = 0
    while True:
        code = run.process.poll()
        lines = run.log.read_text(encoding="utf-8", errors="replace").splitlines()
        steps = [found for line in lines if (found := _STEP.fullmatch(line))]
        for step in steps[told:]:
            tell(int(step[1]), int(step[2]), step[3])
        told = len(steps)
        if code is not None:
            run.log.unlink(missing_ok=True)
            return code, [line for line in lines if line.strip() and not _STEP.fullmatch(line)]
        time.sleep(LOOK_EVERY_SECONDS)


def read_faults(path: Path) -> list[dict[str, str]]:
    """Read the faults `cop check --faults` wrote; none where it wrote no file."""
    try:
        text = read_file(path, most=MOST_TABLE).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))
    except (OSError, ValueError):
        return []


# --- reports that are there -----------------------------------------------------------------------------------------


def latest_report(out: Path, key: str) -> dict[str, Any] | None:
    """Give the newest report of a study: its page, when it was begun, whether every notebook ran; None without one."""
    try:
        folders = [page.parent for page in (out / key).glob("2*/index.html")]
    except OSError:
        return None
    runs = [told for folder in folders if (told := _told(folder))]
    if not runs:
        return None
    # Of a run whose clock was wrong the name says nothing: what stood there already when a later one began does.
    newest = max(runs, key=place_in_order(runs))
    return {
        "page": out / key / newest["run"] / "index.html",
        "began": run_moment(newest["run"]),
        "status": newest["status"],
        "period": newest["period"],
        "count": len(folders),
    }


def _told(folder: Path) -> dict[str, Any] | None:
    """Read what a run says of itself; of one that says nothing, when its name says it began; None for no run at all."""
    found = _RUN.match(folder.name)
    if found is None:
        return None
    year, month, day, hour, minute, second = found.groups()
    named = {"run": folder.name, "status": "", "period": ""}
    named["started"] = f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"
    path = folder / "run.json"
    told = dict(named)
    with suppress(OSError, ValueError, AttributeError):
        file = path.stat()
        told |= _read_told(path, file.st_mtime_ns, file.st_size)
    for one in (told, named):
        with suppress(ValueError):
            begun(one["started"])
            return one
    return None


@lru_cache(maxsize=512)
def _read_told(path: Path, _moment: int, _size: int) -> dict[str, Any]:
    """Read the little of a run.json that a panel shows, once for each state of the file."""
    record = json.loads(read_file(path, most=MOST_TEXT))
    said = {
        "status": str(record.get("status", "")),
        "period": str(record.get("settings", {}).get("period") or ""),
        "claims_later": record.get("claims_later"),
    }
    return {**said, "started": record["started"]} if isinstance(record.get("started"), str) else said


def run_moment(run: str) -> str:
    """Say when a run began, from its name.

    Examples
    --------
    >>> run_moment("20261122T141052Z-a1b2c3")
    '2026-11-22 14:10 UTC'
    """
    found = _RUN.match(run)
    return f"{found[1]}-{found[2]}-{found[3]} {found[4]}:{found[5]} UTC" if found else run


def reports_under_way(out: Path, key: str) -> list[str]:
    """List when the reports of a study began that another process is making at this moment."""
    import socket

    found = []
    for owner in sorted((out / key).glob(f"{_PARTIAL}*/owner.json")):
        try:
            told = json.loads(read_file(owner, most=MOST_SETTINGS))
            here = told["machine"] == socket.gethostname()
            alive = here and is_at_work(int(told["process"]), told["born"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if alive:
            found.append(run_moment(owner.parent.name.removeprefix(_PARTIAL)))
    return found
