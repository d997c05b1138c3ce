"""Somebody who was erased does not come back: not by an old copy, another coder's copy, or a text that quotes them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from cop_analysis.cli import app
from cop_analysis.realist import Coding, Extract, Memo, merge_codings, write_coding
from cop_analysis.realist.store import CodingError, read_pair, read_source
from tests.realist.store.test_erasure import GROUP, SAID, everything_kept

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own

ROUND = "P01 and Agnieszka's sister"


@pytest.fixture
def group(study_folder, opened):
    """A focus group in which P01 speaks; and a copy of the coding with a second coder's work from before they left."""
    (study_folder / "documents" / "D04.txt").write_text(GROUP, encoding="utf-8")
    with (study_folder / "documents.csv").open("a", encoding="utf-8") as file:
        file.write("D04,D04.txt,focus group,P01; P02; P03,Group\n")
    coding = opened()
    coding.add_document("D04", coder="a")
    coding.memo(f"{ROUND} rang.", id="m1", coder="a")
    old = coding.still()
    start = GROUP.index(SAID)
    said = Extract("xb1", "D04", start, start + len(SAID), SAID, "c1", "b", "", "", "", "")
    beside = Extract("xb2", "D04", *_place("rang each other"), "rang each other", "c3", "b", "", SAID[:20], "", "")
    memo = Memo("mb1", f'As agnieszka put it: "{SAID}"', coder="b")
    return coding, old.with_records(said, beside, memo)


def _place(quote: str) -> tuple[int, int]:
    return GROUP.index(quote), GROUP.index(quote) + len(quote)


def test_another_coders_copy_brings_neither_their_turn_nor_their_name(group):
    coding, old = group
    coding.add_extract("D04", quote=SAID, code="c1", coder="a")
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    for _ in range(2):
        assert coding.merge(old, coder="b").empty
        kept = everything_kept(coding)
        for word in ("Agnieszka", "agnieszka", SAID, "xb1"):
            assert word not in kept, word
        assert "P01" not in coding.memos["text"].str.cat()
    assert coding.memos["text"].tolist() == ["[erased] and [erased]'s sister rang.", 'As [erased] put it: "[erased]."']
    assert coding.find(Extract, "xb2").suffix == ""
    assert "erased before kept out" in coding.log()["note"].str.cat()
    before = coding.seq
    coding.merge(old, coder="b")
    assert coding.seq == before, "nothing is new in it any more"


def test_a_text_that_was_erased_is_known_under_any_identifier(coding):
    copy = coding.still()
    coding.erase_person("P01", coder="a")
    moved = replace(copy.snapshot, documents=tuple(
        replace(one, id="D77") if one.id == "D01" else one for one in copy.snapshot.documents
    ), extracts=tuple(replace(one, id=f"y{one.id}", document="D77") if one.document == "D01" else one
                      for one in copy.snapshot.extracts), evidence=(), memos=())  # fmt: skip
    coding.merge(Coding(moved), coder="b")
    assert "D77" not in coding.documents["document"].tolist()
    assert not coding.extracts["document"].isin(["D01", "D77"]).any()


def test_a_merge_into_a_file_of_its_own_keeps_them_out_as_well(group, study_folder, tmp_path_factory):
    coding, old = group
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    coding.close()
    place = tmp_path_factory.mktemp("old")
    write_coding(old, place / "old.json")
    for pair in ((study_folder, place / "old.json"), (place / "old.json", study_folder)):
        merged = merge_codings(*read_pair(*pair)).coding
        assert "D01" not in merged.documents["document"].tolist()
        assert not merged.memos["text"].str.contains("gnieszka").any()
    out = place / "out.json"
    ran = CliRunner().invoke(app, ["coding", "merge", str(study_folder), str(place / "old.json"), "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "gnieszka" not in out.read_text(encoding="utf-8")


def test_a_changed_coding_json_does_not_bring_them_back_either(group, study_folder, opened):
    coding, old = group
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    coding.close()
    write_coding(old, study_folder)
    with pytest.warns(UserWarning, match="changed outside the database"):
        again = opened()
    assert "D01" not in again.documents["document"].tolist()
    assert "gnieszka" not in (study_folder / "coding.json").read_text(encoding="utf-8")


def test_what_is_remembered_cannot_be_read_and_is_salted(group, study_folder):
    coding, _ = group
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    with coding._store.reading() as connection:
        rows = connection.execute(text("SELECT * FROM tombstone")).all()
        turns = connection.execute(text("SELECT document, start, stop FROM erased_turn")).all()
    assert {row.what for row in rows} == {"record", "text", "name", "passage"}
    assert len({row.salt for row in rows}) == 1
    assert all(len(row.salt) == 32 and len(row.digest) == 64 for row in rows)
    assert [(one.document, one.start) for one in turns] == [("D04", GROUP.index("P01: "))]


def test_doing_it_again_is_safe_and_leaves_the_log_alone(group):
    coding, _ = group
    first = coding.erase_person("P01", names=["Agnieszka"], coder="a")
    assert not first.nothing
    before = coding.seq
    again = coding.erase_person("p01", names=["agnieszka"], coder="a")
    assert again.nothing
    assert again.remains
    assert coding.seq == before
    with pytest.raises(CodingError, match="Check the pseudonym"):
        coding.erase_person("P01", names=["Bogna"], coder="a")


def test_what_was_coded_in_a_document_that_left_the_coding_goes_from_the_log(coding):
    coding.delete_document("D01", extracts="delete", coder="a")
    assert "I rang the hospital" in everything_kept(coding)
    done = coding.erase_person("P01", coder="a")
    assert done.records == 0
    assert done.entries > 0
    assert "I rang the hospital" not in everything_kept(coding)


def test_a_passage_that_moved_or_lost_its_place_is_known_by_its_words(group, study_folder):
    coding, _ = group
    said = coding.add_extract("D04", quote=SAID, code="c1", coder="a")
    longer = GROUP.replace("Who rang?", "Who rang, and when did they ring?")
    (study_folder / "documents" / "D04.txt").write_text(longer, encoding="utf-8")
    with pytest.raises(CodingError, match=r"D04.*is not the one that was coded.*replace_document"):
        coding.erase_person("P01", coder="a")
    assert coding.find(Extract, said.id).quote == SAID, "nothing was changed"
    coding.replace_document("D04", coder="a")
    coding.delete_extract(coding.find(Extract, said.id), coder="a")
    coding.erase_person("P01", coder="a")
    assert SAID not in everything_kept(coding)


def test_a_passage_nobody_labelled_is_named_by_its_identifier(coding):
    unlabelled = coding.add_extract("D02", 0, 20, "c1", coder="a")
    coding.memo(f"I keep thinking of: {unlabelled.quote}", coder="a")
    done = coding.erase_person("P01", extracts=[unlabelled], coder="a")
    assert unlabelled.id not in coding.extracts["extract"].tolist()
    assert done.records > 1
    with pytest.raises(CodingError, match="no extract 'nowhere'"):
        coding.erase_person("P01", extracts=["nowhere"], coder="a")


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("Jose\u0301 rang", "José"),
        ("O\u2019BRIEN rang", "O'Brien"),
        ("Mary\u00a0 Ann's rang", "Mary Ann"),
        ("P01_notes.txt rang", "p01"),
        ("\u7530\u4e2d\u3055\u3093 rang", "\u7530\u4e2d"),
        ("Straße rang", "STRASSE"),
        ("so\u00adphie rang", "Sophie"),
    ],
)
def test_a_name_is_found_however_it_is_spelled(coding, written, given):
    coding.memo(written, coder="a")
    coding.erase_person("P09", names=[given], coder="a")
    left = coding.memos["text"].tolist()[-1]
    assert left.startswith("[erased]")
    assert left.endswith("rang")


def test_a_name_that_could_be_any_word_is_left_and_said(coding):
    coding.memo("P1 scored 7 of 10", coder="a")
    done = coding.erase_person("P1", names=["7"], coder="a")
    assert coding.memos["text"].tolist()[-1] == "[erased] scored 7 of 10"
    assert any("'7' is too short" in one for one in done.remains)
    with pytest.raises(CodingError, match="holds no letter or digit"):
        coding.erase_person("P1", names=["--"], coder="a")


def test_who_did_a_change_and_where_it_came_from_are_redacted(coding, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "from P01.json"
    write_coding(coding.still().with_records(replace(coding.snapshot.codes[0], name="Other")), other)
    coding.merge(other)
    assert "P01" in everything_kept(coding)
    shutil.rmtree(other.parent)
    coding.erase_person("P01", coder="a")
    assert not {"from P01.json"} & set(coding.log()["who"])
    assert not coding.conflicts["source"].str.contains("P01").any()


def test_looking_counts_and_changes_nothing(group):
    coding, _ = group
    before = coding.still(), coding.seq
    looked = coding.erase_person("P01", names=["Agnieszka"], coder="a", look=True)
    assert (coding.still(), coding.seq) == before
    done = coding.erase_person("P01", names=["Agnieszka"], coder="a")
    assert done.sentence == looked.sentence


def test_read_source_still_reads_a_database(coding, study_folder):
    coding.add_code("Trust", coder="a")
    assert read_source(study_folder) == coding.still()
