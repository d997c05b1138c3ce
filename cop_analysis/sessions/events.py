"""One row an event, with how many signed up and how many came; only counting from rows lives here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.results import Result, absent
from cop_analysis.sessions.wording import counted

if TYPE_CHECKING:
    from cop_analysis.study import Study

_TEXT_COLUMNS = ("format", "topic", "series")
MOST_ROWS_SHOWN = 24
"""A table with more rows is folded away on its page; its CSV holds every row all the same."""
NOTHING_USABLE = "No event held has both a sign-up and its attendance recorded, so no share can be formed."


def nothing_usable(study: Study) -> str:
    """Say why no share of sign-ups can be formed: not recorded, or at every event more came than had signed up.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1"], "date": ["2018-01-29"], "signed_up": [15]}),
    ...     attendance=pd.DataFrame({"event": ["E1"], "count": [16]}))
    >>> nothing_usable(study)
    '16 attendances against 15 sign-ups at 1 event: more came than had signed up, so no share can be formed.'
    """
    assert study.events is not None
    events = list_events(study.events, study.attendance)
    events = events[walked_in(events)]
    if events.empty:
        return NOTHING_USABLE
    came, signed = int(events["attended"].sum()), int(events["signed_up"].sum())
    return (
        f"{counted(came, 'attendance')} against {counted(signed, 'sign-up')} at {counted(len(events), 'event')}: more "
        "came than had signed up, so no share can be formed."
    )


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


def name_event(event: object, date: pd.Timestamp, details: Iterable[object] = ()) -> str:
    """Name an event the way people speak of it, by its date and what it was; by its key where that is all there is.

    Examples
    --------
    >>> name_event("CAN7", pd.Timestamp("2023-10-18"), ("face to face", "QI in practice"))
    '18 October 2023, face to face, QI in practice'
    >>> name_event("E1", pd.Timestamp("2023-10-18"))
    '18 October 2023 (E1)'
    """
    described = [str(detail).strip() for detail in details if not pd.isna(detail) and str(detail).strip()]  # type: ignore[call-overload]
    day = write_date(date)
    return ", ".join([day, *described]) if described else f"{day} ({event})"


def write_date(date: pd.Timestamp) -> str:
    """Write a date as ``18 October 2023``; a missing one as ``no date``."""
    return "no date" if pd.isna(date) else f"{date.day} {date:%B %Y}"


def join_names(names: Iterable[str], most: int = 5) -> str:
    """Write a list in words, with the rest counted.

    Examples
    --------
    >>> join_names(["one", "two", "three"], most=2)
    'one, two and 1 more'
    """
    listed = list(names)
    if len(listed) > most:
        return f"{', '.join(listed[:most])} and {len(listed) - most} more"
    return " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def missing_table(study: Study, names: Iterable[str], key: str, title: str, needed_for: str) -> Result | None:
    """Say in one sentence which table the study lacks, or that its period holds no row of it; None if all are there."""
    for name in names:
        if study.table(name) is not None:
            continue
        if study.period is not None and study.unrestricted().table(name) is not None:
            sentence = f"No row of {name}.csv belongs to {study.period.label}, so {needed_for} cannot be shown."
            return Result(key=key, title=title, sentence=sentence)
        return absent(key, title, name, needed_for)
    return None


def usable_events(study: Study) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Answer of which events a share of sign-ups who attended can be formed, and why not of the others.

    Parameters
    ----------
    study : Study
        With events.

    Returns
    -------
    (pandas.DataFrame, tuple of str)
        The events held with both counts, as `list_events` gives them, and a sentence for each kind of event left out.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...                           events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]}))
    >>> usable_events(study)[1]
    ('Left out: 1 event without recorded sign-ups: 1 May 2023 (E1).',)
    """
    assert study.events is not None
    events = list_events(study.events, study.attendance)
    held = events["status"] == "held"
    signed, attended = events["signed_up"], events["attended"]
    nobody_signed_up = held & signed.notna() & (signed.fillna(1) <= 0)
    no_sign_up = held & signed.isna()
    no_attendance = held & attended.isna() & signed.notna() & ~nobody_signed_up
    too_many = walked_in(events)
    reasons = {
        "not held (planned or cancelled)": ~held,
        "without recorded sign-ups": no_sign_up,
        "with 0 sign-ups, of which no share can be formed": nobody_signed_up,
        "without any recorded attendance": no_attendance,
    }
    out = np.zeros(len(events), dtype=bool)
    caveats = []
    for reason, mask in reasons.items():
        chosen = mask.to_numpy(dtype=bool)
        out |= chosen
        if chosen.any():
            came = events.loc[chosen, "attended"].sum()
            lost = f" ({came} attendances not counted in the shares)" if came else ""
            names = join_names(events.loc[chosen, "name"].tolist())
            caveats.append(f"Left out: {counted(int(chosen.sum()), 'event')} {reason}{lost}: {names}.")
    out |= too_many
    caveats += walk_in_caveats(events[too_many])
    if study.period is not None:
        caveats.append(f"Only events in {study.period.label} are counted.")
    return events[~out], tuple(caveats)


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


def walk_in_caveats(events: pd.DataFrame) -> list[str]:
    """Say of events with more attendances than sign-ups what is known of them; nothing where there is none.

    Examples
    --------
    >>> events = pd.DataFrame({"event": ["E1"], "date": ["2018-01-29"], "signed_up": [15]})
    >>> walk_in_caveats(list_events(events, pd.DataFrame({"event": ["E1"], "count": [16]})))[0][:66]
    'More came than had signed up at 1 event: 29 January 2018 (E1) (16 '
    """
    if events.empty:
        return []
    each = [
        f"{name} ({attended} attendances, {signed} sign-ups: {100 * attended / signed:.0f}%)"
        for name, attended, signed in zip(events["name"], events["attended"], events["signed_up"], strict=True)
    ]
    verb = "it is" if len(each) == 1 else "they are"
    return [
        f"More came than had signed up at {counted(len(each), 'event')}: {join_names(each)}. Some of them came without "
        f"signing up, so {verb} in no share of sign-ups; attendances over sign-ups is a ratio there."
    ]


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name] if name in table.columns else pd.Series(pd.NA, index=table.index, dtype="object")
