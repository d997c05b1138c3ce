"""QualCoder projects (a folder .qda with data.qda) in: texts, categories and codes, codings, cases, attributes, memos.

Read after the tables QualCoder 2 and 3 keep. Positions are characters of `source.fulltext`; which characters are
counted is found out from the words QualCoder keeps beside every coding.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import Database, ExchangeError, number, words
from cop_analysis.realist.exchange.elements import plain_colour, with_passage
from cop_analysis.realist.exchange.formats.qdpx import count_records
from cop_analysis.realist.exchange.offsets import Passages, Positions, SourceText
from cop_analysis.realist.exchange.references import correct_references, marked_as_of, said_of_itself
from cop_analysis.realist.exchange.registry import Format, Seen
from cop_analysis.realist.exchange.report import ExchangeReport, Ledger, OffsetChoice
from cop_analysis.realist.exchange.source_reading import REPEATED, Repeats, extract_at
from cop_analysis.realist.model import Code, Coder, Coding, Document, Extract, Memo, Snapshot
from cop_analysis.realist.model.identifiers import free, slug

FILE: Final = "data.qda"

_NEEDED: Final = {
    "source": ("id", "name", "fulltext"),
    "code_name": ("cid", "name"),
    "code_text": ("cid", "fid", "pos0", "pos1"),
}

_UNITS: Final = (("codepoint", 1), ("codepoint", 2), ("utf16", 1), ("utf16", 2))

_UNKNOWN: Final = "unknown-coder"

_TITLE: Final = 160


def read_qualcoder(path: Path | str) -> tuple[Coding, ExchangeReport]:
    """Read a project of QualCoder.

    Parameters
    ----------
    path : path
        The project's folder (``something.qda``), or the database data.qda in it.

    Returns
    -------
    coding : Coding
        Texts as documents; categories and codes as one tree; text codings as extracts with their memos; annotations,
        journals and memos as memos; attributes of files, and of cases for their files, as attributes of documents.
    report : ExchangeReport
        Codings of pictures, sound and film are in it as left.

    Raises
    ------
    ExchangeError
        When it is no such project, is damaged, or open in QualCoder.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    file = path / FILE if path.is_dir() else path
    name = folder.name if file.name == FILE else file.name
    if path.is_dir() and not file.exists():
        raise ExchangeError(f"{path} is no QualCoder project: it holds no {FILE}.")
    ledger = Ledger(name)
    with Database(file, f"QualCoder project ({FILE})", _NEEDED) as database:
        reader = _Reader(database, ledger, slug(name.removesuffix(".qda"), "qualcoder"))
        snapshot = correct_references(reader.read(), ledger)
    count_records(snapshot, ledger)
    texts = {document.id: reader.sources[key].text for key, document in reader.documents.items()}
    return Coding(snapshot, texts.__getitem__), ledger.close("import", "qualcoder")


class _Reader:
    def __init__(self, database: Database, ledger: Ledger, study: str) -> None:
        self.database, self.ledger, self.study = database, ledger, study
        self.documents: dict[int, Document] = {}
        self.sources: dict[int, SourceText] = {}
        self.codes: dict[str, Code] = {}
        self.coders: dict[str, Coder] = {}
        self.coder_ids: dict[str, str] = {}
        self.extracts: dict[str, Extract] = {}
        self.memos: dict[str, Memo] = {}
        self.attributes: dict[int, dict[str, str]] = {}

    def read(self) -> Snapshot:
        self.read_codes()
        self.read_sources()
        self.read_codings()
        self.read_annotations()
        self.read_journals()
        self.read_attributes()
        self.read_cases()
        self.leave_media()
        documents = tuple(
            Document(**{**vars(one), "attributes": tuple(self.attributes.get(key, {}).items())})
            for key, one in self.documents.items()
        )
        return Snapshot(
            self.study,
            tuple(self.coders.values()),
            documents,
            tuple(self.codes.values()),
            tuple(self.extracts.values()),
            memos=tuple(self.memos.values()),
        )

    def coder(self, owner: object) -> str:
        name = words(owner).strip()
        if not name:
            self.coders.setdefault(_UNKNOWN, Coder(_UNKNOWN))
            return _UNKNOWN
        if name not in self.coder_ids:
            self.coder_ids[name] = free(slug(name, "coder"), self.coders)
            self.coders[self.coder_ids[name]] = Coder(self.coder_ids[name], name)
        return self.coder_ids[name]

    def memo(self, identifier: str, text: object, row: dict[str, Any], **about: str) -> None:
        if words(text).strip():
            identifier = free(identifier, self.memos)
            title = about.pop("title", "")
            owner = self.coder(row["owner"]) if words(row.get("owner")).strip() else None
            self.memos[identifier] = Memo(
                identifier,
                words(text),
                title,
                coder=owner,
                created=_moment(row.get("date")),
                **about,
            )

    # --- codes -----------------------------------------------------------------------------------------------------

    def read_codes(self) -> None:
        categories, above = {}, {}
        for row in self.database.rows("code_cat", ("catid", "name", "memo", "supercatid"), "catid"):
            key = number(row["catid"])
            if key is not None:
                categories[key] = f"category-{key}"
                above[f"category-{key}"] = number(row["supercatid"])
                name = words(row["name"])
                identifier = f"category-{key}"
                self.codes[identifier] = Code(
                    identifier, name if name.strip() else identifier, None, words(row["memo"])
                )
        of_code: dict[str, int | None] = {}
        for row in self.database.rows("code_name", ("cid", "name", "memo", "catid", "color", "supercid"), "cid"):
            key = number(row["cid"])
            if key is None:
                continue
            identifier, name, colour = f"code-{key}", words(row["name"]), words(row["color"])
            self.codes[identifier] = Code(
                identifier,
                name if name.strip() else identifier,
                None,
                words(row["memo"]),
                "",
                plain_colour(colour) or "",
            )
            above[identifier] = number(row["catid"])
            of_code[identifier] = number(row["supercid"])
        for identifier, category in above.items():
            parent = categories.get(category) if category is not None else None
            outer = of_code.get(identifier)
            if outer is not None and f"code-{outer}" in self.codes:
                parent = f"code-{outer}"
            if parent is not None:
                self.codes[identifier] = Code(**{**vars(self.codes[identifier]), "parent": parent})

    # --- sources and codings ---------------------------------------------------------------------------------------

    def read_sources(self) -> None:
        files: set[str] = set()
        self.media: dict[int, str] = {}
        for row in self.database.rows("source", ("id", "name", "fulltext", "mediapath", "memo", "owner", "date"), "id"):
            key, name = number(row["id"]), words(row["name"])
            if key is None:
                continue
            if not words(row["fulltext"]).strip():
                self.media[key] = name
                path = words(row["mediapath"])
                kind = "picture, sound or film" if path else "empty text"
                self.ledger.leave(
                    "source",
                    name,
                    f"the workbench codes text, and this is a {kind}",
                    detail=first_characters(path, 200),
                )
                continue
            text = words(row["fulltext"]).replace("\x00", "\N{REPLACEMENT CHARACTER}")
            self.sources[key] = SourceText.of(text)
            stem = re.sub(r"[^\w .()-]+", "_", PurePosixPath(name).stem).strip(" ._")[:80] or f"source_{key}"
            file = f"documents/{stem}.txt"
            if file.casefold() in files:
                file = f"documents/{stem}_{key}.txt"
            files.add(file.casefold())
            plain = self.sources[key].text
            digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
            self.documents[key] = Document(f"source-{key}", file, name, digest, len(plain))
            self.memo(f"memo-source-{key}", row["memo"], row, about="document", target=f"source-{key}", title=name)

    def read_codings(self) -> None:
        columns = ("ctid", "cid", "fid", "seltext", "pos0", "pos1", "owner", "date", "memo", "important")
        rows = list(self.database.rows("code_text", columns))
        choice = self.choose(rows)
        self.ledger.offsets = choice
        places = {key: Positions.of(source, choice.unit, choice.line_break) for key, source in self.sources.items()}
        passages: dict[int, Passages] = {}
        repeats = Repeats()
        important = 0
        for position, row in enumerate(rows, start=1):
            key, code = number(row["fid"]), f"code-{number(row['cid'])}"
            name = (
                self.documents[key].title
                if key in self.documents and key is not None
                else f"source {words(row['fid'])}"
            )
            selected = words(row["seltext"])
            if key is None or key not in self.sources:
                self.leave(row, name, "its text did not come along")
                continue
            if code not in self.codes:
                self.leave(row, name, "its code is not in the codebook")
                continue
            text = self.sources[key].text
            place = self.place(row, places[key], text)
            if place is None or not _same(selected, text[place[0] : place[1]]):
                found = passages.setdefault(key, Passages(text)).find(selected)
                if len(found) == 1:
                    self.change(row, name, "did not fit its positions and was found by its words")
                    place = found[0]
                elif place is not None:
                    self.change(row, name, "holds other words than were kept beside it; its positions were taken")
            if place is None:
                self.leave(row, name, "it lies outside its text and its words stand there not exactly once")
                continue
            coder = self.coder(row["owner"])
            number_of = number(row["ctid"])
            if repeats.earlier(self.documents[key].id, place, code, coder) is not None:
                self.change(row, name, REPEATED)
                continue
            identifier = free(f"coding-{position if number_of is None else number_of}", self.extracts)
            important += bool(number(row["important"]))
            self.extracts[identifier] = extract_at(
                text,
                *place,
                identifier=identifier,
                document=self.documents[key].id,
                code=code,
                coder=coder,
                created=_moment(row["date"]),
                memo=words(row["memo"]),
            )
            repeats.add(self.extracts[identifier])
        if important:
            self.ledger.leave("mark", "important codings", "the workbench has no such mark", number=important)

    def place(self, row: dict[str, Any], places: Positions, text: str) -> tuple[int, int] | None:
        start, end = number(row["pos0"]), number(row["pos1"])
        if start is None or end is None:
            return None
        first, last = places.place(start), places.place(end)
        if first is None or last is None or first >= last or not text[first:last].strip():
            return None
        return first, last

    def choose(self, rows: list[dict[str, Any]]) -> OffsetChoice:
        """Find out what positions count in by the words kept beside each coding."""
        best, most, worded = _UNITS[0], -1, 0
        for unit, line_break in _UNITS:
            agreeing = worded = 0
            places: dict[int, Positions] = {}
            for row in rows:
                key, selected = number(row["fid"]), words(row["seltext"])
                if key is None or key not in self.sources or not selected.strip():
                    continue
                worded += 1
                source = self.sources[key]
                if key not in places:
                    places[key] = Positions.of(source, unit, line_break)
                place = self.place(row, places[key], source.text)
                agreeing += place is not None and _same(selected, source.text[place[0] : place[1]])
            if agreeing > most:
                best, most = (unit, line_break), agreeing
        name = "Unicode code points" if best[0] == "codepoint" else "UTF-16 code units"
        wide = any(source.has_wide_breaks for source in self.sources.values())
        breaks = f" with CR LF as {'two' if best[1] == 2 else 'one'}" if wide else ""
        reason = f"Offsets read as {name}{breaks}: the words agree in {max(most, 0):,} of {worded:,} codings."
        return OffsetChoice(best[0], best[1], reason if worded else "")

    def change(self, row: dict[str, Any], name: str, reason: str) -> None:
        start, end = number(row["pos0"]), number(row["pos1"])
        self.ledger.change(
            "coding", name, reason, start=start, end=end, detail=first_characters(words(row["seltext"]), 200)
        )

    def leave(self, row: dict[str, Any], name: str, reason: str) -> None:
        start, end = number(row["pos0"]), number(row["pos1"])
        code = self.codes.get(f"code-{number(row['cid'])}")
        detail = "; ".join(filter(None, (code.name if code else "", words(row["seltext"]), words(row["memo"]))))
        self.ledger.leave("coding", name, reason, start=start, end=end, detail=first_characters(detail, 400))

    # --- memos, cases, attributes ------------------------------------------------------------------------------------

    def read_annotations(self) -> None:
        for row in self.database.rows("annotation", ("anid", "fid", "pos0", "pos1", "memo", "owner", "date")):
            key = number(row["fid"])
            where = self.documents.get(key) if key is not None else None
            if where is None or key is None:
                self.ledger.leave(
                    "annotation",
                    words(row["fid"]),
                    "its text did not come along",
                    detail=first_characters(words(row["memo"]), 400),
                )
                continue
            choice = self.ledger.offsets or OffsetChoice("codepoint")
            place = self.place(
                row, Positions.of(self.sources[key], choice.unit, choice.line_break), self.sources[key].text
            )
            quote = self.sources[key].text[place[0] : place[1]] if place else ""
            title = f"On: {quote[:_TITLE]}" if quote else "Annotation"
            said = words(row["memo"])
            if said.strip() and len(quote) > _TITLE:
                said = with_passage(said, quote)
            self.memo(f"annotation-{words(row['anid'])}", said, row, about="document", target=where.id, title=title)
            self.ledger.change(
                "annotation",
                where.title,
                "became a memo about its document, with the passage it stands at",
                start=number(row["pos0"]),
                end=number(row["pos1"]),
            )

    def read_journals(self) -> None:
        for row in self.database.rows("journal", ("jid", "name", "jentry", "date", "owner")):
            self.memo(f"journal-{words(row['jid'])}", row["jentry"], row, title=words(row["name"]))
        for row in self.database.rows("project", ("memo", "date")):
            self.memo("memo-project", row["memo"], row, title="Memo of the project")

    def read_attributes(self) -> None:
        self.of_case: dict[int, dict[str, str]] = {}
        for row in self.database.rows("attribute", ("name", "attr_type", "value", "id")):
            key, name, value = number(row["id"]), words(row["name"]), words(row["value"])
            if key is None or not name.strip() or not value:
                continue
            if words(row["attr_type"]).casefold() == "case":
                self.of_case.setdefault(key, {})[name] = value
            elif key in self.documents:
                self.attributes.setdefault(key, {})[name] = value

    def read_cases(self) -> None:
        files: dict[int, set[int]] = {}
        parts: dict[int, int] = {}
        for row in self.database.rows("case_text", ("caseid", "fid", "pos0", "pos1")):
            case, key = number(row["caseid"]), number(row["fid"])
            if case is None or key not in self.documents or key is None:
                continue
            files.setdefault(case, set()).add(key)
            length = len(self.sources[key].text)
            if (number(row["pos0"]) or 0) > 0 or (number(row["pos1"]) or 0) < length - 1:
                parts[case] = parts.get(case, 0) + 1
        for row in self.database.rows("cases", ("caseid", "name", "memo", "owner", "date")):
            case, name = number(row["caseid"]), words(row["name"])
            held = files.get(case, set()) if case is not None else set()
            values = {"case": name, **(self.of_case.get(case, {}) if case is not None else {})}
            detail = "; ".join(f"{key} = {value}" for key, value in values.items())
            for key in held:
                noted = self.attributes.setdefault(key, {})
                for attribute, value in values.items():
                    if attribute.strip() and value not in noted.get(attribute, "").split("; "):
                        noted[attribute] = f"{noted[attribute]}; {value}" if noted.get(attribute) else value
            if not held:
                self.ledger.leave(
                    "case", name, "no text that came along belongs to it", detail=first_characters(detail, 400)
                )
            else:
                whole = (
                    "" if not parts.get(case or 0) else f"; {parts[case or 0]} parts of texts now stand for whole texts"
                )
                self.ledger.change(
                    "case", name, f"became attributes of its texts{whole}", detail=first_characters(detail, 400)
                )
            self.memo(f"memo-case-{words(row['caseid'])}", row["memo"], row, title=f"Case: {name}")

    def leave_media(self) -> None:
        for table, kind in (("code_image", "a picture"), ("code_av", "sound or film")):
            for row in self.database.rows(table, ("id", "cid", "memo", "owner")):
                key = number(row["id"])
                code = self.codes.get(f"code-{number(row['cid'])}")
                name = self.media.get(key, words(row["id"])) if key is not None else ""
                detail = "; ".join(filter(None, (code.name if code else "", words(row["memo"]))))
                self.ledger.leave(
                    "coding",
                    name,
                    f"it codes {kind}, and the workbench codes text",
                    detail=first_characters(detail, 400),
                )


def _same(first: str, second: str) -> bool:
    return "".join(first.split()) == "".join(second.split())


def _moment(value: object) -> str:
    """Give a moment as QualCoder keeps it (local time) as ISO 8601."""
    match = re.match(r"(\d{4}-\d\d-\d\d)(?:[ T_](\d\d)[:-](\d\d)[:-](\d\d))?", words(value))
    if match is None:
        return ""
    return f"{match[1]}T{match[2]}:{match[3]}:{match[4]}" if match[2] else match[1]


# --- as a kind of file --------------------------------------------------------------------------------------------


def _is_one(seen: Seen) -> bool:
    if any(name.endswith("data.qda") for name in seen.parts or ()):
        raise ExchangeError(f"{seen.path.name} is a packed QualCoder project: unpack it, and name its folder (.qda).")
    is_folder = seen.path.is_dir() and (seen.path / "data.qda").is_file()
    return is_folder or (seen.tables is not None and {"source", "code_name"} <= seen.tables)


def _own_names(snapshot: Snapshot, path: Path, project: str) -> Snapshot:
    # Copies of a project are told apart by their names.
    is_inside = path.name == "data.qda" and path.parent.suffix == ".qda"
    own = path.absolute().parent.name if is_inside else path.name
    made = said_of_itself(path / "data.qda" if path.is_dir() else path, "SELECT date FROM project")
    return marked_as_of(snapshot, "qualcoder", own, project, made)


FORMATS: Final = (
    Format(
        "qualcoder",
        "QualCoder project",
        "from QualCoder",
        _is_one,
        lambda path, how: read_qualcoder(path),
        own_names=_own_names,
    ),
)
