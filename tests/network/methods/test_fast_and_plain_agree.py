"""The compiled loops give what the numpy ones give; where numba is not installed they are run as plain Python."""

import subprocess
import sys
from importlib.util import find_spec

import networkx as nx
import numpy as np
import pytest

from cop_analysis.network import brokerage, ei_index, qap_correlation, structural_holes
from cop_analysis.network.methods import kernels
from cop_analysis.network.methods.brokers import ROLES
from cop_analysis.network.methods.centralities import count_paths
from cop_analysis.network.methods.chance import arrangements
from cop_analysis.network.methods.graphs import adjacency_of


@pytest.fixture(params=["plain Python", "numba"])
def compiled_loops(request, monkeypatch):
    """Let every measure take its compiled path, run by numba or by Python itself."""
    if request.param == "numba":
        pytest.importorskip("numba")
        monkeypatch.setattr(kernels, "kernel", lambda name, steps, people=0: kernels._compiled(name))
    else:
        monkeypatch.setattr(kernels, "kernel", lambda name, steps, people=0: getattr(kernels, name))
    for module in ("chance", "brokers", "mixing", "centralities", "matrix_tests"):
        monkeypatch.setattr(sys.modules[f"cop_analysis.network.methods.{module}"], "kernel", kernels.kernel)


@pytest.fixture
def networks():
    graphs = [nx.gnm_random_graph(30, 90, seed=n, directed=bool(n % 2)) for n in range(2)]
    for graph in graphs:
        nx.set_node_attributes(graph, {n: n % 4 for n in graph}, "organisation")
    return graphs


# What numpy gives; the fixture `compiled_loops` is not yet in force here.
@pytest.fixture
def by_numpy(networks):
    def everything():
        found = []
        for graph in networks:
            paths = count_paths(adjacency_of(graph))
            found.append(
                (
                    ei_index(graph, permutations=40, seed=1).p_value,
                    qap_correlation(graph, networks[0], 40, seed=1),
                    structural_holes(graph).drop(columns="node").to_numpy(dtype=float),
                    paths.betweenness,
                    paths.distance,
                    brokerage(graph).table[[*ROLES, "total"]].to_numpy(),
                    np.hstack(list(arrangements(np.arange(9), 21, seed=5, at_once=8))),
                )
            )
        return found

    before = everything()
    return everything, before


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_with_and_without_numba_alike(by_numpy, compiled_loops):
    everything, before = by_numpy
    for plain, fast in zip(before, everything(), strict=True):
        assert plain[:2] == fast[:2]
        for one, other in zip(plain[2:6], fast[2:6], strict=True):
            assert other == pytest.approx(one, abs=1e-10, nan_ok=True)
        assert (plain[6] == fast[6]).all()


def test_arrangements_do_not_depend_on_the_size_of_a_batch_and_are_fair():
    whole = np.hstack(list(arrangements(np.arange(4), 6000, seed=3)))
    parts = np.hstack(list(arrangements(np.arange(4), 6000, seed=3, at_once=7)))
    assert (whole == parts).all()
    assert (np.sort(whole, axis=0) == np.arange(4)[:, None]).all()
    codes, counts = np.unique(whole.T @ [1, 4, 16, 64], return_counts=True)
    assert len(codes) == 24
    # Chi-squared over the 24 arrangements; 23 degrees of freedom, 49.7 at p = .001.
    assert np.sum((counts - 250) ** 2 / 250) < 49.7
    assert next(arrangements(np.arange(0), 3, seed=1)).shape == (0, 3)


@pytest.mark.slow
def test_numba_is_neither_needed_nor_imported_for_ordinary_work():
    code = (
        "import sys, networkx as nx\n"
        "from cop_analysis import network\n"
        "assert 'scipy' not in sys.modules and 'matplotlib' not in sys.modules and 'numba' not in sys.modules\n"
        "graph = nx.gnm_random_graph(60, 200, seed=1)\n"
        "nx.set_node_attributes(graph, {n: n % 4 for n in graph}, 'organisation')\n"
        "network.ei_index(graph, permutations=999); network.structural_holes(graph); network.centrality(graph)\n"
        "assert 'numba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)


def test_the_extra_is_found_without_importing_it():
    assert kernels.fast_is_installed() == (find_spec("numba") is not None)
    assert kernels.kernel("betweenness", 1, 10**6) is None
