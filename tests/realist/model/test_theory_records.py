"""The second form of coding.json: theory versions, questions, validations, memos, decisions; the first stays valid."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist import (
    Code,
    Coding,
    Configuration,
    Decision,
    Document,
    Evidence,
    Extract,
    Memo,
    Question,
    Ripple,
    Snapshot,
    Theory,
    Validation,
    check_coding,
    read_coding,
    write_coding,
)
from cop_analysis.realist.model.json_form import parse, version_needed, write

SHIPPED = Path(__file__).parents[3] / "data" / "nmp_forum"


@pytest.fixture
def grown(folder: Path) -> Coding:
    """The small coding with one record or more of each new kind, and each new field filled somewhere."""
    coding = read_coding(folder)
    first = coding.find(Document, "D01")
    return coding.with_records(
        replace(first, speakers=("INTERVIEWER", "P01"), attributes=(("trade", "nurse"), ("area", 'the "north"'))),
        replace(coding.find(Extract, "x005"), placed=False),
        replace(coding.find(Configuration, "cmo1"), theme="Asking", otherwise="nobody rings", confidence="moderate"),
        replace(coding.find(Evidence, "e1"), coder="b", created="2025-04-01T09:00:00Z"),
        replace(coding.find(Ripple, "r1"), extracts=("x003",)),
        Theory("t1", "Ringing", "initial", "If a name, then a call.", configurations=("cmo1",), coder="a"),
        Theory("t2", "Ringing", "refined", "…", ("t1",), "adjudicate", "retroductive", "e3 says no", ("cmo1",), ("e3",),
               "Lave & Wenger 1991", "a", "2025-04-02T09:00:00Z"),
        Question("q1", "How was it?", ("cmo1",), ("t1",), "refine", "lone prescribers", ("D01",), "a", "2025-04-01"),
        Validation("v1", "People ring.", "agrees in part", "P02", "cmo1", "t1", "D02", ("x004",), "but not I"),
        Memo("m1", "I was a nurse.\n<b>once</b>", "Where I stand", "reflexive", None, None, "a", "2025-03-01"),
        Memo("m2", "Too wide?", about="code", target="c2"),
        Decision("d1", "Keep both.", "each may be right", "merge them", "configuration", "cmo2", ("a", "b")),
    )  # fmt: skip


def test_what_is_written_is_what_is_read(grown: Coding, tmp_path: Path) -> None:
    path = write_coding(grown, tmp_path / "coding.json")
    assert read_coding(path) == grown
    assert write_coding(read_coding(path), tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_a_new_record_is_one_new_line(grown: Coding) -> None:
    before = write(grown.snapshot).split("\n")
    after = write(grown.with_records(Memo("m3", "Later.")).snapshot).split("\n")
    assert len(after) == len(before) + 1


def test_the_file_says_the_oldest_version_that_can_hold_it(folder: Path, grown: Coding) -> None:
    old = read_coding(folder)
    assert version_needed(old.snapshot) == 1
    assert json.loads(write(old.snapshot)).keys() == json.loads((folder / "coding.json").read_text()).keys()
    assert json.loads(write(grown.snapshot))["schema_version"] == 2
    for record in (Memo("m", "x"), replace(old.find(Extract, "x001"), placed=False)):
        assert version_needed(old.with_records(record).snapshot) == 2


def test_a_first_version_file_with_the_new_lists_is_read(change) -> None:
    folder = change(lambda payload: payload.update(memos=[{"id": "m1", "text": "Early."}], schema_version=1))
    assert read_coding(folder).memos["text"].tolist() == ["Early."]


def test_attributes_have_one_order_and_stay_texts(grown: Coding) -> None:
    assert grown.attributes.to_dict("list") == {
        "document": ["D01", "D01"],
        "attribute": ["area", "trade"],
        "value": ['the "north"', "nurse"],
    }
    turned = Document("D01", "a.txt", attributes=(("b", "2"), ("a", "1")))
    assert turned == Document("D01", "a.txt", attributes=(("a", "1"), ("b", "2")))


def test_the_tables_have_the_same_columns_and_types_when_empty(grown: Coding) -> None:
    empty = Coding(Snapshot("forum"))
    for name in ("theories", "questions", "validations", "memos", "decisions", "attributes", "extracts", "turns"):
        full = getattr(Coding(grown.snapshot, {"D01": "P01: a", "D02": "b", "D03": "c"}.__getitem__), name)
        assert list(full.columns) == list(getattr(empty, name).columns), name
        assert (full.dtypes == getattr(empty, name).dtypes).all(), name
    assert grown.theories.loc[1, "evidence"] == "e3"
    assert grown.extracts["placed"].tolist() == [True, True, True, True, False]
    assert grown.decisions.loc[0, "coders"] == "a; b"


def test_turns_go_by_the_speakers_a_document_names() -> None:
    text = {"D1": "P02: I was late.\n\nP01: Yes.\n\nP02: again."}
    guessed = Coding(Snapshot("demo", documents=(Document("D1", "D1.txt"),)), text.__getitem__)
    told = Coding(Snapshot("demo", documents=(Document("D1", "D1.txt", speakers=("P01",)),)), text.__getitem__)
    nobody = Coding(Snapshot("demo", documents=(Document("D1", "D1.txt", speakers=()),)), text.__getitem__)
    assert [turn.speaker for turn in guessed.turns_of("D1")] == ["P02", "P01", "P02"]
    assert told.turns["speaker"].tolist() == ["", "P01", ""]
    assert [turn.speaker for turn in nobody.turns_of("D1")] == ["", "", ""]


def faults(coding: Coding, *records) -> list[str]:
    judged = parse(write(coding.with_records(*records).snapshot).encode())
    from cop_analysis.realist.model.check import check_references

    check_references(judged.snapshot, judged)
    return [fault.sentence for fault in judged.faults if fault.severity == "error"]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Theory("t9", "A", "tested", follows=("t0",)), "is not among the theories"),
        (Theory("t9", "A", "tested", evidence=("e9",)), "is not among the evidence"),
        (Theory("t1", "A", "tested", follows=("t2",)), "makes a version of a theory come out of itself"),
        (Question("q9", "Why?", configurations=("cmo9",)), "is not among the configurations"),
        (Question("q9", "Why?", documents=("D9",)), "is not among the documents"),
        (Validation("v9", "So.", "agrees", extracts=("x9",)), "is not among the extracts"),
        (Memo("m9", "Hm.", about="code"), "says only half of what it is about"),
        (Memo("m9", "Hm.", about="code", target="c9"), "is not among the codes"),
        (Memo("m9", "Hm.", created="yesterday"), "is not a date and time"),
        (Decision("d9", "Do.", coders=("z",)), "is not among the coders"),
        (Ripple("r1", "cmo1", "cmo2", extracts=("x9",)), "is not among the extracts"),
    ],
)
def test_each_reference_and_date_is_checked(grown: Coding, record, words: str) -> None:
    assert faults(grown) == []
    assert [words in one for one in faults(grown, record)] == [True]


@pytest.mark.parametrize(
    ("change_to", "words"),
    [
        ({"theories": [{"id": "t1", "label": "A", "stage": "first"}]}, "is not a stage"),
        (
            {"theories": [{"id": "t1", "label": "A", "stage": "tested", "move": "adjudicat"}]},
            "did you mean 'adjudicate'",
        ),
        ({"validations": [{"id": "v1", "statement": "s", "verdict": "agree"}]}, "did you mean 'agrees'"),
        ({"memos": [{"id": "m1", "text": "x", "kind": "private"}]}, "is not a kind"),
        ({"memos": [{"id": "m1", "text": ""}]}, "is empty"),
        ({"memos": [{"id": "m1", "txt": "x"}]}, "did you mean 'text'"),
        ({"questions": {}}, "is not a list of records"),
    ],
)
def test_shape_is_judged_with_the_field_s_words(change, change_to: dict, words: str) -> None:
    found = [fault.sentence for fault in check_coding(change(lambda payload: payload.update(change_to)))]
    assert any(words in one for one in found), found


@pytest.mark.parametrize("given", [[["a", "b"]], {"a": 1}, {"": "b"}, "a"])
def test_attributes_of_another_shape_are_refused(change, given) -> None:
    folder = change(lambda payload: payload["documents"][0].update(attributes=given))
    assert any("documents.attributes" in fault.sentence for fault in check_coding(folder))


def test_an_extract_without_a_place_is_a_notice_and_no_error(change, study) -> None:
    folder = change(lambda payload: payload["extracts"][4].update(placed=False, start=900, end=909))
    assert [
        (fault.severity, "has not been found again" in fault.sentence) for fault in check_coding(folder, study)
    ] == [("notice", True)]
    assert read_coding(folder, study).find(Extract, "x005").quote == "so I rang"


def test_the_shipped_coding_holds_every_new_kind_and_is_sound() -> None:
    study = open_study(SHIPPED)
    assert check_coding(SHIPPED, study) == []
    snapshot = study.coding.snapshot
    assert write(snapshot).encode() == (SHIPPED / "coding.json").read_bytes()
    assert {one.stage for one in snapshot.theories} == {"initial", "tested", "refined"}
    assert all(one.move and one.reason and one.evidence and one.inference for one in snapshot.theories if one.follows)
    assert 4 <= len(snapshot.questions) <= 6
    assert len(snapshot.validations) >= 3
    assert any(one.kind == "reflexive" for one in snapshot.memos)
    assert {one.about for one in snapshot.memos} >= {"extract", "code", "document", "configuration"}
    assert 2 <= len(snapshot.decisions) <= 3
    for answer in snapshot.validations:
        speakers = {turn.speaker for turn in study.coding.turns_of(answer.document)}
        assert answer.who in speakers
    for document in snapshot.documents:
        assert {turn.speaker for turn in study.coding.turns_of(document.id)} == set(document.speakers)


def test_a_code_has_no_type_of_its_own() -> None:
    assert [name for name in Code.__dataclass_fields__ if "type" in name or "role" in name] == []
