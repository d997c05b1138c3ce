"""The corrected text of a document: read from whatever file holds it, and put in the place of the one that was coded.

Where the extracts go is decided in `realist.reanchor`; the change itself is a verb of the coding.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cop_analysis.files import MOST_TEXT, put_whole, read_file
from cop_analysis.realist.documents.captions import is_captions
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.study.documents import locate, read_text
from cop_analysis.study.faults import visible

if TYPE_CHECKING:
    from cop_analysis.study import Study

_PLAIN = (".txt", ".md", ".markdown", ".text", "")


def corrected_text(text: str | None, file: Path | None) -> str | None:
    """Give the corrected text that was handed over; None where the document's own file holds it.

    Parameters
    ----------
    text : str or None
    file : pathlib.Path or None
        Plain text is taken as it is; Word files and captions are read as turns, as the workbench reads them.

    Raises
    ------
    CodingError
        When both are given, or the file holds no text.
    """
    if text is not None and file is not None:
        raise CodingError("Give the corrected text or the file that holds it, not both. Nothing was changed.")
    if file is None:
        return None if text is None else text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not file.exists():
        raise CodingError(f"There is no file {file}. Nothing was changed: name the corrected file.")
    from cop_analysis.realist.documents.text_document import read_text_document

    try:
        if file.suffix.lower() in _PLAIN:
            found = read_text(file)
            return read_text_document(file).text if is_captions(found) else found
        return read_text_document(file).text
    except (ValueError, OSError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        named = said if file.name in said else f"{visible(file.name)} {said}"
        raise CodingError(f"{named}. Nothing was changed.") from None


def written_like(before: bytes | None, text: str) -> bytes:
    """Write a text with the byte order mark and the line ends its file had, so that only what was corrected differs.

    Examples
    --------
    >>> written_like(b"\\xef\\xbb\\xbfold\\r\\n", "new\\n"), written_like(None, "new\\n")
    (b'\\xef\\xbb\\xbfnew\\r\\n', b'new\\n')
    """
    held = before or b""
    lines = text.replace("\n", "\r\n") if b"\r\n" in held else text
    return lines.encode("utf-8-sig" if held.startswith(b"\xef\xbb\xbf") else "utf-8")


def put_text(study: Study | None, document: str, text: str) -> Callable[[], None]:
    """Put a text in the place of a document's file; give what puts the old one back.

    Raises
    ------
    CodingError
        When the text is empty, or the file cannot be written.
    """
    if not text.strip():
        raise CodingError("The corrected text is empty. Nothing was changed: give the whole text of the document.")
    listed = None if study is None or study.folder is None else study.documents
    files = {} if listed is None else dict(zip(listed["document"], listed["file"], strict=True))
    if study is None or study.folder is None or document not in files:
        raise CodingError(f"documents.csv does not list {document}, so there is no file to put the text in.")
    try:
        path = locate(study.folder, str(files[document])).resolve()
        before = read_file(path, most=MOST_TEXT, inside=study.folder) if path.is_file() else None
        put_whole(path, written_like(before, text))
    except (ValueError, OSError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()).rstrip(".")
        raise CodingError(f"The file of {document} could not be written ({reason}). Nothing was changed.") from None

    def put_back() -> None:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            put_whole(path, before)

    return put_back
