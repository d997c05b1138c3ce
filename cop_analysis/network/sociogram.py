"""The sociogram: each wave's people and ties as inline SVG, an island per organisation, the same places in every wave.

Layout and marks come from their own modules; here they are put together, labelled and put into words.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.figures import GREY, INK, PAPER, stand_alone_svg
from cop_analysis.network.labelled import is_missing
from cop_analysis.network.layout import Island, Layout, islands_layout
from cop_analysis.network.marks import (
    COLOURS,
    SHAPES,
    arrow_head,
    mixed_with_paper,
    number,
    shape,
    text_of,
)
from cop_analysis.network.study_networks import ATTRIBUTE, StudyNetworks, WaveNetwork, networks_of, plural
from cop_analysis.results import Figure, Result, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study

PEOPLE_AT_MOST = 800
"""More people than this cannot be told apart on a page; `sociogram` then says so and leaves the picture out."""

_WIDTH = 960.0
_PANEL_GAP = 20.0
_EDGE = 8.0
_HEAD = 40.0
_LABEL = 18.0
_SKIP = 20.0
_LEGEND_UP_TO = 40
_ARROWS_UP_TO = 600
_NO_ORGANISATION = "no organisation given"


@dataclass(frozen=True)
class _Canvas:
    """How a layout becomes coordinates in a panel."""

    layout: Layout
    scale: float
    left: float
    top: float

    def point(self, person: Hashable) -> tuple[float, float]:
        x, y = self.layout.people[person]
        return self.left + x * self.scale, self.top + y * self.scale

    def circle(self, island: Island) -> tuple[float, float, float]:
        return self.left + island.x * self.scale, self.top + island.y * self.scale, island.radius * self.scale


@dataclass(frozen=True)
class _Plan:
    """What all panels share: who is where, with which mark."""

    found: StudyNetworks
    members: Mapping[Hashable, list[Hashable]]
    home: Mapping[Hashable, Hashable]
    layout: Layout
    look: Mapping[Hashable, tuple[str, str]]
    marks: Mapping[Hashable, str]


def sociogram(study: Study, relation: str | None = None) -> Result:
    """Show who is tied to whom, wave beside wave, an island for each organisation.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.

    Returns
    -------
    Result
        With a figure up to 800 people. Its table has one row a wave: ``wave, people, ties, ties_across, cross_share,
        without_ties, did_not_answer``; the figure's, one row a person and wave.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Notes
    -----
    A person keeps their place in all waves. Organisations differ by colour and by shape; people who did not answer
    are hollow; ties across organisations are dark and wide; a larger mark reaches more other organisations. Each
    mark takes keyboard focus and carries its facts.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> sociogram(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).sentence
    'This study has no ties table (ties.csv), so the network cannot be shown.'
    """
    title = "The network, person by person"
    found = networks_of(study, relation, "sociogram", title, "the network")
    if isinstance(found, Result):
        return found
    key = f"sociogram-{found.slug}"
    table = pd.DataFrame([_wave_counts(wave) for wave in found.waves])
    home = _homes(found)
    sentence = " ".join(_wave_sentence(found, wave) for wave in found.waves)
    caveats = list(found.caveats)
    figure = None
    if not home:
        sentence = f"There is nobody in the {found.name} network."
    elif len(home) > PEOPLE_AT_MOST:
        caveats.append(
            f"The network has {len(home):,} people; above {PEOPLE_AT_MOST} people cannot be told apart on a page, "
            "so no picture is drawn. The matrix of organisations shows the same ties."
        )
    else:
        figure = _draw(key, _plan(found, home))
    return Result(
        key=key,
        title=f"{title}: {found.name}",
        sentence=sentence,
        table=table,
        labels={
            "ties_across": "ties across organisations",
            "without_ties": "people without a tie",
            "did_not_answer": "did not answer",
            "other_organisations": "other organisations reached",
        },
        figure=figure,
        caveats=tuple(caveats),
        method="An island is an organisation; people keep their place in every wave. Position and distance carry no "
        "meaning beyond that.",
        sources=found.sources,
    )


# --- what is drawn -------------------------------------------------------------------------------------------------


def _homes(found: StudyNetworks) -> dict[Hashable, Hashable]:
    home: dict[Hashable, Hashable] = {}
    for wave in found.waves:
        for person, data in wave.graph.nodes(data=True):
            home[person] = _NO_ORGANISATION if is_missing(data.get(ATTRIBUTE)) else data[ATTRIBUTE]
    return home


def _plan(found: StudyNetworks, home: dict[Hashable, Hashable]) -> _Plan:
    members: dict[Hashable, list[Hashable]] = {}
    for person in sorted(home, key=str):
        members.setdefault(home[person], []).append(person)
    members = {
        group: members[group] for group in sorted(members, key=lambda group: (group == _NO_ORGANISATION, str(group)))
    }
    look = {
        group: (SHAPES[place % len(SHAPES)], COLOURS[place % len(COLOURS)])
        if group != _NO_ORGANISATION
        else ("circle", GREY)
        for place, group in enumerate(members)
    }
    people = [person for group in members.values() for person in group]
    # A name of four letters fits into a mark; longer names are numbered, and the table below says who is who.
    short = all(len(str(person)) <= 4 for person in people)
    marks = {person: str(person) if short else str(place) for place, person in enumerate(people, start=1)}
    return _Plan(found, members, home, islands_layout(members), look, marks)


def _wave_counts(wave: WaveNetwork) -> dict[str, object]:
    ties, crossing = wave.ties, wave.crossing
    return {
        "wave": wave.label,
        "people": wave.graph.number_of_nodes(),
        "ties": wave.graph.number_of_edges(),
        "ties_across": crossing,
        "cross_share": crossing / ties if ties else float("nan"),
        "without_ties": sum(degree == 0 for _, degree in wave.graph.degree()),
        "did_not_answer": wave.silent,
    }


def _wave_sentence(found: StudyNetworks, wave: WaveNetwork) -> str:
    counts = _wave_counts(wave)
    text = (
        f"{wave.label}: {wave.graph.number_of_edges():,} {found.name} "
        f"{'tie' if wave.graph.number_of_edges() == 1 else 'ties'} among "
        f"{plural(wave.graph.number_of_nodes(), 'person', 'people')}"
    )
    if wave.ties:
        text += f", {counts['ties_across']} ({format_share(wave.crossing / wave.ties)}) between organisations"
    isolates = counts["without_ties"]
    return text + (f"; {isolates} without any tie." if isolates else "; everyone has a tie.")


def _draw(name: str, plan: _Plan) -> Figure:
    waves = plan.found.waves
    columns = min(2, len(waves))
    panel_width = (_WIDTH - _PANEL_GAP * (columns - 1)) / columns
    room = panel_width - 2 * _EDGE
    scale = min(52.0, room / plan.layout.width, (620.0 if columns == 1 else 560.0) / plan.layout.height)
    panel_height = _HEAD + 2 * _LABEL + plan.layout.height * scale + _EDGE
    legend_top = _SKIP + math.ceil(len(waves) / columns) * panel_height
    legend, legend_height = _legend(plan, scale, legend_top)
    height = legend_top + legend_height

    facts: list[dict[str, object]] = []
    parts = [
        f'<rect width="{number(_WIDTH)}" height="{number(height)}" fill="{PAPER}"/>',
        f'<a href="#end"><text x="{number(_EDGE)}" y="14" font-size="11.5" fill="{INK}" text-decoration="underline">'
        "Skip past the people in this picture</text></a>",
    ]
    for place, wave in enumerate(waves):
        left = (place % columns) * (panel_width + _PANEL_GAP)
        top = _SKIP + (place // columns) * panel_height
        slack = (panel_width - plan.layout.width * scale) / 2
        canvas = _Canvas(plan.layout, scale, left + slack, top + _HEAD + _LABEL)
        parts += _panel(plan, wave, canvas, left, top, panel_width, facts)
    parts.append('<g id="end">' + "".join(legend) + "</g></svg>")
    opening = (
        f'<svg viewBox="0 0 {number(_WIDTH)} {number(height)}" font-family="DejaVu Sans, Verdana, Arial, sans-serif">'
    )
    title = f"{plan.found.name.capitalize()} ties by wave"
    alt = _in_words(plan)
    svg = stand_alone_svg(opening + "".join(parts), name, title, alt)
    # An image hides what is inside it from assistive technology; a group lets each person be reached.
    svg = svg.replace('role="img"', 'role="group"', 1)
    return Figure(name=name, title=title, svg=svg, alt=alt, table=pd.DataFrame(facts))


def _panel(
    plan: _Plan,
    wave: WaveNetwork,
    canvas: _Canvas,
    left: float,
    top: float,
    width: float,
    facts: list[dict[str, object]],
) -> list[str]:
    ties = wave.graph.number_of_edges()
    note = f"{plural(ties, 'tie')}, {wave.crossing} across organisations"
    if wave.ties:
        note += f" ({format_share(wave.crossing / wave.ties)})"
    parts = [
        f'<g role="group" aria-label="{text_of(wave.label)}: {text_of(note)}">',
        f'<text x="{number(left + _EDGE)}" y="{number(top + 16)}" font-size="15" font-weight="bold" fill="{INK}">'
        f"{text_of(_shortened(wave.label, 40))}</text>",
        f'<text x="{number(left + _EDGE)}" y="{number(top + 33)}" font-size="12.5" fill="{INK}">{text_of(note)}</text>',
    ]
    centre_y = canvas.top + canvas.layout.height * canvas.scale / 2
    for group, island in canvas.layout.islands.items():
        parts.append(_island(plan, group, canvas.circle(island)))
    parts += _ties(plan, wave, canvas)
    for group, island in canvas.layout.islands.items():
        parts.append(_island_name(plan, group, canvas.circle(island), centre_y, left, width))
    reach = _reach(wave, plan.home)
    for people in plan.members.values():
        for person in people:
            if person in wave.graph:
                fact = _facts(plan, wave, person, reach[person])
                facts.append(fact)
                parts.append(_person(plan, canvas, person, fact))
            else:
                x, y = canvas.point(person)
                arm = max(1.5, 0.12 * canvas.scale)
                parts.append(
                    f'<path d="M{number(x - arm)} {number(y - arm)}L{number(x + arm)} {number(y + arm)}'
                    f'M{number(x - arm)} {number(y + arm)}L{number(x + arm)} {number(y - arm)}" stroke="{GREY}" '
                    f'fill="none"/>'
                )
    parts.append("</g>")
    return parts


def _island(plan: _Plan, group: Hashable, circle: tuple[float, float, float]) -> str:
    x, y, radius = circle
    _, colour = plan.look[group]
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{mixed_with_paper(colour, 0.06)}" '
        f'stroke="{mixed_with_paper(colour, 0.35)}"/>'
    )


def _island_name(
    plan: _Plan, group: Hashable, circle: tuple[float, float, float], centre_y: float, left: float, width: float
) -> str:
    x, y, radius = circle
    many = len(plan.members) > 9
    size = 10.0 if many else 12.0
    fits = int((2 * radius + (6 if many else 60)) / (0.64 * size))
    if fits < 3:
        return ""
    label = _shortened(str(group), min(fits, 24))
    half = 0.32 * size * len(label) + 2
    place = min(max(x, left + half), left + width - half)
    baseline = y - radius - 4 if y <= centre_y + 1 or many else y + radius + size
    return (
        f'<rect x="{number(place - half)}" y="{number(baseline - 0.85 * size)}" width="{number(2 * half)}" '
        f'height="{number(1.1 * size)}" fill="{PAPER}" fill-opacity="0.8"/>'
        f'<text x="{number(place)}" y="{number(baseline)}" font-size="{number(size)}" text-anchor="middle" '
        f'fill="{INK}">{text_of(label)}</text>'
    )


def _ties(plan: _Plan, wave: WaveNetwork, canvas: _Canvas) -> list[str]:
    """Four paths a panel: lines and heads, within and across; a pair of opposite ties is one line with two heads."""
    graph, directed, arrows = wave.graph, plan.found.is_directed, _has_arrows(plan)
    middle = (
        canvas.left + canvas.layout.width * canvas.scale / 2,
        canvas.top + canvas.layout.height * canvas.scale / 2,
    )
    radius = _mark_radius(canvas.scale, 0)
    head = max(3.0, min(8.0, 0.26 * canvas.scale))
    lines: dict[bool, list[str]] = {False: [], True: []}
    heads: dict[bool, list[str]] = {False: [], True: []}
    for ego, alter in graph.edges():
        crossing = plan.home[ego] != plan.home[alter]
        start, end = canvas.point(ego), canvas.point(alter)
        bend = _bend(start, end, middle) if crossing else None
        back = directed and graph.has_edge(alter, ego)
        if not back or str(ego) < str(alter):
            curve = f"Q{number(bend[0])} {number(bend[1])} " if bend else "L"
            lines[crossing].append(f"M{number(start[0])} {number(start[1])}{curve}{number(end[0])} {number(end[1])}")
        if arrows:
            origin = bend or start
            direction = math.atan2(end[1] - origin[1], end[0] - origin[0])
            tip = (end[0] - 1.25 * radius * math.cos(direction), end[1] - 1.25 * radius * math.sin(direction))
            heads[crossing].append(arrow_head(*tip, direction, head))
    many = graph.number_of_edges() > 400
    style = {
        False: (GREY, 0.7 if many else 1.1, 0.4 if many else 0.65),
        True: (INK, 0.9 if many else 1.7, 0.28 if many else 0.75),
    }
    parts = []
    for crossing in (False, True):
        colour, width, opacity = style[crossing]
        if lines[crossing]:
            parts.append(
                f'<path d="{"".join(lines[crossing])}" fill="none" stroke="{colour}" stroke-width="{number(width)}" '
                f'stroke-opacity="{opacity}"/>'
            )
        if heads[crossing]:
            parts.append(
                f'<path d="{"".join(heads[crossing])}" fill="{colour}" fill-opacity="{min(1.0, opacity + 0.2):.2g}"/>'
            )
    return parts


def _bend(start: tuple[float, float], end: tuple[float, float], middle: tuple[float, float]) -> tuple[float, float]:
    """Bow a tie between islands towards the middle of the picture, clear of islands that lie between."""
    half_x, half_y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    return half_x + 0.35 * (middle[0] - half_x), half_y + 0.35 * (middle[1] - half_y)


def _has_arrows(plan: _Plan) -> bool:
    most = max(wave.graph.number_of_edges() for wave in plan.found.waves)
    return plan.found.is_directed and most <= _ARROWS_UP_TO


def _mark_size(plan: _Plan, scale: float) -> float:
    """The size at which names or numbers are printed on the marks, 0 where they would not be legible."""
    longest = max(len(mark) for mark in plan.marks.values())
    size = min(11.5, scale / (0.64 * max(longest, 2)))
    return size if size >= 8 else 0.0


def _mark_radius(scale: float, reached: int) -> float:
    return max(2.2, min(15.0, scale * (0.3 + 0.035 * min(reached, 4))))


def _person(plan: _Plan, canvas: _Canvas, person: Hashable, fact: Mapping[str, object]) -> str:
    x, y = canvas.point(person)
    kind, colour = plan.look[plan.home[person]]
    radius = _mark_radius(canvas.scale, int(str(fact["other_organisations"])))
    hollow = fact["answered"] is False or fact["on_roster"] is False
    stroke = max(0.8, min(1.8, 0.07 * canvas.scale))
    size = _mark_size(plan, canvas.scale)
    if hollow:
        dashes = ' stroke-dasharray="3 2"' if size else ""
        paint = f'fill="{PAPER}" stroke="{colour}" stroke-width="{number(stroke)}"{dashes}'
    elif size:
        # A pale mark, so that a name wider than its mark stays readable.
        paint = f'fill="{mixed_with_paper(colour, 0.45)}" stroke="{colour}" stroke-width="{number(stroke)}"'
    else:
        paint = f'fill="{colour}" stroke="{PAPER}" stroke-width="0.6"'
    words = text_of(_fact_words(plan, fact))
    parts = [
        f'<g tabindex="0" role="img" aria-label="{words}"><title>{words}</title>',
        shape(kind, x, y, radius, paint),
    ]
    if size:
        parts.append(
            f'<text x="{number(x)}" y="{number(y + 0.36 * size)}" font-size="{number(size)}" text-anchor="middle" '
            f'fill="{INK}">{text_of(plan.marks[person])}</text>'
        )
    return "".join([*parts, "</g>"])


def _reach(wave: WaveNetwork, home: Mapping[Hashable, Hashable]) -> dict[Hashable, int]:
    reached: dict[Hashable, set[Hashable]] = {person: set() for person in wave.graph}
    for tail, head in wave.placed.edges():
        if home[tail] != home[head]:
            reached[tail].add(home[head])
            reached[head].add(home[tail])
    return {person: len(others) for person, others in reached.items()}


def _facts(plan: _Plan, wave: WaveNetwork, person: Hashable, reached: int) -> dict[str, object]:
    data = wave.graph.nodes[person]
    fact: dict[str, object] = {
        "mark": plan.marks[person],
        "person": str(person),
        "organisation": str(plan.home[person]),
        "role": "" if data.get("role") is None else str(data["role"]),
        "wave": wave.label,
        "on_roster": None if data.get("asked") is None else data.get("rostered", True),
        "answered": data.get("answered"),
    }
    if plan.found.is_directed:
        fact["ties_sent"] = wave.graph.out_degree(person)
        fact["ties_received"] = wave.graph.in_degree(person)
    else:
        fact["ties"] = wave.graph.degree(person)
    fact["other_organisations"] = reached
    return fact


def _fact_words(plan: _Plan, fact: Mapping[str, object]) -> str:
    who = ", ".join(str(fact[column]) for column in ("person", "organisation", "role") if fact[column])
    ties = (
        f"names {fact['ties_sent']}, named by {fact['ties_received']}"
        if plan.found.is_directed
        else plural(int(str(fact["ties"])), "tie")
    )
    silent = "; did not answer" if fact["answered"] is False else ""
    silent = "; not on the roster" if fact["on_roster"] is False else silent
    reached = plural(int(str(fact["other_organisations"])), "other organisation")
    return f"{who}. {fact['wave']}: {ties}; reaches {reached}{silent}."


# --- legend and words ----------------------------------------------------------------------------------------------


def _legend(plan: _Plan, scale: float, top: float) -> tuple[list[str], float]:
    parts, y = [], top + 12
    if len(plan.members) <= _LEGEND_UP_TO:
        for place, (group, people) in enumerate(plan.members.items()):
            x = 14 + (place % 3) * (_WIDTH / 3)
            line = y + (place // 3) * 20
            kind, colour = plan.look[group]
            label = f"{_shortened(str(group), 30)}: {plural(len(people), 'person', 'people')}"
            parts.append(shape(kind, x, line, 6, f'fill="{colour}"'))
            parts.append(
                f'<text x="{number(x + 13)}" y="{number(line + 4)}" font-size="12" fill="{INK}">{text_of(label)}</text>'
            )
        y += math.ceil(len(plan.members) / 3) * 20
    reading = ["Dark line: tie between organisations. Grey line: tie within one."]
    if _has_arrows(plan):
        reading.append("Arrow: from who answered to whom they named.")
    elif plan.found.is_directed:
        reading.append("Arrow heads are left out at this number of ties.")
    reading.append("Larger mark: reaches more other organisations.")
    silent = any(wave.silent for wave in plan.found.waves)
    off_roster = any(wave.off_roster for wave in plan.found.waves)
    if silent or off_roster:
        reading.append(
            "Hollow: did not answer, or not on the roster."
            if silent and off_roster
            else "Hollow: did not answer."
            if silent
            else "Hollow: not on the roster."
        )
    if any(person not in wave.graph for wave in plan.found.waves for person in plan.home):
        reading.append("Small grey ×: not in the network at that wave.")
    if _mark_size(plan, scale) and any(mark != str(person) for person, mark in plan.marks.items()):
        reading.append("Numbers: see the table of this picture.")
    lines: list[str] = [""]
    for sentence in reading:
        if len(lines[-1]) + len(sentence) > 125:
            lines.append("")
        lines[-1] = f"{lines[-1]} {sentence}".strip()
    for line_text in lines:
        parts.append(f'<text x="8" y="{number(y + 4)}" font-size="12" fill="{INK}">{text_of(line_text)}</text>')
        y += 17
    return parts, y - top


def _in_words(plan: _Plan) -> str:
    waves = plan.found.waves
    parts = [
        f"{plural(len(plan.home), 'person', 'people')} drawn as marks, with an island for each of "
        f"{plural(len(plan.members), 'organisation')}" + (", the same places in every wave." if len(waves) > 1 else ".")
    ]
    for wave in waves:
        text = _wave_sentence(plan.found, wave)
        if wave.silent:
            text += f" {wave.silent} did not answer and {'is' if wave.silent == 1 else 'are'} hollow."
        busiest = _busiest_pair(plan, wave)
        if busiest:
            text += f" Most ties between two organisations: {busiest}."
        parts.append(text)
    return " ".join(parts)


def _busiest_pair(plan: _Plan, wave: WaveNetwork) -> str:
    counts: dict[tuple[str, str], int] = {}
    for tail, head in wave.placed.edges():
        first, second = sorted((str(plan.home[tail]), str(plan.home[head])))
        if first != second:
            counts[(first, second)] = counts.get((first, second), 0) + 1
    most = max(counts.values(), default=0)
    largest = [pair for pair, count in counts.items() if count == most]
    return f"{most} between {largest[0][0]} and {largest[0][1]}" if len(largest) == 1 else ""


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: max(1, longest - 1)] + "…"
