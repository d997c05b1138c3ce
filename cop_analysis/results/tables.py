"""How a table travels and how it becomes CSV: columns, labels, cells as shown, and text no spreadsheet runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cop_analysis.results.values import format_share, format_value, share_columns

FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run as a formula."""


def table_payload(table: pd.DataFrame, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Give a table as JSON-ready facts: columns, their labels, which are numbers, rows as shown, and the CSV text."""
    labels = labels or {}
    columns = [str(column) for column in table.columns]
    shares = share_columns(columns)
    return {
        "columns": columns,
        "labels": [labels.get(column, column.replace("_", " ")) for column in columns],
        "numeric": [bool(pd.api.types.is_numeric_dtype(dtype)) for dtype in table.dtypes],
        "rows": [
            [_format_cell(value, column, shares) for column, value in zip(columns, row, strict=True)]
            for row in table.itertuples(index=False, name=None)
        ],
        "csv": csv_text(table),
    }


def _format_cell(value: object, column: str, shares: frozenset[str]) -> str:
    if column in shares and (isinstance(value, float) or type(value).__name__.startswith("float")):
        number = float(value)  # type: ignore[arg-type]
        return "" if math.isnan(number) else format_share(number, 1).replace("-", "−")
    return format_value(value, column)


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
    guarded = table.copy()
    for position, dtype in enumerate(table.dtypes):
        if pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype):
            continue
        guarded.isetitem(position, [_guard(value) for value in table.iloc[:, position]])
    guarded.columns = pd.Index([_guard(str(column)) for column in table.columns])
    return guarded.to_csv(index=False, lineterminator="\r\n")


def _guard(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA_LEADS):
        return "'" + value
    return value
