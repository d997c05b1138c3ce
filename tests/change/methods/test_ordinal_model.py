"""The ordinal mixed model against R (ordinal 2022.11-16) and against brute-force integration."""

import math

import numpy as np
import pandas as pd
import pytest

from cop_analysis.change import ordinal_model

# Randall 1989: bitterness of wine, nine judges, two bottles of each of four kinds, as in R's ordinal
WINE = [
    [2, 3, 3, 4, 4, 4, 5, 5], [1, 2, 1, 3, 2, 3, 5, 4], [2, 3, 3, 2, 5, 5, 4, 4], [3, 2, 3, 2, 3, 2, 5, 3],
    [2, 3, 4, 3, 3, 3, 3, 3], [3, 2, 3, 2, 2, 4, 5, 4], [1, 1, 2, 2, 2, 3, 2, 3], [2, 2, 2, 3, 3, 3, 3, 4],
    [1, 2, 3, 2, 3, 2, 4, 4],
]  # fmt: skip
TEMPERATURE = [0, 0, 0, 0, 1, 1, 1, 1]
CONTACT = [0, 0, 1, 1, 0, 0, 1, 1]
# Twenty people, answers 1 to 5 before and after
BEFORE = [2, 3, 2, 1, 3, 2, 2, 3, 1, 2, 4, 3, 2, 2, 3, 1, 2, 3, 2, 4]
AFTER = [3, 4, 3, 3, 3, 4, 2, 4, 3, 3, 4, 3, 4, 2, 4, 2, 3, 3, 4, 3]


@pytest.fixture(scope="module")
def wine():
    effects = pd.DataFrame({"temperature": np.tile(TEMPERATURE, 9), "contact": np.tile(CONTACT, 9)})
    return ordinal_model(np.ravel(WINE), effects, np.repeat(range(9), 8))


def test_wine_as_in_r(wine):
    # R stops with a slope of 2e-5 on the log-likelihood, which leaves its estimates some 7e-6 from the maximum.
    assert wine.coefficients["estimate"].tolist() == pytest.approx([3.06189098, 1.83343335], abs=1e-5)
    assert wine.person_spread == pytest.approx(1.13478333, abs=1e-5)
    assert wine.thresholds["estimate"].tolist() == pytest.approx(
        [-1.62348752162298, 1.51279596038552, 4.22705336690715, 6.08615218602911], abs=1e-5
    )
    assert wine.coefficients["standard_error"].tolist() == pytest.approx(
        [0.595076250634144, 0.512171423206982], abs=1e-5
    )
    assert wine.thresholds["standard_error"].iloc[0] == pytest.approx(0.683385868196851, abs=1e-5)
    assert wine.log_likelihood == pytest.approx(-81.5324607201201, abs=1e-7)
    assert wine.converged
    # R's clmm2 (21 nodes, gradTol 1e-11) stops at a slope of 1e-8.
    assert [*wine.thresholds["estimate"], *wine.coefficients["estimate"], wine.person_spread] == pytest.approx(
        [-1.62349354048, 1.51279407502, 4.22705443583, 6.08615454067, 3.06189717763, 1.83343122918, 1.13478736297],
        abs=2e-7,
    )


def _likelihood(parameters):
    """Integrate over the judges' levels on a fine grid: no quadrature rule, no mode, no slope."""
    level = np.linspace(-9, 9, 3001)
    weight = np.exp(-(level**2) / 2) / math.sqrt(2 * math.pi) * (level[1] - level[0])
    edges = np.r_[-np.inf, parameters[:4], np.inf]
    linear = np.outer(TEMPERATURE, [parameters[4]]) + np.outer(CONTACT, [parameters[5]]) + parameters[6] * level
    total = 0.0
    for answers in np.array(WINE):
        upper = 1 / (1 + np.exp(linear - edges[answers][:, np.newaxis]))
        lower = 1 / (1 + np.exp(linear - edges[answers - 1][:, np.newaxis]))
        total += math.log(((upper - lower).prod(axis=0) * weight).sum())
    return total


def test_wine_is_at_the_maximum_of_the_integrated_likelihood(wine):
    found = np.r_[wine.thresholds["estimate"], wine.coefficients["estimate"], wine.person_spread]
    assert wine.log_likelihood == pytest.approx(_likelihood(found), abs=1e-9)
    for place in range(7):
        step = np.zeros(7)
        step[place] = 1e-4
        slope = (_likelihood(found + step) - _likelihood(found - step)) / 2e-4
        assert abs(slope) < 1e-6


def test_ten_and_thirty_nodes_agree():
    effects = pd.DataFrame({"temperature": np.tile(TEMPERATURE, 9)})
    few, many = (ordinal_model(np.ravel(WINE), effects, np.repeat(range(9), 8), nodes=nodes) for nodes in (10, 30))
    assert few.coefficients["estimate"].tolist() == pytest.approx(many.coefficients["estimate"].tolist(), abs=1e-6)


def test_twenty_people_before_and_after():
    model = ordinal_model(BEFORE + AFTER, pd.DataFrame({"after": [0] * 20 + [1] * 20}), list(range(20)) * 2)
    # R's clmm with 10 adaptive nodes and clmm with 21: 2.78706260 and 2.78705588; spread 1.59574959 and 1.59574092
    assert model.coefficients["estimate"].iloc[0] == pytest.approx(2.78706, abs=2e-5)
    assert model.person_spread == pytest.approx(1.59574, abs=2e-5)
    assert model.log_likelihood == pytest.approx(-43.6437706982517, abs=3e-6)


def test_only_the_order_of_answers_matters_and_turning_them_mirrors():
    who = list(range(20)) * 2
    effects = pd.DataFrame({"after": [0] * 20 + [1] * 20})
    plain = ordinal_model(BEFORE + AFTER, effects, who)
    stretched = ordinal_model(np.exp(np.array(BEFORE + AFTER)), effects, who)
    turned = ordinal_model(-np.array(BEFORE + AFTER), effects, who)
    assert stretched.coefficients["estimate"].iloc[0] == pytest.approx(plain.coefficients["estimate"].iloc[0], abs=1e-6)
    assert turned.coefficients["estimate"].iloc[0] == pytest.approx(-plain.coefficients["estimate"].iloc[0], abs=1e-5)


@pytest.mark.parametrize(("before", "after"), [([1] * 8, [2] * 8), ([1, 2, 3, 1, 2, 3], [2, 3, 4, 2, 3, 4])])
def test_an_effect_without_limit_is_said(before, after):
    n = len(before)
    model = ordinal_model(before + after, pd.DataFrame({"after": [0] * n + [1] * n}), list(range(n)) * 2)
    assert not model.converged


@pytest.mark.parametrize(
    ("answers", "effects", "person", "message"),
    [
        ([3, 3, 3, 3], {"after": [0, 1, 0, 1]}, list("AABB"), "two different answers"),
        ([1, 2, 3, 4], {"after": [0, 1, 0, 1]}, list("ABCD"), "Nobody answered more than once"),
        ([1, 2, 3, 4], {"after": [1, 1, 1, 1]}, list("AABB"), "does not vary"),
        ([1, 2, 3], {"after": [0, 1, 0, 1]}, list("AABB"), "as long as one another"),
        (["agree", 2, 3, 4], {"after": [0, 1, 0, 1]}, list("AABB"), "'agree'"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(answers, effects, person, message):
    with pytest.raises(ValueError, match=message):
        ordinal_model(answers, pd.DataFrame(effects), person)


def test_settings_are_checked():
    effects = pd.DataFrame({"after": [0, 1, 0, 1]})
    with pytest.raises(ValueError, match="nodes must be"):
        ordinal_model([1, 2, 2, 3], effects, list("AABB"), nodes=1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        ordinal_model([1, 2, 2, 3], effects, list("AABB"), level=3)


@pytest.mark.slow
def test_a_hundred_thousand_people_cost_what_their_patterns_cost():
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(100_000), 2)
    wave = np.tile([0, 1], 100_000)
    level = 1.2 * rng.normal(size=100_000)[person] + 0.5 * wave + rng.logistic(size=200_000)
    model = ordinal_model(np.digitize(level, [-2, -1, 1, 2]), pd.DataFrame({"after": wave}), person)
    assert model.coefficients["estimate"].iloc[0] == pytest.approx(0.5, abs=0.05)
    assert model.person_spread == pytest.approx(1.2, abs=0.05)
