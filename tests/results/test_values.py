"""How one value is written: what a reader sees is what was found."""

import math
from decimal import Decimal

import pandas as pd
import pytest

from cop_analysis.results import (
    columns,
    count_of,
    csv_text,
    format_p,
    format_share,
    in_points,
    interval_in_words,
    table_payload,
    with_sign,
)
from cop_analysis.results.values import are_missing, format_part, format_value, how_often, is_missing


def test_a_column_is_missing_where_each_of_its_values_is():
    """Read as a whole or one by one: a list or a tuple in a cell is something, as are 0 and False."""
    nothing = [None, float("nan"), pd.NA, pd.NaT, "", " \t", Decimal("NaN")]
    something = ["nan", 0, False, (1, 2), [None], {"a": None}]
    assert are_missing([*nothing, *something]) == [True] * 7 + [False] * 6
    assert [is_missing(value) for value in [*nothing, *something]] == [True] * 7 + [False] * 6
    assert (are_missing([]), are_missing([(1, 2), (3, 4)])) == ([], [False, False])


@pytest.mark.parametrize(
    ("p_value", "written"),
    [(0.0009, "p < 0.001"), (0.001, "p = 0.001"), (0.005, "p = 0.005"), (0.0499, "p = 0.050"), (1.0, "p = 1.000")],
)
def test_a_p_is_written_to_three_places_and_below_a_thousandth_as_that(p_value, written):
    assert format_p(p_value) == written


@pytest.mark.parametrize(
    ("write", "number", "written"),
    [
        (format_value, 6.0, "6"),
        (format_value, 0.0625, "0.062"),
        (format_value, -1.5, "−1.500"),
        (lambda number: format_value(number, columns.p()), 0.001, "0.001"),
        (lambda number: format_value(number, columns.share("people")), 0.0625, "6.2%"),
        (format_p, 0.001, "p = 0.001"),
        (format_p, 0.0625, "p = 0.062"),
        (how_often, 0.001, "1 time in 1,000"),
        (how_often, 0.035, "4 times in 100"),
        (format_share, 0.125, "12%"),
        (format_part, 1.0, "100%"),
        (with_sign, 0.125, "+0.12"),
        (in_points, 0.005, "0"),
    ],
)
def test_what_is_written_does_not_hang_on_the_last_digit(write, number, written):
    """Another processor's linear algebra gives a number a unit or two of its last digit away."""
    below, above = math.nextafter(number, -math.inf), math.nextafter(number, math.inf)
    assert [write(one) for one in (below, number, above)] == [written] * 3


@pytest.mark.parametrize(
    ("p_value", "told"),
    [
        (0.0004, "less than once in 1,000 times"),
        (0.001, "1 time in 1,000"),
        (0.0094, "9 times in 1,000"),
        (0.0096, "1 time in 100"),
        (0.051, "5 times in 100"),
        (0.9949, "99 times in 100"),
        (0.996, "nearly every time"),
        (1.0, "every time"),
    ],
)
def test_how_often_chance_goes_as_far_is_a_count_in_a_hundred_or_a_thousand(p_value, told):
    assert how_often(p_value) == told


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (1200, "1,200 people")]
)
def test_only_one_is_one(number, written):
    assert count_of(number, "person", "people") == written


def test_every_cell_of_a_table_stands_in_its_row_as_it_is_written():
    cells = [["-2", -2, 0.5, None, True], ["=1", 3, None, pd.Timestamp("2025-03-01"), False]]
    table = pd.DataFrame(cells, columns=list("abcde"))
    found = table_payload(table, columns={"c": columns.share("people")})
    assert found["rows"] == [["-2", "−2", "50.0%", "", "yes"], ["=1", "3", "", "1 March 2025", "no"]]
    assert found["csv"].splitlines()[2] == "'=1,3,,2025-03-01,False"
    assert table_payload(table.iloc[:0])["rows"] == []
    assert table_payload(table[[]])["rows"] == []


def test_an_interval_of_a_mean_is_no_share():
    """A column is shown as what its page said it holds, whatever it is called."""
    table = pd.DataFrame({"share": [0.25], "low": [0.1], "rate": [0.5], "low_mean": [0.3]})
    held = {"share": columns.share("people"), "low": columns.low(columns.share("people")), "rate": columns.score()}
    assert table_payload(table, columns=held)["rows"] == [["25.0%", "10.0%", "0.500", "0.300"]]
    assert table_payload(table)["rows"] == [["0.250", "0.100", "0.500", "0.300"]]


@pytest.mark.parametrize(
    ("low", "high", "write", "written"),
    [
        (0.264, 0.527, format_share, "95% interval 26% to 53%"),
        (-0.031, 0.37, in_points, "95% interval −3 to +37"),
        (-0.2, -0.004, with_sign, "95% interval −0.20 to 0.00"),
    ],
)
def test_an_interval_is_written_the_same_wherever_it_stands(low, high, write, written):
    assert interval_in_words(low, high, write) == written


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_and_no_header_of_a_table_runs_in_a_spreadsheet(lead):
    table = pd.DataFrame({f"{lead}head": [f"{lead}1+1"], "said": ["fine"]})
    written = csv_text(table)
    assert f"'{lead}head" in written
    assert f"'{lead}1+1" in written


@pytest.mark.parametrize("kind", ["count", "share"])
def test_a_count_and_a_share_say_of_what(kind):
    with pytest.raises(ValueError, match=f"A {kind} says of what"):
        columns.Column(kind)
    assert columns.Column(kind, "people").counts_people
