"""Pages for waves other than a plain before and after: more than two, and looking back; no formula here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.methods.columns import require_level
from cop_analysis.change.methods.waves import friedman, page_trend, then_test, waves_against_baseline
from cop_analysis.change.pages.comparison import Comparison, begin, compare_waves, looks_back, require_known, slug
from cop_analysis.change.pages.words import percent, software, wave_name
from cop_analysis.results import Result, absent, count_of, format_p, with_sign

if TYPE_CHECKING:
    from cop_analysis.study import Study

_WAVES, _WAVES_TITLE = "all-waves", "All waves"
_BACK, _BACK_TITLE = "looking-back", "Looking back: has the yardstick moved?"


def all_waves(study: Study, instrument: str | None = None, permutations: int = 9999, seed: int = 20250101) -> Result:
    """Show the change over all waves: whether they differ, whether they rise, and each against the first.

    Parameters
    ----------
    study : Study
        The study; waves in the order of study.toml. A wave that looks back is left out.
    instrument : str, optional
        Key from study.toml; by default that of the plan or the only one.
    permutations : int
        Arrangements drawn for the permutation tests.
    seed : int
        Where the draws start.

    Returns
    -------
    Result
        A row a wave: wave, people, mean; and against the first wave n, mean_change, p_value, adjusted_p_value.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or a setting is impossible.

    Notes
    -----
    `friedman`, `page_trend`, `waves_against_baseline` on the mean score.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> all_waves(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the change over all waves cannot be shown.'
    """
    comparison = begin(study, _WAVES, _WAVES_TITLE, "the change over all waves", instrument, of_pairs=False)
    if isinstance(comparison, Result):
        return comparison
    assert study.survey is not None
    looking_back = {wave.key for wave in study.waves if looks_back(wave)}
    order = [wave for wave in study.waves if wave.key not in looking_back]
    scores = comparison.wave_scores(study.survey, tuple(wave.key for wave in order))
    order = [wave for wave in order if scores[wave.key].notna().any()]
    scores = scores[[wave.key for wave in order]]
    key = f"{_WAVES}{_instrument_suffix(study, comparison)}"
    apart = [wave for wave in order[1:] if not study.wave_pair(order[0].key, wave.key).may_pair]
    if apart and len(order) > 2:
        return Result(
            key=key,
            title=_WAVES_TITLE,
            sources=("survey.csv",),
            sentence="The waves are not all known to have been answered by the same people ("
            f"{'; '.join(wave_name(wave) for wave in apart)}), so a change over all of them cannot be shown.",
        )
    names = {wave.key: wave_name(wave) for wave in order}
    means = pd.DataFrame(
        {"wave": list(names.values()), "people": scores.notna().sum().to_numpy(), "mean": scores.mean().to_numpy()}
    )
    if len(order) < 3:
        return Result(
            key=key, title=_WAVES_TITLE, table=means, sources=("survey.csv",),
            sentence=f"{count_of(len(order), 'wave has', 'waves have')} answers to {comparison.instrument.name}: with "
            "two there is one comparison, and nothing to add over waves.",
        )  # fmt: skip
    caveats: list[str] = []
    said: list[str] = []
    methods: list[str] = []
    try:
        overall = friedman(scores, permutations, seed)
        trend = page_trend(scores)
        said.append(
            f"{count_of(overall.n, 'person', 'people')} answered at all {len(order)} waves: that the waves do not "
            f"differ at all has {format_p(overall.p_value)} (Friedman), that there is no trend over them "
            f"{format_p(trend.p_value)} (Page)"
        )
        methods += [overall.method, trend.method]
        if overall.missing:
            caveats.append(
                f"{count_of(overall.missing, 'person', 'people')} who missed a wave did not count in these two."
            )
    except ValueError as reason:
        caveats.append(str(reason))
    table = means
    try:
        against = waves_against_baseline(scores, permutations, seed)
        compared = against.table.assign(wave=list(names.values())[1:])
        table = means.merge(
            compared[["wave", "n", "mean_change", "p_value", "adjusted_p_value"]], on="wave", how="left"
        )
        if compared["n"].any():
            largest = compared.sort_values("mean_change", key=abs, ascending=False).iloc[0].to_dict()
            said.append(
                f"from the first wave on, the mean score changed most to that of “{largest['wave']}”, by "
                f"{with_sign(largest['mean_change'])} ({format_p(float(largest['adjusted_p_value']))} allowing for "
                f"{count_of(len(compared), 'wave')})"
            )
        methods.append(f"{against.method} Seed {seed}.")
    except ValueError as reason:
        caveats.append(str(reason))
    if looking_back:
        caveats.append("Waves in which people look back are shown by themselves, not here.")
    return Result(
        key=key,
        title=_WAVES_TITLE,
        sentence=f"{'; '.join(said)}." if said else f"The waves cannot be compared: {caveats[0]}",
        table=table,
        labels={"n": "also answered at the first", "mean_change": "mean change from the first",
                "adjusted_p_value": "adjusted p (maxT)"},
        caveats=(
            *caveats,
            "There is no control group: time itself, or anything that happened meanwhile, may have moved the answers.",
        ),
        method=f"A score is the mean of at least half of the items at the wave. {' '.join(methods)} {software()}",
        sources=("survey.csv",),
    )  # fmt: skip


def looking_back(
    study: Study,
    then: str | None = None,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Set the change as measured beside the change people see looking back, and report the response shift.

    Parameters
    ----------
    study : Study
        The study, with a wave in which people rated afterwards where they stood before.
    then : str, optional
        That wave's key; by default the one whose key or label says so ("then", "retrospective", "looking back").
    instrument, before, after : str, optional
        Keys from study.toml; by default those of the plan, or the only instrument and the first and last other wave.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Result
        Three rows: change as measured, change looking back, response shift (`then_test`).

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or the level is impossible.

    Notes
    -----
    `then_test`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> looking_back(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a look back cannot be shown.'
    """
    require_level(level)
    if study.survey is None:
        return absent(_BACK, _BACK_TITLE, "survey", "a look back")
    waves = {wave.key: wave for wave in study.waves}
    require_known(instrument, {each.key: each for each in study.instruments}, "instrument")
    for asked in (then, before, after):
        require_known(asked, waves, "wave")
    found = then or next((wave.key for wave in study.waves if looks_back(wave)), "")
    if not found:
        return Result(
            key=_BACK, title=_BACK_TITLE,
            sentence="In no wave of this study did people look back at where they stood before, so whether the "
            "yardstick moved is not known.",
        )  # fmt: skip
    others = [wave.key for wave in study.waves if wave.key != found]
    plan = getattr(study.config, "plan", None)
    first = before or getattr(plan, "before", "") or (others[0] if others else "")
    last = after or getattr(plan, "after", "") or (others[-1] if others else "")
    if not first or not last or len({first, last, found}) < 3:
        return Result(
            key=_BACK, title=_BACK_TITLE,
            sentence="A look back needs three waves: before, looking back, and now; this study has not that many.",
        )  # fmt: skip
    comparison = compare_waves(study, instrument, first, last)
    if isinstance(comparison, str):
        return Result(key=_BACK, title=_BACK_TITLE, sentence=comparison)
    if not all(study.wave_pair(one, other).may_pair for one, other in ((first, last), (first, found), (found, last))):
        return Result(
            key=_BACK,
            title=_BACK_TITLE,
            sentence="The three waves are not known to have been answered by the same people, so a look back cannot be "
            "shown.",
        )
    scores = comparison.wave_scores(study.survey, (first, found, last))
    key = f"{_BACK}{comparison.suffix}"
    try:
        seen = then_test(scores[first], scores[found], scores[last], level)
    except ValueError as reason:
        return Result(key=key, title=_BACK_TITLE, sentence=str(reason), sources=("survey.csv",))
    shift = seen.table.iloc[2].to_dict()
    measured, recalled = seen.table["mean_change"].astype(float).tolist()[:2]
    lower = int(shift["down"])
    return Result(
        key=key,
        title=_BACK_TITLE,
        sentence=(
            f"Among {count_of(seen.n, 'person', 'people')}, the mean change as measured was "
            f"{with_sign(measured)} scale points, and looking back "
            f"{with_sign(recalled)}: looking back, {lower:,} put their start lower "
            f"than they had said at the time, {int(shift['up']):,} higher and {int(shift['same']):,} the same "
            f"(response shift {with_sign(seen.shift)}, {percent(level)} interval {with_sign(shift['low'])} to "
            f"{with_sign(shift['high'])})."
        ),
        table=seen.table,
        labels={"low": f"mean change, {percent(level)} low", "high": f"mean change, {percent(level)} high",
                "superiority": "tendency up (PS)", "superiority_low": f"PS, {percent(level)} low",
                "superiority_high": f"PS, {percent(level)} high", "p_value": "exact p"},
        caveats=(
            "Neither change is the true one: the first mixes change with a moved yardstick, the second with the wish "
            "to have improved and with memory.",
            f"{count_of(seen.missing, 'person', 'people')} without all three answers did not count.",
            "Reversed items are turned; below 0 the shift is towards a lower start.",
        ),
        method=f"{seen.method} A score is the mean of at least half of the items at the wave. {software()}",
        sources=("survey.csv",),
    )  # fmt: skip


def _instrument_suffix(study: Study, comparison: Comparison) -> str:
    return f"-{slug(comparison.instrument.key)}" if len(study.instruments) > 1 else ""
