"""Turns given columns into clean differences and tables, and refuses impossible settings; every method starts here.

Missing pairs are counted, words and infinities refused, and floating-point noise removed, so that no test has to think
about any of it again. No test, no estimate and no survey table lives here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

# Scores such as 0.525 or the mean of seven answers are not exact in binary: 0.55 - 0.5 and 0.825 - 0.775 differ in the
# sixteenth digit. Differences closer than this share of the scores they come from are the same difference.
_NOISE = 1e-10
_KINDS_OF_NUMBERS = "iufb"


@dataclass(frozen=True)
class Differences:
    """What is left of two paired columns once missing pairs and floating-point noise are gone.

    Parameters
    ----------
    values : numpy.ndarray
        post - pre of each complete pair, in the given order; equal sizes are exactly equal, no change is exactly 0.
    missing : int
        Pairs left out because one or both answers were missing.
    n, up, down, same : int
        Complete pairs, those in which the later answer is higher, those in which it is lower, and those without change;
        counted from the values.
    """

    values: NDArray[np.float64]
    missing: int
    n: int = field(init=False)
    up: int = field(init=False)
    down: int = field(init=False)
    same: int = field(init=False)

    def __post_init__(self) -> None:
        n, up, down = len(self.values), np.count_nonzero(self.values > 0), np.count_nonzero(self.values < 0)
        for name, counted in (("n", n), ("up", up), ("down", down), ("same", n - up - down)):
            object.__setattr__(self, name, int(counted))


def paired_differences(pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series) -> Differences:
    """Take post - pre for each complete pair.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person, before and after. Two Series are paired by their index (the person); anything else, and a
        Series beside a plain sequence, by position. A missing answer is None, NaN, NA or blank.

    Returns
    -------
    Differences

    Raises
    ------
    ValueError
        If lengths or people differ, a person occurs twice, or a value is a word or infinite.

    Examples
    --------
    >>> given = paired_differences([0.5, 0.825, 3, None], [0.55, 0.775, 3, 4])
    >>> given.up, given.same, given.down, given.missing
    (1, 1, 1, 1)
    >>> bool(given.values[0] == -given.values[1])
    True
    """
    before, after, missing = paired_values(pre, post)
    return Differences(without_noise(before, after), missing=missing)


def item_differences(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Differences]:
    """Take post - pre on each item of two tables that hold the same people and items in the same order.

    Raises
    ------
    ValueError
        If a value is a word or infinite.

    Examples
    --------
    >>> first, last = pd.DataFrame({"q1": [1, 2], "q2": [3, None]}), pd.DataFrame({"q1": [2, 2], "q2": [3, 4]})
    >>> {item: (given.n, given.up, given.missing) for item, given in item_differences(first, last).items()}
    {'q1': (2, 1, 0), 'q2': (1, 0, 1)}
    """
    first, last = number_table(before), number_table(after)
    given = ~(np.isnan(first) | np.isnan(last))
    missing = len(given) - given.sum(axis=0)
    return {
        item: Differences(without_noise(first[both, place], last[both, place]), int(missing[place]))
        for place, (item, both) in enumerate(zip(before.columns, given.T, strict=True))
    }


def paired_values(
    pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Give the answers of the complete pairs, before and after, and how many pairs were left out.

    Parameters and errors are those of `paired_differences`.

    Examples
    --------
    >>> before, after, missing = paired_values([1, 2, None], [2, 2, 3])
    >>> before.tolist(), after.tolist(), missing
    ([1.0, 2.0], [2.0, 2.0], 1)
    """
    if isinstance(pre, pd.Series) and isinstance(post, pd.Series):
        post = _by_person(pre, post)
    before, after = as_numbers(pre, "pre"), as_numbers(post, "post")
    if len(before) != len(after):
        raise ValueError(
            f"pre holds {len(before)} answers and post {len(after)}: a paired comparison needs one of each a person. "
            "Pair them by person first (pair_answers does)."
        )
    complete = ~(np.isnan(before) | np.isnan(after))
    return before[complete], after[complete], len(before) - int(np.count_nonzero(complete))


def without_noise(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Subtract complete answers so that differences equal but for rounding come out exactly equal.

    Raises
    ------
    ValueError
        If two scores are so large that their difference cannot be held.

    Examples
    --------
    >>> without_noise(np.array([0.1, 2.0]), np.array([0.1 + 1e-17, 3.0])).tolist()
    [0.0, 1.0]
    """
    with np.errstate(over="ignore"):
        values = after - before
    if not np.all(np.isfinite(values)):
        raise ValueError("The scores are too large to subtract from one another. Check the scale they were entered on.")
    size = np.abs(values)
    reach = _NOISE * np.maximum(np.abs(before), np.abs(after))
    changed = np.flatnonzero(size > reach)
    order = changed[np.argsort(size[changed], kind="stable")]
    clean = np.zeros_like(values)
    if len(order):
        gaps = np.diff(size[order]) > np.maximum(reach[order][1:], reach[order][:-1])
        group = np.concatenate(([0], np.cumsum(gaps)))
        first = np.concatenate(([0], np.flatnonzero(gaps) + 1))
        clean[order] = np.copysign(size[order][first][group], values[order])
    return clean


def as_numbers(values: object, name: str) -> NDArray[np.float64]:
    """Read one column of answers as numbers, missing ones (None, NaN, NA, masked, blank text) as NaN.

    Raises
    ------
    ValueError
        If the column has no order or more than one dimension, or holds a word or an infinite value; the message names
        the first.

    Examples
    --------
    >>> as_numbers([1, None, "3", " "], "pre").tolist()
    [1.0, nan, 3.0, nan]
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    array = _plain_numbers(values)
    if array is None:
        array = _read_numbers(values if isinstance(values, pd.Series) else _as_column(values, name), name)
    if np.isinf(array).any():
        position = int(np.flatnonzero(np.isinf(array))[0])
        raise ValueError(f"{name} holds an infinite value at position {position + 1}. An answer is a finite number.")
    return array


def answer_table(values: object, name: str = "The answers") -> pd.DataFrame:
    """Give a table of answers as a DataFrame, whatever it came as; a DataFrame is passed through.

    Raises
    ------
    ValueError
        If it is no table: text, a single value, or of more than two dimensions.

    Examples
    --------
    >>> answer_table([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    if isinstance(values, pd.DataFrame):
        return values
    try:
        if not isinstance(values, Mapping) and (np.ndim(values) == 0 or isinstance(values, Set)):  # type: ignore[arg-type]
            raise TypeError
        return pd.DataFrame(values)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} must be a table, a row a person and a column an item or a wave (a DataFrame or a two-dimensional "
            f"array), not {type(values).__name__}."
        ) from None


def number_table(values: pd.DataFrame) -> NDArray[np.float64]:
    """Read a table of answers, a row a person and a column an item, as numbers; missing ones as NaN.

    Raises
    ------
    ValueError
        If it holds a word or an infinite value; the message names the column and place.

    Examples
    --------
    >>> number_table(pd.DataFrame({"q1": [1, None], "q2": ["2", "3"]})).tolist()
    [[1.0, 2.0], [nan, 3.0]]
    """
    if all(isinstance(dtype, np.dtype) and dtype.kind in _KINDS_OF_NUMBERS for dtype in values.dtypes):
        table = values.to_numpy(dtype="float64")
        if not np.isinf(table).any():
            return table
    columns = [as_numbers(values.iloc[:, place], f"column {name!r}") for place, name in enumerate(values.columns)]
    return np.column_stack(columns) if columns else np.empty((len(values), 0))


def _plain_numbers(values: object) -> NDArray[np.float64] | None:
    """Take the short way for what is numbers already; None asks for the careful one."""
    if isinstance(values, pd.Series):
        plain = isinstance(values.dtype, np.dtype) and values.dtype.kind in _KINDS_OF_NUMBERS
        return values.to_numpy(dtype="float64") if plain else None
    if not isinstance(values, (np.ndarray, list, tuple)):
        return None
    try:
        array = np.asarray(values)
    except ValueError:
        return None
    return array.astype(np.float64) if array.ndim == 1 and array.dtype.kind in _KINDS_OF_NUMBERS else None


def _read_numbers(column: pd.Series, name: str) -> NDArray[np.float64]:
    if getattr(column.dtype, "kind", "O") in "cmM" or isinstance(column.dtype, pd.PeriodDtype):
        raise ValueError(f"{name} must hold answers as numbers, not {column.dtype} values.")
    try:
        numbers = pd.to_numeric(column, errors="coerce").astype("Float64")
    except OverflowError:
        raise ValueError(
            f"{name} holds a whole number too large to work with. Check the scale it was entered on."
        ) from None
    unread = column.notna() & numbers.isna()
    if bool(unread.any()):
        unread &= column.astype("string").str.strip() != ""
    if bool(unread.any()):
        position = int(np.flatnonzero(unread.to_numpy())[0])
        raise ValueError(
            f"{name} holds {column.iloc[position]!r} at position {position + 1}, which is not a number. "
            "Give answers as numbers on the scale; leave an unanswered question empty."
        )
    return np.asarray(numbers.to_numpy(dtype="float64", na_value=np.nan), dtype=np.float64)


def _as_column(values: object, name: str) -> pd.Series:
    if isinstance(values, (Set, Mapping, str, bytes)):
        raise ValueError(
            f"{name} is {'text' if isinstance(values, (str, bytes)) else 'a ' + type(values).__name__}, which is no "
            "column of answers. Give a list or a Series."
        )
    if np.ndim(values) > 1:  # type: ignore[arg-type]
        raise ValueError(f"{name} must be one column of answers, not a table: pick the column of the question.")
    items = values if isinstance(values, (np.ndarray, Sequence)) else None
    if items is None:
        items = list(values) if hasattr(values, "__iter__") else [values]
    return pd.Series(items, dtype=None if len(items) else "float64")


def _by_person(pre: pd.Series, post: pd.Series) -> pd.Series:
    if len(pre) != len(post) or pre.index.equals(post.index):
        return post
    for name, column in (("pre", pre), ("post", post)):
        if not column.index.is_unique:
            person = column.index[column.index.duplicated()][0]
            raise ValueError(f"{name} holds '{person}' more than once, so its answers cannot be paired by person.")
    if not pre.index.isin(post.index).all():
        stranger = pre.index[~pre.index.isin(post.index)][0]
        raise ValueError(
            f"pre and post are labelled with different people ('{stranger}' is only in pre). Index both by person, or "
            "give plain lists in the same order."
        )
    return post.reindex(pre.index)


def require_level(level: float) -> None:
    """Refuse a confidence level that is none.

    Raises
    ------
    ValueError
        If it does not lie between 0 and 1.

    Examples
    --------
    >>> require_level(95)
    Traceback (most recent call last):
    ValueError: The confidence level must lie between 0 and 1, for example 0.95, not 95.
    """
    if not isinstance(level, Real) or not 0 < level < 1:
        raise ValueError(f"The confidence level must lie between 0 and 1, for example 0.95, not {level!r}.")


def require_count(number: float, name: str, least: int = 1) -> int:
    """Give a number of draws as a whole number, or refuse it.

    Raises
    ------
    ValueError
        If it is not a whole number, or too small.

    Examples
    --------
    >>> require_count(999.0, "permutations")
    999
    """
    if isinstance(number, bool) or not isinstance(number, Real) or not number >= least or number % 1:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {number!r}.")
    return int(number)
