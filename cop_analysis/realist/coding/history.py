"""The log of a coding as a person reads it: what was done, what was, and taking the latest back."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pandas as pd

from cop_analysis.realist.coding.documents import Documents
from cop_analysis.realist.coding.holders import Holder, Who
from cop_analysis.realist.coding.texts import TextsTurned
from cop_analysis.realist.erasure.tombstones import Tombstones
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.records import Coder, Key, Record
from cop_analysis.realist.store import log
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.state import key_of


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
        if not self._store.begun or self._store.latest() <= seq:
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
