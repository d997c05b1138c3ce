"""The sentences, caveats and leading numbers of every page of this room; facts come in, and no code reads the words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cop_analysis.realist.model.vocabulary import LEVELS
from cop_analysis.results import Headline, Highlight, place_of
from cop_analysis.synthesis.cases import Case

_EXPLAINS = "What explains it: the configurations most passages speak to"
_FIRST = 5
_TOGETHER = {
    "confirm": "a measure over all who answered points the same way",
    "contradict": "a measure over all who answered points the other way, which need not hold for those it speaks of",
    "divided": "of its measures over all who answered one points the same way and another the other way",
    "complement": "its measures over all who answered leave it open",
    "silent": "no measure speaks to it",
}
METHOD = (
    "The coded text says a configuration holds where more extracts support than refute it. A measure goes up or "
    "down only where its 95% interval leaves no doubt: survey, Tango interval of PS against one half, and for "
    "one item of several the same interval at a level that allows for all items asked (Bonferroni), and in both the "
    "interval widened to agree with the exact test of those who changed leaves none either, nor the test of whole "
    "organisations where it could; ties, the interval of the change from first to last wave against 0, and what people "
    "who did not answer could make of it; ratings, Wilson interval of the share of people who gave a name (each with "
    "their mean) above or below the middle of the scale against one half. It confirms the text where both say the "
    "configuration holds, or both that it does not; contradicts it where they say opposite things; is "
    "silent where it cannot be computed or no text speaks; and complements it otherwise: an interval that leaves "
    "the direction open, balanced extracts, an expected direction that was not written down, or attendance, which "
    "is reach and not outcome. After the triangulation protocol (Farmer et al. 2006; O'Cathain, Murphy & Nicholl "
    "2010). A configuration is divided where one measure confirms and another contradicts."
)


# --- the joint display -----------------------------------------------------------------------------------------------


def display_words(overall: Counter[str]) -> str:
    """Say how many configurations a measure points the same way as, and how many the other way."""
    total = overall.total()
    parts = [
        (overall["confirm"], "with a measure over all who answered that points the same way, and none the other way"),
        (overall["contradict"], "with one that points the other way"),
        (overall["divided"], "with one each way"),
        (overall["complement"], "with measures that leave it open"),
        (overall["silent"], "without a measure that speaks"),
    ]
    listed = "; ".join(f"{count} {words}" for count, words in parts if count)
    return f"Of {_configurations(total)}, held against what people said: {listed}."


def display_headline(overall: Counter[str]) -> Headline | None:
    """Count those a measure points the same way as, among those a measure speaks to; none where none does."""
    measured = overall.total() - overall["silent"]
    if not measured:
        return None
    return Headline(
        "configurations with a measure over all who answered that points the way people said, and none the other way",
        f"{overall['confirm']} of {measured}",
        "a count, not an estimate; it does not show for whom",
        order=place_of("strands that agree"),
    )


def most_heard(cases: Sequence[Case]) -> tuple[Highlight, ...]:
    """Give the configured statements that most extracts speak to, whichever way they speak."""
    heard = sorted(
        (case for case in cases if case.configuration.statement.strip() and case.text.total),
        key=lambda case: -case.text.total,
    )
    return tuple(Highlight(_EXPLAINS, case.configuration.statement.strip(), _rests_on(case)) for case in heard[:_FIRST])


def _rests_on(case: Case) -> str:
    text = case.text
    said = [
        f"{number} {'passage' if number == 1 else 'passages'} {verb if number == 1 else verb.removesuffix('s')} it"
        for number, verb in ((text.supports, "supports"), (text.refines, "refines"), (text.refutes, "refutes"))
        if number
    ]
    return f"{case.configuration.label}. {', '.join(said)}; {_TOGETHER[case.overall]}."


def display_caveats(cases: Sequence[Case], is_period: bool) -> tuple[str, ...]:
    """Say what agreement between strands does not show."""
    caveats = [
        "Measures are taken over all who answered, while a configuration speaks of some people in some "
        "circumstances: a measure that does not move does not show that nobody did.",
        "Agreement between strands is not proof of cause, and the p-values are not adjusted for how many there are.",
    ]
    unsaid = sum(reading.strand.is_outcome and not reading.expects for case in cases for reading in case.readings)
    if unsaid:
        measures = "1 measure" if unsaid == 1 else f"{unsaid} measures"
        caveats.append(
            f"For {measures} no expected direction was written down (expects in coding.json), so nothing is confirmed "
            "or contradicted there."
        )
    if is_period:
        caveats.append(
            "Attendance and ratings are those of the period; survey, ties and transcripts are of the whole study."
        )
    return tuple(caveats)


# --- the programme as a whole ----------------------------------------------------------------------------------------


def theory_words(configurations: int, refuted: int) -> str:
    """Say how many configurations there are, and of how many refuting evidence was found."""
    return f"Theory: {_configurations(configurations)}, {refuted} of them with refuting evidence found."


def agreement_words(overall: Counter[str]) -> str:
    """Say for how many configurations a measure points the way people said."""
    return (
        f"Agreement: a measure over all who answered points the way people said for {overall['confirm']} of them and "
        f"the other way for {overall['contradict'] + overall['divided']}; for the other "
        f"{overall['complement'] + overall['silent']} no measure settles it."
    )


def nothing_to_read(why: str) -> str:
    """Say that no strand has a finding yet."""
    if why:
        return f"No part of the study has a finding to read beside another yet. {why}"
    return "The study has no events, survey, ties or coding yet, so there is nothing to read as a whole."


def _configurations(count: int) -> str:
    return "1 configuration" if count == 1 else f"{count:,} configurations"


# --- levels ----------------------------------------------------------------------------------------------------------


COUNTED_FOR_EACH = (
    "An extract that bears on several configurations counts for each of them, so the last row counts links."
)


def levels_words(totals: Counter[str], extracts: int) -> str:
    """Say at which level most evidence stands."""
    counted = sum(totals.values())
    if not counted:
        return "No extract is linked to a configuration yet."
    present = [(name, totals[name]) for name in LEVELS if totals[name]]
    without = [name for name in LEVELS if not totals[name]]
    if not present:
        return f"None of the {counted} extracts linked to configurations has a code with a level."
    most = max(count for _, count in present)
    names = [name for name, count in present if count == most]
    per = f", {extracts} different ones, each counted for every configuration it bears on" if counted > extracts else ""
    sentence = (
        f"More evidence stands at the {names[0]} level than at any other ({most} of {counted} extracts{per})."
        if len(names) == 1
        else f"Most evidence stands at the {' and '.join(names)} levels ({most} of {counted} extracts at each{per})."
    )
    if without:
        sentence += f" None stands at the {' or '.join(without)} level."
    return sentence
