"""Documents and projects of other programs coming into a study from the panel: read, looked at, then kept.

A document is kept in documents/ with a row. A file's own name never becomes a path: a document is kept as its
identifier, and the name is at most its title. What a project is, is told by its content.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.files import put_whole, reason_of
from cop_analysis.realist.documents import TextDocument, read_text_document
from cop_analysis.realist.documents.pieces import DocumentError
from cop_analysis.realist.documents.speakers import keep_answers, settled
from cop_analysis.realist.importing.unfinished import RowsError, add_rows, people_of, plain_title, rows_of
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.faults import visible

if TYPE_CHECKING:
    from cop_analysis.realist.importing import Imported

LARGEST_FILE: Final = 64 * 2**20
"""The largest file that is taken in, in bytes."""

KINDS: Final = next(column for column in CONTRACTS["documents"].columns if column.name == "kind").choices
_ENDINGS: Final = (".txt", ".md", ".markdown", ".docx", ".vtt", ".srt")
_NUMBERED = re.compile(r"D(\d{1,6})\Z")
_ROLES: Final = """
interviewer interviewee facilitator moderator researcher evaluator observer chair chairperson host speaker narrator
participant participants respondent informant member guest everyone everybody all group audience unknown voice
several man woman person male female child parent mother father carer caregiver family relative patient client
service user resident student trainee volunteer peer expert colleague staff team lead leader head director manager
coordinator officer administrator secretary receptionist assistant support worker advisor adviser consultant doctor
physician surgeon nurse matron sister midwife pharmacist prescriber prescribers therapist physiotherapist
psychologist psychiatrist paramedic dentist dietitian practitioner clinician professional specialist generalist
general practice medical non nursing clinical health care social community hospital ward primary senior junior
deputy district practice mental public first second third other new old the and from with translator interpreter
transcriber note notes comment question answer transcript date time topic part section summary
"""
_NO_NAMES: Final = frozenset(_ROLES.split())
"""Words by which transcripts call speakers without naming them."""


class BringingError(ValueError):
    """A document cannot be taken in; the message says which, why and what to do."""


class CannotWriteError(BringingError):
    """The disk does not take a document in at this moment; nothing was changed."""


class AlreadyThere(BringingError):
    """A document has the text of one that is in the study; nothing needs to be done."""


@dataclass(frozen=True)
class Brought:
    """A document that was read and waits for a person's word before it is kept.

    Parameters
    ----------
    name : str
        The file's name, fit for a screen.
    document : TextDocument
    content : bytes
        The file, to be read again when its labels are settled.
    answers : mapping
        What somebody said of its labels.
    """

    name: str
    document: TextDocument
    content: bytes = b""
    answers: Mapping[str, str | None] = field(default_factory=dict)

    def answered(self, answers: Mapping[str, str | None]) -> Brought:
        """Give the document read again with what somebody said of its labels."""
        return read_brought(self.name, self.content, {**self.answers, **answers})


def read_brought(name: str, content: bytes, answers: Mapping[str, str | None] | None = None) -> Brought:
    """Read the bytes of a file somebody chose.

    Parameters
    ----------
    name : str
    content : bytes
    answers : mapping of str to str or None, optional
        Whose its labels are; None where a label is not a person.

    Raises
    ------
    BringingError
        When it cannot be read as a text.

    Examples
    --------
    >>> found = read_brought("../talk.txt", b"I: How was it?\\n\\nR: Long.")
    >>> found.name, found.document.speakers
    ('talk.txt', ('I', 'R'))
    """
    shown = plain_name(name)
    if not content:
        raise BringingError(f"{shown} is an empty file: choose the one that holds the text.")
    if len(content) > LARGEST_FILE:
        raise BringingError(f"{shown} is larger than {LARGEST_FILE // 2**20} MB: split it, or save it as plain text.")
    ending = next((one for one in _ENDINGS if shown.lower().endswith(one)), ".txt")
    with tempfile.TemporaryDirectory(prefix="cop-workbench-") as folder:
        path = Path(folder) / f"document{ending}"
        try:
            path.write_bytes(content)
        except OSError as fault:
            raise CannotWriteError(
                f"{shown} could not be read: the temporary folder {tempfile.gettempdir()} cannot be written "
                f"({reason_of(fault)}). Make room there and do it again."
            ) from None
        try:
            document = read_text_document(path, answers)
            used = {label: one for label, one in (answers or {}).items() if label in document.answered}
            return Brought(shown, document, content, used)
        except ValueError as fault:
            said = visible(str(fault), 400).replace(path.name, shown)
            raise BringingError(said if said.startswith(shown) else f"{shown}: {said}") from None
        except OSError as fault:
            raise BringingError(f"{shown} could not be read ({fault.strerror or fault}).") from None


def plain_name(name: str) -> str:
    """Give a file's name without folders and without characters that show nothing.

    Examples
    --------
    >>> plain_name("C:\\\\mine\\\\Ward round.docx"), plain_name("../../etc/passwd"), plain_name("")
    ('Ward round.docx', 'passwd', 'the file')
    """
    last = re.split(r"[\\/]", name)[-1].strip()
    return visible(last, 120) or "the file"


def names_among(speakers: Sequence[str], known: Collection[str] = ()) -> list[str]:
    """List the speakers whose labels look like people's names: no pseudonym with a digit, no initials, no role.

    Parameters
    ----------
    speakers : sequence of str
    known : collection of str
        Pseudonyms of the study; none of them is called a name.

    Examples
    --------
    >>> names_among(["Interviewer", "P03", "GP", "Ward Manager", "Zofia", "Nurse Anna", "Robin"], known=["Robin"])
    ['Zofia', 'Nurse Anna']
    """
    found = []
    for one in speakers:
        words = re.findall(r"[^\W\d_]{3,}", one)
        if one not in known and not re.search(r"\d", one) and any(word.casefold() not in _NO_NAMES for word in words):
            found.append(one)
    return found


def warning_of_names(names: Sequence[str]) -> str:
    """Say that speakers look like people's names, and what to do; nothing where none does.

    Examples
    --------
    >>> warning_of_names(["Zofia"])
    "A speaker looks like a person's name (Zofia): give people a pseudonym such as P07 in the file, and add it then."
    """
    if not names:
        return ""
    listed = ", ".join(visible(one, 40) for one in names[:3]) + (" …" if len(names) > 3 else "")
    who = "A speaker looks like a person's name" if len(names) == 1 else "Speakers look like people's names"
    return f"{who} ({listed}): give people a pseudonym such as P07 in the file, and add it then."


def title_from(name: str, names: Sequence[str] = ()) -> str:
    """Offer a title for a document: its file's name without the ending; none where that names a person.

    Parameters
    ----------
    name : str
    names : sequence of str
        Labels of speakers that look like people's names.

    Examples
    --------
    >>> title_from("ward_round-2.docx")
    'ward round-2'
    >>> title_from("talk_zofia_nowak.docx", ["Zofia"])
    ''
    """
    given = {word.casefold() for one in names for word in re.findall(r"[^\W\d_]{3,}", one)} - _NO_NAMES
    if given.intersection(word.casefold() for word in re.findall(r"[^\W\d_]{3,}", name)):
        return ""
    stem = name
    for ending in _ENDINGS:
        stem = stem[: -len(ending)] if stem.lower().endswith(ending) else stem
    return " ".join(stem.replace("_", " ").split())


def keep_document(study: Path, brought: Brought, *, title: str, kind: str, who: str = "") -> str:
    """Keep a document in a study: its text in documents/, its row in documents.csv.

    Parameters
    ----------
    study : Path
    brought : Brought
    title : str
        As the person wrote it; a title that a spreadsheet would run as a formula is kept as text.
    kind : str
        One of `KINDS`; empty where it is not known.
    who : str
        Who said whose its labels are.

    Returns
    -------
    str
        The document's identifier.

    Raises
    ------
    BringingError
        When it is there already, somebody has to say whose a label is, or the study cannot be written; nothing was
        changed then.
    """
    if kind and kind not in KINDS:
        raise BringingError(f"A document is one of: {', '.join(KINDS)}.")
    table = study / "documents.csv"
    try:
        header, rows = rows_of(table)
    except RowsError as fault:
        raise BringingError(str(fault)) from None
    except OSError as fault:
        raise CannotWriteError(_cannot_write(study, fault)) from None
    folder = study / "documents"
    same = _same_text(folder, rows, brought.document.text)
    if same:
        raise AlreadyThere(f"{brought.name} is in the study already, as {visible(same)}; it was not added again.")
    asked = [one.label for one in brought.document.questions]
    if asked:
        raise BringingError(
            f"{brought.name} was not added: say first whose the label{'s' if len(asked) > 1 else ''} "
            f"{', '.join(visible(one, 40) for one in asked[:6])} may be."
        )
    try:
        folder.mkdir(exist_ok=True)
        identifier, path = _fresh(folder, {row.get("document", "") for row in rows})
    except OSError as fault:
        raise CannotWriteError(_cannot_write(study, fault)) from None
    known = people_of(study)
    row = {
        "document": identifier,
        "file": path.name,
        "kind": kind,
        "people": ";".join(one for one in brought.document.speakers if one in known),
        "title": plain_title(title),
    }
    try:
        put_whole(path, brought.document.text.rstrip() + "\n")
        kept = settled(brought.document, brought.answers)
        keep_answers(study, kept, file=brought.name, document=identifier, who=who)
        add_rows(table, header, [row])
    except OSError as fault:
        path.unlink(missing_ok=True)
        raise CannotWriteError(_cannot_write(study, fault)) from None
    except (RowsError, DocumentError) as fault:
        path.unlink(missing_ok=True)
        raise BringingError(str(fault)) from None
    return identifier


def _same_text(folder: Path, rows: Sequence[Mapping[str, str]], text: str) -> str:
    from cop_analysis.study.documents import locate, read_text

    for row in rows:
        try:
            if read_text(locate(folder.parent, row["file"]), folder).rstrip() == text.rstrip():
                return row["document"]
        except (ValueError, OSError):
            continue
    return ""


def _fresh(folder: Path, taken: set[str]) -> tuple[str, Path]:
    """Take the next identifier; the file is made at once, so that two who add at the same time get two."""
    numbers = [int(found[1]) for one in taken if (found := _NUMBERED.match(one))]
    number = max(numbers, default=0)
    while True:
        number += 1
        identifier = f"D{number:02d}"
        path = folder / f"{identifier}.txt"
        if identifier in taken:
            continue
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        return identifier, path


def _cannot_write(study: Path, fault: OSError) -> str:
    reason = reason_of(fault)
    return (
        f"Nothing was added: {visible(study.name, 120)} cannot be written ({reason}). Close its tables in other "
        "programs, or work in a copy of your own: cop coding copy STUDY TO."
    )


@dataclass(frozen=True)
class BroughtProject:
    """A project that was looked at and waits for a person's word before it is brought in.

    Parameters
    ----------
    name : str
        The file's name, fit for a screen and for a path.
    content : bytes
    looked : Imported
        What bringing it in would do.
    """

    name: str
    content: bytes
    looked: Imported

    @property
    def state(self) -> dict[str, Any]:
        """What the panel shows of it, as JSON."""
        preview = self.looked.preview
        offsets = self.looked.report.offsets
        unsettled = offsets is not None and not offsets.is_settled
        readings = (
            []
            if preview is None or not unsettled
            else [
                {
                    "name": name,
                    "offsets": unit,
                    "lineBreaks": breaks,
                    "quotes": [visible(quote[position], 160) for quote in preview.quotes],
                }
                for position, (name, unit, breaks) in enumerate(preview.readings)
            ]
        )
        lines = [visible(line, 800) for line in self.looked.report.lines[:7]]
        more = len(self.looked.report.lines) - len(lines)
        return {
            "name": self.name,
            "sentence": f"a {self.looked.kind}; {visible(self.looked.sentence.rpartition(': ')[2], 400)}",
            "lines": [*lines, *([f"and {more:,} more"] if more > 0 else [])],
            "readings": readings,
        }

    def bring(self, study: Path, offsets: str, line_breaks: str, coder: str) -> Imported:
        """Bring it into a study; errors are those of `import_project`."""
        return _imported(study, self.name, self.content, offsets, line_breaks, coder, look=False)


def look_at_project(study: Path | None, name: str, content: bytes) -> BroughtProject | None:
    """Look at a file somebody chose as a project of another program; None where it is a text.

    Raises
    ------
    BringingError
        When it is a project and no study is chosen.
    ExchangeError
        When it is neither a text nor a project that can be read.
    """
    from cop_analysis.realist.importing import recognise

    shown = plain_name(name)
    if not content:
        return None
    with tempfile.TemporaryDirectory(prefix="cop-workbench-") as folder:
        if recognise(_written(Path(folder), shown, content)) == "document":
            return None
    if study is None:
        raise BringingError("Choose or make a study first; then bring the project in.")
    return BroughtProject(shown, content, _imported(study, shown, content, "auto", "auto", "", look=True))


def _imported(
    study: Path, name: str, content: bytes, offsets: str, line_breaks: str, coder: str, *, look: bool
) -> Imported:
    from cop_analysis.realist.importing import import_project

    with tempfile.TemporaryDirectory(prefix="cop-workbench-") as folder:
        path = _written(Path(folder), name, content)
        return import_project(study, path, offsets=offsets, line_breaks=line_breaks, coder=coder, look=look)


def _written(folder: Path, name: str, content: bytes) -> Path:
    # The name stays, because by it a newer export of the same project is known.
    path = folder / (name.replace("\x00", "_")[:120] if name not in ("", ".", "..") else "project")
    path.write_bytes(content)
    return path
