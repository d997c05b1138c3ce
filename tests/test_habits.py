"""No test hangs on the clock, and no program that a test starts can outlive it: both are looked for in their source."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "time", "time_ns"}
LENGTHS = {"elapsed", "took", "seconds", "duration"}
UNTIED = {"Popen", "create_subprocess_exec", "create_subprocess_shell", "popen", "spawnv", "spawnl", "posix_spawn"}


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _reads_clock(node: ast.AST, timed: set[str]) -> bool:
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and _name(one.func) in CLOCKS:
            return True
        if isinstance(one, ast.Name) and one.id in timed:
            return True
    return False


def _no_longer_than(test: ast.AST) -> bool:
    """Say whether a comparison sets a limit to something that is named as a length of time."""
    return any(
        isinstance(one, ast.Compare)
        and isinstance(one.ops[0], ast.Lt | ast.LtE)
        and _name(one.left) in LENGTHS
        for one in ast.walk(test)
    )  # fmt: skip


def timed_assertions(source: str) -> Iterator[int]:
    """Give the lines that assert on a clock, on what was reckoned from one, or on a limit to a length of time."""
    tree = ast.parse(source)
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    rest = ast.Module([node for node in tree.body if node not in tests], [])
    for scope in (rest, *tests):
        yield from _timed_in(scope)


def _timed_in(scope: ast.AST) -> Iterator[int]:
    nodes = list(ast.walk(scope))
    timed: set[str] = set()
    before = -1
    while len(timed) > before:  # a length is reckoned from a start, and a sum from lengths
        before = len(timed)
        for node in nodes:
            if isinstance(node, ast.Assign | ast.AugAssign | ast.NamedExpr) and _reads_clock(node.value, timed):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                timed |= {one.id for one in targets if isinstance(one, ast.Name)}
    for node in nodes:
        if isinstance(node, ast.Assert) and (_reads_clock(node.test, timed) or _no_longer_than(node.test)):
            yield node.lineno


def untied_starts(source: str) -> Iterator[int]:
    """Give the lines that start a program which goes on by itself, past the fixture that ties it to the tests."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in UNTIED:
            yield node.lineno


TIMED = [
    "start = perf_counter()\nassert perf_counter() - start < 15",
    "import time\nuntil = time.monotonic() + 300\nwhile True:\n    assert time.monotonic() < until",
    "start = time.time()\nwork()\nlong = time.time() - start\ntotal = long * 2\nassert total < 3",
    "assert done.seconds < 5",
]
UNTIED_STARTS = ["server = subprocess.Popen(['postgres'])", "from subprocess import Popen\nPopen(['jupyter'])"]


@pytest.mark.parametrize("source", TIMED)
def test_a_timed_assertion_is_found(source):
    assert list(timed_assertions(source))
    assert not list(untied_starts(source))


@pytest.mark.parametrize("source", UNTIED_STARTS)
def test_an_untied_start_is_found(source):
    assert list(untied_starts(source))


@pytest.mark.parametrize(
    "source",
    [
        "assert done.seconds > 0",
        "os.utime(old, (time.time() - 7200,) * 2)\nassert clear(old) == 1",
        "process = start_process(command)\nassert process.wait(timeout=600) == 0",
        "def test(process: subprocess.Popen[str]): assert process.poll() is None",
    ],
)
def test_what_hangs_on_no_clock_and_is_tied_passes(source):
    assert not list(timed_assertions(source))
    assert not list(untied_starts(source))


def _found(look: Callable[[str], Iterator[int]], words: set[str]) -> dict[str, list[int]]:
    """Look through every test module that has one of the words at all; give the lines found by module."""
    folders = [HERE, *(path for path in HERE.iterdir() if path.is_dir() and path.name != "html")]
    modules = [path for folder in folders for path in (folder.glob if folder == HERE else folder.rglob)("*.py")]
    assert len(modules) > 100
    sources = {str(path.relative_to(HERE)): path.read_text(encoding="utf-8") for path in sorted(modules)}
    found = {name: list(look(text)) for name, text in sources.items() if any(word in text for word in words)}
    return {name: lines for name, lines in found.items() if lines}


def test_no_test_is_timed():
    timed = _found(timed_assertions, {"time(", "time_ns(", *CLOCKS - {"time"}, *LENGTHS})
    assert not timed, f"Count calls instead (`count_calls`), or wait for what is awaited (`wait_until`): {timed}"


def test_every_program_a_test_starts_ends_with_the_tests():
    found = _found(untied_starts, UNTIED)
    assert len(found.pop("conftest.py")) == 1, "start_process itself"
    assert not found, f"Start these programs with `start_process`: {found}"
