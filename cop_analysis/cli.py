"""The command line: `cop` (also `python -m cop_analysis`) turns words and flags into one call of a room each.

Exit codes: 0 done, 1 the data is at fault, 2 the call is at fault, 3 a run failed, 4 a report is made but could not be
listed; 130 stopped with Ctrl-C, 143 stopped by the system. Of several studies the worst counts. What the number audit
finds is a finding, not a fault: it is printed and leaves the exit code alone.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cop_analysis import coding_commands, export_command, network_export_command, network_import_command
from cop_analysis.characters import first_characters
from cop_analysis.terminal import say, say_error

if TYPE_CHECKING:
    from cop_analysis.report import RunSettings
    from cop_analysis.study import Fault, Study

DONE, DATA_AT_FAULT, CALL_AT_FAULT, RUN_FAILED, NOT_LISTED = 0, 1, 2, 3, 4
_FROM_BEST_TO_WORST = (DONE, NOT_LISTED, DATA_AT_FAULT, CALL_AT_FAULT, RUN_FAILED)
SECONDS_TO_STOP = 45.0
FAULTS_SHOWN = 20
"""How many different faults of one rule in one column are printed; `--faults FILE` writes every one."""

app = typer.Typer(
    name="cop",
    help="A realist evaluation workbench for communities of practice: from a study folder to an offline report.",
    epilog="Exit codes: 0 done; 1 the data is at fault; 2 the call is at fault; 3 a run failed; 4 a report is made but "
    "could not be listed; 130 or 143 stopped. Of several studies the worst counts. "
    "Start with: cop new my_study, then cop check my_study, then cop report my_study.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Studies = Annotated[list[Path] | None, typer.Argument(metavar="STUDY...", help="Study folders (with a study.toml).")]
All = Annotated[bool, typer.Option("--all", help="Every folder under data/ and studies/ that holds a study.toml.")]

# Studies that come with the workbench, and those a person makes beside them.
_STUDY_PLACES = ("data", "studies")


class StoppedError(BaseException):
    """Somebody pressed Ctrl-C, or the system asked this process to end; nothing but `main` catches it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def stop_on_signals() -> None:
    """Let Ctrl-C, a closed terminal and a polite kill end a command in the same way: tidied up, with a sentence."""

    def stop(number: int, _frame: object) -> None:
        # A second one must not interrupt the tidying up, which ends by itself.
        for name in known:
            signal.signal(name, signal.SIG_IGN)
        raise StoppedError(128 + number)

    known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for name in known:
        # What the caller has set to be ignored (nohup) stays ignored.
        if signal.getsignal(name) != signal.SIG_IGN:
            signal.signal(name, stop)


def main() -> None:
    """Run the command line and leave with one of the exit codes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        stop_on_signals()
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(DONE)
    except StoppedError as stopped:
        with suppress(OSError):
            say_error("Stopped. Nothing half-written is left where a finished report would be.")
        # A kernel that will not go must not hold the command; what it leaves is cleared by the next run.
        last = threading.Timer(SECONDS_TO_STOP, os._exit, (stopped.code,))
        last.daemon = True
        last.start()
        sys.exit(stopped.code)


def refuse(sentence: str) -> typer.Exit:
    """Say what is wrong with the call and give the exit to raise."""
    say_error(sentence)
    return typer.Exit(CALL_AT_FAULT)


def chosen_studies(studies: Sequence[Path] | None, every: bool) -> list[Path]:
    """List the study folders a call names, or every one under data/ and studies/, each once."""
    if every and studies:
        raise refuse("Give study folders or --all, not both.")
    if every:
        found = sorted(path.parent for place in _STUDY_PLACES for path in Path(place).glob("*/study.toml"))
        if not found:
            raise refuse(
                f"--all found no study: {Path('data').absolute()} holds no folder with a study.toml, nor does studies. "
                "Run it beside your data folder, or name the study: cop report path/to/study"
            )
        return found
    if not studies:
        raise refuse("Name at least one study folder (cop report data/nmp_forum), or give --all.")
    folders = [path.parent if path.name == "study.toml" and path.is_file() else path for path in studies]
    # Unlike Path.resolve, realpath takes a link that leads in a circle as it is: `no_study` says what is wrong with it.
    return list({os.path.realpath(folder): folder for folder in reversed(folders)}.values())[::-1]


def no_study(folder: Path) -> str:
    """Say why a folder can be no study; empty where it can."""
    try:
        if not folder.exists():
            if folder.is_symlink():
                return f"{folder} is a link that leads to no folder; name the folder itself."
            return f"There is no folder {folder}. Make a new study with: cop new {folder}"
        if not folder.is_dir():
            return f"{folder} is a file; a study is a folder that holds a study.toml."
    except OSError as fault:
        return f"The folder {folder} cannot be looked at ({fault.strerror}); check that you may read it."
    return ""


def one_by_one(folders: Sequence[Path], work: Callable[[Path], int]) -> None:
    """Do the same with each study, whatever happens with another; leave with the worst of their exit codes."""
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
            say_error(f"{folder}: {no_study(folder) or f'a file could not be read or written ({fault}).'}")
            codes[folder] = RUN_FAILED
        except Exception as fault:  # one study's fault never ends a batch
            said = first_characters(" ".join(str(fault).split()), 300)
            say_error(f"{folder}: ended by a fault of the workbench itself ({type(fault).__name__}: {said}).")
            codes[folder] = RUN_FAILED
    worst = max(codes.values(), key=_FROM_BEST_TO_WORST.index, default=DONE)
    if len(codes) > 1:
        say(f"{count(len(codes), 'study', 'studies')}: " + "; ".join(_ends(codes)) + ".")
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
    for code in _FROM_BEST_TO_WORST:
        names = [folder.name or str(folder) for folder, found in codes.items() if found == code]
        if names:
            ends.append(f"{len(names):,} {_ENDS[code]}" + (f" ({', '.join(names)})" if code != DONE else ""))
    return ends


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="The folder to make; it must not exist, or be empty.")],
    example: Annotated[bool, typer.Option("--example", help="Fill in a few invented rows to learn from.")] = False,
) -> None:
    """Make a new study folder: a commented study.toml, a file for each table, and a guide to every column."""
    from cop_analysis.study import new_study

    try:
        new_study(path, example=example)
    except ValueError as fault:
        raise refuse(str(fault)) from None
    except OSError as fault:
        raise refuse(f"The folder {path} cannot be made ({fault.strerror}); give another place.") from None
    say(f"Made the study {path}.")
    say(f"  1. Open {path / 'study.toml'} in a text editor and fill in the title and what the comments ask for.")
    say(f"  2. Fill in the tables you have and delete the others; {path / 'README.md'} explains every column.")
    say(f"  3. cop check {path}")
    say(f"  4. cop report {path}")


@app.command()
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
    from cop_analysis.study import number_of, summarise

    errors = [fault for fault in faults if fault.severity == "error"]
    notices = [fault for fault in faults if fault.severity != "error"]
    for line in summarise(errors, FAULTS_SHOWN):
        say(f"{folder}: {line}")
    for line in summarise(notices, FAULTS_SHOWN):
        say(f"{folder}: note: {line}")
    if errors:
        say(f"{folder}: {count(number_of(errors), 'fault')} to correct, {count(number_of(notices), 'note')}.")
    else:
        say(f"{folder}: no faults, {count(number_of(notices), 'note')}.")


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

    from cop_analysis.results import csv_text

    columns = ["study", "severity", "file", "row", "column", "value", "rule", "how_to_correct"]
    rows = [
        (str(folder), one.severity, one.file, one.row, one.column, one.value, one.rule, one.mend)
        for folder, fault in found
        for one in (fault, *_counted_only(fault))
    ]
    table = pd.DataFrame(rows, columns=columns)
    table["row"] = table["row"].astype("Int64")
    try:
        path.write_text(csv_text(table), encoding="utf-8-sig", newline="")
    except OSError as fault:
        raise refuse(f"The faults could not be written to {path}: {fault.strerror}.") from None
    say(f"Every fault is in {path}.")


def count(number: int, noun: str, several: str = "") -> str:
    """Write a count with its noun: 1 fault, 2 faults, 3 studies."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"


@app.command()
def report(
    studies: Studies = None,
    every: All = False,
    out: Annotated[Path, typer.Option("--out", help="Where reports go.")] = Path("outputs"),
    period: Annotated[
        str, typer.Option("--period", help="Restrict events to a period, such as 2023/24 (1 April to 31 March).")
    ] = "",
    audience: Annotated[
        str, typer.Option("--audience", help="Who the report is for; 'internal' shows everything.")
    ] = "internal",
    notebook: Annotated[
        list[str] | None, typer.Option("--notebook", help="Only this notebook (by name or number); may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the permutation tests.")] = 20240401,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Notebooks at once; by default as many as there are cores, 2 to 4.")
    ] = None,
) -> None:
    """Run a study's notebooks and leave an offline HTML report in outputs/STUDY/RUN, listed in outputs/index.html."""
    from cop_analysis.report import RunSettings, SettingsError, write_outputs_index

    folders = chosen_studies(studies, every)
    try:
        # What is wrong with the call is wrong with every study, and said once.
        settings = {
            folder: RunSettings(
                study=folder, out=out, period=period, audience=audience, notebooks=tuple(notebook or ()), seed=seed,
                workers=workers,
            )
            for folder in folders
        }  # fmt: skip
    except SettingsError as fault:
        raise refuse(str(fault)) from None
    try:
        one_by_one(folders, lambda folder: report_one(settings[folder]))
    finally:
        if out.is_dir():
            with suppress(OSError):
                say(f"All reports: {write_outputs_index(out)}")


def report_one(settings: RunSettings) -> int:
    """Make one study's report, say how it ended, and give the exit code."""
    from cop_analysis.report import SettingsError, run_report
    from cop_analysis.study import StudyError

    study = settings.study
    try:
        with progress_of(study) as progress:
            record = run_report(settings, progress=progress)
    except StudyError as fault:
        report_faults(study, fault.faults)
        say(f"{study}: not run, because its data is at fault.")
        return DATA_AT_FAULT
    except SettingsError as fault:
        say_error(f"{study}: {fault}")
        return CALL_AT_FAULT
    except OSError as fault:
        gone = no_study(study)
        say_error(f"{study}: {gone or f'the report could not be written: {fault}'}")
        return RUN_FAILED
    for finding in record.findings:
        say(f"{study}: number audit: {finding}")
    for name, reason in record.failures:
        say_error(f"{study}: {name} failed: {reason}")
    say(f"{study}: {record.status}: {record.folder / 'index.html'}")
    if record.unlisted:
        say_error(
            f"{study}: the report is made, but the list of reports {settings.out / 'index.html'} could not be written "
            f"({record.unlisted}). Open the report at its own address above; see who holds that file, and the next "
            "report writes the list again."
        )
    return RUN_FAILED if record.failures else NOT_LISTED if record.unlisted else DONE


def progress_of(folder: Path):  # type: ignore[no-untyped-def]
    """Give a context that yields a callable ``(done, total, what)``: a bar on a terminal, nothing elsewhere."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    @contextmanager
    def bar():  # type: ignore[no-untyped-def]
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task(escape(folder.name), total=None)

            def advance(done: int, total: int, what: str) -> None:
                if os.environ.get("COP_PROGRESS"):
                    # For the workbench, which shows how far a run is.
                    say_error(f"progress {done}/{total} {what}")
                text = escape(f"{folder.name}: {what}")
                progress.update(task, completed=done, total=total, description=text)

            yield advance

    return bar()


@app.command()
def workbench(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study folder to work on.")],
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port JupyterLab tries first.")] = 8888,
) -> None:
    """Open JupyterLab on the workbench notebook, with this study chosen."""
    from cop_analysis.report import open_workbench

    (folder,) = chosen_studies([study], every=False)
    if sentence := no_study(folder):
        raise refuse(sentence)
    # JupyterLab gets the same Ctrl-C and asks whether to close; its answer is waited for.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not (folder / "study.toml").is_file():
        raise refuse(f"{folder} holds no study.toml. Make a new study with: cop new {folder / 'my_study'}")
    raise typer.Exit(open_workbench(folder, browser=browser, port=port))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def simulate(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="The folder to make; it must not exist, or be empty.")],
    preset: Annotated[str, typer.Option("--preset", help="Start from named settings, such as nmp_forum.")] = "",
    list_settings: Annotated[
        bool, typer.Option("--list", help="List every setting with its default and range, then stop.")
    ] = False,
) -> None:
    """Make a simulated study of any size from a seed: people, ties, scores, transcripts and coding, all invented.

    Every setting is an option: cop simulate big --people 400 --drop-out 0.3 --seed 7. See them all with --list.
    """
    from cop_analysis import simulate as room

    if list_settings:
        for setting in room.describe_settings():
            span = "" if setting.lowest is None else f", from {setting.lowest} to {setting.highest}"
            if isinstance(setting.default, str | int | float | date):
                name = setting.name.replace("_", "-")
                say(f"--{name}  {setting.meaning} (default {setting.default}{span})")
        say(f"Presets: {', '.join(room.PRESETS)}")
        return
    try:
        changes = simulation_changes(context.args)
        if changes or not preset:
            changes = named_after(path) | changes
        settings = room.choose_settings(preset, **changes)
        room.write_study(room.simulate_study(settings), path)
    except ValueError as fault:
        raise refuse(str(fault)) from None
    except OSError as fault:
        raise refuse(f"The folder {path} cannot be made ({fault.strerror}); give another place.") from None
    say(f"Made the simulated study {path}. Every person, number and word in it is invented.")
    say(f"  cop report {path}")


def named_after(folder: Path) -> dict[str, object]:
    """Name a simulated study after its folder, in plain words of no preset, so that two in one outputs/ stay two.

    Examples
    --------
    >>> named_after(Path("made/Big one"))["key"], named_after(Path("made/2024"))["key"]
    ('big_one', 'study_2024')
    """
    from cop_analysis.simulate import WORDS, SimulationSettings

    name = re.sub(r"[^a-z0-9]+", "_", folder.name.lower()).strip("_")
    key = name if name[:1].isalpha() else f"study_{name}".rstrip("_")
    described = {word: getattr(SimulationSettings(), word) for word in WORDS}
    return {**described, "key": key, "title": f"{folder.name} (simulated)"}


def simulation_changes(words: Sequence[str]) -> dict[str, object]:
    """Read ``--drop-out 0.3 --people=400`` as settings of the simulator, each of its setting's own kind.

    Raises
    ------
    ValueError
        If a word is no option, an option has no value, or a value is not of its setting's kind.

    Examples
    --------
    >>> simulation_changes(["--drop-out", "0.3", "--people=400"])
    {'drop_out': 0.3, 'people': 400}
    """
    from cop_analysis.simulate import describe_settings

    readers: dict[type, tuple[Callable[[str], object], str]] = {
        int: (int, "a whole number"),
        float: (float, "a number"),
        str: (str, "text"),
        date: (date.fromisoformat, "a date such as 2024-09-01"),
    }
    kinds = {setting.name: type(setting.default) for setting in describe_settings()}
    changes: dict[str, object] = {}
    waiting = list(words)
    while waiting:
        option, given, value = waiting.pop(0).partition("=")
        if not option.startswith("--"):
            raise ValueError(f"{option!r} is not an option; settings are written --people 400. See --list.")
        if not given:
            if not waiting:
                raise ValueError(f"{option} needs a value after it.")
            value = waiting.pop(0)
        name = option[2:].replace("-", "_")
        kind = kinds.get(name, str)
        if kind not in readers:
            raise ValueError(f"{option} cannot be set on the command line; use SimulationSettings in Python.")
        read, wanted = readers[kind]
        try:
            changes[name] = read(value)
        except ValueError:
            raise ValueError(f"{option} takes {wanted}, not {value!r}.") from None
    return changes


network_export_command.register(app)
network_import_command.register(app)
export_command.register(app)
coding_commands.register(app)

if __name__ == "__main__":
    main()
