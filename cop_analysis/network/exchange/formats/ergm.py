"""The waves of a network for ergm, with an R script that reads them; written, and read by R alone."""

from __future__ import annotations

from cop_analysis.network.exchange.kinds import Format
from cop_analysis.network.exchange.r_waves import write_ergm

FORMAT = Format(title="ergm", place=120, writes_waves=write_ergm)
