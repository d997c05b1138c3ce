"""The workbench without a browser: folders, new studies, documents coming in, runs, and what the panel says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.report.lab import lab_folder
from cop_analysis.study import check_folder
from cop_analysis.widgets.workbench import Workbench, find_studies, outputs_folder
from cop_analysis.widgets.workbench.bringing import BringingError, keep_document, read_brought
from cop_analysis.widgets.workbench.desk import Desk, checked_state, reported_state
from cop_analysis.widgets.workbench.folders import FolderError, as_folder, folder_name, look_at, make_study
from cop_analysis.widgets.workbench.runs import latest_report, read_faults, reports_under_way

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TALK = b"I: How was it?\n\nP01: Long, but good."


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study("My forum", tmp_path / "data")


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- folders --------------------------------------------------------------------------------------------------------


def test_studies_are_found_beside_above_and_below(tmp_path: Path):
    for name in ("data/one", "data/two", "notebooks"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/one/study.toml").touch()
    (tmp_path / "data/two/study.toml").touch()
    expected = ["one", "two"]
    assert [path.name for path in find_studies(tmp_path)] == expected
    assert [path.name for path in find_studies(tmp_path / "notebooks")] == expected
    assert [path.name for path in find_studies(tmp_path / "data")] == expected
    assert [path.name for path in find_studies(tmp_path / "data/one")] == ["one"]


def test_a_folder_that_may_not_be_read_is_passed_over(tmp_path: Path, monkeypatch):
    (tmp_path / "shut").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "open/study.toml").touch()
    is_file = Path.is_file
    scan = os.scandir

    def refuse(path):
        if "shut" in str(path):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", lambda self: refuse(self) or is_file(self))
    monkeypatch.setattr(os, "scandir", lambda path: refuse(path) or scan(path))
    assert [path.name for path in find_studies(tmp_path)] == ["open"]


@pytest.mark.parametrize(
    "typed", ["{}", '"{}"', "  '{}'  ", "“{}”", "{}/study.toml", "{}/", "file://{}"], ids=lambda one: one.format("x")
)
def test_a_pasted_path_is_understood(typed: str, tmp_path: Path):
    folder = make_study("Vår ‘forum’ & <b>", tmp_path)
    assert as_folder(typed.format(folder)) == folder


def test_a_folder_whose_name_ends_in_a_quotation_mark_is_found_as_it_is(tmp_path: Path):
    folder = make_study("Ward “2”", tmp_path)
    assert as_folder(str(folder)) == folder
    assert as_folder(f'"{folder}"') == folder


def test_a_path_that_is_none_is_said():
    for typed in ("", '""', "a\0b"):
        with pytest.raises(FolderError):
            as_folder(typed)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda at: None, "There is no folder"),
        (lambda at: at.write_text("x"), "is a file"),
        (lambda at: at.mkdir(), "is empty"),
        (lambda at: (at.mkdir(), (at / "talk.docx").touch()), "holds no study.toml, so it is no study folder"),
        (lambda at: ((at / "one").mkdir(parents=True), (at / "one/study.toml").touch()), "but studies: one"),
    ],
)
def test_a_folder_that_is_no_study_says_why_and_what_to_do(make, said: str, tmp_path: Path):
    make(tmp_path / "it")
    fault = look_at(tmp_path / "it").fault
    assert said in fault
    assert fault.endswith(".")


def test_a_half_written_study_is_opened_with_its_faults(study: Path):
    (study / "study.toml").write_text('key = "forum\n', encoding="utf-8")
    desk = Desk(study)
    assert desk.facts["faults"] >= 1
    assert desk.state["next"]["where"] == "check"


def test_a_study_that_cannot_be_written_says_so_and_can_be_read(study: Path, monkeypatch):
    keep_document(study, read_brought("talk.txt", TALK), title="", kind="interview")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    desk = Desk(study)
    assert not desk.facts["canWrite"]
    assert "cannot be written" in desk.next_step()["sentence"]
    assert len(desk.facts["documents"]) == 1


@pytest.mark.parametrize(
    "title",
    ["Forum", "../../out", "a/b\\c", 'Say "hello"', "<script>alert(1)</script>", "CON", "...", "x" * 500, "ü" * 300,
     "Ward\u202erow", "🩺 rounds", "{key} {title}", "'''", "tab\there"],
)  # fmt: skip
def test_a_new_study_of_any_name_is_a_folder_of_its_own_and_opens(title: str, tmp_path: Path):
    made = make_study(title, tmp_path / "data")
    assert made.parent == (tmp_path / "data").resolve()
    assert "error" not in {fault.severity for fault in check_folder(made)}
    assert open_study(made).title
    assert len(os.fsencode(made.name)) <= 255


def test_a_new_study_keeps_the_title_its_folder_cannot(tmp_path: Path):
    made = make_study("Wards 3/4: rounds", tmp_path)
    assert made.name == "Wards 3 4 rounds"
    assert tomllib.loads((made / "study.toml").read_text(encoding="utf-8"))["title"] == "Wards 3/4: rounds"


def test_a_new_study_never_touches_what_is_there(study: Path):
    before = files_of(study)
    with pytest.raises(FolderError, match="not empty"):
        make_study("My forum", study.parent)
    with pytest.raises(FolderError, match="name first"):
        make_study(" \u200b \n", study.parent)
    with pytest.raises(FolderError, match="cannot be made"):
        make_study("Other", study / "study.toml")
    assert files_of(study) == before


def test_names_of_folders_are_taken_by_every_computer():
    assert folder_name('a<b>c:d"e|f?g*h') == "a b c d e f g h"
    assert folder_name("ends. ") == "ends"
    assert folder_name("nul.txt") == "study nul.txt"


def test_reports_go_beside_the_data_folder(tmp_path: Path):
    assert outputs_folder(tmp_path / "data" / "one") == tmp_path / "outputs"
    assert outputs_folder(tmp_path / "mine") == tmp_path / "outputs"


# --- documents ------------------------------------------------------------------------------------------------------


def test_documents_are_kept_and_listed_and_the_study_stays_whole(study: Path):
    first = read_brought("Interview 1.txt", TALK)
    second = read_brought("talk.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v P02>So \U0001f600 it was.</v>\n".encode())
    assert keep_document(study, first, title="First", kind="interview") == "D01"
    assert keep_document(study, second, title="", kind="focus group") == "D02"
    opened = open_study(study)
    assert opened.documents["document"].tolist() == ["D01", "D02"]
    assert opened.documents["kind"].tolist() == ["interview", "focus group"]
    assert "P01: Long, but good." in opened.read_document("D01")
    assert "\U0001f600" in opened.read_document("D02")
    assert "error" not in {fault.severity for fault in check_folder(study)}


def test_a_word_document_comes_in(study: Path, tmp_path: Path):
    import docx

    document = docx.Document()
    document.add_paragraph("INTERVIEWER: How was it?")
    document.add_paragraph("P03: Long.")
    document.save(tmp_path / "talk.docx")
    brought = read_brought("talk.docx", (tmp_path / "talk.docx").read_bytes())
    assert brought.document.speakers == ("INTERVIEWER", "P03")


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "C:\\temp\\x.txt", "<img src=x onerror=alert(1)>.txt", "a\0b.txt", "x" * 400 + ".txt", "",
     ".", "con.txt", "\u202etxt.exe", "=cmd|' /C calc'!A0.txt", "a\nb.txt"],
)  # fmt: skip
def test_a_hostile_file_name_becomes_no_path_and_no_formula(name: str, study: Path, tmp_path: Path):
    before = set(files_of(tmp_path))
    brought = read_brought(name, TALK)
    keep_document(study, brought, title=brought.name, kind="notes")
    added = set(files_of(tmp_path)) - before
    assert added == {"data/My forum/documents/D01.txt"}
    title = open_study(study).documents["title"].fillna("").tolist()[0]
    assert not title.startswith(("=", "+", "-", "@"))
    assert "\n" not in title
    assert "\u202e" not in title


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "empty file"),
        ("blank.txt", b"  \n \n", "no words"),
        ("scan.pdf", b"%PDF-1.7", "is a PDF"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Word document"),
        ("bad.docx", b"PK\x03\x04 not a zip", "bad.docx"),
    ],
)
def test_a_file_that_is_no_text_is_refused_by_name_in_one_sentence(name: str, content: bytes, said: str):
    with pytest.raises(BringingError) as refused:
        read_brought(name, content)
    assert said in str(refused.value)
    assert name in str(refused.value)
    assert "document.txt" not in str(refused.value)


def test_the_same_text_is_not_added_twice(study: Path):
    keep_document(study, read_brought("a.txt", TALK), title="", kind="interview")
    before = files_of(study)
    with pytest.raises(BringingError, match="already, as D01"):
        keep_document(study, read_brought("b.txt", TALK.replace(b"\n", b"\r\n")), title="", kind="interview")
    assert files_of(study) == before


def test_the_rows_that_stand_in_documents_csv_are_kept_byte_for_byte(study: Path):
    own = '\ufefftitle,file,document,extra\r\n"A, ""b""\nc",old.txt,X7,kept'.encode()
    (study / "documents.csv").write_bytes(own)
    (study / "documents" / "old.txt").write_text("P01: Old.", encoding="utf-8")
    assert keep_document(study, read_brought("a.txt", TALK), title="New", kind="interview") == "D01"
    now = (study / "documents.csv").read_bytes()
    assert now.startswith(own)
    assert now.removeprefix(own) == b"\r\nNew,D01.txt,D01,\r\n"


def test_a_number_that_is_taken_is_not_taken_again(study: Path):
    (study / "documents" / "D01.txt").write_text("P01: Somebody put this here.", encoding="utf-8")
    assert keep_document(study, read_brought("a.txt", TALK), title="", kind="interview") == "D02"
    assert "Somebody" in (study / "documents" / "D01.txt").read_text(encoding="utf-8")


def test_a_table_that_cannot_be_read_or_written_leaves_everything_as_it_was(study: Path, monkeypatch):
    (study / "documents.csv").write_bytes(b"document;file\r\nD01;a.txt\r\n")
    before = files_of(study)
    with pytest.raises(BringingError, match="Nothing was added"):
        keep_document(study, read_brought("a.txt", TALK), title="", kind="interview")
    assert files_of(study) == before
    (study / "documents.csv").unlink()
    before = files_of(study)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(BringingError, match="Permission denied"):
        keep_document(study, read_brought("a.txt", TALK), title="", kind="interview")
    assert files_of(study) == before


def test_speakers_who_are_known_people_are_named_in_the_row(tmp_path: Path):
    folder = make_study("Ex", tmp_path, example=True)
    identifier = keep_document(folder, read_brought("a.txt", TALK), title="", kind="interview")
    rows = open_study(folder).documents.set_index("document")
    assert identifier == "D02"
    assert rows.loc["D02", "people"] == "P01"


def test_a_file_comes_in_pieces_and_a_piece_out_of_order_ends_it(study: Path):
    desk = Desk(study)
    for number in range(3):
        desk.take_piece("u1", "a.txt", number, 3, TALK[number * 12 : (number + 1) * 12] if number < 2 else TALK[24:])
    assert [one["name"] for one in desk.state["brought"]] == ["a.txt"]
    desk.take_piece("u2", "b.txt", 1, 2, b"x")
    desk.take_piece("u3", "c.txt", 0, 3, b"x")
    desk.take_piece("u3", "c.txt", 2, 3, b"x")
    assert len(desk.state["brought"]) == 1
    desk.keep([{"upload": "u1", "title": "One", "kind": "interview"}, {"upload": "nobody"}])
    assert "D01" in desk.said["text"]
    assert desk.state["brought"] == []
    assert desk.facts["documents"] == [{"id": "D01", "title": "One", "kind": "interview"}]


def test_in_a_git_checkout_a_new_study_goes_where_git_leaves_it_out(tmp_path: Path):
    (tmp_path / "data" / "demo").mkdir(parents=True)
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    desk = Desk(here=tmp_path)
    desk.make("First study", "", example=True)
    assert desk.folder == tmp_path.resolve() / "studies" / "First study"
    assert "git" not in desk.said["text"].replace(str(tmp_path.resolve()), "")
    asked = ["git", "-C", str(tmp_path), "status", "--porcelain", "-uall"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == ""
    assert desk.folder in find_studies(tmp_path)
    assert outputs_folder(desk.folder) == tmp_path.resolve() / "outputs"
    desk.make("Second study", "")
    assert desk.folder == tmp_path.resolve() / "studies" / "Second study"
    desk.make("Third study", str(tmp_path / "data"))
    assert "It lies in a git checkout, and git may take it in" in desk.said["text"]


def test_a_transcript_with_names_is_warned_of_and_its_title_is_not_the_name(study: Path):
    desk = Desk(study)
    talk = "Interviewer: Well?\n\n{0}: It helped me a lot.\n\nInterviewer: How?\n\n{0}: I rang them.\n"
    for upload, name, speaker in (("u1", "Zofia_Nowak.txt", "Zofia"), ("u2", "ward_round.txt", "P03"),
                                  ("u3", "second round.txt", "WARD MANAGER")):  # fmt: skip
        desk.take_piece(upload, name, 0, 1, talk.format(speaker).encode())
    named, *plain = desk.state["brought"]
    assert named["title"] == ""
    assert named["warnings"][0].startswith("A speaker looks like a person's name (Zofia): give people a pseudonym such")
    assert [one["title"] for one in plain] == ["ward round", "second round"]
    assert not any("pseudonym" in line for one in plain for line in one["warnings"])
    (study / "people.csv").write_text("person\nZofia\n", encoding="utf-8")
    assert desk.state["brought"][0]["title"] == "Zofia Nowak", "a pseudonym of the study is no name"


# --- what the panel says --------------------------------------------------------------------------------------------


def test_from_nothing_to_a_first_configuration_each_step_is_said(tmp_path: Path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    desk = Desk(here=tmp_path / "notebooks")
    assert desk.next_step()["where"] == "study"
    desk.make("First study", "")
    assert desk.folder == tmp_path.resolve() / "data" / "First study"
    assert desk.next_step()["where"] == "documents"
    for number, said in enumerate(
        ("Press “Add this document to the study”", "Press “Add these 2 documents to the study”")
    ):
        desk.take_piece(f"u{number}", f"talk {number}.txt", 0, 1, TALK + b" " + str(number).encode())
        assert desk.next_step()["where"] == "documents"
        assert desk.next_step()["sentence"].startswith(said), "the button that is there by that name"
    desk.drop("u1")
    desk.keep([{"upload": "u0", "title": "Talk", "kind": "interview"}])
    assert "Code the documents" in desk.next_step()["sentence"]
    with open_study(desk.folder).coding or _started(desk.folder) as coding:
        coding.add_coder("me", "Me")
        coding.add_document("D01")
        code = coding.add_code("Good")
        extract = coding.add_extract("D01", 16, 25, code)
        desk.look()
        assert "make a configuration" in desk.next_step()["sentence"]
        configuration = coding.configurations.add("It is good")
        desk.look()
        assert "evidence" in desk.next_step()["sentence"]
        coding.link_evidence(extract, configuration, stance="supports")
        desk.look()
        assert "speaks against" in desk.next_step()["sentence"]
        coding.link_evidence(extract, configuration, stance="refutes")
    desk.look()
    assert desk.next_step()["where"] == "report"
    run = tmp_path / "outputs" / desk.facts["key"] / "20260101T101500Z-abcdef"
    run.mkdir(parents=True)
    (run / "index.html").touch()
    assert desk.next_step()["where"] == "waiting"
    assert desk.state["latest"]["began"] == "2026-01-01 10:15 UTC"


def _started(folder: Path):
    from cop_analysis.realist.coding import start_coding

    return start_coding(open_study(folder))


def test_without_a_study_the_panel_asks_for_one(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    panel = Workbench()
    assert panel.start("check") is None
    assert "Choose a study first" in panel.desk.said["text"]
    panel.open_coding()
    assert panel.coding is None


def test_coding_opens_below_the_steps_and_a_study_at_fault_is_said(tmp_path: Path):
    shutil.copytree(ROOT / "data" / "nmp_forum", tmp_path / "one")
    panel = Workbench(tmp_path / "one")
    panel.open_coding()
    (opened,) = panel.coding_place.children
    assert opened.session.study.key == "nmp_forum"
    assert "Coding of" in panel.static_html()
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "study.toml").write_text("<b>", encoding="utf-8")
    panel.choose(tmp_path / "two")
    assert panel.coding is None
    panel.open_coding()
    assert panel.desk.said["tone"] == "alert"
    assert "study.toml" in panel.desk.said["text"]


def test_a_check_runs_in_the_background_and_says_what_it_found():
    panel = Workbench(ROOT / "data" / "cancer_cop")
    panel.start("check").join(timeout=600)
    assert panel.desk.checked["verdict"] == "The study has no faults."
    assert "392" in panel.desk.checked["audit"][0]
    assert panel.desk.busy == {}


def test_a_fault_comes_with_its_place_and_how_to_correct_it(tmp_path: Path):
    folder = make_study("-- odd 'name' é", tmp_path, example=True)
    people = folder / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("2024-01-15", "<b>soon</b>", 1), encoding="utf-8")
    panel = Workbench(folder)
    assert panel.desk.facts["faults"] == 1
    panel.start("check").join(timeout=600)
    (fault,) = panel.desk.checked["errors"]
    assert fault["place"].startswith("people.csv, row 2")
    assert "<b>soon</b>" in fault["what"]
    assert fault["fix"]


def test_one_thing_is_run_at_a_time(study: Path):
    desk = Desk(study)
    desk.busy = {"verb": "report"}
    assert desk.start("check") is None


def test_what_goes_wrong_in_a_run_leaves_nothing_busy(study: Path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(sys.modules[Desk.__module__], "start_run", refuse)
    told: list[int] = []
    desk = Desk(study, tell=lambda: told.append(1))
    desk.start("report").join(timeout=600)
    assert desk.busy == {}
    assert "Cannot allocate memory" in desk.said["text"]
    assert told


def test_a_check_that_could_not_run_says_what_was_written():
    state = checked_state(2, ["There is no folder <x>."], [], Path("x"))
    assert state["tone"] == "alert"
    assert "There is no folder <x>." in state["verdict"]


def test_a_check_of_millions_of_faults_counts_those_that_are_not_in_its_file():
    fault = {"severity": "error", "file": "survey.csv", "row": "2", "column": "score", "value": "x",
             "rule": "is a word", "how_to_correct": "write the number"}  # fmt: skip
    said = ["/s: survey.csv, row 2: 3 faults to correct, 1 note.", "/s: 2,000,001 faults to correct, 0 notes."]
    state = checked_state(1, said, [fault] * 2, Path("/s"))
    assert state["errorCount"] == 2_000_001
    assert state["verdict"].startswith("2,000,001 faults")


@pytest.mark.parametrize(("code", "said"), [(0, "ready"), (1, "at fault"), (2, "as asked"), (9, "code 9")])
def test_each_end_of_a_report_is_said(code: int, said: str, tmp_path: Path):
    lines = [f"{tmp_path}: number audit: it differs", f"{tmp_path}: ok: {tmp_path}/outputs/x/index.html"]
    state = reported_state(code, lines, tmp_path, tmp_path / "outputs")
    assert said in state["verdict"]
    assert state["lines"] == ["number audit: it differs"]


def test_reports_that_are_there_and_under_way_are_found(tmp_path: Path):
    assert latest_report(tmp_path, "x") is None
    for run, status in (("20260101T100000Z-aaaaaa", "ok"), ("20260301T100000Z-bbbbbb", "failed")):
        (tmp_path / "x" / run).mkdir(parents=True)
        (tmp_path / "x" / run / "index.html").touch()
        (tmp_path / "x" / run / "run.json").write_text(json.dumps({"status": status, "settings": {}}))
    (tmp_path / "x" / "20260401T100000Z-cccccc").mkdir()
    assert latest_report(tmp_path, "x")["status"] == "failed"
    from cop_analysis.report.folders import open_partial

    open_partial(tmp_path, "x", "20260501T100000Z-dddddd")
    assert reports_under_way(tmp_path, "x") == ["2026-05-01 10:00 UTC"]
    owner = next((tmp_path / "x").glob(".partial-*/owner.json"))
    owner.write_text("[", encoding="utf-8")
    assert reports_under_way(tmp_path, "x") == []
    assert read_faults(tmp_path / "nothing.csv") == []


def test_the_page_is_linked_only_where_the_server_serves_it(study: Path, tmp_path: Path):
    desk = Desk(study)
    page = tmp_path / "outputs" / "a b é#" / "index.html"
    assert desk.address_of(page) == ""
    desk.server_root = str(tmp_path)
    assert desk.address_of(page) == "files/outputs/a%20b%20%C3%A9%23/index.html"
    assert desk.address_of(tmp_path.parent / "x.html") == ""
    assert desk.address_of(tmp_path / ".hidden" / "x.html") == ""


def test_the_panel_has_a_static_form_for_pages_without_widgets():
    bundle = Workbench(ROOT / "data" / "cancer_cop")._repr_mimebundle_()
    assert "cancer_cop" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_browsers_state_holds_nothing_of_a_study(study: Path):
    keep_document(study, read_brought("a.txt", TALK), title="Secret title", kind="interview")
    panel = Workbench(study)
    state = {name: str(value) for name, value in panel.front.get_state().items() if name not in ("_esm", "_css")}
    assert "Secret" not in json.dumps(state)


def test_everything_the_browser_asks_is_answered_and_nonsense_does_no_harm(study: Path):
    panel = Workbench(study)
    for message in ({"kind": "hello", "root": "/"}, {"kind": "nonsense"}, [], None, {"kind": "keep", "documents": [1]},
                    {"kind": "piece"}, {"kind": "drop"}, {"kind": "close"}, {"kind": "stop"}):  # fmt: skip
        panel._answer(panel.front, message, [])
    assert panel.study == str(study)
    panel._answer(panel.front, {"kind": "choose", "folder": "/no/such <folder>"}, [])
    assert "There is no folder /no/such <folder>" in panel.desk.said["text"]
    panel._answer(panel.front, {"kind": "make", "title": "Second", "place": str(study.parent)}, [])
    assert Path(panel.study).name == "Second"


@pytest.mark.slow
def test_a_run_goes_on_when_the_kernel_is_gone_and_tells_its_steps(tmp_path: Path, wait_until):
    shutil.copytree(ROOT / "data" / "cancer_cop", tmp_path / "data" / "one")
    code = (
        "from cop_analysis.widgets.workbench.runs import start_run; from pathlib import Path; import sys;"
        "run = start_run('report', Path(sys.argv[1]), out=Path(sys.argv[2])); print(run.log)"
    )
    out = tmp_path / "outputs"
    environment = os.environ | {"FORCE_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "data" / "one"), str(out)], capture_output=True, text=True,
        check=True, env=environment,
    )  # fmt: skip
    log = Path(done.stdout.strip())
    report = wait_until(lambda: latest_report(out, "cancer_cop"), "the report")
    assert report["status"] == "ok"
    wait_until(lambda: "progress 1/" in log.read_text(encoding="utf-8"), "the log")
    said = log.read_text(encoding="utf-8")
    assert "\x1b" not in said
    log.unlink()


def test_an_installed_package_copies_its_notebooks_once(tmp_path: Path, monkeypatch):
    package = tmp_path / "site" / "notebooks"
    package.mkdir(parents=True)
    (package / "00_workbench.ipynb").write_text("new", encoding="utf-8")
    (package / "01_study_overview.ipynb").write_text("new", encoding="utf-8")
    monkeypatch.setattr("cop_analysis.report.lab.notebooks_folder", lambda: package)
    mine = tmp_path / "work" / "notebooks"
    mine.mkdir(parents=True)
    (mine / "01_study_overview.ipynb").write_text("my own work", encoding="utf-8")
    assert lab_folder(tmp_path / "work") == tmp_path / "work"
    assert (mine / "00_workbench.ipynb").read_text(encoding="utf-8") == "new"
    assert (mine / "01_study_overview.ipynb").read_text(encoding="utf-8") == "my own work"
