"""`cop workbench`: JupyterLab on the workbench notebook of a study."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.registry import chosen_studies, command, holds_study, no_study, stop


@command("workbench")
def workbench(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study folder to work on.")],
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port JupyterLab tries first.")] = 8888,
) -> None:
    """Open JupyterLab on the workbench notebook, with this study chosen."""
    from cop_analysis.report import open_workbench

    (folder,) = chosen_studies([study], every=False)
    if sentence := no_study(folder):
        stop(sentence)
    # JupyterLab gets the same Ctrl-C and asks whether to close; its answer is waited for.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not holds_study(folder):
        stop(f"{folder} holds no study.toml. Make a new study with: cop new {folder / 'my_study'}")
    raise typer.Exit(open_workbench(folder, browser=browser, port=port))
