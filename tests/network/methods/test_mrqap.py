import networkx as nx
import numpy as np
import pytest

from cop_analysis.network import attribute_difference, mrqap, qap_correlation, shared_attribute


def test_krackhardts_friendship(hightech, tenure):
    # R's asnipe / sna on friendship: advice, reports, same department, difference in tenure.
    friendship = hightech("friendship")
    nx.set_node_attributes(friendship, dict(zip(friendship, tenure, strict=True)), "tenure")
    predictors = {
        "advice": hightech("advice"),
        "reports": hightech("reports_to"),
        "same department": shared_attribute(friendship, "department"),
        "tenure": attribute_difference(friendship, "tenure"),
    }
    found = mrqap(friendship, predictors, 4999, seed=1)
    assert found.table["predictor"].tolist() == list(predictors)
    assert found.table["coefficient"].to_numpy() == pytest.approx([0.110677, 0.211987, 0.172956, 0.001515], abs=5e-7)
    for p_value, published in zip(found.table["p_value"], [0.076, 0.035, 0.007, 0.76], strict=True):
        # Three standard errors of both runs, the published one taken to have 2,000 permutations.
        assert abs(p_value - published) < 3 * np.sqrt(published * (1 - published) * (1 / 4999 + 1 / 2000))
    assert "same department +0.173 (p = 0.0" in found.sentence
    assert "4,999 permutations" in found.sentence


def test_lazegas_lawyers_asking_for_advice(lazega):
    # R's sna (netlm): intercept and slopes on friendship, co-work and same office, practice, status, gender; R2 .35133.
    advice = lazega("advice")
    same = {name: shared_attribute(advice, name) for name in ("office", "practice", "status", "gender")}
    found = mrqap(advice, {"friendship": lazega("friendship"), "cowork": lazega("cowork"), **same}, 9)
    assert found.r_squared == pytest.approx(0.35133, abs=5e-6)
    assert found.intercept == pytest.approx(-0.06426425, abs=5e-9)
    assert found.table["coefficient"].to_numpy() == pytest.approx(
        [0.32113297, 0.33620288, 0.06326171, 0.08005361, 0.08324775, 0.02794555], abs=5e-9
    )


def test_one_predictor_is_a_qap_correlation(hightech):
    single = mrqap(hightech("advice"), {"friendship": hightech("friendship")}, 999, seed=1)
    together = qap_correlation(hightech("advice"), hightech("friendship"), 999, seed=1)
    assert single.r_squared == pytest.approx(together.estimate**2)
    assert single.table["standardised"][0] == pytest.approx(together.estimate)
    assert abs(single.table["p_value"][0] - together.p_value) < 0.05


def test_symmetric_relations_are_compared_once_a_pair(florentine):
    found = mrqap(florentine("marriage"), {"business": florentine("business")}, 199)
    assert (found.is_symmetric, found.cells) == (True, 120)
    assert found.r_squared == pytest.approx(0.3718678721**2)


def test_predictors_are_named_aligned_and_listed():
    rng = np.random.default_rng(1)
    near = rng.random((6, 6))
    assert mrqap(2 * near + 1, [near], 9).table["predictor"].tolist() == ["predictor 1"]
    assert mrqap(2 * near + 1, near, 9).intercept == pytest.approx(1)


@pytest.mark.parametrize(
    ("predictors", "message"),
    [
        ({}, "There is no predictor"),
        ({"same": np.ones((5, 5))}, "same is the same between all people"),
        ({"a": np.arange(25).reshape(5, 5), "b": 2 * np.arange(25).reshape(5, 5)}, "a follows from the others"),
        ("advice", "mapping of name to relation"),
        ({"a": np.ones((4, 4))}, "has 5 people and a has 4"),
        ([np.full((5, 5), np.nan)], "20 cells off its diagonal that are missing"),
    ],
)
def test_what_cannot_predict_is_refused_in_words(predictors, message):
    outcome = np.random.default_rng(3).random((5, 5))
    with pytest.raises(ValueError, match=message):
        mrqap(outcome, predictors, 9)
    with pytest.raises(ValueError, match="nothing to predict"):
        mrqap(np.ones((5, 5)), [outcome], 9)


def test_too_few_pairs():
    with pytest.raises(ValueError, match="2 people give 2 pairs, too few for 1 predictors"):
        mrqap([[0, 1], [2, 0]], [[[0, 1], [3, 0]]], 9)
