"""The share who moved up against the share who moved down, with an interval that never collapses; nothing else.

PS, the probability of superiority for pairs, is P(up) + P(same) / 2; its interval is Tango's score interval for the
difference of the two shares, mapped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd
from numpy.typing import ArrayLike

from cop_analysis.change.differences import Differences, paired_differences
from cop_analysis.change.settings import require_level


@dataclass(frozen=True)
class Superiority:
    """PS with its interval and the counts behind it.

    Parameters
    ----------
    estimate, low, high : float
        P(up) + P(same) / 2 and its limits, between 0 and 1; .5 is no tendency either way.
    up, same, down, n, missing : int
        The pairs behind it, and the pairs left out.
    level : float
        Confidence level of the interval.
    """

    estimate: float
    low: float
    high: float
    up: int
    same: int
    down: int
    n: int
    missing: int
    level: float


@dataclass(frozen=True)
class ShareDifference:
    """The share who moved up minus the share who moved down, with its limits (all between -1 and 1)."""

    estimate: float
    low: float
    high: float


def superiority(pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series, level: float = 0.95) -> Superiority:
    """Estimate how much more often paired answers rose than fell.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after; Series are paired by index. Missing pairs are left out.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Superiority

    Raises
    ------
    ValueError
        If there is no complete pair, or the answers cannot be paired or read as numbers.

    Notes
    -----
    PS for dependent answers: Grissom & Kim 2012, Effect Sizes for Research, 2nd ed., ch. 5. Interval: Tango 1998,
    Statistics in Medicine 17:891-908; 1/2 + interval / 2.

    Examples
    --------
    Six of six higher; the interval does not shrink to a point:

    >>> effect = superiority([1, 2, 3, 1, 2, 3], [2, 3, 4, 2, 3, 4])
    >>> effect.estimate, round(effect.low, 3), effect.high
    (1.0, 0.61, 1.0)
    """
    return superiority_of(paired_differences(pre, post), level)


def superiority_of(differences: Differences, level: float = 0.95) -> Superiority:
    """Run `superiority` on differences already cleaned by `paired_differences`.

    Examples
    --------
    >>> from cop_analysis.change.differences import paired_differences
    >>> superiority_of(paired_differences([1, 2], [1, 2])).estimate
    0.5
    """
    if differences.n == 0:
        raise ValueError("There is no pair with both answers, so there is nothing to compare.")
    share = tango(differences.up, differences.down, differences.n, level)
    return Superiority(
        estimate=0.5 + share.estimate / 2,
        low=0.5 + share.low / 2,
        high=0.5 + share.high / 2,
        up=differences.up,
        same=differences.same,
        down=differences.down,
        n=differences.n,
        missing=differences.missing,
        level=level,
    )


def among_changers(up: int, down: int, n: int, level: float = 0.95) -> Superiority:
    """Give PS with an interval that never contradicts the exact sign test of those who changed.

    Parameters
    ----------
    up, down : int
        Pairs that moved up and pairs that moved down; together at least one.
    n : int
        All pairs, with those that did not move.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Superiority
        Its interval leaves .5 out exactly where the two-sided sign test gives a p below 1 - level, which a
        score interval alone need not do.

    Raises
    ------
    ValueError
        If nobody changed, the counts are impossible or the level is not between 0 and 1.

    Notes
    -----
    The sign test inverted (Clopper & Pearson 1934, Biometrika 26:404-413, for the share of ups among those who changed)
    takes the share who changed as it was seen: away from .5 that alone can hold the truth in fewer than half of
    studies (5 up, none down: nothing above the estimate). So the interval is the least that holds both it and Tango's.

    Examples
    --------
    >>> effect = among_changers(5, 0, 20)
    >>> effect.estimate, round(effect.low, 4), round(effect.high, 4)
    (0.625, 0.4945, 0.7344)
    """
    changed = up + down
    if n < 1 or up < 0 or down < 0 or changed > n:
        raise ValueError(f"{up} up and {down} down of {n} pairs are impossible counts.")
    if not changed:
        raise ValueError("Nobody changed, so there is no share of ups among those who did.")
    require_level(level)
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(up, down + 1, tail)) if up else 0.0
    high = float(betaincinv(up + 1, down, 1 - tail)) if down else 1.0
    share, score = changed / n, tango(up, down, n, level)
    return Superiority(
        estimate=0.5 + (up - down) / n / 2,
        low=0.5 + min((2 * low - 1) * share, score.low) / 2,
        high=0.5 + max((2 * high - 1) * share, score.high) / 2,
        up=up,
        same=n - changed,
        down=down,
        n=n,
        missing=0,
        level=level,
    )


def tango(up: int, down: int, n: int, level: float = 0.95) -> ShareDifference:
    """Give the difference of two paired shares with Tango's score interval.

    Parameters
    ----------
    up, down : int
        Pairs that moved up and pairs that moved down.
    n : int
        All pairs, with those that did not move.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    ShareDifference

    Raises
    ------
    ValueError
        If the counts are impossible or the level is not between 0 and 1.

    Notes
    -----
    Tango 1998, Statistics in Medicine 17:891-908: the differences a score test would not reject, found by bisection
    to the last digit.

    Examples
    --------
    >>> share = tango(12, 2, 50)
    >>> round(share.low, 6), round(share.high, 6)
    (0.061112, 0.344709)
    """
    if n < 1 or up < 0 or down < 0 or up + down > n:
        raise ValueError(f"{up} up and {down} down of {n} pairs are impossible counts.")
    require_level(level)
    critical = NormalDist().inv_cdf(0.5 + level / 2)
    estimate = (up - down) / n
    return ShareDifference(
        estimate=estimate,
        low=-_upper_limit(down, up, n, critical),
        high=_upper_limit(up, down, n, critical),
    )


def _upper_limit(up: int, down: int, n: int, critical: float) -> float:
    """Find the largest difference the score test accepts, between the estimate and 1."""
    if up == n:
        return 1.0
    accepted, rejected = (up - down) / n, 1.0
    while True:
        middle = (accepted + rejected) / 2
        if middle in (accepted, rejected):
            return middle
        if _score_accepts(up, down, n, middle, critical):
            accepted = middle
        else:
            rejected = middle


def _score_accepts(up: int, down: int, n: int, difference: float, critical: float) -> bool:
    # The share moving down that is most likely, were `difference` the truth: the larger root of a quadratic.
    linear = (2 * n - up + down) * difference - up - down
    constant = -down * difference * (1 - difference)
    root = math.sqrt(max(linear * linear - 8 * n * constant, 0.0))
    share_down = (root - linear) / (4 * n) if linear <= 0 else -2 * constant / (root + linear)
    variance = n * (2 * share_down + difference * (1 - difference))
    return n * difference - (up - down) <= critical * math.sqrt(max(variance, 0.0))
