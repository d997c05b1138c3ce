"""How one cell is read as a value of its kind, and how a misreading says what to write instead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.study.cells import read_column
from cop_analysis.study.contracts import CONTRACTS, Column, Kind


def column(kind: Kind, **more) -> Column:
    return Column("c", kind, "", "", **more)


def read(text: str, kind: Kind, **more):
    values, faults = read_column(np.array([text], dtype=object), column(kind, **more))
    return values.iloc[0], [fault.misread for fault in faults]


@pytest.mark.parametrize(
    ("text", "number"), [("4", 4.0), (" 4.5 ", 4.5), ("-1", -1.0), (".5", 0.5), ("1e3", 1000.0), ("+2", 2.0)]
)
def test_numbers_are_read(text, number):
    assert read(text, "number") == (number, [])


@pytest.mark.parametrize(
    ("text", "rule", "fix"),
    [
        ("four", "is a word where a number is due", "write the number it stands for"),
        ("4 - agree", "has words beside the number", "write 4"),
        ("3,5", "has a comma for the decimal point", "write 3.5"),
        ("1,250", "has separators between the thousands", "write 1250"),
        ("61%", "has a percent sign", "write 61, if the column counts in percent"),
        ("nan", "is not a number", "leave the cell empty where nothing is known"),
        ("inf", "is not a number", "leave the cell empty where nothing is known"),
        ("1_000", "is not a number", "write one number, with the digits 0 to 9 and a point for decimals"),
        ("2-3", "is not a number", "write one number, with the digits 0 to 9 and a point for decimals"),
        ("٣", "is not written in the digits 0 to 9", "type the number again"),
        ("1e999", "is larger than 1,000,000,000, more than anything counted here can be", "correct the number"),
        ("9" * 400, "is larger than 1,000,000,000, more than anything counted here can be", "correct the number"),
    ],
)
def test_what_is_no_number_says_what_to_write(text, rule, fix):
    value, [wrong] = read(text, "number")
    assert np.isnan(value)
    assert (wrong.rule, wrong.fix) == (rule, fix)


def test_a_count_must_be_whole():
    assert read("12.0", "whole") == (12, [])
    assert [wrong.rule for wrong in read("12.5", "whole")[1]] == ["is not a whole number"]


def test_iso_dates_are_read():
    assert read("2024-02-29", "date") == (pd.Timestamp(2024, 2, 29), [])


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("21/02/2023", "write 2023-02-21"),
        ("02/21/2023", "write 2023-02-21"),
        ("03/04/2023", "write 2023-04-03 if the day came first, 2023-03-04 if the month did"),
        ("21.2.23", "write 2023-02-21"),
        ("2023/2/1", "write 2023-02-01"),
        ("2023-02-21 00:00:00", "write the day without the time: 2023-02-21"),
        ("21 February 2023", "write 2023-02-21"),
        ("44978", "a spreadsheet stored the day as a number: format the column as YYYY-MM-DD (2023-02-21)"),
        ("soon", "write the year, month and day as in 2024-02-20"),
    ],
)
def test_a_date_written_otherwise_says_how_to_write_it(text, fix):
    value, [wrong] = read(text, "date")
    assert pd.isna(value)
    assert (wrong.rule, wrong.fix) == ("is not a date written YYYY-MM-DD", fix)


@pytest.mark.parametrize(
    ("text", "rule", "fix"),
    [
        ("2023-02-30", "is a day that does not exist", "that month has 28 days: correct the day"),
        ("2023-21-02", "is a day that does not exist", "month 21 does not exist: write year, month, day in this order"),
        ("0203-02-21", "is not in the years 1900 to 2100", "correct the year"),
        ("2203-02-21", "is not in the years 1900 to 2100", "correct the year"),
    ],
)
def test_impossible_dates_are_named(text, rule, fix):
    [wrong] = read(text, "date")[1]
    assert (wrong.rule, wrong.fix) == (rule, fix)


def test_one_clear_cell_settles_the_order_of_day_and_month_for_the_whole_column():
    texts = np.array(["03/04/2023", "21/02/2023"], dtype=object)
    _, faults = read_column(texts, column("date"))
    assert [fault.misread.fix for fault in faults] == ["write 2023-04-03", "write 2023-02-21"]


def test_words_of_a_choice_may_differ_by_case_and_a_slip_names_the_nearest():
    choices = ("planned", "held", "cancelled")
    assert read(" Held ", "choice", choices=choices) == ("held", [])
    [wrong] = read("canceled", "choice", choices=choices)[1]
    assert wrong.fix == 'write "cancelled"'


def test_yes_and_no_are_read_in_the_ways_spreadsheets_write_them():
    values, faults = read_column(np.array(["yes", "No", "TRUE", "0", "", "maybe"], dtype=object), column("yes/no"))
    assert values.tolist() == [True, False, True, False, pd.NA, pd.NA]
    assert [fault.positions.tolist() for fault in faults] == [[5]]


def test_an_id_is_trimmed_with_a_notice_and_may_hold_nothing_that_cannot_be_seen():
    value, [wrong] = read("\u00a0P01 ", "id")
    assert (value, wrong.severity) == ("P01", "notice")
    assert [wrong.severity for wrong in read("P\u200b01", "id")[1]] == ["error"]
    assert [wrong.severity for wrong in read("P\x0701", "id")[1]] == ["error"]
    assert read("P" * 64, "id")[1] == []
    assert "64 characters" in read("P" * 65, "id")[1][0].rule


@given(
    st.lists(st.text(max_size=12), max_size=8),
    st.sampled_from(sorted({c.kind for t in CONTRACTS.values() for c in t.columns})),
)
def test_any_text_is_a_value_or_a_fault_at_its_position(texts, kind):
    values, faults = read_column(np.array([*texts, ""], dtype=object)[:-1], column(kind, choices=("yes",)))
    at_fault = {
        position for fault in faults for position in fault.positions.tolist() if fault.misread.severity == "error"
    }
    for position, text in enumerate(texts):
        if not text.strip():
            assert pd.isna(values.iloc[position])
            assert position not in at_fault
        elif pd.isna(values.iloc[position]):
            assert position in at_fault


@given(st.floats(-1e9, 1e9))
def test_a_number_written_out_is_read_back_exactly(number):
    assert read(repr(number), "number")[0] == number
