"""Sign test, mean sign-flip and rank difference against R (coin, rankdifferencetest), definition and properties."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.change import mean_sign_flip, rank_difference, sign_test
from cop_analysis.change.methods.exact import flipped_sum, whole_steps

CASES = json.loads((Path(__file__).parents[2] / "reference" / "paired_changes.json").read_text())["cases"]
SIDES = {"two-sided": "two.sided", "greater": "greater", "less": "less"}
# coin takes P(centre) off once for each tail where the statistic lies at the very centre; ours is 1 - P(centre) / 2.
AT_THE_CENTRE = {"likert_opposed_zeros": 1 - 0.3125 / 2, "float_scale": 1 - 0.375 / 2}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", CASES)
def test_published_cases(name, side):
    case = CASES[name]
    pre, post, expected = case["pre"], case["post"], case[SIDES[side]]
    p_value, mid_p_value = expected["sign"]
    test = sign_test(pre, post, side)
    if p_value is None:
        # R refuses where nobody changed; nothing moved, so nothing speaks against chance.
        assert (test.p_value, test.mid_p_value) == (1, 0.5)
    else:
        if side == "two-sided" and name in AT_THE_CENTRE:
            mid_p_value = AT_THE_CENTRE[name]
        assert (test.p_value, test.mid_p_value) == pytest.approx((p_value, mid_p_value), abs=1e-12)
    assert mean_sign_flip(pre, post, side).p_value == pytest.approx(expected["mean_flip"], abs=1e-12)
    for zeros in ("pratt", "drop"):
        rank_sum, p_value = expected[f"kornbrot_{zeros}"]
        if p_value is not None:
            test = rank_difference(pre, post, zeros, side)
            assert (test.statistic, test.p_value) == pytest.approx((rank_sum, p_value), abs=1e-12)


# Kornbrot 1990, table 1: minutes under placebo and drug. R's rankdifferencetest: p = .268798828125.
PLACEBO = np.array([4.6, 4.3, 6.7, 5.8, 5, 4.2, 6, 2, 2.6, 10, 3.4, 7.1, 8.6])
DRUG = np.array([2.9, 2.8, 12, 3.8, 5.9, 6.5, 3.3, 2.3, 2.1, 14.3, 2.4, 14, 4.9])


@pytest.mark.parametrize("scale", [lambda t: t, lambda t: 60 / t, np.log, lambda t: t**3])
def test_times_and_rates_give_one_answer(scale):
    # Kornbrot's point: minutes and rates order people alike and must not disagree.
    test = rank_difference(scale(PLACEBO), scale(DRUG))
    assert test.p_value == pytest.approx(0.268798828125, abs=1e-12)
    assert {test.statistic, 91 - test.statistic} == {29, 62}


def _enumerated(values, side):
    observed = values.sum()
    sums = np.array([np.dot(signs, np.abs(values)) for signs in itertools.product((1, -1), repeat=len(values))])
    far, edge = (
        (np.abs(sums), abs(observed))
        if side == "two-sided"
        else ((sums, observed) if side == "greater" else (-sums, -observed))
    )
    return np.mean(far >= edge - 1e-9), (np.mean(far >= edge - 1e-9) + np.mean(far > edge + 1e-9)) / 2


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-6, 6), min_size=1, max_size=11),
    st.sampled_from(list(SIDES)),
    st.sampled_from([1, 0.1, 1 / 7]),
)
def test_convolution_equals_full_enumeration(differences, side, unit):
    test = mean_sign_flip(np.zeros(len(differences)), np.array(differences) * unit, side)
    assert (test.p_value, test.mid_p_value) == pytest.approx(_enumerated(np.array(differences, float), side))
    assert test.exact


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 12), st.sampled_from(list(SIDES)))
def test_sizes_without_a_common_step_are_exact_too(seed, people, side):
    values = np.random.default_rng(seed).normal(0.3, 1, people)
    assert whole_steps(np.unique(np.abs(values))) is None
    assert flipped_sum(values, side)[:2] == pytest.approx(_enumerated(values, side))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=1, max_size=25))
def test_swapping_the_waves_mirrors_each_test(pairs):
    pre, post = map(list, zip(*pairs, strict=True))
    for test in (
        sign_test,
        mean_sign_flip,
        lambda a, b, alternative="two-sided": rank_difference(a, b, "pratt", alternative),
    ):
        assert test(pre, post).p_value == pytest.approx(test(post, pre).p_value)
        assert test(pre, post, alternative="greater").p_value == pytest.approx(
            test(post, pre, alternative="less").p_value
        )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=1, max_size=20))
def test_only_order_matters_to_the_sign_and_rank_difference_tests(pairs):
    pre, post = map(np.array, zip(*pairs, strict=True))
    for test in (sign_test, rank_difference):
        assert test(pre, post).p_value == test(np.exp(pre), np.exp(post)).p_value == test(pre * 0.1, post * 0.1).p_value


def test_forty_people_on_a_slider_are_exact_and_more_say_that_they_are_not():
    rng = np.random.default_rng(2)
    slider = rng.normal(0.2, 1, 36)
    assert mean_sign_flip(np.zeros(36), slider).exact
    rough = mean_sign_flip(np.zeros(90), rng.normal(0.2, 1, 90))
    assert not rough.exact
    assert "normal approximation" in rough.method


def test_the_approximation_is_close_to_the_exact_answer():
    # Rounded to thousandths the sums have a step and the answer is exact; unrounded it is approximated.
    values = np.random.default_rng(5).normal(0.15, 1, 80)
    exact, rough = mean_sign_flip(np.zeros(80), values.round(3)), mean_sign_flip(np.zeros(80), values)
    assert exact.exact
    assert rough.p_value == pytest.approx(exact.p_value, rel=0.05)


@pytest.mark.parametrize("test", [sign_test, mean_sign_flip, rank_difference])
def test_what_cannot_be_tested_is_refused_in_words(test):
    with pytest.raises(ValueError, match="nothing to test"):
        test([None], [3])
    with pytest.raises(ValueError, match="'agree' at position 2"):
        test([1, "agree"], [1, 2])
    with pytest.raises(ValueError, match="alternative must be"):
        test([1], [2], alternative="up")
    assert test([3] * 20, [3] * 20).p_value == 1


@pytest.mark.slow
def test_a_hundred_thousand_people():
    rng = np.random.default_rng(1)
    pre, post = rng.integers(1, 6, 100_000), rng.integers(1, 6, 100_000)
    for test in (sign_test, mean_sign_flip, rank_difference):
        assert 0 < test(pre, post).p_value <= 1
