"""Whether a file is a coding or a text, and how the positions in it would be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cop_analysis.realist.documents.containers import ExchangeError
from cop_analysis.realist.exchange import registry
from cop_analysis.realist.model import Coding
from cop_analysis.study.faults import visible

TEXT: Final = "document"
"""What a file is called that is a text and no coding."""


def recognise(path: Path) -> str:
    """Say what a file or folder is: the name of its kind (`exchange.registry.formats`), or that it is a text.

    Raises
    ------
    ExchangeError
        When it is nothing that can be brought in, in one sentence that says what it is and what to do instead.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "any.name"
    >>> _ = place.write_text("P01: I rang her.")
    >>> recognise(place)
    'document'
    """
    kind = registry.recognise(path)
    return TEXT if kind is None else kind.name


QUOTES: Final = 5

READINGS: Final[Mapping[str, tuple[str, str]]] = {
    "Unicode code points": ("codepoint", "one"),
    "UTF-16 code units": ("utf16", "one"),
    "Unicode code points, line breaks as two": ("codepoint", "two"),
    "UTF-16 code units, line breaks as two": ("utf16", "two"),
}
"""The ways in which a file's positions may count, by what they are called: `offsets` and `line_breaks`."""


@dataclass(frozen=True)
class OffsetPreview:
    """A few quotes under every reading that gives other words.

    Parameters
    ----------
    readings : tuple of (str, str, str)
        What each reading is called, and the `offsets` and `line_breaks` that choose it.
    quotes : tuple of tuple of str
        For each quote its words under each reading, in that order.
    """

    readings: tuple[tuple[str, str, str], ...]
    quotes: tuple[tuple[str, ...], ...]

    @property
    def lines(self) -> list[str]:
        """The preview as lines of text, each reading with the options that choose it."""
        lines = []
        for position, (name, offsets, breaks) in enumerate(self.readings):
            lines.append(f"{name} (--offsets {offsets} --line-breaks {breaks}):")
            lines += [f"  “{visible(quote[position], 160)}”" for quote in self.quotes]
        return lines


class UnsettledOffsets(ExchangeError):
    """The selections of a file do not settle what its positions count; nothing was brought in."""

    def __init__(self, sentence: str, preview: OffsetPreview) -> None:
        super().__init__(sentence)
        self.preview = preview


def preview_of(read: Callable[[str, str], Coding]) -> OffsetPreview:
    """Read a file in every way and give the first quotes on which the ways differ.

    Parameters
    ----------
    read : callable
        Given `offsets` and `line_breaks`, the coding as that reading gives it.

    Examples
    --------
    >>> from cop_analysis.realist.model import Extract, Snapshot
    >>> def read(offsets, line_breaks):
    ...     quote = "trust" if offsets == "utf16" else "rust "
    ...     return Coding(Snapshot("d", extracts=(Extract("x", "D1", 0, 5, quote, "c", "a"),)))
    >>> preview_of(read).quotes
    (('rust ', 'trust'),)
    """
    found: dict[str, dict[str, str]] = {}
    for name, (offsets, breaks) in READINGS.items():
        words = {one.id: one.quote for one in read(offsets, breaks).snapshot.extracts}
        if words not in found.values():
            found[name] = words
    shared = [one for one in next(iter(found.values())) if all(one in words for words in found.values())]
    unlike = [one for one in shared if len({words[one] for words in found.values()}) > 1]
    chosen = (unlike or shared)[:QUOTES]
    return OffsetPreview(
        tuple((name, *READINGS[name]) for name in found),
        tuple(tuple(words[one] for words in found.values()) for one in chosen),
    )
