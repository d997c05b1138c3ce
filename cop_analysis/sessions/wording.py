"""How this room writes counts, signed differences and long names; nothing is computed or drawn here."""

from __future__ import annotations

import textwrap
from html import escape

from cop_analysis.characters import first_characters
from cop_analysis.results import format_share
from cop_analysis.sessions.intervals import Interval

MINUS = "\N{MINUS SIGN}"


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> counted(1, "person", "people"), counted(3, "event")
    ('1 person', '3 events')
    """
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"


def signed(value: float, digits: int = 1) -> str:
    """Write a difference with its sign, a real minus sign where it is negative, and none where it rounds to 0.

    Examples
    --------
    >>> signed(6.64), signed(-8.3), signed(-0.04)
    ('+6.6', '−8.3', '0.0')
    """
    text = f"{value:+.{digits}f}"
    if not text.strip("+-0."):
        return text[1:]
    return text.replace("-", MINUS)


def percentage_points(gap: Interval) -> str:
    """Write a difference of two shares in percentage points with its interval.

    Examples
    --------
    >>> percentage_points(Interval(0.066, -0.083, 0.182))
    '+6.6 percentage points (95% interval −8.3 to +18.2)'
    """
    return (
        f"{signed(100 * gap.estimate)} percentage points ({100 * gap.level:g}% interval {signed(100 * gap.low)} to "
        f"{signed(100 * gap.high)})"
    )


def with_minus(text: str) -> str:
    """Write a number that was formatted elsewhere with a real minus sign.

    Examples
    --------
    >>> with_minus("-0.716")
    '−0.716'
    """
    return f"{MINUS}{text[1:]}" if text.startswith("-") else text


def capital(text: str) -> str:
    """Begin a sentence with a capital letter and leave the rest as it is.

    Examples
    --------
    >>> capital("events held: 6")
    'Events held: 6'
    """
    return text[:1].upper() + text[1:]


def name_item(item: object) -> str:
    """Write the key of a rated item in words.

    Examples
    --------
    >>> name_item("ease_of_attendance")
    'ease of attendance'
    """
    return str(item).replace("_", " ")


def as_test(text: str) -> str:
    """Write what a test says as a paragraph of its own, which a page shows below the picture.

    Examples
    --------
    >>> as_test("p < 0.001.")
    '<p class="cop-test"><strong>The test:</strong> p &lt; 0.001.</p>'
    """
    return f'<p class="cop-test"><strong>The test:</strong> {escape(text)}</p>' if text else ""


def how_often(p_value: float) -> str:
    """Write a p-value as how often chance alone gives as much, so that no word turns on a threshold.

    Examples
    --------
    >>> how_often(0.081), how_often(0.0004), how_often(0.9996)
    ('8% of the time', 'less than once in 1,000 times', 'over 99% of the time')
    """
    if p_value < 0.001:
        return "less than once in 1,000 times"
    if p_value > 0.99:
        return "over 99% of the time"
    return f"{format_share(p_value, 1 if p_value < 0.0095 else 0)} of the time"


def verb(count: int, one: str, many: str) -> str:
    """Choose the form of a verb that goes with a count.

    Examples
    --------
    >>> verb(1, "is", "are"), verb(0, "is", "are")
    ('is', 'are')
    """
    return one if count == 1 else many


def percent(share: float) -> str:
    """Write a share as a whole percentage, but never as none or all of it where some are missing.

    Examples
    --------
    >>> percent(0.6059), percent(997 / 1000), percent(1.0), percent(0.0004), percent(0.99999)
    ('61%', '99.7%', '100%', '0.04%', 'over 99.99%')
    """
    for digits in range(3):
        text = format_share(share, digits)
        if text.strip("0.%") not in ("", "1") or share in (0, 1):
            return text
    return "under 0.01%" if share < 0.5 else "over 99.99%"


def wrap_label(name: str, width: int = 46, most_lines: int = 2) -> str:
    """Break a name over lines for a picture; only what fits on none of them is cut, with an ellipsis.

    Examples
    --------
    >>> print(wrap_label("online presentation and discussion", width=20))
    online presentation
    and discussion
    """
    lines = textwrap.wrap(" ".join(name.split()), width) or [""]
    if len(lines) > most_lines:
        kept = lines[:most_lines]
        kept[-1] = first_characters(kept[-1], width - 1).rstrip() + "…"
        return "\n".join(kept)
    return "\n".join(lines)
