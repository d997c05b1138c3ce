"""How far ties stay within groups or cross them: cross-group share and E-I index with their permutation test.

Only label permutation lives here; comparing waves, bootstrapping and drawing have rooms of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.arrangements import arrangements, whole_permutations
from cop_analysis.network.compiled import kernel
from cop_analysis.network.labelled import GroupLike, LabelledTies, labelled_ties
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
    extreme = _count_as_extreme(ties, external, permutations, seed)
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
    total, external = _total_and_external(labelled_ties(graph, attribute, weight))
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
    internal = Fraction(sum(two), _falling(people, 2))
    variance = same_pair * internal - total_squared * internal**2
    if people >= 3:
        variance += one_shared * Fraction(sum(three), _falling(people, 3))
    if people >= 4:
        variance += none_shared * Fraction(both_of_two, _falling(people, 4))
    return max(variance, Fraction(0)) / total_squared


def _falling(count: int, length: int) -> int:
    product = 1
    for step in range(length):
        product *= count - step
    return product


def _count_as_extreme(ties: LabelledTies, external: float, permutations: int, seed: int | np.random.Generator) -> int:
    """Count drawn arrangements whose external total lies at least as far from its exact mean as the data's."""
    labels = ties.group_of.astype(np.min_scalar_type(max(len(ties.groups) - 1, 0)))
    pairs = len(labels) * (len(labels) - 1)
    expected = _expected_share(ties)
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
    people, sizes = len(ties.people), ties.group_sizes
    pairs = people * (people - 1)
    return 1 - float(np.sum(sizes * (sizes - 1))) / pairs if pairs else float("nan")


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
