"""Identifiers that mean the same record each time a file is read, where the file itself only numbers its records."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from cop_analysis.files.databases import look_into
from cop_analysis.realist.model import COLLECTIONS, Snapshot
from cop_analysis.realist.model.references import pointing_at


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
