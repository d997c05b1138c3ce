"""What other programs kept beside our records, written back: around the records it belongs to, or as it came.

What a record says counts; where it still says what the kept element said, the element goes out as it came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final

from cop_analysis.realist.exchange.elements_out import Node, reference, resolve
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.foreign_form import VALUES, fits
from cop_analysis.realist.model import Document, Foreign, Snapshot

_VALUE_OF: Final = {one.removesuffix("Value"): one for one in VALUES}
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
        for kind in ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource"):
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
            ("coder", snapshot.coders), ("code", snapshot.codes), ("configuration", snapshot.configurations),
        ):  # fmt: skip
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
