"""A source of another program with our extracts in it: what is as it came goes out so, the rest as we have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cop_analysis.realist.exchange.elements_out import Node, reference
from cop_analysis.realist.exchange.foreign_writing import SELECTIONS
from cop_analysis.realist.foreign_form import FORMS
from cop_analysis.realist.model import Document, Extract, Foreign

if TYPE_CHECKING:
    from cop_analysis.realist.exchange.project_writing import Project

UNKNOWN_CODER = "unknown-coder"
"""The coder of codings that do not say who made them."""


class ForeignSource:
    """One kept source that holds the text of a document.

    Parameters
    ----------
    project : Project
        What is being written.
    document : Document
    extracts : sequence of Extract
        Those that stand at their places, in the order of the text.
    """

    def __init__(self, project: Project, document: Document, extracts: Sequence[Extract]) -> None:
        self.project, self.document, self.extracts = project, document, extracts
        self.kept: Foreign
        self.kept, self.outer, self.inner = project.under.source_of[document.id]
        self.by_guid = {project.guid("extract", one.id): one for one in extracts}
        self.written: set[str] = set()
        self.sync_points = {one.guid: one for one in self.inner.all("SyncPoint")}

    def fill(self, path: str, note: str) -> None:
        """Bring the kept element up to what the records say; `note` is the GUID of the document's note, if any."""
        project, inner, document = self.project, self.inner, self.document
        project.under.tidied(inner, self.kept, "source")
        inner.attributes["plainTextPath"] = path
        named = inner.attributes.get("name") or self.outer.attributes.get("name") or ""
        if document.title != named and not (not document.title and named == document.id):
            inner.attributes["name"] = document.title or document.id
        changed, stale = project.under.new_values(document)
        parts: list[Node | str] = []
        if (described := inner.first("Description")) is not None and "description" not in stale:
            parts.append(described)
        selections: list[Node | str] = []
        for one in inner.all(*SELECTIONS):
            selections += self._selection(one)
        codings: list[Node | str] = []
        for coding in inner.all("Coding"):
            codings += self._whole_coding(coding)
        selections += [self._new(one) for one in self.extracts if one.id not in self.written]
        if inner.tag == "Transcript":
            parts += list(self.sync_points.values())
        own = [*([note] if note else []), *project.memos["document", document.id]]
        parts += [*selections, *codings, *project.under.note_references(inner, own)]
        for bearer in {id(one): one for one in (inner, self.outer)}.values():
            if "VariableValue" in FORMS[bearer.tag].children:
                project.under.without_stale(bearer, stale)
        values = [project.variable_value(document, name, value) for name, value in changed.items()]
        if self.outer is inner:
            parts += [*inner.all("VariableValue"), *values]
        else:
            if "VariableValue" in FORMS[inner.tag].children:
                parts += inner.all("VariableValue")
            self.outer.children += values
        inner.children = parts

    # --- selections --------------------------------------------------------------------------------------------------

    def _selection(self, kept: Node) -> list[Node | str]:
        """Write a kept selection with what is left of its codings; nothing where all of them are gone."""
        loose = self.kept.loose
        if kept.guid in loose:
            self._count(kept)
            return [kept]
        first = self.by_guid.get(kept.guid)
        codings: list[Node | str] = []
        is_first = True
        for coding in kept.all("Coding"):
            if coding.target("CodeRef") in loose:
                codings.append(coding)
                continue
            one = self.by_guid.get(coding.guid)
            one = None if one is not None and one.id in self.written else one
            if one is None and is_first:
                one, is_first = first, False
            if one is None or first is None or not self._goes_with(one, first):
                continue
            codings.append(self._coding(coding, kept, one))
            self.written.add(one.id)
        if not codings:
            return []
        if first is not None:
            codings += self.project.evidence_codings(first)
            self._put_place(kept, first.start, first.end)
            kept.put("Description", [Node("Description", text=first.memo)] if first.memo else [])
        else:
            self._count(kept)
        # A note that hangs on one of the codings hangs on the extract here.
        hung = {one.attributes["targetGUID"] for coding in kept.all("Coding") for one in coding.all("NoteRef")}
        own = [one for one in self.project.memos["extract", first.id] if one not in hung] if first is not None else ()
        references = self.project.under.note_references(kept, own)
        described = kept.first("Description")
        kept.children = [*([described] if described is not None else []), *codings, *references]
        return [kept]

    def _goes_with(self, one: Extract, first: Extract) -> bool:
        """Say whether an extract can still be a coding of the selection of another."""
        if one is first:
            return True
        alone = self.project.evidence.get(one.id) or self.project.memos.get(("extract", one.id))
        return not alone and (one.start, one.end, one.memo) == (first.start, first.end, first.memo)

    def _coding(self, kept: Node, selection: Node, one: Extract) -> Node:
        """Write a kept coding with its extract's code, coder and moment."""
        project = self.project
        said = (
            kept.attributes.get("creatingUser")
            or selection.attributes.get("creatingUser")
            or selection.attributes.get("modifyingUser")
            or self.inner.attributes.get("creatingUser")
            or self.inner.attributes.get("modifyingUser")
            or project.guid("coder", UNKNOWN_CODER)
        )
        coder = project.guid("coder", one.coder)
        if coder != said:
            kept.attributes["creatingUser"] = coder
            project.authors.add(one.coder)
        moment = kept.attributes.get("creationDateTime") or selection.attributes.get("creationDateTime") or ""
        if one.created != moment and project.date_time(one.created):
            kept.attributes["creationDateTime"] = project.date_time(one.created)
        references = [child for child in kept.children if isinstance(child, Node) and child.tag == "NoteRef"]
        kept.children = [reference("CodeRef", project.guid("code", one.code)), *references]
        return kept

    def _whole_coding(self, kept: Node) -> list[Node | str]:
        """Write a coding of a whole document, where its extract is still that."""
        if kept.target("CodeRef") in self.kept.loose:
            return [kept]
        one = self.by_guid.get(kept.guid)
        if one is None or one.id in self.written or (one.start, one.end) != (0, len(self.project.texts[one.document])):
            return []
        if one.memo or self.project.evidence.get(one.id):
            return []
        self.written.add(one.id)
        written = self._coding(kept, Node(kept.tag), one)
        written.children += self.project.under.note_references(Node(kept.tag), self.project.memos["extract", one.id])
        return [written]

    def _new(self, one: Extract) -> str | Node:
        """Write an extract that has no kept selection, or no longer fits it."""
        self.written.add(one.id)
        if self.inner.tag != "Transcript":
            return self.project.selection(one)
        place = Node("TranscriptSelection", {"guid": self.project.guid("extract", one.id)})
        self._put_place(place, one.start, one.end)
        described = [Node("Description", text=one.memo)] if one.memo else []
        place.children = [*described, *self.project.codings(one), self.project.references("extract", one.id)]
        return place

    # --- places ------------------------------------------------------------------------------------------------------

    def _put_place(self, node: Node, start: int, end: int) -> None:
        if node.tag == "PlainTextSelection":
            node.attributes["startPosition"] = str(self.project.position(self.document, start))
            node.attributes["endPosition"] = str(self.project.position(self.document, end))
            return
        for name, place in (("fromSyncPoint", start), ("toSyncPoint", end)):
            noted = self.sync_points.get(node.attributes.get(name, ""))
            position = str(self.project.position(self.document, place))
            if noted is None or noted.attributes.get("position") != position:
                guid = self.project.guid("sync-point", f"{self.document.id}\x1f{place}")
                self.sync_points[guid] = Node("SyncPoint", {"guid": guid, "position": position})
                node.attributes[name] = guid

    def _count(self, node: Node) -> None:
        """Let the positions of a selection that is no extract count as the project does."""
        for name in ("startPosition", "endPosition"):
            if name in node.attributes:
                place = int(node.attributes[name])
                node.attributes[name] = str(self.project.position(self.document, place))
