"""In which encoding a text file is written: told from its bytes, never from its name, and in one place for all readers.

What a reader does with it (refuses anything but UTF-8, notes what it was, marks what is lost) is its own affair. XML
names its encoding itself, and is read by its own rules.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CALLED: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
}
_ONE_BYTE: Final = ["cp1252", "mac_roman"]
_PROBE: Final = 4096
_LETTERS: Final = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_MOST_TELLING: Final = 64 * 1024


def encoding_of(content: bytes) -> str:
    """Tell in which encoding a text is written.

    As UTF-16 or UTF-32 by its byte order mark or its zero bytes; as UTF-8 by its mark, or where all of it is; otherwise
    as the one of Windows-1252 and Mac Roman whose letters make the likelier words (charset-normalizer between the two).

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str
        ``"utf-8"``, ``"utf-16-le"``, ``"utf-16-be"``, ``"utf-32-le"``, ``"utf-32-be"``, ``"cp1252"`` or
        ``"mac_roman"``. That all of it can be read so is only certain for UTF-8 without a mark.

    Examples
    --------
    >>> [encoding_of("P01: à la française".encode(each)) for each in ("utf-8", "utf-16", "utf-16-be", "mac_roman")]
    ['utf-8', 'utf-16-le', 'utf-16-be', 'mac_roman']
    """
    if wide := wide_encoding(content):
        return wide
    try:
        if not content.startswith(codecs.BOM_UTF8):
            content.decode("utf-8")
    except UnicodeDecodeError:
        return _one_byte(content)
    return "utf-8"


def decoded(content: bytes, errors: str = "strict") -> tuple[str, str]:
    """Give a text and the name of its encoding as people know it; a byte order mark is no part of the text.

    Raises
    ------
    UnicodeDecodeError
        When it is not text in that encoding throughout, unless `errors` says otherwise, as for `bytes.decode`.

    Examples
    --------
    >>> decoded("é".encode("cp1252")), decoded("é".encode("utf-16"))
    (('é', 'Windows-1252'), ('é', 'UTF-16'))
    """
    encoding = encoding_of(content)
    return content.decode(encoding, errors).removeprefix("\ufeff"), encoding_called(encoding)


def encoding_called(encoding: str) -> str:
    """Give the name of an encoding as people know it.

    Examples
    --------
    >>> encoding_called("cp1252")
    'Windows-1252'
    """
    return _CALLED[encoding]


def wide_encoding(start: bytes) -> str:
    """Tell UTF-16 and UTF-32 by their byte order marks, and UTF-16 by its zero bytes; empty for anything else.

    The beginning of a text is enough.

    Examples
    --------
    >>> wide_encoding("<CodeBook>".encode("utf-16-le")), wide_encoding(b"<CodeBook>")
    ('utf-16-le', '')
    """
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "") or _wide(start)


def _wide(content: bytes) -> str:
    """Tell UTF-16 without a byte order mark by its zero bytes, which stand at every other place in Western text."""
    probe = content[:_PROBE]
    if len(probe) < 4 or len(content) % 2:
        return ""
    even, odd = probe[::2].count(0), probe[1::2].count(0)
    half = len(probe) // 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _one_byte(content: bytes) -> str:
    if b"\x00" in content:
        return "cp1252"
    from charset_normalizer import from_bytes

    # Lines that are good UTF-8 say nothing of the others: somebody pasted those in.
    telling = b"\n".join(line for line in _LETTERS.findall(content) if not _is_utf8(line))[:_MOST_TELLING]
    best = from_bytes(telling, cp_isolation=_ONE_BYTE, enable_fallback=False).best()
    return best.encoding if best is not None and best.encoding in _ONE_BYTE else "cp1252"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
