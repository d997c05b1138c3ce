"""Small files as other people keep them: names in rows, commas after DL, decimal commas, text after labels, GML."""

from __future__ import annotations

import os
from pathlib import Path

import networkx as nx
import pytest
from typer.testing import CliRunner

from cop_analysis import cli, files, network
from cop_analysis.network.exchange.bringing import appended, ties_for_study
from cop_analysis.study.template import new_study

CASES = Path(__file__).parents[2] / "cases"


@pytest.mark.parametrize(
    ("file", "ties"),
    [
        ("names-wide.csv", "1>2 1>3 1>4 2>1 2>3 3>2 3>1 4>1"),
        ("names-wide-semicolon.csv", "101>102 101>103 102>101 103>101 103>102"),
    ],
)
def test_a_person_and_whom_they_named_are_ties(file, ties):
    graph, report = network.read_graph(CASES / file)
    assert graph.is_directed()
    assert sorted(f"{tail}>{head}" for tail, head in graph.edges) == sorted(ties.split())
    assert "Each row is read as a person" in report.sentence
    assert not any("bipartite" in data for _, data in graph.nodes(data=True))


def test_numbered_columns_of_values_are_asked_about(tmp_path):
    path = tmp_path / "maybe.csv"
    path.write_text("id,item1,item2\n1,2,3\n2,1,3\n3,2,1\n")
    with pytest.raises(network.GraphFileError, match='layout="names" or layout="matrix"'):
        network.read_graph(path)
    assert network.read_graph(path, layout="names")[0].number_of_edges() == 6
    assert network.read_graph(path, layout="matrix")[0].nodes["item1"]["bipartite"] == 1


@pytest.mark.parametrize(
    "text", ["id,event1,event2\n1,1,0\n2,1,1\n", "p,e1,e2\na,1,0\nb,0,1\n", "x,p1,p2\np1,0,2\np2,1,0\n"]
)
def test_what_is_a_matrix_stays_one(tmp_path, text):
    path = tmp_path / "matrix.csv"
    path.write_text(text)
    assert "Each row is read as a person" not in network.read_graph(path)[1].sentence


def test_a_bare_list_of_pairs_is_asked_about(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text("1 2\n2 3\n3 1\n4 1\n")
    with pytest.raises(network.GraphFileError, match='layout="ties" or layout="matrix"'):
        network.read_graph(path)
    graph, _ = network.read_graph(path, layout="ties")
    assert sorted(graph.edges) == [("1", "2"), ("2", "3"), ("3", "1"), ("4", "1")]


def test_names_twice_and_gaps(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("person;contact 1;contact 2;contact 3\nann;bo;bo;\nbo;;NA;cy\n")
    graph, report = network.read_graph(path)
    assert sorted(graph.edges) == [("ann", "bo"), ("bo", "cy")]
    assert "1 name given twice by one person count" in report.sentence
    assert "1 of the people named have no row of their own" in report.sentence
    path.write_text("person;contact 1\nann;bo\nann;cy\n")
    with pytest.raises(network.GraphFileError, match="'ann' answers a second time"):
        network.read_graph(path)


def test_commas_in_a_dl_header():
    graph, report = network.read_graph(CASES / "commas.dl")
    assert (report.format, graph.number_of_nodes(), graph.number_of_edges()) == ("dl", 4, 6)


def test_decimal_commas():
    graph, _ = network.read_graph(CASES / "decimal-commas.csv")
    assert {frozenset(tie): data["weight"] for *tie, data in graph.edges(data=True)} == {
        frozenset("AB"): 1, frozenset("BC"): 0.5,
    }  # fmt: skip


def test_decimal_commas_in_a_list_of_ties_and_a_bare_matrix(tmp_path):
    path = tmp_path / "ties.csv"
    path.write_text("source;target;strength\na;b;0,5\nb;c;2\n")
    graph, _ = network.read_graph(path)
    assert [data["strength"] for *_, data in graph.edges(data=True)] == [0.5, 2]
    path.write_text("0;0,5\n1;0\n")
    graph, _ = network.read_graph(path)
    assert graph.edges["1", "2"]["weight"] == 0.5


def test_text_after_a_pajek_label_is_kept():
    graph, report = network.read_graph(CASES / "label-and-text.net")
    assert graph.number_of_edges() == 3
    assert {node: data["text"] for node, data in graph.nodes(data=True)} == {"98": "a", "11": "b", "38": "c d"}
    assert "kept as the attribute text" in report.sentence


# --- GML -----------------------------------------------------------------------------------------------------------


def test_gml_as_networkx_and_others_write_it(tmp_path):
    path = tmp_path / "karate.gml"
    nx.write_gml(nx.karate_club_graph(), path)
    graph, report = network.read_graph(path)
    assert (report.format, graph.number_of_nodes(), graph.number_of_edges()) == ("gml", 34, 78)
    assert nx.to_dict_of_dicts(graph)["0"]["1"]["weight"] == 4
    path.write_text('Creator "yEd"\nVersion 2\ngraph [ directed 1\n node [ id 7 label "A" graphics [ x 1.0 ] ]\n'
                    ' node [ id 9 label "A" ]\n edge [ source 7 target 9 ] ]\n')  # fmt: skip
    graph, report = network.read_graph(path)
    assert list(graph.edges) == [("A", "A (2)")]
    assert "graphics" in report.sentence


def test_gml_that_is_cut_short_is_refused(tmp_path):
    path = tmp_path / "short.gml"
    for text in (
        "graph [ node [ id 1",
        "graph [ node [ id 1 ] edge [ source 1 target 2 ] ]",
        "graph [ " + "a [ " * 5000,
    ):
        path.write_text(text)
        with pytest.raises(network.GraphFileError):
            network.read_graph(path)


# --- into a study --------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    (study / "study.toml").write_text(
        'schema_version = 1\nkey = "forum"\ntitle = "Forum"\nprovenance = "simulated"\nprovenance_note = "by hand"\n'
        'boundary = "all"\n[[waves]]\nkey = "w1"\nlabel = "W1"\ndate = 2024-01-01\n'
        '[[relations]]\nkey = "advice"\nwording = "?"\ndirected = true\n'
    )
    (study / "people.csv").write_text("person,organisation\n1,N\n2,N\n3,S\n")
    (study / "organisations.csv").write_text("organisation,name\nN,North\nS,South\n")
    return study


def run(*words):
    return CliRunner().invoke(cli.app, ["network", "import", *map(str, words)])


@pytest.mark.slow
def test_a_file_becomes_ties_of_a_study_and_every_row_is_accounted_for(folder):
    done = run(folder, CASES / "names-wide.csv")
    assert done.exit_code == 0, done.output
    assert "8 ties read, 6 kept, 2 set aside: 2 because somebody in it is not in people.csv" in done.output
    assert "Not in people.csv: 4." in done.output
    assert (folder / "ties.csv").read_text().splitlines()[:2] == ["ego,alter,relation,strength,wave", "1,2,advice,,w1"]
    again = run(folder, CASES / "names-wide.csv")
    assert "0 kept, 8 set aside" in again.output
    assert "6 because ties.csv holds it already" in again.output
    assert len((folder / "ties.csv").read_text().splitlines()) == 7
    more = run(folder, CASES / "names-wide.csv", "--add-people")
    assert "2 kept" in more.output
    assert (folder / "people.csv").read_text().splitlines()[-1] == "4,"
    assert CliRunner().invoke(cli.app, ["check", str(folder)]).exit_code == 0


@pytest.mark.slow
def test_a_study_without_relations_gets_one_where_that_is_asked_and_nothing_else_of_its_settings_is_touched(tmp_path):
    folder = new_study(tmp_path / "forum")
    settings = folder / "study.toml"
    before = settings.read_bytes().replace(b"\n", b"\r\n") + b"# the end, without a line end"
    settings.write_bytes(before)
    alone = run(folder, CASES / "names-wide.csv")
    assert alone.exit_code == 2
    assert "Name one with --relation, and have it added to study.toml with --add-relation." in alone.output
    only = run(folder, CASES / "names-wide.csv", "--relation", "advice", "--add-relation")
    assert "Name one with --wave, and have it added to study.toml with --add-wave." in only.output
    named = ("--relation", "advice", "--wave", "start", "--add-people")
    assert "--add-relation" in run(folder, CASES / "names-wide.csv", *named, "--add-wave").output
    assert settings.read_bytes() == before
    both = run(folder, CASES / "names-wide.csv", *named, "--add-relation", "--add-wave", "--undirected")
    assert both.exit_code == 0, both.output
    assert "The relation advice was added to study.toml, without a direction." in both.output
    after = settings.read_bytes()
    assert after.startswith(before)
    assert after[len(before) :] == (
        b'\r\n\r\n[[relations]]\r\nkey = "advice"\r\ndirected = false\r\n\r\n[[waves]]\r\nkey = "start"\r\n'
    )
    assert CliRunner().invoke(cli.app, ["check", str(folder)]).exit_code == 0
    wrong = run(folder, CASES / "names-wide.csv", "--relation", "Ask advice!", "--wave", "start", "--add-relation")
    assert "cannot be a key; write lower-case letters, digits and _" in wrong.output
    assert settings.read_bytes() == after


def test_what_a_spreadsheet_would_run_never_gets_into_a_table(folder, tmp_path):
    file = tmp_path / "foreign.csv"
    file.write_text('ego,alter\n1,2\n1,=cmd()\n2,"a\nb"\n2,5\n6,6\n')
    done = run(folder, file, "--add-people")
    assert "5 ties read, 2 kept, 3 set aside" in done.output
    assert "2 because an identifier in it begins as a formula does or holds what cannot be seen" in done.output
    assert "1 person added to people.csv" in done.output
    assert [row.split(",")[0] for row in (folder / "people.csv").read_text().splitlines()] == ["person", *"1235"]
    assert CliRunner().invoke(cli.app, ["check", str(folder)]).exit_code == 0


def test_a_tie_of_somebody_who_withdrew_is_not_written_a_second_time(folder):
    (folder / "people.csv").write_text("person,organisation,consent\n1,N,withdrawn\n2,N,yes\n3,S,yes\n")
    run(folder, CASES / "names-wide.csv")
    before = (folder / "ties.csv").read_bytes()
    assert "0 kept" in run(folder, CASES / "names-wide.csv").output
    assert (folder / "ties.csv").read_bytes() == before


def test_both_tables_are_written_or_neither(folder, monkeypatch):
    before = (folder / "people.csv").read_bytes()
    put = files.put_whole

    def full(path, content):
        if path.name == "ties.csv":
            raise OSError(28, "No space left on device")
        put(path, content)

    monkeypatch.setattr(files, "put_whole", full)
    done = run(folder, CASES / "names-wide.csv", "--add-people")
    assert done.exit_code == 3
    assert "Nothing was changed" in done.output
    assert (folder / "people.csv").read_bytes() == before
    assert not (folder / "ties.csv").exists()


def test_a_table_keeps_its_byte_order_mark_and_line_ends(folder):
    held = b"\xef\xbb\xbfego,alter,relation,strength,wave\r\n3,2,advice,,w1\r\n"
    (folder / "ties.csv").write_bytes(held)
    run(folder, CASES / "names-wide.csv")
    after = (folder / "ties.csv").read_bytes()
    assert after.startswith(held)
    assert after.count(b"\n") == after.count(b"\r\n") > 2


def test_looking_only_changes_nothing(folder):
    assert "6 kept" in run(folder, CASES / "names-wide.csv", "--dry-run").output
    assert not (folder / "ties.csv").exists()


def make_pipe(path):
    os.mkfifo(path)


def make_device(path):
    path.symlink_to("/dev/zero")


def make_sparse(path):
    with path.open("wb") as file:
        file.truncate(2 * 2**30)


def make_sparse_of_200_mb(path):
    with path.open("wb") as file:
        file.truncate(200 * 2**20)


def make_link_out(path):
    path.symlink_to("/etc/hostname")


def make_folder(path):
    path.mkdir()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_pipe, "is a pipe"), (make_device, "is a device"), (make_sparse, "2,048 MB"),
        (make_sparse_of_200_mb, "200 MB"), (make_folder, "is a folder"),
    ],
)  # fmt: skip
def test_what_is_no_network_file_is_refused_by_looking(folder, tmp_path, make, said):
    make(tmp_path / "net.csv")
    done = run(folder, tmp_path / "net.csv")
    assert done.exit_code == 2
    assert said in done.output
    assert len(done.output.splitlines()) == 1
    assert not (folder / "ties.csv").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
@pytest.mark.parametrize("make", [make_pipe, make_device, make_sparse, make_link_out, make_folder])
@pytest.mark.parametrize("table", ["ties.csv", "people.csv"])
def test_a_table_of_the_study_is_judged_before_anything_is_added_to_it(folder, make, table):
    (folder / table).unlink(missing_ok=True)
    make(folder / table)
    done = run(folder, CASES / "names-wide.csv", "--add-people")
    assert done.exit_code == 2
    assert "cop check" in done.output
    assert "Traceback" not in done.output


def test_refusals_say_what_to_do(folder):
    assert "It has: advice" in run(folder, CASES / "names-wide.csv", "--relation", "trust").output
    assert run(folder, folder / "nothing.csv").exit_code == 2
    events = folder / "events.csv.txt"
    events.write_text("p,e1,e2\na,1,0\nb,0,1\n")
    assert "two kinds of things" in run(folder, events).output


@pytest.mark.parametrize("suffix", [".graphml", ".gexf", ".net", ".dl", ".vna", ".gml", ".csv"])
def test_every_format_that_is_written_can_be_taken_in(folder, tmp_path, suffix):
    path = tmp_path / f"advice{suffix}"
    network.write_graph(nx.DiGraph([("1", "2", {"strength": 3}), ("3", "1", {"strength": 1})]), path)
    done = run(folder, path)
    assert "2 ties read, 2 kept, 0 set aside" in done.output, done.output
    assert "1,2,advice,3,w1" in (folder / "ties.csv").read_text()


def test_rows_read_are_rows_kept_and_set_aside():
    graph = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("a", "a"), ("a", "z")])
    graph.add_edge("b", "a", weight=-1)
    found = ties_for_study(graph, "advice", "w1", {"a", "b"})
    assert found.read == len(found.rows) + sum(found.set_aside.values()) == 5
    undirected = ties_for_study(nx.DiGraph([("a", "b"), ("b", "a")]), "advice", "w1", {"a", "b"}, directed=False)
    assert (len(undirected.rows), undirected.set_aside) == (1, {"the file holds it twice": 1})


def test_an_undirected_file_for_a_directed_relation_becomes_two_ties():
    found = ties_for_study(nx.Graph([("a", "b")]), "advice", "w1", {"a", "b"})
    assert [(row["ego"], row["alter"]) for row in found.rows] == [("a", "b"), ("b", "a")]
    assert "each was read as two" in found.sentence


def test_a_table_keeps_its_own_columns():
    row = {"ego": "a", "alter": "b", "relation": "r", "strength": "2", "wave": "w"}
    assert appended("ego,alter,relation,wave,note\nx,y,r,w,kept\n", [row]).splitlines() == [
        "ego,alter,relation,wave,note,strength", "x,y,r,w,kept,", "a,b,r,w,,2",
    ]  # fmt: skip


def test_exports_say_who_was_never_asked(tmp_path):
    done = CliRunner().invoke(
        cli.app, ["network", "export", str(CASES / "offroster"), "--format", "gml", "--out", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    graph, _ = network.read_graph(next(tmp_path.glob("*.gml")))
    assert graph.nodes["A1"]["answered"] == "yes"
    assert graph.nodes["X1"]["answered"] == "never asked"
