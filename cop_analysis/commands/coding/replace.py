"""`cop coding replace`: the coding of a document carried over to its corrected text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.coding.opened import SHOWN, CoderOption, opened
from cop_analysis.commands.registry import StudyFolder, command
from cop_analysis.terminal import say


@command("coding", "replace")
def replace(
    study: StudyFolder,
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its identifier in documents.csv.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="The corrected file; left out where the file in documents/ is corrected already."
        ),
    ] = None,
    coder: CoderOption = "",
) -> None:
    """Carry the coding of a document over to its corrected text, and say what moved and what found no place."""
    from cop_analysis.study.faults import visible

    with opened(study) as coding:
        done = coding.replace_document(document, file=file, coder=coder or None)
        say(f"{document}: {done.sentence}")
        reworded = [one for one in done.moved if one.quote != one.quote_before]
        for one in reworded[:SHOWN]:
            say(f'  {one.extract}: "{visible(one.quote_before, 200)}" is now "{visible(one.quote, 200)}"')
        if len(reworded) > SHOWN:
            say(f"  and {len(reworded) - SHOWN:,} more with corrected words.")
        for lost in done.lost:
            say(f"  no place: {visible(lost.sentence, 600)}")
        for gone in done.foreign_lost:
            words = f': "{visible(gone.quote, 200)}"' if gone.quote else ""
            where = f"characters {gone.start:,} to {gone.end:,} before"
            say(f"  no place: selection {visible(gone.name)} of another program, {where}{words}")
        if done.lost:
            say("Select these passages again in the workbench; their codes and notes are kept.")
