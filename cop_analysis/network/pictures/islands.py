"""The ground every picture of people stands on: islands, panels, the way of a tie, a person's mark, the legend.

What a picture says (which ties, which facts, which words) belongs to the picture; here is only how it looks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cop_analysis import characters
from cop_analysis.figures import GREY, INK, PAPER, stand_alone_svg
from cop_analysis.network.methods.networks import LEVELS, ORGANISATION, RelationNetworks
from cop_analysis.network.pictures.shapes import (
    COLOURS,
    SHAPES,
    Island,
    Layout,
    arrow_head,
    islands_layout,
    label_within,
    mixed_with_paper,
    number,
    rim,
    shape,
    text_of,
    with_code,
)
from cop_analysis.results import Figure, count_of
from cop_analysis.results.values import is_missing

WIDTH = 960.0
FONT = "DejaVu Sans, Verdana, Arial, sans-serif"
NOT_GIVEN = {level: f"no {level} given" for level in LEVELS}
"""What people are called of whom no organisation, or no sector, is known, where a picture groups people."""

NO_ORGANISATION = NOT_GIVEN[ORGANISATION]
EDGE = 8.0
BUNDLED_ABOVE = 400
"""Ties of a picture above which those between the same two islands run together, so that ways can be followed."""

PEOPLE_AT_MOST = 800
"""More people than this cannot be told apart on a page; a picture of people is then left out, and that is said."""

_SKIP = 20.0
_PANEL_GAP = 20.0
_HEAD = 40.0
_LABEL = 18.0
_LEGEND_UP_TO = 40
_ARROWS_UP_TO = 600
_ABREAST_UP_TO = 120


@dataclass(frozen=True, eq=False)
class Ground:
    """Who is where, and with which mark; the same for every wave.

    Attributes
    ----------
    found : RelationNetworks
        By organisation.
    members : mapping of organisation to people
    home : mapping of person to organisation
    layout : Layout
    look : mapping of organisation to (shape, colour)
    marks : mapping of person to str
        What is printed on a mark: the name where all are short, else a number.
    ties : int
        Of the fullest wave.
    """

    found: RelationNetworks
    members: Mapping[Hashable, list[Hashable]]
    home: Mapping[Hashable, Hashable]
    layout: Layout
    look: Mapping[Hashable, tuple[str, str]]
    marks: Mapping[Hashable, str]
    ties: int

    @classmethod
    def of(cls, found: RelationNetworks) -> Ground | None:
        """Place everybody of every wave; None where there is nobody."""
        home: dict[Hashable, Hashable] = {}
        for wave in found.waves:
            for person, data in wave.graph.nodes(data=True):
                home[person] = NO_ORGANISATION if is_missing(data.get(ORGANISATION)) else data[ORGANISATION]
        if not home:
            return None
        members: dict[Hashable, list[Hashable]] = {}
        for person in sorted(home, key=lambda one: (one in found.unnamed, str(one))):
            members.setdefault(home[person], []).append(person)
        members = {
            group: members[group] for group in sorted(members, key=lambda group: (group == NO_ORGANISATION, str(group)))
        }
        people = [person for group in members.values() for person in group if person not in found.unnamed]
        # A name of four letters fits into a mark; longer names are numbered, and the table below says who is who.
        short = all(len(str(person)) <= 4 for person in people)
        marks = {person: str(person) if short else str(place) for place, person in enumerate(people, start=1)}
        return cls(
            found=found,
            members=members,
            home=home,
            # So many people are not drawn, so nobody needs a place.
            layout=islands_layout(members) if len(home) <= PEOPLE_AT_MOST else Layout({}, {}, 0.0, 0.0),
            look=looks_of(list(members)),
            marks={**marks, **{person: "–" for person in home if person in found.unnamed}},
            ties=max(wave.graph.number_of_edges() for wave in found.waves),
        )

    @property
    def undrawn(self) -> tuple[str, ...]:
        """Say why there is no picture, where people are too many for one."""
        if len(self.home) <= PEOPLE_AT_MOST:
            return ()
        return (
            f"The network has {len(self.home):,} people; above {PEOPLE_AT_MOST} a person cannot be found in a picture, "
            "so no picture of people is drawn. The map of organisations shows the same ties.",
        )

    @property
    def has_arrows(self) -> bool:
        """Whether arrow heads can still be told apart."""
        return self.found.is_directed and self.ties <= _ARROWS_UP_TO

    @property
    def is_crowded(self) -> bool:
        """Whether ties are so many that each must be drawn faint, and bundled."""
        return self.ties > BUNDLED_ABOVE

    def crosses(self, ego: Hashable, alter: Hashable) -> bool:
        """Tell whether a tie joins two organisations."""
        return self.home[ego] != self.home[alter]


@dataclass(frozen=True)
class Canvas:
    """How a layout becomes coordinates in one panel."""

    layout: Layout
    scale: float
    left: float
    top: float

    def point(self, person: Hashable) -> tuple[float, float]:
        """Give a person's place."""
        x, y = self.layout.people[person]
        return self.left + x * self.scale, self.top + y * self.scale

    def circle(self, island: Island) -> tuple[float, float, float]:
        """Give an island's middle and radius."""
        return self.left + island.x * self.scale, self.top + island.y * self.scale, island.radius * self.scale

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the panel."""
        return self.left + self.layout.width * self.scale / 2, self.top + self.layout.height * self.scale / 2


@dataclass(frozen=True)
class Panels:
    """Panels of equal size, two abreast while people are few enough for it."""

    columns: int
    width: float
    height: float
    scale: float

    @classmethod
    def of(cls, ground: Ground, count: int) -> Panels:
        """Plan `count` panels for a ground."""
        columns = min(2, count) if len(ground.home) <= _ABREAST_UP_TO else 1
        width = (WIDTH - _PANEL_GAP * (columns - 1)) / columns
        room = 620.0 if columns == 1 else 560.0
        scale = min(52.0, (width - 2 * EDGE) / ground.layout.width, room / ground.layout.height)
        return cls(columns, width, _HEAD + 2 * _LABEL + ground.layout.height * scale + EDGE, scale)

    def corner(self, place: int, top: float) -> tuple[float, float]:
        """Give the left and top of a panel by its number."""
        return (place % self.columns) * (self.width + _PANEL_GAP), top + (place // self.columns) * self.height

    def drawn(
        self,
        ground: Ground,
        place: int,
        head: tuple[str, str],
        ties: Callable[[Canvas], list[str]],
        mark: Callable[[Canvas, Hashable], str],
        *,
        role: str = "group",
    ) -> list[str]:
        """Draw a panel: what it is called and its note, islands, ties, names, and everybody's mark on top."""
        left, top = self.corner(place, _SKIP)
        canvas = self.canvas(ground, left, top)
        return [
            f'<g role="{role}" aria-label="{text_of(head[0])}: {text_of(head[1])}">',
            *panel_head(left, top, *head),
            *island_shapes(ground, canvas),
            *ties(canvas),
            *island_names(ground, canvas, left, self.width),
            *(mark(canvas, person) for people in ground.members.values() for person in people),
            "</g>",
        ]

    def canvas(self, ground: Ground, left: float, top: float) -> Canvas:
        """Give the canvas of the panel at a corner."""
        slack = (self.width - ground.layout.width * self.scale) / 2
        return Canvas(ground.layout, self.scale, left + slack, top + _HEAD + _LABEL)

    def bottom(self, count: int, top: float) -> float:
        """Give where `count` panels end."""
        return top + math.ceil(count / self.columns) * self.height


def looks_of(groups: Sequence[Hashable]) -> dict[Hashable, tuple[str, str]]:
    """Give each organisation or sector a shape and a colour; people without one are grey circles."""
    return {
        group: (SHAPES[place % len(SHAPES)], COLOURS[place % len(COLOURS)])
        if group not in NOT_GIVEN.values()
        else ("circle", GREY)
        for place, group in enumerate(groups)
    }


def opening(height: float, width: float = WIDTH) -> str:
    """Open a picture: its element and its paper."""
    size = f"{number(width)} {number(height)}"
    return (
        f'<svg viewBox="0 0 {size}" font-family="{FONT}">'
        f'<rect width="{number(width)}" height="{number(height)}" fill="{PAPER}"/>'
    )


def picture(
    name: str,
    title: str,
    alt: str,
    height: float,
    parts: Iterable[str],
    table: pd.DataFrame,
    *,
    width: float = WIDTH,
    leads_to: str = "",
    role: str = "group",
) -> Figure:
    """Put the parts of a picture together.

    Parameters
    ----------
    name, title, alt, table
        As of `results.Figure`.
    height : float
    parts : iterable of str
        Markup, in the order in which it is drawn.
    width : float
    leads_to : str
        How anchors begin that are links to elsewhere on the page, so that they are not taken for the picture's own.
    role : {"group", "img"}
        An image hides what is inside it from assistive technology; a group lets each mark be reached.
    """
    svg = stand_alone_svg(opening(height, width) + "".join(parts) + "</svg>", name, title, alt)
    if leads_to:
        svg = svg.replace(f'href="#{name}-{leads_to}', f'href="#{leads_to}')
    return Figure(name=name, title=title, svg=svg.replace('role="img"', f'role="{role}"', 1), alt=alt, table=table)


def people_picture(
    name: str,
    title: str,
    alt: str,
    table: pd.DataFrame,
    panels: Panels,
    drawn: Sequence[Sequence[str]],
    legend: Callable[[float], tuple[list[str], float]],
    *,
    leads_to: str = "",
) -> Figure:
    """Put panels of people and the legend below them together, with a way past the people."""
    lines, height = legend(panels.bottom(len(drawn), _SKIP))
    return picture(
        name,
        title,
        alt,
        height,
        [skip_link("end"), *(part for panel in drawn for part in panel), '<g id="end">', *lines, "</g>"],
        table,
        leads_to=leads_to,
    )


def text_line(x: float, y: float, text: str, size: float = 12, *, bold: bool = False, anchor: str = "") -> str:
    """Write a line of text.

    Examples
    --------
    >>> text_line(8, 20, "A & B")
    '<text x="8" y="20" font-size="12" fill="#212B32">A &amp; B</text>'
    """
    weight = ' font-weight="bold"' if bold else ""
    place = f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{weight}{place} fill="{INK}">'
        f"{text_of(text)}</text>"
    )


def panel_head(left: float, top: float, title: str, note: str) -> list[str]:
    """Write what a panel is called, and the line below."""
    return [
        text_line(left + EDGE, top + 16, shortened(title, 44), 15, bold=True),
        text_line(left + EDGE, top + 33, note, 12.5),
    ]


def skip_link(target: str) -> str:
    """Give keyboard users a way past the people of a picture."""
    return (
        f'<a href="#{target}"><text x="{number(EDGE)}" y="14" font-size="11.5" fill="{INK}" '
        'text-decoration="underline">Skip past the people in this picture</text></a>'
    )


# --- islands -------------------------------------------------------------------------------------------------------


def island_shapes(ground: Ground, canvas: Canvas) -> list[str]:
    """Draw the islands, pale, to stand below everything."""
    parts = []
    for group, island in ground.layout.islands.items():
        x, y, radius = canvas.circle(island)
        colour = ground.look[group][1]
        parts.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{mixed_with_paper(colour, 0.06)}" '
            f'stroke="{mixed_with_paper(colour, 0.35)}"/>'
        )
    return parts


def island_names(ground: Ground, canvas: Canvas, left: float, width: float) -> list[str]:
    """Write the organisations' names beside their islands, as long as there is room for them."""
    many = len(ground.members) > 9
    size = (10.0 if many else 12.0) if canvas.scale * ground.layout.width < 600 else 13.0
    parts = []
    for group, island in ground.layout.islands.items():
        x, y, radius = canvas.circle(island)
        fits = int((2 * radius + (6 if many else 60)) / (0.64 * size))
        if fits < 3:
            continue
        label = label_within(group, ground.found.names, min(fits, 30))
        half = 0.3 * size * len(label) + 1
        place = min(max(x, left + half), left + width - half)
        baseline = y - radius - 4 if y <= canvas.middle[1] + 1 or many else y + radius + size
        parts.append(
            f'<rect x="{number(place - half)}" y="{number(baseline - 0.85 * size)}" width="{number(2 * half)}" '
            f'height="{number(1.1 * size)}" fill="{PAPER}" fill-opacity="0.7"/>'
            + text_line(place, baseline, label, size, anchor="middle")
        )
    return parts


# --- ties ----------------------------------------------------------------------------------------------------------


def tie_line(ground: Ground, canvas: Canvas, ego: Hashable, alter: Hashable) -> tuple[str, tuple[float, float]]:
    """Give the way of a tie as a path, and the point it comes from where it arrives.

    Ties within an island are straight; ties between islands bow towards the middle of the picture, clear of islands
    that lie between. In a crowded picture those between the same two islands run together on their way.
    """
    start, end = canvas.point(ego), canvas.point(alter)
    moved = f"M{number(start[0])} {number(start[1])}"
    if not ground.crosses(ego, alter):
        return f"{moved}L{number(end[0])} {number(end[1])}", start
    if ground.is_crowded:
        first, second = _gates(ground, canvas, ground.home[ego], ground.home[alter])
        ways = f"{number(first[0])} {number(first[1])} {number(second[0])} {number(second[1])}"
        return f"{moved}C{ways} {number(end[0])} {number(end[1])}", second
    half = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    bend = (half[0] + 0.35 * (canvas.middle[0] - half[0]), half[1] + 0.35 * (canvas.middle[1] - half[1]))
    return f"{moved}Q{number(bend[0])} {number(bend[1])} {number(end[0])} {number(end[1])}", bend


def tie_head(ground: Ground, canvas: Canvas, alter: Hashable, origin: tuple[float, float], weight: float = 0.0) -> str:
    """Give the arrow head of a tie at the rim of the mark it names, which `weight` makes larger."""
    end = canvas.point(alter)
    direction = math.atan2(end[1] - origin[1], end[0] - origin[0])
    reach = rim(ground.look[ground.home[alter]][0], mark_radius(canvas.scale, weight), direction + math.pi) + 0.8
    tip = (end[0] - reach * math.cos(direction), end[1] - reach * math.sin(direction))
    return arrow_head(*tip, direction, max(3.0, min(8.0, 0.26 * canvas.scale)))


def _gates(
    ground: Ground, canvas: Canvas, first: Hashable, second: Hashable
) -> tuple[tuple[float, float], tuple[float, float]]:
    x1, y1, r1 = canvas.circle(ground.layout.islands[first])
    x2, y2, r2 = canvas.circle(ground.layout.islands[second])
    apart = math.hypot(x2 - x1, y2 - y1) or 1.0
    along = ((x2 - x1) / apart, (y2 - y1) / apart)
    bow = 0.18
    gates = []
    for x, y, radius, sign in ((x1, y1, r1, 1), (x2, y2, r2, -1)):
        gate = (x + sign * along[0] * 1.25 * radius, y + sign * along[1] * 1.25 * radius)
        gates.append((gate[0] + bow * (canvas.middle[0] - gate[0]), gate[1] + bow * (canvas.middle[1] - gate[1])))
    return gates[0], gates[1]


# --- people --------------------------------------------------------------------------------------------------------


def mark_size(ground: Ground, scale: float) -> float:
    """The size at which names or numbers are printed on the marks, 0 where they would not be legible."""
    longest = max(len(mark) for mark in ground.marks.values())
    size = min(11.5, scale / (0.64 * max(longest, 2)))
    return size if size >= 8 else 0.0


def mark_radius(scale: float, weight: float) -> float:
    """The radius of a person's mark; its area grows with a weight from 0 to 1."""
    return max(2.2, min(22.0, scale * math.sqrt(0.075 + 0.125 * weight)))


def person_mark(
    ground: Ground,
    canvas: Canvas,
    person: Hashable,
    words: str,
    *,
    weight: float = 0.0,
    hollow: bool = False,
    alone: bool = False,
    focusable: bool = True,
    link: str = "",
) -> str:
    """Draw a person's mark with the words it says.

    A hollow one is of somebody who did not answer, one with a second outline of somebody without a tie.
    """
    x, y = canvas.point(person)
    kind, colour = ground.look[ground.home[person]]
    radius = mark_radius(canvas.scale, weight)
    stroke = max(0.8, min(1.8, 0.07 * canvas.scale))
    size = mark_size(ground, canvas.scale)
    if hollow:
        dashes = ' stroke-dasharray="3 2"' if size else ""
        paint = f'fill="{PAPER}" stroke="{colour}" stroke-width="{number(stroke)}"{dashes}'
    elif size:
        # A pale mark, so that a name wider than its mark stays readable.
        paint = f'fill="{mixed_with_paper(colour, 0.45)}" stroke="{colour}" stroke-width="{number(stroke)}"'
    else:
        paint = f'fill="{colour}" stroke="{PAPER}" stroke-width="0.6"'
    said = text_of(words)
    if link and focusable:
        held, closed = f'<a href="#{link}" aria-label="{said}">', "</a>"
    else:
        held, closed = (f'<g tabindex="0" role="img" aria-label="{said}">' if focusable else "<g>"), "</g>"
    parts = [f"{held}<title>{said}</title>", shape(kind, x, y, radius, paint)]
    if alone:
        ring = f'fill="none" stroke="{INK}" stroke-width="{number(0.6 * stroke)}"'
        parts.append(shape(kind, x, y, radius + max(1.6, 0.09 * canvas.scale), ring))
    if size:
        parts.append(text_line(x, y + 0.36 * size, ground.marks[person], size, anchor="middle"))
    return "".join([*parts, closed])


def absent_mark(canvas: Canvas, person: Hashable) -> str:
    """Draw a small cross where somebody stands in another wave and not in this one."""
    x, y = canvas.point(person)
    arm = max(1.5, 0.12 * canvas.scale)
    return (
        f'<path d="M{number(x - arm)} {number(y - arm)}L{number(x + arm)} {number(y + arm)}'
        f'M{number(x - arm)} {number(y + arm)}L{number(x + arm)} {number(y - arm)}" stroke="{GREY}" fill="none"/>'
    )


# --- legend --------------------------------------------------------------------------------------------------------


def organisations_legend(ground: Ground, top: float) -> tuple[list[str], float]:
    """List the organisations with their marks, and say where the list ends."""
    if len(ground.members) > _LEGEND_UP_TO:
        return [], top + 12
    counted = {group: count_of(len(people), "person", "people") for group, people in ground.members.items()}
    return organisations_key(ground.found.names, ground.look, list(counted), top + 12, counted)


def organisations_key(
    names: Mapping[Hashable, str],
    look: Mapping[Hashable, tuple[str, str]],
    groups: Sequence[Hashable],
    top: float,
    counted: Mapping[Hashable, str] | None = None,
) -> tuple[list[str], float]:
    """List organisations with their marks, their names and their codes, and say where the list ends."""
    labels = {group: with_code(group, names) for group in groups}
    columns = 3 if max(map(len, labels.values()), default=0) <= 28 else 2
    room = int((WIDTH / columns - 30) / 7.3)
    parts: list[str] = []
    for place, group in enumerate(labels):
        x, line = 14 + (place % columns) * (WIDTH / columns), top + (place // columns) * 20
        kind, colour = look[group]
        tail = f": {counted[group]}" if counted else ""
        parts.append(shape(kind, x, line, 6, f'fill="{colour}"'))
        parts.append(text_line(x + 13, line + 4, with_code(group, names, room - len(tail)) + tail))
    return parts, top + math.ceil(len(labels) / columns) * 20


def reading_lines(sentences: Iterable[str], top: float) -> tuple[list[str], float]:
    """Write how a picture is read, as few lines as hold the sentences, and say where they end."""
    lines: list[str] = [""]
    for sentence in sentences:
        if len(lines[-1]) + len(sentence) > 125:
            lines.append("")
        lines[-1] = f"{lines[-1]} {sentence}".strip()
    return [text_line(EDGE, top + 4 + 17 * n, line) for n, line in enumerate(lines)], top + 17 * len(lines)


def silent_sentences(ground: Ground) -> list[str]:
    """Say what hollow marks and small crosses mean, where there are any."""
    waves = ground.found.waves
    hollow = [
        *(["did not answer"] if any(wave.silent for wave in waves) else []),
        *(["never asked"] if any(wave.not_asked for wave in waves) else []),
        *(["not on the roster, so never asked"] if any(wave.off_roster for wave in waves) else []),
    ]
    sentences = [f"Hollow: {', or '.join(hollow)}."] if hollow else []
    if any(person not in wave.graph for wave in waves for person in ground.home):
        sentences.append("Small grey ×: not in the network at that wave.")
    return sentences


def tie_sentences(ground: Ground) -> list[str]:
    """Say what arrows mean, or why there are none."""
    if ground.has_arrows:
        return ["Arrow: from who answered to whom they named."]
    return ["Arrow heads are left out at this number of ties."] if ground.found.is_directed else []


def numbers_sentence(ground: Ground, scale: float) -> list[str]:
    """Say what is printed in place of a name: a number where names are too long, a dash for who is not named."""
    named = {person: mark for person, mark in ground.marks.items() if person not in ground.found.unnamed}
    printed = mark_size(ground, scale) and any(mark != str(person) for person, mark in named.items())
    bare = len(named) < len(ground.marks) and mark_size(ground, scale)
    return [
        *(["–: did not consent, so not named."] if bare else []),
        *(["Numbers: see the table of this picture."] if printed else []),
    ]


def shortened(text: str, longest: int) -> str:
    """Cut a text with an ellipsis.

    Examples
    --------
    >>> shortened("organisation", 6)
    'organ…'
    """
    return characters.shortened(text, max(2, longest))
