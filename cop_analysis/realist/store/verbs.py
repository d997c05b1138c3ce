"""What every verb of a coding shares: who does it, one transaction, and coding.json kept in step. No verb is here."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Self

from cop_analysis.realist.model import Coding
from cop_analysis.realist.records import Record
from cop_analysis.realist.store.bodies import Key, key_of, named
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.state import Changes, State
from cop_analysis.realist.store.store import Edit, Store
from cop_analysis.study.faults import nearest

SET_BY_VERBS = frozenset({"id", "created"})
"""Fields no correction touches."""


class Verbs(Coding):
    """A coding that can be changed; the verbs themselves are in its subclasses."""

    _store: Store
    _hands: threading.local

    @contextmanager
    def by(self, coder: str | Record) -> Iterator[Self]:
        """Say who makes the changes in a ``with`` block; coding.json is written at its end.

        Raises
        ------
        CodingError
            When there is no such coder.
        """
        who = self._known_coder(coder)
        held: list[str] = self._hands.__dict__.setdefault("held", [])
        held.append(who)
        try:
            yield self
        finally:
            held.pop()
            if not held:
                self._settle(at_once=True)

    def _known_coder(self, coder: str | Record) -> str:
        identifier: str = self._store.state.require("coders", coder).id
        return identifier

    def _who(self, coder: str | Record | None) -> str:
        if coder is not None:
            return self._known_coder(coder)
        held = self._hands.__dict__.get("held")
        if held:
            return str(held[-1])
        coders = list(self._store.state.records["coders"])
        if len(coders) == 1:
            return str(coders[0])
        if not coders:
            raise CodingError("Say who codes first: coding.add_coder('coder-a', 'Their name').")
        raise CodingError(
            f"Say who does this: with coding.by({coders[0]!r}): ..., or coder=...; the coders are {', '.join(coders)}."
        )

    def _change(self, verb: str, coder: str | Record | None, edit: Edit, *, note: str = "") -> Change | None:
        """Make one change in one transaction."""
        done = self._store.change(verb, self._who(coder), edit, note=note)
        self._settle()
        return done

    def _settle(self, *, at_once: bool = False) -> None:
        """Bring coding.json up to date, now or when it is due."""
        raise NotImplementedError

    def _add(self, verb: str, coder: str | Record | None, record: Record, also: Edit | None = None) -> Any:
        """Add one record; one of the same identifier is never replaced."""
        key = key_of(record)

        def edit(state: State) -> Changes:
            if state.get(key) is not None:
                raise CodingError(f"There is a {named(key)} already. Give another identifier, or leave it out.")
            return {key: record, **(also(state) if also is not None else {})}

        self._change(verb, coder, edit)
        return self._store.state.get(key)

    def _alter(
        self, verb: str, coder: str | Record | None, collection: str, record: str | Record, values: Mapping[str, Any]
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

        self._change(verb, coder, edit)
        return self._store.state.require(collection, record)


def moment() -> str:
    """Write the present moment as records say it.

    Examples
    --------
    >>> len(moment())
    20
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def key_in(state: State, record: Record) -> Key:
    """Give the key of a record that has to be there."""
    key = key_of(record)
    state.require(*key)
    return key
