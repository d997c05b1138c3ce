"""The coding a person works with: read as tables and records, changed by verbs, kept in step with coding.json.

This file only gathers the names others need.
"""

from cop_analysis.realist.coding.keeping import SharedFolder, Standing
from cop_analysis.realist.coding.kept import KeptCoding
from cop_analysis.realist.coding.opening import copy_study, open_coding, read_pair, read_source, start_coding

__all__ = [
    "KeptCoding",
    "SharedFolder",
    "Standing",
    "copy_study",
    "open_coding",
    "read_pair",
    "read_source",
    "start_coding",
]
