"""Our own form of a coding and the XML beside it, which another program may have changed, brought together.

What the XML would say had nobody touched it is known, because it can be written again. Whatever differs from that was
changed by somebody, and counts; what XML never says (or a program dropped) stands as our own form has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.exchange.guids import guid_of
from cop_analysis.realist.exchange.labelled import label_of
from cop_analysis.realist.exchange.mending import mend_references
from cop_analysis.realist.exchange.project_reading import ReadProject, read_project
from cop_analysis.realist.exchange.project_writing import stands_at_its_place, text_file
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.model import (
    COLLECTIONS,
    Code,
    Configuration,
    Document,
    Evidence,
    Extract,
    Snapshot,
)

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
    mended = mend_references(whole, ledger)
    kept = {document.id for document in mended.documents}
    both = {**texts, **actual.texts}
    return ReadProject(mended, {key: text for key, text in both.items() if key in kept}, actual.coded_to)


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
