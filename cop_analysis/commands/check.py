"""`cop check`: everything that is wrong with a study, and how to correct it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cop_analysis.commands.registry import (
    DATA_AT_FAULT,
    DONE,
    All,
    Studies,
    chosen_studies,
    command,
    one_by_one,
    stop_writing,
    write_table,
)
from cop_analysis.terminal import say

if TYPE_CHECKING:
    from cop_analysis.study import Fault, Study

FAULTS_SHOWN = 20
"""How many different faults of one rule in one column are printed; `--faults FILE` writes every one."""


@command("check")
def check(
    studies: Studies = None,
    every: All = False,
    faults_file: Annotated[
        Path | None, typer.Option("--faults", metavar="FILE", help="Write every fault to this CSV file as well.")
    ] = None,
) -> None:
    """List everything that is wrong with a study, and how to correct it: file, row, column, value, rule."""
    found: list[tuple[Path, Fault]] = []

    def look_at(folder: Path) -> int:
        examined = realist.examine_study(folder)
        found.extend((folder, fault) for fault in examined.faults)
        report_faults(folder, examined.faults)
        if examined.study is not None and not examined.errors:
            report_findings(folder, examined.study)
        close_coding(examined.study)
        return DATA_AT_FAULT if examined.errors else DONE

    from cop_analysis import realist

    try:
        one_by_one(chosen_studies(studies, every), look_at)
    finally:
        if faults_file is not None:
            write_faults(faults_file, found)


def close_coding(study: Study | None) -> None:
    """Let go of a coding that was opened with a study."""
    close = getattr(None if study is None else study.__dict__.get("coding"), "close", None)
    if close is not None:
        close()


def report_faults(folder: Path, faults: Sequence[Fault]) -> None:
    """Print a study's faults, errors first, and a last line that counts them."""
    from cop_analysis.results import count_of
    from cop_analysis.study import number_of, summarise

    errors = [fault for fault in faults if fault.severity == "error"]
    notices = [fault for fault in faults if fault.severity != "error"]
    for line in summarise(errors, FAULTS_SHOWN):
        say(f"{folder}: {line}")
    for line in summarise(notices, FAULTS_SHOWN):
        say(f"{folder}: note: {line}")
    if errors:
        say(f"{folder}: {count_of(number_of(errors), 'fault')} to correct, {count_of(number_of(notices), 'note')}.")
    else:
        say(f"{folder}: no faults, {count_of(number_of(notices), 'note')}.")


def report_findings(folder: Path, study: Study) -> None:
    """Print what the number audit found; a difference is a finding, not a fault."""
    from cop_analysis import sessions

    if study.stated:
        say(f"{folder}: number audit: {sessions.number_audit(study).sentence}")


def _counted_only(fault: Fault) -> list[Fault]:
    """Say in a line of its own how many rows are at fault in the same way and not listed."""
    if not fault.more:
        return []
    said = f"{fault.rule}: so are {fault.more:,} more rows, which are not listed here"
    return [replace(fault, row=None, value="", rule=said, more=0)]


def write_faults(path: Path, found: Sequence[tuple[Path, Fault]]) -> None:
    """Write every fault as CSV, guarded against formulas, for a spreadsheet."""
    import pandas as pd

    from cop_analysis.files import reason_of

    columns = ["study", "severity", "file", "row", "column", "value", "rule", "how_to_correct"]
    rows = [
        (str(folder), one.severity, one.file, one.row, one.column, one.value, one.rule, one.fix)
        for folder, fault in found
        for one in (fault, *_counted_only(fault))
    ]
    table = pd.DataFrame(rows, columns=columns)
    table["row"] = table["row"].astype("Int64")
    try:
        write_table(path, table)
    except OSError as fault:
        stop_writing(f"The faults could not be written to {path}: {reason_of(fault)}.", fault)
    say(f"Every fault is in {path}.")
