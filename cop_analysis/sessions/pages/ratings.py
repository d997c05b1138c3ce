"""How each session was rated over time, item by item; which declared change begins a phase; what people wrote."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.results import Result, count_of, format_value
from cop_analysis.results.pages import Opening, from_files
from cop_analysis.sessions.methods.process_charts import ProcessLimits, RunChart, process_limits, run_chart
from cop_analysis.sessions.methods.shares import mean_interval
from cop_analysis.sessions.pages import rating_words as words
from cop_analysis.sessions.pages.rating_words import OverTimeFacts
from cop_analysis.sessions.pages.rows import MOST_ROWS_SHOWN, Rows
from cop_analysis.sessions.pictures.charts import Beside, draw_control_chart, draw_limits, draw_means
from cop_analysis.sessions.pictures.labels import write_date
from cop_analysis.study.faults import nearest

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import RatingItem

ALL_CHANGES = "all changes"
_AFTER, _FROM = "after ", "from "
_MOST_LETTERS = 26
_MOST_COMMENTS_SHOWN = 60


# --- session by session -----------------------------------------------------------------------------------------------


def by_session(rows: Rows, opening: Opening) -> Result:
    """Give how people rated each session, item by item."""
    scored, study = _scored(rows), rows.study
    if scored.empty:
        return Result(**opening, sentence="ratings.csv holds no score, so ratings cannot be shown.")
    scales = {item.key: (item.minimum, item.maximum) for item in study.rating_items}
    table = _summaries(scored, rows.events, scales)
    items = list(dict.fromkeys(table["item"]))
    without_score = 0 if study.ratings is None else int(study.ratings["score"].isna().sum())
    return Result(
        **from_files(opening, "ratings.csv", "events.csv", *(("changes.csv",) if study.changes is not None else ())),
        sentence=words.means_words(table, scales),
        table=table,
        figure=draw_means(table, items, changes_between(study, _days(table)), scales, opening["key"]),
        caveats=words.means_caveats(table, without_score, rows.period),
        method=(
            "Mean with a Student t interval, cut off at the ends of the scale; median and quartiles; counts at each "
            "score. The line is the median of the session means. Scores of one person at several sessions are taken as "
            "independent."
        ),
        show_table=len(table) <= MOST_ROWS_SHOWN,
    )


def _scored(rows: Rows) -> pd.DataFrame:
    ratings = rows.study.ratings
    assert ratings is not None
    return ratings[ratings["score"].notna()]


def _summaries(scored: pd.DataFrame, events: pd.DataFrame, scales: dict[str, tuple[float, float]]) -> pd.DataFrame:
    dates = dict(zip(events["event"], events["date"], strict=True))
    attended = dict(zip(events["event"], events["attended"], strict=True))
    rows = []
    for (event, item), scores in scored.groupby(["event", "item"], sort=False)["score"]:
        values = scores.astype(float).to_numpy()
        low, high = scales.get(str(item), (float(values.min()), float(values.max())))
        interval = mean_interval(values.tolist())
        quartiles = np.quantile(values, [0.25, 0.5, 0.75])
        rows.append(
            {
                "event": event,
                "date": dates.get(event, pd.NaT),
                "item": item,
                "n": len(values),
                "of_attended": attended.get(event, pd.NA),
                "mean": interval.estimate,
                "low": interval.low if math.isnan(interval.low) else max(interval.low, low),
                "high": interval.high if math.isnan(interval.high) else min(interval.high, high),
                "median": float(quartiles[1]),
                "lower_quartile": float(quartiles[0]),
                "upper_quartile": float(quartiles[2]),
                "distribution": _distribution(values, low, high),
            }
        )
    table = pd.DataFrame(rows)
    order = {key: position for position, key in enumerate(scales)}
    table["of_attended"] = pd.array(table["of_attended"].tolist(), dtype="Int64")
    table = table.assign(_item=table["item"].map(lambda item: order.get(item, len(order))))
    return (
        table.sort_values(["_item", "item", "date", "event"], kind="stable")
        .drop(columns="_item")
        .reset_index(drop=True)
    )


def _distribution(values: np.ndarray, low: float, high: float) -> str:
    scores, counts = np.unique(values, return_counts=True)
    found = dict(zip(scores.tolist(), counts.tolist(), strict=True))
    if float(low).is_integer() and high - low <= 10 and all(float(score).is_integer() for score in found):
        steps = [float(step) for step in range(int(low), int(high) + 1)]
    else:
        steps = sorted(found)
    shown = [f"{format_value(step)}: {found.get(step, 0)}" for step in steps[:20]]
    return ", ".join(shown) + (f", {len(steps) - 20} further scores" if len(steps) > 20 else "")


def changes_between(study: Study, dates: np.ndarray) -> list[tuple[float, str, str]]:
    """Give each declared change as (place among the sessions, counted from 0; letter; words), in order of date.

    Parameters
    ----------
    study : Study
    dates : numpy.ndarray
        The days of the sessions drawn, in order.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     changes=pd.DataFrame({"change": ["C1"], "date": ["2023-05-20"], "what": ["earlier start"]}))
    >>> changes_between(study, np.array(["2023-05-01", "2023-06-01"], dtype="datetime64[D]"))
    [(0.5, 'A', '20 May 2023: earlier start')]
    """
    if study.changes is None:
        return []
    marks = []
    changes = study.changes.sort_values("date", kind="stable")
    changes = changes.assign(what=study.without_withheld(changes["what"]))
    for number, (date, what) in enumerate(zip(changes["date"], changes["what"], strict=True)):
        earlier = int((dates < np.datetime64(date)).sum())
        letter = chr(ord("A") + number) if number < _MOST_LETTERS else str(number + 1)
        marks.append((earlier - 0.5, letter, f"{write_date(date)}: {what}"))
    return marks


def _days(table: pd.DataFrame) -> np.ndarray:
    return table.drop_duplicates("event").sort_values(["date", "event"], kind="stable")["date"].to_numpy()


# --- over time --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RatingsOverTime(Result):
    """A control chart for each item.

    Parameters
    ----------
    charts : mapping of str to ProcessLimits
        By item, in the order of study.toml.
    phase_starts : tuple of str
        The events that begin a new phase, as declared.
    """

    charts: Mapping[str, ProcessLimits] = field(default_factory=dict)
    phase_starts: tuple[str, ...] = ()


def over_time(
    rows: Rows,
    opening: Opening,
    phases: str | Sequence[str] | None,
    targets: Mapping[str, float] | None,
    screen_outliers: bool,
) -> Result:
    """Give whether ratings moved by more than their own noise, and whether a target can be relied on."""
    study, scored = rows.study, _scored(rows)
    if scored.empty:
        return Result(**opening, sentence="ratings.csv holds no score, so ratings cannot be charted.")
    items = _items(study, scored, targets)
    sessions = rows.events[rows.events["event"].isin(set(scored["event"]))][["event", "date"]].reset_index(drop=True)
    starts, silent = phase_starts(study, phases, sessions)
    charts, beside = {}, {}
    for item, (increase_is_good, target) in items.items():
        of_item = scored[scored["item"] == item].groupby("event")["score"].agg(["mean", "size"])
        own = sessions[sessions["event"].isin(set(of_item.index))]
        of_item = of_item.reindex(own["event"])
        charts[item] = process_limits(
            of_item["mean"].astype(float).to_numpy(),
            increase_is_good,
            target,
            screen_outliers,
            labels=[f"{date.day} {date:%b %y}" if not pd.isna(date) else "no date" for date in own["date"]],
            phase_starts=_begins(own, sessions, starts),
        )
        rated = [int(count) for count in of_item["size"]]
        beside[item] = Beside(rated, changes_between(study, own["date"].to_numpy()))
    days = dict(zip(sessions["event"], sessions["date"], strict=True))
    facts = OverTimeFacts(
        charts=charts,
        runs={item: run_chart(_last_phase(chart)) for item, chart in charts.items()},
        begins=tuple((event, days[event]) for event in starts),
        silent=tuple(silent),
        scales={item.key: (item.minimum, item.maximum) for item in study.rating_items},
        has_changes=study.changes is not None,
    )
    table = pd.DataFrame([_row(item, chart, facts.runs[item]) for item, chart in charts.items()])
    has_targets = any(chart.target is not None for chart in charts.values())
    files = ("ratings.csv", "events.csv", "study.toml", *(("changes.csv",) if starts else ()))
    return RatingsOverTime(
        **from_files(opening, *files),
        sentence=words.over_time_words(facts),
        table=table.dropna(axis=1, how="all") if has_targets else table.drop(columns=["target", "assurance"]),
        figure=draw_limits(charts, beside, len(sessions)),
        caveats=words.over_time_caveats(facts, rows.period),
        method=words.over_time_method(screen_outliers),
        charts=charts,
        phase_starts=tuple(starts),
    )


def _begins(own: pd.DataFrame, sessions: pd.DataFrame, starts: Sequence[str]) -> list[int]:
    """Count off the points at which phases begin: for an item the first session rated on or after the one declared."""
    declared = sessions.index[sessions["event"].isin(starts)]
    return [int((own.index < at).sum()) + 1 for at in declared if (own.index >= at).any()]


def _last_phase(chart: ProcessLimits) -> list[float]:
    return chart.points["value"].tail(chart.in_last_phase).tolist()


def _items(
    study: Study, scored: pd.DataFrame, targets: Mapping[str, float] | None
) -> dict[str, tuple[bool, float | None]]:
    """Give each rated item in the order of study.toml with whether higher is better and its target."""
    settings: dict[str, RatingItem] = {item.key: item for item in study.rating_items}
    rated = list(dict.fromkeys(scored["item"].astype(str)))
    wrong = [item for item in targets or {} if item not in settings and item not in rated]
    if wrong:
        known = ", ".join(settings) or "none"
        raise ValueError(f"A target is set for {wrong[0]!r}, which is not an item that was rated; items are {known}.")
    order = [*(key for key in settings if key in rated), *(item for item in rated if item not in settings)]
    found = {}
    for item in order:
        setting = settings.get(item)
        target = (targets or {}).get(item, setting.target if setting else None)
        found[item] = (setting is None or setting.direction == "higher is better", target)
    return found


def _row(item: str, chart: ProcessLimits, runs: RunChart) -> dict[str, object]:
    last = chart.points.iloc[-1]
    return {
        "item": item,
        "latest": float(last["value"]),
        "variation": chart.variation,
        "target": chart.target,
        "assurance": chart.assurance,
        "centre": chart.centre,
        "lower": chart.lower,
        "upper": chart.upper,
        "trial_limits": chart.trial_limits,
        "sessions": len(chart.points),
        "phases": int(last["phase"]),
        "sessions_in_last_phase": chart.in_last_phase,
        "direction": chart.direction,
        "latest_rule": str(last["rule"]),
        "run_chart": words.run_words(runs),
    }


# --- phases -----------------------------------------------------------------------------------------------------------


def phase_starts(
    study: Study, phases: str | Sequence[str] | None, sessions: pd.DataFrame
) -> tuple[list[str], list[tuple[str, str]]]:
    """Answer which sessions begin a new phase.

    Parameters
    ----------
    study : Study
    phases : str, sequence of str or None
        Each phase as ``"after EVENT"`` (it begins with the next session), ``"from EVENT"``, the key of a change in
        changes.csv (it begins with the first session on or after its date), or ``"all changes"``; several in one text
        are separated by commas. None takes ``phases`` of ``[schedule]`` in study.toml. Empty: one phase.
    sessions : pandas.DataFrame
        ``event`` and ``date`` of the sessions charted, in order.

    Returns
    -------
    (list of str, list of (str, str))
        The events that begin a phase, in order; and each declaration that begins none here with why:
        ``"nothing after"`` (nothing was charted after it, or the study is restricted to a period before it) or
        ``"before the first"`` (it lies before the first session charted).

    Raises
    ------
    ValueError
        When a declaration names neither an event nor a change of the whole study.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> events = pd.DataFrame({"event": ["E1", "E2", "E3"], "date": ["2023-05-01", "2023-06-01", "2023-07-01"]})
    >>> study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"}, events=events,
    ...                           changes=pd.DataFrame({"change": ["C1"], "date": ["2023-06-20"], "what": ["shorter"]}))
    >>> phase_starts(study, "after E1", study.events)[0], phase_starts(study, "C1", study.events)[0]
    (['E2'], ['E3'])
    """
    declared = list(study.config.schedule.phases) if phases is None else _listed(phases)
    whole = study.unrestricted()
    dates = pd.Series(dtype="datetime64[ns]")
    if whole.events is not None:
        dates = whole.events.drop_duplicates("event").set_index("event")["date"]
    changes = whole.changes
    known = {} if changes is None else dict(zip(changes["change"].astype(str), changes["date"], strict=True))
    starts, silent = set(), []
    for one in _expanded(declared, known):
        first = _first_session(one, dates, known, sessions)
        if first is None:
            silent.append((one, "nothing after"))
        elif first == sessions["event"].iloc[0]:
            silent.append((one, "before the first"))
        else:
            starts.add(first)
    return [event for event in sessions["event"] if event in starts], silent


def _listed(phases: str | Sequence[str]) -> list[str]:
    given = phases.split(",") if isinstance(phases, str) else list(phases)
    return [declaration for declaration in (str(one).strip() for one in given) if declaration]


def _expanded(declared: list[str], changes: dict[str, pd.Timestamp]) -> list[str]:
    expanded: list[str] = []
    for declaration in declared:
        expanded += sorted(changes, key=lambda key: changes[key]) if declaration == ALL_CHANGES else [declaration]
    return expanded


def _first_session(
    declaration: str, dates: pd.Series, changes: dict[str, pd.Timestamp], sessions: pd.DataFrame
) -> str | None:
    day = sessions["date"]
    if declaration in changes:
        later = sessions[day >= changes[declaration]]
    elif declaration.startswith((_AFTER, _FROM)) and declaration.split(" ", 1)[1].strip() in dates.index:
        event = declaration.split(" ", 1)[1].strip()
        keys, from_then = list(sessions["event"]), declaration.startswith(_FROM)
        if event in keys:
            later = sessions.iloc[keys.index(event) + (0 if from_then else 1) :]
        else:
            later = sessions[day >= dates[event]] if from_then else sessions[day > dates[event]]
    else:
        choices = [*changes, *(f"{_AFTER}{event}" for event in dates.index)]
        meant = nearest(declaration, choices)
        hint = f'; did you mean "{meant}"?' if meant else "."
        raise ValueError(
            f'The phase "{declaration}" is neither a change of changes.csv nor "after" or "from" an event of '
            f"events.csv{hint}"
        )
    return None if later.empty else str(later["event"].iloc[0])


# --- any series -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ControlChart(Result):
    """A control chart with its limits and every point's rule.

    Parameters
    ----------
    centre, lower, upper : float
        Mean and process limits of the last phase; the limits are NaN where no moving range is left to set them by.
    points : pandas.DataFrame
        One row a value: ``point`` (counted from 1), ``label``, ``value``, ``phase``, ``centre``, ``lower``,
        ``upper``, ``rule`` (empty for common cause), ``variation`` and ``direction`` (``high`` or ``low`` for special
        cause, else empty).
    variation : str
        The class of the last point: ``"common cause"``, ``"improvement"``, ``"concern"``, or ``"neutral"`` for
        special cause where neither direction is better.
    assurance : str or None
        Against the target: ``"passes"``, ``"fails"`` or ``"inconsistent"``; None without a target or without limits.
    trial_limits : bool
        Whether the last phase has fewer than twelve values.
    """

    centre: float
    lower: float
    upper: float
    points: pd.DataFrame
    variation: str
    assurance: str | None
    trial_limits: bool


def control_chart(
    values: Sequence[float] | pd.Series | np.ndarray,
    increase_is_good: bool | None = True,
    target: float | None = None,
    screen_outliers: bool = True,
    *,
    labels: Sequence[str] | None = None,
    phase_starts: Sequence[int] = (),
    key: str = "control-chart",
    title: str = "Control chart",
    draw: bool = True,
) -> ControlChart:
    """Answer which values in a series lie outside the series' own noise, and whether a target can be relied on.

    Parameters
    ----------
    values : sequence of float
        The values in order of time, one a period; missing ones are left out and said.
    increase_is_good : bool or None
        True where higher is better, False where lower is, None where neither.
    target : float, optional
        What the service is to reach, in the unit of the values.
    screen_outliers : bool
        Leave moving ranges of at least 3.267 times their mean out of the limits, once. The Making Data Count
        spreadsheet does not.
    labels : sequence of str, optional
        What each value is called on the picture, as many as values.
    phase_starts : sequence of int
        The points (counted from 1) at which a new phase with limits of its own begins; only where a change was
        declared beforehand.
    key, title : str
        How the result is named on its page.
    draw : bool
        False leaves the picture out, where only the numbers are wanted.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        Without any value, with one that is not a finite number, with labels or phases that do not fit, or where
        `increase_is_good` is neither True, False nor None.

    Notes
    -----
    NHS England, Making Data Count, as NHSRplotthedots computes it: centre at the mean of the phase, limits at
    +- 2.66 and near limits at +- 1.7733 mean moving ranges; rules in order: outside the limits; seven points that
    rise or fall one after another; two of three between near limit and limit with all three on one side (only those
    near the limit are marked); seven strictly on one side of the centre.

    Examples
    --------
    >>> chart = control_chart([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    >>> round(chart.centre, 3), round(chart.upper, 3), chart.points.loc[4, "rule"], chart.variation
    (1.944, 4.604, 'above the upper limit', 'common cause')
    """
    found = process_limits(values, increase_is_good, target, screen_outliers, labels=labels, phase_starts=phase_starts)
    return ControlChart(
        key=key,
        title=title,
        sentence=words.chart_words(found),
        table=found.points,
        figure=draw_control_chart(found, key, title) if draw else None,
        caveats=words.chart_caveats(found),
        method=words.chart_method(screen_outliers),
        show_table=False,
        centre=found.centre,
        lower=found.lower,
        upper=found.upper,
        points=found.points,
        variation=found.variation,
        assurance=found.assurance,
        trial_limits=found.trial_limits,
    )


# --- in their own words -----------------------------------------------------------------------------------------------


def written_comments(rows: Rows, opening: Opening) -> Result:
    """Give what people wrote beside their ratings, word for word, session by session."""
    study = rows.study
    ratings = study.ratings
    assert ratings is not None
    if study.audience != "internal":
        only_us = "Comments are shown to the evaluation team only, because people were not asked to share them."
        return Result(**opening, sentence=only_us)
    written = ratings["comment"] if "comment" in ratings.columns else pd.Series(pd.NA, index=ratings.index)
    chosen = ratings[written.notna() & (written.astype("string").str.strip() != "").fillna(False)]
    if chosen.empty:
        return Result(**opening, sentence="Nobody wrote a comment beside a rating.")
    dates = dict(zip(rows.events["event"], rows.events["date"], strict=True))
    table = pd.DataFrame(
        {
            "event": chosen["event"].to_numpy(),
            "date": pd.to_datetime(chosen["event"].map(dates)).to_numpy(),
            "item": chosen["item"].to_numpy(),
            "score": chosen["score"].to_numpy(),
            "comment": chosen["comment"].astype("object").str.strip().to_numpy(),
        }
    )
    table = table.sort_values(["date", "event", "item"], kind="stable").reset_index(drop=True)
    rated = count_of(ratings["event"].nunique(), "rated session")
    return Result(
        **opening,
        sentence=f"{len(table)} of {count_of(len(ratings), 'rating')} came with a comment, from "
        f"{table['event'].nunique()} of {rated}.",
        table=table,
        caveats=words.OF_COMMENTS,
        show_table=len(table) <= _MOST_COMMENTS_SHOWN,
    )
