"""Reach among the people of the programme, by organisation, sector and profession: of those who could have come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import Figure, Quantity, Result, format_p, format_share
from cop_analysis.sessions.core_periphery import CORE, parts
from cop_analysis.sessions.events import list_events, missing_table
from cop_analysis.sessions.intervals import wilson
from cop_analysis.sessions.persons import came_matrix, named_attendance, possible_sessions
from cop_analysis.sessions.wording import as_test, capital, counted, wrap_label

if TYPE_CHECKING:
    from cop_analysis.study import Study

NOT_GIVEN = "not given"
_WORDS = {"organisation": "organisation", "sector": "sector", "role": "profession"}
_NUMBER_WORDS = {0: "no", 1: "one", 2: "two", 3: "three"}
_MOST_DRAWN = 40
_MOST_CELLS = 20_000_000


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


def reach_by_organisation(study: Study) -> Result:
    """Answer which organisations the sessions reach: of the people each has on the list, how many came and how often.

    Parameters
    ----------
    study : Study
        With people (or attendance) that give an organisation, events and attendance.

    Returns
    -------
    GroupReach
        See `reach_by_group`.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     people=pd.DataFrame({"person": ["P1", "P2"], "organisation": ["A", "B"]}),
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "person": ["P1", "P1"]}))
    >>> reach_by_organisation(study).table[["organisation", "people", "came", "attendances"]].values.tolist()
    [['A', 1, 1, 2], ['B', 1, 0, 0]]
    """
    return reach_by_group(study, "organisation")


def reach_by_sector(study: Study) -> Result:
    """Answer which sectors (organisations.csv) the sessions reach; otherwise as `reach_by_organisation`.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> nothing = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
    >>> reach_by_sector(nothing).sentence
    'This study has no events table (events.csv), so who was reached by sector cannot be shown.'
    """
    return reach_by_group(study, "sector")


def reach_by_profession(study: Study) -> Result:
    """Answer which professions (``role`` of people.csv) the sessions reach; otherwise as `reach_by_organisation`.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> nothing = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
    >>> reach_by_profession(nothing).sentence
    'This study has no events table (events.csv), so who was reached by profession cannot be shown.'
    """
    return reach_by_group(study, "role")


def reach_by_group(study: Study, by: str, permutations: int = 9_999, seed: int = 0) -> Result:
    """Answer which groups of people the sessions reach, and whether groups differ in how often their people come.

    Parameters
    ----------
    study : Study
        With events, attendance and, for the denominators, people.
    by : {"organisation", "sector", "role"}
    permutations : int
        How many shuffles of people among groups the test rests on, at most; fewer where there are very many people.
    seed : int
        Of the shuffles.

    Returns
    -------
    GroupReach
        One row a group: people who could have come, how many came at least once with the Wilson interval of the share,
        how many are core, attendances, attendances possible and the share of these. Where attendance is head counts
        by organisation, attendances only, which have no denominator.

    Raises
    ------
    ValueError
        When `by` is not one of those above.

    Notes
    -----
    Attendances of one person hang together, so the test shuffles people, not attendances: the sum over groups of
    (attendances - expected)^2 / possible, p = (k + 1) / (R + 1) (Phipson & Smyth 2010). Who could have come is taken
    from joined and left in people.csv.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> nothing = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
    >>> reach_by_group(nothing, "age")
    Traceback (most recent call last):
        ...
    ValueError: 'age' is not a way to group people: write one of organisation, sector, role.
    """
    if by not in _WORDS:
        raise ValueError(f"{by!r} is not a way to group people: write one of {', '.join(_WORDS)}.")
    word = _WORDS[by]
    key, title = f"reach-by-{word}", f"Who was reached, by {word}"
    missing = missing_table(study, ("events", "attendance"), key, title, f"who was reached by {word}")
    if missing is not None:
        return missing
    rows, answer, caveats = named_attendance(study, key, title, f"who was reached by {word}")
    if rows is None:
        return _head_counts(study, by, key, title) or answer
    possible = possible_sessions(study, rows)
    possible = possible[possible.any(axis=1)]
    came = came_matrix(rows).reindex(index=possible.index, columns=possible.columns, fill_value=False)
    groups = _groups(study, by, rows, possible.index)
    if groups.isna().all():
        where = {"organisation": "people.csv gives no organisation", "role": "people.csv gives no role",
                 "sector": "organisations.csv gives no sector"}[by]  # fmt: skip
        sentence = f"{where[0].upper()}{where[1:]} for anyone who could have come, so this cannot be shown by {word}."
        return Result(key=key, title=title, sentence=sentence)
    names = groups.fillna(NOT_GIVEN).astype(str)
    attended, could = came.sum(axis=1).to_numpy(), possible.sum(axis=1).to_numpy()
    people = pd.DataFrame({word: names.to_numpy(), "attended": attended, "could": could})
    people["is_core"] = np.array(parts(attended, could)) == CORE
    table = _table(people, word)
    p_value, drawn = _permutation(people[word].to_numpy(), attended, could, permutations, seed)
    asked = _tests_of_these_people(study, rows, possible.index)
    return GroupReach(
        key=key,
        title=title,
        sentence=_sentence(table, word, p_value),
        table=table,
        labels={"share": "share who came", "low": "from (95%)", "high": "to (95%)",
                "attendance_share": "share of possible attendances", "came": "came at least once"},
        figure=_picture(table, word, key),
        body_html=as_test(
            "" if np.isnan(p_value) else
            f"Do people of one {word} come more often than those of another? "
            f"{capital(format_p(p_value))}, from {drawn:,} shuffles of people among groups.{_together(p_value, asked)}"
        ),
        caveats=(
            *caveats,
            *(("people.csv is absent, so only people who came are known: none can be missing.",)
              if study.people is None else ()),
            "Possible attendances are people times the sessions held while they were on the list; who signed up is not "
            "recorded by person.",
            *((f"Organisation, sector and profession divide the same {len(people)} people: these are "
               f"{_NUMBER_WORDS[asked]} tests of one set of people, and one of them stands out by chance more easily "
               "than a single test would.",) if asked > 1 and not np.isnan(p_value) else ()),
            *(("Groups of fewer than 5 people say little, and may show who is meant.",)
              if (table["people"] < 5).any() else ()),
        ),
        method=(
            "Wilson intervals (Wilson 1927) for the share of people who came at least once. Whether groups differ in "
            f"how often their people came: {drawn:,} shuffles of people among groups (seed {seed}), p = (k + 1) / "
            "(R + 1) (Phipson & Smyth 2010)."
        ),
        sources=("attendance.csv", "events.csv", "people.csv", *(("organisations.csv",) if by == "sector" else ())),
        quantities=_quantities(people, names),
        p_value=p_value, permutations=drawn,
    )  # fmt: skip


def _together(p_value: float, asked: int) -> str:
    """Give the p-value allowed for as many tests as are made of these people (Bonferroni)."""
    if asked < 2:
        return ""
    return f" Allowing for the {_NUMBER_WORDS[asked]} tests of the same people, {format_p(min(1.0, asked * p_value))}."


def _tests_of_these_people(study: Study, rows: pd.DataFrame, people: pd.Index) -> int:
    """Count the ways of grouping that give two groups or more, each of which is tested on the same people."""
    return sum(len(set(_groups(study, by, rows, people).astype("object").fillna(NOT_GIVEN))) > 1 for by in _WORDS)


def _quantities(people: pd.DataFrame, names: pd.Series) -> tuple[Quantity, ...]:
    could = frozenset(map(str, names.index))
    came = frozenset(map(str, names.index[people["attended"].to_numpy() > 0]))
    return (Quantity("people:came", len(came), len(could), came, could),)


def _groups(study: Study, by: str, rows: pd.DataFrame, people: pd.Index) -> pd.Series:
    at = pd.Series(people, index=people, dtype="object")
    listed = study.people
    own = {} if listed is None or by not in listed.columns else dict(zip(listed["person"], listed[by], strict=True))
    if by == "role":
        return at.map(own)
    if listed is not None and "organisation" in listed.columns:
        own = dict(zip(listed["person"], listed["organisation"], strict=True))
    seen = rows.dropna(subset=["organisation"]).drop_duplicates("person").set_index("person")["organisation"].to_dict()
    organisation = at.map({**seen, **{person: value for person, value in own.items() if not pd.isna(value)}})
    return organisation if by == "organisation" else organisation.map(_sectors(study))


def _sectors(study: Study) -> dict[object, object]:
    table = study.organisations
    if table is None or "sector" not in table.columns:
        return {}
    return dict(zip(table["organisation"], table["sector"], strict=True))


def _table(people: pd.DataFrame, word: str) -> pd.DataFrame:
    grouped = people.assign(came=people["attended"] > 0).groupby(word, sort=True)
    table = grouped.agg(people=("could", "size"), came=("came", "sum"), core=("is_core", "sum"),
                        attendances=("attended", "sum"), possible=("could", "sum")).reset_index()  # fmt: skip
    intervals = [wilson(int(came), int(size)) for came, size in zip(table["came"], table["people"], strict=True)]
    for offset, part in enumerate(("estimate", "low", "high")):
        table.insert(3 + offset, "share" if part == "estimate" else part, [getattr(one, part) for one in intervals])
    table["attendance_share"] = table["attendances"] / table["possible"]
    return table


def _permutation(
    names: np.ndarray, attended: np.ndarray, could: np.ndarray, permutations: int, seed: int
) -> tuple[float, int]:
    codes, levels = pd.factorize(names)
    if len(levels) < 2 or len(names) < 3 or attended.sum() in (0, could.sum()):
        return float("nan"), 0
    share = attended.sum() / could.sum()
    residual, weight = attended - share * could, could.astype(float)
    draws = max(99, min(permutations, _MOST_CELLS // len(names)))
    random = generator(seed)

    def statistic(order: np.ndarray) -> float:
        sums = np.bincount(codes, residual[order], len(levels))
        return float((sums**2 / np.bincount(codes, weight[order], len(levels))).sum())

    observed = statistic(np.arange(len(names)))
    beyond = sum(statistic(random.permutation(len(names))) >= observed * (1 - 1e-12) for _ in range(draws))
    return monte_carlo_p(beyond, draws), draws


def _sentence(table: pd.DataFrame, word: str, p_value: float) -> str:
    people, came = int(table["people"].sum()), int(table["came"].sum())
    attendances, possible = int(table["attendances"].sum()), int(table["possible"].sum())
    text = (
        f"{came} of {counted(people, 'person', 'people')} who could have come came at least once, {attendances} of "
        f"{counted(possible, 'possible attendance')} ({format_share(attendances / possible)})."
    )
    if len(table) == 1:
        return f"{text} There is one {word} only, so nothing to compare."
    ordered = table.sort_values("attendance_share", kind="stable")
    low, high = (
        f"{row[word]} ({row['attendances']} of {row['possible']}, {format_share(row['attendance_share'])})"
        for row in ordered.iloc[[0, -1]].to_dict("records")
    )
    text += f" By {word} the share of possible attendances runs from {low} to {high}"
    if np.isnan(p_value):
        return text + "."
    return (
        f"{text}. A random division of the same people into groups of these sizes differs as much in "
        f"{'fewer than 1 in 1,000 draws' if p_value < 0.001 else f'{format_share(p_value, 1)} of draws'}."
    )


def _head_counts(study: Study, by: str, key: str, title: str) -> Result | None:
    """Give attendances by organisation where attendance is head counts that name one; None where it is not."""
    assert study.attendance is not None
    assert study.events is not None
    attendance, word = study.attendance, _WORDS[by]
    if by == "role" or "organisation" not in attendance.columns or attendance["organisation"].isna().all():
        return None
    events = list_events(study.events, None)
    held = set(events.loc[events["status"] == "held", "event"])
    rows = attendance[attendance["event"].isin(held)]
    organisation = rows["organisation"].astype("object")
    names = organisation if by == "organisation" else organisation.map(_sectors(study))
    if names.isna().all():
        return None
    counts = rows["count"].astype("Float64").fillna(0).groupby(names.fillna(NOT_GIVEN).astype(str).to_numpy()).sum()
    total = int(counts.sum())
    table = pd.DataFrame({word: counts.index, "attendances": counts.astype("int64").to_numpy()})
    table["share_of_attendances"] = table["attendances"] / total if total else float("nan")
    each = "; ".join(f"{row[word]} {row['attendances']}" for row in table.head(12).to_dict("records"))
    return GroupReach(
        key=key,
        title=title,
        sentence=f"Of {total} attendances by {word}: {each}{'; and more' if len(table) > 12 else ''}.",
        table=table,
        caveats=("These are head counts: attendances, not people, and how many could have come is not known.",),
        method="Head counts of attendance.csv at events held, added up; no interval, because nothing was sampled.",
        sources=("attendance.csv", "events.csv", *(("organisations.csv",) if by == "sector" else ())),
    )


def _picture(table: pd.DataFrame, word: str, key: str) -> Figure:
    from cop_analysis.figures import BLUE, SKY, drawing, finish

    ordered = table.sort_values("attendance_share", ascending=False, kind="stable")
    drawn = ordered.head(_MOST_DRAWN).iloc[::-1]
    names = [wrap_label(str(name), 40) for name in drawn[word]]
    height = 1.3 + 0.45 * len(drawn)
    with drawing(8.6, height) as canvas:
        axes = canvas.add_subplot()
        y = np.arange(len(drawn))
        axes.barh(
            y,
            drawn["attendance_share"],
            color=BLUE,
            height=0.5,
            label="share of possible attendances (counts on the right)",
        )
        axes.hlines(y - 0.36, drawn["low"], drawn["high"], color=SKY, linewidth=1.6)
        axes.plot(
            drawn["share"],
            y - 0.36,
            "D",
            color=SKY,
            markersize=4,
            clip_on=False,
            label="share of people who came, 95% interval",
        )
        for at, row in enumerate(drawn.to_dict("records")):
            people = f"{row['came']} of {counted(row['people'], 'person', 'people')}"
            axes.text(1.02, at, f"{row['attendances']} of {row['possible']}; {people}", va="center", fontsize=9)
        axes.set_yticks(y, names, parse_math=False)
        axes.set_ylim(-0.75, len(drawn) - 0.4)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=8)
        each = "; ".join(
            f"{row[word]} {format_share(row['attendance_share'])} ({row['attendances']} of "
            f"{counted(row['possible'], 'possible attendance')}; {row['came']} of "
            f"{counted(row['people'], 'person', 'people')} came)"
            for row in drawn.iloc[::-1].to_dict("records")
        )
        more = (
            f" The {len(drawn)} groups with the highest share of {len(table)} are drawn."
            if len(table) > len(drawn)
            else ""
        )
        return finish(canvas, name=f"{key}-picture", title=f"Share of possible attendances by {word}",
                      alt=f"{each}.{more}", table=drawn.iloc[::-1].reset_index(drop=True))  # fmt: skip
