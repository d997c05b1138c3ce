"""Reach, session ratings over time and the number audit: what the events table, attendance and ratings can answer.

The names a notebook needs are here; one module holds each question. This room never imports another analysis room.
"""

from __future__ import annotations

from cop_analysis.sessions.attenders import Attenders, SessionMix, attenders, session_mix
from cop_analysis.sessions.control_chart import ControlChart, control_chart
from cop_analysis.sessions.core_periphery import CorePeriphery, core_and_periphery
from cop_analysis.sessions.funnel import Funnel, funnel
from cop_analysis.sessions.funnel_plot import FunnelPlot, funnel_plot
from cop_analysis.sessions.group_reach import (
    GroupReach,
    reach_by_group,
    reach_by_organisation,
    reach_by_profession,
    reach_by_sector,
)
from cop_analysis.sessions.intervals import (
    Homogeneity,
    Interval,
    Trend,
    homogeneity,
    mean_interval,
    newcombe,
    trend,
    wilson,
)
from cop_analysis.sessions.number_audit import NumberAudit, number_audit
from cop_analysis.sessions.ratings import comments, ratings_by_session
from cop_analysis.sessions.ratings_chart import RatingsOverTime, ratings_over_time
from cop_analysis.sessions.reach import Reach, reach_by_event, reach_by_format, reach_by_period
from cop_analysis.sessions.reach_flow import ReachFlow, reach_flow
from cop_analysis.sessions.rounding import possible_counts, possible_denominators, possible_totals
from cop_analysis.sessions.run_chart import RunChart, run_chart

__all__ = [
    "Attenders",
    "ControlChart",
    "CorePeriphery",
    "Funnel",
    "FunnelPlot",
    "GroupReach",
    "Homogeneity",
    "Interval",
    "NumberAudit",
    "RatingsOverTime",
    "Reach",
    "ReachFlow",
    "RunChart",
    "SessionMix",
    "Trend",
    "attenders",
    "comments",
    "control_chart",
    "core_and_periphery",
    "funnel",
    "funnel_plot",
    "homogeneity",
    "mean_interval",
    "newcombe",
    "number_audit",
    "possible_counts",
    "possible_denominators",
    "possible_totals",
    "ratings_by_session",
    "ratings_over_time",
    "reach_by_event",
    "reach_by_format",
    "reach_by_group",
    "reach_by_organisation",
    "reach_by_period",
    "reach_by_profession",
    "reach_by_sector",
    "reach_flow",
    "run_chart",
    "session_mix",
    "trend",
    "wilson",
]
