"""A study's coding opened for a command, let go of at the end, and what the commands of this group print alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cop_analysis.commands.registry import DATA_AT_FAULT, RUN_FAILED, holds_study, stop
from cop_analysis.terminal import say, say_error

if TYPE_CHECKING:
    from cop_analysis.realist import Coding
    from cop_analysis.realist.coding import KeptCoding
    from cop_analysis.realist.store import Change

SHOWN = 50
"""How many conflicts are printed; how many more there are is said."""

CoderOption = Annotated[
    str, typer.Option("--coder", help="Who does it, by identifier; may be left out where there is one coder.")
]


@contextmanager
def opened(folder: Path, *, begin: bool = False) -> Iterator[KeptCoding]:
    """Open a study's coding, let go of it at the end, and turn refusals into a sentence and an exit code.

    With `begin` the coding of a study that has none is begun by the first change.
    """
    import warnings

    from cop_analysis import open_study
    from cop_analysis.study import StudyError

    with sentences():
        if not holds_study(folder):
            stop(f"{folder} is no study folder: it holds no study.toml.")
        with warnings.catch_warnings():
            # What opening has to say is printed below, once, as a sentence.
            warnings.simplefilter("ignore")
            try:
                study = open_study(folder)
                coding = study.coding
                if coding is None and begin:
                    from cop_analysis.realist.coding.opening import start_coding

                    coding = start_coding(study)
            except StudyError:
                stop(f"{folder} has faults. List them with: cop check {folder}", DATA_AT_FAULT)
        if coding is None:
            stop(
                f"{folder} has no coding yet. Bring a project in with: cop coding import {folder} FILE; or begin one "
                "in the workbench.",
                DATA_AT_FAULT,
            )
        for notice in coding.notices:
            say_error(f"note: {notice}")
        said = len(coding.notices)
        try:
            yield coding
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                coding.close()
            for notice in coding.notices[said:]:
                say_error(f"note: {notice}")


@contextmanager
def sentences() -> Iterator[None]:
    """Turn refusals into a sentence and an exit code."""
    from cop_analysis.files import FULL, reason_of
    from cop_analysis.realist.store import WhoIsIt
    from cop_analysis.realist.store.errors import Full, NotNow
    from cop_analysis.study import StudyError

    try:
        yield
    except StudyError as fault:
        stop(str(fault), DATA_AT_FAULT)
    except WhoIsIt as fault:
        if not fault.coders:
            stop("The coding has no coder yet: begin coding in the notebook, and say there who you are.")
        stop(f"Say who does this with --coder; the coders are {', '.join(fault.coders)}.")
    except (Full, NotNow) as fault:
        stop(str(fault), RUN_FAILED)
    except ValueError as fault:
        stop(str(fault))
    except OSError as fault:
        said = f"{fault.filename or 'A file'} could not be read or written: {reason_of(fault)}."
        stop(f"{said} Make room and do it again." if fault.errno in FULL else said, RUN_FAILED)


def say_change(change: Change) -> None:
    """Print a change as one line; what comes from data shows no control character."""
    from cop_analysis.study.faults import visible

    say(visible(change.sentence, 2_000))


def holdings(coding: object) -> str:
    """Count what a coding holds, in words."""
    from cop_analysis.realist.model import COLLECTIONS

    snapshot = coding.snapshot  # type: ignore[attr-defined]
    counts = [(len(getattr(snapshot, name)), kind.__name__.lower(), name) for kind, name in COLLECTIONS.items()]
    return (
        ", ".join(f"{number:,} {one if number == 1 else many}" for number, one, many in counts if number) or "nothing"
    )


def warn_of_words(coding: Coding) -> None:
    """Say that a working file holds words of people who did not consent or withdrew, where it does."""
    from cop_analysis.realist.model.consent import kept_words

    said = kept_words(coding)
    if said:
        say_error(f"note: {said}")


def show_conflicts(waiting: list[str], *, every: bool = False) -> None:
    """Print conflicts, each on its line."""
    if waiting:
        from cop_analysis.results import count_of

        say(f"{count_of(len(waiting), 'conflict')} to decide:")
    shown = waiting if every else waiting[:SHOWN]
    for one in shown:
        say(f"  {one}")
    if len(waiting) > len(shown):
        say(f"  and {len(waiting) - len(shown):,} more.")
