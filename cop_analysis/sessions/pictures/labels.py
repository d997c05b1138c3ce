"""How events, items and long names are written on pictures and in sentences; nothing is computed here."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import pandas as pd

from cop_analysis.characters import first_characters


def capital(text: str) -> str:
    """Begin a sentence with a capital letter and leave the rest as it is.

    Examples
    --------
    >>> capital("events held: 6")
    'Events held: 6'
    """
    return text[:1].upper() + text[1:]


def name_item(item: object) -> str:
    """Write the key of a rated item in words.

    Examples
    --------
    >>> name_item("ease_of_attendance")
    'ease of attendance'
    """
    return str(item).replace("_", " ")


def wrap_label(name: str, width: int = 46, most_lines: int = 2) -> str:
    """Break a name over lines for a picture; only what fits on none of them is cut, with an ellipsis.

    Examples
    --------
    >>> print(wrap_label("online presentation and discussion", width=20))
    online presentation
    and discussion
    """
    lines = textwrap.wrap(" ".join(name.split()), width) or [""]
    if len(lines) > most_lines:
        kept = lines[:most_lines]
        kept[-1] = first_characters(kept[-1], width - 1).rstrip() + "…"
        return "\n".join(kept)
    return "\n".join(lines)


def name_event(event: object, date: pd.Timestamp, details: Iterable[object] = ()) -> str:
    """Name an event the way people speak of it, by its date and what it was; by its key where that is all there is.

    Examples
    --------
    >>> name_event("CAN7", pd.Timestamp("2023-10-18"), ("face to face", "QI in practice"))
    '18 October 2023, face to face, QI in practice'
    >>> name_event("E1", pd.Timestamp("2023-10-18"))
    '18 October 2023 (E1)'
    """
    described = [str(detail).strip() for detail in details if not pd.isna(detail) and str(detail).strip()]  # type: ignore[call-overload]
    day = write_date(date)
    return ", ".join([day, *described]) if described else f"{day} ({event})"


def write_date(date: pd.Timestamp) -> str:
    """Write a date as ``18 October 2023``; a missing one as ``no date``."""
    return "no date" if pd.isna(date) else f"{date.day} {date:%B %Y}"


def join_names(names: Iterable[str], most: int = 5) -> str:
    """Write a list in words, with the rest counted.

    Examples
    --------
    >>> join_names(["one", "two", "three"], most=2)
    'one, two and 1 more'
    """
    listed = list(names)
    if len(listed) > most:
        return f"{', '.join(listed[:most])} and {len(listed) - most} more"
    return " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))
