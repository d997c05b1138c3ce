"""coding.json and the database: each made from the other, merged where both changed, never written over silently."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist import Code, Coding, Extract, read_coding
from cop_analysis.realist.coding import open_coding, start_coding
from cop_analysis.realist.store import CodingError
from cop_analysis.study import StudyError

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own


def edit(folder: Path, change) -> None:
    payload = json.loads((folder / "coding.json").read_text(encoding="utf-8"))
    change(payload)
    (folder / "coding.json").write_text(json.dumps(payload), encoding="utf-8")


def by_id(payload: dict, collection: str, identifier: str) -> dict:
    return next(one for one in payload[collection] if one["id"] == identifier)


def test_coding_json_follows_every_change(study_folder, coding):
    coding.add_code("Trust", coder="a")
    assert "Trust" in read_coding(study_folder).codes["name"].tolist()
    assert read_coding(study_folder) == coding.still()


def test_in_a_block_coding_json_is_written_at_its_end(study_folder, coding):
    with coding.by("a"):
        coding.add_code("One")
        assert "One" not in read_coding(study_folder).codes["name"].tolist()
        coding.add_code("Two")
    assert {"One", "Two"} <= set(read_coding(study_folder).codes["name"])


def test_undoing_everything_gives_coding_json_back_to_the_byte(study_folder, coding):
    coding.add_code("One", coder="a")
    coding.undo("a")
    first = (study_folder / "coding.json").read_bytes()
    coding.add_code("Two", coder="a")
    coding.undo("a")
    assert (study_folder / "coding.json").read_bytes() == first


def test_the_database_is_rebuilt_from_coding_json_when_absent(sqlite_folder):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Trust", coder="a")
        before = coding.snapshot
    (sqlite_folder / "coding.db").unlink()
    with open_study(sqlite_folder).coding as again:
        assert again.snapshot == before
        again.add_code("Time", coder="a")
        assert [change.verb for change in again.log.changes()] == ["begin", "add_code"]


def test_coding_json_is_rebuilt_from_the_database_when_absent(study_folder, opened):
    coding = opened()
    coding.add_code("Trust", coder="a")
    coding.close()
    (study_folder / "coding.json").unlink()
    again = opened()
    assert "Trust" in again.codes["name"].tolist()
    assert not (study_folder / "coding.json").exists(), "looking writes nothing"
    again.save()
    assert read_coding(study_folder) == again.still()


def test_a_coding_json_changed_elsewhere_is_taken_in(study_folder, opened):
    first = opened()
    first.add_code("Trust", coder="a")
    first.close()
    edit(study_folder, lambda coding: coding["codes"].append({"id": "c9", "name": "By hand"}))
    with pytest.warns(UserWarning, match=r"changed outside the database; its changes were merged \(1 record"):
        again = opened()
    assert {"By hand", "Trust"} <= set(again.codes["name"])
    assert again.log.changes(last=1)[0].who == "coding.json"
    assert again.conflicts.empty
    seq = again.seq
    again.save()
    assert opened().seq == seq, "what was taken in once is not taken in again"


def test_what_was_deleted_in_coding_json_is_deleted_and_can_be_undone(study_folder, opened):
    first = opened()
    first.add_code("Trust", coder="a")
    first.close()
    edit(study_folder, lambda coding: coding["evidence"].pop(0))
    with pytest.warns(UserWarning, match="1 record"):
        again = opened()
    assert "e1" not in again.evidence["evidence"].tolist()
    again.undo("coding.json")
    assert "e1" in again.evidence["evidence"].tolist()


def test_where_both_changed_they_merge_and_conflicts_wait(study_folder, opened, monkeypatch):
    first = opened()
    first.add_code("Trust", coder="a")
    kept = (study_folder / "coding.json").read_bytes()
    first.codes.rename("c1", "In the database", coder="a")
    first.codes.rename("c3", "Only in the database", coder="a")
    first.codes.delete("c2", extracts="delete", children="move up", coder="a")
    first.close()
    (study_folder / "coding.json").write_bytes(kept)

    def change(coding: dict) -> None:
        by_id(coding, "codes", "c1")["name"] = "By hand"
        by_id(coding, "codes", "c3")["definition"] = "written by hand"
        coding["memos"] = [{"id": "m1", "text": "a memo by hand"}]

    edit(study_folder, change)
    with pytest.warns(UserWarning, match="1 conflict waits"):
        again = opened()
    assert again.find(Code, "c3").name == "Only in the database"
    assert again.find(Code, "c3").definition == "written by hand"
    assert "c2" not in again.codes["code"].tolist(), "deleted here and left alone there is deleted"
    assert again.memos["memo"].tolist() == ["m1"]
    (conflict,) = again.conflicts.to_dict("records")
    assert (conflict["collection"], conflict["record"], conflict["fields"]) == ("codes", "c1", "name")
    assert "By hand" in conflict["sentence"]
    assert "In the database" in conflict["sentence"]
    now = again.find(Code, "c1").name
    again.settle(conflict["conflict"], "other", coder="a")
    assert {now, again.find(Code, "c1").name} == {"By hand", "In the database"}
    assert again.conflicts.empty
    with pytest.raises(CodingError, match="these do: none"):
        again.settle(conflict["conflict"], "kept", coder="a")


def test_a_conflict_can_be_left_as_it_was_kept(study_folder, opened, tmp_path):
    coding = opened()
    other = coding.with_records(replace(coding.find(Code, "c1"), name="Another name"))
    waiting = coding.merge(other, coder="b", source="the other's")
    assert len(waiting) == 1
    assert waiting["source"].tolist() == ["the other's"]
    before = coding.snapshot
    coding.settle(waiting["conflict"][0], "kept", coder="a")
    assert coding.snapshot == before
    assert coding.conflicts.empty
    with pytest.raises(CodingError, match="Decide for 'kept' or for 'other'"):
        coding.settle(1, "both", coder="a")


def test_what_is_undone_is_open_again(coding):
    other = coding.with_records(replace(coding.find(Code, "c1"), name="Another name"))
    (number,) = coding.merge(other, coder="b")["conflict"]
    coding.settle(number, "other", coder="a")
    assert coding.conflicts.empty
    coding.undo("a")
    assert coding.conflicts["conflict"].tolist() == [number], "the decision was taken back"
    coding.settle(number, "kept", coder="a")
    assert coding.merge(other, coder="b").empty, "what was decided is not asked again"
    coding.undo("b")
    assert coding.conflicts.empty
    assert len(coding.merge(other, coder="b")) == 1, "the merge itself was taken back"


def test_merging_is_idempotent_and_by_identifier(coding):
    other = coding.still().with_records(Code("c9", "Theirs"), replace(coding.find(Code, "c1"), name="Renamed"))
    assert len(coding.merge(other, coder="a")) == 1
    seq, changes = coding.seq, len(coding.log.changes())
    assert len(coding.merge(other, coder="a")) == 1, "the same conflict waits once"
    assert (coding.seq, len(coding.log.changes())) == (seq, changes)
    assert "Theirs" in coding.codes["name"].tolist()
    coding.undo("a")
    assert "Theirs" not in coding.codes["name"].tolist()


def test_another_database_or_folder_or_snapshot_can_be_merged(sqlite_folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "forum"
    shutil.copytree(sqlite_folder, other)
    with open_study(other).coding as theirs:
        code = theirs.add_code("Theirs", coder="b")
        extract = theirs.add_extract("D03", 5, 20, code, coder="b")
        theirs.save()
    mine = open_study(sqlite_folder).coding
    for source in (other, other / "coding.db", other / "coding.json"):
        mine.merge(source, coder="a")
        assert mine.find(Extract, extract.id).coder == "b"
        assert mine.conflicts.empty
    assert len(mine.log.changes()) == 2
    assert mine.log.changes(last=1)[0].note == "forum"
    (other / "notes.txt").write_text("no coding")
    for source, said in (
        (other / "notes.txt", "is no coding"),
        (other / "gone.json", "no file or folder"),
        (other / "documents", "holds no coding"),
    ):
        with pytest.raises(CodingError, match=said):
            mine.merge(source, coder="a")
    mine.close()


def test_a_broken_coding_json_is_named_and_not_written_over(study_folder, opened):
    coding = opened()
    coding.add_code("Trust", coder="a")
    broken = b"<<<<<<< HEAD\n{"
    (study_folder / "coding.json").write_bytes(broken)
    with pytest.warns(UserWarning, match=r"coding.json could not be written .*nothing is lost"):
        coding.add_code("Time", coder="a")
    assert "Time" in coding.codes["name"].tolist()
    assert (study_folder / "coding.json").read_bytes() == broken
    with pytest.raises(StudyError, match="is not valid JSON"):
        opened()
    (study_folder / "coding.json").unlink()
    assert "Time" in opened().codes["name"].tolist()


def test_a_coding_that_is_only_looked_at_is_not_written(study_folder, opened):
    coding = opened()
    coding.add_code("Trust", coder="a")
    coding.close()
    file = study_folder / "coding.json"
    before = (file.stat().st_mtime_ns, file.read_bytes())
    again = opened()
    assert len(again.codes) == 4
    again.close()
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before


def test_a_kill_between_database_and_coding_json_loses_nothing(study_folder, opened):
    coding = opened()
    coding.add_code("Trust", coder="a")
    old = (study_folder / "coding.json").read_bytes()
    coding.add_code("Time", coder="a")
    coding.close()
    (study_folder / "coding.json").write_bytes(old)
    again = opened()
    assert {"Trust", "Time"} <= set(again.codes["name"])
    assert again.notices == []
    again.save()
    assert read_coding(study_folder) == again.still()


def test_a_large_coding_is_written_when_it_is_due(study_folder, opened, monkeypatch):
    from cop_analysis.realist.coding import keeping

    monkeypatch.setattr(keeping, "SMALL", 3)
    coding = opened()
    coding.add_code("Trust", coder="a")
    assert "Trust" not in read_coding(study_folder).codes["name"].tolist()
    coding.close()
    assert "Trust" in read_coding(study_folder).codes["name"].tolist()


def test_coding_begins_in_a_study_that_has_none(tmp_path):
    from cop_analysis.study.template import new_study

    study = open_study(new_study(tmp_path / "forum", example=True))
    assert study.coding is None
    with start_coding(study) as coding:
        coding.add_coder("a", "Anna")
        document = study.documents["document"].iloc[0]
        coding.add_document(document)
        code = coding.add_code("First")
        extract = coding.add_extract(document, 0, 10, code)
    again = open_study(tmp_path / "forum").coding
    assert again.find(Extract, extract.id).coder == "a"
    assert isinstance(again, Coding)
    again.close()


def test_a_document_of_a_coding_opened_without_its_study_cannot_be_read(sqlite_folder):
    with open_coding(sqlite_folder) as coding:
        assert len(coding.codes) == 3
        with pytest.raises(ValueError, match="opened without its study"):
            coding.text("D01")
        with pytest.raises(CodingError, match="opened without its study"):
            coding.add_extract("D01", 0, 5, "c1", coder="a")


@pytest.mark.slow
def test_two_folders_of_one_team_agree_with_one_server(postgresql, folder, tmp_path_factory):
    number = f"team_{os.getpid()}_{time.monotonic_ns()}"
    (folder / "study.toml").write_text(
        f'key = "{number}"\ntitle = "F"\nprovenance = "simulated"\ncoding.database = \'{postgresql}\'\n'
        '[[rating_items]]\nkey = "peer_support"\nminimum = 1\nmaximum = 5\n'
    )
    (folder / "documents.csv").write_text("document,file\nD01,D01.txt\nD02,D02.txt\nD03,D03.txt\n")
    payload = json.loads((folder / "coding.json").read_text())
    payload["study"] = number
    (folder / "coding.json").write_text(json.dumps(payload))
    theirs = tmp_path_factory.mktemp("theirs") / "forum"
    shutil.copytree(folder, theirs)
    one, other = open_study(folder).coding, open_study(theirs).coding
    one.add_code("Mine", coder="a")
    assert "Mine" in other.codes["name"].tolist()
    other.add_code("Theirs", coder="b")
    assert {"Mine", "Theirs"} <= set(one.codes["name"])
    assert "Theirs" in read_coding(theirs).codes["name"].tolist()
    assert "Theirs" not in read_coding(folder).codes["name"].tolist()
    assert one.merge(theirs, coder="a").empty, "a team's study folder is merged by its own database"
    one.close()
    other.close()
    # A hand-made change in the folder that is behind must not be taken for a deletion of what came since.
    edit(folder, lambda coding: coding["codes"].append({"id": "c9", "name": "By hand"}))
    with pytest.warns(UserWarning, match="merged"):
        again = open_study(folder).coding
    assert {"Mine", "Theirs", "By hand"} <= set(again.codes["name"])
    again.close()
