"""A page too large to open at once keeps every word, every id once, and every link leading to where it led."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cop_analysis.report import pages as rendering
from cop_analysis.report.pages import set_apart


def transcript(number: int, turns: int = 3) -> str:
    said = "".join(
        f'<p id="place-{number}-{turn}">Turn {turn} of {number}, see '
        f'<a href="#place-{(number + 1) % 4}-{turn}">the same elsewhere</a> and <a href="#card">the claim</a>.</p>'
        for turn in range(turns)
    )
    return f'<details class="cop-transcript" id="transcript-{number}"><summary>D{number}</summary>{said}</details>'


CARD = (
    '<div id="card"><a href="#place-2-1">a quote</a> <a href="#end">the end</a> '
    '<details class="cop-more" id="more-1"><summary>9 more</summary><a href="#place-0-0">another</a></details></div>'
)
BLOCKS = [
    CARD,
    "<p>Before</p>" + "".join(map(transcript, range(4))),
    '<details><p id="end">Other details</p></details>',
]


def pages(most: int) -> dict[str, str]:
    left, parts = set_apart(BLOCKS, "02_x", most)
    return {"02_x.html": "".join(left)} | {part.file: part.html for part in parts}


def ids(html: str) -> list[str]:
    return re.findall(r'id="([^"]+)"', html)


@pytest.mark.parametrize("part", [1, 1_200, 10_000])
@pytest.mark.parametrize("most", [0, 700, 1_500, 10_000])
def test_nothing_is_lost_and_every_link_leads_where_it_led(most, part, monkeypatch):
    monkeypatch.setattr(rendering, "LARGEST_PART", part)
    written = pages(most)
    assert sorted(one for html in written.values() for one in ids(html)) == sorted(ids("".join(BLOCKS)))
    words = re.sub(r"<[^>]+>", " ", "".join(BLOCKS)).split()
    kept = re.sub(r'<p class="cop-apart">.*?</p>|<[^>]+>', " ", "".join(written.values())).split()
    assert sorted(words) == sorted(kept)
    for name, html in written.items():
        for file, place in re.findall(r'href="([^"#]*)#([^"]+)"', html):
            assert place in ids(written[file or name])


def test_only_as_much_is_set_apart_as_need_be():
    assert list(pages(10_000)) == ["02_x.html"]
    assert "more-1" in ids(pages(1_000)["02_x.html"])
    assert "more-1" not in ids(pages(0)["02_x.html"])


@pytest.mark.slow
def test_a_link_to_a_turn_unfolds_its_transcript_in_a_browser(tmp_path):
    from playwright.sync_api import expect, sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    for name, html in pages(0).items():
        Path(tmp_path / name).write_text(f"<!DOCTYPE html><title>x</title>{html}", encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto((tmp_path / "02_x.html").as_uri())
        page.click("text=a quote")
        page.wait_for_url("**/*#place-2-1", timeout=180_000)
        expect(page.locator("#place-2-1")).to_be_visible(timeout=180_000)
        assert not page.locator("#place-3-1").is_visible()
        browser.close()
