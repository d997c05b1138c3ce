"""Reports how the answers of two waves were paired and what was left out; the pairing itself is in pairing.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.methods.pairing import MOST_NEAR_MISSES, ONE_DIGIT, near_misses
from cop_analysis.change.pages.comparison import Comparison, begin, doubt_in_words
from cop_analysis.change.pages.words import answered_quantities, software
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_TITLE = "How the answers were paired"
_MOST_SAID = 4


@dataclass(frozen=True, kw_only=True)
class PairingAudit(Result):
    """The audit with its counts, for code.

    Parameters
    ----------
    pairs, only_before, only_after, duplicates, near_misses, out_of_range : int
        People compared, people in one wave only, answers given more than once, unmatched ids that nearly match, and
        answers outside the scale.
    """

    pairs: int = 0
    only_before: int = 0
    only_after: int = 0
    duplicates: int = 0
    near_misses: int = 0
    out_of_range: int = 0


def pairing_audit(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Account for every person who answered in either of two waves.

    Parameters and errors are those of `answer`.

    Returns
    -------
    PairingAudit
        A table of what was left out or needs a look, a row a finding; a plain `Result` that says why where nothing
        can be paired.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> pairing_audit(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so who answered twice cannot be shown.'
    """
    comparison = begin(study, "pairing", _TITLE, "who answered twice", instrument, before, after, of_pairs=False)
    if isinstance(comparison, Result):
        return comparison
    pairing = comparison.pairing
    first, second = comparison.times
    names = dict(zip((comparison.before.key, comparison.after.key), comparison.names, strict=True))
    people = study.people
    known = set() if people is None else set(people["person"].dropna())
    close = near_misses(pairing.only_before, pairing.only_after, known)

    paired = comparison.design == "paired"
    if not paired:
        close = []
    rows: list[tuple[str, str, str]] = []
    if paired:
        rows += [(f"answered only {first}", person, "") for person in pairing.only_before]
        rows += [(f"answered only {second}", person, "") for person in pairing.only_after]
    rows += [
        (_finding(difference), f"{one} and {other}", f"{one} the first time, {other} the second: {difference}")
        for one, other, difference in close
    ]
    rows += _repeated(comparison, names)
    rows += [
        ("outside the scale", str(row.person), f"{row.item}, {names[str(row.wave)]}: {row.score:g}")
        for row in pairing.out_of_range.itertuples()
    ]
    sentence = (
        f"{count_of(pairing.n, 'person', 'people')} answered both times and can be compared; "
        f"{len(pairing.only_before):,} answered only {first} and {len(pairing.only_after):,} only {second}."
    )
    twice = len(set(pairing.duplicates["person"]))
    if twice:
        sentence += f" {count_of(twice, 'person', 'people')} answered a question more than once."
    if not paired:
        sentence = (
            f"Nobody is paired. {doubt_in_words(comparison)}"
            if comparison.design == "in doubt"
            else f"Nobody is paired: {count_of(len(pairing.only_before), 'person', 'people')} answered {first} and "
            f"{count_of(len(pairing.only_after), 'other person', 'other people')} {second}, "
            "and the two groups are compared as a whole."
        )
    alike = sum(difference != ONE_DIGIT for *_, difference in close)
    if alike:
        many = "at least " if len(close) >= MOST_NEAR_MISSES else ""
        sentence += (
            f" Among these, {many}{count_of(alike, 'pair of ids is', 'pairs of ids are')} so alike that they may "
            "be one person, mistyped: look at them before using the result."
        )
    caveats = []
    if close:
        caveats.append("Nobody was joined by guesswork: ids that nearly match are listed, not paired.")
    if pairing.blank:
        caveats.append(
            f"{count_of(pairing.blank, 'person is', 'people are')} in the table without an answer that counts."
        )
    if pairing.without_id:
        caveats.append(
            f"{count_of(pairing.without_id, 'answer has', 'answers have')} no person and could not be paired."
        )
    return PairingAudit(
        key=f"pairing{comparison.suffix}",
        title=_TITLE,
        sentence=sentence,
        table=pd.DataFrame(rows, columns=["finding", "person", "detail"]),
        caveats=tuple(caveats),
        quantities=answered_quantities(comparison),
        method="People are paired by their id, never by row. Unmatched ids of the two waves are compared with one "
        "another: equal but for case, spaces, punctuation and leading zeros, or one edit apart; two ids that both "
        f"stand in the people table are taken to be two people. {software()}",
        sources=("survey.csv",) if people is None else ("survey.csv", "people.csv"),
        show_table=len(rows) <= 60,
        pairs=pairing.n,
        only_before=len(pairing.only_before),
        only_after=len(pairing.only_after),
        duplicates=len(pairing.duplicates),
        near_misses=len(close),
        out_of_range=len(pairing.out_of_range),
    )


def _finding(difference: str) -> str:
    return "ids one digit apart" if difference == ONE_DIGIT else "nearly matching ids"


def _repeated(comparison: Comparison, names: dict[str, str]) -> list[tuple[str, str, str]]:
    """Give a line a person and kind: what was answered more than once, and whether it counts."""
    rows = []
    for (person, kept), answers in comparison.pairing.duplicates.groupby(["person", "kept"], sort=True):
        said = [f"{row.item}, {names[str(row.wave)]}: {row.answers}" for row in answers.itertuples()]
        more = f"; and {len(said) - _MOST_SAID:,} more" if len(said) > _MOST_SAID else ""
        finding = "answered twice, the same" if kept else "answered twice, differently"
        outcome = "each counted once" if kept else "none of these counted"
        rows.append((finding, str(person), f"{'; '.join(said[:_MOST_SAID])}{more}: {outcome}"))
    return rows
