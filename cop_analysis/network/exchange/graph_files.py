"""The two calls: read a network from a file whatever its format, and write one; the formats are in their own modules.

This and the writers for R are the only places of the room that touch files; a file appears whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis.files import put_whole
from cop_analysis.network.exchange.csv_files import read_csv_tables, read_matrix, write_csv
from cop_analysis.network.exchange.dl import read_dl, write_dl
from cop_analysis.network.exchange.gexf import read_gexf, write_gexf
from cop_analysis.network.exchange.gml import read_gml, write_gml
from cop_analysis.network.exchange.graphml import read_graphml, write_graphml
from cop_analysis.network.exchange.pajek_objects import read_pajek, read_values, write_pajek, write_project
from cop_analysis.network.exchange.recognise import content_of, format_of, text_from
from cop_analysis.network.exchange.report import ExchangeReport, GraphFileError
from cop_analysis.network.exchange.tables import GraphTables, graph_of, tables_of
from cop_analysis.network.exchange.valued import as_undirected
from cop_analysis.network.exchange.vna import read_vna, write_vna

if TYPE_CHECKING:
    import networkx as nx

FORMATS = {"graphml": ".graphml", "gexf": ".gexf", "pajek": ".net", "dl": ".dl", "vna": ".vna", "gml": ".gml",
           "csv": ".csv"}  # fmt: skip
"""The formats that are written, with the ending each usually has."""

_ENDINGS = {".graphml": "graphml", ".xml": "graphml", ".gexf": "gexf", ".net": "pajek", ".paj": "pajek", ".dl": "dl",
            ".dat": "dl", ".vna": "vna", ".gml": "gml", ".csv": "csv"}  # fmt: skip


LAYOUTS = ("names", "matrix", "ties")
"""What a table without a telling header can be: a person and whom they named, a matrix, a list of ties."""


def read_graph(
    path: Path | str, *, directed: bool | None = None, layout: str | None = None
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
    if len(graphs) > 1:
        note = f"The file holds {len(graphs)} networks; this is the first (read_graphs gives all)."
        report = _report(report.format, report.files, graphs[0], [note, *report.notes])
    return graphs[0], report


def read_graphs(
    path: Path | str, *, directed: bool | None = None, layout: str | None = None
) -> tuple[tuple[nx.Graph, ...], ExchangeReport]:
    """Read every network of a file; only GraphML and Pajek projects hold several. See `read_graph`."""
    if layout not in (None, *LAYOUTS):
        raise ValueError(f"layout is {layout!r}; it is one of {', '.join(LAYOUTS)}.")
    path = Path(path)
    files = [path]
    if path.is_dir():
        path, files = _in_folder(path)
    content = content_of(path)
    name = path.name
    kind = format_of(content, name)
    notes: list[str] = []
    found: list[GraphTables]
    if kind in ("graphml", "gexf"):
        found, notes = (read_graphml if kind == "graphml" else read_gexf)(content, name)
    else:
        text, notes = text_from(content, name, keep_breaks=kind == "csv")
        if kind == "pajek":
            found, more = read_pajek(text, name)
        elif kind == "csv":
            beside = nodes_beside(path)
            nodes_text = None
            if beside is not None:
                nodes_text, said = text_from(content_of(beside), beside.name, keep_breaks=True)
                notes += said
                files = [path, beside]
            tables, more = read_csv_tables(text, name, nodes_text, beside.name if beside else "", directed, layout)
            found = [tables]
        elif kind == "matrix":
            tables, more = read_matrix(text, name, directed, layout)
            found = [tables]
        else:
            reader = {"dl": read_dl, "vna": read_vna, "gml": read_gml}[kind]
            tables, more = reader(text, name, directed)
            found = [tables]
        notes = [*notes, *more]
    if directed is False:
        for n, tables in enumerate(found):
            if tables.is_directed:
                found[n], more = as_undirected(tables)
                notes += more
    graphs = tuple(graph_of(tables) for tables in found)
    return graphs, _report(kind, tuple(files), graphs[0], notes)


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
    kind = format or _ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"The ending of {path.name} names no format. Give format=, one of: {', '.join(FORMATS)}.")
    if kind not in FORMATS:
        raise ValueError(f"There is no format {kind!r}. Known are: {', '.join(FORMATS)}.")
    tables, notes = tables_of(graph)
    files: tuple[Path, ...] = (path,)
    if kind == "csv":
        ties, nodes, more = write_csv(tables)
        beside = path.with_name(f"{path.stem}_nodes{path.suffix or '.csv'}")
        write_whole(beside, nodes)
        write_whole(path, ties)
        files = (path, beside)
    else:
        project = path.suffix.lower() == ".paj"
        writers: dict[str, Any] = {
            "graphml": write_graphml,
            "gexf": write_gexf,
            "pajek": write_project if project else write_pajek,
            "dl": write_dl,
            "vna": write_vna,
            "gml": write_gml,
        }
        text, more = writers[kind](tables)
        write_whole(path, text)
    return _report(kind, files, graph, [*notes, *dict.fromkeys(more)])


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
    path.parent.mkdir(parents=True, exist_ok=True)
    put_whole(path, text)


def nodes_beside(path: Path) -> Path | None:
    """Find the file of nodes that belongs to a file of ties: ``x_nodes.csv`` for ``x.csv`` or ``x_edges.csv``."""
    stems = [path.stem]
    for word in ("_edges", "_ties", "-edges", "-ties"):
        if path.stem.lower().endswith(word):
            stems.append(path.stem[: -len(word)])
    names = [f"{stem}{mark}nodes{path.suffix}" for stem in stems for mark in ("_", "-")]
    if path.stem.lower() in ("edges", "ties"):
        names.append(f"nodes{path.suffix}")
    return next((path.with_name(name) for name in names if path.with_name(name).is_file()), None)


def _in_folder(folder: Path) -> tuple[Path, list[Path]]:
    for name in ("edges.csv", "ties.csv"):
        if (folder / name).is_file():
            return folder / name, [folder / name]
    raise GraphFileError(f"{folder} is a folder without edges.csv or ties.csv. Name the file that holds the network.")


def _report(kind: str, files: tuple[Path, ...], graph: nx.Graph, notes: list[str]) -> ExchangeReport:
    return ExchangeReport(kind, tuple(files), graph.number_of_nodes(), graph.number_of_edges(), tuple(notes))
