from itertools import pairwise

import networkx as nx
import pytest

LONG = "a very long name " * 40


def plain():
    graph = nx.DiGraph()
    graph.add_node("A", organisation="north", age=41, share=0.1, lead=True)
    graph.add_node("B", organisation="south", age=0, share=2.0, lead=False)
    graph.add_node("C", organisation="south", age=-7, share=1e-12, lead=True)
    graph.add_edge("A", "B", weight=2)
    graph.add_edge("B", "A", weight=3)
    graph.add_edge("B", "C", weight=1)
    return graph


def missing():
    graph = nx.DiGraph()
    graph.add_node("A", organisation=None, age=41, lead=None)
    graph.add_node("B", organisation="south", age=None, lead=True)
    graph.add_node("isolate", organisation="", age=float("nan"))
    graph.add_edge("A", "B", strength=None, note="seen")
    graph.add_edge("B", "A", strength=1.5, note=None)
    return graph


def unicode_texts():
    graph = nx.Graph()
    graph.add_node("Zoë Ŵyn", organisation="Ysbyty Gwynedd", said='she said "no", then\n\tleft & <ran>')
    graph.add_node("李雷", organisation="東京 🏥", said="   blanks around   ")
    graph.add_node("عمر", organisation="ﬁ", said="'=1+1")
    graph.add_edge("Zoë Ŵyn", "李雷", **{"met at": "the “hub”", "why, then?": "a;b|c"})
    graph.add_edge("李雷", "عمر", **{"met at": "line\r\nbreak", "why, then?": "=HYPERLINK(1)"})
    return graph


def awkward_names():
    graph = nx.DiGraph()
    names = ["a b", 'say "x"', "line\nbreak", "007", "1e5", "NA", "true", "-", "*Vertices", "data:", "!", "a,b", "'x'",
             "&#34;", "<a>", "=1", LONG, "x  y", "#1", "%c"]  # fmt: skip
    for n, name in enumerate(names):
        graph.add_node(name, code="007" if n % 2 else "12", id=f"i{n}", label=f"label {n}", type="t")
    graph.add_edges_from(pairwise(names))
    for number, (tail, head) in enumerate(graph.edges):
        graph.edges[tail, head].update(type="advice", source="me", weight=number + 0.5)
    return graph


def parallel():
    graph = nx.MultiDiGraph()
    graph.add_node("alone")
    graph.add_edge("A", "B", relation="advice", weight=2)
    graph.add_edge("A", "B", relation="trust", weight=1)
    graph.add_edge("B", "A", relation="advice", weight=1)
    graph.add_edge("B", "B", relation="trust", weight=4)
    return graph


def two_mode():
    graph = nx.Graph()
    graph.add_nodes_from(["P01", "P02", "P 03"], bipartite=0)
    graph.add_nodes_from(["E1", "E2"], bipartite=1)
    graph.add_edge("P01", "E1", weight=60)
    graph.add_edge("P02", "E1", weight=45)
    graph.add_edge("P02", "E2", weight=30)
    return graph


def looped():
    graph = nx.Graph([("A", "A"), ("A", "B"), ("C", "B")])
    graph.add_node("D")
    return graph


def reciprocal():
    return nx.DiGraph([("A", "B"), ("B", "A")])


def numbered():
    graph = nx.Graph()
    graph.add_node(10, role="nurse")
    graph.add_node(2, role="doctor")
    graph.add_edge(10, 2, weight=0.25)
    return graph


def no_ties():
    graph = nx.DiGraph()
    graph.add_nodes_from(["A", "B"], role="nurse")
    return graph


FUNCTIONS = (plain, missing, unicode_texts, awkward_names, parallel, two_mode, looped, reciprocal, numbered, no_ties)
AWKWARD = {**{function.__name__: function for function in FUNCTIONS}, "empty": nx.Graph}


@pytest.fixture(params=sorted(AWKWARD))
def awkward(request):
    return AWKWARD[request.param]()


@pytest.fixture
def graphs():
    return AWKWARD
