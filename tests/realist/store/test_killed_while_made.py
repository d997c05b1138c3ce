"""A process killed while it makes a database, or brings one up to date, leaves something that opens.

It is killed once in every state the folder passes through, seen line by line: between two of them a kill leaves the
same files.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist.store.schema import SCHEMA_VERSION

pytestmark = pytest.mark.slow

HARNESS = """
import os, re, shutil, signal, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from cop_analysis.realist.coding import open_coding
from cop_analysis.study import open_study

folder, how = Path(sys.argv[1]), sys.argv[2]
study = open_study(folder)
whole = folder.with_name(f"{folder.name}-whole")
WATCHED = ("store/store.py", "store/connect.py", "store/migrate.py", "coding/agree.py",
           "files/whole.py", "versions/first_tables.py", "versions/what_was_erased.py",
           "versions/what_was_corrected.py")
if how == "without links":
    def refuse(*_, **__):
        raise OSError("no links here")
    os.link = refuse


def looks():
    with os.scandir(folder) as there:
        return {(one.name, found.st_ino, found.st_size, found.st_mtime_ns) for one in there if (found := one.stat())}


def work(last):
    states, now = 0, looks()

    def trace(frame, event, _):
        nonlocal states, now
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line" and (seen := looks()) != now:
            states, now = states + 1, seen
            if states == last:
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
kills, left = 0, set()
while True:
    shutil.rmtree(folder)
    shutil.copytree(whole, folder)
    child = os.fork()
    if not child:
        work(1 + kills)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        assert os.WEXITSTATUS(status) == 7, status
        break
    kills += 1
    left |= {re.sub("[0-9a-f]{8}", "X", one.name) for one in folder.iterdir()}
    with open_coding(folder, study) as coding:
        names = set(coding.codes["name"])
        assert {"Alone", "Asking", "Ringing"} <= names, (kills, names)
        coding.add_code("Afterwards", coder="a")
    with open_coding(folder, study) as coding:
        assert "Afterwards" in set(coding.codes["name"]), kills
        with coding._store.connector.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
print(*sorted(left))
"""


@pytest.mark.parametrize("how", ["made", "without links", "brought up to date"])
def test_killed_in_every_state_on_the_way_it_leaves_something_that_opens(sqlite_folder: Path, how: str):
    if how == "brought up to date":
        _older(sqlite_folder)
    done = subprocess.run([sys.executable, "-c", HARNESS, str(sqlite_folder), how], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    halfway = {".coding.db.X.part", ".coding.db.X.part-journal", "coding.db", ".coding.json.X.part"}
    if how == "brought up to date":
        halfway = {f"coding.before-{SCHEMA_VERSION}.db", "coding.db-wal", ".coding.json.X.part"}
    assert set(done.stdout.split()) >= halfway


def _older(folder: Path) -> None:
    """Take a database back to the first tables."""
    with open_study(folder).coding as coding:
        coding.add_code("Before", coder="a")
    connection = sqlite3.connect(folder / "coding.db")
    connection.executescript(
        "PRAGMA journal_mode=DELETE; DROP TABLE correction; DROP TABLE erased_turn;"
        "ALTER TABLE tombstone DROP COLUMN what;"
        "ALTER TABLE tombstone DROP COLUMN salt; ALTER TABLE tombstone DROP COLUMN words;"
        "UPDATE alembic_version SET version_num = '0001';"
    )
    connection.close()
