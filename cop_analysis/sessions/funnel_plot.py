"""Which events' shares lie outside a funnel that allows for how much events differ; the numbers come from `funnel`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.extremes import highest
from cop_analysis.results import Figure, Result, format_p, format_share
from cop_analysis.sessions.events import MOST_ROWS_SHOWN, join_names, missing_table, nothing_usable, usable_events
from cop_analysis.sessions.funnel import Funnel, funnel
from cop_analysis.sessions.intervals import Homogeneity, homogeneity
from cop_analysis.sessions.wording import as_test, counted, verb, with_minus

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cop_analysis.study import Study

_KEY, _TITLE = "reach-funnel-plot", "Share attended against the number signed up, with funnel limits"
_WARN, _ALARM = 0.95, 0.998
_MOST_LABELLED, _MOST_LABELLED_IN_A_CROWD = 15, 6


@dataclass(frozen=True, kw_only=True)
class FunnelPlot(Result):
    """Events in a funnel.

    Parameters
    ----------
    funnel : Funnel or None
        All events together; None where no funnel is defined.
    difference : Homogeneity or None
        The test between all events.
    without_furthest : Funnel or None
        The same without the event furthest from the rest; None where too little is left.
    difference_without_furthest : Homogeneity or None
    """

    funnel: Funnel | None = None
    difference: Homogeneity | None = None
    without_furthest: Funnel | None = None
    difference_without_furthest: Homogeneity | None = None


def funnel_plot(study: Study) -> Result:
    """Answer whether an event's share stands out, given its size and how much events differ anyway.

    Parameters
    ----------
    study : Study
        With events and attendance.

    Returns
    -------
    FunnelPlot
        One row an event: signed up, attended, share, z by chance alone, z with overdispersion allowed for, and where
        it lies. The event furthest from the rest is taken out once, and what is left is told beside it.

    Notes
    -----
    Spiegelhalter 2005, Statistics in Medicine 24:1185-1202: limits at 95% and 99.8%, widened by the square root of the
    overdispersion factor (multiplicative model, a tenth of the z at each end winsorised).

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]}))
    >>> funnel_plot(study).table["place"].tolist()
    ['within the limits', 'within the limits']
    """
    missing = missing_table(study, ("events", "attendance"), _KEY, _TITLE, "how events differ in attendance")
    if missing is not None:
        return missing
    used, caveats = usable_events(study)
    attended, signed_up = used["attended"].astype("int64").tolist(), used["signed_up"].astype("int64").tolist()
    if len(used) < 2 or sum(attended) in (0, sum(signed_up)):
        why = (
            nothing_usable(study)
            if used.empty
            else f"{counted(len(used), 'event')} with {sum(attended)} of {sum(signed_up)} sign-ups attended: a funnel "
            "needs at least two events and a share between 0% and 100%."
        )
        return FunnelPlot(key=_KEY, title=_TITLE, sentence=why, caveats=caveats)
    found, test = funnel(attended, signed_up), homogeneity(attended, signed_up)
    table = _table(used, found)
    furthest = int(highest(np.abs(found.z))[0])
    rest = [index for index in range(len(used)) if index != furthest]
    others = [attended[index] for index in rest], [signed_up[index] for index in rest]
    defined = len(rest) >= 2 and sum(others[0]) not in (0, sum(others[1]))
    without, test_without = (funnel(*others), homogeneity(*others)) if defined else (None, None)
    name = str(used["name"].iloc[furthest])
    return FunnelPlot(
        key=_KEY,
        title=_TITLE,
        sentence=_sentence(table, found, name, test_without),
        body_html=as_test(_test_words(table, found, test, name, test_without)),
        table=table.drop(columns="date"),
        show_table=len(table) <= MOST_ROWS_SHOWN,
        labels={"signed_up": "signed up", "share": "share who came", "z": "z by chance alone",
                "z_adjusted": "z, over-dispersion allowed for"},
        figure=_picture(table, found),
        caveats=(
            *caveats,
            *(("With so few events the overdispersion is itself uncertain.",) if len(used) < 10 else ()),
            "Lying outside a limit asks for an explanation; it is none.",
        ),
        method=(
            f"Funnel limits at {_WARN:.0%} and {_ALARM:.1%} around the pooled share; z by the score test. "
            f"Overdispersion is Pearson's chi-square over its degrees of freedom, {found.overdispersion:.2f} here, "
            f"after {found.winsorised} z at each end were winsorised (a tenth, rounded down); the limits are widened "
            "by its square root where it exceeds 1 (Spiegelhalter 2005). The additive model would add a standard "
            f"deviation of {100 * found.tau:.1f} percentage points between events instead."
        ),
        sources=("events.csv", "attendance.csv"),
        funnel=found, difference=test, without_furthest=without, difference_without_furthest=test_without,
    )  # fmt: skip


def _table(used: pd.DataFrame, found: Funnel) -> pd.DataFrame:
    table = used[["event", "date", "name", "signed_up", "attended"]].reset_index(drop=True)
    table[["signed_up", "attended"]] = table[["signed_up", "attended"]].astype("int64")
    table["share"] = table["attended"] / table["signed_up"]
    table["z"], table["z_adjusted"] = found.z, found.z_adjusted
    by_chance = Funnel(found.pooled, (), (), 1.0, 0.0, 0, "none")
    places = []
    for n, share in zip(table["signed_up"].tolist(), table["share"].tolist(), strict=True):
        if not _is_between(share, found.limits(n, _ALARM)):
            places.append("outside the 99.8% limits")
        elif not _is_between(share, found.limits(n, _WARN)):
            places.append("outside the 95% limits")
        elif not _is_between(share, by_chance.limits(n, _ALARM)):
            places.append("within the limits; outside 99.8% by chance alone")
        else:
            places.append("within the limits")
    return table.assign(place=places)


def _is_between(share: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= share <= limits[1]


def _sentence(table: pd.DataFrame, found: Funnel, furthest: str, without: Homogeneity | None) -> str:
    outside = table[table["place"].str.startswith("outside")]
    told = join_names([_named(row) for row in outside.to_dict("records")])
    factor = f"{found.overdispersion:.1f} times as much as chance alone makes them"
    if len(outside):
        lie = verb(len(outside), "lies", "lie")
        first = f"{len(outside)} of {counted(len(table), 'event')} {lie} outside the limits: {told}."
    elif found.overdispersion > 1:
        first = f"Events differ {factor}; once that is allowed for, none of the {len(table)} lies outside the limits."
    else:
        first = f"None of the {len(table)} events lies outside the limits; they differ {factor}."
    row = table[table["name"] == furthest].iloc[0]
    second = f" Furthest from the pooled {format_share(found.pooled, 1)} is {_named(row.to_dict())}"
    return f"{first}{second}" + (
        "." if without is None else f"; without it the pooled share is {format_share(without.pooled, 1)}."
    )


def _test_words(
    table: pd.DataFrame, found: Funnel, test: Homogeneity, furthest: str, without: Homogeneity | None
) -> str:
    row = table[table["name"] == furthest].iloc[0]
    z, adjusted = (with_minus(f"{row[column]:.2f}") for column in ("z", "z_adjusted"))
    both = f" by chance alone and {adjusted} with the overdispersion allowed for" if found.overdispersion > 1 else ""
    text = (
        f"{row['name']}: z = {z}{both}. All {len(table)} events: chi-square {test.statistic:.2f} on "
        f"{counted(test.df, 'degree')} of freedom, {format_p(test.p_value)}"
    )
    if without is None:
        return f"{text}."
    return f"{text}; without it {without.statistic:.2f} on {without.df} ({format_p(without.p_value)})."


def _named(row: dict) -> str:
    return f"{row['name']} ({row['attended']} of {row['signed_up']}, {format_share(row['share'], 1)})"


def _picture(table: pd.DataFrame, found: Funnel) -> Figure:
    from cop_analysis.figures import BLUE, GREY, INK, drawing, finish

    largest = int(table["signed_up"].max())
    sizes = np.linspace(max(1.0, 0.02 * largest), 1.08 * largest, 160)
    by_chance = Funnel(found.pooled, (), (), 1.0, 0.0, 0, "none")
    with drawing(8.6, 4.6) as canvas:
        axes = canvas.add_subplot()
        axes.axhline(found.pooled, color=INK, linewidth=1)
        looks: tuple[tuple[Funnel, float, dict[str, Any]], ...] = (
            (by_chance, _WARN, {"linestyle": ":", "color": GREY, "label": "95% by chance alone"}),
            (found, _WARN, {"linestyle": (0, (5, 3)), "color": GREY, "label": "95%, widened"}),
            (found, _ALARM, {"linestyle": "-", "color": GREY, "label": "99.8%, widened"}),
        )
        for limits, level, look in looks:
            low, high = np.transpose([limits.limits(float(n), level) for n in sizes])
            axes.plot(sizes, low, linewidth=1, **look)
            axes.plot(sizes, high, linewidth=1, **{**look, "label": "_"})
        outside = table["place"].str.startswith("outside").to_numpy()
        axes.plot(table["signed_up"][~outside], table["share"][~outside], "o", color=BLUE, label="event within")
        if outside.any():
            axes.plot(table["signed_up"][outside], table["share"][outside], "D", color="#B3402A", label="event outside")
        axes.set_xlim(0, 1.08 * largest)
        axes.set_ylim(-0.02, 1.02)
        _label(axes, table, largest)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel("signed up")
        axes.set_ylabel("share who attended")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=5, fontsize=8)
        shown = "; ".join(f"{_named(row)}: {row['place']}" for row in table.tail(40).to_dict("records"))
        part = f" The latest 40 of {len(table)} are told." if len(table) > 40 else ""
        alt = (
            f"Funnel around {format_share(found.pooled, 1)}, limits widened "
            f"{max(1.0, found.overdispersion) ** 0.5:.1f} times.{part} {shown}."
        )
        return finish(canvas, name=f"{_KEY}-picture", title="Share who attended against the number signed up", alt=alt,
                      table=table.drop(columns="date"))  # fmt: skip


def _label(axes: Axes, table: pd.DataFrame, largest: int) -> None:
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
        axes.text(edge * largest, place[1], text, ha=side, va="center", fontsize=8, parse_math=False,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85})  # fmt: skip
