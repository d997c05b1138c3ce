"""The XML of a REFI-QDA project, of ours or of another program, as records; and what there is no record for, listed.

Nothing here opens a file: the XML comes as bytes, and texts through a function. A selection is never dropped: one
that cannot become an extract is listed with its document, positions, words and codes.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import parse_xml
from cop_analysis.realist.exchange.elements import (
    child_text,
    colour_of,
    label_of,
    labelled_text,
    plain_names,
    read_codes,
    read_labelled,
)
from cop_analysis.realist.exchange.foreign_reading import Keeper
from cop_analysis.realist.exchange.foreign_writing import UNKNOWN_CODER
from cop_analysis.realist.exchange.project_writing import (
    DESCRIPTION,
    DESCRIPTION_TITLE,
    EVIDENCE_OF_ALL,
    ORIGIN,
    RIPPLE,
    RIVAL,
    kept_origin,
)
from cop_analysis.realist.exchange.references import correct_references
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.exchange.source_reading import (
    ExtractReader,
    ReadDocument,
    read_documents,
    read_variables,
    variable_values,
)
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
    Ripple,
    Snapshot,
    vocabulary,
)
from cop_analysis.realist.model.identifiers import free, guid_of, identifier_of, plain_guid, slug
from cop_analysis.realist.model.json_form import SCHEMA, SCHEMA_VERSION, parse

_SCHEMAS = tuple(vocabulary.SCHEMAS.values())


@dataclass
class Note:
    """A note of the project: its words, who wrote it and when, and what it hangs on."""

    guid: str
    name: str
    text: str
    user: str
    created: str
    kind: type | None = None
    values: dict[str, Any] = field(default_factory=dict)
    hangs_on: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class ReadProject:
    """What a project held.

    Parameters
    ----------
    snapshot : Snapshot
    texts : dict of str to str
        The normalised text of each document.
    coded_to : frozenset of (str, str)
        Pairs of extract and configuration for which the project holds a coding.
    """

    snapshot: Snapshot
    texts: dict[str, str]
    coded_to: frozenset[tuple[str, str]]


def read_project(
    content: bytes,
    file: str,
    read_source: Callable[[str], bytes | None],
    ledger: Ledger,
    *,
    offsets: str = "auto",
    line_breaks: str = "auto",
    known: Snapshot | None = None,
) -> ReadProject:
    """Read the XML of a project.

    Parameters
    ----------
    content : bytes
        The .qde file.
    file : str
        What to call it in messages.
    read_source : callable
        Gives the bytes of a file of the project's sources by its name, or None.
    ledger : Ledger
        Where everything that is changed or left is noted.
    offsets, line_breaks : str
        See `choose_offsets`.
    known : Snapshot, optional
        Records this project was once written from; they are recognised by their GUIDs.

    Raises
    ------
    ExchangeError
        When it is not the XML of a project.
    """
    root = parse_xml(content, file)
    plain_names(root, "Project", file, ledger)
    reader = Reader(root, read_source, ledger, known)
    reader.widened = b"\r\n" in content
    return reader.read(offsets, line_breaks)


class Reader:
    """Reads one project; its parts about documents and extracts are in modules of their own."""

    def __init__(
        self,
        root: ElementTree.Element,
        read_source: Callable[[str], bytes | None],
        ledger: Ledger,
        known: Snapshot | None,
    ) -> None:
        self.root, self.read_source, self.ledger, self.known = root, read_source, ledger, known
        self.origin = root.get("origin") or ""
        name = root.get("name") or ""
        is_ours = self.origin.startswith(ORIGIN)
        before = kept_origin(self.origin) if is_ours else None
        own_name = before[0] if before is not None else name if is_ours else ""
        self.study = known.study if known is not None else own_name if own_name.strip() else slug(name, "project")
        self.by_guid: dict[tuple[str, str], str] = {}
        self.records: dict[type, dict[str, Any]] = {}
        for kind in (Coder, Document, Code, Extract, Configuration, Memo, Ripple) if known is not None else ():
            self.records[kind] = {record.id: record for record in getattr(known, COLLECTIONS[kind])}
            for record in self.records[kind].values():
                self.by_guid[label_of(kind), guid_of(self.study, label_of(kind), record.id)] = record.id
        self.widened = False
        self.variables = read_variables(root)
        self.notes: dict[str, Note] = {}
        self.coders: dict[str, Coder] = {}
        self.codes: dict[str, Code] = {}
        self.code_of: dict[str, tuple[str, str]] = {}
        self.values: dict[type, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.name_of: dict[str, str] = {}
        self.foreign_links: list[ElementTree.Element] = []
        self.foreign: dict[str, Foreign] = {}

    @property
    def configurations(self) -> Iterable[str]:
        """The identifiers of the configurations of the project."""
        return self.values[Configuration]

    def read(self, offsets: str, line_breaks: str) -> ReadProject:
        """Read the project, one section after the other, as each needs what the one before it found."""
        self._read_users()
        self._read_notes()
        self._read_code_tree()
        documents = read_documents(self, offsets, line_breaks)
        self.name_of |= {one.guid: one.document.title or one.document.id for one in documents}
        extracts = ExtractReader(self, documents)
        extracts.read()
        self._read_links(extracts)
        self._read_cases(documents)
        for note in self.notes.values():
            if note.kind is None:
                self._read_memo(note)
            elif note.kind not in (Configuration, Code, Document, Coder):
                self._keep_values(note.kind, dict(note.values), note)
        self._read_description()
        self.foreign = Keeper(self, documents, extracts).keep()
        snapshot = self._snapshot(documents, extracts)
        return ReadProject(
            snapshot,
            {one.document.id: one.source.text for one in documents if one.source is not None},
            frozenset(extracts.coded_to),
        )

    def _snapshot(self, documents: list[ReadDocument], extracts: ExtractReader) -> Snapshot:
        noted = self._noted_records()
        collections: dict[str, dict[str, Any]] = {
            name: {record.id: record for record in getattr(noted, name)} for name in COLLECTIONS.values()
        }
        collections["documents"] |= {one.document.id: one.document for one in documents if one.source is not None}
        collections["extracts"] |= extracts.extracts
        collections["codes"] |= self.codes
        collections["coders"] |= self.coders
        collections["foreign"] = dict(self.foreign)
        whole = Snapshot(self.study, **{name: tuple(records.values()) for name, records in collections.items()})
        return correct_references(whole, self.ledger)

    # --- identifiers -----------------------------------------------------------------------------------------------

    def identify(self, kind: str, guid: str, hint: str = "") -> str:
        """Give the identifier of an element: the one it had with us if it came from us, else one made of its GUID."""
        if (kind, guid) in self.by_guid:
            return self.by_guid[kind, guid]
        if hint and guid_of(self.study, kind, hint) == guid:
            return hint
        return identifier_of(kind, guid) if guid else kind

    def labelled(self, element: ElementTree.Element, kind: type) -> dict[str, Any]:
        """Give the values of the labelled note of that kind that hangs on an element.

        Where another program dropped the note, what is known of the record stands.
        """
        for reference in element.findall("NoteRef"):
            note = self.notes.get(plain_guid(reference.get("targetGUID")))
            if note is not None and note.kind is kind:
                return note.values
        record = self.known_record(kind, plain_guid(element.get("guid")))
        return {} if record is None else labelled_values(record)

    def known_record(self, kind: type, guid: str) -> Any | None:
        """Give the record an element was written from, where that is known."""
        identifier = self.by_guid.get((label_of(kind), guid))
        return None if identifier is None else self.records[kind].get(identifier)

    def hang_notes(self, element: ElementTree.Element, kind: str, identifier: str) -> None:
        """Note that the notes an element refers to are about a record."""
        for reference in element.findall("NoteRef"):
            note = self.notes.get(plain_guid(reference.get("targetGUID")))
            if note is not None and (kind, identifier) not in note.hangs_on:
                note.hangs_on.append((kind, identifier))

    def coder_of(self, *elements: ElementTree.Element) -> str:
        """Give who made the innermost of these elements; a coder of no name where nobody is said."""
        for element in elements:
            for name in ("creatingUser", "creatingUserGUID", "modifyingUser"):
                guid = plain_guid(element.get(name))
                if guid:
                    return self._coder_by_guid(guid)
        if UNKNOWN_CODER not in self.coders:
            self.coders[UNKNOWN_CODER] = Coder(UNKNOWN_CODER, "")
            self.ledger.caveats.append(f"Some codings do not say who made them; their coder is {UNKNOWN_CODER}.")
        return UNKNOWN_CODER

    def _coder_by_guid(self, guid: str) -> str:
        if guid not in self.user_ids:
            identifier = self.identify("coder", guid)
            self.user_ids[guid] = identifier
            self.coders[identifier] = Coder(identifier, "")
            self.ledger.caveats.append(f"A coder ({identifier}) is not among the project's users and has no name.")
        return self.user_ids[guid]

    def moment(self, text: str, where: str) -> str:
        """Give a date and time as it is written, or nothing where it is none."""
        try:
            datetime.fromisoformat(text.strip())
        except ValueError:
            if text.strip():
                self.ledger.change(
                    "date", where, f"{first_characters(text, 40)!r} is no date and time and was left out"
                )
            return ""
        return text.strip() if len(text.strip()) >= len("2025-03-02") else ""

    # --- sections --------------------------------------------------------------------------------------------------

    def _read_users(self) -> None:
        self.user_ids: dict[str, str] = {}
        for user in self.root.findall("Users/User"):
            guid = plain_guid(user.get("guid"))
            hint = user.get("id") or ""
            identifier = free(self.identify("coder", guid, hint), self.coders)
            self.user_ids.setdefault(guid, identifier)
            self.coders[identifier] = Coder(identifier, user.get("name") or "")

    def _read_notes(self) -> None:
        for element in self.root.findall("Notes/Note"):
            guid = plain_guid(element.get("guid"))
            text = child_text(element, "PlainTextContent")
            path = element.get("plainTextPath") or ""
            if not text and path:
                content = self.read_source(path)
                text = "" if content is None else content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
            note = Note(
                guid,
                element.get("name") or "",
                text or child_text(element, "Description"),
                plain_guid(element.get("creatingUser")),
                element.get("creationDateTime") or "",
            )
            labelled = read_labelled(text)
            if labelled is not None:
                note.kind, note.values = labelled
            self.notes[guid or f"note {len(self.notes)}"] = note
        for element in self.root.findall("Notes/Note"):
            note_guid = plain_guid(element.get("guid"))
            held = self.notes.get(note_guid)
            if held is not None and (held.kind is Memo or (held.kind is None and held.text.strip())):
                self.hang_notes(element, "memo", str(held.values.get("id") or self.identify("memo", note_guid)))

    def _read_code_tree(self) -> None:
        folder = guid_of(self.study, "folder", "configurations")
        for element, inside in read_codes(self.root.findall("CodeBook/Codes")):
            guid = plain_guid(element.get("guid"))
            name = (element.get("name") or "").strip() and (element.get("name") or "")
            outer = None if inside is None else self.code_of.get(plain_guid(inside.get("guid")))
            if guid == folder:
                continue
            if guid in self.code_of:
                self.ledger.change(
                    "code", name or guid, "its GUID is used twice; codings go to the first code that has it"
                )
            values = self.labelled(element, Configuration)
            configuration = self.by_guid.get(("configuration", guid))
            if values or configuration is not None:
                self._read_configuration_code(element, guid, name, values, configuration)
                continue
            parent = outer[1] if outer is not None and outer[0] == "code" else None
            if outer is not None and outer[0] == "configuration":
                self.ledger.change("code", name, "stood under a configuration and now stands by itself")
            self._read_code(element, guid, name, parent)

    def _read_code(self, element: ElementTree.Element, guid: str, name: str, parent: str | None) -> None:
        values = self.labelled(element, Code)
        identifier = free(self.identify("code", guid, str(values.get("id", ""))), self.codes)
        colour = colour_of(element)
        if colour is None:
            self.ledger.change("code", name, f"its colour {element.get('color')!r} is no colour and was left out")
        if not name:
            self.ledger.change("code", identifier, "has no name and was given its identifier as one")
        if (element.get("isCodable") or "true").strip() in ("false", "0"):
            self.ledger.change("code", name, "was marked as not for coding: the mark is kept and not enforced here")
        level = values.get("level")
        self.codes[identifier] = Code(
            identifier,
            name or identifier,
            parent,
            child_text(element, "Description"),
            str(values.get("examples", "")),
            colour or "",
            level if level in vocabulary.LEVELS else None,
        )
        self.code_of.setdefault(guid, ("code", identifier))
        self.name_of[guid] = name or identifier
        self.hang_notes(element, "code", identifier)

    def _read_configuration_code(
        self, element: ElementTree.Element, guid: str, name: str, values: dict[str, Any], known: str | None
    ) -> None:
        identifier = known or self.identify("configuration", guid, str(values.get("id", "")))
        before = self.known_record(Configuration, guid)
        values = {**values, "id": identifier, "label": name or identifier}
        described = child_text(element, "Description")
        noted = str(values.get("statement", ""))
        # The statement stands in two places; the one that was changed since it was written counts.
        if described != noted and described and before is not None and noted == before.statement:
            values["statement"] = described
        elif described and described != noted:
            self.ledger.change("configuration", name, "its note and its description differ; the note was taken")
        self.values[Configuration][identifier] = values
        self.code_of.setdefault(guid, ("configuration", identifier))
        self.name_of[guid] = name
        self.hang_notes(element, "configuration", identifier)

    def _read_links(self, extracts: ExtractReader) -> None:
        slots: dict[str, list[tuple[str, str]]] = defaultdict(list)
        rivals: dict[str, list[str]] = defaultdict(list)
        ends = dict(self.code_of)
        placed = {**extracts.repeated, **extracts.by_selection}
        ends |= {guid: ("extract", identifier) for guid, identifier in placed.items()}
        for link in self.root.findall("Links/Link"):
            name = link.get("name") or ""
            origin, target = (ends.get(plain_guid(link.get(end)), ("", "")) for end in ("originGUID", "targetGUID"))
            kinds = origin[0], target[0]
            note = self._linked_note(link)
            if kinds == ("code", "configuration") and self._is_role(name, target[1]):
                slots[target[1]].append((name, origin[1]))
            elif kinds == ("configuration", "configuration") and name == RIVAL:
                rivals[origin[1]].append(target[1])
            elif kinds == ("configuration", "configuration") and name == RIPPLE:
                self._read_ripple_link(link, origin[1], target[1], note)
            elif kinds == ("extract", "configuration") and note is not None and note.kind is Evidence:
                if self._is_role(name, target[1]):
                    note.values["slot"] = name
                elif name == EVIDENCE_OF_ALL:
                    note.values.pop("slot", None)
                note.values |= {"extract": origin[1], "configuration": target[1]}
            else:
                if self._was_ours(link, name, note):
                    self.ledger.leave("link", name, "it was written here and what it joined is no longer there")
                else:
                    self.foreign_links.append(link)
        for identifier, values in self.values[Configuration].items():
            if slots[identifier]:
                _fit_slots(values, slots[identifier])
            if rivals[identifier]:
                values["rivals"] = list(dict.fromkeys(rivals[identifier]))

    def _was_ours(self, link: ElementTree.Element, name: str, note: Note | None) -> bool:
        if note is not None and note.kind in (Evidence, Ripple):
            return True
        # The GUIDs that are made here say so (version 5); those of other programs are drawn at random.
        is_named = name in (RIVAL, RIPPLE, EVIDENCE_OF_ALL) or any(one.role(name) for one in _SCHEMAS)
        return self.origin.startswith(ORIGIN) and is_named and plain_guid(link.get("guid"))[14:15] == "5"

    def _linked_note(self, link: ElementTree.Element) -> Note | None:
        found = (self.notes.get(plain_guid(one.get("targetGUID"))) for one in link.findall("NoteRef"))
        return next((note for note in found if note is not None), None)

    def _is_role(self, name: str, configuration: str) -> bool:
        schema = vocabulary.SCHEMAS.get(str(self.values[Configuration][configuration].get("schema", "CMO")))
        return schema is not None and schema.role(name) is not None

    def _read_ripple_link(self, link: ElementTree.Element, source: str, target: str, note: Note | None) -> None:
        if note is not None and note.kind is Ripple:
            note.values |= {"from": source, "to": target}
            return
        guid = plain_guid(link.get("guid"))
        identifier = ""
        if self.known is not None:
            written = (one.id for one in self.known.ripples if guid_of(self.study, "ripple-link", one.id) == guid)
            identifier = next(written, "")
        identifier = identifier or free(identifier_of("ripple", guid), self.values[Ripple])
        self.values[Ripple][identifier] = {"id": identifier, "from": source, "to": target}

    def _read_cases(self, documents: list[ReadDocument]) -> None:
        """Note the variables of a case at its documents as well, where the workbench finds them; the case is kept."""
        by_guid = {one.guid: one for one in documents}
        for case in self.root.findall("Cases/Case"):
            name = case.get("name") or plain_guid(case.get("guid"))
            values = [("case", name), *variable_values(case, self.variables, self.ledger, f"case {name}")]
            guids = [plain_guid(one.get("targetGUID")) for one in case.findall("SourceRef")]
            held = [by_guid[guid] for guid in guids if guid in by_guid and by_guid[guid].source is not None]
            self.name_of[plain_guid(case.get("guid"))] = name
            for document in held:
                document.add_attributes(values)

    def _read_memo(self, note: Note) -> None:
        identifier = self.identify("memo", note.guid)
        if not note.text.strip():
            self.ledger.leave("note", note.name or note.guid, "it has no text; it is kept for the next export")
            return
        if identifier in self.values[Memo]:
            identifier = free(identifier, self.values[Memo])
        values: dict[str, Any] = {"id": identifier, "text": note.text, "title": note.name}
        values["created"] = self.moment(note.created, identifier)
        if note.user:
            values["coder"] = self._coder_by_guid(note.user)
        if note.hangs_on:
            values["about"], values["target"] = note.hangs_on[0]
        if len(note.hangs_on) > 1:
            others = ", ".join(f"{kind} {target}" for kind, target in note.hangs_on[1:])
            self.ledger.change(
                "note", note.name or note.guid, f"hangs on several things; the memo is on the first, not on {others}"
            )
        self.values[Memo][identifier] = values

    def _read_description(self) -> None:
        description = child_text(self.root, "Description")
        if description.strip():
            identifier = free(DESCRIPTION, self.values[Memo])
            self.values[Memo][identifier] = {
                "id": identifier,
                "text": description,
                "title": DESCRIPTION_TITLE,
            }

    # --- records that travel as notes --------------------------------------------------------------------------------

    def _keep_values(self, kind: type, values: dict[str, Any], note: Note) -> None:
        identifier = str(values.get("id", "")) or identifier_of(label_of(kind), note.guid)
        values["id"] = identifier
        if identifier in self.values[kind]:
            self.ledger.leave(label_of(kind), identifier, "a note with this identifier came before it")
            return
        self.values[kind][identifier] = values

    def _noted_records(self) -> Snapshot:
        """Judge the values of all notes as coding.json is judged, and list what does not stand."""
        payload: dict[str, Any] = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, "study": self.study or "project"}
        for kind, records in self.values.items():
            payload[COLLECTIONS[kind]] = list(records.values())
        parsed = parse(json.dumps(payload, ensure_ascii=True).encode("ascii"))
        for fault in parsed.faults:
            self.ledger.leave(
                "field of a note",
                fault.column,
                f"{fault.rule}; {fault.fix}",
                detail=first_characters(fault.value, 200),
            )
        return parsed.snapshot or Snapshot(self.study)


def labelled_values(record: Any) -> dict[str, Any]:
    """Give a record in the JSON form a note would have it in."""
    labelled = read_labelled(labelled_text(record))
    assert labelled is not None
    return labelled[1]


def _fit_slots(values: dict[str, Any], links: list[tuple[str, str]]) -> None:
    """Let the links say which codes fill the slots; wording and order stay as the note has them."""
    wanted = list(dict.fromkeys(links))
    noted = values.get("slots")
    slots = [dict(slot) for slot in noted if isinstance(slot, Mapping)] if isinstance(noted, list) else []
    placed: set[tuple[str, str]] = set()
    for slot in slots:
        role = str(slot.get("role", ""))
        codes = slot.get("codes")
        kept = [code for code in codes if (role, code) in wanted] if isinstance(codes, list) else []
        placed |= {(role, code) for code in kept}
        slot["codes"] = kept
    for role, code in wanted:
        if (role, code) in placed:
            continue
        fitting = next((slot for slot in slots if slot.get("role") == role), None)
        if fitting is None:
            slots.append({"role": role, "codes": [code]})
        else:
            fitting["codes"] = [*fitting["codes"], code]
    values["slots"] = slots
