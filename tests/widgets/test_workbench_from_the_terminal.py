"""`cop workbench` from a terminal: its address opens the notebook with its study, and ending it ends all it started."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cop_analysis.report.lab import free_port
from tests.widgets.in_jupyterlab import PLACES, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.browser]


# The command as it is, but for the folder of the notebooks: a run writes nothing into the repository's own.
ELSEWHERE = """
from pathlib import Path
from cop_analysis.report import lab
lab.lab_folder = lambda start: Path({folder!r})
from cop_analysis.cli import app
app()
"""


def below(parent: int) -> set[int]:
    """Give the processes a process started, and theirs."""
    table = [line.split() for line in subprocess.check_output(["ps", "-eo", "pid=,ppid="], text=True).splitlines()]
    found, new = set(), {parent}
    while new:
        new = {int(pid) for pid, above in table if int(above) in new}
        found |= new
    return found


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_the_address_opens_the_notebook_with_its_study_and_sigterm_ends_the_kernels(
    tmp_path, a_browser, start_process, wait_until
):
    study = tmp_path / "work" / "data" / "nmp_forum"
    shutil.copytree(ROOT / "data" / "nmp_forum", study)
    shutil.copytree(ROOT / "notebooks", tmp_path / "work" / "notebooks")
    environment = os.environ | {name: str(tmp_path / name.lower()) for name in PLACES}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with socket.socket() as taken, (tmp_path / "said.txt").open("wb") as said:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-c", ELSEWHERE.format(folder=str(tmp_path / "work")), "workbench", str(study),
                   "--no-browser", "--port", str(taken.getsockname()[1])]  # fmt: skip
        process = start_process(command, cwd=tmp_path, env=environment, stdout=said, stderr=said)
        try:

            def printed() -> re.Match[str] | bool | None:
                told = (tmp_path / "said.txt").read_text(errors="replace")
                return re.search(r"^    (http://\S+)$", told, re.MULTILINE) or process.poll() is not None

            address = wait_until(printed, "the address")
            assert isinstance(address, re.Match), (tmp_path / "said.txt").read_text(errors="replace")
            with a_browser.new_context(viewport={"width": 1366, "height": 768}) as context:
                page = context.new_page()
                page.goto(address[1])
                page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
                page.get_by_role("menuitem", name="Run", exact=True).click()
                page.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
                page.locator(".cop-workbench[data-ready]").wait_for()
                title = page.locator(".cop-workbench h2")
                expect(title).to_contain_text("Virtual forum for non-medical prescribers")
            started = below(process.pid)
            assert len(started) >= 2, "a server and a kernel"
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=600) == 128 + signal.SIGTERM
            wait_until(lambda: not any(map(is_alive, started)), "the server and its kernels to end")
            assert "The workbench was closed" in (tmp_path / "said.txt").read_text(errors="replace")
        finally:
            for pid in (*below(process.pid), process.pid):
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)
            process.wait(timeout=30)


def test_a_port_that_is_taken_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) > taken.getsockname()[1]
