"""The coding panel in a browser without JupyterLab: its own modules, answered by a real `Session`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cop_analysis.study.template import new_study
from cop_analysis.widgets.coding.session import Session
from cop_analysis.widgets.shown import bundle, source
from tests.widgets.in_jupyterlab import lab_on_the_example

TEXT = (
    "Interviewer: What changed for you? 😀\r\n\r\n"
    "P01: I was alone with it. Cafe\u0301 talk 👩🏽‍⚕️ helped. Then I rang the <b>hospital</b>.\r\n\r\n"
    "P02: שלום, it did nothing for me.\r\n\r\n"
    "P01: So I ring them now. They know my name."
)
SURVEY = "R1: More time.\n\nR2: A name to ring.\n\nR3: Nothing."

MODEL = """
const listeners = new Set();
const tell = (message) => { for (const one of [...listeners]) one(message); };
globalThis.tellPanel = tell;
globalThis.sent = [];
globalThis.deaf = false;
globalThis.underWay = 0;
globalThis.model = {
  on: (name, run) => listeners.add(run),
  off: (name, run) => listeners.delete(run),
  get: () => undefined,
  send: (message) => {
    globalThis.sent.push(message);
    if (globalThis.deaf) return;
    globalThis.underWay += 1;
    globalThis.askPython(JSON.stringify(message)).then((replies) => {
      globalThis.underWay -= 1;
      JSON.parse(replies).forEach(tell);
    });
  },
};
"""

SLOWLY = """
(() => {
  const times = Number(globalThis.slowness) || 1;
  const frame = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (draw) => setTimeout(() => frame(draw), 200 * times);
  for (const name of ["IntersectionObserver", "ResizeObserver"]) {
    const Real = globalThis[name];
    globalThis[name] = class extends Real {
      constructor(tell, look) { super((...seen) => setTimeout(() => tell(...seen), 300 * times), look); }
    };
  }
  const send = globalThis.model.send;
  let before = Promise.resolve();
  globalThis.model.send = (message) => {
    before = before.then(() => new Promise((go) => setTimeout(go, 300 * times)));
    globalThis.underWay += 1;
    before.then(() => {
      globalThis.underWay -= 1;
      send(message);
    });
  };
})();
"""
"""What a machine with much else to do does to a page: frames, observers and answers come late, in their order.

With COP_SLOW_BROWSER=1 in the environment every panel is opened so; a test that looks before it may fails then. A
larger number slows as many times more, which finds the tests that wait for a time and not for what they look at.
"""


SETTLED = """async () => {
  // Longer than anything the panel itself waits for before it asks or draws, by the page's own clock.
  const pause = 700 + 500 * (globalThis.slowness ?? 0);
  for (let quiet = 0; quiet < 2; ) {
    await new Promise((go) => setTimeout(go, pause));
    await new Promise((go) => requestAnimationFrame(() => setTimeout(go, 0)));
    quiet = globalThis.underWay ? 0 : quiet + 1;
  }
}"""

LISTENING = """() => {
  globalThis.said = {};
  for (const name of ["status", "spoken"]) {
    const line = document.querySelector(`.cop-${name}`);
    const lines = (globalThis.said[name] = []);
    new MutationObserver(() => lines.push(line.textContent)).observe(line, { childList: true, characterData: true, subtree: true });
  }
}"""  # noqa: E501


def slowly(times: str) -> str:
    """Give what makes a page slow, so many times; nothing where that is not asked."""
    return f"globalThis.slowness = {float(times)};{SLOWLY}" if times else ""


DARK = """
:root {
  --jp-content-font-color0: #fff; --jp-content-font-color1: #e0e0e0; --jp-layout-color1: #111;
  --jp-layout-color2: #2c2c2c; --jp-border-color0: #8a8a8a; --jp-border-color2: #444; --jp-brand-color1: #64b5f6;
  --jp-error-color1: #ef9a9a; color-scheme: dark;
}
"""


PATIENCE = 180_000
"""Milliseconds that anything in a browser is waited for on a busy machine."""


class OpenPanel:
    """A panel in a page, and the session that answers it."""

    def __init__(self, page: Any, session: Session) -> None:
        self.page = page
        self.session = session
        self.troubles: list[str] = []
        self.told: list[Any] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        page.expose_function("askPython", self._answer)

    def _answer(self, message: str) -> str:
        replies = list(self.session.answer(json.loads(message)))
        self.told += replies
        return json.dumps(replies)

    def start(self, *, dark: bool = False, address: str = "about:blank") -> None:
        self.page.goto(address)
        look = DARK if dark else ""
        self.page.set_content(
            f"<!doctype html><html lang='en'><head><title>Coding</title><style>{look}{source('coding.css')}</style>"
            "</head><body style='margin:0;background:var(--jp-layout-color1,#fff);"
            "color:var(--jp-content-font-color0,#000)'>"
            "<main><h1 style='margin:0;font-size:12px'>Notebook</h1><div id='here'></div></main></body></html>"
        )
        self.page.evaluate(
            """([model, text]) => {
              globalThis.began = performance.now();
              const head = document.createElement('script');
              head.textContent = model;
              document.head.append(head);
              const address = URL.createObjectURL(new Blob([text], {type: 'text/javascript'}));
              return import(address).then((found) => {
                const el = document.getElementById('here');
                globalThis.closePanel = found.default.render({model: globalThis.model, el});
              });
            }""",
            [MODEL + slowly(os.environ.get("COP_SLOW_BROWSER", "")), bundle()],
        )
        self.page.evaluate(LISTENING)
        self.page.wait_for_selector(".cop-coding[data-ready]", timeout=PATIENCE)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def to_text(self) -> None:
        self.page.evaluate("document.querySelector('.cop-turn[tabindex=\"0\"]').focus()")

    def code(self, name: str) -> None:
        """Code the selection by keyboard: n, the name, Enter."""
        self.press("n")
        self.page.wait_for_selector(".cop-picker:not([hidden])")
        self.page.keyboard.type(name)
        self.press("Enter")

    def labels(self, count: int) -> list[str]:
        """What the labels beside the text say, once they are so many: a turn is drawn some time after it is near."""
        from playwright.sync_api import expect

        if not count:
            self.settled()
        found = self.page.locator(".cop-label")
        expect(found).to_have_count(count, timeout=PATIENCE)
        return [one.strip() for one in found.all_inner_texts()]

    def until(self, so: str) -> None:
        """Wait until an expression is true in the page."""
        self.page.wait_for_function(so, timeout=PATIENCE)

    def settled(self) -> None:
        """Wait until the page has nothing more to ask, to hear or to draw: what is not there then will not come."""
        self.page.evaluate(SETTLED)

    def hears(self, begin: str, where: str = "spoken") -> None:
        """Wait until a sentence beginning so was said; it may be gone again. What was said up to it counts no more."""
        self.page.wait_for_function(
            """([where, begin]) => {
              const place = globalThis.said[where].findIndex((one) => one.startsWith(begin));
              return place >= 0 && globalThis.said[where].splice(0, place + 1).length;
            }""",
            arg=[where, begin],
            timeout=PATIENCE,
        )

    def sent_to_browser(self) -> str:
        """Everything Python has told the page so far, as text."""
        return json.dumps(self.told, ensure_ascii=False)

    def hear(self) -> None:
        """Tell the page what changed elsewhere, as the widget's thread does."""
        news = self.session.news()
        if news is not None:
            self.told.append(news)
            self.page.evaluate("(news) => globalThis.tellPanel(news)", news)

    def stored(self) -> None:
        """Wait until nothing waits to be stored."""
        self.page.wait_for_selector(".cop-status.is-stored", timeout=PATIENCE)

    def violations(self) -> list[str]:
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{rule['id']}: {node['target']} {node['html'][:200]} {node['failureSummary'][:300]}"
                for rule in found for node in rule["nodes"]]  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    """What is expected of a page is waited for as long as anything else in it."""
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study of an interview with emoji, marks, right-to-left words and CRLF, and of a survey's answers."""
    place = new_study(tmp_path / "forum")
    documents = place / "documents"
    documents.mkdir(exist_ok=True)
    (documents / "D01.txt").write_bytes(TEXT.encode())
    (documents / "D02.txt").write_bytes(SURVEY.encode())
    rows = "document,file,kind,title\nD01,D01.txt,interview,First\nD02,D02.txt,survey answers,Free text\n"
    (place / "documents.csv").write_text(rows, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def a_browser(chromium: str) -> Iterator[Any]:
    """The one browser of a module's tests.

    Playwright keeps an event loop running in the thread that opened it until it is closed, and refuses a second one
    there; so every test of this folder takes its browser from here, and none starts another beside it.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        make = browser.new_context

        def patient(**look: Any) -> Any:
            # A machine with other work to do is waited for: no test is about how long something takes.
            context = make(**look)
            context.set_default_timeout(PATIENCE)
            return context

        browser.new_context = patient
        yield browser
        browser.close()


@pytest.fixture
def open_panel(a_browser: Any) -> Iterator[Callable[..., OpenPanel]]:
    contexts = []
    opened: list[OpenPanel] = []

    def open_one(folder: Path, coder: str = "coder-a", *, width: int = 1366, height: int = 768, dark: bool = False,
                 blind: bool = False, start: bool = True, **context_options: Any) -> OpenPanel:  # fmt: skip
        context = a_browser.new_context(viewport={"width": width, "height": height}, **context_options)
        contexts.append(context)
        panel = OpenPanel(context.new_page(), Session(folder, coder, blind=blind))
        opened.append(panel)
        if start:
            panel.start(dark=dark)
        return panel

    yield open_one
    for panel in opened:
        panel.session.coding.close()
    for context in contexts:
        context.close()


@pytest.fixture
def lab(tmp_path: Path, start_process: Any, wait_until: Any) -> Iterator[tuple[str, str, Path]]:
    """A JupyterLab of its own on a study and two notebooks that code it: its address, its token, its folder."""
    with lab_on_the_example(tmp_path, start_process, wait_until) as opened:
        yield opened
