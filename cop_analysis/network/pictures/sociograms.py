"""People and their ties: the sociogram of each wave, an island per organisation, and the own network of one person.

A person has the same place in every wave. The own networks come one by one without a script: each is a fold that opens
by click or key, and in it every neighbour is a link to their own. Nothing is measured here beyond counting.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from cop_analysis.figures import GREY, INK, PAPER
from cop_analysis.network.methods.brokers import brokerage
from cop_analysis.network.methods.graphs import NEVER_ASKED, NO
from cop_analysis.network.methods.networks import ORGANISATION, RelationNetworks, WaveNetwork
from cop_analysis.network.pictures.islands import (
    EDGE,
    NO_ORGANISATION,
    WIDTH,
    Canvas,
    Ground,
    Panels,
    absent_mark,
    looks_of,
    mark_radius,
    numbers_sentence,
    organisations_key,
    organisations_legend,
    people_picture,
    person_mark,
    picture,
    reading_lines,
    shortened,
    silent_sentences,
    text_line,
    tie_head,
    tie_line,
    tie_sentences,
)
from cop_analysis.network.pictures.shapes import arrow_head, mixed_with_paper, number, rim, shape, text_of
from cop_analysis.results import Figure, count_of, format_share
from cop_analysis.results.values import is_missing

SIZES: Mapping[str, str] = {
    "brokerage": "stands more often between people who have no tie with each other, across organisations",
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
        pd.DataFrame(facts).astype({"ties_sent": "Int64"} if ground.found.is_directed and facts else {}),
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
        note += f" ({format_share(wave.cross_share)})"

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
            hollow=wave.answers[person] in (NO, NEVER_ASKED),
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
        "answered": wave.answers[person],
    }
    if ground.found.is_directed:
        sent = wave.graph.out_degree(person)
        # Whom somebody turns to who said nothing is not known, which is not the same as nobody.
        fact["ties_sent"] = pd.NA if not sent and wave.answers[person] in SILENT else sent
        fact["ties_received"] = wave.graph.in_degree(person)
    else:
        fact["ties"] = wave.graph.degree(person)
    fact["other_organisations"] = sizes.reached[wave.key][person]
    fact["stands_between"] = sizes.brokered[wave.key].get(person, 0)
    return fact


def _fact_words(ground: Ground, fact: Mapping[str, object]) -> str:
    home = ground.found.called(str(fact["organisation"]))
    who = ", ".join(str(known) for known in (fact["person"], home, fact["role"]) if known)
    names = "" if fact.get("ties_sent") is pd.NA else f"names {fact.get('ties_sent')}, "
    ties = (
        f"{names}named by {fact['ties_received']}"
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


# --- one person, and how those they are tied to are tied to each other ------------------------------------------


_TIES_TOLD = {
    "a tie": "A tie {ego}",
    "names": "{ego} names",
    "named by": "{ego} is named by",
    "names and named by": "{ego} names and named by",
}

SILENT = {NO: "did not answer", NEVER_ASKED: "was never asked"}
_PANEL = 300.0
_EGO = 18.0
_NAMES_UP_TO = 26


def person_folds(egos: Egos, anchors: Mapping[Hashable, str], said: Callable[[View], str]) -> str:
    """Give everybody a fold with their own network in each wave, the last alone where people are many.

    Parameters
    ----------
    egos : Egos
    anchors : mapping of person to anchor
    said : callable
        What is said of a view.
    """
    found = egos.found
    parts = [
        '<p class="cop-heading">One person at a time</p><p>Open a person to see their network; in the picture each '
        "neighbour is a link to their own.</p>"
    ]
    many = len(egos.home) > 40
    for person in egos.people:
        waves = [wave for wave in found.waves if person in wave.graph]
        views = [View.of(wave, person, egos.home, found.is_directed) for wave in (waves[-1:] if many else waves)]
        words = " ".join(said(view) for view in views)
        height, drawn = _panels(egos, views, by_wave=True, links=anchors, width=0.0)
        drawing = picture(
            f"{anchors[person]}-picture",
            f"The {found.name} network of {person}",
            words,
            height,
            [drawn],
            pd.DataFrame(),
            width=_PANEL * len(views),
            leads_to="ego-view-",
        )
        label = ", ".join(filter(None, [str(person), egos.called(person), egos.role(person)]))
        parts.append(
            f'<details class="cop-ego"><summary>{escape(label)}</summary><div id="{anchors[person]}">'
            f'<p>{escape(words)}</p><div class="cop-picture" style="max-width:{number(_PANEL * len(views))}px">'
            f"{drawing.svg}</div></div></details>"
        )
    return "\n".join(parts)


# --- what a view holds ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Egos:
    """Everybody of every wave, in order, with their organisation's look."""

    people: list[Hashable]
    home: Mapping[Hashable, Hashable]
    look: Mapping[Hashable, tuple[str, str]]
    roles: Mapping[Hashable, str]
    place: Mapping[Hashable, int]
    found: RelationNetworks

    @classmethod
    def of(cls, found: RelationNetworks) -> Egos:
        """Find everybody of every wave."""
        home: dict[Hashable, Hashable] = {}
        roles: dict[Hashable, str] = {}
        for wave in found.waves:
            for person, data in wave.graph.nodes(data=True):
                home[person] = NO_ORGANISATION if is_missing(data.get(ORGANISATION)) else data[ORGANISATION]
                if not is_missing(data.get("role")):
                    roles[person] = str(data["role"])
        groups = sorted(set(home.values()), key=lambda group: (group == NO_ORGANISATION, str(group)))
        people = sorted((person for person in home if person not in found.unnamed), key=str)
        places = {person: place for place, person in enumerate(people)}
        return cls(people, home, looks_of(groups), roles, places, found)

    def called(self, person: Hashable) -> str:
        """Give the name of a person's organisation."""
        return self.found.called(self.home[person])

    def named(self, person: str) -> Hashable:
        """Give the person of an identifier, or refuse in one sentence."""
        for known in self.people:
            if known == person or str(known) == str(person):
                return known
        raise ValueError(
            f"No wave has a person {person!r}. There are {count_of(len(self.people), 'person', 'people')}, such as "
            f"{', '.join(str(known) for known in self.people[:5])}."
        )

    def role(self, person: Hashable) -> str:
        """Give a person's role, empty where it is not known."""
        return self.roles.get(person, "")


@dataclass(frozen=True, eq=False)
class View:
    """One person at one wave."""

    wave: WaveNetwork
    ego: Hashable
    others: list[Hashable]
    other_organisations: set[Hashable]
    among: list[tuple[Hashable, Hashable]]
    is_directed: bool

    @classmethod
    def of(cls, wave: WaveNetwork, ego: Hashable, home: Mapping[Hashable, Hashable], is_directed: bool) -> View:
        """Find whom a person is tied to, and who of them are tied to each other."""
        graph = wave.graph
        near = set(graph.successors(ego)) | set(graph.predecessors(ego)) if is_directed else set(graph[ego])
        near.discard(ego)
        own = home[ego]
        others = sorted(near, key=lambda other: (home[other] != own, str(home[other]), str(other)))
        among = {
            (tail, head) if str(tail) <= str(head) else (head, tail)
            for tail in others
            for head in graph[tail]
            if head in near and head != tail
        }
        reached = {home[other] for other in others} - {own, NO_ORGANISATION}
        return cls(wave, ego, others, reached, sorted(among, key=str), is_directed)

    @property
    def pairs(self) -> int:
        """Pairs of neighbours of whom at least one could say whether they are tied."""
        mute = {other for other in self.others if self.wave.answers[other] in SILENT}
        untied = len(mute) * (len(mute) - 1) // 2 - sum(mute.issuperset(pair) for pair in self.among)
        return len(self.others) * (len(self.others) - 1) // 2 - untied

    @property
    def unknown_pairs(self) -> int:
        """Pairs of neighbours who both said nothing: whether they are tied is not known."""
        return len(self.others) * (len(self.others) - 1) // 2 - self.pairs

    @property
    def density(self) -> float:
        """The share of them who are tied to each other; NaN where there is none."""
        return len(self.among) / self.pairs if self.pairs else float("nan")

    @property
    def silent(self) -> str:
        """Why nothing is known of what the person said; empty where they answered, or where that is not on record."""
        return SILENT.get(self.wave.answers[self.ego], "")

    def tie_words(self, other: Hashable) -> str:
        """Say who names whom."""
        if not self.is_directed:
            return "a tie"
        names = self.wave.graph.has_edge(self.ego, other)
        named = self.wave.graph.has_edge(other, self.ego)
        return "names and named by" if names and named else "names" if names else "named by"


# --- drawing -------------------------------------------------------------------------------------------------------


def draw_egos(
    name: str,
    egos: Egos,
    views: list[View],
    title: str,
    said: Callable[[View], str],
    *,
    by_wave: bool,
    links: Mapping[Hashable, str],
) -> Figure:
    """Draw some people's own networks, or one person's in every wave.

    Parameters
    ----------
    name, title : str
        Of the figure.
    egos : Egos
    views : list of View
    said : callable
        What is said of a view.
    by_wave : bool
        Whether panels are headed by their wave, and not by their person.
    links : mapping of person to anchor
        Where each mark leads.
    """
    found = egos.found
    columns = min(3, len(views))
    height, drawn = _panels(egos, views, by_wave=by_wave, links=links, width=max(WIDTH, columns * _PANEL))
    shown = [group for group in egos.look if any(group in _groups(egos, view) for view in views)]
    key, y = organisations_key(found.names, egos.look, shown, height + 12)
    reading = ["Dark line: tie between organisations. Thick grey: tie within one. Thin: tie between neighbours."]
    if found.is_directed:
        reading.append("Arrow: from who answered to whom they named.")
    if any(len(view.others) > _NAMES_UP_TO for view in views):
        reading.append("Where neighbours are many their names are in the table only.")
    shown_people = {(view.wave.key, person): view for view in views for person in [view.ego, *view.others]}
    hollow = {SILENT.get(view.wave.answers[person], "") for (_, person), view in shown_people.items()} - {""}
    if hollow:
        reading.append(f"Hollow: {', or '.join(sorted(hollow))}.")
    if any(person in found.unnamed for _, person in shown_people):
        reading.append("–: did not consent, so not named.")
    lines, end = reading_lines(reading, y)
    words = " ".join(said(view) for view in views)
    rows = [
        (view.wave.label, str(view.ego), str(other), str(egos.home[other]), view.tie_words(other))
        for view in views
        for other in view.others
    ]
    table = pd.DataFrame(rows, columns=["wave", "person", "neighbour", "organisation", "tie"])
    width = max(WIDTH, columns * _PANEL)
    return picture(name, title, words, end, [drawn, *key, *lines], table, width=width, leads_to="ego-view-")


def _panels(
    egos: Egos, views: list[View], *, by_wave: bool, links: Mapping[Hashable, str], width: float
) -> tuple[float, str]:
    across = max(1, min(3, len(views)))
    slack = max(0.0, (width - across * _PANEL) / (across + 1))
    parts = []
    for place, view in enumerate(views):
        left = slack + (place % 3) * (_PANEL + slack)
        top = (place // 3) * (_PANEL + 24)
        head = view.wave.label if by_wave else f"{view.ego}, {egos.called(view.ego)}"
        beyond = count_of(len(view.other_organisations), "other organisation")
        note = f"{count_of(len(view.others), 'neighbour')}, {beyond}"
        parts.append(f'<g role="group" aria-label="{text_of(head)}: {text_of(note)}">')
        parts += [text_line(left + EDGE, top + 17, shortened(head, 34), 13.5, bold=True)]
        parts += [text_line(left + EDGE, top + 33, note, 11.5)]
        parts += _ego_marks(egos, view, left + _PANEL / 2, top + 24 + _PANEL / 2, links)
        parts.append("</g>")
    return math.ceil(len(views) / 3) * (_PANEL + 24), "".join(parts)


def _ego_marks(egos: Egos, view: View, x: float, y: float, links: Mapping[Hashable, str]) -> list[str]:
    found = egos.found
    count = len(view.others)
    named = count <= _NAMES_UP_TO
    short = all(len(str(person)) <= 4 for person in [view.ego, *view.others] if person not in found.unnamed)
    ring = 104.0 if short else 92.0
    radius = max(3.0, min(14.0, 2.4 * ring / max(count, 1)))
    spots = {
        other: (x + ring * math.cos(turn), y + ring * math.sin(turn))
        for place, other in enumerate(view.others)
        for turn in (2 * math.pi * place / count - math.pi / 2,)
    }
    thin: list[str] = []
    within: list[str] = []
    across: list[str] = []
    heads: list[str] = []
    for tail, head in view.among:
        (x1, y1), (x2, y2) = spots[tail], spots[head]
        bend = (x + 0.55 * ((x1 + x2) / 2 - x), y + 0.55 * ((y1 + y2) / 2 - y))
        thin.append(f"M{number(x1)} {number(y1)}Q{number(bend[0])} {number(bend[1])} {number(x2)} {number(y2)}")
    own = egos.home[view.ego]
    for other in view.others:
        spot = spots[other]
        (within if egos.home[other] == own else across).append(
            f"M{number(x)} {number(y)}L{number(spot[0])} {number(spot[1])}"
        )
        turn = math.atan2(spot[1] - y, spot[0] - x)
        if found.is_directed and view.wave.graph.has_edge(view.ego, other):
            kind = egos.look[egos.home[other]][0]
            reach = math.hypot(spot[0] - x, spot[1] - y) - rim(kind, radius, turn + math.pi) - 1
            heads.append(arrow_head(x + reach * math.cos(turn), y + reach * math.sin(turn), turn, 7))
        if found.is_directed and view.wave.graph.has_edge(other, view.ego):
            near = rim(egos.look[own][0], _EGO, turn) + 1
            heads.append(arrow_head(x + near * math.cos(turn), y + near * math.sin(turn), turn + math.pi, 7))
    parts = [
        f'<path d="{"".join(paths)}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        for paths, colour, width in (
            (thin, mixed_with_paper(GREY, 0.6), 0.8),
            (within, GREY, 2.2),
            (across, INK, 2),
        )
        if paths
    ]
    if heads:
        parts.append(f'<path d="{"".join(heads)}" fill="{INK}"/>')
    parts.append(_mark(egos, view, view.ego, (x, y), _EGO, named=True, short=short, link=links.get(view.ego, "")))
    for other in view.others:
        parts.append(
            _mark(egos, view, other, spots[other], radius, named=named, short=short, link=links.get(other, ""))
        )
    return parts


def _mark(
    egos: Egos,
    view: View,
    person: Hashable,
    spot: tuple[float, float],
    radius: float,
    *,
    named: bool,
    short: bool,
    link: str,
) -> str:
    x, y = spot
    kind, colour = egos.look[egos.home[person]]
    role = egos.role(person)
    is_named = person not in egos.found.unnamed
    words = f"{person if is_named else 'Somebody who did not consent'}, {egos.called(person)}" + (
        f", {role}" if role else ""
    )
    silent = SILENT.get(view.wave.answers[person], "")
    if person != view.ego:
        words += f". {_TIES_TOLD[view.tie_words(person)].format(ego=view.ego)}"
    words += f"; {silent}." if silent and is_named else "."
    paint = (
        f'fill="{PAPER}" stroke="{colour}" stroke-width="1.6" stroke-dasharray="3 2"'
        if silent
        else f'fill="{mixed_with_paper(colour, 0.45)}" stroke="{colour}" stroke-width="1.6"'
    )
    said = text_of(words)
    inside = f"<title>{said}</title>" + shape(kind, x, y, radius, paint)
    if named:
        if short and radius >= 9:
            inside += text_line(x, y + 4, str(person) if is_named else "–", 10.5, anchor="middle")
        else:
            label = shortened(str(person) if is_named else "–", 14)
            inside += text_line(x, y + radius + 11, label, 9.5, anchor="middle")
    if link:
        return f'<a href="#{link}" aria-label="{said}">{inside}</a>'
    return f'<g tabindex="0" role="img" aria-label="{said}">{inside}</g>'


def _groups(egos: Egos, view: View) -> set[Hashable]:
    return {egos.home[person] for person in [view.ego, *view.others]}
