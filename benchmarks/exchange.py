"""How long exchange takes at ten times the size of a large study: 150 documents, 50,000 extracts, 4 coders.

Run with ``python benchmarks/exchange.py``; nothing is kept. Peak memory is that of the whole process.
"""

from __future__ import annotations

import hashlib
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

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
    read_coded_segments,
    read_qdpx,
    write_coded_segments,
    write_docx,
    write_qdc,
    write_qdpx,
)

DOCUMENTS, WORDS, EXTRACTS, CODERS = 150, 10_000, 50_000, 4


def made_coding(seed: int = 1) -> Coding:
    """Make a coding of the benchmark's size; the same for the same seed."""
    draw = random.Random(seed)
    vocabulary = ["trust", "time", "ward", "phoned", "caf\u00e9", "we", "the", "of", "and", "\U0001f600", "nobody"]
    texts = {
        f"D{number:03d}": "\n\n".join(
            f"P{number:02d}: " + " ".join(draw.choices(vocabulary, k=100)) + "." for _ in range(WORDS // 100)
        )
        for number in range(DOCUMENTS)
    }
    documents = tuple(
        Document(
            name, f"documents/{name}.txt", f"Interview {name}", hashlib.sha256(text.encode()).hexdigest(), len(text)
        )
        for name, text in texts.items()
    )
    codes = tuple(
        Code(f"c{n:03d}", f"Code {n}", None if n < 20 else f"c{n % 20:03d}", "What it means") for n in range(200)
    )
    coders = tuple(Coder(f"coder-{n}", f"Coder {n}") for n in range(CODERS))
    names = sorted(texts)
    extracts = []
    for number in range(EXTRACTS):
        name = names[number % DOCUMENTS]
        text = texts[name]
        start = draw.randrange(len(text) - 400)
        end = start + draw.randrange(40, 300)
        extracts.append(
            Extract(
                f"x{number:05d}",
                name,
                start,
                end,
                text[start:end],
                draw.choice(codes).id,
                draw.choice(coders).id,
                text[max(0, start - 32) : start],
                text[end : end + 32],
                "2025-03-02T10:00:00Z",
                "",
            )
        )
    configurations = tuple(
        Configuration(
            f"cmo{n:02d}", f"Configuration {n}", statement="Where this, that.", slots=(Slot("context", ("c001",)),)
        )
        for n in range(60)
    )
    evidence = tuple(
        Evidence(f"e{n:04d}", f"x{n * 10:05d}", f"cmo{n % 60:02d}", "supports", "context", reason="said so")
        for n in range(5_000)
    )
    snapshot = Snapshot("large", coders, documents, codes, tuple(extracts), configurations, evidence)
    return Coding(snapshot, texts.__getitem__)


def timed(name: str, work: Callable[[], object]) -> None:
    """Run something once and print how long it took, how much of that it computed, and the peak of memory so far."""
    begun, computed = time.perf_counter(), time.process_time()
    work()
    took, computed = time.perf_counter() - begun, time.process_time() - computed
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:<44} {took:7.1f} s ({computed:5.1f} s computing)   peak {peak:7,.0f} MB", flush=True)


def main() -> None:
    """Time every format out, and those that come back in."""
    coding = made_coding()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project, other = folder / "a.qdpx", folder / "b.qdpx"
        timed("export .qdpx", lambda: write_qdpx(coding, project))
        print(f"  {project.stat().st_size / 2**20:.1f} MB")
        timed("import .qdpx, unchanged", lambda: read_qdpx(project))
        _rename_in(project, other)
        timed("import .qdpx, a code renamed elsewhere", lambda: read_qdpx(other))
        _as_of_another_program(project, other)
        timed("import .qdpx, as of another program", lambda: read_qdpx(other))
        foreign = read_qdpx(other)[0]
        timed("export .qdpx, as of another program", lambda: write_qdpx(foreign, folder / "c.qdpx"))
        timed("export .qdc", lambda: write_qdc(coding, folder / "a.qdc"))
        timed("export .csv", lambda: write_coded_segments(coding, folder / "a.csv"))
        timed("import .csv", lambda: read_coded_segments(folder / "a.csv", coding))
        timed("export .xlsx", lambda: write_coded_segments(coding, folder / "a.xlsx"))
        timed("import .xlsx", lambda: read_coded_segments(folder / "a.xlsx", coding))
        timed("export .docx", lambda: write_docx(coding, folder / "a.docx"))


def _as_of_another_program(source: Path, target: Path) -> None:
    """Drop what is ours, so that every record is read, and kept, as another program's."""
    import re
    import zipfile

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename.endswith(".qde"):
                xml = re.sub(rb'origin="[^"]*"', b'origin="Another 1"', old.read(info), count=1)
                new.writestr(info.filename, re.sub(rb"cop-analysis (?=[a-z])", b"Once ", xml))
            elif not info.filename.endswith("coding.json"):
                new.writestr(info.filename, old.read(info))


def _rename_in(source: Path, target: Path) -> None:
    import zipfile

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info).replace(b'name="Code 7"', b'name="Code seven"'))


if __name__ == "__main__":
    main()
