"""A JupyterLab of a test's own, and going about in it as a person does."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cop_analysis.report.lab import lab_command, lab_environment

ROOT = Path(__file__).resolve().parents[2]
IDLE = "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
PLACES = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
          "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip


HOLDS = """(words) => {
  const { cells } = window.jupyterapp.shell.currentWidget.content.model;
  const outputs = [...cells].flatMap((cell) => (cell.outputs ? cell.outputs.toJSON() : []));
  return outputs.some((one) => [one.data?.["text/html"] ?? ""].flat().join("").includes(words));
}"""


def notebook(coder: str) -> str:
    source = f"from cop_analysis import widgets\nwidgets.coding('../data/nmp_forum', coder='{coder}')"
    cell = {"cell_type": "code", "id": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def answers(address: str, server: subprocess.Popen[bytes], log: Path) -> bool:
    """Say whether a server answers yet; one that has ended is a failure, with what it wrote."""
    assert server.poll() is None, log.read_text(errors="replace")
    try:
        with urllib.request.urlopen(address, timeout=60):
            return True
    except OSError:
        return False


@contextmanager
def lab_on_the_example(
    tmp_path: Path, start_process: Callable[..., Any], wait_until: Callable[..., Any]
) -> Iterator[tuple[str, str, Path]]:
    """A JupyterLab of its own on a study and two notebooks that code it."""
    work = tmp_path / "work"
    shutil.copytree(ROOT / "data" / "nmp_forum", work / "data" / "nmp_forum")
    shutil.copytree(ROOT / "notebooks", work / "notebooks")
    for name, coder in (("first", "coder-a"), ("second", "coder-b")):
        (work / "notebooks" / f"{name}.ipynb").write_text(notebook(coder), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    environment = lab_environment(work, work / "data" / "nmp_forum")
    environment |= {name: str(tmp_path / name.lower()) for name in PLACES}
    environment["PYTHONPATH"] = str(ROOT)
    command = [*lab_command(work, browser=False, port=port), f"--IdentityProvider.token={token}",
               "--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True"]  # fmt: skip
    log = (tmp_path / "lab.log").open("wb")
    server = start_process(command, cwd=work, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{address}/api?token={token}", server, tmp_path / "lab.log"), "JupyterLab to start")
        yield address, token, work
    finally:
        server.terminate()
        server.wait(timeout=600)
        log.close()


def run_all(page: Any) -> None:
    """Have all cells run; `globalThis.ranAll` is true in the page once they have."""
    page.wait_for_function(IDLE, timeout=180_000)
    page.evaluate("""() => {
      globalThis.ranAll = false;
      window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => { globalThis.ranAll = true; });
    }""")


def execute(page: Any, command: str, **arguments: Any) -> None:
    """Have JupyterLab carry out a command, and wait until it has."""
    page.evaluate("async ([command, given]) => { await window.jupyterapp.commands.execute(command, given); }",
                  [command, arguments])  # fmt: skip


def end_kernel(page: Any, verb: str) -> None:
    """Restart the notebook's kernel (`restartKernel`) or end it (`shutdown`), and wait until that is done."""
    page.evaluate("async (verb) => { await window.jupyterapp.shell.currentWidget.sessionContext[verb](); }", verb)


def until(page: Any, so: Callable[[], Any], what: str) -> None:
    """Wait until something outside the page is so; the page goes on meanwhile."""
    for _ in range(3_000):
        if so():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"waited in vain for {what}")


def save_by_key(page: Any, file: Path) -> None:
    """Save the notebook as a person does, and wait until its file is another, and whole."""
    before = file.stat().st_mtime_ns

    def saved() -> bool:
        try:
            return file.stat().st_mtime_ns != before and bool(json.loads(file.read_text(encoding="utf-8")))
        except ValueError:
            return False

    page.keyboard.press("Control+s")
    until(page, saved, f"{file.name} to be saved")


def visit(context: Any, lab: tuple[str, str, Path], name: str, *, run: bool = True,
          panel: str = ".cop-coding[data-ready]") -> Any:  # fmt: skip
    address, token, _ = lab
    page = context.new_page()
    page.goto(f"{address}/lab/tree/notebooks/{name}.ipynb?reset&token={token}")
    if run:
        run_all(page)
    page.wait_for_selector(panel, timeout=180_000)
    return page


def shot(page: Any, name: str) -> None:
    """Keep a picture of the page where somebody asked for pictures."""
    folder = os.environ.get("COP_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")
