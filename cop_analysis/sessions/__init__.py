"""Reach, session ratings over time and the number audit: what the events table, attendance and ratings can answer.

The names a notebook needs are here; one module holds each question. This room never imports another analysis room.
"""

from __future__ import annotations

from cop_analysis.sessions.attenders import Attenders, SessionMix, attenders, session_mix
from cop_analysis.sessions.control_chart import ControlChart, control_chart
from cop_analysis.sessions.intervals import Homogeneity, Interval, homogeneity, mean_interval, newcombe, wilson
from cop_analysis.sessions.number_audit import NumberAudit, number_audit
from cop_analysis.sessions.ratings import comments, ratings_by_session
from cop_analysis.sessions.reach import Reach, reach_by_event, reach_by_format, reach_by_period

__all__ = [
    "Attenders",
    "ControlChart",
    "Homogeneity",
    "Interval",
    "NumberAudit",
    "Reach",
    "SessionMix",
    "attenders",
    "comments",
    "control_chart",
    "homogeneity",
    "mean_interval",
    "newcombe",
    "number_audit",
    "ratings_by_session",
    "reach_by_event",
    "reach_by_format",
    "reach_by_period",
    "session_mix",
    "wilson",
]
