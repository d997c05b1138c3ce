"""Who could have met whom at the sessions, from attendance, as a study's page says it; reported ties are elsewhere."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.methods.graphs import is_missing
from cop_analysis.network.methods.projections import Projection, people_at_events
from cop_analysis.network.naming import NamedResult, organisation_names
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.results import Result, absent, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study

_AT_ONCE = 512
_CELLS_AT_MOST = 50_000_000


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
    found = people_at_events(study.attendance)
    head_counts = found.head_counts_left_out
    if not found.names:
        return Result(
            key=key,
            title=title,
            sentence="Attendance is recorded as head counts only (attendance.csv), so who met whom is not known.",
            sources=("attendance.csv",),
        )
    home = _homes(study.people)
    left_out = [name for name in found.names if name not in home]
    people = len(found.names)
    table, met = _by_pair_of_organisations(found, home)
    possible = people * (people - 1) // 2
    sentence = f"{count_of(people, 'person', 'people')} attended at least one session"
    if possible:
        sentence += (
            f"; {met:,} of their {count_of(possible, 'pair')} ({format_share(met / possible)}) were at one together"
        )
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


def _homes(people: pd.DataFrame | None) -> dict[object, str]:
    if people is None or ATTRIBUTE not in people.columns:
        return {}
    return {
        person: str(place)
        for person, place in zip(people["person"].tolist(), people[ATTRIBUTE].tolist(), strict=True)
        if not is_missing(place)
    }


def _by_pair_of_organisations(found: Projection, home: dict[object, str]) -> tuple[pd.DataFrame, int]:
    """Count pairs by their organisations, and all pairs that met; no list of pairs is ever made.

    People are taken some hundreds at a time: whom each was with is a row of yes and no, and its sums by organisation.
    """
    places = [home.get(name) for name in found.names]
    # Who has no organisation stands in a group of their own, which counts in the whole and not in the table.
    labels = sorted({place for place in places if place is not None})
    number = {label: place for place, label in enumerate(labels)}
    group = np.array([number.get(place, len(labels)) if place is not None else len(labels) for place in places])
    order = np.argsort(group, kind="stable")
    group = group[order]
    incidence = found.incidence.tocsr()[order]
    sizes = np.bincount(group, minlength=len(labels) + 1)
    present = np.flatnonzero(sizes)
    starts = np.concatenate([[0], np.cumsum(sizes[present])[:-1]])
    # Full rows are many times faster while they are small; small whole numbers are exact in them.
    there = incidence.astype(np.float32)
    full = there.toarray() if incidence.shape[0] * incidence.shape[1] <= _CELLS_AT_MOST else None
    met = np.zeros((len(labels) + 1, len(labels) + 1), dtype=np.int64)
    for start in range(0, len(group), _AT_ONCE):
        rows_here = slice(start, start + _AT_ONCE)
        together = (full[rows_here] @ full.T if full is not None else (there[rows_here] @ there.T).toarray()) > 0
        sums = np.add.reduceat(together, starts, axis=1, dtype=np.int64)
        block = np.zeros((len(sums), len(labels) + 1), dtype=np.int64)
        block[:, present] = sums
        np.add.at(met, group[rows_here], block)
    # Everybody was with themselves, and each pair of one organisation was counted from both ends.
    diagonal = (np.diag(met) - sizes) // 2
    everything = int((met.sum() - len(group)) // 2)
    by_event = np.zeros((len(labels) + 1, incidence.shape[1]), dtype=np.int64)
    rows = incidence.tocoo()
    np.add.at(by_event, (group[rows.row], rows.col), 1)
    shared = by_event @ by_event.T
    within = (np.sum(by_event * by_event, axis=1) - by_event.sum(axis=1)) // 2
    table = []
    for one, other in combinations_with_replacement(range(len(labels)), 2):
        same = one == other
        pairs = int(sizes[one] * (sizes[one] - 1) // 2) if same else int(sizes[one] * sizes[other])
        pairs_met = int(diagonal[one]) if same else int(met[one, other])
        sessions = int(within[one]) if same else int(shared[one, other])
        share, mean = (pairs_met / pairs, sessions / pairs) if pairs else (float("nan"), float("nan"))
        table.append((labels[one], labels[other], pairs, pairs_met, share, mean))
    columns = ["one_organisation", "other_organisation", "pairs", "pairs_met", "share_met", "mean_sessions_shared"]
    return pd.DataFrame(table, columns=columns), everything
