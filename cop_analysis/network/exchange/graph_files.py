"""The two calls: read a network from a file whatever its format, and write one; the formats are in their own modules.

This and the writers for R are the only places of the room that touch files; a file appears whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis.files import put_files
from cop_analysis.network.exchange.formats.pajek import read_values
from cop_analysis.network.exchange.kinds import (
    ExchangeReport,
    GraphFileError,
    Source,
    content_of,
    format_of,
    formats,
    named,
    text_from,
)
from cop_analysis.network.exchange.tables import as_undirected, graph_of, tables_of

if TYPE_CHECKING:
    import networkx as nx

LAYOUTS = ("names", "matrix", "ties")
"""What a table without a telling header can be: a person and whom they named, a matrix, a list of ties."""


def read_graph(
    path: Path | str, *, directed: bool | None = None, layout: str | None = None, number: int = 1
) -> tuple[nx.Graph, ExchangeReport]:
    """Read a network from a file, recognising the format by its content.

    Parameters
    ----------
    path : pathlib.Path or str
        GraphML, GEXF, Pajek (.net, .paj), UCINET DL, VNA, GML, a CSV of ties (its nodes beside it, as
        ``NAME_nodes.csv``) or of names (a person, then whom they named), or a matrix.
    directed : bool, optional
        Settles the direction where a format does not say: DL, VNA and matrices, where a network whose every tie has
        its opposite is otherwise read as undirected. For the others, False takes every tie as undirected.
    layout : {"names", "matrix", "ties"}, optional
        Settles what a table of numbers is where its header does not say; where it could be two things you are asked.

    number : int
        Which network, where the file holds several.

    Returns
    -------
    networkx graph
        With parallel ties a multigraph. Identifiers are text, or numbers where the file says so. Missing values are
        absent attributes; two modes are marked 0 and 1 by the attribute ``bipartite``; several matrices or relations
        become parallel ties with a ``relation``.
    ExchangeReport
        What was decided or left out.

    Raises
    ------
    GraphFileError
        If the file cannot be read, in one sentence. It is a ValueError.

    Notes
    -----
    XML entities and references to other files are refused, in GraphML and GEXF alike; files above 1 GB are not read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "advice.txt"
    >>> _ = path.write_text("dl n=2 format=fullmatrix labels: ann,bo data: 0 1 0 0")
    >>> graph, report = read_graph(path)
    >>> list(graph.edges), report.format
    ([('ann', 'bo')], 'dl')
    """
    graphs, report = read_graphs(path, directed=directed, layout=layout)
    if not 1 <= number <= len(graphs):
        holds = "one network" if len(graphs) == 1 else f"{len(graphs)} networks, numbered from 1"
        raise GraphFileError(f"{Path(path).name} holds {holds}, so there is no number {number}. Name one it holds.")
    graph = graphs[number - 1]
    if len(graphs) > 1:
        note = f"The file holds {len(graphs)} networks; this is number {number}. Ask for another by its number."
        report = _report(report.format, report.files, graph, [note, *report.notes])
    return graph, report


def read_graphs(
    path: Path | str, *, directed: bool | None = None, layout: str | None = None
) -> tuple[tuple[nx.Graph, ...], ExchangeReport]:
    """Read every network of a file; only GraphML and Pajek projects hold several. See `read_graph`."""
    if layout not in (None, *LAYOUTS):
        raise ValueError(f"layout is {layout!r}; it is one of {', '.join(LAYOUTS)}.")
    path = Path(path)
    if path.is_dir():
        path = _in_folder(path)
    content = content_of(path)
    kind = format_of(content, path.name)
    reads = formats()[kind].reads
    assert reads is not None
    found = reads(Source(path, content, directed, layout))
    networks, notes = found.networks, found.notes
    if directed is False:
        for n, tables in enumerate(networks):
            if tables.is_directed:
                networks[n], more = as_undirected(tables)
                notes += more
    graphs = tuple(graph_of(tables) for tables in networks)
    return graphs, _report(kind, (path, *found.beside), graphs[0], notes)


def write_graph(graph: nx.Graph, path: Path | str, format: str | None = None) -> ExchangeReport:
    """Write a network to a file, and say what the format could not carry.

    Parameters
    ----------
    graph : networkx graph
        Directed or not, with or without parallel ties and self loops. A graph whose nodes have ``bipartite`` 0 or 1
        and whose every tie joins the two is written as two modes where the format knows them.
    path : pathlib.Path or str
        For CSV the file of ties; the nodes go beside it, as ``NAME_nodes.csv``.
    format : str, optional
        One of ``graphml, gexf, pajek, dl, vna, gml, csv``; without it the file's ending decides. A Pajek file that
        ends in ``.paj`` is a project, which also carries the attributes of nodes.

    Returns
    -------
    ExchangeReport
        Its ``notes`` list, a sentence each, everything that reading the file back will not restore.

    Raises
    ------
    ValueError
        If there is no such format, or none can be told from the ending.
    OSError
        If the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> import networkx as nx
    >>> path = Path(tempfile.mkdtemp()) / "advice.graphml"
    >>> write_graph(nx.DiGraph([("ann", "bo", {"strength": 3})]), path).notes
    ()
    >>> read_graph(path)[0].edges["ann", "bo"]
    {'strength': 3}
    """
    path = Path(path)
    known = {name: one.writes for name, one in formats().items() if one.writes is not None}
    kind = format or named(path)
    if not kind:
        raise ValueError(f"The ending of {path.name} names no format. Give format=, one of: {', '.join(known)}.")
    if kind not in known:
        raise ValueError(f"There is no format {kind!r}. Known are: {', '.join(known)}.")
    tables, notes = tables_of(graph)
    written = known[kind](tables, path)
    # The named file comes last, so that it never stands without what belongs to it.
    for each, text in reversed(list(written.files.items())):
        write_whole(each, text)
    return _report(kind, tuple(written.files), graph, [*notes, *dict.fromkeys(written.notes)])


def read_vertex_values(path: Path | str) -> dict[str, list[Any]]:
    """Read the partitions (.clu) and vectors (.vec) of a Pajek file, by title.

    Returns
    -------
    dict of str to list
        A value or None for each vertex, in the order of the network's vertices.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "office.clu"
    >>> _ = path.write_text("*Vertices 3\\n1\\n2\\n2\\n")
    >>> read_vertex_values(path)
    {'partition': [1, 2, 2]}
    """
    path = Path(path)
    content = content_of(path)
    if format_of(content, path.name) != "pajek":
        raise GraphFileError(f"{path.name} is no Pajek file. Name a .clu, .vec or .paj file.")
    text, _ = text_from(content, path.name)
    return read_values(text, path.name)[0]


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it appears whole or not at all; its folder is made where it is missing."""
    put_files(path.parent, {path.name: text}, overwrite=True)


def _in_folder(folder: Path) -> Path:
    for name in ("edges.csv", "ties.csv"):
        if (folder / name).is_file():
            return folder / name
    raise GraphFileError(f"{folder} is a folder without edges.csv or ties.csv. Name the file that holds the network.")


def _report(kind: str, files: tuple[Path, ...], graph: nx.Graph, notes: list[str]) -> ExchangeReport:
    return ExchangeReport(kind, tuple(files), graph.number_of_nodes(), graph.number_of_edges(), tuple(notes))
