"""What no record here stands for: kept as it came, through coding.json and the store, and written back."""

from __future__ import annotations

import hashlib
import re
import uuid
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from cop_analysis.realist import (
    Code,
    Coding,
    Configuration,
    Document,
    Evidence,
    Extract,
    Foreign,
    Memo,
    Part,
    read_coding,
    read_qdpx,
    write_coding,
    write_qdpx,
)
from cop_analysis.realist.exchange.references import correct_references
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.study.faults import StudyError

TEXT = "P01: I trust \U0001f600 them a lot.\nP02: There is no time, caf\u00e9.\n"


def g(name: str) -> str:
    return str(uuid.UUID(bytes=hashlib.md5(name.encode()).digest(), version=4))


def place(words: str) -> str:
    """Where words stand, as NVivo counts: units of UTF-16, a line break as two."""

    def count(part: str) -> int:
        return len(part.replace("\n", "\r\n").encode("utf-16-le")) // 2

    start = TEXT.index(words)
    return f'startPosition="{count(TEXT[:start])}" endPosition="{count(TEXT[: start + len(words)])}"'


def note(name: str) -> str:
    return f'<NoteRef targetGUID="{g(name)}"/>'


def coding_of(name: str, code: str, user: str = "ann", more: str = "") -> str:
    made = f'creatingUser="{g(user)}" creationDateTime="2024-05-07T07:08:09Z"'
    return f'<Coding guid="{g(name)}" {made}><CodeRef targetGUID="{g(code)}"/>{more}</Coding>'


def value(variable: str, kind: str, text: object) -> str:
    reference = f'<VariableRef targetGUID="{g(variable)}"/>'
    return f"<VariableValue>{reference}<{kind}Value>{text}</{kind}Value></VariableValue>"


def variable(name: str, kind: str) -> str:
    return f'<Variable guid="{g(name)}" name="{name}" typeOfVariable="{kind}"/>'


MADE = f'creatingUser="{g("ann")}" creationDateTime="2024-05-06T07:08:09Z"'
BOTH = f'{MADE} modifyingUser="{g("bob")}" modifiedDateTime="2024-06-06T07:08:09.123+01:00"'
FULL = f"""<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="Their Project" origin="NVivo 12" creatingUserGUID="{g("ann")}"
 basePath="C:\\x">
<Users><User guid="{g("ann")}" name="Ann" id="AN"/><User guid="{g("bob")}" name="Bob"/></Users>
<CodeBook><Codes><Code guid="{g("trust")}" name="Trust" isCodable="true" color="#abc"><Description>d</Description>
{note("n2")}<Code guid="{g("inner")}" name="Inner" isCodable="false"/></Code>
<Code guid="{g("time")}" name="Time" isCodable="true" color="#00FF00"/></Codes></CodeBook>
<Variables>{variable("Age", "Integer")}{variable("Ward", "Text")}{variable("Ok", "Boolean")}{variable("Day", "Date")}
{variable("Score", "Float")}{variable("At", "DateTime")}</Variables>
<Cases><Case guid="{g("case")}" name="P01"><Description>a nurse</Description><CodeRef targetGUID="{g("trust")}"/>
{value("Age", "Integer", 44)}{value("Score", "Float", "1.50")}<SourceRef targetGUID="{g("doc")}"/>
<SelectionRef targetGUID="{g("s1")}"/></Case><Case guid="{g("lone")}" name="P02"/></Cases>
<Sources><TextSource guid="{g("doc")}" name="Interview" richTextPath="internal://{g("doc")}.docx"
 plainTextPath="internal://{g("doc")}.txt" {BOTH}><Description>about it</Description>
<PlainTextSelection guid="{g("s1")}" name="I trust" {place("trust")} {BOTH}><Description>memo one</Description>
{coding_of("c1", "trust", "bob", note("n3"))}{coding_of("c2", "time")}{note("n1")}</PlainTextSelection>
<PlainTextSelection guid="{g("s2")}" {place("no time, caf")} {MADE}>{coding_of("c3", "time")}</PlainTextSelection>
<PlainTextSelection guid="{g("s3")}" {place("them")} {MADE}>{note("n1")}</PlainTextSelection>
<PlainTextSelection guid="{g("s4")}" startPosition="900" endPosition="910">{coding_of("c5", "time")}
</PlainTextSelection>
<PlainTextSelection guid="{g("s5")}" {place("There")} {MADE}>{coding_of("c6", "no such code")}</PlainTextSelection>
{coding_of("c7", "inner")}{note("n1")}{value("Ward", "Text", "A &amp; B")}{value("Ok", "Boolean", "true")}
{value("Day", "Date", "2024-02-29")}</TextSource>
<TextSource guid="{g("rich")}" name="Rich only" richTextPath="internal://{g("rich")}.docx" {MADE}>
<PlainTextSelection guid="{g("s6")}" startPosition="1" endPosition="3">{coding_of("c8", "time")}</PlainTextSelection>
</TextSource>
<PictureSource guid="{g("pic")}" name="Photo" path="internal://{g("pic")}.png" {MADE}>
<PictureSelection guid="{g("ps")}" firstX="0" firstY="0" secondX="9" secondY="9">{coding_of("c9", "trust")}
</PictureSelection>{value("Age", "Integer", 3)}</PictureSource>
<PDFSource guid="{g("pdf")}" name="Report" path="internal://{g("pdf")}.pdf"><PDFSelection guid="{g("pds")}" page="1"
 firstX="0" firstY="0" secondX="9" secondY="9">{coding_of("c10", "trust")}</PDFSelection>
<Representation guid="{g("rep")}" plainTextPath="internal://{g("rep")}.txt"><PlainTextSelection guid="{g("s7")}"
 startPosition="2" endPosition="7">{coding_of("c11", "trust")}</PlainTextSelection></Representation></PDFSource>
<VideoSource guid="{g("film")}" name="Film" path="internal://{g("film")}.mp4"><Transcript guid="{g("tr")}"
 name="Film text"><PlainTextContent>We trust him.</PlainTextContent>
<SyncPoint guid="{g("p1")}" timeStamp="0" position="3"/><SyncPoint guid="{g("p2")}" timeStamp="9" position="8"/>
<TranscriptSelection guid="{g("ts")}" fromSyncPoint="{g("p1")}" toSyncPoint="{g("p2")}">{coding_of("c12", "trust")}
</TranscriptSelection></Transcript><VideoSelection guid="{g("vs")}" begin="0" end="99">{coding_of("c13", "trust")}
</VideoSelection></VideoSource></Sources>
<Notes><Note guid="{g("n1")}" name="N1" {BOTH}><PlainTextContent>She was tired.</PlainTextContent></Note>
<Note guid="{g("n2")}" name="N2"><PlainTextContent>About trust</PlainTextContent>{note("n1")}</Note>
<Note guid="{g("n3")}" name="N3"><PlainTextContent>On the coding</PlainTextContent><PlainTextSelection
 guid="{g("ns")}" startPosition="0" endPosition="2">{coding_of("c14", "trust")}</PlainTextSelection></Note>
<Note guid="{g("n4")}" name="Empty"/></Notes>
<Links><Link guid="{g("l1")}" name="explains" direction="Bidirectional" color="#123" originGUID="{g("trust")}"
 targetGUID="{g("doc")}">{note("n1")}</Link><Link guid="{g("l2")}" name="context" originGUID="{g("s1")}"
 targetGUID="{g("case")}"/><Link guid="{g("l3")}" originGUID="{g("set")}" targetGUID="{g("inner")}"/></Links>
<Sets><Set guid="{g("set")}" name="Best"><Description>x</Description><MemberCode targetGUID="{g("trust")}"/>
<MemberCode targetGUID="{g("inner")}"/><MemberSource targetGUID="{g("doc")}"/><MemberNote targetGUID="{g("n1")}"/>
</Set></Sets>
<Graphs><Graph guid="{g("graph")}" name="Map"><Vertex guid="{g("v1")}" representedGUID="{g("trust")}" name="T"
 firstX="1" firstY="2" secondX="3" secondY="4" shape="Star" color="#111111"/><Vertex guid="{g("v2")}" firstX="1"
 firstY="2"/><Edge guid="{g("e1")}" representedGUID="{g("l1")}" sourceVertex="{g("v1")}" targetVertex="{g("v2")}"
 direction="OneWay" lineStyle="dashed"/></Graph></Graphs>
<Description>A project about things</Description>{note("n3")}
</Project>"""
FILES = {f"sources/{g('doc')}.docx": b"DOCX", f"sources/{g('rich')}.docx": b"RICH", f"sources/{g('pic')}.png": b"PNG",
         f"sources/{g('pdf')}.pdf": b"PDF", f"sources/{g('film')}.mp4": b"MP4"}  # fmt: skip


def project(path: Path, xml: str = FULL) -> Path:
    text = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.qde", xml)
        for name, content in {
            **FILES,
            f"sources/{g('doc')}.txt": text,
            f"sources/{g('rep')}.txt": b"I trust it.",
        }.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def full(tmp_path: Path) -> Coding:
    return read_qdpx(project(tmp_path / "theirs.qdpx"))[0]


def inner(path: Path, name: str = "project.qde") -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def elements(xml: bytes | str) -> Counter[tuple[object, ...]]:
    """Every element with where it stands, its attributes and its words; positions and our own name apart."""
    found: Counter[tuple[object, ...]] = Counter()

    def look(element: ElementTree.Element, above: str) -> None:
        tag = element.tag.partition("}")[2]
        if tag == "PlainTextContent" and above.partition(" ")[0] in ("TextSource", "Transcript"):
            return
        apart = {"startPosition", "endPosition", "plainTextPath", "origin"}
        if "Selection" not in tag and tag != "Project":
            apart = {"plainTextPath"}
        attributes = tuple(sorted((key, text) for key, text in element.attrib.items() if key not in apart))
        found[above, tag, attributes, (element.text or "").strip()] += 1
        for child in element:
            look(child, f"{tag} {element.get('guid', '')}")

    look(ElementTree.fromstring(xml), "")
    return found


def test_all_that_the_format_can_hold_comes_back(full, tmp_path):
    report = write_qdpx(full, tmp_path / "b.qdpx")
    before, after = elements(FULL), elements(inner(tmp_path / "b.qdpx"))
    assert (before - after, after - before) == (Counter(), Counter())
    assert (report.changed, report.left) == ((), ())
    assert {name: inner(tmp_path / "b.qdpx", name) for name in FILES} == FILES


def test_positions_come_back_in_code_points_of_the_text_as_it_lies_there(full, tmp_path):
    write_qdpx(full, tmp_path / "b.qdpx")
    text = inner(tmp_path / "b.qdpx", f"sources/{g('doc')}.txt").decode()
    root = ElementTree.fromstring(inner(tmp_path / "b.qdpx"))
    words = {}
    for one in root.iter("{urn:QDA-XML:project:1.0}PlainTextSelection"):
        words[one.get("guid")] = text[int(one.get("startPosition")) : int(one.get("endPosition"))]
    assert [words[g(name)] for name in ("s1", "s2", "s3", "s4", "s5")] == [
        "trust", "no time, caf", "them", "", "There",
    ]  # fmt: skip


@pytest.mark.parametrize("unit", ["codepoint", "utf16"])
def test_it_is_read_back_equal_with_and_without_our_own_part_and_is_valid(full, tmp_path, repack, schema, unit):
    from lxml import etree

    write_qdpx(full, tmp_path / "b.qdpx", offsets=unit)
    assert read_qdpx(tmp_path / "b.qdpx")[0] == full
    assert read_qdpx(repack(tmp_path / "b.qdpx", tmp_path / "c.qdpx", drop=("sources/coding.json",)))[0] == full
    validator = schema("Project.xsd")
    assert validator.validate(etree.fromstring(inner(tmp_path / "b.qdpx"))), validator.error_log


def test_what_is_kept_survives_coding_json_which_names_the_form_it_needs(full, tmp_path):
    path = write_coding(full, tmp_path / "coding.json")
    assert '"schema_version": 3' in path.read_text(encoding="utf-8")
    assert read_coding(path).snapshot == full.snapshot
    again = Coding(read_coding(path).snapshot, full.read_text, full.read_file)
    write_qdpx(again, tmp_path / "b.qdpx")
    assert elements(inner(tmp_path / "b.qdpx")) == elements(FULL)


def test_what_is_kept_survives_the_store_and_undo(full):
    from cop_analysis.realist.store.state import from_body, to_body

    assert [from_body("foreign", to_body(one)) for one in full.snapshot.foreign] == list(full.snapshot.foreign)


def test_nothing_is_dropped_unseen(tmp_path):
    _, report = read_qdpx(project(tmp_path / "a.qdpx"))
    assert {name: report.carried[name] for name in ("variables", "cases", "sets", "links", "graphs")} == {
        "variables": 6, "cases": 2, "sets": 1, "links": 3, "graphs": 1,
    }  # fmt: skip
    selections = [item for item in report.left if item.what == "selection"]
    assert sorted(item.where for item in selections) == [
        "Film", "Interview", "Interview", "Interview", "Photo", "Report", "Rich only",
    ]  # fmt: skip
    assert all("kept for the next export" in item.reason for item in selections)


def test_files_that_are_not_at_hand_are_named_and_found_in_the_study(full, tmp_path):
    without = Coding(full.snapshot, full.read_text)
    report = write_qdpx(without, tmp_path / "b.qdpx")
    assert sorted(item.where for item in report.left) == sorted(f"internal://{name[8:]}" for name in FILES)
    (tmp_path / "documents").mkdir()
    for name, content in FILES.items():
        (tmp_path / "documents" / name[8:]).write_bytes(content)
    assert write_qdpx(without, tmp_path / "c.qdpx", files=tmp_path / "documents").left == ()
    assert inner(tmp_path / "c.qdpx", f"sources/{g('pic')}.png") == b"PNG"


@pytest.mark.parametrize("path", ["../../etc/x.png", "a/../x.png", "C:/x.png", "coding.json", "a//b.png"])
def test_a_path_that_leads_elsewhere_is_no_file_of_the_project(tmp_path, path):
    coding, _ = read_qdpx(project(tmp_path / "a.qdpx", FULL.replace(f"{g('pic')}.png", path)))
    report = write_qdpx(replace_reader(coding), tmp_path / "b.qdpx")
    assert any(item.where == f"internal://{path}" for item in report.left)
    read_qdpx(tmp_path / "b.qdpx")


def replace_reader(coding: Coding) -> Coding:
    return Coding(coding.snapshot, coding.read_text, lambda _: b"evil")


# --- after an edit ----------------------------------------------------------------------------------------------------


def after(coding: Coding, *gone: tuple[type, str]) -> Coding:
    for kind, identifier in gone:
        coding = coding.without_records(kind, [identifier])
    return Coding(correct_references(coding.snapshot, Ledger("")), coding.read_text, coding.read_file)


def test_members_and_ends_that_are_gone_go_and_are_named(full, tmp_path):
    coding = after(full, (Code, f"code-{g('trust')}"))
    report = write_qdpx(coding, tmp_path / "b.qdpx")
    xml = inner(tmp_path / "b.qdpx").decode()
    assert g("trust") not in xml.partition("<Notes>")[0].replace(f'representedGUID="{g("trust")}"', "")
    assert any(item.what == "set" and item.where == "Best" and "MemberCode" in item.reason for item in report.changed)
    assert any(item.what == "link" and item.where == "explains" for item in report.left)
    assert f'guid="{g("inner")}"' in xml
    assert read_qdpx(tmp_path / "b.qdpx")[0] == coding


def test_an_edited_extract_counts_and_the_rest_of_its_selection_stays(full, tmp_path):
    first = full.find(Extract, f"extract-{g('s1')}")
    write_qdpx(full.with_records(replace(first, code=f"code-{g('time')}", memo="new")), tmp_path / "b.qdpx")
    selection = re.search(rf'<PlainTextSelection guid="{g("s1")}".*?</PlainTextSelection>', inner_text(tmp_path))[0]
    assert "<Description>new</Description>" in selection
    assert f'<Coding guid="{g("c1")}"' in selection
    assert f'modifyingUser="{g("bob")}"' in selection
    assert g("trust") not in selection
    write_qdpx(after(full, (Extract, first.id)), tmp_path / "b.qdpx")
    assert f'<PlainTextSelection guid="{g("s1")}"' not in inner_text(tmp_path)
    assert f'<PlainTextSelection guid="{g("c2")}"' in inner_text(tmp_path)


def inner_text(folder: Path) -> str:
    return inner(folder / "b.qdpx").decode()


def test_an_edited_attribute_keeps_its_type_where_it_fits_and_says_so_where_a_case_differs(full, tmp_path):
    document = full.find(Document, f"document-{g('doc')}")

    def with_value(**values: str) -> Coding:
        now = {**dict(document.attributes), **values}
        return full.with_records(replace(document, attributes=tuple(now.items())))

    report = write_qdpx(with_value(Day="2025-01-01", Age="45"), tmp_path / "b.qdpx")
    xml = inner_text(tmp_path)
    assert "<DateValue>2025-01-01</DateValue>" in xml
    assert "2024-02-29" not in xml
    assert "<IntegerValue>45</IntegerValue>" in xml
    assert any(item.what == "case" and "Age" in item.reason for item in report.changed)
    write_qdpx(with_value(Day="some day"), tmp_path / "b.qdpx")
    assert "<TextValue>some day</TextValue>" in inner_text(tmp_path)
    assert inner_text(tmp_path).count('name="Day"') == 2


def test_evidence_and_memos_reach_a_selection_that_came_from_elsewhere(full, tmp_path, repack):
    identifier = f"extract-{g('s2')}"
    coding = full.with_records(
        Configuration("g1", "A name"),
        Evidence("e1", identifier, "g1", "supports"),
        Memo("m1", "why", about="extract", target=identifier),
    )
    write_qdpx(coding, tmp_path / "b.qdpx")
    alone, _ = read_qdpx(repack(tmp_path / "b.qdpx", tmp_path / "c.qdpx", drop=("sources/coding.json",)))
    assert alone.snapshot.evidence == coding.snapshot.evidence
    assert alone.find(Memo, "m1").target == identifier


def test_a_document_that_goes_takes_what_was_kept_beside_it(full, tmp_path):
    coding = after(full, (Document, f"document-{g('doc')}"))
    write_qdpx(coding, tmp_path / "b.qdpx")
    xml = inner_text(tmp_path)
    assert "about it" not in xml
    assert g("s3") not in xml
    # The case has no other document; what is said of somebody goes with what they said.
    assert f'<Case guid="{g("case")}"' not in xml
    assert f'<Case guid="{g("lone")}"' in xml


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ((), "is not what its parts hold"),
        ((Part(0, "Set", (("guid", "x"), ("name", "S"))),), "is no guid"),
        ((Part(0, "Set", (("guid", g("x")), ("name", "S"), ("onclick", "1"))),), "cannot have onclick"),
        ((Part(0, "Set", (("guid", g("x")), ("name", "S"))), Part(1, "Vertex")), "cannot stand in Set"),
        ((Part(0, "Set", (("guid", g("x")), ("name", "S"))), Part(1, "script")), "is no element"),
        ((Part(0, "Set", (("guid", g("x")), ("name", "S")), "words"),), "cannot hold text"),
    ],
)
def test_what_the_standard_does_not_have_is_refused_in_a_coding(full, tmp_path, parts, rule):
    with pytest.raises(StudyError, match=rule):
        write_coding(full.with_records(Foreign("f", "Set", "S", parts=parts)), tmp_path / "coding.json")


def test_what_another_program_wrote_outside_the_standard_is_left_out_and_named(tmp_path, schema):
    from lxml import etree

    odd = (
        FULL.replace('name="Best">', 'name="Best" mood="bad"><Extra/>')
        .replace('direction="Bidirectional"', 'direction="Sideways"')
        .replace(f'<Case guid="{g("lone")}"', "<Case")
        .replace('shape="Star"', 'shape="Blob"')
    )
    coding, report = read_qdpx(project(tmp_path / "a.qdpx", odd))
    noted = {item.what: item.reason for item in report.changed if "the standard does not have" in item.reason}
    assert set(noted) == {"set", "link", "graph"}
    assert "mood" in noted["set"]
    write_qdpx(coding, tmp_path / "b.qdpx")
    validator = schema("Project.xsd")
    assert validator.validate(etree.fromstring(inner(tmp_path / "b.qdpx"))), validator.error_log
