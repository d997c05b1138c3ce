"""A relation among the same people as a square matrix, whatever it came as; correlating relations lives elsewhere."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from cop_analysis.network.methods.graphs import GroupLike, adjacency_of, every_label
from cop_analysis.results.values import is_missing

if TYPE_CHECKING:
    import networkx as nx


RelationLike: TypeAlias = Any
"""A square array, a DataFrame with the same people as rows and columns, a scipy sparse matrix or a networkx graph."""
PEOPLE_UP_TO = 10_000
"""A relation of so many takes 0.8 GB."""


@dataclass(frozen=True, eq=False)
class Relation:
    """One relation among people.

    Attributes
    ----------
    name : str
        How messages and tables call it.
    people : tuple or None
        Who the rows are; None for an array, whose rows have numbers only.
    cells : numpy.ndarray
        Square; row: from, column: to; the diagonal is 0 and stands for nothing.
    is_symmetric : bool
    """

    name: str
    people: tuple[Hashable, ...] | None
    cells: np.ndarray
    is_symmetric: bool

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.cells)


def relation_of(value: RelationLike, name: str, weight: str | None = "weight") -> Relation:
    """Read an array, a DataFrame, a sparse matrix or a graph as a relation, refusing in words what is not one.

    Parameters
    ----------
    value : array, DataFrame, sparse matrix or networkx graph
        The diagonal is not used. Parallel ties of a graph are added up.
    name : str
    weight : str, optional
        For a graph: the tie attribute that fills its cell; 1 where a tie has none, as networkx does. None counts
        ties.

    Raises
    ------
    ValueError
        If it is not square, holds something that is not a finite number off its diagonal, or names its rows and
        columns differently.

    Examples
    --------
    >>> relation_of([[0, 1], [0, 0]], "advice").is_symmetric
    False
    """
    people: tuple[Hashable, ...] | None = None
    if isinstance(value, pd.DataFrame):
        people, cells = _labelled_cells(value, name)
    elif hasattr(value, "is_directed"):
        people, cells = _cells_of_graph(value, weight, name)
    elif hasattr(value, "toarray"):
        _refuse_too_large(value.shape[0], name)
        cells = np.asarray(value.toarray())
    else:
        cells = _plain_cells(value, name)
    if cells.ndim != 2 or cells.shape[0] != cells.shape[1]:
        raise ValueError(
            f"{name} has the shape {' x '.join(str(side) for side in cells.shape) or 'of a single value'}; a relation "
            "is square, a row and a column for each person."
        )
    _refuse_too_large(len(cells), name)
    try:
        if np.iscomplexobj(cells):
            raise TypeError
        cells = np.array(cells, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds something that is not a number. Code its ties as numbers first.") from None
    np.fill_diagonal(cells, 0.0)
    unusable = int(np.count_nonzero(~np.isfinite(cells)))
    if unusable:
        raise ValueError(
            f"{name} has {unusable:,} cells off its diagonal that are missing or not finite. Fill them in, or leave "
            "the people concerned out of every relation."
        )
    return Relation(name, people, cells, bool(np.array_equal(cells, cells.T)))


def aligned(relations: Sequence[Relation]) -> list[Relation]:
    """Bring relations into one order of people, the first's that names them.

    Parameters
    ----------
    relations : sequence of Relation
        Those without names are taken to be in that order already.

    Raises
    ------
    ValueError
        If they are not about the same people.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 1], [2, 0]], index=["b", "a"], columns=["b", "a"])
    >>> other = pd.DataFrame([[0, 3], [4, 0]], index=["a", "b"], columns=["a", "b"])
    >>> aligned([relation_of(table, "one"), relation_of(other, "two")])[1].cells.tolist()
    [[0.0, 4.0], [3.0, 0.0]]
    """
    leader = relations[0]
    for relation in relations:
        if relation.size != leader.size:
            raise ValueError(
                f"{leader.name} has {leader.size} people and {relation.name} has {relation.size}. Give both the same."
            )
    named = next((relation for relation in relations if relation.people is not None), None)
    if named is None or named.people is None:
        return list(relations)
    ordered = []
    for relation in relations:
        if relation.people is None or relation.people == named.people:
            ordered.append(relation)
            continue
        number_of = {person: number for number, person in enumerate(relation.people)}
        strangers = [person for person in named.people if person not in number_of]
        if strangers:
            raise ValueError(
                f"{relation.name} does not have {len(strangers)} of the people of {named.name} (the first is "
                f"{strangers[0]!r}). Give both the same people."
            )
        order = np.array([number_of[person] for person in named.people], dtype=np.int64)
        ordered.append(
            Relation(relation.name, named.people, relation.cells[np.ix_(order, order)], relation.is_symmetric)
        )
    return ordered


def shared_attribute(graph: nx.Graph, attribute: GroupLike) -> pd.DataFrame:
    """Give the relation of having the same value of an attribute: 1 where two people share it, else 0.

    Parameters
    ----------
    graph : networkx graph
        Every node must have the attribute.
    attribute : str or mapping
        The node attribute, or the value of each node.

    Returns
    -------
    pandas.DataFrame
        People by people, 0 on the diagonal.

    Raises
    ------
    ValueError
        If a node has no such attribute.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph()
    >>> graph.add_nodes_from([("a", {"role": "nurse"}), ("b", {"role": "nurse"}), ("c", {"role": "doctor"})])
    >>> int(shared_attribute(graph, "role").loc["a"].sum())
    1
    """
    values = every_label(graph, attribute)
    number_of = {value: number for number, value in enumerate(dict.fromkeys(values))}
    codes = np.array([number_of[value] for value in values], dtype=np.int64)
    same = (codes[:, None] == codes[None]).astype(float)
    np.fill_diagonal(same, 0.0)
    return pd.DataFrame(same, index=list(graph), columns=list(graph))


def attribute_difference(graph: nx.Graph, attribute: GroupLike) -> pd.DataFrame:
    """Give the relation of how far two people are apart in a number: |own - other|.

    Parameters
    ----------
    graph : networkx graph
        Every node must have the attribute, a number.
    attribute : str or mapping

    Returns
    -------
    pandas.DataFrame
        People by people.

    Raises
    ------
    ValueError
        If a node has no such attribute or it is not a number.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph()
    >>> graph.add_nodes_from([("a", {"years": 3}), ("b", {"years": 10})])
    >>> attribute_difference(graph, "years").loc["a", "b"]
    np.float64(7.0)
    """
    try:
        numbers = np.array(every_label(graph, attribute), dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"{'The attribute' if not isinstance(attribute, str) else f'The node attribute {attribute!r}'} is not a "
            "number everywhere. Use shared_attribute."
        ) from None
    return pd.DataFrame(np.abs(numbers[:, None] - numbers[None]), index=list(graph), columns=list(graph))


def named_relations(value: object, weight: str | None) -> list[Relation]:
    """Read predictors given as a mapping of names, a sequence or a single relation.

    Examples
    --------
    >>> [relation.name for relation in named_relations([[[0, 1], [0, 0]]], None)]
    ['predictor 1']
    """
    if isinstance(value, Mapping):
        return [relation_of(each, str(name), weight) for name, each in value.items()]
    single = isinstance(value, pd.DataFrame) or hasattr(value, "is_directed") or hasattr(value, "toarray")
    if single or (isinstance(value, np.ndarray) and value.ndim == 2):
        value = [value]
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        raise ValueError(f"Predictors are a mapping of name to relation or a list of relations, not {value!r:.80}.")
    return [relation_of(each, f"predictor {number}", weight) for number, each in enumerate(value, 1)]


def _refuse_too_large(people: int, name: str) -> None:
    if people > PEOPLE_UP_TO:
        raise ValueError(
            f"{name} has {people:,} people; relations are compared cell by cell, for which {PEOPLE_UP_TO:,} people are "
            "the most. Compare a part of the network, or organisations in place of people."
        )


def _plain_cells(value: Any, name: str) -> np.ndarray:
    """Read what is not a table or a graph; a masked cell is a missing one."""
    try:
        if isinstance(value, np.ma.MaskedArray):
            return np.where(np.ma.getmaskarray(value), np.nan, np.ma.getdata(value).astype(float))
        return np.asarray(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} has rows of different lengths. Give each person a row and a column.") from None


def _labelled_cells(table: pd.DataFrame, name: str) -> tuple[tuple[Hashable, ...], np.ndarray]:
    rows, columns = list(table.index), list(table.columns)
    if len(set(rows)) < len(rows) or len(set(columns)) < len(columns):
        raise ValueError(f"{name} names a person twice. Give each person one row and one column.")
    if rows != columns:
        if set(rows) != set(columns):
            raise ValueError(f"{name} has different people as rows and as columns. A relation has the same in both.")
        table = table[rows]
    try:
        return tuple(rows), table.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds something that is not a number. Code its ties as numbers first.") from None


def _cells_of_graph(graph: nx.Graph, weight: str | None, name: str) -> tuple[tuple[Hashable, ...], np.ndarray]:
    _refuse_too_large(len(graph), name)
    if weight is None:
        read = adjacency_of(graph)
        return read.people, read.matrix.toarray()
    people = tuple(graph)
    number_of = {person: number for number, person in enumerate(people)}
    cells = np.zeros((len(people), len(people)))
    for tail, head, data in graph.edges(data=True):
        given = data.get(weight, 1.0)
        try:
            value = float("nan") if is_missing(given) else float(given)
        except (TypeError, ValueError):
            value = float("nan")
        if not np.isfinite(value):
            raise ValueError(
                f"The tie from {tail!r} to {head!r} has no usable {weight!r} ({given!r}): it must be a finite number. "
                "Correct it, or count ties with weight=None."
            )
        cells[number_of[tail], number_of[head]] += value
        if not graph.is_directed() and tail != head:
            cells[number_of[head], number_of[tail]] += value
    return people, cells
