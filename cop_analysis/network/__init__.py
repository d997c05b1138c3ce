"""Collaboration networks: built from ties, measured against chance, compared between waves, drawn.

The names a notebook or another programme needs; the work is done in the modules. It may import `study`, `results`,
`figures`, `resampling` and `disclosure`, and no other analysis room.
"""

from cop_analysis.network.answers import four_answers
from cop_analysis.network.attendance_picture import attendance_picture
from cop_analysis.network.change_page import change_tested, who_gained
from cop_analysis.network.connectors import who_connects
from cop_analysis.network.core_page import core_and_periphery
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
from cop_analysis.network.methods.brokers import Brokerage, brokerage
from cop_analysis.network.methods.centralities import centrality, structural_holes
from cop_analysis.network.methods.change_tests import (
    CrossChange,
    DensityChange,
    EIChange,
    cross_change,
    cross_density_change,
    density_change,
    ei_change,
)
from cop_analysis.network.methods.cores import CorePeriphery, core_periphery
from cop_analysis.network.methods.matrix_tests import MRQAP, QAPCorrelation, mrqap, qap_correlation
from cop_analysis.network.methods.mixing import (
    EIIndex,
    ShareIntervals,
    cross_share,
    cross_share_intervals,
    ei_index,
    group_mixing,
    person_mixing,
)
from cop_analysis.network.methods.networks import co_attendance, organisation_network, person_network
from cop_analysis.network.methods.non_response import (
    ChangeUnderNonResponse,
    ShareBounds,
    UnderNonResponse,
    change_under_non_response,
    reconstruct,
    response_rates,
    share_bounds,
    under_non_response,
)
from cop_analysis.network.methods.projections import Projection, ValidatedProjection, project, validated_projection
from cop_analysis.network.methods.relations import attribute_difference, shared_attribute
from cop_analysis.network.methods.tie_strengths import TieQuality, tie_quality, trust_network
from cop_analysis.network.methods.wave_changes import WaveComparison, compare_waves, cross_tie_gains
from cop_analysis.network.methods.whole import Cohesion, PartitionFit, cohesion, partition_fit, triad_census
from cop_analysis.network.organisation_map import organisation_map
from cop_analysis.network.organisation_matrix import organisation_matrix
from cop_analysis.network.organisation_meetings import organisation_meetings
from cop_analysis.network.positions import positions
from cop_analysis.network.predictors import what_predicts
from cop_analysis.network.response import response
from cop_analysis.network.silence import what_silence_changes
from cop_analysis.network.sociogram import sociogram
from cop_analysis.network.spanners import who_spans
from cop_analysis.network.strength_page import tie_strength
from cop_analysis.network.structure import structure
from cop_analysis.network.study_networks import wave_graphs
from cop_analysis.network.summary import mixing_table, summary, wave_change
from cop_analysis.network.validated_page import validated_meetings
from cop_analysis.network.wave_pictures import cross_share_trajectory, wave_change_picture

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
