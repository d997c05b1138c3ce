"""Running the command line for the panel: started in a process of its own, followed by what it writes, never waited on.

What a run says goes to a file and not down a pipe, so that a report goes on and ends well when the kernel is restarted.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cop_analysis.files import MOST_SETTINGS, MOST_TABLE, MOST_TEXT, read_file

PROGRESS_VARIABLE: Final = "COP_PROGRESS"
"""The environment variable that makes `cop report` write a line for each step it has done."""

LOOK_EVERY_SECONDS: Final = 0.25
_FOR_A_TERMINAL: Final = ("FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
_PARTIAL = ".partial-"
_STEP = re.compile(r"progress (\d+)/(\d+) (.*)")
_RUN = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)\d\dZ-")


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
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            env=environment,
        )  # fmt: skip
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
        pages = sorted((out / key).glob("2*/index.html"), key=lambda page: page.parent.name)
    except OSError:
        return None
    if not pages:
        return None
    # A run that claims to be of a day to come is not the latest: the clock of its computer was wrong.
    until = f"{datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1):%Y%m%dT%H%M%SZ}"
    page = ([one for one in pages if one.parent.name[:16] <= until] or pages)[-1]
    try:
        record = json.loads(read_file(page.parent / "run.json", most=MOST_TEXT))
        status, period = str(record.get("status", "")), str(record.get("settings", {}).get("period") or "")
    except (OSError, ValueError, AttributeError):
        status, period = "", ""
    return {
        "page": page,
        "began": run_moment(page.parent.name),
        "status": status,
        "period": period,
        "count": len(pages),
    }


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

    import psutil

    found = []
    for owner in sorted((out / key).glob(f"{_PARTIAL}*/owner.json")):
        try:
            told = json.loads(read_file(owner, most=MOST_SETTINGS))
            here = told["machine"] == socket.gethostname()
            born = psutil.Process(int(told["process"])).create_time() if here else 0.0
            alive = here and abs(born - float(told["born"])) < 2
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            continue
        if alive:
            found.append(run_moment(owner.parent.name.removeprefix(_PARTIAL)))
    return found
