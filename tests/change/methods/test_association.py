"""Dose and groups: tau-b and linear-by-linear against R, permutation p against enumeration, one test between groups."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cop_analysis.change import association, groups_differ, rank_sum

DOSE = [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 1, 2, 4, 5, 3, 2, 6, 0, 1, 4]
CHANGE = [1, 1, 1, 2, 0, 2, 0, 1, 2, 1, 0, 0, 2, 0, 1, 1, 1, 0, 2, -1]


def test_twenty_people_as_in_r():
    # R: cor.test(method = "kendall"), coin::lbl_test
    found = association(DOSE, CHANGE, 999)
    assert (found.tau_b, found.tau_normal_p_value) == pytest.approx((0.0722918018068029, 0.700592197822681), abs=1e-8)
    assert (found.linear_chi_square, found.linear_chi_square_p_value) == pytest.approx(
        (0.100544863000274, 0.751176754357998), abs=1e-8
    )
    assert found.n == 20


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-2, 2)), min_size=4, max_size=25))
def test_tau_b_as_in_scipy(pairs):
    dose, change = map(list, zip(*pairs, strict=True))
    if len(set(dose)) < 2 or len(set(change)) < 2:
        return
    found = association(dose, change, 50)
    assert found.tau_b == pytest.approx(stats.kendalltau(dose, change).statistic, abs=1e-12)
    assert found.linear == pytest.approx(np.corrcoef(dose, change)[0, 1], abs=1e-12)
    turned = association(dose, -np.array(change), 50)
    assert turned.tau_b == pytest.approx(-found.tau_b)


def test_drawn_p_values_stay_within_three_standard_errors_of_all_arrangements():
    dose, change = np.array([0, 1, 1, 2, 3, 4]), np.array([0, 1, 0, 1, 1, 2])
    taus = np.array([stats.kendalltau(dose, order).statistic for order in itertools.permutations(change)])
    linear = np.array([np.corrcoef(dose, order)[0, 1] for order in itertools.permutations(change)])
    found = association(dose, change, 4000, seed=3)
    for p_value, drawn, observed in (
        (found.tau_p_value, taus, found.tau_b), (found.linear_p_value, linear, found.linear),
    ):  # fmt: skip
        exact = np.mean(np.abs(drawn) >= abs(observed) - 1e-9)
        assert abs(p_value - exact) <= 3 * (exact * (1 - exact) / 4000) ** 0.5 + 1 / 4001


def test_series_are_put_together_by_person():
    dose = pd.Series({"A": 1, "B": 2, "C": 3, "D": 5})
    change = pd.Series({"C": 2.0, "A": 0, "B": 1, "E": 4})
    found = association(dose, change, 99)
    assert (found.n, found.missing) == (3, 2)
    assert found.tau_b == 1


@pytest.mark.parametrize(
    ("dose", "change", "message"),
    [
        ([1, 2], [1, 2], "at least three people"),
        ([2, 2, 2], [1, 2, 3], "Dose is the same"),
        ([1, 2, 3], [1, 1, 1], "same amount"),
        ([1, 2, 3], [1, 2], "as long as one another"),
        ([1, 2, "often"], [1, 2, 3], "'often'"),
    ],
)
def test_what_cannot_go_together_is_refused_in_words(dose, change, message):
    with pytest.raises(ValueError, match=message):
        association(dose, change)


def test_two_groups_are_the_exact_rank_sum_test():
    change, group = [1, 2, 2, 1, 0, 0, -1, 0, 1], list("AAAABBBBB")
    assert groups_differ(change, group).p_value == rank_sum(change[:4], change[4:]).p_value


def test_three_groups_against_all_arrangements():
    change, group = np.array([2, 1, 2, 0, 1, 0, -1, 0]), np.array(list("AABBCCCC"))
    ranks = stats.rankdata(change)
    counts = {label: (group == label).sum() for label in "ABC"}

    def spread(order):
        return sum(order[group == label].sum() ** 2 / counts[label] for label in "ABC")

    drawn = np.array([spread(np.array(order)) for order in set(itertools.permutations(ranks))])
    exact = np.mean(drawn >= spread(ranks) - 1e-9)
    test = groups_differ(change, group, 4000, seed=1)
    assert abs(test.p_value - exact) <= 3 * (exact * (1 - exact) / 4000) ** 0.5 + 1 / 4001
    assert test.statistic == pytest.approx(stats.kruskal(*[change[group == label] for label in "ABC"]).statistic)


def test_people_without_a_group_are_left_out_and_counted():
    change = pd.Series([1.0, 2, 0, np.nan, 1], index=list("ABCDE"))
    group = pd.Series(["x", "y", None, "x", "x"], index=list("ABCDE"))
    test = groups_differ(change, group)
    assert (test.n, test.missing, test.groups) == (3, 2, 2)


def test_groups_are_refused_in_words():
    with pytest.raises(ValueError, match="at least two"):
        groups_differ([1, 2], ["A", "A"])
    with pytest.raises(ValueError, match="same amount"):
        groups_differ([1, 1], ["A", "B"])
    with pytest.raises(ValueError, match="permutations must be"):
        groups_differ([1, 2], ["A", "B"], permutations=0)
    with pytest.raises(ValueError, match="occurs more than once"):
        groups_differ(pd.Series([1, 2], index=["A", "A"]), pd.Series(["x", "y"], index=["A", "B"]))


def test_a_hundred_thousand_people_use_the_approximation_and_say_so():
    rng = np.random.default_rng(1)
    found = association(rng.integers(0, 7, 100_000), rng.integers(-2, 3, 100_000))
    assert found.permutations == 0
    assert "approximation" in found.method
    test = groups_differ(rng.integers(-2, 3, 100_000), rng.integers(0, 4, 100_000))
    assert "chi-square" in test.method
