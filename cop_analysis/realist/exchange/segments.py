"""Tables of coded segments in and out: one row a passage and code, as MAXQDA, NVivo, ATLAS.ti and people make them.

A file is recognised by its columns, never by its name. Every row is kept or listed: rows read = extracts + rows left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.exchange.known_documents import KnownDocuments
from cop_analysis.realist.exchange.mending import mend_references
from cop_analysis.realist.exchange.qdpx import judged_json
from cop_analysis.realist.exchange.report import ExchangeError, ExchangeReport, Ledger
from cop_analysis.realist.exchange.segment_files import (
    LONGEST_CELL,
    csv_rows,
    escape,
    is_spreadsheet,
    spreadsheet_rows,
    write_csv,
    write_xlsx,
)
from cop_analysis.realist.exchange.segment_reading import STEP, SegmentReader, escaped
from cop_analysis.realist.exchange.whole_file import write_whole
from cop_analysis.realist.handing_on import handed_on
from cop_analysis.realist.model import COLLECTIONS, Code, Coding
from cop_analysis.study.faults import loose_name

if TYPE_CHECKING:
    from cop_analysis.study import Study

COLUMNS: Final = (
    "extract",
    "document",
    "document_title",
    "start",
    "end",
    "segment",
    "code",
    "code_id",
    "coder",
    "coder_id",
    "created",
    "memo",
)
"""The columns that are written; `start` and `end` are code points of the document's text, `end` not included.

`code` and `code_id` are the path from the top of the tree, ``Asking > Ringing``.
"""

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "extract": ("extract", "extractid", "segmentid", "quotationid", "id"),
    "document": ("document", "documentname", "documentid", "file", "filename", "source", "sourcename", "mediatitle"),
    "segment": (
        "segment",
        "codedsegment",
        "segmenttext",
        "codedtext",
        "text",
        "quote",
        "quotation",
        "quotationcontent",
        "content",
        "excerpt",
        "excerptcopy",
        "selectedtext",
        "highlight",
        "reference",
    ),
    "code": ("code", "codes", "codename", "codepath", "tag", "tags", "node", "nodename", "theme", "hierarchicalname"),
    "code_id": ("codeid",),
    "coder": ("coder", "codername", "codedby", "createdby", "author", "owner", "user", "modifiedby", "excerptcreator"),
    "coder_id": ("coderid",),
    "start": ("start", "begin", "beginning", "startposition", "startoffset", "startchar", "pos0", "from"),
    "end": ("end", "endposition", "endoffset", "endchar", "pos1", "to"),
    "created": ("created", "createdon", "createdat", "date", "creationdate", "codedon", "modified", "modifiedon"),
    "memo": ("memo", "comment", "comments", "note", "notes", "annotation"),
    "document_title": ("documenttitle",),
}
"""The headers each column is recognised by, without case, blanks, hyphens and underscores; the first that is met."""

_STEP: Final = " > "
_FOREIGN_STEPS = re.compile(r"\s*(?:>|\\+|/(?=\s)|::)\s*")
_SEVERAL = re.compile(r"\s*[\n;]\s*")
_UNKNOWN: Final = "unknown-coder"


def write_coded_segments(
    coding: Coding, path: Path | str, *, form: str = "auto", overwrite: bool = True
) -> ExchangeReport:
    """Write a coding's extracts as a table, one row each: CSV or xlsx.

    Parameters
    ----------
    coding : Coding
    path : path
    form : {"auto", "csv", "xlsx"}
        ``"auto"`` goes by the ending of the path: CSV unless it is .xlsx.
    overwrite : bool
        False refuses where the file exists.

    Returns
    -------
    ExchangeReport
        What a table of segments cannot hold (configurations, definitions) is in it as left.

    Raises
    ------
    StudyError
        When the records contradict each other.
    ExchangeError
        When the place is taken.

    Examples
    --------
    >>> import tempfile
    >>> from hashlib import sha256
    >>> from cop_analysis.realist.exchange.extract_reading import extract_at
    >>> from cop_analysis.realist.model import Coder, Document, Snapshot
    >>> text = "P01: I trust them."
    >>> document = Document("D1", "D1.txt", "One", sha256(text.encode()).hexdigest(), len(text))
    >>> extract = extract_at(text, 5, 17, identifier="x1", document="D1", code="c1", coder="a")
    >>> coding = Coding(
    ...     Snapshot("demo", (Coder("a", "Ann"),), (document,), (Code("c1", "Trust"),), (extract,)), {"D1": text}.get
    ... )
    >>> place = Path(tempfile.mkdtemp()) / "segments.csv"
    >>> _ = write_coded_segments(coding, place)
    >>> read_coded_segments(place, coding)[0].snapshot.extracts == coding.snapshot.extracts
    True
    """
    path = Path(path)
    ledger = Ledger(path.name)
    coding = handed_on(coding)
    judged_json(coding)
    snapshot = coding.snapshot
    titles = {document.id: document.title for document in snapshot.documents}
    coders = {coder.id: coder.name for coder in snapshot.coders}
    paths = _paths(snapshot.codes)
    if form not in ("auto", "csv", "xlsx"):
        raise ValueError(f'form must be "auto", "csv" or "xlsx", not {form!r}.')
    is_xlsx = form == "xlsx" or (form == "auto" and path.suffix.casefold() == ".xlsx")
    rows: list[tuple[object, ...]] = []
    for one in sorted(snapshot.extracts, key=lambda extract: (extract.document, extract.start, extract.end)):
        names, ids = paths[one.code]
        start, end = (one.start, one.end) if one.placed else ("", "")
        rows.append(
            (
                one.id,
                one.document,
                titles.get(one.document, ""),
                start,
                end,
                one.quote,
                names,
                ids,
                coders.get(one.coder, ""),
                one.coder,
                one.created,
                one.memo,
            )
        )
        if is_xlsx:
            for name, text in (("words", one.quote), ("memo", one.memo)):
                if len(escape(text)) > LONGEST_CELL:
                    reason = f"its {name} are longer than a cell of a spreadsheet holds ({LONGEST_CELL:,}) and were cut"
                    ledger.change("extract", one.id, reason)

    def fill(file: BinaryIO) -> None:
        if is_xlsx:
            write_xlsx(file, "Coded segments", COLUMNS, rows)
        else:
            write_csv(file, COLUMNS, rows)

    write_whole(path, fill, overwrite=overwrite)
    ledger.carry("extracts", len(rows))
    used = {extract.code for extract in snapshot.extracts}
    unused = [code for code in snapshot.codes if code.id not in used]
    only = "a table of segments has a row for each coded passage only"
    if unused:
        ledger.leave("codes", f"given to no passage ({len(unused):,})", only, number=len(unused))
    detailed = sum(bool(code.definition or code.examples or code.colour or code.level) for code in snapshot.codes)
    if detailed:
        reason = "a table of segments names codes only, without definition, examples, colour and level"
        ledger.leave("code details", f"({detailed:,})", reason, number=detailed)
    for name in COLLECTIONS.values():
        number = len(getattr(snapshot, name))
        if number and name not in ("coders", "documents", "codes", "extracts"):
            ledger.leave(name, f"({number:,})", only, number=number)
    return ledger.close("export", "segments")


def read_coded_segments(
    path: Path | str, documents: Coding | Study | Mapping[str, str] | KnownDocuments, *, offsets: str = "auto"
) -> tuple[Coding, ExchangeReport]:
    """Read a table of coded segments, of ours or of another program, against the documents it was made from.

    Parameters
    ----------
    path : path
        CSV (comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252) or xlsx.
    documents : Coding, Study or mapping of str to str
        Where the texts are; a mapping gives the text of each document by its name.
    offsets : {"auto", "utf16", "codepoint"}
        What start and end count in, where they are positions of characters. Numbers that do not fit the words beside
        them (MAXQDA's are paragraphs) are not used.

    Returns
    -------
    coding : Coding
        The documents, codes, coders and extracts of the table.
    report : ExchangeReport
        A row that could not be placed is in it: as changed where it became an extract without a place, with its words
        kept; as left where its document is not known or it says too little.

    Raises
    ------
    ExchangeError
        When the file is no table of coded segments (with what was seen and what was expected), is damaged, or was made
        to do harm.
    """
    path = Path(path)
    if not path.exists():
        raise ExchangeError(f"There is no file {path}.")
    if path.is_dir():
        raise ExchangeError(f"{path} is a folder, where a table of coded segments is due: name the file.")
    ledger = Ledger(path.name)
    known = KnownDocuments.of(documents)
    columns, rows = _table(path, known)
    read = SegmentReader(known, ledger)
    read.read(columns, rows, offsets)
    snapshot = mend_references(read.snapshot(), ledger)
    for name in COLLECTIONS.values():
        ledger.carry(name, len(getattr(snapshot, name)))
    ledger.caveats.append(
        f"{len(rows):,} rows read: {read.kept_rows:,} kept, {len(rows) - read.kept_rows:,} set aside."
    )
    return Coding(snapshot, known.read_text), ledger.close("import", "segments")


# --- the table -----------------------------------------------------------------------------------------------------


def _table(path: Path, known: KnownDocuments) -> tuple[dict[str, int], list[list[str]]]:
    """Find the header of a table of coded segments in a file, and give its columns and the rows below it."""
    sheets = spreadsheet_rows(path) if is_spreadsheet(path) else iter([("", csv_rows(path))])
    seen: list[str] = []
    for _, rows in sheets:
        for number, row in enumerate(rows[:10]):
            columns = _columns(row)
            if _is_enough(columns, known):
                return columns, [one for one in rows[number + 1 :] if any(cell.strip() for cell in one)]
        seen += [cell.strip() for cell in (rows[0] if rows else []) if cell.strip()]
    raise ExchangeError(
        f"{path.name} is no table of coded segments: it needs columns for the document, the code, and the segment's "
        f"words or its start and end; seen were {first_characters(', '.join(seen), 200) or 'none'}."
    )


def names_a_column(cell: str) -> bool:
    """Say whether a cell is a header by which a column of coded segments is known.

    Examples
    --------
    >>> names_a_column("Coded segment"), names_a_column("We met.")
    (True, False)
    """
    loose = loose_name(cell.removeprefix("\ufeff")) if len(cell) < 60 else ""
    return any(loose in names for names in NAMES.values())


def _columns(row: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for number, cell in enumerate(row):
        places.setdefault(loose_name(cell.removeprefix("\ufeff")) if len(cell) < 60 else "", number)
    found: dict[str, int] = {}
    for column, names in NAMES.items():
        met = next((places[name] for name in names if name in places), None)
        if met is not None and met not in found.values():
            found[column] = met
    return found


def _is_enough(columns: Mapping[str, int], known: KnownDocuments) -> bool:
    has_words = "segment" in columns or ("start" in columns and "end" in columns)
    return "code" in columns and has_words and ("document" in columns or len(known.documents) == 1)


def _paths(codes: Iterable[Code]) -> dict[str, tuple[str, str]]:
    """Give the path of every code from the top of the tree, by names and by identifiers."""
    known = {code.id: code for code in codes}
    found = {}
    for code in known.values():
        steps: list[Code] = []
        step: Code | None = code
        while step is not None:
            steps.append(step)
            step = known.get(step.parent) if step.parent is not None else None
        steps.reverse()
        found[code.id] = (
            STEP.join(escaped(one.name) for one in steps),
            " > ".join(escaped(one.id) for one in steps),
        )
    return found
