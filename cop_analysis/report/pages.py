"""Render an executed notebook as one offline page: nbconvert with a template of our own, nothing of its own ones.

nbconvert's templates let scripts from data run and fetch from the network; ours allows neither, and a content
security policy on the page forbids both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from cop_analysis.report.apart import set_apart
from cop_analysis.report.artefacts import Shown
from cop_analysis.report.markdown import Outline, to_html
from cop_analysis.report.outputs import outputs_html
from cop_analysis.report.sanitise import Identifiers
from cop_analysis.report.sections import EmptySection, empty_sections

TEMPLATES = Path(__file__).resolve().parent / "templates"
_FRAME_IDS = ("main", "contents", "top")

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)
"""What a page may load: its own inline style and inline pictures. No script, no request."""


@dataclass(frozen=True)
class PageLink:
    """A page of a run as the navigation names it."""

    name: str
    title: str
    file: str
    failed: bool = False


@dataclass(frozen=True)
class Frame:
    """What every page of a run says around its content.

    Parameters
    ----------
    study_title, language : str
    banner : str
        What stands at the top of every page about where the numbers come from; empty for collected data.
    pages : tuple of PageLink
    run, started, audience, period, version : str
        For the line at the foot of each page.
    """

    study_title: str
    language: str
    banner: str
    pages: tuple[PageLink, ...]
    run: str
    started: str
    audience: str
    period: str
    version: str
    policy: str = field(default=POLICY)


def render_page(
    frame: Frame, name: str, notebook: Any, results: Sequence[Shown], *, status: str = "ok", reason: str = ""
) -> str:
    """Write one notebook's page.

    Parameters
    ----------
    frame : Frame
    name : str
        The notebook's name, one of ``frame.pages``.
    notebook : nbformat.NotebookNode
        The executed notebook.
    results : sequence of Shown
        Its results, with the files written from them.
    status, reason : str
        How its run ended; anything but ``"ok"`` is said at the top of the page.
    """
    return render_pages(frame, name, notebook, results, status=status, reason=reason)[f"{name}.html"]


def render_pages(
    frame: Frame, name: str, notebook: Any, results: Sequence[Shown], *, status: str = "ok", reason: str = ""
) -> dict[str, str]:
    """Write one notebook's page, and the further pages of what was set apart because the page would be too large.

    Parameters are those of `render_page`.

    Returns
    -------
    dict of str to str
        Each page by its file; the notebook's own, ``<name>.html``, is the first.
    """
    exporter = _exporter()
    position = [page.name for page in frame.pages].index(name)
    page = frame.pages[position]
    outline = Outline(Identifiers(taken=_FRAME_IDS, reserved=[shown.anchor for shown in results]))
    blocks = _blocks(notebook, without_repeated_caveats(results), outline)
    kept, parts = set_apart([block.metadata["cop"]["html"] for block in blocks], name)
    for block, html in zip(blocks, kept, strict=True):
        block.metadata["cop"]["html"] = html
    chain = [
        page,
        *(replace(page, title=f"{page.title}: further page {number} of {len(parts)}", file=part.file)
          for number, part in enumerate(parts, start=1)),
    ]  # fmt: skip
    after = frame.pages[position + 1] if position + 1 < len(frame.pages) else None
    own: dict[str, Any] = {
        "frame": frame, "page": page, "previous": frame.pages[position - 1] if position else None, "next": after,
        "headings": [heading for heading in outline.headings if heading.level == 2], "titled": outline.titled,
        "status": status, "reason": reason,
    }  # fmt: skip
    written = {page.file: _written(exporter, notebook, blocks, own)}
    for number, part in enumerate(parts, start=1):
        further = {
            **own, "page": chain[number], "previous": chain[number - 1], "headings": [], "titled": False,
            "next": chain[number + 1] if number < len(parts) else after, "status": "ok",
        }  # fmt: skip
        back = f'<p><a href="{page.file}">Back to {escape(page.title)}</a></p>'
        written[part.file] = _written(exporter, notebook, [_text_block(back), _answer_block(part.html)], further)
    return written


def _written(exporter: Any, notebook: Any, blocks: list[Any], values: Mapping[str, Any]) -> str:
    node = notebook.__class__(notebook)
    node.cells = blocks
    html, _ = exporter.from_notebook_node(node, {"cop": values})
    return str(html)


def _text_block(html: str) -> Any:
    from nbformat.v4 import new_markdown_cell

    return new_markdown_cell(metadata={"cop": {"html": html, "codes": []}})


def _answer_block(html: str) -> Any:
    from nbformat.v4 import new_code_cell

    return new_code_cell(metadata={"cop": {"html": f'<div class="cop-result">{html}</div>', "codes": []}})


def without_repeated_caveats(results: Sequence[Shown]) -> list[Shown]:
    """Leave a caveat at the first result of a page that says it; a limit read once is read, six times it is skipped.

    Examples
    --------
    >>> def shown(*caveats):
    ...     return Shown(page="p", cell=0, output=0, payload={"caveats": list(caveats)}, anchor="a")
    >>> [result.payload["caveats"] for result in without_repeated_caveats([shown("A.", "B."), shown("B.", "C.")])]
    [['A.', 'B.'], ['C.']]
    """
    said: set[str] = set()
    kept = []
    for shown in results:
        new = [caveat for caveat in shown.payload["caveats"] if caveat not in said]
        said.update(new)
        kept.append(replace(shown, payload={**shown.payload, "caveats": new}))
    return kept


def _blocks(notebook: Any, results: Sequence[Shown], outline: Outline) -> list[Any]:
    """Give the notebook's cells with what each shows as HTML, in the form the template reads."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    by_cell: dict[int, dict[int, Shown]] = {}
    for shown in results:
        by_cell.setdefault(shown.cell, {})[shown.output] = shown
    blocks: list[Any] = []
    waiting: list[dict[str, Any]] = []
    number = 0
    empty = empty_sections(notebook.cells, by_cell)
    folded = {position for section in empty for position in section.cells}

    def add(kind: str, html: str, codes: Sequence[Mapping[str, Any]] = ()) -> None:
        make = new_markdown_cell if kind == "markdown" else new_code_cell
        blocks.append(make(metadata={"cop": {"html": html, "codes": list(codes)}}))

    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and position not in folded:
            html = to_html(cell.source, outline, position, cell.get("attachments"))
            if html.strip():
                add("markdown", html)
        elif cell.cell_type == "code":
            number += 1
            if cell.source.strip():
                waiting.append({"number": number, "html": code_html(cell.source)})
            if position in folded:
                continue
            html = outputs_html(cell.outputs, by_cell.get(position, {}), outline.identifiers, outline, position)
            if html:
                # Code that shows nothing (parameters, imports) folds up with the next that does.
                add("code", html, waiting)
                waiting.clear()
    if empty:
        add("markdown", to_html("## Asked, with nothing to show", outline, len(notebook.cells)) + _reasons_html(empty))
    if waiting:
        add("code", "", waiting)
    return blocks


def _reasons_html(sections: Sequence[EmptySection]) -> str:
    """List the sections with nothing to show: together where one file is missing, otherwise each with its reason."""
    together: dict[str, list[str]] = {}
    apart = []
    for section in sections:
        if section.missing:
            together.setdefault(section.missing, []).append(section.heading)
        else:
            why = " ".join(dict.fromkeys(shown.payload["sentence"] for shown in section.results))
            apart.append((section.heading, why))
    lines = [(f"Without {file}", f"{'; '.join(headings)}.") for file, headings in together.items()]
    items = (f"<li><strong>{escape(what)}:</strong> {escape(why)}</li>" for what, why in (*lines, *apart))
    return f"<ul>{''.join(items)}</ul>"


def code_html(source: str) -> str:
    """Write Python source as coloured, escaped HTML."""
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]

    return str(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True, classprefix="tok-")))


def prepare() -> None:
    """Load what rendering needs, while the notebooks are still running."""
    _exporter()


def render_template(name: str, values: Mapping[str, Any]) -> str:
    """Write a page that is not a notebook (a run's index, the list of runs) with the same frame and style."""
    return str(_exporter().environment.get_template(name).render(**values, policy=POLICY))


@lru_cache(maxsize=1)
def _exporter() -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup
    from nbconvert.exporters.templateexporter import TemplateExporter
    from traitlets import default

    class PageExporter(TemplateExporter):
        """nbconvert's exporter on our template alone: no search in the user's Jupyter folders, every value escaped."""

        file_extension = ".html"
        template_file = "page.html.j2"
        default_preprocessors: list[str] = []  # noqa: RUF012
        preprocessors: list[str] = []  # noqa: RUF012

        @default("template_paths")
        def _template_paths(self, prune: bool = True, root_dirs: Any = None) -> list[str]:
            return [str(TEMPLATES)]

        def _create_environment(self) -> Environment:
            environment = super()._create_environment()
            environment.autoescape = True
            environment.undefined = StrictUndefined
            environment.trim_blocks = environment.lstrip_blocks = True
            environment.filters["markup"] = Markup
            return environment

    return PageExporter()
