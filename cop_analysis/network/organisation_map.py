"""Organisations as a map: how large, and how many ties join each two, wave by wave; people are not shown here."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.figures import GREY, INK, PAPER, stand_alone_svg
from cop_analysis.network.build import organisation_network
from cop_analysis.network.island_map import (
    WIDTH,
    looks_of,
    opening,
    panel_head,
    reading_lines,
    shortened,
    text_line,
)
from cop_analysis.network.marks import mixed_with_paper, number, shape, text_of
from cop_analysis.network.study_networks import StudyNetworks, WaveNetwork, networks_of, no_ties_placed, plural
from cop_analysis.results import Figure, Result

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

ORGANISATIONS_AT_MOST = 24
"""The map shows this many organisations, those with the most ties; the table always has all."""

_COUNTS_UP_TO = 30
_GAP = 20.0


def organisation_map(study: Study, relation: str | None = None) -> Result:
    """Show how strongly each two organisations are joined, wave beside wave, in the same places.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.

    Returns
    -------
    Result
        One row a wave and organisation: ``wave, organisation, people, ties_within, ties_with_others,
        organisations_joined``. The figure's table has one row a wave and pair, both directions together.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> organisation_map(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).key
    'organisation-map'
    """
    title = "The organisations and the ties between them"
    found = networks_of(study, relation, "organisation-map", title, "the ties between organisations")
    if isinstance(found, Result):
        return found
    key = f"organisation-map-{found.slug}"
    if not any(wave.ties for wave in found.waves):
        return no_ties_placed(found, key, title)
    rolled = [_Rolled.of(wave) for wave in found.waves]
    table = pd.concat([one.table() for one in rolled], ignore_index=True)
    totals = (table["ties_within"] + table["ties_with_others"]).groupby(table["organisation"]).sum()
    order = sorted(totals.index, key=lambda name: (-totals[name], name))
    shown = sorted(order[:ORGANISATIONS_AT_MOST])
    caveats = list(found.caveats)
    if len(order) > len(shown):
        caveats.append(
            f"The map shows the {len(shown)} organisations with the most ties of {len(order):,}; the table has all."
        )
    return Result(
        key=key,
        title=f"{title}: {found.name}",
        sentence=" ".join(one.sentence(found.name) for one in rolled),
        table=table,
        labels={"ties_with_others": "ties with other organisations", "organisations_joined": "organisations joined"},
        figure=_draw(key, found, rolled, shown),
        caveats=tuple(caveats),
        method="Person ties counted by the organisations of their two people, both directions together.",
        sources=found.sources,
        show_table=len(table) <= 40,
    )


@dataclass(frozen=True, eq=False)
class _Rolled:
    """One wave by organisation."""

    wave: WaveNetwork
    people: dict[str, int]
    within: dict[str, int]
    pairs: dict[tuple[str, str], int]

    @classmethod
    def of(cls, wave: WaveNetwork) -> _Rolled:
        graph: nx.Graph = organisation_network(wave.placed)
        pairs: dict[tuple[str, str], int] = {}
        for first, second, ties in graph.edges(data="ties"):
            one, other = sorted((str(first), str(second)))
            pairs[(one, other)] = pairs.get((one, other), 0) + int(ties)
        nodes = dict(graph.nodes(data=True))
        return cls(
            wave,
            {str(name): int(data["people"]) for name, data in nodes.items()},
            {str(name): int(data["within_ties"]) for name, data in nodes.items()},
            pairs,
        )

    def joined(self, name: str) -> list[tuple[int, str]]:
        """Give the ties with each other organisation, most first."""
        held = [(ties, pair[1] if pair[0] == name else pair[0]) for pair, ties in self.pairs.items() if name in pair]
        return sorted(held, key=lambda one: (-one[0], one[1]))

    def table(self) -> pd.DataFrame:
        rows = [
            (self.wave.label, name, people, self.within[name], sum(ties for ties, _ in self.joined(name)),
             len(self.joined(name)))
            for name, people in sorted(self.people.items())
        ]  # fmt: skip
        columns = ["wave", "organisation", "people", "ties_within", "ties_with_others", "organisations_joined"]
        return pd.DataFrame(rows, columns=columns)

    def sentence(self, relation: str) -> str:
        count = len(self.people)
        text = (
            f"{self.wave.label}: {len(self.pairs)} of {plural(count * (count - 1) // 2, 'pair')} of organisations are "
            f"joined by {relation} ties"
        )
        alone = sorted(name for name in self.people if not self.joined(name))
        if alone and count > 1:
            shown = ", ".join(alone[:5]) + (f" and {len(alone) - 5} more" if len(alone) > 5 else "")
            text += f"; joined to no other: {shown}"
        return text + "."


def _draw(name: str, found: StudyNetworks, rolled: list[_Rolled], shown: list[str]) -> Figure:
    columns = min(2, len(rolled)) if len(shown) <= 14 else 1
    width = (WIDTH - _GAP * (columns - 1)) / columns
    ring = min(0.5 * width - 92, 150.0 if columns == 2 else 250.0)
    height = 2 * ring + 176
    looks = looks_of(shown)
    most_people = max(max(one.people.values(), default=1) for one in rolled)
    most_ties = max((ties for one in rolled for ties in one.pairs.values()), default=1)
    largest = min(30.0, 2.0 * math.pi * ring / max(4, len(shown)) * 0.38)
    fits = max(5, min(15, int(2 * math.pi * (ring + 40) / max(4, len(shown)) / 7.4)))
    parts: list[str] = []
    for place, one in enumerate(rolled):
        left, top = (place % columns) * (width + _GAP), (place // columns) * height
        middle = (left + width / 2, top + 26 + height / 2)
        spots = _spots(shown, *middle, ring)
        note = f"{plural(sum(one.pairs.values()), 'tie')} between organisations, {sum(one.within.values())} within"
        parts.append(f'<g role="group" aria-label="{text_of(one.wave.label)}: {text_of(note)}">')
        parts += panel_head(left, top, one.wave.label, note)
        parts += _links(one, shown, spots, most_ties)
        for group in shown:
            size = largest * math.sqrt(one.people.get(group, 0) / most_people)
            parts.append(_organisation(one, group, looks[group], spots[group], max(6.0, size), middle, fits))
        parts.append("</g>")
    reading = ["Wider line: more ties, both directions together. Larger mark: more people. In the mark: ties within."]
    if len(shown) < len({group for one in rolled for group in one.people}):
        reading.append("Only the organisations with the most ties are drawn.")
    lines, end = reading_lines(reading, math.ceil(len(rolled) / columns) * height + 14)
    title = f"{found.name.capitalize()} ties between organisations, by wave"
    alt = _in_words(found, rolled, shown)
    svg = stand_alone_svg(opening(end) + "".join([*parts, *lines]) + "</svg>", name, title, alt)
    rows = [
        (one.wave.label, first, second, ties) for one in rolled for (first, second), ties in sorted(one.pairs.items())
    ]
    return Figure(
        name=name,
        title=title,
        svg=svg.replace('role="img"', 'role="group"', 1),
        alt=alt,
        table=pd.DataFrame(rows, columns=["wave", "one_organisation", "other_organisation", "ties"]),
    )


def _spots(shown: list[str], x: float, y: float, ring: float) -> dict[Hashable, tuple[float, float]]:
    if len(shown) == 1:
        return {shown[0]: (x, y)}
    turns = {name: 2 * math.pi * place / len(shown) - math.pi / 2 for place, name in enumerate(shown)}
    return {name: (x + ring * math.cos(turn), y + ring * math.sin(turn)) for name, turn in turns.items()}


def _links(one: _Rolled, shown: list[str], spots: dict[Hashable, tuple[float, float]], most: int) -> list[str]:
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
    one: _Rolled,
    group: str,
    look: tuple[str, str],
    spot: tuple[float, float],
    radius: float,
    middle: tuple[float, float],
    fits: int,
) -> str:
    x, y = spot
    kind, colour = look
    people = one.people.get(group)
    joined = one.joined(group)
    words = f"{group}. {one.wave.label}: " + (
        "not in the network"
        if people is None
        else f"{plural(people, 'person', 'people')}, {plural(one.within[group], 'tie')} within, "
        f"{sum(ties for ties, _ in joined)} with others"
    )
    if joined:
        words += ": " + ", ".join(f"{ties} with {other}" for ties, other in joined[:6])
        words += f" and {len(joined) - 6} more organisations" if len(joined) > 6 else ""
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
    parts.append(
        text_line(x + reach * across, y + reach * down + 4 + 5 * down, shortened(group, fits), 12, anchor=side)
    )
    return "".join([*parts, "</g>"])


def _in_words(found: StudyNetworks, rolled: list[_Rolled], shown: list[str]) -> str:
    parts = [f"{plural(len(shown), 'organisation')} on a ring, in the same places in every wave."]
    for one in rolled:
        text = one.sentence(found.name)
        most = sorted(one.pairs.items(), key=lambda held: (-held[1], held[0]))[:5]
        if most:
            text += " Most ties: " + ", ".join(f"{first} and {second} {ties}" for (first, second), ties in most) + "."
        parts.append(text)
    return " ".join(parts)
