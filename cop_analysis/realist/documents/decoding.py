"""From the bytes of a text file to its characters: the encoding is told by the content, never by the file's name."""

from __future__ import annotations

import codecs
import re

from cop_analysis.realist.documents.pieces import DocumentError

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32", "cp1252": "Windows-1252"}
_PROBE = 4096
_CONTROLS = [chr(number) for number in range(32) if chr(number) not in "\t\n\r\x0b\x0c"]


def decoded(content: bytes, file: str) -> tuple[str, str]:
    """Decode a text file: by its byte order mark, as UTF-8, as UTF-16 without a mark, or as Windows-1252.

    Parameters
    ----------
    content : bytes
    file : str
        Its name, for messages.

    Returns
    -------
    tuple of str and str
        The text with ``\\n`` for every line break, and the name of the encoding.

    Raises
    ------
    DocumentError
        When it is none of these, or holds what no text holds.

    Examples
    --------
    >>> decoded("P01: café".encode("cp1252"), "a.txt"), decoded("P01: café".encode("utf-16"), "b.txt")[1]
    (('P01: café', 'Windows-1252'), 'UTF-16')
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if encoding:
        text = _strictly(content, encoding, file)
    elif wide := _wide(content):
        encoding, text = "utf-16", _strictly(content, wide, file)
    else:
        try:
            encoding, text = "utf-8", content.decode("utf-8")
        except UnicodeDecodeError:
            encoding, text = "cp1252", _strictly(content, "cp1252", file)
    controls = sum(text.count(one) for one in _CONTROLS)
    if "\x00" in text or controls * 100 > len(text):
        raise DocumentError(
            f"{file} is not a text: it holds characters that no text has (control characters). Save it as plain text "
            "(UTF-8) and add that file."
        )
    # The rarer line and page breaks of Word and of old printers end a line or a paragraph here as well.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub("[\x0b\x85\u2028]", "\n", text)
    return re.sub("[\x0c\u2029]", "\n\n", text), _NAMES[encoding]


def _strictly(content: bytes, encoding: str, file: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        tried = "UTF-8 nor Windows-1252" if encoding == "cp1252" else f"whole {_NAMES.get(encoding, 'UTF-16')}"
        neither = "neither" if encoding == "cp1252" else "not"
        raise DocumentError(
            f"{file}, line {line}: the file is {neither} {tried} text. Open it in the program it was made with and "
            "save it as plain text with the encoding UTF-8."
        ) from None


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
