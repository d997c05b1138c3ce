"""An import as one step for whoever looks at the study: staged, then made whole even where it was cut short.

Texts, their rows and the records of an import lie in several files. They are staged in a hidden folder first, which
gets its name in one step: before that nothing has happened, after it everything will. What a killed process left
unfinished is finished when the study is next opened, and doing it twice changes nothing. Rows of documents.csv are
added without touching what stands there, under file names that are always safe.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
import shutil
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.characters import first_characters
from cop_analysis.files import (
    FORMULA_LEADS,
    MOST_CODING,
    MOST_TABLE,
    MOST_TEXT,
    FileRefusedError,
    is_left,
    place_folder,
    put_whole,
    read_file,
)
from cop_analysis.realist.model import Coding, Snapshot
from cop_analysis.realist.model.json_form import parse, write
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.read import read_csv

if TYPE_CHECKING:
    from cop_analysis.realist.coding import KeptCoding


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


_STAGED: Final = ".import-"

_JOURNAL, _CODING, _BASE = "journal.json", "coding.json", "base.json"

LEFT_AFTER_SECONDS: Final = 600
"""A stage without its final name that was not touched for so long belongs to nobody any more."""


def stage(
    study: Path,
    texts: Mapping[str, str],
    rows: Sequence[Mapping[str, str]],
    snapshot: Snapshot,
    base: Snapshot | None,
    about: Mapping[str, str],
) -> Path:
    """Write all that an import brings into a hidden folder of the study, and give the folder its name in one step.

    Parameters
    ----------
    study : Path
    texts : mapping of str to str
        By the name of its file in documents/, each new text.
    rows : sequence of mapping
        The new rows of documents.csv.
    snapshot : Snapshot
        The records to be merged.
    base : Snapshot, optional
        What the merge sets out from.
    about : mapping
        ``source`` (what the log calls it) and ``coder``.
    """
    token = secrets.token_hex(6)
    beside = study / f"{_STAGED}{token}.part"
    (beside / "texts").mkdir(parents=True)
    try:
        for number, text in enumerate(texts.values()):
            put_whole(beside / "texts" / f"{number}.txt", text.encode("utf-8"))
        put_whole(beside / _CODING, write(snapshot).encode("utf-8"))
        if base is not None:
            put_whole(beside / _BASE, write(base).encode("utf-8"))
        journal = {"texts": list(texts), "rows": [dict(row) for row in rows], **about}
        put_whole(beside / _JOURNAL, json.dumps(journal, ensure_ascii=True).encode("ascii"))
        done = study / f"{_STAGED}{token}"
        place_folder(beside, done)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return done


def place(study: Path, staged: Path) -> None:
    """Put the texts of a staged import and their rows in their places; what is there already stays."""
    journal = _journal(staged)
    folder = study / "documents"
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(journal["texts"]):
        content = read_file(staged / "texts" / f"{number}.txt", most=MOST_TEXT, inside=staged)
        if not (folder / name).exists():
            put_whole(folder / name, content)
    table = study / "documents.csv"
    header, known = rows_of(table)
    there = {row.get("document", "") for row in known}
    fresh = [row for row in journal["rows"] if row["document"] not in there]
    if fresh:
        add_rows(table, header, fresh)


def take_back(study: Path, staged: Path, table: bytes | None) -> None:
    """Undo `place` and drop the stage, because the records could not be merged."""
    journal = _journal(staged)
    _drop(staged)
    for name in journal["texts"]:
        (study / "documents" / name).unlink(missing_ok=True)
    path = study / "documents.csv"
    if table is None:
        path.unlink(missing_ok=True)
    else:
        put_whole(path, table)


def merge_staged(staged: Path, coding: KeptCoding) -> Any:
    """Merge the records of a staged import, and drop the stage; give the conflicts that wait.

    Once the records are merged the import is whole: that coding.json cannot be written is a notice of the coding.
    """
    journal = _journal(staged)
    base = _read(staged / _BASE)
    found = coding.merge(
        Coding(_read(staged / _CODING) or Snapshot(coding.study)),
        base=None if base is None else Coding(base),
        coder=journal.get("coder") or None,
        source=journal["source"],
    )
    coding._settle(at_once=True)
    _drop(staged)
    return found


_at_work: set[Path] = set()


@contextmanager
def at_work(study: Path) -> Iterator[None]:
    """Say that an import into a study is going on in this process, so that opening the study does not finish it."""
    place = study.resolve()
    is_first = place not in _at_work
    _at_work.add(place)
    try:
        yield
    finally:
        if is_first:
            _at_work.discard(place)


def finish_imports(study: Path | str) -> list[str]:
    """Finish what an import that was cut short left unfinished in a study folder.

    Returns
    -------
    list of str
        A sentence for each import that was finished, or could not be.
    """
    study = Path(study)
    said: list[str] = []
    if study.resolve() in _at_work:
        return said
    try:
        staged = sorted(one for one in study.glob(f"{_STAGED}*") if one.is_dir() and not one.is_symlink())
    except OSError:
        return said
    for one in staged:
        if one.name.endswith(".part"):
            with suppress(OSError):
                if is_left(one, LEFT_AFTER_SECONDS):
                    shutil.rmtree(one, ignore_errors=True)
            continue
        with at_work(study):
            said += _finished(study, one)
    return said


def _finished(study: Path, staged: Path) -> list[str]:
    from cop_analysis.realist.coding import start_coding
    from cop_analysis.realist.store import CodingError
    from cop_analysis.study import StudyError, open_study

    try:
        source = str(_journal(staged)["source"])
        place(study, staged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            coding = start_coding(open_study(study))
            try:
                merge_staged(staged, coding)
            finally:
                coding.close()
    except (StudyError, CodingError, ValueError, OSError, KeyError) as fault:
        if not staged.exists():
            return []
        reason = first_characters(" ".join(str(fault).split()), 300)
        return [f"An import that was cut short is tried again when the study is next opened; until now: {reason}"]
    return [f"An import that was cut short ({source}) was finished."]


def _journal(staged: Path) -> dict[str, Any]:
    """Read what an import brings; one whose names lead out of documents/, or that holds links, is none of ours."""
    journal = json.loads(read_file(staged / _JOURNAL, most=MOST_CODING, inside=staged))
    is_ours = isinstance(journal, dict) and all(isinstance(journal.get(name), list) for name in ("texts", "rows"))
    names = journal["texts"] if is_ours else []
    plain = all(isinstance(name, str) and not re.search(r"[\\/:\x00]|\A\.", name) and name for name in names)
    if not is_ours or not plain or any(one.is_symlink() for one in staged.rglob("*")):
        raise ValueError(f"{staged.name} is no import of this workbench: delete that folder.")
    return journal


def _read(path: Path) -> Snapshot | None:
    return parse(read_file(path, most=MOST_CODING, inside=path.parent)).snapshot if path.exists() else None


def _drop(staged: Path) -> None:
    # The journal's folder loses its name first, so that a stage half deleted is never taken for one to be finished.
    gone = staged.with_name(f"{staged.name}.part")
    with suppress(FileNotFoundError):
        os.replace(staged, gone)
        shutil.rmtree(gone, ignore_errors=True)
