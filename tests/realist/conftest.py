"""A small study with a coding that can be checked by hand: three interviews, two coders, three configurations."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from cop_analysis.realist import read_coding
from cop_analysis.study import Study

TEXTS = {
    "D01": (
        "INTERVIEWER: How was it before?\n\nP01: I was alone with it. Nobody to ring.\n\n"
        "INTERVIEWER: And now?\n\nP01: I rang the hospital <b>twice</b> this month."
    ),
    "D02": "P02: It did nothing for me. I had people to ask already.\n\nP02: The hour was lost.",
    "D03": "P03: They said I could ring, so I rang.",
}


def passage(document: str, words: str) -> dict[str, object]:
    text = TEXTS[document]
    start = text.index(words)
    end = start + len(words)
    return {
        "document": document,
        "start": start,
        "end": end,
        "quote": words,
        "prefix": text[max(0, start - 32) : start],
        "suffix": text[end : end + 32],
    }


def coding_payload() -> dict[str, object]:
    def extract(identifier: str, document: str, words: str, code: str, coder: str) -> dict[str, object]:
        return {"id": identifier, **passage(document, words), "code": code, "coder": coder,
                "created": "2025-03-02T10:00:00Z", "memo": ""}  # fmt: skip

    def slot(role: str, code: str, wording: str) -> dict[str, object]:
        return {"role": role, "codes": [code], "wording": wording}

    def link(identifier: str, extract_id: str, configuration: str, stance: str, slot_role: str | None) -> dict:
        return {"id": identifier, "extract": extract_id, "configuration": configuration, "slot": slot_role,
                "stance": stance, "inference": "abductive", "relevance": "high", "richness": "moderate",
                "rigour": "low", "reason": "said outright"}  # fmt: skip

    return {
        "schema": "cop-analysis-coding",
        "schema_version": 1,
        "study": "forum",
        "coders": [{"id": "a", "name": "Coder A"}, {"id": "b", "name": "Coder B"}],
        "documents": [
            {
                "id": name,
                "file": f"documents/{name}.txt",
                "title": f"Interview {name}",
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "length": len(text),
            }
            for name, text in TEXTS.items()
        ],
        "codes": [
            {"id": "c1", "name": "Alone", "parent": None, "definition": "Deciding alone", "level": "individual"},
            {"id": "c2", "name": "Asking", "parent": None, "definition": "Asking for advice", "level": "interpersonal"},
            {"id": "c3", "name": "Ringing", "parent": "c2", "definition": "By telephone", "level": None},
        ],
        "extracts": [
            extract("x001", "D01", "I was alone with it.", "c1", "a"),
            extract("x002", "D01", "alone with it. Nobody to ring.", "c1", "b"),
            extract("x003", "D01", "I rang the hospital <b>twice</b> this month.", "c3", "a"),
            extract("x004", "D02", "I had people to ask already.", "c2", "a"),
            extract("x005", "D03", "so I rang", "c3", "a"),
        ],
        "configurations": [
            {
                "id": "cmo1",
                "label": "A name to ring",
                "schema": "CMO",
                "statement": "Where people decide alone, knowing a name lets them expect help, so they ring.",
                "level": "interpersonal",
                "for_whom": "lone prescribers",
                "activation": 0.6,
                "slots": [
                    slot("context", "c1", "decides alone"),
                    slot("resource", "c2", "a name"),
                    slot("reasoning", "c2", "expects help"),
                    slot("outcome", "c3", "rings"),
                ],
                "rivals": ["cmo2"],
                "measures": [{"kind": "rating_item", "item": "peer_support", "expects": "higher"}],
            },
            {
                "id": "cmo2",
                "label": "Permission",
                "slots": [slot("context", "c1", ""), slot("outcome", "c3", "rings")],
            },
            {"id": "cmo10", "label": "Not looked at yet", "slots": []},
        ],
        "evidence": [
            link("e1", "x001", "cmo1", "supports", "context"),
            link("e2", "x003", "cmo1", "supports", "outcome"),
            link("e3", "x004", "cmo1", "refutes", "outcome"),
            link("e4", "x005", "cmo2", "supports", "outcome"),
        ],
        "ripples": [
            {"id": "r1", "from": "cmo1", "to": "cmo2", "note": "ringing makes permission"},
            {"id": "r2", "from": "cmo2", "to": "cmo1", "note": ""},
        ],
    }


@pytest.fixture
def payload() -> dict[str, object]:
    return coding_payload()


@pytest.fixture
def folder(tmp_path: Path, payload: dict[str, object]) -> Path:
    (tmp_path / "documents").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "coding.json").write_text(json.dumps(payload, indent=1), encoding="utf-8")
    return tmp_path


@pytest.fixture
def make_study():
    def make(folder: Path, **changed: pd.DataFrame) -> Study:
        tables = {
            "organisations": pd.DataFrame({"organisation": ["N", "S"], "name": ["North", "South"]}),
            "people": pd.DataFrame(
                {
                    "person": ["P01", "P02", "P03", "P04", "P05"],
                    "organisation": ["N", "S", "N", "S", "N"],
                    "consent": ["yes", "yes", "yes", "yes", "no"],
                }
            ),
            "documents": pd.DataFrame(
                {
                    "document": list(TEXTS),
                    "file": [f"{name}.txt" for name in TEXTS],
                    "kind": ["interview"] * 3,
                    "people": ["P01", "P02", "P03"],
                }
            ),
            **changed,
        }
        if not (folder / "documents").is_dir():
            del tables["documents"]
        config = {
            "key": "forum",
            "title": "Forum",
            "provenance": "simulated",
            "rating_items": [{"key": "peer_support", "minimum": 1, "maximum": 5}],
        }
        return Study.from_tables(config, folder=folder, coding_reader=read_coding, **tables)

    return make


@pytest.fixture
def study(folder: Path, make_study) -> Study:
    return make_study(folder)


@pytest.fixture
def change(folder: Path, payload: dict[str, object]):
    """Write the coding again with something changed in it."""

    def rewrite(edit) -> Path:
        edit(payload)
        (folder / "coding.json").write_text(json.dumps(payload, indent=1), encoding="utf-8")
        return folder

    return rewrite
