"""What an executed notebook holds as data: its results, their tables as CSV and their figures as SVG.

Results travel as JSON that any notebook could have written, so their shape is checked before anything is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cop_analysis.report.folders import write_whole
from cop_analysis.report.sanitise import Identifiers, clean
from cop_analysis.results import RESULT_MIMETYPE

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,79}\Z")
TABLES, FIGURES = "tables", "figures"


@dataclass(frozen=True)
class Shown:
    """A result as it appears on a page: which cell and output, its facts, and the files written from it.

    `anchor` is the id of the result on its page, `files` the label and path (from the run's folder) of each file.
    """

    page: str
    cell: int
    output: int
    payload: Mapping[str, Any]
    anchor: str
    files: tuple[tuple[str, str], ...] = ()


def find_results(name: str, notebook: Any) -> tuple[Shown, ...]:
    """List the results an executed notebook shows, in order, each with an anchor of its own.

    Parameters
    ----------
    name : str
        The notebook's name, which is its page's.
    notebook : nbformat.NotebookNode
        The executed notebook.
    """
    anchors = Identifiers()
    found = []
    for cell, output, data in _payloads(notebook):
        if (payload := checked_payload(data)) is not None:
            found.append(Shown(name, cell, output, payload, anchors.claim(payload["key"])))
    return tuple(found)


def _payloads(notebook: Any) -> Iterator[tuple[int, int, Any]]:
    for number, cell in enumerate(notebook.cells):
        for position, output in enumerate(cell.get("outputs", ())):
            if RESULT_MIMETYPE in output.get("data", {}):
                yield number, position, output["data"][RESULT_MIMETYPE]


def write_files(shown: Shown, folder: Path) -> Shown:
    """Write a result's table and figure into a run's folder and give the result with the paths of its files."""
    payload, stem = shown.payload, f"{shown.page[:2]}-{shown.anchor}"
    files: list[tuple[str, str]] = []
    if payload["table"]:
        files.append(("Table as CSV", _write_csv(folder, stem, payload["table"])))
    if payload["figure"]:
        figure = payload["figure"]
        path = f"{FIGURES}/{stem}.svg"
        write_whole(folder / path, stand_alone_file(figure["svg"]))
        files.append(("Figure as SVG", path))
        if figure["table"]:
            files.append(("Numbers of the figure as CSV", _write_csv(folder, f"{stem}-figure", figure["table"])))
    return Shown(shown.page, shown.cell, shown.output, payload, shown.anchor, tuple(files))


def _write_csv(folder: Path, stem: str, table: Mapping[str, Any]) -> str:
    path = f"{TABLES}/{stem}.csv"
    # The byte-order mark makes Excel read the file as UTF-8.
    write_whole(folder / path, "\ufeff" + table["csv"])
    return path


def stand_alone_file(svg: str) -> str:
    """Give a figure as the text of an SVG file, sanitised, with the name space a viewer needs.

    Examples
    --------
    >>> print(stand_alone_file('<svg viewBox="0 0 1 1" onload="x()"></svg>'), end="")
    <?xml version="1.0" encoding="UTF-8"?>
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>
    """
    cleaned = clean(svg, Identifiers()).replace("&nbsp;", "&#160;")
    opened = re.sub(r"<svg\b", '<svg xmlns="http://www.w3.org/2000/svg"', cleaned, count=1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opened.strip()}\n'


def audit_findings(results: tuple[Shown, ...]) -> tuple[str, ...]:
    """Give what results say has to be looked into: stated totals and rows that are not simply equal."""
    return tuple(shown.payload["to_look_into"] for shown in results if shown.payload["to_look_into"])


# --- is it the shape results.Result.payload gives? -------------------------------------------------------------------


def checked_payload(data: Any) -> dict[str, Any] | None:
    """Give a result's facts if every one has the shape it must have, otherwise None.

    Examples
    --------
    >>> checked_payload({"key": "../../etc"}) is None
    True
    """
    if not isinstance(data, dict) or not _text(data, "key", "title", "sentence", "method", "body_html"):
        return None
    lists = all(
        isinstance(data.get(name), list) and all(isinstance(item, str) for item in data[name])
        for name in ("caveats", "sources")
    )
    headline, figure = data.get("headline"), data.get("figure")
    # A notebook run by an earlier version has neither of these.
    highlights, absent_file = data.setdefault("highlights", []), data.setdefault("absent_file", "")
    to_look_into = data.setdefault("to_look_into", "")
    good = (
        _SLUG.match(data["key"])
        and lists
        and isinstance(data.get("show_table"), bool)
        and _is_table(data.get("table"))
        and (headline is None or _is_headline(headline))
        and isinstance(absent_file, str)
        and isinstance(to_look_into, str)
        and isinstance(highlights, list)
        and all(isinstance(one, dict) and _text(one, "heading", "text", "note") for one in highlights)
        and (figure is None or _is_figure(figure))
    )
    return dict(data) if good else None


def _text(data: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(data.get(name), str) for name in names)


def _is_headline(headline: Any) -> bool:
    return (
        isinstance(headline, dict)
        and _text(headline, "label", "value", "uncertainty")
        and type(headline.setdefault("order", 50)) is int
    )


def _is_figure(figure: Any) -> bool:
    return (
        isinstance(figure, dict)
        and _text(figure, "name", "title", "svg", "alt")
        and bool(_SLUG.match(figure["name"]))
        and "<svg" in figure["svg"]
        and _is_table(figure.get("table"))
    )


def _is_table(table: Any) -> bool:
    if table is None:
        return True
    if not isinstance(table, dict) or not isinstance(table.get("csv"), str):
        return False
    columns, rows = table.get("columns"), table.get("rows")
    if not (isinstance(columns, list) and isinstance(rows, list)):
        return False
    named = all(
        isinstance(table.get(part), list) and len(table[part]) == len(columns) for part in ("labels", "numeric")
    )
    texts = all(isinstance(item, str) for item in [*columns, *(table.get("labels") or [])])
    return (
        named
        and texts
        and all(
            isinstance(row, list) and len(row) == len(columns) and all(isinstance(cell, str) for cell in row)
            for row in rows
        )
    )
