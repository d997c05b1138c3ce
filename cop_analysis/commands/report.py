"""`cop report`: run a study's notebooks and leave an offline report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cop_analysis.commands.check import report_faults
from cop_analysis.commands.registry import (
    CALL_AT_FAULT,
    DATA_AT_FAULT,
    DONE,
    NOT_LISTED,
    RUN_FAILED,
    All,
    Studies,
    chosen_studies,
    command,
    no_study,
    one_by_one,
    stop,
)
from cop_analysis.terminal import say, say_error

if TYPE_CHECKING:
    from cop_analysis.report import RunSettings


@command("report")
def report(
    studies: Studies = None,
    every: All = False,
    out: Annotated[Path, typer.Option("--out", help="Where reports go.")] = Path("outputs"),
    period: Annotated[
        str, typer.Option("--period", help="Restrict events to a period, such as 2023/24 (1 April to 31 March).")
    ] = "",
    audience: Annotated[
        str, typer.Option("--audience", help="Who the report is for; 'internal' shows everything.")
    ] = "internal",
    notebook: Annotated[
        list[str] | None, typer.Option("--notebook", help="Only this notebook (by name or number); may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the permutation tests.")] = 20240401,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Notebooks at once; by default as many as there are cores, 2 to 4.")
    ] = None,
) -> None:
    """Run a study's notebooks and leave an offline HTML report in outputs/STUDY/RUN, listed in outputs/index.html."""
    from cop_analysis.report import RunSettings, SettingsError, write_outputs_index

    folders = chosen_studies(studies, every)
    try:
        # What is wrong with the call is wrong with every study, and said once.
        settings = {
            folder: RunSettings(
                study=folder,
                out=out,
                period=period,
                audience=audience,
                notebooks=tuple(notebook or ()),
                seed=seed,
                workers=workers,
            )
            for folder in folders
        }
    except SettingsError as fault:
        stop(str(fault))
    try:
        one_by_one(folders, lambda folder: report_one(settings[folder]))
    finally:
        with suppress(OSError):
            if out.is_dir():
                say(f"All reports: {write_outputs_index(out)}")


def report_one(settings: RunSettings) -> int:
    """Make one study's report, say how it ended, and give the exit code."""
    from cop_analysis.files import reason_of
    from cop_analysis.report import SettingsError, run_report
    from cop_analysis.study import StudyError

    study = settings.study
    try:
        with progress_of(study) as progress:
            record = run_report(settings, progress=progress)
    except StudyError as fault:
        report_faults(study, fault.faults)
        say(f"{study}: not run, because its data is at fault.")
        return DATA_AT_FAULT
    except SettingsError as fault:
        say_error(f"{study}: {fault}")
        return CALL_AT_FAULT
    except OSError as fault:
        gone = no_study(study)
        said = f"the report could not be written to {settings.out} ({reason_of(fault)})"
        say_error(f"{study}: {gone or f'{said}: see to that, or give another folder with --out.'}")
        return RUN_FAILED
    for finding in record.findings:
        say(f"{study}: number audit: {finding}")
    for name, reason in record.failures:
        say_error(f"{study}: {name} failed: {reason}")
    say(f"{study}: {record.status}: {record.folder / 'index.html'}")
    if record.unlisted:
        say_error(
            f"{study}: the report is made, but the list of reports {settings.out / 'index.html'} could not be written "
            f"({record.unlisted}). Open the report at its own address above; see who holds that file, and the next "
            "report writes the list again."
        )
    return RUN_FAILED if record.failures else NOT_LISTED if record.unlisted else DONE


@contextmanager
def progress_of(folder: Path) -> Iterator[Callable[[int, int, str], None]]:
    """Yield a callable ``(done, total, what)``: a bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(escape(folder.name), total=None)

        def advance(done: int, total: int, what: str) -> None:
            if os.environ.get("COP_PROGRESS"):
                # For the workbench, which shows how far a run is.
                say_error(f"progress {done}/{total} {what}")
            text = escape(f"{folder.name}: {what}")
            progress.update(task, completed=done, total=total, description=text)

        yield advance
