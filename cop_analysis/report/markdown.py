"""Turn a notebook's markdown into HTML with an outline: no raw HTML passes, mathematics becomes MathML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from cop_analysis.characters import slug
from cop_analysis.report.sanitise import Identifiers, clean

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FOOTNOTES = '<div class="page-footnotes">'
_TABLE_PARTS = re.compile(r"(<table\b[^>]*>|</table>|<thead\b[^>]*>|</thead>|<th\b[^>]*></th>|<th\b[^>]*>)")
_ATTACHED = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\Z")


@dataclass(frozen=True)
class Heading:
    """An entry of a page's contents list."""

    level: int
    text: str
    anchor: str


@dataclass
class Outline:
    """The headings of one page as they are met: one title, no skipped level, no anchor twice."""

    identifiers: Identifiers
    headings: list[Heading] = field(default_factory=list)
    titled: bool = False

    def add(self, level: int, text: str) -> Heading:
        """Take a heading at the level the page can give it."""
        if level == 1 and not self.titled:
            self.titled = True
            heading = Heading(1, text, self.identifiers.claim("title", heading=True))
        else:
            deepest = self.headings[-1].level + 1 if self.headings else 2
            heading = Heading(min(max(level, 2), deepest, 6), text, self.identifiers.claim(anchor(text), heading=True))
            self.headings.append(heading)
        return heading


def anchor(text: str) -> str:
    """Give the anchor of a heading.

    Examples
    --------
    >>> anchor("Who's in it? 5 organisations"), anchor("—")
    ('who-s-in-it-5-organisations', 'section')
    """
    words = slug(text, longest=80, any_alphabet=True)
    if not words:
        return "section"
    return words if words[0].isascii() and words[0].isalpha() else f"section-{words}"


def to_html(source: str, outline: Outline, cell: int = 0, attachments: Mapping[str, Any] | None = None) -> str:
    """Write one markdown cell as HTML.

    Parameters
    ----------
    source : str
        The cell's text. HTML in it shows as text.
    outline : Outline
        The page's headings so far; this cell's are added.
    cell : int
        The cell's number on its page, which keeps its footnotes apart from another cell's.
    attachments : mapping, optional
        The cell's attached pictures. A picture from anywhere else is named, not fetched.

    Examples
    --------
    >>> to_html("# One <b>word</b>", Outline(Identifiers()))
    '<h1 id="title">One &lt;b&gt;word&lt;/b&gt;</h1>\\n'
    """
    parser = _parser()
    environment: dict[str, Any] = {"docId": f"c{cell}", "attachments": attachments or {}}
    tokens = parser.parse(source, environment)
    _number_headings(tokens, outline)
    html = str(parser.renderer.render(tokens, parser.options, environment))
    # Text is escaped by now, so these tags can only be the renderer's own.
    html = html.replace('<hr class="footnotes-sep">\n', "").replace('<section class="footnotes">', _FOOTNOTES)
    return boxed_tables(html.replace("</section>", "</div>"), outline.identifiers)


def boxed_tables(html: str, identifiers: Identifiers) -> str:
    """Make the tables of well-formed HTML readable by everyone.

    Each outermost table gets a box that scrolls by itself on a narrow screen, each header cell says whether it heads a
    column or a row, and an empty header cell (pandas leaves one above its index) becomes a plain one.
    """
    depth, direction, parts = 0, "row", []
    for piece in _TABLE_PARTS.split(html):
        if piece.startswith("<table"):
            if depth == 0:
                label = escape(identifiers.claim_label("Table"), quote=True)
                parts.append(f'<div class="cop-table" role="region" tabindex="0" aria-label="{label}">')
            depth += 1
        elif piece.startswith(("<thead", "</thead")):
            direction = "row" if piece.startswith("</") else "col"
        elif piece.startswith("<th") and piece.endswith("</th>"):
            piece = "<td></td>"
        elif piece.startswith("<th") and " scope=" not in piece:
            piece = f'<th scope="{direction}"{piece[3:]}'
        parts.append(piece)
        if piece == "</table>":
            depth -= 1
            if depth == 0:
                parts.append("</div>")
    return "".join(parts)


def plain_text(source: str) -> str:
    """Give a line of markdown as plain words: ``"The *E-I* index"`` is ``"The E-I index"``."""
    return _words(_parser().parseInline(source)[0])


def _number_headings(tokens: list[Token], outline: Outline) -> None:
    for position, opening in enumerate(tokens):
        if opening.type != "heading_open":
            continue
        inline, closing = tokens[position + 1 : position + 3]
        if opening.level == 0:
            heading = outline.add(int(opening.tag[1]), _words(inline))
            opening.tag = closing.tag = f"h{heading.level}"
            opening.attrSet("id", heading.anchor)
        else:
            # A heading inside a quotation or a list is no section of the page.
            opening.tag = closing.tag = "p"


def _words(inline: Token) -> str:
    kinds = ("text", "code_inline", "math_inline", "html_inline")
    parts = [
        child.content if child.type in kinds else " " * child.type.endswith("break") for child in inline.children or []
    ]
    return " ".join("".join(parts).split())


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.amsmath import amsmath_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "xhtmlOut": False})
    parser.enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(amsmath_plugin)
    # "$5 and $6" is money, not mathematics.
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    for name in ("math_inline", "math_inline_double", "math_block", "math_block_label", "amsmath"):
        parser.add_render_rule(name, _maths)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("footnote_anchor", _footnote_return)
    return parser


def _maths(self: Any, tokens: list[Token], index: int, options: Any, environment: Any) -> str:
    token = tokens[index]
    block = token.type != "math_inline"
    markup = maths_html(token.content, block=block)
    return (
        f'<div class="page-maths">{markup}</div>\n'
        if token.type in ("math_block", "math_block_label", "amsmath")
        else markup
    )


def maths_html(source: str, *, block: bool = False) -> str:
    r"""Write TeX as MathML; what cannot be read shows as it was typed.

    Examples
    --------
    >>> maths_html(r"\frac{")
    '<code>\\frac{</code>'
    """
    from latex2mathml.converter import convert

    try:
        markup = convert(source, display="block" if block else "inline")
    except Exception:  # the converter raises many kinds for TeX it does not know
        return f"<code>{escape(source)}</code>"
    # The converter copies text and link targets unescaped; nothing of that may reach the page.
    return clean(markup, Identifiers())


def _image(self: Any, tokens: list[Token], index: int, options: Any, environment: Any) -> str:
    token = tokens[index]
    alternative = token.content or "no description"
    source = str(token.attrs.get("src", ""))
    if source.startswith("attachment:"):
        from urllib.parse import unquote

        bundle = environment["attachments"].get(unquote(source.removeprefix("attachment:")), {})
        source = next((f"data:{kind};base64,{''.join(str(data).split())}" for kind, data in bundle.items()), "")
    if _ATTACHED.match(source):
        return f'<img src="{source}" alt="{escape(token.content, quote=True)}">'
    return f"<em>(picture left out: {escape(alternative)})</em>"


def _footnote_return(self: Any, tokens: list[Token], index: int, options: Any, environment: Any) -> str:
    meta = tokens[index].meta
    suffix = f":{meta['subId']}" if meta.get("subId", 0) > 0 else ""
    name = f"{environment['docId']}-{meta['id'] + 1}{suffix}"
    return f' <a href="#fnref-{name}" class="page-back" aria-label="Back to the text">&#8617;&#xFE0E;</a>'
