"""Who met more often at the sessions than chance has it, as a study's page says it; the nulls are in `validated`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.methods.graphs import is_missing
from cop_analysis.network.methods.projections import ValidatedProjection, project, validated_projection
from cop_analysis.network.naming import NamedResult, for_the_team, organisation_names, unnamed_people
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.results import Result, absent, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_DRAWN_UP_TO, _PEOPLE_UP_TO = 400, 1_500
_PAIRS_AT_MOST = 500
"""People up to which random attendances are drawn on a page, and up to which every pair of people is looked at."""


def validated_meetings(study: Study, *, permutations: int = 999, seed: int = 2024) -> Result:
    """Answer which pairs were at sessions together more often than how much each attends explains.

    Parameters
    ----------
    study : Study
        Attendance is that of the study's period.
    permutations : int
        Random attendances for the fixed-degree null; drawn up to 400 people.
    seed : int

    Returns
    -------
    Result
        One row a pair that passes at least one null uncorrected, surest first: ``one, other, one_organisation,
        other_organisation, shared, expected, minutes_together, weight_size_corrected`` and the p-values of both nulls,
        uncorrected and corrected. The figure-free answer is in the sentence: how many pairs are left by each.

    Raises
    ------
    ValueError
        If `permutations` is not a whole number of at least 1.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> validated_meetings(SimpleNamespace(attendance=None)).sentence
    'This study has no attendance table (attendance.csv), so who met more often than by chance cannot be shown.'
    """
    key, title = "network-validated-meetings", "Who met more often than by chance"
    if study.attendance is None:
        return absent(key, title, "attendance", "who met more often than by chance")
    withheld = for_the_team(study, key, title)
    if withheld is not None:
        return withheld
    attendance = study.attendance
    people = int(attendance["person"].nunique())
    sources = ("attendance.csv",) if study.people is None else ("attendance.csv", "people.csv")
    if people < 2:
        return Result(
            key=key,
            title=title,
            sentence="Attendance names fewer than two people (attendance.csv), so who met more often than by chance is "
            "not "
            "known.",
            sources=sources,
        )
    if people > _PEOPLE_UP_TO:
        return _by_organisation(study, people, key, title)
    found = validated_projection(attendance, permutations=permutations if people <= _DRAWN_UP_TO else 0, seed=seed)
    caveats = [
        "Which null and which correction are chosen decides how many pairs are left, so all are shown.",
        "Being at the same session is a chance to meet, not a tie.",
    ]
    if not found.permutations:
        caveats.append(f"Random attendances are drawn up to {_DRAWN_UP_TO} people only; what is worked out is shown.")
    if "session_size" not in set(found.counts["null"]):
        caveats.append("There are too many events to work out the null that knows how large each was.")
    if study.period is not None:
        caveats.append("Sessions are those of the reporting period.")
    if attendance["person"].isin(list(unnamed_people(study.people))).any():
        caveats.append("Pairs with somebody who did not consent are counted and not listed.")
    left_out = int(attendance["person"].isna().sum())
    if left_out:
        caveats.append(f"{count_of(left_out, 'row')} of attendance without a person could not be used.")
    table = _pairs_left(found, study)
    return NamedResult(
        key=key,
        title=title,
        names=organisation_names(study.organisations),
        sentence=found.sentence.replace(" by BH", " by Benjamini & Hochberg's rule").replace(
            " by Bonferroni", " by Bonferroni's"
        ),
        table=table,
        labels={
            "shared": "sessions together",
            "expected": "by chance",
            "minutes_together": "minutes together at most",
            "weight_size_corrected": "sessions together, corrected for size",
            "p_value_hypergeometric": "p given attendance",
            "p_value_hypergeometric_bonferroni": "p given attendance, Bonferroni",
            "p_value_hypergeometric_bh": "p given attendance, BH",
            "p_value_session_size": "p given attendance and size",
            "p_value_session_size_bonferroni": "p given attendance and size, Bonferroni",
            "p_value_session_size_bh": "p given attendance and size, BH",
            "p_value_fixed_degree": "p by random attendances",
            "p_value_fixed_degree_bonferroni": "p by random attendances, Bonferroni",
            "p_value_fixed_degree_bh": "p by random attendances, BH",
        },
        caveats=tuple(caveats),
        method="Given how much each attends: hypergeometric (Tumminello et al. 2011, PLoS ONE 6:e17994). Given also "
        "how large each session was: worked out with sessions weighted so that each has its size on average "
        "(conditional "
        "Bernoulli sampling, Chen, Dempster & Liu 1994, Biometrika 81:457-469), and by "
        f"{found.permutations:,} random attendances with the same totals (curveball, Strona et al. 2014, "
        f"Nature Communications 5:4114), (k + 1) / (R + 1), seed {seed}. One-sided; corrected for all pairs by "
        "Bonferroni "
        "and by Benjamini & Hochberg. Minutes together: the lesser of both people's minutes, summed. Corrected for "
        "size: a "
        "session of k people counts 1 / (k - 1) (Newman 2001).",
        sources=sources,
        show_table=len(table) <= 60,
    )


def _by_organisation(study: Study, people: int, key: str, title: str) -> Result:
    """Do for organisations what cannot be shown for so many people pair by pair."""
    from cop_analysis.network.organisation_meetings import presence_of

    lead = f"{people:,} people attended, too many to look at pair by pair on a page (up to {_PEOPLE_UP_TO:,})"
    presence, sources, _ = presence_of(study, "organisation")
    if presence["person"].nunique() < 2:
        return Result(key=key, title=title, sentence=f"{lead}, and fewer than two organisations are known.",
                      sources=sources)  # fmt: skip
    found = validated_projection(presence, permutations=0)
    passing = found.table[found.table["p_value_hypergeometric"] <= found.alpha].head(_PAIRS_AT_MOST)
    return NamedResult(
        key=key,
        title=title,
        names=organisation_names(study.organisations),
        named_columns=("first", "second"),
        sentence=f"{lead}; here are organisations in their place. {found.sentence}",
        table=passing,
        caveats=("Being at the same session is a chance to meet, not a tie.",),
        method="Organisations that had somebody at the same session; nulls as for people.",
        sources=sources,
        show_table=len(passing) <= 60,
    )


def _pairs_left(found: ValidatedProjection, study: Study) -> pd.DataFrame:
    attendance, people = study.attendance, study.people
    assert attendance is not None
    corrected = project(attendance, size_correction=True)
    timed = "minutes" in attendance.columns and attendance["minutes"].notna().any()
    minutes = project(attendance, weigh_by="minutes") if timed else None
    home: dict[object, object] = {}
    if people is not None and ATTRIBUTE in people.columns:
        home = {
            person: None if is_missing(place) else place
            for person, place in zip(people["person"].tolist(), people[ATTRIBUTE].tolist(), strict=True)
        }
    unnamed = set(unnamed_people(people))
    passing = found.table[
        ~found.table["first"].isin(unnamed)
        & ~found.table["second"].isin(unnamed)
        & (found.table[[f"p_value_{null}" for null in found.counts["null"]]].min(axis=1) <= found.alpha)
    ].head(_PAIRS_AT_MOST)
    rows = []
    for row in passing.to_dict("records"):
        one, other = row["first"], row["second"]
        pair: dict[str, object] = {
            "one": one,
            "other": other,
            "one_organisation": home.get(one),
            "other_organisation": home.get(other),
            "shared": row["shared"],
            "expected": row["expected"],
        }
        if minutes is not None:
            pair["minutes_together"] = minutes.weight_of(one, other)
        pair["weight_size_corrected"] = corrected.weight_of(one, other)
        rows.append({**pair, **{name: row[name] for name in passing.columns if name.startswith("p_value_")}})
    return pd.DataFrame(rows)
