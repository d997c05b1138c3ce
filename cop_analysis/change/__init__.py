"""Measured change: what moved between two waves of answers, tested exactly and said plainly.

`confidence`, `scale_change` and `pairing_audit` answer for a study; the other names work on plain columns and tables.
Only names are gathered here; each method lives in its module.
"""

from cop_analysis.change.audit import PairingAudit, pairing_audit
from cop_analysis.change.confidence import Confidence, confidence
from cop_analysis.change.figures import diverging_bars
from cop_analysis.change.multiplicity import MaxT, benjamini_hochberg, holm, max_t
from cop_analysis.change.pairing import Pairing, near_misses, pair_answers
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
from cop_analysis.change.signed_rank import SignedRank, signed_rank, smallest_p
from cop_analysis.change.superiority import ShareDifference, Superiority, superiority, tango

__all__ = [
    "Alpha",
    "Confidence",
    "MaxT",
    "MeanChange",
    "Pairing",
    "PairingAudit",
    "ScaleChange",
    "ShareDifference",
    "SignedRank",
    "Superiority",
    "benjamini_hochberg",
    "confidence",
    "cronbach_alpha",
    "diverging_bars",
    "holm",
    "items_against_the_rest",
    "max_t",
    "mean_change",
    "near_misses",
    "pair_answers",
    "pairing_audit",
    "scale_change",
    "scale_scores",
    "signed_rank",
    "smallest_p",
    "superiority",
    "tango",
    "turned",
]
