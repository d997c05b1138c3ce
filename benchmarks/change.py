"""How fast the tests of change are beside scipy, on the same data in one run: run it, read the table of ratios.

Exact Pratt at n = 16, 60 and 200 against scipy's Monte-Carlo signed-rank test, maxT over 20 items with 10,000
arrangements against scipy's permutation test item by item, BCa over 20 items with 10,000 resamples against scipy's
vectorised BCa, and importing the room against importing scipy.stats and pandas. R's coin and multtest are measured
besides where R has them. Answers are invented, from a seed. Times are medians.

    python benchmarks/change.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from _judging import busy, verdict

AIMS = {"exact Pratt, n = 60": 100.0, "maxT, 20 x 10,000": 50.0, "BCa, 20 x 10,000": 5.0}
"""How many times as fast as scipy the project aims to be."""

IMPORT_AIM = 1.3
"""How many times as long as importing scipy.stats and pandas importing cop_analysis.change may take."""


def median_time(call: Callable[[], object], rounds: int) -> float:
    """Time a call, once unmeasured so that nothing is loaded inside a measurement."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def answers(people: int, items: int = 1, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Invent answers on a five-point scale that rise a little."""
    random = np.random.default_rng(seed)
    before = random.integers(1, 6, (people, items)).astype(float)
    after = np.clip(before + random.choice([-1, 0, 1, 2], (people, items), p=[0.2, 0.35, 0.35, 0.1]), 1, 5)
    return before, after


def pratt(rounds: int) -> list[tuple[str, float, float]]:
    """Measure the exact test against scipy's Monte-Carlo one (its exact method is wrong with ties and zeros)."""
    from scipy import stats

    from cop_analysis.change import signed_rank

    rows = []
    for people in (16, 60, 200):
        before, after = (column[:, 0] for column in answers(people))
        change = after - before

        def theirs(change: np.ndarray = change) -> object:
            method = stats.PermutationMethod(n_resamples=9999, rng=np.random.default_rng(1))
            return stats.wilcoxon(change, zero_method="pratt", method=method)

        def ours(before: np.ndarray = before, after: np.ndarray = after) -> object:
            return signed_rank(before, after)

        rows.append((f"exact Pratt, n = {people}", median_time(ours, 5 * rounds), median_time(theirs, min(rounds, 5))))
    return rows


def max_t_rows(rounds: int) -> list[tuple[str, float, float]]:
    """Measure maxT over twenty items against a permutation test an item, which does not even adjust.

    Once with scipy's own paired t as its statistic, once with the leanest vectorised form of it.
    """
    from scipy import stats

    from cop_analysis.change import max_t

    before, after = answers(22, 20)
    first, last = pd.DataFrame(before), pd.DataFrame(after)
    statistics_of = {
        "maxT, 20 x 10,000": lambda d, axis: stats.ttest_1samp(d, 0, axis=axis).statistic,
        "  against a bare t": lambda d, axis: d.mean(axis=axis) / d.std(axis=axis, ddof=1),
    }
    ours = median_time(lambda: max_t(first, last, 10_000, 1), 3 * rounds)
    rows = []
    for name, statistic in statistics_of.items():

        def theirs(statistic: Callable[..., object] = statistic) -> None:
            for item in range(20):
                stats.permutation_test(
                    (after[:, item] - before[:, item],), statistic, permutation_type="samples", n_resamples=10_000,
                    vectorized=True, rng=np.random.default_rng(1),
                )  # fmt: skip

        rows.append((name, ours, median_time(theirs, min(rounds, 3))))
    return rows


def bca_row(rounds: int, people: int = 22) -> tuple[str, float, float]:
    """Measure BCa over twenty items against scipy's, all items at once."""
    from scipy import stats

    from cop_analysis.change import bootstrap_means

    before, after = answers(people, 20)
    change = pd.DataFrame(after - before)
    columns = change.to_numpy().T.copy()

    def theirs() -> object:
        return stats.bootstrap(
            (columns,), np.mean, axis=-1, n_resamples=10_000, method="BCa", rng=np.random.default_rng(1)
        )

    name = "BCa, 20 x 10,000" + ("" if people == 22 else f", n = {people}")
    return (
        name,
        median_time(lambda: bootstrap_means(change, 10_000, 1), 3 * rounds),
        median_time(theirs, min(rounds, 5)),
    )


def import_row(rounds: int) -> tuple[str, float, float]:
    """Measure importing the room against importing what anybody would import, each in a process of its own."""
    commands = {"ours": "import cop_analysis.change", "theirs": "import scipy.stats, pandas", "bare": "pass"}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", command], check=True)
            times[name].append(time.perf_counter() - start)
    bare = min(times["bare"])
    return "import", min(times["ours"]) - bare, min(times["theirs"]) - bare


def in_r(rounds: int) -> list[str]:
    """Measure R's coin and multtest on the same answers where they are installed; say so where they are not."""
    if shutil.which("Rscript") is None:
        return ["R is not installed here: coin and multtest were not measured."]
    lines = [f"pre <- {_in_r(answers(60)[0][:, 0])}; post <- {_in_r(answers(60)[1][:, 0])}"]
    # A row a person, a column an item; filled column by column, as R does.
    lines += [f"{name} <- matrix({_in_r(table.T)}, 22)" for name, table in zip("ab", answers(22, 20), strict=True)]
    script = f"""
    {"; ".join(lines)}
    clock <- function(f) {{
      f(); 1000 * median(sapply(1:{rounds}, function(i) system.time(for (k in 1:5) f())[["elapsed"]])) / 5
    }}
    if (requireNamespace("coin", quietly = TRUE)) {{
      pratt <- function() coin::pvalue(coin::wilcoxsign_test(post ~ pre, distribution = "exact", zero.method = "Pratt"))
      cat("coin, exact Pratt, n = 60:", round(clock(pratt), 2), "ms\n")
      d <- data.frame(rbind(a, b), wave = gl(2, 22), person = factor(rep(1:22, 2)))
      model <- as.formula(paste(paste(names(d)[1:20], collapse = " + "), "~ wave | person"))
      drawn <- function() coin::pvalue(coin::symmetry_test(model, d, distribution = coin::approximate(10000)),
                                       method = "step-down")
      cat("coin, maxT, 20 x 10,000:", round(clock(drawn), 1), "ms\n")
    }} else cat("coin is not installed\n")
    if (requireNamespace("multtest", quietly = TRUE)) {{
      x <- matrix(rbind(t(a), t(b)), 20); label <- rep(0:1, 22)
      flips <- function() capture.output(multtest::mt.maxT(x, label, test = "pairt", B = 10000))
      cat("multtest, maxT, 20 x 10,000:", round(clock(flips), 1), "ms\n")
    }} else cat("multtest is not installed\n")
    """
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    return [*done.stdout.strip().splitlines(), *([] if done.returncode == 0 else ["R failed: see its own output."])]


def _in_r(values: np.ndarray) -> str:
    return f"c({','.join(str(int(value)) for value in values.ravel())})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured")
    rounds = parser.parse_args().rounds
    import scipy

    print(f"numpy {np.__version__}, scipy {scipy.__version__}, pandas {pd.__version__}")
    print(f"{'':24}{'ours':>12}{'scipy':>12}{'ratio':>9}  aim")
    crowd = busy()
    rows = [*pratt(rounds), *max_t_rows(rounds), bca_row(rounds), bca_row(rounds, 60)]
    for name, ours, theirs in rows:
        aim = f"at least {AIMS[name]:g}x  {verdict(ours, theirs / AIMS[name], crowd)}" if name in AIMS else ""
        print(f"{name:24}{1000 * ours:>9.3f} ms{1000 * theirs:>9.1f} ms{theirs / ours:>8.1f}x  {aim}")
    name, ours, theirs = import_row(rounds)
    aim = f"at most {IMPORT_AIM}  {verdict(ours, theirs * IMPORT_AIM, max(crowd, busy()))}"
    print(f"{name:24}{1000 * ours:>9.0f} ms{1000 * theirs:>9.0f} ms{ours / theirs:>8.2f}   {aim}")
    for line in in_r(rounds):
        print(line)


if __name__ == "__main__":
    main()
