"""Waves other than a plain before and after: more than two in order, and one in which people look back.

The tests are in waves.py of the methods; the sentences in words.py.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

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
from cop_analysis.change.pages.two_waves import TwoWaves, choose_waves, looks_back, plan_of, require_known
from cop_analysis.results import Result
from cop_analysis.results.pages import Opening

if TYPE_CHECKING:
    from cop_analysis.study import Study


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
