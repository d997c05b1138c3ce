"""Files as other programs write them, and as nobody should: each is read rightly or refused in one sentence."""

import contextlib
import json
from pathlib import Path

import networkx as nx
import pytest

from cop_analysis import network
from cop_analysis.network import GraphFileError
from cop_analysis.network.exchange import kinds

REFERENCE = Path(__file__).parents[2] / "reference"


@pytest.fixture
def read(tmp_path):
    def reader(content, name="data.bin", **options):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return network.read_graph(path, **options)

    return reader


def refusal(read, content, name="data.bin"):
    with pytest.raises(GraphFileError) as caught:
        read(content, name)
    said = str(caught.value)
    assert said.startswith(name) or name in said
    assert "\n" not in said
    assert len(said) < 320
    return said


# --- the formats by content, whatever the name -----------------------------------------------------------------------

FULL = 'DL N=3 NM=1 FORMAT=FULLMATRIX DIAGONAL PRESENT\nLABELS:\nann, bo,\n"cy dee"\nDATA:\n0 1 0\n0 0 2\n1 0 0\n'


@pytest.mark.parametrize(
    ("content", "kind", "ties"),
    [
        (FULL, "dl", {("ann", "bo"), ("bo", "cy dee"), ("cy dee", "ann")}),
        ("dl n = 3, format = edgelist1\nlabels embedded:\ndata:\nann bo 1\nbo \"cy dee\"\n", "dl",
         {("ann", "bo"), ("bo", "cy dee")}),
        ("DL n=4\nformat=nodelist1\nlabels: a b c d\ndata:\n1 2 3\n4 1\n", "dl", {("a", "b"), ("a", "c"), ("d", "a")}),
        ("dl n=3 format=nodelist1b\ndata:\n2 2 3\n0\n1 1\n", "dl", {("1", "2"), ("1", "3"), ("3", "1")}),
        ("dl n=2 labels embedded format=fullmatrix\ndata:\nx y\nx 0 5\ny 0 0\n", "dl", {("x", "y")}),
        ("dl n=3 diagonal absent\nlabels: a,b,c\ndata:\n1 0\n0 0\n1 1\n", "dl", {("a", "b"), ("c", "a"), ("c", "b")}),
        ("*Vertices 3\n1 \"a b\" 0.1 0.2 0.5 ellipse ic Red\n2 c\n3 d\n*Arcs\n1 2 3 c Blue\n*Edges\n2 3\n", "pajek",
         {("a b", "c"), ("c", "d"), ("d", "c")}),
        ("% made by hand\n*vertices 3\n*arcslist\n1 2 3\n", "pajek", {("1", "2"), ("1", "3")}),
        ("*Vertices 2\r\n1 \"a\"\r\n2 \"b\"\r\n*Matrix\r\n0 1\r\n0 0\r\n", "pajek", {("a", "b")}),
        ("*Node data\nID gender age\nj101 male 56\nw067 female 23\n*Node properties\nID x y\nj101 1 2\nw067 3 4\n"
         "*Tie data\nfrom to strength\nj101 w067 1\n", "vna", {("j101", "w067")}),
        ("*Tie data\nfrom,to,friends\na,b,1\n", "vna", {("a", "b")}),
        ("ego;alter;wave\nann;bo;1\n", "csv", {("ann", "bo")}),
        ("\"source\",\"target\",\"type\"\n1,2,\"friends\"\n1,2,\"advice\"\n", "csv", {("1", "2")}),
        (",a,b\na,0,1\nb,0,0\n", "csv", {("a", "b")}),
        ("0 1 0\n0 0 1\n0 0 0\n", "matrix", {("1", "2"), ("2", "3")}),
        ("<?xml version='1.0'?><graphml><graph edgedefault='directed'><node id='a'/><node id='b'/>"
         "<edge source='a' target='b'/></graph></graphml>", "graphml", {("a", "b")}),
        ("<gexf xmlns='http://www.gexf.net/1.2draft' version='1.2'><graph defaultedgetype='directed'><nodes>"
         "<node id='0' label='a'><nodes><node id='1'/></nodes></node></nodes><edges><edge source='0' "
         "target='1'/></edges>"
         "</graph></gexf>", "gexf", {("0", "1")}),
    ],
)  # fmt: skip
def test_each_format_is_recognised_by_its_content(read, content, kind, ties):
    graph, report = read(content, "wrong.xlsx")
    assert report.format == kind
    assert graph.is_directed()
    if ties is not None:
        assert {(tail, head) for tail, head, *_ in graph.edges} == ties


def test_published_dl_densities(tmp_path):
    # Krackhardt's high-tech managers as DL with several matrices: 190 and 102 ties (Wasserman & Faust 1994).
    facts = json.loads((REFERENCE / "krackhardt_hightech.json").read_text(encoding="utf-8"))
    relations = [name for name in facts if name in ("advice", "friendship", "reports", "reports_to")]
    body = "\n".join(" ".join(row) for name in relations for row in facts[name])
    (tmp_path / "k.dl").write_text(
        f"DL N=21 NM={len(relations)}\nMATRIX LABELS:\n{' '.join(relations)}\nDATA:\n{body}\n"
    )
    graph, _ = network.read_graph(tmp_path / "k.dl")
    counts = {name: sum(data["relation"] == name for *_, data in graph.edges(data=True)) for name in relations}
    assert counts["advice"] == 190
    assert counts["friendship"] == 102
    assert graph.number_of_nodes() == 21


def test_a_two_mode_dl_and_its_missing_cells(read):
    graph, report = read(
        "dl nr=2 nc=3 format=fullmatrix\nrow labels: ann bo\ncolumn labels: e1 e2 ann\ndata:\n1 NA 0\n1 1 ?\n"
    )
    assert sorted(graph.edges) == [("ann", "e1"), ("bo", "e1"), ("bo", "e2")]
    assert nx.get_node_attributes(graph, "bipartite")["ann (column)"] == 1
    assert any("2 cells of the matrix are missing" in note for note in report.notes)


def test_half_matrices_are_undirected(read):
    for content in ("dl n=3 format=lowerhalf diagonal=absent\nlabels: a b c\ndata:\n1\n0 1\n",
                    "dl n=3 format=upperhalf diagonal=absent\nlabels: a b c\ndata:\n1 0\n1\n",
                    "dl n=3 format=lowerhalf\nlabels: a b c\ndata:\n0\n1 0\n0 1 0\n"):  # fmt: skip
        graph, _ = read(content)
        assert not graph.is_directed()
        assert sorted(graph.edges) == [("a", "b"), ("b", "c")]


def test_pajek_two_mode_with_header_that_networkx_cannot_read(read):
    graph, _ = read('*Vertices 5 3\n1 "Eve"\n2 "Ann"\n3 "Bo"\n4 "tea"\n5 "ball"\n*Edges\n1 4\n2 4\n3 5 2\n')
    assert nx.get_node_attributes(graph, "bipartite") == {"Eve": 0, "Ann": 0, "Bo": 0, "tea": 1, "ball": 1}
    assert graph.edges["Bo", "ball"] == {"weight": 2}
    assert not graph.is_directed()


def test_pajek_relations_partitions_and_vectors(read, tmp_path):
    graph, _ = read(
        "*Network test\n*Vertices 3\n1 \"a\"\n2 \"b\"\n3 \"c\"\n*Arcs :1 \"advice\"\n1 2 1\n*Arcs :2 \"trust\"\n1 2 2\n"
        "*Partition office\n*Vertices 3\n1\n2\n999999998\n*Vector age\n*Vertices 3\n30.5\n41\n9999998\n*Permutation p\n"
        "*Vertices 3\n1\n2\n3\n"
    )  # fmt: skip
    assert [data["relation"] for *_, data in graph.edges(data=True)] == ["advice", "trust"]
    assert dict(graph.nodes(data=True)) == {"a": {"office": 1, "age": 30.5}, "b": {"office": 2, "age": 41.0}, "c": {}}
    (tmp_path / "o.clu").write_text("*Vertices 3\n1\n1\n2\n")
    assert network.read_vertex_values(tmp_path / "o.clu") == {"partition": [1, 1, 2]}
    with pytest.raises(GraphFileError, match="is a partition of Pajek, not a network"):
        network.read_graph(tmp_path / "o.clu")


def test_graphml_defaults_types_mixed_directions_and_yed_labels(read):
    graph, report = read(
        "<graphml xmlns='http://graphml.graphdrawing.org/xmlns' xmlns:y='http://www.yworks.com/xml/graphml'>"
        "<key id='c' for='node' attr.name='colour' attr.type='string'><default>yellow</default></key>"
        "<key id='w' for='edge' attr.name='weight' attr.type='double'/><key id='d' for='node' "
        "yfiles.type='nodegraphics'/>"
        "<graph edgedefault='undirected'><node id='n0'><data key='c'>green</data><data "
        "key='d'><y:ShapeNode><y:NodeLabel>"
        "Ann</y:NodeLabel></y:ShapeNode></data></node><node id='n1'/><edge source='n0' target='n1'><data "
        "key='w'>1.0</data>"
        "</edge><edge source='n0' target='n1' directed='true'/></graph></graphml>"
    )
    assert dict(graph.nodes(data=True)) == {"n0": {"colour": "green", "label": "Ann"}, "n1": {"colour": "yellow"}}
    assert graph.is_directed()
    assert graph.is_multigraph()
    assert graph.number_of_edges() == 3
    assert any("mixed" in note for note in report.notes)


def test_several_graphs_in_a_file_are_all_given(read, tmp_path):
    one = "<graph edgedefault='directed'><node id='a'/></graph>"
    _, report = read(f"<graphml>{one}{one}</graphml>", "two.graphml")
    assert "holds 2 networks" in report.notes[0]
    graphs, _ = network.read_graphs(tmp_path / "two.graphml")
    assert len(graphs) == 2


def test_nodes_beside_a_file_of_ties(tmp_path):
    (tmp_path / "advice_edges.csv").write_text("source,target,strength\n1,2,3\n2,9,\n")
    (tmp_path / "advice_nodes.csv").write_text('id,age,dept\n1,33,"E"\n2,,"C"\n3,40,"C"\n')
    graph, report = network.read_graph(tmp_path / "advice_edges.csv")
    assert dict(graph.nodes(data=True)) == {
        "1": {"age": 33, "dept": "E"}, "2": {"dept": "C"}, "3": {"age": 40, "dept": "C"}, "9": {},
    }  # fmt: skip
    assert list(graph.edges(data=True)) == [("1", "2", {"strength": 3}), ("2", "9", {})]
    assert "1 node of ties missing from advice_nodes.csv is added without attributes." in report.notes


def test_a_file_that_quotes_everything_still_has_numbers(read):
    graph, _ = read('"from","to","weight","code"\n"a","b","2","007"\n"b","c","3","12"\n')
    assert graph.edges["a", "b"]["weight"] == 2
    assert graph.edges["a", "b"]["code"] == "007"


def test_direction_can_be_settled_by_hand(read):
    content = "source,target\na,b\nb,a\nb,c\n"
    assert read(content)[0].is_directed()
    graph, _ = read(content, directed=False)
    assert sorted(graph.edges) == [("a", "b"), ("b", "c")]
    assert not graph.is_directed()


# --- hostile, broken and huge -----------------------------------------------------------------------------------------

BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
<graphml><graph edgedefault="directed"><node id="&lol2;"/></graph></graphml>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE g [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<gexf><graph><nodes><node id="a" label="&x;"/></nodes></graph></gexf>"""


@pytest.mark.parametrize(("content", "part"), [
    (BOMB, "declares XML entities"),
    (OUTSIDE, "declares XML entities"),
    ("<!DOCTYPE g [<!ENTITY % p SYSTEM 'http://e/x'>%p;]><graphml><graph/></graphml>", "declares XML entities"),
    ("<graphml>" + "<graph>" * 500, "nests elements more than 100 deep"),
    ("<graphml><graph edgedefault='directed'><node id='a'/>", "breaks off"),
    ("<graphml></graphml>", "without a <graph>"),
    ("<graphml><graph><node id='a'/><node id='a'/></graph></graphml>", "two nodes have the id 'a'"),
    ("<graphml><graph><node id='a'/><edge source='a' target='b'/></graph></graphml>", "the file does not have"),
    ("<graphml><key id='k' for='node' attr.name='age' attr.type='int'/><graph><node id='a'><data key='k'>old</data>"
     "</node></graph></graphml>", "'old'"),
    ("<graphml><graph><node id='a'/><hyperedge/></graph></graphml>", "hyperedges"),
    ("<gexf><graph><nodes><node id='a'/></nodes><edges><edge source='a' target='a' weight='heavy'/></edges></graph>"
     "</gexf>",
     "the weight 'heavy' is no number"),
    ("<html><body/></html>", "<html>, not <graphml>"),
    ("*Vertices 99999999999\n", "above 1,000,000"),
    ("*Vertices 2\n1 \"a\"\n2 \"b\"\n*Arcs\n1 7\n", "'7' is no vertex"),
    ("*Vertices 2\n1 \"a\n", "not closed"),
    ("*Vertices 3\n*Matrix\n0 1 0\n0 0 0\n", "after 2 of 3 rows"),
    ("*Vertices 3\n*Matrix\n0 1\n", "has 2 values"),
    ("*Vertices\n", "how many there are"),
    ("*Arcs\n1 2\n", "before *Vertices"),
    ("*Node data\nID age\na 1 2\n", "3 cells and its header 2"),
    ("*Tie data\nfrom to\n\"a b\n", "not closed"),
    ("*Something\n1 2\n", "neither Pajek"),
    ("dl n=3 format=fullmatrix\ndata:\n0 1 0\n1 0", "ends within matrix 1"),
    ("dl n=2 format=fullmatrix\ndata:\n0 1 1 0 1", "after the announced matrix comes '1'"),
    ("dl n=2 format=fullmatrix labels:\na", "2 labels are announced and 1 given"),
    ("dl n=2 format=fullmatrix\n", "no 'data:'"),
    ("dl n=2 format=blockmatrix\ndata:\n", "'blockmatrix' is not known"),
    ("dl format=fullmatrix\ndata:\n0", "does not say how many"),
    ("dl n=99999999 format=fullmatrix\ndata:\n", "above 1,000,000"),
    ("dl n=2 format=edgelist1\ndata:\n1 5\n", "'5' is no node"),
    ("dl n=2 format=edgelist1\ndata:\n1 2 = 3 = 4\n", "two nodes and perhaps a value"),
    ("dl n=1 format=edgelist1 labels embedded\ndata:\na b\n", "one label more than the 1 announced"),
    ("source,target\na,b,c\n", "3 cells and the header 2"),
    ("source,target\n\"a,b\n", "not closed"),
    ("source,target\n,b\n", "without both ends"),
    ("0 1\n0 0 1\n", "row 2 of the matrix has 3 values"),
    ("hello world\n", "in no format known here"),
    ("", "empty"),
    (b"\x00\x00\x00", "empty"),
    (b"PK\x03\x04rest", "Excel workbook"),
    (b"*Vertices 2\x00\n", "NUL"),
    ("source,target\né,ü\nö,ä and some more text here\n".encode()[:20] + b"\xff" + b"x" * 30, "damaged"),
    ("*Vertices 1\n1 \"é\"\n".encode("utf-16")[:-3], "breaks off"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_sentence(read, content, part):
    assert part in refusal(read, content)


def test_what_is_no_file_is_refused(tmp_path, monkeypatch):
    with pytest.raises(GraphFileError, match="There is no file"):
        network.read_graph(tmp_path / "none.net")
    with pytest.raises(GraphFileError, match="folder without edges"):
        network.read_graph(tmp_path)
    with pytest.raises(GraphFileError, match="is a device, not a file"):
        network.read_graph("/dev/zero")
    monkeypatch.setattr(kinds, "BYTES_AT_MOST", 10)
    (tmp_path / "big.net").write_text("*Vertices 2\n1 a\n2 b\n")
    with pytest.raises(GraphFileError, match="more than the 10 bytes read here"):
        network.read_graph(tmp_path / "big.net")


def test_other_encodings_are_read_and_said(read):
    graph, report = read('*Vertices 1\n1 "Zoë"\n'.encode("cp1252"))
    assert list(graph) == ["Zoë"]
    assert "Windows-1252" in report.notes[0]
    for content in ('*Vertices 1\n1 "Zoë"\n'.encode("utf-16"), b"\xef\xbb\xbf" + '*Vertices 1\n1 "Zoë"\n'.encode()):
        assert list(read(content)[0]) == ["Zoë"]
    old = '<?xml version="1.0" encoding="ISO-8859-1"?><graphml><graph><node id="Zoë"/></graph></graphml>'
    assert list(read(old.encode("latin-1"))[0]) == ["Zoë"]


@pytest.mark.parametrize("ending", [".graphml", ".gexf", ".paj", ".dl", ".vna", ".csv"])
def test_no_cut_makes_another_error(graphs, ending, tmp_path):
    path = tmp_path / f"g{ending}"
    network.write_graph(graphs["unicode_texts"](), path)
    whole = path.read_bytes()
    for cut in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:cut])
        with contextlib.suppress(GraphFileError):
            network.read_graph(path)


def test_an_unknown_ending_or_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match="names no format"):
        network.write_graph(nx.Graph(), tmp_path / "g.xyz")
    with pytest.raises(ValueError, match="no format 'png'"):
        network.write_graph(nx.Graph(), tmp_path / "g.net", "png")


def test_nothing_half_written_is_left(tmp_path, monkeypatch):
    from cop_analysis.files import whole

    path = tmp_path / "g.net"
    network.write_graph(nx.Graph([("a", "b")]), path)
    before = path.read_bytes()
    monkeypatch.setattr(whole.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        network.write_graph(nx.Graph([("a", "c")]), path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["g.net"]
