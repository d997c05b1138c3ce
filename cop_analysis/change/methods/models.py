"""Models with a random intercept a person: linear by REML, and cumulative logits by adaptive Gauss-Hermite quadrature.

Own code, because the linear model is small and the package that has it costs more to import than to fit, and gives no
degrees of freedom. Within a person the answers are turned into their mean and what departs from it; these are
uncorrelated, so that every matrix is diagonal and a hundred thousand people are no more trouble than ten.

The ordinal model treats answers as ordered words rather than numbers. People whose answers and waves are the same share
one likelihood, which is worked out once and counted, so that many people on a short scale cost little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.methods.columns import as_numbers, require_level

_SEARCHED = np.concatenate(([-np.inf], np.linspace(math.log(1e-6), math.log(1e6), 61)))
_LARGEST_EFFECT = 25.0
_NEWTON_STEPS = 60
_NEAR = (1.0, -1.0)
_NEAR_AND_FAR = (1.0, -1.0, 2.0, -2.0)


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
    return _linear_summary(
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


def _linear_summary(fitted: _Turned, ratio: float, effects: list[str], people: int, level: float) -> MixedModel:
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


@dataclass(frozen=True)
class OrdinalModel:
    """A fitted cumulative-logit model.

    Parameters
    ----------
    coefficients : pandas.DataFrame
        A row an effect: effect, estimate (log odds of a higher answer), standard_error, z, p_value, odds_ratio, low,
        high (of the odds ratio).
    thresholds : pandas.DataFrame
        A row a step between neighbouring answers: step, estimate, standard_error.
    person_spread : float
        Standard deviation of people's levels, in log odds.
    log_likelihood : float
        Maximised log-likelihood.
    people, answers, nodes : int
        How many of each; nodes of the quadrature.
    converged : bool
        False where the fit ran away (an effect without limit, as when everyone moved up) or stopped early: do not use
        the estimates then.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    coefficients: pd.DataFrame
    thresholds: pd.DataFrame
    person_spread: float
    log_likelihood: float
    people: int
    answers: int
    nodes: int
    converged: bool
    level: float
    method: str


def ordinal_model(
    answers: ArrayLike | pd.Series,
    effects: pd.DataFrame,
    person: ArrayLike | pd.Series,
    nodes: int = 21,
    level: float = 0.95,
) -> OrdinalModel:
    """Estimate the odds of a higher answer, allowing for people who always answer high or low.

    Parameters
    ----------
    answers : sequence of numbers
        Ordered answers; only their order counts. Rows with a gap are left out.
    effects : pandas.DataFrame
        A row an answer, a column an effect as numbers (wave: 0 before, 1 after). No column of ones: the thresholds
        take its place.
    person : sequence
        Whose answer it is.
    nodes : int
        Nodes of the quadrature, 5 to 100.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    OrdinalModel

    Raises
    ------
    ValueError
        If there are fewer than two different answers, nobody answered twice, or an effect does not vary.

    Notes
    -----
    McCullagh 1980, Journal of the Royal Statistical Society B 42:109-142; adaptive Gauss-Hermite quadrature: Liu &
    Pierce 1994, Biometrika 81:624-629; as the R package ordinal (Christensen 2019). The odds ratio is the same at every
    step between answers (proportional odds), which few answers cannot check. Wald intervals.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> who = np.repeat(np.arange(40), 2)
    >>> wave = np.tile([0, 1], 40)
    >>> score = np.clip(np.round(3 + rng.normal(size=40)[who] + wave + rng.normal(size=80)), 1, 5)
    >>> fit = ordinal_model(score, pd.DataFrame({"after": wave}), who)
    >>> bool(fit.coefficients["estimate"].iloc[0] > 1)
    True
    """
    require_level(level)
    if isinstance(nodes, bool) or int(nodes) != nodes or not 5 <= nodes <= 100:
        raise ValueError(f"nodes must be a whole number from 5 to 100, not {nodes!r}.")
    table = pd.DataFrame(effects).reset_index(drop=True)
    y = as_numbers(answers, "answers")
    x = np.column_stack([as_numbers(table[name], f"effect {name!r}") for name in table.columns])
    who = np.asarray(pd.Series(person), dtype=object)
    if not len(y) == len(x) == len(who):
        raise ValueError("answers, effects and person must be as long as one another.")
    complete = ~(np.isnan(y) | np.isnan(x).any(axis=1) | pd.isna(who))
    y, x, who = y[complete], x[complete], who[complete]
    points, category = np.unique(y, return_inverse=True)
    codes, people = pd.factorize(who)
    if len(points) < 2:
        raise ValueError("An ordinal model needs at least two different answers; everyone gave the same.")
    if len(people) == len(y):
        raise ValueError("Nobody answered more than once, so an ordinal model has nothing to tell people's levels by.")
    if np.linalg.matrix_rank(np.column_stack((np.ones(len(x)), x))) < x.shape[1] + 1:
        raise ValueError("An effect does not vary or is the sum of others, so it cannot be estimated.")
    likelihood = _Likelihood(category, x, codes, len(points), nodes)
    found, converged, information = _maximise(likelihood)
    return _ordinal_summary(
        likelihood,
        found,
        converged,
        information,
        points,
        [str(name) for name in table.columns],
        len(people),
        len(y),
        level,
    )


class _Likelihood:
    """The likelihood and its slope; parameters are the thresholds, the effects and the spread's logarithm."""

    def __init__(
        self, category: NDArray[np.intp], x: NDArray[np.float64], codes: NDArray[np.intp], points: int, nodes: int
    ) -> None:
        order = np.lexsort((*x.T[::-1], category, codes))
        category, x, codes = category[order], x[order], codes[order]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(codes)) + 1))
        ends = np.append(starts[1:], len(codes))
        rows = np.column_stack((category.astype(np.float64), x))
        alike: dict[bytes, list[int]] = {}
        for start, end in zip(starts, ends, strict=True):
            place = alike.setdefault(rows[start:end].tobytes(), [int(start), int(end), 0])
            place[2] += 1
        chosen = np.concatenate([np.arange(start, end) for start, end, _ in alike.values()])
        self.times = np.array([count for *_, count in alike.values()], dtype=np.float64)
        self.group = np.repeat(np.arange(len(alike)), [end - start for start, end, _ in alike.values()])
        self.starts = np.concatenate(([0], np.flatnonzero(np.diff(self.group)) + 1))
        self.category, self.x = category[chosen], x[chosen]
        self.steps, self.effects = points - 1, x.shape[1]
        self.node, weight = np.polynomial.hermite.hermgauss(nodes)
        self.log_weight = np.log(weight) + np.square(self.node)
        self.mode = np.zeros(len(alike))
        weights_of_rows = self.times[self.group]
        self.shares = np.bincount(self.category, weights=weights_of_rows, minlength=points) / weights_of_rows.sum()

    def start(self) -> NDArray[np.float64]:
        """Give thresholds that fit the answers without effects, no effect and a spread of 1."""
        reached = np.cumsum(self.shares)[:-1]
        return np.concatenate((np.log(reached / (1 - reached)), np.zeros(self.effects), [0.0]))

    def _chances(self, parameters: NDArray[np.float64], level: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Give log P(answer) and its first and second derivative by the linear predictor, and by either threshold."""
        steps = parameters[: self.steps]
        edges = np.concatenate(([-np.inf], steps, [np.inf]))
        linear = (self.x @ parameters[self.steps : self.steps + self.effects])[:, np.newaxis] + level
        upper, lower = edges[self.category + 1][:, np.newaxis] - linear, edges[self.category][:, np.newaxis] - linear
        # P = F(upper) - F(lower); where both lie far to the right the mirrored form keeps the digits.
        mirrored = upper + lower > 0
        high, low = np.where(mirrored, -lower, upper), np.where(mirrored, -upper, lower)
        f_high, f_low = _logistic(high), _logistic(low)
        chance = np.maximum(f_high - f_low, 1e-300)
        slope_upper, slope_lower = _logistic_slope(upper), _logistic_slope(lower)
        by_upper, by_lower = slope_upper / chance, -slope_lower / chance
        first = -(by_upper + by_lower)
        curve_upper = slope_upper * (1 - 2 * _logistic(upper))
        curve_lower = slope_lower * (1 - 2 * _logistic(lower))
        second = (curve_upper - curve_lower) / chance - np.square(first)
        return np.log(chance), first, second, by_upper, by_lower

    def value(self, parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Give minus the log-likelihood and its slope."""
        spread = math.exp(parameters[-1])
        mode, width = self._modes(parameters, spread)
        place = mode[:, np.newaxis] + math.sqrt(2) * width[:, np.newaxis] * self.node
        log_chance, first, _, by_upper, by_lower = self._chances(parameters, spread * place[self.group])
        joint = np.add.reduceat(log_chance, self.starts, axis=0) - np.square(place) / 2 + self.log_weight
        largest = joint.max(axis=1, keepdims=True)
        posterior = np.exp(joint - largest)
        total = posterior.sum(axis=1, keepdims=True)
        posterior /= total
        each = largest[:, 0] + np.log(total[:, 0]) + np.log(width) - math.log(math.pi) / 2
        # Fisher's identity: the slope of the likelihood is the mean slope given the person's level.
        weight = (posterior * self.times[:, np.newaxis])[self.group]
        slope = np.zeros(len(parameters))
        upper_mean, lower_mean = (by_upper * weight).sum(axis=1), (by_lower * weight).sum(axis=1)
        slope[: self.steps] = (
            np.bincount(self.category, weights=upper_mean, minlength=self.steps + 1)[: self.steps]
            + np.bincount(self.category, weights=lower_mean, minlength=self.steps + 1)[1 : self.steps + 1]
        )
        slope[self.steps : self.steps + self.effects] = self.x.T @ (first * weight).sum(axis=1)
        slope[-1] = float((first * weight * spread * place[self.group]).sum())
        return -float(self.times @ each), -slope

    def _modes(self, parameters: NDArray[np.float64], spread: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Find each person's likeliest level and how sharp it is, by Newton's steps from the last answer."""
        mode = self.mode
        curve = np.ones_like(mode)
        for _ in range(_NEWTON_STEPS):
            _, first, second, _, _ = self._chances(parameters, (spread * mode)[self.group][:, np.newaxis])
            slope = spread * np.add.reduceat(first[:, 0], self.starts) - mode
            curve = 1 - spread**2 * np.add.reduceat(second[:, 0], self.starts)
            step = np.clip(slope / curve, -2.0, 2.0)
            mode = mode + step
            if float(np.abs(step).max()) < 1e-11:
                break
        self.mode = mode
        return mode, 1 / np.sqrt(curve)


def _maximise(likelihood: _Likelihood) -> tuple[NDArray[np.float64], bool, NDArray[np.float64]]:
    from scipy.optimize import minimize

    steps = likelihood.steps

    def unpack(free: NDArray[np.float64]) -> NDArray[np.float64]:
        thresholds = free[0] + np.concatenate(([0.0], np.cumsum(np.exp(np.clip(free[1:steps], -50, 50)))))
        return np.concatenate((thresholds, free[steps:-1], [np.clip(free[-1], -12, 6)]))

    def misfit(free: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        parameters = unpack(free)
        value, slope = likelihood.value(parameters)
        freed = slope.copy()
        freed[0] = slope[:steps].sum()
        for place in range(1, steps):
            freed[place] = slope[place:steps].sum() * math.exp(min(free[place], 50))
        return value, freed

    start = likelihood.start()
    free = start.copy()
    free[1:steps] = np.log(np.maximum(np.diff(start[:steps]), 1e-3))
    found = minimize(misfit, free, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500})
    parameters = unpack(found.x)
    information = _information(likelihood, parameters, _NEAR)
    # A few of Newton's steps bring the last digits.
    for _ in range(4):
        _, slope = likelihood.value(parameters)
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            break
        if not np.isfinite(step).all() or float(np.abs(step).max()) > 0.1:
            break
        parameters = parameters - step
        if float(np.abs(step).max()) < 1e-10:
            break
    information = _information(likelihood, parameters)
    _, slope = likelihood.value(parameters)
    sound = bool(
        np.isfinite(parameters).all()
        and np.abs(parameters[:-1]).max() < _LARGEST_EFFECT
        and float(np.abs(slope).max()) < 1e-4 * max(1.0, float(likelihood.times.sum()) ** 0.5)
    )
    return parameters, sound, information


def _information(
    likelihood: _Likelihood, parameters: NDArray[np.float64], sides_of: tuple[float, ...] = _NEAR_AND_FAR
) -> NDArray[np.float64]:
    """Differentiate the slope once more, symmetrically; near alone is enough to take a step by."""
    size = len(parameters)
    information = np.empty((size, size))
    for place in range(size):
        width = 1e-4 * max(1.0, abs(parameters[place]))
        sides = []
        for sign in sides_of:
            moved = parameters.copy()
            moved[place] += sign * width
            sides.append(likelihood.value(moved)[1])
        if len(sides) == 2:
            information[place] = (sides[0] - sides[1]) / (2 * width)
        else:
            information[place] = (8 * (sides[0] - sides[1]) - (sides[2] - sides[3])) / (12 * width)
    mean: NDArray[np.float64] = (information + information.T) / 2
    return mean


def _ordinal_summary(
    likelihood: _Likelihood,
    parameters: NDArray[np.float64],
    converged: bool,
    information: NDArray[np.float64],
    points: NDArray[np.float64],
    names: list[str],
    people: int,
    answers: int,
    level: float,
) -> OrdinalModel:
    from scipy.special import ndtr, ndtri

    kept = slice(None)
    if parameters[-1] < -6:
        # At the edge, where people do not differ, the spread has no say in the other errors.
        kept = slice(0, -1)
    try:
        covariance = np.linalg.inv(information[kept, kept])
    except np.linalg.LinAlgError:
        covariance = np.full_like(information[kept, kept], np.nan)
    diagonal = np.diag(covariance)[: len(parameters) - 1]
    errors = np.sqrt(np.where(diagonal > 0, diagonal, np.nan))
    steps = likelihood.steps
    estimates, spreads = parameters[steps:-1], errors[steps:]
    reach = float(ndtri(0.5 + level / 2)) * spreads
    with np.errstate(over="ignore"):
        odds = np.exp(np.stack((estimates, estimates - reach, estimates + reach)))
    z = estimates / spreads
    return OrdinalModel(
        coefficients=pd.DataFrame(
            {
                "effect": names,
                "estimate": estimates,
                "standard_error": spreads,
                "z": z,
                "p_value": 2 * ndtr(-np.abs(z)),
                "odds_ratio": odds[0],
                "low": odds[1],
                "high": odds[2],
            }
        ),
        thresholds=pd.DataFrame(
            {
                "step": [f"{points[place]:g} | {points[place + 1]:g}" for place in range(steps)],
                "estimate": parameters[:steps],
                "standard_error": errors[:steps],
            }
        ),
        person_spread=math.exp(parameters[-1]) if parameters[-1] >= -6 else 0.0,
        log_likelihood=-likelihood.value(parameters)[0],
        people=people,
        answers=answers,
        nodes=len(likelihood.node),
        converged=converged and bool(np.isfinite(errors).all()),
        level=level,
        method="Cumulative-logit model (McCullagh 1980) with a random intercept a person, by adaptive Gauss-Hermite "
        f"quadrature with {len(likelihood.node)} nodes (Liu & Pierce 1994); Wald intervals.",
    )


def _logistic(value: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import expit

    result: NDArray[np.float64] = expit(value)
    return result


def _logistic_slope(value: NDArray[np.float64]) -> NDArray[np.float64]:
    share = _logistic(-np.abs(value))
    slope: NDArray[np.float64] = share * (1 - share)
    return slope
