"""Codebooks, tables of coded segments, Taguette, QualCoder and Word."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop_analysis.files import guarded, unguarded
from cop_analysis.realist import (
    Code,
    Coding,
    Snapshot,
    configuration_export,
    read_coded_segments,
    read_qdc,
    read_qualcoder,
    read_taguette,
    write_coded_segments,
    write_docx,
    write_qdc,
)
from cop_analysis.realist.exchange import ExchangeError
from cop_analysis.realist.exchange.segment_files import escape, unescape

# --- codebooks ------------------------------------------------------------------------------------------------------


def test_a_codebook_comes_back_exactly_and_is_valid(coding, tmp_path, schema):
    from lxml import etree

    report = write_qdc(coding, tmp_path / "a.qdc")
    again, _ = read_qdc(tmp_path / "a.qdc")
    assert again.snapshot.codes == coding.snapshot.codes
    assert {item.what: item.number for item in report.left}["configurations"] == 3
    validator = schema("Codebook.xsd")
    assert validator.validate(etree.parse(tmp_path / "a.qdc")), validator.error_log


@pytest.mark.parametrize(
    "namespace", ["urn:QDA-XML:codebook:1.0", "urn:QDA-XML:codebook:1:0", "urn:QDA-XML:codebook:0:4", "codebook:0:4"]
)
def test_codebooks_of_every_version(tmp_path, identify, namespace):
    (tmp_path / "a.qdc").write_text(
        f'<?xml version="1.0"?><CodeBook xmlns="{namespace}" origin="Other"><Codes>'
        f'<Code guid="{{{identify("a")}}}" name="Trust" isCodable="true" color="#abc"><Description>d</Description>'
        f'<Code guid="{identify("b")}" name="Inner" isCodable="true"/></Code></Codes>'
        f'<Sets><Set guid="{identify("s")}" name="Mine"><MemberCode guid="{identify("b")}"/></Set></Sets></CodeBook>'
    )
    coding, report = read_qdc(tmp_path / "a.qdc")
    outer, inner = sorted(coding.snapshot.codes, key=lambda code: code.parent is not None)
    assert (outer.name, outer.colour, outer.definition, inner.parent) == ("Trust", "#aabbcc", "d", outer.id)
    assert (report.left, report.carried) == ((), {"codes": 2, "sets": 1})
    write_qdc(coding, tmp_path / "b.qdc")
    written = (tmp_path / "b.qdc").read_text()
    assert f'<Set guid="{identify("s")}" name="Mine"><MemberCode guid="{identify("b")}"/></Set>' in written
    assert 'color="#abc"' in written
    assert read_qdc(tmp_path / "b.qdc")[0].snapshot.foreign == coding.snapshot.foreign


def test_a_mark_of_not_for_coding_goes_out_again_and_the_codebook_is_valid(tmp_path, identify, schema):
    from lxml import etree

    (tmp_path / "a.qdc").write_text(
        f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes><Code guid="{identify("a")}" name="A" isCodable="false"/>'
        f'</Codes><Sets><Set guid="{identify("s")}" name="S"><Description>d</Description></Set></Sets></CodeBook>'
    )
    write_qdc(read_qdc(tmp_path / "a.qdc")[0], tmp_path / "b.qdc")
    assert 'isCodable="false"' in (tmp_path / "b.qdc").read_text()
    validator = schema("Codebook.xsd")
    assert validator.validate(etree.parse(tmp_path / "b.qdc")), validator.error_log


def test_an_empty_codebook_is_read_and_not_written(tmp_path):
    (tmp_path / "a.qdc").write_text('<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes/></CodeBook>')
    assert read_qdc(tmp_path / "a.qdc")[0].snapshot.codes == ()
    with pytest.raises(ExchangeError, match="holds at least one"):
        write_qdc(Coding(Snapshot("empty")), tmp_path / "b.qdc")
    assert not (tmp_path / "b.qdc").exists()


def test_thirty_levels_in_a_codebook(tmp_path):
    codes = tuple(Code(f"c{n}", f"Level {n}", f"c{n - 1}" if n else None) for n in range(30))
    write_qdc(Coding(Snapshot("deep", codes=codes)), tmp_path / "a.qdc")
    assert read_qdc(tmp_path / "a.qdc")[0].snapshot.codes == codes


# --- coded segments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_segments_come_back_exactly(coding, tmp_path, form):
    report = write_coded_segments(coding, tmp_path / f"a.{form}")
    again, read = read_coded_segments(tmp_path / f"a.{form}", coding)
    unplaced = {"x006": replace(coding.snapshot.extracts[5], start=0, end=10)}
    assert again.snapshot.extracts == tuple(unplaced.get(one.id, one) for one in coding.snapshot.extracts)
    assert again.snapshot.codes == coding.snapshot.codes
    assert again.snapshot.coders == coding.snapshot.coders
    assert report.carried == {"extracts": 6}
    assert "6 rows read: 6 kept, 0 set aside." in read.caveats


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_segments_come_back_against_nothing_but_texts(coding, tmp_path, form, texts):
    write_coded_segments(coding, tmp_path / f"a.{form}")
    again, _ = read_coded_segments(tmp_path / f"a.{form}", texts)
    placed = [one for one in again.snapshot.extracts if one.placed]
    assert placed == [one for one in coding.snapshot.extracts if one.placed]
    assert {code.id: (code.name, code.parent) for code in again.snapshot.codes} == {
        code.id: (code.name, code.parent) for code in coding.snapshot.codes
    }


def rows(path, *lines, encoding="utf-8-sig", delimiter=","):
    with open(path, "w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(lines)
    return path


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ";"), ("utf-16", "\t"), ("cp1252", ";")]
)
def test_a_table_of_another_program_is_placed_by_its_words(tmp_path, texts, encoding, delimiter):
    # MAXQDA: Begin and End are paragraphs, the path of a code is written with >, the segment loses its line breaks.
    path = rows(
        tmp_path / "a.csv",
        ["Document group", "Document name", "Code", "Begin", "End", "Segment", "Modified by", "Modified", "Comment"],
        ["G", "D02", "Peers > Trust", "1", "1", "It did nothing.", "Ann", "06/05/2024", "why?"],
        ["G", "D02", "Time", "2", "2", "The hour <b>was</b> lost & gone.", "Bob", "", ""],
        ["G", "D02.txt", "Time", "1", "1", "P02:", "Bob", "", ""],
        ["G", "D01", "Time", "1", "1", "said nowhere", "Bob", "", "keep me"],
        ["G", "D99", "Time", "1", "1", "said elsewhere", "Bob", "", ""],
        ["G", "D01", "", "1", "1", "alone", "Bob", "", ""],
        encoding=encoding,
        delimiter=delimiter,
    )  # fmt: skip
    coding, report = read_coded_segments(path, texts)
    found = {one.quote: one for one in coding.snapshot.extracts}
    assert texts["D02"].index("It did") == found["It did nothing."].start
    assert found["It did nothing."].memo == "why?"
    assert found["P02:"].start == 0  # it stands twice; the paragraph says which
    assert not found["said nowhere"].placed
    assert found["said nowhere"].memo == "keep me"
    names = {code.id: code for code in coding.snapshot.codes}
    assert names[names[found["It did nothing."].code].parent].name == "Peers"
    assert [item.where for item in report.left] == ["row 6", "row 7"]
    assert "6 rows read: 4 kept, 2 set aside." in report.caveats
    assert {one.name for one in coding.snapshot.coders} == {"Ann", "Bob"}


def test_words_that_stand_twice_and_no_place_says_which_are_kept_without_one(tmp_path):
    path = rows(tmp_path / "a.csv", ["document", "code", "segment"], ["D", "Trust", "trust"])
    coding, report = read_coded_segments(path, {"D": "I trust, you trust."})
    assert [one.placed for one in coding.snapshot.extracts] == [False]
    assert "stands 2 times" in report.changed[0].reason


@pytest.mark.parametrize(("unit", "name"), [("utf-16-le", "utf16"), ("utf-32-le", "codepoint"), ("utf-8", "utf8")])
def test_what_start_and_end_count_is_found_out_by_the_words(tmp_path, texts, unit, name):
    size = {"utf-16-le": 2, "utf-32-le": 4, "utf-8": 1}[unit]
    text = texts["D01"]
    lines = []
    for words in ("Then I rang", "and all"):
        start = len(text[: text.index(words)].encode(unit)) // size
        lines.append(["D01", "Trust", start, start + len(words.encode(unit)) // size, words])
    path = rows(tmp_path / "a.csv", ["Document", "Code", "Start", "End", "Text"], *lines)
    coding, report = read_coded_segments(path, texts)
    assert sorted(one.quote for one in coding.snapshot.extracts) == ["Then I rang", "and all"]
    assert report.offsets.unit == name
    assert not report.changed


def test_positions_without_words(tmp_path, texts):
    path = rows(
        tmp_path / "a.csv",
        ["document", "code", "start", "end"],
        ["D02", "Nothing", "5", "20"],
        ["D02", "N", "5", "9999"],
    )
    coding, report = read_coded_segments(path, texts)
    assert [one.quote for one in coding.snapshot.extracts] == ["It did nothing."]
    assert [item.where for item in report.left] == ["row 3"]


@pytest.mark.parametrize("header", [["a", "b"], ["document", "code"], ["code", "segment"], []])
def test_a_table_of_something_else_says_what_was_seen_and_what_is_due(tmp_path, texts, header):
    path = rows(tmp_path / "a.csv", header, ["1", "2"])
    with pytest.raises(ExchangeError, match="it needs columns for the document, the code, and the segment"):
        read_coded_segments(path, texts)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=50)
def test_guards_and_escapes_are_taken_off_exactly(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescape(escape(text)) == text


memo_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.slow
@given(memo_texts, memo_texts.filter(str.strip), memo_texts.filter(str.strip), st.sampled_from(["csv", "xlsx"]))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_memo_and_any_code_name_come_back(tmp_path_factory, coding, memo, first, second, form):
    path = tmp_path_factory.mktemp("any") / f"a.{form}"
    by_id = {one.id: one for one in coding.snapshot.extracts}
    named = coding.with_records(
        replace(by_id["x002"], memo=memo),
        replace(next(code for code in coding.snapshot.codes if code.id == "c2"), name=first),
        replace(next(code for code in coding.snapshot.codes if code.id == "c3"), name=second),
    )
    write_coded_segments(named, path)
    again, _ = read_coded_segments(path, named)
    assert next(one for one in again.snapshot.extracts if one.id == "x002").memo == memo
    assert again.snapshot.codes == named.snapshot.codes


# --- Taguette -------------------------------------------------------------------------------------------------------


def test_a_taguette_project(taguette_project):
    coding, report = read_taguette(taguette_project)
    assert coding.text("document-1") == "Caf\u00e9 \U0001f600\n\nI trust them & more.\n\nNo\ntime."
    found = sorted((one.quote, one.code) for one in coding.snapshot.extracts)
    assert found == sorted(
        [("trust them & more", "code-1"), ("\U0001f600", "code-1"), ("\U0001f600", "code-2"), ("I trust", "code-2")]
    )
    first = next(one for one in coding.snapshot.extracts if one.id == "highlight-1")
    assert (first.coder, first.created) == ("ann", "2025-02-03T04:05:06Z")
    assert {(one.name, one.definition) for one in coding.snapshot.codes} == {("trust", "Trusting"), ("time.lack", "")}
    assert [(item.what, item.reason) for item in report.changed] == [
        ("highlight", "did not fit its positions and was found by its words")
    ]
    assert sorted(item.detail for item in report.left) == ["nowhere at all", "time"]
    assert report.offsets.unit == "utf8"


def test_what_is_shown_of_a_long_passage_ends_where_a_reader_sees_a_character_end(taguette_project):
    import sqlite3

    nurse = "\U0001f469\U0001f3fd\u200d\u2695\ufe0f"
    with sqlite3.connect(taguette_project) as connection:
        changed = connection.execute(
            "UPDATE highlights SET snippet = ? WHERE snippet LIKE '%nowhere at all%'",
            ("x" * 399 + nurse + " and more",),
        )
        assert changed.rowcount == 1
    connection.close()
    _, report = read_taguette(taguette_project)
    assert "x" * 399 + nurse in {item.detail for item in report.left}


def test_one_of_several_taguette_projects(taguette_project):
    import sqlite3

    connection = sqlite3.connect(taguette_project)
    connection.execute("INSERT INTO projects VALUES (2, 'Other', '', '')")
    connection.commit()
    connection.close()
    with pytest.raises(ExchangeError, match=r"name one by its name or number: Forum \(1\), Other \(2\)"):
        read_taguette(taguette_project)
    assert read_taguette(taguette_project, "Other")[0].snapshot.documents == ()
    assert len(read_taguette(taguette_project, "1")[0].snapshot.extracts) == 4


# --- QualCoder ------------------------------------------------------------------------------------------------------


def test_a_qualcoder_project(qualcoder_project):
    coding, report = read_qualcoder(qualcoder_project)
    found = {one.quote: one for one in coding.snapshot.extracts}
    assert set(found) == {"trust them", "no time", "There is"}
    assert found["trust them"].memo == "mine"
    assert found["trust them"].created == "2025-01-03T08:00:00"
    codes = {one.name: one for one in coding.snapshot.codes}
    assert codes["Trust"].parent == codes["Inner"].id
    assert codes["Inner"].parent == codes["Peers"].id
    assert (codes["Trust"].colour, codes["Time"].colour) == ("#5CA3E6", "")
    assert dict(coding.snapshot.documents[0].attributes) == {"age": "44", "case": "P01", "setting": "ward"}
    assert {one.name for one in coding.snapshot.coders} == {"ann", "bob"}
    assert {one.text for one in coding.snapshot.memos} == {
        "recorded", "interesting", "I was tired", "What it is for", "a nurse",
    }  # fmt: skip
    left = [(item.what, item.detail) for item in report.left]
    assert ("coding", "There; mine") in left
    assert ("coding", "Trust; seen") in left
    assert report.offsets.unit == "utf16"
    assert read_qualcoder(qualcoder_project / "data.qda")[0] == coding


# --- Word -----------------------------------------------------------------------------------------------------------


def test_a_word_document_holds_every_configuration_with_its_evidence(coding, tmp_path):
    import docx

    odd = coding.with_records(replace(coding.snapshot.configurations[1], statement="a bell \x07 rings"))
    report = write_docx(odd, tmp_path / "a.docx", title="The forum")
    document = docx.Document(str(tmp_path / "a.docx"))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    cells = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "cmo1: A name to ring" in text
    assert "Refuting evidence (2)" in text
    assert "a bell  rings" in text
    assert "“alone \U0001f600 with it”" in cells
    assert "abductive; relevance high, richness moderate, rigour low; said outright" in cells
    assert any("control character" in item.reason for item in report.changed)


def test_a_word_document_of_nothing(tmp_path):
    assert write_docx(Coding(Snapshot("empty")), tmp_path / "a.docx").sentence.startswith("Wrote a.docx")


def test_the_table_shapes_go_behind(coding, tmp_path):
    import docx

    from cop_analysis.study import Study

    config = {"key": "forum", "title": "Forum", "provenance": "simulated"}
    (tmp_path / "coding.json").write_text("{}")
    study = Study.from_tables(config, folder=tmp_path, coding_reader=lambda *_: coding)
    tables = {f"Shape {shape}": configuration_export(study, shape) for shape in (1, 2, 3, 4)}
    write_docx(coding, tmp_path / "a.docx", tables=tables)
    document = docx.Document(str(tmp_path / "a.docx"))
    assert [paragraph.text for paragraph in document.paragraphs if paragraph.text.startswith("Shape")] == list(tables)
