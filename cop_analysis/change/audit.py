"""Reports how the answers of two waves were paired and what was left out; the pairing itself is in pairing.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.comparison import begin
from cop_analysis.change.pairing import MOST_NEAR_MISSES, ONE_DIGIT, near_misses
from cop_analysis.change.wording import software, wave_name
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_TITLE = "How the answers were paired"


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
    comparison = begin(study, "pairing", _TITLE, "who answered twice", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    pairing = comparison.pairing
    first, second = wave_name(comparison.before), wave_name(comparison.after)
    names = {comparison.before.key: first, comparison.after.key: second}
    people = study.people
    known = set() if people is None else set(people["person"].dropna())
    close = near_misses(pairing.only_before, pairing.only_after, known)

    rows: list[tuple[str, str, str]] = []
    rows += [(f"answered only at {first}", person, "") for person in pairing.only_before]
    rows += [(f"answered only at {second}", person, "") for person in pairing.only_after]
    rows += [
        (_finding(difference), f"{one} and {other}", f"{one} at {first}, {other} at {second}: {difference}")
        for one, other, difference in close
    ]
    rows += [
        (
            "answered more than once",
            str(row.person),
            f"{row.item} at {names[str(row.wave)]}: {row.answers}; " + ("counted once" if row.kept else "not counted"),
        )
        for row in pairing.duplicates.itertuples()
    ]
    rows += [
        ("outside the scale", str(row.person), f"{row.item} at {names[str(row.wave)]}: {row.score:g}")
        for row in pairing.out_of_range.itertuples()
    ]
    sentence = (
        f"{count_of(pairing.n, 'person', 'people')} answered at both {first} and {second} and can be compared; "
        f"{len(pairing.only_before):,} answered only at {first} and {len(pairing.only_after):,} only at {second}."
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
