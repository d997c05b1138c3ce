"""XML read as a stream of elements with everything dangerous off, and text written so that XML gives it back whole.

No format is known here. Entities are refused, nothing is fetched, and depth is limited.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from cop_analysis.network.exchange.kinds import GraphFileError, shortened

DEEPEST = 100
"""Elements nested deeper than this belong to no network file."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_TO_ESCAPE = re.compile('[&<>"\t\n\r]')

Start = Callable[[str, dict[str, str], int], None]
End = Callable[[str, str, int], None]


class _Refused(Exception):
    """Raised inside the parser to stop it with a sentence."""


def walk(content: bytes, file: str, start: Start, end: End) -> None:
    """Go through an XML file, calling `start` and `end` for each element by its local name.

    Parameters
    ----------
    content : bytes
    file : str
        How sentences call the file.
    start : callable
        Given the element's name, its attributes and the line.
    end : callable
        Given the element's name, the text directly inside it and the line.

    Raises
    ------
    GraphFileError
        If the file is not well-formed, breaks off, declares entities, or is nested too deeply.

    Examples
    --------
    >>> seen = []
    >>> walk(b"<a x='1'>hi<b/></a>", "f.xml", lambda *given: seen.append(given), lambda *given: seen.append(given))
    >>> seen
    [('a', {'x': '1'}, 1), ('b', {}, 1), ('b', '', 1), ('a', 'hi', 1)]
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    texts: list[list[str]] = []

    def on_start(name: str, attributes: dict[str, str]) -> None:
        if len(texts) >= DEEPEST:
            raise _Refused(f"nests elements more than {DEEPEST} deep (line {parser.CurrentLineNumber})")
        texts.append([])
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        start(name.rpartition(" ")[2], local, parser.CurrentLineNumber)

    def on_end(name: str) -> None:
        end(name.rpartition(" ")[2], "".join(texts.pop()), parser.CurrentLineNumber)

    def on_text(text: str) -> None:
        texts[-1].append(text)

    def refuse_entity(*_: object) -> None:
        raise _Refused("declares XML entities, which can hide other files or fill the memory")

    def refuse_external(*_: object) -> int:
        raise _Refused("refers to another file by an XML entity")

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = on_text
    parser.EntityDeclHandler = refuse_entity
    parser.UnparsedEntityDeclHandler = refuse_entity
    parser.ExternalEntityRefHandler = refuse_external
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(content, True)
    except _Refused as refused:
        raise GraphFileError(f"{file} {refused}, so it is not read. Export it again without them.") from None
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, GraphFileError):
            raise
        reason = (
            expat.errors.messages.get(error.code, str(error)) if isinstance(error, expat.ExpatError) else str(error)
        )
        line = getattr(error, "lineno", parser.CurrentLineNumber)
        ends = " The file probably breaks off." if reason in ("no element found", "unclosed token") else ""
        raise GraphFileError(
            f"{file} is not whole XML: {shortened(reason)} in line {line}.{ends} Export it again."
        ) from None


def xml_text(text: str) -> str:
    """Write text so that an XML reader gives it back exactly; what XML cannot hold becomes U+FFFD.

    Examples
    --------
    >>> xml_text('a<b> & "c"\\n')
    'a&lt;b&gt; &amp; &quot;c&quot;&#10;'
    """
    return _TO_ESCAPE.sub(lambda found: _ESCAPES[found[0]], _NOT_XML.sub("\ufffd", text))


def unwritable(texts: list[str]) -> int:
    """Count the texts with a character that XML 1.0 cannot hold.

    Examples
    --------
    >>> unwritable(["fine", "bell \\x07"])
    1
    """
    return sum(bool(_NOT_XML.search(text)) for text in texts)


def unwritable_note(texts: list[str]) -> list[str]:
    """Say how many texts lose a control character, if any does."""
    count = unwritable(texts)
    if not count:
        return []
    return [
        f"{count:,} text{'' if count == 1 else 's'} with control characters that XML cannot hold: each is replaced."
    ]
