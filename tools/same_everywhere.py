"""Run every call of every page under other linear algebra, threads and loops, and compare what would be printed.

    python tools/same_everywhere.py                          # both demonstration studies: some ten minutes
    python tools/same_everywhere.py --study path/to/study --only Prescott

Each setting is a process of its own in which the code cells of the notebooks run in order. Words, printed cells and
alternatives of figures must be equal to the letter, and every number in a drawing equal within a tenth of a point, too
little to see. Whatever differs is listed with its page and call, and the exit code is 1. Not part of `make test`.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STUDIES = [ROOT / "data" / "nmp_forum", ROOT / "data" / "cancer_cop"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("0[1-9]_*.ipynb"))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
VISIBLE = 0.1
MOST_LISTED = 20


def settings() -> dict[str, dict[str, str]]:
    """Give the settings to compare by name; the first is what the others are compared with."""
    found = {"one thread": {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}}
    kinds = ["Haswell", "Zen", "Prescott"]
    information = Path("/proc/cpuinfo")
    if information.exists() and "avx512f" in information.read_text(encoding="utf-8"):
        kinds.append("SkylakeX")
    for kind in kinds:
        for threads in ("1", "2"):
            found[f"{kind}, threads {threads}"] = {"OPENBLAS_CORETYPE": kind, "OPENBLAS_NUM_THREADS": threads}
    found["numpy without vector units"] = {
        "NPY_DISABLE_CPU_FEATURES": numpy_features(),
        "OPENBLAS_CORETYPE": "Prescott",
    }
    found["loops compiled wherever they can be"] = {"COP_SAME_LOOPS": "compiled"}
    found["no loop compiled"] = {"COP_SAME_LOOPS": "plain"}
    found["another hash seed, time zone and language"] = {"PYTHONHASHSEED": "77", "TZ": "Asia/Kathmandu", "LANG": "C"}
    return found


def numpy_features() -> str:
    """Name the vector units that numpy uses here and can do without."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))


def choose_loops(which: str) -> None:
    """Compile every loop that has a compiled form, or none."""
    from cop_analysis.network.methods import kernels

    if which == "plain":
        kernels._switched_off = True
    elif which == "compiled":
        kernels.WORTH_COMPILING = kernels.WORTH_IMPORTING = 0


def answers(studies: list[Path]) -> dict[str, str]:
    """Run every call of every page and give what it would show, by study, page and call."""
    import nbformat

    from cop_analysis.results import Result

    choose_loops(os.environ.get("COP_SAME_LOOPS", ""))
    said: dict[str, str] = {}
    for study in studies:
        for notebook in NOTEBOOKS:
            space: dict[str, object] = {}
            for cell in nbformat.read(notebook, as_version=4).cells:
                if cell.cell_type != "code":
                    continue
                tree = ast.parse(cell.source)
                last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
                exec(compile(tree, notebook.name, "exec"), space)
                if "parameters" in cell.metadata.get("tags", []):
                    space["study"] = str(study)
                if last is None:
                    continue
                shown = eval(compile(ast.Expression(last.value), notebook.name, "eval"), space)
                call = " ".join(ast.unparse(last).split())
                text = shown._repr_html_() if isinstance(shown, Result) else repr(shown)
                said[f"{study.name}, {notebook.stem}: {call}"] = text
    return said


def differences(one: str, other: str) -> Iterator[str]:
    """Tell where two shown results differ: any letter of the words, or a number of a drawing that an eye could see."""
    parts = [re.split(r"(<svg\b.*?</svg>)", text, flags=re.DOTALL) for text in (one, other)]
    if len(parts[0]) != len(parts[1]):
        yield "another number of drawings"
        return
    for place, (first, second) in enumerate(zip(*parts, strict=True)):
        if place % 2 and first != second:
            yield from _seen(first, second)
        elif first != second:
            words = [re.sub(r"<[^>]+>", " ", part).split() for part in (first, second)]
            for tag, start, end, begin, stop in difflib.SequenceMatcher(None, *words, autojunk=False).get_opcodes():
                if tag != "equal":
                    around = " ".join(words[0][max(0, start - 4) : start])
                    yield f"... {around} [{' '.join(words[0][start:end])} | {' '.join(words[1][begin:stop])}]"


def _seen(first: str, second: str) -> Iterator[str]:
    if NUMBER.sub("#", first) != NUMBER.sub("#", second):
        yield "a drawing of another shape"
        return
    moved = [
        abs(float(a) - float(b)) for a, b in zip(NUMBER.findall(first), NUMBER.findall(second), strict=True) if a != b
    ]
    seen = [step for step in moved if step > VISIBLE]
    if seen:
        yield f"{len(seen)} numbers of a drawing, by up to {max(seen):.3g}"


def run(name: str, setting: dict[str, str], studies: list[Path]) -> dict[str, str]:
    """Give the answers of a process of its own under a setting."""
    plain = {
        key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS")
    }
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "answers.json"
        subprocess.run(
            [sys.executable, __file__, "--answers", str(target), *(f"--study={study}" for study in studies)],
            env={**plain, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg", **setting}, check=True,
        )  # fmt: skip
        found: dict[str, str] = json.loads(target.read_text(encoding="utf-8"))
    print(f"{name}: {len(found)} calls", flush=True)
    return found


def main() -> int:
    """Compare all settings, or those asked for, with the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", action="append", type=Path, help="a study folder; both demonstrations by default")
    parser.add_argument("--only", action="append", help="settings whose name begins so")
    parser.add_argument("--answers", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    studies = [study.resolve() for study in asked.study or STUDIES]
    if asked.answers:
        asked.answers.write_text(json.dumps(answers(studies)), encoding="utf-8")
        return 0
    names = settings()
    first = next(iter(names))
    chosen = [name for name in names if name != first and any(name.startswith(each) for each in asked.only or [""])]
    expected = run(first, names[first], studies)
    failed = 0
    for name in chosen:
        found = run(name, names[name], studies)
        assert list(found) == list(expected)
        for call, text in found.items():
            told = list(differences(expected[call], text))
            if told:
                failed += 1
                print(f"  DIFFERS {call}")
                print("".join(f"    {line}\n" for line in told[:MOST_LISTED]), end="", flush=True)
    print(f"{failed} calls differ." if failed else f"The same under all {len(chosen) + 1} settings.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
