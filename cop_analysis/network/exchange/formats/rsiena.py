"""The waves of a network for RSiena, with an R script that reads them; written, and read by R alone."""

from __future__ import annotations

from cop_analysis.network.exchange.kinds import Format
from cop_analysis.network.exchange.r_waves import write_rsiena

FORMAT = Format(title="RSiena", place=110, writes_waves=write_rsiena)
