"""Words several pages of this room share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.model import Measure, Snapshot
from cop_analysis.results import Result

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
