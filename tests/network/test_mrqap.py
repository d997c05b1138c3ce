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
    assert "same department predicts more of it" in found.sentence
    assert "4,999 permutations" in found.sentence


def plain_mrqap(outcome, predictors, permutations, seed):
    """Double semi-partialling as it is written down: a full regression for every arrangement."""
    rng = np.random.default_rng(seed)
    size = len(outcome)
    off = ~np.eye(size, dtype=bool)
    y, columns = outcome[off], [each[off] for each in predictors]
    p_values = []
    for place in range(len(columns)):
        others = np.column_stack([np.ones(len(y)), *columns[:place], *columns[place + 1 :]])
        left = columns[place] - others @ np.linalg.lstsq(others, columns[place], rcond=None)[0]
        square = np.zeros((size, size))
        square[off] = left

        def statistic(values, others=others):
            design = np.column_stack([values, others])
            solved = np.linalg.lstsq(design, y, rcond=None)[0]
            residual = y - design @ solved
            spread = residual @ residual / (len(y) - design.shape[1])
            return solved[0] / np.sqrt(spread * np.linalg.inv(design.T @ design)[0, 0])

        seen = statistic(left)
        drawn = [
            abs(statistic(square[np.ix_(p, p)][off])) for p in (rng.permutation(size) for _ in range(permutations))
        ]
        p_values.append((seen, (np.sum(np.array(drawn) >= abs(seen) - 1e-9) + 1) / (permutations + 1)))
    return p_values


def test_projecting_once_gives_what_a_full_regression_each_time_gives():
    rng = np.random.default_rng(5)
    one, other = rng.random((9, 9)), (rng.random((9, 9)) < 0.4).astype(float)
    outcome = 0.4 * one + 0.3 * other + rng.random((9, 9))
    found = mrqap(outcome, [one, other], 800, seed=2)
    plain = plain_mrqap(outcome, [one, other], 800, seed=3)
    assert found.table["t"].to_numpy() == pytest.approx([t for t, _ in plain])
    for p_value, (_, expected) in zip(found.table["p_value"], plain, strict=True):
        assert abs(p_value - expected) < 3 * np.sqrt(2 * max(expected, 0.01) / 800)


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
