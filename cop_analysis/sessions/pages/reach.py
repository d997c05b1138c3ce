"""How many of those who signed up came: by event, by format and by financial year, and which events stand out.

Everything here counts attendances. How many people they were is asked in `people`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cop_analysis.extremes import highest
from cop_analysis.results import Headline, Quantity, Result, format_share, place_of
from cop_analysis.results.pages import Opening
from cop_analysis.sessions.methods.shares import (
    Funnel,
    Homogeneity,
    Interval,
    funnel,
    homogeneity,
    newcombe,
    trend,
    wilson,
)
from cop_analysis.sessions.pages import words
from cop_analysis.sessions.pages.rows import MOST_ROWS_SHOWN, Rows, names
from cop_analysis.sessions.pages.words import FunnelFacts, ReachFacts
from cop_analysis.sessions.pictures.reach import ALARM, WARN, draw_funnel, draw_shares
from cop_analysis.study.periods import financial_years

_METHOD = (
    "Shares are attended / signed up with Wilson score intervals (Wilson 1927). Whether the shares differ by more than "
    "chance is Pearson's chi-square for homogeneity; chi-square over its degrees of freedom is the overdispersion "
    "factor (Spiegelhalter 2005). Where it is above 1, a second interval of the pooled share divides the sign-ups by "
    "it (Rao & Scott 1992)."
)
_DIFFERENCE = "The difference of two shares has Newcombe's hybrid score interval (Newcombe 1998)."
_TREND = "A steady rise or fall over the years is the chi-square test for trend (Cochran 1954; Armitage 1955)."


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


def by_event(rows: Rows, opening: Opening) -> Reach:
    """Give the share of sign-ups who attended, event by event."""
    used, caveats = rows.usable, words.left_out_caveats(rows.left_out, rows.period)
    if used.empty:
        return Reach(**opening, sentence=words.nothing_usable(rows.left_out), caveats=caveats)
    facts = _facts(rows, used[["event", "date", "format", "topic", "signed_up", "attended", "name"]])
    table = facts.table.assign(z=facts.test.z) if facts.test is not None else facts.table
    where = f", at {words.events_covered(facts)}" if facts.held > facts.events else ""
    limits = words.limits_words(facts.attended, facts.signed_up, facts.pooled, facts.test)
    counted = Quantity(
        "events:with-both-counts", facts.events, facts.held, names(used["event"]), names(rows.held["event"])
    )
    return Reach(
        **opening,
        sentence=words.reach_words(facts),
        table=table.drop(columns="name").dropna(axis=1, how="all").reset_index(drop=True),
        figure=draw_shares(table, facts.pooled, opening["key"], "Share of sign-ups who attended each event"),
        caveats=(*caveats, *words.reach_caveats(facts, facts.test)),
        headline=Headline(
            f"of sign-ups turned into attendance{where}",
            format_share(facts.pooled.estimate),
            f"{facts.attended} of {facts.signed_up}; {limits}",
            order=place_of("sign-ups that came"),
        ),
        quantities=(Quantity("attendance:attended-of-signed-up", facts.attended, facts.signed_up), counted),
        method=f"{_METHOD} z is an event's distance from the pooled share in binomial standard errors.",
        body_html=words.as_test(words.reach_test(facts)),
        show_table=len(table) <= MOST_ROWS_SHOWN,
        **_figures(facts),
    )


def by_format(rows: Rows, opening: Opening) -> Reach:
    """Give the share of sign-ups who attended, format by format."""
    used = rows.usable
    if len(used) and used["format"].isna().all():
        return Reach(**opening, sentence="events.csv gives no format for any event, so formats cannot be compared.")
    return _by_group(rows, opening, "format", used["format"].fillna("not given").astype(str), "by format")


def by_financial_year(rows: Rows, opening: Opening) -> Reach:
    """Give the share of sign-ups who attended, financial year by financial year."""
    years = financial_years(rows.usable["date"]).fillna("no date")
    return _by_group(rows, opening, "financial_year", years, "by financial year", is_ordered=True)


def _by_group(rows: Rows, opening: Opening, column: str, groups: pd.Series, by: str, is_ordered: bool = False) -> Reach:
    used, caveats = rows.usable, words.left_out_caveats(rows.left_out, rows.period)
    if used.empty:
        return Reach(**opening, sentence=words.nothing_usable(rows.left_out), caveats=caveats)
    grouped = used.assign(**{column: groups}).groupby(column, sort=True)
    counts = grouped.agg(
        events=("event", "size"), signed_up=("signed_up", "sum"), attended=("attended", "sum")
    ).reset_index()
    facts = _facts(rows, counts.assign(name=counts[column].astype(str)), is_ordered)
    between_events = _test(used["attended"].tolist(), used["signed_up"].tolist())
    return Reach(
        **opening,
        sentence=words.groups_words(facts),
        table=facts.table.drop(columns="name"),
        figure=draw_shares(facts.table, facts.pooled, opening["key"], f"Share of sign-ups who attended, {by}"),
        caveats=(*caveats, *words.groups_too_narrow(between_events), *words.reach_caveats(facts, None)),
        quantities=(Quantity("attendance:attended-of-signed-up", facts.attended, facts.signed_up),),
        method=" ".join([_METHOD, _DIFFERENCE, *([_TREND] if is_ordered and len(facts.table) > 2 else [])]),
        body_html=words.as_test(words.groups_test(facts)),
        **_figures(facts),
    )


def _facts(rows: Rows, counts: pd.DataFrame, is_ordered: bool = False) -> ReachFacts:
    table = _with_shares(counts)
    attended, signed_up = table["attended"].tolist(), table["signed_up"].tolist()
    test, furthest, without = _test(attended, signed_up), None, None
    if test is not None:
        furthest = int(highest(np.abs(test.z))[0])
        without = _test(_but(attended, furthest), _but(signed_up, furthest))
    # Of an order the last is compared with the first, so that a plus means more than before.
    first, second = (-1, 0) if is_ordered else (0, 1)
    several = len(table) > 1
    steady = trend(attended, signed_up) if test is not None and is_ordered and len(table) > 2 else None
    return ReachFacts(
        table=table,
        pooled=wilson(sum(attended), sum(signed_up)),
        test=test,
        furthest=furthest,
        without=without,
        gap=newcombe(attended[first], signed_up[first], attended[second], signed_up[second]) if several else None,
        trend=steady,
        events=len(rows.usable),
        held=len(rows.held),
        by_name=_by_name(rows),
        is_ordered=is_ordered,
    )


def _figures(facts: ReachFacts) -> dict[str, Any]:
    return {
        "signed_up": facts.signed_up,
        "attended": facts.attended,
        "pooled": facts.pooled,
        "difference": facts.test,
        "events": facts.events,
        "events_held": facts.held,
    }


def _by_name(rows: Rows) -> tuple[int, int]:
    """Count the attendances at the events used that name a person, and the different people they are of."""
    attendance = rows.study.attendance
    if attendance is None or "person" not in attendance.columns:
        return 0, 0
    persons = attendance.loc[attendance["event"].isin(set(rows.usable["event"])), "person"].dropna()
    return len(persons), persons.nunique()


def _but(values: list[int], left_out: int) -> list[int]:
    return [value for index, value in enumerate(values) if index != left_out]


def _test(attended: list[int], signed_up: list[int]) -> Homogeneity | None:
    if len(attended) < 2 or sum(attended) in (0, sum(signed_up)):
        return None
    return homogeneity(attended, signed_up)


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    table = counts.astype({"signed_up": "int64", "attended": "int64"})
    found = [wilson(*pair) for pair in zip(table["attended"].tolist(), table["signed_up"].tolist(), strict=True)]
    at = list(table.columns).index("attended") + 1
    table.insert(at, "share", [interval.estimate for interval in found])
    table.insert(at + 1, "low", [interval.low for interval in found])
    table.insert(at + 2, "high", [interval.high for interval in found])
    return table


# --- the funnel -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FunnelPlot(Result):
    """Events in a funnel.

    Parameters
    ----------
    funnel : Funnel or None
        All events together; None where no funnel is defined.
    difference : Homogeneity or None
        The test between all events.
    without_furthest : Funnel or None
        The same without the event furthest from the rest; None where too little is left.
    difference_without_furthest : Homogeneity or None
    """

    funnel: Funnel | None = None
    difference: Homogeneity | None = None
    without_furthest: Funnel | None = None
    difference_without_furthest: Homogeneity | None = None


def in_funnel(rows: Rows, opening: Opening) -> FunnelPlot:
    """Give each event's place in the funnel."""
    used, caveats = rows.usable, words.left_out_caveats(rows.left_out, rows.period)
    if used.empty:
        return FunnelPlot(**opening, sentence=words.nothing_usable(rows.left_out), caveats=caveats)
    attended, signed_up = used["attended"].astype("int64").tolist(), used["signed_up"].astype("int64").tolist()
    test = _test(attended, signed_up)
    if test is None:
        why = words.no_funnel(len(used), sum(attended), sum(signed_up))
        return FunnelPlot(**opening, sentence=why, caveats=caveats)
    found = funnel(attended, signed_up)
    furthest = int(highest(np.abs(found.z))[0])
    others = _but(attended, furthest), _but(signed_up, furthest)
    test_without = _test(*others)
    facts = FunnelFacts(_funnel_table(used, found), found, test, furthest, test_without)
    few = ("With so few events the overdispersion is itself uncertain.",) if len(used) < 10 else ()
    return FunnelPlot(
        **opening,
        sentence=words.funnel_words(facts),
        body_html=words.as_test(words.funnel_test(facts)),
        table=facts.table.drop(columns=["date", "is_within"]),
        show_table=len(facts.table) <= MOST_ROWS_SHOWN,
        figure=draw_funnel(facts.table, found),
        caveats=(*caveats, *few, words.ASKS_FOR_AN_EXPLANATION),
        method=words.funnel_method(found, (WARN, ALARM)),
        funnel=found,
        difference=test,
        without_furthest=None if test_without is None else funnel(*others),
        difference_without_furthest=test_without,
    )


def _funnel_table(used: pd.DataFrame, found: Funnel) -> pd.DataFrame:
    table = used[["event", "date", "name", "signed_up", "attended"]].reset_index(drop=True)
    table[["signed_up", "attended"]] = table[["signed_up", "attended"]].astype("int64")
    table["share"] = table["attended"] / table["signed_up"]
    table["z"], table["z_adjusted"] = found.z, found.z_adjusted
    places = [_place(found, n, share) for n, share in zip(table["signed_up"], table["share"], strict=True)]
    table["place"] = [place for place, _ in places]
    table["is_within"] = [is_within for _, is_within in places]
    return table


def _place(found: Funnel, n: int, share: float) -> tuple[str, bool]:
    """Say where a share of n lies in words, and whether that is within the widened limits."""
    if not _is_between(share, found.limits(n, ALARM)):
        return "outside the 99.8% limits", False
    if not _is_between(share, found.limits(n, WARN)):
        return "outside the 95% limits", False
    if not _is_between(share, found.by_chance.limits(n, ALARM)):
        return "within the limits; outside 99.8% by chance alone", True
    return "within the limits", True


def _is_between(share: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= share <= limits[1]
