"""VNA (NetDraw), read and written: node data and tie data; node properties are a drawing and are not kept."""

from __future__ import annotations

import re
from typing import Any

from cop_analysis.network.exchange.kinds import Format, GraphFileError, listed, one_file, one_network, shortened
from cop_analysis.network.exchange.tables import (
    NUMBER,
    TEXT,
    WHOLE,
    YES_NO,
    GraphTables,
    as_text,
    distinct,
    names_of,
    per_relation_symmetric,
    settle_direction,
    value_from,
)

_SECTIONS = ("node data", "node properties", "tie data")
_NUMBER = re.compile(r"-?(?:(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|INF)")
_CELL = re.compile(r'"([^"]*)"|([^\s,"]+)')


def write_vna(tables: GraphTables) -> tuple[str, list[str]]:
    """Write tables as VNA; an undirected tie is written in both directions, as NetDraw does.

    Returns
    -------
    str
    list of str
        What it could not carry.

    Examples
    --------
    >>> text, notes = write_vna(GraphTables(["a b"], {"role": ["nurse"], "age": [40]}))
    >>> print(text, end="")
    *Node data
    ID role age
    "a b" "nurse" 40
    *Tie data
    from to
    """
    names = names_of(tables.nodes)
    notes = list(names.notes)
    if names.kind != TEXT:
        notes.append("Identifiers that are not text are read back as text.")
    changed = _Changed()
    labels, _ = distinct([changed.clean(text) for text in names.texts])
    lines = ["*Node data", " ".join(["ID", *_header(tables.node_columns, changed, ("id",))])]
    for n, label in enumerate(labels):
        lines.append(" ".join([f'"{label}"', *(changed.cell(values[n]) for values in tables.node_columns.values())]))
    lines += ["*Tie data", " ".join(["from", "to", *_header(tables.tie_columns, changed, ("from", "to"))])]
    for n, (tail, head) in enumerate(tables.ties):
        cells = [changed.cell(values[n]) for values in tables.tie_columns.values()]
        lines.append(" ".join([f'"{labels[tail]}"', f'"{labels[head]}"', *cells]))
        if not tables.is_directed and tail != head:
            lines.append(" ".join([f'"{labels[head]}"', f'"{labels[tail]}"', *cells]))
    if tables.keys is not None:
        notes.append("Keys of parallel ties are left out; the ties themselves stay.")
    if tables.facts:
        notes.append(f"Attributes of the graph itself are left out: {listed(list(tables.facts))}.")
    if tables.is_directed and per_relation_symmetric(tables):
        notes.append("Every tie has its opposite: read it back with directed=True, or it will be taken as undirected.")
    if not tables.is_directed and all(tail == head for tail, head in tables.ties):
        notes.append("There is no tie between two nodes, so nothing says that the network is undirected.")
    return "\n".join(lines) + "\n", [*notes, *changed.notes()]


def read_vna(text: str, file: str, directed: bool | None = None) -> tuple[GraphTables, list[str]]:
    """Read a VNA file; nodes that appear only in ties are added.

    Raises
    ------
    GraphFileError
        If a section has no header, a row has more or fewer cells than its header, or a quotation mark stays open.
    """
    sections = _sections(text, file)
    notes: list[str] = []
    if "node properties" in sections:
        notes.append("Positions, colours and shapes of the node properties are left out.")
    header, rows = sections.get("node data", (["ID"], []))
    nodes: dict[str, int] = {}
    for where, cells in rows:
        label = cells[0][0]
        if label in nodes:
            raise GraphFileError(f"{where}: the node {shortened(label)!r} comes a second time. Give each its own ID.")
        nodes[label] = len(nodes)
    columns = {name: [cells[n + 1] for _, cells in rows] for n, name in enumerate(distinct(header[1:])[0])}
    properties = sections.get("node properties")
    for _, cells in properties[1] if properties else []:
        if cells[0][0] not in nodes:
            nodes[cells[0][0]] = len(nodes)
    tie_header, tie_rows = sections.get("tie data", (["from", "to"], []))
    if len(tie_header) < 2:
        raise GraphFileError(f"{file}: the header below *Tie data needs at least 'from' and 'to'.")
    ties = []
    for _, cells in tie_rows:
        for label, _ in cells[:2]:
            nodes.setdefault(label, len(nodes))
        ties.append((nodes[cells[0][0]], nodes[cells[1][0]]))
    tie_columns = {
        name: typed_column([cells[n + 2] for _, cells in tie_rows])
        for n, name in enumerate(distinct(tie_header[2:])[0])
    }
    tables = GraphTables(
        nodes=list(nodes),
        node_columns={
            name: typed_column([*values, *[("", False)] * (len(nodes) - len(values))])
            for name, values in columns.items()
        },
        ties=ties,
        tie_columns=tie_columns,
    )
    if tables.node_columns.get("bipartite") is not None and directed is None:
        sides = tables.node_columns["bipartite"]
        if set(sides) == {0, 1} and all(sides[tail] != sides[head] for tail, head in ties):
            directed = False if per_relation_symmetric(tables) else None
    settled, more = settle_direction(tables, directed)
    return settled, [*notes, *more]


def typed_column(cells: list[tuple[str, bool]]) -> list[Any]:
    """Read a column of cells, each a text and whether it stood in quotes.

    Quoted cells are text; where none of a column is quoted it becomes yes/no, whole numbers or numbers, if every cell
    is one in its usual spelling (``007`` is not). A bare NA or nothing is missing.

    Examples
    --------
    >>> typed_column([("1", False), ("NA", False)]), typed_column([("1", True)]), typed_column([("007", False)])
    ([1, None], ['1'], ['007'])
    """
    held = [(text, quoted) for text, quoted in cells if quoted or text not in ("", "NA")]
    kind = TEXT
    if held and not any(quoted for _, quoted in held):
        texts = [text for text, _ in held]
        if all(text in ("true", "false") for text in texts):
            kind = YES_NO
        elif all(re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", text) for text in texts):
            kind = WHOLE
        elif all(_NUMBER.fullmatch(text) for text in texts):
            kind = NUMBER
    if kind == NUMBER:
        return [
            None
            if not quoted and text in ("", "NA")
            else int(text)
            if re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", text)
            else value_from(text, NUMBER)
            for text, quoted in cells
        ]
    return [None if not quoted and text in ("", "NA") else value_from(text, kind) for text, quoted in cells]


class _Changed:
    """Counts what had to be written otherwise."""

    def __init__(self) -> None:
        self.texts = 0

    def clean(self, text: str) -> str:
        clean = "".join("'" if c == '"' else c if c.isprintable() else " " for c in text)
        self.texts += clean != text
        return clean

    def cell(self, value: Any) -> str:
        if value is None:
            return "NA"
        return f'"{self.clean(value)}"' if isinstance(value, str) else as_text(value)

    def notes(self) -> list[str]:
        if not self.texts:
            return []
        return [
            f"{self.texts:,} text{'' if self.texts == 1 else 's'} with quotation marks or line breaks: they become "
            "' and "
            "space."
        ]


def _header(columns: dict[str, list[Any]], changed: _Changed, taken: tuple[str, ...]) -> list[str]:
    names, _ = distinct([*taken, *(changed.clean(name) for name in columns)])
    return [name if re.fullmatch(r"\w+", name) else f'"{name}"' for name in names[len(taken) :]]


def _sections(text: str, file: str) -> dict[str, tuple[list[str], list[tuple[str, list[tuple[str, bool]]]]]]:
    sections: dict[str, tuple[list[str], list[tuple[str, list[tuple[str, bool]]]]]] = {}
    name, header = "", None
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{file}, line {number}"
        if not line.strip():
            continue
        if line.lstrip().startswith("*") and (words := re.sub(r"\s+", " ", line.strip()[1:].strip().lower())):
            if words not in _SECTIONS:
                raise GraphFileError(
                    f"{where}: {shortened(line.strip(), 30)!r} is no section of a VNA file (*Node data, *Node "
                    "properties, "
                    "*Tie data)."
                )
            name, header = words, None
            continue
        if line.count('"') % 2:
            raise GraphFileError(f"{where}: a quotation mark is not closed. The file may be cut short.")
        cells = [(found[1], True) if found[1] is not None else (found[2], False) for found in _CELL.finditer(line)]
        if "," in line and '"' not in line:
            cells = [(part.strip(), False) for part in line.split(",")]
        if header is None:
            if not name:
                raise GraphFileError(f"{where}: text comes before the first section. Begin with *Node data.")
            header = [cell for cell, _ in cells]
            sections[name] = (header, [])
            continue
        if len(cells) != len(header):
            raise GraphFileError(
                f"{where}: the row has {len(cells)} cells and its header {len(header)}. The file may be cut short, "
                "or a "
                "text with a space lacks its quotation marks."
            )
        sections[name][1].append((where, cells))
    return sections


FORMAT = Format(
    title="VNA",
    place=50,
    endings=(".vna",),
    begins="*Node data",
    recognises=lambda beginning: beginning.has_star("node data", "node properties", "tie data"),
    reads=one_network(read_vna),
    writes=one_file(write_vna),
)
