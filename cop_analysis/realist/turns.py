"""A transcript's text as turns with speakers: where each starts and ends. Words in, words out; no coding, no HTML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise

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
    longest_first = sorted((one for one in speakers if one), key=len, reverse=True)
    if not longest_first:
        return lambda text, start: None
    # Where the labels are known the text was written with them: a colon right behind. What differs was left open.
    known = re.compile(rf"[^\S\n]*(?P<label>{'|'.join(map(re.escape, longest_first))}):(?=\s|\Z)")

    def label_at(text: str, start: int) -> tuple[str, int] | None:
        match = known.match(text, start)
        return None if match is None else (match["label"], match.end())

    return label_at


def _speakers(text: str, paragraphs: list[int]) -> set[str]:
    from cop_analysis.realist.documents.speakers import is_heading

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
