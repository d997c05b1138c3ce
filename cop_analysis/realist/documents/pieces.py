"""What a document is read into (pieces with what was said, and by whom), and the text of a file of any encoding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cop_analysis.files import decoded as decoded_text
from cop_analysis.files import encoding_called, encoding_of


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


_CONTROLS = [chr(number) for number in range(32) if chr(number) not in "\t\n\r\x0b\x0c"]


def decoded(content: bytes, file: str) -> tuple[str, str]:
    """Decode a text file: whatever it is saved as (`cop_analysis.files.encoding_of`).

    Parameters
    ----------
    content : bytes
    file : str
        Its name, for messages.

    Returns
    -------
    tuple of str and str
        The text with ``\\n`` for every line break, and the name of the encoding.

    Raises
    ------
    DocumentError
        When it is none of these, or holds what no text holds.

    Examples
    --------
    >>> decoded("P01: café".encode("cp1252"), "a.txt"), decoded("P01: café".encode("utf-16"), "b.txt")[1]
    (('P01: café', 'Windows-1252'), 'UTF-16')
    """
    try:
        text, called = decoded_text(content)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        called = encoding_called(encoding_of(content))
        no_text = "neither UTF-8 nor Windows-1252" if called == "Windows-1252" else f"not whole {called}"
        raise DocumentError(
            f"{file}, line {line}: the file is {no_text} text. Open it in the program it was made with and save it as "
            "plain text with the encoding UTF-8."
        ) from None
    controls = sum(text.count(one) for one in _CONTROLS)
    if "\x00" in text or controls * 100 > len(text):
        raise DocumentError(
            f"{file} is not a text: it holds characters that no text has (control characters). Save it as plain text "
            "(UTF-8) and add that file."
        )
    # The rarer line and page breaks of Word and of old printers end a line or a paragraph here as well.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub("[\x0b\x85\u2028]", "\n", text)
    return re.sub("[\x0c\u2029]", "\n\n", text), called
