"""Who could have met whom at the sessions, from attendance, as a study's page says it; reported ties are elsewhere."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.build import co_attendance
from cop_analysis.network.labelled import with_label
from cop_analysis.network.naming import NamedResult, organisation_names
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.results import Result, absent, count_of, format_share

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study


def meeting_network(study: Study) -> Result:
    """Answer which organisations' people were in the same sessions, and how often.

    Parameters
    ----------
    study : Study
        Attendance is that of the study's period.

    Returns
    -------
    Result
        One row a pair of organisations, an organisation with itself included: ``one_organisation,
        other_organisation, pairs, pairs_met, share_met, mean_sessions_shared``: pairs of people who attended at
        least one session, those of them who were at one together, and over all pairs the mean number of sessions
        shared.

    Notes
    -----
    The one-mode projection of people by sessions (Breiger 1974, Social Forces 53(2):181-190), without correction
    for the size of a session.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> meeting_network(SimpleNamespace(attendance=None)).sentence
    'This study has no attendance table (attendance.csv), so who met whom cannot be shown.'
    """
    key, title = "network-meetings", "Who met whom at the sessions"
    if study.attendance is None:
        return absent(key, title, "attendance", "who met whom")
    graph = co_attendance(study.attendance, study.people)
    graph.remove_nodes_from([person for person, data in graph.nodes(data=True) if not data["attended"]])
    head_counts = graph.graph["head_counts_left_out"]
    if not len(graph):
        return Result(
            key=key,
            title=title,
            sentence="Attendance is recorded as head counts only (attendance.csv), so who met whom is not known.",
            sources=("attendance.csv",),
        )
    placed, left_out = with_label(graph, ATTRIBUTE)
    people, met = len(graph), graph.number_of_edges()
    possible = people * (people - 1) // 2
    sentence = f"{count_of(people, 'person', 'people')} attended at least one session"
    if possible:
        sentence += (
            f"; {met:,} of their {count_of(possible, 'pair')} ({format_share(met / possible)}) were at one together"
        )
    table = _by_pair_of_organisations(placed)
    across = table[table["one_organisation"] != table["other_organisation"]]
    if across["pairs"].sum():
        shares = [
            format_share(part["pairs_met"].sum() / part["pairs"].sum()) if part["pairs"].sum() else "none"
            for part in (across, table.drop(across.index))
        ]
        sentence += f": {shares[0]} of pairs from different organisations, {shares[1]} of pairs from the same"
    caveats = ["Being at the same session is a chance to meet, not a tie: nobody was asked whether they spoke."]
    if study.period is not None:
        caveats.append("Sessions are those of the reporting period.")
    if head_counts:
        caveats.append(f"{count_of(head_counts, 'row')} of attendance without a person could not be used.")
    if left_out:
        caveats.append(
            f"{count_of(len(left_out), 'person', 'people')} without an organisation could not be counted by "
            "organisation."
        )
    return NamedResult(
        key=key,
        title=title,
        names=organisation_names(study.organisations),
        sentence=sentence + ".",
        table=table,
        labels={
            "pairs": "pairs of people",
            "pairs_met": "pairs who were at a session together",
            "share_met": "share of pairs",
            "mean_sessions_shared": "mean sessions shared",
        },
        caveats=tuple(caveats),
        method="People joined by the sessions both attended (one-mode projection of attendance, Breiger 1974, Social "
        "Forces 53:181-190), not corrected for the size of a session.",
        sources=("attendance.csv",) if study.people is None else ("attendance.csv", "people.csv"),
        show_table=len(table) <= 60,
    )


def _by_pair_of_organisations(graph: nx.Graph) -> pd.DataFrame:
    home = {person: str(data[ATTRIBUTE]) for person, data in graph.nodes(data=True)}
    sizes = pd.Series(list(home.values()), dtype=object).value_counts()
    met: dict[tuple[str, str], tuple[int, int]] = {}
    for first, second, shared in graph.edges(data="weight"):
        pair = (min(home[first], home[second]), max(home[first], home[second]))
        pairs, sessions = met.get(pair, (0, 0))
        met[pair] = (pairs + 1, sessions + int(shared))
    rows = []
    for one, other in combinations_with_replacement(sorted(sizes.index), 2):
        pairs = int(sizes[one] * (sizes[one] - 1) // 2) if one == other else int(sizes[one] * sizes[other])
        pairs_met, sessions = met.get((one, other), (0, 0))
        share, mean = (pairs_met / pairs, sessions / pairs) if pairs else (float("nan"), float("nan"))
        rows.append((one, other, pairs, pairs_met, share, mean))
    columns = ["one_organisation", "other_organisation", "pairs", "pairs_met", "share_met", "mean_sessions_shared"]
    return pd.DataFrame(rows, columns=columns)
