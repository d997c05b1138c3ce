"""Rank-biserial, dz, Hedges g and dav against R (effectsize), and the interval of dz against its own definition."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from cop_analysis.change import rank_biserial, standardised_change, superiority
from cop_analysis.change.methods.effects import bias_correction

CASES = json.loads((Path(__file__).parents[2] / "reference" / "paired_changes.json").read_text())["cases"]
UNDEFINED = {"all_zero"}


@pytest.mark.parametrize("name", CASES)
def test_published_cases(name):
    case = CASES[name]
    if name in UNDEFINED:
        # effectsize gives 1 here, which is no answer.
        with pytest.raises(ValueError, match="nobody changed"):
            rank_biserial(case["pre"], case["post"])
    else:
        assert rank_biserial(case["pre"], case["post"], 100).estimate == pytest.approx(case["rank_biserial"], abs=1e-8)
    found = standardised_change(case["pre"], case["post"])
    for value, expected in zip(
        (found.dz, found.hedges_g, found.dav, found.d_average_variance),
        (case["dz"][0], case["g"], *case["dav"]),
        strict=True,
    ):
        if expected is None:
            assert math.isnan(value)
            assert found.notes
        else:
            assert value == pytest.approx(expected, abs=1e-8)
    assert superiority(case["pre"], case["post"]).estimate == pytest.approx(case["ps"])


@pytest.mark.parametrize("name", sorted(set(CASES) - {"n2", "n3"}))
def test_the_interval_of_dz_as_in_r_within_its_optimiser(name):
    # effectsize finds the limits by optim(), good to some six digits; for n = 2 and 3 it stops earlier.
    _, low, high = CASES[name]["dz"]
    if low is None:
        return
    found = standardised_change(CASES[name]["pre"], CASES[name]["post"])
    assert (found.dz_low, found.dz_high) == pytest.approx((low, high), abs=2e-6)


def _noncentral_cdf(t, freedom, shift):
    def part(s):
        return special.ndtr(t * s - shift) * math.exp(-freedom * s * s / 2) * s ** (freedom - 1)

    whole = integrate.quad(lambda s: math.exp(-freedom * s * s / 2) * s ** (freedom - 1), 0, math.inf)[0]
    return integrate.quad(part, 0, math.inf, epsabs=1e-13)[0] / whole


def test_three_people_by_the_definition_where_r_stops_short():
    case = CASES["n3"]
    found = standardised_change(case["pre"], case["post"])
    t = 2 * math.sqrt(3)
    assert _noncentral_cdf(t, 2, found.dz_low * math.sqrt(3)) == pytest.approx(0.975, abs=1e-8)
    assert _noncentral_cdf(t, 2, found.dz_high * math.sqrt(3)) == pytest.approx(0.025, abs=1e-8)


def test_the_correction_is_a_ratio_of_gamma_functions():
    assert bias_correction(14) == pytest.approx(math.gamma(7) / (math.gamma(6.5) * math.sqrt(7)))
    assert bias_correction(2000) == pytest.approx(1 - 3 / (4 * 2000 - 1), abs=1e-7)
    assert bias_correction(1) == 0


def test_unanimous_change_has_no_interval_and_says_so_by_shrinking():
    effect = rank_biserial([1] * 6, [2] * 6, 200)
    assert (effect.estimate, effect.low, effect.high) == (1, 1, 1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=4, max_size=20).filter(any))
def test_the_interval_holds_the_estimate_mirrors_and_stays_in_bounds(differences):
    zeros = np.zeros(len(differences))
    effect = rank_biserial(zeros, differences, 400, seed=3)
    assert -1 <= effect.low <= effect.estimate <= effect.high <= 1
    back = rank_biserial(differences, zeros, 400, seed=3)
    assert (back.estimate, back.low, back.high) == pytest.approx(
        (-effect.estimate, -effect.high, -effect.low), abs=0.12
    )


def test_a_seed_repeats_and_both_ways_of_drawing_agree():
    rng = np.random.default_rng(4)
    scale = rng.choice([-1, 0, 1, 2], 120, p=[0.2, 0.3, 0.3, 0.2])
    zeros = np.zeros(120)
    first, again = (rank_biserial(zeros, scale, 4000, seed=1) for _ in range(2))
    assert (first.low, first.high) == (again.low, again.high)
    # A hair on each answer keeps the order of the sizes but makes every change its own, so that people are drawn.
    apart = scale * (1 + np.arange(120) * 1e-6)
    other = rank_biserial(zeros, apart, 4000, seed=1)
    assert (other.low, other.high) == pytest.approx((first.low, first.high), abs=0.03)


@pytest.mark.slow
def test_a_hundred_thousand_people():
    rng = np.random.default_rng(4)
    effect = rank_biserial(np.zeros(100_000), rng.integers(-2, 3, 100_000), 500)
    assert effect.low < effect.estimate < effect.high
    assert math.isfinite(standardised_change(rng.normal(size=100_000), rng.normal(0.1, 1, 100_000)).dz_low)


def test_impossible_input_is_refused_in_words():
    with pytest.raises(ValueError, match="resamples must be"):
        rank_biserial([1, 2], [2, 3], resamples=5)
    with pytest.raises(ValueError, match="nothing to weigh"):
        rank_biserial([None], [1])
    with pytest.raises(ValueError, match="no change to standardise"):
        standardised_change([], [])
