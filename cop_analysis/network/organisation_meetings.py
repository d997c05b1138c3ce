"""Which organisations or sectors were at the sessions together, as a study's page says it; people: `meetings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.levels import LEVELS, sector_of
from cop_analysis.network.methods.graphs import is_missing
from cop_analysis.network.methods.projections import project
from cop_analysis.network.naming import NamedResult, organisation_names
from cop_analysis.results import Result, absent, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study


def organisation_meetings(study: Study, *, by: str = "organisation") -> Result:
    """Answer which organisations (sectors) were at sessions together, and how often.

    Parameters
    ----------
    study : Study
        Attendance is that of the study's period. An organisation was there where a person of it, or a head count with
        its name, is recorded.
    by : {"organisation", "sector"}

    Returns
    -------
    Result
        One row a pair: ``one, other, sessions_one, sessions_other, together, share_of_sessions,
        weight_size_corrected``.

    Raises
    ------
    ValueError
        If `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> organisation_meetings(SimpleNamespace(attendance=None)).sentence
    'This study has no attendance table (attendance.csv), so which organisations met cannot be shown.'
    """
    if by not in LEVELS:
        raise ValueError(f'by is {by!r}; it is "organisation" or "sector".')
    words = "organisations" if by == "organisation" else "sectors"
    key, title = f"network-{by}-meetings", f"Which {words} met at the sessions"
    if study.attendance is None:
        return absent(key, title, "attendance", f"which {words} met")
    presence, sources, unknown = presence_of(study, by)
    if presence["person"].nunique() < 2:
        return Result(
            key=key,
            title=title,
            sentence=f"Attendance names fewer than two {words} (organisation in attendance.csv or people.csv"
            f"{', sector in organisations.csv' if by == 'sector' else ''}), so which {words} met is not known. The "
            "head count of each organisation at each session would be enough to show it.",
            sources=sources,
        )
    found, corrected = project(presence), project(presence, size_correction=True)
    sessions = int(presence["event"].nunique())
    attended = dict(zip(found.names, found.attended.tolist(), strict=True))
    weights = {(row["first"], row["second"]): row["weight"] for row in corrected.pairs.to_dict("records")}
    rows = [
        {
            "one": row["first"],
            "other": row["second"],
            "sessions_one": attended[row["first"]],
            "sessions_other": attended[row["second"]],
            "together": int(row["weight"]),
            "share_of_sessions": row["weight"] / sessions,
            "weight_size_corrected": weights[(row["first"], row["second"])],
        }
        for row in found.pairs.to_dict("records")
    ]
    columns = ["one", "other", "sessions_one", "sessions_other", "together", "share_of_sessions",
               "weight_size_corrected"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns).sort_values(
        ["together", "one", "other"], ascending=[False, True, True], kind="stable", ignore_index=True
    )
    count = len(found.names)
    pairs = count * (count - 1) // 2
    per_session = presence.groupby("event")["person"].nunique()
    several = int((per_session > 1).sum())
    caveats = [f"Being at the same session is a chance to meet, not a tie between {words}."]
    if study.period is not None:
        caveats.append("Sessions are those of the reporting period.")
    if unknown:
        caveats.append(f"{count_of(unknown, 'row')} of attendance without {'an' if by == 'organisation' else 'a'} {by} "
                       "could not be used.")  # fmt: skip
    return NamedResult(
        key=key,
        title=title,
        names=organisation_names(study.organisations) if by == "organisation" else {},
        named_columns=("one", "other"),
        sentence=f"{len(table)} of {count_of(pairs, 'pair')} of {words} ({format_share(len(table) / pairs)}) were at a "
        "session "
        f"together; {several} of {count_of(sessions, 'session')} had people of more than one.",
        table=table,
        labels={
            "together": "sessions together",
            "share_of_sessions": "share of sessions",
            "weight_size_corrected": "sessions together, corrected for size",
        },
        caveats=tuple(caveats),
        method=f"One-mode projection of {words} by sessions (Breiger 1974, Social Forces 53:181-190). Corrected for "
        "size: a "
        f"session with k {words} counts 1 / (k - 1) (Newman 2001, Physical Review E 64:016132).",
        sources=sources,
        show_table=len(table) <= 60,
    )


def presence_of(study: Study, by: str) -> tuple[pd.DataFrame, tuple[str, ...], int]:
    """Give event and organisation (as ``person``, for the projection), the files used, and rows without one."""
    attendance = study.attendance
    assert attendance is not None
    sources = ["attendance.csv"]
    place = attendance["organisation"].astype(object) if "organisation" in attendance.columns else pd.Series(
        [None] * len(attendance), index=attendance.index, dtype=object
    )  # fmt: skip
    if study.people is not None:
        homes = dict(zip(study.people["person"].tolist(), study.people["organisation"].tolist(), strict=True))
        own = [homes.get(person) for person in attendance["person"].tolist()]
        place = pd.Series(
            [mine if is_missing(given) else given for given, mine in zip(place.tolist(), own, strict=True)],
            index=attendance.index,
            dtype=object,
        )
        sources.append("people.csv")
    if by == "sector":
        sectors = sector_of(study.organisations)
        place = place.map(lambda organisation: None if is_missing(organisation) else sectors.get(organisation))
        sources.append("organisations.csv")
    known = [not is_missing(value) for value in place.tolist()]
    there = pd.DataFrame({"event": attendance["event"][known], "person": place[known]}).drop_duplicates()
    return there, tuple(sources), len(attendance) - sum(known)
