"""`cop network import`: a network file of another program taken into a study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.ends import RUN_FAILED, stop
from cop_analysis.commands.registry import command
from cop_analysis.commands.studies import StudyFolder
from cop_analysis.terminal import say


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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be kept and set aside.")] = False,
) -> None:
    """Add the ties of a network file to ties.csv: what is kept, and what is set aside and why."""
    try:
        report = import_file(study, file, relation, wave, layout=layout or None, add_people=add_people, dry_run=dry_run)
    except ValueError as fault:
        stop(str(fault))
    except OSError as fault:
        stop(f"The study could not be written: {fault}. Nothing was changed.", RUN_FAILED)
    for line in report:
        say(line)


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
    from cop_analysis.network.exchange.into_study import appended, ties_for_study, ties_held
    from cop_analysis.results import count_of
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
    ties, listing = folder / "ties.csv", folder / "people.csv"
    before = _content(ties)
    text = _text(before, ties)
    # The file and not the opened study, which leaves out what people said who withdrew.
    found = ties_for_study(
        graph, chosen, when, people, ties_held(text), directed=bool(relations[chosen].directed), take_unknown=add_people
    )
    said = [read.sentence, found.sentence]
    if found.unknown and not add_people:
        said.append("Correct the identifiers, or take these people in with --add-people.")
    if dry_run or not found.rows:
        return [*said, "Nothing was changed."]
    new = list(dict.fromkeys(row[end] for row in found.rows for end in ("ego", "alter") if row[end] not in people))
    contents: dict[Path, bytes] = {}
    if new:
        listed = _content(listing)
        contents[listing] = _as_before(_with_people(_text(listed, listing) or "person\n", new), listed)
        said.append(f"{count_of(len(new), 'person', 'people')} added to people.csv, without an organisation.")
    contents[ties] = _as_before(appended(text, found.rows), before)
    _put_all(contents)
    added = f"{count_of(len(found.rows), 'tie')} added to {ties} ({chosen}, {when})"
    return [*said, f"{added}. Look it over with: cop check {folder}"]


def _content(path: Path) -> bytes | None:
    """Give the bytes of a study's table as it stands; None where there is none."""
    from cop_analysis.files import MOST_TABLE, FileRefusedError, read_file

    try:
        return read_file(path, most=MOST_TABLE, inside=path.parent)
    except FileNotFoundError:
        return None
    except FileRefusedError as refused:
        raise ValueError(f"{path.name} {refused.rule}: {refused.remedy}. Nothing was changed.") from None


def _text(content: bytes | None, path: Path) -> str:
    from cop_analysis.network.exchange.recognise import text_from

    return "" if content is None else text_from(content, path.name)[0]


def _as_before(text: str, before: bytes | None) -> bytes:
    """Write a table with the byte order mark and the line ends it had, so that only what is new differs."""
    if before and before.count(b"\n") == before.count(b"\r\n") > 0:
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if before and before.startswith(b"\xef\xbb\xbf") else "utf-8")


def _put_all(contents: Mapping[Path, bytes]) -> None:
    """Put several files in their places, or leave all of them as they were."""
    from cop_analysis.files import put_whole

    before = {path: _content(path) for path in contents}
    try:
        for path, content in contents.items():
            put_whole(path, content)
    except BaseException:
        for path, old in before.items():
            if old is None:
                path.unlink(missing_ok=True)
            elif _content(path) != old:
                put_whole(path, old)
        raise


def _with_people(text: str, people: list[str]) -> str:
    import csv
    import io

    from cop_analysis.network.exchange.into_study import delimiter_of

    body = text if text.endswith("\n") else text + "\n"
    delimiter = delimiter_of(body)
    header = next(csv.reader(io.StringIO(body), delimiter=delimiter))
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
