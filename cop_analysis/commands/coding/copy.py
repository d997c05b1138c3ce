"""`cop coding copy`: a study copied whole, to code away from the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.coding.opened import sentences
from cop_analysis.commands.registry import StudyFolder, command
from cop_analysis.terminal import say


@command("coding", "copy")
def copy(
    study: StudyFolder,
    to: Annotated[Path, typer.Argument(metavar="TO", help="A folder that is not there yet.")],
) -> None:
    """Copy a study to a folder of your own, also while others code in it, or where you may only read it."""
    from cop_analysis.realist.coding import copy_study
    from cop_analysis.study import open_study as open_checked

    with sentences():
        made = copy_study(open_checked(study), to)
    say(f"{study} is copied to {made}. Bring what is coded there back with: cop coding merge {study} {made}")
