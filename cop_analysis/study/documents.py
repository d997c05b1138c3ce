"""The folder documents/ of a study: where a document's file may lie, whether it can be read, and its text."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

import pandas as pd

from cop_analysis.files import MOST_TEXT, read_file
from cop_analysis.study.faults import Fault, nearest, visible
from cop_analysis.study.rules import suggestions

FOLDER = "documents"
_NOT_PLAIN = (".docx", ".vtt", ".srt")
_BRING_IN = "add them with the workbench (cop workbench, Documents), which reads Word and captions and writes the rows"
_NAMED = 5
_IGNORED = {"thumbs.db", "desktop.ini"}


def locate(folder: Path, file: str) -> Path:
    """Give the path of a document's file inside the study folder.

    Parameters
    ----------
    folder : pathlib.Path
        The study folder.
    file : str
        As documents.csv says it: a path relative to documents/ with forward slashes, or the same with ``documents/``
        in front.

    Raises
    ------
    ValueError
        When the file would lie outside documents/, in words that say how to write it.
    """
    inside = folder / FOLDER
    path = PurePosixPath(file)
    if "\x00" in file or "\\" in file or ":" in file:
        raise ValueError("is not a path inside documents/: write the file's name, folders separated by /")
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError("lies outside the folder documents/: put the file in there and write only its name")
    if path.parts[0] == FOLDER and len(path.parts) > 1 and not (inside / path).exists():
        path = path.relative_to(FOLDER)
    target = inside / path
    try:
        resolved, allowed = target.resolve(), inside.resolve()
        if not allowed.is_relative_to(folder.resolve()):
            raise ValueError("leads outside the study folder: put the folder documents/ itself in there")
    except (OSError, RuntimeError):
        raise ValueError("cannot be followed to a file: put the file itself in documents/") from None
    if not resolved.is_relative_to(allowed):
        raise ValueError("leads outside the folder documents/: put the file itself in there")
    return target


def read_text(path: Path, inside: Path | None = None) -> str:
    """Read a document as text: UTF-8, without a byte order mark, every line ending a line feed.

    Parameters
    ----------
    path : pathlib.Path
    inside : pathlib.Path, optional
        The folder it must lie in, once every link is followed.

    Raises
    ------
    ValueError
        When it is not UTF-8 text, or no file that can be read, in words that say what to do.
    OSError
        When the file cannot be read.
    """
    content = read_file(path, most=MOST_TEXT, inside=inside)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")):
        raise ValueError(
            "is not plain text: bring it in with the workbench (cop workbench, Documents), which reads Word and "
            "captions, or save it as plain text (.txt) with the encoding UTF-8"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"is not UTF-8 (line {line}): save it as plain text with the encoding UTF-8") from None
    if "\x00" in text:
        raise ValueError("holds characters that are not text (NUL): save it as plain text with the encoding UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def check_documents(folder: Path, documents: pd.DataFrame | None, people: pd.DataFrame | None) -> list[Fault]:
    """Find documents that are absent, outside the folder, unreadable or empty, and texts that no row names."""
    faults: list[Fault] = []
    refused = _folder_fault(folder)
    if refused is not None:
        faults.append(refused)
    present = [] if refused is not None else _present(folder / FOLDER)
    used: dict[str, int] = {}
    if documents is not None and refused is None:
        for row, file in documents["file"].dropna().items():
            fault = _file_fault(folder, int(str(row)), str(file), present, used)
            if fault is not None:
                faults.append(fault)
    if documents is not None and people is not None:
        faults += _speaker_faults(documents, people)
    unnamed = [name for name in present if name not in used]
    for kind, fix in ((True, _BRING_IN), (False, "add a row for each to documents.csv, or take it out of the folder")):
        names = [name for name in unnamed if name.casefold().endswith(_NOT_PLAIN) == kind]
        if names:
            listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")
            number = "1 text" if len(names) == 1 else f"{len(names):,} texts"
            rule = f"no row of documents.csv names {number} in it ({listed})"
            faults.append(Fault(f"{FOLDER}/", None, "", "", rule, fix, "notice"))
    return faults


def _folder_fault(folder: Path) -> Fault | None:
    """Say what is wrong with documents/ itself; every file in a folder that is a link would seem to lie inside it."""
    inside = folder / FOLDER
    try:
        if not inside.resolve().is_relative_to(folder.resolve()):
            return Fault(f"{FOLDER}/", None, "", "", "leads outside the study folder", "put the folder itself in there")
        if inside.exists() and not inside.is_dir():
            return Fault(FOLDER, None, "", "", "is not a folder", "put the texts into a folder of this name")
        next(iter(inside.iterdir()), None)
    except FileNotFoundError:
        return None
    except RuntimeError:
        rule = "is a link that leads in a circle"
        return Fault(f"{FOLDER}/", None, "", "", rule, "put the folder itself in its place")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Fault(f"{FOLDER}/", None, "", "", f"the folder cannot be read ({reason})", "check that you may read it")
    return None


def _present(folder: Path) -> list[str]:
    """List the texts in the folder by their path inside it, and no link that leads out of it."""
    names = []
    try:
        for path in sorted(folder.rglob("*")):
            hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
            if path.is_file() and not hidden and path.name.casefold() not in _IGNORED:
                names.append(path.relative_to(folder).as_posix())
    except OSError:
        return names
    return names


def _file_fault(folder: Path, row: int, file: str, present: list[str], used: dict[str, int]) -> Fault | None:
    def fault(words: str) -> Fault:
        rule, _, fix = words.partition(": ")
        return Fault("documents.csv", row, "file", file, rule, fix)

    try:
        path = locate(folder, file)
        name = path.relative_to(folder / FOLDER).as_posix()
        if name in used:
            return fault(f"is the file of row {used[name]} already: give each document a file of its own")
        if name not in present:
            meant = next((other for other in present if _same_file(other, name)), None) or nearest(name, present)
            hint = f'write "{visible(meant)}" if that is meant' if meant else "put it there, or delete the row"
            return fault(f"is not in the folder documents/: {hint}")
        used[name] = row
        if not read_text(path, folder / FOLDER).strip():
            return fault("is an empty file: put the text in again, or delete the row")
    except ValueError as error:
        return fault(str(error))
    except OSError as error:
        return fault(f"cannot be read ({error.strerror or type(error).__name__}): close it in other programs")
    return None


def _same_file(first: str, second: str) -> bool:
    return unicodedata.normalize("NFC", first).casefold() == unicodedata.normalize("NFC", second).casefold()


def _speaker_faults(documents: pd.DataFrame, people: pd.DataFrame) -> list[Fault]:
    named = documents["people"].dropna().str.split(";").explode().str.strip()
    known = pd.Index(people["person"].dropna().unique())
    unknown = named[(named != "") & ~named.isin(known)]
    fixes = suggestions(unknown, known, "add it to people.csv")
    return [
        Fault("documents.csv", int(str(row)), "people", str(person), "is not in people.csv", fix)
        for (row, person), fix in zip(unknown.items(), fixes, strict=True)
    ]
