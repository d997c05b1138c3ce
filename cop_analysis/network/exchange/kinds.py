"""What a network format is, and which there are: each is one file of `formats/`, found by looking there.

A format says what it is called, how a file of it is recognised, and how it is read and written; nothing else of the
room knows it by name. To add one, add `formats/NAME.py` with a ``FORMAT``, and its test; one that is read and never
written goes into `formats/only_read/`.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.network.exchange.report import ExchangeReport
    from cop_analysis.network.exchange.tables import GraphTables


@dataclass(frozen=True)
class Beginning:
    """How a file begins, as far as a format needs it to know its own.

    Attributes
    ----------
    text : str
        The first 4,000 bytes as text, without what stands before the first sign.
    content : bytes
        All of the file.
    """

    text: str
    content: bytes

    @property
    def lines(self) -> list[str]:
        """Its lines that hold something and are no remark of Pajek's."""
        return [line for line in self.text.splitlines() if line.strip() and not line.lstrip().startswith("%")]

    @property
    def first(self) -> str:
        """The first of them."""
        lines = self.lines
        return lines[0].strip() if lines else ""

    @property
    def is_xml(self) -> bool:
        """Whether it begins as XML does."""
        return self.text.startswith("<")

    @property
    def is_starred(self) -> bool:
        """Whether it begins with a word after a star, as Pajek and VNA do."""
        return not self.is_xml and self.first.startswith("*")

    @property
    def root(self) -> str:
        """The first element of an XML file, in small letters; empty where a long prologue hides it."""
        body = re.sub(r"<\?.*?\?>|<!--.*?-->", "", self.text, flags=re.DOTALL)
        found = re.search(r"<(?!!)(?:[\w.-]+:)?([\w.-]+)", body)
        return found[1].lower() if found else ""

    def has_root(self, name: str) -> bool:
        """Say whether an element is the first, or may be where a long prologue hides which is."""
        if not self.is_xml:
            return False
        if self.root or not re.search(r"<!DOCTYPE|<!--", self.text):
            return self.root == name
        return name.encode() in self.content[:200_000].lower()

    def has_star(self, *words: str) -> bool:
        """Say whether the first line is one of some words after a star."""
        return self.is_starred and re.sub(r"\s+", " ", self.first[1:].strip().lower()).startswith(words)


@dataclass(frozen=True)
class Source:
    """A file to be read.

    Attributes
    ----------
    path : pathlib.Path
    content : bytes
    directed : bool or None
        As for `read_graph`.
    layout : str or None
        As for `read_graph`.
    """

    path: Path
    content: bytes
    directed: bool | None = None
    layout: str | None = None

    @property
    def name(self) -> str:
        """The file's name, for sentences."""
        return self.path.name

    def text(self, *, keep_breaks: bool = False) -> tuple[str, list[str]]:
        """Give the file as text, and what had to be decided for it."""
        from cop_analysis.network.exchange.recognise import text_from

        return text_from(self.content, self.name, keep_breaks=keep_breaks)


@dataclass(frozen=True)
class ReadTables:
    """The networks of a file, what was decided on the way, and the files read besides."""

    networks: list[GraphTables]
    notes: list[str]
    beside: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Written:
    """What is to stand in which files, the named one first, and what the format cannot carry."""

    files: Mapping[Path, str]
    notes: list[str]


OneReader: TypeAlias = Callable[[str, str, bool | None], "tuple[GraphTables, list[str]]"]


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes
    ----------
    title : str
        What it is called in a sentence.
    place : int
        When it is asked whether a file is its own: those that can be sure first.
    endings : tuple of str
        What the names of its files end with, the usual one first.
    begins : str
        What its files begin with, where that is one word to look for (``"<graphml>"``, ``"*Vertices"``).
    described : str
        It among the formats that can be read; its title where that says enough.
    recognises : callable, optional
        Whether a file is its own; None for one that is only written.
    may_be_text : bool
        Whether a text may begin as its files do, so that a file that cannot be read may be no network at all.
    reads : callable, optional
    writes : callable, optional
        One network to a named file.
    writes_waves : callable, optional
        All waves to a folder, where the format holds them together.
    ending_with_people : str
        The ending under which a file also carries what people are like, where that is another one.
    """

    title: str
    place: int
    endings: tuple[str, ...] = ()
    begins: str = ""
    described: str = ""
    recognises: Callable[[Beginning], bool] | None = None
    may_be_text: bool = False
    reads: Callable[[Source], ReadTables] | None = None
    writes: Callable[[GraphTables, Path], Written] | None = None
    writes_waves: Callable[[Mapping[str, nx.Graph], Path], ExchangeReport] | None = None
    ending_with_people: str = ""

    @property
    def ending(self) -> str:
        """What a file of a study's network ends with."""
        return self.ending_with_people or self.endings[0]


def written() -> tuple[str, ...]:
    """Give the names of the formats that are written, without loading one: all but those of ``formats/only_read``.

    Examples
    --------
    >>> "graphml" in written(), "matrix" in written()
    (True, False)
    """
    return _modules("formats")


@cache
def formats() -> Mapping[str, Format]:
    """Give every format by its name, those that can be sure of a file first.

    Examples
    --------
    >>> list(formats())[:2], formats()["dl"].title
    (['graphml', 'gexf'], 'UCINET DL')
    """
    found: dict[str, Format] = {
        name: import_module(f"{__package__}.{folder}.{name}").FORMAT
        for folder in ("formats", "formats.only_read")
        for name in _modules(folder)
    }
    return dict(sorted(found.items(), key=lambda held: (held[1].place, held[0])))


def _modules(folder: str) -> tuple[str, ...]:
    path = Path(__file__).parent.joinpath(*folder.split("."))
    return tuple(sorted(found.name for found in pkgutil.iter_modules([str(path)]) if not found.ispkg))


def title_of(name: str) -> str:
    """Give what a format is called in a sentence; a name nobody knows is itself.

    Examples
    --------
    >>> title_of("vna"), title_of("other")
    ('VNA', 'other')
    """
    return formats()[name].title if name in formats() else name


def named(path: Path) -> str:
    """Give the format that a file's ending names, or nothing.

    Examples
    --------
    >>> named(Path("advice.GEXF")), named(Path("advice.doc"))
    ('gexf', '')
    """
    ending = path.suffix.lower()
    return next((name for name, one in formats().items() if one.writes and ending in one.endings), "")


def one_network(read: OneReader) -> Callable[[Source], ReadTables]:
    """Make a reader of a text with one network a reader of a file."""

    def reads(source: Source) -> ReadTables:
        text, notes = source.text()
        tables, more = read(text, source.name, source.directed)
        return ReadTables([tables], [*notes, *more])

    return reads


def one_file(write: Callable[[GraphTables], tuple[str, list[str]]]) -> Callable[[GraphTables, Path], Written]:
    """Make a writer of a text a writer of a file."""

    def writes(tables: GraphTables, path: Path) -> Written:
        text, notes = write(tables)
        return Written({path: text}, notes)

    return writes


def in_a_sentence(words: Sequence[str]) -> str:
    """Write several words with commas and an and.

    Examples
    --------
    >>> in_a_sentence(["GraphML", "GEXF", "a matrix"])
    'GraphML, GEXF, and a matrix'
    """
    return ", ".join([*words[:-1], f"and {words[-1]}"])
