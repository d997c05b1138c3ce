"""Talk out of a text: which lines are speech and whose, what stands beside it (a header, a page's number, a time).

Captions (WebVTT and SubRip) as well: cues in, speakers and their words out. No files here.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

from cop_analysis.realist.documents.pieces import Aside, DocumentError, Pieces, Said, count_words
from cop_analysis.realist.documents.speakers import (
    RARE,
    Answers,
    Judged,
    is_heading,
    is_strong_heading,
    judge_labels,
    likely_labels,
    spelled,
)

_BLANKS = re.compile(r"[^\S\n]{20,}")

_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"

_TIMED = re.compile(rf"\s*(?P<label>\S.{{0,79}}?(?<!:))(?P<gap>[^\S\n]+)[\[(]?(?P<time>{_CLOCK})[\])]?\s*\Z")

_TIME_FIRST = re.compile(
    rf"\s*[\[(]?(?P<time>{_CLOCK})[\])]?[^\S\n]+(?P<rest>[^\s:][^:\n]{{0,59}}?\s*:(?:\s.*)?)\Z", re.S
)

_TIME_WITHIN = re.compile(
    rf"(?P<label>[^\s:\[(][^:\[(\n]{{0,59}}?)\s+[\[(](?P<time>{_CLOCK})[\])]\s*:(?P<rest>\s.*|)\Z", re.S
)

_COLON = re.compile(r"\s*(?P<label>[^\s:][^:\n]{0,59}?)[^\S\n]*:(?P<speech>\s.*|)\Z", re.S)

_ROLES = (
    "interviewer|interviewee|facilitator|moderator|participant|respondent|researcher|speaker|nurse|doctor|patient|"
    "carer|manager|student|person|chair|observer|unknown"
)

_ROLE = re.compile(rf"(?:{_ROLES})(?:[ _-]?(?:\d{{1,3}}|[a-z]))?\Z", re.IGNORECASE)

_SHORT = re.compile(r"(?:[IRPQA]|[A-Z]{1,3}\d{0,3})\d{0,3}\Z", re.IGNORECASE)

_CAPITAL = r"(?:[^\W\d_a-z][\w'\u2019-]*|(?:Dr|Mr|Ms|Mrs|Prof|[^\W\d_a-z])\.)"

_NAME = re.compile(rf"{_CAPITAL}(?: (?:(?:de|van|von|der|la|bin|al) )?{_CAPITAL}){{1,3}}(?: \([^()]{{1,40}}\))?\Z")

_CODE = re.compile(r"(?=.*[A-Z])[A-Z]{1,15}[ _-]?\d{0,4}[A-Z]?\Z")

_ANSWERS = {
    "yes",
    "no",
    "ok",
    "okay",
    "yeah",
    "right",
    "mm",
    "mmm",
    "mhm",
    "hm",
    "hmm",
    "um",
    "oh",
    "i see",
    "thanks",
    "a",
    "i",
}

# What a transcription service writes of itself, which nobody said.
_CREDIT = re.compile(
    r"\s*(?:Transcribed by https?://\S+|\S.{0,80} (?:started|stopped) transcription)\s*\Z", re.IGNORECASE
)


@dataclass
class _Open:
    """A piece of talk that is being read: what ends it is a label, or for a label in the line also the paragraph."""

    speaker: str
    time: str = ""
    parts: list[str] = field(default_factory=list)
    until_next: bool = False
    more_words: int = 0
    goes_on: bool = False
    """Whether it is the rest of a turn that was interrupted."""

    @property
    def said(self) -> Said:
        return Said(self.speaker, "\n".join(part for part in self.parts if part), self.time)


@dataclass(frozen=True)
class Labels:
    """The labels a document uses: with a time beside them, alone on a line, and before a colon."""

    timed: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    before_colon: frozenset[str] = frozenset()
    judged: Judged = field(default_factory=Judged)

    def speaker(self, label: str) -> str | None:
        """Give the speaker a label stands for; empty where that is not settled, None where it is no label."""
        judged = self.judged
        if label in judged.spoken:
            return judged.spoken[label]
        if label in judged.doubtful or label in judged.nobody:
            return ""
        return label if label in judged.people else None


@dataclass(frozen=True)
class Recognised:
    """A document's talk, and what is to be said of its labels.

    Parameters
    ----------
    said : tuple of Said
    judged : Judged
    more_words : int
        By how many the words grew because labels were written as somebody said.
    """

    said: tuple[Said, ...]
    judged: Judged
    more_words: int = 0


def recognised(blocks: Sequence[str | Said | Aside], answers: Answers = MappingProxyType({})) -> Recognised:
    """Say who speaks where, paragraph by paragraph.

    Parameters
    ----------
    blocks : sequence of str, Said or Aside
        Paragraphs, each of one or more lines; a `Said` passes as it is, an `Aside` stands between two parts of a turn.
    answers : mapping
        What somebody said of labels.

    Returns
    -------
    Recognised

    Examples
    --------
    >>> [(one.speaker, one.speech) for one in recognised(["I: How was it?\\nR: Long.", "She laughs."]).said]
    [('I', 'How was it?'), ('R', 'Long.'), ('', 'She laughs.')]
    >>> recognised(["Jo Lee  0:03", "We met.", "Al Ray  0:09", "Twice."]).said[1]
    Said(speaker='Al Ray', speech='Twice.', time='0:09')
    """
    # A long run of blanks says no more than a short one, and would cost a great deal to look through.
    blocks = [_BLANKS.sub("    ", block) if isinstance(block, str) else block for block in blocks]
    labels = labels_of([block for block in blocks if isinstance(block, str)], answers)
    named = Counter(block.speaker for block in blocks if isinstance(block, Said) and block.speaker)
    of_file = judge_labels(named, named, sum(named.values()), answers, ask_rare=False)
    done: list[Said] = []
    current: _Open | None = None
    more = 0

    def close() -> None:
        nonlocal current, more
        if current is not None and current.goes_on and any(current.parts):
            # The label is written once more than it stands in the file.
            more += count_words(current.speaker)
        if current is not None and ((current.speaker and not current.goes_on) or any(current.parts)):
            done.append(current.said)
        current = None

    for block in blocks:
        if isinstance(block, Said):
            close()
            made, grown = _as_answered(block, of_file)
            done.append(made)
            more += grown
            continue
        text = block.text if isinstance(block, Aside) else block
        if isinstance(block, Aside) and not any(_begun(line, labels) for line in text.split("\n")):
            before = current
            close()
            done.append(Said("", text))
            if before is not None and before.until_next:
                current = _Open(before.speaker, "", [], True, goes_on=True)
            continue
        if current is not None and not current.until_next:
            close()
        for line in text.split("\n"):
            begun = _begun(line, labels)
            if begun is not None:
                close()
                current = begun
                more += begun.more_words
            elif line.strip():
                if current is None or _CREDIT.match(line):
                    close()
                    current = _Open("")
                current.parts.append(line.strip())
    close()
    return Recognised(tuple(done), _together(labels.judged, of_file), more)


def _as_answered(block: Said, judged: Judged) -> tuple[Said, int]:
    """Give a piece whose speaker the file names as somebody said it is, and by how many words it grew."""
    if block.speaker in judged.spoken:
        name = judged.spoken[block.speaker]
        return replace(block, speaker=name), count_words(name) - count_words(block.speaker)
    if block.speaker in judged.nobody:
        return Said("", f"{block.speaker}: {block.speech}", block.time), 0
    return block, 0


def _together(first: Judged, second: Judged) -> Judged:
    return Judged(
        {**first.spoken, **second.spoken},
        first.people | second.people,
        dict(first.headings),
        (*first.questions, *(one for one in second.questions if one.label not in first.doubtful)),
        first.nobody | second.nobody,
    )


def labels_of(blocks: Sequence[str], answers: Answers = MappingProxyType({})) -> Labels:
    """Find the labels a document uses.

    Examples
    --------
    >>> sorted(labels_of(["INTERVIEWER", "How was it?", "P01", "Long.", "INTERVIEWER", "And now?"]).alone)
    ['INTERVIEWER', 'P01']
    """
    lines = [line for block in blocks for line in block.split("\n") if line.strip()]
    timed = _timed_labels(lines)
    colons = _colon_labels(blocks, lines)
    people = {one for one in colons if not is_heading(one)}
    alone = frozenset() if timed or people else _labels_alone(lines)
    counts: Counter[str] = Counter()
    for line in lines:
        if (match := _TIMED.match(line)) is not None and _plain(match["label"]) in timed:
            counts[_plain(match["label"])] += 1
        elif _plain(line) in alone:
            counts[_plain(line)] += 1
        elif (found := spelled(_without_time(line))) is not None:
            counts[found.key] += 1
    # A label that is only ever written with a blank before its colon is one all the same.
    of_colons = {one for one in colons if counts[one]} | {
        one for one in colons if not counts[one] and counts[f"{one} :"] > RARE
    }
    total = sum(counts[one] for one in of_colons | timed | alone)
    told = {one for one in answers if counts[one]}
    judged = judge_labels(of_colons | told, counts, total, answers)
    certain = judge_labels(timed | alone, counts, total, answers, ask_rare=False) if timed | alone else Judged()
    return Labels(timed, alone, colons, _together(judged, certain))


# --- lines -----------------------------------------------------------------------------------------------------------


def _begun(line: str, labels: Labels) -> _Open | None:
    timed = _TIMED.match(line)
    if timed is not None and (label := _plain(timed["label"])) in labels.timed:
        speaker = labels.speaker(label)
        return _opened(label if speaker is None else speaker, label, "", timed["time"], line)
    if (label := _plain(line.strip())) in labels.alone:
        speaker = labels.speaker(label)
        return _opened(label if speaker is None else speaker, label, "", "", line)
    found = spelled(_without_time(line))
    if found is None:
        return None
    speaker = labels.speaker(found.key)
    if speaker is not None:
        time = _labelled(line)
        opened = _opened(speaker, found.key, found.speech, "" if time is None else time[2], line)
        # A label that stands alone, or nobody's words, go on as what stands behind them does.
        return replace(opened, until_next=bool(speaker) and not found.speech)
    if (
        found.is_plain
        and found.label in labels.judged.headings
        and (not found.speech or is_strong_heading(found.label))
    ):
        return _Open("", "", [line.strip()])
    return None


def _opened(speaker: str, label: str, speech: str, time: str, line: str) -> _Open:
    """Begin a piece of talk; where nobody is named the line stands as it is."""
    if not speaker:
        return _Open("", "", [line.strip()])
    before = count_words(line) - bool(time)
    return _Open(speaker, time, [speech] if speech else [], True, count_words(f"{speaker}: {speech}") - before)


def _without_time(line: str) -> str:
    """Take the time mark off a line that begins with a label."""
    if (first := _TIME_FIRST.match(line)) is not None:
        return first["rest"]
    if (within := _TIME_WITHIN.match(line.lstrip())) is not None:
        return f"{within['label']}:{within['rest']}"
    return line


def _labelled(line: str) -> tuple[str, str, str] | None:
    """Read ``label: speech``, with a time mark before or within it, as label, speech and time."""
    time = ""
    if (first := _TIME_FIRST.match(line)) is not None:
        time, line = first["time"], first["rest"]
    elif (within := _TIME_WITHIN.match(line.lstrip())) is not None:
        time, line = within["time"], f"{within['label']}:{within['rest']}"
    match = _COLON.match(line)
    return None if match is None else (_plain(match["label"]), match["speech"].strip(), time)


def _plain(label: str) -> str:
    return " ".join(label.split()).removesuffix(":").rstrip()


# --- labels ----------------------------------------------------------------------------------------------------------


def _timed_labels(lines: Sequence[str]) -> frozenset[str]:
    """Find "Name   0:03": two blanks or more between, or a name where one blank is all there is."""
    wide: Counter[str] = Counter()
    narrow: Counter[str] = Counter()
    for line in lines:
        match = _TIMED.match(line)
        if match is None:
            continue
        label = _plain(match["label"])
        # With a time beside it a single letter is a label, though it can also be a word.
        if _is_label(label) or label in ("I", "A"):
            (wide if len(match["gap"]) > 1 or "\t" in match["gap"] else narrow)[label] += 1
    if sum(wide.values()) >= 2 or (wide and not narrow):
        return frozenset(wide)
    found = wide + narrow
    return frozenset(found) if sum(found.values()) >= 2 and max(found.values(), default=0) >= 2 else frozenset()


def _colon_labels(blocks: Sequence[str], lines: Sequence[str]) -> frozenset[str]:
    counts: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    cleaned = []
    for block in blocks:
        rows = []
        for line in block.split("\n"):
            found = _labelled(line)
            if found is not None:
                counts[found[0]] += 1
                marked[found[0]] += bool(found[2])
                line = f"{found[0]}: {found[1]}"
            rows.append(line)
        cleaned.append("\n".join(rows))
    known = likely_labels("\n\n".join(cleaned))
    short = {label for label in counts if _SHORT.match(label) and counts[label] >= 2}
    roles = {label for label in counts if _ROLE.match(label)}
    # A time beside a label says what it is, once it is seen to be the document's way.
    timed = {label for label in marked if marked[label]} if sum(marked.values()) >= 2 else set()
    # Where most lines begin with a label and one of them returns, those that come once are labels too.
    likely = {label: counts[label] for label in counts if _is_label(label) and len(label.split()) <= 5}
    if 2 * sum(likely.values()) >= len(lines) and max(likely.values(), default=0) >= 2:
        roles |= set(likely)
    found_labels = (known | roles | timed | (short if len(short) >= 2 else set())) & set(counts)
    return frozenset(label for label in found_labels if not _is_clock_or_link(label))


def _labels_alone(lines: Sequence[str]) -> frozenset[str]:
    """Find labels that stand alone on their lines, without a colon: they return, and speech follows each of them."""
    given = Counter(_plain(line.strip()) for line in lines)
    candidates = [label if _could_stand_alone(label, given[label]) else None for label in map(_plain, lines)]
    counts = Counter(label for label in candidates if label is not None)
    if sum(counts.values()) < 3 or 4 * sum(counts.values()) < len(lines) or max(counts.values(), default=0) < 2:
        return frozenset()
    followed = all(
        position + 1 < len(lines) and candidates[position + 1] is None
        for position, label in enumerate(candidates)
        if label is not None
    )
    return frozenset(counts) if followed else frozenset()


def _could_stand_alone(label: str, times: int) -> bool:
    if not label or label.casefold() in _ANSWERS - {"i", "a"} or label[-1] in ".?!,;":
        return False
    return bool(_ROLE.match(label) or _CODE.match(label) or (times >= 2 and _NAME.match(label)))


def _is_label(label: str) -> bool:
    words = label.split()
    if not words or len(words) > 7 or label[-1] in ".?!,;" or label.casefold() in _ANSWERS:
        return False
    return not words[0][:1].islower() and not any(mark in label for mark in '?!;"\u201c\u201d')


def _is_clock_or_link(label: str) -> bool:
    return label.isdigit() or label.casefold() in {"http", "https"}


_PAGE = re.compile(r"\W*(?:page|pg\.?)\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\W*\Z", re.IGNORECASE)

_WITH_PAGE = re.compile(r"(?:.{0,80}\W)?page\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?(?:\W.{0,80})?\Z", re.IGNORECASE)

_MARKED = re.compile(r"\s*(?:[-\u2013\u2014]\s*\d{1,4}\s*[-\u2013\u2014]|\d{1,4}\s*(?:/|of)\s*\d{1,4})\s*\Z")

_NUMBER = re.compile(r"\s*(\d{1,4})\s*\Z")

_OF = r"(?:interview|recording)"

_DATE = re.compile(rf"\s*(?:{_OF}\s+)?date(?:\s+of\s+{_OF})?\s*:\s*(?P<date>\S.{{0,60}})\Z", re.IGNORECASE)

_HEAD = 12
"""Among so many lines at the beginning a date is the document's own."""

_REPEATS = 3


def take_page_lines(pieces: Pieces) -> None:
    """Set page numbers, running lines beside them and the date at the head apart, and count the words of the rest.

    Examples
    --------
    >>> pieces = Pieces(["Date: 3 May 2024", "P01: Yes.", "Page 1 of 2", "P01: No.", "Page 2 of 2"], 16)
    >>> take_page_lines(pieces)
    >>> pieces.blocks, pieces.words, pieces.attributes, pieces.set_apart
    (['P01: Yes.', 'P01: No.'], 4, {'date': '3 May 2024'}, {'words of page lines': 8, 'words of the date': 4})
    """
    lines = list(_lines(pieces.blocks))
    gone = _page_lines([text for _, _, text in lines])
    taken = {(block, place) for number, (block, place, _) in enumerate(lines) if number in gone}
    words = sum(count_words(lines[number][2]) for number in gone)
    pieces.apart({"words of page lines": words})
    for number, (block, place, text) in enumerate(lines[:_HEAD]):
        found = _DATE.match(text)
        if found is not None and number not in gone and "date" not in pieces.attributes:
            pieces.attributes["date"] = found["date"].strip()
            pieces.apart({"words of the date": count_words(text)})
            words += count_words(text)
            taken.add((block, place))
            break
    if not taken:
        return
    pieces.words -= words
    if gone:
        many = "1 line" if len(gone) == 1 else f"{len(gone):,} lines"
        pieces.warnings.append(f"Page numbers and running lines ({many}) were left out of the talk.")
    kept: list[str | Said | Aside] = []
    for position, one in enumerate(pieces.blocks):
        if not isinstance(one, str):
            kept.append(one)
            continue
        rest = [line for place, line in enumerate(one.split("\n")) if (position, place) not in taken]
        if any(line.strip() for line in rest):
            kept.append("\n".join(rest))
    pieces.blocks = kept


def _lines(blocks: Sequence[object]) -> Iterator[tuple[int, int, str]]:
    for number, block in enumerate(blocks):
        if isinstance(block, str):
            for place, line in enumerate(block.split("\n")):
                if line.strip():
                    yield number, place, line


def _page_lines(lines: Sequence[str]) -> set[int]:
    """Give the numbers of the lines that are of the page."""
    gone = {number for number, line in enumerate(lines) if _PAGE.match(line)}
    alike = Counter(_shape(line) for line in lines if len(line) < 200 and _WITH_PAGE.match(line.strip()))
    gone |= {
        number
        for number, line in enumerate(lines)
        if len(line) < 200 and _WITH_PAGE.match(line.strip()) and alike[_shape(line)] >= 2 and len(line.split()) <= 14
    }
    marked = [number for number, line in enumerate(lines) if _MARKED.match(line)]
    gone |= set(marked) if len(marked) >= 2 else set()
    numbered = [(number, int(match[1])) for number, line in enumerate(lines) if (match := _NUMBER.match(line))]
    counts = [value for _, value in numbered]
    if len(counts) >= _REPEATS and all(later == before + 1 for before, later in pairwise(counts)):
        # Lone numbers that count up through a text are its pages; a number somebody says does not.
        gone |= {number for number, _ in numbered}
    places: dict[str, list[int]] = {}
    for number, line in enumerate(lines if gone else ()):
        is_talk = spelled(line) is not None or line.rstrip()[-1:] in ".?!,;"
        if number not in gone and not is_talk and len(line) < 200 and len(line.split()) <= 14:
            places.setdefault(line.strip(), []).append(number)
    for its in places.values():
        # A running title stands beside the number of each page.
        if len(its) >= _REPEATS and all(number - 1 in gone or number + 1 in gone for number in its):
            gone.update(its)
    return gone


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip().casefold())


# --- captions -------------------------------------------------------------------------------------------------------


_TIMING = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}")

_START = re.compile(r"\s*((?:\d+:)?\d{1,2}:\d{2})")

_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?\s{1,20}([^<>]{0,300})>", re.IGNORECASE)

_VOICE_BEGINS, _VOICE_ENDS = re.compile(r"<v[.\s]", re.IGNORECASE), re.compile(r"</v>", re.IGNORECASE)

_TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang)(?:[.\s][^<>]*)?>|<(?:\d+:)?\d{1,2}:\d{2}\.\d{3}>", re.IGNORECASE)

_LABEL = re.compile(r"\s*(?P<label>[^\s:<][^:<\n]{0,79}?)\s*:(?=\s)")

_SET_ASIDE = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class _Cue:
    time: str
    payload: str


def is_captions(text: str) -> bool:
    """Say whether a text is a caption file: it begins with WEBVTT, or with a numbered cue and its times.

    Examples
    --------
    >>> is_captions("WEBVTT\\n\\n00:01.000 --> 00:02.000\\nHello"), is_captions("P01: Hello")
    (True, False)
    """
    head = text.lstrip("\ufeff \t\n")
    if re.match(r"WEBVTT(?:[ \t\n]|\Z)", head):
        return True
    lines = [line for line in head.split("\n", 4)[:3] if line.strip()]
    return len(lines) >= 2 and lines[0].strip().isdigit() and bool(_TIMING.match(lines[1]))


def read_captions(text: str, file: str) -> Pieces:
    """Read the cues of a caption file; cues of one speaker that follow each other become one turn.

    Raises
    ------
    DocumentError
        When there is no cue with a time.

    Examples
    --------
    >>> cues = ("<v Jo Lee>We &amp; they</v>", "<v Jo Lee>met.</v>")
    >>> text = "WEBVTT" + "".join(f"\\n\\n00:0{n}.000 --> 00:0{n + 1}.000\\n{cue}" for n, cue in enumerate(cues, 1))
    >>> read_captions(text, "a.vtt").blocks
    [Said(speaker='Jo Lee', speech='We & they met.', time='00:01')]
    """
    pieces = Pieces()
    cues = _cues(text, pieces)
    if not cues:
        raise DocumentError(
            f"{file} holds no caption with a time (00:00:01.000 --> 00:00:04.000): it may have been cut short. "
            "Download the transcript again."
        )
    voiced = any(_VOICE.search(cue.payload) for cue in cues)
    spoken: list[Said] = []
    known = frozenset() if voiced else _labels(cues)
    for cue in cues:
        spoken += _voices(cue) if voiced else [_said_after_label(cue, known)]
    spoken = [one for one in spoken if one.speech]
    joined: list[Said] = []
    for one in spoken:
        if joined and one.speaker and joined[-1].speaker == one.speaker:
            joined[-1] = Said(one.speaker, f"{joined[-1].speech} {one.speech}", joined[-1].time)
        else:
            joined.append(one)
    pieces.blocks = list(joined)
    pieces.words, pieces.labels_are_words = _words_of(cues, known), False
    pieces.apart({"times of cues": len(cues)})
    if not any(one.speaker for one in joined):
        pieces.warnings.append("No caption names a speaker, so each caption is a paragraph of nobody in particular.")
    return pieces


def _cues(text: str, pieces: Pieces) -> list[_Cue]:
    """Split a caption file into cues; a block without a time belongs to the cue before it, so that nothing is lost."""
    cues: list[_Cue] = []
    time: str | None = None
    payload: list[str] = []
    aside = header = 0
    in_aside = False
    open_voices = 0  # begun and not ended, so that what follows a blank line still belongs to them

    def close() -> None:
        if time is not None:
            cues.append(_Cue(time, "\n".join(payload).strip("\n")))

    lines = text.lstrip("\ufeff").split("\n")
    for position, line in enumerate(lines):
        following = lines[position + 1] if position + 1 < len(lines) else ""
        first_of_block = position == 0 or not lines[position - 1].strip()
        if _TIMING.match(line):
            close()
            found = _START.match(line)
            time, payload, in_aside, open_voices = found[1] if found else "", [], False, 0
        elif first_of_block and _TIMING.match(following):
            in_aside = False  # the cue's own name, which is no word
        elif first_of_block and line.split(" ", 1)[0].split("\t", 1)[0].rstrip() in _SET_ASIDE and open_voices <= 0:
            in_aside = True
            aside += count_words(line)
        elif in_aside:
            in_aside = bool(line.strip())
            aside += count_words(line)
        elif time is None:
            header += count_words(line)
        elif line.strip() or payload:
            payload.append(line)
            open_voices += len(_VOICE_BEGINS.findall(line)) - len(_VOICE_ENDS.findall(line))
    close()
    pieces.apart({"words of the file's header": header, "words of notes and styles": aside})
    if aside:
        pieces.warnings.append("Notes and styles of the caption file are not talk and were left out of the text.")
    return cues


def _voices(cue: _Cue) -> list[Said]:
    parts = _VOICE.split(cue.payload)
    said = [Said("", _speech(parts[0]), cue.time)]
    for name, words in zip(parts[1::2], parts[2::2], strict=True):
        inside, _, after = words.partition("</v>")
        said += [Said(_name(name), _speech(inside), cue.time), Said("", _speech(after), cue.time)]
    return said


def _labels(cues: list[_Cue]) -> frozenset[str]:
    """Find the labels before a colon that name speakers: they return, or most cues begin with one."""
    found = [match["label"] for cue in cues if (match := _LABEL.match(_bare(cue.payload))) is not None]
    counts = Counter(_name(label) for label in found)
    most = 2 * len(found) >= len(cues)
    return frozenset(
        label
        for label, count in counts.items()
        if len(label.split()) <= 8 and not label[:1].islower() and (most or count >= 2) and label[-1] not in ".?!,;"
    )


def _said_after_label(cue: _Cue, known: frozenset[str]) -> Said:
    text = _bare(cue.payload)
    match = _LABEL.match(text)
    if match is not None and (label := _name(match["label"])) in known:
        return Said(label, " ".join(text[match.end() :].split()), cue.time)
    return Said("", " ".join(text.split()), cue.time)


def _name(name: str) -> str:
    return " ".join(html.unescape(name).replace(":", " ").split())


def _bare(payload: str) -> str:
    return html.unescape(_TAG.sub("", payload))


def _speech(payload: str) -> str:
    return " ".join(_bare(payload).split())


def _words_of(cues: list[_Cue], known: frozenset[str]) -> int:
    """Count the words of the cues without the names before a colon, straight from what stands in them."""
    total = 0
    for cue in cues:
        text = _bare(cue.payload)
        match = _LABEL.match(text)
        label = match["label"] if match is not None and _name(match["label"]) in known else ""
        total += count_words(text) - count_words(label)
    return total
