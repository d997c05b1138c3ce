"""Two groups of different people: the exact rank-sum test with ties and the chance that one answers higher.

For two waves whose answers cannot be matched, and for comparing groups within a wave. Matched answers are refused here,
because treating them as unmatched throws away what makes a small study able to show anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import as_numbers
from cop_analysis.change.settings import require_level
from cop_analysis.change.sign_flips import joint_midranks
from cop_analysis.change.signed_rank import Alternative, as_probability

_MOST_STEPS = 2.5e8
_MOST_CELLS = 30_000_000


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
        variance = chosen * (people - chosen) / (people * (people - 1)) * float(
            np.square(doubled - (people + 1)).sum()
        ) if people > 1 else 0.0  # fmt: skip
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
