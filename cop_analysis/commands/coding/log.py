"""`cop coding log`: who did what when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.coding.opened import opened, say_change, warn_of_words
from cop_analysis.commands.registry import StudyFolder, command, write_table
from cop_analysis.terminal import say


@command("coding", "log")
def show_log(
    study: StudyFolder,
    coder: Annotated[str, typer.Option("--coder", help="Only what this coder did.")] = "",
    last: Annotated[int, typer.Option("--last", min=1, help="Only so many of the latest changes.")] = 50,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the whole log to this CSV file instead.")
    ] = None,
) -> None:
    """Say who did what when: one line a change, with its number, the latest last."""
    with opened(study) as coding:
        if out is not None:
            table = coding.log(coder=coder or None)
            write_table(out, table)
            say(f"The log is in {out} ({len(table):,} rows).")
            warn_of_words(coding)
            return
        changes = coding.log.changes(coder=coder or None, last=last)
        for one in changes:
            say_change(one)
        known = [] if changes else sorted({one.who for one in coding.log.changes()})
        if known:
            say(f"{study}: the log holds no change by {coder}; it holds changes by {', '.join(known)}.")
        elif not changes:
            say(f"{study}: nothing was changed yet; the log is empty.")
