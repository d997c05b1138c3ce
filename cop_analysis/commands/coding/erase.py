"""`cop coding erase`: a person or a document erased for good."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cop_analysis.commands.coding.opened import CoderOption, opened
from cop_analysis.commands.registry import StudyFolder, command, stop
from cop_analysis.terminal import say

if TYPE_CHECKING:
    from cop_analysis.realist.erasure import Erasure


@command("coding", "erase")
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
        stop("Name the person with --person, or the document with --document.")
    if document and (name or extract or unlisted):
        stop("--name, --extract and --unlisted belong to --person; a document is erased whole.")
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
