"""Where each person stands in a study's network, as its page says it: centrality, structural holes, own E-I."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.extremes import highest, others_alike
from cop_analysis.network.levels import networks_at
from cop_analysis.network.methods.centralities import centrality, structural_holes
from cop_analysis.network.methods.graphs import answer_of
from cop_analysis.network.methods.mixing import person_mixing
from cop_analysis.network.naming import of_named
from cop_analysis.results import Result

if TYPE_CHECKING:
    from cop_analysis.study import Study


def positions(study: Study, relation: str | None = None, *, by: str = "organisation") -> Result:
    """Answer where each person stands: named by whom, between whom, near everybody, closed in or bridging.

    Parameters
    ----------
    study : Study
    relation : str, optional
    by : {"organisation", "sector"}
        What a person's own E-I index is of.

    Returns
    -------
    Result
        One row a person of the last wave with ties: ``person``, the label, ``role, answered``, the columns of
        `centrality` and of `structural_holes`, then ``ei, expected_ei, p_value_ei`` of `person_mixing`.

    Raises
    ------
    ValueError
        If the study has no such relation or `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> positions(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "Where each person stands"
    level = networks_at(study, relation, by, "network-positions", title, "where people stand", individual=True)
    if isinstance(level, Result):
        return level
    last = level.with_ties[-1]
    table = centrality(last.placed)
    holes = structural_holes(last.placed).drop(columns="node")
    own = person_mixing(last.placed, by)
    facts = last.placed.nodes
    people = table["node"].tolist()
    table = pd.concat([table, holes], axis=1).rename(columns={"node": "person"})
    table.insert(1, by, [facts[person].get(by) for person in people])
    table.insert(2, "role", [facts[person].get("role") for person in people])
    table.insert(3, "answered", pd.Series([answer_of(last.placed, person) for person in people], dtype=object))
    table = table.assign(ei=own["ei"], expected_ei=own["expected"], p_value_ei=own["p_value"])
    table = of_named(table, level.found.unnamed)
    if table.empty:
        return level.result(title, f"{last.label}: nobody who can be named stands in the network.")
    most = highest(table["betweenness"])
    between = table.iloc[int(most[0])]
    tied = table[table["contacts"] > 0]
    least = highest(-tied["constraint"])
    freest = tied.iloc[int(least[0])]
    sentence = (
        f"{last.label}: {between['person']} ({level.called(between[by])}){others_alike(most)} "
        f"{'lies' if len(most) == 1 else 'lie'} on most shortest {level.found.name} paths between others "
        f"({between['betweenness']:.1f}), and {freest['person']} ({level.called(freest[by])}){others_alike(least)} "
        f"{'is' if len(least) == 1 else 'are'} least closed in by contacts who know each other "
        f"(constraint {freest['constraint']:.2f})."
        if between["betweenness"] > 0
        else f"{last.label}: nobody lies on a shortest {level.found.name} path between two others."
    )
    return level.result(
        f"{title}: {level.found.name}, {last.label}",
        sentence,
        table=table,
        labels={"ei": "own E-I", "expected_ei": "own E-I by chance", "p_value_ei": "p of own E-I"},
        caveats=(
            *level.caveats,
            "One person's position hangs on a handful of ties; read it with the person, not as a score.",
        ),
        method="Paths count steps. Betweenness: Freeman 1977; closeness: Wasserman & Faust 1994, directed from others "
        "to the "
        "person; constraint, effective size, efficiency and hierarchy: Burt 1992, from ties in both directions. Own "
        "E-I: "
        "contacts in either direction, exact p with others placed at random, not corrected for the number of people.",
        show_table=False,
    )
