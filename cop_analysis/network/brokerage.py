"""Who stands between people who have no tie of their own, in which role: Gould-Fernandez brokerage with its nulls."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.extremes import highest, others_alike
from cop_analysis.network.adjacency import Adjacency, adjacency_of
from cop_analysis.network.answered import asked_part
from cop_analysis.network.arrangements import arrangements, whole_permutations
from cop_analysis.network.brokerage_null import ROLES, network_moments, node_moments, z_scores
from cop_analysis.network.compiled import kernel
from cop_analysis.network.labelled import GroupLike, labelled_ties
from cop_analysis.resampling import monte_carlo_p

if TYPE_CHECKING:
    import networkx as nx

_PATHS_AT_ONCE = 1_000_000
_TABLE_UP_TO = 5_000


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
        most = highest(self.table["total"])
        top = self.table.iloc[int(most[0])]
        across = total - int(self.totals["coordinator"])
        counted = "" if self.is_directed else " (an undirected tie is read both ways)"
        return (
            f"{total:,} times somebody stands between two people who have no tie of their own{counted}, {across:,} of "
            f"them across groups; {top['node']}{others_alike(most)} most often ({int(top['total']):,} times)."
        )


def brokerage(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 0,
    seed: int | np.random.Generator = 0,
) -> Brokerage:
    """Answer who spans groups, and in which of five roles.

    Parameters
    ----------
    graph : networkx graph
        Parallel ties are one tie, self loops none. An undirected tie is read in both directions: each open path counts
        once from each end, so that gatekeeper and representative are the same number (as in R's sna and UCINET).
    attribute : str or mapping
        The node attribute with the group, or the group of each node; every node must have one.
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
    graph = asked_part(graph)
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
    """Count, for each node, the open paths through it by role."""
    size = len(group)
    onward = np.diff(matrix.indptr)
    counts = np.zeros((size, len(ROLES)), dtype=np.int64)
    compiled = kernel("count_roles", 3.0 * float(onward[matrix.indices].sum()))
    if compiled is not None:
        compiled(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), group, _ROLE_OF, counts)
        return counts
    for first, broker, last in _open_paths(matrix):
        role = _ROLE_OF[_likeness(group[first], group[broker], group[last])]
        counts += np.bincount(broker * len(ROLES) + role, minlength=counts.size).reshape(counts.shape)
    return counts


# By which of the three people are of one group: 4 for first and broker, 2 for broker and last, 1 for first and last.
_ROLE_OF = np.array([4, 1, 3, 4, 2, 4, 4, 0], dtype=np.int64)


def _likeness(first: np.ndarray, broker: np.ndarray, last: np.ndarray) -> np.ndarray:
    alike: np.ndarray = 4 * (first == broker) + 2 * (broker == last) + (first == last)
    return alike


def _open_paths(matrix: Any) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the two-step paths that no direct tie closes, some at a time: first, broker and last of each."""
    size, bounds, heads = matrix.shape[0], matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
    onward = np.diff(bounds)
    tails = np.repeat(np.arange(size), onward)
    keys = tails * size + heads
    tied = None
    if size <= _TABLE_UP_TO:
        tied = np.zeros(size * size, dtype=bool)
        tied[keys] = True
    through = onward[heads]
    ends = np.cumsum(through)
    start = 0
    while start < len(heads):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _PATHS_AT_ONCE, side="right")))
        steps = through[start:stop]
        first, broker = np.repeat(tails[start:stop], steps), np.repeat(heads[start:stop], steps)
        # The paths through a tie end at the consecutive contacts of its second person.
        since = np.repeat(bounds[heads[start:stop]] - (ends[start:stop] - steps - before), steps)
        last = heads[since + np.arange(len(since))]
        key = first * size + last
        if tied is not None:
            closed = tied[key]
        else:
            place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            closed = keys[place] == key
        is_open = ~closed & (first != last)
        yield first[is_open], broker[is_open], last[is_open]
        start = stop


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
    # Which paths are open does not depend on the groups, so they are looked for once.
    paths = [np.array(path, dtype=np.int32) for path in _open_paths(read.matrix)]
    counts = []
    for batch in arrangements(group.astype(np.min_scalar_type(group.max(initial=0))), permutations, seed, at_once=256):
        counts.append(sum(_totals_of_roles(path, batch) for path in paths) + np.zeros((6, batch.shape[1])))
    drawn = np.hstack(counts).T
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


def _totals_of_roles(paths: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Count the paths of each role, and all, a column an arrangement of the groups."""
    totals = np.zeros((6, batch.shape[1]), dtype=np.int64)
    # Up to 255 paths at a time are counted in a byte each.
    for start in range(0, paths.shape[1], 255):
        first, broker, last = (np.take(batch, places, axis=0) for places in paths[:, start : start + 255])
        one, two, ends = first == broker, broker == last, first == last
        sending, having, around, all_three = (
            np.add.reduce(alike.view(np.uint8), axis=0, dtype=np.uint8).astype(np.int64)
            for alike in (one, two, ends, one & two)
        )
        totals[0] += all_three
        totals[1] += around - all_three
        totals[2] += sending - all_three
        totals[3] += having - all_three
    totals[5] = paths.shape[1]
    totals[4] = totals[5] - totals[:4].sum(axis=0)
    return totals
