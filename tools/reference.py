"""Write the reference of docs/ from the code: commands, exported names, headings of the pages, the architecture.

    python tools/reference.py            # writes commands.md, names.md, pages.md and the made parts of architecture.md
    python tools/reference.py --check    # says whether they are as the code is

What stands in them is said once, in the code: the docstring of a command and the help of its options, the first
sentence of what a room exports, what a page is registered by and calls, the layers of `.importlinter`, the tables of
the store, and the ways of `tools/walks.py`. `tests/test_docs.py` fails where something is missing, or named that is
gone.
"""

from __future__ import annotations

import ast
import configparser
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

import cop_analysis
from cop_analysis import cli
from cop_analysis.commands import registry
from cop_analysis.pages import OPENED_PAGES

ROOT = Path(__file__).resolve().parent.parent
COMMANDS, NAMES, PAGES, ARCHITECTURE = (
    ROOT / "docs" / f"{name}.md" for name in ("commands", "names", "pages", "architecture")
)
WIDE = 100
STORE = {
    "head": "one row: which study this is, how far the log has got, and who may write; every writer locks it first",
    "record": "what is: every code, extract, configuration, ... as JSON",
    "reference": "which record names which, so that the database itself refuses a link to nothing",
    "change": "what was done: who, when, which verb, and which change an undo or a redo is about",
    "entry": "what a change made of one record: before and after",
    "correction": "what a corrected text of a document changed, so that an undo gives the text back",
    "conflict": "what two codings disagree on and somebody has to settle",
    "agreement": "which coding.json files say what the database said, and when",
    "tombstone": "salted checksums of what was erased, so that an old copy does not bring it back",
    "erased_turn": "where in a text that stayed turns were erased",
    "erasing": "an erasure that was begun and has to be finished",
}
"""What each table of the store is for."""


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


def of_pages() -> str:
    """Write the page of the headings: by which key each is found, which method gives it, and which measures it asks."""
    lines = [
        "# Headings of the pages",
        "",
        "Made by `python tools/reference.py`. Each heading of a page goes by a key: it is the anchor of its result "
        "(`03_collaboration_network.html#network-summary-advice`) and the name of its table "
        "(`tables/03-network-summary-advice.csv`); what was opened may stand behind it, as the relation does here. The "
        "method is one of the object that the notebook opens, in the module named. The measures are the pure functions "
        "it comes to, found by reading the code: their docstrings hold formula, source and assumptions "
        "(`help(network.ei_index)`). Small helpers are left out; a heading without a measure lists or counts.",
    ]
    for page in OPENED_PAGES:
        kind = page.kind_opened
        lines += ["", f"## `{page.notebook}`: `{kind.__module__.split('.')[1]}.{kind.__name__}`", ""]
        lines += ["| key | method | module | measures |", "|---|---|---|---|"]
        for one in page.pages:
            module = inspect.unwrap(getattr(kind, one.method)).__module__
            measures = [f"`{name}` ({_file(where)})" for name, where in measures_behind(kind, one.method)]
            lines.append(_row(f"`{one.key}`", f"`{one.method}`", f"`{_file(module)}`", ", ".join(measures)))
    return "\n".join(lines) + "\n"


def _file(module: str) -> str:
    return "/".join(module.split(".")[1:]) + ".py"


def measures_behind(kind: type, method: str) -> list[tuple[str, str]]:
    """Name the pure functions of the room that a page's method comes to, each with its module: read in the code.

    Followed is what the method calls on what was opened and in the room's pages; sentences and pictures are left out.
    What counts as a measure is a function of ``methods/`` that the room exports, or whose docstring says what it gives
    (any, in a room that exports none); one that only runs another (``Run `signed_rank` on ...``) stands for that.
    """
    room = ".".join(kind.__module__.split(".")[:2])
    given = import_module(room)
    exported = {
        name
        for name in getattr(given, "__all__", ())
        if getattr(getattr(given, name), "__module__", "").startswith(f"{room}.methods.")
    }
    found: dict[str, str] = {}
    seen: set[object] = set()

    def note(function: object) -> None:
        if not inspect.isfunction(function):
            return
        name, module = function.__name__, function.__module__
        if module.startswith(f"{room}.methods."):
            told = inspect.getdoc(function) or ""
            named = re.findall(r"`(\w+)`", told.partition("\n")[0])
            if name in exported or (not name.startswith("_") and ("\nReturns\n" in told or not exported)):
                found.setdefault(name, module)
            elif not name.startswith("_"):
                found.update({one: vars(import_module(module))[one].__module__ for one in named if one in exported})
        elif module.startswith(f"{room}.") and ".pictures." not in module and not module.endswith("words"):
            follow(function)

    def follow(function: object) -> None:
        function = inspect.unwrap(function) if callable(function) else function
        if not inspect.isfunction(function) or function in seen:
            return
        seen.add(function)
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        itself = next(iter(inspect.signature(function).parameters), "")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                note(function.__globals__.get(node.id))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = function.__globals__.get(node.value.id)
                if inspect.ismodule(owner) and not owner.__name__.endswith(("words", "columns")):
                    note(getattr(owner, node.attr, None))
                elif node.value.id == itself:
                    held = inspect.getattr_static(kind, node.attr, None)
                    follow(getattr(held, "fget", None) or getattr(held, "func", None) or held)

    follow(getattr(kind, method))
    return sorted(found.items())


def contracts() -> dict[str, tuple[str, list[list[str]]]]:
    """Give each contract of `.importlinter`: its name, and its rows from the top, each of what stands side by side."""
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter", encoding="utf-8")
    found = {}
    for section in read.sections():
        layers = read[section].get("layers", "").split("\n")
        rows = [[name.strip() for name in re.split(r"[|:]", row)] for row in layers if row.strip()]
        if rows:
            found[section.rpartition(":")[2]] = (read[section]["name"], rows)
    return found


def drawn_rooms() -> str:
    """Draw the rooms one above the other, and the floors inside them."""
    every = contracts()
    _, house = every.pop("layers")
    lines = ["```text"]
    for number, row in enumerate(house):
        names = [name.removeprefix("cop_analysis.") for name in row]
        boxes = [f"[ {name} ]" for name in names if not name.startswith("_")]
        lines += ["|".center(WIDE).rstrip()] * bool(number) + ["  ".join(boxes).center(WIDE).rstrip()]
    lines += ["", "inside a room (each imports what stands to its right):", ""]
    for _, rows in every.values():
        room = rows[0][0].split(".")[1]
        floors = [" | ".join(name.split(".")[-1] for name in row) for row in rows]
        lines.append(f"{room:>10}:  {' -> '.join(floors)}")
    return "\n".join([*lines, "```"])


def drawn_store() -> str:
    """List the tables of the store: what each is for, its columns, and what it refers to."""
    from cop_analysis.realist.store.schema import metadata

    lines = ["| table | what it is for | columns (key in bold) | refers to |", "|---|---|---|---|"]
    tables = {table.name: table for table in metadata.sorted_tables}
    for name in sorted(tables, key=lambda name: list(STORE).index(name) if name in STORE else len(STORE)):
        columns = [f"**{one.name}**" if one.primary_key else one.name for one in tables[name].columns]
        refers = sorted({one.target_fullname for one in tables[name].foreign_keys})
        lines.append(_row(f"`{name}`", STORE.get(name, ""), ", ".join(columns), ", ".join(refers)))
    return "\n".join(lines)


def drawn_walks() -> str:
    """Tell the ways of `tools/walks.py`: what makes the number, then each file, with a function and what it does."""
    from walks import ITSELF, walk_all, whole_way

    parts = []
    for name, walk in walk_all():
        itself = [f"- `{file}`: `{function}`: {said}" for file, function, said in whole_way(name).steps(ITSELF[name])]
        lines = ["| | file | function | what it does |", "|---|---|---|---|"]
        lines += [
            _row(str(number), f"`{file}`", f"`{function}`", said)
            for number, (file, function, said) in enumerate(walk.hops(), start=1)
        ]
        told = f"{len(walk.files)} files, {len(walk.functions)} functions, {walk.between:,} calls between files."
        head = f"**{name[0].upper()}{name[1:]}**"
        parts.append(
            "\n".join([f"{head}, the thing itself:", "", *itself, "", f"Every file it passes through: {told}"])
        )
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def of_architecture() -> str:
    """Put what is made in its places in the page of the architecture; what was written by hand stays."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    for name, make in (("rooms", drawn_rooms), ("store", drawn_store), ("walks", drawn_walks)):
        begins, ends = f"<!-- made: {name} -->", f"<!-- end: {name} -->"
        before, mark, rest = text.partition(begins)
        _, closing, after = rest.partition(ends)
        if not (mark and closing):
            raise ValueError(f"docs/architecture.md has no place for {name}: {begins} ... {ends}.")
        text = f"{before}{begins}\n\n{make()}\n\n{ends}{after}"
    return text


def main() -> None:
    """Write the pages, or say which is not as the code is."""
    pages = {COMMANDS: of_commands(), NAMES: of_names(), PAGES: of_pages(), ARCHITECTURE: of_architecture()}
    if "--check" in sys.argv[1:]:
        old = [
            path.name for path, text in pages.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
        ]
        sys.exit(f"Run python tools/reference.py: {', '.join(old)} is not as the code is." if old else 0)
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
