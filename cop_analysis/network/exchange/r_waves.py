"""Waves of a network as the files RSiena and ergm read: matrices, attributes, and who was there when; written only.

The R code beside the files is fixed text; nothing from the data is ever part of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis.network.exchange.formats.csv import csv_cell, csv_columns
from cop_analysis.network.exchange.graph_files import write_whole
from cop_analysis.network.exchange.kinds import ExchangeReport, listed
from cop_analysis.network.exchange.tables import (
    NUMBER,
    WHOLE,
    YES_NO,
    GraphTables,
    as_text,
    kind_of,
    names_of,
    plain_value,
    text_of_name,
)
from cop_analysis.network.methods.graphs import NEVER_ASKED, NO, answers_of
from cop_analysis.results import count_of

if TYPE_CHECKING:
    import networkx as nx

STRUCTURAL_ZERO = "10"
PEOPLE_AT_MOST = 5_000
_OURS = ("rostered", "asked", "answered")

_SIENA_SCRIPT = """# Reads the files beside this script into RSiena.
# install.packages("RSiena")
library(RSiena)
waves <- read.csv("waves.csv", encoding = "UTF-8")
people <- read.csv("people.csv", encoding = "UTF-8")
read_wave <- function(file) as.matrix(read.table(file, na.strings = "NA"))
values <- array(unlist(lapply(waves$file, read_wave)), dim = c(nrow(people), nrow(people), nrow(waves)))

# Who joins or leaves can be told in one of two ways; do not use both.
by_composition <- FALSE
if (by_composition) values[values == 10] <- NA  # 10 is a structural zero: the person was not there

network <- sienaDependent(values)
columns <- read.csv("attributes.csv", check.names = FALSE, encoding = "UTF-8")
constant <- lapply(columns[-1], coCovar, centered = TRUE)
names(constant) <- make.names(names(constant), unique = TRUE)
given <- c(list(network = network), constant)
if (by_composition) given$presence <- sienaCompositionChangeFromFile("composition.txt")
data <- do.call(sienaDataCreate, given)
print(data)
"""

_ERGM_SCRIPT = r"""# Reads the files beside this script into networks for ergm.
# install.packages("ergm")
library(network)
# As text throughout: read.csv by itself would take a person called 007 for the number 7 and one called NA for missing.
as_text <- function(file) {
  cells <- read.csv(file, colClasses = "character", na.strings = character(0), check.names = FALSE, encoding = "UTF-8")
  unguarded <- function(words) sub("^'('*[-=+@\t\r])", "\\1", words)  # kept a spreadsheet from running a text
  names(cells) <- unguarded(names(cells))
  cells[] <- lapply(cells, unguarded)
  cells
}
matrix_of <- function(file) {
  cells <- as.matrix(as_text(file)[-1])
  cells[cells %in% c("NA", "")] <- NA
  array(as.numeric(cells), dim(cells))
}
waves <- as_text("waves.csv")
kinds <- as_text("attribute_kinds.csv")
networks <- lapply(seq_len(nrow(waves)), function(n) {
  people <- as_text(waves$attributes[n])
  one <- network(matrix_of(waves$file[n]), directed = waves$directed[n] == "1", matrix.type = "adjacency")
  network.vertex.names(one) <- people[[1]]
  for (column in seq_along(kinds$attribute)) {
    values <- people[[column + 1]]
    values[values == ""] <- NA
    if (kinds$kind[column] == "number") values <- as.numeric(values)
    if (kinds$kind[column] == "yes or no") values <- values == "true"
    set.vertex.attribute(one, kinds$attribute[column], values)
  }
  if (waves$strength[n] != "") set.edge.value(one, "strength", matrix_of(waves$strength[n]))
  one
})
print(networks[[1]])
# library(ergm); summary(networks[[1]] ~ edges + nodematch("organisation"))
"""


def write_rsiena(
    waves: Sequence[nx.Graph] | Mapping[str, nx.Graph], folder: Path | str, *, labels: Sequence[str] = ()
) -> ExchangeReport:
    """Write the waves of one network for RSiena.

    Parameters
    ----------
    waves : sequence of networkx graph, or mapping of label to graph
        In order of time, of the same relation, all directed or all undirected. A person is there in a wave if the graph
        has them and ``rostered`` is not False; has answered unless ``answered`` or ``asked`` is False.
    folder : pathlib.Path or str
        Made if it is not there.
    labels : sequence of str, optional
        What the waves are called.

    Returns
    -------
    ExchangeReport
        Files: ``wave1.txt`` and on (adjacency matrices: 1 a tie, 0 none, NA not known because the person did not
        answer or was never asked, 10 a structural zero because one of the two was not there), ``people.csv``,
        ``waves.csv``, ``attributes.csv`` (numbers; classes of text numbered as ``attribute_codes.csv`` says),
        ``varying_NAME.csv`` for what changes between waves, ``composition.txt`` (when each person was there, for
        ``sienaCompositionChangeFromFile``) and ``read_into_rsiena.R``.

    Raises
    ------
    ValueError
        For fewer than two waves, waves that are not alike in direction, or more than 5,000 people.

    Notes
    -----
    Codes as in Ripley, Snijders, Boda, Voros & Preciado, Manual for RSiena (University of Oxford): structural zeros 10,
    missing NA; a structural zero or a composition file (Huisman & Snijders 2003, Sociological Methods & Research
    32:253-287) tells of joiners and leavers, and not both. The moment of joining or leaving is not known from waves and
    is put half-way between two.

    Examples
    --------
    >>> import tempfile
    >>> import networkx as nx
    >>> folder = Path(tempfile.mkdtemp())
    >>> report = write_rsiena([nx.DiGraph([("a", "b")]), nx.DiGraph([("b", "a"), ("c", "a")])], folder)
    >>> print((folder / "wave1.txt").read_text(), (folder / "composition.txt").read_text(), sep="", end="")
    0 1 10
    0 0 10
    10 10 0
    1 2
    1 2
    1.5 2
    """
    found = _Waves.of(waves, labels)
    if len(found.graphs) < 2:
        raise ValueError("RSiena describes change, so it needs two waves or more. write_ergm takes one.")
    folder = Path(folder)
    notes = found.notes()
    files = []
    for number in range(len(found.graphs)):
        rows = [" ".join(row) for row in found.matrix(number, absent=STRUCTURAL_ZERO)]
        files.append(_write(folder / f"wave{number + 1}.txt", "".join(f"{row}\n" for row in rows)))
    intervals = [" ".join(found.presence(person)) for person in found.people]
    files.append(_write(folder / "composition.txt", "".join(f"{line}\n" for line in intervals)))
    files.append(
        _write(
            folder / "people.csv", csv_columns({"number": list(range(1, len(found.people) + 1)), "person": found.names})
        )
    )
    files.append(
        _write(
            folder / "waves.csv",
            csv_columns(
                {
                    "wave": list(range(1, len(found.graphs) + 1)),
                    "label": list(found.labels),
                    "file": [f"wave{n + 1}.txt" for n in range(len(found.graphs))],
                }
            ),
        )
    )
    files += _siena_attributes(found, folder, notes)
    files.append(_write(folder / "read_into_rsiena.R", _SIENA_SCRIPT))
    if any(found.here(person, n) is False for person in found.people for n in range(len(found.graphs))):
        notes.append(
            "Joiners and leavers are told twice, as structural zeros (10) in the matrices and in composition.txt: "
            "use one "
            "of the two; when they joined or left is put half-way between the waves."
        )
    return ExchangeReport("rsiena", tuple(files), len(found.people), found.ties, tuple(notes))


def write_ergm(
    waves: nx.Graph | Sequence[nx.Graph] | Mapping[str, nx.Graph], folder: Path | str, *, labels: Sequence[str] = ()
) -> ExchangeReport:
    """Write a network, or each of its waves, for R's network and ergm.

    Parameters
    ----------
    waves : networkx graph, sequence of graphs, or mapping of label to graph
        As for `write_rsiena`; each wave is written with the people who were there.
    folder : pathlib.Path or str
    labels : sequence of str, optional

    Returns
    -------
    ExchangeReport
        Files: ``wave1_ties.csv`` and on (a matrix with names; 1 a tie, 0 none, NA not known because the person did not
        answer or was never asked, which ergm takes as missing), ``wave1_strength.csv`` where ties have a value,
        ``wave1_people.csv`` (attributes, in the order of the matrix), ``attribute_kinds.csv``, ``waves.csv`` and
        ``read_into_ergm.R``.

    Raises
    ------
    ValueError
        For no wave, or more than 5,000 people.

    Examples
    --------
    >>> import tempfile
    >>> import networkx as nx
    >>> folder = Path(tempfile.mkdtemp())
    >>> graph = nx.DiGraph([("a", "b")])
    >>> graph.nodes["b"]["answered"] = False
    >>> _ = write_ergm(graph, folder)
    >>> print((folder / "wave1_ties.csv").read_text().replace(chr(13), ""), end="")
    "","a","b"
    "a",0,1
    "b",NA,0
    """
    if hasattr(waves, "is_directed"):
        waves = [waves]
    found = _Waves.of(waves, labels)
    folder = Path(folder)
    notes = found.notes()
    files, rows = [], []
    kinds: dict[str, set[str]] = {name if name != "person" else "person (2)": set() for name in found.attributes}
    for number, graph in enumerate(found.graphs):
        here = [person for person in found.people if found.here(person, number)]
        names = [found.name_of[person] for person in here]
        strength = f"wave{number + 1}_strength.csv" if _value_name(graph) else ""
        rows.append((f"wave{number + 1}_ties.csv", f"wave{number + 1}_people.csv", strength))
        files.append(_write(folder / rows[-1][0], _named_matrix(names, found.matrix(number, people=here))))
        column = _value_name(graph)
        if column:
            values = found.matrix(number, people=here, column=column)
            files.append(_write(folder / strength, _named_matrix(names, values)))
        columns: dict[str, list[Any]] = {"person": list(names)}
        for name in found.attributes:
            columns[name if name != "person" else "person (2)"] = [
                plain_value(graph.nodes[person].get(name))[0] for person in here
            ]
        files.append(_write(folder / rows[-1][1], csv_columns(columns)))
        for name, seen in kinds.items():
            seen |= {_kind_of(value) for value in columns[name] if value is not None}
    files.append(
        _write(
            folder / "waves.csv",
            csv_columns(
                {
                    "wave": list(range(1, len(rows) + 1)),
                    "label": list(found.labels),
                    "file": [ties for ties, *_ in rows],
                    "attributes": [people for _, people, _ in rows],
                    "strength": [strength for *_, strength in rows],
                    "directed": [int(graph.is_directed()) for graph in found.graphs],
                }
            ),
        )
    )
    kind = [seen.pop() if len(seen) == 1 else "text" for seen in kinds.values()]
    files.append(_write(folder / "attribute_kinds.csv", csv_columns({"attribute": list(kinds), "kind": kind})))
    files.append(_write(folder / "read_into_ergm.R", _ERGM_SCRIPT))
    return ExchangeReport("ergm", tuple(files), len(found.people), found.ties, tuple(notes))


@dataclass(frozen=True, eq=False)
class _Waves:
    """The waves over one list of people."""

    graphs: tuple[Any, ...]
    labels: tuple[str, ...]
    people: tuple[Hashable, ...]
    names: list[str]
    attributes: tuple[str, ...]

    @classmethod
    def of(cls, waves: Sequence[nx.Graph] | Mapping[str, nx.Graph], labels: Sequence[str]) -> _Waves:
        if isinstance(waves, Mapping):
            labels, waves = [str(label) for label in waves], list(waves.values())
        graphs = tuple(waves)
        if not graphs:
            raise ValueError("There is no wave to write. Give at least one network.")
        if len({bool(graph.is_directed()) for graph in graphs}) > 1:
            raise ValueError("Some waves are directed and others not. Make all the same first.")
        if labels and len(labels) != len(graphs):
            raise ValueError(f"There are {len(graphs)} waves and {len(labels)} labels. Give one label a wave.")
        everybody = dict.fromkeys(person for graph in graphs for person in graph)
        people = tuple(
            person
            for person in everybody
            if any(person in graph and graph.nodes[person].get("rostered") is not False for graph in graphs)
        )
        if len(people) > PEOPLE_AT_MOST:
            raise ValueError(
                f"There are {len(people):,} people; a full matrix is written for {PEOPLE_AT_MOST:,} at most, and "
                "RSiena and "
                "ergm themselves are made for far fewer. Take a part of the network first."
            )
        attributes = dict.fromkeys(
            text_of_name(name)
            for graph in graphs
            for person in people
            if person in graph
            for name in graph.nodes[person]
        )
        return cls(
            graphs,
            tuple(labels) or tuple(f"wave {n + 1}" for n in range(len(graphs))),
            people,
            names_of(people).texts,
            tuple(name for name in attributes if name not in _OURS),
        )

    @property
    def name_of(self) -> dict[Hashable, str]:
        return dict(zip(self.people, self.names, strict=True))

    @property
    def ties(self) -> int:
        return sum(graph.number_of_edges() for graph in self.graphs)

    @cached_property
    def answers(self) -> list[dict[Hashable, str]]:
        return [answers_of(graph) for graph in self.graphs]

    def here(self, person: Hashable, number: int) -> bool:
        graph = self.graphs[number]
        return person in graph and graph.nodes[person].get("rostered") is not False

    def answered(self, person: Hashable, number: int) -> bool:
        return self.answers[number][person] not in (NO, NEVER_ASKED)

    def matrix(
        self, number: int, *, absent: str = "", people: Sequence[Hashable] = (), column: str = ""
    ) -> list[list[str]]:
        """Give a wave as rows of codes; without a code for who was absent, `people` must all have been there."""
        graph = self.graphs[number]
        chosen = list(people) or list(self.people)
        place = {person: n for n, person in enumerate(chosen)}
        here = [self.here(person, number) for person in chosen]
        told = [here[n] and self.answered(person, number) for n, person in enumerate(chosen)]
        directed = graph.is_directed()
        rows = []
        for n in range(len(chosen)):
            if not here[n]:
                rows.append([absent] * len(chosen))
                rows[-1][n] = "0"
                continue
            row = []
            for m in range(len(chosen)):
                known = told[n] or (not directed and told[m])
                row.append("0" if m == n else absent if not here[m] else "0" if known else "NA")
            rows.append(row)
        held: dict[tuple[int, int], float] = {}
        for tail, head, data in graph.edges(data=True):
            if tail == head or tail not in place or head not in place:
                continue
            n, m = place[tail], place[head]
            if not (here[n] and here[m]):
                continue
            value = plain_value(data.get(column))[0] if column else 1
            held[(n, m)] = held.get((n, m), 0) + (value if isinstance(value, int | float) else 1)
        for (n, m), value in held.items():
            text = as_text(value) if column else "1"
            rows[n][m] = text
            if not directed:
                rows[m][n] = text
        return rows

    def presence(self, person: Hashable) -> list[str]:
        """Give the intervals of presence, numbered by wave, half-way where the change fell between two."""
        last = len(self.graphs)
        times: list[str] = []
        for number in range(last):
            if not self.here(person, number):
                continue
            if number == 0 or not self.here(person, number - 1):
                times.append("1" if number == 0 else f"{number + 0.5:g}")
            if number == last - 1 or not self.here(person, number + 1):
                times.append(str(last) if number == last - 1 else f"{number + 1.5:g}")
        return times

    def notes(self) -> list[str]:
        notes = list(names_of(self.people).notes)
        everybody = {person for graph in self.graphs for person in graph}
        never = len(everybody) - len(self.people)
        if never:
            notes.append(
                f"{never:,} {'person was' if never == 1 else 'people were'} named in ties but on no roster, and "
                "left out "
                "with those ties."
            )
        lost = loops = parallel = 0
        known = set(self.people)
        for number, graph in enumerate(self.graphs):
            pairs: set[Any] = set()
            for tail, head in graph.edges():
                if tail == head:
                    loops += 1
                    continue
                lost += tail in known and head in known and not (self.here(tail, number) and self.here(head, number))
                pair = (tail, head) if graph.is_directed() else frozenset((tail, head))
                parallel += pair in pairs
                pairs.add(pair)
        if lost:
            notes.append(
                f"{count_of(lost, 'tie is', 'ties are')} left out: somebody in it was not on that wave's roster."
            )
        if loops:
            notes.append(
                f"{count_of(loops, 'tie')} of a person with themselves {'is' if loops == 1 else 'are'} left out."
            )
        if parallel:
            notes.append(f"{count_of(parallel, 'parallel tie is', 'parallel ties are')} joined with another.")
        left = sorted(
            {text_of_name(name) for graph in self.graphs for *_, data in graph.edges(data=True) for name in data}
        )
        if left:
            notes.append(f"The matrices hold ties and no ties; attributes of ties are not in them: {listed(left)}.")
        return notes


def _siena_attributes(found: _Waves, folder: Path, notes: list[str]) -> list[Path]:
    constant: dict[str, list[Any]] = {"number": list(range(1, len(found.people) + 1))}
    codes: dict[str, list[Any]] = {"attribute": [], "code": [], "value": []}
    files: list[Path] = []
    for name in found.attributes:
        by_wave = [
            [plain_value(graph.nodes[person].get(name))[0] if person in graph else None for person in found.people]
            for graph in found.graphs
        ]
        every = [value for values in by_wave for value in values]
        kind = kind_of(every)
        coded = {}
        if kind not in (WHOLE, NUMBER, YES_NO):
            texts = sorted({as_text(value) for value in every if value is not None})
            coded = {text: n + 1 for n, text in enumerate(texts)}
            for text, code in coded.items():
                codes["attribute"].append(name)
                codes["code"].append(code)
                codes["value"].append(text)
        numbers = [[_number(value, coded) for value in values] for values in by_wave]
        firsts = [next((row[n] for row in numbers if row[n] is not None), None) for n in range(len(found.people))]
        changing = any(row[n] is not None and row[n] != firsts[n] for row in numbers for n in range(len(found.people)))
        if not changing:
            constant[name if name != "number" else "number (2)"] = firsts
            continue
        file = folder / f"varying_{len([f for f in files if f.name.startswith('varying')]) + 1}.csv"
        files.append(_write(file, csv_columns({f"wave {n + 1}": row for n, row in enumerate(numbers)}, missing="NA")))
        notes.append(f"The attribute {listed([name])} changes between waves: see {file.name} (for varCovar).")
    if codes["code"]:
        files.append(_write(folder / "attribute_codes.csv", csv_columns(codes)))
        named = list(dict.fromkeys(codes["attribute"]))
        notes.append(f"Texts are numbered, as attribute_codes.csv says: {listed(named)}.")
    return [_write(folder / "attributes.csv", csv_columns(constant, missing="NA")), *files]


def _number(value: Any, coded: dict[str, int]) -> int | float | None:
    if value is None:
        return None
    if coded:
        return coded[as_text(value)]
    return int(value) if isinstance(value, bool) else value


def _value_name(graph: nx.Graph) -> str:
    from cop_analysis.network.exchange.tables import value_column

    columns: dict[str, list[Any]] = {}
    for *_, data in graph.edges(data=True):
        for name, value in data.items():
            columns.setdefault(text_of_name(name), []).append(plain_value(value)[0])
    chosen, _ = value_column(GraphTables([], {}, [], columns))
    return chosen or ""


def _kind_of(value: Any) -> str:
    return "yes or no" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def _named_matrix(names: list[str], rows: list[list[str]]) -> str:
    lines = [",".join(['""', *map(csv_cell, names)])]
    lines += [",".join([csv_cell(name), *row]) for name, row in zip(names, rows, strict=True)]
    return "".join(f"{line}\r\n" for line in lines)


def _write(path: Path, text: str) -> Path:
    write_whole(path, text)
    return path
