"""What a graph holds, read once for every measure: its ties as a matrix, each node's group, and who said anything.

A person whom nobody asked, or who was named from outside the roster, sends no tie that anybody could know of. That is
not an answer of "nobody", so such a person stands in no count of ties that could have been.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from cop_analysis.results.values import are_missing, is_missing

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class Adjacency:
    """The ties of a graph, each pair once, without self loops.

    Attributes
    ----------
    people : tuple
        The nodes, in the graph's order.
    matrix : scipy.sparse.csr_array of float
        Row: who has or sends the tie; an undirected tie stands in both directions. Without weights every cell is 1.
    is_directed : bool
    self_loops : int
        Left out of the matrix.
    parallel_ties : int
        Ties beyond the first between the same two people (in the same direction): joined into one, their weights
        added where weights are used.
    """

    people: tuple[Hashable, ...]
    matrix: Any
    is_directed: bool
    self_loops: int
    parallel_ties: int

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.people)

    @property
    def ties(self) -> int:
        """How many ties, an undirected one counting once."""
        return int(self.matrix.nnz) // (1 if self.is_directed else 2)

    @property
    def possible(self) -> int:
        """How many ties there could be."""
        return self.size * (self.size - 1) // (1 if self.is_directed else 2)

    @cached_property
    def either_way(self) -> Any:
        """The matrix plus its transpose: what passes between two people in both directions, a_ij + a_ji."""
        if not self.is_directed:
            return self.matrix * 2.0
        both = (self.matrix + self.matrix.T).tocsr()
        both.sort_indices()
        return both


def adjacency_of(graph: nx.Graph, weight: str | None = None) -> Adjacency:
    """Read a graph of any kind as a sparse matrix.

    Parameters
    ----------
    graph : networkx graph
        Directed or not, with or without parallel ties and self loops.
    weight : str, optional
        The tie attribute to weigh by (finite, at least 0; a tie of weight 0 is no tie). Without it each tie is 1.

    Returns
    -------
    Adjacency

    Raises
    ------
    ValueError
        If `graph` is not a networkx graph or a tie has no usable weight.

    Examples
    --------
    >>> import networkx as nx
    >>> read = adjacency_of(nx.MultiDiGraph([("a", "b"), ("a", "b"), ("b", "b")]))
    >>> read.ties, read.parallel_ties, read.self_loops
    (1, 1, 1)
    """
    from scipy import sparse

    require_graph(graph)
    people = tuple(graph)
    directed = bool(graph.is_directed())
    if weight is None:
        rows, columns = tie_places(graph)
        other = rows != columns
        loops, parallel = len(other) - int(np.count_nonzero(other)), 0
        if loops:
            rows, columns = rows[other], columns[other]
        if graph.is_multigraph():
            loops = sum(len(ties[person]) for person, ties in graph.adjacency() if person in ties)
            parallel = graph.number_of_edges() - loops - len(rows) // (1 if directed else 2)
        bounds = np.zeros(len(people) + 1, dtype=np.int32)
        np.cumsum(np.bincount(rows, minlength=len(people)), out=bounds[1:])
        cells: tuple[Any, ...] = (np.ones(len(rows)), columns.astype(np.int32), bounds)
    else:
        number_of = {person: number for number, person in enumerate(people)}
        ties = [tie for tie in graph.edges(data=True) if tie[0] != tie[1]]
        rows = np.array([number_of[tail] for tail, _, _ in ties], dtype=np.int64)
        columns = np.array([number_of[head] for _, head, _ in ties], dtype=np.int64)
        values = np.array([usable_weight(tail, head, data, weight) for tail, head, data in ties], dtype=float)
        loops = graph.number_of_edges() - len(ties)
        first, second = (rows, columns) if directed else (np.minimum(rows, columns), np.maximum(rows, columns))
        parallel = len(rows) - len(np.unique(first * max(len(people), 1) + second)) if graph.is_multigraph() else 0
        if not directed:
            rows, columns, values = np.r_[rows, columns], np.r_[columns, rows], np.r_[values, values]
        cells = (values, (rows, columns))
    matrix = sparse.csr_array(cells, shape=(len(people), len(people)))
    matrix.sort_indices()
    if weight is not None:
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    return Adjacency(people, matrix, directed, loops, int(parallel))


def tie_places(graph: nx.Graph) -> tuple[np.ndarray, np.ndarray]:
    """Give the places, in the graph's order, of the two people of each tie, parallel ties as one.

    Parameters
    ----------
    graph : networkx graph
        An undirected tie comes in both directions (a self loop once).

    Returns
    -------
    tuple of numpy.ndarray of int
        From and to, sorted by from.

    Examples
    --------
    >>> import networkx as nx
    >>> [places.tolist() for places in tie_places(nx.path_graph(["a", "b", "c"]))]
    [[0, 1, 1, 2], [1, 0, 2, 1]]
    """
    # Walking the neighbours of each person in one go costs a third of what asking the graph for its ties does.
    number_of = {person: number for number, person in enumerate(graph)}
    contacts = [others for _, others in graph.adjacency()]
    counts = np.fromiter(map(len, contacts), dtype=np.int64, count=len(contacts))
    heads = np.fromiter(map(number_of.__getitem__, chain.from_iterable(contacts)), dtype=np.int64)
    return np.repeat(np.arange(len(contacts)), counts), heads


def require_graph(graph: object) -> None:
    """Refuse in words what is not a networkx graph.

    Examples
    --------
    >>> require_graph([1, 2])
    Traceback (most recent call last):
        ...
    ValueError: A network measure needs a networkx graph, not a list. Build one with person_network or networkx.
    """
    if not all(hasattr(graph, name) for name in ("is_directed", "is_multigraph", "edges", "nodes")):
        raise ValueError(
            f"A network measure needs a networkx graph, not a {type(graph).__name__}. Build one with person_network "
            "or networkx."
        )


def usable_weight(tail: Hashable, head: Hashable, data: dict[str, Any], weight: str) -> float:
    """Give the weight of a tie, refusing in words one that is not a finite number of at least 0.

    Examples
    --------
    >>> usable_weight("a", "b", {"strength": 2}, "strength")
    2.0
    """
    try:
        value = float(data[weight])
    except (KeyError, TypeError, ValueError):
        value = float("nan")
    if not np.isfinite(value) or value < 0:
        raise ValueError(
            f"The tie from {tail!r} to {head!r} has no usable {weight!r} ({data.get(weight)!r}): "
            "a weight is a finite number of at least 0. Correct it, or count ties without a weight."
        )
    if value and not 1e-100 <= value <= 1e100:
        raise ValueError(
            f"The tie from {tail!r} to {head!r} has the {weight!r} {value:g}, whose square no number can hold. "
            "Use other units."
        )
    return value


def as_shares(matrix: Any) -> Any:
    """Give ties as shares of the strongest, to twelve digits, for a search that must not be led by units or rounding.

    Examples
    --------
    >>> from scipy import sparse
    >>> as_shares(sparse.csr_array([[0, 0.1], [0.1 + 0.2, 0]])).toarray().tolist()
    [[0.0, 0.333333333333], [1.0, 0.0]]
    """
    shares = matrix.astype(float, copy=True)
    if shares.nnz:
        shares.data = np.round(shares.data / np.abs(shares.data).max(), 12)
    return shares


GroupLike: TypeAlias = Any
"""Where the group of a node is found: the name of a node attribute, or a mapping (or Series) of node to group."""


@dataclass(frozen=True, eq=False)
class LabelledTies:
    """The ties of a graph and the group of each person, numbered.

    Attributes
    ----------
    people : tuple
        The nodes, in the graph's order.
    groups : tuple
        The labels in use, in order of their text.
    group_of : numpy.ndarray of int
        Position in `groups`, one a person.
    tails, heads : numpy.ndarray of int
        Positions in `people`, one a tie between two different people; parallel ties each have their own place.
    weights : numpy.ndarray of float or None
        The weight of each tie, where one was asked for.
    is_directed : bool
    self_loops : int
        Ties of a person with themselves; they are neither within nor across groups and are in no array.
    """

    people: tuple[Hashable, ...]
    groups: tuple[Hashable, ...]
    group_of: np.ndarray
    tails: np.ndarray
    heads: np.ndarray
    weights: np.ndarray | None
    is_directed: bool
    self_loops: int

    @cached_property
    def group_sizes(self) -> np.ndarray:
        """People in each group, in the order of `groups`."""
        return np.bincount(self.group_of, minlength=len(self.groups))

    @cached_property
    def crosses(self) -> np.ndarray:
        """Whether each tie joins people of different groups."""
        crossing: np.ndarray = self.group_of[self.tails] != self.group_of[self.heads]
        return crossing


def labels_of(graph: nx.Graph, attribute: GroupLike) -> list[Any]:
    """Give the label of each node in the graph's order, None where it has none.

    Parameters
    ----------
    graph : networkx graph
    attribute : str, mapping or pandas.Series
        The node attribute that holds the group, or the group of each node; nodes it does not know have none.

    Returns
    -------
    list

    Raises
    ------
    ValueError
        If `graph` is not a graph, `attribute` is neither, or a label is a list or the like.

    Examples
    --------
    >>> import networkx as nx
    >>> pair = nx.Graph([("a", "b")])
    >>> labels_of(pair, {"a": "north"})
    ['north', None]
    """
    require_graph(graph)
    if isinstance(attribute, pd.Series):
        if not attribute.index.is_unique:
            raise ValueError("The groups name a person twice. Give each person one group.")
        attribute = dict(zip(attribute.index.tolist(), attribute.tolist(), strict=True))
    if isinstance(attribute, Mapping):
        values = [attribute.get(person) for person in graph]
    elif attribute is None or not isinstance(attribute, Hashable):
        raise ValueError(
            f"A group is looked up by the name of a node attribute or in a mapping of node to group, not by "
            f"{'None' if attribute is None else 'a ' + type(attribute).__name__}. Give one of these."
        )
    else:
        values = [data.get(attribute) for _, data in graph.nodes(data=True)]
    try:
        held = list(set(values))
    except TypeError:
        person, value = next(pair for pair in zip(graph, values, strict=True) if not _names_a_group(pair[1]))
        raise ValueError(
            f"The group of {person!r} is a {type(value).__name__}, which cannot name a group. Use a text or a number."
        ) from None
    nothing = {value for value, gone in zip(held, are_missing(held), strict=True) if gone}
    return [None if value in nothing else value for value in values]


def _names_a_group(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def every_label(graph: nx.Graph, attribute: GroupLike) -> list[Any]:
    """Give the label of each node, refusing in words a graph in which somebody has none.

    Examples
    --------
    >>> import networkx as nx
    >>> every_label(nx.Graph([("a", "b")]), {"a": "north", "b": "south"})
    ['north', 'south']
    """
    values = labels_of(graph, attribute)
    unlabelled = [person for person, value in zip(graph, values, strict=True) if value is None]
    if unlabelled:
        named = "group in the mapping" if isinstance(attribute, Mapping | pd.Series) else repr(attribute)
        raise ValueError(
            f"{len(unlabelled)} of {len(values)} nodes have no {named} (the first is {unlabelled[0]!r}). "
            "Fill it in, or take these nodes out of the graph first."
        )
    return values


def facts_of(graph: nx.Graph, fact: str) -> dict[Hashable, bool | None]:
    """Give for each person whether a node attribute says that something holds of them; None where it says nothing.

    Parameters
    ----------
    graph : networkx graph
    fact : str
        A node attribute that is True, False or missing; 1 and 0 will do.

    Raises
    ------
    ValueError
        If it is anything else, which could be taken either way.

    Examples
    --------
    >>> import networkx as nx
    >>> pair = nx.Graph([("a", "b")])
    >>> pair.nodes["b"]["answered"] = 0
    >>> facts_of(pair, "answered")
    {'a': None, 'b': False}
    """
    found: dict[Hashable, Any] = dict(graph.nodes(data=fact))
    for person, value in found.items():
        if value is None or value is True or value is False:
            continue
        if isinstance(value, bool | int | float | np.bool_ | np.number) and value in (0, 1):
            found[person] = bool(value)
        elif is_missing(value):
            found[person] = None
        else:
            raise ValueError(f"{fact} of {person!r} is {value!r}; it is True, False or missing. Correct it first.")
    return found


def outside_roster(graph: nx.Graph) -> set[Hashable]:
    """Give the people who were named in a tie and are not on the roster: those marked ``rostered=False``.

    Examples
    --------
    >>> import networkx as nx
    >>> pair = nx.Graph([("a", "b")])
    >>> pair.nodes["b"]["rostered"] = False
    >>> outside_roster(pair)
    {'b'}
    """
    require_graph(graph)
    return {person for person, rostered in facts_of(graph, "rostered").items() if rostered is False}


def labelled_ties(graph: nx.Graph, attribute: GroupLike, weight: str | None = None) -> LabelledTies:
    """Number the people, groups and ties of a graph, refusing in words what cannot be counted.

    Parameters
    ----------
    graph : networkx graph
        Directed or not, with or without parallel ties.
    attribute : str or mapping
        The node attribute that holds the group, or the group of each node.
    weight : str, optional
        The tie attribute to weigh by; without it each tie counts once.

    Returns
    -------
    LabelledTies

    Raises
    ------
    ValueError
        If a node has no label, or a tie no weight that is a finite number of at least 0.

    Examples
    --------
    >>> import networkx as nx
    >>> pair = nx.Graph([("a", "b"), ("b", "b")])
    >>> nx.set_node_attributes(pair, {"a": "north", "b": "south"}, "organisation")
    >>> ties = labelled_ties(pair, "organisation")
    >>> ties.groups, ties.crosses.tolist(), ties.self_loops
    (('north', 'south'), [True], 1)
    """
    values = every_label(graph, attribute)
    groups = tuple(sorted(set(values), key=lambda value: (str(value), type(value).__name__)))
    number_of_group = {group: number for number, group in enumerate(groups)}
    weights = None
    if weight is None and not graph.is_multigraph():
        tails, heads = tie_places(graph)
        if not graph.is_directed():
            once = tails <= heads
            tails, heads = tails[once], heads[once]
    else:
        number_of = {person: number for number, person in enumerate(graph)}
        ends = [number_of[end] for tie in graph.edges() for end in tie]
        tails, heads = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    other = tails != heads
    if weight is not None:
        weights = np.array(
            [usable_weight(tail, head, data, weight) for tail, head, data in graph.edges(data=True) if tail != head]
        )
    return LabelledTies(
        people=tuple(graph),
        groups=groups,
        group_of=np.array([number_of_group[value] for value in values], dtype=np.int64),
        tails=np.ascontiguousarray(tails[other]),
        heads=np.ascontiguousarray(heads[other]),
        weights=weights,
        is_directed=bool(graph.is_directed()),
        self_loops=int(np.count_nonzero(~other)),
    )


def with_label(graph: nx.Graph, attribute: GroupLike) -> tuple[nx.Graph, tuple[Hashable, ...]]:
    """Give the part of a graph whose nodes carry the label, and who was left out for want of one.

    Examples
    --------
    >>> import networkx as nx
    >>> trio = nx.path_graph(3)
    >>> nx.set_node_attributes(trio, {0: "north", 1: "south"}, "organisation")
    >>> part, left_out = with_label(trio, "organisation")
    >>> sorted(part), left_out
    ([0, 1], (2,))
    """
    values = labels_of(graph, attribute)
    left_out = tuple(person for person, value in zip(graph, values, strict=True) if value is None)
    if not left_out:
        return graph, ()
    gone = set(left_out)
    return graph.subgraph([person for person in graph if person not in gone]).copy(), left_out


YES, NO, NEVER_ASKED = "yes", "no", "never asked"


def answers_of(graph: nx.Graph) -> dict[Hashable, str]:
    """Say of each person whether they answered: yes, no, never asked, or nothing where it is not on record.

    Nobody asked whoever is marked ``asked=False`` or ``rostered=False``, and not as having answered.

    Parameters
    ----------
    graph : networkx graph
        As `person_network` builds it; a person without these attributes counts as asked.

    Raises
    ------
    ValueError
        If one of the attributes is neither true, false nor missing.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b")])
    >>> graph.nodes["b"].update(asked=False, answered=None)
    >>> answers_of(graph)
    {'a': '', 'b': 'never asked'}
    """
    require_graph(graph)
    asked, rostered = facts_of(graph, "asked"), facts_of(graph, "rostered")
    return {
        person: YES
        if answered
        else NEVER_ASKED
        if asked[person] is False or rostered[person] is False
        else ""
        if answered is None
        else NO
        for person, answered in facts_of(graph, "answered").items()
    }


def never_asked(graph: nx.Graph) -> set[Hashable]:
    """Give the people whom nobody asked: marked ``asked=False`` or ``rostered=False``, and not as having answered.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b")])
    >>> graph.nodes["b"]["rostered"] = False
    >>> never_asked(graph)
    {'b'}
    """
    return {person for person, answer in answers_of(graph).items() if answer == NEVER_ASKED}


def did_not_answer(graph: nx.Graph) -> set[Hashable]:
    """Give the people who were asked and did not answer.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("a", "c")])
    >>> graph.nodes["b"].update(asked=True, answered=False)
    >>> graph.nodes["c"].update(asked=False, answered=False)
    >>> did_not_answer(graph)
    {'b'}
    """
    return {person for person, answer in answers_of(graph).items() if answer == NO}


def said_nothing(graph: nx.Graph) -> set[Hashable]:
    """Give everybody whose own ties nobody reported: who did not answer, and who was never asked.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("a", "c")])
    >>> graph.nodes["b"]["answered"] = False
    >>> graph.nodes["c"]["rostered"] = False
    >>> sorted(said_nothing(graph))
    ['b', 'c']
    """
    return {person for person, answer in answers_of(graph).items() if answer in (NO, NEVER_ASKED)}


def asked_part(graph: nx.Graph) -> nx.Graph:
    """Give the network without people whom nobody asked: the part in which every pair could have been reported.

    Density, returned ties, closed paths, triads and brokerage are measured in it. The graph itself is given where
    everybody was asked.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("a", "c")])
    >>> graph.nodes["c"]["rostered"] = False
    >>> sorted(asked_part(graph))
    ['a', 'b']
    """
    gone = never_asked(graph)
    return graph.subgraph([person for person in graph if person not in gone]).copy() if gone else graph
