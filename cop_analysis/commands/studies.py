"""The studies a command is given: which they are, why a folder can be none, and the same work for each of several."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.characters import first_characters
from cop_analysis.commands.ends import (
    CALL_AT_FAULT,
    DATA_AT_FAULT,
    DONE,
    FROM_BEST_TO_WORST,
    NOT_LISTED,
    RUN_FAILED,
    stop,
)
from cop_analysis.terminal import say, say_error

Studies = Annotated[list[Path] | None, typer.Argument(metavar="STUDY...", help="Study folders (with a study.toml).")]
All = Annotated[bool, typer.Option("--all", help="Every folder under data/ and studies/ that holds a study.toml.")]
StudyFolder = Annotated[Path, typer.Argument(metavar="STUDY", help="The study folder.")]

# Studies that come with the workbench, and those a person makes beside them.
_STUDY_PLACES = ("data", "studies")


def chosen_studies(studies: Sequence[Path] | None, every: bool) -> list[Path]:
    """List the study folders a call names, or every one under data/ and studies/, each once."""
    if every and studies:
        stop("Give study folders or --all, not both.")
    if every:
        found = every_study()
        if not found:
            stop(
                f"--all found no study: {Path('data').absolute()} holds no folder with a study.toml, nor does studies. "
                "Run it beside your data folder, or name the study: cop report path/to/study"
            )
        return found
    if not studies:
        stop("Name at least one study folder (cop report data/nmp_forum), or give --all.")
    folders = [path.parent if path.name == "study.toml" and path.is_file() else path for path in studies]
    # Unlike Path.resolve, realpath takes a link that leads in a circle as it is: `no_study` says what is wrong with it.
    return list({os.path.realpath(folder): folder for folder in reversed(folders)}.values())[::-1]


def every_study() -> list[Path]:
    """List what --all means; a folder nobody may look into is among them, so that it gets an end of its own."""
    found = []
    for folder in (folder for place in _STUDY_PLACES for folder in Path(place).glob("*")):
        try:
            os.lstat(folder / "study.toml")
        except PermissionError:
            pass
        except OSError:
            continue
        found.append(folder)
    return sorted(found)


def no_study(folder: Path) -> str:
    """Say why a folder can be no study; empty where it can."""
    try:
        if not folder.exists():
            if folder.is_symlink():
                return f"{folder} is a link that leads to no folder; name the folder itself."
            return f"There is no folder {folder}. Make a new study with: cop new {folder}"
        if not folder.is_dir():
            return f"{folder} is a file; a study is a folder that holds a study.toml."
        if not os.access(folder, os.X_OK):
            return f"The folder {folder} cannot be looked into (Permission denied); check that you may read it."
    except OSError as fault:
        return f"The folder {folder} cannot be looked at ({fault.strerror}); check that you may read it."
    return ""


def one_by_one(folders: Sequence[Path], work: Callable[[Path], int]) -> None:
    """Do the same with each study, whatever happens with another; leave with the worst of their exit codes."""
    from cop_analysis.files import reason_of

    codes: dict[Path, int] = {}
    for folder in folders:
        sentence = no_study(folder)
        if sentence:
            say_error(sentence)
            codes[folder] = CALL_AT_FAULT
            continue
        try:
            codes[folder] = work(folder)
        except typer.Exit as left:
            codes[folder] = left.exit_code
        except OSError as fault:
            named = f"{fault.filename}: " if fault.filename else ""
            said = f"a file could not be read or written ({named}{reason_of(fault)})."
            say_error(f"{folder}: {no_study(folder) or said}")
            codes[folder] = RUN_FAILED
        except Exception as fault:  # one study's fault never ends a batch
            said = first_characters(" ".join(str(fault).split()), 300)
            say_error(f"{folder}: ended by a fault of the workbench itself ({type(fault).__name__}: {said}).")
            codes[folder] = RUN_FAILED
    worst = max(codes.values(), key=FROM_BEST_TO_WORST.index, default=DONE)
    if len(codes) > 1:
        from cop_analysis.results import count_of

        say(f"{count_of(len(codes), 'study', 'studies')}: " + "; ".join(_ends(codes)) + ".")
    if worst != DONE:
        raise typer.Exit(worst)


_ENDS = {
    DONE: "done",
    NOT_LISTED: "made but not listed",
    DATA_AT_FAULT: "with data at fault",
    CALL_AT_FAULT: "not asked for rightly",
    RUN_FAILED: "failed",
}


def _ends(codes: Mapping[Path, int]) -> list[str]:
    ends = []
    for code in FROM_BEST_TO_WORST:
        names = [folder.name or str(folder) for folder, found in codes.items() if found == code]
        if names:
            ends.append(f"{len(names):,} {_ENDS[code]}" + (f" ({', '.join(names)})" if code != DONE else ""))
    return ends
