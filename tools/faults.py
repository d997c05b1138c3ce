"""Plant one-line faults one by one in a copy of the tree, run the tests of their room, and say which survive.

    python tools/faults.py                    # all of tools/faults.toml, one at a time
    python tools/faults.py network sessions   # those of some rooms
    python tools/faults.py --only "p above"   # those whose words hold this
    python tools/faults.py --near             # a first look: only the tests that speak of the code at fault
    python tools/faults.py --look             # plant none, only say which are no longer to be found

A fault that survives is one that a user could meet and no test would tell. Nothing is planted in the tree itself. The
tests that speak of the code at fault run first, so that most faults are found in seconds; one process, not in
`make test`. The exit code is 1 where a fault survives or its text is no longer there.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tools" / "faults.toml"
PACKAGE = "cop_analysis"
COPIED = (PACKAGE, "tests", "tools", "notebooks", "data", "docs", "conftest.py", "pyproject.toml", "README.md")
SECONDS = 1_800
"""A fault that makes a test run on for ever is found, too."""
MOST_NEAR = 6
NOT_RUN = (3, 4)
"""What pytest leaves with where it could not run; no test at all (5) lets every fault live."""
SHARED = ("pytest", "hypothesis", "pandas", "scipy.stats", "networkx", "sqlalchemy", "pydantic", "matplotlib.pyplot")
"""Imported once, before the first fault, where processes can be forked; nothing of ours may be among them."""


@dataclass(frozen=True)
class Fault:
    """A line, what takes its place, and what a user would meet."""

    room: str
    where: str
    old: str
    new: str
    says: str
    nth: int
    tests: tuple[str, ...]
    by: str = ""


def read_list(path: Path = LIST) -> list[Fault]:
    """Read the list."""
    rooms = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Fault(
            room,
            one["in"],
            one["old"],
            one["new"],
            one["says"],
            one.get("nth", 0),
            tuple(given["tests"]),
            one.get("by", ""),
        )
        for room, given in rooms.items()
        for one in given["faults"]
    ]


def find(fault: Fault, package: Path) -> tuple[Path, int] | str:
    """Give the file and the place of a fault's text, or say why it has none."""
    files = sorted(path for path in package.glob(f"{fault.where}/*.py") if path.is_file())
    found = [
        (path, hit.start())
        for path in files
        for hit in re.finditer(re.escape(fault.old), path.read_text(encoding="utf-8"))
    ]
    if not found:
        return "its text is no longer there"
    if fault.nth:
        return found[fault.nth - 1] if len(found) >= fault.nth else "its text is no longer there so often"
    return found[0] if len(found) == 1 else f"its text stands in {len(found)} places"


def planted(source: str, at: int, fault: Fault) -> str:
    """Give the source with the fault in it."""
    return source[:at] + fault.new + source[at + len(fault.old) :]


def names_around(source: str, at: int) -> list[str]:
    """Name the functions and classes that hold a place, the innermost first."""
    line = source.count("\n", 0, at) + 1
    holding = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return [node.name for node in sorted(holding, key=lambda node: -node.lineno)]


def tests_of(fault: Fault, tree: Path, file: Path, names: list[str], near: bool) -> list[str]:
    """List what to run, the file's own examples and the tests that speak of the code at fault first."""
    tests: list[Path] = []
    for place in fault.tests:
        path = tree / "tests" / place
        tests += [path] if path.is_file() else sorted(path.rglob("test_*.py"))
    words = re.compile(r"\b(" + "|".join(re.escape(one) for one in (*names, file.stem)) + r")\b")
    spoken = {path: len(words.findall(f"{path.stem[5:]} {path.read_text(encoding='utf-8')}")) for path in tests}
    tests.sort(key=lambda path: -spoken[path])
    if fault.by:
        known = sorted((tree / "tests").rglob(fault.by))
        tests = [*known, *(path for path in tests if path not in known and not near)]
    elif near:
        tests = [path for path in tests if spoken[path]][:MOST_NEAR]
    return [str(path.relative_to(tree)) for path in (file, *tests)]


def run_tests(tree: Path, tests: list[str]) -> bool:
    """Run tests until one fails; say whether all passed."""
    how = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    running = multiprocessing.get_context(how).Process(target=_in_a_process, args=(tree, tests))
    running.start()
    running.join(SECONDS)
    if running.is_alive():
        running.kill()
        running.join()
    if running.exitcode in NOT_RUN:
        raise RuntimeError(f"pytest could not run {' '.join(tests)} in {tree} (exit code {running.exitcode}).")
    return running.exitcode == 0


def _in_a_process(tree: Path, tests: list[str]) -> None:
    import pytest

    os.chdir(tree)
    os.environ |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.path.insert(0, str(tree))
    sys.dont_write_bytecode = True
    with open(os.devnull, "w") as nowhere:
        sys.stdout = sys.stderr = nowhere
        os._exit(pytest.main(["-x", "-q", "-n", "0", "-m", "not browser", "-p", "no:cacheprovider", *tests]))


def copy_tree(to: Path) -> None:
    """Copy what the tests need, without what was made."""
    left = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")
    for name in COPIED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, to / name, ignore=left)
        elif path.is_file():
            shutil.copy2(path, to / name)


def try_all(faults: list[Fault], tree: Path, near: bool) -> Iterator[tuple[Fault, str]]:
    """Plant each fault in the tree, run its tests, take it out again; give what became of it."""
    for fault in faults:
        place = find(fault, tree / PACKAGE)
        if isinstance(place, str):
            yield fault, place
            continue
        file, at = place
        whole = file.read_text(encoding="utf-8")
        try:
            file.write_text(planted(whole, at, fault), encoding="utf-8")
            lives = run_tests(tree, tests_of(fault, tree, file, names_around(whole, at), near))
        finally:
            file.write_text(whole, encoding="utf-8")
        yield fault, "survives" if lives else ""


def main() -> None:
    """Run from the command line."""
    read = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    read.add_argument("rooms", nargs="*", help="Only the faults of these rooms.")
    read.add_argument("--only", default="", help="Only faults whose words hold this.")
    read.add_argument("--near", action="store_true", help="Only the tests that speak of the code at fault.")
    read.add_argument("--look", action="store_true", help="Plant none; say which are no longer to be found.")
    asked = read.parse_args()
    faults = [one for one in read_list() if (not asked.rooms or one.room in asked.rooms) and asked.only in one.says]
    if asked.look:
        ends = [(fault, place if isinstance(place := find(fault, ROOT / PACKAGE), str) else "") for fault in faults]
    else:
        with tempfile.TemporaryDirectory() as made:
            tree = Path(made)
            copy_tree(tree)
            for name in SHARED:
                import_module(name)
            ends = []
            for fault, said in try_all(faults, tree, asked.near):
                ends.append((fault, said))
                print(f"{said or 'found':40} {fault.room}: {fault.says}", flush=True)
    left = [(fault, said) for fault, said in ends if said]
    for fault, said in left:
        print(f"{fault.room}: {fault.says}: {said} ({fault.where}: {fault.old.strip()})")
    print(f"{len(ends)} faults, {len(left)} not found by a test.")
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
