"""Who attended which session as a picture with two modes, people and sessions; what it says of ties is elsewhere."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from cop_analysis.figures import BLUE, GREY, INK
from cop_analysis.network.pictures.islands import (
    EDGE,
    NOT_GIVEN,
    WIDTH,
    looks_of,
    organisations_key,
    picture,
    reading_lines,
    shortened,
    text_line,
)
from cop_analysis.network.pictures.shapes import label_within, mixed_with_paper, number, shape, text_of
from cop_analysis.results import Figure, count_of
from cop_analysis.results.values import is_missing

PEOPLE_AT_MOST = 120
"""Above this many people the picture has a row an organisation in place of a row a person."""

EVENTS_AT_MOST = 30
"""The picture shows this many sessions, the latest; the table always has all people."""

ROWS_AT_MOST = 60
_HEAD = 92.0


@dataclass(frozen=True)
class Row:
    """A row of the chart: a person with a mark a session, or an organisation with a number a session."""

    name: str
    group: str
    held: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Attendance:
    """Who, and how many, were at which session, with what people are grouped by."""

    events: list[Hashable]
    dates: dict[Hashable, pd.Timestamp]
    people: dict[Hashable, set[Hashable]]
    home: dict[Hashable, Hashable]
    counted: dict[Hashable, int]
    counted_of: dict[tuple[Hashable, str], int]
    names: Mapping[Hashable, str]
    unnamed: frozenset[Hashable]
    by: str

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame,
        events: pd.DataFrame | None,
        people: pd.DataFrame | None,
        *,
        by: str,
        sectors: Mapping[object, object],
        names: Mapping[Hashable, str],
        labels: Mapping[Hashable, str],
    ) -> Attendance:
        """Read attendance by person and by head count.

        Parameters
        ----------
        rows, events, people : pandas.DataFrame
            The tables.
        by : {"organisation", "sector"}
        sectors : mapping of organisation to sector
        names : mapping of organisation to name
        labels : mapping of person to label
            For people who are not named.
        """
        dates: dict[Hashable, pd.Timestamp] = {}
        if events is not None:
            for event, date in zip(events["event"].tolist(), events["date"].tolist(), strict=True):
                if not is_missing(date):
                    dates[event] = date
        attended = rows["event"].dropna().unique().tolist()
        held = sorted(attended, key=lambda event: (event not in dates, dates.get(event), str(event)))
        came: dict[Hashable, set[Hashable]] = {}
        counted: dict[Hashable, int] = {}
        counted_of: dict[tuple[Hashable, str], int] = {}

        def group_of(place: object) -> Hashable:
            known = place if by == "organisation" else sectors.get(place)
            return NOT_GIVEN[by] if is_missing(known) else known

        homes: dict[Hashable, Hashable] = {}
        counts = rows["count"].tolist() if "count" in rows.columns else [None] * len(rows)
        given = rows["organisation"].tolist() if "organisation" in rows.columns else [None] * len(rows)
        for event, person, count, place in zip(
            rows["event"].tolist(), rows["person"].tolist(), counts, given, strict=True
        ):
            if is_missing(person):
                heads = 0 if is_missing(count) else int(count)
                counted[event] = counted.get(event, 0) + heads
                of_group = (event, str(group_of(place)))
                counted_of[of_group] = counted_of.get(of_group, 0) + heads
                continue
            person = labels.get(person, person)
            came.setdefault(person, set()).add(event)
            if not is_missing(place):
                homes.setdefault(person, place)
        if people is not None and "organisation" in people.columns:
            for person, place in zip(people["person"].tolist(), people["organisation"].tolist(), strict=True):
                if not is_missing(place):
                    homes[labels.get(person, person)] = place
        ordered = sorted(came, key=str)
        return cls(
            events=held,
            dates=dates,
            people={person: came[person] for person in ordered},
            home={person: group_of(homes.get(person)) for person in ordered},
            counted={event: count for event, count in counted.items() if count},
            counted_of=counted_of,
            names=names if by == "organisation" else {},
            unnamed=frozenset(labels.values()),
            by=by,
        )

    @property
    def shown(self) -> list[Hashable]:
        """The latest sessions, as many as a picture holds."""
        return self.events[-EVENTS_AT_MOST:]

    def label(self, event: Hashable) -> str:
        """Give a session with its date."""
        date = self.dates.get(event)
        return f"{event}, {date.day} {date:%B %Y}" if date is not None else str(event)

    def attenders(self, event: Hashable) -> list[Hashable]:
        """Give the people of a session."""
        return [person for person, sessions in self.people.items() if event in sessions]

    def groups(self) -> list[str]:
        """Give the organisations, people without one last."""
        homes = self.home.values() if self.people else (group for _, group in self.counted_of)
        return sorted({str(home) for home in homes}, key=lambda name: (name == NOT_GIVEN[self.by], name))

    def present(self, event: Hashable) -> int:
        """Count who was at a session: people where anybody is named, else heads."""
        return len(self.attenders(event)) if self.people else self.counted.get(event, 0)

    def called(self, group: str) -> str:
        """Give an organisation's name, its code where it has none."""
        return self.names.get(group, group)

    def person_rows(self) -> list[Row]:
        """Give a row a person, by organisation, within it who attended most first."""
        order = sorted(
            self.people,
            key=lambda person: (self.groups_place[str(self.home[person])], -len(self.people[person]), str(person)),
        )
        return [
            Row(
                "–" if person in self.unnamed else str(person),
                str(self.home[person]),
                tuple(int(event in self.people[person]) for event in self.shown),
            )
            for person in order
        ]

    def organisation_rows(self) -> list[Row]:
        """Give a row an organisation, with how many of its people were at each session."""
        rows = []
        for group in self.groups():
            members = [sessions for person, sessions in self.people.items() if str(self.home[person]) == group]
            if self.people:
                values = tuple(sum(event in sessions for sessions in members) for event in self.shown)
                rows.append(Row(f"{label_within(group, self.names, 24)} ({len(members)})", group, values))
            else:
                values = tuple(self.counted_of.get((event, group), 0) for event in self.shown)
                rows.append(Row(label_within(group, self.names, 30), group, values))
        return rows

    @property
    def groups_place(self) -> dict[str, int]:
        """The number of each organisation in `groups`."""
        return {group: place for place, group in enumerate(self.groups())}


def draw_attendance(name: str, seen: Attendance, rows: Sequence[Row], *, by_person: bool, sentence: str) -> Figure:
    """Draw a row a person, or an organisation, and a column a session.

    Parameters
    ----------
    name : str
        Of the figure.
    seen : Attendance
    rows : sequence of Row
    by_person : bool
    sentence : str
        What is said of the whole.
    """
    if len(rows) > ROWS_AT_MOST and not by_person:
        kept = sorted(rows, key=lambda row: (-sum(row.held), row.name))[:ROWS_AT_MOST]
        rows = [row for row in rows if row in kept]
    blocks = 1 if len(rows) <= 40 or not by_person else 2 if len(rows) <= 80 else 3
    events = seen.shown
    if len(events) > 12:
        blocks = 1
    size = -(-len(rows) // blocks)
    width = WIDTH / blocks
    longest = 12 if blocks > 1 else 30
    margin = 40 + 6.6 * max(8, *(len(shortened(row.name, longest)) for row in rows))
    step = min(56.0 if blocks == 1 else 46.0, (width - margin - 150) / len(events))
    tall = 15.0 if by_person else 22.0
    looks = looks_of(seen.groups())
    parts: list[str] = []
    bottom = 0.0
    for block in range(blocks):
        left = block * width
        part = rows[block * size : (block + 1) * size]
        parts += _column_heads(seen, events, left + margin, step)
        bottom = max(bottom, _HEAD + tall * len(part) + _breaks(part) * 6)
        parts += _rows(seen, part, looks, (left, margin, step, tall, width), by_person=by_person)
    totals = [seen.present(event) for event in events]
    if blocks == 1:
        parts.append(text_line(margin - 8, bottom + 16, "attended", 11, anchor="end", bold=True))
        parts += [
            text_line(margin + (n + 0.5) * step, bottom + 16, str(total), 11, anchor="middle", bold=True)
            for n, total in enumerate(totals)
        ]
        bottom += 22
    who = f"{'an' if seen.by == 'organisation' else 'a'} {seen.by}"
    key: list[str] = []
    if by_person:
        reading = ["A row is a person, a column a session; a mark says the person was there. Right: sessions attended."]
        reading.append(f"Shape and colour: {seen.by}.")
        if any(row.name == "–" for row in rows):
            reading.append("–: did not consent, so not named.")
        if len(looks) <= 40:
            key, bottom = organisations_key(seen.names, looks, list(looks), bottom + 16)
            bottom -= 14
    elif seen.people:
        reading = [f"A row is {who} with its people, a column a session; the number is how many were there."]
    else:
        reading = [f"A row is {who}, a column a session; the number is how many came."]
    lines, end = reading_lines(reading, bottom + 18)
    title = "Who attended which session" if by_person else f"Attendance by {seen.by} and session"
    alt = _in_words(seen, events, totals, sentence)
    table = pd.DataFrame(
        [
            (row.name, row.group, str(event), value)
            for row in rows
            for event, value in zip(events, row.held, strict=True)
        ],
        columns=["person" if by_person else f"{seen.by}_and_people", seen.by, "event", "attended"],
    )
    return picture(name, title, alt, end, [*parts, *key, *lines], table)


def _breaks(rows: Sequence[Row]) -> int:
    return sum(row.group != before.group for before, row in pairwise(rows))


def _column_heads(seen: Attendance, events: list[Hashable], left: float, step: float) -> list[str]:
    parts = []
    for place, event in enumerate(events):
        x = left + (place + 0.5) * step
        date = seen.dates.get(event)
        label = shortened(str(event), 12) + (f" {date:%b %y}" if date is not None else "")
        parts.append(
            f'<text x="{number(x + 3)}" y="{number(_HEAD - 8)}" font-size="11" fill="{INK}" '
            f'transform="rotate(-60 {number(x + 3)} {number(_HEAD - 8)})">{text_of(label)}</text>'
        )
    return parts


def _rows(
    seen: Attendance,
    rows: Sequence[Row],
    looks: dict[Hashable, tuple[str, str]],
    frame: tuple[float, float, float, float, float],
    *,
    by_person: bool,
) -> list[str]:
    left, margin, step, tall, width = frame
    parts, y, before = [], _HEAD, ""
    most = max((value for row in rows for value in row.held), default=1) or 1
    for row in rows:
        is_first = row.group != before
        if before and is_first:
            y += 6
        before = row.group
        middle = y + tall / 2
        kind, colour = looks[row.group]
        came = sum(row.held)
        words = f"{row.name}, {seen.called(row.group)}: {came} of {count_of(len(row.held), 'session')}."
        if not by_person:
            words = f"{seen.called(row.group)}: {count_of(came, 'attendance')} at {count_of(len(row.held), 'session')}."
        said = text_of(words)
        parts.append(f'<g tabindex="0" role="img" aria-label="{said}"><title>{said}</title>')
        parts.append(
            f'<line x1="{number(left + margin)}" y1="{number(middle)}" '
            f'x2="{number(left + margin + step * len(row.held))}" y2="{number(middle)}" '
            f'stroke="{mixed_with_paper(GREY, 0.25)}"/>'
        )
        parts.append(shape(kind, left + EDGE + 6, middle, 5, f'fill="{colour}"'))
        name = shortened(row.name, 30 if margin > 150 else 12)
        parts.append(text_line(left + margin - 8, middle + 4, name, 11, anchor="end"))
        for place, value in enumerate(row.held):
            if not value:
                continue
            x = left + margin + (place + 0.5) * step
            if by_person:
                parts.append(shape(kind, x, middle, 5.5, f'fill="{colour}"'))
            else:
                share = 0.1 + 0.75 * value / most
                wide = min(step, 40) - 4
                parts.append(
                    f'<rect x="{number(x - wide / 2)}" y="{number(y + 1)}" width="{number(wide)}" '
                    f'height="{number(tall - 2)}" fill="{mixed_with_paper(BLUE, min(0.42, 0.5 * share))}"/>'
                    + text_line(x, middle + 4, str(value), 11, anchor="middle")
                )
        if by_person:
            end = left + margin + step * len(row.held)
            parts.append(text_line(end + 8, middle + 4, str(came), 11))
            if is_first:
                room = max(8, int((left + width - end - 36) / 7.4))
                parts.append(text_line(end + 32, middle + 4, label_within(row.group, seen.names, room), 11, bold=True))
        parts.append("</g>")
        y += tall
    return parts


def _in_words(seen: Attendance, events: list[Hashable], totals: list[int], sentence: str) -> str:
    each = ", ".join(f"{seen.label(event)}: {total}" for event, total in zip(events, totals, strict=True))
    groups: dict[str, int] = {}
    for person in seen.people:
        groups[str(seen.home[person])] = groups.get(str(seen.home[person]), 0) + 1
    for (_, group), count in seen.counted_of.items() if not seen.people else ():
        groups[group] = groups.get(group, 0) + count
    most = sorted(groups.items(), key=lambda held: (-held[1], held[0]))[:8]
    by_group = ", ".join(f"{seen.called(name)} {count}" for name, count in most)
    what = "People" if seen.people else "Attendances"
    return f"{sentence} Attendance by session: {each}. {what} by {seen.by}: {by_group}."
