"""What markup from a notebook's output may stay on a page: an allow-list for HTML, our SVG and mathematics.

Nothing that runs, fetches, covers the page or imitates the page's own frame passes. The page's content security
policy forbids the same things a second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import nh3

# fmt: off
_TEXT_TAGS = {
    "a", "abbr", "article", "aside", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q",
    "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr",
}
_SVG_TAGS = {
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath",
    "defs", "clipPath", "mask", "pattern", "marker", "use", "symbol", "linearGradient", "radialGradient",
    "stop", "title", "desc",
}
_MATHS_TAGS = {
    "math", "mi", "mn", "mo", "ms", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot", "mstyle", "merror",
    "mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts",
    "mprescripts", "mtable", "mtr", "mtd", "menclose", "semantics",
}
_SVG_ATTRIBUTES = {
    "viewBox", "preserveAspectRatio", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r",
    "rx", "ry", "dx", "dy", "d", "points", "transform", "fill", "stroke", "opacity", "fill-opacity",
    "fill-rule", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin", "stroke-dasharray",
    "stroke-dashoffset", "stroke-miterlimit", "clip-path", "clip-rule", "clipPathUnits", "mask", "marker-start",
    "marker-mid", "marker-end", "markerWidth", "markerHeight", "markerUnits", "orient", "refX", "refY",
    "gradientUnits", "gradientTransform", "offset", "stop-color", "stop-opacity", "font-family", "font-size",
    "font-weight", "font-style", "text-anchor", "dominant-baseline", "alignment-baseline", "letter-spacing",
    "text-decoration", "rotate", "textLength", "lengthAdjust", "startOffset", "patternUnits", "patternTransform",
    "paint-order",
    "href", "vector-effect", "focusable", "shape-rendering",
}
_MATHS_ATTRIBUTES = {
    "display", "displaystyle", "scriptlevel", "mathvariant", "mathcolor", "mathsize", "stretchy", "fence",
    "separator", "form", "lspace", "rspace", "largeop", "movablelimits", "symmetric", "maxsize", "minsize",
    "accent", "accentunder", "linethickness", "columnalign", "rowalign", "columnspacing", "rowspacing",
    "columnlines", "rowlines", "width", "height", "depth", "notation", "linebreak",
}
# fmt: on
_COMMON = {
    "id",
    "class",
    "title",
    "lang",
    "dir",
    "role",
    "style",
    "aria-label",
    "aria-labelledby",
    "aria-describedby",
    "aria-hidden",
}
_OWN: dict[str, set[str]] = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "details": {"open"},
    "div": {"tabindex"},
    "g": {"tabindex"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "time": {"datetime"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "col": {"span"},
    "colgroup": {"span"},
}
_ATTRIBUTES: dict[str, set[str]] = {
    tag: _COMMON
    | _OWN.get(tag, set())
    | (_SVG_ATTRIBUTES if tag in _SVG_TAGS else set())
    | (_MATHS_ATTRIBUTES if tag in _MATHS_TAGS else set())
    for tag in _TEXT_TAGS | _SVG_TAGS | _MATHS_TAGS
}
# fmt: off
_STYLES = {
    "background-color", "border", "border-bottom", "border-color", "border-left", "border-radius",
    "border-right", "border-style", "border-top", "border-width", "color", "fill", "fill-opacity", "fill-rule",
    "font", "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing", "line-height",
    "max-width", "min-width", "opacity", "padding", "padding-left", "stop-color", "stop-opacity", "stroke",
    "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
    "stroke-opacity", "stroke-width", "text-align", "text-anchor", "text-decoration", "vertical-align",
    "white-space", "width", "dominant-baseline", "clip-path", "paint-order", "grid-template-columns", "gap",
    "display",
}
# fmt: on
_ROLES = {
    "img",
    "region",
    "group",
    "list",
    "listitem",
    "note",
    "presentation",
    "none",
    "math",
    "term",
    "definition",
    "table",
    "row",
    "cell",
    "columnheader",
    "rowheader",
    "rowgroup",
}
_CLASS = re.compile(r"(cop-[\w-]+|number|words|dataframe)\Z")
_ID = re.compile(r"[A-Za-z][\w.:-]{0,199}\Z")
_LOCAL = re.compile(r"#([A-Za-z][\w.:-]{0,199})\Z")
_LOCAL_URL = re.compile(r"url\(\s*[\"']?#([A-Za-z][\w.:-]{0,199})[\"']?\s*\)")
_ANY_URL = re.compile(r"url\s*\(|image\s*\(|image-set|expression|@import|\\|/\*", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z")
_LINK = re.compile(r"(https?://[^\s]+|mailto:[^\s]+|(?![/\\])[^:\s\\]+)\Z", re.IGNORECASE)
_ODD_DISPLAY = re.compile(r"(?<![\w-])display\s*:\s*(?!grid|flex|inline|block|none|table)[^;]*;?", re.IGNORECASE)
_PICTURE_TAG = re.compile(r"<img\b[^>]*>")
_WORDS = {"alt", "title", "aria-label", "src"}
"""Attributes that are read or already checked, and never taken for CSS."""
_HEADING = re.compile(r"<(/?)h[1-6](?=[\s>])([^>]*)>")


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def without_control(text: str) -> str:
    """Take out what neither HTML nor XML allows in text: control characters, half surrogates, non-characters."""
    return _CONTROL.sub("", text)


class Identifiers:
    """The ids of one page: the first owner of an id keeps it, a later one is renamed with everything that points to it.

    Examples
    --------
    >>> ids = Identifiers()
    >>> clean('<p id="a">1</p>', ids), clean('<p id="a">2</p><a href="#a">2</a>', ids)
    ('<p id="a">1</p>', '<p id="a-2">2</p><a href="#a-2">2</a>')
    """

    def __init__(self, taken: Iterable[str] = (), reserved: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self.reserved = frozenset(reserved)
        self.labels: set[str] = set()

    def claim(self, wanted: str, *, heading: bool = False) -> str:
        """Take an id for the page, or the nearest free one; a heading leaves the reserved ones to the results."""
        name, number = wanted, 1
        while name in self.taken or (heading and name in self.reserved):
            number += 1
            name = f"{wanted}-{number}"
        self.taken.add(name)
        return name

    def claim_label(self, wanted: str) -> str:
        """Take an accessible name for a region of the page, numbered where two would be told apart by nothing."""
        name, number = wanted, 1
        while name in self.labels:
            number += 1
            name = f"{wanted} ({number})"
        self.labels.add(name)
        return name


def clean(markup: str, identifiers: Identifiers) -> str:
    """Give markup without anything that could run, fetch or deceive, with ids unique on its page.

    Parameters
    ----------
    markup : str
        HTML from a notebook's output, SVG and MathML included.
    identifiers : Identifiers
        The ids already on the page.

    Returns
    -------
    str
        Well-formed HTML. Headings have become bold lines: an output does not change the outline of its page.

    Examples
    --------
    >>> clean('<p onclick="x()" style="position:fixed;color:red">fine<script>bad()</script></p>', Identifiers())
    '<p style="color:red">fine</p>'
    >>> clean('<a href="javascript:x()">a</a> <img src="http://e/x.png" alt="b">', Identifiers())
    '<a>a</a> <em>(picture left out: b)</em>'
    """
    markup = without_control(markup)
    renamed = _rename_ids(markup, identifiers)
    seen: set[str] = set()

    def keep(tag: str, name: str, value: str) -> str | None:
        if name == "id":
            # A second element with the same id in the same output loses it; the first keeps its references.
            new = renamed.get(value)
            if new is None or new in seen:
                return None
            seen.add(new)
            return new
        if name == "href":
            return _link(tag, value, renamed)
        if name == "aria-label" and tag == "div":
            return identifiers.claim_label(value)
        if name in ("aria-labelledby", "aria-describedby", "headers"):
            return " ".join(renamed[word] for word in value.split() if word in renamed) or None
        rule = _RULES.get(name)
        kept = rule(value) if rule else value
        return kept if kept is None or name in _WORDS else _local_urls(kept, renamed)

    cleaned = _run(markup, keep)
    return _PICTURE_TAG.sub(_with_alternative, _HEADING.sub(_as_bold_line, cleaned))


def _rename_ids(markup: str, identifiers: Identifiers) -> dict[str, str]:
    names: dict[str, str] = {}

    def note(tag: str, name: str, value: str) -> str | None:
        if name == "id" and _ID.match(value) and value not in names:
            names[value] = ""
        return value

    if "id" in markup.lower():
        _run(markup, note)
    return {name: identifiers.claim(name) for name in names}


def _run(markup: str, attribute_filter: Callable[[str, str, str], str | None]) -> str:
    return nh3.clean(
        markup,
        tags=_TEXT_TAGS | _SVG_TAGS | _MATHS_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "embed", "template", "noscript", "foreignObject"},
        attributes=_ATTRIBUTES,
        attribute_filter=attribute_filter,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )


def _link(tag: str, value: str, renamed: dict[str, str]) -> str | None:
    value = value.strip()
    if local := _LOCAL.match(value):
        return f"#{renamed.get(local[1], local[1])}"
    return value if tag == "a" and _LINK.match(value) else None


def _local_urls(value: str, renamed: dict[str, str]) -> str | None:
    # In an attribute of an SVG element, url(#name) points inside the picture; any other url() would fetch.
    pointed = _LOCAL_URL.sub(lambda found: f"\0{renamed.get(found[1], found[1])}\1", value)
    if _ANY_URL.search(pointed):
        return None
    return pointed.replace("\0", "url(#").replace("\1", ")")


def _classes(value: str) -> str | None:
    return " ".join(word for word in value.split() if _CLASS.match(word)) or None


def _one_of(allowed: set[str]) -> Callable[[str], str | None]:
    return lambda value: value if value in allowed else None


_RULES: dict[str, Callable[[str], str | None]] = {
    "class": _classes,
    "role": _one_of(_ROLES),
    "tabindex": _one_of({"0"}),
    "aria-hidden": _one_of({"true", "false"}),
    "src": lambda value: value if _PICTURE.match(value) else None,
    "style": lambda value: _ODD_DISPLAY.sub("", value),
}


# The serialiser escapes < and > inside attributes, so in cleaned markup a tag ends at its first >.


def _as_bold_line(found: re.Match[str]) -> str:
    attributes = re.sub(r'\sclass="[^"]*"', "", found[2])
    return "</strong>" if found[1] else f'<strong class="cop-heading"{attributes}>'


def _with_alternative(found: re.Match[str]) -> str:
    alternative = re.search(r'\salt="([^"]*)"', found[0])
    if not re.search(r'\ssrc="', found[0]):
        return f"<em>(picture left out: {alternative[1]})</em>" if alternative and alternative[1] else ""
    return found[0] if alternative else found[0].replace("<img", '<img alt=""', 1)
