"""Intervals and tests for shares and means, and the funnel around them; no study, table or picture is known here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

_LARGEST_COUNT = 10**300


@dataclass(frozen=True)
class Interval:
    """An estimate between two limits.

    Parameters
    ----------
    estimate, low, high : float
        The estimate and its limits, on the scale of the question (a share lies in [0, 1], a difference of two shares
        in [-1, 1]).
    level : float
        The coverage asked for, 0.95 for a 95% interval.
    """

    estimate: float
    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True)
class Homogeneity:
    """Whether several shares could be one and the same.

    Parameters
    ----------
    statistic : float
        Pearson's chi-square of the groups against their pooled share.
    df : int
        Its degrees of freedom, one less than the groups.
    p_value : float
    pooled : float
        The pooled share.
    z : tuple of float
        For each group, its distance from the pooled share in binomial standard errors (the funnel's z).
    smallest_expected : float
        The smallest expected cell count; under 5 the p-value is rough.
    """

    statistic: float
    df: int
    p_value: float
    pooled: float
    z: tuple[float, ...]
    smallest_expected: float

    @property
    def overdispersion(self) -> float:
        """Chi-square over its degrees of freedom: about 1 when the groups differ by chance alone."""
        return self.statistic / self.df


@dataclass(frozen=True)
class Trend:
    """Whether shares rise or fall along an order.

    Parameters
    ----------
    statistic : float
        Chi-square for a linear trend, on one degree of freedom.
    p_value : float
    slope : float
        By how much the share changes from one score to the next; its sign is the direction.
    """

    statistic: float
    p_value: float
    slope: float


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Answer how far a share of counts can be trusted, by Wilson's score interval.

    Parameters
    ----------
    successes : int
        How many of the `n` did.
    n : int
        The denominator, at least 1.
    level : float
        Coverage between 0 and 1, 0.95 unless told.

    Returns
    -------
    Interval
        ``estimate``, ``low`` and ``high``, never outside [0, 1] and never collapsed to a point.

    Raises
    ------
    ValueError
        If `n` is 0 (a share of nothing is undefined), a count is negative, not whole or above 1e300, `successes`
        exceeds `n`, or `level` is not between 0 and 1.

    Notes
    -----
    Wilson 1927, Journal of the American Statistical Association 22:209-212; no continuity correction, as Newcombe
    1998 (Statistics in Medicine 17:857-872, method 3) recommends.

    Examples
    --------
    >>> interval = wilson(81, 263)
    >>> round(interval.estimate, 4), round(interval.low, 4), round(interval.high, 4)
    (0.308, 0.2553, 0.3662)
    """
    successes, n = _whole(successes, "successes"), _whole(n, "n")
    if n == 0:
        raise ValueError("A share of 0 is not defined: the denominator n must be at least 1.")
    if successes > n:
        raise ValueError(f"{successes} of {n} is not a share: successes cannot exceed n.")
    z = _quantile(level)
    share, size = successes / n, float(n)
    spread = z * math.sqrt(share * (1 - share) / size + (z / (2 * size)) ** 2)
    low = (share + z * z / (2 * size) - spread) / (1 + z * z / size)
    high = (share + z * z / (2 * size) + spread) / (1 + z * z / size)
    # At the ends the formula gives 0 and 1 exactly, the arithmetic only nearly.
    low = 0.0 if successes == 0 else min(max(low, 0.0), share)
    high = 1.0 if successes == n else max(min(high, 1.0), share)
    return Interval(share, low, high, float(level))


def wilson_between(successes: int, n: int, overdispersion: float, level: float = 0.95) -> Interval:
    """Answer how far a pooled share can be trusted where the groups it pools vary more than chance makes them.

    Parameters
    ----------
    successes : int
        How many of the `n` did, over all groups.
    n : int
        The denominator over all groups, at least 1.
    overdispersion : float
        Chi-square of the groups over its degrees of freedom (`Homogeneity.overdispersion`); up to 1 changes nothing.
    level : float
        Coverage between 0 and 1, 0.95 unless told.

    Returns
    -------
    Interval
        Wilson's interval of the same share of fewer: `n` divided by the overdispersion.

    Raises
    ------
    ValueError
        As `wilson` does.

    Notes
    -----
    The effective sample size of an overdispersed binomial (Rao & Scott 1992, Biometrics 48:577-585).

    Examples
    --------
    >>> wide = wilson_between(392, 647, 7.5649)
    >>> round(wide.estimate, 4), round(wide.low, 4), round(wide.high, 4)
    (0.6059, 0.4999, 0.7027)
    """
    plain = wilson(successes, n, level)
    if not overdispersion > 1:
        return plain
    z, share, size = _quantile(level), plain.estimate, n / overdispersion
    spread = z * math.sqrt(share * (1 - share) / size + (z / (2 * size)) ** 2)
    low = (share + z * z / (2 * size) - spread) / (1 + z * z / size)
    high = (share + z * z / (2 * size) + spread) / (1 + z * z / size)
    return Interval(share, min(max(low, 0.0), share), max(min(high, 1.0), share), float(level))


def newcombe(successes: int, n: int, other_successes: int, other_n: int, level: float = 0.95) -> Interval:
    """Answer how far apart two independent shares are, by Newcombe's hybrid score interval.

    Parameters
    ----------
    successes, n : int
        The first share.
    other_successes, other_n : int
        The second share, which is taken away from the first.
    level : float
        Coverage between 0 and 1, 0.95 unless told.

    Returns
    -------
    Interval
        The first share less the second, with limits inside [-1, 1].

    Raises
    ------
    ValueError
        As `wilson` does, for either share.

    Notes
    -----
    Newcombe 1998, Statistics in Medicine 17:873-890, method 10.

    Examples
    --------
    >>> gap = newcombe(56, 70, 48, 80)
    >>> round(gap.estimate, 4), round(gap.low, 4), round(gap.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    first, second = wilson(successes, n, level), wilson(other_successes, other_n, level)
    difference = first.estimate - second.estimate
    low = difference - math.hypot(first.estimate - first.low, second.high - second.estimate)
    high = difference + math.hypot(first.high - first.estimate, second.estimate - second.low)
    return Interval(difference, max(low, -1.0), min(high, 1.0), float(level))


def homogeneity(successes: Sequence[int], n: Sequence[int]) -> Homogeneity:
    """Answer whether several shares differ by more than chance, by Pearson's chi-square.

    Parameters
    ----------
    successes, n : sequence of int
        Counts and denominators, one pair a group; each denominator at least 1.

    Returns
    -------
    Homogeneity

    Raises
    ------
    ValueError
        With fewer than two groups, with an impossible pair, or where every group is all or nothing alike (the
        pooled share is 0 or 1), since no test is defined then.

    Notes
    -----
    The overdispersion factor is the chi-square over its degrees of freedom (Spiegelhalter 2005, Statistics in
    Medicine 24:1185-1202).

    Examples
    --------
    >>> test = homogeneity([17, 73, 57, 39, 69, 105, 32], [37, 97, 83, 57, 92, 230, 51])
    >>> round(test.statistic, 8), test.df
    (45.38967658, 6)
    """
    if len(successes) != len(n):
        raise ValueError(f"There are {len(successes)} counts but {len(n)} denominators: give one of each per group.")
    if len(n) < 2:
        raise ValueError("Whether shares differ needs at least two groups.")
    intervals = [wilson(count, size) for count, size in zip(successes, n, strict=True)]
    counts, sizes = [int(count) for count in successes], [int(size) for size in n]
    total, everyone = sum(counts), sum(sizes)
    if total in (0, everyone):
        raise ValueError(
            f"All groups share the same {total} of {everyone}, so there is no difference to test between them."
        )
    pooled = total / everyone
    z = tuple(
        (interval.estimate - pooled) / math.sqrt(pooled * (1 - pooled) / size)
        for interval, size in zip(intervals, sizes, strict=True)
    )
    statistic = math.fsum(value * value for value in z)
    df = len(sizes) - 1
    from scipy.special import chdtrc

    return Homogeneity(statistic, df, float(chdtrc(df, statistic)), pooled, z, min(pooled, 1 - pooled) * min(sizes))


def trend(successes: Sequence[int], n: Sequence[int], scores: Sequence[float] | None = None) -> Trend:
    """Answer whether shares rise or fall steadily from group to group, by the chi-square test for trend.

    Parameters
    ----------
    successes, n : sequence of int
        Counts and denominators, one pair a group, in their order.
    scores : sequence of float, optional
        Where each group stands on the scale of the order; 1, 2, 3 ... unless told.

    Returns
    -------
    Trend

    Raises
    ------
    ValueError
        As `homogeneity` does, with scores that do not fit the groups, or where all scores are alike.

    Notes
    -----
    Cochran 1954 (Biometrics 10:417-451) and Armitage 1955 (Biometrics 11:375-386), without continuity correction, as
    R's prop.trend.test computes it.

    Examples
    --------
    >>> found = trend([17, 73, 57, 39, 69, 105, 32], [37, 97, 83, 57, 92, 230, 51])
    >>> round(found.statistic, 5), round(found.p_value, 5)
    (9.97663, 0.00159)
    """
    test = homogeneity(successes, n)
    at = finite_scores(range(1, len(n) + 1) if scores is None else scores, "The scores of a trend")
    if len(at) != len(n):
        raise ValueError(f"There are {len(n)} groups, so there must be {len(n)} finite scores.")
    everyone = math.fsum(n)
    centre = math.fsum(score * size for score, size in zip(at, n, strict=True)) / everyone
    spread = math.fsum(size * (score - centre) ** 2 for score, size in zip(at, n, strict=True))
    if spread <= 0:
        raise ValueError("All groups have the same score, so no trend is defined.")
    moment = math.fsum(
        (score - centre) * (count - size * test.pooled) for score, count, size in zip(at, successes, n, strict=True)
    )
    statistic = moment**2 / (spread * test.pooled * (1 - test.pooled))
    from scipy.special import chdtrc

    return Trend(statistic, float(chdtrc(1, statistic)), moment / spread)


def mean_interval(values: Sequence[float], level: float = 0.95) -> Interval:
    """Answer how far a mean of scores can be trusted, by Student's t.

    Parameters
    ----------
    values : sequence of float
        Finite scores; with one score, or none that differ, the limits are not defined and given as NaN.
    level : float
        Coverage between 0 and 1, 0.95 unless told.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        Without any value, or with one that is not finite.

    Notes
    -----
    Student 1908, Biometrika 6:1-25. Where every score is the same, the sample says nothing about the spread, and an
    interval of width 0 would claim certainty; no interval is given then.

    Examples
    --------
    >>> interval = mean_interval([3, 4, 5])
    >>> round(interval.low, 3), interval.estimate, round(interval.high, 3)
    (1.516, 4.0, 6.484)
    """
    scores = finite_scores(values, "The scores of a mean")
    if not scores:
        raise ValueError("A mean of no scores is not defined.")
    _quantile(level)
    mean = math.fsum(scores) / len(scores)
    if len(scores) < 2 or min(scores) == max(scores):
        return Interval(mean, math.nan, math.nan, level)
    from scipy.special import stdtrit

    deviation = math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / (len(scores) - 1))
    half = float(stdtrit(len(scores) - 1, (1 + level) / 2)) * deviation / math.sqrt(len(scores))
    return Interval(mean, mean - half, mean + half, level)


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

    @property
    def by_chance(self) -> Funnel:
        """The same funnel without any allowance for overdispersion."""
        return replace(self, overdispersion=1.0, tau=0.0, model="none")

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


def finite_scores(values: Iterable[float], what: str) -> list[float]:
    """Give the values as floats, or refuse in one sentence what is not a finite number.

    Examples
    --------
    >>> finite_scores([3, "4"], "The scores of a mean")
    Traceback (most recent call last):
        ...
    ValueError: The scores of a mean must be finite numbers; '4' is none. Leave out what is missing first.
    """
    scores = []
    for value in values:
        try:
            score = math.nan if isinstance(value, bool | str | bytes) else float(value)
        except (TypeError, ValueError, OverflowError):
            score = math.nan
        if not math.isfinite(score) or abs(score) > 1e150:
            raise ValueError(f"{what} must be finite numbers; {value!r} is none. Leave out what is missing first.")
        scores.append(score)
    return scores


def _whole(value: int, name: str) -> int:
    try:
        number = int(value)
        is_whole = not isinstance(value, bool | str | bytes) and type(value).__name__ != "bool" and number == value
    except (TypeError, ValueError, OverflowError):
        is_whole, number = False, 0
    if not is_whole or number < 0:
        raise ValueError(f"{name} must be a whole number of 0 or more, not {value!r}.")
    if number > _LARGEST_COUNT:
        raise ValueError(f"{name} is larger than any count (1e300); check the number.")
    return number


def _quantile(level: float) -> float:
    if not (isinstance(level, int | float) and 0 < level < 1):
        raise ValueError(f"The level of an interval lies between 0 and 1 (0.95 for 95%), not {level!r}.")
    return -NormalDist().inv_cdf((1 - level) / 2)
