"""McNemar, Stuart-Maxwell, Bowker and Cochran's Q against published figures and R (exact2x2, coin)."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.change import bowker, cochran_q, mcnemar, movement_table, sign_test, stuart_maxwell

# Agresti 1990: approval of the prime minister at two surveys
APPROVAL = [[794, 150], [86, 570]]
# Stuart 1953: unaided distance vision of 7,477 women
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
# R coin: PreExSex, opinion on pre-marital and extra-marital sex
OPINION = [[144, 2, 0, 0], [33, 4, 2, 0], [84, 14, 6, 1], [126, 29, 25, 5]]


def test_mcnemar_exact_and_mid_p():
    test = mcnemar(APPROVAL)
    assert (test.p_value, test.mid_p_value) == pytest.approx((3.71593613957144e-05, 2.89338951761548e-05), rel=1e-10)
    assert (test.odds_ratio, test.low, test.high) == pytest.approx(
        (1.74418604651163, 1.32922825260526, 2.30097908042199)
    )
    # exact2x2 finds the mid-p limits by uniroot() at its default tolerance of 1e-4 on the share.
    assert (test.mid_p_low, test.mid_p_high) == pytest.approx((1.34025286105316, 2.28089594695785), abs=1e-3)


def test_nine_against_two():
    test = mcnemar([[10, 9], [2, 5]])
    assert (test.p_value, test.mid_p_value) == pytest.approx((0.0654296875, 0.03857421875), abs=1e-12)
    assert (test.odds_ratio, test.low, test.high) == pytest.approx((4.5, 0.931412258193768, 42.7997159352678))
    assert (test.first_only, test.second_only, test.n) == (9, 2, 26)


def test_mid_p_at_the_centre_counts_it_once():
    assert mcnemar([[0, 3], [3, 0]]).mid_p_value == pytest.approx(1 - math.comb(6, 3) / 2**6 / 2)


def test_all_one_way_has_an_infinite_odds_ratio_with_a_finite_limit():
    test = mcnemar([[0, 6], [0, 0]])
    assert test.odds_ratio == test.high == math.inf
    assert test.low == pytest.approx(0.025 ** (1 / 6) / (1 - 0.025 ** (1 / 6)))
    assert mcnemar([[0, 0], [6, 0]]).high == pytest.approx(1 / test.low)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30))
def test_mcnemar_is_the_sign_test(first_only, second_only):
    if not first_only + second_only:
        return
    pre = [1] * first_only + [0] * second_only
    post = [0] * first_only + [1] * second_only
    test, signs = mcnemar([[2, first_only], [second_only, 3]]), sign_test(pre, post)
    assert (test.p_value, test.mid_p_value) == (signs.p_value, signs.mid_p_value)
    swapped = mcnemar([[2, second_only], [first_only, 3]])
    assert (test.p_value, test.low) == pytest.approx((swapped.p_value, 1 / swapped.high if swapped.high else math.inf))


def test_stuart_maxwell_and_bowker():
    spread = stuart_maxwell(VISION)
    assert (spread.statistic, spread.freedom, spread.p_value) == pytest.approx(
        (11.9565696229826, 3, 0.00753342505480048), abs=1e-8
    )
    symmetry = bowker(VISION)
    assert (symmetry.statistic, symmetry.freedom, symmetry.p_value) == pytest.approx(
        (19.1065502152668, 6, 0.00398741984042858), abs=1e-8
    )
    assert stuart_maxwell(OPINION).statistic == pytest.approx(271.922246968262, abs=1e-8)


def test_categories_nobody_moved_into_are_left_out():
    padded = np.zeros((6, 6), dtype=int)
    padded[np.ix_([0, 2, 3, 5], [0, 2, 3, 5])] = VISION
    padded[1, 1] = 17
    assert stuart_maxwell(padded).statistic == pytest.approx(stuart_maxwell(VISION).statistic)
    assert (stuart_maxwell(padded).freedom, bowker(padded).freedom) == (3, 6)


def test_people_who_only_swap_within_two_pairs_of_answers():
    # 1 and 2, and 3 and 4, each gain from the other alone: two separate comparisons, added up.
    table = [[5, 8, 0, 0], [2, 4, 0, 0], [0, 0, 3, 1], [0, 0, 9, 2]]
    assert stuart_maxwell(table).freedom == 2
    assert stuart_maxwell(table).statistic == pytest.approx((8 - 2) ** 2 / 10 + (9 - 1) ** 2 / 10)


def test_two_categories_make_both_tests_mcnemars_chi_square():
    expected = (150 - 86) ** 2 / (150 + 86)
    assert stuart_maxwell(APPROVAL).statistic == pytest.approx(expected)
    assert bowker(APPROVAL).statistic == pytest.approx(expected)


def test_cochrans_q():
    # Cochran 1950, table 1: growth of diphtheria in 69 specimens on four media
    growth = [[1, 1, 1, 1]] * 4 + [[1, 1, 0, 1]] * 2 + [[0, 1, 1, 1]] * 3 + [[0, 1, 0, 1]] + [[0, 0, 0, 0]] * 59
    test = cochran_q(growth)
    assert (test.statistic, test.p_value) == pytest.approx((8.05263157894737, 0.0449364011678131), abs=1e-8)
    assert (test.n, test.changed, test.freedom) == (69, 6, 3)
    gap = pd.DataFrame(growth).astype(float)
    gap.loc[69] = [1, None, 0, 0]
    assert cochran_q(gap).n == 69


def test_two_occasions_make_cochrans_q_mcnemars_chi_square():
    answers = [[1, 0]] * 9 + [[0, 1]] * 2 + [[1, 1]] * 10 + [[0, 0]] * 5
    assert cochran_q(answers).statistic == pytest.approx((9 - 2) ** 2 / 11)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mcnemar([[5, 0], [0, 7]]), "nobody changed"),
        (lambda: mcnemar([[1, 2, 3], [4, 5, 6]]), "2 x 2 counts, not 2 x 3"),
        (lambda: mcnemar([[1, -2], [3, 4]]), "whole numbers of people"),
        (lambda: mcnemar([["a", 2], [3, 4]]), "whole numbers of people"),
        (lambda: mcnemar([[1, 2], [3, 4]], level=2), "between 0 and 1"),
        (lambda: stuart_maxwell(np.diag([3, 4, 5])), "nobody changed"),
        (lambda: bowker(np.diag([3, 4, 5])), "nobody changed"),
        (lambda: bowker([[1, 2]]), "as many rows as columns"),
        (lambda: stuart_maxwell([[float("inf"), 1], [1, 1]]), "whole numbers of people"),
        (lambda: stuart_maxwell(pd.DataFrame([[1, 2], [3, 4]], index=[1, 2], columns=[2, 1])), "same categories"),
        (lambda: cochran_q([[1, 1], [0, 0]]), "everyone answered the same"),
        (lambda: cochran_q([[1], [0]]), "at least two occasions"),
        (lambda: cochran_q([[1, 2], [0, 1]]), "0 .no. and 1 .yes."),
        (lambda: movement_table([1], [2], [3]), "two different answers"),
    ],
)
def test_what_is_undefined_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_movements_count_everybody_once():
    table = movement_table([1, 2, 2, 5, None], [1, 3, 3, 4, 2], [1, 2, 3, 4, 5])
    assert table.loc[2, 3] == 2
    assert table.to_numpy().sum() == 4
    assert np.trace(table.to_numpy()) == 1
