"""Find the sections of a notebook that have nothing to show for this study, and why; pages are written elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cop_analysis.report.artefacts import Shown

FEWEST = 3
"""So many sections with nothing to show are gathered in one list; fewer stand where they are."""

_HEADING = re.compile(r"#{1,6}[ \t]+(.+?)[ \t#]*\Z")


@dataclass(frozen=True)
class EmptySection:
    """A heading with the sentences that say why nothing stands under it.

    Parameters
    ----------
    heading : str
    cells : range
        The positions of its cells in the notebook, the heading's own first.
    results : tuple of Shown
    """

    heading: str
    cells: range
    results: tuple[Shown, ...]

    @property
    def missing(self) -> str:
        """The one file for want of which nothing stands here; empty where it is not so simple."""
        files = {shown.payload["absent_file"] for shown in self.results}
        return str(files.pop()) if len(files) == 1 else ""


def empty_sections(cells: Sequence[Any], by_cell: Mapping[int, Mapping[int, Shown]]) -> tuple[EmptySection, ...]:
    """List the sections whose every result is one sentence and no more, if there are at least `FEWEST`.

    A section is a text cell that opens with a heading and the code cells up to the next text cell. The opening of the
    notebook is none, and neither is a section with any other output (a print, a traceback).

    Parameters
    ----------
    cells : sequence of nbformat.NotebookNode
    by_cell : mapping of int to mapping of int to Shown
        The results by position of cell and of output.
    """
    found = []
    starts = [position for position, cell in enumerate(cells) if cell.cell_type == "markdown"]
    for start, end in pairwise([*starts, len(cells)]):
        heading = _HEADING.match(cells[start].source.strip().split("\n")[0])
        codes = [position for position in range(start + 1, end) if cells[position].cell_type == "code"]
        shown = [one for position in codes for one in by_cell.get(position, {}).values()]
        outputs = sum(len(cells[position].get("outputs", ())) for position in codes)
        if start and heading and shown and outputs == len(shown) and all(map(_is_bare, shown)):
            found.append(EmptySection(heading[1], range(start, end), tuple(shown)))
    return tuple(found) if len(found) >= FEWEST else ()


def _is_bare(shown: Shown) -> bool:
    payload = shown.payload
    return not any(payload[name] for name in ("table", "figure", "headline", "body_html", "caveats", "highlights"))
