"""What an import or an export did: carried, changed, left, and which offsets were chosen; nothing here reads a file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from cop_analysis.characters import first_characters
from cop_analysis.files import put_whole
from cop_analysis.realist.documents.containers import ExchangeError
from cop_analysis.results import Result
from cop_analysis.study.faults import visible

COLUMNS = ("outcome", "what", "number", "where", "start", "end", "detail", "reason")
"""The columns of an `ExchangeReport`'s table."""


@dataclass(frozen=True)
class Item:
    """One thing that an exchange changed or left out.

    Parameters
    ----------
    what : str
        What kind of thing it is: ``"selection"``, ``"set"``, ``"picture source"``.
    where : str
        Its name, or the document it stands in.
    reason : str
        What happened to it and why, as a sentence without a full stop.
    start, end : int, optional
        The positions the file gives for a selection, in the file's own unit.
    detail : str
        What else the file says of it (code, coder, words), so that nothing is lost with it.
    number : int
        How many things it stands for.
    """

    what: str
    where: str
    reason: str
    start: int | None = None
    end: int | None = None
    detail: str = ""
    number: int = 1

    @property
    def sentence(self) -> str:
        """The item as one line."""
        place = "" if self.start is None else f" at {self.start} to {self.end}"
        detail = f" ({visible(self.detail)})" if self.detail else ""
        return f"{self.what} {visible(self.where)}{place}{detail}: {self.reason}."


@dataclass(frozen=True)
class OffsetChoice:
    """Which unit a file's positions count in, and why that one was taken.

    Parameters
    ----------
    unit : {"codepoint", "utf16", "utf8"}
    line_break : {1, 2}
        How many units a line break that is written as two characters (CR LF) counts for.
    reason : str
        One sentence.
    shares : mapping of str to float
        For each hypothesis that was tried, the share of the deciding selection boundaries that fall on the boundary
        of a word.
    boundaries : int
        How many selection boundaries lie where the hypotheses differ.
    is_settled : bool
        False where the selections do not tell the hypotheses apart, so that quotes may be shifted.
    """

    unit: str
    line_break: int = 1
    reason: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)
    boundaries: int = 0
    is_settled: bool = True


@dataclass(frozen=True, kw_only=True)
class ExchangeReport(Result):
    """What an import or export carried, changed and left; shows itself like every other result.

    Parameters
    ----------
    carried : mapping of str to int
        How many of each kind of thing came through whole: ``{"codes": 23, "extracts": 84}``.
    changed, left : tuple of Item
        What came through altered, and what could not come through; each with its reason.
    offsets : OffsetChoice or None
        Where the file has character positions: their unit, and why.
    """

    carried: Mapping[str, int] = field(default_factory=dict)
    changed: tuple[Item, ...] = ()
    left: tuple[Item, ...] = ()
    offsets: OffsetChoice | None = None

    @property
    def lines(self) -> list[str]:
        """The whole report as lines of text, for a terminal."""
        lines = [self.sentence]
        lines += [f"changed: {item.sentence}" for item in self.changed]
        lines += [f"left: {item.sentence}" for item in self.left]
        return lines


class Ledger:
    """Collects what happens during one exchange, and closes as an `ExchangeReport`.

    Examples
    --------
    >>> ledger = Ledger("demo.qdpx")
    >>> ledger.carry("codes", 2)
    >>> ledger.leave("set", "Favourites", "the workbench has no sets")
    >>> ledger.close("import", "qdpx").sentence
    'Read demo.qdpx: 2 codes carried; nothing changed; 1 left (1 set).'
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.carried: Counter[str] = Counter()
        self.names: dict[str, list[str]] = {}
        self.changed: list[Item] = []
        self.left: list[Item] = []
        self.caveats: list[str] = []
        self.offsets: OffsetChoice | None = None

    def carry(self, what: str, number: int = 1, names: Sequence[str] = ()) -> None:
        """Count things that came through whole; the names of some of a kind are shown with their number."""
        if number:
            self.carried[what] += number
            self.names.setdefault(what, []).extend(names)

    def change(
        self, what: str, where: str, reason: str, *, start: int | None = None, end: int | None = None, detail: str = ""
    ) -> None:
        """Note a thing that came through altered."""
        self.changed.append(Item(what, where, reason, start, end, detail))

    def leave(
        self,
        what: str,
        where: str,
        reason: str,
        *,
        start: int | None = None,
        end: int | None = None,
        detail: str = "",
        number: int = 1,
    ) -> None:
        """Note a thing, or several of a kind, that could not come through."""
        self.left.append(Item(what, where, reason, start, end, detail, number))

    def close(self, direction: str, file_format: str) -> ExchangeReport:
        """Give the report; `direction` is ``"import"`` or ``"export"``."""
        rows: list[tuple[object, ...]] = [
            ("carried", what, number, "", None, None, first_characters("; ".join(self.names[what]), 2000), "")
            for what, number in self.carried.items()
        ]
        for outcome, items in (("changed", self.changed), ("left", self.left)):
            rows += [
                (outcome, one.what, one.number, one.where, one.start, one.end, one.detail, one.reason) for one in items
            ]
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        table["number"] = table["number"].astype("int64")
        for column in ("start", "end"):
            # Positions in a broken file may be larger than any text; they are shown as they stand.
            table[column] = pd.Series(["" if value is None else str(value) for value in table[column]], dtype="str")
        parts = [_listed(self.carried) + " carried" if self.carried else "nothing carried"]
        for word, items in (("changed", self.changed), ("left", self.left)):
            if items:
                counts: Counter[str] = Counter()
                for item in items:
                    counts[item.what] += item.number
                parts.append(f"{counts.total():,} {word} ({_listed(counts)})")
            else:
                parts.append(f"nothing {word}")
        sentence = f"{'Read' if direction == 'import' else 'Wrote'} {visible(self.file)}: {'; '.join(parts)}."
        if self.offsets is not None and self.offsets.reason:
            sentence += f" {self.offsets.reason}"
        return ExchangeReport(
            key=f"{direction}-{file_format}",
            title=f"What the {direction} of {self.file} carried, changed and left",
            sentence=sentence,
            table=table,
            caveats=tuple(dict.fromkeys(self.caveats)),
            sources=(self.file,),
            carried=dict(self.carried),
            changed=tuple(self.changed),
            left=tuple(self.left),
            offsets=self.offsets,
        )


_MASS = ("evidence",)


def plural(what: str, number: int) -> str:
    """Write a count with its noun: the noun is given in the singular or in the plural it is counted under.

    Examples
    --------
    >>> plural("codes", 1), plural("set", 2), plural("evidence", 3), plural("theories", 1)
    ('1 code', '2 sets', '3 evidence', '1 theory')
    """
    if what in _MASS:
        return f"{number:,} {what}"
    is_plural = what.endswith("s") and not what.endswith("ss")
    if number == 1:
        singular = f"{what[:-3]}y" if what.endswith("ies") else what[:-1]
        return f"1 {singular if is_plural else what}"
    if is_plural:
        return f"{number:,} {what}"
    return f"{number:,} {what[:-1]}ies" if what.endswith("y") else f"{number:,} {what}s"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(plural(what, number) for what, number in counts.items())


def write_whole(path: Path, write: Callable[[BinaryIO], None], *, overwrite: bool = True) -> Path:
    """Write a file beside its place and rename it, so that at every moment the place holds a whole file or the old one.

    Parameters
    ----------
    path : pathlib.Path
    write : callable
        Writes the content to the open binary file it is given.
    overwrite : bool
        False refuses where a file stands already, even one that appeared meanwhile.

    Raises
    ------
    ExchangeError
        When the place is a folder or a device, or taken and `overwrite` is false.
    OSError
        When the folder cannot be written; nothing half-written stays behind.
    """
    if path.is_dir():
        raise ExchangeError(f"{path} is a folder: name a file in it.")
    if path.exists() and not path.is_file():
        raise ExchangeError(f"{path} is a device or a pipe and no file, and was left as it is: name a file.")
    if not path.parent.is_dir():
        raise ExchangeError(f"There is no folder {path.parent}: make it first, or name another place for {path.name}.")
    if not overwrite and os.path.lexists(path):
        raise ExchangeError(_taken(path))
    try:
        put_whole(path, write, overwrite=overwrite)
    except FileExistsError:
        raise ExchangeError(_taken(path)) from None
    return path


def _taken(path: Path) -> str:
    return f"{path} exists already and was left as it is: name another file, or allow it to be replaced (--force)."
