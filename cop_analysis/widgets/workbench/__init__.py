"""The workbench: choose or make a study, add documents, code, check, run its report, see what waits; no code typed.

`folders`, `bringing`, `runs` and `waiting` each do one of these and know no browser; `desk` puts them together as plain
values; `panel` is the widget, and `static/` what runs in the browser. Checking and reporting call the command line in a
process of its own, so that what is done here is what a scheduled run does. Nothing here decides anything about data.
"""

from cop_analysis.widgets.workbench.folders import find_studies, outputs_folder
from cop_analysis.widgets.workbench.panel import ROOT_VARIABLE, STUDY_VARIABLE, Workbench, workbench
from cop_analysis.widgets.workbench.waiting import what_waits

__all__ = [
    "ROOT_VARIABLE",
    "STUDY_VARIABLE",
    "Workbench",
    "find_studies",
    "outputs_folder",
    "what_waits",
    "workbench",
]
