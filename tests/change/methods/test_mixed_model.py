"""The mixed model against R (lme4 1.1-31 with lmerTest) and against dense matrices."""

import math

import numpy as np
import pandas as pd
import pytest

from cop_analysis.change import mixed_model
from cop_analysis.change.methods.models import random_intercept

NAN = math.nan
# Derrick, Toher & White 2017: eight people at a only, eight at b only, eight at both
A = [20, 21, 16, 18, 14, 12, 14, 17] + [NAN] * 8 + [14, 15, 18, 20, 11, 19, 14, 15]
B = [NAN] * 8 + [10, 16, 18, 16, 15, 14, 13, 10] + [15, 10, 15, 17, 13, 19, 12, 13]


@pytest.fixture
def partly_paired():
    people = [f"P{place}" for place in range(24)]
    return pd.DataFrame({"person": people * 2, "wave": ["a"] * 24 + ["b"] * 24, "score": A + B})


def test_partly_paired_answers_as_in_lmertest(partly_paired):
    model = mixed_model(partly_paired)
    effect = model.coefficients.iloc[1]
    assert (effect["estimate"], effect["standard_error"]) == pytest.approx(
        (-1.74364762156301, 0.711278954934465), abs=1e-6
    )
    # lmerTest takes the information of the variances by numerical differences.
    assert (effect["freedom"], effect["t"], effect["p_value"]) == pytest.approx(
        (11.9843663206579, -2.4514258568548, 0.0305370300306056), abs=1e-5
    )
    assert (model.person_spread, model.residual_spread) == pytest.approx((2.37279627359842, 1.63571586638304), abs=1e-6)
    assert model.log_likelihood == pytest.approx(-74.8804954567903, abs=1e-8)
    assert (model.people, model.answers) == (24, 32)


def test_two_complete_waves_make_it_the_paired_t_test():
    rng = np.random.default_rng(3)
    before = rng.normal(size=14) * 2
    after = before + rng.normal(0.5, 1, 14)
    table = pd.DataFrame({"person": list(range(14)) * 2, "wave": ["a"] * 14 + ["b"] * 14, "score": [*before, *after]})
    effect = mixed_model(table).coefficients.iloc[1]
    change = after - before
    assert (effect["estimate"], effect["freedom"]) == pytest.approx((change.mean(), 13))
    assert effect["t"] == pytest.approx(change.mean() / (change.std(ddof=1) / math.sqrt(14)))


def _dense(y, x, person, variances):
    member = (person[:, np.newaxis] == np.unique(person)).astype(float)
    v = variances[0] * np.eye(len(y)) + variances[1] * member @ member.T
    inverse = np.linalg.inv(v)
    cross = x.T @ inverse @ x
    p = inverse - inverse @ x @ np.linalg.inv(cross) @ x.T @ inverse
    likelihood = -0.5 * (
        np.linalg.slogdet(v)[1]
        + np.linalg.slogdet(cross)[1]
        + y @ p @ y
        + (len(y) - x.shape[1]) * math.log(2 * math.pi)
    )
    return likelihood, np.linalg.inv(cross)


def test_uneven_people_and_a_covariate_against_dense_matrices():
    rng = np.random.default_rng(8)
    person = np.repeat(np.arange(14), 3)[:37]
    x = np.column_stack([np.ones(37), rng.normal(size=37), np.tile([0, 1, 2, 0], 10)[:37]])
    y = x @ [1, 2, 0.5] + rng.normal(size=14)[person] + rng.normal(size=37)
    model = random_intercept(y, x, person)
    at = np.array([model.residual_spread**2, model.person_spread**2])
    likelihood, covariance = _dense(y, x, person, at)
    assert model.log_likelihood == pytest.approx(likelihood, abs=1e-9)
    assert model.coefficients["standard_error"].tolist() == pytest.approx(np.sqrt(np.diag(covariance)).tolist())
    for step in ([1e-3, 0], [-1e-3, 0], [0, 1e-3], [0, -1e-3]):
        assert _dense(y, x, person, at + step)[0] < likelihood
    # Satterthwaite from numerical derivatives of the dense likelihood
    width = 1e-4
    steps = np.eye(2) * width

    def likelihood_at(*moves):
        return _dense(y, x, person, at + sum(moves))[0]

    information = -np.array(
        [
            [likelihood_at(a, b) - likelihood_at(a, -b) - likelihood_at(-a, b) + likelihood_at(-a, -b) for b in steps]
            for a in steps
        ]
    ) / (4 * width**2)
    for place in range(3):
        ends = [[_dense(y, x, person, at + sign * a)[1][place, place] for sign in (1, -1)] for a in steps]
        slope = np.array([(above - below) / (2 * width) for above, below in ends])
        freedom = 2 * covariance[place, place] ** 2 / (slope @ np.linalg.inv(information) @ slope)
        assert model.coefficients["freedom"].iloc[place] == pytest.approx(freedom, rel=1e-4)


def test_people_who_do_not_differ_make_it_ordinary_regression():
    # Each pair's two answers lie on opposite sides of their wave's mean.
    table = pd.DataFrame(
        {"person": list("AABBCCDD"), "wave": ["a", "b"] * 4, "score": [1, 6, 3, 4, 1.5, 5.5, 2.5, 4.5]}
    )
    model = mixed_model(table)
    assert model.at_the_edge
    assert model.person_spread == 0
    assert model.coefficients["freedom"].tolist() == [6, 6]


def test_the_first_category_or_the_first_row_is_the_baseline(partly_paired):
    turned = partly_paired.assign(wave=pd.Categorical(partly_paired["wave"], ["b", "a"]))
    assert mixed_model(turned).coefficients["estimate"].iloc[1] == pytest.approx(1.74364762, abs=1e-6)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"person": ["A", "B"], "wave": ["a", "b"], "score": [1, 2]}, "Nobody answered more than once"),
        ({"person": ["A", "A"], "wave": ["a", "a"], "score": [1, 2]}, "two waves or more"),
        ({"person": ["A", "A"], "wave": ["a", "b"], "score": [1, 2]}, "too few answers"),
        ({"person": list("AABB"), "wave": ["a", "b"] * 2, "score": [1, 2, 1, 2]}, "do not vary"),
        ({"person": list("AABB"), "wave": ["a", "b"] * 2, "score": [1, "x", 1, 2]}, "'x'"),
        ({"person": list("AABB"), "time": ["a", "b"] * 2, "score": [1, 3, 1, 2]}, "column 'wave'"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(table, message):
    with pytest.raises(ValueError, match=message):
        mixed_model(pd.DataFrame(table))


def test_settings_are_checked(partly_paired):
    with pytest.raises(ValueError, match="between 0 and 1"):
        mixed_model(partly_paired, level=95)
    with pytest.raises(ValueError, match="sum of others"):
        random_intercept([1, 2, 3, 4], [[1, 1]] * 4, list("AABB"))


@pytest.mark.slow
def test_a_hundred_thousand_people():
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(100_000), 2)
    score = rng.normal(size=100_000)[person] + np.tile([0, 0.2], 100_000) + rng.normal(size=200_000)
    model = mixed_model(pd.DataFrame({"person": person, "wave": np.tile(["a", "b"], 100_000), "score": score}))
    assert model.coefficients["estimate"].iloc[1] == pytest.approx(0.2, abs=0.02)
    assert model.person_spread == pytest.approx(1, abs=0.02)
