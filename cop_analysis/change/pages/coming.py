"""Did those who came more often change more? The page with its picture; the tests are in group_tests.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.methods.group_tests import association
from cop_analysis.change.pages.comparison import begin, nobody_twice
from cop_analysis.change.pages.words import software, who_is_missing
from cop_analysis.change.pictures.people import FEWEST_FOR_A_MEAN, dose_figure
from cop_analysis.results import Result, absent, count_of, format_p, with_sign

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "dose", "Sessions attended and change"


def dose(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
) -> Result:
    """Ask whether people who came to more sessions changed more.

    Parameters
    ----------
    study : Study
        The study; its attendance must name people. Sessions after the second wave's date do not count.
    instrument, before, after : str, optional
        Keys from study.toml; by default those of the plan, or the only instrument and the first and last wave.
    permutations : int
        Arrangements drawn for the p-values.
    seed : int
        Where the draws start.

    Returns
    -------
    Result
        A row a number of sessions: sessions, people, up, same, down, mean_change.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or a setting is impossible.

    Notes
    -----
    `association`: Kendall's tau-b and linear-by-linear association by permutation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dose(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so change by sessions attended cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "change by sessions attended", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    attendance = study.attendance
    if attendance is None:
        return absent(_KEY, _TITLE, "attendance", "change by sessions attended")
    item, differences, (pre, post) = comparison.lead(getattr(study.config, "plan", None))
    key = f"{_KEY}{comparison.suffix}"
    if not differences.n:
        return nobody_twice(key, _TITLE, comparison)
    named = attendance.loc[attendance["person"].notna()]
    if named.empty:
        return Result(
            key=key, title=_TITLE, sources=("attendance.csv",),
            sentence="Attendance is counted by heads and names nobody, so it cannot be set beside people's change.",
        )  # fmt: skip
    caveats = []
    events = study.events
    if events is not None and comparison.after.date is not None:
        early = events.loc[~(events["date"] > pd.Timestamp(comparison.after.date)), "event"]
        later = ~named["event"].isin(set(early))
        if later.any():
            caveats.append(
                f"{count_of(int(named.loc[later, 'event'].nunique()), 'session')} that came after the second answers "
                "did not count."
            )
            named = named.loc[~later]
    given = pre.notna() & post.notna()
    sessions = named.drop_duplicates(["event", "person"])["person"].value_counts()
    came = sessions.reindex(pre.index[given]).fillna(0).astype(int)
    change = pd.Series(differences.values, index=came.index)
    rows = []
    for times, people in change.groupby(came):
        mean = float(people.mean()) if len(people) >= FEWEST_FOR_A_MEAN else math.nan
        rows.append((int(times), len(people), int((people > 0).sum()), int((people == 0).sum()),
                     int((people < 0).sum()), mean))  # fmt: skip
    table = pd.DataFrame(rows, columns=["sessions", "people", "up", "same", "down", "mean_change"])
    method = "Kendall's tau-b (1945) and linear-by-linear association (Mantel 1963)."
    try:
        found = association(came, change, permutations, seed)
        sentence = (
            f"Among {count_of(found.n, 'person', 'people')} who came to between {came.min()} and {came.max()} "
            f"sessions, coming more often went with changing by Kendall's tau-b {with_sign(found.tau_b)} (0 is no "
            f"link, 1 the same order; {format_p(found.tau_p_value)}; linear {format_p(found.linear_p_value)})."
        )
        method = f"{found.method} Seed {seed}."
    except ValueError as reason:
        sentence = f"Change by sessions attended cannot be tested: {reason}"
    return Result(
        key=key,
        title=_TITLE,
        sentence=sentence,
        table=table,
        labels={"mean_change": "mean change in scale points"},
        figure=dose_figure(came.to_numpy(), change.to_numpy(), comparison.about(item), name=key),
        caveats=(
            "Self-selected: people chose how often to come, so that coming and changing may both follow from a third "
            "thing, such as having time or being keen.",
            f"Means of fewer than {FEWEST_FOR_A_MEAN} people are not shown.",
            *caveats,
            who_is_missing(comparison),
        ),
        method=f"{method} Sessions a person is named at, up to the second answers ({comparison.names[1]}); "
        f"nobody named is 0. {software()}",
        sources=("survey.csv", "attendance.csv", "events.csv"),
    )
