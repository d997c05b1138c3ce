"""Partly overlapping samples against the worked examples of Derrick and colleagues (R Partiallyoverlapping 2.0)."""

import math

import numpy as np
import pandas as pd
import pytest

from cop_analysis.change import overlapping_shares, overlapping_t

NAN = math.nan
# Derrick, Toher & White 2017, The Quantitative Methods for Psychology 13:120-126
A = [20, 21, 16, 18, 14, 12, 14, 17] + [NAN] * 8 + [14, 15, 18, 20, 11, 19, 14, 15]
B = [NAN] * 8 + [10, 16, 18, 16, 15, 14, 13, 10] + [15, 10, 15, 17, 13, 19, 12, 13]
# Derrick, Dobson-Mckittrick, Toher & White 2015, Journal of Applied Quantitative Methods 10(3)
YES_BEFORE = [1] * 9 + [0] * 6 + [1] * 5 + [0] * 4 + [NAN] * 6
YES_AFTER = [1] * 8 + [0] + [1] * 3 + [0] * 3 + [NAN] * 9 + [1] * 6


def test_equal_variances():
    test = overlapping_t(B, A, equal_variances=True)
    assert (test.statistic, test.freedom, test.p_value) == pytest.approx(
        (2.42074545121359, 18.5, 0.0259679636756424), abs=1e-8
    )
    assert (test.estimate, test.low, test.high) == pytest.approx((2, 0.2675920424318, 3.7324079575682), abs=1e-8)
    assert (test.paired, test.only_before, test.only_after) == (8, 8, 8)


def test_unequal_variances():
    test = overlapping_t(B, A)
    assert (test.statistic, test.freedom, test.p_value) == pytest.approx(
        (2.41909762837831, 18.4223322692641, 0.0261044448619575), abs=1e-8
    )
    assert (test.low, test.high) == pytest.approx((0.265902970527805, 3.7340970294722), abs=1e-8)


def test_one_sided_follows_the_sign_of_the_difference():
    assert overlapping_t(B, A, True, "greater").p_value == pytest.approx(0.0129839818378212, abs=1e-8)
    # The R package gives the same p for the samples swapped; a fall is no evidence of a rise.
    assert overlapping_t(A, B, True, "greater").p_value == pytest.approx(1 - 0.0129839818378212, abs=1e-8)
    assert overlapping_t(A, B, True, "less").p_value == pytest.approx(0.0129839818378212, abs=1e-8)


def test_shares():
    test = overlapping_shares(YES_BEFORE, YES_AFTER)
    assert (test.statistic, test.p_value) == pytest.approx((1.93673961536523, 0.0527771805923829), abs=1e-8)
    assert (test.estimate, test.low, test.high) == pytest.approx(
        (0.226190476190476, -0.00271235796552124, 0.455093310346474), abs=1e-8
    )


def test_all_paired_is_close_to_the_paired_t_test():
    rng = np.random.default_rng(4)
    pre = rng.normal(size=30)
    post = pre + rng.normal(0.4, 0.5, 30)
    change = post - pre
    test = overlapping_t(pre, post)
    assert test.freedom == 29
    assert test.statistic == pytest.approx(change.mean() / (change.std(ddof=1) / math.sqrt(30)), rel=1e-9)


def test_series_are_put_together_by_person():
    pre = pd.Series({"A": 1.0, "B": 2, "C": 4, "D": 3})
    post = pd.Series({"C": 5.0, "E": 4, "B": 3, "D": 3})
    test = overlapping_t(pre, post)
    assert (test.paired, test.only_before, test.only_after) == (3, 1, 1)
    with pytest.raises(ValueError, match="'A' more than once"):
        overlapping_t(pd.Series([1.0, 2], index=["A", "A"]), post)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: overlapping_t([1, NAN], [NAN, 2]), "at least two"),
        (lambda: overlapping_t([1, 2, 3], [2, 3, 4]), "undefined"),
        (lambda: overlapping_t([3, 3, 3], [3, 3, 3]), "undefined"),
        (lambda: overlapping_t([1, 2], [1]), "one row a person"),
        (lambda: overlapping_shares([1, 2, 0], [0, 1, 1]), "0 .no. and 1 .yes."),
        (lambda: overlapping_shares([1, 1, 1], [1, 1, 1]), "undefined"),
        (lambda: overlapping_t([1, 2], [2, 4], alternative="up"), "alternative must be"),
        (lambda: overlapping_shares([1, 0], [0, 1], level=0), "between 0 and 1"),
        (lambda: overlapping_t([1, "x"], [2, 4]), "'x' at position 2"),
    ],
)
def test_what_is_undefined_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_unanimous_shares_of_pairs_have_no_correlation():
    # Everyone paired said yes before: R sets the correlation to 0 rather than undefined.
    test = overlapping_shares([1, 1, 1, 0], [1, 0, 1, NAN])
    assert test.correlation == 0
    assert 0 < test.p_value <= 1
