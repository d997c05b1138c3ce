"""Ratings over time as control charts by the Making Data Count rules, one panel an item, each with its two icons.

A run chart comes first where there are few sessions: see `ratings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.results import Figure, Result
from cop_analysis.sessions.control_chart import (
    FEWEST_FOR_LIMITS,
    ControlChart,
    control_chart,
    draw_chart,
    words_for_chart,
)
from cop_analysis.sessions.events import join_names, list_events, missing_table, write_date
from cop_analysis.sessions.icons import assurance_words, draw_icons, variation_words
from cop_analysis.sessions.phases import phase_starts
from cop_analysis.sessions.ratings import changes_between, changes_in_words
from cop_analysis.sessions.run_chart import run_chart
from cop_analysis.sessions.wording import capital, counted, name_item, verb, with_minus

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import RatingItem

_KEY, _TITLE = "ratings-over-time", "Ratings over time, with what varies and what can be relied on"
_MOST_ITEMS_DRAWN = 8
_MOST_SESSIONS_DRAWN = 60
_MOST_VALUES_PRINTED = 12


@dataclass(frozen=True, kw_only=True)
class RatingsOverTime(Result):
    """A control chart for each item.

    Parameters
    ----------
    charts : mapping of str to ControlChart
        By item, in the order of study.toml.
    phase_starts : tuple of str
        The events that begin a new phase, as declared.
    """

    charts: Mapping[str, ControlChart] = field(default_factory=dict)
    phase_starts: tuple[str, ...] = ()


def ratings_over_time(
    study: Study,
    phases: str | Sequence[str] | None = None,
    targets: Mapping[str, float] | None = None,
    screen_outliers: bool = True,
) -> Result:
    """Answer whether ratings moved by more than their own noise, and whether a target can be relied on.

    Parameters
    ----------
    study : Study
        With ratings and events; ``direction`` and ``target`` of ``[[rating_items]]`` say what is better and what is
        aimed at.
    phases : str or sequence of str, optional
        Which declared changes of design begin a phase with limits of its own: ``"after NMP2, after NMP4"``, keys of
        changes.csv, or ``"all changes"``. Without it ``phases`` of ``[schedule]`` in study.toml, and without that one
        phase: a change never begins one by itself.
    targets : mapping of str to float, optional
        Targets by item, instead of those in study.toml.
    screen_outliers : bool
        As in `control_chart`.

    Returns
    -------
    RatingsOverTime
        One row an item: sessions, centre, limits and latest mean of the last phase, variation, assurance, the rule of
        the latest session, and what a run chart finds. Under 12 sessions in a phase the limits are trial limits.

    Raises
    ------
    ValueError
        When `phases` or `targets` name what the study does not have, or a target is not a finite number.

    Notes
    -----
    NHS England, Making Data Count; see `control_chart` and `run_chart`. The points are session means, however many
    rated.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
    ...      "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5, "target": 2.0}]},
    ...     events=pd.DataFrame({"event": ["E1", "E2", "E3"], "date": ["2023-05-01", "2023-06-01", "2023-07-01"]}),
    ...     ratings=pd.DataFrame({"event": ["E1", "E2", "E3"], "item": "relevance", "score": [4.0, 4.5, 4.0]}))
    >>> ratings_over_time(study).table[["sessions", "variation", "assurance"]].values.tolist()
    [[3, 'common cause', 'passes']]
    """
    missing = missing_table(study, ("ratings", "events"), _KEY, _TITLE, "whether ratings moved")
    if missing is not None:
        return missing
    assert study.ratings is not None
    assert study.events is not None
    scored = study.ratings[study.ratings["score"].notna()]
    if scored.empty:
        return Result(key=_KEY, title=_TITLE, sentence="ratings.csv holds no score, so ratings cannot be charted.")
    items = _items(study, scored, targets)
    events = list_events(study.events, None)
    sessions = events[events["event"].isin(set(scored["event"]))][["event", "date"]].reset_index(drop=True)
    starts, silent = phase_starts(study, phases, sessions)
    means = scored.groupby(["item", "event"])["score"].agg(["mean", "size"])
    charts: dict[str, ControlChart] = {}
    drawn: dict[str, _Drawn] = {}
    rows = []
    for item, (increase_is_good, target) in items.items():
        own = sessions[sessions["event"].isin(set(means.loc[item].index))]
        values = means.loc[item]["mean"].astype(float).reindex(own["event"])
        # A phase begins for an item at its first session rated on or after the session that begins it.
        begins = [
            int(own.index.get_indexer(own.index[own.index >= at])[0]) + 1
            for at in sessions.index[sessions["event"].isin(starts)]
            if (own.index >= at).any()
        ]
        labels = [f"{date.day} {date:%b %y}" if not pd.isna(date) else "no date" for date in own["date"]]
        chart = control_chart(values.to_numpy(), increase_is_good, target, screen_outliers, labels=labels,
                              phase_starts=begins, key=f"{_KEY}-chart", title=name_item(item), draw=False)  # fmt: skip
        charts[item] = chart
        counts = means.loc[item]["size"].reindex(own["event"]).tolist()
        drawn[item] = _Drawn(target, [int(count) for count in counts], changes_between(study, own["date"].to_numpy()))
        rows.append(_row(item, chart, target, values))
    table = pd.DataFrame(rows)
    return RatingsOverTime(
        key=_KEY,
        title=_TITLE,
        sentence=_sentence(table, charts),
        table=table.dropna(axis=1, how="all") if targets or any(one[1] is not None for one in items.values()) else
        table.drop(columns=["target", "assurance"]),
        labels={"lower": "lower limit", "upper": "upper limit", "latest_rule": "what marks the latest session",
                "run_chart": "as a run chart", "trial_limits": "limits are trial limits"},
        figure=_picture(charts, drawn, len(sessions)),
        caveats=_caveats(study, table, charts, starts, sessions, silent),
        method=(
            "XmR charts of session means by the Making Data Count rules (NHS England; NHSRplotthedots): limits at "
            "± 2.66 mean moving ranges, "
            + ("moving ranges of at least 3.267 times their mean left out once" if screen_outliers else "none left out")
            + "; outside the limits, 7 rising or falling, 2 of 3 near a limit, 7 on one side. Run chart: Anhoj & "
            "Olesen 2014."
        ),
        sources=("ratings.csv", "events.csv", "study.toml", *(("changes.csv",) if starts else ())),
        charts=charts, phase_starts=tuple(starts),
    )  # fmt: skip


@dataclass(frozen=True)
class _Drawn:
    """What is drawn for an item beside its control chart: its target, how many rated, and the declared changes."""

    target: float | None
    rated: list[int]
    changes: list[tuple[float, str, str]]


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


def _row(item: str, chart: ControlChart, target: float | None, values: pd.Series) -> dict[str, object]:
    last = chart.points.iloc[-1]
    phase = chart.points[chart.points["phase"] == last["phase"]]
    return {
        "item": item,
        "latest": float(last["value"]),
        "variation": chart.variation,
        "target": target,
        "assurance": chart.assurance,
        "centre": chart.centre,
        "lower": chart.lower,
        "upper": chart.upper,
        "trial_limits": chart.trial_limits,
        "sessions": len(chart.points),
        "phases": int(last["phase"]),
        "sessions_in_last_phase": len(phase),
        "direction": str(last["direction"]),
        "latest_rule": str(last["rule"]),
        "run_chart": run_chart(phase["value"].tolist()).sentence,
    }


def _sentence(table: pd.DataFrame, charts: Mapping[str, ControlChart]) -> str:
    shown = table.head(_MOST_ITEMS_DRAWN)
    varies: dict[str, list[str]] = {}
    assured: dict[str, list[str]] = {}
    for row in shown.to_dict("records"):
        item, chart = name_item(row["item"]), charts[str(row["item"])]
        words = variation_words(chart.variation, str(row["direction"]))
        words = "marked by no rule (common cause)" if chart.variation == "common cause" else words
        varies.setdefault(words + (f" ({row['latest_rule']})" if row["latest_rule"] else ""), []).append(item)
        if chart.assurance is not None:
            target = with_minus(format(float(row["target"]), "g"))
            assured.setdefault(f"{assurance_words(chart.assurance)} ({target})", []).append(item)
    text = "; ".join(f"{words} for {join_names(items, 8)}" for words, items in varies.items())
    text += f"; and {counted(len(table) - len(shown), 'more item')}" if len(table) > len(shown) else ""
    aims = "; ".join(f"{words}: {join_names(items, 8)}" for words, items in assured.items())
    aims = f" Against what is aimed at, {aims}." if aims else ""
    aims += _earlier_marks(shown, charts)
    fewest, is_phased = int(table["sessions_in_last_phase"].min()), bool((table["phases"] > 1).any())
    if table["trial_limits"].all():
        return (
            f"With {counted(fewest, 'session')}{' in the last phase' if is_phased else ''} there are too few for "
            f"limits to rely on, so read the run chart first. As a run chart: {'; '.join(_run_words(table))}. "
            f"By trial limits the latest session is {text}.{aims}"
        )
    return f"The latest session is {text}.{aims}"


def _earlier_marks(shown: pd.DataFrame, charts: Mapping[str, ControlChart]) -> str:
    """Say how many sessions before the latest are marked, so that the latest is not read for all of them."""
    told = []
    for item in shown["item"]:
        points = charts[str(item)].points.iloc[:-1]
        marked = points[points["rule"] != ""]
        if len(marked):
            rules = join_names(list(dict.fromkeys(marked["rule"])))
            told.append(f"{counted(len(marked), 'session')} of {name_item(item)} ({rules})")
    return f" Marked before it: {'; '.join(told)}." if told else ""


def _run_words(table: pd.DataFrame) -> list[str]:
    grouped = table.groupby("run_chart", sort=False)["item"].agg(list)
    return [f"{words} ({join_names([name_item(item) for item in items], 8)})" for words, items in grouped.items()]


def _caveats(
    study: Study, table: pd.DataFrame, charts: Mapping[str, ControlChart], starts: list[str], sessions: pd.DataFrame,
    silent: list[str],
) -> tuple[str, ...]:  # fmt: skip
    caveats = []
    trial = table[table["trial_limits"]]
    if len(trial):
        fewest, most = int(trial["sessions_in_last_phase"].min()), int(trial["sessions_in_last_phase"].max())
        span = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        caveats.append(
            f"{span} {'session' if most == 1 else 'sessions'} in a phase {verb(most, 'is', 'are')} fewer than "
            f"{FEWEST_FOR_LIMITS}: limits and icons are on trial (drawn broken) and will move with the next sessions."
        )
    if starts:
        days = dict(zip(sessions["event"], sessions["date"], strict=True))
        told = join_names([f"{event} ({write_date(days[event])})" for event in starts], 8)
        caveats.append(
            f"A new phase with limits of its own begins with {told}, because it was declared; a phase chosen after "
            "seeing the ratings proves nothing."
        )
    elif study.changes is not None:
        caveats.append(
            "Changes of design are drawn where they fell but begin no phase of their own unless study.toml ([schedule] "
            "phases) or the call says so."
        )
    caveats += silent
    if any(chart.lower != chart.lower for chart in charts.values()):
        caveats.append("Where the values do not move, or there is one only, no limits can be set.")
    scales = {item.key: (item.minimum, item.maximum) for item in study.rating_items}
    beyond = [
        name_item(item)
        for item, chart in charts.items()
        if item in scales and (chart.lower < scales[item][0] or chart.upper > scales[item][1])
    ]
    if beyond:
        caveats.append(
            f"Limits reach beyond the end of the scale ({join_names(beyond, 8)}): on that side no session can stand "
            "out, however it is rated."
        )
    if study.period is not None:
        caveats.append(f"Only sessions in {study.period.label} are charted.")
    caveats.append(
        "Each point is a mean of those who rated, however many; a chart shows that something changed, not why."
    )
    return tuple(caveats)


def _picture(charts: Mapping[str, ControlChart], beside_it: Mapping[str, _Drawn], sessions: int) -> Figure:
    from cop_analysis.figures import INK, drawing, finish

    drawn = list(charts)[:_MOST_ITEMS_DRAWN]
    width = max(8.0, min(12.5, 3.6 + 0.45 * min(sessions, _MOST_SESSIONS_DRAWN)))
    with drawing(width, 0.5 + 2.6 * len(drawn)) as canvas:
        panels = canvas.subplots(len(drawn), 2, squeeze=False, width_ratios=[width - 1.4, 1.4])
        told = []
        for (axes, beside), item in zip(panels, drawn, strict=True):
            chart, target, more = charts[item], beside_it[item].target, beside_it[item]
            points = chart.points.tail(_MOST_SESSIONS_DRAWN)
            draw_chart(axes, points, target)
            axes.set_title(capital(name_item(item)), loc="left", parse_math=False)
            printed = points if len(points) <= _MOST_VALUES_PRINTED else points.tail(1)
            for row in printed.to_dict("records"):
                axes.annotate(f"{row['value']:.2f}", (row["point"], row["value"]), (0, 6), textcoords="offset points",
                              ha="center", fontsize=8,
                              bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.8})  # fmt: skip
            axes.margins(y=0.24)
            if len(points) <= _MOST_VALUES_PRINTED:
                for at, count in zip(points["point"], more.rated[-len(points) :], strict=True):
                    axes.text(at, 0.02, f"n={count}", transform=axes.get_xaxis_transform(), ha="center", fontsize=7)
            if target is not None:
                axes.text(1.0, target, f"target {target:g}", transform=axes.get_yaxis_transform(), ha="right",
                          va="bottom", fontsize=8)  # fmt: skip
            for place, letter, _ in more.changes:
                if place + 1 >= points["point"].iloc[0] - 0.5:
                    axes.axvline(place + 1, color=INK, linewidth=1, linestyle=":")
                    axes.text(place + 1.05, 0.99, letter, transform=axes.get_xaxis_transform(), va="top", fontsize=9,
                              fontweight="bold")  # fmt: skip
            last = chart.points.iloc[-1]
            draw_icons(beside, chart.variation, str(last["direction"]), chart.assurance, chart.trial_limits)
            told.append(f"{capital(name_item(item))}: {words_for_chart(chart.points, target, chart.assurance)}")
        parts = [charts[item].points.assign(item=item, n=beside_it[item].rated) for item in drawn]
        changes = max((beside_it[item].changes for item in drawn), key=len)
        title = (
            "Mean rating by session. Line: centre; dashed: limits (dotted: trial limits); circle common cause, upward "
            f"triangle improvement, downward triangle concern{changes_in_words(changes)}"
        )
        alt = " ".join(told) + "".join(f" Change {letter}, {words}." for _, letter, words in changes[:10])
        table = pd.concat(parts, ignore_index=True)
        return finish(canvas, name=f"{_KEY}-picture", title=title, alt=alt, table=table)
