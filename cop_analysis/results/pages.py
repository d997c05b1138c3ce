"""Which pages there are: each is a method of a room's opened object that names its key, its title and what it needs.

A room opens a study once (`change.compare`, `network.waves`, `sessions.series`) and the object it gives has one method
a heading. What all headings have in common stands here: the name under which a result travels, what is said where a
table is absent, and the list of them, so that no test has to keep one.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypedDict, TypeVar

from cop_analysis.results.answers import Result, absent
from cop_analysis.results.columns import Column

Shows = Literal["", "people", "people in part", "groups"]
"""Whom a reader could recognise on a page: nobody, single people, some of them on a page that leaves them out by itself
for whoever is not of the team, or groups that may be small."""


class Opening(TypedDict):
    """How a page's result begins; a method hands it on: ``Result(**opening, sentence=...)``."""

    key: str
    title: str
    sources: tuple[str, ...]


def from_files(opening: Opening, *files: str) -> Opening:
    """Give an opening with the files that the study's numbers came from, where they are not those its page needs.

    Examples
    --------
    >>> from_files({"key": "members", "title": "Members", "sources": ("people.csv",)}, "organisations.csv")
    {'key': 'members', 'title': 'Members', 'sources': ('organisations.csv',)}
    """
    return Opening(key=opening["key"], title=opening["title"], sources=files)


@dataclass(frozen=True)
class Page:
    """What is known of a page before it is asked for.

    Parameters
    ----------
    method : str
        The name it is called by.
    key, title : str
        The key of its result, without what tells one comparison from another, and what its table holds.
    needs : tuple of str
        The study's tables without any of which there is nothing to show, as attributes of a study: ``"survey"``.
    needed_for : str
        What cannot be shown without them, as the end of a sentence: ``"a change in answers"``.
    of : str
        What of that which was opened it speaks of, in the words of its room, for `Opened.refused`; empty where that is
        what most pages of the room speak of.
    shows : Shows
        Whom a reader could recognise on it.
    ending : str
        The attribute of what was opened with which the key ends; empty where the page is the same whatever was opened.
    columns : mapping of str to Column
        What the columns of its table and of the numbers behind its picture are; what depends on the study, or a heading
        of its own, a result states itself.
    """

    method: str
    key: str
    title: str
    needs: tuple[str, ...] = ()
    needed_for: str = ""
    of: str = ""
    shows: Shows = ""
    ending: str = "suffix"
    columns: Mapping[str, Column] = field(default_factory=dict)

    def about(self, opened: object) -> Page:
        """Give the page as it speaks of what was opened, named ``{it}`` in its key, title and what it is needed for.

        Examples
        --------
        >>> from types import SimpleNamespace
        >>> Page("summary", "summary", "Ties across {it.plural}").about(SimpleNamespace(plural="sectors")).title
        'Ties across sectors'
        """
        said = {name: getattr(self, name).format(it=opened) for name in ("key", "title", "needed_for")}
        return replace(self, **said)


class Opened(Protocol):
    """What a room has opened: a study, what its results' keys end with, and why a page may have nothing to show."""

    @property
    def study(self) -> Any:
        """The study that was opened."""
        ...

    @property
    def suffix(self) -> str:
        """What the keys of its results end with, so that several of its kind share a page; may be empty."""
        ...

    def refused(self, page: Page) -> Result | None:
        """Give the result that says why this page cannot be shown, or None."""
        ...


class OpenedStudy:
    """A study that was opened as a whole: no key needs an ending, and nothing but a table can be lacking.

    Parameters
    ----------
    study : Study
    """

    suffix = ""

    def __init__(self, study: Any) -> None:
        self.study = study

    def refused(self, page: Page) -> Result | None:
        """Give None: what a page lacks beyond its tables it says itself."""
        return None


S = TypeVar("S", bound=Opened)
P = ParamSpec("P")
_MARK = "cop_page"


def page(
    key: str,
    title: str,
    *,
    needs: tuple[str, ...] = (),
    needed_for: str = "",
    of: str = "",
    sources: tuple[str, ...] = (),
    shows: Shows = "",
    ending: str = "suffix",
    columns: Mapping[str, Column] = MappingProxyType({}),
) -> Callable[[Callable[Concatenate[S, Opening, P], Result]], Callable[Concatenate[S, P], Result]]:
    """Make a method a page: it is called without its opening, and only where there is something to show.

    Parameters
    ----------
    key, title, needs, needed_for, of, shows, ending, columns
        As in `Page`.
    sources : tuple of str, optional
        The files its numbers come from; by default those of the tables it needs.

    Returns
    -------
    callable
        A decorator for methods that take an `Opening` first.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> class Series:
    ...     suffix = ""
    ...     def __init__(self, study):
    ...         self.study = study
    ...     def refused(self, page):
    ...         return None
    ...     @page("people", "People", needs=("attendance",), needed_for="who came")
    ...     def people(self, opening):
    ...         return Result(**opening, sentence=f"{len(self.study.attendance)} came.")
    >>> Series(SimpleNamespace(attendance=["A", "B"])).people().sentence
    '2 came.'
    >>> Series(SimpleNamespace(attendance=None)).people().sentence
    'This study has no attendance table (attendance.csv), so who came cannot be shown.'
    >>> [one.method for one in pages_of(Series)]
    ['people']
    """
    files = sources or tuple(f"{table}.csv" for table in needs)

    def register(method: Callable[Concatenate[S, Opening, P], Result]) -> Callable[Concatenate[S, P], Result]:
        described = Page(method.__name__, key, title, needs, needed_for, of, shows, ending, columns)

        @functools.wraps(method)
        def shown(opened: S, /, *given: P.args, **named: P.kwargs) -> Result:
            here = described.about(opened)
            end = getattr(opened, ending) if ending else ""
            refusal = _without_a_table(opened.study, here, end) or opened.refused(here)
            if refusal is not None:
                return refusal
            opening = Opening(key=f"{here.key}{end}", title=here.title, sources=files)
            found = method(opened, opening, *given, **named)
            return replace(found, columns={**columns, **found.columns}) if columns else found

        setattr(shown, _MARK, described)
        shown.__signature__ = _without_opening(method)  # type: ignore[attr-defined]
        return shown

    return register


def _without_a_table(study: Any, described: Page, end: str) -> Result | None:
    """Say which table the study lacks, or that its period holds no row of it."""
    for table in described.needs:
        if getattr(study, table) is not None:
            continue
        period = getattr(study, "period", None)
        if period is None or not study.is_empty_in_period(table):
            return absent(f"{described.key}{end}", described.title, table, described.needed_for)
        sentence = f"No row of {table}.csv belongs to {period.label}, so {described.needed_for} cannot be shown."
        return Result(key=f"{described.key}{end}", title=described.title, sentence=sentence)
    return None


def _without_opening(method: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(method)
    parameters: Mapping[str, inspect.Parameter] = signature.parameters
    itself, _, *others = parameters.values()
    return signature.replace(parameters=[itself, *others])


def pages_of(kind: type) -> tuple[Page, ...]:
    """List the pages of an opened object's class, in the order in which they are written down.

    Examples
    --------
    >>> pages_of(object)
    ()
    """
    found: dict[str, Page] = {}
    for each in reversed(kind.__mro__):
        for name, method in vars(each).items():
            if isinstance(getattr(method, _MARK, None), Page):
                found[name] = getattr(method, _MARK)
    return tuple(found.values())
