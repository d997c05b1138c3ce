"""`cop coding undo` and `cop coding redo`: the latest change taken back, or made again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cop_analysis.commands.coding.opened import CoderOption, opened, say_change
from cop_analysis.commands.registry import StudyFolder, command, stop
from cop_analysis.terminal import say

if TYPE_CHECKING:
    from cop_analysis.realist.coding import KeptCoding
    from cop_analysis.realist.store import Change


@command("coding", "undo")
def undo(study: StudyFolder, coder: CoderOption = "") -> None:
    """Take back the latest change that still stands, of the coder who changed something last or of --coder."""
    with opened(study) as coding:
        refuse_empty_log(study, coding, "undo")
        turned(coding, coding.undo(coder or last_coder(coding)))


@command("coding", "redo")
def redo(study: StudyFolder, coder: CoderOption = "") -> None:
    """Make again what was last taken back, by the coder who changed something last or by --coder."""
    with opened(study) as coding:
        refuse_empty_log(study, coding, "redo")
        turned(coding, coding.log.redo(coder or last_coder(coding)))


def refuse_empty_log(study: Path, coding: KeptCoding, verb: str) -> None:
    """Say that there is nothing to take back before anybody is asked who they are."""
    if not coding.log.changes(last=1):
        stop(f"{study}: nothing was changed yet, so there is nothing to {verb}.")


def last_coder(coding: KeptCoding) -> str | None:
    """Give who made the latest change; None where the coding itself knows who is meant."""
    latest = [change.who for change in coding.log.changes(last=1) if change.verb != "begin"]
    return latest[-1] if latest else None


def turned(coding: KeptCoding, change: Change) -> None:
    """Print an undo or a redo, and which texts went along or stayed."""
    from cop_analysis.results import count_of

    say_change(change)
    if change.verb == "merge" and change.action == "undo":
        coded = {one.id for one in coding.snapshot.documents}
        brought = {identifier for collection, identifier in change.records if collection == "documents"}
        left = sorted((brought & coding._listed_documents().keys()) - coded)
        if left:
            few = ", ".join(left[:5]) + (f" and {len(left) - 5:,} more" if len(left) > 5 else "")
            say(
                f"The records are taken back; what was brought in stays as {count_of(len(left), 'document')} nobody "
                f"coded ({few}), until deleted from documents/ and documents.csv."
            )
    if change.verb == "replace_document":
        texts = sorted(identifier for collection, identifier in change.records if collection == "documents")
        which = "before" if change.action == "undo" else "after"
        say(f"The text of {', '.join(texts)} in documents/ is the one {which} the correction again.")
