"""The selections of a REFI-QDA project as extracts; those that cannot be one are listed, never dropped."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cop_analysis.realist.check import CONTEXT_LENGTH, where_quote_stands
from cop_analysis.realist.exchange.document_reading import ReadDocument, code_names
from cop_analysis.realist.exchange.elements import child_text
from cop_analysis.realist.exchange.guids import free, plain_guid
from cop_analysis.realist.model import Code, Configuration, Evidence, Extract

if TYPE_CHECKING:
    from cop_analysis.realist.exchange.project_reading import Reader


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
            self.reader.hang_notes(selection, "document", document.document.id)
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
        first = ""
        for number, (coding, code) in enumerate(plain):
            guid = plain_guid((coding if number else bearer).get("guid"))
            identifier = self.add(
                document, bearer, coding, place, guid, code, "" if number else bearer.get("name") or ""
            )
            first = first or identifier
        if not first:
            return
        self.by_selection[plain_guid(bearer.get("guid"))] = first
        if hangs:
            reader.hang_notes(bearer, "extract", first)
        for coding, _ in plain:
            reader.hang_notes(coding, "extract", first)
        for coding, configuration in to_configuration:
            self.coded_to.add((first, configuration))
            for reference in coding.findall("NoteRef"):
                note = reader.notes.get(plain_guid(reference.get("targetGUID")))
                if note is not None and note.kind is Evidence:
                    note.values |= {"extract": first, "configuration": configuration}

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
                    "selection", document.document.id, "began or ended inside a character, all of which is taken now",
                    start=start, end=end, detail=text[first:last][:80],
                )  # fmt: skip
        if first is not None and last is not None and first < last and text[first:last].strip():
            return first, last
        words = selection.get("name") or ""
        found = where_quote_stands(text, words) if len(words.split()) >= 3 else None
        if found is not None:
            self.reader.ledger.change(
                "selection", document.document.id, "lay outside the text and was found by its words",
                start=start, end=end, detail=words[:80],
            )  # fmt: skip
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
            "selection", name, f"{reason}; it is kept for the next export", start=start, end=end, detail=detail[:400]
        )

    def words(self, document: ReadDocument, place: tuple[int, int]) -> str:
        """Give the words at a place."""
        return "" if document.source is None else document.source.text[place[0] : place[1]][:200]


_TIMES = "it is bound to times of a recording that have no place in its transcript"
