"""Tests of one change in the same people: signed-rank, sign, mean, rank difference, whole organisations, middle change.

The signed-rank test leads. The others are shown beside it as a sensitivity check: each weighs a change in its own way,
and a finding that only one of them supports rests on that way of weighing. How the chances are counted is in exact.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.methods.columns import (
    Differences,
    as_numbers,
    paired_differences,
    paired_values,
    require_level,
    without_noise,
)
from cop_analysis.change.methods.exact import (
    Alternative,
    Zeros,
    fair_p_values,
    fair_sums,
    flipped_sum,
    joint_midranks,
    rank_groups,
    smallest_p,
)

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
class SignedRank:
    """The answer of a signed-rank test.

    Parameters
    ----------
    statistic : float
        Sum of the ranks of the positive post - pre.
    p_value : float
        Probability, were up and down equally likely for each person, of a rank sum at least as extreme.
    mid_p_value : float
        The same, counting an equally extreme rank sum by half.
    n : int
        Complete pairs, with those who did not change.
    up, same, down : int
        Pairs whose later answer is higher, equal, lower.
    missing : int
        Pairs left out because an answer was missing.
    zeros, alternative : str
        As asked for.
    exact : bool
        False where the normal approximation had to be used.
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
    zeros: str
    alternative: str
    exact: bool
    method: str

    @property
    def changed(self) -> int:
        """Pairs with a change, the only ones that carry evidence on direction."""
        return self.up + self.down

    @property
    def floor(self) -> float:
        """The smallest p any pattern of this many changes could give."""
        return smallest_p(self.changed, self.alternative)


def signed_rank(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    zeros: Zeros = "pratt",
    alternative: Alternative = "two-sided",
) -> SignedRank:
    """Test whether paired answers moved up or down, exactly.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after, in scale points; Series are paired by index. Missing pairs are left out.
    zeros : {"pratt", "drop"}
        What becomes of people who did not change: ``"pratt"`` ranks them with the others and then leaves their
        ranks out of the sum; ``"drop"`` (Wilcoxon) removes them before ranking.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether post lies above pre.

    Returns
    -------
    SignedRank

    Raises
    ------
    ValueError
        If there is no complete pair, or the answers cannot be paired or read as numbers.

    Notes
    -----
    Wilcoxon 1945, Biometrics Bulletin 1:80-83; Pratt 1959, Journal of the American Statistical Association
    54:655-667; equal differences share their midrank. The two-sided p counts rank sums at least as far from the
    centre on either side; mid-p (Lancaster 1961, JASA 56:223-234; Fagerland, Lydersen & Laake 2013, BMC Medical
    Research Methodology 13:91) is P(farther) + P(as far) / 2, which is why it is below p even where nothing changed.
    At the very centre that is 1 - P(centre) / 2; R's coin takes P(centre) off once for each of the two tails there.
    Where the exact distribution would take too long (thousands of people) the normal approximation with the
    tie-corrected variance and a continuity correction is used; `SignedRank.exact` and `SignedRank.method` say so.

    Examples
    --------
    Hollander & Wolfe 1999, Nonparametric Statistical Methods, table 3.1:

    >>> before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    >>> after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    >>> test = signed_rank(before, after)
    >>> test.statistic, test.p_value, test.mid_p_value
    (5.0, 0.0390625, 0.033203125)
    """
    return signed_rank_of(paired_differences(pre, post), zeros, alternative)


def signed_rank_of(
    differences: Differences, zeros: Zeros = "pratt", alternative: Alternative = "two-sided"
) -> SignedRank:
    """Run `signed_rank` on differences already cleaned by `paired_differences`.

    Examples
    --------
    >>> from cop_analysis.change.methods.columns import paired_differences
    >>> signed_rank_of(paired_differences([3] * 20, [3] * 20)).p_value
    1.0
    """
    if zeros not in ("pratt", "drop"):
        raise ValueError(f"zeros must be 'pratt' or 'drop', not {zeros!r}.")
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative must be 'two-sided', 'greater' or 'less', not {alternative!r}.")
    if differences.n == 0:
        raise ValueError("There is no pair with both answers, so there is nothing to test.")
    doubled_ranks, counts, positives = rank_groups(differences.values, zeros)
    p_value, mid_p_value, exact = fair_p_values(doubled_ranks, counts, positives, alternative)
    return SignedRank(
        statistic=int(np.dot(doubled_ranks, positives)) / 2,
        p_value=p_value,
        mid_p_value=mid_p_value,
        n=differences.n,
        up=differences.up,
        same=differences.same,
        down=differences.down,
        missing=differences.missing,
        zeros=zeros,
        alternative=alternative,
        exact=exact,
        method=_describe(zeros, exact),
    )


def _describe(zeros: str, exact: bool) -> str:
    unchanged = (
        "people who did not change are ranked with the others and their ranks then left out (Pratt 1959)"
        if zeros == "pratt"
        else "people who did not change are left out before ranking (Wilcoxon 1945)"
    )
    how = (
        "exact, by convolution over groups of equal change"
        if exact
        else "by the normal approximation with the tie-corrected variance and a continuity correction, because the "
        "exact distribution is too large here"
    )
    return f"Signed-rank test, {how}; {unchanged}."


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
    >>> from cop_analysis.change.methods.columns import paired_differences
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


@dataclass(frozen=True)
class NullDistribution:
    """The exact null distribution of a signed-rank sum.

    Parameters
    ----------
    statistics : numpy.ndarray
        Every possible rank sum, lowest first.
    probabilities : numpy.ndarray
        Its probability, were up and down equally likely for each person.
    observed : float
        The rank sum of the data.
    p_value : float
        Two-sided.
    changed : int
        People who changed.
    """

    statistics: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    observed: float
    p_value: float
    changed: int


def null_distribution(
    pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series, zeros: Zeros = "pratt"
) -> NullDistribution:
    """Give the exact distribution that `signed_rank` sets the rank sum against.

    Parameters
    ----------
    pre, post, zeros
        As in `signed_rank`.

    Returns
    -------
    NullDistribution

    Raises
    ------
    ValueError
        As in `signed_rank`, and where so many people answered that the exact distribution would take too long.

    Examples
    --------
    >>> chance = null_distribution([1, 1, 1], [2, 2, 3])
    >>> chance.statistics.tolist(), chance.probabilities.tolist()
    ([0.0, 1.5, 3.0, 4.5, 6.0], [0.125, 0.25, 0.25, 0.25, 0.125])
    """
    return null_distribution_of(paired_differences(pre, post), zeros)


def null_distribution_of(differences: Differences, zeros: Zeros = "pratt") -> NullDistribution:
    """Run `null_distribution` on differences already cleaned by `paired_differences`.

    Examples
    --------
    >>> null_distribution_of(paired_differences([3, 3], [3, 3])).statistics.tolist()
    [0.0]
    """
    test = signed_rank_of(differences, zeros)
    ranks, counts, _ = rank_groups(differences.values, zeros)
    spread = fair_sums([(int(rank), int(count)) for rank, count in zip(ranks, counts, strict=True)])
    if spread is None:
        raise ValueError("The exact distribution is too large to draw here: thousands of people changed.")
    sums, place = np.unique(spread[0], return_inverse=True)
    chances = np.bincount(place.ravel(), weights=spread[1], minlength=len(sums)).astype(np.float64)
    there = chances > 0
    return NullDistribution(
        statistics=sums[there] / 2,
        probabilities=chances[there],
        observed=test.statistic,
        p_value=test.p_value,
        changed=test.changed,
    )


@dataclass(frozen=True)
class ClusterFlips:
    """The answer of a cluster sign-flip test.

    Parameters
    ----------
    statistic : float
        Sum of the signed ranks.
    p_value, mid_p_value : float
        Probability, were each organisation as a whole equally likely to have gone up or down as it did, of a sum at
        least as extreme.
    n, clusters : int
        Complete pairs, and organisations among which somebody changed.
    floor : float
        The smallest p this many organisations can give.
    without_cluster : int
        Pairs whose organisation is unknown: each stands for itself.
    exact : bool
        False where the normal approximation had to be used.
    table : pandas.DataFrame
        A row an organisation: cluster, n, up, same, down, mean_change.
    method : str
        The method in words, with its source.
    """

    statistic: float
    p_value: float
    mid_p_value: float
    n: int
    clusters: int
    floor: float
    without_cluster: int
    exact: bool
    table: pd.DataFrame
    method: str

    @property
    def alone(self) -> int:
        """How many of the units are people without an organisation."""
        return self.clusters - int((self.table["up"] + self.table["down"] > 0).sum())


def cluster_sign_flip(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    cluster: ArrayLike | pd.Series,
    alternative: Alternative = "two-sided",
) -> ClusterFlips:
    """Test a change with whole organisations as the units, because colleagues move together.

    Parameters
    ----------
    pre, post : sequence of numbers
        One answer a person before and after, in scale points; missing pairs are left out.
    cluster : sequence
        Each person's organisation; people without one each stand for themselves.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether post lies above pre.

    Returns
    -------
    ClusterFlips

    Raises
    ------
    ValueError
        If there is no complete pair, or the columns differ in length or cannot be read as numbers.

    Notes
    -----
    Rosner, Glynn & Lee 2006, Biometrics 62:185-192: the signed ranks (Pratt) of an organisation's people are added up
    and their sign flipped together, over all arrangements. With few organisations nothing can reach a small p:
    five cannot go below .0625. Read it as sensitivity, not as the result.

    Examples
    --------
    >>> test = cluster_sign_flip([1, 2, 2, 3, 2, 2], [2, 3, 3, 4, 3, 1], ["A", "A", "B", "B", "C", "C"])
    >>> test.p_value, test.floor
    (0.5, 0.25)
    """
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative must be 'two-sided', 'greater' or 'less', not {alternative!r}.")
    before, after = as_numbers(pre, "pre"), as_numbers(post, "post")
    label = pd.Series(cluster).astype(object).to_numpy()
    if not len(before) == len(after) == len(label):
        raise ValueError("pre, post and cluster must be as long as one another.")
    complete = ~(np.isnan(before) | np.isnan(after))
    if not complete.any():
        raise ValueError("There is no pair with both answers, so there is nothing to test.")
    differences = without_noise(before[complete], after[complete])
    label = label[complete]
    unknown = pd.isna(label)
    names = np.array(
        [f"\0{place}" if alone else str(name) for place, (name, alone) in enumerate(zip(label, unknown, strict=True))]
    )
    codes, clusters = pd.factorize(names)
    weights, _, _ = rank_groups(differences, "pratt")
    sizes = np.unique(np.abs(differences[differences != 0]))
    signed = np.zeros(len(differences))
    if len(sizes):
        changed = differences != 0
        signed[changed] = np.sign(differences[changed]) * weights[np.searchsorted(sizes, np.abs(differences[changed]))]
    sums = np.bincount(codes, weights=signed, minlength=len(clusters))
    p_value, mid_p_value, exact = flipped_sum(sums[sums != 0], alternative)
    moving = int(np.count_nonzero(np.bincount(codes, weights=differences != 0, minlength=len(clusters))))
    named = pd.DataFrame({"cluster": label, "change": differences}).loc[~unknown]
    rows = [
        {
            "cluster": str(name),
            "n": len(change),
            "up": int((change > 0).sum()),
            "same": int((change == 0).sum()),
            "down": int((change < 0).sum()),
            "mean_change": float(change.mean()),
        }
        for name, change in named.groupby("cluster", sort=True)["change"]
    ]
    return ClusterFlips(
        statistic=float(signed.sum()) / 2,
        p_value=p_value,
        mid_p_value=mid_p_value,
        n=len(differences),
        clusters=moving,
        floor=smallest_p(moving, alternative),
        without_cluster=int(unknown.sum()),
        exact=exact,
        table=pd.DataFrame(rows, columns=["cluster", "n", "up", "same", "down", "mean_change"]),
        method="Signed ranks added up by organisation, whole organisations' signs flipped (Rosner, Glynn & Lee 2006), "
        + ("exact." if exact else "by the normal approximation."),
    )
