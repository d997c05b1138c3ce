"""Periods: financial years from 1 April, calendar years, and a study's own."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.study.config import NamedPeriod
from cop_analysis.study.periods import financial_years, find_period


@pytest.mark.parametrize(
    ("label", "start", "end"),
    [
        ("2023/24", "2023-04-01", "2024-03-31"),
        ("2023/2024", "2023-04-01", "2024-03-31"),
        ("1999/00", "1999-04-01", "2000-03-31"),
        (" 2023 ", "2023-01-01", "2023-12-31"),
    ],
)
def test_years_are_found_by_their_labels(label, start, end):
    period = find_period(label)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


def test_a_period_of_the_study_comes_first():
    own = NamedPeriod(label="2023", start=datetime.date(2023, 2, 1), end=datetime.date(2024, 1, 31))
    assert find_period("2023", [own]).start == datetime.date(2023, 2, 1)
    pilot = NamedPeriod(label="Pilot", start=datetime.date(2023, 2, 1), end=datetime.date(2023, 3, 31))
    with pytest.raises(ValueError, match='Did you mean "Pilot"'):
        find_period("pilott", [pilot])


@pytest.mark.parametrize("label", ["2023/25", "2023/23", "2023/2025", "23/24", "2023-24", "FY24", "", "٢٠٢٣", "0001"])
def test_what_is_no_period_is_refused(label):
    with pytest.raises(ValueError, match="is not a"):
        find_period(label)


def test_both_ends_belong_to_a_period_whatever_the_time_of_day():
    dates = pd.Series(pd.to_datetime(["2023-03-31 23:59", "2023-04-01 00:00", "2024-03-31 23:59", "2024-04-01 00:00"]))
    assert find_period("2023/24").contains(dates).tolist() == [False, True, True, False]


@given(st.dates(datetime.date(1901, 1, 1), datetime.date(2098, 12, 31)))
def test_every_day_lies_in_the_financial_year_it_is_named_for(day):
    label = financial_years(pd.Series([pd.Timestamp(day)])).iloc[0]
    period = find_period(label)
    assert period.start <= day <= period.end


def test_a_missing_day_lies_in_no_financial_year():
    assert financial_years(pd.Series([pd.NaT], dtype="datetime64[ns]")).isna().all()
