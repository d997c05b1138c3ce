"""Did those who came more often change more? The page with its picture; the tests are in association.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.association import association
from cop_analysis.change.comparison import begin, nobody_twice
from cop_analysis.change.figures import printable
from cop_analysis.change.wording import software, who_is_missing
from cop_analysis.figures import BLUE, INK, drawing, finish
from cop_analysis.results import Figure, Result, absent, count_of, format_p, with_sign

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "dose", "Sessions attended and change"
_FEWEST_FOR_A_MEAN = 3


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
        mean = float(people.mean()) if len(people) >= _FEWEST_FOR_A_MEAN else math.nan
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
            f"Means of fewer than {_FEWEST_FOR_A_MEAN} people are not shown.",
            *caveats,
            who_is_missing(comparison),
        ),
        method=f"{method} Sessions a person is named at, up to the second answers ({comparison.names[1]}); "
        f"nobody named is 0. {software()}",
        sources=("survey.csv", "attendance.csv", "events.csv"),
    )


def dose_figure(dose: np.ndarray, change: np.ndarray, about: str, name: str = "dose", seed: int = 0) -> Figure:
    """Draw each person's change over the number of sessions, with the mean of each number.

    Parameters
    ----------
    dose, change : numpy.ndarray
        A figure a person each.
    about : str
        What the change is of.
    name : str
        The figure's slug.
    seed : int
        Where the jitter starts.

    Returns
    -------
    Figure

    Examples
    --------
    >>> picture = dose_figure(np.array([0, 1, 1]), np.array([0.0, 1.0, 2.0]), "over the items")
    >>> picture.table["people"].tolist()
    [1, 1, 1]
    """
    random = np.random.default_rng(seed)
    counted = pd.DataFrame({"sessions": dose, "change": np.round(change, 6)})
    table = counted.groupby(["sessions", "change"]).size().rename("people").reset_index()
    means = counted.groupby("sessions")["change"].agg(["size", "mean"])
    groups = [
        (int(row["sessions"]), int(row["size"]), float(row["mean"])) for row in means.reset_index().to_dict("records")
    ]
    said = [
        f"{count_of(size, 'person', 'people')} with {count_of(times, 'session')}"
        + (f": mean change {with_sign(mean)}." if size >= _FEWEST_FOR_A_MEAN else ".")
        for times, size, mean in groups
    ]
    shown = np.arange(len(dose))
    if len(shown) > 2000:
        shown = random.choice(shown, 2000, replace=False)
    span = float(np.ptp(change)) or 1.0
    with drawing(7.2, 3.8) as canvas:
        axes = canvas.add_subplot()
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.scatter(
            dose[shown] + random.uniform(-0.15, 0.15, len(shown)), change[shown] + random.uniform(-1, 1, len(shown)) *
            0.008 * span, s=22, color=BLUE, alpha=0.55, linewidth=0,
        )  # fmt: skip
        for times, size, mean in groups:
            if size >= _FEWEST_FOR_A_MEAN:
                axes.plot([times - 0.3, times + 0.3], [mean, mean], color=INK, linewidth=2.4)
        ticks = [times for times, *_ in groups]
        if len(ticks) > 12:
            ticks = sorted(set(np.linspace(ticks[0], ticks[-1], 10).astype(int)))
        sizes = {times: size for times, size, _ in groups}
        axes.set_xticks(ticks, [f"{tick}\nn = {sizes.get(tick, 0):,}" for tick in ticks], fontsize=9)
        axes.set_xlabel("sessions attended; the bar is the mean of three people or more")
        axes.set_ylabel(printable("change in scale points"))
        return finish(
            canvas, name=name, title=f"Change {printable(about)} by sessions attended",
            alt=" ".join(["Change by sessions attended.", *said]), table=table,
        )  # fmt: skip
