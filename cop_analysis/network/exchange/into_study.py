"""From a network file to rows of a study's ties.csv: which rows are kept, and which are set aside and why.

Nothing is read or written here: a graph and what the study holds go in, rows and a report come out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cop_analysis.files import FORMULA_LEADS
from cop_analysis.network.exchange.report import GraphFileError, listed
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
