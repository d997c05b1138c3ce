"""The survey: which way the same people moved, or how two groups differ, on one item or on the scale."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from cop_analysis.results import format_p, format_share, interval_in_words
from cop_analysis.synthesis.measures import Figures, Finding, Strand

if TYPE_CHECKING:
    from cop_analysis.change import Comparison
    from cop_analysis.change.pages.items import Moved
    from cop_analysis.realist import Measure
    from cop_analysis.results import Result
    from cop_analysis.study import Study

_CHANCE = "chance of a better answer in the second group"


def item_moved(figures: Figures, measure: Measure) -> Finding:
    """Give which way people moved on one item."""
    comparison = _comparison(figures, measure.instrument or "")
    if isinstance(comparison, str):
        return Finding(comparison)
    if measure.item not in comparison.waves.items:
        return Finding(f"The instrument {measure.instrument} has no item {measure.item!r}.")
    if comparison.waves.design == "unmatched":
        return _item_of_two_groups(figures, comparison, measure.item or "")
    return _moved(comparison, measure.item or "")


def scale_moved(figures: Figures, measure: Measure) -> Finding:
    """Give which way people moved on the scale of an instrument."""
    comparison = _comparison(figures, measure.instrument or "")
    if isinstance(comparison, str):
        return Finding(comparison)
    return _two_groups(figures, comparison) if comparison.waves.design == "unmatched" else _moved(comparison)


def _comparison(figures: Figures, instrument: str) -> Comparison | str:
    """Open the answers to an instrument once, or say why nothing can be said of them."""
    from cop_analysis.change import compare

    study = figures.study
    if study.survey is None:
        return "This study has no survey table (survey.csv)."
    if instrument not in {one.key for one in study.instruments}:
        return f"study.toml has no instrument {instrument!r}."
    opened = figures.once(
        ("compared", instrument),
        lambda: compare(study, instrument, permutations=figures.permutations, seed=figures.seed),
    )
    if isinstance(opened.chosen, str):
        return opened.chosen
    if opened.chosen.design == "in doubt":
        return "Nobody is paired from one wave to the other (the ids are in doubt), so a change of people is not known."
    return opened


def _groups(figures: Figures, comparison: Comparison) -> Result:
    """Give the survey's page of two groups, worked out once."""
    return figures.once(("two groups", comparison.waves.instrument.key), comparison.cohorts)


def _two_groups(figures: Figures, comparison: Comparison) -> Finding:
    """Give how the answers of two groups differ on the scale, or on the item that leads, as the survey's page does."""
    from cop_analysis.change.pages.groups import Cohorts

    page = _groups(figures, comparison)
    if not isinstance(page, Cohorts) or page.lead is None:
        return Finding(page.sentence)
    test = page.lead
    estimate, low, high = comparison.waves.direction.towards_better(test)
    return Finding(
        page.sentence,
        "unclear",
        _CHANCE,
        estimate,
        low,
        high,
        test.first + test.second,
        test.p_value,
        answers=page.verdicts,
        of_change=False,
    )


def _item_of_two_groups(figures: Figures, comparison: Comparison, item: str) -> Finding:
    """Give how the answers of two groups differ on one item."""
    from cop_analysis.change.pages.groups import Cohorts

    page = _groups(figures, comparison)
    if not isinstance(page, Cohorts):
        return Finding(page.sentence)
    row: dict[Any, Any] = page.table.set_index("item").loc[item].to_dict()
    first, second = comparison.waves.times
    sizes = int(row["n_first"]), int(row["n_second"])
    if not all(sizes):
        return Finding(f"Nobody answered it {second if sizes[0] else first}.")
    estimate, low, high, p_value = (float(row[name]) for name in ("superiority", "low", "high", "p_value"))
    adjusted = "" if len(page.table) == 1 else f", allowing for all items {format_p(float(row['adjusted_p_value']))}"
    shows = (
        f"{sizes[0]:,} answered {first} and {sizes[1]:,} {second}, and nobody is matched: the chance that "
        f"someone of the second group gave {comparison.waves.direction.tendency} than someone of the first is "
        f"{format_share(estimate)} ({interval_in_words(low, high)}; 50% is none either way), "
        f"{format_p(p_value)}{adjusted}. A difference of two groups may be a change, or other people having answered."
    )
    return Finding(shows, "unclear", _CHANCE, estimate, low, high, sum(sizes), p_value, of_change=False)


def _moved(comparison: Comparison, item: str = "") -> Finding:
    """Put into words which way people moved, as the page of the survey judges it."""
    from cop_analysis.change.pages.items import moved

    waves = comparison.waves
    if not waves.answered_twice(item):
        return Finding("Nobody answered it both times.")
    found = moved(waves, item)
    way, effect, p_value = waves.direction, found.effect, found.test.p_value
    first, second = waves.times
    # One direction on every page: the better way, as the page of the survey tells it.
    better, worse = way.counts(effect)
    is_up = way.higher_is_better
    ways = ("higher", "lower") if is_up else ("lower (better)", "higher")
    tendency = "tendency upwards" if is_up else "tendency downwards, the better way"
    estimate, least, most = way.towards_better(effect)
    shows = (
        f"Between {first} and {second}, {better} of {effect.n} {ways[0]}, {worse} {ways[1]}, {effect.same} the "
        f"same; {tendency}{'' if is_up else ','} {format_share(estimate)} ({interval_in_words(least, most)}; "
        f"50% is none), {format_p(p_value)}{_allowing(comparison, found, item)}"
        f"{_beside(comparison, found)}."
    )
    return Finding(
        shows,
        found.goes,
        f"{tendency} (PS)",
        estimate,
        least,
        most,
        effect.n,
        p_value,
        judged=found.judged,
        answers=(found.verdict,),
    )


def _allowing(comparison: Comparison, found: Moved, item: str) -> str:
    """Say the interval of one item of several that allows for all, and its adjusted p."""
    if found.asked == 1:
        return ""
    table = comparison.items().table
    adjusted = dict(zip(table["item"], table["adjusted_p_value"], strict=True)).get(item)
    limits = " to ".join(map(format_share, comparison.waves.direction.towards_better(found.allowing)[1:]))
    told = "" if adjusted is None or isnan(adjusted) else f", {format_p(float(adjusted))}"
    return f"; allowing for all {found.asked} items {limits}{told}"


def _beside(comparison: Comparison, found: Moved) -> str:
    """Say what else bears on the direction: the exact test of those who changed, and organisations."""
    from cop_analysis.change.pages.words import organisations_in_short

    said = ""
    way = comparison.waves.direction
    if found.is_widened and found.widened is not None:
        limits = " to ".join(map(format_share, way.towards_better(found.widened)[1:]))
        said += f"; widened to agree with the exact test of those who changed {limits}, so the direction is left open"
    short = organisations_in_short(found.organisations, way, found.test.p_value)
    said += f"; {short}" if short else ""
    return said + (", so the direction is left open" if found.is_open_over_organisations else "")


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
