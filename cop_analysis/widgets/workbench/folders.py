"""Finding study folders, saying what a folder is, and making a new study; nothing in a study is read for analysis."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from cop_analysis.files import MOST_SETTINGS, FileRefusedError, open_file, put_whole, read_file
from cop_analysis.study.faults import visible
from cop_analysis.study.template import new_study, settings_text, study_key

LONGEST_NAME: Final = 80
"""So many characters of a study's name go into its folder's; some file systems take no more than 255 bytes."""

_HOMES: Final = ("data", "studies")
_LEAVE_OUT: Final = "*"

_NO_FILE_NAME = re.compile(r'[<>:"/\\|?*]')
_QUOTED = re.compile("""\\A["'“”‘’](.*)["'“”‘’]\\Z""", re.DOTALL)
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?\Z", re.IGNORECASE)


class FolderError(ValueError):
    """A folder cannot be used as it was asked; the message says why and what to do."""


@dataclass(frozen=True)
class StudyFolder:
    """A folder that may be a study.

    Parameters
    ----------
    path : Path
    fault : str
        Why it cannot be opened as a study and what to do, in one sentence; empty where it can.
    can_write : bool
        Whether this account may write in it.
    """

    path: Path
    fault: str = ""
    can_write: bool = True


def find_studies(start: Path) -> list[Path]:
    """List the study folders near a folder: itself, its children, those of a data/ or studies/ folder in or beside it.

    A folder that may not be read is passed over.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = Path(folder) / "data" / "forum"
    ...     study.mkdir(parents=True)
    ...     _ = (study / "study.toml").write_text("")
    ...     [found.name for found in find_studies(Path(folder))]
    ['forum']
    """
    start = start.resolve()
    places = [start, *_inside(start)]
    places += [study for name in _HOMES for above in (start, start.parent) for study in _inside(above / name)]
    return sorted({place.resolve() for place in places if _is_study(place)})


def _inside(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            names = [entry.name for entry in found if not entry.name.startswith(".")]
    except OSError:
        return
    yield from (folder / name for name in names)


def _is_study(folder: Path) -> bool:
    try:
        return (folder / "study.toml").is_file()
    except OSError:
        return False


def as_folder(typed: str) -> Path:
    """Give the folder somebody typed or pasted: in quotation marks, as a file address, or study.toml itself.

    Raises
    ------
    FolderError
        When it can be no path.

    Examples
    --------
    >>> as_folder(' "/tmp/my study" ').name, as_folder("file:///tmp/my%20study").name
    ('my study', 'my study')
    """
    words = typed.strip()
    if not _is_there(words):
        words = _QUOTED.sub(r"\1", words).strip()
    if words.lower().startswith("file://"):
        words = unquote(urlsplit(words).path)
        words = words[1:] if re.match(r"/[A-Za-z]:", words) else words
    if not words:
        raise FolderError("Choose a study in the list, or type the path of its folder.")
    if "\x00" in words:
        raise FolderError("That is no path of a folder: it holds a character no path may hold.")
    try:
        folder = Path(words).expanduser()
        folder = folder.parent if folder.name == "study.toml" and folder.is_file() else folder
        return folder.resolve()
    except (OSError, RuntimeError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or "it cannot be followed"
        raise FolderError(
            f"{visible(words, 200)} cannot be used ({reason}): type the whole path of a study's folder."
        ) from None


def _is_there(path: str) -> bool:
    try:
        return bool(path) and Path(path).exists()
    except (OSError, ValueError):
        return False


def look_at(folder: Path) -> StudyFolder:
    """Say whether a folder is a study, and where it is none, why and what to do.

    Examples
    --------
    >>> import tempfile
    >>> print(look_at(Path(tempfile.mkdtemp())).fault.partition(" is ")[2])
    empty, so there is no study in it yet: make one under "New study".
    """
    name = visible(str(folder), 300)
    try:
        if not folder.exists():
            return StudyFolder(folder, f'There is no folder {name}: check the path, or make a study under "New study".')
        if not folder.is_dir():
            return StudyFolder(folder, f"{name} is a file: give the folder that holds study.toml.")
        names = [path.name for path in folder.iterdir()]
        has_settings = (folder / "study.toml").is_file()
        can_write = os.access(folder, os.W_OK)
        if has_settings:
            with open_file(folder / "study.toml", most=MOST_SETTINGS, inside=folder):
                pass
    except FileRefusedError as refused:
        return StudyFolder(folder, f"study.toml in {name} {refused.rule}: {refused.remedy}.")
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        return StudyFolder(folder, f"{name} cannot be read ({reason}): ask for the right to read it, or copy it.")
    if has_settings:
        return StudyFolder(folder, "", can_write)
    if not names:
        return StudyFolder(folder, f'{name} is empty, so there is no study in it yet: make one under "New study".')
    inner = [visible(one, 60) for one in sorted(names) if _is_study(folder / one)]
    if inner:
        listed = ", ".join(inner[:3]) + (f" and {len(inner) - 3} more" if len(inner) > 3 else "")
        return StudyFolder(folder, f"{name} holds no study.toml, but studies: {listed}. Give the path of one of them.")
    return StudyFolder(
        folder,
        f"{name} holds no study.toml, so it is no study folder. If your transcripts lie there, make a study under "
        '"New study" and add them to it under "Documents".',
    )


def study_label(study: Path, here: Path) -> str:
    """Name a study in the list: its folder's name, and where that is when it is not near."""
    near = study.parent in (here, here.parent, *(above / name for above in (here, here.parent) for name in _HOMES))
    return study.name if near else f"{study.name}  (in {study.parent})"


def place_for_new(here: Path) -> Path:
    """Give the folder new studies go to: data/ here or beside here; in a git checkout studies/, which git leaves out.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()).resolve()
    >>> (folder / "data").mkdir()
    >>> place_for_new(folder / "notebooks") == folder / "data"
    True
    """
    here = here.resolve()
    name = "studies" if _checkout(here) else "data"
    found = [place for place in (here / name, here.parent / name) if place.is_dir()]
    if found:
        return found[0]
    return (here.parent if here.name == "notebooks" else here) / name


def _checkout(place: Path) -> Path | None:
    """Give the git checkout a folder lies in, unless git is told there to leave the folder out."""
    for folder in (place, *place.parents):
        try:
            if read_file(folder / ".gitignore", most=MOST_SETTINGS).strip() == _LEAVE_OUT.encode():
                return None
        except (OSError, FileRefusedError):
            pass
        if (folder / ".git").exists():
            return folder
    return None


def may_be_committed(study: Path) -> str:
    """Say that a study lies in a git checkout that does not leave it out, and what to do; nothing where it does not.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()).resolve()
    >>> (folder / ".git").mkdir()
    >>> may_be_committed(make_study("Forum", place_for_new(folder)))
    ''
    >>> may_be_committed(make_study("Forum", folder / "data"))[:51]
    'It lies in a git checkout, and git may take it in: '
    """
    if _checkout(study) is None:
        return ""
    return (
        "It lies in a git checkout, and git may take it in: move it elsewhere, or keep it out with .gitignore, before "
        "transcripts are in it."
    )


def folder_name(title: str) -> str:
    """Make of a study's title a name of a folder that every computer takes.

    Examples
    --------
    >>> folder_name("Prescribers' forum: 2024/25?"), folder_name("..."), folder_name("CON")
    ("Prescribers' forum 2024 25", 'study', 'study CON')
    """
    kept = "".join(one if one.isprintable() else " " for one in unicodedata.normalize("NFC", title))
    name = " ".join(_NO_FILE_NAME.sub(" ", kept).split())[:LONGEST_NAME]
    while len(name.encode("utf-8", "replace")) > 200:
        name = name[:-1]
    name = name.strip(". ")
    if not name:
        return "study"
    return f"study {name}" if _DEVICES.match(name) else name


def make_study(title: str, place: Path, *, example: bool = False) -> Path:
    """Make a new study folder, as `cop new` does, named after its title.

    Raises
    ------
    FolderError
        When it cannot be made, with what to do.

    Examples
    --------
    >>> import tempfile
    >>> made = make_study('My "first" <forum>', Path(tempfile.mkdtemp()))
    >>> made.name, 'title = "My \\'first\\' <forum>"' in (made / "study.toml").read_text()
    ('My first forum', True)
    """
    words = " ".join("".join(one if one.isprintable() else " " for one in title).split())
    if not words:
        raise FolderError("Give the study a name first, such as Prescribers' forum 2024.")
    folder = place / folder_name(words)
    try:
        fresh = not place.exists()
        place.mkdir(parents=True, exist_ok=True)
        if fresh and place.name == "studies" and _checkout(place):
            (place / ".gitignore").write_text(f"{_LEAVE_OUT}\n", encoding="utf-8")
        made = new_study(folder, example=example)
        quoted = words[:200].replace("\\", "/").replace('"', "'")
        text = settings_text(study_key(folder.name), quoted, example)
        put_whole(made / "study.toml", text)
    except ValueError as fault:
        raise FolderError(f"{visible(str(fault), 300)} Choose another name, or open that folder as it is.") from None
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise FolderError(
            f"The folder {visible(str(folder), 300)} cannot be made ({reason}): choose another place, such as "
            f"{visible(str(Path.home()), 200)}."
        ) from None
    return made.resolve()


def outputs_folder(study: Path) -> Path:
    """Give the folder reports of a study go to: outputs/ beside it, or beside the data/ or studies/ it lies in."""
    folder = study.expanduser().resolve()
    return (folder.parent.parent if folder.parent.name in _HOMES else folder.parent) / "outputs"
