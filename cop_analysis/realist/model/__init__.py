"""What a coding is made of: records, the words of the field, and what may be said of them. No study is shown here.

This file gives the `Coding` and the kinds of record; everything else is imported from its module.
"""

from cop_analysis.realist.model.coding import Coding
from cop_analysis.realist.model.records import (
    COLLECTIONS,
    AnyRecord,
    Code,
    Coder,
    Configuration,
    Decision,
    Document,
    Evidence,
    Extract,
    Foreign,
    Measure,
    Memo,
    Part,
    Question,
    Record,
    Ripple,
    Slot,
    Snapshot,
    Theory,
    Validation,
    natural_order,
)

__all__ = [
    "COLLECTIONS",
    "AnyRecord",
    "Code",
    "Coder",
    "Coding",
    "Configuration",
    "Decision",
    "Document",
    "Evidence",
    "Extract",
    "Foreign",
    "Measure",
    "Memo",
    "Part",
    "Question",
    "Record",
    "Ripple",
    "Slot",
    "Snapshot",
    "Theory",
    "Validation",
    "natural_order",
]
