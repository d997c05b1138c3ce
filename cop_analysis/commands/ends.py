"""How a command ends: its exit codes, and the one sentence that says why it stops."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import typer

from cop_analysis.terminal import say_error

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
