"""Nulls against every arrangement there is, and measures against their definitions written out."""

import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.network import (
    brokerage,
    compare_waves,
    density_change,
    ei_change,
    ei_index,
    mrqap,
    partition_fit,
    share_bounds,
    structural_holes,
    tie_quality,
)


def extreme(every, seen):
    """p from all arrangements, each drawn once, two-sided by distance from their mean."""
    return (np.count_nonzero(np.abs(every - every.mean()) >= abs(seen - every.mean()) - 1e-9) + 1) / (len(every) + 1)


@st.composite
def labelled_graphs(draw, most=6):
    """Graphs with at least one tie between two people, and groups named by values of several types."""
    people = draw(st.integers(2, most))
    node = st.integers(0, people - 1)
    ties = draw(st.lists(st.tuples(node, node), min_size=1, max_size=16).filter(lambda t: any(a != b for a, b in t)))
    graph = draw(st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))()
    graph.add_nodes_from(range(people))
    graph.add_edges_from(ties)
    return graph, {person: draw(st.sampled_from(["a", "1", 1, ("b", 2)])) for person in graph}


def arrangements_of(groups):
    return [dict(zip(groups, order, strict=True)) for order in itertools.permutations(groups.values())]


def crossing(graph, home):
    ties = [(a, b) for a, b in graph.edges() if a != b]
    return sum(home[a] != home[b] for a, b in ties) / len(ties)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(labelled_graphs())
def test_ei_by_every_arrangement_of_the_labels(all_arrangements, drawn):
    graph, home = drawn
    every = np.array([2 * crossing(graph, labels) - 1 for labels in arrangements_of(home)])
    with all_arrangements("mixing"):
        found = ei_index(graph, home, len(every))
    assert found.estimate == pytest.approx(every[0])
    assert found.expected == pytest.approx(every.mean(), abs=1e-12)
    assert found.sd == pytest.approx(every.std(), abs=1e-9)
    assert found.p_value == extreme(every, every[0])


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(labelled_graphs(), st.data())
def test_weighted_ei_by_every_arrangement_of_the_labels(all_arrangements, drawn, data):
    graph, home = drawn
    for *_, facts in graph.edges(data=True):
        facts["hours"] = data.draw(st.sampled_from([0.5, 1, 2.25, 0]))
    ties = [(a, b, w) for a, b, w in graph.edges(data="hours") if a != b]
    total = sum(w for *_, w in ties)
    if not total:
        return
    every = np.array(
        [2 * sum(w for a, b, w in ties if labels[a] != labels[b]) / total - 1 for labels in arrangements_of(home)]
    )
    with all_arrangements("mixing"):
        found = ei_index(graph, home, len(every), weight="hours")
    assert (found.estimate, found.expected) == (pytest.approx(every[0]), pytest.approx(every.mean()))
    assert found.sd == pytest.approx(every.std(), abs=1e-7)
    assert found.p_value == extreme(every, every[0])


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(labelled_graphs(most=4))
def test_roles_by_every_arrangement_of_the_labels(all_arrangements, drawn):
    graph, home = drawn
    every = np.array([brokerage(graph, labels).totals.to_numpy() for labels in arrangements_of(home)], dtype=float)
    with all_arrangements("brokers"):
        null = brokerage(graph, home, len(every)).null
    assert null["expected_labels"].to_numpy() == pytest.approx(every.mean(axis=0))
    assert null["sd_labels"].to_numpy() == pytest.approx(every.std(axis=0))
    # The data themselves are one more of the arrangements in the mean that distances are taken from.
    with_data = np.vstack([every, every[0]])
    for place, p_value in enumerate(null["p_value"]):
        middle = with_data[:, place].mean()
        far = np.abs(every[:, place] - middle) >= abs(every[0, place] - middle) - 1e-9
        assert p_value == (far.sum() + 1) / (len(every) + 1)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(labelled_graphs(), labelled_graphs())
def test_ei_change_by_every_arrangement(all_arrangements, one, other):
    first, home = one
    second = first.__class__()
    second.add_nodes_from(reversed(list(first)))
    second.add_edges_from((a, b) for a, b in other[0].edges() if a in first and b in first)
    if not any(a != b for a, b in second.edges()):
        return
    every = np.array([2 * (crossing(second, at) - crossing(first, at)) for at in arrangements_of(home)])
    with all_arrangements("change_tests"):
        found = ei_change(first, second, home, len(every))
    assert (found.change, every.mean()) == (pytest.approx(every[0]), pytest.approx(0, abs=1e-12))
    assert found.sd == pytest.approx(every.std())
    assert found.p_value == (np.count_nonzero(np.abs(every) >= abs(every[0]) - 1e-9) + 1) / (len(every) + 1)


@pytest.mark.parametrize("directed", [False, True])
def test_modularity_and_strength_by_every_arrangement(all_arrangements, directed):
    graph = nx.gnm_random_graph(6, 9, seed=4, directed=directed)
    for number, (*_, facts) in enumerate(graph.edges(data=True)):
        facts["strength"] = 1 + number % 4
    home = dict(zip(graph, "aabbbc", strict=True))
    every = np.array([
        nx.community.modularity(graph, [{n for n in graph if at[n] == g} for g in "abc"], weight=None)
        for at in arrangements_of(home)
    ])  # fmt: skip
    with all_arrangements("whole", "tie_strengths"):
        found = partition_fit(graph, home, len(every))
        quality = tie_quality(graph, home, permutations=len(every))
    assert (found.modularity, found.expected) == (pytest.approx(every[0]), pytest.approx(every.mean()))
    assert found.sd == pytest.approx(every.std())
    gaps = []
    for at in arrangements_of(home):
        across = [facts["strength"] for a, b, facts in graph.edges(data=True) if at[a] != at[b]]
        within = [facts["strength"] for a, b, facts in graph.edges(data=True) if at[a] == at[b]]
        gaps.append(np.mean(across) - np.mean(within) if within and across else 0.0)
    row = quality.differences.iloc[0]
    assert row["difference"] == pytest.approx(gaps[0])
    assert row["p_value"] == (np.count_nonzero(np.abs(gaps) >= abs(gaps[0]) - 1e-9) + 1) / (len(gaps) + 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("symmetric", [False, True])
def test_mrqap_by_a_full_regression_for_every_arrangement(all_arrangements, seed, symmetric):
    rng = np.random.default_rng(seed)
    outcome, one, other = rng.integers(0, 3, (3, 5, 5)) + 0.5 * rng.random((3, 5, 5))
    if symmetric:
        outcome, one, other = (cells + cells.T for cells in (outcome, one, other))
    off = np.triu(np.ones((5, 5), dtype=bool), 1) if symmetric else ~np.eye(5, dtype=bool)
    with all_arrangements("matrix_tests"):
        found = mrqap(outcome, {"one": one, "other": other}, 120).table.set_index("predictor")
    for name, own, rest in (("one", one, other), ("other", other, one)):
        base = np.column_stack([np.ones(off.sum()), rest[off]])
        left = np.zeros((5, 5))
        left[off] = own[off] - base @ np.linalg.lstsq(base, own[off], rcond=None)[0]
        left = left + left.T if symmetric else left

        def statistic(cells, base=base):
            design = np.column_stack([cells[off], base])
            slopes, (unexplained,), *_ = np.linalg.lstsq(design, outcome[off], rcond=None)
            return slopes[0] / np.sqrt(unexplained / (len(design) - 3) * np.linalg.inv(design.T @ design)[0, 0])

        every = np.array([statistic(left[np.ix_(p, p)]) for p in itertools.permutations(range(5))])
        assert found.loc[name, "t"] == pytest.approx(every[0])
        for column, as_much in (
            ("p_value", np.abs(every) >= abs(every[0]) - 1e-8),
            ("p_at_least", every >= every[0] - 1e-8),
            ("p_at_most", every <= every[0] + 1e-8),
        ):
            assert found.loc[name, column] == (as_much.sum() + 1) / 121


@pytest.mark.parametrize(("offset", "unit"), [(1e9, 1e-3), (0, 1e200), (0, 1e-200), (1e5, 1e-5)])
def test_units_of_a_predictor_change_its_coefficient_and_nothing_else(offset, unit):
    outcome, one, other = np.random.default_rng(5).random((3, 9, 9))
    plain = mrqap(outcome, [one, other], 99, 1)
    scaled = mrqap(outcome, [offset + unit * one, other], 99, 1)
    assert scaled.r_squared == pytest.approx(plain.r_squared, rel=1e-3)
    assert scaled.table["coefficient"].to_numpy() * [unit, 1] == pytest.approx(plain.table["coefficient"], rel=1e-3)
    assert scaled.table[["t", "p_value"]].to_numpy() == pytest.approx(
        plain.table[["t", "p_value"]].to_numpy(), rel=1e-3
    )


@pytest.mark.slow
@pytest.mark.parametrize("directed", [False, True])
def test_constraint_is_igraphs(directed):
    igraph = pytest.importorskip("igraph")
    for seed in range(6):
        graph = nx.gnm_random_graph(12, 20, seed=seed, directed=directed)
        for number, (*_, facts) in enumerate(graph.edges(data=True)):
            facts["hours"] = 1 + (number * 7) % 5
        other = igraph.Graph(n=12, edges=list(graph.edges()), directed=directed)
        for weight in (None, "hours"):
            hours = None if weight is None else [facts[weight] for *_, facts in graph.edges(data=True)]
            assert structural_holes(graph, weight)["constraint"].to_numpy() == pytest.approx(
                other.constraint(weights=hours), nan_ok=True
            )


def test_the_bootstrap_spreads_as_all_its_samples_do():
    first, second = nx.DiGraph([(0, 1), (1, 2), (2, 3)]), nx.DiGraph([(0, 1), (1, 0), (2, 0), (3, 0), (3, 1), (0, 2)])
    change = nx.to_numpy_array(second, nodelist=range(4)) - nx.to_numpy_array(first, nodelist=range(4))
    pairs = np.array([change[a, b] + change[b, a] for a, b in itertools.combinations(range(4), 2)])
    means, inside = [], []
    for sample in itertools.product(range(4), repeat=4):
        repeats = sum(a == b for a, b in itertools.combinations(sample, 2))
        fixed = sum(change[a, b] + change[b, a] for a, b in itertools.combinations(sample, 2) if a != b)
        means.append((fixed + repeats * pairs.mean()) / 12)
        inside.append(repeats * pairs.var() / 144)
    exact = math.sqrt(np.var(means) + np.mean(inside))
    found = density_change(first, second, 4000, seed=3)
    assert found.change == pytest.approx(3 / 12)
    # Three standard errors of a standard deviation from R draws; the kurtosis of these samples is 2.8.
    assert abs(found.se - exact) < 3 * exact * math.sqrt((2.8 - 1) / (4 * 4000))


@pytest.mark.parametrize("directed", [False, True])
def test_outer_bounds_are_reached_by_some_answers_of_the_silent_and_by_none_exceeded(directed):
    for seed in range(4):
        graph = nx.gnm_random_graph(5, 4, seed=seed, directed=directed)
        home = dict(zip(graph, "aabbc", strict=True))
        silent = {1, 3} if directed else {0, 1, 3}
        for person in silent:
            graph.nodes[person]["answered"] = False
        could_be = [
            (a, b)
            for a, b in (itertools.permutations(graph, 2) if directed else itertools.combinations(graph, 2))
            if (a in silent if directed else a in silent and b in silent) and not graph.has_edge(a, b)
        ]
        shares = []
        for answer in itertools.product((False, True), repeat=len(could_be)):
            ties = [*graph.edges(), *itertools.compress(could_be, answer)]
            shares.append(sum(home[a] != home[b] for a, b in ties) / len(ties))
        found = share_bounds(graph, home)
        assert (found.lowest, found.highest) == (pytest.approx(min(shares)), pytest.approx(max(shares)))
        assert found.lowest <= found.low <= found.share <= found.high <= found.highest


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))
def test_waves_compared_are_sets_of_ties_compared(data, kind):
    names = ["ü", 1, ("a", 2), "1", 2.5, "=1+1"]
    person = st.sampled_from(names)
    waves = []
    for _ in range(2):
        graph = kind()
        graph.add_nodes_from(data.draw(st.lists(person, max_size=6)))
        graph.add_edges_from(data.draw(st.lists(st.tuples(person, person), max_size=10)))
        waves.append(graph)
    first, second = waves

    def ties(graph):
        pairs = [(a, b) for a, b in graph.edges() if a != b]
        return {pair if graph.is_directed() else frozenset(pair) for pair in pairs}

    both = set(first) & set(second)
    before, after = ({tie for tie in ties(graph) if set(tie) <= both} for graph in waves)
    found = compare_waves(first, second)
    assert (found.kept, found.gained, found.lost) == (len(before & after), len(after - before), len(before - after))
    assert found.leavers_ties == len(ties(first)) - len(before)
    assert found.joiners_ties == len(ties(second)) - len(after)
    either = len(before | after)
    assert found.jaccard == pytest.approx(len(before & after) / either if either else math.nan, nan_ok=True)
