"""Funnel limits for shares of different denominators, widened where units differ by more than chance; numbers only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from cop_analysis.sessions.intervals import homogeneity


@dataclass(frozen=True)
class Funnel:
    """Each unit's distance from the pooled share, before and after allowing for overdispersion.

    Parameters
    ----------
    pooled : float
        The pooled share.
    z : tuple of float
        Each unit's distance from it in binomial standard errors.
    z_adjusted : tuple of float
        The same after the allowance for overdispersion.
    overdispersion : float
        Pearson's chi-square of the (winsorised) z over its degrees of freedom: 1 by chance alone.
    tau : float
        The standard deviation between units that the additive model adds; 0 where there is no more than chance.
    winsorised : int
        How many z at each end were drawn in before the overdispersion was estimated.
    model : {"multiplicative", "additive", "none"}
    """

    pooled: float
    z: tuple[float, ...]
    z_adjusted: tuple[float, ...]
    overdispersion: float
    tau: float
    winsorised: int
    model: str

    def standard_error(self, n: float) -> float:
        """Give the standard error of a share of `n` around the pooled share, overdispersion allowed for."""
        binomial = self.pooled * (1 - self.pooled) / n
        if self.model == "multiplicative":
            return math.sqrt(binomial * max(1.0, self.overdispersion))
        return math.sqrt(binomial + (self.tau**2 if self.model == "additive" else 0.0))

    def limits(self, n: float, level: float = 0.95) -> tuple[float, float]:
        """Give the limits between which a share of `n` lies with this probability, cut off at 0 and 1."""
        half = -NormalDist().inv_cdf((1 - level) / 2) * self.standard_error(n)
        return max(0.0, self.pooled - half), min(1.0, self.pooled + half)


def funnel(
    successes: Sequence[int],
    n: Sequence[int],
    model: Literal["multiplicative", "additive", "none"] = "multiplicative",
    winsorise: float = 0.1,
) -> Funnel:
    """Answer which shares lie further from the rest than the rest lie from each other.

    Parameters
    ----------
    successes, n : sequence of int
        Counts and denominators, one pair a unit; each denominator at least 1.
    model : {"multiplicative", "additive", "none"}
        How the spread between units widens the limits: by a factor, by a variance of its own, or not at all.
    winsorise : float
        The share of z at each end that is drawn in to the nearest of the rest before the overdispersion is
        estimated, rounded down to whole units, so that outliers do not hide themselves; under 0.5.

    Returns
    -------
    Funnel

    Raises
    ------
    ValueError
        As `homogeneity` does; or when `model` or `winsorise` is not one of those above.

    Notes
    -----
    Spiegelhalter 2005, Statistics in Medicine 24:1185-1202: z by the score test; overdispersion as the mean of the
    winsorised squared z (here over the degrees of freedom, because the pooled share is estimated from the same
    units), never under 1; the additive variance by moments (DerSimonian & Laird 1986).

    Examples
    --------
    >>> found = funnel([17, 73, 57, 39, 69, 105, 32], [37, 97, 83, 57, 92, 230, 51])
    >>> round(found.z[5], 4), round(found.overdispersion, 4), round(found.z_adjusted[5], 4)
    (-4.6352, 7.5649, -1.6852)
    """
    if model not in ("multiplicative", "additive", "none"):
        raise ValueError(f"{model!r} is not a model of overdispersion: write multiplicative, additive or none.")
    if not 0 <= winsorise < 0.5:
        raise ValueError(f"The share to winsorise lies between 0 and 0.5, not at {winsorise!r}.")
    test = homogeneity(successes, n)
    ordered = sorted(test.z)
    drawn_in = math.floor(winsorise * len(ordered))
    inner = [min(max(z, ordered[drawn_in]), ordered[-1 - drawn_in]) for z in test.z]
    factor = math.fsum(z * z for z in inner) / test.df
    variances = [test.pooled * (1 - test.pooled) / size for size in n]
    weights = [1 / variance for variance in variances]
    spare = math.fsum(weights) - math.fsum(weight * weight for weight in weights) / math.fsum(weights)
    tau_squared = max(0.0, (test.df * factor - test.df) / spare)
    found = Funnel(test.pooled, test.z, (), factor, math.sqrt(tau_squared), drawn_in, model)
    adjusted = tuple(
        z * math.sqrt(variance) / found.standard_error(size)
        for z, variance, size in zip(test.z, variances, n, strict=True)
    )
    return Funnel(test.pooled, test.z, adjusted, factor, found.tau, drawn_in, model)
