"""`cop network export`, also `cop export-network`: a study's networks written for another program."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cop_analysis.commands.registry import DATA_AT_FAULT, RUN_FAILED, StudyFolder, command, holds_study, stop
from cop_analysis.network.exchange.kinds import written
from cop_analysis.terminal import say

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.network import ExchangeReport
    from cop_analysis.study import Study


@command("export-network")
@command("network", "export")
def export_network(
    study: StudyFolder,
    format: Annotated[str, typer.Option("--format", help=f"One of: {', '.join(written())}.")],
    relation: Annotated[str, typer.Option("--relation", help="Such as advice; without it the study's first.")] = "",
    wave: Annotated[str, typer.Option("--wave", help="Only this wave (by its key); without it every wave.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder to write to; without it STUDY_network in this folder.")
    ] = None,
) -> None:
    """Write a study's network, wave by wave, for Gephi, UCINET, Pajek, visone, RSiena or ergm."""
    from cop_analysis.files import reason_of
    from cop_analysis.study import StudyError, open_study

    if format not in written():
        stop(f"There is no format {format!r}. Known are: {', '.join(written())}.")
    if not holds_study(study) and not study.is_dir():
        stop(f"There is no folder {study}. Name the folder that holds study.toml.")
    try:
        opened = open_study(study)
    except StudyError:
        stop(f"{study} has faults. List them with: cop check {study}", DATA_AT_FAULT)
    try:
        for report in export(opened, format, out or Path(f"{opened.key}_network"), relation, wave):
            say(report.sentence)
            for path in report.files:
                say(f"  {path}")
    except ValueError as fault:
        stop(str(fault))
    except OSError as fault:
        named = f" to {fault.filename}" if fault.filename else ""
        stop(f"The network could not be written{named}: {reason_of(fault)}.", RUN_FAILED)


def export(study: Study, format: str, folder: Path, relation: str = "", wave: str = "") -> list[ExchangeReport]:
    """Write the waves of one relation of a study to a folder.

    Parameters
    ----------
    study : Study
    format : str
        One of `kinds.written`.
    folder : pathlib.Path
    relation, wave : str
        Empty for the first relation, and for every wave.

    Returns
    -------
    list of ExchangeReport
        One a file, or one for all waves where the format holds them together.

    Raises
    ------
    ValueError
        If the study has no ties, no such relation or no such wave.
    """
    from cop_analysis import network
    from cop_analysis.network.exchange.kinds import formats
    from cop_analysis.network.exchange.tables import distinct

    waves = network.wave_graphs(study, relation or None)
    if wave:
        if wave not in waves:
            raise ValueError(f"There is no wave {wave!r} of these ties. There are: {', '.join(waves)}.")
        waves = {wave: waves[wave]}
    name = next(iter(waves.values())).graph["relation"]
    chosen = formats()[format]
    if chosen.writes_waves is not None:
        return [chosen.writes_waves(waves, folder)]
    waves = {key: _with_words(graph) for key, graph in waves.items()}
    files, _ = distinct([file_name(f"{name} {key}") for key in waves])
    return [
        network.write_graph(graph, folder / f"{file}{chosen.ending}", format)
        for file, graph in zip(files, waves.values(), strict=True)
    ]


def _with_words(graph: nx.Graph) -> nx.Graph:
    """Write who answered as yes, no or never asked, so that no program takes a gap for an answer."""
    from cop_analysis.network.methods.graphs import answers_of

    for person, answer in answers_of(graph).items():
        graph.nodes[person]["answered"] = answer or None
    return graph


def file_name(text: str) -> str:
    """Make a file name of a text from data: letters, digits, hyphens and underscores only.

    Examples
    --------
    >>> file_name("advice baseline"), file_name("../../etc"), file_name("信頼")
    ('advice_baseline', 'etc', 'network-91b4b1f3')
    """
    plain = re.sub(r"[^A-Za-z0-9-]+", "_", text).strip("_")
    if plain and text.isascii() and len(plain) <= 100:
        return plain
    return f"{plain[:80] or 'network'}-{zlib.crc32(text.encode('utf-8', 'replace')):08x}"
