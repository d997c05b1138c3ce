"""From a study to the networks its notebook pages draw on: one relation, each wave; pages themselves live elsewhere."""

from __future__ import annotations

import re
import zlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from cop_analysis.network.kept import made_once
from cop_analysis.network.methods.graphs import (
    NO,
    YES,
    answer_of,
    did_not_answer,
    never_asked,
    people_marked_not,
    with_label,
)
from cop_analysis.network.methods.networks import person_network
from cop_analysis.network.naming import NamedResult, for_the_team, organisation_names, unnamed_people
from cop_analysis.results import Quantity, Result, absent, count_of

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

ATTRIBUTE = "organisation"
SOURCES = ("ties.csv", "people.csv", "rosters.csv")
_SENDS_NOTHING = (
    "Whom they turn to is not known, so they stand in counts of ties that were named and not in density, "
    "returned ties, "
    "closed paths, triads or brokerage."
)


@dataclass(frozen=True, eq=False)
class WaveNetwork:
    """One relation at one wave.

    Attributes
    ----------
    key, label : str
        The wave.
    graph : networkx graph
        Everybody.
    placed : networkx graph
        The part whose people have an organisation; measures across organisations are counted here.
    without_organisation : tuple
        Who is in `graph` and not in `placed`.
    ties_without_organisation : int
        Ties in `graph` and not in `placed`.
    """

    key: str
    label: str
    graph: nx.Graph
    placed: nx.Graph
    without_organisation: tuple[Hashable, ...]
    ties_without_organisation: int

    @cached_property
    def silent(self) -> int:
        """People who were asked and did not answer."""
        return len(did_not_answer(self.graph))

    @cached_property
    def not_asked(self) -> int:
        """People of the roster who were never asked."""
        return len(never_asked(self.graph) - people_marked_not(self.graph, "rostered"))

    @cached_property
    def is_on_record(self) -> bool:
        """Whether anybody's answer is on record."""
        return any(answer_of(self.graph, person) for person in self.graph)

    @property
    def asked(self) -> int:
        """People of whom it is on record that they were asked."""
        return sum(answer_of(self.graph, person) in (YES, NO) for person in self.graph)

    @cached_property
    def off_roster(self) -> int:
        """People who were named in a tie and are not on the wave's roster."""
        return len(people_marked_not(self.graph, "rostered"))

    @cached_property
    def ties_off_roster(self) -> int:
        """Ties to or from such people."""
        outside = people_marked_not(self.graph, "rostered")
        return sum(tail in outside or head in outside for tail, head in self.graph.edges()) if outside else 0

    @cached_property
    def ties(self) -> int:
        """Ties among people who have an organisation."""
        return int(self.placed.number_of_edges())

    @cached_property
    def crossing(self) -> int:
        """Of `ties`, those between organisations."""
        home = self.placed.nodes
        return sum(home[tail][ATTRIBUTE] != home[head][ATTRIBUTE] for tail, head in self.placed.edges())

    @cached_property
    def counted(self) -> tuple[tuple[str, float, float | None, frozenset[str] | None, frozenset[str] | None], ...]:
        """People, ties, who was asked and who answered: a name, the number, out of what, and of whom."""
        outside = people_marked_not(self.graph, "rostered")
        answers = {str(person): answer_of(self.graph, person) for person in self.graph if person not in outside}
        people, rostered = frozenset(str(person) for person in self.graph), frozenset(answers)
        asked = frozenset(person for person, answer in answers.items() if answer in (YES, NO))
        answered = frozenset(person for person, answer in answers.items() if answer == YES)
        found: list[tuple[str, float, float | None, frozenset[str] | None, frozenset[str] | None]] = [
            ("people", len(people), None, people, None),
            ("ties", self.graph.number_of_edges(), None, None, None),
        ]
        if asked:
            found.append(("asked", len(asked), len(rostered), asked, rostered))
            found.append(("answered", len(answered), len(asked), answered, asked))
        return tuple(found)


@dataclass(frozen=True, eq=False)
class StudyNetworks:
    """One relation of a study in all its waves, with what every page must say about it.

    Attributes
    ----------
    relation : str
        Its key in the tables.
    name : str
        Its key as words.
    key : str
        Of the page that asked, with the relation.
    is_directed : bool
    waves : tuple of WaveNetwork
        At least one.
    caveats : tuple of str
        Boundary first, then what holds for every figure.
    sources : tuple of str
    names : mapping of code to name
        Of the organisations that have one.
    unnamed : frozenset of str
        The labels of people who did not consent and stand in the network without a name.
    """

    relation: str
    name: str
    key: str
    is_directed: bool
    waves: tuple[WaveNetwork, ...]
    caveats: tuple[str, ...]
    sources: tuple[str, ...]
    names: Mapping[Hashable, str]
    unnamed: frozenset[str]

    def called(self, organisation: Hashable) -> str:
        """Give the name of an organisation, its code where it has none."""
        return self.names.get(organisation, str(organisation))

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Count people, who was asked, who answered, and ties, wave by wave, as the pages state them."""
        return tuple(
            Quantity(f"network:{name}:{self.relation}:{wave.key}", value, out_of, members, among)
            for wave in self.waves
            for name, value, out_of, members, among in wave.counted
        )

    def result(self, title: str, sentence: str, **more: Any) -> NamedResult:
        """Put a page's answer together with what holds for every page of this network."""
        given: dict[str, Any] = {
            "key": self.key,
            "caveats": self.caveats,
            "sources": self.sources,
            "quantities": self.quantities,
            **more,
        }
        return NamedResult(title=title, sentence=sentence, names=self.names, **given)

    def one_wave(self, title: str, what: str) -> Result | None:
        """Say that there is one wave only, so that no `what` can be shown; None where there are more."""
        if len(self.waves) > 1:
            return None
        return self.result(
            title, f"There is one wave of {self.name} ties ({self.waves[0].label}), so no {what} can be shown."
        )

    @property
    def has_organisations(self) -> bool:
        """Whether anybody has an organisation."""
        return any(wave.placed.number_of_nodes() for wave in self.waves)


def networks_of(
    study: Study, relation: str | None, key: str, title: str, needed_for: str, *, individual: bool = False
) -> StudyNetworks | Result:
    """Give the networks of one relation, or the one sentence that says why there are none.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation that ``study.toml`` lists and the ties hold, else the first of the ties.
    key, title, needed_for : str
        Of the page that asks, for the sentence.
    individual : bool
        Whether the page shows single people, so that nobody but the evaluation team may read it.

    Returns
    -------
    StudyNetworks or Result

    Raises
    ------
    ValueError
        If `relation` is named and neither in ``study.toml`` nor in the ties.
    """
    ties = study.ties
    declared = {item.key: item for item in study.config.relations}
    held = [] if ties is None else [str(value) for value in ties["relation"].dropna().drop_duplicates().tolist()]
    if relation is not None and relation not in held and relation not in declared:
        known = list(dict.fromkeys([*declared, *held]))
        raise ValueError(f"The study has no relation {relation!r}. It has: {', '.join(known) if known else 'none'}.")
    if ties is None:
        return absent(key, title, "ties", needed_for)
    chosen = relation or next((item for item in [*declared, *held] if item in held), "")
    if chosen not in held:
        return Result(
            key=key,
            title=title,
            sentence=f"No tie of the relation {chosen!r} is recorded, so {needed_for} cannot be shown.",
        )
    withheld = for_the_team(study, key, title) if individual else None
    if withheld is not None:
        return withheld
    directed = bool(declared[chosen].directed) if chosen in declared else True
    name = chosen.replace("_", " ")
    unnamed = unnamed_people(study.people)
    waves, empty = made_once(study, ("waves", chosen), lambda: _waves(study, ties, chosen, directed, unnamed))
    if not waves:
        return Result(key=key, title=title, sentence=f"No {name} tie has a wave, so {needed_for} cannot be shown.")
    return StudyNetworks(
        relation=chosen,
        name=name,
        key=f"{key}-{slug_of(chosen)}",
        is_directed=directed,
        waves=waves,
        caveats=made_once(
            study, ("caveats", chosen), lambda: _caveats(study, name, waves, empty, set(unnamed.values()))
        ),
        sources=tuple(
            source
            for source, table in zip(SOURCES, (ties, study.people, study.rosters), strict=True)
            if table is not None
        ),
        names=organisation_names(study.organisations),
        unnamed=frozenset(unnamed.values()),
    )


def wave_graphs(study: Study, relation: str | None = None) -> dict[str, nx.Graph]:
    """Give the network of each wave as a networkx graph, by the wave's key, in order.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.

    Returns
    -------
    dict of str to networkx graph
        As `person_network` builds them.

    Raises
    ------
    ValueError
        If the study has no such relation, or no ties at all.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wave_graphs(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[])))
    Traceback (most recent call last):
    ValueError: This study has no ties table (ties.csv), so the network cannot be shown.
    """
    found = networks_of(study, relation, "network", "The network", "the network")
    if isinstance(found, Result):
        raise ValueError(found.sentence)
    return {wave.key: wave.graph.copy() for wave in found.waves}


def no_ties_placed(found: StudyNetworks, title: str, key: str = "") -> Result:
    """Say that no tie joins two people whose organisation is known, so that nothing can be counted across."""
    return found.result(
        title,
        f"No {found.name} tie joins two people whose organisation is known (organisation in people.csv), so "
        f"{title[0].lower()}{title[1:]} cannot be shown.",
        key=key or found.key,
    )


def slug_of(text: str) -> str:
    """Write a relation's key as part of a slug; a key that is not one already gets a checksum, so that none collide.

    Examples
    --------
    >>> slug_of("knows_of"), slug_of("Trust?")
    ('knows-of', 'trust-52ac4f85')
    """
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if plain == text.replace("_", "-"):
        return plain
    return f"{plain}-{zlib.crc32(text.encode('utf-8', 'replace')):08x}".strip("-")


def _waves(
    study: Study, ties: pd.DataFrame, relation: str, directed: bool, unnamed: Mapping[Hashable, str]
) -> tuple[tuple[WaveNetwork, ...], list[str]]:
    asked_about = set(ties.loc[ties["relation"] == relation, "wave"].dropna())
    rostered: set[Any] = set() if study.rosters is None else set(study.rosters["wave"].dropna())
    labels = {wave.key: wave.label or wave.key for wave in study.waves}
    for wave_key in sorted(asked_about - set(labels), key=str):
        labels[wave_key] = str(wave_key)
    waves, empty = [], []
    for wave_key, label in labels.items():
        if wave_key not in asked_about:
            if wave_key in rostered:
                empty.append(label)
            continue
        graph = _without_facts(
            person_network(ties, study.people, study.rosters, relation, wave_key, directed=directed), unnamed
        )
        placed, left_out = with_label(graph, ATTRIBUTE)
        waves.append(
            WaveNetwork(
                key=str(wave_key),
                label=label,
                graph=graph,
                placed=placed,
                without_organisation=left_out,
                ties_without_organisation=graph.number_of_edges() - placed.number_of_edges(),
            )
        )
    return tuple(waves), empty


def _without_facts(graph: nx.Graph, unnamed: Mapping[Hashable, str]) -> nx.Graph:
    """Take the name and the facts of people who did not consent; their organisation is needed to count across."""
    import networkx as nx

    here = {person: label for person, label in unnamed.items() if person in graph}
    if not here:
        return graph
    bare = nx.relabel_nodes(graph, here, copy=True)
    bare.graph.update(graph.graph)
    for label in here.values():
        bare.nodes[label]["role"] = None
    return bare


def _caveats(
    study: Study, name: str, waves: tuple[WaveNetwork, ...], empty: list[str], unnamed: set[str]
) -> tuple[str, ...]:
    boundary = " ".join((study.config.boundary or "").split())
    caveats = [
        f"Network boundary: {boundary}"
        if boundary
        else "The study does not say who could have been in the network (boundary in study.toml): a tie to anyone "
        "outside it cannot appear."
    ]
    if study.period is not None:
        caveats.append("Ties belong to their wave and are not restricted to the reporting period.")
    present = sorted({label for wave in waves for label in unnamed if label in wave.graph})
    if present:
        named = sum(wave.graph.in_degree(label) if wave.graph.is_directed() else wave.graph.degree(label)
                    for wave in waves for label in present if label in wave.graph)  # fmt: skip
        one = len(present) == 1
        caveats.append(
            f"{count_of(len(present), 'person', 'people')} did not consent, or withdrew, and "
            f"{'is' if one else 'are'} not named: {'this person stays' if one else 'they stay'} in the network only "
            f"through what others said ({count_of(named, 'tie')}) and {'has' if one else 'have'} no row in a table of "
            "people."
        )
    if any(not wave.is_on_record for wave in waves):
        caveats.append(
            "Who was asked and who answered is not on record (no rosters.csv, or nobody of the wave in it): whoever "
            "stands in the network counts as if asked, so people named from outside lower density, and naming nobody "
            "cannot be told from not answering."
        )
    for label in empty:
        caveats.append(f"{label}: people were rostered but no {name} tie is recorded, so that wave is left out.")
    for wave in waves:
        if wave.silent:
            caveats.append(
                f"{wave.label}: {wave.silent:,} of {wave.asked:,} asked did not answer; they stay in the network "
                "through "
                "what others said of them, and ties they would have named are not known."
            )
        if wave.not_asked:
            caveats.append(
                f"{wave.label}: {count_of(wave.not_asked, 'person', 'people')} on the roster "
                f"{'was' if wave.not_asked == 1 else 'were'} never asked. {_SENDS_NOTHING}"
            )
        if wave.off_roster:
            caveats.append(
                f"{wave.label}: {count_of(wave.off_roster, 'person', 'people')} named in a tie "
                f"{'is' if wave.off_roster == 1 else 'are'} not on that wave's roster "
                f"({count_of(wave.ties_off_roster, 'tie')}), so the boundary was not kept and nobody asked them. "
                f"{_SENDS_NOTHING}"
            )
        if wave.without_organisation:
            caveats.append(
                f"{wave.label}: {count_of(len(wave.without_organisation), 'person', 'people')} without an organisation "
                f"and {count_of(wave.ties_without_organisation, 'tie')} of theirs are left out of counts by "
                "organisation."
            )
        if wave.graph.graph.get("no_tie_reports"):
            caveats.append(
                f"{wave.label}: {count_of(wave.graph.graph['no_tie_reports'], 'row')} of strength 0 "
                f"{'says' if wave.graph.graph['no_tie_reports'] == 1 else 'say'} that there is no tie and "
                f"{'is' if wave.graph.graph['no_tie_reports'] == 1 else 'are'} not counted as one."
            )
    return tuple(caveats)
