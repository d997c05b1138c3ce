"""A text is cut where a reader sees a character end, as a browser would cut it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.characters import first_characters, is_boundary, shortened

SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
NURSE = "👩🏽‍⚕️"
WHOLE = (NURSE, "🇬🇧", "❤️‍🔥", SCOTLAND, "e\u0301", "1️⃣", "각", "\u1100\u1161\u11a8",
         "👨‍👩‍👧‍👦", "\r\n", "நி")  # fmt: skip
LETTERS = ["a", "É", " ", "ש", "中", "\u200d", "\u0301", "🏽", "⚕", "👩", "🇬", "🇧", "\ufe0f", "\u1100", "\u1161",
           "\u11a8", "가", "각", "\n", "\r", "ß", "ن", "😀", "\u200c"]  # fmt: skip


@pytest.mark.parametrize("one", WHOLE)
def test_what_a_reader_sees_as_one_character_is_kept_whole(one):
    assert [is_boundary(one, place) for place in range(len(one) + 1)] == [True, *[False] * (len(one) - 1), True]
    assert shortened(one * 5, 3) == (one * 2).rstrip() + "…"
    assert first_characters(one * 5, 3) == one * 3
    assert shortened(one * 3, 3) == one * 3


@given(st.text(st.sampled_from(LETTERS), max_size=30), st.integers(1, 12))
def test_a_cut_keeps_to_its_length_and_to_whole_characters(text, longest):
    cut = shortened(text, longest)
    if cut != text:
        kept = cut.removesuffix("…")
        assert text.startswith(kept)
        assert sum(is_boundary(kept, place) for place in range(1, len(kept) + 1)) <= longest - 1 or not kept


SEGMENT = """
let all = '';
process.stdin.on('data', (piece) => (all += piece)).on('end', () => {
  const pieces = new Intl.Segmenter('en', { granularity: 'grapheme' });
  console.log(JSON.stringify(JSON.parse(all).map((text) => [...pieces.segment(text)].map((one) => one.segment))));
});
"""


@pytest.mark.slow
def test_characters_are_those_the_browser_sees(require_component):
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    require_component("node", node)
    draw = random.Random(10)
    texts = [*WHOLE, *("".join(draw.choices(LETTERS, k=draw.randint(1, 12))) for _ in range(4000))]
    done = subprocess.run([node, "-e", SEGMENT], input=json.dumps(texts), capture_output=True, text=True, check=True)
    for text, theirs in zip(texts, json.loads(done.stdout), strict=True):
        edges = [0, *(place for place in range(1, len(text) + 1) if is_boundary(text, place))]
        ours = [text[start:end] for start, end in pairwise(edges)]
        assert ours == theirs, [hex(ord(one)) for one in text]
