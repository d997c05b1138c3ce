"""The signed-rank test against published cases, R 4.2.2 (coin 1.4 and exactRankTests) and full enumeration."""

import itertools
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.change import rank_biserial, sign_test, signed_rank
from cop_analysis.change.methods import exact as exact_sums
from cop_analysis.change.methods.exact import smallest_p

# name: (pre, post, Pratt (V, p two-sided, mid-p, p greater, p less), drop (V, p two-sided, mid-p))
CASES = {
    # Hollander & Wolfe 1999, table 3.1: depression scale factor
    "hollander-wolfe": (
        [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3],
        [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
        (5, 0.0390625, 0.033203125, 0.986328125, 0.01953125),
        (5, 0.0390625, 0.033203125),
    ),
    # Student's sleep data, R datasets
    "sleep": (
        [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
        [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
        (54, 0.00390625, 0.001953125, 0.001953125, 1),
        (45, 0.00390625, 0.001953125),
    ),
    # Bortz, Lienert & Boehnke: fifteen pairs, five of them without change
    "bortz": (
        [9, 14, 8, 11, 14, 10, 8, 14, 12, 14, 13, 9, 15, 12, 9],
        [13, 15, 9, 12, 16, 10, 8, 13, 12, 16, 9, 10, 16, 12, 9],
        (82, 0.09765625, 0.0859375, 0.048828125, 0.962890625),
        (42, 0.13671875, 0.125),
    ),
    "one zero among seven": (
        [0] * 7,
        [2, 1, 4, 3, 6, -5, 0],
        (21, 0.25, 0.21875, 0.125, 0.90625),
        (16, 0.3125, 0.265625),
    ),
    "half ranks": (
        [20, 22, 19, 20, 22, 18, 24, 20, 19, 24, 26, 13],
        [38, 37, 33, 29, 14, 12, 20, 22, 17, 25, 26, 16],
        (52.5, 0.2919921875, 0.283203125, 0.14599609375, 0.86279296875),
        (45.5, 0.2880859375, 0.2783203125),
    ),
    # King, Rosopa & Minium 2011
    "king": (
        [24, 39, 29, 28, 25, 32, 31, 33, 31, 22],
        [28, 29, 34, 21, 28, 15, 17, 28, 16, 12],
        (6.5, 0.03125, 0.02734375, 0.98828125, 0.015625),
        (6.5, 0.03125, 0.02734375),
    ),
    "two zeros of ten": (
        [11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
        [12, 14, 16, 18, 20, 22, 12, 10, 19, 20],
        (34.5, 0.4140625, 0.3984375, 0.20703125, 0.80859375),
        (22.5, 0.5703125, 0.546875),
    ),
    "five-point scale, twenty people": (
        [2, 3, 2, 1, 3, 2, 2, 3, 1, 2, 4, 3, 2, 2, 3, 1, 2, 3, 2, 4],
        [3, 4, 3, 3, 3, 4, 2, 4, 3, 3, 4, 3, 4, 2, 4, 2, 3, 3, 4, 3],
        (178, 0.001220703125, 0.00067138671875, 0.0006103515625, 0.99993896484375),
        (100, 0.001220703125, 0.00067138671875),
    ),
    "one person": ([2], [4], (1, 1, 0.5, 0.5, 1), (1, 1, 0.5)),
    "two people": ([2, 3], [4, 4], (3, 0.5, 0.25, 0.25, 1), (3, 0.5, 0.25)),
    "five people": ([2, 3, 1, 2, 4], [4, 4, 4, 2, 3], (11.5, 0.375, 0.25, 0.1875, 0.9375), (8.5, 0.375, 0.25)),
    "missing answers": (
        [2, 3, None, 2, 3, 1, 4, 2, None, 3, 2, 3, 1, 2],
        [3, 4, 4, None, 3, 3, 4, 4, 5, 4, 3, None, 2, 4],
        (52, 0.0078125, 0.00390625, 0.00390625, 1),
        (36, 0.0078125, 0.00390625),
    ),
    # Differences of .025, -.05, -.05 and .05 that differ in the last binary digit
    "fractional scale": (
        [0.5, 0.825, 0.375, 0.5],
        [0.525, 0.775, 0.325, 0.55],
        (4, 1, 0.8125, 0.6875, 0.5),
        (4, 1, 0.8125),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_published_cases_are_reproduced(name):
    pre, post, (v, p, mid_p, greater, less), (dropped_v, dropped_p, dropped_mid_p) = CASES[name]
    pratt = signed_rank(pre, post)
    assert (pratt.statistic, pratt.p_value, pratt.mid_p_value) == pytest.approx((v, p, mid_p), abs=1e-12)
    assert signed_rank(pre, post, alternative="greater").p_value == pytest.approx(greater, abs=1e-12)
    assert signed_rank(pre, post, alternative="less").p_value == pytest.approx(less, abs=1e-12)
    dropped = signed_rank(pre, post, zeros="drop")
    assert (dropped.statistic, dropped.p_value, dropped.mid_p_value) == pytest.approx(
        (dropped_v, dropped_p, dropped_mid_p), abs=1e-12
    )


def test_darwins_plants():
    # Darwin's cross- and self-fertilised plants in Cureton 1967, JASA 62:1068-1069
    test = signed_rank([0] * 15, [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75])
    assert (test.statistic, test.p_value) == (96, pytest.approx(0.041259765625))


def test_forty_measurements_against_a_value():
    # Forty readings against .6, rounded so that readings equally far from it tie: W+ 588, W- 232, p .01570412899855.
    # Unrounded, binary noise splits the ties (W+ 591.5).
    readings = [
        0.7, 0.45, 0.72, 0.3, 1.16, 0.69, 0.83, 0.74, 1.24, 0.77, 0.65, 0.76, 0.42, 0.94, 0.36, 0.98, 0.64, 0.9, 0.63,
        0.55, 0.78, 0.1, 0.52, 0.42, 0.58, 0.62, 1.12, 0.86, 0.74, 1.04, 0.65, 0.66, 0.81, 0.48, 0.85, 0.75, 0.73, 0.5,
        0.34, 0.88,
    ]  # fmt: skip
    test = signed_rank([0.6] * 40, readings)
    assert test.statistic == 588
    assert test.p_value == pytest.approx(0.01570412899855, abs=1e-12)


def test_ten_paired_ratings():
    # R rcompanion, the Pooh data: coin .02734375 with Pratt and without zeros, sign test .0390625, RC -.8444444444
    pre, post = [1, 4, 3, 3, 3, 3, 4, 3, 3, 3], [4, 5, 4, 5, 4, 5, 3, 4, 3, 4]
    assert [signed_rank(pre, post, zeros).p_value for zeros in ("pratt", "drop")] == [0.02734375] * 2
    assert sign_test(pre, post).p_value == 0.0390625
    assert rank_biserial(post, pre, 100).estimate == pytest.approx(-0.8444444444, abs=1e-10)


def test_a_balanced_change_has_p_of_one_and_counts_the_centre_once():
    test = signed_rank([3] * 15, [4] * 3 + [2] * 3 + [3] * 9)
    assert test.p_value == 1
    # P(centre) = C(6, 3) / 2^6 = .3125, all of it as far out as the data, so mid-p = 1 - .3125 / 2. coin 1.4
    # gives .6875: it adds the probability of the centre once for each of the two tails it is in.
    assert test.mid_p_value == pytest.approx(1 - 0.3125 / 2)


@pytest.mark.parametrize("zeros", ["pratt", "drop"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_nobody_changed(zeros, alternative):
    test = signed_rank([3] * 20, [3] * 20, zeros, alternative)
    assert (test.statistic, test.p_value, test.n, test.same, test.changed) == (0, 1, 20, 20, 0)
    assert test.mid_p_value == 0.5


def test_fifteen_up_fifteen_down_forty_the_same_is_no_evidence():
    pre = [3] * 70
    assert signed_rank(pre, [4] * 15 + [2] * 15 + [3] * 40).p_value == 1


def test_pairs_are_counted_with_zeros_and_without_the_missing():
    test = signed_rank([1, 2, None, 4], [2, 2, 3, None])
    assert (test.n, test.up, test.same, test.down, test.missing) == (2, 1, 1, 0, 2)


def _enumerated(pre, post, zeros, alternative):
    """Look at every arrangement of signs, in doubled ranks: the definition itself."""
    difference = np.array(post) - np.array(pre)
    if zeros == "drop":
        difference = difference[difference != 0]
    size = np.abs(difference)
    doubled = np.array([2 * (size < each).sum() + (size == each).sum() + 1 for each in size])[difference != 0]
    changed = difference[difference != 0]
    observed = int(doubled[changed > 0].sum())
    sums = np.array([np.dot(signs, doubled) for signs in itertools.product((0, 1), repeat=len(doubled))])
    if alternative == "two-sided":
        far, edge = np.abs(2 * sums - doubled.sum()), abs(2 * observed - doubled.sum())
    else:
        sign = 1 if alternative == "greater" else -1
        far, edge = sign * sums, sign * observed
    return observed / 2, np.mean(far >= edge), np.mean(far > edge) / 2 + np.mean(far >= edge) / 2


answers = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=11)


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(answers, st.sampled_from(["pratt", "drop"]), st.sampled_from(["two-sided", "greater", "less"]))
def test_convolution_equals_full_enumeration(pairs, zeros, alternative):
    pre, post = map(list, zip(*pairs, strict=True))
    test = signed_rank(pre, post, zeros, alternative)
    assert (test.statistic, test.p_value, test.mid_p_value) == pytest.approx(_enumerated(pre, post, zeros, alternative))
    assert test.exact


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(-40, 40), min_size=12, max_size=14))
def test_convolution_equals_full_enumeration_with_few_ties(differences):
    pre = [50] * len(differences)
    post = [50 + each for each in differences]
    test = signed_rank(pre, post)
    assert (test.statistic, test.p_value, test.mid_p_value) == pytest.approx(
        _enumerated(pre, post, "pratt", "two-sided")
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=1, max_size=40))
def test_swapping_the_waves_mirrors_the_test(pairs):
    pre, post = map(list, zip(*pairs, strict=True))
    there, back = signed_rank(pre, post), signed_rank(post, pre)
    assert (there.p_value, there.mid_p_value) == pytest.approx((back.p_value, back.mid_p_value))
    greater = signed_rank(pre, post, alternative="greater").p_value
    assert greater == pytest.approx(signed_rank(post, pre, alternative="less").p_value)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=1, max_size=40), st.sampled_from([0.1, 1 / 3, 7])
)
def test_the_unit_of_the_scale_does_not_matter(pairs, unit):
    pre, post = map(np.array, zip(*pairs, strict=True))
    plain, scaled = signed_rank(pre, post), signed_rank(pre * unit, post * unit)
    assert (plain.statistic, plain.p_value) == (scaled.statistic, pytest.approx(scaled.p_value))


def test_groups_tied_in_different_ways_agree_with_the_long_way():
    # Large enough for every way of convolving: untied ranks, small and large tied groups, a binomial of more than 500.
    rng = np.random.default_rng(4)
    for sizes in ([1] * 40 + [2] * 10, [150, 100, 20], [510, 20, 1], [3, 2, 1, 501], [60, 60, 60, 60]):
        difference = np.repeat(np.arange(1, len(sizes) + 1), sizes) * rng.choice([-1, 1], sum(sizes), p=[0.48, 0.52])
        test = signed_rank(np.zeros(len(difference)), difference)
        doubled = np.repeat(2 * (np.cumsum(sizes) - sizes) + np.array(sizes) + 1, sizes)
        row = np.zeros(int(doubled.sum()) + 1)
        row[0] = 1
        for rank in doubled:
            row[rank:] = (row[rank:] + row[:-rank]) / 2
            row[:rank] /= 2
        edge = max(2 * test.statistic, doubled.sum() - 2 * test.statistic)
        assert test.exact
        assert test.p_value == pytest.approx(min(1, 2 * row[int(edge) :].sum()), rel=1e-9)


def test_a_thousand_unanimous_changes_keep_their_accuracy():
    test = signed_rank(np.zeros(1000), np.ones(1000))
    assert test.p_value == pytest.approx(2.0**-999, rel=1e-9)
    assert signed_rank(np.zeros(3000), np.ones(3000)).p_value > 0


def test_a_hundred_thousand_people_are_answered_and_the_approximation_is_said():
    rng = np.random.default_rng(1)
    pre, post = rng.integers(1, 6, 100_000), rng.integers(1, 6, 100_000)
    test = signed_rank(pre, post)
    assert not test.exact
    assert "normal approximation" in test.method
    assert 0.0001 < test.p_value < 1
    # Only as many as changed need convolving, however many did not.
    assert signed_rank(np.zeros(100_000), [1] * 30 + [-1] * 5 + [0] * 99_965).exact


def test_the_normal_approximation_is_close_where_both_can_be_had(monkeypatch):
    rng = np.random.default_rng(8)
    pre, post = rng.normal(size=300), rng.normal(0.1, 1, 300)
    exact = {side: signed_rank(pre, post, alternative=side) for side in ("two-sided", "greater", "less")}
    monkeypatch.setattr(exact_sums, "_MOST_STEPS", 0)
    for side, test in exact.items():
        rough = signed_rank(pre, post, alternative=side)
        assert not rough.exact
        assert (rough.p_value, rough.mid_p_value) == pytest.approx((test.p_value, test.mid_p_value), rel=0.01)


def test_series_are_paired_by_person_not_by_row():
    pre = pd.Series({"A": 1, "B": 2, "C": 5})
    post = pd.Series({"C": 5, "A": 2, "B": 3})
    assert signed_rank(pre, post).down == 0
    with pytest.raises(ValueError, match="'A' is only in pre"):
        signed_rank(pre, post.rename({"A": "X"}))
    with pytest.raises(ValueError, match="'A' more than once"):
        signed_rank(pre.rename({"B": "A"}), post)


@pytest.mark.parametrize(
    ("pre", "post", "message"),
    [
        ([], [], "nothing to test"),
        ([None], [3], "nothing to test"),
        ([1, 2], [1], "pre holds 2 answers and post 1"),
        ([1, "agree"], [1, 2], "'agree' at position 2"),
        ([1, float("inf")], [1, 2], "infinite value at position 2"),
        ([-1.7e308], [1.7e308], "too large"),
        ([[1, 2]], [[1, 2]], "one column"),
        ({1, 2}, {2, 3}, "a set, which is no column"),
        ({"A": 1}, {"A": 2}, "a dict, which is no column"),
        ("123", "234", "text, which is no column"),
        ([10**400, 1], [1, 2], "too large to work with"),
        (pd.to_timedelta([1, 2]), [1, 2], "timedelta64"),
        ([1j], [2], "not complex128"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_words(pre, post, message):
    with pytest.raises(ValueError, match=message):
        signed_rank(pre, post)


def test_settings_are_checked():
    with pytest.raises(ValueError, match="zeros must be"):
        signed_rank([1], [2], zeros="wilcox")
    with pytest.raises(ValueError, match="alternative must be"):
        signed_rank([1], [2], alternative="two.sided")


def test_the_floor_is_what_unanimous_change_reaches():
    for changed in range(1, 12):
        assert signed_rank([1] * changed, [2] * changed).p_value == pytest.approx(smallest_p(changed))
    with pytest.raises(ValueError, match="negative"):
        smallest_p(-1)


def test_answers_in_pandas_dtypes_are_read():
    pre = pd.Series([1, 2, None], dtype="Int64")
    post = pd.Series(["2", "3", "4"], dtype="string")
    assert signed_rank(pre, post).up == 2
    assert signed_rank(pd.Series([1.5, pd.NA], dtype="object"), [2.5, 1]).n == 1
    assert signed_rank([Decimal("0.1"), True], [Decimal("0.3"), 2]).up == 2
    assert signed_rank(pd.Series([1, 2]).astype("category"), range(2, 4)).up == 2


def test_masked_and_blank_answers_are_missing():
    assert signed_rank(np.ma.array([1, 5, 2], mask=[False, True, False]), [2, 3, 3]).missing == 1
    assert signed_rank(["1", "", " "], [2, 3, 3]).missing == 2


def test_huge_and_ordinary_scores_side_by_side_stay_apart():
    test = signed_rank([1e300, 1, 2, 3], [2e300, 2, 3, 3])
    assert (test.up, test.same) == (3, 1)
