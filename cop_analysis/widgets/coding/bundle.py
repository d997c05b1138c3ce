"""The browser's side as the one text a widget sends: its ES modules joined, its style sheet read. Nothing is built.

Each module in `static/` is run as it stands by the tests. A module's names are its own until they are joined here, so
two modules may not give one name to two things; `bundle` refuses that.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

ENTRY = "panel.js"

_IMPORT = re.compile(r'^import\s[^;]*?\sfrom\s+"\./(?P<file>[\w-]+\.js)";\n', re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export (?=(?:const|let|class|function|async function)\b)", re.MULTILINE)
_NAME = re.compile(r"^(?:export )?(?:const|let|class|function\*?|async function)\s+(?P<name>[\w$]+)", re.MULTILINE)


def source(name: str) -> str:
    """Read a file of `static/`."""
    return (files("cop_analysis.widgets.coding") / "static" / name).read_text(encoding="utf-8")


def alone(name: str) -> str:
    """Give a module that needs no other as text that another module can begin with.

    Examples
    --------
    >>> "export" in alone("saved_form.js")
    False
    """
    return _EXPORT.sub("", source(name))


@cache
def bundle(entry: str = ENTRY) -> str:
    """Join the modules an entry needs, each after those it imports.

    Raises
    ------
    ValueError
        When two modules give the same name to something.

    Examples
    --------
    >>> text = bundle()
    >>> "import " in text.split("*/")[0], text.rstrip().endswith("export default { render };")
    (False, True)
    """
    order: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"{name} imports itself by way of {' and '.join(path)}.")
        if name in order:
            return
        for match in _IMPORT.finditer(source(name)):
            visit(match["file"], (*path, name))
        order.append(name)

    visit(entry, ())
    owner: dict[str, str] = {}
    parts = []
    for name in order:
        text = source(name)
        for match in _NAME.finditer(text):
            if match["name"] in owner:
                raise ValueError(f"{owner[match['name']]} and {name} both have a {match['name']}: rename one.")
            owner[match["name"]] = name
        parts.append(f"// {name}\n{_EXPORT.sub('', _IMPORT.sub('', text))}")
    return "\n".join(parts)
