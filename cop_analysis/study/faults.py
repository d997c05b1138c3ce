"""What is wrong with a study's files, one fault at a time, and how faults are put into words; nothing here finds them.

Text from files reaches a screen only through `visible`, so that a control character or an override of the writing
direction in a cell is shown by its number and can neither clear a terminal nor pass for something else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cop_analysis.characters import is_boundary

Severity = Literal["error", "notice"]

LONGEST_VALUE_SHOWN = 80
FAULTS_LISTED = 20
ROWS_NAMED = 8
MOST_KEPT = 10_000
"""How many faults of one rule in one column are kept; more are only counted, so that no table fills the memory."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one place, with the way to correct it.

    Parameters
    ----------
    file : str
        The file's name inside the study folder: ``"survey.csv"``, ``"study.toml"``.
    row : int or None
        The row as a spreadsheet numbers it (the header is row 1), or the line of ``study.toml``; None for a fault of
        the file as a whole.
    column : str
        The column's header, or the key in ``study.toml``; empty for a fault of a row or file as a whole.
    value : str
        What the cell holds, as written; empty where nothing is.
    rule : str
        What the value breaks, as the rest of a sentence: ``"is not on the scale 1 to 5"``.
    fix : str
        What to do about it, as an instruction without a full stop.
    severity : {"error", "notice"}
        A notice is said and the study opens all the same.
    more : int
        How many further rows have a fault of the same rule in the same column; they are counted and not listed. Above
        0 only on the last of very many (`MOST_KEPT`).

    Examples
    --------
    >>> Fault("survey.csv", 14, "score", "9", "is not on the scale 1 to 5", "correct the score").sentence
    'survey.csv, row 14, column score: "9" is not on the scale 1 to 5; correct the score.'
    """

    file: str
    row: int | None
    column: str
    value: str
    rule: str
    fix: str
    severity: Severity = "error"
    more: int = 0

    @property
    def place(self) -> str:
        """Where it is: file, row (line for study.toml and coding.json) and column."""
        parts = [visible(self.file)]
        if self.row is not None:
            parts.append(f"{'line' if self.file.endswith(('.toml', '.json')) else 'row'} {self.row}")
        if self.column:
            parts.append(f"{'key' if self.file.endswith(('.toml', '.json')) else 'column'} {visible(self.column)}")
        return ", ".join(parts)

    @property
    def sentence(self) -> str:
        """The whole fault as one sentence: where, what, and how to correct it."""
        return f"{self.place}: {self.what}; {visible(self.fix, 600)}."

    @property
    def what(self) -> str:
        """What is wrong, without where and how to correct it."""
        return f'"{visible(self.value)}" {visible(self.rule, 400)}' if self.value else visible(self.rule, 400)

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class FaultGroup:
    """Faults of one rule in one column of one file: the first few, and how many there are in all."""

    shown: tuple[Fault, ...]
    count: int

    @property
    def left_out(self) -> int:
        """How many faults of the group are not in `shown`."""
        return self.count - len(self.shown)


class StudyError(Exception):
    """A study cannot be opened because its files are at fault; the message lists the faults.

    Parameters
    ----------
    faults : sequence of Fault
        Every fault found, notices included.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self._message())

    def __reduce__(self) -> tuple[type[StudyError], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)

    def _message(self) -> str:
        errors = [fault for fault in self.faults if fault.severity == "error"]
        total = number_of(errors)
        count = "1 fault" if total == 1 else f"{total:,} faults"
        lines = [f"The study cannot be opened: {count} in its files."]
        return "\n".join([*lines, *summarise(errors)])


def number_of(faults: Iterable[Fault]) -> int:
    """Count faults, those that were counted and not kept included.

    Examples
    --------
    >>> number_of([Fault("survey.csv", 2, "score", "9", "is not on the scale 1 to 5", "correct it", more=40)])
    41
    """
    return sum(1 + fault.more for fault in faults)


def gather(faults: Iterable[Fault], limit: int = FAULTS_LISTED) -> list[FaultGroup]:
    """Gather faults of the same file, column and rule, keeping the first `limit` of each and the full count.

    Parameters
    ----------
    faults : iterable of Fault
    limit : int
        How many faults of one group are kept; at least 1.

    Returns
    -------
    list of FaultGroup
        In the order in which their first faults came.

    Raises
    ------
    ValueError
        When `limit` is below 1.

    Examples
    --------
    >>> rows = range(2, 52)
    >>> many = [Fault("survey.csv", row, "score", "9", "is not on the scale 1 to 5", "correct it") for row in rows]
    >>> [(group.count, len(group.shown)) for group in gather(many, limit=3)]
    [(50, 3)]
    """
    if limit < 1:
        raise ValueError("At least 1 fault of each kind must be shown.")
    shown: dict[tuple[str, str, str, str], list[Fault]] = {}
    counts: dict[tuple[str, str, str, str], int] = {}
    for fault in faults:
        key = (fault.file, fault.column, fault.rule, fault.severity)
        counts[key] = counts.get(key, 0) + 1 + fault.more
        if len(kept := shown.setdefault(key, [])) < limit:
            kept.append(fault)
    return [FaultGroup(tuple(shown[key]), counts[key]) for key in counts]


def summarise(faults: Iterable[Fault], limit: int = FAULTS_LISTED) -> list[str]:
    """Put faults into sentences: one fault once, with its rows, or its files, and how many they are.

    Parameters
    ----------
    faults : iterable of Fault
    limit : int
        How many different things of one rule in one column are said; how many more there are is said as well.

    Examples
    --------
    >>> rows = range(2, 52)
    >>> many = [Fault("survey.csv", row, "score", "9", "is not on the scale 1 to 5", "correct it") for row in rows]
    >>> summarise(many[:3])[0]
    'survey.csv, column score: "9" is not on the scale 1 to 5, in 3 rows (2, 3, 4); correct it.'
    """
    kinds: dict[tuple[str, str, str, str], dict[tuple[str, str], list[Fault]]] = {}
    for fault in faults:
        is_of_file = fault.row is None and not fault.column and not fault.value
        where, column = ("", fault.fix) if is_of_file else (fault.file, fault.column)
        things = kinds.setdefault((where, column, fault.rule, fault.severity), {})
        things.setdefault((fault.value, fault.fix), []).append(fault)
    lines = []
    for things in kinds.values():
        found = list(things.values())
        lines += [_together(alike) for alike in found[:limit]]
        kept, total = sum(map(len, found)), sum(map(number_of, found))
        if count := sum(map(len, found[limit:])) + total - kept:
            first = (found[limit:] or found)[0][0]
            where = f"{visible(first.file)}, column {visible(first.column)}" if first.column else visible(first.file)
            more = "1 more row has" if count == 1 else f"{count:,} more rows have"
            lines.append(f"{where}: {more} the same kind of fault ({total:,} in all).")
    return lines


def _together(alike: Sequence[Fault]) -> str:
    """Say one fault that stands in many rows, or in several files, once."""
    first = alike[0]
    files = [visible(name) for name in dict.fromkeys(fault.file for fault in alike)]
    if len(files) > 1:
        more = f" and {len(files) - FAULTS_LISTED:,} more" if len(files) > FAULTS_LISTED else ""
        named = ", ".join(files[:FAULTS_LISTED])
        return f"{len(files):,} files ({named}{more}): {first.what}; {visible(first.fix, 600)}."
    rows = list(dict.fromkeys(fault.row for fault in alike if fault.row))
    if len(alike) == 1 or not rows:
        return first.sentence
    unit = "line" if first.file.endswith((".toml", ".json")) else "row"
    more = f" and {len(rows) - ROWS_NAMED:,} more" if len(rows) > ROWS_NAMED else ""
    named = ", ".join(map(str, rows[:ROWS_NAMED]))
    units = f"{len(rows):,} {unit}{'' if len(rows) == 1 else 's'} ({named}{more})"
    return f"{replace(first, row=None).place}: {first.what}, in {units}; {visible(first.fix, 600)}."


def visible(text: str, longest: int = LONGEST_VALUE_SHOWN) -> str:
    r"""Show text on one line, every invisible or controlling character by its number, long text without its middle.

    Examples
    --------
    >>> visible("P01\x1b[2J"), visible("HOSP\u00a0A"), visible("two\nlines")
    ('P01<U+001B>[2J', 'HOSP<U+00A0>A', 'two<U+000A>lines')
    >>> visible("a" * 100, longest=11)
    'aaaaa…aaaaa'
    """
    if len(text) > longest:
        half = (longest - 1) // 2
        end = next(place for place in range(len(text) - half, len(text) + 1) if is_boundary(text, place))
        start = next(place for place in range(half, -1, -1) if is_boundary(text, place))
        text = f"{text[:start]}…{text[end:]}"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    if character == " " or (character.isprintable() and unicodedata.category(character) not in {"Cf", "Zs"}):
        return character
    return f"<U+{ord(character):04X}>"


def nearest(name: str, known: Iterable[str], cutoff: float = 65.0) -> str | None:
    """Find the known name that `name` was most likely meant to be, or None where nothing is near.

    Parameters
    ----------
    name : str
    known : iterable of str
    cutoff : float
        The least similarity, 0 to 100, at which a name counts as near.

    Examples
    --------
    >>> nearest("atendance", ["attendance", "events"]), nearest("zzz", ["attendance"])
    ('attendance', None)
    """
    from rapidfuzz import fuzz, process

    names = known if isinstance(known, Loosened) else Loosened(known)
    match = process.extractOne(_loose(name), names.loose, scorer=fuzz.ratio, score_cutoff=cutoff)
    return None if match is None else names.names[match[2]]


class Loosened:
    """Known names made ready for `nearest`, for where very many are asked about the same ones."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = [str(name) for name in names]
        self.loose = [_loose(name) for name in self.names]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)


def _loose(text: str) -> str:
    """Reduce a name to what a reader would call the same: compatibility forms, case, spaces, hyphens, zeros in ids."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum() or character == "_")


def same_name(first: str, second: str) -> bool:
    """Say whether two headers differ only by case, spaces, hyphens or underscores.

    Examples
    --------
    >>> same_name(" Signed\u00a0Up ", "signed_up"), same_name("score", "scores")
    (True, False)
    """
    return loose_name(first) == loose_name(second) != ""


def loose_name(name: str) -> str:
    """Reduce a header to what is left of it without case, spaces, hyphens and underscores.

    Examples
    --------
    >>> loose_name(" Signed\u00a0Up ")
    'signedup'
    """
    return _loose(name).replace("_", "")
