"""From the text of one column to typed values, and what is wrong with each cell on its own; no cell knows another here.

Each distinct text is read once, so that a million answers on a five-point scale cost five readings.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cop_analysis.study.contracts import FIRST_YEAR, LARGEST_NUMBER, LAST_YEAR, LONGEST_ID, Column
from cop_analysis.study.faults import MOST_KEPT, Severity, nearest

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_LOOSE_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})\Z", re.ASCII)
_TIMED = re.compile(r"(\d{4}-\d{2}-\d{2})[T ][\d:.+Z-]+\Z", re.ASCII)
_SPREADSHEET_DAY = re.compile(r"\d{5}\Z", re.ASCII)
_WRITTEN_DATES = ("%d %B %Y", "%d %b %Y", "%d-%b-%y", "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_YES_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_FOR_MISSING = (
    "na n/a nan null none missing - -- . #n/a #value! #ref! #null! #div/0! nk unknown ? inf -inf +inf infinity"
)
_MISSING_WORDS = {"not known", *_FOR_MISSING.split()}
TEXT = pd.StringDtype(na_value=np.nan)


@dataclass(frozen=True)
class Misread:
    """Why a text is not a value of its column's kind; `severity` is notice where it could be read all the same."""

    rule: str
    fix: str
    severity: Severity = "error"


@dataclass(frozen=True)
class CellFaults:
    """Cells of one column with the same misreading: positions in the column, and what is wrong with them."""

    positions: npt.NDArray[np.int64]
    misread: Misread


Reader = Callable[[str, Column], tuple[Any, Misread | None]]


def read_column(texts: npt.NDArray[Any], column: Column) -> tuple[pd.Series, list[CellFaults]]:
    """Read one column's texts as values of its kind.

    Parameters
    ----------
    texts : numpy.ndarray of str
        Cells as written; blank is missing.
    column : Column

    Returns
    -------
    values : pandas.Series
        Typed (str, datetime64, float, Int64 or boolean); missing where the cell is blank or cannot be read.
    faults : list of CellFaults
        One for each distinct text that is at fault; of one rule the texts beyond `MOST_KEPT` are put together.

    Examples
    --------
    >>> from cop_analysis.study.contracts import CONTRACTS
    >>> values, faults = read_column(np.array(["4", "", "four"], dtype=object), CONTRACTS["survey"].column("score"))
    >>> values.tolist(), [(fault.positions.tolist(), fault.misread.rule) for fault in faults]
    ([4.0, nan, nan], [([2], 'is a word where a number is due')])
    """
    codes, distinct = pd.factorize(texts)
    values = np.empty(len(distinct), dtype=object)
    misread: dict[int, list[Misread]] = {}
    seen: dict[tuple[str, Severity], int] = {}
    beyond: dict[tuple[str, Severity], tuple[Misread, list[int]]] = {}
    read = _READERS[column.kind]
    day_first = _day_comes_first(distinct.tolist()) if column.kind == "date" else None
    for code, text in enumerate(distinct.tolist()):
        bare = text.strip()
        if not bare:
            values[code] = None
            continue
        values[code], wrong = read(bare, column)
        if wrong and day_first is not None and _DAY_FIRST.match(bare):
            wrong = Misread(wrong.rule, _from_day_first(bare, day_first))
        problems = [wrong] if wrong else []
        if bare != text and column.kind in {"id", "path"}:
            problems.append(
                Misread("has spaces around it, which were left out", "delete the spaces", severity="notice")
            )
        for problem in problems:
            kind = (problem.rule, problem.severity)
            seen[kind] = seen.get(kind, 0) + 1
            if seen[kind] <= MOST_KEPT:
                misread.setdefault(code, []).append(problem)
            else:
                # Millions of texts, each wrong in its own way, are counted by their rule.
                beyond.setdefault(kind, (problem, []))[1].append(code)
    faults: list[CellFaults] = []
    if misread:
        order = np.argsort(codes, kind="stable")
        edges = np.searchsorted(codes[order], np.arange(len(distinct) + 1))
        for code, problems in misread.items():
            positions = order[edges[code] : edges[code + 1]]
            faults += [CellFaults(positions, problem) for problem in problems]
    for problem, texts_at_fault in beyond.values():
        among = np.zeros(len(distinct), dtype=bool)
        among[texts_at_fault] = True
        faults.append(CellFaults(np.flatnonzero(among[codes]), problem))
    return _typed(values, codes, column), faults


def blank(column: Column, length: int) -> pd.Series:
    """Give a column that the file does not have: empty cells, or its default."""
    return _typed(np.array([column.default or None], dtype=object), np.zeros(length, dtype=np.int64), column)


def _typed(values: npt.NDArray[Any], codes: npt.NDArray[np.int64], column: Column) -> pd.Series:
    if column.kind == "date":
        return pd.Series(np.array(values, dtype="datetime64[D]").astype("datetime64[ns]")[codes])
    if column.kind == "number":
        return pd.Series(np.array([np.nan if value is None else value for value in values], dtype=np.float64)[codes])
    if column.kind in {"whole", "yes/no"}:
        numbers = np.array([0 if value is None else value for value in values], dtype=np.int64)[codes]
        missing = np.array([value is None for value in values], dtype=bool)[codes]
        if column.kind == "whole":
            return pd.Series(pd.arrays.IntegerArray(numbers, missing))
        return pd.Series(pd.arrays.BooleanArray(numbers.astype(bool), missing))
    if column.default:
        values = np.array([column.default if value is None else value for value in values], dtype=object)
    texts = np.array([np.nan if value is None else value for value in values], dtype=object)
    return pd.Series(pd.array(texts, dtype=TEXT).take(codes))


# --- one reader a kind ---------------------------------------------------------------------------------------------


def _read_text(text: str, column: Column) -> tuple[str, Misread | None]:
    return text, None


def _read_id(text: str, column: Column) -> tuple[str, Misread | None]:
    if _CONTROL.search(text):
        return text, Misread("holds a character that cannot be seen", "type the id again by hand")
    if len(text) > LONGEST_ID:
        return text, Misread(
            f"is longer than the {LONGEST_ID} characters an id may have", "use a short code, not a sentence"
        )
    return text, None


def _read_choice(text: str, column: Column) -> tuple[str | None, Misread | None]:
    word = " ".join(text.split()).casefold()
    for choice in column.choices:
        if word == choice:
            return choice, None
    meant = nearest(text, column.choices)
    hint = f'write "{meant}"' if meant else "use one of these words"
    return None, Misread(f"is none of {', '.join(column.choices)}", hint)


def _read_yes_no(text: str, column: Column) -> tuple[bool | None, Misread | None]:
    answer = _YES_NO.get(text.casefold())
    return answer, None if answer is not None else Misread("is neither yes nor no", "write yes or no")


def _read_number(text: str, column: Column) -> tuple[float | None, Misread | None]:
    if not _NUMBER.match(text):
        return None, _not_a_number(text)
    number = float(text)
    if abs(number) > LARGEST_NUMBER:
        return None, Misread(
            f"is larger than {LARGEST_NUMBER:,}, more than anything counted here can be", "correct the number"
        )
    return number, None


def _read_whole(text: str, column: Column) -> tuple[int | None, Misread | None]:
    number, wrong = _read_number(text, column)
    if number is None:
        return None, wrong
    if number != int(number):
        return None, Misread("is not a whole number", f"write a count such as {round(number)}")
    return int(number), None


def _not_a_number(text: str) -> Misread:
    folded = text.casefold()
    if folded in _MISSING_WORDS:
        return Misread("is not a number", "leave the cell empty where nothing is known")
    if re.fullmatch(r"[+-]?\d+,\d{1,2}", text, re.ASCII):
        return Misread("has a comma for the decimal point", f"write {text.replace(',', '.')}")
    if re.fullmatch(r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?", text, re.ASCII):
        return Misread("has separators between the thousands", f"write {re.sub('[, ]', '', text)}")
    if re.fullmatch(r"[+-]?\d+(\.\d+)?\s*%", text, re.ASCII):
        return Misread("has a percent sign", f"write {text.rstrip('% ')}, if the column counts in percent")
    leading = re.fullmatch(r"([+-]?[0-9]+(\.[0-9]+)?)\D*[^\W\d_]\D*", text)
    if leading:
        return Misread("has words beside the number", f"write {leading.group(1)}")
    if any(character.isdecimal() and not character.isascii() for character in text):
        return Misread("is not written in the digits 0 to 9", "type the number again")
    if any(character.isdecimal() for character in text):
        return Misread("is not a number", "write one number, with the digits 0 to 9 and a point for decimals")
    return Misread("is a word where a number is due", "write the number it stands for")


def _read_date(text: str, column: Column) -> tuple[Any, Misread | None]:
    match = _ISO_DATE.match(text)
    if match:
        return _calendar_date(*(int(part) for part in match.groups()))
    return None, Misread("is not a date written YYYY-MM-DD", _how_to_write_date(text))


def _calendar_date(year: int, month: int, day: int) -> tuple[np.datetime64 | None, Misread | None]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None, Misread(f"is not in the years {FIRST_YEAR} to {LAST_YEAR}", "correct the year")
    try:
        return np.datetime64(datetime.date(year, month, day)), None
    except ValueError:
        return None, Misread("is a day that does not exist", _why_no_such_day(year, month))


def _why_no_such_day(year: int, month: int) -> str:
    if not 1 <= month <= 12:
        return f"month {month} does not exist: write year, month, day in this order"
    last = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
    return f"that month has {last} days: correct the day"


def _how_to_write_date(text: str) -> str:
    loose = _LOOSE_ISO.match(text)
    if loose:
        written = _iso(int(loose[1]), int(loose[2]), int(loose[3]))
        return f"write {written}" if written else "write year, month and day in this order with hyphens"
    timed = _TIMED.match(text)
    if timed:
        return f"write the day without the time: {timed[1]}"
    match = _DAY_FIRST.match(text)
    if match:
        return _from_day_first(text, None)
    for pattern in _WRITTEN_DATES:
        try:
            return f"write {datetime.datetime.strptime(text, pattern).date().isoformat()}"
        except ValueError:
            continue
    if _SPREADSHEET_DAY.match(text):
        day = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(text))
        return f"a spreadsheet stored the day as a number: format the column as YYYY-MM-DD ({day.isoformat()})"
    return "write the year, month and day as in 2024-02-20"


def _day_comes_first(texts: list[str]) -> bool | None:
    """Tell from a column's dates such as 21/02/2023 whether the day comes first in all; None where it stays open."""
    matches = [match for match in map(_DAY_FIRST.match, map(str.strip, texts)) if match]
    day_first = any(int(match[1]) > 12 for match in matches)
    month_first = any(int(match[2]) > 12 for match in matches)
    return None if day_first == month_first else day_first


def _from_day_first(text: str, day_first: bool | None) -> str:
    match = _DAY_FIRST.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not two short numbers and a year.")
    first, second, year_text = match.groups()
    year = int(year_text) + (2000 if len(year_text) == 2 else 0)
    by_day, by_month = _iso(year, int(second), int(first)), _iso(year, int(first), int(second))
    if day_first is not None:
        by_day, by_month = (by_day, None) if day_first else (None, by_month)
    if by_day and by_month and by_day != by_month:
        return f"write {by_day} if the day came first, {by_month} if the month did"
    written = by_day or by_month
    return f"write {written}" if written else "no such day exists: see the source and write it as YYYY-MM-DD"


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


_READERS: dict[str, Reader] = {
    "text": _read_text,
    "path": _read_text,
    "id": _read_id,
    "id list": _read_text,
    "choice": _read_choice,
    "yes/no": _read_yes_no,
    "number": _read_number,
    "whole": _read_whole,
    "date": _read_date,
}
