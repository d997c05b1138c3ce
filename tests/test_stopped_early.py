"""A command that is stopped while Python still loads ends as at any other time: its one sentence, 130 or 143."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows"),
]

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "Stopped. Nothing half-written is left where a finished report would be.\n"
ENDS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]

AT_ONCE = "import os, time\nos.kill(os.getpid(), {number})\ntime.sleep(3000)\n"
AS_AN_OBJECT_GOES = """
import signal, time

class Going:
    def __del__(self):
        signal.raise_signal({number})
        time.sleep(0)

Going()
time.sleep(3000)
"""


def hearing_hang_up() -> None:
    """Hear of a lost terminal also where the tests were begun by nohup, which hands on that it is ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def ignoring_hang_up() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def run(stand_ins: Path, *words: object, ignored: bool = False) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(stand_ins), str(ROOT)])}
    return subprocess.run(
        [sys.executable, "-m", "cop_analysis", *map(str, words)],
        cwd=stand_ins,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        preexec_fn=ignoring_hang_up if ignored else hearing_hang_up,
    )


@pytest.mark.parametrize(("number", "code"), ENDS)
@pytest.mark.parametrize("words", [("--version",), ("check", "nowhere"), ("coding", "merge", "a", "b")])
def test_a_signal_while_the_commands_are_loaded_gives_one_sentence(words, number, code, tmp_path):
    (tmp_path / "typer.py").write_text(AT_ONCE.format(number=int(number)), encoding="utf-8")
    done = run(tmp_path, *words)
    assert (done.returncode, done.stderr, done.stdout) == (code, SENTENCE, "")


@pytest.mark.parametrize(("number", "code"), ENDS)
@pytest.mark.parametrize("module", [AT_ONCE, AS_AN_OBJECT_GOES])
def test_a_signal_while_a_command_loads_what_it_needs_gives_one_sentence(module, number, code, tmp_path):
    (tmp_path / "pandas.py").write_text(module.format(number=int(number)), encoding="utf-8")
    done = run(tmp_path, "check", ROOT / "data" / "cancer_cop")
    assert (done.returncode, done.stderr, done.stdout) == (code, SENTENCE, "")


WHILE_PYTHON_IMPORTS = """
import _imp, os, signal, sys, threading, time
from cop_analysis.cli import StoppedError, stop_on_signals

number, main, held = int(sys.argv[1]), threading.main_thread().ident, threading.Event()

def hold_the_lock_until_the_main_thread_waits_for_it():
    _imp.acquire_lock()
    held.set()
    while not sys._current_frames()[main].f_code.co_filename.startswith("<frozen importlib"):
        time.sleep(0.001)
    signal.pthread_kill(main, number)
    _imp.release_lock()

stop_on_signals()
try:
    threading.Thread(target=hold_the_lock_until_the_main_thread_waits_for_it, daemon=True).start()
    held.wait()
    import colorsys
    while True:
        time.sleep(0.01)
except StoppedError as stopped:
    print(stopped.code, "colorsys" in sys.modules, _imp.lock_held())
"""


@pytest.mark.parametrize(("number", "code"), ENDS)
def test_a_signal_never_leaves_the_lock_on_imports_taken(number, code):
    # Where it does, every other thread that imports anything waits for ever, and the command with it.
    done = subprocess.run(
        [sys.executable, "-c", WHILE_PYTHON_IMPORTS, str(int(number))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        preexec_fn=hearing_hang_up,
    )
    assert (done.stdout, done.stderr) == (f"{code} True False\n", "")


def test_what_the_caller_ignores_stays_ignored_from_the_first_moment(tmp_path):
    said = f"import os\nos.kill(os.getpid(), {int(signal.SIGHUP)})\nraise SystemExit(7)\n"
    (tmp_path / "typer.py").write_text(said, encoding="utf-8")
    assert run(tmp_path, "--version", ignored=True).returncode == 7


def test_an_interruption_as_the_workbench_gets_it_gives_one_sentence(tmp_path):
    said = "def app():\n    raise KeyboardInterrupt\n"
    (tmp_path / "stand_in.py").write_text(said, encoding="utf-8")
    code = "import sys, stand_in; sys.modules['cop_analysis.app'] = stand_in; from cop_analysis import cli; cli.main()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert (done.returncode, done.stderr) == (130, SENTENCE)


def test_what_is_loaded_before_signals_are_seen_to_is_light():
    code = (
        "import sys, cop_analysis.cli; print(*sorted({'typer', 'pandas', 'threading', 'pathlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
