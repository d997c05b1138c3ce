"""Identifiers for new records: unlike any made by another coder elsewhere, in the order they were made, fit to read.

Merging is by identifier, so two coders who never met must not give one to two things. A time and a random part see to
that; only consonants are used, so that no number is read into it and no word comes of it.
"""

from __future__ import annotations

import re
import secrets
import time
import unicodedata
from typing import Final

_LETTERS: Final = "bcdfghjklmnpqrstvwxz"
_TIME_LETTERS: Final = 10
"""Enough for milliseconds until the year 2290."""
_BEGINNING: Final = 1_735_689_600_000
"""The first of January 2025 in milliseconds."""
_RANDOM_LETTERS: Final = 6


def new_identifier(prefix: str, name: str = "") -> str:
    """Make an identifier: with a name, one that says it; without, one that sorts by when it was made.

    Examples
    --------
    >>> new_identifier("code", "Trust in peers")[:20]
    'code-trust-in-peers-'
    >>> first = new_identifier("x")
    >>> first < new_identifier("x") or first[:12] == new_identifier("x")[:12]
    True
    """
    tail = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM_LETTERS))
    if said := slug(name):
        return f"{prefix}-{said}-{tail}"
    return f"{prefix}-{_written(int(time.time() * 1000) - _BEGINNING)}-{tail}"


def slug(name: str) -> str:
    """Write a name in plain small letters with hyphens, as far as it can be.

    Examples
    --------
    >>> slug("Café: the “hour” lost!")
    'cafe-the-hour-lost'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")


def _written(number: int) -> str:
    letters = []
    for _ in range(_TIME_LETTERS):
        number, rest = divmod(max(number, 0), len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(reversed(letters))
