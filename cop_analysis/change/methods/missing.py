"""Where not everybody answered twice: tests of partly paired waves, bounds, and assumptions; no answer is made up.

The tests use everybody who answered at either wave and give the right weight to those who answered at both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.methods.columns import as_numbers, require_level
from cop_analysis.change.methods.exact import Alternative
from cop_analysis.change.methods.scales import mean_change


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


@dataclass(frozen=True)
class MissingBounds:
    """How far the answers that are missing could move PS.

    Parameters
    ----------
    estimate : float
        PS among those who answered twice.
    lowest, highest : float
        PS over everybody, had all who are missing gone down, and up.
    unchanged : float
        PS over everybody, had all who are missing stayed as they were.
    to_none : float
        Share of the missing who would have to have gone down (the others unchanged) for PS over everybody to be .5;
        above 1 where even all of them could not bring it there, 0 or below where PS is .5 or less already.
    answered, missing : int
        People with both answers, and people with the first only.
    """

    estimate: float
    lowest: float
    highest: float
    unchanged: float
    to_none: float
    answered: int
    missing: int


@dataclass(frozen=True)
class DeltaAdjustment:
    """The mean change under assumptions on those who are missing.

    Parameters
    ----------
    table : pandas.DataFrame
        A row an assumption: delta (scale points by which the missing changed more than the others), mean_change over
        everybody, low, high.
    tipping_point : float
        The delta at which the mean change over everybody is 0; NaN where nobody is missing.
    tipping_point_of_interval : float
        The delta at which its interval first reaches 0; NaN where it holds 0 already or nobody is missing.
    answered, missing : int
        People with both answers, and people with the first only.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    table: pd.DataFrame
    tipping_point: float
    tipping_point_of_interval: float
    answered: int
    missing: int
    level: float
    method: str


def missing_bounds(up: int, same: int, down: int, missing: int) -> MissingBounds:
    """Give the smallest and largest PS that is possible, whatever those who did not return would have answered.

    Parameters
    ----------
    up, same, down : int
        People who moved up, not at all and down.
    missing : int
        People who answered before only.

    Returns
    -------
    MissingBounds

    Raises
    ------
    ValueError
        If a count is negative or nobody answered twice.

    Notes
    -----
    Manski 2003, Partial Identification of Probability Distributions, ch. 1: worst-case bounds rest on no assumption.

    Examples
    --------
    >>> bounds = missing_bounds(14, 6, 2, 6)
    >>> round(bounds.lowest, 3), round(bounds.highest, 3), bounds.to_none
    (0.607, 0.821, 2.0)
    """
    if min(up, same, down, missing) < 0:
        raise ValueError("Counts of people cannot be negative.")
    answered = up + same + down
    if not answered:
        raise ValueError("Nobody answered both times, so there is no finding to bound.")
    everyone = answered + missing
    points = up + same / 2
    return MissingBounds(
        estimate=points / answered,
        lowest=points / everyone,
        highest=(points + missing) / everyone,
        unchanged=(points + missing / 2) / everyone,
        to_none=(up - down) / missing if missing else math.nan,
        answered=answered,
        missing=missing,
    )


def delta_adjustment(
    differences: ArrayLike, missing: int, deltas: Sequence[float] | None = None, level: float = 0.95
) -> DeltaAdjustment:
    """Show how the mean change depends on how those who did not return may have changed.

    Parameters
    ----------
    differences : sequence of numbers
        post - pre of everybody with both answers.
    missing : int
        People who answered before only.
    deltas : sequence of float, optional
        Scale points by which the missing are assumed to have changed more than the others; by default from a quarter
        beyond the tipping point to a quarter the other way.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    DeltaAdjustment

    Raises
    ------
    ValueError
        If nobody answered twice, a count is negative, or a value is a word or infinite.

    Notes
    -----
    Pattern-mixture model with a fixed shift: Little 1993, Journal of the American Statistical Association 88:125-134;
    tipping points: Yan, Lee & Li 2009, Drug Information Journal 43:485-496. The shift and the share missing are taken
    as known, so that the interval is as wide as that of those who answered.

    Examples
    --------
    >>> adjusted = delta_adjustment([1, 0, 1, 2, 1, 1, 0, 1], missing=4)
    >>> round(adjusted.tipping_point, 3)
    -2.625
    """
    if missing < 0:
        raise ValueError("The number of people missing cannot be negative.")
    values: NDArray[np.float64] = as_numbers(differences, "differences")
    values = values[~np.isnan(values)]
    change = mean_change(values, level)
    share = missing / (missing + len(values))
    tipping = -change.estimate / share if missing else math.nan
    if deltas is None:
        size = tipping if missing and tipping else -(change.estimate or 1.0)
        deltas = [size * step / 4 for step in (5, 4, 3, 2, 1, 0, -1)]
    rows = [
        (float(delta), change.estimate + share * delta, change.low + share * delta, change.high + share * delta)
        for delta in as_numbers(list(deltas), "deltas").tolist()
    ]
    interval = math.nan
    if missing:
        if change.low > 0:
            interval = -change.low / share
        elif change.high < 0:
            interval = -change.high / share
    return DeltaAdjustment(
        table=pd.DataFrame(rows, columns=["delta", "mean_change", "low", "high"]),
        tipping_point=tipping,
        tipping_point_of_interval=interval,
        answered=len(values),
        missing=missing,
        level=level,
        method="Pattern-mixture model with a fixed shift of those who did not return (Little 1993), with its tipping "
        "points.",
    )
