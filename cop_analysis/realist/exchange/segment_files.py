"""Tables of coded segments as files: CSV of any common making and xlsx, read as rows of text and written safely.

What the columns mean is settled in `segments`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

from cop_analysis.files import (
    MOST_ARCHIVE,
    decoded,
    guarded_cells,
    open_file,
    read_file,
    starts_with,
    unguarded,
    wide_encoding,
)
from cop_analysis.realist.documents.containers import Archive, ExchangeError, refusing

LARGEST: Final = 512 * 2**20
"""The largest CSV file that is read, in bytes."""

LONGEST_CELL: Final = 32_767
"""The longest text a cell of a spreadsheet holds."""

LONGEST_READ: Final = 1_000_000
"""The longest cell of a CSV file that is read, in characters; a transcript of 150,000 words has about as many."""
MOST_CELLS: Final = 10_000_000
"""How many cells of a sheet are read, the empty ones before a filled one included."""
MOST_FILLED: Final = 2_000_000
"""How many cells a table of coded segments may hold: 100,000 passages in 20 columns. Those of a workbook are counted
before any is read."""
MOST_ELEMENTS: Final = 4_000_000
"""How many elements any other part of a workbook may hold; those that hold the words of cells need two for each."""

_CELL = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,60}:)?c[ />]")
_ELEMENT = re.compile(rb"<[A-Za-z_]")

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

_NEEDS_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")


def is_spreadsheet(path: Path) -> bool:
    """Say whether a file is an xlsx workbook (or at least a ZIP file), by its first bytes."""
    with refusing(path):
        return starts_with(path, 4) == b"PK\x03\x04"


def csv_rows(path: Path) -> list[list[str]]:
    """Read a CSV, whatever its encoding and separator, as rows of text with their guards taken off.

    Raises
    ------
    ExchangeError
        When it is too large, or no text.
    """
    with refusing(path):
        text = _decoded(read_file(path, most=LARGEST), path.name)
    if not text.strip():
        raise ExchangeError(f"{path.name} was not read: it is empty.")
    separator = _separator(text)
    limit = csv.field_size_limit(LONGEST_READ)
    rows: list[list[str]] = []
    filled = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            filled += len(row)
            if filled > MOST_FILLED:
                raise ExchangeError(
                    f"{path.name} was not read: it holds more than {MOST_FILLED:,} cells. A table of coded segments "
                    "has one row a passage; see whether it is the right file, or save it in parts."
                )
            rows.append(row)
    except csv.Error as error:
        if "field limit" in str(error):
            raise ExchangeError(
                f"{path.name} was not read: in row {len(rows) + 1:,} a cell holds more than {LONGEST_READ:,} "
                "characters. See whether it is the right file, and whether every quotation mark in it is closed."
            ) from None
        raise ExchangeError(f"{path.name} was not read: it is no table of values ({error}).") from None
    finally:
        csv.field_size_limit(limit)
    return [[unguarded(cell) for cell in row] for row in rows]


def spreadsheet_rows(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Give every sheet of an xlsx workbook by name, as rows of text.

    Raises
    ------
    ExchangeError
        When it is no workbook, is damaged, or was made to do harm.
    """
    openpyxl = import_module("openpyxl")
    with Archive(path, "spreadsheet (.xlsx)") as archive:
        if not any(name.casefold() == "xl/workbook.xml" for name in archive.names):
            raise ExchangeError(f"{path.name} was not read: it is a ZIP file without a workbook in it.")
        filled = 0
        for name in archive.names:
            if name.casefold().endswith((".xml", ".rels")):
                content = archive.read(name)
                if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                    raise ExchangeError(
                        f"{path.name} was not read: {name} declares a document type, as no workbook does."
                    )
                if "/worksheets/" in name.casefold():
                    filled += sum(1 for _ in _CELL.finditer(content))
                    if filled > MOST_FILLED:
                        raise ExchangeError(
                            f"{path.name} was not read: its sheets hold more than {MOST_FILLED:,} cells. A table of "
                            "coded segments has one row a passage; delete the other sheets, or save it in parts."
                        )
                elif sum(1 for _ in _ELEMENT.finditer(content)) > MOST_ELEMENTS:
                    # Words and looks of cells stand apart from the sheets, and are read whole before any sheet is.
                    raise ExchangeError(
                        f"{path.name} was not read: its part {name} holds more than {MOST_ELEMENTS:,} elements, more "
                        "than any table of coded segments needs. Save the table in a new workbook of its own."
                    )
    # By its content: openpyxl itself would refuse a workbook by the ending of its name.
    with open_file(path, most=MOST_ARCHIVE) as file:
        try:
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except Exception as error:
            # openpyxl raises many kinds of error for the many ways in which a workbook can be broken.
            broken = f"{path.name} was not read: it is no whole workbook ({type(error).__name__})."
            raise ExchangeError(broken) from None
        try:
            for sheet in workbook.worksheets:
                try:
                    rows = _rows_of(sheet, path.name)
                except ExchangeError:
                    raise
                except Exception as error:
                    raise ExchangeError(
                        f"{path.name} was not read: its sheet {sheet.title!r} is damaged ({type(error).__name__})."
                    ) from None
                yield sheet.title, rows
        finally:
            workbook.close()


def _rows_of(sheet: Any, file: str) -> list[list[str]]:
    """Read a sheet's rows, each as wide as what stands in it.

    One cell far to the right and far below would otherwise make 17 thousand million empty ones.
    """
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    seen = 0
    for cells in sheet.iter_rows(values_only=True):
        seen += len(cells)
        if seen > MOST_CELLS:
            raise ExchangeError(
                f"{file} was not read: its sheet {sheet.title!r} has more than {MOST_CELLS:,} cells up to row "
                f"{len(rows) + 1:,}; delete what stands far to the right of the table."
            )
        width = max((place for place, cell in enumerate(cells, start=1) if cell is not None), default=0)
        rows.append([_cell_text(cell) for cell in cells[:width]])
    return rows


def write_csv(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV that Excel opens as it is meant: UTF-8 with a byte order mark, text guarded against formulas."""
    file.write(b"\xef\xbb\xbf")
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(guarded_cells(row) for row in rows)
    text.flush()
    text.detach()


def write_xlsx(file: BinaryIO, title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a workbook of one sheet in which every text is a text, whatever it begins with."""
    openpyxl, cell_module = import_module("openpyxl"), import_module("openpyxl.cell")
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    for row in rows:
        cells: list[Any] = []
        for value in row:
            if not isinstance(value, str):
                cells.append(value)
            elif value.startswith("="):
                cell = cell_module.WriteOnlyCell(sheet, value="")
                # Set by hand, because openpyxl takes a text that begins with "=" for a formula.
                cell._value, cell.data_type = escape(value)[:LONGEST_CELL], "s"
                cells.append(cell)
            else:
                cells.append(escape(value)[:LONGEST_CELL] or None)
        sheet.append(cells)
    workbook.save(file)


def escape(text: str) -> str:
    """Write characters that XML cannot hold the way spreadsheets do.

    Examples
    --------
    >>> escape("page" + chr(12)), escape("_x0041_")
    ('page_x000C_', '_x005F_x0041_')
    """
    return _NEEDS_ESCAPE.sub(lambda match: "_x005F_x" if match[0] == "_x" else f"_x{ord(match[0]):04X}_", text)


def unescape(text: str) -> str:
    """Read what `escape` wrote.

    Examples
    --------
    >>> unescape("page_x000C_") == "page" + chr(12), unescape("_x005F_x0041_")
    (True, '_x0041_')
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if callable(isoformat) else str(value)


def _decoded(content: bytes, name: str) -> str:
    is_wide = bool(wide_encoding(content))
    if not is_wide and 10 * content[:4096].count(0) > len(content[:4096]):
        raise ExchangeError(f"{name} was not read: it is no text, where a table of coded segments is due.")
    try:
        return decoded(content, "strict" if is_wide else "replace")[0]
    except UnicodeDecodeError:
        raise ExchangeError(f"{name} was not read: it begins as UTF-16 text and does not go on as such.") from None


def _separator(text: str) -> str:
    """Give the separator that splits the first lines into the most columns."""
    lines = [line for line in text.splitlines()[:20] if line.strip()][:5]
    return max(",\t;", key=lambda mark: max((line.count(mark) for line in lines), default=0))
