"""What every holder of verbs shares: one kind of record of a coding, read as a table and changed by verbs.

``coding.codes`` is one. It keeps nothing itself: it asks the coding's store, so that many of them are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from cop_analysis.realist.model.coding import Coding
from cop_analysis.realist.model.records import COLLECTIONS, Coder, Key, Record, without
from cop_analysis.realist.store.acts import Act
from cop_analysis.realist.store.errors import CodingError, InUse
from cop_analysis.realist.store.judge import in_words
from cop_analysis.realist.store.state import Changes, State, key_of, named
from cop_analysis.realist.store.store import Edit, Store
from cop_analysis.study.faults import nearest

if TYPE_CHECKING:
    from cop_analysis.realist.coding.keeping import Keeping

Who = str | Coder | None
"""Who makes a change: a coder, their identifier, or whoever ``with coding.by(...)`` says."""

SET_BY_VERBS = frozenset({"id", "created"})
"""Fields no correction touches."""


class Holder:
    """The verbs of one kind of record.

    Parameters
    ----------
    coding : Keeping
        Whose records they are.
    """

    def __init__(self, coding: Keeping) -> None:
        self._coding = coding

    @property
    def _store(self) -> Store:
        return self._coding._store

    @property
    def _state(self) -> State:
        return self._store.state

    def _who(self, coder: Who) -> str:
        return self._coding._who(coder)

    def _transact(self, act: Act | str, edit: Edit, coder: Who) -> None:
        self._coding.transact(act, edit, coder=coder)

    def _add(self, act: Act, coder: Who, record: Record) -> Any:
        """Add one record; one of the same identifier is never replaced."""
        key = key_of(record)

        def edit(state: State) -> Changes:
            refuse_taken(state, key)
            return {key: record}

        self._transact(act, edit, coder)
        return self._state.get(key)

    def _alter(
        self, act: Act | str, coder: Who, collection: str, record: str | Record, values: Mapping[str, Any]
    ) -> Any:
        """Give fields of one record other values."""

        def edit(state: State) -> Changes:
            now = state.require(collection, record)
            known = [one.name for one in fields(now) if one.name not in SET_BY_VERBS]
            for name in values:
                if name not in known:
                    near = nearest(name, known)
                    hint = f"; {near!r} is near" if near else f"; it has {', '.join(known)}"
                    raise CodingError(f"A {type(now).__name__.lower()} has no {name!r} that could be changed{hint}.")
            return {(collection, now.id): replace(now, **values)}

        self._transact(act, edit, coder)
        return self._state.require(collection, record)

    def _linked(self, act: Act, coder: Who, made: Any, **ends: tuple[str, Any]) -> Any:
        """Add a record whose fields name others, which have to be there."""
        collection = COLLECTIONS[type(made)]
        key = (collection, made.id)

        def edit(state: State) -> Changes:
            if state.get(key) is not None:
                raise CodingError(f"There is a record {made.id!r} already. Give another identifier, or leave it out.")
            names: dict[str, Any] = {}
            for name, (where, given) in ends.items():
                if isinstance(given, tuple | list):
                    names[name] = tuple(dict.fromkeys(state.require(where, one).id for one in given))
                else:
                    names[name] = None if given is None else state.require(where, given).id
            return {key: replace(made, **names)}

        self._transact(act, edit, coder)
        return self._state.require(collection, made.id)

    def _delete(self, act: Act | str, coder: Who, collection: str, record: object, also: str | None, how: str) -> None:
        """Delete a record; with what cannot be without it where that was said."""
        if also not in (None, "delete"):
            raise CodingError(f"Write {how} to delete what uses it as well, or leave it out.")

        def edit(state: State) -> Changes:
            now = state.require(collection, record)
            key = (collection, now.id)
            changes = gone_with_what_needs_it(state, {key})
            if len(changes) > 1 and also is None:
                users = [one for one in changes if one != key]
                raise InUse(
                    f"{_capital(collection, now.id)} was not deleted: {in_words(users)}. To delete it all the same, "
                    f"with what cannot be without it, say {how}."
                )
            return changes

        self._transact(act, edit, coder)


class Table(Holder):
    """A holder that is also the table of its records: it reads as one, column by column.

    `table` is the table itself, for functions that insist on a `pandas.DataFrame`.
    """

    reads: ClassVar[str]
    """The property of a `Coding` that gives the table."""

    @property
    def table(self) -> pd.DataFrame:
        """The records as they are now."""
        made: pd.DataFrame = getattr(Coding, self.reads).fget(self._coding)
        return made

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.table, name)

    def __getitem__(self, wanted: Any) -> Any:
        return self.table[wanted]

    def __len__(self) -> int:
        return len(self._store.look().records[self.reads])

    def __iter__(self) -> Iterator[Any]:
        return iter(self.table)

    def __contains__(self, column: object) -> bool:
        return column in self.table

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> Any:
        return self.table.to_html(max_rows=60, max_cols=20, notebook=True)


def moment() -> str:
    """Write the present moment as records say it.

    Examples
    --------
    >>> len(moment())
    20
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def refuse_taken(state: State, key: Key) -> None:
    """Refuse to add a record under an identifier that another one has."""
    if state.get(key) is not None:
        raise CodingError(f"There is a {named(key)} already. Give another identifier, or leave it out.")


def gone_with_what_needs_it(state: State, gone: set[Key]) -> dict[Key, Record | None]:
    """Say what deleting records makes of the others: what cannot be without them goes, the rest lets go of them."""
    doomed = set(gone)
    changes: dict[Key, Record | None] = dict.fromkeys(doomed)
    growing = True
    while growing:
        growing = False
        for key, record in every_record(state):
            if key in doomed:
                continue
            left = without(record, doomed)
            if left is None:
                doomed.add(key)
                changes[key] = None
                growing = True
            elif left != record:
                changes[key] = left
    return changes


def every_record(state: State) -> Iterator[tuple[Key, Record]]:
    """Give all records with their keys."""
    for name, kept in state.records.items():
        for identifier, record in list(kept.items()):
            yield (name, identifier), record


def _capital(collection: str, identifier: str) -> str:
    return f"{'Extract' if collection == 'extracts' else collection[:-1].capitalize()} {identifier!r}"
