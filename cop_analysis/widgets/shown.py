"""How a panel is shown in a notebook: the widget, and beside it the static form, kept as the panel stands.

They are two outputs of the cell. A page without widgets shows the second one; in JupyterLab a rule of the panel's
style sheet hides it as long as the panel itself is alive. Nothing is drawn here.

The browser's side is the one text a widget sends: its ES modules joined, its style sheet read; nothing is built. Each
module in `coding/static/` is run as it stands by the tests. A module's names are its own until they are joined here, so
two modules may not give one name to two things; `bundle` refuses that.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final

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


SETTLED_SECONDS: Final = 8.0
"""The static form is written again when so long nothing was changed: a long one costs the browser a moment."""

RELOADED_SECONDS: Final = 1.0
"""So long after a page was loaded anew it is given the static form: the text to be coded comes first."""

VIEW: Final = "application/vnd.jupyter.widget-view+json"


class Shown:
    """The two outputs of one panel.

    Parameters
    ----------
    html, text : callable
        Give the static form at this moment, as HTML and for a terminal.
    send : callable
        Takes a message to the panel's side in the browser.
    """

    def __init__(
        self, html: Callable[[], str], text: Callable[[], str], send: Callable[[dict[str, Any]], None]
    ) -> None:
        self._html, self._text, self._send = html, text, send
        self._view = ""
        self._pages = 0
        self._handles: list[Any] = []
        self._last = ""
        self._timer: threading.Timer | None = None

    def display(self, widget: Any) -> None:
        """Show the widget and its static form as outputs of the cell that is run."""
        from IPython.display import display

        if "ipykernel" not in sys.modules:
            print(self._text())
            return
        data = widget._repr_mimebundle_() or {}
        data = data[0] if isinstance(data, tuple) else data
        views = {kind: value for kind, value in data.items() if kind.startswith("application/")}
        # Without a word of its own, a page without widgets shows the static form once and not twice.
        display({**views, "text/plain": ""}, raw=True)
        self._view = str(views.get(VIEW, {}).get("model_id", ""))
        self._last = self._html()
        handle = display({"text/html": self._last, "text/plain": self._text()}, raw=True, display_id=True)
        if handle is not None:
            self._handles = [handle]

    def seen(self) -> None:
        """Note that a page draws the panel; from the second on, it was loaded anew and is given the form itself."""
        self._pages += 1
        if self._pages > 1:
            self._last = ""
            self.changed(RELOADED_SECONDS)

    def changed(self, after: float = SETTLED_SECONDS) -> None:
        """Write the static form again once nothing has changed for a while, in seconds."""
        if not self._handles:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(after, self._update)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Stop keeping it up to date."""
        if self._timer is not None:
            self._timer.cancel()
        self._handles = []

    def _update(self) -> None:
        try:
            html, text = self._html(), self._text()
        except Exception:  # the coding was closed, or cannot be read at this moment; the form stays as it was
            return
        if html != self._last:
            self._last = html
            for handle in self._handles:
                handle.update({"text/html": html, "text/plain": text}, raw=True)
            # A page that was loaded anew no longer knows the outputs by their display identifiers.
            if self._pages > 1:
                self._send({"kind": "form", "view": self._view, "html": html, "text": text})
