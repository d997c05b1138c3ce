"""Ties between organisations, or sectors: as a map with a line a pair, and as a matrix of counts; nobody is shown."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.figures import BLUE, GREY, INK, PAPER
from cop_analysis.network.methods.networks import ORGANISATION, RelationNetworks, WaveNetwork, organisation_network
from cop_analysis.network.pictures.islands import (
    WIDTH,
    looks_of,
    panel_head,
    picture,
    reading_lines,
    shortened,
    text_line,
)
from cop_analysis.network.pictures.shapes import (
    label_within,
    lines_of,
    mixed_with_paper,
    number,
    shape,
    text_colour_on,
    text_of,
    with_code,
)
from cop_analysis.results import Figure, count_of

if TYPE_CHECKING:
    import networkx as nx

ON_THE_MAP = 24
"""The map shows this many organisations, those with the most ties; the table always has all."""

_COUNTS_UP_TO = 30
_GAP = 20.0


@dataclass(frozen=True, eq=False)
class Rolled:
    """One wave by organisation."""

    wave: WaveNetwork
    level: RelationNetworks
    people: dict[str, int]
    within: dict[str, int]
    pairs: dict[tuple[str, str], int]

    @classmethod
    def of(cls, wave: WaveNetwork, level: RelationNetworks) -> Rolled:
        """Count a wave's ties by the organisations of their two people."""
        graph: nx.Graph = organisation_network(wave.placed, level.by)
        pairs: dict[tuple[str, str], int] = {}
        for first, second, ties in graph.edges(data="ties"):
            one, other = sorted((str(first), str(second)))
            pairs[(one, other)] = pairs.get((one, other), 0) + int(ties)
        nodes = dict(graph.nodes(data=True))
        return cls(
            wave,
            level,
            {str(name): int(data["people"]) for name, data in nodes.items()},
            {str(name): int(data["within_ties"]) for name, data in nodes.items()},
            pairs,
        )

    @staticmethod
    def with_most_ties(rolled: Sequence[Rolled]) -> list[str]:
        """Give all organisations, those with the most ties over all waves first."""
        ties: dict[str, int] = {}
        for one in rolled:
            for name in one.people:
                joined = sum(count for count, _ in one.joined(name))
                ties[name] = ties.get(name, 0) + one.within[name] + joined
        return sorted(ties, key=lambda name: (-ties[name], name))

    def joined(self, name: str) -> list[tuple[int, str]]:
        """Give the ties with each other organisation, most first."""
        held = [(ties, pair[1] if pair[0] == name else pair[0]) for pair, ties in self.pairs.items() if name in pair]
        return sorted(held, key=lambda one: (-one[0], one[1]))

    def table(self) -> pd.DataFrame:
        """Give a row an organisation."""
        rows = [
            (
                self.wave.label,
                name,
                people,
                self.within[name],
                sum(ties for ties, _ in self.joined(name)),
                len(self.joined(name)),
            )
            for name, people in sorted(self.people.items())
        ]
        by, joined = self.level.by, f"{self.level.plural}_joined"
        return pd.DataFrame(rows, columns=["wave", by, "people", "ties_within", "ties_with_others", joined])


def draw_map(name: str, level: RelationNetworks, rolled: list[Rolled], shown: list[str], said: Sequence[str]) -> Figure:
    """Draw organisations on a ring with a line a pair, wave beside wave.

    Parameters
    ----------
    name : str
        Of the figure.
    level : RelationNetworks
    rolled : list of Rolled
        One a wave.
    shown : list of str
        Which organisations.
    said : sequence of str
        What is said of each wave.
    """
    columns = min(2, len(rolled)) if len(shown) <= 14 else 1
    width = (WIDTH - _GAP * (columns - 1)) / columns
    ring = min(0.5 * width - 116, 150.0 if columns == 2 else 250.0)
    height = 2 * ring + 190
    looks = looks_of(shown)
    most_people = max(max(one.people.values(), default=1) for one in rolled)
    most_ties = max((ties for one in rolled for ties in one.pairs.values()), default=1)
    largest = min(30.0, 2.0 * math.pi * ring / max(4, len(shown)) * 0.38)
    parts: list[str] = []
    for place, one in enumerate(rolled):
        left, top = (place % columns) * (width + _GAP), (place // columns) * height
        middle = (left + width / 2, top + 26 + height / 2)
        spots = _spots(shown, *middle, ring)
        between, within = sum(one.pairs.values()), sum(one.within.values())
        note = f"{count_of(between, 'tie')} between {level.plural}, {within} within"
        parts.append(f'<g role="group" aria-label="{text_of(one.wave.label)}: {text_of(note)}">')
        parts += panel_head(left, top, one.wave.label, note)
        parts += _links(one, shown, spots, most_ties)
        for group in shown:
            size = largest * math.sqrt(one.people.get(group, 0) / most_people)
            parts.append(
                _organisation(
                    one,
                    group,
                    looks[group],
                    spots[group],
                    max(6.0, size),
                    middle,
                    (left, left + width),
                    few=len(shown) <= 10,
                )
            )
        parts.append("</g>")
    reading = ["Wider line: more ties, both directions together. Larger mark: more people. In the mark: ties within."]
    if len(shown) < len({group for one in rolled for group in one.people}):
        reading.append(f"Only the {level.plural} with the most ties are drawn.")
    codes = [group for group in shown if level.called(group) != group]
    if codes and len(shown) > 10:
        reading += [f"{group}: {level.called(group)}." for group in codes]
    lines, end = reading_lines(reading, math.ceil(len(rolled) / columns) * height + 14)
    rows = [
        (one.wave.label, first, second, ties) for one in rolled for (first, second), ties in sorted(one.pairs.items())
    ]
    return picture(
        name,
        f"{level.name.capitalize()} ties between {level.plural}, by wave",
        _map_in_words(rolled, shown, said),
        end,
        [*parts, *lines],
        pd.DataFrame(rows, columns=["wave", f"one_{level.by}", f"other_{level.by}", "ties"]),
    )


def _spots(shown: list[str], x: float, y: float, ring: float) -> dict[Hashable, tuple[float, float]]:
    if len(shown) == 1:
        return {shown[0]: (x, y)}
    turns = {name: 2 * math.pi * place / len(shown) - math.pi / 2 for place, name in enumerate(shown)}
    return {name: (x + ring * math.cos(turn), y + ring * math.sin(turn)) for name, turn in turns.items()}


def _links(one: Rolled, shown: list[str], spots: dict[Hashable, tuple[float, float]], most: int) -> list[str]:
    drawn = [(pair, ties) for pair, ties in sorted(one.pairs.items()) if pair[0] in spots and pair[1] in spots]
    counted = len(drawn) <= _COUNTS_UP_TO
    widest, pale = (9.0, 0.28) if counted else (5.5, 0.1)
    parts, counts = [], []
    taken: list[tuple[float, float]] = []
    for (first, second), ties in sorted(drawn, key=lambda held: held[1]):
        (x1, y1), (x2, y2) = spots[first], spots[second]
        share = ties / most if counted else (ties / most) ** 1.5
        parts.append(
            f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" '
            f'stroke="{mixed_with_paper(INK, pale + (0.85 - pale) * share)}" '
            f'stroke-width="{number(0.8 + widest * share)}"/>'
        )
        if counted:
            x, y = _free_spot((x1, y1), (x2, y2), taken)
            taken.append((x, y))
            half = 4.0 + 3.4 * len(str(ties))
            counts.append(
                f'<rect x="{number(x - half)}" y="{number(y - 8)}" width="{number(2 * half)}" height="15" '
                f'fill="{PAPER}" stroke="{mixed_with_paper(GREY, 0.5)}" stroke-width="0.6"/>'
                + text_line(x, y + 4, str(ties), 11, anchor="middle")
            )
    return parts + counts


def _free_spot(
    start: tuple[float, float], end: tuple[float, float], taken: list[tuple[float, float]]
) -> tuple[float, float]:
    """Choose where on a line its count stands, clear of the counts already placed."""
    spots = [
        (start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1]))
        for along in (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73)
    ]
    free = (spot for spot in spots if all(abs(spot[0] - x) > 22 or abs(spot[1] - y) > 17 for x, y in taken))
    return next(free, spots[0])


def _organisation(
    one: Rolled,
    group: str,
    look: tuple[str, str],
    spot: tuple[float, float],
    radius: float,
    middle: tuple[float, float],
    edges: tuple[float, float],
    *,
    few: bool,
) -> str:
    x, y = spot
    kind, colour = look
    people = one.people.get(group)
    joined = one.joined(group)
    words = f"{one.level.called(group)}. {one.wave.label}: " + (
        "not in the network"
        if people is None
        else f"{count_of(people, 'person', 'people')}, {count_of(one.within[group], 'tie')} within, "
        f"{sum(ties for ties, _ in joined)} with others"
    )
    if joined:
        words += ": " + ", ".join(f"{ties} with {one.level.called(other)}" for ties, other in joined[:6])
        words += f" and {len(joined) - 6} more {one.level.plural}" if len(joined) > 6 else ""
    said = text_of(words + ".")
    dashes = ' stroke-dasharray="3 2"' if people is None else ""
    fill = PAPER if people is None else mixed_with_paper(colour, 0.45)
    parts = [
        f'<g tabindex="0" role="img" aria-label="{said}"><title>{said}</title>',
        shape(kind, x, y, radius, f'fill="{fill}" stroke="{colour}" stroke-width="1.8"{dashes}'),
    ]
    if people is not None and radius >= 9:
        parts.append(text_line(x, y + 4, str(one.within[group]), 11, anchor="middle"))
    away = math.hypot(x - middle[0], y - middle[1])
    across, down = ((x - middle[0]) / away, (y - middle[1]) / away) if away else (0.0, 1.0)
    side = "middle" if abs(across) < 0.3 else "" if across > 0 else "end"
    reach = 1.4 * radius + 7
    at = (x + reach * across, y + reach * down)
    room = edges[1] - at[0] if side == "" else at[0] - edges[0] if side == "end" else 170.0
    longest = max(5, int((room - 4) / 7.6))
    called = one.level.called(group)
    # Few names have room for two lines each; many stand close together, and their codes are explained below.
    lines = lines_of(called, min(longest, 18)) if few else [label_within(group, {}, min(longest, 15))]
    if any(line.endswith("…") for line in lines) and len(group) <= longest:
        lines = [group]
    first = at[1] + 4 + 5 * down - 7 * (len(lines) - 1) * (1 - down if abs(across) < 0.3 else 1)
    parts += [text_line(at[0], first + 14 * n, line, 12, anchor=side) for n, line in enumerate(lines)]
    return "".join([*parts, "</g>"])


def _map_in_words(rolled: list[Rolled], shown: list[str], said: Sequence[str]) -> str:
    level = rolled[0].level
    parts = [f"{count_of(len(shown), level.by)} on a ring, in the same places in every wave."]
    for one, text in zip(rolled, said, strict=True):
        most = sorted(one.pairs.items(), key=lambda held: (-held[1], held[0]))[:5]
        if most:
            named = [f"{level.called(first)} and {level.called(second)} {ties}" for (first, second), ties in most]
            text += f" Most ties: {', '.join(named)}."
        parts.append(text)
    return " ".join(parts)


# --- the matrix ----------------------------------------------------------------------------------------------------

IN_THE_MATRIX = 20
"""The heat map shows this many organisations, those with the most ties; the table always has all."""


def most_tied(rolled: list[nx.Graph]) -> list[Hashable]:
    """All organisations, those with the most ties over all waves first."""
    ties: dict[Hashable, int] = {}
    for graph in rolled:
        for name, data in graph.nodes(data=True):
            ties[name] = ties.get(name, 0) + data["within_ties"]
        for first, second, data in graph.edges(data=True):
            ties[first] += data["ties"]
            ties[second] += data["ties"]
    return sorted(ties, key=lambda name: (-ties[name], str(name)))


def draw_matrix(name: str, level: RelationNetworks, rolled: list[nx.Graph], shown: list[Hashable]) -> Figure:
    """Draw a heat map of counts for each wave.

    Parameters
    ----------
    name : str
        Of the figure.
    level : RelationNetworks
    rolled : list of networkx graph
        One a wave, as `organisation_network` gives it.
    shown : list
        Which organisations.
    """
    columns = min(2, len(rolled)) if len(shown) <= 9 else 1
    panel = WIDTH / columns
    # The rows say name and code, and so are the key to the columns, which have room for the code alone.
    few = len(shown) <= 5
    longest = 44 if columns == 1 else 66 if few else 26
    labels = [with_code(name, level.names, longest) for name in shown]
    rows = [lines_of(label, 22)[:3] if few and columns > 1 else [label] for label in labels]
    codes = [shortened(str(name), 12) for name in shown]
    margin = 14 + 7.4 * max(len(line) for lines in rows for line in lines)
    cell = min(64.0, (panel - margin - 16) / len(shown))
    slanted = 20.0
    if any(7.4 * len(code) > cell - 2 for code in codes):
        # Codes that do not fit lie at 45 degrees and need room to the right of the last column.
        slanted = 6.0 * max(map(len, codes))
        cell = min(64.0, (panel - margin - slanted - 8) / len(shown))
    top = 44 + slanted
    panel_height = top + cell * len(shown) + 18
    height = panel_height * -(-len(rolled) // columns) + 24
    counts = [[[_count(graph, row, column) for column in shown] for row in shown] for graph in rolled]
    most = max(1, *(value for matrix in counts for line in matrix for value in line))
    parts = []
    marks = []
    for place, (wave, matrix) in enumerate(zip(level.waves, counts, strict=True)):
        left = (place % columns) * panel
        down = (place // columns) * panel_height
        parts.append(text_line(left + 8, down + 20, shortened(wave.label, 40), 15, bold=True))
        for position, code in enumerate(codes):
            across = left + margin + (position + 0.5) * cell
            turn = f' transform="rotate(-45 {number(across)} {number(down + top - 6)})"' if slanted > 20 else ""
            anchor = "start" if slanted > 20 else "middle"
            parts.append(
                f'<text x="{number(across)}" y="{number(down + top - 6)}" font-size="12" text-anchor="{anchor}" '
                f'fill="{INK}"{turn}>{text_of(code)}</text>'
            )
            middle = down + top + (position + 0.5) * cell + 4 - 7 * (len(rows[position]) - 1)
            parts += [
                text_line(left + margin - 6, middle + 14 * n, line, 12, anchor="end")
                for n, line in enumerate(rows[position])
            ]
        for row, line in enumerate(matrix):
            for column, value in enumerate(line):
                parts.append(
                    _cell(
                        left + margin + column * cell, down + top + row * cell, cell, value, value / most, row == column
                    )
                )
                marks.append((wave.label, str(shown[row]), str(shown[column]), value))
    an = "an" if level.by == ORGANISATION else "a"
    reading = (
        "Rows name, columns are named." if level.is_directed else "Each pair appears twice."
    ) + f" Framed cells: ties within {an} {level.by}. Darker: more ties, on one scale for all waves."
    return picture(
        name,
        f"{level.name.capitalize()} ties by {level.by} and wave",
        _matrix_in_words(level, counts, shown),
        height,
        [*parts, text_line(8, height - 8, reading)],
        pd.DataFrame(marks, columns=["wave", f"from_{level.by}", f"to_{level.by}", "ties"]),
        role="img",
    )


def _cell(x: float, y: float, size: float, value: int, intensity: float, is_within: bool) -> str:
    colour = PAPER if value == 0 else mixed_with_paper(BLUE, 0.12 + 0.88 * intensity)
    frame = f'stroke="{INK}" stroke-width="1.8"' if is_within else f'stroke="{mixed_with_paper(GREY, 0.4)}"'
    inset = 1.2 if is_within else 0.5
    side = number(size - 2 * inset)
    font = min(14.0, 0.42 * size)
    return (
        f'<rect x="{number(x + inset)}" y="{number(y + inset)}" width="{side}" height="{side}" '
        f'fill="{colour}" {frame}/>'
        f'<text x="{number(x + size / 2)}" y="{number(y + size / 2 + 0.36 * font)}" font-size="{number(font)}" '
        f'text-anchor="middle" fill="{text_colour_on(colour)}">{value}</text>'
    )


def _count(graph: nx.Graph, row: Hashable, column: Hashable) -> int:
    if row == column:
        return int(graph.nodes[row]["within_ties"]) if row in graph else 0
    return int(graph.edges[row, column]["ties"]) if graph.has_edge(row, column) else 0


def _matrix_in_words(level: RelationNetworks, counts: list[list[list[int]]], shown: list[Hashable]) -> str:
    parts = [f"A table of ties between {count_of(len(shown), level.by)} for each wave, rows to columns."]
    for wave, matrix in zip(level.waves, counts, strict=True):
        within = sum(matrix[place][place] for place in range(len(shown)))
        total = sum(map(sum, matrix))
        across = total - within if level.is_directed else (total - within) // 2
        lines = [
            f"{level.called(shown[row])} to {level.called(shown[column])} {value}"
            for value, row, column in sorted(
                ((value, row, column) for row, line in enumerate(matrix) for column, value in enumerate(line)),
                key=lambda mark: (-mark[0], mark[1], mark[2]),
            )
            if value and row != column and (level.is_directed or row < column)
        ]
        text = f"{wave.label}: {count_of(within, 'tie')} within {level.plural} and {across} across"
        parts.append(text + (f"; the largest across: {', '.join(lines[:5])}." if lines else "."))
    return " ".join(parts)
