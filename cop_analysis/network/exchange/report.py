"""What every exchange says of itself: which files, how much, and what the format could not carry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cop_analysis import characters


class GraphFileError(ValueError):
    """A file that cannot be read as a network, in one sentence: which file, where in it, and what to do."""


@dataclass(frozen=True)
class ExchangeReport:
    """What came of reading or writing a network.

    Attributes
    ----------
    format : str
        The name of a format (`kinds.formats`).
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
        from cop_analysis.network.exchange.kinds import title_of

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
