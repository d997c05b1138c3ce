"""Transcripts by turn with extracts in place: nothing lost, folded when long, quick when large."""

from __future__ import annotations

import hashlib
import json
import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from cop_analysis import realist
from cop_analysis.realist.pages.texts import WHOLE_UP_TO_WORDS


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def test_a_transcript_shows_every_turn_word_for_word(study) -> None:
    answer = realist.transcripts(study)
    turns = [plain(one) for one in re.findall(r'<span class="cop-turn-text">(.*?)</span></p>', answer.body_html)]
    texts = [study.read_document(name) for name in ("D01", "D02", "D03")]
    assert turns == [paragraph for text in texts for paragraph in text.split("\n\n")]
    assert answer.sentence == "3 transcripts of 51 words in 7 turns, with 5 extracts."


def test_overlapping_extracts_are_both_in_place(study) -> None:
    html = realist.transcripts(study).body_html
    assert (
        '<mark id="place-x001" title="Alone" class="cop-line-1">I was </mark>'
        '<mark id="place-x002" title="Alone" class="cop-line-1 cop-line-2">alone with it.</mark>'
        '<mark title="Alone" class="cop-line-2"> Nobody to ring.</mark>'
    ) in html


def test_what_does_not_fit_any_more_is_listed_and_keeps_its_anchor(folder: Path, study) -> None:
    path = folder / "documents" / "D03.txt"
    path.write_text("New start. " + path.read_text(), encoding="utf-8")
    answer = realist.transcripts(study)
    assert answer.table.set_index("document").loc["D03", "not_placed"] == 1
    assert "<mark" not in answer.body_html.split('id="transcript-D03"')[1]
    assert '<li id="place-x005">' in answer.body_html
    assert "It now stands at 40 to 49." in answer.body_html
    assert any("could not be placed" in caveat for caveat in answer.caveats)


def test_folding_keeps_the_turns_around_extracts_and_says_how_many_are_left_out(study) -> None:
    answer = realist.transcripts(study, context_turns=0)
    assert answer.table["turns_shown"].tolist() == [2, 1, 1]
    assert "3 turns without an extract nearby are not shown." in answer.sentence
    assert answer.body_html.count("1 turn not shown") == 3
    assert realist.transcripts(study, context_turns=1).table["turns_shown"].tolist() == [4, 2, 1]
    with pytest.raises(ValueError, match="below 0"):
        realist.transcripts(study, context_turns=-1)


def test_an_extract_over_several_turns_is_marked_in_each(folder: Path, make_study) -> None:
    body = (folder / "documents" / "D01.txt").read_text()
    payload = json.loads((folder / "coding.json").read_text())
    payload["extracts"][0].update(start=0, end=len(body), quote=body, prefix="", suffix="")
    (folder / "coding.json").write_text(json.dumps(payload))
    html = realist.transcripts(make_study(folder)).body_html
    assert html.count('id="place-x001"') == 1
    first = html.split('id="transcript-D02"')[0]
    assert len(re.findall(r'<li class="cop-turn">(?:(?!</li>).)*<mark', first, re.DOTALL)) >= 4


@pytest.fixture
def large(tmp_path: Path, make_study):
    """50 documents of about 9,000 words, 5,000 extracts in them, 60 configurations."""
    (tmp_path / "documents").mkdir()
    people = pd.DataFrame({"person": [f"P{n:02d}" for n in range(50)], "organisation": ["N", "S"] * 25})
    turn = "We met and talked about the patients who had come over from the other side " * 5
    text = "\n\n".join(f"P00: {number} {turn.strip()}" for number in range(120))
    digest = hashlib.sha256(text.encode()).hexdigest()
    stances = ("supports", "refutes")
    starts = [match.start() for match in re.finditer("We met", text)]
    documents, extracts = [], []
    for number in range(50):
        name = f"D{number:02d}"
        (tmp_path / "documents" / f"{name}.txt").write_text(text)
        documents.append(
            {"id": name, "file": f"documents/{name}.txt", "sha256": digest, "length": len(text), "title": name}
        )
        for index in range(100):
            start = starts[index]
            extracts.append(
                {"id": f"x{number:02d}{index:03d}", "document": name, "start": start, "end": start + 20,
                 "quote": text[start : start + 20], "code": f"c{index % 40}", "coder": "ab"[index % 2]}
            )  # fmt: skip
    payload = {
        "schema": "cop-analysis-coding", "schema_version": 1, "study": "forum",
        "coders": [{"id": "a"}, {"id": "b"}], "documents": documents,
        "codes": [{"id": f"c{n}", "name": f"Code {n}", "parent": f"c{n - 1}" if n % 5 else None} for n in range(40)],
        "extracts": extracts,
        "configurations": [{"id": f"k{n}", "label": f"Claim {n}", "rivals": [f"k{(n + 1) % 60}"]} for n in range(60)],
        "evidence": [
            {"id": f"e{n}", "extract": one["id"], "configuration": f"k{n % 60}", "stance": stances[n % 2]}
            for n, one in enumerate(extracts)
        ],
        "ripples": [{"id": f"r{n}", "from": f"k{n}", "to": f"k{(n + 1) % 60}"} for n in range(60)],
    }  # fmt: skip
    (tmp_path / "coding.json").write_text(json.dumps(payload))
    table = pd.DataFrame(
        {"document": [one["id"] for one in documents], "file": [f"{one['id']}.txt" for one in documents],
         "kind": "interview", "people": [f"P{n:02d}" for n in range(50)]}
    )  # fmt: skip
    return make_study(tmp_path, people=people, documents=table)


@pytest.mark.slow
def test_a_large_study_is_folded_and_its_work_grows_with_its_extracts(large, count_calls) -> None:
    def everything() -> list:
        return [
            answer(large)
            for answer in (
                realist.configuration_summary, realist.configuration_table, realist.gaps, realist.code_use,
                realist.coder_overlap, realist.transcripts,
            )
        ]  # fmt: skip

    answers, calls = count_calls(everything)
    pages = answers[-1]
    assert pages.table["words"].sum() > WHOLE_UP_TO_WORDS
    assert pages.table["turns_shown"].sum() < pages.table["turns"].sum()
    assert pages.body_html.count("<mark") == 5000
    assert "not shown" in pages.sentence
    assert calls < 12_000_000, f"{calls:,} calls for 5,000 extracts"
