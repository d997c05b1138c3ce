"""A graph as two plain tables, nodes and ties, from which every format is written and into which it is read.

Here values become plain (text, whole number, number, yes/no or missing), and ties become one value a pair and relation
for the formats that hold matrices; no file and no format is known here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.exchange.kinds import listed
from cop_analysis.results import count_of

if TYPE_CHECKING:
    import networkx as nx


TEXT, WHOLE, NUMBER, YES_NO = "text", "whole", "number", "yes/no"


@dataclass
class GraphTables:
    """A network as columns.

    Attributes
    ----------
    nodes : list
        Identifiers, all different.
    node_columns : dict of str to list
        A value or None for each node.
    ties : list of (int, int)
        Positions in `nodes`; parallel ties and self loops allowed.
    tie_columns : dict of str to list
        A value or None for each tie.
    is_directed : bool
    keys : list or None
        The keys of a multigraph's ties where they are not simply 0, 1, 2.
    facts : dict
        What the graph says of itself.
    """

    nodes: list[Hashable]
    node_columns: dict[str, list[Any]] = field(default_factory=dict)
    ties: list[tuple[int, int]] = field(default_factory=list)
    tie_columns: dict[str, list[Any]] = field(default_factory=dict)
    is_directed: bool = True
    keys: list[Hashable] | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def two_mode(self) -> tuple[list[int], list[int]] | None:
        """Positions of the first and the second mode, if ``bipartite`` says so and every tie joins the two."""
        sides = self.node_columns.get("bipartite")
        if sides is None or self.is_directed or {type(side) for side in sides} != {int} or set(sides) != {0, 1}:
            return None
        if any(sides[tail] == sides[head] for tail, head in self.ties):
            return None
        return [n for n, side in enumerate(sides) if side == 0], [n for n, side in enumerate(sides) if side == 1]

    @property
    def parallel(self) -> int:
        """How many ties join a pair that an earlier tie joins already."""
        pairs = {self.pair(*tie) for tie in self.ties}
        return len(self.ties) - len(pairs)

    def pair(self, tail: int, head: int) -> tuple[int, int]:
        """Give the pair of a tie; in an undirected network both orders are the same pair."""
        return (tail, head) if self.is_directed or tail <= head else (head, tail)

    def add_node(self, node: Hashable) -> int:
        """Add a node with no values and give its position."""
        self.nodes.append(node)
        for values in self.node_columns.values():
            values.append(None)
        return len(self.nodes) - 1


def tables_of(graph: nx.Graph) -> tuple[GraphTables, list[str]]:
    """Take a graph apart into tables, and say which values had to become text.

    Examples
    --------
    >>> import networkx as nx
    >>> tables, notes = tables_of(nx.DiGraph([("a", "b", {"weight": 2})]))
    >>> tables.nodes, tables.ties, tables.tie_columns, notes
    (['a', 'b'], [(0, 1)], {'weight': [2]}, [])
    """
    notes: list[str] = []
    changes: dict[str, set[str]] = {}
    nodes = list(graph.nodes)
    place = {node: n for n, node in enumerate(nodes)}
    node_columns = _columns([data for _, data in graph.nodes(data=True)], "node", changes)
    keys: list[Hashable] | None = None
    if graph.is_multigraph():
        rows = [(tail, head, data) for tail, head, data in graph.edges(data=True)]
        found = [key for _, _, key in graph.edges(keys=True)]
        seen: dict[tuple[Hashable, Hashable], int] = {}
        usual = True
        for (tail, head, _), key in zip(rows, found, strict=True):
            pair = (tail, head)
            usual = usual and isinstance(key, int) and key == seen.get(pair, 0)
            seen[pair] = seen.get(pair, 0) + 1
        keys = None if usual else found
    else:
        rows = list(graph.edges(data=True))
    tie_columns = _columns([data for *_, data in rows], "tie", changes)
    facts = {text_of_name(name): plain_value(value)[0] for name, value in graph.graph.items()}
    for what, names in sorted(changes.items()):
        notes.append(f"{what}: {listed(sorted(names))}.")
    tables = GraphTables(
        nodes=nodes,
        node_columns=node_columns,
        ties=[(place[tail], place[head]) for tail, head, _ in rows],
        tie_columns=tie_columns,
        is_directed=bool(graph.is_directed()),
        keys=keys,
        facts={name: value for name, value in facts.items() if value is not None},
    )
    return tables, notes


def graph_of(tables: GraphTables) -> nx.Graph:
    """Put tables together into a graph: with parallel ties a multigraph, else a simple one.

    A missing value is an absent attribute, so that programs that look for a weight take their default.

    Examples
    --------
    >>> graph = graph_of(GraphTables(["a", "b"], {"role": ["nurse", None]}, [(0, 1), (0, 1)], is_directed=False))
    >>> type(graph).__name__, dict(graph.nodes(data=True))
    ('MultiGraph', {'a': {'role': 'nurse'}, 'b': {}})
    """
    import networkx as nx

    several = tables.parallel > 0 or tables.keys is not None
    kinds = {(True, True): nx.MultiDiGraph, (True, False): nx.DiGraph, (False, True): nx.MultiGraph}
    graph = kinds.get((tables.is_directed, several), nx.Graph)()
    graph.graph.update(tables.facts)
    for n, node in enumerate(tables.nodes):
        graph.add_node(node)
        graph.nodes[node].update(
            (name, values[n]) for name, values in tables.node_columns.items() if values[n] is not None
        )
    for n, (tail, head) in enumerate(tables.ties):
        ends = (tables.nodes[tail], tables.nodes[head])
        if several:
            key = graph.add_edge(*ends, key=None if tables.keys is None else tables.keys[n])
            held = graph.edges[(*ends, key)]
        else:
            graph.add_edge(*ends)
            held = graph.edges[ends]
        held.update((name, values[n]) for name, values in tables.tie_columns.items() if values[n] is not None)
    return graph


def with_both_directions(tables: GraphTables, is_directed: Sequence[bool]) -> GraphTables:
    """Give a network that mixes directed and undirected ties as a directed one, an undirected tie as two."""
    order = [
        (n, turned)
        for n, ((tail, head), directed) in enumerate(zip(tables.ties, is_directed, strict=True))
        for turned in ((False,) if directed or tail == head else (False, True))
    ]
    return GraphTables(
        nodes=tables.nodes,
        node_columns=tables.node_columns,
        ties=[(tables.ties[n][1], tables.ties[n][0]) if turned else tables.ties[n] for n, turned in order],
        tie_columns={name: [values[n] for n, _ in order] for name, values in tables.tie_columns.items()},
        is_directed=True,
        facts=tables.facts,
    )


# --- values --------------------------------------------------------------------------------------------------------


def plain_value(value: object) -> tuple[Any, str]:
    """Make a value plain, and say what had to be changed (empty where nothing had).

    Examples
    --------
    >>> plain_value(np.int64(3)), plain_value(float("nan")), plain_value([1, 2])
    ((3, ''), (None, ''), ('[1, 2]', 'Values that are lists or other structures are written as text'))
    """
    if value is None:
        return None, ""
    if isinstance(value, str):
        text = str(value)
        if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
            return text, ""
        return (
            text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
            "Characters that are no Unicode text are replaced",
        )
    if isinstance(value, (bool, np.bool_)):
        return bool(value), ""
    if isinstance(value, Integral):
        whole = int(value)
        return (whole, "") if abs(whole) < 2**63 else (str(whole), "Whole numbers of more than 64 bits become text")
    if isinstance(value, Real):
        number = float(value)
        return (None if math.isnan(number) else number), ""
    if pd.api.types.is_scalar(value) and pd.isna(value):  # type: ignore[call-overload]
        return None, ""
    if isinstance(value, (datetime, date)):
        return value.isoformat(), "Dates are written as text"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = str(value)
    return plain_value(text)[0], "Values that are lists or other structures are written as text"


def kind_of(values: Sequence[Any]) -> str:
    """Tell the kind of a column of plain values; whole numbers beside others are numbers, any other mixture is text.

    Examples
    --------
    >>> kind_of([1, None]), kind_of([1, 2.5]), kind_of([True, 1]), kind_of(["1"]), kind_of([])
    ('whole', 'number', 'text', 'text', 'text')
    """
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return YES_NO
    if kinds == {int}:
        return WHOLE
    if kinds and kinds <= {int, float}:
        return NUMBER
    return TEXT


def as_text(value: object) -> str:
    """Write a plain value as text that `value_from` reads back exactly.

    Examples
    --------
    >>> as_text(True), as_text(0.1), as_text(3), as_text("x"), as_text(float("inf"))
    ('true', '0.1', '3', 'x', 'INF')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).replace("inf", "INF")
    return str(value)


def value_from(text: str, kind: str) -> Any:
    """Read a value of a kind from text; blanks and NaN are missing for every kind but text.

    Raises
    ------
    ValueError
        If the text is no value of that kind.

    Examples
    --------
    >>> value_from("3", "whole"), value_from("3.0", "whole"), value_from("INF", "number"), value_from("1", "yes/no")
    (3, 3, inf, True)
    """
    if kind == TEXT:
        return text
    text = text.strip()
    if not text or text.lower() == "nan":
        return None
    if kind == YES_NO:
        if text.lower() in ("true", "1", "yes"):
            return True
        if text.lower() in ("false", "0", "no"):
            return False
        raise ValueError(text)
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    if kind == WHOLE:
        if len(text) > 400:
            raise ValueError(text)
        try:
            return int(text)
        except ValueError:
            number = float(text)
            if not number.is_integer():
                raise ValueError(text) from None
            return int(number)
    return float(text)


def text_of_name(name: object) -> str:
    """Give the name of an attribute as text."""
    return plain_value(str(name))[0] if not isinstance(name, str) else plain_value(name)[0]


@dataclass(frozen=True)
class Names:
    """Identifiers as texts, all different.

    Attributes
    ----------
    texts : list of str
        One a node.
    kind : str
        What the identifiers are: text, whole, number, or text for any mixture.
    notes : list of str
        What reading back will not restore.
    """

    texts: list[str]
    kind: str
    notes: list[str]


def names_of(nodes: Sequence[Hashable]) -> Names:
    """Write identifiers as texts; two that would read alike are numbered, so that none is lost.

    Examples
    --------
    >>> names_of([1, "1"]).texts
    ['1', '1 (2)']
    """
    plain = [plain_value(node)[0] if node is not None else "None" for node in nodes]
    texts = ["NaN" if value is None else as_text(value) for value in plain]
    unique, clashes = distinct(texts)
    kinds = {type(node) for node in nodes}
    kind = kind_of(plain) if not clashes and kinds <= {str, int, float, bool} else TEXT
    if None in plain or (kind == NUMBER and len({type(value) for value in plain}) > 1):
        kind = TEXT
    notes = []
    if clashes:
        notes.append(
            f"{clashes:,} identifier{'' if clashes == 1 else 's'} would read like another as text and "
            f"{'is' if clashes == 1 else 'are'} numbered."
        )
    if kind == TEXT and any(not isinstance(node, str) for node in nodes):
        notes.append("Identifiers that are not text are read back as text.")
    return Names(unique, kind, notes)


def distinct(texts: Sequence[str]) -> tuple[list[str], int]:
    """Number the second and later of equal texts, and count them.

    Examples
    --------
    >>> distinct(["a", "a", "a (2)"])
    (['a', 'a (3)', 'a (2)'], 1)
    """
    taken, unique, clashes = set(texts), [], 0
    seen: set[str] = set()
    for text in texts:
        name = text
        if text in seen:
            clashes += 1
            number = 2
            while (name := f"{text} ({number})") in taken:
                number += 1
            taken.add(name)
        seen.add(text)
        unique.append(name)
    return unique, clashes


def value_column(tables: GraphTables) -> tuple[str | None, list[str]]:
    """Choose the column that a format with one value a tie carries: ``weight``, ``strength``, or the only numeric one.

    Returns
    -------
    str or None
    list of str
        The columns that are left out.

    Examples
    --------
    >>> value_column(GraphTables(["a", "b"], {}, [(0, 1)], {"strength": [2], "note": ["x"]}))
    ('strength', ['note'])
    """
    numeric = [name for name, values in tables.tie_columns.items() if kind_of(values) in (WHOLE, NUMBER)]
    usual = next((name for name in ("weight", "strength") if name in numeric), None)
    chosen = usual or (numeric[0] if len(numeric) == 1 else None)
    return chosen, [name for name in tables.tie_columns if name != chosen]


def _columns(rows: list[dict[Any, Any]], what: str, changes: dict[str, set[str]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    names: dict[Any, str] = {}
    for n, data in enumerate(rows):
        for name, value in data.items():
            if name not in names:
                wanted = text_of_name(name)
                if wanted != name:
                    changes.setdefault("Names of attributes that are not text are written as text", set()).add(wanted)
                number = 2
                label = wanted
                while label in columns:
                    label = f"{wanted} ({number})"
                    number += 1
                names[name] = label
                columns[label] = [None] * len(rows)
            plain, change = plain_value(value)
            columns[names[name]][n] = plain
            if change:
                changes.setdefault(change, set()).add(names[name])
    # A column with values of several kinds is text in every format; it becomes text here, once, and is said so.
    for name, values in columns.items():
        kinds = {type(value) for value in values if value is not None}
        if len(kinds) > 1 and kind_of(values) == TEXT:
            columns[name] = [None if value is None else as_text(value) for value in values]
            changes.setdefault(f"Attributes of {what}s with values of several kinds become text", set()).add(name)
    return columns


# --- one value a pair and relation, for the formats that hold matrices ------------------------------------------------


RELATION = "relation"


@dataclass(frozen=True)
class ValuedTies:
    """Ties ready for matrices.

    Attributes
    ----------
    relations : tuple of str
        One a matrix; a single empty text where ties have no relation.
    cells : tuple of dict
        For each relation, value by pair of positions; an undirected tie stands in both orders.
    is_valued : bool
        Whether the values say more than that there is a tie.
    notes : tuple of str
    """

    relations: tuple[str, ...]
    cells: tuple[dict[tuple[int, int], float | int], ...]
    is_valued: bool
    notes: tuple[str, ...]


def valued_ties(tables: GraphTables) -> ValuedTies:
    """Give the ties as values of pairs, and say what that leaves out.

    Examples
    --------
    >>> ties = valued_ties(GraphTables(["a", "b"], {}, [(0, 1), (0, 1)], {"weight": [2, 3]}))
    >>> ties.cells[0], ties.notes[0]
    ({(0, 1): 5}, '1 parallel tie is joined with another of the same pair: their weights are added.')
    """
    notes: list[str] = []
    named = tables.tie_columns.get(RELATION)
    by_relation = named is not None and kind_of(named) == TEXT and None not in named and len(set(named)) > 0
    relations = list(dict.fromkeys(named)) if by_relation and named is not None else [""]
    column, left = value_column(tables)
    left = [name for name in left if not (by_relation and name == RELATION)]
    if left:
        notes.append(f"Attributes of ties are left out: {listed(left)}.")
    if column not in (None, "weight"):
        notes.append(f"The value of a tie is its {column}; it is read back as weight.")
    values = tables.tie_columns[column] if column is not None else [None] * len(tables.ties)
    cells: list[dict[tuple[int, int], float | int]] = [{} for _ in relations]
    place = {relation: n for n, relation in enumerate(relations)}
    joined = unvalued = 0
    for n, (tail, head) in enumerate(tables.ties):
        value = values[n]
        if value is None:
            unvalued += column is not None
            value = 1
        held = cells[place[named[n]] if by_relation and named is not None else 0]
        pair = tables.pair(tail, head)
        if pair in held:
            joined += 1
            value += held[pair]
        held[pair] = value
    if joined:
        are, others = ("is", "another") if joined == 1 else ("are", "others")
        notes.append(
            f"{joined:,} parallel tie{'' if joined == 1 else 's'} {are} joined with {others} of the same pair: their "
            f"{'weights are added' if column else 'number becomes the weight'}."
        )
    if unvalued:
        notes.append(f"{unvalued:,} tie{'' if unvalued == 1 else 's'} without a {column} count as 1.")
    none = sum(value == 0 for matrix in cells for value in matrix.values())
    if none:
        notes.append(f"{none:,} tie{'' if none == 1 else 's'} of value 0 cannot be told from no tie and will be lost.")
    valued = any(value != 1 for matrix in cells for value in matrix.values())
    if column is not None and cells and any(cells) and not valued:
        notes.append(f"Every {column} is 1, so the ties are read back without a weight.")
    if not tables.is_directed:
        for matrix in cells:
            matrix.update({(head, tail): value for (tail, head), value in list(matrix.items())})
    return ValuedTies(tuple(relations), tuple(cells), valued, tuple(notes))


def tables_from_values(
    nodes: list[str],
    relations: list[str],
    cells: list[dict[tuple[int, int], float | int]],
    *,
    sides: int | None = None,
    directed: bool | None = None,
) -> tuple[GraphTables, list[str]]:
    """Make a network of values by pair, one set a relation.

    Parameters
    ----------
    nodes : list of str
    relations : list of str
        One a set; names are kept only where there is more than one or the name is not empty.
    cells : list of dict
        Value by pair; pairs in both orders count as an undirected tie where every tie of every relation has its
        opposite.
    sides : int, optional
        How many of `nodes` belong to the first of two modes.
    directed : bool, optional
        Settles the direction instead of looking.

    Returns
    -------
    GraphTables
    list of str

    Examples
    --------
    >>> tables, notes = tables_from_values(["a", "b"], [""], [{(0, 1): 1, (1, 0): 1}])
    >>> tables.is_directed, tables.ties, notes
    (False, [(0, 1)], ['Every tie has its opposite, so the network is read as undirected (directed=True keeps both).'])
    """
    ties: list[tuple[int, int]] = []
    weights: list[float | int | None] = []
    names: list[str | None] = []
    for relation, matrix in zip(relations, cells, strict=True):
        for pair, value in matrix.items():
            ties.append(pair)
            weights.append(value)
            names.append(relation)
    columns: dict[str, list[float | int | str | None]] = {}
    if any(weight != 1 for weight in weights):
        columns["weight"] = list(weights)
    if len(relations) > 1 or any(relations):
        columns[RELATION] = list(names)
    tables = GraphTables(list(nodes), {}, ties, columns, is_directed=sides is None)
    if sides is not None:
        tables.node_columns["bipartite"] = [0 if n < sides else 1 for n in range(len(nodes))]
        return tables, []
    return settle_direction(tables, directed)


def settle_direction(tables: GraphTables, directed: bool | None) -> tuple[GraphTables, list[str]]:
    """Decide whether ties have a direction in a format that does not say.

    A network whose every tie has its opposite with the same values is undirected, unless `directed` says otherwise.
    """
    if directed is True or not tables.is_directed:
        return tables, []
    if directed is False:
        return as_undirected(tables)
    symmetric = per_relation_symmetric(tables)
    if not symmetric:
        return tables, []
    half = [n for n, (tail, head) in enumerate(tables.ties) if tail <= head]
    return _picked(tables, half), [
        "Every tie has its opposite, so the network is read as undirected (directed=True keeps both)."
    ]


def per_relation_symmetric(tables: GraphTables) -> bool:
    """Tell whether every tie has its opposite with the same values, and some tie joins two different nodes."""
    rows: dict[tuple[object, ...], int] = {}
    columns = [tables.tie_columns[name] for name in sorted(tables.tie_columns)]
    for n, (tail, head) in enumerate(tables.ties):
        key = (tail, head, *(values[n] for values in columns))
        rows[key] = rows.get(key, 0) + 1
    if all(tail == head for tail, head in tables.ties):
        return False
    return all(rows.get((key[1], key[0], *key[2:])) == count for key, count in rows.items())


def as_undirected(tables: GraphTables) -> tuple[GraphTables, list[str]]:
    """Take every tie as undirected; a tie and its opposite with the same values are one."""
    seen: dict[tuple[object, ...], int] = {}
    kept, both = [], 0
    columns = [tables.tie_columns[name] for name in sorted(tables.tie_columns)]
    for n, (tail, head) in enumerate(tables.ties):
        values = tuple(column[n] for column in columns)
        opposite = (head, tail, *values)
        if tail != head and seen.get(opposite, 0) > 0:
            seen[opposite] -= 1
            both += 1
            continue
        seen[(tail, head, *values)] = seen.get((tail, head, *values), 0) + 1
        kept.append(n)
    one_way = len(kept) - both - sum(tables.ties[n][0] == tables.ties[n][1] for n in kept)
    taken = f"{count_of(one_way, 'tie is', 'ties are')} read as undirected without an opposite of the same values."
    notes = [taken] if one_way else []
    return _picked(tables, kept), notes


def _picked(tables: GraphTables, kept: list[int]) -> GraphTables:
    return GraphTables(
        nodes=tables.nodes,
        node_columns=tables.node_columns,
        ties=[tables.ties[n] for n in kept],
        tie_columns={name: [values[n] for n in kept] for name, values in tables.tie_columns.items()},
        is_directed=False,
        facts=tables.facts,
    )
