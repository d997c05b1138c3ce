"""The allow-list: what runs, fetches, covers or imitates is gone; our own markup is untouched."""

from __future__ import annotations

import re

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.report.sanitise import Identifiers, clean
from cop_analysis.results import result_html

PROBES = [
    "<script>x()</script>",
    "<ScRiPt src=//e/x.js></sCrIpT>",
    "<img src=x onerror=x()>",
    "<svg onload=x()>",
    "<svg><script>x()</script></svg>",
    "<svg><animate onbegin=x() attributeName=x dur=1s></svg>",
    "<svg><set attributeName=href to=javascript:x()></svg>",
    "<svg><a xlink:href='javascript:x()'><text>t</text></a></svg>",
    "<svg><use href='data:image/svg+xml;base64,PHN2Zz4='/></svg>",
    "<svg><use xlink:href='http://e/x.svg#a'/></svg>",
    "<svg><image href='http://e/x.png'/></svg>",
    "<svg><rect fill='url(http://e/x)' style='filter:url(http://e/f)'/></svg>",
    "<svg><foreignObject><iframe src='http://e/'></iframe></foreignObject></svg>",
    "<svg></p><style><g title='</style><img src=x onerror=x()>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x()&gt;'>",
    "<math><maction actiontype='statusline' xlink:href='javascript:x()'>t</maction></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=x()>",
    "<iframe src='javascript:x()'></iframe>",
    "<iframe srcdoc='<script>x()</script>'></iframe>",
    "<object data='javascript:x()'></object><embed src='javascript:x()'>",
    "<a href='javascript:x()'>a</a>",
    "<a href='JaVa\tScRiPt:x()'>a</a>",
    "<a href=' &#106;avascript:x()'>a</a>",
    "<a href='vbscript:x()'>a</a>",
    "<a href='data:text/html,<script>x()</script>'>a</a>",
    "<a href='file:///etc/passwd'>a</a>",
    "<a href='//e/x'>a</a>",
    "<a href='\\\\e\\x'>a</a>",
    "<div style='background:url(http://e/x)'>a</div>",
    "<div style='background:\\75rl(http://e/x)'>a</div>",
    "<div style='width:expression(x())'>a</div>",
    "<div style='position:fixed;inset:0;z-index:9'>a</div>",
    "<style>@import 'http://e/x.css';</style>",
    "<link rel=stylesheet href='http://e/x.css'>",
    "<meta http-equiv=refresh content='0;url=http://e/'>",
    "<base href='http://e/'>",
    "<form action='http://e/'><input name=a><button>b</button><textarea>c</textarea><select></select></form>",
    "<video src='http://e/x'></video><audio src='http://e/x'></audio><source src='http://e/'><track src='http://e/'>",
    "<img src='http://e/x.png'><img srcset='http://e/x.png 1x'><picture><source srcset='http://e/x'></picture>",
    "<img src='data:image/svg+xml,<svg onload=x()>'>",
    "<template><script>x()</script></template><noscript><p title='</noscript><img src=x onerror=x()>'>",
    "<portal src='http://e/'></portal><dialog open>d</dialog><marquee onstart=x()>m</marquee>",
    "<p class='page-banner page-nav'>false frame</p>",
    "<p role='alert' tabindex='5' accesskey='x' contenteditable autofocus>p</p>",
    "<!--[if gte IE 4]><script>x()</script><![endif]--><!-- c -->",
    "<xmp><script>x()</script></xmp><plaintext>x",
]
_STYLE_FETCHES = re.compile(r"url\((?!\"?#)|expression|@import|position|z-index", re.IGNORECASE)


def assert_harmless(markup: str) -> None:
    if not markup.strip():
        return
    for element in lxml.html.fragment_fromstring(markup, create_parent="div").iter():
        assert isinstance(element.tag, str), "a comment was left"
        assert element.tag.lower() not in {
            "script", "style", "iframe", "object", "embed", "form", "input", "button", "textarea", "select", "base",
            "meta", "link", "video", "audio", "source", "track", "image", "foreignobject", "animate", "set", "template",
            "portal", "dialog", "marquee", "h1", "h2", "h3", "h4", "h5", "h6", "header", "footer", "aside", "main",
            "nav",
        }  # fmt: skip
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            if name == "href" or name.endswith("}href"):
                assert value.startswith(("#", "https://", "http://", "mailto:")) or ":" not in value
                assert not value.startswith(("//", "\\"))
                assert element.tag == "a" or value.startswith("#")
            if name == "src":
                assert re.match(r"data:image/(png|jpeg|gif|webp);base64,", value)
            if name == "class":
                assert not any(word.startswith("page-") for word in value.split())
            if name == "style":
                assert not _STYLE_FETCHES.search(value), value
            assert name not in {
                "srcset",
                "srcdoc",
                "action",
                "formaction",
                "ping",
                "background",
                "accesskey",
                "autofocus",
            }


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_is_disarmed_however_it_is_wrapped(probe):
    for markup in (
        probe,
        f"<div>{probe}</div>",
        f"<table><tr><td>{probe}",
        f"<svg>{probe}</svg>",
        f"<p title='{probe}",
    ):
        cleaned = clean(markup, Identifiers())
        assert_harmless(cleaned)
        # Cleaning is finished after one pass: nothing hides behind what was taken away.
        assert_harmless(clean(cleaned, Identifiers()))


_PIECES = st.sampled_from(
    [*PROBES, "<b>", "</b>", "<svg>", "</svg>", "<math>", "<mtext>", "</math>", "<style>", "</style>", "<title>",
     "</title>", "<desc>", "<table>", "<td>", "<!--", "-->", "<![CDATA[", "]]>", "<p id='a'>", "<a href='#a'>",
     "<select>", "<option>"]
)  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=8))
@settings(max_examples=300, deadline=None)
def test_no_mixture_of_pieces_gets_through(pieces):
    assert_harmless(clean("".join(pieces), Identifiers()))


def test_our_own_figures_keep_what_they_are_made_of():
    svg = (
        '<svg viewBox="0 0 9 9" role="img" aria-labelledby="f-title f-desc"><title id="f-title">t</title>'
        '<desc id="f-desc">d</desc>'
        '<defs><clipPath id="f-c"><rect x="1" y="1" width="2" height="2"></rect></clipPath></defs>'
        '<g clip-path="url(#f-c)"><path d="M 0 0 L 1 1" style="fill:none;stroke:#005EB8;stroke-width:1.5"></path>'
        '<use href="#f-c" x="3" y="4"></use>'
        '<text x="1" y="2" text-anchor="middle" transform="rotate(3)">a &amp; b</text></g>'
        "</svg>"
    )
    assert clean(svg, Identifiers()) == svg


def test_matplotlib_pictures_come_through_whole():
    import pandas as pd

    from cop_analysis.figures import drawing, finish

    with drawing(4, 3) as canvas:
        axes = canvas.add_subplot()
        axes.plot([1, 2, 3], [3, 1, 2], label="line", marker="o")
        axes.fill_between([1, 2, 3], [1, 1, 1], hatch="//")
        axes.legend()
        figure = finish(canvas, name="pic", title="T", alt="A", table=pd.DataFrame({"x": [1]}))
    cleaned = clean(figure.svg, Identifiers())
    before = lxml.html.fragment_fromstring(figure.svg)
    after = lxml.html.fragment_fromstring(cleaned)
    assert [one.tag for one in before.iter()] == [one.tag for one in after.iter()]
    for old, new in zip(before.iter(), after.iter(), strict=True):
        assert set(old.attrib) - {"xmlns", "version"} <= set(new.attrib), old.attrib


def test_ids_are_unique_on_a_page_and_references_follow():
    ids = Identifiers()
    markup = (
        '<p id="x">1</p><a href="#x">2</a>'
        '<svg><g id="c"></g><path fill="url(#c)" aria-labelledby="x nowhere"></path></svg>'
    )
    first, second = clean(markup, ids), clean(markup, ids)
    assert 'id="x"' in first
    assert 'href="#x"' in first
    assert 'id="x-2"' in second
    assert 'href="#x-2"' in second
    assert 'fill="url(#c-2)"' in second
    assert 'aria-labelledby="x-2"' in second


def test_the_same_id_twice_in_one_output_is_kept_once():
    assert clean('<p id="a">1</p><p id="a">2</p>', Identifiers()) == '<p id="a">1</p><p>2</p>'


def test_a_link_to_another_output_of_the_page_is_kept():
    assert clean('<a href="#place-x001">x001</a>', Identifiers()) == '<a href="#place-x001">x001</a>'


def test_a_result_comes_through_as_it_was_written():
    import pandas as pd

    from cop_analysis.results import Headline, Result

    result = Result(
        key="members", title="Members", sentence="Six.", table=pd.DataFrame({"organisation": ["A"], "members": [6]}),
        headline=Headline("members", "6", "a count"), caveats=("One.",), method="Counted.", sources=("people.csv",),
    )  # fmt: skip
    html = result_html(result.payload())
    assert clean(html, Identifiers()) == html


def test_headings_of_an_output_do_not_change_the_outline_of_the_page():
    assert clean('<h2 id="a" class="x">B</h2>', Identifiers()) == '<strong class="cop-heading" id="a">B</strong>'


def test_long_markup_is_quick():
    rows = "".join(f'<tr><td class="number" id="r{n}">{n}</td><td>text</td></tr>' for n in range(20_000))
    assert clean(f"<table>{rows}</table>", Identifiers()).count("<tr>") == 20_000
