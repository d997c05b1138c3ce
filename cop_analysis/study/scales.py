"""Answers of one instrument that seem to stand on two scales: what a range check shows as many faults, said as one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cop_analysis.study.config import StudyConfig
from cop_analysis.study.faults import Fault, visible

FEWEST_ROWS = 3
"""How many answers off the scale make another scale likelier than slips of the hand."""

_COMMON_SCALES = ((0, 4), (0, 5), (1, 5), (0, 6), (1, 6), (1, 7), (0, 10), (1, 10), (0, 100), (1, 100))


def scale_faults(tables: Mapping[str, pd.DataFrame], config: StudyConfig) -> list[Fault]:
    """Find instruments and rating items some of whose scores were given on another scale.

    Notes
    -----
    At least `FEWEST_ROWS` scores off the declared scale are taken as another scale when one in common use holds them
    all. On a scale to 20 or more, a wave in which no score exceeds a tenth of the maximum while other waves do is
    only noticed: such scores are possible.
    """
    faults: list[Fault] = []
    survey = tables.get("survey")
    if survey is not None and not survey.empty:
        for instrument in config.instruments:
            rows = survey[(survey["instrument"] == instrument.key).fillna(False) & survey["score"].notna()]
            scale = (instrument.minimum, instrument.maximum)
            faults += _off_scale("survey.csv", rows, "wave", instrument.key, scale)
            faults += _shrunken("survey.csv", rows, "wave", instrument.key, scale)
    ratings = tables.get("ratings")
    if ratings is not None and not ratings.empty:
        for item in config.rating_items:
            rows = ratings[(ratings["item"] == item.key).fillna(False) & ratings["score"].notna()]
            faults += _off_scale("ratings.csv", rows, "event", item.key, (item.minimum, item.maximum))
    return faults


def _off_scale(file: str, rows: pd.DataFrame, group: str, key: str, scale: tuple[float, float]) -> list[Fault]:
    minimum, maximum = scale
    off = rows[~rows["score"].between(minimum, maximum)]
    if len(off) < FEWEST_ROWS:
        return []
    low, high = float(off["score"].min()), float(off["score"].max())
    # A whole group may have answered on the other scale, its scores that happen to fit included.
    other = next((pair for pair in _COMMON_SCALES if pair[0] <= low and high <= pair[1] and pair != scale), None)
    if other is None:
        return []
    names = off[group].dropna().unique()
    where = (
        f" in {group} {visible(str(names[0]), 40)}"
        if len(names) == 1 and set(names) != set(rows[group].dropna().unique())
        else ""
    )
    rule = (
        f"the scores of {key}{where} are on two scales: {len(off):,} of {len(rows):,} lie off {minimum:g} to "
        f"{maximum:g}, from {low:g} to {high:g}, as on a scale {other[0]} to {other[1]}"
    )
    fix = f"bring them to {minimum:g} to {maximum:g} at the source, or make them an instrument of their own"
    return [Fault(file, None, "score", "", rule, fix)]


def _shrunken(file: str, rows: pd.DataFrame, group: str, key: str, scale: tuple[float, float]) -> list[Fault]:
    minimum, maximum = scale
    tenth = maximum / 10
    if minimum < 0 or maximum < 20 or rows.empty:
        return []
    inside = rows[rows["score"].between(minimum, maximum)]
    spread = inside.groupby(inside[group].astype(object), sort=False)["score"].agg(["max", "median", "size"])
    small = spread[(spread["max"] <= tenth) & (spread["size"] >= 5)]
    large = spread[spread["median"] > tenth]
    if small.empty or large.empty:
        return []
    return [
        Fault(file, None, "score", "",
              f"no score of {key} in {group} {visible(str(name), 40)} exceeds {tenth:g} on a scale to {maximum:g}, "
              f"while those in {visible(str(large.index[0]), 40)} do",
              "see whether they were given on another scale", "notice")
        for name in small.index
    ]  # fmt: skip
