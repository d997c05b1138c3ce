"""What each table of a study must look like, written once for checks, templates and guides; nothing is checked here.

The contracts are data. `rules.py` turns a contract into the rules a table is checked by, `template.py` turns
the same contract into the empty CSV and the guide a beginner reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["id", "text", "date", "number", "whole", "yes/no", "choice", "path", "id list"]

LONGEST_ID = 64
LARGEST_NUMBER = 1_000_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2100

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "id": f"an id: at most {LONGEST_ID} characters, no name of a person",
        "text": "text",
        "date": "a date written YYYY-MM-DD",
        "number": "a number with a point for decimals",
        "whole": "a whole number",
        "yes/no": "yes or no",
        "choice": "one of the words listed",
        "path": "a file inside documents/",
        "id list": "ids separated by semicolons",
    }
)
"""What each kind of column holds, in the words of the guide."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        The header, exactly.
    kind : str
        One of `KINDS`.
    meaning : str
        What a cell says, for the guide.
    example : str
        A cell that would pass.
    required : bool
        The column must be there.
    filled : bool
        No cell of it may be empty.
    choices : tuple of str
        The words a cell of kind ``choice`` may hold.
    minimum : float or None
        The least value of a number.
    default : str
        What an empty cell or an absent column stands for.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    required: bool = False
    filled: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    default: str = ""


@dataclass(frozen=True)
class Reference:
    """A column whose values must stand elsewhere: in a table's column or among the keys of a section of study.toml."""

    column: str
    target: str
    target_column: str = ""

    @property
    def is_table(self) -> bool:
        """Whether the target is a table rather than a section of study.toml."""
        return bool(self.target_column)


@dataclass(frozen=True)
class Contract:
    """One table of a study: its file, columns, key and references."""

    name: str
    holds: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()

    @property
    def file(self) -> str:
        """The name of the CSV file."""
        return f"{self.name}.csv"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The headers in the order of the template."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Give the column of that name.

        Examples
        --------
        >>> CONTRACTS["survey"].column("score").kind
        'number'
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise ValueError(f"{self.file} has no column {name!r}; it has {', '.join(self.column_names)}.")


def _id(name: str, meaning: str, example: str, *, required: bool = True, filled: bool | None = None) -> Column:
    return Column(name, "id", meaning, example, required, required if filled is None else filled)


_TABLES = (
    Contract(
        "people",
        "the people of the programme, one row each, by pseudonym",
        (
            _id("person", "the person's pseudonym", "P01"),
            Column("organisation", "id", "where they work: a code of organisations.csv", "HOSP_A"),
            Column("role", "text", "their profession or role", "nurse prescriber"),
            Column("joined", "date", "when they joined the community", "2024-01-15"),
            Column("left", "date", "when they left it; empty for those still in it", ""),
            Column(
                "consent",
                "choice",
                "whether they agreed to take part in the evaluation",
                "yes",
                choices=("yes", "no", "withdrawn"),
            ),
        ),
        ("person",),
        (Reference("organisation", "organisations", "organisation"),),
    ),
    Contract(
        "organisations",
        "the organisations people come from",
        (
            _id("organisation", "a short code", "HOSP_A"),
            Column("name", "text", "its name in full", "Hospice A", required=True, filled=True),
            Column("sector", "text", "the sector it belongs to", "hospice"),
            Column("valid_from", "date", "the first day the code stood for it", ""),
            Column("valid_to", "date", "the last day the code stood for it", ""),
        ),
        ("organisation",),
    ),
    Contract(
        "events",
        "meetings, webinars and other sessions",
        (
            _id("event", "a short code of the event", "E1"),
            Column("date", "date", "the day it was, or is to be, held", "2024-02-20", required=True, filled=True),
            Column("format", "text", "how people met", "webinar"),
            Column("topic", "text", "what it was about", "Prescribing in renal impairment"),
            Column("series", "text", "the series it belongs to", "forum"),
            Column(
                "status",
                "choice",
                "whether it was held; empty stands for held",
                "held",
                choices=("planned", "held", "cancelled"),
                default="held",
            ),
            Column("signed_up", "whole", "how many signed up; empty where not known", "24", minimum=0),
            Column("invited", "whole", "how many were invited; empty where not known", "40", minimum=0),
        ),
        ("event",),
    ),
    Contract(
        "attendance",
        "who came to an event, one row a person, or how many came, one row a head count",
        (
            _id("event", "the event: a code of events.csv", "E1"),
            Column("person", "id", "who came; empty in a head count", "P01"),
            Column("count", "whole", "how many came; empty in a row for one person", "", minimum=0),
            Column("minutes", "number", "minutes attended", "55", minimum=0),
            Column("organisation", "id", "the organisation the row counts for", "HOSP_A"),
        ),
        ("event", "person", "organisation"),
        (
            Reference("event", "events", "event"),
            Reference("person", "people", "person"),
            Reference("organisation", "organisations", "organisation"),
        ),
    ),
    Contract(
        "ratings",
        "what those who came thought of an event, one row an answer",
        (
            _id("event", "the event: a code of events.csv", "E1"),
            Column("respondent", "id", "who answered; empty when anonymous", "P01"),
            _id("item", "what was rated: a key of [[rating_items]] in study.toml", "relevance"),
            Column("score", "number", "the rating, on the item's scale; empty where not given", "4"),
            Column("comment", "text", "free text", "Useful for my clinic"),
        ),
        ("event", "respondent", "item"),
        (Reference("event", "events", "event"), Reference("item", "rating_items")),
    ),
    Contract(
        "survey",
        "answers to repeated questionnaires, one row an answer",
        (
            _id("person", "the pseudonym the person gave", "P01"),
            _id("wave", "when it was asked: a key of [[waves]] in study.toml", "baseline"),
            Column(
                "instrument",
                "id",
                "the questionnaire: a key of [[instruments]]; may be left out when there is one",
                "confidence",
                filled=True,
            ),
            _id("item", "the question: a key of the instrument's items", "q01"),
            Column("score", "number", "the answer on the instrument's scale; empty where not answered", "4"),
        ),
        ("person", "wave", "instrument", "item"),
        (Reference("wave", "waves"), Reference("instrument", "instruments")),
    ),
    Contract(
        "ties",
        "who named whom, one row a tie",
        (
            _id("ego", "the person who answered: an id of people.csv", "P01"),
            _id("alter", "the person they named: an id of people.csv", "P02"),
            _id("relation", "what connects them: a key of [[relations]]", "advice"),
            Column("strength", "number", "how often or how strongly", "2", minimum=0),
            _id("wave", "when it was asked: a key of [[waves]]", "baseline"),
        ),
        ("ego", "alter", "relation", "wave"),
        (
            Reference("ego", "people", "person"),
            Reference("alter", "people", "person"),
            Reference("relation", "relations"),
            Reference("wave", "waves"),
        ),
    ),
    Contract(
        "rosters",
        "who was asked the network questions in each wave, and who answered",
        (
            _id("person", "an id of people.csv", "P01"),
            _id("wave", "a key of [[waves]]", "baseline"),
            Column("asked", "yes/no", "whether they were asked", "yes", required=True, filled=True),
            Column("answered", "yes/no", "whether they answered", "yes", required=True, filled=True),
        ),
        ("person", "wave"),
        (Reference("person", "people", "person"), Reference("wave", "waves")),
    ),
    Contract(
        "documents",
        "transcripts and other texts in the folder documents/",
        (
            _id("document", "a short code of the document", "D01"),
            Column("file", "path", "its file inside documents/", "D01_interview.txt", required=True, filled=True),
            Column(
                "kind",
                "choice",
                "what kind of text it is",
                "interview",
                choices=("interview", "focus group", "notes", "survey answers", "other text"),
            ),
            Column("people", "id list", "who speaks in it: ids of people.csv, separated by semicolons", "P01"),
            Column("date", "date", "when it was made", "2024-03-05"),
            Column("setting", "text", "where it was made", "video call"),
            Column("title", "text", "what to call it", "Interview with a hospice nurse"),
        ),
        ("document",),
    ),
    Contract(
        "outputs",
        "what the programme set out to produce",
        (
            _id("output", "a short code of the output", "O1"),
            Column("title", "text", "what it is", "Prescribing handbook", required=True, filled=True),
            Column("status", "choice", "where it stands", "planned", choices=("planned", "done", "dropped")),
            Column("planned_date", "date", "when it was due", "2024-09-30"),
            Column("done_date", "date", "when it was done", ""),
        ),
        ("output",),
    ),
    Contract(
        "quotes",
        "words of participants kept for use, each with its consent",
        (
            _id("quote", "a short code of the quote", "Q1"),
            Column("text", "text", "the words", "I ring them now.", required=True, filled=True),
            Column("document", "id", "the document it stands in", "D01"),
            Column("extract", "id", "the coded extract it is", ""),
            Column("person", "id", "who said it", "P01"),
            Column("role", "text", "how the speaker may be called", "nurse prescriber"),
            Column("organisation", "text", "how the organisation may be called", "a hospice"),
            Column(
                "consent",
                "choice",
                "who may see it",
                "internal",
                required=True,
                filled=True,
                choices=("none", "internal", "review", "public"),
            ),
            Column(
                "identifiable",
                "yes/no",
                "whether the words give the speaker away",
                "no",
                required=True,
                filled=True,
            ),
        ),
        ("quote",),
        (Reference("document", "documents", "document"),),
    ),
    Contract(
        "changes",
        "what was changed in the programme itself",
        (
            _id("change", "a short code of the change", "C1"),
            Column("date", "date", "from when", "2024-04-01", required=True, filled=True),
            Column("what", "text", "what was changed", "Sessions moved to lunchtime", required=True, filled=True),
            Column("why", "text", "why", "Clinics overran"),
            Column("event", "id", "the event it followed or began with", "E1"),
        ),
        ("change",),
        (Reference("event", "events", "event"),),
    ),
)

CONTRACTS: Mapping[str, Contract] = MappingProxyType({contract.name: contract for contract in _TABLES})
"""Every table a study may have, by name."""
