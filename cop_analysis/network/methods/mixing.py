"""How far ties stay inside groups or cross them: the E-I index against chance, its parts, and the share's intervals."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.methods.chance import arrangements, chances_of_marked, whole_permutations
from cop_analysis.network.methods.graphs import GroupLike, LabelledTies, adjacency_of, labelled_ties
from cop_analysis.network.methods.kernels import kernel
from cop_analysis.resampling import monte_carlo_p
from cop_analysis.results import format_p, format_share, with_minus

if TYPE_CHECKING:
    import networkx as nx


_LARGE = 20_000


@dataclass(frozen=True, eq=False)
class EIIndex:
    """An E-I index with its null distribution under label permutation.

    Attributes
    ----------
    estimate : float
        (external - internal) / (external + internal), from -1 (no tie crosses) to 1 (every tie crosses).
    expected, sd : float
        Exact mean and standard deviation when the labels are dealt out to the people at random.
    p_value : float
        Two-sided: the share of arrangements at least as far from `expected`, as (k + 1) / (R + 1).
    permutations : int
        R.
    external, internal : float
        Ties (or their summed weight) across and within groups.
    share, expected_share : float
        Of all ties, those that cross: as seen, and under random labels. E-I = 2 x share - 1.
    rescaled : float
        E-I rescaled to the lowest and highest value that group sizes and number of ties allow, -1 to 1; not defined
        (NaN) for weighted or parallel ties or where only one value is possible.
    people, ties, self_loops : int
        What was counted; a self loop is neither within nor across and is left out.
    groups : pandas.DataFrame
        One row a group: ``group, people, within, across, cross_share, ei``. For directed ties, those its members
        send; for undirected ties, those its members have, a tie within the group counting once for each end.
    """

    estimate: float
    expected: float
    sd: float
    p_value: float
    permutations: int
    external: float
    internal: float
    share: float
    expected_share: float
    rescaled: float
    people: int
    ties: int
    self_loops: int
    groups: pd.DataFrame

    @property
    def z(self) -> float:
        """Distance from the expected value in standard deviations; NaN where the index cannot vary."""
        return (self.estimate - self.expected) / self.sd if self.sd > 0 else float("nan")

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        chance = f"{format_share(self.expected_share)} would if people were dealt out to groups at random"
        if self.sd == 0:
            return f"{format_share(self.share)} of ties cross groups; with these groups no other share is possible."
        return (
            f"{format_share(self.share)} of ties cross groups, and {chance} (E-I {with_minus(self.estimate, 3)}, "
            f"expected {with_minus(self.expected, 3)}, {format_p(self.p_value)}, {self.permutations:,} permutations)."
        )


def ei_index(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 4999,
    seed: int | np.random.Generator = 0,
    *,
    weight: str | None = None,
) -> EIIndex:
    """Answer whether ties cross groups more or less often than if group membership had nothing to do with them.

    Parameters
    ----------
    graph : networkx graph
        Directed ties count one by one (a reciprocated pair is two), parallel ties each count, self loops do not.
    attribute : str or mapping
        The node attribute with the group, or the group of each node; every node must have one.
    permutations : int
        How many random arrangements of the labels to draw, at least 1.
    seed : int or numpy.random.Generator
    weight : str, optional
        Sum this tie attribute in place of counting ties.

    Returns
    -------
    EIIndex

    Raises
    ------
    ValueError
        If there is no tie between two people, a node has no label, or a tie no usable weight.

    Notes
    -----
    Krackhardt & Stern 1988, Social Psychology Quarterly 51(2):123-140. The network stays as it is and labels are
    permuted over nodes, so dependence among ties is kept. Mean and variance are exact: a pair of ties is counted by
    whether it shares two, one or no people, with the probability that both are internal under sampling without
    replacement. The p-value is two-sided by distance from the exact mean and counts the data as one arrangement
    (Phipson & Smyth 2010).

    Examples
    --------
    >>> import networkx as nx
    >>> square = nx.cycle_graph(4)
    >>> nx.set_node_attributes(square, {0: "a", 1: "a", 2: "b", 3: "b"}, "organisation")
    >>> index = ei_index(square, "organisation", permutations=999, seed=1)
    >>> index.estimate, round(index.expected, 3), round(index.sd, 3)
    (0.0, 0.333, 0.471)
    """
    permutations = whole_permutations(permutations)
    ties = labelled_ties(graph, attribute, weight)
    total, external = _total_and_external(ties)
    variance = _share_variance(ties)
    expected_share = _expected_share(ties)
    extreme = _count_as_extreme(ties, external, expected_share, permutations, seed)
    return EIIndex(
        estimate=2 * external / total - 1,
        expected=float(2 * expected_share - 1),
        sd=2 * math.sqrt(float(variance)),
        p_value=monte_carlo_p(extreme, permutations),
        permutations=permutations,
        external=external,
        internal=total - external,
        share=external / total,
        expected_share=float(expected_share),
        rescaled=_rescaled(ties, external),
        people=len(ties.people),
        ties=len(ties.tails),
        self_loops=ties.self_loops,
        groups=_by_group(ties),
    )


def cross_share(graph: nx.Graph, attribute: GroupLike = "organisation", *, weight: str | None = None) -> float:
    """Give the share of ties that join people of different groups.

    Parameters
    ----------
    graph, attribute, weight
        As for `ei_index`.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    ValueError
        As `ei_index` does.

    Examples
    --------
    >>> import networkx as nx
    >>> line = nx.path_graph(4)
    >>> nx.set_node_attributes(line, {0: "a", 1: "a", 2: "b", 3: "b"}, "organisation")
    >>> round(cross_share(line), 3)
    0.333
    """
    return share_across(labelled_ties(graph, attribute, weight))


def share_across(ties: LabelledTies) -> float:
    """Give the share of ties that join people of different groups, the ties having been read.

    Examples
    --------
    >>> import networkx as nx
    >>> share_across(labelled_ties(nx.path_graph(3), {0: "a", 1: "a", 2: "b"}))
    0.5
    """
    total, external = _total_and_external(ties)
    return external / total


def _total_and_external(ties: LabelledTies) -> tuple[float, float]:
    if ties.weights is None:
        total, external = float(len(ties.tails)), float(np.count_nonzero(ties.crosses))
    else:
        total, external = float(ties.weights.sum()), float(ties.weights[ties.crosses].sum())
    if total == 0:
        what = "no tie between two different people" if len(ties.tails) == 0 else "only ties of weight 0"
        raise ValueError(
            f"The network has {len(ties.people)} nodes and {what}, so the share of ties that cross groups is not "
            "defined. Check the relation and the wave."
        )
    return total, external


def _expected_share(ties: LabelledTies) -> Fraction:
    """Give the share of pairs of people who are of different groups; there are two people at least."""
    people = len(ties.people)
    same = sum(int(size) * (int(size) - 1) for size in ties.group_sizes)
    return 1 - Fraction(same, people * (people - 1))


def _share_variance(ties: LabelledTies) -> Fraction:
    """Exact variance of the external share under label permutation, in whole-number or binary-fraction arithmetic."""
    people = len(ties.people)
    # Brought near 1, so that no square of a very large or small weight over- or underflows.
    weights = np.ones(len(ties.tails)) if ties.weights is None else ties.weights / float(ties.weights.max())
    low, high = np.minimum(ties.tails, ties.heads), np.maximum(ties.tails, ties.heads)
    _, pair = np.unique(low * people + high, return_inverse=True)
    of_pair = np.bincount(pair, weights)
    of_person = np.bincount(ties.tails, weights, people) + np.bincount(ties.heads, weights, people)
    same_pair = Fraction(float(np.sum(of_pair**2)))
    through_people = Fraction(float(np.sum(of_person**2)))
    total_squared = Fraction(float(weights.sum())) ** 2
    one_shared = through_people - 2 * same_pair
    none_shared = total_squared + same_pair - through_people

    sizes = [int(size) for size in ties.group_sizes]
    two = [size * (size - 1) for size in sizes]
    three = [size * (size - 1) * (size - 2) for size in sizes]
    four = [size * (size - 1) * (size - 2) * (size - 3) for size in sizes]
    both_of_two = sum(four) + sum(two) ** 2 - sum(value**2 for value in two)
    internal = Fraction(sum(two), math.perm(people, 2))
    variance = same_pair * internal - total_squared * internal**2
    if people >= 3:
        variance += one_shared * Fraction(sum(three), math.perm(people, 3))
    if people >= 4:
        variance += none_shared * Fraction(both_of_two, math.perm(people, 4))
    return max(variance, Fraction(0)) / total_squared


def _count_as_extreme(
    ties: LabelledTies, external: float, expected: Fraction, permutations: int, seed: int | np.random.Generator
) -> int:
    """Count drawn arrangements whose external total lies at least as far from its exact mean as the data's."""
    labels = ties.group_of.astype(np.min_scalar_type(max(len(ties.groups) - 1, 0)))
    pairs = len(labels) * (len(labels) - 1)
    extreme = 0
    # A person's labels under all arrangements of a batch lie side by side, so that a tie compares two whole rows;
    # in a large network a row of 64 is one line of the processor's cache.
    for batch in arrangements(labels, permutations, seed, at_once=512 if len(labels) < _LARGE else 64):
        totals = external_totals(ties, batch, permutations)
        if ties.weights is None:
            # Whole numbers throughout: an arrangement exactly as far as the data is never lost to rounding.
            centre = len(ties.tails) * (expected.numerator * (pairs // expected.denominator))
            distance = np.abs(totals.astype(np.int64) * pairs - centre)
            extreme += int(np.count_nonzero(distance >= abs(int(external) * pairs - centre)))
        else:
            mean = float(ties.weights.sum()) * float(expected)
            slack = 1e-9 * float(ties.weights.sum())
            extreme += int(np.count_nonzero(np.abs(totals - mean) >= abs(external - mean) - slack))
    return extreme


def expected_share(graph: nx.Graph, attribute: GroupLike = "organisation") -> float:
    """Give the share of ties that would cross groups were labels dealt out to people at random: exact, nothing is
    drawn.

    Parameters
    ----------
    graph : networkx graph
        Every node with the attribute.
    attribute : str or mapping

    Examples
    --------
    >>> import networkx as nx
    >>> trio = nx.Graph([("a", "b")])
    >>> trio.add_node("c")
    >>> nx.set_node_attributes(trio, {"a": "north", "b": "north", "c": "south"}, "organisation")
    >>> round(expected_share(trio), 4)
    0.6667
    """
    ties = labelled_ties(graph, attribute)
    return float(_expected_share(ties)) if len(ties.people) > 1 else float("nan")


def external_totals(ties: LabelledTies, batch: np.ndarray, permutations: int) -> np.ndarray:
    """Sum, for each arrangement of the labels, the ties (or their weights) that cross groups.

    Parameters
    ----------
    ties : LabelledTies
    batch : numpy.ndarray
        A row a person, a column an arrangement.
    permutations : int
        How many arrangements there will be in all, from which it follows whether compiling is worth it.

    Examples
    --------
    >>> import networkx as nx
    >>> pair = nx.Graph([("a", "b")])
    >>> nx.set_node_attributes(pair, {"a": "north", "b": "south"}, "organisation")
    >>> external_totals(labelled_ties(pair, "organisation"), np.array([[0, 0], [1, 0]]), 2).tolist()
    [1, 0]
    """
    totals = np.zeros(batch.shape[1], dtype=np.int64 if ties.weights is None else float)
    compiled = kernel("count_crossing", float(len(ties.tails)) * permutations) if ties.weights is None else None
    if compiled is not None:
        compiled(ties.tails, ties.heads, batch, totals)
        return totals
    # Up to 255 ties at a time are counted in a byte each, which the processor adds many of at once.
    for start in range(0, len(ties.tails), 255):
        end = start + 255
        tails, heads = ties.tails[start:end], ties.heads[start:end]
        crosses = np.take(batch, tails, axis=0) != np.take(batch, heads, axis=0)
        if ties.weights is None:
            totals += np.add.reduce(crosses.view(np.uint8), axis=0, dtype=np.uint8)
        else:
            totals += ties.weights[start:end] @ crosses
    return totals


def _rescaled(ties: LabelledTies, external: float) -> float:
    sizes = ties.group_sizes
    people, count = len(ties.people), len(ties.tails)
    low, high = ties.tails, ties.heads
    if not ties.is_directed:
        low, high = np.minimum(low, high), np.maximum(low, high)
    if ties.weights is not None or len(np.unique(low * people + high)) < count:
        return float("nan")
    ends = 1 if ties.is_directed else 2
    room_within = int(np.sum(sizes * (sizes - 1))) // ends
    room_across = people * (people - 1) // ends - room_within
    most, least = min(count, room_across), count - min(count, room_within)
    return float("nan") if most == least else 2 * (external - least) / (most - least) - 1


def _by_group(ties: LabelledTies) -> pd.DataFrame:
    weights = np.ones(len(ties.tails)) if ties.weights is None else ties.weights
    crosses, size = ties.crosses, len(ties.groups)
    within, across = np.zeros(size), np.zeros(size)
    for ends in (ties.tails,) if ties.is_directed else (ties.tails, ties.heads):
        group = ties.group_of[ends]
        within += np.bincount(group[~crosses], weights[~crosses], size)
        across += np.bincount(group[crosses], weights[crosses], size)
    with np.errstate(invalid="ignore"):
        share = across / (across + within)
    if ties.weights is None:
        within, across = within.astype(np.int64), across.astype(np.int64)
    return pd.DataFrame(
        {
            "group": list(ties.groups),
            "people": ties.group_sizes,
            "within": within,
            "across": across,
            "cross_share": share,
            "ei": 2 * share - 1,
        }
    )


def group_mixing(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 4999,
    seed: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Answer which groups keep to themselves, and which reach out, more than chance would have it.

    Parameters
    ----------
    graph : networkx graph
        As for `ei_index`: parallel ties each count, self loops do not. For directed ties, those a group's members send.
    attribute : str or mapping
    permutations : int
    seed : int or numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        One row a group: ``group, people, within, across, cross_share, ei, expected, sd, p_value, permutations``.
        Expected and sd are of the arrangements in which the group has a tie at all; the p-value is two-sided. NaN for
        a group without ties.

    Raises
    ------
    ValueError
        If a node has no label.

    Notes
    -----
    Krackhardt & Stern 1988, Social Psychology Quarterly 51:123-140, at the level of groups: labels are dealt out to the
    people at random, ties staying as they are. Many groups are many tests; p-values are not corrected.

    Examples
    --------
    >>> import networkx as nx
    >>> line = nx.path_graph(4)
    >>> nx.set_node_attributes(line, {0: "a", 1: "a", 2: "b", 3: "b"}, "organisation")
    >>> group_mixing(line, permutations=99)["ei"].round(3).tolist()
    [-0.333, -0.333]
    """
    permutations = whole_permutations(permutations)
    ties = labelled_ties(graph, attribute)
    count = len(ties.groups)
    within, across = (totals[0] for totals in _group_totals(ties, ties.group_of[:, None], count))
    with np.errstate(invalid="ignore"):
        seen = (across - within) / (across + within)
    drawn = []
    if len(ties.tails):
        for batch in arrangements(ties.group_of.astype(np.int32), permutations, seed, at_once=64):
            inside, outside = _group_totals(ties, batch, count)
            with np.errstate(invalid="ignore"):
                drawn.append((outside - inside) / (outside + inside))
    everything = np.vstack(drawn) if drawn else np.full((permutations, count), np.nan)
    rows = []
    for number, name in enumerate(ties.groups):
        values, value = everything[:, number], float(seen[number])
        there = values[~np.isnan(values)]
        mean = (there.sum() + value) / (len(there) + 1)
        # An arrangement that leaves the group without a tie says nothing of where its ties go.
        extreme = int(np.count_nonzero(np.abs(there - mean) >= abs(value - mean) - 1e-12))
        known = bool(len(there)) and not np.isnan(value)
        rows.append(
            {
                "group": name,
                "people": int(ties.group_sizes[number]),
                "within": int(within[number]),
                "across": int(across[number]),
                "cross_share": (value + 1) / 2,
                "ei": value,
                "expected": float(there.mean()) if known else float("nan"),
                "sd": float(there.std()) if known else float("nan"),
                "p_value": monte_carlo_p(extreme, len(there)) if known else float("nan"),
                "permutations": permutations,
            }
        )
    return pd.DataFrame(rows, columns=_GROUP_COLUMNS)


_GROUP_COLUMNS = [
    "group",
    "people",
    "within",
    "across",
    "cross_share",
    "ei",
    "expected",
    "sd",
    "p_value",
    "permutations",
]


def person_mixing(graph: nx.Graph, attribute: GroupLike = "organisation") -> pd.DataFrame:
    """Answer who keeps to their own group and who reaches out, more than chance would have it.

    Parameters
    ----------
    graph : networkx graph
        Contacts are people with a tie in either direction, each counting once; self loops do not count.
    attribute : str or mapping

    Returns
    -------
    pandas.DataFrame
        One row a node: ``node, group, contacts, within, across, ei, expected, p_value``. The p-value is exact and
        two-sided; NaN for somebody without contacts.

    Raises
    ------
    ValueError
        If a node has no label.

    Notes
    -----
    Chance deals the other people's labels out at random, so that the contacts across follow a hypergeometric
    distribution; two-sided by summing all outcomes no likelier than the one seen. Many people are many tests, and
    contacts of two people overlap; p-values are not corrected.

    Examples
    --------
    >>> import networkx as nx
    >>> star = nx.star_graph(4)
    >>> nx.set_node_attributes(star, {0: "a", 1: "a", 2: "b", 3: "b", 4: "b"}, "organisation")
    >>> person_mixing(star)[["ei", "expected"]].iloc[0].tolist()
    [0.5, 0.5]
    """
    read = adjacency_of(graph)
    labels = labelled_ties(graph, attribute)
    group, sizes = labels.group_of, labels.group_sizes
    either = read.either_way.tocoo()
    crosses = group[either.row] != group[either.col]
    across = np.bincount(either.row[crosses], minlength=read.size)
    contacts = np.bincount(either.row, minlength=read.size)
    others, outside = read.size - 1, read.size - sizes[group]
    p_values = np.full(read.size, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ei = (2 * across - contacts) / contacts
        expected = np.where(contacts > 0, 2 * outside / max(others, 1) - 1, np.nan)
    for person in np.flatnonzero(contacts):
        chances = chances_of_marked(others, int(outside[person]), int(contacts[person]))
        seen = chances[across[person]]
        p_values[person] = min(1.0, float(chances[chances <= seen * (1 + 1e-7)].sum()))
    return pd.DataFrame(
        {
            "node": pd.Series(read.people, dtype=object),
            "group": pd.Series([labels.groups[number] for number in group], dtype=object),
            "contacts": contacts,
            "within": contacts - across,
            "across": across,
            "ei": ei,
            "expected": expected,
            "p_value": p_values,
        }
    )


def _group_totals(ties: LabelledTies, batch: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Count, for each arrangement and group, ties within and across; an undirected tie at both of its ends."""
    drawn = batch.shape[1]
    columns = np.arange(drawn, dtype=np.int64) * count
    within, across = np.zeros(drawn * count), np.zeros(drawn * count)
    crosses = (batch[ties.tails] != batch[ties.heads]).reshape(-1)
    for ends in (ties.tails,) if ties.is_directed else (ties.tails, ties.heads):
        places = (batch[ends].astype(np.int64) + columns).reshape(-1)
        across += np.bincount(places[crosses], minlength=drawn * count)
        within += np.bincount(places[~crosses], minlength=drawn * count)
    return within.reshape(drawn, count), across.reshape(drawn, count)


@dataclass(frozen=True, eq=False)
class ShareIntervals:
    """Cross-group shares, one a wave, with intervals, and the change from the first to the last.

    Attributes
    ----------
    shares : tuple of float
    intervals : tuple of (float, float)
        One a wave, within 0 and 1, never of no width.
    change : float
        Last share less first share; NaN for one wave.
    change_interval : (float, float)
        NaN for one wave.
    effective_ties : tuple of float
        As how many independent ties each wave's count.
    level : float
        0.95 for a 95% interval.
    """

    shares: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    change: float
    change_interval: tuple[float, float]
    effective_ties: tuple[float, ...]
    level: float


def cross_share_intervals(
    graphs: Sequence[nx.Graph], attribute: GroupLike = "organisation", *, level: float = 0.95
) -> ShareIntervals:
    """Answer how uncertain the cross-group share is, and its change from the first wave to the last.

    Parameters
    ----------
    graphs : sequence of networkx graph
        The waves in order, at least one, each with at least one tie. Every node must have the attribute.
    attribute : str or mapping
    level : float
        Between 0.5 and 1, both excluded.

    Returns
    -------
    ShareIntervals

    Raises
    ------
    ValueError
        If there is no graph, a graph has no tie, a node no label, or `level` is out of range.

    Notes
    -----
    The variance of a share of ties is dyadic cluster-robust (Fafchamps & Gubert 2007, Journal of Development
    Economics 83:326-350; Aronow, Samii & Assenova 2015, Political Analysis 23:564-577): any two ties that have a
    person in common may depend on each other in any way. It is turned into a number of effectively independent ties,
    never more than the pairs of people that are tied, and that into Wilson's interval with the t distribution on
    people - 1 degrees of freedom. Where all ties or none cross, the effective number is that of ties of which no two
    have a person in common. The change joins both intervals with their estimated correlation over the people of both
    waves (the square-and-add method of Newcombe 1998, Statistics in Medicine 17:2635-2650).

    Examples
    --------
    >>> import networkx as nx
    >>> before, after = nx.cycle_graph(12), nx.circulant_graph(12, [2])
    >>> for wave in (before, after):
    ...     nx.set_node_attributes(wave, {n: "ab"[n % 2] for n in wave}, "organisation")
    >>> found = cross_share_intervals([before, after])
    >>> found.shares, found.change, found.change_interval[1] < 0
    ((1.0, 0.0), -1.0, True)
    """
    if not graphs:
        raise ValueError("There is no wave to give an interval for.")
    if not 0.5 < level < 1:
        raise ValueError(f"level is {level!r}; it lies between 0.5 and 1, as 0.95 for a 95% interval.")
    waves = [_influence(graph, attribute) for graph in graphs]
    intervals = [_wilson(wave, level) for wave in waves]
    first, last = waves[0], waves[-1]
    change, change_interval = float("nan"), (float("nan"), float("nan"))
    if len(waves) > 1:
        change = last.share - first.share
        change_interval = _of_difference(first, intervals[0], last, intervals[-1], _correlation(first, last))
    return ShareIntervals(
        shares=tuple(wave.share for wave in waves),
        intervals=tuple(intervals),
        change=change,
        change_interval=change_interval,
        effective_ties=tuple(wave.effective_ties for wave in waves),
        level=level,
    )


@dataclass(frozen=True)
class _Influence:
    """What each tied pair of people, and each person through their pairs, contributes to a share."""

    share: float
    people: int
    of_pair: dict[frozenset[Hashable], float]
    of_person: dict[Hashable, float]
    variance: float
    effective_ties: float


def _influence(graph: nx.Graph, attribute: GroupLike) -> _Influence:
    ties = labelled_ties(graph, attribute)
    share = share_across(ties)
    each = (ties.crosses - share) / len(ties.tails)
    low, high = np.minimum(ties.tails, ties.heads), np.maximum(ties.tails, ties.heads)
    keys, pair = np.unique(low * len(ties.people) + high, return_inverse=True)
    of_pair = np.bincount(pair, each, len(keys))
    of_person = np.bincount(keys // len(ties.people), of_pair, len(ties.people))
    of_person += np.bincount(keys % len(ties.people), of_pair, len(ties.people))
    if 0 < share < 1:
        least = share * (1 - share) / len(keys)
        variance = max(least, _small_sample(len(ties.people)) * float(np.sum(of_person**2) - np.sum(of_pair**2)))
        effective = share * (1 - share) / variance
    else:
        variance, effective = 0.0, float(_disjoint_ties(ties))
    return _Influence(
        share=share,
        people=len(ties.people),
        of_pair={
            frozenset((ties.people[key // len(ties.people)], ties.people[key % len(ties.people)])): float(value)
            for key, value in zip(keys.tolist(), of_pair.tolist(), strict=True)
        },
        of_person=dict(zip(ties.people, of_person.tolist(), strict=True)),
        variance=variance,
        effective_ties=effective,
    )


def _small_sample(people: int) -> float:
    return people / max(1, people - 2)


def _disjoint_ties(ties: LabelledTies) -> int:
    """Count ties no two of which have a person in common, taking them in order."""
    taken: set[int] = set()
    count = 0
    for tail, head in zip(ties.tails.tolist(), ties.heads.tolist(), strict=True):
        if tail not in taken and head not in taken:
            taken.update((tail, head))
            count += 1
    return count


def _wilson(wave: _Influence, level: float) -> tuple[float, float]:
    from scipy.special import stdtrit

    quantile = float(stdtrit(max(1, wave.people - 1), (1 + level) / 2))
    share, size = wave.share, wave.effective_ties
    spread = quantile**2 / size
    middle = (share + spread / 2) / (1 + spread)
    half = quantile / (1 + spread) * math.sqrt(share * (1 - share) / size + spread / (4 * size))
    # Wilson's limits meet 0 and 1 exactly there; only rounding could pass them.
    return (0.0 if share == 0 else max(0.0, middle - half)), (1.0 if share == 1 else min(1.0, middle + half))


def _correlation(first: _Influence, last: _Influence) -> float:
    if first.variance <= 0 or last.variance <= 0:
        return 0.0
    through_people = sum(value * last.of_person.get(person, 0.0) for person, value in first.of_person.items())
    through_pairs = sum(value * last.of_pair.get(pair, 0.0) for pair, value in first.of_pair.items())
    covariance = through_people - through_pairs
    # The change cannot be surer than if every pair of people were independent of every other.
    pairs = first.of_pair.keys() | last.of_pair.keys()
    least = sum((last.of_pair.get(pair, 0.0) - first.of_pair.get(pair, 0.0)) ** 2 for pair in pairs)
    covariance = min(covariance, (first.variance + last.variance - least) / 2)
    return max(-1.0, min(1.0, covariance / math.sqrt(first.variance * last.variance)))


def _of_difference(
    first: _Influence,
    first_interval: tuple[float, float],
    last: _Influence,
    last_interval: tuple[float, float],
    correlation: float,
) -> tuple[float, float]:
    change = last.share - first.share

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one**2 + other**2 - 2 * correlation * one * other))

    low = change - reach(last.share - last_interval[0], first_interval[1] - first.share)
    high = change + reach(last_interval[1] - last.share, first.share - first_interval[0])
    return max(-1.0, low), min(1.0, high)
