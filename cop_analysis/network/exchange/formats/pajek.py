"""Pajek files as a whole: networks, and the partitions and vectors that hold the attributes of their vertices.

Networks (.net) have one mode or two, arcs and edges, several relations, lists and matrices. A project (.paj) carries
everything in one file; a network file carries the network alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cop_analysis.network.exchange.kinds import Format, GraphFileError, ReadTables, Source, Written, listed, shortened
from cop_analysis.network.exchange.tables import (
    NUMBER,
    RELATION,
    TEXT,
    WHOLE,
    YES_NO,
    GraphTables,
    as_text,
    distinct,
    kind_of,
    names_of,
    value_column,
    value_from,
    with_both_directions,
)

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


MISSING = 999999998
"""What Pajek takes for a missing value; older files have 9999998."""

_MISSING_READ = (MISSING, 9999998)


def write_pajek(tables: GraphTables) -> tuple[str, list[str]]:
    """Write a network file; what vertices are like has no place in it.

    Examples
    --------
    >>> text, notes = write_pajek(GraphTables(["a"], {"role": ["nurse"]}))
    >>> notes
    ['Attributes of nodes are left out: role (a project, .paj, carries them as partitions and vectors).']
    """
    text, notes, _ = write_network(tables)
    left = [name for name in tables.node_columns if not (name == "bipartite" and tables.two_mode)]
    if left:
        notes.append(
            f"Attributes of nodes are left out: {listed(left)} (a project, .paj, carries them as partitions and "
            "vectors)."
        )
    return text, [*notes, *_facts_note(tables)]


def write_project(tables: GraphTables) -> tuple[str, list[str]]:
    """Write a project: the network, a partition for each attribute in classes, a vector for each of numbers.

    Classes are numbered from 1; their names stand in comment lines, which Pajek skips and this package reads back.
    """
    text, notes, order = write_network(tables, "network")
    parts = [text]
    for name, values in tables.node_columns.items():
        if name == "bipartite" and tables.two_mode:
            continue
        kind = kind_of(values)
        whole = kind in (WHOLE, YES_NO) and all(value is None or 0 <= int(value) < 9_000_000 for value in values)
        lines = [f"*{'Partition' if whole or kind == TEXT else 'Vector'} {pajek_text(name)}", f"%kind {kind}"]
        classes: dict[str, int] = {}
        if kind == TEXT:
            for value in values:
                if value is not None:
                    classes.setdefault(value, len(classes) + 1)
            lines += [f'%class {number} "{pajek_text(value)}"' for value, number in classes.items()]
        lines.append(f"*Vertices {len(order)}")
        for position in order:
            value = values[position]
            if value is None:
                lines.append(str(MISSING))
            elif kind == TEXT:
                lines.append(str(classes[value]))
            else:
                lines.append(str(int(value)) if whole else as_text(value))
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts), [*notes, *_facts_note(tables)]


def read_pajek(text: str, file: str) -> tuple[list[GraphTables], list[str]]:
    """Read every network of a Pajek file, each with the partitions and vectors of its size.

    Raises
    ------
    GraphFileError
        If the file breaks off, a line cannot be read, or there is no network in it.
    """
    objects = _read_objects(text, file)
    if not objects.networks:
        what = "a partition" if any(held.kind == "partition" for held in objects.values) else "a vector"
        raise GraphFileError(
            f"{file} is {what} of Pajek, not a network. Read the network (.net) or the project (.paj), or use "
            "read_vertex_values for its numbers."
        )
    graphs = [network.tables(file, objects.notes) for network in objects.networks]
    for held in objects.values:
        fitting = [n for n, network in enumerate(objects.networks) if network.size == len(held.values)]
        before = [n for n in fitting if n < held.after]
        if not fitting:
            objects.notes[
                f"The {held.kind} {shortened(held.title, 40)!r} has {len(held.values):,} values and fits no network of "
                "the file."
            ] = None
            continue
        columns = graphs[before[-1] if before else fitting[0]].node_columns
        name = held.title or held.kind
        number = 2
        while name in columns:
            name = f"{held.title or held.kind} ({number})"
            number += 1
        columns[name] = held.column(file)
    return graphs, list(objects.notes)


def read_values(text: str, file: str) -> tuple[dict[str, list[Any]], list[str]]:
    """Read the partitions and vectors of a Pajek file by their titles."""
    objects = _read_objects(text, file)
    if not objects.values:
        raise GraphFileError(f"{file} holds no partition and no vector. Name a .clu, .vec or .paj file.")
    columns: dict[str, list[Any]] = {}
    for held in objects.values:
        name = held.title or held.kind
        while name in columns:
            name += " (2)"
        columns[name] = held.column(file)
    return columns, list(objects.notes)


@dataclass
class _Values:
    """A partition or vector, as its lines come."""

    kind: str
    title: str
    after: int
    size: int = 0
    values: list[str] = field(default_factory=list)
    declared: str = ""
    classes: dict[str, str] = field(default_factory=dict)

    def column(self, file: str) -> list[Any]:
        if len(self.values) != self.size:
            raise GraphFileError(
                f"{file}: the {self.kind} {shortened(self.title, 40)!r} announces {self.size:,} values and has "
                f"{len(self.values):,}. It is cut short; export it again."
            )
        column: list[Any] = []
        for text in self.values:
            try:
                number = value_from(text, NUMBER)
            except ValueError:
                raise GraphFileError(
                    f"{file}: {shortened(text, 30)!r} in the {self.kind} {shortened(self.title, 40)!r} is no number."
                ) from None
            if number is None or number in _MISSING_READ:
                column.append(None)
            elif self.classes:
                column.append(self.classes.get(text, text))
            elif self.declared == YES_NO:
                column.append(number != 0)
            elif self.kind == "partition" or self.declared == WHOLE:
                column.append(value_from(text, WHOLE) if float(number).is_integer() else number)
            else:
                column.append(number)
        return column


@dataclass
class _Objects:
    networks: list[NetworkBeingRead] = field(default_factory=list)
    values: list[_Values] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)


_HEAD = re.compile(r"\*\s*([A-Za-z]+)\s*(.*)", re.DOTALL)


def _read_objects(text: str, file: str) -> _Objects:
    found = _Objects()
    section, relation, title = "", None, ""
    held: _Values | None = None
    awaiting_title = False
    lone = re.match(r"\s*(?:%[^\n]*\n\s*)*\*vertices\s+[0-9]+[^\n]*\n", text, re.IGNORECASE)
    if lone and _is_bare(text[lone.end() :]):
        held = _Values("vector" if re.search(r"[.eE]", text[lone.end() :]) else "partition", "", 0)
        found.values.append(held)
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        where = f"{file}, line {number}"
        if not line:
            continue
        if line.startswith("%"):
            if held is not None:
                _comment(line, held)
            continue
        if line.startswith("*"):
            head = _HEAD.match(line)
            word = head[1].lower() if head else ""
            rest = head[2].strip() if head else ""
            relation = None
            if word == "network":
                found.networks.append(NetworkBeingRead(text_from_pajek(rest)))
                held, section, awaiting_title = None, "network", True
            elif word in ("partition", "vector"):
                held = _Values(word, text_from_pajek(rest), len(found.networks))
                found.values.append(held)
                section = word
            elif word == "vertices":
                size, first = _sizes(rest, where)
                if held is not None and not held.size:
                    held.size, section = size, "values"
                else:
                    if not awaiting_title:
                        found.networks.append(NetworkBeingRead(title))
                    found.networks[-1].size, found.networks[-1].first_mode = size, first
                    section, awaiting_title, held = "vertices", False, None
            elif word in ("arcs", "edges", "arcslist", "edgeslist", "matrix"):
                if not found.networks or awaiting_title:
                    raise GraphFileError(
                        f"{where}: *{head[1] if head else ''} comes before *Vertices. Export it again."
                    )
                section, relation = word, _relation(rest)
                network = found.networks[-1]
                network.has_arcs |= word in ("arcs", "arcslist", "matrix")
                network.has_edges |= word in ("edges", "edgeslist")
                network.matrix_rows = 0
            else:
                section, held = "skipped", None
                found.notes[f"The section *{shortened(head[1] if head else line, 20)} is left out."] = None
            continue
        if section == "values" and held is not None:
            held.values += line.split()
        elif section == "vertices":
            found.networks[-1].read_vertex(line, where, found.notes)
        elif section in ("arcs", "edges"):
            found.networks[-1].read_tie(line, where, section == "arcs", relation, found.notes)
        elif section in ("arcslist", "edgeslist"):
            found.networks[-1].read_list(line, where, section == "arcslist", relation)
        elif section == "matrix":
            found.networks[-1].read_row(line, where, relation)
        elif section != "skipped":
            raise GraphFileError(f"{where}: {shortened(line, 40)!r} stands before *Vertices. Export the file again.")
    return found


def _sizes(rest: str, where: str) -> tuple[int, int | None]:
    words = rest.split()
    if not words or not all(word.isascii() and word.isdigit() and len(word) < 15 for word in words[:2]):
        raise GraphFileError(f"{where}: *Vertices needs how many there are, as a number. Export the file again.")
    size = int(words[0])
    first = int(words[1]) if len(words) > 1 else None
    if size > VERTICES_AT_MOST:
        raise GraphFileError(
            f"{where}: {size:,} vertices are announced; above {VERTICES_AT_MOST:,} a file is not read."
        )
    if first is not None and first > size:
        raise GraphFileError(
            f"{where}: the first mode has {first:,} vertices, more than the {size:,} in all. Correct it."
        )
    return size, first


def _relation(rest: str) -> str | None:
    found = re.match(r":\s*([0-9]+)\s*(?:\"([^\"]*)\"|(\S+))?", rest)
    if not found:
        return None
    name = found[2] if found[2] is not None else found[3]
    return text_from_pajek(name) if name else found[1]


def _comment(line: str, held: _Values) -> None:
    if line.startswith("%kind "):
        held.declared = line[6:].strip()
    elif named := re.match(r'%class ([0-9]+) "([^"]*)"', line):
        held.classes[named[1]] = text_from_pajek(named[2])


def _is_bare(body: str) -> bool:
    """Tell a partition or vector from vertices: one number a line, and not simply 1 to n."""
    lines = [line.strip() for line in body.split("\n") if line.strip() and not line.strip().startswith("%")]
    if not lines or any(not re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?", line) for line in lines):
        return False
    return lines != [str(n) for n in range(1, len(lines) + 1)]


def _facts_note(tables: GraphTables) -> list[str]:
    return [f"Attributes of the graph itself are left out: {listed(list(tables.facts))}."] if tables.facts else []


_WORDS = (
    "vertices",
    "network",
    "arcs",
    "edges",
    "matrix",
    "partition",
    "vector",
    "arcslist",
    "edgeslist",
    "cluster",
    "permutation",
)


def _reads(source: Source) -> ReadTables:
    text, notes = source.text()
    found, more = read_pajek(text, source.name)
    return ReadTables(found, [*notes, *more])


def _writes(tables: GraphTables, path: Path) -> Written:
    text, notes = (write_project if path.suffix.lower() == ".paj" else write_pajek)(tables)
    return Written({path: text}, notes)


FORMAT = Format(
    title="Pajek",
    place=30,
    endings=(".net", ".paj"),
    begins="*Vertices",
    recognises=lambda beginning: beginning.has_star(*_WORDS),
    reads=_reads,
    writes=_writes,
    # A project carries what people are like; a network file alone would not.
    ending_with_people=".paj",
)
