"""`cop coding at`: what a coding held at a date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.coding.opened import holdings, opened, warn_of_words
from cop_analysis.commands.registry import StudyFolder, command, refuse_to_replace
from cop_analysis.terminal import say


@command("coding", "at")
def at(
    study: StudyFolder,
    date: Annotated[
        str, typer.Argument(metavar="DATE", help="As 2025-03-02 (the end of that day) or 2025-03-02T10:00.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the coding as it was to this coding.json.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Say what a coding held at a date, or write it as it was then."""
    from cop_analysis.realist import write_coding

    with opened(study) as coding:
        then = coding.at(date)
        first = coding.log.changes()[0].at
        begins = "" if holdings(then) != "nothing" else f"; its log begins at {first[:19]}Z"
        say(f"{study} at {date}: {holdings(then)}{begins}.")
        if out is not None:
            refuse_to_replace(out, force)
            say(f"Written to {write_coding(then, out)}.")
            warn_of_words(then)
