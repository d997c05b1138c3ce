"""A cumulative-logit model with a random intercept a person, by adaptive Gauss-Hermite quadrature; only it lives here.

It treats answers as ordered words rather than numbers. People whose answers and waves are the same share one
likelihood, which is worked out once and counted, so that many people on a short scale cost little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import as_numbers
from cop_analysis.change.settings import require_level

_LARGEST_EFFECT = 25.0
_NEWTON_STEPS = 60
_NEAR = (1.0, -1.0)
_NEAR_AND_FAR = (1.0, -1.0, 2.0, -2.0)


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
    return _summary(likelihood, found, converged, information, points, [str(name) for name in table.columns],
                    len(people), len(y), level)  # fmt: skip


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


def _summary(
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
