"""How long a large coding takes to open, list, change, merge and export, and how much memory: run it, read the table.

150 documents of 10,000 words, 50,000 extracts by 4 coders, 300 codes, 60 configurations with 6,000 links, in SQLite.
Each step runs in a process of its own, so that its peak memory is its own. All of it is invented, from a seed.

    python benchmarks/coding.py [--extracts 50000] [--documents 150] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _judging import busy, verdict

AIMS = {"open": 3.0, "merge": 10.0, "export": 20.0}
"""Seconds the project aims at."""

WORDS = 10_000
CODERS = ("coder-a", "coder-b", "coder-c", "coder-d")


def make(folder: Path, documents: int, extracts: int) -> None:
    """Write the study, and beside it the same study as two of its coders hold it."""
    from cop_analysis.realist import (
        Code,
        Coder,
        Coding,
        Configuration,
        Document,
        Evidence,
        Extract,
        Slot,
        Snapshot,
        write_coding,
    )

    chance = random.Random(20240401)
    lexicon = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randint(2, 9))) for _ in range(4_000)]
    texts, records = {}, []
    for number in range(documents):
        turns, left = [], WORDS
        while left > 0:
            length = min(left, chance.randint(20, 200))
            speech = " ".join(chance.choices(lexicon, k=length))
            turns.append(f"{'INTERVIEWER' if len(turns) % 2 == 0 else f'P{number:03}'}: {speech}.")
            left -= length
        texts[f"D{number:03}"] = "\n\n".join(turns)
    for name, text in texts.items():
        digest = hashlib.sha256(text.encode()).hexdigest()
        records.append(Document(name, f"documents/{name}.txt", f"Interview {name}", digest, len(text)))
    meaning = "What it means, in a sentence of a usual length for a codebook."
    codes = [
        Code(f"code-{number:03}", f"Code {number}", f"code-{number % 30:03}" if number >= 30 else None, meaning)
        for number in range(300)
    ]
    made = []
    names = list(texts)
    for number in range(extracts):
        document = names[number % len(names)]
        text = texts[document]
        start = chance.randrange(len(text) - 400)
        end = start + chance.randint(20, 300)
        quote = text[start:end]
        made.append(Extract(
            f"x-{number:06}", document, start, end, quote, chance.choice(codes).id, CODERS[number % len(CODERS)],
            text[max(0, start - 32) : start], text[end : end + 32], "2025-03-02T10:00:00Z",
            "a note" if number % 10 == 0 else "",
        ))  # fmt: skip
    roles = ("context", "resource", "reasoning", "outcome")
    configurations = [
        Configuration(f"cmo{number:02}", f"Configuration {number}", statement="Where ..., ... leads to ...",
                      slots=tuple(Slot(role, (chance.choice(codes).id,), "in words") for role in roles))
        for number in range(60)
    ]  # fmt: skip
    evidence = [
        Evidence(f"e-{number:05}", made[number * 8 % len(made)].id, f"cmo{number % 60:02}", "supports", "outcome",
                 "abductive", "high", "moderate", "low", "said outright", CODERS[number % 4])
        for number in range(6_000)
    ]  # fmt: skip
    shared = {"coders": tuple(Coder(one, one.title()) for one in CODERS), "documents": tuple(records),
              "codes": tuple(codes), "configurations": tuple(configurations)}  # fmt: skip
    for name, chosen in (("whole", CODERS), ("first", CODERS[:2]), ("second", CODERS[2:])):
        place = folder / name
        (place / "documents").mkdir(parents=True)
        for document, text in texts.items():
            (place / "documents" / f"{document}.txt").write_text(text, encoding="utf-8")
        (place / "study.toml").write_text('key = "large"\ntitle = "Large"\nprovenance = "simulated"\n')
        rows = ["document,file", *(f"{document},{document}.txt" for document in texts)]
        (place / "documents.csv").write_text("\n".join(rows) + "\n")
        theirs = tuple(one for one in made if one.coder in chosen)
        held = {one.id for one in theirs}
        links = tuple(one for one in evidence if one.extract in held)
        write_coding(Coding(Snapshot("large", extracts=theirs, evidence=links, **shared)), place)


def first_change(folder: Path) -> str:
    """Make the database from coding.json by a first change."""
    from cop_analysis import open_study

    coding = open_study(folder / "whole").coding
    coding.add_code("The first of the day", coder="coder-a")
    coding.close()
    return f"{(folder / 'whole' / 'coding.db').stat().st_size / 2**20:.0f} MB"


def open_coding(folder: Path) -> str:
    """Open the coding of a study that is open already."""
    from cop_analysis.realist.coding import open_coding as opened
    from cop_analysis.study import open_study

    study = open_study(folder / "whole")
    clock()
    return repr(opened(folder / "whole", study))


def open_all(folder: Path) -> str:
    """Open the study with its checks, and its coding."""
    from cop_analysis import open_study

    return repr(open_study(folder / "whole").coding)


def list_tables(folder: Path) -> str:
    """List every table, and the use of every code."""
    from cop_analysis import open_study, realist

    study = open_study(folder / "whole")
    coding = study.coding
    clock()
    rows = sum(len(getattr(coding, name)) for name in
               ("coders", "documents", "codes", "extracts", "configurations", "slots", "evidence"))  # fmt: skip
    realist.code_use(study)
    return f"{rows:,} rows"


def change(folder: Path) -> str:
    """Code 200 passages, each a transaction."""
    from cop_analysis import open_study

    coding = open_study(folder / "whole").coding
    coding.text("D000")
    times = []
    clock()
    with coding.by("coder-a"):
        for number in range(200):
            begun = time.perf_counter()
            coding.add_extract("D000", number * 10, number * 10 + 40, "code-001")
            times.append(time.perf_counter() - begun)
        note = f"median {sorted(times)[100] * 1000:.1f} ms, slowest {max(times) * 1000:.0f} ms"
        _TAKEN.append(time.perf_counter() - _START[-1])
    return note


def save(folder: Path) -> str:
    """Write coding.json."""
    from cop_analysis import open_study

    coding = open_study(folder / "whole").coding
    (folder / "whole" / "coding.json").unlink()
    clock()
    assert coding.save()
    return f"{(folder / 'whole' / 'coding.json').stat().st_size / 2**20:.0f} MB"


def past(folder: Path) -> str:
    """Give the coding as it was."""
    from cop_analysis import open_study

    coding = open_study(folder / "whole").coding
    clock()
    return f"{len(coding.at(coding.seq - 100).snapshot.extracts):,} extracts"


def merge(folder: Path) -> str:
    """Merge one pair of coders' coding.json into the database of the other pair."""
    from cop_analysis import open_study

    coding = open_study(folder / "first").coding
    coding.add_code("The first of the day", coder="coder-a")
    clock()
    conflicts = coding.merge(folder / "second" / "coding.json", coder="coder-a")
    _TAKEN.append(time.perf_counter() - _START[-1])
    return f"{len(coding.extracts):,} extracts, {len(conflicts)} conflicts"


def export(folder: Path) -> str:
    """Write the coding as a .qdpx."""
    from cop_analysis import open_study
    from cop_analysis.realist import exchange

    coding = open_study(folder / "whole").coding
    clock()
    exchange.write_qdpx(coding, folder / "large.qdpx")
    return f"{(folder / 'large.qdpx').stat().st_size / 2**20:.0f} MB"


def erase(folder: Path) -> str:
    """Erase a person who speaks alone in one document, from the records, the log and the files."""
    from cop_analysis import open_study

    coding = open_study(folder / "whole").coding
    clock()
    done = coding.erase_document("D001", coder="coder-a", outputs=folder / "nowhere")
    return f"{done.records:,} records, {done.entries:,} entries of the log"


STEPS = {
    "first change": first_change,
    "open": open_coding,
    "open with checks": open_all,
    "list": list_tables,
    "200 changes": change,
    "save": save,
    "past state": past,
    "merge": merge,
    "export": export,
    "erase": erase,
}
_START: list[float] = []
_TAKEN: list[float] = []
_PROCESSOR: list[float] = []
"""Seconds of this process alone, which other work on the machine does not lengthen much."""


def clock() -> None:
    """Start the clock, after what belongs to another step."""
    _START.append(time.perf_counter())
    _PROCESSOR.append(time.process_time())


def run_step(name: str, folder: Path) -> None:
    """Run one step in this process and print what it took."""
    import cop_analysis.realist.store  # noqa: F401

    clock()
    note = STEPS[name](folder)
    seconds = _TAKEN[-1] if _TAKEN else time.perf_counter() - _START[-1]
    processor = time.process_time() - _PROCESSOR[-1]
    print(json.dumps({"seconds": seconds, "processor": processor, "memory": peak_memory(), "note": note}))


def peak_memory() -> float:
    """Give the most memory this process held, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says begins with what the process that started this one held.
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--documents", type=int, default=150)
    options.add_argument("--extracts", type=int, default=50_000)
    options.add_argument("--keep", type=Path, help="leave the study in this folder")
    options.add_argument("--step", nargs=2, metavar=("STEP", "FOLDER"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.step:
        run_step(chosen.step[0], Path(chosen.step[1]))
        return
    place = Path(tempfile.mkdtemp(prefix="cop-benchmark-"))
    try:
        make(place, chosen.documents, chosen.extracts)
        words = chosen.documents * WORDS
        print(f"{chosen.documents} documents, {words:,} words, {chosen.extracts:,} extracts, {len(CODERS)} coders\n")
        print(f"{'step':18}{'seconds':>9}{'processor':>11}{'aim':>16}{'peak MB':>9}  ")
        for name in STEPS:
            ran = subprocess.run([sys.executable, __file__, "--step", name, str(place)], capture_output=True, text=True)
            if ran.returncode != 0:
                print(f"{name:18}   failed: {ran.stderr.strip().splitlines()[-1]}")
                continue
            said = json.loads(ran.stdout.splitlines()[-1])
            aim = f"{AIMS[name]:.0f} {verdict(said['seconds'], AIMS[name], busy())}" if name in AIMS else ""
            took = f"{said['seconds']:9.2f}{said['processor']:11.2f}"
            print(f"{name:18}{took}{aim:>16}{said['memory']:9.0f}  {said['note'][:80]}")
        if chosen.keep:
            shutil.move(place, chosen.keep)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
