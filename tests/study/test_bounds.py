"""What stands exactly on a bound is no fault: the last day, the last place, the ends of a scale, nobody signed up."""

import pytest

from cop_analysis.files import FileRefusedError, judge_file

PEOPLE = "person,organisation,role,joined,left,consent\nP01,HOSP_A,nurse prescriber,2024-01-15,{left},yes\n"


def test_nobody_may_have_signed_up(faults_after, folder):
    (folder / "attendance.csv").write_text("event,person,count\nE1,P01,\n")
    assert faults_after("events.csv", "event,date,signed_up\nE1,2024-02-20,3\nE2,2024-04-16,0\n") == []


@pytest.mark.parametrize(("signed_up", "notes"), [(2, 0), (1, 1)])
def test_a_full_event_is_no_fault(faults_after, folder, signed_up, notes):
    (folder / "attendance.csv").write_text("event,person,count\nE1,P01,\nE1,P02,\n")
    assert (
        len(faults_after("events.csv", f"event,date,signed_up\nE1,2024-02-20,{signed_up}\nE2,2024-04-16,\n")) == notes
    )


@pytest.mark.parametrize(("left", "notes"), [("2024-04-16", 0), ("2024-04-15", 1)])
def test_who_came_on_the_day_of_leaving_was_a_member(faults_after, folder, left, notes):
    (folder / "attendance.csv").write_text("event,person,count\nE2,P01,\n")
    faults = [one for one in faults_after("people.csv", PEOPLE.format(left=left)) if one.file == "attendance.csv"]
    assert len(faults) == notes


@pytest.mark.parametrize(("score", "wrong"), [(1, 0), (5, 0), (0, 1), (6, 1)])
def test_both_ends_of_a_scale_are_on_it(faults_after, score, wrong):
    rated = faults_after("ratings.csv", f"event,respondent,item,score\nE1,P01,relevance,{score}\n")
    assert sum(one.file == "ratings.csv" for one in rated) == wrong
    asked = faults_after("survey.csv", f"person,wave,instrument,item,score\nP01,baseline,confidence,q01,{score}\n")
    assert sum(one.file == "survey.csv" and one.column == "score" for one in asked) == wrong


def test_a_file_of_just_the_limit_is_read_and_one_byte_more_is_not(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes(b"person")
    assert judge_file(path, most=6) == path.resolve()
    with pytest.raises(FileRefusedError, match="holds 6 bytes, more than the 5 bytes read here"):
        judge_file(path, most=5)
