"""Several coders and processes on one coding: each sees the others, and nobody's work is written over unseen."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cop_analysis.realist import Code
from cop_analysis.realist.store import ChangedElsewhere, CodingError

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own


def test_each_sees_what_the_other_did(opened):
    one, other = opened(), opened()
    code = one.add_code("Trust", coder="a")
    assert "Trust" in other.codes["name"].tolist()
    extract = other.add_extract("D01", 0, 5, code, coder="b")
    assert extract.id in one.extracts["extract"].tolist()
    assert one.find(Code, code.id).name == "Trust"
    found = one.add_code("Found without looking", coder="a")
    assert other.find(Code, found.id) == found
    assert one.snapshot == other.snapshot


def test_two_coders_who_rename_one_code_do_not_overwrite_each_other(opened):
    one, other = opened(), opened()
    assert len(other.codes) == 3
    one.codes.rename("c1", "On one's own", coder="a")
    with pytest.raises(ChangedElsewhere, match=r"a changed code 'c1' at .*name Alone -> On one's own") as said:
        other.codes.rename("c1", "Nobody there", coder="b")
    assert "Nothing of yours was written" in str(said.value)
    assert other.find(Code, "c1").name == "On one's own"
    other.codes.rename("c1", "Nobody there", coder="b")
    assert one.codes["name"].tolist()[0] == "Nobody there"


def test_looking_first_is_enough_to_change_what_another_changed(opened):
    one, other = opened(), opened()
    one.codes.rename("c1", "On one's own", coder="a")
    assert "On one's own" in other.codes["name"].tolist()
    other.codes.rename("c1", "Nobody there", coder="b")
    assert one.codes["name"].tolist()[0] == "Nobody there"


def test_different_fields_of_one_record_are_no_conflict(opened):
    one, other = opened(), opened()
    one.codes.rename("c1", "On one's own", coder="a")
    other.change(other.find(Code, "c1"), definition="defined by b", coder="b")
    now = one.snapshot.codes[0]
    assert (now.name, now.definition) == ("On one's own", "defined by b")


def test_what_another_deleted_cannot_be_changed(opened):
    one, other = opened(), opened()
    one.codes.delete("c3", extracts="delete", coder="a")
    with pytest.raises(ChangedElsewhere, match=r"a changed code 'c3' at .*deleted"):
        other.codes.rename("c3", "Other", coder="b")
    with pytest.raises(CodingError, match="has no code 'c3'"):
        other.codes.rename("c3", "Other", coder="b")


def test_deleting_what_another_has_begun_to_use_is_refused(opened):
    one, other = opened(), opened()
    code = one.add_code("Empty so far", coder="a")
    assert len(other.codes) == 4
    one.add_extract("D01", 0, 5, code, coder="a")
    with pytest.raises(CodingError, match="1 extract"):
        other.codes.delete(code.id, coder="b")
    with pytest.raises(ChangedElsewhere, match="since you last looked"):
        other.codes.delete(code.id, extracts="delete", coder="b")
    assert len(one.extracts) == 6


def test_threads_of_one_process_share_a_coding(coding):
    failures: list[BaseException] = []

    def work(who: str) -> None:
        try:
            with coding.by(who):
                for number in range(8):
                    coding.add_code(f"{who} {number}")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(coding.codes) == 3 + 16
    mine = coding.log(coder="a")
    assert len(mine) == 8
    assert mine["what"].str.contains("code-a-").all()


WRITERS = """
import os, sys
from cop_analysis.realist.coding import open_coding
from cop_analysis.study import open_study
study = open_study(sys.argv[1])
children = []
for number, who in enumerate("aabb"):
    child = os.fork()
    if not child:
        try:
            with open_coding(sys.argv[1], study) as coding, coding.by(who):
                for count in range(30):
                    coding.add_extract("D01", count, count + 20, "c1")
                    assert len(coding.extracts) > count
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    children.append(child)
sys.exit(max(os.waitpid(child, 0)[1] for child in children) >> 8)
"""
"""Four processes that each add thirty extracts at once; they are forked, so that none waits for its imports."""


@pytest.mark.slow
def test_processes_write_at_once_and_nothing_is_lost(study_folder: Path, opened, start_process):
    writers = start_process([sys.executable, "-c", WRITERS, str(study_folder)], stderr=subprocess.PIPE, text=True)
    watching = opened()
    _, said = writers.communicate(timeout=600)
    assert (writers.returncode, said) == (0, "")
    assert len(watching.extracts) == 5 + 4 * 30
    numbers = watching.log()["seq"].tolist()
    assert numbers == list(range(1, len(numbers) + 1))
    assert watching.log.changes()[0].verb == "begin"
    assert [change.verb for change in watching.log.changes()].count("begin") == 1
    assert len(opened().extracts) == 125
