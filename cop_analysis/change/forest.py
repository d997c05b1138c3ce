"""A forest of PS with its intervals and a line at one half: the picture only; PS is worked out in superiority.py."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cop_analysis.change.figures import printable
from cop_analysis.figures import BLUE, INK, drawing, finish
from cop_analysis.results import Figure, format_share

_MOST_ROWS = 60


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
                1.03, place, f"{row.up:,} up, {row.same:,} same, {row.down:,} down", va="center", fontsize=8,
                transform=axes.get_yaxis_transform(), clip_on=False,
            )  # fmt: skip
        axes.set_yticks(range(len(drawn)), labels, fontsize=9)
        for tick in axes.get_yticklabels():
            tick.set_parse_math(False)
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel(f"tendency towards {printable(towards)} (PS, {100 * level:g}% interval)")
        axes.tick_params(axis="y", length=0)
        return finish(canvas, name=name, title=title, alt=alt, table=table)
