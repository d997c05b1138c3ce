"""`cop export`: a study's coding written for another program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cop_analysis.commands.coding.opened import sentences
from cop_analysis.commands.registry import DATA_AT_FAULT, RUN_FAILED, StudyFolder, command, holds_study, stop
from cop_analysis.terminal import say

if TYPE_CHECKING:
    import pandas as pd

    from cop_analysis.study import Study

SHOWN = 20
"""How many things that were changed or left are printed; how many more there are is said."""


@command("export")
def export(
    study: StudyFolder,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            help="What to write: qdpx, qdc, csv, xlsx, docx. Left out, all there are are listed with what each is for.",
        ),
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file; without it STUDY.FORMAT in this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    offsets: Annotated[
        str, typer.Option("--offsets", help="qdpx only: codepoint (the standard) or utf16 (older NVivo and emoji).")
    ] = "codepoint",
) -> None:
    """Write a study's coding for another program, with a report of what the format could not hold."""
    from cop_analysis import open_study
    from cop_analysis.files import reason_of
    from cop_analysis.realist.exchange.registry import HowToWrite, formats
    from cop_analysis.realist.model.consent import withheld_words
    from cop_analysis.study import StudyError

    kind = formats().get(format)
    if kind is None or kind.write is None:
        stop(_which(format))
    if not holds_study(study):
        stop(f"{study} is no study folder: it holds no study.toml.")
    with sentences():
        try:
            opened = open_study(study)
            coding = opened.coding
        except StudyError:
            stop(f"{study} has faults. List them with: cop check {study}", DATA_AT_FAULT)
    if coding is None:
        stop(f"{study} has no coding yet, so there is nothing to export.", DATA_AT_FAULT)
    file = out or Path(f"{opened.key}.{format}")
    with sentences():
        how = HowToWrite(force, offsets, study / "documents", opened.title, lambda: _tables(opened))
        try:
            report = kind.write(coding, file, how)
        except OSError as fault:
            stop(f"{file} could not be written: {reason_of(fault)}.", RUN_FAILED)
        withheld = withheld_words(coding, opened)
    say(report.sentence)
    if withheld:
        say(f"  {withheld}")
    for line in report.lines[1 : SHOWN + 1]:
        say(f"  {line}")
    if len(report.lines) > SHOWN + 1:
        say(f"  and {len(report.lines) - SHOWN - 1:,} more.")
    say(f"{file}")


def _which(format: str) -> str:
    """Say which formats there are, each with what it is for."""
    from cop_analysis.realist.exchange.registry import formats

    known = [f"{name} ({one.purpose})" for name, one in sorted(formats().items()) if one.write is not None]
    said = f"There is no format {format!r}" if format else "Say what to write, with --format"
    return f"{said}. Known are: {', '.join(known)}."


def _tables(study: Study) -> dict[str, pd.DataFrame]:
    from cop_analysis import realist

    return {title: realist.configuration_export(study, shape) for shape, title in _SHAPES.items()}


_SHAPES = {
    1: "Outcomes when the mechanism is present and when it is not",
    2: "Configurations as sentences, with their sources",
    3: "From initial theory to configuration",
    4: "Configurations with the weight of their evidence",
}
