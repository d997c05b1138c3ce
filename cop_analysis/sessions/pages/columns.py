"""What the columns of this room's tables hold, a mapping a page; what is the same in every room is not repeated."""

from __future__ import annotations

from cop_analysis.results.columns import (
    Column,
    count,
    high,
    low,
    name,
    score,
    setting,
    share,
    statistic,
    text,
    yes_or_no,
)


def _limits(of: Column) -> dict[str, Column]:
    return {"low": low(of, "from (95%)"), "high": high(of, "to (95%)")}


_OF_EITHER = Column("count", unit_in="unit")
_SHARE_OF_EITHER = Column("share", unit_in="unit")
_SCORE = score()

REACH = {
    "signed_up": count("sign-ups", "signed up"),
    "attended": count("attendances"),
    "share": share("sign-ups", "share who came"),
    **_limits(share("sign-ups")),
    "financial_year": name("financial year"),
}
FUNNEL = {
    "signed_up": count("sign-ups", "signed up"),
    "attended": count("attendances"),
    "share": share("sign-ups", "share who came"),
    "z": statistic("z by chance alone"),
    "z_adjusted": statistic("z, over-dispersion allowed for"),
    "place": text(),
}
FLOW = {
    "unit": text(),
    "step": text(),
    "count": _OF_EITHER,
    "numerator": _OF_EITHER,
    "of_step": text("of step"),
    "denominator": _OF_EITHER,
    "share": _SHARE_OF_EITHER,
    **_limits(_SHARE_OF_EITHER),
    "how_counted": text("how counted"),
}
RATINGS = {
    "n": count("ratings"),
    "of_attended": count("attendances", "of those who came"),
    "mean": _SCORE,
    **_limits(_SCORE),
    "median": _SCORE,
    "lower_quartile": score("lower quartile"),
    "upper_quartile": score("upper quartile"),
    "distribution": text(of="ratings"),
}
OVER_TIME = {
    "latest": _SCORE,
    "variation": text(),
    "target": _SCORE,
    "assurance": text(),
    "centre": _SCORE,
    "lower": score("lower limit"),
    "upper": score("upper limit"),
    "trial_limits": yes_or_no("limits are trial limits"),
    "sessions": count("events"),
    "phases": count("periods"),
    "sessions_in_last_phase": count("events"),
    "direction": text(),
    "latest_rule": text("what marks the latest session"),
    "run_chart": text("as a run chart"),
    "point": setting(),
    "value": _SCORE,
    "phase": setting(),
    "rule": text(),
    "n": count("ratings"),
}
COMMENTS = {"score": _SCORE}
ATTENDERS = {"sessions_attended": count("events", "sessions attended"), "share": share("people", "share of people")}
CORE = {
    "part": text(),
    "share": share("people", "share of people"),
    "share_of_attendances": share("attendances", "share of attendances"),
    "expected_people": statistic("people expected by chance alone"),
    "sessions_attended": count("events"),
    "sessions_possible": count("events"),
}
MIX = {
    "organisation_not_known": count("people", "organisation not known"),
    "largest_share": share("people", "share of the largest organisation"),
    "different_organisations": statistic("chance that two attenders come from different organisations"),
    "among_all_on_list": statistic("the same among all who could have come"),
}
GROUPS = {
    "came": count("people", "came at least once"),
    "share": share("people", "share who came"),
    **_limits(share("people")),
    "core": count("people"),
    "possible": count("attendances"),
    "attendance_share": share("attendances", "share of possible attendances"),
}
STATED = {
    "what": text(),
    "where": text(),
    "stated": Column("mixed", unit_in="what"),
    "recomputed": Column("mixed", label="what the rows give", unit_in="what"),
    "difference": Column("mixed", label="recomputed less stated", unit_in="what"),
    "possible": text("what the stated figure can have come from"),
    "source": text(),
}
