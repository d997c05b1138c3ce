"""Realist analysis: codes, extracts, configurations and evidence, how they are kept, checked and shown.

This file only gathers the names a notebook or another room needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cop_analysis.realist.check import check_coding
from cop_analysis.realist.check_study import Examined, examine_study
from cop_analysis.realist.code_use import code_use
from cop_analysis.realist.coder_overlap import coder_overlap
from cop_analysis.realist.configurations import configuration_summary, configuration_table
from cop_analysis.realist.conflicts import Conflict, MergedCoding
from cop_analysis.realist.documents import TextDocument, read_text_document
from cop_analysis.realist.exchange import (
    ExchangeError,
    ExchangeReport,
    read_coded_segments,
    read_qdc,
    read_qdpx,
    read_qualcoder,
    read_taguette,
    write_coded_segments,
    write_docx,
    write_qdc,
    write_qdpx,
)
from cop_analysis.realist.gaps import gaps
from cop_analysis.realist.interviewing import interview_questions, validations
from cop_analysis.realist.memos import memos_and_decisions
from cop_analysis.realist.merge import merge_codings
from cop_analysis.realist.model import (
    Code,
    Coder,
    Coding,
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
    Ripple,
    Slot,
    Snapshot,
    Theory,
    Validation,
)
from cop_analysis.realist.reanchor import Reanchored, reanchor
from cop_analysis.realist.ripples import ripples
from cop_analysis.realist.snapshot import read_coding, write_coding
from cop_analysis.realist.table_shapes import configuration_export
from cop_analysis.realist.theory_lineage import theory_lineage
from cop_analysis.realist.transcripts import transcripts
from cop_analysis.realist.turns import Turn, turns

if TYPE_CHECKING:
    from cop_analysis.realist.importing import import_project
    from cop_analysis.realist.store import CodingError, KeptCoding, open_coding, start_coding

_OF_THE_STORE = ("CodingError", "KeptCoding", "open_coding", "start_coding")

__all__ = [
    "Code",
    "Coder",
    "Coding",
    "CodingError",
    "Configuration",
    "Conflict",
    "Decision",
    "Document",
    "Evidence",
    "Examined",
    "ExchangeError",
    "ExchangeReport",
    "Extract",
    "Foreign",
    "KeptCoding",
    "Measure",
    "Memo",
    "MergedCoding",
    "Part",
    "Question",
    "Reanchored",
    "Ripple",
    "Slot",
    "Snapshot",
    "TextDocument",
    "Theory",
    "Turn",
    "Validation",
    "check_coding",
    "code_use",
    "coder_overlap",
    "configuration_export",
    "configuration_summary",
    "configuration_table",
    "examine_study",
    "gaps",
    "import_project",
    "interview_questions",
    "memos_and_decisions",
    "merge_codings",
    "open_coding",
    "read_coded_segments",
    "read_coding",
    "read_qdc",
    "read_qdpx",
    "read_qualcoder",
    "read_taguette",
    "read_text_document",
    "reanchor",
    "ripples",
    "start_coding",
    "theory_lineage",
    "transcripts",
    "turns",
    "validations",
    "write_coded_segments",
    "write_coding",
    "write_docx",
    "write_qdc",
    "write_qdpx",
]


def __getattr__(name: str) -> Any:
    # The store needs a database library, which is loaded when somebody asks for it.
    if name in _OF_THE_STORE:
        return getattr(import_module(f"{__name__}.store"), name)
    if name == "import_project":
        return import_module(f"{__name__}.importing").import_project
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
