"""The scale as a whole: how its score moved between two waves, over all of them, and as people see it looking back.

Also whether its items belong together, how much room there was, and single people. The formulas are in scales.py,
effects.py and waves.py of the methods; the sentences in words.py.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.columns import paired_differences
from cop_analysis.change.methods.effects import Superiority, superiority_of
from cop_analysis.change.methods.paired_tests import SignedRank, signed_rank_of
from cop_analysis.change.methods.scales import (
    Alpha,
    MeanChange,
    Score,
    cronbach_alpha,
    item_statistics,
    mean_change,
    negatively_worded,
    omega_total,
    reliable_change,
    scale_scores,
)
from cop_analysis.change.methods.waves import (
    AgainstBaseline,
    Friedman,
    PageTrend,
    friedman,
    page_trend,
    then_test,
    waves_against_baseline,
)
from cop_analysis.change.pages import words
from cop_analysis.change.pages.items import nobody_twice
from cop_analysis.change.pages.two_waves import TwoWaves, choose_waves, looks_back, plan_of, require_known
from cop_analysis.change.pictures.answers import individuals_figure
from cop_analysis.results import Result
from cop_analysis.results.pages import Opening

if TYPE_CHECKING:
    from cop_analysis.study import Study

_FEW_FOR_ALPHA = 30
_CROWDED = 0.15
_OF_SCALE = ("wave", "item", "wording", "n", "estimate", "low", "high")
_OF_ITEMS = ("mean", "standard_deviation", "item_rest_correlation", "alpha_without")


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


@dataclass(frozen=True)
class ScaleFacts:
    """How the score over all items moved.

    Parameters
    ----------
    waves : TwoWaves
        What was compared.
    score : {"mean", "total"}
        A person's mean answer, or that mean times the number of items.
    means, spreads : tuple of float
        Mean and standard deviation of the scores before and after.
    change, effect, test
        The mean change, PS and the signed-rank test.
    alphas : tuple of (Alpha or None)
        Cronbach's alpha at either wave; None where it is undefined.
    doubts : tuple of str
        Why it is undefined.
    """

    waves: TwoWaves
    score: Score
    means: tuple[float, float]
    spreads: tuple[float, float]
    change: MeanChange
    effect: Superiority
    test: SignedRank
    alphas: tuple[Alpha | None, Alpha | None]
    doubts: tuple[str, ...]

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the score."""
        times = len(self.waves.items) if self.score == "total" else 1
        low, high = self.waves.ends
        return low * times, high * times

    @property
    def is_still(self) -> bool:
        """Whether nobody changed."""
        return not self.effect.up + self.effect.down

    @property
    def is_apart(self) -> bool:
        """Whether the interval of the mean change and the exact p fall on different sides."""
        low, high = self.change.low, self.change.high
        if self.is_still or not low < high:
            return False
        return (low > 0 or high < 0) != (self.test.p_value < 1 - self.effect.level)

    @property
    def is_alpha_rough(self) -> bool:
        """Whether an alpha is shown that rests on few people or two items."""
        few = len(self.waves.items) == 2 or self.waves.pairing.n < _FEW_FOR_ALPHA
        return few and any(alpha is not None for alpha in self.alphas)


def scale_change(waves: TwoWaves, opening: Opening, score: Score, level: float) -> Result:
    """Say how the score over all items moved."""
    scores = [scored.dropna() for scored in scale_scores(*waves.oriented, score=score)]
    differences = paired_differences(*scores)
    if not differences.n:
        caveats = (words.who_is_missing(waves), *words.what_was_left_out(waves))
        return Result(**opening, sentence=words.no_score_twice(waves), caveats=caveats)
    alphas, doubts = _alphas(waves, level)
    pre, post = scores
    facts = ScaleFacts(
        waves=waves,
        score=score,
        means=(float(pre.mean()), float(post.mean())),
        spreads=(_spread(pre), _spread(post)),
        change=mean_change(differences.values, level),
        effect=superiority_of(differences, level),
        test=signed_rank_of(differences),
        alphas=alphas,
        doubts=doubts,
    )
    change, effect, test = facts.change, facts.effect, facts.test
    return ScaleChange(
        key=opening["key"],
        title=words.scale_title(waves),
        sentence=words.scale_sentence(facts),
        table=_quantities(facts),
        labels=words.limits(level),
        caveats=words.scale_caveats(facts),
        headline=words.scale_headline(facts),
        method=words.scale_method(facts),
        sources=opening["sources"],
        n=effect.n,
        mean_before=facts.means[0],
        mean_after=facts.means[1],
        mean_change=change.estimate,
        low=change.low,
        high=change.high,
        superiority=effect.estimate,
        superiority_low=effect.low,
        superiority_high=effect.high,
        p_value=test.p_value,
        mid_p_value=test.mid_p_value,
        alpha_before=alphas[0].estimate if alphas[0] else math.nan,
        alpha_after=alphas[1].estimate if alphas[1] else math.nan,
    )


def _spread(scores: pd.Series) -> float:
    return float(scores.std(ddof=1)) if len(scores) > 1 else math.nan


def _alphas(waves: TwoWaves, level: float) -> tuple[tuple[Alpha | None, Alpha | None], tuple[str, ...]]:
    found: list[Alpha | None] = []
    doubts: list[str] = []
    for wave, answers in zip(waves.names, waves.oriented, strict=True):
        try:
            found.append(cronbach_alpha(answers, level))
        except ValueError as reason:
            found.append(None)
            doubts.append(f"{wave}: {reason}")
    return (found[0], found[1]), tuple(doubts)


def _quantities(facts: ScaleFacts) -> pd.DataFrame:
    way, effect, nan = facts.waves.direction, facts.effect, math.nan
    rows: list[tuple[str, float, float, float, str]] = [
        (f"{facts.score} score, {wave}", mean, nan, nan, f"standard deviation {spread:.2f}")
        for wave, mean, spread in zip(facts.waves.names, facts.means, facts.spreads, strict=True)
    ]
    rows.append(("mean change", facts.change.estimate, facts.change.low, facts.change.high, "t interval"))
    if not facts.is_still:
        rows.append((way.superiority_label, *way.towards_better(effect), "Tango interval"))
    for moved, number in (("moved up", effect.up), ("stayed", effect.same), ("moved down", effect.down)):
        rows.append((moved, number, nan, nan, f"of {effect.n}"))
    if not facts.is_still:
        rows.append(("exact p", facts.test.p_value, nan, nan, "two-sided signed-rank test (Pratt)"))
        rows.append(("mid-p", facts.test.mid_p_value, nan, nan, "two-sided"))
    for wave, alpha in zip(facts.waves.names, facts.alphas, strict=True):
        if alpha is not None:
            note = f"{words.people(alpha.n)}, Feldt interval"
            rows.append((f"Cronbach's alpha, {wave}", alpha.estimate, alpha.low, alpha.high, note))
    return pd.DataFrame(rows, columns=["quantity", "estimate", "low", "high", "note"]).astype(
        {"estimate": "float64", "low": "float64", "high": "float64"}
    )


def scale_reliability(waves: TwoWaves, opening: Opening, level: float) -> Result:
    """Say how reliable the scale is at each of two waves, and which item does not go with the others."""
    rows: list[dict[str, object]] = []
    found: list[tuple[str, Alpha]] = []
    caveats: list[str] = []
    contrary: list[set[str]] = []
    for wave, answers in zip(waves.names, waves.answered, strict=True):
        try:
            alpha = cronbach_alpha(answers, level)
        except ValueError as reason:
            caveats.append(f"{wave}: {reason}")
            continue
        found.append((wave, alpha))
        rows.append(_row(wave, "whole scale: alpha", "", alpha.n, alpha.estimate, alpha.low, alpha.high))
        try:
            omega = omega_total(answers)
            rows.append(_row(wave, "whole scale: omega total", "", omega.n, omega.estimate))
            caveats += [words.improper_omega(wave)] if omega.improper else []
        except ValueError as reason:
            caveats.append(f"{wave}: {reason}")
        for one in item_statistics(answers, level).to_dict("records"):
            item = str(one["item"])
            rows.append(_row(wave, item, waves.wordings[item], alpha.n) | {name: one[name] for name in _OF_ITEMS})
        contrary.append(set(negatively_worded(answers)))
        if alpha.n < _FEW_FOR_ALPHA or alpha.items == 2:
            caveats.append(words.rough_alpha_of(wave, alpha))
    against = [item for item in waves.items if contrary and all(item in held for held in contrary)]
    caveats += words.worded_against(waves, against)
    return Result(
        **opening,
        sentence=words.reliability_sentence(waves, found, caveats),
        table=pd.DataFrame(rows, columns=[*_OF_SCALE, *_OF_ITEMS]) if rows else pd.DataFrame(),
        labels={**words.limits(level), **words.RELIABILITY_LABELS},
        caveats=(*dict.fromkeys(caveats), words.RELIABILITY_CAVEAT),
        method=f"{words.RELIABILITY_METHOD} {words.software()}",
        show_table=False,
    )


def _row(
    wave: str,
    item: str,
    wording: str,
    n: int,
    estimate: float = math.nan,
    low: float = math.nan,
    high: float = math.nan,
) -> dict[str, object]:
    values = (wave, item, wording, n, estimate, low, high)
    return dict(zip(_OF_SCALE, values, strict=True)) | dict.fromkeys(_OF_ITEMS, math.nan)


def ceiling_and_floor(waves: TwoWaves, opening: Opening) -> Result:
    """Say how many people already gave the best or the worst answer at the first wave."""
    first, last = waves.oriented
    low, high = waves.ends
    rows = []
    for item in waves.items:
        given = first.loc[first[item].notna() & last[item].notna(), item]
        n, top, bottom = len(given), int(np.isclose(given, high).sum()), int(np.isclose(given, low).sum())
        share = (top / n, bottom / n) if n else (math.nan, math.nan)
        rows.append((item, waves.wordings[item], n, top, share[0], bottom, share[1]))
    columns = ["item", "wording", "n", "at_the_top", "share_at_the_top", "at_the_bottom", "share_at_the_bottom"]
    table = pd.DataFrame(rows, columns=columns)
    best = "share_at_the_top" if waves.direction.higher_is_better else "share_at_the_bottom"
    crowded = table.loc[table[best] > _CROWDED].sort_values(best, ascending=False, kind="stable")
    most = None if crowded.empty else (str(crowded["wording"].iloc[0]), float(crowded[best].iloc[0]))
    return Result(
        **opening,
        sentence=words.room_sentence(waves, len(crowded), most, _CROWDED, anybody=bool(table["n"].sum())),
        table=table,
        labels=words.room_labels(waves),
        caveats=(words.ROOM_CAVEAT,),
        method=words.room_method(waves),
    )


def individuals(waves: TwoWaves, opening: Opening, level: float) -> Result:
    """Count the people whose score changed by more than answers waver, without naming them."""
    if not waves.scored.n:
        return nobody_twice(waves, opening)
    try:
        alpha = cronbach_alpha(waves.answered[0]).estimate
        spread = float(waves.mean_answers[0].std(ddof=1))
        found = reliable_change(*waves.scores, alpha, spread, level)
    except ValueError as reason:
        return Result(**opening, sentence=f"Reliable change cannot be worked out: {reason}")
    improved, worsened = waves.direction.counts(found)
    low, high = waves.ends
    rows = [("improved reliably", improved), ("no reliable change", found.neither), ("worsened reliably", worsened)]
    return Result(
        **opening,
        sentence=words.individuals_sentence(found, improved, worsened, level),
        table=pd.DataFrame(
            [(change, number, number / found.n) for change, number in rows], columns=["change", "people", "share"]
        ),
        figure=individuals_figure(*waves.scores, found, waves.names, waves.ends, name=opening["key"]),
        caveats=(
            *words.individuals_caveats(level, is_out_of_reach=found.detectable >= high - low),
            words.who_is_missing(waves),
        ),
        method=words.individuals_method(found, waves.before.name),
    )


@dataclass(frozen=True)
class OverWaves:
    """What was found over several waves.

    Parameters
    ----------
    waves : int
        How many there are.
    overall, trend
        Whether the waves differ, and whether they rise; None where that cannot be tested.
    against : AgainstBaseline or None
        Each against the first; None where that cannot be tested.
    largest : tuple of (str, float, float) or None
        The wave to which the mean score changed most: its name, the change, the adjusted p.
    reasons : tuple of str
        Why something cannot be tested.
    looks_back : bool
        Whether the study has a wave in which people look back.
    """

    waves: int
    overall: Friedman | None
    trend: PageTrend | None
    against: AgainstBaseline | None
    largest: tuple[str, float, float] | None
    reasons: tuple[str, ...]
    looks_back: bool


def all_waves(waves: TwoWaves, opening: Opening, permutations: int, seed: int) -> Result:
    """Show the change over all waves: whether they differ, whether they rise, and each against the first."""
    study = waves.study
    back = {wave.key for wave in study.waves if looks_back(wave)}
    order = [wave for wave in study.waves if wave.key not in back]
    scores = waves.mean_answers_at(tuple(wave.key for wave in order))
    order = [wave for wave in order if scores[wave.key].notna().any()]
    scores = scores[[wave.key for wave in order]]
    apart = [wave for wave in order[1:] if not study.wave_pair(order[0].key, wave.key).may_pair]
    if apart and len(order) > 2:
        return Result(**opening, sentence=words.waves_apart([wave.name for wave in apart]))
    names = [wave.name for wave in order]
    means = pd.DataFrame({"wave": names, "people": scores.notna().sum().to_numpy(), "mean": scores.mean().to_numpy()})
    if len(order) < 3:
        return Result(**opening, sentence=words.too_few_waves(waves, len(order)), table=means)
    found, compared = _over(scores, names, permutations, seed, looks_back=bool(back))
    return Result(
        **opening,
        sentence=words.all_waves_sentence(found),
        table=means if compared is None else means.merge(compared, on="wave", how="left"),
        labels=words.ALL_WAVES_LABELS,
        caveats=words.all_waves_caveats(found),
        method=words.all_waves_method(found, seed),
    )


def _over(
    scores: pd.DataFrame, names: list[str], permutations: int, seed: int, *, looks_back: bool
) -> tuple[OverWaves, pd.DataFrame | None]:
    overall = trend = against = compared = largest = None
    reasons: list[str] = []
    try:
        overall, trend = friedman(scores, permutations, seed), page_trend(scores)
    except ValueError as reason:
        reasons.append(str(reason))
    try:
        against = waves_against_baseline(scores, permutations, seed)
    except ValueError as reason:
        reasons.append(str(reason))
    if against is not None:
        compared = against.table.assign(wave=names[1:])[["wave", "n", "mean_change", "p_value", "adjusted_p_value"]]
        if compared["n"].any():
            most = compared.sort_values("mean_change", key=abs, ascending=False).iloc[0]
            largest = (str(most["wave"]), float(most["mean_change"]), float(most["adjusted_p_value"]))
    return OverWaves(len(names), overall, trend, against, largest, tuple(reasons), looks_back), compared


def looking_back(
    study: Study,
    opened: TwoWaves | None,
    opening: Opening,
    then: str | None,
    asked: tuple[str | None, str | None, str | None],
    level: float,
) -> Result:
    """Set the change as measured beside the change people see looking back, and report the response shift."""
    nothing = functools.partial(Result, key="looking-back", title=opening["title"])
    instrument, before, after = asked
    require_known(then, {wave.key: wave for wave in study.waves}, "wave")
    back = then or next((wave.key for wave in study.waves if looks_back(wave)), "")
    if not back:
        return nothing(sentence=words.NOBODY_LOOKED_BACK)
    others = [wave.key for wave in study.waves if wave.key != back]
    plan = plan_of(study)
    first = before or plan.before or (others[0] if others else "")
    last = after or plan.after or (others[-1] if others else "")
    if not first or not last or len({first, last, back}) < 3:
        return nothing(sentence=words.TOO_FEW_TO_LOOK_BACK)
    same = opened is not None and opened.keys == (first, last)
    waves = opened if same else choose_waves(study, instrument, first, last)
    assert waves is not None
    if isinstance(waves, str):
        return nothing(sentence=waves)
    if not all(study.wave_pair(one, other).may_pair for one, other in ((first, last), (first, back), (back, last))):
        return nothing(sentence=words.LOOKING_BACK_APART)
    scores = waves.mean_answers_at((first, back, last))
    sources = ("survey.csv",)
    key = f"looking-back{waves.suffix}"
    try:
        seen = then_test(scores[first], scores[back], scores[last], level)
    except ValueError as reason:
        return Result(key=key, title=opening["title"], sentence=str(reason), sources=sources)
    return Result(
        key=key,
        title=opening["title"],
        sentence=words.looking_back_sentence(seen, level),
        table=seen.table,
        labels=words.looking_back_labels(level),
        caveats=words.looking_back_caveats(seen),
        method=f"{seen.method} {words.SCORE} {words.software()}",
        sources=sources,
    )
