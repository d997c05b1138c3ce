"""Files made from a study: which of them hold somebody, and each without them."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from cop_analysis.files import FileRefusedError, is_database, put_whole, read_file, wide_encoding
from cop_analysis.realist.erasure.traces import ERASED, Span, Traces, replaced

Way = Literal["redact", "remove", "keep"]

WAYS: Final = ("redact", "remove", "keep")

_MARKUP: Final = frozenset({".html", ".htm", ".xhtml", ".svg", ".xml", ".graphml", ".gexf"})

_PROJECTS: Final = frozenset({".qde"})

_JSON: Final = frozenset({".json", ".ipynb", ".geojson"})

_JSON_LINES: Final = frozenset({".jsonl", ".ndjson"})

_TABLES: Final = {".csv": ",", ".tsv": "\t"}

_PACKED: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")

_PACKED_ENDINGS: Final = frozenset({".zip", ".xlsx", ".docx", ".pptx", ".odt", ".ods", ".qdpx", ".gz"})

_PICTURES: Final = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".ico", ".heic", ".avif", ".tif", ".tiff", ".pdf"),
        *(".mp3", ".m4a", ".wav", ".ogg", ".oga", ".opus", ".flac", ".aac", ".wma"),
        *(".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".woff", ".woff2", ".ttf", ".otf"),
    }
)

_PICTURE_STARTS: Final = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF", b"II*\0", b"MM\0*"),
    *(b"ID3", b"OggS", b"fLaC", b"wOFF", b"wOF2"),
)

_PICTURE_INSIDE: Final = re.compile(
    r"data:(?:image|audio|video|application)/[^;,\s\"']{1,80};base64,"
    r"|\"(?:image/(?:png|jpeg|gif|webp)|application/pdf)\"\s*:\s*[\"\[]"
)

_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))

_NO_TEXT: Final = re.compile(r"[\0-\x08\x0e-\x1a\x1c-\x1f]")

_LARGEST: Final = 200_000_000
"""Bytes of a file, or of what is packed in one, that are looked through."""

_LARGEST_BINARY: Final = 20_000_000
"""Bytes of a file of an unknown kind in which a name is looked for."""

_DEEPEST: Final = 3
"""So many packed files one in another are opened."""

_UNLIKELY: Final = 6
"""Characters a name must have for its bytes not to stand in a file of no words by chance."""

VERSIONED: Final = frozenset({".git", ".hg", ".svn", ".bzr", ".jj"})
"""Folders of version control. Nothing is written in them: a changed file makes the history unreadable."""

_STUDY: Final = "study.toml"

_CLAIM: Final = ".db.writer"

STUB: Final = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Removed</title></head>\n<body>'
    "<h1>Removed</h1><p>This page held what belongs to a person who withdrew. Run the report again.</p></body></html>\n"
)
"""What stands in the place of a page that was removed, so that no link leads nowhere."""


@dataclass(frozen=True)
class Cleaned:
    """What was done to files.

    Parameters
    ----------
    redacted, removed : tuple of pathlib.Path
    left : tuple of pathlib.Path
        Files that hold the person and could not be written or removed, or were to be kept.
    unsearched : tuple of pathlib.Path
        Pictures and the like, in which no words can be looked for, and files with such inside.
    spared : tuple of pathlib.Path
        What is never written or removed: study folders, version control and databases.
    """

    redacted: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()
    left: tuple[Path, ...] = ()
    unsearched: tuple[Path, ...] = ()
    spared: tuple[Path, ...] = ()


def clean_files(roots: Iterable[Path], traces: Traces, way: Way = "redact", *, look: bool = False) -> Cleaned:
    """Take a person's traces out of every file under these folders.

    Parameters
    ----------
    roots : iterable of pathlib.Path
        Folders or files; what is not there is passed over. A study folder (one with a study.toml) under them, version
        control and databases are left alone and named.
    traces : Traces
    way : {"redact", "remove", "keep"}
        Whether a file that holds them is rewritten, removed or only listed.
    look : bool
        Say what would be done and do nothing.
    """
    redacted: list[Path] = []
    removed: list[Path] = []
    left: list[Path] = []
    unsearched: list[Path] = []
    spared: list[Path] = []
    for path in sorted(set(_files(roots, spared))):
        found = _judge(path, traces)
        if not (found.holds or found.unsearched):
            continue
        if not found.holds:
            unsearched.append(path)
            continue
        if way == "keep":
            left.append(path)
            continue
        new = found.new if way == "redact" else None
        try:
            if not look and new is not None:
                put_whole(path, new)
            elif not look:
                _remove(path, traces)
        except OSError:
            left.append(path)
            continue
        (removed if new is None else redacted).append(path)
        if new is not None and found.unsearched:
            unsearched.append(path)
    return Cleaned(tuple(redacted), tuple(removed), tuple(left), tuple(unsearched), tuple(sorted(set(spared))))


def holds(path: Path, traces: Traces) -> bool:
    """Say whether a file, or its name, holds the person; of a database only the name is looked at."""
    return traces.found(path.name) if _is_kept(path) else _judge(path, traces).holds


class _Judged(NamedTuple):
    """Whether a file holds the person, what it is to become (None where it has to go), and whether all was searched."""

    holds: bool = False
    new: bytes | None = None
    unsearched: bool = False


def _judge(path: Path, traces: Traces) -> _Judged:
    named = traces.found(path.name)
    unsearched = _Judged(holds=named, unsearched=True)
    ending = path.suffix.lower()
    try:
        if ending in _PICTURES:
            return unsearched
        content = read_file(path, most=_LARGEST)
    except (OSError, FileRefusedError):
        return unsearched
    if named:
        return _Judged(holds=True)
    if ending in _PACKED_ENDINGS or content.startswith(_PACKED):
        return _Judged(*_inside(path.name, content, traces))
    text = _decoded(content)
    if text is None:
        found, searched = _holds_otherwise(ending, content, traces)
        return _Judged(holds=found, unsearched=not searched)
    pictures = _PICTURE_INSIDE.search(text) is not None
    new = _redactor(ending)(text, traces)
    if new == text:
        return _Judged(unsearched=pictures)
    # What was rewritten is read once more; where it still holds them it has to go.
    if _redactor(ending)(new, traces) != new:
        return _Judged(holds=True)
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    return _Judged(True, mark + new.encode("utf-8", "surrogatepass"), pictures)


def _redactor(ending: str) -> Callable[[str, Traces], str]:
    if ending in _MARKUP | _PROJECTS:
        return without_in_markup
    if ending in _JSON:
        return _without_in_json
    if ending in _JSON_LINES:
        return _without_in_json_lines
    if ending in _TABLES:
        return lambda text, traces: _without_in_table(text, traces, _TABLES[ending])
    return lambda text, traces: traces.without(text)


def _decoded(content: bytes) -> str | None:
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _holds_otherwise(ending: str, content: bytes, traces: Traces) -> tuple[bool, bool]:
    """Say of what is not UTF-8 whether it holds the person, and whether it could be searched."""
    texts = _other_texts(content)
    if texts:
        return any(_redactor(ending)(text, traces) != text for text in texts), True
    if content.startswith(_PICTURE_STARTS) or len(content) > _LARGEST_BINARY:
        return False, False
    # In bytes that are no text a short name stands by chance; a long one does not.
    codes = ("utf-8", "utf-16-le", "utf-16-be")
    return any(traces.found(content.decode(code, "replace"), least=_UNLIKELY) for code in codes), False


def _other_texts(content: bytes) -> list[str]:
    """Read text that is not UTF-8 in the ways it may be meant; nothing where it is no text."""
    if wide := wide_encoding(content):
        is_sure = content.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
        return [text for text in _strictly(content, wide) if is_sure or not _NO_TEXT.search(text)]
    if b"\0" in content:
        return []
    if len(content.translate(None, _CONTROLS)) < len(content):
        return []
    return [content.decode(code, "replace") for code in ("latin-1", "mac_roman", "utf-8")]


def _strictly(content: bytes, code: str) -> list[str]:
    try:
        return [content.decode(code)]
    except UnicodeDecodeError:
        return []


def _inside(name: str, content: bytes, traces: Traces, depth: int = 1) -> tuple[bool, None, bool]:
    """Say whether a packed file holds the person, and whether there is something in it that could not be searched."""
    unsearched = False
    try:
        for inner, part in _parts(name, content):
            ending = Path(inner).suffix.lower()
            found, searched = traces.found(inner), True
            if part is None or ending in _PICTURES:
                searched = False
            elif ending in _PACKED_ENDINGS or part.startswith(_PACKED):
                if depth < _DEEPEST:
                    further, _, missed = _inside(inner, part, traces, depth + 1)
                    found, searched = found or further, not missed
                else:
                    searched = False
            elif (text := _decoded(part)) is not None:
                # In the XML of office files a word may be cut into runs by markup.
                found = found or any(traces.found(shown) for shown in what_is_shown(text))
                if ending not in _MARKUP and ending != ".rels":
                    found = found or _redactor(ending)(text, traces) != text
                searched = _PICTURE_INSIDE.search(text) is None
            else:
                further, searched = _holds_otherwise(ending, part, traces)
                found = found or further
            if found:
                return True, None, False
            unsearched = unsearched or not searched
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib.error):
        return False, None, True
    return False, None, unsearched


def _parts(name: str, content: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Give what is packed, by name; None for what is too large to be looked through."""
    if content.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            part = file.read(_LARGEST + 1)
        yield name.removesuffix(".gz"), None if len(part) > _LARGEST else part
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        small = sum(one.file_size for one in archive.infolist()) <= _LARGEST
        for one in archive.infolist():
            if not one.is_dir():
                yield one.filename, archive.read(one) if small else None


def _without_in_table(text: str, traces: Traces, between: str) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
    between = _delimiter(text, between)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True))
    except csv.Error:
        return traces.without(text)
    if not any(traces.found(cell) for row in rows for cell in row):
        return text
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=between, lineterminator=ending).writerows(
        [ERASED if cell else "" for cell in row] if _is_about(row, traces) else [traces.without(one) for one in row]
        for row in rows
    )
    return written.getvalue()


def _delimiter(text: str, usual: str) -> str:
    """Say what stands between the cells of a table: what divides its first rows into the most cells, all alike."""

    def fits(between: str) -> tuple[bool, int, bool]:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=between)
        try:
            widths = [len(row) for row in islice(lines, 50) if row]
        except csv.Error:
            return False, 0, False
        least = min(widths, default=0)
        return least > 1 and least == max(widths), least, between == usual

    return max(dict.fromkeys((usual, ",", ";", "\t", "|")), key=fits)


def _is_about(cells: Iterable[Any], traces: Traces) -> bool:
    """Say whether one cell of a row is nothing but a name of theirs."""
    return any(isinstance(cell, str) and cell.strip() and traces.is_name(cell) for cell in cells)


def _without_in_json(text: str, traces: Traces) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return traces.without(without_escaped(text, traces))
    new = _without_in_value(value, traces)
    return text if new == value else json.dumps(new, indent=1, ensure_ascii=False) + "\n"


def _without_in_json_lines(text: str, traces: Traces) -> str:
    lines = []
    for line in io.StringIO(text, newline=""):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            lines.append(traces.without(without_escaped(line, traces)))
            continue
        new = _without_in_value(value, traces, in_list=True)
        lines.append(line if new == value else json.dumps(new, ensure_ascii=False) + line[len(line.rstrip()) :])
    return "".join(lines)


def _without_in_value(value: Any, traces: Traces, *, in_list: bool = False) -> Any:
    if isinstance(value, str):
        return _without_in_text(value, traces)
    if isinstance(value, list):
        if value and all(isinstance(one, str) for one in value):
            if all(one.endswith("\n") for one in value[:-1]) and len(value) > 1:
                # A notebook holds a text as a list of its lines.
                whole = "".join(value)
                new = _without_in_text(whole, traces)
                return value if new == whole else new.splitlines(keepends=True)
        elif in_list and _is_about(value, traces):
            return [_emptied(one) for one in value]
        return [_without_in_value(one, traces, in_list=True) for one in value]
    if isinstance(value, dict):
        if in_list and _is_about(value.values(), traces):
            return {traces.without(name): _emptied(one) for name, one in value.items()}
        return {traces.without(name): _without_in_value(one, traces) for name, one in value.items()}
    return value


def _emptied(value: Any) -> Any:
    if isinstance(value, str):
        return ERASED if value else value
    if isinstance(value, list):
        return [_emptied(one) for one in value]
    if isinstance(value, dict):
        return {name: _emptied(one) for name, one in value.items()}
    return None


def _without_in_text(text: str, traces: Traces) -> str:
    return without_in_markup(text, traces) if "<" in text and ">" in text else traces.without(text)


def _files(roots: Iterable[Path], spared: list[Path]) -> Iterator[Path]:
    """Give the files that may be written or removed, and note what is left alone."""
    for root in roots:
        if root.is_symlink() or not root.exists():
            continue
        whole = root.resolve()
        of_study = (whole.parent / _STUDY).is_file() and (whole.is_file() or whole.name == "documents")
        if of_study or VERSIONED.intersection(whole.parts):
            spared.append(root)
        elif root.is_file():
            if _is_kept(root):
                spared.append(root)
            else:
                yield root
        else:
            yield from _files_under(root, spared)


def _files_under(root: Path, spared: list[Path]) -> Iterator[Path]:
    for name, folders, files in os.walk(root):
        folder = Path(name)
        if (folder / _STUDY).exists() or ((folder / "HEAD").is_file() and (folder / "objects").is_dir()):
            # A study, or a bare repository.
            spared.append(folder)
            folders.clear()
            continue
        spared += [folder / one for one in (*folders, *files) if one in VERSIONED]
        folders[:] = [one for one in folders if one not in VERSIONED]
        for path in (folder / one for one in files if one not in VERSIONED):
            if path.is_symlink() or not path.is_file():
                continue
            if _is_kept(path):
                spared.append(path)
            else:
                yield path


def _is_kept(path: Path) -> bool:
    """Say whether a file is a database, or belongs to one, and is neither read nor written here."""
    return path.name.lower().endswith(_CLAIM) or is_database(path)


def _remove(path: Path, traces: Traces) -> None:
    if path.suffix.lower() in (".html", ".htm") and not traces.found(path.name):
        put_whole(path, STUB.encode("utf-8"))
    else:
        path.unlink()


_TAG: Final = re.compile(
    r"<!--.*?-->|<!\[CDATA\[|\]\]>|<(?P<raw>script|style)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>.*?</(?P=raw)\s*>"
    r"|<[A-Za-z/!?](?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL | re.IGNORECASE,
)

_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")

_ESCAPE: Final = re.compile(r"\\(?:u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^ux])", re.DOTALL)

_ESCAPED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}

_INSIDE_WORDS: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|tspan|u|var|wbr"
    r"|[wa]:(?:r|t|rPr|b|i|lang|proofErr|rFonts)|r|t|rPr|rFont)(?![\w:-])",
    re.IGNORECASE,
)

_ROW: Final = re.compile(r"<tr\b.*?</tr\s*>", re.DOTALL | re.IGNORECASE)

_CELL: Final = re.compile(r"<t[dh]\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>(.*?)</t[dh]\s*>", re.DOTALL | re.IGNORECASE)

_VALUE: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")


@dataclass(frozen=True)
class _Piece:
    """Characters a reader sees, and where in the source they stand; one entity is one piece."""

    shown: str
    start: int
    end: int


def without_in_markup(source: str, traces: Traces) -> str:
    """Give markup in which a mark stands for each place that names or quotes the person.

    A row of a table in which one cell is nothing but their name is emptied whole.

    Examples
    --------
    >>> traces = Traces.of(["Agnieszka", "P01"])
    >>> without_in_markup("<p>Agn<b>ieszka</b> &amp; Ola</p><td title='P01'>5</td>", traces)
    "<p>[erased]<b></b> &amp; Ola</p><td title='[erased]'>5</td>"
    >>> without_in_markup("<tr><td>P01</td><td>nurse</td></tr><tr><td>P02</td></tr>", traces)
    '<tr><td>[erased]</td><td>[erased]</td></tr><tr><td>P02</td></tr>'
    """
    source = _ROW.sub(lambda row: _markup_emptied(row[0], traces), source)
    pieces, tags = _markup_parts(source)
    cuts = _cuts(source, pieces, tags, traces)
    for start, end in tags:
        new = _without_in_tag(source[start:end], traces)
        if new != source[start:end]:
            cuts[start, end] = new
    return _cut(source, cuts)


def without_escaped(source: str, traces: Traces) -> str:
    r"""Give a script or JSON with marks for what its strings say of the person, whatever escapes they are written with.

    Examples
    --------
    >>> without_escaped(r'{"said": "then\nAgnieszka", "n": "Zo\u00eb"}', Traces.of(["Agnieszka", "Zoë"]))
    '{"said": "then\\n[erased]", "n": "[erased]"}'
    """
    if "\\" not in source:
        return traces.without(source)
    if not traces.found(_ESCAPE.sub(lambda escape: _meant(escape[0]), source)):
        return source
    pieces: list[_Piece] = []
    last = 0
    for escape in _ESCAPE.finditer(source):
        if escape.start() > last:
            pieces.append(_Piece(source[last : escape.start()], last, escape.start()))
        pieces.append(_Piece(_meant(escape[0]), escape.start(), escape.end()))
        last = escape.end()
    pieces.append(_Piece(source[last:], last, len(source)))
    return _cut(source, _cuts(source, pieces, [], traces))


def _meant(escape: str) -> str:
    digits = escape[2:].strip("{}")
    if escape[1] in "ux" and digits:
        number = int(digits, 16)
        return chr(number) if number < 0x110000 else " "
    return _ESCAPED.get(escape[1], escape[1])


def what_is_shown(source: str) -> Iterator[str]:
    """Give the texts a reader of markup sees, words joined over inline markup and apart."""
    pieces, tags = _markup_parts(source)
    for joined in (True, False):
        yield _shown(source, pieces, tags, joined)[0]


def _markup_parts(source: str) -> tuple[list[_Piece], list[Span]]:
    pieces: list[_Piece] = []
    tags: list[Span] = []
    last = 0
    for tag in _TAG.finditer(source):
        pieces += _pieces(source, last, tag.start())
        tags.append((tag.start(), tag.end()))
        last = tag.end()
    return pieces + _pieces(source, last, len(source)), tags


def _pieces(source: str, start: int, end: int) -> list[_Piece]:
    found = []
    for entity in _ENTITY.finditer(source, start, end):
        if entity.start() > start:
            found.append(_Piece(source[start : entity.start()], start, entity.start()))
        found.append(_Piece(html.unescape(entity[0]), entity.start(), entity.end()))
        start = entity.end()
    if start < end:
        found.append(_Piece(source[start:end], start, end))
    return found


def _shown(source: str, pieces: list[_Piece], tags: list[Span], joined: bool) -> tuple[str, list[Span | None]]:
    """Give what a reader sees, and for each of its characters where it stands in the source."""
    texts: list[str] = []
    owners: list[Span | None] = []
    last = 0
    between = iter(tags)
    tag = next(between, None)
    for piece in pieces:
        apart = False
        while tag is not None and tag[1] <= piece.start:
            if tag[0] >= last:
                apart = apart or not (joined and _INSIDE_WORDS.match(source, tag[0]))
            tag = next(between, None)
        if apart:
            texts.append("\n")
            owners.append(None)
        texts.append(piece.shown)
        if len(piece.shown) == piece.end - piece.start:
            owners += [(at, at + 1) for at in range(piece.start, piece.end)]
        else:
            owners += [(piece.start, piece.end)] * len(piece.shown)
        last = piece.end
    return "".join(texts), owners


def _cuts(source: str, pieces: list[_Piece], tags: list[Span], traces: Traces) -> dict[Span, str]:
    """Say which places of the source go for what is shown to hold nothing of the person, and what stands there."""
    cuts: dict[Span, str] = {}
    for joined in (True, False):
        shown, owners = _shown(source, pieces, tags, joined)
        for start, stop in traces.spans(shown):
            touched = [one for one in owners[start:stop] if one is not None]
            for number, (at, until) in enumerate(_merged(touched)):
                cuts.setdefault((at, until), ERASED if number == 0 else "")
    return cuts


def _merged(touched: list[Span]) -> list[Span]:
    """Join places of the source that stand side by side."""
    found: list[Span] = []
    for start, end in touched:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _cut(source: str, cuts: dict[Span, str]) -> str:
    """Put marks in the places of the source; one that lies in another goes with it."""
    result, last = [], 0
    for (start, end), mark in sorted(cuts.items(), key=lambda one: (one[0][0], -one[0][1])):
        if end <= last:
            continue
        result.append(source[last : max(start, last)] + (mark if start >= last else ""))
        last = end
    return "".join([*result, source[last:]])


def _without_in_tag(tag: str, traces: Traces) -> str:
    """Give a tag, a comment or a script without the person."""
    if tag[:7].lower() == "<script" or tag.startswith("<!--"):
        new = traces.without(without_escaped(tag, traces))
        return traces.without(html.unescape(new)) if traces.found(html.unescape(new)) else new
    if "\\" not in tag and not traces.found(html.unescape(tag)):
        return tag

    def without(value: re.Match[str]) -> str:
        inside = html.unescape(value[1] if value[1] is not None else value[2])
        left = traces.without(without_escaped(inside, traces))
        mark = value[0][0]
        return value[0] if left == inside else mark + html.escape(left, quote=True) + mark

    return _VALUE.sub(without, tag)


def _markup_emptied(row: str, traces: Traces) -> str:
    """Empty a row of a table that is about the person."""
    cells = [html.unescape(_TAG.sub("", cell[1])).strip() for cell in _CELL.finditer(row)]
    if not any(cell and traces.is_name(cell) for cell in cells):
        return row
    pieces, tags = _markup_parts(row)
    marked: dict[Span, str] = {}
    cell_of = {}
    for number, cell in enumerate(_CELL.finditer(row)):
        cell_of.update({(cell.start(1), cell.end(1)): number})
    first: set[Span] = set()
    for piece in pieces:
        inside = next((span for span in cell_of if span[0] <= piece.start and piece.end <= span[1]), None)
        if inside is None or not piece.shown.strip():
            continue
        marked[piece.start, piece.end] = "" if inside in first else ERASED
        first.add(inside)
    for start, end in tags:
        tag = row[start:end]
        if "=" in tag:
            # What an attribute shows beside the cell (a title, a data value) is about them as well.
            marked[start, end] = re.sub(
                r"(\b(?:title|alt|data-[\w-]+|aria-label|value)=)(\"[^\"]*\"|'[^']*')",
                lambda found: f'{found[1]}"{ERASED}"',
                tag,
            )
    return replaced_all(row, marked)


def replaced_all(source: str, marked: dict[Span, str]) -> str:
    """Put another text in each of these places."""
    for span, text in sorted(marked.items(), reverse=True):
        source = replaced(source, [span], text)
    return source
