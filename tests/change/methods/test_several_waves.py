"""Friedman, Page and each wave against the first: published figures, scipy where it is right, full enumeration."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cop_analysis.change import friedman, max_t, page_trend, waves_against_baseline

# Hollander & Wolfe 1973, p. 140: three ways of rounding first base, 22 players (R: friedman.test)
ROUNDING = [
    5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70, 5.45, 5.55, 5.60,
    5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45,
    5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55,
    5.50, 5.45, 5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25,
]  # fmt: skip


def test_rounding_first_base():
    answers = pd.DataFrame(np.reshape(ROUNDING, (22, 3)), columns=["round out", "narrow", "wide"])
    test = friedman(answers, permutations=4000, seed=1)
    assert (round(test.statistic, 3), round(test.chi_square_p_value, 6), test.freedom) == (11.143, 0.003805, 2)
    assert test.p_value == pytest.approx(0.0038, abs=0.004)
    assert page_trend(-answers, "greater").p_value < 0.001


answers = st.integers(2, 4).flatmap(
    lambda waves: st.lists(st.lists(st.integers(1, 4), min_size=waves, max_size=waves), min_size=2, max_size=4)
)


def _ranks(table):
    return np.array([stats.rankdata(row) for row in table])


@settings(max_examples=40, deadline=None)
@given(answers, st.sampled_from(["two-sided", "greater", "less"]))
def test_both_tests_equal_full_enumeration(table, side):
    ranks = _ranks(table)
    people, waves = ranks.shape
    places = np.arange(1, waves + 1)
    arranged = list(itertools.product(*[list(itertools.permutations(row)) for row in ranks]))
    if len(arranged) > 20_000:
        return
    sums = np.array(arranged).sum(axis=1)
    if waves > 2:
        drawn, observed = sums @ places, float(ranks.sum(axis=0) @ places)
        middle = people * waves * (waves + 1) ** 2 / 4
        far, edge = (
            (np.abs(drawn - middle), abs(observed - middle))
            if side == "two-sided"
            else ((drawn, observed) if side == "greater" else (-drawn, -observed))
        )
        test = page_trend(pd.DataFrame(table), side)
        assert test.statistic == observed
        assert test.p_value == pytest.approx(np.mean(far >= edge - 1e-9))
        assert test.mid_p_value == pytest.approx((np.mean(far >= edge - 1e-9) + np.mean(far > edge + 1e-9)) / 2)
    spread = np.square(sums - people * (waves + 1) / 2).sum(axis=1)
    if np.ptp(ranks, axis=1).any():
        observed = np.square(ranks.sum(axis=0) - people * (waves + 1) / 2).sum()
        assert friedman(pd.DataFrame(table)).p_value == pytest.approx(np.mean(spread >= observed - 1e-9))


def test_page_without_ties_as_in_scipy():
    table = np.random.default_rng(2).permuted(np.tile([1.0, 2, 3, 4], (9, 1)), axis=1)
    expected = stats.page_trend_test(table, method="exact")
    test = page_trend(pd.DataFrame(table), "greater")
    assert (test.statistic, test.p_value) == pytest.approx((expected.statistic, expected.pvalue))


def test_friedman_with_ties_as_in_scipy_and_two_waves_are_the_sign_test():
    table = pd.DataFrame(np.random.default_rng(3).integers(1, 5, (15, 4)))
    expected = stats.friedmanchisquare(*table.to_numpy().T)
    test = friedman(table, 200)
    assert (test.statistic, test.chi_square_p_value) == pytest.approx((expected.statistic, expected.pvalue))
    two = pd.DataFrame({"a": [1, 1, 1, 1, 1, 2], "b": [2, 2, 2, 2, 2, 1]})
    assert friedman(two).p_value == pytest.approx(stats.binomtest(5, 6).pvalue)


def test_any_scale_that_keeps_the_order_gives_the_same_answer():
    table = pd.DataFrame(np.random.default_rng(4).integers(1, 6, (8, 3)))
    for test in (lambda t: friedman(t, 300, 1).p_value, lambda t: page_trend(t).p_value):
        assert test(table) == pytest.approx(test(np.exp(table)))


def test_people_with_a_gap_are_left_out_and_counted():
    table = pd.DataFrame({"a": [1, 2, 1, np.nan], "b": [2, 3, 2, 2], "c": [3, 3, 4, 5]})
    assert (friedman(table).n, friedman(table).missing) == (3, 1)
    assert page_trend(table).missing == 1


def test_one_later_wave_is_max_t():
    table = pd.DataFrame({"before": [1, 2, 2, 3, 1, 2], "after": [2, 3, 2, 4, 3, 1]})
    compared = waves_against_baseline(table, 999)
    expected = max_t(table[["before"]].set_axis(["w"], axis=1), table[["after"]].set_axis(["w"], axis=1), 999,
                     statistic="t")  # fmt: skip
    assert compared.table["p_value"].tolist() == expected.p_values.tolist()
    assert compared.exact


def test_adjusted_p_values_are_never_below_the_single_ones_and_find_the_wave_that_moved():
    rng = np.random.default_rng(6)
    level = rng.normal(size=25)
    table = pd.DataFrame(
        {wave: level + rng.normal(size=25) + shift for wave, shift in zip("abcd", (0, 0, 1.5, 0.2), strict=True)}
    )
    compared = waves_against_baseline(table, 999, seed=1).table.set_index("wave")
    assert (compared["adjusted_p_value"] >= compared["p_value"]).all()
    assert compared["adjusted_p_value"].idxmin() == "c"
    assert compared.loc["c", "adjusted_p_value"] < 0.01
    assert compared.loc["b", "adjusted_p_value"] > 0.05
    again = waves_against_baseline(table, 999, seed=1).table
    assert again["adjusted_p_value"].tolist() == compared["adjusted_p_value"].tolist()


def test_skewed_answers_keep_the_level():
    # Waves that share a skewed baseline: whole-person sign flips would be too liberal or too strict, permuting is not.
    rng = np.random.default_rng(11)
    hits = 0
    for study in range(150):
        table = pd.DataFrame(rng.exponential(size=(8, 3)) ** 2)
        hits += waves_against_baseline(table, 99, seed=study).table["adjusted_p_value"].min() <= 0.1
    # .1 of 150 studies, three standard errors either way
    assert hits <= 15 + 3 * (150 * 0.1 * 0.9) ** 0.5


def test_a_missing_answer_takes_a_person_out_of_that_wave_only():
    table = pd.DataFrame({"a": [1.0, 2, 2, 3, 1], "b": [2.0, np.nan, 3, 4, 2], "c": [3.0, 3, np.nan, 4, 2]})
    assert waves_against_baseline(table, 99).table["n"].tolist() == [4, 4]
    empty = table.assign(d=np.nan)
    last = waves_against_baseline(empty, 99).table.iloc[-1]
    assert last["n"] == 0
    assert np.isnan(last["adjusted_p_value"])


def test_everyone_changing_alike_is_no_error():
    compared = waves_against_baseline(pd.DataFrame({"a": [1.0] * 6, "b": [2.0] * 6, "c": [1.0] * 6}), 499, seed=2).table
    assert np.isinf(compared["t"].iloc[0])
    assert compared["adjusted_p_value"].iloc[0] < 0.2
    assert compared["adjusted_p_value"].iloc[1] == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: friedman(pd.DataFrame({"a": [1, 2], "b": [1, 2]})), "answered the same at every wave"),
        (lambda: friedman(pd.DataFrame({"a": [1], "b": [None]})), "Nobody answered at every wave"),
        (lambda: friedman(pd.DataFrame({"a": [1]})), "at least two"),
        (lambda: page_trend(pd.DataFrame({"a": [1], "b": [2]})), "at least three waves"),
        (lambda: page_trend(pd.DataFrame({"a": [1], "b": [2], "c": [3]}), "up"), "alternative must be"),
        (lambda: friedman(pd.DataFrame({"a": [1, 2], "b": [2, 3]}, index=["P", "P"])), "'P' more than once"),
        (lambda: waves_against_baseline(pd.DataFrame(np.ones((3, 9)))), "At most 6 waves"),
        (lambda: waves_against_baseline(pd.DataFrame({"a": [1, 2], "b": ["x", 3]})), "'x' at position 1"),
        (lambda: friedman(pd.DataFrame({"a": [1, 2], "b": [2, 3]}), permutations=0), "permutations must be"),
    ],
)
def test_what_is_undefined_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.slow
def test_a_hundred_thousand_people():
    table = pd.DataFrame(np.random.default_rng(1).integers(1, 6, (100_000, 3)))
    test = friedman(table)
    assert test.p_value == test.chi_square_p_value
    assert "chi-square" in test.method
    assert not page_trend(table).exact
