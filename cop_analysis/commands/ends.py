"""How a command ends: its exit codes, the one sentence that says why it stops, the table it leaves."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from cop_analysis.terminal import say_error

if TYPE_CHECKING:
    import pandas as pd

DONE, DATA_AT_FAULT, CALL_AT_FAULT, RUN_FAILED, NOT_LISTED = 0, 1, 2, 3, 4
FROM_BEST_TO_WORST = (DONE, NOT_LISTED, DATA_AT_FAULT, CALL_AT_FAULT, RUN_FAILED)


def stop(sentence: str, code: int = CALL_AT_FAULT) -> NoReturn:
    """Say what is wrong and leave with an exit code."""
    say_error(sentence)
    raise typer.Exit(code)


def refuse_to_replace(file: Path, force: bool) -> None:
    """Refuse to write over a file unless that was asked for."""
    if file.exists() and not force:
        stop(f"{file} exists already. Name another file, or add --force to replace it.")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table for a spreadsheet, whole or not at all; what is no file (a pipe, /dev/stdout) is written into.

    Raises
    ------
    OSError
        When it cannot be written, or is a pipe nobody reads, at which a command would wait for ever.
    """
    from cop_analysis.files import put_whole
    from cop_analysis.results import csv_text

    text = csv_text(table)
    if path.is_fifo():
        try:
            handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as fault:
            if fault.errno != errno.ENXIO:
                raise
            raise OSError(fault.errno, "it is a pipe nobody reads; name a file", str(path)) from None
        os.set_blocking(handle, True)
        with open(handle, "w", encoding="utf-8-sig", newline="") as pipe:
            pipe.write(text)
    elif path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8-sig", newline="")
    else:
        put_whole(path, text.encode("utf-8-sig"))
