from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.sessions import possible_counts, possible_denominators, possible_totals
from cop_analysis.sessions.methods.number_checks import is_printed_as, rounding_range


def test_the_poster_share_can_be_six_counts_of_647():
    assert list(possible_counts(61, 647)) == [392, 393, 394, 395, 396, 397]
    assert list(possible_counts(60.6, 647)) == [392]
    assert not possible_counts(61.35, 647)


def test_the_published_example_of_an_impossible_mean():
    # Brown & Heathers 2017, Social Psychological and Personality Science 8:363: a mean of 5.19 from 28 whole scores.
    assert not possible_totals(5.19, 28)
    assert list(possible_totals(5.18, 28)) == [145]
    assert list(possible_totals(5.21, 28)) == [146]


def test_a_last_zero_matters():
    assert len(possible_totals(4.2, 16)) == 2  # 67 / 16 = 4.1875 and 68 / 16 = 4.25, a half that some round down
    assert list(possible_totals(4.2, 16, decimals=2)) == []
    assert list(possible_totals(4.2, 10, decimals=2)) == [42]


def test_half_steps_are_finer_than_whole_ones():
    # Three whole scores have a mean of 3.00 or 3.33; 19 half steps over 3 are 3.1667.
    assert not possible_totals(3.17, 3)
    assert list(possible_totals(3.17, 3, step=0.5)) == [19]


def test_halves_may_be_rounded_either_way():
    assert is_printed_as(Fraction(5, 2), 2)
    assert is_printed_as(Fraction(5, 2), 3)
    assert not is_printed_as(Fraction(5, 2) + Fraction(1, 10**9), 2)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 2))
def test_the_true_count_is_always_possible(pair, decimals):
    count, n = pair
    printed = round(100 * count / n, decimals)
    assert count in possible_counts(printed, n, decimals)
    if n <= 100:
        assert n in [denominator for _, denominator in possible_denominators(printed, decimals, 100)]


@given(st.integers(1, 60), st.integers(0, 100))
def test_possible_counts_are_what_trying_every_count_finds(n, percentage):
    assert list(possible_counts(percentage, n)) == [
        k for k in range(n + 1) if abs(Fraction(100 * k, n) - percentage) <= Fraction(1, 2)
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "61"])
def test_what_is_no_figure_is_refused(value):
    with pytest.raises(ValueError, match="finite number"):
        rounding_range(value)


@pytest.mark.parametrize("n", [0, -1, 2.5, math.nan, "7"])
def test_what_is_no_denominator_is_refused(n):
    with pytest.raises(ValueError, match="denominator"):
        possible_counts(50, n)


def test_more_decimals_than_printed_are_refused():
    with pytest.raises(ValueError, match="2 decimals"):
        rounding_range(61.35, 1)
    with pytest.raises(ValueError, match="largest denominator"):
        possible_denominators(61, largest=0)
    with pytest.raises(ValueError, match="step"):
        possible_totals(3, 4, step=0)
