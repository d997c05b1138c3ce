"""How the package draws with matplotlib: one style, one way from a plot to an SVG that stands alone in a page.

Colours are told apart without colour vision (Okabe & Ito) and never carry a meaning alone. matplotlib is imported
inside the functions, so that importing `cop_analysis` does not pay for it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from cop_analysis.results import Column, Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW, GREY = (
    "#005EB8",
    "#C25E00",
    "#00775A",
    "#B3402A",
    "#8A4B7D",
    "#4A90C4",
    "#B8860B",
    "#68747F",
)
INK = "#212B32"
PAPER = "#FFFFFF"
DIVERGING = ("#8C4A00", "#E0A458", "#D9DEE2", "#7FB2DB", "#005EB8")
"""Lowest to highest answer of a five-point scale; readable in grey, too."""

_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cop-analysis",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 10,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "legend.frameon": False,
}


@contextmanager
def drawing(width: float, height: float) -> Iterator[MatplotlibFigure]:
    """Open a figure of the given size in inches in the package's style, without a display and without pyplot state.

    Examples
    --------
    >>> with drawing(4, 3) as canvas:
    ...     _ = canvas.add_subplot().plot([1, 2], [3, 4])
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure as MatplotlibFigure

    with mpl.rc_context(_STYLE):
        yield MatplotlibFigure(figsize=(width, height), layout="constrained")


def finish(
    canvas: MatplotlibFigure,
    *,
    name: str,
    title: str,
    alt: str,
    table: pd.DataFrame,
    columns: Mapping[str, Column] = MappingProxyType({}),
) -> Figure:
    """Turn a drawn canvas into a `Figure`; call it inside the ``with drawing(...)`` block.

    The SVG keeps its text as text, carries its title and text alternative for screen readers, scales with the page,
    and has identifiers that start with `name`, so that several pictures can share one page.
    """
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        canvas.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    whole = stand_alone_svg(svg[svg.index("<svg") :], name, title, alt)
    return Figure(name=name, title=title, svg=whole, alt=alt, table=table, columns=columns)


def stand_alone_svg(svg: str, name: str, title: str, alt: str) -> str:
    """Name, describe and prefix an ``<svg>`` element so that it can live in any page beside others.

    Examples
    --------
    >>> alone = stand_alone_svg('<svg viewBox="0 0 9 9"><g id="a"/></svg>', "pic", "A picture", "Nothing in it.")
    >>> alone.startswith('<svg viewBox="0 0 9 9" role="img" aria-labelledby="pic-title pic-desc">')
    True
    >>> alone.endswith('<g id="pic-a"/></svg>')
    True
    """
    from html import escape

    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # matplotlib's style sheet holds one rule for every element; inline in a page it would reach the whole page.
    svg, sheets = re.subn(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="([^"]*)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(xlink:)?href="#([^"]*)"', rf'href="#{name}-\2"', svg)
    svg = re.sub(r"url\(#([^)]*)\)", rf"url(#{name}-\1)", svg)
    opening, rest = svg.split(">", 1)
    opening = re.sub(r'\s(width|height)="[^"]*(pt|px)"', "", opening)
    opening = re.sub(r'\s(xmlns(:xlink)?|version)="[^"]*"', "", opening)
    opening += ' stroke-linejoin="round"' if sheets else ""
    opening += f' role="img" aria-labelledby="{name}-title {name}-desc"'
    return (
        f'{opening}><title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(alt)}</desc>{rest}'
    ).strip()
