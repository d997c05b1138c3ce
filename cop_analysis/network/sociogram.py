"""The sociogram: each wave's people and ties as inline SVG, an island per organisation, the same places in every wave.

Layout, marks and ground come from their own modules; here they are put together and put into words.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.figures import GREY, INK
from cop_analysis.network.ego_pictures import person_anchors
from cop_analysis.network.island_map import (
    EDGE,
    PEOPLE_AT_MOST,
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
from cop_analysis.network.marks import mixed_with_paper, number, shape
from cop_analysis.network.methods.brokers import brokerage
from cop_analysis.network.methods.graphs import NEVER_ASKED, NO, answer_of
from cop_analysis.network.study_networks import StudyNetworks, WaveNetwork, networks_of
from cop_analysis.results import Figure, Result, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study

__all__ = ["PEOPLE_AT_MOST", "SIZES", "sociogram"]

SIZES: Mapping[str, str] = {
    "brokerage": "stands more often between people who have no tie of their own, across organisations",
    "reach": "reaches more other organisations",
}
"""What a larger mark can say of a person."""


def sociogram(study: Study, relation: str | None = None, *, size_by: str = "brokerage", linked: bool = False) -> Result:
    """Show who is tied to whom, wave beside wave, an island for each organisation.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.
    size_by : {"brokerage", "reach"}
        What makes a mark larger. Brokerage: how often the person stands between two people of whom at least one is of
        another organisation and who have no tie of their own (all of Gould & Fernandez' roles but coordinator); it
        shows who would be missed. Reach: how many other organisations the person has a tie with; it needs less of a
        complete network, so it is the better choice where many did not answer.
    linked : bool
        Whether each mark leads to its person's fold of `ego_view`, which then stands on the same page.

    Returns
    -------
    Result
        With a figure of people up to 800, of organisations above. Its table has one row a wave: ``wave, people,
        ties, ties_across, cross_share, without_ties, did_not_answer, never_asked``; the figure's, one row a person
        and wave.

    Raises
    ------
    ValueError
        If the study has no such relation, or `size_by` is another word.

    Notes
    -----
    A person keeps their place in all waves. Organisations differ by colour and by shape; people who did not answer
    are hollow, people without a tie have a second outline; ties across organisations are dark and wide. Each mark
    takes keyboard focus and carries its facts.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> sociogram(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).sentence
    'This study has no ties table (ties.csv), so the network cannot be shown.'
    """
    if size_by not in SIZES:
        raise ValueError(f'size_by is {size_by!r}; it is "brokerage" or "reach".')
    title = "The network, person by person"
    found = networks_of(study, relation, "sociogram", title, "the network", individual=True)
    if isinstance(found, Result):
        return found
    ground = Ground.of(found)
    if ground is None:
        return found.result(title, f"There is nobody in the {found.name} network.")
    key = found.key if size_by == "brokerage" else f"{found.key}-{size_by}"
    return found.result(
        f"{title}: {found.name}",
        " ".join(_wave_sentence(found, wave) for wave in found.waves),
        key=key,
        table=pd.DataFrame([_wave_counts(wave) for wave in found.waves]),
        labels={
            "ties_across": "ties across organisations",
            "cross_share": "share across",
            "without_ties": "people without a tie",
            "did_not_answer": "did not answer",
            "other_organisations": "other organisations reached",
            "stands_between": "times between others, across organisations",
        },
        figure=_of_organisations(study, relation, key)
        if ground.undrawn
        else _draw(key, ground, size_by, person_anchors(found) if linked else {}),
        caveats=(*found.caveats, *ground.undrawn),
        method="An island is an organisation; people keep their place in every wave. Position and distance carry no "
        f"meaning beyond that. A larger mark {SIZES[size_by]}"
        + (" (Gould & Fernandez 1989, Sociological Methodology 19:89-126)." if size_by == "brokerage" else "."),
    )


def _of_organisations(study: Study, relation: str | None, key: str) -> Figure | None:
    """Give the map of organisations in place of a picture in which nobody could be found."""
    from cop_analysis.network.organisation_map import organisation_map

    drawn = organisation_map(study, relation)
    if drawn.figure is None:
        return None
    return replace(drawn.figure, name=key, svg=drawn.figure.svg.replace(drawn.figure.name, key))


# --- what is drawn -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Sizes:
    """What the size of marks says, person by person in each wave, on one scale for all waves."""

    by: str
    brokered: Mapping[str, Mapping[Hashable, int]]
    reached: Mapping[str, Mapping[Hashable, int]]

    @classmethod
    def of(cls, ground: Ground, by: str) -> _Sizes:
        waves = ground.found.waves
        return cls(
            by,
            {wave.key: _brokered(wave) for wave in waves},
            {wave.key: reached_by(wave, ground.home) for wave in waves},
        )

    @property
    def most(self) -> int:
        values = (self.brokered if self.by == "brokerage" else self.reached).values()
        return max((count for held in values for count in held.values()), default=0)

    def weight(self, wave: WaveNetwork, person: Hashable) -> float:
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
        "never_asked": wave.not_asked + wave.off_roster,
    }


def _wave_sentence(found: StudyNetworks, wave: WaveNetwork) -> str:
    counts = _wave_counts(wave)
    text = (
        f"{wave.label}: {count_of(wave.graph.number_of_edges(), f'{found.name} tie')} among "
        f"{count_of(wave.graph.number_of_nodes(), 'person', 'people')}"
    )
    if wave.ties:
        text += f", {counts['ties_across']} ({format_share(wave.crossing / wave.ties)}) between organisations"
    isolates = counts["without_ties"]
    return text + (f"; {isolates} without any tie." if isolates else "; everyone has a tie.")


def _draw(name: str, ground: Ground, size_by: str, links: Mapping[Hashable, str]) -> Figure:
    waves = ground.found.waves
    panels = Panels.of(ground, len(waves))
    sizes = _Sizes.of(ground, size_by)
    facts: list[dict[str, object]] = []
    drawn = [_panel(ground, panels, place, wave, sizes, facts, links) for place, wave in enumerate(waves)]
    return people_picture(
        name, f"{ground.found.name.capitalize()} ties by wave", _in_words(ground), pd.DataFrame(facts), panels, drawn,
        lambda top: _legend(ground, panels.scale, sizes, top), leads_to="ego-view-",
    )  # fmt: skip


def _panel(
    ground: Ground,
    panels: Panels,
    place: int,
    wave: WaveNetwork,
    sizes: _Sizes,
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
            ground, canvas, person, words,
            weight=sizes.weight(wave, person) if is_named else 0.0,
            hollow=answer_of(wave.graph, person) in (NO, NEVER_ASKED),
            alone=wave.graph.degree(person) == 0,
            link=links.get(person, ""),
        )  # fmt: skip

    return panels.drawn(ground, place, (wave.label, note), lambda canvas: _ties(ground, wave, canvas, sizes), mark)


def _ties(ground: Ground, wave: WaveNetwork, canvas: Canvas, sizes: _Sizes) -> list[str]:
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


def _facts(ground: Ground, wave: WaveNetwork, person: Hashable, sizes: _Sizes) -> dict[str, object]:
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


def _legend(ground: Ground, scale: float, sizes: _Sizes, top: float) -> tuple[list[str], float]:
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


def _in_words(ground: Ground) -> str:
    waves = ground.found.waves
    parts = [
        f"{count_of(len(ground.home), 'person', 'people')} drawn as marks, with an island for each of "
        f"{count_of(len(ground.members), 'organisation')}"
        + (", the same places in every wave." if len(waves) > 1 else ".")
    ]
    for wave in waves:
        text = _wave_sentence(ground.found, wave)
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
