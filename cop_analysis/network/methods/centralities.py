"""Where each person stands: betweenness and closeness from one pass over shortest paths, and structural holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.methods.graphs import Adjacency, adjacency_of
from cop_analysis.network.methods.kernels import kernel

if TYPE_CHECKING:
    import networkx as nx


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
    >>> from cop_analysis.network.methods.graphs import adjacency_of
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


def centrality(graph: nx.Graph, weight: str | None = None) -> pd.DataFrame:
    """Answer who is named most, who lies between others, and who is near everybody.

    Parameters
    ----------
    graph : networkx graph
        Directed or not; parallel ties are one tie, self loops none.
    weight : str, optional
        The tie attribute to sum as ``strength``. Paths count steps and never use it: a strong tie is not a long one.

    Returns
    -------
    pandas.DataFrame
        One row a node: ``node, degree`` (directed: ``in_degree, out_degree``), ``strength`` (directed: ``in_strength,
        out_strength``) where a weight is given, ``betweenness`` (shortest paths through the node),
        ``betweenness_share`` (of the most there could be), ``closeness`` and ``harmonic`` (directed: from others to
        the node, and ``closeness_out``, ``harmonic_out`` from the node to others).

    Raises
    ------
    ValueError
        If a tie has no usable weight.

    Notes
    -----
    Freeman 1979, Social Networks 1:215-239. Closeness in a disconnected network is that of Wasserman & Faust 1994 (p.
    201): (reached / (n - 1)) x (reached / sum of distances), 0 for somebody nobody reaches, as networkx computes it.
    Harmonic closeness is the mean of 1 / distance over everybody else, 0 where there is no path (Marchiori & Latora
    2000, Physica A 285:539-546). The values of a network of fewer than 3 people that would divide by 0 are NaN.

    Examples
    --------
    >>> import networkx as nx
    >>> centrality(nx.path_graph(3))[["degree", "betweenness", "closeness"]].round(3).values.tolist()
    [[1.0, 0.0, 0.667], [2.0, 1.0, 1.0], [1.0, 0.0, 0.667]]
    """
    read = adjacency_of(graph)
    paths = count_paths(read)
    columns: dict[str, object] = {"node": pd.Series(read.people, dtype=object)}
    sent, had = np.diff(read.matrix.indptr), np.diff(read.matrix.tocsc().indptr)
    if read.is_directed:
        columns |= {"in_degree": had, "out_degree": sent}
    else:
        columns |= {"degree": sent}
    if weight is not None:
        weighed = adjacency_of(graph, weight).matrix
        if read.is_directed:
            columns |= {"in_strength": weighed.sum(axis=0), "out_strength": weighed.sum(axis=1)}
        else:
            columns |= {"strength": weighed.sum(axis=1)}
    others = read.size - 1
    pairs = others * (others - 1) / (1 if read.is_directed else 2)
    columns["betweenness"] = paths.betweenness
    columns["betweenness_share"] = paths.betweenness / pairs if pairs > 0 else np.full(read.size, np.nan)
    for name, side in (("", 1), ("_out", 0)) if read.is_directed else (("", 1),):
        with np.errstate(divide="ignore", invalid="ignore"):
            near = paths.reached[side] / paths.distance[side] * paths.reached[side] / others
        columns[f"closeness{name}"] = np.where(paths.reached[side] > 0, near, 0.0 if others > 0 else np.nan)
        columns[f"harmonic{name}"] = paths.inverse[side] / others if others > 0 else np.full(read.size, np.nan)
    return pd.DataFrame(columns)


def structural_holes(graph: nx.Graph, weight: str | None = None) -> pd.DataFrame:
    """Answer whose contacts are strangers to each other (holes to bridge), and whose are not.

    Parameters
    ----------
    graph : networkx graph
        Directed or not; self loops are left out and parallel ties joined (their weights added where weights are used).
    weight : str, optional
        The tie attribute that holds the strength (finite, at least 0). Without it each tie is 1.

    Returns
    -------
    pandas.DataFrame
        One row a node: ``node, contacts, effective_size, efficiency, constraint, hierarchy``. Contacts are people with
        a tie in either direction. Everything but contacts is NaN for somebody without any; hierarchy is NaN for
        somebody with one contact, for whom it is not defined.

    Raises
    ------
    ValueError
        If a tie has no usable weight.

    Notes
    -----
    Burt 1992, Structural Holes, chapter 2. With a_ij the strength from i to j, person i invests in j the share p_ij =
    (a_ij + a_ji) / sum_k (a_ik + a_ki), and m_jq = (a_jq + a_qj) / max_k (a_jk + a_kj) is the marginal strength of j's
    tie with q. Effective size: sum over contacts j of 1 - sum_q p_iq m_jq. Efficiency: that over the number of
    contacts. Constraint: sum over contacts j of c_ij = (p_ij + sum_q p_iq p_qj)^2. Hierarchy: how far c_ij is
    concentrated in one contact (Coleman-Theil index), 0 where all constrain alike and 1 where one does. These hold for
    directed and weighted ties as they stand; ``networkx.effective_size`` called for all nodes at once does not.

    Examples
    --------
    >>> import networkx as nx
    >>> found = structural_holes(nx.star_graph(3)).set_index("node")
    >>> found.loc[0, ["effective_size", "constraint"]].round(3).tolist()
    [3.0, 0.333]
    >>> float(found.loc[1, "constraint"])
    1.0
    """
    read = adjacency_of(graph, weight)
    size = read.size
    if not size:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in _COLUMNS})
    either = read.either_way
    contacts = np.diff(either.indptr)
    owner = np.repeat(np.arange(size), contacts)
    invested, strongest = np.bincount(owner, either.data, size), np.zeros(size)
    np.maximum.at(strongest, owner, either.data)
    shares = either.data / invested[owner] if len(owner) else np.zeros(0)
    strengths = either.data / strongest[owner] if len(owner) else np.zeros(0)

    by_tie, repeated = _constraint_and_redundancy(either, shares, strengths)
    constraint = np.bincount(owner, by_tie, size)
    some = contacts > 0
    effective = np.where(some, contacts - repeated, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        efficiency = effective / contacts
        relative = by_tie * contacts[owner] / constraint[owner]
        concentration = np.bincount(owner, relative * np.log(relative), size)
        hierarchy = concentration / (contacts * np.log(contacts))
    return pd.DataFrame(
        {
            "node": pd.Series(read.people, dtype=object),
            "contacts": contacts,
            "effective_size": effective,
            "efficiency": np.where(some, efficiency, np.nan),
            "constraint": np.where(some, constraint, np.nan),
            # A last digit below 0 where all contacts constrain alike is rounding.
            "hierarchy": np.where(contacts > 1, np.maximum(hierarchy, 0.0), np.nan),
        },
        copy=False,
    )


_COLUMNS = ("node", "contacts", "effective_size", "efficiency", "constraint", "hierarchy")


def _constraint_and_redundancy(either: Any, shares: np.ndarray, strengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give c_ij for each contact, and for each person the redundancy of all contacts."""
    contacts = np.diff(either.indptr).astype(float)
    compiled = kernel("structural_holes", float(contacts @ contacts) * 6, len(contacts))
    if compiled is not None:
        by_tie, repeated = np.empty(len(shares)), np.empty(len(contacts))
        # Numbers without a sign spare the loop asking whether each counts from the end.
        offsets, targets = either.indptr.astype(np.uint32), either.indices.astype(np.uint32)
        compiled(offsets, targets, shares, strengths, by_tie, repeated)
        return by_tie, repeated
    from scipy import sparse

    def filled(values: np.ndarray) -> Any:
        return sparse.csr_array((values, either.indices, either.indptr), shape=either.shape)

    invested, marginal, tied = filled(shares), filled(strengths), filled(np.ones(len(shares)))
    through = (invested @ invested).multiply(tied)
    total = (invested + through).tocsr()
    total.sort_indices()
    # Where nothing goes through others the product may hold fewer cells than there are contacts, but never more.
    by_tie = np.asarray(total.data) ** 2
    repeated = np.asarray((tied @ marginal).multiply(invested).sum(axis=1)).reshape(-1)
    return by_tie, repeated
