"""Do groups of people differ: those who came more, organisations and roles, or two waves of different people?

The tests are in group_tests.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cop_analysis.change.methods.columns import Differences
from cop_analysis.change.methods.effects import superiority_of
from cop_analysis.change.methods.group_tests import (
    Association,
    GroupsTest,
    RankSum,
    association,
    groups_differ,
    mann_whitney,
    rank_sum,
    welch,
)
from cop_analysis.change.methods.multiplicity import benjamini_hochberg, holm
from cop_analysis.change.pages import columns, words
from cop_analysis.change.pages.items import nobody_twice
from cop_analysis.change.pages.two_waves import Columns, TwoWaves
from cop_analysis.change.pictures.answers import FEWEST_FOR_A_MEAN, categories, diverging_bars, dose_figure
from cop_analysis.change.pictures.estimates import ForestRow, forest
from cop_analysis.characters import slug
from cop_analysis.results import (
    Figure,
    Result,
    Verdict,
    table_html,
    table_payload,
    with_limits,
    with_sign,
)
from cop_analysis.results.pages import Opening

_SMALL = 5
_SIDES = ("first", "second")
_TIGHT = str.maketrans({" ": "\u00a0"})
_TESTED = (
    "mean_difference",
    "difference_low",
    "difference_high",
    "superiority",
    "low",
    "high",
    "p_value",
    "mid_p_value",
    "mann_whitney_u",
    "mann_whitney_p_value",
)


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


@dataclass(frozen=True, kw_only=True)
class Cohorts(Result):
    """The comparison of two groups of different people, with what code may want besides the table.

    Parameters
    ----------
    lead : RankSum or None
        The test the sentence speaks of: the planned primary item or the only one, else all items together. Its estimate
        is the chance of a higher answer.
    """

    lead: RankSum | None = None


@dataclass(frozen=True)
class Spread:
    """How the answers of either wave are spread, without a comparison."""

    table: pd.DataFrame
    labels: dict[str, str]
    figure: Figure


def spread_by_wave(waves: TwoWaves) -> Spread:
    """Describe the answers of either wave item by item: how many, how spread, mean and median."""
    captions, edges = categories(waves.instrument)
    rows = []
    for item in waves.items:
        row: dict[str, object] = {"item": item, "wording": waves.wordings[item]}
        for side, table in zip(_SIDES, waves.answered, strict=True):
            given = table[item].dropna().to_numpy(dtype="float64")
            counts = np.bincount(np.searchsorted(edges, given, side="right"), minlength=len(captions))
            row[f"n_{side}"] = len(given)
            row[f"answers_{side}"] = " / ".join(f"{count:,}" for count in counts)
            row[f"mean_{side}"] = float(given.mean()) if len(given) else math.nan
            row[f"median_{side}"] = float(np.median(given)) if len(given) else math.nan
        rows.append(row)
    figure = diverging_bars(
        *waves.answered,
        waves.instrument,
        waves.wordings,
        waves.names,
        name=f"answers-of-either-wave{waves.suffix}",
        paired=False,
    )
    return Spread(pd.DataFrame(rows), words.spread_labels(waves.names, captions), figure)


def cohorts(waves: TwoWaves, opening: Opening, level: float, *, asymptotic: bool) -> Result:
    """Compare two waves answered by different people item by item, or refuse where the answers are matched."""
    if waves.design == "paired":
        return Result(**opening, sentence=words.matched_sentence(waves), caveats=(words.MATCHED_CAVEAT,))
    spread = spread_by_wave(waves)
    groups = _lead(waves)
    sizes = len(groups[0]), len(groups[1])
    if not all(sizes):
        sentence = words.one_group_empty(waves, 1 if sizes[0] else 0)
        return Result(**opening, sentence=sentence, table=spread.table, labels=spread.labels)
    multiplicity = "bh" if waves.plan.multiplicity == "bh" else "holm"
    table = _compared(waves, spread.table, level, multiplicity, asymptotic=asymptotic)
    test = rank_sum(groups[0].to_numpy(), groups[1].to_numpy(), level=level)
    title = words.groups_title(waves)
    labels = spread.labels | words.groups_labels(waves.direction, level, multiplicity, len(table))
    _, low, high = waves.direction.towards_better(test)
    return Cohorts(
        key=opening["key"],
        title=title,
        sentence=words.groups_sentence(waves, test, sizes, level),
        table=table,
        labels=labels,
        figure=spread.figure,
        caveats=words.groups_caveats(waves),
        headline=words.groups_headline(waves, test, sizes, level),
        method=words.groups_method(test, multiplicity, asymptotic=asymptotic),
        sources=opening["sources"],
        body_html=table_html(table_payload(_short_table(table, asymptotic=asymptotic), labels, columns.COHORTS), title),
        show_table=False,
        quantities=waves.quantities,
        # Different people say how two groups differ; whether anybody changed they cannot tell.
        verdicts=(Verdict(f"survey:changed:{waves.instrument.key}:groups", "cannot tell", low, high, turns_at=0.5),),
        lead=test,
    )


def _lead(waves: TwoWaves) -> Columns:
    item = waves.leading_item
    first, last = (table[item] for table in waves.answered) if item else waves.mean_answers
    return first.dropna(), last.dropna()


def _compared(
    waves: TwoWaves, described: pd.DataFrame, level: float, multiplicity: str, *, asymptotic: bool
) -> pd.DataFrame:
    found = {name: np.full(len(described), np.nan) for name in _TESTED}
    for place, item in enumerate(described["item"]):
        one, other = (table[item].dropna().to_numpy(dtype="float64") for table in waves.answered)
        if not len(one) or not len(other):
            continue
        test, plain = rank_sum(one, other, level=level), mann_whitney(one, other)
        values = [*welch(one, other, level), *waves.direction.towards_better(test)]
        values += [test.p_value, test.mid_p_value, plain.statistic, plain.p_value]
        for name, value in zip(_TESTED, values, strict=True):
            found[name][place] = value
    table = described.assign(**found)
    adjust = benjamini_hochberg if multiplicity == "bh" else holm
    place = list(table.columns).index("p_value") + 1
    table.insert(place, "adjusted_p_value", adjust(table["p_value"]))
    return table if asymptotic else table.drop(columns=["mann_whitney_u", "mann_whitney_p_value"])


def _short_table(table: pd.DataFrame, *, asymptotic: bool) -> pd.DataFrame:
    """Give the columns a reader wants first; the table with all of them is folded beneath."""
    columns: dict[str, object] = {"wording": table["wording"]}
    for side in _SIDES:
        columns[f"answers_{side}"] = [
            f"{answers.translate(_TIGHT)} (n\u00a0=\u00a0{n:,})"
            for answers, n in zip(table[f"answers_{side}"], table[f"n_{side}"], strict=True)
        ]
    rows = table.to_dict("records")
    columns["difference"] = [
        with_limits(row["mean_difference"], row["difference_low"], row["difference_high"], with_sign) for row in rows
    ]
    columns["chance"] = [with_limits(row["superiority"], row["low"], row["high"]) for row in rows]
    kept = ["p_value"]
    kept += ["adjusted_p_value"] if len(table) > 1 else []
    kept += ["mann_whitney_p_value"] if asymptotic else []
    return pd.DataFrame(columns | {name: table[name] for name in kept})
