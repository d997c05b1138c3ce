"""Exchange with other programs: REFI-QDA, Taguette, QualCoder, tables of coded segments, Word.

Reading gives a coding and a report; writing gives a report. This file only gathers the names others need.
"""

from cop_analysis.realist.documents.containers import ExchangeError
from cop_analysis.realist.exchange.formats.qdc import read_qdc, write_qdc
from cop_analysis.realist.exchange.formats.qdpx import read_qdpx, write_qdpx
from cop_analysis.realist.exchange.formats.qualcoder import read_qualcoder
from cop_analysis.realist.exchange.formats.segments import read_coded_segments, write_coded_segments
from cop_analysis.realist.exchange.formats.taguette import read_taguette
from cop_analysis.realist.exchange.formats.word import write_docx
from cop_analysis.realist.exchange.report import ExchangeReport, Item, OffsetChoice

__all__ = [
    "ExchangeError",
    "ExchangeReport",
    "Item",
    "OffsetChoice",
    "read_coded_segments",
    "read_qdc",
    "read_qdpx",
    "read_qualcoder",
    "read_taguette",
    "write_coded_segments",
    "write_docx",
    "write_qdc",
    "write_qdpx",
]
