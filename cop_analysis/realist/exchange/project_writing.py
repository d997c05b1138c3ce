"""A coding as the XML of a REFI-QDA project: every record in the place the standard has for it, or as a labelled note.

The XML is a function of the records, the texts and the unit alone, so that what another program changed in it can be
found by writing it again. No file is opened here.

A configuration travels as a code under the folder "Configurations", whose codings are its extracts; as a note with
its fields, and a note for each piece of evidence with stance, inference and appraisal; as one-way links named by role;
and as a graph. Programs drop some of these; each of them by itself brings back what it holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cop_analysis._version import __version__
from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import is_holdable, xml_attribute, xml_text
from cop_analysis.realist.exchange.elements import (
    ON_SELECTION,
    Node,
    code_tree,
    label_of,
    labelled_text,
    six_digits,
    without_passage,
)
from cop_analysis.realist.exchange.foreign_writing import SOURCES, UNKNOWN_CODER, ForeignSource, Underlay
from cop_analysis.realist.exchange.offsets import SourceText
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.model import (
    COLLECTIONS,
    Code,
    Coder,
    Configuration,
    Document,
    Evidence,
    Extract,
    Foreign,
    Memo,
    Snapshot,
)
from cop_analysis.realist.model.check import holds_quote
from cop_analysis.realist.model.identifiers import guid_of, identifier_of
from cop_analysis.realist.model.vocabulary import SCHEMAS

NAMESPACE: Final = "urn:QDA-XML:project:1.0"

ORIGIN: Final = "cop-analysis"

CODE_FOLDER: Final = "Configurations"

RIVAL, RIPPLE, EVIDENCE_OF_ALL = "rival", "ripple", "evidence"
"""The names of links that are not named by a role; `EVIDENCE_OF_ALL` is evidence for a configuration as a whole."""

DESCRIPTION, DESCRIPTION_TITLE = "memo-project-description", "Description of the project"
"""The memo that stands for the description of a project of another program."""

_FROM = re.compile(r" \(study: (.*)\) from (.*)\Z", re.DOTALL)

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d)?\Z")

_COLOURS = {"context": "#005EB8", "mechanism": "#8A4B00", "outcome": "#006747"}


def project_xml(
    snapshot: Snapshot, texts: Mapping[str, str], *, unit: str = "codepoint", ledger: Ledger | None = None
) -> str:
    """Write a coding as the text of a .qde file.

    Parameters
    ----------
    snapshot : Snapshot
        Records that refer only to each other (`check_references` finds no error).
    texts : mapping of str to str
        The normalised text of every document.
    unit : {"codepoint", "utf16"}
        What positions count in; the standard says code points.
    ledger : Ledger, optional
        Where to note what XML cannot hold.

    Returns
    -------
    str
    """
    return Project(snapshot, texts, unit, ledger or Ledger("")).xml()


def origin_text(unit: str, study: str = "", before: str | None = None) -> str:
    """Give the origin a project names; the unit stands in it where it is not the standard's.

    Parameters
    ----------
    unit : {"codepoint", "utf16"}
    study : str
        The study's key, for a project that goes out under the name it came with.
    before : str, optional
        The program such a project came from.

    Examples
    --------
    >>> origin_text("utf16").endswith("(offsets: utf16)"), origin_text("codepoint", "forum", "NVivo")[-26:]
    (True, ' (study: forum) from NVivo')
    """
    origin = f"{ORIGIN} {__version__}" + ("" if unit == "codepoint" else f" (offsets: {unit})")
    return origin if before is None else f"{origin} (study: {study}) from {before}"


def kept_origin(origin: str) -> tuple[str, str] | None:
    """Give the study's key and the program a project of ours came from, where it names one in its origin.

    Examples
    --------
    >>> kept_origin("cop-analysis 1.0 (study: forum) from NVivo"), kept_origin("cop-analysis 1.0")
    (('forum', 'NVivo'), None)
    """
    match = _FROM.search(origin)
    return None if match is None else (match[1], match[2])


def date_time(text: str) -> str:
    """Give a moment as XML Schema writes it, or nothing where it cannot.

    Examples
    --------
    >>> date_time("2025-03-02T10:00:00Z"), date_time("2025-03-02")
    ('2025-03-02T10:00:00Z', '')
    """
    if not _DATE_TIME.match(text):
        return ""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text


def stands_at_its_place(extract: Extract, text: str) -> bool:
    """Say whether an extract's quote is what its document holds at its range."""
    return extract.placed and holds_quote(text, extract)


def text_file(guid: str) -> str:
    """Give the name of a document's text in the folder of sources."""
    return f"{guid}.txt"


class Project:
    """Writes one project, section after section."""

    def __init__(self, snapshot: Snapshot, texts: Mapping[str, str], unit: str, ledger: Ledger) -> None:
        self.snapshot, self.texts, self.unit, self.ledger = snapshot, texts, unit, ledger
        self.documents = {one.id: one for one in snapshot.documents}
        self.out: list[str] = []
        self.notes: list[str] = []
        self.evidence: dict[str, list[Evidence]] = defaultdict(list)
        for link in snapshot.evidence:
            self.evidence[link.extract].append(link)
        self.memos: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.own_memos = {self.guid("memo", memo.id) for memo in snapshot.memos if not is_borrowed(memo)}
        self.at_selections = {memo.id for memo in snapshot.memos if self.stands_at_selection(memo)}
        for memo in snapshot.memos:
            if not is_description(memo) and memo.id not in self.at_selections:
                self.memos[memo.about or "", memo.target or ""].append(self.guid("memo", memo.id))
        self.extracts: dict[str, list[Extract]] = defaultdict(list)
        for extract in sorted(snapshot.extracts, key=lambda one: (one.start, one.end)):
            if stands_at_its_place(extract, texts[extract.document]):
                self.extracts[extract.document].append(extract)
        self.placed = {one.id for some in self.extracts.values() for one in some}
        self.authors = {coder.id for coder in snapshot.coders if coder.id != UNKNOWN_CODER or coder.name}
        placed = (self.guid("extract", identifier) for identifier in self.placed) if snapshot.foreign else ()
        self.under = Underlay(snapshot, self.guid, placed, ledger)
        self.attributes = {one.id: self.under.new_values(one)[0] for one in snapshot.documents}
        self.own_variables = sorted(
            {
                name
                for one in snapshot.documents
                for name, value in self.attributes[one.id].items()
                if self.under.variable_for(name, value) is None
            }
        )
        self.starts: dict[str, list[int]] = {}

    def guid(self, kind: str, identifier: str) -> str:
        """Give the GUID of a record."""
        return guid_of(self.snapshot.study, kind, identifier)

    def xml(self) -> str:
        """Write it all; users last, because only then it is known who is named."""
        self.codebook()
        self.variables()
        self.section("Cases", self.under.whole("Case"))
        self.sources()
        self.record_notes()
        self.section("Notes", [*self.notes, *self.under.whole("Note")])
        self.links()
        self.section("Sets", self.under.whole("Set"))
        self.graphs()
        described = next((memo for memo in self.snapshot.memos if is_description(memo)), None)
        if described is not None:
            self.out.append(self.description(described.text, "the project's description"))
        loose = [guid for guid in self.memos["", ""] if self.under.project is None or guid in self.own_memos]
        if self.under.project is not None:
            loose = [one.attributes["targetGUID"] for one in self.under.project.all("NoteRef")] + loose
        self.out += [f'<NoteRef targetGUID="{guid}"/>' for guid in dict.fromkeys(loose) if guid in self.under.present]
        return "\n".join([*self.head(), *self.users(), *self.out, "</Project>", ""])

    def head(self) -> list[str]:
        """Write the declaration and the project's own element."""
        kept = self.under.project
        values = {"name": self.snapshot.study, "origin": origin_text(self.unit)}
        if kept is not None:
            origin = origin_text(self.unit, self.snapshot.study, kept.attributes.get("origin", ""))
            values = {**kept.attributes, "origin": origin}
            for name in ("creatingUserGUID", "modifyingUserGUID"):
                if values.get(name) not in self.under.present:
                    values.pop(name, None)
        written = "".join(f' {name}="{self.attribute(value, "the project")}"' for name, value in values.items())
        return ['<?xml version="1.0" encoding="utf-8"?>', f'<Project xmlns="{NAMESPACE}"{written}>']

    def section(self, name: str, lines: Sequence[str]) -> None:
        """Add a section, if it holds anything."""
        if lines:
            self.out += [f"<{name}>", *lines, f"</{name}>"]

    # --- values ----------------------------------------------------------------------------------------------------

    def attribute(self, text: str, where: str) -> str:
        """Write a text as an attribute's value."""
        self.judge(text, where)
        return xml_attribute(text)

    def text(self, text: str, where: str) -> str:
        """Write a text between tags."""
        self.judge(text, where)
        return xml_text(text)

    def judge(self, text: str, where: str) -> None:
        """Note a text that XML cannot hold as it is."""
        if not is_holdable(text):
            self.ledger.change(
                "text", where, "holds a control character that XML cannot hold; other programs see a mark in its place"
            )

    def description(self, text: str, where: str) -> str:
        """Write a description, where there is one."""
        return f"<Description>{self.text(text, where)}</Description>" if text else ""

    def references(self, kind: str, identifier: str, *more: str) -> str:
        """Write references to notes, and to the memos about a record."""
        guids = [*more, *self.memos[kind, identifier]] if (kind, identifier) in self.memos else more
        return "".join(f'<NoteRef targetGUID="{guid}"/>' for guid in guids)

    def author(self, coder: str | None, created: str, user: str = "creatingUser") -> str:
        """Write who made something, and when."""
        parts = f' {user}="{self.guid("coder", coder)}"' if coder else ""
        if coder:
            self.authors.add(coder)
        moment = date_time(created)
        return parts + (f' creationDateTime="{moment}"' if moment else "")

    # --- sections --------------------------------------------------------------------------------------------------

    def users(self) -> list[str]:
        """Write the coders; one of no name is left out where every coding says so as it came."""
        lines = []
        for coder in self.snapshot.coders:
            if coder.id not in self.authors:
                continue
            where, guid = f"coder {coder.id}", self.guid("coder", coder.id)
            name = self.attribute(coder.name, where)
            kept = self.under.users.get(guid)
            identifier = kept.attributes.get("id", "") if kept is not None else coder.id
            # A coder of another program is known again by the GUID.
            shown = (
                f' id="{self.attribute(identifier, where)}"' if kept or not is_from_elsewhere("coder", coder) else ""
            )
            lines.append(f'<User guid="{guid}" name="{name}"{shown}/>')
        return ["<Users>", *lines, "</Users>"] if lines else []

    def codebook(self) -> None:
        """Write the codes, and the configurations in a folder of their own."""
        snapshot = self.snapshot
        if not snapshot.codes and not snapshot.configurations:
            return
        self.out.append("<CodeBook><Codes>")
        self.out += code_tree(snapshot.codes, self.code_start)
        if snapshot.configurations:
            guid = self.guid("folder", "configurations")
            self.out.append(f'<Code guid="{guid}" name="{CODE_FOLDER}" isCodable="false">')
            for configuration in snapshot.configurations:
                self.out.append(self.configuration_code(configuration))
            self.out.append("</Code>")
        self.out.append("</Codes></CodeBook>")

    def code_start(self, code: Code) -> str:
        """Write the opening tag of a code and what stands before the codes in it."""
        where, guid = f"code {code.id}", self.guid("code", code.id)
        colour, is_codable, references = code.colour, "true", self.memos["code", code.id]
        if guid in self.under.codes:
            _, kept = self.under.codes[guid]
            is_codable = kept.attributes["isCodable"]
            given = kept.attributes.get("color", "")
            colour = given if six_digits(given) == code.colour else code.colour
            references = self.under.note_guids(kept, references)
        if not is_from_elsewhere("code", code) or code.examples or code.level:
            references = [self.note(code), *references]
        shown = f' color="{colour}"' if colour else ""
        return (
            f'<Code guid="{guid}" name="{self.attribute(code.name, where)}" isCodable="{is_codable}"{shown}>'
            + self.description(code.definition, where)
            + "".join(f'<NoteRef targetGUID="{one}"/>' for one in references)
        )

    def configuration_code(self, configuration: Configuration) -> str:
        """Write a configuration as a code."""
        where = f"configuration {configuration.id}"
        guid = self.guid("configuration", configuration.id)
        return (
            f'<Code guid="{guid}" name="{self.attribute(configuration.label, where)}" isCodable="true">'
            + self.description(configuration.statement, where)
            + self.references("configuration", configuration.id, self.note(configuration))
            + "</Code>"
        )

    def variables(self) -> None:
        """Write the kept variables with their types, and ours, which are texts."""
        lines = self.under.whole("Variable")
        for name in self.own_variables:
            shown = self.attribute(name, f"attribute {name}")
            lines.append(f'<Variable guid="{self.guid("variable", name)}" name="{shown}" typeOfVariable="Text"/>')
        self.section("Variables", lines)

    def variable_value(self, document: Document, name: str, value: str) -> str:
        """Write the value of an attribute in the variable that can hold it."""
        guid, element = self.under.variable_for(name, value) or (self.guid("variable", name), "TextValue")
        shown = self.text(value, f"attribute {name} of document {document.id}")
        return f'<VariableValue><VariableRef targetGUID="{guid}"/><{element}>{shown}</{element}></VariableValue>'

    def sources(self) -> None:
        """Write the documents: in the sources they came in, or as plain texts; and the sources that hold no text."""
        lines: list[str] = []
        for document in self.snapshot.documents:
            if document.id in self.under.source_of:
                path = f"internal://{text_file(self.guid('document', document.id))}"
                note = self.note(document, ("attributes",)) if document.speakers is not None else ""
                ForeignSource(self, document, self.extracts[document.id]).fill(path, note)
        done: set[str] = set()
        for document in self.snapshot.documents:
            if document.id not in self.under.source_of:
                lines += self.source(document)
                continue
            one, outer, inner = self.under.source_of[document.id]
            if one.id not in done:
                done.add(one.id)
                if outer is inner or self.under.tidied(outer, one):
                    lines.append(outer.xml())
        for kind in SOURCES:
            lines += self.under.whole(kind)
        self.section("Sources", lines)

    def source(self, document: Document) -> list[str]:
        """Write a document as a plain text."""
        guid = self.guid("document", document.id)
        name = self.attribute(document.title or document.id, f"document {document.id}")
        path = f"internal://{text_file(guid)}"
        return [
            f'<TextSource guid="{guid}" name="{name}" plainTextPath="{path}">',
            *(self.selection(extract) for extract in self.extracts[document.id]),
            self.references("document", document.id, self.note(document, ("attributes",))),
            *(self.variable_value(document, *pair) for pair in self.attributes[document.id].items()),
            "</TextSource>",
        ]

    def position(self, document: Document, place: int) -> int:
        """Give a place of a document in the unit of the project; one outside the text stays as far outside."""
        if self.unit == "codepoint":
            return place
        if document.id not in self.starts:
            self.starts[document.id] = SourceText.of(self.texts[document.id]).starts(self.unit, 1).tolist()
        starts = self.starts[document.id]
        return starts[place] if 0 <= place < len(starts) else place + (starts[-1] - len(starts) + 1 if place > 0 else 0)

    def date_time(self, text: str) -> str:
        """Give a moment as XML Schema writes it, or nothing where it cannot."""
        return date_time(text)

    def selection(self, extract: Extract) -> str:
        """Write an extract as a selection with its codings."""
        where = f"extract {extract.id}"
        document = self.documents[extract.document]
        start, end = self.position(document, extract.start), self.position(document, extract.end)
        named = "" if is_from_elsewhere("extract", extract) else f' name="{self.attribute(extract.id, where)}"'
        return (
            f'<PlainTextSelection guid="{self.guid("extract", extract.id)}"{named} '
            f'startPosition="{start}" endPosition="{end}"{self.author(extract.coder, extract.created)}>'
            + self.description(extract.memo, where)
            + "".join(self.codings(extract))
            + self.references("extract", extract.id)
            + "</PlainTextSelection>"
        )

    def codings(self, extract: Extract) -> list[str]:
        """Write the coding of an extract, and one for each configuration it is evidence for."""
        author = self.author(extract.coder, extract.created)
        own = self.coding(self.guid("coding", extract.id), author, self.guid("code", extract.code), ())
        return [own, *self.evidence_codings(extract)]

    def evidence_codings(self, extract: Extract) -> list[str]:
        """Write a coding for each configuration an extract is evidence for."""
        codings = []
        by_configuration: dict[str, list[Evidence]] = defaultdict(list)
        for link in self.evidence.get(extract.id, ()):
            by_configuration[link.configuration].append(link)
        for configuration, links in by_configuration.items():
            guid = self.guid("coding", f"{extract.id}\x1f{configuration}")
            notes = [self.note_guid(link) for link in links]
            author = self.author(links[0].coder or extract.coder, links[0].created)
            codings.append(self.coding(guid, author, self.guid("configuration", configuration), notes))
        return codings

    def coding(self, guid: str, author: str, code: str, notes: Iterable[str]) -> str:
        """Write a coding."""
        references = "".join(f'<NoteRef targetGUID="{note}"/>' for note in notes)
        return f'<Coding guid="{guid}"{author}><CodeRef targetGUID="{code}"/>{references}</Coding>'

    def links(self) -> None:
        """Write what a configuration is joined with as links."""
        lines: list[str] = []
        for configuration in self.snapshot.configurations:
            target = self.guid("configuration", configuration.id)
            for number, slot in enumerate(configuration.slots):
                for code in slot.codes:
                    key = f"{configuration.id}\x1f{number}\x1f{slot.role}\x1f{code}"
                    lines.append(self.link("slot", key, slot.role, self.guid("code", code), target))
            for rival in configuration.rivals:
                key = f"{configuration.id}\x1f{rival}"
                lines.append(self.link("rival", key, RIVAL, target, self.guid("configuration", rival)))
        for link in self.snapshot.evidence:
            if link.extract in self.placed:
                ends = self.guid("extract", link.extract), self.guid("configuration", link.configuration)
                name = link.slot or EVIDENCE_OF_ALL
                lines.append(self.link("evidence-link", link.id, name, *ends, note=self.note_guid(link)))
        for ripple in self.snapshot.ripples:
            ends = self.guid("configuration", ripple.source), self.guid("configuration", ripple.target)
            lines.append(self.link("ripple-link", ripple.id, RIPPLE, *ends, note=self.note_guid(ripple)))
        self.section("Links", [*lines, *self.under.whole("Link")])

    def link(self, kind: str, key: str, name: str, origin: str, target: str, note: str = "") -> str:
        """Write a link."""
        start = (
            f'<Link guid="{self.guid(kind, key)}" name="{xml_attribute(name)}" direction="OneWay" '
            f'originGUID="{origin}" targetGUID="{target}"'
        )
        return f'{start}><NoteRef targetGUID="{note}"/></Link>' if note else start + "/>"

    def graphs(self) -> None:
        """Write the pictures of the configurations."""
        lines: list[str] = []
        codes = {code.id: code for code in self.snapshot.codes}
        for configuration in self.snapshot.configurations:
            filled = [(slot.role, code) for slot in configuration.slots for code in slot.codes]
            if filled:
                lines += self.graph(configuration, filled, codes)
        self.section("Graphs", [*lines, *self.under.whole("Graph")])

    def graph(
        self, configuration: Configuration, filled: list[tuple[str, str]], codes: Mapping[str, Code]
    ) -> list[str]:
        """Draw a configuration as a row of its codes by role, each with an arrow to the configuration above them."""
        own = f"{configuration.id}\x1f"
        name = xml_attribute(configuration.label)
        schema = SCHEMAS[configuration.schema]
        centre = self.guid("vertex", own)
        middle = 110 * (len(filled) - 1)
        lines = [f'<Graph guid="{self.guid("graph", configuration.id)}" name="{name}">']
        lines.append(
            f'<Vertex guid="{centre}" representedGUID="{self.guid("configuration", configuration.id)}" name="{name}" '
            f'firstX="{middle}" firstY="0" secondX="{middle + 200}" secondY="60" shape="RoundedRectangle"/>'
        )
        edges = []
        for number, (role, code) in enumerate(filled):
            guid, left = self.guid("vertex", f"{own}{number}"), 220 * number
            part = schema.role(role)
            colour = _COLOURS[part.part] if part is not None and part.part in _COLOURS else "#425563"
            lines.append(
                f'<Vertex guid="{guid}" representedGUID="{self.guid("code", code)}" '
                f'name="{xml_attribute(codes[code].name)}" firstX="{left}" firstY="160" secondX="{left + 200}" '
                f'secondY="220" shape="Rectangle" color="{colour}"/>'
            )
            edges.append(
                f'<Edge guid="{self.guid("edge", f"{own}{number}")}" name="{xml_attribute(role)}" '
                f'sourceVertex="{guid}" targetVertex="{centre}" direction="OneWay" lineStyle="solid" color="{colour}"/>'
            )
        return [*lines, *edges, "</Graph>"]

    # --- notes -----------------------------------------------------------------------------------------------------

    def note_guid(self, record: Any) -> str:
        """Give the GUID of the note of a record."""
        kind = label_of(type(record))
        return self.guid("memo", record.id) if kind == "memo" else self.guid("note", f"{kind}\x1f{record.id}")

    def note(self, record: Any, without: tuple[str, ...] = ()) -> str:
        """Add the note that holds what XML has no place for in a record, and give its GUID."""
        guid = self.note_guid(record)
        name = _note_name(record)
        content = labelled_text(record, without)
        references = ""
        if isinstance(record, Memo):
            if guid in self.under.notes:
                self.notes.append(self.kept_note(record))
                return guid
            references = self.references("memo", record.id)
            if is_borrowed(record):
                # A note of another program goes back as it came.
                name, content = record.title, self.plain_memo(record)
        self.judge(content, f"{label_of(type(record))} {record.id}")
        author = self.author(getattr(record, "coder", None), getattr(record, "created", ""))
        self.notes.append(
            f'<Note guid="{guid}" name="{xml_attribute(name)}"{author}>'
            f"<PlainTextContent>{xml_text(content)}</PlainTextContent>{references}</Note>"
        )
        return guid

    def kept_note(self, memo: Memo) -> str:
        """Write a note of another program that holds more than its words."""
        one, node = self.under.notes[self.guid("memo", memo.id)]
        self.under.tidied(node, one)
        node.attributes |= {"name": memo.title} if memo.title or "name" in node.attributes else {}
        if memo.coder:
            node.attributes["creatingUser"] = self.guid("coder", memo.coder)
            self.authors.add(memo.coder)
        if moment := date_time(memo.created):
            node.attributes["creationDateTime"] = moment
        node.put("NoteRef", self.under.note_references(node, self.memos["memo", memo.id]))
        described = node.first("Description")
        said = self.plain_memo(memo)
        if described is None or described.text != said:
            node.put("PlainTextContent", [Node("PlainTextContent", text=said)])
        return node.xml()

    def plain_memo(self, memo: Memo) -> str:
        """Give a memo's words without the passage, of any document, that was written behind them on their way in."""
        plain = (without_passage(memo.text, text) for text in self.texts.values())
        return next((one for one in plain if one != memo.text), memo.text)

    def stands_at_selection(self, memo: Memo) -> bool:
        """Say whether a kept selection holds what a memo says, so that it goes out with it."""
        if not memo.id.startswith(ON_SELECTION):
            return False
        guid, text = memo.id.removeprefix(ON_SELECTION), self.texts.get(memo.target or "", "")
        for one in self.snapshot.foreign:
            if guid in one.loose and memo.target in one.documents:
                node = next((node for node in Node.of(one.parts).walk() if node.guid == guid), None)
                described = None if node is None else node.first("Description")
                return described is not None and described.text == without_passage(memo.text, text)
        return False

    def record_notes(self) -> None:
        """Add notes for the records that no element of the project stands for."""
        written = (Coder, Document, Code, Configuration, Extract, Foreign)
        for kind, collection in COLLECTIONS.items():
            if kind not in written:
                for record in getattr(self.snapshot, collection):
                    if not (isinstance(record, Memo) and (is_description(record) or record.id in self.at_selections)):
                        self.note(record)
        for extract in self.snapshot.extracts:
            if extract.id not in self.placed:
                self.note(extract)
                if extract.placed:
                    self.ledger.change(
                        "extract",
                        extract.document,
                        "its document does not hold its quote there, so that it travels as a note",
                        start=extract.start,
                        end=extract.end,
                        detail=first_characters(extract.quote, 80),
                    )


def is_from_elsewhere(kind: str, record: Coder | Code | Extract | Document) -> bool:
    """Say whether a record came from another program, under whose GUID it is known again."""
    return record.id == identifier_of(kind, guid_of("", kind, record.id))


def is_description(memo: Memo) -> bool:
    """Say whether a memo is the description a project came with."""
    return memo == Memo(DESCRIPTION, memo.text, DESCRIPTION_TITLE)


def is_borrowed(memo: Memo) -> bool:
    """Say whether a memo is a note of another program that can go back as it came."""
    guid = guid_of("", "memo", memo.id)
    return memo.id == f"memo-{guid}" and memo.kind == "analytic" and (memo.about is None or memo.about in _REFERABLE)


_REFERABLE = ("code", "configuration", "document", "extract", "memo")
"""The kinds of record at which a project can hang a note."""


def _note_name(record: Any) -> str:
    for name in ("label", "name", "title", "wording", "what"):
        if getattr(record, name, ""):
            return first_characters(f"{label_of(type(record)).capitalize()}: {getattr(record, name)}", 200)
    return first_characters(f"{label_of(type(record)).capitalize()} {record.id}", 200)
