"""A test run that is interrupted, ended or killed leaves no program behind that a test started."""

import os
import shutil
import signal
import sys
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).resolve().parent

INNER = """
import sys, time
from pathlib import Path

def test_that_waits(start_process):
    server = start_process([sys.executable, "-c", "import time; time.sleep(3000)"])
    Path({mark!r}).write_text(str(server.pid))
    time.sleep(3000)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_nothing_outlives_a_test_run(how, tmp_path, start_process, wait_until):
    mark = tmp_path / "server.pid"
    shutil.copy(HERE / "conftest.py", tmp_path / "conftest.py")
    (tmp_path / "test_inner.py").write_text(INNER.format(mark=str(mark)), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        "-c",
        os.devnull,
    ]
    with (tmp_path / "said").open("wb") as said:
        tests = start_process(
            [*command, str(tmp_path / "test_inner.py")], stops_by=signal.SIGKILL, cwd=tmp_path, stdout=said, stderr=said
        )
    wait_until(lambda: (mark.exists() and mark.read_text()) or tests.poll() is not None, "the test to start its server")
    assert tests.poll() is None, (tmp_path / "said").read_text(errors="replace")
    server = psutil.Process(int(mark.read_text()))
    tests.send_signal(getattr(signal, how))
    tests.wait(timeout=600)

    def is_over() -> bool:
        try:
            return server.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    wait_until(is_over, "the server to end")
