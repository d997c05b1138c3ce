"""Who came back: unique people against attendances, and which organisations met at each session.

Only attendance that names persons can answer this; head counts are said and left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.characters import shortened
from cop_analysis.results import SECONDARY, Figure, Headline, Quantity, Result, format_share
from cop_analysis.sessions.core_periphery import CORE, parts
from cop_analysis.sessions.events import MOST_ROWS_SHOWN, write_date
from cop_analysis.sessions.intervals import wilson
from cop_analysis.sessions.persons import named_attendance, possible_sessions
from cop_analysis.sessions.wording import counted, percent, verb

if TYPE_CHECKING:
    from cop_analysis.study import Study

_MOST_COLUMNS = 9
_MOST_DRAWN = 40
_MOST_BARS = 20


@dataclass(frozen=True, kw_only=True)
class Attenders(Result):
    """Unique people against attendances.

    Parameters
    ----------
    people : int
        Different people who came at least once.
    attendances : int
        How often they came, all together.
    sessions : int
        Events held at which persons were recorded.
    returned : int
        People who came at least twice.
    by_person : pandas.DataFrame
        One row a person who came: ``person``, ``organisation``, ``sessions_attended``, ``share_of_sessions`` (of all),
        ``sessions_possible`` (while on the list of people), ``share_of_possible``, ``part`` and ``is_core``, as
        `core_periphery.parts` defines them.
    """

    people: int
    attendances: int
    sessions: int
    returned: int
    by_person: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class SessionMix(Result):
    """Which organisations met at each session.

    Parameters
    ----------
    chance : pandas.Series
        By event, the chance that two attenders drawn at random come from different organisations.
    """

    chance: pd.Series


def attenders(study: Study) -> Result:
    """Answer how many people the attendances were, and how many of them came back.

    Parameters
    ----------
    study : Study
        With events and attendance that names persons.

    Returns
    -------
    Attenders
        One row for each number of sessions attended (1, 2, 3 ...; 0 where people.csv lists people who never came):
        people and their share. A study whose attendance is head counts gets a sentence that says so.

    Notes
    -----
    Core attenders came at least twice and to at least half of the sessions held while they were on the list of people;
    see `core_and_periphery`.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     people=pd.DataFrame({"person": ["P1", "P2"]}),
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["P1", "P2", "P1"]}))
    >>> attenders(study).table[["sessions_attended", "people"]].values.tolist()
    [[0, 0], [1, 1], [2, 1]]
    """
    key, title = "attenders", "How many sessions each person attended"
    rows, answer, caveats = named_attendance(study, key, title, "who came back")
    if rows is None:
        return answer
    came = rows.groupby("person")["event"].nunique()
    sessions = int(rows["event"].nunique())
    listed = study.people
    never = 0 if listed is None else int((~listed["person"].isin(set(came.index))).sum())
    # In a programme of very many sessions, the numbers nobody reached are left off.
    most = sessions if sessions <= _MOST_DRAWN else int(came.max())
    counts = came.value_counts().reindex(range(1, most + 1), fill_value=0)
    table = pd.DataFrame({"sessions_attended": counts.index, "people": counts.to_numpy()})
    if listed is not None:
        table = pd.concat([pd.DataFrame({"sessions_attended": [0], "people": [never]}), table], ignore_index=True)
    table["share"] = table["people"] / int(table["people"].sum())
    people, attendances, returned = len(came), len(rows), int((came >= 2).sum())
    by_person = pd.DataFrame(
        {
            "person": came.index,
            "organisation": rows.groupby("person")["organisation"].first().reindex(came.index).to_numpy(),
            "sessions_attended": came.to_numpy(),
            "share_of_sessions": came.to_numpy() / sessions,
        }
    )
    possible = possible_sessions(study, rows).sum(axis=1).reindex(came.index).to_numpy()
    by_person["sessions_possible"] = possible
    by_person["share_of_possible"] = came.to_numpy() / possible
    by_person["part"] = parts(came.to_numpy(), possible)
    by_person["is_core"] = by_person["part"] == CORE
    core, interval = int(by_person["is_core"].sum()), wilson(returned, people)
    core_attendances = int(by_person.loc[by_person["is_core"], "sessions_attended"].sum())
    came_to_all, core_share = int((came == sessions).sum()), format_share(core_attendances / attendances)
    sentence = (
        f"{counted(attendances, 'attendance')} at {counted(sessions, 'session')} "
        f"{'was' if attendances == 1 else 'were'} {counted(people, 'different person', 'different people')}; "
        f"{returned} of them came at least twice ({percent(interval.estimate)}), {came_to_all} to every session. "
        f"{core} came to at least half of the "
        f"sessions they could have come to and {verb(core, 'accounts', 'account')} for {core_share} of attendances."
    )
    if listed is not None and never:
        sentence += f" {never} of the {counted(len(listed), 'person', 'people')} listed never came."
    return Attenders(
        key=key,
        title=title,
        sentence=sentence,
        table=table,
        labels={"sessions_attended": "sessions attended", "share": "share of people"},
        figure=_histogram(table, key),
        show_table=len(table) <= MOST_ROWS_SHOWN,
        caveats=(*caveats, "Who joined late or left early had fewer sessions to come to, so comes less often here."),
        headline=Headline(
            "people who came, came at least twice", f"{returned} of {people}",
            f"95% interval {format_share(interval.low)} to {format_share(interval.high)}", SECONDARY,
        ),
        method="Attendance rows that name a person at events held. The share who returned has a Wilson interval "
        "(Wilson 1927). Core: at least twice and at least half of the sessions held while the person was on the list.",
        sources=("attendance.csv", "events.csv", *(("people.csv",) if listed is not None else ())),
        quantities=(
            Quantity("people:came-again", returned, people, frozenset(map(str, came.index[came >= 2])),
                     frozenset(map(str, came.index))),
        ),
        people=people, attendances=attendances, sessions=sessions, returned=returned, by_person=by_person,
    )  # fmt: skip


def session_mix(study: Study) -> Result:
    """Answer how far each session brought different organisations together.

    Parameters
    ----------
    study : Study
        With events, attendance that names persons, and their organisations (in people or attendance).

    Returns
    -------
    SessionMix
        One row a session: people, organisations represented, the largest organisation's share, the chance that two
        attenders drawn at random come from different organisations, and the same chance among all who could have come
        (the people on the list that day), where people.csv gives it.

    Notes
    -----
    Simpson 1949 (Nature 163:688), the form without replacement: 1 - sum n(n - 1) / (N (N - 1)). People whose
    organisation is not known are left out of the mix and counted in their own column.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     people=pd.DataFrame({"person": ["P1", "P2", "P3"], "organisation": ["A", "A", "B"]}),
    ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E1", "E1"], "person": ["P1", "P2", "P3"]}))
    >>> round(float(session_mix(study).table.loc[0, "different_organisations"]), 4)
    0.6667
    """
    key, title = "session-mix", "Organisations at each session"
    rows, answer, caveats = named_attendance(study, key, title, "which organisations met")
    if rows is None:
        return answer
    known = rows.dropna(subset=["organisation"])
    if known.empty:
        return Result(
            key=key, title=title,
            sentence="Neither people.csv nor attendance.csv gives an organisation for anyone who came, so the mix of "
            "organisations cannot be shown.",
        )  # fmt: skip
    cross = known.groupby(["event", "organisation"])["person"].nunique().unstack(fill_value=0)  # noqa: PD010
    order = list(dict.fromkeys(rows["event"]))
    cross = cross.reindex(order, fill_value=0)
    n, largest = cross.sum(axis=1), cross.max(axis=1)
    pairs = n * (n - 1)
    chance = (1 - (cross * (cross - 1)).sum(axis=1) / pairs.where(pairs > 0)).rename("different_organisations")
    everyone = rows.groupby("event")["person"].nunique().reindex(order)
    dates = rows.groupby("event")["date"].first().reindex(order)
    table = pd.DataFrame(
        {
            "event": order,
            "date": dates.to_numpy(),
            "people": everyone.to_numpy(),
            "organisation_not_known": (everyone - n).to_numpy(),
            "organisations": (cross > 0).sum(axis=1).to_numpy(),
            "largest_share": (largest / n.where(n > 0)).to_numpy(dtype=float),
            "different_organisations": chance.to_numpy(dtype=float),
        }
    )
    among_all = _chance_on_list(study, rows)
    if among_all is not None:
        table["among_all_on_list"] = table["event"].map(among_all.to_dict()).astype("float64")
    defined = table.dropna(subset=["different_organisations"])
    if defined.empty:
        sentence = "No session had two people whose organisations are known, so no mix can be measured."
    else:
        ordered = defined.sort_values("different_organisations", kind="stable")
        least, most = (
            f"{format_share(chance)} ({write_date(date)})"
            for chance, date in ordered[["different_organisations", "date"]].iloc[[0, -1]].itertuples(index=False)
        )
        chances = least if len(ordered) == 1 else f"{least} to {most}"
        sentence = (
            f"Two attenders of a session drawn at random came from different organisations with a chance of {chances}; "
            f"{_span(table['organisations'])} of {cross.shape[1]} organisations were there."
        )
        if among_all is not None and among_all.notna().any():
            low, high = format_share(float(among_all.min())), format_share(float(among_all.max()))
            sentence += f" Among all who could have come the chance is {low if low == high else f'{low} to {high}'}."
    return SessionMix(
        key=key,
        title=title,
        sentence=sentence,
        table=table,
        labels={
            "organisation_not_known": "organisation not known",
            "largest_share": "share of the largest organisation",
            "different_organisations": "chance that two attenders come from different organisations",
            "among_all_on_list": "the same among all who could have come",
        },
        figure=_grid(cross, dates, key),
        show_table=len(table) <= MOST_ROWS_SHOWN,
        caveats=(*caveats, "To sit in one session is not yet to work together: see the network for ties."),
        method="Simpson 1949, without replacement: 1 - sum n(n - 1) / (N (N - 1)) over organisations at a session.",
        sources=("attendance.csv", "events.csv", "people.csv"),
        chance=chance,
    )


def _chance_on_list(study: Study, rows: pd.DataFrame) -> pd.Series | None:
    """Give the chance that two of those who could have come are from different organisations, by event."""
    people = study.people
    if people is None or "organisation" not in people.columns or people["organisation"].isna().all():
        return None
    possible = possible_sessions(study, rows)
    known = dict(zip(people["person"], people["organisation"], strict=True))
    organisation = pd.Series(possible.index, index=possible.index).map(known)
    counts = possible[organisation.notna()].groupby(organisation.dropna().astype(object)).sum()
    n = counts.sum()
    pairs = n * (n - 1)
    return 1 - (counts * (counts - 1)).sum() / pairs.where(pairs > 0)


def _histogram(table: pd.DataFrame, key: str) -> Figure:
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
        return finish(
            canvas, name=f"{key}-picture", title="People by the number of sessions they attended", alt=alt, table=table
        )


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


def _grid(cross: pd.DataFrame, dates: pd.Series, key: str) -> Figure:
    from cop_analysis.figures import BLUE, INK, drawing, finish

    totals = cross.sum().sort_values(ascending=False, kind="stable")
    kept = list(totals.index[:_MOST_COLUMNS])
    shown = cross[kept].rename(columns=str)
    if len(totals) > len(kept):
        shown = shown.assign(**{f"{len(totals) - len(kept)} others": cross.drop(columns=kept).sum(axis=1)})
    drawn = shown.tail(MOST_ROWS_SHOWN)
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
        axes.set_xticks(range(counts.shape[1]), [_short(name) for name in drawn.columns], parse_math=False,
                        rotation=30 if counts.shape[1] > 4 else 0)  # fmt: skip
        axes.set_yticks(range(len(drawn)), [_short(name, 40) for name in names], parse_math=False)
        axes.set_xlim(-0.6, counts.shape[1] - 0.4)
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        told = [
            ", ".join(f"{organisation} {count}" for organisation, count in zip(drawn.columns, row, strict=True))
            for row in counts
        ]
        alt = "; ".join(f"{name}: {people}" for name, people in zip(names, told, strict=True)) + "."
        title = "People at each session by organisation; the larger the circle, the more people"
        title += f" (the latest {len(drawn)} of {len(shown)} sessions)" if len(shown) > len(drawn) else ""
        return finish(canvas, name=f"{key}-picture", title=title, alt=alt, table=drawn.reset_index())


def _short(text: str, most: int = 18) -> str:
    return shortened(text, most)


def _span(counts: pd.Series) -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"at every session {low}" if low == high else f"between {low} and {high}"
