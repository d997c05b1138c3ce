"""A Study: typed tables, periods, documents, coding and provenance."""

from __future__ import annotations

import hashlib
import pickle

import numpy as np
import pandas as pd
import pytest

import cop_analysis
from cop_analysis.study import Study, StudyError, open_study

CONFIG = {
    "key": "forum",
    "title": "The forum",
    "provenance": "collected",
    "waves": [{"key": "baseline"}, {"key": "follow_up", "label": "After"}],
    "instruments": [{"key": "confidence", "minimum": 1, "maximum": 5, "items": [{"key": "q01"}]}],
    "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5}],
}


def test_columns_have_the_type_of_their_kind_and_the_rows_their_numbers():
    study = Study.from_tables(
        CONFIG,
        people=pd.DataFrame({"person": ["P1", "P2"], "joined": ["2024-01-01", None]}),
        events=pd.DataFrame({"event": ["E1"], "date": pd.to_datetime(["2024-02-20"]), "signed_up": [5.0]}),
        survey=pd.DataFrame({"person": ["P1"], "wave": ["baseline"], "item": ["q01"], "score": [4]}),
        rosters=pd.DataFrame({"person": ["P1"], "wave": ["baseline"], "asked": [True], "answered": ["no"]}),
    )
    assert study.people.index.tolist() == [2, 3]
    assert study.people.index.name == "row"
    assert study.people["joined"].dtype == "datetime64[ns]"
    assert study.people["organisation"].isna().all()
    assert study.events["signed_up"].dtype == "Int64"
    assert study.events["status"].tolist() == ["held"]
    assert study.survey["instrument"].tolist() == ["confidence"]
    assert study.survey["score"].dtype == np.float64
    assert study.rosters["answered"].dtype == "boolean"
    assert study.ties is None


def test_a_table_handed_out_can_be_changed_without_changing_the_study():
    study = Study.from_tables(CONFIG, people=pd.DataFrame({"person": ["P1"]}))
    people = study.people
    people.loc[2, "person"] = "X"
    assert study.people["person"].tolist() == ["P1"]


def test_broken_tables_and_settings_raise_with_every_fault():
    with pytest.raises(StudyError) as caught:
        Study.from_tables({**CONFIG, "colour": 1}, people=pd.DataFrame({"person": ["P1", "P1"], "left": ["soon", ""]}))
    assert [(fault.file, fault.row) for fault in caught.value.faults] == [
        ("study.toml", None),
        ("people.csv", 2),
        ("people.csv", 3),
    ]
    assert pickle.loads(pickle.dumps(caught.value)).faults == caught.value.faults


def test_unknown_names_are_refused_with_the_nearest():
    study = Study.from_tables(CONFIG)
    with pytest.raises(ValueError, match="'survey' is near"):
        study.table("surveys")
    with pytest.raises(ValueError, match="no table 'peple'; 'people' is near"):
        Study.from_tables(CONFIG, peple=pd.DataFrame())
    with pytest.raises(ValueError, match="no instrument 'x'; it has confidence"):
        study.instrument("x")
    assert study.instrument().key == "confidence"
    assert [wave.name for wave in study.waves] == ["baseline", "After"]


def a_year(period: str) -> Study:
    return Study.from_tables(
        CONFIG,
        None,
        period,
        people=pd.DataFrame({"person": ["P1"]}),
        events=pd.DataFrame({"event": ["E1", "E2", "E3"], "date": ["2023-03-31", "2023-04-01", "2024-03-31"]}),
        attendance=pd.DataFrame({"event": ["E1", "E2", "E3"], "count": [1, 2, 3]}),
        ratings=pd.DataFrame({"event": ["E1", "E3"], "item": ["relevance"] * 2, "score": [1, 2]}),
        survey=pd.DataFrame({"person": ["P1"], "wave": ["baseline"], "item": ["q01"], "score": [4]}),
        outputs=pd.DataFrame(
            {
                "output": ["O1", "O2", "O3", "O4"],
                "title": ["due", "done", "before", "undated"],
                "planned_date": ["2023-06-01", "2022-06-01", "2022-06-01", None],
                "done_date": [None, "2023-06-01", "2022-07-01", None],
            }
        ),
        changes=pd.DataFrame({"change": ["C1"], "date": ["2022-01-01"], "what": ["Moved"]}),
    )


def test_a_period_restricts_events_and_what_hangs_on_them_and_nothing_of_the_waves():
    study = a_year("2023/24")
    assert study.events["event"].tolist() == ["E2", "E3"]
    assert study.events.index.tolist() == [3, 4]
    assert study.attendance["count"].tolist() == [2, 3]
    assert study.ratings["event"].tolist() == ["E3"]
    assert study.outputs["title"].tolist() == ["due", "done"]
    assert study.changes is None
    assert study.is_empty_in_period("changes")
    assert len(study.survey) == len(study.people) == 1
    assert len(a_year("").events) == 3


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2023/25", "2023/24"),
        ("last year", "is not a period"),
        ("2023-24", "is not a period"),
        ("99999", "not a period"),
    ],
)
def test_a_period_that_is_none_is_refused_in_a_sentence(period, words):
    with pytest.raises(ValueError, match=words):
        a_year(period)


def test_documents_are_read_without_byte_order_mark_and_with_plain_line_ends(folder):
    (folder / "documents" / "D01_example.txt").write_bytes(b"\xef\xbb\xbfP01: caf\xc3\xa9\r\nand\rmore")
    study = open_study(folder)
    assert study.read_document("D01") == "P01: café\nand\nmore"
    with pytest.raises(ValueError, match="no document 'D02'; 'D01' is near"):
        study.read_document("D02")
    (folder / "documents" / "D01_example.txt").unlink()
    with pytest.raises(ValueError, match="cannot be read"):
        study.read_document("D01")


def test_a_document_swapped_for_a_link_out_of_the_folder_is_not_read(folder, tmp_path):
    study = open_study(folder)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "documents" / "D01_example.txt").unlink()
    (folder / "documents" / "D01_example.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(ValueError, match="leads outside the folder documents/"):
        study.read_document("D01")


def test_coding_is_read_once_by_the_reader_handed_in(folder):
    calls = []

    def reader(path, study):
        calls.append((path.name, study.key))
        return {"codes": 3}

    assert open_study(folder, coding_reader=reader).coding is None
    (folder / "coding.json").write_text("{}")
    study = open_study(folder, coding_reader=reader)
    assert study.coding is study.coding
    assert calls == [("coding.json", "forum")]


def test_the_files_of_a_study_are_listed_with_what_identifies_them(folder):
    files = {file.name: file for file in open_study(folder).files()}
    toml = (folder / "study.toml").read_bytes()
    assert files["study.toml"].sha256 == hashlib.sha256(toml).hexdigest()
    assert files["study.toml"].size == len(toml)
    assert "documents/D01_example.txt" in files
    assert "README.md" not in files
    assert Study.from_tables(CONFIG).files() == ()


def test_audiences_that_need_disclosure_control_are_refused(folder):
    for audience in ("review", "public"):
        with pytest.raises(ValueError, match="would not be withheld"):
            open_study(folder, audience=audience)
    with pytest.raises(ValueError, match="is not an audience"):
        open_study(folder, audience="everyone")


def test_the_package_opens_a_study_and_loads_its_rooms_when_asked(folder):
    assert cop_analysis.open_study(folder).key == "forum"
    assert cop_analysis.study.Study is Study
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cop_analysis.nothing
    assert "open_study" in dir(cop_analysis)


def test_there_is_one_way_into_a_study_and_it_gives_the_coding(folder):
    import cop_analysis
    from cop_analysis.realist import Code, Coding, Snapshot, write_coding

    write_coding(Coding(Snapshot("forum", codes=(Code("c1", "Trust"),))), folder)
    assert cop_analysis.open_study is open_study
    assert open_study(folder).coding.codes["name"].tolist() == ["Trust"]
