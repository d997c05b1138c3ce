"""What waits for a decision: each kind is found and counted, and none or not known is said where that is so."""

from __future__ import annotations

import datetime
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist.coding import open_coding
from cop_analysis.realist.model import Coding
from cop_analysis.study.template import new_study
from cop_analysis.widgets.workbench import what_waits
from cop_analysis.widgets.workbench.waiting import LINES_KEPT, disagreements

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TODAY = datetime.date(2026, 1, 1)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return new_study(tmp_path / "forum", example=True)


def found(folder: Path, **more):
    return {one.key: one for one in what_waits(folder, TODAY, **more)}


def test_a_new_study_has_nothing_that_waits_and_says_why_of_each(tmp_path: Path):
    waiting = found(new_study(tmp_path / "new"))
    assert {key for key, one in waiting.items() if one.count} == {"notes"}
    assert waiting["disagreements"].none == "Nothing is coded yet, so no coders can disagree."
    assert "no configuration yet" in waiting["gaps"].none
    assert "states no totals" in waiting["numbers"].none
    assert "No plan is written down" in waiting["plan"].none
    assert not any(one.unknown for one in waiting.values())


def test_coding_that_waits_is_found(study: Path):
    with open_coding(study, open_study(study)) as coding:
        for coder in ("a", "b"):
            coding.add_coder(coder)
        coding.add_document("D01", coder="a")
        trust, other = coding.add_code("Trust <b>", coder="a"), coding.add_code("Waiting", coder="a")
        coding.add_extract("D01", 70, 80, trust, coder="a")
        coding.add_extract("D01", 72, 84, trust, coder="b")
        alone = coding.add_extract("D01", 90, 99, other, coder="b")
        coding.configurations.add("It works", coder="a")
        coding.theory.ask("When not?", whom="P02", coder="a")
        waiting = found(study)
        assert [(one.id, coder) for one, coder in disagreements(coding)] == [(alone.id, "a")]
    assert waiting["disagreements"].count == 1
    assert waiting["disagreements"].lines[0].where == "D01, coding panel, tab Compare"
    assert "Waiting" in waiting["disagreements"].lines[0].sentence
    assert waiting["gaps"].count == 2
    assert "Ask:" in waiting["gaps"].lines[0].sentence
    assert "P02" in waiting["questions"].lines[0].sentence


def test_a_disagreement_that_is_settled_waits_no_more(study: Path):
    from cop_analysis.widgets.coding.session import Session

    session = Session(study, "a")
    text = session.study.read_document("D01")

    def do(verb, **given):
        replies = list(session.answer({"kind": "do", "op": verb, "verb": verb, "args": given}))
        assert replies[0]["kind"] == "done", replies

    do("add_code", id="c1", name="Trust")
    do("add_extract", id="x1", document="D01", start=70, end=80, quote=text[70:80], code="c1")
    session.coder = "b"
    do("add_extract", id="x2", document="D01", start=90, end=99, quote=text[90:99], code="c1")
    assert found(study)["disagreements"].count == 2
    do("resolve", id="d1", extract="x1", outcome="differ", reason="Seen apart.", coders=["a", "b"], twin="t1")
    do("resolve", id="d2", extract="x2", outcome="accept", reason="Both.", coders=["a", "b"], twin="t2")
    assert found(study)["disagreements"].count == 0
    session.coding.close()


def test_blind_nothing_is_told_of_how_others_coded():
    waiting = found(ROOT / "data" / "nmp_forum", blind=True)["disagreements"]
    assert waiting.lines == ()
    assert "coding blind" in waiting.unknown


def test_blind_neither_conflicts_nor_lost_passages_nor_gaps_tell_what_others_coded(study: Path):
    document = study / "documents" / "D01_example.txt"
    with open_coding(study, open_study(study)) as coding:
        for coder in ("a", "b"):
            coding.add_coder(coder)
        coding.add_document("D01", coder="a")
        trust, other = coding.add_code("Trust", coder="a"), coding.add_code("Waiting", coder="a")
        mine = coding.add_extract("D01", 70, 80, trust, coder="a")
        theirs = coding.add_extract("D01", 90, 99, other, memo="first", coder="b")
        before = coding.still()
        coding.change(theirs, memo="kept", coder="b")
        extracts = tuple(replace(one, memo="SECRET") if one.id == theirs.id else one
                         for one in before.snapshot.extracts)  # fmt: skip
        coding.merge(Coding(replace(before.snapshot, extracts=extracts)), base=before, coder="a")
        made = coding.configurations.add("It works", coder="a")
        coding.link_evidence(theirs, made, stance="refutes", coder="b")
        assert len(coding.conflicts) == 1
    document.write_text("INTERVIEWER: Anew.\n\nP01: Other words altogether, of another day.\n", encoding="utf-8")
    with open_coding(study, open_study(study)) as coding:
        coding.replace_document("D01", coder="a")
    seen, blind = found(study), found(study, blind=True, coder="a")
    assert "SECRET" in seen["conflicts"].lines[0].sentence
    assert seen["orphans"].count == 2
    assert blind["conflicts"].lines == ()
    assert "coding blind" in blind["conflicts"].unknown
    assert [mine.quote in one.sentence for one in blind["orphans"].lines] == [True]
    assert [theirs.quote in one.sentence for one in blind["orphans"].lines] == [False]
    gaps = [one.sentence for one in blind["gaps"].lines]
    assert any("no refuting evidence" in one for one in gaps) or any("no extract" in one for one in gaps)
    assert gaps != [one.sentence for one in seen["gaps"].lines]
    assert "SECRET" not in str(blind)


def test_blind_a_fault_of_the_coding_is_told_without_its_words(study: Path):
    with open_coding(study, open_study(study)) as coding:
        coding.add_coder("b")
        coding.add_document("D01")
        coding.add_extract("D01", 70, 95, coding.add_code("Trust"))
    for left in study.glob("coding.db*"):
        left.unlink()
    text = (study / "coding.json").read_text(encoding="utf-8")
    (study / "coding.json").write_text(text.replace('"start": 70', '"start": -7'), encoding="utf-8")
    seen, blind = found(study)["faults"], found(study, blind=True, coder="a")["faults"]
    assert seen.count == blind.count >= 1
    assert "-7" in str(seen.lines)
    assert "-7" not in str(blind.lines)
    assert "blind" in str(blind.lines)


def test_a_text_that_was_changed_and_a_passage_that_lost_its_place_are_found(study: Path):
    document = study / "documents" / "D01_example.txt"
    with open_coding(study, open_study(study)) as coding:
        coding.add_coder("a")
        coding.add_document("D01")
        coding.add_extract("D01", 70, 95, coding.add_code("Trust"))
    document.write_text("INTERVIEWER: Anew.\n\nP01: Other words altogether, of another day.\n", encoding="utf-8")
    assert "was changed since it was coded" in found(study)["orphans"].lines[0].sentence
    with open_coding(study, open_study(study)) as coding:
        coding.replace_document("D01")
    (line,) = found(study)["orphans"].lines
    assert "was not found again in the corrected D01" in line.sentence
    document.unlink()
    waiting = found(study)
    assert waiting["faults"].count >= 1
    assert waiting["orphans"].unknown == "It shows once the faults are corrected."


def test_conflicts_of_a_merge_wait_until_they_are_settled(tmp_path: Path):
    for name in ("mine", "theirs"):
        new_study(tmp_path / name, example=True)
    with open_coding(tmp_path / "mine", open_study(tmp_path / "mine")) as mine:
        mine.add_coder("a")
        code = mine.add_code("Trust", id="c1")
        shutil.copy(tmp_path / "mine" / "coding.json", tmp_path / "theirs" / "coding.json")
        with open_coding(tmp_path / "theirs", open_study(tmp_path / "theirs")) as theirs:
            theirs.codes.rename("c1", "Standing", coder="a")
        mine.codes.rename(code, "Trust in peers")
        mine.merge(tmp_path / "theirs", coder="a")
        waiting = found(tmp_path / "mine")["conflicts"]
        assert waiting.count == len(mine.conflicts) >= 1
        assert "conflict 1" in waiting.lines[0].where
        for number in mine.conflicts["conflict"]:
            mine.settle(int(number), "kept")
    assert found(tmp_path / "mine")["conflicts"].count == 0


def test_a_total_that_is_contradicted_waits_and_one_that_agrees_does_not():
    waiting = found(ROOT / "data" / "cancer_cop")["numbers"]
    assert waiting.count == 1
    assert "at least 360, the rows give 392" in waiting.lines[0].sentence
    assert "18 October 2023" in waiting.lines[0].sentence


def test_departures_from_the_plan_are_found(study: Path):
    settings = study / "study.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace("dated = 2024-01-10", "dated = 2024-07-01")
    text = text.replace("[2024-02-20, 2024-04-16]", "[2024-02-20, 2024-04-16, 2024-06-18, 2099-01-01]")
    settings.write_text(text, encoding="utf-8")
    sentences = [line.sentence for line in found(study)["plan"].lines]
    assert any("dated 2024-07-01, not before the answers of Follow-up (2024-06-20)" in one for one in sentences)
    assert any("planned for 2024-06-18, and none was held" in one for one in sentences)
    assert any("Prescribing handbook (invented)” was due on 2024-09-30" in one for one in sentences)
    assert not any("2099" in one or "2024-04-16" in one for one in sentences)
    survey = study / "survey.csv"
    survey.write_text(survey.read_text(encoding="utf-8").replace("follow_up", "baseline", 0), encoding="utf-8")
    rows = [line for line in survey.read_text(encoding="utf-8").splitlines() if "follow_up" not in line]
    survey.write_text("\n".join(rows) + "\n", encoding="utf-8")
    sentences = [line.sentence for line in found(study)["plan"].lines]
    assert any("compares with the wave follow_up, in which survey.csv has no answer" in one for one in sentences)


def test_faults_hide_the_rest_honestly_and_have_their_places(study: Path):
    people = study / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("2024-01-15", "soon"), encoding="utf-8")
    waiting = found(study)
    assert waiting["faults"].count == 2
    assert waiting["faults"].lines[0].where == "people.csv, row 2, column joined"
    assert all(one.unknown for key, one in waiting.items() if key not in ("faults", "notes"))


def test_a_damaged_coding_is_said_and_the_rest_still_shows(study: Path):
    (study / "coding.db").write_bytes(b"not a database at all")
    waiting = found(study)
    assert "could not be looked up" in waiting["disagreements"].unknown
    assert waiting["numbers"].unknown == ""


def test_a_great_many_lines_are_counted_and_not_all_listed(tmp_path: Path):
    folder = new_study(tmp_path / "many", example=True)
    rows = "".join(f"X{number},Late {number},planned,2024-01-01,\n" for number in range(LINES_KEPT + 50))
    (folder / "outputs.csv").write_text("output,title,status,planned_date,done_date\n" + rows, encoding="utf-8")
    waiting = found(folder)["plan"]
    assert waiting.count == LINES_KEPT + 50
    assert len(waiting.lines) == LINES_KEPT
