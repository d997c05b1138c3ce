"""Everybody who answered, not only those who answered twice: models for partly paired waves, and who was lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.methods.columns import paired_differences
from cop_analysis.change.methods.group_tests import groups_differ, rank_sum
from cop_analysis.change.methods.missing import delta_adjustment, missing_bounds, overlapping_t
from cop_analysis.change.methods.models import OrdinalModel, mixed_model, ordinal_model
from cop_analysis.change.methods.pairing import answers_by_wave
from cop_analysis.change.methods.scales import mean_change, turned
from cop_analysis.change.pages.comparison import Comparison, begin, person_column
from cop_analysis.change.pages.words import percent, reading_of, software
from cop_analysis.results import Result, count_of, format_p, format_share, with_sign

if TYPE_CHECKING:
    from cop_analysis.study import Study

_PARTLY, _PARTLY_TITLE = "everybody", "All who answered, paired or not"
_ATTRITION, _ATTRITION_TITLE = "attrition", "Who did not return"
_MISSING, _MISSING_TITLE = "missing-outcomes", "What those who did not return could change"
# A model of so many answers takes some ten seconds; of ten times as many, minutes.
_MOST_ORDINAL = 20_000
_SEED = 20250101
# A mean of fewer would tell colleagues who answered what.
_FEWEST_FOR_A_MEAN = 5


def everybody(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Estimate the change from everybody who answered at either wave, beside the estimate from the pairs.

    Parameters and errors are those of `answer`.

    Returns
    -------
    Result
        A row a method: method, estimate, low, high, freedom, p_value, people, reads. The paired one comes first.

    Notes
    -----
    `overlapping_t`, `mixed_model` on the mean score, `ordinal_model` on the answers to all items with the items as
    effects. All rest on answers being missing at random: those who are missing would have answered as others like
    them did.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> everybody(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the change among all who answered cannot be shown.'
    """
    comparison = begin(
        study, _PARTLY, _PARTLY_TITLE, "the change among all who answered", instrument, before, after, level
    )
    if isinstance(comparison, Result):
        return comparison
    assert study.survey is not None
    scores = comparison.wave_scores(study.survey)
    first, last = (scores[wave.key] for wave in (comparison.before, comparison.after))
    paired = paired_differences(*comparison.scores())
    rows: list[tuple[object, ...]] = []
    caveats: list[str] = []
    if paired.n:
        change = mean_change(paired.values, level)
        t = _paired_p(change.estimate, change.high, level, paired.n)
        rows.append(("those who answered twice", change.estimate, change.low, change.high, paired.n - 1.0, t, paired.n,
                     "scale points"))  # fmt: skip
    try:
        test = overlapping_t(first, last, level=level)
        people = test.paired + test.only_before + test.only_after
        rows.append(("partly overlapping t-test", test.estimate, test.low, test.high, test.freedom, test.p_value,
                     people, "scale points"))  # fmt: skip
    except ValueError as reason:
        caveats.append(f"Partly overlapping t-test: {reason}")
    long = scores.rename_axis("person").reset_index().melt(id_vars="person", var_name="wave", value_name="score")
    try:
        model = mixed_model(long.dropna(subset="score"), level=level)
        effect = model.coefficients.iloc[1]
        rows.append(("mixed model", effect["estimate"], effect["low"], effect["high"], effect["freedom"],
                     effect["p_value"], model.people, "scale points"))  # fmt: skip
        if model.at_the_edge:
            caveats.append("In the mixed model no spread between people's levels was found: it is ordinary regression.")
    except ValueError as reason:
        caveats.append(f"Mixed model: {reason}")
    try:
        ordinal = _ordinal(study, comparison, level)
        effect = ordinal.coefficients.iloc[0]
        if ordinal.converged:
            rows.append(("ordinal mixed model", effect["odds_ratio"], effect["low"], effect["high"], math.nan,
                         effect["p_value"], ordinal.people, "odds ratio of a higher answer"))  # fmt: skip
        else:
            caveats.append("The ordinal model ran away (everyone moved one way, say) and is not shown.")
    except ValueError as reason:
        caveats.append(f"Ordinal model: {reason}")
    waves = comparison.times
    table = pd.DataFrame(rows, columns=["method", "estimate", "low", "high", "freedom", "p_value", "people", "reads"])
    points = table.loc[table["reads"] == "scale points", "estimate"]
    sentence = (
        f"Between {waves[0]} and {waves[1]} the mean score changed by {with_sign(points.iloc[0])} among the "
        f"{count_of(paired.n, 'person', 'people')} who answered twice and by {with_sign(points.iloc[-1])} when all who "
        f"answered at either wave is taken in ({count_of(len(scores), 'person', 'people')})."
        if paired.n and len(points) > 1
        else "Too few people answered twice to set them beside all who answered."
        if not paired.n
        else "Beside those who answered twice no estimate from all who answered could be worked out; why is said below."
    )
    return Result(
        key=f"{_PARTLY}{comparison.suffix}",
        title=_PARTLY_TITLE,
        sentence=sentence,
        table=table,
        labels={"low": f"{percent(level)} low", "high": f"{percent(level)} high", "freedom": "degrees of freedom",
                "reads": "in units of"},
        caveats=(
            *caveats,
            "The paired result is the finding; these show whether those who answered only once would alter it.",
            "All but the first take answers to be missing at random: those missing would have answered as others like "
            "them did. Nothing in the data can show that.",
        ),
        method="Derrick, Russ, Toher & White (2017) partly overlapping samples t-test, variances not taken to be "
        "equal; random-intercept model by REML with Satterthwaite's degrees of freedom; cumulative-logit model with a "
        "random intercept a person and the items as effects, adaptive Gauss-Hermite quadrature with 21 nodes. A score "
        f"is the mean of at least half of the items at the wave. {software()}",
        sources=("survey.csv",),
    )  # fmt: skip


def attrition(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Compare those who returned with those who did not, by where they stood at the first wave.

    Parameters
    ----------
    study : Study
        The study; organisations are read from its people table.
    instrument, before, after : str, optional
        Keys from study.toml; by default those of the plan, or the only instrument and the first and last wave.

    Returns
    -------
    Result
        A row a group of people (all, and each organisation): group, answered_before, returned, share_returned,
        mean_returned, mean_lost.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml.

    Notes
    -----
    Exact rank-sum test of the first score, those lost against those who returned (`rank_sum`); one test of whether
    organisations lost different shares (`groups_differ`). Alike at first does not
    mean that they would have changed alike.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> attrition(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so who did not return cannot be shown.'
    """
    comparison = begin(study, _ATTRITION, _ATTRITION_TITLE, "who did not return", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    assert study.survey is not None
    scores = comparison.wave_scores(study.survey)
    first, last = (scores[wave.key] for wave in (comparison.before, comparison.after))
    started = first.dropna()
    returned = last.reindex(started.index).notna()
    stayed, lost = started[returned], started[~returned]
    waves = comparison.times
    groups = [("all", started.index)]
    organisation = person_column(study, started.index, "organisation")
    if organisation is not None:
        groups += [(str(name), people.index) for name, people in organisation.dropna().groupby(organisation.dropna())]
    rows = []
    for name, people in groups:
        back = returned.loc[people]
        means = [float(part.mean()) if len(part) >= _FEWEST_FOR_A_MEAN else math.nan
                 for part in (started.loc[people][back], started.loc[people][~back])]  # fmt: skip
        rows.append((name, len(people), int(back.sum()), float(back.mean()) if len(people) else math.nan, *means))
    table = pd.DataFrame(
        rows, columns=["group", "answered_before", "returned", "share_returned", "mean_returned", "mean_lost"]
    )
    methods: list[str] = []
    caveats = ["Alike at first does not mean that those lost would have changed alike."]
    if len(lost) and len(stayed) and table[["mean_returned", "mean_lost"]].isna().any(axis=None):
        caveats.append(f"Means of fewer than {_FEWEST_FOR_A_MEAN} people are not shown.")
    key = f"{_ATTRITION}{comparison.suffix}"
    said = f"{len(stayed):,} of the {len(started):,} who had a score {waves[0]} had one {waves[1]}"
    if not len(lost) or not len(stayed):
        finding = "." if len(lost) else ": nobody was lost, so there is nothing to compare."
        sentence = f"{said}{finding}"
    else:
        test = rank_sum(stayed, lost)
        chance = format_share(test.estimate)
        opening = (
            f"Those lost had a mean score of {lost.mean():.2f} {waves[0]}, the others {stayed.mean():.2f}: the"
            if min(len(lost), len(stayed)) >= _FEWEST_FOR_A_MEAN
            else "The"
        )
        sentence = (
            f"{said}. {opening} chance that one of those lost had stood higher than one who returned is {chance} (95% "
            f"interval {format_share(test.low)} to {format_share(test.high)}, {format_p(test.p_value)})."
        )
        known = returned.iloc[:0] if organisation is None else returned[organisation.notna()]
        if organisation is not None and len(groups) > 2 and len(set(known)) > 1:
            test_of_groups = groups_differ(returned.astype(float), organisation, seed=_SEED)
            sentence += (
                f" One test of whether some organisations lost more of their people than others gives "
                f"{format_p(test_of_groups.p_value)}."
            )
            methods.append(
                "Returned or not over organisations: rank test by permutation (for two, the exact test of Fisher 1935, "
                "by distance from the expected count)."
            )
        if len(lost) < 10:
            caveats.append(
                f"With {count_of(len(lost), 'person', 'people')} lost only a very large difference could show: a large "
                "p is no sign that they are alike."
            )
    newcomers = int(last.notna().sum()) - len(stayed)
    if newcomers:
        caveats.append(f"{count_of(newcomers, 'person', 'people')} answered only {waves[1]} and had no first score.")
    return Result(
        key=key,
        title=_ATTRITION_TITLE,
        sentence=sentence,
        table=table,
        labels={"answered_before": f"answered {waves[0]}", "mean_returned": "mean the first time, returned",
                "mean_lost": "mean the first time, lost"},
        caveats=tuple(caveats),
        method="Exact rank-sum test of the first score (Wilcoxon 1945) with the chance of a higher one (Newcombe 2006, "
        f"method 5). {' '.join(methods)} A score is the mean of at least half of the items at the wave. {software()}",
        sources=("survey.csv",) if organisation is None else ("survey.csv", "people.csv"),
    )  # fmt: skip


def missing_outcomes(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Show how far those who did not return could move the finding, at the extremes and step by step.

    Parameters and errors are those of `answer`.

    Returns
    -------
    Result
        A row an assumption: delta (scale points by which those missing changed more than the others), mean_change over
        everybody, low, high.

    Notes
    -----
    `missing_bounds`, `delta_adjustment`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> missing_outcomes(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so what missing answers could change cannot be shown.'
    """
    comparison = begin(
        study, _MISSING, _MISSING_TITLE, "what missing answers could change", instrument, before, after, level
    )
    if isinstance(comparison, Result):
        return comparison
    assert study.survey is not None
    scores = comparison.wave_scores(study.survey)
    first, last = (scores[wave.key] for wave in (comparison.before, comparison.after))
    differences = paired_differences(*comparison.scores())
    lost = int((first.notna() & last.isna()).sum())
    waves = comparison.times
    key = f"{_MISSING}{comparison.suffix}"
    if not differences.n or not lost:
        reason = (
            f"All who had a score {waves[0]} had one {waves[1]}, so nothing is missing."
            if differences.n
            else "Nobody had a score both times, so there is no finding to bound."
        )
        return Result(key=key, title=_MISSING_TITLE, sentence=reason, sources=("survey.csv",))
    bounds = missing_bounds(differences.up, differences.same, differences.down, lost)
    adjusted = delta_adjustment(differences.values, lost, level=level)
    reading = reading_of(comparison.instrument)
    toward = "up" if reading.higher_is_better else "down"
    estimate, lowest, highest = bounds.estimate, bounds.lowest, bounds.highest
    if not reading.higher_is_better:
        estimate, lowest, highest = 1 - estimate, 1 - highest, 1 - lowest
    sentence = (
        f"{count_of(lost, 'person', 'people')} of {lost + differences.n:,} did not return. The tendency of "
        f"{format_share(estimate)} would be {format_share(lowest)} at worst, had all of them moved the wrong way, and "
        f"{format_share(highest)} at best. Their mean change would have to differ from the others' by "
        f"{with_sign(adjusted.tipping_point)} scale points for the mean change over all of them to be none."
    )
    return Result(
        key=key,
        title=_MISSING_TITLE,
        sentence=sentence,
        table=adjusted.table,
        labels={"delta": "those missing changed by so much more", "mean_change": "mean change over all of them",
                "low": f"{percent(level)} low", "high": f"{percent(level)} high"},
        caveats=(
            "No answer is made up: the table shows what would follow from an assumption, and only judgement says which "
            "is likely.",
            f"The tendency is towards {reading.tendency} (moving {toward}); 50% is none either way.",
            "The interval takes the assumed shift as known.",
        ),
        method="Worst-case bounds (Manski 2003); pattern-mixture shift with tipping point (Little 1993; Yan, Lee & Li "
        f"2009). A score is the mean of at least half of the items at the wave. {software()}",
        sources=("survey.csv",),
    )  # fmt: skip


def _ordinal(study: Study, comparison: Comparison, level: float) -> OrdinalModel:
    assert study.survey is not None
    scale = comparison.instrument
    tables = answers_by_wave(
        study.survey, (comparison.before.key, comparison.after.key), instrument=scale.key, items=comparison.items,
        minimum=scale.minimum, maximum=scale.maximum,
    )  # fmt: skip
    parts = []
    for place, wave in enumerate((comparison.before.key, comparison.after.key)):
        answers = turned(tables[wave], comparison.reverse, scale.minimum, scale.maximum)
        long = answers.rename_axis("person").reset_index().melt(id_vars="person", var_name="item", value_name="score")
        parts.append(long.dropna(subset="score").assign(after=float(place)))
    rows = pd.concat(parts, ignore_index=True)
    if len(rows) > _MOST_ORDINAL:
        raise ValueError(f"{len(rows):,} answers are too many for this model on a page; the mixed model serves.")
    answered = [item for item in comparison.items if (rows["item"] == item).any()]
    effects = pd.DataFrame(
        {"after": rows["after"], **{item: (rows["item"] == item).astype(float) for item in answered[1:]}}
    )
    if rows["score"].nunique() > 20:
        raise ValueError("A scale with more than 20 different answers is better treated as numbers (the mixed model).")
    return ordinal_model(rows["score"], effects, rows["person"], level=level)


def _paired_p(estimate: float, high: float, level: float, n: int) -> float:
    """Give the paired t-test's p from the interval already worked out."""
    if n < 2 or math.isnan(high):
        return math.nan
    from scipy.special import stdtr, stdtrit

    error = (high - estimate) / float(stdtrit(n - 1, 0.5 + level / 2))
    if error <= 0:
        return math.nan
    return float(2 * stdtr(n - 1, -abs(estimate) / error))
