"""The widget: carries messages between the browser and a `Session`, and shows a page without widgets a static form."""

from __future__ import annotations

import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget

from cop_analysis.widgets.coding.session import Session
from cop_analysis.widgets.coding.static_form import static_html, static_text
from cop_analysis.widgets.shown import Shown, bundle, source

if TYPE_CHECKING:
    from cop_analysis.study import Study

LOOK_EVERY_SECONDS = 0.7
"""How often it is looked whether another kernel changed the coding; where nothing did, that costs microseconds."""


class CodingPanel(anywidget.AnyWidget):
    """The coding interface of one study; made by `cop_analysis.widgets.coding`.

    Nothing of the study is held in the widget's own state, so that no transcript is saved in a notebook with it.

    Parameters
    ----------
    study : path or Study
    coder : str, optional
    blind : bool, optional
        Whether it begins with what others coded hidden.
    """

    _esm = bundle()
    _css = source("coding.css")

    def __init__(self, study: str | Path | Study, coder: str = "", *, blind: bool = False) -> None:
        super().__init__()
        self.session = Session(study, coder, blind=blind)
        self.shown = Shown(self.static_html, self.static_text, self.send)
        self._over = threading.Event()
        self.on_msg(_carry)
        watcher = threading.Thread(
            target=_watch, args=(weakref.ref(self), self._over), name="coding panel", daemon=True
        )
        watcher.start()

    @property
    def coding(self) -> Any:
        """The study's coding, to be read or changed from code; the panel follows."""
        return self.session.coding

    def static_html(self) -> str:
        """Give the coding as a page without widgets shows it: as the coder may see it at this moment, inert."""
        moment = time.strftime("%d %B %Y, %H:%M UTC", time.gmtime()).lstrip("0")
        return static_html(self.session.study, self.session.visible(), blind=self.session.blind, moment=moment)

    def static_text(self) -> str:
        """Give the same for a terminal, in a few lines."""
        return static_text(self.session.study, self.session.visible())

    def close(self) -> None:
        """End the panel and let go of the database."""
        self._over.set()
        self.shown.close()
        self.session.coding.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        found = super()._repr_mimebundle_(**kwargs)
        data, metadata = found if isinstance(found, tuple) else (found or {}, {})
        return {**data, "text/plain": self.static_text(), "text/html": self.static_html()}, metadata

    def _ipython_display_(self) -> None:
        self.shown.display(self)


def _carry(panel: CodingPanel, message: Any, buffers: Any) -> None:
    if isinstance(message, dict) and message.get("kind") == "hello":
        panel.shown.seen()
    for reply in panel.session.answer(message if isinstance(message, dict) else {}):
        panel.send(reply)
        if reply.get("kind") in ("done", "records"):
            panel.shown.changed()


def _watch(panel: weakref.ref[CodingPanel], over: threading.Event) -> None:
    """Tell the browser what others did, until the panel is gone."""
    said = ""
    while not over.wait(LOOK_EVERY_SECONDS):
        alive = panel()
        if alive is None:
            return
        try:
            news = alive.session.news()
            if news is not None:
                alive.send(news)
                alive.shown.changed()
            said = ""
        except Exception as error:  # the watch goes on, whatever it was
            sentence = " ".join(str(error).split())
            if sentence != said:
                alive.send({"kind": "notice", "sentence": sentence})
            said = sentence
        del alive
        time.sleep(0)
