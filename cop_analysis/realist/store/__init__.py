"""Keeping a coding: its database, its log, undo and past states, and its agreement with coding.json.

This file only gathers the names others need.
"""

from cop_analysis.realist.store.copying import copy_study
from cop_analysis.realist.store.erase import Erasure
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
from cop_analysis.realist.store.keeping import SharedFolder, Standing
from cop_analysis.realist.store.kept import KeptCoding
from cop_analysis.realist.store.log import Change, Entry
from cop_analysis.realist.store.opening import open_coding, start_coding
from cop_analysis.realist.store.places import Place, find_place
from cop_analysis.realist.store.sources import read_pair, read_source

__all__ = [
    "Change",
    "ChangedElsewhere",
    "CodingError",
    "Damaged",
    "Entry",
    "Erasure",
    "Full",
    "InUse",
    "KeptCoding",
    "Locked",
    "NewerDatabase",
    "NotNow",
    "Place",
    "ReadOnly",
    "SharedFolder",
    "Standing",
    "Unreachable",
    "WhoIsIt",
    "copy_study",
    "find_place",
    "open_coding",
    "read_pair",
    "read_source",
    "start_coding",
]
