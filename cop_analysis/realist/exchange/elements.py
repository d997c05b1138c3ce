"""The elements of a REFI-QDA file, read and written one by one."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import ExchangeError, xml_attribute, xml_text
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.model import Code, Part
from cop_analysis.realist.model.foreign import FORMS

_NAMESPACE = re.compile(r"(urn:)?(QDA-XML:)?(project|codebook)([:.][\d.:]+)?\Z", re.IGNORECASE)

_HEX_COLOUR = re.compile(r"#?([0-9A-Fa-f]{8}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3,4})\Z")

_SHARES = r"\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*(?:[,/]\s*[\d.]{1,8}%?\s*)?"

_RGB_COLOUR = re.compile(rf"(?:rgba?\({_SHARES}\)|{_SHARES})\Z", re.IGNORECASE)


def plain_names(root: ElementTree.Element, wanted: str, file: str, ledger: Ledger) -> None:
    """Take the namespace off every element that stands in the root's, after judging it.

    Raises
    ------
    ExchangeError
        When the root is not the one that is wanted.
    """
    namespace, _, local = root.tag.rpartition("}")
    namespace = namespace.lstrip("{")
    if local != wanted:
        shown = first_characters(local, 60) or "nothing"
        raise ExchangeError(
            f"{file} was not read: its first element is {shown}, where REFI-QDA has {wanted}; export it again as "
            f"REFI-QDA {'project' if wanted == 'Project' else 'codebook'}."
        )
    if namespace and not _NAMESPACE.match(namespace):
        ledger.caveats.append(
            f"{file} names the namespace {first_characters(namespace, 80)}, which REFI-QDA does not have."
        )
    foreign = 0
    others: dict[str, str] = {}
    for element in root.iter():
        its, _, name = element.tag.rpartition("}")
        its = its.lstrip("{")
        if its == namespace or _NAMESPACE.match(its):
            if its != namespace:
                others.setdefault(its, name)
            element.tag = name
        foreign += element.tag.startswith("{")
    for its, name in others.items():
        ledger.change("namespace", its, f"{name} has it inside a project of another; it was read as the standard's")
    if foreign:
        ledger.leave("element", file, f"{foreign:,} elements of other namespaces are not of the standard")


def read_codes(
    parents: Iterable[ElementTree.Element],
) -> Iterator[tuple[ElementTree.Element, ElementTree.Element | None]]:
    """Give every code with the code it stands in, outer ones first, in the order of the file, at any depth."""
    waiting: list[tuple[ElementTree.Element, ElementTree.Element | None]] = []
    for parent in parents:
        waiting += [(code, None) for code in parent.findall("Code")]
    waiting.reverse()
    while waiting:
        code, inside = waiting.pop()
        yield code, inside
        waiting += [(inner, code) for inner in reversed(code.findall("Code"))]


def colour_of(element: ElementTree.Element) -> str | None:
    """Give a code's colour with six digits; empty where it has none, None where it is no colour."""
    return plain_colour(element.get("color") or "")


def plain_colour(given: str) -> str | None:
    """Write a colour as ``#`` and six digits, however a program writes it; transparency is left out.

    Returns
    -------
    str or None
        Empty where nothing is given, None where it is no colour.

    Examples
    --------
    >>> plain_colour("rgb(70,170,0)"), plain_colour("46AA00"), plain_colour("#46AA00FF"), plain_colour("#abc")
    ('#46AA00', '#46AA00', '#46AA00', '#aabbcc')
    >>> plain_colour(""), plain_colour("blue"), plain_colour("rgb(300,0,0)")
    ('', None, None)
    """
    given = given.strip()
    if not given:
        return ""
    if (match := _HEX_COLOUR.match(given)) is not None:
        digits = match[1]
        return six_digits("#" + digits[: 3 if len(digits) < 6 else 6])
    if (match := _RGB_COLOUR.match(given)) is not None:
        shares = [int(one) for one in match.groups() if one is not None]
        return None if max(shares) > 255 else "#" + "".join(f"{one:02X}" for one in shares)
    return None


def six_digits(colour: str) -> str:
    """Write a colour with six digits.

    Examples
    --------
    >>> six_digits("#abc"), six_digits("#005EB8")
    ('#aabbcc', '#005EB8')
    """
    return "#" + "".join(2 * digit for digit in colour[1:]) if len(colour) == 4 else colour


def child_text(element: ElementTree.Element, name: str) -> str:
    """Give the text of a child element, empty where there is none."""
    child = element.find(name)
    return "" if child is None else child.text or ""


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
