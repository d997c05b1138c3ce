"""Opening a study's coding: from its database where there is one, else from coding.json; reading never makes one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cop_analysis.realist.json_form import FILE
from cop_analysis.realist.store import agree
from cop_analysis.realist.store.address import find_address
from cop_analysis.realist.store.connect import BUSY_SECONDS
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.kept import KeptCoding
from cop_analysis.realist.store.store import Store

if TYPE_CHECKING:
    from cop_analysis.study import Study


def open_coding(path: Path | str, study: Study | None = None, *, busy_seconds: float = BUSY_SECONDS) -> KeptCoding:
    """Open the coding of a study folder, to be read and changed.

    Parameters
    ----------
    path : path
        The study folder, or the coding.json in it.
    study : Study, optional
        Whose documents `Coding.text` reads, and whose study.toml may say where the database is.
    busy_seconds : float
        How long a change waits for that of another process.

    Returns
    -------
    KeptCoding
        A folder without coding gives an empty one; its database is made by the first change.

    Raises
    ------
    CodingError
        When the database is damaged, newer than this workbench or cannot be reached.
    StudyError
        When coding.json is at fault.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> coding = open_coding(folder)
    >>> _ = coding.add_coder("coder-a", "Coder A")
    >>> _ = coding.add_code("Trust in peers")
    >>> coding.codes["name"].tolist(), [change.verb for change in coding.changes()]
    (['Trust in peers'], ['add_coder', 'add_code'])
    >>> coding.undo().verb, coding.codes["name"].tolist()
    ('add_code', [])
    >>> coding.close()
    """
    folder = Path(path)
    is_the_file = folder.name == FILE or (folder.suffix == ".json" and not folder.is_dir())
    folder = folder.parent if is_the_file else folder
    key = folder.resolve().name if study is None else study.key
    setting = "" if study is None else study.config.coding.database
    address = find_address(folder, key or "coding", setting)
    store = Store(address, agree.first_of(folder, key), busy_seconds=busy_seconds)
    return KeptCoding(store, None if study is None else study.read_document, study)


def start_coding(study: Study) -> KeptCoding:
    """Begin the coding of a study that has none.

    Raises
    ------
    CodingError
        When the study was made without a folder to keep it in.
    """
    if study.folder is None:
        raise CodingError("This study was made of tables without a folder, so there is no place to keep a coding.")
    return open_coding(study.folder, study)
