"""Collaboration networks: built from ties, measured against chance, compared between waves, drawn.

The names a notebook or another programme needs; the work is done in the modules. It may import `study`, `results`,
`figures`, `resampling` and `disclosure`, and no other analysis room.
"""

from cop_analysis.network.build import co_attendance, organisation_network, person_network
from cop_analysis.network.connectors import who_connects
from cop_analysis.network.meetings import meeting_network
from cop_analysis.network.mixing import EIIndex, cross_share, ei_index
from cop_analysis.network.non_response import ShareBounds, response_rates, share_bounds
from cop_analysis.network.organisation_matrix import organisation_matrix
from cop_analysis.network.response import response
from cop_analysis.network.share_intervals import ShareIntervals, cross_share_intervals
from cop_analysis.network.sociogram import sociogram
from cop_analysis.network.summary import mixing_table, summary, wave_change
from cop_analysis.network.waves import WaveComparison, compare_waves

__all__ = [
    "EIIndex",
    "ShareBounds",
    "ShareIntervals",
    "WaveComparison",
    "co_attendance",
    "compare_waves",
    "cross_share",
    "cross_share_intervals",
    "ei_index",
    "meeting_network",
    "mixing_table",
    "organisation_matrix",
    "organisation_network",
    "person_network",
    "response",
    "response_rates",
    "share_bounds",
    "sociogram",
    "summary",
    "wave_change",
    "who_connects",
]
