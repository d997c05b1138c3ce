"""A coding with its database: where it stands, who changes it, coding.json kept in step. No verb is here."""

from __future__ import annotations

import atexit
import hashlib
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from cop_analysis.files import reason_of
from cop_analysis.realist.coding import agree
from cop_analysis.realist.coding.holders import Who
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.json_form import FILE
from cop_analysis.realist.model.records import COLLECTIONS, AnyRecord, Record, Snapshot
from cop_analysis.realist.store.acts import Act
from cop_analysis.realist.store.errors import CodingError, WhoIsIt
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.state import KINDS, Changes
from cop_analysis.realist.store.store import Edit, Guard, Store
from cop_analysis.study.faults import StudyError, visible

if TYPE_CHECKING:
    from cop_analysis.study import Study


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
