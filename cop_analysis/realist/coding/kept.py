"""The coding a person works with: everything a `Coding` shows, from its database, and the verbs that change it.

The log is among it: what was done, what was, and taking the latest back.
"""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from cop_analysis.realist.coding import agree, conflicts
from cop_analysis.realist.coding.codes import Coders, Codes, Extracts
from cop_analysis.realist.coding.conflicts import Choice
from cop_analysis.realist.coding.documents import Documents, TextsTurned
from cop_analysis.realist.coding.keeping import Holder, Keeping, Who
from cop_analysis.realist.coding.theory import Configurations, Memos, Ripples, TheoryWork
from cop_analysis.realist.erasure.erase import Erasure
from cop_analysis.realist.erasure.made_files import Way
from cop_analysis.realist.erasure.tombstones import Tombstones
from cop_analysis.realist.erasure.withdrawal import Withdrawal, erase_from_study
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.reanchoring import Reanchored
from cop_analysis.realist.model.records import (
    COLLECTIONS,
    Code,
    Coder,
    Configuration,
    Document,
    Evidence,
    Extract,
    Key,
    Record,
)
from cop_analysis.realist.store import log
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.log import Act, Change
from cop_analysis.realist.store.state import key_of


class KeptCoding(Keeping):
    """A study's coding, read as tables and records and changed by verbs, each of them one transaction.

    It is opened by ``open_study(folder).coding``. Looking at a table or at `snapshot` shows what everybody has done
    by then. Before the first change it is what coding.json says, and no database is made.

    To read: `documents`, `codes`, `extracts`, `configurations`, `slots`, `evidence`, `ripples`, `theories`,
    `questions`, `validations`, `memos`, `decisions` and `turns` are tables; `find` gives one record, `text` a document.

    To write, say who you are with ``with coding.by("coder-a"):`` (or ``coder=`` each time), then use the verbs of what
    changes: ``coding.documents.add()``, ``coding.codes.rename()``, ``coding.extracts.add()``,
    ``coding.configurations.link()``, ``coding.ripples.add()``, ``coding.theory.record()``, ``coding.memos.add()``.
    Those that are tables read as one besides. `add_code` and a few others are short ways in; `change` sets right any
    field of any record, `delete` takes it away.

    To look back: `log`, ``coding.log.undo()``, ``coding.log.at()``. To work together: `merge`, `conflicts`, `settle`.

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

    # --- the holders of verbs ---------------------------------------------------------------------------------------

    @property
    def coders(self) -> Coders:  # type: ignore[override]
        """Who codes: a table with `Coders.add`."""
        return Coders(self)

    @property
    def documents(self) -> Documents:  # type: ignore[override]
        """The documents: a table with the verbs of `Documents`."""
        return Documents(self)

    @property
    def codes(self) -> Codes:  # type: ignore[override]
        """The codebook: a table with the verbs of `Codes`."""
        return Codes(self)

    @property
    def extracts(self) -> Extracts:  # type: ignore[override]
        """The extracts: a table with the verbs of `Extracts`."""
        return Extracts(self)

    @property
    def configurations(self) -> Configurations:  # type: ignore[override]
        """The configurations: a table with the verbs of `Configurations`, evidence and rivals among them."""
        return Configurations(self)

    @property
    def ripples(self) -> Ripples:  # type: ignore[override]
        """The ripples: a table with the verbs of `Ripples`."""
        return Ripples(self)

    @property
    def memos(self) -> Memos:  # type: ignore[override]
        """The memos: a table with `Memos.add`."""
        return Memos(self)

    @property
    def theory(self) -> TheoryWork:
        """The verbs of theory work: versions, questions, validations, decisions."""
        return TheoryWork(self)

    @property
    def log(self) -> Log:
        """What was done: called, a table; with the verbs of `Log`."""
        return Log(self)

    # --- short ways in ----------------------------------------------------------------------------------------------

    def add_coder(self, id: str, name: str = "", **given: Any) -> Coder:
        """Add somebody who codes: a short way to `Coders.add`."""
        return self.coders.add(id, name, **given)

    def add_document(self, document: str | Document, **given: Any) -> Document:
        """Take a document into the coding: a short way to `Documents.add`."""
        return self.documents.add(document, **given)

    def replace_document(self, document: str | Document, **given: Any) -> Reanchored:
        """Carry a document's coding over to its corrected text: a short way to `Documents.replace`."""
        return self.documents.replace(document, **given)

    def add_code(self, name: str, **given: Any) -> Code:
        """Add a code: a short way to `Codes.add`."""
        return self.codes.add(name, **given)

    def add_extract(
        self,
        document: str | Document,
        start: int | None = None,
        end: int | None = None,
        code: str | Code | None = None,
        **given: Any,
    ) -> Extract:
        """Code a passage: a short way to `Extracts.add`."""
        return self.extracts.add(document, start, end, code, **given)

    def move_extract(self, extract: str | Extract, start: int, end: int, **given: Any) -> Extract:
        """Select a passage anew: a short way to `Extracts.move`."""
        return self.extracts.move(extract, start, end, **given)

    def link_evidence(
        self, extract: str | Extract, configuration: str | Configuration, stance: str, **given: Any
    ) -> Evidence:
        """Say that an extract speaks for or against a configuration: a short way to `Configurations.link`."""
        return self.configurations.link(extract, configuration, stance, **given)

    def changed_since(self, seq: int) -> tuple[Change, ...]:
        """List the changes since a number of the log: a short way to `Log.since`."""
        return self.log.since(seq)

    def at(self, when: datetime.datetime | datetime.date | str | int) -> Coding:
        """Give the coding as it was: a short way to `Log.at`."""
        return self.log.at(when)

    def undo(self, coder: Who = None) -> Change:
        """Take back a coder's latest change: a short way to `Log.undo`."""
        return self.log.undo(coder)

    # --- reading ----------------------------------------------------------------------------------------------------

    def still(self) -> Coding:
        """Give the coding as it is now, standing still while others go on."""
        made = self._of_the_study(Coding(self.snapshot, self.read_text))
        made._texts.update(self._texts)
        return made

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
            What both started from, where it is known: ``coding.at(date)``. Left out, it is the last state that the logs
            of both share, where both have one: then what either deleted, and the other left alone, is gone.
        coder : coder or identifier, optional
        source : str
            What to call it in the log; the file's name where left out.

        Returns
        -------
        pandas.DataFrame
            `conflicts`: what waits for a decision. What this coding held is kept or chosen as `merge_codings` says,
            and nothing is lost: the other value stands in the conflict.
        """
        from cop_analysis.realist.coding.opening import read_source, shared_base

        theirs = other if isinstance(other, Coding) else read_source(Path(other))
        if base is None and not isinstance(other, Coding) and self._store.begun:
            with self._store.reading() as connection:
                base = shared_base(connection, self.study, Path(other))
        named = source or ("" if isinstance(other, Coding) else Path(other).name)
        try:
            who = self._who(coder)
        except CodingError:
            # A merge may be nobody's in particular: what each did is in their own coding.
            if coder is not None:
                raise
            who = named or "merge"
        plain = Coding(theirs.snapshot, theirs.read_text)
        before = self._store.state.seq
        done, _, erased = agree.merge_into(self._store, plain, base, who=who, source=named)
        if erased:
            self.notices.append(erased)
            warnings.warn(erased, stacklevel=2)
        if done is not None and self._store.state.seq == before:
            # What was erased elsewhere is remembered from now on, though no record is different.
            self._written = min(self._written, 0)
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
            one = conflicts.find(connection, int(conflict))
            wanted = conflicts.change_that_settles(one, choice, self._store.state)
            changes = {key: new for key, new in wanted.items() if new != self._store.state.get(key)}
            self._store.judge(connection, changes)
            note = f"conflict {one.number}: {choice}"
            done = log.append(
                connection, counters, self._store.state, changes, who=who, verb=str(Act.SETTLE), note=note
            )
            conflicts.mark_settled(connection, one.number, done.id)
            return done

        self._store.write(who, work)
        self._settle()

    # --- any record -------------------------------------------------------------------------------------------------

    def change(self, record: Record, *, coder: Who = None, **values: Any) -> Any:
        """Give fields of any record other values; what it is and when it was made stay.

        Parameters
        ----------
        record : record
            As it was found in the coding.
        **values
            By field: ``coding.change(code, definition="...")``.

        Raises
        ------
        ChangedElsewhere
            When somebody changed the same field since you last looked.
        CodingError
            When there is no such field, or the value may not stand in it.
        """
        if not values:
            raise CodingError("Say what changes: coding.change(code, definition='...').")
        if type(record) not in COLLECTIONS:
            raise TypeError(f"Give the record that changes, not {record!r}: coding.find(Code, 'code-1').")
        place = {"start", "end", "quote", "prefix", "suffix", "document"} & set(values)
        if isinstance(record, Extract) and place:
            raise CodingError("The passage of an extract is changed by coding.extracts.move(extract, start, end).")
        if isinstance(record, Document) and {"sha256", "length"} & set(values):
            raise CodingError(
                "The text of a document is changed by coding.documents.replace(document) or cop coding replace."
            )
        for name in ("follows", "configurations", "evidence", "documents", "theories", "extracts", "coders", "rivals"):
            if isinstance(values.get(name), list):
                values[name] = tuple(values[name])
        return Holder(self)._alter(Act.changed(type(record)), coder, COLLECTIONS[type(record)], record, values)

    def delete(self, record: Record, *, users: Literal["delete"] | None = None, coder: Who = None) -> None:
        """Delete any record; one in use only with ``users="delete"``: what cannot be without it goes, the rest lets go.

        Raises
        ------
        InUse
            When something uses it and that was not said.
        """
        if type(record) not in COLLECTIONS:
            raise TypeError(f"Give the record that goes, not {record!r}: coding.find(Code, 'code-1').")
        Holder(self)._delete(
            Act.deleted(type(record)), coder, COLLECTIONS[type(record)], record, users, "users='delete'"
        )

    # --- erasure ----------------------------------------------------------------------------------------------------

    def erase_person(
        self,
        person: str,
        *,
        names: Sequence[str] = (),
        extracts: Sequence[str | Extract] = (),
        outputs: Path | str = "outputs",
        also: Sequence[Path | str] = (),
        reports: Way = "redact",
        look: bool = False,
        unlisted: bool = False,
        coder: Who = None,
    ) -> Erasure:
        """Erase a person who withdraws from the coding, its log, coding.json and reports; it cannot be undone.

        Documents only they speak in go whole, with all that was coded in them. In others their turns go: what was
        coded there is deleted, and words that stand beside other extracts are taken out. Wherever their pseudonym, a
        name, or words of theirs stand in what anybody wrote, "[erased]" stands instead. The log keeps a count. Doing
        it again is safe, and finishes what was interrupted.

        Parameters
        ----------
        person : str
            The pseudonym, as in documents.csv and as the label of their turns.
        names : sequence of str
            Other words by which they are named.
        extracts : sequence of extracts or identifiers
            Passages of theirs in a document whose turns do not bear their label.
        outputs : path
            The folder of reports; what is in it of this study is looked through.
        also : sequence of paths
            Other folders and files made from this study, executed notebooks for one.
        reports : {"redact", "remove", "keep"}
            What becomes of a file there that holds them. A row about them in a table goes whole in any case, and a
            file that cannot be redacted is removed.
        look : bool
            Only count what would go; nothing is written.
        unlisted : bool
            Erase somebody who is neither in people.csv, nor among the people of documents.csv, nor a speaker: who is
            only written about. Every word of that name goes from whatever anybody wrote.
        coder : coder or identifier, optional
            Who does it.

        Returns
        -------
        Erasure
            The counts, and what outside the coding still has to be done.

        Raises
        ------
        CodingError
            When nobody bears that pseudonym, or the text of a document they share is not the one that was coded.
        """
        chosen = tuple(one.id if isinstance(one, Extract) else one for one in extracts)
        wanted = Withdrawal(person, tuple(names), "", chosen, Path(outputs), tuple(map(Path, also)), reports)
        wanted = replace(wanted, unlisted=unlisted)
        file = agree.CodingFile(self._store)
        return erase_from_study(self, self._store, file, self._study, wanted, self._who(coder), look=look)

    def erase_document(
        self,
        document: str | Document,
        *,
        outputs: Path | str = "outputs",
        also: Sequence[Path | str] = (),
        reports: Way = "redact",
        look: bool = False,
        coder: Who = None,
    ) -> Erasure:
        """Erase a document with all that was ever coded in it, as `erase_person` does with those of a person.

        Returns
        -------
        Erasure
            The counts, and what outside the coding still has to be done.
        """
        identifier = document.id if isinstance(document, Document) else document
        wanted = Withdrawal(document=identifier, outputs=Path(outputs), also=tuple(map(Path, also)), reports=reports)
        file = agree.CodingFile(self._store)
        return erase_from_study(self, self._store, file, self._study, wanted, self._who(coder), look=look)


class Log(Holder):
    """What was done: ``coding.log(last=10)`` is the table, and its verbs look further back or turn round."""

    def __call__(
        self,
        *,
        coder: Who = None,
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
            (
                one.seq,
                change.id,
                change.at,
                change.who,
                change.verb,
                change.action,
                change.about,
                *one.key,
                one.before,
                one.after,
                one.sentence,
                change.note,
            )
            for change in self.changes(coder=coder, record=record, last=last)
            for one in change.entries
        ]
        names = "seq change at who verb action about kind id before after what note"
        table = pd.DataFrame(rows, columns=names.split())
        whole = dict.fromkeys(("seq", "change"), "int64") | {"about": "Int64"}
        words = dict.fromkeys(("who", "verb", "action", "kind", "id", "before", "after", "what", "note"), "str")
        return table.assign(at=pd.to_datetime(table["at"], utc=True)).astype({**whole, **words})

    def changes(
        self, *, coder: Who = None, record: Record | None = None, last: int | None = None
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
        moment = when if isinstance(when, int) else as_moment(when)
        with self._store.reading() as connection:
            seq = moment if isinstance(moment, int) else log.seq_at(connection, moment)
            state = log.state_at(connection, seq, self._state.study)
            erased = Tombstones.of(connection, state.study).marks()
        return self._coding._of_the_study(Coding(replace(state.snapshot(), erased=erased), self._coding.read_text))

    def since(self, seq: int) -> tuple[Change, ...]:
        """List the changes since a number of the log, for whoever shows the coding and wants to keep up.

        Parameters
        ----------
        seq : int
            As `seq` gave it. Where nothing happened since, asking costs microseconds.
        """
        if not self._store.begun or (self._state.seq <= seq and self._store.latest() <= seq):
            return ()
        with self._store.reading() as connection:
            return tuple(log.history(connection, since=seq))

    def undo(self, coder: Who = None) -> Change:
        """Take back the coder's latest change that still stands, as a new entry of the log.

        Raises
        ------
        ChangedElsewhere
            When somebody changed the same since.
        CodingError
            When there is nothing to take back, something else uses what would go, or it corrected a text that cannot
            be put back.

        Notes
        -----
        A corrected text goes back as well: the document's file says again what it said.
        """
        with self._texts_turned() as turned:
            done = self._store.undo(self._who_did(coder), turned)
        self._coding._settle()
        return done

    def redo(self, coder: Who = None) -> Change:
        """Make again what the coder last took back, as long as they changed nothing in between.

        Raises
        ------
        CodingError
            When there is nothing, or somebody changed the same since.
        """
        with self._texts_turned() as turned:
            done = self._store.redo(self._who_did(coder), turned)
        self._coding._settle()
        return done

    def _texts_turned(self) -> TextsTurned:
        return TextsTurned(self._coding._study, Documents(self._coding).read_anew)

    def _who_did(self, coder: Who) -> str:
        # A coder who undoes being added is not among the coders then, and coding.json can have changed things too.
        return coder if isinstance(coder, str) else self._who(coder)


def as_moment(when: datetime.datetime | datetime.date | str) -> datetime.datetime:
    """Read a moment; a day means its end.

    Examples
    --------
    >>> as_moment("2025-03-02").strftime("%Y-%m-%d %H:%M:%S")
    '2025-03-02 23:59:59'
    """
    said = when
    try:
        if isinstance(when, str):
            written = when.strip()
            short = len(written) <= 10
            when = datetime.date.fromisoformat(written) if short else datetime.datetime.fromisoformat(written)
        if not isinstance(when, datetime.datetime):
            when = datetime.datetime.combine(when, datetime.time.max)
        return when.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise CodingError(f"{said!r} is not a date: write 2025-03-02, or 2025-03-02T10:00 for a moment.") from None
