"""Captions (WebVTT and SubRip) as pieces of talk: cues in, speakers and their words out. No files here."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass

from cop_analysis.realist.documents.pieces import DocumentError, Pieces, Said, count_words

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
        spoken += _voices(cue) if voiced else [_labelled(cue, known)]
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
    found = [match["label"] for cue in cues if (match := _LABEL.match(_plain(cue.payload))) is not None]
    counts = Counter(_name(label) for label in found)
    most = 2 * len(found) >= len(cues)
    return frozenset(
        label
        for label, count in counts.items()
        if len(label.split()) <= 8 and not label[:1].islower() and (most or count >= 2) and label[-1] not in ".?!,;"
    )


def _labelled(cue: _Cue, known: frozenset[str]) -> Said:
    text = _plain(cue.payload)
    match = _LABEL.match(text)
    if match is not None and (label := _name(match["label"])) in known:
        return Said(label, " ".join(text[match.end() :].split()), cue.time)
    return Said("", " ".join(text.split()), cue.time)


def _name(name: str) -> str:
    return " ".join(html.unescape(name).replace(":", " ").split())


def _plain(payload: str) -> str:
    return html.unescape(_TAG.sub("", payload))


def _speech(payload: str) -> str:
    return " ".join(_plain(payload).split())


def _words_of(cues: list[_Cue], known: frozenset[str]) -> int:
    """Count the words of the cues without the names before a colon, straight from what stands in them."""
    total = 0
    for cue in cues:
        text = _plain(cue.payload)
        match = _LABEL.match(text)
        label = match["label"] if match is not None and _name(match["label"]) in known else ""
        total += count_words(text) - count_words(label)
    return total
