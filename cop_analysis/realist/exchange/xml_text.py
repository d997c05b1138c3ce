"""XML that came from elsewhere, parsed with nothing but its own text; and values written so that XML holds them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Final
from xml.parsers import expat

from cop_analysis.realist.exchange.report import ExchangeError

DEEPEST: Final = 1_000
"""How many elements may stand inside each other."""

MOST_MARKS: Final = 10_000_000
"""How many tags a file may have, opening and closing: each element takes some 100 bytes of memory, however short."""

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DECLARATION = re.compile(r"<\?xml[^>]{0,400}\?>")
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "cp1252", "utf-16"}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_TEXT_MARKS = re.compile("[&<>\r]")
_ATTRIBUTE = {**_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
_ATTRIBUTE_MARKS = re.compile('[&<>"\r\n\t]')


def parse_xml(content: bytes, file: str, most: int = MOST_MARKS) -> ElementTree.Element:
    """Parse XML that may be hostile: no document type, no entity but the five of XML, nothing fetched.

    Parameters
    ----------
    content : bytes
    file : str
        What to call it in a message.
    most : int
        How many tags it may have.

    Returns
    -------
    xml.etree.ElementTree.Element

    Raises
    ------
    ExchangeError
        When it declares a document type or entities, is no well-formed XML, or is nested too deeply, or
        has more tags.

    Examples
    --------
    >>> parse_xml(b"<Project name='a'/>", "project.qde").get("name")
    'a'
    >>> parse_xml(b"<!DOCTYPE x [<!ENTITY e 'ha'>]><x>&e;</x>", "project.qde")
    Traceback (most recent call last):
    ...
    cop_analysis.realist.exchange.report.ExchangeError: project.qde was not read: it declares a document type, ...
    """
    if (marks := content.count(b"<")) > most:
        raise ExchangeError(
            f"{file} was not read: it has {marks:,} tags, more than the {most:,} that are read; a file that somebody "
            "wrote has far fewer. Save it again from its program, or split it."
        )
    # What is judged and what is parsed are the same bytes, so that no trick of encodings comes between them.
    plain = _decoded(content, file).encode("utf-8")
    _refuse_document_type(plain, file)
    parser = ElementTree.XMLParser(encoding="utf-8")
    try:
        parser.feed(plain)
        return parser.close()
    except ElementTree.ParseError as error:
        raise _not_well_formed(file, error.position[0], str(error)) from None


def xml_text(text: str) -> str:
    """Write a text between tags; characters that XML cannot hold become the replacement character.

    Examples
    --------
    >>> xml_text("a < b & c"), xml_text("bell" + chr(7))
    ('a &lt; b &amp; c', 'bell\ufffd')
    """
    text = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    return _TEXT_MARKS.sub(lambda match: _TEXT[match[0]], text)


def xml_attribute(text: str) -> str:
    r"""Write an attribute's value without its quotation marks; line breaks and tabs survive reading.

    Examples
    --------
    >>> xml_attribute('say "yes"\n')
    'say &quot;yes&quot;&#10;'
    """
    text = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    return _ATTRIBUTE_MARKS.sub(lambda match: _ATTRIBUTE[match[0]], text)


def is_holdable(text: str) -> bool:
    """Say whether XML can hold every character of a text.

    Examples
    --------
    >>> is_holdable("tab\t"), is_holdable("form feed\f")
    (True, False)
    """
    return _FORBIDDEN.search(text) is None


def _decoded(content: bytes, file: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content.startswith((b"<\x00", b"\x00<")):
        encoding = "utf-16-le" if content.startswith(b"<\x00") else "utf-16-be"
    else:
        declared = _DECLARED.match(content.removeprefix(b"\xef\xbb\xbf"))
        encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
        if encoding not in _ENCODINGS:
            raise ExchangeError(f"{file} was not read: it is written in {encoding}; save it as UTF-8.")
        if encoding.replace("-", "") in ("utf8", "utf16"):
            # A file whose bytes are plainly not UTF-16 keeps a declaration some programs leave behind.
            encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ExchangeError(
            f"{file} was not read: line {line} is not {encoding} text; export the file again."
        ) from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ExchangeError(f"{file} was not read: it is empty; export the file again.")
    return _DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text


def _refuse_document_type(plain: bytes, file: str) -> None:
    depth = 0

    def document_type(*_: object) -> None:
        raise ExchangeError(
            f"{file} was not read: it declares a document type, through which a file can read other files or fill the "
            "memory; no REFI-QDA or Office file needs one."
        )

    def begin(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ExchangeError(f"{file} was not read: more than {DEEPEST:,} of its elements stand inside each other.")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = document_type
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    try:
        parser.Parse(plain, True)
    except expat.ExpatError as error:
        raise _not_well_formed(file, error.lineno, expat.ErrorString(error.code)) from None


def _not_well_formed(file: str, line: int, words: str) -> ExchangeError:
    return ExchangeError(
        f"{file} is not well-formed XML (line {line}: {words.split(':')[0]}): it may have been cut short; export again."
    )
