"""What a withdrawal means for a study's coding: which documents, which turns; and what is left to do by hand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from cop_analysis.realist.model import Coding
from cop_analysis.realist.store import agree, log
from cop_analysis.realist.store.erase import Erasure, Target, erase
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.store import Store
from cop_analysis.realist.turns import turns

if TYPE_CHECKING:
    from cop_analysis.study import Study


def erase_person(
    coding: Coding, store: Store, study: Study | None, person: str, names: tuple[str, ...], who: str
) -> Erasure:
    """Erase a person; see `KeptCoding.erase_person`."""
    if not person.strip():
        raise CodingError("Name the person who withdraws by their pseudonym.")
    store.begin(who)
    store.look()
    people = _people_of(study)
    whole: set[str] = set()
    spans: dict[str, tuple[tuple[int, int], ...]] = {}
    remains: list[str] = []
    labels = {one.strip().casefold() for one in (person, *names) if one.strip()}
    for document in store.state.records["documents"].values():
        present = people.get(document.id, ())
        if present and set(present) == {person}:
            whole.add(document.id)
            remains.append(_of_file(document.id, document.file))
            continue
        try:
            read = coding.read_text(document.id) if coding.read_text is not None else ""
        except Exception:
            read = ""
        their = [one for one in turns(read, document.speakers) if one.speaker.strip().casefold() in labels]
        if their:
            spans[document.id] = tuple((one.start, one.end) for one in their)
            remains.append(
                f"Take their turns out of {document.file}, then call coding.replace_document({document.id!r})."
            )
        elif person in present:
            remains.append(f"In {document.file} no turn bears their label: read it, and delete what they said by hand.")
    if study is not None:
        remains.append("Take their rows out of the study's tables (people, survey, ties, quotes and others).")
    return _erase(store, Target(frozenset(whole), spans, (person, *names)), who, remains)


def erase_document(coding: Coding, store: Store, document: str, who: str) -> Erasure:
    """Erase a document; see `KeptCoding.erase_document`."""
    store.begin(who)
    found = store.look().require("documents", document)
    return _erase(store, Target(frozenset({found.id}), {}, ()), who, [_of_file(found.id, found.file)])


def _of_file(document: str, file: str) -> str:
    return f"Delete {file} and the row of {document} in documents.csv."


def _people_of(study: Study | None) -> dict[str, tuple[str, ...]]:
    documents = None if study is None else study.documents
    if documents is None or "people" not in documents:
        return {}
    listed = zip(documents["document"], documents["people"], strict=True)
    return {
        str(document): tuple(one.strip() for one in people.split(";") if one.strip())
        for document, people in listed
        if isinstance(people, str)
    }


def _erase(store: Store, target: Target, who: str, remains: list[str]) -> Erasure:
    # What coding.json says beyond the database is taken in first, so that it is erased as well.
    agree.take_in(store)
    agree.save(store)
    found: list[Erasure] = []

    def work(connection: Connection, counters: log.Head) -> Change:
        done, erasure = erase(connection, counters, store.state, target, who)
        if not (erasure.records or erasure.redacted or erasure.entries or erasure.conflicts):
            raise CodingError(
                "Nothing in the coding, its log or its conflicts holds what was to be erased, so nothing was changed. "
                "Check the pseudonym and the names."
            )
        found.append(erasure)
        return done

    store.write(who, work)
    left = [*remains, *_clean_files(store)]
    if not agree.save(store):
        left.append("coding.json could not be written anew: it still holds what was erased. Call coding.save().")
    left.append("Reports made before, copies of coding.json and its history in version control still hold it.")
    return replace(found[-1], remains=tuple(left))


def _clean_files(store: Store) -> list[str]:
    """Leave nothing of what was erased in the pages of the database, its journal and its old copies."""
    left: list[str] = []
    connector = store.connector
    path = store.address.path
    if path is None:
        with connector.writing() as connection:
            like = f"{store.address.schema[:40]}%before%"
            found: Any = connection.execute(
                text("SELECT nspname FROM pg_namespace WHERE nspname LIKE :like"), {"like": like}
            )
            for name in found.scalars().all():
                connection.execute(text(f'DROP SCHEMA "{name}" CASCADE'))
        with connector.alone() as connection:
            for table in ("entry", "record", "change", "conflict"):
                connection.execute(text(f'VACUUM FULL "{table}"'))
        return left
    try:
        with connector.alone() as connection:
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    except CodingError:
        busy = 1
    if busy:
        left.append("Another process has the database open, so old pages are still in it: close it and open it again.")
    for copy in path.parent.glob(f"{path.stem}.before-*{path.suffix}"):
        with suppress(OSError):
            copy.unlink()
    return left
