"""Omega and item statistics against R (psych, lavaan) and the one-factor model's own definition."""

import numpy as np
import pandas as pd
import pytest

from cop_analysis.change import item_statistics, negatively_worded, omega_total
from cop_analysis.change.methods.scales import omega_of_correlations

# Five items on agreeableness (psych: bfi, 2,709 people without a gap), fitted by lavaan 0.6-14: loadings and specific
# variances of one factor, items as answered. What the model implies must be found again from it.
LOADINGS = np.array([0.528336747530327, 0.77411413957116, 0.993512247682429, 0.717343355914033, 0.79107214401187])
SPECIFIC = np.array([1.6929631703878, 0.784187206057352, 0.714164429656434, 1.69411181183541, 0.965259316084306])

# Thurstone & Thurstone 1941, nine tests, as in psych
THURSTONE = """
1 .828 .776 .439 .432 .447 .447 .541 .38 .828 1 .779 .493 .464 .489 .432 .537 .358 .776 .779 1 .46 .425 .443 .401
.534 .359 .439 .493 .46 1 .674 .59 .381 .35 .424 .432 .464 .425 .674 1 .541 .402 .367 .446 .447 .489 .443 .59 .541 1
.288 .32 .325 .447 .432 .401 .381 .402 .288 1 .555 .598 .541 .537 .534 .35 .367 .32 .555 1 .452 .38 .358 .359 .424
.446 .325 .598 .452 1
"""

# R datasets: attitude (Chatterjee & Price 1977); psych::alpha gives r.drop and alpha if an item is dropped
R_DROP = [0.671262057223664, 0.742109710222238, 0.560711111480256, 0.714445498133676, 0.7862755938344,
          0.265034339196676, 0.460810549468496]  # fmt: skip
ALPHA_DROP = [0.809760206308921, 0.79691745727414, 0.827847765938659, 0.803030975022574, 0.795386574198205,
              0.863872311446437, 0.840464868265457]  # fmt: skip


def _implied():
    covariance = np.outer(LOADINGS, LOADINGS) + np.diag(SPECIFIC)
    spread = np.sqrt(np.diag(covariance))
    return pd.DataFrame(covariance / np.outer(spread, spread)), spread


def test_omega_of_five_items():
    omega = omega_of_correlations(*_implied())
    assert omega.estimate == pytest.approx(0.712128965485149, abs=1e-8)
    assert (omega.loadings.iloc[:, 0] * _implied()[1]).tolist() == pytest.approx(LOADINGS.tolist(), abs=1e-6)
    # psych::fa(fm = "ml") on the correlations
    assert omega.standardised == pytest.approx(0.72402164809306, abs=1e-5)


def test_both_extractions_find_a_model_that_holds():
    correlation, spread = _implied()
    likely = omega_of_correlations(correlation, spread)
    least = omega_of_correlations(correlation, spread, extraction="minimum residual")
    assert least.estimate == pytest.approx(likely.estimate, abs=1e-6)


def test_omega_total_of_three_factors():
    correlation = pd.DataFrame(np.array(THURSTONE.split(), dtype=float).reshape(9, 9))
    omega = omega_of_correlations(correlation, factors=3, extraction="minimum residual")
    # psych::omega, omega total .93082541490261; psych's optimiser stops some 1e-7 earlier.
    assert omega.estimate == pytest.approx(0.93082541490261, abs=1e-6)
    assert omega_of_correlations(correlation, factors=3).estimate == pytest.approx(0.9307, abs=1e-3)


def test_parallel_items_make_omega_alpha():
    # Spearman-Brown: four items correlated .5 give 4 x .5 / (1 + 3 x .5) = .8.
    correlation = pd.DataFrame(np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    assert omega_of_correlations(correlation).estimate == pytest.approx(0.8, abs=1e-9)


def test_item_statistics_as_psych_gives_them(attitude):
    found = item_statistics(attitude)
    assert found["item_rest_correlation"].tolist() == pytest.approx(R_DROP, abs=1e-8)
    assert found["alpha_without"].tolist() == pytest.approx(ALPHA_DROP, abs=1e-8)
    assert found["mean"].iloc[0] == pytest.approx(attitude["rating"].mean())


def test_alpha_without_an_item_rests_on_the_same_people(attitude):
    # psych::alpha(use = "complete.obs") keeps to those without any gap, whichever item is left out.
    gaps = attitude.astype(float)
    gaps.iloc[0, 0] = gaps.iloc[5, 2] = np.nan
    assert item_statistics(gaps).equals(item_statistics(gaps.dropna()))


def test_omega_is_unmoved_by_the_order_of_items_and_the_unit(attitude):
    plain = omega_total(attitude)
    assert omega_total(attitude[attitude.columns[::-1]]).estimate == pytest.approx(plain.estimate, abs=1e-7)
    assert omega_total(attitude / 10).estimate == pytest.approx(plain.estimate, abs=1e-7)
    assert plain.estimate > 0.84


def test_two_items_have_no_alpha_without_one(attitude):
    found = item_statistics(attitude[["rating", "complaints"]])
    assert found["alpha_without"].isna().all()


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 2, 4]}), "three items for one factor"),
        (pd.DataFrame({"a": [1, 2], "b": [1, 3], "c": [2, 1]}), "more people than items"),
        (pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [1, 3, 2, 4, 4], "c": [3] * 5}), "same answer on 'c'"),
        (pd.DataFrame({"a": ["yes", "no"], "b": [1, 2], "c": [1, 2]}), "'yes' at position 1"),
    ],
)
def test_omega_is_refused_in_words_where_undefined(answers, message):
    with pytest.raises(ValueError, match=message):
        omega_total(answers)


def test_impossible_settings_are_refused(attitude):
    with pytest.raises(ValueError, match="factors must be"):
        omega_total(attitude, factors=0)
    with pytest.raises(ValueError, match="extraction must be"):
        omega_total(attitude, extraction="magic")
    with pytest.raises(ValueError, match="at least two items"):
        item_statistics(attitude[["rating"]])


def _with_a_copy(seed, noise=0.0):
    rng = np.random.default_rng(seed)
    first = rng.normal(size=60)
    near = first + noise * rng.normal(size=60)
    return pd.DataFrame({"a": first, "b": near, "c": first + rng.normal(size=60), "d": rng.normal(size=60)})


@pytest.mark.parametrize("extraction", ["maximum likelihood", "minimum residual"])
@pytest.mark.parametrize("noise", [0.0, 1e-9, 1e-4])
def test_an_item_that_copies_another_is_an_improper_solution(noise, extraction):
    # Not the symmetric saddle (loadings .866 and .866, omega .72) at which a search from one start may stop.
    for seed in range(6):
        found = omega_total(_with_a_copy(seed, noise), extraction=extraction)
        assert found.improper, seed
        assert found.loadings["factor 1"].abs().iloc[:2].tolist() == pytest.approx([0.999, 0.999], abs=0.003), seed
        near = 1e-6 if extraction == "maximum likelihood" else 0.003
        assert found.specific.iloc[:2].tolist() == pytest.approx([0.005, 0.005], abs=near), seed


def test_a_copied_item_is_said_and_an_item_made_of_others_is_found():
    assert "An item copies others" in omega_total(_with_a_copy(2)).method
    answers = _with_a_copy(2).drop(columns="b")
    assert "copies" not in omega_total(answers).method
    summed = answers.assign(sum=answers.sum(axis=1))
    assert omega_total(summed).improper
    assert "copies" in omega_total(summed).method


def test_the_last_bits_of_the_correlations_decide_nothing(attitude):
    turned = np.random.default_rng(5)
    for answers in (attitude, _with_a_copy(2), _with_a_copy(3, 1e-6), attitude.iloc[:12]):
        table = answers.corr()
        plain = omega_of_correlations(table)
        for _ in range(2):
            noise = turned.normal(size=table.shape) * 1e-15
            nudged = omega_of_correlations(table + noise + noise.T)
            assert nudged.improper == plain.improper
            assert nudged.estimate == pytest.approx(plain.estimate, abs=5e-6)
            assert nudged.loadings.to_numpy() == pytest.approx(plain.loadings.to_numpy(), abs=5e-5)


def test_a_second_minimum_is_not_taken_for_the_lowest():
    # Two pairs that hardly go together: one factor can serve one pair or the other, and the closer pair is served.
    table = pd.DataFrame(
        [[1, 0.8, 0.1, 0.1], [0.8, 1, 0.1, 0.1], [0.1, 0.1, 1, 0.7], [0.1, 0.1, 0.7, 1]], index=list("abcd"),
        columns=list("abcd"),
    )  # fmt: skip
    loadings = omega_of_correlations(table).loadings["factor 1"]
    assert loadings["a"] == pytest.approx(loadings["b"], abs=1e-4)
    assert loadings["a"] > 0.85 > 0.2 > loadings["c"]
    around = omega_of_correlations(table.loc[list("dcba"), list("dcba")]).loadings["factor 1"]
    assert around["a"] == pytest.approx(loadings["a"], abs=1e-4)


def test_negatively_worded_items_are_found_among_many_and_among_half():
    rng = np.random.default_rng(1)
    able = rng.normal(size=60)
    answers = pd.DataFrame({f"q{place}": able + rng.normal(size=60) * 0.6 for place in range(6)})
    assert negatively_worded(answers) == []
    for flipped in (["q1"], ["q1", "q4"]):
        turned = answers.copy()
        turned[flipped] = -turned[flipped]
        assert negatively_worded(turned) == flipped
    # Five of ten: nothing tells the halves apart by number, and the one that weighs less is named.
    half = answers.copy()
    half[["q0", "q1", "q2"]] = -half[["q0", "q1", "q2"]]
    assert len(negatively_worded(half)) == 3
    assert negatively_worded(answers.iloc[:9]) == []
    assert negatively_worded(answers[["q0", "q1"]]) == []
    assert negatively_worded(answers * 0 + 3) == []


def test_no_direction_is_taken_where_none_is_the_main_one():
    # Two unrelated pairs: which of the two comes out as the first component is a matter of rounding.
    signs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]] * 5, dtype=float)
    answers = pd.DataFrame({"a": signs[:, 0], "b": -signs[:, 0], "c": signs[:, 1], "d": -signs[:, 1]})
    assert negatively_worded(answers) == []
    # Half against half, equally heavy: the half without the first item is named.
    rising = pd.Series([1.0, 2, 3, 4, 5] * 3)
    assert negatively_worded(pd.DataFrame({"a": rising, "b": -rising, "c": rising, "d": -rising})) == ["b", "d"]


def test_an_item_made_up_of_others_copies_none():
    """These correlations, of rank 3, have one highest point, inside: 60 starts of BFGS all end at these loadings."""
    able = np.linspace(-2, 2, 40)
    wave = [np.sin(17 * place + able * 9) for place in range(4)]
    found = omega_total(pd.DataFrame({f"q{place}": able + wave[place] for place in range(4)}))
    assert found.loadings["factor 1"].tolist() == pytest.approx([0.951, 0.591, 0.639, 0.972], abs=6e-4)
    assert found.standardised == pytest.approx(0.877, abs=6e-4)
    assert not found.improper
    assert "copies" not in found.method
