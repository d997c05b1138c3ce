"""Who said what they are tied to: answered, did not answer, or never asked; what follows from it is counted elsewhere.

A person whom nobody asked, or who was named from outside the roster, sends no tie that anybody could know of. That is
not an answer of "nobody", so such a person stands in no count of ties that could have been.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from cop_analysis.network.adjacency import require_graph
from cop_analysis.network.labelled import is_missing, people_marked_not

if TYPE_CHECKING:
    import networkx as nx

YES, NO, NEVER_ASKED = "yes", "no", "never asked"


def never_asked(graph: nx.Graph) -> set[Hashable]:
    """Give the people whom nobody asked: marked ``asked=False`` or ``rostered=False``, and not as having answered.

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
    >>> graph.nodes["b"]["rostered"] = False
    >>> never_asked(graph)
    {'b'}
    """
    outside = people_marked_not(graph, "asked") | people_marked_not(graph, "rostered")
    silent = people_marked_not(graph, "answered")
    return {person for person in outside if person in silent or is_missing(graph.nodes[person].get("answered"))}


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
    return people_marked_not(graph, "answered") - never_asked(graph)


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
    return people_marked_not(graph, "answered") | never_asked(graph)


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
    require_graph(graph)
    gone = never_asked(graph)
    return graph.subgraph([person for person in graph if person not in gone]).copy() if gone else graph


def answer_of(graph: nx.Graph, person: Hashable) -> str:
    """Say whether a person answered: yes, no, never asked, or nothing where it is not on record.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b")])
    >>> graph.nodes["b"].update(asked=False, answered=None)
    >>> answer_of(graph, "a"), answer_of(graph, "b")
    ('', 'never asked')
    """
    data = graph.nodes[person]
    answered = data.get("answered")
    if not is_missing(answered) and answered:
        return YES
    outside = any(not is_missing(data.get(fact)) and not data[fact] for fact in ("asked", "rostered"))
    return NEVER_ASKED if outside else "" if is_missing(answered) else NO
