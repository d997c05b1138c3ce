"""How strong and how trusting a study's ties are within and across organisations, as its page says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.levels import networks_at, sector_of
from cop_analysis.network.methods.graphs import is_missing, with_label
from cop_analysis.network.methods.tie_strengths import TRUST, tie_quality, trust_network
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.resampling import generator
from cop_analysis.results import Result

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study


def tie_strength(
    study: Study, relation: str | None = None, *, by: str = "organisation", permutations: int = 1999, seed: int = 2024
) -> Result:
    """Answer whether ties across organisations are as strong, and as trusting, as those within.

    Parameters
    ----------
    study : Study
        Where ties.csv holds the relations openness, reliability or mission, these are shown as trust, too.
    relation : str, optional
        Whose strength is shown.
    by : {"organisation", "sector"}
    permutations : int
        Of the labels.
    seed : int

    Returns
    -------
    Result
        One row a wave, measure and kind of tie: ``wave, measure, kind, ties, mean, median, sd, difference, p_value,
        permutations`` (the last three in the row of all ties: mean across less mean within).

    Raises
    ------
    ValueError
        If the study has no such relation or `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> tie_strength(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "How strong ties are within and across"
    level = networks_at(study, relation, by, "network-strength", title, "how strong ties are")
    if isinstance(level, Result):
        return level
    parts, sentences = [], []
    for number, wave in enumerate(level.with_ties):
        asked: list[tuple[nx.Graph, list[str]]] = []
        if any(not is_missing(data.get("strength")) for *_, data in wave.placed.edges(data=True)):
            asked.append((wave.placed, ["strength"]))
        trust = _trust(study, wave.key, by)
        if trust is not None and trust.number_of_edges():
            asked.append((trust, [*trust.graph["dimensions"], "trust"]))
        for graph, measures in asked:
            found = tie_quality(graph, by, measures, permutations, generator(seed, number))
            table = found.table.drop(columns="share_of_most")
            tests = found.differences.set_index("measure")
            whole = table["kind"] == "all"
            for column in ("difference", "p_value"):
                table[column] = np.where(whole, table["measure"].map(tests[column]), np.nan)
            table["permutations"] = pd.array([permutations if each else pd.NA for each in whole], dtype="Int64")
            table.insert(0, "wave", wave.label)
            parts.append(table)
            sentences.append(f"{wave.label}: {found.sentence.replace('groups', level.plural)}")
    if not parts:
        return Result(
            key=level.key,
            title=title,
            sentence=f"No {level.found.name} tie has a strength (strength in ties.csv), so how strong ties are cannot "
            "be "
            "shown.",
            caveats=level.caveats,
        )
    return level.result(
        f"{title} {level.plural}: {level.found.name}",
        " ".join(sentences),
        table=pd.concat(parts, ignore_index=True),
        labels={"difference": "across less within"},
        caveats=(*level.caveats, "Strength is the sender's own rating, and there is none for a tie nobody named."),
        method="Difference of means across and within, tested by dealing the labels out to people at random: "
        f"{permutations:,} permutations, p two-sided, (k + 1) / (R + 1), seed {seed}. Trust: the mean of openness, "
        "reliability and support of the mission, as in PARTNER (Varda et al. 2008, Journal of Public Health Management "
        "and Practice 14(5):E1-E8).",
    )


def _trust(study: Study, wave: str, by: str) -> nx.Graph | None:
    ties = study.ties
    if ties is None or not set(TRUST) & set(ties.loc[ties["wave"] == wave, "relation"].dropna()):
        return None
    part = ties[ties["wave"] == wave]
    graph = trust_network(part, study.people, study.rosters, wave)
    if by != ATTRIBUTE:
        sectors = sector_of(study.organisations)
        for _, data in graph.nodes(data=True):
            data[by] = sectors.get(data.get(ATTRIBUTE))
    return with_label(graph, by)[0]
