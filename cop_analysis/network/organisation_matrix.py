"""Ties between organisations as a matrix of counts, one heat map a wave; people are not shown here."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cop_analysis.figures import BLUE, GREY, INK, PAPER, stand_alone_svg
from cop_analysis.network.build import organisation_network
from cop_analysis.network.marks import mixed_with_paper, number, text_colour_on, text_of
from cop_analysis.network.study_networks import StudyNetworks, WaveNetwork, networks_of, no_ties_placed, plural
from cop_analysis.results import Figure, Result

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

ORGANISATIONS_AT_MOST = 20
"""The heat map shows this many organisations, those with the most ties; the table always has all."""

_WIDTH = 960.0


def organisation_matrix(study: Study, relation: str | None = None) -> Result:
    """Answer which organisations are connected to which, and how strongly, wave by wave.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.

    Returns
    -------
    Result
        One row a wave and pair with at least one tie: ``wave, from_organisation, to_organisation, ties, possible,
        density, mean_strength``; a pair of an organisation with itself is its ties within. For an undirected
        relation each pair appears once.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> organisation_matrix(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).key
    'organisation-matrix'
    """
    title = "Ties between organisations"
    found = networks_of(study, relation, "organisation-matrix", title, "ties between organisations")
    if isinstance(found, Result):
        return found
    key = f"organisation-matrix-{found.slug}"
    if not any(wave.ties for wave in found.waves):
        return no_ties_placed(found, key, title)
    rolled = [organisation_network(wave.placed) for wave in found.waves]
    table = pd.concat([_rows(wave, graph) for wave, graph in zip(found.waves, rolled, strict=True)], ignore_index=True)
    caveats = list(found.caveats)
    organisations = _organisations(rolled)
    if len(organisations) > ORGANISATIONS_AT_MOST:
        caveats.append(
            f"The picture shows the {ORGANISATIONS_AT_MOST} organisations with the most ties of {len(organisations)}; "
            "the table has all."
        )
    return Result(
        key=key,
        title=f"{title}: {found.name}",
        sentence=" ".join(_sentence(found, wave, graph) for wave, graph in zip(found.waves, rolled, strict=True)),
        table=table,
        labels={"from_organisation": "from", "to_organisation": "to", "mean_strength": "mean strength"}
        if found.is_directed
        else {
            "from_organisation": "one organisation",
            "to_organisation": "the other",
            "mean_strength": "mean strength",
        },
        figure=_draw(key, found, rolled, sorted(organisations[:ORGANISATIONS_AT_MOST], key=str)),
        caveats=tuple(caveats),
        method="Person ties counted by the organisations of their two people. Possible: as many as the people of both "
        "allow; density = ties / possible.",
        sources=found.sources,
        show_table=len(table) <= 60,
    )


def _rows(wave: WaveNetwork, graph: nx.Graph) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = [
        (wave.label, str(name), str(name), data["within_ties"], data["within_possible"], data.get("within_strength"))
        for name, data in graph.nodes(data=True)
        if data["within_ties"]
    ]
    rows += [
        (wave.label, str(first), str(second), data["ties"], data["possible"], data.get("strength"))
        for first, second, data in graph.edges(data=True)
    ]
    columns = ["wave", "from_organisation", "to_organisation", "ties", "possible", "mean_strength"]
    table = pd.DataFrame(rows, columns=columns).sort_values(columns[1:3], ignore_index=True)
    table["mean_strength"] = table["mean_strength"].astype(float)
    table.insert(5, "density", table["ties"] / table["possible"])
    return table


def _organisations(rolled: list[nx.Graph]) -> list[Hashable]:
    """All organisations, those with the most ties over all waves first."""
    ties: dict[Hashable, int] = {}
    for graph in rolled:
        for name, data in graph.nodes(data=True):
            ties[name] = ties.get(name, 0) + data["within_ties"]
        for first, second, data in graph.edges(data=True):
            ties[first] += data["ties"]
            ties[second] += data["ties"]
    return sorted(ties, key=lambda name: (-ties[name], str(name)))


def _sentence(found: StudyNetworks, wave: WaveNetwork, graph: nx.Graph) -> str:
    organisations = graph.number_of_nodes()
    pairs = {frozenset(pair) for pair in graph.edges()}
    possible = organisations * (organisations - 1) // 2
    text = (
        f"{wave.label}: {len(pairs)} of {plural(possible, 'pair')} of organisations had at least one {found.name} tie"
    )
    counts: dict[tuple[str, str], int] = {}
    for first, second, data in graph.edges(data=True):
        one, other = sorted((str(first), str(second)))
        counts[(one, other)] = counts.get((one, other), 0) + data["ties"]
    most = max(counts.values(), default=0)
    largest = [pair for pair, count in counts.items() if count == most]
    if len(largest) == 1:
        text += f", most between {largest[0][0]} and {largest[0][1]} ({most})"
    return text + "."


def _draw(name: str, found: StudyNetworks, rolled: list[nx.Graph], shown: list[Hashable]) -> Figure:
    columns = min(2, len(rolled))
    panel = _WIDTH / columns
    codes = [_shortened(str(organisation), 12) for organisation in shown]
    margin = 14 + 7.4 * max(len(code) for code in codes)
    cell = min(64.0, (panel - margin - 16) / len(shown))
    slanted = 20.0
    if any(7.4 * len(code) > cell - 2 for code in codes):
        # Names that do not fit lie at 45 degrees and need room to the right of the last column.
        slanted = 0.75 * margin
        cell = min(64.0, (panel - 1.6 * margin - 8) / len(shown))
    top = 44 + slanted
    panel_height = top + cell * len(shown) + 18
    height = panel_height * -(-len(rolled) // columns) + 24
    counts = [[[_count(graph, row, column) for column in shown] for row in shown] for graph in rolled]
    most = max(1, *(value for matrix in counts for line in matrix for value in line))
    parts = [f'<rect width="{number(_WIDTH)}" height="{number(height)}" fill="{PAPER}"/>']
    marks = []
    for place, (wave, matrix) in enumerate(zip(found.waves, counts, strict=True)):
        left = (place % columns) * panel
        down = (place // columns) * panel_height
        parts.append(
            f'<text x="{number(left + 8)}" y="{number(down + 20)}" font-size="15" font-weight="bold" fill="{INK}">'
            f"{text_of(_shortened(wave.label, 40))}</text>"
        )
        for position, code in enumerate(codes):
            across = left + margin + (position + 0.5) * cell
            turn = f' transform="rotate(-45 {number(across)} {number(down + top - 6)})"' if slanted > 20 else ""
            anchor = "start" if slanted > 20 else "middle"
            parts.append(
                f'<text x="{number(across)}" y="{number(down + top - 6)}" font-size="12" text-anchor="{anchor}" '
                f'fill="{INK}"{turn}>{text_of(code)}</text>'
            )
            parts.append(
                f'<text x="{number(left + margin - 6)}" y="{number(down + top + (position + 0.5) * cell + 4)}" '
                f'font-size="12" text-anchor="end" fill="{INK}">{text_of(code)}</text>'
            )
        for row, line in enumerate(matrix):
            for column, value in enumerate(line):
                parts.append(
                    _cell(
                        left + margin + column * cell, down + top + row * cell, cell, value, value / most, row == column
                    )
                )
                marks.append((wave.label, str(shown[row]), str(shown[column]), value))
    reading = (
        "Rows name, columns are named." if found.is_directed else "Each pair appears twice."
    ) + " Framed cells: ties within an organisation. Darker: more ties, on one scale for all waves."
    parts.append(f'<text x="8" y="{number(height - 8)}" font-size="12" fill="{INK}">{reading}</text></svg>')
    opening = (
        f'<svg viewBox="0 0 {number(_WIDTH)} {number(height)}" font-family="DejaVu Sans, Verdana, Arial, sans-serif">'
    )
    title = f"{found.name.capitalize()} ties by organisation and wave"
    alt = _in_words(found, counts, shown)
    return Figure(
        name=name,
        title=title,
        svg=stand_alone_svg(opening + "".join(parts), name, title, alt),
        alt=alt,
        table=pd.DataFrame(marks, columns=["wave", "from_organisation", "to_organisation", "ties"]),
    )


def _cell(x: float, y: float, size: float, value: int, intensity: float, is_within: bool) -> str:
    colour = PAPER if value == 0 else mixed_with_paper(BLUE, 0.12 + 0.88 * intensity)
    frame = f'stroke="{INK}" stroke-width="1.8"' if is_within else f'stroke="{mixed_with_paper(GREY, 0.4)}"'
    inset = 1.2 if is_within else 0.5
    side = number(size - 2 * inset)
    font = min(14.0, 0.42 * size)
    return (
        f'<rect x="{number(x + inset)}" y="{number(y + inset)}" width="{side}" height="{side}" '
        f'fill="{colour}" {frame}/>'
        f'<text x="{number(x + size / 2)}" y="{number(y + size / 2 + 0.36 * font)}" font-size="{number(font)}" '
        f'text-anchor="middle" fill="{text_colour_on(colour)}">{value}</text>'
    )


def _count(graph: nx.Graph, row: Hashable, column: Hashable) -> int:
    if row == column:
        return int(graph.nodes[row]["within_ties"]) if row in graph else 0
    return int(graph.edges[row, column]["ties"]) if graph.has_edge(row, column) else 0


def _in_words(found: StudyNetworks, counts: list[list[list[int]]], shown: list[Hashable]) -> str:
    parts = [f"A table of ties between {plural(len(shown), 'organisation')} for each wave, rows to columns."]
    for wave, matrix in zip(found.waves, counts, strict=True):
        within = sum(matrix[place][place] for place in range(len(shown)))
        total = sum(map(sum, matrix))
        across = total - within if found.is_directed else (total - within) // 2
        lines = [
            f"{shown[row]} to {shown[column]} {value}"
            for value, row, column in sorted(
                ((value, row, column) for row, line in enumerate(matrix) for column, value in enumerate(line)),
                key=lambda mark: (-mark[0], mark[1], mark[2]),
            )
            if value and row != column and (found.is_directed or row < column)
        ]
        text = f"{wave.label}: {within} ties within organisations and {across} across"
        parts.append(text + (f"; the largest across: {', '.join(lines[:5])}." if lines else "."))
    return " ".join(parts)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
