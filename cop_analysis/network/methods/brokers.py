"""Who stands between groups: the roles of Gould & Fernandez, against labels at random and against a random network.

In that network every tie is there with the same probability d, independent of every other (Gould & Fernandez 1989). An
open path i-j-k is there with d^2 (1 - d), and two of them depend on each other only through the ties they have in
common, so the variance is a matter of counting pairs of paths by what they share. The variances in use since 1989 (R's
sna) leave some of those pairs out; both are given.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.extremes import highest, others_alike
from cop_analysis.network.methods.chance import arrangements, whole_permutations
from cop_analysis.network.methods.graphs import Adjacency, GroupLike, adjacency_of, asked_part, labelled_ties
from cop_analysis.network.methods.kernels import kernel
from cop_analysis.resampling import monte_carlo_p

if TYPE_CHECKING:
    import networkx as nx


ROLES = ("coordinator", "itinerant", "representative", "gatekeeper", "liaison")
"""In the order of Gould & Fernandez: from, through and to groups AAA, ABA, AAB, ABB, ABC."""
_BOUNDARY = ("representative", "gatekeeper")


def z_scores(counts: np.ndarray, expected: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Give (count - expected) / sd, NaN where the count cannot vary.

    Examples
    --------
    >>> z_scores(np.array([3.0, 1.0]), np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [1.0, nan]
    """
    expected, sd = np.asarray(expected, dtype=float), np.asarray(sd, dtype=float)
    scores = np.full(len(counts), np.nan)
    varies = sd > 1e-9
    scores[varies] = (counts[varies] - expected[varies]) / sd[varies]
    return scores


def node_moments(group: np.ndarray, sizes: np.ndarray, density: float, directed: bool) -> pd.DataFrame:
    """Give, for each node, mean and standard deviation of each role's count and of the total.

    Parameters
    ----------
    group : numpy.ndarray of int
        Of each node.
    sizes : numpy.ndarray of int
        People in each group.
    density : float
    directed : bool

    Returns
    -------
    pandas.DataFrame
        ``expected_<role>`` and ``sd_<role>``, a row a node.

    Examples
    --------
    >>> float(node_moments(np.array([0, 0, 0]), np.array([3]), 0.5, True)["expected_coordinator"][0])
    0.25
    """
    own, everybody = sizes[group].astype(float), float(len(group))
    outside = everybody - own
    size = sizes.astype(float)
    others = np.sum(size) - size
    # Of each group seen from another: choices for the third person so that three groups are involved, and pairs of
    # such.
    pairs_elsewhere = np.sum(size * (size - 1)) - size * (size - 1)
    triples_elsewhere = np.sum(size * (size - 1) * (size - 2)) - size * (size - 1) * (size - 2)
    squares_elsewhere, cubes_elsewhere = np.sum(size**2) - size**2, np.sum(size**3) - size**3
    three_groups = others**2 - squares_elsewhere
    three_groups_shared = others**3 - 2 * others * squares_elsewhere + cubes_elsewhere - three_groups
    boundary = (own - 1) * outside
    # For each role: ordered pairs (i, k) around the node, and ordered pairs of those with i or with k in common.
    shapes = {
        "coordinator": ((own - 1) * (own - 2), 2 * (own - 1) * (own - 2) * (own - 3)),
        "itinerant": (pairs_elsewhere[group], 2 * triples_elsewhere[group]),
        "representative": (boundary, boundary * (own - 2 + outside - 1)),
        "gatekeeper": (boundary, boundary * (own - 2 + outside - 1)),
        "liaison": (three_groups[group], 2 * three_groups_shared[group]),
        "total": (
            (everybody - 1) * (everybody - 2) + 0 * own,
            2 * (everybody - 1) * (everybody - 2) * (everybody - 3) + 0 * own,
        ),
    }
    chance, shared = density**2 * (1 - density), density**3 * (1 - density) ** 3
    columns = {}
    for role, (pairs, sharing) in shapes.items():
        variance = pairs * chance * (1 - chance) + sharing * shared
        # An undirected path inside one role is read from both of its ends: half as many paths, each counting twice.
        doubled = 1.0 if directed or role in _BOUNDARY else 2.0
        columns[f"expected_{role}"] = pairs * chance
        columns[f"sd_{role}"] = np.sqrt(np.maximum(doubled * variance, 0.0))
    return pd.DataFrame(columns)


def network_moments(sizes: np.ndarray, density: float, directed: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give mean and standard deviation of each role's count over the whole network, and of the total.

    Parameters
    ----------
    sizes : numpy.ndarray of int
        People in each group.
    density : float
    directed : bool

    Returns
    -------
    tuple of numpy.ndarray
        Six means, six standard deviations as published, six exact ones: `ROLES`, then the total. For undirected
        networks there is no published form, and both are exact.

    Notes
    -----
    The published variances (Gould & Fernandez 1989, as computed by R's sna) take two paths over the same three people
    to be uncorrelated in coordinators and in the total, and, in representatives and gatekeepers, any two of which one
    would close the other. Both are negatively correlated (they exclude each other), so the published standard
    deviations are a little too large, and z a little too small, for these roles.

    Examples
    --------
    >>> expected, published, exact = network_moments(np.array([3]), 0.5, True)
    >>> float(expected[0]), round(float(published[0]), 4), round(float(exact[0]), 4)
    (0.75, 0.9186, 0.8101)
    """
    size = sizes.astype(float)
    everybody = size.sum()
    # Pairs of groups of the same sizes count alike, so that thousands of groups cost no more than a few sizes.
    kinds, times_there = np.unique(size, return_counts=True)
    other_groups = (times_there[:, None] * times_there[None] - np.diag(times_there)).ravel()
    from_size = np.concatenate([np.repeat(kinds, len(kinds)), kinds])
    to_size = np.concatenate([np.tile(kinds, len(kinds)), kinds])
    alike = np.repeat([False, True], [len(kinds) ** 2, len(kinds)])
    ties = np.concatenate([other_groups, times_there]) * from_size * np.where(alike, from_size - 1, to_size)
    chance = density**2 * (1 - density)
    both_legs, both_closing = density**3 * (1 - density) ** 3, density**5 * (1 - density)
    rows = []
    for role in (*ROLES, "total"):
        leg, closing = _thirds(role, from_size, to_size, everybody, alike)
        paths = float(np.sum(ties * closing))
        # Other orders of the same three people that are of the same role and exclude this one.
        excluded = {"itinerant": 0, "representative": 1, "gatekeeper": 1}.get(role, 2)
        boundary = role in _BOUNDARY
        if directed:
            alone = (
                paths * chance * (1 - chance)
                + (np.sum(ties * leg**2) - 2 * paths) * both_legs
                + (np.sum(ties * closing**2) - paths) * both_closing
            )
            mixed = float(2 * np.sum(ties * leg * closing))
            exact = alone - (mixed - excluded * paths) * chance**2
            as_published = (
                0.0 if boundary else mixed - (2 if role in ("coordinator", "total") else 1) * excluded * paths
            )
            published = alone - as_published * chance**2
        else:
            # An undirected path inside one role is read from both of its ends: half as many, each counting twice.
            times = 1.0 if boundary else 2.0
            if boundary:
                turned = _thirds(role, to_size, from_size, everybody, alike)
                leg, closing = leg + turned[0], closing + turned[1]
            unordered = paths / times
            exact = published = times**2 * (
                unordered * chance * (1 - chance)
                + (np.sum(ties * leg**2) / 2 - (2 + excluded) * unordered) * both_legs
                + (np.sum(ties * closing**2) / 2 - unordered) * both_closing
                - (np.sum(ties * leg * closing) - excluded * unordered) * chance**2
            )
        rows.append((paths * chance, np.sqrt(max(0.0, float(published))), np.sqrt(max(0.0, float(exact)))))
    expected, published_sd, exact_sd = np.array(rows).T
    return expected, published_sd, exact_sd


def _thirds(
    role: str, from_size: np.ndarray, to_size: np.ndarray, everybody: float, alike: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For a pair of groups, count the third people that make a tie between them a leg of a role, or what closes it."""
    nothing = np.zeros_like(alike, dtype=float)
    in_same, elsewhere = np.where(alike, from_size - 2, 0.0), np.where(alike, everybody - from_size, 0.0)
    in_from, in_to = np.where(alike, 0.0, from_size - 1), np.where(alike, 0.0, to_size - 1)
    in_neither = np.where(alike, 0.0, everybody - from_size - to_size)
    match role:
        case "coordinator":
            first, second, closing = in_same, in_same, in_same
        case "itinerant":
            first, second, closing = in_from, in_to, elsewhere
        case "representative":
            first, second, closing = elsewhere, in_from, in_from
        case "gatekeeper":
            first, second, closing = in_to, elsewhere, in_to
        case "liaison":
            first, second, closing = in_neither, in_neither, in_neither
        case _:
            first = second = closing = nothing + everybody - 2
    return first + second, closing


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
            return "Nobody stands between two people who have no tie with each other, so there is no brokerage."
        most = highest(self.table["total"])
        top = self.table.iloc[int(most[0])]
        across = total - int(self.totals["coordinator"])
        counted = "" if self.is_directed else " (an undirected tie is read both ways)"
        return (
            f"{total:,} times somebody stands between two people who have no tie with each other{counted}, {across:,} "
            f"of them across groups; {top['node']}{others_alike(most)} most often ({int(top['total']):,} times)."
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
