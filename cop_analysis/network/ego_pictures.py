"""One person's own network as a picture: who they are tied to, and how those are tied to each other.

Person by person without a script: each is a fold that opens by click or key, and in it every neighbour is a link to
their own. Nothing is measured here beyond counting.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.figures import GREY, INK, PAPER
from cop_analysis.network.connectors import reach_of
from cop_analysis.network.island_map import (
    EDGE,
    NO_ORGANISATION,
    WIDTH,
    looks_of,
    organisations_key,
    picture,
    reading_lines,
    shortened,
    text_line,
)
from cop_analysis.network.marks import arrow_head, mixed_with_paper, number, rim, shape, text_of
from cop_analysis.network.methods.graphs import NEVER_ASKED, NO, answer_of, is_missing
from cop_analysis.network.naming import of_named
from cop_analysis.network.study_networks import ATTRIBUTE, StudyNetworks, WaveNetwork, networks_of, slug_of
from cop_analysis.results import Figure, Result, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study

TOP = 6
"""How many people are drawn when nobody is named: those who reach most other organisations."""

FOLDS_UP_TO = 100
"""People up to which everybody gets a fold of their own on the page."""

_SILENT = {NO: "did not answer", NEVER_ASKED: "was never asked"}
_PANEL = 300.0
_EGO = 18.0
_NAMES_UP_TO = 26


def person_anchors(found: StudyNetworks) -> dict[Hashable, str]:
    """Give where on a page with `ego_view` each person's own network stands; nowhere where people are too many."""
    people = sorted({person for wave in found.waves for person in wave.graph}, key=str)
    if len(people) > FOLDS_UP_TO:
        return {}
    key = f"ego-view-{slug_of(found.relation)}"
    named = (person for person in people if person not in found.unnamed)
    return {person: f"{key}-person-{place}" for place, person in enumerate(named, start=1)}


def ego_view(study: Study, person: str | None = None, relation: str | None = None) -> Result:
    """Show one person's own network, or those of the people who reach most other organisations.

    Parameters
    ----------
    study : Study
    person : str, optional
        An identifier of ``people.csv``; drawn in every wave. Without it the six who reach most other organisations in
        the last wave are drawn, and below the picture everybody has a fold (up to 100 people); each mark is a link to
        the fold of its person.
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.

    Returns
    -------
    Result
        For a person, one row a wave and neighbour: ``wave, neighbour, organisation, role, tie`` (names, named by, or
        both; a tie where undirected). Without one, a row a person drawn: ``person, organisation, neighbours,
        other_organisations, ties_across, ties, share_of_neighbours_tied``.

    Raises
    ------
    ValueError
        If the study has no such relation, or no wave has the person.

    Notes
    -----
    The share of pairs of neighbours who are tied to each other, in either direction, is the density of the ego network
    without the ego: where it is low, the person stands between people who do not otherwise meet (Burt 1992, Structural
    Holes).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> ego_view(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).key
    'ego-view'
    """
    title = "One person's network"
    found = networks_of(study, relation, "ego-view", title, "one person's network", individual=True)
    if isinstance(found, Result):
        return found
    egos = _Egos.of(found)
    if person is not None:
        return _one(found, egos, egos.named(person))
    return _everybody(found, egos)


# --- one person, wave by wave --------------------------------------------------------------------------------------


def _one(found: StudyNetworks, egos: _Egos, person: Hashable) -> Result:
    waves = [wave for wave in found.waves if person in wave.graph]
    views = [_View.of(wave, person, egos.home, found.is_directed) for wave in waves]
    rows = [
        (view.wave.label, str(other), str(egos.home[other]), egos.role(other), view.tie_words(other))
        for view in views
        for other in view.others
    ]
    key, title = f"{found.key}-{egos.place[person] + 1}", f"The {found.name} network of {person}"
    return found.result(
        title,
        " ".join(view.sentence(found.name) for view in views),
        key=key,
        table=pd.DataFrame(rows, columns=["wave", "neighbour", "organisation", "role", "tie"]),
        figure=_figure(key, found, egos, views, title, by_wave=True, links={}),
        method="Neighbours are drawn by organisation around the person; ties among them are thin. Distance carries no "
        "meaning.",
        show_table=len(rows) <= 40,
    )


# --- the people who reach most -------------------------------------------------------------------------------------


def _everybody(found: StudyNetworks, egos: _Egos) -> Result:
    last = found.waves[-1]
    reach = of_named(reach_of(last.placed), found.unnamed) if len(last.placed) else pd.DataFrame()
    key = found.key
    title = f"The people who reach most organisations: {found.name}, {last.label}"
    if reach.empty or not reach["ties"].sum():
        return found.result(
            title,
            f"{last.label}: no {found.name} tie joins two people whose organisation is known, so nobody's network "
            "can be picked out.",
        )
    order = reach.assign(_text=reach["person"].astype(str)).sort_values(
        ["organisations_reached", "ties_across", "ties", "_text"], ascending=[False, False, False, True], kind="stable"
    )
    top = [person for person in order["person"].tolist() if last.graph.degree(person)][:TOP]
    views = [_View.of(last, person, egos.home, found.is_directed) for person in top]
    facts = {
        person: (int(across), int(ties))
        for person, across, ties in reach[["person", "ties_across", "ties"]].itertuples(index=False, name=None)
    }
    table = pd.DataFrame(
        [
            {
                "person": str(view.ego),
                "organisation": str(egos.home[view.ego]),
                "neighbours": len(view.others),
                "other_organisations": len(view.other_organisations),
                "ties_across": facts[view.ego][0],
                "ties": facts[view.ego][1],
                "share_of_neighbours_tied": view.density,
            }
            for view in views
        ]
    )
    first = views[0]
    caveats = list(found.caveats)
    anchors = person_anchors(found)
    if not anchors:
        caveats.append(
            f"With {len(egos.home):,} people not all are drawn; ask for one with ego_view(study, person=...)."
        )
    return found.result(
        title,
        f"{first.sentence(found.name)} The {len(views)} people drawn reach most other organisations."
        if len(views) > 1
        else first.sentence(found.name),
        table=table,
        labels={"share_of_neighbours_tied": "share of pairs of neighbours tied"},
        figure=_figure(key, found, egos, views, title, by_wave=False, links=anchors),
        caveats=tuple(caveats),
        method="Neighbours: people tied in either direction. Share of pairs of neighbours tied: density of the network "
        "without its person, in either direction (Burt 1992, Structural Holes). Distance carries no meaning.",
        body_html=_folds(found, egos, anchors) if anchors else "",
    )


def _folds(found: StudyNetworks, egos: _Egos, anchors: Mapping[Hashable, str]) -> str:
    parts = [
        '<p class="cop-heading">One person at a time</p><p>Open a person to see their network; in the picture each '
        "neighbour is a link to their own.</p>"
    ]
    many = len(egos.home) > 40
    for person in egos.people:
        waves = [wave for wave in found.waves if person in wave.graph]
        views = [_View.of(wave, person, egos.home, found.is_directed) for wave in (waves[-1:] if many else waves)]
        words = " ".join(view.sentence(found.name) for view in views)
        height, drawn = _panels(found, egos, views, by_wave=True, links=anchors, width=0.0)
        drawing = picture(
            f"{anchors[person]}-picture", f"The {found.name} network of {person}", words, height, [drawn],
            pd.DataFrame(), width=_PANEL * len(views), leads_to="ego-view-",
        )  # fmt: skip
        label = ", ".join(filter(None, [str(person), egos.called(person), egos.role(person)]))
        parts.append(
            f'<details class="cop-ego"><summary>{escape(label)}</summary><div id="{anchors[person]}">'
            f'<p>{escape(words)}</p><div class="cop-picture" style="max-width:{number(_PANEL * len(views))}px">'
            f"{drawing.svg}</div></div></details>"
        )
    return "\n".join(parts)


# --- what a view holds ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Egos:
    """Everybody of every wave, in order, with their organisation's look."""

    people: list[Hashable]
    home: Mapping[Hashable, Hashable]
    look: Mapping[Hashable, tuple[str, str]]
    roles: Mapping[Hashable, str]
    place: Mapping[Hashable, int]
    found: StudyNetworks

    @classmethod
    def of(cls, found: StudyNetworks) -> _Egos:
        home: dict[Hashable, Hashable] = {}
        roles: dict[Hashable, str] = {}
        for wave in found.waves:
            for person, data in wave.graph.nodes(data=True):
                home[person] = NO_ORGANISATION if is_missing(data.get(ATTRIBUTE)) else data[ATTRIBUTE]
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
        for known in self.people:
            if known == person or str(known) == str(person):
                return known
        raise ValueError(
            f"No wave has a person {person!r}. There are {count_of(len(self.people), 'person', 'people')}, such as "
            f"{', '.join(str(known) for known in self.people[:5])}."
        )

    def role(self, person: Hashable) -> str:
        return self.roles.get(person, "")


@dataclass(frozen=True, eq=False)
class _View:
    """One person at one wave."""

    wave: WaveNetwork
    ego: Hashable
    others: list[Hashable]
    other_organisations: set[Hashable]
    among: list[tuple[Hashable, Hashable]]
    is_directed: bool

    @classmethod
    def of(cls, wave: WaveNetwork, ego: Hashable, home: Mapping[Hashable, Hashable], is_directed: bool) -> _View:
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
    def density(self) -> float:
        pairs = len(self.others) * (len(self.others) - 1) // 2
        return len(self.among) / pairs if pairs else float("nan")

    def tie_words(self, other: Hashable) -> str:
        if not self.is_directed:
            return "a tie"
        names = self.wave.graph.has_edge(self.ego, other)
        named = self.wave.graph.has_edge(other, self.ego)
        return "names and named by" if names and named else "names" if names else "named by"

    def sentence(self, relation: str) -> str:
        text = (
            f"{self.wave.label}: {self.ego} has {relation} ties with {count_of(len(self.others), 'person', 'people')}"
        )
        if self.others:
            text += f" and reaches {count_of(len(self.other_organisations), 'other organisation')}"
        if len(self.others) > 1:
            pairs = len(self.others) * (len(self.others) - 1) // 2
            text += (
                f"; {len(self.among)} of {count_of(pairs, 'pair')} of those neighbours "
                f"({format_share(self.density)}) {'is' if len(self.among) == 1 else 'are'} tied to each other"
            )
        silent = _SILENT.get(answer_of(self.wave.graph, self.ego), "")
        return text + (f"; this person {silent}, so only what others said is known." if silent else ".")


# --- drawing -------------------------------------------------------------------------------------------------------


def _figure(
    name: str,
    found: StudyNetworks,
    egos: _Egos,
    views: list[_View],
    title: str,
    *,
    by_wave: bool,
    links: Mapping[Hashable, str],
) -> Figure:
    columns = min(3, len(views))
    height, drawn = _panels(found, egos, views, by_wave=by_wave, links=links, width=max(WIDTH, columns * _PANEL))
    shown = [group for group in egos.look if any(group in _groups(egos, view) for view in views)]
    key, y = organisations_key(found.names, egos.look, shown, height + 12)
    reading = ["Dark line: tie between organisations. Thick grey: tie within one. Thin: tie between neighbours."]
    if found.is_directed:
        reading.append("Arrow: from who answered to whom they named.")
    if any(len(view.others) > _NAMES_UP_TO for view in views):
        reading.append("Where neighbours are many their names are in the table only.")
    shown_people = {(view.wave.key, person): view for view in views for person in [view.ego, *view.others]}
    hollow = {_SILENT.get(answer_of(view.wave.graph, person), "") for (_, person), view in shown_people.items()} - {""}
    if hollow:
        reading.append(f"Hollow: {', or '.join(sorted(hollow))}.")
    if any(person in found.unnamed for _, person in shown_people):
        reading.append("–: did not consent, so not named.")
    lines, end = reading_lines(reading, y)
    words = " ".join(view.sentence(found.name) for view in views)
    rows = [
        (view.wave.label, str(view.ego), str(other), str(egos.home[other]), view.tie_words(other))
        for view in views
        for other in view.others
    ]
    table = pd.DataFrame(rows, columns=["wave", "person", "neighbour", "organisation", "tie"])
    width = max(WIDTH, columns * _PANEL)
    return picture(name, title, words, end, [drawn, *key, *lines], table, width=width, leads_to="ego-view-")


def _panels(
    found: StudyNetworks, egos: _Egos, views: list[_View], *, by_wave: bool, links: Mapping[Hashable, str], width: float
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
        parts += _ego_marks(found, egos, view, left + _PANEL / 2, top + 24 + _PANEL / 2, links)
        parts.append("</g>")
    return math.ceil(len(views) / 3) * (_PANEL + 24), "".join(parts)


def _ego_marks(
    found: StudyNetworks, egos: _Egos, view: _View, x: float, y: float, links: Mapping[Hashable, str]
) -> list[str]:
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
            (thin, mixed_with_paper(GREY, 0.6), 0.8), (within, GREY, 2.2), (across, INK, 2),
        )
        if paths
    ]  # fmt: skip
    if heads:
        parts.append(f'<path d="{"".join(heads)}" fill="{INK}"/>')
    parts.append(_mark(egos, view, view.ego, (x, y), _EGO, named=True, short=short, link=links.get(view.ego, "")))
    for other in view.others:
        parts.append(
            _mark(egos, view, other, spots[other], radius, named=named, short=short, link=links.get(other, ""))
        )
    return parts


def _mark(
    egos: _Egos,
    view: _View,
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
    silent = _SILENT.get(answer_of(view.wave.graph, person), "")
    if person != view.ego:
        words += f". {view.tie_words(person).capitalize()}" + (f" {view.ego}" if not view.is_directed else "")
        words = words.replace(". Names", f". {view.ego} names").replace(". Named by", f". {view.ego} is named by")
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


def _groups(egos: _Egos, view: _View) -> set[Hashable]:
    return {egos.home[person] for person in [view.ego, *view.others]}
