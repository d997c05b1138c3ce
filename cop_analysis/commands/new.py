"""`cop new`: make a study folder to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.registry import command, stop, stop_writing
from cop_analysis.terminal import say


@command("new")
def new(
    path: Annotated[Path, typer.Argument(help="The folder to make; it must not exist, or be empty.")],
    example: Annotated[bool, typer.Option("--example", help="Fill in a few invented rows to learn from.")] = False,
) -> None:
    """Make a new study folder: a commented study.toml, a file for each table, and a guide to every column."""
    from cop_analysis.files import reason_of
    from cop_analysis.study import new_study

    try:
        new_study(path, example=example)
    except ValueError as fault:
        stop(str(fault))
    except OSError as fault:
        stop_writing(f"The folder {path} cannot be made ({reason_of(fault)}); give another place.", fault)
    say(f"Made the study {path}.")
    say(f"  1. Open {path / 'study.toml'} in a text editor and fill in the title and what the comments ask for.")
    say(f"  2. Fill in the tables you have and delete the others; {path / 'README.md'} explains every column.")
    say(f"  3. cop check {path}")
    say(f"  4. cop report {path}")
