"""What every result object shares: a sentence, a table, a picture and its caveats, and how they become HTML.

A room of the package returns one of these (or a frozen subclass with its own figures added) and prints nothing. The
notebook shows it, and the report reads the same facts from the notebook's output as data (`RESULT_MIMETYPE`), so
that a table, a picture and a headline number are written once and never scraped from a page. Everything that
reaches HTML here is escaped; only `Figure.svg` and `Result.body_html` are markup, and the report sanitises both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from cop_analysis.notebook_look import in_notebook

RESULT_MIMETYPE = "application/vnd.cop-analysis.result+json"
"""The MIME type under which a result travels in an executed notebook, as plain JSON."""

HEADING_MIMETYPE = "application/vnd.cop-analysis.heading+json"
"""The MIME type of a heading that a page gives itself, because it depends on the study."""

SECONDARY = 100
"""The `Headline.order` from which a number is listed among further figures instead of on a card of its own."""

ROWS_SHOWN = 500
"""A page and a notebook show at most this many rows of a table; the table itself, and its CSV file, hold all."""

_NEGATIVE = re.compile(r"-\d")
_SLUG = re.compile(r"[a-z][a-z0-9-]*\Z")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|$~-]")
FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run as a formula."""


@dataclass(frozen=True)
class Figure:
    """A picture that can be read by eye, by screen reader and as numbers.

    Parameters
    ----------
    name : str
        A slug, unique on its page; also the file name of the SVG and CSV beside the report.
    title : str
        What the picture shows, as a caption.
    svg : str
        One complete ``<svg>`` element, with a view box and no script.
    alt : str
        The text alternative: what the picture says, with its numbers. Never empty.
    table : pandas.DataFrame
        The numbers behind the picture, one row a mark.
    """

    name: str
    title: str
    svg: str
    alt: str
    table: pd.DataFrame

    def __post_init__(self) -> None:
        _require_slug(self.name)
        if not self.alt.strip():
            raise ValueError(f"The figure {self.name!r} has no text alternative. Say in words what it shows.")


@dataclass(frozen=True)
class Headline:
    """One number for the top of the report, never without its uncertainty.

    Parameters
    ----------
    label : str
        What is counted or estimated, as a phrase: ``"sign-ups that turned into attendance"``.
    value : str
        The figure as it is to be read: ``"61%"``, ``"14 of 22"``.
    uncertainty : str
        The interval, or why there is none: ``"95% interval 57% to 64%"``, ``"a count, not an estimate"``.
    order : int, optional
        Where it stands among the findings, lowest first. From `SECONDARY` on it is listed below the cards.
    """

    label: str
    value: str
    uncertainty: str
    order: int = 50


@dataclass(frozen=True)
class Highlight:
    """A finding in words for the top of the report, such as a configured statement with what speaks for it.

    Parameters
    ----------
    heading : str
        Under which it stands there; those of one heading stand together, in the order given.
    text : str
        The finding, one sentence.
    note : str, optional
        What it rests on, and what speaks against it.
    """

    heading: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Quantity:
    """One count or estimate that a page states, as the self-check reads it beside the page's words.

    Parameters
    ----------
    key : str
        What is counted, the same on every page that states it: ``"survey:confidence:answered-both"``.
    value : float
        The number stated.
    out_of : float, optional
        The number it is said to be out of.
    members, among : frozenset of str, optional
        Who or what is counted, and out of whom, where they can be named. They stay in the session: no file or page
        receives them.

    Examples
    --------
    >>> Quantity("rated", 1, 2, frozenset({"P1"}), frozenset({"P1", "P2"})).is_inside
    True
    """

    key: str
    value: float
    out_of: float | None = None
    members: frozenset[str] | None = None
    among: frozenset[str] | None = None

    @property
    def is_inside(self) -> bool:
        """Whether what is counted is part of what it is said to be out of."""
        if self.out_of is not None and self.value > self.out_of:
            return False
        return self.members is None or self.among is None or self.members <= self.among


@dataclass(frozen=True)
class Verdict:
    """The answer a page gives to one question, with the bounds its own caveats name.

    Parameters
    ----------
    question : str
        The question's key, the same on every page that answers it: ``"network:advice:share-changed"``.
    word : str
        ``"yes"``, ``"no"`` or ``"cannot tell"``.
    low, high : float
        The widest bounds that the page itself gives for what the answer rests on.
    turns_at : float
        The value on whose other side the answer would be another.

    Examples
    --------
    >>> Verdict("share-is-below-chance", "no", 0.31, 0.75, turns_at=0.63).is_supported
    False
    """

    question: str
    word: str
    low: float
    high: float
    turns_at: float

    @property
    def is_supported(self) -> bool:
        """Whether an answer of yes or no holds over the whole of the bounds."""
        return self.word == "cannot tell" or self.high < self.turns_at or self.low > self.turns_at


@dataclass(frozen=True)
class HeadingLine:
    """A heading that a page shows between its results, where it depends on the study which sections there are.

    Parameters
    ----------
    text : str
    level : int
        2 for a section of the page, 3 for one within it.

    Examples
    --------
    >>> HeadingLine("Item by item", 2)._repr_markdown_()
    '## Item by item'
    """

    text: str
    level: int = 2

    def _repr_markdown_(self) -> str:
        return f"{'#' * self.level} {_MARKDOWN.sub(_escaped, ' '.join(self.text.split()))}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        facts = {"text": self.text, "level": self.level}
        return {"text/plain": self.text, "text/markdown": self._repr_markdown_(), HEADING_MIMETYPE: facts}


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


@dataclass(frozen=True, kw_only=True)
class Result:
    """An answer that knows how to show itself.

    Parameters
    ----------
    key : str
        A slug, unique on its page (``reach-by-event``): the anchor in the report and the name of the CSV file.
    title : str
        What the table holds; used as the table's caption.
    sentence : str
        The finding in one or two plain sentences.
    table : pandas.DataFrame
        Tidy: one row a unit, column names in snake_case. May be empty.
    labels : mapping of str to str, optional
        How a column is called on the page; a column without one is shown with its underscores as spaces.
    figure : Figure, optional
    caveats : tuple of str, optional
        What a reader must know before using the number, a sentence each.
    headline : Headline, optional
        Given where the result belongs at the top of the report.
    highlights : tuple of Highlight, optional
        Findings in words that belong at the top of the report.
    method : str, optional
        The method by name with its source, what was counted and what was left out.
    sources : tuple of str, optional
        The study's files the numbers come from (``"survey.csv"``).
    body_html : str, optional
        Markup of the room's own to show between sentence and table (a transcript, a configuration card). Everything
        that comes from data must already be escaped in it; the report sanitises it all the same.
    show_table : bool, optional
        False keeps the table folded away (it is still written as CSV).
    absent_file : str, optional
        The file for want of which there is nothing to show (``"survey.csv"``).
    quantities : tuple of Quantity, optional
        What the sentence and the table count, for the self-check over all pages. Never part of the payload.
    verdicts : tuple of Verdict, optional
        The answers the sentence gives, for the same check.

    Examples
    --------
    >>> import pandas as pd
    >>> answer = Result(key="members", title="Members by organisation", sentence="Thirty people in five organisations.",
    ...                 table=pd.DataFrame({"organisation": ["Hospice A"], "members": [6]}))
    >>> "Thirty people" in answer._repr_html_()
    True
    """

    key: str
    title: str
    sentence: str
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    labels: Mapping[str, str] = field(default_factory=dict)
    figure: Figure | None = None
    caveats: tuple[str, ...] = ()
    headline: Headline | None = None
    highlights: tuple[Highlight, ...] = ()
    method: str = ""
    sources: tuple[str, ...] = ()
    body_html: str = ""
    show_table: bool = True
    absent_file: str = ""
    quantities: tuple[Quantity, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    def __post_init__(self) -> None:
        _require_slug(self.key)

    def payload(self) -> dict[str, Any]:
        """Give the result as JSON-ready facts, the form in which the report receives it."""
        return {
            "key": self.key,
            "title": self.title,
            "sentence": self.sentence,
            "caveats": list(self.caveats),
            "method": self.method,
            "sources": list(self.sources),
            "headline": None if self.headline is None else vars(self.headline).copy(),
            "highlights": [vars(highlight).copy() for highlight in self.highlights],
            "body_html": self.body_html,
            "show_table": self.show_table,
            "absent_file": self.absent_file,
            "table": None if self.table.empty else table_payload(self.table, self.labels),
            "figure": None
            if self.figure is None
            else {
                "name": self.figure.name,
                "title": self.figure.title,
                "svg": self.figure.svg,
                "alt": self.figure.alt,
                "table": table_payload(self.figure.table, self.labels),
            },
        }

    def _repr_html_(self) -> str:
        return in_notebook(result_html(self.payload()))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        payload = self.payload()
        return {"text/plain": self.sentence, "text/html": in_notebook(result_html(payload)), RESULT_MIMETYPE: payload}


def absent(key: str, title: str, table: str, needed_for: str) -> Result:
    """Say in one sentence that a study has no such table, so that its page still builds.

    Examples
    --------
    >>> absent("confidence", "Confidence before and after", "survey", "a change in confidence").sentence
    'This study has no survey table (survey.csv), so a change in confidence cannot be shown.'
    """
    return Result(
        key=key,
        title=title,
        sentence=f"This study has no {table} table ({table}.csv), so {needed_for} cannot be shown.",
        absent_file=f"{table}.csv",
    )


# --- how values are written for people -----------------------------------------------------------------------------


def format_p(p_value: float) -> str:
    """Write a p-value the way a report prints it.

    Examples
    --------
    >>> format_p(0.0390625), format_p(0.00003), format_p(1.0)
    ('p = 0.039', 'p < 0.001', 'p = 1.000')
    """
    if math.isnan(p_value):
        return "p not defined"
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


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
    return "not defined" if math.isnan(share) else f"{100 * share:.{digits}f}%"


def with_sign(value: float, digits: int = 2) -> str:
    """Write a change with its sign, a real minus sign where it is negative, and none where it rounds to 0.

    Examples
    --------
    >>> with_sign(0.314), with_sign(-0.02), with_sign(-0.001), with_sign(float("nan"))
    ('+0.31', '−0.02', '0.00', 'not defined')
    """
    if math.isnan(value):
        return "not defined"
    text = f"{value:+.{digits}f}"
    return text.replace("-", "−") if text.strip("+-0.") else text[1:]


def with_minus(value: float, digits: int = 2) -> str:
    """Write a number that may be negative, with a real minus sign and without a plus.

    Examples
    --------
    >>> with_minus(-0.593), with_minus(0.635), with_minus(-0.001)
    ('−0.59', '0.64', '0.00')
    """
    return with_sign(value, digits).removeprefix("+")


def format_value(value: object, column: str = "") -> str:
    """Write one cell for reading, a number below 0 with a real minus sign; the CSV beside it keeps every digit.

    Examples
    --------
    >>> format_value(0.60587326, "share"), format_value(0.00002, "p_value"), format_value(None), format_value(True)
    ('0.606', '< 0.001', '', 'yes')
    >>> format_value(-0.0312), format_value(-2)
    ('−0.031', '−2')
    """
    written = _written(value, column)
    return written.replace("-", "−", 1) if _NEGATIVE.match(written) and not isinstance(value, str) else written


def _written(value: object, column: str) -> str:
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return "yes" if value else "no"
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        number = float(value)  # type: ignore[arg-type]
        if math.isnan(number):
            return ""
        if math.isinf(number):
            return "∞" if number > 0 else "−∞"
        if "p_value" in column:
            return "< 0.001" if number < 0.001 else f"{number:.3f}"
        if number == int(number) if math.isfinite(number) else False:
            return f"{int(number)}" if abs(number) < 1e15 else f"{number:.6g}"
        return f"{number:.3f}" if abs(number) < 1000 else f"{number:.1f}"
    if isinstance(value, pd.Timestamp):
        return f"{value.day} {value:%B %Y}"
    return str(value)


def share_columns(columns: Sequence[str]) -> frozenset[str]:
    """Name the columns that hold shares of one, which are shown as percentages and written to CSV as they are.

    These are the columns with the word ``share``, ``rate`` or ``superiority`` in their name, and the limits of an
    interval that stand right after one of them.

    Examples
    --------
    >>> sorted(share_columns(["item", "share", "low", "high", "mean", "low_mean", "response_rate"]))
    ['high', 'low', 'response_rate', 'share']
    """
    found, follows = set(), False
    for column in columns:
        words = column.split("_")
        if {"share", "rate", "superiority"} & set(words):
            found.add(column)
            follows = True
        elif follows and words[-1] in {"low", "high"} and len(words) < 3:
            found.add(column)
        else:
            follows = False
    return frozenset(found)


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


# --- HTML ----------------------------------------------------------------------------------------------------------


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


def _require_slug(text: str) -> None:
    if not _SLUG.match(text):
        raise ValueError(f"{text!r} cannot name a result: use lower-case letters, digits and hyphens, a letter first.")
