"""The one call that answers the evaluator's question: did people change? It looks, chooses, says why, and refuses."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.pages.comparison import begin, doubt_in_words
from cop_analysis.change.pages.items import Confidence, confidence
from cop_analysis.change.pages.moves import scale_points
from cop_analysis.change.pages.two_groups import cohorts, spread_by_wave
from cop_analysis.change.pages.words import answered_quantities, percent, reading_of, software, what_was_left_out
from cop_analysis.change.pictures.estimates import ForestRow, forest
from cop_analysis.results import Result, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.change.pages.comparison import Comparison
    from cop_analysis.study import Study

_KEY, _TITLE = "answer", "Did people's answers change?"
_FOREST, _FOREST_TITLE = "forest-of-ps", "The tendency, item by item"
_MANY_UNPAIRED = 0.3


@dataclass(frozen=True, kw_only=True)
class Answer(Result):
    """The answer, with what was chosen and why.

    Parameters
    ----------
    chosen : str
        ``"paired"`` (each person with themselves), ``"cohorts"`` (two groups of different people), ``"in doubt"``
        where nobody has said whether an id is the same person, or ``"none"`` where nothing could be compared.
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
    *,
    asymptotic: bool = False,
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
    asymptotic : bool
        Show the asymptotic Mann-Whitney test, which published tables hold, beside the exact one of unmatched waves.

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
    Waves are compared as their design says: each person with themselves where they are paired (`confidence`), however
    few they are, and as two groups where the people differ or cannot be matched (`cohorts`). `study.toml` declares the
    design of a wave; where it says nothing, an id that occurs in both waves is taken for one person, unless ids only
    count rows: then nobody is paired until somebody has said which it is. No result is marked as passing or failing.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> answer(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "a change in answers", instrument, before, after, level, of_pairs=False)
    if isinstance(comparison, Result):
        return Answer(
            key=_KEY, title=_TITLE, sentence=comparison.sentence, why=comparison.sentence,
            absent_file=comparison.absent_file,
        )  # fmt: skip
    pairing = comparison.pairing
    key = f"{_KEY}{comparison.suffix}"
    if comparison.design == "in doubt":
        return _in_doubt(study, comparison, key)
    if not pairing.n and not (pairing.only_before and pairing.only_after):
        empty = comparison.times[1 if pairing.only_before else 0]
        why = f"No answer given {empty} counts, so there is nothing to compare with."
        return Answer(key=key, title=_TITLE, sentence=why, why=why, sources=("survey.csv",))
    if comparison.design == "unmatched":
        found = cohorts(study, instrument, before, after, level, asymptotic=asymptotic)
        why = (
            "study.toml says that different people answered, or that they cannot be matched, so they are compared as "
            "two groups."
            if comparison.ids.design
            else "Nobody's id occurs in both waves, so they are compared as two groups."
        )
        return _from(found, key, "cohorts", why, f"{found.sentence} {why}")
    if not pairing.n:
        why = (
            "study.toml says that the same people answered both times, but no id occurs in both waves "
            f"({'; '.join(comparison.names)}), so nobody can be compared. See how the answers were paired."
        )
        return Answer(key=key, title=_TITLE, sentence=why, why=why, sources=("survey.csv",))
    found = confidence(study, instrument, before, after, permutations, seed, level)
    why = _why_paired(comparison, getattr(study.config, "plan", None), exact="normal approximation" not in found.method)
    if not isinstance(found, Confidence):
        return _from(found, key, "none", why, found.sentence)
    answered = _from(found, key, "paired", why, f"{found.sentence} {why}")
    return replace(answered, caveats=(*_what_else(comparison, study), *answered.caveats))


def _in_doubt(study: Study, comparison: Comparison, key: str) -> Answer:
    """Lead with the doubt about the ids, and show what can be said whichever way it is settled."""
    why = doubt_in_words(comparison)
    pairing = comparison.pairing
    described = spread_by_wave(study, comparison)
    return Answer(
        key=key,
        title=f"{comparison.instrument.name}: the answers of either wave, not compared",
        sentence=(
            f"{why} Until then the answers of the {len(pairing.only_before):,} who answered {comparison.times[0]} and "
            f"of the {len(pairing.only_after):,} who answered {comparison.times[1]} are shown side by side, without a "
            "comparison."
        ),
        table=described.table,
        labels=described.labels,
        figure=described.figure,
        caveats=what_was_left_out(comparison),
        method=f"Counts of the answers that count. {software()}",
        sources=("survey.csv",),
        quantities=answered_quantities(comparison),
        chosen="in doubt",
        why=why,
    )


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
    answered = [row for row in rows if not math.isnan(row.estimate)]
    reading = reading_of(study.instrument(found.instrument))
    if not answered:
        return Result(
            key=key, title=_FOREST_TITLE, sources=found.sources,
            sentence="On no item did anybody change, so there is no tendency to show.",
        )  # fmt: skip
    least, most = min(answered, key=lambda row: row.estimate), max(answered, key=lambda row: row.estimate)
    return Result(
        key=key,
        title=_FOREST_TITLE,
        sentence=(
            f"Item by item the tendency towards {reading.tendency} ran from {format_share(least.estimate)} "
            f"(“{least.label}”) to {format_share(most.estimate)} (“{most.label}”), 50% being none either way."
        ),
        figure=forest(
            rows,
            name=key,
            title=f"Tendency towards {reading.tendency} (PS), item by item",
            level=level,
            towards=reading.tendency,
        ),
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
        quantities=found.quantities,
        verdicts=found.verdicts,
        chosen=chosen,
        why=why,
        result=found,
    )


def _why_paired(comparison: Comparison, plan: object, exact: bool) -> str:
    pairing = comparison.pairing
    # A mean of several yes-or-no answers takes more values than two: McNemar's test is that of one item alone.
    is_mcnemar = len(scale_points(comparison.instrument)) == 2 and bool(comparison.lead(plan)[0])
    test = "the exact signed-rank test" if exact else "the signed-rank test (approximated, with so many people)"
    scale = (
        "each person's two yes-or-no answers are compared exactly (the signed-rank test is McNemar's here)"
        if is_mcnemar
        else f"each person is compared with themselves by {test}, which takes ties and unchanged answers as they are"
    )
    return f"{count_of(pairing.n, 'person', 'people')} answered both times, so {scale}."


def _what_else(comparison: Comparison, study: Study) -> tuple[str, ...]:
    pairing = comparison.pairing
    alone = len(pairing.only_before) + len(pairing.only_after)
    said = []
    if comparison.ids.doubt and not comparison.ids.design:
        said.append(
            f"Is the same id the same person both times? In these waves {comparison.ids.doubt}. Say it in study.toml: "
            f'design = "paired" or design = "unmatched" under [[waves]] {comparison.after.key}.'
        )
    if alone > _MANY_UNPAIRED * (alone + pairing.n):
        said.append(
            f"{count_of(alone, 'person', 'people')} of {alone + pairing.n:,} answered only once and are not in this "
            "result: see whether the answers of all who answered agree with it, and who did not return."
        )
    scored = pd.Series([wave.key for wave in study.waves])
    if len(scored) > 2:
        said.append(f"The study has {len(scored)} waves; only two are compared here: {'; '.join(comparison.names)}.")
    return tuple(said)
