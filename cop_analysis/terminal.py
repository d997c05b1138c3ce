"""What a command prints: plain lines. What steers a terminal is shown by its number, never passed on."""

from __future__ import annotations

import unicodedata
from typing import Final

import typer

_KEPT: Final = frozenset("\n\t\u200c\u200d")
_CONTROLLING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(text: str) -> str:
    r"""Show by its number every character that could move a cursor, colour a line or turn the direction of writing.

    Names of files and folders, cells and labels reach a terminal through sentences; any of them may hold such
    characters. Line ends, tabs and the joiners inside emoji stay.

    Examples
    --------
    >>> plain("study\x1b[2J"), plain("a\u202eb"), plain("one\ntwo"), plain("name\udcff")
    ('study<U+001B>[2J', 'a<U+202E>b', 'one\ntwo', 'name<U+DCFF>')
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"<U+{ord(each):04X}>" if each not in _KEPT and unicodedata.category(each) in _CONTROLLING else each
        for each in text
    )


def say(text: str = "") -> None:
    """Print a line: what comes from data is never taken for markup, nor for an order to the terminal."""
    typer.echo(plain(text))


def say_error(text: str) -> None:
    """Print a line to standard error."""
    typer.echo(plain(text), err=True)
