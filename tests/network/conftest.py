import contextlib
import itertools
import json
import math
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from cop_analysis.study import Study

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="session")
def hightech():
    """Krackhardt's 21 high-tech managers: one directed graph a relation, with departments."""
    facts = json.loads((REFERENCE / "krackhardt_hightech.json").read_text(encoding="utf-8"))

    def graph_of(relation):
        graph = nx.DiGraph()
        graph.add_nodes_from((n + 1, {"department": letter}) for n, letter in enumerate(facts["department"]))
        graph.add_edges_from(
            (row + 1, column + 1)
            for row, line in enumerate(facts[relation])
            for column, mark in enumerate(line)
            if mark == "1"
        )
        return graph

    return graph_of


@pytest.fixture(scope="session")
def all_arrangements():
    """Let a measure draw every arrangement once, so that what it counts is known exactly and nothing is left to chance.

    With R = n! the p-value is (k + 1) / (n! + 1), k the arrangements of complete enumeration that are as extreme.
    """

    @contextlib.contextmanager
    def drawn_by(*modules):
        def every(values, permutations, seed, *, at_once=512):
            assert permutations == math.factorial(len(values))
            whole = np.array(list(itertools.permutations(range(len(values))))).reshape(-1, len(values)).T
            for start in range(0, whole.shape[1], at_once):
                yield np.ascontiguousarray(values[whole[:, start : start + at_once]])

        with pytest.MonkeyPatch.context() as patch:
            for module in modules:
                patch.setattr(sys.modules[f"cop_analysis.network.methods.{module}"], "arrangements", every)
            yield

    return drawn_by


@pytest.fixture
def grouped():
    """Make a graph from ties and a text with one letter a node, the letter being its organisation."""

    def make(ties, letters, kind=nx.Graph):
        graph = kind()
        graph.add_nodes_from((n, {"organisation": letter}) for n, letter in enumerate(letters))
        graph.add_edges_from(ties)
        return graph

    return make


CONFIG = {
    "key": "forum",
    "title": "A forum",
    "provenance": "simulated",
    "provenance_note": "six people by hand",
    "boundary": "Everybody on the mailing list on 1 March.",
    "waves": [
        {"key": "before", "label": "Before", "date": "2024-03-01"},
        {"key": "after", "label": "After", "date": "2024-09-01"},
    ],
    "relations": [{"key": "advice", "wording": "Whom do you ask for advice?"}, {"key": "knows_of"}],
}
# Three organisations of two. Before: 5 advice ties, 2 across. After: F has joined, E did not answer; 6 ties, 4 across.
TIES = [
    ("A", "B", "advice", 3, "before"),
    ("B", "A", "advice", 1, "before"),
    ("A", "C", "advice", 2, "before"),
    ("C", "D", "advice", 2, "before"),
    ("E", "A", "advice", None, "before"),
    ("A", "B", "advice", 3, "after"),
    ("A", "C", "advice", 2, "after"),
    ("B", "C", "advice", 1, "after"),
    ("C", "D", "advice", 2, "after"),
    ("D", "E", "advice", 2, "after"),
    ("F", "A", "advice", 1, "after"),
]
HOMES = {"A": "north", "B": "north", "C": "south", "D": "south", "E": "west", "F": "west"}


@pytest.fixture
def tables():
    """The forum's tables, checkable by hand."""
    return {
        "people": pd.DataFrame({"person": list(HOMES), "organisation": list(HOMES.values()), "role": "nurse"}),
        "organisations": pd.DataFrame({"organisation": ["north", "south", "west"], "name": ["North", "South", "West"]}),
        "ties": pd.DataFrame(TIES, columns=["ego", "alter", "relation", "strength", "wave"]),
        "rosters": pd.DataFrame(
            [(p, "before", "yes", "yes") for p in "ABCDE"]
            + [(p, "after", "yes", "no" if p == "E" else "yes") for p in "ABCDEF"],
            columns=["person", "wave", "asked", "answered"],
        ),
    }


@pytest.fixture
def make_study():
    def make(tables, **config):
        return Study.from_tables({**CONFIG, **config}, **tables)

    return make


@pytest.fixture
def forum(tables, make_study):
    return make_study(tables)


def reference(name):
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def florentine():
    """Padgett's 16 families: one undirected graph a relation, Pucci an isolate in both."""
    facts = reference("padgett_florentine")

    def graph_of(relation):
        graph = nx.Graph()
        graph.add_nodes_from(facts["families"])
        graph.add_edges_from(pair.split() for pair in facts[relation])
        return graph

    return graph_of


@pytest.fixture(scope="session")
def davis():
    """The attendance of 18 women at 14 events, as an attendance table."""
    facts = reference("davis_southern_women")
    return pd.DataFrame(
        [
            (f"E{number:02d}", woman)
            for woman, marks in zip(facts["women"], facts["attended"], strict=True)
            for number, mark in enumerate(marks, 1)
            if mark == "1"
        ],
        columns=["event", "person"],
    )


@pytest.fixture(scope="session")
def knoke():
    """Knoke's 10 organisations: one directed graph a relation."""
    facts = reference("knoke")

    def graph_of(relation):
        graph = nx.DiGraph()
        graph.add_nodes_from(range(10))
        graph.add_edges_from(
            (row, column) for row, line in enumerate(facts[relation]) for column, mark in enumerate(line) if mark == "1"
        )
        return graph

    return graph_of


@pytest.fixture(scope="session")
def lazega():
    """Lazega's 71 lawyers: one directed graph a relation, with office, practice, status and gender."""
    facts = reference("lazega_lawyers")
    names = ("office", "practice", "status", "gender")

    def graph_of(relation):
        graph = nx.DiGraph()
        graph.add_nodes_from((n, {name: facts[name][n] for name in names}) for n in range(71))
        graph.add_edges_from(
            (row, column) for row, line in enumerate(facts[relation]) for column, mark in enumerate(line) if mark == "1"
        )
        return graph

    return graph_of


@pytest.fixture(scope="session")
def zachary():
    """Zachary's karate club as networkx holds it, without its weights."""
    club = nx.karate_club_graph()
    graph = nx.Graph(club.edges())
    nx.set_node_attributes(graph, {n: data["club"] for n, data in club.nodes(data=True)}, "club")
    return graph


@pytest.fixture(scope="session")
def tenure():
    return reference("krackhardt_hightech")["tenure"]
