"""Organisations as a map: how large, and how many ties join each two, wave by wave; people are not shown here."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.figures import GREY, INK, PAPER
from cop_analysis.network.island_map import WIDTH, looks_of, panel_head, picture, reading_lines, text_line
from cop_analysis.network.levels import LevelNetworks, LevelWave, networks_at, too_small_to_show
from cop_analysis.network.marks import mixed_with_paper, number, shape, text_of
from cop_analysis.network.methods.networks import organisation_network
from cop_analysis.network.naming import label_within, lines_of
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.results import Figure, Result, count_of

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

ORGANISATIONS_AT_MOST = 24
"""The map shows this many organisations, those with the most ties; the table always has all."""

_COUNTS_UP_TO = 30
_GAP = 20.0


def organisation_map(study: Study, relation: str | None = None, *, by: str = ATTRIBUTE) -> Result:
    """Show how strongly each two organisations, or sectors, are joined, wave beside wave, in the same places.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.
    by : {"organisation", "sector"}

    Returns
    -------
    Result
        One row a wave and organisation: ``wave, organisation, people, ties_within, ties_with_others,
        organisations_joined`` (by sector: ``sector`` and ``sectors_joined``). The figure's table has one row a wave
        and pair, both directions together.

    Raises
    ------
    ValueError
        If the study has no such relation or `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> organisation_map(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).key
    'organisation-map'
    """
    title = f"The {by}s and the ties between them"
    level = networks_at(study, relation, by, "organisation-map", title, f"the ties between {by}s")
    if isinstance(level, Result):
        return level
    withheld = too_small_to_show(study, level, title)
    if withheld is not None:
        return withheld
    rolled = [_Rolled.of(wave, level) for wave in level.waves]
    table = pd.concat([one.table() for one in rolled], ignore_index=True)
    totals = (table["ties_within"] + table["ties_with_others"]).groupby(table[by]).sum()
    order = sorted(totals.index, key=lambda name: (-totals[name], name))
    shown = sorted(order[:ORGANISATIONS_AT_MOST])
    caveats = list(level.caveats)
    if len(order) > len(shown):
        caveats.append(
            f"The map shows the {len(shown)} {level.plural} with the most ties of {len(order):,}; the table has all."
        )
    return level.result(
        f"{title}: {level.found.name}",
        " ".join(one.sentence() for one in rolled),
        table=table,
        labels={"ties_with_others": f"ties with other {level.plural}"},
        figure=_draw(level, rolled, shown),
        caveats=tuple(caveats),
        method=f"Person ties counted by the {level.plural} of their two people, both directions together.",
        show_table=len(table) <= 40,
    )


@dataclass(frozen=True, eq=False)
class _Rolled:
    """One wave by organisation."""

    wave: LevelWave
    level: LevelNetworks
    people: dict[str, int]
    within: dict[str, int]
    pairs: dict[tuple[str, str], int]

    @classmethod
    def of(cls, wave: LevelWave, level: LevelNetworks) -> _Rolled:
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
        by, joined = self.level.by, f"{self.level.plural}_joined"
        return pd.DataFrame(rows, columns=["wave", by, "people", "ties_within", "ties_with_others", joined])

    def sentence(self) -> str:
        count, words = len(self.people), self.level.plural
        text = (
            f"{self.wave.label}: {len(self.pairs)} of {count_of(count * (count - 1) // 2, 'pair')} of {words} "
            f"{'is' if len(self.pairs) == 1 else 'are'} joined by {self.level.found.name} ties"
        )
        most = max(self.pairs.values(), default=0)
        largest = [pair for pair, ties in self.pairs.items() if ties == most]
        if len(largest) == 1 and len(self.pairs) > 1:
            first, second = map(self.level.called, largest[0])
            text += f", most between {first} and {second} ({most})"
        alone = sorted(self.level.called(name) for name in self.people if not self.joined(name))
        if alone and count > 1:
            shown = ", ".join(alone[:5]) + (f" and {len(alone) - 5} more" if len(alone) > 5 else "")
            text += f"; joined to no other: {shown}"
        return text + "."


def _draw(level: LevelNetworks, rolled: list[_Rolled], shown: list[str]) -> Figure:
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
                _organisation(one, group, looks[group], spots[group], max(6.0, size), middle, (left, left + width),
                              few=len(shown) <= 10)
            )  # fmt: skip
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
        level.key, f"{level.found.name.capitalize()} ties between {level.plural}, by wave", _in_words(rolled, shown),
        end, [*parts, *lines], pd.DataFrame(rows, columns=["wave", f"one_{level.by}", f"other_{level.by}", "ties"]),
    )  # fmt: skip


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


def _in_words(rolled: list[_Rolled], shown: list[str]) -> str:
    level = rolled[0].level
    parts = [f"{count_of(len(shown), level.by)} on a ring, in the same places in every wave."]
    for one in rolled:
        text = one.sentence()
        most = sorted(one.pairs.items(), key=lambda held: (-held[1], held[0]))[:5]
        if most:
            named = [f"{level.called(first)} and {level.called(second)} {ties}" for (first, second), ties in most]
            text += f" Most ties: {', '.join(named)}."
        parts.append(text)
    return " ".join(parts)
