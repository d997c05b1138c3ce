"""Overlapping passages as HTML: the marked text is the text, whatever overlaps."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.realist.model.markup import anchor, html_text
from cop_analysis.realist.pictures.marking import Place, marked

IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef]")


class Reader(HTMLParser):
    """Collects text, ids and, character by character, whether a mark is open; insists on well-formed nesting."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.ids, self.is_marked, self.open = "", [], [], []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        self.is_marked += ["mark" in self.open] * len(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@st.composite
def texts_with_places(draw) -> tuple[str, list[Place]]:
    text = draw(st.text(max_size=60) | st.text(st.sampled_from("<>&\"' \r\nab\U0001f600é\u0301"), max_size=60))
    bounds = st.integers(-3, len(text) + 3)
    pairs = draw(st.lists(st.tuples(bounds, bounds), max_size=8))
    return text, [Place(f"place-x{index}", *pair, title=draw(st.text(max_size=5))) for index, pair in enumerate(pairs)]


@pytest.mark.slow
@given(texts_with_places())
def test_the_text_content_is_the_text(given_text: tuple[str, list[Place]]) -> None:
    text, places = given_text
    reader = read(marked(text, places))
    expected = IMPOSSIBLE.sub("\ufffd", text)
    expected = "".join("\ufffd" if ord(one) & 0xFFFE == 0xFFFE else one for one in expected)
    assert reader.text == expected
    covered = [any(place.start <= index < place.end for place in places) for index in range(len(text))]
    assert reader.is_marked == covered
    landed = [place.anchor for place in places if max(place.start, 0) < min(place.end, len(text))]
    assert sorted(reader.ids) == sorted(landed)


@given(texts_with_places(), st.data())
def test_written_in_pieces_it_is_the_same_text_and_each_place_lands_once(
    given_text: tuple[str, list[Place]], data: st.DataObject
) -> None:
    text, places = given_text
    cut = data.draw(st.integers(0, len(text)))
    landed: set[str] = set()
    pieces = marked(text, places, end=cut, landed=landed) + marked(text, places, start=cut, landed=landed)
    whole, parts = read(marked(text, places)), read(pieces)
    assert parts.text == whole.text
    assert parts.is_marked == whole.is_marked
    assert sorted(parts.ids) == sorted(whole.ids)


def test_three_passages_from_one_place_are_all_reachable() -> None:
    html = marked("one two", [Place("a", 0, 3), Place("b", 0, 7), Place("c", 0, 3)])
    assert html == ('<mark id="a"><span id="b"></span><span id="c"></span>one</mark><mark> two</mark>')


def test_markup_in_text_and_titles_stays_text() -> None:
    html = marked("<script>x</script>", [Place("p", 0, 8, '"><img src=x onerror=y>')])
    assert "<script" not in html
    assert "<img" not in html
    assert html_text("a\rb") == "a&#13;b"


@given(st.text(max_size=40), st.text(max_size=40))
def test_anchors_are_different_for_different_records_and_safe_in_a_link(one: str, other: str) -> None:
    assert (anchor("place", one) == anchor("place", other)) == (one == other)
    assert re.fullmatch(r"place-[A-Za-z0-9._-]*", anchor("place", one))
    assert len(anchor("place", one * 50)) < 200
