"""The marks a network picture is made of: shapes, colours, arrows, and text that is safe in SVG; no layout here."""

from __future__ import annotations

import math
from html import escape

from cop_analysis.figures import BLUE, GREEN, INK, ORANGE, PAPER, PURPLE, SKY, VERMILION, YELLOW

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY, VERMILION)
SHAPES = ("circle", "square", "triangle", "diamond", "hexagon", "pentagon", "star", "cross", "wedge")
"""Seven colours and nine shapes: 63 organisations before a pair comes again."""


def text_of(value: object) -> str:
    """Write any value as SVG text: escaped, without control characters, and nothing that reads as a reference.

    Examples
    --------
    >>> text_of('<b> & "url(#a)"')
    '&lt;b&gt; &amp; &quot;url(&#35;a)&quot;'
    """
    plain = "".join(character if character.isprintable() else " " for character in str(value))
    return "&#35;".join(escape(part, quote=True) for part in plain.split("#"))


def number(value: float) -> str:
    """Write a coordinate: at most one decimal, no needless zero.

    Examples
    --------
    >>> number(3.04), number(-0.04), number(12.5)
    ('3', '0', '12.5')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def text_colour_on(colour: str) -> str:
    """Choose dark or light text, whichever stands out more on a background (WCAG relative luminance).

    Examples
    --------
    >>> text_colour_on("#005EB8"), text_colour_on("#FFFFFF")
    ('#FFFFFF', '#212B32')
    """
    back = _luminance(colour)
    light = (1.05) / (back + 0.05)
    dark = (back + 0.05) / (_luminance(INK) + 0.05)
    return PAPER if light >= dark else INK


def shape(kind: str, x: float, y: float, radius: float, paint: str) -> str:
    """Draw one mark of `SHAPES` about its middle; shapes are scaled so that they look equally large.

    Parameters
    ----------
    kind : str
    x, y, radius : float
    paint : str
        Presentation attributes.

    Examples
    --------
    >>> shape("square", 10, 10, 4, 'fill="#000"')
    '<rect x="6.4" y="6.4" width="7.2" height="7.2" fill="#000"/>'
    """
    if kind == "circle":
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" {paint}/>'
    if kind == "square":
        half = 0.9 * radius
        side = number(2 * half)
        return f'<rect x="{number(x - half)}" y="{number(y - half)}" width="{side}" height="{side}" {paint}/>'
    points = " ".join(f"{number(x + radius * dx)},{number(y + radius * dy)}" for dx, dy in _OUTLINES[kind])
    return f'<polygon points="{points}" {paint}/>'


def rim(kind: str, radius: float, direction: float) -> float:
    """Give how far the outline of a mark is from its middle in a direction in radians.

    Examples
    --------
    >>> rim("circle", 5, 1.0), round(rim("square", 10, 0.0), 6), round(rim("triangle", 10, math.pi / 2), 2)
    (5, 9.0, 6.6)
    """
    across, down = math.cos(direction), math.sin(direction)
    if kind == "circle":
        return radius
    if kind == "square":
        return 0.9 * radius / max(abs(across), abs(down))
    furthest = 0.0
    corners = _OUTLINES[kind]
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        # Where the ray from the middle meets the side, as a share of the side and a length along the ray.
        turned = across * (y2 - y1) - down * (x2 - x1)
        if abs(turned) < 1e-12:
            continue
        along = (down * x1 - across * y1) / turned
        if -1e-9 <= along <= 1 + 1e-9:
            furthest = max(furthest, (x1 * (y2 - y1) - y1 * (x2 - x1)) / turned)
    return radius * furthest


def arrow_head(x: float, y: float, direction: float, size: float) -> str:
    """Give the path of an arrow head whose tip is at (x, y), pointing in a direction in radians.

    Examples
    --------
    >>> arrow_head(10, 0, 0, 5)
    'M10 0L5 2L5 -2Z'
    """
    corners = [(x, y)]
    for side in (1, -1):
        corners.append(
            (
                x - size * math.cos(direction) - side * 0.4 * size * math.sin(direction),
                y - size * math.sin(direction) + side * 0.4 * size * math.cos(direction),
            )
        )
    return "M" + "L".join(f"{number(px)} {number(py)}" for px, py in corners) + "Z"


def mixed_with_paper(colour: str, amount: float) -> str:
    """Thin a colour towards the paper: 0 is paper, 1 the colour itself.

    Examples
    --------
    >>> mixed_with_paper("#000000", 0.0), mixed_with_paper("#000000", 1.0)
    ('#FFFFFF', '#000000')
    """
    parts = [round(255 + (channel - 255) * amount) for channel in _channels(colour)]
    return "#" + "".join(f"{part:02X}" for part in parts)


def _regular(corners: int, radius: float, turn: float = -math.pi / 2) -> tuple[tuple[float, float], ...]:
    turns = [turn + 2 * math.pi * corner / corners for corner in range(corners)]
    return tuple((radius * math.cos(angle), radius * math.sin(angle)) for angle in turns)


def _star(points: int, outer: float, inner: float) -> tuple[tuple[float, float], ...]:
    turns = [-math.pi / 2 + math.pi * corner / points for corner in range(2 * points)]
    return tuple(
        ((outer, inner)[n % 2] * math.cos(angle), (outer, inner)[n % 2] * math.sin(angle))
        for n, angle in enumerate(turns)
    )


_ARM = 0.5
_OUTLINES = {
    "triangle": _regular(3, 1.32),
    "wedge": _regular(3, 1.32, math.pi / 2),
    "diamond": _regular(4, 1.22),
    "pentagon": _regular(5, 1.12),
    "hexagon": _regular(6, 1.08, 0.0),
    "star": _star(5, 1.42, 0.74),
    "cross": (
        (-_ARM, -1.1), (_ARM, -1.1), (_ARM, -_ARM), (1.1, -_ARM), (1.1, _ARM), (_ARM, _ARM),
        (_ARM, 1.1), (-_ARM, 1.1), (-_ARM, _ARM), (-1.1, _ARM), (-1.1, -_ARM), (-_ARM, -_ARM),
    ),
}  # fmt: skip


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
