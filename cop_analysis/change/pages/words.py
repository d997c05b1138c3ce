"""Every sentence of the pages of measured change: facts in, words out. Nothing is worked out, read or drawn here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.methods.effects import Superiority, on_different_sides
from cop_analysis.change.methods.exact import smallest_p
from cop_analysis.results import (
    SECONDARY,
    Headline,
    count_of,
    format_level,
    format_p,
    format_share,
    interval_in_words,
    place_of,
    with_minus,
    with_sign,
)
from cop_analysis.results.values import how_often

if TYPE_CHECKING:
    from cop_analysis.change.methods.columns import Differences
    from cop_analysis.change.methods.group_tests import Association, GroupsTest, RankSum, WholeOrganisations
    from cop_analysis.change.methods.multiplicity import MaxT
    from cop_analysis.change.methods.paired_tests import ClusterFlips, SignedRank
    from cop_analysis.change.methods.scales import Alpha, ReliableChange
    from cop_analysis.change.methods.study_size import SmallestDetectable
    from cop_analysis.change.methods.waves import ThenTest
    from cop_analysis.change.pages.groups import Grouped
    from cop_analysis.change.pages.items import ItemFacts
    from cop_analysis.change.pages.scale import OverWaves, ScaleFacts
    from cop_analysis.change.pages.sizes import Design, SizeFacts
    from cop_analysis.change.pages.two_waves import TwoWaves
    from cop_analysis.change.pages.who_answered import FlowFacts, Lost
    from cop_analysis.study.config import Instrument

ADJUSTMENTS = {"maxT": "maxT", "holm": "Holm", "bh": "Benjamini-Hochberg"}
"""The adjustments of p for several items by their key in study.toml, as they are called."""

_EXPECTED = {
    "increase": "an increase was expected",
    "decrease": "a decrease was expected",
    "either": "no direction was expected",
}
_TANGO = "PS = P(up) + P(same) / 2 with the score interval of Tango (1998)."
_MOST_NAMED = 3


# --- which way is better ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Direction:
    """Which way is better on an instrument, and the words for moving that way and the other.

    Parameters
    ----------
    better, worse : str
        As in "14 of 22 ...": ``"rated themselves more confident"`` and, shorter, ``"less confident"``.
    tendency : str
        What PS is a tendency towards.
    higher_is_better : bool
        Which way the numbers run.
    """

    better: str
    worse: str
    tendency: str
    higher_is_better: bool

    def counts(self, moved: Superiority | Differences | ReliableChange) -> tuple[int, int]:
        """Give how many moved the better way and how many the worse."""
        return (moved.up, moved.down) if self.higher_is_better else (moved.down, moved.up)

    def towards_better(self, effect: Superiority | RankSum) -> tuple[float, float, float]:
        """Give PS and its limits as a tendency the better way."""
        return self.turn(effect.estimate, effect.low, effect.high)

    def turn(self, estimate: float, low: float, high: float) -> tuple[float, float, float]:
        """Give a tendency up, and its limits, as a tendency the better way."""
        return (estimate, low, high) if self.higher_is_better else (1 - estimate, 1 - high, 1 - low)

    def tendency_in_words(self, effect: Superiority) -> tuple[str, str]:
        """Say PS, and its interval, as a tendency the better way."""
        estimate, low, high = self.towards_better(effect)
        return format_share(estimate), interval_in_words(low, high, level=effect.level)

    @property
    def columns(self) -> tuple[str, str]:
        """The columns of a table that count those who moved the better way and the worse."""
        return ("up", "down") if self.higher_is_better else ("down", "up")

    @property
    def superiority_label(self) -> str:
        """What a column of PS is called: always the tendency the better way."""
        return "tendency up (PS)" if self.higher_is_better else "tendency down, the better way (PS)"

    @property
    def count_labels(self) -> dict[str, str]:
        """What the columns of those who moved up and down are called where that is not plain."""
        return {} if self.higher_is_better else {"up": "up (worse)", "down": "down (better)"}


def direction_of(instrument: Instrument) -> Direction:
    """Choose the words for an instrument: confidence where it measures that, better and worse otherwise.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> stress = SimpleNamespace(key="stress", title="Stress at work", direction="lower is better")
    >>> direction_of(stress).better
    'gave lower (better) answers'
    """
    if instrument.direction == "lower is better":
        return Direction("gave lower (better) answers", "higher", "lower (better) answers", higher_is_better=False)
    if "confiden" in f"{instrument.key} {instrument.title}".lower():
        return Direction("rated themselves more confident", "less", "more confidence", higher_is_better=True)
    return Direction("gave higher (better) answers", "lower", "higher (better) answers", higher_is_better=True)


# --- what every page says --------------------------------------------------------------------------------------------


def people(number: int) -> str:
    """Write a number of people."""
    return count_of(number, "person", "people")


def limits(level: float, before: str = "") -> dict[str, str]:
    """Head the columns of an interval's ends, with what they are the ends of where that is not plain.

    Examples
    --------
    >>> limits(0.95, "PS, ")
    {'low': 'PS, 95% low', 'high': 'PS, 95% high'}
    """
    return {end: f"{before}{format_level(level)} {end}" for end in ("low", "high")}


def named(things: Sequence[str], more: str = "more item") -> str:
    """Name the first few of several, and say how many more there are."""
    left = len(things) - _MOST_NAMED
    return ", ".join(things[:_MOST_NAMED]) + (f" and {count_of(left, more)}" if left > 0 else "")


def software() -> str:
    """Name the software and its version, as reporting guidelines ask (SAMPL, SQUIRE 2.0)."""
    from cop_analysis._version import __version__

    return f"Computed with cop_analysis {__version__}."


def standing_caveats() -> tuple[str, ...]:
    """Give the limits every comparison of two waves has, whatever its numbers.

    Notes
    -----
    Response shift: Sprangers & Schwartz 1999, Social Science & Medicine 48:1507-1515. Regression to the mean:
    Barnett, van der Pols & Dobson 2005, International Journal of Epidemiology 34:215-220.

    Examples
    --------
    >>> len(standing_caveats())
    4
    """
    return (
        "There is no control group: the same change might have happened without the programme.",
        "Response shift: having learnt more, people may judge themselves by a stricter or looser yardstick the second "
        "time, so that equal numbers need not mean equal confidence.",
        "Regression to the mean: people who rated themselves unusually low or high at first tend to move to the middle "
        "whatever happens.",
        "Self-selection: those who joined and answered twice chose to, and may differ from those who did not.",
    )


def who_is_missing(waves: TwoWaves) -> str:
    """Say in one sentence how many were compared and who is not among them."""
    pairing = waves.pairing
    before, after = waves.times
    if not pairing.only_before and not pairing.only_after:
        who = f"All {pairing.n:,} people" if pairing.n > 1 else "The one person"
        return f"{who} who answered did so both times."
    asked = pairing.n + len(pairing.only_before) + len(pairing.only_after)
    return (
        f"{people(pairing.n)} of the {asked:,} who answered at all could be compared; "
        f"{len(pairing.only_before):,} answered only {before} and {len(pairing.only_after):,} only {after}, and they "
        "may have changed differently."
    )


def without_id(answers: int) -> tuple[str, ...]:
    """Say how many answers belong to nobody."""
    if not answers:
        return ()
    return (f"{count_of(answers, 'answer has', 'answers have')} no person and could not be paired.",)


def what_was_left_out(waves: TwoWaves) -> tuple[str, ...]:
    """Say in a sentence each which answers did not count."""
    pairing = waves.pairing
    said = []
    if len(pairing.duplicates):
        said.append(
            f"{count_of(len(pairing.duplicates), 'answer was', 'answers were')} given more than once by the same "
            "person; equal ones count once, different ones not at all."
        )
    if len(pairing.out_of_range):
        low, high = waves.ends
        said.append(
            f"{count_of(len(pairing.out_of_range), 'answer lies', 'answers lie')} outside the scale "
            f"{low:g} to {high:g} and did not count."
        )
    return (*said, *without_id(pairing.without_id))


def floor_caveat(changed: Sequence[tuple[str, int]]) -> str:
    """Say how small a p could have been at all, given how many people changed.

    Parameters
    ----------
    changed : sequence of (str, int)
        Each item's wording and how many people changed on it.

    Examples
    --------
    >>> floor_caveat([("prescribing", 5)]).split(": ")[1]
    '0.0625 with the 5 who changed on “prescribing”.'
    """
    said = "With m people who changed, the smallest two-sided exact p possible is 2^(1-m)"
    if not changed:
        return said + "."
    wording, fewest = min(changed, key=lambda pair: pair[1])
    floor = smallest_p(fewest)
    value = f"{floor:.4f}".rstrip("0").rstrip(".") if floor >= 0.0001 else "below 0.0001"
    said += f": {value} with the {fewest:,} who changed on “{wording}”"
    return said + (", the item with the fewest." if len(changed) > 1 else ".")


# --- why there is nothing to show ------------------------------------------------------------------------------------


def doubt(waves: TwoWaves) -> str:
    """Say why the ids of two waves may be no people's, and what to write so that they are compared."""
    return (
        f"Whether the same id is the same person in both waves is not known: {waves.ids.doubt}. Nobody is paired "
        f'until study.toml says which it is, under [[waves]] {waves.after.key}: design = "unmatched" if the people '
        f'differ from those of the wave “{waves.before.name}” or nobody knows, design = "paired" if each id is one '
        "person both times."
    )


def not_paired(waves: TwoWaves, needed_for: str) -> str:
    """Say why nobody can be compared with themselves: a doubt, or different people."""
    if waves.design == "in doubt":
        return f"{doubt(waves)} Until then {needed_for} cannot be shown."
    return (
        "The two waves were answered by different people, or by people who cannot be matched, so "
        f"{needed_for} cannot be shown."
    )


def nobody_twice(waves: TwoWaves) -> str:
    """Say that nobody answered the same item both times."""
    return f"Nobody answered the same item both times ({'; '.join(waves.names)}), so there is no change to show."


def nobody_changed(waves: TwoWaves) -> str:
    """Say that nobody changed on what the finding is about."""
    lead = waves.lead
    return (
        f"Of {people(lead.differences.n)} nobody changed {waves.about(lead.item)}, so there is nothing to test and no "
        "size to give."
    )


def deviations(waves: TwoWaves) -> tuple[str, ...]:
    """Say in which way a comparison departs from the dated plan, or that there is none."""
    plan = waves.plan
    if plan.dated is None:
        return ("No dated analysis plan says which comparison was meant, so treat this one as exploratory.",)
    day = f"{plan.dated.day} {plan.dated:%B %Y}"
    if plan.instrument and plan.instrument != waves.instrument.key:
        return (
            f"The analysis plan of {day} names {plan.instrument} as the primary instrument; this one is secondary.",
        )
    departures = [
        f"the {what} planned was {planned} and this one is {used}"
        for what, planned, used in (
            ("first wave", plan.before, waves.before.key),
            ("second wave", plan.after, waves.after.key),
        )
        if planned and planned != used
    ]
    return (f"This departs from the analysis plan of {day}: {'; '.join(departures)}.",) if departures else ()


# --- did people's answers change? ------------------------------------------------------------------------------------

DECLARED_UNMATCHED = (
    "study.toml says that different people answered, or that they cannot be matched, so they are compared as two "
    "groups."
)
NO_SHARED_ID = "Nobody's id occurs in both waves, so they are compared as two groups."


def nothing_counts(waves: TwoWaves) -> str:
    """Say at which wave no answer counts."""
    empty = waves.times[1 if waves.pairing.only_before else 0]
    return f"No answer given {empty} counts, so there is nothing to compare with."


def declared_paired_without_pairs(waves: TwoWaves) -> str:
    """Say that waves declared paired share no id."""
    return (
        "study.toml says that the same people answered both times, but no id occurs in both waves "
        f"({'; '.join(waves.names)}), so nobody can be compared. See how the answers were paired."
    )


def why_paired(waves: TwoWaves, *, is_exact: bool) -> str:
    """Say why people are compared with themselves, and by which test."""
    # A mean of several yes-or-no answers takes more values than two: McNemar's test is that of one item alone.
    answered = f"{people(waves.pairing.n)} answered both times, so"
    if not waves.lead.changed:
        return f"{answered} each person is compared with themselves."
    test = "the exact signed-rank test" if is_exact else "the signed-rank test (approximated, with so many people)"
    scale = (
        "each person's two yes-or-no answers are compared exactly (the signed-rank test is McNemar's here)"
        if waves.is_of_two_answers and waves.lead.item
        else f"each person is compared with themselves by {test}, which takes ties and unchanged answers as they are"
    )
    return f"{answered} {scale}."


def in_doubt(waves: TwoWaves) -> tuple[str, str]:
    """Give title and sentence where the waves are shown side by side, because their ids may be no people's."""
    first, second = waves.times
    return f"{waves.instrument.name}: the answers of either wave, not compared", (
        f"{doubt(waves)} Until then the answers of the {len(waves.pairing.only_before):,} who answered {first} and "
        f"of the {len(waves.pairing.only_after):,} who answered {second} are shown side by side, without a comparison."
    )


def what_else(waves: TwoWaves, alone: int, *, are_many: bool, waves_of_study: int) -> tuple[str, ...]:
    """Say what a reader of the answer should look at besides: doubtful ids, many who answered once, further waves."""
    said = []
    if waves.ids.doubt and not waves.ids.design:
        said.append(
            f"Is the same id the same person both times? In these waves {waves.ids.doubt}. Say it in study.toml: "
            f'design = "paired" or design = "unmatched" under [[waves]] {waves.after.key}.'
        )
    if are_many:
        said.append(
            f"{people(alone)} of {alone + waves.pairing.n:,} answered only once and are not in this "
            "result: see whether the answers of all who answered agree with it, and who did not return."
        )
    if waves_of_study > 2:
        said.append(f"The study has {waves_of_study} waves; only two are compared here: {'; '.join(waves.names)}.")
    return tuple(said)


# --- item by item ----------------------------------------------------------------------------------------------------


def items_sentence(facts: ItemFacts) -> str:
    """Say what was found: on the lead, over whole organisations, as a tendency, and over the items."""
    way, effect, p_value = facts.waves.direction, facts.effect, facts.test.p_value
    parts = [_tested(facts), over_organisations(facts.moved.organisations)]
    if facts.test.changed:
        tendency, interval = way.tendency_in_words(effect)
        parts.append(
            f"Counting no change as half, that is a tendency of {tendency} ({interval}) towards "
            f"{way.tendency} (50% would be none either way)."
        )
    if facts.is_apart:
        parts.append(interval_beside_p(way, effect, facts.widened, p_value))
    if len(facts.differences) > 1:
        parts.append(_range_of_items(facts))
    return " ".join(part for part in parts if part)


def _tested(facts: ItemFacts) -> str:
    way, effect = facts.waves.direction, facts.effect
    about = facts.waves.about(facts.waves.lead.item)
    better, worse = way.counts(effect)
    before, after = facts.waves.names
    opening = f"{better:,} of {effect.n:,} {way.better} {about} the second time ({after}) than the first ({before})"
    if not facts.test.changed:
        return (
            f"{opening}, {worse} {way.worse} and {effect.same:,} the same: nobody changed, so there is nothing to test."
        )
    p_value = facts.test.p_value
    return (
        f"{opening}, {worse:,} {way.worse} and {effect.same:,} the same; {format_p(p_value)}: were moving up and "
        f"moving down equally likely for each person, changes as one-sided as this would be seen "
        f"{how_often(p_value)}."
    )


def over_organisations(over: WholeOrganisations) -> str:
    """Say what the test of whole organisations gives; nothing where it is not made."""
    if not over.clusters:
        return ""
    floor = f" (no pattern could give less than {over.floor:.3f})." if over.floor > 0.001 else "."
    return (
        f"That takes people to answer independently; {_over(over)}, which allows for colleagues answering alike{floor}"
    )


def _over(over: WholeOrganisations) -> str:
    units = _organisations_and_others(over.clusters, over.alone, "whole organisation")
    return f"over {units} {format_p(over.p_value)}"


def _organisations_and_others(units: int, alone: int, one: str) -> str:
    others = f" and {people(alone)} without one" if alone else ""
    return f"{count_of(units - alone, one)}{others}"


def unequal_loss(over: WholeOrganisations, way: Direction, estimate: float) -> tuple[str, ...]:
    """Say what organisations that kept different shares of their people do to a finding, where they do anything."""
    if math.isnan(over.superiority):
        return ()
    usual, other = (format_share(way.turn(each, 0, 0)[0]) for each in (estimate, over.superiority))
    (least, of_least), (most, of_most) = over.fewest_kept, over.most_kept
    return (
        f"Organisations kept different shares of their people (from {least:,} of {of_least:,} to {most:,} of "
        f"{of_most:,}; one test of that gives {format_p(over.loss_p_value)}): with each as large as it was the first "
        f"time, the tendency would be {other} instead of {usual}.",
    )


def organisations_in_short(over: WholeOrganisations, way: Direction, p_value: float) -> str:
    """Say in clauses what organisations do to a finding; nothing where it is as it would be without them."""
    said = [_over(over)] if over.weighs(p_value) else []
    if not math.isnan(over.superiority):
        other = format_share(way.turn(over.superiority, 0, 0)[0])
        said.append(f"{other} with each organisation as large as at first")
    return "; ".join(said)


def interval_beside_p(way: Direction, effect: Superiority, widened: Superiority | None, p_value: float) -> str:
    """Say in a sentence why an interval and a p fall on different sides, with the interval of an exact test.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from cop_analysis.change.methods.effects import among_changers, superiority
    >>> way = direction_of(SimpleNamespace(key="c", title="Confidence", direction="higher is better"))
    >>> effect = superiority([1] * 20, [2] * 5 + [1] * 15)
    >>> interval_beside_p(way, effect, among_changers(5, 0, 20), 0.0625).split(": ")[1]
    'widened to agree with the exact test of the 5 who changed, it is 49% to 73%.'
    """
    if widened is None or on_different_sides(widened, p_value):
        return (
            "That interval and p do not agree on whether 50% is compatible with these answers: p also weighs how far "
            "each person moved, the interval only which way."
        )
    low, high = (format_share(each) for each in way.towards_better(widened)[1:])
    return (
        "That interval is an approximation and does not agree with the exact p on whether 50% is compatible with these "
        f"answers: widened to agree with the exact test of the {effect.up + effect.down:,} who changed, it is {low} to "
        f"{high}."
    )


def _range_of_items(facts: ItemFacts) -> str:
    answered = facts.table.loc[facts.table["n"] > 0]
    moved = facts.waves.direction.columns[0]
    share = (answered[moved] / answered["n"]).to_numpy()
    least, most = answered.iloc[int(share.argmin())], answered.iloc[int(share.argmax())]
    said = (
        f"Item by item, those who did ran from {least[moved]:,} of {least['n']:,} (“{least['wording']}”) to "
        f"{most[moved]:,} of {most['n']:,} (“{most['wording']}”)"
    )
    adjusted = answered["adjusted_p_value"].dropna()
    if adjusted.empty:
        return f"{said}."
    low, high = (format_p(value) for value in (adjusted.min(), adjusted.max()))
    return (
        f"{said}; allowing for {count_of(len(adjusted), 'item')} asked at once ({ADJUSTMENTS[facts.multiplicity]}), "
        f"{low if low == high else f'the smallest {low} and the largest {high}'}."
    )


def items_headline(facts: ItemFacts) -> Headline:
    """Give who moved the better way, with how sure that is."""
    way, effect = facts.waves.direction, facts.effect
    better, worse = way.counts(effect)
    before, after = facts.waves.names
    if facts.widened is None:
        uncertainty = "nobody changed, so there is nothing to test"
    else:
        # Where the wider interval does not agree with p either, the sentence says why.
        settles = facts.is_apart and not on_different_sides(facts.widened, facts.test.p_value)
        shown = facts.widened if settles else effect
        how = ", widened to agree with the exact test of those who changed" if settles else ""
        uncertainty = f"{worse:,} {way.worse}; tendency {', '.join(way.tendency_in_words(shown))}{how}"
        short = organisations_in_short(facts.moved.organisations, way, facts.test.p_value)
        uncertainty += f"; {short}" if short else ""
    about = facts.waves.about(facts.waves.lead.item)
    return Headline(
        label=f"people {way.better} the second time ({after}) than the first ({before}), {about}",
        value=f"{better:,} of {effect.n:,}",
        uncertainty=uncertainty,
        order=place_of("change in answers"),
    )


def items_caveats(facts: ItemFacts) -> tuple[str, ...]:
    """Give what a reader must know before using the numbers of the items."""
    waves, wordings = facts.waves, facts.waves.wordings
    said = [
        *unequal_loss(facts.moved.organisations, waves.direction, facts.effect.estimate),
        *standing_caveats(),
        who_is_missing(waves),
        *what_was_left_out(waves),
        *_gaps(facts),
    ]
    changed = [
        (wordings[item], given.up + given.down) for item, given in facts.differences.items() if given.up + given.down
    ]
    said.append(floor_caveat(changed))
    if facts.crowded:
        at_best = [f"{format_share(share)} on “{wordings[item]}”" for item, share in facts.crowded]
        said.append(
            f"Some people already gave the best answer {waves.times[0]} and could not improve: {named(at_best)}."
        )
    if waves.reverse:
        said.append(
            f"{count_of(len(waves.reverse), 'item is', 'items are')} worded the other way and scored in reverse, "
            "so that up means the same on every item."
        )
    if facts.contrary:
        against = ", ".join(f"“{wordings[item]}”" for item in facts.contrary)
        said.append(
            f"People answered {against} the other way from the rest: was the scale read upside down, or does "
            "study.toml lack reverse = true?"
        )
    if not waves.direction.higher_is_better:
        said.append(
            "On this instrument lower is better: a tendency above 50% is towards lower answers, in every table."
        )
    return (*said, *deviations(waves), *_items_apart(facts), *_against_the_plan(facts))


def _gaps(facts: ItemFacts) -> list[str]:
    answered = [given.n for given in facts.differences.values()]
    said = []
    if min(answered) < facts.waves.pairing.n:
        said.append(
            f"Not everyone answered every item both times: between {min(answered):,} and {max(answered):,} of "
            f"{facts.waves.pairing.n:,} did, and each item is worked out on those who did."
        )
    unanswered = sum(count == 0 for count in answered)
    if unanswered:
        said.append(
            f"{count_of(unanswered, 'item was', 'items were')} answered by nobody both times: nothing is shown."
        )
    unchanged = sum(1 for given in facts.differences.values() if given.n and not given.up + given.down)
    if unchanged:
        why = "McNemar's test is undefined there" if facts.waves.is_of_two_answers else "there is nothing to test there"
        said.append(f"On {count_of(unchanged, 'item')} nobody changed: {why}, and no p and no interval is shown.")
    return said


def _items_apart(facts: ItemFacts) -> tuple[str, ...]:
    if not facts.apart:
        return ()
    return (
        f"On {named([f'“{wording}”' for wording in facts.apart])} interval and exact p do not agree on whether 50% is "
        "compatible with the answers: the interval is an approximation and counts only which way people moved; the "
        "test weighs how far.",
    )


def _against_the_plan(facts: ItemFacts) -> tuple[str, ...]:
    plan, effect = facts.waves.plan, facts.effect
    if plan.dated is None or plan.direction not in ("increase", "decrease"):
        return ()
    if plan.instrument not in ("", facts.waves.instrument.key):
        return ()
    wanted, other = ("up", "down") if plan.direction == "increase" else ("down", "up")
    moved = {"up": effect.up, "down": effect.down}
    if moved[wanted] > moved[other]:
        return ()
    alike = moved[wanted] == moved[other]
    said = f"as many moved {other} as {wanted}" if alike else f"more moved {other} than {wanted}"
    return (f"The analysis plan expected {_EXPECTED[plan.direction].split()[0]} {plan.direction}, but {said}.",)


def items_method(facts: ItemFacts, seed: int) -> str:
    """Name the methods of the table of items with their sources."""
    adjusted = [
        f"Adjusted p: {ADJUSTMENTS[facts.multiplicity]}, with the others beside it. {facts.joint.method}",
        _seed(facts.joint, seed),
        "Holm (1979) and Benjamini-Hochberg (1995) adjust the exact p.",
    ]
    several = len(facts.waves.items) > 1
    parts = [
        "Answers are paired by person; an item counts where the person answered it both times.",
        "All items together means each person's mean over the items answered both times (at least half of them)."
        if several
        else "",
        facts.test.method,
        _TANGO,
        *(adjusted if several else []),
        "All p-values are two-sided.",
        _as_planned(facts.waves),
        software(),
    ]
    return " ".join(part for part in parts if part)


def _seed(joint: MaxT, seed: int) -> str:
    return "" if joint.exact else f"Seed {seed}."


def _as_planned(waves: TwoWaves) -> str:
    plan = waves.plan
    if plan.dated is None:
        return ""
    primary = plan.primary.strip().rstrip(".")
    outcome = f"; primary outcome: {primary}" if primary else ""
    expected = f"; {_EXPECTED[plan.direction]}" if plan.direction in _EXPECTED else ""
    return f"Planned on {plan.dated.day} {plan.dated:%B %Y}{outcome}{expected}."


def items_labels(facts: ItemFacts) -> dict[str, str]:
    """Head the columns of the table of items."""
    way = facts.waves.direction
    several = len(facts.differences) > 1
    return {
        **way.count_labels,
        "n": "people",
        "superiority": way.superiority_label,
        **limits(facts.effect.level),
        "mean_change": "mean change",
        "p_value": "exact p",
        "mid_p_value": "mid-p",
        "adjusted_p_value": f"adjusted p ({ADJUSTMENTS[facts.multiplicity] if several else 'one item'})",
        "max_t_p_value": "maxT p",
        "holm_p_value": "Holm p",
        "bh_p_value": "Benjamini-Hochberg p",
        "moves": "up / same / down" if way.higher_is_better else "down (better) / same / up (worse)",
        "effect": f"{way.superiority_label}, {format_level(facts.effect.level)} interval",
    }


def items_title(waves: TwoWaves) -> str:
    """Say what the table of items holds."""
    return f"{waves.instrument.name}, item by item: {'; '.join(waves.names)}"


def tendencies_sentence(way: Direction, least: tuple[float, str], most: tuple[float, str]) -> str:
    """Say from where to where the items' tendencies ran: each a tendency and the item's wording."""
    return (
        f"Item by item the tendency towards {way.tendency} ran from {format_share(least[0])} (“{least[1]}”) to "
        f"{format_share(most[0])} (“{most[1]}”), 50% being none either way."
    )


def tendencies_caveats(level: float) -> tuple[str, ...]:
    """Say how a forest of items is to be read."""
    return (
        "An interval that crosses the line does not mean that nothing changed.",
        f"Each {format_level(level)} interval stands for its own item and is not adjusted for how many were asked.",
    )


TENDENCIES_METHOD = _TANGO
NO_TENDENCY = "On no item did anybody change, so there is no tendency to show."


# --- two waves as two groups -----------------------------------------------------------------------------------------


def matched_sentence(waves: TwoWaves) -> str:
    """Say that matched waves are not compared as two groups."""
    return (
        f"{people(waves.pairing.n)} answered both times ({'; '.join(waves.names)}): the answers are matched, so the "
        "waves are not compared as if they were two groups of different people."
    )


MATCHED_CAVEAT = "Those who answered twice are compared with themselves; all others are taken in beside them."


def one_group_empty(waves: TwoWaves, empty: int) -> str:
    """Say at which wave nobody answered enough items."""
    return f"Nobody answered enough items {waves.times[empty]}, so there are no two groups to compare."


def groups_title(waves: TwoWaves) -> str:
    """Say what the table of two groups holds."""
    return f"{items_title(waves)} (not matched)"


def groups_sentence(waves: TwoWaves, test: RankSum, sizes: tuple[int, int], level: float) -> str:
    """Say by how much the answers of the second group lie higher."""
    way, (first, second) = waves.direction, waves.times
    estimate, low, high = way.towards_better(test)
    return (
        f"{people(sizes[0])} answered {first} and {sizes[1]:,} {second}, and nobody is matched: "
        f"the chance that someone of the second group gave {way.tendency} than someone of the first, "
        f"{waves.about(waves.leading_item)}, is {format_share(estimate)} ({interval_in_words(low, high, level=level)}; "
        "50% is none either way). Were both groups drawn from the same people, a difference this large would be seen "
        f"{how_often(test.p_value)} ({format_p(test.p_value)})."
    )


def groups_headline(waves: TwoWaves, test: RankSum, sizes: tuple[int, int], level: float) -> Headline:
    """Give the chance of a better answer in the second group, with how sure that is."""
    way, (first, second) = waves.direction, waves.names
    estimate, low, high = way.towards_better(test)
    return Headline(
        label=f"chance that someone of the second group ({second}) gave {way.tendency} than someone of the first "
        f"({first}), {waves.about(waves.leading_item)}",
        value=format_share(estimate),
        uncertainty=f"{interval_in_words(low, high, level=level)}; {sizes[0]:,} and {people(sizes[1])}, not matched; "
        f"{format_p(test.p_value)}",
        order=place_of("change in answers"),
    )


def groups_caveats(waves: TwoWaves) -> tuple[str, ...]:
    """Give what a reader must know before using a comparison of two groups."""
    return (
        "Nobody is matched between the groups: a difference may be a change, or other people having answered.",
        "If people did answer twice, they are not independent and this test does not allow for it: agree on ids "
        "that people can repeat, and declare the waves paired.",
        "There is no control group: the same difference might have come without the programme.",
        *what_was_left_out(waves),
        *_shared_ids(len(set(waves.pairing.only_before) & set(waves.pairing.only_after))),
        *deviations(waves),
    )


def _shared_ids(shared: int) -> tuple[str, ...]:
    """Say that ids which occur in both waves are not read as the same people."""
    if not shared:
        return ()
    verb = "is" if shared == 1 else "are"
    return (
        f"{count_of(shared, 'id that occurs', 'ids that occur')} in both waves {verb} not read as the same "
        "person, because study.toml declares the waves unmatched.",
    )


def groups_method(test: RankSum, multiplicity: str, *, asymptotic: bool) -> str:
    """Name the methods of a comparison of two groups with their sources."""
    plain = "Mann-Whitney: normal approximation, tie-corrected, with continuity correction. " if asymptotic else ""
    return (
        f"{test.method} Differences of means with the interval of Welch (1947). Adjusted p: "
        f"{'Benjamini-Hochberg (1995)' if multiplicity == 'bh' else 'Holm (1979)'} on the exact p. {plain}"
        f"All items together means each person's mean over at least half of the items. {software()}"
    )


def groups_labels(way: Direction, level: float, multiplicity: str, items: int) -> dict[str, str]:
    """Head the columns of a comparison of two groups."""
    chance = f"chance of a {'higher' if way.higher_is_better else 'lower (better)'} answer the second time"
    ends = format_level(level)
    return {
        "mean_difference": "difference of means",
        "difference_low": f"difference, {ends} low",
        "difference_high": f"difference, {ends} high",
        "superiority": chance,
        **limits(level, "chance, "),
        "p_value": "exact rank-sum p",
        "mid_p_value": "mid-p",
        "adjusted_p_value": f"adjusted p ({ADJUSTMENTS[multiplicity] if items > 1 else 'one item'})",
        "mann_whitney_u": "Mann-Whitney U",
        "mann_whitney_p_value": "asymptotic Mann-Whitney p, continuity-corrected",
        "difference": f"difference of means ({ends} interval)",
        "chance": f"{chance} ({ends} interval)",
    }


def spread_labels(names: tuple[str, str], captions: Sequence[str]) -> dict[str, str]:
    """Head the columns that say how the answers of either wave are spread."""
    scale = f"{captions[0]} / … / {captions[-1]}" if len(captions) > 2 else " / ".join(captions)
    said = {"n": "people", "answers": f"answers {scale}", "mean": "mean", "median": "median"}
    return {
        f"{column}_{side}": f"{what}, {name}"
        for side, name in zip(("first", "second"), names, strict=True)
        for column, what in said.items()
    }


COUNTS_METHOD = "Counts of the answers that count."


# --- from which answer to which, and each person ---------------------------------------------------------------------


def too_many_answers(points: int) -> str:
    """Say that a scale is too long for a table of moves."""
    return f"A scale with {points:,} answers has too many for a table of moves; the slopes show them."


def movement_sentence(total: int, items: int, stayed: int, up: int, furthest: int) -> str:
    """Say how many answers stayed and moved, and how far at most."""
    return (
        f"Of {count_of(total, 'pair of answers', 'pairs of answers')} over {count_of(items, 'item')}, "
        f"{stayed:,} stayed on the same answer, {up:,} moved up and {total - stayed - up:,} down; the longest move was "
        f"{count_of(furthest, 'step')}."
    )


MOVEMENT_LABELS = {
    "n": "answered both times",
    "stuart_maxwell": "Stuart-Maxwell",
    "freedom": "degrees of freedom",
    "bowker": "Bowker",
    "stuart_maxwell_p_value": "Stuart-Maxwell p",
    "bowker_p_value": "Bowker p",
    "mcnemar_p_value": "McNemar exact p",
    "mcnemar_mid_p_value": "McNemar mid-p",
}
MOVEMENT_CAVEAT = (
    "The p-values here are not adjusted for how many items were asked, and are rough where few people changed: read "
    "the counts."
)
MOVEMENT_METHOD = (
    "Stuart-Maxwell (Stuart 1955; Maxwell 1970), Bowker (1948) and, for two answers, McNemar's test (Fagerland, "
    "Lydersen & Laake 2013). Reversed items are turned."
)


def slopes_sentence(waves: TwoWaves) -> str:
    """Say how many moved which way."""
    way, lead = waves.direction, waves.lead
    better, worse = way.counts(lead.differences)
    return (
        f"Of {people(lead.differences.n)} {waves.about(lead.item)}, {better:,} {way.better} {waves.times[1]}, "
        f"{worse:,} {way.worse} and {lead.differences.same:,} the same; the dark line of each panel is the mean of its "
        "people."
    )


SLOPES_CAVEAT = "Lines are moved by a hair so that none hides another; nobody is named."
SLOPES_METHOD = "A person's score is the mean of the answers given both times, at least half of them."


# --- who was compared ------------------------------------------------------------------------------------------------

WHO_ANSWERED = "Who answered"
SCORE = "A score is the mean of at least half of the items at the wave."


def flow_sentence(waves: TwoWaves, facts: FlowFacts) -> str:
    """Say who is listed, who answered, and whose answers are compared."""
    listed = facts.listed
    there = f"{count_of(len(listed), 'person is', 'people are')} in the people table; " if listed else ""
    counts = []
    for time, who in zip(waves.times, facts.answered, strict=True):
        inside = len(who & listed)
        more = f", and {len(who) - inside:,} more who are not in it" if len(who) > inside else ""
        counts.append(f"{inside:,} of them answered {time}{more}" if listed else f"{len(who):,} answered {time}")
    said = f"{there}{'; '.join(counts)}."
    if waves.design == "in doubt":
        return f"{said} Whether the same id is the same person both times is not known, so nobody is paired."
    if waves.design != "paired":
        return f"{said} These are two groups of different people, or of people who cannot be matched."
    return f"{said} {waves.pairing.n:,} answered both times, {facts.scored:,} of them enough items for a score."


def who_is_listed(facts: FlowFacts) -> tuple[str, ...]:
    """Say why those who answered are no share of those listed, where they are not."""
    if not facts.has_people:
        return ("How many were asked is not known, so that no share of them can be given.",)
    if not facts.listed:
        return (
            "None of those who answered is in the people table, as with codes that people make up themselves: which of "
            "those listed answered is not known, so that no share of them can be given.",
        )
    if not facts.strangers:
        return ()
    return (
        f"{people(facts.strangers)} who answered cannot be found in the people table (a pseudonym of "
        "their own, or a mistyped id): they are no part of any share of those listed, and may be counted twice.",
    )


def audit_sentence(waves: TwoWaves, alike: int, *, at_least: bool) -> str:
    """Say who is paired and who is not, and which ids should be looked at."""
    pairing, (first, second) = waves.pairing, waves.times
    before, after = len(pairing.only_before), len(pairing.only_after)
    if waves.design == "in doubt":
        return f"Nobody is paired. {doubt(waves)}"
    if waves.design == "unmatched":
        return (
            f"Nobody is paired: {people(before)} answered {first} and "
            f"{count_of(after, 'other person', 'other people')} {second}, and the two groups are compared as a whole."
        )
    said = f"{people(pairing.n)} answered both times and can be compared; "
    said += f"{before:,} answered only {first} and {after:,} only {second}."
    twice = len(set(pairing.duplicates["person"]))
    if twice:
        said += f" {people(twice)} answered a question more than once."
    if alike:
        many = "at least " if at_least else ""
        said += (
            f" Among these, {many}{count_of(alike, 'pair of ids is', 'pairs of ids are')} so alike that they may "
            "be one person, mistyped: look at them before using the result."
        )
    return said


def audit_caveats(waves: TwoWaves, *, any_close: bool) -> tuple[str, ...]:
    """Say how ids that nearly match were treated, and which answers belong to nobody."""
    blank = waves.pairing.blank
    said = []
    if any_close:
        said.append("Nobody was joined by guesswork: ids that nearly match are listed, not paired.")
    if blank:
        said.append(f"{count_of(blank, 'person is', 'people are')} in the table without an answer that counts.")
    return (*said, *without_id(waves.pairing.without_id))


AUDIT_METHOD = (
    "People are paired by their id, never by row. Unmatched ids of the two waves are compared with one another: equal "
    "but for case, spaces, punctuation and leading zeros, or one edit apart; two ids that both stand in the people "
    "table are taken to be two people."
)


def attrition_sentence(waves: TwoWaves, facts: Lost) -> str:
    """Say how many returned, where those lost had stood, and whether organisations lost unequally."""
    first, second = waves.times
    stayed, lost = facts.stayed, facts.lost
    said = f"{len(stayed):,} of the {len(stayed) + len(lost):,} who had a score {first} had one {second}"
    if facts.test is None:
        return said + ("." if len(lost) else ": nobody was lost, so there is nothing to compare.")
    opening = (
        f"Those lost had a mean score of {lost.mean():.2f} {first}, the others {stayed.mean():.2f}: the"
        if facts.shows_means
        else "The"
    )
    test = facts.test
    said += (
        f". {opening} chance that one of those lost had stood higher than one who returned is "
        f"{format_share(test.estimate)} ({interval_in_words(test.low, test.high, level=0.95)}, "
        f"{format_p(test.p_value)})."
    )
    if not math.isnan(facts.p_of_organisations):
        said += (
            " One test of whether some organisations lost more of their people than others gives "
            f"{format_p(facts.p_of_organisations)}."
        )
    return said


def attrition_caveats(waves: TwoWaves, facts: Lost, fewest: int) -> tuple[str, ...]:
    """Say what a comparison of those lost and the others cannot show."""
    said = ["Alike at first does not mean that those lost would have changed alike."]
    if facts.hides_means:
        said.append(f"Means of fewer than {fewest} people are not shown.")
    if facts.test is not None and len(facts.lost) < 10:
        said.append(
            f"With {people(len(facts.lost))} lost only a very large difference could show: a large p is no sign that "
            "they are alike."
        )
    if facts.newcomers:
        said.append(f"{people(facts.newcomers)} answered only {waves.times[1]} and had no first score.")
    return tuple(said)


def attrition_labels(waves: TwoWaves) -> dict[str, str]:
    """Head the columns of those who returned and those lost."""
    return {
        "answered_before": f"answered {waves.times[0]}",
        "mean_returned": "mean the first time, returned",
        "mean_lost": "mean the first time, lost",
    }


def attrition_method(facts: Lost) -> str:
    """Name the methods of that comparison with their sources."""
    over = (
        ""
        if math.isnan(facts.p_of_organisations)
        else "Returned or not over organisations: rank test by permutation (for two, the exact test of Fisher 1935, "
        "by distance from the expected count)."
    )
    return (
        "Exact rank-sum test of the first score (Wilcoxon 1945) with the chance of a higher one (Newcombe 2006, "
        f"method 5). {over} {SCORE} {software()}"
    )


def everybody_sentence(waves: TwoWaves, paired: int, points: Sequence[float], answered: int) -> str:
    """Say the change among those who answered twice and among all who answered."""
    if not paired:
        return "Too few people answered twice to set them beside all who answered."
    if len(points) < 2:
        return (
            "Beside those who answered twice no estimate from all who answered could be worked out; why is said below."
        )
    return (
        f"Between {waves.times[0]} and {waves.times[1]} the mean score changed by {with_sign(points[0])} among the "
        f"{people(paired)} who answered twice and by {with_sign(points[-1])} when all who answered at either wave is "
        f"taken in ({people(answered)})."
    )


AT_THE_EDGE = "In the mixed model no spread between people's levels was found: it is ordinary regression."
RAN_AWAY = "The ordinal model ran away (everyone moved one way, say) and is not shown."
EVERYBODY_CAVEATS = (
    "The paired result is the finding; these show whether those who answered only once would alter it.",
    "All but the first take answers to be missing at random: those missing would have answered as others like them "
    "did. Nothing in the data can show that.",
)
EVERYBODY_METHOD = (
    "Derrick, Russ, Toher & White (2017) partly overlapping samples t-test, variances not taken to be equal; "
    "random-intercept model by REML with Satterthwaite's degrees of freedom; cumulative-logit model with a random "
    f"intercept a person and the items as effects, adaptive Gauss-Hermite quadrature with 21 nodes. {SCORE}"
)


def nothing_missing(waves: TwoWaves, *, any_scored: bool) -> str:
    """Say why missing answers could change nothing."""
    if not any_scored:
        return "Nobody had a score both times, so there is no finding to bound."
    return f"All who had a score {waves.times[0]} had one {waves.times[1]}, so nothing is missing."


def missing_sentence(lost: int, whole: int, tendency: tuple[float, float, float], tipping_point: float) -> str:
    """Say within which bounds those lost leave the finding."""
    estimate, lowest, highest = (format_share(each) for each in tendency)
    return (
        f"{people(lost)} of {whole:,} did not return. The tendency of {estimate} would be {lowest} at worst, had all "
        f"of them moved the wrong way, and {highest} at best. The mean change of those who did not return would have "
        f"to differ from that of the others by {with_sign(tipping_point)} scale points for the mean change of all "
        f"{whole:,} to be none."
    )


def missing_caveats(way: Direction) -> tuple[str, ...]:
    """Say what a table of assumptions is, and which way its tendency runs."""
    return (
        "No answer is made up: the table shows what would follow from an assumption, and only judgement says which is "
        "likely.",
        f"The tendency is towards {way.tendency} (moving {way.columns[0]}); 50% is none either way.",
        "The interval takes the assumed shift as known.",
    )


MISSING_LABELS = {"delta": "those missing changed by so much more", "mean_change": "mean change over all of them"}
MISSING_METHOD = (
    "Worst-case bounds (Manski 2003); pattern-mixture shift with tipping point (Little 1993; Yan, Lee & Li 2009). "
    f"{SCORE}"
)


# --- the scale as a whole --------------------------------------------------------------------------------------------


def no_score_twice(waves: TwoWaves) -> str:
    """Say that nobody has a score both times."""
    first, second = waves.names
    return (
        f"Nobody answered at least half of the items both times ({first}; {second}), so there is no score to compare."
    )


def scale_title(waves: TwoWaves) -> str:
    """Say what the table of the whole scale holds."""
    return f"{waves.instrument.name}: all {count_of(len(waves.items), 'item')} together"


def _points(facts: ScaleFacts) -> str:
    return "points" if facts.score == "total" else "scale points"


def _interval_of_mean(facts: ScaleFacts) -> str:
    low, high = facts.change.low, facts.change.high
    if facts.effect.n > 1 and low == high:
        return "no interval: everyone changed by the same amount"
    if math.isnan(low):
        return "no interval from one person"
    return interval_in_words(low, high, with_sign, level=facts.effect.level)


def scale_sentence(facts: ScaleFacts) -> str:
    """Say from where to where the mean score went, and how many moved."""
    waves, effect, items = facts.waves, facts.effect, len(facts.waves.items)
    better, worse = waves.direction.counts(effect)
    low, high = facts.ends
    said = (
        f"Over {'all ' if items > 1 else ''}{count_of(items, 'item')} the {facts.score} score of "
        f"{people(effect.n)} went from {facts.means[0]:.2f} {waves.times[0]} to {facts.means[1]:.2f} "
        f"{waves.times[1]}, a change of {with_sign(facts.change.estimate)} {_points(facts)} on a scale from {low:g} to "
        f"{high:g} ({_interval_of_mean(facts)}): {better:,} {waves.direction.better}, {worse:,} "
        f"{waves.direction.worse} and {effect.same:,} the same"
    )
    said += "." if facts.is_still else f"; {format_p(facts.test.p_value)}."
    if facts.is_apart:
        said += (
            " That interval and p do not agree on whether no change at all is compatible with these answers: the "
            "interval is of the mean and takes changes to be normally distributed, p is exact and takes nothing of the "
            "kind."
        )
    return said


def scale_headline(facts: ScaleFacts) -> Headline:
    """Give the mean change with how sure that is."""
    first, second = facts.waves.names
    uncertainty = f"{_interval_of_mean(facts)}, {people(facts.effect.n)}"
    if facts.is_apart:
        uncertainty += (
            f"; exact {format_p(facts.test.p_value)}, which does not agree on whether no change is compatible"
        )
    return Headline(
        label=f"mean change in {_points(facts)}, {facts.waves.instrument.name} ({first}; {second})",
        value=with_sign(facts.change.estimate),
        uncertainty=uncertainty,
        order=SECONDARY,
    )


def scale_caveats(facts: ScaleFacts) -> tuple[str, ...]:
    """Give what a reader must know before using the change of the score."""
    waves, effect = facts.waves, facts.effect
    said = [*standing_caveats(), who_is_missing(waves), *what_was_left_out(waves)]
    short = waves.pairing.n - effect.n
    if short:
        said.append(f"{people(short)} answered fewer than half of the items both times and got no score.")
    if not facts.is_still:
        said.append(floor_caveat([("the whole scale", effect.up + effect.down)]))
    said += dict.fromkeys(facts.doubts)
    if facts.is_alpha_rough:
        said.append(
            f"Cronbach's alpha from {people(waves.pairing.n)} and {count_of(len(waves.items), 'item')} is rough: read "
            "its interval, not its value."
        )
    return (*said, *deviations(waves))


def scale_method(facts: ScaleFacts) -> str:
    """Name the methods of the change of the score with their sources."""
    return (
        "Each person is scored over the items answered both times, at least half of them, reversed items turned; mean "
        f"change with Student's t interval. {facts.test.method} {_TANGO} Cronbach's alpha with Feldt's interval "
        f"(1965), on those who answered every item. {software()}"
    )


def reliability_sentence(waves: TwoWaves, found: Sequence[tuple[str, Alpha]], caveats: Sequence[str]) -> str:
    """Say how well the items hang together at each wave."""
    if found:
        said = [
            f"{with_minus(alpha.estimate)} ({interval_in_words(alpha.low, alpha.high, with_minus, level=alpha.level)}) "
            f"among {people(alpha.n)} ({wave})"
            for wave, alpha in found
        ]
        return f"Over {count_of(len(waves.items), 'item')}, Cronbach's alpha is {' and '.join(said)}."
    if caveats:
        return f"How the items of {waves.instrument.name} hang together cannot be worked out: {caveats[0]}"
    return "How the items hang together cannot be worked out: nobody answered."


def improper_omega(wave: str) -> str:
    """Say that an omega is not to be relied on."""
    return f"{wave}: an item's own variance ran against nothing in the one-factor model: omega is not to be relied on."


def rough_alpha_of(wave: str, alpha: Alpha) -> str:
    """Say that an alpha rests on few people or items."""
    rests = f"{wave}: alpha rests on {people(alpha.n)} and {count_of(alpha.items, 'item')}"
    return f"{rests}: read its interval, not its value."


def worded_against(waves: TwoWaves, items: Sequence[str]) -> list[str]:
    """Say which items were answered the other way at each wave."""
    if not items:
        return []
    against = ", ".join(f"“{waves.wordings[item]}”" for item in items)
    return [
        f"People answered {against} the other way from the rest: is it worded negatively (then study.toml wants "
        "reverse = true), or was the scale read upside down?"
    ]


RELIABILITY_LABELS = {"item_rest_correlation": "correlation with the other items", "alpha_without": "alpha without it"}
RELIABILITY_CAVEAT = "Alpha says whether items go together, not whether they measure one thing or the right thing."
RELIABILITY_METHOD = (
    "Cronbach's alpha (1951) with Feldt's interval (1965) and McDonald's omega total (1999, one factor by maximum "
    "likelihood), on those who answered every item at the wave; correlation of an item with the total of the others. "
    "Reversed items are turned first."
)


def room_sentence(waves: TwoWaves, items: int, most: tuple[str, float] | None, mark: float, *, anybody: bool) -> str:
    """Say on how many items more than the mark gave the best answer already, and on which most."""
    if not anybody:
        return "Nobody answered the same item both times, so there is no room to speak of."
    first = waves.times[0]
    if most is None:
        return (
            f"On no item did more than {format_share(mark)} give the best answer {first} already: there was room to "
            "improve."
        )
    return (
        f"On {count_of(items, 'item')} more than {format_share(mark)} gave the best answer {first} already and could "
        f"not improve; most on “{most[0]}” ({format_share(most[1])})."
    )


def room_labels(waves: TwoWaves) -> dict[str, str]:
    """Head the columns of those at either end of the scale."""
    low, high = waves.ends
    return {
        "n": "answered both times",
        "at_the_top": f"at {high:g}",
        "share_at_the_top": f"share at {high:g}",
        "at_the_bottom": f"at {low:g}",
        "share_at_the_bottom": f"share at {low:g}",
    }


ROOM_CAVEAT = "Who stands at the end of a scale can move one way only, so that a change there looks smaller."


def room_method(waves: TwoWaves) -> str:
    """Name the mark for a crowded end with its source."""
    return (
        f"Shares at the ends of the scale {waves.times[0]}, of those who answered the item both times; the mark of 15% "
        f"is that of Terwee et al. (2007). Reversed items are turned. {software()}"
    )


def individuals_sentence(found: ReliableChange, improved: int, worsened: int, level: float) -> str:
    """Say how many single people changed by more than answers waver."""
    return (
        f"A single person's mean score must change by more than {found.detectable:.2f} scale points to be more "
        f"than wavering ({format_level(level)}). Of {people(found.n)}, {improved:,} improved by "
        f"more than that, {worsened:,} worsened and {found.neither:,} cannot be told from unchanged."
    )


def individuals_caveats(level: float, *, is_out_of_reach: bool) -> tuple[str, ...]:
    """Say what a reliable change is not."""
    return (
        *(
            ("The mark is as large as the whole scale: with this reliability no single person can pass it.",)
            if is_out_of_reach
            else ()
        ),
        "By chance alone about one person in twenty passes the mark when nothing changes."
        if level == 0.95
        else f"By chance alone {1 - level:.2g} of people pass the mark when nothing changes.",
        "A reliable change is one that is not mere wavering; whether it matters is another question.",
        "Alpha is an optimistic reliability over months, so that the true mark lies higher.",
    )


def individuals_method(found: ReliableChange, wave: str) -> str:
    """Name the method with what it rests on."""
    return (
        f"{found.method} Reliability: Cronbach's alpha, {wave} ({found.reliability:.3f}); standard deviation there "
        f"{found.spread:.3f}. {software()}"
    )


# --- how large, and by other tests -----------------------------------------------------------------------------------


def other_tests_sentence(
    waves: TwoWaves, p_values: Sequence[float], pratt: SignedRank, flips: ClusterFlips | None
) -> str:
    """Say from where to where the tests of people range, and what whole organisations give."""
    said = (
        f"Five exact tests of the change {waves.about(waves.lead.item)} ({'; '.join(waves.names)}) range from "
        f"{format_p(min(p_values))} to {format_p(max(p_values))}; the one this page leads with, Pratt's, gives "
        f"{format_p(pratt.p_value)}."
    )
    if flips is None:
        return said
    over = format_p(flips.p_value)
    return f"{said} Over whole organisations, which allows for colleagues answering alike, it is {over}."


def other_tests_caveats(waves: TwoWaves, flips: ClusterFlips | None) -> tuple[str, ...]:
    """Say what several looks at one finding are, and what whole organisations can show."""
    lead = waves.lead
    about = waves.wordings[lead.item] if lead.item else "all items together"
    return (
        "These are looks from other sides at one finding, not further findings: do not pick the smallest p.",
        *((_few_organisations(flips),) if flips is not None else ()),
        floor_caveat([(about, lead.changed)]),
        who_is_missing(waves),
        *what_was_left_out(waves),
        *deviations(waves),
    )


def _few_organisations(flips: ClusterFlips) -> str:
    said = (
        "The test of whole organisations rests on those in which somebody changed: "
        f"{_organisations_and_others(flips.clusters, flips.alone, 'organisation')}; the smallest p they can give is "
        f"{flips.floor:.3f}"
    )
    said += ": few, so that it can show little." if flips.clusters < _FEW_CLUSTERS else "."
    if flips.alone:
        said += " Who has no organisation on record stands alone."
    return said


_FEW_CLUSTERS = 10
OTHER_TESTS_LABELS = {"p_value": "exact p", "mid_p_value": "mid-p", "units": "people or organisations"}
READS_SUPERIORITY = "share moving so, no change as half; .5 is neither"


def sizes_sentence(facts: SizeFacts) -> str:
    """Say by how much people moved in the middle and on average, and the tendency."""
    waves, middle = facts.waves, facts.middle
    about = waves.about(waves.lead.item)
    unbounded = math.isinf(middle.low) and math.isinf(middle.high)
    interval = (
        "no interval: too few people changed"
        if unbounded
        else interval_in_words(middle.low, middle.high, with_minus, level=facts.level)
    )
    return (
        f"{about[0].upper()}{about[1:]}, {people(waves.lead.differences.n)} moved by "
        f"{with_sign(middle.estimate)} scale points in the middle ({interval}) "
        f"and by {with_sign(facts.mean_change[0])} on average; the tendency towards {waves.direction.tendency} is "
        f"{', '.join(waves.direction.tendency_in_words(facts.superiority))}, 50% being none either way."
    )


def sizes_caveats(facts: SizeFacts) -> tuple[str, ...]:
    """Say where a size is undefined or an interval shrinks, and how sizes are to be read."""
    said = [*facts.standard.notes]
    if facts.undefined:
        said.append(facts.undefined)
    elif facts.ranked[1] == facts.ranked[2]:
        said.append(
            "Everyone who changed went the same way, so the bootstrap interval of the rank-biserial correlation "
            "shrinks to a point: read the interval of PS instead."
        )
    if math.isinf(facts.middle.low):
        said.append(
            f"Too few people changed for a {format_level(facts.level)} interval of the middle change: no change at all "
            "can be excluded."
        )
    if math.isnan(facts.mean_change[1]):
        said.append("The bootstrap interval of the mean needs at least three people.")
    return (
        *said,
        "A dz is not comparable with a d between groups: it grows with how alike people's changes are.",
        *standing_caveats()[:1],
        who_is_missing(facts.waves),
        *what_was_left_out(facts.waves),
    )


def sizes_method(facts: SizeFacts, seed: int) -> str:
    """Name the sizes with their sources."""
    return (
        f"PS with the score interval of Tango (1998). {facts.middle.method} {facts.mean.method} Matched rank-biserial "
        f"(Kerby 2014) with a BCa interval. {facts.standard.method} Seed {seed}. {software()}"
    )


def sizes_not_known(waves: TwoWaves) -> str:
    """Say why power cannot be worked out."""
    lead = waves.lead
    return (
        f"Of {people(lead.differences.n)} nobody changed {waves.about(lead.item)}, so the share who change and the "
        "sizes of change, on which power rests, are not known."
    )


def planning_sentence(design: Design, found: SmallestDetectable) -> str:
    """Say which change a study of this size can find."""
    if math.isnan(found.superiority):
        finding = (
            f"no change, however strong, is found with a power of {format_share(design.wanted)}: even if all who "
            f"changed moved the same way the power would be {format_share(found.power)}. For a p of {design.alpha:g} "
            f"the exact test needs at least {design.fewest_changers} people who change."
        )
    else:
        finding = (
            f"a true tendency of {format_share(found.superiority)} or more (50% being none either way) is found with a "
            f"power of {format_share(design.wanted)}; weaker ones are missed more often."
        )
    supposed = f"{format_share(design.changing)} of whom change at all"
    if design.answered and design.changed / design.answered < design.changing:
        supposed = (
            f"supposing that {format_share(design.changing)} change at all ({design.changed:,} of {design.answered:,} "
            "did here)"
        )
    return f"With {people(design.people)} answering twice, {supposed}, {finding}"


def planning_caveats(waves: TwoWaves, design: Design) -> tuple[str, ...]:
    """Say what a figure of power rests on."""
    seen = (
        f"The share of people who change and the sizes of change are those seen here {waves.about(waves.lead.item)}; a "
        "different programme may have others."
        if design.changed
        else "Nobody changed here, so that the sizes of change are assumed."
    )
    return (
        f"From {design.simulations:,} simulated studies a figure, good to about "
        f"{format_share(2 * math.sqrt(0.25 / design.simulations))} either way.",
        seen,
        "This is for planning: it does not make a finding stronger or weaker.",
        *((f"More people answered twice; power is worked out for {design.people:,}.",) if design.is_cut else ()),
    )


def planning_labels(several: Sequence[int]) -> dict[str, str]:
    """Head the columns of power."""
    return {"superiority": "true tendency (PS)"} | {f"power_with_{n}": f"power with {people(n)}" for n in several}


def planning_method(design: Design, seed: int) -> str:
    """Name the test whose power it is."""
    return (
        f"Power of the exact two-sided Pratt signed-rank test at {design.alpha:g}, by simulation. Seed {seed}. "
        f"{software()}"
    )


# --- groups, and how often people came -------------------------------------------------------------------------------

HEADS_ONLY = "Attendance is counted by heads and names nobody, so it cannot be set beside people's change."
SMALLER_GROUPS = "smaller groups"
DOSE_LABELS = {"mean_change": "mean change in scale points"}


def dose_sentence(found: Association | str, fewest: int, most: int) -> str:
    """Say how coming more often went with changing, or why that cannot be tested."""
    if isinstance(found, str):
        return f"Change by sessions attended cannot be tested: {found}"
    return (
        f"Among {people(found.n)} who came to between {fewest} and {most} sessions, coming more often went with "
        f"changing by Kendall's tau-b {with_sign(found.tau_b)} (0 is no link, 1 the same order; "
        f"{format_p(found.tau_p_value)}; linear {format_p(found.linear_p_value)})."
    )


def dose_caveats(waves: TwoWaves, fewest: int, later: int) -> tuple[str, ...]:
    """Say why coming and changing need not be cause and effect, and which sessions did not count."""
    return (
        "Self-selected: people chose how often to come, so that coming and changing may both follow from a third "
        "thing, such as having time or being keen.",
        f"Means of fewer than {fewest} people are not shown.",
        *((f"{count_of(later, 'session')} that came after the second answers did not count.",) if later else ()),
        who_is_missing(waves),
    )


def dose_method(waves: TwoWaves, found: Association | str, seed: int) -> str:
    """Name the tests, and which sessions are counted."""
    tests = (
        "Kendall's tau-b (1945) and linear-by-linear association (Mantel 1963)."
        if isinstance(found, str)
        else f"{found.method} Seed {seed}."
    )
    return (
        f"{tests} Sessions a person is named at, up to the second answers ({waves.names[1]}); nobody named is 0. "
        f"{software()}"
    )


def change_by(by: str) -> str:
    """Say what a table of groups holds."""
    return f"Change by {by}"


def group_not_known(by: str) -> str:
    """Say that nobody's group is known."""
    return f"Of nobody who answered twice is the {by} known, so change by {by} cannot be shown."


def subgroups_sentence(way: Direction, by: str, table: pd.DataFrame, found: GroupsTest | str) -> str:
    """Say from where to where groups ran, and what one test between them gives."""
    if isinstance(found, str):
        return f"Whether groups by {by} changed differently cannot be tested: {found}"
    return (
        f"{people(int(table['n'].sum()))} in {count_of(len(table), 'group')} by {by}: {_range_of_groups(way, table)}; "
        f"one test of whether the groups changed differently gives {format_p(found.p_value)}."
    )


def _range_of_groups(way: Direction, table: pd.DataFrame) -> str:
    share = table["superiority"].to_numpy()
    least, most = table.iloc[int(share.argmin())], table.iloc[int(share.argmax())]
    moved = way.columns[0]
    if len(table) == 1:
        return f"{least[moved]:,} of {least['n']:,} moved the better way"
    return (
        f"those who moved the better way ran from {least[moved]:,} of {least['n']:,} ({least['group']}) to "
        f"{most[moved]:,} of {most['n']:,} ({most['group']})"
    )


def subgroups_caveats(waves: TwoWaves, grouped: Grouped, small: int) -> tuple[str, ...]:
    """Say how groups are to be compared, and which are not shown by themselves."""
    said = [
        "Groups were not made by chance and are small: a difference between them has many possible reasons.",
        "Compare intervals between groups with the one test only; no group has a p-value of its own, because that one "
        "is below a mark and another is not does not make them different.",
    ]
    if grouped.small:
        fate = (
            f"({', '.join(grouped.left_out)}) could not be shown without telling who answered what."
            if grouped.left_out
            else "are put together."
        )
        said.append(f"{count_of(grouped.small, 'group')} of fewer than {small} people {fate}")
    if grouped.unknown:
        said.append(f"Of {people(grouped.unknown)} the {grouped.by} is not known.")
    return (*said, who_is_missing(waves))


def subgroups_labels(way: Direction, level: float) -> dict[str, str]:
    """Head the columns of groups."""
    return {**way.count_labels, "superiority": way.superiority_label, **limits(level, "PS, ")}


def subgroups_method(found: GroupsTest | str, seed: int) -> str:
    """Name the interval of each group and the test between them."""
    test = "" if isinstance(found, str) else f"{found.method} Seed {seed}." if found.permutations else found.method
    return f"PS with the score interval of Tango (1998) in each group. {test} {software()}"


# --- more than two waves ---------------------------------------------------------------------------------------------


def waves_apart(names: Sequence[str]) -> str:
    """Say that waves are not all known to be of the same people."""
    return (
        f"The waves are not all known to have been answered by the same people ({'; '.join(names)}), so a change over "
        "all of them cannot be shown."
    )


def too_few_waves(waves: TwoWaves, number: int) -> str:
    """Say that two waves have one comparison."""
    return (
        f"{count_of(number, 'wave has', 'waves have')} answers to {waves.instrument.name}: with two there is one "
        "comparison, and nothing to add over waves."
    )


def all_waves_sentence(found: OverWaves) -> str:
    """Say whether the waves differ, whether they rise, and to which the score changed most."""
    said = []
    if found.overall is not None and found.trend is not None:
        said.append(
            f"{people(found.overall.n)} answered at all {found.waves} waves: that the waves do not differ at all has "
            f"{format_p(found.overall.p_value)} (Friedman), that there is no trend over them "
            f"{format_p(found.trend.p_value)} (Page)"
        )
    if found.largest is not None:
        wave, change, p_value = found.largest
        said.append(
            f"from the first wave on, the mean score changed most to that of “{wave}”, by {with_sign(change)} "
            f"({format_p(p_value)} allowing for {count_of(found.waves - 1, 'wave')})"
        )
    return f"{'; '.join(said)}." if said else f"The waves cannot be compared: {found.reasons[0]}"


def all_waves_caveats(found: OverWaves) -> tuple[str, ...]:
    """Say who did not count, what cannot be tested, and what is shown elsewhere."""
    missed = found.overall.missing if found.overall is not None else 0
    return (
        *((f"{people(missed)} who missed a wave did not count in these two.",) if missed else ()),
        *found.reasons,
        *(("Waves in which people look back are shown by themselves, not here.",) if found.looks_back else ()),
        "There is no control group: time itself, or anything that happened meanwhile, may have moved the answers.",
    )


def all_waves_method(found: OverWaves, seed: int) -> str:
    """Name the tests over waves with their sources."""
    methods = [test.method for test in (found.overall, found.trend) if test is not None]
    methods += [f"{found.against.method} Seed {seed}."] if found.against is not None else []
    return f"{SCORE} {' '.join(methods)} {software()}"


ALL_WAVES_LABELS = {
    "n": "also answered at the first",
    "mean_change": "mean change from the first",
    "adjusted_p_value": "adjusted p (maxT)",
}
NOBODY_LOOKED_BACK = (
    "In no wave of this study did people look back at where they stood before, so whether the yardstick moved is not "
    "known."
)
TOO_FEW_TO_LOOK_BACK = "A look back needs three waves: before, looking back, and now; this study has not that many."
LOOKING_BACK_APART = (
    "The three waves are not known to have been answered by the same people, so a look back cannot be shown."
)


def looking_back_sentence(seen: ThenTest, level: float) -> str:
    """Say both changes and the shift between them."""
    measured, recalled = seen.table["mean_change"].astype(float).tolist()[:2]
    shift = seen.table.iloc[2].to_dict()
    return (
        f"Among {people(seen.n)}, the mean change as measured was {with_sign(measured)} scale points, and looking back "
        f"{with_sign(recalled)}: looking back, {int(shift['down']):,} put their start lower than they had said at the "
        f"time, {int(shift['up']):,} higher and {int(shift['same']):,} the same (response shift "
        f"{with_sign(seen.shift)}, {interval_in_words(shift['low'], shift['high'], with_sign, level=level)})."
    )


def looking_back_labels(level: float) -> dict[str, str]:
    """Head the columns of a look back."""
    ends = limits(level, "PS, ")
    return {
        **limits(level, "mean change, "),
        "superiority": "tendency up (PS)",
        "superiority_low": ends["low"],
        "superiority_high": ends["high"],
        "p_value": "exact p",
    }


def looking_back_caveats(seen: ThenTest) -> tuple[str, ...]:
    """Say that neither change is the true one, and who did not count."""
    return (
        "Neither change is the true one: the first mixes change with a moved yardstick, the second with the wish to "
        "have improved and with memory.",
        f"{people(seen.missing)} without all three answers did not count.",
        "Reversed items are turned; below 0 the shift is towards a lower start.",
    )
