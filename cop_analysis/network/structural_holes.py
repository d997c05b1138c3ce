"""Burt's measures of a person's position among others: constraint, effective size, efficiency, hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import adjacency_of
from cop_analysis.network.compiled import kernel

if TYPE_CHECKING:
    import networkx as nx


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
