"""Text as HTML, and the names places have on a page so that a link made in one result lands in another."""

from __future__ import annotations

import re
from hashlib import sha256
from html import escape

# What no HTML document can hold: controls except tab, line feed and form feed; surrogates; noncharacters.
_IMPOSSIBLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


def html_text(text: str) -> str:
    """Escape text for HTML; a character no HTML page can hold becomes one U+FFFD, so that positions stay.

    Examples
    --------
    >>> html_text("<script>"), html_text("a" + chr(0) + "b")
    ('&lt;script&gt;', 'a\ufffdb')
    """
    return escape(_IMPOSSIBLE.sub("\ufffd", text)).replace("\r", "&#13;")


_LONGEST, _LONGEST_SAFE = 20, 100
"""A longer identifier that needs rewriting is named by its checksum, because an anchor has to stay short."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def anchor(kind: str, identifier: str) -> str:
    """Name a place on a page: the same for the same record, different for different ones, safe in HTML and URLs.

    Parameters
    ----------
    kind : str
        What it is the place of: ``"place"`` (an extract), ``"configuration"``, ``"transcript"``.
    identifier : str
        The record's identifier, whatever characters it holds.

    Examples
    --------
    >>> anchor("place", "x001"), anchor("place", 'a "b"'), anchor("place", "a.20.b")
    ('place-x001', 'place-a.20..22.b.22.', 'place-a.2e.20.2e.b')
    """
    if len(identifier) > (_LONGEST if _UNSAFE.search(identifier) else _LONGEST_SAFE):
        identifier = sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()
    # A full stop is itself written by its number, so that no two identifiers share a name.
    return f"{kind}-" + _UNSAFE.sub(lambda match: f".{ord(match[0]):x}.", identifier)
