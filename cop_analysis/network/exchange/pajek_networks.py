"""Pajek networks (.net), read and written: one mode or two, arcs and edges, several relations, lists and matrices.

Partitions, vectors and projects are in `pajek_objects`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from cop_analysis.network.exchange.report import GraphFileError, listed, shortened
from cop_analysis.network.exchange.tables import (
    TEXT,
    GraphTables,
    as_text,
    distinct,
    kind_of,
    names_of,
    value_column,
    with_both_directions,
)
from cop_analysis.network.exchange.valued import RELATION

VERTICES_AT_MOST = 1_000_000
"""A header that announces more vertices is refused before room is made for them."""

_TOKEN = re.compile(r'"([^"]*)"|(\S+)')
_CODE = re.compile(r"&#([0-9]{1,7});")
_DRAWN = {
    "ic",
    "bc",
    "bw",
    "lc",
    "la",
    "lr",
    "lphi",
    "fos",
    "font",
    "x_fact",
    "y_fact",
    "phi",
    "r",
    "q",
    "s_size",
    "c",
    "w",
    "p",
    "s",
    "a",
    "ap",
    "h1",
    "h2",
    "a1",
    "a2",
    "k1",
    "k2",
    "lp",
    "hooks",
}
_SHAPES = {"ellipse", "box", "diamond", "triangle", "cross", "empty", "house", "man", "woman"}


def write_network(tables: GraphTables, title: str = "") -> tuple[str, list[str], list[int]]:
    """Write the network part of a Pajek file.

    Returns
    -------
    str
        The section, from ``*Network`` or ``*Vertices`` on.
    list of str
        What it could not carry; attributes of nodes are not spoken of here.
    list of int
        The order in which the nodes are written: with two modes the first mode comes first.

    Examples
    --------
    >>> text, notes, order = write_network(GraphTables(["a", "b"], {}, [(0, 1)], {"weight": [2]}))
    >>> print(text, end="")
    *Vertices 2
    1 "a"
    2 "b"
    *Arcs
    1 2 2
    """
    names = names_of(tables.nodes)
    notes = list(names.notes)
    if names.kind != TEXT:
        notes.append("Identifiers that are not text are read back as text.")
    modes = tables.two_mode
    order = [*modes[0], *modes[1]] if modes else list(range(len(tables.nodes)))
    place = {position: n + 1 for n, position in enumerate(order)}
    lines = [f"*Network {pajek_text(title)}"] if title else []
    lines.append(f"*Vertices {len(order)} {len(modes[0])}" if modes else f"*Vertices {len(order)}")
    lines += [f'{place[position]} "{pajek_text(names.texts[position])}"' for position in order]
    column, left = value_column(tables)
    relations = tables.tie_columns.get(RELATION)
    by_relation = relations is not None and kind_of(relations) == TEXT and any(relations)
    left = [name for name in left if not (by_relation and name == RELATION)]
    if left:
        notes.append(f"Attributes of ties are left out: {listed(left)}.")
    if column not in (None, "weight"):
        notes.append(f"The value of a tie is its {column}; it is read back as weight.")
    if tables.keys is not None:
        notes.append("Keys of parallel ties are left out; the ties themselves stay.")
    values = tables.tie_columns[column] if column is not None else [None] * len(tables.ties)
    if column is not None and None in values and any(value is not None for value in values):
        notes.append(f"Pajek itself takes a tie without a {column} for 1.")
    section = "*Arcs" if tables.is_directed else "*Edges"
    groups: dict[str | None, list[int]] = {}
    for n in range(len(tables.ties)):
        groups.setdefault(relations[n] if by_relation and relations is not None else None, []).append(n)
    if not groups:
        lines.append(section)
    for number, (relation, members) in enumerate(groups.items(), start=1):
        lines.append(section if relation is None else f'{section} :{number} "{pajek_text(relation)}"')
        for n in members:
            tail, head = tables.ties[n]
            value = "" if values[n] is None else f" {as_text(values[n])}"
            lines.append(f"{place[tail]} {place[head]}{value}")
    return "\n".join(lines) + "\n", notes, order


def pajek_text(text: str) -> str:
    """Write a label so that quotes and line breaks survive, by the ``&#34;`` form Pajek knows for other characters.

    Examples
    --------
    >>> pajek_text('the "chair"')
    'the &#34;chair&#34;'
    """
    text = text.replace("&#", "&#38;#")
    return "".join(
        character if character.isprintable() and character != '"' else f"&#{ord(character)};" for character in text
    )


def text_from_pajek(text: str) -> str:
    """Read a label that `pajek_text` or Pajek wrote."""
    return _CODE.sub(
        lambda found: (
            chr(int(found[1])) if 0 < int(found[1]) < 0xD800 or 0xDFFF < int(found[1]) < 0x110000 else found[0]
        ),
        text,
    )


@dataclass
class NetworkBeingRead:
    """A network whose lines are still coming."""

    title: str
    size: int = 0
    first_mode: int | None = None
    labels: dict[int, str] = field(default_factory=dict)
    given: dict[int, dict[str, Any]] = field(default_factory=dict)
    ties: list[tuple[int, int]] = field(default_factory=list)
    directed: list[bool] = field(default_factory=list)
    weights: list[float | int | None] = field(default_factory=list)
    relations: list[str | None] = field(default_factory=list)
    has_arcs: bool = False
    has_edges: bool = False
    from_matrix: bool = False
    matrix_rows: int = 0

    def vertex(self, text: str, where: str) -> int:
        """Read the number of a vertex as a position."""
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= self.size:
            raise GraphFileError(
                f"{where}: {shortened(text, 30)!r} is no vertex; there are {self.size:,}, numbered from 1. The file "
                "may "
                "be cut short or its header wrong."
            )
        return int(text) - 1

    def read_vertex(self, line: str, where: str, notes: dict[str, None]) -> None:
        """Read a line of a vertex: its number, label, and what follows."""
        tokens = [
            (found[1] if found[1] is not None else found[2], found[1] is not None) for found in _TOKEN.finditer(line)
        ]
        position = self.vertex(tokens[0][0], where)
        if len(tokens) < 2:
            return
        if line.count('"') % 2:
            raise GraphFileError(f"{where}: a quotation mark is not closed. The file may be cut short.")
        self.labels[position] = text_from_pajek(tokens[1][0])
        rest = [text for text, _ in tokens[2:] if not text.startswith("[")]
        if len(rest) < len(tokens) - 2:
            notes["Times of vertices are left out: everything is read as present at once."] = None
        while rest and _is_number(rest[0]):
            notes["Positions and looks drawn in Pajek are left out."] = None
            rest.pop(0)
        if rest and rest[0].lower() in _SHAPES:
            notes["Positions and looks drawn in Pajek are left out."] = None
            rest.pop(0)
        elif len(rest) % 2:
            # Text after the label is nobody's value; it is kept under a name of its own.
            self.given.setdefault(position, {})["text"] = text_from_pajek(rest.pop(0))
            notes["Text after the label of a vertex is kept as the attribute text."] = None
        for name, value in zip(rest[::2], rest[1::2], strict=False):
            if name.lower() in _DRAWN:
                notes["Positions and looks drawn in Pajek are left out."] = None
            else:
                self.given.setdefault(position, {})[text_from_pajek(name)] = _value(text_from_pajek(value))

    def read_tie(self, line: str, where: str, directed: bool, relation: str | None, notes: dict[str, None]) -> None:
        """Read a line of an arc or an edge: two vertices, and often a value."""
        number, colon, rest = line.partition(":")
        if colon and number.strip().isdigit():
            relation, line = relation or number.strip(), rest
        tokens = line.split()
        if len(tokens) < 2:
            raise GraphFileError(f"{where}: {shortened(line, 40)!r} is no tie. The file may be cut short.")
        weight: float | int | None = None
        if len(tokens) > 2 and not tokens[2].startswith("["):
            if _is_number(tokens[2]):
                weight = _value(tokens[2])
            elif tokens[2].lower() not in {*_DRAWN, "l"}:
                raise GraphFileError(
                    f"{where}: the value {shortened(tokens[2], 30)!r} of a tie is no number. Correct it."
                )
        if any(token.startswith("[") for token in tokens[2:]):
            notes["Times of ties are left out: everything is read as present at once."] = None
        elif len(tokens) > 3:
            notes["Labels and looks of ties drawn in Pajek are left out."] = None
        self.add(self.vertex(tokens[0], where), self.vertex(tokens[1], where), directed, weight, relation)

    def read_list(self, line: str, where: str, directed: bool, relation: str | None) -> None:
        """Read a line of an arcs list: a vertex and everybody it is tied to."""
        tokens = [token.lstrip("-") for token in line.split()]
        positions = [self.vertex(token, where) for token in tokens]
        for head in positions[1:]:
            self.add(positions[0], head, directed, None, relation)

    def read_row(self, line: str, where: str, relation: str | None) -> None:
        """Read a row of a matrix."""
        self.from_matrix = True
        first = self.first_mode
        rows, columns = (self.size, self.size) if first is None else (first, self.size - first)
        tokens = line.split()
        if self.matrix_rows >= rows or len(tokens) != columns:
            raise GraphFileError(
                f"{where}: row {self.matrix_rows + 1} of the matrix has {len(tokens):,} values; {rows:,} rows of "
                f"{columns:,} are expected. The file may be cut short."
            )
        for n, token in enumerate(tokens):
            if not _is_number(token):
                raise GraphFileError(f"{where}: {shortened(token, 30)!r} in the matrix is no number. Correct it.")
            value = _value(token)
            if value:
                self.add(self.matrix_rows, n + (first or 0), first is None, value, relation)
        self.matrix_rows += 1

    def add(self, tail: int, head: int, directed: bool, weight: float | int | None, relation: str | None) -> None:
        """Keep a tie."""
        self.ties.append((tail, head))
        self.directed.append(directed)
        self.weights.append(weight)
        self.relations.append(relation)

    def tables(self, file: str, notes: dict[str, None]) -> GraphTables:
        """Give what was read as tables."""
        if self.from_matrix and self.first_mode is None and self.matrix_rows not in (0, self.size):
            raise GraphFileError(
                f"{file}: the matrix ends after {self.matrix_rows:,} of {self.size:,} rows. It is cut short; export it "
                "again."
            )
        labels, clashes = distinct([self.labels.get(n, str(n + 1)) for n in range(self.size)])
        if clashes:
            notes[f"{clashes:,} labels come more than once and are numbered."] = None
        columns: dict[str, list[Any]] = {}
        for position, values in self.given.items():
            for name, value in values.items():
                columns.setdefault(name, [None] * self.size)[position] = value
        for name, held in columns.items():
            if len({type(value) for value in held if value is not None}) > 1 and kind_of(held) == TEXT:
                columns[name] = [None if value is None else as_text(value) for value in held]
        tie_columns: dict[str, list[Any]] = {}
        plain = all(weight is None for weight in self.weights)
        if not plain and not (self.from_matrix and all(weight == 1 for weight in self.weights)):
            tie_columns["weight"] = list(self.weights)
        if any(relation is not None for relation in self.relations):
            tie_columns[RELATION] = list(self.relations)
        if self.first_mode is not None:
            side = [0 if n < self.first_mode else 1 for n in range(self.size)]
            if all(side[tail] != side[head] for tail, head in self.ties):
                columns["bipartite"] = side
                return GraphTables(list(labels), columns, self.ties, tie_columns, is_directed=False)
            notes["The header speaks of two modes, but ties within a mode exist; it is read as one mode."] = None
        mixed = len(set(self.directed)) > 1
        directed = all(self.directed) if self.directed else self.has_arcs
        tables = GraphTables(list(labels), columns, self.ties, tie_columns, is_directed=directed)
        if mixed:
            notes["Arcs and edges are mixed: an edge is read as two arcs."] = None
            return with_both_directions(tables, self.directed)
        return tables


def _is_number(text: str) -> bool:
    if not text.isascii() or "_" in text:
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def _value(text: str) -> Any:
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", text):
        return int(text)
    return float(text) if _is_number(text) and re.match(r"[-+.0-9]|INF", text) else text
