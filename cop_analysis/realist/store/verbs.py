"""What every verb of a coding shares: who does it, one transaction, and coding.json kept in step. No verb is here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Self

from cop_analysis.realist.records import Coder, Record
from cop_analysis.realist.store.bodies import KINDS, Key, key_of, named
from cop_analysis.realist.store.errors import CodingError, WhoIsIt
from cop_analysis.realist.store.keeping import Keeping
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.state import Changes, State
from cop_analysis.realist.store.store import Edit, Guard
from cop_analysis.study.faults import nearest, visible

SET_BY_VERBS = frozenset({"id", "created"})
"""Fields no correction touches."""


class Verbs(Keeping):
    """A coding that can be changed; the verbs themselves are in its subclasses."""

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

    @contextmanager
    def guarded(self, guard: Guard) -> Iterator[Self]:
        """Let `guard` refuse changes made in a ``with`` block, whatever verb makes them.

        Parameters
        ----------
        guard : callable
            Given the records as they are and what would become of which, before anything is written; it raises a
            `CodingError` where that may not be.
        """
        with self._store.guarded(guard):
            yield self

    def _known_coder(self, coder: str | Record) -> str:
        identifier: str = self._store.state.require("coders", coder).id
        return identifier

    def _who(self, coder: str | Coder | None) -> str:
        if coder is not None:
            return self._known_coder(coder)
        held = self._hands.__dict__.get("held")
        if held:
            return str(held[-1])
        coders = list(self._store.state.records["coders"])
        if len(coders) == 1:
            return str(coders[0])
        if not coders:
            raise WhoIsIt("Say who codes first: coding.add_coder('coder-a', 'Their name').", ())
        raise WhoIsIt(
            f"Say who does this: with coding.by({coders[0]!r}): ..., or coder=...; the coders are {', '.join(coders)}.",
            tuple(coders),
        )

    def transact(self, verb: str, edit: Edit, *, coder: str | Coder | None = None, note: str = "") -> Change | None:
        """Make a change of your own in one transaction, which one undo takes back; the named verbs do the usual ones.

        Parameters
        ----------
        verb : str
            What the log is to call it.
        edit : callable
            Given the records as they are at that moment (``state.get(key)``, ``state.require(collection, id)``), it
            gives what becomes of which: a mapping of (collection, identifier) to the new record, or to None where the
            record goes.
        coder : coder or identifier, optional
        note : str
            Kept in the log.

        Returns
        -------
        Change or None
            None where nothing would be different, and so nothing was written.

        Raises
        ------
        ChangedElsewhere
            When somebody changed the same since this process last looked.
        CodingError
            When the coding would be at fault afterwards.
        """
        done = self._store.change(verb, self._who(coder), lambda state: _checked(edit(state)), note=note)
        self._settle()
        return done

    def _add(self, verb: str, coder: str | Coder | None, record: Record, also: Edit | None = None) -> Any:
        """Add one record; one of the same identifier is never replaced."""
        key = key_of(record)

        def edit(state: State) -> Changes:
            if state.get(key) is not None:
                raise CodingError(f"There is a {named(key)} already. Give another identifier, or leave it out.")
            return {key: record, **(also(state) if also is not None else {})}

        self.transact(verb, edit, coder=coder)
        return self._store.state.get(key)

    def _alter(
        self, verb: str, coder: str | Coder | None, collection: str, record: str | Record, values: Mapping[str, Any]
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

        self.transact(verb, edit, coder=coder)
        return self._store.state.require(collection, record)


def _checked(changes: Any) -> Changes:
    """Refuse what is no mapping of keys to records."""
    if not isinstance(changes, Mapping):
        raise CodingError(f"A change is a mapping of (collection, identifier) to a record or None, not {changes!r}.")
    for key, record in changes.items():
        known = isinstance(key, tuple) and len(key) == 2 and key[0] in KINDS and isinstance(key[1], str)
        fits = known and (record is None or (isinstance(record, KINDS[key[0]]) and getattr(record, "id", "") == key[1]))
        if not fits:
            raise CodingError(
                f"{visible(str(key))} does not name {'the record given for it' if known else 'a record'}: write "
                f"(collection, identifier), the collection one of {', '.join(KINDS)}. Nothing was changed."
            )
    return changes


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
