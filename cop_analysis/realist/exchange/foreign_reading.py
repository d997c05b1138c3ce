"""What a project holds that no record of ours stands for, kept so that the next export gives it back. No files here.

Each element is kept in the form of the standard, with positions in code points of our text; what the standard does not
have is left out and noted. References stay GUIDs, because the records keep the GUIDs they came with.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.exchange.elements import colour_of, plain_colour
from cop_analysis.realist.exchange.offsets import Positions
from cop_analysis.realist.exchange.project_writing import ORIGIN, kept_origin
from cop_analysis.realist.exchange.source_reading import ExtractReader, ReadDocument, whole
from cop_analysis.realist.model import Foreign, Memo, Part, Snapshot
from cop_analysis.realist.model.foreign import FORMS, fits
from cop_analysis.realist.model.identifiers import free, guid_of, identifier_of, is_guid, plain_guid

if TYPE_CHECKING:
    from cop_analysis.realist.exchange.project_reading import Reader


SELECTIONS: Final = ("PlainTextSelection", "TranscriptSelection")

KEPT: Final = {
    "Variable": "variables",
    "Case": "cases",
    "Set": "sets",
    "Link": "links",
    "Graph": "graphs",
}
"""The elements that are kept whole and shown nowhere here, and what they are counted as."""

_OWN_REFERENCE: Final = "guid"


def described_foreign(snapshot: Snapshot) -> Iterator[tuple[Foreign, str]]:
    """Give what is kept for other programs, each with its name and what it holds or joins."""
    of = {guid_of(snapshot.study, "code", one.id): one.name for one in snapshot.codes}
    of |= {guid_of(snapshot.study, "document", one.id): one.title or one.id for one in snapshot.documents}
    of |= {guid_of(snapshot.study, "memo", one.id): one.title or one.id for one in snapshot.memos}
    of |= {guid_of(snapshot.study, "extract", one.id): first_characters(one.quote, 40) for one in snapshot.extracts}
    for one in snapshot.foreign:
        members = [
            guid
            for part in one.parts
            for name, guid in part.attributes
            if name in ("targetGUID", "originGUID") and part.tag not in ("NoteRef", "VariableRef")
        ]
        graph = [f"{sum(part.tag == tag for part in one.parts)} {words}" for tag, words in _DRAWN]
        held = ", ".join(graph) if one.kind == "Graph" else ", ".join(of.get(guid, guid) for guid in members)
        yield one, f"{one.name} ({held})" if held else one.name


_DRAWN: Final = (("Vertex", "vertices"), ("Edge", "edges"))


class Keeper:
    """Keeps the foreign parts of one project.

    Parameters
    ----------
    reader : Reader
        After it has read everything it has records for.
    documents : sequence of ReadDocument
    extracts : ExtractReader
    """

    def __init__(self, reader: Reader, documents: Sequence[ReadDocument], extracts: ExtractReader) -> None:
        self.reader, self.extracts = reader, extracts
        self.kept: dict[str, Foreign] = {}
        self.by_element = {id(one.element): one for one in documents}
        self.made = 0
        self.known = {guid: guid_of(reader.study, "coder", identifier) for guid, identifier in reader.user_ids.items()}
        self.known |= {
            guid: guid_of(reader.study, kind, identifier) for guid, (kind, identifier) in reader.code_of.items()
        }
        self.known |= {one.guid: guid_of(reader.study, "document", one.document.id) for one in documents}
        self.known |= {
            guid: guid_of(reader.study, "extract", identifier) for guid, identifier in extracts.by_selection.items()
        }

    def keep(self) -> dict[str, Foreign]:
        """Keep what there is, and give it by identifier."""
        root, reader = self.reader.root, self.reader
        self._keep_project()
        for user in root.findall("Users/User"):
            if user.get("id") and self._is_borrowed("coder", user):
                self._keep("User", user)
        for code in root.iter("Code"):
            if self._is_borrowed("code", code) and self._says_more(code):
                self._keep("Code", code)
        for variable in root.findall("Variables/Variable"):
            if plain_guid(variable.get("guid")) != guid_of(reader.study, "variable", variable.get("name") or ""):
                self._keep("Variable", variable)
        for case in root.findall("Cases/Case"):
            self._keep("Case", case, documents=self._its_document(case))
        for source in root.findall("Sources/*"):
            self._keep_source(source)
        for note in root.findall("Notes/Note"):
            self._keep_note(note)
        for link in reader.foreign_links:
            self._keep("Link", link)
        for one in root.findall("Sets/Set"):
            self._keep("Set", one)
        drawn = {guid_of(reader.study, "graph", identifier) for identifier in reader.configurations}
        for graph in root.findall("Graphs/Graph"):
            if plain_guid(graph.get("guid")) not in drawn:
                self._keep("Graph", graph)
        return self.kept

    def guid(self, given: str | None) -> str:
        """Give the GUID under which an element goes out again; one that is no GUID gets one, the same each time."""
        plain = plain_guid(given)
        if plain in self.known:
            return self.known[plain]
        return plain if is_guid(plain) else guid_of(self.reader.study, "foreign", plain)

    # --- which are kept --------------------------------------------------------------------------------------------

    def _is_borrowed(self, kind: str, element: ElementTree.Element) -> bool:
        guid = plain_guid(element.get("guid"))
        held = self.reader.user_ids if kind == "coder" else {key: one[1] for key, one in self._codes(guid)}
        return held.get(guid) == identifier_of(kind, guid)

    def _codes(self, guid: str) -> list[tuple[str, tuple[str, str]]]:
        found = self.reader.code_of.get(guid)
        return [(guid, found)] if found is not None and found[0] == "code" else []

    def _says_more(self, code: ElementTree.Element) -> bool:
        """Say whether a code holds what its record does not: a mark, a short colour, notes."""
        colour = (code.get("color") or "").strip()
        return (
            (code.get("isCodable") or "").strip() in ("false", "0")
            or (fits("colour", colour) and colour != colour_of(code))
            or any(True for _ in self._foreign_notes(code))
        )

    def _foreign_notes(self, element: ElementTree.Element) -> Iterator[str]:
        for reference in element.findall("NoteRef"):
            guid = plain_guid(reference.get("targetGUID"))
            note = self.reader.notes.get(guid)
            if note is None or note.kind is None:
                yield guid

    def _keep_project(self) -> None:
        root, reader = self.reader.root, self.reader
        origin = reader.origin
        if origin.startswith(ORIGIN):
            if (before := kept_origin(origin)) is None:
                return
            origin = before[1]
        values = {**root.attrib, "name": root.get("name") or reader.study, "origin": origin}
        element = ElementTree.Element("Project", values)
        element.extend(root.findall("NoteRef"))
        self._keep("Project", element, "foreign-project")

    def _its_document(self, case: ElementTree.Element) -> tuple[str, ...]:
        """Give the document of a case that has no other: what is said of somebody goes with what they said."""
        guids = {plain_guid(one.get("targetGUID")) for one in case.findall("SourceRef")}
        held = [one.document.id for one in self.by_element.values() if one.guid in guids and one.source is not None]
        return tuple(held) if len(guids) == len(held) == 1 else ()

    def _keep_source(self, source: ElementTree.Element) -> None:
        if source.tag not in FORMS or not source.tag.endswith("Source"):
            return
        held = [one for element in source.iter() if (one := self.by_element.get(id(element))) is not None]
        written = [one.document.id for one in held if one.source is not None]
        if source.tag == "TextSource" and written and written[0] != identifier_of("document", held[0].guid):
            return
        self._keep(source.tag, source, documents=tuple(written))

    def _keep_note(self, note: ElementTree.Element) -> None:
        guid = plain_guid(note.get("guid"))
        read = self.reader.notes.get(guid)
        if read is None or read.kind is not None:
            return
        is_memo = identifier_of("memo", guid) in self.reader.values[Memo]
        plain = {"guid", "name", "creatingUser", "creationDateTime"}
        more = set(note.attrib) - plain - {"plainTextPath"} or {child.tag for child in note} - {"PlainTextContent"}
        if not is_memo or more:
            self._keep("Note", note, has_record=is_memo)

    # --- one element -----------------------------------------------------------------------------------------------

    def _keep(
        self,
        kind: str,
        element: ElementTree.Element,
        identifier: str = "",
        documents: tuple[str, ...] = (),
        has_record: bool = False,
    ) -> None:
        name = (element.get("name") or "").strip() or plain_guid(element.get("guid"))
        extra: list[str] = []
        parts = self._parts(element, kind, 0, None, extra, has_record)
        if not parts:
            self.reader.ledger.leave(kind.lower(), name, "it lacks what the standard asks of it, so it was not kept")
            return
        if extra:
            shown = ", ".join(sorted(set(extra)))
            reason = f"what the standard does not have was left out ({first_characters(shown, 200)})"
            self.reader.ledger.change(kind.lower(), name, reason)
        wanted = identifier or f"foreign-{dict(parts[0].attributes).get('guid', kind.lower())}"
        identifier = free(wanted, self.kept)
        self.kept[identifier] = Foreign(identifier, kind, name, documents, tuple(parts), self._loose(parts))

    def _parts(
        self,
        element: ElementTree.Element,
        tag: str,
        depth: int,
        positions: Positions | None,
        extra: list[str],
        has_record: bool = False,
    ) -> list[Part]:
        """Give an element and what stands in it; nothing where it lacks what it needs."""
        form = FORMS[tag]
        document = self.by_element.get(id(element))
        if document is not None and document.source is not None:
            positions, has_record = document.positions, True
        attributes = []
        for name, kind in form.attributes.items():
            value = self._value(element, name, kind.rstrip("!"), positions)
            if value is not None:
                attributes.append((name, value))
            elif kind == "guid!" and name == _OWN_REFERENCE:
                self.made += 1
                attributes.append((name, guid_of(self.reader.study, "foreign", f"{tag}\x1f{self.made}")))
            elif kind == "text!" and name == "name":
                attributes.append((name, plain_guid(element.get("guid")) or tag))
            elif kind == "yes or no!":
                attributes.append((name, "true"))
            elif kind == "variable type!":
                attributes.append((name, "Text"))
            elif kind.endswith("!"):
                return []
            elif element.get(name):
                extra.append(f"{tag} {name} {element.get(name)!r}")
        without = ("plainTextPath",) if has_record else ()
        kept = tuple(pair for pair in attributes if pair[0] not in without)
        extra += [f"{tag} {name}" for name in element.attrib if name not in form.attributes and "}" not in name]
        text = (element.text or "") if form.holds else ""
        if form.holds and form.holds != "text":
            text = text.strip()
            if not fits(form.holds, text):
                extra.append(f"{tag} {text!r}")
                return []
        parts = [Part(depth, tag, kept, text)]
        for child_tag, most in form.children.items():
            if child_tag == "PlainTextContent" and has_record:
                continue
            found = element.findall(child_tag)
            for child in found[:most] if most else found:
                if child_tag == "NoteRef" and self._is_ours(child):
                    continue
                parts += self._parts(child, child_tag, depth + 1, positions, extra)
            extra += [child_tag] * (len(found) - most if most else 0)
        known = {*form.children, "Code"} if tag in ("Code", "Project") else set(form.children)
        extra += [child.tag for child in element if child.tag not in known and "}" not in child.tag]
        if tag in ("Coding", "VariableValue") and not any(one.tag.endswith("Ref") for one in parts[1:]):
            return []
        return parts

    def _is_ours(self, reference: ElementTree.Element) -> bool:
        note = self.reader.notes.get(plain_guid(reference.get("targetGUID")))
        return note is not None and note.kind is not None

    def _value(self, element: ElementTree.Element, name: str, kind: str, positions: Positions | None) -> str | None:
        given = element.get(name)
        if given is None:
            return None
        if kind == "text":
            return given
        given = given.strip()
        if kind == "guid":
            return self.guid(given) if given else None
        if kind == "whole":
            number = whole(given)
            if number is None:
                return None
            if positions is not None and name in ("startPosition", "endPosition", "position"):
                number = positions.within(number)
            return str(number)
        if kind == "colour" and not fits(kind, given):
            return plain_colour(given) or None
        return given if fits(kind, given) else None

    def _loose(self, parts: Sequence[Part]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for part in parts:
            kinds = FORMS[part.tag].attributes
            for name, value in part.attributes:
                if name == _OWN_REFERENCE:
                    if part.tag in SELECTIONS and value not in self._extracted:
                        found[value] = None
                elif kinds[name].startswith("guid") and value not in self.present:
                    found[value] = None
        return tuple(found)

    @cached_property
    def present(self) -> set[str]:
        """The GUIDs of everything in the project."""
        return {self.guid(one.get("guid")) for one in self.reader.root.iter() if one.get("guid")}

    @cached_property
    def _extracted(self) -> set[str]:
        return {guid_of(self.reader.study, "extract", one) for one in self.extracts.extracts}
