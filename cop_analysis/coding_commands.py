"""`cop coding`: the log of a coding, undo and past states, merging and erasure; words and flags to one call each.

Nothing is decided here. `cli` registers the commands with one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from cop_analysis.terminal import say, say_error

if TYPE_CHECKING:
    from cop_analysis.realist import Coding
    from cop_analysis.realist.store import Change, Erasure, KeptCoding

DATA_AT_FAULT, CALL_AT_FAULT, RUN_FAILED = 1, 2, 3
SHOWN = 50
"""How many conflicts are printed; how many more there are is said."""

commands = typer.Typer(
    name="coding",
    help="The coding of a study: who did what when, undo, past states, merging two coders' work, erasure.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

StudyFolder = Annotated[Path, typer.Argument(metavar="STUDY", help="The study folder.")]
CoderOption = Annotated[
    str, typer.Option("--coder", help="Who does it, by identifier; may be left out where there is one coder.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    from cop_analysis.import_command import import_files

    commands.command("import")(import_files)
    app.add_typer(commands)


@commands.command("log")
def show_log(
    study: StudyFolder,
    coder: Annotated[str, typer.Option("--coder", help="Only what this coder did.")] = "",
    last: Annotated[int, typer.Option("--last", min=1, help="Only so many of the latest changes.")] = 50,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the whole log to this CSV file instead.")
    ] = None,
) -> None:
    """Say who did what when: one line a change, with its number, the latest last."""
    with opened(study) as coding:
        if out is not None:
            from cop_analysis.results import csv_text

            table = coding.log(coder=coder or None)
            out.write_text(csv_text(table), encoding="utf-8-sig", newline="")
            say(f"The log is in {out} ({len(table):,} rows).")
            warn_of_words(coding)
            return
        changes = coding.changes(coder=coder or None, last=last)
        for one in changes:
            say_change(one)
        known = [] if changes else sorted({one.who for one in coding.changes()})
        if known:
            say(f"{study}: the log holds no change by {coder}; it holds changes by {', '.join(known)}.")
        elif not changes:
            say(f"{study}: nothing was changed yet; the log is empty.")


@commands.command()
def undo(study: StudyFolder, coder: CoderOption = "") -> None:
    """Take back the latest change that still stands, of the coder who changed something last or of --coder."""
    with opened(study) as coding:
        refuse_empty_log(study, coding, "undo")
        turned(coding.undo(coder or last_coder(coding)))


@commands.command()
def redo(study: StudyFolder, coder: CoderOption = "") -> None:
    """Make again what was last taken back, by the coder who changed something last or by --coder."""
    with opened(study) as coding:
        refuse_empty_log(study, coding, "redo")
        turned(coding.redo(coder or last_coder(coding)))


@commands.command()
def at(
    study: StudyFolder,
    date: Annotated[
        str, typer.Argument(metavar="DATE", help="As 2025-03-02 (the end of that day) or 2025-03-02T10:00.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the coding as it was to this coding.json.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Say what a coding held at a date, or write it as it was then."""
    from cop_analysis.realist import write_coding

    with opened(study) as coding:
        then = coding.at(date)
        first = coding.changes()[0].at
        begins = "" if holdings(then) != "nothing" else f"; its log begins at {first[:19]}Z"
        say(f"{study} at {date}: {holdings(then)}{begins}.")
        if out is not None:
            refuse_to_replace(out, force)
            say(f"Written to {write_coding(then, out)}.")
            warn_of_words(then)


@commands.command()
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
    from cop_analysis.realist.store import read_pair

    if (first / "study.toml").is_file() and out is None:
        with opened(first) as coding:
            before = coding.seq
            waiting = coding.merge(second, coder=coder or None)
            touched = sum(len(one.entries) for one in coding.changed_since(before) if one.verb == "merge")
            say(f"Merged {second} into {first}: {count(touched, 'record')} changed; it holds {holdings(coding)}.")
            show_conflicts(waiting["sentence"].tolist())
            if len(waiting):
                say(f"Decide each with: cop coding settle {first} NUMBER kept|other")
        return
    with sentences():
        if out is None:
            stop(f"{first} is no study folder: name the file for the merged coding with --out FILE.", CALL_AT_FAULT)
        refuse_to_replace(out, force)
        ours, theirs, base = read_pair(first, second)
        merged = merge_codings(ours, theirs, base)
        say(merged.sentence)
        show_conflicts([one.sentence for one in merged.conflicts])
        say(f"Written to {write_coding(merged.coding, out)}.")


@commands.command()
def replace(
    study: StudyFolder,
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its identifier in documents.csv.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="The corrected file; left out where the file in documents/ is corrected already."
        ),
    ] = None,
    coder: CoderOption = "",
) -> None:
    """Carry the coding of a document over to its corrected text, and say what moved and what found no place."""
    from cop_analysis.study.faults import visible

    with opened(study) as coding:
        done = coding.replace_document(document, file=file, coder=coder or None)
        say(f"{document}: {done.sentence}")
        reworded = [one for one in done.moved if one.quote != one.quote_before]
        for one in reworded[:SHOWN]:
            say(f'  {one.extract}: "{visible(one.quote_before, 200)}" is now "{visible(one.quote, 200)}"')
        if len(reworded) > SHOWN:
            say(f"  and {len(reworded) - SHOWN:,} more with corrected words.")
        for lost in done.lost:
            say(f"  no place: {visible(lost.sentence, 600)}")
        for gone in done.foreign_lost:
            words = f': "{visible(gone.quote, 200)}"' if gone.quote else ""
            where = f"characters {gone.start:,} to {gone.end:,} before"
            say(f"  no place: selection {visible(gone.name)} of another program, {where}{words}")
        if done.lost:
            say("Select these passages again in the workbench; their codes and notes are kept.")


@commands.command()
def save(study: StudyFolder) -> None:
    """Write coding.json from the database; one that was changed elsewhere is merged first."""
    with opened(study) as coding:
        if coding.read_only:
            stop(coding.why_read_only, CALL_AT_FAULT)
        if coding.standing is None:
            say(f"{study}: coding.json is all there is of this coding; the first change makes its database.")
        elif coding.save():
            say(f"coding.json in {study} says what the database holds: {holdings(coding)}.")
        else:
            stop(f"Others are changing the coding of {study} just now; do it again.", RUN_FAILED)


@commands.command()
def copy(
    study: StudyFolder,
    to: Annotated[Path, typer.Argument(metavar="TO", help="A folder that is not there yet.")],
) -> None:
    """Copy a study to a folder of your own, also while others code in it, or where you may only read it."""
    from cop_analysis.realist.store import copy_study
    from cop_analysis.study import open_study as open_checked

    with sentences():
        made = copy_study(open_checked(study), to)
    say(f"{study} is copied to {made}. Bring what is coded there back with: cop coding merge {study} {made}")


@commands.command()
def conflicts(study: StudyFolder) -> None:
    """List what merging left for somebody to decide."""
    with opened(study) as coding:
        waiting = coding.conflicts["sentence"].tolist()
        show_conflicts(waiting, every=True)
        if not waiting:
            say(f"{study}: no conflict waits for a decision.")


@commands.command()
def settle(
    study: StudyFolder,
    number: Annotated[int, typer.Argument(help="The number of the conflict, as `cop coding conflicts` lists it.")],
    choice: Annotated[str, typer.Argument(metavar="kept|other", help="Which of the two shall stand.")],
    coder: CoderOption = "",
) -> None:
    """Decide a conflict: what was kept stays, or the other takes its place."""
    with opened(study) as coding:
        coding.settle(number, choice, coder=coder or None)  # type: ignore[arg-type]
        say(f"Conflict {number} is decided: {choice}. {count(len(coding.conflicts), 'conflict')} left.")


@commands.command()
def erase(
    study: StudyFolder,
    person: Annotated[str, typer.Option("--person", help="The pseudonym of a person who withdraws.")] = "",
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Another word by which they are named; may be repeated.")
    ] = None,
    extract: Annotated[
        list[str] | None,
        typer.Option("--extract", help="A passage of theirs in a text without their label; may be repeated."),
    ] = None,
    document: Annotated[str, typer.Option("--document", help="The identifier of a document to erase.")] = "",
    outputs: Annotated[
        Path, typer.Option("--outputs", help="Where reports are; those of this study are looked through.")
    ] = Path("outputs"),
    also: Annotated[
        list[Path] | None,
        typer.Option("--also", help="Another folder or file made from this study; may be repeated."),
    ] = None,
    reports: Annotated[
        str,
        typer.Option("--reports", metavar="redact|remove|keep", help="What becomes of report files that hold them."),
    ] = "redact",
    unlisted: Annotated[
        bool, typer.Option("--unlisted", help="The person is in no table and speaks in no text: is only written about.")
    ] = False,
    coder: CoderOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person or a document from the coding, its log, coding.json and reports. It cannot be undone."""
    if bool(person) == bool(document):
        stop("Name the person with --person, or the document with --document.", CALL_AT_FAULT)
    if document and (name or extract or unlisted):
        stop("--name, --extract and --unlisted belong to --person; a document is erased whole.", CALL_AT_FAULT)
    where: dict[str, Any] = {"outputs": outputs, "also": tuple(also or ()), "reports": reports, "coder": coder or None}
    with opened(study) as coding:

        def done(*, look: bool) -> Erasure:
            if document:
                return coding.erase_document(document, look=look, **where)
            return coding.erase_person(
                person, names=tuple(name or ()), extracts=tuple(extract or ()), look=look, unlisted=unlisted, **where
            )

        what = f"the person {person}" if person else f"the document {document}"
        if not yes:
            say(f"This would be done: {done(look=True).sentence}.")
            typer.confirm(f"Erase {what} from {study} for good? It cannot be undone.", abort=True)
        erased = done(look=False)
        say(f"{erased.sentence}.")
        if erased.files or erased.removed:
            from cop_analysis.report import write_outputs_index

            write_outputs_index(outputs)
        say("Still to be done by hand:")
        for one in erased.remains:
            say(f"  {one}")


# --- what the commands share -------------------------------------------------------------------------------------


@contextmanager
def opened(folder: Path) -> Iterator[KeptCoding]:
    """Open a study's coding, let go of it at the end, and turn refusals into a sentence and an exit code."""
    import warnings

    from cop_analysis import open_study
    from cop_analysis.study import StudyError

    with sentences():
        if not (folder / "study.toml").is_file():
            stop(f"{folder} is no study folder: it holds no study.toml.", CALL_AT_FAULT)
        with warnings.catch_warnings():
            # What opening has to say is printed below, once, as a sentence.
            warnings.simplefilter("ignore")
            try:
                coding = open_study(folder).coding
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
    from cop_analysis.realist.store import WhoIsIt
    from cop_analysis.study import StudyError

    try:
        yield
    except StudyError as fault:
        stop(str(fault), DATA_AT_FAULT)
    except WhoIsIt as fault:
        if not fault.coders:
            stop("The coding has no coder yet: begin coding in the notebook, and say there who you are.", CALL_AT_FAULT)
        stop(f"Say who does this with --coder; the coders are {', '.join(fault.coders)}.", CALL_AT_FAULT)
    except ValueError as fault:
        stop(str(fault), CALL_AT_FAULT)
    except OSError as fault:
        stop(f"{fault.filename or 'A file'} could not be read or written: {fault.strerror or fault}.", RUN_FAILED)


def stop(sentence: str, code: int) -> NoReturn:
    """Say what is wrong and leave with an exit code."""
    say_error(sentence)
    raise typer.Exit(code)


def last_coder(coding: KeptCoding) -> str | None:
    """Give who made the latest change; None where the coding itself knows who is meant."""
    latest = [change.who for change in coding.changes(last=1) if change.verb != "begin"]
    return latest[-1] if latest else None


def refuse_empty_log(study: Path, coding: KeptCoding, verb: str) -> None:
    """Say that there is nothing to take back before anybody is asked who they are."""
    if not coding.changes(last=1):
        stop(f"{study}: nothing was changed yet, so there is nothing to {verb}.", CALL_AT_FAULT)


def say_change(change: Change) -> None:
    """Print a change as one line; what comes from data shows no control character."""
    from cop_analysis.study.faults import visible

    say(visible(change.sentence, 2_000))


def turned(change: Change) -> None:
    """Print an undo or a redo, and which texts went along."""
    say_change(change)
    if change.verb == "replace_document":
        texts = sorted(identifier for collection, identifier in change.records if collection == "documents")
        which = "before" if change.action == "undo" else "after"
        say(f"The text of {', '.join(texts)} in documents/ is the one {which} the correction again.")


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
    from cop_analysis.realist.handing_on import kept_words

    said = kept_words(coding)
    if said:
        say_error(f"note: {said}")


def show_conflicts(waiting: list[str], *, every: bool = False) -> None:
    """Print conflicts, each on its line."""
    if waiting:
        say(f"{count(len(waiting), 'conflict')} to decide:")
    shown = waiting if every else waiting[:SHOWN]
    for one in shown:
        say(f"  {one}")
    if len(waiting) > len(shown):
        say(f"  and {len(waiting) - len(shown):,} more.")


def refuse_to_replace(file: Path, force: bool) -> None:
    """Refuse to write over a file unless that was asked for."""
    if file.exists() and not force:
        stop(f"{file} exists already. Name another file, or add --force to replace it.", CALL_AT_FAULT)


def count(number: int, noun: str) -> str:
    """Write a count with its noun: 1 conflict, 2 conflicts."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
