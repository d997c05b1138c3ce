"""Tables of coded segments in and out: one row a passage and code, as MAXQDA, NVivo, ATLAS.ti and people make them.

A file is recognised by its columns, never by its name. Every row is kept or listed: rows read = extracts + rows left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import ExchangeError
from cop_analysis.realist.exchange.formats.qdpx import judged_json
from cop_analysis.realist.exchange.offsets import (
    KnownDocuments,
    Passages,
    Positions,
    Selected,
    SourceText,
    choose_offsets,
)
from cop_analysis.realist.exchange.references import by_what_they_say, correct_references
from cop_analysis.realist.exchange.registry import Format, HowToRead, HowToWrite, Seen
from cop_analysis.realist.exchange.report import ExchangeReport, Ledger, OffsetChoice, write_whole
from cop_analysis.realist.exchange.segment_files import (
    LONGEST_CELL,
    csv_rows,
    escape,
    is_spreadsheet,
    spreadsheet_rows,
    write_csv,
    write_xlsx,
)
from cop_analysis.realist.exchange.source_reading import REPEATED, Repeats, extract_at
from cop_analysis.realist.model import COLLECTIONS, Code, Coder, Coding, Document, Extract, Snapshot
from cop_analysis.realist.model.consent import handed_on
from cop_analysis.realist.model.identifiers import free, slug
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
    >>> from cop_analysis.realist.exchange.source_reading import extract_at
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
    snapshot = correct_references(read.snapshot(), ledger)
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


STEP: Final = " > "
"""What stands between the steps of a code's path."""


def escaped(name: str) -> str:
    """Write a code's name as a step of a path.

    Examples
    --------
    >>> escaped("a > b"), unescaped(escaped("a > b"))
    ('a \\\\> b', 'a > b')
    """
    return name.replace("\\", "\\\\").replace(">", "\\>")


def unescaped(name: str) -> str:
    """Read a step of a path as a code's name."""
    return re.sub(r"\\([\\>])", r"\1", name)


@dataclass
class _Row:
    number: int
    cells: dict[str, str]
    document: str = ""
    start: int | None = None
    end: int | None = None


class SegmentReader:
    """Turns rows into extracts and collects the documents, codes and coders they name.

    Parameters
    ----------
    known : KnownDocuments
    ledger : Ledger
        Where every row that is set aside, or placed otherwise than it says, is noted.
    """

    def __init__(self, known: KnownDocuments, ledger: Ledger) -> None:
        self.known, self.ledger = known, ledger
        self.kept_rows = 0
        self.coders: dict[str, Coder] = {}
        self.coder_ids: dict[tuple[str, str], str] = {}
        self.codes: dict[str, Code] = {}
        self.code_ids: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        self.extracts: dict[str, Extract] = {}
        self.repeats = Repeats()
        self.used: dict[str, Document] = {}
        self.passages: dict[str, Passages] = {}
        self.places: dict[str, Positions] = {}

    def snapshot(self) -> Snapshot:
        """Give the records the rows made."""
        return Snapshot(
            self.known.study,
            tuple(self.coders.values()),
            tuple(self.used.values()),
            tuple(self.codes.values()),
            tuple(self.extracts.values()),
        )

    def read(self, columns: Mapping[str, int], rows: Sequence[Sequence[str]], offsets: str) -> None:
        """Read all rows; `columns` says in which place each column of ours stands."""
        names = self.known.names()
        only = next(iter(self.known.documents)) if len(self.known.documents) == 1 else ""
        placed: list[_Row] = []
        for number, cells in enumerate(rows, start=2):
            values = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
            row = _Row(number, values)
            row.document = _named(values["document"], names) if "document" in columns else only
            row.start, row.end = (_whole(values.get(name, "")) for name in ("start", "end"))
            if not row.document and "document" in columns and values["document"].strip() in self.known.documents:
                row.document = values["document"].strip()
            if not row.document:
                shown = values.get("document", "")
                self._leave(
                    row, f"no document of the study goes by the name {shown!r}" if shown else "names no document"
                )
            elif not values["code"].strip():
                self._leave(row, "names no code")
            elif not values.get("segment", "").strip() and (row.start is None or row.end is None):
                self._leave(row, "has neither words nor positions")
            else:
                placed.append(row)
        choice = self._choose(placed, offsets)
        self.ledger.offsets = choice
        for row in placed:
            self._place(row, choice)

    def _passages_of(self, document: str) -> Passages:
        if document not in self.passages:
            self.passages[document] = Passages(SourceText.of(self.known.read_text(document)).text)
        return self.passages[document]

    def _choose(self, rows: Sequence[_Row], offsets: str) -> OffsetChoice | None:
        """Find out what start and end count in; None where they are no positions of characters."""
        numbered = [row for row in rows if row.start is not None and row.end is not None]
        if not numbered:
            return None
        sources = {name: SourceText.of(self._passages_of(name).text) for name in {row.document for row in numbered}}
        worded = [row for row in numbered if row.cells.get("segment", "").strip()]
        if not worded or offsets != "auto":
            selections = [Selected(row.document, row.start or 0, row.end or 0) for row in numbered]
            return choose_offsets(sources, selections, wanted=offsets)
        agreeing: Counter[str] = Counter()
        for unit in ("codepoint", "utf16", "utf8"):
            places = {name: Positions.of(source, unit, 1) for name, source in sources.items()}
            agreeing[unit] = sum(_words_agree(row, places[row.document], sources[row.document].text) for row in worded)
        unit, number = max(agreeing.items(), key=lambda pair: pair[1])
        if number == 0:
            self.ledger.caveats.append(
                "Start and end are no positions of characters here; segments were found by words."
            )
            return None
        name = {"codepoint": "Unicode code points", "utf16": "UTF-16 code units", "utf8": "UTF-8 bytes"}[unit]
        reason = f"Offsets read as {name}: the words agree in {number:,} of {len(worded):,} rows."
        return OffsetChoice(unit, 1, reason)

    def _place(self, row: _Row, choice: OffsetChoice | None) -> None:
        passages = self._passages_of(row.document)
        words = row.cells.get("segment", "")
        place = self._by_position(row, choice)
        if place is None and words.strip():
            place = self._by_words(row, passages, words)
        if place is None and not words.strip():
            self._leave(row, "its positions lie outside the document, or hold nothing but blanks")
            return
        self.kept_rows += 1
        self.used.setdefault(row.document, self.known.documents[row.document])
        paths = self._code_paths(row)
        for number, (names, ids) in enumerate(paths):
            wanted = row.cells.get("extract", "").strip() or f"segment-{row.number}"
            identifier = free(wanted if number == 0 else f"{wanted}-{number + 1}", self.extracts)
            # Words that stand nowhere, or in several places, keep their code and wait for a person to place them.
            code, coder = self._code(names, ids), self._coder(row)
            is_ours = bool(ids or row.cells.get("coder_id", "").strip())
            if place is not None and not is_ours and self.repeats.earlier(row.document, place, code, coder) is not None:
                self._note(row, REPEATED)
                continue
            made = extract_at(
                words if place is None else passages.text,
                *(place or (0, len(words))),
                identifier=identifier,
                document=row.document,
                code=code,
                coder=coder,
                created=self._moment(row),
                memo=row.cells.get("memo", ""),
            )
            self.extracts[identifier] = replace(made, placed=place is not None)
            if place is not None:
                self.repeats.add(made)

    def _by_position(self, row: _Row, choice: OffsetChoice | None) -> tuple[int, int] | None:
        if choice is None or row.start is None or row.end is None:
            return None
        text = self._passages_of(row.document).text
        places = self._positions(row.document, choice)
        start, end = places.place(row.start), places.place(row.end)
        if start is None or end is None or start >= end or not text[start:end].strip():
            return None
        words = row.cells.get("segment", "")
        if not words.strip() or _same(words, text[start:end]):
            return start, end
        # A cell that was too long for its spreadsheet holds the beginning only.
        return (start, end) if len(words) > 30_000 and text[start:end].startswith(words[:30_000]) else None

    def _positions(self, document: str, choice: OffsetChoice) -> Positions:
        if document not in self.places:
            source = SourceText.of(self._passages_of(document).text)
            self.places[document] = Positions.of(source, choice.unit, choice.line_break)
        return self.places[document]

    def _by_words(self, row: _Row, passages: Passages, words: str) -> tuple[int, int] | None:
        found = passages.find(words)
        positioned = row.start is not None
        if len(found) == 1:
            if positioned and self.ledger.offsets is not None:
                self._note(row, "did not fit its positions and was found by its words")
            return found[0]
        if len(found) > 1 and row.start is not None and self.ledger.offsets is None:
            # Numbers that are no positions of characters are paragraphs, which may still say which of several is meant.
            meant = [place for place in found if passages.text[: place[0]].count("\n\n") + 1 == row.start]
            lines = [place for place in found if passages.text[: place[0]].count("\n") + 1 == row.start]
            for fitting in (meant, lines):
                if len(fitting) == 1:
                    self._note(row, f"stands {len(found)} times in its document; the one in its paragraph was taken")
                    return fitting[0]
        times = "nowhere" if not found else f"{len(found)} times"
        self._note(row, f"stands {times} in its document, so it is kept without a place")
        return None

    def _note(self, row: _Row, reason: str) -> None:
        detail = f"{row.cells['code']}: {row.cells.get('segment', '')}"
        where = f"row {row.number}, {row.document}"
        self.ledger.change("segment", where, reason, start=row.start, end=row.end, detail=first_characters(detail, 300))

    def _leave(self, row: _Row, reason: str) -> None:
        detail = "; ".join(filter(None, (row.cells.get(name, "") for name in ("document", "code", "segment", "memo"))))
        self.ledger.leave(
            "row", f"row {row.number}", reason, start=row.start, end=row.end, detail=first_characters(detail, 400)
        )

    # --- codes and coders ------------------------------------------------------------------------------------------

    def _code_paths(self, row: _Row) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        text, ids = row.cells["code"], row.cells.get("code_id", "")
        if ids.strip():
            names = tuple(unescaped(part) for part in text.split(STEP))
            parts = tuple(unescaped(part) for part in ids.split(STEP))
            return [(names, parts)] if len(names) == len(parts) else [(names[-1:], parts[-1:])]
        # Other programs list the codes of a passage in one cell.
        cells = [one for one in _SEVERAL.split(text.strip()) if one]
        found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        for cell in cells:
            steps = tuple(step.strip() for step in _FOREIGN_STEPS.split(cell) if step.strip())
            if len(steps) > 1 and steps[0].casefold() in ("nodes", "codes"):
                steps = steps[1:]
            found.append((steps or (cell.strip(),), ()))
        return found

    def _code(self, names: tuple[str, ...], ids: tuple[str, ...]) -> str:
        """Give the identifier of a code by its path, adding it and what it stands under."""
        if (names, ids) in self.code_ids:
            return self.code_ids[names, ids]
        parent = self._code(names[:-1], ids[:-1]) if len(names) > 1 else None
        if ids:
            identifier = ids[-1]
            known = self.known.codes.get(identifier)
            is_known = known is not None and known.name == names[-1] and known.parent == parent
            code = known if known is not None and is_known else Code(identifier, names[-1], parent)
        else:
            known = self._known_by_name(names)
            identifier = known.id if known is not None else free(f"code-{slug(names[-1], 'code')}", self.codes)
            code = known if known is not None else Code(identifier, names[-1], parent)
        self.codes[identifier] = code
        self.code_ids[names, ids] = identifier
        return identifier

    def _known_by_name(self, names: tuple[str, ...]) -> Code | None:
        found = [one for one in self.known.codes.values() if _named_path(one, self.known.codes) == names]
        return found[0] if len(found) == 1 else None

    def _coder(self, row: _Row) -> str:
        name, identifier = row.cells.get("coder", "").strip(), row.cells.get("coder_id", "").strip()
        key = name, identifier
        if key not in self.coder_ids:
            if not name and not identifier:
                identifier = _UNKNOWN
                self.ledger.caveats.append(f"Some rows do not say who coded them; their coder is {_UNKNOWN}.")
            identifier = identifier or self.known.coders.get(name, "") or free(slug(name, "coder"), self.coders)
            self.coder_ids[key] = identifier
            self.coders.setdefault(identifier, Coder(identifier, row.cells.get("coder", "")))
        return self.coder_ids[key]

    def _moment(self, row: _Row) -> str:
        text = row.cells.get("created", "").strip()
        try:
            datetime.fromisoformat(text)
            return text if len(text) >= len("2025-03-02") else ""
        except ValueError:
            if text:
                self.ledger.caveats.append(
                    "Dates not written year, month, day were left out: day and month could be swapped."
                )
            return ""


_ENDINGS: Final = (".txt", ".md", ".docx", ".doc", ".rtf", ".odt", ".pdf", ".vtt", ".html", ".htm")


def _named(name: str, names: Mapping[str, str]) -> str:
    """Give the document that goes by a name, with or without the ending of a file; empty where there is none."""
    found = names.get(loose_name(name), "")
    path = PurePosixPath(name.strip())
    return found or (names.get(loose_name(path.stem), "") if path.suffix.casefold() in _ENDINGS else "")


def _words_agree(row: _Row, places: Positions, text: str) -> bool:
    start, end = places.place(row.start or 0), places.place(row.end or 0)
    return start is not None and end is not None and start < end and _same(row.cells["segment"], text[start:end])


def _same(first: str, second: str) -> bool:
    return first == second or "".join(first.split()) == "".join(second.split())


def _whole(text: str) -> int | None:
    return int(text) if len(text.strip()) <= 18 and re.fullmatch(r"\s*[0-9]+\s*", text) else None


def _named_path(code: Code, codes: Mapping[str, Code]) -> tuple[str, ...]:
    names = [code.name]
    while code.parent is not None and code.parent in codes and len(names) < len(codes):
        code = codes[code.parent]
        names.append(code.name)
    return tuple(reversed(names))


# --- as a kind of file --------------------------------------------------------------------------------------------


def _is_text_table(seen: Seen) -> bool:
    return not seen.is_markup and re.match(r'\s*\{\s*"schema"', seen.text) is None and _is_table(seen.text)


def _is_table(text: str) -> bool:
    """Say whether the first lines are rows of values: the same separator, at least twice, in each of them."""
    lines = [line for line in text.splitlines() if line.strip()][:2]
    if not lines or text.lstrip().startswith("WEBVTT"):
        return False
    for separator in (",", ";", "\t"):
        cells = [cell.strip().strip('"') for cell in lines[0].split(separator)]
        if len(cells) >= 2 and sum(names_a_column(cell) for cell in cells) >= 2:
            return True
        if (
            len(cells) >= 3
            and len(lines) == 2
            and lines[1].count(separator) == lines[0].count(separator) >= 2
            and all(len(cell) <= 40 for cell in cells)
        ):
            return True
    return False


def _read(path: Path, how: HowToRead) -> tuple[Coding, ExchangeReport]:
    if how.known is None or not how.known.documents:
        raise ExchangeError(
            f"{path.name} is a table of coded segments, and the study has no document yet: add the documents it is "
            "about first (`cop coding import STUDY FILE` for each text, or the workbench)."
        )
    return read_coded_segments(path, how.known, offsets=how.offsets)


def _write_as(form: str) -> Callable[[Coding, Path, HowToWrite], ExchangeReport]:
    return lambda coding, path, how: write_coded_segments(coding, path, form=form, overwrite=how.overwrite)


def _own_names(snapshot: Snapshot, path: Path, project: str) -> Snapshot:
    return by_what_they_say(snapshot)


_TITLE: Final = "table of coded segments"

FORMATS: Final = (
    Format("csv", _TITLE, "coded segments, a row each", _is_text_table, _read, _write_as("csv"), _own_names),
    Format(
        "xlsx",
        _TITLE,
        "coded segments, a row each",
        lambda seen: "xl/workbook.xml" in (seen.parts or ()),
        _read,
        _write_as("xlsx"),
        _own_names,
    ),
)
