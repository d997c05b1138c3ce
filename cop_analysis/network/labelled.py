"""A graph with a label on every node, as the arrays the measures count over; no statistic is computed here."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import networkx as nx


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


def labelled_ties(graph: nx.Graph, attribute: str, weight: str | None = None) -> LabelledTies:
    """Number the people, groups and ties of a graph, refusing in words what cannot be counted.

    Parameters
    ----------
    graph : networkx graph
        Directed or not, with or without parallel ties.
    attribute : str
        The node attribute that holds the group.
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
    people = tuple(graph.nodes)
    values = [data.get(attribute) for _, data in graph.nodes(data=True)]
    unlabelled = [person for person, value in zip(people, values, strict=True) if is_missing(value)]
    if unlabelled:
        raise ValueError(
            f"{len(unlabelled)} of {len(people)} nodes have no {attribute!r} (the first is {unlabelled[0]!r}). "
            "Fill it in, or take these nodes out of the graph first."
        )
    groups = tuple(sorted(set(values), key=lambda value: (str(value), type(value).__name__)))
    number_of_group = {group: number for number, group in enumerate(groups)}
    number_of = {person: number for number, person in enumerate(people)}
    tails, heads, weights, self_loops = [], [], [], 0
    for tail, head, data in graph.edges(data=True):
        if tail == head:
            self_loops += 1
            continue
        tails.append(number_of[tail])
        heads.append(number_of[head])
        if weight is not None:
            weights.append(usable_weight(tail, head, data, weight))
    return LabelledTies(
        people=people,
        groups=groups,
        group_of=np.array([number_of_group[value] for value in values], dtype=np.int64),
        tails=np.array(tails, dtype=np.int64),
        heads=np.array(heads, dtype=np.int64),
        weights=None if weight is None else np.array(weights, dtype=float),
        is_directed=bool(graph.is_directed()),
        self_loops=self_loops,
    )


def with_label(graph: nx.Graph, attribute: str) -> tuple[nx.Graph, tuple[Hashable, ...]]:
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
    left_out = tuple(person for person, data in graph.nodes(data=True) if is_missing(data.get(attribute)))
    if not left_out:
        return graph, ()
    gone = set(left_out)
    return graph.subgraph([person for person in graph if person not in gone]).copy(), left_out


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
            "a weight is a finite number of at least 0. Mend it, or count ties without a weight."
        )
    return value
