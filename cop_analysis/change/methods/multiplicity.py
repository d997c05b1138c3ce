"""What several questions asked at once do to a p-value: maxT, Holm and Benjamini-Hochberg; no single-item test here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cop_analysis.change.methods.columns import answer_table, as_numbers, require_count, without_noise
from cop_analysis.change.methods.exact import fair_p_values, rank_groups
from cop_analysis.resampling import generator

Values = TypeVar("Values", pd.Series, np.ndarray)
Statistic = Literal["signed-rank", "t"]
# Two arrangements whose statistics (scaled to 0..1) are this close are the same arrangement seen through rounding.
_SAME = 1e-12
_CHUNK_CELLS = 4_000_000
_PRODUCT_ON_ONE_CORE = 250_000
_FEWEST_COLUMNS = 32
_COLUMNS_AT_ONCE = 2048
_MANY_PEOPLE = 2000


@dataclass(frozen=True)
class MaxT:
    """Adjusted p-values of several items tested together.

    Parameters
    ----------
    p_values : pandas.Series
        Step-down adjusted p by item, never below ``unadjusted``; NaN for an item nobody answered twice.
    unadjusted : pandas.Series
        The p of each item by itself: that of `signed_rank`, or for the paired t from the same arrangements.
    mid_p_values : pandas.Series
        The mid-p of each item by itself as `signed_rank` gives it; NaN for the paired t.
    statistics : pandas.Series
        By item (positive: post above pre), NaN where undefined. Signed-rank: the signed ranks' sum over the root of
        their sum of squares. Paired t: infinite where everyone changed alike.
    n : pandas.Series
        Complete pairs by item.
    arrangements : int
        How many arrangements of signs were looked at.
    exact : bool
        True where these were all there are.
    method : str
        The method in words, with its source.
    """

    p_values: pd.Series
    unadjusted: pd.Series
    mid_p_values: pd.Series
    statistics: pd.Series
    n: pd.Series
    arrangements: int
    exact: bool
    method: str


def max_t(
    pre: pd.DataFrame,
    post: pd.DataFrame,
    permutations: int = 9999,
    seed: int | np.random.Generator = 0,
    statistic: Statistic = "signed-rank",
) -> MaxT:
    """Adjust the p-values of several items for having asked them all, using how they go together.

    Parameters
    ----------
    pre, post : pandas.DataFrame
        A row a person, a column an item; paired by the labels of both. A missing answer is NaN and takes that person
        out of that item only.
    permutations : int
        How many arrangements of signs to draw, at least 1. Where there are no more than this in all (2 to the power
        of the people who changed), every one is looked at.
    seed : int or numpy.random.Generator
        Where the draws start.
    statistic : {"signed-rank", "t"}
        What is taken of each item: the signed ranks of Pratt, so that the adjusted p belongs to the p of
        `signed_rank`, or the paired t.

    Returns
    -------
    MaxT

    Raises
    ------
    ValueError
        If people or items differ, a person occurs twice, a value is a word or infinite, or there is no such statistic.

    Notes
    -----
    Westfall & Young 1993, Resampling-Based Multiple Testing, algorithm 4.1 (step-down maxT): the signs of a whole
    person's differences are flipped together, the statistic of each item is taken, and an item's statistic is set
    against the largest among those not ahead of it. That the largest reaches it is the sum of two chances: that the
    item itself does, which the signed-rank test knows exactly, and that only another does, which is counted over the
    arrangements. So an adjusted p is never below its own p, however few arrangements are drawn. A count k of R drawn
    arrangements gives (k + 1) / (R + 1) (Phipson & Smyth 2010).

    Examples
    --------
    >>> before = pd.DataFrame({"first": [1, 2, 2, 1, 3, 2], "second": [3, 2, 4, 3, 3, 2]})
    >>> after = pd.DataFrame({"first": [2, 3, 4, 2, 4, 3], "second": [3, 3, 3, 3, 4, 2]})
    >>> max_t(before, after, permutations=999, seed=1).p_values.to_dict()
    {'first': 0.03125, 'second': 1.0}
    """
    permutations = require_count(permutations, "permutations")
    if statistic not in ("signed-rank", "t"):
        raise ValueError(f"statistic must be 'signed-rank' or 't', not {statistic!r}.")
    before, after = _aligned(pre, post)
    differences = _item_differences(before, after)
    answered = ~np.isnan(differences)
    n = answered.sum(axis=0)
    flipped = np.where(answered, differences, 0.0)
    flipped = flipped[np.any(flipped != 0, axis=1)]
    exact = len(flipped) < 63 and 2 ** len(flipped) <= permutations
    draws = _Draws(permutations, exact, generator(seed))
    by_paired_t = statistic == "t"
    found = _by_paired_t(flipped, n, draws) if by_paired_t else _by_signed_ranks(differences, draws)
    adjusted, alone, middle, statistics = found
    adjusted[n == 0] = alone[n == 0] = middle[n == 0] = np.nan
    looked_at = 2 ** len(flipped) if exact else permutations
    named = "the paired t" if by_paired_t else "the signed ranks of Pratt (1959)"
    columns = before.columns
    return MaxT(
        p_values=pd.Series(adjusted, index=columns, name="p_value"),
        unadjusted=pd.Series(alone, index=columns, name="unadjusted_p_value"),
        mid_p_values=pd.Series(middle, index=columns, name="mid_p_value"),
        statistics=pd.Series(statistics, index=columns, name="t" if by_paired_t else "z"),
        n=pd.Series(n, index=columns, name="n"),
        arrangements=looked_at,
        exact=exact,
        method=f"Step-down maxT (Westfall & Young 1993) on {named}, flipping the signs of whole people: "
        + (f"all {looked_at:,} arrangements." if exact else f"{looked_at:,} arrangements drawn."),
    )


def holm(p_values: Values) -> Values:
    """Adjust p-values so that the chance of any false finding stays at the level, without assumptions.

    Parameters
    ----------
    p_values : pandas.Series or numpy.ndarray
        A p an item; NaN where none could be computed, which is left out of the count and stays NaN.

    Returns
    -------
    pandas.Series or numpy.ndarray
        The adjusted values in the same order.

    Raises
    ------
    ValueError
        If a value lies outside 0..1.

    Notes
    -----
    Holm 1979, Scandinavian Journal of Statistics 6:65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, np.nan, 0.03])).round(6).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    return _adjust(p_values, lambda ordered: np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1)))


def benjamini_hochberg(p_values: Values) -> Values:
    """Adjust p-values so that the expected share of false findings among the findings stays at the level.

    Parameters
    ----------
    p_values : pandas.Series or numpy.ndarray
        A p an item; NaN where none could be computed, which is left out of the count and stays NaN.

    Returns
    -------
    pandas.Series or numpy.ndarray
        The adjusted values in the same order.

    Raises
    ------
    ValueError
        If a value lies outside 0..1.

    Notes
    -----
    Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57:289-300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, np.nan, 0.03])).round(6).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    return _adjust(
        p_values,
        lambda ordered: np.minimum.accumulate(
            (ordered * len(ordered) / np.arange(1, len(ordered) + 1))[::-1],
        )[::-1],
    )


def _adjust(p_values: Values, rule: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Values:
    values = as_numbers(p_values, "p_values")
    known = np.flatnonzero(~np.isnan(values))
    if np.any((values[known] < 0) | (values[known] > 1)):
        raise ValueError("A p-value lies between 0 and 1. Give the p-values as they came from the tests.")
    order = known[np.argsort(values[known], kind="stable")]
    adjusted = np.full(len(values), np.nan)
    if len(order):
        adjusted[order] = np.minimum(rule(values[order]), 1.0)
    if isinstance(p_values, pd.Series):
        return pd.Series(adjusted, index=p_values.index, name=p_values.name)
    return adjusted


@dataclass(frozen=True)
class _Draws:
    """How arrangements of signs are come by: all of them, or so many from a generator."""

    permutations: int
    exact: bool
    random: np.random.Generator

    def sums(self, weights: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
        """Yield the items' sums of signed weights (a row an item, a column a person), a block at a time."""
        alike = None if self.exact or weights.shape[1] < _MANY_PEOPLE else _people_alike(weights)
        if alike is None:
            yield from _flipped_sums(weights, self.permutations, self.exact, self.random)
        else:
            yield from _flipped_groups(*alike, self.permutations, self.random)

    def share(self, reached: NDArray[np.int64], arrangements: int) -> NDArray[np.float64]:
        """Give the chance that a count out of so many arrangements stands for."""
        extra = 0 if self.exact else 1
        return (reached + extra) / (arrangements + extra)


def _by_signed_ranks(
    differences: NDArray[np.float64], draws: _Draws
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give adjusted p, own p, own mid-p and standardised sum of each item by Pratt's signed ranks.

    Doubled midranks are whole numbers, so that sums are exact and equal ones are equal on every machine.
    """
    items = differences.shape[1]
    ranks, alone, middle = np.zeros(differences.shape), np.ones(items), np.ones(items)
    for item in range(items):
        people = np.flatnonzero(~np.isnan(differences[:, item]))
        if len(people):
            values = differences[people, item]
            doubled, counts, positives = rank_groups(values, "pratt")
            alone[item], middle[item], _ = fair_p_values(doubled, counts, positives, "two-sided")
            changed = values != 0
            _, group = np.unique(np.abs(values[changed]), return_inverse=True)
            ranks[people[changed], item] = np.copysign(doubled[group.ravel()], values[changed])
    ranks = ranks[np.any(ranks != 0, axis=1)]
    sums, limit = ranks.sum(axis=0), np.sqrt(np.square(ranks).sum(axis=0))
    scale = np.where(limit > 0, limit, 1.0)
    extent, farthest = np.abs(sums) / scale, np.abs(ranks).sum(axis=0) / scale
    order = np.argsort(-extent, kind="stable")
    mark = extent[order] * (1 - _SAME)
    only_others = np.zeros(items, dtype=np.int64)
    arrangements = 0
    for drawn in draws.sums(np.ascontiguousarray(ranks.T[order])):
        np.abs(drawn, out=drawn)
        drawn /= scale[order][:, np.newaxis]
        others = np.full(drawn.shape[1], -1.0)
        for place in range(items - 1, -1, -1):
            row = drawn[place]
            only_others[place] += np.count_nonzero((row < mark[place]) & (others >= mark[place]))
            np.maximum(others, row, out=others)
        arrangements += drawn.shape[1]
    behind = np.maximum.accumulate(np.append(farthest[order], -1.0)[::-1])[::-1][1:]
    extra = np.where(behind >= mark, draws.share(only_others, arrangements), 0.0)
    adjusted = np.empty(items)
    adjusted[order] = np.minimum(np.maximum.accumulate(alone[order] + extra), 1.0)
    return adjusted, alone, middle, np.where(limit > 0, sums / scale, np.nan)


def _by_paired_t(
    flipped: NDArray[np.float64], n: NDArray[np.int64], draws: _Draws
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give adjusted p, own p, no mid-p and paired t of each item, both p from the same arrangements."""
    items = flipped.shape[1]
    scale = _Scale(n, np.square(flipped).sum(axis=0))
    observed = scale.relative(flipped)
    extent = scale.extent(np.abs(observed.sum(axis=1, keepdims=True)))[:, 0]
    order = np.argsort(-extent, kind="stable")
    mark = (extent - _SAME)[order]
    in_order = scale.of(order)
    reached = np.zeros(items, dtype=np.int64)
    reached_alone = np.zeros(items, dtype=np.int64)
    arrangements = 0
    for sums in draws.sums(observed[order]):
        drawn = in_order.extent(np.abs(sums, out=sums))
        # From the smallest statistic upwards, each row becomes the largest among those not ahead of its item.
        for place in range(items - 1, -1, -1):
            row = drawn[place]
            reached_alone[place] += np.count_nonzero(row >= mark[place])
            if place + 1 < items:
                np.maximum(row, drawn[place + 1], out=row)
            reached[place] += np.count_nonzero(row >= mark[place])
        arrangements += drawn.shape[1]
    adjusted, alone = np.empty(items), np.empty(items)
    adjusted[order] = np.maximum.accumulate(draws.share(reached, arrangements))
    alone[order] = draws.share(reached_alone, arrangements)
    return adjusted, alone, np.full(items, np.nan), scale.t(observed.sum(axis=1))


class _Scale:
    """Turns flipped sums into t and into a bounded, equally ordered extent that compares without overflow.

    Flipping signs leaves the sum of squares Q alone, so with s = |S| / sqrt(nQ), from 0 to 1, the paired t is
    t^2 = (n - 1) s^2 / (1 - s^2). With as many pairs in every item s orders arrangements as t does, and is the extent.
    Otherwise the extent is t^2 / (t^2 + c), one c for all items, which stays finite where everyone changed alike.
    Sums come a row an item, a column an arrangement.
    """

    def __init__(self, n: NDArray[np.int64], squares: NDArray[np.float64]) -> None:
        self._n, self._squares = n, squares
        self._limit = np.sqrt(n * squares)[:, np.newaxis]
        self._more = (n - 1).clip(0).astype(np.float64)[:, np.newaxis]
        self._common = float(max(n.max(initial=1) - 1, 1))
        self._alike = len(n) > 0 and bool((n == n[0]).all()) and int(n[0]) > 1

    def of(self, order: NDArray[np.int64]) -> _Scale:
        """Give the scale of the items in another order."""
        return _Scale(self._n[order], self._squares[order])

    def relative(self, flipped: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give people's differences, a row an item, in units in which the largest sum possible is 1."""
        turned = np.ascontiguousarray(flipped.T)
        return np.divide(turned, self._limit, out=np.zeros_like(turned), where=self._limit > 0)

    def extent(self, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._alike:
            return sizes
        ratio = np.square(sizes)
        np.minimum(ratio, 1.0, out=ratio)
        above = self._more * ratio
        below = above + self._common * (1 - ratio)
        return np.divide(above, below, out=np.zeros_like(above), where=below > 0)

    def t(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the paired t of each item's observed sum (in the units of `relative`)."""
        ratio = np.minimum(np.square(sums), 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.sqrt((self._n - 1).clip(0) * ratio / np.where(1 - ratio < _SAME, 0.0, 1 - ratio))
        return np.where((self._n < 2) | (self._squares == 0), np.nan, np.copysign(size, sums))


def _flipped_sums(
    differences: NDArray[np.float64], permutations: int, exact: bool, random: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Yield the items' sums under arrangements of people's signs, a row an item, a block of arrangements at a time."""
    items, people = differences.shape
    total = differences.sum(axis=1, keepdims=True)
    doubled = -2.0 * differences
    # Products this small stay on one core: on a busy machine waiting for another costs more than it saves.
    narrow = max(_FEWEST_COLUMNS, _PRODUCT_ON_ONE_CORE // max(people * items, 1))
    block = max(1, _CHUNK_CELLS // max(people, items, 1))
    arrangements = 2**people if exact else permutations
    for start in range(0, arrangements, block):
        rows = min(block, arrangements - start)
        if exact:
            codes = np.arange(start, start + rows, dtype=np.int64)[:, np.newaxis]
            minus = ((codes >> np.arange(people, dtype=np.int64)) & 1).astype(np.uint8)
        else:
            cells = rows * people
            bits = np.frombuffer(random.bytes((cells + 7) // 8), dtype=np.uint8)
            minus = np.unpackbits(bits, count=cells).reshape(rows, people)
        for start_of_part in range(0, rows, _COLUMNS_AT_ONCE):
            signs = minus[start_of_part : start_of_part + _COLUMNS_AT_ONCE].astype(np.float64)
            sums = np.empty((items, len(signs)))
            for first in range(0, len(signs), narrow):
                np.matmul(doubled, signs[first : first + narrow].T, out=sums[:, first : first + narrow])
            sums += total
            yield sums


def _people_alike(differences: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Give the different columns of changes, and how many people have each; None where few people share one."""
    columns, counts = np.unique(differences, axis=1, return_counts=True)
    return (columns, counts) if 4 * len(counts) <= differences.shape[1] else None


def _flipped_groups(
    columns: NDArray[np.float64], counts: NDArray[np.int64], permutations: int, random: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Yield what `_flipped_sums` yields where many people changed alike: only how many of them flip is drawn."""
    block = max(1, _CHUNK_CELLS // max(len(counts), len(columns), 1) // 4)
    for start in range(0, permutations, block):
        rows = min(block, permutations - start)
        flipped = random.binomial(counts, 0.5, size=(rows, len(counts)))
        yield columns @ (counts - 2.0 * flipped).T


def _aligned(pre: pd.DataFrame, post: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    before, after = answer_table(pre, "pre"), answer_table(post, "post")
    for name, table in (("pre", before), ("post", after)):
        if not table.columns.is_unique:
            raise ValueError(f"{name} holds the item '{table.columns[table.columns.duplicated()][0]}' more than once.")
    same_items = before.columns.equals(after.columns)
    strangers = before.columns[:0] if same_items else before.columns.symmetric_difference(after.columns, sort=False)
    if len(strangers):
        raise ValueError(f"pre and post must hold the same items; '{strangers[0]}' is in only one of them.")
    if not before.index.equals(after.index):
        for name, table in (("pre", before), ("post", after)):
            if not table.index.is_unique:
                person = table.index[table.index.duplicated()][0]
                raise ValueError(f"{name} holds '{person}' more than once, so its answers cannot be paired by person.")
        unpaired = before.index.symmetric_difference(after.index, sort=False)
        if len(unpaired):
            raise ValueError(
                f"pre and post must hold the same people; '{unpaired[0]}' is in only one of them. "
                "Pair them by person first (pair_answers does)."
            )
        after = after.loc[before.index]
    return before, after if same_items else after[before.columns]


def _item_differences(before: pd.DataFrame, after: pd.DataFrame) -> NDArray[np.float64]:
    plain = _whole_numbers(before), _whole_numbers(after)
    if plain[0] is not None and plain[1] is not None:
        whole = plain[1] - plain[0]
        largest = np.nanmax(np.abs(whole), axis=0, initial=0.0)
        scaled: NDArray[np.float64] = whole / np.where(largest > 0, largest, 1.0)
        return scaled
    differences = np.full(before.shape, np.nan)
    for position, item in enumerate(before.columns):
        first = as_numbers(before.iloc[:, position], f"pre, item '{item}',")
        second = as_numbers(after.iloc[:, position], f"post, item '{item}',")
        complete = ~(np.isnan(first) | np.isnan(second))
        values = without_noise(first[complete], second[complete])
        # The t of an item does not depend on its unit; a common size keeps squares of huge scores finite.
        largest = np.abs(values).max(initial=0.0)
        differences[complete, position] = values / largest if largest > 0 else values
    return differences


def _whole_numbers(table: pd.DataFrame) -> NDArray[np.float64] | None:
    """Give a table of whole numbers (and gaps) as they are: their differences are exact. None asks for more care."""
    if not all(isinstance(dtype, np.dtype) and dtype.kind in "iufb" for dtype in table.dtypes):
        return None
    values = table.to_numpy(dtype="float64")
    whole = (np.abs(values) < 2**52) & (values == np.rint(values))
    return values if bool((whole | np.isnan(values)).all()) else None
