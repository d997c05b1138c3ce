"""How long a report takes on a large study, how much memory it takes, and what its pages are like to open.

Two simulated studies: 1,000 people with 5,000 extracts, and 10,000 people with 20,000 extracts. For each, one
`cop report` without numba (as if the extra `[fast]` were not installed) is watched from outside: its time, the
processor time and the memory of it and its kernels together, and for each notebook its own time and peak. Then each
page is opened in Chromium: its size, its height, and the seconds until it has loaded and been laid out.

    python benchmarks/scale.py                     both sizes
    python benchmarks/scale.py --people 1000       one of them
    python benchmarks/scale.py --workers 1         one notebook at a time

The aims are for two cores that nothing else uses. A plain loop is timed before and after; where the machine was busy,
what is missed is called so.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _judging import busy, verdict

ROOT = Path(__file__).resolve().parent.parent
PAGE_SECONDS = 2.0


@dataclass(frozen=True)
class Size:
    """A size of study with what it is to be done in: seconds, and megabytes."""

    people: int
    organisations: int
    transcripts: int
    extracts: int
    seconds: float
    megabytes: float


SIZES = (Size(1_000, 40, 60, 5_000, 60, 1_024), Size(10_000, 200, 150, 20_000, 300, 4_096))


def make(size: Size, folder: Path) -> None:
    """Write the study; the same for the same size."""
    from cop_analysis import simulate

    settings = simulate.choose_settings(
        people=size.people, organisations=size.organisations, transcripts=size.transcripts, extracts=size.extracts,
        transcript_words=2_500, configurations=20, events=12, key=f"scale_{size.people}",
        title=f"{size.people:,} people",
    )  # fmt: skip
    simulate.write_study(simulate.simulate_study(settings), folder)


class Watch:
    """Looks at a process and its children until told to stop, and keeps the most memory they held together."""

    def __init__(self, process: int) -> None:
        self.process, self.most = process, 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        import psutil

        while not self._ended.wait(0.25):
            total = 0
            try:
                top = psutil.Process(self.process)
                for one in (top, *top.children(recursive=True)):
                    try:
                        full = one.memory_full_info()
                        # What processes share (libraries) counts once among them, where the system tells.
                        total += getattr(full, "pss", 0) or full.rss
                    except psutil.Error:
                        continue
            except psutil.Error:
                continue
            self.most = max(self.most, total / 2**20)


def hold(megabytes: int) -> None:
    """Let no process from here on take more address space than this; a kernel that asks for more ends, and says so."""
    if megabytes:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))


def report(
    study: Path, out: Path, workers: int | None, notebooks: list[str], limit: int
) -> tuple[float, float, float, dict[str, Any]]:
    """Run `cop report` without numba; give its seconds, those of processor, the peak of its memory, and its record."""
    without = out.parent / "without"
    without.mkdir(exist_ok=True)
    # A name that stands for nothing in sys.modules cannot be imported and is not found.
    (without / "sitecustomize.py").write_text("import sys\nsys.modules['numba'] = None\n", encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(without), str(ROOT), os.environ.get("PYTHONPATH", "")]))
    words = [sys.executable, "-m", "cop_analysis", "report", str(study), "--out", str(out)]
    words += [] if workers is None else ["--workers", str(workers)]
    words += [word for name in notebooks for word in ("--notebook", name)]
    before = _worked()
    started = time.perf_counter()
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, preexec_fn=lambda: hold(limit))  # fmt: skip
    with Watch(process.pid) as watch:
        said, _ = process.communicate()
    seconds = time.perf_counter() - started
    records = sorted(out.glob("*/*/run.json"))
    if not records:
        sys.exit(f"cop report ended with {process.returncode}:\n{said[-3000:]}")
    record = json.loads(records[-1].read_text(encoding="utf-8"))
    record["place"] = str(records[-1].parent)
    return seconds, _worked() - before, watch.most, record


def _worked() -> float:
    """Seconds of processor of all processes begun from here that have ended, their kernels included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def open_pages(folder: Path) -> list[tuple[str, float, float, float]]:
    """Open every page in Chromium; give its name, kilobytes, height in pixels, and seconds until it is laid out."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("  No Chromium on this machine: pages were not opened.")
        return []
    found = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in sorted(folder.rglob("*.html")):
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            started = time.perf_counter()
            page.goto(path.as_uri(), wait_until="load", timeout=120_000)
            height = page.evaluate("document.documentElement.scrollHeight")
            seconds = time.perf_counter() - started
            found.append((path.relative_to(folder).as_posix(), path.stat().st_size / 1024, height, seconds))
            page.close()
        browser.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, choices=[size.people for size in SIZES])
    parser.add_argument("--workers", type=int, help="notebooks at once; as cop report chooses where left out")
    parser.add_argument("--notebook", action="append", default=[], help="only this notebook; may be repeated")
    parser.add_argument(
        "--limit", type=int, default=8_000, help="megabytes of address space for each process; 0 for none"
    )
    parser.add_argument("--keep", type=Path, help="leave study and report in this folder")
    asked = parser.parse_args()
    missed = 0
    for size in SIZES:
        if asked.people not in (None, size.people):
            continue
        place = Path(tempfile.mkdtemp(prefix="cop-scale-"))
        try:
            make(size, place / "study")
            before = busy()
            seconds, worked, memory, record = report(
                place / "study", place / "outputs", asked.workers, asked.notebook, asked.limit
            )
            pages = open_pages(Path(record["place"]))
            crowd = max(before, busy())
            print(f"\n{size.people:,} people, {size.extracts:,} extracts, {os.cpu_count()} cores: {record['status']}")
            measured = (("time", seconds, size.seconds, "s"), ("memory", memory, size.megabytes, "MB"))
            for what, took, aim, unit in measured:
                judged = verdict(took, aim, crowd if unit == "s" else 1.0)
                missed += judged == "MISSED"
                print(f"  {what:10}{took:10,.0f} {unit:3} aim {aim:6,.0f}  {judged}")
            print(f"  processor {worked:10,.0f} s    of all its processes together")
            print(f"  {'notebook':32}{'seconds':>9}{'peak MB':>9}")
            for one in record["notebooks"]:
                peak = "" if one.get("megabytes") is None else f"{one['megabytes']:,.0f}"
                why = f": {one['reason'][:90]}" if one["reason"] else ""
                print(f"  {one['name']:32}{one['seconds']:9.1f}{peak:>9}  {one['status']}{why}")
            print(f"  {'page':44}{'kB':>8}{'height':>10}{'seconds':>9}")
            pages.sort(key=lambda page: -page[3])
            for name, kilobytes, height, took in pages[:20]:
                judged = verdict(took, PAGE_SECONDS, crowd)
                missed += judged == "MISSED"
                late = "" if judged == "kept" else f"  {judged}"
                print(f"  {name:44}{kilobytes:8,.0f}{height:10,.0f}{took:9.2f}{late}")
            if len(pages) > 20:
                print(f"  and {len(pages) - 20} more, each in less time than these")
            sys.stdout.flush()
            if asked.keep:
                asked.keep.mkdir(parents=True, exist_ok=True)
                shutil.move(place, asked.keep / f"{size.people}")
        finally:
            shutil.rmtree(place, ignore_errors=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
