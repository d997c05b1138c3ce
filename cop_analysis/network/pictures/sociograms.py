"""The sociogram: each wave's people and ties, an island per organisation, the same places in every wave."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cop_analysis.figures import GREY, INK
from cop_analysis.network.methods.brokers import brokerage
from cop_analysis.network.methods.graphs import NEVER_ASKED, NO, answer_of
from cop_analysis.network.methods.wave_networks import WaveNetwork
from cop_analysis.network.pictures.islands import (
    EDGE,
    Canvas,
    Ground,
    Panels,
    absent_mark,
    mark_radius,
    numbers_sentence,
    organisations_legend,
    people_picture,
    person_mark,
    reading_lines,
    silent_sentences,
    text_line,
    tie_head,
    tie_line,
    tie_sentences,
)
from cop_analysis.network.pictures.shapes import mixed_with_paper, number, shape
from cop_analysis.results import Figure, count_of, format_share

SIZES: Mapping[str, str] = {
    "brokerage": "stands more often between people who have no tie of their own, across organisations",
    "reach": "reaches more other organisations",
}
"""What a larger mark can say of a person."""


def draw_sociogram(
    name: str, ground: Ground, size_by: str, said: Sequence[str], links: Mapping[Hashable, str]
) -> Figure:
    """Draw each wave's people and ties, an island an organisation, everybody in the same place in every wave.

    Parameters
    ----------
    name : str
        Of the figure.
    ground : Ground
    size_by : str
        One of `SIZES`.
    said : sequence of str
        What is said of each wave.
    links : mapping of person to anchor
        Where each mark leads.
    """
    waves = ground.found.waves
    panels = Panels.of(ground, len(waves))
    sizes = Sizes.of(ground, size_by)
    facts: list[dict[str, object]] = []
    drawn = [_panel(ground, panels, place, wave, sizes, facts, links) for place, wave in enumerate(waves)]
    return people_picture(
        name,
        f"{ground.found.name.capitalize()} ties by wave",
        _in_words(ground, said),
        pd.DataFrame(facts),
        panels,
        drawn,
        lambda top: _legend(ground, panels.scale, sizes, top),
        leads_to="ego-view-",
    )


@dataclass(frozen=True, eq=False)
class Sizes:
    """What the size of marks says, person by person in each wave, on one scale for all waves."""

    by: str
    brokered: Mapping[str, Mapping[Hashable, int]]
    reached: Mapping[str, Mapping[Hashable, int]]

    @classmethod
    def of(cls, ground: Ground, by: str) -> Sizes:
        """Count what marks may say, wave by wave."""
        waves = ground.found.waves
        return cls(
            by,
            {wave.key: _brokered(wave) for wave in waves},
            {wave.key: reached_by(wave, ground.home) for wave in waves},
        )

    @property
    def most(self) -> int:
        """The most that a mark says."""
        values = (self.brokered if self.by == "brokerage" else self.reached).values()
        return max((count for held in values for count in held.values()), default=0)

    def weight(self, wave: WaveNetwork, person: Hashable) -> float:
        """Give a person's part of the most, from 0 to 1."""
        counted = (self.brokered if self.by == "brokerage" else self.reached)[wave.key]
        return counted.get(person, 0) / self.most if self.most else 0.0


def _brokered(wave: WaveNetwork) -> dict[Hashable, int]:
    if not wave.placed.number_of_nodes():
        return {}
    table = brokerage(wave.placed).table
    return dict(zip(table["node"].tolist(), (table["total"] - table["coordinator"]).tolist(), strict=True))


def reached_by(wave: WaveNetwork, home: Mapping[Hashable, Hashable]) -> dict[Hashable, int]:
    """Count the other organisations each person of a wave has a tie with, in either direction."""
    reached: dict[Hashable, set[Hashable]] = {person: set() for person in wave.graph}
    for tail, head in wave.placed.edges():
        if home[tail] != home[head]:
            reached[tail].add(home[head])
            reached[head].add(home[tail])
    return {person: len(others) for person, others in reached.items()}


def _panel(
    ground: Ground,
    panels: Panels,
    place: int,
    wave: WaveNetwork,
    sizes: Sizes,
    facts: list[dict[str, object]],
    links: Mapping[Hashable, str],
) -> list[str]:
    note = f"{count_of(wave.graph.number_of_edges(), 'tie')}, {wave.crossing} across organisations"
    if wave.ties:
        note += f" ({format_share(wave.crossing / wave.ties)})"

    def mark(canvas: Canvas, person: Hashable) -> str:
        if person not in wave.graph:
            return absent_mark(canvas, person)
        is_named = person not in ground.found.unnamed
        words = f"Somebody who did not consent, {ground.found.called(ground.home[person])}."
        if is_named:
            fact = _facts(ground, wave, person, sizes)
            facts.append(fact)
            words = _fact_words(ground, fact)
        return person_mark(
            ground,
            canvas,
            person,
            words,
            weight=sizes.weight(wave, person) if is_named else 0.0,
            hollow=answer_of(wave.graph, person) in (NO, NEVER_ASKED),
            alone=wave.graph.degree(person) == 0,
            link=links.get(person, ""),
        )

    return panels.drawn(ground, place, (wave.label, note), lambda canvas: _ties(ground, wave, canvas, sizes), mark)


def _ties(ground: Ground, wave: WaveNetwork, canvas: Canvas, sizes: Sizes) -> list[str]:
    """Four paths a panel: lines and heads, within and across; a pair of opposite ties is one line with two heads."""
    graph = wave.graph
    lines: dict[bool, list[str]] = {False: [], True: []}
    heads: dict[bool, list[str]] = {False: [], True: []}
    for ego, alter in graph.edges():
        crossing = ground.crosses(ego, alter)
        line, origin = tie_line(ground, canvas, ego, alter)
        back = ground.found.is_directed and graph.has_edge(alter, ego)
        if not back or str(ego) < str(alter):
            lines[crossing].append(line)
        if ground.has_arrows:
            weight = 0.0 if alter in ground.found.unnamed else sizes.weight(wave, alter)
            heads[crossing].append(tie_head(ground, canvas, alter, origin, weight))
    many = graph.number_of_edges() > 400
    style = {
        False: (GREY, 0.7 if many else 1.1, 0.4 if many else 0.75),
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


def _facts(ground: Ground, wave: WaveNetwork, person: Hashable, sizes: Sizes) -> dict[str, object]:
    data = wave.graph.nodes[person]
    fact: dict[str, object] = {
        "mark": ground.marks[person],
        "person": str(person),
        "organisation": str(ground.home[person]),
        "role": "" if data.get("role") is None else str(data["role"]),
        "wave": wave.label,
        "on_roster": None if data.get("asked") is None else data.get("rostered", True),
        "answered": answer_of(wave.graph, person),
    }
    if ground.found.is_directed:
        fact["ties_sent"] = wave.graph.out_degree(person)
        fact["ties_received"] = wave.graph.in_degree(person)
    else:
        fact["ties"] = wave.graph.degree(person)
    fact["other_organisations"] = sizes.reached[wave.key][person]
    fact["stands_between"] = sizes.brokered[wave.key].get(person, 0)
    return fact


def _fact_words(ground: Ground, fact: Mapping[str, object]) -> str:
    home = ground.found.called(str(fact["organisation"]))
    who = ", ".join(str(known) for known in (fact["person"], home, fact["role"]) if known)
    ties = (
        f"names {fact['ties_sent']}, named by {fact['ties_received']}"
        if ground.found.is_directed
        else count_of(int(str(fact["ties"])), "tie")
    )
    silent = {NO: "; did not answer", NEVER_ASKED: "; never asked"}.get(str(fact["answered"]), "")
    silent = "; not on the roster, so never asked" if fact["on_roster"] is False and silent else silent
    reached = count_of(int(str(fact["other_organisations"])), "other organisation")
    between = count_of(int(str(fact["stands_between"])), "time")
    return f"{who}. {fact['wave']}: {ties}; reaches {reached}; {between} between others across organisations{silent}."


# --- legend and words ----------------------------------------------------------------------------------------------


def _legend(ground: Ground, scale: float, sizes: Sizes, top: float) -> tuple[list[str], float]:
    parts, y = organisations_legend(ground, top)
    if sizes.most:
        x, line = EDGE + mark_radius(scale, 1.0), y + 6
        for weight, count in ((0.0, 0), (1.0, sizes.most)):
            radius = mark_radius(scale, weight)
            parts.append(shape("circle", x, line, radius, f'fill="{mixed_with_paper(GREY, 0.35)}" stroke="{GREY}"'))
            parts.append(text_line(x + radius + 5, line + 4, str(count)))
            x += 2 * radius + 30
        parts.append(text_line(x, line + 4, f"Larger mark: {SIZES[sizes.by]}; one scale for all waves."))
        y += max(20.0, math.ceil(mark_radius(scale, 1.0)) + 14)
    reading = ["Dark line: tie between organisations. Grey line: tie within one.", *tie_sentences(ground)]
    if ground.is_crowded:
        reading.append("Ties between the same two organisations run together on their way.")
    if any(degree == 0 for wave in ground.found.waves for _, degree in wave.graph.degree()):
        reading.append("Second outline: no tie.")
    reading += [*silent_sentences(ground), *numbers_sentence(ground, scale)]
    lines, end = reading_lines(reading, y)
    return [*parts, *lines], end


def _in_words(ground: Ground, said: Sequence[str]) -> str:
    waves = ground.found.waves
    parts = [
        f"{count_of(len(ground.home), 'person', 'people')} drawn as marks, with an island for each of "
        f"{count_of(len(ground.members), 'organisation')}"
        + (", the same places in every wave." if len(waves) > 1 else ".")
    ]
    for wave, text in zip(waves, said, strict=True):
        if wave.silent:
            text += f" {wave.silent} did not answer and {'is' if wave.silent == 1 else 'are'} hollow."
        unasked = wave.not_asked + wave.off_roster
        if unasked:
            were, are = ("was", "is") if unasked == 1 else ("were", "are")
            text += f" {unasked} {were} never asked and {are} hollow."
        busiest = _busiest_pair(ground, wave)
        if busiest:
            text += f" Most ties between two organisations: {busiest}."
        parts.append(text)
    return " ".join(parts)


def _busiest_pair(ground: Ground, wave: WaveNetwork) -> str:
    counts: dict[tuple[str, str], int] = {}
    for tail, head in wave.placed.edges():
        first, second = sorted(ground.found.called(ground.home[person]) for person in (tail, head))
        if ground.home[tail] != ground.home[head]:
            counts[(first, second)] = counts.get((first, second), 0) + 1
    most = max(counts.values(), default=0)
    largest = [pair for pair, count in counts.items() if count == most]
    return f"{most} between {largest[0][0]} and {largest[0][1]}" if len(largest) == 1 else ""
