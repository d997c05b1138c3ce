"""Transcripts brought in from the command line and the workbench: what is asked, answered once, and kept."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import open_study
from cop_analysis.cli import app
from cop_analysis.realist import start_coding, turns
from cop_analysis.realist.documents.speakers import kept_answers, kept_speakers
from cop_analysis.study import check_folder, new_study
from cop_analysis.widgets.workbench.desk import Desk

CASES = Path(__file__).parents[2] / "cases"
HEADINGS = CASES / "headings_as_speakers.docx"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return new_study(tmp_path / "s")


def run(*words: object):
    return CliRunner().invoke(app, [str(one) for one in words])


def rows(study: Path) -> list[dict[str, str]]:
    with (study / "speakers.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_transcript_without_doubt_comes_in_and_comes_in_once(study: Path) -> None:
    done = run("coding", "import", study, CASES / "footer_page_otter.docx", "--kind", "interview")
    assert done.exit_code == 0, done.output
    assert "7 words in, 7 words out" in done.output
    assert "Brought in footer_page_otter.docx as D01" in done.output
    opened = open_study(study)
    assert opened.documents[["document", "kind"]].to_numpy().tolist() == [["D01", "interview"]]
    assert opened.read_document("D01") == "I: How was it?\n\nP01: Right, bye.\n"
    again = run("coding", "import", study, CASES / "footer_page_otter.docx")
    assert (again.exit_code, "is in the study already, as D01" in again.output) == (0, True)
    assert len(open_study(study).documents) == 1


def test_doubtful_labels_are_asked_with_their_counts_and_nothing_comes_in(study: Path) -> None:
    done = run("coding", "import", study, HEADINGS)
    assert done.exit_code == 1
    assert "“p01” (1 line) is written almost like P01" in done.output
    assert "“R :” (1 line)" in done.output
    assert '--same-as "p01=P01"' in done.output
    assert "taken for headings, not people: " in done.output
    assert open_study(study).documents is None
    assert not (study / "speakers.csv").exists()


@pytest.mark.slow
def test_an_answer_about_no_label_of_the_file_is_said_with_the_labels_there_are(study: Path) -> None:
    done = run("coding", "import", study, HEADINGS, "--same-as", "R=P01", "--same-as", "p01=P01")
    assert done.exit_code == 1
    assert "“R” is no label of headings_as_speakers.docx, so what was said of it changes nothing" in done.output
    assert "“R :”" in done.output
    assert "“p01” is no label" not in done.output


def test_answers_are_kept_and_a_scheduled_run_asks_nothing(study: Path, tmp_path: Path) -> None:
    answers = ("--same-as", "p01=P01", "--not-a-person", "R :")
    done = run("coding", "import", study, HEADINGS, *answers, "--coder", "coder-a")
    assert done.exit_code == 0, done.output
    assert {(one["label"], one["speaker"], one["document"], one["answered_by"]) for one in rows(study)} >= {
        ("p01", "P01", "D01", "coder-a"), ("R :", "", "D01", "coder-a"), ("Key", "", "D01", "coder-a"),
    }  # fmt: skip
    assert [one.sentence for one in check_folder(study) if "speakers" in one.file] == []
    # The coding takes the document in with the speakers that were settled, and never guesses them again.
    with start_coding(open_study(study)) as coding:
        coding.add_coder("coder-a", "A")
        coding.add_extract("D01", quote="How was it?", code=coding.add_code("Asking", coder="coder-a"), coder="coder-a")
        taken = coding.snapshot.documents[0]
        assert taken.speakers == ("I", "P01")
        assert {turn.speaker for turn in turns(coding.text("D01"), taken.speakers)} == {"", "I", "P01"}
    # The same file, and another one with the same labels: neither asks what was said before.
    assert run("coding", "import", study, HEADINGS).exit_code == 0
    other = tmp_path / "other.txt"
    other.write_text("Key:\n\nI: Well?\n\nP01: Yes.\n\np01: And no.\n\nI: So?\n\nP01: Bye.\n")
    assert run("coding", "import", study, other).exit_code == 0
    assert open_study(study).read_document("D02").count("P01:") == 3


def test_whose_a_label_is_holds_in_its_own_file_alone(study: Path, tmp_path: Path) -> None:
    first = tmp_path / "a.txt"
    first.write_text("I: Well?\nP01: Yes.\nI: So?\nP01: Bye.\nR; odd.\n")
    assert run("coding", "import", study, first, "--same-as", "R;=P01").exit_code == 0
    second = Path(shutil.copy(first, tmp_path / "b.txt"))
    second.write_text(first.read_text() + "I: Again?\n")
    assert run("coding", "import", study, second).exit_code == 1
    assert kept_answers(study, "a.txt")["R;"] == "P01"
    assert "R;" not in kept_answers(study, "b.txt")
    assert kept_speakers(study, "D01") == ("I", "P01")
    assert kept_speakers(study, "D02") is None


def test_of_many_labels_the_first_are_asked_about_and_the_rest_counted(study: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("".join(f"Entry {number:03d}: Words.\n\n" for number in range(120)))
    done = run("coding", "import", study, file)
    assert done.exit_code == 1
    assert done.output.count("is it a person, or not a person?") == 50
    assert "and 70 more; so many labels are rarely all people" in done.output


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("--same-as", "p01"), "takes a label and its speaker", 2),
        (("--kind", "opera"), "A document is one of", 1),
    ],
)
def test_calls_that_cannot_be(study: Path, words, said: str, code: int) -> None:
    done = run("coding", "import", study, CASES / "footer_page_otter.docx", *words)
    assert (done.exit_code, said in done.output) == (code, True), done.output
    assert open_study(study).documents is None


def test_a_broken_table_of_answers_is_named(study: Path) -> None:
    (study / "speakers.csv").write_text("a,b\n1,2\n")
    done = run("coding", "import", study, CASES / "footer_page_otter.docx")
    assert "speakers.csv has no columns label and speaker" in done.output
    assert done.exit_code != 0


# --- in the workbench ------------------------------------------------------------


def give(desk: Desk, path: Path, upload: str = "u1") -> None:
    desk.take_piece(upload, path.name, 0, 1, path.read_bytes())


def test_the_workbench_asks_and_reads_again_with_the_answers(study: Path) -> None:
    desk = Desk(study)
    give(desk, HEADINGS)
    (card,) = desk.state["brought"]
    assert [one["label"] for one in card["questions"]] == ["p01", "R :"]
    assert card["headings"][0].startswith(("Key", "Part", "Note"))
    desk.keep([{"upload": "u1", "title": "Talk", "kind": "interview"}])
    assert "say first whose the labels p01, R : may be" in desk.said["text"]
    desk.settle("u1", {"p01": "P01", "R :": ""})
    (card,) = desk.state["brought"]
    assert (card["questions"], card["speakers"]) == ([], ["I", "P01"])
    desk.keep([{"upload": "u1", "title": "Talk", "kind": "interview"}])
    assert desk.said["tone"] == "status"
    assert kept_answers(study, "anything.docx") == {"Key": None, "Note": None, "Part 1": None, "p01": "P01",
                                                    "Part 2 – Interview 33": None}  # fmt: skip


def test_the_workbench_brings_a_project_in(study: Path) -> None:
    desk = Desk(study)
    give(desk, CASES / "same_span_three_times.qdpx")
    (card,) = desk.state["projects"]
    assert "1 document would be added" in card["sentence"]
    assert (card["readings"], desk.state["brought"]) == ([], [])
    assert open_study(study).documents is None
    desk.bring_project("u1")
    assert desk.said["tone"] == "status", desk.said
    assert "1 document added" in desk.said["text"]
    assert desk.state["projects"] == []
    assert desk.facts["extracts"] == 3
    give(desk, CASES / "same_span_three_times.qdpx", "u2")
    desk.bring_project("u2")
    assert "nothing changed" in desk.said["text"]


def test_the_workbench_refuses_what_is_neither(study: Path, tmp_path: Path) -> None:
    desk = Desk(study)
    (tmp_path / "a.zip").write_bytes((CASES / "footer_page_otter.docx").read_bytes()[:400])
    give(desk, tmp_path / "a.zip")
    assert (desk.said["tone"], desk.state["projects"], desk.state["brought"]) == ("alert", [], [])
    assert "not a whole ZIP file" in desk.said["text"]
