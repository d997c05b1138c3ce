"""From the bytes of a CSV file to cells of text with a spreadsheet's row numbers; no cell is interpreted here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cop_analysis.files import MOST_TABLE, FileRefusedError, encoding_called, encoding_of, read_file
from cop_analysis.study.faults import Fault, loose_name

WIDEST = 1000
"""How many columns a file may have: padding a million short rows to an endless header would fill the memory."""
MOST_CELLS = 10_000_000
"""How many cells a table may have; the answers of 10,000 people to 40 questions at two times are 4,000,000."""
MOST_UNEVEN = 10_000
"""How many rows may have another number of cells than the header before it is taken for another kind of file."""

_UNCLOSED = "\ue000end of the file\ue000"
_SAVE_AS = 'open the file in the spreadsheet and save it as "CSV UTF-8 (comma delimited)"'
_SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"SQLite format 3": "a database",
}
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True)
class Cells:
    """A table as text: every cell as written, with the number its row has in a spreadsheet.

    Parameters
    ----------
    columns : dict of str to numpy.ndarray
        Cell texts by header, each an object array of `str`; an empty cell is ``""``.
    rows : numpy.ndarray of int
        The row number of each record. The header is row 1, a record with line breaks inside quotes is one row, and
        blank lines keep their numbers.
    header_row : int
        The row the header is in.
    """

    columns: dict[str, npt.NDArray[Any]]
    rows: npt.NDArray[np.int64]
    header_row: int = 1

    def __len__(self) -> int:
        return len(self.rows)


@dataclass
class RowsRead:
    """What came of reading one file: its cells, if it could be read, its faults, and whether rows were lost.

    `otherwise` is how what is not UTF-8 in it is read, so that the faults of its rows are found all the same.
    """

    cells: Cells | None = None
    faults: list[Fault] = field(default_factory=list)
    incomplete: bool = False
    otherwise: str = "cp1252"


def read_csv(path: Path, file: str, inside: Path | None = None) -> RowsRead:
    """Read a CSV file as text and say everything that is wrong with it as a file.

    A file in another encoding or with another delimiter is at fault but read all the same, so that the faults of its
    rows are found in the same pass.

    Parameters
    ----------
    path : pathlib.Path
    file : str
        How faults call the file.
    inside : pathlib.Path, optional
        The folder it must lie in, once every link is followed.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "people.csv").write_bytes(b"person,role\\r\\n\\r\\nP01,nurse\\r\\n")
    >>> reading = read_csv(folder / "people.csv", "people.csv")
    >>> reading.cells.rows.tolist(), reading.cells.columns["role"].tolist(), reading.faults
    ([3], ['nurse'], [])
    """
    try:
        content = read_file(path, most=MOST_TABLE, inside=inside)
    except FileRefusedError as refused:
        return RowsRead(faults=[Fault(file, None, "", "", refused.rule, refused.remedy)])
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return RowsRead(
            faults=[
                Fault(
                    file,
                    None,
                    "",
                    "",
                    f"the file cannot be read ({reason})",
                    "close it in other programs and check that you may read it",
                )
            ]
        )
    return read_bytes(content, file)


def read_bytes(content: bytes, file: str) -> RowsRead:
    """Read the content of a CSV file; see `read_csv`."""
    reading = RowsRead()
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n,;"):
        what = "the file is empty" if not content.strip() else "the file holds nothing but blanks"
        reading.faults.append(Fault(file, None, "", "", what, "put the table in again, or delete the file"))
        return reading
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            rule = f"the file is {kind}, not CSV text"
            reading.faults.append(Fault(file, None, "", "", rule, _SAVE_AS))
            return reading
    encoding = encoding_of(content)
    text = _decode(content, encoding, file, reading)
    if encoding in ("cp1252", "mac_roman"):
        reading.otherwise = encoding
    _records(text, file, reading)
    return reading


def _decode(content: bytes, encoding: str, file: str, reading: RowsRead) -> str:
    """Decode the bytes; what is not UTF-8 keeps its place as lone surrogates until the cells are known."""
    if encoding.startswith("utf-16"):
        rule = 'the file is saved as UTF-16 ("Unicode text"), not UTF-8'
        reading.faults.append(Fault(file, None, "", "", rule, _SAVE_AS))
        return content.decode(encoding, "replace").removeprefix("\ufeff")
    return content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def _records(text: str, file: str, reading: RowsRead) -> None:
    delimiter = _delimiter(text)
    if delimiter != ",":
        rule = f"the cells are separated by {_DELIMITERS[delimiter]}, not commas"
        reading.faults.append(Fault(file, None, "", "", rule, _SAVE_AS))
    records = _parse(text, delimiter, file, reading)
    if records is None:
        if not any(fault.severity == "error" for fault in reading.faults):
            rule = "the file holds nothing but blanks"
            reading.faults.append(Fault(file, None, "", "", rule, "put the table in again, or delete the file"))
        return
    if records.header_row > 1:
        rule = f"the header is in row {records.header_row}, below blank rows"
        reading.faults.append(Fault(file, 1, "", "", rule, "delete the blank rows above the header", "notice"))
    for position, record in records.odd:
        reading.faults.append(_uneven(record, records, int(records.rows[position]), file, reading.otherwise))
    columns = _columns(records, file, reading)
    reading.cells = _in_utf8(Cells(columns, np.array(records.rows, dtype=np.int64), records.header_row), file, reading)


def _delimiter(text: str) -> str:
    """Tell the delimiter from the header: the candidate that splits it into the most cells; a comma wins a tie."""
    head = text.lstrip("\r\n")[:100_000]
    lines = head.splitlines()
    if not lines:
        return ","
    first = lines[0]
    found = max([",", *_DELIMITERS], key=first.count)
    return found if first.count(found) > first.count(",") else ","


@dataclass
class _Records:
    """The records of a file one cell after the other, as wide as the header, and which were not so wide as read.

    A list a record would be a million lists for the garbage collector to walk through again and again.
    """

    header: list[str]
    header_row: int
    cells: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    odd: list[tuple[int, list[str]]] = field(default_factory=list)

    def add(self, record: list[str], row: int) -> None:
        """Take a record in, brought to the header's width; blanks beyond it are dropped."""
        length, width = len(record), len(self.header)
        if length != width:
            if length < width or any(cell.strip() for cell in record[width:]):
                self.odd.append((len(self.rows), record))
            record = record[:width] + [""] * (width - length)
        self.cells += record
        self.rows.append(row)

    def too_much(self) -> tuple[str, str] | None:
        """Say in a rule and a remedy why reading on would fill the memory; None while it would not."""
        if len(self.cells) > MOST_CELLS:
            return f"the table has more than {MOST_CELLS:,} cells up to this row", "see whether it is the right file"
        if len(self.odd) > MOST_UNEVEN:
            rule = f"more than {MOST_UNEVEN:,} rows have more or fewer cells than the header"
            return rule, "see whether it is the right file, and what separates its cells"
        return None

    def drop_last(self) -> None:
        """Take the last record out again."""
        del self.cells[-len(self.header) :]
        self.rows.pop()
        if self.odd and self.odd[-1][0] == len(self.rows):
            self.odd.pop()


def _parse(text: str, delimiter: str, file: str, reading: RowsRead) -> _Records | None:
    """Split text into records; a record in which every cell is blank is a blank row and only counted."""
    lines: Iterator[str] = chain(io.StringIO(text, newline=""), [_UNCLOSED])
    reader = csv.reader(lines, delimiter=delimiter)
    records: _Records | None = None
    number = lines_before = 0
    closed = False
    try:
        for number, record in enumerate(reader, start=1):
            if record == [_UNCLOSED]:
                closed = True
            elif record and (record[0].strip() or "".join(record).strip()):
                if records is None:
                    width = max(position for position, cell in enumerate(record, start=1) if cell.strip())
                    records = _Records(record[:width], number)
                    if width > WIDEST:
                        rule = f"the header has {width:,} columns, more than any table of a study"
                        reading.faults.append(Fault(file, number, "", "", rule, "see whether this is the right file"))
                        reading.incomplete = True
                        return None
                else:
                    records.add(record, number)
                    if too_much := records.too_much():
                        reading.faults.append(Fault(file, number, "", "", *too_much))
                        reading.incomplete = True
                        return records
            lines_before = reader.line_num
    except csv.Error:
        number += 1
        first = next(islice(io.StringIO(text, newline=""), lines_before, None), "")
        if first.count('"') % 2 == 0:
            rule = f"a cell of this row holds more than {csv.field_size_limit():,} characters"
            reading.faults.append(Fault(file, number, "", "", rule, "see whether it is the right file, or shorten it"))
            reading.incomplete = True
            return records
    if not closed:
        # The record that was still open at the end has swallowed the rest of the file.
        if records is not None and records.header_row == number:
            records = None
        elif records is not None and records.rows and records.rows[-1] == number:
            records.drop_last()
        reading.incomplete = True
        rule = "a quotation mark that opens in this row is never closed"
        fix = 'close it, or write a quotation mark inside text twice ("")'
        reading.faults.append(Fault(file, max(number, 1), "", "", rule, fix))
    return records


def _uneven(record: list[str], records: _Records, row: int, file: str, otherwise: str) -> Fault:
    """Name a record that held more or fewer cells than the header."""
    width = len(records.header)
    if len(record) < width:
        missing = width - len(record)
        fix = (
            f"it has {len(record)} of {width}: see whether the row was cut off, and add the missing "
            f"comma{'s' if missing > 1 else ''}"
        )
        return Fault(file, row, "", "", "the row has fewer cells than the header", fix)
    extra = next(cell for cell in record[width:] if cell.strip())
    fix = f"it has {len(record)} for {width} columns: put text that holds a comma in quotation marks"
    return Fault(file, row, "", _legible(extra, otherwise), "stands beyond the last column of the header", fix)


def _columns(records: _Records, file: str, reading: RowsRead) -> dict[str, npt.NDArray[Any]]:
    count, width = len(records.rows), len(records.header)
    table = np.fromiter(records.cells, dtype=object, count=count * width).reshape(count, width)
    records.cells.clear()
    columns: dict[str, npt.NDArray[Any]] = {}
    twins: dict[str, str] = {}
    for position, header in enumerate(records.header):
        name, cells = _legible(header, reading.otherwise), table[:, position]
        if not name.strip():
            if any(cell.strip() for cell in cells):
                rule = f"column {position + 1} has no header"
                reading.faults.append(Fault(file, records.header_row, "", "", rule, "name the column or delete it"))
            continue
        twin = twins.setdefault(loose_name(name) or name, name)
        if twin in columns:
            rule = "the header stands twice" if twin == name else f'the header is the same name as "{twin}"'
            reading.faults.append(Fault(file, records.header_row, name, "", rule, "keep one of the two columns"))
            continue
        columns[name] = cells.copy()
    return columns


def _in_utf8(cells: Cells, file: str, reading: RowsRead) -> Cells:
    """Find cells that were not UTF-8, say where the first is, and read them as they seem to be written."""
    first: Fault | None = None
    first_lost: Fault | None = None
    nul: Fault | None = None
    columns = dict(cells.columns)
    for name, array in cells.columns.items():
        joined = "\x1f".join(array.tolist())
        if joined.isascii() and "\x00" not in joined:
            continue
        suspects = np.array([not cell.isascii() or "\x00" in cell for cell in array.tolist()], dtype=bool)
        legible = array.copy()
        for position in np.flatnonzero(suspects).tolist():
            cell = array[position]
            row = int(cells.rows[position])
            if "\x00" in cell and (nul is None or row < (nul.row or 0)):
                nul = Fault(
                    file,
                    row,
                    name,
                    cell,
                    "holds characters that are not text (NUL)",
                    "the file is damaged: save the table again from its source",
                )
            if not _is_utf8(cell):
                legible[position] = _legible(cell, reading.otherwise)
                if first is None or row < (first.row or 0):
                    seems = encoding_called(reading.otherwise)
                    rule = f"is not UTF-8: the file was saved in another encoding, as it seems {seems}"
                    first = Fault(file, row, name, legible[position], rule, _SAVE_AS)
            elif "\ufffd" in cell and (first_lost is None or row < (first_lost.row or 0)):
                first_lost = Fault(
                    file,
                    row,
                    name,
                    cell,
                    "holds a letter lost in an earlier conversion (\ufffd)",
                    "type the letter again from the source",
                    "notice",
                )
        columns[name] = legible
    header_wrong = [name for name in cells.columns if "\ufffd" in name]
    if first is None and header_wrong:
        first_lost = Fault(file, 1, header_wrong[0], "", "the header holds a lost letter", _SAVE_AS, "notice")
    reading.faults += [fault for fault in (first, first_lost, nul) if fault is not None]
    return Cells(columns, cells.rows, cells.header_row)


def _is_utf8(cell: str) -> bool:
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _legible(cell: str, otherwise: str) -> str:
    """Give a cell that was not UTF-8 as another encoding reads it; other cells as they are."""
    if _is_utf8(cell):
        return cell
    return cell.encode("utf-8", "surrogateescape").decode(otherwise, "replace")
