"""Whether large inputs are answered in little time: the limits of seconds that no test can keep on a busy machine.

Tests count the work of these (calls, draws); here they are timed, one after another, on invented data from a seed.

    python benchmarks/limits.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from _judging import busy, verdict

AIMS = {
    "E-I index, 1,000 people, 10,000 permutations": 2.0,
    "number audit, 3,000 events": 8.0,
    "number audit, 1,000 rows that no explanation fits": 5.0,
    "check of 1,000,000 survey rows": 60.0,
}
"""Seconds the project aims at."""


def mixing() -> None:
    """Test the mixing of a large network."""
    import networkx as nx

    from cop_analysis.network import ei_index

    graph = nx.gnm_random_graph(1000, 5000, seed=1, directed=True)
    nx.set_node_attributes(graph, {n: n % 20 for n in graph}, "organisation")
    ei_index(graph, permutations=10_000, seed=1)


def audit(events: int, missing: int) -> None:
    """Look for what explains a stated total that is too low by `missing`."""
    from cop_analysis.sessions import number_audit
    from cop_analysis.study import Study

    values = 2 * np.random.default_rng(4).integers(1, 100_000, events)
    days = pd.date_range("2000-01-01", periods=events, freq="2D").strftime("%Y-%m-%d")
    table = pd.DataFrame({"event": [f"E{at}" for at in range(events)], "date": days, "signed_up": values})
    stated = [{"what": "signed up", "value": int(values.sum()) - missing}]
    number_audit(
        Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated", "stated": stated}, events=table)
    )


def check() -> None:
    """Check a survey of a million rows."""
    from cop_analysis.study import check_folder

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = ['key = "demo"', 'title = "Demo"', 'provenance = "simulated"', "[[waves]]", 'key = "baseline"',
                 'label = "Baseline"', "[[instruments]]", 'key = "confidence"', 'title = "Confidence"', "minimum = 1",
                 "maximum = 5", "[[instruments.items]]", 'key = "q01"', 'wording = "I am confident"']  # fmt: skip
        (folder / "study.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with (folder / "survey.csv").open("w", encoding="utf-8") as stream:
            stream.write("person,wave,item,score\n")
            stream.writelines(f"A{number},baseline,q01,3\n" for number in range(1_000_000))
        assert check_folder(folder) == []


def main() -> int:
    """Time each once and say which limits are kept."""
    work: list[Callable[[], None]] = [mixing, lambda: audit(3_000, 0), lambda: audit(1_000, 99_999), check]
    missed = 0
    for (name, aim), step in zip(AIMS.items(), work, strict=True):
        crowd = busy()
        start = time.perf_counter()
        step()
        took = time.perf_counter() - start
        judged = verdict(took, aim, max(crowd, busy()))
        missed += judged == "MISSED"
        print(f"{name:52}{took:7.2f} s   at most {aim:g} s   {judged}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
