"""Networks to and from other programs: Gephi, UCINET, Pajek, visone, R; what a format cannot carry is always said.

Nothing is measured or drawn here. `graph_files` reads and writes, `r_matrices` writes for RSiena and ergm; each format
has its own module over the plain `tables`.
"""

from cop_analysis.network.exchange.graph_files import (
    FORMATS,
    read_graph,
    read_graphs,
    read_vertex_values,
    write_graph,
)
from cop_analysis.network.exchange.r_matrices import write_ergm, write_rsiena
from cop_analysis.network.exchange.report import ExchangeReport, GraphFileError

__all__ = [
    "FORMATS",
    "ExchangeReport",
    "GraphFileError",
    "read_graph",
    "read_graphs",
    "read_vertex_values",
    "write_ergm",
    "write_graph",
    "write_rsiena",
]
