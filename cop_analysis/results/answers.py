"""What an answer holds: a sentence, a table, a picture, its caveats, and the numbers that lead a report.

A room of the package returns a `Result` (or a frozen subclass with its own figures added) and prints nothing. The
notebook shows it, and the report reads the same facts from the notebook's output as data (`RESULT_MIMETYPE`), so
that a table, a picture and a headline number are written once and never scraped from a page. Everything that
reaches HTML is escaped; only `Figure.svg` and `Result.body_html` are markup, and the report sanitises both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cop_analysis.results.columns import Column
from cop_analysis.results.html import in_notebook, result_html
from cop_analysis.results.values import table_payload

RESULT_MIMETYPE = "application/vnd.cop-analysis.result+json"
"""The MIME type under which a result travels in an executed notebook, as plain JSON."""

HEADING_MIMETYPE = "application/vnd.cop-analysis.heading+json"
"""The MIME type of a heading that a page gives itself, because it depends on the study."""

LEADING = (
    "sign-ups that came",
    "people who came",
    "stated figures",
    "change in answers",
    "ties across",
    "strands that agree",
)
"""The numbers that lead a report, in the order in which they stand on its first page."""

SECONDARY = 100
"""The `Headline.order` from which a number is listed among further figures instead of on a card of its own."""

_SLUG = re.compile(r"[a-z][a-z0-9-]*\Z")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|$~-]")


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
    columns : mapping of str to Column, optional
        What its columns are, where the result's own table has none of that name or another.
    """

    name: str
    title: str
    svg: str
    alt: str
    table: pd.DataFrame
    columns: Mapping[str, Column] = field(default_factory=dict)

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
        Where it stands among the findings, lowest first: `place_of` one of `LEADING`. From `SECONDARY` on it is listed
        below the cards.
    """

    label: str
    value: str
    uncertainty: str
    order: int = 50


def place_of(leading: str) -> int:
    """Give the `Headline.order` of one of the numbers that lead a report.

    Examples
    --------
    >>> place_of("people who came") < place_of("change in answers") < SECONDARY
    True
    """
    return LEADING.index(leading)


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
    columns : mapping of str to Column, optional
        What each column is (a count and of what, a share, p, ...) and its heading; see `cop_analysis.results.columns`.
    labels : mapping of str to str, optional
        Headings that depend on the study (its waves, its level), of columns that have none of their own.
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
    to_look_into : str, optional
        What does not agree and somebody has to look into, in a sentence for the top of the report.
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
    columns: Mapping[str, Column] = field(default_factory=dict)
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
    to_look_into: str = ""
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
            "to_look_into": self.to_look_into,
            "table": None if self.table.empty else table_payload(self.table, self.labels, self.columns),
            "figure": None
            if self.figure is None
            else {
                "name": self.figure.name,
                "title": self.figure.title,
                "svg": self.figure.svg,
                "alt": self.figure.alt,
                "table": table_payload(self.figure.table, self.labels, {**self.columns, **self.figure.columns}),
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


def _require_slug(text: str) -> None:
    if not _SLUG.match(text):
        raise ValueError(f"{text!r} cannot name a result: use lower-case letters, digits and hyphens, a letter first.")
