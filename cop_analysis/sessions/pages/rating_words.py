"""The words for ratings over time and control charts; facts come in, and no code reads the words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cop_analysis.results import count_of, format_value, in_short
from cop_analysis.sessions.methods.process_charts import FEWEST_FOR_LIMITS, ProcessLimits, RunChart
from cop_analysis.sessions.pages.words import verb
from cop_analysis.sessions.pictures.charts import MOST_ITEMS_DRAWN, assurance_words, variation_words
from cop_analysis.sessions.pictures.labels import capital, join_names, name_item, write_date


def means_words(table: pd.DataFrame, scales: Mapping[str, tuple[float, float]]) -> str:
    """Say how each item was rated at the first session and the last."""
    items, sessions = list(dict.fromkeys(table["item"])), table["event"].nunique()
    parts = []
    for item in items[:MOST_ITEMS_DRAWN]:
        rows = table[table["item"] == item]
        first, last = rows.iloc[0], rows.iloc[-1]
        told = f"{capital(name_item(item))}: mean {first['mean']:.2f} ({count_of(int(first['n']), 'rating')})"
        if len(rows) > 1:
            told += (
                f" at the first session, {last['mean']:.2f} ({count_of(int(last['n']), 'rating')}) at the last, "
                f"between {rows['mean'].min():.2f} and {rows['mean'].max():.2f} over all"
            )
        parts.append(told)
    more = f" And {len(items) - MOST_ITEMS_DRAWN} more items." if len(items) > MOST_ITEMS_DRAWN else ""
    ends = {scales.get(item) for item in items}
    scale = next(iter(ends)) if len(ends) == 1 else None
    asked = f" on a scale from {scale[0]:g} to {scale[1]:g}" if scale else ""
    were = f"{count_of(sessions, 'session')} {verb(sessions, 'was', 'were')} rated{asked}."
    return f"{were} {'. '.join(parts)}.{more}"


def means_caveats(table: pd.DataFrame, without_score: int, period: str) -> tuple[str, ...]:
    """Say how many rated of those who came, and what so few sessions cannot show."""
    sessions = table["event"].nunique()
    caveats = []
    if sessions < FEWEST_FOR_LIMITS:
        caveats.append(
            f"{count_of(sessions, 'session')} {verb(sessions, 'is', 'are')} fewer than {FEWEST_FOR_LIMITS}: too few "
            "for control limits, so read the points as a run chart and no rise or fall as proven."
        )
    known = table[table["of_attended"].notna() & (table["of_attended"] > 0)]
    if len(known):
        most = known.groupby("event").agg(n=("n", "max"), came=("of_attended", "first"))
        # What page 05 says of the steps from sign-up to rating: more ratings than attendances are no share of them.
        is_share = most["n"] <= most["came"]
        rated, came = (int(most.loc[is_share, column].sum()) for column in ("n", "came"))
        if came:
            caveats.append(
                f"About {rated} of {count_of(came, 'attendance')} {verb(rated, 'was', 'were')} rated; who did not rate "
                "may have thought otherwise."
            )
        if not is_share.all():
            beyond = join_names(list(map(str, most.index[~is_share])))
            caveats.append(f"More ratings than attendances at: {beyond}, so no share of them is known there.")
    if without_score:
        left = verb(without_score, "is", "are")
        caveats.append(f"{count_of(without_score, 'rating')} without a score {left} left out.")
    alone = int((table["low"].isna()).sum())
    if alone:
        caveats.append(
            f"{count_of(alone, 'mean')} {verb(alone, 'has', 'have')} no interval: one rating only, or all alike."
        )
    if period:
        caveats.append(f"Only sessions in {period} are shown.")
    return (*caveats, "People who rate several sessions are counted in each; no allowance is made for it.")


_VARIES = {"improvement": "improvement", "concern": "concern", "neutral": "a change", "common cause": "common cause"}
_ASSURES = {
    "passes": "will be met again and again",
    "fails": "will not be met without a change",
    "inconsistent": "will be met at times and missed at times",
}


def chart_words(found: ProcessLimits) -> str:
    """Say what of a series stands out from its noise, and whether a target can be relied on."""
    points, target = found.points, found.target
    special = points[points["rule"] != ""]
    rule = points["rule"].iloc[-1]
    if len(points) == 1:
        parts = ["One value cannot vary, so nothing can be said about change."]
    elif not len(special):
        parts = [f"All {len(points)} values vary within their own noise (common cause)."]
    else:
        parts = [
            f"{len(special)} of {len(points)} values {verb(len(special), 'stands', 'stand')} out from the noise; the "
            f"latest value is {_VARIES[found.variation]}{f' ({rule})' if rule else ''}."
        ]
    has_limits = not math.isnan(found.lower)
    if has_limits:
        kind = "Trial limits" if found.trial_limits else "Limits"
        lower, upper, centre = (format_value(one) for one in (found.lower, found.upper, found.centre))
        parts.append(f"{kind} run from {lower} to {upper} around {centre}.")
    else:
        parts.append("No limits can be set: there are too few values, or those that remain do not move.")
    if target is not None and found.assurance:
        parts.append(f"As things stand, the target of {format_value(target)} {_ASSURES[found.assurance]}.")
    elif target is not None and not has_limits:
        parts.append(f"Without limits nothing can be said of the target of {format_value(target)}.")
    return " ".join(parts)


def chart_caveats(found: ProcessLimits) -> tuple[str, ...]:
    """Say what limits of so few values, missing values and phases mean."""
    caveats, in_phase = [], found.in_last_phase
    if found.trial_limits:
        caveats.append(
            f"{count_of(in_phase, 'value')} {verb(in_phase, 'is', 'are')} fewer than {FEWEST_FOR_LIMITS}, so the "
            "limits are trial limits: read the values as a run chart first."
        )
    if found.missing:
        caveats.append(
            f"{count_of(found.missing, 'missing value')} {verb(found.missing, 'was', 'were')} left out; neighbours of "
            "a gap count as neighbours."
        )
    if found.points["phase"].iloc[-1] > 1:
        caveats.append("Each phase has a centre and limits of its own; a phase is honest only if declared beforehand.")
    return (*caveats, "A chart shows that something changed, not why.")


def chart_method(screen_outliers: bool) -> str:
    """Say how limits are set."""
    screened = (
        "Moving ranges of at least 3.267 x their mean were left out of the limits once."
        if screen_outliers
        else "No moving range was left out of the limits."
    )
    return (
        "XmR chart by the Making Data Count rules (NHS England; NHSRplotthedots): centre = mean, limits = mean "
        f"± 2.66 x mean moving range, near limits ± 1.7733 x. {screened}"
    )


def run_words(chart: RunChart) -> str:
    """Say what the two rules of a run chart find.

    Examples
    --------
    >>> run_words(RunChart(3.0, 6, 3, 6, 2, 1, can_signal=False))
    'too few values for any rule to show a change'
    """
    if not chart.can_signal:
        return "too few values for any rule to show a change"
    rules = {
        f"{chart.longest_run} values in a row on one side of the median": chart.has_shift,
        f"only {chart.crossings} crossings of the median": chart.has_few_crossings,
    }
    found = [words for words, is_so in rules.items() if is_so]
    return f"a shift ({' and '.join(found)})" if found else "no shift that its rules would mark"


@dataclass(frozen=True)
class OverTimeFacts:
    """Control charts of session means, an item each.

    Parameters
    ----------
    charts : mapping of str to ProcessLimits
    runs : mapping of str to RunChart
        Of the sessions of each item's last phase.
    begins : tuple of (str, pandas.Timestamp)
        The events that begin a declared phase, with their days.
    silent : tuple of (str, str)
        Declarations that begin no phase here, and why: ``"nothing after"`` or ``"before the first"``.
    scales : mapping of str to (float, float)
        Of the items whose scale the study describes.
    has_changes : bool
        Whether changes of design are recorded.
    """

    charts: Mapping[str, ProcessLimits]
    runs: Mapping[str, RunChart]
    begins: tuple[tuple[str, pd.Timestamp], ...]
    silent: tuple[tuple[str, str], ...]
    scales: Mapping[str, tuple[float, float]]
    has_changes: bool


def over_time_words(facts: OverTimeFacts) -> str:
    """Say how the latest session stands, of each item, and what targets can be relied on."""
    shown = list(facts.charts.items())[:MOST_ITEMS_DRAWN]
    varies: dict[str, list[str]] = {}
    assured: dict[str, list[str]] = {}
    for item, chart in shown:
        rule, is_common = chart.points["rule"].iloc[-1], chart.variation == "common cause"
        words = "marked by no rule (common cause)" if is_common else variation_words(chart.variation, chart.direction)
        varies.setdefault(words + (f" ({rule})" if rule else ""), []).append(name_item(item))
        if chart.assurance is not None and chart.target is not None:
            target = in_short(chart.target)
            assured.setdefault(f"{assurance_words(chart.assurance)} ({target})", []).append(name_item(item))
    text = "; ".join(f"{words} for {join_names(items, 8)}" for words, items in varies.items())
    more = len(facts.charts) - len(shown)
    text += f"; and {count_of(more, 'more item')}" if more else ""
    aims = "; ".join(f"{words}: {join_names(items, 8)}" for words, items in assured.items())
    aims = f" Against what is aimed at, {aims}." if aims else ""
    aims += _earlier_marks(shown)
    if not all(chart.trial_limits for chart in facts.charts.values()):
        return f"The latest session is {text}.{aims}"
    fewest = min(chart.in_last_phase for chart in facts.charts.values())
    is_phased = any(chart.points["phase"].iloc[-1] > 1 for chart in facts.charts.values())
    return (
        f"With {count_of(fewest, 'session')}{' in the last phase' if is_phased else ''} there are too few for "
        f"limits to rely on, so read the run chart first. As a run chart: {_runs(facts.runs)}. "
        f"By trial limits the latest session is {text}.{aims}"
    )


def _earlier_marks(shown: Sequence[tuple[str, ProcessLimits]]) -> str:
    """Say how many sessions before the latest are marked, so that the latest is not read for all of them."""
    told = []
    for item, chart in shown:
        points = chart.points.iloc[:-1]
        marked = points[points["rule"] != ""]
        if len(marked):
            rules = join_names(list(dict.fromkeys(marked["rule"])))
            told.append(f"{count_of(len(marked), 'session')} of {name_item(item)} ({rules})")
    return f" Marked before it: {'; '.join(told)}." if told else ""


def _runs(runs: Mapping[str, RunChart]) -> str:
    alike: dict[str, list[str]] = {}
    for item, chart in runs.items():
        alike.setdefault(run_words(chart), []).append(name_item(item))
    return "; ".join(f"{words} ({join_names(items, 8)})" for words, items in alike.items())


_SILENT = {
    "nothing after": "because no session shown follows it",
    "before the first": "because it lies before the first session shown",
}


def over_time_caveats(facts: OverTimeFacts, period: str) -> tuple[str, ...]:
    """Say which limits are on trial, which phases were declared, and where no session can stand out."""
    caveats = []
    trial = [chart.in_last_phase for chart in facts.charts.values() if chart.trial_limits]
    if trial:
        fewest, most = min(trial), max(trial)
        span = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        caveats.append(
            f"{span} {verb(most, 'session', 'sessions')} in a phase {verb(most, 'is', 'are')} fewer than "
            f"{FEWEST_FOR_LIMITS}: limits and icons are on trial (drawn broken) and will move with the next sessions."
        )
    if facts.begins:
        told = join_names([f"{event} ({write_date(day)})" for event, day in facts.begins], 8)
        caveats.append(
            f"A new phase with limits of its own begins with {told}, because it was declared; a phase chosen after "
            "seeing the ratings proves nothing."
        )
    elif facts.has_changes:
        caveats.append(
            "Changes of design are drawn where they fell but begin no phase of their own unless study.toml ([schedule] "
            "phases) or the call says so."
        )
    caveats += [f'"{declared}" begins no phase here, {_SILENT[why]}.' for declared, why in facts.silent]
    if any(math.isnan(chart.lower) for chart in facts.charts.values()):
        caveats.append("Where the values do not move, or there is one only, no limits can be set.")
    beyond = [
        name_item(item)
        for item, (low, high) in facts.scales.items()
        if item in facts.charts and (facts.charts[item].lower < low or facts.charts[item].upper > high)
    ]
    if beyond:
        caveats.append(
            f"Limits reach beyond the end of the scale ({join_names(beyond, 8)}): on that side no session can stand "
            "out, however it is rated."
        )
    if period:
        caveats.append(f"Only sessions in {period} are charted.")
    return (
        *caveats,
        "Each point is a mean of those who rated, however many; a chart shows that something changed, not why.",
    )


def over_time_method(screen_outliers: bool) -> str:
    """Say how control charts and run charts of ratings are made."""
    screened = "moving ranges of at least 3.267 times their mean left out once" if screen_outliers else "none left out"
    return (
        "XmR charts of session means by the Making Data Count rules (NHS England; NHSRplotthedots): limits at "
        f"± 2.66 mean moving ranges, {screened}; outside the limits, 7 rising or falling, 2 of 3 near a limit, 7 on "
        "one side. Run chart: Anhoj & Olesen 2014."
    )


OF_COMMENTS = (
    "Those who write are not a sample of those who came.",
    "A comment may give its writer away: read it before passing it on.",
)
"""What must be known before a comment is used."""
