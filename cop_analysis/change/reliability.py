"""How well items hang together: omega, item statistics, items worded the other way; alpha is in scale.py.

Formulas only; the page that shows them is scale_reliability.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cop_analysis.change.differences import answer_table, number_table
from cop_analysis.change.scale import cronbach_alpha

Extraction = Literal["maximum likelihood", "minimum residual"]

_FEWEST_TO_JUDGE = 10
_LEAST_SPECIFIC = 0.005
# A table of correlations whose smallest root is below this is taken for singular: an item copies others.
_SINGULAR = 1e-6
_AS_LOW = 1e-8
_MOST_STARTS = 8
# Weights and roots this close are equal: which is larger hangs on the machine.
_EQUAL = 1e-9


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
            misfit, start, args=(matrix, factors), jac=True, method="L-BFGS-B", bounds=bounds,
            options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 2000, "maxfun": 20000},
        )  # fmt: skip
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
