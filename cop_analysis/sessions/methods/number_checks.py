"""What whole numbers a printed figure can have come from, and which rows account for a difference; arithmetic only.

Everything is exact: a printed figure is taken as the decimal it is, never as the nearest binary fraction. The search
for rows is bounded by a count of steps, never by a clock, so that it ends alike on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np

LARGEST_DENOMINATOR = 10_000
"""How far `possible_denominators` may be asked to look."""

PAIR_STEPS = 20_000_000
"""How many pairs of distinct values the search for three rows may look at before it stops."""

_LARGEST_TARGET = 2**62

MOST_LISTED = 20
"""How many explanations of one kind are listed; all are counted."""


@dataclass(frozen=True)
class Explanation:
    """One way in which rows account for a difference.

    Parameters
    ----------
    kind : str
        ``"left out"``, ``"counted twice"``, ``"digits transposed"``, ``"also counted"`` (rows that do not belong to
        the total) or ``"total transposed"``.
    rows : tuple of int
        Positions of the rows in the values searched (for ``"also counted"``, in the values set aside).
    written : int or None
        For transposed digits, the number as it must have been read.
    """

    kind: str
    rows: tuple[int, ...]
    written: int | None = None


@dataclass(frozen=True)
class Account:
    """All that the search found.

    Parameters
    ----------
    explanations : tuple of Explanation
        The smallest explanations, at most `MOST_LISTED` of each kind.
    found : mapping of str to int
        How many explanations of each kind there are, listed or not.
    tried : int
        The largest number of rows that were tried together.
    stopped : bool
        Whether the search gave up before it had tried every three rows.
    """

    explanations: tuple[Explanation, ...] = ()
    found: Mapping[str, int] = field(default_factory=dict)
    tried: int = 0
    stopped: bool = False


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


def account_for(
    stated: int, values: Sequence[int], set_aside: Sequence[int] = (), pair_steps: int = PAIR_STEPS
) -> Account:
    """Answer which rows account for the difference between a stated total and the sum of its rows.

    Parameters
    ----------
    stated : int
        The total as the source states it.
    values : sequence of int
        What each row adds to the total, 0 or more.
    set_aside : sequence of int
        Values of rows that do not belong to the total (events that were cancelled) but may have been counted.
    pair_steps : int
        How many pairs the search for three rows may look at.

    Returns
    -------
    Account
        Explanations that involve one row (left out, counted twice, two neighbouring digits transposed in it, or a
        row set aside that was counted) or the stated number's own digits; only where there is none, those of two
        rows; only then those of three.

    Notes
    -----
    Rows with equal values are interchangeable, so the search runs over distinct values and counts combinations: one
    row by hashing, two by complement, three by a pair and its complement.

    Examples
    --------
    >>> account_for(360, [17, 73, 57, 39, 69, 105, 32]).explanations
    (Explanation(kind='left out', rows=(6,), written=None),)
    """
    difference = sum(values) - stated
    if difference == 0:
        return Account()
    places = _places(values)
    target, kind = abs(difference), "left out" if difference > 0 else "counted twice"
    sources = [(kind, places)]
    if difference < 0 and len(set_aside):
        sources.append(("also counted", _places(set_aside)))
    explanations: list[Explanation] = []
    found: dict[str, int] = {}
    transposed = stated_transposed(stated, sum(values))
    explanations += transposed.explanations
    found |= transposed.found
    for name, where in sources:
        ones = where.get(target, [])
        _keep(explanations, found, name, len(ones), (Explanation(name, (row,)) for row in ones))
    misread = [(value, value - difference) for value in places if value - difference in _transpositions(value)]
    _keep(
        explanations,
        found,
        "digits transposed",
        sum(len(places[value]) for value, _ in misread),
        (Explanation("digits transposed", (row,), wrong) for value, wrong in misread for row in places[value]),
    )
    if found:
        return Account(tuple(explanations), found, 1, False)
    for name, where in sources:
        pairs = list(_pairs(where, target))
        _keep(explanations, found, name, _count(where, pairs), _expand(where, pairs, name))
    if found:
        return Account(tuple(explanations), found, 2, False)
    for name, where in sources:
        usable = sum(value < target for value in where)
        if usable * (usable + 1) // 2 > pair_steps or target > _LARGEST_TARGET:
            return Account((), {}, 2, True)
        triples = list(_triples(where, target))
        _keep(explanations, found, name, _count(where, triples), _expand(where, triples, name))
    return Account(tuple(explanations), found, 3, False)


def stated_transposed(stated: int, total: int) -> Account:
    """Answer whether a stated total is the sum of its rows with two neighbouring digits transposed.

    Examples
    --------
    >>> stated_transposed(329, 392).found
    {'total transposed': 1}
    """
    if stated < 0 or total not in _transpositions(stated):
        return Account(tried=1)
    return Account((Explanation("total transposed", (), total),), {"total transposed": 1}, 1)


def _places(values: Sequence[int]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for row, value in enumerate(values):
        if value > 0:
            places.setdefault(int(value), []).append(row)
    return places


def _keep(
    explanations: list[Explanation], found: dict[str, int], kind: str, count: int, candidates: Iterable[Explanation]
) -> None:
    if count:
        found[kind] = count
        listed = iter(candidates)
        explanations.extend(explanation for explanation, _ in zip(listed, range(MOST_LISTED), strict=False))


def _transpositions(number: int) -> set[int]:
    """Give the numbers that a whole number becomes when two neighbouring digits change places."""
    digits = str(number)
    swapped = set()
    for place in range(len(digits) - 1):
        if digits[place] != digits[place + 1]:
            other = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
            if other[0] != "0":
                swapped.add(int(other))
    return swapped


def _pairs(places: Mapping[int, list[int]], target: int) -> Iterator[tuple[int, ...]]:
    for value in sorted(places):
        other = target - value
        if other < value:
            return
        if other in places and (other != value or len(places[value]) > 1):
            yield value, other


def _triples(places: Mapping[int, list[int]], target: int) -> Iterator[tuple[int, ...]]:
    values = np.array(sorted(value for value in places if value < target), dtype=np.int64)
    for first, low in enumerate(values.tolist()):
        if 3 * low > target:
            return
        highs = target - low - values[first:]
        middles = values[first:][highs >= values[first:]]
        highs = highs[: len(middles)]
        at = np.minimum(np.searchsorted(values, highs), len(values) - 1)
        for middle in middles[values[at] == highs].tolist():
            combo = (low, middle, target - low - middle)
            if all(combo.count(value) <= len(places[value]) for value in set(combo)):
                yield combo


def _count(places: Mapping[int, list[int]], combos: Iterable[tuple[int, ...]]) -> int:
    total = 0
    for combo in combos:
        ways = 1
        for value in set(combo):
            ways *= comb(len(places[value]), combo.count(value))
        total += ways
    return total


def _expand(places: Mapping[int, list[int]], combos: Iterable[tuple[int, ...]], kind: str) -> Iterator[Explanation]:
    for combo in combos:
        for rows in _choose(places, combo):
            yield Explanation(kind, tuple(sorted(rows)))


def _choose(places: Mapping[int, list[int]], combo: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if not combo:
        yield ()
        return
    times = combo.count(combo[0])
    for chosen in combinations(places[combo[0]], times):
        for rest in _choose(places, combo[times:]):
            yield (*chosen, *rest)
