"""A study's networks by organisation or by sector: which label a page counts across; nothing is measured here."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cop_analysis.network.kept import made_once
from cop_analysis.network.methods.graphs import is_missing, with_label
from cop_analysis.network.naming import NamedResult
from cop_analysis.network.study_networks import ATTRIBUTE, StudyNetworks, networks_of, no_ties_placed
from cop_analysis.results import Quantity, Result, count_of

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from cop_analysis.study import Study

LEVELS = ("organisation", "sector")
SMALLEST_SHOWN = 5
"""People of an organisation or sector below which its ties are shown to the evaluation team only."""


@dataclass(frozen=True, eq=False)
class LevelWave:
    """One wave with the people who have a label of the level asked for.

    Attributes
    ----------
    key, label : str
        The wave.
    graph : networkx graph
        Everybody, the label among the node attributes.
    placed : networkx graph
        Those who have the label.
    left_out : int
        How many have not.
    """

    key: str
    label: str
    graph: nx.Graph
    placed: nx.Graph
    left_out: int

    @property
    def ties(self) -> int:
        """Ties among those who have the label."""
        return int(self.placed.number_of_edges())


@dataclass(frozen=True, eq=False)
class LevelNetworks:
    """One relation of a study in all its waves, by organisation or by sector.

    Attributes
    ----------
    found : StudyNetworks
        Relation, boundary and sources.
    by : str
        The node attribute that holds the label.
    plural : str
        It in words, for more than one.
    waves : tuple of LevelWave
    caveats : tuple of str
    sources : tuple of str
    key : str
        Of the page, with the relation and the level.
    """

    found: StudyNetworks
    by: str
    plural: str
    waves: tuple[LevelWave, ...]
    caveats: tuple[str, ...]
    sources: tuple[str, ...]
    key: str

    @property
    def across_quantities(self) -> tuple[Quantity, ...]:
        """Count the ties across, wave by wave, as a page states them."""
        level = "" if self.by == ATTRIBUTE else f"-{self.by}"
        found = []
        for wave in self.waves:
            home = dict(wave.placed.nodes(data=self.by))
            across = sum(home[tail] != home[head] for tail, head in wave.placed.edges())
            found.append(Quantity(f"network:across{level}:{self.found.relation}:{wave.key}", across, wave.ties))
        return tuple(found)

    @property
    def with_ties(self) -> tuple[LevelWave, ...]:
        """The waves in which a tie joins two people who have the label."""
        return tuple(wave for wave in self.waves if wave.ties)

    @property
    def names(self) -> Mapping[Hashable, str]:
        """What the labels are called where that is another word."""
        return self.found.names if self.by == ATTRIBUTE else {}

    def called(self, label: Hashable) -> str:
        """Give the name of an organisation, or the sector itself."""
        return self.names.get(label, str(label))

    def result(self, title: str, sentence: str, **more: Any) -> NamedResult:
        """Put a page's answer together with what holds for every page of this network at this level."""
        given: dict[str, Any] = {"key": self.key, "caveats": self.caveats, "sources": self.sources, **more}
        return self.found.result(title, sentence, **given)

    def one_wave(self, title: str, what: str) -> Result | None:
        """Say that there is one wave only, so that no `what` can be shown; None where there are more."""
        alone = self.found.one_wave(title, what)
        return alone and self.result(title, alone.sentence)


def networks_at(
    study: Study, relation: str | None, by: str, key: str, title: str, needed_for: str, *, individual: bool = False
) -> LevelNetworks | Result:
    """Give the networks of one relation at a level, or the one sentence that says why there are none.

    Parameters
    ----------
    study : Study
    relation : str, optional
    by : {"organisation", "sector"}
    key, title, needed_for : str
        Of the page that asks.
    individual : bool
        Whether the page shows single people, so that nobody but the evaluation team may read it.

    Returns
    -------
    LevelNetworks or Result
        With at least one tie between two people who have the label in one wave.

    Raises
    ------
    ValueError
        If the relation or the level is not known.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))
    >>> networks_at(study, None, "sector", "page", "Page", "spanning").sentence
    'This study has no ties table (ties.csv), so spanning cannot be shown.'
    """
    if by not in LEVELS:
        raise ValueError(f'by is {by!r}; it is "organisation" or "sector".')
    found = networks_of(study, relation, key, title, needed_for, individual=individual)
    if isinstance(found, Result):
        return found if by == ATTRIBUTE else replace(found, key=f"{found.key}-{by}")
    key = found.key + ("" if by == ATTRIBUTE else f"-{by}")
    sectors = sector_of(study.organisations)
    if by == "sector" and not sectors:
        return found.result(
            title,
            f"No organisation has a sector (sector in organisations.csv), so {needed_for} by sector cannot be shown.",
            key=key,
        )
    waves, notes = made_once(study, ("levels", found.relation, by), lambda: _level_waves(found, by, sectors))
    if not any(wave.ties for wave in waves):
        return no_ties_placed(found, title, key)
    return LevelNetworks(
        found=found,
        by=by,
        plural="organisations" if by == ATTRIBUTE else "sectors",
        waves=tuple(waves),
        caveats=(*found.caveats, *notes),
        sources=found.sources if by == ATTRIBUTE else (*found.sources, "organisations.csv"),
        key=key,
    )


def _level_waves(found: StudyNetworks, by: str, sectors: Mapping[object, object]) -> tuple[list[LevelWave], list[str]]:
    waves, notes = [], []
    for wave in found.waves:
        if by == ATTRIBUTE:
            waves.append(LevelWave(wave.key, wave.label, wave.graph, wave.placed, len(wave.without_organisation)))
            continue
        graph = wave.graph.copy()
        for _, data in graph.nodes(data=True):
            data[by] = sectors.get(data.get(ATTRIBUTE))
        placed, missing = with_label(graph, by)
        if missing:
            notes.append(
                f"{wave.label}: {count_of(len(missing), 'person', 'people')} whose organisation has no sector "
                f"{'is' if len(missing) == 1 else 'are'} left out."
            )
        waves.append(LevelWave(wave.key, wave.label, graph, placed, len(missing)))
    return waves, notes


def too_small_to_show(study: Study, level: LevelNetworks, title: str) -> Result | None:
    """Say that ties are not shown group by group outside the team where a group is so small that people can be told.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> too_small_to_show(SimpleNamespace(audience="internal"), None, "A page") is None
    True
    """
    if study.audience == "internal":
        return None
    counts: dict[object, int] = {}
    for wave in level.waves:
        here: dict[object, int] = {}
        for _, data in wave.placed.nodes(data=True):
            here[data[level.by]] = here.get(data[level.by], 0) + 1
        counts |= {label: min(size, counts.get(label, size)) for label, size in here.items()}
    small = sum(size < SMALLEST_SHOWN for size in counts.values())
    if not small:
        return None
    return level.result(
        title,
        f"Ties by {level.by} are shown to the evaluation team only: {small} of the {len(counts)} {level.plural} "
        f"{'has' if small == 1 else 'have'} fewer than {SMALLEST_SHOWN} people, who could be recognised.",
    )


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
            organisations["organisation"].tolist(), organisations["sector"].tolist(), strict=True
        )
        if not is_missing(sector)
    }
