"""The Hodges-Lehmann estimate and its interval against R (asht, exact Pratt test inverted) and its own definition."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.change import hodges_lehmann, signed_rank
from cop_analysis.change.methods import paired_tests

CASES = json.loads((Path(__file__).parents[2] / "reference" / "paired_changes.json").read_text())["cases"]


@pytest.mark.parametrize("name", CASES)
def test_published_cases(name):
    case = CASES[name]
    found = hodges_lehmann(case["pre"], case["post"])
    assert found.estimate == pytest.approx(case["hodges_lehmann"], abs=1e-9)
    interval = case["interval"]
    if interval and None not in interval:
        assert (found.low, found.high) == pytest.approx(interval, abs=1e-9)


def test_the_depression_scale_of_hollander_and_wolfe():
    case = CASES["hollander_wolfe_depression"]
    found = hodges_lehmann(case["pre"], case["post"])
    assert (found.estimate, found.low, found.high) == pytest.approx((-0.46, -0.786, -0.01))
    assert found.exact


def test_twelve_whole_numbers():
    # Fay, asht manual: -3 to 8 has p = .052734375 and the interval 0 to 5 about 2.5.
    found = hodges_lehmann([0] * 12, range(-3, 9))
    assert (found.estimate, found.low, found.high) == (2.5, 0, 5)


def test_too_few_changers_exclude_nothing_and_six_exclude_something():
    assert hodges_lehmann([1] * 5, [2, 2, 3, 4, 2]).low == -math.inf
    six = hodges_lehmann([1] * 6, [2, 2, 3, 4, 2, 3])
    assert math.isfinite(six.low)
    assert six.low > 0


def test_nobody_changed_and_one_person():
    same = hodges_lehmann([3] * 9, [3] * 9)
    assert (same.estimate, same.low, same.high) == (0, 0, 0)
    one = hodges_lehmann([2], [4])
    assert (one.estimate, one.low, one.high) == (2, -math.inf, math.inf)


pairs = st.lists(st.integers(-4, 4), min_size=6, max_size=16)


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_the_estimate_is_the_median_of_all_averages_and_lies_in_the_interval(differences):
    values = np.array(differences, dtype=float)
    first, second = np.triu_indices(len(values))
    found = hodges_lehmann(np.zeros(len(values)), values)
    assert found.estimate == pytest.approx(np.median((values[first] + values[second]) / 2))
    assert found.low <= found.estimate <= found.high


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(pairs, st.sampled_from([0.8, 0.95]))
def test_shifts_inside_are_kept_and_shifts_outside_rejected_by_the_test(differences, level):
    values = np.array(differences, dtype=float)
    found = hodges_lehmann(np.zeros(len(values)), values, level)
    # A quarter off the half-point grid, between two averages, where the test has no ties of opposite sign.
    for shift in np.arange(-5.25, 5.5, 0.5):
        kept = signed_rank(np.full(len(values), shift), values).p_value > 1 - level + 1e-12
        if kept:
            assert found.low <= shift <= found.high
        if shift < found.low or shift > found.high:
            assert not kept


@settings(max_examples=40, deadline=None)
@given(pairs, st.sampled_from([0.1, 1 / 3, 7]))
def test_swapping_mirrors_and_units_scale(differences, unit):
    zeros, values = np.zeros(len(differences)), np.array(differences, dtype=float)
    there, back, scaled = (
        hodges_lehmann(zeros, values),
        hodges_lehmann(values, zeros),
        hodges_lehmann(zeros, values * unit),
    )
    assert (there.estimate, there.low, there.high) == pytest.approx((-back.estimate, -back.high, -back.low))
    assert (scaled.estimate, scaled.low) == pytest.approx((there.estimate * unit, there.low * unit))


def test_the_long_way_and_the_short_way_to_the_limits_agree(monkeypatch):
    values = np.random.default_rng(3).normal(0.4, 1, 30)
    short = hodges_lehmann(np.zeros(30), values)
    monkeypatch.setattr(paired_tests, "_MOST_TRIED", 10**9)
    long = hodges_lehmann(np.zeros(30), values)
    assert (short.low, short.high) == (long.low, long.high)


@pytest.mark.slow
def test_a_hundred_thousand_people_on_a_slider_and_on_a_scale():
    rng = np.random.default_rng(1)
    slider = hodges_lehmann(np.zeros(100_000), rng.normal(0.1, 1, 100_000))
    assert not slider.exact
    assert slider.low < slider.estimate < slider.high
    assert slider.estimate == pytest.approx(0.1, abs=0.01)
    assert hodges_lehmann(np.zeros(100_000), rng.integers(-2, 3, 100_000)).estimate == 0


def test_the_approximate_limits_are_close_to_the_exact_ones(monkeypatch):
    values = np.random.default_rng(9).normal(0.3, 1, 150)
    exact = hodges_lehmann(np.zeros(150), values)
    monkeypatch.setattr(paired_tests, "_MOST_LISTED", 0)
    rough = hodges_lehmann(np.zeros(150), values)
    assert rough.estimate == pytest.approx(exact.estimate, abs=1e-6)
    assert (rough.low, rough.high) == pytest.approx((exact.low, exact.high), abs=0.01)


def test_impossible_input_is_refused_in_words():
    with pytest.raises(ValueError, match="no middle change"):
        hodges_lehmann([], [])
    with pytest.raises(ValueError, match="between 0 and 1"):
        hodges_lehmann([1], [2], level=95)
