"""A test run that is interrupted, ended or killed leaves no program behind that a test started."""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).resolve().parent

INNER = """
import json, sys, tempfile, time, urllib.request
from pathlib import Path
import psutil
from jupyter_client.manager import start_new_kernel
from tests.widgets.in_jupyterlab import lab_on_the_example

def test_that_waits(postgresql, tmp_path, start_process, wait_until, make_folder):
    make_folder()
    with lab_on_the_example(tmp_path, start_process, wait_until) as (address, token, work):
        order = urllib.request.Request(address + "/api/kernels?token=" + token, data=b"{{}}", method="POST")
        kernel = json.load(urllib.request.urlopen(order, timeout=600))["id"]
        start_new_kernel(startup_timeout=600)
        state = lambda: json.load(urllib.request.urlopen(address + "/api/kernels/" + kernel + "?token=" + token))
        wait_until(lambda: state()["execution_state"] != "dead", "the kernel in JupyterLab")
        started = psutil.Process().children(recursive=True)
        found = [[one.pid, one.create_time(), " ".join(one.cmdline())] for one in started]
        Path({mark!r}).with_suffix(".part").write_text(json.dumps(found))
        Path({mark!r}).with_suffix(".part").rename({mark!r})
        time.sleep(3000)
"""


def is_alive(process: int, born: float) -> bool:
    try:
        found = psutil.Process(process)
        return abs(found.create_time() - born) < 2 and found.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_no_server_and_no_kernel_outlives_a_test_run(how, make_folder, tmp_path, start_process, wait_until):
    mark, temporary = tmp_path / "started.json", make_folder()
    temporary.chmod(0o755)  # PostgreSQL runs as another user
    shutil.copy(HERE / "conftest.py", tmp_path / "conftest.py")
    (tmp_path / "inner").mkdir()
    shutil.copy(HERE / "realist" / "store" / "conftest.py", tmp_path / "inner" / "conftest.py")
    (tmp_path / "inner" / "test_inner.py").write_text(INNER.format(mark=str(mark)), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--import-mode=importlib",
               "--rootdir", str(tmp_path), "-c", os.devnull, str(tmp_path)]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "TMPDIR": str(temporary)}
    said = tmp_path / "said"

    def begin(*more: str):
        with said.open("wb") as stream:
            return start_process(
                [*command, *more], stops_by=signal.SIGKILL, cwd=tmp_path, env=environment, stdout=stream, stderr=stream
            )

    tests = begin()
    wait_until(lambda: mark.exists() or tests.poll() is not None, "the tests to start their servers")
    if tests.poll() is not None:
        words = said.read_text(errors="replace")
        if "is not installed on this machine" in words:
            pytest.skip("PostgreSQL is not installed on this machine")
        pytest.fail(words)
    started = json.loads(mark.read_text(encoding="utf-8"))
    commands = [command for _, _, command in started]
    assert any("postgres" in one for one in commands)
    assert any("jupyterlab" in one or "jupyter-lab" in one for one in commands)
    assert sum("ipykernel" in one for one in commands) == 2, commands
    tests.send_signal(getattr(signal, how))
    tests.wait(timeout=600)
    left = lambda: [command for process, born, command in started if is_alive(process, born)]  # noqa: E731
    wait_until(lambda: not left(), "every server and kernel to end")
    if how == "SIGKILL":
        # Nobody could clear up; the next tests that begin do.
        assert list(temporary.glob("cop-*"))
        begin("--collect-only").wait(timeout=600)
    assert list(temporary.glob("cop-*")) == []
