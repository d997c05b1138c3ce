"""What a study is: study.toml, the tables and their contracts, documents and periods; no analysis lives here."""

from cop_analysis.study.check import check_folder
from cop_analysis.study.config import Instrument, Stated, StudyConfig
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.faults import Fault, StudyError, number_of, summarise
from cop_analysis.study.study import Study, open_study
from cop_analysis.study.template import new_study

__all__ = [
    "CONTRACTS",
    "Fault",
    "Instrument",
    "Stated",
    "Study",
    "StudyConfig",
    "StudyError",
    "check_folder",
    "new_study",
    "number_of",
    "open_study",
    "summarise",
]
