"""Which whole numbers a printed percentage or average can have come from; only arithmetic lives here.

Everything is exact: a printed figure is taken as the decimal it is, never as the nearest binary fraction.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

LARGEST_DENOMINATOR = 10_000
"""How far `possible_denominators` may be asked to look."""


def decimals_of(value: float) -> int:
    """Count the decimals a figure is printed with; a last 0 (4.20) cannot be seen in a number and must be told.

    Examples
    --------
    >>> decimals_of(61), decimals_of(60.59), decimals_of(1e-3)
    (0, 2, 3)
    """
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def rounding_range(value: float, decimals: int | None = None) -> tuple[Fraction, Fraction]:
    """Give the least and the greatest number that may be printed as `value`.

    Both ends are included, because halves are rounded up by some and to the even digit by others.

    Raises
    ------
    ValueError
        When `value` is not finite, or has more decimals than `decimals` says.

    Examples
    --------
    >>> low, high = rounding_range(60.6)
    >>> float(low), float(high)
    (60.55, 60.65)
    """
    if isinstance(value, bool | str) or not math.isfinite(value):
        raise ValueError(f"A printed figure must be a finite number, not {value!r}.")
    shown = decimals_of(value)
    places = shown if decimals is None else decimals
    if isinstance(places, bool) or not isinstance(places, int) or places < 0:
        raise ValueError(f"The number of decimals must be a whole number of 0 or more, not {decimals!r}.")
    if shown > places:
        raise ValueError(f"{value:.15g} is printed with {shown} decimals, not with {places}.")
    printed, half = Fraction(Decimal(repr(float(value)))), Fraction(1, 2 * 10**places)
    return printed - half, printed + half


def is_printed_as(exact: Fraction, value: float, decimals: int | None = None) -> bool:
    """Answer whether an exact number may be printed as `value`.

    Examples
    --------
    >>> is_printed_as(Fraction(392 * 100, 647), 61), is_printed_as(Fraction(392 * 100, 647), 60)
    (True, False)
    """
    low, high = rounding_range(value, decimals)
    return low <= exact <= high


def possible_counts(percentage: float, n: int, decimals: int | None = None) -> range:
    """Answer which counts out of `n` are printed as this percentage.

    Parameters
    ----------
    percentage : float
        As printed, 61 for 61%.
    n : int
        The denominator, at least 1.
    decimals : int, optional
        How many decimals are printed; as many as `percentage` shows, unless told.

    Returns
    -------
    range
        The counts, all of 0 to `n`; empty where no count gives the percentage, so that it cannot be a share of `n`.

    Notes
    -----
    The check of Brown & Heathers 2017 (Social Psychological and Personality Science 8:363-369) for a share.

    Examples
    --------
    >>> possible_counts(61, 647), len(possible_counts(61, 10))
    (range(392, 398), 0)
    """
    low, high = rounding_range(percentage, decimals)
    size = _denominator(n)
    return range(max(0, math.ceil(low * size / 100)), min(size, math.floor(high * size / 100)) + 1)


def possible_denominators(
    percentage: float, decimals: int | None = None, largest: int = 100
) -> tuple[tuple[int, int], ...]:
    """Answer of which whole numbers a percentage can be a share: the least count for each denominator up to `largest`.

    Returns
    -------
    tuple of (int, int)
        Count and denominator, in order of the denominator.

    Examples
    --------
    >>> possible_denominators(61, largest=30)
    ((11, 18), (14, 23), (17, 28))
    """
    if not 1 <= largest <= LARGEST_DENOMINATOR:
        raise ValueError(f"The largest denominator lies between 1 and {LARGEST_DENOMINATOR}, not at {largest!r}.")
    found = ((possible_counts(percentage, n, decimals), n) for n in range(1, largest + 1))
    return tuple((counts[0], n) for counts, n in found if len(counts))


def possible_totals(mean: float, n: int, decimals: int | None = None, step: float = 1) -> range:
    """Answer which totals of `n` scores are printed as this mean, as numbers of steps of the scale.

    Parameters
    ----------
    mean : float
        As printed.
    n : int
        How many scores, at least 1; for a mean over several items, people times items.
    decimals : int, optional
        How many decimals are printed; as many as `mean` shows, unless told.
    step : float
        The least distance between two scores, 1 for whole scores.

    Returns
    -------
    range
        Totals in steps; empty where no scores of that step can have this mean (the GRIM test).

    Notes
    -----
    Brown & Heathers 2017, Social Psychological and Personality Science 8:363-369 (granularity-related inconsistency of
    means). The scale is taken to begin at a whole number of steps.

    Examples
    --------
    >>> len(possible_totals(5.19, 28)), possible_totals(5.18, 28)
    (0, range(145, 146))
    """
    if not (math.isfinite(step) and step > 0):
        raise ValueError(f"The step of a scale is a number above 0, not {step!r}.")
    low, high = rounding_range(mean, decimals)
    per_step = _denominator(n) / Fraction(Decimal(repr(float(step))))
    return range(math.ceil(low * per_step), math.floor(high * per_step) + 1)


def _denominator(n: int) -> int:
    if isinstance(n, bool | str) or not math.isfinite(n) or int(n) != n or n < 1:
        raise ValueError(f"The denominator must be a whole number of 1 or more, not {n!r}.")
    return int(n)
