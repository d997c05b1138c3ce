"""`cop export` as a person meets it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import cli
from cop_analysis.realist import read_qdpx

DATA = Path(__file__).resolve().parents[3] / "data"
FORUM = DATA / "nmp_forum"


def run(*arguments: object):
    return CliRunner().invoke(cli.app, ["export", *(str(argument) for argument in arguments)])


@pytest.mark.parametrize(
    "form", ["qdc", "csv", *(pytest.param(form, marks=pytest.mark.slow) for form in ("qdpx", "xlsx", "docx"))]
)
def test_every_format_is_written_whole(tmp_path, monkeypatch, form):
    monkeypatch.chdir(tmp_path)
    told = run(FORUM, "--format", form)
    assert told.exit_code == 0, told.output
    assert [path.name for path in tmp_path.iterdir()] == [f"nmp_forum.{form}"]
    assert f"nmp_forum.{form}" in told.output.splitlines()[-1]


def test_what_is_no_file_is_not_replaced_even_by_force(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told = run(FORUM, "--format", "csv", "--out", pipe, "--force")
    assert told.exit_code == 2
    assert "device or a pipe" in told.output
    assert pipe.is_fifo()


def test_a_file_is_replaced_only_by_force(tmp_path):
    out = tmp_path / "mine.qdpx"
    out.write_text("mine")
    told = run(FORUM, "--format", "qdpx", "--out", out)
    assert (told.exit_code, out.read_text()) == (2, "mine")
    assert "--force" in told.output
    assert run(FORUM, "--format", "qdpx", "--out", out, "--force").exit_code == 0
    assert len(read_qdpx(out)[0].snapshot.documents) == 8


def test_calls_that_cannot_be(tmp_path):
    assert run(FORUM, "--format", "pdf").exit_code == 2
    assert run(tmp_path, "--format", "qdpx").exit_code == 2
    told = run(FORUM, "--format", "qdpx", "--out", tmp_path / "absent" / "a.qdpx")
    assert (told.exit_code, "There is no folder" in told.output) == (2, True)
    told = run(DATA / "cancer_cop", "--format", "qdpx")
    assert (told.exit_code, "has no coding yet" in told.output) == (1, True)
    told = run(FORUM, "--format", "qdpx", "--offsets", "bytes", "--out", tmp_path / "a.qdpx")
    assert (told.exit_code, "offsets must be" in told.output) == (2, True)


def test_a_study_with_faults_is_not_exported(tmp_path):
    study = tmp_path / "broken"
    shutil.copytree(FORUM, study)
    (study / "coding.json").write_text("{")
    told = run(study, "--format", "qdpx", "--out", tmp_path / "a.qdpx")
    assert told.exit_code == 1
    assert "cop check" in told.output
    assert not (tmp_path / "a.qdpx").exists()
