"""One relation of a study, opened: its networks in every wave, and what several headings of its pages need, made once.

The headings themselves are methods of `Waves`, gathered from the modules beside this one by what they ask. Here also
stands what organisations are called on a page, and who stands on it without a name.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from cop_analysis.characters import slug
from cop_analysis.network.methods.chance import affordable, whole_permutations
from cop_analysis.network.methods.change_tests import CrossChange, cross_change
from cop_analysis.network.methods.mixing import EIIndex, ShareIntervals, cross_share_intervals, ei_index
from cop_analysis.network.methods.networks import (
    LEVELS,
    ORGANISATION,
    RelationNetworks,
    WaveNetwork,
    person_network,
    present,
)
from cop_analysis.network.methods.non_response import (
    ChangeUnderNonResponse,
    ShareBounds,
    UnderNonResponse,
    change_under_non_response,
    share_bounds,
    under_non_response,
)
from cop_analysis.network.pages import words
from cop_analysis.network.pictures.islands import Ground
from cop_analysis.resampling import generator
from cop_analysis.results import Quantity, Result, Verdict
from cop_analysis.results.pages import Opening, Page
from cop_analysis.study.consent import refusing

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study


UNNAMED = "not named"
"""How the label of somebody who did not consent, or withdrew, begins."""


@dataclass(frozen=True, kw_only=True)
class NamedResult(Result):
    """A result whose page shows organisations by name where its table, and the CSV of it, hold their codes.

    Parameters
    ----------
    names : mapping of code to name, optional
        What cells are called in columns with ``organisation`` in their name.
    named_columns : tuple of str, optional
        Further columns in which organisations stand.

    Examples
    --------
    >>> import pandas as pd
    >>> answer = NamedResult(key="a", title="A", sentence="Two.", names={"HOSP_A": "Alder Hospice"},
    ...                      table=pd.DataFrame({"organisation": ["HOSP_A"], "people": [2]}))
    >>> answer.payload()["table"]["rows"], answer.payload()["table"]["csv"].split()
    ([['Alder Hospice', '2']], ['organisation,people', 'HOSP_A,2'])
    """

    names: Mapping[Hashable, str] = field(default_factory=dict)
    named_columns: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Give the result as JSON-ready facts, organisations by name."""
        facts = super().payload()
        called = {str(code): name for code, name in self.names.items()}
        for table in (facts["table"], (facts["figure"] or {}).get("table")):
            if table and called:
                places = [
                    place
                    for place, column in enumerate(table["columns"])
                    if ("organisation" in column and not table["numeric"][place]) or column in self.named_columns
                ]
                for row in table["rows"]:
                    for place in places:
                        row[place] = called.get(row[place], row[place])
        return facts


def organisation_names(organisations: pd.DataFrame | None) -> dict[Hashable, str]:
    """Give the name of each organisation that has one; two of the same name are told apart by their codes.

    Examples
    --------
    >>> import pandas as pd
    >>> organisation_names(pd.DataFrame({"organisation": ["A", "B", "C"], "name": ["Alder", "Ward 1", "Ward 1"]}))
    {'A': 'Alder', 'B': 'Ward 1 (B)', 'C': 'Ward 1 (C)'}
    """
    if organisations is None or "name" not in organisations.columns:
        return {}
    given = {
        code: " ".join(str(name).split())
        for code, name in zip(organisations["organisation"].tolist(), present(organisations, "name"), strict=True)
        if name is not None
    }
    names = list(given.values())
    return {code: name if names.count(name) == 1 else f"{name} ({code})" for code, name in given.items()}


def unnamed_people(people: pd.DataFrame | None) -> dict[Hashable, str]:
    """Give a label to each person who did not consent, or withdrew, under which they stand in a network.

    Nothing such a person said is in a study. What others said of them is: it is an answer of those others, and leaving
    it out would make the others look less connected than they are. So they stay as somebody without a name or facts.

    Examples
    --------
    >>> import pandas as pd
    >>> unnamed_people(pd.DataFrame({"person": ["P1", "P2", "P3"], "consent": ["yes", "no", "withdrawn"]}))
    {'P2': 'not named 1', 'P3': 'not named 2'}
    """
    refused = refusing({} if people is None else {"people": people})
    return {person: f"{UNNAMED} {number}" for number, person in enumerate(sorted(refused, key=str), start=1)}


def of_named(table: pd.DataFrame, unnamed: Iterable[object], column: str = "person") -> pd.DataFrame:
    """Leave out the rows of people who are not named.

    Examples
    --------
    >>> import pandas as pd
    >>> of_named(pd.DataFrame({"person": ["P1", "not named 1"]}), {"not named 1"})["person"].tolist()
    ['P1']
    """
    return table[~table[column].isin(list(unnamed))].reset_index(drop=True)


def sector_of(organisations: pd.DataFrame | None) -> dict[object, object]:
    """Give the sector of each organisation that has one.

    Examples
    --------
    >>> import pandas as pd
    >>> sector_of(pd.DataFrame({"organisation": ["a", "b"], "sector": ["hospice", None]}))
    {'a': 'hospice'}
    """
    if organisations is None or "sector" not in organisations.columns:
        return {}
    return {
        organisation: sector
        for organisation, sector in zip(
            organisations["organisation"].tolist(), present(organisations, "sector"), strict=True
        )
        if sector is not None
    }


REPLICATIONS = 2000
"""Bootstrap samples of the density of crossing ties, the same wherever a page speaks of it."""

FOLDS_UP_TO = 100
"""People up to which everybody gets a fold of their own on the page."""

_SOURCES = {"ties": "ties.csv", "people": "people.csv", "rosters": "rosters.csv"}


class OpenedNetworks:
    """What every heading knows: the study, its settings, its networks, and what more than one heading needs.

    Parameters
    ----------
    study, relation, by, permutations, seed
        As for `waves`.
    """

    def __init__(
        self,
        study: Study,
        relation: str | None = None,
        *,
        by: str = ORGANISATION,
        permutations: int = 4999,
        seed: int = 2024,
    ) -> None:
        if by not in LEVELS:
            raise ValueError(f'by is {by!r}; it is "organisation" or "sector".')
        self.study = study
        self.by = by
        self.permutations = whole_permutations(permutations)
        self.seed = seed
        self._named = relation
        self._moved: dict[tuple[str, str], CrossChange] = {}
        if relation is not None and relation not in {*self._declared, *self._held}:
            known = list(dict.fromkeys([*self._declared, *self._held]))
            raise ValueError(f"The study has no relation {relation!r}. It has: {', '.join(known) or 'none'}.")

    # --- what it is -----------------------------------------------------------------------------------------------

    @property
    def plural(self) -> str:
        """What ties are counted across, in words, for more than one."""
        return f"{self.by}s"

    @cached_property
    def relation(self) -> str:
        """The key of the relation: as asked for, else the first of ``study.toml`` that the ties hold."""
        return self._named or next((item for item in [*self._declared, *self._held] if item in self._held), "")

    @property
    def of_relation(self) -> str:
        """What keys of pages about the relation end with, whatever ties are counted across."""
        return f"-{slug_of(self.relation)}" if self.relation else ""

    @property
    def suffix(self) -> str:
        """What keys of pages that count across end with."""
        return self.of_relation + self.of_level

    @property
    def of_level(self) -> str:
        """What keys of pages about sessions end with, so that sectors stand beside organisations."""
        return "" if self.by == ORGANISATION else f"-{self.by}"

    def refused(self, page: Page) -> Result | None:
        """Give the result that says why a page cannot be shown, or None.

        Who may not read of single people, or of ties between groups so small that people can be told, is refused here
        and nowhere else.
        """
        here = Result(key=page.key, title=page.title, sentence="")
        if "ties" not in page.needs:
            return replace(here, sentence=words.FOR_THE_TEAM) if self._is_withheld(page) else None
        if self.relation not in self._held:
            why = f"No tie of the relation {self.relation!r} is recorded"
            return replace(here, sentence=words.cannot_be_shown(why, page.needed_for))
        if self._is_withheld(page):
            return replace(here, sentence=words.FOR_THE_TEAM)
        if not self.everyone.waves:
            why = f"No {self.everyone.name} tie has a wave"
            return replace(here, sentence=words.cannot_be_shown(why, page.needed_for))
        return self._without_labels(page) if page.ending == "suffix" else None

    def _is_withheld(self, page: Page) -> bool:
        return page.shows == "people" and self.study.audience != "internal"

    def _without_labels(self, page: Page) -> Result | None:
        opening = Opening(key=page.key + self.suffix, title=page.title, sources=())
        if self.by != ORGANISATION and not sector_of(self.study.organisations):
            why = f"No organisation has a {self.by} ({self.by} in organisations.csv)"
            needed_for = page.needed_for if self.plural in page.needed_for else f"{page.needed_for} by {self.by}"
            return self.answer(opening, self.everyone, words.cannot_be_shown(why, needed_for))
        if not self.networks.with_ties:
            return self.answer(opening, self.networks, words.no_ties_placed(self.everyone.name, page.title, self.by))
        if page.shows == "groups" and self.study.audience != "internal":
            small, groups = self._small_groups()
            if small:
                return self.answer(opening, self.networks, words.too_small(self.by, small, groups))
        return None

    def _small_groups(self) -> tuple[int, int]:
        counts: dict[object, int] = {}
        for wave in self.networks.waves:
            here = pd.Series([home for _, home in wave.placed.nodes(data=self.by)], dtype=object).value_counts()
            counts |= {label: min(size, counts.get(label, size)) for label, size in here.items()}
        return sum(size < words.SMALLEST_SHOWN for size in counts.values()), len(counts)

    def answer(
        self,
        opening: Opening,
        found: RelationNetworks,
        sentence: str,
        *,
        of: str = "",
        caveats: tuple[str, ...] = (),
        **more: Any,
    ) -> NamedResult:
        """Put a page's answer together with what holds for every page of this network.

        Parameters
        ----------
        opening : Opening
        found : RelationNetworks
            `everyone` or `networks`: what the page counts in.
        sentence : str
        of : str
            What the page is of, after its title.
        caveats : tuple of str
            Besides those of the network.
        **more
            Of the `Result`.
        """
        opened = dict[str, Any](opening)
        if of:
            opened["title"] = f"{opening['title']}: {of}"
        across = found is self.networks
        opened["sources"] = self.across_sources if across else self.sources
        given: dict[str, Any] = {"quantities": self.quantities, **more}
        noted = (*(self.across_caveats if across else self.caveats), *caveats)
        return NamedResult(**{**opened, **given}, sentence=sentence, caveats=noted, names=self.everyone.names)

    def one_wave(self, opening: Opening, found: RelationNetworks, what: str) -> Result | None:
        """Say that there is one wave only, so that no `what` can be shown; None where there are more."""
        return None if len(found.waves) > 1 else self.answer(opening, found, words.one_wave(self.everyone, what))

    # --- its networks ---------------------------------------------------------------------------------------------

    @cached_property
    def everyone(self) -> RelationNetworks:
        """Everybody in every wave, by organisation."""
        return self._built[0]

    @cached_property
    def networks(self) -> RelationNetworks:
        """The same, by what ties are counted across."""
        return self.everyone if self.by == ORGANISATION else self.everyone.in_sectors(self.sectors)

    @cached_property
    def sectors(self) -> dict[object, object]:
        """The sector of each organisation that has one."""
        return sector_of(self.study.organisations)

    @cached_property
    def names(self) -> dict[Hashable, str]:
        """What organisations are called."""
        return organisation_names(self.study.organisations)

    @cached_property
    def wave_labels(self) -> Mapping[str, str]:
        """What each wave of ``study.toml`` is called, by its key."""
        return {wave.key: wave.label or wave.key for wave in self.study.waves}

    def at(self, by: str) -> Self:
        """Open the same relation with ties counted across organisations, or across sectors; nothing is built twice."""
        other = type(self)(self.study, self._named, by=by, permutations=self.permutations, seed=self.seed)
        if self.study.ties is not None:
            other.__dict__["_built"] = self._built
        return other

    @cached_property
    def caveats(self) -> tuple[str, ...]:
        """What must be known of every page of the relation."""
        return words.relation_caveats(self.study, *self._built)

    @cached_property
    def across_caveats(self) -> tuple[str, ...]:
        """The same for pages that count across."""
        if self.by == ORGANISATION:
            return self.caveats
        return words.relation_caveats(self.study, self.networks, self._built[1])

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The study's files that the networks come from, and which rows of the ties."""
        files = (file for table, file in _SOURCES.items() if getattr(self.study, table) is not None)
        return tuple(
            f"{file} (relation {self.relation}, wave by wave)" if file == "ties.csv" else file for file in files
        )

    @property
    def across_sources(self) -> tuple[str, ...]:
        """The same for pages that count across."""
        return self.sources if self.by == ORGANISATION else (*self.sources, "organisations.csv")

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """People, who was asked, who answered, and ties, wave by wave, as the pages state them."""
        return tuple(
            Quantity(f"network:{name}:{self.relation}:{wave.key}", value, out_of, members, among)
            for wave in self.everyone.waves
            for name, value, out_of, members, among in wave.counted
        )

    @cached_property
    def across_quantities(self) -> tuple[Quantity, ...]:
        """Ties across, wave by wave, as a page states them."""
        return tuple(
            Quantity(f"network:across{self.of_level}:{self.relation}:{wave.key}", wave.crossing, wave.ties)
            for wave in self.networks.waves
        )

    # --- what several headings need -------------------------------------------------------------------------------

    @cached_property
    def ei_indices(self) -> tuple[EIIndex, ...]:
        """The E-I index of each wave with ties, against labels at random."""
        return tuple(
            ei_index(wave.placed, self.by, affordable(self.permutations, wave.ties), generator(self.seed, number))
            for number, wave in enumerate(self.networks.with_ties)
        )

    @cached_property
    def share_intervals(self) -> ShareIntervals:
        """The share across in each wave with ties, and its change, with intervals."""
        return cross_share_intervals([wave.placed for wave in self.networks.with_ties], self.by)

    @cached_property
    def bounds(self) -> tuple[ShareBounds, ...]:
        """How far ties nobody reported could move the share of each wave with ties."""
        return tuple(share_bounds(wave.placed, self.by) for wave in self.networks.with_ties)

    @cached_property
    def treatments(self) -> tuple[UnderNonResponse, ...]:
        """Each wave with ties under each way of treating people who did not answer."""
        return self.treated(999)

    def treated(self, permutations: int) -> tuple[UnderNonResponse, ...]:
        """Treat people who did not answer in each way, the labels dealt out so many times; shares do not hang on it."""
        return tuple(
            under_non_response(wave.placed, self.by, affordable(permutations, 3 * wave.ties), self.seed, reported=index)
            for wave, index in zip(self.networks.with_ties, self.ei_indices, strict=True)
        )

    @cached_property
    def change_under_silence(self) -> ChangeUnderNonResponse | None:
        """The change between the first and the last wave with ties under each treatment; None with fewer waves."""
        waves = self.networks.with_ties
        return None if len(waves) < 2 else change_under_non_response(waves[0].placed, waves[-1].placed, self.by)

    @property
    def moved(self) -> CrossChange | None:
        """What became of connection across between the first and the last wave with ties; None with fewer waves."""
        waves = self.networks.with_ties
        return self.moved_between(waves[0], waves[-1]) if len(waves) > 1 else None

    def moved_between(self, first: WaveNetwork, last: WaveNetwork) -> CrossChange:
        """Answer whether connection across changed from one wave to another, in the same way on every page."""
        waves = (first.key, last.key)
        if waves not in self._moved:
            all_there_are = self.networks.with_ties == (first, last)
            self._moved[waves] = cross_change(
                first.placed,
                last.placed,
                self.by,
                labels=(first.label, last.label),
                replications=REPLICATIONS,
                seed=generator(self.seed, 9),
                spread=self.share_intervals if all_there_are else None,
                bounds=(self.bounds[0], self.bounds[-1]) if all_there_are else None,
            )
        return self._moved[waves]

    def question(self, name: str) -> str:
        """Give the key of a question that several pages answer."""
        return f"network:{self.relation}:{name}" + ("" if self.by == ORGANISATION else f":{self.by}")

    def verdict_on_change(self) -> Verdict | None:
        """Give the answer whether connection across changed, as a record; None with fewer than two waves."""
        return None if self.moved is None else self.moved.verdict(self.question("across-changed"))

    @cached_property
    def ground(self) -> Ground | None:
        """Where everybody stands in pictures of people; None where there is nobody."""
        return Ground.of(self.everyone)

    @cached_property
    def anchors(self) -> dict[Hashable, str]:
        """Where on a page with `ego_view` each person's own network stands; nowhere where people are too many."""
        people = sorted({person for wave in self.everyone.waves for person in wave.graph}, key=str)
        if len(people) > FOLDS_UP_TO:
            return {}
        named = (person for person in people if person not in self.everyone.unnamed)
        return {person: f"ego-view{self.of_relation}-person-{place}" for place, person in enumerate(named, start=1)}

    # --- from the study's tables ----------------------------------------------------------------------------------

    @cached_property
    def _declared(self) -> dict[str, bool]:
        return {item.key: bool(item.directed) for item in self.study.config.relations}

    @cached_property
    def _held(self) -> tuple[str, ...]:
        ties = self.study.ties
        return () if ties is None else tuple(map(str, ties["relation"].dropna().drop_duplicates().tolist()))

    @cached_property
    def _built(self) -> tuple[RelationNetworks, tuple[str, ...]]:
        """The networks by organisation, and which waves have a roster and no tie."""
        study, ties = self.study, self.study.ties
        assert ties is not None
        unnamed = unnamed_people(study.people)
        asked_about = set(ties.loc[ties["relation"] == self.relation, "wave"].dropna())
        rostered: set[Any] = set() if study.rosters is None else set(study.rosters["wave"].dropna())
        labels: dict[Any, str] = dict(self.wave_labels)
        labels |= {key: str(key) for key in sorted(asked_about - set(labels), key=str)}
        directed = self._declared.get(self.relation, True)
        waves = []
        for key, label in labels.items():
            if key in asked_about:
                graph = person_network(ties, study.people, study.rosters, self.relation, key, directed=directed)
                waves.append(WaveNetwork.of(str(key), label, _without_facts(graph, unnamed)))
        empty = [label for key, label in labels.items() if key in rostered and key not in asked_about]
        found = RelationNetworks(self.relation, directed, tuple(waves), self.names, frozenset(unnamed.values()))
        return found, tuple(empty)


def slug_of(text: str) -> str:
    """Write a relation's key as part of a slug; a key that is not one already gets a checksum, so that none collide.

    Examples
    --------
    >>> slug_of("knows_of"), slug_of("Trust?")
    ('knows-of', 'trust-52ac4f85')
    """
    plain = slug(text)
    if plain == text.replace("_", "-"):
        return plain
    return f"{plain}-{zlib.crc32(text.encode('utf-8', 'replace')):08x}".strip("-")


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
