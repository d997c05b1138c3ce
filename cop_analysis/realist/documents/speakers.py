"""Which of a document's labels are people: what is sure, what is a heading, and what somebody has to say.

A label's form and how often it stands decide; where they do not, the label is a question and its words are nobody's
until it is answered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from cop_analysis.realist.documents.pieces import SpeakerQuestion

Answers = Mapping[str, str | None]
"""What somebody said of labels: the speaker a label stands for, or None where it is not a person."""

HUNDREDS: Final = 50
"""From so many labelled lines on, a label that stands once or twice is a question."""
RARE: Final = 2
OFTEN: Final = 10

_HEADING_WORDS: Final = (
    "key|legend|notes?|nb|n\\.b\\.|part|section|chapter|appendix|annex|topic|theme|title|heading|subject|date|time|duration|"
    "length|location|place|venue|setting|interview|focus group|transcript|transcription|transcribed by|recording|"
    "recorded by|file|filename|file name|audio|page|session|agenda|background|introduction|conclusion|summary|"
    "abbreviations|conventions?|symbols|study|project|version|status|present|apologies|attendees|in attendance|"
    "participants? present|end|start|break|pause"
)
_HEADING = re.compile(
    rf"(?:{_HEADING_WORDS})(?:\s*(?:no\.?|number|nr\.?|#)?\s*\d[\w.]*|\s+(?:[ivx]{{1,4}}|[a-h]))?"
    r"(?:\s*[\u2013\u2014,-].*)?\Z",
    re.IGNORECASE,
)
_LAST_WORDS: Final = frozenset(
    {"date", "id", "key", "guide", "notes", "note", "number", "name", "code", "time", "length", "title", "details",
     "location", "file", "recording", "transcript", "transcription", "interview", "duration", "question", "questions"}
)  # fmt: skip
_LINE = re.compile(r"\s*(?P<label>[^\s:;][^:;\n]{0,59}?)(?P<gap>[^\S\n]*)(?P<mark>[:;])(?P<speech>.*)\Z", re.DOTALL)
_FORM = re.compile(r"(?:[IRPQA]|(?=.*[A-Z])[A-Z]{1,15}[ _-]?\d{1,4}[A-Z]?|[A-Z]{2,4})\Z")
_NO_FORM: Final = frozenset({"ok", "no", "mm", "hm", "tv", "uk", "us", "eu", "nhs", "nb", "ps", "http", "https"})


@dataclass(frozen=True)
class Spelled:
    """A line that begins with a label, however it is written.

    Parameters
    ----------
    label : str
    key : str
        The label as it is asked about: with its mark where that is not a plain colon.
    speech : str
    """

    label: str
    key: str
    speech: str

    @property
    def is_plain(self) -> bool:
        """Whether a colon stands right behind the label and a blank behind that."""
        return self.key == self.label


@dataclass(frozen=True)
class Judged:
    """What is known of a document's labels.

    Parameters
    ----------
    spoken : mapping of str to str
        By label as it is written, the speaker it stands for; labels that are their own speaker are left out.
    people : frozenset of str
        Labels that are speakers.
    headings : mapping of str to int
        Labels that are headings, with how often they stand.
    questions : tuple of SpeakerQuestion
    nobody : frozenset of str
        Labels that somebody said are no person.
    """

    spoken: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    people: frozenset[str] = frozenset()
    headings: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    questions: tuple[SpeakerQuestion, ...] = ()
    nobody: frozenset[str] = frozenset()

    @property
    def doubtful(self) -> frozenset[str]:
        """The labels that are asked about."""
        return frozenset(one.label for one in self.questions)


def spelled(line: str) -> Spelled | None:
    """Read the label at the beginning of a line, also where it is followed by a semicolon, or by a blank and a colon.

    Examples
    --------
    >>> spelled("R :odd"), spelled("P01: Yes").is_plain, spelled("We met.")
    (Spelled(label='R', key='R :', speech='odd'), True, None)
    """
    match = _LINE.match(line)
    if match is None:
        return None
    label, speech = " ".join(match["label"].split()), match["speech"]
    if match["mark"] == ";":
        return Spelled(label, f"{label};", speech.strip())
    if match["gap"]:
        return Spelled(label, f"{label} :", speech.strip())
    if speech and not speech[0].isspace():
        if speech[0].isdigit() and label[-1:].isdigit():
            return None  # the time of day, or a time mark
        return Spelled(label, f"{label}:", speech.strip())
    return Spelled(label, label, speech.strip())


def is_heading(label: str) -> bool:
    """Say whether a label is one by which transcripts head a part, and no person.

    Examples
    --------
    >>> [is_heading(one) for one in ("Key", "Part 2 \u2013 Interview 33", "Interview date", "Key informant", "Nurse")]
    [True, True, True, False, False]
    """
    words = label.casefold().split()
    return bool(_HEADING.match(label)) or (len(words) >= 2 and words[-1] in _LAST_WORDS)


def is_strong_heading(label: str) -> bool:
    """Say whether a heading ends the turn before it, also without a blank line between; a note may be part of one."""
    return is_heading(label) and not re.match(r"(?:notes?|nb|n\.b\.|pause|break)\b", label, re.IGNORECASE)


def same(label: str) -> str:
    """Give what two spellings of one label have in common.

    Examples
    --------
    >>> same("P 01") == same("p01"), same("Interviewer") == same("INTERVIEWER")
    (True, True)
    """
    return re.sub(r"[\s._-]+", "", label).casefold()


def judge_labels(
    people: Collection[str], lines: Counter[str], total: int, answers: Answers, *, ask_rare: bool = True
) -> Judged:
    """Say of each label whether it is a person, a heading, somebody under another spelling, or a question.

    Parameters
    ----------
    people : collection of str
        The labels that were taken for speakers by their form and by what stands around them.
    lines : Counter of str
        How often each label stands, by its key (`Spelled.key`).
    total : int
        How many lines are labelled.
    answers : mapping
    ask_rare : bool
        Whether a label that stands once or twice among hundreds is asked about.

    Examples
    --------
    >>> found = judge_labels({"I", "P01", "Key"}, Counter({"I": 9, "P01": 8, "p01": 1, "Key": 1}), 19, {})
    >>> sorted(found.people), dict(found.headings), [(one.label, one.suggestion) for one in found.questions]
    (['I', 'P01'], {'Key': 1}, [('p01', 'P01')])
    """
    spoken: dict[str, str] = {}
    nobody: set[str] = set()
    questions: list[SpeakerQuestion] = []
    found = [one for one in lines if one in people and is_heading(one) and one not in answers]
    # A surname can be a word that heads parts; a heading does not stand in every fifth line.
    often = [one for one in found if lines[one] >= OFTEN and 5 * lines[one] >= total]
    headings = {one: lines[one] for one in found if one not in often}
    questions += [SpeakerQuestion(one, lines[one], "is a word that heads parts, and returns", one) for one in often]
    sure = {one for one in people if one not in headings}
    by_same: dict[str, str] = {}
    for one in sorted(sure, key=lambda label: (-lines[label], list(lines).index(label) if label in lines else 0)):
        by_same.setdefault(same(one), one)
    main = set(by_same.values())

    def decide(key: str, question: SpeakerQuestion | None) -> None:
        if key in answers:
            answer = answers[key]
            if answer is None:
                nobody.add(key)
            else:
                spoken[key] = answer
        elif question is not None:
            questions.append(question)

    for key, count in lines.items():
        label = key.rstrip(" :;")
        meant = by_same.get(same(label), "")
        if key in often:
            continue
        if key in main:
            rare = ask_rare and total >= HUNDREDS and count <= RARE
            likely = key if _FORM.match(key) else ""
            reason = f"stands only {'once' if count == 1 else 'twice'} among {total:,} labelled lines"
            decide(key, SpeakerQuestion(key, count, reason, likely) if rare else None)
        elif key in headings or (key not in answers and key == label and not meant):
            continue
        elif key in answers:
            decide(key, None)
        elif key == label and meant:
            decide(key, SpeakerQuestion(key, count, f"is written almost like {meant}", meant))
        elif meant or (_FORM.match(label) and label.casefold() not in _NO_FORM):
            if key.endswith(" :") and meant and lines[meant] <= count and count > RARE:
                # The document's own way of writing, where nothing speaks for another.
                spoken[key] = meant
                continue
            mark = {";": "a semicolon", " :": "a blank and a colon"}.get(key[len(label) :], "a colon and no blank")
            reason = f"has {mark} behind it" + (f", where {meant} has a colon" if meant and lines[meant] else "")
            decide(key, SpeakerQuestion(key, count, reason, meant or label))
    asked = {one.label for one in questions}
    kept = frozenset(one for one in main if one not in asked | nobody | spoken.keys()) | frozenset(spoken.values())
    return Judged(spoken, kept, dict(headings), tuple(questions), frozenset(nobody))
