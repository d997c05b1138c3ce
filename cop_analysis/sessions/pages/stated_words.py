"""The words for stated figures and for what accounts for a difference; facts come in, and no code reads the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.sessions.methods.number_checks import Account, Explanation, decimals_of
from cop_analysis.sessions.pages.ratios import Ratio
from cop_analysis.sessions.pages.totals import Tally
from cop_analysis.sessions.pictures.labels import capital, join_names

if TYPE_CHECKING:
    from cop_analysis.study.config import Stated

AGREES, NOT_CONTRADICTED, DIFFERS, UNKNOWN = "agrees", "not contradicted", "differs", "cannot be recomputed"
MOST_TOLD = 5
"""How many explanations of one difference are told in words; all are listed."""

STATED_METHOD = (
    "Stated totals are kept as stated and recomputed from the rows. A difference is searched for, smallest "
    "explanation first: one row left out, counted twice, with two neighbouring digits transposed, or counted "
    "though it does not belong; a part of the data (a period, a format, everything up to a date) that adds up "
    "to the stated total; the sum rounded to tens or more; two rows; three rows. Equal explanations are "
    f"counted and the first {MOST_TOLD} told. A share or an average agrees when what the rows give rounds to "
    "it at the decimals printed (halves either way); whole numbers that cannot give it at all are found as by "
    "GRIM (Brown & Heathers 2017)."
)
_MOST_DIFFERING, _MOST_AGREEING = 8, 12
_MOST_LISTED = 20
_FEW = 3
"""How many of the smallest possible shares are told."""

Row = dict[str, object]
"""One explanation as a row of the table of explanations."""


@dataclass(frozen=True)
class Finding:
    """One stated figure beside its rows.

    Parameters
    ----------
    verdict : str
        ``agrees``, ``not contradicted``, ``differs`` or ``cannot be recomputed``.
    sentence : str
        The finding in words, without a capital letter.
    recomputed : int, float or None
        What the rows give, in the unit of the stated figure.
    explanation : str
        What may account for a difference, in words.
    told : tuple of dict
        Each explanation as a row.
    headline : str
        The uncertainty beside the number, where it belongs on top of a report.
    sources : tuple of str
        The files used.
    possible : str
        Which whole numbers a share or an average can have come from.
    """

    verdict: str
    sentence: str
    recomputed: float | None
    explanation: str = ""
    told: tuple[Row, ...] = ()
    headline: str = ""
    sources: tuple[str, ...] = ()
    possible: str = ""

    @property
    def is_another_number(self) -> bool:
        """Whether the rows give another number than is stated, be it one that "at least" allows for."""
        return self.verdict in (DIFFERS, NOT_CONTRADICTED)


def name_stated(stated: Stated) -> str:
    """Name what is stated, with its restrictions.

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> name_stated(Stated(what="attended", value=360, where={"format": "webinar"}, period="2023/24"))
    'attended (format webinar, 2023/24)'
    """
    where = where_words(stated)
    return f"{stated.what} ({where})" if where else stated.what


def where_words(stated: Stated) -> str:
    """Write what a stated figure is restricted to.

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> where_words(Stated(what="attended", value=360, where={"format": "webinar"}))
    'format webinar'
    """
    return ", ".join([*(f"{key} {value}" for key, value in stated.where.items()), *filter(None, [stated.period])])


def figure_words(stated: Stated) -> str:
    """Write a stated figure as its source prints it, without "at least".

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> figure_words(Stated(what="attended share", value=61, unit="%"))
    '61%'
    """
    number = f"{stated.value:.15g}" if stated.decimals is None else f"{stated.value:.{stated.decimals}f}"
    return f"{number}{stated.unit}"


def stated_words(stated: Stated) -> str:
    """Write a stated figure as its source does.

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> stated_words(Stated(what="attended", value=360, at_least=True))
    'at least 360'
    >>> stated_words(Stated(what="mean rating", value=4.2, decimals=2))
    '4.20'
    """
    return f"{'at least ' if stated.at_least else ''}{figure_words(stated)}"


def told_together(sentences: list[str], count: int) -> str:
    """Put explanations of one difference in words: one, or several that fit equally well.

    Examples
    --------
    >>> told_together(["a", "b"], 3)
    '3 explanations fit equally, so the numbers alone do not tell which is right: a; b; and 1 more'
    """
    if count == 1:
        return sentences[0]
    shown = sentences[:MOST_TOLD]
    more = f"; and {count - len(shown)} more" if count > len(shown) else ""
    return (
        f"{count} explanations fit equally, so the numbers alone do not tell which is right: {'; '.join(shown)}{more}"
    )


# --- one total --------------------------------------------------------------------------------------------------------


def explanation_words(explanation: Explanation, stated: int, chosen: pd.DataFrame, is_last: bool) -> str:
    """Say how the rows chosen account for a stated total; `is_last` where they are the last in time."""
    whys = chosen["why"] if "why" in chosen.columns else [""] * len(chosen)
    named = [
        f"{name} ({value}; {place}{', ' + why if why else ''})"
        for name, value, place, why in zip(chosen["name"], chosen["value"], chosen["place"], whys, strict=True)
    ]
    many = {1: "one row", 2: "two rows", 3: "three rows"}.get(len(named), "")
    listed = " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))
    does = "does" if len(named) == 1 else "do"
    exactly = f"{stated} is exactly the sum"
    sentence = {
        "left out": f"{exactly} without {many}: {listed}",
        "counted twice": f"{exactly} with {many} counted twice: {listed}",
        "also counted": f"{exactly} with {many} added that {does} not belong: {listed}",
        "digits transposed": f"{exactly} with {explanation.written} read for {listed}, two digits transposed",
        "total transposed": f"{stated} is the sum {explanation.written} with two digits transposed",
    }[explanation.kind]
    return f"{sentence}, the last in time" if is_last and explanation.kind == "left out" else sentence


def nothing_found(stated: int, adds_up: bool, counted: Tally, account: Account) -> str:
    """Say that no row or part accounts for the difference, and how far was searched."""
    if not len(counted.rows):
        return "There are no rows to search"
    if not adds_up:
        return (
            f"Each row counts one, so which rows account for the difference cannot be told from the numbers, and no "
            f"part of the data counts {stated}"
        )
    tried = "No row left out, counted twice or with two digits transposed accounts for the difference"
    if account.stopped:
        return f"{tried}, nor do two rows together; the search stopped before three rows, because there are too many"
    return f"{tried}, nor does rounding, a period, a format or any two or three rows together"


# --- one share or average ---------------------------------------------------------------------------------------------


def gives_words(made: Ratio, value: Fraction, stated: Stated) -> str:
    """Say what the rows give: ``392 of 647 (attended of signed up), 60.6%``."""
    digits = max(1, (decimals_of(stated.value) if stated.decimals is None else stated.decimals) + 1)
    number = f"{float(value):.{digits}f}{stated.unit}"
    top = f"{float(made.numerator):.15g}"
    if stated.is_share:
        return f"{top} of {made.denominator} ({made.top} of {made.bottom}), {number}"
    return f"{number} ({top} over {made.denominator} {made.bottom})"


def possible_words(stated: Stated, made: Ratio, numbers: range) -> str:
    """Say which whole numbers over the denominator of the rows are printed as the stated figure."""
    few = len(numbers)
    span = "" if not few else f"{numbers[0]}" if few == 1 else f"{numbers[0]} to {numbers[-1]}"
    if stated.is_share:
        return f"{span} of {made.denominator}" if few else f"no count of {made.denominator}"
    if few:
        return f"a total of {span} over {made.denominator}"
    return f"no total of {made.denominator} whole {'scores' if made.bottom == 'scores' else 'counts'}"


def ratio_explained(
    stated: Stated,
    told: Sequence[Mapping[str, object]],
    possible: str,
    numbers: range | None,
    smallest: Sequence[tuple[int, int]],
) -> str:
    """Say what may account for a share or average that the rows do not give."""
    parts = []
    if told:
        sentences = [str(row["sentence"]) for row in told[:_MOST_LISTED]]
        parts.append(capital(told_together(sentences, len(told))))
    else:
        parts.append("No other denominator, part or row left out accounts for the difference")
    if numbers is not None and not numbers:
        parts.append(f"{capital(possible)} can give {figure_words(stated)}")
        if smallest:
            told_few = ", ".join(f"{count} of {n}" for count, n in smallest[:_FEW])
            parts.append(f"The smallest shares that do are {told_few}")
    elif numbers is not None:
        parts.append(f"The stated figure would be {possible}")
    return ". ".join(parts)


# --- all figures ------------------------------------------------------------------------------------------------------


def scope(period: str, stated: Sequence[Stated]) -> str:
    """Say which part of the study the figures speak of, where the page is about a period only."""
    if not period:
        return ""
    own = ", or of the period a figure names" if any(total.period for total in stated) else ""
    return f"Checked against the rows of the whole study{own}, not of {period} alone. "


def overall(stated: Sequence[Stated], findings: Sequence[Finding]) -> str:
    """Lead with what differs, then what cannot be told, and list what agrees in brief."""
    noun = "figure" if any(total.is_share or total.is_mean for total in stated) else "total"
    pairs = list(zip(stated, findings, strict=True))
    agreeing = [
        f"{name_stated(total)} ({stated_words(total)})" for total, finding in pairs if finding.verdict == AGREES
    ]
    if len(agreeing) == len(pairs):
        start = f"The one stated {noun} agrees" if len(pairs) == 1 else f"All {len(pairs)} stated {noun}s agree"
        return f"{start} with the rows: {join_names(agreeing, _MOST_AGREEING)}."
    order = (DIFFERS, NOT_CONTRADICTED, UNKNOWN)
    told = [capital(finding.sentence) for verdict in order for finding in findings if finding.verdict == verdict]
    more = f" {len(told) - _MOST_DIFFERING} more are in the table." if len(told) > _MOST_DIFFERING else ""
    text = " ".join(told[:_MOST_DIFFERING]) + more
    if not agreeing:
        return text
    does = (
        f"The other stated {noun} agrees" if len(agreeing) == 1 else f"The other {len(agreeing)} stated {noun}s agree"
    )
    return f"{text} {does} with the rows: {join_names(agreeing, _MOST_AGREEING)}."


def stated_caveats(findings: Sequence[Finding], period: str) -> tuple[str, ...]:
    """Say what an explanation found by search is, and of which rows the page speaks."""
    caveats = []
    if any(finding.told for finding in findings):
        caveats.append(
            "An explanation found by search fits the numbers; whether it is what happened, only the source can say."
        )
    if period:
        caveats.append(
            "Stated totals are compared with the rows of the whole study (or of the period a total names), not with "
            f"{period} alone."
        )
    return tuple(caveats)
