"""Did groups of people change differently? PS in each and one test between them; formulas are in group_tests.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.columns import Differences
from cop_analysis.change.methods.effects import superiority_of
from cop_analysis.change.methods.group_tests import groups_differ
from cop_analysis.change.pages.comparison import begin, nobody_twice, person_column, slug
from cop_analysis.change.pages.words import percent, reading_of, software, who_is_missing
from cop_analysis.change.pictures.estimates import ForestRow, forest
from cop_analysis.results import Result, absent, count_of, format_p

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "subgroups", "Change by group"
_SMALL = 5


def subgroups(
    study: Study,
    by: str = "organisation",
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
) -> Result:
    """Show the change in each group of people, and test once whether groups differ.

    Parameters
    ----------
    study : Study
        The study.
    by : str
        A column of the people table (organisation, role), or ``"sector"`` of the organisations table.
    instrument, before, after : str, optional
        Keys from study.toml; by default those of the plan, or the only instrument and the first and last wave.
    permutations : int
        Arrangements drawn for the test between groups.
    seed : int
        Where the draws start.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Result
        A row a group: group, n, up, same, down, superiority, low, high. Groups of fewer than five people are put
        together as "smaller groups". No p-value a group.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml, the people table has no such column, or a setting is impossible.

    Notes
    -----
    `superiority` within groups, `groups_differ` between them: that one group's interval leaves the line and another's
    does not says nothing on whether they differ.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> subgroups(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so change by organisation cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, f"change by {by}", instrument, before, after, level)
    if isinstance(comparison, Result):
        return comparison
    if study.people is None:
        return absent(_KEY, _TITLE, "people", f"change by {by}")
    _, differences, (pre, post) = comparison.lead(getattr(study.config, "plan", None))
    key = f"{_KEY}-{slug(by)}{comparison.suffix}"
    if not differences.n:
        return nobody_twice(key, _TITLE, comparison)
    given = pre.notna() & post.notna()
    people = pre.index[given]
    change = pd.Series(differences.values, index=people)
    labels = _labels(study, people, by)
    if labels is None or not labels.notna().any():
        return Result(
            key=key, title=_TITLE, sources=("survey.csv", "people.csv"),
            sentence=f"Of nobody who answered twice is the {by} known, so change by {by} cannot be shown.",
        )  # fmt: skip
    sizes = labels.value_counts()
    small = set(sizes.index[sizes < _SMALL])
    together = labels.where(~labels.isin(small), "smaller groups" if len(small) > 1 else None).where(labels.notna())
    left_out = sorted(small) if len(small) == 1 else []
    if len(small) > 1 and int(sizes[list(small)].sum()) < _SMALL:
        together = together.where(together != "smaller groups")
        left_out = sorted(small)
    reading = reading_of(comparison.instrument)
    rows, marks = [], []
    for name, values in change.groupby(together):
        effect = superiority_of(Differences(np.asarray(values, dtype=np.float64), 0), level)
        toward = reading.towards_better(effect)
        rows.append((str(name), effect.n, effect.up, effect.same, effect.down, *toward))
        marks.append(ForestRow(str(name), *toward, effect.up, effect.same, effect.down))
    table = pd.DataFrame(rows, columns=["group", "n", "up", "same", "down", "superiority", "low", "high"])
    caveats = [
        "Groups were not made by chance and are small: a difference between them has many possible reasons.",
        "Compare intervals between groups with the one test only; no group has a p-value of its own, because that one "
        "is below a mark and another is not does not make them different.",
    ]
    if small:
        said = ", ".join(left_out) if left_out else ""
        caveats.append(
            f"{count_of(len(small), 'group')} of fewer than {_SMALL} people "
            + (f"({said}) could not be shown without telling who answered what." if left_out else "are put together.")
        )
    unknown = int(labels.isna().sum())
    if unknown:
        caveats.append(f"Of {count_of(unknown, 'person', 'people')} the {by} is not known.")
    try:
        test = groups_differ(change, together, permutations, seed)
        sentence = (
            f"{count_of(int(table['n'].sum()), 'person', 'people')} in {count_of(len(table), 'group')} by {by}: "
            f"{_range(table, reading.higher_is_better)}; one test of whether the groups changed differently gives "
            f"{format_p(test.p_value)}."
        )
        method = f"{test.method} Seed {seed}." if test.permutations else test.method
    except ValueError as reason:
        sentence = f"Whether groups by {by} changed differently cannot be tested: {reason}"
        method = ""
    return Result(
        key=key,
        title=f"Change by {by}",
        sentence=sentence,
        table=table,
        labels=reading.count_labels
        | {"superiority": reading.superiority_label}
        | {end: f"PS, {percent(level)} {end}" for end in ("low", "high")},
        figure=forest(
            marks, name=f"forest-by-{slug(by)}{comparison.suffix}",
            title=f"Tendency towards {reading.tendency} (PS) by {by}",
            level=level, towards=reading.tendency,
        ) if marks else None,
        caveats=(*caveats, who_is_missing(comparison)),
        method=f"PS with the score interval of Tango (1998) in each group. {method} {software()}",
        sources=("survey.csv", "people.csv"),
    )  # fmt: skip


def _labels(study: Study, people: pd.Index, by: str) -> pd.Series | None:
    assert study.people is not None
    if by == "sector":
        organisation = person_column(study, people, "organisation")
        if study.organisations is None or organisation is None:
            return None
        sectors = study.organisations.drop_duplicates("organisation").set_index("organisation")["sector"]
        return organisation.map(sectors).set_axis(people)
    columns = [column for column in study.people.columns if column != "person"]
    if by not in columns:
        raise ValueError(f"The people table has no column {by!r}; it has {', '.join(columns)} (and sector).")
    found = person_column(study, people, by)
    return None if found is None else found.astype(object).where(found.notna(), np.nan)


def _range(table: pd.DataFrame, higher_is_better: bool) -> str:
    share = table["superiority"]
    least, most = table.iloc[int(np.argmin(share))], table.iloc[int(np.argmax(share))]
    moved = "up" if higher_is_better else "down"
    if len(table) == 1:
        return f"{least[moved]:,} of {least['n']:,} moved the better way"
    return (
        f"those who moved the better way ran from {least[moved]:,} of {least['n']:,} ({least['group']}) to "
        f"{most[moved]:,} of {most['n']:,} ({most['group']})"
    )
