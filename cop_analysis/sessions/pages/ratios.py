"""What each share and average a source may state is made of, row by row; judging the figure is in `stated`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.sessions.pages.rows import rated_by_event
from cop_analysis.sessions.pages.totals import Asked, has_value, name_groups, numbered_events, places
from cop_analysis.sessions.pictures.labels import join_names
from cop_analysis.study.periods import Period, financial_years
from cop_analysis.study.waves import counted_answers

if TYPE_CHECKING:
    from cop_analysis.study import Study

_NO_ROWS = pd.DataFrame({"top": [], "bottom": [], "name": [], "place": []})

_EVENT_GROUPS = ("format", "topic", "series", "financial_year")


@dataclass(frozen=True)
class Ratio:
    """The rows a share or an average is made of.

    Parameters
    ----------
    top, bottom : str
        What is divided by what, in words: ``"attended"``, ``"signed up"``.
    rows : pandas.DataFrame
        One row a contribution: ``top`` (a whole number or a `fractions.Fraction`), ``bottom`` (a whole number),
        ``name`` and ``place``.
    groups : tuple of (str, numpy.ndarray)
        Named parts of `rows`, as positions.
    others : tuple of (str, int)
        Other denominators of the study that may have been used: ``("people in people.csv", 30)``.
    problem : str
        Why it cannot be recomputed; empty where it can.
    row_noun : str
        What a row is: ``"event"``, ``"session and item"``, ``"person"``.
    step : float
        The least distance between two scores, for an average of scores; 1 for counts.
    sources : tuple of str
    """

    top: str
    bottom: str
    rows: pd.DataFrame
    groups: tuple[tuple[str, np.ndarray], ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    problem: str = ""
    row_noun: str = "event"
    step: float = 1.0
    sources: tuple[str, ...] = ()

    @property
    def numerator(self) -> Fraction:
        """The sum above the line."""
        return sum((Fraction(value) for value in self.rows["top"]), Fraction(0))

    @property
    def denominator(self) -> int:
        """The sum below the line."""
        return sum(int(value) for value in self.rows["bottom"])


def ratio(study: Study, what: str, where: Mapping[str, object], period: Period | None) -> Ratio:
    """Answer which rows a share or an average is made of.

    Parameters
    ----------
    study : Study
        Not restricted to a period.
    what : str
        Such as ``"attended share"`` or ``"mean rating"``, as study.toml may state it.
    where : mapping
        Column and value: only rows that have it belong.
    period : Period or None
        Only rows dated in it belong.

    Returns
    -------
    Ratio
        With ``problem`` filled where a table, a column or values are missing.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"], "signed_up": [10]}),
    ...     attendance=pd.DataFrame({"event": ["E1"], "count": [8]}))
    >>> found = ratio(study, "attended share", {}, None)
    >>> found.numerator, found.denominator
    (Fraction(8, 1), 10)
    """
    if what not in _MAKERS:
        raise ValueError(f"{what!r} is not a share or an average; it is one of {', '.join(_MAKERS)}.")
    return _MAKERS[what](study, Asked(where, period))


def exact(number: float) -> Fraction:
    """Give the decimal a number is printed as, exactly.

    Examples
    --------
    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(Decimal(repr(float(number))))


# --- events ----------------------------------------------------------------------------------------------------------


def _of_events(study: Study, asked: Asked, top: str, bottom: str) -> Ratio:
    words = bottom or "events held"
    files = (
        "events.csv",
        *(("attendance.csv",) if "attended" in (top, bottom) else ()),
        *(("ratings.csv",) if top == "rated" else ()),
    )
    for file in files:
        if study.table(file.removesuffix(".csv")) is None:
            return _unknown(top, words, f"this study has no {file.removesuffix('.csv')} table ({file})")
    assert study.events is not None
    events = numbered_events(study.events, study.attendance)
    full = study.events.loc[events.index]
    unknown = [key for key in asked.where if key not in full.columns]
    if unknown:
        return _unknown(top, words, f'events.csv has no column "{unknown[0]}"', files)
    belongs = events["status"].eq("held") if "status" not in asked.where else pd.Series(True, index=events.index)
    for key, value in asked.where.items():
        belongs &= has_value(events["status"] if key == "status" else full[key], value)
    if asked.period is not None:
        belongs &= asked.period.contains(events["date"])
    columns = {"signed up": "signed_up", "attended": "attended", "rated": "rated"}
    events["rated"] = events["event"].map(rated_by_event(study.ratings)).astype("Int64") if top == "rated" else pd.NA
    chosen = events[belongs].copy()
    chosen["top"] = chosen[columns[top]]
    chosen["bottom"] = chosen[columns[bottom]] if bottom else 1
    chosen["place"] = [places("events.csv", [row]) for row in chosen["row"]]
    unrecorded = chosen[chosen["top"].isna() | chosen["bottom"].isna()]
    known = chosen.drop(index=unrecorded.index)
    problem = "" if len(chosen) else "no event matches"
    if len(unrecorded):
        problem = (
            f"{top} or {words} of {len(unrecorded)} of {len(chosen)} events is not recorded "
            f"({join_names(unrecorded['name'].tolist())})"
        )
    rows = known[["top", "bottom", "name", "place"]].astype({"top": "int64", "bottom": "int64"}).reset_index(drop=True)
    if not problem and int(rows["bottom"].sum()) == 0:
        problem = f"there is nobody under the line (0 {words})"
    groups = name_groups(known.assign(financial_year=financial_years(known["date"])), _EVENT_GROUPS)
    people = () if study.people is None or not bottom else (("people in people.csv", len(study.people)),)
    planned = len(study.config.schedule.planned)
    every = (("all events in events.csv", len(events)), *((("days planned", planned),) if planned else ()))
    return Ratio(top, words, rows, groups, people if bottom else every, problem, "event", 1.0, files)


# --- people ----------------------------------------------------------------------------------------------------------


def _returned_share(study: Study, asked: Asked) -> Ratio:
    top, bottom = "came at least twice", "people who came"
    attendance, events, people = study.attendance, study.events, study.people
    if attendance is None or events is None or "person" not in attendance.columns or attendance["person"].isna().all():
        return _unknown(top, bottom, "no attendance names a person")
    listed = numbered_events(events, None)
    held = listed["status"].eq("held") & (True if asked.period is None else asked.period.contains(listed["date"]))
    rows = attendance[attendance["person"].notna() & attendance["event"].isin(set(listed.loc[held, "event"]))]
    came = rows.groupby(rows["person"].astype(object))["event"].nunique()
    members = None if people is None else people.drop_duplicates("person").set_index("person")
    for key, value in asked.where.items():
        if members is None or key not in members.columns:
            return _unknown(top, bottom, f'people.csv has no column "{key}"', ("attendance.csv", "people.csv"))
        came = came[came.index.isin(set(members.index[has_value(members[key], value)]))]
    table = pd.DataFrame(
        {
            "top": (came >= 2).astype("int64").to_numpy(),
            "bottom": 1,
            "name": came.index.astype(str),
            "place": "attendance.csv",
        }
    )
    groups = () if members is None else name_groups(members.reindex(came.index), ("organisation", "role"))
    others = () if people is None else (("people in people.csv", len(people)),)
    return Ratio(
        top,
        bottom,
        table,
        groups,
        others,
        "" if len(table) else "nobody matches",
        "person",
        1.0,
        ("attendance.csv", "events.csv"),
    )


def _respondents_share(study: Study, asked: Asked) -> Ratio:
    top, bottom = "answered the survey", "people in people.csv"
    survey, people = study.survey, study.people
    if survey is None or people is None:
        return _unknown(top, bottom, f"this study has no {'survey' if survey is None else 'people'} table")
    if asked.period is not None:
        return _unknown(top, bottom, "a survey has waves, which belong to no period", ("survey.csv",))
    members = people
    for key, value in asked.where.items():
        if key not in members.columns:
            return _unknown(top, bottom, f'people.csv has no column "{key}"', ("people.csv",))
        members = members[has_value(members[key], value)]
    scored = survey[survey["score"].notna()]
    answered = set(scored["person"])
    table = pd.DataFrame(
        {
            "top": members["person"].isin(answered).astype("int64").to_numpy(),
            "bottom": 1,
            "name": members["person"].astype(str).to_numpy(),
            "place": [places("people.csv", [int(row)]) for row in members.index],
        }
    )
    groups = name_groups(members.reset_index(drop=True), ("organisation", "role", "consent"))
    roster = study.rosters
    others = () if roster is None else (("people in rosters.csv", int(roster["person"].nunique())),)
    return Ratio(
        top,
        bottom,
        table,
        groups,
        others,
        "" if len(table) else "nobody matches",
        "person",
        1.0,
        ("survey.csv", "people.csv"),
    )


# --- scores ----------------------------------------------------------------------------------------------------------


def _mean_rating(study: Study, asked: Asked) -> Ratio:
    top, bottom = "the sum of scores", "scores"
    if study.ratings is None:
        return _unknown(top, bottom, "this study has no ratings table (ratings.csv)")
    scores = study.ratings[study.ratings["score"].notna()]
    if study.events is not None:
        events = study.events.drop_duplicates("event").set_index("event")
        for column in ("date", "format", "topic", "series"):
            if column in events.columns and column not in scores.columns:
                scores = scores.assign(**{column: scores["event"].map(events[column].to_dict())})
    files = ("ratings.csv", *(("events.csv",) if study.events is not None else ()))
    parts = ("item", "event", "format", "series")
    return _of_scores(scores, asked, ("event", "item"), parts, "session and item", files)


def _mean_score(study: Study, asked: Asked) -> Ratio:
    if study.survey is None:
        return _unknown("the sum of scores", "scores", "this study has no survey table (survey.csv)")
    if asked.period is not None:
        return _unknown("the sum of scores", "scores", "a survey has waves, which belong to no period", ("survey.csv",))
    scores = counted_answers(study.survey)
    # An item that is worded the other way round counts turned round, as it does in its scale.
    turned = {
        (instrument.key, item.key): instrument.minimum + instrument.maximum
        for instrument in study.instruments
        for item in instrument.items
        if item.reverse
    }
    if turned:
        only = study.instruments[0].key
        key = (
            scores["instrument"].fillna(only) if "instrument" in scores.columns else pd.Series(only, index=scores.index)
        )
        ends = [turned.get(pair) for pair in zip(key, scores["item"], strict=True)]
        scores = scores.assign(
            score=[score if end is None else end - score for score, end in zip(scores["score"], ends, strict=True)]
        )
    files, parts = ("survey.csv", "study.toml"), ("wave", "item", "instrument")
    return _of_scores(scores, Asked(asked.where, None), ("wave", "item"), parts, "wave and item", files)


def _of_scores(
    scores: pd.DataFrame,
    asked: Asked,
    by: tuple[str, str],
    groups: tuple[str, ...],
    noun: str,
    files: tuple[str, ...],
) -> Ratio:
    top, bottom = "the sum of scores", "scores"
    for key, value in asked.where.items():
        if key not in scores.columns:
            return _unknown(top, bottom, f'{files[0]} has no column "{key}"', files)
        scores = scores[has_value(scores[key], value)]
    if asked.period is not None:
        if "date" not in scores.columns:
            return _unknown(top, bottom, "the events of the ratings have no date", files)
        scores = scores[asked.period.contains(pd.to_datetime(scores["date"]))]
    if scores.empty:
        return _unknown(top, bottom, "no score matches", files)
    rows = []
    for keys, part in scores.groupby([scores[column].astype(object) for column in by], sort=False):
        values, counts = np.unique(part["score"].to_numpy(dtype=float), return_counts=True)
        total = sum((exact(value) * int(n) for value, n in zip(values, counts, strict=True)), Fraction(0))
        own = {column: part[column].iloc[0] for column in groups if column in part.columns}
        rows.append(
            {**own, "top": total, "bottom": len(part), "name": ", ".join(str(key) for key in keys), "place": files[0]}
        )
    table = pd.DataFrame(rows)
    is_whole = all(float(value).is_integer() for value in scores["score"].astype(float).unique())
    return Ratio(
        top,
        bottom,
        table[["top", "bottom", "name", "place"]],
        name_groups(table, groups),
        (),
        "",
        noun,
        1.0 if is_whole else 0.0,
        files,
    )


def _unknown(top: str, bottom: str, problem: str, files: tuple[str, ...] = ()) -> Ratio:
    return Ratio(top, bottom, _NO_ROWS, problem=problem, sources=files)


_MAKERS: Mapping[str, Callable[..., Ratio]] = {
    "attended share": partial(_of_events, top="attended", bottom="signed up"),
    "rated share": partial(_of_events, top="rated", bottom="attended"),
    "returned share": _returned_share,
    "respondents share": _respondents_share,
    "mean signed up": partial(_of_events, top="signed up", bottom=""),
    "mean attended": partial(_of_events, top="attended", bottom=""),
    "mean rating": _mean_rating,
    "mean score": _mean_score,
}
