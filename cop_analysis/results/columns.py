"""What a column of a published table holds: a count and of what, a share, p, a score, a date, words; and its heading.

A page says so when it makes the table (`Result.columns`, `Figure.columns`). Formatting, Word and disclosure control
read that; nothing is told from a column's name. What the same name means on every page is declared here once, in
`COMMON`, and a page states only what is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

Kind = Literal[
    "count",
    "share",
    "p",
    "score",
    "difference",
    "difference in shares",
    "statistic",
    "setting",
    "date",
    "text",
    "id",
    "yes or no",
    "mixed",
]
"""What the cells of a column are.

A ``score`` is an answer, or a mean of answers, on a scale; a ``statistic`` is any other estimate (z, a standard error,
a correlation); a ``setting`` is what somebody chose (a number of draws, a row of a file). In a ``mixed`` column each
row holds another kind of number, which a column of words beside it names.
"""

End = Literal["", "low", "high"]

_OF_PERSONS = """
people, ties, pairs of people, paths through a person, answers, ratings, attendances, sign-ups, comments, extracts,
turns
"""
_OF_OTHERS = """
organisations, groups, pairs of organisations, events, periods, waves, items, documents, words, codes, configurations,
statements, steps, validations, rows, days, draws, cases
"""


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


UNITS: Mapping[str, bool] = dict.fromkeys(_names(_OF_PERSONS), True) | dict.fromkeys(_names(_OF_OTHERS), False)
"""What is counted in a published table, and whether each one of it is a person or something one person did."""


@dataclass(frozen=True)
class Column:
    """What the cells of one column are, and what stands above them.

    Parameters
    ----------
    kind : str
        One of `Kind`.
    of : str, optional
        What is counted, or of what it is a share, one of `UNITS`; for words and mixed columns, what they count if they
        do. Empty where nothing is counted.
    label : str, optional
        The heading; without one the column is headed by its name, underscores as spaces.
    end : str, optional
        ``"low"`` or ``"high"`` where the column holds one end of an interval for such a value.
    unit_in : str, optional
        The column that says row by row what is counted, where that differs from row to row.

    Examples
    --------
    >>> count("people", "who came").counts_people, share("attendances").counts_people, share("attendances").is_personal
    (True, False, True)
    >>> low(share("people"), "from (95%)").end
    'low'
    """

    kind: Kind
    of: str = ""
    label: str = ""
    end: End = ""
    unit_in: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"{self.kind!r} is no kind of column. Choose one of: {', '.join(get_args(Kind))}.")
        if self.of and self.of not in UNITS:
            raise ValueError(f"{self.of!r} is not among the things a table counts (results.columns.UNITS).")
        if self.kind in ("count", "share") and not (self.of or self.unit_in):
            raise ValueError(f"A {self.kind} says of what: give `of`, or the column that says it in `unit_in`.")

    @property
    def counts_people(self) -> bool:
        """Whether its cells count people, or are a share of people."""
        return self.of == "people"

    @property
    def is_personal(self) -> bool:
        """Whether each one of what it counts is a person, or something one person did."""
        return UNITS.get(self.of, bool(self.unit_in))

    @property
    def is_percentage(self) -> bool:
        """Whether a page shows its cells as percentages; the CSV keeps them as parts of one."""
        return self.kind in ("share", "difference in shares")

    def headed(self, label: str) -> Column:
        """Give the same column under another heading."""
        return replace(self, label=label)


def count(of: str, label: str = "") -> Column:
    """Say that a column counts something."""
    return Column("count", of, label)


def share(of: str, label: str = "") -> Column:
    """Say that a column holds a share of something, as a part of one."""
    return Column("share", of, label)


def score(label: str = "") -> Column:
    """Say that a column holds answers, or means of answers, on a scale."""
    return Column("score", label=label)


def difference(label: str = "") -> Column:
    """Say that a column holds a difference of two scores or of two estimates."""
    return Column("difference", label=label)


def statistic(label: str = "") -> Column:
    """Say that a column holds an estimate that is none of the others."""
    return Column("statistic", label=label)


def setting(label: str = "") -> Column:
    """Say that a column holds what somebody chose."""
    return Column("setting", label=label)


def p(label: str = "") -> Column:
    """Say that a column holds p-values."""
    return Column("p", label=label)


def date(label: str = "") -> Column:
    """Say that a column holds dates."""
    return Column("date", label=label)


def text(label: str = "", of: str = "") -> Column:
    """Say that a column holds words, and what those count if they do."""
    return Column("text", of, label)


def name(label: str = "") -> Column:
    """Say that a column holds what the study calls somebody or something: a person's id, an event, a wave."""
    return Column("id", label=label)


def yes_or_no(label: str = "") -> Column:
    """Say that a column holds yes or no."""
    return Column("yes or no", label=label)


def mixed(label: str = "", of: str = "") -> Column:
    """Say that each row of a column holds another kind of number."""
    return Column("mixed", of, label)


def low(of: Column, label: str = "") -> Column:
    """Say that a column holds the lower ends of intervals for values of another."""
    return replace(of, label=label, end="low")


def high(of: Column, label: str = "") -> Column:
    """Say that a column holds the upper ends of intervals for values of another."""
    return replace(of, label=label, end="high")


def ends(of: Column, before: str = "", level: str = "95%") -> dict[str, Column]:
    """Give the two columns of an interval, ``low`` and ``high``, with their headings.

    Examples
    --------
    >>> [one.label for one in ends(share("people"), "PS, ").values()]
    ['PS, 95% low', 'PS, 95% high']
    """
    return {"low": low(of, f"{before}{level} low"), "high": high(of, f"{before}{level} high")}


_IDS = "person organisation sector role profession event item wave from_wave to_wave code coder document configuration"
_TEXTS = """
label title wording kind name definition statement comment reason topic format reading verdict explanation method note
finding detail
"""

COMMON: Mapping[str, Column] = {
    **dict.fromkeys(_IDS.split(), name()),
    **dict.fromkeys(_TEXTS.split(), text()),
    **dict.fromkeys(("date", "created"), date()),
    **dict.fromkeys(("p_value", "adjusted_p_value", "mid_p_value", "holm_p_value", "bh_p_value"), p()),
    "people": count("people"),
    "organisations": count("organisations"),
    "ties": count("ties"),
    "ties_across": count("ties"),
    "attendances": count("attendances"),
    "signed_up": count("sign-ups"),
    "events": count("events"),
    "documents": count("documents"),
    "extracts": count("extracts"),
    "turns": count("turns"),
    "words": count("words"),
    "configurations": count("configurations"),
    "permutations": setting(),
    "z": statistic(),
}
"""What these names mean on every page that does not say otherwise."""


def described(
    names: list[str], stated: Mapping[str, Column], labels: Mapping[str, str] | None = None
) -> list[Column | None]:
    """Give what each column of a table is: as its page stated it, else as the name means everywhere, else None.

    Examples
    --------
    >>> [one and one.kind for one in described(["p_value", "n", "odd"], {"n": count("people")})]
    ['p', 'count', None]
    """
    labels = labels or {}
    found = []
    for each in names:
        column = stated.get(each) or COMMON.get(each)
        is_unlabelled = column is not None and not column.label and each in labels
        found.append(column.headed(labels[each]) if column and is_unlabelled else column)
    return found
