"""Forms of project that are met: paths, a bare XML, namespaces, colours, codings said twice, memos on words."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cop_analysis.realist import merge_codings
from cop_analysis.realist.exchange import (
    ExchangeError,
    read_coded_segments,
    read_qdc,
    read_qdpx,
    read_qualcoder,
    read_taguette,
    write_qdc,
    write_qdpx,
)
from cop_analysis.realist.model import Coding, Foreign, Part, Snapshot

CASES = Path(__file__).parents[2] / "cases"
QUOTE = "I trust them now"


@pytest.mark.parametrize("path", sorted((CASES / "qdpx-paths").glob("*.qdpx")), ids=lambda path: path.stem)
def test_a_text_is_found_by_every_form_of_its_path(path: Path) -> None:
    coding, report = read_qdpx(path)
    assert [one.quote for one in coding.snapshot.extracts] == [QUOTE]
    assert [coding.text(one.id)[:6] for one in coding.snapshot.documents] == ["We met"]
    assert report.left == ()


@pytest.mark.parametrize(
    ("written", "entry"),
    [
        ("Sources/a.txt", "sources/a.txt"),
        ("internal://a.txt", "Sources/a.txt"),
        ("internal:///a.txt", "sources/a.txt"),
        ("internal://a.txt", "a.txt"),
        ("a.txt", "a.txt"),
        ("internal://caf%C3%A9.txt", "sources/cafe\u0301.txt"),
        ("internal://50%25.txt", "sources/50%25.txt"),
        ("internal://sub\\a.txt", "sources/sub/a.txt"),
    ],
)
def test_paths_beside_those(tmp_path: Path, repack, written: str, entry: str) -> None:
    def edit(name: str, content: bytes) -> bytes:
        return content.replace(b'"internal:/a.txt"', f'"{written}"'.encode()) if name == "project.qde" else content

    text = b"We met in person. I trust them now. The forum helped."
    made = repack(CASES / "qdpx-paths" / "98_a.qdpx", tmp_path / "p.qdpx", edit, ["sources/a.txt"], [(entry, text)])
    coding, report = read_qdpx(made)
    assert ([one.quote for one in coding.snapshot.extracts], report.left) == ([QUOTE], ())


@pytest.mark.parametrize("written", ["relative:///../a.txt", "file:///etc/hostname", "/etc/hostname", "project.qde"])
def test_a_path_that_means_nothing_in_the_file_is_followed_nowhere(tmp_path: Path, repack, written: str) -> None:
    def edit(name: str, content: bytes) -> bytes:
        return content.replace(b'"internal:/a.txt"', f'"{written}"'.encode()) if name == "project.qde" else content

    coding, report = read_qdpx(repack(CASES / "qdpx-paths" / "98_a.qdpx", tmp_path / "p.qdpx", edit))
    assert coding.snapshot.documents == ()
    assert any("is not in the file" in one.reason for one in report.left)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_bare_project_with_its_text_in_it_is_whole(tmp_path: Path, encoding: str) -> None:
    text = (CASES / "bare.qde").read_text(encoding="utf-8")
    (tmp_path / "a.qdpx").write_bytes(text.replace("utf-8", encoding.removesuffix("-sig")).encode(encoding))
    coding, report = read_qdpx(tmp_path / "a.qdpx")
    assert [one.quote for one in coding.snapshot.extracts] == [QUOTE]
    assert (len(coding.snapshot.documents), report.left) == (1, ())
    write_qdpx(coding, tmp_path / "b.qdpx")
    assert read_qdpx(tmp_path / "b.qdpx")[0].snapshot.extracts == coding.snapshot.extracts


def test_a_bare_project_that_names_a_file_says_that_it_is_not_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(CASES / "qdpx-paths" / "98_a.qdpx") as archive:
        (tmp_path / "a.qde").write_bytes(archive.read("project.qde"))
    _, report = read_qdpx(tmp_path / "a.qde")
    assert any("internal:/a.txt is not in the file" in one.reason for one in report.left)
    (tmp_path / "b.qde").write_bytes(b"no project at all")
    with pytest.raises(ExchangeError, match="not a whole ZIP file"):
        read_qdpx(tmp_path / "b.qde")


def test_a_codebook_of_another_namespace_keeps_its_codes_and_is_named() -> None:
    coding, report = read_qdpx(CASES / "codebook_ns.qdpx")
    assert [one.name for one in coding.snapshot.codes] == ["Trust"]
    assert [one.quote for one in coding.snapshot.extracts] == [QUOTE]
    assert [(one.what, one.where) for one in report.changed] == [("namespace", "urn:QDA-XML:codebook:0:4")]


def test_colours_are_kept_however_they_are_written_and_go_out_valid(tmp_path: Path, schema) -> None:
    coding, report = read_qdc(CASES / "colours.qdc")
    assert [one.colour for one in coding.snapshot.codes] == ["#46AA00"] * 3
    assert not any("colour" in one.reason for one in report.changed)
    write_qdc(coding, tmp_path / "b.qdc")
    from lxml import etree

    schema("Codebook.xsd").assertValid(etree.parse(tmp_path / "b.qdc"))


def test_one_coders_code_on_the_same_words_counts_once(tmp_path: Path, schema) -> None:
    coding, report = read_qdpx(CASES / "same_span_three_times.qdpx")
    named = {one.id: one.name for one in coding.snapshot.coders}
    found = [(named[one.coder], one.start, one.end) for one in coding.snapshot.extracts]
    assert sorted(found) == [("A", 18, 34), ("A", 20, 40), ("B", 18, 34)]
    repeats = [one for one in report.changed if "counted once" in one.reason]
    assert [(one.where, one.start, one.end) for one in repeats] == [("Doc A", 18, 34)] * 2
    assert all("Trust; A; I trust them now" in one.detail for one in repeats)
    write_qdpx(coding, tmp_path / "b.qdpx")
    again, _ = read_qdpx(tmp_path / "b.qdpx")
    assert again.snapshot.extracts == coding.snapshot.extracts
    from lxml import etree

    with zipfile.ZipFile(tmp_path / "b.qdpx") as archive:
        tree = etree.fromstring(archive.read("project.qde"))
    schema("Project.xsd").assertValid(tree)


def test_repeats_count_once_in_every_format(tmp_path: Path, taguette_project: Path, qualcoder_project: Path) -> None:
    for file, statement in (
        (taguette_project, "INSERT INTO highlights SELECT 9, document_id, start_offset, end_offset, snippet "
                           "FROM highlights WHERE id = 1; INSERT INTO highlight_tags VALUES (9, 1);"
                           "INSERT INTO commands SELECT 9, date, user_login, 1, 1, replace(payload, ': 1', ': 9') "
                           "FROM commands WHERE id = 1"),
        (qualcoder_project / "data.qda", "INSERT INTO code_text SELECT 9, cid, fid, seltext, pos0, pos1, owner, date, "
                                         "memo, avid, important FROM code_text WHERE ctid = 1"),
    ):  # fmt: skip
        read = read_taguette if file is taguette_project else read_qualcoder
        before = len(read(file)[0].snapshot.extracts)
        connection = sqlite3.connect(file)
        connection.executescript(statement)
        connection.close()
        coding, report = read(file)
        assert len(coding.snapshot.extracts) == before
        assert sum("counted once" in one.reason for one in report.changed) == 1
    table = tmp_path / "a.csv"
    table.write_text("document,code,segment,coder\na,Trust,we met,A\na,Trust,we met,A\na,Trust,we met,B\n")
    coding, report = read_coded_segments(table, {"a": "Then we met."})
    assert len(coding.snapshot.extracts) == 2
    assert sum("counted once" in one.reason for one in report.changed) == 1


def test_a_memo_on_words_nobody_coded_keeps_them_and_goes_back_without(foreign, tmp_path, identify) -> None:
    noted = f'<NoteRef targetGUID="{identify("n1")}"/>'
    foreign.notes = f'<Note guid="{identify("n1")}" name="Odd"><PlainTextContent>Why?</PlainTextContent></Note>'
    foreign.text("a", b"We met and we talked.", (
        f'<PlainTextSelection guid="{identify("s1")}" startPosition="0" endPosition="6">{noted}</PlainTextSelection>'
        f'<PlainTextSelection guid="{identify("s2")}" startPosition="7" endPosition="20"><Description>So they did.'
        "</Description></PlainTextSelection>"))  # fmt: skip
    coding, _ = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    memos = {one.text: (one.about, one.title) for one in coding.snapshot.memos}
    assert memos == {
        "Why?\n\nOn the passage: “We met”": ("document", "Odd"),
        "So they did.\n\nOn the passage: “and we talked”": ("document", "On: and we talked"),
    }
    write_qdpx(coding, tmp_path / "b.qdpx")
    with zipfile.ZipFile(tmp_path / "b.qdpx") as archive:
        root = ElementTree.fromstring(archive.read("project.qde"))
    words = [one.text for one in root.iter() if one.tag.endswith(("PlainTextContent", "Description"))]
    assert sorted(words) == ["So they did.", "Why?"]
    assert read_qdpx(tmp_path / "b.qdpx")[0].snapshot == coding.snapshot


def test_an_annotation_of_qualcoder_keeps_its_whole_passage(qualcoder_project: Path) -> None:
    long = "so it went on " * 20
    connection = sqlite3.connect(qualcoder_project / "data.qda")
    connection.execute("UPDATE source SET fulltext = fulltext || ? WHERE id = 1", (long,))
    connection.execute("INSERT INTO annotation VALUES (2, 1, 33, 313, 'long', 'ann', '2025-01-01')")
    connection.commit()
    connection.close()
    coding, _ = read_qualcoder(qualcoder_project)
    short, other = (one for one in coding.snapshot.memos if one.id.startswith("annotation"))
    assert (short.title, short.text) == ("On: trust", "interesting")
    assert other.text == f"long\n\nOn the passage: “{coding.text(other.target)[32:312]}”"


def test_a_conflict_on_a_kept_part_is_written_for_people() -> None:
    guid = "0d5c0b4e-1111-4222-8333-444455556666"

    def one(name: str, members: int) -> Coding:
        codes = [Part(1, "MemberCode", (("targetGUID", f"{guid[:-1]}{number}"),)) for number in range(members)]
        head = Part(0, "Set", (("guid", guid), ("name", name)))
        return Coding(Snapshot("demo", foreign=(Foreign(f"foreign-{guid}", "Set", name, (), (head, *codes)),)))

    merged = merge_codings(one("Best", 2), one("Good", 3))
    assert [conflict.sentence for conflict in merged.conflicts] == [
        "the set “Good” of another program: was changed in two ways; kept 3 codes, name “Good”, the other has 2 codes, "
        "name “Best”."
    ]
    assert merged.table["kept"].tolist() == ["3 codes, name “Good”"]
    assert (
        not merged.table.astype("str").apply(lambda column: column.str.contains("Part\\(|guid")).to_numpy()[:, 3:].any()
    )
