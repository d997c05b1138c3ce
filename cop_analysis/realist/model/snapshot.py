"""Reading and writing a coding.json file: whole or not at all. What the file means is settled elsewhere in the room."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cop_analysis.files import MOST_CODING, FileRefusedError, put_whole, read_file
from cop_analysis.realist.model.check import check_references
from cop_analysis.realist.model.coding import Coding
from cop_analysis.realist.model.json_form import FILE, Parsed, parse, write
from cop_analysis.study.faults import Fault, StudyError

if TYPE_CHECKING:
    from cop_analysis.study import Study


def read_coding(path: Path | str, study: Study | None = None, *, given: bool = False) -> Coding:
    """Read a coding.json into a `Coding`.

    A document that was changed since it was coded does not stop the reading: `check_coding` names the extracts that
    no longer fit, and the transcript view lists them apart.

    Parameters
    ----------
    path : path
        The file, or the study folder that holds it.
    study : Study, optional
        Whose documents `Coding.text` reads.
    given : bool
        Whether it is a file that somebody gave and not the study's own: faults call it by its name and advise to give
        another copy then.

    Returns
    -------
    Coding

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    StudyError
        When the file is at fault, or written in a newer schema version; every fault is listed.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> from cop_analysis.realist.model import Code, Snapshot
    >>> _ = write_coding(Coding(Snapshot("demo", codes=(Code("c1", "Trust"),))), folder / "coding.json")
    >>> read_coding(folder).codes["name"].tolist()
    ['Trust']
    """
    path = Path(path)
    path = path / FILE if path.is_dir() and path.name != FILE else path
    if not os.path.lexists(path):
        raise FileNotFoundError(f"There is no coding at {path}.")
    try:
        parsed = parse(read_file(path, most=MOST_CODING, inside=path.parent), path.name if given else "")
    except FileRefusedError as refused:
        raise StudyError([Fault(path.name, None, "", "", refused.rule, refused.remedy)]) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        fix = "close it in other programs and check that you may read it"
        raise StudyError([Fault(path.name, None, "", "", f"the file cannot be read ({reason})", fix)]) from error
    if parsed.snapshot is not None:
        check_references(parsed.snapshot, parsed)
    if parsed.snapshot is None or any(fault.severity == "error" for fault in parsed.faults):
        raise StudyError(parsed.faults)
    return Coding(parsed.snapshot, None if study is None else study.read_document)


def write_coding(coding: Coding, path: Path | str) -> Path:
    """Write a coding to a file that is whole at every moment, and byte for byte the same for the same records.

    Parameters
    ----------
    coding : Coding
    path : path
        The file, or the study folder in which coding.json is written.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    StudyError
        When the records contradict each other, so that the file could not be read again; nothing is written.
    OSError
        When the folder cannot be written; what stood there before still stands.
    """
    path = Path(path)
    path = path / FILE if path.is_dir() and path.name != FILE else path
    content = write(coding.snapshot).encode("utf-8")
    # What is written must be readable: the same judge looks at it on the way out as on the way in.
    judged = parse(content)
    if judged.snapshot is not None:
        check_references(judged.snapshot, judged)
    _refuse(judged)
    put_whole(path, content)
    return path


def _refuse(judged: Parsed) -> None:
    errors = [fault for fault in judged.faults if fault.severity == "error"]
    if errors:
        raise StudyError(errors)
