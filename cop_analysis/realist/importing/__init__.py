"""Other programs' coding brought into a study folder: recognised by content, whole or not at all, undone in one step.

This file only gathers the names another part of the house needs.
"""

from cop_analysis.realist.importing.bring import Imported, OffsetPreview, UnsettledOffsets, import_project, recognise
from cop_analysis.realist.importing.unfinished import finish_imports

__all__ = ["Imported", "OffsetPreview", "UnsettledOffsets", "finish_imports", "import_project", "recognise"]
