"""Networks from study tables: of people, of organisations, of co-attendance, and one relation in all its waves.

Who did not answer and who has no tie stay in the graph: a network without them is a different network. Where the tables
come from, and what is said of the networks, is no matter here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from cop_analysis.network.methods.graphs import (
    NEVER_ASKED,
    NO,
    YES,
    answers_of,
    outside_roster,
    require_graph,
    with_label,
)
from cop_analysis.network.methods.projections import Projection, project
from cop_analysis.results.values import are_missing, is_missing

if TYPE_CHECKING:
    import networkx as nx


def person_network(
    ties: pd.DataFrame,
    people: pd.DataFrame | None = None,
    rosters: pd.DataFrame | None = None,
    relation: str | None = None,
    wave: str | None = None,
    *,
    directed: bool = True,
) -> nx.DiGraph | nx.Graph:
    """Build the network of one relation at one wave, a node a person, isolates and non-respondents kept.

    Parameters
    ----------
    ties : pandas.DataFrame
        ``ego, alter, relation, wave`` and optionally ``strength`` (at least 0; 0 says "no tie").
    people : pandas.DataFrame, optional
        ``person`` with ``organisation`` and ``role``.
    rosters : pandas.DataFrame, optional
        ``person, wave, asked, answered``. Where the wave has a roster, its people are the network's people (and
        whoever else a tie names); where it has none, everybody in `people` is, and who answered is not known.
    relation, wave : str, optional
        May be left out where `ties` holds one only.
    directed : bool
        False gives an undirected graph in which two reports of a pair are one tie.

    Returns
    -------
    networkx.DiGraph or networkx.Graph
        Node attributes ``organisation``, ``role`` (None where missing), ``rostered``, ``asked`` and ``answered``: True,
        False, or None for somebody never asked (``asked`` False: so the roster says, or named from outside it) or where
        there is no roster (``asked`` None). Tie attributes ``reports`` and,
        where given, ``strength`` (mean of the reports). The graph's own attributes hold ``relation``, ``wave`` and
        what was left out: ``no_tie_reports`` (strength 0) and ``self_ties``.

    Raises
    ------
    ValueError
        If a needed column is missing or the relation or wave is not in the tables.

    Examples
    --------
    >>> ties = pd.DataFrame({"ego": ["a"], "alter": ["b"], "relation": ["advice"], "wave": ["before"]})
    >>> people = pd.DataFrame({"person": ["a", "b", "c"], "organisation": ["north", "south", "south"]})
    >>> graph = person_network(ties, people)
    >>> list(graph.edges), graph.nodes["c"]["organisation"]
    ([('a', 'b')], 'south')
    """
    import networkx as nx

    _require_columns(ties, "ties", "ego", "alter", "relation", "wave")
    relation = _the_one(ties, "relation", relation)
    wave = _the_wave(ties, rosters, wave)
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.graph.update(relation=relation, wave=wave)

    facts = _facts_of_people(people)
    roster = roster_of(rosters, wave)
    rows = ties[(ties["relation"] == relation) & (ties["wave"] == wave)]
    if rows[["ego", "alter"]].isna().any(axis=None):
        raise ValueError("A tie without an ego or an alter is no tie. Fill in both in ties.csv, or delete the row.")
    speaking = set(rows["ego"])
    named = speaking | set(rows["alter"])
    members = set(facts) if roster is None else set(roster)
    listed = [person for person in facts if person in members or person in named]
    known = set(listed)
    others = sorted((person for person in members | named if person not in known), key=str)
    for person in [*listed, *others]:
        asked, answered = (None, None) if roster is None else roster.get(person, (False, None))
        if person not in members and person in speaking:
            # Whoever reported ties has answered, whatever the roster forgot.
            answered = True
        graph.add_node(
            person,
            **facts.get(person, {"organisation": None, "role": None}),
            rostered=person in members or not members,
            asked=asked,
            answered=answered,
        )
    _add_ties(graph, rows)
    return graph


def organisation_network(graph: nx.Graph, attribute: str = "organisation") -> nx.Graph:
    """Roll a person network up: a node an organisation, an edge the ties between the people of two.

    Parameters
    ----------
    graph : networkx graph
        A person network; parallel ties each count, self loops do not.
    attribute : str
        The node attribute to roll up by.

    Returns
    -------
    networkx.DiGraph or networkx.Graph
        Directed as `graph` is. Nodes: ``people``, ``answered`` (None where not known), ``within_ties``,
        ``within_possible``, ``within_density``, and ``within_strength`` where ties have one. Edges: ``ties``,
        ``possible``, ``density`` and mean ``strength`` where given. Possible ties, and the ties a density is of, are
        those among people who were asked. The graph's attributes ``people_left_out`` and ``ties_left_out`` count
        those without an organisation.

    Raises
    ------
    ValueError
        If `graph` is no graph.

    Examples
    --------
    >>> import networkx as nx
    >>> line = nx.path_graph(3)
    >>> nx.set_node_attributes(line, {0: "north", 1: "north", 2: "south"}, "organisation")
    >>> rolled = organisation_network(line)
    >>> rolled.nodes["north"]["within_ties"], rolled.edges["north", "south"]["ties"]
    (1, 1)
    """
    import networkx as nx

    require_graph(graph)
    home: dict[Hashable, Hashable] = {
        person: data[attribute] for person, data in graph.nodes(data=True) if not is_missing(data.get(attribute))
    }
    rolled = nx.DiGraph() if graph.is_directed() else nx.Graph()
    rolled.graph.update(graph.graph, people_left_out=graph.number_of_nodes() - len(home), ties_left_out=0)
    sides = 1 if graph.is_directed() else 2
    given = answers_of(graph)
    unasked = {person for person, answer in given.items() if answer == NEVER_ASKED}
    members_of: dict[Hashable, list[Hashable]] = {}
    for person, place in home.items():
        members_of.setdefault(place, []).append(person)
    asked: dict[Hashable, int] = {}
    for organisation in sorted(members_of, key=str):
        members = members_of[organisation]
        answers = [given[person] for person in members]
        asked[organisation] = sum(person not in unasked for person in members)
        rolled.add_node(
            organisation,
            people=len(members),
            answered=None if "" in answers else answers.count(YES),
            within_ties=0,
            within_possible=asked[organisation] * (asked[organisation] - 1) // sides,
        )
    among_asked: dict[tuple[Hashable, Hashable], int] = {}
    strengths: dict[tuple[Hashable, Hashable], list[float]] = {}
    for tail, head, data in graph.edges(data=True):
        if tail == head:
            continue
        if tail not in home or head not in home:
            rolled.graph["ties_left_out"] += 1
            continue
        first, second = home[tail], home[head]
        if not graph.is_directed() and str(second) < str(first):
            first, second = second, first
        if tail not in unasked and head not in unasked:
            among_asked[(first, second)] = among_asked.get((first, second), 0) + 1
        if first == second:
            rolled.nodes[first]["within_ties"] += 1
        elif rolled.has_edge(first, second):
            rolled.edges[first, second]["ties"] += 1
        else:
            rolled.add_edge(first, second, ties=1, possible=asked[first] * asked[second])
        if not is_missing(data.get("strength")):
            strengths.setdefault((first, second), []).append(float(data["strength"]))
    for organisation, data in rolled.nodes(data=True):
        within = among_asked.get((organisation, organisation), 0)
        data["within_density"] = within / data["within_possible"] if data["within_possible"] else float("nan")
    for first, second, data in rolled.edges(data=True):
        between = among_asked.get((first, second), among_asked.get((second, first), 0) if sides == 2 else 0)
        data["density"] = between / data["possible"] if data["possible"] else float("nan")
    for (first, second), values in strengths.items():
        if first == second:
            rolled.nodes[first]["within_strength"] = float(np.mean(values))
        else:
            rolled.edges[first, second]["strength"] = float(np.mean(values))
    return rolled


def co_attendance(
    attendance: pd.DataFrame,
    people: pd.DataFrame | None = None,
    *,
    of: Literal["people", "events"] = "people",
    weigh_by: Literal["events", "minutes"] = "events",
    size_correction: bool = False,
) -> nx.Graph:
    """Build the network of who met whom: two people are joined by the events both attended.

    Parameters
    ----------
    attendance : pandas.DataFrame
        ``event, person``; rows without a person are head counts and cannot join anyone (their number is kept as
        the graph's attribute ``head_counts_left_out``).
    people : pandas.DataFrame, optional
        ``person`` with ``organisation`` and ``role``; people who attended nothing stay as isolates.
    of : {"people", "events"}
        ``"events"`` gives the dual: events joined by the people they share.
    weigh_by : {"events", "minutes"}
        Count events, or add up the minutes both can have been there together (rows without minutes are left out and
        counted in the graph's attribute ``minutes_left_out``).
    size_correction : bool
        True lets an event of k people add 1 / (k - 1) in place of 1 to each of its pairs, so that a large meeting
        does not outweigh a small one. It applies in the same way to the dual.

    Returns
    -------
    networkx.Graph
        Ties carry ``weight``; nodes ``attended`` (events of a person, or people of an event).

    Notes
    -----
    The correction is Newman 2001, Physical Review E 64:016132. `projection.project` gives the same as a matrix.

    Examples
    --------
    >>> seen = pd.DataFrame({"event": ["E1", "E1", "E2", "E2", "E2"], "person": ["a", "b", "a", "b", "c"]})
    >>> co_attendance(seen).edges["a", "b"]["weight"]
    2
    >>> co_attendance(seen, size_correction=True).edges["a", "b"]["weight"]
    1.5
    """
    import networkx as nx

    found = project(attendance, of=of, weigh_by=weigh_by, size_correction=size_correction)
    facts = _facts_of_people(people)
    graph = nx.Graph(head_counts_left_out=found.head_counts_left_out)
    if weigh_by == "minutes":
        graph.graph["minutes_left_out"] = found.minutes_left_out
    attended = dict(zip(found.names, found.attended.tolist(), strict=True))
    for name in [*(name for name in facts if of == "people"), *found.names]:
        if name not in graph:
            graph.add_node(name, **(facts.get(name, {}) if of == "people" else {}), attended=attended.get(name, 0))
    _add_pairs(graph, found)
    return graph


def _add_pairs(graph: nx.Graph, found: Projection) -> None:
    """Add the ties of a projection, a person at a time, to a graph that has its people and no tie yet."""
    from scipy import sparse

    matrix = found.matrix
    each = [{"weight": value} for value in matrix.data.tolist()]
    number = sparse.csr_array((np.arange(1, matrix.nnz + 1), matrix.indices, matrix.indptr), shape=matrix.shape)
    both = (number + number.T).tocsr()
    others = map(found.names.__getitem__, both.indices.tolist())
    facts = map(each.__getitem__, (both.data - 1).tolist())
    contacts = zip(others, facts, strict=True)
    # Asking networkx to add 200,000 ties one by one takes several times as long; both ends hold the same facts.
    for name, count in zip(found.names, np.diff(both.indptr).tolist(), strict=True):
        graph._adj[name].update(islice(contacts, count))


def _add_ties(graph: nx.Graph, rows: pd.DataFrame) -> None:
    strengths = present(rows, "strength")
    no_tie_reports = self_ties = 0
    given: dict[tuple[Hashable, Hashable], list[float]] = {}
    for ego, alter, strength in zip(rows["ego"].tolist(), rows["alter"].tolist(), strengths, strict=True):
        if ego == alter:
            self_ties += 1
            continue
        value = None if strength is None else float(strength)
        if value == 0:
            no_tie_reports += 1
            continue
        if graph.has_edge(ego, alter):
            graph.edges[ego, alter]["reports"] += 1
        else:
            graph.add_edge(ego, alter, reports=1)
        if value is not None:
            pair = (ego, alter) if graph.is_directed() or str(ego) <= str(alter) else (alter, ego)
            given.setdefault(pair, []).append(value)
    for (ego, alter), values in given.items():
        graph.edges[ego, alter]["strength"] = float(np.mean(values))
    graph.graph.update(no_tie_reports=no_tie_reports, self_ties=self_ties)


def _facts_of_people(people: pd.DataFrame | None) -> dict[Hashable, dict[str, Any]]:
    if people is None:
        return {}
    _require_columns(people, "people", "person")
    organisations, roles = present(people, "organisation"), present(people, "role")
    return {
        person: {"organisation": organisation, "role": role}
        for person, organisation, role in zip(people["person"].tolist(), organisations, roles, strict=True)
    }


def present(table: pd.DataFrame, column: str) -> list[Any]:
    """Give the values of a column, None where one is missing or the table has no such column.

    Examples
    --------
    >>> present(pd.DataFrame({"role": ["nurse", " "]}), "role"), present(pd.DataFrame({"person": ["a"]}), "role")
    (['nurse', None], [None])
    """
    if column not in table.columns:
        return [None] * len(table)
    values = table[column].tolist()
    return [None if gone else value for value, gone in zip(values, are_missing(values), strict=True)]


def roster_of(rosters: pd.DataFrame | None, wave: str) -> dict[Hashable, tuple[bool, bool | None]] | None:
    """Give who was asked and who answered; who was not asked and said nothing has no answer at all."""
    if rosters is None:
        return None
    _require_columns(rosters, "rosters", "person", "wave", "asked", "answered")
    rows = rosters[rosters["wave"] == wave]
    if rows.empty:
        return None
    found: dict[Hashable, tuple[bool, bool | None]] = {}
    for person, asked, answered in zip(
        rows["person"].tolist(), present(rows, "asked"), present(rows, "answered"), strict=True
    ):
        found[person] = (bool(asked), bool(answered) if asked or answered else None)
    return found


def _the_one(table: pd.DataFrame, column: str, chosen: str | None) -> str:
    present = sorted(table[column].dropna().unique().tolist(), key=str)
    if chosen is None:
        if len(present) != 1:
            raise ValueError(
                f"The ties hold {len(present)} values of {column} ({_listing(present)}). Name the one meant."
            )
        return str(present[0])
    if present and chosen not in present:
        raise ValueError(f"No tie has the {column} {chosen!r}. The ties hold: {_listing(present)}.")
    return chosen


def _the_wave(ties: pd.DataFrame, rosters: pd.DataFrame | None, chosen: str | None) -> str:
    if chosen is None:
        return _the_one(ties, "wave", None)
    present = set(ties["wave"].dropna())
    if rosters is not None and "wave" in rosters.columns:
        present |= set(rosters["wave"].dropna())
    if present and chosen not in present:
        raise ValueError(f"Neither ties nor rosters have the wave {chosen!r}. They hold: {_listing(sorted(present))}.")
    return chosen


def _require_columns(table: pd.DataFrame, name: str, *columns: str) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(f"The {name} table has no column {', '.join(missing)}; it needs {', '.join(columns)}.")


def _listing(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values[:8]) + (", ..." if len(values) > 8 else "") if values else "none"


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
        >>> wave.ties, wave.crossing, wave.cross_share, wave.without_label, wave.ties_without_label
        (1, 1, 1.0, ('c',), 1)
        """
        placed, missing = with_label(graph, by)
        return cls(key, label, graph, placed, missing, by)

    @property
    def ties_without_label(self) -> int:
        """Ties in `graph` and not in `placed`."""
        return int(self.graph.number_of_edges() - self.placed.number_of_edges())

    @cached_property
    def answers(self) -> dict[Hashable, str]:
        """Whether each person answered, as `answers_of` says it."""
        return answers_of(self.graph)

    @cached_property
    def outside(self) -> set[Hashable]:
        """Who was named in a tie and is not on the wave's roster."""
        return outside_roster(self.graph)

    @cached_property
    def silent(self) -> int:
        """People who were asked and did not answer."""
        return list(self.answers.values()).count(NO)

    @cached_property
    def not_asked(self) -> int:
        """People of the roster who were never asked."""
        return sum(answer == NEVER_ASKED and person not in self.outside for person, answer in self.answers.items())

    @cached_property
    def is_on_record(self) -> bool:
        """Whether anybody's answer is on record."""
        return any(self.answers.values())

    @property
    def asked(self) -> int:
        """People of whom it is on record that they were asked."""
        return sum(answer in (YES, NO) for answer in self.answers.values())

    @property
    def answered(self) -> int | None:
        """People with the label who answered; None where nobody's answer is on record."""
        answers = [data.get("answered") for _, data in self.placed.nodes(data=True)]
        known = [answer for answer in answers if answer is not None]
        return sum(known) if known else None

    @cached_property
    def off_roster(self) -> int:
        """People who were named in a tie and are not on the wave's roster."""
        return len(self.outside)

    @cached_property
    def ties_off_roster(self) -> int:
        """Ties to or from such people."""
        outside = self.outside
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

    @property
    def cross_share(self) -> float:
        """Of `ties`, the share that joins two labels, as `mixing.cross_share` gives it; NaN where there is no tie."""
        return self.crossing / self.ties if self.ties else float("nan")

    @cached_property
    def counted(self) -> tuple[tuple[str, float, float | None, frozenset[str] | None, frozenset[str] | None], ...]:
        """People, ties, who was asked and who answered: a name, the number, out of what, and of whom."""
        answers = {str(person): answer for person, answer in self.answers.items() if person not in self.outside}
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

    @cached_property
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
            "answered": list(map(answers_of(graph).__getitem__, home)),
            "organisations_reached": [len(reached[person]) for person in home],
            "ties_across": list(across.values()),
            "ties": list(ties.values()),
        }
    )
