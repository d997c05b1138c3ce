"""Text cut where a reader sees a character end, never through an emoji or a syllable; text as a short plain name."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NO_WORD = re.compile(r"[^a-z0-9]+")
_NO_WORD_ANYWHERE = re.compile(r"\W+")
_JOINER: Final = "\u200d"
_HANGUL: Final = (("L", 0x1100, 0x115F), ("V", 0x1160, 0x11A7), ("T", 0x11A8, 0x11FF))


def slug(text: str, *, between: str = "-", longest: int = 0, any_alphabet: bool = False) -> str:
    """Write a text as a short plain name, for a key, an identifier or an anchor.

    Parameters
    ----------
    text : str
    between : str, optional
        What stands for everything that is no letter or digit.
    longest : int, optional
        The most characters; 0 for all.
    any_alphabet : bool, optional
        Keep letters of any alphabet; otherwise Latin ones lose their accents and others are left out.

    Returns
    -------
    str
        Empty where nothing of the text can stand in it.

    Examples
    --------
    >>> slug("Café: the “hour” lost!"), slug("Forum für NMPs", between="_"), slug("???")
    ('cafe-the-hour-lost', 'forum_fur_nmps', '')
    """
    plain = text.casefold()
    if not any_alphabet:
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    plain = (_NO_WORD_ANYWHERE if any_alphabet else _NO_WORD).sub(between, plain).strip(f"{between}_")
    return plain[:longest].strip(between) if longest else plain


def shortened(text: str, longest: int) -> str:
    """Give a text of no more characters than so many, as a reader sees them; what is left out is said by an ellipsis.

    Parameters
    ----------
    text : str
    longest : int
        The most characters, the ellipsis among them; at least 1.

    Returns
    -------
    str
        The text itself where it is short enough.

    Examples
    --------
    >>> shortened("a name to ring", 7), shortened("a name to ring", 14)
    ('a name…', 'a name to ring')
    >>> shortened("Thanks 👩🏽‍⚕️👩🏽‍⚕️👩🏽‍⚕️ all", 9) == "Thanks 👩🏽‍⚕️…"
    True
    """
    if len(text) <= longest:
        return text
    places = _ends(text, longest + 1)
    if len(places) <= longest:
        return text
    return text[: places[longest - 2] if longest > 1 else 0].rstrip() + "…"


def first_characters(text: str, most: int) -> str:
    """Give the first characters of a text, as a reader sees them, and nothing to say that there are more.

    Examples
    --------
    >>> first_characters("cafe\u0301 talk", 4) == "cafe\u0301"
    True
    """
    if len(text) <= most:
        return text
    places = _ends(text, most)
    return text[: places[-1]] if places else ""


def is_boundary(text: str, place: int) -> bool:
    """Say whether a reader sees one character end and another begin at a place, in code points.

    The rules are those of extended grapheme clusters (Unicode Standard Annex 29) but for the rare ones of letters that
    stand before others and of conjuncts in Indian scripts, where a cut leaves two readable parts.

    Examples
    --------
    >>> [is_boundary("e\u0301a", place) for place in (0, 1, 2, 3)]
    [True, False, True, True]
    """
    if place <= 0 or place >= len(text):
        return True
    before, after = text[place - 1], text[place]
    if before.isascii() and after.isascii():
        return not (before == "\r" and after == "\n")
    if before in "\r\n" or after in "\r\n":
        return True
    if _belongs_to_what_stands_before(after):
        return False
    if before == _JOINER:
        # A joiner joins pictures; between letters of Arabic or Hindi it only shapes them.
        return not _is_pictured(text, place)
    if _is_flag_letter(before) and _is_flag_letter(after):
        count = 0
        while place - 1 - count >= 0 and _is_flag_letter(text[place - 1 - count]):
            count += 1
        return count % 2 == 0
    kind, following = _syllable_part(before), _syllable_part(after)
    return not (kind and following and (kind, following) in _GOES_ON)


_GOES_ON: Final = frozenset(
    {
        ("L", "L"),
        ("L", "V"),
        ("L", "LV"),
        ("L", "LVT"),
        ("LV", "V"),
        ("V", "V"),
        ("LV", "T"),
        ("V", "T"),
        ("LVT", "T"),
        ("T", "T"),
    }
)
"""Which parts of a Korean syllable are one character together."""


def _ends(text: str, most: int) -> list[int]:
    """Give where the first characters end, so many at most."""
    found = []
    for place in range(1, len(text) + 1):
        if is_boundary(text, place):
            found.append(place)
            if len(found) == most:
                break
    return found


def _belongs_to_what_stands_before(character: str) -> bool:
    point = ord(character)
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc")
        or character in (_JOINER, "\u200c")
        or 0x1F3FB <= point <= 0x1F3FF
        or 0xE0020 <= point <= 0xE007F
    )


def _is_flag_letter(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def _is_pictured(text: str, place: int) -> bool:
    """Say whether the joiner before a place joins one picture to another."""
    at = place - 2
    while at > 0 and text[at] != _JOINER and _belongs_to_what_stands_before(text[at]):
        at -= 1
    return at >= 0 and _is_picture(text[at]) and _is_picture(text[place])


def _is_picture(character: str) -> bool:
    point = ord(character)
    if _is_flag_letter(character) or _belongs_to_what_stands_before(character):
        return False
    return point in (0xA9, 0xAE, 0x203C, 0x2049, 0x3030, 0x303D, 0x3297, 0x3299) or (
        0x2100 <= point <= 0x2BFF or 0x1F000 <= point <= 0x1FAFF
    )


def _syllable_part(character: str) -> str:
    point = ord(character)
    if 0xAC00 <= point <= 0xD7A3:
        return "LV" if (point - 0xAC00) % 28 == 0 else "LVT"
    return next((name for name, first, last in _HANGUL if first <= point <= last), "")
