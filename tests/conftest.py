"""What every test may ask for: a component of the machine, present or named in the skip (in CI, a failure)."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HTML = Path(__file__).resolve().parent / "html"


@pytest.fixture(scope="session")
def require_component() -> Callable[[str, object], None]:
    """Call with a component's name and whether it is there; an absent one skips the test, or fails it with CI=true.

    >>> def test_of_the_database(require_component):
    ...     require_component("postgresql", shutil.which("postgres"))
    """

    def require(name: str, present: object) -> None:
        if present:
            return
        sentence = f"{name} is not installed on this machine"
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(f"{sentence}; with CI=true nothing may be skipped", pytrace=False)
        pytest.skip(sentence)

    return require


@pytest.fixture(scope="session")
def chromium(require_component) -> str:
    """The path of a Chromium that is already on the machine."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    require_component("chromium", found)
    return found


@pytest.fixture(scope="session")
def html_validate(require_component) -> list[str]:
    """The command of the HTML validator, without file names."""
    script = HTML / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    require_component("html-validate", script.is_file() and node)
    return [node, str(script), "--config", str(HTML / ".htmlvalidate.json")]


@pytest.fixture
def count_calls() -> Callable[[Callable[[], Any]], tuple[Any, int]]:
    """Give what a piece of work returns and how many functions it called: its size, whatever else the machine does.

    >>> def test_of_a_search(count_calls):
    ...     found, calls = count_calls(lambda: sorted([2, 1]))
    """

    def count(work: Callable[[], Any]) -> tuple[Any, int]:
        calls = 0

        def on_event(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            if event in ("call", "c_call"):
                calls += 1

        before = sys.getprofile()
        sys.setprofile(on_event)
        try:
            result = work()
        finally:
            sys.setprofile(before)
        return result, calls

    return count


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., Any]:
    """Look again and again until something is so. Only a machine that got many looks and much time is given up on."""

    def wait(condition: Callable[[], Any], what: str, looks: int = 600, seconds: float = 600) -> Any:
        until = time.monotonic() + seconds
        looked = 0
        while not (found := condition()):
            looked += 1
            if looked >= looks and time.monotonic() > until:
                pytest.fail(f"waited {seconds:g} seconds for {what}", pytrace=False)
            time.sleep(0.1)
        return found

    return wait


@pytest.fixture(scope="session")
def start_process() -> Iterator[Callable[..., subprocess.Popen[Any]]]:
    """Start a program that does not outlive the tests, however they end; `stops_by` is the signal it ends well on.

    On Linux the kernel sends it that signal when the test process dies, by SIGKILL too (prctl(2), PR_SET_PDEATHSIG).
    """
    library = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    begun: list[subprocess.Popen[Any]] = []

    def start(command: list[str], stops_by: int = signal.SIGTERM, **settings: Any) -> subprocess.Popen[Any]:
        parent = os.getpid()

        def tie_to_us() -> None:
            library.prctl(1, int(stops_by))
            if os.getppid() != parent:
                os._exit(1)

        process = subprocess.Popen(command, preexec_fn=tie_to_us if library else None, **settings)
        begun.append(process)
        return process

    yield start
    for process in begun:
        if process.poll() is None:
            process.kill()
            process.wait()
