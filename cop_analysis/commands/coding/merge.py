"""`cop coding merge`, `conflicts` and `settle`: two codings brought together, and what that leaves to decide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.coding.opened import CoderOption, holdings, opened, sentences, show_conflicts
from cop_analysis.commands.registry import StudyFolder, command, holds_study, refuse_to_replace, stop
from cop_analysis.terminal import say


@command("coding", "merge")
def merge(
    first: Annotated[Path, typer.Argument(metavar="A", help="The study folder to merge into, or a coding.")],
    second: Annotated[
        Path, typer.Argument(metavar="B", help="A coding.json, a study folder, a database (.db) or a .qdpx.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where A is no study folder: write the merged coding here."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    coder: CoderOption = "",
) -> None:
    """Bring two codings together by identifier; what they disagree on is listed for decision."""
    from cop_analysis.realist import merge_codings, write_coding
    from cop_analysis.realist.coding import read_pair
    from cop_analysis.results import count_of

    if holds_study(first) and out is None:
        with opened(first, begin=True) as coding:
            before = coding.seq
            waiting = coding.merge(second, coder=coder or None)
            touched = sum(len(one.entries) for one in coding.changed_since(before) if one.verb == "merge")
            say(f"Merged {second} into {first}: {count_of(touched, 'record')} changed; it holds {holdings(coding)}.")
            show_conflicts(waiting["sentence"].tolist())
            if len(waiting):
                say(f"Decide each with: cop coding settle {first} NUMBER kept|other")
        return
    with sentences():
        if out is None:
            stop(f"{first} is no study folder: name the file for the merged coding with --out FILE.")
        refuse_to_replace(out, force)
        ours, theirs, base = read_pair(first, second)
        merged = merge_codings(ours, theirs, base)
        say(merged.sentence)
        show_conflicts([one.sentence for one in merged.conflicts])
        say(f"Written to {write_coding(merged.coding, out)}.")


@command("coding", "conflicts")
def conflicts(study: StudyFolder) -> None:
    """List what merging left for somebody to decide."""
    with opened(study) as coding:
        waiting = coding.conflicts["sentence"].tolist()
        show_conflicts(waiting, every=True)
        if not waiting:
            say(f"{study}: no conflict waits for a decision.")


@command("coding", "settle")
def settle(
    study: StudyFolder,
    number: Annotated[int, typer.Argument(help="The number of the conflict, as `cop coding conflicts` lists it.")],
    choice: Annotated[str, typer.Argument(metavar="kept|other", help="Which of the two shall stand.")],
    coder: CoderOption = "",
) -> None:
    """Decide a conflict: what was kept stays, or the other takes its place."""
    from cop_analysis.results import count_of

    with opened(study) as coding:
        coding.settle(number, choice, coder=coder or None)  # type: ignore[arg-type]
        say(f"Conflict {number} is decided: {choice}. {count_of(len(coding.conflicts), 'conflict')} left.")
