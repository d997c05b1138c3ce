"""The blocks of a new study.toml whose lines begin with ``#~``: whether one was taken into use by halves.

A new study.toml holds its sections as blocks to be switched on, every line behind ``#~``. A section of which only some
lines were freed puts its keys into another section, or nowhere; TOML then complains of something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cop_analysis.study.faults import Fault

_HEADER = re.compile(r"\[\[?[^\[\]]+\]\]?")
_KEY = re.compile(r"[A-Za-z0-9_\"'-]+\s*=")
_LEFT = re.compile(r"\s*~\s*(?:\[|[A-Za-z0-9_\"'-]+\s*=)")


def half_freed(text: str, file: str) -> list[Fault]:
    """Find the blocks of which the header is still behind ``#~`` and a key is not, and lines that kept the ``~``.

    Parameters
    ----------
    text : str
        Of a study.toml, lines ending in a line feed.
    file : str
        How faults call it.

    Returns
    -------
    list of Fault
        One a section, on the first line that is at odds with its header.

    Examples
    --------
    >>> half_freed('#~ [[waves]]\\nkey = "baseline"\\n#~ label = "Baseline"', "study.toml")[0].sentence
    'study.toml, line 2: "key = "baseline"" is in use, but the line [[waves]] it belongs to (line 1) still begins with \
#~; take the #~ away from every line of the section, or put it back in front of this one.'
    >>> half_freed('~ [[waves]]', "study.toml")[0].rule
    'still begins with ~'
    >>> half_freed('[[waves]]\\nkey = "baseline"\\n#~ label = "Baseline"', "study.toml")
    []
    """
    return list(_faults(text.split("\n"), file))


def _faults(lines: list[str], file: str) -> Iterator[Fault]:
    header, told = 0, False
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if _LEFT.match(line):
            yield Fault(file, number, "", bare, "still begins with ~", "take the ~ away as well as the #")
            told = True
        elif not bare or _HEADER.match(bare):
            header = 0
        elif bare.startswith("#~"):
            if _HEADER.match(bare[2:].strip()):
                header, told = number, False
        elif header and not told and _KEY.match(bare):
            named = lines[header - 1].strip().removeprefix("#~").strip()
            rule = f"is in use, but the line {named} it belongs to (line {header}) still begins with #~"
            fix = "take the #~ away from every line of the section, or put it back in front of this one"
            yield Fault(file, number, "", bare, rule, fix)
            told = True
