"""What a format carries comes back exactly; what it does not carry is said when it is written."""

import math

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis import network


def held(data):
    """Attributes without what is missing."""
    return {
        name: value
        for name, value in data.items()
        if value is not None and not (isinstance(value, float) and math.isnan(value))
    }


def nodes_of(graph):
    return {node: held(data) for node, data in graph.nodes(data=True)}


def ties_of(graph):
    rows = []
    for tail, head, data in graph.edges(data=True):
        ends = (tail, head) if graph.is_directed() else tuple(sorted((tail, head), key=repr))
        rows.append((*ends, sorted(held(data).items(), key=repr)))
    return sorted(rows, key=repr)


def types_of(graph):
    return {(node, name): type(value) for node, data in graph.nodes(data=True) for name, value in held(data).items()}


def back(graph, path, **options):
    report = network.write_graph(graph, path)
    return *network.read_graph(path, **options), report


@pytest.mark.parametrize("ending", [".graphml", ".gexf"])
def test_xml_formats_carry_everything(awkward, ending, tmp_path):
    again, _, written = back(awkward, tmp_path / f"g{ending}")
    assert nodes_of(again) == nodes_of(awkward)
    assert ties_of(again) == ties_of(awkward)
    assert types_of(again) == types_of(awkward)
    assert again.is_directed() == awkward.is_directed()
    assert list(again.nodes) == list(awkward.nodes)
    assert written.notes == ()


def test_csv_carries_everything_but_the_kind_of_identifiers(awkward, tmp_path):
    again, _, written = back(awkward, tmp_path / "g.csv")
    if any(not isinstance(node, str) for node in awkward):
        awkward = nx.relabel_nodes(awkward, str)
        assert any("read back as text" in note for note in written.notes)
    assert nodes_of(again) == nodes_of(awkward)
    assert ties_of(again) == ties_of(awkward)
    assert types_of(again) == types_of(awkward)
    if awkward.number_of_edges():
        assert again.is_directed() == awkward.is_directed()


def test_a_pajek_project_carries_nodes_and_their_attributes(awkward, tmp_path):
    again, _, written = back(awkward, tmp_path / "g.paj")
    awkward = nx.relabel_nodes(awkward, str)
    assert nodes_of(again) == nodes_of(awkward)
    assert types_of(again) == types_of(awkward)
    assert again.is_directed() == awkward.is_directed()
    assert sorted((tail, head) for tail, head, _ in ties_of(again)) == sorted(
        (tail, head) for tail, head, _ in ties_of(awkward)
    )
    lost = {name for *_, data in awkward.edges(data=True) for name in data} - {"weight", "relation", "strength"}
    assert bool(lost) == any("Attributes of ties are left out" in note for note in written.notes)


@pytest.mark.parametrize("name", ["plain", "parallel", "two_mode", "looped", "numbered"])
def test_a_pajek_network_carries_ties_relations_and_weights(graphs, name, tmp_path):
    graph = graphs[name]()
    again, _, _ = back(graph, tmp_path / "g.net")
    graph = nx.relabel_nodes(graph, str)
    assert ties_of(again) == ties_of(graph)
    assert set(again) == set(graph)
    assert nx.get_node_attributes(again, "bipartite") == nx.get_node_attributes(graph, "bipartite")


@pytest.mark.parametrize("ending", [".dl", ".vna"])
@pytest.mark.parametrize("name", ["plain", "two_mode", "looped", "numbered", "parallel"])
def test_dl_and_vna_carry_ties_and_values(graphs, name, ending, tmp_path):
    graph = graphs[name]()
    again, _, _ = back(graph, tmp_path / f"g{ending}")
    graph = nx.relabel_nodes(graph, str)
    assert ties_of(again) == ties_of(graph)
    assert set(again) == set(graph)
    assert again.is_directed() == graph.is_directed()


def test_vna_carries_typed_attributes(graphs, tmp_path):
    for name in ("plain", "missing"):
        again, _, _ = back(graphs[name](), tmp_path / "g.vna")
        assert nodes_of(again) == nodes_of(graphs[name]())
        assert types_of(again) == types_of(graphs[name]())


@pytest.mark.parametrize("ending", [".dl", ".vna", ".net"])
def test_awkward_names_stay_apart_everywhere(graphs, ending, tmp_path):
    graph = graphs["awkward_names"]()
    again, _, written = back(graph, tmp_path / f"g{ending}")
    assert again.number_of_nodes() == graph.number_of_nodes()
    assert again.number_of_edges() == graph.number_of_edges()
    weights = sorted(weight for *_, weight in graph.edges(data="weight"))
    assert sorted(weight for *_, weight in again.edges(data="weight")) == weights
    assert written.notes
    if ending == ".net":
        assert set(again) == set(graph)


@pytest.mark.parametrize("ending", [".dl", ".vna"])
def test_mutual_ties_are_warned_of_and_settled_by_hand(graphs, ending, tmp_path):
    graph = graphs["reciprocal"]()
    again, report, written = back(graph, tmp_path / f"g{ending}")
    assert not again.is_directed()
    assert any("directed=True" in note for note in written.notes)
    assert any("directed=True" in note for note in report.notes)
    again, _, _ = back(graph, tmp_path / f"g{ending}", directed=True)
    assert ties_of(again) == ties_of(graph)


def test_dl_says_what_it_leaves_out(graphs, tmp_path):
    notes = network.write_graph(graphs["plain"](), tmp_path / "g.dl").notes
    assert notes == ("Attributes of nodes are left out: organisation, age, share, lead.",)
    graph = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("a", "b")])
    again, _, written = back(graph, tmp_path / "g.dl")
    assert again.edges["a", "b"] == {"weight": 3}
    assert "2 parallel ties are joined with others of the same pair: their number becomes the weight." in written.notes
    graph = nx.DiGraph([("a", "b", {"weight": 0}), ("b", "a", {"weight": 2})])
    assert any("cannot be told from no tie" in note for note in network.write_graph(graph, tmp_path / "g.dl").notes)


@pytest.mark.slow
def test_large_networks_are_written_as_lists_in_dl(tmp_path):
    graph = nx.gnm_random_graph(900, 2000, seed=1, directed=True)
    again, _, _ = back(graph, tmp_path / "g.dl")
    assert "format=edgelist1" in (tmp_path / "g.dl").read_text()[:60]
    assert ties_of(again) == ties_of(nx.relabel_nodes(graph, str))
    assert set(again) == {str(node) for node in graph}
    modes = nx.bipartite.gnmk_random_graph(700, 40, 900, seed=2)
    again, _, _ = back(modes, tmp_path / "g.dl")
    assert again.number_of_edges() == 900
    assert sum(nx.get_node_attributes(again, "bipartite").values()) == 40


def test_identifiers_of_several_kinds_stay_apart(tmp_path):
    graph = nx.Graph([(1, "1"), ("1", ("a", 2)), (1.5, True)])
    for ending in (".graphml", ".gexf", ".csv", ".net", ".dl", ".vna"):
        again, _, written = back(graph, tmp_path / f"g{ending}")
        assert (again.number_of_nodes(), again.number_of_edges()) == (5 - (True == 1), 3)
        assert any("read back as text" in note for note in written.notes)


def test_keys_of_a_multigraph_are_kept_in_xml(tmp_path):
    graph = nx.MultiGraph()
    graph.add_edge("a", "b", key="advice")
    graph.add_edge("a", "b", key="trust")
    for ending in (".graphml", ".gexf"):
        again, _, _ = back(graph, tmp_path / f"g{ending}")
        assert sorted(again.edges(keys=True)) == sorted(graph.edges(keys=True))


def test_structures_and_odd_values_are_written_as_text_and_said(tmp_path):
    graph = nx.Graph(title="forum")
    graph.add_node("a", tags=["x", "y"], big=2**80, mixed=1, when=__import__("datetime").date(2024, 3, 1))
    graph.add_node("b", mixed="one")
    graph.add_edge("a", "b", **{"5": 1})
    again, _, written = back(graph, tmp_path / "g.graphml")
    assert again.nodes["a"] == {"tags": '["x", "y"]', "big": str(2**80), "mixed": "1", "when": "2024-03-01"}
    assert again.graph == {"title": "forum"}
    said = " ".join(written.notes)
    for part in ("lists or other structures", "more than 64 bits", "Dates", "several kinds become text: mixed"):
        assert part in said


def test_control_characters_are_replaced_in_xml_and_said(tmp_path):
    graph = nx.Graph()
    graph.add_node("a", note="bell\x07 and \ud800 half a pair")
    again, _, written = back(graph, tmp_path / "g.graphml")
    assert again.nodes["a"]["note"] == "bell\ufffd and \ufffd half a pair"
    assert len(written.notes) == 2


def test_networkx_reads_what_is_written(graphs, tmp_path):
    for name in ("plain", "missing", "unicode_texts", "two_mode"):
        graph = graphs[name]()
        network.write_graph(graph, tmp_path / "g.graphml")
        again = nx.read_graphml(tmp_path / "g.graphml")
        assert again.number_of_edges() == graph.number_of_edges()
    network.write_graph(graphs["plain"](), tmp_path / "g.graphml")
    assert nodes_of(nx.read_graphml(tmp_path / "g.graphml")) == nodes_of(graphs["plain"]())
    network.write_graph(graphs["plain"](), tmp_path / "g.net")
    assert len(nx.read_pajek(tmp_path / "g.net").edges) == 3


@pytest.mark.filterwarnings("ignore:Node attribute")  # networkx's Pajek writer leaves numbers out
def test_what_networkx_writes_is_read(graphs, tmp_path):
    graph = graphs["plain"]()
    nx.write_graphml(graph, tmp_path / "g.graphml")
    nx.write_gexf(graph, tmp_path / "g.gexf")
    nx.write_pajek(graph, tmp_path / "g.net")
    for name in ("g.graphml", "g.gexf"):
        again, _ = network.read_graph(tmp_path / name)
        assert nodes_of(again) == nodes_of(graph)
        assert [tie[:2] for tie in ties_of(again)] == [tie[:2] for tie in ties_of(graph)]
    again, _ = network.read_graph(tmp_path / "g.net")
    assert ties_of(again) == ties_of(graph)
    assert again.nodes["A"]["organisation"] == "north"


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), TEXTS)


@st.composite
def any_graph(draw):
    kind = draw(st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))
    nodes = draw(st.lists(TEXTS, unique=True, min_size=1, max_size=6))
    graph = kind()
    kinds = draw(st.lists(st.sampled_from([st.booleans(), st.integers(-(2**62), 2**62), TEXTS]), max_size=3))
    for node in nodes:
        graph.add_node(node, **{f"a {n}": draw(st.none() | values) for n, values in enumerate(kinds)})
    ends = st.sampled_from(nodes)
    for tail, head in draw(st.lists(st.tuples(ends, ends), max_size=8)):
        graph.add_edge(tail, head, why=draw(st.none() | TEXTS), weight=draw(st.none() | st.integers(-5, 5)))
    return graph


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(any_graph())
def test_any_graph_survives_the_formats_that_carry_everything(tmp_path_factory, graph):
    folder = tmp_path_factory.mktemp("any")
    for ending in (".graphml", ".gexf", ".csv"):
        again, _, _ = back(graph, folder / f"g{ending}")
        assert nodes_of(again) == nodes_of(graph)
        assert ties_of(again) == ties_of(graph)
    again, _, _ = back(graph, folder / "g.paj")
    assert nodes_of(again) == nodes_of(graph)
    for ending in (".dl", ".vna", ".net"):
        again, _, _ = back(graph, folder / f"g{ending}")
        assert again.number_of_nodes() == graph.number_of_nodes()
