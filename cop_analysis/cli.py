"""The command line: `cop` (also `python -m cop_analysis`) turns words and flags into one call of a room each.

Exit codes: 0 done, 1 the data is at fault, 2 the call is at fault, 3 a run failed, 4 a report is made but could not be
listed; 130 stopped with Ctrl-C, 143 stopped by the system. Of several studies the worst counts. What the number audit
finds is a finding, not a fault: it is printed and leaves the exit code alone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Annotated

import typer

from cop_analysis._version import __version__
from cop_analysis.commands.ends import DONE
from cop_analysis.commands.registry import add_commands
from cop_analysis.terminal import say, say_error

SECONDS_TO_STOP = 45.0

app = typer.Typer(
    name="cop",
    epilog="Exit codes: 0 done; 1 the data is at fault; 2 the call is at fault; 3 a run failed; 4 a report is made but "
    "could not be listed; 130 or 143 stopped. Of several studies the worst counts. "
    "Start with: cop new my_study, then cop check my_study, then cop report my_study.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(asked: bool) -> None:
    if asked:
        say(f"cop {__version__}")
        raise typer.Exit(DONE)


@app.callback()
def cop(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """A realist evaluation workbench for communities of practice: from a study folder to an offline report."""


class StoppedError(BaseException):
    """Somebody pressed Ctrl-C, or the system asked this process to end; nothing but `main` catches it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def stop_on_signals() -> None:
    """Let Ctrl-C, a closed terminal and a polite kill end a command in the same way: tidied up, with a sentence."""

    def stop(number: int, _frame: object) -> None:
        # A second one must not interrupt the tidying up, which ends by itself.
        for name in known:
            signal.signal(name, signal.SIG_IGN)
        raise StoppedError(128 + number)

    known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for name in known:
        # What the caller has set to be ignored (nohup) stays ignored.
        if signal.getsignal(name) != signal.SIG_IGN:
            signal.signal(name, stop)


def main() -> None:
    """Run the command line and leave with one of the exit codes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        stop_on_signals()
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(DONE)
    except StoppedError as stopped:
        with suppress(OSError):
            say_error("Stopped. Nothing half-written is left where a finished report would be.")
        # A kernel that will not go must not hold the command; what it leaves is cleared by the next run.
        last = threading.Timer(SECONDS_TO_STOP, os._exit, (stopped.code,))
        last.daemon = True
        last.start()
        sys.exit(stopped.code)


add_commands(app)

if __name__ == "__main__":
    main()
