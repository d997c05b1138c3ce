"""A corrected document: its coding is carried over, whether file, text or disk holds it, or nothing is changed."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from cop_analysis import open_study
from cop_analysis.cli import app
from cop_analysis.realist.coding import documents
from cop_analysis.realist.model.identifiers import guid_of
from cop_analysis.realist.model.records import Document, Foreign, Part
from cop_analysis.realist.store import CodingError
from cop_analysis.realist.store.log import Entry
from cop_analysis.realist.store.state import to_body

TYPO = "P01: I was alnoe with it. Yes.\n\nP01: Then I rang them. Yes.\n\nP01: They were kind. Yes.\n"
RIGHT = "INTERVIEWER: Well?\n\n" + TYPO.replace("alnoe", "alone")


def source(*places: tuple[int, int], study: str = "forum") -> Foreign:
    """A source of another program with selections that are no extracts, and a point of time."""
    parts = [Part(0, "TextSource", (("guid", guid_of(study, "document", "D09")),))]
    for number, (start, end) in enumerate(places):
        values = (("guid", guid_of("other", "selection", str(number))), ("startPosition", str(start)))
        parts.append(Part(1, "PlainTextSelection", (*values, ("endPosition", str(end)))))
        parts.append(Part(2, "Description", (), f"note {number}"))
    return Foreign("f1", "TextSource", "D09", ("D09",), tuple(parts))


def selected(record: Foreign, text: str) -> list[str]:
    """The words each kept selection stands on."""
    values = [dict(one.attributes) for one in record.parts if one.tag == "PlainTextSelection"]
    return [text[int(one["startPosition"]) : int(one["endPosition"])] for one in values]


@pytest.fixture
def folder(sqlite_folder):
    """A study with a document that has a typo in it, coded at four places, one of them the third of three "Yes."."""
    (sqlite_folder / "documents" / "D09.txt").write_text(TYPO, encoding="utf-8")
    with (sqlite_folder / "documents.csv").open("a", encoding="utf-8") as table:
        table.write("D09,D09.txt,interview,P01,Ninth\n")
    with open_study(sqlite_folder).coding as coding, coding.by("a"):
        coding.add_extract("D09", code="c1", quote="alnoe with it", id="x91")
        coding.add_extract("D09", code="c1", quote="Then I rang them", id="x92")
        last = TYPO.rindex("Yes.")
        coding.add_extract("D09", last, last + 4, "c2", id="x93")
        coding.add_extract("D09", code="c2", quote="They were kind", id="x94")
        first = TYPO.index("Yes.")
        record = source((first, first + 4), (TYPO.index("kind"), TYPO.index("kind") + 4))
        coding.transact("test", lambda _: {("foreign", "f1"): record})
    return sqlite_folder


def placed(coding, text: str) -> dict[str, str]:
    """What stands at the place of each extract of the document."""
    its = [one for one in coding.snapshot.extracts if one.document == "D09" and one.placed]
    assert all(text[one.start : one.end] == one.quote for one in its)
    return {one.id: one.quote for one in its}


def test_a_corrected_text_takes_the_place_of_the_file_with_all_that_was_coded(folder):
    with open_study(folder).coding as coding:
        done = coding.replace_document("D09", text=RIGHT, coder="a")
        assert (folder / "documents" / "D09.txt").read_text(encoding="utf-8") == RIGHT
        assert placed(coding, RIGHT) == {"x91": "alone with it", "x92": "Then I rang them", "x93": "Yes.",
                                         "x94": "They were kind"}  # fmt: skip
        third = next(one for one in coding.snapshot.extracts if one.id == "x93")
        assert third.start == RIGHT.rindex("Yes.")
        kept = next(one for one in coding.snapshot.foreign if one.id == "f1")
        assert selected(kept, RIGHT) == ["Yes.", "kind"]
        assert int(dict(kept.parts[1].attributes)["startPosition"]) == RIGHT.index("Yes.")
        assert (done.foreign_moved, done.foreign_lost, done.lost) == (2, (), ())
        assert "2 selections of another program moved along" in done.sentence
        coding.add_extract("D09", code="c2", quote="INTERVIEWER: Well?", coder="a")
        assert [change.verb for change in coding.log.changes(last=2)] == ["replace_document", "add_extract"]
    with open_study(folder).coding as again:
        assert len(placed(again, RIGHT)) == 5


def test_a_file_corrected_on_disk_is_carried_over_without_its_old_text(folder):
    (folder / "documents" / "D09.txt").write_text(RIGHT, encoding="utf-8")
    with open_study(folder).coding as coding:
        done = coding.replace_document("D09", coder="a")
        assert placed(coding, RIGHT)["x91"] == "alone with it"
        kept = next(one for one in coding.snapshot.foreign if one.id == "f1")
        assert selected(kept, RIGHT)[-1] == "kind", "between two extracts that moved by the same distance"
        assert [one.extract for one in done.lost] in ([], ["x93"])


def test_what_finds_no_place_is_listed_with_its_words_and_where_it_was(folder, tmp_path):
    file = tmp_path / "corrected.txt"
    file.write_text(RIGHT.replace("P01: They were kind. Yes.\n", ""), encoding="utf-8")
    said = CliRunner().invoke(app, ["coding", "replace", str(folder), "D09", str(file), "--coder", "a"])
    assert said.exit_code == 0, said.output
    start = TYPO.index("They were kind")
    assert f'no place: x94, characters {start:,} to {start + 14:,} before: "They were kind": ' in said.output
    assert 'x91: "alnoe with it" is now "alone with it"' in said.output
    assert "of another program, characters" in said.output
    assert '"kind"' in said.output
    with open_study(folder).coding as coding:
        lost = next(one for one in coding.snapshot.extracts if one.id == "x94")
        assert (lost.placed, lost.quote, lost.code) == (False, "They were kind", "c2")
        now = coding.text("D09")
        coding.move_extract("x94", now.index("Then"), now.index("Then") + 4, coder="a")
        assert next(one for one in coding.snapshot.extracts if one.id == "x94").placed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"text": "  \n"}, "The corrected text is empty"),
        ({"text": "half \ud83d"}, "half of a character|could not be written"),
        ({"file": "absent.docx"}, "There is no file absent.docx"),
        ({"text": "x", "file": "y"}, "not both"),
        ({"file": "coding.db"}, "is a database"),
    ],
)
def test_what_cannot_be_taken_changes_nothing(folder, monkeypatch, arguments, said):
    monkeypatch.chdir(folder)
    with open_study(folder).coding as coding:
        before, seq = coding.snapshot, coding.seq
        with pytest.raises(CodingError, match=said):
            coding.replace_document("D09", **arguments, coder="a")
        assert (coding.snapshot, coding.seq) == (before, seq)
        assert (folder / "documents" / "D09.txt").read_text(encoding="utf-8") == TYPO


def test_a_refused_change_leaves_the_old_file(folder):
    def refuse(*_: object) -> None:
        raise CodingError("Not now.")

    with open_study(folder).coding as coding:
        with coding.guarded(refuse), pytest.raises(CodingError, match="Not now"):
            coding.replace_document("D09", text=RIGHT, coder="a")
        assert (folder / "documents" / "D09.txt").read_text(encoding="utf-8") == TYPO
        assert coding.add_extract("D09", code="c1", quote="rang them", coder="a").placed


def test_a_document_nobody_coded_is_named(folder):
    said = CliRunner().invoke(app, ["coding", "replace", str(folder), "D99", "--coder", "a"])
    assert said.exit_code == 2
    assert "has no document 'D99'" in said.output


@pytest.mark.slow
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_undo_gives_the_text_back_and_redo_the_corrected_one_byte_for_byte(folder, mark, ends):
    file = folder / "documents" / "D09.txt"
    typo, right = (mark + text.encode().replace(b"\n", ends) for text in (TYPO, RIGHT))
    file.write_bytes(typo)
    with open_study(folder).coding as coding:
        before = coding.snapshot
        coding.replace_document("D09", text=RIGHT, coder="a")
        after = coding.snapshot
        assert file.read_bytes() == right
    with open_study(folder).coding as again:
        for _ in range(2):
            again.undo("a")
            assert (again.snapshot, file.read_bytes(), again.text("D09")) == (before, typo, TYPO)
            placed(again, TYPO)
            assert again.log.redo("a").action == "redo"
            assert (again.snapshot, file.read_bytes()) == (after, right)
    said = CliRunner().invoke(app, ["coding", "undo", str(folder), "--coder", "a"])
    assert "The text of D09 in documents/ is the one before the correction again." in said.output
    assert "no longer" not in CliRunner().invoke(app, ["check", str(folder)]).output
    assert file.read_bytes() == typo


def test_an_undo_that_cannot_give_the_text_back_is_refused_until_somebody_puts_it_there(folder):
    file = folder / "documents" / "D09.txt"
    file.write_text(RIGHT, encoding="utf-8")
    with open_study(folder).coding as coding:
        coding.replace_document("D09", coder="a")
        before, seq = coding.snapshot, coding.seq
        with pytest.raises(CodingError, match=r"text of D09 is not kept.*cop coding replace STUDY D09 FILE"):
            coding.undo("a")
        assert (coding.snapshot, coding.seq, file.read_text(encoding="utf-8")) == (before, seq, RIGHT)
        file.write_text(TYPO, encoding="utf-8")
        coding.undo("a")
        assert placed(coding, TYPO)["x91"] == "alnoe with it"


def test_an_undo_writes_over_nothing_that_somebody_wrote_since(folder):
    file = folder / "documents" / "D09.txt"
    with open_study(folder).coding as coding:
        coding.replace_document("D09", text=RIGHT, coder="a")
        before = coding.snapshot
        file.write_text(RIGHT + "\nP01: One more thing.\n", encoding="utf-8")
        with pytest.raises(CodingError, match=r"was changed since.*cop coding replace STUDY D09"):
            coding.undo("a")
        assert coding.snapshot == before
    assert "One more thing" in file.read_text(encoding="utf-8")


def test_an_undo_that_is_refused_later_leaves_the_corrected_text(folder, monkeypatch):
    from cop_analysis.realist.store import log

    append = log.append

    def refuse(*given: object, **named: object) -> object:
        if named.get("action") == "undo":
            raise CodingError("Not now.")
        return append(*given, **named)

    with open_study(folder).coding as coding:
        coding.replace_document("D09", text=RIGHT, coder="a")
        monkeypatch.setattr(log, "append", refuse)
        with pytest.raises(CodingError, match="Not now"):
            coding.undo("a")
        assert (folder / "documents" / "D09.txt").read_text(encoding="utf-8") == RIGHT
        assert coding.text("D09") == RIGHT


def test_an_erasure_keeps_nothing_of_what_texts_said_before_they_were_corrected(folder):
    with open_study(folder).coding as coding:
        coding.replace_document(
            "D09", text=f"INTERVIEWER: Quagga.\n\nINTERVIEWER: {'Welcome. ' * 9}\n\n{RIGHT}", coder="a"
        )
        coding.replace_document("D09", text=RIGHT, coder="a")
    assert b"Quagga" in (folder / "coding.db").read_bytes()
    with open_study(folder).coding as coding:
        # Nothing but the corrected text before names this one.
        counted = coding.erase_person("Quagga", unlisted=True, coder="a", outputs=folder / "none")
        assert (counted.records, counted.redacted, counted.entries) == (0, 0, 2)
        with pytest.raises(CodingError, match="is not kept"):
            coding.undo("a")
    assert b"Quagga" not in b"".join(one.read_bytes() for one in folder.glob("coding.*"))


@pytest.mark.parametrize(
    ("found", "keeps"),
    [("mine", True), ("", True), ("theirs", False)],
    ids=["the text as read", "a document without checksum", "a text somebody put there meanwhile"],
)
def test_the_text_before_is_kept_only_where_it_is_the_one_that_was_coded(monkeypatch, found, keeps):
    """Of two who replace a text at once, what the later one had read is not what it replaced: no undo may give it."""
    kept = []
    monkeypatch.setattr(
        documents, "keep_correction", lambda _, change, document, correction: kept.append((change, document))
    )
    checksum = hashlib.sha256(found.encode()).hexdigest() if found else ""
    before = to_body(Document("D1", "D1.txt", "First", checksum, len(found)))
    done = SimpleNamespace(id=7, entries=[Entry(7, 1, ("documents", "D1"), before, None)])
    documents.keep_text("D1", "mine", "corrected")(None, done)
    assert kept == ([(7, "D1")] if keeps else [])
