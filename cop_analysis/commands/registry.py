"""Where commands are registered; the modules of this folder are found by looking, so that adding one is one file."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import typer

Function = TypeVar("Function", bound=Callable[..., None])

FIRST = ("new", "check", "report", "workbench")
"""What a new user needs, in that order; the help lists the other commands after them by name."""

_COMMANDS: dict[tuple[str, ...], tuple[Callable[..., None], dict[str, Any]]] = {}


def command(*words: str, **settings: Any) -> Callable[[Function], Function]:
    """Register a function as the command of these words; its docstring and its options become the help.

    Parameters
    ----------
    *words : str
        What is typed after `cop`: one word, or a group and a word. The help of a group is the docstring of its folder.
    **settings
        As `typer.Typer.command` takes them.

    Raises
    ------
    ValueError
        If another function has these words already.

    Examples
    --------
    >>> @command("example", "greet")
    ... def greet(name: str) -> None:
    ...     "Say hello."
    >>> _COMMANDS.pop(("example", "greet"))[0] is greet
    True
    """

    def register(function: Function) -> Function:
        held = _COMMANDS.setdefault(words, (function, settings))[0]
        if (held.__module__, held.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"`cop {' '.join(words)}` is in {held.__module__} already.")
        return function

    return register


def commands() -> dict[tuple[str, ...], tuple[Callable[..., None], dict[str, Any]]]:
    """Give every command by its words: those a new user needs first, then the others by name, groups last."""
    package = import_module(__package__)
    for found in pkgutil.walk_packages(package.__path__, f"{__package__}."):
        import_module(found.name)

    def place(words: tuple[str, ...]) -> tuple[int, int, tuple[str, ...]]:
        return len(words), FIRST.index(words[0]) if words[0] in FIRST else len(FIRST), words

    return {words: _COMMANDS[words] for words in sorted(_COMMANDS, key=place)}


def add_commands(app: typer.Typer) -> None:
    """Add every command to the command line."""
    groups: dict[str, typer.Typer] = {}
    for (*group, name), (function, settings) in commands().items():
        holder = app
        for word in group:
            if word not in groups:
                said = import_module(f"{__package__}.{word}").__doc__
                groups[word] = typer.Typer(name=word, help=said, no_args_is_help=True, rich_markup_mode=None)
                holder.add_typer(groups[word])
            holder = groups[word]
        holder.command(name, **settings)(function)
