"""A note on words that nobody coded: kept as a memo with those words behind it, and given back without them."""

from __future__ import annotations

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
