"""A fault says once what is wrong and names the command, the button or the line that puts it right."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from cop_analysis import open_study
from cop_analysis.study import check_folder, new_study, summarise
from cop_analysis.study.settings import parse_settings
from cop_analysis.study.template import settings_text

NEW = settings_text("forum", "The forum")


def freed(text: str, *lines: str) -> str:
    """Take the #~ away from the first lines that begin like these."""
    for line in lines:
        assert f"#~ {line}" in text
        text = text.replace(f"#~ {line}", line, 1)
    return text


# --- sections switched on by halves ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ['key = "baseline"', "minimum = 1", 'before = "baseline"', "directed = true"])
def test_a_key_without_its_header_is_one_fault_that_names_both_lines(key):
    text = freed(NEW, key)
    (fault,) = parse_settings(text).faults
    line = text.split("\n").index(key) + 1 if key in text.split("\n") else fault.row
    assert fault.row == line
    assert "still begins with #~" in fault.rule
    header = int(re.search(r"\(line (\d+)\)", fault.rule)[1])
    assert text.split("\n")[header - 1].startswith("#~ [")
    assert "take the #~ away from every line of the section" in fault.fix


def test_a_hash_taken_away_without_its_wave_is_said():
    (fault,) = parse_settings(NEW.replace("#~ [[relations]]", "~ [[relations]]")).faults
    assert fault.sentence.endswith("still begins with ~; take the ~ away as well as the #.")


def test_every_section_can_be_switched_on_alone_and_an_optional_line_may_stay_behind():
    blocks = re.findall(r"(?:^#~.*\n)+", NEW, flags=re.MULTILINE)
    assert len(blocks) >= 5
    for block in blocks:
        on = NEW.replace(block, re.sub(r"^#~ ?", "", block, flags=re.MULTILINE))
        assert not [fault for fault in parse_settings(on).faults if "#~" in fault.rule]
    text = freed(NEW, "[[relations]]", 'key = "advice"')
    assert parse_settings(text).faults == []


def test_a_new_study_toml_says_what_its_marks_mean():
    assert "Lines that begin with #~ are sections to be switched on" in NEW


# --- what puts it right ----------------------------------------------------------------------------------------------


def test_files_of_other_programs_name_the_command_that_brings_them_in(tmp_path):
    folder = new_study(tmp_path / "forum", example=True)
    for name in ("old.qdpx", "book.qdc", "talk.docx", "call.vtt", "advice.graphml"):
        (folder / name).write_bytes(b"x")
    said = {fault.file: fault.fix for fault in check_folder(folder)}
    assert "cop coding import" in said["old.qdpx"]
    assert "cop coding import" in said["book.qdc"]
    assert "cop workbench" in said["talk.docx"]
    assert "cop workbench" in said["call.vtt"]
    assert "cop network import" in said["advice.graphml"]


def test_word_and_captions_in_documents_name_the_workbench_once(tmp_path):
    folder = new_study(tmp_path / "forum", example=True)
    for number in range(9):
        (folder / "documents" / f"talk{number}.docx").write_bytes(b"PK\x03\x04")
    (folder / "documents" / "notes.txt").write_text("Notes")
    word, plain = check_folder(folder)
    assert "names 9 texts in it (talk0.docx" in word.rule
    assert "and 4 more" in word.rule
    assert "cop workbench, Documents" in word.fix
    assert "names 1 text in it (notes.txt)" in plain.rule


def test_one_mistake_in_many_rows_is_one_sentence(tmp_path):
    folder = new_study(tmp_path / "forum", example=True)
    table = folder / "survey.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("q01", "q91"), encoding="utf-8")
    lines = summarise(check_folder(folder))
    assert len(lines) == 1
    assert "in 5 rows (2, 3, 4, 5, 6)" in lines[0]


# --- survey codes ----------------------------------------------------------------------------------------------------


@pytest.fixture
def anonymous(tmp_path):
    folder = new_study(tmp_path / "forum", example=True)
    survey = pd.DataFrame(
        [
            (person, wave, "confidence", "q01", 3)
            for wave in ("baseline", "follow_up")
            for person in ("P01", "P02", "x9")
        ],
        columns=["person", "wave", "instrument", "item", "score"],
    )
    survey.to_csv(folder / "survey.csv", index=False)

    def declare(ids: str):
        text = (folder / "study.toml").read_text(encoding="utf-8")
        for wave in ("baseline", "follow_up") if ids else ():
            text = text.replace(f'key = "{wave}"\n', f'key = "{wave}"\nids = "{ids}"\n', 1)
        (folder / "study.toml").write_text(text, encoding="utf-8")
        return folder

    return declare


def test_declared_survey_codes_are_nobody_s_ids_and_no_note(anonymous):
    folder = anonymous("survey codes")
    assert [fault for fault in check_folder(folder) if fault.column == "person"] == []
    study = open_study(folder)
    assert set(study.survey["person"]) == {"code P01", "code P02", "code x9"}
    assert study.survey["person"].isin(study.people["person"]).sum() == 0


def test_a_code_written_like_a_person_does_not_go_when_that_person_withdraws(anonymous):
    folder = anonymous("survey codes")
    people = folder / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("yes", "withdrawn"), encoding="utf-8")
    assert len(open_study(folder).survey) == 6


@pytest.mark.parametrize(("ids", "noted"), [("", 2), ("people", 2)])
def test_other_ids_are_held_against_people_and_the_note_names_the_declaration(anonymous, ids, noted):
    faults = [
        fault for fault in check_folder(anonymous(ids)) if fault.column == "person" and "not in people" in fault.rule
    ]
    assert len(faults) == noted
    assert all('ids = "survey codes"' in fault.fix or "write " in fault.fix for fault in faults)
    assert set(open_study(anonymous("")).survey["person"]) == {
        "P01", "P02", "x9",
    }  # fmt: skip
