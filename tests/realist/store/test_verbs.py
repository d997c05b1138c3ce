"""Each verb of a coding is one transaction, says what it did, and refuses what may not be."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import replace

import pytest

from cop_analysis.realist import Code, Coding, Configuration, Document, Evidence, Extract, Measure, check_coding
from cop_analysis.realist.store import CodingError, InUse


def test_a_study_is_read_without_making_a_database(study_folder, opened):
    before = sorted(path.name for path in study_folder.iterdir())
    coding = opened()
    assert coding.codes["name"].tolist() == ["Alone", "Asking", "Ringing"]
    assert coding.text("D03").startswith("P03")
    assert coding.find(Code, "c3").parent == "c2"
    assert coding.log.changes() == ()
    assert coding.log().empty
    assert coding.conflicts.empty
    assert len(coding.extracts) == 5
    assert sorted(path.name for path in study_folder.iterdir()) == before


def test_what_is_kept_is_what_a_plain_coding_shows(coding, study_folder):
    from cop_analysis.realist import read_coding

    plain = read_coding(study_folder)
    coding.add_coder("c", "Coder C")
    coding.undo("c")
    for name in ("coders", "documents", "codes", "extracts", "configurations", "slots", "measures", "rivals",
                 "evidence", "ripples", "theories", "memos"):  # fmt: skip
        assert getattr(coding, name).equals(getattr(plain, name)), name
    assert coding == plain
    assert coding.with_records(Code("c9", "New")).codes["name"].tolist()[-1] == "New"
    assert "c9" not in coding.codes["code"].tolist()


def test_each_verb_is_one_change_by_its_coder(coding):
    with coding.by("a"):
        code = coding.add_code("Trust", parent="c2", level="interpersonal", colour="#005EB8")
        extract = coding.add_extract("D01", 5, 20, code, memo="early")
        coding.extracts.recode(extract, "c1")
        link = coding.link_evidence(extract, "cmo10", "refines", slot="context", inference="abductive")
    with coding.by("b"):
        coding.configurations.unlink(link)
        coding.extracts.delete(extract)
        coding.codes.delete(code)
    did = [(change.who, change.verb, len(change.entries)) for change in coding.log.changes(last=7)]
    assert did == [
        ("a", "add_code", 1),
        ("a", "add_extract", 1),
        ("a", "recode", 1),
        ("a", "link_evidence", 1),
        ("b", "unlink", 1),
        ("b", "delete_extract", 1),
        ("b", "delete_code", 1),
    ]


def test_who_changes_something_has_to_be_said_where_there_are_several(coding):
    with pytest.raises(CodingError, match=r"Say who does this: with coding\.by\('a'\)"):
        coding.add_code("Trust")
    with pytest.raises(CodingError, match="has no coder 'z'"):
        coding.add_code("Trust", coder="z")
    with pytest.raises(CodingError, match="has no coder 'z'"), coding.by("z"):
        pass
    assert coding.log.changes() == ()
    with coding.by("a"), coding.by("b"):
        coding.add_code("Trust")
    assert coding.log.changes(last=1)[0].who == "b"


def test_an_extract_takes_its_quote_and_context_from_the_text(coding):
    extract = coding.add_extract("D01", quote="Nobody to ring.", code="c1", coder="b")
    text = coding.text("D01")
    assert text[extract.start : extract.end] == extract.quote == "Nobody to ring."
    assert text[: extract.start].endswith(extract.prefix)
    assert len(extract.prefix) == 32
    assert text[extract.end :].startswith(extract.suffix)
    assert extract.coder == "b"
    assert extract.created.endswith("Z")
    overlapping = coding.add_extract("D01", extract.start - 4, extract.end - 3, "c2", coder="b")
    assert overlapping.id != extract.id


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (7, 7, "is empty"),
        (30, 29, "is not in D01"),
        (-3, 4, "is not in D01"),
        (0, 100_000, "which holds 148 characters"),
        (31, 33, "holds nothing but blanks"),
        (1.5, 4, "as a whole number"),
        (None, 4, "as a whole number"),
        (True, 4, "as a whole number"),
    ],
)
def test_a_selection_that_is_none_is_refused(coding, start, end, said):
    assert coding.text("D01")[31:33] == "\n\n"
    with pytest.raises(CodingError, match=said):
        coding.add_extract("D01", start, end, "c1", coder="a")
    assert len(coding.extracts) == 5


def test_a_quote_that_is_not_there_or_not_alone_is_refused(coding):
    for quote, said in (
        ("never said", "does not stand in D01"),
        ("P01", "more than once"),
        ("  ", "nothing but blanks"),
    ):
        with pytest.raises(CodingError, match=said):
            coding.add_extract("D01", quote=quote, code="c1", coder="a")
    with pytest.raises(CodingError, match="not the quote given"):
        coding.add_extract("D01", 0, 11, "c1", quote="somebody else", coder="a")


def test_positions_count_code_points(study_folder, opened):
    text = "P03: \N{GRINNING FACE} cafe\N{COMBINING ACUTE ACCENT} — well.\r\nYes."
    (study_folder / "documents" / "D03.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    coding = opened()
    coding.replace_document("D03", coder="a")
    extract = coding.add_extract("D03", 5, 12, "c1", coder="a")
    assert extract.quote == "\N{GRINNING FACE} cafe\N{COMBINING ACUTE ACCENT}"
    assert opened().find(Extract, extract.id) == extract


def test_an_unknown_name_is_refused_with_the_nearest(coding):
    with pytest.raises(CodingError, match=r"has no code 'c33'; 'c3' is near"):
        coding.add_extract("D01", 0, 5, "c33", coder="a")
    with pytest.raises(CodingError, match=r"has no document 'D1'"):
        coding.add_extract("D1", 0, 5, "c3", coder="a")
    with pytest.raises(TypeError, match="Name the code by its identifier"):
        coding.codes.rename(3, "Other", coder="a")
    with pytest.raises(CodingError, match="is not a stance this workbench knows"):
        coding.link_evidence("x001", "cmo1", "supprots", coder="a")
    with pytest.raises(CodingError, match=r"has no role 'contxt'.*'context' is near"):
        coding.configurations.fill("cmo1", "contxt", "c1", coder="a")


def test_a_code_in_use_is_deleted_only_when_told_what_becomes_of_it(coding):
    with pytest.raises(InUse, match=r"'Asking' \(c2\) is in use.*1 code \(c3\).*1 extract \(x004\)") as refusal:
        coding.codes.delete("c2", coder="a")
    assert "children='move up'" in str(refusal.value)
    assert "extracts='delete'" in str(refusal.value)
    with pytest.raises(InUse, match="Say what becomes of them: children"):
        coding.codes.delete("c2", extracts="c1", coder="a")
    assert coding.log.changes() == ()
    coding.codes.delete("c2", extracts="c1", children="move up", coder="a")
    assert coding.find(Code, "c3").parent is None
    assert coding.find(Extract, "x004").code == "c1"
    slots = {slot.role: slot.codes for slot in coding.find(Configuration, "cmo1").slots}
    assert slots["resource"] == ("c1",)
    assert len(coding.log.changes(last=1)[0].entries) == 4


def test_deleting_a_code_with_its_extracts_takes_their_links_and_leaves_wording(coding):
    coding.codes.delete("c3", extracts="delete", coder="a")
    assert coding.extracts["extract"].tolist() == ["x001", "x002", "x004"]
    assert coding.evidence["evidence"].tolist() == ["e1", "e3"]
    outcome = next(slot for slot in coding.find(Configuration, "cmo1").slots if slot.role == "outcome")
    assert (outcome.codes, outcome.wording) == ((), "rings")
    coding.undo("a")
    assert len(coding.extracts) == 5
    assert len(coding.evidence) == 4


def test_deleting_a_code_with_all_below_it(coding):
    coding.codes.delete("c2", extracts="delete", children="delete", coder="a")
    assert coding.codes["code"].tolist() == ["c1"]
    assert coding.extracts["extract"].tolist() == ["x001", "x002"]
    assert check_coding(coding._store.address.folder) == []


def test_a_code_is_never_its_own_ancestor(coding):
    with pytest.raises(CodingError, match="would be its own ancestor"):
        coding.codes.move("c2", "c3", coder="a")
    with pytest.raises(CodingError, match="under itself"):
        coding.codes.move("c2", "c2", coder="a")
    with pytest.raises(CodingError, match="own ancestor"):
        coding.change(coding.find(Code, "c2"), parent="c3", coder="a")
    assert coding.codes.move("c3", "c1", coder="a").parent == "c1"
    assert coding.codes.move("c3", None, coder="a").parent is None


def test_two_codes_of_one_name_do_not_stand_side_by_side(coding):
    with pytest.raises(CodingError, match="A code 'Alone' stands at the top already"):
        coding.add_code(" alone ", coder="a")
    with pytest.raises(CodingError, match="stands at the top already"):
        coding.codes.rename("c2", "ALONE", coder="a")
    assert coding.add_code("Alone", parent="c2", coder="a").parent == "c2"


def test_merging_codes_folds_twins_and_moves_what_used_them(coding):
    coding.extracts.annotate("x002", "first", coder="a")
    twin = coding.add_extract("D01", coding.find(Extract, "x002").start, coding.find(Extract, "x002").end, "c2",
                              memo="second", coder="b")  # fmt: skip
    link = coding.link_evidence(twin, "cmo10", "supports", coder="b")
    coding.codes.merge("c1", "c2", coder="a")
    assert coding.codes["code"].tolist() == ["c1", "c3"]
    assert coding.find(Code, "c3").parent == "c1"
    assert twin.id not in coding.extracts["extract"].tolist()
    assert coding.find(Evidence, link.id).extract == "x002"
    assert coding.find(Extract, "x002").memo == "first\nsecond"
    with pytest.raises(CodingError, match="stands below"):
        coding.codes.merge("c3", "c1", coder="a")


def test_a_replaced_document_is_refused_until_its_extracts_are_carried_over(study_folder, coding):
    coding.text("D01")
    file = study_folder / "documents" / "D01.txt"
    file.write_text("INTERVIEWER: Welcome.\n\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CodingError, match=r"The text of D01 .* is not the one that was coded"):
        coding.add_extract("D01", 0, 5, "c1", coder="a")
    with pytest.raises(CodingError, match="is not the one that was coded"):
        coding.move_extract("x001", 0, 5, coder="a")
    found = coding.replace_document("D01", coder="a")
    assert (len(found.moved), len(found.lost)) == (3, 0)
    moved = coding.find(Extract, "x001")
    assert coding.text("D01")[moved.start : moved.end] == "I was alone with it."
    assert coding.log.changes(last=1)[0].verb == "replace_document"
    assert coding.add_extract("D01", 0, 5, "c1", coder="a").quote == "INTER"


def test_an_extract_whose_words_are_gone_stays_without_a_place(study_folder, coding):
    (study_folder / "documents" / "D03.txt").write_text("P03: Nothing of the kind was said by me.", encoding="utf-8")
    found = coding.replace_document("D03", coder="a")
    assert [one.extract for one in found.lost] == ["x005"]
    kept = coding.find(Extract, "x005")
    assert (kept.quote, kept.placed) == ("so I rang", False)


def test_documents_come_in_by_the_study_and_go_only_when_told(coding):
    with pytest.raises(CodingError, match="There is a document 'D01' already"):
        coding.add_document("D01", coder="a")
    with pytest.raises(InUse, match="3 extracts"):
        coding.documents.delete("D01", coder="a")
    coding.documents.delete("D01", extracts="delete", coder="a")
    assert coding.extracts["extract"].tolist() == ["x004", "x005"]
    assert coding.evidence["evidence"].tolist() == ["e3", "e4"]
    again = coding.add_document("D01", attributes=(("profession", "nurse"),), coder="a")
    assert (again.title, again.length, again.file) == ("First", 148, "documents/D01.txt")
    with pytest.raises(CodingError, match=r"documents.csv has no document 'D09'"):
        coding.add_document("D09", coder="a")


def test_an_extract_that_is_evidence_goes_only_with_its_links(coding):
    with pytest.raises(InUse, match=r"1 evidence \(e1\) uses it"):
        coding.extracts.delete("x001", coder="a")
    coding.extracts.delete("x001", evidence="delete", coder="a")
    assert "e1" not in coding.evidence["evidence"].tolist()


def test_configurations_are_built_slot_by_slot(coding):
    with coding.by("a"):
        made = coding.configurations.add("Being known", statement="Where ...", activation=0.4)
        coding.configurations.fill(made, "outcome", "c3", wording="rings")
        coding.configurations.fill(made, "context", "c1")
        filled = coding.configurations.fill(made, "context", "c2", "c1")
        assert [(slot.role, slot.codes) for slot in filled.slots] == [("context", ("c1", "c2")), ("outcome", ("c3",))]
        assert coding.configurations.empty(made, "context", "c1").slots[0].codes == ("c2",)
        assert [slot.role for slot in coding.configurations.empty(made, "outcome").slots] == ["context"]
        coding.configurations.add_rival(made, "cmo1")
        assert coding.configurations.add_rival("cmo1", made).rivals == ("cmo2",), "a pair of rivals is written once"
        measure = Measure("rating_item", item="peer_support", expects="higher")
        assert coding.configurations.add_measure(made, measure).measures == (measure,)
        assert coding.configurations.remove_measure(made, measure).measures == ()
        coding.configurations.remove_rival("cmo1", made)
        assert coding.find(Configuration, made.id).rivals == ()
        ripple = coding.ripples.add("cmo1", made, note="next", extracts=("x001",))
        assert ripple.extracts == ("x001",)
        with pytest.raises(InUse, match="1 ripple"):
            coding.configurations.delete(made)
        coding.ripples.remove(ripple)
        coding.configurations.delete(made)
    with pytest.raises(CodingError, match="cannot be its own rival"):
        coding.configurations.add_rival("cmo1", "cmo1", coder="a")
    with pytest.raises(CodingError, match="is not a number from 0 to 1"):
        coding.configurations.add("Too sure", activation=3, coder="a")
    with pytest.raises(CodingError, match="Say what fills the slot"):
        coding.configurations.fill("cmo1", "context", coder="a")


def test_theory_work_is_recorded_with_who_and_when(coding):
    with coding.by("a"):
        first = coding.theory.record("Start", "initial", statement="If ... then ...", configurations=["cmo1"])
        second = coding.theory.record(
            "Later", "refined", follows=[first], move="adjudicate", inference="retroductive", reason="e3 refutes it",
            evidence=["e3"],
        )  # fmt: skip
        question = coding.theory.ask(
            "What made you ring?", configurations=["cmo1"], theories=[second], whom="prescribers"
        )
        answer = coding.theory.validate(coding.find(Configuration, "cmo1"), "agrees", who="P01", extracts=["x001"])
        memo = coding.memos.add("I want this to be true.", kind="reflexive")
        note = coding.memos.add("Too soon?", about=coding.find(Configuration, "cmo1"))
        decision = coding.theory.decide(
            "Split c2", reason="two things", about=coding.find(Code, "c2"), coders=["a", "b"]
        )
    assert (second.follows, second.coder, second.evidence) == ((first.id,), "a", ("e3",))
    assert second.created
    assert question.theories == (second.id,)
    assert answer.configuration == "cmo1"
    assert answer.statement.startswith("Where people decide alone")
    assert (memo.kind, memo.about, note.about, note.target) == ("reflexive", None, "configuration", "cmo1")
    assert decision.coders == ("a", "b")
    assert coding.theories["label"].tolist() == ["Start", "Later"]
    with pytest.raises(CodingError, match="makes a version of a theory come out of itself"):
        coding.change(first, follows=[second.id], coder="a")
    with pytest.raises(InUse, match=r"1 theory .*uses it"):
        coding.configurations.unlink("e3", coder="a")
    with pytest.raises(CodingError, match="Give the record it is about"):
        coding.memos.add("On a coder", about=coding._store.state.require("coders", "a"), coder="a")


def test_any_record_is_corrected_by_its_fields_or_deleted(coding):
    code = coding.change(coding.find(Code, "c1"), definition="Deciding with nobody to ask", coder="a")
    assert code.definition == "Deciding with nobody to ask"
    with pytest.raises(CodingError, match="A code has no 'definiton' that could be changed; 'definition' is near"):
        coding.change(code, definiton="x", coder="a")
    with pytest.raises(CodingError, match="has no 'id' that could be changed"):
        coding.change(code, id="c99", coder="a")
    with pytest.raises(CodingError, match=r"extracts\.move"):
        coding.change(coding.find(Extract, "x001"), start=3, coder="a")
    with pytest.raises(CodingError, match="cop coding replace"):
        coding.change(coding.find(Document, "D01"), length=3, coder="a")
    with pytest.raises(CodingError, match="is not a colour"):
        coding.change(code, colour="blue", coder="a")
    with pytest.raises(CodingError, match="is not a text"):
        coding.change(code, definition=3, coder="a")
    with pytest.raises(InUse):
        coding.delete(code, coder="a")
    coding.delete(coding.find(Evidence, "e1"), coder="a")
    assert "e1" not in coding.evidence["evidence"].tolist()
    assert coding.log.changes(last=1)[0].verb == "delete_evidence"


def test_nothing_new_is_no_change(coding):
    coding.add_code("Trust", coder="a")
    before = coding.seq
    coding.codes.rename("c1", "Alone", coder="a")
    coding.configurations.fill("cmo1", "context", "c1", coder="a")
    assert coding.seq == before


def test_text_is_data_in_every_field(coding):
    hostile = "<script>alert('1')</script>'; DROP TABLE record; -- \u202e =1+1 \N{PILE OF POO}"
    with coding.by("a"):
        code = coding.add_code(hostile, definition=hostile)
        coding.memos.add(hostile, about=code)
    assert coding.find(Code, code.id).name == hostile
    assert coding.memos["text"].tolist() == [hostile]
    coding.undo("a")
    coding.undo("a")
    assert hostile not in coding.codes["name"].tolist()
    with pytest.raises(CodingError, match="half of a character"):
        coding.add_code("broken \ud800", coder="a")


def test_still_stands_still(coding):
    still = coding.still()
    coding.add_code("Trust", coder="a")
    assert type(still) is Coding
    assert len(still.codes) == 3
    assert dataclasses.is_dataclass(still)
    assert len(coding.codes) == 4


def test_a_change_of_ones_own_is_one_transaction_and_is_checked(coding):
    def both(state):
        return {("codes", one): replace(state.require("codes", one), examples="seen together") for one in ("c1", "c2")}

    done = coding.transact("see together", both, coder="a", note="on Monday")
    assert (done.verb, done.note, len(done.entries)) == ("see together", "on Monday", 2)
    coding.undo("a")
    assert "seen together" not in coding.codes["examples"].tolist()
    code = coding.find(Code, "c1")
    for wrong in (None, {("nonsense", "c1"): code}, {("codes", "c2"): code}, {"c1": code}, {("extracts", "c1"): code}):
        with pytest.raises(CodingError, match=r"A change is a mapping|does not name"):
            coding.transact("wrong", lambda state, wrong=wrong: wrong, coder="a")


def test_a_coding_is_shown_by_what_it_holds_and_not_by_all_of_it(coding):
    assert repr(coding).startswith(f"<Coding of {coding.study} in coding.json: 2 coders, 3 documents")
    assert "the first change makes its database" in coding._repr_html_()
    assert "1 configuration" not in repr(coding.still())
    assert len(repr(coding.still())) < 300
    coding.add_code("<script>", coder="a")
    assert "<script>" not in coding._repr_html_()
    assert "coding.db" in coding._repr_html_() or "PostgreSQL" in coding._repr_html_()


def test_it_says_whether_it_can_be_changed_and_where_it_stands(coding):
    assert (coding.read_only, coding.why_read_only, coding.standing) == (False, "", None)
    with coding.by("a"):
        coding.add_code("Trust")
        standing = coding.standing
        assert standing.seq == coding.seq
    written = (coding._store.address.folder / "coding.json").read_bytes()
    assert (standing.size, standing.sha256) == (len(written), hashlib.sha256(written).hexdigest())
