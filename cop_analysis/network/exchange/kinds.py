"""What a network format is, which there are, how the one a file is in is told, and what an exchange says of itself.

Each format is one file of `formats/`, found by looking there. It says what it is called, how a file of it is recognised
(by its content, never by its name), and how it is read and written; nothing else of the room knows it by name. To add
one, add `formats/NAME.py` with a ``FORMAT``, and its test; one that is read and never written goes into
`formats/only_read/`.
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

from cop_analysis import characters
from cop_analysis.files import MOST_TABLE, FileRefusedError, decoded, encoding_called, read_file, wide_encoding

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.network.exchange.tables import GraphTables


class GraphFileError(ValueError):
    """A file that cannot be read as a network, in one sentence: which file, where in it, and what to do."""


@dataclass(frozen=True)
class ExchangeReport:
    """What came of reading or writing a network.

    Attributes
    ----------
    format : str
        The name of a format (`formats`).
    files : tuple of pathlib.Path
        What was read or written.
    nodes, ties : int
        Of the network; ties as the graph counts them.
    notes : tuple of str
        What was lost, changed or decided on the way, a sentence each. Empty where everything was carried.

    Examples
    --------
    >>> ExchangeReport("dl", (Path("a.dl"),), 3, 2, ("Attributes of nodes are left out: role.",)).sentence
    'a.dl (UCINET DL): 3 nodes and 2 ties. Attributes of nodes are left out: role.'
    """

    format: str
    files: tuple[Path, ...]
    nodes: int
    ties: int
    notes: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing had to be left out or decided."""
        return not self.notes

    @property
    def sentence(self) -> str:
        """The whole report in plain words."""
        names = ", ".join(path.name for path in self.files)
        ties = f"{self.ties:,} tie{'' if self.ties == 1 else 's'}"
        told = f"{names} ({title_of(self.format)}): {self.nodes:,} node{'' if self.nodes == 1 else 's'} "
        return " ".join([f"{told}and {ties}.", *self.notes])

    def __str__(self) -> str:
        return self.sentence


def listed(names: list[str], at_most: int = 8) -> str:
    """Write names for a sentence, the first few and how many more.

    Examples
    --------
    >>> listed(["a", "b"]), listed(["a", "b", "c"], 2)
    ('a, b', 'a, b and 1 more')
    """
    shown = ", ".join(shortened(name) for name in names[:at_most])
    return shown if len(names) <= at_most else f"{shown} and {len(names) - at_most:,} more"


def shortened(text: str, longest: int = 60) -> str:
    """Cut a text from a file so that a sentence stays a sentence, without line breaks.

    Examples
    --------
    >>> shortened("a\\nb"), len(shortened("x" * 500))
    ('a b', 60)
    """
    plain = "".join(character if character.isprintable() else " " for character in text)
    return characters.shortened(plain, longest)


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


# --- from a path to bytes, and from bytes to the format they are in ---------------------------------------------------


BYTES_AT_MOST = MOST_TABLE
"""A file above this size is no network this workbench can hold; it is refused before it is read."""

_SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"SQLite format 3": "a database",
    b"\x89PNG": "a picture",
    b"RDX": "an R data file",
}
_SOURCE = {"source", "from", "ego", "sender", "tail", "node1", "from_id", "source_id"}
_TARGET = {"target", "to", "alter", "receiver", "head", "node2", "to_id", "target_id"}


def content_of(path: Path) -> bytes:
    """Read a file whole, or refuse it in one sentence.

    Raises
    ------
    GraphFileError
        If it is not there, is no file, is too large, is empty, or is plainly something else.
    """
    try:
        content = read_file(path, most=BYTES_AT_MOST)
    except FileNotFoundError:
        raise GraphFileError(f"There is no file {path}. Check its name and folder.") from None
    except FileRefusedError as refused:
        raise GraphFileError(f"{path.name} was not read: it {refused.rule}. {refused.remedy.capitalize()}.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise GraphFileError(f"{path.name} cannot be read ({reason}). Close it elsewhere and try again.") from None
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise GraphFileError(f"{path.name} is {kind}, not a network file. Export it as GraphML or CSV first.")
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise GraphFileError(f"{path.name} is empty. Export it again.")
    return content


def text_from(content: bytes, file: str, *, keep_breaks: bool = False) -> tuple[str, list[str]]:
    """Decode a text file: UTF-8, UTF-16 with its mark, or the old Windows encoding, which is then noted.

    Line breaks become single line feeds unless they are to be kept as they are.

    Raises
    ------
    GraphFileError
        If the bytes are no text in any of these.

    Examples
    --------
    >>> text_from("é".encode("cp1252"), "old.net")
    ('é', ['The file is not in UTF-8; it was read as Windows-1252, so check accented letters.'])
    """
    if wide_encoding(content):
        try:
            return _plain(decoded(content)[0], file, keep_breaks), []
        except UnicodeDecodeError:
            called = encoding_called(wide_encoding(content))
            raise GraphFileError(f"{file} begins as {called} and then breaks off. Save it again as UTF-8.") from None
    if b"\x00" in content:
        raise GraphFileError(f"{file} is not text (it holds NUL bytes). Export it again as UTF-8 text.")
    try:
        return _plain(content.decode("utf-8"), file, keep_breaks), []
    except UnicodeDecodeError as error:
        # Where other letters are good UTF-8, the bad byte is damage and not another encoding.
        if any(byte >= 0xC2 for byte in content[: error.start]) or (
            error.reason == "unexpected end of data" and error.start > 0 and len(content) > 40
        ):
            raise GraphFileError(
                f"{file} is damaged: byte {error.start + 1:,} is no UTF-8 text. Export it again as UTF-8."
            ) from None
    try:
        text, called = decoded(content)
    except UnicodeDecodeError:
        raise GraphFileError(f"{file} is neither UTF-8 nor Windows-1252 text. Export it again as UTF-8.") from None
    note = f"The file is not in UTF-8; it was read as {called}, so check accented letters."
    return _plain(text, file, keep_breaks), [note]


def format_of(content: bytes, file: str) -> str:
    """Tell which format the content is in.

    Returns
    -------
    str
        The name of a format (`formats`), such as ``graphml``, ``csv`` or ``matrix``.

    Raises
    ------
    GraphFileError
        If it is none of these.

    Examples
    --------
    >>> format_of(b"dl n=2 format=fullmatrix data: 0 1 1 0", "x.txt"), format_of(b"0 1\\n1 0\\n", "x.dat")
    ('dl', 'matrix')
    """
    beginning = beginning_of(content)
    for name, one in formats().items():
        if one.recognises is not None and one.recognises(beginning):
            return name
    raise GraphFileError(_in_no_format(beginning, file))


def beginning_of(content: bytes) -> Beginning:
    """Give how a file begins."""
    start = content[:4000]
    text = start.removeprefix(b"\xef\xbb\xbf").decode(wide_encoding(start) or "latin-1", "ignore")
    return Beginning(text.lstrip("\ufeff \t\r\n"), content)


def _in_no_format(beginning: Beginning, file: str) -> str:
    """Say what a file begins with, and what files of the formats that are known begin with."""
    known = [one for one in formats().values() if one.recognises is not None]
    if beginning.is_xml:
        roots = " or ".join(one.begins for one in known if one.begins.startswith("<"))
        return (
            f"{file} is XML, but its first element is <{shortened(beginning.root, 30)}>, not {roots}. "
            "Export it as GraphML."
        )
    if beginning.is_starred:
        words = " nor ".join(f"{one.title} ({one.begins})" for one in known if one.begins.startswith("*"))
        return f"{file} begins with {shortened(beginning.first, 30)!r}, which is neither {words}."
    kinds = in_a_sentence([one.described or one.title for one in sorted(known, key=lambda one: not one.endings)])
    return f"{file} is in no format known here: it begins with {shortened(beginning.first, 40)!r}. Known are {kinds}."


def header_places(header: list[str]) -> tuple[int, int] | None:
    """Give the places of the columns that name who a tie comes from and goes to, if a header has both.

    Examples
    --------
    >>> header_places(["Id", "Source", "Target"]), header_places(["a", "b"])
    ((1, 2), None)
    """
    names = [cell.strip().lower() for cell in header]
    tails = [n for n, name in enumerate(names) if name in _SOURCE]
    heads = [n for n, name in enumerate(names) if name in _TARGET]
    return (tails[0], heads[0]) if tails and heads else None


def numbered_columns(header: list[str]) -> str:
    """Give the word that all columns after the first share, each with a number after it; empty where they do not.

    Examples
    --------
    >>> numbered_columns(["ego", "alter1", "alter2"]), numbered_columns(["id", "Name 1", "Name 2"])
    ('alter', 'name')
    >>> numbered_columns(["id", "1", "2"]), numbered_columns(["id", "age", "name1"])
    ('', '')
    """
    found = [re.fullmatch(r"(.*?\D)[ _.:-]*([0-9]+)", cell.strip().strip('"').strip()) for cell in header[1:]]
    if not found or not all(found):
        return ""
    words = {match[1].rstrip(" _.:-").lower() for match in found if match}
    numbers = [match[2] for match in found if match]
    return words.pop() if len(words) == 1 and len(set(numbers)) == len(numbers) else ""


def _plain(text: str, file: str, keep_breaks: bool) -> str:
    if "\x00" in text:
        raise GraphFileError(f"{file} is not text (it holds NUL characters). Export it again as UTF-8 text.")
    text = text.removeprefix("\ufeff")
    return text if keep_breaks else text.replace("\r\n", "\n").replace("\r", "\n")
