"""Strands are found by looking: a new one is one file, and every kind of measure of a coding belongs to one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from cop_analysis.realist import Measure
from cop_analysis.realist.model.vocabulary import MEASURE_FIELDS, NETWORK_MEASURES
from cop_analysis.study import Study
from cop_analysis.synthesis import headline, measures, strands

BARE = {"key": "demo", "title": "Demo", "provenance": "simulated"}
LETTERS = """
from cop_analysis.synthesis.measures import Finding
from cop_analysis.synthesis.measures import Strand


def written(figures, measure):
    return Finding("12 letters were written.", "higher", "letters", 12)


STRAND = Strand("letters", "Letters", 5, ("documents",), {"letters": written})
"""


@pytest.fixture
def with_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lay one more file beside the strands there are."""
    (tmp_path / "letters.py").write_text(LETTERS, encoding="utf-8")
    monkeypatch.setattr(strands, "__path__", [*strands.__path__, str(tmp_path)])
    measures.all_strands.cache_clear()
    yield
    measures.all_strands.cache_clear()


def test_every_kind_of_measure_of_a_coding_belongs_to_one_strand() -> None:
    kinds = [kind for strand in measures.all_strands() for kind in strand.kinds]
    assert sorted(kinds) == sorted(MEASURE_FIELDS)


@pytest.mark.parametrize("kind", sorted(MEASURE_FIELDS))
def test_a_measure_of_a_study_without_its_table_is_silent_and_says_why(kind: str) -> None:
    fields = dict.fromkeys(MEASURE_FIELDS[kind], "x")
    found = measures.Measures(Study.from_tables(BARE), 99, 1).finding(Measure(kind, **fields))
    assert found.goes == "silent"
    assert found.shows.startswith("This study has no ")


@pytest.mark.parametrize("measure", sorted(NETWORK_MEASURES))
def test_every_network_measure_of_a_coding_can_be_told(measure: str) -> None:
    people = [f"P{number}" for number in range(6)]
    study = Study.from_tables(
        {**BARE, "waves": [{"key": "w1"}]},
        people=pd.DataFrame({"person": people, "organisation": ["A", "A", "A", "B", "B", "B"]}),
        ties=pd.DataFrame({"ego": people[:4], "alter": people[2:], "relation": "advice", "wave": "w1"}),
    )
    found = measures.Measures(study, 99, 1).finding(Measure("network", relation="advice", measure=measure))
    assert found.goes == "unclear"
    assert "One wave shows no change." in found.shows


@pytest.mark.usefixtures("with_letters")
def test_a_strand_is_one_file() -> None:
    assert [strand.key for strand in measures.all_strands()] == ["survey", "ties", "ratings", "attendance", "letters"]
    found = measures.Measures(Study.from_tables(BARE), 99, 1)
    one = found.finding(Measure("letters"))
    assert (one.shows, one.estimate) == ("12 letters were written.", 12)


def _two_groups(*items: str) -> Study:
    """Two groups of other people: 4 who gave 1 and 2 on every item, then 3 who gave 2, 3 and 3."""
    given = {"start": {"A": 1, "B": 1, "C": 2, "D": 2}, "end": {"W": 2, "X": 3, "Y": 3}}
    rows = [
        (person, wave, "scale", item, score)
        for wave, people in given.items()
        for person, score in people.items()
        for item in items
    ]
    instrument = {
        "key": "scale",
        "title": "A scale",
        "minimum": 0,
        "maximum": 5,
        "items": [{"key": item, "wording": f"Item {item}"} for item in items],
    }
    return Study.from_tables(
        {**BARE, "waves": [{"key": "start"}, {"key": "end", "design": "unmatched"}], "instruments": [instrument]},
        survey=pd.DataFrame(rows, columns=["person", "wave", "instrument", "item", "score"]),
    )


@pytest.mark.parametrize("items", [("q1",), ("q1", "q2")])
@pytest.mark.parametrize("kind", ["survey_item", "survey_scale"])
def test_two_groups_of_other_people_are_compared_and_their_change_stays_unknown(
    kind: str, items: tuple[str, ...]
) -> None:
    study = _two_groups(*items)
    fields = {"instrument": "scale", **({"item": "q1"} if kind == "survey_item" else {})}
    found = measures.Measures(study, 99, 1).finding(Measure(kind, **fields))
    # Of the 12 pairs of one of each group 10 are higher the second time and 2 the same.
    assert found.estimate == pytest.approx(11 / 12)
    assert (found.n, found.goes, found.of_change) == (7, "unclear", False)
    assert "nobody is matched" in found.shows
    whole = headline(study).table.set_index("strand").loc["change", "reads"]
    assert whole.startswith("A scale: 4 people answered the first time")


def test_an_item_the_second_group_was_not_asked_is_silent() -> None:
    study = _two_groups("q1", "q2")
    kept = study.survey[(study.survey["wave"] == "start") | (study.survey["item"] == "q1")]
    study = Study.from_tables(study.config.model_dump(exclude_defaults=True), survey=kept)
    found = measures.Measures(study, 99, 1).finding(Measure("survey_item", instrument="scale", item="q2"))
    assert found.goes == "silent"
