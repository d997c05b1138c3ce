"""Limits as in Anhoj & Olesen 2014 (PLoS ONE 9:e113825), table 1 and R's qbinom(0.05, n - 1, 0.5)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.sessions import run_chart
from cop_analysis.sessions.pages.rating_words import run_words


@pytest.mark.parametrize(
    ("n", "longest", "crossings"), [(10, 6, 2), (12, 7, 3), (16, 7, 4), (20, 7, 6), (24, 8, 8), (60, 9, 23)]
)
def test_limits_for_the_number_of_useful_values(n, longest, crossings):
    chart = run_chart([0.0, 1.0] * (n // 2))
    assert (chart.useful, chart.longest_expected, chart.fewest_expected) == (n, longest, crossings)


def test_a_shift_is_found_by_both_rules():
    chart = run_chart([1.0] * 10 + [2.0] * 10)
    assert (chart.longest_run, chart.crossings) == (10, 1)
    assert chart.has_shift
    assert chart.has_few_crossings
    assert "10 values in a row" in run_words(chart)


def test_six_values_can_show_nothing():
    chart = run_chart([1, 2, 3, 4, 5, 6])
    assert not chart.can_signal
    assert "too few values" in run_words(chart)


@pytest.mark.parametrize("values", [[3], [3, 3, 3]])
def test_values_on_the_median_form_no_run(values):
    chart = run_chart(values)
    assert chart.useful == 0
    assert not chart.has_shift
    assert not chart.has_few_crossings


@pytest.mark.parametrize("values", [[], [1, math.nan], [math.inf]])
def test_what_is_no_series_is_refused(values):
    with pytest.raises(ValueError, match=r"at least one value|finite"):
        run_chart(values)


@pytest.mark.slow
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=60))
def test_turning_upside_down_or_round_changes_nothing(values):
    one, down, back = run_chart(values), run_chart([-v for v in values]), run_chart(values[::-1])
    assert (one.longest_run, one.crossings) == (down.longest_run, down.crossings) == (back.longest_run, back.crossings)
    if one.has_shift or one.has_few_crossings:
        assert one.can_signal


def test_a_long_series_is_quick():
    assert run_chart([float(at % 7) for at in range(5000)]).useful > 4000
