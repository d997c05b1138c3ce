"""A coding with its database: where it stands, who changes it, coding.json kept in step; and what holders share.

A holder has the verbs of one kind of record, read as a table and changed by verbs; ``coding.codes`` is one. It keeps
nothing itself: it asks the coding's store, so that many of them are one. No verb is here.
"""

from __future__ import annotations

import atexit
import hashlib
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import pandas as pd

from cop_analysis.files import reason_of
from cop_analysis.realist.coding import agree
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.json_form import FILE
from cop_analysis.realist.model.records import COLLECTIONS, AnyRecord, Coder, Key, Record, Snapshot, without
from cop_analysis.realist.store.errors import CodingError, InUse, WhoIsIt
from cop_analysis.realist.store.log import Act, Change
from cop_analysis.realist.store.state import KINDS, Changes, State, key_of, named
from cop_analysis.realist.store.store import Edit, Guard, Store, in_words
from cop_analysis.study.faults import StudyError, nearest, visible

if TYPE_CHECKING:
    from cop_analysis.study import Study


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


SMALL: Final = 5_000
"""A coding of up to so many records is written to coding.json after every change; a larger one when it is due."""


class SharedFolder(UserWarning):
    """Something about where a coding's database lies that whoever opens it should know."""


@dataclass(frozen=True)
class Standing:
    """Where a coding that is kept in a database stands, for the provenance of what is made from it.

    Parameters
    ----------
    name : str
        The database, never with a password.
    seq : int
        How far the log has got.
    size : int
        Bytes of the coding written as coding.json.
    sha256 : str
        Their checksum: that of coding.json once it is in step.
    """

    name: str
    seq: int
    size: int
    sha256: str


class Keeping(Coding):
    """A coding in its database, as it is at every moment, and how a change is made; the verbs are in its holders."""

    def __init__(self, store: Store, read_text: Callable[[str], str] | None = None, study: Study | None = None) -> None:
        self._store = store
        object.__setattr__(self, "_study", study)
        self._hands = threading.local()
        self._written = -1
        self.notices: list[str] = []
        self._told = False
        object.__setattr__(self, "read_text", read_text)
        object.__setattr__(self, "_texts", {})
        _open.add(self)
        self._tell()
        taken_in = agree.take_in(store)
        if taken_in:
            self.notices += taken_in
            for notice in taken_in:
                warnings.warn(notice, stacklevel=4)
            self._settle(at_once=True)

    # --- reading ----------------------------------------------------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot:
        """All records as they are now, others' changes among them."""
        return self._store.look().snapshot()

    @property
    def study(self) -> str:
        """The key of the study this coding belongs to."""
        return self._store.state.study

    @property
    def _by_identifier(self) -> dict[type, dict[str, Any]]:
        return {kind: self._store.state.records[name] for kind, name in COLLECTIONS.items()}

    def find(self, kind: type[AnyRecord], identifier: str) -> AnyRecord:
        """Give the record of that type and identifier, as it was when this process last looked.

        Raises
        ------
        KeyError
            When there is none, even after looking again.
        """
        if identifier not in self._by_identifier[kind]:
            self._store.look()
        return super().find(kind, identifier)

    @property
    def seq(self) -> int:
        """The number of the log up to which this process has looked."""
        return self._store.state.seq

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed here, because the place of the database cannot be written."""
        return self._store.connector.read_only

    @property
    def why_read_only(self) -> str:
        """Why nothing can be changed here, and what to do about it; empty where it can."""
        return str(self._store.connector.cannot_write()) if self.read_only else ""

    @property
    def standing(self) -> Standing | None:
        """Where the coding stands in its database now, whether or not coding.json has been written since.

        None while there is no database: the coding is then what coding.json says.
        """
        self._store.look()
        if not self._store.begun:
            return None
        state, content = agree.as_file(self._store)
        return Standing(self._store.address.name, state.seq, len(content), hashlib.sha256(content).hexdigest())

    def __repr__(self) -> str:
        return super().__repr__().replace(":", f" in {self._store.address.name if self._store.begun else FILE}:", 1)

    def _where(self) -> str:
        if not self._store.begun:
            return f", kept in {FILE}; the first change makes its database."
        return f", kept in {self._store.address.name}; the log has got to {self.seq:,}."

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coding) and self.snapshot == other.snapshot

    __hash__ = object.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return Coding, (self.snapshot,)

    # --- changing ---------------------------------------------------------------------------------------------------

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

    def _who(self, coder: Who) -> str:
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

    def _who_or(self, coder: Who, otherwise: str) -> str:
        """Say who makes a change; where nobody was named, somebody else."""
        held = self._hands.__dict__.get("held")
        return self._known_coder(coder) if coder is not None else str(held[-1]) if held else otherwise

    def transact(self, verb: str, edit: Edit, *, coder: Who = None, note: str = "") -> Change | None:
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
        done = self._store.change(str(verb), self._who(coder), lambda state: _checked(edit(state)), note=note)
        self._settle()
        return done

    def _change_as(self, who: str, act: Act, edit: Edit) -> None:
        """Make a change as somebody who may not be among the coders yet."""
        self._store.change(str(act), who, edit)
        self._settle()

    def _of_the_study(self, made: Coding) -> Coding:
        """Let a coding made of this one know whose it is, so that it is handed on by the same consent."""
        object.__setattr__(made, "_study", self._study)
        return made

    # --- documents of the study -------------------------------------------------------------------------------------

    def _listed_documents(self) -> dict[str, tuple[str, str]]:
        """Give file and title of the documents the study lists."""
        documents = None if self._study is None else self._study.documents
        if documents is None:
            return {}
        listed = {}
        for row in documents.to_dict("records"):
            file, title = str(row["file"]), row.get("title")
            inside = file if file.startswith("documents/") else f"documents/{file}"
            listed[str(row["document"])] = (inside, title if isinstance(title, str) else "")
        return listed

    # --- coding.json ------------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Write coding.json from the database; one that was changed elsewhere is merged first.

        It is called for you: after every change of a coding of up to 5,000 records, at the end of a ``with
        coding.by(...)`` block, and when Python ends.

        Returns
        -------
        bool
            Whether coding.json now says what the database holds.
        """
        done = agree.save(self._store)
        if done:
            self._written = self._store.state.seq
        return done

    def close(self) -> None:
        """Write coding.json if it is behind, and let go of the database."""
        if self._is_behind():
            self._settle(at_once=True)
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _is_behind(self) -> bool:
        return self._store.begun and self._written >= 0 and self._store.state.seq != self._written

    def _tell(self) -> None:
        """Say once what there is to say about where the database lies, as soon as there is one."""
        if not self._store.begun or self._told:
            return
        self._told = True
        for notice in self._store.address.notices:
            self.notices.append(notice)
            warnings.warn(notice, SharedFolder, stacklevel=4)

    def _settle(self, *, at_once: bool = False) -> None:
        self._tell()
        if not self._store.begun or (self._store.state.seq == self._written):
            return
        if self._written < 0:
            self._written = 0
        small = sum(len(kept) for kept in self._store.state.records.values()) <= SMALL
        held = self._hands.__dict__.get("held")
        if not at_once and (held or not small):
            return
        try:
            self.save()
        except (OSError, ValueError, StudyError) as error:
            # The change itself is in the database; only the copy of it could not be written.
            reason = reason_of(error) if isinstance(error, OSError) else " ".join(str(error).split())
            sentence = f"{FILE} could not be written ({reason}). The change is in the database and nothing is lost."
            if sentence not in self.notices:
                self.notices.append(sentence)
            warnings.warn(sentence, stacklevel=4)


_open: weakref.WeakSet[Keeping] = weakref.WeakSet()


@atexit.register
def _save_all() -> None:
    for coding in list(_open):
        if coding._is_behind():
            coding._settle(at_once=True)


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
