"""Ties as one value a pair and relation, for the formats that hold matrices; no format's text is known here."""

from __future__ import annotations

from dataclasses import dataclass

from cop_analysis.network.exchange.report import listed
from cop_analysis.network.exchange.tables import TEXT, GraphTables, kind_of, value_column
from cop_analysis.results import count_of

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
