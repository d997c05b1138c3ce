"""How large a change a study of a given size can show: power of the exact test by simulation; no data are tested."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cop_analysis.change.methods.exact import fair_p_values
from cop_analysis.resampling import generator
from cop_analysis.results import format_share

_MOST_EXACT = 200


@dataclass(frozen=True)
class Power:
    """The power of the exact signed-rank test in one situation.

    Parameters
    ----------
    power : float
        Share of simulated studies with p at most alpha.
    standard_error : float
        Of that share, from the number of simulations.
    n : int
        People who answer both times.
    superiority : float
        True PS.
    changing : float
        True share of people who change at all.
    alpha : float
        Level of the test, two-sided.
    simulations : int
        Simulated studies.
    """

    power: float
    standard_error: float
    n: int
    superiority: float
    changing: float
    alpha: float
    simulations: int


@dataclass(frozen=True)
class SmallestDetectable:
    """The smallest true PS a study of this size finds with the wanted power.

    Parameters
    ----------
    superiority : float
        PS above .5 (a fall is as detectable as a rise); NaN where no PS that this share of changers allows reaches the
        power.
    power : float
        Power reached there, or the most there is.
    n, changing, alpha, wanted, simulations
        As asked for.
    """

    superiority: float
    power: float
    n: int
    changing: float
    alpha: float
    wanted: float
    simulations: int


def power(
    n: int,
    superiority: float,
    changing: float = 0.7,
    sizes: Mapping[float, float] | None = None,
    alpha: float = 0.05,
    simulations: int = 2000,
    seed: int | np.random.Generator = 0,
) -> Power:
    """Give the chance that the exact Pratt test finds a change of a given strength.

    Parameters
    ----------
    n : int
        People who will answer both times.
    superiority : float
        True PS = P(up) + P(same) / 2; between (1 - changing) / 2 and (1 + changing) / 2.
    changing : float
        True share of people who change at all, above 0 and at most 1.
    sizes : mapping of float to float, optional
        How large changes are, in scale points, with their weights; by default three of four move one point and one of
        four two points. Sizes are the same up and down.
    alpha : float
        Level of the test, two-sided.
    simulations : int
        Simulated studies, at least 100.
    seed : int or numpy.random.Generator
        Where the draws start.

    Returns
    -------
    Power

    Raises
    ------
    ValueError
        If a setting is impossible.

    Notes
    -----
    Each simulated study draws who changes, by how much and which way, and runs `signed_rank` (Pratt 1959). Studies that
    come out alike are tested once. Above 200 people its normal approximation stands in, which differs there by less
    than the simulation does.

    Examples
    --------
    >>> found = power(20, 0.8, changing=0.8, simulations=500, seed=1)
    >>> 0.8 < found.power < 1
    True
    """
    weights, chances = _settings(n, changing, sizes, alpha, simulations)
    upwards = _share_up(superiority, changing)
    study = _Studies(n, changing, weights, chances, simulations, generator(seed))
    share = study.found(upwards, alpha)
    return Power(
        power=share,
        standard_error=math.sqrt(share * (1 - share) / simulations),
        n=n,
        superiority=superiority,
        changing=changing,
        alpha=alpha,
        simulations=simulations,
    )


def smallest_detectable(
    n: int,
    changing: float = 0.7,
    sizes: Mapping[float, float] | None = None,
    alpha: float = 0.05,
    wanted: float = 0.8,
    simulations: int = 2000,
    seed: int | np.random.Generator = 0,
) -> SmallestDetectable:
    """Give the smallest PS that a study of this size finds with the wanted power.

    Parameters
    ----------
    n, changing, sizes, alpha, simulations, seed
        As in `power`.
    wanted : float
        Power wanted, between 0 and 1.

    Returns
    -------
    SmallestDetectable

    Raises
    ------
    ValueError
        If a setting is impossible.

    Notes
    -----
    By halving, with the same simulated people at every step, so that power rises with PS throughout.

    Examples
    --------
    >>> import math
    >>> math.isnan(smallest_detectable(5, simulations=200).superiority)
    True
    """
    if not 0 < wanted < 1:
        raise ValueError(f"The wanted power lies between 0 and 1, for example 0.8, not {wanted!r}.")
    weights, chances = _settings(n, changing, sizes, alpha, simulations)
    study = _Studies(n, changing, weights, chances, simulations, generator(seed))
    most = study.found(1.0, alpha)
    if most < wanted:
        return SmallestDetectable(math.nan, most, n, changing, alpha, wanted, simulations)
    low, high, reached = 0.5, 1.0, most
    while high - low > 0.002:
        middle = (low + high) / 2
        share = study.found(middle, alpha)
        if share >= wanted:
            high, reached = middle, share
        else:
            low = middle
    return SmallestDetectable(0.5 + changing * (high - 0.5), reached, n, changing, alpha, wanted, simulations)


class _Studies:
    """Simulated studies whose people keep their change and their luck while the share going up is moved."""

    def __init__(
        self,
        n: int,
        changing: float,
        weights: NDArray[np.float64],
        chances: NDArray[np.float64],
        simulations: int,
        random: np.random.Generator,
    ) -> None:
        self.n, self.kinds = n, len(weights)
        shares = np.concatenate(([1 - changing], changing * chances))
        self.kind = random.choice(len(shares), size=(simulations, n), p=shares / shares.sum())
        self.luck = random.random((simulations, n))
        self.answers: dict[bytes, float] = {}

    def found(self, upwards: float, alpha: float) -> float:
        """Give the share of the studies with p at most alpha when this share of the changers goes up."""
        went_up = self.luck < upwards
        base = np.arange(len(self.kind))[:, np.newaxis] * (self.kinds + 1)
        size = len(self.kind) * (self.kinds + 1)
        counts = np.bincount((self.kind + base).ravel(), minlength=size).reshape(-1, self.kinds + 1)
        ups = np.bincount((self.kind + base)[went_up], minlength=size).reshape(-1, self.kinds + 1)
        studies, times = np.unique(np.hstack((counts, ups[:, 1:])), axis=0, return_counts=True)
        hits = sum(
            int(number)
            for row, number in zip(studies, times, strict=True)
            if self._p(row[: self.kinds + 1], row[self.kinds + 1 :]) <= alpha * (1 + 1e-12)
        )
        return hits / len(self.kind)

    def _p(self, counts: NDArray[np.int64], ups: NDArray[np.int64]) -> float:
        key = np.concatenate((counts, ups)).tobytes()
        if key not in self.answers:
            ends = np.cumsum(counts)[1:]
            people = counts[1:]
            there = people > 0
            ranks = 2 * (ends - people) + people + 1
            p_value = 1.0
            if there.any():
                exactly = self.n <= _MOST_EXACT
                p_value, _, _ = fair_p_values(ranks[there], people[there], ups[there], "two-sided", exactly)
            self.answers[key] = p_value
        return self.answers[key]


def _share_up(superiority: float, changing: float) -> float:
    upwards = 0.5 + (superiority - 0.5) / changing
    if not -1e-9 <= upwards <= 1 + 1e-9:
        raise ValueError(
            f"With {format_share(changing)} of people changing, PS lies between {0.5 - changing / 2:.3g} and "
            f"{0.5 + changing / 2:.3g}; {superiority:g} is out of reach."
        )
    return min(max(upwards, 0.0), 1.0)


def _settings(
    n: int, changing: float, sizes: Mapping[float, float] | None, alpha: float, simulations: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if isinstance(n, bool) or int(n) != n or not 1 <= n <= 2000:
        raise ValueError(f"n must be a whole number of people from 1 to 2,000, not {n!r}.")
    if not 0 < changing <= 1:
        raise ValueError(f"changing is a share of people above 0 and at most 1, not {changing!r}.")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, for example 0.05, not {alpha!r}.")
    if isinstance(simulations, bool) or int(simulations) != simulations or simulations < 100:
        raise ValueError(f"simulations must be a whole number of at least 100, not {simulations!r}.")
    given = dict(sizes) if sizes else {1.0: 3.0, 2.0: 1.0}
    size = np.array(sorted(given), dtype=np.float64)
    weight = np.array([given[each] for each in sorted(given)], dtype=np.float64)
    if not (np.isfinite(size).all() and np.isfinite(weight).all() and (size > 0).all() and (weight >= 0).all()):
        raise ValueError("sizes holds sizes of change above 0 with weights of 0 or more.")
    if weight.sum() <= 0:
        raise ValueError("sizes needs at least one size with a weight above 0.")
    return size[weight > 0], weight[weight > 0] / weight.sum()
