"""How central each person is: degree, strength, betweenness and closeness; of the whole network see `cohesion`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import adjacency_of
from cop_analysis.network.paths import count_paths

if TYPE_CHECKING:
    import networkx as nx


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
