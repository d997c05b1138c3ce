"""What somebody said of the labels of a study's documents, kept in speakers.csv so that it is asked once.

One row a label: whose it is (empty where it is no person), in which document, from which file, who said so and when.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cop_analysis.files import MOST_TABLE, guarded, put_whole, read_file, unguarded
from cop_analysis.realist.documents.pieces import DocumentError
from cop_analysis.realist.documents.speakers import is_heading, same
from cop_analysis.realist.documents.text_document import TextDocument

FILE: Final = "speakers.csv"

COLUMNS: Final = ("label", "speaker", "document", "file", "answered_by", "answered_at")


def kept_answers(study: Path, file: str) -> dict[str, str | None]:
    """Give what was said of labels that also holds for a file: of that file, and what holds whatever the file.

    That a heading is no person, and that two spellings are one label, holds in every document of a study; whose a label
    is otherwise, only in its own file.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> keep_answers(folder, {"Key": None, "p01": "P01", "R;": "P07"}, file="a.docx")
    >>> kept_answers(folder, "b.docx"), kept_answers(folder, "a.docx")["R;"]
    ({'Key': None, 'p01': 'P01'}, 'P07')
    """
    found: dict[str, str | None] = {}
    for row in _rows(study):
        label, speaker = row["label"], row["speaker"] or None
        everywhere = is_heading(label) if speaker is None else same(label.rstrip(" :;")) == same(speaker)
        if row["file"] == file or (everywhere and label != speaker):
            found[label] = speaker
    return found


def kept_speakers(study: Path, document: str) -> tuple[str, ...] | None:
    """Give the speakers of a document as they were settled when it was brought in; None where nothing was asked."""
    rows = [row for row in _rows(study) if row["document"] == document]
    return tuple(dict.fromkeys(row["speaker"] for row in rows if row["speaker"])) if rows else None


def answered_since(study: Path, speakers: Mapping[str, tuple[str, ...] | None]) -> dict[str, tuple[str, ...]]:
    """Give the labels of which speakers.csv says otherwise than the coding, which keeps the speakers it began with.

    Parameters
    ----------
    study : Path
    speakers : mapping of str to tuple of str or None
        By document, whom the coding takes for its speakers; None where it goes by the labels alone.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> keep_answers(folder, {"p01": "P01", "Key": None, "I": "I"}, file="a.docx", document="D01")
    >>> answered_since(folder, {"D01": ("I", "P01", "p01")}), answered_since(folder, {"D01": ("I", "P01")})
    ({'D01': ('p01',)}, {})
    """
    found: dict[str, list[str]] = {}
    for row in _rows(study):
        label, speaker = row["label"], row["speaker"]
        known = speakers.get(row["document"], ())
        if row["document"] not in speakers:
            continue
        if known is None:
            differs = label != speaker
        else:
            differs = (label in known and label != speaker) or bool(speaker and speaker not in known)
        if differs:
            found.setdefault(row["document"], []).append(label)
    return {document: tuple(dict.fromkeys(labels)) for document, labels in found.items()}


def settled(document: TextDocument, answers: Mapping[str, str | None]) -> dict[str, str | None]:
    """Give what is to be kept of a document's labels; nothing where nothing was in doubt.

    Parameters
    ----------
    document : TextDocument
        As it was read with the answers.
    answers : mapping
        What somebody said of its labels.
    """
    if not (answers or document.headings):
        return {}
    return {**{one: one for one in document.speakers}, **dict.fromkeys(document.headings), **answers}


def keep_answers(
    study: Path,
    answers: Mapping[str, str | None],
    *,
    file: str,
    document: str = "",
    who: str = "",
    when: datetime.datetime | None = None,
) -> None:
    """Keep what somebody said of labels; what was said of the same label of the same file before is replaced.

    Parameters
    ----------
    study : Path
    answers : mapping of str to str or None
        By label, whose it is; None where it is not a person.
    file : str
        The file it was said of.
    document : str
        What that file is called in the study.
    who : str
    when : datetime, optional
        The present moment where left out.

    Raises
    ------
    DocumentError
        When speakers.csv is no table of answers.
    OSError
        When the study cannot be written.
    """
    if not answers:
        return
    moment = (when or datetime.datetime.now(datetime.UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [row for row in _rows(study) if not (row["file"] == file and row["label"] in answers)]
    rows += [
        {
            "label": label,
            "speaker": speaker or "",
            "document": document,
            "file": file,
            "answered_by": who,
            "answered_at": moment,
        }
        for label, speaker in answers.items()
    ]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: guarded(value) for name, value in row.items()} for row in rows)
    put_whole(study / FILE, b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8"))


def _rows(study: Path) -> list[dict[str, str]]:
    path = study / FILE
    try:
        text = read_file(path, most=MOST_TABLE, inside=study).decode("utf-8-sig")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise DocumentError(f"{FILE} is not UTF-8: save it as CSV UTF-8.") from None
    except ValueError as error:
        raise DocumentError(f"{FILE} {error}.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if text.strip() and not {"label", "speaker"} <= set(reader.fieldnames or ()):
        raise DocumentError(f"{FILE} has no columns label and speaker: put them back, or delete the file.")
    return [{name: unguarded(row.get(name) or "") for name in COLUMNS} for row in reader if row.get("label")]
