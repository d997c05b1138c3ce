"""Small readings of REFI-QDA elements that projects and codebooks share: names, codes at any depth, colours, texts."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator

from cop_analysis.realist.exchange.report import ExchangeError, Ledger

_NAMESPACE = re.compile(r"(urn:)?(QDA-XML:)?(project|codebook)([:.][\d.:]+)?\Z", re.IGNORECASE)
_COLOUR = re.compile(r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\Z")


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
        shown = local[:60] or "nothing"
        raise ExchangeError(
            f"{file} was not read: its first element is {shown}, where REFI-QDA has {wanted}; export it again as "
            f"REFI-QDA {'project' if wanted == 'Project' else 'codebook'}."
        )
    if namespace and not _NAMESPACE.match(namespace):
        ledger.caveats.append(f"{file} names the namespace {namespace[:80]}, which REFI-QDA does not have.")
    prefix = "{" + namespace + "}" if namespace else ""
    foreign = 0
    for element in root.iter():
        if element.tag.startswith(prefix):
            element.tag = element.tag[len(prefix) :]
        foreign += element.tag.startswith("{")
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
    given = (element.get("color") or "").strip()
    if not given:
        return ""
    if not _COLOUR.match(given):
        return None
    return six_digits(given)


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
