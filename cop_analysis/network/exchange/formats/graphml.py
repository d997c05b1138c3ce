"""GraphML, read and written: typed attributes, parallel ties, mixed directions, labels of yEd; no other format."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from cop_analysis.network.exchange.kinds import Format, GraphFileError, ReadTables, one_file, shortened
from cop_analysis.network.exchange.tables import (
    NUMBER,
    TEXT,
    WHOLE,
    YES_NO,
    GraphTables,
    as_text,
    kind_of,
    names_of,
    value_from,
    with_both_directions,
)
from cop_analysis.network.exchange.xml_events import unwritable_note, walk, xml_text

_TYPES = {TEXT: "string", WHOLE: "long", NUMBER: "double", YES_NO: "boolean"}
_KINDS = {
    "string": TEXT,
    "int": WHOLE,
    "integer": WHOLE,
    "long": WHOLE,
    "float": NUMBER,
    "double": NUMBER,
    "boolean": YES_NO,
}
_NMTOKEN = re.compile(r"[\w.:-]+\Z")
_NODE_KEY, _TIE_KEY = "node-identifier", "tie-key"


def write_graphml(tables: GraphTables) -> tuple[str, list[str]]:
    """Write tables as GraphML.

    Identifiers that GraphML's own ``id`` cannot hold (with spaces, or numbers that are to stay numbers) are kept as
    an attribute ``label``.

    Returns
    -------
    str
        The document.
    list of str
        What it could not carry.

    Examples
    --------
    >>> document, notes = write_graphml(GraphTables(["a"], {"role": ["nurse"]}))
    >>> '<node id="a"><data key="n0">nurse</data></node>' in document
    True
    """
    names = names_of(tables.nodes)
    own = names.kind == TEXT and all(_NMTOKEN.match(text) for text in names.texts)
    identifiers = names.texts if own else [f"n{n}" for n in range(len(names.texts))]
    texts = list(names.texts)
    keys, parts = [], []
    node_columns = dict(tables.node_columns)
    columns: list[tuple[str, list[Any], str]] = []
    if not own:
        label = "label"
        while label in node_columns:
            label += "_of_node"
        held: list[Any] = names.texts if names.kind == TEXT else list(tables.nodes)
        keys.append(_key(_NODE_KEY, "node", label, names.kind))
        columns.append((_NODE_KEY, held, names.kind))
    for n, (name, values) in enumerate(node_columns.items()):
        kind = kind_of(values)
        keys.append(_key(f"n{n}", "node", name, kind))
        columns.append((f"n{n}", values, kind))
        texts += [name, *(value for value in values if isinstance(value, str))]
    tie_columns: list[tuple[str, list[Any]]] = []
    if tables.keys is not None:
        held_keys = names_of_keys(tables.keys)
        keys.append(_key(_TIE_KEY, "edge", "key", kind_of(held_keys)))
        tie_columns.append((_TIE_KEY, held_keys))
    for n, (name, values) in enumerate(tables.tie_columns.items()):
        keys.append(_key(f"e{n}", "edge", name, kind_of(values)))
        tie_columns.append((f"e{n}", values))
        texts += [name, *(value for value in values if isinstance(value, str))]
    facts = []
    for n, (name, value) in enumerate(tables.facts.items()):
        keys.append(_key(f"g{n}", "graph", name, kind_of([value])))
        facts.append(_data(f"g{n}", value))
        texts += [name, value] if isinstance(value, str) else [name]
    parts.append(
        '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/'
        'xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
    )
    parts += keys
    parts.append(f'<graph edgedefault="{"directed" if tables.is_directed else "undirected"}">')
    parts += facts
    for n, identifier in enumerate(identifiers):
        data = "".join(_data(key, values[n]) for key, values, _ in columns)
        parts.append(
            f'<node id="{xml_text(identifier)}">{data}</node>' if data else f'<node id="{xml_text(identifier)}"/>'
        )
    for n, (tail, head) in enumerate(tables.ties):
        data = "".join(_data(key, values[n]) for key, values in tie_columns)
        ends = f'<edge source="{xml_text(identifiers[tail])}" target="{xml_text(identifiers[head])}"'
        parts.append(f"{ends}>{data}</edge>" if data else f"{ends}/>")
    parts.append("</graph>\n</graphml>\n")
    return "\n".join(parts), [*names.notes, *unwritable_note(texts)]


def read_graphml(content: bytes, file: str) -> tuple[list[GraphTables], list[str]]:
    """Read every graph of a GraphML file.

    Raises
    ------
    GraphFileError
        If the file is not whole or an attribute does not fit its declared type.
    """
    reader = _Reader(file)
    walk(content, file, reader.start, reader.end)
    if not reader.graphs:
        raise GraphFileError(f"{file} is GraphML without a <graph>. Export it again.")
    graphs = [found.tables(file, reader.keys) for found in reader.graphs]
    notes = list(reader.notes)
    if any(found.is_mixed for found in reader.graphs):
        notes.append("Directed and undirected ties are mixed: an undirected tie is read as two directed ones.")
    return graphs, notes


def names_of_keys(keys: list[Hashable]) -> list[Any]:
    """Give a multigraph's keys as one column of plain values."""
    kinds = {type(key) for key in keys}
    return list(keys) if kinds <= {str} or kinds <= {int} else [str(key) for key in keys]


@dataclass
class _Key:
    domain: str
    name: str
    kind: str
    default: str | None = None


@dataclass
class _Found:
    """One graph as its elements come along."""

    is_directed: bool
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    ties: list[tuple[str, str, int]] = field(default_factory=list)
    directed: list[bool] = field(default_factory=list)
    tie_data: list[dict[str, str]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def is_mixed(self) -> bool:
        return len(set(self.directed)) > 1

    def tables(self, file: str, keys: dict[str, _Key]) -> GraphTables:
        place = {identifier: n for n, identifier in enumerate(self.nodes)}
        ties = []
        for tail, head, line in self.ties:
            for end in (tail, head):
                if end not in place:
                    raise GraphFileError(
                        f"{file}, line {line}: a tie names the node {shortened(end)!r}, which the file does not have. "
                        "It may be cut short; export it again."
                    )
            ties.append((place[tail], place[head]))
        nodes: list[Hashable] = list(self.nodes)
        node_columns = _columns(file, keys, "node", list(self.nodes.values()))
        identity = node_columns.pop(_NODE_KEY, None)
        if identity is not None and None not in identity and len(set(identity)) == len(nodes):
            nodes = identity
        if self.labels:
            label = "label"
            while label in node_columns:
                label += "_drawn"
            node_columns[label] = [self.labels.get(identifier) for identifier in self.nodes]
        tie_columns = _columns(file, keys, "edge", self.tie_data)
        tie_keys = tie_columns.pop(_TIE_KEY, None)
        directed = all(self.directed) if self.directed else self.is_directed
        tables = GraphTables(
            nodes=nodes,
            node_columns=node_columns,
            ties=ties,
            tie_columns=tie_columns,
            is_directed=directed,
            keys=tie_keys if tie_keys and None not in tie_keys else None,
            facts={
                name: values[0]
                for name, values in _columns(file, keys, "graph", [self.facts]).items()
                if values[0] is not None
            },
        )
        return with_both_directions(tables, self.directed) if self.is_mixed else tables


def _columns(file: str, keys: dict[str, _Key], domain: str, rows: list[dict[str, str]]) -> dict[str, list[Any]]:
    used = dict.fromkeys(key for row in rows for key in row)
    declared = [key for key, about in keys.items() if about.domain in (domain, "all")]
    columns: dict[str, list[Any]] = {}
    for key in dict.fromkeys([*declared, *used]):
        about = keys.get(key, _Key(domain, key, TEXT))
        if key not in used and about.default is None:
            continue
        own = key in (_NODE_KEY, _TIE_KEY)
        name = key if own else about.name
        while name in columns:
            name += "_2"
        values = []
        for row in rows:
            text = row.get(key, about.default)
            try:
                values.append(None if text is None else value_from(text, about.kind))
            except (ValueError, OverflowError):
                raise GraphFileError(
                    f"{file}: the attribute {shortened(about.name)!r} is declared as {_TYPES[about.kind]}, but one "
                    "value "
                    f"is {shortened(str(text), 30)!r}. Correct the value, or declare the attribute as string."
                ) from None
        columns[name] = values
    return columns


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.keys: dict[str, _Key] = {}
        self.graphs: list[_Found] = []
        self.notes: dict[str, None] = {}
        self.open_graphs: list[_Found] = []
        self.open_nodes: list[str] = []
        self.key: str | None = None
        self.data: str | None = None
        self.in_tie = False
        self.drawn: str | None = None

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        if name == "key":
            self.key = attributes.get("id", "")
            self.keys[self.key] = _Key(
                attributes.get("for", "all"),
                attributes.get("attr.name") or attributes.get("yfiles.type") or self.key,
                _KINDS.get(attributes.get("attr.type", "string").lower(), TEXT),
            )
        elif name == "graph":
            if self.open_graphs:
                self.notes["Graphs inside nodes are read as part of the one graph around them."] = None
            else:
                found = _Found(attributes.get("edgedefault", "undirected").lower() != "undirected")
                self.graphs.append(found)
                self.open_graphs.append(found)
                return
            self.open_graphs.append(self.open_graphs[-1])
        elif name == "node" and self.open_graphs and self.data is None:
            self._node(attributes, line)
        elif name == "edge" and self.open_graphs and self.data is None:
            self._tie(attributes, line)
        elif name == "data" and self.open_graphs:
            self.data, self.drawn = attributes.get("key", ""), None
        elif name == "hyperedge":
            raise GraphFileError(
                f"{self.file}, line {line}: the file has hyperedges, which join more than two nodes at once; no "
                "measure here can use them. Export it with ordinary edges."
            )

    def end(self, name: str, text: str, line: int) -> None:
        if name == "key":
            self.key = None
        elif name == "default" and self.key is not None:
            self.keys[self.key].default = text
        elif name == "graph" and self.open_graphs:
            self.open_graphs.pop()
        elif name == "node" and self.data is None and self.open_nodes:
            self.open_nodes.pop()
        elif name == "edge" and self.data is None:
            self.in_tie = False
        elif name == "NodeLabel" and self.data is not None and self.drawn is None:
            self.drawn = text.strip()
        elif name == "data" and self.data is not None:
            self._data(text)
            self.data = None

    def _node(self, attributes: dict[str, str], line: int) -> None:
        identifier = attributes.get("id")
        if identifier is None:
            raise GraphFileError(f"{self.file}, line {line}: a node has no id. Export the file again.")
        nodes = self.open_graphs[-1].nodes
        if identifier in nodes:
            raise GraphFileError(
                f"{self.file}, line {line}: two nodes have the id {shortened(identifier)!r}. Give each its own."
            )
        nodes[identifier] = {}
        self.open_nodes.append(identifier)

    def _tie(self, attributes: dict[str, str], line: int) -> None:
        tail, head = attributes.get("source"), attributes.get("target")
        if tail is None or head is None:
            raise GraphFileError(
                f"{self.file}, line {line}: an edge has no source or no target. Export the file again."
            )
        found = self.open_graphs[-1]
        found.ties.append((tail, head, line))
        found.directed.append(attributes.get("directed", str(found.is_directed)).lower() in ("true", "1"))
        found.tie_data.append({})
        self.in_tie = True

    def _data(self, text: str) -> None:
        assert self.data is not None
        found = self.open_graphs[-1]
        about = self.keys.get(self.data)
        if about is not None and about.name in ("nodegraphics", "edgegraphics", "graphml", "portgraphics", "resources"):
            if self.drawn and self.open_nodes and not self.in_tie:
                found.labels[self.open_nodes[-1]] = self.drawn
            self.notes["Positions, colours and shapes drawn in another program are left out."] = None
            return
        if self.in_tie:
            found.tie_data[-1][self.data] = text
        elif self.open_nodes:
            found.nodes[self.open_nodes[-1]][self.data] = text
        else:
            found.facts[self.data] = text


def _key(identifier: str, domain: str, name: str, kind: str) -> str:
    return f'<key id="{identifier}" for="{domain}" attr.name="{xml_text(name)}" attr.type="{_TYPES[kind]}"/>'


def _data(key: str, value: Any) -> str:
    return "" if value is None else f'<data key="{key}">{xml_text(as_text(value))}</data>'


FORMAT = Format(
    title="GraphML",
    place=10,
    endings=(".graphml", ".xml"),
    begins="<graphml>",
    recognises=lambda beginning: beginning.has_root("graphml"),
    reads=lambda source: ReadTables(*read_graphml(source.content, source.name)),
    writes=one_file(write_graphml),
)
