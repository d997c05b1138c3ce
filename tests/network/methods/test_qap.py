import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.network import qap_correlation


def test_published_correlations(hightech, florentine, knoke):
    # R's sna: Krackhardt .154585, .223558, .186236; Padgett .3718678721; Knoke -.05076.
    advice, friendship, reports = hightech("advice"), hightech("friendship"), hightech("reports_to")
    assert qap_correlation(advice, friendship, 99).estimate == pytest.approx(0.154585, abs=5e-7)
    assert qap_correlation(advice, reports, 99).estimate == pytest.approx(0.223558, abs=5e-7)
    assert qap_correlation(friendship, reports, 99).estimate == pytest.approx(0.186236, abs=5e-7)
    families = qap_correlation(florentine("marriage"), florentine("business"), 1999, seed=1)
    assert families.estimate == pytest.approx(0.3718678721, abs=5e-11)
    assert families.p_value < 0.01
    assert qap_correlation(knoke("information"), knoke("money"), 99).estimate == pytest.approx(-0.05076, abs=5e-6)


CELLS = st.integers(-2, 3)


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 5), st.booleans(), st.data())
def test_everything_agrees_with_all_arrangements(all_arrangements, size, symmetric, data):
    def draw():
        cells = np.array(data.draw(st.lists(st.lists(CELLS, min_size=size, max_size=size), min_size=size,
                                            max_size=size)), dtype=float)  # fmt: skip
        return cells + cells.T if symmetric else cells

    one, other = draw(), draw() * data.draw(st.sampled_from([1.0, 0.37]))
    if np.ptp(one[OFF[size]]) == 0 or np.ptp(other[OFF[size]]) == 0:
        return
    every = correlations_of_all(one, other)
    with all_arrangements("matrix_tests"):
        found = qap_correlation(one, other, len(every))
    assert found.estimate == pytest.approx(every[0], abs=1e-12)
    assert every.mean() == pytest.approx(found.expected, abs=1e-12)
    assert found.sd == pytest.approx(every.std(), abs=1e-9)
    for p_value, extreme in (
        (found.p_value, np.abs(every) >= abs(every[0]) - 1e-9),
        (found.p_at_least, every >= every[0] - 1e-9),
        (found.p_at_most, every <= every[0] + 1e-9),
    ):
        assert p_value == (np.count_nonzero(extreme) + 1) / (len(every) + 1)


OFF = {size: ~np.eye(size, dtype=bool) for size in range(3, 7)}


def correlations_of_all(one, other):
    size = len(one)
    off = OFF[size]
    return np.array(
        [np.corrcoef(one[off], other[np.ix_(p, p)][off])[0, 1] for p in itertools.permutations(range(size))]
    )


@pytest.mark.slow
def test_what_is_drawn_at_random_scatters_around_the_exact_p_as_it_should():
    """Forty pairs of relations, each with its own seed: as many standard errors off as independent draws are."""
    rng = np.random.default_rng(7)
    off_by = []
    for seed in range(40):
        one, other = rng.integers(0, 3, (2, 5, 5)).astype(float)
        every = correlations_of_all(one, other)
        exact = np.mean(np.abs(every) >= abs(every[0]) - 1e-9)
        count = qap_correlation(one, other, 1000, seed).p_value * 1001 - 1
        if exact < 1:
            off_by.append((count - 1000 * exact) / np.sqrt(1000 * exact * (1 - exact)))
    assert len(off_by) > 30
    assert np.abs(off_by).max() < 3
    assert 0.75 < np.std(off_by) < 1.25


def test_all_forms_of_a_relation_give_the_same(hightech):
    from scipy import sparse

    advice, friendship = hightech("advice"), hightech("friendship")
    table = nx.to_pandas_adjacency(friendship)
    turned = table.iloc[::-1, ::-1]
    forms = [friendship, table, turned, table.to_numpy(), sparse.csr_array(table.to_numpy())]
    assert len({qap_correlation(advice, form, 199, seed=4) for form in forms}) == 1


def test_weights_parallel_ties_and_self_loops():
    first = nx.MultiDiGraph([(0, 1), (0, 1), (1, 2), (2, 2)])
    first.add_node(3)
    second = nx.DiGraph()
    second.add_nodes_from(range(4))
    second.add_edge(0, 1, weight=2.0)
    second.add_edge(1, 2)
    assert qap_correlation(first, second, 9).estimate == pytest.approx(1)
    assert qap_correlation(first, second, 9, weight=None).estimate == pytest.approx(1)
    second.edges[1, 2]["weight"] = 2.0
    assert qap_correlation(first, second, 9).estimate < 1
    assert qap_correlation(first, second, 9, weight=None).estimate == pytest.approx(1)


def test_negative_and_fractional_cells_count():
    rng = np.random.default_rng(2)
    one = rng.normal(size=(8, 8))
    assert qap_correlation(one, -3 * one + 7, 99).estimate == pytest.approx(-1)
    assert qap_correlation(one, -3 * one + 7, 99).p_at_most == 0.01


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (np.zeros((4, 4)), np.eye(4)[::-1], "The first relation is the same between all 4 people"),
        (nx.complete_graph(4), np.eye(4)[::-1], "the same between all 4 people"),
        (np.ones((2, 3)), np.ones((3, 3)), "The first relation has the shape 2 x 3; a relation is square"),
        (np.ones((3, 3)), np.ones((4, 4)), "has 3 people and The second relation has 4"),
        (nx.path_graph(2), nx.path_graph(2), "have 2 people; a QAP correlation needs at least 3"),
        (nx.Graph(), nx.Graph(), "have 0 people"),
        (nx.path_graph(3), nx.relabel_nodes(nx.path_graph(3), {0: "z"}), r"does not have 1 of the people .* 0\)"),
        ([[0, 1, None], [0, 0, 1], [1, 0, 0]], np.eye(3)[::-1], "1 cells off its diagonal that are missing"),
        ([["a", "b"], ["c", "d"]], np.eye(2), "holds something that is not a number"),
        (np.eye(3)[::-1] * 1j, np.eye(3)[::-1], "holds something that is not a number"),
        (np.ma.masked_equal(np.eye(3)[::-1], 1), np.eye(3)[::-1], "2 cells off its diagonal that are missing"),
        ([[0, 1], [1]], np.eye(2), "rows of different lengths"),
        (nx.empty_graph(20_000), nx.empty_graph(20_000), "20,000 people; relations are compared cell by cell"),
        ([[0, np.inf, 1], [0, 0, 1], [1, 0, 0]], np.eye(3)[::-1], "1 cells off its diagonal that are missing or not"),
        (pd.DataFrame(np.eye(2), index=["a", "a"], columns=["a", "a"]), np.eye(2), "names a person twice"),
        (pd.DataFrame(np.eye(2), index=["a", "b"], columns=["a", "c"]), np.eye(2), "different people as rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_correlated_is_refused_in_words(first, second, message):
    with pytest.raises(ValueError, match=message):
        qap_correlation(first, second, 9)


@pytest.mark.parametrize("permutations", [0, -1, 2.5, True, "many", float("nan"), None])
def test_permutations_are_a_whole_number_of_at_least_one(permutations, hightech):
    with pytest.raises(ValueError, match="whole number of at least 1"):
        qap_correlation(hightech("advice"), hightech("friendship"), permutations)


def test_numbers_of_any_size_correlate_alike():
    rng = np.random.default_rng(4)
    one, other = rng.random((2, 7, 7))
    plain = qap_correlation(one, other, 99, 1)
    for size in (1e-300, 1e-150, 1e150, 1e300):
        found = qap_correlation(one, size * other, 99, 1)
        assert (found.estimate, found.sd) == (pytest.approx(plain.estimate), pytest.approx(plain.sd))
        assert found.p_value == plain.p_value


def test_people_are_matched_by_name_whatever_their_order_and_kind():
    names = ["ü", 1, ("a", 2), "=1+1", 2.5]
    one, other = nx.DiGraph(), nx.DiGraph()
    one.add_nodes_from(names)
    other.add_nodes_from(names[::-1])
    ties = [(names[0], names[1]), (names[1], names[2]), (names[4], names[0])]
    one.add_edges_from(ties)
    other.add_edges_from(reversed(ties))
    assert qap_correlation(one, other, 9).estimate == pytest.approx(1)
    # Both directions of an undirected tie are cells of their own: 6 against 3 of 20.
    both = qap_correlation(one, other.to_undirected(), 9)
    assert both.estimate == pytest.approx(np.corrcoef([1] * 3 + [0] * 17, [1] * 6 + [0] * 14)[0, 1])


def test_a_usable_weight_is_asked_for():
    graph = nx.DiGraph([(0, 1), (1, 2)])
    graph.edges[0, 1]["weight"] = "much"
    with pytest.raises(ValueError, match="tie from 0 to 1 has no usable 'weight'"):
        qap_correlation(graph, nx.path_graph(3), 9)


@pytest.mark.parametrize("seed", ["seven", 1.5, -1, {}])
def test_a_seed_that_is_no_whole_number_is_refused_in_a_sentence(hightech, seed):
    with pytest.raises(ValueError, match="The seed must be a whole number of 0 or more"):
        qap_correlation(hightech("advice"), hightech("friendship"), 99, seed)


def test_same_seed_same_p_and_the_sentence_says_how_many(hightech):
    one, other = (qap_correlation(hightech("advice"), hightech("friendship"), 499, seed) for seed in (1, 1))
    assert one == other
    assert "21 people dealt out anew" in one.sentence
    assert "499 drawn" in one.sentence
    assert one.z == pytest.approx(one.estimate / one.sd)
