"""Import the rooms before pytest collects their docstrings' examples.

Several modules carry the name of their main function (`change/flow.py` holds `flow`). Collected on its own, pytest
would import such a file a second time and put the module where the package holds the function.
"""

import os

# The test processes already take every core; a thread a core in each of them waits more than it works.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cop_analysis.network
import cop_analysis.sessions
import cop_analysis.synthesis  # noqa: F401
