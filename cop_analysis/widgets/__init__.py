"""The in-notebook interfaces: what a person clicks in JupyterLab. No analysis is done here."""

from cop_analysis.widgets.coding import coding
from cop_analysis.widgets.workbench import Workbench, find_studies, what_waits, workbench

__all__ = ["Workbench", "coding", "find_studies", "what_waits", "workbench"]
