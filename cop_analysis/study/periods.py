"""Spans of days a report may be restricted to: financial years, calendar years, and those a study defines itself."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.study.faults import nearest, visible

if TYPE_CHECKING:
    from cop_analysis.study.config import NamedPeriod

_FINANCIAL_YEAR = re.compile(r"(\d{4})/(\d{2}|\d{4})\Z", re.ASCII)
_CALENDAR_YEAR = re.compile(r"\d{4}\Z", re.ASCII)
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""As a report names them, whatever the language of the computer."""


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included.

    Examples
    --------
    >>> year = find_period("2023/24")
    >>> year.contains(pd.Series(pd.to_datetime(["2023-03-31", "2023-04-01", None]))).tolist()
    [False, True, False]
    """

    label: str
    start: datetime.date
    end: datetime.date

    def contains(self, dates: pd.Series) -> pd.Series:
        """Say for each date whether it lies in the period; a missing date does not."""
        day_after = self.end + datetime.timedelta(days=1)
        return (dates >= pd.Timestamp(self.start)) & (dates < pd.Timestamp(day_after))

    @property
    def words(self) -> str:
        """The period in words: ``2023/24 (1 April 2023 to 31 March 2024)``."""
        return f"{self.label} ({written_day(self.start)} to {written_day(self.end)})"


def find_period(label: str, defined: Iterable[NamedPeriod] = ()) -> Period:
    """Find the period a label stands for.

    Parameters
    ----------
    label : str
        ``"2023/24"`` is the financial year from 1 April 2023 to 31 March 2024, ``"2023"`` the calendar year; a label
        the study defines itself comes first.
    defined : iterable of NamedPeriod
        The study's own periods.

    Raises
    ------
    ValueError
        When no period has that label.

    Examples
    --------
    >>> find_period("2023/24").words
    '2023/24 (1 April 2023 to 31 March 2024)'
    """
    own = list(defined)
    wanted = label.strip()
    for period in own:
        if period.label == wanted:
            return Period(period.label, period.start, period.end)
    match = _FINANCIAL_YEAR.match(wanted)
    if match and 1900 <= int(match[1]) < 2100:
        year = int(match[1])
        if int(match[2][-2:]) != (year + 1) % 100 or (len(match[2]) == 4 and int(match[2]) != year + 1):
            raise ValueError(
                f"{wanted} is not a financial year: one ends in the year after it starts, "
                f"as {year}/{(year + 1) % 100:02d} does."
            )
        return Period(f"{year}/{(year + 1) % 100:02d}", datetime.date(year, 4, 1), datetime.date(year + 1, 3, 31))
    if _CALENDAR_YEAR.match(wanted) and 1900 <= int(wanted) <= 2100:
        return Period(wanted, datetime.date(int(wanted), 1, 1), datetime.date(int(wanted), 12, 31))
    labels = [period.label for period in own]
    meant = nearest(wanted, labels)
    hint = f' Did you mean "{meant}"?' if meant else ""
    named = f", or one the study defines ({', '.join(labels)})" if labels else ""
    raise ValueError(
        f'"{visible(wanted)}" is not a period: write a financial year as 2023/24, a calendar year as 2023{named}.{hint}'
    )


def financial_years(dates: pd.Series) -> pd.Series:
    """Name the financial year, from 1 April, each date lies in; missing where the date is.

    Examples
    --------
    >>> financial_years(pd.Series(pd.to_datetime(["2023-02-21", "2023-04-12"]))).tolist()
    ['2022/23', '2023/24']
    """
    starts = dates.dt.year - (dates.dt.month < 4)
    labels = {year: f"{int(year)}/{(int(year) + 1) % 100:02d}" for year in starts.dropna().unique()}
    return starts.map(labels)


def written_day(day: datetime.date) -> str:
    """Write a day in words.

    Examples
    --------
    >>> written_day(datetime.date(2023, 4, 1))
    '1 April 2023'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
