"""`cop coding import`: other programs' coding brought into a study; words and flags to one call each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cop_analysis.coding_commands import (
    DATA_AT_FAULT,
    SHOWN,
    StudyFolder,
    count,
    refuse_to_replace,
    sentences,
    show_conflicts,
    stop,
)

if TYPE_CHECKING:
    from cop_analysis.realist.importing import Imported


def import_files(
    study: StudyFolder,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="A project of NVivo, ATLAS.ti, MAXQDA and others (.qdpx, .qde, .qdc), QualCoder or Taguette, or a "
            "table of coded segments (CSV, xlsx); told by what it holds.",
        ),
    ],
    offsets: Annotated[
        Literal["auto", "codepoint", "utf16"],
        typer.Option("--offsets", help="What positions count in, where the file does not settle it."),
    ] = "auto",
    line_breaks: Annotated[
        Literal["auto", "one", "two"],
        typer.Option("--line-breaks", help="How a line break written as two characters counts."),
    ] = "auto",
    project: Annotated[
        str, typer.Option("--project", help="Which project, by name or number, where a Taguette file holds several.")
    ] = "",
    coder: Annotated[str, typer.Option("--coder", help="Who brings it in, by identifier, for the log.")] = "",
    look: Annotated[bool, typer.Option("--look", help="Only say what would be done; nothing is written.")] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write all that was carried, changed and left here (CSV)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file of --report if it exists.")] = False,
) -> None:
    """Bring a coding project of another program into a study: its texts, its coding, and a report of both."""
    if report is not None:
        refuse_to_replace(report, force)
    if not (study / "study.toml").is_file():
        stop(f"{study} is no study folder: it holds no study.toml. Make one with: cop new {study}", 2)
    tables = []
    for file in files:
        done = _brought(study, file, offsets, line_breaks, project, coder, look)
        _say(study, done)
        tables.append(done.report.table.assign(file=file.name))
    if report is not None:
        import pandas as pd

        from cop_analysis.results import csv_text

        report.write_text(csv_text(pd.concat(tables)), encoding="utf-8-sig", newline="")
        typer.echo(f"The whole report is in {report}.")


def _brought(study: Path, file: Path, offsets: str, line_breaks: str, project: str, coder: str, look: bool) -> Imported:
    from cop_analysis.realist import ExchangeError
    from cop_analysis.realist.importing import UnsettledOffsets, import_project
    from cop_analysis.study import StudyError

    with sentences():
        try:
            return import_project(
                study, file, offsets=offsets, line_breaks=line_breaks, project=project, coder=coder, look=look
            )
        except StudyError as fault:
            if any(one.file != "coding.json" for one in fault.faults):
                stop(f"{study} has faults. List them with: cop check {study}", DATA_AT_FAULT)
            raise
        except UnsettledOffsets as fault:
            typer.echo(str(fault), err=True)
            for line in fault.preview.lines:
                typer.echo(line, err=True)
            raise typer.Exit(DATA_AT_FAULT) from None
        except ExchangeError as fault:
            stop(str(fault), DATA_AT_FAULT)


def _say(study: Path, done: Imported) -> None:
    from cop_analysis.study.faults import visible

    typer.echo(visible(done.sentence, 1_000))
    lines = done.report.lines
    for line in lines[: SHOWN + 1]:
        typer.echo(f"  {visible(line, 1_000)}")
    if len(lines) > SHOWN + 1:
        typer.echo(f"  and {len(lines) - SHOWN - 1:,} more; write them all to a file with --report FILE.")
    for line in done.report.caveats:
        typer.echo(f"  note: {visible(line, 1_000)}")
    if done.preview is not None:
        for line in done.preview.lines:
            typer.echo(f"  {line}")
    show_conflicts(list(done.conflicts))
    if done.conflicts:
        typer.echo(f"Decide each with: cop coding settle {study} NUMBER kept|other")
    if done.is_kept and done.changed:
        many = count(done.changed, "record")
        typer.echo(f"To take the {many} back: cop coding undo {study}")
