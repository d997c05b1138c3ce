"""What the notebooks open: for each page the object a study is opened into, whose methods are the page's headings.

The one list of them: tests walk it, so that no heading is forgotten; and whatever has to speak of every page can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from cop_analysis.results.pages import Opened, Page, pages_of

if TYPE_CHECKING:
    from cop_analysis.study import Study


@dataclass(frozen=True)
class OpenedPage:
    """One page of the report and what it opens.

    Parameters
    ----------
    notebook : str
        The notebook it is shown by, without its ending.
    kind : str
        The class that is opened: its module, a colon and its name.
    opened : callable
        Gives every object of that class which a study has: one, or one an instrument or a relation.
    """

    notebook: str
    kind: str
    opened: Callable[[Study], Iterator[Opened]]

    @property
    def pages(self) -> tuple[Page, ...]:
        """The registered headings of the page."""
        module, _, name = self.kind.partition(":")
        return pages_of(getattr(import_module(module), name))


def _overview(study: Study) -> Iterator[Opened]:
    from cop_analysis.study.overview import about

    yield about(study)


def _sessions(study: Study) -> Iterator[Opened]:
    from cop_analysis.sessions import series

    yield series(study)


def _synthesis(study: Study) -> Iterator[Opened]:
    from cop_analysis.synthesis import side_by_side

    yield side_by_side(study)


OPENED_PAGES: tuple[OpenedPage, ...] = (
    OpenedPage("01_study_overview", "cop_analysis.study.overview:Overview", _overview),
    OpenedPage("05_sessions_and_reach", "cop_analysis.sessions.pages.opened:Series", _sessions),
    OpenedPage("06_synthesis", "cop_analysis.synthesis.opened:SideBySide", _synthesis),
)
"""In the order of the report."""
