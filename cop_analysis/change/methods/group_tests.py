"""Tests of people who differ: two groups, several groups, and change beside how much somebody took part.

Two groups are two waves whose answers cannot be matched, or people within a wave. Matched answers are refused, because
treating them as unmatched throws away what makes a small study able to show anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.methods.columns import as_numbers, require_count, require_level
from cop_analysis.change.methods.effects import Superiority
from cop_analysis.change.methods.exact import Alternative, as_probability, joint_midranks
from cop_analysis.change.methods.paired_tests import cluster_sign_flip
from cop_analysis.resampling import generator, monte_carlo_p

if TYPE_CHECKING:
    pass

_MOST_STEPS = 2.5e8
_MOST_CELLS = 30_000_000
_BLOCK_CELLS = 2_000_000
_MOST_DRAWN = 400_000_000
_SAME = 1e-9
# The same on every page, whatever the seed of its own draws, so that no two pages give another p.
SEED_OF_LOSS = 20250101
# Two percentage points: less is the rounding of a figure.
_WORTH_SAYING = 0.02


@dataclass(frozen=True)
class RankSum:
    """The answer of a rank-sum test.

    Parameters
    ----------
    statistic : float
        Rank sum of the second group.
    p_value, mid_p_value : float
        Probability, were the people split into the two groups at random, of a rank sum at least as far from its centre
        (two-sided) or as far in the direction asked for; mid-p counts an equally far one by half.
    estimate, low, high : float
        Chance that somebody of the second group answered higher than somebody of the first, equal answers counting
        half, with Newcombe's interval, which never shrinks to a point.
    first, second, missing : int
        People in either group, and people left out.
    alternative : str
        As asked for.
    exact : bool
        False where the normal approximation had to be used.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    statistic: float
    p_value: float
    mid_p_value: float
    estimate: float
    low: float
    high: float
    first: int
    second: int
    missing: int
    alternative: str
    exact: bool
    level: float
    method: str


def rank_sum(
    first: ArrayLike | pd.Series,
    second: ArrayLike | pd.Series,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
    *,
    matched: bool | None = None,
) -> RankSum:
    """Test whether one group of people answered higher than another group of different people, exactly.

    Parameters
    ----------
    first, second : sequence of numbers or pandas.Series
        One answer a person; missing ones are left out. Two Series labelled by person may not share anybody.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether the second group answered higher.
    level : float
        Confidence level of the interval, between 0 and 1.
    matched : bool, optional
        Say False for two Series whose labels are mere row numbers; True is refused.

    Returns
    -------
    RankSum

    Raises
    ------
    ValueError
        If the answers are matched (the same people in both), a group is empty, or a value is a word or infinite.

    Notes
    -----
    Wilcoxon 1945, Biometrics Bulletin 1:80-83; Mann & Whitney 1947, Annals of Mathematical Statistics 18:50-60.
    Definition: equal answers share their midrank; W is the rank sum of the second group; its null distribution runs
    over all ways of choosing that many of the people, ties included; two-sided p is the share with |W - centre| at
    least as large as observed. Worked out by adding one person's rank at a time (van de Wiel 2001, Statistics and
    Computing 11:33-44, compares such ways). Interval: method 5 of Newcombe 2006, Statistics in Medicine 25:559-573.

    Examples
    --------
    >>> test = rank_sum([1, 2, 2, 3], [3, 3, 4, 5, 4])
    >>> test.statistic, round(test.p_value, 6), test.estimate
    (34.0, 0.047619, 0.95)
    """
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative must be 'two-sided', 'greater' or 'less', not {alternative!r}.")
    require_level(level)
    _refuse_matched(first, second, matched)
    one, other = as_numbers(first, "first"), as_numbers(second, "second")
    missing = int(np.isnan(one).sum() + np.isnan(other).sum())
    one, other = one[~np.isnan(one)], other[~np.isnan(other)]
    if not len(one) or not len(other):
        raise ValueError("One of the two groups has no answer, so there is nothing to compare.")
    doubled = np.rint(joint_midranks(np.concatenate((one, other)), doubled=True)).astype(np.int64)
    statistic = int(doubled[len(one) :].sum())
    p_value, mid_p_value, exact = _p_values(doubled, len(other), statistic, alternative)
    lowest = len(other) * (len(other) + 1)
    estimate = (statistic - lowest) / (2 * len(one) * len(other))
    low, high = _newcombe(estimate, len(one), len(other), level)
    how = "exact, ties as they are" if exact else "by the normal approximation with the tie-corrected variance"
    return RankSum(
        statistic=statistic / 2,
        p_value=as_probability(p_value),
        mid_p_value=as_probability(mid_p_value),
        estimate=estimate,
        low=low,
        high=high,
        first=len(one),
        second=len(other),
        missing=missing,
        alternative=alternative,
        exact=exact,
        level=level,
        method=f"Rank-sum test (Wilcoxon 1945; Mann & Whitney 1947), {how}; chance of a higher answer with the "
        "interval of Newcombe (2006), method 5.",
    )


@dataclass(frozen=True)
class MannWhitney:
    """The asymptotic Mann-Whitney test.

    Parameters
    ----------
    statistic : float
        U of the first group: pairs in which it is higher, equal ones counting half.
    z : float
        Standardised, with the continuity correction; above 0 where the second group answered higher.
    p_value : float
        Two-sided, from the normal distribution.
    first, second : int
        People in either group.
    """

    statistic: float
    z: float
    p_value: float
    first: int
    second: int


def mann_whitney(
    first: ArrayLike | pd.Series, second: ArrayLike | pd.Series, *, matched: bool | None = None
) -> MannWhitney:
    """Test two groups of different people by the normal approximation, as published tables mostly do.

    Parameters
    ----------
    first, second : sequence of numbers or pandas.Series
        One answer a person; missing ones are left out.
    matched : bool, optional
        As in `rank_sum`.

    Returns
    -------
    MannWhitney

    Raises
    ------
    ValueError
        As in `rank_sum`.

    Notes
    -----
    Mann & Whitney 1947, Annals of Mathematical Statistics 18:50-60, with the tie-corrected variance and a continuity
    correction of one half: ``wilcox.test(exact = FALSE, correct = TRUE)`` of R. With few people or many ties `rank_sum`
    is the test to trust; this one is for comparison with figures that others have printed.

    Examples
    --------
    >>> test = mann_whitney([1, 2, 2, 3], [3, 3, 4, 5, 4])
    >>> test.statistic, round(test.p_value, 6)
    (1.0, 0.032667)
    """
    _refuse_matched(first, second, matched)
    one, other = as_numbers(first, "first"), as_numbers(second, "second")
    one, other = one[~np.isnan(one)], other[~np.isnan(other)]
    if not len(one) or not len(other):
        raise ValueError("One of the two groups has no answer, so there is nothing to compare.")
    ranks = joint_midranks(np.concatenate((one, other)), doubled=True) / 2
    people = len(ranks)
    statistic = float(ranks[: len(one)].sum()) - len(one) * (len(one) + 1) / 2
    away = statistic - len(one) * len(other) / 2
    _, tied = np.unique(ranks, return_counts=True)
    correction = float((tied.astype(np.float64) ** 3 - tied).sum()) / (people * (people - 1))
    spread = math.sqrt(len(one) * len(other) / 12 * (people + 1 - correction))
    z = -math.copysign(max(abs(away) - 0.5, 0.0), away) / spread if spread > 0 else 0.0
    p_value = min(1.0, math.erfc(abs(z) / math.sqrt(2)))
    return MannWhitney(statistic, z, p_value, len(one), len(other))


def _refuse_matched(first: object, second: object, matched: bool | None) -> None:
    shared = 0
    if isinstance(first, pd.Series) and isinstance(second, pd.Series) and matched is None:
        numbered = all(isinstance(column.index, pd.RangeIndex) for column in (first, second))
        shared = 0 if numbered else int(first.index[first.notna()].isin(second.index[second.notna()]).sum())
    if matched or shared:
        who = f"{shared:,} of the people are in both groups" if shared else "they are said to be matched"
        raise ValueError(
            f"These answers are matched ({who}), so a rank-sum test would be wrong. Compare each person with "
            "themselves: signed_rank for those who answered twice, overlapping_t for all. Where the shared "
            "labels are row numbers and not people, say matched=False."
        )


def _p_values(doubled: NDArray[np.int64], chosen: int, statistic: int, alternative: str) -> tuple[float, float, bool]:
    people = len(doubled)
    # Choosing one group is choosing the other: the smaller one takes fewer steps.
    if chosen > people - chosen:
        flipped = {"two-sided": "two-sided", "greater": "less", "less": "greater"}[alternative]
        return _p_values(doubled, people - chosen, int(doubled.sum()) - statistic, flipped)
    mirrored = {"two-sided": 1, "greater": 1, "less": -1}[alternative]
    # Twice the sum, so that the centre is whole.
    centre = chosen * (people + 1)
    away = abs(statistic - centre) if alternative == "two-sided" else mirrored * (statistic - centre)
    spread = _null_distribution(doubled, chosen)
    if spread is None:
        variance = (
            chosen * (people - chosen) / (people * (people - 1)) * float(np.square(doubled - (people + 1)).sum())
            if people > 1
            else 0.0
        )
        if variance <= 0:
            return 1.0, 0.5, False
        far = (away - (0.5 if alternative == "two-sided" and away > 0 else 0)) / math.sqrt(variance)
        tail = math.erfc(far / math.sqrt(2)) / 2
        p_value = min(1.0, 2 * tail) if alternative == "two-sided" else tail
        return p_value, p_value, False
    lowest, chances = spread
    values = lowest + np.arange(len(chances)) - centre
    distances = np.abs(values) if alternative == "two-sided" else mirrored * values
    at_least, beyond = float(chances[distances >= away].sum()), float(chances[distances > away].sum())
    return at_least, (at_least + beyond) / 2, True


def _null_distribution(doubled: NDArray[np.int64], chosen: int) -> tuple[int, NDArray[np.float64]] | None:
    """Give the lowest doubled rank sum of that many people and the chance of each sum from there upwards.

    Row k of the table holds the chances of k people among those seen so far; a person joins a row with the share that
    the person's place in the order has, so that the chances stay between 0 and 1 whatever the number of ways.
    """
    lowered = np.sort(doubled) - doubled.min()
    step = int(np.gcd.reduce(lowered)) if lowered.any() else 1
    lowered = lowered // max(step, 1)
    width = int(np.sort(lowered)[::-1][:chosen].sum()) + 1
    people = len(lowered)
    if width * (chosen + 1) > _MOST_CELLS or width * chosen * people / 2 > _MOST_STEPS:
        return None
    table = np.zeros((chosen + 1, width))
    table[0, 0] = 1.0
    reached = 0
    for seen, rank in enumerate(lowered):
        size = int(rank)
        most = min(seen + 1, chosen)
        reached = min(width, reached + size + 1) if seen < chosen else width
        # Of the ways to choose k of seen + 1 people, k / (seen + 1) hold the newcomer.
        share = np.arange(most + 1)[:, np.newaxis] / (seen + 1)
        grown = table[: most + 1] * (1 - share)
        if size < width:
            grown[1:, size:] += table[:most, : width - size] * share[1:]
        table[: most + 1] = grown
    chances = np.zeros((width - 1) * step + 1) if step > 1 else table[chosen]
    if step > 1:
        chances[::step] = table[chosen]
    return int(doubled.min()) * chosen, chances


def _newcombe(estimate: float, first: int, second: int, level: float) -> tuple[float, float]:
    critical = NormalDist().inv_cdf(0.5 + level / 2)
    average = (first + second) / 2 - 1

    def accepted(chance: float) -> bool:
        spread = chance * (1 - chance) * (1 + average * ((1 - chance) / (2 - chance) + chance / (1 + chance)))
        return (chance - estimate) ** 2 <= critical**2 * spread / (first * second)

    limits = []
    for end in (0.0, 1.0):
        inside, outside = estimate, end
        if accepted(end) or estimate == end:
            limits.append(end)
            continue
        for _ in range(200):
            middle = (inside + outside) / 2
            if accepted(middle) or middle == estimate:
                inside = middle
            else:
                outside = middle
            if middle in (inside, outside) and abs(inside - outside) < 1e-15:
                break
        limits.append((inside + outside) / 2)
    return limits[0], limits[1]


def welch(first: np.ndarray, second: np.ndarray, level: float) -> tuple[float, float, float]:
    """Give the difference of two means, second less first, with Welch's interval; no interval from one person.

    Examples
    --------
    >>> [round(each, 4) for each in welch(np.array([1.0, 2.0, 3.0]), np.array([3.0, 4.0, 5.0]), 0.95)]
    [2.0, -0.267, 4.267]
    """
    difference = float(second.mean() - first.mean())
    if min(len(first), len(second)) < 2:
        return difference, math.nan, math.nan
    parts = [float(group.var(ddof=1)) / len(group) for group in (first, second)]
    if not sum(parts):
        return difference, math.nan, math.nan
    from scipy.special import stdtrit

    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(group) - 1) for part, group in zip(parts, (first, second), strict=True)
    )
    half = float(stdtrit(freedom, 0.5 + level / 2)) * math.sqrt(sum(parts))
    return difference, difference - half, difference + half


@dataclass(frozen=True)
class Association:
    """How change goes with dose.

    Parameters
    ----------
    tau_b, tau_p_value, tau_normal_p_value : float
        Kendall's tau-b, its p by permutation and by the normal approximation.
    linear, linear_p_value, linear_chi_square, linear_chi_square_p_value : float
        Pearson correlation, its p by permutation, the linear-by-linear chi-square (n - 1) r^2 and its p.
    n, missing : int
        People with both figures, and people left out.
    permutations : int
        Arrangements drawn; 0 where so many people took part that the approximation is used.
    method : str
        The method in words, with its source.
    """

    tau_b: float
    tau_p_value: float
    tau_normal_p_value: float
    linear: float
    linear_p_value: float
    linear_chi_square: float
    linear_chi_square_p_value: float
    n: int
    missing: int
    permutations: int
    method: str


@dataclass(frozen=True)
class GroupsTest:
    """One test of whether groups changed differently.

    Parameters
    ----------
    statistic : float
        Kruskal-Wallis H of the changes.
    p_value : float
        By permuting the changes over the groups; exact for two groups.
    groups, n, missing : int
        Groups with answers, people in them, and people without a group or a change.
    permutations : int
        Arrangements drawn; 0 for the exact test of two groups or the chi-square approximation of very many people.
    method : str
        The method in words, with its source.
    """

    statistic: float
    p_value: float
    groups: int
    n: int
    missing: int
    permutations: int
    method: str


def association(
    dose: ArrayLike | pd.Series,
    change: ArrayLike | pd.Series,
    permutations: int = 9999,
    seed: int | np.random.Generator = 0,
) -> Association:
    """Ask whether people who took part more changed more.

    Parameters
    ----------
    dose, change : sequence of numbers or pandas.Series
        One figure a person each; two Series are put together by their index. Missing ones are left out.
    permutations : int
        How many arrangements to draw.
    seed : int or numpy.random.Generator
        Where the draws start.

    Returns
    -------
    Association

    Raises
    ------
    ValueError
        If fewer than three people have both figures, or either does not vary.

    Notes
    -----
    tau-b: Kendall 1945, Biometrika 33:239-251; linear by linear: Mantel 1963, Journal of the American Statistical
    Association 58:690-700. Permutation p as (k + 1) / (R + 1) (Phipson & Smyth 2010). People choose how often they
    come: an association is no effect of coming.

    Examples
    --------
    >>> goes_with = association([0, 1, 1, 2, 3, 4, 4, 5], [0, 0, 1, 1, 1, 2, 1, 2], permutations=999, seed=1)
    >>> round(goes_with.tau_b, 4), goes_with.tau_p_value < 0.05
    (0.7894, True)
    """
    require_count(permutations, "permutations")
    x, y, missing = _together(dose, change, "dose", "change")
    n = len(x)
    if n < 3:
        raise ValueError(f"An association needs at least three people with both figures; there are {n}.")
    if np.ptp(x) <= _SAME * max(1.0, float(np.abs(x).max())):
        raise ValueError("Dose is the same for everyone, so nothing can go with it.")
    if np.ptp(y) <= _SAME * max(1.0, float(np.abs(y).max())):
        raise ValueError("Everyone changed by the same amount, so nothing can go with it.")
    first, second = _levels(x), _levels(y)
    score = _Concordance(first, second)
    table = score.table(second[np.newaxis])
    observed = float(score.of(table)[0])
    tau = observed / math.sqrt(score.most(first) * score.most(second))
    scaled = [(each - each.mean()) / np.linalg.norm(each - each.mean()) for each in (x, y)]
    linear = float(scaled[0] @ scaled[1])
    drawn = 0 if n * permutations > _MOST_DRAWN or score.cells * permutations > 20 * _MOST_DRAWN else permutations
    normal_p = _tau_normal_p(observed, first, second)
    from scipy.special import chdtrc

    chi_square = (n - 1) * linear**2
    chi_square_p = float(chdtrc(1, chi_square))
    tau_p, linear_p = normal_p, chi_square_p
    if drawn:
        random = generator(seed)
        tau_reached = linear_reached = 0
        block = max(1, _BLOCK_CELLS // max(n, score.cells))
        for start in range(0, drawn, block):
            rows = min(block, drawn - start)
            order = random.permuted(np.repeat(np.arange(n)[np.newaxis], rows, axis=0), axis=1)
            tau_reached += int((np.abs(score.of(score.table(second[order]))) >= abs(observed) - _SAME).sum())
            linear_reached += int((np.abs(scaled[1][order] @ scaled[0]) >= abs(linear) - _SAME).sum())
        tau_p, linear_p = monte_carlo_p(tau_reached, drawn), monte_carlo_p(linear_reached, drawn)
    how = f"p by permutation, {drawn:,} arrangements" if drawn else "p by the large-sample approximation"
    return Association(
        tau_b=tau,
        tau_p_value=as_probability(tau_p),
        tau_normal_p_value=as_probability(normal_p),
        linear=linear,
        linear_p_value=as_probability(linear_p),
        linear_chi_square=chi_square,
        linear_chi_square_p_value=chi_square_p,
        n=n,
        missing=missing,
        permutations=drawn,
        method=f"Kendall's tau-b (1945) and linear-by-linear association (Mantel 1963), {how}.",
    )


def groups_differ(
    change: ArrayLike | pd.Series,
    group: ArrayLike | pd.Series,
    permutations: int = 9999,
    seed: int | np.random.Generator = 0,
) -> GroupsTest:
    """Ask with one test whether groups of people changed differently.

    Parameters
    ----------
    change : sequence of numbers or pandas.Series
        Each person's change.
    group : sequence or pandas.Series
        Each person's group; two Series are put together by their index. People without either are left out.
    permutations : int
        How many arrangements to draw for three groups or more.
    seed : int or numpy.random.Generator
        Where the draws start.

    Returns
    -------
    GroupsTest

    Raises
    ------
    ValueError
        If there are fewer than two groups, or everyone changed alike.

    Notes
    -----
    Kruskal & Wallis 1952, Journal of the American Statistical Association 47:583-621, on the changes, by permutation;
    for two groups the exact rank-sum test. A test within each group would say nothing on whether they differ (Gelman &
    Stern 2006, The American Statistician 60:328-331).

    Examples
    --------
    >>> round(groups_differ([1, 2, 2, 1, 0, 0, -1, 0], list("AAAABBBB")).p_value, 6)
    0.028571
    """
    require_count(permutations, "permutations")
    if isinstance(change, pd.Series) and isinstance(group, pd.Series):
        _require_unique(change, group)
        people = change.index.union(group.index, sort=False)
        change, group = change.reindex(people), group.reindex(people)
    values = as_numbers(change, "change")
    labels = pd.Series(group).astype(object).to_numpy()
    if len(values) != len(labels):
        raise ValueError("change and group must be as long as one another: one row a person.")
    kept = ~(np.isnan(values) | pd.isna(labels))
    codes, names = pd.factorize(np.array([str(label) for label in labels[kept]], dtype=object))
    values = values[kept]
    n, groups, missing = len(values), len(names), int((~kept).sum())
    if groups < 2:
        raise ValueError("A comparison of groups needs people in at least two of them.")
    ranks = joint_midranks(values)
    squares = float(np.square(ranks - (n + 1) / 2).sum())
    if squares <= _SAME:
        raise ValueError("Everyone changed by the same amount, so the groups cannot differ.")
    counts = np.bincount(codes)

    def h(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        away: NDArray[np.float64] = (np.square(sums - counts * (n + 1) / 2) / counts).sum(axis=-1)
        return (n - 1) * away / squares

    observed = float(h(np.bincount(codes, weights=ranks, minlength=groups).astype(np.float64)))
    drawn = 0
    if groups == 2:
        test = rank_sum(values[codes == 0], values[codes == 1])
        p_value, how = test.p_value, "exact rank-sum test" if test.exact else "rank-sum test, normal approximation"
    elif n * permutations > _MOST_DRAWN:
        from scipy.special import chdtrc

        p_value, how = float(chdtrc(groups - 1, observed)), "chi-square approximation"
    else:
        random, reached, drawn = generator(seed), 0, permutations
        member = (codes[:, np.newaxis] == np.arange(groups)).astype(np.float64)
        block = max(1, _BLOCK_CELLS // n)
        for start in range(0, drawn, block):
            shuffled = random.permuted(np.repeat(ranks[np.newaxis], min(block, drawn - start), axis=0), axis=1)
            reached += int((h(shuffled @ member) >= observed - _SAME * max(1.0, observed)).sum())
        p_value, how = monte_carlo_p(reached, drawn), f"{drawn:,} arrangements drawn"
    return GroupsTest(
        statistic=observed,
        p_value=as_probability(p_value),
        groups=groups,
        n=n,
        missing=missing,
        permutations=drawn,
        method=f"One test of whether the groups' changes differ (Kruskal & Wallis 1952): {how}.",
    )


class _Concordance:
    """Pairs of people ordered alike less pairs ordered contrarily, from the table of dose by change."""

    def __init__(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> None:
        self._first = first
        self._rows, self._columns = int(first.max()) + 1, int(second.max()) + 1
        self.cells = self._rows * self._columns

    def table(self, second: NDArray[np.intp]) -> NDArray[np.float64]:
        arrangements = len(second)
        cells = self._first * self._columns + second + np.arange(arrangements)[:, np.newaxis] * self.cells
        counts = np.bincount(cells.ravel(), minlength=arrangements * self.cells)
        return counts.reshape(arrangements, self._rows, self._columns).astype(np.float64)

    def of(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        # For each cell: what lies above it and to its left, less what lies above it and to its right.
        above = np.cumsum(table, axis=1) - table
        left = np.cumsum(above, axis=2) - above
        right = above.sum(axis=2, keepdims=True) - left - above
        concordance: NDArray[np.float64] = (table * (left - right)).sum(axis=(1, 2))
        return concordance

    @staticmethod
    def most(levels: NDArray[np.intp]) -> float:
        counts = np.bincount(levels).astype(np.float64)
        n = counts.sum()
        return float(n * (n - 1) - (counts * (counts - 1)).sum()) / 2


def _tau_normal_p(observed: float, first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
    """Kendall's (1945) variance with ties in both columns."""
    n = float(len(first))
    t, u = np.bincount(first).astype(np.float64), np.bincount(second).astype(np.float64)

    def five(c: NDArray[np.float64]) -> float:
        return float((c * (c - 1) * (2 * c + 5)).sum())

    def two(c: NDArray[np.float64]) -> float:
        return float((c * (c - 1)).sum())

    def three(c: NDArray[np.float64]) -> float:
        return float((c * (c - 1) * (c - 2)).sum())

    variance = (n * (n - 1) * (2 * n + 5) - five(t) - five(u)) / 18
    variance += two(t) * two(u) / (2 * n * (n - 1))
    variance += three(t) * three(u) / (9 * n * (n - 1) * (n - 2))
    return math.erfc(abs(observed) / math.sqrt(2 * variance)) if variance > 0 else 1.0


def _levels(values: NDArray[np.float64]) -> NDArray[np.intp]:
    _, levels = np.unique(joint_midranks(values), return_inverse=True)
    return levels.ravel()


def _together(
    first: ArrayLike | pd.Series, second: ArrayLike | pd.Series, one: str, other: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    if isinstance(first, pd.Series) and isinstance(second, pd.Series):
        _require_unique(first, second)
        people = first.index.union(second.index, sort=False)
        first, second = first.reindex(people), second.reindex(people)
    x, y = as_numbers(first, one), as_numbers(second, other)
    if len(x) != len(y):
        raise ValueError(f"{one} and {other} must be as long as one another: one row a person.")
    complete = ~(np.isnan(x) | np.isnan(y))
    return x[complete], y[complete], int((~complete).sum())


def _require_unique(*columns: pd.Series) -> None:
    for column in columns:
        if not column.index.is_unique:
            raise ValueError(
                f"'{column.index[column.index.duplicated()][0]}' occurs more than once. Give one row each."
            )


@dataclass(frozen=True)
class WholeOrganisations:
    """What organisations do to a finding: colleagues who answer alike, and organisations that lost people unequally.

    Parameters
    ----------
    clusters : int
        Organisations in which somebody changed, and people without one who did: each of these stands for itself. 0
        where the test of whole organisations is not made.
    alone : int
        How many of them are people without an organisation.
    p_value, floor : float
        Of that test, and the smallest p it could give; NaN where it is not made.
    superiority : float
        PS with each organisation as large as at the start; NaN where that changes nothing or cannot be known.
    fewest_kept, most_kept : tuple of int
        Of the organisations that kept the smallest and the largest share of their people: kept, and at the start.
    loss_p_value : float
        Of the one test of whether organisations kept different shares; NaN as `superiority`.
    """

    clusters: int = 0
    alone: int = 0
    p_value: float = math.nan
    floor: float = math.nan
    superiority: float = math.nan
    fewest_kept: tuple[int, int] = (0, 0)
    most_kept: tuple[int, int] = (0, 0)
    loss_p_value: float = math.nan

    def weighs(self, p_value: float) -> bool:
        """Say whether p over whole organisations is more than half as large again as the p over people."""
        return bool(self.clusters) and self.p_value > 1.5 * p_value


def whole_organisations(
    pre: pd.Series, post: pd.Series, started: pd.Series, organisation: pd.Series | None, effect: Superiority
) -> WholeOrganisations:
    """Work out what dependence within organisations and unequal loss between them do to a finding.

    Parameters
    ----------
    pre, post : pandas.Series
        One answer a person before and after, by person.
    started : pandas.Series
        Everyone who answered before, by person: the same answer.
    organisation : pandas.Series or None
        The organisation of everyone in `started`, by person.
    effect : Superiority
        The finding over everyone with both answers.

    Returns
    -------
    WholeOrganisations

    Notes
    -----
    `cluster_sign_flip`; `groups_differ` on who returned; PS as the mean of the organisations' own PS, each weighted by
    how many of its people had answered before (direct standardisation).

    Examples
    --------
    >>> from cop_analysis.change.methods.effects import superiority
    >>> people = list("ABCDEF")
    >>> pre, post = pd.Series([1, 1, 1, 1, 2], people[:5]), pd.Series([2, 2, 2, 2, 1], people[:5])
    >>> home = pd.Series(["N", "N", "N", "S", "S", "S"], people)
    >>> found = whole_organisations(pre, post, pd.Series(1, people), home, superiority(pre, post))
    >>> found.superiority, found.fewest_kept, found.most_kept
    (0.75, (2, 3), (3, 3))
    """
    if organisation is None or not organisation.notna().any() or not effect.up + effect.down:
        return WholeOrganisations()
    both = pre.notna() & post.notna()
    pre, post = pre[both], post[both]
    found = WholeOrganisations()
    own = organisation.reindex(pre.index)
    if len(own.dropna().unique()) > 1 and own.dropna().duplicated().any():
        flips = cluster_sign_flip(pre, post, own)
        if flips.clusters > 1:
            found = WholeOrganisations(flips.clusters, flips.alone, flips.p_value, flips.floor)
    home = organisation.reindex(started.index[started.notna()]).dropna()
    kept = pd.Series(home.index.isin(pre.index), index=home.index)
    counts = kept.groupby(home).agg(["sum", "size"])
    back = counts.loc[counts["sum"] > 0]
    if len(counts) < 2 or kept.all() or not kept.any() or len(back) < 2:
        return found
    change = post - pre
    each = ((change > 0).astype(float) + 0.5 * (change == 0)).groupby(organisation.reindex(pre.index)).mean()
    weights = back["size"].astype(float)
    weighted = float((each.reindex(weights.index) * weights).sum() / weights.sum())
    shares = sorted(
        zip(counts["sum"].tolist(), counts["size"].tolist(), strict=True), key=lambda pair: (pair[0] / pair[1], pair[1])
    )
    (least, of_least), (most, of_most) = shares[0], shares[-1]
    if least * of_most == most * of_least or abs(weighted - effect.estimate) < _WORTH_SAYING:
        return found
    loss = groups_differ(kept.astype(float), home, seed=SEED_OF_LOSS).p_value
    return replace(found, superiority=weighted, fewest_kept=shares[0], most_kept=shares[-1], loss_p_value=loss)
