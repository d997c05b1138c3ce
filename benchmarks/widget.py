"""How fast the coding panel is, measured in Chromium: until text can be read, key to visible code, and scrolling.

A simulated transcript of so many words with so many extracts is opened in the panel, answered by a real session on a
database in a temporary folder. The figures of the peer, Taguette 1.5.2, are those measured on a machine of this kind
when the panel was planned (12.6 s until 30,000 words with 1,000 highlights can be read, 75 ms by keyboard from save to
visible; 486 s at 200,000 words with 5,000); they are printed beside ours and are not measured here.

Every document is scrolled three times, and so are the same words as one plain element; of every scroll the slowest
frame is taken, and of those the median, for one late frame in thousands says more of the machine than of either. The
first scroll after opening is judged by itself as well. "Machine busy" is said only where the plain element misses a
fixed bound itself.

    python benchmarks/widget.py [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from _judging import verdict

from cop_analysis import open_study
from cop_analysis.realist.model import Code, Coder, Coding, Document, Extract, Snapshot
from cop_analysis.realist.model.coding import write_coding
from cop_analysis.study.template import new_study
from cop_analysis.widgets.coding.session import Session
from cop_analysis.widgets.shown import bundle, source

SIZES = ((30_000, 1_000, 0.5, 12.6), (200_000, 5_000, 1.0, 486.0))
STORED_TARGET, FRAME_TARGET = 0.300, 0.050
ONE_FRAME = 1 / 60
TIMES_PLAIN = 1.5
PASSES = 3
QUIET_FRAME = 2 * ONE_FRAME + 0.004
"""Where even plain text takes longer than this for a frame, or a bare key longer to be seen, the machine is busy."""
WORDS = (Path(__file__).resolve().parent.parent / "LICENSE").read_text(encoding="utf-8").lower().split()


def make_study(folder: Path, words: int, extracts: int) -> Path:
    """Write a study with one transcript and its coding, the same for the same numbers."""
    draw = random.Random(4)
    place = new_study(folder / "speed")
    parts, written = [], 0
    while written < words:
        length = min(draw.randint(8, 110), words - written)
        said = [draw.choice(WORDS) for _ in range(length)]
        sentences = [" ".join(said[start : start + 14]).capitalize() + "." for start in range(0, length, 14)]
        parts.append(f"{'INTERVIEWER' if len(parts) % 2 == 0 else 'P01'}: {' '.join(sentences)}")
        written += length
    text = "\n\n".join(parts)
    (place / "documents").mkdir(exist_ok=True)
    (place / "documents" / "D01.txt").write_text(text, encoding="utf-8")
    (place / "documents.csv").write_text("document,file,kind,title\nD01,D01.txt,interview,Long\n", encoding="utf-8")
    codes = tuple(Code(f"code-{number:03}", f"Code number {number}") for number in range(60))
    spans = []
    for number in range(extracts):
        start = draw.randrange(len(text) - 400)
        start = text.index(" ", start) + 1
        end = start + draw.randint(20, 380)
        quote = text[start:end].rstrip()
        spans.append(Extract(f"x{number:05}", "D01", start, start + len(quote), quote, draw.choice(codes).id,
                             draw.choice(("coder-a", "coder-b")), text[max(0, start - 32) : start],
                             text[start + len(quote) : start + len(quote) + 32], "2025-03-02T10:00:00Z"))  # fmt: skip
    import hashlib

    document = Document("D01", "documents/D01.txt", "Long", hashlib.sha256(text.encode()).hexdigest(), len(text))
    snapshot = Snapshot(open_study(place).key, coders=(Coder("coder-a", "A"), Coder("coder-b", "B")),
                        documents=(document,), codes=codes, extracts=tuple(spans))  # fmt: skip
    write_coding(Coding(snapshot), place / "coding.json")
    return place


MODEL = """
const listeners = new Set();
globalThis.model = {
  on: (name, run) => listeners.add(run), off: (name, run) => listeners.delete(run), get: () => undefined,
  send: (message) => globalThis.askPython(JSON.stringify(message)).then((replies) =>
    JSON.parse(replies).forEach((reply) => { for (const one of [...listeners]) one(reply); })),
};
"""

OPEN = """async ([model, text]) => {
  const head = document.createElement('script'); head.textContent = model; document.head.append(head);
  const address = URL.createObjectURL(new Blob([text], {type: 'text/javascript'}));
  const began = performance.now();
  const found = await import(address);
  found.default.render({model: globalThis.model, el: document.getElementById('here')});
  return new Promise((done) => {
    const look = () => document.querySelector('.cop-coding[data-ready] .cop-label')
      ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0)) : setTimeout(look, 4);
    look();
  });
}"""

KEY = """() => new Promise((done) => {
  const turns = [...document.querySelectorAll('.cop-turn')];
  const turn = turns.find((one) => one.getAttribute('tabindex') === '0');
  const before = turn.querySelectorAll('.cop-label').length;
  const began = performance.now();
  let seen = 0;
  turn.dispatchEvent(new KeyboardEvent('keydown', {key: 'r', bubbles: true, cancelable: true}));
  const look = () => {
    if (!seen && turn.querySelectorAll('.cop-label').length > before) { seen = performance.now() - began; }
    if (seen && document.querySelector('.cop-status.is-stored')) done([seen, performance.now() - began]);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(() => setTimeout(look, 0));
})"""

CONTROL_KEY = """() => new Promise((done) => {
  const field = document.querySelector('.bare');
  const began = performance.now();
  field.append(Object.assign(document.createElement('b'), { textContent: 'x' }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0));
})"""

SCROLL = """() => new Promise((done) => {
  const reader = document.querySelector('.cop-reader');
  reader.scrollTop = 0;
  const frames = [];
  let last = performance.now();
  const step = () => {
    const now = performance.now();
    frames.push(now - last);
    last = now;
    reader.scrollTop += STRIDE;
    if (reader.scrollTop + reader.clientHeight >= reader.scrollHeight - 2 || frames.length > 4000) done(frames);
    else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


PLAIN = """(text) => {
  document.body.innerHTML = '<div class="cop-reader" style="height:560px;overflow-y:auto;white-space:pre-wrap"></div>';
  document.querySelector('.cop-reader').textContent = text;
  // Beside the text, not in it: put in, an element breaks all lines of the text anew, which is no measure of the machine.
  document.body.insertAdjacentHTML('beforeend', '<div class="bare" style="position:fixed;bottom:0;contain:strict;width:90px;height:20px"></div>');
}"""  # noqa: E501


def scroll(page: Any) -> list[float]:
    """Scroll the whole document and give how long each frame took, in milliseconds."""
    frames: list[float] = page.evaluate(SCROLL.replace("STRIDE", "400"))
    return frames[1:]


def busy(devtools: Any) -> float:
    """Give the seconds of processor the page has used; unlike a frame's length they grow little on a busy machine."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def measure(browser: Any, folder: Path) -> dict[str, float]:
    session = Session(folder, "coder-a")
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.expose_function("askPython", lambda said: json.dumps(list(session.answer(json.loads(said)))))
    page.set_content(
        f"<!doctype html><html lang='en'><style>{source('coding.css')}</style><div id='here'></div></html>"
    )
    found = {"readable": page.evaluate(OPEN, [MODEL, bundle()]) / 1000}
    page.evaluate("document.querySelector('.cop-turn[tabindex=\"0\"]').focus()")
    for key in ("ArrowDown", "s", "n"):
        page.keyboard.press(key)
    page.keyboard.type("Code number 7")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cop-status.is-stored")
    seen, stored = [], []
    for _ in range(9):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("s")
        page.wait_for_timeout(120)
        visible, kept = page.evaluate(KEY)
        seen.append(visible)
        stored.append(kept)
    found["key"] = statistics.median(seen) / 1000
    found["key_worst"] = max(seen) / 1000
    found["stored"] = statistics.median(stored) / 1000
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = busy(devtools)
    frames = scroll(page)
    found["frame_work"] = (busy(devtools) - before) / len(frames)
    found["frame_first"] = max(frames) / 1000
    found["frame"] = statistics.median([max(frames), *(max(scroll(page)) for _ in range(PASSES - 1))]) / 1000
    found["frames_late"] = sum(one > FRAME_TARGET * 1000 for one in frames)
    found["frames"] = len(frames)
    began = time.perf_counter()
    page.keyboard.press("Shift+N")
    page.keyboard.type(f"Made at {began}")
    page.evaluate("globalThis.rows = document.querySelectorAll('[role=treeitem]').length")
    began = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('[role=treeitem]').length > globalThis.rows", polling="raf")
    found["new_code"] = time.perf_counter() - began
    # The same words in one plain element, scrolled in the same browser: what the machine itself does to a frame.
    page.evaluate(PLAIN, (folder / "documents" / "D01.txt").read_text(encoding="utf-8"))
    page.wait_for_timeout(300)
    control = []
    for _ in range(9):
        page.wait_for_timeout(120)
        control.append(page.evaluate(CONTROL_KEY))
    found["control_key"] = statistics.median(control) / 1000
    found["control_key_worst"] = max(control) / 1000
    before = busy(devtools)
    plain = scroll(page)
    found["plain_work"] = (busy(devtools) - before) / len(plain)
    found["plain_first"] = max(plain) / 1000
    found["plain_frame"] = statistics.median([max(plain), *(max(scroll(page)) for _ in range(PASSES - 1))]) / 1000
    found["plain_share"] = sum(one > FRAME_TARGET * 1000 for one in plain) / len(plain)
    page.close()
    session.coding.close()
    return found


def main() -> int:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("No Chromium on this machine.")
        return 1
    missed = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for words, extracts, readable, peer in SIZES:
            runs = []
            for _ in range(asked.rounds):
                with tempfile.TemporaryDirectory() as folder:
                    runs.append(measure(browser, make_study(Path(folder), words, extracts)))
            middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
            print(f"\n{words:,} words, {extracts:,} extracts (medians of {asked.rounds})")
            slowest = middle["plain_frame"]
            is_busy = slowest > QUIET_FRAME or middle["control_key_worst"] > QUIET_FRAME
            for name, label, target in (
                ("readable", "until text can be read", readable),
                ("key", "key to visible code", middle["control_key"] + ONE_FRAME),
                ("key_worst", "  the slowest of nine", middle["control_key_worst"] + ONE_FRAME),
                ("stored", "key to stored", STORED_TARGET),
                ("new_code", "a new code, from Enter to the tree", None),
                ("frame", "slowest frame of a scroll", TIMES_PLAIN * slowest),
                ("frame_first", "  of the first scroll after opening", TIMES_PLAIN * middle["plain_first"]),
                ("frame_work", "  processor time of a frame, mean", None),
            ):
                judged = "" if target is None else verdict(middle[name], target)
                if judged == "MISSED" and is_busy:
                    judged = "machine busy"
                missed += judged == "MISSED"
                said = "" if target is None else f"target {target:.3f} s {judged}"
                beside = f"; Taguette {peer} s, {peer / middle[name]:.0f} times ours" if name == "readable" else ""
                print(f"  {label:36} {middle[name]:7.3f} s  {said}{beside}")
            bare, bare_worst = middle["control_key"], middle["control_key_worst"]
            print(f"  a bare element shown by a key: {bare:.3f} s, slowest {bare_worst:.3f} s")
            late, frames = middle["frames_late"], middle["frames"]
            share = middle["plain_share"]
            print(f"  frames over {FRAME_TARGET * 1000:.0f} ms: {late:.0f} of {frames:.0f}")
            print(f"  the same words as plain text: slowest {slowest:.3f} s, {share:.1%} over")
            first, work = middle["plain_first"], middle["plain_work"]
            print(f"    first scroll {first:.3f} s, processor time of a frame {work:.4f} s, mean")
        browser.close()
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
