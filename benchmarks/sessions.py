"""How fast reach, ratings and the number audit are: intervals beside scipy and R, the rest by size, in one run.

Wilson's interval for many shares is measured against `scipy.stats.binomtest(...).proportion_ci(method="wilson")` and,
where R is installed, against `prop.test(..., correct = FALSE)`; all three have to agree to 12 digits, or the run fails.
A chart of 24 values is measured against R's NHSRplotthedots where R has it. What has no peer (the audit, the pages) is
measured alone, by size. Data are invented, from a seed. Times are medians.

    python benchmarks/sessions.py [--rounds 5]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

SHARES = 1_000


def median_time(call: Callable[[], object], rounds: int) -> float:
    """Time a call, once unmeasured so that nothing is loaded inside a measurement."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def invented_shares(count: int = SHARES) -> list[tuple[int, int]]:
    """Invent counts and denominators such as events have."""
    random = np.random.default_rng(1)
    sizes = random.integers(5, 300, count)
    return [(int(random.binomial(size, 0.6)), int(size)) for size in sizes]


def wilson_beside_peers(rounds: int) -> list[tuple[str, float, float | None]]:
    """Give (what, our seconds, the peer's seconds) for Wilson's interval."""
    from scipy.stats import binomtest

    from cop_analysis.sessions import wilson

    pairs = invented_shares()
    ours = [wilson(*pair) for pair in pairs]
    theirs = [binomtest(*pair).proportion_ci(method="wilson") for pair in pairs]
    agrees = np.allclose([(one.low, one.high) for one in ours], [(one.low, one.high) for one in theirs], atol=1e-12)
    if not agrees:
        raise SystemExit("Wilson's interval differs from scipy's.")
    own = median_time(lambda: [wilson(*pair) for pair in pairs], rounds)
    rows: list[tuple[str, float, float | None]] = [
        (f"wilson, {len(pairs):,} shares, scipy", own,
         median_time(lambda: [binomtest(*pair).proportion_ci(method="wilson") for pair in pairs], rounds))
    ]  # fmt: skip
    r = _wilson_in_r(pairs, rounds)
    if r is not None:
        seconds, limits = r
        if not np.allclose([(one.low, one.high) for one in ours], limits, atol=1e-12):
            raise SystemExit("Wilson's interval differs from R's.")
        rows.append((f"wilson, {len(pairs):,} shares, R prop.test", own, seconds))
    return rows


def _wilson_in_r(pairs: list[tuple[int, int]], rounds: int) -> tuple[float, list[list[float]]] | None:
    counts, sizes = (",".join(map(str, column)) for column in zip(*pairs, strict=True))
    script = f"""
        x <- c({counts}); n <- c({sizes}); options(warn = -1)
        work <- function() sapply(seq_along(x), function(i) prop.test(x[i], n[i], correct = FALSE)$conf.int)
        limits <- work()
        times <- sapply(1:{rounds}, function(i) system.time(work(), gcFirst = FALSE)[["elapsed"]])
        cat(format(median(times), digits = 15), "\\n")
        cat(format(limits, digits = 17), "\\n")
    """
    output = _in_r(script)
    if output is None:
        return None
    seconds, limits = output.split("\n")[:2]
    numbers = [float(value) for value in limits.split()]
    return float(seconds), [numbers[at : at + 2] for at in range(0, len(numbers), 2)]


def charts_beside_peer(rounds: int) -> list[tuple[str, float, float | None]]:
    """Give (what, our seconds, the peer's seconds) for a control chart of 24 values, without its picture."""
    from cop_analysis.sessions import control_chart

    values = np.random.default_rng(2).normal(4, 0.4, 24).round(3).tolist()
    own = median_time(lambda: control_chart(values, draw=False), rounds)
    script = f"""
        suppressMessages(library(NHSRplotthedots))
        days <- seq(as.Date("2024-01-01"), by = "month", length.out = 24)
        d <- data.frame(x = days, y = c({",".join(map(str, values))}))
        work <- function() ptd_spc(d, value_field = y, date_field = x)
        work()
        times <- sapply(1:{rounds}, function(i) system.time(work(), gcFirst = FALSE)[["elapsed"]])
        cat(format(median(times), digits = 15))
    """
    output = _in_r(script)
    what = "control chart, 24 values" + ("" if output is None else ", R NHSRplotthedots")
    rows: list[tuple[str, float, float | None]] = [(what, own, None if output is None else float(output))]
    large = np.random.default_rng(3).normal(4, 0.4, 10_000)
    rows.append(("control chart, 10,000 values", median_time(lambda: control_chart(large, draw=False), rounds), None))
    return rows


def _in_r(script: str) -> str | None:
    program = shutil.which("Rscript")
    if program is None:
        return None
    done = subprocess.run([program, "-"], input=script, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 and done.stdout.strip() else None


def audits(rounds: int) -> list[tuple[str, float, float | None]]:
    """Give (what, our seconds, None) for a stated total that no explanation fits: the longest search there is."""
    from cop_analysis.sessions import number_audit
    from cop_analysis.study import Study

    rows: list[tuple[str, float, float | None]] = []
    for size in (7, 1_000, 5_000):
        values = 2 * np.random.default_rng(4).integers(1, 100_000, size)
        days = pd.date_range("2000-01-01", periods=size, freq="2D").strftime("%Y-%m-%d")
        events = pd.DataFrame({"event": [f"E{at}" for at in range(size)], "date": days, "signed_up": values})
        stated = [{"what": "signed up", "value": int(values.sum()) - 99_999}]
        study = Study.from_tables(
            {"key": "demo", "title": "Demo", "provenance": "simulated", "stated": stated}, events=events
        )
        rows.append((f"number audit, {size:,} rows", median_time(lambda: number_audit(study), rounds), None))  # noqa: B023
    return rows


def pages(rounds: int) -> list[tuple[str, float, float | None]]:
    """Give (what, our seconds, None) for the parts of the page of a study of 1,000 people and 60 events."""
    import tempfile
    from pathlib import Path

    from cop_analysis import sessions
    from cop_analysis.simulate import choose_settings, simulate_study, write_study
    from cop_analysis.study import open_study

    settings = choose_settings("", people=1_000, events=60, months_between_events=1, transcripts=0, key="large")
    with tempfile.TemporaryDirectory() as folder:
        study = open_study(write_study(simulate_study(settings), Path(folder) / "large"))
    parts = (sessions.reach_flow, sessions.reach_by_event, sessions.funnel_plot, sessions.core_and_periphery,
             sessions.reach_by_organisation, sessions.session_mix, sessions.ratings_by_session,
             sessions.ratings_over_time)  # fmt: skip
    return [
        (f"{part.__name__}, 1,000 people at 60 events", median_time(lambda: part(study)._repr_html_(), rounds), None)  # noqa: B023
        for part in parts
    ]


def main() -> None:
    """Measure everything and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    rounds = parser.parse_args().rounds
    print(f"{'what':52} {'ours, ms':>10} {'peer, ms':>10} {'ratio':>7}")
    for measure in (wilson_beside_peers, charts_beside_peer, audits, pages):
        for what, own, peer in measure(rounds):
            beside = f"{1000 * peer:10.2f} {peer / own:6.1f}x" if peer is not None else f"{'':10} {'':>7}"
            print(f"{what:52} {1000 * own:10.2f} {beside}")


if __name__ == "__main__":
    main()
