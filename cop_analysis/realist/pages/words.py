"""The words of this room's pages: facts in, sentences out. Nothing is worked out here, and no code reads them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import isnan
from typing import Final

import pandas as pd

from cop_analysis.characters import first_characters
from cop_analysis.realist.methods.agreement import Agreement, Overlap
from cop_analysis.realist.methods.configurations import Gap, Ground, RipplePath
from cop_analysis.realist.model import Coding, Configuration, Decision, Extract, Measure, Snapshot, Theory, Validation
from cop_analysis.realist.model.consent import WITHHELD
from cop_analysis.realist.model.vocabulary import MEMO_KINDS, SCHEMAS, STAGES, VERDICTS
from cop_analysis.results import Result, count_of, format_share

FEW_TURNS = 30
"""Below so many turns that either coder gave a code, its coefficient is said to be unsteady."""

# Each gap with what it lacks in words, in the order in which they are listed.
GAPS: Final[Mapping[Gap, str]] = {
    "no extract": "No extract is linked to it.",
    "one source only": "All its evidence comes from one document.",
    "one organisation's voice only": "All its evidence comes from people of one organisation.",
    "no refuting evidence": "No extract refutes it.",
    "no outcome without the mechanism": "No extract tells what happens where the mechanism does not fire.",
    "not fully stated": "A role is not filled.",
}

LONGEST_QUOTE = 600
"""A card shows at most this many characters of a quote; the transcript it links to holds all of it."""


def measure_words(measure: Measure) -> str:
    """Name a measure for reading.

    Examples
    --------
    >>> measure_words(Measure("survey_item", instrument="confidence", item="q03"))
    'survey item q03 (confidence)'
    """
    if measure.kind == "survey_item":
        return f"survey item {measure.item} ({measure.instrument})"
    if measure.kind == "survey_scale":
        return f"survey scale {measure.instrument}"
    if measure.kind == "network":
        return (
            f"network: {(measure.measure or '').replace('_', ' ')} of {(measure.relation or '').replace('_', ' ')} ties"
        )
    if measure.kind == "rating_item":
        return f"session ratings: {(measure.item or '').replace('_', ' ')}"
    return f"events of the series {measure.series}"


def shortened(quote: str, longest: int = LONGEST_QUOTE) -> str:
    """Cut a long quote at a blank and say so by an ellipsis.

    Examples
    --------
    >>> shortened("We met every two months.", longest=12)
    'We met…'
    """
    if len(quote) <= longest:
        return quote
    cut = first_characters(quote, longest - 1)
    if cut == quote:
        return quote
    return (cut.rsplit(None, 1)[0] if any(one.isspace() for one in cut.strip()) else cut).rstrip() + "…"


_LACKING: Final[Mapping[str, tuple[Callable[[Snapshot], object], str]]] = {
    "summary": (lambda held: held.configurations, "holds no configuration yet"),
    "configurations": (lambda held: held.configurations, "holds no configuration yet"),
    "ripples": (lambda held: held.ripples, "holds no ripple link yet"),
    "lineage": (lambda held: held.theories, "holds no version of a programme theory yet"),
    "questions": (lambda held: held.questions, "holds no interview question yet"),
    "validations": (lambda held: held.validations, "holds no validation by stakeholders yet"),
    "memos": (
        lambda held: held.memos or held.decisions or any(one.memo.strip() for one in held.extracts),
        "holds no memo and no decision yet",
    ),
    "gaps": (lambda held: held.configurations, "holds no configuration yet"),
    "codes": (lambda held: held.codes, "holds no code yet"),
    "transcripts": (lambda held: held.documents, "names no document yet"),
}
"""Of each heading what it is about, and what is said where the coding holds none of it."""


def lacking(heading: str, snapshot: Snapshot) -> str:
    """Say that a coding holds nothing a heading is about; empty where it does.

    Examples
    --------
    >>> lacking("codes", Snapshot("demo"))
    'The coding (coding.json) holds no code yet.'
    """
    about, said = _LACKING.get(heading, (lambda held: True, ""))
    return "" if about(snapshot) else f"The coding (coding.json) {said}."


def no_coding(key: str, title: str, needed_for: str) -> Result:
    """Say in one sentence that the study has no coding yet, so that its page still builds.

    Examples
    --------
    >>> no_coding("gaps", "Gaps", "gaps in the theory").sentence
    'This study has no coding yet (coding.json), so gaps in the theory cannot be shown.'
    """
    sentence = f"This study has no coding yet (coding.json), so {needed_for} cannot be shown."
    return Result(key=key, title=title, sentence=sentence, absent_file="coding.json")


def without_overlap(coders: Sequence[str]) -> str:
    """Say why there is no agreement to look at.

    Examples
    --------
    >>> without_overlap(["Ann", "Ben"])
    'No document was coded by two of Ann and Ben, so there is no agreement to look at.'
    """
    names = " and ".join(coders) if len(coders) == 2 else f"the {len(coders)} coders"
    who = "Only one coder has coded" if len(coders) < 2 else f"No document was coded by two of {names}"
    return f"{who}, so there is no agreement to look at."


def of_overlap(overlap: Overlap) -> str:
    """Say how alike each pair of coders coded, over all codes together."""
    sentences = []
    for one in overlap.agreements:
        if one.code == "":
            kappa = "kappa is not defined" if isnan(one.kappa) else f"kappa {one.kappa:.2f}"
            first, second = overlap.coders[one.coder_a], overlap.coders[one.coder_b]
            sentences.append(
                f"{first} and {second} coded alike {one.both:,} of the {one.either:,} times either gave a turn a code "
                f"({format_share(one.share_where_coded)}); counting the turns neither coded, they agree on "
                f"{format_share(one.share)} ({kappa})."
            )
    return " ".join(sentences)


def doubts_of_overlap(agreements: Sequence[Agreement]) -> tuple[str, ...]:
    """Say what to bear in mind of agreement between coders."""
    caveats = ["Kappa falls when a code is rare, even where the coders rarely differ: read it with the counts."]
    single = [one for one in agreements if one.code]
    if few := sum(one.either < FEW_TURNS for one in single):
        caveats.append(
            f"For {few} of {len(single)} codes fewer than {FEW_TURNS} turns were coded by either: a few turns more "
            "would change their coefficients a good deal."
        )
    if undefined := sum(isnan(one.kappa) for one in single):
        caveats.append(f"Kappa is not defined for {count_of(undefined, 'code')}, because chance agreement is complete.")
    return tuple(caveats)


def of_codes(codes: int, extracts: int, coders: int, unused: int) -> str:
    """Say how often the codes were given.

    Examples
    --------
    >>> of_codes(1, 12, 2, 0), of_codes(9, 12, 2, 1)
    ('1 code was given to 12 extracts by 2 coders.', '9 codes were given to 12 extracts by 2 coders; 1 code not used.')
    """
    given = "was given" if codes == 1 else "were given"
    left = f"; {count_of(unused, 'code')} not used" if unused else ""
    return f"{count_of(codes, 'code')} {given} to {count_of(extracts, 'extract')} by {count_of(coders, 'coder')}{left}."


def of_summary(
    total: int, refuted: int, both: int, partial: int, loops: Sequence[Sequence[str]], labels: Mapping[str, str]
) -> str:
    """Say how many configurations have been put to the test, and which feed each other in a loop.

    Examples
    --------
    >>> of_summary(2, 1, 1, 0, [["a", "b"]], {"a": "Trust", "b": ""})
    '2 configurations, 1 with refuting evidence found; 1 has evidence on both sides. Each feeds the next in a loop among “Trust” (a), b.'
    """  # noqa: E501
    has = "has" if both == 1 else "have"
    open_ones = f", and {partial} {'is' if partial == 1 else 'are'} partial" if partial else ""
    sentence = (
        f"{count_of(total, 'configuration')}, {refuted} with refuting evidence found; {both} {has} evidence on both "
        f"sides{open_ones}."
    )
    if not loops:
        return sentence
    named = {identifier: f"“{label}” ({identifier})" if label else identifier for identifier, label in labels.items()}
    listed = "; and among ".join(", ".join(named[one] for one in loop) for loop in loops)
    return f"{sentence} Each feeds the next in a loop among {listed}."


def of_configurations(total: int, extracts: int, counted: int) -> str:
    """Say on how many extracts the configurations rest; `counted` is once for each configuration.

    Examples
    --------
    >>> of_configurations(1, 4, 4)
    '1 configuration rests on 4 extracts; each quote links to its place in the transcript.'
    """
    again = f" ({counted:,} where one that bears on several counts for each)" if counted > extracts else ""
    rest = "rests" if total == 1 else "rest"
    return (
        f"{count_of(total, 'configuration')} {rest} on {count_of(extracts, 'extract')}{again}; each quote links to its "
        "place in the transcript."
    )


def of_ripples(links: int, loops: Sequence[RipplePath], chains: Sequence[RipplePath], coding: Coding) -> str:
    """Say what the ripple links form, and which loop is best supported."""

    def count(number: int, noun: str) -> str:
        return f"{number:,} {noun}{'' if number == 1 else 's'}"

    form = "forms" if links == 1 else "form"
    loops_found = count(len(loops), "feedback loop")
    said = f"{count(links, 'ripple link')} {form} {count(len(chains), 'chain')} and {loops_found}"
    if not loops:
        return f"{said}."
    best = max(loops, key=lambda one: (one.weakest, len(one.every_step)))
    labels = {one.id: f"“{one.label}”" if one.label else one.id for one in coding.snapshot.configurations}
    around = " → ".join(labels.get(step, step) for step in (*best.steps, best.steps[0]))
    return (
        f"{said}; the best supported loop is {around}, whose weakest step rests on {count(best.weakest, 'document')}."
    )


def of_gaps(table: pd.DataFrame, total: int, complete: int) -> str:
    """Say how many configurations have no gap, and how many gaps there are of each kind."""
    if table.empty:
        return f"None of the {total:,} configurations has a gap."
    counts = table["gap"].value_counts()
    listed = "; ".join(f"{name}: {int(counts[name])}" for name in GAPS if name in counts)
    have = "has" if complete == 1 else "have"
    return f"Of {total:,} configurations, {complete:,} {have} no gap. {listed[0].upper()}{listed[1:]}."


def of_gap(gap: Gap, one: Configuration, ground: Ground) -> str:
    """Say what was found where a configuration lacks something."""
    if gap == "one source only":
        return f"{len(ground.extracts)} in {ground.documents[0]}"
    if gap == "one organisation's voice only":
        return f"only {ground.organisations[0]}"
    if gap == "no refuting evidence":
        return f"{len(ground.extracts)} supporting or refining"
    if gap == "not fully stated":
        return f"open: {_role_titles(one, ground)}"
    return GAPS[gap]


def to_ask(gap: Gap, one: Configuration, ground: Ground) -> str:
    """Put what to ask next where a configuration lacks something."""
    about = one.label.rstrip(".")
    if gap == "no outcome without the mechanism":
        return f"What happened where {_mechanism(one, about)} did not come about?"
    if gap == "not fully stated":
        return f"Ask what is not known yet of “{about}”: {_role_titles(one, ground)}."
    question = _QUESTIONS[gap]
    if said := one.statement.strip():
        return f"{said}{'' if said.endswith(('.', '!', '?', '”', '…')) else '.'} {question}"
    return f"“{about}”: {question[0].lower()}{question[1:]}"


_QUESTIONS: Final = {
    "no extract": "What do you make of this?",
    "one source only": "Has it been so for you as well?",
    "one organisation's voice only": "How is it where you work?",
    "no refuting evidence": "When, or for whom, was it not so?",
}
"""What is asked of the statement of a configuration, or of its label."""


def _mechanism(one: Configuration, about: str) -> str:
    said = [slot.wording.strip(' .“”"') for slot in one.slots if slot.role in ("reasoning", "because")]
    named = "; ".join(word for word in said if word)
    return f"“{named or about}”"


def _role_titles(one: Configuration, ground: Ground) -> str:
    schema = SCHEMAS.get(one.schema)
    titles = []
    for role in ground.open_roles:
        known = schema.role(role) if schema else None
        whole, _, part = (known.title if known else role).lower().partition(": ")
        titles.append(f"the {part} ({whole})" if part else f"the {whole}")
    return ", ".join(titles)


_NAMED_AT_MOST: Final = 3


def whom_to_ask(organisations: Sequence[str], unheard: Mapping[str, Sequence[str]]) -> str:
    """Name people of organisations who were not interviewed yet.

    Examples
    --------
    >>> whom_to_ask(["North", "South"], {"North": ["P01", "P02", "P03", "P04"]})
    'North: P01, P02, P03 and 1 more; somebody at South'
    """
    return "; ".join(_somebody(name, unheard.get(name, ())) for name in organisations[:_NAMED_AT_MOST])


def _somebody(organisation: str, people: Sequence[str]) -> str:
    if not people:
        return f"somebody at {organisation}"
    more = f" and {len(people) - _NAMED_AT_MOST} more" if len(people) > _NAMED_AT_MOST else ""
    return f"{organisation}: {', '.join(people[:_NAMED_AT_MOST])}{more}"


def doubts_of_lineage(theories: Sequence[Theory], groups: Sequence[Sequence[Theory]]) -> tuple[str, ...]:
    """Say what of the theory is untested, unexplained or rests on no evidence."""
    said = []
    untested = [group[0].label for group in groups if all(one.stage == "initial" for one in group)]
    if untested:
        said.append(f"Not tested yet: {'; '.join(shortened(label, 80) for label in untested)}.")
    steps = [one for one in theories if one.follows]
    if silent := [one.id for one in steps if not one.reason.strip()]:
        said.append(f"Without a reason for the step: {', '.join(silent)}.")
    if bare := [one.id for one in steps if not one.evidence]:
        said.append(f"Without evidence named for the step: {', '.join(bare)}.")
    return tuple(said)


def of_lineage(versions: int, theories: int, stages: Mapping[str, int]) -> str:
    """Say how many versions there are of how many programme theories, by stage.

    Examples
    --------
    >>> of_lineage(3, 1, {"initial": 1, "tested": 2})
    '3 versions of 1 programme theory: 1 initial, 2 tested.'
    """
    counted = ", ".join(f"{stages[stage]} {stage}" for stage in STAGES if stages.get(stage))
    of = count_of(theories, "programme theory", "programme theories")
    return f"{count_of(versions, 'version')} of {of}: {counted}."


def of_questions(questions: int, asked: int, tested: int, configurations: int) -> str:
    """Say how many questions were asked, and how many configurations they test.

    Examples
    --------
    >>> of_questions(4, 2, 1, 6)
    '4 questions, 2 of them asked so far; they test 1 of 6 configurations.'
    """
    of = count_of(configurations, "configuration")
    return f"{count_of(questions, 'question')}, {asked} of them asked so far; they test {tested} of {of}."


def doubts_of_questions(without: Sequence[str], aimless: Sequence[str]) -> tuple[str, ...]:
    """Say which configurations nobody was asked about, and which questions test no theory."""
    said = [f"No question that was asked tests {_listed(without)}."] if without else []
    if aimless:
        said.append(f"These questions do not say which theory they test: {_listed(aimless)}.")
    return tuple(said)


def of_validations(verdicts: Mapping[str, int], statements: int, validated: int, configurations: int) -> str:
    """Say what stakeholders answered, to how many statements, about how many configurations.

    Examples
    --------
    >>> of_validations({"agrees": 2}, 1, 1, 6)
    '2 answers to 1 statement: 2 “agrees”. They concern 1 of 6 configurations.'
    """
    listed = ", ".join(f"{verdicts[verdict]} “{verdict}”" for verdict in VERDICTS if verdicts.get(verdict))
    return (
        f"{count_of(sum(verdicts.values()), 'answer')} to {count_of(statements, 'statement')}: {listed}. They concern "
        f"{validated} of {count_of(configurations, 'configuration')}."
    )


def of_memos(kinds: Mapping[str, int], on_extracts: int, decisions: int) -> str:
    """Say how many memos of which kinds there are, and how many decisions.

    Examples
    --------
    >>> of_memos({"analytic": 1}, 2, 0)
    '1 memo (1 analytic), 2 extracts with a memo, and 0 decisions.'
    """
    listed = ", ".join(f"{kinds[kind]} {kind}" for kind in MEMO_KINDS if kinds.get(kind))
    return (
        f"{count_of(sum(kinds.values()), 'memo')}{f' ({listed})' if listed else ''}, "
        f"{count_of(on_extracts, 'extract')} with a memo, and {count_of(decisions, 'decision')}."
    )


def doubts_of_memos(hidden: bool, without_reason: Sequence[str], is_reflexive: bool) -> tuple[str, ...]:
    """Say what is not shown, which decisions have no reason, and whether the analysts say where they stand."""
    said = ["Memos are the team's own and are shown to the team only."] if hidden else []
    if without_reason:
        said.append(f"Without a reason: {', '.join(without_reason[:12])}.")
    if not is_reflexive:
        said.append("No reflexive memo says where the analysts stand.")
    return tuple(said)


def of_transcripts(table: pd.DataFrame) -> str:
    """Say how much text there is, and how much of it is shown."""
    documents, extracts = len(table), int(table["extracts"].sum())
    words, all_turns = int(table["words"].sum()), int(table["turns"].sum())
    sentence = (
        f"{count_of(documents, 'transcript')} of {count_of(words, 'word')} in {count_of(all_turns, 'turn')}, with "
        f"{count_of(extracts, 'extract')}."
    )
    hidden = all_turns - int(table["turns_shown"].sum())
    if hidden:
        sentence += f" {count_of(hidden, 'turn')} without an extract nearby {'is' if hidden == 1 else 'are'} not shown."
    return sentence


def doubts_of_transcripts(table: pd.DataFrame) -> tuple[str, ...]:
    """Say how many extracts found no place."""
    lost = int(table["not_placed"].sum())
    if not lost:
        return ()
    return (
        f"{count_of(lost, 'extract')} could not be placed, because a document was changed or cannot be read; "
        "they are listed under their documents, and `cop check` says how to correct them.",
    )


def _listed(identifiers: Sequence[str], most: int = 12) -> str:
    more = f" and {len(identifiers) - most} more" if len(identifiers) > most else ""
    return ", ".join(identifiers[:most]) + more


# --- the tables for publication ---------------------------------------------------------------------------------------


def with_label(one: Configuration) -> str:
    """Name a configuration with its label."""
    return f"{one.id}: {one.label}"


_LETTERS: Final = {"context": "c", "mechanism": "m", "outcome": "o"}


def marked_sentence(slots: Sequence[tuple[str, str]]) -> str:
    """Write a configuration as a sentence in which each slot bears the letter of its part; empty without slots.

    Examples
    --------
    >>> marked_sentence([("context", "where staff meet."), ("outcome", "they ring")])
    'Where staff meet (c), they ring (o).'
    """
    said = ", ".join(f"{text.rstrip('.')} ({_LETTERS.get(part, 'c')})" for part, text in slots)
    return f"{said[:1].upper()}{said[1:]}." if slots else ""


def of_source(document: str, stances: Collection[str]) -> str:
    """Name a document that is a source, and say where the opposite was confirmed in it."""
    if "refutes" not in stances:
        return document
    return f"{document} ({'opposite confirmed' if len(stances) == 1 else 'also the opposite'})"


def of_place(extract: Extract) -> str:
    """Say where an extract stands."""
    return f"{extract.document}, {extract.id}"


def quoted(extract: Extract, withheld: bool) -> str:
    """Quote an extract with its place."""
    return f"{WITHHELD if withheld else f'“{shortened(extract.quote, 300)}”'} ({of_place(extract)})"


def for_and_against(supporting: str, refuting: str) -> str:
    """Bring together quotations for a configuration and against it."""
    return f"{supporting} Against: {refuting}".strip() if refuting else supporting


def of_confidence(one: Configuration) -> str:
    """Say how sure the team is of a configuration."""
    return one.confidence or "not judged"


def answered(answer: Validation, told: str) -> str:
    """Say what somebody said to a statement; `told` is their comment as it may be shown."""
    said = f"{answer.who or 'Somebody'} {answer.verdict}"
    return f"{said}: {told}" if answer.comment.strip() else f"{said}."


def decided(decision: Decision) -> str:
    """Say what the team decided."""
    return f"Decided: {decision.what}"


# --- caveats ------------------------------------------------------------------------------------------------------

NOT_SOUGHT = "Finding no refuting evidence does not show that it was sought: see the gaps."
NOT_LINKED = "That no refuting evidence is linked does not say whether it was looked for."
WHO_IS_NAMED = (
    "Whom to ask names people of people.csv who are in no document, did not refuse consent and have not left; whether "
    "they may be approached is for the team to judge."
)
NOT_PROOF = "Agreement of stakeholders is evidence and not proof; those who came to be asked may differ from the rest."
