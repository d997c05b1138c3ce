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
    def kind_opened(self) -> type:
        """The class that is opened."""
        module, _, name = self.kind.partition(":")
        found: type = getattr(import_module(module), name)
        return found

    @property
    def pages(self) -> tuple[Page, ...]:
        """The registered headings of the page."""
        return pages_of(self.kind_opened)


def _overview(study: Study) -> Iterator[Opened]:
    from cop_analysis.study.overview import about

    yield about(study)


def _coded(study: Study) -> Iterator[Opened]:
    from cop_analysis.realist import coded

    yield coded(study)


def _network(study: Study) -> Iterator[Opened]:
    from cop_analysis.network import waves

    held: list[str | None] = [] if study.ties is None else sorted(set(study.ties["relation"].dropna()))
    for relation in held or [None]:
        for by in ("organisation", "sector"):
            yield waves(study, relation, by=by)


def _change(study: Study) -> Iterator[Opened]:
    from cop_analysis.change import compare

    instruments: list[str | None] = [one.key for one in study.instruments]
    for instrument in instruments or [None]:
        yield compare(study, instrument)


def _sessions(study: Study) -> Iterator[Opened]:
    from cop_analysis.sessions import series

    yield series(study)


def _synthesis(study: Study) -> Iterator[Opened]:
    from cop_analysis.synthesis import side_by_side

    yield side_by_side(study)


OPENED_PAGES: tuple[OpenedPage, ...] = (
    OpenedPage("01_study_overview", "cop_analysis.study.overview:Overview", _overview),
    OpenedPage("02_cmo_configurations", "cop_analysis.realist:Coded", _coded),
    OpenedPage("03_collaboration_network", "cop_analysis.network:Waves", _network),
    OpenedPage("04_confidence_change", "cop_analysis.change:Comparison", _change),
    OpenedPage("05_sessions_and_reach", "cop_analysis.sessions:Series", _sessions),
    OpenedPage("06_synthesis", "cop_analysis.synthesis:SideBySide", _synthesis),
)
"""In the order of the report."""
