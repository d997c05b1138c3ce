"""Two study folders, one copied from the other: what either deleted is gone, and what comes back is said."""

from __future__ import annotations

import shutil
import sqlite3

import pytest
from typer.testing import CliRunner

from cop_analysis import open_study
from cop_analysis.cli import app
from cop_analysis.realist import read_coding
from cop_analysis.realist.model import Code
from cop_analysis.realist.store import log

pytestmark = pytest.mark.slow  # each test makes two studies and their databases


@pytest.fixture
def two(sqlite_folder, tmp_path_factory):
    """A study with a log, and the copy a colleague took away."""
    with open_study(sqlite_folder).coding as coding, coding.by("a"):
        coding.add_code("Shared", definition="as both knew it", id="c9")
        coding.add_code("Spare", id="c10")
    theirs = tmp_path_factory.mktemp("theirs") / "study"
    shutil.copytree(sqlite_folder, theirs, ignore=shutil.ignore_patterns("coding.db*"))
    # A copy of a database is made by SQLite.
    source, target = sqlite3.connect(sqlite_folder / "coding.db"), sqlite3.connect(theirs / "coding.db")
    source.backup(target)
    source.close()
    target.close()
    return sqlite_folder, theirs


def names(folder) -> set[str]:
    return set(open_study(folder).coding.codes["name"])


def test_a_study_without_coding_takes_over_that_of_a_colleague(two, tmp_path):
    ours, theirs = two
    bare = tmp_path / "bare"
    shutil.copytree(ours, bare, ignore=shutil.ignore_patterns("coding.*"))
    assert open_study(bare).coding is None
    said = CliRunner().invoke(app, ["coding", "merge", str(bare), str(theirs / "coding.json")])
    assert said.exit_code == 0, said.output
    assert read_coding(bare).codes["code"].tolist() == read_coding(theirs).codes["code"].tolist()
    assert CliRunner().invoke(app, ["check", str(bare)]).exit_code == 0


def test_the_last_state_both_logs_share_is_what_they_started_from(two):
    ours, theirs = two
    with open_study(ours).coding as coding, coding.by("a"):
        coding.codes.delete("c10")
        coding.codes.rename("c9", "Renamed here")
    with open_study(theirs).coding as coding, coding.by("b"):
        coding.change(coding.find(Code, "c9"), definition="changed there")
        coding.add_code("New there", id="c11")
    said = CliRunner().invoke(app, ["coding", "merge", str(ours), str(theirs), "--coder", "a"])
    assert said.exit_code == 0, said.output
    assert "conflict" not in said.output, "without a base each difference would be one"
    with open_study(ours).coding as coding:
        kept = coding.find(Code, "c9")
        assert (kept.name, kept.definition) == ("Renamed here", "changed there")
        assert set(coding.codes["code"]) >= {"c9", "c11"}
        assert "c10" not in set(coding.codes["code"]), "deleted here, left alone there"
        assert coding.conflicts.empty
        seq = coding.seq
        coding.merge(theirs, coder="a")
        assert coding.seq == seq


def test_the_same_without_a_study_to_merge_into(two, tmp_path):
    ours, theirs = two
    with open_study(ours).coding as coding:
        coding.codes.delete("c10", coder="a")
    with open_study(theirs).coding as coding:
        coding.add_code("New there", id="c11", coder="b")
    for first, second in ((ours, theirs), (theirs, ours)):
        out = tmp_path / "merged.json"
        done = CliRunner().invoke(app, ["coding", "merge", str(first), str(second), "--out", str(out), "--force"])
        assert done.exit_code == 0, done.output
        codes = read_coding(out).codes["code"].tolist()
        assert "c11" in codes
        assert "c10" not in codes


def test_a_deletion_that_a_merge_takes_back_is_listed_each_time(two):
    ours, theirs = two
    old = read_coding(theirs)
    with open_study(ours).coding as coding, coding.by("a"):
        coding.codes.delete("c10")
        for _ in range(2):
            waiting = coding.merge(old)
            assert "c10" in set(coding.codes["code"])
            assert waiting["sentence"].str.contains("deleted by one and still stands in the other").sum() == 1
            assert waiting["record"].tolist() == ["c10"]
            coding.settle(int(waiting["conflict"].iloc[0]), "other")
            assert "c10" not in set(coding.codes["code"])
        coding.merge(old)
        coding.settle(int(coding.conflicts["conflict"].iloc[0]), "kept")
        assert "c10" in set(coding.codes["code"])


def test_what_one_deleted_and_the_other_changed_is_kept_and_listed(two):
    ours, theirs = two
    with open_study(ours).coding as coding:
        coding.codes.delete("c10", coder="a")
    with open_study(theirs).coding as coding:
        coding.codes.rename("c10", "Used there", coder="b")
    with open_study(ours).coding as coding:
        waiting = coding.merge(theirs, coder="a")
        assert waiting["record"].tolist() == ["c10"]
        assert "deleted by one and changed by the other" in waiting["sentence"].iloc[0]


def test_logs_are_one_up_to_where_they_part_whatever_was_erased_since(two):
    ours, theirs = two
    with open_study(ours).coding as coding, open_study(theirs).coding as other:
        last = coding.seq
        other.add_code("There", coder="b")
        coding.add_code("Here", coder="a")
        with coding._store.reading() as one, other._store.reading() as two_:
            assert log.shared_until(one, two_) == last
        coding.erase_document("D01", coder="a")
        with coding._store.reading() as one, other._store.reading() as two_:
            assert log.shared_until(one, two_) == last


def test_two_studies_begun_from_one_coding_json_share_their_beginning(sqlite_folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(sqlite_folder, other)
    for folder, name in ((sqlite_folder, "Here"), (other, "There")):
        with open_study(folder).coding as coding:
            coding.add_code(name, coder="a")
    with open_study(other).coding as coding:
        coding.codes.delete("c3", extracts="delete", coder="a")
    with open_study(sqlite_folder).coding as coding:
        coding.merge(other, coder="a")
        assert {"Here", "There"} <= set(coding.codes["name"])
        assert "c3" not in set(coding.codes["code"])
