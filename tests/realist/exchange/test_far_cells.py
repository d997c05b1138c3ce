"""A spreadsheet with cells far apart: it is read by what stands in it, or refused, and never fills the memory."""

from __future__ import annotations

import openpyxl
import pytest

from cop_analysis.realist.documents.containers import ExchangeError
from cop_analysis.realist.exchange import segment_files
from cop_analysis.realist.exchange.segment_files import spreadsheet_rows


def a_workbook(path, *far):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (["Document", "Code", "Segment"], ["D1", "Trust", "We met."], ["D1", None, None]):
        sheet.append(row)
    for row, column in far:
        sheet.cell(row, column, "far")
    workbook.save(path)
    return path


def test_a_row_is_as_wide_as_what_stands_in_it(tmp_path):
    ((_, rows),) = spreadsheet_rows(a_workbook(tmp_path / "a.xlsx"))
    assert rows == [["Document", "Code", "Segment"], ["D1", "Trust", "We met."], ["D1"]]


def test_one_cell_at_the_end_of_the_sheet_costs_its_own_row_alone(tmp_path):
    # The corner of a table this tall and wide has 16,384 columns: 33 million cells, were every one of them made.
    ((_, rows),) = spreadsheet_rows(a_workbook(tmp_path / "a.xlsx", (2_000, 16_384)))
    assert rows[:3] == [["Document", "Code", "Segment"], ["D1", "Trust", "We met."], ["D1"]]
    assert not any(rows[3:-1])
    assert (len(rows), len(rows[-1]), rows[-1][-1]) == (2_000, 16_384, "far")
    assert sum(map(len, rows)) == 3 + 3 + 1 + 16_384


def test_many_cells_far_to_the_right_are_refused_with_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(segment_files, "MOST_CELLS", 1_000)
    with pytest.raises(ExchangeError, match=r"a\.xlsx was not read: its sheet 'Sheet' has more than 1,000 cells up to "
                                            "row 6; delete what stands far to the right"):  # fmt: skip
        list(spreadsheet_rows(a_workbook(tmp_path / "a.xlsx", (5, 600), (6, 600), (7, 600))))


def test_cells_are_counted_before_any_is_read(tmp_path, monkeypatch):
    import openpyxl

    book = openpyxl.Workbook()
    for row in range(20):
        book.active.append([f"{row}-{column}" for column in range(5)])
    book.save(tmp_path / "many.xlsx")
    assert len(dict(segment_files.spreadsheet_rows(tmp_path / "many.xlsx"))["Sheet"]) == 20
    monkeypatch.setattr(segment_files, "MOST_FILLED", 99)
    monkeypatch.setattr(openpyxl, "load_workbook", None)
    with pytest.raises(ExchangeError, match=r"many\.xlsx was not read: its sheets hold more than 99 cells"):
        list(segment_files.spreadsheet_rows(tmp_path / "many.xlsx"))


def test_words_that_no_cell_needs_are_counted_before_any_is_read(tmp_path, monkeypatch):
    import zipfile

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["one cell"])
    book.save(tmp_path / "plain.xlsx")
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as plain, zipfile.ZipFile(tmp_path / "words.xlsx", "w") as made:
        for name in plain.namelist():
            made.writestr(name, plain.read(name))
        made.writestr("xl/sharedStrings.xml", "<sst>" + "<si><t>x</t></si>" * 600 + "</sst>")
    monkeypatch.setattr(segment_files, "MOST_ELEMENTS", 1_000)
    assert dict(segment_files.spreadsheet_rows(tmp_path / "plain.xlsx")) == {"Sheet": [["one cell"]]}
    monkeypatch.setattr(openpyxl, "load_workbook", None)
    with pytest.raises(
        ExchangeError, match=r"words\.xlsx was not read: its part xl/sharedStrings\.xml holds more than 1,000 elements"
    ):
        list(segment_files.spreadsheet_rows(tmp_path / "words.xlsx"))


def test_a_csv_of_too_many_or_too_long_cells_is_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 49, encoding="utf-8")
    monkeypatch.setattr(segment_files, "MOST_FILLED", 100)
    assert len(segment_files.csv_rows(path)) == 50
    path.write_text("a,b\n" + "1,2\n" * 50, encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"table\.csv was not read: it holds more than 100 cells"):
        segment_files.csv_rows(path)
    monkeypatch.setattr(segment_files, "LONGEST_READ", 1_000)
    path.write_text(f"a,b\n1,{'x' * 1_001}\n", encoding="utf-8")
    with pytest.raises(ExchangeError, match="in row 2 a cell holds more than 1,000 characters"):
        segment_files.csv_rows(path)
