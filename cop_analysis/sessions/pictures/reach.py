"""Pictures of reach: shares with their intervals, the funnel, the steps from list to answers, and groups of people."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.results import Figure, count_of, format_part, format_share
from cop_analysis.sessions.methods.attendance import ATTENDANCES, PEOPLE, Step, share_of
from cop_analysis.sessions.methods.shares import Funnel, Interval
from cop_analysis.sessions.pictures.labels import capital, wrap_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_DRAWN = 40

_LONGEST_LINE = 54

_MOST_LABELLED, _MOST_LABELLED_IN_A_CROWD = 15, 6

WARN, ALARM = 0.95, 0.998
"""Between these funnel limits a share is within; outside the second it is far out."""


def draw_shares(table: pd.DataFrame, pooled: Interval, key: str, title: str) -> Figure:
    """Draw the share of each row (`name`) with its interval, and all together as a line."""
    from cop_analysis.figures import BLUE, GREY, INK, drawing, finish

    drawn = table.tail(_MOST_DRAWN).iloc[::-1]
    names = [_lines(str(name)) for name in drawn["name"]]
    lines = max(name.count("\n") + 1 for name in names)
    with drawing(9.2, 1.3 + (0.2 + 0.16 * lines) * len(drawn)) as canvas:
        axes = canvas.add_subplot()
        y = np.arange(len(drawn))
        axes.axvline(pooled.estimate, color=GREY, linewidth=1, linestyle=(0, (5, 3)))
        axes.hlines(y, drawn["low"], drawn["high"], color=BLUE, linewidth=2)
        axes.plot(drawn["share"], y, "o", color=BLUE, markersize=7)
        for position, (attended, signed) in enumerate(zip(drawn["attended"], drawn["signed_up"], strict=True)):
            axes.text(1.02, position, f"{attended} of {signed}", va="center", color=INK, parse_math=False)
        axes.set_yticks(y, names, parse_math=False, fontsize=9)
        axes.set_ylim(-0.6, len(drawn) - 0.4)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel(
            f"share who attended, with 95% interval\n(dashed: all together, {format_share(pooled.estimate, 1)})"
        )
        alt = _shares_in_words(table, pooled, len(drawn))
        title += f" (the latest {len(drawn)} of {len(table)})" if len(table) > len(drawn) else ""
        figure_table = drawn[["name", "signed_up", "attended", "share", "low", "high"]].reset_index(drop=True)
        return finish(canvas, name=f"{key}-picture", title=title, alt=alt, table=figure_table)


def _shares_in_words(table: pd.DataFrame, pooled: Interval, drawn: int) -> str:
    rows = table.tail(drawn)
    each = "; ".join(
        f"{row['name']} {format_share(row['share'])} ({row['attended']} of {row['signed_up']}, interval "
        f"{format_share(row['low'])} to {format_share(row['high'])})"
        for row in rows.to_dict("records")
    )
    part = f" The latest {drawn} of {len(table)} are drawn." if len(table) > drawn else ""
    return f"All together {format_share(pooled.estimate, 1)}.{part} {each}."


def _lines(name: str) -> str:
    """Break an event's name after its date and format, where there is more; what is too long is wrapped, not cut."""
    parts = name.split(", ", 2)
    pieces = [", ".join(parts[:2]), parts[2]] if len(parts) == 3 else [name]
    return "\n".join(wrap_label(piece, _LONGEST_LINE) for piece in pieces)


def draw_funnel(table: pd.DataFrame, found: Funnel) -> Figure:
    """Draw each event's share against its sign-ups, between limits by chance alone and widened ones."""
    from cop_analysis.figures import BLUE, GREY, INK, drawing, finish

    largest = int(table["signed_up"].max())
    sizes = np.linspace(max(1.0, 0.02 * largest), 1.08 * largest, 160)
    with drawing(8.6, 4.6) as canvas:
        axes = canvas.add_subplot()
        axes.axhline(found.pooled, color=INK, linewidth=1)
        looks: tuple[tuple[Funnel, float, dict[str, Any]], ...] = (
            (found.by_chance, WARN, {"linestyle": ":", "color": GREY, "label": "95% by chance alone"}),
            (found, WARN, {"linestyle": (0, (5, 3)), "color": GREY, "label": "95%, widened"}),
            (found, ALARM, {"linestyle": "-", "color": GREY, "label": "99.8%, widened"}),
        )
        for limits, level, look in looks:
            low, high = np.transpose([limits.limits(float(n), level) for n in sizes])
            axes.plot(sizes, low, linewidth=1, **look)
            axes.plot(sizes, high, linewidth=1, **{**look, "label": "_"})
        outside = ~table["is_within"].to_numpy(dtype=bool)
        axes.plot(table["signed_up"][~outside], table["share"][~outside], "o", color=BLUE, label="event within")
        if outside.any():
            axes.plot(table["signed_up"][outside], table["share"][outside], "D", color="#B3402A", label="event outside")
        axes.set_xlim(0, 1.08 * largest)
        axes.set_ylim(-0.02, 1.02)
        _label_points(axes, table, largest)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel("signed up")
        axes.set_ylabel("share who attended")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=5, fontsize=8)
        shown = "; ".join(f"{event_with_share(row)}: {row['place']}" for row in table.tail(40).to_dict("records"))
        part = f" The latest 40 of {len(table)} are told." if len(table) > 40 else ""
        alt = (
            f"Funnel around {format_share(found.pooled, 1)}, limits widened "
            f"{max(1.0, found.overdispersion) ** 0.5:.1f} times.{part} {shown}."
        )
        title, numbers = "Share who attended against the number signed up", table.drop(columns=["date", "is_within"])
        return finish(canvas, name="reach-funnel-plot-picture", title=title, alt=alt, table=numbers)


def _label_points(axes: Axes, table: pd.DataFrame, largest: int) -> None:
    """Print date and counts beside the points, each where it covers no point and no label that is there already."""
    # Among many points a label far from its own would seem to belong to another.
    is_crowded = len(table) > _MOST_LABELLED
    steps = (0, 1, -1) if is_crowded else (0, 1, -1, 2, -2, 3, -3)
    most = _MOST_LABELLED_IN_A_CROWD if is_crowded else _MOST_LABELLED
    rows = table.assign(far=table["z"].abs()).sort_values("far", ascending=False).head(most)
    points = [(n / largest, share) for n, share in zip(table["signed_up"], table["share"], strict=True)]
    labels: list[tuple[float, float]] = []
    for row in rows.to_dict("records"):
        x, y = row["signed_up"] / largest, row["share"]
        near = [(x + side * 0.105, y + 0.05 * step) for step in steps for side in (1, -1, 0)]
        free = (
            (at, up)
            for at, up in near
            if 0.1 < at < 0.98
            and 0.02 < up < 0.98
            and all(abs(at - left) > 0.095 or abs(up - height) > 0.035 for left, height in points)
            and all(abs(at - left) > 0.2 or abs(up - height) > 0.045 for left, height in labels)
        )
        place = next(free, None)
        if place is None:
            continue
        labels.append(place)
        text = f"{row['date'].day} {row['date']:%b %Y}: {row['attended']} of {row['signed_up']}"
        # The end of the text nearest the point keeps close to it, however short the text is.
        side = "left" if place[0] > x else "right" if place[0] < x else "center"
        edge = {"left": place[0] - 0.09, "right": place[0] + 0.09, "center": place[0]}[side]
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85}
        axes.text(edge * largest, place[1], text, ha=side, va="center", fontsize=8, parse_math=False, bbox=behind)


def event_with_share(row: dict[Hashable, Any]) -> str:
    """Name an event with its counts and share: ``18 October 2023, QI in practice (32 of 51, 62.7%)``."""
    return f"{row['name']} ({row['attended']} of {row['signed_up']}, {format_share(row['share'], 1)})"


def draw_steps(steps: list[Step], table: pd.DataFrame) -> Figure:
    """Draw how many are left at each step, attendances on one side and people on the other."""
    from cop_analysis.figures import BLUE, GREEN, drawing, finish

    colours = {ATTENDANCES: BLUE, PEOPLE: GREEN}
    sides = [(unit, colour, [step for step in steps if step.unit == unit]) for unit, colour in colours.items()]
    # A side of which nothing was recorded is said in words, not drawn.
    panels = [side for side in sides if any(step.count is not None for step in side[2])] or sides[:1]
    rows = max(len(part) for _, _, part in panels)
    with drawing(4.6 * len(panels) if len(panels) > 1 else 6.4, 1.0 + 0.72 * rows) as canvas:
        for axes, (unit, colour, part) in zip(canvas.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            _draw_side(axes, part, colour, rows)
            axes.set_title(f"In {unit}", loc="left")
        told = "; ".join(f"{step.step} ({step.unit}) {_count_and_share(step)}" for step in steps)
        title = f"How many are left at each step, in {' and in '.join(unit for unit, _, _ in panels)}"
        return finish(canvas, name="reach-flow-picture", title=title, alt=f"{capital(told)}.", table=table)


def _count_and_share(step: Step) -> str:
    if step.count is None:
        return step.missing
    return f"{step.count}" + (f", {step.numerator} of {step.denominator} {step.of_step}" if share_of(step) else "")


def _draw_side(axes: Axes, steps: list[Step], colour: str, rows: int) -> None:
    from cop_analysis.figures import GREY, INK

    largest = max([1, *(step.count for step in steps if step.count is not None)])
    widths = [None if step.count is None else step.count / largest for step in steps]
    for at, (step, width) in enumerate(zip(steps, widths, strict=True)):
        if width is None:
            axes.plot([-0.3, 0.3], [at, at], color=GREY, linewidth=1, linestyle=(0, (2, 3)))
            axes.text(0, at - 0.2, f"{step.step}: {step.missing}", ha="center", va="center", fontsize=9, color=INK)
            continue
        axes.barh(at, width, left=-width / 2, height=0.3, color=colour)
        axes.text(0, at - 0.31, f"{step.count} {step.step}", ha="center", va="center", fontsize=10, fontweight="bold")
        if share_of(step):
            axes.text(0, at + 0.27, share_of_step(step), ha="center", va="center", fontsize=8)
        before = steps[at - 1] if at else None
        if before is not None and before.step == step.of_step and widths[at - 1] is not None:
            corners = np.array([widths[at - 1], width], dtype=float) / 2
            axes.fill_betweenx([at - 0.85, at - 0.15], -corners, corners, color=colour, alpha=0.1, linewidth=0)
    axes.set_xlim(-0.56, 0.56)
    axes.set_ylim(rows - 0.5, -0.55)
    axes.axis("off")


def share_of_step(step: Step) -> str:
    """Write the share a step is of an earlier one: ``61% of the 647 signed up``; nothing where it is none.

    Examples
    --------
    >>> share_of_step(Step(PEOPLE, "came again", 3, "", "came at least once", 3, 4))
    '75% of the 4 who came at least once'
    """
    share = share_of(step)
    if share is None:
        return ""
    counted_here = "" if share[0] == step.count else f"{share[0]}, "
    who = " who" if step.unit == PEOPLE else ""
    return f"{counted_here}{format_part(share[0] / share[1])} of the {share[1]}{who} {step.of_step}"


def draw_groups(table: pd.DataFrame, word: str, key: str) -> Figure:
    """Draw each group's share of possible attendances, and the share of its people who came with its interval."""
    from cop_analysis.figures import BLUE, SKY, drawing, finish

    ordered = table.sort_values("attendance_share", ascending=False, kind="stable")
    drawn = ordered.head(_MOST_DRAWN).iloc[::-1]
    names = [wrap_label(str(name), 40) for name in drawn[word]]
    height = 1.3 + 0.45 * len(drawn)
    with drawing(8.6, height) as canvas:
        axes = canvas.add_subplot()
        y = np.arange(len(drawn))
        axes.barh(
            y,
            drawn["attendance_share"],
            color=BLUE,
            height=0.5,
            label="share of possible attendances (counts on the right)",
        )
        axes.hlines(y - 0.36, drawn["low"], drawn["high"], color=SKY, linewidth=1.6)
        axes.plot(
            drawn["share"],
            y - 0.36,
            "D",
            color=SKY,
            markersize=4,
            clip_on=False,
            label="share of people who came, 95% interval",
        )
        for at, row in enumerate(drawn.to_dict("records")):
            people = f"{row['came']} of {count_of(row['people'], 'person', 'people')}"
            axes.text(1.02, at, f"{row['attendances']} of {row['possible']}; {people}", va="center", fontsize=9)
        axes.set_yticks(y, names, parse_math=False)
        axes.set_ylim(-0.75, len(drawn) - 0.4)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=8)
        each = "; ".join(
            f"{row[word]} {format_share(row['attendance_share'])} ({row['attendances']} of "
            f"{count_of(row['possible'], 'possible attendance')}; {row['came']} of "
            f"{count_of(row['people'], 'person', 'people')} came)"
            for row in drawn.iloc[::-1].to_dict("records")
        )
        more = (
            f" The {len(drawn)} groups with the highest share of {len(table)} are drawn."
            if len(table) > len(drawn)
            else ""
        )
        title, numbers = f"Share of possible attendances by {word}", drawn.iloc[::-1].reset_index(drop=True)
        return finish(canvas, name=f"{key}-picture", title=title, alt=f"{each}.{more}", table=numbers)
