"""How fast the network measures are, beside their peers on the same graphs in the same run.

    OPENBLAS_NUM_THREADS=1 python benchmarks/network.py            everything (four to five minutes)
    OPENBLAS_NUM_THREADS=1 python benchmarks/network.py --quick    without the national case

Times are processor time in one thread, so that what else a machine does counts little.

Peers: networkx or a plain loop over networkx, a plain numpy loop, igraph where it is installed, R's sna where Rscript
and sna are. A peer that would take minutes is run for fewer permutations and scaled up, which the table says. Each of
our rows is timed without numba and, where it is installed, with it; compiling is timed apart.
"""

import argparse
import gc
import importlib.util
import resource
import shutil
import subprocess
import sys
import time

import networkx as nx
import numpy as np
import pandas as pd

from cop_analysis import network
from cop_analysis.network.methods import kernels

PEOPLE, TIES, PERMUTATIONS = 1000, 5000, 10_000


def seconds(work, repeats=3):
    """Give the processor time of the best of a few runs, of many where a run is short; other work does not count."""
    times = []
    gc.collect()
    while len(times) < repeats or (repeats > 1 and sum(times) < 0.5 and len(times) < 200):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def show(what, ours, peers):
    best = min(value for _, value in ours)
    print(f"\n{what}")
    for name, value in ours:
        print(f"  {name:<44}{value * 1000:>12.1f} ms")
    for name, value in peers:
        print(
            f"  {name:<44}{value * 1000:>12.1f} ms  {value / best:>9.1f} x our best, {value / ours[0][1]:.1f} x plain"
        )


def both_ways(work):
    """Time without numba, and with it after it has been compiled."""
    kernels._switched_off = True
    rows = [("ours, without numba", seconds(work))]
    kernels._switched_off = False
    if "numba" in sys.modules:
        work()
        rows.append(("ours, with [fast]", seconds(work)))
    return rows


def labelled(graph, groups=20):
    nx.set_node_attributes(graph, {n: n % groups for n in graph}, "organisation")
    return graph


def compile_everything():
    if importlib.util.find_spec("numba") is None:
        print("numba (the extra [fast]) is not installed: everything is timed without it.")
        return
    start = time.perf_counter()
    import numba

    loaded = time.perf_counter() - start
    start = time.perf_counter()
    graph = labelled(nx.gnm_random_graph(50, 100, seed=1))
    threshold, kernels.WORTH_COMPILING = kernels.WORTH_COMPILING, 0
    network.ei_index(graph, permutations=9)
    network.qap_correlation(graph, graph, 9)
    network.structural_holes(graph)
    network.centrality(graph)
    kernels.WORTH_COMPILING = threshold
    print(f"numba {numba.__version__}: import {loaded:.1f} s, compiling or reading the compiled loops from its cache "
          f"{time.perf_counter() - start:.1f} s; neither is in the times below.")  # fmt: skip


def qap():
    rng = np.random.default_rng(1)
    for size, density in ((100, 0.1), (1000, 0.005)):
        one, other = ((rng.random((size, size)) < density).astype(float) for _ in range(2))
        off = ~np.eye(size, dtype=bool)
        some = 1000 if size == 100 else 20

        def plain(one=one, other=other, off=off, size=size, some=some):
            values = one[off]
            for _ in range(some):
                order = rng.permutation(size)
                np.corrcoef(values, other[np.ix_(order, order)][off])

        peers = [(f"numpy loop ({some} x {PERMUTATIONS // some})", seconds(plain, 1) * PERMUTATIONS / some)]
        in_r = r_seconds(
            f"g <- array(0, c(2, {size}, {size})); set.seed(1); g[1,,] <- rgraph({size}, tprob={density}); "
            f"g[2,,] <- rgraph({size}, tprob={density}); "
            f"t <- system.time(qaptest(g, gcor, g1=1, g2=2, reps={some})); cat(t[['user.self']])"
        )
        if in_r is not None:
            peers.append((f"R sna::qaptest ({some} x {PERMUTATIONS // some})", in_r * PERMUTATIONS / some))
        show(
            f"QAP, {PERMUTATIONS:,} permutations, n = {size}",
            both_ways(lambda one=one, other=other: network.qap_correlation(one, other, PERMUTATIONS, 1)),
            peers,
        )


def ei():
    graph = labelled(nx.gnm_random_graph(PEOPLE, TIES, seed=1, directed=True))

    def plain(some=50):
        rng = np.random.default_rng(1)
        labels = [graph.nodes[n]["organisation"] for n in graph]
        for _ in range(some):
            shuffled = dict(zip(graph, rng.permutation(labels), strict=True))
            sum(shuffled[tail] != shuffled[head] for tail, head in graph.edges())

    def with_numpy(some=1000):
        rng = np.random.default_rng(1)
        ties = np.array(graph.edges())
        labels = np.array([graph.nodes[n]["organisation"] for n in graph])
        for _ in range(some):
            shuffled = rng.permutation(labels)
            np.count_nonzero(shuffled[ties[:, 0]] != shuffled[ties[:, 1]])

    show(
        f"E-I index, {PERMUTATIONS:,} permutations, {PEOPLE:,} people, {TIES:,} ties",
        both_ways(lambda: network.ei_index(graph, permutations=PERMUTATIONS, seed=1)),
        [
            ("networkx loop (50 x 200)", seconds(plain, 1) * 200),
            ("numpy loop (1,000 x 10)", seconds(with_numpy, 1) * 10),
        ],
    )


def mrqap():
    rng = np.random.default_rng(2)
    outcome, one, other = ((rng.random((100, 100)) < 0.1).astype(float) for _ in range(3))
    off = ~np.eye(100, dtype=bool)

    def plain(some=100):
        target = outcome[off]
        for column, rest in ((one, other), (other, one)):
            base = np.column_stack([np.ones(9900), rest[off]])
            left = np.zeros((100, 100))
            left[off] = column[off] - base @ np.linalg.lstsq(base, column[off], rcond=None)[0]
            for _ in range(some):
                order = rng.permutation(100)
                np.linalg.lstsq(np.column_stack([left[np.ix_(order, order)][off], base]), target, rcond=None)

    show(
        f"MRQAP, two predictors, {PERMUTATIONS:,} permutations each, n = 100",
        both_ways(lambda: network.mrqap(outcome, {"one": one, "other": other}, PERMUTATIONS, 1)),
        [("numpy loop of full regressions (100 x 100)", seconds(plain, 1) * 100)],
    )


def projection():
    rng = np.random.default_rng(1)
    person, event = np.nonzero(rng.random((1000, 200)) < 0.05)
    seen = pd.DataFrame({"person": [f"P{n:04d}" for n in person], "event": [f"E{n:03d}" for n in event]})
    both = nx.Graph(seen.itertuples(index=False, name=None))
    people = seen["person"].unique()
    rows = [
        ("ours, matrix and table of pairs", seconds(lambda: network.project(seen).pairs)),
        ("ours, as a networkx graph", seconds(lambda: network.co_attendance(seen))),
    ]
    show(
        "Weighted projection, 1,000 people x 200 events, 5% attended",
        rows,
        [
            (
                "networkx.weighted_projected_graph",
                seconds(lambda: nx.bipartite.weighted_projected_graph(both, people), 2),
            )
        ],
    )


def brokerage():
    graph = labelled(nx.gnm_random_graph(PEOPLE, TIES, seed=1, directed=True))

    def plain():
        group = nx.get_node_attributes(graph, "organisation")
        counts = {}
        for broker in graph:
            for source in graph.predecessors(broker):
                for target in graph.successors(broker):
                    if source != target and not graph.has_edge(source, target):
                        a, b, c = group[source], group[broker], group[target]
                        role = (a == b, b == c, a == c)
                        counts[(broker, role)] = counts.get((broker, role), 0) + 1

    show(
        f"Brokerage, {PEOPLE:,} people, {TIES:,} ties (with expected values and z)",
        both_ways(lambda: network.brokerage(graph)),
        [("networkx loop (counts only)", seconds(plain, 1))],
    )


def positions():
    graph = nx.gnm_random_graph(PEOPLE, TIES, seed=1)
    ties = list(graph.edges())
    betweenness = [("networkx", seconds(lambda: nx.betweenness_centrality(graph, normalized=False), 1))]
    constraint = [("networkx", seconds(lambda: nx.constraint(graph), 1))]
    if importlib.util.find_spec("igraph"):
        import igraph

        ready = igraph.Graph(n=PEOPLE, edges=ties)
        betweenness.append(("igraph, its own graph", seconds(ready.betweenness)))
        betweenness.append(
            ("igraph, from the networkx graph", seconds(lambda: igraph.Graph.from_networkx(graph).betweenness()))
        )
        constraint.append(("igraph, its own graph", seconds(ready.constraint)))
        constraint.append(
            ("igraph, from the networkx graph", seconds(lambda: igraph.Graph.from_networkx(graph).constraint()))
        )
    show(
        f"Betweenness, {PEOPLE:,} people, {TIES:,} ties (ours: with closeness, from the networkx graph)",
        both_ways(lambda: network.centrality(graph)),
        betweenness,
    )
    show(
        f"Constraint, {PEOPLE:,} people, {TIES:,} ties (ours: with effective size, efficiency and hierarchy)",
        both_ways(lambda: network.structural_holes(graph)),
        constraint,
    )
    loops_alone(graph, constraint)


def loops_alone(graph, constraint):
    """Time the compiled loop for constraint by itself, as igraph's is timed on its own graph."""
    if "numba" not in sys.modules:
        return
    from cop_analysis.network.methods.graphs import adjacency_of

    either = adjacency_of(graph).either_way
    offsets, targets = either.indptr.astype(np.int64), either.indices.astype(np.int64)
    shares = either.data / np.repeat(either.sum(axis=1), np.diff(offsets))
    out, repeated = np.zeros(len(targets)), np.zeros(PEOPLE)
    loop = kernels._compiled("structural_holes")
    show(
        "Constraint with redundancy, the loop alone on a graph that is ready",
        [("ours, with [fast]", seconds(lambda: loop(offsets, targets, shares, shares, out, repeated)))],
        [row for row in constraint if row[0] == "igraph, its own graph"],
    )


NATIONAL = """
import resource, sys, time
import networkx as nx
from cop_analysis import network
if sys.argv[1] == "fast":
    import numba
    from cop_analysis.network.methods import kernels
    import numpy as np
    for kind in (np.uint8, np.uint16):
        out = np.zeros((4, 2), kind)
        kernels._compiled("shuffle_columns")(np.zeros(4, kind), np.uint64(1), 0, out)
        kernels._compiled("count_crossing")(np.zeros(1, np.int64), np.ones(1, np.int64), out, np.zeros(2, np.int64))
else:
    from cop_analysis.network.methods import kernels
    kernels._switched_off = True
graph = nx.gnm_random_graph(84_000, 336_000, seed=1)
nx.set_node_attributes(graph, {n: n % int(sys.argv[2]) for n in graph}, "organisation")
start = time.process_time()
found = network.ei_index(graph, permutations=10_000, seed=1)
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, found.p_value)
"""


def national():
    print("\nNational case: E-I index, 84,000 people, 336,000 ties, 10,000 permutations")
    ways = ["fast", "plain"] if importlib.util.find_spec("numba") else ["plain"]
    for organisations in (200, 2000):
        for way in ways if organisations == 2000 else ways[:1]:
            run = subprocess.run(
                [sys.executable, "-c", NATIONAL, way, str(organisations)], capture_output=True, text=True, check=True
            )
            took, memory, p_value = run.stdout.split()
            name = "with [fast]" if way == "fast" else "without numba"
            print(
                f"  {organisations:,} organisations, {name:<14}{float(took):>8.1f} s, {float(memory):.2f} GB at most, "
                f"p = {float(p_value):.4f}"
            )


def r_seconds(code):
    if shutil.which("Rscript") is None:
        return None
    run = subprocess.run(["Rscript", "-e", f"suppressMessages(library(sna)); {code}"], capture_output=True, text=True,
                         check=False)  # fmt: skip
    return float(run.stdout.split()[-1]) if run.returncode == 0 and run.stdout.split() else None


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="leave out the national case")
    chosen = arguments.parse_args()
    print(f"Python {sys.version.split()[0]}, numpy {np.__version__}, networkx {nx.__version__}, one process.")
    if shutil.which("Rscript") is None:
        print("R is not installed here, so its qaptest is not timed.")
    compile_everything()
    for part in (qap, ei, mrqap, projection, brokerage, positions):
        part()
    if not chosen.quick:
        national()
    print(f"\nMost memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
