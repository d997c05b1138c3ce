"""From a path to bytes, and from bytes to the format they are in: by content, never by the file's name."""

from __future__ import annotations

import re
from pathlib import Path

from cop_analysis.files import MOST_TABLE, FileRefusedError, decoded, encoding_called, read_file, wide_encoding
from cop_analysis.network.exchange.kinds import Beginning, formats, in_a_sentence
from cop_analysis.network.exchange.report import GraphFileError, shortened

BYTES_AT_MOST = MOST_TABLE
"""A file above this size is no network this workbench can hold; it is refused before it is read."""

_SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"SQLite format 3": "a database",
    b"\x89PNG": "a picture",
    b"RDX": "an R data file",
}
_SOURCE = {"source", "from", "ego", "sender", "tail", "node1", "from_id", "source_id"}
_TARGET = {"target", "to", "alter", "receiver", "head", "node2", "to_id", "target_id"}


def content_of(path: Path) -> bytes:
    """Read a file whole, or refuse it in one sentence.

    Raises
    ------
    GraphFileError
        If it is not there, is no file, is too large, is empty, or is plainly something else.
    """
    try:
        content = read_file(path, most=BYTES_AT_MOST)
    except FileNotFoundError:
        raise GraphFileError(f"There is no file {path}. Check its name and folder.") from None
    except FileRefusedError as refused:
        raise GraphFileError(f"{path.name} was not read: it {refused.rule}. {refused.remedy.capitalize()}.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise GraphFileError(f"{path.name} cannot be read ({reason}). Close it elsewhere and try again.") from None
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise GraphFileError(f"{path.name} is {kind}, not a network file. Export it as GraphML or CSV first.")
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise GraphFileError(f"{path.name} is empty. Export it again.")
    return content


def text_from(content: bytes, file: str, *, keep_breaks: bool = False) -> tuple[str, list[str]]:
    """Decode a text file: UTF-8, UTF-16 with its mark, or the old Windows encoding, which is then noted.

    Line breaks become single line feeds unless they are to be kept as they are.

    Raises
    ------
    GraphFileError
        If the bytes are no text in any of these.

    Examples
    --------
    >>> text_from("é".encode("cp1252"), "old.net")
    ('é', ['The file is not in UTF-8; it was read as Windows-1252, so check accented letters.'])
    """
    if wide_encoding(content):
        try:
            return _plain(decoded(content)[0], file, keep_breaks), []
        except UnicodeDecodeError:
            called = encoding_called(wide_encoding(content))
            raise GraphFileError(f"{file} begins as {called} and then breaks off. Save it again as UTF-8.") from None
    if b"\x00" in content:
        raise GraphFileError(f"{file} is not text (it holds NUL bytes). Export it again as UTF-8 text.")
    try:
        return _plain(content.decode("utf-8"), file, keep_breaks), []
    except UnicodeDecodeError as error:
        # Where other letters are good UTF-8, the bad byte is damage and not another encoding.
        if any(byte >= 0xC2 for byte in content[: error.start]) or (
            error.reason == "unexpected end of data" and error.start > 0 and len(content) > 40
        ):
            raise GraphFileError(
                f"{file} is damaged: byte {error.start + 1:,} is no UTF-8 text. Export it again as UTF-8."
            ) from None
    try:
        text, called = decoded(content)
    except UnicodeDecodeError:
        raise GraphFileError(f"{file} is neither UTF-8 nor Windows-1252 text. Export it again as UTF-8.") from None
    note = f"The file is not in UTF-8; it was read as {called}, so check accented letters."
    return _plain(text, file, keep_breaks), [note]


def format_of(content: bytes, file: str) -> str:
    """Tell which format the content is in.

    Returns
    -------
    str
        The name of a format (`kinds.formats`), such as ``graphml``, ``csv`` or ``matrix``.

    Raises
    ------
    GraphFileError
        If it is none of these.

    Examples
    --------
    >>> format_of(b"dl n=2 format=fullmatrix data: 0 1 1 0", "x.txt"), format_of(b"0 1\\n1 0\\n", "x.dat")
    ('dl', 'matrix')
    """
    beginning = beginning_of(content)
    for name, one in formats().items():
        if one.recognises is not None and one.recognises(beginning):
            return name
    raise GraphFileError(_in_no_format(beginning, file))


def beginning_of(content: bytes) -> Beginning:
    """Give how a file begins."""
    start = content[:4000]
    text = start.removeprefix(b"\xef\xbb\xbf").decode(wide_encoding(start) or "latin-1", "ignore")
    return Beginning(text.lstrip("\ufeff \t\r\n"), content)


def _in_no_format(beginning: Beginning, file: str) -> str:
    """Say what a file begins with, and what files of the formats that are known begin with."""
    known = [one for one in formats().values() if one.recognises is not None]
    if beginning.is_xml:
        roots = " or ".join(one.begins for one in known if one.begins.startswith("<"))
        return (
            f"{file} is XML, but its first element is <{shortened(beginning.root, 30)}>, not {roots}. "
            "Export it as GraphML."
        )
    if beginning.is_starred:
        words = " nor ".join(f"{one.title} ({one.begins})" for one in known if one.begins.startswith("*"))
        return f"{file} begins with {shortened(beginning.first, 30)!r}, which is neither {words}."
    kinds = in_a_sentence([one.described or one.title for one in sorted(known, key=lambda one: not one.endings)])
    return f"{file} is in no format known here: it begins with {shortened(beginning.first, 40)!r}. Known are {kinds}."


def header_places(header: list[str]) -> tuple[int, int] | None:
    """Give the places of the columns that name who a tie comes from and goes to, if a header has both.

    Examples
    --------
    >>> header_places(["Id", "Source", "Target"]), header_places(["a", "b"])
    ((1, 2), None)
    """
    names = [cell.strip().lower() for cell in header]
    tails = [n for n, name in enumerate(names) if name in _SOURCE]
    heads = [n for n, name in enumerate(names) if name in _TARGET]
    return (tails[0], heads[0]) if tails and heads else None


def numbered_columns(header: list[str]) -> str:
    """Give the word that all columns after the first share, each with a number after it; empty where they do not.

    Examples
    --------
    >>> numbered_columns(["ego", "alter1", "alter2"]), numbered_columns(["id", "Name 1", "Name 2"])
    ('alter', 'name')
    >>> numbered_columns(["id", "1", "2"]), numbered_columns(["id", "age", "name1"])
    ('', '')
    """
    found = [re.fullmatch(r"(.*?\D)[ _.:-]*([0-9]+)", cell.strip().strip('"').strip()) for cell in header[1:]]
    if not found or not all(found):
        return ""
    words = {match[1].rstrip(" _.:-").lower() for match in found if match}
    numbers = [match[2] for match in found if match]
    return words.pop() if len(words) == 1 and len(set(numbers)) == len(numbers) else ""


def _plain(text: str, file: str, keep_breaks: bool) -> str:
    if "\x00" in text:
        raise GraphFileError(f"{file} is not text (it holds NUL characters). Export it again as UTF-8 text.")
    text = text.removeprefix("\ufeff")
    return text if keep_breaks else text.replace("\r\n", "\n").replace("\r", "\n")
