"""The other exact paired tests: sign, mean sign-flip and rank difference; the signed-rank test is in signed_rank.py.

They are shown beside the signed-rank test as a sensitivity check: each weighs a change in its own way, and a finding
that only one of them supports rests on that way of weighing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import Differences, paired_differences, paired_values
from cop_analysis.change.signed_rank import Alternative, Zeros, as_probability, fair_p_values, rank_groups

_NOISE = 1e-9
_MOST_STEPS_OF_A_SUM = 4_000_000
_MOST_HALF = 2**20


@dataclass(frozen=True)
class SignFlips:
    """The answer of an exact paired test.

    Parameters
    ----------
    statistic : float
        How many went up (sign test), the sum of the upward changes in scale points (mean sign-flip), or the sum of the
        ranks of the positive rank differences (rank difference).
    p_value, mid_p_value : float
        Probability, were up and down equally likely for each person, of a statistic at least as extreme; mid-p counts
        an equally extreme one by half.
    n, up, same, down, missing : int
        Complete pairs, how they moved, and pairs left out.
    alternative : str
        As asked for.
    exact : bool
        False where a normal approximation had to be used.
    method : str
        The method in words, with its source.
    """

    statistic: float
    p_value: float
    mid_p_value: float
    n: int
    up: int
    same: int
    down: int
    missing: int
    alternative: str
    exact: bool
    method: str


def sign_test(
    pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series, alternative: Alternative = "two-sided"
) -> SignFlips:
    """Test whether more people went up than down, whatever the size of their change.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after, in scale points; Series are paired by index. Missing pairs are left out.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether post lies above pre.

    Returns
    -------
    SignFlips

    Raises
    ------
    ValueError
        If there is no complete pair, or the answers cannot be paired or read as numbers.

    Notes
    -----
    Dixon & Mood 1946, Journal of the American Statistical Association 41:557-566. People who did not change say
    nothing on direction and are left out.

    Examples
    --------
    >>> sign_test([3] * 7, [4, 4, 4, 4, 4, 4, 2]).p_value
    0.125
    """
    differences = paired_differences(pre, post)
    _require(differences, alternative)
    changed = differences.up + differences.down
    p_value, mid_p_value, exact = fair_p_values(
        np.ones(1, dtype=np.int64) if changed else np.zeros(0, dtype=np.int64),
        np.array([changed] if changed else [], dtype=np.int64),
        np.array([differences.up] if changed else [], dtype=np.int64),
        alternative,
    )
    method = "Sign test, exact (Dixon & Mood 1946); people who did not change are left out."
    return _answer(differences, float(differences.up), p_value, mid_p_value, alternative, exact, method)


def mean_sign_flip(
    pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series, alternative: Alternative = "two-sided"
) -> SignFlips:
    """Test whether the mean change differs from none, by flipping the signs of people's changes.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after, in scale points; Series are paired by index. Missing pairs are left out.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether post lies above pre.

    Returns
    -------
    SignFlips
        Its statistic is the sum of the upward changes.

    Raises
    ------
    ValueError
        If there is no complete pair, or the answers cannot be paired or read as numbers.

    Notes
    -----
    Fisher 1935, The Design of Experiments, section 21. Exact where changes are multiples of a common step (answers and
    means of answers always are) by convolution, and up to some forty different sizes of change otherwise, by setting
    the sums of one half of them against those of the other (Pagano & Tritchler 1983, Journal of the American
    Statistical Association 78:435-440, for the idea of counting without listing); the normal approximation beyond.

    Examples
    --------
    Differences 1, 2, 4, 3, 6, -5 and 0; twenty of the 64 arrangements lie as far out as their sum of 11:

    >>> mean_sign_flip([0] * 7, [2, 1, 4, 3, 6, -5, 0]).p_value
    0.3125
    """
    differences = paired_differences(pre, post)
    _require(differences, alternative)
    changes = np.asarray(differences.values)
    values = changes[changes != 0]
    p_value, mid_p_value, exact = flipped_sum(values, alternative)
    how = "exact" if exact else "by the normal approximation, because there are too many different sizes of change"
    method = f"Mean change by flipping signs (Fisher 1935), {how}."
    statistic = float(values[values > 0].sum())
    return _answer(differences, statistic, p_value, mid_p_value, alternative, exact, method)


def rank_difference(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    zeros: Zeros = "pratt",
    alternative: Alternative = "two-sided",
) -> SignFlips:
    """Test a change without taking the distances between scale points at face value.

    A signed-rank test ranks differences, and so takes a step from 1 to 2 to be as large as one from 4 to 5. This test
    ranks all answers of both waves together first and runs the signed-rank test on the differences of those ranks, so
    that any scale that keeps the order of the answers gives the same result.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after, in scale points; Series are paired by index. Missing pairs are left out.
    zeros : {"pratt", "drop"}
        As in `signed_rank`.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether post lies above pre.

    Returns
    -------
    SignFlips

    Raises
    ------
    ValueError
        If there is no complete pair, or the answers cannot be paired or read as numbers.

    Notes
    -----
    Kornbrot 1990, British Journal of Mathematical and Statistical Psychology 43:241-264.

    Examples
    --------
    >>> rank_difference([2, 3, 1, 2], [4, 4, 4, 2]).p_value
    0.25
    """
    if zeros not in ("pratt", "drop"):
        raise ValueError(f"zeros must be 'pratt' or 'drop', not {zeros!r}.")
    before, after, missing = paired_values(pre, post)
    differences = Differences(joint_midranks(np.concatenate((before, after)), doubled=True, apart=True), missing)
    _require(differences, alternative)
    weights, counts, positives = rank_groups(differences.values, zeros)
    p_value, mid_p_value, exact = fair_p_values(weights, counts, positives, alternative)
    unchanged = "ranked and then left out (Pratt 1959)" if zeros == "pratt" else "left out before ranking"
    method = f"Rank-difference test (Kornbrot 1990), exact; people who did not change are {unchanged}."
    statistic = int(np.dot(weights, positives)) / 2
    return _answer(differences, statistic, p_value, mid_p_value, alternative, exact, method)


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


def _require(differences: Differences, alternative: str) -> None:
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative must be 'two-sided', 'greater' or 'less', not {alternative!r}.")
    if differences.n == 0:
        raise ValueError("There is no pair with both answers, so there is nothing to test.")


def _answer(
    differences: Differences,
    statistic: float,
    p_value: float,
    mid_p_value: float,
    alternative: str,
    exact: bool,
    method: str,
) -> SignFlips:
    return SignFlips(
        statistic=statistic,
        p_value=p_value,
        mid_p_value=mid_p_value,
        n=differences.n,
        up=differences.up,
        same=differences.same,
        down=differences.down,
        missing=differences.missing,
        alternative=alternative,
        exact=exact,
        method=method,
    )
