"""Text that a spreadsheet would run as a formula, kept from it by an apostrophe, which reading takes away again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

FORMULA_LEADS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run as a formula."""

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet would run a text, or an apostrophe already keeps it from doing so."""
    return _FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula; `unguarded` gives it back exactly.

    Examples
    --------
    >>> guarded("=1+1"), guarded("fine"), guarded("'=1+1")
    ("'=1+1", 'fine', "''=1+1")
    """
    return "'" + text if is_formula(text) else text


def guarded_cells(cells: Iterable[object]) -> list[object]:
    """Guard the texts among some cells and leave every other value as it is.

    Examples
    --------
    >>> guarded_cells(["=1+1", "fine", -2])
    ["'=1+1", 'fine', -2]
    """
    return ["'" + cell if isinstance(cell, str) and _FORMULA.match(cell) else cell for cell in cells]


def unguarded(text: str) -> str:
    """Take off the apostrophe that guards a text.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("'tis"), unguarded(guarded("'@x"))
    ('=1+1', "'tis", "'@x")
    """
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text
