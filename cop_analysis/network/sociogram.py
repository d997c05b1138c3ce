"""The sociogram: each wave's people and ties as inline SVG, an island per organisation, the same places in every wave.

Layout, marks and ground come from their own modules; here they are put together and put into words.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.figures import GREY, INK, stand_alone_svg
from cop_analysis.network.island_map import (
    Canvas,
    Ground,
    Panels,
    absent_mark,
    ground_of,
    island_names,
    island_shapes,
    numbers_sentence,
    opening,
    organisations_legend,
    panel_head,
    person_mark,
    reading_lines,
    silent_sentences,
    skip_link,
    tie_head,
    tie_line,
)
from cop_analysis.network.marks import number, text_of
from cop_analysis.network.study_networks import StudyNetworks, WaveNetwork, networks_of, plural
from cop_analysis.results import Figure, Result, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study

PEOPLE_AT_MOST = 800
"""More people than this cannot be told apart on a page; `sociogram` then says so and leaves the picture out."""

_SKIP = 20.0


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
    ground = ground_of(found)
    sentence = " ".join(_wave_sentence(found, wave) for wave in found.waves)
    caveats = list(found.caveats)
    figure = None
    if ground is None:
        sentence = f"There is nobody in the {found.name} network."
    elif len(ground.home) > PEOPLE_AT_MOST:
        caveats.append(
            f"The network has {len(ground.home):,} people; above {PEOPLE_AT_MOST} people cannot be told apart on a "
            "page, "
            "so no picture is drawn. The matrix of organisations shows the same ties."
        )
    else:
        figure = _draw(key, ground)
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


def _draw(name: str, ground: Ground) -> Figure:
    waves = ground.found.waves
    panels = Panels.of(ground, len(waves))
    facts: list[dict[str, object]] = []
    parts = [skip_link("end")]
    for place, wave in enumerate(waves):
        left, top = panels.corner(place, _SKIP)
        parts += _panel(ground, wave, panels.canvas(ground, left, top), left, top, panels.width, facts)
    legend, height = _legend(ground, panels.scale, panels.bottom(len(waves), _SKIP))
    parts.append('<g id="end">' + "".join(legend) + "</g></svg>")
    title = f"{ground.found.name.capitalize()} ties by wave"
    alt = _in_words(ground)
    svg = stand_alone_svg(opening(height) + "".join(parts), name, title, alt)
    # An image hides what is inside it from assistive technology; a group lets each person be reached.
    svg = svg.replace('role="img"', 'role="group"', 1)
    return Figure(name=name, title=title, svg=svg, alt=alt, table=pd.DataFrame(facts))


def _panel(
    ground: Ground,
    wave: WaveNetwork,
    canvas: Canvas,
    left: float,
    top: float,
    width: float,
    facts: list[dict[str, object]],
) -> list[str]:
    note = f"{plural(wave.graph.number_of_edges(), 'tie')}, {wave.crossing} across organisations"
    if wave.ties:
        note += f" ({format_share(wave.crossing / wave.ties)})"
    parts = [
        f'<g role="group" aria-label="{text_of(wave.label)}: {text_of(note)}">',
        *panel_head(left, top, wave.label, note),
        *island_shapes(ground, canvas),
        *_ties(ground, wave, canvas),
        *island_names(ground, canvas, left, width),
    ]
    reach = reached_by(wave, ground.home)
    for people in ground.members.values():
        for person in people:
            if person in wave.graph:
                fact = _facts(ground, wave, person, reach[person])
                facts.append(fact)
                hollow = fact["answered"] is False or fact["on_roster"] is False
                words = _fact_words(ground, fact)
                parts.append(person_mark(ground, canvas, person, words, reached=reach[person], hollow=hollow))
            else:
                parts.append(absent_mark(canvas, person))
    parts.append("</g>")
    return parts


def _ties(ground: Ground, wave: WaveNetwork, canvas: Canvas) -> list[str]:
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
            heads[crossing].append(tie_head(ground, canvas, alter, origin))
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


def reached_by(wave: WaveNetwork, home: Mapping[Hashable, Hashable]) -> dict[Hashable, int]:
    """Count the other organisations each person of a wave has a tie with, in either direction."""
    reached: dict[Hashable, set[Hashable]] = {person: set() for person in wave.graph}
    for tail, head in wave.placed.edges():
        if home[tail] != home[head]:
            reached[tail].add(home[head])
            reached[head].add(home[tail])
    return {person: len(others) for person, others in reached.items()}


def _facts(ground: Ground, wave: WaveNetwork, person: Hashable, reached: int) -> dict[str, object]:
    data = wave.graph.nodes[person]
    fact: dict[str, object] = {
        "mark": ground.marks[person],
        "person": str(person),
        "organisation": str(ground.home[person]),
        "role": "" if data.get("role") is None else str(data["role"]),
        "wave": wave.label,
        "on_roster": None if data.get("asked") is None else data.get("rostered", True),
        "answered": data.get("answered"),
    }
    if ground.found.is_directed:
        fact["ties_sent"] = wave.graph.out_degree(person)
        fact["ties_received"] = wave.graph.in_degree(person)
    else:
        fact["ties"] = wave.graph.degree(person)
    fact["other_organisations"] = reached
    return fact


def _fact_words(ground: Ground, fact: Mapping[str, object]) -> str:
    who = ", ".join(str(fact[column]) for column in ("person", "organisation", "role") if fact[column])
    ties = (
        f"names {fact['ties_sent']}, named by {fact['ties_received']}"
        if ground.found.is_directed
        else plural(int(str(fact["ties"])), "tie")
    )
    silent = "; did not answer" if fact["answered"] is False else ""
    silent = "; not on the roster" if fact["on_roster"] is False else silent
    reached = plural(int(str(fact["other_organisations"])), "other organisation")
    return f"{who}. {fact['wave']}: {ties}; reaches {reached}{silent}."


# --- legend and words ----------------------------------------------------------------------------------------------


def _legend(ground: Ground, scale: float, top: float) -> tuple[list[str], float]:
    parts, y = organisations_legend(ground, top)
    reading = ["Dark line: tie between organisations. Grey line: tie within one."]
    if ground.has_arrows:
        reading.append("Arrow: from who answered to whom they named.")
    elif ground.found.is_directed:
        reading.append("Arrow heads are left out at this number of ties.")
    if ground.is_crowded:
        reading.append("Ties between the same two organisations run together on their way.")
    reading.append("Larger mark: reaches more other organisations.")
    reading += [*silent_sentences(ground), *numbers_sentence(ground, scale)]
    lines, end = reading_lines(reading, y)
    return [*parts, *lines], end


def _in_words(ground: Ground) -> str:
    waves = ground.found.waves
    parts = [
        f"{plural(len(ground.home), 'person', 'people')} drawn as marks, with an island for each of "
        f"{plural(len(ground.members), 'organisation')}"
        + (", the same places in every wave." if len(waves) > 1 else ".")
    ]
    for wave in waves:
        text = _wave_sentence(ground.found, wave)
        if wave.silent:
            text += f" {wave.silent} did not answer and {'is' if wave.silent == 1 else 'are'} hollow."
        busiest = _busiest_pair(ground, wave)
        if busiest:
            text += f" Most ties between two organisations: {busiest}."
        parts.append(text)
    return " ".join(parts)


def _busiest_pair(ground: Ground, wave: WaveNetwork) -> str:
    counts: dict[tuple[str, str], int] = {}
    for tail, head in wave.placed.edges():
        first, second = sorted((str(ground.home[tail]), str(ground.home[head])))
        if first != second:
            counts[(first, second)] = counts.get((first, second), 0) + 1
    most = max(counts.values(), default=0)
    largest = [pair for pair, count in counts.items() if count == most]
    return f"{most} between {largest[0][0]} and {largest[0][1]}" if len(largest) == 1 else ""
