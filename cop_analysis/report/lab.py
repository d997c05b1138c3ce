"""Opening JupyterLab on the workbench notebook; nothing is run or rendered here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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


def open_workbench(study: Path, *, browser: bool = True, port: int = 8888) -> int:
    """Open JupyterLab on the workbench notebook with a study chosen, and wait until it is closed.

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
        0 when the server was closed as usual, 3 when it could not run.
    """
    folder = lab_folder(Path.cwd())
    command = lab_command(folder, browser=browser, port=port)
    process = subprocess.Popen(command, cwd=folder, env=lab_environment(folder, study))
    while True:
        try:
            return 0 if process.wait() == 0 else 3
        except KeyboardInterrupt:
            # JupyterLab got the same Ctrl+C and asks whether to close; wait for its answer.
            continue
