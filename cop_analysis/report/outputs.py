"""Turn what a notebook's cells put out into HTML that is safe to open; nothing here decides what a page looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from cop_analysis.characters import first_characters
from cop_analysis.report.artefacts import Shown
from cop_analysis.report.markdown import Outline, boxed_tables, maths_html, to_html
from cop_analysis.report.sanitise import Identifiers, clean, without_control
from cop_analysis.results import HEADING_MIMETYPE, ROWS_SHOWN, result_html

LONGEST_TEXT = 20_000
LONGEST_MARKUP = 8_000_000
LONGEST_BODY = 64_000_000
"""Of a result of ours: what makes a page too large is set apart on pages of its own (`report/pages.py`)."""
LONGEST_PICTURE = 12_000_000

_OF_WIDGETS = "application/vnd.jupyter.widget-"
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+\Z")


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Escape text from anywhere for a page: no terminal codes, no characters HTML forbids, not endless.

    Examples
    --------
    >>> plain("\\x1b[31m<b>\\x1b[0m\\x00")
    '&lt;b&gt;'
    """
    rest = len(text) - longest
    shown = without_control(_ANSI.sub("", text[:longest]))
    left_out = f"\n[{rest:,} more characters are in the executed notebook.]" if rest > 0 else ""
    return escape(shown + left_out, quote=False)


def outputs_html(
    outputs: Sequence[Any], results: Mapping[int, Shown], identifiers: Identifiers, outline: Outline, cell: int
) -> str:
    """Write all outputs of one cell.

    Parameters
    ----------
    outputs : sequence of nbformat.NotebookNode
    results : mapping of int to Shown
        The outputs that are results, by their position.
    identifiers, outline
        The page's ids and headings so far.
    cell : int
        The cell's number, for footnotes.
    """
    parts: list[str] = []
    printed: dict[str, list[str]] = {"stdout": [], "stderr": []}
    for position, output in enumerate(outputs):
        kind = output.get("output_type")
        if kind == "stream":
            printed["stderr" if output.get("name") == "stderr" else "stdout"].append(str(output.get("text", "")))
            continue
        parts += _printed_html(printed)
        if kind == "error":
            parts.append(error_html(output))
        elif position in results:
            parts.append(shown_html(results[position], identifiers))
        else:
            parts.append(_data_html(output.get("data", {}), output.get("metadata", {}), identifiers, outline, cell))
    parts += _printed_html(printed)
    return "\n".join(part for part in parts if part)


def _printed_html(printed: dict[str, list[str]]) -> list[str]:
    parts = []
    if out := "".join(printed["stdout"]):
        parts.append(f'<pre class="page-printed" tabindex="0">{plain(out)}</pre>')
    if err := "".join(printed["stderr"]):
        parts.append(
            '<details class="page-messages"><summary>Messages while running</summary>'
            f'<pre tabindex="0">{plain(err)}</pre></details>'
        )
    for pieces in printed.values():
        pieces.clear()
    return parts


def error_html(output: Mapping[str, Any]) -> str:
    """Show an error plainly: its kind and message, and the traceback below."""
    name, message = plain(str(output.get("ename", "")), 200), plain(str(output.get("evalue", "")), 4000)
    traceback = plain("\n".join(str(line) for line in output.get("traceback", ())), 60_000)
    return (
        f'<div class="page-error"><p><strong>{name}</strong>: {message}</p>'
        f'<details open><summary>Traceback</summary><pre tabindex="0">{traceback}</pre></details></div>'
    )


def shown_html(shown: Shown, identifiers: Identifiers) -> str:
    """Show a result from its facts, with links to its files."""
    payload = dict(shown.payload)
    payload["key"] = shown.anchor
    notes = []
    payload["table"], total = _shortened(payload["table"])
    if total > ROWS_SHOWN:
        notes.append(f"The first {ROWS_SHOWN:,} of {total:,} rows are shown; the CSV file has all of them.")
    if payload["figure"]:
        payload["figure"] = dict(payload["figure"])
        payload["figure"]["table"], total = _shortened(payload["figure"]["table"])
        if total > ROWS_SHOWN:
            notes.append(f"Of the numbers behind the picture the first {ROWS_SHOWN:,} of {total:,} rows are shown.")
    if len(payload["body_html"]) > LONGEST_BODY:
        payload["body_html"] = payload["body_html"][:LONGEST_BODY]
        notes.append("This section was too long for a page and is cut off; the executed notebook has all of it.")
    links = "".join(f'<li><a href="{escape(path)}" download>{escape(label)}</a></li>' for label, path in shown.files)
    files = f'<ul class="page-files">{links}</ul>' if links else ""
    said = "".join(f'<p class="page-note">{note}</p>' for note in notes)
    return clean(result_html(payload), identifiers) + said + files


def _shortened(table: Mapping[str, Any] | None) -> tuple[Mapping[str, Any] | None, int]:
    if table is None or len(table["rows"]) <= ROWS_SHOWN:
        return table, 0
    return {**table, "rows": table["rows"][:ROWS_SHOWN]}, len(table["rows"])


def _data_html(
    data: Mapping[str, Any], metadata: Mapping[str, Any], identifiers: Identifiers, outline: Outline, cell: int
) -> str:
    """Show an output that is no result, by the richest of its forms that is safe and not too long."""
    heading = data.get(HEADING_MIMETYPE)
    if isinstance(heading, Mapping) and isinstance(heading.get("text"), str) and heading.get("level") in (2, 3):
        placed = outline.add(heading["level"], heading["text"])
        return f'<h{placed.level} id="{escape(placed.anchor)}">{escape(placed.text)}</h{placed.level}>'
    said = ""
    for kind in ("text/html", "image/svg+xml"):
        markup = _joined(data.get(kind))
        if len(markup) > LONGEST_MARKUP:
            said += _left_out(f"An output of {len(markup) / 1e6:,.0f} MB is too large for a page")
        elif markup:
            cleaned = clean(markup, identifiers)
            if cleaned.strip():
                return f'{said}<div class="page-output">{_framed(cleaned, identifiers)}</div>'
    return said + _plainer_html(data, metadata, identifiers, outline, cell, told=bool(said))


def _left_out(what: str) -> str:
    return f'<p class="page-note">{what}; the executed notebook has all of it.</p>'


def _plainer_html(
    data: Mapping[str, Any],
    metadata: Mapping[str, Any],
    identifiers: Identifiers,
    outline: Outline,
    cell: int,
    *,
    told: bool,
) -> str:
    """Show an output without markup as a picture, Markdown, mathematics or text; or say of what kind it is."""
    for kind in ("image/png", "image/jpeg"):
        if picture := _picture_html(kind, _joined(data.get(kind)), metadata, data):
            return picture
    if markdown := _joined(data.get("text/markdown")):
        # Its headings stay out of the page's outline, as those of every output do.
        inner = to_html(markdown[:LONGEST_TEXT], Outline(Identifiers()), 1000 + cell)
        rest = len(markdown) - LONGEST_TEXT
        cut = _left_out(f"The last {rest:,} characters of this text are left out") if rest > 0 else ""
        return f'<div class="page-output">{clean(inner, identifiers)}</div>{cut}'
    if latex := _joined(data.get("text/latex")):
        return f'<div class="page-maths">{maths_html(latex.strip().strip("$"), block=True)}</div>'
    text = _joined(data.get("text/plain"))
    if text:
        return f'<pre class="page-printed" tabindex="0">{plain(text)}</pre>'
    # A widget is shown by the form that is saved with it.
    held = [str(kind) for kind, value in data.items() if value and not str(kind).startswith(_OF_WIDGETS)]
    kinds = ", ".join(sorted(held))
    return (
        _left_out(f"An output of a kind a page cannot show ({plain(kinds, 200)}) is left out")
        if kinds and not told
        else ""
    )


def _framed(cleaned: str, identifiers: Identifiers) -> str:
    # Our own results come in their own boxes; a table of another library needs one.
    return cleaned if 'class="cop-table"' in cleaned else boxed_tables(cleaned, identifiers)


def _picture_html(kind: str, base64: str, metadata: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    if not base64 or not _BASE64.match(base64):
        return ""
    if len(base64) > LONGEST_PICTURE:
        return '<p class="page-note">A picture too large for a page is in the executed notebook.</p>'
    about = metadata.get(kind) if isinstance(metadata.get(kind), Mapping) else metadata
    told = about.get("alt") if isinstance(about, Mapping) else None
    alternative = str(told) if told else "A picture made by this notebook; it carries no description in words."
    source = "".join(base64.split())
    alt = escape(first_characters(alternative, 2000), quote=True)
    return f'<figure><img src="data:{kind};base64,{source}" alt="{alt}"></figure>'


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(value) if isinstance(value, list) and all(isinstance(part, str) for part in value) else ""
