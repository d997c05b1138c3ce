"""The middle change (Hodges-Lehmann) with its exact interval; the test that is inverted is in signed_rank.py."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import Differences, paired_differences
from cop_analysis.change.settings import require_level
from cop_analysis.change.signed_rank import fair_p_values

# Up to this many different averages every shift between them is tried from the ends inwards; beyond it the limit is
# found by halving and its surroundings are tried.
_MOST_TRIED = 300
_AROUND = 12
# Up to this many different sizes of change the averages are listed and the interval is exact.
_MOST_LISTED = 300
# People beyond which the limits come from the normal approximation: each trial of the exact test takes half a second.
_MOST_EXACT = 500
_NOISE = 1e-10


@dataclass(frozen=True)
class HodgesLehmann:
    """The middle change with its interval.

    Parameters
    ----------
    estimate : float
        Median of all Walsh averages, in scale points.
    low, high : float
        Limits; infinite where so few people changed that no change at all can be excluded at this level.
    level : float
        Confidence level asked for.
    n, missing : int
        Complete pairs and pairs left out.
    exact : bool
        False where the normal approximation had to be used.
    method : str
        The method in words, with its source.
    """

    estimate: float
    low: float
    high: float
    level: float
    n: int
    missing: int
    exact: bool
    method: str


def hodges_lehmann(pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series, level: float = 0.95) -> HodgesLehmann:
    """Estimate the middle change in scale points, with the interval that belongs to the exact signed-rank test.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after, in scale points; Series are paired by index. Missing pairs are left out.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    HodgesLehmann

    Raises
    ------
    ValueError
        If there is no complete pair, or the answers cannot be paired or read as numbers.

    Notes
    -----
    Hodges & Lehmann 1963, Annals of Mathematical Statistics 34:598-611: the median of the averages of all pairs of
    differences, each with itself and unchanged ones included. The interval holds the shifts the exact two-sided Pratt
    test (`signed_rank`) does not reject at 1 - level, each limit from its own tail and closed, so that test and
    interval never disagree by more than an endpoint. Where more people answered than the scale has room for, both
    limits can fall on one point of it. Such inversion is also what R's asht package does (Fay 2023).

    Examples
    --------
    >>> before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    >>> after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    >>> middle = hodges_lehmann(before, after)
    >>> round(middle.estimate, 3), round(middle.low, 3), round(middle.high, 3)
    (-0.46, -0.786, -0.01)
    """
    return hodges_lehmann_of(paired_differences(pre, post), level)


def hodges_lehmann_of(differences: Differences, level: float = 0.95) -> HodgesLehmann:
    """Run `hodges_lehmann` on differences already cleaned by `paired_differences`.

    Examples
    --------
    >>> from cop_analysis.change.differences import paired_differences
    >>> hodges_lehmann_of(paired_differences([1, 1, 1], [2, 2, 2])).low
    -inf
    """
    require_level(level)
    if differences.n == 0:
        raise ValueError("There is no pair with both answers, so there is no middle change.")
    scale = float(np.abs(differences.values).max()) or 1.0
    sizes, counts = np.unique(np.divide(differences.values, scale), return_counts=True)
    if len(sizes) <= _MOST_LISTED:
        averages, weights = _averages(sizes, counts)
        estimate = _middle(averages, weights)
        low, high, exact = _limits(sizes, counts, averages, 1 - level)
    else:
        total = differences.n * (differences.n + 1) // 2
        ordered = np.repeat(sizes, counts)
        estimate = (_kth(ordered, (total + 1) // 2) + _kth(ordered, total // 2 + 1)) / 2
        rank = _normal_rank(differences.n, counts, level)
        low, high, exact = _kth(ordered, rank), _kth(ordered, total + 1 - rank), False
    how = "exact" if exact else "by the normal approximation, because there are too many people for the exact one"
    return HodgesLehmann(
        estimate=_clean(estimate * scale),
        low=_clean(low * scale),
        high=_clean(high * scale),
        level=level,
        n=differences.n,
        missing=differences.missing,
        exact=exact,
        method=f"Hodges-Lehmann (1963) median of all Walsh averages; interval by inverting the Pratt test, {how}.",
    )


def _clean(value: float) -> float:
    # 0.30000000000000004 is 0.3: averages of answers carry no more than a dozen digits.
    return value if math.isinf(value) or value == 0 else float(f"{value:.12g}")


def _averages(sizes: NDArray[np.float64], counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the different averages of all pairs (each with itself too), lowest first, and how often each occurs."""
    first, second = np.triu_indices(len(sizes))
    values = (sizes[first] + sizes[second]) / 2
    times = np.where(first == second, counts[first] * (counts[first] + 1) // 2, counts[first] * counts[second])
    order = np.argsort(values, kind="stable")
    values, times = values[order], times[order]
    starts = np.concatenate(([0], np.flatnonzero(np.diff(values) > _NOISE) + 1))
    return values[starts], np.add.reduceat(times, starts)


def _middle(averages: NDArray[np.float64], weights: NDArray[np.int64]) -> float:
    reached = np.cumsum(weights)
    total = int(reached[-1])
    below, above = np.searchsorted(reached, [(total + 1) // 2, total // 2 + 1], side="left")
    return float(averages[below] + averages[above]) / 2


def _limits(
    sizes: NDArray[np.float64], counts: NDArray[np.int64], averages: NDArray[np.float64], alpha: float
) -> tuple[float, float, bool]:
    """Find the outermost shifts that are not rejected: a shift is an average, or lies between two neighbours."""
    low, exact = _lowest_kept(sizes, counts, averages, alpha)
    mirrored, exact_above = _lowest_kept(-sizes[::-1], counts[::-1], -averages[::-1], alpha)
    return low, -mirrored, exact and exact_above


def _lowest_kept(
    sizes: NDArray[np.float64], counts: NDArray[np.int64], averages: NDArray[np.float64], alpha: float
) -> tuple[float, bool]:
    exact_throughout = True

    def kept(shift: float) -> bool:
        nonlocal exact_throughout
        p_value, exact = _p_of_shift(sizes, counts, shift)
        exact_throughout &= exact
        # A p that equals alpha but for rounding rejects, as it does in a table.
        return p_value > alpha / 2 * (1 + 1e-9)

    def gap(place: int) -> float:
        return float(averages[place] + averages[place + 1]) / 2

    if kept(float(averages[0]) - 1.0):
        return -math.inf, exact_throughout
    start = 0
    if len(averages) > _MOST_TRIED:
        rejected, accepted = 0, len(averages) // 2
        while accepted - rejected > 1:
            middle = (accepted + rejected) // 2
            if kept(gap(middle)):
                accepted = middle
            else:
                rejected = middle
        start = max(0, accepted - _AROUND)
    for place in range(start, len(averages)):
        if kept(float(averages[place])):
            return float(averages[place]), exact_throughout
        if place + 1 < len(averages) and kept(gap(place)):
            return float(averages[place]), exact_throughout
    return float(averages[-1]), exact_throughout


def _p_of_shift(sizes: NDArray[np.float64], counts: NDArray[np.int64], shift: float) -> tuple[float, bool]:
    """Give the Pratt p of the differences less a shift, against lying above it."""
    shifted = sizes - shift
    size = np.abs(shifted)
    size[size <= _NOISE] = 0.0
    order = np.argsort(size, kind="stable")
    ordered = size[order]
    group = np.concatenate(([0], np.cumsum(np.diff(ordered) > _NOISE)))
    people = np.bincount(group, weights=counts[order]).astype(np.int64)
    upwards = np.bincount(group, weights=counts[order] * (shifted[order] > 0)).astype(np.int64)
    ends = np.cumsum(people)
    ranks = 2 * (ends - people) + people + 1
    if ordered[0] == 0.0:
        ranks, people, upwards = ranks[1:], people[1:], upwards[1:]
    p_value, _, exact = fair_p_values(ranks, people, upwards, "greater", exactly=int(counts.sum()) <= _MOST_EXACT)
    return p_value, exact


def _normal_rank(n: int, counts: NDArray[np.int64], level: float) -> int:
    ties = float((counts.astype(np.float64) ** 3 - counts).sum())
    spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48)
    rank = math.floor(n * (n + 1) / 4 - NormalDist().inv_cdf(0.5 + level / 2) * spread)
    return max(rank, 1)


def _kth(ordered: NDArray[np.float64], rank: int) -> float:
    """Find the average of that rank among all pairs without listing them: halve the range and count what lies below."""
    low, high = float(ordered[0]), float(ordered[-1])
    places = np.arange(len(ordered))
    for _ in range(60):
        middle = (low + high) / 2
        # Pairs (i <= j) whose sum is at most twice the middle.
        partners = np.searchsorted(ordered, 2 * middle - ordered, side="right")
        below = int(np.maximum(partners - places, 0).sum())
        if below >= rank:
            high = middle
        else:
            low = middle
    return high
