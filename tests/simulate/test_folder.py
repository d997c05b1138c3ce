"""A simulated study on disk: whole, plain, the same bytes everywhere, and never over somebody's files."""

import hashlib
import json
import tomllib
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.simulate import simulate_study, write_study
from cop_analysis.simulate.settings import PRESETS
from cop_analysis.simulate.study import csv_bytes, study_files, toml_text


@pytest.fixture(scope="module")
def tiny():
    return simulate_study(PRESETS["tiny"])


def test_the_folder_holds_exactly_the_files_of_the_study(tiny, tmp_path):
    folder = write_study(tiny, tmp_path / "new" / "study")
    written = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert written == study_files(tiny)
    assert list(study_files(tiny))[-1] == "study.toml"


def test_an_empty_folder_is_used_and_a_full_one_refused(tiny, tmp_path):
    write_study(tiny, tmp_path)
    before = (tmp_path / "people.csv").read_bytes()
    with pytest.raises(ValueError, match="is not empty; choose a new one, nothing is overwritten"):
        write_study(tiny, tmp_path)
    assert (tmp_path / "people.csv").read_bytes() == before


def test_a_file_in_the_way_is_refused(tiny, tmp_path):
    (tmp_path / "study").write_text("mine")
    with pytest.raises(ValueError, match="is a file, not a folder"):
        write_study(tiny, tmp_path / "study")


def test_every_file_is_utf8_with_line_feeds_only(tiny):
    for content in study_files(tiny).values():
        content.decode("utf-8")
        assert b"\r" not in content
        assert content.endswith(b"\n")


def test_offsets_and_checksums_hold_for_the_files_as_written(tiny, tmp_path):
    folder = write_study(tiny, tmp_path / "study")
    coding = json.loads((folder / "coding.json").read_text(encoding="utf-8"))
    for document in coding["documents"]:
        content = (folder / document["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == document["sha256"]
        text = content.decode("utf-8")
        for extract in coding["extracts"]:
            if extract["document"] == document["id"]:
                assert text[extract["start"] : extract["end"]] == extract["quote"]


def test_configuration_survives_toml(tiny):
    assert tomllib.loads(study_files(tiny)["study.toml"].decode("utf-8")) == tiny.config


@given(
    st.recursive(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"])),
            st.integers(-(2**62), 2**62),
            st.booleans(),
            st.dates(date(1, 1, 1)),
        ),
        lambda leaf: st.one_of(
            st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3),
            st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), leaf, max_size=3),
            st.lists(
                st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), leaf, max_size=3),
                min_size=1,
                max_size=2,
            ),
        ),
        max_leaves=8,
    ).filter(lambda value: True)
)
def test_any_configuration_can_be_written_as_toml(value):
    config = {"first": 1, "value": value}
    assert tomllib.loads(toml_text(config)) == config


def test_cells_are_written_as_a_study_reads_them():
    table = pd.DataFrame(
        {
            "name": pd.Series(["a, b", 'say "yes"', None], dtype="str"),
            "day": pd.to_datetime(["2024-02-29", None, "1900-01-01"]),
            "count": pd.array([1, None, 3], dtype="Int64"),
            "answered": pd.array([True, False, None], dtype="boolean"),
            "score": [1.0, 2.5, None],
        }
    )
    assert csv_bytes(table).decode("utf-8").splitlines() == [
        "name,day,count,answered,score",
        '"a, b",2024-02-29,1,yes,1',
        '"say ""yes""",,,no,2.5',
        ",1900-01-01,3,,",
    ]
