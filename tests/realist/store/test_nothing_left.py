"""What a command that is refused, or that the disk stops, leaves behind: nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis.cli import app
from cop_analysis.files import put_files
from cop_analysis.study import new_study

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv[:2] = ["cop"]
from cop_analysis.cli import main
main()
"""


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def with_files_up_to(size: int, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LIMITED, str(size), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_merge_of_two_studies_is_refused_and_makes_no_database(sqlite_folder, tmp_path):
    other = tmp_path / "other.json"
    told = json.loads((sqlite_folder / "coding.json").read_text(encoding="utf-8"))
    other.write_text(json.dumps({**told, "study": "another_one"}), encoding="utf-8")
    before = names(sqlite_folder)
    for words in (("merge", sqlite_folder, other), ("settle", sqlite_folder, 7, "kept")):
        done = CliRunner().invoke(app, ["coding", *map(str, words), "--coder", "a"])
        assert done.exit_code == 2, done.output
        assert names(sqlite_folder) == before
    # The control: what is not refused makes the database, with the merge in it.
    told["codes"].append({**told["codes"][0], "id": "code-new", "name": "New"})
    other.write_text(json.dumps(told), encoding="utf-8")
    done = CliRunner().invoke(app, ["coding", "merge", str(sqlite_folder), str(other), "--coder", "a"])
    assert done.exit_code == 0, done.output
    assert names(sqlite_folder) - before == {"coding.db"}
    said = CliRunner().invoke(app, ["coding", "log", str(sqlite_folder), "--last", "1"]).output
    assert "merge" in said


limited = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")


@limited
@pytest.mark.parametrize(
    ("size", "words", "said"),
    [
        (1_000, ("new", "made/here"), "made/here cannot be made (a file may not grow as large as this one)"),
        (3_000, ("simulate", "made/here", "--people", "12"), "cannot be made (a file may not grow as large"),
        (20_000, ("coding", "merge", "forum", "other.json", "--coder", "a"), "coding.db cannot be read or written"),
        (10, ("network", "export", "example", "--format", "gml", "--out", "made/net"), "a file may not grow as large"),
        (10, ("coding", "copy", "forum", "made"), "could not be written (a file may not grow as large as this one)"),
    ],
)
def test_what_the_disk_stops_is_one_sentence_with_code_3_and_leaves_nothing(
    sqlite_folder, tmp_path, monkeypatch, size, words, said
):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(sqlite_folder, tmp_path / "forum")
    new_study(tmp_path / "example", example=True)
    told = json.loads((tmp_path / "forum" / "coding.json").read_text(encoding="utf-8"))
    told["codes"].append({**told["codes"][0], "id": "code-new", "name": "New"})
    (tmp_path / "other.json").write_text(json.dumps(told), encoding="utf-8")
    before = names(tmp_path)
    done = with_files_up_to(size, *words)
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert ".part" not in done.stderr
    assert names(tmp_path) == before


@limited
def test_a_database_that_cannot_be_read_for_want_of_room_is_one_sentence_in_an_export(sqlite_folder, tmp_path):
    from cop_analysis import open_study

    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Trust", coder="a")
    done = with_files_up_to(1_000, "export", sqlite_folder, "--format", "csv", "--out", tmp_path / "x.csv")
    assert (done.returncode, done.stdout) == (3, "")
    assert "coding.db cannot be read or written just now" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "x.csv").exists()


def test_of_files_of_which_one_cannot_be_written_none_stays_and_what_was_there_does(tmp_path):
    (tmp_path / "kept.csv").write_text("before", encoding="utf-8")
    with pytest.raises(OSError, match="too long"):
        put_files(tmp_path, {"a/b/one.csv": "1", "kept.csv": "after", "two.csv": "2", "n" * 300: "3"}, overwrite=True)
    assert names(tmp_path) == {"kept.csv"}
    put_files(tmp_path, {"a/b/one.csv": "1"})
    with pytest.raises(FileExistsError):
        put_files(tmp_path, {"a/b/two.csv": "2", "a/b/one.csv": "other"})
    assert names(tmp_path) == {"a", "a/b", "a/b/one.csv", "kept.csv"}
    assert (tmp_path / "a/b/one.csv").read_text(encoding="utf-8") == "1"


@pytest.mark.parametrize(
    "words",
    [
        ("export", "STUDY", "--format", "csv"),
        ("network", "export", "STUDY", "--format", "gml"),
        ("coding", "import", "STUDY", "FILE"),
        ("coding", "merge", "STUDY", "FILE"),
        ("coding", "log", "STUDY"),
    ],
)
def test_a_study_nobody_may_look_into_is_one_sentence(tmp_path, monkeypatch, words):
    study, real = tmp_path / "shut", Path.stat
    study.mkdir()
    (tmp_path / "talk.txt").write_text("I: Well?\n", encoding="utf-8")

    def stat(self, **given):
        if study in self.parents:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, **given)

    monkeypatch.setattr(Path, "stat", stat)
    named = [{"STUDY": str(study), "FILE": str(tmp_path / "talk.txt")}.get(word, word) for word in words]
    done = CliRunner().invoke(app, named)
    assert done.exit_code == 2, done.exception
    assert done.output == f"The folder {study} cannot be looked into (Permission denied); check that you may read it.\n"
