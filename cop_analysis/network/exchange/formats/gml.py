"""GML, the graph language of igraph, yEd, Cytoscape and Gephi: read by networkx's parser, written here.

GML knows whole numbers, numbers and text; keys are letters and digits. What that changes is said.
"""

from __future__ import annotations

import re
from typing import Any

from cop_analysis.network.exchange.kinds import (
    Beginning,
    Format,
    GraphFileError,
    listed,
    one_file,
    one_network,
    shortened,
)
from cop_analysis.network.exchange.tables import TEXT, YES_NO, GraphTables, as_text, distinct, kind_of, names_of

_KEY = re.compile(r"[A-Za-z][0-9A-Za-z_]*\Z")
_TAKEN = {"node": {"id", "label", "graphics"}, "edge": {"source", "target", "key", "graphics"}}
_DRAWN = "graphics"


def write_gml(tables: GraphTables) -> tuple[str, list[str]]:
    """Write tables as GML.

    Returns
    -------
    str
    list of str
        What it could not carry.

    Examples
    --------
    >>> text, notes = write_gml(GraphTables(["a"], {"role": ["nurse"]}, []))
    >>> print(" ".join(text.split()))
    graph [ directed 1 node [ id 0 label "a" role "nurse" ] ]
    """
    names = names_of(tables.nodes)
    notes = list(names.notes)
    if names.kind != TEXT:
        notes.append("Identifiers that are not text are read back as text.")
    if tables.facts:
        notes.append(f"Attributes of the graph itself are left out: {listed(list(tables.facts))}.")
    if tables.keys is not None:
        notes.append("Keys of parallel ties are left out; the ties themselves stay.")
    nodes, edges = _keys(tables.node_columns, "node", notes), _keys(tables.tie_columns, "edge", notes)
    yes_no = [
        name
        for columns in (tables.node_columns, tables.tie_columns)
        for name, values in columns.items()
        if kind_of(values) == YES_NO
    ]
    if yes_no:
        notes.append(f"Yes and no are written as 1 and 0 and read back as numbers: {listed(yes_no)}.")
    lines = ["graph [", f"  directed {int(tables.is_directed)}"]
    if tables.parallel:
        lines.append("  multigraph 1")
    for n, text in enumerate(names.texts):
        lines += ["  node [", f"    id {n}", f"    label {_quoted(text)}"]
        lines += [f"    {key} {_value(values[n])}" for key, values in nodes if values[n] is not None]
        lines.append("  ]")
    for n, (tail, head) in enumerate(tables.ties):
        lines += ["  edge [", f"    source {tail}", f"    target {head}"]
        lines += [f"    {key} {_value(values[n])}" for key, values in edges if values[n] is not None]
        lines.append("  ]")
    return "\n".join([*lines, "]"]) + "\n", notes


def read_gml(text: str, file: str, directed: bool | None = None) -> tuple[GraphTables, list[str]]:
    """Read a GML file; a node's label is its identifier, where each has one of its own.

    Raises
    ------
    GraphFileError
        If the file is cut short or a line cannot be read.

    Examples
    --------
    >>> tables, notes = read_gml('graph [ node [ id 1 label "a" ] node [ id 2 label "b" ] edge [ source 1 target 2 ] ]',
    ...                          "x.gml")
    >>> tables.nodes, tables.ties, tables.is_directed
    (['a', 'b'], [(0, 1)], False)
    """
    import networkx as nx

    try:
        # The parser reads line by line and trips over several things on one.
        graph = nx.parse_gml(_a_thing_a_line(text), label=None)
    except RecursionError:
        raise GraphFileError(f"{file} nests deeper than any network does. Export it again.") from None
    except (nx.NetworkXError, ValueError, KeyError, TypeError, AttributeError) as reason:
        raise GraphFileError(
            f"{file} cannot be read as GML ({shortened(str(reason), 120)}). It may be cut short; export it again."
        ) from None
    notes: list[str] = []
    ids = list(graph)
    labels = [graph.nodes[one].get("label") for one in ids]
    texts = [str(one) if label is None else str(label) for one, label in zip(ids, labels, strict=True)]
    unique, clashes = distinct(texts)
    if clashes:
        notes.append(f"{clashes:,} labels come more than once and are numbered.")
    place = {one: n for n, one in enumerate(ids)}
    dropped: set[str] = set()
    node_columns = _columns([data for _, data in graph.nodes(data=True)], "node", dropped)
    ties = list(graph.edges(data=True))
    tie_columns = _columns([data for *_, data in ties], "edge", dropped)
    if dropped - {_DRAWN}:
        notes.append(f"Attributes that are lists are left out: {listed(sorted(dropped - {_DRAWN}))}.")
    if _DRAWN in dropped:
        notes.append("Positions and looks (graphics) are left out.")
    tables = GraphTables(
        nodes=list(unique),
        node_columns=node_columns,
        ties=[(place[tail], place[head]) for tail, head, _ in ties],
        tie_columns=tie_columns,
        is_directed=bool(graph.is_directed()),
    )
    return tables, notes


def _a_thing_a_line(text: str) -> list[str]:
    lines = []
    for token in re.finditer(r'"[^"]*"|#[^\n]*|[\[\]]|[^\s\[\]"#]+', text):
        if not token[0].startswith("#"):
            lines.append(token[0].replace("\n", " "))
    return lines


def _columns(rows: list[dict[str, Any]], what: str, dropped: set[str]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    for n, data in enumerate(rows):
        for name, value in data.items():
            if name in ("id", "label") and what == "node":
                continue
            if isinstance(value, dict | list):
                dropped.add(name)
                continue
            columns.setdefault(name, [None] * len(rows))[n] = value
    for name, values in columns.items():
        if len({type(value) for value in values if value is not None}) > 1 and kind_of(values) == TEXT:
            columns[name] = [None if value is None else as_text(value) for value in values]
    return columns


def _keys(columns: dict[str, list[Any]], what: str, notes: list[str]) -> list[tuple[str, list[Any]]]:
    taken, changed, found = set(_TAKEN[what]), [], []
    for name, values in columns.items():
        plain = re.sub(r"[^0-9A-Za-z_]", "_", name)
        key = plain if _KEY.match(plain) else f"a_{plain}"
        number = 2
        base = key
        while key in taken:
            key = f"{base}_{number}"
            number += 1
        taken.add(key)
        if key != name:
            changed.append(name)
        found.append((key, values))
    if changed:
        notes.append(f"Names of attributes become letters and digits: {listed(changed)}.")
    return found


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return str(int(value))
    text = as_text(value)
    if re.fullmatch(r"-?[0-9]+", text) or re.fullmatch(r"-?[0-9]+\.[0-9]+", text):
        return text
    # An exponent needs a point before it, and infinity its sign.
    found = re.fullmatch(r"(-?[0-9]+)(?:\.([0-9]+))?[eE]([-+]?[0-9]+)", text)
    if found:
        return f"{found[1]}.{found[2] or '0'}E{found[3] if found[3][0] in '+-' else '+' + found[3]}"
    return text if text in ("+INF", "-INF") else _quoted(text)


def _quoted(text: str) -> str:
    def safe(character: str) -> bool:
        return character.isascii() and character.isprintable() and character not in '"&'

    return '"' + "".join(one if safe(one) else f"&#{ord(one)};" for one in text) + '"'


_BEGINS = re.compile(
    r"(?:\s*#[^\n]*(?:\n|\Z)|\s*(?:creator|version|comment)\b[^\n]*(?:\n|\Z))*\s*graph\s*\[", re.IGNORECASE
)


def _recognises(beginning: Beginning) -> bool:
    return _BEGINS.match(beginning.text) is not None


FORMAT = Format(
    title="GML",
    place=60,
    endings=(".gml",),
    recognises=_recognises,
    reads=one_network(read_gml),
    writes=one_file(write_gml),
)
