"""Tests on counts of answers that belong to the same people: McNemar, Stuart-Maxwell, Bowker and Cochran's Q.

They ask whether categories gained or lost people, and need a table of counts; the tests of how far people moved along
a scale are in paired_tests.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.methods.columns import answer_table, number_table, paired_values, require_level
from cop_analysis.change.methods.exact import fair_p_values


@dataclass(frozen=True)
class McNemar:
    """The answer of McNemar's test.

    Parameters
    ----------
    p_value, mid_p_value : float
        Exact and mid-p, two-sided.
    odds_ratio, low, high : float
        First-only over second-only pairs, with the exact (Clopper-Pearson) interval; infinite where one of them is 0.
    mid_p_low, mid_p_high : float
        The interval that belongs to mid-p, shorter and still close to its level.
    first_only, second_only, n : int
        Pairs with the feature at the first occasion only, at the second only, and all pairs.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    p_value: float
    mid_p_value: float
    odds_ratio: float
    low: float
    high: float
    mid_p_low: float
    mid_p_high: float
    first_only: int
    second_only: int
    n: int
    level: float
    method: str


@dataclass(frozen=True)
class CountsTest:
    """The answer of a chi-square test on paired counts.

    Parameters
    ----------
    statistic : float
        Chi-square.
    freedom : int
        Its degrees of freedom.
    p_value : float
        From the chi-square distribution: an approximation that needs some twenty people who changed.
    n, changed : int
        People, and people who changed their answer.
    method : str
        The method in words, with its source.
    """

    statistic: float
    freedom: int
    p_value: float
    n: int
    changed: int
    method: str


def mcnemar(table: ArrayLike | pd.DataFrame, level: float = 0.95) -> McNemar:
    """Test whether a yes/no answer changed one way more often than the other, exactly.

    Parameters
    ----------
    table : 2 x 2 table of counts
        Rows the first occasion, columns the second, both in the same order; only the two counts off the diagonal say
        anything on change.
    level : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    McNemar

    Raises
    ------
    ValueError
        If nobody changed, so that there is nothing to test, or the table is not one of 2 x 2 counts.

    Notes
    -----
    McNemar 1947, Psychometrika 12:153-157; exact conditional and mid-p form: Fagerland, Lydersen & Laake 2013, BMC
    Medical Research Methodology 13:91, who recommend mid-p. Where the two counts are equal mid-p is 1 - P(centre) / 2.

    Examples
    --------
    >>> test = mcnemar([[10, 9], [2, 5]])
    >>> round(test.p_value, 8), round(test.mid_p_value, 8), test.odds_ratio
    (0.06542969, 0.03857422, 4.5)
    """
    _require_level(level)
    counts = _counts(table)
    if counts.shape != (2, 2):
        raise ValueError(f"McNemar's test needs a table of 2 x 2 counts, not {counts.shape[0]} x {counts.shape[1]}.")
    first_only, second_only = int(counts[0, 1]), int(counts[1, 0])
    changed = first_only + second_only
    if not changed:
        raise ValueError("McNemar's test is undefined: nobody changed their answer, so there is nothing to test.")
    p_value, mid_p_value, _ = fair_p_values(
        np.ones(1, dtype=np.int64), np.array([changed]), np.array([first_only]), "two-sided"
    )
    low, high = _exact_share(first_only, changed, level)
    mid_low, mid_high = _mid_p_share(first_only, changed, level)
    return McNemar(
        p_value=p_value,
        mid_p_value=mid_p_value,
        odds_ratio=first_only / second_only if second_only else math.inf,
        low=_odds(low),
        high=_odds(high),
        mid_p_low=_odds(mid_low),
        mid_p_high=_odds(mid_high),
        first_only=first_only,
        second_only=second_only,
        n=int(counts.sum()),
        level=level,
        method="McNemar's test, exact and mid-p (Fagerland, Lydersen & Laake 2013); odds ratio of the changes with the "
        "Clopper-Pearson interval.",
    )


def stuart_maxwell(table: ArrayLike | pd.DataFrame) -> CountsTest:
    """Test whether the spread of answers over the categories is the same on both occasions.

    Parameters
    ----------
    table : square table of counts
        Rows the first occasion, columns the second, the same categories in the same order.

    Returns
    -------
    CountsTest

    Raises
    ------
    ValueError
        If nobody changed, or the table is not one of counts with as many rows as columns.

    Notes
    -----
    Stuart 1955, Biometrika 42:412-416; Maxwell 1970, British Journal of Psychiatry 116:651-655. Categories nobody moved
    into or out of are left out; where the rest still hang together only in parts (some people only ever swap between
    two categories) the generalised inverse is used and the degrees of freedom are its rank.

    Examples
    --------
    Unaided distance vision of 7,477 women (Stuart 1953):

    >>> eyes = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
    >>> round(stuart_maxwell(eyes).statistic, 8)
    11.95656962
    """
    counts = _square(table, "The Stuart-Maxwell test")
    n, changed = int(counts.sum()), int(counts.sum() - np.trace(counts))
    if not changed:
        raise ValueError("The Stuart-Maxwell test is undefined: nobody changed their answer.")
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    moved = (rows + columns - 2 * np.diag(counts)) > 0
    gain = (rows - columns)[moved].astype(np.float64)
    between = counts[np.ix_(moved, moved)].astype(np.float64)
    covariance = -(between + between.T)
    np.fill_diagonal(covariance, (rows + columns)[moved] - 2 * np.diag(between))
    # One category is whatever the others leave; the generalised inverse drops it, and any other such tie.
    roots, vectors = np.linalg.eigh(covariance)
    kept = roots > roots.max() * 1e-10
    statistic = float(np.square(vectors[:, kept].T @ gain / np.sqrt(roots[kept])).sum())
    return CountsTest(
        statistic=statistic,
        freedom=int(kept.sum()),
        p_value=_chi_square_tail(statistic, int(kept.sum())),
        n=n,
        changed=changed,
        method="Stuart-Maxwell test of equal spreads (Stuart 1955; Maxwell 1970), chi-square approximation.",
    )


def bowker(table: ArrayLike | pd.DataFrame) -> CountsTest:
    """Test whether as many people moved from each category to each other as moved back.

    Parameters
    ----------
    table : square table of counts
        Rows the first occasion, columns the second, the same categories in the same order.

    Returns
    -------
    CountsTest

    Raises
    ------
    ValueError
        If nobody changed, or the table is not one of counts with as many rows as columns.

    Notes
    -----
    Bowker 1948, Journal of the American Statistical Association 43:572-574. Pairs of categories between which nobody
    moved have no degree of freedom.

    Examples
    --------
    >>> eyes = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
    >>> round(bowker(eyes).statistic, 8), bowker(eyes).freedom
    (19.10655022, 6)
    """
    counts = _square(table, "Bowker's test")
    n, changed = int(counts.sum()), int(counts.sum() - np.trace(counts))
    if not changed:
        raise ValueError("Bowker's test is undefined: nobody changed their answer.")
    places = np.triu_indices(len(counts), 1)
    there, back = counts[places].astype(np.float64), counts.T[places].astype(np.float64)
    used = (there + back) > 0
    statistic = float((np.square(there - back)[used] / (there + back)[used]).sum())
    freedom = int(used.sum())
    return CountsTest(
        statistic=statistic,
        freedom=freedom,
        p_value=_chi_square_tail(statistic, freedom),
        n=n,
        changed=changed,
        method="Bowker's test of symmetry (1948), chi-square approximation.",
    )


def cochran_q(answers: pd.DataFrame | Sequence[Sequence[float]]) -> CountsTest:
    """Test whether a yes/no answer is equally frequent on several occasions.

    Parameters
    ----------
    answers : pandas.DataFrame or table
        A row a person, a column an occasion, 1 for yes and 0 for no. People with a gap are left out.

    Returns
    -------
    CountsTest

    Raises
    ------
    ValueError
        If nobody changed, there are fewer than two occasions, or an answer is neither 0 nor 1.

    Notes
    -----
    Cochran 1950, Biometrika 37:256-266.

    Examples
    --------
    Cochran's own example, 69 specimens on four media:

    >>> growth = [[1, 1, 1, 1]] * 4 + [[1, 1, 0, 1]] * 2 + [[0, 1, 1, 1]] * 3 + [[0, 1, 0, 1]] + [[0, 0, 0, 0]] * 59
    >>> round(cochran_q(growth).statistic, 8)
    8.05263158
    """
    numbers = number_table(answer_table(answers))
    numbers = numbers[~np.isnan(numbers).any(axis=1)]
    if numbers.shape[1] < 2:
        raise ValueError("Cochran's Q needs at least two occasions.")
    if not np.isin(numbers, (0.0, 1.0)).all():
        raise ValueError("Cochran's Q needs answers of 0 (no) and 1 (yes). Say first which answers count as yes.")
    occasions = numbers.shape[1]
    a_person, an_occasion = numbers.sum(axis=1), numbers.sum(axis=0)
    below = float((a_person * (occasions - a_person)).sum())
    changed = int(((a_person > 0) & (a_person < occasions)).sum())
    if not changed:
        raise ValueError("Cochran's Q is undefined: everyone answered the same on every occasion.")
    away = float(np.square(an_occasion - an_occasion.mean()).sum())
    statistic = occasions * (occasions - 1) * away / below
    return CountsTest(
        statistic=statistic,
        freedom=occasions - 1,
        p_value=_chi_square_tail(statistic, occasions - 1),
        n=len(numbers),
        changed=changed,
        method="Cochran's Q (1950), chi-square approximation.",
    )


def movement_table(
    pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series, categories: Sequence[float]
) -> pd.DataFrame:
    """Count people by their answer before (rows) and after (columns).

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after; Series are paired by index. Missing pairs are left out.
    categories : sequence of float
        The answers there are, in order. An answer between two counts with the nearest, the lower where it is as near.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        If there are fewer than two categories, or the answers cannot be paired or read as numbers.

    Examples
    --------
    >>> movement_table([1, 1, 2, None], [1, 2, 2, 2], [1, 2]).to_numpy().tolist()
    [[1, 1], [0, 1]]
    """
    points = np.unique(np.asarray(categories, dtype=np.float64))
    if len(points) < 2:
        raise ValueError("A table of movements needs at least two different answers.")
    before, after, _ = paired_values(pre, post)
    edges = (points[1:] + points[:-1]) / 2
    first, second = np.searchsorted(edges, before, side="left"), np.searchsorted(edges, after, side="left")
    counts = np.bincount(first * len(points) + second, minlength=len(points) ** 2).reshape(len(points), len(points))
    return pd.DataFrame(counts, index=pd.Index(points, name="before"), columns=pd.Index(points, name="after"))


def _counts(table: ArrayLike | pd.DataFrame) -> NDArray[np.int64]:
    try:
        numbers = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("The table must hold counts: whole numbers of people, 0 or more.") from None
    if numbers.ndim != 2 or not np.isfinite(numbers).all() or (numbers < 0).any() or (numbers % 1 != 0).any():
        raise ValueError("The table must hold counts: whole numbers of people, 0 or more.")
    return numbers.astype(np.int64)


def _square(table: ArrayLike | pd.DataFrame, test: str) -> NDArray[np.int64]:
    if isinstance(table, pd.DataFrame) and list(table.index) != list(table.columns):
        raise ValueError(f"{test} needs the same categories in the same order before (rows) and after (columns).")
    counts = _counts(table)
    if counts.shape[0] != counts.shape[1] or len(counts) < 2:
        raise ValueError(f"{test} needs as many rows as columns, at least two.")
    return counts


def _chi_square_tail(statistic: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic))


def _exact_share(hits: int, n: int, level: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits, n - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return low, high


def _mid_p_share(hits: int, n: int, level: float) -> tuple[float, float]:
    from scipy.optimize import brentq
    from scipy.special import bdtr, bdtrc

    tail = (1 - level) / 2

    def at_most(share: float) -> float:
        # P(below) + P(equal) / 2
        below = float(bdtr(hits - 1, n, share)) if hits else 0.0
        return (below + float(bdtr(hits, n, share))) / 2 - tail

    def at_least(share: float) -> float:
        beyond = float(bdtrc(hits, n, share)) if hits < n else 0.0
        return (beyond + (float(bdtrc(hits - 1, n, share)) if hits else 1.0)) / 2 - tail

    low = float(brentq(at_least, 0.0, 1.0, xtol=1e-14)) if hits else 0.0
    high = float(brentq(at_most, 0.0, 1.0, xtol=1e-14)) if hits < n else 1.0
    return low, high


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.inf


def _require_level(level: float) -> None:
    require_level(level)
