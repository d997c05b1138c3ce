"""What positions count: found out where the selections say it, admitted where they do not, exact in either case."""

from __future__ import annotations

import random
import re

import pytest

from cop_analysis.realist import read_qdpx
from cop_analysis.realist.exchange.offsets import Selected, SourceText, choose_offsets

WORDS = {
    "Latin": [
        "I",
        "we",
        "they",
        "trust",
        "time",
        "ward",
        "phoned",
        "nobody",
        "asked",
        "because",
        "hour",
        "list",
        "group",
        "café",
        "don't",
        "co-worker",
    ],
    "Hebrew": ["אני", "סומך", "עליהם", "תודה"],
    "Arabic": ["أنا", "أثق", "بهم", "شكرا"],
    "marks": ["cafe\u0301", "nai\u0308ve", "re\u0301sume\u0301", "plain", "n\u0303o"],
}
CHINESE = "\u6211\u4fe1\u4efb\u4ed6\u4eec\u56e0\u4e3a\u65f6\u95f4\u4e0d\u591f\u533b\u9662\u91cc"
# A face, a hand of a colour, a flag, a family of joiners, a letter and an ideograph beyond the first plane.
ASTRAL = ["\U0001f600", "\U0001f44d\U0001f3fd", "\U0001f1ec\U0001f1e7", "\U0001f468\u200d\U0001f469", "\U0001d49c"]

PROGRAMS = {
    "NVivo on Windows": {"origin": "NVivo 12", "unit": "utf16", "line_break": 2, "crlf": True, "mark": True},
    "NVivo on a Mac": {"origin": "NVivo for Mac", "unit": "utf16", "line_break": 1},
    "ATLAS.ti": {"origin": "ATLAS.ti 9", "unit": "codepoint", "line_break": 1, "crlf": True},
    "MAXQDA": {"origin": "MAXQDA 2022", "unit": "codepoint", "line_break": 2, "crlf": True},
    "unknown, UTF-16": {"origin": "", "unit": "utf16", "line_break": 2, "crlf": True},
    "NVivo, corrected": {"origin": "NVivo 20", "unit": "codepoint", "line_break": 2, "crlf": True, "mark": True},
}


def made_text(draw: random.Random, script: str, astral: float, paragraphs: int = 12) -> str:
    lines = []
    for _ in range(paragraphs):
        if script == "Chinese":
            letters = [draw.choice(CHINESE) + ("\uff0c" if draw.random() < 0.1 else "") for _ in range(40)]
            lines.append("".join(one + (draw.choice(ASTRAL) if draw.random() < astral else "") for one in letters))
            continue
        words = []
        for _ in range(draw.randrange(6, 25)):
            words.append(draw.choice(WORDS[script]) + ("," if draw.random() < 0.1 else ""))
            words += [draw.choice(ASTRAL)] if draw.random() < astral else []
        lines.append(" ".join(words) + ".")
    return "\n".join(lines)


def spans(draw: random.Random, text: str, how: str, number: int) -> list[tuple[int, int]]:
    tokens = [match.span() for match in re.finditer(r"\S+", text)]
    paragraphs = [match.span() for match in re.finditer(r"[^\n]+", text)]
    found = []
    for _ in range(number):
        if how == "words":
            first = draw.randrange(len(tokens))
            found.append((tokens[first][0], tokens[min(first + draw.randrange(8), len(tokens) - 1)][1]))
        elif how == "paragraphs":
            found.append(draw.choice(paragraphs))
        else:
            start = draw.randrange(len(text) - 30)
            found.append((start, start + draw.randrange(2, 25)))
    return [(start, end) for start, end in found if text[start:end].strip()]


def build(foreign, program, text: str, places) -> list[str]:
    traits = PROGRAMS[program]

    def count(part: str) -> int:
        units = len(part.encode("utf-16-le")) // 2 if traits["unit"] == "utf16" else len(part)
        return units + (part.count("\n") if traits["line_break"] == 2 else 0)

    foreign.origin = traits["origin"]
    raw = text.replace("\n", "\r\n") if traits.get("crlf") else text
    chosen = "".join(foreign.selection(count(text[:start]), count(text[:end])) for start, end in dict.fromkeys(places))
    foreign.text("Interview", (b"\xef\xbb\xbf" if traits.get("mark") else b"") + raw.encode(), chosen)
    return sorted(text[start:end] for start, end in dict.fromkeys(places))


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("script", "how"),
    [("Latin", "words"), ("Hebrew", "words"), ("Arabic", "words"), ("marks", "words"), ("Latin", "paragraphs"),
     ("Chinese", "paragraphs")],
)  # fmt: skip
def test_every_quote_comes_out_exactly(foreign, tmp_path, program, script, how):
    draw = random.Random(f"{program} {script} {how}")
    text = made_text(draw, script, 0.05)
    quotes = build(foreign, program, text, spans(draw, text, how, 10))
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert sorted(one.quote for one in coding.snapshot.extracts) == quotes
    assert report.offsets.is_settled


def test_selections_that_lie_anywhere_are_read_as_the_program_writes_and_the_doubt_is_said(foreign, tmp_path):
    draw = random.Random(3)
    text = made_text(draw, "Latin", 0.05)
    quotes = build(foreign, "NVivo on Windows", text, spans(draw, text, "anywhere", 12))
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert sorted(one.quote for one in coding.snapshot.extracts) == quotes
    assert not report.offsets.is_settled
    assert "do not settle" in report.sentence
    assert "NVivo is known to write" in report.sentence


def test_without_doubt_and_without_effect_both_readings_give_the_same(foreign, tmp_path):
    text = made_text(random.Random(5), "Latin", 0.0)
    quotes = build(foreign, "NVivo on a Mac", text, spans(random.Random(6), text, "anywhere", 10))
    path = foreign.write(tmp_path / "a.qdpx")
    read = {offsets: read_qdpx(path, offsets=offsets) for offsets in ("auto", "utf16", "codepoint")}
    assert read["auto"][0] == read["utf16"][0] == read["codepoint"][0]
    assert sorted(one.quote for one in read["auto"][0].snapshot.extracts) == quotes
    assert read["auto"][1].offsets.is_settled
    assert "no character that the units count differently" in read["auto"][1].offsets.reason


def sources(text: str) -> dict[str, SourceText]:
    return {"D": SourceText.of(text)}


def test_one_place_counts_once_however_often_it_is_coded():
    text = "\U0001f600 I trust them and they trust me."
    # "trust" in UTF-16 is at 5; coded a hundred times it is one place, and one place of another reading weighs as much.
    coded = [Selected("D", 5, 10)] * 100
    choice = choose_offsets(sources(text), coded)
    assert (choice.unit, choice.boundaries) == ("utf16", 2)


def test_a_position_inside_a_character_or_outside_the_text_speaks_against_its_unit():
    text = "ab\U0001f600cd\U0001f600ef\U0001f600gh"
    # Places of code points: of units of UTF-16, 3 lies inside the first face.
    choice = choose_offsets(sources(text), [Selected("D", 3, 9), Selected("D", 6, 8)])
    assert choice.unit == "codepoint"
    # And 13 lies beyond the eleven code points.
    assert choose_offsets(sources(text), [Selected("D", 4, 13), Selected("D", 6, 8)]).unit == "utf16"


def test_words_beside_a_selection_weigh_more_than_boundaries():
    text = "\U0001f600 abcd efgh ijkl mnop"
    # As units of UTF-16 they begin with a word; as code points they hold the words that stand beside them.
    choice = choose_offsets(sources(text), [Selected("D", 3, 8, "bcd e"), Selected("D", 8, 13, "fgh i")])
    assert (choice.unit, choice.is_settled) == ("codepoint", True)


def test_names_that_are_no_words_of_the_text_say_nothing():
    text = "\U0001f600 I trust them and they trust me."
    choice = choose_offsets(sources(text), [Selected("D", 5, 10, "Coding 1"), Selected("D", 11, 15, "Coding 2")])
    assert (choice.unit, choice.is_settled) == ("utf16", True)


def test_letters_without_blanks_between_words_say_nothing():
    text = "\U0001f600" + CHINESE * 3
    choice = choose_offsets(sources(text), [Selected("D", 5, 9), Selected("D", 12, 20)])
    assert (choice.unit, choice.is_settled) == ("codepoint", False)
    assert "as the standard says" in choice.reason
