"""What every test may ask for: a component of the machine, present or named in the skip (in CI, a failure)."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, settings

HTML = Path(__file__).resolve().parent / "html"
ROOT = Path(__file__).resolve().parent.parent
# How fast a machine makes examples says nothing about the package.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("untimed"), max_examples=25)
settings.load_profile("untimed")
# No test cuts the power, so none waits until the disk has what it wrote; what happens where that fails is tried.
os.fsync = lambda _: None
# jsonschema, on import, would build forty grammars for the formats of addresses, of which no notebook holds one.
sys.modules["rfc3987_syntax"] = None
_FOLDER = re.compile(r"\.?cop-test-(\d+)-(\d+)-")


def pytest_configure() -> None:
    """End as after Ctrl-C where the tests are asked to end: what they started is put away."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
    for path in (*Path(tempfile.gettempdir()).glob("cop-test-*"), *ROOT.glob(".cop-test-*")):
        found = _FOLDER.match(path.name)
        # A process number is used again; together with its start it is not.
        if found and abs(_born(int(found[1])) - int(found[2])) > 2:
            if path.is_mount():
                subprocess.run(["umount", "--lazy", str(path)], check=False, capture_output=True)
            shutil.rmtree(path, ignore_errors=True)


def _born(process: int) -> float:
    try:
        return float(psutil.Process(process).create_time())
    except psutil.Error:
        return -1.0


@pytest.fixture(scope="session")
def make_folder() -> Iterator[Callable[..., Path]]:
    """Make folders outside those of pytest, for what needs a short path, another user or the repository itself.

    They go with the tests; those of tests that were killed go when tests are next begun.
    """
    made: list[Path] = []

    def make(inside: Path | None = None) -> Path:
        mine = os.getpid()
        name = f"{'.' if inside else ''}cop-test-{mine}-{int(_born(mine))}-"
        made.append(Path(tempfile.mkdtemp(prefix=name, dir=inside)))
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


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
