"""Pictures of people at sessions: how often they came, who came to which, and which organisations met."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from cop_analysis.characters import first_characters, shortened
from cop_analysis.results import Figure
from cop_analysis.results.columns import count
from cop_analysis.sessions.methods.attendance import DEFINITIONS
from cop_analysis.sessions.pictures.labels import write_date

_MOST_COLUMNS = 9

_MOST_BARS = 20

MOST_PEOPLE_DRAWN, _MOST_SESSIONS_DRAWN, _MOST_SESSIONS_MIXED = 60, 30, 24


def draw_histogram(table: pd.DataFrame) -> Figure:
    """Draw how many people came to how many sessions."""
    from cop_analysis.figures import BLUE, drawing, finish

    bars = _binned(table)
    with drawing(7 if len(bars) <= 12 else 8.6, 3.4) as canvas:
        axes = canvas.add_subplot()
        axes.bar(range(len(bars)), bars["people"], color=BLUE, width=0.7)
        for at, people in enumerate(bars["people"]):
            axes.text(at, people, str(people), ha="center", va="bottom")
        axes.set_xticks(range(len(bars)), bars["sessions"].tolist(), rotation=45 if len(bars) > 14 else 0)
        axes.set_xlabel("sessions attended")
        axes.set_ylabel("people")
        each = "; ".join(f"{row.sessions}: {row.people}" for row in bars[bars["people"] > 0].itertuples())
        alt = f"People by sessions attended: {each}."
        title = "People by the number of sessions they attended"
        return finish(canvas, name="attenders-picture", title=title, alt=alt, table=table)


def _binned(table: pd.DataFrame) -> pd.DataFrame:
    """Give one bar for each number of sessions, or for each few numbers where there are many; none stays apart."""
    most = int(table["sessions_attended"].max())
    width = -(-most // _MOST_BARS)
    if width <= 1:
        return pd.DataFrame({"sessions": table["sessions_attended"].astype(str), "people": table["people"]})
    # 0 is a bar of its own: never to have come is not the same as seldom.
    bins = (table["sessions_attended"] + width - 1) // width
    people = table.groupby(bins)["people"].sum()
    ends = [((number - 1) * width + 1, min(number * width, most)) for number in people.index]
    names = ["0" if high <= 0 else f"{low}" if low == high else f"{low} to {high}" for low, high in ends]
    return pd.DataFrame({"sessions": names, "people": people.tolist()})


def draw_mix(cross: pd.DataFrame, dates: pd.Series) -> Figure:
    """Draw how many people of each organisation (column) came to each session (row)."""
    from cop_analysis.figures import BLUE, INK, drawing, finish

    totals = cross.sum().sort_values(ascending=False, kind="stable")
    kept = list(totals.index[:_MOST_COLUMNS])
    shown = cross[kept].rename(columns=str)
    if len(totals) > len(kept):
        shown = shown.assign(**{f"{len(totals) - len(kept)} others": cross.drop(columns=kept).sum(axis=1)})
    drawn = shown.tail(_MOST_SESSIONS_MIXED)
    names = [f"{write_date(dates[event])} ({event})" for event in drawn.index]
    counts = drawn.to_numpy()
    with drawing(max(6.0, 2.6 + 0.95 * counts.shape[1]), 1.2 + 0.45 * len(drawn)) as canvas:
        axes = canvas.add_subplot()
        rows, columns = np.indices(counts.shape)
        there = counts > 0
        strongest = max(1, int(counts.max()))
        axes.scatter(columns[there], rows[there], s=60 + 480 * counts[there] / strongest, color=BLUE, alpha=0.25)
        for row, column in zip(rows.ravel().tolist(), columns.ravel().tolist(), strict=True):
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=INK)
        columns_named, turn = [shortened(name, 18) for name in drawn.columns], 30 if counts.shape[1] > 4 else 0
        axes.set_xticks(range(counts.shape[1]), columns_named, parse_math=False, rotation=turn)
        axes.set_yticks(range(len(drawn)), [shortened(name, 40) for name in names], parse_math=False)
        axes.set_xlim(-0.6, counts.shape[1] - 0.4)
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        told = [
            ", ".join(f"{organisation} {count}" for organisation, count in zip(drawn.columns, row, strict=True))
            for row in counts
        ]
        alt = "; ".join(f"{name}: {people}" for name, people in zip(names, told, strict=True)) + "."
        title = "People at each session by organisation; the larger the circle, the more people"
        title += f" (the latest {len(drawn)} of {len(shown)} sessions)" if len(shown) > len(drawn) else ""
        return finish(
            canvas,
            name="session-mix-picture",
            title=title,
            alt=alt,
            table=drawn.reset_index(),
            columns={str(organisation): count("people", str(organisation)) for organisation in drawn.columns},
        )


def draw_parts(table: pd.DataFrame) -> Figure:
    """Draw how many people each part has, beside what chance alone would give."""
    from cop_analysis.figures import BLUE, INK, drawing, finish

    with drawing(8.0, 3.2) as canvas:
        axes = canvas.add_subplot()
        y = np.arange(len(table))[::-1]
        axes.barh(y, table["people"], color=BLUE, height=0.5, label="people")
        has_expected = "expected_people" in table.columns
        expected = table["expected_people"].tolist() if has_expected else [math.nan] * len(table)
        if has_expected:
            axes.plot(expected, y, "D", color=INK, markersize=5, label="expected by chance alone", clip_on=False)
            axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
        for at, people, chance in zip(y, table["people"], expected, strict=True):
            text = f"{people}" if math.isnan(chance) else f"{people} (by chance {chance:.0f})"
            end = (max(people, 0 if math.isnan(chance) else chance), at)
            axes.annotate(text, end, (8, 0), textcoords="offset points", va="center", fontsize=9)
        axes.set_yticks(y, table["part"].tolist(), parse_math=False)
        axes.set_xlabel("people")
        axes.margins(x=0.24)
        told = "; ".join(
            f"{part} {people}" + ("" if math.isnan(chance) else f" (by chance alone {chance:.1f})")
            for part, people, chance in zip(table["part"], table["people"], expected, strict=True)
        )
        title, alt = "People at the core and at the periphery", f"People by part: {told}."
        return finish(canvas, name="core-and-periphery-picture", title=title, alt=alt, table=table)


def draw_people(by_person: pd.DataFrame, came: pd.DataFrame, possible: pd.DataFrame) -> Figure:
    """Draw who came to which session of those they could have come to, core first."""
    from cop_analysis.figures import BLUE, GREY, INK, drawing, finish

    order = by_person.assign(rank=by_person["part"].map({part: at for at, part in enumerate(DEFINITIONS)})).sort_values(
        ["rank", "sessions_attended"], ascending=[True, False], kind="stable"
    )
    drawn, columns = order.head(MOST_PEOPLE_DRAWN), list(came.columns)[-_MOST_SESSIONS_DRAWN:]
    marks = came.loc[drawn["person"], columns].to_numpy()
    could = possible.loc[drawn["person"], columns].to_numpy()
    with drawing(max(6.4, 2.6 + 0.45 * len(columns)), 1.4 + 0.2 * len(drawn)) as canvas:
        axes = canvas.add_subplot()
        rows, places = np.nonzero(marks)
        axes.scatter(places, rows, color=BLUE, s=44, label="came")
        rows, places = np.nonzero(could & ~marks)
        axes.scatter(places, rows, facecolors="none", edgecolors=GREY, s=26, label="could have come")
        for at, row in enumerate(drawn.itertuples()):
            axes.text(
                len(columns) - 0.3, at, f"{row.sessions_attended} of {row.sessions_possible}", va="center", fontsize=8
            )
        first = 0
        for part, size in drawn.groupby("part", sort=False).size().items():
            if first:
                axes.axhline(first - 0.5, color=INK, linewidth=0.8)
            axes.text(len(columns) + 0.9, first, str(part), va="center", fontsize=9, fontweight="bold")
            first += int(size)
        axes.set_yticks(
            range(len(drawn)),
            [first_characters(str(person), 20) for person in drawn["person"]],
            parse_math=False,
            fontsize=8,
        )
        step = max(1, len(columns) // 20)
        names = [first_characters(str(event), 12) for event in columns[::step]]
        turn = 45 if len(columns) > 8 else 0
        axes.set_xticks(range(0, len(columns), step), names, parse_math=False, rotation=turn)
        axes.set_xlim(-0.6, len(columns) + 2.2)
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
        each = "; ".join(
            f"{row.person} {row.sessions_attended} of {row.sessions_possible} ({row.part})"
            for row in drawn.itertuples()
        )
        title = "Who came to which session, core first"
        if came.shape[1] > len(columns):
            title += f" (the latest {len(columns)} of {came.shape[1]} sessions)"
        more = f"; and {len(order) - len(drawn)} more people" if len(order) > len(drawn) else ""
        alt = f"Sessions attended of those possible: {each}{more}."
        numbers = drawn.drop(columns="rank").reset_index(drop=True)
        return finish(canvas, name="core-and-periphery-picture", title=title, alt=alt, table=numbers)
