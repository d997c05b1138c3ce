"""Who came, and who was reached: how often people came, the core, the mix of organisations, and groups of people.

Only attendance that names persons can answer this; head counts are said and left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cop_analysis.results import SECONDARY, Figure, Headline, Quantity, Result, interval_in_words
from cop_analysis.results.pages import Opening, from_files
from cop_analysis.sessions.methods.attendance import (
    CORE,
    DEFINITIONS,
    chance_of_two_groups,
    differ_by_group,
    expected_parts,
    parts,
)
from cop_analysis.sessions.methods.shares import wilson
from cop_analysis.sessions.pages import words
from cop_analysis.sessions.pages.rows import MOST_ROWS_SHOWN, Rows, names
from cop_analysis.sessions.pages.words import AttendersFacts
from cop_analysis.sessions.pictures.people import MOST_PEOPLE_DRAWN, draw_histogram, draw_mix, draw_parts, draw_people
from cop_analysis.sessions.pictures.reach import draw_groups
from cop_analysis.study.consent import refusing

NOT_GIVEN = "not given"
GROUPS = {"organisation": "organisation", "sector": "sector", "role": "profession"}
"""The ways to group people, each with its word."""

_GIVES_NONE = {
    "organisation": "People.csv gives no organisation",
    "role": "People.csv gives no role",
    "sector": "Organisations.csv gives no sector",
}
_MOST_COUNTED_APART = 40


# --- who came back ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Attenders(Result):
    """Unique people against attendances.

    Parameters
    ----------
    people : int
        Different people who came at least once.
    attendances : int
        How often they came, all together.
    sessions : int
        Events held at which persons were recorded.
    returned : int
        People who came at least twice.
    by_person : pandas.DataFrame
        One row a person who came: ``person``, ``organisation``, ``sessions_attended``, ``share_of_sessions`` (of all),
        ``sessions_possible`` (while on the list of people), ``share_of_possible``, ``part`` and ``is_core``, as
        `methods.attendance.parts` defines them.
    """

    people: int
    attendances: int
    sessions: int
    returned: int
    by_person: pd.DataFrame


def who_came_back(rows: Rows, opening: Opening) -> Result:
    """Give how many people the attendances were, and how many of them came back."""
    named, listed = rows.named, rows.study.people
    if named.lacks:
        return Result(**opening, sentence=words.not_by_name(named, "who came back"))
    by_person = _by_person(rows)
    came = by_person["sessions_attended"]
    sessions, people = int(named.rows["event"].nunique()), len(by_person)
    never = 0 if listed is None else int((~listed["person"].isin(set(by_person["person"]))).sum())
    table = _times_attended(came, sessions, never if listed is not None else None)
    returned = int((came >= 2).sum())
    interval = wilson(returned, people)
    facts = AttendersFacts(
        attendances=len(named.rows),
        sessions=sessions,
        people=people,
        returned=interval,
        came_twice=returned,
        came_to_all=int((came == sessions).sum()),
        core=int(by_person["is_core"].sum()),
        core_attendances=int(came[by_person["is_core"]].sum()),
        listed=None if listed is None else len(listed),
        never=never,
    )
    late = "Who joined late or left early had fewer sessions to come to, so comes less often here."
    files = ("attendance.csv", "events.csv", *(("people.csv",) if listed is not None else ()))
    who = names(by_person["person"])
    return Attenders(
        **from_files(opening, *files),
        sentence=words.attenders_words(facts),
        table=table,
        figure=draw_histogram(table),
        show_table=len(table) <= MOST_ROWS_SHOWN,
        caveats=(*words.by_name_caveats(named, rows.period), late),
        headline=Headline(
            "people who came, came at least twice",
            f"{returned} of {people}",
            interval_in_words(interval.low, interval.high),
            SECONDARY,
        ),
        quantities=(Quantity("people:came-again", returned, people, names(by_person["person"][came >= 2]), who),),
        method="Attendance rows that name a person at events held. The share who returned has a Wilson interval "
        "(Wilson 1927). Core: at least twice and at least half of the sessions held while the person was on the list.",
        people=people,
        attendances=len(named.rows),
        sessions=sessions,
        returned=returned,
        by_person=by_person,
    )


def _by_person(rows: Rows) -> pd.DataFrame:
    attendance = rows.named.rows
    grouped = attendance.groupby("person")
    came = grouped["event"].nunique()
    possible = rows.possible.sum(axis=1).reindex(came.index).to_numpy()
    table = pd.DataFrame(
        {
            "person": came.index,
            "organisation": grouped["organisation"].first().reindex(came.index).to_numpy(),
            "sessions_attended": came.to_numpy(),
            "share_of_sessions": came.to_numpy() / attendance["event"].nunique(),
            "sessions_possible": possible,
            "share_of_possible": came.to_numpy() / possible,
            "part": parts(came.to_numpy(), possible),
        }
    )
    return table.assign(is_core=table["part"] == CORE)


def _times_attended(came: pd.Series, sessions: int, never: int | None) -> pd.DataFrame:
    # In a programme of very many sessions, the numbers nobody reached are left off.
    most = sessions if sessions <= _MOST_COUNTED_APART else int(came.max())
    counts = came.value_counts().reindex(range(1, most + 1), fill_value=0)
    table = pd.DataFrame({"sessions_attended": counts.index, "people": counts.to_numpy()})
    if never is not None:
        table = pd.concat([pd.DataFrame({"sessions_attended": [0], "people": [never]}), table], ignore_index=True)
    return table.assign(share=table["people"] / int(table["people"].sum()))


# --- who met whom -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SessionMix(Result):
    """Which organisations met at each session.

    Parameters
    ----------
    chance : pandas.Series
        By event, the chance that two attenders drawn at random come from different organisations.
    """

    chance: pd.Series


def who_met(rows: Rows, opening: Opening) -> Result:
    """Give how far each session brought different organisations together."""
    named = rows.named
    if named.lacks:
        return Result(**opening, sentence=words.not_by_name(named, "which organisations met"))
    attendance = named.rows
    known = attendance.dropna(subset=["organisation"])
    if known.empty:
        return Result(
            **opening,
            sentence="Neither people.csv nor attendance.csv gives an organisation for anyone who came, so the mix of "
            "organisations cannot be shown.",
        )
    order = list(dict.fromkeys(attendance["event"]))
    cross = known.groupby(["event", "organisation"])["person"].nunique().unstack(fill_value=0)  # noqa: PD010
    cross = cross.reindex(order, fill_value=0)
    n = cross.sum(axis=1)
    chance = chance_of_two_groups(cross.T).rename("different_organisations")
    by_event = attendance.groupby("event")
    everyone, dates = by_event["person"].nunique().reindex(order), by_event["date"].first().reindex(order)
    table = pd.DataFrame(
        {
            "event": order,
            "date": dates.to_numpy(),
            "people": everyone.to_numpy(),
            "organisation_not_known": (everyone - n).to_numpy(),
            "organisations": (cross > 0).sum(axis=1).to_numpy(),
            "largest_share": (cross.max(axis=1) / n.where(n > 0)).to_numpy(dtype=float),
            "different_organisations": chance.to_numpy(dtype=float),
        }
    )
    among_all = _chance_on_list(rows)
    if among_all is not None:
        table["among_all_on_list"] = table["event"].map(among_all.to_dict()).astype("float64")
    not_ties = "To sit in one session is not yet to work together: see the network for ties."
    return SessionMix(
        **from_files(opening, "attendance.csv", "events.csv", "people.csv"),
        sentence=words.mix_words(table, cross.shape[1], among_all),
        table=table,
        figure=draw_mix(cross, dates),
        show_table=len(table) <= MOST_ROWS_SHOWN,
        caveats=(*words.by_name_caveats(named, rows.period), not_ties),
        method="Simpson 1949, without replacement: 1 - sum n(n - 1) / (N (N - 1)) over organisations at a session.",
        chance=chance,
    )


def _chance_on_list(rows: Rows) -> pd.Series | None:
    """Give the chance that two of those who could have come are from different organisations, by event."""
    people = rows.study.people
    if people is None or "organisation" not in people.columns or people["organisation"].isna().all():
        return None
    known = dict(zip(people["person"], people["organisation"], strict=True))
    organisation = pd.Series(rows.possible.index, index=rows.possible.index).map(known)
    is_known = organisation.notna()
    return chance_of_two_groups(rows.possible[is_known].groupby(organisation[is_known].astype(object)).sum())


# --- core and periphery -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CorePeriphery(Result):
    """Who is at the core.

    Parameters
    ----------
    by_person : pandas.DataFrame
        One row a person who could have come: ``person``, ``organisation``, ``sessions_attended``,
        ``sessions_possible``, ``part``. Who refused consent is in it, but in no picture.
    """

    by_person: pd.DataFrame


def at_the_core(rows: Rows, opening: Opening) -> Result:
    """Give how many people carry the community, beside what chance alone would make of it."""
    named, people = rows.named, rows.study.people
    if named.lacks:
        return Result(**opening, sentence=words.not_by_name(named, "who is at the core"))
    came, could = rows.came, rows.could_have_come
    attended, possible = came.sum(axis=1).to_numpy(), could.sum(axis=1).to_numpy()
    by_person = pd.DataFrame(
        {
            "person": could.index,
            "organisation": _organisations(rows),
            "sessions_attended": attended,
            "sessions_possible": possible,
            "part": parts(attended, possible),
        }
    )
    table = _parts_table(by_person, len(named.rows), expected_parts(came.to_numpy(), could.to_numpy()))
    refused = refusing({} if people is None else {"people": people})
    drawn = by_person[~by_person["person"].isin(refused)].reset_index(drop=True)
    core, everyone, sessions = int(table["people"].iloc[0]), len(by_person), could.shape[1]
    core_share = wilson(core, everyone)
    defined = "; ".join(f"{part}: {definition}" for part, definition in DEFINITIONS.items()).capitalize()
    return CorePeriphery(
        **from_files(opening, "attendance.csv", "events.csv", *(("people.csv",) if people is not None else ())),
        sentence=words.core_words(table, everyone, sessions),
        table=table,
        figure=_core_picture(rows, table, drawn),
        caveats=(
            *words.by_name_caveats(named, rows.period),
            *words.core_caveats(everyone - len(drawn), sessions, people is not None),
        ),
        headline=Headline(
            f"of those who could have come {words.verb(core, 'is', 'are')} core",
            f"{core} of {everyone}",
            interval_in_words(core_share.low, core_share.high),
            SECONDARY,
        ),
        method=f"{defined}. Core, active and peripheral after Wenger, McDermott & Snyder 2002; the half is our cut. By "
        "chance alone: each session draws as many as came, at random from those on the list that day "
        "(Poisson-binomial, exact).",
        by_person=by_person,
    )


def _parts_table(by_person: pd.DataFrame, attendances: int, expected: Mapping[str, float] | None) -> pd.DataFrame:
    grouped = by_person.groupby("part")
    table = pd.DataFrame({"part": list(DEFINITIONS), "definition": list(DEFINITIONS.values())})
    table["people"] = table["part"].map(grouped.size()).fillna(0).astype("int64")
    table["share"] = table["people"] / len(by_person)
    table["attendances"] = table["part"].map(grouped["sessions_attended"].sum()).fillna(0).astype("int64")
    table["share_of_attendances"] = table["attendances"] / attendances
    if by_person["organisation"].notna().any():
        table["organisations"] = table["part"].map(grouped["organisation"].nunique()).fillna(0).astype("int64")
    if expected is not None:
        table["expected_people"] = [expected[part] for part in DEFINITIONS]
    return table


def _organisations(rows: Rows) -> np.ndarray:
    """Give the organisation of each person who could have come: where they came from, else what people.csv says."""
    people = rows.could_have_come.index
    known = rows.named.rows.dropna(subset=["organisation"]).drop_duplicates("person")
    mapped = pd.Series(people, index=people).map(known.set_index("person")["organisation"].to_dict())
    listed = rows.study.people
    if listed is not None and "organisation" in listed.columns:
        own = listed.set_index("person")["organisation"].astype("object").to_dict()
        mapped = mapped.astype("object").fillna(pd.Series(people, index=people).map(own))
    return mapped.to_numpy(dtype=object)


def _core_picture(rows: Rows, table: pd.DataFrame, drawn: pd.DataFrame) -> Figure | None:
    """Draw each person where there are few enough to be seen, and otherwise the parts beside chance."""
    if rows.study.audience != "internal" or drawn.empty:
        return None
    if len(drawn) > MOST_PEOPLE_DRAWN:
        return draw_parts(table)
    return draw_people(drawn, rows.came, rows.could_have_come)


# --- groups of people -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GroupReach(Result):
    """Reach by group of people.

    Parameters
    ----------
    p_value : float
        Whether groups differ in how often their people came (permutation test); NaN where it is not defined.
    permutations : int
        How many shuffles it rests on.
    """

    p_value: float = float("nan")
    permutations: int = 0


def by_group(rows: Rows, opening: Opening, by: str, permutations: int, seed: int) -> Result:
    """Give which groups of people the sessions reach, and whether groups differ in how often their people come."""
    word, named, listed = GROUPS[by], rows.named, rows.study.people
    if named.lacks:
        return _head_counts(rows, opening, by) or Result(
            **opening, sentence=words.not_by_name(named, f"who was reached by {word}")
        )
    groups = _groups(rows, by)
    if groups.isna().all():
        why = f"{_GIVES_NONE[by]} for anyone who could have come, so this cannot be shown by {word}."
        return Result(**opening, sentence=why)
    attended, could = rows.came.sum(axis=1).to_numpy(), rows.could_have_come.sum(axis=1).to_numpy()
    called = groups.fillna(NOT_GIVEN).astype(str)
    people = pd.DataFrame({word: called.to_numpy(), "attended": attended, "could": could})
    people["is_core"] = np.array(parts(attended, could)) == CORE
    table = _group_table(people, word)
    p_value, draws = differ_by_group(people[word].to_numpy(), attended, could, permutations, seed)
    # Each way of grouping that gives two groups or more is tested on the same people.
    asked = sum(len(set(_groups(rows, one).astype("object").fillna(NOT_GIVEN))) > 1 for one in GROUPS)
    has_several = asked > 1 and not math.isnan(p_value)
    no_list = "people.csv is absent, so only people who came are known: none can be missing."
    few = "Groups of fewer than 5 people say little, and may show who is meant."
    everyone, who = names(called.index), names(called.index[attended > 0])
    return GroupReach(
        **from_files(opening, "attendance.csv", "events.csv", "people.csv", *_sector_file(by)),
        sentence=words.groups_of_people_words(table, word, p_value),
        table=table,
        figure=draw_groups(table, word, opening["key"]),
        body_html=words.as_test(words.groups_of_people_test(word, p_value, draws, asked)),
        caveats=(
            *words.by_name_caveats(named, rows.period),
            *((no_list,) if listed is None else ()),
            words.WHAT_IS_POSSIBLE,
            *((words.same_people_tested(len(people), asked),) if has_several else ()),
            *((few,) if (table["people"] < 5).any() else ()),
        ),
        method=(
            "Wilson intervals (Wilson 1927) for the share of people who came at least once. Whether groups differ in "
            f"how often their people came: {draws:,} shuffles of people among groups (seed {seed}), p = (k + 1) / "
            "(R + 1) (Phipson & Smyth 2010)."
        ),
        quantities=(Quantity("people:came", len(who), len(everyone), who, everyone),),
        p_value=p_value,
        permutations=draws,
    )


def _groups(rows: Rows, by: str) -> pd.Series:
    people = rows.could_have_come.index
    at, listed = pd.Series(people, index=people, dtype="object"), rows.study.people
    if by == "role":
        has_role = listed is not None and "role" in listed.columns
        return at.map(
            dict(zip(listed["person"], listed["role"], strict=True)) if listed is not None and has_role else {}
        )
    own: dict[Any, Any] = {}
    if listed is not None and "organisation" in listed.columns:
        own = dict(zip(listed["person"], listed["organisation"], strict=True))
    seen = rows.named.rows.dropna(subset=["organisation"]).drop_duplicates("person")
    known = dict(zip(seen["person"], seen["organisation"], strict=True))
    organisation = at.map({**known, **{person: value for person, value in own.items() if not pd.isna(value)}})
    return organisation if by == "organisation" else organisation.map(_sectors(rows))


def _sectors(rows: Rows) -> dict[object, object]:
    table = rows.study.organisations
    if table is None or "sector" not in table.columns:
        return {}
    return dict(zip(table["organisation"], table["sector"], strict=True))


def _sector_file(by: str) -> tuple[str, ...]:
    return ("organisations.csv",) if by == "sector" else ()


def _group_table(people: pd.DataFrame, word: str) -> pd.DataFrame:
    grouped = people.assign(came=people["attended"] > 0).groupby(word, sort=True)
    table = grouped.agg(
        people=("could", "size"),
        came=("came", "sum"),
        core=("is_core", "sum"),
        attendances=("attended", "sum"),
        possible=("could", "sum"),
    ).reset_index()
    found = [wilson(int(came), int(size)) for came, size in zip(table["came"], table["people"], strict=True)]
    table.insert(3, "share", [interval.estimate for interval in found])
    table.insert(4, "low", [interval.low for interval in found])
    table.insert(5, "high", [interval.high for interval in found])
    return table.assign(attendance_share=table["attendances"] / table["possible"])


def _head_counts(rows: Rows, opening: Opening, by: str) -> Result | None:
    """Give attendances by organisation where attendance is head counts that name one; None where it is not."""
    attendance, word = rows.study.attendance, GROUPS[by]
    if attendance is None or by == "role" or "organisation" not in attendance.columns:
        return None
    here = attendance[attendance["event"].isin(set(rows.held["event"]))]
    organisation = here["organisation"].astype("object")
    called = organisation if by == "organisation" else organisation.map(_sectors(rows))
    if called.isna().all():
        return None
    counts = here["count"].astype("Float64").fillna(0).groupby(called.fillna(NOT_GIVEN).astype(str).to_numpy()).sum()
    total = int(counts.sum())
    table = pd.DataFrame({word: counts.index, "attendances": counts.astype("int64").to_numpy()})
    table["share_of_attendances"] = table["attendances"] / total if total else float("nan")
    return GroupReach(
        **from_files(opening, "attendance.csv", "events.csv", *_sector_file(by)),
        sentence=words.head_counts_words(table, word, total),
        table=table,
        caveats=(words.HEAD_COUNTS,),
        method="Head counts of attendance.csv at events held, added up; no interval, because nothing was sampled.",
    )
