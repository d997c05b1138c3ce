"""What the columns of this room's tables hold, a mapping a page; what is the same in every room is not repeated.

Their headings depend on the study (its waves, its level, which way is better) and stand in `words.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from cop_analysis.results.columns import (
    Column,
    count,
    difference,
    high,
    low,
    p,
    score,
    share,
    statistic,
    text,
    yes_or_no,
)

_PEOPLE = count("people")
_SHARE = share("people")
_MOVED = dict.fromkeys(("n", "up", "same", "down"), _PEOPLE)
_TENDENCY = {"superiority": _SHARE, "low": low(_SHARE), "high": high(_SHARE)}


def _mixed(unit_in: str) -> dict[str, Column]:
    estimate = Column("mixed", unit_in=unit_in)
    return {"estimate": estimate, "low": low(estimate), "high": high(estimate)}


_SPREAD = {
    f"{column}_{side}": kind
    for side in ("first", "second")
    for column, kind in {"n": _PEOPLE, "answers": text(of="answers"), "mean": score(), "median": score()}.items()
}
ITEMS = {
    **_MOVED,
    **_TENDENCY,
    "mean_change": difference(),
    "max_t_p_value": p(),
    "moves": text(of="people"),
    "effect": text(of="people"),
    "answer": text(),
}
COHORTS = {
    **_SPREAD,
    "mean_difference": difference(),
    "difference_low": low(difference()),
    "difference_high": high(difference()),
    **_TENDENCY,
    "mann_whitney_u": statistic(),
    "mann_whitney_p_value": p(),
    "difference": text(),
    "chance": text(of="people"),
    "answer": text(),
}
ANSWER = {**ITEMS, **COHORTS}
TENDENCIES = {"about": text(), **_MOVED, **_TENDENCY}
MOVEMENT = {
    "n": _PEOPLE,
    "changed": _PEOPLE,
    **dict.fromkeys(("stuart_maxwell", "freedom", "bowker"), statistic()),
    "stuart_maxwell_p_value": p(),
    "bowker_p_value": p(),
    "mcnemar_p_value": p(),
    "mcnemar_mid_p_value": p(),
    "before": text(),
    "after": text(),
}
SLOPES = {"before": score(), "after": score()}
FLOW = {"step": text(), "of": text(), "share": _SHARE}
ATTRITION = {
    "group": text(),
    "answered_before": _PEOPLE,
    "returned": _PEOPLE,
    "share_returned": _SHARE,
    "mean_returned": score(),
    "mean_lost": score(),
}
EVERYBODY = {**_mixed("reads"), "freedom": statistic(), "reads": text()}
MISSING = {
    "delta": difference(),
    "mean_change": difference(),
    "low": low(difference()),
    "high": high(difference()),
}
SCALE = {"quantity": text(), **_mixed("quantity")}
RELIABILITY = {
    "n": _PEOPLE,
    "estimate": statistic(),
    "low": low(statistic()),
    "high": high(statistic()),
    "mean": score(),
    **dict.fromkeys(("standard_deviation", "item_rest_correlation", "alpha_without"), statistic()),
}
ROOM = {
    "n": _PEOPLE,
    "at_the_top": _PEOPLE,
    "share_at_the_top": _SHARE,
    "at_the_bottom": _PEOPLE,
    "share_at_the_bottom": _SHARE,
}
SINGLE_PEOPLE = {"change": text(), "share": _SHARE, "before": score(), "after": score()}
OTHER_TESTS = {
    "test": text(),
    "asks": text(),
    "statistic": statistic(),
    "units": Column("count", unit_in="test"),
    "exact": yes_or_no(),
    "rank_sum": statistic(),
    "probability": statistic(),
    "at_least_as_far_out": yes_or_no(),
}
EFFECT_SIZES = {"measure": text(), **_mixed("measure"), "reads": text()}
DOSE = {"sessions": count("events"), **_MOVED, "mean_change": difference(), "change": difference()}
SUBGROUPS = {"group": text(), "about": text(), **_MOVED, **_TENDENCY}
ALL_WAVES = {"n": _PEOPLE, "mean": score(), "mean_change": difference()}
LOOKING_BACK = {
    "comparison": text(),
    **_MOVED,
    "mean_change": difference(),
    "low": low(difference()),
    "high": high(difference()),
    "superiority": _SHARE,
    "superiority_low": low(_SHARE),
    "superiority_high": high(_SHARE),
}


def of_planning(several: Iterable[int]) -> dict[str, Column]:
    """Give the columns of power, one for each number of people."""
    return {"superiority": _SHARE, **{f"power_with_{people}": statistic() for people in several}}
