"""Effect sizes of a paired change beside PS: matched rank-biserial and standardised means; no test lives here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.bootstrap import bca_limits, require_resampling
from cop_analysis.change.differences import paired_differences, paired_values
from cop_analysis.change.settings import require_level
from cop_analysis.resampling import generator

_BLOCK_CELLS = 400_000
# With more different changes than this, leaving one out moves the estimate too little to skew its interval.
_MOST_LEFT_OUT = 2_000


@dataclass(frozen=True)
class RankBiserial:
    """The matched rank-biserial correlation with its bootstrap interval.

    Parameters
    ----------
    estimate, low, high : float
        Between -1 (every change down) and 1 (every change up). The interval is a point where everyone who changed
        went the same way: then no resample can say otherwise, and the interval of PS is the one to read.
    n, changed, missing : int
        Complete pairs, those who changed, pairs left out.
    resamples : int
        How often people were drawn anew.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    estimate: float
    low: float
    high: float
    n: int
    changed: int
    missing: int
    resamples: int
    level: float
    method: str


@dataclass(frozen=True)
class StandardisedChange:
    """Mean change in units of a standard deviation; NaN where undefined, with the reason in `notes`.

    Parameters
    ----------
    mean_change : float
        Mean of post - pre, in scale points.
    dz, dz_low, dz_high : float
        In standard deviations of the changes, with the interval from the non-central t distribution.
    hedges_g, g_low, g_high : float
        dz less its small-sample bias, with its interval.
    dav : float
        In units of the mean of the two waves' standard deviations.
    d_average_variance : float
        In units of the root of the two waves' mean variance.
    n, missing : int
        Complete pairs and pairs left out.
    level : float
        Confidence level.
    notes : tuple of str
        A sentence for each figure that is undefined.
    method : str
        The method in words, with its source.
    """

    mean_change: float
    dz: float
    dz_low: float
    dz_high: float
    hedges_g: float
    g_low: float
    g_high: float
    dav: float
    d_average_variance: float
    n: int
    missing: int
    level: float
    notes: tuple[str, ...]
    method: str


def rank_biserial(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    resamples: int = 9999,
    seed: int | np.random.Generator = 0,
    level: float = 0.95,
) -> RankBiserial:
    """Say how far the ranked changes upwards outweigh those downwards.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after, in scale points; Series are paired by index. Missing pairs are left out.
    resamples : int
        How often people are drawn anew for the interval, at least 100.
    seed : int or numpy.random.Generator
        Where the draws start.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    RankBiserial

    Raises
    ------
    ValueError
        If nobody changed, so that there is nothing to weigh, or the answers cannot be paired or read as numbers.

    Notes
    -----
    Kerby 2014, Comprehensive Psychology 3:11: the share of the rank sum that goes up less the share that goes down,
    ranks as in Wilcoxon's test, people who did not change left out. Interval: BCa bootstrap of people (Efron 1987); a
    resample in which nobody changed counts as 0.

    Examples
    --------
    >>> before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    >>> after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    >>> round(rank_biserial(before, after, resamples=999).estimate, 4)
    -0.7778
    """
    require_resampling(resamples, level)
    differences = paired_differences(pre, post)
    if not differences.up + differences.down:
        raise ValueError(
            "The rank-biserial correlation is undefined: nobody changed, so there is nothing to weigh."
            if differences.n
            else "There is no pair with both answers, so there is nothing to weigh."
        )
    values, people, counts = np.unique(differences.values, return_inverse=True, return_counts=True)
    order = np.argsort(np.abs(values), kind="stable")
    values, counts = values[order], counts[order]
    people = np.argsort(order)[people]
    weigh = _weigher(values)
    estimate = float(weigh(counts[np.newaxis, :].astype(np.float64))[0])
    random = generator(seed)
    drawn = np.empty(resamples)
    block = max(1, _BLOCK_CELLS // differences.n)
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        if 8 * len(values) < differences.n:
            # Few different answers of many people: how often each is drawn can be drawn directly.
            times = random.multinomial(differences.n, counts / differences.n, size=rows).astype(np.float64)
        else:
            chosen = people[random.integers(0, differences.n, size=(rows, differences.n))]
            chosen += (np.arange(rows) * len(values))[:, np.newaxis]
            times = np.bincount(chosen.ravel(), minlength=rows * len(values)).reshape(rows, len(values)).astype(float)
        drawn[start : start + rows] = weigh(times)
    low, high = bca_limits(drawn, estimate, _acceleration(weigh, counts), level)
    return RankBiserial(
        estimate=estimate,
        low=float(low),
        high=float(high),
        n=differences.n,
        changed=differences.up + differences.down,
        missing=differences.missing,
        resamples=resamples,
        level=level,
        method="Matched rank-biserial correlation (Kerby 2014), people who did not change left out; BCa bootstrap "
        f"interval (Efron 1987), {resamples:,} resamples.",
    )


def standardised_change(
    pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series, level: float = 0.95
) -> StandardisedChange:
    """Give the mean change in standard deviations, for comparison with other studies.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after, in scale points; Series are paired by index. Missing pairs are left out.
    level : float
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    StandardisedChange

    Raises
    ------
    ValueError
        If there is no complete pair, or the answers cannot be paired or read as numbers.

    Notes
    -----
    dz and dav: Lakens 2013, Frontiers in Psychology 4:863. Hedges' correction with the gamma function and n - 1 degrees
    of freedom: Hedges 1981, Journal of Educational Statistics 6:107-128. Interval of dz: Cumming & Finch 2001,
    Educational and Psychological Measurement 61:532-574. dz grows with how alike people's changes are and is not
    comparable with a d between groups; dav is closer to one.

    Examples
    --------
    >>> change = standardised_change([9, 14, 8, 11, 14, 10, 8, 14], [13, 15, 9, 12, 16, 10, 8, 13])
    >>> round(change.dz, 3), round(change.hedges_g, 3), round(change.dav, 3)
    (0.661, 0.587, 0.364)
    """
    require_level(level)
    before, after, missing = paired_values(pre, post)
    differences = paired_differences(before, after)
    n = differences.n
    if n == 0:
        raise ValueError("There is no pair with both answers, so there is no change to standardise.")
    mean = float(np.mean(differences.values))
    notes: list[str] = []
    dz = dz_low = dz_high = g = g_low = g_high = dav = averaged = math.nan
    if n < 2:
        notes.append("One pair has no standard deviation, so nothing can be standardised.")
    else:
        spread = float(np.std(differences.values, ddof=1))
        if spread <= 1e-12 * max(1.0, abs(mean)):
            notes.append("dz and Hedges g are undefined: everyone changed by the same amount.")
        else:
            dz = mean / spread
            dz_low, dz_high = _noncentral_limits(dz, n, level)
            correction = bias_correction(n - 1)
            g, g_low, g_high = correction * dz, correction * dz_low, correction * dz_high
        spreads = float(before.std(ddof=1)), float(after.std(ddof=1))
        if max(spreads) <= 1e-12:
            notes.append("dav is undefined: everyone gave the same answer at either wave.")
        else:
            dav = mean / (sum(spreads) / 2)
            averaged = mean / math.sqrt((spreads[0] ** 2 + spreads[1] ** 2) / 2)
    return StandardisedChange(
        mean_change=mean,
        dz=dz,
        dz_low=dz_low,
        dz_high=dz_high,
        hedges_g=g,
        g_low=g_low,
        g_high=g_high,
        dav=dav,
        d_average_variance=averaged,
        n=n,
        missing=missing,
        level=level,
        notes=tuple(notes),
        method="Standardised mean change (Lakens 2013), Hedges' (1981) correction, interval from the non-central t "
        "distribution (Cumming & Finch 2001).",
    )


def bias_correction(freedom: int) -> float:
    """Give the factor that takes the small-sample bias off a standardised mean.

    Examples
    --------
    >>> round(bias_correction(14), 6)
    0.945288
    """
    if freedom < 2:
        return 0.0
    return math.exp(math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2)) / math.sqrt(freedom / 2)


def _noncentral_limits(dz: float, n: int, level: float) -> tuple[float, float]:
    """Find the standardised changes under which the observed t would be just too large and just too small."""
    from scipy.optimize import brentq
    from scipy.special import nctdtr

    t = dz * math.sqrt(n)

    def below(shift: float) -> float:
        value = float(nctdtr(n - 1, shift, t))
        # Far out the series fails; there the answer is certain.
        return value if not math.isnan(value) else float(shift < t)

    def limit(share: float) -> float:
        reach = 1.0
        while not below(t - reach) > share > below(t + reach):
            reach *= 1.5
        return float(brentq(lambda shift: below(shift) - share, t - reach, t + reach, xtol=1e-12))

    return limit(0.5 + level / 2) / math.sqrt(n), limit(0.5 - level / 2) / math.sqrt(n)


def _weigher(values: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Give the function from how often each difference (by size) occurs, a row a resample, to the correlation."""
    sizes = np.abs(values)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(sizes) > 0) + 1))
    first = int(sizes[0] == 0)
    signs = np.sign(values)

    def weigh(times: NDArray[np.float64]) -> NDArray[np.float64]:
        people = np.add.reduceat(times, starts, axis=1)[:, first:]
        up_less_down = np.add.reduceat(times * signs, starts, axis=1)[:, first:]
        ranks = np.cumsum(people, axis=1) - people + (people + 1) / 2
        total = (ranks * people).sum(axis=1)
        return np.divide((ranks * up_less_down).sum(axis=1), total, out=np.zeros(len(times)), where=total > 0)

    return weigh


def _acceleration(weigh: Callable[[NDArray[np.float64]], NDArray[np.float64]], counts: NDArray[np.int64]) -> float:
    """Jackknife over the different answers, each standing for the people who gave it."""
    if len(counts) > _MOST_LEFT_OUT:
        return 0.0
    block = max(1, _BLOCK_CELLS // len(counts))
    parts = []
    for start in range(0, len(counts), block):
        places = np.arange(start, min(start + block, len(counts)))
        without_one = np.repeat(counts[np.newaxis, :].astype(np.float64), len(places), axis=0)
        without_one[np.arange(len(places)), places] -= 1
        parts.append(weigh(without_one))
    left = np.concatenate(parts)
    centre = float(np.average(left, weights=counts))
    away = centre - left
    squares = float((counts * away**2).sum())
    return float((counts * away**3).sum()) / (6 * squares**1.5) if squares > 1e-24 else 0.0
