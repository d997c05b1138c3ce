"""Attendance: how many came to the events of a series; reach, which cannot speak for or against an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cop_analysis.results import count_of
from cop_analysis.synthesis.measures import Figures, Finding, Strand

if TYPE_CHECKING:
    from cop_analysis.realist import Measure


def series_attended(figures: Figures, measure: Measure) -> Finding:
    """Give how many came to the events of a series."""
    from cop_analysis.sessions import series

    study = figures.study
    if study.events is None:
        return Finding("This study has no events table (events.csv).")
    held = figures.once(("series",), lambda: series(study)).held
    events = held[held["series"] == measure.series]
    if events.empty:
        return Finding(f"No event of the series {measure.series} was held.")
    counted = events[events["attended"].notna()]
    if counted.empty:
        return Finding(f"Attendance at the {len(events)} events of the series {measure.series} was not recorded.")
    attended = [int(count) for count in counted["attended"]]
    unrecorded = len(events) - len(counted)
    people = _people_at(figures, set(counted["event"]))
    events_counted = count_of(len(counted), "event")
    shows = (
        f"{sum(attended)} attendances at {events_counted} ({min(attended)} to {max(attended)} an event)"
        f"{f', by {people} different people' if people else ''}"
        f"{f'; {unrecorded} more without a record' if unrecorded else ''}."
    )
    mean = sum(attended) / len(attended)
    return Finding(shows, "reach", "mean attendance of an event", mean, n=len(counted))


def _people_at(figures: Figures, events: set[object]) -> int:
    attendance = figures.study.attendance
    if attendance is None:
        return 0
    rows = attendance[attendance["event"].isin(events)]
    # A head count beside named persons leaves the number of different people unknown.
    if "count" in rows.columns and rows["count"].notna().any():
        return 0
    return int(rows["person"].nunique())


STRAND = Strand(
    key="attendance",
    title="Attendance",
    place=4,
    files=("events", "attendance"),
    kinds={"event_series": series_attended},
    is_outcome=False,
)
