"""The sentences and caveats of every page of this room: facts come in, words go out, and no code reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from cop_analysis.results import count_of, format_p, format_part, format_share, in_points, interval_in_words, with_minus
from cop_analysis.results.values import how_often
from cop_analysis.sessions.methods.attendance import (
    ATTENDANCES,
    CORE,
    DEFINITIONS,
    NEVER,
    NOT_LINKED,
    NOT_PAIRED,
    NOT_RECORDED,
    ON_LIST,
    PEOPLE,
    Step,
    share_of,
)
from cop_analysis.sessions.methods.shares import Funnel, Homogeneity, Interval, Trend, wilson_between
from cop_analysis.sessions.pages.rows import LeftOut, Named
from cop_analysis.sessions.pictures.labels import capital, join_names, write_date
from cop_analysis.sessions.pictures.reach import event_with_share, share_of_step

# --- of every page ----------------------------------------------------------------------------------------------------


def as_test(text: str) -> str:
    """Write what a test says as a paragraph of its own, which a page shows below the picture.

    Examples
    --------
    >>> as_test("p < 0.001.")
    '<p class="cop-test"><strong>The test:</strong> p &lt; 0.001.</p>'
    """
    return f'<p class="cop-test"><strong>The test:</strong> {escape(text)}</p>' if text else ""


def verb(count: int, one: str, many: str) -> str:
    """Choose the form of a verb that goes with a count.

    Examples
    --------
    >>> verb(1, "is", "are"), verb(0, "is", "are")
    ('is', 'are')
    """
    return one if count == 1 else many


def percentage_points(gap: Interval) -> str:
    """Write a difference of two shares in percentage points with its interval.

    Examples
    --------
    >>> percentage_points(Interval(0.066, -0.083, 0.182))
    '+6.6 percentage points (95% interval −8.3 to +18.2)'
    """

    def write(share: float) -> str:
        return in_points(share, 1)

    limits = interval_in_words(gap.low, gap.high, write, level=gap.level)
    return f"{write(gap.estimate)} percentage points ({limits})"


def only_in(period: str, what: str) -> tuple[str, ...]:
    """Say that a page is of a period only, where it is.

    Examples
    --------
    >>> only_in("2023/24", "events"), only_in("", "events")
    (('Only events in 2023/24 are counted.',), ())
    """
    return (f"Only {what} in {period} are counted.",) if period else ()


def not_by_name(named: Named, needed_for: str) -> str:
    """Say why what is asked of persons cannot be told."""
    if named.lacks == "persons":
        return (
            f"Attendance is recorded as head counts that name no person (attendance.csv), so {needed_for} cannot be "
            "told: these are attendances, not people."
        )
    return f"No event that was held names a person, so {needed_for} cannot be told."


def by_name_caveats(named: Named, period: str) -> tuple[str, ...]:
    """Say which attendance is left out where persons are counted."""
    caveats = []
    if named.heads:
        heads = count_of(named.heads, "row")
        caveats.append(f"{heads} of attendance.csv that give a head count without persons are left out.")
    if named.unnamed:
        caveats.append(
            f"{named.unnamed} of {count_of(named.held, 'event')} held {verb(named.unnamed, 'has', 'have')} no "
            f"attendance by name and {verb(named.unnamed, 'is', 'are')} left out."
        )
    if named.elsewhere:
        caveats.append(f"{count_of(named.elsewhere, 'attendance')} at events that were not held are left out.")
    return (*caveats, *only_in(period, "events"))


# --- reach ------------------------------------------------------------------------------------------------------------

_REASONS = {
    "not held": "not held (planned or cancelled)",
    "no sign-ups recorded": "without recorded sign-ups",
    "0 signed up": "with 0 sign-ups, of which no share can be formed",
    "no attendance recorded": "without any recorded attendance",
}


@dataclass(frozen=True)
class ReachFacts:
    """How sign-ups turned into attendance, event by event or group by group.

    Parameters
    ----------
    table : pandas.DataFrame
        One row an event or group, with ``name``, ``signed_up``, ``attended``, ``share``, ``low`` and ``high``.
    pooled : Interval
        The share of all together.
    test : Homogeneity or None
        Whether the rows differ.
    furthest : int or None
        The row furthest from the rest, and below the test without it.
    without : Homogeneity or None
    gap : Interval or None
        The difference of the two rows compared: first less second, of an order the last less the first.
    trend : Trend or None
        Along an order of three rows or more.
    events, held : int
        The events counted, and all that were held.
    by_name : tuple of (int, int)
        Of these attendances those that name a person, and the different people they are of.
    """

    table: pd.DataFrame
    pooled: Interval
    test: Homogeneity | None
    furthest: int | None
    without: Homogeneity | None
    gap: Interval | None
    trend: Trend | None
    events: int
    held: int
    by_name: tuple[int, int]
    is_ordered: bool = False

    @property
    def attended(self) -> int:
        """Attendances of all rows."""
        return int(self.table["attended"].sum())

    @property
    def signed_up(self) -> int:
        """Sign-ups of all rows."""
        return int(self.table["signed_up"].sum())


def nothing_usable(left_out: Sequence[LeftOut]) -> str:
    """Say why no share of sign-ups can be formed: not recorded, or at every event more came than had signed up.

    Examples
    --------
    >>> events = pd.DataFrame({"signed_up": [15], "attended": [16], "name": ["29 January 2018 (E1)"]})
    >>> nothing_usable([LeftOut("more came", events)])
    '16 attendances against 15 sign-ups at 1 event: more came than had signed up, so no share can be formed.'
    """
    for one in left_out:
        if one.reason == "more came":
            came, signed = int(one.events["attended"].sum()), int(one.events["signed_up"].sum())
            return (
                f"{count_of(came, 'attendance')} against {count_of(signed, 'sign-up')} at "
                f"{count_of(len(one.events), 'event')}: more came than had signed up, so no share can be formed."
            )
    return "No event held has both a sign-up and its attendance recorded, so no share can be formed."


def left_out_caveats(left_out: Sequence[LeftOut], period: str) -> tuple[str, ...]:
    """Say of which events no share can be formed, and why.

    Examples
    --------
    >>> events = pd.DataFrame({"signed_up": [pd.NA], "attended": [pd.NA], "name": ["1 May 2023 (E1)"]})
    >>> left_out_caveats([LeftOut("no sign-ups recorded", events)], "")
    ('Left out: 1 event without recorded sign-ups: 1 May 2023 (E1).',)
    """
    caveats = []
    for one in left_out:
        if one.reason == "more came":
            caveats.append(_walked_in(one.events))
            continue
        came = one.events["attended"].sum()
        lost = f" ({came} attendances not counted in the shares)" if came else ""
        listed = join_names(one.events["name"].tolist())
        caveats.append(f"Left out: {count_of(len(one.events), 'event')} {_REASONS[one.reason]}{lost}: {listed}.")
    return (*caveats, *only_in(period, "events"))


def _walked_in(events: pd.DataFrame) -> str:
    each = [
        f"{name} ({attended} attendances, {signed} sign-ups: {format_share(attended / signed)})"
        for name, attended, signed in zip(events["name"], events["attended"], events["signed_up"], strict=True)
    ]
    return (
        f"More came than had signed up at {count_of(len(each), 'event')}: {join_names(each)}. Some of them came "
        f"without signing up, so {verb(len(each), 'it is', 'they are')} in no share of sign-ups; attendances over "
        "sign-ups is a ratio there."
    )


def limits_words(attended: int, signed_up: int, pooled: Interval, test: Homogeneity | None) -> str:
    """Write the interval of a pooled share, and a second one where events vary more than chance makes them."""
    plain = interval_in_words(pooled.low, pooled.high)
    if test is None or test.overdispersion <= 1:
        return plain
    wide = wilson_between(attended, signed_up, test.overdispersion)
    return f"{plain}, or {format_share(wide.low)} to {format_share(wide.high)} allowing for how much events vary"


def events_covered(facts: ReachFacts) -> str:
    """Say over which events a share is: ``7 events``, ``1 of 3 events held``."""
    if facts.held > facts.events:
        return f"{facts.events} of {facts.held} events held"
    return count_of(facts.events, "event")


def interval_in_tenths(share: Interval) -> str:
    """Write the interval of a share to a tenth of a percent."""
    return interval_in_words(share.low, share.high, lambda value: format_share(value, 1))


def reach_words(facts: ReachFacts) -> str:
    """Say how many sign-ups turned into attendance, and how far events differ."""
    share, limits = format_share(facts.pooled.estimate, 1), interval_in_tenths(facts.pooled)
    return (
        f"{facts.attended} of {facts.signed_up} sign-ups over {events_covered(facts)} turned into attendance ({share}, "
        f"{limits}). {_events_differ(facts)}"
    )


def _events_differ(facts: ReachFacts) -> str:
    if len(facts.table) < 2:
        return "With one event there is nothing to compare."
    if facts.test is None:
        return "Every event has the same share, so there is no difference to test."
    shares = facts.table["share"]
    low, high = format_share(float(shares.min())), format_share(float(shares.max()))
    words = (
        f"The share runs from {low} to {high}: by chance alone, events of these sizes would differ as much or more "
        f"{how_often(facts.test.p_value)}."
    )
    if len(facts.table) < 3 or facts.furthest is None:
        return words
    words += f" Furthest from the rest is {_counts_of(facts.table.iloc[facts.furthest])}"
    without = facts.without
    return f"{words}." if without is None else f"{words}; without it the share is {format_share(without.pooled, 1)}."


def _counts_of(row: pd.Series) -> str:
    return f"{row['name']}: {row['attended']} of {row['signed_up']} ({format_share(row['share'], 1)})"


def reach_test(facts: ReachFacts) -> str:
    """Say what the test between events gives."""
    test, without = facts.test, facts.without
    if test is None or facts.furthest is None:
        return ""
    text = f"Do events differ? {capital(_chi(test))}; {test.overdispersion:.1f} times the variation chance alone gives."
    if without is None:
        return text
    # The p-value without the event furthest away is after the fact, so it is given as what it is.
    name = facts.table["name"].iloc[facts.furthest]
    return (
        f"{text} Without {name}, which was picked because it is furthest from the rest: "
        f"{without.statistic:.2f} on {without.df} ({format_p(without.p_value)})."
    )


def _chi(test: Homogeneity) -> str:
    return f"chi-square {test.statistic:.2f} on {count_of(test.df, 'degree')} of freedom, {format_p(test.p_value)}"


def groups_words(facts: ReachFacts) -> str:
    """Say what each group of events turned into attendance, and how far groups differ."""
    each = "; ".join(
        f"{row['name']}: {count_of(int(row['events']), 'event')}, {row['signed_up']} signed up, {row['attended']} "
        f"attended ({format_share(row['share'], 1)})"
        for row in facts.table.head(8).to_dict("records")
    )
    more = f"; and {len(facts.table) - 8} more" if len(facts.table) > 8 else ""
    return f"{capital(each)}{more}. {_groups_differ(facts)}"


def _groups_differ(facts: ReachFacts) -> str:
    if facts.gap is None:
        return "With one group there is nothing to compare."
    called = facts.table["name"].tolist()
    # Of periods the later is compared with the earlier, so that a plus means more than before.
    first, second = (called[-1], called[0]) if facts.is_ordered else (called[0], called[1])
    difference = f"{capital(first)} less {second}: {percentage_points(facts.gap)}."
    if len(called) == 2:
        return difference
    if facts.test is None:
        return "Every group has the same share, so there is no difference to test."
    groups = f"By chance alone, groups of these sizes would differ as much or more {how_often(facts.test.p_value)}."
    return f"{difference} {groups}" if facts.is_ordered else groups


def groups_test(facts: ReachFacts) -> str:
    """Say what the test between groups gives, and along an order the test for a steady rise or fall."""
    test, gap, steady = facts.test, facts.gap, facts.trend
    if test is None:
        return ""
    text = f"Do groups differ? {capital(_chi(test))}."
    if len(facts.table) == 2 and gap is not None and (gap.low <= 0 <= gap.high) != (test.p_value >= 0.05):
        text += (
            " The interval of the difference (Newcombe) and this test (Pearson) are worked out in different ways "
            "and fall on different sides of no difference here: read the result as undecided."
        )
    if steady is None:
        return text
    return (
        f"{text} Is there a steady {'rise' if steady.slope > 0 else 'fall'}? Chi-square {steady.statistic:.2f} on 1 "
        f"degree of freedom, {format_p(steady.p_value)}."
    )


def reach_caveats(facts: ReachFacts, between_events: Homogeneity | None) -> tuple[str, ...]:
    """Say what a share of sign-ups leaves out; of events tested here, how far their variation widens it."""
    caveats = []
    if between_events is not None and between_events.overdispersion > 1:
        caveats.append(
            f"Events vary {between_events.overdispersion:.1f} times as much as chance alone would make them "
            f"(overdispersion, {format_p(between_events.p_value)}); allowing for that, the pooled interval is about "
            f"{math.sqrt(between_events.overdispersion):.1f} times as wide."
        )
    caveats += [
        "Attendances are not people: someone who came to three events is counted three times.",
        "The files do not say who signed up: someone who came without signing up counts as a sign-up that turned into "
        "attendance.",
    ]
    attendances, people = facts.by_name
    if attendances > people > 0:
        caveats.append(
            f"{attendances} of these attendances are of {count_of(people, 'person', 'people')}, so they are not "
            "independent; intervals and tests take them as if they were."
        )
    if between_events is not None and between_events.smallest_expected < 5:
        caveats.append("Some expected counts are under 5, so the chi-square p-value is rough.")
    return tuple(caveats)


def groups_too_narrow(between_events: Homogeneity | None) -> tuple[str, ...]:
    """Say that events vary within groups too, so that the intervals of groups are too narrow; where they do."""
    if between_events is None or between_events.overdispersion <= 1:
        return ()
    return (
        f"Each interval treats sign-ups as independent. Events vary {between_events.overdispersion:.1f} times as much "
        f"as chance alone would make them ({format_p(between_events.p_value)}, see the table by event), so the "
        "intervals of groups are narrower than they should be.",
    )


# --- funnel -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FunnelFacts:
    """Events in a funnel: the table with ``place`` and ``is_within``, and the event furthest out.

    Parameters
    ----------
    table : pandas.DataFrame
    funnel : Funnel
    test : Homogeneity
    furthest : int
        Its row.
    without : Homogeneity or None
        The test without it.
    """

    table: pd.DataFrame
    funnel: Funnel
    test: Homogeneity
    furthest: int
    without: Homogeneity | None


def no_funnel(events: int, attended: int, signed_up: int) -> str:
    """Say why there is no funnel."""
    return (
        f"{count_of(events, 'event')} with {attended} of {signed_up} sign-ups attended: a funnel needs at least two "
        "events and a share between 0% and 100%."
    )


def funnel_words(facts: FunnelFacts) -> str:
    """Say which events lie outside the limits, and which is furthest out."""
    table, found = facts.table, facts.funnel
    outside = table[~table["is_within"]]
    factor = f"{found.overdispersion:.1f} times as much as chance alone makes them"
    if len(outside):
        told = join_names([event_with_share(row) for row in outside.to_dict("records")])
        lie = verb(len(outside), "lies", "lie")
        first = f"{len(outside)} of {count_of(len(table), 'event')} {lie} outside the limits: {told}."
    elif found.overdispersion > 1:
        first = f"Events differ {factor}; once that is allowed for, none of the {len(table)} lies outside the limits."
    else:
        first = f"None of the {len(table)} events lies outside the limits; they differ {factor}."
    row = table.iloc[facts.furthest]
    second = f"Furthest from the pooled {format_share(found.pooled, 1)} is {event_with_share(row.to_dict())}"
    if facts.without is None:
        return f"{first} {second}."
    return f"{first} {second}; without it the pooled share is {format_share(facts.without.pooled, 1)}."


def funnel_test(facts: FunnelFacts) -> str:
    """Say what the test between events gives, with and without the event furthest out."""
    row, without = facts.table.iloc[facts.furthest], facts.without
    z, adjusted = with_minus(row["z"]), with_minus(row["z_adjusted"])
    is_wide = facts.funnel.overdispersion > 1
    both = f" by chance alone and {adjusted} with the overdispersion allowed for" if is_wide else ""
    text = f"{row['name']}: z = {z}{both}. All {len(facts.table)} events: {_chi(facts.test)}"
    if without is None:
        return f"{text}."
    return f"{text}; without it {without.statistic:.2f} on {without.df} ({format_p(without.p_value)})."


def funnel_method(found: Funnel, limits: tuple[float, float]) -> str:
    """Say how funnel limits are made."""
    return (
        f"Funnel limits at {format_share(limits[0])} and {format_share(limits[1], 1)} around the pooled share; z "
        "by the score test. "
        f"Overdispersion is Pearson's chi-square over its degrees of freedom, {found.overdispersion:.2f} here, "
        f"after {found.winsorised} z at each end were winsorised (a tenth, rounded down); the limits are widened "
        "by its square root where it exceeds 1 (Spiegelhalter 2005). The additive model would add a standard "
        f"deviation of {100 * found.tau:.1f} percentage points between events instead."
    )


# --- flow -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pairing:
    """Who answered at both waves.

    Parameters
    ----------
    both : frozenset of str or None
        Their ids; None where nobody can be paired.
    waves : str
        The two waves in words; empty where there are not two.
    why : str
        Why nobody can be paired.
    unknown, elsewhere : int
        Of `both`, those whose id is in no other table, and those known who came to no event shown.
    """

    both: frozenset[str] | None
    waves: str = ""
    why: str = ""
    unknown: int = 0
    elsewhere: int = 0


@dataclass(frozen=True)
class FlowFacts:
    """How many are left at each step.

    Parameters
    ----------
    steps : tuple of Step
    held, others : int
        Events held, and those planned or cancelled.
    pairing : Pairing
    more_rated : bool
        Whether at some event more rated than are recorded as having attended.
    """

    steps: tuple[Step, ...]
    held: int
    others: int
    pairing: Pairing
    more_rated: bool


def flow_words(facts: FlowFacts) -> str:
    """Say how many are left at each step, in attendances and in people, and which steps nobody recorded."""
    told = []
    for unit in (ATTENDANCES, PEOPLE):
        parts = [_step_words(step) for step in facts.steps if step.unit == unit and step.count is not None]
        if parts:
            over = f", over {count_of(facts.held, 'event')} held" if unit == ATTENDANCES else ""
            told.append(f"In {unit}{over}: {', '.join(parts)}.")
    for missing in (NOT_RECORDED, NOT_LINKED, NOT_PAIRED):
        unknown = [step.step for step in facts.steps if step.count is None and step.missing == missing]
        if unknown:
            told.append(f"{capital(', '.join(unknown))}: {missing}.")
    return " ".join(told)


def _step_words(step: Step) -> str:
    share = share_of_step(step)
    return f"{step.count} {step.step} ({share})" if share else f"{step.count} {step.step}"


def flow_caveats(facts: FlowFacts, period: str) -> tuple[str, ...]:
    """Say what each step leaves open."""
    steps, pairing = facts.steps, facts.pairing
    caveats = ["Attendances are not people: someone who came to three events is three attendances and one person."]
    for step in steps:
        caveats += _of_step(step)
    if facts.more_rated:
        caveats.append("At some event more people rated than are recorded as having attended.")
    if any(step.step == ON_LIST for step in steps):
        caveats.append(
            "Nobody recorded who was invited (events.csv has no invited). On the list that day are the people of "
            "people.csv who had joined and not left, counted once for each event."
        )
    caveats += [
        f"{capital(step.step)}: the ids ({step.how}) are neither in attendance.csv nor in people.csv, such as "
        "codes people made for themselves, so it cannot be known which of them came."
        for step in steps
        if step.count is None and step.missing == NOT_LINKED
    ]
    if pairing.both is None and pairing.waves:
        caveats.append(f"{capital(pairing.why)}, so nobody can be followed from those who came to a pair of answers.")
    if any(step.step == "paired" and step.count is not None for step in steps):
        caveats += _of_pairing(pairing)
    if facts.others:
        left = verb(facts.others, "is", "are")
        caveats.append(f"{count_of(facts.others, 'event')} planned or cancelled {left} left out.")
    if period:
        caveats.append(f"Only events in {period} are counted; the survey's waves belong to the whole study.")
    return tuple(caveats)


def _of_step(step: Step) -> list[str]:
    caveats = []
    events, counted_there, base_there = step.beyond
    if events:
        ratio = f": a ratio of {format_part(counted_there / base_there)}" if base_there else ""
        caveats.append(
            f"{capital(step.step)}: at {count_of(events, 'event')} {counted_there} against {base_there} "
            f"{step.of_step}, which is no share of {step.of_step}{ratio}; left out of the share."
        )
    rest = None if step.count is None else step.count - counted_there
    if rest is not None and step.numerator is not None and step.numerator != rest:
        caveats.append(
            f"{capital(step.step)}: {step.count} in all, but the share counts only the {step.numerator} at events "
            f"where {step.of_step} was recorded too."
        )
    if step.denominator is not None and share_of(step) is None:
        caveats.append(
            f"{capital(step.step)} ({step.numerator}) is no share of {step.of_step}, of which none is recorded."
        )
    return caveats


def _of_pairing(pairing: Pairing) -> list[str]:
    caveats = []
    if pairing.unknown:
        caveats.append(
            f"Paired: {count_of(pairing.unknown, 'more id', 'more ids')} answered {pairing.waves} and "
            f"{verb(pairing.unknown, 'is', 'are')} neither in attendance.csv nor in people.csv: some of them may be "
            "among those who came."
        )
    if pairing.elsewhere:
        who = count_of(pairing.elsewhere, "person", "people")
        caveats.append(f"{who} answered {pairing.waves} but came to no event shown here.")
    return caveats


# --- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AttendersFacts:
    """Unique people against attendances; `listed` and `never` are None without a list of people."""

    attendances: int
    sessions: int
    people: int
    returned: Interval
    came_twice: int
    came_to_all: int
    core: int
    core_attendances: int
    listed: int | None
    never: int


def attenders_words(facts: AttendersFacts) -> str:
    """Say how many people the attendances were, and how many of them came back."""
    share = format_share(facts.core_attendances / facts.attendances)
    sentence = (
        f"{count_of(facts.attendances, 'attendance')} at {count_of(facts.sessions, 'session')} "
        f"{verb(facts.attendances, 'was', 'were')} {count_of(facts.people, 'different person', 'different people')}; "
        f"{facts.came_twice} of them came at least twice ({format_part(facts.returned.estimate)}), "
        f"{facts.came_to_all} to every session. {facts.core} came to at least half of the sessions they could have "
        "come to and "
        f"{verb(facts.core, 'accounts', 'account')} for {share} of attendances."
    )
    if facts.listed is not None and facts.never:
        sentence += f" {facts.never} of the {count_of(facts.listed, 'person', 'people')} listed never came."
    return sentence


def mix_words(table: pd.DataFrame, organisations: int, among_all: pd.Series | None) -> str:
    """Say how likely two attenders of a session come from different organisations."""
    defined = table.dropna(subset=["different_organisations"])
    if defined.empty:
        return "No session had two people whose organisations are known, so no mix can be measured."
    ordered = defined.sort_values("different_organisations", kind="stable")
    least, most = (
        f"{format_share(chance)} ({write_date(date)})"
        for chance, date in ordered[["different_organisations", "date"]].iloc[[0, -1]].itertuples(index=False)
    )
    chances = least if len(ordered) == 1 else f"{least} to {most}"
    few, many = int(table["organisations"].min()), int(table["organisations"].max())
    there = f"at every session {few}" if few == many else f"between {few} and {many}"
    sentence = (
        f"Two attenders of a session drawn at random came from different organisations with a chance of {chances}; "
        f"{there} of {organisations} organisations were there."
    )
    if among_all is not None and among_all.notna().any():
        low, high = format_share(float(among_all.min())), format_share(float(among_all.max()))
        sentence += f" Among all who could have come the chance is {low if low == high else f'{low} to {high}'}."
    return sentence


def core_words(table: pd.DataFrame, people: int, sessions: int) -> str:
    """Say how many are core, and how many chance alone would make so."""
    rows = table.set_index("part")
    core, active, once, never = rows["people"].tolist()
    made = format_share(float(rows["share_of_attendances"][CORE]))
    text = (
        f"Of {count_of(people, 'person', 'people')} who could have come to {count_of(sessions, 'session')}, {core} "
        f"{verb(core, 'is', 'are')} core ({DEFINITIONS[CORE]}) and made {made} "
        f"of the attendances; {active} came at least twice but to fewer than half, {once} came once and {never} never."
    )
    if "expected_people" not in rows.columns:
        return text
    expected, stayed_away = (float(rows["expected_people"][part]) for part in (CORE, NEVER))
    text += f" If every session had drawn its people at random, about {expected:.0f} would be core"
    text += f" and about {stayed_away:.0f} would never have come" if abs(never - stayed_away) >= 1 else ""
    return f"{text}."


def core_caveats(unnamed: int, sessions: int, has_list: bool) -> tuple[str, ...]:
    """Say whom the picture leaves out, and what the parts cannot show."""
    caveats = []
    if unnamed:
        caveats.append(
            f"{count_of(unnamed, 'person', 'people')} who did not consent, or withdrew, {verb(unnamed, 'is', 'are')} "
            "counted here (that they came is the programme's own record) but neither named nor drawn."
        )
    if sessions == 1:
        caveats.append("With one session nobody can have come twice, so there is no core yet.")
    if not has_list:
        caveats.append("people.csv is absent, so whoever came once is taken to have been able to come every time.")
    return (*caveats, "Coming often is not the same as leading or contributing: see the network and the interviews.")


_NUMBER_WORDS = {0: "no", 1: "one", 2: "two", 3: "three"}


def groups_of_people_words(table: pd.DataFrame, word: str, p_value: float) -> str:
    """Say how many people came of those who could have, and how groups of them differ."""
    people, came = int(table["people"].sum()), int(table["came"].sum())
    attendances, possible = int(table["attendances"].sum()), int(table["possible"].sum())
    text = (
        f"{came} of {count_of(people, 'person', 'people')} who could have come came at least once, {attendances} of "
        f"{count_of(possible, 'possible attendance')} ({format_share(attendances / possible)})."
    )
    if len(table) == 1:
        return f"{text} There is one {word} only, so nothing to compare."
    ordered = table.sort_values("attendance_share", kind="stable")
    low, high = (
        f"{row[word]} ({row['attendances']} of {row['possible']}, {format_share(row['attendance_share'])})"
        for row in ordered.iloc[[0, -1]].to_dict("records")
    )
    text += f" By {word} the share of possible attendances runs from {low} to {high}"
    if math.isnan(p_value):
        return f"{text}."
    return (
        f"{text}. A random division of the same people into groups of these sizes differs as much {how_often(p_value)} "
        f"({format_p(p_value)})."
    )


def groups_of_people_test(word: str, p_value: float, draws: int, asked: int) -> str:
    """Say what the shuffles give, allowed for as many tests as are made of these people (Bonferroni)."""
    if math.isnan(p_value):
        return ""
    text = (
        f"Do people of one {word} come more often than those of another? {capital(format_p(p_value))}, from {draws:,} "
        "shuffles of people among groups."
    )
    if asked < 2:
        return text
    together = format_p(min(1.0, asked * p_value))
    return f"{text} Allowing for the {_NUMBER_WORDS[asked]} tests of the same people, {together}."


def same_people_tested(people: int, asked: int) -> str:
    """Say that several tests are made of one set of people."""
    return (
        f"Organisation, sector and profession divide the same {people} people: these are {_NUMBER_WORDS[asked]} tests "
        "of one set of people, and one of them stands out by chance more easily than a single test would."
    )


def head_counts_words(table: pd.DataFrame, word: str, total: int) -> str:
    """Say how many attendances each group has, where no person is named."""
    each = "; ".join(f"{row[word]} {row['attendances']}" for row in table.head(12).to_dict("records"))
    return f"Of {total} attendances by {word}: {each}{'; and more' if len(table) > 12 else ''}."


# --- caveats ------------------------------------------------------------------------------------------------------

WHAT_IS_POSSIBLE = (
    "Possible attendances are people times the sessions held while they were on the list; who signed up is not "
    "recorded by person."
)
HEAD_COUNTS = "These are head counts: attendances, not people, and how many could have come is not known."
ASKS_FOR_AN_EXPLANATION = "Lying outside a limit asks for an explanation; it is none."
