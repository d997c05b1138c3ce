"""The rank-sum test by full enumeration, scipy where there are no ties, and the refusal of matched answers."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cop_analysis.change import rank_sum
from cop_analysis.change.methods import group_tests

groups = st.lists(st.integers(1, 5), min_size=1, max_size=6)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(groups, groups, st.sampled_from(["two-sided", "greater", "less"]))
def test_equals_full_enumeration_with_ties(first, second, side):
    ranks = stats.rankdata(first + second)
    observed, centre = ranks[len(first) :].sum(), len(second) * (len(ranks) + 1) / 2
    sums = np.array([sum(ranks[list(chosen)]) for chosen in itertools.combinations(range(len(ranks)), len(second))])
    far, edge = {
        "two-sided": (np.abs(sums - centre), abs(observed - centre)),
        "greater": (sums, observed),
        "less": (-sums, -observed),
    }[side]
    test = rank_sum(first, second, side)
    assert (test.statistic, test.p_value) == pytest.approx((observed, np.mean(far >= edge - 1e-9)))
    assert test.mid_p_value == pytest.approx((np.mean(far >= edge - 1e-9) + np.mean(far > edge + 1e-9)) / 2)
    assert test.exact


def test_without_ties_as_in_scipy():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=15), rng.normal(0.5, 1, 22)
    test = rank_sum(first, second)
    assert test.p_value == pytest.approx(stats.mannwhitneyu(first, second, method="exact").pvalue)
    assert test.estimate == pytest.approx(stats.mannwhitneyu(second, first).statistic / (15 * 22))


@settings(max_examples=60, deadline=None)
@given(groups, groups)
def test_swapping_mirrors_and_only_order_matters(first, second):
    there, back = rank_sum(first, second), rank_sum(second, first)
    assert (there.p_value, there.estimate) == pytest.approx((back.p_value, 1 - back.estimate))
    assert (there.low, there.high) == pytest.approx((1 - back.high, 1 - back.low), abs=1e-9)
    assert rank_sum(np.exp(first), np.exp(second)).p_value == pytest.approx(there.p_value)
    assert there.low < there.high
    assert there.low <= there.estimate <= there.high


def test_the_chance_of_a_higher_answer_counts_equal_ones_by_half():
    assert rank_sum([1, 2, 2, 3], [3, 3, 4, 5, 4]).estimate == pytest.approx((18 + 2 * 0.5) / 20)
    apart = rank_sum([1] * 8, [2] * 8)
    assert apart.estimate == apart.high == 1
    assert 0.7 < apart.low < 0.9


def test_newcombe_limits_solve_their_equation():
    test = rank_sum([1, 2, 3, 4, 5, 6, 7], [3, 5, 7, 8, 9])
    average = (7 + 5) / 2 - 1
    for limit in (test.low, test.high):
        spread = limit * (1 - limit) * (1 + average * ((1 - limit) / (2 - limit) + limit / (1 + limit))) / 35
        assert abs(test.estimate - limit) == pytest.approx(1.959963984540054 * spread**0.5, abs=1e-9)


def test_matched_answers_are_refused():
    before = pd.Series([1, 2, 3], index=["A", "B", "C"])
    after = pd.Series([2, 3, 4], index=["B", "C", "D"])
    with pytest.raises(ValueError, match=r"2 of the people are in both groups.*signed_rank"):
        rank_sum(before, after)
    with pytest.raises(ValueError, match="they are said to be matched"):
        rank_sum([1, 2], [2, 3], matched=True)
    assert rank_sum(before, after, matched=False).first == 3
    # An id without an answer is nobody's.
    assert rank_sum(before, after.where(after.index == "D")).second == 1
    # Plain rows have no names.
    assert rank_sum(pd.Series([1, 2]), pd.Series([2, 3])).first == 2


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([], [1], "no answer"),
        ([None], [1], "no answer"),
        ([1, "yes"], [1], "'yes' at position 2"),
        ([1, float("inf")], [1], "infinite"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(first, second, message):
    with pytest.raises(ValueError, match=message):
        rank_sum(first, second)


def test_everyone_the_same_and_settings():
    test = rank_sum([3] * 5, [3] * 7)
    assert (test.p_value, test.estimate) == (1, 0.5)
    with pytest.raises(ValueError, match="alternative must be"):
        rank_sum([1], [2], "up")
    with pytest.raises(ValueError, match="between 0 and 1"):
        rank_sum([1], [2], level=95)


def test_the_approximation_is_said_and_close(monkeypatch):
    rng = np.random.default_rng(2)
    first, second = rng.integers(1, 6, 60), rng.integers(1, 6, 55)
    exact = rank_sum(first, second)
    monkeypatch.setattr(group_tests, "_MOST_STEPS", 0)
    rough = rank_sum(first, second)
    assert exact.exact
    assert not rough.exact
    assert rough.p_value == pytest.approx(exact.p_value, abs=0.005)
    assert not rank_sum(rng.normal(size=100_000), rng.normal(size=100_000)).exact
