"""The command line: `cop` (also `python -m cop_analysis`) turns words and flags into one call of a room each.

Exit codes: 0 done, 1 the data is at fault, 2 the call is at fault, 3 a run failed, 4 a report is made but could not be
listed; 130 stopped with Ctrl-C, 143 stopped by the system. Of several studies the worst counts. What the number audit
finds is a finding, not a fault: it is printed and leaves the exit code alone.

Nothing that takes long to load is imported here before `main` has seen to Ctrl-C: the commands stand in
`cop_analysis.app`.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

SECONDS_TO_STOP: Final = 45.0
STOPPED: Final = "Stopped. Nothing half-written is left where a finished report would be."
_SOON: Final = 0.05


class StoppedError(BaseException):
    """Somebody pressed Ctrl-C, or the system asked this process to end; nothing but `main` catches it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def __getattr__(name: str) -> Any:
    if name == "app":
        from cop_analysis.app import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def stop_on_signals() -> None:
    """Let Ctrl-C, a closed terminal and a polite kill end a command in the same way: tidied up, with a sentence."""

    def stop(number: int, frame: FrameType | None) -> None:
        if _is_importing(frame):
            # Raised there, it could leave Python's lock on imports taken, and every other thread would wait for ever.
            _later(_SOON, lambda: _signal_to_main_thread(number))
            return
        # A second one must not interrupt the tidying up, which ends by itself.
        for name in known:
            signal.signal(name, signal.SIG_IGN)
        raise StoppedError(128 + number)

    def lost(unraisable: sys.UnraisableHookArgs) -> None:
        # Raised where Python can only print it (in what runs as an object goes), and so to be raised once more.
        if not isinstance(unraisable.exc_value, StoppedError):
            sys.__unraisablehook__(unraisable)
            return
        number = unraisable.exc_value.code - 128
        for name in known:
            signal.signal(name, stop)
        _later(_SOON, lambda: _signal_to_main_thread(number))

    known = _handled(stop)
    sys.unraisablehook = lost


def _is_importing(frame: FrameType | None) -> bool:
    """Say whether Python itself is at work on an import, and not what is imported."""
    return frame is not None and frame.f_code.co_filename.startswith("<frozen importlib")


def _end_at_once() -> None:
    """Let a signal that comes while Python still loads end the process with its sentence; nothing is begun by then."""

    def end(number: int, _frame: object) -> None:
        try:
            os.write(2, f"{STOPPED}\n".encode())
        finally:
            os._exit(128 + number)

    _handled(end)


def _handled(handler: Any) -> list[signal.Signals]:
    """Take the signals that end a command, but for what the caller has set to be ignored (nohup)."""
    known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    known = [one for one in known if signal.getsignal(one) != signal.SIG_IGN]
    for one in known:
        signal.signal(one, handler)
    return known


def _signal_to_main_thread(number: int) -> None:
    """Signal the main thread, so that it does not go on waiting for whatever it waits for."""
    import threading

    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


def _later(seconds: float, call: Callable[[], object]) -> None:
    import threading

    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


def main() -> None:
    """Run the command line and leave with one of the exit codes."""
    _end_at_once()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        from cop_analysis.app import app

        stop_on_signals()
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except StoppedError as stopped:
        _leave(stopped.code)
    except KeyboardInterrupt:
        _leave(128 + signal.SIGINT)


def _leave(code: int) -> None:
    from contextlib import suppress

    from cop_analysis.terminal import say_error

    with suppress(OSError):
        say_error(STOPPED)
    # A kernel that will not go must not hold the command; what it leaves is cleared by the next run.
    _later(SECONDS_TO_STOP, lambda: os._exit(code))
    sys.exit(code)


if __name__ == "__main__":
    main()
