"""The sources of a project of another program: their texts, the selections in them and what was coded there."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from cop_analysis.characters import first_characters
from cop_analysis.files import encoding_called, encoding_of
from cop_analysis.realist.exchange.elements import ON_SELECTION, child_text, with_passage
from cop_analysis.realist.exchange.offsets import Positions, Selected, SourceText, choose_offsets
from cop_analysis.realist.exchange.project_writing import ORIGIN
from cop_analysis.realist.exchange.report import Ledger, OffsetChoice
from cop_analysis.realist.model import Code, Configuration, Document, Evidence, Extract, Memo
from cop_analysis.realist.model.check import CONTEXT_LENGTH, where_quote_stands
from cop_analysis.realist.model.identifiers import free, guid_of, plain_guid

if TYPE_CHECKING:
    from cop_analysis.realist.exchange.project_reading import Reader


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
    encoding = encoding_of(content)
    text = content.decode(encoding, "replace")
    if encoding.startswith("utf-16"):
        text = text.removeprefix("\ufeff")
    elif encoding != "utf-8":
        called = encoding_called(encoding)
        reader.ledger.change("document", name, f"its text is not UTF-8 and was read as {called}")
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


def extract_at(
    text: str,
    start: int,
    end: int,
    *,
    identifier: str,
    document: str,
    code: str,
    coder: str,
    created: str = "",
    memo: str = "",
) -> Extract:
    """Make the extract ``text[start:end]`` with its quote and what stands before and after it.

    Examples
    --------
    >>> one = extract_at("We met. We talked.", 8, 17, identifier="x1", document="D1", code="c1", coder="a")
    >>> one.quote, one.prefix, one.suffix
    ('We talked', 'We met. ', '.')
    """
    return Extract(
        identifier,
        document,
        start,
        end,
        text[start:end],
        code,
        coder,
        text[max(0, start - CONTEXT_LENGTH) : start],
        text[end : end + CONTEXT_LENGTH],
        created,
        memo,
    )


REPEATED = "the same coder gave the same code to the same words before; counted once"
"""Why a coding that says what another has said already is no extract of its own."""


class Repeats:
    """Tells codings that say again what one coder has said already: the same code on the same words.

    Examples
    --------
    >>> repeats = Repeats()
    >>> repeats.add(extract_at("We met.", 0, 6, identifier="x1", document="D1", code="c1", coder="a"))
    >>> repeats.earlier("D1", (0, 6), "c1", "a"), repeats.earlier("D1", (0, 6), "c1", "b")
    ('x1', None)
    """

    def __init__(self) -> None:
        self._first: dict[tuple[str, int, int, str, str], str] = {}

    def add(self, extract: Extract) -> None:
        """Note an extract that was made."""
        key = extract.document, extract.start, extract.end, extract.code, extract.coder
        self._first.setdefault(key, extract.id)

    def earlier(self, document: str, place: tuple[int, int], code: str, coder: str) -> str | None:
        """Give the extract that says the same already, if any."""
        return self._first.get((document, *place, code, coder))


class ExtractReader:
    """Turns selections and codings into extracts.

    Parameters
    ----------
    reader : Reader
        Who knows codes, coders and notes.
    documents : sequence of ReadDocument
    """

    def __init__(self, reader: Reader, documents: Sequence[ReadDocument]) -> None:
        self.reader, self.documents = reader, documents
        self.extracts: dict[str, Extract] = {}
        self.by_selection: dict[str, str] = {}
        self.repeats = Repeats()
        self.repeated: dict[str, str] = {}
        """By selection that repeats another, the extract that says the same."""
        self.coded_to: set[tuple[str, str]] = set()

    def read(self) -> None:
        """Read every selection of every document, and codings of documents as a whole."""
        for document in self.documents:
            for selection in document.selections:
                self.read_selection(document, selection)
            if document.element.find("Coding") is not None:
                self.read_whole(document)

    def read_selection(self, document: ReadDocument, selection: ElementTree.Element) -> None:
        """Read one selection as an extract for each of its codings."""
        place = self.place(document, selection)
        if isinstance(place, str):
            self.leave(document, selection, place)
            return
        codings = selection.findall("Coding")
        if not codings:
            self.leave(document, selection, "nothing is coded there", words=self.words(document, place))
            self.keep_memos(document, selection, place)
            return
        self.read_codings(document, selection, codings, place)

    def read_whole(self, document: ReadDocument) -> None:
        """Read codings of a whole document as extracts of its whole text."""
        codings = document.element.findall("Coding")
        text = "" if document.source is None else document.source.text
        name = document.document.title or document.document.id
        if not text.strip():
            reason = "it codes a document without text as a whole"
            self.reader.ledger.leave("coding", name, reason, detail=code_names(self.reader, document.element))
            return
        for coding in codings:
            self.reader.ledger.change(
                "coding", name, "coded the document as a whole and is now an extract of all its text"
            )
            self.read_codings(document, coding, [coding], (0, len(text)), hangs=False)

    def read_codings(
        self,
        document: ReadDocument,
        bearer: ElementTree.Element,
        codings: Sequence[ElementTree.Element],
        place: tuple[int, int],
        hangs: bool = True,
    ) -> None:
        """Make extracts of one place; codings to a configuration attach to the first of them."""
        reader = self.reader
        plain, to_configuration = [], []
        for coding in codings:
            reference = coding.find("CodeRef")
            guid = plain_guid(None if reference is None else reference.get("targetGUID"))
            kind, target = reader.code_of.get(guid, ("", ""))
            if kind == "code":
                plain.append((coding, target))
            elif kind == "configuration":
                to_configuration.append((coding, target))
            else:
                reason = "its code is not in the codebook"
                self.leave(document, bearer, reason, words=self.words(document, place), code=guid)
        if not plain and to_configuration:
            coding, configuration = to_configuration[0]
            plain.append((coding, self.stand_in(configuration)))
            label = reader.values[Configuration][configuration].get("label", configuration)
            reader.ledger.change(
                "selection",
                document.document.id,
                "was coded only with a configuration; it is an extract now, and its stance is for you to say",
                start=place[0],
                end=place[1],
                detail=str(label),
            )
        first, earlier, fresh = "", "", 0
        for coding, code in plain:
            same = self.earlier(document, bearer, coding, place, code)
            if same is not None:
                earlier = earlier or same
                continue
            guid = plain_guid((coding if fresh else bearer).get("guid"))
            identifier = self.add(
                document, bearer, coding, place, guid, code, "" if fresh else bearer.get("name") or ""
            )
            first, fresh = first or identifier, fresh + 1
        said = first or earlier
        if not said:
            return
        if first:
            self.by_selection[plain_guid(bearer.get("guid"))] = first
        else:
            self.repeated[plain_guid(bearer.get("guid"))] = earlier
        if hangs:
            reader.hang_notes(bearer, "extract", said)
        for coding, _ in plain:
            reader.hang_notes(coding, "extract", said)
        for coding, configuration in to_configuration:
            self.coded_to.add((said, configuration))
            for reference in coding.findall("NoteRef"):
                note = reader.notes.get(plain_guid(reference.get("targetGUID")))
                if note is not None and note.kind is Evidence:
                    note.values |= {"extract": said, "configuration": configuration}

    def earlier(
        self,
        document: ReadDocument,
        bearer: ElementTree.Element,
        coding: ElementTree.Element,
        place: tuple[int, int],
        code: str,
    ) -> str | None:
        """Give the extract that says the same as a coding, and note that it was said again; None where none does."""
        reader = self.reader
        guid = plain_guid(bearer.get("guid"))
        if reader.known is not None or (reader.origin.startswith(ORIGIN) and guid[14:15] == "5"):
            # What was written here has an identifier of its own, which other records may name.
            return None
        coder = reader.coder_of(coding, bearer, document.element)
        same = self.repeats.earlier(document.document.id, place, code, coder)
        if same is None:
            return None
        held, memo = self.extracts[same], "" if bearer is coding else child_text(bearer, "Description")
        if memo.strip() and memo not in held.memo:
            self.extracts[same] = replace(held, memo=f"{held.memo}\n\n{memo}".strip())
        who = reader.coders[coder].name or coder
        detail = f"{reader.codes[code].name}; {who}; {first_characters(held.quote, 200)}"
        name = document.document.title or document.document.id
        reader.ledger.change("coding", name, REPEATED, start=place[0], end=place[1], detail=detail)
        return same

    def keep_memos(self, document: ReadDocument, selection: ElementTree.Element, place: tuple[int, int]) -> None:
        """Keep what is written on words that nobody coded as memos about their document, with those words."""
        reader, holder = self.reader, document.document
        passage = "" if document.source is None else document.source.text[place[0] : place[1]]
        for element in selection.findall("NoteRef"):
            note = reader.notes.get(plain_guid(element.get("targetGUID")))
            if note is not None and note.kind is None and note.text.strip():
                note.text = with_passage(note.text, passage)
        reader.hang_notes(selection, "document", holder.id)
        described = child_text(selection, "Description")
        if described.strip():
            # Not the GUID of the selection: the memo goes out as a note beside it.
            identifier = free(f"{ON_SELECTION}{plain_guid(selection.get('guid'))}", reader.values[Memo])
            reader.values[Memo][identifier] = {
                "id": identifier,
                "text": with_passage(described, passage),
                "title": f"On: {first_characters(passage, 80)}",
                "about": "document",
                "target": holder.id,
                "coder": reader.coder_of(selection, document.element),
                "created": reader.moment(selection.get("creationDateTime") or "", identifier),
            }

    def add(
        self,
        document: ReadDocument,
        bearer: ElementTree.Element,
        coding: ElementTree.Element,
        place: tuple[int, int],
        guid: str,
        code: str,
        hint: str,
    ) -> str:
        """Add one extract and give its identifier."""
        assert document.source is not None
        reader = self.reader
        wanted = reader.identify("extract", guid, hint)
        identifier = free(wanted, self.extracts)
        if identifier != wanted and hint:
            reader.ledger.change(
                "selection", document.document.id, "its GUID is used twice", start=place[0], end=place[1]
            )
        self.extracts[identifier] = extract_at(
            document.source.text,
            *place,
            identifier=identifier,
            document=document.document.id,
            code=code,
            coder=reader.coder_of(coding, bearer, document.element),
            created=reader.moment(coding.get("creationDateTime") or bearer.get("creationDateTime") or "", identifier),
            memo="" if bearer is coding else child_text(bearer, "Description"),
        )
        self.repeats.add(self.extracts[identifier])
        return identifier

    def stand_in(self, configuration: str) -> str:
        """Give the code for passages that were coded with nothing but a configuration."""
        identifier = f"code-of-{configuration}"
        if identifier not in self.reader.codes:
            label = str(self.reader.values[Configuration][configuration].get("label", configuration))
            self.reader.codes[identifier] = Code(identifier, f"Coded with: {label}")
        return identifier

    def place(self, document: ReadDocument, selection: ElementTree.Element) -> tuple[int, int] | str:
        """Give where a selection lies, or why it lies nowhere."""
        if document.source is None or document.positions is None:
            return "the text of its document did not come along"
        text = document.source.text
        start, end = document.ends(selection)
        if start is None or end is None:
            return "its positions are no whole numbers" if selection.tag == "PlainTextSelection" else _TIMES
        first, last = document.positions.place(start), document.positions.place(end)
        if start < end and (first is None or last is None):
            inside = document.positions.nearest(start), document.positions.nearest(end)
            if inside[0] is not None and inside[1] is not None:
                # A position inside a character can only mean that character.
                first = inside[0]
                last = inside[1] if document.positions.place(end) is not None else inside[1] + 1
                self.reader.ledger.change(
                    "selection",
                    document.document.id,
                    "began or ended inside a character, all of which is taken now",
                    start=start,
                    end=end,
                    detail=first_characters(text[first:last], 80),
                )
        if first is not None and last is not None and first < last and text[first:last].strip():
            return first, last
        words = selection.get("name") or ""
        found = where_quote_stands(text, words) if len(words.split()) >= 3 else None
        if found is not None:
            self.reader.ledger.change(
                "selection",
                document.document.id,
                "lay outside the text and was found by its words",
                start=start,
                end=end,
                detail=first_characters(words, 80),
            )
            return found, found + len(words)
        if first is None or last is None:
            return f"it lies outside the text, which has {document.positions.starts[-1]:,} positions"
        return "it is empty" if first >= last else "it holds nothing but blanks"

    def leave(
        self, document: ReadDocument, selection: ElementTree.Element, reason: str, words: str = "", code: str = ""
    ) -> None:
        """List a selection that cannot become an extract."""
        start, end = document.ends(selection)
        codes = code or code_names(self.reader, selection)
        notes = [
            note.text
            for reference in selection.findall("NoteRef")
            if (note := self.reader.notes.get(plain_guid(reference.get("targetGUID")))) is not None
        ]
        parts = (
            words or selection.get("name") or "",
            codes and f"codes: {codes}",
            child_text(selection, "Description"),
        )
        detail = "; ".join(filter(None, (*parts, *notes)))
        name = document.document.title or document.document.id
        self.reader.ledger.leave(
            "selection",
            name,
            f"{reason}; it is kept for the next export",
            start=start,
            end=end,
            detail=first_characters(detail, 400),
        )

    def words(self, document: ReadDocument, place: tuple[int, int]) -> str:
        """Give the words at a place."""
        return "" if document.source is None else first_characters(document.source.text[place[0] : place[1]], 200)


_TIMES = "it is bound to times of a recording that have no place in its transcript"
