"""How a CSV file is read: rows are numbered as a spreadsheet shows them, and what is wrong with a file is named."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.study.read import read_bytes


def read(content: bytes | str):
    return read_bytes(content if isinstance(content, bytes) else content.encode(), "t.csv")


def test_rows_are_numbered_as_in_a_spreadsheet():
    reading = read('a,b\r\n1,"two\r\nlines"\r\n\r\n,\r\n3,4\r\n')
    assert reading.faults == []
    assert reading.cells.rows.tolist() == [2, 5]
    assert reading.cells.columns["b"].tolist() == ["two\r\nlines", "4"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_endings_of_every_system_are_read(newline):
    assert read(newline.join(["a,b", "1,2", "3,4"])).cells.columns["a"].tolist() == ["1", "3"]


def test_a_byte_order_mark_is_no_part_of_the_first_header():
    assert list(read(b"\xef\xbb\xbfa,b\n1,2\n").cells.columns) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b" \r\n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "nothing but blanks"),
        (b",,\n,,\n", "nothing but blanks"),
        (b"\x00\x00\x00", "nothing but blanks"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
    ],
)
def test_a_file_without_a_table_is_one_error(content, words):
    reading = read(content)
    assert reading.cells is None
    [fault] = reading.faults
    assert (fault.severity, fault.row) == ("error", None)
    assert words in fault.rule


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_and_its_rows_read_all_the_same(encoding):
    reading = read("person,role\nP01,nurse\n".encode(encoding))
    assert [fault.rule for fault in reading.faults] == ['the file is saved as UTF-16 ("Unicode text"), not UTF-8']
    assert reading.cells.columns["person"].tolist() == ["P01"]


def test_windows_1252_is_named_with_the_first_cell_it_shows_in():
    reading = read("person,role\nP01,nurse\n\nP02,Pflegekr\xe4fte \x96 caf\xe9\nP03,\xfc\n".encode("latin-1"))
    [fault] = reading.faults
    assert (fault.row, fault.column, fault.value) == (4, "role", "Pflegekräfte – café")
    assert "not UTF-8" in fault.rule
    assert reading.cells.columns["role"].tolist()[2] == "ü"


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_another_delimiter_is_named_and_its_rows_read_all_the_same(mark, name):
    reading = read(f"person{mark}role\nP01{mark}nurse, lead\n")
    assert [fault.rule for fault in reading.faults] == [f"the cells are separated by {name}, not commas"]
    assert reading.cells.columns["role"].tolist() == ["nurse, lead"]


def test_a_semicolon_in_one_header_cell_does_not_make_it_the_delimiter():
    assert read("a,b,c;d\n1,2,3\n").faults == []


def test_a_quotation_mark_never_closed_is_named_by_the_row_that_opens_it():
    reading = read('a,b\n1,2\n3,"four\n5,6\n7,8\n')
    [fault] = reading.faults
    assert fault.row == 3
    assert "never closed" in fault.rule
    assert reading.cells.rows.tolist() == [2]


def test_a_quotation_mark_never_closed_in_a_large_file_is_named_too():
    reading = read('a,b\n1,2\n3,"four\n' + "5,6\n" * 100_000)
    assert [(fault.row, "never closed" in fault.rule) for fault in reading.faults] == [(3, True)]


def test_rows_with_more_or_fewer_cells_than_the_header_are_named():
    reading = read("a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n1,2,3\n")
    assert [(fault.row, fault.value, fault.rule) for fault in reading.faults] == [
        (2, "", "the row has fewer cells than the header"),
        (3, "4", "stands beyond the last column of the header"),
    ]
    assert reading.cells.columns["c"].tolist() == ["", "3", "3", "3"]


def test_empty_columns_a_spreadsheet_leaves_at_the_end_are_no_fault():
    reading = read("a,b,,\n1,2,,\n3,4\n")
    assert reading.faults == []
    assert list(reading.cells.columns) == ["a", "b"]


def test_headers_that_stand_twice_or_not_at_all_are_named():
    reading = read("a,A ,,b,b\n1,2,3,4,5\n")
    assert [(fault.row, fault.column, fault.rule) for fault in reading.faults] == [
        (1, "A ", 'the header is the same name as "a"'),
        (1, "", "column 3 has no header"),
        (1, "b", "the header stands twice"),
    ]


def test_an_endless_header_is_refused_before_rows_are_padded_to_it():
    reading = read("a," * 5000 + "a\n" + "1\n" * 10)
    assert reading.faults[0].row == 1
    assert "more than any table" in reading.faults[0].rule
    assert reading.cells is None


def test_headers_made_of_signs_alone_are_told_apart_too():
    assert [fault.rule for fault in read("-,_,-\n1,2,3\n").faults] == ["the header stands twice"]


def test_a_nul_character_is_named_once_with_its_place():
    reading = read("a,b\n1,x\n2,y\x00z\n3,\x00\n")
    [fault] = reading.faults
    assert (fault.row, fault.column) == (3, "b")
    assert "<U+0000>" in fault.sentence


def test_a_letter_lost_earlier_is_a_notice():
    [fault] = read("a\ncaf\ufffd\n").faults
    assert (fault.severity, fault.row) == ("notice", 2)


@given(st.binary(max_size=300))
def test_any_bytes_give_cells_or_faults_and_never_an_exception(content):
    reading = read(content)
    assert reading.cells is not None or any(fault.severity == "error" for fault in reading.faults)


_CELL = st.text(st.sampled_from('ab,"\n\r \u00e9'), max_size=4)


@given(st.lists(st.tuples(_CELL, _CELL), max_size=12))
def test_every_row_keeps_its_number_and_its_text(rows):
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([("first", "second"), *rows])
    reading = read(buffer.getvalue())
    kept = [(number, row) for number, row in enumerate(rows, start=2) if "".join(row).strip()]
    assert reading.faults == []
    assert reading.cells.rows.tolist() == [number for number, _ in kept]
    assert list(zip(*reading.cells.columns.values(), strict=True)) == [row for _, row in kept]
