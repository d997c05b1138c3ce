"""Scores of a whole scale: reversed items turned round, a mean or total a person, and how well the items hang together.

No pairing, no test of change and no sentence lives here.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from cop_analysis.change.differences import answer_table, as_numbers
from cop_analysis.change.settings import require_level

Score = Literal["mean", "total"]


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha with Feldt's interval.

    Parameters
    ----------
    estimate, low, high : float
        Alpha and its limits; 1 is perfect agreement among the items.
    n : int
        People who answered every item.
    items : int
        Items.
    level : float
        Confidence level.
    """

    estimate: float
    low: float
    high: float
    n: int
    items: int
    level: float


def turned(answers: pd.DataFrame, reverse: Collection[str], minimum: float, maximum: float) -> pd.DataFrame:
    """Turn reversed items round, so that a higher number means more of what the scale measures on every item.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row a person, a column an item.
    reverse : collection of str
        The items worded the other way.
    minimum, maximum : float
        The ends of the scale.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> turned(pd.DataFrame({"calm": [5], "tense": [1]}), ["tense"], 1, 5).loc[0].tolist()
    [5, 5]
    """
    answers = answers.copy()
    for item in reverse:
        if item in answers.columns:
            answers[item] = minimum + maximum - answers[item]
    return answers


def scale_scores(
    before: pd.DataFrame, after: pd.DataFrame, score: Score = "mean", at_least: float = 0.5
) -> tuple[pd.Series, pd.Series]:
    """Score each person before and after over the items that person answered both times.

    Comparing the same items of a person with one another keeps a skipped question from looking like a change.

    Parameters
    ----------
    before, after : pandas.DataFrame
        The same people and items in the same order, reversed items already turned.
    score : {"mean", "total"}
        The mean of the answers, or that mean times the number of items.
    at_least : float
        The share of all items a person must have answered both times; with fewer the score is missing.

    Returns
    -------
    tuple of pandas.Series
        Scores before and after by person.

    Raises
    ------
    ValueError
        If people or items differ, or a setting is unknown.

    Examples
    --------
    >>> before = pd.DataFrame({"q1": [2, 3], "q2": [4, None]}, index=["A", "B"])
    >>> after = pd.DataFrame({"q1": [3, 4], "q2": [4, 1]}, index=["A", "B"])
    >>> [scores.tolist() for scores in scale_scores(before, after)]
    [[3.0, 3.0], [3.5, 4.0]]
    """
    if score not in ("mean", "total"):
        raise ValueError(f"score must be 'mean' or 'total', not {score!r}.")
    if not 0 < at_least <= 1:
        raise ValueError(f"at_least is a share of the items between 0 and 1, not {at_least!r}.")
    if not before.index.equals(after.index) or not before.columns.equals(after.columns):
        raise ValueError("before and after must hold the same people and items in the same order.")
    items = before.shape[1]
    both = before.notna() & after.notna()
    answered = both.sum(axis=1)
    enough = (answered >= max(1.0, at_least * items - 1e-9)) if items else answered > 0
    weight = items if score == "total" else 1

    def scored(answers: pd.DataFrame) -> pd.Series:
        totals = answers.where(both).astype("float64").sum(axis=1)
        return (totals / answered.where(enough) * weight).rename(score)

    return scored(before), scored(after)


def cronbach_alpha(answers: pd.DataFrame, level: float = 0.95) -> Alpha:
    """Ask how well the items of a scale hang together.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row a person, a column an item, reversed items already turned; people with a missing answer are left out.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Alpha

    Raises
    ------
    ValueError
        If there are fewer than two items or two people, or every person has the same total: alpha is then undefined.

    Notes
    -----
    Cronbach 1951, Psychometrika 16:297-334; interval by the F distribution, Feldt 1965, Psychometrika 30:357-370.

    Examples
    --------
    >>> answers = pd.DataFrame({"q1": [1, 2, 3, 4], "q2": [1, 2, 3, 5], "q3": [2, 2, 4, 4]})
    >>> round(cronbach_alpha(answers).estimate, 3)
    0.954
    """
    require_level(level)
    answers = answer_table(answers)
    items = answers.shape[1]
    if items < 2:
        raise ValueError("Cronbach's alpha needs at least two items: one item cannot agree with others.")
    numbers = np.column_stack(
        [as_numbers(answers.iloc[:, place], f"item {name!r}") for place, name in enumerate(answers)]
    )
    numbers = numbers[~np.isnan(numbers).any(axis=1)]
    n = len(numbers)
    if n < 2:
        raise ValueError("Cronbach's alpha needs at least two people who answered every item.")
    total = float(np.var(numbers.sum(axis=1), ddof=1))
    if math.isclose(total, 0.0, abs_tol=1e-12):
        raise ValueError("Cronbach's alpha is undefined: everyone has the same total, so there is nothing to agree on.")
    estimate = items / (items - 1) * (1 - float(np.var(numbers, axis=0, ddof=1).sum()) / total)
    # scipy.special opens in a fraction of the time of scipy.stats.
    from scipy.special import fdtri

    freedom = (n - 1, (n - 1) * (items - 1))
    return Alpha(
        estimate=estimate,
        low=1 - (1 - estimate) * float(fdtri(*freedom, 0.5 + level / 2)),
        high=1 - (1 - estimate) * float(fdtri(*freedom, 0.5 - level / 2)),
        n=n,
        items=items,
        level=level,
    )


def items_against_the_rest(*waves: pd.DataFrame) -> list[str]:
    """Find items that people answered the other way from the rest, at every wave: perhaps read upside down.

    Parameters
    ----------
    *waves : pandas.DataFrame
        A row a person, a column an item, reversed items already turned.

    Returns
    -------
    list of str
        Items whose corrected item-total correlation is below -.2 at each wave; empty with fewer than three items or ten
        people, where such a correlation says nothing.

    Examples
    --------
    >>> rising = list(range(1, 6)) * 2
    >>> answers = pd.DataFrame({"q1": rising, "q2": rising, "q3": rising[::-1]})
    >>> items_against_the_rest(answers)
    ['q3']
    """
    suspects: list[set[str]] = []
    for answers in map(answer_table, waves):
        complete = answers.dropna()
        contrary: set[str] = set()
        if answers.shape[1] >= 3 and len(complete) >= 10:
            numbers = complete.to_numpy(dtype="float64")
            rest = numbers.sum(axis=1, keepdims=True) - numbers
            shared = ((numbers - numbers.mean(axis=0)) * (rest - rest.mean(axis=0))).mean(axis=0)
            spread = numbers.std(axis=0) * rest.std(axis=0)
            correlation = np.divide(shared, spread, out=np.zeros_like(shared), where=spread > 1e-12)
            contrary = {item for item, value in zip(answers.columns, correlation, strict=True) if value < -0.2}
        suspects.append(contrary)
    common = set.intersection(*suspects) if suspects else set()
    return [item for item in answer_table(waves[0]).columns if item in common] if waves else []


@dataclass(frozen=True)
class MeanChange:
    """Mean of post - pre with its t interval (missing limits where fewer than two pairs)."""

    estimate: float
    low: float
    high: float
    n: int


def mean_change(differences: np.ndarray, level: float = 0.95) -> MeanChange:
    """Give the mean difference of complete pairs with its t interval.

    Parameters
    ----------
    differences : numpy.ndarray
        post - pre of each complete pair.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    MeanChange

    Raises
    ------
    ValueError
        If there is no pair, or the level is not between 0 and 1.

    Notes
    -----
    Student 1908, Biometrika 6:1-25.

    Examples
    --------
    >>> change = mean_change(np.array([1.0, 0.0, 2.0, 1.0]))
    >>> change.estimate, round(change.low, 3), round(change.high, 3)
    (1.0, -0.299, 2.299)
    """
    require_level(level)
    n = len(differences)
    if n == 0:
        raise ValueError("There is no pair with both answers, so there is no change to average.")
    estimate = float(np.mean(differences))
    if n == 1:
        return MeanChange(estimate, math.nan, math.nan, 1)
    from scipy.special import stdtrit

    reach = float(stdtrit(n - 1, 0.5 + level / 2)) * float(np.std(differences, ddof=1)) / math.sqrt(n)
    return MeanChange(estimate, estimate - reach, estimate + reach, n)
