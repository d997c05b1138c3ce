"""How well organisations describe who is tied to whom: modularity against the best partition, and assortativity."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cop_analysis.extremes import ALIKE
from cop_analysis.network.adjacency import Adjacency, adjacency_of, as_shares
from cop_analysis.network.arrangements import arrangements, whole_permutations
from cop_analysis.network.chance import as_far
from cop_analysis.network.labelled import GroupLike, labelled_ties
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import format_share, with_minus

if TYPE_CHECKING:
    import networkx as nx

_STARTS = 20


@dataclass(frozen=True, eq=False)
class PartitionFit:
    """How the groups people belong to compare with the groups their ties form.

    Attributes
    ----------
    modularity : float
        Of the groups given: share of ties within groups less the share expected from people's numbers of ties.
    best_modularity : float
        The highest found over all ways of grouping the people; at least `modularity`.
    best_groups : tuple of frozenset
        The grouping that has it, largest first.
    share_of_best : float
        modularity / best_modularity; NaN where the best is 0.
    agreement : float
        Adjusted Rand index of the groups given with the best ones: 1 for the same, about 0 for unrelated.
    assortativity : float
        Newman's coefficient: 1 where every tie is within a group, 0 as expected; NaN where all ties are in one group.
    expected, sd, p_value : float
        Of the modularity when groups are dealt out to people at random: mean and sd of the arrangements drawn, and the
        share of them at least as far from that mean (two-sided), as (k + 1) / (R + 1).
    permutations : int
        R.
    groups, best_count : int
        How many groups there are, given and best.
    """

    modularity: float
    best_modularity: float
    best_groups: tuple[frozenset[Hashable], ...]
    share_of_best: float
    agreement: float
    assortativity: float
    expected: float
    sd: float
    p_value: float
    permutations: int
    groups: int
    best_count: int

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        reached = (
            f", {format_share(max(0.0, self.share_of_best))} of what the best grouping of the people reaches "
            f"({with_minus(self.best_modularity)})"
            if self.best_modularity > 0
            else ""
        )
        return (
            f"Ties by the {self.groups} groups: modularity {with_minus(self.modularity)}{reached}, where people placed "
            "in these "
            f"groups at random give {with_minus(self.expected)}; "
            f"{as_far(self.p_value, 'random placements')}."
        )


def partition_fit(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 999,
    seed: int | np.random.Generator = 0,
    *,
    weight: str | None = None,
) -> PartitionFit:
    """Answer whether ties follow the groups people belong to, and how near these are to the groups ties form.

    Parameters
    ----------
    graph : networkx graph
        Directed or not; self loops are left out, parallel ties joined.
    attribute : str or mapping
        The node attribute with the group, or the group of each node; every node must have one.
    permutations : int
    seed : int or numpy.random.Generator
        For the test and for the search for the best grouping.
    weight : str, optional
        The tie attribute to use; without it each tie is 1.

    Returns
    -------
    PartitionFit

    Raises
    ------
    ValueError
        If there is no tie, or a node has no label.

    Notes
    -----
    Modularity: Newman & Girvan 2004, Physical Review E 69:026113; directed: Leicht & Newman 2008, Physical Review
    Letters 100:118703. Assortativity: Newman 2003, Physical Review E 67:026126. Finding the best grouping is NP-hard;
    the best of 20 runs of Louvain's method (Blondel et al. 2008) and of the groups given is kept, a lower bound that
    is usually the optimum in networks of this size. Good & de Montjoye 2010 (Physical Review E 81:046106) warn that
    many different groupings come near the best, so `best_groups` is one of them. Agreement: Hubert & Arabie 1985,
    Journal of Classification 2:193-218.

    Examples
    --------
    >>> import networkx as nx
    >>> club = nx.Graph([(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)])
    >>> nx.set_node_attributes(club, {n: "a" if n < 3 else "b" for n in club}, "organisation")
    >>> found = partition_fit(club, permutations=99)
    >>> round(found.modularity, 4), found.share_of_best, found.agreement
    (0.3571, 1.0, 1.0)
    """
    permutations = whole_permutations(permutations)
    read = adjacency_of(graph, weight)
    labels = labelled_ties(graph, attribute)
    total = float(read.matrix.sum())
    if not total:
        raise ValueError(
            f"The network has {read.size} people and no tie, so how ties follow groups is not defined. Check the "
            "relation and the wave."
        )
    rng = generator(seed)
    count = len(labels.groups)
    within, expected_within = _within(read, labels.group_of[:, None], count)
    modularity = float(within[0] - expected_within[0])
    drawn = np.concatenate(
        [
            np.subtract(*_within(read, batch, count))
            for batch in arrangements(labels.group_of.astype(np.int32), permutations, rng, at_once=64)
        ]
    )
    mean = (drawn.sum() + modularity) / (permutations + 1)
    extreme = int(np.count_nonzero(np.abs(drawn - mean) >= abs(modularity - mean) - 1e-12))
    best, best_of = _best(read, labels.group_of, modularity, rng)
    room = 1 - float(expected_within[0])
    members: dict[int, set[Hashable]] = {}
    for person, number in zip(read.people, best_of.tolist(), strict=True):
        members.setdefault(number, set()).add(person)
    return PartitionFit(
        modularity=modularity,
        best_modularity=best,
        best_groups=tuple(frozenset(group) for group in sorted(members.values(), key=len, reverse=True)),
        share_of_best=modularity / best if best > 1e-12 else float("nan"),
        agreement=_adjusted_rand(labels.group_of, best_of),
        assortativity=modularity / room if room > 1e-12 else float("nan"),
        expected=float(drawn.mean()),
        sd=float(drawn.std()),
        p_value=monte_carlo_p(extreme, permutations),
        permutations=permutations,
        groups=count,
        best_count=len(members),
    )


def _within(read: Adjacency, batch: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Give, for each arrangement, the share of ties within groups and the share expected from numbers of ties."""
    ties = read.matrix.tocoo()
    total = float(ties.data.sum())
    within = (ties.data @ (batch[ties.row] == batch[ties.col])) / total
    sent, had = read.matrix.sum(axis=1), read.matrix.sum(axis=0)
    columns = np.arange(batch.shape[1])
    places = batch.astype(np.int64) + count * columns
    shape = (batch.shape[1], count)
    from_group = np.bincount(places.reshape(-1), np.repeat(sent, len(columns)), count * len(columns)).reshape(shape)
    to_group = np.bincount(places.reshape(-1), np.repeat(had, len(columns)), count * len(columns)).reshape(shape)
    return within, (from_group * to_group).sum(axis=1) / total**2


def _best(
    read: Adjacency, group_of: np.ndarray, modularity: float, rng: np.random.Generator
) -> tuple[float, np.ndarray]:
    import networkx as nx

    simple = nx.from_scipy_sparse_array(
        as_shares(read.matrix), create_using=nx.DiGraph if read.is_directed else nx.Graph
    )
    best, best_of = modularity, group_of.astype(np.int64)
    if modularity < -ALIKE:
        # One group of everybody has modularity 0.
        best, best_of = 0.0, np.zeros(read.size, dtype=np.int64)
    for _ in range(_STARTS if read.size <= 5_000 else 1):
        found = nx.community.louvain_communities(simple, weight="weight", seed=int(rng.integers(2**31)))
        number_of = np.zeros(read.size, dtype=np.int64)
        for number, members in enumerate(found):
            number_of[list(members)] = number
        reached = float(np.subtract(*_within(read, number_of[:, None], len(found)))[0])
        if reached > best + ALIKE:
            best, best_of = reached, number_of
    return best, best_of


def _adjusted_rand(one: np.ndarray, other: np.ndarray) -> float:
    def pairs(counts: np.ndarray) -> float:
        return float(np.sum(counts * (counts - 1.0)) / 2)

    joint = np.bincount(one * (int(other.max()) + 1) + other)
    together, first, second = pairs(joint), pairs(np.bincount(one)), pairs(np.bincount(other))
    everything = len(one) * (len(one) - 1) / 2
    chance = first * second / everything if everything else 0.0
    most = (first + second) / 2
    return 1.0 if most == chance else (together - chance) / (most - chance)
