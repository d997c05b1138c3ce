"""A graph as a sparse matrix, refused in words where it cannot be one; nothing is measured here."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class Adjacency:
    """The ties of a graph, each pair once, without self loops.

    Attributes
    ----------
    people : tuple
        The nodes, in the graph's order.
    matrix : scipy.sparse.csr_array of float
        Row: who has or sends the tie; an undirected tie stands in both directions. Without weights every cell is 1.
    is_directed : bool
    self_loops : int
        Left out of the matrix.
    parallel_ties : int
        Ties beyond the first between the same two people (in the same direction): joined into one, their weights
        added where weights are used.
    """

    people: tuple[Hashable, ...]
    matrix: Any
    is_directed: bool
    self_loops: int
    parallel_ties: int

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.people)

    @property
    def ties(self) -> int:
        """How many ties, an undirected one counting once."""
        return int(self.matrix.nnz) // (1 if self.is_directed else 2)

    @property
    def possible(self) -> int:
        """How many ties there could be."""
        return self.size * (self.size - 1) // (1 if self.is_directed else 2)

    @cached_property
    def either_way(self) -> Any:
        """The matrix plus its transpose: what passes between two people in both directions, a_ij + a_ji."""
        if not self.is_directed:
            return self.matrix * 2.0
        both = (self.matrix + self.matrix.T).tocsr()
        both.sort_indices()
        return both


def adjacency_of(graph: nx.Graph, weight: str | None = None) -> Adjacency:
    """Read a graph of any kind as a sparse matrix.

    Parameters
    ----------
    graph : networkx graph
        Directed or not, with or without parallel ties and self loops.
    weight : str, optional
        The tie attribute to weigh by (finite, at least 0; a tie of weight 0 is no tie). Without it each tie is 1.

    Returns
    -------
    Adjacency

    Raises
    ------
    ValueError
        If `graph` is not a networkx graph or a tie has no usable weight.

    Examples
    --------
    >>> import networkx as nx
    >>> read = adjacency_of(nx.MultiDiGraph([("a", "b"), ("a", "b"), ("b", "b")]))
    >>> read.ties, read.parallel_ties, read.self_loops
    (1, 1, 1)
    """
    from scipy import sparse

    require_graph(graph)
    people = tuple(graph)
    directed = bool(graph.is_directed())
    if weight is None:
        rows, columns = tie_places(graph)
        other = rows != columns
        loops, parallel = len(other) - int(np.count_nonzero(other)), 0
        if loops:
            rows, columns = rows[other], columns[other]
        if graph.is_multigraph():
            loops = sum(len(ties[person]) for person, ties in graph.adjacency() if person in ties)
            parallel = graph.number_of_edges() - loops - len(rows) // (1 if directed else 2)
        bounds = np.zeros(len(people) + 1, dtype=np.int32)
        np.cumsum(np.bincount(rows, minlength=len(people)), out=bounds[1:])
        cells: tuple[Any, ...] = (np.ones(len(rows)), columns.astype(np.int32), bounds)
    else:
        number_of = {person: number for number, person in enumerate(people)}
        ties = [tie for tie in graph.edges(data=True) if tie[0] != tie[1]]
        rows = np.array([number_of[tail] for tail, _, _ in ties], dtype=np.int64)
        columns = np.array([number_of[head] for _, head, _ in ties], dtype=np.int64)
        values = np.array([usable_weight(tail, head, data, weight) for tail, head, data in ties], dtype=float)
        loops = graph.number_of_edges() - len(ties)
        first, second = (rows, columns) if directed else (np.minimum(rows, columns), np.maximum(rows, columns))
        parallel = len(rows) - len(np.unique(first * max(len(people), 1) + second)) if graph.is_multigraph() else 0
        if not directed:
            rows, columns, values = np.r_[rows, columns], np.r_[columns, rows], np.r_[values, values]
        cells = (values, (rows, columns))
    matrix = sparse.csr_array(cells, shape=(len(people), len(people)))
    matrix.sort_indices()
    if weight is not None:
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    return Adjacency(people, matrix, directed, loops, int(parallel))


def tie_places(graph: nx.Graph) -> tuple[np.ndarray, np.ndarray]:
    """Give the places, in the graph's order, of the two people of each tie, parallel ties as one.

    Parameters
    ----------
    graph : networkx graph
        An undirected tie comes in both directions (a self loop once).

    Returns
    -------
    tuple of numpy.ndarray of int
        From and to, sorted by from.

    Examples
    --------
    >>> import networkx as nx
    >>> [places.tolist() for places in tie_places(nx.path_graph(["a", "b", "c"]))]
    [[0, 1, 1, 2], [1, 0, 2, 1]]
    """
    # Walking the neighbours of each person in one go costs a third of what asking the graph for its ties does.
    number_of = {person: number for number, person in enumerate(graph)}
    contacts = [others for _, others in graph.adjacency()]
    counts = np.fromiter(map(len, contacts), dtype=np.int64, count=len(contacts))
    heads = np.fromiter(map(number_of.__getitem__, chain.from_iterable(contacts)), dtype=np.int64)
    return np.repeat(np.arange(len(contacts)), counts), heads


def require_graph(graph: object) -> None:
    """Refuse in words what is not a networkx graph.

    Examples
    --------
    >>> require_graph([1, 2])
    Traceback (most recent call last):
        ...
    ValueError: A network measure needs a networkx graph, not a list. Build one with person_network or networkx.
    """
    if not all(hasattr(graph, name) for name in ("is_directed", "is_multigraph", "edges", "nodes")):
        raise ValueError(
            f"A network measure needs a networkx graph, not a {type(graph).__name__}. Build one with person_network "
            "or networkx."
        )


def usable_weight(tail: Hashable, head: Hashable, data: dict[str, Any], weight: str) -> float:
    """Give the weight of a tie, refusing in words one that is not a finite number of at least 0.

    Examples
    --------
    >>> usable_weight("a", "b", {"strength": 2}, "strength")
    2.0
    """
    try:
        value = float(data[weight])
    except (KeyError, TypeError, ValueError):
        value = float("nan")
    if not np.isfinite(value) or value < 0:
        raise ValueError(
            f"The tie from {tail!r} to {head!r} has no usable {weight!r} ({data.get(weight)!r}): "
            "a weight is a finite number of at least 0. Correct it, or count ties without a weight."
        )
    if value and not 1e-100 <= value <= 1e100:
        raise ValueError(
            f"The tie from {tail!r} to {head!r} has the {weight!r} {value:g}, whose square no number can hold. "
            "Use other units."
        )
    return value


def as_shares(matrix: Any) -> Any:
    """Give ties as shares of the strongest, to twelve digits, for a search that must not be led by units or rounding.

    Examples
    --------
    >>> from scipy import sparse
    >>> as_shares(sparse.csr_array([[0, 0.1], [0.1 + 0.2, 0]])).toarray().tolist()
    [[0.0, 0.333333333333], [1.0, 0.0]]
    """
    shares = matrix.astype(float, copy=True)
    if shares.nnz:
        shares.data = np.round(shares.data / np.abs(shares.data).max(), 12)
    return shares
