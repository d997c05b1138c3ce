"""What every command shares: where it is registered, which studies it is given, and how it ends.

The modules of this folder are found by looking, so that adding a command is one file.
"""

from __future__ import annotations

import errno
import os
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from cop_analysis.characters import first_characters
from cop_analysis.terminal import say, say_error

if TYPE_CHECKING:
    import pandas as pd

Function = TypeVar("Function", bound=Callable[..., None])

FIRST = ("new", "check", "report", "workbench")
"""What a new user needs, in that order; the help lists the other commands after them by name."""

_COMMANDS: dict[tuple[str, ...], tuple[Callable[..., None], dict[str, Any]]] = {}


def command(*words: str, **settings: Any) -> Callable[[Function], Function]:
    """Register a function as the command of these words; its docstring and its options become the help.

    Parameters
    ----------
    *words : str
        What is typed after `cop`: one word, or a group and a word. The help of a group is the docstring of its folder.
    **settings
        As `typer.Typer.command` takes them.

    Raises
    ------
    ValueError
        If another function has these words already.

    Examples
    --------
    >>> @command("example", "greet")
    ... def greet(name: str) -> None:
    ...     "Say hello."
    >>> _COMMANDS.pop(("example", "greet"))[0] is greet
    True
    """

    def register(function: Function) -> Function:
        held = _COMMANDS.setdefault(words, (function, settings))[0]
        if (held.__module__, held.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"`cop {' '.join(words)}` is in {held.__module__} already.")
        return function

    return register


def commands() -> dict[tuple[str, ...], tuple[Callable[..., None], dict[str, Any]]]:
    """Give every command by its words: those a new user needs first, then the others by name, groups last."""
    package = import_module(__package__)
    for found in pkgutil.walk_packages(package.__path__, f"{__package__}."):
        import_module(found.name)

    def place(words: tuple[str, ...]) -> tuple[int, int, tuple[str, ...]]:
        return len(words), FIRST.index(words[0]) if words[0] in FIRST else len(FIRST), words

    return {words: _COMMANDS[words] for words in sorted(_COMMANDS, key=place)}


def add_commands(app: typer.Typer) -> None:
    """Add every command to the command line."""
    groups: dict[str, typer.Typer] = {}
    for (*group, name), (function, settings) in commands().items():
        holder = app
        for word in group:
            if word not in groups:
                said = import_module(f"{__package__}.{word}").__doc__
                groups[word] = typer.Typer(name=word, help=said, no_args_is_help=True, rich_markup_mode=None)
                holder.add_typer(groups[word])
            holder = groups[word]
        holder.command(name, **settings)(function)


DONE, DATA_AT_FAULT, CALL_AT_FAULT, RUN_FAILED, NOT_LISTED = 0, 1, 2, 3, 4
FROM_BEST_TO_WORST = (DONE, NOT_LISTED, DATA_AT_FAULT, CALL_AT_FAULT, RUN_FAILED)


def stop(sentence: str, code: int = CALL_AT_FAULT) -> NoReturn:
    """Say what is wrong and leave with an exit code."""
    say_error(sentence)
    raise typer.Exit(code)


def stop_writing(sentence: str, fault: OSError) -> NoReturn:
    """Say why something was not written and leave: the call is at fault, or the disk that has no room."""
    from cop_analysis.files import is_full

    stop(sentence, RUN_FAILED if is_full(fault) else CALL_AT_FAULT)


def holds_study(folder: Path) -> bool:
    """Say whether a folder holds a study.toml, or stop with a sentence where nobody may look into it."""
    from cop_analysis.files import reason_of

    try:
        return (folder / "study.toml").is_file()
    except OSError as fault:
        stop(f"The folder {folder} cannot be looked into ({reason_of(fault)}); check that you may read it.")


def refuse_to_replace(file: Path, force: bool) -> None:
    """Refuse to write over a file unless that was asked for."""
    from cop_analysis.files import reason_of

    try:
        is_there = file.exists()
    except OSError as fault:
        stop(f"{file} cannot be written ({reason_of(fault)}); name another file.")
    if is_there and not force:
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


# A folder that may not be read is one study's end, and not that of the batch.
Studies = Annotated[
    list[Path] | None,
    typer.Argument(metavar="STUDY...", readable=False, help="Study folders (with a study.toml)."),
]
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
