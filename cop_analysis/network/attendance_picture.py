"""Who attended which session as a picture with two modes, people and sessions; what it says of ties is elsewhere."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.figures import BLUE, GREY, INK, stand_alone_svg
from cop_analysis.network.island_map import (
    EDGE,
    NO_ORGANISATION,
    WIDTH,
    looks_of,
    opening,
    reading_lines,
    shortened,
    text_line,
)
from cop_analysis.network.labelled import is_missing
from cop_analysis.network.marks import mixed_with_paper, number, shape, text_of
from cop_analysis.network.study_networks import plural
from cop_analysis.results import Figure, Result, absent, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study

PEOPLE_AT_MOST = 120
"""Above this many people the picture has a row an organisation in place of a row a person."""

EVENTS_AT_MOST = 30
"""The picture shows this many sessions, the latest; the table always has all people."""

_ROWS_AT_MOST = 60
_HEAD = 92.0


def attendance_picture(study: Study) -> Result:
    """Show who attended which session: a row a person by organisation, a column a session by date.

    Parameters
    ----------
    study : Study
        Attendance is that of the study's period.

    Returns
    -------
    Result
        One row a person who attended: ``person, organisation, sessions, share_of_sessions``, or, where attendance holds
        head counts only, a row a session: ``event, date, attended``. Above 120 people the picture has a row an
        organisation.

    Notes
    -----
    The two-mode chart of Davis, Gardner & Gardner 1941 (Deep South), people by events.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> attendance_picture(SimpleNamespace(attendance=None)).sentence
    'This study has no attendance table (attendance.csv), so who attended which session cannot be shown.'
    """
    key, title = "attendance-picture", "Who attended which session"
    if study.attendance is None:
        return absent(key, title, "attendance", "who attended which session")
    seen = _Attendance.of(study)
    caveats = []
    if study.period is not None:
        caveats.append("Sessions are those of the reporting period.")
    if not seen.people:
        table = pd.DataFrame(
            [(str(event), seen.dates.get(event), seen.counted.get(event, 0)) for event in seen.events],
            columns=["event", "date", "attended"],
        )
        return Result(
            key=key,
            title=title,
            sentence="Attendance is recorded as head counts only (attendance.csv), so who attended what is not known.",
            table=table,
            caveats=tuple(caveats),
            sources=("attendance.csv",),
        )
    if seen.counted:
        caveats.append(
            f"{plural(sum(seen.counted.values()), 'person', 'people')} counted without a name are not in the picture."
        )
    if len(seen.events) > EVENTS_AT_MOST:
        caveats.append(f"The picture shows the latest {EVENTS_AT_MOST} of {len(seen.events)} sessions.")
    by_person = len(seen.people) <= PEOPLE_AT_MOST
    rows = seen.person_rows() if by_person else seen.organisation_rows()
    if not by_person:
        caveats.append(
            f"With {len(seen.people):,} people the picture has a row an organisation; the table has everybody."
        )
        if len(rows) > _ROWS_AT_MOST:
            caveats.append(
                f"The picture shows the {_ROWS_AT_MOST} organisations with most attendances of {len(rows):,}."
            )
    often = sum(len(sessions) > 1 for sessions in seen.people.values())
    table = pd.DataFrame(
        [
            (str(person), str(seen.home[person]), len(sessions), len(sessions) / len(seen.events))
            for person, sessions in seen.people.items()
        ],
        columns=["person", "organisation", "sessions", "share_of_sessions"],
    ).sort_values(["sessions", "person"], ascending=[False, True], kind="stable", ignore_index=True)
    busiest = max(seen.events, key=lambda event: len(seen.attenders(event)))
    sentence = (
        f"{plural(len(seen.people), 'person', 'people')} attended {plural(len(seen.events), 'session')}; {often} "
        f"({format_share(often / len(seen.people))}) came more than once. Most came to {seen.label(busiest)} "
        f"({len(seen.attenders(busiest))})."
    )
    return Result(
        key=key,
        title=title,
        sentence=sentence,
        table=table,
        labels={"share_of_sessions": "share of sessions"},
        figure=_draw(key, seen, rows, by_person=by_person, sentence=sentence),
        caveats=tuple(caveats),
        method="People by sessions (the two-mode chart of Davis, Gardner & Gardner 1941, Deep South): a mark where a "
        "person is recorded at a session. Order says nothing beyond organisation and date.",
        sources=tuple(
            f"{name}.csv"
            for name, part in (("attendance", study.attendance), ("events", study.events), ("people", study.people))
            if part is not None
        ),
        show_table=len(table) <= 40,
    )


@dataclass(frozen=True)
class _Row:
    """A row of the chart: a person with a mark a session, or an organisation with a number a session."""

    name: str
    group: str
    held: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Attendance:
    events: list[Hashable]
    dates: dict[Hashable, pd.Timestamp]
    people: dict[Hashable, set[Hashable]]
    home: dict[Hashable, Hashable]
    counted: dict[Hashable, int]

    @classmethod
    def of(cls, study: Study) -> _Attendance:
        rows = study.attendance if study.attendance is not None else pd.DataFrame(columns=["event", "person"])
        dates: dict[Hashable, pd.Timestamp] = {}
        if study.events is not None:
            for event, date in zip(study.events["event"].tolist(), study.events["date"].tolist(), strict=True):
                if not is_missing(date):
                    dates[event] = date
        attended = rows["event"].dropna().unique().tolist()
        events = sorted(attended, key=lambda event: (event not in dates, dates.get(event), str(event)))
        people: dict[Hashable, set[Hashable]] = {}
        counted: dict[Hashable, int] = {}
        homes: dict[Hashable, Hashable] = {}
        counts = rows["count"].tolist() if "count" in rows.columns else [None] * len(rows)
        given = rows["organisation"].tolist() if "organisation" in rows.columns else [None] * len(rows)
        for event, person, count, place in zip(
            rows["event"].tolist(), rows["person"].tolist(), counts, given, strict=True
        ):
            if is_missing(person):
                counted[event] = counted.get(event, 0) + (0 if is_missing(count) else int(count))
                continue
            people.setdefault(person, set()).add(event)
            if not is_missing(place):
                homes.setdefault(person, place)
        if study.people is not None and "organisation" in study.people.columns:
            for person, place in zip(
                study.people["person"].tolist(), study.people["organisation"].tolist(), strict=True
            ):
                if not is_missing(place):
                    homes[person] = place
        ordered = sorted(people, key=str)
        return cls(
            events=events,
            dates=dates,
            people={person: people[person] for person in ordered},
            home={person: homes.get(person, NO_ORGANISATION) for person in ordered},
            counted={event: count for event, count in counted.items() if count},
        )

    @property
    def shown(self) -> list[Hashable]:
        return self.events[-EVENTS_AT_MOST:]

    def label(self, event: Hashable) -> str:
        date = self.dates.get(event)
        return f"{event}, {date.day} {date:%B %Y}" if date is not None else str(event)

    def attenders(self, event: Hashable) -> list[Hashable]:
        return [person for person, sessions in self.people.items() if event in sessions]

    def groups(self) -> list[str]:
        return sorted({str(home) for home in self.home.values()}, key=lambda name: (name == NO_ORGANISATION, name))

    def person_rows(self) -> list[_Row]:
        """Give a row a person, by organisation, within it who attended most first."""
        order = sorted(
            self.people,
            key=lambda person: (self.groups_place[str(self.home[person])], -len(self.people[person]), str(person)),
        )
        return [
            _Row(str(person), str(self.home[person]), tuple(int(event in self.people[person]) for event in self.shown))
            for person in order
        ]

    def organisation_rows(self) -> list[_Row]:
        """Give a row an organisation, with how many of its people were at each session."""
        rows = []
        for group in self.groups():
            members = [sessions for person, sessions in self.people.items() if str(self.home[person]) == group]
            values = tuple(sum(event in sessions for sessions in members) for event in self.shown)
            rows.append(_Row(f"{group} ({len(members)})", group, values))
        return rows

    @property
    def groups_place(self) -> dict[str, int]:
        return {group: place for place, group in enumerate(self.groups())}


def _draw(name: str, seen: _Attendance, rows: Sequence[_Row], *, by_person: bool, sentence: str) -> Figure:
    if len(rows) > _ROWS_AT_MOST and not by_person:
        kept = sorted(rows, key=lambda row: (-sum(row.held), row.name))[:_ROWS_AT_MOST]
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
        parts += _rows(seen, part, looks, (left, margin, step, tall), by_person=by_person)
    totals = [len(seen.attenders(event)) for event in events]
    if blocks == 1:
        parts.append(text_line(margin - 8, bottom + 16, "attended", 11, anchor="end", bold=True))
        parts += [
            text_line(margin + (n + 0.5) * step, bottom + 16, str(total), 11, anchor="middle", bold=True)
            for n, total in enumerate(totals)
        ]
        bottom += 22
    reading = ["A row is a person, a column a session; a mark says the person was there. Right: sessions attended."]
    if not by_person:
        reading = ["A row is an organisation with its people, a column a session; the number is how many were there."]
    else:
        reading.append("Shape and colour: organisation, named at its first row.")
    lines, end = reading_lines(reading, bottom + 18)
    title = "Who attended which session" if by_person else "Attendance by organisation and session"
    alt = _in_words(seen, events, totals, sentence)
    svg = stand_alone_svg(opening(end) + "".join([*parts, *lines]) + "</svg>", name, title, alt)
    table = pd.DataFrame(
        [
            (row.name, row.group, str(event), value)
            for row in rows
            for event, value in zip(events, row.held, strict=True)
        ],
        columns=["person" if by_person else "organisation_and_people", "organisation", "event", "attended"],
    )
    return Figure(name=name, title=title, svg=svg.replace('role="img"', 'role="group"', 1), alt=alt, table=table)


def _breaks(rows: Sequence[_Row]) -> int:
    return sum(row.group != before.group for before, row in pairwise(rows))


def _column_heads(seen: _Attendance, events: list[Hashable], left: float, step: float) -> list[str]:
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
    seen: _Attendance,
    rows: Sequence[_Row],
    looks: dict[Hashable, tuple[str, str]],
    frame: tuple[float, float, float, float],
    *,
    by_person: bool,
) -> list[str]:
    left, margin, step, tall = frame
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
        words = f"{row.name}, {row.group}: {came} of {plural(len(row.held), 'session')}."
        if not by_person:
            words = f"{row.name}: {plural(came, 'attendance')} at {plural(len(row.held), 'session')}."
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
                width = min(step, 40) - 4
                parts.append(
                    f'<rect x="{number(x - width / 2)}" y="{number(y + 1)}" width="{number(width)}" '
                    f'height="{number(tall - 2)}" fill="{mixed_with_paper(BLUE, min(0.42, 0.5 * share))}"/>'
                    + text_line(x, middle + 4, str(value), 11, anchor="middle")
                )
        if by_person:
            end = left + margin + step * len(row.held)
            parts.append(text_line(end + 8, middle + 4, str(came), 11))
            if is_first:
                parts.append(text_line(end + 32, middle + 4, shortened(row.group, 16), 11, bold=True))
        parts.append("</g>")
        y += tall
    return parts


def _in_words(seen: _Attendance, events: list[Hashable], totals: list[int], sentence: str) -> str:
    each = ", ".join(f"{seen.label(event)}: {total}" for event, total in zip(events, totals, strict=True))
    groups: dict[str, int] = {}
    for person in seen.people:
        groups[str(seen.home[person])] = groups.get(str(seen.home[person]), 0) + 1
    most = sorted(groups.items(), key=lambda held: (-held[1], held[0]))[:8]
    by_group = ", ".join(f"{name} {count}" for name, count in most)
    return f"{sentence} Attendance by session: {each}. People by organisation: {by_group}."
