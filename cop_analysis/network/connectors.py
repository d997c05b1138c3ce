"""Who reaches other organisations: counted for each person, and as a study's page says it; no test lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.methods.centralities import count_paths
from cop_analysis.network.methods.graphs import adjacency_of, answer_of
from cop_analysis.network.naming import of_named
from cop_analysis.network.study_networks import ATTRIBUTE, networks_of, no_ties_placed
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

BETWEENNESS_UP_TO = 5_000
"""People in a network up to which `who_connects` gives betweenness; above it the column is left empty."""


def who_connects(study: Study, relation: str | None = None) -> Result:
    """Answer who reaches other organisations, and how many of them.

    Parameters
    ----------
    study, relation
        As for `summary`.

    Returns
    -------
    Result
        One row a person of the last wave, most organisations reached first: ``person, organisation, role, answered,
        organisations_reached, ties_across, ties, betweenness`` and, with more waves, ``reached_before``. Betweenness
        is left empty above 5,000 people.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> who_connects(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "Who connects organisations"
    found = networks_of(study, relation, "network-connectors", title, "who connects organisations", individual=True)
    if isinstance(found, Result):
        return found
    if not found.has_organisations:
        return no_ties_placed(found, title)
    last = found.waves[-1]
    table = reach_of(last.placed).assign(betweenness=_betweenness(last.placed))
    organisations, people = int(table["organisation"].nunique()), len(table)
    reaching = int((table["organisations_reached"] > 0).sum())
    table = of_named(table, found.unnamed)
    if len(found.waves) > 1:
        before = reach_of(found.waves[0].placed).set_index("person")["organisations_reached"]
        table["reached_before"] = pd.array(
            [before.get(person, pd.NA) for person in table["person"]],
            dtype="Int64",
        )
    order = table.assign(_text=table["person"].astype(str)).sort_values(
        ["organisations_reached", "ties_across", "_text"], ascending=[False, False, True], kind="stable"
    )
    table = order.drop(columns="_text").reset_index(drop=True)
    most = int(table["organisations_reached"].max()) if len(table) else 0
    top = table.loc[table["organisations_reached"] == most, "person"].astype(str).tolist()
    named = ", ".join(top[:5]) + (f" and {len(top) - 5} more" if len(top) > 5 else "")
    sentence = (
        f"{last.label}: {reaching:,} of {count_of(people, 'person', 'people')} had {found.name} ties with another "
        f"organisation"
        + (
            f"; {named} reached most: {_of_others(most, organisations - 1)}."
            if most
            else ", so nobody connects organisations."
            if not reaching
            else "."
        )
    )
    caveats = list(found.caveats)
    if last.silent:
        caveats.append("For people who did not answer, only ties that others reported are counted.")
    return found.result(
        f"{title}: {found.name}, {last.label}",
        sentence,
        table=table,
        labels={
            "organisations_reached": "other organisations reached",
            "ties_across": "ties across organisations",
            "reached_before": f"reached, {found.waves[0].label}",
            "betweenness": "on shortest paths between others",
        },
        caveats=tuple(caveats),
        method="Another organisation is reached through a tie in either direction. On shortest paths between others: "
        "betweenness, the shortest paths that lead through a person, "
        f"{'directed' if found.is_directed else 'undirected'}, not normalised (Freeman 1977, Sociometry "
        f"40:35-41); given up to {BETWEENNESS_UP_TO:,} people.",
        show_table=len(table) <= 60,
    )


def reach_of(graph: nx.Graph) -> pd.DataFrame:
    """Count, for each person, ties, ties across and the other organisations reached in either direction.

    Parameters
    ----------
    graph : networkx graph
        Every node with an ``organisation``; parallel ties each count, self loops do not.

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
    home = {person: data[ATTRIBUTE] for person, data in graph.nodes(data=True)}
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


def _betweenness(graph: nx.Graph) -> list[float]:
    if graph.number_of_nodes() > BETWEENNESS_UP_TO:
        return [float("nan")] * graph.number_of_nodes()
    scores: list[float] = count_paths(adjacency_of(graph)).betweenness.tolist()
    return scores


def _of_others(reached: int, others: int) -> str:
    if others == 1:
        return "the one other"
    return f"{reached if reached < others else 'all'} of the {others} others"
