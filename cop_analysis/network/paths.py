"""Shortest paths through and between people: betweenness, closeness, and how far everybody is; one pass for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cop_analysis.network.adjacency import Adjacency
from cop_analysis.network.compiled import kernel

_CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class PathCounts:
    """What shortest paths say of each person, in the order of the graph.

    Attributes
    ----------
    betweenness : numpy.ndarray
        Shortest paths that run through a person, shared out among paths of the same length; a pair counts once in an
        undirected network and each direction by itself in a directed one.
    reached, distance, inverse : numpy.ndarray
        Two rows: from the person to others, and from others to the person. How many others there is a path with, the
        sum of the distances, and the sum of 1 / distance.
    """

    betweenness: np.ndarray
    reached: np.ndarray
    distance: np.ndarray
    inverse: np.ndarray


def count_paths(read: Adjacency) -> PathCounts:
    """Follow all shortest paths of a network, each tie one step.

    Parameters
    ----------
    read : Adjacency
        Weights are not used.

    Returns
    -------
    PathCounts

    Notes
    -----
    Brandes 2001, Journal of Mathematical Sociology 25:163-177. Without numba many sources are followed at a time, a
    step of all of them being one product with the sparse matrix.

    Examples
    --------
    >>> import networkx as nx
    >>> from cop_analysis.network.adjacency import adjacency_of
    >>> count_paths(adjacency_of(nx.path_graph(3))).betweenness.tolist()
    [0.0, 1.0, 0.0]
    """
    size, matrix = read.size, read.matrix
    score = np.zeros(size)
    reached, distance, inverse = np.zeros((2, size), dtype=np.int64), np.zeros((2, size)), np.zeros((2, size))
    compiled = kernel("betweenness", 3.0 * size * (matrix.nnz + size), size)
    if compiled is not None:
        offsets, targets = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
        compiled(offsets, targets, score, reached, distance, inverse)
    elif size:
        step = max(1, _CELLS_AT_ONCE // size)
        onward, back = matrix.T.tocsr(), matrix.tocsr()
        for start in range(0, size, step):
            _follow(onward, back, np.arange(start, min(start + step, size)), score, reached, distance, inverse)
    if not read.is_directed:
        score /= 2
    return PathCounts(score, reached, distance, inverse)


def _follow(
    onward: Any,
    back: Any,
    sources: np.ndarray,
    score: np.ndarray,
    reached: np.ndarray,
    total: np.ndarray,
    inverse: np.ndarray,
) -> None:
    size, columns = onward.shape[0], np.arange(len(sources))
    paths = np.zeros((size, len(sources)))
    paths[sources, columns] = 1.0
    depth = np.full((size, len(sources)), -1, dtype=np.int32)
    depth[sources, columns] = 0
    front, level = paths.copy(), 0
    while True:
        front = onward @ front
        front[depth >= 0] = 0.0
        new = front > 0
        if not new.any():
            break
        level += 1
        depth[new] = level
        paths += front
        for side, axis in ((0, 0), (1, 1)):
            found = new.sum(axis=axis)
            place = sources if side == 0 else slice(None)
            reached[side, place] += found
            total[side, place] += found * level
            inverse[side, place] += found / level
    dependency = np.zeros_like(paths)
    for here in range(level, 1, -1):
        shares = np.zeros_like(paths)
        at = depth == here
        shares[at] = (1.0 + dependency[at]) / paths[at]
        gathered = back @ shares
        before = depth == here - 1
        dependency[before] = gathered[before] * paths[before]
    dependency[sources, columns] = 0.0
    score += dependency.sum(axis=1)
