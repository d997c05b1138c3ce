import sys
from types import ModuleType

import networkx as nx
import pytest

from cop_analysis import network
from cop_analysis.commands.network.export import export
from cop_analysis.network.exchange import kinds
from cop_analysis.network.exchange.bringing import Answers, look_at_ties
from cop_analysis.network.exchange.kinds import Format, format_of, one_file, one_network
from cop_analysis.network.exchange.tables import GraphTables
from cop_analysis.study import open_study

FORMATS = kinds.formats()


def test_what_is_listed_as_written_is_what_has_a_writer():
    assert set(kinds.written()) == {name for name, one in FORMATS.items() if one.writes or one.writes_waves}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_door(name):
    one = FORMATS[name]
    # `cop network import` and the workbench take what is recognised; `cop network export` gives what is written.
    assert (one.recognises is None) == (one.reads is None)
    assert one.reads or one.writes or one.writes_waves
    assert kinds.title_of(name) == one.title


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.writes])
def test_a_file_is_recognised_by_its_content_whatever_it_is_called(name, tmp_path):
    graph = nx.DiGraph([("ann", "bo"), ("bo", "cy")])
    network.write_graph(graph, tmp_path / "advice.txt", name)
    found, report = network.read_graph(tmp_path / "advice.txt", directed=True)
    assert (report.format, set(found.edges)) == (name, set(graph.edges))


def test_a_new_format_is_one_file(monkeypatch, tmp_path, folder_of_a_study):
    """Pairs of people, a pair a line after the word PAIRS: known everywhere without another line of the package."""

    def read(text, file, directed):
        pairs = [line.split() for line in text.splitlines()[1:]]
        people = sorted({person for pair in pairs for person in pair})
        return GraphTables(people, ties=[(people.index(a), people.index(b)) for a, b in pairs]), []

    def write(tables):
        pairs = "".join(f"{tables.nodes[tail]} {tables.nodes[head]}\n" for tail, head in tables.ties)
        return f"PAIRS\n{pairs}", ["Only pairs are kept."]

    module = ModuleType("cop_analysis.network.exchange.formats.pairs")
    module.FORMAT = Format(
        title="pairs",
        place=5,
        endings=(".pairs",),
        recognises=lambda beginning: beginning.first == "PAIRS",
        reads=one_network(read),
        writes=one_file(write),
    )
    held = kinds._modules
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(kinds, "_modules", lambda folder: (*held(folder), *(("pairs",) if folder == "formats" else ())))
    kinds.formats.cache_clear()
    try:
        report = network.write_graph(nx.DiGraph([("P1", "P2")]), tmp_path / "advice.pairs")
        assert report.sentence == "advice.pairs (pairs): 2 nodes and 1 tie. Only pairs are kept."
        assert format_of(b"PAIRS\nP1 P2\n", "advice.txt") == "pairs"
        assert look_at_ties(folder_of_a_study, tmp_path / "advice.pairs", Answers()).lines[0].startswith("advice.pairs")
        (exported, *_) = export(open_study(folder_of_a_study), "pairs", tmp_path / "out")
        assert exported.files[0].read_text().startswith("PAIRS\n")
    finally:
        kinds.formats.cache_clear()


def test_the_second_network_of_a_file_is_taken_by_its_number(tmp_path):
    first, second = (
        f"<graph edgedefault='directed'><node id='{a}'/><node id='{b}'/><edge source='{a}' target='{b}'/></graph>"
        for a, b in (("P1", "P2"), ("P2", "P3"))
    )
    path = tmp_path / "two.graphml"
    path.write_text(f"<graphml>{first}{second}</graphml>")
    graph, report = network.read_graph(path, number=2)
    assert list(graph.edges) == [("P2", "P3")]
    assert report.notes[0] == "The file holds 2 networks; this is number 2. Ask for another by its number."
    with pytest.raises(network.GraphFileError, match="holds 2 networks, numbered from 1, so there is no number 3"):
        network.read_graph(path, number=3)


@pytest.fixture
def folder_of_a_study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(
        'key = "forum"\ntitle = "A forum"\nprovenance = "simulated"\nprovenance_note = "by hand"\n'
        '[[waves]]\nkey = "before"\nlabel = "Before"\ndate = 2024-03-01\n'
        '[[relations]]\nkey = "advice"\nwording = "Whom do you ask?"\n'
    )
    (folder / "people.csv").write_text("person\nP1\nP2\nP3\n")
    (folder / "ties.csv").write_text("ego,alter,relation,wave\nP3,P1,advice,before\n")
    return folder
