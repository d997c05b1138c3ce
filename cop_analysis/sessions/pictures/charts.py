"""Pictures of values over time: control charts with their icons, and run charts of session means.

The icons' shapes are this package's own. Every icon differs in outline, in its inner mark and in its words, so that
colour is never needed to tell two apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.results import Figure, count_of, format_value
from cop_analysis.sessions.methods.process_charts import FEWEST_FOR_LIMITS, ProcessLimits
from cop_analysis.sessions.pictures.labels import capital, name_item

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IMPROVEMENT, CONCERN, COMMON_CAUSE, NEUTRAL = "#005EB8", "#ED8B00", "#768692", "#212B32"
"""Colours of improvement, concern, common cause, and special cause where neither direction is better."""

MARKERS = {
    "common cause": ("o", COMMON_CAUSE),
    "improvement": ("^", IMPROVEMENT),
    "concern": ("v", CONCERN),
    "neutral": ("s", NEUTRAL),
}
"""How a point of each class is marked on a chart: shape and colour."""

_MOST_POINTS_DRAWN = 120

MOST_ITEMS_DRAWN = 8

_MOST_SESSIONS_DRAWN = 60

_MOST_MEANS_PRINTED = 24

_MOST_VALUES_PRINTED = 12


@dataclass(frozen=True)
class Beside:
    """What is drawn for an item beside its control chart: how many rated, and the declared changes."""

    rated: list[int]
    changes: list[tuple[float, str, str]]


def variation_words(variation: str, direction: str) -> str:
    """Say what a variation icon says.

    Examples
    --------
    >>> variation_words("improvement", "high"), variation_words("common cause", "")
    ('improvement (high)', 'common cause')
    """
    name = "special cause" if variation == "neutral" else variation
    return f"{name} ({direction})" if direction and variation != "common cause" else name


def assurance_words(assurance: str | None) -> str:
    """Say what an assurance icon says.

    Examples
    --------
    >>> assurance_words("inconsistent"), assurance_words(None)
    ('hit and miss', 'no target')
    """
    words = {"passes": "passes target", "fails": "fails target", "inconsistent": "hit and miss"}
    return "no target" if assurance is None else words[assurance]


def draw_icons(axes: Axes, variation: str, direction: str, assurance: str | None, is_trial: bool) -> None:
    """Draw both icons one above the other into axes of their own.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Empty axes; their scale is set here.
    variation : str
        ``"improvement"``, ``"concern"``, ``"common cause"`` or ``"neutral"``.
    direction : str
        ``"high"``, ``"low"`` or empty: to which side the last value stands out.
    assurance : str or None
        ``"passes"``, ``"fails"``, ``"inconsistent"``, or None without a target.
    is_trial : bool
        Whether the limits behind them are trial limits: the outline is then broken and the word printed.

    Examples
    --------
    >>> from cop_analysis.figures import drawing
    >>> with drawing(1, 2) as canvas:
    ...     draw_icons(canvas.add_subplot(), "improvement", "high", "passes", False)
    """
    axes.set_xlim(-1.6, 1.6)
    axes.set_ylim(-4.7, 1.0)
    axes.set_aspect("equal")
    axes.axis("off")
    colour = MARKERS[variation][1]
    _outline(axes, 0.0, colour, is_trial, is_round=True)
    if variation == "common cause":
        axes.plot([-0.55, -0.27, 0, 0.27, 0.55], [0, 0.28, -0.28, 0.28, -0.05], color=colour, linewidth=2)
    else:
        up = 1 if direction == "high" else -1
        axes.plot([-0.55, -0.2, 0.1], [-0.35 * up, -0.2 * up, -0.3 * up], "o-", color=colour, markersize=3, linewidth=1)
        axes.plot([0.45], [0.35 * up], "^" if up > 0 else "v", color=colour, markersize=7)
        axes.text(-0.22, 0.3 * up, "H" if up > 0 else "L", ha="center", va="center", fontweight="bold", fontsize=10)
    words = variation_words(variation, direction)
    axes.text(0, -1.12, f"{words}\n(trial limits)" if is_trial else words, ha="center", va="top", fontsize=8)
    if assurance is not None:
        letter, colour = {"passes": ("P", IMPROVEMENT), "fails": ("F", CONCERN), "inconsistent": ("?", COMMON_CAUSE)}[
            assurance
        ]
        _outline(axes, -3.05, colour, is_trial, is_round=False)
        axes.text(0, -3.05, letter, ha="center", va="center", fontweight="bold", fontsize=12)
        at = {"passes": -3.5, "fails": -2.6, "inconsistent": -3.05}[assurance]
        axes.plot([-0.6, 0.6], [at, at], color=colour, linewidth=1.5, linestyle=(0, (2, 1.5)), zorder=0)
    below = -4.0 if assurance is not None else -2.6
    axes.text(0, below, assurance_words(assurance), ha="center", va="top", fontsize=8)


def _outline(axes: Axes, middle: float, colour: str, is_trial: bool, is_round: bool) -> None:
    from matplotlib.patches import Circle, FancyBboxPatch

    line = (0, (2.5, 1.5)) if is_trial else "-"
    if is_round:
        axes.add_patch(Circle((0, middle), 0.9, fill=False, edgecolor=colour, linewidth=2.4, linestyle=line))
        return
    look: dict[str, Any] = {"fill": False, "edgecolor": colour, "linewidth": 2.4, "linestyle": line}
    axes.add_patch(FancyBboxPatch((-0.7, middle - 0.7), 1.4, 1.4, boxstyle="round,pad=0.1", **look))


def draw_chart(axes: Axes, points: pd.DataFrame, target: float | None) -> None:
    """Draw points, centre, limits and target into axes; a class of point has a shape as well as a colour.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    points : pandas.DataFrame
        As `ProcessLimits` holds them.
    target : float or None

    Examples
    --------
    >>> from cop_analysis.figures import drawing
    >>> from cop_analysis.sessions.methods.process_charts import process_limits
    >>> with drawing(4, 3) as canvas:
    ...     draw_chart(canvas.add_subplot(), process_limits([3, 4, 3, 5]).points, 4)
    """
    from cop_analysis.figures import GREY, INK

    for _, phase in points.groupby("phase"):
        x = phase["point"].to_numpy()
        edges = np.array([x[0] - 0.4, x[-1] + 0.4])
        first = phase.iloc[0]
        is_trial = len(phase) < FEWEST_FOR_LIMITS
        axes.plot(edges, [first["centre"]] * 2, color=INK, linewidth=1)
        for limit in ("lower", "upper"):
            if not math.isnan(first[limit]):
                width, dashes = (0.8, (1, 3)) if is_trial else (1.0, (5, 3))
                axes.plot(edges, [first[limit]] * 2, color=GREY, linewidth=width, linestyle=(0, dashes))
        axes.plot(x, phase["value"], color=GREY, linewidth=1, zorder=1)
    for kind, (marker, colour) in MARKERS.items():
        chosen = points[points["variation"] == kind]
        if len(chosen):
            label = variation_words(kind, "")
            axes.scatter(chosen["point"], chosen["value"], marker=marker, color=colour, s=42, zorder=2, label=label)
    if target is not None:
        axes.axhline(target, color=INK, linewidth=1, linestyle="-.", label=f"target {format_value(target)}")
    for before, after in pairwise(sorted(points.groupby("phase")["point"].agg(["first", "last"]).to_numpy().tolist())):
        axes.axvline((before[1] + after[0]) / 2, color=GREY, linewidth=0.8)
    step = max(1, math.ceil(len(points) / 24))
    turn = 45 if points["label"].str.len().clip(lower=4)[::step].sum() > 100 else 0
    at, labels = points["point"].to_numpy()[::step], points["label"].tolist()[::step]
    axes.set_xticks(at, labels, rotation=turn, parse_math=False)


def words_for_chart(found: ProcessLimits) -> str:
    """Say in words what a chart shows, with its numbers and its icons.

    Examples
    --------
    >>> from cop_analysis.sessions.methods.process_charts import process_limits
    >>> words_for_chart(process_limits([4, 5]))
    '2 values in order around a centre of 4.500, limits 1.840 to 7.160. No value is marked. Icon: common cause.'
    """
    points = found.points
    text = f"{count_of(len(points), 'value')} in order around a centre of {format_value(found.centre)}"
    if not math.isnan(found.lower):
        text += f", limits {format_value(found.lower)} to {format_value(found.upper)}"
    text += "" if found.target is None else f", target {format_value(found.target)}"
    if len(points) > _MOST_POINTS_DRAWN:
        text += f" (the latest {_MOST_POINTS_DRAWN} are drawn)"
    special = points[points["rule"] != ""]
    marked = "; ".join(
        f"{row['label']}: {format_value(row['value'])} ({row['rule']}, {row['variation']})"
        for row in special.head(20).to_dict("records")
    )
    more = f" and {len(special) - 20} more" if len(special) > 20 else ""
    icons = variation_words(found.variation, found.direction)
    icons += f"; {assurance_words(found.assurance)}" if found.assurance is not None else ""
    return f"{text}. " + (f"Marked: {marked}{more}." if marked else "No value is marked.") + f" Icon: {icons}."


def draw_control_chart(found: ProcessLimits, key: str, title: str) -> Figure:
    """Draw one control chart with its two icons."""
    from cop_analysis.figures import drawing, finish

    drawn = found.points.tail(_MOST_POINTS_DRAWN)
    width = max(8.0, min(12.0, 3.4 + 0.35 * len(drawn)))
    with drawing(width, 4.0) as canvas:
        axes, beside = canvas.subplots(1, 2, width_ratios=[width - 1.4, 1.4])
        draw_chart(axes, drawn, found.target)
        axes.legend(loc="upper left", bbox_to_anchor=(0, 1.14), ncols=4, fontsize=9)
        draw_icons(beside, found.variation, found.direction, found.assurance, found.trial_limits)
        return finish(canvas, name=f"{key}-chart", title=title, alt=words_for_chart(found), table=found.points)


def draw_limits(charts: Mapping[str, ProcessLimits], beside_it: Mapping[str, Beside], sessions: int) -> Figure:
    """Draw a control chart for each item, one under another, with the declared changes."""
    from cop_analysis.figures import INK, drawing, finish

    drawn = list(charts)[:MOST_ITEMS_DRAWN]
    width = max(8.0, min(12.5, 3.6 + 0.45 * min(sessions, _MOST_SESSIONS_DRAWN)))
    with drawing(width, 0.5 + 2.6 * len(drawn)) as canvas:
        panels = canvas.subplots(len(drawn), 2, squeeze=False, width_ratios=[width - 1.4, 1.4])
        told = []
        for (axes, beside), item in zip(panels, drawn, strict=True):
            chart, more = charts[item], beside_it[item]
            points = chart.points.tail(_MOST_SESSIONS_DRAWN)
            draw_chart(axes, points, chart.target)
            axes.set_title(capital(name_item(item)), loc="left", parse_math=False)
            printed = points if len(points) <= _MOST_VALUES_PRINTED else points.tail(1)
            for row in printed.to_dict("records"):
                _print_value(axes, f"{row['value']:.2f}", (row["point"], row["value"]), 6)
            axes.margins(y=0.24)
            if len(points) <= _MOST_VALUES_PRINTED:
                for at, count in zip(points["point"], more.rated[-len(points) :], strict=True):
                    axes.text(at, 0.02, f"n={count}", transform=axes.get_xaxis_transform(), ha="center", fontsize=7)
            if chart.target is not None:
                place, aim = axes.get_yaxis_transform(), f"target {chart.target:g}"
                axes.text(1.0, chart.target, aim, transform=place, ha="right", va="bottom", fontsize=8)
            for place, letter, _ in more.changes:
                if place + 1 >= points["point"].iloc[0] - 0.5:
                    axes.axvline(place + 1, color=INK, linewidth=1, linestyle=":")
                    top = axes.get_xaxis_transform()
                    axes.text(place + 1.05, 0.99, letter, transform=top, va="top", fontsize=9, fontweight="bold")
            draw_icons(beside, chart.variation, chart.direction, chart.assurance, chart.trial_limits)
            told.append(f"{capital(name_item(item))}: {words_for_chart(chart)}")
        parts = [charts[item].points.assign(item=item, n=beside_it[item].rated) for item in drawn]
        changes = max((beside_it[item].changes for item in drawn), key=len)
        title = (
            "Mean rating by session. Line: centre; dashed: limits (dotted: trial limits); circle common cause, upward "
            f"triangle improvement, downward triangle concern{changes_in_words(changes)}"
        )
        alt = " ".join(told) + "".join(f" Change {letter}, {words}." for _, letter, words in changes[:10])
        table = pd.concat(parts, ignore_index=True)
        return finish(canvas, name="ratings-over-time-picture", title=title, alt=alt, table=table)


def _print_value(axes: Axes, text: str, at: tuple[float, float], above: float) -> None:
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.8}
    axes.annotate(text, at, (0, above), textcoords="offset points", ha="center", fontsize=8, bbox=behind)


def draw_means(
    table: pd.DataFrame,
    items: list[str],
    changes: list[tuple[float, str, str]],
    scales: dict[str, tuple[float, float]],
    key: str,
) -> Figure:
    """Draw each item's mean at each session with its interval, the changes of design between them."""
    from cop_analysis.figures import BLUE, GREY, INK, drawing, finish

    sessions = table.drop_duplicates("event").sort_values(["date", "event"], kind="stable")
    left_off = max(0, len(sessions) - _MOST_SESSIONS_DRAWN)
    sessions = sessions.iloc[left_off:]
    changes = [(place - left_off, letter, words) for place, letter, words in changes if place - left_off >= -0.5]
    table = table[table["event"].isin(set(sessions["event"]))]
    position = {event: place for place, event in enumerate(sessions["event"])}
    drawn = items[:MOST_ITEMS_DRAWN]
    labels = [f"{date.day} {date:%b}\n{date.year}" if not pd.isna(date) else "no date" for date in sessions["date"]]
    with drawing(max(7.0, min(13.0, 2 + 0.8 * len(sessions))), 0.6 + 2.1 * len(drawn)) as canvas:
        panels = canvas.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
        for axes, item in zip(panels, drawn, strict=True):
            rows = table[table["item"] == item]
            x = rows["event"].map(position).to_numpy()
            mean = rows["mean"].to_numpy()
            low, high = scales.get(item, (float(mean.min()), float(mean.max())))
            axes.axhline(float(np.median(mean)), color=GREY, linewidth=1, linestyle=(0, (5, 3)))
            axes.vlines(x, rows["low"].fillna(rows["mean"]), rows["high"].fillna(rows["mean"]), color=BLUE, linewidth=2)
            axes.plot(x, mean, "-o", color=BLUE, linewidth=1, markersize=6)
            span = high - low if high > low else 1.0
            axes.set_ylim(low - 0.28 * span, high + 0.2 * span)
            axes.set_yticks(_ticks(low, high))
            axes.set_title(capital(name_item(item)), loc="left", parse_math=False)
            if len(rows) <= _MOST_MEANS_PRINTED:
                tops = rows["high"].fillna(rows["mean"])
                for at, n, value, top in zip(x, rows["n"], mean, tops, strict=True):
                    axes.text(at, low - 0.16 * span, f"n={n}", ha="center", va="center", fontsize=8, color=INK)
                    above = (at, max(value, top))
                    _print_value(axes, f"{value:.2f}", above, 4)
            for at, letter, _ in changes:
                axes.axvline(at, color=INK, linewidth=1, linestyle=":")
                axes.text(at + 0.05, high + 0.19 * span, letter, ha="left", va="top", fontsize=9, fontweight="bold")
        step = max(1, math.ceil(len(sessions) / 20))
        panels[-1].set_xticks(range(0, len(sessions), step), labels[::step])
        panels[-1].set_xlim(-0.7, len(sessions) - 0.3)
        alt = _means_in_words(table, drawn, changes, left_off)
        numbers = table[["event", "date", "item", "n", "mean", "low", "high"]]
        return finish(canvas, name=f"{key}-picture", title=_caption(changes), alt=alt, table=numbers)


def _ticks(low: float, high: float) -> list[float]:
    if float(low).is_integer() and 0 < high - low <= 7:
        return [low + step for step in range(int(high - low) + 1)]
    return [low, (low + high) / 2, high] if high > low else [low]


def _caption(changes: list[tuple[float, str, str]]) -> str:
    return f"Mean rating by session with 95% interval; dashed: median of the session means{changes_in_words(changes)}"


def changes_in_words(changes: list[tuple[float, str, str]]) -> str:
    """Say in a caption which change each letter of a picture stands for.

    Examples
    --------
    >>> changes_in_words([(0.5, "A", "20 May 2023: earlier start")])
    '; dotted and lettered: changes (A, 20 May 2023: earlier start)'
    """
    if not changes:
        return ""
    told = "; ".join(f"{letter}, {words}" for _, letter, words in changes[:10])
    return f"; dotted and lettered: changes ({told}{'; and more' if len(changes) > 10 else ''})"


def _means_in_words(table: pd.DataFrame, items: list[str], changes: list[tuple[float, str, str]], left_off: int) -> str:
    parts = []
    for item in items:
        rows = table[table["item"] == item]
        each = ", ".join(f"{row.mean:.2f} (n = {row.n})" for row in rows.head(30).itertuples())
        parts.append(f"{capital(name_item(item))}: {each}")
    told = "; ".join(f"{letter} {words}" for _, letter, words in changes[:10])
    latest = f" The latest {_MOST_SESSIONS_DRAWN} sessions are drawn." if left_off else ""
    return f"Session means in order of date.{latest} {'. '.join(parts)}." + (f" Changes: {told}." if told else "")
