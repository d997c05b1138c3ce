"""The picture of the ripples: configurations in layers from left to right, links with the number of sources on them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.characters import shortened
from cop_analysis.figures import BLUE, GREY, INK, PAPER, VERMILION, stand_alone_svg
from cop_analysis.results import Figure
from cop_analysis.results.columns import count

if TYPE_CHECKING:
    from cop_analysis.realist.model import Coding


_BOX_WIDTH, _BOX_HEIGHT, _ACROSS, _DOWN, _MARGIN = 150, 46, 230, 84, 24

_LONGEST_LINE, _MOST_BOXES = 22, 80


def draw_ripples(coding: Coding, sources: Mapping[tuple[str, str], int]) -> Figure | None:
    """Draw the ripple links; None where there are more configurations than a picture can show.

    Parameters
    ----------
    coding : Coding
    sources : mapping of (str, str) to int
        How many documents support each link.
    """
    labels = {one.id: one.label for one in coding.snapshot.configurations}
    nodes = [one for one in labels if any(one in step for step in sources)]
    if not nodes or len(nodes) > _MOST_BOXES:
        return None
    layer, back = _layers(nodes, list(sources))
    rows = _rows(nodes, layer, [step for step in sources if step not in back])
    tallest = max(len(row) for row in rows.values())
    place = {
        one: (2 * _MARGIN + number * _ACROSS, _MARGIN + (position + (tallest - len(row)) / 2) * _DOWN)
        for number, row in rows.items()
        for position, one in enumerate(row)
    }
    bottom = _MARGIN + tallest * _DOWN
    width = 4 * _MARGIN + (len(rows) - 1) * _ACROSS + _BOX_WIDTH
    height = bottom + 26 * len(back) + _MARGIN
    parts = [
        f'<svg viewBox="0 0 {width:g} {height:g}" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="DejaVu Sans, Verdana, Arial, sans-serif" font-size="11">',
        "<defs>" + _arrowhead("forward", BLUE) + _arrowhead("backward", VERMILION) + "</defs>",
        f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>',
    ]
    for number, step in enumerate(back):
        parts.append(_link_back(place[step[0]], place[step[1]], bottom + 26 * number, sources[step]))
    parts += [_link(place[step[0]], place[step[1]], count) for step, count in sources.items() if step not in back]
    parts += [_box(one, labels[one], *place[one]) for one in nodes]
    parts.append("</svg>")
    title = "Ripples between configurations"
    alt = _words(sources, set(back))
    table = pd.DataFrame(
        [(source, target, count, (source, target) in back) for (source, target), count in sources.items()],
        columns=["from", "to", "documents", "closes_a_loop"],
    )
    svg = stand_alone_svg("".join(parts), "ripples-picture", title, alt)
    return Figure(
        name="ripples-picture", title=title, svg=svg, alt=alt, table=table, columns={"documents": count("documents")}
    )


def _layers(nodes: list[str], steps: list[tuple[str, str]]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Give each configuration a layer, so that links run to the right, and the links that run back and close a loop."""
    onward: dict[str, list[str]] = {one: [] for one in nodes}
    for source, target in steps:
        onward[source].append(target)
    back: list[tuple[str, str]] = []
    done: set[str] = set()
    order: list[str] = []
    led_to = {target for _, target in steps}
    for start in sorted(nodes, key=lambda one: (one in led_to, nodes.index(one))):
        if start in done:
            continue
        path = [start]
        branches = [iter(onward[start])]
        while branches:
            step = next(branches[-1], None)
            if step is None:
                branches.pop()
                order.append(path[-1])
                done.add(path.pop())
            elif step in path:
                back.append((path[-1], step))
            elif step not in done:
                path.append(step)
                branches.append(iter(onward[step]))
    layer = dict.fromkeys(nodes, 0)
    for one in reversed(order):
        for target in onward[one]:
            if (one, target) not in back:
                layer[target] = max(layer[target], layer[one] + 1)
    used = {number: position for position, number in enumerate(sorted(set(layer.values())))}
    return {one: used[number] for one, number in layer.items()}, back


def _rows(nodes: list[str], layer: Mapping[str, int], steps: list[tuple[str, str]]) -> dict[int, list[str]]:
    """Put the configurations of each layer under each other, near those that lead to them, so that fewer cross."""
    rows: dict[int, list[str]] = {}
    height: dict[str, float] = {}
    for number in sorted(set(layer.values())):
        here = [one for one in nodes if layer[one] == number]
        wanted = dict.fromkeys(here, float("inf"))
        for one in here:
            befores = [height[source] for source, target in steps if target == one and source in height]
            wanted[one] = sum(befores) / len(befores) if befores else wanted[one]
        rows[number] = sorted(here, key=wanted.__getitem__)
        height |= {one: float(position) for position, one in enumerate(rows[number])}
    return rows


def _arrowhead(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="{colour}"/></marker>'
    )


def _link(start: tuple[float, float], end: tuple[float, float], count: int) -> str:
    x1, y1 = start[0] + _BOX_WIDTH, start[1] + _BOX_HEIGHT / 2
    x2, y2 = end[0] - 2, end[1] + _BOX_HEIGHT / 2
    middle = (x1 + x2) / 2
    curve = f"M{x1:g} {y1:g} C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
    # Seven tenths of the way along, where links that cross or part have come apart.
    x = 0.027 * x1 + 0.63 * middle + 0.343 * x2
    y = 0.216 * y1 + 0.784 * y2
    line = f'<path d="{curve}" fill="none" stroke="{BLUE}" stroke-width="1.6" marker-end="url(#forward)"/>'
    return line + _number(x, y, str(count))


def _link_back(start: tuple[float, float], end: tuple[float, float], depth: float, count: int) -> str:
    # Out and in through the gaps between the layers, so that no box is crossed.
    x1, y1 = start[0] + _BOX_WIDTH, start[1] + 0.75 * _BOX_HEIGHT
    x2, y2 = end[0] - 2, end[1] + 0.75 * _BOX_HEIGHT
    line = (
        f'<path d="M{x1:g} {y1:g} H{x1 + 12:g} V{depth:g} H{x2 - 18:g} V{y2:g} H{x2:g}" fill="none" '
        f'stroke="{VERMILION}" stroke-width="1.6" stroke-dasharray="6 4" marker-end="url(#backward)"/>'
    )
    return line + _number((x1 + x2) / 2, depth, f"loop, {count}")


def _number(x: float, y: float, words: str) -> str:
    width = 8 + 7 * len(words)
    return (
        f'<rect x="{x - width / 2:g}" y="{y - 9:g}" width="{width:g}" height="18" rx="4" fill="{PAPER}" '
        f'stroke="{GREY}"/><text x="{x:g}" y="{y + 4:g}" text-anchor="middle" fill="{INK}">{escape(words)}</text>'
    )


def _box(identifier: str, label: str, x: float, y: float) -> str:
    first, second = _shortened(identifier), _shortened(" ".join(label.split()))
    return (
        f"<g><title>{escape(f'{identifier}: {label}')}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="6" fill="#E8EDF2" stroke="{INK}"/>'
        f'<text x="{x + _BOX_WIDTH / 2:g}" y="{y + 19:g}" text-anchor="middle" font-weight="bold" fill="{INK}">'
        f"{escape(first)}</text>"
        f'<text x="{x + _BOX_WIDTH / 2:g}" y="{y + 35:g}" text-anchor="middle" fill="{INK}">{escape(second)}</text></g>'
    )


def _shortened(words: str) -> str:
    return shortened(words, _LONGEST_LINE)


def _words(sources: Mapping[tuple[str, str], int], back: set[tuple[str, str]]) -> str:
    said = [
        f"{source} leads to {target} ({count} document{'' if count == 1 else 's'}"
        f"{'; closes a loop' if (source, target) in back else ''})"
        for (source, target), count in sources.items()
    ]
    return (
        f"Configurations as boxes, ripple links as arrows with the number of documents behind each: {'; '.join(said)}."
    )
