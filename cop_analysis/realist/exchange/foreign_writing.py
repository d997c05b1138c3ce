"""Writing back what another program kept, element by element, with the sources it came with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cop_analysis.realist.exchange.elements import Node, reference, resolve
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.model import Document, Extract, Foreign, Snapshot
from cop_analysis.realist.model.foreign import FORMS, VALUES, fits

if TYPE_CHECKING:
    from cop_analysis.realist.exchange.project_writing import Project


_VALUE_OF: Final = {one.removesuffix("Value"): one for one in VALUES}

SOURCES: Final = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
SELECTIONS: Final = ("PlainTextSelection", "TranscriptSelection")


class Underlay:
    """The kept elements of a coding, ready to be written with its records.

    Parameters
    ----------
    snapshot : Snapshot
    guid : callable
        Gives the GUID of a record by kind and identifier.
    placed : iterable of str
        The GUIDs of the extracts that are written at their places.
    ledger : Ledger
        Where it is noted what can no longer be written.
    """

    def __init__(
        self, snapshot: Snapshot, guid: Callable[[str, str], str], placed: Iterable[str], ledger: Ledger
    ) -> None:
        self.guid, self.ledger = guid, ledger
        self.trees: dict[str, list[tuple[Foreign, Node]]] = defaultdict(list)
        self.source_of: dict[str, tuple[Foreign, Node, Node]] = {}
        for one in snapshot.foreign:
            self.trees[one.kind].append((one, Node.of(one.parts)))
        guid_of_document = {guid("document", one.id): one.id for one in snapshot.documents}
        for kind in SOURCES:
            for one, tree in self.trees[kind]:
                for node in tree.walk():
                    if (document := guid_of_document.get(node.guid)) is not None and document in one.documents:
                        self.source_of[document] = one, tree, node
        self.users = {tree.guid: tree for _, tree in self.trees["User"]}
        self.codes = {tree.guid: (one, tree) for one, tree in self.trees["Code"]}
        memos = {guid("memo", one.id) for one in snapshot.memos}
        self.notes = {tree.guid: (one, tree) for one, tree in self.trees["Note"] if tree.guid in memos}
        self.project = next((tree for _, tree in self.trees["Project"]), None)
        self.present = memos | set(placed) | set(guid_of_document)
        for kind, records in (
            ("coder", snapshot.coders),
            ("code", snapshot.codes),
            ("configuration", snapshot.configurations),
        ):
            self.present |= {guid(kind, record.id) for record in records}
        for kind in self.trees:
            if kind not in ("Project", "User", "Code"):
                for one, tree in self.trees[kind]:
                    if kind == "Note" and tree.guid in self.notes:
                        continue
                    self.present |= {node.guid for node in _standing(tree, one) if node.guid}
        self.present.discard("")
        # A link is a thing that others may point at, so those that cannot stand go first.
        self.links = list(self._whole("Link"))

    # --- things that are written by themselves -----------------------------------------------------------------------

    def whole(self, kind: str) -> list[str]:
        """Write the kept elements of one kind, without what points at what is gone."""
        if kind == "Link":
            return self.links
        return list(self._whole(kind))

    def _whole(self, kind: str) -> Iterable[str]:
        for one, tree in self.trees[kind]:
            if (kind == "Note" and tree.guid in self.notes) or (kind.endswith("Source") and one.documents):
                continue
            if self.tidied(tree, one):
                yield tree.xml()
            else:
                self.present.discard(tree.guid)

    def tidied(self, tree: Node, one: Foreign, what: str = "") -> bool:
        """Take away what points at what is gone, note it, and say whether the element still stands."""
        stands, gone = resolve(tree, self.present, one.loose)
        name = one.name or one.id
        what = what or one.kind.lower()
        if not stands:
            self.ledger.leave(what, name, "what it points at is no longer in the coding")
        elif gone:
            counted = ", ".join(sorted(set(gone)))
            self.ledger.change(what, name, f"lost what pointed at records that are gone ({counted})")
        return stands

    # --- variables ---------------------------------------------------------------------------------------------------

    def base_attributes(self, document: Document) -> dict[str, str]:
        """Give the attributes a document had from its source and its cases when it came in."""
        noted: dict[str, str] = {}
        kept = self.source_of.get(document.id)
        if kept is not None:
            _, tree, inner = kept
            for bearer in (inner,) if inner is tree else (inner, tree):
                _add(noted, self._values(bearer))
            if (described := inner.first("Description")) is not None and described.text:
                _add(noted, [("description", described.text)])
        for case in self._cases_of(document):
            _add(noted, [("case", case.attributes.get("name") or case.guid), *self._values(case)])
        return noted

    def _cases_of(self, document: Document) -> list[Node]:
        return self._cases.get(self.guid("document", document.id), [])

    @cached_property
    def _cases(self) -> Mapping[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for _, tree in self.trees["Case"]:
            for source in tree.all("SourceRef"):
                found[source.attributes["targetGUID"]].append(tree)
        return found

    def _values(self, bearer: Node) -> list[tuple[str, str]]:
        names = {tree.guid: tree.attributes["name"] for _, tree in self.trees["Variable"]}
        found = []
        for one in bearer.all("VariableValue"):
            values = one.all(*VALUES)
            name = names.get(one.target("VariableRef"))
            if name is not None and values:
                found.append((name, values[0].text))
        return found

    def new_values(self, document: Document) -> tuple[dict[str, str], set[str]]:
        """Give the attributes that must be written anew, and the names whose kept values no longer hold."""
        base, now = self.base_attributes(document), dict(document.attributes)
        changed = {name: value for name, value in now.items() if base.get(name) != value}
        stale = {name for name in base if now.get(name) != base[name]}
        from_cases = {name for case in self._cases_of(document) for name in ("case", *dict(self._values(case)))}
        for name in sorted(stale & from_cases):
            self.ledger.change(
                "case", document.id, f"its variable {name} was changed at the document only; the case keeps its value"
            )
        return changed, stale

    def variable_for(self, name: str, value: str) -> tuple[str, str] | None:
        """Give the kept variable that can hold a value under that name: its GUID and the element of the value."""
        for _, tree in self.trees["Variable"]:
            element = _VALUE_OF.get(tree.attributes["typeOfVariable"], "")
            if tree.attributes["name"] == name and element and fits(VALUES[element], value):
                return tree.guid, element
        return None

    def without_stale(self, bearer: Node, stale: set[str]) -> None:
        """Take kept values away from a source whose attribute of that name was changed."""
        names = {tree.guid: tree.attributes["name"] for _, tree in self.trees["Variable"]}
        kept = [one for one in bearer.all("VariableValue") if names.get(one.target("VariableRef"), "") not in stale]
        bearer.put("VariableValue", kept)

    # --- notes -------------------------------------------------------------------------------------------------------

    def note_references(self, node: Node, own: Iterable[str]) -> list[Node | str]:
        """Give the notes a kept element refers to, those that are gone left out, and further ones behind them."""
        return [reference("NoteRef", guid) for guid in self.note_guids(node, own)]

    def note_guids(self, node: Node, own: Iterable[str]) -> list[str]:
        """Give the GUIDs of those notes."""
        kept = (one.attributes["targetGUID"] for one in node.all("NoteRef"))
        return list(dict.fromkeys((*(guid for guid in kept if guid in self.present), *own)))


def _standing(tree: Node, one: Foreign) -> Iterable[Node]:
    """Give the elements that go out whatever the records say: selections that are extracts do not."""
    for node in tree.walk():
        is_extract = one.documents and node.tag in (*SELECTIONS, "Coding") and node.guid not in one.loose
        if not is_extract:
            yield node


def _add(noted: dict[str, str], values: Iterable[tuple[str, str]]) -> None:
    """Note attributes as reading does."""
    for name, value in values:
        if name.strip() and value not in noted.get(name, "").split("; "):
            noted[name] = f"{noted[name]}; {value}" if noted.get(name) else value


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
