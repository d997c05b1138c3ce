"""A coding out as a REFI-QDA project and back: exact, valid, and what another program changed taken over."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop_analysis import open_study
from cop_analysis.realist import (
    Code,
    Coder,
    Coding,
    Configuration,
    Document,
    Evidence,
    Extract,
    Memo,
    Slot,
    Snapshot,
    read_qdpx,
    write_qdpx,
)
from cop_analysis.realist.exchange import ExchangeError
from cop_analysis.study.faults import StudyError

FORUM = Path(__file__).resolve().parents[3] / "data" / "nmp_forum"
OWN = "sources/coding.json"


def test_everything_comes_back_exactly(coding, tmp_path, texts):
    report = write_qdpx(coding, tmp_path / "a.qdpx")
    again, read = read_qdpx(tmp_path / "a.qdpx")
    assert again == coding
    assert again.text("D01") == texts["D01"]
    assert (report.changed, report.left, read.changed, read.left) == ((), (), (), ())
    assert report.carried["configurations"] == 3
    assert report.carried["extracts"] == 6


def test_the_xml_alone_brings_back_all_but_what_it_has_no_place_for(coding, tmp_path, repack):
    write_qdpx(coding, tmp_path / "a.qdpx")
    again, _ = read_qdpx(repack(tmp_path / "a.qdpx", tmp_path / "b.qdpx", drop=(OWN,)))
    # A day without a time is no xsd:dateTime, so it does not travel in the XML.
    dated = coding.find(Extract, "x003")
    assert again == coding.with_records(replace(dated, created=""))


def test_the_shipped_study_comes_back_equal_with_and_without_our_own_part(tmp_path, repack):
    coding = open_study(FORUM).coding
    write_qdpx(coding, tmp_path / "a.qdpx")
    assert read_qdpx(tmp_path / "a.qdpx")[0].snapshot == coding.snapshot
    without = repack(tmp_path / "a.qdpx", tmp_path / "b.qdpx", drop=(OWN,))
    assert read_qdpx(without)[0].snapshot == coding.snapshot


def test_it_is_valid_against_the_published_schema(coding, tmp_path, schema):
    from lxml import etree

    write_qdpx(coding, tmp_path / "a.qdpx")
    validator = schema("Project.xsd")
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        assert validator.validate(etree.fromstring(archive.read("project.qde"))), validator.error_log


def test_an_empty_coding_is_a_valid_project_too(tmp_path, schema):
    from lxml import etree

    empty = Coding(Snapshot("empty"))
    write_qdpx(empty, tmp_path / "a.qdpx")
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        xml = archive.read("project.qde")
    assert read_qdpx(tmp_path / "a.qdpx")[0] == empty
    validator = schema("Project.xsd")
    assert validator.validate(etree.fromstring(xml)), validator.error_log


def test_a_configuration_is_a_code_a_note_links_named_by_role_and_a_graph(coding, tmp_path):
    import xml.etree.ElementTree as ElementTree

    write_qdpx(coding, tmp_path / "a.qdpx")
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        root = ElementTree.fromstring(archive.read("project.qde"))
    space = "{urn:QDA-XML:project:1.0}"
    code = next(one for one in root.iter(f"{space}Code") if one.get("name") == "A name to ring")
    codings = [one for one in root.iter(f"{space}CodeRef") if one.get("targetGUID") == code.get("guid")]
    links = [one for one in root.iter(f"{space}Link") if one.get("targetGUID") == code.get("guid")]
    notes = {one.get("guid"): one for one in root.iter(f"{space}Note")}
    assert len(codings) == 3  # x001, x002, x005; x006 has no place in its text
    assert {one.get("direction") for one in links} == {"OneWay"}
    assert sorted(one.get("name") for one in links) == [
        "context", "context", "evidence", "outcome", "outcome", "outcome", "ripple",
    ]  # fmt: skip
    note = notes[code.find(f"{space}NoteRef").get("targetGUID")]
    assert "Statement: Where people decide alone," in note.find(f"{space}PlainTextContent").text
    assert any(one.get("name") == "A name to ring" for one in root.iter(f"{space}Graph"))


def test_the_same_coding_is_the_same_file(coding, tmp_path):
    write_qdpx(coding, tmp_path / "a.qdpx")
    write_qdpx(coding, tmp_path / "b.qdpx")
    assert (tmp_path / "a.qdpx").read_bytes() == (tmp_path / "b.qdpx").read_bytes()


def test_positions_are_code_points_unless_utf16_is_asked_for(coding, tmp_path):
    def start(path: Path, name: str) -> str:
        with zipfile.ZipFile(path) as archive:
            xml = archive.read("project.qde").decode()
        return xml.split(f'name="{name}" startPosition="')[1].split('"')[0]

    write_qdpx(coding, tmp_path / "a.qdpx")
    write_qdpx(coding, tmp_path / "b.qdpx", offsets="utf16")
    place = coding.find(Extract, "x002").start
    assert start(tmp_path / "a.qdpx", "x002") == str(place)
    assert start(tmp_path / "b.qdpx", "x002") == str(place + 1)  # one astral character lies before it
    assert read_qdpx(tmp_path / "b.qdpx")[0] == coding
    assert read_qdpx(tmp_path / "b.qdpx")[1].offsets.unit == "utf16"


# --- another program was at it --------------------------------------------------------------------------------------


def edited(repack, path: Path, old: str, new: str) -> Path:
    def edit(name: str, content: bytes) -> bytes:
        if not name.endswith(".qde"):
            return content
        assert old.encode() in content
        return content.replace(old.encode(), new.encode())

    return repack(path, path.with_name("edited.qdpx"), edit)


def test_a_code_renamed_elsewhere_is_renamed_and_the_rest_stands(coding, tmp_path, repack):
    write_qdpx(coding, tmp_path / "a.qdpx")
    again, report = read_qdpx(edited(repack, tmp_path / "a.qdpx", 'name="Ringing"', 'name="Telephoning"'))
    assert again == coding.with_records(replace(coding.find(Code, "c3"), name="Telephoning"))
    assert [item.sentence for item in report.changed] == ["code c3 (Telephoning): its name changed in another program."]


def test_a_statement_edited_in_the_note_or_in_the_description_counts(coding, tmp_path, repack):
    write_qdpx(coding, tmp_path / "a.qdpx")
    wanted = replace(
        coding.find(Configuration, "cmo1"), statement="Where people decide together,\nknowing a name lets them ring."
    )
    note = edited(repack, tmp_path / "a.qdpx", "Statement: Where people decide alone,",
                  "Statement: Where people decide together,")  # fmt: skip
    assert read_qdpx(note)[0] == coding.with_records(wanted)
    described = edited(repack, tmp_path / "a.qdpx", "<Description>Where people decide alone,",
                       "<Description>Where people decide together,")  # fmt: skip
    assert read_qdpx(described)[0] == coding.with_records(wanted)


def test_links_notes_and_graphs_that_are_dropped_are_restored(coding, tmp_path, repack):
    import re

    write_qdpx(coding, tmp_path / "a.qdpx")

    def drop(name: str, content: bytes) -> bytes:
        if name.endswith(".qde"):
            for section in (b"Notes", b"Links", b"Graphs", b"Variables"):
                content = re.sub(rb"<%s>.*?</%s>" % (section, section), b"", content, flags=re.DOTALL)
            content = re.sub(rb"<NoteRef [^>]*/>|<VariableValue>.*?</VariableValue>", b"", content)
        return content

    again, report = read_qdpx(repack(tmp_path / "a.qdpx", tmp_path / "b.qdpx", drop))
    assert again == coding
    assert any("was dropped by another program" in item.reason for item in report.changed)


def test_a_coding_deleted_elsewhere_takes_its_evidence_with_it_and_says_so(coding, tmp_path, repack):
    import re

    write_qdpx(coding, tmp_path / "a.qdpx")

    def delete(name: str, content: bytes) -> bytes:
        if name.endswith(".qde"):
            content = re.sub(rb'<PlainTextSelection [^>]*name="x005".*?</PlainTextSelection>', b"", content)
        return content

    again, report = read_qdpx(repack(tmp_path / "a.qdpx", tmp_path / "b.qdpx", delete))
    assert again == coding.without_records(Extract, ["x005"]).without_records(Evidence, ["e3"])
    assert any(item.what == "extract" and item.where == "x005" and "deleted" in item.reason for item in report.changed)
    assert any(item.what == "evidence" and item.where == "e3" for item in report.left)


def test_a_selection_coded_elsewhere_comes_in(coding, tmp_path, repack, identify):
    import re

    write_qdpx(coding, tmp_path / "a.qdpx")

    def code(name: str, content: bytes) -> bytes:
        if not name.endswith(".qde"):
            return content
        text = content.decode()
        trust = re.search(r'<Code guid="([^"]+)" name="Alone"', text)[1]
        new = (
            f'<PlainTextSelection guid="{identify("new")}" startPosition="5" endPosition="10">'
            f'<Coding guid="{identify("newc")}"><CodeRef targetGUID="{trust}"/></Coding></PlainTextSelection>'
        )
        return text.replace("<PlainTextSelection ", new + "<PlainTextSelection ", 1).encode()

    again, report = read_qdpx(repack(tmp_path / "a.qdpx", tmp_path / "b.qdpx", code))
    added = [one for one in again.snapshot.extracts if one.id not in {x.id for x in coding.snapshot.extracts}]
    assert [(one.quote, one.code) for one in added] == [("I was", "c1")]
    assert any("was added in another program" in item.reason for item in report.changed)


def test_a_link_drawn_elsewhere_fills_a_slot(coding, tmp_path, repack, identify):
    import re

    write_qdpx(coding, tmp_path / "a.qdpx")

    def draw(name: str, content: bytes) -> bytes:
        if not name.endswith(".qde"):
            return content
        text = content.decode()
        code = re.search(r'<Code guid="([^"]+)" name="Alone"', text)[1]
        target = re.search(r'<Code guid="([^"]+)" name="A name to ring"', text)[1]
        link = (
            f'<Link guid="{identify("link")}" name="resource" direction="OneWay" originGUID="{code}" '
            f'targetGUID="{target}"/>'
        )
        return text.replace("</Links>", link + "</Links>").encode()

    again, _ = read_qdpx(repack(tmp_path / "a.qdpx", tmp_path / "b.qdpx", draw))
    slots = again.find(Configuration, "cmo1").slots
    assert slots[1] == Slot("resource", ("c1",), "a name")
    assert slots[0] == Slot("context", ("c1",), "decides alone")


def test_our_own_part_of_a_newer_version_is_passed_by_and_the_xml_read(coding, tmp_path, repack):
    write_qdpx(coding, tmp_path / "a.qdpx")

    def newer(name: str, content: bytes) -> bytes:
        return content.replace(b'"schema_version": 2', b'"schema_version": 99') if name == OWN else content

    again, report = read_qdpx(repack(tmp_path / "a.qdpx", tmp_path / "b.qdpx", newer))
    assert len(again.snapshot.configurations) == 3
    assert any("newer form" in item.reason for item in report.left)


# --- what is refused, and what is said ------------------------------------------------------------------------------


def test_records_that_contradict_each_other_are_not_written(coding, tmp_path):
    with pytest.raises(StudyError, match="is not among the codes"):
        write_qdpx(coding.without_records(Code, ["c1"]), tmp_path / "a.qdpx")
    assert list(tmp_path.iterdir()) == []


def test_a_coding_without_its_texts_is_refused_by_name(coding, tmp_path):
    with pytest.raises(ExchangeError, match="The text of document D01 is needed"):
        write_qdpx(Coding(coding.snapshot), tmp_path / "a.qdpx")


def test_a_file_that_exists_stays_where_it_may_not_be_replaced(coding, tmp_path):
    (tmp_path / "a.qdpx").write_bytes(b"mine")
    with pytest.raises(ExchangeError, match="exists already"):
        write_qdpx(coding, tmp_path / "a.qdpx", overwrite=False)
    assert (tmp_path / "a.qdpx").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["a.qdpx"]


@pytest.mark.parametrize("wrong", ["utf-8", "", "AUTO"])
def test_an_unknown_unit_is_refused(coding, tmp_path, wrong):
    write_qdpx(coding, tmp_path / "a.qdpx")
    with pytest.raises(ValueError, match="offsets must be"):
        read_qdpx(tmp_path / "a.qdpx", offsets=wrong)
    with pytest.raises(ValueError, match="offsets must be"):
        write_qdpx(coding, tmp_path / "b.qdpx", offsets=wrong)


def test_an_extract_whose_document_was_changed_travels_with_its_words(coding, tmp_path, texts):
    changed = Coding(coding.snapshot, {**texts, "D02": "Quite another text, as long as it takes to be."}.__getitem__)
    report = write_qdpx(changed, tmp_path / "a.qdpx")
    assert {item.what for item in report.changed} == {"extract"}
    assert read_qdpx(tmp_path / "a.qdpx")[0] == coding


def test_control_characters_are_reported_and_survive_in_our_own_part(coding, tmp_path, schema):
    from lxml import etree

    odd = coding.with_records(replace(coding.find(Code, "c1"), definition="bell \x07 and form feed \x0c"))
    report = write_qdpx(odd, tmp_path / "a.qdpx")
    assert any("control character" in item.reason for item in report.changed)
    assert read_qdpx(tmp_path / "a.qdpx")[0] == odd
    validator = schema("Project.xsd")
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        assert validator.validate(etree.fromstring(archive.read("project.qde"))), validator.error_log


def test_thirty_levels_and_overlapping_extracts(tmp_path, repack):
    text = "one two three four five"
    codes = tuple(Code(f"c{n}", f"Level {n}", None if n == 0 else f"c{n - 1}") for n in range(30))
    extracts = tuple(
        Extract(
            f"x{n}", "D", n % 3, 7 + n % 5, text[n % 3 : 7 + n % 5], f"c{n}", "a", text[: n % 3], text[7 + n % 5 :][:32]
        )
        for n in range(30)
    )
    document = Document("D", "D.txt", "", hashlib.sha256(text.encode()).hexdigest(), len(text))
    coding = Coding(Snapshot("deep", (Coder("a"),), (document,), codes, extracts), {"D": text}.__getitem__)
    write_qdpx(coding, tmp_path / "a.qdpx")
    assert read_qdpx(tmp_path / "a.qdpx")[0] == coding
    assert read_qdpx(repack(tmp_path / "a.qdpx", tmp_path / "b.qdpx", drop=(OWN,)))[0] == coding


# --- any coding -----------------------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
named = words.filter(lambda text: text.strip())
xml_words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from("\n\t\r"), max_size=20)
xml_named = xml_words.filter(lambda text: text.strip())


@st.composite
def codings(draw, text_of=words, name_of=named):
    letters = st.text(st.sampled_from("ab \n\r\U0001f600e\u0301\u4fe1.,<&"), min_size=1, max_size=60)
    texts = {}
    for number in range(draw(st.integers(0, 3))):
        text = draw(letters).replace("\r", "\n")
        if text.strip():
            texts[f"D{number}"] = text
    documents = tuple(
        Document(name, f"documents/{name}.txt", draw(name_of), hashlib.sha256(text.encode()).hexdigest(), len(text))
        for name, text in texts.items()
    )
    coders = tuple(Coder(f"k{n}", draw(text_of)) for n in range(draw(st.integers(1, 2))))
    codes: list[Code] = []
    for number in range(draw(st.integers(1, 5))):
        parent = draw(st.none() | st.sampled_from([code.id for code in codes])) if codes else None
        colour = draw(st.sampled_from(["", "#005EB8"]))
        level = draw(st.sampled_from([None, "system"]))
        codes.append(Code(f"c{number}", draw(name_of), parent, draw(text_of), draw(text_of), colour, level))
    extracts = []
    for number in range(draw(st.integers(0, 6)) if texts else 0):
        name = draw(st.sampled_from(sorted(texts)))
        text = texts[name]
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        if text[start:end].strip():
            extracts.append(
                Extract(
                    f"x{number}",
                    name,
                    start,
                    end,
                    text[start:end],
                    draw(st.sampled_from(codes)).id,
                    draw(st.sampled_from(coders)).id,
                    text[max(0, start - 32) : start],
                    text[end : end + 32],
                    "2025-03-02T10:00:00Z",
                    draw(text_of),
                )
            )
    roles = ["context", "resource", "reasoning", "outcome"]
    configurations = []
    for number in range(draw(st.integers(0, 3))):
        slots = tuple(
            Slot(
                role,
                tuple(dict.fromkeys(draw(st.lists(st.sampled_from([c.id for c in codes]), max_size=3)))),
                draw(text_of),
            )
            for role in draw(st.lists(st.sampled_from(roles), unique=True))
        )
        configurations.append(
            Configuration(f"g{number}", draw(name_of), "CMO", draw(text_of), None, draw(text_of), 0.5, slots)
        )
    evidence = []
    for number in range(draw(st.integers(0, 4)) if extracts and configurations else 0):
        evidence.append(
            Evidence(
                f"e{number}",
                draw(st.sampled_from(extracts)).id,
                draw(st.sampled_from(configurations)).id,
                draw(st.sampled_from(["supports", "refines", "refutes"])),
                draw(st.sampled_from([None, *roles])),
                reason=draw(text_of),
            )
        )
    memos = tuple(Memo(f"m{n}", draw(name_of), draw(text_of)) for n in range(draw(st.integers(0, 2))))
    snapshot = Snapshot("any", coders, documents, tuple(codes), tuple(extracts), tuple(configurations), tuple(evidence),
                        memos=memos)  # fmt: skip
    return Coding(snapshot, texts.__getitem__)


@given(codings(), st.sampled_from(["codepoint", "utf16"]))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_coding_comes_back_exactly(tmp_path_factory, coding, unit):
    path = tmp_path_factory.mktemp("any") / "a.qdpx"
    write_qdpx(coding, path, offsets=unit)
    again, _ = read_qdpx(path)
    assert again == coding
    assert all(again.text(one.id) == coding.text(one.id) for one in coding.snapshot.documents)


@pytest.mark.slow
@given(codings(xml_words, xml_named))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_coding_of_what_xml_can_hold_comes_back_from_the_xml_alone(tmp_path_factory, repack, coding):
    folder = tmp_path_factory.mktemp("any")
    write_qdpx(coding, folder / "a.qdpx")
    again, report = read_qdpx(repack(folder / "a.qdpx", folder / "b.qdpx", drop=(OWN,)))
    assert again == coding, report.lines
