"""A graph as a sparse matrix, refused in words where it cannot be one; nothing is measured here."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cop_analysis.network.labelled import usable_weight

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
    number_of = {person: number for number, person in enumerate(people)}
    if weight is None:
        rows, columns, values = _plain_ties(graph, number_of)
    else:
        ties = list(graph.edges(data=True))
        rows = np.array([number_of[tail] for tail, _, _ in ties], dtype=np.int64)
        columns = np.array([number_of[head] for _, head, _ in ties], dtype=np.int64)
        values = np.array([usable_weight(tail, head, data, weight) for tail, head, data in ties], dtype=float)
    other = rows != columns
    rows, columns, values = rows[other], columns[other], values[other]
    directed = bool(graph.is_directed())
    first, second = (rows, columns) if directed else (np.minimum(rows, columns), np.maximum(rows, columns))
    parallel = len(rows) - _distinct(first * max(len(people), 1) + second) if graph.is_multigraph() else 0
    if not directed:
        rows, columns, values = np.r_[rows, columns], np.r_[columns, rows], np.r_[values, values]
    matrix = sparse.csr_array((values, (rows, columns)), shape=(len(people), len(people)))
    matrix.sum_duplicates()
    if weight is None:
        matrix.data[:] = 1.0
    else:
        matrix.eliminate_zeros()
    matrix.sort_indices()
    return Adjacency(people, matrix, directed, int(np.count_nonzero(~other)), int(parallel))


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


def _plain_ties(graph: nx.Graph, number_of: dict[Hashable, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ends = [number_of[end] for tie in graph.edges() for end in tie]
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1], np.ones(len(pairs))


def _distinct(keys: np.ndarray) -> int:
    return len(np.unique(keys))
