"""A process killed at any line while it makes a database, or brings one up to date, leaves something that opens."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cop_analysis import open_study

pytestmark = pytest.mark.slow

HARNESS = """
import os, shutil, signal, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from cop_analysis.realist.store import open_coding
from cop_analysis.study import open_study

folder, how, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
study = open_study(folder)
whole = folder.with_name(f"{folder.name}-whole")
WATCHED = ("store/store.py", "store/connect.py", "store/engines.py", "store/migrate.py", "store/agree.py",
           "realist/snapshot.py", "versions/first_tables.py", "versions/what_was_erased.py")
if how == "without links":
    def refuse(*_, **__):
        raise OSError("no links here")
    os.link = refuse


def work(last):
    lines = 0

    def trace(frame, event, _):
        nonlocal lines
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line":
            lines += 1
            if lines == last:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    coding = open_coding(folder, study)
    coding.add_code("Trust", coder="a")
    sys.settrace(None)
    os._exit(7)


# Once without a kill, so that everything is imported.
shutil.copytree(folder, whole)
open_coding(folder, study).add_code("Once", coder="a")
kills = 0
while True:
    shutil.rmtree(folder)
    shutil.copytree(whole, folder)
    child = os.fork()
    if not child:
        work(1 + kills * step)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        assert os.WEXITSTATUS(status) == 7, status
        break
    kills += 1
    with open_coding(folder, study) as coding:
        names = set(coding.codes["name"])
        assert {"Alone", "Asking", "Ringing"} <= names, (kills, names)
        coding.add_code("Afterwards", coder="a")
    with open_coding(folder, study) as coding:
        assert "Afterwards" in set(coding.codes["name"]), kills
        with coding._store.connector.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
print(kills)
"""


@pytest.mark.parametrize(("how", "step"), [("made", 23), ("without links", 23), ("brought up to date", 23)])
def test_killed_at_any_line_it_leaves_something_that_opens(sqlite_folder: Path, how: str, step: int):
    if how == "brought up to date":
        _older(sqlite_folder)
    done = subprocess.run(
        [sys.executable, "-c", HARNESS, str(sqlite_folder), how, str(step)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) > 8


def _older(folder: Path) -> None:
    """Take a database back to the first tables."""
    with open_study(folder).coding as coding:
        coding.add_code("Before", coder="a")
    connection = sqlite3.connect(folder / "coding.db")
    connection.executescript(
        "PRAGMA journal_mode=DELETE; DROP TABLE erased_turn; ALTER TABLE tombstone DROP COLUMN what;"
        "ALTER TABLE tombstone DROP COLUMN salt; ALTER TABLE tombstone DROP COLUMN words;"
        "UPDATE alembic_version SET version_num = '0001';"
    )
    connection.close()
