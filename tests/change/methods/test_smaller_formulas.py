"""Missing outcomes, clusters, reliable change, then-test, power, null distribution: by hand and by definition."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cop_analysis.change import (
    cluster_sign_flip,
    delta_adjustment,
    minimum_detectable_change,
    missing_bounds,
    null_distribution,
    power,
    reliable_change,
    signed_rank,
    smallest_detectable,
    then_test,
)
from cop_analysis.change.pictures.estimates import null_figure

# --- those who did not return -------------------------------------------------------------------------------------


def test_bounds_by_hand():
    # 14 up, 6 same, 2 down of 22; six missing: (14 + 3) / 28 at worst, (14 + 3 + 6) / 28 at best
    bounds = missing_bounds(14, 6, 2, 6)
    assert (bounds.estimate, bounds.lowest, bounds.highest) == pytest.approx((17 / 22, 17 / 28, 23 / 28))
    assert bounds.unchanged == pytest.approx(20 / 28)
    # Even all six going down leave 14 up against 8 down.
    assert bounds.to_none == 2
    even = missing_bounds(5, 3, 1, 8)
    assert even.to_none == 0.5
    assert missing_bounds(5, 3, 1 + 4, 4).estimate == pytest.approx(0.5)


def test_nobody_missing_has_no_bounds_to_speak_of():
    bounds = missing_bounds(3, 2, 1, 0)
    assert bounds.lowest == bounds.highest == bounds.estimate
    assert math.isnan(bounds.to_none)
    with pytest.raises(ValueError, match="negative"):
        missing_bounds(1, 1, 1, -1)
    with pytest.raises(ValueError, match="no finding"):
        missing_bounds(0, 0, 0, 5)


def test_delta_adjustment_by_hand():
    change = np.array([1, 0, 1, 2, 1, 1, 0, 1.0])
    adjusted = delta_adjustment(change, 4, [0, -0.6, -2.625])
    # A third of the twelve are missing: each delta moves the mean by a third of itself.
    assert adjusted.table["mean_change"].tolist() == pytest.approx([0.875, 0.675, 0])
    assert adjusted.tipping_point == pytest.approx(-0.875 * 12 / 4)
    low = stats.t.interval(0.95, 7, change.mean(), stats.sem(change))[0]
    assert adjusted.tipping_point_of_interval == pytest.approx(-low * 3)
    assert adjusted.table["low"].iloc[0] == pytest.approx(low)
    default = delta_adjustment(change, 4).table
    assert default["delta"].min() < adjusted.tipping_point < default["delta"].max()
    assert math.isnan(delta_adjustment(change, 0).tipping_point)
    assert math.isnan(delta_adjustment([1, -1, 0, 2], 2).tipping_point_of_interval)
    with pytest.raises(ValueError, match="no pair"):
        delta_adjustment([], 3)


# --- organisations ------------------------------------------------------------------------------------------------


def test_whole_organisations_by_enumeration():
    rng = np.random.default_rng(5)
    pre, post = rng.integers(1, 6, 24), rng.integers(1, 6, 24)
    cluster = np.repeat(list("ABCDEF"), 4)
    change = post - pre
    size = np.abs(change)
    ranks = np.array([(size < each).sum() + ((size == each).sum() + 1) / 2 for each in size]) * np.sign(change)
    sums = np.array([ranks[cluster == name].sum() for name in "ABCDEF"])
    drawn = np.array([np.dot(signs, np.abs(sums)) for signs in itertools.product((1, -1), repeat=6)])
    test = cluster_sign_flip(pre, post, cluster)
    assert test.statistic == pytest.approx(sums.sum())
    assert test.p_value == pytest.approx(np.mean(np.abs(drawn) >= abs(sums.sum()) - 1e-9))


def test_everyone_an_organisation_of_their_own_is_the_signed_rank_test():
    rng = np.random.default_rng(6)
    pre, post = rng.integers(1, 6, 15), rng.integers(1, 6, 15)
    alone = cluster_sign_flip(pre, post, range(15))
    unknown = cluster_sign_flip(pre, post, [None] * 15)
    expected = signed_rank(pre, post).p_value
    assert (alone.p_value, unknown.p_value) == pytest.approx((expected, expected))
    assert unknown.without_cluster == 15
    assert (unknown.clusters, unknown.alone) == (np.count_nonzero(pre != post),) * 2
    assert alone.alone == 0


def test_people_without_an_organisation_are_no_organisations():
    # A and B moved, C did not; of the three people without one, two moved.
    test = cluster_sign_flip([1] * 9, [2, 2, 2, 2, 1, 1, 2, 2, 1], ["A", "A", "B", "B", "C", "C", None, None, None])
    assert (test.clusters, test.alone, test.without_cluster) == (4, 2, 3)


def test_few_organisations_have_a_floor():
    test = cluster_sign_flip([1] * 10, [2] * 10, ["A", "B"] * 5)
    assert (test.p_value, test.floor, test.clusters) == (0.5, 0.5, 2)
    assert test.table["n"].tolist() == [5, 5]
    assert cluster_sign_flip([3] * 4, [3] * 4, list("ABAB")).p_value == 1
    with pytest.raises(ValueError, match="as long as one another"):
        cluster_sign_flip([1], [2], ["A", "B"])
    with pytest.raises(ValueError, match="nothing to test"):
        cluster_sign_flip([None], [2], ["A"])


# --- single people ------------------------------------------------------------------------------------------------


def test_minimum_detectable_change():
    # .9 x sqrt(2) x sqrt(1 - .84314277) x 1.96
    assert minimum_detectable_change(0.9, 0.84314276956476) == pytest.approx(0.988020259424284, abs=1e-12)
    assert minimum_detectable_change(0.9, 1) == 0
    assert minimum_detectable_change(0.9, 0.8, 0.9) == pytest.approx(1.6448536 * 0.9 * math.sqrt(0.4))


def test_people_are_counted_against_the_mark():
    pre = pd.Series([2, 2, 2, 2.0], index=list("ABCD"))
    post = pd.Series([3.5, 1, 2.9, 2], index=list("ABCD"))
    found = reliable_change(pre, post, 0.84314276956476, spread=0.9)
    assert (found.up, found.neither, found.down) == (1, 2, 1)
    assert found.index["A"] == pytest.approx(1.5 / (0.988020259424284 / 1.96))
    # A change of exactly the mark is not more than it.
    exact = reliable_change([0.0], [found.detectable], 0.84314276956476, spread=0.9)
    assert exact.neither == 1


def test_reliable_change_is_refused_in_words():
    with pytest.raises(ValueError, match=r"between 0 and 1, not -0\.2"):
        reliable_change([1, 2], [2, 3], -0.2)
    with pytest.raises(ValueError, match="same score before"):
        reliable_change([2, 2, 2], [3, 2, 1], 0.8)
    with pytest.raises(ValueError, match="no change to judge"):
        reliable_change([], [], 0.8)
    with pytest.raises(ValueError, match="do not spread"):
        reliable_change([2], [3], 0.8)


# --- looking back -------------------------------------------------------------------------------------------------


def test_change_looking_back_is_change_as_measured_less_the_shift():
    pre = pd.Series({"A": 3, "B": 4, "C": 3, "D": 3, "E": 2})
    then = pd.Series({"D": 3, "C": 2, "B": 3, "A": 2})
    post = pd.Series({"A": 4, "B": 4, "C": 3, "D": 4, "E": 5})
    seen = then_test(pre, then, post)
    measured, recalled, shift = seen.table["mean_change"]
    assert (seen.n, seen.missing) == (4, 1)
    assert recalled == pytest.approx(measured - shift)
    assert seen.shift == pytest.approx(-0.75)
    assert seen.table.loc[2, ["up", "same", "down"]].tolist() == [0, 1, 3]
    assert seen.table["p_value"].iloc[0] == signed_rank([3, 4, 3, 3], [4, 4, 3, 4]).p_value


def test_looking_back_is_refused_in_words():
    with pytest.raises(ValueError, match="all three answers"):
        then_test([1, None], [None, 2], [2, 3])
    with pytest.raises(ValueError, match="as long as one another"):
        then_test([1], [1, 2], [2])
    twice = pd.Series([1, 2], index=["A", "A"])
    with pytest.raises(ValueError, match="'A' more than once"):
        then_test(twice, twice, twice)


# --- power --------------------------------------------------------------------------------------------------------


def _exact_power(n, ps, changing, alpha=0.05):
    """With one size of change Pratt's test is the sign test of the changers: sum over how many change and how."""
    upwards = 0.5 + (ps - 0.5) / changing
    return sum(
        stats.binom.pmf(changers, n, changing) * stats.binom.pmf(up, changers, upwards)
        for changers in range(1, n + 1)
        for up in range(changers + 1)
        if stats.binomtest(up, changers).pvalue <= alpha + 1e-12
    )


@pytest.mark.parametrize(("n", "ps", "changing"), [(12, 0.85, 0.8), (20, 0.75, 0.7), (15, 0.5, 0.6)])
def test_simulated_power_within_three_standard_errors_of_the_exact_one(n, ps, changing):
    found = power(n, ps, changing, sizes={1: 1}, simulations=3000, seed=2)
    exact = _exact_power(n, ps, changing)
    assert abs(found.power - exact) <= 3 * math.sqrt(exact * (1 - exact) / 3000)


def test_power_grows_with_strength_and_people_and_mirrors():
    weak, strong, many = (
        power(n, ps, 0.8, simulations=600, seed=1).power for n, ps in ((15, 0.6), (15, 0.8), (40, 0.8))
    )
    assert weak < strong < many
    down = power(15, 0.2, 0.8, simulations=2000, seed=1).power
    assert down == pytest.approx(power(15, 0.8, 0.8, simulations=2000, seed=1).power, abs=0.06)


def test_the_smallest_detectable_change_has_the_power_wanted():
    found = smallest_detectable(24, 0.7, simulations=1000, seed=3)
    assert 0.5 < found.superiority < 0.85
    assert found.power >= 0.8
    assert power(24, found.superiority, 0.7, simulations=1000, seed=3).power == pytest.approx(0.8, abs=0.02)
    # Five people cannot reach .05 whatever they answer.
    small = smallest_detectable(5, 1.0, simulations=200)
    assert math.isnan(small.superiority)
    assert small.power == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n": 0, "superiority": 0.7}, "n must be"),
        ({"n": 10, "superiority": 0.9, "changing": 0.5}, "between 0.25 and 0.75; 0.9 is out of reach"),
        ({"n": 10, "superiority": 0.6, "changing": 0}, "changing is a share"),
        ({"n": 10, "superiority": 0.6, "alpha": 5}, "alpha lies"),
        ({"n": 10, "superiority": 0.6, "simulations": 3}, "simulations must be"),
        ({"n": 10, "superiority": 0.6, "sizes": {-1: 1}}, "sizes holds"),
        ({"n": 10, "superiority": 0.6, "sizes": {1: 0}}, "weight above 0"),
    ],
)
def test_impossible_plans_are_refused_in_words(settings, message):
    with pytest.raises(ValueError, match=message):
        power(**settings)


# --- what chance alone would give ---------------------------------------------------------------------------------


@pytest.mark.parametrize("zeros", ["pratt", "drop"])
def test_the_null_distribution_adds_up_and_gives_the_p_value(zeros):
    pre = [9, 14, 8, 11, 14, 10, 8, 14, 12, 14, 13, 9, 15, 12, 9]
    post = [13, 15, 9, 12, 16, 10, 8, 13, 12, 16, 9, 10, 16, 12, 9]
    chance = null_distribution(pre, post, zeros)
    assert chance.probabilities.sum() == pytest.approx(1)
    centre = chance.statistics @ chance.probabilities
    far = np.abs(chance.statistics - centre) >= abs(chance.observed - centre) - 1e-9
    assert chance.probabilities[far].sum() == pytest.approx(signed_rank(pre, post, zeros).p_value)
    assert chance.probabilities == pytest.approx(chance.probabilities[::-1])


@pytest.mark.slow
def test_its_picture_says_its_numbers(drawn):
    rng = np.random.default_rng(1)
    chance = null_distribution(np.zeros(60), rng.normal(0.3, 1, 60))
    figure = null_figure(chance, "chance")
    assert f"Observed: {chance.observed:g}" in figure.alt
    assert len(figure.table) <= 170
    assert figure.table["probability"].sum() == pytest.approx(1, abs=1e-3)
    assert "<svg" in figure.svg
    with pytest.raises(ValueError, match="too large to draw"):
        null_distribution(np.zeros(5000), rng.normal(size=5000))
