"""How long a study's report takes, from command to finished pages, beside plain papermill and nbconvert.

Both do the same notebooks on the same study in one run of this script, in turns, so that a busy machine slows both
alike. The peer is what a team would type without us: for each notebook `papermill`, then `jupyter nbconvert --to html`,
one after another. Ours is one `cop report`, which also checks the study, writes tables, figures and provenance.

    python benchmarks/report.py [--study data/nmp_forum] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _judging import verdict

ROOT = Path(__file__).resolve().parent.parent
TARGET = 0.6


def run(*words: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


def ours(study: Path, folder: Path) -> float:
    started = time.perf_counter()
    run("-m", "cop_analysis", "report", str(study), "--out", str(folder))
    seconds = time.perf_counter() - started
    assert list(folder.glob("*/*/run.json")), "no report was written"
    return seconds


def plain(study: Path, folder: Path, notebooks: list[Path]) -> float:
    started = time.perf_counter()
    for notebook in notebooks:
        executed = folder / notebook.name
        run("-m", "papermill", str(notebook), str(executed), "-p", "study", str(study), "--no-progress-bar")
        run("-m", "nbconvert", "--to", "html", str(executed))
    seconds = time.perf_counter() - started
    assert len(list(folder.glob("*.html"))) == len(notebooks), "a page is missing"
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=ROOT / "data" / "nmp_forum")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    study = asked.study.resolve()
    notebooks = sorted((ROOT / "notebooks").glob("0[1-9]_*.ipynb"))
    print(f"{len(notebooks)} notebooks on {study.name}, {os.cpu_count()} cores, {asked.rounds} rounds; seconds")
    times: dict[str, list[float]] = {"cop report": [], "papermill + nbconvert": []}
    for number in range(1, asked.rounds + 1):
        base = Path(tempfile.mkdtemp(prefix="cop-benchmark-"))
        try:
            (base / "plain").mkdir()
            times["cop report"].append(ours(study, base / "ours"))
            times["papermill + nbconvert"].append(plain(study, base / "plain", notebooks))
        finally:
            shutil.rmtree(base, ignore_errors=True)
        print(f"  round {number}: " + ", ".join(f"{name} {found[-1]:.1f}" for name, found in times.items()), flush=True)
    one, other = (statistics.median(found) for found in times.values())
    ratio = statistics.median(a / b for a, b in zip(*times.values(), strict=True))
    judged = verdict(ratio, TARGET)  # a ratio of two runs in turns: a busy machine slows both
    print(f"median: cop report {one:.1f}, papermill + nbconvert {other:.1f}")
    print(f"ratio {ratio:.2f} (target {TARGET}: {judged})")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
