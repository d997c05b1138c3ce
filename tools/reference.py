"""Write the reference pages of docs/ from the code: every command with its options, every exported name of every room.

    python tools/reference.py            # writes docs/commands.md and docs/names.md
    python tools/reference.py --check    # says whether they are as the code is

What stands in them is said once, in the code: the docstring of a command and the help of its options, the first
sentence of what a room exports. `tests/test_docs.py` fails where a command, an option or a name is missing.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

import cop_analysis
from cop_analysis import cli
from cop_analysis.commands import registry

ROOT = Path(__file__).resolve().parent.parent
COMMANDS, NAMES = ROOT / "docs" / "commands.md", ROOT / "docs" / "names.md"


def commands() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Give every command as a user types it, with what its parameters may be, in the order of the help."""
    registered = registry.commands()

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        inside = getattr(command, "commands", {})
        if not inside:
            yield " ".join(("cop", *words)), command, get_type_hints(registered[words][0], include_extras=True)
        for name, one in inside.items():
            yield from below(one, (*words, name))

    yield from below(typer.main.get_command(cli.app), ())


def options(command: Any, kinds: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the options of a command, each as it is written, with what it does."""
    found = []
    for one in command.params:
        if one.param_type_name == "option":
            takes = "" if one.is_flag else f" {one.metavar or _choices(kinds.get(one.name)) or one.name.upper()}"
            found.append((" / ".join((*one.opts, *one.secondary_opts)) + takes, str(one.help or "")))
    return found


def _choices(kind: object) -> str:
    """Write what a parameter may be, where that is a list of words."""
    inner = get_args(kind)[:1]
    return "|".join(get_args(inner[0])) if inner and get_origin(inner[0]) is Literal else ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def of_commands() -> str:
    """Write the page of the commands."""
    lines = [
        "# Commands",
        "",
        "Made by `python tools/reference.py` from what the commands say of themselves (`cop COMMAND --help`). "
        "`cop --version` says which version this is. [The guide](guide.md) shows the commands at work.",
    ]
    for words, command, kinds in commands():
        given = [one.metavar or one.name.upper() for one in command.params if one.param_type_name == "argument"]
        listed = options(command, kinds)
        usage = " ".join((words, *given, *(["[OPTIONS]"] if listed else [])))
        lines += ["", f"## `{words}`", "", f"    {usage}", "", inspect.cleandoc(command.help or "")]
        if listed:
            lines += ["", "| option | what it does |", "|---|---|"]
            lines += [_row(f"`{written}`", said) for written, said in listed]
    return "\n".join(lines) + "\n"


def rooms() -> dict[str, ModuleType]:
    """Give the rooms that say what they export."""
    found = {}
    for one in pkgutil.iter_modules(cop_analysis.__path__):
        if one.name.startswith("_") or one.name in ("cli", "commands"):
            continue
        room = import_module(f"cop_analysis.{one.name}")
        if getattr(room, "__all__", None):
            found[one.name] = room
    return found


def summary(room: ModuleType, name: str) -> str:
    """Say in a sentence what an exported name is: the first of its docstring, or what stands under a constant."""
    value = getattr(room, name)
    if inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value):
        return " ".join((inspect.getdoc(value) or "").partition("\n\n")[0].split())
    return _under_constant(room, name)


def _under_constant(room: ModuleType, name: str) -> str:
    folder = Path(str(room.__file__)).parent
    for path in (
        sorted(folder.rglob("*.py")) if Path(str(room.__file__)).name == "__init__.py" else [Path(str(room.__file__))]
    ):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for statement, after in zip(body, [*body[1:], ast.Pass()], strict=True):
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            if not any(isinstance(one, ast.Name) and one.id == name for one in targets):
                continue
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                return " ".join(str(after.value.value).partition("\n\n")[0].split())
    return ""


def of_names() -> str:
    """Write the page of the names."""
    lines = [
        "# Names",
        "",
        "Made by `python tools/reference.py`. What each room gives to a notebook or to another program, as "
        "`from cop_analysis import change` and then `change.NAME`; `help(change.NAME)` says what it takes, what it "
        "raises, where the method comes from, and shows it at work.",
    ]
    for name, room in rooms().items():
        said = " ".join((room.__doc__ or "").partition("\n\n")[0].split())
        lines += ["", f"## `{name}`", "", said, "", "| name | what it is |", "|---|---|"]
        lines += [_row(f"`{name}.{one}`", summary(room, one)) for one in sorted(room.__all__, key=str.lower)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the pages, or say which is not as the code is."""
    pages = {COMMANDS: of_commands(), NAMES: of_names()}
    if "--check" in sys.argv[1:]:
        old = [
            path.name for path, text in pages.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
        ]
        sys.exit(f"Run python tools/reference.py: {', '.join(old)} is not as the code is." if old else 0)
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
