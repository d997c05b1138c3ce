"""The workbench panel: choose a study, check it, run its report, see what waits; no code typed.

The panel only calls the command line (`python -m cop_analysis`) in a process of its own, so that what it does is what
a scheduled run does, and a long report leaves the notebook free. It decides nothing about data.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

STUDY_VARIABLE = "COP_STUDY"
"""The environment variable through which `cop workbench STUDY` tells the notebook which study was chosen."""

ROOT_VARIABLE = "COP_LAB_ROOT"
"""The environment variable that says which folder `cop workbench` serves, so that a report in it can be linked to."""

_STEPS = (
    "<ol><li><b>Choose</b> a study, or type the path of another study folder.</li>"
    "<li><b>Code</b> its documents and build configurations; the panel that opens says how.</li>"
    "<li><b>Check</b> it: every fault is listed with its file, row and column, and how to mend it.</li>"
    "<li><b>Run the report</b>: the pages open from disk, with no network.</li></ol>"
)
# ipywidgets keeps text on one line and takes the look of a link away; both are put back.
_WRAPPED = "white-space: normal; line-height: 1.5; overflow-wrap: anywhere"
_LINK = "color: var(--jp-content-link-color, #005eb8); text-decoration: underline"


def find_studies(start: Path) -> list[Path]:
    """List the study folders near a folder: itself, its children, and those of a data/ folder beside or above it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = Path(folder) / "data" / "forum"
    ...     study.mkdir(parents=True)
    ...     _ = (study / "study.toml").write_text("")
    ...     [found.name for found in find_studies(Path(folder))]
    ['forum']
    """
    start = start.resolve()
    places = [start, *start.glob("*/"), *(start / "data").glob("*/"), *(start.parent / "data").glob("*/")]
    return sorted({place.resolve() for place in places if (place / "study.toml").is_file()})


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


class Workbench:
    """The panel itself; made by `workbench` and shown by the notebook.

    Parameters
    ----------
    study : str or Path
        The study folder to start with; empty for none.
    """

    def __init__(self, study: str | Path = "") -> None:
        import ipywidgets

        here = Path.cwd()
        studies = find_studies(here)
        if study:
            chosen = Path(study).expanduser().resolve()
            studies = sorted({chosen, *studies})
        else:
            chosen = studies[0] if studies else here
        self._running = threading.Lock()
        wide = ipywidgets.Layout(width="min(42rem, 95%)")
        named = {"style": {"description_width": "9rem"}, "layout": wide}
        self.choice = ipywidgets.Dropdown(
            options=[(study_label(path, here.resolve()), str(path)) for path in studies] or [("none found nearby", "")],
            value=str(chosen) if chosen in studies else None,
            description="Study",
            **named,
        )
        self.path = ipywidgets.Text(
            placeholder="or type the path of a study folder", description="Another folder", **named
        )
        self.period = ipywidgets.Text(placeholder="such as 2023/24; empty for all", description="Period", **named)
        self.check = ipywidgets.Button(description="Check the study", icon="check")
        self.code = ipywidgets.Button(description="Code the documents", icon="pencil")
        self.coding_place = ipywidgets.VBox([])
        self.report = ipywidgets.Button(description="Run the report", icon="play", button_style="primary")
        self.message = ipywidgets.HTML(value="<p role='status'>Nothing run yet.</p>")
        self.code.on_click(lambda _: self.open_coding())
        self.check.on_click(lambda _: self.start("check"))
        self.report.on_click(lambda _: self.start("report"))
        self.panel = ipywidgets.VBox(
            [
                ipywidgets.HTML(value=_STEPS),
                self.choice,
                self.path,
                self.period,
                ipywidgets.HBox([self.code, self.check, self.report]),
                self.message,
                self.coding_place,
            ]
        )

    @property
    def study(self) -> str:
        """The folder that is chosen now: the typed one where there is one, else the one in the list."""
        return self.path.value.strip() or (self.choice.value or "")

    def open_coding(self) -> None:
        """Open the coding of the chosen study below the buttons, and close the one that was open."""
        from cop_analysis.study import StudyError
        from cop_analysis.widgets.coding import coding

        if not self.study:
            self.message.value = "<p role='alert'>Choose a study first, or type the path of its folder.</p>"
            return
        before = self.coding_place.children
        try:
            self.coding_place.children = (coding(self.study),)
        except (ValueError, OSError, StudyError) as fault:
            self.message.value = f"<div role='alert' style='{_WRAPPED}'><pre>{escape(str(fault))}</pre></div>"
            return
        for panel in before:
            panel.close()
        self.message.value = f"<p role='status'>{escape(self.study)} is open below.</p>"

    def start(self, verb: str) -> threading.Thread | None:
        """Run `cop check` or `cop report` on the chosen study in the background; one at a time."""
        if not self.study:
            self.message.value = "<p role='alert'>Choose a study first, or type the path of its folder.</p>"
            return None
        if not self._running.acquire(blocking=False):
            return None
        self.check.disabled = self.report.disabled = True
        doing = "Checking" if verb == "check" else "Running the report of"
        self.message.value = f"<p role='status'>{doing} {escape(self.study)} ...</p>"
        thread = threading.Thread(target=self._run, args=(verb, self.study, self.period.value.strip()), daemon=True)
        thread.start()
        return thread

    def _run(self, verb: str, study: str, period: str) -> None:
        try:
            command = [sys.executable, "-m", "cop_analysis", verb, study]
            if verb == "report":
                command += ["--out", str(outputs_folder(Path(study)))]
                command += ["--period", period] if period else []
            done = subprocess.run(
                command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
            )
            self.message.value = outcome_html(verb, study, done.returncode, done.stdout, done.stderr)
        except OSError as fault:
            self.message.value = f"<p role='alert'>It could not be started: {escape(str(fault))}</p>"
        finally:
            self.check.disabled = self.report.disabled = False
            self._running.release()

    def static_html(self) -> str:
        """Give what the panel says where no widget can run: a saved page, a report, a machine without the widget."""
        chosen = f"<p>Study: {escape(Path(self.study).name)}</p>" if self.study else "<p>No study is chosen.</p>"
        return f'<div class="cop-result">{_STEPS}{chosen}<p>Open this notebook in JupyterLab to use it.</p></div>'

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = dict(self.panel._repr_mimebundle_(**kwargs) or {})
        return {**bundle, "text/html": self.static_html(), "text/plain": "The workbench panel"}


def outputs_folder(study: Path) -> Path:
    """Give the folder reports of a study go to: outputs/ beside the data/ folder it lies in, or beside the study."""
    folder = study.expanduser().resolve()
    return (folder.parent.parent if folder.parent.name == "data" else folder.parent) / "outputs"


def outcome_html(verb: str, study: str, code: int, printed: str, complained: str) -> str:
    """Write what a run of the command line said as HTML; its words come from data and are escaped."""
    verdict = {
        0: "The study has no faults." if verb == "check" else "The report is ready.",
        1: "The data is at fault; the list says what and how to mend it.",
        2: "That could not be run as asked.",
        3: "A notebook failed; the others were run, and the report says which and why.",
    }.get(code, f"It stopped unexpectedly (code {code}).")
    role = "status" if code == 0 else "alert"
    pages: list[str] = []
    said: list[str] = []
    for line in filter(str.strip, (printed + complained).splitlines()):
        (pages if line.endswith("index.html") else said).append(line.removeprefix(f"{study}: "))
    links = "".join(
        page_html(
            "All reports" if line.startswith("All reports") else "Open the report", Path(line.rpartition(": ")[2])
        )
        for line in pages
    )
    items = "".join(f"<li>{escape(line)}</li>" for line in said)
    return f"<div style='{_WRAPPED}'><p role='{role}'><b>{escape(verdict)}</b></p>{links}<ul>{items}</ul></div>"


def page_html(name: str, page: Path) -> str:
    """Link to a report page through the Jupyter server where it lies in the server's folder, else say where it is."""
    page = page.resolve()
    root = os.environ.get(ROOT_VARIABLE)
    if root and page.is_relative_to(Path(root).resolve()):
        address = "/files/" + quote(page.relative_to(Path(root).resolve()).as_posix())
        return f'<p><a href="{escape(address)}" target="_blank" rel="noopener" style="{_LINK}">{escape(name)}</a></p>'
    return f"<p>{escape(name)} from your folders: <code>{escape(str(page))}</code></p>"


def study_label(study: Path, here: Path) -> str:
    """Name a study in the list: its folder's name, and where that is when it is not near."""
    near = study.parent in (here, here / "data", here.parent / "data", here.parent)
    return study.name if near else f"{study.name}  (in {study.parent})"
