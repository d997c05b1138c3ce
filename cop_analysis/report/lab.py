"""Opening JupyterLab on the workbench notebook; nothing is run or rendered here."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cop_analysis.report.notebooks import notebooks_folder
from cop_analysis.widgets.workbench import ROOT_VARIABLE, STUDY_VARIABLE

WORKBENCH = "00_workbench.ipynb"
CONFIGURATION = Path(__file__).resolve().parent / "jupyter"
"""JupyterLab's settings for the workbench: it does not ask whether to fetch news from the network."""


def lab_folder(start: Path) -> Path:
    """Give the folder JupyterLab is to open, with ``notebooks/`` in it; make that from the package's own if need be.

    In a checkout that is the checkout. With an installed package it is `start`: notebooks that are not there yet are
    copied to ``start/notebooks``, and one that is there is never overwritten, for it may hold somebody's work.

    Raises
    ------
    OSError
        If the notebooks cannot be copied.
    """
    source = notebooks_folder()
    if (source.parent / "pyproject.toml").is_file():
        return source.parent
    target = start.resolve() / "notebooks"
    target.mkdir(parents=True, exist_ok=True)
    for notebook in sorted(source.glob("*.ipynb")):
        if not (target / notebook.name).exists():
            shutil.copyfile(notebook, target / notebook.name)
    return target.parent


def lab_command(folder: Path, *, browser: bool, port: int) -> list[str]:
    """Write the command that serves JupyterLab from a folder, on this machine only."""
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        str(Path("notebooks") / WORKBENCH),
        f"--ServerApp.root_dir={folder}",
        f"--port={port}",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def lab_environment(folder: Path, study: Path) -> dict[str, str]:
    """Give the environment JupyterLab is started with: this one, the study that was chosen, and our settings."""
    configured = [str(CONFIGURATION), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return os.environ | {
        STUDY_VARIABLE: str(study.resolve()),
        ROOT_VARIABLE: str(folder),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, configured)),
    }


def free_port(first: int) -> int:
    """Give the first port from one on that nobody on this machine listens at.

    Raises
    ------
    OSError
        When none of the fifty from there on is free.
    """
    for port in range(first, min(first + 50, 65536)):
        with socket.socket() as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError(f"No port from {first} to {min(first + 49, 65535)} is free on this machine: name another by --port.")


def lab_address(port: int, token: str) -> str:
    """Give the address at which a browser finds the workbench notebook.

    Examples
    --------
    >>> lab_address(8888, "abc")
    'http://127.0.0.1:8888/lab/tree/notebooks/00_workbench.ipynb?token=abc'
    """
    return f"http://127.0.0.1:{port}/lab/tree/notebooks/{WORKBENCH}?token={token}"


def open_workbench(study: Path, *, browser: bool = True, port: int = 8888) -> int:
    """Open JupyterLab on the workbench notebook with a study chosen, and wait until it is closed.

    Without a browser the address of the workbench notebook is printed as soon as it answers. Ended by SIGTERM (or with
    its terminal), it ends its JupyterLab and the kernels of that.

    Parameters
    ----------
    study : Path
        The study folder.
    browser : bool
        Whether to open a browser window.
    port : int
        The port to try first.

    Returns
    -------
    int
        0 when the server was closed as usual, 3 when it could not run, 128 and the signal's number when it was ended
        by one.
    """
    folder = lab_folder(Path.cwd())
    try:
        port = free_port(port)
    except OSError as error:
        print(error, file=sys.stderr)
        return 3
    environment = lab_environment(folder, study)
    # By the environment, since a command line can be read by everybody on the machine.
    token = environment.setdefault("JUPYTER_TOKEN", secrets.token_hex(24))
    command = [*lab_command(folder, browser=browser, port=port), "--ServerApp.port_retries=0"]
    process = subprocess.Popen(command, cwd=folder, env=environment)
    with _ending(process) as ended:
        if not browser and _answers(process, f"http://127.0.0.1:{port}/api?token={token}"):
            print(
                f"The workbench of {study.name} is at:\n\n    {lab_address(port, token)}\n\nOpen it in a browser and "
                "choose Run, then Run All Cells. Ctrl+C here closes it.",
                flush=True,
            )
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                # JupyterLab got the same Ctrl+C and asks whether to close; wait for its answer.
                continue
    if ended:
        print("The workbench was closed, with its kernels. What was coded is stored.", file=sys.stderr)
        return 128 + ended[0]
    return 0 if code == 0 else 3


@contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """Hand a signal that ends this process to its JupyterLab, which closes its kernels; gives the signals that came."""
    came: list[int] = []

    def end(number: int, _frame: object) -> None:
        came.append(number)
        # The first asks it to close, which it does with its kernels; a second does not wait for that.
        process.terminate() if len(came) == 1 else process.kill()

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        names = []
    before = {name: signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield came
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _answers(process: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the server answers; false where it ended before it did."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return True
        except (OSError, ValueError):
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.3)
        except KeyboardInterrupt:
            return False
    return False
