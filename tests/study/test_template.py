"""A new study: made from the contracts, checked without fault, and nothing is ever overwritten."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.study import CONTRACTS, check_folder, new_study, open_study
from cop_analysis.study.cells import read_column
from cop_analysis.study.settings import parse_settings
from cop_analysis.study.template import guide_text, settings_text, study_key, table_text


def test_a_new_study_opens_with_every_table_absent(tmp_path):
    folder = new_study(tmp_path / "My forum")
    assert {fault.severity for fault in check_folder(folder)} == {"notice"}
    study = open_study(folder)
    assert (study.key, study.title, study.is_simulated) == ("my_forum", "My forum", False)
    assert all(study.table(name) is None for name in CONTRACTS)


def test_an_example_study_fills_every_table_and_says_it_is_simulated(tmp_path):
    study = open_study(new_study(tmp_path / "example", example=True))
    assert study.is_simulated
    assert study.notices == ()
    assert all(study.table(name) is not None for name in CONTRACTS)
    assert study.read_document("D01").startswith("INTERVIEWER: This is an invented example.")


def test_a_folder_that_is_not_empty_is_left_as_it_is(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="is not empty"):
        new_study(tmp_path)
    with pytest.raises(ValueError, match="is a file"):
        new_study(tmp_path / "notes.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    assert new_study(tmp_path / "empty").name == "empty"


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_templates_and_guide_say_what_the_contracts_say(name):
    contract = CONTRACTS[name]
    assert next(csv.reader([table_text(contract)])) == list(contract.column_names)
    guide = guide_text()
    assert f"## {contract.file}" in guide
    for column in contract.columns:
        assert f"| {column.name} |" in guide
        assert column.meaning in guide


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_the_examples_of_the_contracts_are_values_of_their_kind(name):
    import numpy as np

    for column in CONTRACTS[name].columns:
        assert column.meaning
        assert read_column(np.array([column.example], dtype=object), column)[1] == []


def test_tables_open_as_utf_8_in_a_spreadsheet(tmp_path):
    content = (new_study(tmp_path / "new") / "people.csv").read_bytes()
    assert content == b"\xef\xbb\xbfperson,organisation,role,joined,left,consent\r\n"


def test_every_commented_section_of_the_template_is_valid_once_the_comment_is_taken_away():
    text = settings_text("forum", "The forum", example=True)
    live = "\n".join(
        line[2:] if line.startswith("# ") and ("= " in line or line.startswith("# [[")) else line
        for line in text.split("\n")
        if not line.startswith("# Where the data come from")
    )
    settings = parse_settings(live)
    assert [fault.sentence for fault in settings.faults] == []
    assert settings.config.stated[0].value == 360
    assert settings.config.periods[0].label == "Pilot"


@given(st.text(max_size=90))
def test_any_folder_name_gives_a_key_and_title_that_are_read(name):
    from cop_analysis.study.template import _title

    settings = parse_settings(settings_text(study_key(name), _title(name)))
    assert settings.faults == []
