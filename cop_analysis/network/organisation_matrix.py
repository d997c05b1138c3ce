"""Ties between organisations as a matrix of counts, one heat map a wave; people are not shown here."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cop_analysis.figures import BLUE, GREY, INK, PAPER
from cop_analysis.network.island_map import WIDTH, picture, shortened, text_line
from cop_analysis.network.levels import LevelNetworks, LevelWave, networks_at, too_small_to_show
from cop_analysis.network.marks import mixed_with_paper, number, text_colour_on, text_of
from cop_analysis.network.methods.networks import organisation_network
from cop_analysis.network.naming import lines_of, with_code
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.results import Figure, Result, count_of

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

ORGANISATIONS_AT_MOST = 20
"""The heat map shows this many organisations, those with the most ties; the table always has all."""


def organisation_matrix(study: Study, relation: str | None = None, *, by: str = ATTRIBUTE) -> Result:
    """Answer which organisations, or sectors, are connected to which, and how strongly, wave by wave.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.
    by : {"organisation", "sector"}

    Returns
    -------
    Result
        One row a wave and pair with at least one tie: ``wave, from_organisation, to_organisation, ties, possible,
        density, mean_strength`` (by sector: ``from_sector, to_sector``); a pair of an organisation with itself is its
        ties within. For an undirected relation each pair appears once.

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
    title = f"Ties between {by}s"
    level = networks_at(study, relation, by, "organisation-matrix", title, f"ties between {by}s")
    if isinstance(level, Result):
        return level
    withheld = too_small_to_show(study, level, title)
    if withheld is not None:
        return withheld
    rolled = [organisation_network(wave.placed, by) for wave in level.waves]
    table = pd.concat(
        [_rows(wave, graph, by) for wave, graph in zip(level.waves, rolled, strict=True)], ignore_index=True
    )
    caveats = list(level.caveats)
    organisations = _organisations(rolled)
    if len(organisations) > ORGANISATIONS_AT_MOST:
        caveats.append(
            f"The picture shows the {ORGANISATIONS_AT_MOST} {level.plural} with the most ties of {len(organisations)}; "
            "the table has all."
        )
    ends = ("from", "to") if level.found.is_directed else (f"one {by}", "the other")
    return level.result(
        f"{title}: {level.found.name}",
        " ".join(_sentence(level, wave, graph) for wave, graph in zip(level.waves, rolled, strict=True)),
        table=table,
        labels={f"from_{by}": ends[0], f"to_{by}": ends[1], "possible": "possible ties"},
        figure=_draw(level, rolled, sorted(organisations[:ORGANISATIONS_AT_MOST], key=str)),
        caveats=tuple(caveats),
        method=f"Person ties counted by the {level.plural} of their two people. Possible: as many as the people of "
        "both who were asked allow; density = ties among those / possible.",
        show_table=len(table) <= 60,
    )


def _rows(wave: LevelWave, graph: nx.Graph, by: str) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = [
        (
            wave.label,
            str(name),
            str(name),
            data["within_ties"],
            data["within_possible"],
            data["within_density"],
            data.get("within_strength"),
        )
        for name, data in graph.nodes(data=True)
        if data["within_ties"]
    ]
    rows += [
        (wave.label, str(first), str(second), data["ties"], data["possible"], data["density"], data.get("strength"))
        for first, second, data in graph.edges(data=True)
    ]
    columns = ["wave", f"from_{by}", f"to_{by}", "ties", "possible", "density", "mean_strength"]
    table = pd.DataFrame(rows, columns=columns).sort_values(columns[1:3], ignore_index=True)
    table["mean_strength"] = table["mean_strength"].astype(float)
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


def _sentence(level: LevelNetworks, wave: LevelWave, graph: nx.Graph) -> str:
    organisations = graph.number_of_nodes()
    pairs = {frozenset(pair) for pair in graph.edges()}
    possible = organisations * (organisations - 1) // 2
    text = (
        f"{wave.label}: {len(pairs)} of {count_of(possible, 'pair')} of {level.plural} had at least one "
        f"{level.found.name} tie"
    )
    counts: dict[tuple[str, str], int] = {}
    for first, second, data in graph.edges(data=True):
        one, other = sorted((str(first), str(second)))
        counts[(one, other)] = counts.get((one, other), 0) + data["ties"]
    most = max(counts.values(), default=0)
    largest = [pair for pair, count in counts.items() if count == most]
    if len(largest) == 1:
        text += f", most between {level.called(largest[0][0])} and {level.called(largest[0][1])} ({most})"
    return text + "."


def _draw(level: LevelNetworks, rolled: list[nx.Graph], shown: list[Hashable]) -> Figure:
    columns = min(2, len(rolled)) if len(shown) <= 9 else 1
    panel = WIDTH / columns
    # The rows say name and code, and so are the key to the columns, which have room for the code alone.
    few = len(shown) <= 5
    longest = 44 if columns == 1 else 66 if few else 26
    labels = [with_code(name, level.names, longest) for name in shown]
    rows = [lines_of(label, 22)[:3] if few and columns > 1 else [label] for label in labels]
    codes = [shortened(str(name), 12) for name in shown]
    margin = 14 + 7.4 * max(len(line) for lines in rows for line in lines)
    cell = min(64.0, (panel - margin - 16) / len(shown))
    slanted = 20.0
    if any(7.4 * len(code) > cell - 2 for code in codes):
        # Codes that do not fit lie at 45 degrees and need room to the right of the last column.
        slanted = 6.0 * max(map(len, codes))
        cell = min(64.0, (panel - margin - slanted - 8) / len(shown))
    top = 44 + slanted
    panel_height = top + cell * len(shown) + 18
    height = panel_height * -(-len(rolled) // columns) + 24
    counts = [[[_count(graph, row, column) for column in shown] for row in shown] for graph in rolled]
    most = max(1, *(value for matrix in counts for line in matrix for value in line))
    parts = []
    marks = []
    for place, (wave, matrix) in enumerate(zip(level.waves, counts, strict=True)):
        left = (place % columns) * panel
        down = (place // columns) * panel_height
        parts.append(text_line(left + 8, down + 20, shortened(wave.label, 40), 15, bold=True))
        for position, code in enumerate(codes):
            across = left + margin + (position + 0.5) * cell
            turn = f' transform="rotate(-45 {number(across)} {number(down + top - 6)})"' if slanted > 20 else ""
            anchor = "start" if slanted > 20 else "middle"
            parts.append(
                f'<text x="{number(across)}" y="{number(down + top - 6)}" font-size="12" text-anchor="{anchor}" '
                f'fill="{INK}"{turn}>{text_of(code)}</text>'
            )
            middle = down + top + (position + 0.5) * cell + 4 - 7 * (len(rows[position]) - 1)
            parts += [
                text_line(left + margin - 6, middle + 14 * n, line, 12, anchor="end")
                for n, line in enumerate(rows[position])
            ]
        for row, line in enumerate(matrix):
            for column, value in enumerate(line):
                parts.append(
                    _cell(
                        left + margin + column * cell, down + top + row * cell, cell, value, value / most, row == column
                    )
                )
                marks.append((wave.label, str(shown[row]), str(shown[column]), value))
    an = "an" if level.by == ATTRIBUTE else "a"
    reading = (
        "Rows name, columns are named." if level.found.is_directed else "Each pair appears twice."
    ) + f" Framed cells: ties within {an} {level.by}. Darker: more ties, on one scale for all waves."
    return picture(
        level.key, f"{level.found.name.capitalize()} ties by {level.by} and wave", _in_words(level, counts, shown),
        height, [*parts, text_line(8, height - 8, reading)],
        pd.DataFrame(marks, columns=["wave", f"from_{level.by}", f"to_{level.by}", "ties"]), role="img",
    )  # fmt: skip


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


def _in_words(level: LevelNetworks, counts: list[list[list[int]]], shown: list[Hashable]) -> str:
    parts = [f"A table of ties between {count_of(len(shown), level.by)} for each wave, rows to columns."]
    for wave, matrix in zip(level.waves, counts, strict=True):
        within = sum(matrix[place][place] for place in range(len(shown)))
        total = sum(map(sum, matrix))
        across = total - within if level.found.is_directed else (total - within) // 2
        lines = [
            f"{level.called(shown[row])} to {level.called(shown[column])} {value}"
            for value, row, column in sorted(
                ((value, row, column) for row, line in enumerate(matrix) for column, value in enumerate(line)),
                key=lambda mark: (-mark[0], mark[1], mark[2]),
            )
            if value and row != column and (level.found.is_directed or row < column)
        ]
        text = f"{wave.label}: {count_of(within, 'tie')} within {level.plural} and {across} across"
        parts.append(text + (f"; the largest across: {', '.join(lines[:5])}." if lines else "."))
    return " ".join(parts)
