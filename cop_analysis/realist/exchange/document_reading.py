"""The sources of a REFI-QDA project as documents: their texts, wherever they stand, and what positions in them mean."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.exchange.elements import child_text
from cop_analysis.realist.exchange.guids import free, guid_of, plain_guid
from cop_analysis.realist.exchange.offsets import Positions, Selected, SourceText, choose_offsets
from cop_analysis.realist.exchange.project_writing import ORIGIN
from cop_analysis.realist.exchange.report import Ledger, OffsetChoice
from cop_analysis.realist.model import Document

if TYPE_CHECKING:
    from cop_analysis.realist.exchange.project_reading import Reader

SOURCES: Final = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
_TEXT_IN: Final = {
    "PDFSource": "Representation",
    "PictureSource": "TextDescription",
    "AudioSource": "Transcript",
    "VideoSource": "Transcript",
}
_UNSAFE = re.compile(r"[^\w .()-]+")


@dataclass
class ReadDocument:
    """A source that is, or holds, a text.

    Parameters
    ----------
    guid : str
    document : Document
    element : Element
        The element that holds the text's selections and codings.
    source : SourceText or None
        None where the text did not come along.
    reason : str
        Why it did not.
    positions : Positions or None
        Turns the file's positions into code points of the text.
    """

    guid: str
    document: Document
    element: ElementTree.Element
    source: SourceText | None
    reason: str = ""
    positions: Positions | None = None
    sync_points: dict[str, str] = field(default_factory=dict)

    @property
    def selections(self) -> Iterator[ElementTree.Element]:
        """The selections of its text, in the order of the file."""
        for child in self.element:
            if child.tag in ("PlainTextSelection", "TranscriptSelection"):
                yield child

    def ends(self, selection: ElementTree.Element) -> tuple[int | None, int | None]:
        """Give the positions a selection names; None for one that is no whole number."""
        if selection.tag == "PlainTextSelection":
            return whole(selection.get("startPosition")), whole(selection.get("endPosition"))
        points = (
            self.sync_points.get(plain_guid(selection.get(name)), "") for name in ("fromSyncPoint", "toSyncPoint")
        )
        start, end = (whole(point) for point in points)
        return start, end

    def add_attributes(self, values: Iterable[tuple[str, str]]) -> None:
        """Note attributes; a value that differs from one noted already is written behind it."""
        noted = dict(self.document.attributes)
        for name, value in values:
            if name.strip() and value not in noted.get(name, "").split("; "):
                noted[name] = f"{noted[name]}; {value}" if noted.get(name) else value
        self.document = replace(self.document, attributes=tuple(noted.items()))


def read_documents(reader: Reader, offsets: str, line_breaks: str) -> list[ReadDocument]:
    """Read every source that is or holds a text, and find out what its positions count.

    Sources without text are noted as left, with their selections.
    """
    documents: list[ReadDocument] = []
    for element in reader.root.findall("Sources/*"):
        if element.tag == "TextSource":
            documents.append(_document(reader, element, element, documents))
        elif element.tag in _TEXT_IN:
            inner = element.findall(_TEXT_IN[element.tag])
            documents += [_document(reader, one, element, documents) for one in inner]
            _leave_media(reader, element, bool(inner))
        else:
            reader.ledger.leave("source", element.get("name") or element.tag, "it is no source the standard knows")
    choice = _choose(reader, documents, offsets, line_breaks)
    reader.ledger.offsets = choice
    for one in documents:
        if one.source is not None:
            one.positions = Positions.of(one.source, choice.unit, choice.line_break)
    return documents


def read_variables(root: ElementTree.Element) -> dict[str, tuple[str, str]]:
    """Give the name and type of every variable by its GUID."""
    found: dict[str, tuple[str, str]] = {}
    for variable in root.findall("Variables/Variable"):
        kind = variable.get("typeOfVariable") or "Text"
        name = variable.get("name") or plain_guid(variable.get("guid"))
        found[plain_guid(variable.get("guid"))] = name, kind
    return found


def variable_values(
    element: ElementTree.Element, variables: Mapping[str, tuple[str, str]], ledger: Ledger, where: str
) -> list[tuple[str, str]]:
    """Give the variables of a source or case by name, those without a value left out."""
    values = []
    for one in element.findall("VariableValue"):
        reference = one.find("VariableRef")
        guid = plain_guid(None if reference is None else reference.get("targetGUID"))
        texts = [child.text or "" for child in one if child.tag.endswith("Value")]
        if guid not in variables:
            ledger.leave(
                "variable value",
                where,
                "its variable is not in the project",
                detail=first_characters("; ".join(texts), 200),
            )
        elif texts:
            values.append((variables[guid][0], texts[0]))
    return values


def whole(text: str | None) -> int | None:
    """Read a whole number as XML Schema writes it; None for anything else, and for what no text is long enough for.

    Examples
    --------
    >>> whole(" 12 "), whole("1.5"), whole(None), whole("9" * 5000)
    (12, None, None, None)
    """
    text = (text or "").strip()
    return int(text) if len(text) <= 18 and re.fullmatch(r"[+-]?[0-9]+", text) else None


def code_names(reader: Reader, element: ElementTree.Element) -> str:
    """Name the codes of a selection, for the list of what was left."""
    names = []
    for coding in element.findall("Coding"):
        reference = coding.find("CodeRef")
        guid = plain_guid(None if reference is None else reference.get("targetGUID"))
        names.append(reader.name_of.get(guid, guid or "no code"))
    return ", ".join(names)


# --- one source ----------------------------------------------------------------------------------------------------


def _document(
    reader: Reader, element: ElementTree.Element, outer: ElementTree.Element, before: Sequence[ReadDocument]
) -> ReadDocument:
    guid = plain_guid(element.get("guid"))
    values = reader.labelled(element, Document)
    taken = {one.document.id for one in before}
    identifier = free(reader.identify("document", guid, str(values.get("id", ""))), taken)
    name = element.get("name") or outer.get("name") or ""
    if name == identifier and not values.get("title"):
        name = ""
    source, reason = _text(reader, element, name or identifier)
    file = _file(str(values.get("file", "")), name or identifier, {one.document.file for one in before})
    speakers = values.get("speakers")
    noted = tuple(speakers) if isinstance(speakers, list) and all(isinstance(one, str) for one in speakers) else None
    document = Document(identifier, file, name, "", 0, noted)
    if source is not None:
        digest = hashlib.sha256(source.text.encode("utf-8", "surrogatepass")).hexdigest()
        document = replace(document, sha256=digest, length=len(source.text))
    one = ReadDocument(guid, document, element, source, reason)
    where = f"document {name or identifier}"
    for bearer in dict.fromkeys((element, outer)):
        one.add_attributes(variable_values(bearer, reader.variables, reader.ledger, where))
        reader.hang_notes(bearer, "document", identifier)
    written = reader.known_record(Document, guid)
    if written is not None and not reader.variables:
        # A program that keeps no variables dropped them all; they were not taken off one by one.
        one.add_attributes(written.attributes)
    if description := child_text(element, "Description"):
        one.add_attributes([("description", description)])
    for point in element.findall("SyncPoint"):
        one.sync_points[plain_guid(point.get("guid"))] = point.get("position") or ""
    if source is None:
        reader.ledger.leave("document", name or identifier, reason)
    return one


def _text(reader: Reader, element: ElementTree.Element, name: str) -> tuple[SourceText | None, str]:
    path = element.get("plainTextPath") or ""
    inline = element.find("PlainTextContent")
    if path:
        content = reader.read_source(path)
        if content is not None:
            return SourceText.of(_decoded(reader, content, name)), ""
        if inline is None:
            return None, f"its text {first_characters(path, 120)} is not in the file, so nothing in it could be placed"
    if inline is not None:
        return SourceText.of(inline.text or "", widened=reader.widened), ""
    if element.get("richTextPath"):
        return None, "it came only as a formatted file, in which positions of plain text mean nothing"
    return None, "it has no text"


def _decoded(reader: Reader, content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
            reader.ledger.change("document", name, "its text is not UTF-8 and was read as Windows-1252")
    if "\x00" in text:
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        reader.ledger.change("document", name, "held characters that are not text (NUL), which are marked now")
    return text


def _file(wanted: str, name: str, taken: set[str]) -> str:
    """Give a path inside documents/: the one the project names if it is one, else one made of the document's name."""
    path = PurePosixPath(wanted)
    inside = wanted and not path.is_absolute() and ".." not in path.parts and not re.search(r"[\\:\x00-\x1f]", wanted)
    if inside and wanted not in taken:
        return wanted
    stem = _UNSAFE.sub("_", PurePosixPath(name).name).strip(" ._")[:80] or "document"
    stem = stem.removesuffix(".txt")
    folded = {one.casefold() for one in taken}
    number, file = 1, f"documents/{stem}.txt"
    while file.casefold() in folded:
        number += 1
        file = f"documents/{stem}_{number}.txt"
    return file


def _leave_media(reader: Reader, element: ElementTree.Element, has_text: bool) -> None:
    what = element.tag.removesuffix("Source").lower()
    what = "PDF" if what == "pdf" else what
    name = element.get("name") or plain_guid(element.get("guid"))
    reason = "only its text is read here" if has_text else "the workbench codes text, and none came with it"
    reason += "; it is kept for the next export"
    reader.ledger.leave(f"{what} source", name, reason)
    for child in element:
        if child.tag.endswith("Selection"):
            place = ", ".join(
                f"{key} {child.get(key)}"
                for key in ("page", "firstX", "firstY", "secondX", "secondY", "begin", "end")
                if child.get(key) is not None
            )
            detail = "; ".join(filter(None, (code_names(reader, child), child.get("name"), place)))
            reason = f"it lies in a {what}, not in a text; it is kept for the next export"
            reader.ledger.leave("selection", name, reason, detail=first_characters(detail, 400))
    if codes := code_names(reader, element):
        reason = f"it codes a {what} as a whole; it is kept for the next export"
        reader.ledger.leave("coding", name, reason, detail=codes)


# --- what positions count ------------------------------------------------------------------------------------------


def _choose(reader: Reader, documents: Sequence[ReadDocument], offsets: str, line_breaks: str) -> OffsetChoice:
    sources = {one.guid: one.source for one in documents if one.source is not None}
    quotes = {}
    if reader.known is not None:
        quotes = {guid_of(reader.study, "extract", one.id): one.quote for one in reader.known.extracts}
    selections = []
    for one in documents:
        for element in one.selections if one.source is not None else ():
            start, end = one.ends(element)
            if start is not None and end is not None:
                words = quotes.get(plain_guid(element.get("guid"))) or element.get("name") or ""
                selections.append(Selected(one.guid, start, end, words))
    if offsets == "auto" and reader.origin.startswith(ORIGIN):
        stated = "utf16" if "utf16" in reader.origin else "codepoint"
        if not quotes or _quotes_agree(sources, selections, stated):
            return OffsetChoice(stated, 1, "Offsets as the file says: " + _WORDS[stated] + ".")
    # CR LF in the XML itself is seen as one character by whatever program parses it.
    parsed = reader.widened and not any(one.element.get("plainTextPath") for one in documents)
    return choose_offsets(
        sources, selections, wanted=offsets, line_breaks=line_breaks, origin=reader.origin, parsed_breaks=parsed
    )


_WORDS: Final = {"codepoint": "Unicode code points", "utf16": "UTF-16 code units"}


def _quotes_agree(sources: Mapping[str, SourceText], selections: Iterable[Selected], unit: str) -> bool:
    places: dict[str, Positions] = {}
    for one in selections:
        source = sources[one.document]
        if one.document not in places:
            places[one.document] = Positions.of(source, unit, 1)
        start, end = places[one.document].place(one.start), places[one.document].place(one.end)
        if start is None or end is None or source.text[start:end] != one.words:
            return False
    return True
