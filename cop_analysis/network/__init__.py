"""Collaboration networks: built from ties, measured against chance, compared between waves, drawn.

The names a notebook or another programme needs; the work is done in the modules. It may import `study`, `results`,
`figures`, `resampling` and `disclosure`, and no other analysis room.
"""

from cop_analysis.network.answers import four_answers
from cop_analysis.network.attendance_picture import attendance_picture
from cop_analysis.network.brokerage import Brokerage, brokerage
from cop_analysis.network.build import co_attendance, organisation_network, person_network
from cop_analysis.network.centrality import centrality
from cop_analysis.network.change_page import change_tested, who_gained
from cop_analysis.network.change_verdict import CrossChange, cross_change
from cop_analysis.network.cohesion import Cohesion, cohesion
from cop_analysis.network.connectors import who_connects
from cop_analysis.network.core_page import core_and_periphery
from cop_analysis.network.core_periphery import CorePeriphery, core_periphery
from cop_analysis.network.ego_pictures import ego_view
from cop_analysis.network.exchange import (
    ExchangeReport,
    GraphFileError,
    read_graph,
    read_graphs,
    read_vertex_values,
    write_ergm,
    write_graph,
    write_rsiena,
)
from cop_analysis.network.meetings import meeting_network
from cop_analysis.network.mixing import EIIndex, cross_share, ei_index
from cop_analysis.network.mixing_parts import group_mixing, person_mixing
from cop_analysis.network.mrqap import MRQAP, mrqap
from cop_analysis.network.non_response import ShareBounds, response_rates, share_bounds
from cop_analysis.network.organisation_map import organisation_map
from cop_analysis.network.organisation_matrix import organisation_matrix
from cop_analysis.network.organisation_meetings import organisation_meetings
from cop_analysis.network.partition import PartitionFit, partition_fit
from cop_analysis.network.positions import positions
from cop_analysis.network.predictors import what_predicts
from cop_analysis.network.projection import Projection, project
from cop_analysis.network.qap import QAPCorrelation, qap_correlation
from cop_analysis.network.reconstruction import (
    ChangeUnderNonResponse,
    UnderNonResponse,
    change_under_non_response,
    reconstruct,
    under_non_response,
)
from cop_analysis.network.relation import attribute_difference, shared_attribute
from cop_analysis.network.response import response
from cop_analysis.network.share_intervals import ShareIntervals, cross_share_intervals
from cop_analysis.network.silence import what_silence_changes
from cop_analysis.network.sociogram import sociogram
from cop_analysis.network.spanners import who_spans
from cop_analysis.network.strength_page import tie_strength
from cop_analysis.network.structural_holes import structural_holes
from cop_analysis.network.structure import structure
from cop_analysis.network.study_networks import wave_graphs
from cop_analysis.network.summary import mixing_table, summary, wave_change
from cop_analysis.network.tie_quality import TieQuality, tie_quality, trust_network
from cop_analysis.network.triads import triad_census
from cop_analysis.network.validated import ValidatedProjection, validated_projection
from cop_analysis.network.validated_page import validated_meetings
from cop_analysis.network.wave_pictures import cross_share_trajectory, wave_change_picture
from cop_analysis.network.wave_tests import (
    DensityChange,
    EIChange,
    cross_density_change,
    cross_tie_gains,
    density_change,
    ei_change,
)
from cop_analysis.network.waves import WaveComparison, compare_waves

__all__ = [
    "MRQAP",
    "Brokerage",
    "ChangeUnderNonResponse",
    "Cohesion",
    "CorePeriphery",
    "CrossChange",
    "DensityChange",
    "EIChange",
    "EIIndex",
    "ExchangeReport",
    "GraphFileError",
    "PartitionFit",
    "Projection",
    "QAPCorrelation",
    "ShareBounds",
    "ShareIntervals",
    "TieQuality",
    "UnderNonResponse",
    "ValidatedProjection",
    "WaveComparison",
    "attendance_picture",
    "attribute_difference",
    "brokerage",
    "centrality",
    "change_tested",
    "change_under_non_response",
    "co_attendance",
    "cohesion",
    "compare_waves",
    "core_and_periphery",
    "core_periphery",
    "cross_change",
    "cross_density_change",
    "cross_share",
    "cross_share_intervals",
    "cross_share_trajectory",
    "cross_tie_gains",
    "density_change",
    "ego_view",
    "ei_change",
    "ei_index",
    "four_answers",
    "group_mixing",
    "meeting_network",
    "mixing_table",
    "mrqap",
    "organisation_map",
    "organisation_matrix",
    "organisation_meetings",
    "organisation_network",
    "partition_fit",
    "person_mixing",
    "person_network",
    "positions",
    "project",
    "qap_correlation",
    "read_graph",
    "read_graphs",
    "read_vertex_values",
    "reconstruct",
    "response",
    "response_rates",
    "share_bounds",
    "shared_attribute",
    "sociogram",
    "structural_holes",
    "structure",
    "summary",
    "tie_quality",
    "tie_strength",
    "triad_census",
    "trust_network",
    "under_non_response",
    "validated_meetings",
    "validated_projection",
    "wave_change",
    "wave_change_picture",
    "wave_graphs",
    "what_predicts",
    "what_silence_changes",
    "who_connects",
    "who_gained",
    "who_spans",
    "write_ergm",
    "write_graph",
    "write_rsiena",
]
