"""Measured change: what moved between two waves of answers, tested exactly and said plainly.

`answer` answers the evaluator's question for a study in one call; the other pages (functions that take a study) look at
it from further sides, and the remaining names work on plain columns and tables. Only names are gathered here; each
method lives in its module.
"""

from cop_analysis.change.answer import Answer, answer, tendencies
from cop_analysis.change.association import Association, GroupsTest, association, groups_differ
from cop_analysis.change.audit import PairingAudit, pairing_audit
from cop_analysis.change.bootstrap import BootstrapMeans, bootstrap_means
from cop_analysis.change.categories import (
    CountsTest,
    McNemar,
    bowker,
    cochran_q,
    mcnemar,
    movement_table,
    stuart_maxwell,
)
from cop_analysis.change.clusters import ClusterFlips, cluster_sign_flip
from cop_analysis.change.cohorts import Cohorts, cohorts
from cop_analysis.change.confidence import Confidence, confidence
from cop_analysis.change.dose import dose
from cop_analysis.change.effects import RankBiserial, StandardisedChange, rank_biserial, standardised_change
from cop_analysis.change.everybody import attrition, everybody, missing_outcomes
from cop_analysis.change.figures import diverging_bars
from cop_analysis.change.flow import flow
from cop_analysis.change.forest import ForestRow, forest
from cop_analysis.change.location import HodgesLehmann, hodges_lehmann
from cop_analysis.change.missing import DeltaAdjustment, MissingBounds, delta_adjustment, missing_bounds
from cop_analysis.change.mixed_model import MixedModel, mixed_model, random_intercept
from cop_analysis.change.movement import movement
from cop_analysis.change.multiplicity import MaxT, benjamini_hochberg, holm, max_t
from cop_analysis.change.null_distribution import NullDistribution, null_distribution, null_figure
from cop_analysis.change.ordinal_model import OrdinalModel, ordinal_model
from cop_analysis.change.overlapping import Overlapping, overlapping_shares, overlapping_t
from cop_analysis.change.page import Page, Section, page
from cop_analysis.change.pairing import Pairing, answers_by_wave, near_misses, pair_answers
from cop_analysis.change.power import Power, SmallestDetectable, power, smallest_detectable
from cop_analysis.change.rank_sum import MannWhitney, RankSum, mann_whitney, rank_sum
from cop_analysis.change.reliability import (
    Omega,
    item_statistics,
    negatively_worded,
    omega_of_correlations,
    omega_total,
)
from cop_analysis.change.reliable_change import ReliableChange, minimum_detectable_change, reliable_change
from cop_analysis.change.reliable_people import individuals
from cop_analysis.change.scale import (
    Alpha,
    MeanChange,
    cronbach_alpha,
    items_against_the_rest,
    mean_change,
    scale_scores,
    turned,
)
from cop_analysis.change.scale_change import ScaleChange, scale_change
from cop_analysis.change.scale_reliability import ceiling_and_floor, scale_reliability
from cop_analysis.change.sensitivity import effect_sizes, other_tests
from cop_analysis.change.several_waves import (
    AgainstBaseline,
    Friedman,
    PageTrend,
    friedman,
    page_trend,
    waves_against_baseline,
)
from cop_analysis.change.sign_flips import SignFlips, mean_sign_flip, rank_difference, sign_test
from cop_analysis.change.signed_rank import SignedRank, signed_rank, smallest_p
from cop_analysis.change.slopes import slopes
from cop_analysis.change.study_size import planning
from cop_analysis.change.subgroups import subgroups
from cop_analysis.change.superiority import ShareDifference, Superiority, among_changers, superiority, tango
from cop_analysis.change.then_test import ThenTest, then_test
from cop_analysis.change.wave_pages import all_waves, looking_back

__all__ = [
    "AgainstBaseline",
    "Alpha",
    "Answer",
    "Association",
    "BootstrapMeans",
    "ClusterFlips",
    "Cohorts",
    "Confidence",
    "CountsTest",
    "DeltaAdjustment",
    "ForestRow",
    "Friedman",
    "GroupsTest",
    "HodgesLehmann",
    "MannWhitney",
    "MaxT",
    "McNemar",
    "MeanChange",
    "MissingBounds",
    "MixedModel",
    "NullDistribution",
    "Omega",
    "OrdinalModel",
    "Overlapping",
    "Page",
    "PageTrend",
    "Pairing",
    "PairingAudit",
    "Power",
    "RankBiserial",
    "RankSum",
    "ReliableChange",
    "ScaleChange",
    "Section",
    "ShareDifference",
    "SignFlips",
    "SignedRank",
    "SmallestDetectable",
    "StandardisedChange",
    "Superiority",
    "ThenTest",
    "all_waves",
    "among_changers",
    "answer",
    "answers_by_wave",
    "association",
    "attrition",
    "benjamini_hochberg",
    "bootstrap_means",
    "bowker",
    "ceiling_and_floor",
    "cluster_sign_flip",
    "cochran_q",
    "cohorts",
    "confidence",
    "cronbach_alpha",
    "delta_adjustment",
    "diverging_bars",
    "dose",
    "effect_sizes",
    "everybody",
    "flow",
    "forest",
    "friedman",
    "groups_differ",
    "hodges_lehmann",
    "holm",
    "individuals",
    "item_statistics",
    "items_against_the_rest",
    "looking_back",
    "mann_whitney",
    "max_t",
    "mcnemar",
    "mean_change",
    "mean_sign_flip",
    "minimum_detectable_change",
    "missing_bounds",
    "missing_outcomes",
    "mixed_model",
    "movement",
    "movement_table",
    "near_misses",
    "negatively_worded",
    "null_distribution",
    "null_figure",
    "omega_of_correlations",
    "omega_total",
    "ordinal_model",
    "other_tests",
    "overlapping_shares",
    "overlapping_t",
    "page",
    "page_trend",
    "pair_answers",
    "pairing_audit",
    "planning",
    "power",
    "random_intercept",
    "rank_biserial",
    "rank_difference",
    "rank_sum",
    "reliable_change",
    "scale_change",
    "scale_reliability",
    "scale_scores",
    "sign_test",
    "signed_rank",
    "slopes",
    "smallest_detectable",
    "smallest_p",
    "standardised_change",
    "stuart_maxwell",
    "subgroups",
    "superiority",
    "tango",
    "tendencies",
    "then_test",
    "turned",
    "waves_against_baseline",
]
