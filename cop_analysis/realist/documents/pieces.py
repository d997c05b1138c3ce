"""What the readers of documents hand on: paragraphs as they stand, and pieces of talk whose speaker is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class DocumentError(ValueError):
    """A document cannot be read; the message is one sentence that says what, where and how to mend it."""


@dataclass(frozen=True)
class Said:
    """A piece of talk: who spoke (empty where nobody is named), the words, and the time mark beside them."""

    speaker: str
    speech: str
    time: str = ""


@dataclass
class Pieces:
    """What a reader found in a file, in its order.

    `blocks` holds a text where a paragraph's speaker is still to be recognised, and a `Said` where the file says who
    spoke. `words` is counted by the reader from the file itself, by another way than the blocks were made, so that
    what gets lost on the way shows. Labels are among the words where they stand in the text (``P01: Yes``), and not
    where they stand in its markup (``<v P01>Yes``).
    """

    blocks: list[str | Said] = field(default_factory=list)
    words: int = 0
    labels_are_words: bool = True
    attributes: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    set_apart: dict[str, int] = field(default_factory=dict)

    def apart(self, kinds: Mapping[str, int]) -> None:
        """Count words that are not talk and are left out of the text, by kind."""
        for kind, count in kinds.items():
            if count:
                self.set_apart[kind] = self.set_apart.get(kind, 0) + count


def count_words(text: str) -> int:
    """Count words: what stands between blanks, a colon by itself not counted.

    Examples
    --------
    >>> count_words("P01 : we met \u2013 twice")
    5
    """
    return sum(piece != ":" for piece in text.split())
