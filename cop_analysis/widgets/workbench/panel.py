"""The widget: carries messages between the browser and a `Desk`, and holds the coding that was opened from it."""

from __future__ import annotations

import os
import threading
import time
import weakref
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.study import StudyError
from cop_analysis.study.faults import visible
from cop_analysis.widgets.shown import SETTLED_SECONDS, Shown

if TYPE_CHECKING:
    from cop_analysis.widgets.coding.panel import CodingPanel

STUDY_VARIABLE = "COP_STUDY"
"""The environment variable through which `cop workbench STUDY` tells the notebook which study was chosen."""

ROOT_VARIABLE = "COP_LAB_ROOT"
"""The environment variable that says which folder `cop workbench` serves, so that a report in it can be linked to."""

FOLLOW_EVERY_SECONDS: Final = 1.5
"""How often the panel looks how far the coding that is open in it has got."""

_STEPS = (
    "<ol><li><b>Choose</b> a study, or make a new one.</li>"
    "<li><b>Add</b> its documents: transcripts as text, Word or captions.</li>"
    "<li><b>Code</b> the documents and build configurations; the panel that opens says how.</li>"
    "<li><b>Check</b> the study: every fault is listed with its place and how to correct it.</li>"
    "<li><b>Run the report</b>: the pages open from disk, with no network.</li>"
    "<li><b>See what waits</b> for a decision.</li></ol>"
)


def workbench(study: str | Path = "") -> Workbench:
    """Show the workbench panel for a study folder, or for choosing one.

    Parameters
    ----------
    study : str or Path, optional
        A study folder. Empty takes the one `cop workbench` was called with, or else offers those nearby.

    Examples
    --------
    >>> panel = workbench()
    >>> "Choose" in panel.static_html()
    True
    """
    return Workbench(study or os.environ.get(STUDY_VARIABLE, ""))


@cache
def front() -> type:
    """Give the widget class of the part that is drawn in the browser; it holds nothing of a study in its own state."""
    import anywidget

    from cop_analysis.widgets.shown import alone

    static = files("cop_analysis.widgets.workbench") / "static"

    class Front(anywidget.AnyWidget):
        _esm = alone("saved_form.js") + alone("focus.js") + (static / "workbench.js").read_text(encoding="utf-8")
        _css = (static / "workbench.css").read_text(encoding="utf-8")

    return Front


class Workbench:
    """The panel itself; made by `workbench` and shown by the notebook.

    Parameters
    ----------
    study : str or Path
        The study folder to start with; empty for none.
    """

    def __init__(self, study: str | Path = "") -> None:
        import ipywidgets

        from cop_analysis.widgets.workbench.desk import Desk

        self.front: Any = front()()
        self.coding_place = ipywidgets.VBox([])
        self.panel = ipywidgets.VBox([self.front, self.coding_place])
        self.shown = Shown(self.static_html, self.static_text, self.front.send)
        self._sent: dict[str, Any] = {}
        self.desk = Desk(study, tell=self.tell)
        self.desk.server_root = os.environ.get(ROOT_VARIABLE, "")
        self.desk.is_blind = lambda: self.coding is not None and self.coding.session.blind  # type: ignore[method-assign]
        self.desk.coder = lambda: "" if self.coding is None else self.coding.session.coder  # type: ignore[method-assign]
        self.front.on_msg(self._answer)

    @property
    def study(self) -> str:
        """The folder that is chosen now; empty for none."""
        return "" if self.desk.folder is None else str(self.desk.folder)

    @property
    def coding(self) -> CodingPanel | None:
        """The coding that is open below the workbench."""
        return self.coding_place.children[0] if self.coding_place.children else None

    def choose(self, folder: str | Path) -> None:
        """Choose another study folder."""
        self.close_coding()
        self.desk.choose(str(folder))
        self.tell()

    def start(self, verb: str, period: str = "") -> threading.Thread | None:
        """Run `cop check` or `cop report` on the chosen study in the background, or gather what waits."""
        return self.desk.start(verb, period)

    def open_coding(self) -> None:
        """Open the coding of the chosen study below the workbench, and close the one that was open."""
        from cop_analysis.widgets.coding import coding

        desk = self.desk
        if desk.folder is None or desk.facts.get("fault"):
            said = desk.facts.get("fault") or "Choose a study first, in the list or by the path of its folder."
            desk.said = {"text": said, "tone": "alert"}
        else:
            try:
                opened = coding(desk.folder)
            except (ValueError, OSError, StudyError) as fault:
                desk.said = {"text": visible(" ".join(str(fault).split()), 800), "tone": "alert"}
            else:
                self.close_coding()
                self.coding_place.children = (opened,)
                desk.said = {"text": "The coding is open below.", "tone": "status"}
                follower = threading.Thread(
                    target=_follow, args=(weakref.ref(self), weakref.ref(opened)), name="workbench", daemon=True
                )
                follower.start()
        self.tell()

    def close_coding(self) -> None:
        """Close the coding that is open; everything done in it is stored already."""
        before = self.coding_place.children
        self.coding_place.children = ()
        for panel in before:
            panel.close()
        if before:
            self.desk.look()

    def tell(self) -> None:
        """Tell the browser how things stand; long lists only when they have changed."""
        state = {**self.desk.state, "coding": self.coding is not None}
        if state["coding"] and state["next"]["where"] == "code":
            state["next"] = {
                **state["next"],
                "sentence": "Code in the panel below: the line at its top says what to do.",
            }
        fresh = {name: value for name, value in state.items() if self._sent.get(name, _NOTHING) != value}
        self._sent = state
        if fresh:
            self.front.send({"kind": "state", **fresh})
            self.shown.changed(1.0 if self.coding is None else SETTLED_SECONDS)

    def _answer(self, _front: Any, message: Any, buffers: Any) -> None:
        """Do what the browser asks."""
        asked = message if isinstance(message, dict) else {}
        desk = self.desk

        def text(name: str) -> str:
            return str(asked.get(name) or "")

        kind = asked.get("kind")
        if kind == "hello":
            self.shown.seen()
            desk.server_root = os.environ.get(ROOT_VARIABLE, "") or text("root")
            self._sent = {}
            if not desk.busy:
                desk.look()
        elif kind == "choose":
            self.close_coding()
            desk.choose(text("folder"))
        elif kind == "make":
            self.close_coding()
            desk.make(text("title"), text("place"), example=bool(asked.get("example")))
        elif kind == "piece":
            content = b"".join(bytes(one) for one in buffers or ())
            desk.take_piece(
                text("upload"), text("name"), int(asked.get("number") or 0), int(asked.get("of") or 1), content
            )
        elif kind == "keep":
            was_open = self.coding is not None
            desk.keep([one for one in asked.get("documents") or () if isinstance(one, dict)])
            if was_open and desk.said["tone"] == "status":
                said = desk.said
                self.open_coding()
                desk.said = said
        elif kind == "settle":
            answers = asked.get("answers")
            desk.settle(text("upload"), answers if isinstance(answers, dict) else {})
        elif kind == "bring":
            was_open = self.coding is not None
            self.close_coding()
            desk.bring_project(text("upload"), text("offsets") or "auto", text("lineBreaks") or "auto")
            if was_open:
                said = desk.said
                self.open_coding()
                desk.said = said
        elif kind in ("network", "bring-network"):
            answers = asked.get("answers")
            act = desk.answer_network if kind == "network" else desk.bring_network
            act(text("upload"), answers if isinstance(answers, dict) else {})
        elif kind == "drop":
            desk.drop(text("upload"))
        elif kind == "code":
            self.open_coding()
        elif kind == "close":
            self.close_coding()
        elif kind in ("check", "report", "waiting"):
            desk.start(str(kind), text("period"))
        elif kind == "stop":
            desk.stop()
        self.tell()

    def coded(self) -> None:
        """Take note of what was coded meanwhile."""
        from cop_analysis.widgets.workbench.desk import counted

        opened = self.coding
        if opened is not None:
            self.desk.facts = {**self.desk.facts, **counted(opened.session.visible().snapshot)}
            self.tell()

    # --- where no widget can run ------------------------------------------------------------------------------------

    def static_html(self) -> str:
        """Give what the panel says where no widget can run: a saved page, a report, a machine without the widget."""
        facts = self.desk.facts
        opened = self.coding
        if opened is not None:
            return opened.static_html()
        name = facts.get("title") or facts.get("name") or ""
        folder = facts.get("name", "")
        said = f"<p>Study: {escape(name)}{f' ({escape(folder)})' if folder != name else ''}.</p>"
        kept = [
            ("document", len(facts.get("documents", ()))),
            *((noun, facts[f"{noun}s"]) for noun in ("code", "extract", "configuration") if facts.get(f"{noun}s")),
        ]
        counts = [f"{count:,} {noun}{'' if count == 1 else 's'}" for noun, count in kept]
        told = f"{said}<p>It holds {', '.join(counts)}.</p>" if name and not facts.get("fault") else ""
        return (
            f'<div class="cop-result cop-static-form"><h2>Workbench</h2>{told or "<p>No study is chosen.</p>"}{_STEPS}'
            "<p>Open this notebook in JupyterLab and run its cells to use it.</p></div>"
        )

    def static_text(self) -> str:
        """Give the same for a terminal."""
        opened = self.coding
        if opened is not None:
            return opened.static_text()
        chosen = f" on {visible(self.desk.folder.name)}" if self.desk.folder else ""
        return f"The workbench{chosen}; open it in JupyterLab."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = dict(self.panel._repr_mimebundle_(**kwargs) or {})
        return {**bundle, "text/html": self.static_html(), "text/plain": self.static_text()}

    def _ipython_display_(self) -> None:
        self.shown.display(self.panel)


_NOTHING = object()


def _follow(workbench: weakref.ref[Workbench], opened: weakref.ref[CodingPanel]) -> None:
    """Keep what the workbench says of the coding up to date while it is open."""
    seen = -1
    while True:
        time.sleep(FOLLOW_EVERY_SECONDS)
        bench, panel = workbench(), opened()
        if bench is None or panel is None or bench.coding is not panel:
            return
        now = panel.session.coding.seq
        if now != seen:
            seen = now
            bench.coded()
        del bench, panel
