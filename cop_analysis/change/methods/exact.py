"""Exact null distributions by counting: fair signs over groups of equal change, and joint midranks; no test lives here.

A distribution is built by convolution over groups of equal |difference|, one binomial a group, on doubled midranks
(whole numbers), so that p is exact at any n where that is feasible. `scipy.stats.wilcoxon` is not used: its exact
method is wrong when answers tie or do not change, and both are the rule on a five-point scale.
"""

from __future__ import annotations

import math
import sys
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Zeros = Literal["pratt", "drop"]
Alternative = Literal["two-sided", "greater", "less"]
# How many additions the convolution may take (under half a second) before the normal approximation is used:
# untied answers of some 1,000 people, tied ones of many more.
_MOST_STEPS = 4e8
_MOST_COMBINATIONS = 2**20
_MOST_KERNEL_CELLS = 2_000_000
_WORTH_A_PRODUCT = 2_000_000
_NOISE = 1e-9
_MOST_STEPS_OF_A_SUM = 4_000_000
_MOST_HALF = 2**20


def smallest_p(changed: int, alternative: str = "two-sided") -> float:
    """Give the smallest p an exact signed-rank test can reach with this many people who changed.

    Five changers cannot give a two-sided p below .05, whatever they answered.

    Examples
    --------
    >>> smallest_p(5), smallest_p(6), smallest_p(0)
    (0.0625, 0.03125, 1.0)
    """
    if changed < 0:
        raise ValueError("The number of people who changed cannot be negative.")
    return min(1.0, 2.0 ** ((1 if alternative == "two-sided" else 0) - changed))


def rank_groups(
    values: NDArray[np.float64], zeros: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give a row a size of change: its doubled midrank, how many changed by it, and how many of them upwards.

    Examples
    --------
    >>> [column.tolist() for column in rank_groups(np.array([0.0, 1.0, -1.0, 3.0]), "pratt")]
    [[5, 8], [2, 1], [1, 1]]
    """
    changed = values[values != 0]
    before = len(values) - len(changed) if zeros == "pratt" else 0
    _, group, counts = np.unique(np.abs(changed), return_inverse=True, return_counts=True)
    ends = before + np.cumsum(counts)
    positives = np.bincount(group[changed > 0], minlength=len(counts))
    return (2 * (ends - counts) + counts + 1).astype(np.int64), counts.astype(np.int64), positives.astype(np.int64)


def fair_p_values(
    weights: NDArray[np.int64],
    counts: NDArray[np.int64],
    positives: NDArray[np.int64],
    alternative: str,
    exactly: bool = True,
) -> tuple[float, float, bool]:
    """Test a sum of weights against fair signs: p, mid-p and whether they are exact.

    Parameters
    ----------
    weights, counts, positives : numpy.ndarray
        A row a size of change: its weight (a whole number above 0), how many changed by it, how many of them upwards.
    alternative : {"two-sided", "greater", "less"}
        As in `signed_rank`.
    exactly : bool
        False asks for the normal approximation at once.

    Returns
    -------
    tuple of (float, float, bool)

    Examples
    --------
    >>> fair_p_values(np.array([1]), np.array([6]), np.array([6]), "two-sided")
    (0.03125, 0.015625, True)
    """
    total = int(np.dot(weights, counts))
    statistic = int(np.dot(weights, positives))
    if alternative == "two-sided":
        edge = max(statistic, total - statistic)
    else:
        edge = statistic if alternative == "greater" else total - statistic
    tail = _exact_tail(weights, counts, edge) if exactly else None
    at_least, beyond = tail if tail is not None else _normal_tail(weights, counts, edge)
    if alternative == "two-sided":
        # At the very centre both tails meet: everything is at least as far out, and the centre counts once.
        centre = 2 * edge == total
        p_value = 1.0 if centre else 2 * at_least
        mid_p_value = 0.5 + beyond if centre else at_least + beyond
    else:
        p_value, mid_p_value = at_least, (at_least + beyond) / 2
    return as_probability(p_value), as_probability(mid_p_value), tail is not None


def _exact_tail(ranks: NDArray[np.int64], counts: NDArray[np.int64], edge: int) -> tuple[float, float] | None:
    """Give P(sum >= edge) and P(sum > edge) for independent Binomial(count, 1/2) multiples of the ranks."""
    if len(ranks) == 0:
        return 1.0, 0.0
    step = int(np.gcd.reduce(ranks))
    ranks, edge = ranks // step, edge // step
    # The widest group is never convolved: its binomial tail is looked up for each sum of the others.
    widest = int(np.argmax(ranks * counts))
    rest = [(int(ranks[i]), int(counts[i])) for i in range(len(ranks)) if i != widest]
    spread = fair_sums(rest)
    if spread is None:
        return None
    sums, probabilities = spread
    rank, count = int(ranks[widest]), int(counts[widest])
    own = _fair_binomial(count)
    tails = np.append(np.cumsum(own[::-1])[::-1], 0.0)
    tails[0] = 1.0
    needed = -((sums - edge) // rank)
    needed_beyond = (edge - sums) // rank + 1
    return (
        float((probabilities * tails[np.clip(needed, 0, count + 1)]).sum()),
        float((probabilities * tails[np.clip(needed_beyond, 0, count + 1)]).sum()),
    )


def fair_sums(groups: list[tuple[int, int]]) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Give the sums of (weight, count) groups of fair coins with their chances, or None where that takes too long.

    A sum may stand more than once.

    Examples
    --------
    >>> sums, probabilities = fair_sums([(1, 1), (2, 1)])
    >>> sums.tolist(), probabilities.tolist()
    ([0, 2, 1, 3], [0.25, 0.25, 0.25, 0.25])
    """
    groups = sorted(groups, key=lambda group: group[0] * group[1])
    width = 1 + sum(rank * count for rank, count in groups)
    combinations = math.prod(count + 1 for _, count in groups)
    if combinations <= min(_MOST_COMBINATIONS, width):
        sums, probabilities = np.zeros(1, dtype=np.int64), np.ones(1)
        for rank, count in groups:
            sums = np.add.outer(sums, rank * np.arange(count + 1, dtype=np.int64)).ravel()
            probabilities = np.multiply.outer(probabilities, _fair_binomial(count)).ravel()
        return sums, probabilities
    reached, steps = 1, 0
    for rank, count in groups:
        steps += (count + 1) * reached
        reached += rank * count
    if steps > _MOST_STEPS:
        return None
    held = np.zeros(width)
    held[0], reached = 1.0, 1
    for rank, count in groups:
        if count == 1:
            held[:reached] *= 0.5
            held[rank : rank + reached] += held[:reached]
        else:
            held[: reached + rank * count] = _spread(held[:reached], rank, count)
        reached += rank * count
    return np.arange(width, dtype=np.int64), held


def _spread(held: NDArray[np.float64], rank: int, count: int) -> NDArray[np.float64]:
    """Add a group of equal ranks: the distribution after `count` fair coins, each worth `rank` on heads."""
    weights = _fair_binomial(count)
    rows = -(-len(held) // rank)
    wider = len(held) + rank * count
    if count * len(held) >= _WORTH_A_PRODUCT and rows * (rows + count) <= _MOST_KERNEL_CELLS:
        # Sums a whole rank apart lie under one another, so that the convolution is one matrix product.
        block = np.zeros(rows * rank)
        block[: len(held)] = held
        apart = np.arange(rows + count)[:, np.newaxis] - np.arange(rows)
        kernel = np.where((apart >= 0) & (apart <= count), weights[apart.clip(0, count)], 0.0)
        product: NDArray[np.float64] = (kernel @ block.reshape(rows, rank)).ravel()
        return product[:wider]
    spread = np.zeros(wider)
    for heads, weight in enumerate(weights):
        spread[heads * rank : heads * rank + len(held)] += weight * held
    return spread


@lru_cache(maxsize=256)
def _fair_binomial(count: int) -> NDArray[np.float64]:
    """Give P(K = 0..count) for that many fair coins."""
    if count <= 500:
        whole = 2**count
        row = np.array([math.comb(count, heads) / whole for heads in range(count + 1)])
        row.flags.writeable = False
        return row
    # Outwards from the centre by the ratio of neighbours, then mirrored and normalised: nothing overflows.
    heads = np.arange((count + 1) // 2, count, dtype=np.float64)
    upper = np.concatenate(([1.0], np.cumprod((count - heads) / (heads + 1))))
    row = np.concatenate((upper[::-1], upper[1:] if count % 2 == 0 else upper))
    row /= row.sum()
    row.flags.writeable = False
    return row


def _normal_tail(ranks: NDArray[np.int64], counts: NDArray[np.int64], edge: int) -> tuple[float, float]:
    """Approximate P(sum >= edge) and P(sum > edge) by the normal with the tie-corrected variance."""
    centre = float(np.dot(ranks, counts)) / 2
    spread = math.sqrt(float(np.dot(ranks.astype(np.float64) ** 2, counts)) / 4)
    half_step = int(np.gcd.reduce(ranks)) / 2
    return tuple(  # type: ignore[return-value]
        math.erfc((edge + shift - centre) / spread / math.sqrt(2)) / 2 for shift in (-half_step, half_step)
    )


def as_probability(value: float) -> float:
    """Keep a p-value between the smallest number a float can hold and 1."""
    # A p is never 0: beyond a thousand changers the true value is merely smaller than a float can hold.
    return min(1.0, max(value, sys.float_info.min))


def joint_midranks(values: NDArray[np.float64], *, doubled: bool = False, apart: bool = False) -> NDArray[np.float64]:
    """Rank values, equal ones sharing their mean rank; values apart by rounding alone are equal.

    Parameters
    ----------
    values : numpy.ndarray
        Finite numbers.
    doubled : bool
        Give twice the rank, a whole number.
    apart : bool
        The values are two columns, one after the other: give the difference, second minus first.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> joint_midranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    reach = _NOISE * np.maximum(np.abs(ordered[1:]), np.abs(ordered[:-1]))
    group = np.concatenate(([0], np.cumsum(np.diff(ordered) > reach))) if len(values) else np.zeros(0, dtype=int)
    counts = np.bincount(group)
    ends = np.cumsum(counts)
    midranks = (2 * ends - counts + 1) if doubled else (2 * ends - counts + 1) / 2
    ranks = np.empty(len(values))
    ranks[order] = midranks[group] if len(values) else 0.0
    if apart:
        half = len(values) // 2
        return ranks[half:] - ranks[:half]
    return ranks


def flipped_sum(values: NDArray[np.float64], alternative: str = "two-sided") -> tuple[float, float, bool]:
    """Test the sum of numbers against flipping their signs: p, mid-p and whether they are exact.

    Parameters
    ----------
    values : numpy.ndarray
        Numbers other than 0; equal sizes exactly equal.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether the sum lies above 0.

    Returns
    -------
    tuple of (float, float, bool)

    Examples
    --------
    >>> flipped_sum(np.array([0.5, 1.0, 2.0]))
    (0.25, 0.125, True)
    """
    sizes, group, counts = np.unique(np.abs(values), return_inverse=True, return_counts=True)
    positives = np.bincount(group[values > 0], minlength=len(sizes))
    steps = whole_steps(sizes)
    if steps is not None and int(np.dot(steps, counts)) <= _MOST_STEPS_OF_A_SUM:
        return fair_p_values(steps, counts, positives, alternative)
    return _in_halves(sizes, counts, positives, alternative)


def whole_steps(sizes: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """Give each size as a whole number of a common step, or None where there is no such step.

    Examples
    --------
    >>> whole_steps(np.array([0.5, 0.75, 2.0])).tolist(), whole_steps(np.array([1.0, np.pi]))
    ([2, 3, 8], None)
    """
    if not len(sizes):
        return np.zeros(0, dtype=np.int64)
    tolerance = _NOISE * float(sizes.max()) * 10
    step = 0.0
    for size in sizes:
        larger, smaller = max(step, float(size)), min(step, float(size))
        while smaller > tolerance:
            left = math.fmod(larger, smaller)
            larger, smaller = smaller, 0.0 if smaller - left <= tolerance else left
        step = larger
    whole = sizes / step
    steps = np.rint(whole)
    if steps.max() > _MOST_STEPS_OF_A_SUM or np.abs(whole - steps).max() > 1e-4:
        return None
    return steps.astype(np.int64)


def _in_halves(
    sizes: NDArray[np.float64], counts: NDArray[np.int64], positives: NDArray[np.int64], alternative: str
) -> tuple[float, float, bool]:
    """Count the arrangements of sizes without a common step, the sums of one half set against those of the other."""
    scale = float(sizes.max())
    weights = sizes / scale
    half: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = [(np.zeros(1), np.ones(1)), (np.zeros(1), np.ones(1))]
    for weight, count in zip(weights[::-1], counts[::-1], strict=True):
        place = 0 if len(half[0][0]) <= len(half[1][0]) else 1
        sums, chances = half[place]
        if len(sums) * (count + 1) > _MOST_HALF:
            return _normal(weights, counts, positives, alternative)
        heads = np.arange(count + 1)
        binomial = np.array([math.comb(int(count), int(each)) / 2 ** int(count) for each in heads])
        half[place] = np.add.outer(sums, heads * weight).ravel(), np.multiply.outer(chances, binomial).ravel()
    order = np.argsort(half[1][0])
    sums, chances = half[1][0][order], half[1][1][order]
    above = np.append(np.cumsum(chances[::-1])[::-1], 0.0)
    total, statistic = float(np.dot(weights, counts)), float(np.dot(weights, positives))
    if alternative == "two-sided":
        edge = max(statistic, total - statistic)
    else:
        edge = statistic if alternative == "greater" else total - statistic
    near = _NOISE * total

    def tail(limit: float) -> float:
        return float((half[0][1] * above[np.searchsorted(sums, limit - half[0][0], side="left")]).sum())

    at_least, beyond = tail(edge - near), tail(edge + near)
    if alternative == "two-sided":
        centre = abs(2 * edge - total) <= 2 * near
        p_value, mid_p_value = (1.0, 0.5 + beyond) if centre else (2 * at_least, at_least + beyond)
    else:
        p_value, mid_p_value = at_least, (at_least + beyond) / 2
    return as_probability(p_value), as_probability(mid_p_value), True


def _normal(
    weights: NDArray[np.float64], counts: NDArray[np.int64], positives: NDArray[np.int64], alternative: str
) -> tuple[float, float, bool]:
    spread = math.sqrt(float(np.dot(np.square(weights), counts))) / 2
    score = (float(np.dot(weights, positives)) - float(np.dot(weights, counts)) / 2) / spread
    far = abs(score) if alternative == "two-sided" else score if alternative == "greater" else -score
    tail = math.erfc(far / math.sqrt(2)) / 2
    p_value = as_probability(2 * tail if alternative == "two-sided" else tail)
    return p_value, p_value, False
