"""What the coding panel asks of Python and what it is told, without a browser."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from cop_analysis.realist.store import CodingError
from cop_analysis.study.template import new_study
from cop_analysis.widgets import coding
from cop_analysis.widgets.coding.session import Session
from cop_analysis.widgets.coding.static_form import static_html
from cop_analysis.widgets.coding.verbs import MAKES, VERBS
from cop_analysis.widgets.shown import bundle

ROOT = Path(__file__).resolve().parents[2]
TEXT = "Interviewer: Well? 😀\r\n\r\nP01: Cafe\u0301 שלום, I rang <b>twice</b>.\r\n\r\nP02: No."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = new_study(tmp_path / "forum")
    (place / "documents").mkdir(exist_ok=True)
    (place / "documents" / "D01.txt").write_bytes(TEXT.encode())
    (place / "documents.csv").write_text("document,file,kind,title\nD01,D01.txt,interview,<i>First</i>\n", "utf-8")
    return place


@pytest.fixture
def session(folder: Path):
    made = Session(folder, "coder-a")
    yield made
    made.coding.close()


def ask(session: Session, **message) -> dict:
    """The first reply, as it arrives in the browser."""
    return json.loads(json.dumps(next(iter(list(session.answer(message))))))


def do(session: Session, verb: str, **args) -> dict:
    return ask(session, kind="do", op="1", verb=verb, args=args)


def code_something(session: Session, identifier: str = "x1", code: str = "c1", words: str = "I rang") -> dict:
    if not any(one.id == code for one in session.coding.snapshot.codes):
        do(session, "add_code", id=code, name=f"Code {code}")
    start = session.study.read_document("D01").index(words)
    return do(session, "add_extract", id=identifier, document="D01", start=start, end=start + len(words), code=code,
              quote=words)  # fmt: skip


def test_a_study_without_coding_is_opened_and_nothing_is_written(session, folder):
    said = ask(session, kind="hello")
    assert [one["id"] for one in said["documents"]] == ["D01"]
    assert said["coder"] == "coder-a"
    assert said["records"]["extracts"] == []
    assert not (folder / "coding.db").exists()


def test_offsets_of_turns_count_code_points_of_the_text_with_plain_line_ends(session):
    said = ask(session, kind="text", document="D01")
    assert "\r" not in said["text"]
    spoken = [(speaker, said["text"][speech:end]) for _, end, speech, speaker in said["turns"]]
    assert spoken == [("Interviewer", "Well? 😀"), ("P01", "Cafe\u0301 שלום, I rang <b>twice</b>."), ("P02", "No.")]


def test_the_first_extract_takes_document_and_coder_into_the_coding(session, folder):
    said = code_something(session)
    assert said["kind"] == "done"
    (kept,) = session.coding.snapshot.extracts
    assert (kept.quote, kept.coder, kept.code) == ("I rang", "coder-a", "c1")
    assert [one.id for one in session.coding.snapshot.coders] == ["coder-a"]
    assert {(one[0], one[1]) for one in said["changes"]} >= {("extracts", "x1"), ("documents", "D01")}
    assert (folder / "coding.json").exists()


def test_what_was_asked_twice_is_done_once(session):
    code_something(session)
    assert code_something(session)["kind"] == "done"
    assert len(session.coding.snapshot.extracts) == 1


def test_what_is_refused_is_said_in_one_sentence_and_changes_nothing(session):
    code_something(session)
    before = session.coding.snapshot
    start = len(session.study.read_document("D01"))
    bad = [
        ("add_extract", {"id": "x2", "document": "D01", "start": start, "end": start + 5, "code": "c1"}),
        ("add_extract", {"id": "x2", "document": "D01", "start": 0, "end": 4, "code": "gone"}),
        ("add_extract", {"id": "x2", "document": "D09", "start": 0, "end": 4, "code": "c1"}),
        ("add_extract", {"id": "x2"}),
        ("add_code", {"id": "c2", "name": "code C1"}),
        ("change", {"collection": "extracts", "id": "x9", "values": {"memo": "x"}}),
        ("change", {"collection": "extracts", "id": "x1", "values": {"start": 3}}),
        ("erase_everything", {}),
        ("", {}),
    ]
    for verb, args in bad:
        said = do(session, verb, **args)
        assert said["kind"] == "failed", verb
        assert said["op"] == "1"
        assert said["sentence"].count("\n") == 0
        assert said["sentence"].endswith("."), said["sentence"]
    assert session.coding.snapshot == before


def test_strange_messages_are_answered_not_raised(session):
    for message in ({}, {"kind": "nonsense"}, {"kind": "text"}, {"kind": "text", "document": "../study.toml"},
                    {"kind": "do"}, {"kind": "do", "verb": None, "args": None}, {"kind": ["do"]},
                    {"kind": "do", "verb": "undo", "args": [1]},
                    {"kind": "do", "verb": "memo", "args": "x"}):  # fmt: skip
        assert ask(session, **message)["kind"] == "failed"
    for message in (None, [], "hello"):
        assert [one["kind"] for one in session.answer(message)] == ["failed"]


def test_what_was_not_foreseen_is_answered_too(session, monkeypatch):
    code_something(session)
    for verb, args in (
        ("resolve", {"extract": "x1", "outcome": "accept", "reason": None, "id": "d"}),
        ("change", {"collection": "extracts", "id": "x1", "values": {"nam": "x"}, "was": {"nam": "?"}}),
        ("change", {"collection": "nothing", "id": "x1", "values": {}, "was": ["memo"]}),
        ("memo", {"id": "m", "text": "x", "about": ["extract"]}),
    ):
        assert do(session, verb, **args)["kind"] == "failed", args
    monkeypatch.setattr(Session, "text", lambda self, document: 1 / 0)
    said = ask(session, kind="text", document="D01")
    assert (said["kind"], said["about"]) == ("failed", "text")
    assert "ZeroDivisionError" in said["sentence"]


def test_undo_and_redo_are_the_coders_own(folder, session):
    code_something(session)
    other = Session(folder, "coder-b")
    code_something(other, "x2", "c1", "No.")
    said = do(session, "undo")
    assert ["extracts", "x1", None] in said["changes"]
    assert said["said"] == 'Undone: coding "I rang".'
    assert [one.id for one in session.coding.snapshot.extracts] == ["x2"]
    assert do(session, "redo")["said"] == 'Redone: coding "I rang".'
    assert {one.id for one in session.coding.snapshot.extracts} == {"x1", "x2"}
    other.coding.close()


def test_a_code_made_with_an_extract_comes_and_goes_with_it(session):
    start = session.study.read_document("D01").index("I rang")
    given = {"document": "D01", "start": start, "end": start + 6, "code": "c1", "made": {"name": "Ringing"}}
    assert do(session, "add_extract", id="x1", **given)["kind"] == "done"
    assert do(session, "add_extract", id="x2", **{**given, "made": {"name": "ringing", "parent": None}, "code": "c2"})[
        "sentence"
    ].startswith("A code 'Ringing' stands at the top already")
    do(session, "recode", extract="x1", code="c3", made={"name": "Asking"})
    assert {one.name for one in session.coding.snapshot.codes} == {"Ringing", "Asking"}
    do(session, "undo")
    assert ([one.id for one in session.coding.snapshot.codes], session.coding.snapshot.extracts[0].code) == (
        ["c1"],
        "c1",
    )
    do(session, "undo")
    assert session.coding.snapshot.codes == session.coding.snapshot.extracts == ()
    said = do(session, "undo")
    assert said["sentence"] == "There is nothing coder-a could undo."
    assert [one.id for one in session.coding.snapshot.coders] == ["coder-a"]
    assert [one.id for one in session.coding.snapshot.documents] == ["D01"], "others may be coding it"


def test_somebody_who_codes_blind_is_told_nothing_of_others(folder, session):
    code_something(session)
    do(session, "change", collection="extracts", id="x1", values={"memo": "secret"}, was={"memo": ""})
    do(session, "add_configuration", id="cmo1", label="Shared")
    do(session, "take", id="e1", extract="x1", configuration="cmo1", slot="context", stance="supports")
    do(session, "memo", id="m1", text="secret", about=["document", "D01"])
    blind = Session(folder, "coder-b", blind=True)
    records = ask(blind, kind="hello")["records"]
    assert records["extracts"] == records["evidence"] == records["memos"] == []
    assert [one["label"] for one in records["configurations"]] == ["Shared"]
    assert {row["gap"] for row in ask(blind, kind="gaps")["rows"]} >= {"no extract"}
    assert "secret" not in static_html(blind.study, blind.visible())
    do(session, "add_code", id="c9", name="For all")
    code_something(session, "x3", "c9", "No.")
    assert [one[1] for one in blind.news()["changes"]] == ["c9"]
    refused = do(blind, "delete_code", code="c9", extracts="delete")
    assert "you are coding blind" in refused["sentence"]
    assert [one["id"] for one in ask(blind, kind="blind", on=False)["records"]["extracts"]] == ["x1", "x3"]
    blind.coding.close()


DESTROY = {
    "a code with its children": ("delete_code", {"code": "c1", "extracts": "delete", "children": "delete"}),
    "a code and its users": ("delete", {"collection": "codes", "id": "c2", "users": "delete"}),
    "a configuration and its evidence": ("delete", {"collection": "configurations", "id": "g", "users": "delete"}),
    "a coder and all they did": ("delete", {"collection": "coders", "id": "coder-b", "users": "delete"}),
}


@pytest.fixture
def blind(folder):
    """What coder-a does not see: an extract of coder-b with a code below another, taken as evidence."""
    other = Session(folder, "coder-b")
    do(other, "add_code", id="c1", name="Parent")
    do(other, "add_code", id="c2", name="Child", parent="c1")
    code_something(other, "xb", "c2", "No.")
    do(other, "change", collection="extracts", id="xb", values={"memo": "secret of b"}, was={"memo": ""})
    do(other, "add_configuration", id="g", label="Shared")
    do(other, "take", id="ev", extract="xb", configuration="g", slot="context", stance="supports", reason="secret")
    other.coding.close()
    made = Session(folder, "coder-a", blind=True)
    yield made
    made.coding.close()


@pytest.mark.parametrize("what", DESTROY)
def test_nobody_who_codes_blind_can_delete_unseen_what_others_did(blind, what):
    verb, args = DESTROY[what]
    before = blind.coding.snapshot
    refused = do(blind, verb, **args)
    assert (refused["kind"], refused["why"]) == ("failed", "refused")
    assert "you are coding blind" in refused["sentence"]
    for name in ("codes", "extracts", "evidence", "configurations"):
        assert getattr(blind.coding.snapshot, name) == getattr(before, name)


def test_what_others_did_blind_is_not_told_by_a_refusal_either(blind):
    for verb, args in (
        ("delete_code", {"code": "c2"}),
        ("delete", {"collection": "configurations", "id": "g"}),
        ("change", {"collection": "extracts", "id": "xb", "values": {"memo": "x"}, "was": {"memo": "?"}}),
        ("resolve", {"extract": "xb", "outcome": "accept", "reason": "so", "id": "d"}),
        ("memo", {"id": "m", "text": "so", "about": ["extract", "xb"]}),
        ("recode", {"extract": "xb", "code": "c1"}),
        ("unlink", {"evidence": "ev"}),
        ("settle", {"conflict": 1, "choice": "other"}),
    ):
        refused = do(blind, verb, **args)
        assert refused["kind"] == "failed", verb
        assert "blind" in refused["sentence"], verb
        assert not {"xb", "ev", "secret", "1 extract"} & set(refused["sentence"].replace("(", " ").split()), verb
    assert [(one.code, one.memo) for one in blind.coding.snapshot.extracts] == [("c2", "secret of b")]
    do(blind, "merge_codes", into="c1", others=["c2"])
    assert [one.code for one in blind.coding.snapshot.extracts] == ["c1"], "what loses nothing of theirs may be done"


def test_what_one_deletes_of_ones_own_blind_goes(blind):
    code_something(blind, "xa", "c1", "I rang")
    assert do(blind, "delete_code", code="c1", extracts="delete", children="move up")["kind"] == "done"
    assert [one.id for one in blind.coding.snapshot.extracts] == ["xb"]
    assert do(blind, "undo")["kind"] == "done"
    assert {one.id for one in blind.coding.snapshot.extracts} == {"xa", "xb"}


def test_a_change_that_comes_in_while_the_news_are_read_is_told_the_next_time(folder, session):
    code_something(session)
    ask(session, kind="hello")
    other = Session(folder, "coder-b")
    do(other, "add_code", id="early", name="Early")
    read = session.coding.changed_since

    def meanwhile(seq: int):
        found = read(seq)
        del session.coding.__dict__["changed_since"]
        do(other, "add_code", id="late", name="Late")
        return found

    session.coding.__dict__["changed_since"] = meanwhile
    told = [session.news(), session.news(), session.news()]
    assert [[one[1] for one in news["changes"] if one[0] == "codes"] for news in told if news] == [["early"], ["late"]]
    other.coding.close()


def test_another_session_hears_of_every_change_once(folder, session):
    code_something(session)
    other = Session(folder, "coder-b")
    ask(other, kind="hello")
    assert other.news() is None
    do(session, "change", collection="extracts", id="x1", values={"memo": "so"}, was={"memo": ""})
    news = other.news()
    assert news is not None
    assert news["who"] == ["coder-a"]
    assert [(one[0], one[1], one[2]["memo"]) for one in news["changes"]] == [("extracts", "x1", "so")]
    assert other.news() is None
    other.coding.close()


def test_a_text_two_people_write_is_never_written_over_unseen(folder, session):
    code_something(session)
    other = Session(folder, "coder-b")
    do(other, "change", collection="extracts", id="x1", values={"memo": "theirs"}, was={"memo": ""})
    session.news()
    said = do(session, "change", collection="extracts", id="x1", values={"memo": "mine"}, was={"memo": ""})
    assert said["kind"] == "failed"
    assert said["why"] == "changed"
    assert "theirs" in said["sentence"]
    assert session.coding.snapshot.extracts[0].memo == "theirs"
    other.coding.close()


def test_taking_an_extract_into_a_slot_is_one_change(session):
    code_something(session)
    do(session, "add_configuration", id="cmo1", label="A name to ring")
    do(session, "take", id="e1", extract="x1", configuration="cmo1", slot="outcome", stance="refutes")
    do(session, "take", id="e2", extract="x1", configuration="cmo1", slot="context", stance="supports")
    (kept,) = session.coding.snapshot.configurations
    assert [(slot.role, slot.codes) for slot in kept.slots] == [("context", ("c1",))], "what refutes fills no slot"
    do(session, "undo")
    assert session.coding.snapshot.configurations[0].slots == ()
    assert [one.id for one in session.coding.snapshot.evidence] == ["e1"]
    said = do(session, "take", id="e3", extract="x1", configuration="cmo1", slot="nowhere")
    assert said["kind"] == "failed"


def test_a_disagreement_is_settled_with_its_reason_in_one_change(folder, session):
    code_something(session)
    other = Session(folder, "coder-b")
    code_something(other, "x2", "c2", "No.")
    other.coding.close()
    session.news()
    common = {"coders": ["coder-a", "coder-b"], "created": "2025-03-02T10:00:00Z"}
    refused = do(session, "resolve", id="d0", extract="x1", outcome="accept", reason="  ", twin="x9", **common)
    assert "reason" in refused["sentence"]
    do(session, "resolve", id="d1", extract="x1", outcome="accept", reason="It is there.", twin="x3", **common)
    twin = next(one for one in session.coding.snapshot.extracts if one.id == "x3")
    assert (twin.coder, twin.code, twin.quote) == ("coder-b", "c1", "I rang")
    do(session, "resolve", id="d2", extract="x2", outcome="remove", reason="Not said.", **common)
    assert {one.id for one in session.coding.snapshot.extracts} == {"x1", "x3"}
    assert [one.reason for one in session.coding.snapshot.decisions] == ["It is there.", "Not said."]
    do(session, "undo")
    assert {one.id for one in session.coding.snapshot.extracts} == {"x1", "x2", "x3"}
    assert len(session.coding.snapshot.decisions) == 1


def test_conflicts_of_a_merge_are_shown_and_settled(session):
    from dataclasses import replace

    from cop_analysis.realist.model import Coding

    code_something(session)
    before = session.coding.still()
    do(session, "rename_code", code="c1", name="Here")
    (code,) = before.snapshot.codes
    other = Coding(replace(before.snapshot, codes=(replace(code, name="There"),)))
    session.coding.merge(other, base=before, coder="coder-a")
    (waits,) = ask(session, kind="hello")["conflicts"]
    assert "There" in waits["sentence"]
    now = session.coding.snapshot.codes[0].name
    replies = list(session.answer({"kind": "do", "op": "9", "verb": "settle",
                                   "args": {"conflict": waits["conflict"], "choice": "other"}}))  # fmt: skip
    assert [reply["kind"] for reply in replies] == ["done", "conflicts"]
    assert replies[1]["conflicts"] == []
    assert {now, session.coding.snapshot.codes[0].name} == {"Here", "There"}


def test_memos_stand_on_documents_and_codes(session):
    code_something(session)
    do(session, "memo", id="m1", text="<script>", about=["document", "D01"])
    do(session, "memo", id="m2", text="b", about=["code", "c1"])
    assert [(one.about, one.target, one.coder) for one in session.coding.snapshot.memos] == [
        ("document", "D01", "coder-a"), ("code", "c1", "coder-a")]  # fmt: skip


def test_gaps_say_whom_to_ask(session):
    code_something(session)
    do(session, "add_configuration", id="cmo1", label="A name to ring")
    rows = ask(session, kind="gaps")["rows"]
    assert {row["gap"] for row in rows} >= {"no extract", "not fully stated"}
    assert all(row["ask"] for row in rows)


def test_without_a_coder_nothing_is_changed_and_the_panel_is_told_to_ask(folder):
    session = Session(folder)
    said = do(session, "add_code", id="c1", name="Trust")
    assert "choose a coder" in said["sentence"]
    assert ask(session, kind="coder", coder="Ada")["coder"] == "Ada"
    assert do(session, "add_code", id="c1", name="Trust")["kind"] == "done"
    session.coding.close()


def test_what_waited_in_the_browser_is_stored_as_the_work_of_whoever_did_it(session):
    code_something(session)
    ask(session, kind="coder", coder="coder-b")
    args = {"id": "c5", "name": "Late"}
    assert ask(session, kind="do", op="2", verb="add_code", args=args, coder="coder-a")["kind"] == "done"
    assert do(session, "add_code", id="c6", name="Later")["kind"] == "done"
    assert [one.who for one in session.coding.log.changes(last=3) if one.verb == "add_code"] == ["coder-a", "coder-b"]
    assert session.coder == "coder-b"


def test_a_study_that_cannot_be_written_can_be_read_and_says_so(folder, session, monkeypatch):
    code_something(session)
    session.coding.close()
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    reader = Session(folder, "coder-b")
    said = ask(reader, kind="hello")
    assert "cannot be changed" in said["readOnly"]
    assert len(said["records"]["extracts"]) == 1
    refused = do(reader, "add_code", id="c5", name="Trust")
    assert (refused["kind"], refused["why"]) == ("failed", "read-only")
    reader.coding.close()


def test_a_text_that_was_replaced_is_said_to_be(folder, session):
    code_something(session)
    (folder / "documents" / "D01.txt").write_text("P01: Something else.", encoding="utf-8")
    assert "was changed since it was coded" in ask(session, kind="text", document="D01")["changed"]


def test_a_broken_coding_json_is_said_and_what_was_done_is_stored_all_the_same(folder, session):
    code_something(session)
    (folder / "coding.json").write_text("{", encoding="utf-8")
    replies = list(session.answer({"kind": "do", "op": "1", "verb": "add_code", "args": {"id": "c7", "name": "Time"}}))
    assert [reply["kind"] for reply in replies] == ["done", "notice"]
    assert "The change is in the database" in replies[1]["sentence"]
    assert "c7" in {one.id for one in session.coding.snapshot.codes}
    (folder / "coding.json").unlink()


def test_every_verb_that_makes_a_record_is_one_the_panel_may_ask_for():
    assert set(MAKES) <= set(VERBS)


def test_the_static_form_shows_everything_and_no_markup_of_others(session):
    code_something(session, words="I rang <b>twice</b>")
    do(session, "add_configuration", id="cmo1", label="<img src=x onerror=alert(1)>")
    do(session, "take", id="e1", extract="x1", configuration="cmo1", slot="outcome", stance="refutes", reason="<i>")
    page = static_html(session.study, session.coding)
    assert "<b>twice" not in page
    assert "<img" not in page
    assert "&lt;b&gt;twice" in page
    assert "refutes, outcome" in page
    assert "<script" not in page


def test_the_widget_says_nothing_of_the_study_in_its_state(folder):
    panel = coding(folder, coder="coder-a")
    bundled = panel._repr_mimebundle_()
    data = bundled[0] if isinstance(bundled, tuple) else bundled
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "Coding of" in data["text/html"]
    state = json.dumps({name: str(value) for name, value in panel.get_state().items() if name not in ("_esm", "_css")})
    assert "P01" not in state
    panel.close()


def test_a_study_of_tables_alone_has_no_place_for_a_coding():
    from cop_analysis.study import Study

    with pytest.raises(CodingError, match="without a folder"):
        coding(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"}))


def test_the_bundle_is_one_module_that_imports_nothing():
    text = bundle()
    assert "\nimport " not in text
    assert text.count("\nexport ") == 1
    assert "innerHTML" not in text, "words from data are never markup"
    assert "insertAdjacentHTML" not in text


def test_the_demonstration_study_opens_whole(tmp_path):
    folder = tmp_path / "nmp_forum"
    shutil.copytree(ROOT / "data" / "nmp_forum", folder)
    session = Session(folder, "coder-a")
    said = ask(session, kind="hello")
    assert len(said["records"]["extracts"]) == len(session.coding.snapshot.extracts) > 100
    for document in said["documents"]:
        assert ask(session, kind="text", document=document["id"])["turns"]
    assert ask(session, kind="gaps")["rows"]
    session.coding.close()
