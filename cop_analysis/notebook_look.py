"""How a result looks in a notebook: words at the left, tables in their box, overlapping passages seen apart.

JupyterLab aligns cells to the right and lets tables grow. The report has a style sheet of its own and drops this one.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def style() -> str:
    """Give the style sheet `notebook_look.css` as an element.

    Examples
    --------
    >>> style().startswith("<style>")
    True
    """
    css = (files("cop_analysis") / "notebook_look.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>"


def in_notebook(html: str) -> str:
    """Give a result's HTML as a notebook shows it.

    Examples
    --------
    >>> in_notebook('<div class="cop-result"></div>').endswith('<div class="cop-result"></div>')
    True
    """
    return style() + html
