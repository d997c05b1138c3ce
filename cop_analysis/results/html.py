"""How an answer's facts become HTML: everything is escaped but pictures and a room's own markup.

In a notebook a result has a style sheet of its own, which the report drops: JupyterLab aligns cells to the right and
lets tables grow. JupyterLab also resolves the `href` of every link it shows, and a link inside a picture has one that
cannot be written: the whole result is then shown as an error. There the older `xlink:href` leads to the same place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

ROWS_SHOWN = 500
"""A page and a notebook show at most this many rows of a table; the table itself, and its CSV file, hold all."""


def result_html(payload: Mapping[str, Any]) -> str:
    """Write a result's payload as an HTML fragment without headings (the notebook's own headings frame it)."""
    parts = [f'<div class="cop-result" id="{escape(payload["key"])}">']
    if payload["headline"]:
        headline = payload["headline"]
        parts.append(
            '<p class="cop-headline">'
            f'<strong class="cop-value">{escape(headline["value"])}</strong> '
            f'<span class="cop-label">{escape(headline["label"])}</span> '
            f'<span class="cop-uncertainty">({escape(headline["uncertainty"])})</span></p>'
        )
    if payload["sentence"]:
        parts.append(f'<p class="cop-sentence">{escape(payload["sentence"])}</p>')
    if payload["figure"]:
        parts.append(figure_html(payload["figure"]))
    parts.append(payload["body_html"])
    if payload["table"]:
        table = _first_rows_html(payload["table"], payload["title"])
        if payload["show_table"]:
            parts.append(table)
        else:
            parts.append(f"<details><summary>Table: {escape(payload['title'])}</summary>{table}</details>")
    if payload["caveats"]:
        items = "".join(f"<li>{escape(caveat)}</li>" for caveat in payload["caveats"])
        parts.append(f'<div class="cop-caveats"><p><strong>Before you use this</strong></p><ul>{items}</ul></div>')
    if payload["method"] or payload["sources"]:
        source = f"<p>From {escape(', '.join(payload['sources']))}.</p>" if payload["sources"] else ""
        method = f"<p>{escape(payload['method'])}</p>" if payload["method"] else ""
        parts.append(
            f'<details class="cop-method"><summary>How this was worked out</summary>{method}{source}</details>'
        )
    parts.append("</div>")
    return "\n".join(part for part in parts if part)


def figure_html(figure: Mapping[str, Any]) -> str:
    """Write a figure with its caption, its text alternative and the numbers behind it."""
    numbers = ""
    if figure["table"] and figure["table"]["rows"]:
        table = _first_rows_html(figure["table"], f"Numbers behind: {figure['title']}")
        numbers = f"<details><summary>The numbers behind this picture</summary>{table}</details>"
    return (
        f'<figure id="figure-{escape(figure["name"])}">'
        f'<div class="cop-picture" role="group" tabindex="0" aria-label="{escape(figure["title"], quote=True)}">'
        f"{figure['svg']}</div>"
        f"<figcaption>{escape(figure['title'])}</figcaption></figure>"
        f'<details class="cop-alt"><summary>This picture in words</summary><p>{escape(figure["alt"])}</p></details>'
        f"{numbers}"
    )


def _first_rows_html(table: Mapping[str, Any], caption: str) -> str:
    """Write a table's first rows and how many there are; a browser takes seconds to lay out ten thousand."""
    total = len(table["rows"])
    if total <= ROWS_SHOWN:
        return table_html(table, caption)
    return table_html({**table, "rows": table["rows"][:ROWS_SHOWN]}, caption) + (
        f"<p>The first {ROWS_SHOWN:,} of {total:,} rows are shown; the result's <code>table</code> has all of them, "
        "and so has its CSV file once a report is made.</p>"
    )


def table_html(table: Mapping[str, Any], caption: str) -> str:
    """Write a table payload as an accessible HTML table inside a box that scrolls by itself on a narrow screen."""
    classes = [_column_class(table, position) for position in range(len(table["columns"]))]
    head = "".join(
        f'<th scope="col"{kind}>{escape(label)}</th>' for label, kind in zip(table["labels"], classes, strict=True)
    )
    body = []
    for row in table["rows"]:
        cells = [
            f'<th scope="row"{kind}>{escape(cell)}</th>' if position == 0 and cell else f"<td{kind}>{escape(cell)}</td>"
            for position, (cell, kind) in enumerate(zip(row, classes, strict=True))
        ]
        body.append(f"<tr>{''.join(cells)}</tr>")
    name = escape(caption, quote=True)
    return (
        f'<div class="cop-table" role="region" tabindex="0" aria-label="{name}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _column_class(table: Mapping[str, Any], position: int) -> str:
    if table["numeric"][position]:
        return ' class="number"'
    # A column of sentences needs room, or it is squeezed to a word a line beside many numbers.
    longest = max((len(row[position]) for row in table["rows"]), default=0)
    return ' class="words"' if longest > 40 else ""


@cache
def style() -> str:
    """Give the style sheet `look.css` as an element.

    Examples
    --------
    >>> style().startswith("<style>")
    True
    """
    css = (files("cop_analysis.results") / "look.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>"


_PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_LINK = re.compile(r"(<a\b[^>]*?\s)href=")


def in_notebook(html: str) -> str:
    """Give a result's HTML as a notebook shows it.

    Examples
    --------
    >>> in_notebook('<div class="cop-result"></div>').endswith('<div class="cop-result"></div>')
    True
    >>> in_notebook('<a href="#a">A</a><svg><a href="#p"><text>P</text></a></svg>').removeprefix(style())
    '<a href="#a">A</a><svg><a xlink:href="#p"><text>P</text></a></svg>'
    """
    return style() + _PICTURE.sub(lambda picture: _LINK.sub(r"\1xlink:href=", picture[0]), html)
