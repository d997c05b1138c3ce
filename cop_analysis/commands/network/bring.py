"""`cop network import`: a network file of another program taken into a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cop_analysis.commands.registry import RUN_FAILED, StudyFolder, command, stop
from cop_analysis.terminal import say

if TYPE_CHECKING:
    from cop_analysis.network.exchange.bringing import Answers


@command("network", "import")
def import_network(
    study: StudyFolder,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="GraphML, GEXF, Pajek, UCINET DL, VNA, GML, CSV or a matrix."),
    ],
    relation: Annotated[
        str, typer.Option("--relation", help="What connects people: a key of [[relations]]; may be left out for one.")
    ] = "",
    wave: Annotated[str, typer.Option("--wave", help="When it was asked: a key of [[waves]]; left out for one.")] = "",
    layout: Annotated[
        str, typer.Option("--layout", help="What a table without a telling header is: names, matrix or ties.")
    ] = "",
    add_people: Annotated[
        bool, typer.Option("--add-people", help="Add whoever is not in people.csv to it, with the identifier alone.")
    ] = False,
    add_relation: Annotated[
        bool, typer.Option("--add-relation", help="Write the relation into study.toml where it is not there yet.")
    ] = False,
    add_wave: Annotated[
        bool, typer.Option("--add-wave", help="Write the wave into study.toml where it is not there yet.")
    ] = False,
    directed: Annotated[
        bool | None,
        typer.Option(
            "--directed/--undirected", help="Whether a relation that is added has a direction; else as the file."
        ),
    ] = None,
    network: Annotated[int, typer.Option("--network", help="Which network of a file that holds several.")] = 1,
    dry_run: Annotated[
        bool, typer.Option("--look", "--dry-run", help="Only say what would be kept and set aside.")
    ] = False,
) -> None:
    """Add the ties of a network file to ties.csv: what is kept, and what is set aside and why."""
    from cop_analysis.files import reason_of
    from cop_analysis.network.exchange.bringing import Answers

    answers = Answers(relation, wave, layout, add_relation, add_wave, directed, add_people=add_people, network=network)
    try:
        report = import_file(study, file, answers, dry_run=dry_run)
    except ValueError as fault:
        stop(str(fault))
    except OSError as fault:
        where = fault.filename or study
        stop(f"{where} could not be read or written: {reason_of(fault)}. Nothing was changed.", RUN_FAILED)
    for line in report:
        say(line)


def import_file(folder: Path, file: Path, answers: Answers, *, dry_run: bool = False) -> list[str]:
    """Add the ties of a network file to a study's ties.csv, and give the report as sentences.

    Parameters
    ----------
    folder : pathlib.Path
        The study folder.
    file : pathlib.Path
        The network.
    answers : Answers
        What the file cannot say of itself.
    dry_run : bool
        Change nothing.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If the study, the relation, the wave or the file cannot be used, in one sentence.
    """
    from cop_analysis.network.exchange.bringing import look_at_ties
    from cop_analysis.results import count_of

    looked = look_at_ties(folder, file, answers)
    said = looked.lines
    if looked.found.unknown and not answers.add_people:
        said.append("Correct the identifiers, or take these people in with --add-people.")
    if dry_run or not looked.contents:
        return [*said, "Nothing was changed."]
    looked.write()
    added = (
        f"{count_of(len(looked.found.rows), 'tie')} added to {folder / 'ties.csv'} ({looked.relation}, {looked.wave})"
    )
    return [*said, *looked.added, f"{added}. Look it over with: cop check {folder}"]
