"""Where people stand in a sociogram: an island per organisation, the same in every wave; nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

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
