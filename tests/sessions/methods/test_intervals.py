from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.sessions import homogeneity, mean_interval, newcombe, trend, wilson

counts = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3; more digits from R's prop.test.
        (81, 263, 0.255288519878274, 0.3662095769828),
        (15, 148, 0.0623863995307363, 0.160487241723308),
        (0, 20, 0, 0.161125158052819),
        (1, 29, 0.00611321429276266, 0.171755218793203),
    ],
)
def test_wilson_gives_newcombes_published_intervals(successes, n, low, high):
    interval = wilson(successes, n)
    assert interval.low == pytest.approx(low, abs=1e-12)
    assert interval.high == pytest.approx(high, abs=1e-12)


@pytest.mark.parametrize(
    ("attended", "signed_up", "low", "high"),
    [
        # The London cancer CoP poster's events; R 4.2.2, prop.test without continuity correction.
        (17, 37, 0.31038569804373, 0.616159531078205),
        (73, 97, 0.658186137397013, 0.827725119471323),
        (57, 83, 0.580586295274621, 0.776386058955485),
        (39, 57, 0.555202253021366, 0.789957123611748),
        (69, 92, 0.652711858782475, 0.827247446574714),
        (105, 230, 0.393389595599468, 0.521082371429545),
        (32, 51, 0.490252134688509, 0.746794805337356),
    ],
)
def test_wilson_of_every_poster_event(attended, signed_up, low, high):
    interval = wilson(attended, signed_up)
    assert (interval.low, interval.high) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))


@pytest.mark.slow
@given(counts, st.floats(0.5, 0.999))
def test_wilson_stays_in_range_holds_the_share_and_never_collapses(pair, level):
    interval = wilson(*pair, level)
    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1
    assert interval.low < interval.high


@given(counts)
def test_wilson_is_symmetric_in_success_and_failure(pair):
    successes, n = pair
    one, other = wilson(successes, n), wilson(n - successes, n)
    assert one.low == pytest.approx(1 - other.high, abs=1e-12)


@given(counts)
def test_a_higher_level_gives_a_wider_interval(pair):
    assert wilson(*pair, 0.99).high >= wilson(*pair, 0.9).high


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 0), "at least 1"),
        ((3, 2), "cannot exceed"),
        ((-1, 2), "0 or more"),
        ((1.5, 2), "whole number"),
        (("1", 2), "whole number"),
        ((True, 2), "whole number"),
        ((math.nan, 2), "whole number"),
        ((math.inf, 2), "whole number"),
        ((1, 2, 1.0), "between 0 and 1"),
        ((1, 2, 95), "between 0 and 1"),
    ],
)
def test_wilson_refuses_what_is_not_a_share(arguments, words):
    with pytest.raises(ValueError, match=words):
        wilson(*arguments)


@pytest.mark.parametrize(
    ("arguments", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10.
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_gives_his_published_intervals(arguments, low, high):
    gap = newcombe(*arguments)
    assert (round(gap.low, 4), round(gap.high, 4)) == (low, high)


@given(counts, counts)
def test_newcombe_turns_round_when_the_groups_do(one, other):
    forward, backward = newcombe(*one, *other), newcombe(*other, *one)
    assert forward.low == pytest.approx(-backward.high, abs=1e-12)
    assert -1 <= forward.low <= forward.estimate <= forward.high <= 1


def test_homogeneity_of_the_seven_poster_events():
    # R 4.2.2: chisq.test on the London cancer CoP poster's counts.
    test = homogeneity([17, 73, 57, 39, 69, 105, 32], [37, 97, 83, 57, 92, 230, 51])
    assert test.statistic == pytest.approx(45.3896765837778, abs=1e-8)
    assert test.df == 6
    assert test.p_value == pytest.approx(3.91568102112474e-08, rel=1e-8)
    assert test.z[5] == pytest.approx(-4.63515997671321, abs=1e-5)
    assert test.overdispersion == pytest.approx(45.3896765837778 / 6)


def test_homogeneity_without_the_largest_event():
    test = homogeneity([17, 73, 57, 39, 69, 32], [37, 97, 83, 57, 92, 51])
    assert test.statistic == pytest.approx(13.4161465003345, abs=1e-8)
    assert test.p_value == pytest.approx(0.0197759820050846, abs=1e-10)


def test_the_trend_of_the_poster_events_is_that_of_prop_trend_test():
    found = trend([17, 73, 57, 39, 69, 105, 32], [37, 97, 83, 57, 92, 230, 51])
    assert found.statistic == pytest.approx(9.97662729063547, abs=1e-8)
    assert found.p_value == pytest.approx(0.00158539817519431, abs=1e-10)
    assert found.slope < 0


def test_a_trend_does_not_depend_on_where_or_in_what_the_order_is_measured():
    counts_up, sizes = [1, 4, 9], [10, 10, 12]
    plain = trend(counts_up, sizes)
    assert trend(counts_up, sizes, [100, 150, 200]).statistic == pytest.approx(plain.statistic)
    assert trend(counts_up[::-1], sizes[::-1]).slope == pytest.approx(-plain.slope)


@pytest.mark.parametrize("scores", [[1, 2], [1, 1, 1], [1, 2, math.inf]])
def test_scores_that_make_no_order_are_refused(scores):
    with pytest.raises(ValueError, match=r"scores|score"):
        trend([1, 4, 9], [10, 10, 12], scores)


@pytest.mark.parametrize(
    ("successes", "n", "words"),
    [
        ([1], [2], "at least two"),
        ([0, 0], [3, 4], "no difference"),
        ([3, 4], [3, 4], "no difference"),
        ([1], [2, 3], "denominators"),
    ],
)
def test_homogeneity_refuses_what_is_undefined(successes, n, words):
    with pytest.raises(ValueError, match=words):
        homogeneity(successes, n)


def test_a_mean_has_students_interval():
    # sleep data, extra hours (Student 1908): R's t.test gives 0.7001142 to 2.4598858.
    interval = mean_interval([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert interval.low == pytest.approx(0.7001142, abs=1e-6)
    assert interval.high == pytest.approx(2.4598858, abs=1e-6)


@pytest.mark.parametrize("scores", [[4], [4, 4, 4]])
def test_a_mean_of_alike_scores_claims_no_interval(scores):
    interval = mean_interval(scores)
    assert interval.estimate == 4
    assert math.isnan(interval.low)


@pytest.mark.parametrize("pair", [(5, 10**400), (10**400, 10**400)])
def test_a_count_beyond_any_count_is_refused_in_words(pair):
    with pytest.raises(ValueError, match="larger than any count"):
        wilson(*pair)


def test_a_very_large_count_still_has_its_interval():
    interval = wilson(5 * 10**199, 10**200)
    assert (interval.low, interval.estimate, interval.high) == pytest.approx((0.5, 0.5, 0.5))


def test_counts_from_numpy_are_counts():
    import numpy as np

    assert wilson(np.int64(392), np.int32(647)) == wilson(392, 647)
    with pytest.raises(ValueError, match="whole number"):
        wilson(np.bool_(True), 2)


@pytest.mark.parametrize("values", [["a"], [None, 1], [True, 2], [1e308]])
def test_scores_that_are_no_numbers_are_refused_in_words(values):
    with pytest.raises(ValueError, match="finite numbers"):
        mean_interval(values)
