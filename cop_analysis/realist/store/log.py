"""The log: appending a change with its entries, reading back what was done and was, turning a change round.

The words of it as well: what was done, as the log keeps it, and as a person is told of it.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from itertools import groupby, islice
from typing import Any, Final, Literal, Self

from sqlalchemy import Row, Table, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from cop_analysis.characters import shortened
from cop_analysis.realist.model.records import Key, Record, references
from cop_analysis.realist.store.errors import ChangedElsewhere, CodingError
from cop_analysis.realist.store.schema import change, entry, head, record, reference
from cop_analysis.realist.store.state import Changes, State, from_bodies, from_body, named, to_body


class Act(StrEnum):
    """What a change of the log can be; the value is what the log keeps, and is never changed.

    A change of your own (`KeptCoding.transact`) may be called by any other word.

    Examples
    --------
    >>> Act.ADD_CODE == "add_code", Act.ADD_CODE.words, Act.in_words("add_rival"), Act.in_words("tidy_up")
    (True, 'the new code', 'add rival', 'tidy up')
    """

    words: str
    """What an undo or a redo is said to be about."""

    def __new__(cls, value: str, words: str = "") -> Self:
        """Make an act with its words; without any, those of its value."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.words = words or value.replace("_", " ")
        return made

    # What nobody does on purpose, and no undo takes back.
    BEGIN = "begin"
    TAKE_IN = "take_in"

    ADD_CODER = "add_coder"
    ADD_DOCUMENT = "add_document"
    DELETE_DOCUMENT = "delete_document"
    REPLACE_DOCUMENT = "replace_document", "the corrected text"

    ADD_CODE = "add_code", "the new code"
    RENAME_CODE = "rename_code", "the name of the code"
    MOVE_CODE = "move_code", "moving the code"
    MERGE_CODES = "merge_codes", "merging into"
    DELETE_CODE = "delete_code", "deleting the code"

    ADD_EXTRACT = "add_extract", "coding"
    RECODE = "recode", "another code for"
    MOVE_EXTRACT = "move_extract", "other bounds for"
    ANNOTATE = "note", "the memo on"
    DELETE_EXTRACT = "delete_extract", "deleting"

    ADD_CONFIGURATION = "add_configuration", "the configuration"
    DELETE_CONFIGURATION = "delete_configuration", "deleting the configuration"
    FILL_SLOT = "fill_slot", "the slot of"
    EMPTY_SLOT = "empty_slot", "the slot of"
    LINK_EVIDENCE = "link_evidence", "taking as evidence"
    TAKE_INTO_SLOT = "take_into_slot", "taking as evidence"
    UNLINK = "unlink", "taking evidence out"
    ADD_RIVAL = "add_rival"
    REMOVE_RIVAL = "remove_rival"
    ADD_MEASURE = "add_measure"
    REMOVE_MEASURE = "remove_measure"
    ADD_RIPPLE = "add_ripple", "the ripple"
    REMOVE_RIPPLE = "remove_ripple", "taking the ripple away"

    RECORD_THEORY = "record_theory", "the version"
    ASK = "ask", "the question"
    VALIDATE_STATEMENT = "validate_statement"
    WRITE_MEMO = "memo", "the memo"
    DECIDE = "decide", "the decision"

    MERGE = "merge"
    RESOLVE = "resolve", "settling a disagreement"
    SETTLE = "settle", "settling a conflict"
    ERASE = "erase"

    @classmethod
    def changed(cls, kind: type) -> str:
        """Give what the log calls other values of a record of a kind."""
        return f"change_{kind.__name__.lower()}"

    @classmethod
    def deleted(cls, kind: type) -> str:
        """Give what the log calls a record of a kind that was deleted as one of any kind."""
        return f"delete_{kind.__name__.lower()}"

    @classmethod
    def in_words(cls, verb: str) -> str:
        """Say what a verb of the log was about; an unknown one with blanks."""
        return cls(verb).words if verb in cls.__members__.values() else verb.replace("_", " ")


Action = Literal["do", "undo", "redo", "erase"]

_AT_ONCE: Final = 500
"""Values in one statement; SQLite and PostgreSQL both take more."""


@dataclass(frozen=True)
class Entry:
    """What one change made of one record; `before` is None where it was added and `after` where it went.

    Both are None where the record was erased from the log.
    """

    seq: int
    number: int
    key: Key
    before: str | None
    after: str | None
    erased: bool = False

    @property
    def sentence(self) -> str:
        """What happened to the record, in words.

        Examples
        --------
        >>> Entry(1, 1, ("codes", "c1"), '{"id":"c1","name":"Trust"}', '{"id":"c1","name":"Faith"}').sentence
        "code 'c1': name Trust -> Faith"
        """
        what = named(self.key)
        if self.before is None and self.after is None:
            return f"{self.key[0]}: erased"
        if self.before is None:
            return f"{what} added{_titled(self.after)}"
        if self.after is None:
            return f"{what} deleted{_titled(self.before)}"
        before, after = json.loads(self.before), json.loads(self.after)
        parts = [
            f"{name} {_shown(before.get(name))} -> {_shown(after[name])}"
            for name in after
            if after[name] != before.get(name)
        ]
        return f"{what}: {', '.join(parts)}"


@dataclass(frozen=True)
class Change:
    """One transaction: who did what, when, and to which records.

    Parameters
    ----------
    id : int
    at : str
        UTC, as ``2025-03-02T10:00:00.000000Z``.
    who, verb : str
    action : {"do", "undo", "redo", "erase"}
    about : int or None
        The change that was undone or redone.
    note : str
    entries : tuple of Entry
    """

    id: int
    at: str
    who: str
    verb: str
    action: Action
    about: int | None
    note: str
    entries: tuple[Entry, ...] = ()

    @property
    def records(self) -> tuple[Key, ...]:
        """The records it touched, as collection and identifier."""
        return tuple(one.key for one in self.entries)

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The change in one line: number, when, who, what."""
        done = self.verb.replace("_", " ")
        what = done if self.action in ("do", "erase") else f"{self.action} of change {self.about} ({done})"
        shown = "; ".join(one.sentence for one in self.entries[:3])
        more = f"; and {len(self.entries) - 3:,} more" if len(self.entries) > 3 else ""
        note = f" ({self.note})" if self.note else ""
        return f"{self.id}  {self.at[:19]}Z  {self.who}  {what}{': ' if shown else ''}{shown}{more}{note}"


@dataclass
class Head:
    """The counters of the log, under the lock of the writer."""

    study: str
    record: int
    change: int
    seq: int
    at: str


def read_head(connection: Connection, *, lock: bool = False) -> Head:
    """Read the counters; with `lock`, keep every other writer out until the transaction ends."""
    wanted = select(head.c.study, head.c.record, head.c.change, head.c.seq, head.c.at)
    row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        raise CodingError("The coding's database has lost its counters: restore it from a copy.")
    return Head(row.study, row.record, row.change, row.seq, row.at)


def append(
    connection: Connection,
    counters: Head,
    state: State,
    changes: Changes,
    *,
    who: str,
    verb: str,
    action: Action = "do",
    about: int | None = None,
    note: str = "",
    numbers: Mapping[Key, int] | None = None,
) -> Change:
    """Write a change: the records, what they point at, and the entries of the log.

    Parameters
    ----------
    connection : Connection
        In a transaction in which `counters` are locked.
    counters : Head
        Counted on.
    state : State
        As it was before; not changed.
    changes : mapping
    who, verb, action, about, note
        As `Change` says.
    numbers : mapping, optional
        The numbers of records that come back.
    """
    moment = _moment(counters.at)
    counters.change += 1
    made: dict[Key, int] = {}
    entries: list[Entry] = []
    kept: list[tuple[Entry, Record]] = []
    for key, new in changes.items():
        number = state.numbers.get(key) or (numbers or {}).get(key)
        if number is None:
            counters.record += 1
            number = counters.record
        made[key] = number
        counters.seq += 1
        old = state.get(key)
        bodies = (None if old is None else to_body(old), None if new is None else to_body(new))
        entries.append(Entry(counters.seq, number, key, *bodies))
        if new is not None:
            kept.append((entries[-1], new))
    _take_away(connection, entries)
    _write_records(connection, state, kept, made)
    connection.execute(
        insert(change),
        {"id": counters.change, "at": moment, "who": who, "verb": verb, "action": action, "about": about, "note": note},
    )
    _write_entries(connection, entries, counters.change)
    counters.at = moment
    write_head(connection, counters)
    return Change(counters.change, moment, who, verb, action, about, note, tuple(entries))


def append_erased(
    connection: Connection,
    counters: Head,
    state: State,
    kept: Mapping[Key, Record],
    doomed: Iterable[int],
    *,
    who: str,
    note: str,
) -> Change:
    """Write what an erasure left of records, and a change that says nothing of what they were.

    The records in `doomed` are deleted already, and so are all references of those in `kept`.
    """
    moment = _moment(counters.at)
    counters.change += 1
    entries: list[Entry] = []
    for key, new in kept.items():
        counters.seq += 1
        body = to_body(new)
        entries.append(Entry(counters.seq, state.numbers[key], key, body, body, True))
    for number in doomed:
        counters.seq += 1
        entries.append(Entry(counters.seq, number, (state.keys[number][0], f"erased-{number}"), None, None, True))
    by_key = {one.key: one for one in entries}
    _write_records(connection, state, [(by_key[key], new) for key, new in kept.items()], state.numbers)
    row = {"id": counters.change, "at": moment, "who": who, "verb": str(Act.ERASE), "action": "erase", "about": None}
    connection.execute(insert(change), {**row, "note": note})
    _write_entries(connection, entries, counters.change)
    counters.at = moment
    write_head(connection, counters)
    return Change(counters.change, moment, who, str(Act.ERASE), "erase", None, note, tuple(entries))


def write_head(connection: Connection, counters: Head) -> None:
    """Write the counters back."""
    values = {"record": counters.record, "change": counters.change, "seq": counters.seq, "at": counters.at}
    connection.execute(update(head).values(values))


def _write_entries(connection: Connection, entries: list[Entry], of: int) -> None:
    insert_many(
        connection,
        entry,
        [(one.seq, of, one.number, *one.key, one.before, one.after, int(one.erased)) for one in entries],
    )


def _take_away(connection: Connection, entries: list[Entry]) -> None:
    """Take away what touched records pointed at, and those that go."""
    for some in batches([one.number for one in entries if one.before is not None]):
        connection.execute(delete(reference).where(reference.c.source.in_(some)))
    for some in batches([one.number for one in entries if one.after is None]):
        connection.execute(delete(record).where(record.c.number.in_(some)))


def _write_records(
    connection: Connection, state: State, kept: list[tuple[Entry, Record]], made: Mapping[Key, int]
) -> None:
    """Write records and what they point at."""
    insert_many(connection, record, [(one.number, *one.key, one.after) for one, _ in kept if one.before is None])
    changed = [{"its_number": one.number, "its_body": one.after} for one, _ in kept if one.before is not None]
    if changed:
        its = record.c.number == bindparam("its_number")
        connection.execute(update(record).where(its).values(body=bindparam("its_body")), changed)
    pointers = {(one.number, made.get(key) or state.numbers[key]) for one, new in kept for key in references(new)}
    insert_many(connection, reference, sorted(pointers))


def insert_many(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    """Insert rows given in the order of a table's columns, without a pass over each value."""
    if not rows:
        return
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * len(table.columns))
    connection.exec_driver_sql(f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})", rows)


# --- what is, and what was ---------------------------------------------------------------------------------------


def load(connection: Connection) -> State:
    """Read every record as it is now."""
    counters = read_head(connection)
    rows = connection.execute(select(record.c.number, record.c.kind, record.c.id, record.c.body)).all()
    return _state_of(rows, counters.study, counters.seq)


def _state_of(rows: Sequence[Any], study: str, seq: int) -> State:
    """Read the records of rows of number, kind, identifier and body."""
    state = State(study, seq)
    by_kind: dict[str, list[Any]] = {}
    for row in rows:
        by_kind.setdefault(row[1], []).append(row)
    for kind, its in by_kind.items():
        made = from_bodies(kind, [row[3] for row in its])
        state.records[kind] = {one.id: one for one in made}
        for row in its:
            state.numbers[kind, row[2]] = row[0]
            state.keys[row[0]] = (kind, row[2])
    return state


def catch_up(connection: Connection, state: State) -> dict[Key, Record | None]:
    """Take over what was appended since; give what each changed record was before."""
    before: dict[Key, Record | None] = {}
    wanted = select(entry.c.seq, entry.c.record, entry.c.kind, entry.c.id, entry.c.after)
    for row in connection.execute(wanted.where(entry.c.seq > state.seq).order_by(entry.c.seq)):
        # The number names a record whose identifier was erased.
        key = state.keys.get(row.record, (row.kind, row.id))
        before.setdefault(key, state.get(key))
        state.put(key, None if row.after is None else from_body(row.kind, row.after), row.record)
        state.seq = row.seq
    return before


def state_at(connection: Connection, seq: int, study: str) -> State:
    """Read every record as it was when the log had reached a number."""
    last = select(func.max(entry.c.seq)).where(entry.c.seq <= seq).group_by(entry.c.record)
    wanted = select(entry.c.record, entry.c.kind, entry.c.id, entry.c.after).where(entry.c.seq.in_(last))
    return _state_of(connection.execute(wanted.where(entry.c.after.is_not(None))).all(), study, seq)


def seq_at(connection: Connection, moment: datetime.datetime) -> int:
    """Give the number the log had reached at a moment; 0 where the coding had not begun."""
    said = as_text(moment)
    joined = entry.join(change, entry.c.change == change.c.id)
    found = connection.execute(select(func.max(entry.c.seq)).select_from(joined).where(change.c.at <= said)).scalar()
    return int(found or 0)


def history(
    connection: Connection,
    *,
    who: str | None = None,
    key: Key | None = None,
    since: int = 0,
    last: int | None = None,
    only: int | None = None,
) -> list[Change]:
    """Read changes with their entries, oldest first.

    Parameters
    ----------
    connection : Connection
    who : str, optional
        Only this coder's.
    key : (str, str), optional
        Only those that touched this record.
    since : int
        Only those with an entry of a higher number.
    last : int, optional
        Only so many of the latest.
    only : int, optional
        Only the change of this number.
    """
    wanted = select(change)
    if who is not None:
        wanted = wanted.where(change.c.who == who)
    if only is not None:
        wanted = wanted.where(change.c.id == only)
    if since:
        wanted = wanted.where(change.c.id.in_(select(entry.c.change).where(entry.c.seq > since)))
    if key is not None:
        its = and_(entry.c.kind == key[0], entry.c.id == key[1])
        wanted = wanted.where(change.c.id.in_(select(entry.c.change).where(its)))
    if last is not None:
        wanted = wanted.order_by(change.c.id.desc()).limit(last)
    changes = {row.id: row for row in connection.execute(wanted)}
    entries: dict[int, list[Entry]] = {number: [] for number in changes}
    for some in batches(sorted(changes)):
        for row in connection.execute(select(entry).where(entry.c.change.in_(some)).order_by(entry.c.seq)):
            entries[row.change].append(_entry(row))
    return [
        Change(row.id, row.at, row.who, row.verb, row.action, row.about, row.note, tuple(entries[row.id]))
        for row in sorted(changes.values(), key=lambda row: row.id)
    ]


def users(connection: Connection, numbers: Iterable[int]) -> dict[int, set[int]]:
    """Give the numbers of the records that point at each of these."""
    found: dict[int, set[int]] = {}
    for some in batches(sorted(set(numbers))):
        for source, target in connection.execute(
            select(reference.c.source, reference.c.target).where(reference.c.target.in_(some))
        ):
            found.setdefault(target, set()).add(source)
    return found


def undone(connection: Connection) -> set[int]:
    """Give the changes that were taken back and not made again."""
    turns = select(change.c.about, change.c.action).where(change.c.action.in_(("undo", "redo"))).order_by(change.c.id)
    latest = {row.about: row.action for row in connection.execute(turns)}
    return {about for about, action in latest.items() if action == "undo"}


def last_change_of(connection: Connection, key: Key) -> Change | None:
    """Give the latest change that touched a record."""
    its = and_(entry.c.kind == key[0], entry.c.id == key[1])
    found = connection.execute(select(func.max(entry.c.change)).where(its)).scalar()
    return history(connection, only=found)[0] if found is not None else None


def deleted(connection: Connection, keys: Collection[Key]) -> set[Key]:
    """Say which of these records were there once and went by somebody's change."""
    if not keys:
        return set()
    last = select(func.max(entry.c.seq)).group_by(entry.c.kind, entry.c.id)
    wanted = select(entry.c.kind, entry.c.id).where(
        entry.c.seq.in_(last), entry.c.before.is_not(None), entry.c.after.is_(None)
    )
    return {(row.kind, row.id) for row in connection.execute(wanted)} & set(keys)


def shared_until(one: Connection, other: Connection) -> int:
    """Give the number up to which two logs tell the same: they were one until somebody copied it.

    A change is the same where its number, moment, verb and records are, whatever an erasure took out of it since. Two
    logs that each begin with the same coding.json, at different moments, share that beginning.

    Returns
    -------
    int
        A number of the first log; 0 where they share nothing.
    """
    last = 0
    for number, (mine, theirs) in enumerate(zip(_told(one), _told(other), strict=False)):
        same = all(getattr(mine[0], name) == getattr(theirs[0], name) for name in ("at", "verb", "action"))
        begun = number == 0 and mine[0].verb == theirs[0].verb == Act.BEGIN and mine[1] == theirs[1]
        if not (begun or (same and mine[2] == theirs[2])):
            break
        last = mine[2][1]
    return last


def _told(connection: Connection) -> Iterator[tuple[Any, set[tuple[Any, ...]], tuple[int, int]]]:
    """Give each change with what its entries made of which records, and its first and last number."""
    changes = select(change.c.id, change.c.at, change.c.verb, change.c.action).order_by(change.c.id)
    entries = select(entry.c.change, entry.c.seq, entry.c.kind, entry.c.id, entry.c.after).order_by(entry.c.seq)
    rows = groupby(connection.execute(entries), key=lambda row: row.change)
    by_change = {number: list(its) for number, its in rows}
    for row in connection.execute(changes).all():
        its = by_change.get(row.id)
        if its:
            yield row, {(one.kind, one.id, one.after) for one in its}, (its[0].seq, its[-1].seq)


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.seq, row.record, (row.kind, row.id), row.before, row.after, bool(row.erased))


# --- small things ------------------------------------------------------------------------------------------------


def batches(values: list[int]) -> Iterator[list[int]]:
    """Cut a list into parts of a size every database takes.

    Examples
    --------
    >>> [len(part) for part in batches(list(range(1200)))]
    [500, 500, 200]
    """
    rest = iter(values)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def as_text(moment: datetime.datetime) -> str:
    """Write a moment in UTC so that texts sort as moments do; one without a time zone is in the machine's own.

    Examples
    --------
    >>> as_text(datetime.datetime(2025, 3, 2, 10, tzinfo=datetime.UTC))
    '2025-03-02T10:00:00.000000Z'
    """
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(latest: str) -> str:
    """Give the time, never before the latest change: a clock put back does not turn the order of the log."""
    return max(as_text(datetime.datetime.now(datetime.UTC)), latest)


_TITLES: Final = ("name", "label", "quote", "wording", "text", "what", "statement", "title")


def _titled(body: str | None) -> str:
    """Say what a record is about, in brackets: its name, its quote, or what it links."""
    values = {} if body is None else json.loads(body)
    if "stance" in values:
        return f" ({values['extract']} {values['stance']} {values['configuration']})"
    if "target" in values and "source" in values:
        return f" ({values['source']} to {values['target']})"
    title = next((values[name] for name in _TITLES if isinstance(values.get(name), str) and values[name]), "")
    return f" ({_shown(title)})" if title else ""


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return shortened(text, 60)


_NO_ACTS = (str(Act.BEGIN), str(Act.TAKE_IN))


def find_change(connection: Connection, who: str, action: Action) -> Change:
    """Find the change an undo or a redo of this coder is about.

    An undo takes the coder's latest change that still stands. A redo takes what they took back last, as long as they
    have made no new change since.

    Raises
    ------
    CodingError
        When there is none.
    """
    turned = change.alias("turned")
    latest_turn = select(func.max(turned.c.id)).where(turned.c.about == change.c.id).correlate(change).scalar_subquery()
    state_of_turn = change.alias("state_of_turn")
    stands = select(state_of_turn.c.action).where(state_of_turn.c.id == latest_turn).correlate(change).scalar_subquery()
    mine = select(change.c.id).where(change.c.who == who, change.c.action == "do", change.c.verb.not_in(_NO_ACTS))
    if action == "undo":
        wanted = mine.where(func.coalesce(stands, "redo") == "redo").order_by(change.c.id.desc()).limit(1)
        found = connection.execute(wanted).scalar()
    else:
        newest = connection.execute(
            select(func.max(change.c.id)).where(change.c.who == who, change.c.action == "do")
        ).scalar()
        wanted = mine.where(stands == "undo", latest_turn > (newest or 0)).order_by(latest_turn.desc()).limit(1)
        found = connection.execute(wanted).scalar()
    if found is None:
        raise CodingError(f"There is nothing {who} could {action}.")
    return history(connection, only=int(found))[0]


def changes_back(
    connection: Connection, state: State, target: Change, action: Action
) -> tuple[dict[Key, Record | None], dict[Key, int]]:
    """Say what turning a change round makes of the records, and which numbers come back.

    Only the fields the change touched are turned back, so that what somebody else did to others of the same record
    stays.

    Raises
    ------
    ChangedElsewhere
        When somebody changed the same fields since.
    CodingError
        When a part of it was erased.
    """
    changes: dict[Key, Record | None] = {}
    numbers: dict[Key, int] = {}
    entries = target.entries if action == "redo" else tuple(reversed(target.entries))
    for one in entries:
        if one.erased:
            raise CodingError(
                f"Change {target.id} ({target.verb.replace('_', ' ')}) cannot be {_PAST[action]}: what it was about "
                "has been erased."
            )
        found, wanted = (one.after, one.before) if action == "undo" else (one.before, one.after)
        changes[one.key] = _turned(connection, state, one, found, wanted, target, action)
        numbers[one.key] = one.number
    return changes, numbers


_PAST = {"undo": "undone", "redo": "done again"}


def _turned(
    connection: Connection, state: State, one: Entry, found: str | None, wanted: str | None, of: Change, action: Action
) -> Record | None:
    now: Any = state.get(one.key)
    expected: Any = None if found is None else from_body(one.key[0], found)
    new: Any = None if wanted is None else from_body(one.key[0], wanted)
    if expected is None or new is None:
        if now != expected:
            raise _changed_since(connection, one, of, action)
        return new
    touched = [each.name for each in fields(new) if getattr(new, each.name) != getattr(expected, each.name)]
    if now is None or any(getattr(now, name) != getattr(expected, name) for name in touched):
        raise _changed_since(connection, one, of, action)
    return replace(now, **{name: getattr(new, name) for name in touched})


def _changed_since(connection: Connection, one: Entry, of: Change, action: Action) -> ChangedElsewhere:
    last = last_change_of(connection, one.key)
    who = "" if last is None else f" by {last.who} at {last.at[:19]}Z ({last.verb.replace('_', ' ')})"
    return ChangedElsewhere(
        f"Change {of.id} ({of.verb.replace('_', ' ')}) cannot be {_PAST[action]}: {named(one.key)} was changed "
        f"since{who}. Nothing was changed; change it by hand."
    )
