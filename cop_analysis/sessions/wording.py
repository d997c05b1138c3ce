"""How this room writes counts, signed differences and long names; nothing is computed or drawn here."""

from __future__ import annotations

import textwrap

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
        kept[-1] = kept[-1][: width - 1].rstrip() + "…"
        return "\n".join(kept)
    return "\n".join(lines)
