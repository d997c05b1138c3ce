"""What RSiena and ergm read: codes for who was not there and who did not answer, and what cannot be told."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import networkx as nx
import pytest
from typer.testing import CliRunner

from cop_analysis import cli, network


@pytest.fixture
def waves(forum):
    return network.wave_graphs(forum)


def rows(path):
    return [line.split() for line in path.read_text().splitlines()]


def test_rsiena_codes_by_hand(waves, tmp_path):
    report = network.write_rsiena(waves, tmp_path)
    # Before: A names B, C; B names A; C names D; E names A; F has not joined yet.
    assert rows(tmp_path / "wave1.txt") == [
        ["0", "1", "1", "0", "0", "10"],
        ["1", "0", "0", "0", "0", "10"],
        ["0", "0", "0", "1", "0", "10"],
        ["0", "0", "0", "0", "0", "10"],
        ["1", "0", "0", "0", "0", "10"],
        ["10", "10", "10", "10", "10", "0"],
    ]
    # After: E did not answer, so what E would have named is not known.
    assert rows(tmp_path / "wave2.txt")[4] == ["NA", "NA", "NA", "NA", "0", "NA"]
    assert rows(tmp_path / "wave2.txt")[3] == ["0", "0", "0", "0", "1", "0"]
    assert rows(tmp_path / "composition.txt") == [["1", "2"]] * 5 + [["1.5", "2"]]
    with (tmp_path / "attributes.csv").open(newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == ["number", "organisation", "role"]
    assert [row[1] for row in table[1:]] == ["1", "1", "2", "2", "3", "3"]
    assert any("use one of the two" in note for note in report.notes)
    assert all(path.is_file() for path in report.files)


def test_undirected_ties_are_known_if_either_end_answered(tmp_path):
    first = nx.Graph([("a", "b"), ("c", "d")])
    second = nx.Graph([("a", "b"), ("c", "d")])
    for person in "cd":
        second.nodes[person]["answered"] = False
    network.write_rsiena([first, second], tmp_path)
    assert rows(tmp_path / "wave2.txt") == [
        ["0", "1", "0", "0"],
        ["1", "0", "0", "0"],
        ["0", "0", "0", "1"],
        ["0", "0", "1", "0"],
    ]
    second.remove_edge("c", "d")
    network.write_rsiena([first, second], tmp_path)
    assert rows(tmp_path / "wave2.txt")[2] == ["0", "0", "0", "NA"]


def test_changing_attributes_and_people_off_the_roster(tmp_path):
    first, second = nx.DiGraph([("a", "b"), ("a", "guest")]), nx.DiGraph([("a", "b"), ("b", "b")])
    first.nodes["guest"]["rostered"] = False
    for graph, role in ((first, "nurse"), (second, "=lead")):
        graph.nodes["a"]["role"] = role
    report = network.write_rsiena({"before": first, "after": second}, tmp_path)
    assert len(rows(tmp_path / "wave1.txt")) == 2
    assert (tmp_path / "varying_1.csv").read_text().split() == ["wave", "1,wave", "2", "2,1", "NA,NA"]
    assert '"\'=lead"' in (tmp_path / "attribute_codes.csv").read_text()
    said = report.sentence
    for part in (
        "1 person was named in ties but on no roster",
        "1 tie of a person with themselves is left out",
        "changes between waves",
    ):
        assert part in said


def test_a_leaver_who_returns(tmp_path):
    there, away = nx.DiGraph([("a", "b")]), nx.DiGraph()
    away.add_node("a")
    network.write_rsiena([there, away, there], tmp_path)
    assert rows(tmp_path / "composition.txt") == [["1", "3"], ["1", "1.5", "2.5", "3"]]


def test_ergm_matrices_are_read_back(waves, tmp_path):
    network.write_ergm(waves, tmp_path)
    for key, file in (("before", "wave1_ties.csv"), ("after", "wave2_ties.csv")):
        again, report = network.read_graph(tmp_path / file)
        assert set(again.edges) == set(waves[key].edges)
        assert set(again) == set(waves[key])
    assert any("missing (NA)" in note for note in report.notes)
    strengths, _ = network.read_graph(tmp_path / "wave1_strength.csv")
    assert strengths.edges["A", "B"]["weight"] == 3


@pytest.mark.slow
def test_r_reads_the_networks_with_every_name_and_value_as_it_was(tmp_path):
    if (
        shutil.which("Rscript") is None
        or subprocess.run(["Rscript", "-e", "library(network)"], capture_output=True, check=False).returncode
    ):
        pytest.skip("R with its package network is not here")
    names = ["007", "1e5", "NA", "true", "=1", "Zoë Ŵyn", "x,y", 'say "x"', "'q'", "line\nbreak"]
    graph = nx.DiGraph()
    for number, name in enumerate(names):
        graph.add_node(
            name, code="NA" if number else None, age=20 + number, lead=bool(number % 2), answered=number != 3
        )
    graph.add_weighted_edges_from((names[n], names[n - 1], n) for n in (1, 2, 5))
    network.write_ergm([graph, nx.DiGraph([("a", "b")])], tmp_path)
    asked = (
        'suppressMessages(source("read_into_ergm.R")); x <- networks[[1]]; cat("HERE\\n"); '
        'cat(gsub("\n", "|", network.vertex.names(x)), sep = "\\n"); cat(x %v% "code", "\\n"); '
        'cat(x %v% "age", "\\n"); '
        'cat(x %v% "lead", "\\n"); cat(network.edgecount(x), network.naedgecount(x), "\\n"); '
        'w <- as.matrix(x, attrname = "strength"); cat(w[2, 1], w[3, 2], w[6, 5], "\\n"); '
        "cat(network.size(networks[[2]]), is.directed(networks[[2]]))"
    )
    run = subprocess.run(["Rscript", "--encoding=UTF-8", "-e", asked], cwd=tmp_path, capture_output=True, text=True,
                         check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})  # fmt: skip
    told = run.stdout.split("HERE\n")[1].splitlines()
    assert told[:10] == [name.replace("\n", "|") for name in names]
    assert told[10].split() == ["NA"] * 10
    assert told[11].split() == [str(20 + n) for n in range(10)]
    assert told[12].split() == ["FALSE", "TRUE"] * 5
    # 3 ties are known, and the 9 that the fourth could have named are not.
    assert [line.split() for line in told[13:]] == [["3", "9"], ["1", "2", "5"], ["2", "TRUE"]]


def test_waves_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(ValueError, match="two waves or more"):
        network.write_rsiena([nx.DiGraph()], tmp_path)
    with pytest.raises(ValueError, match="Some waves are directed"):
        network.write_rsiena([nx.DiGraph(), nx.Graph()], tmp_path)
    with pytest.raises(ValueError, match="no wave"):
        network.write_ergm([], tmp_path)
    with pytest.raises(ValueError, match="5,000 at most"):
        network.write_ergm(nx.empty_graph(5001), tmp_path)


@pytest.mark.slow
def test_the_command_writes_every_format(tmp_path):
    study = Path(__file__).parents[3] / "data" / "nmp_forum"
    for kind in ("graphml", "gexf", "pajek", "dl", "vna", "csv", "rsiena", "ergm"):
        told = CliRunner().invoke(
            cli.app, ["export-network", str(study), "--format", kind, "--out", str(tmp_path / kind)]
        )
        assert told.exit_code == 0, told.output
        # A wave's file holds the wave's people, R's matrices everybody of either wave.
        people = 30 if kind in ("rsiena", "ergm") else 29
        assert f"{people} nodes" in told.output
    again, _ = network.read_graph(tmp_path / "pajek" / "advice_baseline.paj")
    assert again.nodes["P01"]["organisation"] == "HOSP_A"


@pytest.mark.slow
def test_the_command_refuses_in_one_sentence(tmp_path):
    data = Path(__file__).parents[3] / "data"

    def run(*words):
        return CliRunner().invoke(cli.app, ["export-network", *map(str, words), "--out", str(tmp_path)])

    assert "There is no format 'png'" in run(data / "nmp_forum", "--format", "png").output
    assert run(data / "nmp_forum", "--format", "png").exit_code == 2
    assert "no relation 'love'" in run(data / "nmp_forum", "--format", "dl", "--relation", "love").output
    assert "no wave 'later'" in run(data / "nmp_forum", "--format", "dl", "--wave", "later").output
    assert "no ties table" in run(data / "cancer_cop", "--format", "dl").output
    assert run(tmp_path / "none", "--format", "dl").exit_code == 2
