"""Rows of documents.csv: read, added to without touching what stands there, and file names that are always safe."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from cop_analysis.characters import first_characters
from cop_analysis.files import FORMULA_LEADS, MOST_TABLE, FileRefusedError, put_whole, read_file
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.read import read_csv

_UNSAFE = re.compile(r"[^\w .()-]+")

_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


class RowsError(ValueError):
    """documents.csv cannot be added to; the message says why and what to do."""


def rows_of(table: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Read the header and the rows of documents.csv; the header of a new one where there is none.

    Raises
    ------
    RowsError
        When it cannot be read, or lacks the columns a document needs.
    """
    if not _content(table).strip(b"\xef\xbb\xbf \r\n"):
        return list(CONTRACTS["documents"].column_names), []
    reading = read_csv(table, table.name, table.parent)
    if reading.cells is None or reading.faults:
        said = reading.faults[0].sentence if reading.faults else "documents.csv cannot be read."
        raise RowsError(f"{said} Nothing was added: correct that first.")
    header = list(reading.cells.columns)
    missing = [name for name in ("document", "file") if name not in header]
    if missing:
        raise RowsError(
            f"documents.csv has no column {' and no column '.join(missing)}: add it to the first row. Nothing was "
            "added."
        )
    return header, [
        {name: str(reading.cells.columns[name][number]) for name in header} for number in range(len(reading.cells))
    ]


def add_rows(table: Path, header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """Write the table with more rows; what stands in it is kept byte for byte, and no reader meets half of it."""
    before = _content(table)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, header, restval="", extrasaction="ignore", lineterminator="\r\n")
    if not before.strip(b"\xef\xbb\xbf \r\n"):
        before = b"\xef\xbb\xbf"
        writer.writeheader()
    elif not before.endswith((b"\n", b"\r")):
        before += b"\r\n"
    writer.writerows(rows)
    put_whole(table, before + buffer.getvalue().encode("utf-8"))


def _content(table: Path) -> bytes:
    """Give the bytes of a table as it stands; none where there is no such file."""
    try:
        return read_file(table, most=MOST_TABLE, inside=table.parent)
    except FileNotFoundError:
        return b""
    except FileRefusedError as refused:
        raise RowsError(f"{table.name} {refused.rule}. Nothing was added: {refused.remedy}.") from None


def plain_title(title: str) -> str:
    """Write a title on one line; one that a spreadsheet would run as a formula is kept as text.

    Examples
    --------
    >>> plain_title("=HYPERLINK(1)"), plain_title(" Ward\\nround ")
    ('HYPERLINK(1)', 'Ward round')
    """
    title = first_characters(" ".join("".join(one if one.isprintable() else " " for one in title).split()), 200)
    return title.lstrip("".join(FORMULA_LEADS) + " ") if title.startswith(FORMULA_LEADS) else title


def safe_file(wanted: str, taken: Collection[str]) -> str:
    """Give a name for a text in documents/ that every computer can hold and nothing there has.

    Parameters
    ----------
    wanted : str
        Any name or path; only letters, digits and a few marks of its last part are kept.
    taken : collection of str
        Names in use, in small letters.

    Examples
    --------
    >>> safe_file("../../etc/passwd", set()), safe_file("documents/Talk: one.docx", {"talk_ one.txt"})
    ('passwd.txt', 'Talk_ one_2.txt')
    >>> safe_file("CON.txt", set())
    'document_CON.txt'
    """
    last = re.split(r"[\\/]", wanted)[-1]
    stem = last.rpartition(".")[0] if re.search(r"\.[A-Za-z0-9]{1,8}\Z", last) else last
    stem = _UNSAFE.sub("_", stem).strip(" ._")[:80].strip(" ._") or "document"
    if stem.casefold().partition(".")[0] in _DEVICES:
        stem = f"document_{stem}"
    name, number = f"{stem}.txt", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}_{number}.txt"
    return name


def people_of(study: Path) -> set[str]:
    """Give the pseudonyms of a study's people.csv."""
    path = study / "people.csv"
    if not path.is_file():
        return set()
    cells = read_csv(path, path.name, study).cells
    return set() if cells is None or "person" not in cells.columns else {str(one) for one in cells.columns["person"]}
