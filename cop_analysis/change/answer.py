"""The one call that answers the evaluator's question: did people change? It looks, chooses, says why, and refuses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.comparison import begin
from cop_analysis.change.confidence import Confidence, confidence
from cop_analysis.change.forest import ForestRow, forest
from cop_analysis.change.movement import scale_points
from cop_analysis.change.wave_pages import cohorts
from cop_analysis.change.wording import percent, wave_name
from cop_analysis.results import Result, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.change.comparison import Comparison
    from cop_analysis.study import Study

_KEY, _TITLE = "answer", "Did people's answers change?"
_FOREST, _FOREST_TITLE = "forest-of-ps", "Tendency up, item by item"
_MANY_UNPAIRED = 0.3


@dataclass(frozen=True, kw_only=True)
class Answer(Result):
    """The answer, with what was chosen and why.

    Parameters
    ----------
    chosen : str
        ``"paired"`` (each person with themselves), ``"cohorts"`` (two groups of different people) or ``"none"`` where
        nothing could be compared.
    why : str
        The reason in one sentence.
    result : Result
        What the chosen analysis gave, with its figures for code (a `Confidence` for paired answers).
    """

    chosen: str = "none"
    why: str = ""
    result: Result | None = None


def answer(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
) -> Result:
    """Answer whether people's answers changed between two waves, with what fits the data, and say why it was chosen.

    Parameters
    ----------
    study : Study
        The study.
    instrument, before, after : str, optional
        Keys from study.toml; by default those of its analysis plan, or the only instrument and the first and last wave
        with answers.
    permutations : int
        Arrangements for maxT; all there are, where there are no more than this.
    seed : int
        Where the drawn arrangements start.
    level : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    Answer
        The sentence says what was found and then why in this way. For paired answers the table has a row an item: n,
        up, same, down, superiority with low and high, exact p, adjusted p, mean_change, mid-p (see `confidence`).

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or a setting is impossible.

    Notes
    -----
    Where anybody answered at both waves, each person is compared with themselves (`confidence`), however few they are,
    and those who answered once are left to `everybody`; only where nobody can be matched are the waves compared as two
    groups of different people (`cohorts`), because treating matched answers as unmatched gives away what makes a small
    study able to show anything. No result is marked as passing or failing.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> answer(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "a change in answers", instrument, before, after, level)
    if isinstance(comparison, Result):
        return Answer(key=_KEY, title=_TITLE, sentence=comparison.sentence, why=comparison.sentence)
    pairing = comparison.pairing
    key = f"{_KEY}{comparison.suffix}"
    if not pairing.n:
        if not (pairing.only_before and pairing.only_after):
            empty = wave_name(comparison.after if pairing.only_before else comparison.before)
            why = f"Nobody's answers at {empty} count, so there is nothing to compare with."
            return Answer(key=key, title=_TITLE, sentence=why, why=why, sources=("survey.csv",))
        why = "Nobody's id occurs at both waves, so they are compared as two groups of different people."
        found = cohorts(study, instrument, before, after, level)
        return _from(found, key, "cohorts", why, found.sentence)
    found = confidence(study, instrument, before, after, permutations, seed, level)
    why = _why_paired(comparison, exact="normal approximation" not in found.method)
    if not isinstance(found, Confidence):
        return _from(found, key, "none", why, found.sentence)
    answered = _from(found, key, "paired", why, f"{found.sentence} {why}")
    return replace(answered, caveats=(*_what_else(comparison, study), *answered.caveats))


def tendencies(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Draw PS item by item with its interval and a line at one half.

    Parameters and errors are those of `answer`.

    Returns
    -------
    Result
        With the forest as its figure.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> tendencies(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    found = confidence(study, instrument, before, after, permutations=1, level=level)
    key = found.key.replace("confidence", _FOREST, 1)
    if not isinstance(found, Confidence):
        return Result(key=key, title=_FOREST_TITLE, sentence=found.sentence, sources=found.sources)
    rows = [
        ForestRow(
            str(row["wording"]),
            row["superiority"],
            row["low"],
            row["high"],
            int(row["up"]),
            int(row["same"]),
            int(row["down"]),
        )
        for row in found.table.to_dict("records")
    ]
    answered = [row for row in rows if row.n]
    least, most = min(answered, key=lambda row: row.estimate), max(answered, key=lambda row: row.estimate)
    return Result(
        key=key,
        title=_FOREST_TITLE,
        sentence=(
            f"Item by item the tendency up ran from {format_share(least.estimate)} (“{least.label}”) to "
            f"{format_share(most.estimate)} (“{most.label}”), 50% being none either way."
        ),
        figure=forest(rows, name=key, level=level),
        caveats=(
            "An interval that crosses the line does not mean that nothing changed.",
            f"Each {percent(level)} interval stands for its own item and is not adjusted for how many were asked.",
        ),
        method="PS = P(up) + P(same) / 2 with the score interval of Tango (1998).",
        sources=("survey.csv",),
    )


def _from(found: Result, key: str, chosen: str, why: str, sentence: str) -> Answer:
    return Answer(
        key=key,
        title=found.title,
        sentence=sentence,
        table=found.table,
        labels=found.labels,
        figure=found.figure,
        caveats=found.caveats,
        headline=found.headline,
        method=found.method,
        sources=found.sources,
        body_html=found.body_html,
        show_table=found.show_table,
        chosen=chosen,
        why=why,
        result=found,
    )


def _why_paired(comparison: Comparison, exact: bool) -> str:
    pairing = comparison.pairing
    points = len(scale_points(comparison.instrument))
    test = "the exact signed-rank test" if exact else "the signed-rank test (approximated, with so many people)"
    scale = (
        "each person's two yes-or-no answers are compared exactly (the signed-rank test is McNemar's here)"
        if points == 2
        else f"each person is compared with themselves by {test}, which takes ties and unchanged answers as they are"
    )
    return f"{count_of(pairing.n, 'person', 'people')} answered both times, so {scale}."


def _what_else(comparison: Comparison, study: Study) -> tuple[str, ...]:
    pairing = comparison.pairing
    alone = len(pairing.only_before) + len(pairing.only_after)
    said = []
    if alone > _MANY_UNPAIRED * (alone + pairing.n):
        said.append(
            f"{count_of(alone, 'person', 'people')} of {alone + pairing.n:,} answered only once and are not in this "
            "result: see whether everybody's answers agree with it, and who did not return."
        )
    scored = pd.Series([wave.key for wave in study.waves])
    if len(scored) > 2:
        said.append(
            f"The study has {len(scored)} waves; this compares {wave_name(comparison.before)} with "
            f"{wave_name(comparison.after)} only."
        )
    return tuple(said)
