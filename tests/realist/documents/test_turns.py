"""Turns and speakers of a transcript: words in are words out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.realist import turns


def speakers(text: str) -> list[str]:
    return [turn.speaker for turn in turns(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\n ", []),
        ("INTERVIEWER: One.\n\nP07: Two.", ["INTERVIEWER", "P07"]),
        ("Anna: One.\nBen: Two.\nAnna: Three.\nBen: Four.", ["Anna", "Ben", "Anna", "Ben"]),
        ("P07 (nurse): One.\n\nP07 (nurse): Two.", ["P07 (nurse)", "P07 (nurse)"]),
        ("P07: One.\n\nand so: we went.", ["P07", ""]),
        ("P07: One.\n\nShe laughs.\n\nP07: Two.", ["P07", "", "P07"]),
        ("P07: It started\nat 10:30 and https://example.org: fine.", ["P07"]),
        ("P07: I said\nNote: I was late.", ["P07"]),
        ("Just words, no speaker.", [""]),
    ],
)
def test_speakers_are_recognised(text: str, expected: list[str]) -> None:
    assert speakers(text) == expected


def test_speech_begins_after_the_label() -> None:
    text = "P07:   Well, yes."
    (turn,) = turns(text)
    assert text[turn.speech_start : turn.end] == "Well, yes."


@given(st.text(st.sampled_from("AB: \n\t.a\u3000\x85P1"), max_size=80) | st.text(max_size=80))
def test_turns_hold_every_word_once_and_in_order(text: str) -> None:
    found = turns(text)
    assert "".join("".join(text[turn.start : turn.end].split()) for turn in found) == "".join(text.split())
    for turn, following in pairwise(found):
        assert turn.end <= following.start
    for turn in found:
        assert turn.start < turn.end
        assert turn.start <= turn.speech_start <= turn.end
        assert not text[turn.start].isspace()
        assert not text[turn.end - 1].isspace()
    assert [turn.number for turn in found] == list(range(1, len(found) + 1))
