"""The report room: notebooks executed, pages rendered, an offline site with its provenance; no room imports it."""

from cop_analysis.report.lab import open_workbench
from cop_analysis.report.notebooks import Notebook, find_notebooks
from cop_analysis.report.provenance import RunRecord
from cop_analysis.report.run import run_report
from cop_analysis.report.settings import RunSettings, SettingsError
from cop_analysis.report.site import write_outputs_index

__all__ = [
    "Notebook",
    "RunRecord",
    "RunSettings",
    "SettingsError",
    "find_notebooks",
    "open_workbench",
    "run_report",
    "write_outputs_index",
]
