"""Pajek files as a whole: networks, and the partitions and vectors that hold the attributes of their vertices.

A project (.paj) carries all of them in one file; a network file (.net) carries the network alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cop_analysis.network.exchange.kinds import Format, ReadTables, Source, Written
from cop_analysis.network.exchange.pajek_networks import (
    VERTICES_AT_MOST,
    NetworkBeingRead,
    pajek_text,
    text_from_pajek,
    write_network,
)
from cop_analysis.network.exchange.report import GraphFileError, listed, shortened
from cop_analysis.network.exchange.tables import (
    NUMBER,
    TEXT,
    WHOLE,
    YES_NO,
    GraphTables,
    as_text,
    kind_of,
    value_from,
)

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
