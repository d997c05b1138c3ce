"""One relation in all its waves, by organisation or by sector: what every measure and picture of a page is made from.

Records of graphs and what is counted in them; where they come from, and what is said of them, is no matter here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.methods.graphs import (
    NO,
    YES,
    answer_of,
    did_not_answer,
    never_asked,
    people_marked_not,
    with_label,
)

if TYPE_CHECKING:
    import networkx as nx

ORGANISATION = "organisation"
LEVELS = (ORGANISATION, "sector")


@dataclass(frozen=True, eq=False)
class WaveNetwork:
    """One relation at one wave, with the label that ties are counted across.

    Attributes
    ----------
    key, label : str
        The wave.
    graph : networkx graph
        Everybody, the label among the node attributes.
    placed : networkx graph
        The part whose people have the label; measures across are counted here.
    without_label : tuple
        Who is in `graph` and not in `placed`.
    by : str
        The node attribute that holds the label.
    """

    key: str
    label: str
    graph: nx.Graph
    placed: nx.Graph
    without_label: tuple[Hashable, ...]
    by: str = ORGANISATION

    @classmethod
    def of(cls, key: str, label: str, graph: nx.Graph, by: str = ORGANISATION) -> WaveNetwork:
        """Take those who have the label apart.

        Examples
        --------
        >>> import networkx as nx
        >>> graph = nx.DiGraph([("a", "b"), ("b", "c")])
        >>> nx.set_node_attributes(graph, {"a": "north", "b": "south"}, "organisation")
        >>> wave = WaveNetwork.of("w1", "First", graph)
        >>> wave.ties, wave.crossing, wave.without_label, wave.ties_without_label
        (1, 1, ('c',), 1)
        """
        placed, missing = with_label(graph, by)
        return cls(key, label, graph, placed, missing, by)

    @property
    def ties_without_label(self) -> int:
        """Ties in `graph` and not in `placed`."""
        return int(self.graph.number_of_edges() - self.placed.number_of_edges())

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

    @property
    def answered(self) -> int | None:
        """People with the label who answered; None where nobody's answer is on record."""
        answers = [data.get("answered") for _, data in self.placed.nodes(data=True)]
        known = [answer for answer in answers if answer is not None]
        return sum(known) if known else None

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
    def without_ties(self) -> int:
        """People without any tie."""
        return sum(degree == 0 for _, degree in self.graph.degree())

    @cached_property
    def ties(self) -> int:
        """Ties among people who have the label."""
        return int(self.placed.number_of_edges())

    @cached_property
    def crossing(self) -> int:
        """Of `ties`, those between two labels."""
        home = dict(self.placed.nodes(data=self.by))
        return sum(home[tail] != home[head] for tail, head in self.placed.edges())

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
class RelationNetworks:
    """One relation in all its waves, by organisation or by sector.

    Attributes
    ----------
    relation : str
        Its key in the tables.
    is_directed : bool
    waves : tuple of WaveNetwork
    names : mapping of label to name
        What labels are called where that is another word.
    unnamed : frozenset of str
        The labels of people who did not consent and stand in the network without a name.
    by : str
        What ties are counted across.
    """

    relation: str
    is_directed: bool
    waves: tuple[WaveNetwork, ...]
    names: Mapping[Hashable, str]
    unnamed: frozenset[str]
    by: str = ORGANISATION

    @property
    def name(self) -> str:
        """The relation as words."""
        return self.relation.replace("_", " ")

    @property
    def plural(self) -> str:
        """What ties are counted across, in words, for more than one."""
        return f"{self.by}s"

    @property
    def with_ties(self) -> tuple[WaveNetwork, ...]:
        """The waves in which a tie joins two people who have the label."""
        return tuple(wave for wave in self.waves if wave.ties)

    @property
    def has_labels(self) -> bool:
        """Whether anybody has the label."""
        return any(wave.placed.number_of_nodes() for wave in self.waves)

    def called(self, label: Hashable) -> str:
        """Give the name of an organisation, its code where it has none, or the sector itself."""
        return self.names.get(label, str(label))

    def in_sectors(self, sectors: Mapping[object, object]) -> RelationNetworks:
        """Give the same networks with ties counted across the sectors of people's organisations.

        Parameters
        ----------
        sectors : mapping of organisation to sector
        """
        waves = []
        for wave in self.waves:
            graph = wave.graph.copy()
            for _, data in graph.nodes(data=True):
                data["sector"] = sectors.get(data.get(ORGANISATION))
            waves.append(WaveNetwork.of(wave.key, wave.label, graph, "sector"))
        return replace(self, waves=tuple(waves), names={}, by="sector")


def reach_of(graph: nx.Graph, by: str = ORGANISATION) -> pd.DataFrame:
    """Count, for each person, ties, ties across and the other organisations reached in either direction.

    Parameters
    ----------
    graph : networkx graph
        Every node with the attribute `by`; parallel ties each count, self loops do not.
    by : str

    Returns
    -------
    pandas.DataFrame
        ``person, organisation, role, answered, organisations_reached, ties_across, ties`` in the graph's order.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("b", "c")])
    >>> nx.set_node_attributes(graph, {"a": "north", "b": "south", "c": "north"}, "organisation")
    >>> reach_of(graph)["organisations_reached"].tolist()
    [1, 1, 1]
    """
    home = {person: data[by] for person, data in graph.nodes(data=True)}
    reached: dict[object, set[object]] = {person: set() for person in home}
    across, ties = dict.fromkeys(home, 0), dict.fromkeys(home, 0)
    for tail, head in graph.edges():
        if tail == head:
            continue
        for person, other in ((tail, head), (head, tail)):
            ties[person] += 1
            if home[person] != home[other]:
                across[person] += 1
                reached[person].add(home[other])
    return pd.DataFrame(
        {
            "person": list(home),
            "organisation": list(home.values()),
            "role": [graph.nodes[person].get("role") for person in home],
            "answered": [answer_of(graph, person) for person in home],
            "organisations_reached": [len(reached[person]) for person in home],
            "ties_across": list(across.values()),
            "ties": list(ties.values()),
        }
    )
