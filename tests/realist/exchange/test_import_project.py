"""An existing project brought into a study: told by content, whole or not at all, once, undone in one step."""

from __future__ import annotations

import os
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import open_study
from cop_analysis.cli import app
from cop_analysis.realist import ExchangeError, read_coding
from cop_analysis.realist.importing import UnsettledOffsets, bring, import_project, recognise, unfinished
from cop_analysis.study import check_folder, new_study

CASES = Path(__file__).parents[2] / "cases"
THREE = CASES / "same_span_three_times.qdpx"
TEXT = "We met in person. I trust them now. The forum helped."


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return new_study(tmp_path / "s")


def run(*words: object):
    return CliRunner().invoke(app, [str(one) for one in words])


def state(folder: Path) -> dict[str, bytes]:
    """Everything a study folder holds but its database and hidden files."""
    files = (one for one in sorted(folder.rglob("*")) if one.is_file() and not one.name.startswith((".", "coding.")))
    return {str(one.relative_to(folder)): one.read_bytes() for one in files if ".import-" not in str(one)}


def errors(folder: Path) -> list[str]:
    return [one.sentence for one in check_folder(folder) if one.severity == "error"]


# --- into an empty study ------------------------------------------------------------


def test_a_new_study_holds_the_texts_their_rows_and_the_records(study: Path) -> None:
    done = run("coding", "import", study, THREE)
    assert done.exit_code == 0, done.output
    assert "1 document added" in done.output
    assert "counted once" in done.output
    opened = open_study(study)
    assert opened.documents["title"].tolist() == ["Doc A"]
    document = opened.documents["document"].tolist()[0]
    assert opened.read_document(document) == TEXT
    assert (study / "documents" / "Doc A.txt").read_text(encoding="utf-8") == TEXT
    coding = opened.coding
    assert sorted(coding.extracts["quote"]) == ["I trust them now", "I trust them now", "trust them now. The "]
    assert coding.text(document) == TEXT
    coding.close()
    assert errors(study) == []
    assert run("check", study).exit_code == 0


@pytest.mark.slow
def test_a_project_that_points_at_measures_of_its_old_study_can_be_reported(study: Path) -> None:
    """The configurations of an export name instruments that the new study has not got: notes, and no fault."""
    source = Path("data/nmp_forum")
    exported = study.parent / "forum.qdpx"
    assert run("export", source, "--format", "qdpx", "--out", exported).exit_code == 0
    assert run("coding", "import", study, exported).exit_code == 0
    looked = run("check", study)
    assert looked.exit_code == 0, looked.output
    assert "points at no instrument of the study" in looked.output


def test_twice_is_once(study: Path) -> None:
    run("coding", "import", study, THREE)
    before, snapshot = state(study), read_coding(study).snapshot
    again = run("coding", "import", study, THREE)
    assert again.exit_code == 0
    assert "is in the study already; nothing changed" in again.output
    assert (state(study), read_coding(study).snapshot) == (before, snapshot)


def test_what_was_done_since_stands_when_the_same_file_comes_again(study: Path) -> None:
    import_project(study, THREE)
    with open_study(study).coding as coding:
        code, gone = coding.snapshot.codes[0], coding.snapshot.extracts[0]
        coding.change(code, name="Trust in peers", coder=coding.snapshot.coders[0])
        coding.extracts.delete(gone, coder=coding.snapshot.coders[0])
    assert import_project(study, THREE).changed == 0
    after = read_coding(study).snapshot
    assert (after.codes[0].name, len(after.extracts)) == ("Trust in peers", 2)


def test_a_newer_export_brings_only_what_is_new_in_it(study: Path, tmp_path: Path, repack) -> None:
    file = shutil.copy(THREE, tmp_path / "p.qdpx")
    import_project(study, file)
    with open_study(study).coding as coding:
        coding.change(coding.snapshot.codes[0], definition="Ours", coder=coding.snapshot.coders[0])

    def edit(name: str, content: bytes) -> bytes:
        return content.replace(b'name="Trust"', b'name="Trust in peers"') if name == "project.qde" else content

    repack(THREE, Path(file), edit)
    done = import_project(study, file)
    code = read_coding(study).snapshot.codes[0]
    assert (code.name, code.definition, done.conflicts) == ("Trust in peers", "Ours", ())


def test_one_undo_takes_the_records_back_and_they_come_again(study: Path) -> None:
    import_project(study, THREE)
    undone = run("coding", "undo", study)
    assert undone.exit_code == 0, undone.output
    assert read_coding(study).snapshot.extracts == ()
    assert errors(study) == []
    again = import_project(study, THREE)
    assert (again.added, len(again.known), len(read_coding(study).snapshot.extracts)) == ((), 1, 3)


# --- into a study that has texts and coding ------------------------------------------------------------


def test_a_text_that_is_there_is_not_added_again(study: Path) -> None:
    (study / "documents" / "mine.txt").write_text(TEXT + "\n", encoding="utf-8")
    (study / "documents.csv").write_text("document,file\nD01,mine.txt\n", encoding="utf-8")
    with _started(study) as coding:
        coding.add_coder("coder-me", "Me")
        coding.add_extract("D01", 0, 6, coding.add_code("Meeting", coder="coder-me"), coder="coder-me")
    done = import_project(study, THREE)
    assert (done.added, done.known) == ((), ("D01",))
    extracts = read_coding(study).snapshot.extracts
    assert {one.document for one in extracts} == {"D01"}
    assert len(extracts) == 4
    assert errors(study) == []


def _started(study: Path):
    from cop_analysis.realist import start_coding

    return start_coding(open_study(study))


def test_what_both_changed_waits_for_a_decision(study: Path, tmp_path: Path, repack) -> None:
    file = shutil.copy(THREE, tmp_path / "p.qdpx")
    import_project(study, file)
    with open_study(study).coding as coding:
        coding.change(coding.snapshot.codes[0], name="Ours", coder=coding.snapshot.coders[0])
    repack(THREE, Path(file), lambda name, content: content.replace(b'name="Trust"', b'name="Theirs"'))
    done = run("coding", "import", study, file)
    assert done.exit_code == 0
    assert "1 conflict to decide" in done.output
    assert 'kept "Theirs", the other is "Ours"' in done.output


def test_what_was_kept_in_a_conflict_stays_when_the_same_file_comes_again(study: Path, tmp_path: Path, repack) -> None:
    file = shutil.copy(THREE, tmp_path / "p.qdpx")
    import_project(study, file)
    with open_study(study).coding as coding:
        coding.change(coding.snapshot.codes[0], name="We say so", coder=coding.snapshot.coders[0])
    repack(THREE, Path(file), lambda name, content: content.replace(b'name="Trust"', b'name="Theirs"'))
    assert len(import_project(study, file).conflicts) == 1
    assert import_project(study, file).changed == 0
    assert read_coding(study).snapshot.codes[0].name == "We say so"


# --- every kind ------------------------------------------------------------


def test_every_kind_is_told_by_its_content(
    tmp_path: Path, coding, taguette_project: Path, qualcoder_project: Path
) -> None:
    from cop_analysis.realist import write_coded_segments

    table = tmp_path / "segments.csv"
    write_coded_segments(coding, table)
    write_coded_segments(coding, tmp_path / "segments.xlsx")
    (tmp_path / "talk.srt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>Hello, there, you, all</v>\n")
    found = {}
    for number, file in enumerate((THREE, CASES / "bare.qde", CASES / "colours.qdc", taguette_project, table,
                                   tmp_path / "segments.xlsx", qualcoder_project / "data.qda",
                                   CASES / "footer_page_otter.docx", tmp_path / "talk.srt")):  # fmt: skip
        found[file.name] = recognise(Path(shutil.copy(file, tmp_path / f"{number}.bin")))
    assert list(found.values()) == ["qdpx", "qdpx", "qdc", "taguette", "csv", "xlsx", "qualcoder", "document",
                                    "document"]  # fmt: skip
    assert recognise(qualcoder_project) == "qualcoder"


@pytest.mark.parametrize("name", ["taguette_project", "qualcoder_project"])
def test_databases_of_other_programs_come_in_and_come_in_once(study: Path, request, name: str) -> None:
    project = request.getfixturevalue(name)
    first = import_project(study, project)
    assert len(first.added) == 1
    assert first.changed > 5
    assert errors(study) == []
    with open_study(study).coding as coding:
        assert all(coding.text(one.document)[one.start : one.end] == one.quote for one in coding.snapshot.extracts)
    assert import_project(study, project).changed == 0


def test_two_projects_that_number_alike_do_not_mix(study: Path, qualcoder_project: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(qualcoder_project, tmp_path / "other.qda"))
    connection = sqlite3.connect(other / "data.qda")
    connection.executescript(
        "UPDATE code_name SET name = name || ' two'; UPDATE code_cat SET name = name || ' two';"
        "UPDATE source SET fulltext = fulltext || ' x'"
    )
    connection.close()
    import_project(study, qualcoder_project)
    done = import_project(study, other)
    assert (done.conflicts, len(done.added)) == ((), 1)
    names = sorted(one.name for one in read_coding(study).snapshot.codes)
    assert [one for one in names if one.startswith("T")] == ["Time", "Time two", "Trust", "Trust two"]


def test_a_table_finds_the_studys_documents_codes_and_coders(study: Path, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("Document name,Code,Segment,Coder\nDoc A,Trust,The forum,A\nDoc A,Help,forum helped,A\n")
    with pytest.raises(ExchangeError, match="has no document yet: add the documents"):
        import_project(study, table)
    import_project(study, THREE)
    import_project(study, table)
    snapshot = read_coding(study).snapshot
    codes = {one.id: one.name for one in snapshot.codes}
    assert sorted(codes.values()) == ["Help", "Trust"]
    assert [one.name for one in snapshot.coders] == ["A", "B"]
    assert {codes[one.code]: one.quote for one in snapshot.extracts if "forum" in one.quote} == {
        "Trust": "The forum", "Help": "forum helped",
    }  # fmt: skip
    lines = table.read_text().splitlines()
    table.write_text("\n".join([lines[0], lines[2], lines[1]]) + "\n")
    assert import_project(study, table).changed == 0


# --- positions that are not settled ------------------------------------------------------------


@pytest.fixture
def unsettled(foreign, tmp_path: Path) -> Path:
    text = "\U0001f600 ab cd ef gh ij kl mn"
    foreign.text("a", text.encode(), "".join(foreign.selection(start, start + 3) for start in range(3, 18, 3)))
    return foreign.write(tmp_path / "u.qdpx")


def test_positions_that_nothing_settles_are_shown_and_chosen(study: Path, unsettled: Path) -> None:
    before = state(study)
    with pytest.raises(UnsettledOffsets) as found:
        import_project(study, unsettled)
    assert len(found.value.preview.quotes) == 5
    assert all(len(set(one)) == len(one) == 2 for one in found.value.preview.quotes)
    asked = run("coding", "import", study, unsettled)
    assert asked.exit_code == 1
    assert "--offsets utf16 --line-breaks one" in asked.output
    assert state(study) == before
    quotes = {}
    for unit in ("codepoint", "utf16"):
        folder = new_study(study.parent / unit)
        assert run("coding", "import", folder, unsettled, "--offsets", unit).exit_code == 0
        quotes[unit] = sorted(one.quote for one in read_coding(folder).snapshot.extracts)
    shown = [sorted(column) for column in zip(*found.value.preview.quotes, strict=True)]
    assert shown == [quotes["codepoint"], quotes["utf16"]]


def test_a_look_writes_nothing(study: Path) -> None:
    before = state(study)
    done = run("coding", "import", study, THREE, "--look")
    assert done.exit_code == 0
    assert "not brought in" in done.output
    assert "1 document would be added" in done.output
    assert (state(study), (study / "coding.db").exists()) == (before, False)


def test_the_whole_report_goes_to_a_file(study: Path, tmp_path: Path) -> None:
    run("coding", "import", study, THREE, "--report", tmp_path / "r.csv")
    rows = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert rows.count("counted once") == 2


# --- whole or not at all ------------------------------------------------------------


@pytest.mark.parametrize("step", ["place", "merge_staged"])
def test_what_fails_half_way_leaves_nothing(study: Path, monkeypatch, step: str) -> None:
    before = state(study)
    real = getattr(bring, step)

    def fail(*given):
        if step == "place":
            real(*given)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bring, step, fail)
    with pytest.raises(OSError, match="No space"):
        import_project(study, THREE)
    assert state(study) == before
    assert list(study.glob(".import-*")) == []


def test_a_disk_that_is_full_after_the_merge_leaves_the_import_whole(study: Path, monkeypatch) -> None:
    """The records are in the database then, so the texts stay with them; only coding.json is behind."""
    from cop_analysis.realist.coding import agree

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(agree, "put_whole", full)
    done = import_project(study, THREE)
    assert done.added
    assert done.changed
    assert done.notices == (
        "coding.json could not be written (the disk has no room left). The change is in the database and nothing is "
        "lost.",
    )
    assert list(study.glob(".import-*")) == []
    monkeypatch.undo()
    opened = open_study(study)
    assert set(done.added) <= set(opened.documents["document"])
    assert opened.coding.text(done.added[0])
    opened.coding.close()


def test_an_undo_says_what_it_leaves(study: Path) -> None:
    done = import_project(study, THREE)
    (text,) = done.added
    assert done.taking_back.endswith(
        f"; the text stays as 1 document nobody coded ({text}), until deleted from documents/ and documents.csv."
    )
    told = run("coding", "undo", study)
    assert f"what was brought in stays as 1 document nobody coded ({text})" in told.output


def test_a_study_that_may_not_be_written_is_said_to_be(study: Path, monkeypatch) -> None:
    from cop_analysis.realist.coding import KeptCoding

    monkeypatch.setattr(KeptCoding, "read_only", property(lambda _: True))
    told = run("coding", "import", study, THREE)
    assert told.exit_code == 2
    assert "can be read but not written" in told.output
    assert list(study.glob(".import-*")) == []


@pytest.mark.parametrize("step", ["stage", "place", "merge_staged", "done"])
def test_what_is_killed_has_not_happened_or_is_finished_at_the_next_opening(
    study: Path, monkeypatch, step: str
) -> None:
    """A kill is a process that stops there and cleans nothing up."""
    before = state(study)

    class Killed(BaseException):
        pass

    real = {name: getattr(bring, name) for name in ("stage", "place", "merge_staged")}

    def stop_at(name: str):
        def run_or_stop(*given):
            made = None if step == name else real[name](*given)
            if step == name or (step == "done" and name == "merge_staged"):
                raise Killed
            return made

        return run_or_stop

    for name in real:
        monkeypatch.setattr(bring, name, stop_at(name))
    monkeypatch.setattr(bring, "take_back", lambda *given: None)
    with pytest.raises(Killed):
        import_project(study, THREE)
    monkeypatch.undo()
    if step == "stage":
        assert state(study) == before
    opened = open_study(study)
    if step == "stage":
        assert opened.documents is None
        return
    assert len(opened.documents) == 1
    assert len(opened.coding.snapshot.extracts) == 3
    opened.coding.close()
    assert list(study.glob(".import-*")) == []
    assert import_project(study, THREE).changed == 0


@pytest.mark.parametrize("name", ["../../out.txt", "a/b.txt", ".hidden", "C:x.txt"])
def test_a_stage_that_somebody_made_up_leads_nowhere(study: Path, name: str) -> None:
    staged = study / ".import-0123"
    (staged / "texts").mkdir(parents=True)
    (staged / "texts" / "0.txt").write_text("x")
    (staged / "coding.json").write_text("{}")
    (staged / "journal.json").write_text(f'{{"texts": ["{name}"], "rows": [], "source": "x"}}')
    before = state(study)
    assert any("no import of this workbench" in one for one in unfinished.finish_imports(study))
    assert state(study) == before
    assert not (study.parent / "out.txt").exists()


# --- what is refused ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.qdpx", b"", "is an empty file"),
        ("a.qdpx", b"PK\x03\x04 nonsense", "not a whole ZIP file"),
        ("a.xml", b"<html></html>", "first element is html"),
        ("a.json", b'{"schema": "cop"}', "cop coding merge"),
        ("a.csv", b"height,weight,age\n1,2,3\n", "is no table of coded segments"),
        ("a.qdpx", b'<!DOCTYPE Project [<!ENTITY e "x">]><Project name="a"/>', "declares a document type"),
    ],
)
def test_what_is_no_project_is_refused_in_one_sentence(study: Path, tmp_path: Path, name, content, words) -> None:
    import_project(study, THREE)
    (tmp_path / name).write_bytes(content)
    before = state(study)
    done = run("coding", "import", study, tmp_path / name)
    assert done.exit_code == 1
    assert words in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert state(study) == before


def test_what_is_no_file_is_refused(study: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in ((tmp_path / "pipe", "device or a pipe"), (tmp_path / "none", "There is no file"),
                        (tmp_path, "is a folder"), (study, "is a study folder")):  # fmt: skip
        done = run("coding", "import", study, path)
        assert done.exit_code == 1
        assert words in done.output
    done = run("coding", "import", tmp_path, THREE)
    assert (done.exit_code, "is no study folder" in done.output) == (2, True)


def test_our_own_database_is_not_touched(study: Path) -> None:
    import_project(study, THREE)
    with open_study(study).coding as coding:
        done = run("coding", "import", study, study / "coding.db")
        assert "cop coding merge" in done.output
        coding.add_code("Still writing", coder=coding.snapshot.coders[0])


def test_names_of_texts_stay_inside_documents(study: Path, tmp_path: Path, repack) -> None:
    def edit(name: str, content: bytes) -> bytes:
        return content.replace(b'name="Doc A"', b'name="../../=cmd|calc"') if name == "project.qde" else content

    import_project(study, repack(THREE, tmp_path / "p.qdpx", edit))
    assert [one.name for one in (study / "documents").iterdir()] == ["cmd_calc.txt"]
    assert open_study(study).documents["title"].tolist() == ["../../=cmd|calc"]
    assert errors(study) == []


def test_a_study_with_faults_is_not_changed(study: Path) -> None:
    (study / "people.csv").write_text("person\nP01\nP01\n", encoding="utf-8")
    before = state(study)
    done = run("coding", "import", study, THREE)
    assert (done.exit_code, "List them with: cop check" in done.output) == (1, True)
    assert state(study) == before


def test_what_was_erased_does_not_come_back(study: Path, tmp_path: Path) -> None:
    import_project(study, THREE)
    with open_study(study).coding as coding:
        document = coding.snapshot.documents[0].id
        coding.erase_document(document, outputs=tmp_path / "outputs", coder=coding.snapshot.coders[0])
    for one in (study / "documents").glob("*.txt"):
        one.unlink()
    (study / "documents.csv").unlink(missing_ok=True)
    shutil.copy(THREE, tmp_path / "old.qdpx")
    done = run("coding", "import", study, tmp_path / "old.qdpx")
    assert "erased" in done.output
    assert not any(TEXT.encode() in content for content in state(study).values())
    assert read_coding(study).snapshot.extracts == ()


def test_a_text_with_words_of_somebody_erased_does_not_come_in_under_another_name(study, tmp_path, foreign) -> None:
    words = "I trust them now because somebody came over on that Sunday evening"
    text = f"I: Well, how was it?\n\nP01: {words}.\n\nI: Thank you, that was all."
    foreign.inline("talk", text, foreign.selection(0, 20))
    import_project(study, foreign.write(tmp_path / "a.qdpx"))
    with open_study(study).coding as coding:
        coding.erase_person("P01", outputs=tmp_path / "outputs", coder=coding.snapshot.coders[0])
    foreign.sources.clear()
    foreign.inline("copy", f"{text} And a line more.", foreign.selection(0, 19))
    done = import_project(study, foreign.write(tmp_path / "b.qdpx"))
    assert done.added == ()
    assert any("erased from this study" in one.reason for one in done.report.left)
    assert not any(words.encode() in content for name, content in state(study).items() if "copy" in name)


def test_a_bomb_is_refused(study: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.qdpx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", b" " * (40 * 2**20))
    done = run("coding", "import", study, tmp_path / "b.qdpx")
    assert (done.exit_code, "made to fill a computer" in done.output) == (1, True)
