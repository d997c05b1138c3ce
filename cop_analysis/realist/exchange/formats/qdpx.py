"""REFI-QDA projects (.qdpx) in and out: the ZIP, our own lossless part in it, and how the two are brought together."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import unquote

from cop_analysis.characters import first_characters
from cop_analysis.files import MOST_ARCHIVE, is_database, read_file, starts_with
from cop_analysis.realist.documents.containers import Archive, ExchangeError, refusing
from cop_analysis.realist.exchange.elements import label_of
from cop_analysis.realist.exchange.foreign_reading import KEPT, described_foreign
from cop_analysis.realist.exchange.offsets import UNITS, SourceText
from cop_analysis.realist.exchange.project_reading import ReadProject, read_project
from cop_analysis.realist.exchange.project_writing import origin_text, project_xml, stands_at_its_place, text_file
from cop_analysis.realist.exchange.references import correct_references
from cop_analysis.realist.exchange.registry import Format, HowToRead, HowToWrite, Seen
from cop_analysis.realist.exchange.report import ExchangeReport, Ledger, OffsetChoice, write_whole
from cop_analysis.realist.model import COLLECTIONS, Code, Coding, Configuration, Document, Evidence, Extract, Snapshot
from cop_analysis.realist.model.check import check_references
from cop_analysis.realist.model.consent import handed_on
from cop_analysis.realist.model.identifiers import guid_of
from cop_analysis.realist.model.json_form import parse, write
from cop_analysis.study.faults import StudyError

OWN_PART: Final = "sources/coding.json"
"""Where our own lossless form of the coding travels in a .qdpx; no element refers to it, so others pass it by."""

_WHAT: Final = "REFI-QDA project (.qdpx)"

_ANY_TIME: Final = (1980, 1, 1, 0, 0, 0)

_SOURCE_PATH = re.compile(r"(?:internal|relative):/{0,3}", re.IGNORECASE)

LARGEST_XML: Final = 512 * 2**20
"""The largest bare project (.qde) that is read, in bytes."""


def write_qdpx(
    coding: Coding,
    path: Path | str,
    *,
    offsets: str = "codepoint",
    overwrite: bool = True,
    files: Path | str | None = None,
) -> ExchangeReport:
    """Write a coding as a REFI-QDA project that NVivo, ATLAS.ti, MAXQDA and others open.

    Parameters
    ----------
    coding : Coding
        Opened with its study, because the documents travel with it.
    path : path
    offsets : {"codepoint", "utf16"}
        What positions count in. The standard says code points; ``"utf16"`` is for a program known to read otherwise,
        where texts hold emoji.
    overwrite : bool
        False refuses where the file exists.
    files : path, optional
        A folder in which pictures, PDFs and recordings that came with another program's project are looked for by
        their names there, where the coding does not bring them itself (`Coding.read_file`).

    Returns
    -------
    ExchangeReport

    Raises
    ------
    StudyError
        When the records contradict each other; nothing is written.
    ExchangeError
        When a document cannot be read, or the place is taken.
    OSError
        When the folder cannot be written.

    Notes
    -----
    REFI-QDA 1.0 (Rotterdam Exchange Format Initiative, 2019). A configuration travels as a code whose codings are its
    extracts, a note, one-way links named by role, and a graph; docs/exchange.md says what each program keeps. The
    same coding gives the same file, byte for byte.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.realist.model import Code, Coding, Snapshot
    >>> place = Path(tempfile.mkdtemp()) / "demo.qdpx"
    >>> write_qdpx(Coding(Snapshot("demo", codes=(Code("c1", "Trust"),))), place).sentence
    'Wrote demo.qdpx: 1 code carried; nothing changed; nothing left.'
    >>> read_qdpx(place)[0].codes["name"].tolist()
    ['Trust']
    """
    if offsets not in UNITS:
        raise ValueError(f'offsets must be "codepoint" or "utf16", not {offsets!r}.')
    path = Path(path)
    ledger = Ledger(path.name)
    coding = handed_on(coding)
    own_part = judged_json(coding)
    texts = document_texts(coding)
    xml = project_xml(coding.snapshot, texts, unit=offsets, ledger=ledger)
    reserved = {OWN_PART, *(f"sources/{text_file(guid_of(coding.study, 'document', name))}" for name in texts)}

    def fill(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            add = _Adder(archive)
            add("project.qde", xml)
            for document in coding.snapshot.documents:
                guid = guid_of(coding.study, "document", document.id)
                add(f"sources/{text_file(guid)}", texts[document.id])
            for name, content in _inner_files(coding, None if files is None else Path(files), reserved, ledger):
                add(name, content)
            add(OWN_PART, own_part)

    write_whole(path, fill, overwrite=overwrite)
    count_records(coding.snapshot, ledger)
    return ledger.close("export", "qdpx")


def read_qdpx(path: Path | str, offsets: str = "auto", *, line_breaks: str = "auto") -> tuple[Coding, ExchangeReport]:
    """Read a REFI-QDA project of any program.

    Parameters
    ----------
    path : path
        A .qdpx, or the .qde alone, whose texts stand in it.
    offsets : {"auto", "utf16", "codepoint"}
        What positions count in. ``"auto"`` finds out from where selections begin and end, and the report says what
        was found and why.
    line_breaks : {"auto", "one", "two"}
        How a line break that is written as CR LF counts.

    Returns
    -------
    coding : Coding
        With the texts of its documents (`Coding.text`).
    report : ExchangeReport
        What was carried, changed and left. A selection that could not become an extract is in it with its document,
        positions, words and codes.

    Raises
    ------
    ExchangeError
        When the file is no such project, is damaged, or was made to do harm; one sentence says which.
    ValueError
        When `offsets` or `line_breaks` is not one of the words above.
    OSError
        When the file cannot be opened.

    Notes
    -----
    A project that was written here holds our own form of the coding beside the XML. The two are compared: what another
    program changed in the XML is taken over and noted, and what it dropped (links, graphs, notes) is restored.
    """
    if offsets not in ("auto", *UNITS) or line_breaks not in ("auto", "one", "two"):
        raise ValueError(
            f'offsets must be "auto", "utf16" or "codepoint", and line_breaks "auto", "one" or "two"; not {offsets!r} '
            f"and {line_breaks!r}."
        )
    path = Path(path)
    ledger = Ledger(path.name)
    if (content := _bare(path)) is not None:
        read = read_project(content, path.name, lambda _: None, ledger, offsets=offsets, line_breaks=line_breaks)
        count_records(read.snapshot, ledger)
        return Coding(read.snapshot, read.texts.__getitem__), ledger.close("import", "qdpx")
    with Archive(path, _WHAT) as archive:
        sources = _Sources(archive)
        content = archive.read(_inner_file(archive))
        own = _own_part(archive, ledger)
        if own is None:
            read = read_project(content, path.name, sources.read, ledger, offsets=offsets, line_breaks=line_breaks)
        else:
            read = _with_own_part(content, path.name, sources, own, ledger, offsets, line_breaks)
    count_records(read.snapshot, ledger)

    def read_file(inner: str) -> bytes | None:
        with Archive(path, _WHAT) as archive:
            return _Sources(archive).read(inner)

    return Coding(read.snapshot, read.texts.__getitem__, read_file), ledger.close("import", "qdpx")


def judged_json(coding: Coding) -> str:
    """Give a coding as the text of coding.json, after judging it as reading judges it.

    Raises
    ------
    StudyError
        When its records contradict each other.
    """
    # Who was erased from a study is no other program's business.
    text = write(replace(coding.snapshot, erased=()))
    judged = parse(text.encode("utf-8"))
    if judged.snapshot is not None:
        check_references(judged.snapshot, judged)
    errors = [fault for fault in judged.faults if fault.severity == "error"]
    if errors:
        raise StudyError(errors)
    return text


def document_texts(coding: Coding) -> dict[str, str]:
    """Give the text of every document.

    Raises
    ------
    ExchangeError
        When one cannot be read.
    """
    texts = {}
    for document in coding.snapshot.documents:
        try:
            texts[document.id] = coding.text(document.id)
        except (ValueError, KeyError, OSError) as error:
            reason = " ".join(str(error.args[0] if isinstance(error, KeyError) and error.args else error).split())
            raise ExchangeError(f"The text of document {document.id} is needed and cannot be read: {reason}") from None
    return texts


def count_records(snapshot: Snapshot, ledger: Ledger) -> None:
    """Count the records of each kind as carried, and by name what is kept for the program it came from."""
    for name in COLLECTIONS.values():
        if name != "foreign":
            ledger.carry(name, len(getattr(snapshot, name)))
    gone = {(one.what, one.where) for one in ledger.left}
    kept = {what: [] for what in KEPT.values()}  # type: dict[str, list[str]]
    for one, described in described_foreign(snapshot):
        if one.kind in KEPT and (one.kind.lower(), one.name or one.id) not in gone:
            kept[KEPT[one.kind]].append(described)
    for what, names in kept.items():
        ledger.carry(what, len(names), names)


def _inner_files(
    coding: Coding, folder: Path | None, reserved: set[str], ledger: Ledger
) -> Iterator[tuple[str, bytes]]:
    """Give the files that kept sources name inside a project, one at a time, by the names they get in it."""
    taken = {name.casefold() for name in reserved}
    done: set[str] = set()
    for one in coding.snapshot.foreign:
        for part in one.parts:
            for attribute in ("path", "currentPath", "richTextPath", "plainTextPath"):
                named = dict(part.attributes).get(attribute, "")
                is_inside = named.casefold().startswith(("internal:", "sources/"))
                if not is_inside or named in done:
                    continue
                done.add(named)
                inner = _SOURCE_PATH.sub("", named, count=1)
                entry = inner if named.casefold().startswith("sources/") else f"sources/{inner}"
                parts = re.split(r"[/\\]", inner)
                if "" in parts or ".." in parts or ":" in inner or entry.casefold() in taken:
                    ledger.leave("file", named, f"{one.kind} {one.name} names it by a name that no file can have here")
                    continue
                content, reason = None, "is not at hand; put it in the study's documents/"
                try:
                    content = None if coding.read_file is None else coding.read_file(named)
                    beside = None if folder is None else folder / parts[-1]
                    if content is None and beside is not None and beside.is_file() and not beside.is_symlink():
                        content = read_file(beside, most=MOST_ARCHIVE, inside=folder)
                except (ValueError, OSError) as error:
                    reason = f"could not be read ({' '.join(str(error).split()).rstrip('.')})"
                if content is None:
                    ledger.leave("file", named, f"it belongs to {one.name or one.kind} and {reason}")
                else:
                    taken.add(entry.casefold())
                    yield entry, content


class _Adder:
    """Adds entries to a ZIP without a moment of time, so that the same content is the same file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive

    def __call__(self, name: str, content: str | bytes) -> None:
        info = zipfile.ZipInfo(name, _ANY_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self.archive.writestr(info, data)


class _Sources:
    """Finds the files of a project's sources by the paths its XML names, however a program writes them.

    Met are ``internal://a.txt``, ``internal:/a.txt``, ``sources/a.txt``, ``internal://sources/a.txt`` and
    ``relative:///sources/a%20b.txt``, in sources/, in Sources/ and beside the XML.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.by_name: dict[str, str] = {}
        inside = [(name, _levelled(name)) for name in archive.names]
        for name, level in inside:
            parts = level.split("/")
            if "sources" in parts[:-1]:
                self.by_name.setdefault("/".join(parts[parts.index("sources") + 1 :]), name)
        for name, level in inside:
            # A name that is meant from the root never comes before one that is meant from sources/.
            self.by_name.setdefault(level, name)

    def read(self, path: str) -> bytes | None:
        """Give the bytes a path means; None where it means nothing in the file (a path elsewhere is never followed)."""
        plain = _SOURCE_PATH.sub("", path, count=1)
        for written in dict.fromkeys((plain, unquote(plain))):
            level = _levelled(written)
            for one in dict.fromkeys((level, level.removeprefix("./"), level.removeprefix("sources/"))):
                name = self.by_name.get(one)
                if name is not None and not name.casefold().endswith((".qde", OWN_PART)):
                    return self.archive.read(name)
        return None


def _levelled(path: str) -> str:
    return unicodedata.normalize("NFC", path.replace("\\", "/")).casefold()


def _bare(path: Path) -> bytes | None:
    """Give the XML of a project that stands by itself (.qde); None where the file is anything else."""
    if not path.is_file() or is_database(path):
        return None
    with refusing(path):
        head = starts_with(path, 4096)
    plain = head.replace(b"\x00", b"")
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        plain = plain.removeprefix(mark)
    if not re.match(rb"\s*<", plain):
        return None
    with refusing(path):
        return read_file(path, most=LARGEST_XML)


def _inner_file(archive: Archive) -> str:
    found = [name for name in archive.names if name.casefold().endswith(".qde")]
    # Copies by file managers (__MACOSX/._project.qde) lie in folders; the project lies at the top.
    top = [name for name in found if "/" not in name and "\\" not in name and not name.startswith("._")]
    found = top or [name for name in found if not name.replace("\\", "/").split("/")[-1].startswith("._")]
    named = [name for name in found if name.casefold() == "project.qde"]
    if len(named) == 1:
        return named[0]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ExchangeError(
            f"{archive.path.name} was not read: it is a ZIP file without a .qde in it, so it is no {_WHAT}; export the "
            "project again as REFI-QDA."
        )
    raise ExchangeError(
        f"{archive.path.name} was not read: it holds {len(found)} projects ({', '.join(found[:3])}); export one."
    )


def _own_part(archive: Archive, ledger: Ledger) -> Snapshot | None:
    names = [name for name in archive.names if name.replace("\\", "/").casefold() == OWN_PART]
    if not names:
        return None
    judged = parse(archive.read(names[0]))
    if judged.snapshot is not None:
        check_references(judged.snapshot, judged)
    errors = [fault for fault in judged.faults if fault.severity == "error"]
    if judged.snapshot is None or errors:
        ledger.leave("own part", OWN_PART, f"it {errors[0].rule}; the project was read from its XML alone")
        return None
    return judged.snapshot


def _with_own_part(
    content: bytes, file: str, sources: _Sources, own: Snapshot, ledger: Ledger, offsets: str, line_breaks: str
) -> ReadProject:
    texts = {}
    for document in own.documents:
        found = sources.read(f"internal://{text_file(guid_of(own.study, 'document', document.id))}")
        if found is not None:
            texts[document.id] = SourceText.of(found.decode("utf-8", "replace")).text
    is_whole = len(texts) == len(own.documents)
    unit = "utf16" if origin_text("utf16").encode() in content[:2000] else "codepoint"
    written = project_xml(own, texts, unit=unit).encode("utf-8", "surrogatepass") if is_whole else b""
    if is_whole and offsets == "auto" and content == written:
        ledger.offsets = OffsetChoice(unit, 1, "")
        return ReadProject(own, texts, frozenset())
    read = read_project(content, file, sources.read, ledger, offsets=offsets, line_breaks=line_breaks, known=own)
    if not is_whole:
        texts = {**{document.id: "" for document in own.documents}, **read.texts, **texts}
        written = project_xml(own, texts, unit=unit).encode("utf-8", "surrogatepass")
    return bring_together(own, texts, written, read, ledger)


_STANDS_BY_ITSELF: Final = (Document, Code, Configuration, Extract)
"""Records that are elements of their own, which programs keep: where one is gone, somebody deleted it."""


def bring_together(
    own: Snapshot, texts: Mapping[str, str], written: bytes, actual: ReadProject, ledger: Ledger
) -> ReadProject:
    """Take over into our own form what another program changed in the XML.

    Parameters
    ----------
    own : Snapshot
        Our own form, as it was written.
    texts : mapping of str to str
        The text of every document of `own`.
    written : bytes
        The XML as it is when `own` has just been written.
    actual : ReadProject
        What the XML says now, read with `own` as what is known.
    ledger : Ledger
        Where every difference is noted.

    Returns
    -------
    ReadProject
    """
    by_file = {f"internal://{one}": text for one, text in _files(own, texts).items()}
    expected = read_project(written, "project.qde", _reader(by_file), Ledger(""), known=own)
    # An extract without a place is a note and no selection, so it may be dropped without anybody deleting it.
    noted = {one.id for one in own.extracts if not stands_at_its_place(one, texts[one.document])}
    collections: dict[str, dict[str, Any]] = {}
    for kind, name in COLLECTIONS.items():
        collections[name] = _agreed(
            kind, _by_id(own, name), _by_id(expected.snapshot, name), _by_id(actual.snapshot, name), noted, ledger
        )
    _drop_unlinked(collections, expected, actual, ledger)
    whole = Snapshot(own.study, **{name: tuple(records.values()) for name, records in collections.items()})
    corrected = correct_references(whole, ledger)
    kept = {document.id for document in corrected.documents}
    both = {**texts, **actual.texts}
    return ReadProject(corrected, {key: text for key, text in both.items() if key in kept}, actual.coded_to)


def _agreed(
    kind: type,
    own: dict[str, Any],
    expected: dict[str, Any],
    actual: dict[str, Any],
    noted: set[str],
    ledger: Ledger,
) -> dict[str, Any]:
    what = label_of(kind)
    agreed = dict(own)
    for identifier, now in actual.items():
        before = expected.get(identifier)
        if identifier not in own:
            agreed[identifier] = now
            ledger.change(what, identifier, "was added in another program", detail=_shown(now))
        elif before is None:
            # The XML said nothing of it and does now: somebody wrote it there.
            agreed[identifier] = now
            ledger.change(what, identifier, "was written again in another program", detail=_shown(now))
        elif now != before:
            names = [one.name for one in fields(kind) if getattr(now, one.name) != getattr(before, one.name)]
            agreed[identifier] = replace(own[identifier], **{name: getattr(now, name) for name in names})
            reason = f"its {', '.join(name.replace('_', ' ') for name in names)} changed in another program"
            ledger.change(what, identifier, reason, detail=_shown(now))
    for identifier, before in expected.items():
        if identifier in actual:
            continue
        if kind in _STANDS_BY_ITSELF and identifier in own and not (kind is Extract and identifier in noted):
            del agreed[identifier]
            ledger.change(what, identifier, "was deleted in another program and is gone", detail=_shown(before))
        else:
            ledger.change(what, identifier, "was dropped by another program and stands as it was")
    return agreed


def _drop_unlinked(
    collections: dict[str, dict[str, Any]], expected: ReadProject, actual: ReadProject, ledger: Ledger
) -> None:
    """Take away evidence whose coding somebody deleted while its extract and its configuration are still there."""
    taken = expected.coded_to - actual.coded_to
    evidence = collections[COLLECTIONS[Evidence]]
    for identifier, link in list(evidence.items()):
        pair = link.extract, link.configuration
        if (
            pair in taken
            and link.extract in collections["extracts"]
            and link.configuration in collections["configurations"]
        ):
            del evidence[identifier]
            reason = f"its coding ({link.extract} with {link.configuration}) was deleted in another program"
            ledger.change("evidence", identifier, reason, detail=first_characters(link.reason, 200))


def _shown(record: Any) -> str:
    for name in ("quote", "statement", "label", "name", "title", "text", "reason"):
        if value := getattr(record, name, ""):
            return first_characters(str(value), 200)
    return ""


def _by_id(snapshot: Snapshot, name: str) -> dict[str, Any]:
    return {record.id: record for record in getattr(snapshot, name)}


def _files(own: Snapshot, texts: Mapping[str, str]) -> dict[str, str]:
    return {text_file(guid_of(own.study, "document", one.id)): texts[one.id] for one in own.documents}


def _reader(by_file: Mapping[str, str]) -> Any:
    def read(path: str) -> bytes | None:
        text = by_file.get(path)
        return None if text is None else text.encode("utf-8", "surrogatepass")

    return read


# --- as a kind of file --------------------------------------------------------------------------------------------


def _is_one(seen: Seen) -> bool:
    # A document type is refused by the reader, which says why.
    has_type = re.match(r"\s*(?:<\?[^>]{0,400}>\s*)?<!DOCTYPE", seen.text, re.IGNORECASE) is not None
    return any(name.endswith(".qde") for name in seen.parts or ()) or (
        seen.is_markup and (seen.root == "Project" or has_type)
    )


def _read(path: Path, how: HowToRead) -> tuple[Coding, ExchangeReport]:
    return read_qdpx(path, how.offsets, line_breaks=how.line_breaks)


def _write(coding: Coding, path: Path, how: HowToWrite) -> ExchangeReport:
    return write_qdpx(coding, path, offsets=how.offsets, overwrite=how.overwrite, files=how.files)


FORMATS: Final = (Format("qdpx", "REFI-QDA project", "a project for NVivo, ATLAS.ti, MAXQDA", _is_one, _read, _write),)
