"""What a study is: study.toml, the tables and their contracts, documents and periods; no analysis lives here."""

from cop_analysis.study.check import check_folder
from cop_analysis.study.config import Instrument, Item, RatingItem, Relation, Stated, StudyConfig, Wave
from cop_analysis.study.contracts import CONTRACTS, Column, Contract, Reference
from cop_analysis.study.faults import Fault, FaultGroup, StudyError, gather, number_of, summarise
from cop_analysis.study.periods import Period, financial_years, find_period
from cop_analysis.study.study import InputFile, Study, open_study
from cop_analysis.study.template import new_study

__all__ = [
    "CONTRACTS",
    "Column",
    "Contract",
    "Fault",
    "FaultGroup",
    "InputFile",
    "Instrument",
    "Item",
    "Period",
    "RatingItem",
    "Reference",
    "Relation",
    "Stated",
    "Study",
    "StudyConfig",
    "StudyError",
    "Wave",
    "check_folder",
    "financial_years",
    "find_period",
    "gather",
    "new_study",
    "number_of",
    "open_study",
    "summarise",
]
