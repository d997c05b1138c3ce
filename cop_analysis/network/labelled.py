"""A graph with a label on every node, as the arrays the measures count over; no statistic is computed here."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import require_graph, tie_places, usable_weight

if TYPE_CHECKING:
    import networkx as nx

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

    @property
    def group_sizes(self) -> np.ndarray:
        """People in each group, in the order of `groups`."""
        return np.bincount(self.group_of, minlength=len(self.groups))

    @property
    def crosses(self) -> np.ndarray:
        """Whether each tie joins people of different groups."""
        crossing: np.ndarray = self.group_of[self.tails] != self.group_of[self.heads]
        return crossing


def is_missing(value: object) -> bool:
    """Tell whether an attribute holds nothing: None, a missing value of pandas, or only blanks.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing("  "), is_missing(0)
    (True, True, True, False)
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))  # type: ignore[call-overload]


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
        missing = {value: is_missing(value) for value in set(values)}
    except TypeError:
        person, value = next(pair for pair in zip(graph, values, strict=True) if not _names_a_group(pair[1]))
        raise ValueError(
            f"The group of {person!r} is a {type(value).__name__}, which cannot name a group. Use a text or a number."
        ) from None
    return [None if missing[value] else value for value in values]


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


def people_marked_not(graph: nx.Graph, fact: str) -> set[Hashable]:
    """Give the people whose node attribute says that something does not hold of them, as ``answered=False``.

    Parameters
    ----------
    graph : networkx graph
    fact : str
        A node attribute that is True, False or missing (missing counts as True); 1 and 0 will do.

    Raises
    ------
    ValueError
        If it is anything else, which could be taken either way.

    Examples
    --------
    >>> import networkx as nx
    >>> pair = nx.Graph([("a", "b")])
    >>> pair.nodes["b"]["answered"] = False
    >>> people_marked_not(pair, "answered")
    {'b'}
    """
    require_graph(graph)
    marked = set()
    for person, data in graph.nodes(data=True):
        value = data.get(fact)
        if isinstance(value, bool | int | float | np.bool_ | np.number) and value in (0, 1):
            if not value:
                marked.add(person)
        elif not is_missing(value):
            raise ValueError(f"{fact} of {person!r} is {value!r}; it is True, False or missing. Correct it first.")
    return marked


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
