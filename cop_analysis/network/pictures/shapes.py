"""Shapes, colours and arrows, safe text, names that fit, and where people stand: what every picture is put together of.

Nothing is drawn here as a whole, and no network is known.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from cop_analysis.characters import shortened
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


# --- names that fit ------------------------------------------------------------------------------------------------


def with_code(code: Hashable, names: Mapping[Hashable, str], longest: int = 200) -> str:
    """Write an organisation's name with its code, once where they are the same word; a long name is cut, not its code.

    Examples
    --------
    >>> with_code("HOSP_A", {"HOSP_A": "Alder Hospice"}), with_code("north", {"north": "North"}), with_code("x", {})
    ('Alder Hospice (HOSP_A)', 'North', 'x')
    >>> with_code("HOSP_A", {"HOSP_A": "Alder Hospice"}, 18)
    'Alder Ho… (HOSP_A)'
    """
    name = names.get(code, str(code))
    same = name.casefold() == str(code).casefold() or name.endswith(f"({code})")
    tail = "" if same else f" ({code})"
    room = longest - len(tail)
    return shortened(name, max(2, room)) + tail


def label_within(code: Hashable, names: Mapping[Hashable, str], longest: int) -> str:
    """Choose what an organisation is called where there is little room: its name, else its code, else a part of it.

    Examples
    --------
    >>> names = {"COMM": "Downland Community Health"}
    >>> label_within("COMM", names, 30), label_within("COMM", names, 8), label_within("COMM", names, 3)
    ('Downland Community Health', 'COMM', 'Do…')
    """
    name = names.get(code, str(code))
    if len(name) <= longest:
        return name
    return str(code) if len(str(code)) <= longest else shortened(name, max(2, longest))


def lines_of(text: str, longest: int) -> list[str]:
    """Break a name into lines at its spaces; a word longer than a line is cut.

    Examples
    --------
    >>> lines_of("Downland Community Health", 16), lines_of("Otorhinolaryngology", 8)
    (['Downland', 'Community Health'], ['Otorhin…'])
    """
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [shortened(line, max(2, longest)) for line in lines] or [""]


# --- where people stand --------------------------------------------------------------------------------------------

_RING_UP_TO = 12
_ISLANDS_ON_A_RING = 9
_MARGIN = 0.95
_GAP = 0.7


@dataclass(frozen=True)
class Island:
    """A circle of people. Units: the distance between neighbours is 1."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Layout:
    """Islands and people on a plane whose unit is the distance between neighbours, from (0, 0) to (width, height)."""

    islands: Mapping[Hashable, Island]
    people: Mapping[Hashable, tuple[float, float]]
    width: float
    height: float


def islands_layout(members: Mapping[Hashable, Sequence[Hashable]]) -> Layout:
    """Place each group as an island without overlap, and its people within it; the same input gives the same places.

    Parameters
    ----------
    members : mapping of group to people
        In the order in which they are to be placed; no group empty.

    Returns
    -------
    Layout

    Examples
    --------
    >>> places = islands_layout({"north": ["a", "b"], "south": ["c"]})
    >>> len(places.people), places.islands["north"].radius > places.islands["south"].radius
    (3, True)
    """
    local = {group: _within(len(people)) for group, people in members.items()}
    radii = {group: max(math.hypot(x, y) for x, y in spots) + _MARGIN for group, spots in local.items()}
    order = list(members)
    sizes = [radii[group] for group in order]
    centres = _on_a_ring(sizes) if len(order) <= _ISLANDS_ON_A_RING else _packed(sizes)
    left = min(x - r for (x, _), r in zip(centres, sizes, strict=True))
    top = min(y - r for (_, y), r in zip(centres, sizes, strict=True))
    right = max(x + r for (x, _), r in zip(centres, sizes, strict=True))
    bottom = max(y + r for (_, y), r in zip(centres, sizes, strict=True))
    islands, places = {}, {}
    for group, (x, y) in zip(order, centres, strict=True):
        islands[group] = Island(x - left, y - top, radii[group])
        for person, (dx, dy) in zip(members[group], local[group], strict=True):
            places[person] = (x - left + dx, y - top + dy)
    return Layout(islands, places, right - left, bottom - top)


def _within(count: int) -> list[tuple[float, float]]:
    """A ring where its chords stay readable, else the sunflower pattern (Vogel 1979), neighbours about 1 apart."""
    if count == 1:
        return [(0.0, 0.0)]
    if count <= _RING_UP_TO:
        radius = 0.5 / math.sin(math.pi / count)
        turns = [2 * math.pi * number / count - math.pi / 2 for number in range(count)]
        return [(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns]
    golden = math.pi * (3 - math.sqrt(5))
    return [
        (0.61 * math.sqrt(n + 0.5) * math.cos(n * golden), 0.61 * math.sqrt(n + 0.5) * math.sin(n * golden))
        for n in range(count)
    ]


def _on_a_ring(radii: list[float]) -> list[tuple[float, float]]:
    count = len(radii)
    if count == 1:
        return [(0.0, 0.0)]
    reaches = [radii[n] + radii[(n + 1) % count] + _GAP for n in range(count)]
    if count == 2:
        return [(0.0, 0.0), (reaches[0], 0.0)]
    ring = max(reaches) / 2
    while True:
        steps = [2 * math.asin(min(1.0, reach / (2 * ring))) for reach in reaches]
        if sum(steps) <= 2 * math.pi + 1e-9:
            spare = (2 * math.pi - sum(steps)) / count
            turn, centres = -math.pi / 2, []
            for step in steps:
                centres.append((ring * math.cos(turn), ring * math.sin(turn)))
                turn += step + spare
            if not _overlapping(centres, radii):
                return centres
        ring *= 1.01


def _packed(radii: list[float]) -> list[tuple[float, float]]:
    """Many islands: the largest in the middle, each next at the first free place along a spiral."""
    centres: dict[int, tuple[float, float]] = {}
    start = 0.0
    for number in sorted(range(len(radii)), key=lambda n: (-radii[n], n)):
        turn = start
        while True:
            reach = 0.12 * turn
            spot = (1.25 * reach * math.cos(turn), reach * math.sin(turn))
            if all(math.dist(spot, other) >= radii[number] + radii[placed] + _GAP for placed, other in centres.items()):
                break
            turn += 0.35 / max(1.0, math.sqrt(turn))
        centres[number] = spot
        # The middle is full by now: smaller islands need not search it again from the start, only most of it.
        start = max(0.0, 0.5 * turn)
    return [centres[number] for number in range(len(radii))]


def _overlapping(centres: list[tuple[float, float]], radii: list[float]) -> bool:
    return any(
        math.dist(centres[a], centres[b]) < radii[a] + radii[b] + _GAP - 1e-6
        for a in range(len(radii))
        for b in range(a)
    )
