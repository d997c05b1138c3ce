"""REFI-QDA projects as other programs write them: offsets, line breaks, names, namespaces, and what has no place."""

from __future__ import annotations

import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop_analysis.realist import read_qdpx, write_qdpx
from cop_analysis.realist.exchange import ExchangeError
from cop_analysis.realist.exchange.offsets import Positions, SourceText

# Three emoji stand before the words that are selected and two line breaks, so that no two ways of counting agree.
TEXT = "P01: Well \U0001f600\U0001f600 yes.\nThat was \U0001f44d good.\nI trust them. They trust me."
WORDS = ["I trust them", "They trust me", "trust"]


def positions(text: str, words: str, unit: str, line_break: int) -> tuple[int, int]:
    """Count as a program does: units of UTF-16 or characters, a line break as one or two."""

    def count(part: str) -> int:
        units = len(part.encode("utf-16-le")) // 2 if unit == "utf16" else len(part)
        return units + (line_break - 1) * part.count("\n")

    start = text.index(words)
    return count(text[:start]), count(text[: start + len(words)])


def selections(foreign, unit: str, line_break: int, text: str = TEXT) -> str:
    return "".join(foreign.selection(*positions(text, words, unit, line_break)) for words in WORDS)


@pytest.mark.parametrize("unit", ["codepoint", "utf16"])
@pytest.mark.parametrize("line_break", [1, 2])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_the_unit_is_found_out_whatever_a_program_counts(foreign, tmp_path, unit, line_break, bom):
    content = bom + TEXT.replace("\n", "\r\n").encode()
    foreign.text("Interview", content, selections(foreign, unit, line_break))
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert coding.text(coding.snapshot.documents[0].id) == TEXT
    assert sorted(one.quote for one in coding.snapshot.extracts) == sorted(WORDS)
    assert (report.offsets.unit, report.offsets.line_break) == (unit, line_break)
    assert max(report.offsets.shares.values()) == 1.0
    assert "fall on word boundaries" in report.offsets.reason
    assert report.offsets.reason in report.sentence


def test_the_unit_can_be_overridden(foreign, tmp_path):
    foreign.text("Interview", TEXT.encode(), selections(foreign, "utf16", 1))
    path = foreign.write(tmp_path / "a.qdpx")
    assert {one.quote for one in read_qdpx(path)[0].snapshot.extracts} == set(WORDS)
    forced, report = read_qdpx(path, offsets="codepoint")
    assert {one.quote for one in forced.snapshot.extracts}.isdisjoint(WORDS)
    assert (report.offsets.unit, report.offsets.reason) == (
        "codepoint",
        "Offsets read as Unicode code points, as asked.",
    )
    assert {one.quote for one in read_qdpx(path, offsets="utf16")[0].snapshot.extracts} == set(WORDS)


def test_without_emoji_the_choice_makes_no_difference_and_the_report_says_so(foreign, tmp_path):
    foreign.text("Interview", b"I trust them.", foreign.selection(2, 7))
    _, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert report.offsets.unit == "codepoint"
    assert "no character that the units count differently" in report.offsets.reason


def test_a_file_in_utf16_with_a_mark_is_read(foreign, tmp_path):
    foreign.text(
        "Interview", b"\xff\xfe" + TEXT.replace("\n", "\r\n").encode("utf-16-le"), selections(foreign, "utf16", 2)
    )
    assert {one.quote for one in read_qdpx(foreign.write(tmp_path / "a.qdpx"))[0].snapshot.extracts} == set(WORDS)


@pytest.mark.parametrize("line_break", [1, 2])
def test_text_inside_the_xml(foreign, tmp_path, line_break):
    # An XML parser makes one character of CR LF, but the program that wrote the positions may have counted two.
    foreign.inline("Interview", TEXT.replace("\n", "\r\n"), selections(foreign, "codepoint", line_break))
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert {one.quote for one in coding.snapshot.extracts} == set(WORDS)
    assert report.offsets.line_break == line_break


@pytest.mark.parametrize("inner", ["project.qde", "Study of peers 2024.qde", "PROJECT.QDE"])
@pytest.mark.parametrize("folder", ["sources", "Sources"])
@pytest.mark.parametrize(
    "namespace", ["urn:QDA-XML:project:1.0", "urn:QDA-XML:project:0:10", "project:0:10", "urn:QDA-XML:project:1:0"]
)
def test_names_folders_and_namespaces_that_are_met(foreign, tmp_path, inner, folder, namespace):
    foreign.inner, foreign.folder, foreign.namespace = inner, folder, namespace
    foreign.text("Interview", b"I trust them.", foreign.selection(2, 7))
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert [one.quote for one in coding.snapshot.extracts] == ["trust"]
    assert not report.left
    assert not report.caveats


def test_a_copy_made_on_a_mac_is_read(foreign, tmp_path):
    foreign.text("Interview", b"I trust them.", foreign.selection(2, 7))
    foreign.files["__MACOSX/._project.qde"] = b"\x00\x05"
    assert len(read_qdpx(foreign.write(tmp_path / "a.qdpx"))[0].snapshot.extracts) == 1


def test_users_codes_and_dates(foreign, tmp_path, identify):
    foreign.codes = (
        f'<Code guid="{{{identify("trust").upper()}}}" name="Trust" isCodable="true" color="#abc">'
        f"<Description>of peers</Description>"
        f'<Code guid="{identify("inner")}" name="Inner &amp; outer" isCodable="false"/></Code>'
    )
    foreign.users.append(("u2", "Bob"))
    foreign.text(
        "One", b"I trust them.", foreign.selection(2, 7, user="u2") + foreign.selection(8, 12, "inner", user="u9")
    )
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    codes = {one.name: one for one in coding.snapshot.codes}
    assert codes["Trust"].colour == "#aabbcc"
    assert codes["Trust"].definition == "of peers"
    assert codes["Inner & outer"].parent == codes["Trust"].id
    assert {one.name for one in coding.snapshot.coders} == {"Ann", "Bob", ""}
    assert any("not for coding" in item.reason for item in report.changed)


def test_thirty_levels_of_codes(foreign, tmp_path, identify):
    opening = "".join(f'<Code guid="{identify(f"l{n}")}" name="Level {n}" isCodable="true">' for n in range(30))
    foreign.codes = opening + "</Code>" * 30
    codes = read_qdpx(foreign.write(tmp_path / "a.qdpx"))[0].snapshot.codes
    depth = {None: -1}
    for code in sorted(codes, key=lambda one: int(one.name.split()[1])):
        depth[code.id] = depth[code.parent] + 1
    assert max(depth.values()) == 29


def test_an_empty_codebook_and_no_codebook_at_all(foreign, tmp_path):
    foreign.codes = ""
    foreign.text("Interview", b"I trust them.", foreign.selection(2, 7))
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert coding.snapshot.codes == ()
    assert [(item.what, item.start, item.end) for item in report.left] == [("selection", 2, 7)]
    foreign.codes = "<!-- none -->"
    assert read_qdpx(foreign.write(tmp_path / "b.qdpx"))[0].snapshot.codes == ()


def test_no_selection_is_ever_dropped(foreign, tmp_path):
    texts = (
        foreign.selection(2, 7)
        + foreign.selection(2, 12)  # overlaps, which is legal
        + foreign.selection(2, 7, code="")  # coded with nothing
        + foreign.selection(5, 5)  # empty
        + foreign.selection(9, 4)  # backwards
        + foreign.selection(1, 2)  # a blank
        + foreign.selection(3, 900)  # beyond the end
        + foreign.selection(-4, 3)
        + foreign.selection("x", 3)
        + foreign.selection("9" * 30, "9" * 31)
        + foreign.selection(2, 7, code="unknown")
    )
    foreign.text("Interview", b"I trust them.", texts)
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert len(coding.snapshot.extracts) == 2
    assert len([item for item in report.left if item.what == "selection"]) == 9
    assert len(coding.snapshot.extracts) + len(report.left) == texts.count("<PlainTextSelection")
    assert all(item.where == "Interview" and item.reason for item in report.left)


def test_a_selection_that_went_astray_is_found_by_its_words(foreign, tmp_path):
    foreign.text("Interview", b"I trust them. They trust me.", foreign.selection(700, 715, name="They trust me"))
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert [(one.start, one.quote) for one in coding.snapshot.extracts] == [(14, "They trust me")]
    assert "found by its words" in report.changed[0].reason


def test_sources_without_plain_text_are_left_with_their_selections(foreign, tmp_path, identify):
    code = f'<Coding guid="{identify("k")}"><CodeRef targetGUID="{identify("trust")}"/></Coding>'
    foreign.sources = [
        f'<TextSource guid="{identify("a")}" name="Formatted" richTextPath="internal://a.docx">'
        f"{foreign.selection(0, 4)}</TextSource>",
        f'<TextSource guid="{identify("b")}" name="Elsewhere" plainTextPath="absolute:///etc/passwd">'
        f"{foreign.selection(0, 5)}</TextSource>",
        f'<PDFSource guid="{identify("c")}" name="Report" path="internal://c.pdf">'
        f'<PDFSelection guid="{identify("cs")}" page="1" firstX="0" firstY="0" secondX="9" secondY="9">'
        f"{code}</PDFSelection>"
        f'<Representation guid="{identify("cr")}" name="Report text"><PlainTextContent>I trust it.</PlainTextContent>'
        f"{foreign.selection(2, 7)}</Representation></PDFSource>",
        f'<PictureSource guid="{identify("d")}" name="Photo" path="internal://d.png">'
        f'<PictureSelection guid="{identify("ds")}" firstX="0" firstY="0" secondX="9" secondY="9">'
        f"{code}</PictureSelection>"
        "</PictureSource>",
        f'<VideoSource guid="{identify("e")}" name="Film" path="internal://e.mp4">'
        f'<Transcript guid="{identify("et")}" name="Film text"><PlainTextContent>We trust him.</PlainTextContent>'
        f'<SyncPoint guid="{identify("p1")}" timeStamp="0" position="3"/>'
        f'<SyncPoint guid="{identify("p2")}" timeStamp="9" position="8"/>'
        f'<TranscriptSelection guid="{identify("ts")}" fromSyncPoint="{identify("p1")}" toSyncPoint="{identify("p2")}">'
        f"{code}</TranscriptSelection></Transcript></VideoSource>",
    ]
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert sorted(one.title for one in coding.snapshot.documents) == ["Film text", "Report text"]
    assert [one.quote for one in coding.snapshot.extracts] == ["trust", "trust"]
    left = [(item.what, item.where) for item in report.left]
    assert left.count(("document", "Formatted")) == left.count(("document", "Elsewhere")) == 1
    assert {where for what, where in left if what == "selection"} == {"Formatted", "Elsewhere", "Report", "Photo"}
    assert ("picture source", "Photo") in left
    assert not any("root:" in item.detail for item in report.left)


def test_notes_become_memos_variables_attributes_and_the_rest_is_kept(foreign, tmp_path, identify):
    foreign.variables = (
        f'<Variable guid="{identify("age")}" name="Age" typeOfVariable="Integer"/>'
        f'<Variable guid="{identify("ward")}" name="Ward" typeOfVariable="Text"/>'
    )
    value = (
        f'<VariableValue><VariableRef targetGUID="{identify("age")}"/><IntegerValue>44</IntegerValue></VariableValue>'
    )
    foreign.cases = (
        f'<Case guid="{identify("case")}" name="P01">{value}<SourceRef targetGUID="{identify("Interview")}"/></Case>'
        f'<Case guid="{identify("lone")}" name="P02"><Description>nobody</Description></Case>'
    )
    ward = f'<VariableValue><VariableRef targetGUID="{identify("ward")}"/><TextValue>A</TextValue></VariableValue>'
    hangs = f'<NoteRef targetGUID="{identify("note")}"/>'
    foreign.text("Interview", b"I trust them.", foreign.selection(2, 7), hangs + ward)
    foreign.notes = (
        f'<Note guid="{identify("note")}" name="On P01" creatingUser="{identify("u1")}" '
        'creationDateTime="2024-05-06T07:08:09Z">'
        "<PlainTextContent>She was tired.</PlainTextContent></Note>"
    )
    foreign.links = (
        f'<Link guid="{identify("link")}" name="explains" originGUID="{identify("trust")}" '
        f'targetGUID="{identify("Interview")}"/>'
    )
    foreign.sets = f'<Set guid="{identify("set")}" name="Best"><MemberCode targetGUID="{identify("trust")}"/></Set>'
    foreign.graphs = (
        f'<Graph guid="{identify("graph")}" name="Map"><Vertex guid="{identify("v")}" firstX="1" firstY="1"/></Graph>'
    )
    foreign.tail = "<Description>A project</Description>"
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    document = coding.snapshot.documents[0]
    assert dict(document.attributes) == {"Age": "44", "Ward": "A", "case": "P01"}
    memos = {one.title: one for one in coding.snapshot.memos}
    memo = memos["On P01"]
    assert (memo.text, memo.about, memo.target, memo.created) == (
        "She was tired.", "document", document.id, "2024-05-06T07:08:09Z",
    )  # fmt: skip
    assert memos["Description of the project"].text == "A project"
    assert report.left == ()
    kept = dict(zip(report.table["what"], report.table["detail"], strict=True))
    assert {name: kept[name] for name in ("variables", "cases", "sets", "links", "graphs")} == {
        "variables": "Age; Ward",
        "cases": "P02; P01 (Interview)",
        "sets": "Best (Trust)",
        "links": "explains (Trust, Interview)",
        "graphs": "Map (1 vertices, 0 edges)",
    }
    assert len(report.table) == len(report.carried) + len(report.changed) + len(report.left)


def test_what_came_from_another_program_goes_back_under_its_own_guids(foreign, tmp_path, identify):
    foreign.text("Interview", TEXT.encode(), selections(foreign, "codepoint", 1))
    foreign.notes = (
        f'<Note guid="{identify("note")}" name="Theirs"><PlainTextContent>As they wrote it</PlainTextContent></Note>'
    )
    first, _ = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    write_qdpx(first, tmp_path / "b.qdpx")
    with zipfile.ZipFile(tmp_path / "b.qdpx") as archive:
        xml = archive.read("project.qde").decode()
    for name in ("trust", "Interview", "u1", "note"):
        assert identify(name) in xml
    assert "<PlainTextContent>As they wrote it</PlainTextContent>" in xml
    assert read_qdpx(tmp_path / "b.qdpx")[0] == first


def test_a_project_that_is_none_says_what_was_seen(foreign, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.qdpx", "w") as archive:
        archive.writestr("project.qde", "<Codebook/>")
    with pytest.raises(ExchangeError, match="its first element is Codebook"):
        read_qdpx(tmp_path / "a.qdpx")
    with zipfile.ZipFile(tmp_path / "b.qdpx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ExchangeError, match=r"without a \.qde in it"):
        read_qdpx(tmp_path / "b.qdpx")


@given(
    st.text(st.sampled_from("ab \r\n\U0001f600e\u0301\u4fe1"), max_size=40),
    st.sampled_from(["codepoint", "utf16", "utf8"]),
    st.sampled_from([1, 2]),
)
@settings(max_examples=37, deadline=None, suppress_health_check=list(HealthCheck))
def test_positions_count_what_a_program_would(raw, unit, line_break):
    source = SourceText.of(raw)
    assert source.text == raw.replace("\r\n", "\n").replace("\r", "\n")
    places = Positions.of(source, unit, line_break)
    encoded = {"codepoint": "utf-32-le", "utf16": "utf-16-le", "utf8": "utf-8"}[unit]
    size = {"codepoint": 4, "utf16": 2, "utf8": 1}[unit]
    position = place = index = 0
    while index < len(raw):
        assert places.place(position) == place
        step = 2 if raw[index : index + 2] == "\r\n" else 1
        position += line_break if step == 2 else len(raw[index].encode(encoded)) // size
        index += step
        place += 1
    assert places.place(position) == place == len(source.text)
    assert places.place(position + 1) is None
