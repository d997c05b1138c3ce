"""From paragraphs to pieces of talk: which lines name a speaker, in the ways transcripts name one. No files here.

A label is taken for a speaker where its form says so (capitals and digits, a role of an interview, a name that
returns); where that is in doubt the words stay with nobody and are said to. No word is added and none is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from cop_analysis.realist.documents.pieces import Said
from cop_analysis.realist.turns import turns

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

    @property
    def said(self) -> Said:
        return Said(self.speaker, "\n".join(part for part in self.parts if part), self.time)


@dataclass(frozen=True)
class Labels:
    """The labels a document uses: with a time beside them, alone on a line, and before a colon."""

    timed: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    before_colon: frozenset[str] = frozenset()


def recognised(blocks: Sequence[str | Said]) -> list[Said]:
    """Say who speaks where, paragraph by paragraph.

    Parameters
    ----------
    blocks : sequence of str or Said
        Paragraphs, each of one or more lines; a `Said` passes as it is.

    Returns
    -------
    list of Said

    Examples
    --------
    >>> [(one.speaker, one.speech) for one in recognised(["I: How was it?\\nR: Long.", "She laughs."])]
    [('I', 'How was it?'), ('R', 'Long.'), ('', 'She laughs.')]
    >>> recognised(["Jo Lee  0:03", "We met.", "Al Ray  0:09", "Twice."])[1]
    Said(speaker='Al Ray', speech='Twice.', time='0:09')
    """
    # A long run of blanks says no more than a short one, and would cost a great deal to look through.
    blocks = [_BLANKS.sub("    ", block) if isinstance(block, str) else block for block in blocks]
    labels = labels_of([block for block in blocks if isinstance(block, str)])
    done: list[Said] = []
    current: _Open | None = None

    def close() -> None:
        nonlocal current
        if current is not None and (current.speaker or any(current.parts)):
            done.append(current.said)
        current = None

    for block in blocks:
        if isinstance(block, Said):
            close()
            done.append(block)
            continue
        if current is not None and not current.until_next:
            close()
        for line in block.split("\n"):
            begun = _begun(line, labels)
            if begun is not None:
                close()
                current = begun
            elif line.strip():
                if current is None or _CREDIT.match(line):
                    close()
                    current = _Open("")
                current.parts.append(line.strip())
    close()
    return done


def labels_of(blocks: Sequence[str]) -> Labels:
    """Find the labels a document uses.

    Examples
    --------
    >>> sorted(labels_of(["INTERVIEWER", "How was it?", "P01", "Long.", "INTERVIEWER", "And now?"]).alone)
    ['INTERVIEWER', 'P01']
    """
    lines = [line for block in blocks for line in block.split("\n") if line.strip()]
    timed = _timed_labels(lines)
    colons = _colon_labels(blocks, lines)
    alone = frozenset() if timed or colons else _labels_alone(lines)
    return Labels(timed, alone, colons)


# --- lines -----------------------------------------------------------------------------------------------------------


def _begun(line: str, labels: Labels) -> _Open | None:
    timed = _TIMED.match(line)
    if timed is not None and _plain(timed["label"]) in labels.timed:
        return _Open(_plain(timed["label"]), timed["time"], until_next=True)
    if _plain(line.strip()) in labels.alone:
        return _Open(_plain(line.strip()), until_next=True)
    found = _labelled(line)
    if found is None or found[0] not in labels.before_colon:
        return None
    label, speech, time = found
    return _Open(label, time, [speech] if speech else [], until_next=not speech)


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
        if _is_label(label):
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
    known = {turn.speaker for turn in turns("\n\n".join(cleaned)) if turn.speaker}
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
