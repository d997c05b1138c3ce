"""Attendance that names persons: who came to which event, and who could have come; only counting rows lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.results import Result
from cop_analysis.sessions.events import list_events, missing_table
from cop_analysis.sessions.wording import counted

if TYPE_CHECKING:
    from cop_analysis.study import Study


def named_attendance(
    study: Study, key: str, title: str, needed_for: str
) -> tuple[pd.DataFrame | None, Result, tuple[str, ...]]:
    """Give attendance rows that name a person at events held, in order of date; or the sentence why there are none.

    Parameters
    ----------
    study : Study
    key, title : str
        Of the result that is to say why there are none.
    needed_for : str
        What cannot be told without them, in words.

    Returns
    -------
    (pandas.DataFrame or None, Result, tuple of str)
        ``event``, ``person``, ``organisation``, ``minutes`` and ``date``, one row a person and event; the result to
        give instead where there is none; and what was left out, a sentence each.
    """
    nothing = Result(key=key, title=title, sentence="")
    missing = missing_table(study, ("events", "attendance"), key, title, needed_for)
    if missing is not None:
        return None, missing, ()
    assert study.events is not None
    assert study.attendance is not None
    attendance = study.attendance
    named = attendance[attendance["person"].notna()] if "person" in attendance.columns else attendance.iloc[:0]
    if named.empty:
        sentence = (
            f"Attendance is recorded as head counts that name no person (attendance.csv), so {needed_for} cannot be "
            "told: these are attendances, not people."
        )
        return None, Result(key=key, title=title, sentence=sentence), ()
    events = list_events(study.events, None)
    held = events[events["status"] == "held"]
    unknown = pd.Series(np.nan, index=named.index)
    rows = named[["event", "person"]].assign(
        organisation=_organisations(study, named),
        minutes=named["minutes"].astype("float64") if "minutes" in named.columns else unknown,
    )
    rows = rows.merge(held[["event", "date"]], on="event", how="inner").sort_values(["date", "event"], kind="stable")
    caveats = []
    heads = len(attendance) - len(named)
    if heads:
        caveats.append(
            f"{counted(heads, 'row')} of attendance.csv that give a head count without persons are left out."
        )
    unnamed = int((~held["event"].isin(set(rows["event"]))).sum())
    if unnamed and len(rows):
        caveats.append(
            f"{unnamed} of {counted(len(held), 'event')} held "
            f"{'has' if unnamed == 1 else 'have'} no attendance by name and {'is' if unnamed == 1 else 'are'} left out."
        )
    elsewhere = len(named) - len(rows)
    if elsewhere:
        caveats.append(f"{counted(elsewhere, 'attendance')} at events that were not held are left out.")
    if study.period is not None:
        caveats.append(f"Only events in {study.period.label} are counted.")
    if rows.empty:
        return (
            None,
            Result(
                key=key, title=title, sentence=f"No event that was held names a person, so {needed_for} cannot be told."
            ),
            (),
        )
    return rows.drop_duplicates(["event", "person"]).reset_index(drop=True), nothing, tuple(caveats)


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


def known_people(study: Study) -> frozenset[str]:
    """Name everybody whose id another table could share: the people of people.csv and those attendance names.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     people=pd.DataFrame({"person": ["A", "B"]}), events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]}),
    ...     attendance=pd.DataFrame({"event": ["E1"], "person": ["B"]}))
    >>> sorted(known_people(study))
    ['A', 'B']
    """
    known: set[str] = set()
    for table in (study.people, study.attendance):
        if table is not None and "person" in table.columns:
            known |= set(table["person"].dropna().astype(str))
    return frozenset(known)


def possible_sessions(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Answer who could have come to which session: those on the list of people that day, and whoever came.

    Parameters
    ----------
    study : Study
    rows : pandas.DataFrame
        Attendance as `named_attendance` gives it.

    Returns
    -------
    pandas.DataFrame
        True or False, one row a person (everyone in people.csv, then anyone else who came), one column an event in
        order of date. Without people.csv everyone who ever came could have come every time.

    Notes
    -----
    A person is on the list from the day they joined to the day they left, both included; an empty date is no bound.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     people=pd.DataFrame({"person": ["A", "B"], "joined": [None, "2023-05-15"]}),
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "person": ["A", "A"]}))
    >>> possible_sessions(study, named_attendance(study, "a", "A", "this")[0]).to_numpy().tolist()
    [[True, True], [False, True]]
    """
    sessions = rows.drop_duplicates("event").set_index("event")["date"]
    came = came_matrix(rows)
    people = study.people
    if people is None:
        return pd.DataFrame(True, index=came.index, columns=sessions.index)
    listed = people.drop_duplicates("person").set_index("person")
    days = sessions.to_numpy()[None, :]
    is_on = np.ones((len(listed), len(sessions)), dtype=bool)
    if "joined" in listed.columns:
        joined = pd.to_datetime(listed["joined"]).to_numpy()[:, None]
        is_on &= np.isnat(joined) | (joined <= days)
    if "left" in listed.columns:
        left = pd.to_datetime(listed["left"]).to_numpy()[:, None]
        is_on &= np.isnat(left) | (left >= days)
    table = pd.DataFrame(is_on, index=listed.index.astype(object), columns=sessions.index)
    everyone = table.index.append(came.index.difference(table.index, sort=False))
    table = table.reindex(everyone, fill_value=False)
    return table | came.reindex(index=everyone, columns=sessions.index, fill_value=False)


def came_matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Give who came to which event as True or False, one row a person who came, one column an event in order of date.

    Examples
    --------
    >>> came_matrix(pd.DataFrame({"event": ["E1", "E2"], "person": ["A", "B"]})).to_numpy().tolist()
    [[True, False], [False, True]]
    """
    person, people = pd.factorize(rows["person"].astype(object))
    event, events = pd.factorize(rows["event"].astype(object))
    came = np.zeros((len(people), len(events)), dtype=bool)
    came[person, event] = True
    return pd.DataFrame(came, index=pd.Index(people, name="person"), columns=pd.Index(events, name="event"))
