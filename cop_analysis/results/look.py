"""How a result looks in a notebook: words at the left, tables in their box, overlapping passages seen apart.

JupyterLab aligns cells to the right and lets tables grow. The report has a style sheet of its own and drops this one.
JupyterLab also resolves the `href` of every link it shows, and a link inside a picture has one that cannot be written:
the whole result is then shown as an error. There the older `xlink:href` leads to the same place and is left alone.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def style() -> str:
    """Give the style sheet `look.css` as an element.

    Examples
    --------
    >>> style().startswith("<style>")
    True
    """
    css = (files("cop_analysis.results") / "look.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>"


_PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_LINK = re.compile(r"(<a\b[^>]*?\s)href=")


def in_notebook(html: str) -> str:
    """Give a result's HTML as a notebook shows it.

    Examples
    --------
    >>> in_notebook('<div class="cop-result"></div>').endswith('<div class="cop-result"></div>')
    True
    >>> in_notebook('<a href="#a">A</a><svg><a href="#p"><text>P</text></a></svg>').removeprefix(style())
    '<a href="#a">A</a><svg><a xlink:href="#p"><text>P</text></a></svg>'
    """
    return style() + _PICTURE.sub(lambda picture: _LINK.sub(r"\1xlink:href=", picture[0]), html)
