"""What the readers of documents hand on: paragraphs as they stand, and pieces of talk whose speaker is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class DocumentError(ValueError):
    """A document cannot be read; the message is one sentence that says what, where and how to correct it."""


@dataclass(frozen=True)
class Said:
    """A piece of talk: who spoke (empty where nobody is named), the words, and the time mark beside them."""

    speaker: str
    speech: str
    time: str = ""


@dataclass(frozen=True)
class Aside:
    """Words that stand beside the talk (a text box, a note): nobody's, and the turn around them goes on after them."""

    text: str


@dataclass(frozen=True)
class SpeakerQuestion:
    """A label that may be no speaker, or another one's, for somebody to say.

    Parameters
    ----------
    label : str
        As it is answered: the label, with its mark where that is not a colon behind it (``"R;"``, ``"R :"``).
    count : int
        In how many lines it stands.
    reason : str
        Why it is asked, as the rest of a sentence about it.
    suggestion : str
        The speaker it may well be; empty where it may well be none.
    """

    label: str
    count: int
    reason: str
    suggestion: str = ""

    @property
    def sentence(self) -> str:
        """The question as one line.

        Examples
        --------
        >>> SpeakerQuestion("p01", 1, "is written like P01 but for its capitals", "P01").sentence
        '“p01” (1 line) is written like P01 but for its capitals: is it the same as P01, or not a person?'
        """
        lines = "1 line" if self.count == 1 else f"{self.count:,} lines"
        other = self.suggestion and self.suggestion != self.label.rstrip(" :;")
        asked = f"is it the same as {self.suggestion}, or not a person" if other else "is it a person, or not a person"
        return f"“{self.label}” ({lines}) {self.reason}: {asked}?"


@dataclass
class Pieces:
    """What a reader found in a file, in its order.

    `blocks` holds a text where a paragraph's speaker is still to be recognised, and a `Said` where the file says who
    spoke. `words` is counted by the reader from the file itself, by another way than the blocks were made, so that
    what gets lost on the way shows. Labels are among the words where they stand in the text (``P01: Yes``), and not
    where they stand in its markup (``<v P01>Yes``).
    """

    blocks: list[str | Said | Aside] = field(default_factory=list)
    words: int = 0
    labels_are_words: bool = True
    attributes: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    set_apart: dict[str, int] = field(default_factory=dict)
    bold: int = 0
    """How many paragraphs are bold from end to end, by which some transcripts mark who asks."""

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
