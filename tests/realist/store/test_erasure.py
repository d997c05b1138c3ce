"""A person withdraws: nothing of them is left in the records, the log, the conflicts, the files; a count is."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import pytest
from sqlalchemy import text

from cop_analysis import open_study
from cop_analysis.realist import Code, Configuration, Document, Extract, read_coding
from cop_analysis.realist.coding import read_source
from cop_analysis.realist.erasure.tombstones import Tombstones
from cop_analysis.realist.store import CodingError
from cop_analysis.realist.store.migrate import back_up

GROUP = (
    "INTERVIEWER: Who rang?\n\nP02: We rang each other all winter.\n\nP01: My sister Agnieszka told me to ring.\n\n"
    "P03: That was brave of her."
)
SAID = "My sister Agnieszka told me to ring."


@pytest.fixture
def group(study_folder, opened):
    """A coding with a focus group, in which much is said of P01 and by them."""
    (study_folder / "documents" / "D04.txt").write_text(GROUP, encoding="utf-8")
    with (study_folder / "documents.csv").open("a", encoding="utf-8") as file:
        file.write("D04,D04.txt,focus group,P01; P02; P03,Group\n")
    coding = opened()
    with coding.by("a"):
        coding.add_document("D04")
        said = coding.add_extract("D04", quote=SAID, code="c1", memo="moving")
        beside = coding.add_extract("D04", quote="We rang each other all winter.", code="c3")
        after = coding.add_extract("D04", quote="That was brave of her.", code="c2")
        coding.link_evidence(said, "cmo10", "supports", reason="Agnieszka again")
        coding.link_evidence(beside, "cmo10", "supports", reason="like p01, but not P010")
        coding.memos.add("P01 cried; call Agnieszka back.", about=coding.find(Configuration, "cmo10"))
        coding.change(coding.find(Code, "c1"), examples="P01: I was alone with it.")
        coding.change(coding.find(Code, "c1"), examples="none")
        gone = coding.add_extract("D01", quote="I rang the hospital", code="c1")
        coding.extracts.delete(gone)
        coding.merge(
            coding.with_records(replace(coding.find(Code, "c3"), name="What P01 calls ringing")), source="from P01"
        )
    return coding, {"said": said.id, "beside": beside.id, "after": after.id}


def everything_kept(coding) -> str:
    """All that the database holds, as text."""
    with coding._store.reading() as connection:
        tables = ["record", "entry", "change", "conflict", "agreement", "tombstone"]
        return "\n".join(str(connection.execute(text(f'SELECT * FROM "{name}"')).all()) for name in tables)


def test_a_person_who_withdraws_is_gone_from_everything(group, study_folder):
    coding, extracts = group
    assert "Agnieszka" in everything_kept(coding)
    seen = read_source(study_folder).snapshot
    assert seen
    done = coding.erase_person("P01", names=["Agnieszka"], coder="a")
    kept = everything_kept(coding)
    for word in ("Agnieszka", "alone with it", "I rang the hospital", "P01", "p01,", "cried; call A"):
        assert not re.search(rf"{word}(?!\d)", kept), word
        assert not re.search(rf"{word}(?!\d)", (study_folder / "coding.json").read_text(encoding="utf-8"))
    for file in study_folder.glob("coding.db*"):
        content = file.read_bytes()
        for word in (b"Agnieszka", b"alone with it", b"I rang the hospital", b"P01"):
            assert not re.search(word + rb"(?!\d)", content), (file.name, word)
    assert "P010" in kept
    assert coding.documents["document"].tolist() == ["D02", "D03", "D04"]
    assert coding.extracts["extract"].tolist() == ["x004", "x005", *sorted([extracts["beside"], extracts["after"]])]
    assert coding.memos["text"].tolist() == ["[erased] cried; call [erased] back."]
    beside, after = coding.find(Extract, extracts["beside"]), coding.find(Extract, extracts["after"])
    assert (beside.suffix, after.prefix) == ("", "")
    assert beside.prefix
    assert coding.evidence["reason"].tolist()[-1] == "like [erased], but not P010"
    assert done.records >= 8
    assert done.entries > done.records
    assert done.conflicts == 1
    remaining = " ".join(done.remains)
    assert "Delete documents/D01.txt" in remaining
    assert "Take their turns out of documents/D04.txt" in remaining
    last = coding.log.changes(last=1)[0]
    assert (last.action, last.note) == ("erase", done.sentence)
    assert read_coding(study_folder) == coding.still()


def test_the_log_goes_on_and_past_states_hold_nobody(group):
    coding, _ = group
    before = coding.seq
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    assert coding.seq > before
    for seq in range(1, coding.seq + 1):
        then = coding.at(seq)
        shown = json.dumps([vars(one) for one in (*then.snapshot.extracts, *then.snapshot.memos)])
        assert "Agnieszka" not in shown
        assert "alone with it" not in shown
    with pytest.raises(CodingError, match=r"has been erased|nothing a could"):
        coding.undo("a")
    coding.add_code("Later", coder="a")
    coding.undo("a")
    numbers = coding.log()["seq"].tolist()
    assert numbers == list(range(1, len(numbers) + 1))


def test_other_processes_see_that_it_is_gone(group, opened):
    coding, extracts = group
    other = opened()
    assert extracts["said"] in other.extracts["extract"].tolist()
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    assert other.snapshot == coding.snapshot
    assert extracts["said"] not in other.extracts["extract"].tolist()


def test_an_old_copy_does_not_bring_them_back(group, study_folder, tmp_path_factory):
    coding, extracts = group
    old = tmp_path_factory.mktemp("old") / "coding.json"
    coding.save()
    shutil.copy(study_folder / "coding.json", old)
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    coding.merge(old, coder="b")
    assert "D01" not in coding.documents["document"].tolist()
    assert extracts["said"] not in coding.extracts["extract"].tolist()
    assert SAID not in everything_kept(coding)


def test_a_document_is_erased_with_all_that_was_coded_in_it(coding, study_folder):
    coding.add_extract("D02", 0, 10, "c1", coder="a")
    done = coding.erase_document("D02", coder="b")
    assert "D02" not in coding.documents["document"].tolist()
    assert coding.extracts["document"].unique().tolist() == ["D01", "D03"]
    assert coding.evidence["evidence"].tolist() == ["e1", "e2", "e4"]
    assert "It did nothing" not in everything_kept(coding)
    assert "people to ask already" not in everything_kept(coding)
    assert any("documents/D02.txt" in one for one in done.remains)
    assert coding.erase_document("D02", coder="b").nothing, "doing it again is safe"
    with pytest.raises(CodingError, match="has no document 'D99'"):
        coding.erase_document("D99", coder="b")


def test_a_name_that_nobody_bears_is_refused_and_nothing_is_written(coding):
    coding.add_code("One", coder="a")
    before = coding.seq
    with pytest.raises(CodingError, match=r"nothing was changed\. Check the pseudonym"):
        coding.erase_person("P99", coder="a")
    with pytest.raises(CodingError, match="Name the person"):
        coding.erase_person(" ", coder="a")
    assert coding.seq == before
    assert len(coding.log.changes()) == 2


def test_old_copies_of_the_database_go_as_well(sqlite_folder):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("One", coder="a")
        (sqlite_folder / "coding.before-0002.db").write_bytes(b"old pages with P01")
        coding.erase_person("P01", coder="a")
    assert not (sqlite_folder / "coding.before-0002.db").exists()


def test_the_guard_of_the_log_stands_again_afterwards(group):
    coding, _ = group
    coding.erase_person("P01", coder="a")
    with pytest.raises(CodingError, match="only ever added to"), coding._store.connector.writing() as connection:
        connection.execute(text("DELETE FROM entry"))


def test_a_word_that_names_nobody_is_refused_before_anything_is_written(sqlite_folder, tmp_path_factory):
    coding = open_study(sqlite_folder).coding
    outputs = tmp_path_factory.mktemp("outputs")
    (outputs / "forum").mkdir()
    page = outputs / "forum" / "page.html"
    page.write_text("<p>the forum</p>", encoding="utf-8")
    with pytest.raises(CodingError, match=r"Nobody called 'the' is in people\.csv.*so nothing was changed"):
        coding.erase_person("the", outputs=outputs, coder="a")
    with pytest.raises(CodingError, match=r"'P01' is near.*unlisted=True"):
        coding.erase_person("P1", names=["Agnieszka"], outputs=outputs, look=True, coder="a")
    assert page.read_text(encoding="utf-8") == "<p>the forum</p>"
    assert not (sqlite_folder / "coding.db").exists()
    assert coding.erase_person("p04", coder="a", look=True).nothing, "who is in people.csv is known"
    coding.close()


def test_who_only_speaks_or_is_only_written_about_can_be_erased(sqlite_folder):
    (sqlite_folder / "documents" / "D02.txt").write_text("KIM: I came along.\n\nP02: So did I.\n", encoding="utf-8")
    coding = open_study(sqlite_folder).coding
    coding.memos.add("Kim and Olwen went", coder="a")
    with pytest.raises(CodingError, match="Nobody called 'Olwen'"):
        coding.erase_person("Olwen", coder="a")
    coding.erase_person("Olwen", unlisted=True, coder="a")
    assert coding.memos["text"].tolist()[-1] == "Kim and [erased] went"
    coding.replace_document("D02", coder="a")
    coding.erase_person("Kim", coder="a")
    assert coding.memos["text"].tolist()[-1] == "[erased] and [erased] went"
    coding.close()


def test_looking_writes_nothing_and_counts_what_then_goes(sqlite_folder, tmp_path_factory):
    before = {path: path.read_bytes() for path in sqlite_folder.rglob("*") if path.is_file()}
    coding = open_study(sqlite_folder).coding
    outputs = tmp_path_factory.mktemp("outputs")
    looked = coding.erase_person("P01", outputs=outputs, look=True, coder="a")
    assert looked.records > 1
    assert {path: path.read_bytes() for path in sqlite_folder.rglob("*") if path.is_file()} == before
    assert coding.erase_person("P01", outputs=outputs, coder="a").sentence == looked.sentence
    coding.close()


def test_looking_leaves_a_coding_json_changed_elsewhere_unmerged_and_says_so(sqlite_folder):
    coding = open_study(sqlite_folder).coding
    coding.memos.add("P02 rang", coder="a")
    coding.save()
    file = sqlite_folder / "coding.json"
    file.write_text(file.read_text(encoding="utf-8").replace("P02 rang", "P02 called"), encoding="utf-8")
    before = coding.seq
    looked = coding.erase_person("P02", look=True, coder="a")
    assert any("merged first and not counted" in one for one in looked.remains)
    assert coding.seq == before
    assert "P02 called" in file.read_text(encoding="utf-8")
    coding.close()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["parent", "study", "table", "documents", "outputs"])
def test_the_study_itself_is_never_taken_for_a_report(sqlite_folder, tmp_path_factory, where):
    study = tmp_path_factory.mktemp("everything") / "forum"
    shutil.copytree(sqlite_folder, study)
    coding = open_study(study).coding
    coding.memos.add("P01 rang", coder="a")
    coding.close()
    kept = {path: path.read_bytes() for path in study.rglob("*.*") if path.suffix in (".csv", ".toml", ".txt")}
    named = {"parent": study.parent, "study": study, "table": study / "people.csv", "documents": study / "documents"}
    also = [named[where]] if where in named else []
    coding = open_study(study).coding
    done = coding.erase_person(
        "P01", outputs=study.parent if where == "outputs" else study / "none", also=also, coder="a"
    )
    coding.close()
    assert done.records > 0
    assert {path: path.read_bytes() for path in kept} == kept
    again = open_study(study).coding
    assert again.memos["text"].tolist()[-1] == "[erased] rang"
    assert "D01" not in again.documents["document"].tolist()
    assert len(again.log.changes()) == 3, "the log is still there"
    again.close()
    assert any("are not written in" in one and str(study) in one for one in done.remains)


def test_turns_that_were_erased_stay_out_though_the_text_had_been_another_in_between(group, study_folder):
    coding, _ = group
    text = study_folder / "documents" / "D04.txt"
    for content in ("MODERATOR: A word before we begin, and one more.\n\n" + GROUP, GROUP):
        text.write_text(content, encoding="utf-8")
        coding.replace_document("D04", coder="a")
    extracts = coding.snapshot.extracts
    at = GROUP.index("told me")
    short = replace(
        extracts[-1], id="late", document="D04", start=at, end=at + 7, quote="told me", prefix="", suffix=""
    )
    theirs = coding.still().with_records(short)
    coding.erase_person("P01", names=["Agnieszka"], coder="a")
    coding.merge(theirs, coder="b")
    assert "late" not in coding.extracts["extract"].tolist()
    with coding._store.reading() as connection:
        document = coding.find(Document, "D04")
        assert list(Tombstones.of(connection, coding.study).turns) == [("D04", document.sha256)]


@pytest.mark.slow
def test_another_studys_schemas_stay_when_old_copies_are_dropped(folder, postgresql, write_study):
    study = write_study(folder, "forum_x", postgresql)
    coding = open_study(study).coding
    coding.memos.add("P01 rang", coder="a")
    names = {"cop_forum_x_before_0001": "forum_x", "cop_forum_x_before_0002": "forum_x_before_0002",
             "cop_forum_x-before-after": "forum_x-before-after", "cop_forum_x2_before_0001": "forum_x2"}  # fmt: skip
    with coding._store.connector.writing() as connection:
        for name, key in names.items():
            connection.execute(text(f'CREATE SCHEMA "{name}"'))
            connection.execute(text(f"CREATE TABLE \"{name}\".head AS SELECT '{key}' AS study"))
    coding.erase_person("P01", coder="a")
    with pytest.raises(CodingError, match="cop_forum_x_before_0002, which holds something else"):
        back_up(coding._store.connector, "before-0002")
    with coding._store.reading() as connection:
        found = set(connection.execute(text("SELECT nspname FROM pg_namespace")).scalars())
    with coding._store.connector.writing() as connection:
        for name in names:
            connection.execute(text(f'DROP SCHEMA IF EXISTS "{name}" CASCADE'))
    coding.close()
    assert set(names) - found == {"cop_forum_x_before_0001"}
