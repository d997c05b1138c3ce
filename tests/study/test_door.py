"""Every file of a study comes in through one door: no pipe, device, sparse file or link out of the study is opened."""

from __future__ import annotations

import csv
import os
import resource
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.files import FileRefusedError, fingerprint, read_file
from cop_analysis.realist import check_coding, read_coding
from cop_analysis.report.provenance import study_files
from cop_analysis.study import StudyError, check_folder
from cop_analysis.study.read import MOST_CELLS, MOST_UNEVEN, read_bytes

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
FILES = ("study.toml", "survey.csv", "coding.json", "documents/D01_example.txt")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def device_in_the_study(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
        os.close(os.open(path, os.O_RDONLY))
    except PermissionError:
        pytest.skip("only root makes devices")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 * 2**30)


def link_out(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def folder_in_its_place(path: Path) -> None:
    path.mkdir()


def listening(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


KINDS = {
    pipe: "is a pipe",
    endless_device: "leads outside",
    device_in_the_study: "is a device",
    sparse: "2,048 MB",
    link_out: "leads outside",
    dangling_link: "link",
    circle: "link",
    folder_in_its_place: "is a folder",
    listening: "is a socket",
}


@pytest.fixture
def no_hanging(monkeypatch):
    """Let an opened pipe fail the test instead of holding it: a writer comes after a while."""

    def unblock() -> None:
        for path in opened:
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                continue

    opened: list[Path] = []
    timer = threading.Timer(20, unblock)
    timer.start()
    yield opened
    timer.cancel()


def _slow(is_slow: bool) -> list[pytest.MarkDecorator]:
    return [pytest.mark.slow] if is_slow else []


# Every kind at one place, and every place with one kind, are quick.
PLACES = [
    pytest.param(file, kind, id=f"{file}-{kind.__name__}", marks=_slow(file != FILES[1] and kind is not pipe))
    for file in FILES
    for kind in KINDS
]


@pytest.mark.parametrize(("file", "kind"), PLACES)
def test_what_is_no_ordinary_file_is_one_fault_that_says_so(folder, file, kind, no_hanging):
    path = folder / file
    path.unlink(missing_ok=True)
    kind(path)
    no_hanging.append(path)
    faults = [*check_folder(folder), *check_coding(folder)]
    said = [fault for fault in faults if fault.severity == "error" and "passwd" not in fault.value]
    words = " ".join(fault.sentence for fault in said)
    if file.startswith("documents/"):
        assert any(fault.file == "documents.csv" and fault.column == "file" for fault in said)
    else:
        assert KINDS[kind] in words
    assert "root:" not in words
    assert len([fault for fault in said if fault.file == file]) <= 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_coding_that_is_no_file_is_not_passed_over_as_no_coding(folder, kind):
    kind(folder / "coding.json")
    with pytest.raises(StudyError):
        _ = open_study(folder).coding
    with pytest.raises(StudyError):
        read_coding(folder)
    assert [file for file in study_files(folder) if file.file == "coding.json"] == []


def test_links_inside_the_study_are_followed(folder):
    (folder / "survey.csv").rename(folder / "survey-2024.csv.txt")
    (folder / "survey.csv").symlink_to("survey-2024.csv.txt")
    assert [fault for fault in check_folder(folder) if fault.severity == "error"] == []


def test_a_documents_folder_that_is_a_link_is_one_fault_and_nothing_in_it_is_listed(folder, tmp_path):
    (folder / "documents").rename(tmp_path / "elsewhere")
    (folder / "documents").symlink_to(tmp_path / "elsewhere")
    (fault,) = [fault for fault in check_folder(folder) if fault.severity == "error"]
    assert fault.sentence == "documents/: leads outside the study folder; put the folder itself in there."


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "growing.csv"
    path.write_bytes(b"x" * 11)
    monkeypatch.setattr("cop_analysis.files.door._judge", lambda *_: None)
    with pytest.raises(FileRefusedError, match="more than the 10 bytes"):
        read_file(path, most=10)
    with pytest.raises(FileRefusedError, match="more than the 10 bytes"):
        fingerprint(path, most=10)


def test_a_database_is_left_to_sqlite(folder):
    import sqlite3

    (folder / "survey.csv").unlink()
    sqlite3.connect(folder / "survey.csv").execute("CREATE TABLE t (x)").connection.close()
    assert "is a database" in " ".join(fault.sentence for fault in check_folder(folder))


@pytest.mark.slow
def test_a_wide_header_over_many_short_rows_stops_before_it_fills_the_memory():
    wide = read_bytes(b"a," * 999 + b"z\n" + b"a\n" * 20_000, "survey.csv")
    narrow = read_bytes(b"a,b\n" + b"a\n" * 2 * MOST_UNEVEN, "survey.csv")
    for reading, rule in ((wide, f"{MOST_CELLS:,} cells"), (narrow, f"{MOST_UNEVEN:,} rows")):
        assert reading.incomplete
        assert rule in reading.faults[0].rule
        assert len(reading.faults) <= MOST_UNEVEN + 1000


@pytest.mark.slow
def test_a_table_of_too_many_cells_is_refused_with_the_row_it_is_too_many_at():
    reading = read_bytes(b"a,b\n" + b"1,2\n" * (MOST_CELLS // 2 + 1), "survey.csv")
    assert reading.incomplete
    assert reading.faults[0].sentence == (
        f"survey.csv, row {MOST_CELLS // 2 + 2}: the table has more than {MOST_CELLS:,} cells up to this row; "
        "see whether it is the right file."
    )


# --- memory, counted by the system -----------------------------------------------------------------------------------

READ_WORD = """
import resource, sys
from cop_analysis.realist import read_text_document
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_text_document(sys.argv[1])
except ValueError as fault:
    print(str(fault))
print("grown by", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def word_file(path: Path, body: bytes, times: int) -> None:
    """Write a Word document whose body says one thing over and over, packed so little that no ratio gives it away."""
    import random
    import zipfile

    noise = random.Random(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        part.write(b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>')
        for _ in range(times // 1000):
            part.write(body * 1000 + b"<!--" + noise.randbytes(5_000).hex().encode() + b"-->")
        part.write(b"</w:body></w:document>")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted as Linux counts it")
@pytest.mark.parametrize(
    ("body", "times"),
    [(b"<w:p><w:r><w:t>a</w:t></w:r></w:p>", 2_000_000), (b"<w:p/>", 2_900_000), (b"<w:p>a</w:p>" * 9, 160_000)],
    ids=["larger than is read", "as many empty tags as are read", "as many tags as are read"],
)
def test_a_word_document_just_under_every_limit_fits_into_a_gigabyte(tmp_path, body, times):
    word_file(tmp_path / "large.docx", body, times)
    said = subprocess.run(
        [sys.executable, "-c", READ_WORD, str(tmp_path / "large.docx")],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30)),
    ).stdout
    assert int(said.split()[-1]) < 1024, said


def test_a_header_of_thousands_of_columns_is_one_fault():
    reading = read_bytes(b"a," * 5000 + b"a\n1\n", "ties.csv")
    assert [fault.rule for fault in reading.faults] == ["the header has 5,001 columns, more than any table of a study"]
    assert reading.cells is None


def test_a_coding_of_one_endless_line_is_named_by_its_beginning():
    from cop_analysis.realist.model.json_form import parse

    (fault,) = parse(b"x" * 5_000_000).faults
    assert fault.row == 1
    assert len(fault.value) <= 1000


def test_a_cell_too_long_is_not_called_a_quotation_left_open():
    longest = csv.field_size_limit()
    for cell in ("x" * (longest + 1), '"' + "x" * (longest + 1) + '"'):
        reading = read_bytes(f"person,organisation\nP01,A\nP02,{cell}\n".encode(), "people.csv")
        (fault,) = [one for one in reading.faults if one.row == 3]
        assert fault.rule == f"a cell of this row holds more than {longest:,} characters"
    reading = read_bytes(('person,organisation\nP01,"A\n' + "x\n" * longest).encode(), "people.csv")
    assert [one.rule for one in reading.faults] == ["a quotation mark that opens in this row is never closed"]
