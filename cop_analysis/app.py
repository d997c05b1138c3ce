"""The command line itself: `cop`, its help, and the commands that are found in `cop_analysis.commands`."""

from __future__ import annotations

from typing import Annotated

import typer

from cop_analysis._version import __version__
from cop_analysis.commands.registry import DONE, add_commands
from cop_analysis.terminal import say

app = typer.Typer(
    name="cop",
    epilog="Exit codes: 0 done; 1 the data is at fault; 2 the call is at fault; 3 a run failed; 4 a report is made but "
    "could not be listed; 130 or 143 stopped. Of several studies the worst counts. "
    "Start with: cop new my_study, then cop check my_study, then cop report my_study.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(asked: bool) -> None:
    if asked:
        say(f"cop {__version__}")
        raise typer.Exit(DONE)


@app.callback()
def cop(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """A realist evaluation workbench for communities of practice: from a study folder to an offline report."""


add_commands(app)
