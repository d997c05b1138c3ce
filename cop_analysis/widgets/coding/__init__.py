"""Coding in the notebook: reading transcripts, coding them, building configurations. Python's side of it, no analysis.

`session` answers what the browser asks and holds no Jupyter; `panel` is the widget; `static/` is what runs in the
browser, plain ES modules that `widgets.shown` joins into the one text a widget may send.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.widgets.coding.panel import CodingPanel

__all__ = ["coding"]


def coding(study: str | Path | Study, coder: str = "", *, blind: bool = False) -> CodingPanel:
    """Code a study's documents in JupyterLab and build configurations from what was coded.

    Parameters
    ----------
    study : path or Study
        The study folder, or the study as `open_study` gave it.
    coder : str, optional
        Who codes, by identifier; somebody new is added with their first change. Left out, the panel asks where the
        study has no coder or several.
    blind : bool, optional
        Begin with what others coded hidden: none of it is sent to the browser, nor shown where widgets are not. It can
        be turned off in the panel.

    Returns
    -------
    CodingPanel
        Shown by the notebook. Everything is stored as it is done.

    Raises
    ------
    StudyError
        When the study or its coding.json is at fault.
    CodingError
        When the coding's database is damaged or cannot be reached, or the study has no folder to keep one in.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.study.template import new_study
    >>> panel = coding(new_study(Path(tempfile.mkdtemp()) / "forum", example=True), coder="coder-a")
    >>> "Coding" in panel.static_html()
    True
    >>> panel.close()
    """
    from cop_analysis.widgets.coding.panel import CodingPanel

    return CodingPanel(study, coder, blind=blind)
