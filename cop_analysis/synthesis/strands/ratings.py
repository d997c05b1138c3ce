"""Ratings of sessions: whether people's mean ratings of an item lie above the middle of its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.results import format_share, interval_in_words
from cop_analysis.synthesis.measures import Figures, Finding, Strand

if TYPE_CHECKING:
    from cop_analysis.realist import Measure
    from cop_analysis.study import Study


def item_rated(figures: Figures, measure: Measure) -> Finding:
    """Give how an item was rated, a person once."""
    from cop_analysis.sessions import wilson

    study = figures.study
    ratings = study.ratings
    if ratings is None:
        return Finding("This study has no ratings table (ratings.csv).")
    item = next((one for one in study.rating_items if one.key == measure.item), None)
    if item is None:
        return Finding(f"study.toml has no rating item {measure.item!r}.")
    rows = ratings[(ratings["item"] == measure.item) & ratings["score"].notna()]
    if rows.empty:
        return Finding(f"Nobody rated {(measure.item or '').replace('_', ' ')}.")
    middle = (item.minimum + item.maximum) / 2
    named = rows["respondent"].notna()
    mean = float(rows["score"].mean())
    shows = f"{len(rows)} ratings, mean {mean:.1f} on a scale from {item.minimum:g} to {item.maximum:g}"
    # One person's ratings of several sessions hang together: a person counts once, with their mean.
    means = rows[named].groupby("respondent")["score"].mean()
    scores = rows.loc[~named, "score"]
    if len(scores):
        # Who gave a rating without a name, and how many of them one person gave, nobody can know.
        shows += (
            f"; {int((scores > middle).sum())} of {len(scores)} ratings without a name above its middle, "
            f"{int((scores < middle).sum())} below, with no interval, because one person may have given several"
        )
    if means.empty:
        return Finding(f"{shows}.{_by_design(study, rows)}", "unclear", "mean rating", mean, n=len(rows))
    above, below, n = int((means > middle).sum()), int((means < middle).sum()), len(means)
    share, other = wilson(above, n), wilson(below, n)
    goes = "higher" if share.low > 0.5 else "lower" if other.low > 0.5 else "unclear"
    who = "people" if named.all() else "people who gave a name (each once)"
    shows += (
        f"; {above} of {n} {who} above its middle ({format_share(share.estimate)}, "
        f"{interval_in_words(share.low, share.high)}), {below} below.{_by_design(study, rows)}"
    )
    judged = other if goes == "lower" else share
    return Finding(
        shows,
        goes,
        "share of people above the middle of the scale",
        share.estimate,
        share.low,
        share.high,
        n,
        judged=(judged.low, judged.high, 0.5),
    )


def _by_design(study: Study, rows: pd.DataFrame) -> str:
    """Say how the mean stood between one change of the programme and the next, where there was any."""
    events, changes = study.events, study.changes
    if events is None or changes is None:
        return ""
    dates = rows["event"].map(events.set_index("event")["date"]).astype("datetime64[ns]")
    starts = changes["date"].dropna().drop_duplicates().sort_values()
    stretch = pd.Series(starts.searchsorted(dates, side="right"), index=rows.index)
    means = rows["score"].groupby(stretch).agg(["mean", "size"])
    if len(means) < 2:
        return ""
    said = []
    for since, mean, size in means.itertuples(name=None):
        day = starts.iloc[since - 1] if since else None
        when = "at first" if day is None else f"from {day.day} {day:%B %Y}"
        said.append(f"{mean:.1f} {when} ({size:,})")
    return f" Between one change of the programme and the next the mean was {', '.join(said)}."


def _wording(study: Study, measure: Measure) -> str:
    return next((item.wording for item in study.rating_items if item.key == measure.item), "")


STRAND = Strand(
    key="ratings",
    title="Session ratings",
    place=3,
    files=("ratings",),
    kinds={"rating_item": item_rated},
    wording=_wording,
)
