"""Who answered the network question, as a study's page says it; what silence does to a share is in `non_response`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.methods.networks import roster_of
from cop_analysis.network.methods.non_response import response_rates
from cop_analysis.network.naming import NamedResult, organisation_names
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.results import Quantity, Result, absent, format_share

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study


def response(study: Study) -> Result:
    """Answer who was asked about their ties and who answered, by wave and organisation.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Result
        One row a wave and organisation (``"All"`` first): ``wave, organisation, people, asked, answered,
        response_rate``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> response(SimpleNamespace(rosters=None)).sentence
    'This study has no rosters table (rosters.csv), so who answered the network question cannot be shown.'
    """
    key, title = "network-response", "Who answered the network question"
    if study.rosters is None:
        return absent(key, title, "rosters", "who answered the network question")
    rosters = study.rosters
    labels = {wave.key: wave.label or wave.key for wave in study.waves}
    in_use = rosters["wave"].dropna().unique().tolist()
    parts, sentences = [], []
    quantities: list[Quantity] = []
    held = None if study.ties is None else study.ties["relation"].dropna()
    relations = [] if held is None else list(dict.fromkeys(str(name) for name in held))
    for wave_key in [*(k for k in labels if k in in_use), *(k for k in in_use if k not in labels)]:
        label = labels.get(wave_key, str(wave_key))
        rates = response_rates(_roster_graph(rosters, study.people, wave_key), ATTRIBUTE).rename(
            columns={"group": "organisation"}
        )
        rates.insert(0, "wave", label)
        parts.append(rates)
        listed, asked, answered = (int(rates.iloc[0][column]) for column in ("people", "asked", "answered"))
        for name in relations if asked else []:
            quantities.append(Quantity(f"network:asked:{name}:{wave_key}", asked, listed))
            quantities.append(Quantity(f"network:answered:{name}:{wave_key}", answered, asked))
        everybody = rates.iloc[0]
        if everybody["asked"]:
            sentences.append(
                f"{label}: {everybody['answered']:,} of {everybody['asked']:,} asked answered "
                f"({format_share(everybody['response_rate'])})."
            )
        else:
            sentences.append(f"{label}: nobody was asked.")
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    low = table[(table["organisation"] != "All") & (table["response_rate"] < 0.5)] if len(table) else table
    names = organisation_names(study.organisations)
    caveats = [
        f"{row.wave}: fewer than half of those asked answered in {names.get(row.organisation, row.organisation)} "
        f"({row.answered} of {row.asked}): its ties are described mainly by others."
        for row in low.itertuples()
    ]
    return NamedResult(
        key=key,
        title=title,
        names=names,
        sentence=" ".join(sentences) or "The rosters name no wave.",
        table=table,
        caveats=tuple(caveats),
        quantities=tuple(quantities),
        method="Response rate: answered / asked among the people on the wave's roster. A roster is a full list, so "
        "the rate has no sampling interval.",
        sources=("rosters.csv", "people.csv") if study.people is not None else ("rosters.csv",),
    )


def _roster_graph(rosters: pd.DataFrame, people: pd.DataFrame | None, wave: str) -> nx.Graph:
    import networkx as nx

    homes: dict[object, object] = {}
    if people is not None:
        homes = {
            person: None if pd.isna(organisation) else organisation
            for person, organisation in zip(people["person"], people[ATTRIBUTE], strict=True)
        }
    graph = nx.Graph()
    for person, (asked, answered) in (roster_of(rosters, wave) or {}).items():
        graph.add_node(person, organisation=homes.get(person), asked=asked, answered=answered)
    return graph
