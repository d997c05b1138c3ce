"""The rows every page of this room rests on: one an event with its counts, one a person and event, who could have come.

A study is listed once, in `Rows`; a page asks it for what it needs.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.results.pages import OpenedStudy
from cop_analysis.sessions.methods.attendance import came_matrix
from cop_analysis.sessions.pictures.labels import name_event

if TYPE_CHECKING:
    from cop_analysis.study import Study

_TEXT_COLUMNS = ("format", "topic", "series")
MOST_ROWS_SHOWN = 24
"""A table with more rows is folded away on its page; its CSV holds every row all the same."""


@dataclass(frozen=True)
class LeftOut:
    """Events of which no share of sign-ups can be formed, for one and the same reason.

    Parameters
    ----------
    reason : str
        ``"not held"``, ``"no sign-ups recorded"``, ``"0 signed up"``, ``"no attendance recorded"`` or
        ``"more came"`` (than had signed up).
    events : pandas.DataFrame
        As `list_events` gives them.
    """

    reason: str
    events: pd.DataFrame


@dataclass(frozen=True)
class Named:
    """Attendance that names persons, at events held.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``event``, ``person``, ``organisation``, ``minutes`` and ``date``, one row a person and event, in order of date.
    heads : int
        Rows of attendance.csv that give a head count without persons.
    held, unnamed : int
        The events held, and how many of them have no attendance by name.
    elsewhere : int
        Attendances at events that were not held.
    lacks : str
        Why there are no rows: ``"persons"`` where attendance is head counts, ``"events held"`` where those named came
        to none that was held; empty where there are some.
    """

    rows: pd.DataFrame
    heads: int = 0
    held: int = 0
    unnamed: int = 0
    elsewhere: int = 0
    lacks: str = ""


class Rows(OpenedStudy):
    """The rows of one study, each listing made once and when it is first asked for.

    Parameters
    ----------
    study : Study

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     people=pd.DataFrame({"person": ["A", "B"], "joined": [None, "2023-05-15"]}),
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "person": ["A", "A"]}))
    >>> Rows(study).possible.to_numpy().tolist()
    [[True, True], [False, True]]
    """

    study: Study

    @property
    def period(self) -> str:
        """What the period shown is called; empty for the whole study."""
        return "" if self.study.period is None else self.study.period.label

    @functools.cached_property
    def events(self) -> pd.DataFrame:
        """All events in order of date, as `list_events` gives them; none where the study has no events."""
        if self.study.events is None:
            return list_events(pd.DataFrame({"event": [], "date": []}), None)
        return list_events(self.study.events, self.study.attendance)

    @functools.cached_property
    def held(self) -> pd.DataFrame:
        """The events that were held."""
        return self.events[self.events["status"] == "held"]

    @functools.cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The events of which no share of sign-ups who attended can be formed, by reason; an event may have two."""
        events = self.events
        held, signed, attended = events["status"] == "held", events["signed_up"], events["attended"]
        nobody_signed_up = held & signed.notna() & (signed.fillna(1) <= 0)
        masks = {
            "not held": ~held,
            "no sign-ups recorded": held & signed.isna(),
            "0 signed up": nobody_signed_up,
            "no attendance recorded": held & attended.isna() & signed.notna() & ~nobody_signed_up,
            "more came": pd.Series(walked_in(events), index=events.index),
        }
        chosen = {reason: mask.to_numpy(dtype=bool) for reason, mask in masks.items()}
        return tuple(LeftOut(reason, events[mask]) for reason, mask in chosen.items() if mask.any())

    @functools.cached_property
    def usable(self) -> pd.DataFrame:
        """The events held with both counts, of which a share of sign-ups who attended can be formed."""
        out = {index for one in self.left_out for index in one.events.index}
        return self.events[~self.events.index.isin(out)]

    @functools.cached_property
    def named(self) -> Named:
        """Attendance that names persons, at events held."""
        return named_attendance(self.study, self.held)

    @functools.cached_property
    def possible(self) -> pd.DataFrame:
        """Who could have come to which session: those on the list of people that day, and whoever came.

        True or False, one row a person (everyone in people.csv, then anyone else who came), one column an event in
        order of date. A person is on the list from the day they joined to the day they left, both included; an empty
        date is no bound. Without people.csv everyone who ever came could have come every time.
        """
        return possible_sessions(self.study.people, self.named.rows)

    @functools.cached_property
    def could_have_come(self) -> pd.DataFrame:
        """`possible`, of people who could have come to one session or more."""
        return self.possible[self.possible.any(axis=1)]

    @functools.cached_property
    def came(self) -> pd.DataFrame:
        """Who came to which session, with the rows and columns of `could_have_come`."""
        could = self.could_have_come
        return came_matrix(self.named.rows).reindex(index=could.index, columns=could.columns, fill_value=False)

    @functools.cached_property
    def known_people(self) -> frozenset[str]:
        """Everybody whose id another table could share: the people of people.csv and those attendance names."""
        tables = [table for table in (self.study.people, self.study.attendance) if table is not None]
        return frozenset().union(*(names(table["person"].dropna()) for table in tables if "person" in table.columns))


def names(ids: Iterable[object]) -> frozenset[str]:
    """Give ids as a set of texts.

    Examples
    --------
    >>> sorted(names([2, "A"]))
    ['2', 'A']
    """
    return frozenset(map(str, ids))


def count_attended(attendance: pd.DataFrame | None) -> pd.Series:
    """Answer how many came to each event: its persons plus its head counts.

    Parameters
    ----------
    attendance : pandas.DataFrame or None
        Rows of attendance.csv: ``event`` and ``person`` or ``count``.

    Returns
    -------
    pandas.Series
        Whole numbers by event. An event without a row is not in it: nobody recorded it, which is not 0.

    Examples
    --------
    >>> rows = pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["P1", "P2", None], "count": [None, None, 7]})
    >>> count_attended(rows).to_dict()
    {'E1': 2, 'E2': 7}
    """
    if attendance is None or attendance.empty:
        return pd.Series([], dtype="Int64", name="attended", index=pd.Index([], name="event"))
    people = _column(attendance, "person").notna().astype("Int64")
    heads = _column(attendance, "count").astype("Float64").astype("Int64").fillna(0)
    attended = (people + heads).groupby(attendance["event"]).sum()
    return attended.rename("attended")


def list_events(events: pd.DataFrame, attendance: pd.DataFrame | None) -> pd.DataFrame:
    """Answer what took place when, who signed up and who came, one row an event in order of date.

    Parameters
    ----------
    events, attendance : pandas.DataFrame
        The study's tables; `attendance` may be None.

    Returns
    -------
    pandas.DataFrame
        ``event``, ``date``, ``format``, ``topic``, ``series``, ``status`` (held where not given), ``signed_up``,
        ``attended`` (missing where nobody recorded it) and ``name``, the event in words.

    Examples
    --------
    >>> events = pd.DataFrame({"event": ["E1"], "date": pd.to_datetime(["2023-10-18"]), "topic": ["QI in practice"]})
    >>> list_events(events, None)["name"].tolist()
    ['18 October 2023, QI in practice']
    """
    table = pd.DataFrame({"event": events["event"].astype("object"), "date": pd.to_datetime(events["date"])})
    for column in _TEXT_COLUMNS:
        table[column] = _column(events, column).astype("object")
    table["status"] = _column(events, "status").astype("object").fillna("held")
    table["signed_up"] = _column(events, "signed_up").astype("Float64").astype("Int64")
    attended = count_attended(attendance)
    table["attended"] = table["event"].map(attended.to_dict()).astype("Int64")
    table["name"] = [
        name_event(event, date, (form, topic))
        for event, date, form, topic in zip(table["event"], table["date"], table["format"], table["topic"], strict=True)
    ]
    return table.sort_values(["date", "event"], kind="stable")


def walked_in(events: pd.DataFrame) -> np.ndarray:
    """Say at which events held more people came than had signed up, so that some came without signing up.

    Parameters
    ----------
    events : pandas.DataFrame
        As `list_events` gives them.

    Examples
    --------
    >>> events = pd.DataFrame({"event": ["E1", "E2"], "date": ["2018-01-29", "2018-02-26"], "signed_up": [15, 20]})
    >>> walked_in(list_events(events, pd.DataFrame({"event": ["E1", "E2"], "count": [16, 18]}))).tolist()
    [True, False]
    """
    signed, attended = events["signed_up"], events["attended"]
    more = (signed > 0).fillna(False) & (attended > signed).fillna(False)
    return (more & events["status"].eq("held")).to_numpy(dtype=bool)


def named_attendance(study: Study, held: pd.DataFrame) -> Named:
    """Give attendance rows that name a person at events held, in order of date.

    Parameters
    ----------
    study : Study
    held : pandas.DataFrame
        The events held, as `list_events` gives them.

    Returns
    -------
    Named
        With `lacks` filled where there is none.
    """
    attendance = study.attendance
    if attendance is None:
        return Named(_NO_ROWS, lacks="persons")
    is_named = attendance["person"].notna() if "person" in attendance.columns else pd.Series(False, attendance.index)
    named = attendance[is_named]
    if named.empty:
        return Named(_NO_ROWS, lacks="persons")
    unknown = pd.Series(np.nan, index=named.index)
    rows = named[["event", "person"]].assign(
        organisation=_organisations(study, named),
        minutes=named["minutes"].astype("float64") if "minutes" in named.columns else unknown,
    )
    rows = rows.merge(held[["event", "date"]], on="event", how="inner").sort_values(["date", "event"], kind="stable")
    return Named(
        rows.drop_duplicates(["event", "person"]).reset_index(drop=True),
        heads=len(attendance) - len(named),
        held=len(held),
        unnamed=int((~held["event"].isin(set(rows["event"]))).sum()) if len(rows) else 0,
        elsewhere=len(named) - len(rows),
        lacks="" if len(rows) else "events held",
    )


def possible_sessions(people: pd.DataFrame | None, rows: pd.DataFrame) -> pd.DataFrame:
    """Answer who could have come to which session; see `Rows.possible`."""
    sessions = rows.drop_duplicates("event").set_index("event")["date"]
    came = came_matrix(rows)
    if people is None:
        return pd.DataFrame(True, index=came.index, columns=sessions.index)
    listed = people.drop_duplicates("person").set_index("person")
    is_on = np.column_stack([on_list(listed, day) for day in sessions]) if len(sessions) else np.ones((len(listed), 0))
    table = pd.DataFrame(is_on, index=listed.index.astype(object), columns=sessions.index)
    everyone = table.index.append(came.index.difference(table.index, sort=False))
    table = table.reindex(everyone, fill_value=False)
    return table | came.reindex(index=everyone, columns=sessions.index, fill_value=False)


def on_list(people: pd.DataFrame, day: pd.Timestamp) -> np.ndarray:
    """Say who of people.csv is on the list on a day: from the day they joined to the day they left, both included.

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["A", "B"], "joined": [None, "2023-05-15"]})
    >>> on_list(people, pd.Timestamp("2023-05-01")).tolist()
    [True, False]
    """
    on = np.ones(len(people), dtype=bool)
    at = np.datetime64(day)
    if "joined" in people.columns:
        joined = pd.to_datetime(people["joined"]).to_numpy()
        on &= np.isnat(joined) | (joined <= at)
    if "left" in people.columns:
        left = pd.to_datetime(people["left"]).to_numpy()
        on &= np.isnat(left) | (left >= at)
    return on


def _organisations(study: Study, named: pd.DataFrame) -> pd.Series:
    own = (
        named["organisation"].astype("object")
        if "organisation" in named.columns
        else pd.Series(None, index=named.index, dtype="object")
    )
    people = study.people
    if people is None or "organisation" not in people.columns:
        return own
    return own.fillna(named["person"].map(people.set_index("person")["organisation"].astype("object").to_dict()))


def rated_by_event(ratings: pd.DataFrame | None) -> dict[object, int]:
    """Count who rated each event: different respondents, and of anonymous answers as many as to the item with most.

    Examples
    --------
    >>> rated_by_event(pd.DataFrame({"event": ["E1"] * 3, "respondent": ["P1", "P1", None], "item": ["a", "b", "a"],
    ...                              "score": [4, 5, 3]}))
    {'E1': 2}
    """
    if ratings is None:
        return {}
    scored = ratings[ratings["score"].notna()]
    respondent = scored["respondent"] if "respondent" in scored.columns else pd.Series(pd.NA, index=scored.index)
    event = scored["event"].astype(object)
    named = respondent[respondent.notna()].groupby(event[respondent.notna()]).nunique()
    rest = scored[respondent.isna()]
    nameless = rest.groupby([rest["event"].astype(object), rest["item"].astype(object)]).size()
    most = nameless.groupby(level=0).max()
    return {key: int(count) for key, count in named.add(most, fill_value=0).items()}


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name] if name in table.columns else pd.Series(pd.NA, index=table.index, dtype="object")


_NO_ROWS = pd.DataFrame(
    {name: pd.Series(dtype="object") for name in ("event", "person", "organisation", "minutes", "date")}
)
