"""The elements of a REFI-QDA file, read and written one by one, and the notes that carry what it has no element for.

Such a note is labelled fields of a record, or a memo with the passage it stands at.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import ExchangeError, xml_attribute, xml_text
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.model import COLLECTIONS, Code, Part
from cop_analysis.realist.model.foreign import FORMS
from cop_analysis.realist.model.json_form import FORMS as OF_RECORDS
from cop_analysis.realist.model.json_form import Field

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


# --- notes ---

_HEAD: Final = "cop-analysis"

_INDENT: Final = "    "

_KINDS: Final = {kind.__name__.lower(): kind for kind in COLLECTIONS}

_LINE = re.compile(r"([A-Z][A-Za-z0-9_ ]*): ?(.*)", re.DOTALL)


def label_of(kind: type) -> str:
    """Give the word a record type goes by in a note: ``"configuration"``."""
    return kind.__name__.lower()


def labelled_text(record: Any, without: tuple[str, ...] = ()) -> str:
    """Write one record as labelled text; fields that say nothing, and those named in `without`, are left out.

    Examples
    --------
    >>> from cop_analysis.realist.model import Ripple
    >>> print(labelled_text(Ripple("r1", "cmo1", "cmo2", "ringing makes permission")))
    cop-analysis ripple
    Id: r1
    From: cmo1
    To: cmo2
    Note: ringing makes permission
    """
    kind = type(record)
    lines = [f"{_HEAD} {label_of(kind)}"]
    for form in OF_RECORDS[kind]:
        if form.name in without:
            continue
        value = getattr(record, form.attribute or form.name)
        for text in _written(value, form):
            lines.append(f"{_label(form)}: " + text.replace("\n", "\n" + _INDENT))
    return "\n".join(lines)


def read_labelled(text: str) -> tuple[type, dict[str, Any]] | None:
    r"""Read labelled text as the JSON form of a record; None where the text is no such note.

    Only shape is looked at; whether the values are legal is judged where coding.json is judged.

    Examples
    --------
    >>> read_labelled("cop-analysis ripple\nId: r1\nFrom: cmo1\nTo: cmo2\nNote: one\n    two")[1]
    {'id': 'r1', 'from': 'cmo1', 'to': 'cmo2', 'note': 'one\ntwo'}
    >>> read_labelled("A memo of somebody else.") is None
    True
    """
    text = text.removeprefix("\ufeff")
    if not text.startswith(_HEAD):
        return None
    head, _, body = text.partition("\n")
    if head.endswith("\r"):
        # Another program wrote its own line breaks; they are line breaks all the same.
        body = body.replace("\r\n", "\n")
    kind = _KINDS.get(head.removeprefix(_HEAD).strip())
    if kind is None:
        return None
    forms = {_label(form): form for form in OF_RECORDS[kind]}
    found: dict[str, list[str]] = {}
    last: list[str] | None = None
    for line in body.rstrip("\n").split("\n"):
        match = _LINE.match(line) if not line.startswith(_INDENT) else None
        if match is not None and match[1] in forms:
            last = found.setdefault(match[1], [])
            last.append(match[2])
        elif last is not None:
            last[-1] += "\n" + line.removeprefix(_INDENT)
    values: dict[str, Any] = {}
    for label, texts in found.items():
        form = forms[label]
        try:
            values[form.name] = _read(texts, form)
        except ValueError:
            # What cannot be read is given as text, so that the judge of coding.json names it.
            values[form.name] = texts[0]
    return kind, values


def _label(form: Field) -> str:
    return form.name.replace("_", " ").capitalize()


def _written(value: Any, form: Field) -> list[str]:
    if value is None or value == "" or (value == () and form.kind != "identifiers or null"):
        return []
    if form.kind in ("identifier", "text", "text or null"):
        return [str(value)]
    if form.kind == "identifiers":
        return list(value)
    if form.kind == "records":
        return [_json({name: part for name, part in vars(one).items() if part not in (None, "", ())}) for one in value]
    if form.kind == "texts":
        return [_json(dict(value))]
    if form.kind == "yes or no" and value is True:
        return []
    return [_json(value)]


def _read(texts: list[str], form: Field) -> Any:
    if form.kind in ("identifier", "text", "text or null"):
        return texts[-1] if len(texts) == 1 else "\n".join(texts)
    if form.kind == "identifiers":
        return texts
    if form.kind == "records":
        return [json.loads(one) for one in texts]
    return json.loads(texts[-1].strip())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


ON_SELECTION = "memo-on-"
"""How the memo begins that stands for what is written at a selection nobody coded; its GUID follows."""

_ON_PASSAGE = "\n\nOn the passage: “"


def with_passage(note: str, passage: str) -> str:
    """Write a note with the words it stands at behind it, once.

    Examples
    --------
    >>> with_passage("Odd.", "We met"), with_passage(with_passage("Odd.", "We met"), "We met")
    ('Odd.\\n\\nOn the passage: “We met”', 'Odd.\\n\\nOn the passage: “We met”')
    """
    behind = f"{_ON_PASSAGE}{passage}”"
    return note if not passage or note.endswith(behind) else f"{note.rstrip()}{behind}"


def without_passage(note: str, text: str) -> str:
    """Give a note without the words of `text` that `with_passage` wrote behind it.

    Examples
    --------
    >>> without_passage(with_passage("Odd.", "We met"), "We met."), without_passage("Odd.", "We met.")
    ('Odd.', 'Odd.')
    """
    said, behind, passage = note.rpartition(_ON_PASSAGE)
    return said if behind and passage.endswith("”") and passage[:-1] in text else note
