"""What a project's records are called and point at: identifiers that last, references that lead somewhere.

Identifiers mean the same record each time a file is read, where the file itself only numbers its records. Records that
refer to records that did not come along are corrected where they can be, else set aside, and all is noted.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from cop_analysis.characters import first_characters
from cop_analysis.files.door import look_into
from cop_analysis.realist.exchange.elements import label_of
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.model import COLLECTIONS, Configuration, Decision, Memo, Snapshot, vocabulary
from cop_analysis.realist.model.check import check_references
from cop_analysis.realist.model.json_form import FORMS, Parsed
from cop_analysis.realist.model.records import POINTERS, pointing_at, references


def correct_references(snapshot: Snapshot, ledger: Ledger) -> Snapshot:
    """Give records that refer only to each other, and note every reference and record that had to go.

    Parameters
    ----------
    snapshot : Snapshot
    ledger : Ledger
        Where each is noted.

    Returns
    -------
    Snapshot
        In which `check_references` finds no error.

    Examples
    --------
    >>> from cop_analysis.realist.model import Code, Ripple
    >>> ledger = Ledger("demo")
    >>> broken = Snapshot("demo", codes=(Code("c1", "Trust", parent="gone"),), ripples=(Ripple("r1", "a", "b"),))
    >>> corrected = correct_references(broken, ledger)
    >>> corrected.codes[0].parent, corrected.ripples, [item.what for item in (*ledger.changed, *ledger.left)]
    (None, (), ['code', 'ripple'])
    """
    collections: dict[str, dict[str, Any]] = {
        name: {record.id: record for record in getattr(snapshot, name)} for name in COLLECTIONS.values()
    }
    # A record that goes can take others with it, so look until nothing more goes; each round is a pass over all.
    is_changed = False
    while _drop_unfounded(collections, ledger):
        is_changed = True
    for kind, name in COLLECTIONS.items():
        for identifier, record in collections[name].items():
            unclear = isinstance(record, Memo | Decision) and record.target is not None and not record.about
            if unclear or any(target not in collections[collection] for collection, target in references(record)):
                collections[name][identifier] = _corrected(record, kind, collections, ledger)
                is_changed = True
    if is_changed:
        snapshot = Snapshot(snapshot.study, **{name: tuple(records.values()) for name, records in collections.items()})
    return _without_the_rest(snapshot, ledger)


def _drop_unfounded(collections: dict[str, dict[str, Any]], ledger: Ledger) -> bool:
    dropped = False
    for identifier, one in list(collections["foreign"].items()):
        if any(document not in collections["documents"] for document in one.documents):
            # Its selections were extracts of that document, so without it there is nothing it could be put around.
            del collections["foreign"][identifier]
            ledger.leave(one.kind.lower(), one.name or identifier, "the document it belongs to is not there")
    for kind, pointers in POINTERS.items():
        required = {form.attribute or form.name for form in FORMS[kind] if form.required}
        needed = {name: target for name, target in pointers.items() if name in required}
        records = collections[COLLECTIONS[kind]]
        for identifier, record in list(records.items()):
            absent = [name for name, target in needed.items() if getattr(record, name) not in collections[target]]
            if absent:
                del records[identifier]
                dropped = True
                gone = ", ".join(f"{name} {getattr(record, name)}" for name in absent)
                detail = getattr(record, "quote", "") or getattr(record, "reason", "") or getattr(record, "note", "")
                ledger.leave(
                    label_of(kind),
                    identifier,
                    f"what it refers to is not there ({gone})",
                    detail=first_characters(detail, 200),
                )
    return dropped


def _corrected(record: Any, kind: type, collections: dict[str, dict[str, Any]], ledger: Ledger) -> Any:
    def lost(field_name: str, gone: Iterable[str]) -> None:
        reason = f"its {field_name} named what is not there ({', '.join(gone)}) and no longer does"
        ledger.change(label_of(kind), record.id, reason)

    changes: dict[str, Any] = {}
    for name, target in POINTERS.get(kind, {}).items():
        value = getattr(record, name)
        if isinstance(value, tuple):
            gone = [one for one in value if one not in collections[target]]
            if gone:
                changes[name] = tuple(one for one in value if one in collections[target])
                lost(name, gone)
        elif value is not None and value not in collections[target]:
            changes[name] = None
            lost(name, [value])
    if kind is Configuration:
        slots = tuple(
            replace(slot, codes=tuple(code for code in slot.codes if code in collections["codes"]))
            for slot in record.slots
        )
        if slots != record.slots:
            changes["slots"] = slots
            lost("slots", sorted({code for slot in record.slots for code in slot.codes} - set(collections["codes"])))
    if kind in (Memo, Decision) and record.target is not None:
        target_records = collections.get(vocabulary.ABOUT.get(record.about or "", ""), {})
        if record.target not in target_records:
            changes["about"] = changes["target"] = None
            lost("target", [f"{record.about} {record.target}"])
    return replace(record, **changes) if changes else record


def _without_the_rest(snapshot: Snapshot, ledger: Ledger) -> Snapshot:
    """Set aside what is still at fault (a measure of an unknown form, a role its schema lacks, a circle)."""
    judged = Parsed()
    check_references(snapshot, judged)
    # Notices are left to `check_coding`.
    errors = [
        (fault, record) for fault, record in zip(judged.faults, judged.about, strict=True) if fault.severity == "error"
    ]
    if not errors:
        return snapshot
    kinds = {name: kind for kind, name in COLLECTIONS.items()}
    gone: dict[str, set[str]] = {}
    for fault, record in errors:
        collection = fault.column.split(".")[0]
        if record not in gone.setdefault(collection, set()):
            gone[collection].add(record)
            ledger.leave(label_of(kinds[collection]), record, f"it {fault.rule}")
    kept = {
        name: tuple(one for one in getattr(snapshot, name) if one.id not in gone.get(name, ()))
        for name in COLLECTIONS.values()
    }
    return correct_references(Snapshot(snapshot.study, **kept), ledger)


def marked_as_of(snapshot: Snapshot, *identity: str) -> Snapshot:
    """Put a mark of the project behind the identifiers of codes, extracts and memos.

    Parameters
    ----------
    snapshot : Snapshot
    *identity : str
        What tells the project from every other.

    Examples
    --------
    >>> from cop_analysis.realist.model import Code
    >>> one = Snapshot("demo", codes=(Code("code-1", "Trust"),))
    >>> marked_as_of(one, "a").codes[0].id == marked_as_of(one, "a").codes[0].id != marked_as_of(one, "b").codes[0].id
    True
    """
    mark = hashlib.sha256("\x1f".join(identity).encode()).hexdigest()[:6]
    names = {
        collection: {one.id: f"{one.id}-{mark}" for one in getattr(snapshot, collection)}
        for collection in ("codes", "extracts", "memos")
    }
    return renamed(snapshot, names)


def said_of_itself(file: Path, question: str) -> str:
    """Give what a project's database says it is; empty where it says nothing.

    Parameters
    ----------
    file : pathlib.Path
    question : str
        The SQL that asks for its name, or for when it was made.
    """
    try:
        with closing(look_into(file)) as connection:
            rows = connection.execute(question).fetchmany(100)
    except sqlite3.Error:
        return ""
    return "\x1f".join(str(value) for row in rows for value in row[:2] if value is not None)


def by_what_they_say(snapshot: Snapshot) -> Snapshot:
    """Name the rows of a foreign table by what they say, so that their order and number do not matter."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for one in snapshot.extracts:
        if not one.id.startswith("segment-"):
            taken.add(one.id)
            continue
        said = (one.document, str(one.start), str(one.end), one.quote, one.code, one.coder)
        plain = "segment-" + hashlib.sha256("\x1f".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}-{number}", number + 1
        taken.add(name)
        names[one.id] = name
    return renamed(snapshot, {"extracts": names})


def renamed(snapshot: Snapshot, names: Mapping[str, Mapping[str, str]]) -> Snapshot:
    """Give records other identifiers, by collection, and let all that points at them follow."""
    collections: dict[str, Any] = {}
    for name in COLLECTIONS.values():
        own = names.get(name, {})
        collections[name] = tuple(
            replace(pointing_at(one, names), id=own.get(one.id, one.id)) for one in getattr(snapshot, name)
        )
    return Snapshot(snapshot.study, **collections)
