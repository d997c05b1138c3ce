"""`cop coding save`: coding.json written from the database."""

from __future__ import annotations

from cop_analysis.commands.coding.opened import holdings, opened
from cop_analysis.commands.registry import RUN_FAILED, StudyFolder, command, stop
from cop_analysis.terminal import say


@command("coding", "save")
def save(study: StudyFolder) -> None:
    """Write coding.json from the database; one that was changed elsewhere is merged first."""
    with opened(study) as coding:
        if coding.read_only:
            stop(coding.why_read_only)
        if coding.standing is None:
            say(f"{study}: coding.json is all there is of this coding; the first change makes its database.")
        elif coding.save():
            say(f"coding.json in {study} says what the database holds: {holdings(coding)}.")
        else:
            stop(f"Others are changing the coding of {study} just now; do it again.", RUN_FAILED)
