"""Whose a half-made file is, whatever was done to the clock meanwhile."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cop_analysis.files import born, is_at_work, is_left

DAY = 86_400


@pytest.mark.skipif(sys.platform != "linux", reason="only there the start of a process is told by the clock")
def test_a_clock_that_is_put_back_makes_no_process_another(monkeypatch):
    import psutil

    def set_by(seconds: float) -> None:
        monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: 1_700_000_000.0 + seconds)

    set_by(0)
    before, by_the_clock = born(os.getpid()), psutil.Process().create_time()
    set_by(-DAY)
    # The control: what the clock says of this process moved by a day.
    assert by_the_clock - psutil.Process().create_time() == pytest.approx(DAY)
    assert born(os.getpid()) == before
    assert is_at_work(os.getpid(), before)


def test_a_process_that_ended_is_not_at_work_and_neither_is_another_of_its_number(start_process):
    other = start_process([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    since = born(other.pid)
    assert is_at_work(other.pid, since)
    assert not is_at_work(other.pid, f"{since}1")
    other.communicate(b"\n")
    assert not is_at_work(other.pid, since)


@pytest.mark.parametrize(
    ("age", "left"), [(0, False), (500, False), (700, True), (-1800, False), (-DAY, True), (-3 * 365 * DAY, True)]
)
def test_a_file_of_a_time_to_come_is_left_as_an_old_one_is(tmp_path: Path, age: int, left: bool):
    path = tmp_path / "half"
    path.touch()
    moment = time.time() - age
    os.utime(path, (moment, moment))
    assert is_left(path, 600) is left
