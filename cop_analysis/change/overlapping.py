"""Two waves answered by partly the same people: the partially overlapping samples tests; only these live here.

They use everybody who answered at either wave and give the right weight to those who answered at both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import as_numbers
from cop_analysis.change.settings import require_level
from cop_analysis.change.signed_rank import Alternative


@dataclass(frozen=True)
class Overlapping:
    """The answer of a partially overlapping samples test.

    Parameters
    ----------
    estimate : float
        Mean (or share) after less mean (or share) before, over everybody who answered.
    low, high : float
        Its two-sided interval.
    statistic : float
        t, or z for shares.
    freedom : float
        Degrees of freedom of t; infinite for z.
    p_value : float
        As the alternative says.
    paired, only_before, only_after : int
        People who answered at both waves and at one of them only.
    correlation : float
        Between the two answers of the pairs; 0 where either does not vary.
    level : float
        Confidence level.
    alternative : str
        As asked for.
    method : str
        The method in words, with its source.
    """

    estimate: float
    low: float
    high: float
    statistic: float
    freedom: float
    p_value: float
    paired: int
    only_before: int
    only_after: int
    correlation: float
    level: float
    alternative: str
    method: str


def overlapping_t(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    equal_variances: bool = False,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
) -> Overlapping:
    """Compare the means of two waves that only some people answered both times.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One row a person, NaN where that person did not answer; two Series are put together by their index (the person),
        which need not be the same.
    equal_variances : bool
        Pool the variances of the two waves; by default they may differ.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether post lies above pre.
    level : float
        Confidence level of the two-sided interval, between 0 and 1.

    Returns
    -------
    Overlapping

    Raises
    ------
    ValueError
        If fewer than two people answered both times, or nothing varies, so that the test is undefined.

    Notes
    -----
    Derrick, Russ, Toher & White 2017, Journal of Modern Applied Statistical Methods 16:137-157; Derrick, Toher & White
    2017, The Quantitative Methods for Psychology 13:120-126. It rests on answers being missing at random.

    Examples
    --------
    The worked example of Derrick, Toher & White (2017); theirs is the first sample less the second:

    >>> nan = float("nan")
    >>> first = [20, 21, 16, 18, 14, 12, 14, 17] + [nan] * 8 + [14, 15, 18, 20, 11, 19, 14, 15]
    >>> second = [nan] * 8 + [10, 16, 18, 16, 15, 14, 13, 10] + [15, 10, 15, 17, 13, 19, 12, 13]
    >>> test = overlapping_t(second, first, equal_variances=True)
    >>> round(test.statistic, 8), test.freedom, round(test.p_value, 8)
    (2.42074545, 18.5, 0.02596796)
    """
    _require(alternative, level)
    before, after, both = _columns(pre, post)
    first, second = before[~np.isnan(before)], after[~np.isnan(after)]
    n1, n2, paired = len(first), len(second), int(both.sum())
    alone = n1 + n2 - 2 * paired
    variances = float(first.var(ddof=1)), float(second.var(ddof=1))
    correlation = _correlation(before[both], after[both])
    estimate = float(second.mean() - first.mean())
    if equal_variances:
        pooled = ((n1 - 1) * variances[0] + (n2 - 1) * variances[1]) / (n1 + n2 - 2)
        square = pooled * (1 / n1 + 1 / n2 - 2 * correlation * paired / (n1 * n2))
        everyone = n1 + n2 - paired - 1
        freedom = (paired - 1) + everyone / (n1 + n2) * alone
    else:
        parts = variances[0] / n1, variances[1] / n2
        shared = 2 * correlation * paired * math.sqrt(variances[0] * variances[1]) / (n1 * n2)
        square = sum(parts) - shared
        welch_below = parts[0] ** 2 / (n1 - 1) + parts[1] ** 2 / (n2 - 1)
        welch = sum(parts) ** 2 / welch_below if welch_below > 0 else n1 + n2 - 2
        freedom = (paired - 1) + (welch - paired + 1) / (n1 + n2) * alone
    _require_spread(square, max(*variances, estimate**2))
    error = math.sqrt(square)
    statistic = estimate / error
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(freedom, 0.5 + level / 2)) * error
    return Overlapping(
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        statistic=statistic,
        freedom=freedom,
        p_value=_p(statistic, alternative, lambda value: float(stdtr(freedom, value))),
        paired=paired,
        only_before=n1 - paired,
        only_after=n2 - paired,
        correlation=correlation,
        level=level,
        alternative=alternative,
        method="Partially overlapping samples t-test (Derrick, Russ, Toher & White 2017), variances "
        + ("pooled." if equal_variances else "not taken to be equal."),
    )


def overlapping_shares(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
) -> Overlapping:
    """Compare the share of yes at two waves that only some people answered both times.

    Parameters
    ----------
    pre, post : sequence of 0 and 1, or pandas.Series
        One row a person, NaN where that person did not answer; two Series are put together by their index.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether the share after lies above that before.
    level : float
        Confidence level of the two-sided interval, between 0 and 1.

    Returns
    -------
    Overlapping

    Raises
    ------
    ValueError
        If fewer than two people answered both times, an answer is neither 0 nor 1, or everyone answered the same.

    Notes
    -----
    The z8 statistic of Derrick, Dobson-Mckittrick, Toher & White 2015, Journal of Applied Quantitative Methods 10(3).

    Examples
    --------
    >>> nan = float("nan")
    >>> first = [1] * 9 + [0] * 6 + [1] * 5 + [0] * 4 + [nan] * 6
    >>> second = [1] * 8 + [0] + [1] * 3 + [0] * 3 + [nan] * 9 + [1] * 6
    >>> test = overlapping_shares(first, second)
    >>> round(test.statistic, 6), round(test.p_value, 6), round(test.estimate, 6)
    (1.93674, 0.052777, 0.22619)
    """
    _require(alternative, level)
    before, after, both = _columns(pre, post)
    first, second = before[~np.isnan(before)], after[~np.isnan(after)]
    if not (np.isin(first, (0.0, 1.0)).all() and np.isin(second, (0.0, 1.0)).all()):
        raise ValueError("Shares need answers of 0 (no) and 1 (yes). Say first which answers count as yes.")
    n1, n2, paired = len(first), len(second), int(both.sum())
    pooled = float(first.sum() + second.sum()) / (n1 + n2)
    spread = pooled * (1 - pooled)
    correlation = _correlation(before[both], after[both])
    estimate = float(second.mean() - first.mean())
    square = spread * (1 / n1 + 1 / n2 - 2 * correlation * paired / (n1 * n2))
    _require_spread(square, 1.0)
    error = math.sqrt(square)
    statistic = estimate / error
    from scipy.special import ndtr, ndtri

    reach = float(ndtri(0.5 + level / 2)) * error
    return Overlapping(
        estimate=estimate,
        low=max(-1.0, estimate - reach),
        high=min(1.0, estimate + reach),
        statistic=statistic,
        freedom=math.inf,
        p_value=_p(statistic, alternative, lambda value: float(ndtr(value))),
        paired=paired,
        only_before=n1 - paired,
        only_after=n2 - paired,
        correlation=correlation,
        level=level,
        alternative=alternative,
        method="Partially overlapping samples z-test, form z8 (Derrick, Dobson-Mckittrick, Toher & White 2015).",
    )


def _columns(
    pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    if isinstance(pre, pd.Series) and isinstance(post, pd.Series):
        for name, column in (("pre", pre), ("post", post)):
            if not column.index.is_unique:
                person = column.index[column.index.duplicated()][0]
                raise ValueError(f"{name} holds '{person}' more than once, so its answers cannot be paired by person.")
        people = pre.index.union(post.index, sort=False)
        pre, post = pre.reindex(people), post.reindex(people)
    before, after = as_numbers(pre, "pre"), as_numbers(post, "post")
    if len(before) != len(after):
        raise ValueError(
            f"pre holds {len(before)} answers and post {len(after)}: give one row a person, empty where that person "
            "did not answer."
        )
    both = ~(np.isnan(before) | np.isnan(after))
    if int(both.sum()) < 2:
        raise ValueError(
            f"Only {int(both.sum())} answered both times, and partly overlapping samples need at least two. Without "
            "any, compare the waves as two cohorts (rank_sum)."
        )
    return before, after, both


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    one, other = first - first.mean(), second - second.mean()
    size = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / size if size > 1e-14 else 0.0


def _p(statistic: float, alternative: str, below: Callable[[float], float]) -> float:
    if alternative == "two-sided":
        return min(1.0, 2 * below(-abs(statistic)))
    return below(-statistic if alternative == "greater" else statistic)


def _require(alternative: str, level: float) -> None:
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative must be 'two-sided', 'greater' or 'less', not {alternative!r}.")
    require_level(level)


def _require_spread(square: float, scale: float) -> None:
    if square <= 1e-14 * max(scale, 1e-300):
        raise ValueError("The test is undefined: the answers do not vary, or every pair changed by the same amount.")
