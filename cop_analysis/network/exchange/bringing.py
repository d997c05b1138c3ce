"""A network file taken into a study: which rows of ties.csv it gives and which are set aside; looked at, then written.

The command and the workbench both look and write by this; neither decides anything of its own. What is written is
written whole or not at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis.files import FORMULA_LEADS
from cop_analysis.network.exchange.kinds import ExchangeReport, GraphFileError, listed, text_from
from cop_analysis.network.exchange.tables import as_text, plain_value
from cop_analysis.results import count_of
from cop_analysis.results.values import is_missing

if TYPE_CHECKING:
    import networkx as nx


COLUMNS = ("ego", "alter", "relation", "strength", "wave")


@dataclass(frozen=True)
class TiesReport:
    """What came of taking a network into a study; rows read are always rows kept and rows set aside.

    Attributes
    ----------
    rows : tuple of dict
        For ties.csv, by `COLUMNS`.
    read : int
        Ties of the file.
    set_aside : mapping of str to int
        How many ties were not taken, by reason.
    unknown : tuple of str
        Identifiers in the file that people.csv does not hold.
    notes : tuple of str
        What else was decided.
    """

    rows: tuple[Mapping[str, str], ...]
    read: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The report in plain words.

        Examples
        --------
        >>> TiesReport(({"ego": "a"},), 3, {"a tie of a person with themselves": 2}).sentence
        '3 ties read, 1 kept, 2 set aside: 2 because a tie of a person with themselves.'
        """
        aside = self.read - len(self.rows)
        text = f"{count_of(self.read, 'tie')} read, {len(self.rows):,} kept, {aside:,} set aside"
        if self.set_aside:
            text += ": " + "; ".join(f"{count:,} because {why}" for why, count in self.set_aside.items())
        text += "."
        if self.unknown:
            text += f" Not in people.csv: {listed(list(self.unknown))}."
        return " ".join([text, *self.notes])


def ties_for_study(
    graph: nx.Graph,
    relation: str,
    wave: str,
    people: Collection[str],
    held: Collection[tuple[str, str, str, str]] = (),
    *,
    directed: bool = True,
    take_unknown: bool = False,
) -> TiesReport:
    """Turn a network into rows of ties.csv.

    Parameters
    ----------
    graph : networkx graph
        As `read_graph` gives it. A tie's ``weight`` or ``strength`` becomes its strength. Where ties have a
        ``relation`` that is one of several, only those of `relation` are taken.
    relation, wave : str
        Keys of the study.
    people : collection of str
        Identifiers of people.csv.
    held : collection of (ego, alter, relation, wave)
        What ties.csv holds already.
    directed : bool
        Whether the relation has a direction. An undirected network of a directed relation becomes two ties a pair.
    take_unknown : bool
        Keep ties with people who are not in people.csv (who then have to be added to it).

    Returns
    -------
    TiesReport

    Raises
    ------
    GraphFileError
        If the network joins two kinds of things, or holds several relations of which none is `relation`.

    Examples
    --------
    >>> import networkx as nx
    >>> found = ties_for_study(nx.DiGraph([("P1", "P2"), ("P1", "P9")]), "advice", "w1", {"P1", "P2"})
    >>> found.sentence
    '2 ties read, 1 kept, 1 set aside: 1 because somebody in it is not in people.csv. Not in people.csv: P9.'
    """
    sides = {data.get("bipartite") for _, data in graph.nodes(data=True)}
    if {0, 1} <= sides:
        raise GraphFileError(
            "The file joins two kinds of things (such as people and events), so it does not say who named whom. "
            "Attendance goes into attendance.csv."
        )
    ties = list(graph.edges(data=True))
    several = {str(data["relation"]) for *_, data in ties if not is_missing(data.get("relation"))}
    if several and relation not in several and len(several) > 1:
        raise GraphFileError(
            f"The file holds {len(several)} relations ({listed(sorted(several))}) and none is called {relation}. Keep "
            "one in the program it came from, or name the relation in study.toml as the file does."
        )
    notes: list[str] = []
    both_ways = directed and not graph.is_directed()
    if both_ways:
        ties = [tie for tail, head, data in ties for tie in ((tail, head, data), (head, tail, data))]
        notes.append("The file has ties without a direction; each was read as two, one from either end.")
    rows: list[Mapping[str, str]] = []
    aside: dict[str, int] = {}
    unknown: dict[str, None] = {}
    stands, seen = set(held), set[tuple[str, str, str, str]]()
    if not directed:
        stands |= {(alter, ego, kind, when) for ego, alter, kind, when in held}

    def leave(why: str) -> None:
        aside[why] = aside.get(why, 0) + 1

    for tail, head, data in ties:
        ego, alter = (as_text(plain_value(end)[0]).strip() for end in (tail, head))
        strange = [person for person in (ego, alter) if person not in people]
        unknown.update(dict.fromkeys(strange))
        key = (ego, alter, relation, wave)
        value = next((data[name] for name in ("strength", "weight") if not is_missing(data.get(name))), None)
        number = _number(value)
        if several and len(several) > 1 and str(data.get("relation")) != relation:
            leave("it is of another relation")
        elif ego == alter:
            leave("it joins a person with themselves")
        elif strange and not take_unknown:
            leave("somebody in it is not in people.csv")
        elif any(not is_plain_id(person) for person in strange):
            leave("an identifier in it begins as a formula does or holds what cannot be seen")
        elif value is not None and (number is None or number < 0):
            leave("its strength is not a number of at least 0")
        elif key in stands:
            leave("ties.csv holds it already")
        elif key in seen or (not directed and (alter, ego, relation, wave) in seen):
            leave("the file holds it twice")
        else:
            seen.add(key)
            strength = "" if number is None else as_text(int(number) if float(number).is_integer() else number)
            rows.append({"ego": ego, "alter": alter, "relation": relation, "strength": strength, "wave": wave})
    return TiesReport(tuple(rows), len(ties), aside, tuple(unknown), tuple(notes))


def is_plain_id(text: str) -> bool:
    """Say whether an identifier from elsewhere may be written into a table that a spreadsheet opens.

    Examples
    --------
    >>> [is_plain_id(one) for one in ("P07", "=cmd()", "P\\n7", "")]
    [True, False, False, False]
    """
    return text.isprintable() and text != "" and not text.startswith(FORMULA_LEADS)


def ties_held(text: str) -> set[tuple[str, str, str, str]]:
    """Give ego, alter, relation and wave of the rows that the text of a ties.csv holds.

    Examples
    --------
    >>> ties_held("wave;ego;alter;relation\\nw1;a;b;advice\\n")
    {('a', 'b', 'advice', 'w1')}
    """
    parsed = _rows(text.replace("\r\n", "\n").replace("\r", "\n"))
    places = [cell.strip().lower() for cell in parsed[0]] if parsed else []
    if not {"ego", "alter", "relation", "wave"} <= set(places):
        return set()
    ego, alter, relation, wave = (places.index(name) for name in ("ego", "alter", "relation", "wave"))
    cells = ([*(cell.strip() for cell in row), *[""] * len(places)] for row in parsed[1:] if row)
    return {(row[ego], row[alter], row[relation], row[wave]) for row in cells}


def delimiter_of(text: str) -> str:
    """Give what parts the cells of a table, by its first line: a comma, a semicolon or a tab."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=lambda mark: (first.count(mark), mark == ","))


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=delimiter_of(text)))


def appended(text: str, rows: Collection[Mapping[str, str]]) -> str:
    r"""Add rows to the text of a ties.csv as it is: its delimiter, its column order, its further columns.

    Examples
    --------
    >>> appended("wave;ego;alter;relation\n", [{"ego": "a", "alter": "b", "relation": "advice", "wave": "w1",
    ...                                         "strength": ""}]).splitlines()
    ['wave;ego;alter;relation', 'w1;a;b;advice']
    """
    body = text.replace("\r\n", "\n").replace("\r", "\n")
    if not body.strip():
        body = ",".join(COLUMNS) + "\n"
    delimiter, parsed = delimiter_of(body), _rows(body)
    header = [cell.strip() for cell in parsed[0]]
    places = [cell.lower() for cell in header]
    missing = [
        name for name in COLUMNS if name not in places and (name != "strength" or any(row["strength"] for row in rows))
    ]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    if missing:
        writer.writerow([*header, *missing])
        writer.writerows([*row, *[""] * (len(header) - len(row)), *[""] * len(missing)] for row in parsed[1:] if row)
        places += missing
    else:
        out.write(body if body.endswith("\n") else body + "\n")
    writer.writerows([row.get(name, "") for name in places] for row in rows)
    return out.getvalue()


def _number(value: Any) -> float | None:
    if is_missing(value) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number == number and abs(number) != float("inf") else None


@dataclass(frozen=True)
class Answers:
    """What a file cannot say of itself, and a person has to.

    Attributes
    ----------
    relation, wave : str
        Keys of study.toml; empty where the study has one.
    layout : str
        As for `read_graph`; empty where the file's header says it.
    add_relation, add_wave : bool
        Write the relation or the wave into study.toml where it is not there.
    directed : bool or None
        Whether a relation that is added has a direction; None takes the file's word.
    wave_label : str
        How a wave that is added is called.
    add_people : bool
        Add whoever is not in people.csv to it.
    network : int
        Which network, where the file holds several.
    """

    relation: str = ""
    wave: str = ""
    layout: str = ""
    add_relation: bool = False
    add_wave: bool = False
    directed: bool | None = None
    wave_label: str = ""
    add_people: bool = False
    network: int = 1


@dataclass(frozen=True)
class Bringing:
    """What taking a network into a study would do.

    Attributes
    ----------
    read : ExchangeReport
        What is in the file.
    found : TiesReport
        Which ties are kept, and which are set aside and why.
    relation, wave : str
    added : tuple of str
        What comes into study.toml and people.csv, a sentence each.
    contents : mapping of Path to bytes
        The files as they are to be; none where no tie is kept.
    """

    read: ExchangeReport
    found: TiesReport
    relation: str
    wave: str
    added: tuple[str, ...] = ()
    contents: Mapping[Path, bytes] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """What is in the file and what is kept of it, a sentence each."""
        return [self.read.sentence, self.found.sentence]

    def write(self) -> None:
        """Put all files in their places, or leave all of them as they were."""
        from cop_analysis.files import put_whole

        before = {path: _content(path) for path in self.contents}
        try:
            for path, content in self.contents.items():
                put_whole(path, content)
        except BaseException:
            for path, old in before.items():
                if old is None:
                    path.unlink(missing_ok=True)
                elif _content(path) != old:
                    put_whole(path, old)
            raise


def look_at_ties(folder: Path, file: Path, answers: Answers) -> Bringing:
    """Say what taking a network file into a study would do. Nothing is written.

    Parameters
    ----------
    folder : Path
        The study folder.
    file : Path
        The network.
    answers : Answers

    Raises
    ------
    ValueError
        If the study, an answer or the file cannot be used, in one sentence.
    """
    from cop_analysis.network.exchange.graph_files import read_graph
    from cop_analysis.study import StudyError, open_study

    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}. Name the folder that holds study.toml.")
    try:
        study = open_study(folder)
    except StudyError:
        raise ValueError(f"{folder} has faults. List them with: cop check {folder}") from None
    relations = {item.key: bool(item.directed) for item in study.config.relations}
    relation = _the_one(answers.relation, list(relations), "relation", "relations", answers.add_relation)
    wave = _the_one(answers.wave, [item.key for item in study.waves], "wave", "waves", answers.add_wave)
    graph, read = read_graph(file, layout=answers.layout or None, number=answers.network)
    is_new = relation not in relations
    said = bool(graph.is_directed()) if answers.directed is None else answers.directed
    directed = relations.get(relation, said)
    people = set() if study.people is None else {str(person) for person in study.people["person"]}
    ties, listing, settings = (folder / name for name in ("ties.csv", "people.csv", "study.toml"))
    before = _content(ties)
    text = _text(before, ties)
    # The file and not the opened study, which leaves out what people said who withdrew.
    held = ties_held(text)
    found = ties_for_study(graph, relation, wave, people, held, directed=directed, take_unknown=answers.add_people)
    if not found.rows:
        return Bringing(read, found, relation, wave)
    contents: dict[Path, bytes] = {}
    added: list[str] = []
    sections: list[tuple[str, str, dict[str, str | bool]]] = []
    if is_new:
        sections.append(("relation", "relations", {"key": relation, "directed": directed}))
    if wave not in {item.key for item in study.waves}:
        sections.append(("wave", "waves", {"key": wave, "label": answers.wave_label}))
    for what, section, values in sections:
        from cop_analysis.study.settings import with_section

        contents[settings] = with_section(contents.get(settings) or _content(settings) or b"", section, values)
        direction = f", {'with' if directed else 'without'} a direction" if what == "relation" else ""
        added.append(f"The {what} {values['key']} was added to study.toml{direction}.")
    new = list(dict.fromkeys(row[end] for row in found.rows for end in ("ego", "alter") if row[end] not in people))
    if new:
        listed = _content(listing)
        contents[listing] = _as_before(_with_people(_text(listed, listing) or "person\n", new), listed)
        added.append(f"{count_of(len(new), 'person', 'people')} added to people.csv, without an organisation.")
    contents[ties] = _as_before(appended(text, found.rows), before)
    return Bringing(read, found, relation, wave, tuple(added), contents)


def _content(path: Path) -> bytes | None:
    """Give the bytes of a study's file as it stands; None where there is none."""
    from cop_analysis.files import MOST_TABLE, FileRefusedError, read_file

    try:
        return read_file(path, most=MOST_TABLE, inside=path.parent)
    except FileNotFoundError:
        return None
    except FileRefusedError as refused:
        raise ValueError(f"{path.name} {refused.rule}: {refused.remedy}. Nothing was changed.") from None


def _text(content: bytes | None, path: Path) -> str:
    return "" if content is None else text_from(content, path.name)[0]


def _as_before(text: str, before: bytes | None) -> bytes:
    """Write a table with the byte order mark and the line ends it had, so that only what is new differs."""
    if before and before.count(b"\n") == before.count(b"\r\n") > 0:
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if before and before.startswith(b"\xef\xbb\xbf") else "utf-8")


def _with_people(text: str, people: Sequence[str]) -> str:
    body = text if text.endswith("\n") else text + "\n"
    delimiter = delimiter_of(body)
    header = next(csv.reader(io.StringIO(body), delimiter=delimiter))
    place = [cell.strip().lower() for cell in header].index("person")
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        [person if n == place else "" for n in range(len(header))] for person in people
    )
    return body + out.getvalue()


def _the_one(given: str, known: Sequence[str], what: str, block: str, add: bool) -> str:
    if given and (given in known or add):
        return given
    if given:
        raise ValueError(
            f"The study has no {what} {given!r}. It has: {', '.join(known) or 'none'}. Add it to study.toml as "
            f"[[{block}]], or have it added with --add-{what}."
        )
    if len(known) != 1:
        raise ValueError(
            f"The study has {len(known)} {block} ({', '.join(known) or 'none'}). Name one with --{what}."
            if known
            else f"The study has no {what}. Name one with --{what}, and have it added to study.toml with --add-{what}."
        )
    return known[0]
