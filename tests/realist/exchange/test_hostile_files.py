"""Files made to do harm, and files that broke on their way: refused in one sentence, and nothing written anywhere."""

from __future__ import annotations

import io
import sqlite3
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop_analysis.realist import (
    read_coded_segments,
    read_qdc,
    read_qdpx,
    read_qualcoder,
    read_taguette,
    write_qdc,
    write_qdpx,
)
from cop_analysis.realist.exchange import ExchangeError

PROJECT = b'<Project xmlns="urn:QDA-XML:project:1.0" name="p"/>'


def made(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def everything_under(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "sources/../../evil.txt", "/etc/evil", "C:/evil.txt", "c:evil", "..\\evil.txt", "\\evil.txt",
     "a/..",     "\\\\server\\share\\evil"],
)  # fmt: skip
def test_names_that_lead_out_are_refused(tmp_path, name):
    inner = tmp_path / "inner"
    inner.mkdir()
    info = zipfile.ZipInfo("x")
    info.filename = name
    path = made(inner / "a.qdpx", ("project.qde", PROJECT), (info, b"evil"))
    before = everything_under(tmp_path)
    with pytest.raises(ExchangeError, match="which no honest file needs"):
        read_qdpx(path)
    assert everything_under(tmp_path) == before


def test_links_are_refused(tmp_path):
    info = zipfile.ZipInfo("sources/link.txt")
    info.external_attr = 0o120777 << 16
    with pytest.raises(ExchangeError, match="is a link to another place"):
        read_qdpx(made(tmp_path / "a.qdpx", ("project.qde", PROJECT), (info, b"/etc/passwd")))


def test_a_name_used_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = made(tmp_path / "a.qdpx", ("project.qde", PROJECT), ("project.qde", PROJECT))
    with pytest.raises(ExchangeError, match="twice"):
        read_qdpx(path)


@pytest.mark.parametrize("name", ["project.qde", "sources/big.txt"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, name):
    other = () if name == "project.qde" else (("project.qde", PROJECT),)
    path = made(tmp_path / "a.qdpx", (name, b"<" + b" " * 20_000_000), *other)
    assert path.stat().st_size < 400_000
    with pytest.raises(ExchangeError, match=r"would unpack from \d+ kB to 19 MB"):
        read_qdpx(path)


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path):
    content = PROJECT + b" " * 3_000_000
    path = made(tmp_path / "a.qdpx", ("project.qde", content))
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        assert struct.unpack_from("<I", data, at)[0] == len(content)
        struct.pack_into("<I", data, at, 100)
    path.write_bytes(data)
    with pytest.raises(ExchangeError):
        read_qdpx(path)


def test_more_entries_than_any_project_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("cop_analysis.realist.documents.containers.MOST_ENTRIES", 50)
    path = made(tmp_path / "a.qdpx", ("project.qde", PROJECT), *((f"sources/{n}.txt", b"") for n in range(60)))
    with pytest.raises(ExchangeError, match="61 entries"):
        read_qdpx(path)


def test_a_password_is_asked_away(tmp_path):
    path = made(tmp_path / "a.qdpx", ("project.qde", PROJECT))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(ExchangeError, match="locked with a password"):
        read_qdpx(path)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE p SYSTEM "http://example.invalid/p.dtd">',
        "<!DOCTYPE p>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_and_entities_are_refused(tmp_path, head, encoding):
    xml = f'{head}<Project xmlns="urn:QDA-XML:project:1.0" name="p"><Description>x</Description></Project>'
    with pytest.raises(ExchangeError, match="declares a document type"):
        read_qdpx(made(tmp_path / "a.qdpx", ("project.qde", xml.encode(encoding))))
    (tmp_path / "a.qdc").write_bytes(xml.encode(encoding))
    with pytest.raises(ExchangeError, match="declares a document type"):
        read_qdc(tmp_path / "a.qdc")


def test_xml_nested_without_end_is_refused(tmp_path):
    deep = b'<Project xmlns="urn:QDA-XML:project:1.0" name="p">' + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</Project>"
    with pytest.raises(ExchangeError, match="stand inside each other"):
        read_qdpx(made(tmp_path / "a.qdpx", ("project.qde", deep)))


@pytest.mark.parametrize(
    "content", [b"", b"   ", b"<Project", b"\x00\x01\x02", b"<Project name='a'></Projekt>", b"\xff\xfe<"]
)
def test_broken_xml_is_named(tmp_path, content):
    with pytest.raises(ExchangeError, match=r"a\.qdpx"):
        read_qdpx(made(tmp_path / "a.qdpx", ("project.qde", content)))


@pytest.mark.parametrize("part", [0, 1, 10, 200, -1, -30])
def test_a_truncated_file_is_named(coding, tmp_path, part):
    write_qdpx(coding, tmp_path / "a.qdpx")
    whole = (tmp_path / "a.qdpx").read_bytes()
    (tmp_path / "b.qdpx").write_bytes(whole[:part])
    with pytest.raises(ExchangeError, match=r"b\.qdpx"):
        read_qdpx(tmp_path / "b.qdpx")


def test_what_is_not_there_and_what_is_a_folder(tmp_path):
    for read in (read_qdpx, read_qdc, read_taguette):
        with pytest.raises(ExchangeError, match="There is no file"):
            read(tmp_path / "absent")
        with pytest.raises(ExchangeError, match="is a folder"):
            read(tmp_path)
    with pytest.raises(ExchangeError, match=r"holds no data\.qda"):
        read_qualcoder(tmp_path)
    with pytest.raises(ExchangeError, match="There is no file"):
        read_coded_segments(tmp_path / "absent.csv", {"D": "text"})


@pytest.mark.slow
@given(st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_damaged_project_is_read_or_refused_and_nothing_else(tmp_path_factory, coding, data):
    folder = tmp_path_factory.mktemp("damaged")
    write_qdpx(coding, folder / "a.qdpx")
    content = bytearray((folder / "a.qdpx").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "a.qdpx").write_bytes(content)
    try:
        read_qdpx(folder / "a.qdpx")
    except ExchangeError as refusal:
        if "a.qdpx" not in str(refusal):
            raise


@pytest.mark.slow
@given(st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_changed_xml_is_read_or_refused_and_nothing_else(tmp_path_factory, coding, repack, data):
    """Parts of the XML deleted, doubled or swapped, as a program with faults might."""
    import re

    folder = tmp_path_factory.mktemp("changed")
    write_qdpx(coding, folder / "a.qdpx")

    def change(name: str, content: bytes) -> bytes:
        if not name.endswith(".qde"):
            return content
        text = content.decode()
        values = [match.span(1) for match in re.finditer(r'"([^"]*)"', text)]
        for _ in range(data.draw(st.integers(1, 4))):
            start, end = data.draw(st.sampled_from(values))
            other = data.draw(st.sampled_from(values))
            new = data.draw(st.sampled_from(["", "x", "-1", text[other[0] : other[1]]]))
            text = text[:start] + new[: end - start].ljust(end - start) + text[end:]
        return text.encode()

    drop = data.draw(st.sampled_from([(), ("sources/coding.json",)]))
    changed = repack(folder / "a.qdpx", folder / "b.qdpx", change, drop)
    try:
        again, _ = read_qdpx(changed)
    except ExchangeError as refusal:
        if "b.qdpx" not in str(refusal):
            raise
    else:
        # Whatever came in can be written again: no reference of it leads nowhere.
        write_qdpx(again, folder / "c.qdpx")


def test_a_formula_in_a_cell_stays_text(coding, tmp_path):
    from cop_analysis.realist import write_coded_segments

    write_coded_segments(coding, tmp_path / "a.csv")
    assert ",'=not a formula" in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    write_coded_segments(coding, tmp_path / "a.xlsx")
    import openpyxl

    cells = [cell for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any(cell.value == "=not a formula" for cell in cells)


def test_a_workbook_that_is_a_bomb_or_holds_entities_is_refused(tmp_path):
    workbook = '<?xml version="1.0"?><workbook/>'
    path = made(tmp_path / "a.xlsx", ("xl/workbook.xml", workbook.encode()), ("xl/sheet.xml", b" " * 20_000_000))
    with pytest.raises(ExchangeError, match="would unpack"):
        read_coded_segments(path, {"D": "text"})
    path = made(tmp_path / "b.xlsx", ("xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><workbook/>'))
    with pytest.raises(ExchangeError, match="declares a document type"):
        read_coded_segments(path, {"D": "text"})
    path = made(tmp_path / "c.xlsx", ("xl/workbook.xml", workbook.encode()))
    with pytest.raises(ExchangeError, match="no whole workbook"):
        read_coded_segments(path, {"D": "text"})


def test_a_workbook_is_told_by_what_it_holds_and_not_by_its_name(coding, tmp_path):
    from cop_analysis.realist import write_coded_segments
    from cop_analysis.realist.exchange.segment_files import spreadsheet_rows

    write_coded_segments(coding, tmp_path / "a.xlsx")
    named = (tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    ((_, rows),) = spreadsheet_rows(named)
    assert len(rows) == 1 + len(coding.snapshot.extracts)


def test_databases_that_are_none_or_broken_are_refused(tmp_path, taguette_project, qualcoder_project):
    (tmp_path / "a.sqlite3").write_bytes(b"not a database at all, but long enough to look at")
    with pytest.raises(ExchangeError, match="is no SQLite database"):
        read_taguette(tmp_path / "a.sqlite3")
    whole = taguette_project.read_bytes()
    (tmp_path / "b.sqlite3").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ExchangeError, match="damaged database"):
        read_taguette(tmp_path / "b.sqlite3")
    with pytest.raises(ExchangeError, match="has no table projects"):
        read_taguette(qualcoder_project / "data.qda")
    with pytest.raises(ExchangeError, match="has no table source"):
        read_qualcoder(taguette_project)


def test_a_view_in_place_of_a_table_is_not_run(tmp_path):
    path = tmp_path / "a.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE VIEW projects AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
            SELECT id, 'x' AS name FROM n;
        CREATE TABLE documents (id, name, contents, project_id);
        """
    )
    connection.close()
    with pytest.raises(ExchangeError, match="has no table projects"):
        read_taguette(path)


def test_a_database_that_is_open_elsewhere_is_left_alone(taguette_project):
    beside = taguette_project.with_name(taguette_project.name + "-wal")
    beside.write_bytes(b"changes")
    with pytest.raises(ExchangeError, match="close that program first"):
        read_taguette(taguette_project)


def test_a_database_is_never_written_to(taguette_project, qualcoder_project):
    for path, read in ((taguette_project, read_taguette), (qualcoder_project / "data.qda", read_qualcoder)):
        before, names = path.read_bytes(), sorted(path.parent.iterdir())
        read(path)
        assert path.read_bytes() == before
        assert sorted(path.parent.iterdir()) == names


def test_writing_where_nothing_can_be_written_leaves_nothing(coding, tmp_path):
    with pytest.raises(ExchangeError, match="There is no folder"):
        write_qdpx(coding, tmp_path / "absent" / "a.qdpx")
    with pytest.raises(ExchangeError, match="is a folder"):
        write_qdc(coding, tmp_path)


def test_a_disk_that_fills_up_leaves_the_old_file(coding, tmp_path, monkeypatch):
    (tmp_path / "a.qdpx").write_bytes(b"old")

    def full(self, *_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        write_qdpx(coding, tmp_path / "a.qdpx")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.qdpx", b"old")]


def test_a_text_that_looks_like_our_note_can_do_no_harm(foreign, tmp_path, identify):
    note = io.StringIO()
    note.write("cop-analysis configuration\nId: x\nLabel: y\nSchema: NO SUCH\nSlots: not json\nActivation: 1e999")
    foreign.notes = (
        f'<Note guid="{identify("n")}" name="n"><PlainTextContent>{note.getvalue()}</PlainTextContent></Note>'
        f'<Note guid="{identify("m")}" name="m"><PlainTextContent>cop-analysis evidence\nId: e\nStance: maybe'
        "</PlainTextContent></Note>"
    )
    foreign.codes += (
        f'<Code guid="{identify("c")}" name="z" isCodable="true"><NoteRef targetGUID="{identify("n")}"/></Code>'
    )
    coding, report = read_qdpx(foreign.write(tmp_path / "a.qdpx"))
    assert coding.snapshot.configurations == ()
    assert coding.snapshot.evidence == ()
    assert any("is not a schema" in item.reason for item in report.left)
