"""Somebody who was erased does not come back: not by an old copy, another coder's copy, or a text that quotes them."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from cop_analysis import open_study
from cop_analysis.cli import app
from cop_analysis.realist import Coding, Extract, Memo, merge_codings, read_coding, write_coding, write_qdpx
from cop_analysis.realist.coding import read_pair, read_source
from cop_analysis.realist.store import CodingError
from cop_analysis.study import StudyError
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
    coding.memos.add(f"{ROUND} rang.", id="m1", coder="a")
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


def erased_from(folder):
    return json.loads((folder / "coding.json").read_text(encoding="utf-8")).get("erased")


@pytest.fixture
def sqlite_group(sqlite_folder):
    """The focus group again, in a study whose database is a file."""
    (sqlite_folder / "documents" / "D04.txt").write_text(GROUP, encoding="utf-8")
    with (sqlite_folder / "documents.csv").open("a", encoding="utf-8") as file:
        file.write("D04,D04.txt,focus group,P01; P02; P03,Group\n")
    with open_study(sqlite_folder).coding as coding:
        coding.add_document("D04", coder="a")
        coding.add_extract("D04", quote=SAID, code="c1", coder="a")
        coding.memos.add(f"{ROUND} rang.", id="m1", coder="a")
        old = coding.still()
        assert erased_from(sqlite_folder) is None, "a coding without erasures says nothing of them"
        coding.erase_person("P01", names=["Agnieszka"], coder="a")
    return sqlite_folder, old


def test_a_database_rebuilt_from_coding_json_still_keeps_them_out(sqlite_group):
    folder, old = sqlite_group
    (folder / "coding.db").unlink()
    with open_study(folder).coding as rebuilt:
        before = (folder / "coding.json").read_bytes()
        rebuilt.merge(old, coder="b")
        # Nothing of it may come back, so nothing changed, and what changes nothing makes no database.
        assert not (folder / "coding.db").exists()
        assert (folder / "coding.json").read_bytes() == before
        rebuilt.add_code("A later code", coder="b")
        rebuilt.merge(old, coder="b")
        kept = everything_kept(rebuilt)
        for word in ("Agnieszka", SAID, "I rang the hospital"):
            assert word not in kept, word
        assert "D01" not in rebuilt.documents["document"].tolist()
        rebuilt.undo("b")
        rebuilt.save()
    assert (folder / "coding.json").read_bytes() == before
    assert "P01" not in before.decode("utf-8")


def test_coding_json_tells_of_the_erased_in_salted_checksums_only(sqlite_group):
    folder, _ = sqlite_group
    erased = erased_from(folder)
    assert {one["what"] for one in erased} == {"record", "text", "name", "passage", "turn"}
    for one in erased:
        assert set(one) <= {"what", "salt", "digest", "words", "start", "stop"}
        assert re.fullmatch("[0-9a-f]{32}", one["salt"])
        assert re.fullmatch("[0-9a-f]{64}", one["digest"])
    assert sorted(erased, key=lambda one: (one["what"], one["salt"], one["digest"])) == erased


def test_a_copy_of_coding_json_loses_nothing_of_it_and_a_project_takes_none_of_it_along(sqlite_group, tmp_path_factory):
    folder, old = sqlite_group
    place = tmp_path_factory.mktemp("copies")
    coding = read_coding(folder)
    write_coding(coding, place / "again.json")
    assert (place / "again.json").read_bytes() == (folder / "coding.json").read_bytes()
    write_coding(old, place / "old.json")
    for pair in (("again.json", "old.json"), ("old.json", "again.json")):
        merged = merge_codings(*read_pair(*(place / name for name in pair))).coding
        assert "D01" not in merged.documents["document"].tolist()
        assert merged.snapshot.erased == coding.snapshot.erased
    coding = Coding(coding.snapshot, open_study(folder).read_document)
    write_qdpx(coding, place / "out.qdpx")
    with zipfile.ZipFile(place / "out.qdpx") as archive:
        digests = [one.digest.encode() for one in coding.snapshot.erased]
        assert not any(one in archive.read(name) for name in archive.namelist() for one in digests)


def test_who_was_erased_at_a_colleagues_is_taken_out_here_and_said(sqlite_group, tmp_path_factory):
    folder, old = sqlite_group
    mine = tmp_path_factory.mktemp("mine") / "study"
    shutil.copytree(folder, mine)
    (mine / "coding.db").unlink()
    write_coding(old, mine)
    with open_study(mine).coding as coding:
        coding.memos.add("Mine.", coder="b")
        with pytest.warns(UserWarning, match=r"erased elsewhere: \d+ records were taken out here.*erase them here"):
            coding.merge(folder / "coding.json", coder="b")
        assert "D01" not in coding.documents["document"].tolist()
        assert not coding.memos["text"].str.contains("gnieszka").any()
        assert "Mine." in coding.memos["text"].tolist()
        seq = coding.seq
        coding.merge(old, coder="b")
        assert coding.seq == seq, "the old copy brings nothing back"
    assert erased_from(mine) == erased_from(folder)


def test_two_erasures_with_a_salt_each_are_both_remembered(sqlite_group, tmp_path_factory):
    folder, old = sqlite_group
    other = tmp_path_factory.mktemp("other") / "study"
    shutil.copytree(folder, other)
    (other / "coding.db").unlink()
    write_coding(old, other)
    with open_study(other).coding as coding:
        coding.memos.add("Bogna agrees.", id="m9", coder="b")
        later = coding.still()
        coding.erase_person("P03", names=["Bogna"], coder="b")
    with open_study(folder).coding as coding:
        with pytest.warns(UserWarning, match="3 records were taken out here"):
            coding.merge(other, coder="a")
        assert len({one["salt"] for one in erased_from(folder)}) == 2
        coding.merge(later.with_records(Memo("m10", "Agnieszka met Bogna.", coder="b")), coder="a")
        assert "[erased] met [erased]." in coding.memos["text"].tolist()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"erased": {}', "is not a list of checksums"),
        ('"erased": [{"what": "name", "salt": "Agnieszka", "digest": "00"}]', "is not hexadecimal"),
        ('"erased": [{"what": "nmae", "salt": "", "digest": ""}]', "is not a what this workbench knows"),
        ('"erased": [{"what": "name"}]', "is missing"),
    ],
)
def test_checksums_at_fault_are_named(sqlite_folder, line, said):
    path = sqlite_folder / "coding.json"
    path.write_text(path.read_text(encoding="utf-8").replace("{", "{" + line + ", ", 1), encoding="utf-8")
    with pytest.raises(StudyError, match=said):
        read_coding(path)


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
    coding.documents.delete("D01", extracts="delete", coder="a")
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
    with pytest.raises(CodingError, match=r"D04.*is not the one that was coded.*cop coding replace STUDY D04"):
        coding.erase_person("P01", coder="a")
    assert coding.find(Extract, said.id).quote == SAID, "nothing was changed"
    coding.replace_document("D04", coder="a")
    coding.extracts.delete(coding.find(Extract, said.id), coder="a")
    coding.erase_person("P01", coder="a")
    assert SAID not in everything_kept(coding)


def test_a_passage_nobody_labelled_is_named_by_its_identifier(coding):
    unlabelled = coding.add_extract("D02", 0, 20, "c1", coder="a")
    coding.memos.add(f"I keep thinking of: {unlabelled.quote}", coder="a")
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
    coding.memos.add(written, coder="a")
    coding.erase_person("P09", names=[given], unlisted=True, coder="a")
    left = coding.memos["text"].tolist()[-1]
    assert left.startswith("[erased]")
    assert left.endswith("rang")


def test_a_name_that_could_be_any_word_is_left_and_said(coding):
    coding.memos.add("P1 scored 7 of 10", coder="a")
    done = coding.erase_person("P1", names=["7"], unlisted=True, coder="a")
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


def test_passages_of_every_length_are_remembered_in_few_lengths_and_known_by_a_part(sqlite_folder):
    said = " ".join(f"word{number}" for number in range(90))
    (sqlite_folder / "documents" / "D01.txt").write_text(f"P01: {said}", encoding="utf-8")
    coding = open_study(sqlite_folder).coding
    with coding.by("a"):
        coding.replace_document("D01")
        for words in (*range(3, 90, 9), 90):
            coding.add_extract("D01", quote=" ".join(said.split()[:words]), code="c1")
        older = Memo("late", f"so {' '.join(said.split()[20:50])} then", coder="a")
        whole = Memo("whole", f"all: {said}.", coder="a")
        theirs = coding.still().with_records(older, whole)
        coding.erase_person("P01")
        coding.merge(theirs)
    marks = [one for one in read_coding(sqlite_folder).snapshot.erased if one.what == "passage"]
    assert max(one.words for one in marks) == 6
    assert len(marks) < 50
    left = dict(zip(coding.memos["memo"], coding.memos["text"], strict=True))
    assert left["whole"] == "all: [erased]."
    assert re.fullmatch(r"so (word\d+ ){0,5}\[erased\]( word\d+){0,5} then", left["late"])
    coding.close()


def test_no_few_words_come_back_before_or_after_a_passage_nor_what_nobody_had_coded(group):
    coding, old = group
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    # The colleague's text was an earlier one: nothing is known by its place in it, and 32 characters hold few words.
    start = GROUP.index(SAID)
    moved = Extract("xc1", "D04", 3, 19, "rang each other!", "c1", "b", SAID[:32], SAID[-32:], "", "")
    ours = next(one for one in coding.snapshot.extracts if one.document == "D02")
    dirty = replace(ours, prefix=SAID[:32], suffix=SAID[-32:])
    turn = GROUP[start : GROUP.index("\n", start)]
    memo = Memo("mc1", f"A colleague copied: {turn}", coder="b")
    documents = [replace(one, sha256="0" * 64) for one in old.snapshot.documents if one.id == "D04"]
    coding.merge(old.with_records(*documents, moved, dirty, memo), coder="b")
    brought = coding.find(Extract, "xc1")
    assert (brought.prefix, brought.suffix) == ("", "")
    assert coding.find(Extract, ours.id) == ours, "what stands around our own passage stays"
    kept = everything_kept(coding)
    assert not any(piece in kept for piece in (SAID[:32], SAID[-32:], SAID[:20], SAID[-20:]))
    assert turn not in coding.memos["text"].str.cat()


def test_two_erasures_each_unknown_to_the_other_leave_only_what_both_have_alike(sqlite_group, tmp_path):
    folder, old = sqlite_group
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "coding.db").unlink()
    write_coding(old, other)
    with open_study(other).coding as coding:
        coding.erase_person("P03", coder="b")
        hidden = next(one for one in coding.snapshot.extracts if one.document == "D02")
        leak = replace(hidden, prefix="the words of the first")
        coding.transact("test", lambda _: {("extracts", leak.id): leak}, coder="b")
    for pair in ((folder, other), (other, folder)):
        ours, theirs, _ = read_pair(*pair)
        for one in (ours, theirs):
            assert next(each for each in one.snapshot.extracts if each.id == leak.id).prefix == ""


def test_what_they_said_and_nobody_had_coded_is_known_in_an_old_copy(group):
    coding, old = group
    coding.erase_person("P01", coder="a")
    memo = Memo("mc2", f"Copied from the group: {SAID} Brave.", coder="b")
    coding.merge(Coding(replace(old.snapshot, extracts=(), memos=(memo,), evidence=(), ripples=())), coder="b")
    assert coding.memos["text"].tolist()[-1] == "Copied from the group: [erased]. Brave."
