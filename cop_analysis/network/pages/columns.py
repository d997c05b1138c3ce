"""What the columns of this room's tables hold, a mapping a page; what is the same in every room is not repeated.

Headings that depend on the study (its level, its waves) are given where the table is made.
"""

from __future__ import annotations

from cop_analysis.results.columns import (
    Column,
    count,
    difference,
    high,
    low,
    name,
    p,
    score,
    setting,
    share,
    statistic,
    text,
    yes_or_no,
)

_SHARE = share("ties")
_LIMITS = {"interval_low": low(_SHARE), "interval_high": high(_SHARE)}
_ACROSS = {"cross_share": _SHARE, **_LIMITS, "expected_share": _SHARE}
_LEVELS = ("organisation", "sector")
_ENDS = {f"{end}_{level}": name() for end in ("one", "other", "from", "to", "ego", "alter") for level in _LEVELS}
_BY_MEASURE = Column("mixed", unit_in="measure")
_TIES = count("ties")
_PEOPLE = count("people")
_REACHED = {"organisations": count("organisations"), "sectors": count("groups")}

# Across groups
SUMMARY = {"answered": _PEOPLE, **_ACROSS, "share_low": low(_SHARE), "share_high": high(_SHARE)}
ANSWERS = {"question": text(), "answer": text(of="ties")}
MIXING = {
    "density": statistic(),
    "cross_share": _SHARE,
    "ei": statistic(),
    "expected": statistic(),
    "standard_deviation": statistic(),
    "rescaled": statistic(),
}
TRAJECTORY = _ACROSS
MAP = {
    "ties_within": _TIES,
    "ties_with_others": _TIES,
    **{f"{groups}_joined": kind for groups, kind in _REACHED.items()},
    **_ENDS,
}
MATRIX = {**_ENDS, "possible": count("pairs of people"), "density": statistic(), "mean_strength": score()}

# What changed
CHANGE = {
    **dict.fromkeys(("stayers", "joiners", "leavers"), _PEOPLE),
    **dict.fromkeys(
        ("kept", "gained", "lost", "not_known", "gained_across", "lost_across", "joiners_ties", "leavers_ties",
         "outside_ties"),
        _TIES,
    ),
    "jaccard": statistic(),
}  # fmt: skip
CHANGE_PICTURE = {
    **dict.fromkeys(("kept", "gained", "lost", "gained_across", "lost_across"), _TIES),
    "ego": name(),
    "alter": name(),
    "change": text(),
    **_ENDS,
}
CHANGE_TESTED = {
    "measure": text(),
    "before": _BY_MEASURE,
    "after": _BY_MEASURE,
    "change": _BY_MEASURE,
    "standard_error": _BY_MEASURE,
    "interval_low": low(_BY_MEASURE),
    "interval_high": high(_BY_MEASURE),
    "resamples": setting(),
}
GAINS = {
    **dict.fromkeys(("across_before", "across_after", "gained", "lost", "not_known"), _PEOPLE),
    "groups_before": count("groups"),
    "groups_after": count("groups"),
    "answered_both": yes_or_no(),
}

# People
SOCIOGRAM = {
    "cross_share": _SHARE,
    **dict.fromkeys(("without_ties", "did_not_answer", "never_asked"), _PEOPLE),
    "mark": text(),
    "on_roster": yes_or_no(),
    "answered": text(),
    "ties_sent": _TIES,
    "ties_received": _TIES,
    **{f"other_{groups}": kind for groups, kind in _REACHED.items()},
    "stands_between": statistic(),
}
CONNECTORS = {
    "answered": text(),
    **{f"{groups}_reached": kind for groups, kind in _REACHED.items()},
    "betweenness": statistic(),
    "reached_before": count("groups"),
}
BROKERAGE = {
    **dict.fromkeys(
        ("coordinator", "itinerant", "representative", "gatekeeper", "liaison", "total", "across"),
        count("paths through a person"),
    ),
    "expected_total": statistic(),
    "z_total": statistic(),
}
EGO = {
    "neighbours": _PEOPLE,
    **{f"other_{groups}": kind for groups, kind in _REACHED.items()},
    "share_of_neighbours_tied": share("pairs of people"),
    "neighbour": name(),
    "tie": text(),
}
POSITIONS = {
    "answered": text(),
    "in_degree": _TIES,
    "out_degree": _TIES,
    "degree": _TIES,
    "contacts": _PEOPLE,
    **dict.fromkeys(
        ("betweenness", "closeness", "harmonic", "closeness_out", "harmonic_out",
         "effective_size", "efficiency", "constraint", "hierarchy", "ei", "expected_ei"),
        statistic(),
    ),
    "betweenness_share": share("pairs of people"),
    "p_value_ei": p(),
}  # fmt: skip
CORE = {"in_core": yes_or_no(), "in_core_before": yes_or_no()}

# The network as a whole
STRUCTURE = {"measure": text(), "value": _BY_MEASURE, "expected": _BY_MEASURE, "standard_deviation": _BY_MEASURE}
PREDICTORS = {"predictor": text(), "coefficient": difference(), "t": statistic()}
STRENGTH = {
    "measure": text(),
    "mean": score(),
    "median": score(),
    "standard_deviation": statistic(),
    "difference": difference(),
}

# Who did not answer
RESPONSE = {"asked": _PEOPLE, "answered": _PEOPLE, "response_rate": share("people")}
SILENCE = {
    "treatment": text(),
    "cross_share": _SHARE,
    "ei": statistic(),
    "expected_share": _SHARE,
    "conclusion": text(),
    "change": difference(),
}

# Sessions
ATTENDANCE = {"sessions": count("events"), "share_of_sessions": share("events"), "attended": count("attendances")}
MEETINGS = {
    **_ENDS,
    "pairs": count("pairs of people"),
    "pairs_met": count("pairs of people"),
    "share_met": share("pairs of people"),
    "mean_sessions_shared": statistic(),
}
GROUP_MEETINGS = {
    "one": name(),
    "other": name(),
    "sessions_one": count("events"),
    "sessions_other": count("events"),
    "together": count("events"),
    "share_of_sessions": share("events"),
    "weight_size_corrected": statistic(),
}
_NULLS = ("hypergeometric", "session_size", "fixed_degree")
VALIDATED = {
    **_ENDS,
    "one": name(),
    "other": name(),
    "shared": count("events"),
    "expected": statistic(),
    "minutes_together": statistic(),
    "weight_size_corrected": statistic(),
    **{f"p_value_{null}{adjusted}": p() for null in _NULLS for adjusted in ("", "_bonferroni", "_bh")},
}
