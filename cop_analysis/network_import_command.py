"""`cop network import`: take a network file of another program into a study; words and flags to one call.

Nothing is decided here. `cli` registers the commands with one line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cop_analysis import network_export_command

CALL_AT_FAULT, DATA_AT_FAULT, RUN_FAILED = 2, 1, 3

commands = typer.Typer(
    name="network",
    help="The networks of a study: taken in from, and written for, UCINET, Pajek, Gephi, visone, R and others.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
commands.command("export")(network_export_command.export_network)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(commands)


@commands.command("import")
def import_network(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study folder.")],
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be kept and set aside.")] = False,
) -> None:
    """Add the ties of a network file to ties.csv: what is kept, and what is set aside and why."""
    try:
        report = import_file(study, file, relation, wave, layout=layout or None, add_people=add_people, dry_run=dry_run)
    except ValueError as fault:
        _stop(str(fault), CALL_AT_FAULT)
    except OSError as fault:
        _stop(f"ties.csv could not be written: {fault}. Nothing was changed.", RUN_FAILED)
    for line in report:
        typer.echo(line)


def import_file(
    folder: Path,
    file: Path,
    relation: str = "",
    wave: str = "",
    *,
    layout: str | None = None,
    add_people: bool = False,
    dry_run: bool = False,
) -> list[str]:
    """Add the ties of a network file to a study's ties.csv, and give the report as sentences.

    Parameters
    ----------
    folder : pathlib.Path
        The study folder.
    file : pathlib.Path
        The network.
    relation, wave : str
        Keys of study.toml; empty where the study has one.
    layout : str, optional
        As for `read_graph`.
    add_people : bool
        Add unknown people to people.csv.
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
    from cop_analysis.network import read_graph
    from cop_analysis.network.exchange.graph_files import write_whole
    from cop_analysis.network.exchange.into_study import appended, ties_for_study
    from cop_analysis.study import StudyError, open_study

    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}. Name the folder that holds study.toml.")
    try:
        opened = open_study(folder)
    except StudyError:
        raise ValueError(f"{folder} has faults. List them with: cop check {folder}") from None
    relations = {item.key: item for item in opened.config.relations}
    chosen = _the_one(relation, list(relations), "relation", "relations")
    when = _the_one(wave, [item.key for item in opened.waves], "wave", "waves")
    graph, read = read_graph(file, layout=layout)
    people = set() if opened.people is None else {str(person) for person in opened.people["person"]}
    ties = folder / "ties.csv"
    text = _table_of(folder, "ties.csv")
    held: set[tuple[str, str, str, str]] = set()
    if opened.ties is not None:
        held = set(opened.ties[["ego", "alter", "relation", "wave"]].astype(str).itertuples(index=False, name=None))
    found = ties_for_study(
        graph, chosen, when, people, held, directed=bool(relations[chosen].directed), take_unknown=add_people
    )
    said = [read.sentence, found.sentence]
    if found.unknown and not add_people:
        said.append("Correct the identifiers, or take these people in with --add-people.")
    if dry_run or not found.rows:
        return [*said, "Nothing was changed."]
    new = [person for person in found.unknown if add_people]
    if new:
        listing = folder / "people.csv"
        before = _table_of(folder, "people.csv") or "person\n"
        write_whole(listing, _with_people(before, new))
        said.append(f"{len(new):,} added to people.csv, without an organisation.")
    write_whole(ties, appended(text, found.rows))
    return [*said, f"{len(found.rows):,} added to {ties} ({chosen}, {when}). Look it over with: cop check {folder}"]


def _table_of(folder: Path, name: str) -> str:
    """Give the text of a study's table as it stands; empty where there is none."""
    from cop_analysis.files import MOST_TABLE, FileRefusedError, read_file
    from cop_analysis.network.exchange.recognise import text_from

    try:
        content = read_file(folder / name, most=MOST_TABLE, inside=folder)
    except FileNotFoundError:
        return ""
    except FileRefusedError as refused:
        raise ValueError(f"{name} {refused.rule}: {refused.remedy}. Nothing was changed.") from None
    return text_from(content, name)[0]


def _with_people(text: str, people: list[str]) -> str:
    import csv
    import io

    body = text if text.endswith("\n") else text + "\n"
    first = body.split("\n", 1)[0]
    delimiter = max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    header = next(csv.reader(io.StringIO(first), delimiter=delimiter))
    place = [cell.strip().lower() for cell in header].index("person")
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        [person if n == place else "" for n in range(len(header))] for person in people
    )
    return body + out.getvalue()


def _the_one(given: str, known: list[str], what: str, block: str) -> str:
    if given and given in known:
        return given
    if given:
        raise ValueError(
            f"The study has no {what} {given!r}. It has: {', '.join(known) or 'none'}. Add it to study.toml as "
            f"[[{block}]] first."
        )
    if len(known) != 1:
        raise ValueError(
            f"The study has {len(known)} {block} ({', '.join(known) or 'none'}). Name one with --{what}."
            if known
            else f"The study has no {what}. Add one to study.toml as [[{block}]] first."
        )
    return known[0]


def _stop(sentence: str, code: int) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
