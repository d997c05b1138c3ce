"""Did those who came more change more, and did groups change differently? The tests are in group_tests.py."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cop_analysis.change.methods.columns import Differences
from cop_analysis.change.methods.effects import superiority_of
from cop_analysis.change.methods.group_tests import Association, GroupsTest, association, groups_differ
from cop_analysis.change.pages import words
from cop_analysis.change.pages.items import nobody_twice
from cop_analysis.change.pages.two_waves import TwoWaves
from cop_analysis.change.pictures.estimates import ForestRow, forest
from cop_analysis.change.pictures.people import FEWEST_FOR_A_MEAN, dose_figure
from cop_analysis.characters import slug
from cop_analysis.results import Result
from cop_analysis.results.pages import Opening

_SMALL = 5


def dose(waves: TwoWaves, opening: Opening, permutations: int, seed: int) -> Result:
    """Ask whether people who came to more sessions changed more."""
    lead, attendance = waves.lead, waves.study.attendance
    if not lead.differences.n:
        return nobody_twice(waves, opening)
    assert attendance is not None
    there = attendance.loc[attendance["person"].notna()]
    if there.empty:
        sentence = words.HEADS_ONLY
        return Result(key=opening["key"], title=opening["title"], sentence=sentence, sources=("attendance.csv",))
    counted = _in_time(waves, there)
    later = int(there["event"].nunique() - counted["event"].nunique())
    sessions = counted.drop_duplicates(["event", "person"])["person"].value_counts()
    came = sessions.reindex(lead.complete[0].index).fillna(0).astype(int)
    change = pd.Series(lead.differences.values, index=came.index)
    found: Association | str
    try:
        found = association(came, change, permutations, seed)
    except ValueError as reason:
        found = str(reason)
    return Result(
        **opening,
        sentence=words.dose_sentence(found, int(came.min()), int(came.max())),
        table=_by_sessions(came, change),
        labels=words.DOSE_LABELS,
        figure=dose_figure(came.to_numpy(), change.to_numpy(), waves.about(lead.item), name=opening["key"]),
        caveats=words.dose_caveats(waves, FEWEST_FOR_A_MEAN, later),
        method=words.dose_method(waves, found, seed),
    )


def _in_time(waves: TwoWaves, there: pd.DataFrame) -> pd.DataFrame:
    """Keep the attendance of sessions up to the second wave's date."""
    events = waves.study.events
    if events is None or waves.after.date is None:
        return there
    early = events.loc[~(events["date"] > pd.Timestamp(waves.after.date)), "event"]
    return there.loc[there["event"].isin(set(early))]


def _by_sessions(came: pd.Series, change: pd.Series) -> pd.DataFrame:
    rows = []
    for times, people in change.groupby(came):
        moved = (int((people > 0).sum()), int((people == 0).sum()), int((people < 0).sum()))
        mean = float(people.mean()) if len(people) >= FEWEST_FOR_A_MEAN else math.nan
        rows.append((int(times), len(people), *moved, mean))
    return pd.DataFrame(rows, columns=["sessions", "people", "up", "same", "down", "mean_change"])


@dataclass(frozen=True)
class Grouped:
    """Who belongs to which group, once small groups are put together or left out.

    Parameters
    ----------
    by : str
        What groups them.
    groups : pandas.Series
        Each person's group as shown; empty where it is not.
    small : int
        How many groups are small.
    left_out : tuple of str
        Those of them that cannot be shown at all.
    unknown : int
        People whose group is not known.
    """

    by: str
    groups: pd.Series
    small: int
    left_out: tuple[str, ...]
    unknown: int


def subgroups(waves: TwoWaves, opening: Opening, by: str, permutations: int, seed: int, level: float) -> Result:
    """Show the change in each group of people, and test once whether groups differ."""
    lead, way = waves.lead, waves.direction
    key = f"subgroups-{slug(by)}{waves.suffix}"
    if not lead.differences.n:
        return nobody_twice(waves, Opening(key=key, title=opening["title"], sources=opening["sources"]))
    people = lead.complete[0].index
    labels = _labels(waves, people, by)
    if labels is None or not labels.notna().any():
        sentence = words.group_not_known(by)
        return Result(key=key, title=opening["title"], sources=opening["sources"], sentence=sentence)
    grouped = _grouped(labels, by)
    change = pd.Series(lead.differences.values, index=people)
    table = _by_group(waves, change, grouped, level)
    found: GroupsTest | str
    try:
        found = groups_differ(change, grouped.groups, permutations, seed)
    except ValueError as reason:
        found = str(reason)
    marks = [
        ForestRow(*(row[name] for name in ("group", "superiority", "low", "high", "up", "same", "down")))
        for row in table.to_dict("records")
    ]
    return Result(
        key=key,
        title=words.change_by(by),
        sentence=words.subgroups_sentence(way, by, table, found),
        table=table,
        labels=words.subgroups_labels(way, level),
        figure=forest(
            marks,
            name=f"forest-by-{slug(by)}{waves.suffix}",
            title=f"Tendency towards {way.tendency} (PS) by {by}",
            level=level,
            towards=way.tendency,
        )
        if marks
        else None,
        caveats=words.subgroups_caveats(waves, grouped, _SMALL),
        method=words.subgroups_method(found, seed),
        sources=opening["sources"],
    )


def _grouped(labels: pd.Series, by: str) -> Grouped:
    """Put groups of few people together, or leave them out where together they are still few."""
    sizes = labels.value_counts()
    small = set(sizes.index[sizes < _SMALL])
    left_out = len(small) == 1 or (len(small) > 1 and int(sizes[list(small)].sum()) < _SMALL)
    shown = labels.where(~labels.isin(small), None if left_out else words.SMALLER_GROUPS).where(labels.notna())
    return Grouped(by, shown, len(small), tuple(sorted(small)) if left_out else (), int(labels.isna().sum()))


def _by_group(waves: TwoWaves, change: pd.Series, grouped: Grouped, level: float) -> pd.DataFrame:
    rows = []
    for name, values in change.groupby(grouped.groups):
        effect = superiority_of(Differences(np.asarray(values, dtype=np.float64), 0), level)
        toward = waves.direction.towards_better(effect)
        rows.append((str(name), effect.n, effect.up, effect.same, effect.down, *toward))
    return pd.DataFrame(rows, columns=["group", "n", "up", "same", "down", "superiority", "low", "high"])


def _labels(waves: TwoWaves, people: pd.Index, by: str) -> pd.Series | None:
    study = waves.study
    assert study.people is not None
    if by == "sector":
        organisation = waves.of_people(people, "organisation")
        if study.organisations is None or organisation is None:
            return None
        sectors = study.organisations.drop_duplicates("organisation").set_index("organisation")["sector"]
        return organisation.map(sectors).set_axis(people)
    columns = [column for column in study.people.columns if column != "person"]
    if by not in columns:
        raise ValueError(f"The people table has no column {by!r}; it has {', '.join(columns)} (and sector).")
    found = waves.of_people(people, by)
    return None if found is None else found.astype(object).where(found.notna(), np.nan)
