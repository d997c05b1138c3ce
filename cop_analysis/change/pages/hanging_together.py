"""Do the items of a scale belong together, and is there room to move? The page; the formulas are in scales.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.pairing import answers_by_wave
from cop_analysis.change.methods.scales import cronbach_alpha, item_statistics, negatively_worded, omega_total, turned
from cop_analysis.change.pages.comparison import Comparison, begin
from cop_analysis.change.pages.words import percent, reading_of, software, wave_name
from cop_analysis.results import Result, count_of, format_share, with_minus

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "scale-reliability", "How the items hang together"
_ROOM, _ROOM_TITLE = "ceiling-and-floor", "How much room there was to move"
_FEW = 30
_CROWDED = 0.15
_OF_SCALE = ("wave", "item", "wording", "n", "estimate", "low", "high")
_OF_ITEMS = ("mean", "standard_deviation", "item_rest_correlation", "alpha_without")


def scale_reliability(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Say how reliable the scale is at each of two waves, and which item does not go with the others.

    Parameters and errors are those of `answer`.

    Returns
    -------
    Result
        A row an item and wave: wave, item, wording, n, mean, standard_deviation, item_rest_correlation, alpha_without;
        first, for each wave, alpha and omega of the whole scale. Everybody who answered every item at a wave counts.

    Notes
    -----
    `cronbach_alpha` (Feldt's interval), `omega_total`, `item_statistics`, `negatively_worded`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> scale_reliability(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so how the items hang together cannot be shown.'
    """
    comparison = begin(
        study, _KEY, _TITLE, "how the items hang together", instrument, before, after, level, of_pairs=False
    )
    if isinstance(comparison, Result):
        return comparison
    rows: list[dict[str, object]] = []
    said: list[str] = []
    caveats: list[str] = []
    contrary: list[set[str]] = []
    for wave, answers in _waves(study, comparison).items():
        try:
            alpha = cronbach_alpha(answers, level)
        except ValueError as reason:
            caveats.append(f"{wave}: {reason}")
            continue
        found = (
            f"{with_minus(alpha.estimate)} ({percent(level)} interval {with_minus(alpha.low)} to "
            f"{with_minus(alpha.high)})"
        )
        said.append(f"{found} among {count_of(alpha.n, 'person', 'people')} ({wave})")
        rows.append(_row(wave, "whole scale: alpha", "", alpha.n, alpha.estimate, alpha.low, alpha.high))
        try:
            omega = omega_total(answers)
            rows.append(_row(wave, "whole scale: omega total", "", omega.n, omega.estimate, math.nan, math.nan))
            if omega.improper:
                caveats.append(
                    f"{wave}: an item's own variance ran against nothing in the one-factor model: omega is not to be "
                    "relied on."
                )
        except ValueError as reason:
            caveats.append(f"{wave}: {reason}")
        for item in item_statistics(answers, level).to_dict("records"):
            rows.append(
                _row(
                    wave,
                    str(item["item"]),
                    comparison.wording(str(item["item"])),
                    alpha.n,
                    math.nan,
                    math.nan,
                    math.nan,
                )
                | {name: item[name] for name in _OF_ITEMS}
            )
        contrary.append(set(negatively_worded(answers)))
        if alpha.n < _FEW or alpha.items == 2:
            caveats.append(
                f"{wave}: alpha rests on {count_of(alpha.n, 'person', 'people')} and "
                f"{count_of(alpha.items, 'item')}: read its interval, not its value."
            )
    against = [item for item in comparison.items if contrary and all(item in found for found in contrary)]
    if against:
        named = ", ".join(f"“{comparison.wording(item)}”" for item in against)
        caveats.append(
            f"People answered {named} the other way from the rest: is it worded negatively (then study.toml wants "
            "reverse = true), or was the scale read upside down?"
        )
    sentence = (
        f"Over {count_of(len(comparison.items), 'item')}, Cronbach's alpha is {' and '.join(said)}."
        if said
        else f"How the items of {comparison.instrument.name} hang together cannot be worked out: {caveats[0]}"
        if caveats
        else "How the items hang together cannot be worked out: nobody answered."
    )
    return Result(
        key=f"{_KEY}{comparison.suffix}",
        title=_TITLE,
        sentence=sentence,
        table=pd.DataFrame(rows, columns=[*_OF_SCALE, *_OF_ITEMS]) if rows else pd.DataFrame(),
        labels={
            "low": f"{percent(level)} low",
            "high": f"{percent(level)} high",
            "item_rest_correlation": "correlation with the other items",
            "alpha_without": "alpha without it",
        },
        caveats=(
            *dict.fromkeys(caveats),
            "Alpha says whether items go together, not whether they measure one thing or the right thing.",
        ),
        method="Cronbach's alpha (1951) with Feldt's interval (1965) and McDonald's omega total (1999, one factor by "
        "maximum likelihood), on those who answered every item at the wave; correlation of an item with the total of "
        f"the others. Reversed items are turned first. {software()}",
        sources=("survey.csv",),
        show_table=False,
    )


def ceiling_and_floor(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Say how many people already gave the best or the worst answer at the first wave.

    Parameters and errors are those of `answer`.

    Returns
    -------
    Result
        A row an item: item, wording, n (answered both times), at_the_top, share_at_the_top, at_the_bottom,
        share_at_the_bottom, all at the first wave with reversed items turned.

    Notes
    -----
    More than 15% at an end is the mark of Terwee et al. 2007, Journal of Clinical Epidemiology 60:34-42.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> ceiling_and_floor(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the room to move cannot be shown.'
    """
    comparison = begin(study, _ROOM, _ROOM_TITLE, "the room to move", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    first, last = comparison.oriented()
    scale = comparison.instrument
    rows = []
    for item in comparison.items:
        both = first[item].notna() & last[item].notna()
        given = first.loc[both, item]
        top, bottom = int(np.isclose(given, scale.maximum).sum()), int(np.isclose(given, scale.minimum).sum())
        n = len(given)
        share = (top / n, bottom / n) if n else (math.nan, math.nan)
        rows.append((item, comparison.wording(item), n, top, share[0], bottom, share[1]))
    columns = ["item", "wording", "n", "at_the_top", "share_at_the_top", "at_the_bottom", "share_at_the_bottom"]
    table = pd.DataFrame(rows, columns=columns)
    reading = reading_of(scale)
    best = "share_at_the_top" if reading.higher_is_better else "share_at_the_bottom"
    crowded = table.loc[table[best] > _CROWDED].sort_values(best, ascending=False, kind="stable")
    wave = comparison.times[0]
    if not int(table["n"].sum()):
        sentence = "Nobody answered the same item both times, so there is no room to speak of."
    elif crowded.empty:
        sentence = (
            f"On no item did more than {_CROWDED:.0%} give the best answer {wave} already: there was room to improve."
        )
    else:
        most = crowded.iloc[0]
        sentence = (
            f"On {count_of(len(crowded), 'item')} more than {_CROWDED:.0%} gave the best answer {wave} already and "
            f"could not improve; most on “{most['wording']}” ({format_share(float(most[best]))})."
        )
    return Result(
        key=f"{_ROOM}{comparison.suffix}",
        title=_ROOM_TITLE,
        sentence=sentence,
        table=table,
        labels={
            "n": "answered both times",
            "at_the_top": f"at {scale.maximum:g}",
            "share_at_the_top": f"share at {scale.maximum:g}",
            "at_the_bottom": f"at {scale.minimum:g}",
            "share_at_the_bottom": f"share at {scale.minimum:g}",
        },
        caveats=("Who stands at the end of a scale can move one way only, so that a change there looks smaller.",),
        method=f"Shares at the ends of the scale {wave}, of those who answered the item both times; the mark of 15% "
        f"is that of Terwee et al. (2007). Reversed items are turned. {software()}",
        sources=("survey.csv",),
    )


def _waves(study: Study, comparison: Comparison) -> dict[str, pd.DataFrame]:
    scale = comparison.instrument
    assert study.survey is not None
    tables = answers_by_wave(
        study.survey,
        (comparison.before.key, comparison.after.key),
        instrument=scale.key,
        items=comparison.items,
        minimum=scale.minimum,
        maximum=scale.maximum,
    )
    return {
        wave_name(wave): turned(tables[wave.key], comparison.reverse, scale.minimum, scale.maximum)
        for wave in (comparison.before, comparison.after)
    }


def _row(wave: str, item: str, wording: str, n: int, estimate: float, low: float, high: float) -> dict[str, object]:
    values = (wave, item, wording, n, estimate, low, high)
    return dict(zip(_OF_SCALE, values, strict=True)) | dict.fromkeys(_OF_ITEMS, math.nan)
