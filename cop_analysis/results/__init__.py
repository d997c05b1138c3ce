"""What every answer shares: what it holds, how values are written, how it becomes HTML, and which pages there are."""

from cop_analysis.results.answers import (
    HEADING_MIMETYPE,
    RESULT_MIMETYPE,
    SECONDARY,
    Figure,
    HeadingLine,
    Headline,
    Highlight,
    Quantity,
    Result,
    Verdict,
    absent,
)
from cop_analysis.results.columns import Column
from cop_analysis.results.html import (
    ROWS_SHOWN,
    figure_html,
    result_html,
    table_html,
)
from cop_analysis.results.tables import (
    csv_text,
    table_payload,
)
from cop_analysis.results.values import (
    count_of,
    format_level,
    format_p,
    format_part,
    format_share,
    format_value,
    in_points,
    interval_in_words,
    share_columns,
    with_minus,
    with_sign,
)

__all__ = [
    "HEADING_MIMETYPE",
    "RESULT_MIMETYPE",
    "ROWS_SHOWN",
    "SECONDARY",
    "Column",
    "Figure",
    "HeadingLine",
    "Headline",
    "Highlight",
    "Quantity",
    "Result",
    "Verdict",
    "absent",
    "count_of",
    "csv_text",
    "figure_html",
    "format_level",
    "format_p",
    "format_part",
    "format_share",
    "format_value",
    "in_points",
    "interval_in_words",
    "result_html",
    "share_columns",
    "table_html",
    "table_payload",
    "with_minus",
    "with_sign",
]
