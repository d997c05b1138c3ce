"""Reports how the whole scale moved between two waves; the scores themselves are worked out in scale.py."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.methods.columns import paired_differences
from cop_analysis.change.methods.effects import superiority_of
from cop_analysis.change.methods.paired_tests import signed_rank_of
from cop_analysis.change.methods.scales import Score, cronbach_alpha, mean_change, scale_scores
from cop_analysis.change.pages.comparison import Comparison, begin
from cop_analysis.change.pages.words import (
    floor_caveat,
    percent,
    reading_of,
    software,
    standing_caveats,
    what_was_left_out,
    who_is_missing,
)
from cop_analysis.results import SECONDARY, Headline, Result, count_of, format_p, with_sign

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "scale-change", "The whole scale before and after"
_FEW_FOR_ALPHA = 30


@dataclass(frozen=True, kw_only=True)
class ScaleChange(Result):
    """The change of the scale score, with its figures for code.

    Parameters
    ----------
    n : int
        People with a score both times.
    mean_before, mean_after, mean_change, low, high : float
        Mean scores, and the mean of the differences with its t interval; in scale points.
    superiority, superiority_low, superiority_high : float
        PS with its Tango interval.
    p_value, mid_p_value : float
        Exact Pratt signed-rank test, two-sided.
    alpha_before, alpha_after : float
        Cronbach's alpha at either wave; NaN where undefined.
    """

    n: int = 0
    mean_before: float = math.nan
    mean_after: float = math.nan
    mean_change: float = math.nan
    low: float = math.nan
    high: float = math.nan
    superiority: float = math.nan
    superiority_low: float = math.nan
    superiority_high: float = math.nan
    p_value: float = math.nan
    mid_p_value: float = math.nan
    alpha_before: float = math.nan
    alpha_after: float = math.nan


def scale_change(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    score: Score = "mean",
    level: float = 0.95,
) -> Result:
    """Say how the score over all items moved between two waves.

    Parameters
    ----------
    study, instrument, before, after, level
        As in `answer`.
    score : {"mean", "total"}
        A person's mean answer, or that mean times the number of items.

    Returns
    -------
    ScaleChange
        Its table has a row a quantity with estimate and limits; a plain `Result` that says why where nothing can be
        compared.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or a setting is impossible.

    Notes
    -----
    A score needs at least half of the items, answered both times (`scale_scores`). Test and PS as in `confidence`;
    the mean change with Student's t interval; Cronbach's alpha with Feldt's interval (`cronbach_alpha`).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> scale_change(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change of the scale cannot be shown.'
    """
    if score not in ("mean", "total"):
        raise ValueError(f"score must be 'mean' or 'total', not {score!r}.")
    comparison = begin(study, _KEY, _TITLE, "a change of the scale", instrument, before, after, level)
    if isinstance(comparison, Result):
        return comparison
    waves, times = comparison.names, comparison.times
    answers = comparison.oriented()
    scores = [scored.dropna() for scored in scale_scores(*answers, score=score)]
    differences = paired_differences(*scores)
    if not differences.n:
        return Result(
            key=f"{_KEY}{comparison.suffix}",
            title=_TITLE,
            sentence=f"Nobody answered at least half of the items both times ({waves[0]}; {waves[1]}), so there is no "
            "score to compare.",
            caveats=(who_is_missing(comparison), *what_was_left_out(comparison)),
            sources=("survey.csv",),
        )
    change = mean_change(differences.values, level)
    effect, test = superiority_of(differences, level), signed_rank_of(differences)
    alphas, doubts = _alphas(comparison, answers, waves, level)
    means = [float(scored.mean()) for scored in scores]
    spreads = [float(scored.std(ddof=1)) if len(scored) > 1 else math.nan for scored in scores]
    instrument_words = reading_of(comparison.instrument)
    points = "points" if score == "total" else "scale points"
    still = not effect.up + effect.down
    interval = (
        "no interval: everyone changed by the same amount"
        if len(differences.values) > 1 and change.low == change.high
        else f"{percent(level)} interval {with_sign(change.low)} to {with_sign(change.high)}"
        if not math.isnan(change.low)
        else "no interval from one person"
    )
    beside = short = ""
    if not still and change.low < change.high and (change.low > 0 or change.high < 0) != (test.p_value < 1 - level):
        short = f"; exact {format_p(test.p_value)}, which does not agree on whether no change is compatible"
        beside = (
            " That interval and p do not agree on whether no change at all is compatible with these answers: the "
            "interval is of the mean and takes changes to be normally distributed, p is exact and takes nothing of the "
            "kind."
        )
    items = len(comparison.items)
    ends = [
        end * (items if score == "total" else 1)
        for end in (comparison.instrument.minimum, comparison.instrument.maximum)
    ]
    better, worse = instrument_words.counts(effect)
    rows = [
        (f"{score} score, {waves[0]}", means[0], math.nan, math.nan, f"standard deviation {spreads[0]:.2f}"),
        (f"{score} score, {waves[1]}", means[1], math.nan, math.nan, f"standard deviation {spreads[1]:.2f}"),
        ("mean change", change.estimate, change.low, change.high, "t interval"),
        *(
            ()
            if still
            else ((instrument_words.superiority_label, *instrument_words.towards_better(effect), "Tango interval"),)
        ),
        ("moved up", effect.up, math.nan, math.nan, f"of {effect.n}"),
        ("stayed", effect.same, math.nan, math.nan, f"of {effect.n}"),
        ("moved down", effect.down, math.nan, math.nan, f"of {effect.n}"),
        *(
            ()
            if still
            else (
                ("exact p", test.p_value, math.nan, math.nan, "two-sided signed-rank test (Pratt)"),
                ("mid-p", test.mid_p_value, math.nan, math.nan, "two-sided"),
            )
        ),
        *alphas,
    ]
    alpha_values = {label: estimate for label, estimate, *_ in alphas}
    return ScaleChange(
        key=f"{_KEY}{comparison.suffix}",
        title=f"{comparison.instrument.name}: all {count_of(items, 'item')} together",
        sentence=(
            f"Over {'all ' if items > 1 else ''}{count_of(items, 'item')} the {score} score of "
            f"{count_of(effect.n, 'person', 'people')} went from {means[0]:.2f} {times[0]} to {means[1]:.2f} "
            f"{times[1]}, a change of {with_sign(change.estimate)} {points} on a scale from {ends[0]:g} to {ends[1]:g} "
            f"({interval}): {better:,} {instrument_words.better}, {worse:,} {instrument_words.worse} and "
            f"{effect.same:,} the same{'' if still else f'; {format_p(test.p_value)}'}.{beside}"
        ),
        table=pd.DataFrame(rows, columns=["quantity", "estimate", "low", "high", "note"]).astype(
            {"estimate": "float64", "low": "float64", "high": "float64"}
        ),
        labels={"low": f"{percent(level)} low", "high": f"{percent(level)} high"},
        caveats=(
            *standing_caveats(),
            who_is_missing(comparison),
            *what_was_left_out(comparison),
            *_short_of_items(comparison, differences.n),
            *((floor_caveat([("the whole scale", effect.up + effect.down)]),) if not still else ()),
            *doubts,
            *comparison.deviations,
        ),
        headline=Headline(
            label=f"mean change in {points}, {comparison.instrument.name} ({waves[0]}; {waves[1]})",
            value=f"{with_sign(change.estimate)}",
            uncertainty=f"{interval}, {count_of(effect.n, 'person', 'people')}{short}",
            order=SECONDARY,
        ),
        method="Each person is scored over the items answered both times, at least half of them, reversed items "
        f"turned; mean change with Student's t interval. {test.method} PS = P(up) + P(same) / 2 with the score "
        "interval of Tango (1998). Cronbach's alpha with Feldt's interval (1965), on those who answered every item. "
        f"{software()}",
        sources=("survey.csv",),
        n=effect.n,
        mean_before=means[0],
        mean_after=means[1],
        mean_change=change.estimate,
        low=change.low,
        high=change.high,
        superiority=effect.estimate,
        superiority_low=effect.low,
        superiority_high=effect.high,
        p_value=test.p_value,
        mid_p_value=test.mid_p_value,
        alpha_before=alpha_values.get(_alpha_label(waves[0]), math.nan),
        alpha_after=alpha_values.get(_alpha_label(waves[1]), math.nan),
    )


def _alpha_label(wave: str) -> str:
    return f"Cronbach's alpha, {wave}"


def _alphas(
    comparison: Comparison, answers: tuple[pd.DataFrame, pd.DataFrame], waves: tuple[str, str], level: float
) -> tuple[list[tuple[str, float, float, float, str]], list[str]]:
    rows: list[tuple[str, float, float, float, str]] = []
    said: list[str] = []
    for wave, given in zip(waves, answers, strict=True):
        try:
            alpha = cronbach_alpha(given, level)
        except ValueError as reason:
            said.append(f"{wave}: {reason}")
            continue
        rows.append(
            (
                _alpha_label(wave),
                alpha.estimate,
                alpha.low,
                alpha.high,
                f"{count_of(alpha.n, 'person', 'people')}, Feldt interval",
            )
        )
    if rows and (len(comparison.items) == 2 or comparison.pairing.n < _FEW_FOR_ALPHA):
        said.append(
            f"Cronbach's alpha from {count_of(comparison.pairing.n, 'person', 'people')} and "
            f"{count_of(len(comparison.items), 'item')} is rough: read its interval, not its value."
        )
    return rows, list(dict.fromkeys(said))


def _short_of_items(comparison: Comparison, scored: int) -> tuple[str, ...]:
    short = comparison.pairing.n - scored
    if not short:
        return ()
    return (
        f"{count_of(short, 'person', 'people')} answered fewer than half of the items both times and got no score.",
    )
