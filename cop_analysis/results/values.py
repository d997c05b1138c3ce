"""How values are written: one for people (p, counts with their noun, shares, signs, cells), and a table of them.

A table travels as columns, labels and cells as shown, and becomes CSV text that no spreadsheet runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from cop_analysis.files.whole import guarded_cells
from cop_analysis.results.columns import Column, described

_NEGATIVE = re.compile(r"-\d")
_LARGE = 1e11


def is_missing(value: object) -> bool:
    """Say whether one value stands for nothing: None, a missing value of any library, or only blanks.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing("  "), is_missing(""), is_missing(0)
    (True, True, True, True, False)
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))  # type: ignore[call-overload]


def are_missing(values: Iterable[object]) -> list[bool]:
    """Say of each value of a column whether it stands for nothing, as `is_missing` says it of one.

    Examples
    --------
    >>> are_missing(["north", None, " ", float("nan"), 0])
    [False, True, True, True, False]
    """
    column = list(values)
    nothing = pd.Series(column, dtype=object).isna().tolist()
    return [gone or (isinstance(value, str) and not value.strip()) for value, gone in zip(column, nothing, strict=True)]


def settled(number: float) -> float:
    """Give a number without its last digits, which another processor may work out otherwise.

    A statistic of 6 may come as 6.000000000000001 elsewhere, and one of 0.0625 as a little less: what is printed of
    both must not differ.

    Examples
    --------
    >>> settled(6.000000000000001), settled(0.1 + 0.2), settled(12345.678)
    (6.0, 0.3, 12345.678)
    """
    return float(f"{number:.12g}") if abs(number) < _LARGE else number


def format_p(p_value: float) -> str:
    """Write a p-value the way a report prints it.

    Examples
    --------
    >>> format_p(0.0390625), format_p(0.00003), format_p(1.0)
    ('p = 0.039', 'p < 0.001', 'p = 1.000')
    """
    if math.isnan(p_value):
        return "p not defined"
    p_value = settled(p_value)
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def how_often(p_value: float) -> str:
    """Write a p-value as how often chance alone goes as far, so that no word turns on a threshold.

    Examples
    --------
    >>> how_often(0.0004), how_often(0.004), how_often(0.0375), how_often(0.36)
    ('less than once in 1,000 times', '4 times in 1,000', '4 times in 100', '36 times in 100')
    >>> how_often(0.9996), how_often(1.0), how_often(float("nan"))
    ('nearly every time', 'every time', 'an unknown number of times')
    """
    if math.isnan(p_value):
        return "an unknown number of times"
    p_value = settled(p_value)
    if p_value < 0.001:
        return "less than once in 1,000 times"
    if p_value >= 0.995:
        return "every time" if p_value == 1 else "nearly every time"
    out_of = 1000 if p_value < 0.0095 else 100
    return f"{count_of(round(settled(out_of * p_value)), 'time')} in {out_of:,}"


def count_of(number: int, one: str, many: str = "") -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> count_of(1, "person", "people"), count_of(3, "item"), count_of(1200, "tie")
    ('1 person', '3 items', '1,200 ties')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def format_share(share: float, digits: int = 0) -> str:
    """Write a share of one as a percentage: 0.6059 is ``61%``."""
    return "not defined" if math.isnan(share) else f"{settled(100 * share):.{digits}f}%"


def format_part(share: float) -> str:
    """Write a share as a whole percentage, but never as none or all of it where some are missing.

    Examples
    --------
    >>> format_part(0.6059), format_part(997 / 1000), format_part(1.0), format_part(0.0004), format_part(0.99999)
    ('61%', '99.7%', '100%', '0.04%', 'over 99.99%')
    """
    share = settled(share)
    for digits in range(3):
        text = format_share(share, digits)
        if text.strip("0.%") not in ("", "1") or share in (0, 1):
            return text
    return "under 0.01%" if share < 0.5 else "over 99.99%"


def format_level(level: float) -> str:
    """Write a confidence level without losing its digits.

    Examples
    --------
    >>> format_level(0.95), format_level(0.999)
    ('95%', '99.9%')
    """
    return f"{100 * level:.6g}%"


def with_sign(value: float, digits: int = 2) -> str:
    """Write a change with its sign, a real minus sign where it is negative, and none where it rounds to 0.

    Examples
    --------
    >>> with_sign(0.314), with_sign(-0.02), with_sign(-0.001), with_sign(float("nan"))
    ('+0.31', '−0.02', '0.00', 'not defined')
    """
    if math.isnan(value):
        return "not defined"
    text = f"{settled(value):+.{digits}f}"
    return text.replace("-", "−") if text.strip("+-0.") else text[1:]


def with_minus(value: float, digits: int = 2) -> str:
    """Write a number that may be negative, with a real minus sign and without a plus.

    Examples
    --------
    >>> with_minus(-0.593), with_minus(0.635), with_minus(-0.001)
    ('−0.59', '0.64', '0.00')
    """
    return with_sign(value, digits).removeprefix("+")


def in_short(value: float) -> str:
    """Write a number with the digits it has, at most six, and a real minus sign where it is negative.

    Examples
    --------
    >>> in_short(4.0), in_short(-0.25), in_short(12.3456789)
    ('4', '−0.25', '12.3457')
    """
    return f"{value:g}".replace("-", "−", 1) if value < 0 else f"{value:g}"


def in_points(share: float, digits: int = 0) -> str:
    """Write a difference of two shares in percentage points, with its sign.

    Examples
    --------
    >>> in_points(0.183), in_points(-0.03), in_points(0.001), in_points(-0.083, 1)
    ('+18', '−3', '0', '−8.3')
    """
    return with_sign(100 * share, digits)


def interval_in_words(
    low: float, high: float, write: Callable[[float], str] = format_share, *, level: float = 0.95
) -> str:
    """Write an interval, each end in the way its value is written.

    Examples
    --------
    >>> interval_in_words(0.264, 0.527), interval_in_words(-0.031, 0.37, in_points, level=0.9)
    ('95% interval 26% to 53%', '90% interval −3 to +37')
    """
    return f"{format_level(level)} interval {write(low)} to {write(high)}"


def with_limits(estimate: float, low: float, high: float, write: Callable[[float], str] = format_share) -> str:
    """Write an estimate with the ends of its interval on one line, without them where there are none.

    Examples
    --------
    >>> with_limits(0.61, 0.53, 0.7), with_limits(0.2, math.nan, math.nan, with_sign)
    ('61% (53%\xa0to\xa070%)', '+0.20')
    >>> with_limits(math.nan, math.nan, math.nan)
    ''
    """
    if math.isnan(estimate):
        return ""
    limits = "" if math.isnan(low) else f" ({write(low)}\u00a0to\u00a0{write(high)})"
    return f"{write(estimate)}{limits}"


def format_value(value: object, column: Column | None = None) -> str:
    """Write one cell for reading, a number below 0 with a real minus sign; the CSV beside it keeps every digit.

    Examples
    --------
    >>> from cop_analysis.results.columns import p, share
    >>> format_value(0.60587326), format_value(0.00002, p()), format_value(None), format_value(True)
    ('0.606', '< 0.001', '', 'yes')
    >>> format_value(-0.0312), format_value(-2), format_value(0.60587326, share("people"))
    ('−0.031', '−2', '60.6%')
    """
    return format_column([value], column)[0]


def format_column(values: Iterable[object], column: Column | None = None) -> list[str]:
    """Write the cells of one column, each as `format_value` writes it.

    Examples
    --------
    >>> format_column([0.5, None, -2, "-2"])
    ['0.500', '', '−2', '-2']
    """
    kind = "" if column is None else "share" if column.is_percentage else column.kind
    shown = []
    for value in values:
        if value is None or value is pd.NaT or value is pd.NA:
            written = ""
        elif isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
            written = "yes" if value else "no"
        elif isinstance(value, float) or type(value).__name__.startswith("float"):
            written = _number(float(value), kind)  # type: ignore[arg-type]
        elif isinstance(value, pd.Timestamp):
            written = f"{value.day} {value:%B %Y}"
        else:
            written = str(value)
        is_negative = not isinstance(value, str) and _NEGATIVE.match(written)
        shown.append(written.replace("-", "−", 1) if is_negative else written)
    return shown


def _number(number: float, kind: str) -> str:
    if math.isnan(number):
        return ""
    if kind == "share":
        return format_share(number, 1)
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    number = settled(number)
    if kind == "p":
        return "< 0.001" if number < 0.001 else f"{number:.3f}"
    if number == int(number):
        return f"{int(number)}" if abs(number) < 1e15 else f"{number:.6g}"
    return f"{number:.3f}" if abs(number) < 1000 else f"{number:.1f}"


def table_payload(
    table: pd.DataFrame, labels: Mapping[str, str] | None = None, columns: Mapping[str, Column] | None = None
) -> dict[str, Any]:
    """Give a table as JSON-ready facts: columns, what they are, their labels, rows as shown, and the CSV text.

    Examples
    --------
    >>> from cop_analysis.results.columns import share
    >>> found = table_payload(pd.DataFrame({"came": [0.25]}), columns={"came": share("people", "who came")})
    >>> found["rows"], found["labels"], found["kinds"][0]["of"]
    ([['25.0%']], ['who came'], 'people')
    """
    labels = labels or {}
    names = [str(column) for column in table.columns]
    kinds = described(names, columns or {}, labels)
    return {
        "columns": names,
        "labels": [
            (kind.label if kind else labels.get(column, "")) or column.replace("_", " ")
            for column, kind in zip(names, kinds, strict=True)
        ],
        "kinds": [vars(kind).copy() if kind else None for kind in kinds],
        "numeric": [bool(pd.api.types.is_numeric_dtype(dtype)) for dtype in table.dtypes],
        "rows": [
            list(row)
            for row in zip(
                *(format_column(table.iloc[:, place], kind) for place, kind in enumerate(kinds)),
                strict=True,
            )
        ],
        "csv": csv_text(table),
    }


def csv_text(table: pd.DataFrame) -> str:
    """Write a table as CSV text that a spreadsheet opens without running anything in it.

    Cells of text columns that begin with ``= + - @``, a tab or a carriage return get a leading apostrophe, so that
    a formula typed into a survey answer stays text.

    Examples
    --------
    >>> print(csv_text(pd.DataFrame({"said": ["=1+1", "fine"], "score": [-1, 2]})).replace(chr(13), ""), end="")
    said,score
    '=1+1,-1
    fine,2
    """
    safe = table.copy()
    for position, dtype in enumerate(table.dtypes):
        if pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype):
            continue
        safe.isetitem(position, guarded_cells(table.iloc[:, position]))
    safe.columns = pd.Index(guarded_cells(map(str, table.columns)))
    return safe.to_csv(index=False, lineterminator="\r\n")
