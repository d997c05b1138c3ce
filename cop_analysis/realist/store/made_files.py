"""Files that were made from a coding before (pages, executed notebooks, tables, figures), rid of one person's traces.

A file is redacted in place where the result can be read again and holds nothing of them, and removed otherwise. A row
that is about them, in a table of any kind, goes whole: what stands beside their name is about them too.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from cop_analysis.realist.snapshot import put_whole
from cop_analysis.realist.store.marked_up import what_is_shown, without_in_markup
from cop_analysis.realist.store.traces import ERASED, Traces

Way = Literal["redact", "remove", "keep"]
WAYS: Final = ("redact", "remove", "keep")

_MARKUP: Final = frozenset({".html", ".htm", ".xhtml", ".svg", ".xml", ".graphml", ".gexf"})
_JSON: Final = frozenset({".json", ".ipynb"})
_TABLES: Final = {".csv": ",", ".tsv": "\t"}
_PACKED: Final = frozenset({".zip", ".xlsx", ".docx", ".pptx", ".odt", ".ods", ".qdpx"})
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".tif", ".tiff", ".mp3", ".mp4"})
_CODES: Final = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
_LARGEST: Final = 200_000_000
"""Bytes of a file, or of what is packed in one, that are looked through."""

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
        Pictures and the like, in which no words can be looked for.
    """

    redacted: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()
    left: tuple[Path, ...] = ()
    unsearched: tuple[Path, ...] = ()


def clean_files(roots: Iterable[Path], traces: Traces, way: Way = "redact", *, look: bool = False) -> Cleaned:
    """Take a person's traces out of every file under these folders.

    Parameters
    ----------
    roots : iterable of pathlib.Path
        Folders or files; what is not there is passed over.
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
    for path in sorted(set(_files(roots))):
        found = _judge(path, traces)
        if found is None:
            continue
        if found is UNSEARCHED:
            unsearched.append(path)
            continue
        if way == "keep":
            left.append(path)
            continue
        new = found if way == "redact" and isinstance(found, bytes) else None
        try:
            if not look and new is not None:
                put_whole(path, new)
            elif not look:
                _remove(path, traces)
        except OSError:
            left.append(path)
            continue
        (removed if new is None else redacted).append(path)
    return Cleaned(tuple(redacted), tuple(removed), tuple(left), tuple(unsearched))


def holds(path: Path, traces: Traces) -> bool:
    """Say whether a file, or its name, holds the person."""
    found = _judge(path, traces)
    return found is not None and found is not UNSEARCHED


class _Unsearched:
    """No words can be looked for."""


class _Doomed:
    """It holds the person and cannot be redacted."""


UNSEARCHED: Final = _Unsearched()
DOOMED: Final = _Doomed()


def _judge(path: Path, traces: Traces) -> bytes | _Unsearched | _Doomed | None:
    """Give what a file is to become; None where it holds nothing of the person."""
    named = traces.found(path.name)
    ending = path.suffix.lower()
    try:
        if path.stat().st_size > _LARGEST:
            return DOOMED if named else UNSEARCHED
        content = path.read_bytes()
    except OSError:
        return DOOMED if named else UNSEARCHED
    if ending in _PACKED:
        packed = _packed(content)
        if packed is None:
            return DOOMED if named else UNSEARCHED
        return DOOMED if named or any(traces.found(part) for part in packed) else None
    if named:
        return DOOMED
    text = _decoded(content)
    if text is None:
        if any(
            traces.found(content.decode(code, "replace")) for code in ("latin-1", "utf-16-le", "utf-16-be", "utf-8")
        ):
            return DOOMED
        return UNSEARCHED if ending in _PICTURES else None
    new = _redactor(ending)(text, traces)
    if new == text:
        return None
    # What was rewritten is read once more; where it still holds them it has to go.
    if _redactor(ending)(new, traces) != new:
        return DOOMED
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    return mark + new.encode("utf-8", "surrogatepass")


def _redactor(ending: str) -> Callable[[str, Traces], str]:
    if ending in _MARKUP:
        return without_in_markup
    if ending in _JSON:
        return _without_in_json
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


def _packed(content: bytes) -> list[str] | None:
    """Give the texts of a packed file; None where it cannot be looked through."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _LARGEST:
                return None
            parts = []
            for one in archive.infolist():
                text = archive.read(one).decode("utf-8", "replace")
                # In the XML of office files a word may be cut into runs by markup.
                parts += [one.filename, *what_is_shown(text)]
            return parts
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return None


def _without_in_table(text: str, traces: Traces, between: str) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
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


def _is_about(cells: Iterable[Any], traces: Traces) -> bool:
    """Say whether one cell of a row is nothing but a name of theirs."""
    return any(isinstance(cell, str) and cell.strip() and traces.is_name(cell) for cell in cells)


def _without_in_json(text: str, traces: Traces) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return traces.without(text)
    new = _without_in_value(value, traces)
    return text if new == value else json.dumps(new, indent=1, ensure_ascii=False) + "\n"


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


def _files(roots: Iterable[Path]) -> Iterator[Path]:
    for root in roots:
        if root.is_symlink():
            continue
        if root.is_file():
            yield root
        elif root.is_dir():
            yield from (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())


def _remove(path: Path, traces: Traces) -> None:
    if path.suffix.lower() in (".html", ".htm") and not traces.found(path.name):
        put_whole(path, STUB.encode("utf-8"))
    else:
        path.unlink()
