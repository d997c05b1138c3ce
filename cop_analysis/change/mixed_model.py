"""A linear mixed model with a random intercept a person, by REML, with Satterthwaite's degrees of freedom.

Own code, because the model is small and the package that has it costs more to import than to fit, and gives no degrees
of freedom. Within a person the answers are turned into their mean and what departs from it; these are uncorrelated, so
that every matrix is diagonal and a hundred thousand people are no more trouble than ten.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import as_numbers
from cop_analysis.change.settings import require_level

_SEARCHED = np.concatenate(([-np.inf], np.linspace(math.log(1e-6), math.log(1e6), 61)))


@dataclass(frozen=True)
class MixedModel:
    """A fitted random-intercept model.

    Parameters
    ----------
    coefficients : pandas.DataFrame
        A row an effect: effect, estimate, standard_error, freedom, t, p_value, low, high.
    person_spread, residual_spread : float
        Standard deviations of people's levels and of what is left.
    log_likelihood : float
        Restricted log-likelihood.
    people, answers : int
        How many of each.
    at_the_edge : bool
        True where people's levels do not vary beyond chance: the model is then ordinary least squares.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    coefficients: pd.DataFrame
    person_spread: float
    residual_spread: float
    log_likelihood: float
    people: int
    answers: int
    at_the_edge: bool
    level: float
    method: str


def mixed_model(
    answers: pd.DataFrame, score: str = "score", wave: str = "wave", person: str = "person", level: float = 0.95
) -> MixedModel:
    """Compare the waves using every answer, whether or not the person answered at the other waves.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row an answer with the columns named below; rows without a score are left out.
    score, wave, person : str
        Names of the columns. The first wave to occur (or the first category of a categorical column) is the baseline.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    MixedModel
        Its coefficients are the baseline mean and each other wave's difference from it.

    Raises
    ------
    ValueError
        If there are fewer than two waves, nobody answered twice, or nothing is left to estimate the spread from.

    Notes
    -----
    Restricted maximum likelihood: Patterson & Thompson 1971, Biometrika 58:545-554. Degrees of freedom: Satterthwaite
    1946, Biometrics Bulletin 2:110-114, with the observed information of the variances, as in lmerTest (Kuznetsova,
    Brockhoff & Christensen 2017, Journal of Statistical Software 82(13)). It rests on answers being missing at random.

    Examples
    --------
    >>> rows = pd.DataFrame({"person": ["A", "A", "B", "B", "C"], "wave": ["pre", "post", "pre", "post", "pre"],
    ...                      "score": [2, 3, 4, 5.5, 3]})
    >>> mixed_model(rows).coefficients["estimate"].round(2).tolist()
    [3.0, 1.25]
    """
    absent = [name for name in (score, wave, person) if name not in answers.columns]
    if absent:
        raise ValueError(f"The table of answers needs a column {absent[0]!r}.")
    kept = answers.loc[answers[score].notna() & answers[wave].notna() & answers[person].notna()]
    outcome = as_numbers(kept[score], score)
    labels = kept[wave]
    if isinstance(labels.dtype, pd.CategoricalDtype):
        present = set(labels.dropna())
        waves = [each for each in labels.cat.categories if each in present]
    else:
        waves = list(dict.fromkeys(labels))
    if len(waves) < 2:
        raise ValueError("A mixed model of change needs answers at two waves or more.")
    codes = pd.Index(waves).get_indexer(pd.Index(labels.astype(object)))
    design = np.column_stack([np.ones(len(kept)), *[(codes == place).astype(float) for place in range(1, len(waves))]])
    effects = [f"mean at {waves[0]}", *[f"{each} less {waves[0]}" for each in waves[1:]]]
    return random_intercept(outcome, design, kept[person].astype(object).to_numpy(), effects, level)


def random_intercept(
    outcome: ArrayLike, design: ArrayLike, person: ArrayLike, effects: list[str] | None = None, level: float = 0.95
) -> MixedModel:
    """Fit a random-intercept model with any fixed effects.

    Parameters
    ----------
    outcome : sequence of numbers
        The answers.
    design : table of numbers
        A row an answer, a column a fixed effect (with a column of ones for the intercept).
    person : sequence
        Whose answer it is.
    effects : list of str, optional
        The effects' names.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    MixedModel

    Raises
    ------
    ValueError
        As in `mixed_model`.

    Examples
    --------
    >>> fit = random_intercept([2, 3, 4, 5.5, 3, 3], [[1, 0], [1, 1]] * 3, list("AABBCC"))
    >>> fit.people, round(float(fit.coefficients["t"].iloc[1]), 3)
    (3, 1.89)
    """
    require_level(level)
    y = np.asarray(outcome, dtype=np.float64)
    x = np.asarray(design, dtype=np.float64)
    codes, people = pd.factorize(np.asarray(person, dtype=object))
    if len(y) != len(x) or len(y) != len(codes):
        raise ValueError("outcome, design and person must be as long as one another.")
    if len(people) == len(y):
        raise ValueError("Nobody answered more than once, so a mixed model has nothing to tell people's levels by.")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("An effect is the sum of others, so it cannot be estimated. Leave one of them out.")
    if len(y) - x.shape[1] < 2:
        raise ValueError("There are too few answers to estimate the spread from.")
    fitted = _Turned(y, x, codes, len(people))
    spread_of_all = float(np.square(y - x @ np.linalg.lstsq(x, y, rcond=None)[0]).sum())
    if spread_of_all <= 1e-18 * max(1.0, float(np.abs(y).max()) ** 2):
        raise ValueError("The model is undefined: the answers do not vary within a wave.")
    ratio = _best_ratio(fitted)
    return _summary(
        fitted, ratio, effects or [f"effect {place + 1}" for place in range(x.shape[1])], len(people), level
    )


class _Turned:
    """Answers turned into uncorrelated parts: a row a person (the mean, scaled), and rows of departures from it.

    A departure row keeps its answer; together a person's departures have one dimension less than answers, which the
    count of them takes into account. With a person's n answers, variance s^2 + n t^2 belongs to the scaled mean and s^2
    to each departure.
    """

    def __init__(self, y: NDArray[np.float64], x: NDArray[np.float64], codes: NDArray[np.intp], people: int) -> None:
        self.size = np.bincount(codes, minlength=people).astype(np.float64)
        root = np.sqrt(self.size)
        sums = np.column_stack([np.bincount(codes, weights=column, minlength=people) for column in (y, *x.T)])
        means = sums / self.size[:, np.newaxis]
        self.between_y, self.between_x = means[:, 0] * root, means[:, 1:] * root[:, np.newaxis]
        within = np.column_stack((y, x)) - means[codes]
        self.within_xx = within[:, 1:].T @ within[:, 1:]
        self.within_xy = within[:, 1:].T @ within[:, 0]
        self.within_yy = float(within[:, 0] @ within[:, 0])
        self.within_rows = len(y) - people
        self.n, self.p = x.shape

    def solve(self, ratio: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
        """Give weights of the person rows, the inverse of X'WX, the effects and the weighted sum of squares left."""
        weight = 1 / (1 + ratio * self.size)
        weighted = self.between_x * weight[:, np.newaxis]
        inverse = np.linalg.inv(self.within_xx + weighted.T @ self.between_x).astype(np.float64)
        effects = inverse @ (self.within_xy + weighted.T @ self.between_y)
        left = self.between_y - self.between_x @ effects
        rest = float(weight @ np.square(left)) + self.within_rest(effects)
        return weight, inverse, effects, rest

    def within_rest(self, effects: NDArray[np.float64]) -> float:
        """Give the sum of squares of the departures that the effects leave."""
        rest = self.within_yy - 2 * float(effects @ self.within_xy) + float(effects @ self.within_xx @ effects)
        return max(rest, 0.0)

    def deviance(self, ratio: float) -> float:
        """Minus twice the restricted log-likelihood, the residual variance taken out, but for a constant."""
        weight, inverse, _, rest = self.solve(ratio)
        freedom = self.n - self.p
        return -float(np.log(weight).sum()) - float(np.linalg.slogdet(inverse)[1]) + freedom * math.log(rest)

    def slope(self, ratio: float) -> float:
        """Half the derivative of `deviance` by the ratio of the two variances, negated."""
        weight, inverse, effects, rest = self.solve(ratio)
        pull = self.size * weight
        weighted = self.between_x * (weight * np.sqrt(self.size))[:, np.newaxis]
        trace = float(pull.sum()) - float(np.sum((weighted @ inverse) * weighted))
        left = self.between_y - self.between_x @ effects
        return float((pull * weight) @ np.square(left)) * (self.n - self.p) / rest - trace


def _best_ratio(fitted: _Turned) -> float:
    """Find the ratio of the variances with the largest restricted likelihood; 0 at the edge."""
    from scipy.optimize import brentq

    ratios = np.exp(_SEARCHED)
    best = int(np.argmin([fitted.deviance(float(ratio)) for ratio in ratios]))
    if best == 0 and fitted.slope(0.0) <= 0:
        return 0.0
    below, above = float(ratios[max(best - 1, 0)]), float(ratios[min(best + 1, len(ratios) - 1)])
    if fitted.slope(below) <= 0:
        return 0.0 if below == 0 else below
    if fitted.slope(above) >= 0:
        return above
    return float(brentq(fitted.slope, below, above, xtol=1e-15, rtol=1e-14))


def _summary(fitted: _Turned, ratio: float, effects: list[str], people: int, level: float) -> MixedModel:
    from scipy.special import stdtr, stdtrit

    weight, inverse, estimates, rest = fitted.solve(ratio)
    freedom_left = fitted.n - fitted.p
    residual = rest / freedom_left
    covariance = inverse * residual
    errors = np.sqrt(np.diag(covariance))
    freedoms = (
        np.full(fitted.p, float(freedom_left))
        if ratio == 0
        else _satterthwaite(fitted, weight, inverse, estimates, residual)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        t = estimates / errors
    reach = stdtrit(freedoms, 0.5 + level / 2) * errors
    deviance = fitted.deviance(ratio) + freedom_left * (1 + math.log(2 * math.pi / freedom_left))
    return MixedModel(
        coefficients=pd.DataFrame(
            {
                "effect": effects,
                "estimate": estimates,
                "standard_error": errors,
                "freedom": freedoms,
                "t": t,
                "p_value": 2 * stdtr(freedoms, -np.abs(t)),
                "low": estimates - reach,
                "high": estimates + reach,
            }
        ),
        person_spread=math.sqrt(ratio * residual),
        residual_spread=math.sqrt(residual),
        log_likelihood=-deviance / 2,
        people=people,
        answers=fitted.n,
        at_the_edge=ratio == 0,
        level=level,
        method="Linear mixed model with a random intercept a person, by REML (Patterson & Thompson 1971), degrees of "
        "freedom after Satterthwaite (1946).",
    )


def _satterthwaite(
    fitted: _Turned,
    weight: NDArray[np.float64],
    inverse: NDArray[np.float64],
    effects: NDArray[np.float64],
    residual: float,
) -> NDArray[np.float64]:
    """Give 2 C^2 / Var(C) for each effect's variance C, from the observed information of the two variances."""
    w_between = weight / residual
    w_within = 1 / residual
    covariance = inverse * residual
    # V is s^2 on the rows of departures and s^2 + n t^2 on those of people; by s^2 its derivative is 1 on both, by t^2
    # it is n on those of people and 0 on the others.
    parts = ((np.ones_like(weight), 1.0), (fitted.size, 0.0))
    left = fitted.between_y - fitted.between_x @ effects
    crossed, sandwiches = [], []
    for between, within in parts:
        crossed.append(_gram(fitted.between_x, between * w_between**2) + within * w_within**2 * fitted.within_xx)
        sandwiches.append(covariance @ crossed[-1] @ covariance)
    information = np.empty((2, 2))
    for i, (between_i, within_i) in enumerate(parts):
        for j, (between_j, within_j) in enumerate(parts):
            double = _gram(fitted.between_x, between_i * between_j * w_between**3)
            double += within_i * within_j * w_within**3 * fitted.within_xx
            trace = float((between_i * between_j * w_between**2).sum())
            trace += within_i * within_j * w_within**2 * fitted.within_rows
            trace -= 2 * float(np.sum(covariance * double))
            trace += float(np.sum((covariance @ crossed[i]) * (covariance @ crossed[j]).T))
            # y'P V_i P V_j P y, with Py the weighted residual.
            quadratic = float((between_i * between_j * w_between**3) @ np.square(left))
            quadratic += within_i * within_j * w_within**3 * fitted.within_rest(effects)
            pulled = [
                fitted.between_x.T @ (between * w_between**2 * left)
                + within * w_within**2 * (fitted.within_xy - fitted.within_xx @ effects)
                for between, within in (parts[i], parts[j])
            ]
            quadratic -= float(pulled[0] @ covariance @ pulled[1])
            information[i, j] = quadratic - trace / 2
    uncertainty = np.linalg.inv(information)
    freedoms = np.empty(fitted.p)
    for place in range(fitted.p):
        slope = np.array([sandwich[place, place] for sandwich in sandwiches])
        spread = float(slope @ uncertainty @ slope)
        freedoms[place] = 2 * covariance[place, place] ** 2 / spread if spread > 0 else math.inf
    return freedoms


def _gram(x: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    gram: NDArray[np.float64] = (x * weight[:, np.newaxis]).T @ x
    return gram
