"""Erasing somebody who withdraws: out of records, log and files, so that no copy brings them back.

This file only gathers the names others need.
"""

from cop_analysis.realist.erasure.erase import Erasure

__all__ = ["Erasure"]
