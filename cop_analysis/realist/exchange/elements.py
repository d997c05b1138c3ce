"""Small readings of REFI-QDA elements that projects and codebooks share: names, codes at any depth, colours, texts."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator

from cop_analysis.characters import first_characters
from cop_analysis.realist.exchange.report import ExchangeError, Ledger

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
