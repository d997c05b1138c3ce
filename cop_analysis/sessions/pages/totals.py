"""What each total a source may state counts, row by row; adding up happens here, judging the sum in `stated`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.sessions.pages.rows import list_events
from cop_analysis.sessions.pictures.labels import join_names, write_date
from cop_analysis.study.periods import Period, financial_years

if TYPE_CHECKING:
    from cop_analysis.study import Study


@dataclass(frozen=True)
class Asked:
    """Of which rows a figure speaks: those with these values in these columns, dated in this period."""

    where: Mapping[str, object]
    period: Period | None


@dataclass(frozen=True)
class Tally:
    """The rows a total is made of.

    Parameters
    ----------
    counts : str
        What was counted, in words.
    rows : pandas.DataFrame
        One row a contribution: ``value``, ``name`` and ``place`` (file and spreadsheet row), in order of date where
        there is one.
    aside : pandas.DataFrame
        Contributions of the same kind that do not belong to the total, with ``why``.
    groups : tuple of (str, numpy.ndarray)
        Named parts of `rows` followed by `aside`, as positions: ``("format webinar", [1, 2, 4, 5])``.
    problem : str
        Why the total cannot be recomputed; empty where it can.
    is_dated : bool
        Whether `rows` stand in order of time.
    sources : tuple of str
        The files used.
    """

    counts: str
    rows: pd.DataFrame
    aside: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["value", "name", "place", "why"]))
    groups: tuple[tuple[str, np.ndarray], ...] = ()
    problem: str = ""
    is_dated: bool = False
    sources: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The sum of the rows that are there."""
        return sum(self.rows["value"].tolist())


def tally(study: Study, what: str, where: Mapping[str, object], period: Period | None) -> Tally:
    """Answer which rows a total is made of.

    Parameters
    ----------
    study : Study
        Not restricted to a period.
    what : str
        A total as study.toml may state it: ``"signed up"``, ``"attended"``, ``"events held"`` and so on.
    where : mapping
        Column and value: only rows that have it belong to the total.
    period : Period or None
        Only rows dated in it belong to the total.

    Returns
    -------
    Tally
        With ``problem`` filled where a table, a column or values are missing.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20]}))
    >>> tally(study, "signed up", {}, None).total
    30
    """
    if what in _COUNTERS:
        return _COUNTERS[what](study, Asked(where, period))
    raise ValueError(f"{what!r} is not a total that can be recomputed; it is one of {', '.join(_COUNTERS)}.")


def places(file: str, rows: list[int]) -> str:
    """Say where rows stand.

    Examples
    --------
    >>> places("attendance.csv", [8]), places("attendance.csv", [2, 3, 4]), places("attendance.csv", [2, 9])
    ('attendance.csv row 8', 'attendance.csv rows 2 to 4', 'attendance.csv rows 2 and 9')
    """
    ordered = sorted(rows)
    if len(ordered) == 1:
        return f"{file} row {ordered[0]}"
    if ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{file} rows {ordered[0]} to {ordered[-1]}"
    return f"{file} rows {join_names([str(row) for row in ordered], most=6)}"


# --- events ----------------------------------------------------------------------------------------------------------


def _signed_up(study: Study, asked: Asked) -> Tally:
    if study.events is None:
        return _without("events", "sign-ups at events that were held")
    events = numbered_events(study.events, study.attendance)
    return _of_events(
        events,
        events["signed_up"],
        asked,
        study.events,
        "sign-ups at events that were held",
        "the sign-ups {of} are",
        ("events.csv",),
        [places("events.csv", [row]) for row in events["row"]],
    )


def _attended(study: Study, asked: Asked) -> Tally:
    counts = "attendances at events that were held"
    if study.events is None:
        return _without("events", counts)
    if study.attendance is None:
        return _without("attendance", counts)
    attendance, of_people = _with_people(study), study.people
    columns = [*study.attendance.columns, *([] if of_people is None else of_people.columns)]
    of_rows = {key: value for key, value in asked.where.items() if key in columns and key not in study.events.columns}
    unsaid = [column for column in of_rows if column != "count" and attendance[column].isna().any()]
    if unsaid:
        rows = int(attendance[unsaid].isna().any(axis=1).sum())
        problem = f"{rows} of {len(attendance)} rows of attendance.csv do not say {join_names(unsaid)}"
        return Tally(counts, _no_rows(), problem=problem, sources=("events.csv", "attendance.csv"))
    for column, value in of_rows.items():
        attendance = attendance[has_value(attendance[column], value)]
    events = numbered_events(study.events, attendance)
    attended = events["attended"]
    if of_rows:
        # Nobody with that value came; that is a 0 wherever attendance was recorded at all.
        recorded = events["event"].isin(set(study.attendance["event"]))
        attended = attended.mask(recorded & attended.isna(), 0)
    rows_of = (
        pd.Series(row_numbers(attendance), index=attendance.index).groupby(attendance["event"]).agg(list).to_dict()
    )
    where_they_stand = [
        places("attendance.csv", rows_of[event]) if event in rows_of else places("events.csv", [row])
        for event, row in zip(events["event"], events["row"], strict=True)
    ]
    rest = {key: value for key, value in asked.where.items() if key not in of_rows}
    files = ("events.csv", "attendance.csv")
    return _of_events(
        events,
        attended,
        Asked(rest, asked.period),
        study.events,
        counts,
        "the attendance {of} is",
        files,
        where_they_stand,
    )


def _with_people(study: Study) -> pd.DataFrame:
    """Give attendance with what people.csv knows of each person, where attendance does not say it itself."""
    attendance, people = study.attendance, study.people
    assert attendance is not None
    full = attendance.assign(person=attendance["person"] if "person" in attendance.columns else None)
    if people is None:
        return full
    known = people.set_index("person")
    for column in known.columns:
        theirs = full["person"].map(known[column].to_dict())
        full[column] = full[column].astype("object").fillna(theirs) if column in full.columns else theirs
    return full


def numbered_events(events: pd.DataFrame, attendance: pd.DataFrame | None) -> pd.DataFrame:
    """Give `list_events` with the spreadsheet row of each event.

    Examples
    --------
    >>> events = pd.DataFrame({"event": ["E1"], "date": pd.to_datetime(["2023-05-01"])}, index=[2])
    >>> numbered_events(events, None)["row"].tolist()
    [2]
    """
    table = list_events(events, attendance)
    rows = pd.Series(row_numbers(events), index=events.index)
    return table.assign(row=rows.loc[table.index])


def _of_events(
    events: pd.DataFrame,
    values: pd.Series,
    asked: Asked,
    original: pd.DataFrame,
    counts: str,
    unrecorded: str,
    sources: tuple[str, ...],
    where_they_stand: list[str],
) -> Tally:
    unknown = [key for key in asked.where if key not in original.columns]
    if unknown:
        return _unknown_column(unknown[0], sources, counts)
    full = original.loc[events.index]
    is_held = events["status"].eq("held") if "status" not in asked.where else pd.Series(True, index=events.index)
    reasons = pd.Series("", index=events.index)
    for key, value in asked.where.items():
        column = events["status"] if key == "status" else full[key]
        reasons = reasons.mask(~has_value(column, value) & (reasons == ""), f"not {key} {value}")
    if asked.period is not None:
        reasons = reasons.mask(
            ~asked.period.contains(events["date"]) & (reasons == ""), f"outside {asked.period.label}"
        )
    reasons = reasons.mask(~is_held & (reasons == ""), events["status"])
    table = pd.DataFrame({"value": values, "name": events["name"], "place": where_they_stand, "why": reasons})
    belongs = table["why"] == ""
    missing = table[belongs & table["value"].isna()]
    known = table[table["value"].notna()].astype({"value": "int64"})
    rows, aside = known[known["why"] == ""], known[known["why"] != ""]
    order = [*rows.index, *aside.index]
    groups = name_groups(
        events.loc[order].assign(
            financial_year=financial_years(events.loc[order, "date"]),
            calendar_year=events.loc[order, "date"].dt.year.astype("Int64").astype("object"),
        ),
        ("format", "topic", "series", "status", "financial_year", "calendar_year"),
    )
    problem = ""
    if not belongs.any():
        problem = "no event matches"
    elif len(missing):
        what = unrecorded.format(of=f"of {len(missing)} of {int(belongs.sum())} events")
        problem = f"{what} not recorded ({join_names(missing['name'].tolist())})"
    return Tally(
        counts,
        rows.drop(columns="why").reset_index(drop=True),
        aside.reset_index(drop=True),
        groups,
        problem,
        True,
        sources,
    )


# --- things that are counted one by one -----------------------------------------------------------------------------


def _events_held(study: Study, asked: Asked) -> Tally:
    return _count_events(study, asked, "events with status held", {"held"})


def _events_planned(study: Study, asked: Asked) -> Tally:
    planned = study.config.schedule.planned
    if not planned or asked.where:
        return _count_events(study, asked, "events planned, whether they were held or not", None)
    days = pd.Series(pd.to_datetime(list(planned)))
    belongs = np.ones(len(days), dtype=bool) if asked.period is None else asked.period.contains(days).to_numpy()
    rows = pd.DataFrame({"value": 1, "name": [write_date(day) for day in days], "place": "study.toml [schedule]"})
    return Tally(
        "days planned in the schedule",
        rows[belongs].reset_index(drop=True),
        rows[~belongs].assign(why="outside the period").reset_index(drop=True),
        is_dated=True,
        sources=("study.toml",),
    )


def _count_events(study: Study, asked: Asked, counts: str, statuses: set[str] | None) -> Tally:
    if study.events is None:
        return _without("events", counts)
    listed = list_events(study.events, None).reindex(study.events.index)
    table, names = study.events.assign(status=listed["status"]), listed["name"]
    return _count_rows(
        table,
        "events.csv",
        asked,
        counts,
        names,
        table["date"],
        ("format", "topic", "series", "status"),
        None if statuses is None or "status" in asked.where else table["status"].isin(statuses),
    )


def _people(study: Study, asked: Asked) -> Tally:
    counts = "people in people.csv"
    if study.people is None:
        return _without("people", counts)
    return _count_rows(
        study.people, "people.csv", asked, counts, study.people["person"], None, ("organisation", "role", "consent")
    )


def _organisations(study: Study, asked: Asked) -> Tally:
    table = study.organisations
    if table is not None:
        return _count_rows(
            table, "organisations.csv", asked, "organisations in organisations.csv", table["name"], None, ("sector",)
        )
    people = study.people
    if people is None or "organisation" not in people.columns or people["organisation"].isna().all():
        return _without("organisations", "organisations")
    first = people[people["organisation"].notna()].drop_duplicates("organisation")
    return _count_rows(
        first, "people.csv", asked, "organisations that people in people.csv belong to", first["organisation"], None, ()
    )


def _outputs(study: Study, asked: Asked, done: bool) -> Tally:
    counts = "outputs done" if done else "outputs planned, whatever became of them"
    table = study.outputs
    if table is None:
        return _without("outputs", counts)
    dates = table.get("done_date" if done else "planned_date", pd.Series(pd.NaT, index=table.index))
    belongs = table["status"].eq("done").fillna(False).astype(bool) if done and "status" not in asked.where else None
    return _count_rows(table, "outputs.csv", asked, counts, table["title"], dates, ("status",), belongs)


def _documents(study: Study, asked: Asked) -> Tally:
    table = study.documents
    if table is None:
        return _without("documents", "documents")
    dates = table.get("date", pd.Series(pd.NaT, index=table.index))
    return _count_rows(table, "documents.csv", asked, "documents", table["document"], dates, ("kind", "setting"))


def _respondents(study: Study, asked: Asked) -> Tally:
    if study.survey is not None:
        table, person, file = study.survey, "person", "survey.csv"
        waves = {wave.key: pd.Timestamp(wave.date) for wave in study.config.waves if wave.date is not None}
        dates = pd.to_datetime(table["wave"].map(waves)) if asked.period is not None else None
        columns: tuple[str, ...] = ("wave", "instrument")
    elif study.ratings is not None:
        table, person, file, columns = study.ratings, "respondent", "ratings.csv", ("event",)
        if "respondent" not in table.columns or table["respondent"].isna().any():
            return Tally(
                "people who rated",
                _no_rows(),
                problem="some ratings in ratings.csv name no respondent",
                sources=(file,),
            )
        days = {} if study.events is None else dict(zip(study.events["event"], study.events["date"], strict=True))
        dates = pd.to_datetime(table["event"].map(days)) if asked.period is not None else None
    else:
        return _without("survey", "people who answered")
    counts = f"different people with at least one score in {file}"
    unknown = [key for key in asked.where if key not in table.columns]
    if unknown:
        return _unknown_column(unknown[0], (file,), counts)
    answered = table["score"].notna()
    belongs = answered.copy()
    for key, value in asked.where.items():
        belongs &= has_value(table[key], value)
    if asked.period is not None and dates is not None:
        if dates.isna().any():
            return Tally(counts, _no_rows(), problem="not every wave has a date in study.toml", sources=(file,))
        belongs &= asked.period.contains(dates)
    numbers = row_numbers(table)
    ordered = pd.concat([table[belongs], table[answered & ~belongs]]).drop_duplicates(person)
    inside = set(table.loc[belongs, person])
    row_of = pd.Series(numbers, index=table.index).loc[ordered.index]
    people = pd.DataFrame(
        {"value": 1, "name": ordered[person].to_numpy(), "place": [places(file, [int(row)]) for row in row_of]}
    )
    is_in = people["name"].isin(inside).to_numpy()
    position = {name: at for at, name in enumerate(people["name"])}
    groups = []
    for column in (column for column in columns if column in table.columns):
        for level, part in table[answered].groupby(column)[person]:
            groups.append((f"{column} {level}", np.array(sorted({position[name] for name in part}), dtype=int)))
    return Tally(
        counts,
        people[is_in].reset_index(drop=True),
        people[~is_in].assign(why="not asked for").reset_index(drop=True),
        tuple(groups),
        "" if is_in.any() else "no row matches",
        sources=(file,),
    )


def _count_rows(
    table: pd.DataFrame,
    file: str,
    asked: Asked,
    counts: str,
    names: pd.Series,
    dates: pd.Series | None,
    group_columns: tuple[str, ...],
    belongs: pd.Series | None = None,
) -> Tally:
    unknown = [key for key in asked.where if key not in table.columns]
    if unknown:
        return _unknown_column(unknown[0], (file,), counts)
    chosen = pd.Series(True, index=table.index) if belongs is None else belongs.astype(bool)
    wanted = chosen.copy()
    for key, value in asked.where.items():
        chosen &= has_value(table[key], value)
    problem = ""
    if asked.period is not None:
        if dates is None or dates[chosen].isna().any():
            problem = f"not every row of {file} has a date, so the rows of {asked.period.label} are not known"
        else:
            chosen &= asked.period.contains(dates)
    rows = pd.DataFrame(
        {
            "value": 1,
            "name": names.astype(str).to_numpy(),
            "place": [places(file, [row]) for row in row_numbers(table)],
        },
        index=table.index,
    )
    order = [*table.index[chosen], *table.index[~chosen]]
    aside = rows[~chosen].assign(why=np.where(wanted[~chosen], "outside what was asked for", "another status"))
    groups = name_groups(table.loc[order], group_columns)
    return Tally(
        counts,
        rows[chosen].reset_index(drop=True),
        aside.reset_index(drop=True),
        groups,
        problem,
        dates is not None and not dates.isna().any() and bool(dates.is_monotonic_increasing),
        (file,),
    )


# --- shared ---------------------------------------------------------------------------------------------------------


def name_groups(table: pd.DataFrame, columns: tuple[str, ...]) -> tuple[tuple[str, np.ndarray], ...]:
    """Name the parts of a table that share a value of a column, each with the positions of its rows.

    Examples
    --------
    >>> table = pd.DataFrame({"format": ["webinar", "x", "webinar"]})
    >>> [(name, at.tolist()) for name, at in name_groups(table, ("format",))]
    [('format webinar', [0, 2]), ('format x', [1])]
    """
    groups = []
    for column in columns:
        if column not in table.columns:
            continue
        levels = pd.Series(table[column].to_numpy()).dropna()
        groups += [
            (f"{column.replace('_', ' ')} {level}", part.index.to_numpy())
            for level, part in levels.groupby(levels.astype(str))
        ]
    return tuple(groups)


def has_value(column: pd.Series, value: object) -> pd.Series:
    """Say which cells hold the value, as a person would compare them: 5 is 5.0, upper and lower case are alike.

    Examples
    --------
    >>> has_value(pd.Series(["Webinar", "face to face", None]), "webinar").tolist()
    [True, False, False]
    """
    if isinstance(value, bool) or pd.api.types.is_bool_dtype(column.dtype):
        wanted = str(value).strip().casefold() in {"true", "yes"}
        return column.map(lambda cell: False if pd.isna(cell) else bool(cell) == wanted).astype(bool)
    if pd.api.types.is_numeric_dtype(column.dtype):
        try:
            return column.astype("Float64").eq(float(str(value))).fillna(False).astype(bool)
        except ValueError:
            return pd.Series(False, index=column.index)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.dt.strftime("%Y-%m-%d").eq(str(value)).fillna(False).astype(bool)
    wanted_text = str(value).strip().casefold()
    return column.map(lambda cell: not pd.isna(cell) and str(cell).strip().casefold() == wanted_text).astype(bool)


def row_numbers(table: pd.DataFrame) -> list[int]:
    """Give the row each record has in a spreadsheet, where the header is row 1.

    Examples
    --------
    >>> row_numbers(pd.DataFrame({"event": ["E1"]}, index=[2]))
    [2]
    """
    return [int(label) for label in table.index]


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame(
        {"value": pd.Series(dtype="int64"), "name": pd.Series(dtype="object"), "place": pd.Series(dtype="object")}
    )


def _without(table: str, counts: str) -> Tally:
    return Tally(counts, _no_rows(), problem=f"this study has no {table} table ({table}.csv)")


def _unknown_column(column: str, files: tuple[str, ...], counts: str) -> Tally:
    return Tally(
        counts,
        _no_rows(),
        problem=f'{" and ".join(files)} {"have" if len(files) > 1 else "has"} no column "{column}"',
        sources=files,
    )


ADDS_UP = frozenset({"signed up", "attended"})
"""The totals whose rows count more than one each, so that rows can account for a difference."""

_COUNTERS: Mapping[str, Callable[..., Tally]] = {
    "signed up": _signed_up,
    "attended": _attended,
    "events held": _events_held,
    "events planned": _events_planned,
    "people": _people,
    "organisations": _organisations,
    "outputs done": partial(_outputs, done=True),
    "outputs planned": partial(_outputs, done=False),
    "respondents": _respondents,
    "documents": _documents,
}
