"""Who speaks: labels that name a speaker, headings that only look like one, the turns of a text, and what was said.

What somebody said of the labels of a study's documents is kept in speakers.csv, so that it is asked once. One row a
label: whose it is (empty where it is no person), in which document, from which file, who said so and when.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from cop_analysis.files import MOST_TABLE, guarded, put_whole, read_file, unguarded
from cop_analysis.realist.documents.pieces import DocumentError, SpeakerQuestion

if TYPE_CHECKING:
    from cop_analysis.realist.documents.text_document import TextDocument

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

    @cached_property
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
    first = {label: place for place, label in enumerate(lines)}
    for one in sorted(sure, key=lambda label: (-lines[label], first.get(label, 0))):
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
    not_kept = {one.label for one in questions} | nobody | spoken.keys()
    kept = frozenset(main - not_kept) | frozenset(spoken.values())
    return Judged(spoken, kept, dict(headings), tuple(questions), frozenset(nobody))


_BLANK = re.compile(r"\n[^\S\n]*\n\s*")

_LABEL = re.compile(r"[^\S\n]*(?P<label>[^\s:][^:\n]{0,39}?)[^\S\n]*:(?=\s|\Z)")

_LONGEST_LABEL_WORDS = 5


@dataclass(frozen=True)
class Turn:
    """One turn of talk: ``text[start:end]``, with the speaker's label before ``text[speech_start:end]``.

    Parameters
    ----------
    number : int
        From 1, in the order of the document.
    speaker : str
        The label without its colon; empty where a paragraph names nobody.
    start, end, speech_start : int
        Code points of the document's text; no turn begins or ends with a blank.
    """

    number: int
    speaker: str
    start: int
    end: int
    speech_start: int


def turns(text: str, speakers: Collection[str] | None = None) -> tuple[Turn, ...]:
    """Split a transcript into turns.

    A turn is a paragraph, or a line that begins with a speaker's label and a colon. A label is one to five words of
    at most 40 characters without lower-case beginnings; it counts as a speaker when it is written in capitals or
    digits (``P07``, ``INTERVIEWER``), when it returns, or when at least half of the paragraphs begin with one. So
    "Note: I was late" inside a monologue stays speech.

    Parameters
    ----------
    text : str
        The normalised text, with ``\\n`` between lines.
    speakers : collection of str, optional
        The labels that are speakers, where they are known; then no other label is taken for one.

    Returns
    -------
    tuple of Turn
        Together they hold every character of the text that is not a blank between them.

    Examples
    --------
    >>> [(turn.speaker, turn.number) for turn in turns("INTERVIEWER: And then?\\n\\nP07: We met.\\n\\nShe laughs.")]
    [('INTERVIEWER', 1), ('P07', 2), ('', 3)]
    """
    paragraphs = _paragraph_starts(text)
    labels = _speakers(text, paragraphs) if speakers is None else set(speakers)
    label_at: Callable[[str, int], tuple[str, int] | None] = _label_at if speakers is None else _finder_of(speakers)
    starts = {start: label_at(text, start) for start in paragraphs}
    for match in re.finditer(r"\n", text):
        start = match.end()
        found = label_at(text, start)
        if found is not None and found[0] in labels:
            while start < len(text) and text[start].isspace():
                start += 1
            starts[start] = found
    ordered = sorted(starts)
    result: list[Turn] = []
    for start, until in pairwise([*ordered, len(text)]):
        end = start + len(text[start:until].rstrip())
        found = starts[start]
        speaker, speech = found if found is not None and found[0] in labels else ("", start)
        while speech < end and text[speech].isspace():
            speech += 1
        result.append(Turn(len(result) + 1, speaker, start, end, min(speech, end)))
    return tuple(result)


def _paragraph_starts(text: str) -> list[int]:
    first = len(text) - len(text.lstrip())
    if first == len(text):
        return []
    return [first, *(match.end() for match in _BLANK.finditer(text, first) if match.end() < len(text))]


def _label_at(text: str, start: int) -> tuple[str, int] | None:
    """Give the label that begins at `start` and where the speech after its colon begins, or None."""
    match = _LABEL.match(text, start)
    if match is None:
        return None
    words = match["label"].split()
    if len(words) > _LONGEST_LABEL_WORDS or any(word.lstrip("([{").lstrip()[:1].islower() for word in words[:1]):
        return None
    if any(mark in match["label"] for mark in '.?!;,"') and not words[0].endswith("."):
        return None
    return " ".join(words), match.end()


def _finder_of(speakers: Collection[str]) -> Callable[[str, int], tuple[str, int] | None]:
    """Give a finder like `_label_at` that knows the labels beforehand, whatever their form."""
    known = frozenset(one for one in speakers if one)
    if not known:
        return lambda text, start: None
    longest = max(map(len, known))

    def label_at(text: str, start: int) -> tuple[str, int] | None:
        # Where the labels are known the text was written with them: a colon right behind. What differs was left open.
        begin = start
        while begin < len(text) and text[begin].isspace() and text[begin] != "\n":
            begin += 1
        found, end = None, begin + longest + 1
        at = text.find(":", begin, end)
        while at >= 0:
            if text[begin:at] in known and (at + 1 == len(text) or text[at + 1].isspace()):
                found = text[begin:at], at + 1
            at = text.find(":", at + 1, end)
        return found

    return label_at


def _speakers(text: str, paragraphs: list[int]) -> set[str]:

    return {label for label in _likely(text, paragraphs) if not is_heading(label)}


def likely_labels(text: str) -> set[str]:
    """Give the labels that stand as a speaker's would, headings among them.

    Examples
    --------
    >>> sorted(likely_labels("KEY: names\\n\\nP07: We met.\\n\\nP07: Twice."))
    ['KEY', 'P07']
    """
    return _likely(text, _paragraph_starts(text))


def _likely(text: str, paragraphs: list[int]) -> set[str]:
    labels = [found[0] if (found := _label_at(text, start)) is not None else None for start in paragraphs]
    counts = Counter(label for label in labels if label is not None)
    # Lines inside a paragraph count towards "returns" too, for transcripts without blank lines.
    inner = Counter(
        found[0] for match in re.finditer(r"\n(?!\s)", text) if (found := _label_at(text, match.end())) is not None
    )
    everyone = 2 * sum(counts.values()) >= len(paragraphs)
    return {label for label in counts | inner if label.upper() == label or counts[label] + inner[label] >= 2} | (
        set(counts) if everyone else set()
    )


# --- what was said of labels ------------------------------------------------------------------------------------------

FILE: Final = "speakers.csv"

COLUMNS: Final = ("label", "speaker", "document", "file", "answered_by", "answered_at")


def kept_answers(study: Path, file: str) -> dict[str, str | None]:
    """Give what was said of labels that also holds for a file: of that file, and what holds whatever the file.

    That a heading is no person, and that two spellings are one label, holds in every document of a study; whose a label
    is otherwise, only in its own file.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> keep_answers(folder, {"Key": None, "p01": "P01", "R;": "P07"}, file="a.docx")
    >>> kept_answers(folder, "b.docx"), kept_answers(folder, "a.docx")["R;"]
    ({'Key': None, 'p01': 'P01'}, 'P07')
    """
    found: dict[str, str | None] = {}
    for row in _rows(study):
        label, speaker = row["label"], row["speaker"] or None
        everywhere = is_heading(label) if speaker is None else same(label.rstrip(" :;")) == same(speaker)
        if row["file"] == file or (everywhere and label != speaker):
            found[label] = speaker
    return found


def kept_speakers(study: Path, document: str) -> tuple[str, ...] | None:
    """Give the speakers of a document as they were settled when it was brought in; None where nothing was asked."""
    rows = [row for row in _rows(study) if row["document"] == document]
    return tuple(dict.fromkeys(row["speaker"] for row in rows if row["speaker"])) if rows else None


def answered_since(study: Path, speakers: Mapping[str, tuple[str, ...] | None]) -> dict[str, tuple[str, ...]]:
    """Give the labels of which speakers.csv says otherwise than the coding, which keeps the speakers it began with.

    Parameters
    ----------
    study : Path
    speakers : mapping of str to tuple of str or None
        By document, whom the coding takes for its speakers; None where it goes by the labels alone.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> keep_answers(folder, {"p01": "P01", "Key": None, "I": "I"}, file="a.docx", document="D01")
    >>> answered_since(folder, {"D01": ("I", "P01", "p01")}), answered_since(folder, {"D01": ("I", "P01")})
    ({'D01': ('p01',)}, {})
    """
    found: dict[str, list[str]] = {}
    for row in _rows(study):
        label, speaker = row["label"], row["speaker"]
        known = speakers.get(row["document"], ())
        if row["document"] not in speakers:
            continue
        if known is None:
            differs = label != speaker
        else:
            differs = (label in known and label != speaker) or bool(speaker and speaker not in known)
        if differs:
            found.setdefault(row["document"], []).append(label)
    return {document: tuple(dict.fromkeys(labels)) for document, labels in found.items()}


def settled(document: TextDocument, answers: Mapping[str, str | None]) -> dict[str, str | None]:
    """Give what is to be kept of a document's labels; nothing where nothing was in doubt.

    Parameters
    ----------
    document : TextDocument
        As it was read with the answers.
    answers : mapping
        What somebody said of its labels.
    """
    if not (answers or document.headings):
        return {}
    return {**{one: one for one in document.speakers}, **dict.fromkeys(document.headings), **answers}


def keep_answers(
    study: Path,
    answers: Mapping[str, str | None],
    *,
    file: str,
    document: str = "",
    who: str = "",
    when: datetime.datetime | None = None,
) -> None:
    """Keep what somebody said of labels; what was said of the same label of the same file before is replaced.

    Parameters
    ----------
    study : Path
    answers : mapping of str to str or None
        By label, whose it is; None where it is not a person.
    file : str
        The file it was said of.
    document : str
        What that file is called in the study.
    who : str
    when : datetime, optional
        The present moment where left out.

    Raises
    ------
    DocumentError
        When speakers.csv is no table of answers.
    OSError
        When the study cannot be written.
    """
    if not answers:
        return
    moment = (when or datetime.datetime.now(datetime.UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [row for row in _rows(study) if not (row["file"] == file and row["label"] in answers)]
    rows += [
        {
            "label": label,
            "speaker": speaker or "",
            "document": document,
            "file": file,
            "answered_by": who,
            "answered_at": moment,
        }
        for label, speaker in answers.items()
    ]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: guarded(value) for name, value in row.items()} for row in rows)
    put_whole(study / FILE, b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8"))


def _rows(study: Path) -> list[dict[str, str]]:
    path = study / FILE
    try:
        text = read_file(path, most=MOST_TABLE, inside=study).decode("utf-8-sig")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise DocumentError(f"{FILE} is not UTF-8: save it as CSV UTF-8.") from None
    except ValueError as error:
        raise DocumentError(f"{FILE} {error}.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if text.strip() and not {"label", "speaker"} <= set(reader.fieldnames or ()):
        raise DocumentError(f"{FILE} has no columns label and speaker: put them back, or delete the file.")
    return [{name: unguarded(row.get(name) or "") for name in COLUMNS} for row in reader if row.get("label")]
