from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from cop_analysis.network import co_attendance, project, validated_projection


def test_davis_by_count(davis):
    # 18 women, 14 events, 89 attendances; 139 pairs of women share 322, 66 pairs of events share 214.
    women, events = project(davis), project(davis, of="events")
    assert len(davis) == 89
    assert (len(women.pairs), women.pairs["weight"].sum()) == (139, 322)
    assert (len(events.pairs), events.pairs["weight"].sum()) == (66, 214)


ROWS = st.lists(st.tuples(st.sampled_from("XYZ"), st.sampled_from("abcde"), st.integers(0, 90)), max_size=25)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(ROWS, st.booleans(), st.sampled_from(["people", "events"]))
def test_minutes_are_the_lesser_of_both(rows, corrected, of):
    table = pd.DataFrame(rows, columns=["event", "person", "minutes"])
    longest = table.groupby(["event", "person"])["minutes"].max().to_dict()
    one, other = ("person", "event") if of == "people" else ("event", "person")
    expected: dict[tuple[str, str], float] = {}
    for place in sorted(set(table[other])):
        there = {
            who: longest[(place, who) if of == "people" else (who, place)]
            for who in set(table.loc[table[other] == place, one])
        }
        share = 1 / max(1, len(there) - 1) if corrected else 1
        for first in there:
            for second in there:
                if first < second:
                    pair = (first, second)
                    expected[pair] = expected.get(pair, 0) + min(there[first], there[second]) * share
    found = project(table, of=of, weigh_by="minutes", size_correction=corrected)
    pairs = {(row["first"], row["second"]): row["weight"] for row in found.pairs.to_dict("records")}
    assert pairs == pytest.approx({pair: total for pair, total in expected.items() if total})


def test_minutes_that_are_missing_or_negative():
    table = pd.DataFrame({"event": ["E"] * 3, "person": list("abc"), "minutes": [10, 20, None]})
    graph = co_attendance(table, weigh_by="minutes")
    assert (list(graph.edges(data="weight")), graph.graph["minutes_left_out"]) == ([("a", "b", 10.0)], 1)
    with pytest.raises(ValueError, match="fewer than 0 minutes"):
        project(table.assign(minutes=-1), weigh_by="minutes")
    with pytest.raises(ValueError, match="has no column minutes"):
        project(table.drop(columns="minutes"), weigh_by="minutes")
    with pytest.raises(ValueError, match='it is "events" or "minutes"'):
        project(table, weigh_by="hours")


def test_the_projection_is_networkxs(davis):
    both = nx.Graph(davis.itertuples(index=False, name=None))
    women = davis["person"].unique()
    expected = nx.bipartite.weighted_projected_graph(both, women)
    found = co_attendance(davis)
    assert {frozenset(tie): weight for *tie, weight in found.edges(data="weight")} == {
        frozenset(tie): weight for *tie, weight in expected.edges(data="weight")
    }


@pytest.mark.slow
def test_davis_validated_by_several_nulls(davis):
    # 17 pairs at p < .05 by the hypergeometric null, none after Bonferroni or BH; the smallest p is .002331002.
    found = validated_projection(davis, permutations=999, seed=1)
    counts = found.counts.set_index("null")
    assert counts.loc["hypergeometric"].tolist() == [17, 0, 0]
    assert found.table["p_value_hypergeometric"].min() == pytest.approx(0.002331002, abs=5e-10)
    assert counts.loc["fixed_degree", ["bonferroni", "bh"]].tolist() == [0, 0]
    assert 0 < counts.loc["fixed_degree", "none"] < 17
    assert (found.pairs, found.permutations_needed) == (153, 3060)
    assert found.graph("hypergeometric", "none").number_of_edges() == 17
    assert found.graph("hypergeometric", "bh").number_of_nodes() == 18
    with pytest.raises(ValueError, match="no null 'degree'"):
        found.graph("degree")
    for row in found.table.head(20).itertuples():
        exact = hypergeom.sf(row.shared - 1, 14, row.first_attended, row.second_attended)
        assert row.p_value_hypergeometric == pytest.approx(exact)


def test_the_fixed_degree_null_against_every_table_with_the_same_totals():
    # Three people at three events with totals 2, 1, 1 both ways: there are five such tables.
    totals = (2, 1, 1)
    tables = []
    for marks in np.ndindex(*(2,) * 9):
        cells = np.reshape(marks, (3, 3))
        if tuple(cells.sum(axis=0)) == totals and tuple(cells.sum(axis=1)) == totals:
            tables.append(cells)
    assert len(tables) == 5
    seen = next(cells for cells in tables if (cells @ cells.T)[0, 1] == 1)
    exact = np.mean([(cells @ cells.T)[0, 1] >= 1 for cells in tables])
    rows = pd.DataFrame([(f"E{e}", f"P{p}") for p, e in np.argwhere(seen)], columns=["event", "person"])
    found = validated_projection(rows, permutations=3000, seed=4)
    pair = found.table.set_index(["first", "second"]).loc[("P0", "P1")]
    assert pair["p_value_fixed_degree"] == pytest.approx(exact, abs=3.5 * np.sqrt(exact * (1 - exact) / 3000) + 1e-3)


@pytest.mark.parametrize("rows", [[], [("E", "a")], [("E", "a"), ("F", "b")], [("E", None)]])
def test_nobody_met(rows):
    found = validated_projection(pd.DataFrame(rows, columns=["event", "person"]), permutations=9)
    assert found.table.empty
    assert found.counts[["none", "bonferroni", "bh"]].to_numpy().sum() == 0
    assert found.graph().number_of_edges() == 0


def test_alpha_is_checked(davis):
    with pytest.raises(ValueError, match="lies between 0 and 1"):
        validated_projection(davis, alpha=5)


def test_mixed_up_names_and_duplicate_rows_are_one_attendance():
    table = pd.DataFrame({"event": ["E"] * 4, "person": ["ü", "ü", "=1+1", None]})
    found = project(table)
    assert (found.names, found.head_counts_left_out) == (("=1+1", "ü"), 1)
    assert found.pairs["weight"].tolist() == [1]


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("EFG"), st.sampled_from("abcd"), st.integers(0, 90)), min_size=1, max_size=14)
)
def test_what_two_share_can_be_asked_in_either_order_and_is_the_weight_of_their_tie(rows):
    seen = pd.DataFrame(rows, columns=["event", "person", "minutes"])
    for asked in ({}, {"size_correction": True}, {"weigh_by": "minutes"}):
        found, graph = project(seen, **asked), co_attendance(seen, **asked)
        for one, other in combinations("abcdz", 2):
            weight = graph.get_edge_data(one, other, {"weight": 0.0})["weight"]
            assert found.weight_of(one, other) == found.weight_of(other, one) == weight
