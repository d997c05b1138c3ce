"""Identifiers: of new records, as GUIDs of other programs and back, and free ones."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cop_analysis import characters

_NAMESPACE: Final = uuid.UUID("5a2d8c1e-7b5f-5d0a-9c43-2f0e6b1d84a7")

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\}?\Z")

_PLAIN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")

_BORROWED = re.compile(r"[a-z]+-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\Z")


def guid_of(study: str, kind: str, identifier: str) -> str:
    """Give the GUID of a record: the same each time; that of the other program for a record that came from there.

    Examples
    --------
    >>> guid_of("forum", "code", "c1") == guid_of("forum", "code", "c1") != guid_of("forum", "code", "c2")
    True
    >>> guid_of("forum", "code", identifier_of("code", "{0D5C0B4E-1111-4222-8333-444455556666}"))
    '0d5c0b4e-1111-4222-8333-444455556666'
    """
    borrowed = _BORROWED.match(identifier) if identifier.startswith(f"{kind}-") else None
    return borrowed[1] if borrowed else _named(f"{study}\x1f{kind}\x1f{identifier}")


@lru_cache(maxsize=2**19)
def _named(name: str) -> str:
    """Give the GUID of a name (version 5 of RFC 9562), as `uuid.uuid5` does; a large project asks for a million."""
    digest = bytearray(hashlib.sha1(_NAMESPACE.bytes + name.encode("utf-8"), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def identifier_of(kind: str, guid: str) -> str:
    """Give the identifier a record of another program gets here; its GUID can be read back from it."""
    return f"{kind}-{plain_guid(guid)}"


def plain_guid(text: str | None) -> str:
    """Write a GUID without braces in small letters; a text that is none comes back in small letters as it is.

    Examples
    --------
    >>> plain_guid("{0D5C0B4E-1111-4222-8333-444455556666}"), plain_guid(None)
    ('0d5c0b4e-1111-4222-8333-444455556666', '')
    """
    if text is not None and len(text) == 36 and _PLAIN.match(text):
        return text
    text = (text or "").strip()
    match = _GUID.match(text)
    return (match[1] if match else text).lower()


def is_guid(text: str) -> bool:
    """Say whether a text is a GUID.

    Examples
    --------
    >>> is_guid("0d5c0b4e-1111-4222-8333-444455556666"), is_guid("u1")
    (True, False)
    """
    return _GUID.match(text) is not None


def slug(text: str, fallback: str) -> str:
    """Make a short name of letters, digits and hyphens from any text.

    Examples
    --------
    >>> slug("Asking for advice?", "code"), slug("???", "code")
    ('asking-for-advice', 'code')
    """
    return plain_name(text) or fallback


def free(wanted: str, taken: Iterable[str]) -> str:
    """Give the wanted identifier, or with a number behind it where it is taken.

    Examples
    --------
    >>> free("code", {"code", "code-2"})
    'code-3'
    """
    known = taken if isinstance(taken, set | dict) else set(taken)
    if wanted not in known:
        return wanted
    number = 2
    while f"{wanted}-{number}" in known:
        number += 1
    return f"{wanted}-{number}"


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
    if said := plain_name(name):
        return f"{prefix}-{said}-{tail}"
    return f"{prefix}-{_written(int(time.time() * 1000) - _BEGINNING)}-{tail}"


def plain_name(name: str) -> str:
    """Write a name in plain small letters with hyphens, as far as it can be.

    Examples
    --------
    >>> plain_name("Café: the “hour” lost!")
    'cafe-the-hour-lost'
    """
    return characters.slug(name, longest=40)


def _written(number: int) -> str:
    letters = []
    for _ in range(_TIME_LETTERS):
        number, rest = divmod(max(number, 0), len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(reversed(letters))
