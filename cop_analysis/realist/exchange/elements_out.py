"""Elements on their way out: kept parts as trees, references that lead nowhere any more taken away, trees as XML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cop_analysis.realist.exchange.xml_text import xml_attribute, xml_text
from cop_analysis.realist.foreign_form import FORMS
from cop_analysis.realist.model import Code, Part

_OWN: Final = ("guid", "sourceVertex", "targetVertex", "fromSyncPoint", "toSyncPoint")
"""Attributes that name an element of the same kept element, or itself."""
_NEEDED: Final = {"Link": ("originGUID", "targetGUID")}
"""References without which an element says nothing, though the standard does not ask for them."""


@dataclass
class Node:
    """An element with its attributes and what stands in it: elements, or XML that is written already."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node | str] = field(default_factory=list)

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Node:
        """Make a tree of the parts of a kept element.

        Examples
        --------
        >>> Node.of((Part(0, "Set", (("name", "Best"),)), Part(1, "Description", text="mine"))).xml()
        '<Set name="Best"><Description>mine</Description></Set>'
        """
        path: list[Node] = []
        for part in parts:
            node = cls(part.tag, dict(part.attributes), part.text)
            del path[part.depth :]
            if path:
                path[-1].children.append(node)
            path.append(node)
        return path[0]

    @property
    def guid(self) -> str:
        """Its GUID; empty where it has none."""
        return self.attributes.get("guid", "")

    def all(self, *tags: str) -> list[Node]:
        """Give the elements of these names that stand directly in it."""
        return [one for one in self.children if isinstance(one, Node) and one.tag in tags]

    def first(self, tag: str) -> Node | None:
        """Give the first element of that name that stands directly in it."""
        return next(iter(self.all(tag)), None)

    def target(self, tag: str) -> str:
        """Give what its first reference of that name points at; empty where it has none."""
        found = self.first(tag)
        return "" if found is None else found.attributes.get("targetGUID", "")

    def walk(self) -> list[Node]:
        """Give it and every element in it."""
        found = [self]
        for one in found:
            found += [inner for inner in one.children if isinstance(inner, Node)]
        return found

    def put(self, tag: str, new: Sequence[Node | str]) -> None:
        """Let these stand in it in place of its elements of one name, at the place the standard has for them."""
        order = list(FORMS[self.tag].children)
        place = order.index(tag)
        kept = [one for one in self.children if isinstance(one, str) or one.tag != tag]
        before = [one for one in kept if isinstance(one, str) or order.index(one.tag) < place]
        after = [one for one in kept if isinstance(one, Node) and order.index(one.tag) > place]
        self.children = [*before, *new, *after]

    def xml(self) -> str:
        """Write it."""
        attributes = "".join(f' {name}="{xml_attribute(value)}"' for name, value in self.attributes.items())
        inner = xml_text(self.text) + "".join(one if isinstance(one, str) else one.xml() for one in self.children)
        return f"<{self.tag}{attributes}>{inner}</{self.tag}>" if inner else f"<{self.tag}{attributes}/>"


def reference(tag: str, guid: str) -> Node:
    """Make a reference to an element.

    Examples
    --------
    >>> reference("CodeRef", "0d5c0b4e-1111-4222-8333-444455556666").xml()
    '<CodeRef targetGUID="0d5c0b4e-1111-4222-8333-444455556666"/>'
    """
    return Node(tag, {"targetGUID": guid})


def resolve(node: Node, present: Collection[str], loose: Collection[str]) -> tuple[bool, list[str]]:
    """Take away what points at what is gone; say whether the element still stands, and what went.

    Parameters
    ----------
    node : Node
        Changed in place.
    present : collection of str
        The GUIDs that will be in the project.
    loose : collection of str
        GUIDs behind which nothing ever stood; a reference to one goes out as it came in.
    """
    gone: list[str] = []

    def is_gone(guid: str) -> bool:
        return bool(guid) and guid not in present and guid not in loose

    def stands(one: Node) -> bool:
        for name, kind in FORMS[one.tag].attributes.items():
            if not kind.startswith("guid") or name in _OWN or not is_gone(one.attributes.get(name, "")):
                continue
            if kind.endswith("!") or name in _NEEDED.get(one.tag, ()):
                gone.append(one.tag)
                return False
            del one.attributes[name]
            gone.append(f"{name} of {one.tag}")
        kept: list[Node | str] = [inner for inner in one.children if isinstance(inner, str) or stands(inner)]
        had_reference = {inner.tag for inner in one.children if isinstance(inner, Node)}
        one.children = kept
        if one.tag in ("Coding", "VariableValue"):
            needed = {"Coding": "CodeRef", "VariableValue": "VariableRef"}[one.tag]
            return needed not in had_reference or one.first(needed) is not None
        return True

    return stands(node), gone


def code_tree(codes: Iterable[Code], start: Callable[[Code], str]) -> list[str]:
    """Write codes as nested elements, each after its parent, in the order they come; any depth.

    Parameters
    ----------
    codes : iterable of Code
        Without a circle.
    start : callable
        Gives an element's opening tag and what stands before the codes inside it.
    """
    children: dict[str | None, list[Code]] = defaultdict(list)
    for code in codes:
        children[code.parent].append(code)
    out: list[str] = []
    waiting: list[Code | None] = list(reversed(children[None]))
    while waiting:
        code_or_end = waiting.pop()
        if code_or_end is None:
            out.append("</Code>")
            continue
        out.append(start(code_or_end))
        waiting.append(None)
        waiting += reversed(children.get(code_or_end.id, []))
    return out
