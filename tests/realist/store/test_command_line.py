"""`cop coding` as a person meets it."""

from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from cop_analysis import cli, open_study
from cop_analysis.realist import read_coding

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own


@pytest.fixture
def run():
    def call(*arguments: object, answer: str = "") -> tuple[int, str]:
        told = CliRunner().invoke(cli.app, ["coding", *map(str, arguments)], input=answer)
        assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
        return told.exit_code, told.output

    return call


@pytest.fixture
def changed(study_folder):
    with open_study(study_folder).coding as coding:
        coding.add_code("Trust", coder="a")
        coding.codes.rename("c1", "On one's own", coder="b")
    return study_folder


def test_the_log_is_one_line_a_change(run, changed):
    code, told = run("log", changed)
    lines = told.splitlines()
    assert code == 0
    assert len(lines) == 3
    assert lines[0].startswith("1  20")
    assert "coding.json  begin: coder 'a' added" in lines[0]
    assert lines[2].endswith("b  rename code: code 'c1': name Alone -> On one's own")
    assert run("log", changed, "--coder", "a")[1].count("\n") == 1
    assert run("log", changed, "--last", "1")[1].count("\n") == 1


def test_the_log_of_nothing_says_so(run, study_folder):
    assert run("log", study_folder) == (0, f"{study_folder}: nothing was changed yet; the log is empty.\n")


def test_what_a_person_types_wrong_is_answered_in_their_words(run, study_folder, changed):
    assert run("log", changed, "--coder", "nobody") == (
        0,
        f"{changed}: the log holds no change by nobody; it holds changes by a, b, coding.json.\n",
    )
    code, told = run("settle", changed, "7", "kept")
    assert (code, told) == (2, "Say who does this with --coder; the coders are a, b.\n")
    code, told = run("at", changed, "2025-13-45")
    assert code == 2
    assert "'2025-13-45' is not a date: write 2025-03-02" in told
    assert run("at", changed, "0001-01-01T00:00+14:00")[0] == 2


def test_where_nothing_was_changed_there_is_nothing_to_take_back(run, study_folder):
    for verb in ("undo", "redo"):
        code, told = run(verb, study_folder)
        assert (code, told) == (2, f"{study_folder}: nothing was changed yet, so there is nothing to {verb}.\n")


def test_the_log_goes_to_a_spreadsheet(run, changed, tmp_path):
    code, told = run("log", changed, "--out", tmp_path / "log.csv")
    assert code == 0
    assert "seq,change,at,who" in (tmp_path / "log.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert "rows" in told


def test_undo_and_redo_are_of_the_last_coder_or_the_one_named(run, changed):
    assert "undo of change 3" in run("undo", changed)[1]
    assert "Alone" in read_coding(changed).codes["name"].tolist()
    assert "redo of change 3" in run("redo", changed)[1]
    assert "undo of change 2" in run("undo", changed, "--coder", "a")[1]
    assert "Trust" not in read_coding(changed).codes["name"].tolist()
    code, told = run("undo", changed, "--coder", "a")
    assert (code, told) == (2, "There is nothing a could undo.\n")


def test_a_past_state_is_told_and_written(run, changed, tmp_path):
    assert run("at", changed, "2020-01-01")[1].startswith(f"{changed} at 2020-01-01: nothing; its log begins at 20")
    code, told = run("at", changed, "2999-01-01", "--out", tmp_path / "then.json")
    assert code == 0
    assert "4 codes, 5 extracts" in told
    assert read_coding(tmp_path / "then.json").snapshot == open_study(changed).coding.snapshot
    assert run("at", changed, "2999-01-01", "--out", tmp_path / "then.json")[0] == 2
    assert run("at", changed, "2999-01-01", "--out", tmp_path / "then.json", "--force")[0] == 0
    code, told = run("at", changed, "soon")
    assert code == 2
    assert "is not a date" in told


def test_two_coders_are_merged_and_what_they_disagree_on_is_settled(run, changed, tmp_path):
    theirs = tmp_path / "theirs.json"
    shutil.copy(changed / "coding.json", theirs)
    theirs.write_text(theirs.read_text().replace("On one's own", "Nobody there"))
    code, told = run("merge", changed, theirs)
    assert code == 0
    assert "1 conflict to decide:" in told
    assert "Nobody there" in told
    assert "cop coding settle" in told
    assert "was given two names" in run("conflicts", changed)[1]
    kept = read_coding(changed).codes["name"].tolist()
    assert "is decided: other. 0 conflicts left" in run("settle", changed, 1, "other", "--coder", "a")[1]
    assert read_coding(changed).codes["name"].tolist() != kept
    assert "no conflict waits" in run("conflicts", changed)[1]
    assert run("settle", changed, 1, "other", "--coder", "a")[0] == 2


def test_two_files_are_merged_into_a_third(run, changed, tmp_path):
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    shutil.copy(changed / "coding.json", one)
    shutil.copy(changed / "coding.json", other)
    code, told = run("merge", one, other)
    assert code == 2
    assert "--out FILE" in told
    code, told = run("merge", one, other, "--out", tmp_path / "both.json")
    assert code == 0
    assert (tmp_path / "both.json").read_bytes() == one.read_bytes()
    assert run("merge", one, tmp_path / "gone.json", "--out", tmp_path / "x.json")[0] == 2


def test_erasing_asks_first_and_says_what_is_left_to_do(run, changed):
    code, told = run("erase", changed, "--person", "P01", "--coder", "a", answer="n\n")
    assert code == 1
    assert "D01" in read_coding(changed).documents["document"].tolist()
    code, told = run("erase", changed, "--person", "P01", "--coder", "a", answer="y\n")
    assert code == 0, told
    assert "records erased" in told
    assert "Delete documents/D01.txt" in told
    assert "D01" not in read_coding(changed).documents["document"].tolist()
    assert run("erase", changed, "--document", "D02", "--coder", "a", "--yes")[0] == 0
    assert run("erase", changed, "--coder", "a")[0] == 2
    assert run("erase", changed, "--person", "P77", "--coder", "a", "--yes")[0] == 2


def test_what_is_no_study_or_has_no_coding_is_said(run, tmp_path):
    from cop_analysis.study.template import new_study

    assert run("log", tmp_path)[0] == 2
    empty = new_study(tmp_path / "empty", example=True)
    code, told = run("log", empty)
    assert code == 1
    assert "has no coding yet" in told
    (empty / "study.toml").write_text("nonsense")
    code, told = run("log", empty)
    assert code == 1
    assert "List them with: cop check" in told
