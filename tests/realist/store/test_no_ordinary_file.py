"""A coding's database, and what is merged into it, is judged by looking: SQLite would wait for ever at a pipe."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import cli, open_study
from cop_analysis.study import new_study

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    new_study(tmp_path / "study", example=True)
    return tmp_path / "study"


def run(*words: object):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_out(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def link_in_a_circle(path: Path) -> None:
    path.symlink_to(path.name)


def link_to_nothing(path: Path) -> None:
    path.symlink_to("gone.db")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (link_in_a_circle, "leads in a circle"),
        (link_to_nothing, "leads to no file"),
        (pipe, "is a pipe"),
        (folder, "is a folder"),
        (device, "leads outside"),
        (link_out, "leads outside"),
    ],
)
def test_a_database_of_the_study_that_is_no_file_of_it(study: Path, make, said: str) -> None:
    make(study / "coding.db")
    done = run("check", study)
    assert done.exit_code == 1
    assert said in done.output
    assert "is empty" not in done.output
    assert run("coding", "log", study).exit_code != 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["other.db", "other.qdpx", "other.json"])
def test_a_pipe_is_merged_into_nothing(study: Path, tmp_path: Path, name: str) -> None:
    from cop_analysis.realist.coding import start_coding

    coding = start_coding(open_study(study))
    coding.add_coder("a", "Ann")
    coding.close()
    os.mkfifo(tmp_path / name)
    for words in (("merge", study, tmp_path / name), ("merge", study, tmp_path / name, "--out", tmp_path / "m.json")):
        done = run("coding", *words)
        assert done.exit_code in (1, 2)
        assert "is a pipe, not a file" in done.output
        assert "coding.json" not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("command", ["check", "report"])
def test_a_link_in_a_circle_is_no_study(tmp_path: Path, command: str) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle.name)
    done = run(command, circle)
    assert done.exit_code == 2
    assert "is a link that leads to no folder" in done.output


def test_documents_that_link_to_themselves(study: Path) -> None:
    shutil.rmtree(study / "documents")
    (study / "documents").symlink_to("documents")
    done = run("check", study)
    assert done.exit_code == 1
    assert "documents/: is a link that leads in a circle; put the folder itself in its place." in done.output


def test_a_damaged_database_given_to_be_merged_is_not_spoken_of_as_ones_own(study: Path, tmp_path: Path) -> None:
    from cop_analysis.realist.coding import start_coding

    coding = start_coding(open_study(study))
    coding.add_coder("a", "Ann")
    coding.close()
    other = tmp_path / "other.db"
    other.write_text("no database " * 200, encoding="utf-8")
    done = run("coding", "merge", study, other)
    assert done.exit_code == 2
    assert "other.db cannot be merged: it is damaged" in done.output
    assert "Rename it" not in done.output
