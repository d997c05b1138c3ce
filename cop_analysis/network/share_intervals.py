"""Intervals for the cross-group share and its change between waves; closed form, nothing is drawn at random here.

Ties of one person depend on each other, so ties are never treated as independent observations.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cop_analysis.network.labelled import GroupLike, LabelledTies, labelled_ties
from cop_analysis.network.mixing import cross_share

if TYPE_CHECKING:
    import networkx as nx


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
    share = cross_share(graph, attribute)
    ties = labelled_ties(graph, attribute)
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
