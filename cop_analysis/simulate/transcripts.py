"""Simulated transcripts: who says what in which order, and where each codable sentence stands; no coding here.

The transcripts are put together from sentences written for this project. They have the form of real ones (turns,
asides, dissent) but not the depth: they serve benchmarks, planning and trying the workbench out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from cop_analysis.simulate.draws import Draws
from cop_analysis.simulate.programme import Membership, days, text, wave_dates
from cop_analysis.simulate.settings import SimulationSettings
from cop_analysis.simulate.speech import ASIDES, FILLINGS, QUESTIONS, REACTIONS, THEMES

FOCUS_GROUP_EVERY = 8
_FOCUS_GROUP_SIZE = 4


@dataclass(frozen=True)
class Passage:
    """A sentence that speaks for a code: where it stands, in code points, and who said it."""

    document: int
    start: int
    end: int
    theme: int
    speaker: str


@dataclass(frozen=True)
class Transcript:
    """A simulated transcript; `file` is its path inside the study folder."""

    document: str
    file: str
    kind: str
    title: str
    people: tuple[str, ...]
    text: str


def write_transcripts(
    settings: SimulationSettings, members: Membership
) -> tuple[tuple[Transcript, ...], tuple[Passage, ...]]:
    """Write the transcripts of a study and list every passage that can be coded."""
    draws = Draws(settings.seed, "transcripts")
    consenting = np.flatnonzero(members.consents)
    order = consenting[draws.order(len(consenting))]
    width = max(2, len(str(settings.transcripts)))
    transcripts: list[Transcript] = []
    passages: list[Passage] = []
    following = 0
    for number in range(settings.transcripts):
        is_group = number % FOCUS_GROUP_EVERY == FOCUS_GROUP_EVERY - 1 and len(order) > 1
        size = min(_FOCUS_GROUP_SIZE, len(order)) if is_group else 1
        chosen = [str(members.ids[order[(following + k) % len(order)]]) for k in range(size)]
        following += size
        words, found = _talk(draws, number, chosen, settings.transcript_words)
        document = f"D{number + 1:0{width}d}"
        kind = "focus group" if is_group else "interview"
        transcripts.append(
            Transcript(
                document=document,
                file=f"documents/{document}_{kind.replace(' ', '_')}.txt",
                kind=kind,
                title=f"Focus group with {size} members" if is_group else f"Interview with {chosen[0]}",
                people=tuple(chosen),
                text=words,
            )
        )
        passages.extend(found)
    return tuple(transcripts), tuple(passages)


def documents_table(settings: SimulationSettings, transcripts: tuple[Transcript, ...]) -> pd.DataFrame:
    """Give documents.csv; interviews were held in the weeks after the last wave."""
    _, last = wave_dates(settings)
    held = [last + timedelta(days=1 + number % 30) for number in range(len(transcripts))]
    return pd.DataFrame(
        {
            "document": text([transcript.document for transcript in transcripts]),
            "file": text([transcript.file for transcript in transcripts]),
            "kind": text([transcript.kind for transcript in transcripts]),
            "people": text([";".join(transcript.people) for transcript in transcripts]),
            "date": days(np.array(held, dtype="datetime64[D]")),
            "setting": text(["video call"] * len(transcripts)),
            "title": text([transcript.title for transcript in transcripts]),
        }
    )


def _talk(draws: Draws, number: int, people: list[str], least_words: int) -> tuple[str, list[Passage]]:
    # Each speaker leans towards some themes, so that transcripts differ; the rest come up too.
    leanings = {person: [draws.one(len(THEMES)) for _ in range(5)] for person in people}
    turns: list[str] = []
    passages: list[Passage] = []
    position = words = asked = 0

    def say(speaker: str, sentences: list[tuple[str, int | None]]) -> None:
        nonlocal position, words
        turn = f"{speaker}:"
        for sentence, theme in sentences:
            start = position + len(turn) + 1
            turn += f" {sentence}"
            if theme is not None:
                passages.append(Passage(number, start, position + len(turn), theme, speaker))
        turns.append(turn)
        position += len(turn) + 2
        words += turn.count(" ") + 1

    while words < least_words:
        if asked % 2 == 0 or len(people) == 1:
            say("INTERVIEWER", [(QUESTIONS[(asked + number) % len(QUESTIONS)], None)])
        asked += 1
        for person in people:
            if len(people) > 1 and draws.happens(0.3):
                continue
            sentences: list[tuple[str, int | None]] = []
            if len(people) > 1 and draws.happens(0.5):
                sentences.append((draws.pick(REACTIONS), None))
            for _ in range(2 + draws.one(4)):
                theme = draws.pick(leanings[person]) if draws.happens(0.7) else draws.one(len(THEMES))
                if draws.happens(0.45):
                    sentences.append((_filled(draws, draws.pick(ASIDES)), None))
                sentences.append((_filled(draws, draws.pick(THEMES[theme].sentences)), theme))
            say(person, sentences)
    return "\n\n".join(turns) + "\n", passages


def _filled(draws: Draws, sentence: str) -> str:
    if "{" not in sentence:
        return sentence
    for gap, fillings in FILLINGS.items():
        if "{" + gap + "}" in sentence:
            sentence = sentence.replace("{" + gap + "}", draws.pick(fillings))
    return sentence[0].upper() + sentence[1:]
