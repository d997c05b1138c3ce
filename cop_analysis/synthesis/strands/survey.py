"""The survey: which way the same people moved, on one item or on the scale of an instrument."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from cop_analysis.results import format_p, format_share
from cop_analysis.study.waves import times_of_asking
from cop_analysis.synthesis.findings import Finding
from cop_analysis.synthesis.measures import Figures, Strand

if TYPE_CHECKING:
    import pandas as pd

    from cop_analysis.change.pages.comparison import Comparison
    from cop_analysis.realist import Measure
    from cop_analysis.study import Study


@dataclass(frozen=True)
class _Judged:
    """The bounds by which a direction is judged, and what is told of them beside the figure."""

    low: float
    high: float
    beside: str = ""

    @property
    def goes(self) -> str:
        return "higher" if self.low > 0.5 else "lower" if self.high < 0.5 else "unclear"


def item_moved(figures: Figures, measure: Measure) -> Finding:
    """Give which way people moved on one item."""
    comparison = _comparison(figures, measure.instrument or "")
    if isinstance(comparison, str):
        return Finding(comparison)
    if measure.item not in comparison.items:
        return Finding(f"The instrument {measure.instrument} has no item {measure.item!r}.")
    before, after = comparison.oriented()
    return _moved(figures, comparison, (before[measure.item], after[measure.item]), measure.item or "")


def scale_moved(figures: Figures, measure: Measure) -> Finding:
    """Give which way people moved on the scale of an instrument."""
    from cop_analysis.change import scale_scores

    comparison = _comparison(figures, measure.instrument or "")
    if isinstance(comparison, str):
        return Finding(comparison)
    return _moved(figures, comparison, scale_scores(*comparison.oriented()))


def _comparison(figures: Figures, instrument: str) -> Comparison | str:
    """Pair the answers of an instrument once, or say why no change of people is known."""
    from cop_analysis.change.pages.comparison import compare_waves

    study = figures.study
    if study.survey is None:
        return "This study has no survey table (survey.csv)."
    if instrument not in {one.key for one in study.instruments}:
        return f"study.toml has no instrument {instrument!r}."
    found = figures.once(("paired", instrument), lambda: compare_waves(study, instrument))
    if isinstance(found, str) or found.design == "paired":
        return found
    why = "study.toml says that other people answered" if found.design == "unmatched" else "the ids are in doubt"
    return f"Nobody is paired from one wave to the other ({why}), so a change of people is not known."


def _moved(figures: Figures, comparison: Comparison, pair: tuple[pd.Series, pd.Series], item: str = "") -> Finding:
    """Put into words which way people moved; one item of several is judged by an interval that allows for all."""
    from cop_analysis.change import signed_rank, superiority
    from cop_analysis.change.pages.words import reading_of

    pre, post = pair
    if not (pre.notna() & post.notna()).any():
        return Finding("Nobody answered it both times.")
    reading = reading_of(comparison.instrument)
    asked = len(comparison.items) if item else 1
    effect, test = superiority(pre, post), signed_rank(pre, post)
    judged = _judged(figures, comparison, pair, item)
    allowing = ""
    if asked > 1:
        # Bonferroni: the level of one of so many.
        wide = superiority(pre, post, level=1 - 0.05 / asked)
        adjusted = _adjusted(figures, comparison.instrument.key, item)
        limits = " to ".join(map(format_share, reading.turn(0.5, wide.low, wide.high)[1:]))
        allowing = f"; allowing for all {asked} items {limits}"
        allowing += "" if adjusted is None else f", {format_p(adjusted)}"
    first, second = times_of_asking([comparison.before.name, comparison.after.name])
    # One direction on every page: the better way, as the page of the survey tells it.
    better, worse = reading.counts(effect)
    is_up = reading.higher_is_better
    ways = ("higher", "lower") if is_up else ("lower (better)", "higher")
    tendency = "tendency upwards" if is_up else "tendency downwards, the better way"
    estimate, least, most = reading.towards_better(effect)
    shows = (
        f"Between {first} and {second}, {better} of {effect.n} {ways[0]}, {worse} {ways[1]}, {effect.same} the "
        f"same; {tendency}{'' if is_up else ','} {format_share(estimate)} (95% interval {format_share(least)} to "
        f"{format_share(most)}; 50% is none), {format_p(test.p_value)}{allowing}{judged.beside}."
    )
    return Finding(
        shows,
        judged.goes,
        f"{tendency} (PS)",
        estimate,
        least,
        most,
        effect.n,
        test.p_value,
        judged=(judged.low, judged.high, 0.5) if is_up else (1 - judged.high, 1 - judged.low, 0.5),
    )


def _judged(figures: Figures, comparison: Comparison, pair: tuple[pd.Series, pd.Series], item: str) -> _Judged:
    """Give the widest bounds that any of the survey page's own checks leaves."""
    from cop_analysis.change import signed_rank, superiority
    from cop_analysis.change.methods.effects import among_changers
    from cop_analysis.change.pages.items import beside_finding
    from cop_analysis.change.pages.words import reading_of

    reading = reading_of(comparison.instrument)
    level = 1 - 0.05 / (len(comparison.items) if item else 1)
    effect, test, wide = superiority(*pair), signed_rank(*pair), superiority(*pair, level=level)
    low, high, beside = wide.low, wide.high, ""
    if effect.up + effect.down:
        # The interval and the exact test of those who changed may fall on different sides: both must agree.
        widened = among_changers(effect.up, effect.down, effect.n, level)
        if (low > 0.5) != (widened.low > 0.5) or (high < 0.5) != (widened.high < 0.5):
            limits = " to ".join(map(format_share, reading.towards_better(widened)[1:]))
            beside = f"; widened to agree with the exact test of those who changed {limits}"
            beside += ", so the direction is left open"
        low, high = widened.low, widened.high
    # Colleagues who answer alike, and organisations that lost people unequally, as the page of the survey says it.
    over = beside_finding(figures.study, comparison, item, pair, effect, test.p_value, reading)
    if not isnan(over.superiority):
        low, high = min(low, over.superiority), max(high, over.superiority)
    if over.headline:
        beside += f"; {over.headline}"
    if over.floor <= 0.05 < over.p_value and not low <= 0.5 <= high:
        low, high = min(low, 0.5), max(high, 0.5)
        beside += ", so the direction is left open"
    return _Judged(low, high, beside)


def _adjusted(figures: Figures, instrument: str, item: str) -> float | None:
    """Give the p-value of one item adjusted for all items of its instrument, as the study's plan adjusts it."""
    from cop_analysis.change import confidence

    def read() -> dict[str, float]:
        table = confidence(figures.study, instrument, permutations=figures.permutations, seed=figures.seed).table
        if not {"item", "adjusted_p_value"} <= set(table.columns):
            return {}
        return dict(zip(table["item"], table["adjusted_p_value"], strict=True))

    found = figures.once(("adjusted", instrument), read).get(item)
    return None if found is None or isnan(found) else float(found)


def _wording(study: Study, measure: Measure) -> str:
    if measure.item is None:
        return ""
    items = (item for one in study.instruments if one.key == measure.instrument for item in one.items)
    return next((item.wording for item in items if item.key == measure.item), "")


STRAND = Strand(
    key="survey",
    title="Survey",
    place=1,
    files=("survey",),
    kinds={"survey_item": item_moved, "survey_scale": scale_moved},
    wording=_wording,
)
