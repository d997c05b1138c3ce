"""Every sentence, caveat and method of the network pages: facts in, words out; nothing is counted here.

What a measure says of itself (`EIIndex.sentence`, `CrossChange.answer`) stays with it, and what a picture says of how
it is read stays with the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.methods.brokers import ROLES
from cop_analysis.network.methods.chance import as_far
from cop_analysis.network.methods.change_tests import density_in_points
from cop_analysis.network.methods.cores import EXACT_UP_TO
from cop_analysis.network.methods.graphs import NEVER_ASKED
from cop_analysis.network.methods.networks import ORGANISATION
from cop_analysis.network.methods.non_response import who_said_nothing
from cop_analysis.network.pictures.attendance import EVENTS_AT_MOST, ROWS_AT_MOST
from cop_analysis.results import count_of, format_p, format_share, in_points, interval_in_words, with_minus
from cop_analysis.study.waves import times_of_asking

if TYPE_CHECKING:
    from cop_analysis.network.methods.change_tests import CrossChange, DensityChange
    from cop_analysis.network.methods.cores import CorePeriphery
    from cop_analysis.network.methods.mixing import EIIndex, ShareIntervals
    from cop_analysis.network.methods.networks import RelationNetworks, WaveNetwork
    from cop_analysis.network.methods.non_response import ChangeUnderNonResponse, ShareBounds, UnderNonResponse
    from cop_analysis.network.methods.projections import ValidatedProjection
    from cop_analysis.network.methods.wave_changes import WaveComparison
    from cop_analysis.network.pictures.attendance import Attendance
    from cop_analysis.network.pictures.changes import Step
    from cop_analysis.network.pictures.organisations import Rolled
    from cop_analysis.network.pictures.sociograms import View
    from cop_analysis.study import Study

# --- what several headings say -------------------------------------------------------------------------------------


def people(number: int) -> str:
    """Write a number of people."""
    return count_of(number, "person", "people")


def a(noun: str) -> str:
    """Write a level with its article.

    Examples
    --------
    >>> a("organisation"), a("sector")
    ('an organisation', 'a sector')
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def first_few(names: Sequence[str], most: int) -> str:
    """Write some names, and how many more there are.

    Examples
    --------
    >>> first_few(["A", "B", "C"], 2)
    'A, B and 1 more'
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def against_random(share: float, expected: float, p_value: float, plural: str) -> str:
    """Compare a share of ties across with the one expected of people placed at random.

    Examples
    --------
    >>> against_random(0.39, 0.81, 0.0002, "organisations")
    'Were people placed in organisations at random, 81% would be expected; a gap as wide comes up less than once in 1,000 times (p < 0.001).'
    """  # noqa: E501
    return f"Were people placed in {plural} at random, {format_share(expected)} would be expected; {as_far(p_value)}."


def two_questions(plural: str) -> str:
    """Say which question an interval answers and which a p-value, for wherever the two stand together.

    Examples
    --------
    >>> two_questions("sectors").startswith("The interval and p answer two questions")
    True
    """
    return (
        "The interval and p answer two questions: how far off the share could be, and how rarely these ties would fall "
        f"so among people placed in {plural} at random. So the interval can hold the expected share while p is small."
    )


def permuted(permutations: int, seed: int) -> str:
    """Say how a two-sided p was drawn."""
    return f"{permutations:,} permutations, p two-sided, (k + 1) / (R + 1), seed {seed}."


PERIOD = "Sessions are those of the reporting period."
NULL = (
    "E-I index (Krackhardt & Stern 1988, Social Psychology Quarterly 51:123-140): (ties across - ties within) / all "
    "ties, so E-I = 2 x share across - 1. Expected value and standard deviation are exact for {labels} dealt out to "
    "people at random; p is two-sided from {permutations:,} random arrangements, (k + 1) / (R + 1)."
)
# --- what an opened network says of itself -------------------------------------------------------------------------

FOR_THE_TEAM = (
    "Single people are shown to the evaluation team only: whoever knows them could recognise them by "
    "their organisation and their ties, whatever they are called."
)


def cannot_be_shown(why: str, needed_for: str) -> str:
    """Say why something cannot be shown."""
    return f"{why}, so {needed_for} cannot be shown."


KNOWN_FROM = {"organisation": "organisation in people.csv", "sector": "sector in organisations.csv"}
"""Where a study says which group of a level somebody is in."""


def no_ties_placed(name: str, title: str, by: str) -> str:
    """Say that no tie joins two people whose organisation is known, so that nothing can be counted across."""
    return cannot_be_shown(
        f"No {name} tie joins two people whose {by} is known ({KNOWN_FROM[by]})",
        f"{title[0].lower()}{title[1:]}",
    )


def too_small(by: str, small: int, groups: int) -> str:
    """Say that ties are not shown group by group where a group is so small that people can be told."""
    return (
        f"Ties by {by} are shown to the evaluation team only: {small} of the {groups} {by}s "
        f"{'has' if small == 1 else 'have'} fewer than {SMALLEST_SHOWN} people, who could be recognised."
    )


SMALLEST_SHOWN = 5
"""People of an organisation or sector below which its ties are shown to the evaluation team only."""


def one_wave(found: RelationNetworks, what: str) -> str:
    """Say that there is one wave only, so that no `what` can be shown."""
    return f"There is one wave of {found.name} ties ({found.waves[0].label}), so no {what} can be shown."


def relation_caveats(study: Study, found: RelationNetworks, empty: Sequence[str]) -> tuple[str, ...]:
    """Say what must be known of every page of a relation: its boundary first, then what holds for every figure.

    Parameters
    ----------
    study : Study
    found : RelationNetworks
        By what a page counts across.
    empty : sequence of str
        Waves with a roster and without a tie.
    """
    boundary = " ".join((study.config.boundary or "").split())
    caveats = [
        f"Network boundary: {boundary}"
        if boundary
        else "The study does not say who could have been in the network (boundary in study.toml): a tie to anyone "
        "outside it cannot appear."
    ]
    if study.period is not None:
        caveats.append("Ties belong to their wave and are not restricted to the reporting period.")
    caveats += _without_consent(found)
    if any(not wave.is_on_record for wave in found.waves):
        caveats.append(
            "Who was asked and who answered is not on record (no rosters.csv, or nobody of the wave in it): whoever "
            "stands in the network counts as if asked, so people named from outside lower density, and naming nobody "
            "cannot be told from not answering."
        )
    caveats += [
        f"{label}: people were rostered but no {found.name} tie is recorded, so that wave is left out."
        for label in empty
    ]
    for wave in found.waves:
        caveats += _wave_caveats(wave)
    if any(wave.not_asked or wave.off_roster for wave in found.waves):
        caveats.append(
            "People nobody asked count where ties are named, and not in density, returned ties, closed paths, triads "
            "or brokerage: whom they turn to is not known."
        )
    return tuple(caveats)


def _without_consent(found: RelationNetworks) -> list[str]:
    present = sorted({label for wave in found.waves for label in found.unnamed if label in wave.graph})
    if not present:
        return []
    named = sum(
        wave.graph.in_degree(label) if wave.graph.is_directed() else wave.graph.degree(label)
        for wave in found.waves
        for label in present
        if label in wave.graph
    )
    is_, stay, has = ("is", "this person stays", "has") if len(present) == 1 else ("are", "they stay", "have")
    return [
        f"{people(len(present))} did not consent, or withdrew, and {is_} not named: {stay} in the network only "
        f"through what others said ({count_of(named, 'tie')}) and {has} no row in a table of people."
    ]


def _wave_caveats(wave: WaveNetwork) -> list[str]:
    caveats = []
    if wave.silent:
        caveats.append(
            f"{wave.label}: {wave.silent:,} of {wave.asked:,} asked did not answer; they stay in the network through "
            "what others said of them, and ties they would have named are not known."
        )
    if wave.not_asked:
        were = "was" if wave.not_asked == 1 else "were"
        caveats.append(f"{wave.label}: {people(wave.not_asked)} on the roster {were} never asked.")
    if wave.off_roster:
        caveats.append(
            f"{wave.label}: {people(wave.off_roster)} named in a tie {'is' if wave.off_roster == 1 else 'are'} not on "
            f"that wave's roster ({count_of(wave.ties_off_roster, 'tie')}), so the boundary was not kept and nobody "
            "asked them."
        )
    if wave.without_label:
        unplaced = (
            f"without {a(wave.by)}"
            if wave.by == ORGANISATION
            else f"whose {wave.by} is not known ({KNOWN_FROM[wave.by]})"
        )
        caveats.append(
            f"{wave.label}: {people(len(wave.without_label))} {unplaced} and "
            f"{count_of(wave.ties_without_label, 'tie')} of theirs are left out of counts by {wave.by}."
        )
    zeros = wave.graph.graph.get("no_tie_reports")
    if zeros:
        says, is_ = ("says", "is") if zeros == 1 else ("say", "are")
        caveats.append(
            f"{wave.label}: {count_of(zeros, 'row')} of strength 0 {says} that there is no tie and {is_} not counted "
            "as one."
        )
    return caveats


# --- across organisations ------------------------------------------------------------------------------------------

_FEW_PEOPLE = 15
_INTERVAL_METHOD = (
    "Intervals: 95%, allowing any two ties with a person in common to depend on each other (dyadic cluster-robust "
    "variance, Fafchamps & Gubert 2007; Aronow, Samii & Assenova 2015), by Wilson's formula with the effective number "
    "of ties; the change joins both waves by Newcombe's method (1998) with their correlation over the same people."
)


def summary(found: RelationNetworks, index: EIIndex, spread: ShareIntervals, moved: CrossChange | None) -> str:
    """Answer whether people are connected across, whether that changed, and how it compares with chance."""
    parts = [
        f"{joined_across(found, index, spread.intervals[-1])}.",
        *([moved.sentence(found.plural)] if moved else []),
        f"Against chance: {no_other_share(found.plural)}"
        if index.sd == 0
        else against_random(index.share, index.expected_share, index.p_value, found.plural),
    ]
    return " ".join(parts)


def joined_across(found: RelationNetworks, index: EIIndex, limits: tuple[float, float]) -> str:
    """Say how many ties of the last wave joined people of different organisations, without a full stop."""
    return (
        f"{found.with_ties[-1].label}: {format_share(index.share)} of {found.name} ties ({int(index.external):,} of "
        f"{index.ties:,}; {interval_in_words(*limits)}) joined people of different {found.plural}"
    )


def no_other_share(plural: str) -> str:
    """Say that who is where leaves nothing to chance."""
    return f"with these {plural} no other share is possible."


def summary_method(plural: str, permutations: int, seed: int, replications: int, *, with_change: bool) -> str:
    """Name the methods of the headline."""
    density = (
        f"Ties across, of those possible: paired vertex bootstrap over people who answered both times "
        f"({replications:,} samples; Snijders & Borgatti 1999, Connections 22:161-170). Yes is said where every value "
        "of the interval of that density, or of the share, lies on one side of no change."
    )
    null = NULL.format(labels=plural, permutations=permutations)
    return " ".join([null, _INTERVAL_METHOD, *([density] if with_change else []), f"Seed {seed}."])


def headline_uncertainty(first: str, spread: ShareIntervals) -> str:
    """Say how sure the last share and its change are."""
    text = interval_in_words(*spread.intervals[-1])
    if len(spread.shares) < 2:
        return f"{text}; one wave, so no change"
    change = f"change from {times_of_asking([first])[0]} {in_points(spread.change)} percentage points"
    return f"{text}; {change}, {interval_in_words(*spread.change_interval, in_points)}"


def summary_caveats(waves: Sequence[WaveNetwork], index: EIIndex, bounds: Sequence[ShareBounds]) -> tuple[str, ...]:
    """Say what the headline must be read with."""
    fewest = min(wave.placed.number_of_nodes() for wave in waves)
    return (
        *((two_questions(f"{waves[-1].by}s"),) if index.sd > 0 else ()),
        *((f"With {people(fewest)} in a wave, intervals are rough.",) if fewest < _FEW_PEOPLE else ()),
        *_non_response_caveats(waves, bounds),
    )


def _non_response_caveats(waves: Sequence[WaveNetwork], bounds: Sequence[ShareBounds]) -> list[str]:
    if not any(bound.silent for bound in bounds):
        return []
    first, last = bounds[0], bounds[-1]
    caveats = []
    if last.silent:
        caveats.append(
            f"{waves[-1].label}: had all of them answered, the share could lie between {format_share(last.low)} and "
            f"{format_share(last.high)} (the ties of {who_said_nothing(waves[-1].placed)} all within or all across, as "
            f"many as others' on average); at the very worst between {format_share(last.lowest)} and "
            f"{format_share(last.highest)}."
        )
    if len(bounds) < 2:
        return caveats
    change = last.share - first.share
    least, most = last.low - first.high, last.high - first.low
    if change and (least <= 0 if change > 0 else most >= 0):
        caveats.append(
            "Unreported ties alone could account for the change of the share: with everyone's answer it could lie "
            f"between {in_points(least)} and {in_points(most)} percentage points."
        )
    elif change:
        caveats.append(
            "The direction in which the share moved holds under these assumptions: it would have changed by "
            f"between {in_points(least)} and {in_points(most)} percentage points. At the very worst the ties nobody "
            f"reported could make it anything between {in_points(last.lowest - first.highest)} and "
            f"{in_points(last.highest - first.lowest)}."
        )
    return caveats


def instead_of_ties(attendance: pd.DataFrame | None) -> str:
    """Say at the top of a page without ties what it can show all the same."""
    if attendance is None:
        return ""
    if attendance["person"].notna().any():
        return " What attendance tells of who could have met whom stands at the end of this page."
    if "organisation" in attendance.columns and attendance["organisation"].notna().any():
        return (
            " Attendance holds head counts by organisation: which organisations, and which sectors, were at the same "
            "sessions stands at the end of this page; who met whom is not known."
        )
    return (
        " Attendance holds head counts without names or organisations, so this page can show how many came to each "
        "session (at its end), and neither people, organisations nor sectors: it takes ties.csv, or the organisation "
        "of those who came, to show more."
    )


def mixing(wave: WaveNetwork, index: EIIndex | None) -> str:
    """Say how ties within and across compare with chance at one wave; without an index there is no tie."""
    if index is None:
        return f"{wave.label}: no tie between two people who have {a(wave.by)}."
    if index.sd == 0:
        return f"{wave.label}: E-I {with_minus(index.estimate)}, the only value these {wave.by}s allow."
    return (
        f"{wave.label}: E-I {with_minus(index.estimate)} ({format_share(index.share)} of ties across), where people "
        f"placed at random give {with_minus(index.expected)} ({format_share(index.expected_share)}); "
        f"{as_far(index.p_value)}."
    )


def mixing_method(plural: str, permutations: int, seed: int) -> str:
    """Name the method of the index wave by wave."""
    return (
        f"{NULL.format(labels=plural, permutations=permutations)} Seed {seed}. Rescaled: -1 and 1 are the lowest and "
        "highest values that group sizes and the number of ties allow."
    )


def share_over_time(found: RelationNetworks, table: pd.DataFrame) -> str:
    """Say the share across at each wave, with its interval and what chance gives."""
    words = [
        f"{row['wave']}: {format_share(row['cross_share'])} "
        f"({interval_in_words(row['interval_low'], row['interval_high'])}; "
        f"{format_share(row['expected_share'])} expected by chance)"
        for row in table.to_dict("records")
    ]
    return f"Share of {found.name} ties across {found.plural}: {'; '.join(words)}."


INTERVAL_ONLY = (
    "An interval says how far the share of its wave could be off; it is no test against the share expected at random, "
    "which stands with its p further up and can lie inside an interval all the same."
)


def share_over_time_method(plural: str) -> str:
    """Name the methods of the share over time."""
    return (
        "Intervals: 95%, dyadic cluster-robust (Aronow, Samii & Assenova 2015, Political Analysis 23:564-577), "
        f"by Wilson's formula with the effective number of ties. Expected: exact mean for {plural} dealt out to "
        "people at random (Krackhardt & Stern 1988, Social Psychology Quarterly 51:123-140)."
    )


def organisation_map(one: Rolled) -> str:
    """Say how many pairs of organisations are joined at a wave, which most, and who is joined to nobody."""
    count, level = len(one.people), one.level
    text = (
        f"{one.wave.label}: {len(one.pairs)} of {count_of(count * (count - 1) // 2, 'pair')} of {level.plural} "
        f"{'is' if len(one.pairs) == 1 else 'are'} joined by {level.name} ties"
    )
    most = max(one.pairs.values(), default=0)
    largest = [pair for pair, ties in one.pairs.items() if ties == most]
    if len(largest) == 1 and len(one.pairs) > 1:
        first, second = map(level.called, largest[0])
        text += f", most between {first} and {second} ({most})"
    alone = sorted(level.called(name) for name in one.people if not one.joined(name))
    if alone and count > 1:
        text += f"; joined to no other: {first_few(alone, 5)}"
    return f"{text}."


def organisation_matrix(
    found: RelationNetworks, wave: WaveNetwork, organisations: int, counts: Mapping[tuple[str, str], int]
) -> str:
    """Say how many pairs of organisations had a tie at a wave, and which most."""
    text = (
        f"{wave.label}: {len(counts)} of {count_of(organisations * (organisations - 1) // 2, 'pair')} of "
        f"{found.plural} had at least one {found.name} tie"
    )
    most = max(counts.values(), default=0)
    largest = [pair for pair, count in counts.items() if count == most]
    if len(largest) == 1:
        text += f", most between {found.called(largest[0][0])} and {found.called(largest[0][1])} ({most})"
    return f"{text}."


def busiest_only(what: str, plural: str, shown: int, everything: int) -> tuple[str, ...]:
    """Say how many organisations a picture leaves out."""
    if everything <= shown:
        return ()
    return (f"The {what} shows the {shown} {plural} with the most ties of {everything:,}; the table has all.",)


# --- the four answers ----------------------------------------------------------------------------------------------


def questions(plural: str) -> tuple[str, str, str, str]:
    """Ask the four questions of what ties are counted across."""
    return (
        f"Connected across {plural}?",
        "Who connects them?",
        "Did that change?",
        "Could non-response explain it?",
    )


def connected(found: RelationNetworks, index: EIIndex, limits: tuple[float, float]) -> str:
    """Answer whether people are connected across organisations."""
    text = joined_across(found, index, limits)
    if index.sd == 0:
        return f"{text}; {no_other_share(found.plural)}"
    chance = against_random(index.share, index.expected_share, index.p_value, found.plural)
    return f"{text}. {chance} {two_questions(found.plural)}"


def who_connects_them(plural: str, reaching: str, spanning: Sequence[tuple[str, str, int]], silent: int) -> str:
    """Answer who connects organisations: who stands between, by person, organisation and times, then who reaches."""
    if not spanning:
        return f"{reaching} Nobody stands between people of different {plural}."
    named = [f"{person} ({home}, {count_of(times, 'time')})" for person, home, times in spanning]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    text = f"{listed} most often stood between people of different {plural} who had no tie with each other."
    unsure = "These are counts of what was reported, without an interval"
    more = f"; of the {silent:,} who did not answer only what others said is known" if silent else ""
    return f"{text} {reaching} {unsure}{more}."


def did_that_change(found: RelationNetworks, moved: CrossChange | None, counted: str) -> str:
    """Answer whether connection across organisations changed."""
    last = found.with_ties[-1].label
    if len(found.waves) < 2:
        return f"There is one wave ({last}), so no change can be shown."
    if moved is None:
        return f"Only {last} has ties between people of known {found.plural}. {counted}"
    return f"{moved.answer(found.plural)} {moved.numbers(found.plural)} {counted}"


NO_ROSTERS = "Who did not answer is not on record (no rosters.csv), so this cannot be said."
ALL_ANSWERED = "No: all who were asked answered, and nobody was named from outside the roster."


def could_silence_explain(found: RelationNetworks, last: UnderNonResponse, moved: ChangeUnderNonResponse | None) -> str:
    """Answer whether people who did not answer could explain the share or its change."""
    if not (last.silent or (moved and moved.silent)):
        return ALL_ANSWERED
    could = last.flips or last.could_flip or bool(moved and (moved.flips or moved.could_flip))
    at_worst = last.could_at_worst or bool(moved and moved.could_at_worst)
    word = "It could." if could else "Only at the very worst." if at_worst else "No."
    waves = found.with_ties
    text = f"{word} {waves[-1].label}: {last.said(found.plural)}"
    return text if moved is None else f"{text} {waves[0].label} to {waves[-1].label}: {moved.said(found.plural)}"


# --- change between waves ------------------------------------------------------------------------------------------


def ties_moved(rows: Sequence[Mapping[str, Any]], plural: str) -> str:
    """Say how many ties were kept, gained and lost from wave to wave."""
    return " ".join(_ties_moved(row, plural) for row in rows)


def _ties_moved(row: Mapping[str, Any], plural: str) -> str:
    who = f"among the {people(row['stayers'])} of both waves"
    lead = f"{row['from_wave']} to {row['to_wave']}:"
    if not row["kept"] + row["gained"] + row["lost"]:
        return f"{lead} there is no tie to compare {who}."
    return (
        f"{lead} {who}, {count_of(row['kept'], 'tie')} {'was' if row['kept'] == 1 else 'were'} kept, {row['gained']} "
        f"gained ({row['gained_across']} of them across {plural}) and {row['lost']} lost ({row['lost_across']} "
        "across)."
    )


def not_known(ties: int) -> str:
    """Say how many ties can be called neither gained nor lost."""
    return (
        f"{count_of(ties, 'tie')} cannot be called gained or lost: whoever would have reported "
        f"{'it' if ties == 1 else 'them'} did not answer, or was not asked, in one of the waves."
    )


TIES_MOVED_METHOD = (
    "Counted over people rostered in both waves; ties of joiners and leavers apart. Stability: Jaccard = "
    "kept / (kept + gained + lost); below 0.3 waves are too far apart to speak of one network changing (Snijders, "
    "van de Bunt & Steglich 2010, Social Networks 32:44-60)."
)


def density_moved(density: DensityChange, lead: str) -> str:
    """Say whether there are more ties of any kind; without a lead the sentence begins with itself."""
    low, high = density.interval
    moved = (
        "more ties of any kind:"
        if low > 0
        else "fewer ties of any kind:"
        if high < 0
        else "whether there are more ties of any kind or fewer, the data cannot tell:"
    )
    first, second = (format_share(share, 1 if share >= 0.01 else 2) for share in (density.first, density.second))
    text = (
        f"mong the {density.people:,} {density.who}, {moved} {first} of possible ties, then {second} (change "
        f"{density_in_points(density.change)} percentage points, "
        f"{interval_in_words(low, high, density_in_points)})."
    )
    return f"{lead}a{text}" if lead else f"A{text}"


def change_tested_caveats(plural: str) -> tuple[str, ...]:
    """Say who is compared, and what the interval and p answer."""
    return (
        "Compared are people who answered in both waves: what somebody named who did not answer is not known, which "
        "is not the same as naming nobody. A change is not an effect: there is no comparison group.",
        two_questions(plural),
    )


def change_tested_method(plural: str, seed: int) -> str:
    """Name the methods of the tests of change."""
    return (
        "Density: paired vertex bootstrap (Snijders & Borgatti 1999, Connections 22:161-170), p from the normal "
        f"distribution; of ties across, over the pairs of people of different {plural}. E-I: the same labels dealt out "
        f"to the people at random in both waves, p two-sided, (k + 1) / (R + 1). Seed {seed}."
    )


def unsure_gains(not_known: int) -> str:
    """Say for how many people a contact can be called neither gained nor lost."""
    return (
        f" For {people(not_known)} at least one contact cannot be called gained or lost, because somebody who could "
        "have reported it did not answer in one of the waves."
        if not_known
        else ""
    )


def step(one: Step, across: Mapping[str, int]) -> str:
    """Say how many ties were kept, lost and gained from one wave to the next, for a picture of them."""
    change: WaveComparison = one.change
    return (
        f"{one.before.label} to {one.after.label}: {count_of(change.kept, 'tie')} kept, {change.lost:,} lost "
        f"({across['lost']:,} across organisations) and {change.gained:,} gained ({across['gained']:,} across)."
    )


STEP_METHOD = (
    "Counted over people rostered in both waves; a tie counts for both of its people, and one that only returns "
    "another is a new tie and no new contact. People keep their place; position and distance carry no meaning beyond "
    "the organisation."
)

# --- people --------------------------------------------------------------------------------------------------------


def nobody_in(found: RelationNetworks) -> str:
    """Say that a network has no people."""
    return f"There is nobody in the {found.name} network."


def nobody_named(wave: WaveNetwork) -> str:
    """Say that a wave has nobody who can be named."""
    return f"{wave.label}: nobody who can be named stands in the network."


def wave_drawn(found: RelationNetworks, wave: WaveNetwork) -> str:
    """Say what a picture of a wave's people shows."""
    text = (
        f"{wave.label}: {count_of(wave.graph.number_of_edges(), f'{found.name} tie')} among "
        f"{people(wave.graph.number_of_nodes())}"
    )
    if wave.ties:
        text += f", {wave.crossing} ({format_share(wave.cross_share)}) between organisations"
    return text + (f"; {wave.without_ties} without any tie." if wave.without_ties else "; everyone has a tie.")


def sociogram_method(larger: str, *, is_brokerage: bool) -> str:
    """Say what place and size say."""
    source = " (Gould & Fernandez 1989, Sociological Methodology 19:89-126)" if is_brokerage else ""
    return (
        "An island is an organisation; people keep their place in every wave. Position and distance carry no meaning "
        f"beyond that. A larger mark {larger}{source}."
    )


def reaching(
    found: RelationNetworks, *, reached: int, people_in_all: int, groups: int, most: Sequence[str], of: int
) -> str:
    """Say how many reach another organisation (sector) in the last wave, and who reaches most: `of` of them."""
    last = found.waves[-1].label
    text = f"{last}: {reached:,} of {people(people_in_all)} had {found.name} ties with another {found.by}"
    if of:
        return f"{text}; {first_few(most, 5)} reached most: {_of_others(of, groups - 1)}."
    return f"{text}." if reached else f"{text}, so nobody connects {found.plural}."


def _of_others(reached: int, others: int) -> str:
    if others == 1:
        return "the one other"
    return f"{reached if reached < others else 'all'} of the {others} others"


def not_all_drawn(people: int) -> str:
    """Say that the picture has not everybody, and how to ask for one."""
    return f"With {people:,} people not all are drawn; ask for one with ego_view(study, person=...)."


ONE_POSITION = "One person's position hangs on a handful of ties; read it with the person, not as a score."
PERHAPS_NOT_LOST = "Where somebody did not answer both times, a contact may be missing rather than lost."
MANY_TESTS = "Many measures are many tests; their p-values are not corrected for one another."
SENDERS_RATING = "Strength is the sender's own rating, and there is none for a tie nobody named."
EVERY_NULL_SHOWN = "Which null and which correction are chosen decides how many pairs are left, so all are shown."
NOBODY_ASKED = ": nobody was asked whether they spoke"


def pairs_not_listed(some: bool) -> tuple[str, ...]:
    """Say that pairs with somebody who did not consent are counted and not listed, where there are some."""
    return ("Pairs with somebody who did not consent are counted and not listed.",) if some else ()


def a_chance(more: str = "") -> str:
    """Say what being at the same session means, and what `more` is to be said of it.

    Examples
    --------
    >>> a_chance(" between sectors")
    'Being at the same session is a chance to meet, not a tie between sectors.'
    """
    return f"Being at the same session is a chance to meet, not a tie{more}."


def reaching_method(is_directed: bool, betweenness_up_to: int) -> str:
    """Name the methods of who reaches whom."""
    return (
        "Another organisation is reached through a tie in either direction. On shortest paths between others: "
        "betweenness, the shortest paths that lead through a person, "
        f"{'directed' if is_directed else 'undirected'}, not normalised (Freeman 1977, Sociometry "
        f"40:35-41); given up to {betweenness_up_to:,} people."
    )


def spanning(
    found: RelationNetworks,
    last: WaveNetwork,
    total: int,
    table: pd.DataFrame,
    across: int,
    null: Mapping[str, Mapping[str, float]],
    *,
    tested: bool,
) -> str:
    """Say how often somebody stood between two people without a tie, who most often, and in which role."""
    if not total:
        return f"{last.label}: nobody stood between two people who had no {found.name} tie with each other."
    most = int(table["across"].max()) if len(table) else 0
    top = table.loc[table["across"] == most, "person"].astype(str).tolist()
    often = f"; {first_few(top, 3)} most often ({count_of(most, 'time')})" if most else ""
    roles = ", ".join(
        f"{role} {int(null[role]['count']):,} against {null[role]['expected_labels']:,.0f} "
        f"({format_p(null[role]['p_value'])})"
        for role in ROLES
        if tested
    )
    return (
        f"{last.label}: {count_of(total, 'time')} a person stood between two people who had no {found.name} tie with "
        f"each other, {across:,} of them between or into other {found.plural}{often}. "
        + (f"By role, against people placed at random: {roles}." if tested else "")
    )


def spanning_caveats(is_directed: bool) -> tuple[str, ...]:
    """Say what standing between others is not."""
    return (
        "Standing between others is a position, not an act: nobody was asked whether anything was passed on.",
        *(
            ()
            if is_directed
            else ("An undirected tie is read in both directions, so each path counts from both of its ends.",)
        ),
    )


def spanning_method(by: str, null: Mapping[str, Mapping[str, float]], permutations: int, seed: int) -> str:
    """Name the methods of who stands between, with the counts of the whole network."""
    roles = []
    for role in ROLES:
        held = null[role]
        labels = (
            f"labels at random {held['expected_labels']:.0f}, {format_p(held['p_value'])}; " if permutations else ""
        )
        roles.append(
            f"{role} {int(held['count'])} ({labels}a random network {held['expected']:.0f}, z {with_minus(held['z'])})"
        )
    return (
        f"Gould & Fernandez 1989, Sociological Methodology 19:89-126. From, through and to: coordinator all of one "
        f"{by}, itinerant out and back, representative outwards, gatekeeper inwards, liaison between three. Whole "
        f"network: {'; '.join(roles)}. {permutations:,} random arrangements of the labels, p two-sided, (k + 1) / "
        f"(R + 1), seed {seed}; z against a random network of the same density, as R's sna gives it."
    )


def ego(name: str, view: View) -> str:
    """Say whom a person is tied to at a wave, and how far those are tied to each other."""
    text = f"{view.wave.label}: {view.ego} has {name} ties with {people(len(view.others))}"
    if view.others:
        text += f" and reaches {count_of(len(view.other_organisations), 'other organisation')}"
    if view.pairs:
        text += (
            f"; {len(view.among)} of {count_of(view.pairs, 'pair')} of those neighbours ({format_share(view.density)}) "
            f"{'is' if len(view.among) == 1 else 'are'} tied to each other"
        )
    if view.unknown_pairs:
        text += f"; of {count_of(view.unknown_pairs, 'pair')} of neighbours neither said anything"
    silent = view.silent
    return text + (f"; this person {silent}, so only what others said is known." if silent else ".")


def only_what_others_said(*waves: WaveNetwork, of_core: bool = False) -> tuple[str, ...]:
    """Say for whom only reports of others are counted, if for anybody, and what follows for a core."""
    who = [
        *(["people who did not answer"] if any(wave.silent for wave in waves) else []),
        *(["people nobody asked"] if any(NEVER_ASKED in wave.answers.values() for wave in waves) else []),
    ]
    follows = ", so they can hardly be found in the core" if of_core else ""
    return (f"For {' and '.join(who)}, only ties that others reported are counted{follows}.",) if who else ()


def nobody_to_pick(last: WaveNetwork, name: str) -> str:
    """Say that no tie joins two people of known organisations, so that nobody can be picked."""
    return (
        f"{last.label}: no {name} tie joins two people whose organisation is known, so nobody's network can be picked "
        "out."
    )


EGO_METHOD = (
    "Neighbours are drawn by organisation around the person; ties among them are thin. Distance carries no meaning."
)
EGOS_METHOD = (
    "Neighbours: people tied in either direction. Share of pairs of neighbours tied: density of the network without "
    "its person, in either direction (Burt 1992, Structural Holes), among the pairs of whom at least one could say so. "
    "Distance carries no meaning."
)


@dataclass(frozen=True)
class Foremost:
    """Somebody who comes first, where from, how many others do alike in words, and whether nobody else does."""

    person: str
    home: str
    alike: str
    is_alone: bool

    def __str__(self) -> str:
        return f"{self.person} ({self.home}){self.alike}"


def position(
    found: RelationNetworks, last: WaveNetwork, between: Foremost, paths: float, freest: Foremost, constraint: float
) -> str:
    """Say who lies on most shortest paths, and who is least closed in by contacts who know each other."""
    if not paths > 0:
        return f"{last.label}: nobody lies on a shortest {found.name} path between two others."
    return (
        f"{last.label}: {between} {'lies' if between.is_alone else 'lie'} on most shortest {found.name} paths between "
        f"others ({paths:.1f}), and {freest} {'is' if freest.is_alone else 'are'} least closed in by contacts who know "
        f"each other (constraint {constraint:.2f})."
    )


POSITIONS_METHOD = (
    "Paths count steps. Betweenness: Freeman 1977; closeness: Wasserman & Faust 1994, directed from others to the "
    "person; constraint, effective size, efficiency and hierarchy: Burt 1992, from ties in both directions. Own E-I: "
    "contacts in either direction, exact p with others placed at random, not corrected for the number of people."
)


def core(label: str, fit: CorePeriphery) -> str:
    """Say whether a wave has a core, and how dense it is within, between and outside."""
    within, between, outside = (
        format_share(0.0 if np.isnan(share) else share)
        for share in (fit.density_core, fit.density_between, fit.density_periphery)
    )
    return (
        f"{label}: {fit.sentence} Ties are {within} of those possible within the core, {between} between and {outside} "
        "within the periphery."
    )


def core_method(permutations: int, seed: int) -> str:
    """Name the method of the core."""
    return (
        "Borgatti & Everett 1999, Social Networks 21:375-395: the division whose ideal pattern (ties of and with the "
        "core, none within the periphery) correlates best with the ties; all divisions are tried up to "
        f"{EXACT_UP_TO} people, beyond that a search with restarts. Compared with {permutations:,} networks in which "
        f"the same ties join other pairs, (k + 1) / (R + 1), seed {seed}."
    )


# --- the whole -----------------------------------------------------------------------------------------------------


def structure(label: str, whole: str, measures: pd.DataFrame, fit: str) -> str:
    """Say how the network of a wave is built."""
    closed = ""
    for row in measures.to_dict("records"):
        if row["measure"] == "transitivity" and not np.isnan(row["p_value"]):
            closed = (
                f" {format_share(row['value'])} of two-step paths are closed by a direct tie, where chance gives "
                f"{format_share(row['expected'])} ({format_p(row['p_value'])})."
            )
    return f"{label}: {whole}{closed} {fit}"


def structure_method(plural: str, permutations: int, seed: int) -> str:
    """Name the methods of the shape of the whole."""
    return (
        "Reciprocity against as many ties between random ordered pairs; other measures against the same mutual, "
        "asymmetric and null pairs dealt out at random (Holland & Leinhardt 1976); modularity (Newman & Girvan 2004) "
        f"against {plural} dealt out to people at random; {permutations:,} draws each, p two-sided, (k + 1) / "
        f"(R + 1), seed {seed}. Parallel ties are one tie."
    )


def predictors(label: str, table: pd.DataFrame, counted: int) -> str:
    """Say what goes with a tie at a wave."""
    each = "; ".join(
        f"{row['predictor']} {in_points(row['coefficient'])} points ({format_p(row['p_value'])})"
        for row in table.to_dict("records")
    )
    return f"{label}: difference in the share of pairs tied, each with the others held: {each}; {counted} people."


def people_left_out(number: int, *, in_both: bool) -> str:
    """Say how many people stand in no regression, and why."""
    return (
        f"{people(number)} who did not answer{' in both waves' if in_both else ''}, were never asked, or of whom "
        f"something is not known {'is' if number == 1 else 'are'} left out."
    )


def predictors_method(permutations: int, seed: int) -> str:
    """Name the method of what goes with a tie."""
    return (
        "Regression of the tie (1 or 0) of each pair of people on the predictors, tested by double semi-partialling "
        f"(Dekker, Krackhardt & Snijders 2007, Psychometrika 72:563-581), {permutations:,} permutations a predictor, p "
        f"two-sided, (k + 1) / (R + 1), seed {seed}. Only people who answered and of whom all predictors are known."
    )


def strength_method(permutations: int, seed: int) -> str:
    """Name the method of how strong ties are."""
    return (
        "Difference of means across and within, tested by dealing the labels out to people at random: "
        f"{permuted(permutations, seed)} Trust: the mean of openness, reliability and support of the mission, as in "
        "PARTNER (Varda et al. 2008, Journal of Public Health Management and Practice 14(5):E1-E8)."
    )


# --- who answered --------------------------------------------------------------------------------------------------


def response(label: str, asked: int, answered: int, rate: float) -> str:
    """Say how many of those asked answered at a wave."""
    if not asked:
        return f"{label}: nobody was asked."
    return f"{label}: {answered:,} of {asked:,} asked answered ({format_share(rate)})."


def low_response(row: Mapping[Any, Any], called: str) -> str:
    """Say of an organisation that it is described mainly by others."""
    return (
        f"{row['wave']}: fewer than half of those asked answered in {called} ({row['answered']} of {row['asked']}): "
        "its ties are described mainly by others."
    )


def returned(label: str, share: float) -> str:
    """Say how often people who answered return each other's ties, which filling in supposes of the others."""
    return (
        f"{label}: among people who answered {format_share(share)} of ties are returned; filling in returned ties for "
        "the others supposes that all of theirs are."
    )


def non_response_method(permutations: int, seed: int) -> str:
    """Name the treatments of people who did not answer."""
    return (
        "Silent is who did not answer, and who was never asked. Treatments: as reported; only people who answered; "
        "ties to the silent taken as returned (Stork & Richards 1992, Group & Organization Management 17:193-209); "
        "their ties all within or all across, as many as others' on average; at the very worst, every tie they could "
        "have (after Manski 1990). As reported, the test is that of the first heading; under the other treatments E-I "
        f"against labels at random, {permuted(permutations, seed)}"
    )


# --- the sessions --------------------------------------------------------------------------------------------------


NOBODY_ATTENDED = "attendance.csv names nobody and counts nobody, so who attended which session is not known."
HEADS_ONLY = "Attendance is recorded as head counts only (attendance.csv), so who met whom is not known."


def attended(number: int, sessions: int, often: int, busiest: str, came: int) -> str:
    """Say how many attended, how many more than once, and where most were."""
    return (
        f"{people(number)} attended {count_of(sessions, 'session')}; {often} ({format_share(often / number)}) came "
        f"more than once. Most came to {busiest} ({came})."
    )


def attendance_caveats(seen: Attendance, rows: int, *, by_person: bool) -> tuple[str, ...]:
    """Say who is not in a picture of attendance, and what of it does not fit."""
    counted, sessions = sum(seen.counted.values()), len(seen.events)
    refused = sum(person in seen.unnamed for person in seen.people)
    caveats = []
    if counted:
        caveats.append(f"{people(counted)} counted without a name are not in the picture.")
    if refused:
        caveats.append(
            f"{people(refused)} who attended did not consent, or withdrew: not named in the picture, and without a row "
            "in the table."
        )
    if sessions > EVENTS_AT_MOST:
        caveats.append(f"The picture shows the latest {EVENTS_AT_MOST} of {sessions} sessions.")
    if not by_person:
        caveats.append(f"With {len(seen.people):,} people the picture has a row {a(seen.by)}; the table has all.")
        caveats += rows_left_out(rows, seen.by)
    return tuple(caveats)


def rows_left_out(rows: int, by: str) -> tuple[str, ...]:
    """Say how many organisations of a picture of attendance are not drawn."""
    if rows <= ROWS_AT_MOST:
        return ()
    return (f"The picture shows the {ROWS_AT_MOST} {by}s with most attendances of {rows:,}.",)


def head_counts(total: int, sessions: int, busiest: str, came: int, placed: int, by: str) -> str:
    """Say what counts without names say, and of how many organisations, where they name one."""
    needed = "organisation in attendance.csv" + (", sector in organisations.csv" if by == "sector" else "")
    return (
        f"{count_of(total, 'attendance')} at {count_of(sessions, 'session')}, most at {busiest} ({came}). Attendance "
        "is recorded as head counts only (attendance.csv), so how many people that were, who came again and who "
        "met whom is not known; "
        + (f"{count_of(placed, by)} came." if placed else f"nor is which {by}s they came from ({needed}).")
    )


def not_used(rows: int, without: str) -> tuple[str, ...]:
    """Say how many rows of attendance name nobody, or no organisation."""
    return (f"{count_of(rows, 'row')} of attendance without {without} could not be used.",) if rows else ()


def not_placed(number: int) -> tuple[str, ...]:
    """Say how many people have no organisation."""
    return (f"{people(number)} without an organisation could not be counted by organisation.",) if number else ()


def nulls_left_out(found: ValidatedProjection, drawn_up_to: int) -> tuple[str, ...]:
    """Say which nulls were not worked out or drawn."""
    return (
        *(
            ()
            if found.permutations
            else (f"Random attendances are drawn up to {drawn_up_to} people only; what is worked out is shown.",)
        ),
        *(
            ()
            if "session_size" in set(found.counts["null"])
            else ("There are too many events to work out the null that knows how large each was.",)
        ),
    )


FEWER_THAN_TWO_PEOPLE = (
    "Attendance names fewer than two people (attendance.csv), so who met more often than by chance is not known."
)


def met(number: int, met_pairs: int, shares: tuple[str, str] | None) -> str:
    """Say how many pairs of people were at a session together; shares across and within organisations."""
    text = f"{people(number)} attended at least one session"
    possible = number * (number - 1) // 2
    if possible:
        share = format_share(met_pairs / possible)
        text += f"; {met_pairs:,} of their {count_of(possible, 'pair')} ({share}) were at one together"
    if shares is not None:
        text += f": {shares[0]} of pairs from different organisations, {shares[1]} of pairs from the same"
    return f"{text}."


def organisations_met(plural: str, together: int, pairs: int, several: int, sessions: int) -> str:
    """Say how many pairs of organisations were at a session together."""
    return (
        f"{together} of {count_of(pairs, 'pair')} of {plural} ({format_share(together / pairs)}) were at a session "
        f"together; {several} of {count_of(sessions, 'session')} had people of more than one."
    )


def fewer_than_two(by: str) -> str:
    """Say that attendance names fewer than two organisations."""
    return (
        f"Attendance names fewer than two {by}s (organisation in attendance.csv or people.csv"
        f"{', sector in organisations.csv' if by == 'sector' else ''}), so which {by}s met is not known. The "
        "head count of each organisation at each session would be enough to show it."
    )


def validated_method(permutations: int, seed: int) -> str:
    """Name the nulls of who met more often than by chance."""
    return (
        "Given how much each attends: hypergeometric (Tumminello et al. 2011, PLoS ONE 6:e17994). Given also how large "
        "each session was: worked out with sessions weighted so that each has its size on average (conditional "
        "Bernoulli sampling, Chen, Dempster & Liu 1994, Biometrika 81:457-469), and by "
        f"{permutations:,} random attendances with the same totals (curveball, Strona et al. 2014, "
        f"Nature Communications 5:4114), (k + 1) / (R + 1), seed {seed}. One-sided; corrected for all pairs by "
        "Bonferroni and by Benjamini & Hochberg. Minutes together: the lesser of both people's minutes, summed. "
        "Corrected for size: a session of k people counts 1 / (k - 1) (Newman 2001)."
    )
