"""Draws estimates: a forest of PS, an exact null distribution, and power over the true tendency."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cop_analysis.change.methods.paired_tests import NullDistribution
from cop_analysis.change.methods.study_size import SmallestDetectable
from cop_analysis.change.pictures.answers import printable
from cop_analysis.figures import BLUE, GREY, INK, ORANGE, drawing, finish
from cop_analysis.results import Figure, count_of, format_level, format_p, format_share

if TYPE_CHECKING:
    pass

_MOST_ROWS = 60
_MOST_BARS = 160


@dataclass(frozen=True)
class ForestRow:
    """A row of a forest: what it is about, PS with its limits, and the people behind it."""

    label: str
    estimate: float
    low: float
    high: float
    up: int
    same: int
    down: int

    @property
    def n(self) -> int:
        """People behind the row."""
        return self.up + self.same + self.down


def forest(
    rows: Sequence[ForestRow],
    name: str = "forest-of-ps",
    title: str = "Tendency up (PS) with its interval",
    level: float = 0.95,
    towards: str = "higher answers",
) -> Figure:
    """Draw PS row by row with its interval, a line at one half, and the counts printed beside.

    Parameters
    ----------
    rows : sequence of ForestRow
        From the top downwards; a row with nobody behind it is named without a mark.
    name, title : str
        The figure's slug and caption.
    level : float
        Confidence level of the intervals, for the words.
    towards : str
        What lies to the right of the line.

    Returns
    -------
    Figure

    Examples
    --------
    >>> picture = forest([ForestRow("dosing", 0.7, 0.55, 0.82, up=10, same=8, down=2)])
    >>> picture.alt
    'Tendency towards higher answers, 50% being none either way. dosing: 70% (55% to 82%), 10 up, 8 the same, 2 down.'
    """
    drawn = list(rows)[:_MOST_ROWS]
    table = pd.DataFrame(
        [(row.label, row.n, row.up, row.same, row.down, row.estimate, row.low, row.high) for row in rows],
        columns=["about", "n", "up", "same", "down", "superiority", "low", "high"],
    )
    said = [f"Tendency towards {towards}, 50% being none either way."]
    for row in rows:
        if not row.n:
            said.append(f"{printable(row.label)}: nobody answered both times.")
            continue
        if math.isnan(row.estimate):
            said.append(f"{printable(row.label)}: nobody of {row.n:,} changed.")
            continue
        said.append(
            f"{printable(row.label)}: {format_share(row.estimate)} ({format_share(row.low)} to "
            f"{format_share(row.high)}), {row.up:,} up, {row.same:,} the same, {row.down:,} down."
        )
    alt = " ".join(said)
    labels = ["\n".join(textwrap.wrap(printable(row.label), 46)) for row in drawn]
    height = 1.1 + sum(0.2 + 0.19 * max(2, label.count("\n") + 1) for label in labels)
    with drawing(8.0, height) as canvas, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        axes = canvas.add_subplot()
        axes.axvline(0.5, color=INK, linewidth=1.0, zorder=1)
        for place, row in enumerate(drawn):
            if not row.n or math.isnan(row.estimate):
                why = "nobody changed" if row.n else "nobody answered both times"
                axes.text(0.51, place, why, ha="left", va="center", color=INK, fontsize=8)
                continue
            axes.plot([row.low, row.high], [place, place], color=BLUE, linewidth=2.2, zorder=2, clip_on=False)
            axes.plot([row.estimate], [place], marker="o", markersize=7, color=BLUE, zorder=3, clip_on=False)
            axes.text(
                1.03,
                place,
                f"{row.up:,} up, {row.same:,} same, {row.down:,} down",
                va="center",
                fontsize=8,
                transform=axes.get_yaxis_transform(),
                clip_on=False,
            )
        axes.set_yticks(range(len(drawn)), labels, fontsize=9)
        for tick in axes.get_yticklabels():
            tick.set_parse_math(False)
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel(f"tendency towards {printable(towards)} (PS, {format_level(level)} interval)")
        axes.tick_params(axis="y", length=0)
        return finish(canvas, name=name, title=title, alt=alt, table=table)


def null_figure(chance: NullDistribution, name: str = "null-distribution") -> Figure:
    """Draw what chance alone would give and where the data lie.

    Parameters
    ----------
    chance : NullDistribution
        From `null_distribution`.
    name : str
        The figure's slug.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from cop_analysis.change.methods.paired_tests import null_distribution
    >>> null_figure(null_distribution([1] * 6, [2] * 6)).alt.split(". ")[1]
    'Observed: 21; a sum at least as far out has p = 0.031.'
    """
    centre = float(np.dot(chance.statistics, chance.probabilities))
    statistics, probabilities = _binned(chance.statistics, chance.probabilities)
    far = np.abs(statistics - centre) >= abs(chance.observed - centre) - 1e-9
    alt = (
        f"If up and down were equally likely, the rank sum of {count_of(chance.changed, 'person', 'people')} changing "
        f"would most often lie near {centre:g}. Observed: {chance.observed:g}; a sum at least as far out has "
        f"{format_p(chance.p_value)}."
    )
    table = pd.DataFrame({"rank_sum": statistics, "probability": probabilities, "at_least_as_far_out": far})
    with drawing(7.2, 3.2) as canvas:
        axes = canvas.add_subplot()
        width = float(np.median(np.diff(statistics))) * 0.9 if len(statistics) > 1 else 0.8
        axes.bar(statistics[~far], probabilities[~far], width=width, color=GREY, label="nearer to the middle")
        axes.bar(
            statistics[far],
            probabilities[far],
            width=width,
            color=ORANGE,
            hatch="//",
            edgecolor=INK,
            linewidth=0.3,
            label=f"at least as far out: {format_p(chance.p_value)}",
        )
        axes.axvline(chance.observed, color=BLUE, linewidth=2.2, label=f"observed: {chance.observed:g}")
        axes.set_xlabel("rank sum of those who moved up")
        axes.set_ylabel("probability by chance alone")
        axes.set_yticks([])
        axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return finish(
            canvas, name=name, title="The rank sum against what chance alone would give", alt=alt, table=table
        )


def _binned(
    statistics: NDArray[np.float64], probabilities: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Join neighbouring sums where there are too many to draw, and leave out the ends that nobody could see."""
    visible = probabilities > probabilities.max() * 1e-4
    ends = np.flatnonzero(visible)[[0, -1]]
    statistics, probabilities = statistics[ends[0] : ends[1] + 1], probabilities[ends[0] : ends[1] + 1]
    if len(statistics) <= _MOST_BARS:
        return statistics, probabilities
    # Bars of as many possible sums each, or the picture would show waves that are not there.
    step = float(np.diff(statistics).min())
    places = np.rint((statistics - statistics[0]) / step).astype(np.int64)
    joined = -(-int(places[-1] + 1) // (_MOST_BARS // 2))
    held = np.bincount(places // joined, weights=probabilities).astype(np.float64)
    return statistics[0] + step * (np.arange(len(held)) * joined + (joined - 1) / 2), held


def power_figure(
    table: pd.DataFrame, several: list[int], found: SmallestDetectable, name: str = "study-size"
) -> Figure:
    """Draw power over the true PS, a line a number of people.

    Parameters
    ----------
    table : pandas.DataFrame
        superiority and a column ``power_with_<people>`` for each number.
    several : list of int
        The numbers of people.
    found : SmallestDetectable
        What the wanted power finds, drawn as a cross.
    name : str
        The figure's slug.

    Returns
    -------
    Figure
    """
    said = ["Power over the true tendency."]
    for count in several:
        column = table[f"power_with_{count}"]
        said.append(
            f"{count_of(count, 'person', 'people')}: "
            + ", ".join(
                f"{format_share(share)} at {format_share(ps)}"
                for ps, share in zip(table["superiority"], column, strict=True)
            )
            + "."
        )
    styles = ("--", "-", "-.")
    with drawing(7.0, 3.8) as canvas:
        axes = canvas.add_subplot()
        for place, count in enumerate(several):
            mine = count == found.n
            axes.plot(
                table["superiority"],
                table[f"power_with_{count}"],
                color=BLUE if mine else INK,
                linestyle="-" if mine else styles[0 if place == 0 else 2],
                linewidth=2.4 if mine else 1.2,
                marker="o",
                markersize=3,
                label=count_of(count, "person", "people"),
            )
        axes.axhline(found.wanted, color=INK, linewidth=0.6, linestyle=":")
        if not math.isnan(found.superiority):
            axes.plot([found.superiority], [found.power], marker="X", markersize=9, color=BLUE)
            axes.annotate(
                f"{format_share(found.superiority)}",
                (found.superiority, found.power),
                xytext=(6, -12),
                textcoords="offset points",
                fontsize=9,
            )
        axes.set_ylim(0, 1.03)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        marks = axes.get_xticks()
        marks = marks[(marks >= 0.5) & (marks <= float(table["superiority"].max()) + 1e-9)]
        axes.set_xticks(marks, [f"{format_share(mark)}" for mark in marks])
        axes.set_xlabel("true tendency (PS); 50% is none either way")
        axes.set_ylabel("power")
        axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return finish(
            canvas, name=name, title="Chance of finding a change, by its strength", alt=" ".join(said), table=table
        )
