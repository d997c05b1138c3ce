"""The coding a person works with: everything a `Coding` shows, from its database, and the verbs that change it."""

from __future__ import annotations

import atexit
import datetime
import threading
import warnings
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import pandas as pd

from cop_analysis.realist.json_form import FILE
from cop_analysis.realist.model import Coding
from cop_analysis.realist.reanchor import Reanchored, reanchor
from cop_analysis.realist.records import COLLECTIONS, AnyRecord, Coder, Document, Record, Snapshot
from cop_analysis.realist.store import agree, conflicts, log
from cop_analysis.realist.store.bodies import Key, key_of
from cop_analysis.realist.store.code_verbs import CodeVerbs
from cop_analysis.realist.store.conflicts import Choice
from cop_analysis.realist.store.erase import Erasure
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.state import Changes, State
from cop_analysis.realist.store.store import Store
from cop_analysis.realist.store.theory_verbs import TheoryVerbs, Who
from cop_analysis.study.faults import StudyError

if TYPE_CHECKING:
    from cop_analysis.study import Study

SMALL: Final = 5_000
"""A coding of up to so many records is written to coding.json after every change; a larger one when it is due."""


class SharedFolder(UserWarning):
    """Something about where a coding's database lies that whoever opens it should know."""


class KeptCoding(TheoryVerbs, CodeVerbs):
    """A study's coding, read as tables and records and changed by verbs, each of them one transaction.

    It is opened by ``open_study(folder).coding``. Looking at a table or at `snapshot` shows what everybody has done
    by then. Before the first change it is what coding.json says, and no database is made.

    Parameters
    ----------
    store : Store
    read_text : callable, optional
        Gives the text of a document by its identifier.
    study : Study, optional
        Whose documents and people it is about.

    Attributes
    ----------
    notices : list of str
        What there is to say about where and how it is kept.
    """

    def __init__(self, store: Store, read_text: Callable[[str], str] | None = None, study: Study | None = None) -> None:
        self._store = store
        self._study = study
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

    def still(self) -> Coding:
        """Give the coding as it is now, standing still while others go on."""
        made = Coding(self.snapshot, self.read_text)
        made._texts.update(self._texts)
        return made

    def changed_since(self, seq: int) -> tuple[Change, ...]:
        """List the changes since a number of the log, for whoever shows the coding and wants to keep up.

        Parameters
        ----------
        seq : int
            As `seq` gave it. Where nothing happened since, asking costs microseconds.
        """
        if not self._store.begun or self._store.latest() <= seq:
            return ()
        with self._store.reading() as connection:
            return tuple(log.history(connection, since=seq))

    def __repr__(self) -> str:
        counts = [f"{len(kept):,} {name}" for name, kept in self._store.look().records.items() if kept]
        where = self._store.address.name if self._store.begun else FILE
        return f"<Coding of {self.study} in {where}: {', '.join(counts) or 'nothing yet'}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coding) and self.snapshot == other.snapshot

    __hash__ = object.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return Coding, (self.snapshot,)

    # --- the log ----------------------------------------------------------------------------------------------------

    def log(
        self,
        *,
        coder: str | Coder | None = None,
        record: Record | None = None,
        last: int | None = None,
    ) -> pd.DataFrame:
        """Give the log: one row for each record each change touched, oldest first.

        Parameters
        ----------
        coder : coder or identifier, optional
            Only what this coder did.
        record : record, optional
            Only what happened to this one.
        last : int, optional
            Only so many of the latest changes.

        Returns
        -------
        pandas.DataFrame
            seq, change, at (UTC), who, verb, action, about, kind, id, before, after (JSON), what (in words), note.
        """
        rows = [
            (one.seq, change.id, change.at, change.who, change.verb, change.action, change.about, *one.key, one.before,
             one.after, one.sentence, change.note)
            for change in self.changes(coder=coder, record=record, last=last)
            for one in change.entries
        ]  # fmt: skip
        names = "seq change at who verb action about kind id before after what note"
        table = pd.DataFrame(rows, columns=names.split())
        whole = dict.fromkeys(("seq", "change"), "int64") | {"about": "Int64"}
        words = dict.fromkeys(("who", "verb", "action", "kind", "id", "before", "after", "what", "note"), "str")
        return table.assign(at=pd.to_datetime(table["at"], utc=True)).astype({**whole, **words})

    def changes(
        self, *, coder: str | Coder | None = None, record: Record | None = None, last: int | None = None
    ) -> tuple[Change, ...]:
        """Give the changes themselves, oldest first, chosen as for `log`."""
        if last is not None and last < 1:
            raise ValueError("Ask for at least one change: last=1.")
        self._store.look()
        if not self._store.begun:
            return ()
        who = coder.id if isinstance(coder, Coder) else coder
        key: Key | None = None if record is None else key_of(record)
        with self._store.reading() as connection:
            return tuple(log.history(connection, who=who, key=key, last=last))

    def at(self, when: datetime.datetime | datetime.date | str | int) -> Coding:
        """Give the coding as it was.

        Parameters
        ----------
        when : datetime, date, str or int
            A moment (in the machine's own time zone where it names none), a day (as it was when the day was over),
            either of them written as ``"2025-03-02T10:00"`` or ``"2025-03-02"``, or a number of the log.

        Returns
        -------
        Coding
            Which cannot be changed.

        Raises
        ------
        CodingError
            When the moment cannot be understood, or the coding has no log yet.
        """
        with self._store.reading() as connection:
            seq = when if isinstance(when, int) else log.seq_at(connection, as_moment(when))
            state = log.state_at(connection, seq, self._store.state.study)
        return Coding(state.snapshot(), self.read_text)

    def undo(self, coder: str | Coder | None = None) -> Change:
        """Take back the coder's latest change that still stands, as a new entry of the log.

        Raises
        ------
        ChangedElsewhere
            When somebody changed the same since.
        CodingError
            When there is nothing to take back, or something else uses what would go.
        """
        done = self._store.undo(self._who_did(coder))
        self._settle()
        return done

    def redo(self, coder: str | Coder | None = None) -> Change:
        """Make again what the coder last took back, as long as they changed nothing in between.

        Raises
        ------
        CodingError
            When there is nothing, or somebody changed the same since.
        """
        done = self._store.redo(self._who_did(coder))
        self._settle()
        return done

    def _who_did(self, coder: str | Coder | None) -> str:
        # A coder who undoes being added is not among the coders then, and coding.json can have changed things too.
        return coder if isinstance(coder, str) else self._who(coder)

    # --- merging ----------------------------------------------------------------------------------------------------

    def merge(
        self, other: Coding | Path | str, *, base: Coding | None = None, coder: Who = None, source: str = ""
    ) -> pd.DataFrame:
        """Bring another coding into this one by identifier, in one transaction.

        Parameters
        ----------
        other : Coding or path
            A coding, a coding.json, a study folder, a database (.db) or a project (.qdpx).
        base : Coding, optional
            What both started from, where it is known: ``coding.at(date)``.
        coder : coder or identifier, optional
        source : str
            What to call it in the log; the file's name where left out.

        Returns
        -------
        pandas.DataFrame
            `conflicts`: what waits for a decision. What this coding held is kept or chosen as `merge_codings` says,
            and nothing is lost: the other value stands in the conflict.
        """
        from cop_analysis.realist.store.sources import read_source

        theirs = other if isinstance(other, Coding) else read_source(Path(other))
        named = source or ("" if isinstance(other, Coding) else Path(other).name)
        try:
            who = self._who(coder)
        except CodingError:
            # A merge may be nobody's in particular: what each did is in their own coding.
            if coder is not None:
                raise
            who = named or "merge"
        plain = Coding(theirs.snapshot, theirs.read_text)
        agree.merge_into(self._store, plain, base, who=who, source=named)
        self._settle()
        return self.conflicts

    @property
    def conflicts(self) -> pd.DataFrame:
        """One row a conflict that waits: conflict (its number), collection, record, fields, what, source, sentence."""
        columns = ["conflict", "collection", "record", "fields", "what", "source", "sentence"]
        rows: list[tuple[Any, ...]] = []
        if self._store.begun:
            with self._store.reading() as connection:
                rows = [
                    (one.number, one.collection, one.id, ", ".join(one.fields), one.kind, one.source, one.sentence)
                    for one in conflicts.read_open(connection)
                ]
        table = pd.DataFrame(rows, columns=columns)
        return table.astype({"conflict": "int64", **dict.fromkeys(columns[1:], "str")})

    def settle(self, conflict: int, choice: Choice, *, coder: Who = None) -> None:
        """Decide a conflict: what was kept stays, or the other takes its place.

        Parameters
        ----------
        conflict : int
            Its number in `conflicts`.
        choice : {"kept", "other"}

        Raises
        ------
        CodingError
            When no conflict of that number waits, or the other value cannot stand any more.
        """
        if choice not in ("kept", "other"):
            raise CodingError(f"Decide for 'kept' or for 'other', not {choice!r}.")
        who = self._who(coder)

        def work(connection: Any, counters: log.Head) -> Change:
            from cop_analysis.realist.store.judge import judge

            one = conflicts.find(connection, int(conflict))
            wanted = conflicts.change_that_settles(one, choice, self._store.state)
            changes = {key: new for key, new in wanted.items() if new != self._store.state.get(key)}
            judge(connection, self._store.state, changes)
            note = f"conflict {one.number}: {choice}"
            done = log.append(connection, counters, self._store.state, changes, who=who, verb="settle", note=note)
            conflicts.mark_settled(connection, one.number, done.id)
            return done

        self._store.write(who, work)
        self._settle()

    # --- documents --------------------------------------------------------------------------------------------------

    def replace_document(self, document: str | Document, *, coder: Who = None) -> Reanchored:
        """Carry the extracts of a document over to its text as it is now, in one transaction.

        Returns
        -------
        Reanchored
            What was placed again and what could not be; no extract is lost.

        Raises
        ------
        CodingError
            When the text cannot be read.
        """
        who = self._who(coder)
        before = dict(self._texts)
        identifier = self._store.state.require("documents", document).id
        text = self._fresh_text(identifier)
        found: list[Reanchored] = []

        def edit(state: State) -> Changes:
            state.require("documents", identifier)
            # What was read before stands in for the old text, where it was read at all.
            result = reanchor(Coding(state.snapshot(), before.__getitem__), identifier, text)
            found.append(result)
            return agree.difference(state, result.coding.snapshot)

        self._change("replace_document", who, edit)
        return found[-1]

    def _listed_documents(self) -> dict[str, tuple[str, str]]:
        documents = None if self._study is None else self._study.documents
        if documents is None:
            return {}
        listed = {}
        for row in documents.to_dict("records"):
            file, title = str(row["file"]), row.get("title")
            inside = file if file.startswith("documents/") else f"documents/{file}"
            listed[str(row["document"])] = (inside, title if isinstance(title, str) else "")
        return listed

    # --- erasure ----------------------------------------------------------------------------------------------------

    def erase_person(self, person: str, *, names: Sequence[str] = (), coder: Who = None) -> Erasure:
        """Erase a person who withdraws from the coding, its log and coding.json; it cannot be undone.

        Documents only they speak in go whole, with all that was coded in them. In others their turns go: what was
        coded there is deleted, and words that stand beside other extracts are taken out. Wherever their pseudonym or
        a name stands as a word in what anybody wrote, "[erased]" stands instead. The log keeps a count.

        Parameters
        ----------
        person : str
            The pseudonym, as in documents.csv and as the label of their turns.
        names : sequence of str
            Other words by which they are named.
        coder : coder or identifier, optional
            Who does it.

        Returns
        -------
        Erasure
            The counts, and what outside the coding still has to be done.
        """
        from cop_analysis.realist.store.withdrawal import erase_person

        return erase_person(self, self._store, self._study, person, tuple(names), self._who(coder))

    def erase_document(self, document: str | Document, *, coder: Who = None) -> Erasure:
        """Erase a document with all that was coded in it, from the coding, its log and coding.json; not to be undone.

        Returns
        -------
        Erasure
            The counts, and what outside the coding still has to be done.
        """
        from cop_analysis.realist.store.withdrawal import erase_document

        identifier = document.id if isinstance(document, Document) else document
        return erase_document(self, self._store, identifier, self._who(coder))

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
            reason = getattr(error, "strerror", None) or " ".join(str(error).split())
            sentence = f"{FILE} could not be written ({reason}). The change is in the database and nothing is lost."
            self.notices.append(sentence)
            warnings.warn(sentence, stacklevel=4)


_open: weakref.WeakSet[KeptCoding] = weakref.WeakSet()


@atexit.register
def _save_all() -> None:
    for coding in list(_open):
        if coding._is_behind():
            coding._settle(at_once=True)


def as_moment(when: datetime.datetime | datetime.date | str) -> datetime.datetime:
    """Read a moment; a day means its end.

    Examples
    --------
    >>> as_moment("2025-03-02").strftime("%Y-%m-%d %H:%M:%S")
    '2025-03-02 23:59:59'
    """
    if isinstance(when, str):
        try:
            when = datetime.date.fromisoformat(when) if len(when) <= 10 else datetime.datetime.fromisoformat(when)
        except ValueError:
            raise CodingError(f"{when!r} is not a date: write 2025-03-02, or 2025-03-02T10:00 for a moment.") from None
    if isinstance(when, datetime.datetime):
        return when
    return datetime.datetime.combine(when, datetime.time.max)
