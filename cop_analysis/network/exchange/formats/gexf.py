"""GEXF (Gephi), read in its versions 1.1 to 1.3 and written as 1.3; drawings and times are not read."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from cop_analysis.network.exchange.formats.graphml import names_of_keys
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
_WHOLE_TYPES = ("integer", "long", "int", "short", "byte", "biginteger")
_NODE_KEY, _TIE_KEY = "node-identifier", "tie-key"
_DRAWN = {"position", "color", "size", "shape", "thickness"}


def write_gexf(tables: GraphTables) -> tuple[str, list[str]]:
    """Write tables as GEXF 1.3.

    Returns
    -------
    str
        The document.
    list of str
        What it could not carry.

    Examples
    --------
    >>> document, notes = write_gexf(GraphTables(["a b"], {"role": ["nurse"]}))
    >>> '<node id="a b" label="a b"><attvalues><attvalue for="0" value="nurse"/></attvalues></node>' in document
    True
    """
    names = names_of(tables.nodes)
    notes = list(names.notes)
    texts = list(names.texts)
    node_columns = {str(n): (name, values) for n, (name, values) in enumerate(tables.node_columns.items())}
    labels = names.texts
    own = next((key for key, (name, _) in node_columns.items() if name == "label"), None)
    if own is not None and kind_of(node_columns[own][1]) == TEXT:
        given = node_columns[own][1]
        if all(value is not None and value != name for value, name in zip(given, names.texts, strict=True)):
            labels = given
            del node_columns[own]
    if names.kind != TEXT:
        node_columns[_NODE_KEY] = ("identifier", list(tables.nodes))
    tie_columns = {str(n): (name, values) for n, (name, values) in enumerate(tables.tie_columns.items())}
    weight: list[Any] | None = None
    held = next((key for key, (name, _) in tie_columns.items() if name == "weight"), None)
    if held is not None and kind_of(tie_columns[held][1]) in (WHOLE, NUMBER):
        weight = tie_columns.pop(held)[1]
    if tables.keys is not None:
        tie_columns[_TIE_KEY] = ("key", names_of_keys(tables.keys))
    if tables.facts:
        notes.append(f"Attributes of the graph itself are left out: {', '.join(map(shortened, tables.facts))}.")
    for name, values in [*node_columns.values(), *tie_columns.values()]:
        texts += [name, *(value for value in values if isinstance(value, str))]
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
        "<meta><creator>cop-analysis</creator></meta>\n"
        f'<graph defaultedgetype="{"directed" if tables.is_directed else "undirected"}" mode="static">'
    ]
    parts += _declared("node", node_columns)
    parts += _declared("edge", tie_columns)
    parts.append("<nodes>")
    for n, (identifier, label) in enumerate(zip(names.texts, labels, strict=True)):
        opening = f'<node id="{xml_text(identifier)}" label="{xml_text(label)}"'
        parts.append(_with_values(opening, "node", node_columns, n))
    parts.append("</nodes>\n<edges>")
    for n, (tail, head) in enumerate(tables.ties):
        opening = f'<edge id="{n}" source="{xml_text(names.texts[tail])}" target="{xml_text(names.texts[head])}"'
        if weight is not None and weight[n] is not None:
            opening += f' weight="{as_text(weight[n])}"'
        parts.append(_with_values(opening, "edge", tie_columns, n))
    parts.append("</edges>\n</graph>\n</gexf>\n")
    return "\n".join(parts), [*notes, *unwritable_note(texts)]


def read_gexf(content: bytes, file: str) -> tuple[list[GraphTables], list[str]]:
    """Read the graph of a GEXF file.

    Raises
    ------
    GraphFileError
        If the file is not whole or an attribute does not fit its declared type.
    """
    reader = _Reader(file)
    walk(content, file, reader.start, reader.end)
    if not reader.has_graph:
        raise GraphFileError(f"{file} is GEXF without a <graph>. Export it again.")
    return [reader.tables()], list(reader.notes)


def _declared(kind: str, columns: dict[str, tuple[str, list[Any]]]) -> list[str]:
    if not columns:
        return []
    rows = [
        f'<attribute id="{key}" title="{xml_text(name)}" type="{_TYPES[kind_of(values)]}"/>'
        for key, (name, values) in columns.items()
    ]
    return [f'<attributes class="{kind}">', *rows, "</attributes>"]


def _with_values(opening: str, element: str, columns: dict[str, tuple[str, list[Any]]], n: int) -> str:
    held = [
        f'<attvalue for="{key}" value="{xml_text(as_text(values[n]))}"/>'
        for key, (_, values) in columns.items()
        if values[n] is not None
    ]
    return f"{opening}><attvalues>{''.join(held)}</attvalues></{element}>" if held else f"{opening}/>"


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.notes: dict[str, None] = {}
        self.has_graph = False
        self.default = "undirected"
        self.declared: dict[str, dict[str, tuple[str, str, str | None]]] = {"node": {}, "edge": {}}
        self.of: str | None = None
        self.attribute: str | None = None
        self.nodes: dict[str, dict[str, str]] = {}
        self.labels: dict[str, str] = {}
        self.ties: list[tuple[str, str, int]] = []
        self.directed: list[bool] = []
        self.mutual: list[int] = []
        self.tie_data: list[dict[str, str]] = []
        self.weights: list[str | None] = []
        self.tie_labels: list[str | None] = []
        self.open: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        if name == "graph":
            self.has_graph = True
            self.default = attributes.get("defaultedgetype", "undirected").lower()
            if attributes.get("mode", "static").lower() == "dynamic":
                self.notes["Times of a dynamic graph are left out: everything is read as present at once."] = None
        elif name == "attributes":
            self.of = attributes.get("class", "node").lower()
        elif name == "attribute" and self.of in self.declared:
            key = attributes.get("id", "")
            kind = attributes.get("type", "string").lower()
            self.declared[self.of][key] = (attributes.get("title") or key, _kind(kind), None)
            self.attribute = key
        elif name == "node":
            self._node(attributes, line)
        elif name == "edge":
            self._tie(attributes, line)
        elif name == "attvalue" and self.open:
            key = attributes.get("for", attributes.get("id", ""))
            self.open[-1][key] = attributes.get("value", "")
        elif name in _DRAWN:
            self.notes["Positions, colours and sizes drawn in Gephi are left out."] = None

    def end(self, name: str, text: str, line: int) -> None:
        if name in ("node", "edge") and self.open:
            self.open.pop()
        elif name == "attributes":
            self.of = None
        elif name == "attribute":
            self.attribute = None
        elif name == "default" and self.of in self.declared and self.attribute is not None:
            title, kind, _ = self.declared[self.of][self.attribute]
            self.declared[self.of][self.attribute] = (title, kind, text)

    def _node(self, attributes: dict[str, str], line: int) -> None:
        identifier = attributes.get("id")
        if identifier is None:
            raise GraphFileError(f"{self.file}, line {line}: a node has no id. Export the file again.")
        if identifier in self.nodes:
            raise GraphFileError(
                f"{self.file}, line {line}: two nodes have the id {shortened(identifier)!r}. Give each its own."
            )
        self.nodes[identifier] = {}
        if "label" in attributes and attributes["label"] != identifier:
            self.labels[identifier] = attributes["label"]
        self.open.append(self.nodes[identifier])

    def _tie(self, attributes: dict[str, str], line: int) -> None:
        tail, head = attributes.get("source"), attributes.get("target")
        if tail is None or head is None:
            raise GraphFileError(
                f"{self.file}, line {line}: an edge has no source or no target. Export the file again."
            )
        kind = attributes.get("type", self.default).lower()
        self.ties.append((tail, head, line))
        self.directed.append(kind == "directed")
        self.weights.append(attributes.get("weight"))
        self.tie_labels.append(attributes.get("label") or None)
        self.tie_data.append({})
        self.open.append(self.tie_data[-1])

    def tables(self) -> GraphTables:
        place = {identifier: n for n, identifier in enumerate(self.nodes)}
        ties = []
        for tail, head, line in self.ties:
            for end in (tail, head):
                if end not in place:
                    raise GraphFileError(
                        f"{self.file}, line {line}: a tie names the node {shortened(end)!r}, which the file does not "
                        "have. It may be cut short; export it again."
                    )
            ties.append((place[tail], place[head]))
        nodes: list[Hashable] = list(self.nodes)
        node_columns = self._columns("node", list(self.nodes.values()))
        identity = node_columns.pop(_NODE_KEY, None)
        if identity is not None and None not in identity and len(set(identity)) == len(nodes):
            nodes = identity
        if self.labels and "label" not in node_columns:
            node_columns = {"label": [self.labels.get(identifier) for identifier in self.nodes], **node_columns}
        tie_columns = self._columns("edge", self.tie_data)
        keys = tie_columns.pop(_TIE_KEY, None)
        if any(label is not None for label in self.tie_labels) and "label" not in tie_columns:
            tie_columns["label"] = self.tie_labels
        if any(weight is not None for weight in self.weights):
            tie_columns["weight"] = [
                None if weight is None else self._weight(weight, line)
                for weight, (*_, line) in zip(self.weights, self.ties, strict=True)
            ]
        mixed = len(set(self.directed)) > 1
        directed = all(self.directed) if self.directed else self.default == "directed"
        tables = GraphTables(
            nodes, node_columns, ties, tie_columns, directed, keys if keys and None not in keys else None
        )
        if mixed:
            self.notes["Directed and undirected ties are mixed: an undirected tie is read as two directed ones."] = None
            return with_both_directions(tables, self.directed)
        return tables

    def _weight(self, text: str, line: int) -> float | int | None:
        try:
            number = value_from(text, NUMBER)
        except ValueError:
            raise GraphFileError(
                f"{self.file}, line {line}: the weight {shortened(text, 30)!r} is no number. Correct it."
            ) from None
        return int(text) if number is not None and text.strip().lstrip("-").isdigit() else number

    def _columns(self, of: str, rows: list[dict[str, str]]) -> dict[str, list[Any]]:
        declared = self.declared[of]
        used = dict.fromkeys(key for row in rows for key in row)
        columns: dict[str, list[Any]] = {}
        for key in dict.fromkeys([*declared, *used]):
            title, kind, default = declared.get(key, (key, TEXT, None))
            if key not in used and default is None:
                continue
            name = key if key in (_NODE_KEY, _TIE_KEY) else title
            while name in columns:
                name += "_2"
            values = []
            for row in rows:
                text = row.get(key, default)
                try:
                    values.append(None if text is None else value_from(text, kind))
                except (ValueError, OverflowError):
                    raise GraphFileError(
                        f"{self.file}: the attribute {shortened(title)!r} is declared as {_TYPES[kind]}, but one "
                        "value is "
                        f"{shortened(str(text), 30)!r}. Correct the value, or declare the attribute as string."
                    ) from None
            columns[name] = values
        return columns


def _kind(declared: str) -> str:
    if declared in _WHOLE_TYPES:
        return WHOLE
    if declared in ("float", "double", "bigdecimal"):
        return NUMBER
    return YES_NO if declared == "boolean" else TEXT


FORMAT = Format(
    title="GEXF",
    place=20,
    endings=(".gexf",),
    begins="<gexf>",
    recognises=lambda beginning: beginning.has_root("gexf"),
    reads=lambda source: ReadTables(*read_gexf(source.content, source.name)),
    writes=one_file(write_gexf),
)
