"""Scores of a whole scale, how well its items hang together, and which single people changed by more than wavering.

Reversed items are turned round before anything is added up. No pairing, no test of change and no sentence lives here.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.methods.columns import (
    answer_table,
    as_numbers,
    number_table,
    paired_differences,
    paired_values,
    require_level,
)

Score = Literal["mean", "total"]
Extraction = Literal["maximum likelihood", "minimum residual"]
_FEWEST_TO_JUDGE = 10
_LEAST_SPECIFIC = 0.005
# A table of correlations whose smallest root is below this is taken for singular: an item copies others.
_SINGULAR = 1e-6
_AS_LOW = 1e-8
_MOST_STARTS = 8
# Weights and roots this close are equal: which is larger hangs on the machine.
_EQUAL = 1e-9
JACOBSON_TRUAX = 1.96
"""The critical value as printed in 1991, used at the level .95 so that published cut-offs are reproduced."""


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


@dataclass(frozen=True)
class Omega:
    """McDonald's omega total, with the factor model behind it.

    Parameters
    ----------
    estimate : float
        Share of the variance of the total that the common factors explain, items as answered.
    standardised : float
        The same with every item brought to one standard deviation first.
    loadings : pandas.DataFrame
        Standardised loadings, a row an item, a column a factor (unrotated; omega total does not depend on rotation).
    specific : pandas.Series
        Each item's own variance as a share of its variance.
    n, items : int
        People who answered every item, and items.
    improper : bool
        True where an item's own variance ran against 0 (a Heywood case), or where an item copies others, so that no
        factor model fits best: do not use the figure.
    method : str
        The method in words, with its source.
    """

    estimate: float
    standardised: float
    loadings: pd.DataFrame
    specific: pd.Series
    n: int
    items: int
    improper: bool
    method: str


def omega_total(answers: pd.DataFrame, factors: int = 1, extraction: Extraction = "maximum likelihood") -> Omega:
    """Give McDonald's omega total: how reliable the total is when items count differently.

    Cronbach's alpha takes every item to measure the scale equally well and is too low where they do not; omega lets
    each have its own loading.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row a person, a column an item, reversed items already turned. Rows with a gap are left out.
    factors : int
        Common factors; 1 for a scale meant to measure one thing.
    extraction : {"maximum likelihood", "minimum residual"}
        How the factor model is fitted.

    Returns
    -------
    Omega

    Raises
    ------
    ValueError
        Where omega is undefined: too few items for the factors, too few people, or an item everyone answered alike.

    Notes
    -----
    McDonald 1999, Test Theory: A Unified Treatment, ch. 6. Maximum likelihood: Joreskog 1967, Psychometrika 32:443-482;
    minimum residual: Harman & Jones 1966, Psychometrika 31:351-368. The standardised figure from one
    minimum-residual factor is the one most software calls omega total.

    Examples
    --------
    >>> able = np.linspace(-2, 2, 40)
    >>> wave = [np.sin(17 * place + able * 9) for place in range(4)]
    >>> answers = pd.DataFrame({f"q{place}": able + wave[place] for place in range(4)})
    >>> round(omega_total(answers).estimate, 2)
    0.87
    """
    if extraction not in ("maximum likelihood", "minimum residual"):
        raise ValueError(f"extraction must be 'maximum likelihood' or 'minimum residual', not {extraction!r}.")
    if isinstance(factors, bool) or int(factors) != factors or factors < 1:
        raise ValueError(f"factors must be a whole number of at least 1, not {factors!r}.")
    answers = answer_table(answers)
    items = answers.shape[1]
    # A factor model with more parameters than there are covariances fits anything.
    if items < 3 or (items - factors) ** 2 < items + factors:
        raise ValueError(
            f"Omega with {factors} factor{'s' if factors > 1 else ''} is undefined for {items} "
            f"item{'s' if items != 1 else ''}: a factor model needs more covariances than it estimates "
            "(three items for one factor)."
        )
    numbers = number_table(answers)
    numbers = numbers[~np.isnan(numbers).any(axis=1)]
    n = len(numbers)
    if n <= items:
        raise ValueError(
            f"Omega needs more people than items who answered every item; {n} did, and there are {items} items."
        )
    spread = numbers.std(axis=0, ddof=1)
    flat = np.flatnonzero(spread <= 1e-12 * np.maximum(1.0, np.abs(numbers).max(axis=0)))
    if len(flat):
        raise ValueError(f"Omega is undefined: everyone gave the same answer on {answers.columns[int(flat[0])]!r}.")
    correlation = np.corrcoef(numbers, rowvar=False)
    return omega_of_correlations(
        pd.DataFrame(correlation, index=answers.columns, columns=answers.columns), spread, n, factors, extraction
    )


def omega_of_correlations(
    correlation: pd.DataFrame,
    spread: NDArray[np.float64] | None = None,
    n: int = 0,
    factors: int = 1,
    extraction: Extraction = "maximum likelihood",
) -> Omega:
    """Run `omega_total` on a published table of correlations.

    Parameters
    ----------
    correlation : pandas.DataFrame
        Correlations of the items.
    spread : numpy.ndarray, optional
        The items' standard deviations; all 1 without.
    n, factors, extraction
        As in `omega_total`.

    Returns
    -------
    Omega

    Examples
    --------
    >>> alike = pd.DataFrame([[1, 0.5, 0.5, 0.5], [0.5, 1, 0.5, 0.5], [0.5, 0.5, 1, 0.5], [0.5, 0.5, 0.5, 1]])
    >>> round(omega_of_correlations(alike).estimate, 6)
    0.8
    """
    matrix = correlation.to_numpy(dtype="float64")
    spread = np.ones(len(matrix)) if spread is None else spread
    # Singular: where an item copies another the likelihood has no highest point, and a ridge gives the point
    # it runs against. Where an item is only made up of several others, there may be one, and that is found.
    singular = float(np.linalg.eigvalsh(matrix)[0]) <= _SINGULAR
    if singular:
        matrix = (matrix + _SINGULAR * np.eye(len(matrix))) / (1 + _SINGULAR)
    specific = _specific_variances(matrix, factors, extraction)
    loadings = _loadings(matrix, specific, factors, extraction)
    estimate = _explained(loadings, specific, spread)
    names = correlation.columns
    copied = singular and bool(np.abs(matrix - np.diag(np.diag(matrix))).max() >= 1 - 4 * _SINGULAR)
    improper = copied or bool((specific <= _LEAST_SPECIFIC * 1.001).any())
    return Omega(
        estimate=estimate,
        standardised=_explained(loadings, specific, np.ones(len(matrix))),
        loadings=pd.DataFrame(loadings, index=names, columns=[f"factor {place + 1}" for place in range(factors)]),
        specific=pd.Series(specific, index=names, name="specific"),
        n=n,
        items=len(matrix),
        improper=improper,
        method=f"McDonald's omega total (1999), {factors} factor{'s' if factors > 1 else ''} by {extraction}."
        + (
            " An item copies others, or is made up of them: no model fits best, and the one at the limit is shown."
            if singular and improper
            else ""
        ),
    )


def item_statistics(answers: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Say of each item how it goes with the rest and what alpha would be without it.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row a person, a column an item, reversed items already turned. Rows with a gap are left out.
    level : float
        Confidence level of alpha's interval, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        A row an item: item, n, mean, standard_deviation, item_rest_correlation (with the total of the other items),
        alpha_without; NaN where undefined.

    Raises
    ------
    ValueError
        Where alpha itself is undefined (`cronbach_alpha`).

    Notes
    -----
    Nunnally & Bernstein 1994, Psychometric Theory, 3rd ed., ch. 8.

    Examples
    --------
    >>> answers = pd.DataFrame({"q1": [1, 2, 3, 4], "q2": [1, 2, 3, 5], "q3": [2, 2, 4, 4]})
    >>> item_statistics(answers)["alpha_without"].round(3).tolist()
    [0.879, 0.941, 0.972]
    """
    answers = answer_table(answers)
    cronbach_alpha(answers, level)
    numbers = number_table(answers)
    numbers = numbers[~np.isnan(numbers).any(axis=1)]
    total = numbers.sum(axis=1)
    complete = pd.DataFrame(numbers)
    rows = []
    for place, item in enumerate(answers.columns):
        rest = total - numbers[:, place]
        without = np.nan
        if answers.shape[1] > 2:
            try:
                without = cronbach_alpha(complete.drop(columns=place), level).estimate
            except ValueError:
                without = np.nan
        rows.append(
            {
                "item": item,
                "n": len(numbers),
                "mean": float(numbers[:, place].mean()),
                "standard_deviation": float(numbers[:, place].std(ddof=1)),
                "item_rest_correlation": _correlation(numbers[:, place], rest),
                "alpha_without": without,
            }
        )
    return pd.DataFrame(rows)


def negatively_worded(answers: pd.DataFrame) -> list[str]:
    """Find items that run against the main direction of the scale: worded the other way, or read upside down.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row a person, a column an item, as answered or as turned.

    Returns
    -------
    list of str
        Items whose weight in the first principal component has the other sign from most, and a size of at least .2;
        empty with fewer than three items or ten people. Where exactly half of the items point each way, nothing tells
        which half is worded negatively, and the half with the lower total weight is named (of equal ones, that which
        does not hold the first item). Empty too where no direction is the main one.

    Notes
    -----
    As check.keys of R's psych package does it (Revelle 2024).

    Examples
    --------
    >>> rising = list(range(1, 6)) * 3
    >>> answers = pd.DataFrame({"q1": rising, "q2": rising, "q3": rising[::-1], "q4": rising})
    >>> negatively_worded(answers)
    ['q3']
    """
    answers = answer_table(answers)
    numbers = number_table(answers)
    numbers = numbers[~np.isnan(numbers).any(axis=1)]
    if len(numbers) < _FEWEST_TO_JUDGE or answers.shape[1] < 3:
        return []
    spread = numbers.std(axis=0)
    varied = np.flatnonzero(spread > 1e-12)
    if len(varied) < 3:
        return []
    correlation = np.corrcoef(numbers[:, varied], rowvar=False)
    roots, vectors = np.linalg.eigh(correlation)
    weights = vectors[:, -1] * math.sqrt(max(float(roots[-1]), 0.0))
    if roots[-1] - roots[-2] <= _EQUAL * len(roots):
        return []  # two directions are equally main
    weights = np.where(np.abs(weights) <= _EQUAL, 0.0, weights)
    upwards, downwards = int((weights > 0).sum()), int((weights < 0).sum())
    heavier = float(weights.sum())
    if upwards < downwards or (upwards == downwards and _points_down(heavier, weights)):
        weights = -weights
    return [str(answers.columns[int(place)]) for place, weight in zip(varied, weights, strict=True) if weight <= -0.2]


def _points_down(total: float, weights: NDArray[np.float64]) -> bool:
    """Decide a direction by its total, and where that is nothing by its first weight; never by the last bits."""
    if abs(total) > _EQUAL * len(weights):
        return total < 0
    known = weights[np.abs(weights) > _EQUAL]
    return bool(len(known) and known[0] < 0)


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    one, other = first - first.mean(), second - second.mean()
    size = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / size if size > 1e-12 else math.nan


def _explained(loadings: NDArray[np.float64], specific: NDArray[np.float64], spread: NDArray[np.float64]) -> float:
    common = float(np.square(spread @ loadings).sum())
    return common / (common + float((np.square(spread) * specific).sum()))


def _specific_variances(matrix: NDArray[np.float64], factors: int, extraction: Extraction) -> NDArray[np.float64]:
    """Find the items' own variances under which the factor model fits the correlations best.

    The misfit has several minima where items nearly copy each other, and a symmetric saddle between them. It is gone
    down from several places, among them each near copy explained in full, and the lowest minimum is taken; of equally
    low ones the first by the order of the items. So the answer does not hang on the last bits of a machine.
    """
    from scipy.optimize import minimize

    misfit = _likelihood_misfit if extraction == "maximum likelihood" else _residual_misfit
    bounds = [(_LEAST_SPECIFIC, 1.0)] * len(matrix)
    found = []
    for start in _starts(matrix, factors):
        fit = minimize(
            misfit,
            start,
            args=(matrix, factors),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 2000, "maxfun": 20000},
        )
        found.append((float(fit.fun), fit.x))
    lowest = min(value for value, _ in found)
    lows = [specific for value, specific in found if value <= lowest + _AS_LOW * max(1.0, abs(lowest))]
    chosen: NDArray[np.float64] = min(lows, key=lambda specific: [round(float(value), 4) for value in specific])
    return chosen


def _starts(matrix: NDArray[np.float64], factors: int) -> list[NDArray[np.float64]]:
    """Give the usual start, a flat one, and one for each of the items most alike another, taken as all common."""
    # Joreskog's start needs an inverse; a matrix that has none is told by its smallest root, not by whether it fails.
    usual = np.full(len(matrix), 0.5)
    if float(np.linalg.eigvalsh(matrix)[0]) > _SINGULAR:
        usual = (1 - 0.5 * factors / len(matrix)) / np.diag(np.linalg.inv(matrix))
    others = np.round(np.abs(matrix - np.diag(np.diag(matrix))), 9)
    starts = [np.clip(usual, 0.05, 0.95), np.full(len(matrix), 0.5)]
    for item in np.argsort(-others.max(axis=1), kind="stable")[:_MOST_STARTS]:
        start = np.clip(1 - np.square(others[item]), 0.05, 0.95)
        start[item] = _LEAST_SPECIFIC
        starts.append(start)
    return starts


def _likelihood_misfit(
    specific: NDArray[np.float64], matrix: NDArray[np.float64], factors: int
) -> tuple[float, NDArray[np.float64]]:
    root = np.sqrt(specific)
    roots, vectors = np.linalg.eigh(matrix / np.outer(root, root))
    left = np.maximum(roots[:-factors], 1e-300)
    loadings = root[:, np.newaxis] * vectors[:, -factors:] * np.sqrt(np.maximum(roots[-factors:] - 1, 0))
    slope = (np.square(loadings).sum(axis=1) + specific - np.diag(matrix)) / np.square(specific)
    return float((left - np.log(left) - 1).sum()), slope


def _residual_misfit(
    specific: NDArray[np.float64], matrix: NDArray[np.float64], factors: int
) -> tuple[float, NDArray[np.float64]]:
    reduced = matrix - np.diag(specific)
    roots, vectors = np.linalg.eigh(reduced)
    kept = vectors[:, -factors:] * np.sqrt(np.maximum(roots[-factors:], 0))
    residual = reduced - kept @ kept.T
    # The derivative by one specific variance is minus twice the residual at its place on the diagonal.
    return float(np.square(residual).sum()), -2 * np.diag(residual)


def _loadings(
    matrix: NDArray[np.float64], specific: NDArray[np.float64], factors: int, extraction: Extraction
) -> NDArray[np.float64]:
    if extraction == "maximum likelihood":
        root = np.sqrt(specific)
        roots, vectors = np.linalg.eigh(matrix / np.outer(root, root))
        loadings = root[:, np.newaxis] * vectors[:, -factors:] * np.sqrt(np.maximum(roots[-factors:] - 1, 0))
    else:
        roots, vectors = np.linalg.eigh(matrix - np.diag(specific))
        loadings = vectors[:, -factors:] * np.sqrt(np.maximum(roots[-factors:], 0))
    loadings = loadings[:, ::-1]
    down = [_points_down(float(column.sum()), column) for column in loadings.T]
    turned: NDArray[np.float64] = loadings * np.where(down, -1.0, 1.0)
    return turned


@dataclass(frozen=True)
class ReliableChange:
    """Reliable change of single people.

    Parameters
    ----------
    detectable : float
        Minimum detectable change: a change must be larger than this, in scale points.
    standard_error : float
        Of one measurement, in scale points.
    spread, reliability : float
        Standard deviation before and reliability it rests on.
    up, neither, down, n, missing : int
        People whose score rose reliably, did not change reliably, fell reliably; complete pairs; pairs left out.
    index : pandas.Series
        Each person's change over the standard error of a difference, by person.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    detectable: float
    standard_error: float
    spread: float
    reliability: float
    up: int
    neither: int
    down: int
    n: int
    missing: int
    index: pd.Series
    level: float
    method: str


def minimum_detectable_change(spread: float, reliability: float, level: float = 0.95) -> float:
    """Give the change one person must show before it is more than a wavering of answers.

    Parameters
    ----------
    spread : float
        Standard deviation of the score before, in scale points.
    reliability : float
        Reliability of the score (alpha, omega or test-retest), from 0 to 1.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a setting is impossible.

    Notes
    -----
    Jacobson & Truax 1991, Journal of Consulting and Clinical Psychology 59:12-19, with their 1.96 at level .95.

    Examples
    --------
    >>> round(minimum_detectable_change(0.9, 0.84314276956476), 8)
    0.98802026
    """
    require_level(level)
    if not (math.isfinite(spread) and spread > 0):
        raise ValueError("Reliable change is undefined: everyone had the same score before, so scores do not spread.")
    if not 0 <= reliability <= 1:
        raise ValueError(
            f"Reliable change needs a reliability between 0 and 1, not {reliability:.3g}: the items do not go "
            "together, so one person's score says too little."
        )
    critical = JACOBSON_TRUAX if level == 0.95 else NormalDist().inv_cdf(0.5 + level / 2)
    return critical * spread * math.sqrt(2) * math.sqrt(1 - reliability)


def reliable_change(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    reliability: float,
    spread: float | None = None,
    level: float = 0.95,
) -> ReliableChange:
    """Count the people who changed by more than their answers waver.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One score a person before and after; Series are paired by index. Missing pairs are left out.
    reliability : float
        Reliability of the score, from 0 to 1.
    spread : float, optional
        Standard deviation before; by default that of everybody who answered before.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    ReliableChange

    Raises
    ------
    ValueError
        If there is no complete pair or a setting is impossible.

    Notes
    -----
    Jacobson & Truax 1991, Journal of Consulting and Clinical Psychology 59:12-19. It says nothing of whether the change
    matters, and by chance alone one person in twenty passes the mark.

    Examples
    --------
    >>> change = reliable_change([2.0, 3.0, 2.5, 3.5], [3.5, 3.1, 2.4, 3.6], reliability=0.85)
    >>> change.up, change.neither, change.down
    (1, 3, 0)
    """
    differences = paired_differences(pre, post)
    if not differences.n:
        raise ValueError("There is no pair with both answers, so there is no change to judge.")
    if spread is None:
        given = pd.Series(pre).dropna() if isinstance(pre, pd.Series) else pd.Series(paired_values(pre, post)[0])
        spread = float(pd.to_numeric(given).std(ddof=1)) if len(given) > 1 else math.nan
    detectable = minimum_detectable_change(spread, reliability, level)
    error = spread * math.sqrt(1 - reliability)
    near = 1e-9 * max(1.0, detectable)
    values = np.asarray(differences.values)
    people = None
    if isinstance(pre, pd.Series) and isinstance(post, pd.Series):
        both = post.reindex(pre.index) if not pre.index.equals(post.index) else post
        people = pre.index[(pre.notna() & both.notna()).to_numpy()]
    scale = math.sqrt(2) * error
    index = values / scale if scale > 0 else values * math.inf if values.any() else values
    up, down = int((values > detectable + near).sum()), int((values < -detectable - near).sum())
    return ReliableChange(
        detectable=detectable,
        standard_error=error,
        spread=spread,
        reliability=reliability,
        up=up,
        neither=differences.n - up - down,
        down=down,
        n=differences.n,
        missing=differences.missing,
        index=pd.Series(index, index=people, name="reliable change index"),
        level=level,
        method="Reliable change index with its minimum detectable change (Jacobson & Truax 1991).",
    )
