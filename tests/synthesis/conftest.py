"""A study small enough to work out by hand, with every strand: coded text, survey, ties, ratings, attendance."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from cop_analysis.realist import read_coding
from cop_analysis.study import Study

TEXT = "P01: I ring them now. It was the forum.\n\nP01: It did nothing for my doses."
PEOPLE = [f"P{number:02d}" for number in range(1, 13)]

CONFIG = {
    "key": "forum",
    "title": "Forum",
    "provenance": "simulated",
    "rating_items": [
        {"key": "peer_support", "wording": "Supported?", "minimum": 1, "maximum": 5},
        {"key": "ease", "minimum": 1, "maximum": 5},
    ],
    "waves": [
        {"key": "before", "label": "Before", "date": "2024-01-01"},
        {"key": "after", "label": "After", "date": "2024-06-01"},
    ],
    "instruments": [
        {
            "key": "confidence",
            "title": "Confidence",
            "minimum": 1,
            "maximum": 5,
            "direction": "higher is better",
            "items": [{"key": "q1", "wording": "I ask"}, {"key": "q2"}, {"key": "q3", "reverse": True}],
        }
    ],
    "relations": [{"key": "advice", "directed": True}],
}


def tables() -> dict[str, pd.DataFrame]:
    # q1 rises for all 12; q2 falls for all 12; q3 is worded the other way and falls in the raw answers, so it rises.
    survey = pd.DataFrame(
        [
            (person, wave, item, score)
            for person in PEOPLE
            for item, scores in {"q1": (2, 4), "q2": (4, 2), "q3": (4, 2)}.items()
            for wave, score in zip(("before", "after"), scores, strict=True)
        ],
        columns=["person", "wave", "item", "score"],
    ).assign(instrument="confidence")
    ratings = pd.DataFrame(
        [("E1", person, "peer_support", 5) for person in PEOPLE]
        + [("E2", person, "peer_support", 4) for person in PEOPLE]
        + [("E1", person, "ease", 3) for person in PEOPLE],
        columns=["event", "respondent", "item", "score"],
    )
    # Before: a ring inside each organisation. After: the same people named across organisations.
    north, south = PEOPLE[:6], PEOPLE[6:]
    inside = [(ring[i], ring[(i + 1) % 6]) for ring in (north, south) for i in range(6)]
    across = [pair for i in range(6) for pair in ((north[i], south[i]), (south[i], north[(i + 1) % 6]))]
    ties = pd.DataFrame(
        [
            (ego, alter, "advice", wave)
            for wave, pairs in (("before", inside), ("after", across))
            for ego, alter in pairs
        ],
        columns=["ego", "alter", "relation", "wave"],
    )
    return {
        "organisations": pd.DataFrame({"organisation": ["N", "S"], "name": ["North", "South"]}),
        "people": pd.DataFrame({"person": PEOPLE, "organisation": ["N"] * 6 + ["S"] * 6}),
        "events": pd.DataFrame(
            {"event": ["E1", "E2", "E3"], "date": ["2024-02-01", "2024-04-01", "2024-05-01"], "series": ["forum"] * 3,
             "status": ["held", "held", "cancelled"], "signed_up": [12, 6, 4]}
        ),
        "attendance": pd.DataFrame({"event": ["E1"] * 12 + ["E2"] * 3, "person": [*PEOPLE, *PEOPLE[:3]]}),
        "ratings": ratings,
        "survey": survey,
        "ties": ties,
        "documents": pd.DataFrame({"document": ["D01"], "file": ["D01.txt"], "kind": ["interview"], "people": ["P01"]}),
    }  # fmt: skip


def coding_payload(measures: dict[str, list[dict]], stances: dict[str, tuple[int, int]]) -> dict:
    """Give a coding with one configuration a key of `measures`, with as many supporting and refuting links as asked."""
    quotes = ["I ring them now.", "It was the forum.", "It did nothing for my doses."]
    extracts = [
        {"id": f"x{n}", "document": "D01", "start": TEXT.index(quote), "end": TEXT.index(quote) + len(quote),
         "quote": quote, "code": "c1", "coder": "a"}
        for n, quote in enumerate(quotes)
    ]  # fmt: skip
    evidence = []
    for name, (supports, refutes) in stances.items():
        wanted = ["supports"] * supports + ["refutes"] * refutes
        evidence += [
            {"id": f"{name}-{n}", "extract": f"x{n}", "configuration": name, "stance": stance, "slot": None}
            for n, stance in enumerate(wanted)
        ]
    return {
        "schema": "cop-analysis-coding", "schema_version": 1, "study": "forum", "coders": [{"id": "a", "name": "A"}],
        "documents": [{"id": "D01", "file": "documents/D01.txt", "length": len(TEXT),
                       "sha256": hashlib.sha256(TEXT.encode()).hexdigest()}],
        "codes": [{"id": "c0", "name": "Top", "level": "system"}, {"id": "c1", "name": "Ringing", "parent": "c0"}],
        "extracts": extracts,
        "configurations": [{"id": name, "label": f"Claim {name}", "measures": list(points)}
                           for name, points in measures.items()],
        "evidence": evidence,
    }  # fmt: skip


@pytest.fixture
def make_study(tmp_path: Path):
    def make(
        measures: dict[str, list[dict]] | None = None,
        stances: dict[str, tuple[int, int]] | None = None,
        without: tuple[str, ...] = (),
        instruments: list[dict] | None = None,
        **changed: pd.DataFrame,
    ) -> Study:
        (tmp_path / "documents").mkdir(exist_ok=True)
        (tmp_path / "documents" / "D01.txt").write_text(TEXT, encoding="utf-8")
        if measures is not None:
            text = json.dumps(coding_payload(measures, stances or {}))
            (tmp_path / "coding.json").write_text(text, encoding="utf-8")
        kept = {name: table for name, table in {**tables(), **changed}.items() if name not in without}
        config = CONFIG if instruments is None else {**CONFIG, "instruments": instruments}
        return Study.from_tables(config, folder=tmp_path, coding_reader=read_coding, **kept)

    return make
