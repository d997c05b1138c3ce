"""`cop coding import`: other programs' coding brought into a study; words and flags to one call each."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cop_analysis.commands.coding.opened import SHOWN, sentences, show_conflicts
from cop_analysis.commands.registry import (
    DATA_AT_FAULT,
    RUN_FAILED,
    StudyFolder,
    command,
    holds_study,
    refuse_to_replace,
    stop,
    write_table,
)
from cop_analysis.terminal import say, say_error

if TYPE_CHECKING:
    from cop_analysis.realist.importing import Imported
    from cop_analysis.widgets.workbench.bringing import Brought


@command("coding", "import")
def import_files(
    study: StudyFolder,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="A project of NVivo, ATLAS.ti, MAXQDA and others (.qdpx, .qde, .qdc), QualCoder or Taguette; a table "
            "of coded segments (CSV, xlsx); or a transcript (Word, captions, text). Told by what it holds.",
        ),
    ],
    offsets: Annotated[
        Literal["auto", "codepoint", "utf16"],
        typer.Option("--offsets", help="What positions count in, where the file does not settle it."),
    ] = "auto",
    line_breaks: Annotated[
        Literal["auto", "one", "two"],
        typer.Option("--line-breaks", help="How a line break written as two characters counts."),
    ] = "auto",
    project: Annotated[
        str, typer.Option("--project", help="Which project, by name or number, where a Taguette file holds several.")
    ] = "",
    person: Annotated[
        list[str] | None,
        typer.Option("--person", metavar="LABEL", help="In a transcript: this label is a person; may be repeated."),
    ] = None,
    not_a_person: Annotated[
        list[str] | None,
        typer.Option(
            "--not-a-person", metavar="LABEL", help="In a transcript: this label is no person; may be repeated."
        ),
    ] = None,
    same_as: Annotated[
        list[str] | None,
        typer.Option(
            "--same-as", metavar="LABEL=SPEAKER", help="In a transcript: two labels of one speaker; may be repeated."
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="What kind of text a transcript is: interview, focus group, ...")
    ] = "",
    title: Annotated[
        str, typer.Option("--title", help="What to call a transcript; its file's name where left out.")
    ] = "",
    coder: Annotated[str, typer.Option("--coder", help="Who brings it in, by identifier, for the log.")] = "",
    look: Annotated[
        bool, typer.Option("--look", "--dry-run", help="Only say what would be done; nothing is written.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write all that was carried, changed and left here (CSV)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file of --report if it exists.")] = False,
) -> None:
    """Bring a project of another program, or a transcript, into a study: texts, coding, and a report of both."""
    if report is not None:
        refuse_to_replace(report, force)
    if not holds_study(study):
        stop(f"{study} is no study folder: it holds no study.toml. Make one with: cop new {study}")
    answers = _answers(person or [], not_a_person or [], same_as or [])
    tables = []
    for file in files:
        if _is_text(file):
            _bring_text(study, file, answers, kind, title, coder, look, is_alone=len(files) == 1)
            continue
        done = _brought(study, file, offsets, line_breaks, project, coder, look)
        _say(study, done)
        tables.append(done.report.table.assign(file=file.name))
    if report is not None and tables:
        import pandas as pd

        write_table(report, pd.concat(tables))
        say(f"The whole report is in {report}.")


def _answers(people: list[str], others: list[str], same: list[str]) -> dict[str, str | None]:
    """Put what was said of labels together."""
    answers: dict[str, str | None] = {one: one for one in people}
    answers |= dict.fromkeys(others)
    for one in same:
        label, equals, speaker = one.partition("=")
        if not (equals and label.strip() and speaker.strip()):
            stop(f'--same-as takes a label and its speaker, as in --same-as "p01=P01"; not {one!r}.')
        answers[label.strip()] = speaker.strip()
    return answers


def _say_unknown(answers: dict[str, str | None], unanswered: Brought) -> None:
    """Say which labels that were answered for do not stand in the text, and which do."""
    from cop_analysis.study.faults import visible

    found = unanswered.document
    labels = [*found.speakers, *(one.label for one in found.questions), *found.headings]
    for label in (one for one in answers if one not in labels):
        stand = ", ".join(f"“{visible(one, 40)}”" for one in labels[:SHOWN]) or "none"
        more = f" and {len(labels) - SHOWN:,} more" if len(labels) > SHOWN else ""
        say(
            f"“{visible(label, 40)}” is no label of {unanswered.name}, so what was said of it changes nothing; its "
            f"labels are {stand}{more}."
        )


def _is_text(file: Path) -> bool:
    from cop_analysis.realist import ExchangeError
    from cop_analysis.realist.importing import recognise

    with sentences():
        try:
            return recognise(file) == "document"
        except ExchangeError as fault:
            stop(str(fault), DATA_AT_FAULT)


def _bring_text(
    study: Path,
    file: Path,
    answers: dict[str, str | None],
    kind: str,
    title: str,
    coder: str,
    look: bool,
    *,
    is_alone: bool,
) -> None:
    """Bring one transcript in, or say what has to be answered first."""
    from cop_analysis.files import MOST_TEXT, FileRefusedError, read_file
    from cop_analysis.realist.documents.speakers import kept_answers
    from cop_analysis.study import check_folder
    from cop_analysis.widgets.workbench.bringing import (
        AlreadyThere,
        BringingError,
        CannotWriteError,
        keep_document,
        names_among,
        people_of,
        read_brought,
        title_from,
    )

    if any(one.severity == "error" for one in check_folder(study)):
        stop(f"{study} has faults. List them with: cop check {study}", DATA_AT_FAULT)
    with sentences():
        try:
            content = read_file(file, most=MOST_TEXT)
            kept = kept_answers(study, file.name)
            brought = read_brought(file.name, content, {**kept, **answers})
            if answers and is_alone:
                _say_unknown(answers, read_brought(file.name, content, kept))
            names = names_among(brought.document.speakers, people_of(study))
            _say_text(brought, names)
            if look:
                say(f"Looked at, and not brought in: {brought.name}.")
                return
            named = title or title_from(brought.name, names)
            identifier = keep_document(study, brought, title=named, kind=kind, who=coder)
        except FileRefusedError as fault:
            stop(f"{file.name} was not read: it {fault.rule}; {fault.remedy}.", DATA_AT_FAULT)
        except AlreadyThere as fault:
            say(str(fault))
            return
        except CannotWriteError as fault:
            stop(str(fault), RUN_FAILED)
        except BringingError as fault:
            stop(str(fault), DATA_AT_FAULT)
    say(f"Brought in {brought.name} as {identifier}.")


def _say_text(brought: Brought, names: list[str]) -> None:
    """Say what was read; where a label has to be answered first, say which and how, and leave."""
    from cop_analysis.study.faults import visible
    from cop_analysis.widgets.workbench.bringing import warning_of_names

    document = brought.document
    lines = [f"{brought.name}: {document.sentence}"]
    lines += [f"  note: {one}" for one in (warning_of_names(names), *document.warnings) if one]
    if document.headings:
        listed = ", ".join(f"“{label}” ({number:,})" for label, number in islice(document.headings.items(), SHOWN))
        listed += f" and {len(document.headings) - SHOWN:,} more" if len(document.headings) > SHOWN else ""
        lines.append(f"  taken for headings, not people: {listed}; --person LABEL says otherwise.")
    lines += [f"  not talk: {count:,} {what}" for what, count in document.set_apart.items()]
    for line in lines:
        say(visible(line, 1_000))
    if not document.questions:
        return
    say_error(f"{brought.name} was not brought in: say first whose these labels are.")
    for one in document.questions[:SHOWN]:
        say_error(f"  {visible(one.sentence, 300)}")
    if len(document.questions) > SHOWN:
        say_error(
            f"  and {len(document.questions) - SHOWN:,} more; so many labels are rarely all people: is it a talk?"
        )
    label = visible(document.questions[0].label, 60)
    meant = document.questions[0].suggestion or "P01"
    say_error(
        f'Answer each with --same-as "{label}={meant}", --not-a-person "{label}" or --person "{label}"; the answers '
        "are kept in speakers.csv and not asked again."
    )
    raise typer.Exit(DATA_AT_FAULT)


def _brought(study: Path, file: Path, offsets: str, line_breaks: str, project: str, coder: str, look: bool) -> Imported:
    from cop_analysis.realist import ExchangeError
    from cop_analysis.realist.importing import UnsettledOffsets, import_project
    from cop_analysis.study import StudyError

    with sentences():
        try:
            return import_project(
                study, file, offsets=offsets, line_breaks=line_breaks, project=project, coder=coder, look=look
            )
        except StudyError as fault:
            if any(one.file != "coding.json" for one in fault.faults):
                stop(f"{study} has faults. List them with: cop check {study}", DATA_AT_FAULT)
            raise
        except UnsettledOffsets as fault:
            say_error(str(fault))
            for line in fault.preview.lines:
                say_error(line)
            raise typer.Exit(DATA_AT_FAULT) from None
        except ExchangeError as fault:
            stop(str(fault), DATA_AT_FAULT)


def _say(study: Path, done: Imported) -> None:
    from cop_analysis.study.faults import visible

    say(visible(done.sentence, 1_000))
    lines = done.report.lines
    for line in lines[: SHOWN + 1]:
        say(f"  {visible(line, 1_000)}")
    if len(lines) > SHOWN + 1:
        say(f"  and {len(lines) - SHOWN - 1:,} more; write them all to a file with --report FILE.")
    for line in done.report.caveats:
        say(f"  note: {visible(line, 1_000)}")
    if done.preview is not None:
        for line in done.preview.lines:
            say(f"  {line}")
    show_conflicts(list(done.conflicts))
    if done.conflicts:
        say(f"Decide each with: cop coding settle {study} NUMBER kept|other")
    for line in done.notices:
        say_error(f"note: {line}")
    if done.taking_back:
        say(f"To take it back: cop coding undo {study}. {visible(done.taking_back, 1_000)}")
