"""A copy of a study made while others work in it is whole; a coding.json that is gone is written again by a command."""

from __future__ import annotations

import os
import sqlite3
import threading

import pytest
from typer.testing import CliRunner

from cop_analysis import open_study
from cop_analysis.cli import app
from cop_analysis.realist.coding import copy_study
from cop_analysis.realist.store import CodingError
from cop_analysis.study import open_study as open_checked

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own


def test_a_copy_made_while_somebody_codes_opens_and_can_be_merged_back(sqlite_folder, tmp_path_factory):
    to = tmp_path_factory.mktemp("own") / "mine"
    os.mkfifo(sqlite_folder / "pipe")
    stop = threading.Event()
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Before", coder="a")

        def work() -> None:
            while not stop.is_set():
                coding.memos.add("still at it", coder="a")

        busy = threading.Thread(target=work)
        busy.start()
        try:
            said = CliRunner().invoke(app, ["coding", "copy", str(sqlite_folder), str(to)])
        finally:
            stop.set()
            busy.join()
        assert said.exit_code == 0, said.output
        assert f"cop coding merge {sqlite_folder} {to}" in said.output
    assert sqlite3.connect(to / "coding.db").execute("PRAGMA integrity_check").fetchone() == ("ok",)
    names = "coding.db coding.json documents documents.csv people.csv study.toml"
    assert sorted(one.name for one in to.iterdir()) == names.split()
    with open_study(to).coding as mine:
        assert not mine.notices, "coding.json and database of the copy agree"
        assert "Before" in mine.codes["name"].tolist()
        mine.add_code("In the copy", coder="b")
    with open_study(sqlite_folder).coding as coding:
        assert coding.merge(to, coder="a").empty
        assert "In the copy" in coding.codes["name"].tolist()


def test_a_folder_that_may_only_be_read_is_copied_to_one_that_may_be_written(sqlite_folder, tmp_path_factory):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Before", coder="a")
    for place, _, files in os.walk(sqlite_folder):
        for path in (place, *(os.path.join(place, name) for name in files)):
            os.chmod(path, 0o555 if path == place else 0o444)
    try:
        to = copy_study(open_checked(sqlite_folder), tmp_path_factory.mktemp("own") / "mine")
        copied = (to, *(to / name for name in ("documents", "coding.json", "coding.db")))
        assert all(os.stat(path).st_mode & 0o200 for path in copied)
    finally:
        for place, _, _ in os.walk(sqlite_folder):
            os.chmod(place, 0o755)
    with open_study(to).coding as mine:
        mine.add_code("In the copy", coder="b")


def test_what_cannot_be_copied_is_refused_and_leaves_nothing(sqlite_folder, write_study, tmp_path_factory):
    study, tmp_path = open_checked(sqlite_folder), tmp_path_factory.mktemp("own")
    taken = tmp_path / "taken"
    taken.symlink_to(tmp_path / "nowhere")
    with pytest.raises(CodingError, match="is there already"):
        copy_study(study, taken)
    with pytest.raises(CodingError, match="would lie in the study itself"):
        copy_study(study, sqlite_folder / "documents" / "mine")
    write_study(sqlite_folder, database=f"sqlite:///{tmp_path}/elsewhere.db")
    with pytest.raises(CodingError, match="a copy would work on the same one"):
        copy_study(open_checked(sqlite_folder), tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
    assert not list(tmp_path.glob(".mine*"))


def test_a_coding_json_that_is_gone_is_written_by_the_command_the_check_names(sqlite_folder):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Trust", coder="a")
    before = (sqlite_folder / "coding.json").read_bytes()
    (sqlite_folder / "coding.json").unlink()
    said = CliRunner().invoke(app, ["check", str(sqlite_folder)]).output
    assert "cop coding save STUDY" in " ".join(said.split())
    done = CliRunner().invoke(app, ["coding", "save", str(sqlite_folder)])
    assert done.exit_code == 0, done.output
    assert (sqlite_folder / "coding.json").read_bytes() == before
    assert "coding.json" not in CliRunner().invoke(app, ["check", str(sqlite_folder)]).output
