"""How many of those who signed up came: by event, by format and by financial year, each share with its denominator.

Everything here counts attendances. How many people they were is asked in `attenders`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.extremes import highest
from cop_analysis.results import Figure, Headline, Quantity, Result, format_p, format_share
from cop_analysis.sessions.events import MOST_ROWS_SHOWN, list_events, missing_table, nothing_usable, usable_events
from cop_analysis.sessions.intervals import Homogeneity, Interval, homogeneity, newcombe, trend, wilson, wilson_between
from cop_analysis.sessions.wording import as_test, capital, counted, how_often, percentage_points, wrap_label
from cop_analysis.study.periods import financial_years

if TYPE_CHECKING:
    from cop_analysis.study import Study

_TABLES = ("events", "attendance")
_BY = {"format": "by format", "financial_year": "by financial year"}
_ORDERED = {"financial_year"}
_MOST_DRAWN = 40
_LONGEST_LINE = 54
_LABELS = {
    "signed_up": "signed up",
    "share": "share who came",
    "low": "from (95%)",
    "high": "to (95%)",
    "z": "z",
    "financial_year": "financial year",
}
_METHOD = (
    "Shares are attended / signed up with Wilson score intervals (Wilson 1927). Whether the shares differ by more than "
    "chance is Pearson's chi-square for homogeneity; chi-square over its degrees of freedom is the overdispersion "
    "factor (Spiegelhalter 2005). Where it is above 1, a second interval of the pooled share divides the sign-ups by "
    "it (Rao & Scott 1992). "
)


@dataclass(frozen=True, kw_only=True)
class Reach(Result):
    """How sign-ups turned into attendance.

    Parameters
    ----------
    signed_up, attended : int
        Over all events that have both.
    pooled : Interval or None
        The pooled share; None where no event has both counts.
    difference : Homogeneity or None
        The test between events or groups; None where it is not defined.
    events, events_held : int
        The events the share covers, and all that were held.
    """

    signed_up: int = 0
    attended: int = 0
    pooled: Interval | None = None
    difference: Homogeneity | None = None
    events: int = 0
    events_held: int = 0

    @property
    def coverage(self) -> str:
        """Which events the share covers, in words: ``over 6 events``, ``over 1 of 3 events held``."""
        if self.events == self.events_held:
            return f"over {counted(self.events, 'event')}"
        return f"over {self.events} of {counted(self.events_held, 'event')} held"

    @property
    def limits(self) -> str:
        """The interval of the pooled share, with a second one where events vary more than chance makes them."""
        assert self.pooled is not None
        return _limits(self.attended, self.signed_up, self.pooled, self.difference)


def reach_by_event(study: Study) -> Result:
    """Answer how many of those who signed up to each event attended it, and whether events differ.

    Parameters
    ----------
    study : Study
        With events and attendance.

    Returns
    -------
    Reach
        One row an event held: signed up, attended, share with its 95% Wilson interval, and z against the pooled
        share. A study without events or attendance gets a sentence that says so.

    Notes
    -----
    Wilson 1927; Spiegelhalter 2005 (Statistics in Medicine 24:1185-1202) for overdispersion. Events that were
    planned or cancelled, and events whose sign-ups or attendance were not recorded, take no part and are named.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]}))
    >>> result = reach_by_event(study)
    >>> result.attended, result.signed_up, round(result.pooled.low, 3)
    (18, 30, 0.423)
    """
    title = "Signed up and attended, by event"
    missing = missing_table(study, _TABLES, "reach-by-event", title, "how sign-ups turned into attendance")
    if missing is not None:
        return missing
    used, caveats = usable_events(study)
    if used.empty:
        return Reach(key="reach-by-event", title=title, sentence=nothing_usable(study), caveats=caveats)
    table = _with_shares(used[["event", "date", "format", "topic", "signed_up", "attended", "name"]])
    pooled, test = _pool(table), _test(table)
    if test is not None:
        table["z"] = test.z
    attended, signed_up = int(table["attended"].sum()), int(table["signed_up"].sum())
    held = _held(study)
    over = f"{len(table)} of {held} events held" if held > len(table) else counted(len(table), "event")
    sentence = _pooled_words(attended, signed_up, pooled, over) + _event_words(table, test)
    return Reach(
        key="reach-by-event",
        title=title,
        sentence=sentence,
        table=table.drop(columns="name").dropna(axis=1, how="all").reset_index(drop=True),
        labels=_LABELS,
        figure=_picture(table, pooled, "reach-by-event", "Share of sign-ups who attended each event"),
        caveats=(*caveats, *_standing_caveats(study, used, test)),
        headline=Headline(
            f"of sign-ups turned into attendance{f', at {over}' if held > len(table) else ''}",
            format_share(pooled.estimate),
            f"{attended} of {signed_up}; {_limits(attended, signed_up, pooled, test)}",
            order=10,
        ),
        quantities=(
            Quantity("attendance:attended-of-signed-up", attended, signed_up),
            Quantity("events:with-both-counts", len(table), held, frozenset(map(str, used["event"])),
                     frozenset(map(str, _held_events(study)))),
        ),
        method=_METHOD + "z is an event's distance from the pooled share in binomial standard errors.",
        sources=("events.csv", "attendance.csv"),
        body_html=as_test(_event_test(table, test)),
        show_table=len(table) <= MOST_ROWS_SHOWN,
        signed_up=signed_up, attended=attended, pooled=pooled, difference=test, events=len(table), events_held=held,
    )  # fmt: skip


def reach_by_format(study: Study) -> Result:
    """Answer whether one format of event turns sign-ups into attendance better than another.

    Parameters
    ----------
    study : Study
        With events (``format`` given) and attendance.

    Returns
    -------
    Reach
        One row a format: events, signed up, attended, share with its interval. With exactly two formats the sentence
        gives their difference with Newcombe's interval.

    Notes
    -----
    Newcombe 1998, Statistics in Medicine 17:873-890, method 10, for the difference.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20],
    ...                          "format": ["webinar", "face to face"]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]}))
    >>> reach_by_format(study).table[["format", "attended", "share"]].values.tolist()
    [['face to face', 10, 0.5], ['webinar', 8, 0.8]]
    """
    return _by_group(study, "format", "reach-by-format", "Signed up and attended, by format")


def reach_by_period(study: Study) -> Result:
    """Answer how many signed up and attended in each financial year (from 1 April).

    Parameters
    ----------
    study : Study
        With events and attendance.

    Returns
    -------
    Reach
        One row a financial year: events, signed up, attended, share with its interval.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-03-31", "2023-04-01"], "signed_up": [10, 20]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]}))
    >>> reach_by_period(study).table["financial_year"].tolist()
    ['2022/23', '2023/24']
    """
    return _by_group(study, "financial_year", "reach-by-period", "Signed up and attended, by financial year")


def _by_group(study: Study, column: str, key: str, title: str) -> Result:
    missing = missing_table(study, _TABLES, key, title, "how sign-ups turned into attendance")
    if missing is not None:
        return missing
    used, caveats = usable_events(study)
    if used.empty:
        return Reach(key=key, title=title, sentence=nothing_usable(study), caveats=caveats)
    if column == "format" and used["format"].isna().all():
        return Reach(
            key=key, title=title, sentence="events.csv gives no format for any event, so formats cannot be compared."
        )
    groups = (
        financial_years(used["date"]).fillna("no date")
        if column == "financial_year"
        else used[column].fillna("not given").astype(str)
    )
    grouped = used.assign(**{column: groups}).groupby(column, sort=True)
    table = grouped.agg(
        events=("event", "size"), signed_up=("signed_up", "sum"), attended=("attended", "sum")
    ).reset_index()
    table = _with_shares(table)
    pooled, test = _pool(table), _test(table)
    attended, signed_up = int(table["attended"].sum()), int(table["signed_up"].sum())
    each = "; ".join(
        f"{row[column]}: {counted(int(row['events']), 'event')}, {row['signed_up']} signed up, {row['attended']} "
        f"attended ({format_share(row['share'], 1)})"
        for row in table.head(8).to_dict("records")
    )
    more = f"; and {len(table) - 8} more" if len(table) > 8 else ""
    events_test = _test(_with_shares(used[["event", "signed_up", "attended"]]))
    extra = (
        (
            f"Each interval treats sign-ups as independent. Events vary {events_test.overdispersion:.1f} times as much "
            f"as chance alone would make them ({format_p(events_test.p_value)}, see the table by event), so the "
            "intervals of groups are narrower than they should be.",
        )
        if events_test is not None and events_test.overdispersion > 1
        else ()
    )
    words = table[column].astype(str)
    return Reach(
        key=key,
        title=title,
        sentence=f"{capital(each)}{more}. {_group_words(table, words, test, column)}".strip(),
        table=table,
        labels=_LABELS,
        figure=_picture(table.assign(name=words), pooled, key, f"Share of sign-ups who attended, {_BY[column]}"),
        caveats=(*caveats, *extra, *_standing_caveats(study, used, None)),
        quantities=(Quantity("attendance:attended-of-signed-up", attended, signed_up),),
        method=_METHOD + "The difference of two shares has Newcombe's hybrid score interval (Newcombe 1998)."
        + (" A steady rise or fall over the years is the chi-square test for trend (Cochran 1954; Armitage 1955)."
           if column in _ORDERED and len(table) > 2 else ""),
        sources=("events.csv", "attendance.csv"),
        body_html=as_test(_group_test(table, test, column)),
        signed_up=signed_up, attended=attended, pooled=pooled, difference=test, events=len(used),
        events_held=_held(study),
    )  # fmt: skip


def _held_events(study: Study) -> list[object]:
    assert study.events is not None
    events = list_events(study.events, study.attendance)
    return events.loc[events["status"] == "held", "event"].tolist()


def _held(study: Study) -> int:
    return len(_held_events(study))


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    table = counts.copy()
    intervals = [
        wilson(int(attended), int(signed))
        for attended, signed in zip(table["attended"], table["signed_up"], strict=True)
    ]
    for column in ("signed_up", "attended"):
        table[column] = table[column].astype("int64")
    at = int(table.columns.get_loc("attended")) + 1  # type: ignore[arg-type]
    for offset, part in enumerate(("estimate", "low", "high")):
        table.insert(
            at + offset, part.replace("estimate", "share"), [getattr(interval, part) for interval in intervals]
        )
    return table


def _pool(table: pd.DataFrame) -> Interval:
    return wilson(int(table["attended"].sum()), int(table["signed_up"].sum()))


def _test(table: pd.DataFrame) -> Homogeneity | None:
    attended, signed_up = table["attended"].tolist(), table["signed_up"].tolist()
    if len(table) < 2 or sum(attended) in (0, sum(signed_up)):
        return None
    return homogeneity(attended, signed_up)


def _limits(attended: int, signed_up: int, pooled: Interval, test: Homogeneity | None) -> str:
    plain = f"95% interval {format_share(pooled.low)} to {format_share(pooled.high)}"
    if test is None or test.overdispersion <= 1:
        return plain
    wide = wilson_between(attended, signed_up, test.overdispersion)
    return f"{plain}, or {format_share(wide.low)} to {format_share(wide.high)} allowing for how much events vary"


def _pooled_words(attended: int, signed_up: int, pooled: Interval, over: str) -> str:
    return (
        f"{attended} of {signed_up} sign-ups over {over} turned into attendance ({format_share(pooled.estimate, 1)}, "
        f"95% interval {format_share(pooled.low, 1)} to {format_share(pooled.high, 1)})."
    )


def _event_words(table: pd.DataFrame, test: Homogeneity | None) -> str:
    if len(table) < 2:
        return " With one event there is nothing to compare."
    if test is None:
        return " Every event has the same share, so there is no difference to test."
    low, high = format_share(float(table["share"].min())), format_share(float(table["share"].max()))
    words = (
        f" The share runs from {low} to {high}: by chance alone, events of these sizes would differ as much or more "
        f"{how_often(test.p_value)}."
    )
    if len(table) < 3:
        return words
    row, without = _furthest(table, test)
    words += (
        f" Furthest from the rest is {row['name']}: {row['attended']} of {row['signed_up']} "
        f"({format_share(row['share'], 1)})"
    )
    return f"{words}." if without is None else f"{words}; without it the share is {format_share(without.pooled, 1)}."


def _event_test(table: pd.DataFrame, test: Homogeneity | None) -> str:
    if test is None:
        return ""
    text = f"Do events differ? {capital(_chi(test))}; {test.overdispersion:.1f} times the variation chance alone gives."
    row, without = _furthest(table, test)
    if without is None:
        return text
    # The p-value without the event furthest away is after the fact, so it is given as what it is.
    return (
        f"{text} Without {row['name']}, which was picked because it is furthest from the rest: "
        f"{without.statistic:.2f} on {without.df} ({format_p(without.p_value)})."
    )


def _furthest(table: pd.DataFrame, test: Homogeneity) -> tuple[pd.Series, Homogeneity | None]:
    furthest = int(highest(np.abs(test.z))[0])
    return table.iloc[furthest], _test(table.drop(index=table.index[furthest]))


def _chi(test: Homogeneity) -> str:
    return f"chi-square {test.statistic:.2f} on {counted(test.df, 'degree')} of freedom, {format_p(test.p_value)}"


def _group_words(table: pd.DataFrame, names: pd.Series, test: Homogeneity | None, column: str) -> str:
    if len(table) < 2:
        return "With one group there is nothing to compare."
    # Of periods the later is compared with the earlier, so that a plus means more than before.
    first, second = (len(table) - 1, 0) if column in _ORDERED else (0, 1)
    gap = newcombe(*(int(table.iloc[row][count]) for row in (first, second) for count in ("attended", "signed_up")))
    difference = f"{capital(str(names.iloc[first]))} less {names.iloc[second]}: {percentage_points(gap)}."
    if len(table) == 2:
        return difference
    if test is None:
        return "Every group has the same share, so there is no difference to test."
    groups = f"By chance alone, groups of these sizes would differ as much or more {how_often(test.p_value)}."
    return f"{difference} {groups}" if column in _ORDERED else groups


def _group_test(table: pd.DataFrame, test: Homogeneity | None, column: str) -> str:
    if test is None:
        return ""
    text = f"Do groups differ? {capital(_chi(test))}."
    if len(table) == 2:
        gap = newcombe(*(int(table.iloc[row][count]) for row in (0, 1) for count in ("attended", "signed_up")))
        if (gap.low <= 0 <= gap.high) != (test.p_value >= 0.05):
            text += (
                " The interval of the difference (Newcombe) and this test (Pearson) are worked out in different ways "
                "and fall on different sides of no difference here: read the result as undecided."
            )
    if column not in _ORDERED or len(table) < 3:
        return text
    steady = trend(table["attended"].tolist(), table["signed_up"].tolist())
    return (
        f"{text} Is there a steady {'rise' if steady.slope > 0 else 'fall'}? Chi-square {steady.statistic:.2f} on 1 "
        f"degree of freedom, {format_p(steady.p_value)}."
    )


def _standing_caveats(study: Study, used: pd.DataFrame, test: Homogeneity | None) -> tuple[str, ...]:
    caveats = [
        "Attendances are not people: someone who came to three events is counted three times.",
        "The files do not say who signed up: someone who came without signing up counts as a sign-up that turned into "
        "attendance.",
    ]
    attendance = study.attendance
    if attendance is not None and "person" in attendance.columns:
        persons = attendance.loc[attendance["event"].isin(set(used["event"])), "person"].dropna()
        if len(persons) > persons.nunique() > 0:
            caveats.append(
                f"{len(persons)} of these attendances are of {counted(persons.nunique(), 'person', 'people')}, so they "
                "are not independent; intervals and tests take them as if they were."
            )
    if test is not None and test.overdispersion > 1:
        caveats.insert(
            0,
            f"Events vary {test.overdispersion:.1f} times as much as chance alone would make them (overdispersion, "
            f"{format_p(test.p_value)}); allowing for that, the pooled interval is about "
            f"{math.sqrt(test.overdispersion):.1f} times as wide.",
        )
    if test is not None and test.smallest_expected < 5:
        caveats.append("Some expected counts are under 5, so the chi-square p-value is rough.")
    return tuple(caveats)


def _picture(table: pd.DataFrame, pooled: Interval, key: str, title: str) -> Figure:
    from cop_analysis.figures import BLUE, GREY, INK, drawing, finish

    drawn = table.tail(_MOST_DRAWN).iloc[::-1]
    names = [_lines(str(name)) for name in drawn["name"]]
    lines = max(name.count("\n") + 1 for name in names)
    with drawing(9.2, 1.3 + (0.2 + 0.16 * lines) * len(drawn)) as canvas:
        axes = canvas.add_subplot()
        y = np.arange(len(drawn))
        axes.axvline(pooled.estimate, color=GREY, linewidth=1, linestyle=(0, (5, 3)))
        axes.hlines(y, drawn["low"], drawn["high"], color=BLUE, linewidth=2)
        axes.plot(drawn["share"], y, "o", color=BLUE, markersize=7)
        for position, (attended, signed) in enumerate(zip(drawn["attended"], drawn["signed_up"], strict=True)):
            axes.text(1.02, position, f"{attended} of {signed}", va="center", color=INK, parse_math=False)
        axes.set_yticks(y, names, parse_math=False, fontsize=9)
        axes.set_ylim(-0.6, len(drawn) - 0.4)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel(
            f"share who attended, with 95% interval\n(dashed: all together, {format_share(pooled.estimate, 1)})"
        )
        alt = _words_for_picture(table, pooled, len(drawn))
        title += f" (the latest {len(drawn)} of {len(table)})" if len(table) > len(drawn) else ""
        figure_table = drawn[["name", "signed_up", "attended", "share", "low", "high"]].reset_index(drop=True)
        return finish(canvas, name=f"{key}-picture", title=title, alt=alt, table=figure_table)


def _words_for_picture(table: pd.DataFrame, pooled: Interval, drawn: int) -> str:
    rows = table.tail(drawn)
    each = "; ".join(
        f"{row['name']} {format_share(row['share'])} ({row['attended']} of {row['signed_up']}, interval "
        f"{format_share(row['low'])} to {format_share(row['high'])})"
        for row in rows.to_dict("records")
    )
    part = f" The latest {drawn} of {len(table)} are drawn." if len(table) > drawn else ""
    return f"All together {format_share(pooled.estimate, 1)}.{part} {each}."


def _lines(name: str) -> str:
    """Break an event's name after its date and format, where there is more; what is too long is wrapped, not cut."""
    parts = name.split(", ", 2)
    pieces = [", ".join(parts[:2]), parts[2]] if len(parts) == 3 else [name]
    return "\n".join(wrap_label(piece, _LONGEST_LINE) for piece in pieces)
