"""Render an executed notebook as one offline page: nbconvert with a template of our own, nothing of its own ones.

nbconvert's templates let scripts from data run and fetch from the network; ours allows neither, and a content
security policy on the page forbids both.

Sections with nothing to show for a study are gathered in one list. A page too large to open at once gives its
transcripts, and then its longer lists, to pages of their own: what may be set apart is a `<details>` with an id and one
of `APART` as its class. It leaves a link in its place, and every link to something inside it, from wherever, leads to
the page it went to. Nothing needs a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from cop_analysis.report.artefacts import Shown
from cop_analysis.report.markdown import Outline, to_html
from cop_analysis.report.outputs import outputs_html
from cop_analysis.report.sanitise import Identifiers

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


LARGEST_PAGE: Final = 2_000_000
"""How many characters of content a page may have before something is set apart."""
LARGEST_PART: Final = 1_000_000
"""How many characters are gathered on one page of what was set apart; one piece may be longer."""
APART: Final = ("cop-transcript", "cop-more")
"""What is set apart, in this order, as far as need be."""

_DETAILS = re.compile(r"<(/?)details\b([^>]*)>")
_CLASS = re.compile(r'\bclass="([^"]*)"')
_ID = re.compile(r'\sid="([^"]+)"')
_SUMMARY = re.compile(r"<summary[^>]*>(.*?)</summary>", re.DOTALL)
_LINK = re.compile(r'(<a\b[^>]*?\s)href="#([^"]+)"')


@dataclass(frozen=True)
class Part:
    """A page of what was set apart: its file, and its content."""

    file: str
    html: str


@dataclass(frozen=True)
class _Piece:
    block: int
    start: int
    end: int
    identifier: str
    html: str


def set_apart(blocks: Sequence[str], name: str, most: int = LARGEST_PAGE) -> tuple[list[str], list[Part]]:
    """Take from the blocks of a page what makes it too large.

    Parameters
    ----------
    blocks : sequence of str
        Sanitised HTML, in the order of the page.
    name : str
        The page's name, which is its file's without ``.html``.
    most : int
        How many characters the page may keep; as it is where it has no more.

    Returns
    -------
    list of str, list of Part
        The blocks that are left, and the further pages; no pages where the page is small enough.

    Examples
    --------
    >>> page = ('<a href="#said">quote</a><details class="cop-transcript" id="t"><summary>D1</summary>'
    ...         '<p id="said">We met.</p></details>')
    >>> (left,), (part,) = set_apart([page], "02_x", most=40)
    >>> left
    '<a href="02_x-part-01.html#said">quote</a><p class="cop-apart"><a href="02_x-part-01.html#t">D1</a></p>'
    >>> part.file
    '02_x-part-01.html'
    """
    taken: list[_Piece] = []
    size = sum(map(len, blocks))
    for kind in APART:
        if size <= most:
            break
        pieces = [piece for number, block in enumerate(blocks) for piece in _pieces(number, block, kind)]
        taken += pieces
        size -= sum(len(piece.html) for piece in pieces)
    if not taken:
        return list(blocks), []
    gathered = _gathered(taken)
    files = {
        piece.identifier: f"{name}-part-{number:02d}.html"
        for number, pieces in enumerate(gathered, start=1)
        for piece in pieces
    }
    places = {found: files[piece.identifier] for piece in taken for found in _ID.findall(piece.html)}
    left = list(blocks)
    for piece in sorted(taken, key=lambda one: (one.block, -one.start)):
        summary = _SUMMARY.search(piece.html)
        what = summary[1] if summary else "More of this"
        link = f'<p class="cop-apart"><a href="{files[piece.identifier]}#{piece.identifier}">{what}</a></p>'
        left[piece.block] = left[piece.block][: piece.start] + link + left[piece.block][piece.end :]
    page = f"{name}.html"
    parts = []
    for pieces in gathered:
        file = files[pieces[0].identifier]
        parts.append(Part(file, _linked("\n".join(piece.html for piece in pieces), file, places, page)))
    return [_linked(block, page, places, page) for block in left], parts


def _pieces(number: int, block: str, kind: str) -> Iterator[_Piece]:
    """Find the outermost details of a kind in a block; sanitised HTML closes everything it opens."""
    depth, start, identifier = 0, -1, ""
    for found in _DETAILS.finditer(block):
        if not found[1]:
            if start < 0:
                classes, named = _CLASS.search(found[2]), _ID.search(found[2])
                if classes and named and kind in classes[1].split():
                    start, depth, identifier = found.start(), 1, named[1]
            else:
                depth += 1
        elif start >= 0:
            depth -= 1
            if depth == 0:
                yield _Piece(number, start, found.end(), identifier, block[start : found.end()])
                start = -1


def _gathered(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    pages: list[list[_Piece]] = [[]]
    size = 0
    for piece in pieces:
        if pages[-1] and size + len(piece.html) > LARGEST_PART:
            pages.append([])
            size = 0
        pages[-1].append(piece)
        size += len(piece.html)
    return pages


def _linked(html: str, here: str, places: dict[str, str], page: str) -> str:
    """Let links lead to where their places went; what was not set apart is on the page itself."""

    def to(found: re.Match[str]) -> str:
        there = places.get(found[2], page)
        return found[0] if there == here else f'{found[1]}href="{there}#{found[2]}"'

    return _LINK.sub(to, html)


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
        *(
            replace(page, title=f"{page.title}: further page {number} of {len(parts)}", file=part.file)
            for number, part in enumerate(parts, start=1)
        ),
    ]
    after = frame.pages[position + 1] if position + 1 < len(frame.pages) else None
    own: dict[str, Any] = {
        "frame": frame,
        "page": page,
        "previous": frame.pages[position - 1] if position else None,
        "next": after,
        "headings": [heading for heading in outline.headings if heading.level == 2],
        "titled": outline.titled,
        "status": status,
        "reason": reason,
    }
    written = {page.file: _written(exporter, notebook, blocks, own)}
    for number, part in enumerate(parts, start=1):
        further = {
            **own,
            "page": chain[number],
            "previous": chain[number - 1],
            "headings": [],
            "titled": False,
            "next": chain[number + 1] if number < len(parts) else after,
            "status": "ok",
        }
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
