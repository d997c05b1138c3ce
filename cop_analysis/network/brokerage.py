"""Who stands between people who have no tie of their own, in which role: Gould-Fernandez brokerage with its nulls."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import Adjacency, adjacency_of
from cop_analysis.network.arrangements import arrangements, whole_permutations
from cop_analysis.network.brokerage_null import ROLES, network_moments, node_moments, z_scores
from cop_analysis.network.labelled import labelled_ties
from cop_analysis.resampling import monte_carlo_p

if TYPE_CHECKING:
    import networkx as nx

_DENSE_UP_TO = 300


@dataclass(frozen=True, eq=False)
class Brokerage:
    """How often each person stands between two others who have no tie, by the groups of the three.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a node: ``node, group``, a count for each of the five roles, ``total``, ``expected_total`` and
        ``z_total``, and a ``z_`` column for each role, against a random network of the same density.
    totals : pandas.Series
        Counts over all nodes: the five roles and ``total``.
    null : pandas.DataFrame
        One row a role and ``total``: ``role, count, expected, sd, z`` against a random network with the same people,
        groups and density, with the standard deviations published in 1989; ``sd_exact, z_exact`` with all covariances;
        where permutations were asked for also ``expected_labels, sd_labels, p_value``, against the network as it is
        with groups dealt out to people at random (p two-sided).
    people, ties : int
    density : float
    is_directed : bool
    permutations : int
        R; 0 where none were asked for.
    """

    table: pd.DataFrame
    totals: pd.Series
    null: pd.DataFrame
    people: int
    ties: int
    density: float
    is_directed: bool
    permutations: int

    @property
    def expected(self) -> pd.Series:
        """Expected count of each role and the total in a random network of the same density."""
        return self.null.set_index("role")["expected"]

    @property
    def sd(self) -> pd.Series:
        """Standard deviation of each role's count and the total, as published."""
        return self.null.set_index("role")["sd"]

    @property
    def z(self) -> pd.Series:
        """Distance of each count from the expected one in (published) standard deviations."""
        return self.null.set_index("role")["z"]

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        total = int(self.totals["total"])
        if not total:
            return "Nobody stands between two people who have no tie of their own, so there is no brokerage."
        top = self.table.iloc[int(self.table["total"].to_numpy().argmax())]
        across = total - int(self.totals["coordinator"])
        counted = "" if self.is_directed else " (an undirected tie is read both ways)"
        return (
            f"{total:,} times somebody stands between two people who have no tie of their own{counted}, {across:,} of "
            f"them across groups; {top['node']} most often ({int(top['total']):,} times)."
        )


def brokerage(
    graph: nx.Graph,
    attribute: str = "organisation",
    permutations: int = 0,
    seed: int | np.random.Generator = 0,
) -> Brokerage:
    """Answer who spans groups, and in which of five roles.

    Parameters
    ----------
    graph : networkx graph
        Parallel ties are one tie, self loops none. An undirected tie is read in both directions: each open path counts
        once from each end, so that gatekeeper and representative are the same number (as in R's sna and UCINET).
    attribute : str
        The node attribute with the group; every node must have one.
    permutations : int
        How many times to deal the groups out to the people at random; 0 leaves that test out.
    seed : int or numpy.random.Generator

    Returns
    -------
    Brokerage

    Raises
    ------
    ValueError
        If a node has no label, or `permutations` is not a whole number of at least 0.

    Notes
    -----
    Gould & Fernandez 1989, Sociological Methodology 19:89-126. A person j brokers from i to k where i has a tie to j, j
    to k, and i none to k: coordinator (all three of one group), itinerant (i and k of one group, j of another),
    representative (i and j of one), gatekeeper (j and k of one), liaison (three groups). Expected values, standard
    deviations and z are those of a network of the same density in which every tie is independent of every other. ``sd``
    and ``z`` of a role over the network follow the published formulas, so that they can be compared with R's sna and
    with papers; those leave out covariances of paths that exclude each other, and ``sd_exact`` and ``z_exact`` do not.
    A node's z are exact. This null says how far the ties are from haphazard; the label permutation says whether
    groups matter to who brokers, given the ties.

    Examples
    --------
    >>> import networkx as nx
    >>> line = nx.DiGraph([("a", "b"), ("b", "c")])
    >>> nx.set_node_attributes(line, {"a": "north", "b": "north", "c": "south"}, "organisation")
    >>> found = brokerage(line)
    >>> found.totals["representative"], found.table.set_index("node")["total"].to_dict()
    (np.int64(1), {'a': 0, 'b': 1, 'c': 0})
    """
    drawn = 0 if permutations == 0 and permutations is not False else whole_permutations(permutations)
    read = adjacency_of(graph)
    labels = labelled_ties(graph, attribute)
    group = labels.group_of
    counts = _count_roles(read.matrix, group)
    totals = pd.Series([*counts.sum(axis=0), counts.sum()], index=[*ROLES, "total"], dtype=np.int64, name="count")
    density = read.ties / read.possible if read.possible else float("nan")
    sizes = labels.group_sizes
    null = _null_of_network(totals, sizes, density, read.is_directed)
    names: list[Hashable] = [labels.groups[number] for number in group]
    if drawn:
        null = null.join(_null_of_labels(read, group, totals, drawn, seed), on="role")
    return Brokerage(
        table=_by_node(read.people, names, counts, node_moments(group, sizes, density, read.is_directed)),
        totals=totals,
        null=null,
        people=read.size,
        ties=read.ties,
        density=density,
        is_directed=read.is_directed,
        permutations=drawn,
    )


def _count_roles(matrix: Any, group: np.ndarray) -> np.ndarray:
    """Count, for each node, all two-step paths through it by role, less those that a direct tie closes."""
    from scipy import sparse

    size = len(group)
    if size <= _DENSE_UP_TO:
        return _count_roles_densely(matrix, group)
    whole = matrix.astype(np.int64).tocoo()
    alike = group[whole.row] == group[whole.col]

    def part(kept: np.ndarray) -> Any:
        return sparse.csr_array((whole.data[kept], (whole.row[kept], whole.col[kept])), shape=(size, size))

    same, other = part(alike), part(~alike)
    membership = sparse.csr_array(
        (np.ones(size, dtype=np.int64), (np.arange(size), group)), shape=(size, int(group.max()) + 1)
    )
    sent_to, had_from = (other @ membership).tocsr(), (other.T @ membership).tocsr()
    sent_same, had_same = same.sum(axis=1), same.sum(axis=0)
    sent_other, had_other = other.sum(axis=1), other.sum(axis=0)
    back_same, back_other = same.multiply(same.T).sum(axis=1), other.multiply(other.T).sum(axis=1)
    matching = sent_to.multiply(had_from).sum(axis=1)

    def closed(into: Any, direct: Any, onward: Any) -> np.ndarray:
        return np.asarray((into.T @ direct).multiply(onward).sum(axis=1))

    roles = [
        had_same * sent_same - back_same - closed(same, same, same),
        matching - back_other - closed(other, same, other),
        had_same * sent_other - closed(same, other, other),
        had_other * sent_same - closed(other, other, same),
        had_other * sent_other - matching - closed(other, other, other),
    ]
    return np.column_stack([np.asarray(role).reshape(-1) for role in roles]).astype(np.int64)


def _count_roles_densely(matrix: Any, group: np.ndarray) -> np.ndarray:
    """Do the same with full matrices, which for a few hundred people costs a fraction of handling sparse ones."""
    whole = matrix.toarray()
    alike = group[:, None] == group[None]
    same, other = whole * alike, whole * ~alike
    membership = np.eye(int(group.max()) + 1 if len(group) else 0)[group]
    sent_same, had_same = same.sum(axis=1), same.sum(axis=0)
    sent_other, had_other = other.sum(axis=1), other.sum(axis=0)
    matching = ((other @ membership) * (other.T @ membership)).sum(axis=1)

    def closed(into: np.ndarray, direct: np.ndarray, onward: np.ndarray) -> np.ndarray:
        counted: np.ndarray = ((into.T @ direct) * onward).sum(axis=1)
        return counted

    roles = [
        had_same * sent_same - (same * same.T).sum(axis=1) - closed(same, same, same),
        matching - (other * other.T).sum(axis=1) - closed(other, same, other),
        had_same * sent_other - closed(same, other, other),
        had_other * sent_same - closed(other, other, same),
        had_other * sent_other - matching - closed(other, other, other),
    ]
    return np.rint(np.column_stack(roles)).astype(np.int64)


def _by_node(
    people: tuple[Hashable, ...], names: list[Hashable], counts: np.ndarray, expected: pd.DataFrame
) -> pd.DataFrame:
    table = pd.DataFrame(counts, columns=list(ROLES))
    table.insert(0, "group", pd.Series(names, dtype=object))
    table.insert(0, "node", pd.Series(people, dtype=object))
    table["total"] = counts.sum(axis=1)
    table["expected_total"] = expected["expected_total"]
    for role in ("total", *ROLES):
        table[f"z_{role}"] = z_scores(
            table[role].to_numpy(), expected[f"expected_{role}"].to_numpy(), expected[f"sd_{role}"].to_numpy()
        )
    return table


def _null_of_network(totals: pd.Series, sizes: np.ndarray, density: float, directed: bool) -> pd.DataFrame:
    expected, published, exact = network_moments(sizes, density, directed)
    return pd.DataFrame(
        {
            "role": list(totals.index),
            "count": totals.to_numpy(),
            "expected": expected,
            "sd": published,
            "z": z_scores(totals.to_numpy(), expected, published),
            "sd_exact": exact,
            "z_exact": z_scores(totals.to_numpy(), expected, exact),
        }
    )


def _null_of_labels(
    read: Adjacency, group: np.ndarray, totals: pd.Series, permutations: int, seed: int | np.random.Generator
) -> pd.DataFrame:
    drawn = np.empty((permutations, 6))
    done = 0
    for batch in arrangements(group.astype(np.int32), permutations, seed):
        for column in range(batch.shape[1]):
            counts = _count_roles(read.matrix, np.ascontiguousarray(batch[:, column]).astype(np.int64)).sum(axis=0)
            drawn[done, :5], drawn[done, 5] = counts, counts.sum()
            done += 1
    seen = totals.to_numpy()
    # The mean is that of all arrangements, the data's own among them, so that a role that cannot vary is never extreme.
    mean = np.vstack([drawn, seen]).mean(axis=0)
    far = np.abs(drawn - mean) >= np.abs(seen - mean) - 1e-9 * np.maximum(1.0, np.abs(mean))
    return pd.DataFrame(
        {
            "expected_labels": drawn.mean(axis=0),
            "sd_labels": drawn.std(axis=0),
            "p_value": [monte_carlo_p(int(count), permutations) for count in far.sum(axis=0)],
        },
        index=pd.Index(totals.index, name="role"),
    )
