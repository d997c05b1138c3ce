"""A document coming in, whatever it was made with: its text as turns, its speakers, and every word accounted for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import pandas as pd

from cop_analysis.files import MOST_TEXT, FileRefusedError, read_file, starts_with
from cop_analysis.realist.documents.pieces import DocumentError, Pieces, Said, SpeakerQuestion, count_words, decoded
from cop_analysis.realist.documents.speakers import Answers, Turn, turns
from cop_analysis.realist.documents.speech import is_captions, read_captions, recognised, take_page_lines
from cop_analysis.realist.documents.word_file import read_word_file

LARGEST_TEXT: Final = MOST_TEXT
"""The largest text file that is read, in bytes; a transcript of 30,000 words has about 200,000."""

_SPEAKERS_SAID: Final = 40

_BOLD_LABEL = re.compile(r"^(\s*)(?:\*\*|__)([^*_:\n]{1,60}?)(?::(?:\*\*|__)|(?:\*\*|__):)(?=\s|\Z)", re.MULTILINE)

_FRONT = re.compile(r"\A---[^\S\n]*\n(.*?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)

_FRONT_LINE = re.compile(r"([A-Za-z][\w -]{0,39}):[^\S\n]+(\S.*?)\s*\Z")

_NOT_TEXT: Final = (
    (b"%PDF", "a PDF", "Copy its text into a Word or plain text document and add that"),
    (b"\xd0\xcf\x11\xe0", "an old Word document (.doc) or one locked with a password", "Save it as .docx without one"),
    (b"{\\rtf", "a rich text file (.rtf)", "Save it as .docx or plain text"),
    (b"\x89PNG", "a picture", "Type out what it says"),
    (b"\xff\xd8\xff", "a picture", "Type out what it says"),
    (b"ID3", "a recording", "Have it transcribed first"),
    (b"RIFF", "a recording", "Have it transcribed first"),
)


@dataclass(frozen=True)
class TextDocument:
    """A transcript or other text, ready to be kept in a study.

    Parameters
    ----------
    text : str
        Each turn a paragraph ``SPEAKER: words``, a blank line between; a paragraph nobody is named for stands without
        a label. What a speaker said in several paragraphs stands on several lines of one turn.
    turns : tuple of Turn
        Of `text`.
    speakers : tuple of str
        The labels, in the order of their first turns; for `Document.speakers`.
    attributes : mapping of str to str
        What the file says of itself: title, date, duration, the keys at the head of a Markdown file.
    words_in, words_out : int
        The words of the file and of `text`, counted apart from each other; time marks are not among them, and neither
        are names that stand in the markup of captions.
    warnings : tuple of str
        What a person should look at, a sentence each.
    format : str
        ``"txt"``, ``"md"``, ``"vtt"`` or ``"docx"``, told by the content.
    encoding : str
        As it was told by the content; empty for a Word document.
    times : tuple of str
        The time mark of each turn, empty where the file has none.
    set_apart : mapping of str to int
        How many words, or marks, of which kind are no talk and not in `text`.
    questions : tuple of SpeakerQuestion
        Labels of which somebody has to say whose they are; until then their words are under nobody's name.
    headings : mapping of str to int
        Labels that were taken for headings and not for people, with how often they stand.
    answered : frozenset of str
        Labels of this document that were read as somebody said.
    """

    text: str
    turns: tuple[Turn, ...]
    speakers: tuple[str, ...]
    attributes: Mapping[str, str]
    words_in: int
    words_out: int
    warnings: tuple[str, ...] = ()
    format: str = "txt"
    encoding: str = ""
    times: tuple[str, ...] = ()
    set_apart: Mapping[str, int] = field(default_factory=dict)
    questions: tuple[SpeakerQuestion, ...] = ()
    headings: Mapping[str, int] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()

    @property
    def sha256(self) -> str:
        """The checksum under which a coding knows this text."""
        return sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def sentence(self) -> str:
        """What came in, in one sentence for an import report."""
        speakers = ", ".join(self.speakers[:_SPEAKERS_SAID]) or "nobody named"
        if len(self.speakers) > _SPEAKERS_SAID:
            speakers += f" and {len(self.speakers) - _SPEAKERS_SAID:,} more"
        count = f"{len(self.turns):,} turn{'' if len(self.turns) == 1 else 's'}"
        return f"{self.words_in:,} words in, {self.words_out:,} words out: {count}; speakers: {speakers}."

    @property
    def table(self) -> pd.DataFrame:
        """One row a turn: turn, speaker, time, words, text."""
        rows = [
            (turn.number, turn.speaker, time, len(speech.split()), speech)
            for turn, time in zip(self.turns, self.times, strict=True)
            for speech in (self.text[turn.speech_start : turn.end],)
        ]
        return pd.DataFrame(rows, columns=["turn", "speaker", "time", "words", "text"])


def read_text_document(path: Path | str, speakers: Answers | None = None) -> TextDocument:
    """Read a text, Markdown, Word or caption file as turns of talk, and account for every word.

    Parameters
    ----------
    path : path
        What the file holds is told by its content; only Markdown is told from plain text by its name (.md).
    speakers : mapping of str to str or None, optional
        Answers to the document's `questions`, by label: the speaker it stands for, or None where it is not a person.
        ``{"p01": "P01", "R;": "R", "Key": None}``

    Returns
    -------
    TextDocument

    Raises
    ------
    ValueError
        When the file cannot be read as a text, in one sentence that says why and how to correct it.
    FileNotFoundError
        When there is no such file.

    Notes
    -----
    Speakers are recognised by labels before a colon (``INTERVIEWER:``, ``I:`` and ``R:``), labels alone on their
    lines, labels with a time (Teams, Otter), the voices of captions (Teams, Zoom) and a column of labels in a table.
    Nobody's words are guessed: where one table cell holds several speakers and another all of their talk, the talk is
    kept with nobody named and a warning says so.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "talk.txt"
    >>> _ = path.write_text("I: How was it?\\nR: Long.\\n", encoding="utf-16")
    >>> document = read_text_document(path)
    >>> document.text, document.speakers, document.sentence[:28]
    ('I: How was it?\\n\\nR: Long.', ('I', 'R'), '6 words in, 6 words out: 2 t')
    """
    answers = speakers or {}
    path = Path(path)
    if path.is_dir():
        raise DocumentError(f"{path} is a folder. Name one file in it.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        head = starts_with(path, 8)
        content = b"" if head.startswith(b"PK") else read_file(path, most=LARGEST_TEXT)
    except FileRefusedError as refused:
        raise DocumentError(f"{path.name} was not read: it {refused.rule}; {refused.remedy}.") from None
    if head.startswith(b"PK"):
        return _assembled(read_word_file(path), path.name, "docx", "", answers)
    for mark, what, fix in _NOT_TEXT:
        if head.startswith(mark):
            raise DocumentError(f"{path.name} is {what}, which is not read here. {fix}.")
    text, encoding = decoded(content, path.name)
    if is_captions(text):
        return _assembled(read_captions(text, path.name), path.name, "vtt", encoding, answers)
    is_markdown = path.suffix.lower() in (".md", ".markdown")
    form = "md" if is_markdown else "txt"
    return _assembled(_paragraphs(text, is_markdown), path.name, form, encoding, answers)


def _paragraphs(text: str, is_markdown: bool) -> Pieces:
    pieces = Pieces(words=count_words(text))
    if is_markdown:
        if (front := _FRONT.match(text)) is not None:
            lines = [line for line in front[1].split("\n") if line.strip()]
            found = [_FRONT_LINE.match(line) for line in lines]
            if all(found):
                pieces.attributes.update({match[1].strip(): match[2] for match in found if match is not None})
                pieces.apart({"words of the head": count_words(front[0])})
                pieces.words -= count_words(front[0])
                text = text[front.end() :]
        text = _BOLD_LABEL.sub(r"\1\2:", text)
    pieces.blocks = [block for block in re.split(r"\n[^\S\n]*\n\s*", text.strip()) if block.strip()]
    return pieces


def _assembled(pieces: Pieces, file: str, form: str, encoding: str, answers: Answers) -> TextDocument:
    if form != "vtt":
        take_page_lines(pieces)
    heard = recognised(pieces.blocks, answers)
    said = [one for one in heard.said if one.speaker or one.speech.strip()]
    if pieces.labels_are_words:
        pieces.words += heard.more_words
    if not any(one.speech.strip() for one in said):
        raise DocumentError(f"{file} holds no words. Check that it is the file you mean, and that it is whole.")
    speakers = tuple(dict.fromkeys(one.speaker for one in said if one.speaker))
    text = "\n\n".join(_written(one) for one in said)
    found = turns(text, speakers)
    warnings = list(pieces.warnings)
    if encoding == "Windows-1252" and any(ord(character) > 127 for character in text):
        warnings.append(
            "The file is not UTF-8 and was read as Windows-1252; look at letters with accents and quotation marks."
        )
    unnamed = sum(not turn.speaker for turn in found)
    if unnamed and speakers:
        stand = "stands" if unnamed == 1 else "stand"
        paragraphs = "1 paragraph" if unnamed == 1 else f"{unnamed:,} paragraphs"
        warnings.append(f"{paragraphs} without a label {stand} under nobody's name; look at who is speaking there.")
    elif not speakers and form != "vtt":
        warnings.append("No speaker was recognised, so each paragraph is a turn of nobody in particular.")
        if 3 <= pieces.bold < 0.9 * len(found):
            warnings.append(
                f"{pieces.bold:,} of {len(found):,} paragraphs are bold, which may be how whoever asks is marked: "
                "write I: before those and P01: before the others in Word, and add the document again."
            )
    if heard.judged.questions:
        warnings.append(_asked(heard.judged.questions))
    labels = sum(count_words(turn.speaker) for turn in found)
    times = _times(said, found)
    if form != "vtt":
        pieces.apart({"time marks": sum(bool(one.time) for one in said)})
    words_in = pieces.words - (0 if form == "vtt" else pieces.set_apart.get("time marks", 0))
    words_out = count_words(text) - (0 if pieces.labels_are_words else labels)
    if words_in != words_out:
        warnings.append(
            f"{words_in:,} words came in and {words_out:,} went out: compare the text with the file before coding it."
        )
    return TextDocument(
        text,
        found,
        speakers,
        dict(sorted(pieces.attributes.items())),
        words_in,
        words_out,
        tuple(warnings),
        form,
        encoding,
        times,
        dict(sorted(pieces.set_apart.items())),
        heard.judged.questions,
        dict(heard.judged.headings),
        frozenset(heard.judged.spoken.keys() & answers.keys()) | heard.judged.nobody,
    )


def _asked(questions: Sequence[SpeakerQuestion]) -> str:
    shown = ", ".join(f"“{one.label}” ({one.count:,})" for one in questions[:8])
    more = f" and {len(questions) - 8:,} more" if len(questions) > 8 else ""
    label, words = ("A label", "its words are") if len(questions) == 1 else ("Labels", "their words are")
    until = f"until somebody says whose, {words} under nobody's name"
    return f"{label} may be no speaker of their own: {shown}{more}; {until}."


def _written(one: Said) -> str:
    speech = "\n".join(line.strip() for line in one.speech.split("\n") if line.strip())
    return f"{one.speaker}: {speech}".rstrip() if one.speaker else speech


def _times(said: list[Said], found: tuple[Turn, ...]) -> tuple[str, ...]:
    """Give each turn the time mark of the piece it was made of; a piece may have come out as several turns."""
    times: list[str] = []
    starts = {}
    place = 0
    for one in said:
        starts[place] = one.time
        place += len(_written(one)) + 2
    for turn in found:
        times.append(starts.get(turn.start, ""))
    return tuple(times)
