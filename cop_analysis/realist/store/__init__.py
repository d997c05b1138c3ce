"""Keeping records in a database: where it lies, its tables, its log, undo and past states. It knows no verb of coding.

This file only gathers the names others need.
"""

from cop_analysis.realist.store.address import Place, find_place
from cop_analysis.realist.store.errors import (
    ChangedElsewhere,
    CodingError,
    Damaged,
    Full,
    InUse,
    Locked,
    NewerDatabase,
    NotNow,
    ReadOnly,
    Unreachable,
    WhoIsIt,
)
from cop_analysis.realist.store.log import Change, Entry

__all__ = [
    "Change",
    "ChangedElsewhere",
    "CodingError",
    "Damaged",
    "Entry",
    "Full",
    "InUse",
    "Locked",
    "NewerDatabase",
    "NotNow",
    "Place",
    "ReadOnly",
    "Unreachable",
    "WhoIsIt",
    "find_place",
]
