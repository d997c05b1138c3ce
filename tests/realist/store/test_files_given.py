"""What is wrong with a coding that somebody gave is said of that file, and never of the study's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import cli, open_study
from cop_analysis.realist.coding import start_coding
from cop_analysis.study import new_study

FAULTS = {
    "cut": b'{"schema": ',
    "empty": b"",
    "other": b'{"schema": "x"}',
    "no object": b"[1]",
    "not text": b"\xff\xfe\x00",
    "deep": b"[" * 200_000,
    "reference": json.dumps(
        {"schema": "cop-analysis-coding", "schema_version": 1, "study": "s",
         "codes": [{"id": "c1", "name": "A", "parent": "c9"}]}
    ).encode(),
    "checksums": b'{"schema": "cop-analysis-coding", "schema_version": 4, "study": "s", "erased": 1}',
}  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = new_study(tmp_path / "study", example=True)
    with start_coding(open_study(folder)) as coding:
        coding.add_coder("ann", "Ann")
    return folder


def run(*words: object):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.mark.parametrize("content", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("place", ["coding.json", pytest.param("bad.json", marks=pytest.mark.slow)])
def test_a_coding_that_cannot_be_read_is_named_and_advised_about(content, place, study, tmp_path):
    given = tmp_path / "given" / place
    given.parent.mkdir()
    given.write_bytes(content)
    own = (study / "coding.json").read_bytes()
    for bad in (given, *([given.parent] if place == "coding.json" else [])):
        done = run("coding", "merge", study, bad)
        said = " ".join(done.output.split())
        assert done.exit_code == 2, said
        assert said.startswith(f"{given} cannot be read as a coding. Nothing was changed.")
        _, *listed = done.output.strip().splitlines()
        assert listed
        assert all(line.strip().startswith(place) for line in listed), done.output
        for wrong in ("from a copy", "to start without coding", "The study cannot be opened"):
            assert wrong not in said
        if place != "coding.json":
            assert "coding.json" not in said
    assert (study / "coding.json").read_bytes() == own
    assert given.read_bytes() == content


@pytest.mark.parametrize("content", [FAULTS["cut"], FAULTS["empty"]])
def test_what_is_given_first_is_named_as_well(content, study, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_bytes(content)
    done = run("coding", "merge", bad, study, "--out", tmp_path / "out.json")
    assert done.exit_code == 2
    assert done.output.startswith(f"{bad} cannot be read as a coding.")
    assert not (tmp_path / "out.json").exists()


def test_the_study_s_own_file_is_still_restored_from_a_copy(tmp_path):
    folder = new_study(tmp_path / "study", example=True)
    (folder / "coding.json").write_bytes(b'{"schema": ')
    done = run("check", folder)
    assert done.exit_code == 1
    assert "coding.json, line 1" in done.output
    assert "restore the file from a copy" in " ".join(done.output.split())
