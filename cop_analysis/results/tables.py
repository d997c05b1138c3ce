"""How a table travels and how it becomes CSV: columns, labels, cells as shown, and text no spreadsheet runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cop_analysis.files.spreadsheets import guarded_cells
from cop_analysis.results.columns import Column, described
from cop_analysis.results.values import format_column


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
