"""From a path to bytes, and from bytes to the format they are in: by content, never by the file's name."""

from __future__ import annotations

import re
from pathlib import Path

from cop_analysis.files import MOST_TABLE, FileRefusedError, decoded, encoding_called, read_file, wide_encoding
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
_GML = re.compile(
    r"(?:\s*#[^\n]*(?:\n|\Z)|\s*(?:creator|version|comment)\b[^\n]*(?:\n|\Z))*\s*graph\s*\[", re.IGNORECASE
)
_NUMBERS = re.compile(r"[\s,;]*(?:(?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|NA)(?:[\s,;]+|\Z))+\Z")


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
        ``graphml, gexf, pajek, dl, vna, gml, csv`` or ``matrix``.

    Raises
    ------
    GraphFileError
        If it is none of these.

    Examples
    --------
    >>> format_of(b"dl n=2 format=fullmatrix data: 0 1 1 0", "x.txt"), format_of(b"0 1\\n1 0\\n", "x.dat")
    ('dl', 'matrix')
    """
    start = content[:4000]
    sample = start.removeprefix(b"\xef\xbb\xbf").decode(wide_encoding(start) or "latin-1", "ignore")
    sample = sample.lstrip("\ufeff \t\r\n")
    if sample.startswith("<"):
        body = re.sub(r"<\?.*?\?>|<!--.*?-->", "", sample, flags=re.DOTALL)
        root = re.search(r"<(?!!)(?:[\w.-]+:)?([\w.-]+)", body)
        name = root[1].lower() if root else ""
        if name in ("graphml", "gexf"):
            return name
        if not name and re.search(r"<!DOCTYPE|<!--", sample):
            # A long prologue hides the root; the XML reader itself tells what it is.
            return "graphml" if b"graphml" in content[:200_000].lower() else "gexf"
        raise GraphFileError(
            f"{file} is XML, but its first element is <{shortened(name, 30)}>, not <graphml> or <gexf>. "
            "Export it as GraphML."
        )
    lines = [line for line in sample.splitlines() if line.strip() and not line.lstrip().startswith("%")]
    first = lines[0].strip() if lines else ""
    if first.startswith("*"):
        word = re.sub(r"\s+", " ", first[1:].strip().lower())
        if word.startswith(("node data", "node properties", "tie data")):
            return "vna"
        if word.startswith(("vertices", "network", "arcs", "edges", "matrix", "partition", "vector", "arcslist",
                            "edgeslist", "cluster", "permutation")):  # fmt: skip
            return "pajek"
        raise GraphFileError(
            f"{file} begins with {shortened(first, 30)!r}, which is neither Pajek (*Vertices) nor VNA (*Node data)."
        )
    # A comma after DL is UCINET's where a keyword of its header follows, and a column called dl where not.
    if re.match(r"dl\b", first, re.IGNORECASE) and (
        not re.match(r"dl\s*[,;\t]", first, re.IGNORECASE)
        or re.match(
            r"dl\s*[,;\s]\s*(?:n[rcm]?\s*=|format\s*=|title\s*=|\w*\s*labels?\b|data\s*:)", first, re.IGNORECASE
        )
    ):
        return "dl"
    if _GML.match(sample):
        return "gml"
    if _NUMBERS.match(first):
        return "matrix"
    cells = [cell.strip().strip('"').strip().lower() for cell in re.split(r"[,;\t|]", first)]
    if (_SOURCE & set(cells) and _TARGET & set(cells)) or _is_header_of_matrix(first, lines[1:]):
        return "csv"
    if numbered_columns(re.split(r"[,;\t|]", first)):
        return "csv"
    raise GraphFileError(
        f"{file} is in no format known here: it begins with {shortened(first, 40)!r}. Known are GraphML, GEXF, Pajek, "
        "UCINET DL, VNA, GML, a CSV of ties with the columns source and target, a CSV of names (a person, then "
        "whom they "
        "named), and a matrix."
    )


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


def _is_header_of_matrix(first: str, rest: list[str]) -> bool:
    delimiter = next((mark for mark in ",;\t" if mark in first), "")
    if not delimiter or not rest:
        return False
    head = [cell.strip().strip('"') for cell in first.split(delimiter)]
    row = [cell.strip().strip('"') for cell in rest[0].split(delimiter)]
    return len(head) == len(row) and bool(re.fullmatch(r"(?:[-+]?[0-9.,]+(?:[eE][-+]?[0-9]+)?|NA|)", row[-1]))


def _plain(text: str, file: str, keep_breaks: bool) -> str:
    if "\x00" in text:
        raise GraphFileError(f"{file} is not text (it holds NUL characters). Export it again as UTF-8 text.")
    text = text.removeprefix("\ufeff")
    return text if keep_breaks else text.replace("\r\n", "\n").replace("\r", "\n")
