"""Realist analysis: codes, extracts, configurations and evidence, how they are kept, checked and shown.

This file only gathers the names a notebook or another room needs.
"""

from cop_analysis.realist.check import check_coding
from cop_analysis.realist.code_use import code_use
from cop_analysis.realist.coder_overlap import coder_overlap
from cop_analysis.realist.configurations import configuration_summary, configuration_table
from cop_analysis.realist.gaps import gaps
from cop_analysis.realist.model import (
    Code,
    Coder,
    Coding,
    Configuration,
    Document,
    Evidence,
    Extract,
    Measure,
    Ripple,
    Slot,
    Snapshot,
)
from cop_analysis.realist.snapshot import read_coding, write_coding
from cop_analysis.realist.transcripts import transcripts
from cop_analysis.realist.turns import Turn, turns

__all__ = [
    "Code",
    "Coder",
    "Coding",
    "Configuration",
    "Document",
    "Evidence",
    "Extract",
    "Measure",
    "Ripple",
    "Slot",
    "Snapshot",
    "Turn",
    "check_coding",
    "code_use",
    "coder_overlap",
    "configuration_summary",
    "configuration_table",
    "gaps",
    "read_coding",
    "transcripts",
    "turns",
    "write_coding",
]
