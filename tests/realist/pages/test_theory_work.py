"""Theory versions, interviews, validation, memos, ripples and the table shapes, as a reader meets them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist import (
    Coded,
    Coding,
    Configuration,
    Decision,
    Evidence,
    Memo,
    Question,
    Ripple,
    Slot,
    Snapshot,
    Theory,
    Validation,
    coded,
    configuration_export,
    interview_questions,
    memos_and_decisions,
    ripples,
    theory_lineage,
    validations,
    write_coding,
)
from cop_analysis.realist.methods.configurations import find_chains, find_loops, sources_of_steps
from cop_analysis.results.pages import pages_of
from cop_analysis.study import Study

SHIPPED = Path(__file__).parents[3] / "data" / "nmp_forum"
EVERY = (theory_lineage, interview_questions, validations, memos_and_decisions, ripples)


@pytest.fixture
def with_records(folder: Path, study: Study, make_study):
    def make(*records) -> Study:
        write_coding(study.coding.with_records(*records), folder)
        return make_study(folder)

    return make


@pytest.mark.parametrize("ask", EVERY)
def test_without_such_records_each_says_so(ask, folder: Path, study: Study, make_study) -> None:
    write_coding(study.coding.without_records(Ripple, ["r1", "r2"]), folder)
    result = ask(make_study(folder))
    assert re.search(r"holds no .* yet|0 memos|and 0 decisions", result.sentence)
    result._repr_mimebundle_()


@pytest.mark.parametrize("page", [page.method for page in pages_of(Coded)])
def test_the_shipped_study_has_an_answer_to_each(page: str) -> None:
    result = getattr(coded(open_study(SHIPPED)), page)()
    assert not result.table.empty
    assert result.payload()["table"]["rows"]
    assert result.method


# --- theory ----------------------------------------------------------------------------------------


def test_a_lineage_holds_the_versions_that_come_out_of_each_other(with_records) -> None:
    study = with_records(
        Theory("t1", "Ringing", "initial", "If a name, then a call."),
        Theory("t2", "Permission", "initial"),
        Theory("t10", "Both", "tested", "", ("t1", "t2"), "juxtapose", "abductive", "see e3", ("cmo1",), ("e1", "e3")),
        Theory("t3", "<b>Alone</b>", "initial"),
    )
    result = theory_lineage(study)
    assert result.sentence == "4 versions of 2 programme theories: 3 initial, 1 tested."
    assert result.table[["lineage", "theory"]].to_numpy().tolist() == [[1, "t1"], [1, "t2"], [1, "t10"], [2, "t3"]]
    assert result.table.loc[2, ["supports", "refines", "refutes"]].tolist() == [1, 0, 1]
    assert result.caveats == ("Not tested yet: <b>Alone</b>.",)
    assert "&lt;b&gt;Alone&lt;/b&gt;" in result.body_html
    assert "<b>" not in result.body_html
    assert "juxtapose from t1, t2" in result.body_html


def test_steps_without_reason_or_evidence_are_named(with_records) -> None:
    study = with_records(Theory("t1", "A", "initial"), Theory("t2", "A", "refined", follows=("t1",)))
    assert theory_lineage(study).caveats == (
        "Without a reason for the step: t2.",
        "Without evidence named for the step: t2.",
    )


# --- interviews --------------------------------------------------------------------------------------


def test_a_question_that_was_asked_covers_what_its_theory_states(with_records) -> None:
    study = with_records(
        Theory("t1", "Ringing", "initial", configurations=("cmo1",)),
        Question("q1", "How?", theories=("t1",), documents=("D01",), purpose="refine"),
        Question("q2", "When?", ("cmo2",)),
        Question("q3", "And?"),
    )
    result = interview_questions(study)
    assert result.sentence == "3 questions, 1 of them asked so far; they test 1 of 3 configurations."
    assert result.table["tests"].tolist() == ["t1: Ringing", "cmo2: Permission", ""]
    assert result.caveats == (
        "No question that was asked tests cmo2, cmo10.",
        "These questions do not say which theory they test: q3.",
    )


def test_answers_are_counted_by_verdict(with_records) -> None:
    study = with_records(
        Validation("v1", "People ring.", "agrees", "P02", "cmo1"),
        Validation("v2", "People ring.", "disagrees", "P03", "cmo1"),
    )
    result = validations(study)
    assert result.sentence.startswith("2 answers to 1 statement: 1 “agrees”, 1 “disagrees”.")
    assert "1 of 3 configurations" in result.sentence


# --- memos and decisions -------------------------------------------------------------------------------


def test_memos_stand_in_the_order_of_time_and_only_for_the_team(folder: Path, with_records) -> None:
    records = (
        Memo("m1", "I was a nurse.", kind="reflexive", coder="a", created="2025-05-01T10:00:00Z"),
        Memo("m2", "Undated.", about="code", target="c1"),
        Decision("d1", "Keep both.", "each may be right", coders=("a", "b"), created="2025-04-01"),
    )
    internal = memos_and_decisions(with_records(*records))
    assert internal.table["record"].tolist() == ["d1", "m1", "m2"]
    assert internal.table.loc[0, "who"] == "Coder A, Coder B"
    assert internal.sentence == "2 memos (1 analytic, 1 reflexive), 0 extracts with a memo, and 1 decision."
    public = memos_and_decisions(replace(with_records(*records), audience="public"))
    assert public.table["record"].tolist() == ["d1"]
    assert "nurse" not in public._repr_html_()
    assert public.sentence == internal.sentence


# --- ripples -------------------------------------------------------------------------------------------


def rippled(*steps: str) -> Coding:
    """Make a coding of ripple links, ``"ab"`` from a to b."""
    names = sorted({name for step in steps for name in step})
    return Coding(
        Snapshot(
            "demo",
            configurations=tuple(Configuration(name, name) for name in names),
            ripples=tuple(Ripple(f"r{number}", step[0], step[1]) for number, step in enumerate(steps)),
        )
    )


def paths(coding: Coding, find) -> set[str]:
    return {"".join(path.steps) for path in find(coding, sources_of_steps(coding))}


@pytest.mark.parametrize(
    ("steps", "chains", "loops"),
    [
        (["ab", "bc"], {"abc"}, set()),
        (["ab", "ac", "bd", "cd"], {"abd", "acd"}, set()),
        (["ab", "ba"], set(), {"ab"}),
        (["aa", "ab"], {"ab"}, {"a"}),
        (["ab", "bc", "ca", "cd"], {"cd"}, {"abc"}),
        (["xa", "ab", "ba"], {"xab"}, {"ab"}),
        (["ab", "ba", "bc", "cd", "de", "ed"], {"bcde"}, {"ab", "de"}),
        (["ab", "ba", "bc", "cb"], set(), {"ab", "bc"}),
    ],
)
def test_chains_and_loops_are_found_by_hand(steps: list[str], chains: set[str], loops: set[str]) -> None:
    coding = rippled(*steps)
    assert paths(coding, find_chains) == chains
    assert paths(coding, find_loops) == loops


def test_a_step_rests_on_documents_that_tell_it_or_support_both_ends(with_records) -> None:
    # cmo1 is supported by D01 alone and cmo2 by D03 alone; D02 only refutes cmo1.
    assert sources_of_steps(with_records().coding) == {("cmo1", "cmo2"): (), ("cmo2", "cmo1"): ()}
    study = with_records(Ripple("r1", "cmo1", "cmo2", extracts=("x004",)), Evidence("e9", "x003", "cmo2", "supports"))
    assert sources_of_steps(study.coding) == {("cmo1", "cmo2"): ("D01", "D02"), ("cmo2", "cmo1"): ("D01",)}
    result = ripples(study)
    assert result.table.to_dict("records") == [
        {"path": "cmo1 → cmo2 → cmo1", "kind": "loop", "steps": 2, "weakest_step": 1, "every_step": 1,
         "documents": "D01"}
    ]  # fmt: skip
    assert result.sentence.startswith("2 ripple links form 0 chains and 1 feedback loop;")


def test_the_picture_is_one_escaped_svg_with_its_numbers_in_words(folder: Path, with_records) -> None:
    study = with_records(Configuration("cmo2", '"<script>alert(1)</script>'))
    figure = ripples(study).figure
    assert figure.svg.startswith("<svg")
    assert "<script" not in figure.svg
    assert "closes a loop" in figure.alt
    assert figure.table["closes_a_loop"].tolist() == [False, True]


def test_a_tangle_of_ripples_is_cut_short_and_says_so(folder: Path, study: Study, make_study) -> None:
    names = [f"c{number}" for number in range(12)]
    tangle = [Configuration(name, name) for name in names]
    links = [Ripple(f"{one}-{other}", one, other) for one in names for other in names if one != other]
    write_coding(study.coding.with_records(*tangle, *links), folder)
    result = ripples(make_study(folder))
    assert any("Only the first 200" in caveat for caveat in result.caveats)
    assert len(result.table) <= 400


# --- table shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [1, 2, 3, 4])
def test_each_shape_has_one_row_a_configuration_and_the_same_columns_when_empty(
    shape: int, study, make_study, tmp_path
):
    full = configuration_export(study, shape)
    (tmp_path / "bare").mkdir()
    empty = configuration_export(make_study(tmp_path / "bare"), shape)
    assert len(full) == 3
    assert empty.empty
    assert list(full.columns) == list(empty.columns)


@pytest.mark.parametrize("shape", [0, 5, "1", True, None])
def test_there_are_four_shapes(shape, study) -> None:
    with pytest.raises(ValueError, match="no table shape"):
        configuration_export(study, shape)


def test_the_outcome_without_the_mechanism_is_stated_or_quoted(study, with_records) -> None:
    # e3: x004 refutes the outcome of cmo1.
    quoted = configuration_export(study, 1).iloc[0]
    assert quoted["mechanism"] == "a name; expects help"
    assert quoted["outcome_without_mechanism"] == "“I had people to ask already.” (D02, x004)"
    stated = with_records(replace(study.coding.find(Configuration, "cmo1"), otherwise="nobody rings"))
    assert configuration_export(stated, 1).iloc[0]["outcome_without_mechanism"] == "nobody rings"


def test_the_sentence_marks_its_parts_and_its_sources_the_opposite(study) -> None:
    row = configuration_export(study, 2).iloc[0]
    assert row["statement"] == "Decides alone (c), a name (m), expects help (m), rings (o)."
    assert row["sources"] == "D01; D02 (opposite confirmed)"


def test_initial_theory_quotations_and_reflections(study, with_records) -> None:
    told = with_records(
        Theory("t1", "Ringing", "initial", "If a name, then a call."),
        Theory("t2", "Ringing", "refined", follows=("t1",), configurations=("cmo1",)),
        Memo("m1", "Too wide?", about="configuration", target="cmo1"),
        Validation("v1", "s", "disagrees", "P02", "cmo1", comment="not here"),
        Decision("d1", "Keep it.", about="configuration", target="cmo1"),
    )
    row = configuration_export(told, 3).iloc[0]
    assert row["initial_theory"] == "If a name, then a call."
    assert "Against: “I had people to ask already.” (D02, x004)" in row["key_quotations"]
    assert row["reflections"] == "Too wide? P02 disagrees: not here Decided: Keep it."
    public = configuration_export(replace(told, audience="public"), 3).iloc[0]
    assert "people to ask" not in public["key_quotations"]
    assert "Too wide?" not in public["reflections"]


def test_supporting_refuting_and_confidence(study, with_records) -> None:
    row = configuration_export(study, 4).iloc[0]
    assert row[["supporting", "refuting", "confidence"]].tolist() == [2, 1, "not judged"]
    judged = with_records(Configuration("cmo10", "If", "if-then", confidence="low",
                                        slots=(Slot("if", wording="a"), Slot("because", wording="b"),
                                               Slot("then", wording="c"))))  # fmt: skip
    other = configuration_export(judged, 4).iloc[2]
    assert other[["context", "resource", "reasoning", "outcome", "confidence"]].tolist() == ["a", "", "b", "c", "low"]
