"""study.toml: from its bytes to a StudyConfig, with every mistake as a fault on its line and key; and what is added.

A new study.toml holds its sections as blocks to be switched on, every line behind ``#~``. A section of which only some
lines were freed puts its keys into another section, or nowhere; TOML then complains of something else. A section that
is added is written after all that stands there, of which not one byte is touched.
"""

from __future__ import annotations

import copy
import datetime
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cop_analysis.files import MOST_SETTINGS, FileRefusedError, read_file
from cop_analysis.study.config import SCHEMA_VERSION, SECTIONS, Part, StudyConfig, repeated
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.faults import Fault, nearest
from cop_analysis.study.periods import find_period

FILE = "study.toml"

_Location = tuple[int | str, ...]
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY_LINE = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_\-]+)\s*(\.[^=]*)?=""")
_AT_LINE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")

_WANTED = {
    "string_type": ("is not text", "put it in quotation marks"),
    "bool_type": ("is neither true nor false", "write true or false, without quotation marks"),
    "int_type": ("is not a whole number", "write a whole number, without quotation marks"),
    "float_type": ("is not a number", "write a number, without quotation marks"),
    "tuple_type": ("is not a list", "put it in square brackets, or write a section [[...]] for each"),
    "dict_type": ("is not a table", "write it as { name = value }"),
    "model_type": ("is not a section", "write it as a section in square brackets"),
    "model_attributes_type": ("is not a section", "write it as a section in square brackets"),
    "too_short": ("is empty", "list at least one"),
    "greater_than_equal": ("is below 0", "write a number that is 0 or more"),
    "string_pattern_mismatch": ("is not a language", "write a language such as en-GB"),
}

_COUNTED = {
    "signed up": ("events",),
    "attended": ("events", "attendance"),
    "events held": ("events",),
    "events planned": ("events",),
    "people": ("people",),
    "organisations": ("organisations",),
    "outputs done": ("outputs",),
    "outputs planned": ("outputs",),
    "respondents": ("survey", "ratings"),
    "documents": ("documents",),
    "attended share": ("events",),
    "rated share": ("events",),
    "returned share": ("people",),
    "respondents share": ("people",),
    "mean signed up": ("events",),
    "mean attended": ("events",),
    "mean rating": ("ratings", "events"),
    "mean score": ("survey",),
}
"""The tables whose columns a stated total's `where` may name."""


@dataclass
class Settings:
    """What came of study.toml: the config as far as it could be read, and what is wrong with it.

    Parameters
    ----------
    config : StudyConfig or None
        Where there are faults, what is left of it without them, so that the tables can still be checked.
    faults : list of Fault
    uncertain : set of str
        Sections of which parts had to be left out: references into them cannot be judged.
    """

    config: StudyConfig | None = None
    faults: list[Fault] = field(default_factory=list)
    uncertain: set[str] = field(default_factory=set)


def read_settings(folder: Path) -> Settings:
    """Read a study folder's study.toml."""
    path = folder / FILE
    try:
        content = read_file(path, most=MOST_SETTINGS, inside=folder)
    except FileRefusedError as refused:
        return Settings(faults=[Fault(FILE, None, "", "", refused.rule, refused.remedy)])
    except FileNotFoundError:
        fix = "give the folder of a study, or make one with `cop new`"
        return Settings(faults=[Fault(FILE, None, "", "", "the file is not there", fix)])
    except OSError as error:
        rule = f"the file cannot be read ({error.strerror or type(error).__name__})"
        return Settings(faults=[Fault(FILE, None, "", "", rule, "close it in other programs and try again")])
    if not content.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        return Settings(faults=[Fault(FILE, None, "", "", "the file is empty", "copy one from `cop new`")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            row = 1
        return Settings(faults=[Fault(FILE, row, "", "", "the file is not UTF-8", "save it with the encoding UTF-8")])
    return parse_settings(text)


def parse_settings(text: str) -> Settings:
    """Read the text of a study.toml.

    Examples
    --------
    >>> settings = parse_settings('key = "forum"\\ntitel = "The forum"\\nprovenance = "simulated"')
    >>> settings.faults[0].sentence
    'study.toml, line 2, key titel: this key is not known; write title.'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if halves := half_freed(text, FILE):
        # Whatever else TOML or the contracts would say of such a file follows from this.
        return Settings(faults=halves)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return Settings(faults=[_syntax_fault(error, text)])
    return validate_settings(data, Lines(text))


def validate_settings(data: Mapping[str, Any], lines: Lines | None = None) -> Settings:
    """Check the content of a study.toml that is already a mapping."""
    lines = lines or Lines("")
    settings = Settings()
    remaining: dict[str, Any] = copy.deepcopy(dict(data))
    # Each round leaves out what was at fault and looks at the rest again; a round without progress ends it.
    for attempt in range(12):
        try:
            config = StudyConfig.model_validate(remaining)
        except ValidationError as error:
            details = error.errors(include_url=False)
            if attempt == 0 or not settings.uncertain:
                settings.faults += _faults(details, lines, data, settings.faults)
            _leave_out(remaining, details, settings)
        else:
            settings.config = config
            break
    if settings.config is not None:
        settings.faults += _disagreements(settings.config, lines, settings.uncertain)
    settings.faults.sort(key=lambda fault: fault.row or 0)
    return settings


class Lines:
    """Where in the text of a TOML file each key stands."""

    def __init__(self, text: str) -> None:
        self._places: dict[_Location, int] = {}
        here: _Location = ()
        counts: dict[_Location, int] = {}
        closing = ""
        for number, line in enumerate(text.split("\n"), start=1):
            if closing:
                closing = "" if closing in line else closing
                continue
            header = _HEADER.match(line)
            key = _KEY_LINE.match(line)
            if header and not key:
                here = self._enter(header[1] == "[[", header[2], counts)
                self._places.setdefault(here, number)
            elif key:
                self._places.setdefault((*here, key[1].strip("\"'")), number)
            closing = _opened_text(line)

    def _enter(self, is_list: bool, dotted: str, counts: dict[_Location, int]) -> _Location:
        here: _Location = ()
        names = [name.strip().strip("\"'") for name in dotted.split(".")]
        for depth, name in enumerate(names):
            here = (*here, name)
            if is_list and depth == len(names) - 1:
                counts[here] = counts.get(here, -1) + 1
            if here in counts:
                here = (*here, counts[here])
        return here

    def of(self, location: _Location) -> int | None:
        """Give the line of a key, or of the nearest part around it that has a line of its own."""
        while location:
            if location in self._places:
                return self._places[location]
            location = location[:-1]
        return None


def _opened_text(line: str) -> str:
    for marks in ('"""', "'''"):
        if line.count(marks) % 2:
            return marks
    return ""


def _syntax_fault(error: Exception, text: str) -> Fault:
    message = str(error)
    match = _AT_LINE.search(message)
    row = None
    if match:
        row = int(match[1]) if match[1] else text.count("\n") + 1
        message = message[: match.start()]
    if isinstance(error, RecursionError):
        message = "brackets are nested too deeply"
    reason = message.strip().rstrip(".")
    written = text.split("\n")[row - 1].strip() if row else ""
    rule = f"cannot be read as TOML ({reason})" if written else f"the file cannot be read as TOML ({reason})"
    return Fault(
        FILE,
        row,
        "",
        written,
        rule,
        'write each line as key = value, with text in straight quotation marks such as "this"',
    )


def _faults(details: list[ErrorDetails], lines: Lines, data: Mapping[str, Any], said: list[Fault]) -> list[Fault]:
    found = [_fault(detail, lines, data) for detail in details]
    return [fault for fault in found if fault is not None and fault not in said]


def _fault(detail: ErrorDetails, lines: Lines, data: Mapping[str, Any]) -> Fault | None:
    location = detail["loc"]
    column = written_key(location)
    kind = detail["type"]
    value = _written(detail.get("input")) if kind != "missing" else ""
    if kind == "missing":
        if _is_misspelt(location, data):
            return None  # said once, on the line of the misspelt key
        fix = f"add the key {location[-1]}"
        if location[-1] == "items":
            fix = "add a section [[instruments.items]] with a key for each question"
        return Fault(FILE, lines.of(location[:-1]), column, "", "this key is missing", fix)
    if kind == "extra_forbidden":
        known = list(_model_of(location[:-1]).model_fields)
        meant = nearest(str(location[-1]), known, 60)
        fix = f"write {meant}" if meant else f"delete it, or use one of {', '.join(known)}"
        return Fault(FILE, lines.of(location), column, "", "this key is not known", fix)
    context = detail.get("ctx", {})
    if kind == "study":
        return Fault(FILE, lines.of(location), column, value, context["rule"], context["fix"])
    if kind == "literal_error":
        options = re.findall(r"'([^']+)'", str(context.get("expected", "")))
        meant = nearest(str(detail.get("input")), options) if isinstance(detail.get("input"), str) else None
        fix = f'write "{meant}"' if meant else "use one of these"
        return Fault(FILE, lines.of(location), column, value, f"is none of {', '.join(options)}", fix)
    rule, fix = _WANTED.get(kind, (f"cannot stand here ({detail['msg']})", "see the guide in the study's README"))
    return Fault(FILE, lines.of(location), column, value, rule, fix)


def _is_misspelt(location: _Location, data: Mapping[str, Any]) -> bool:
    """Say whether a missing key stands there under a name that is not known but near."""
    here: Any = data
    for step in location[:-1]:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return False
    known = list(_model_of(location[:-1]).model_fields)
    unknown = [str(key) for key in here if key not in known] if isinstance(here, Mapping) else []
    return any(nearest(key, known, 60) == location[-1] for key in unknown)


def _model_of(location: _Location) -> type[Part]:
    model: type[Part] = StudyConfig
    for step in location:
        if isinstance(step, str):
            model = SECTIONS.get(step, model)
    return model


def written_key(location: _Location) -> str:
    """Write a location as a reader counts: ``("waves", 0, "key")`` is ``waves[1].key``."""
    text = ""
    for step in location:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | datetime.date | datetime.time):
        return str(value)
    return ""


def _leave_out(remaining: dict[str, Any], details: list[ErrorDetails], settings: Settings) -> None:
    stand_ins = {"key": "study", "title": "untitled", "provenance": "collected"}
    doomed: list[_Location] = []
    for detail in details:
        location = detail["loc"]
        section = str(location[0])
        if len(location) == 1 and section in stand_ins:
            remaining[section] = stand_ins[section]
            continue
        if len(location) == 1 and section == "schema_version":
            remaining[section] = SCHEMA_VERSION
            continue
        if detail["type"] != "extra_forbidden":
            settings.uncertain.add(section)
        doomed.append(location[:-1] if detail["type"] == "missing" else location)
    # Later list members first, so that the positions of the others stay true.
    for location in sorted(set(doomed), key=lambda place: [str(step).zfill(9) for step in place], reverse=True):
        _delete(remaining, location)


def _delete(data: Any, location: _Location) -> None:
    for step in location[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return
    try:
        del data[location[-1]]
    except (KeyError, IndexError, TypeError):
        return


def _disagreements(config: StudyConfig, lines: Lines, uncertain: set[str]) -> list[Fault]:
    """Find parts of a well-formed config that contradict each other."""
    faults: list[Fault] = []

    def say(location: _Location, value: str, rule: str, fix: str) -> None:
        faults.append(Fault(FILE, lines.of(location), written_key(location), value, rule, fix))

    if config.schema_version != SCHEMA_VERSION:
        say(
            ("schema_version",),
            str(config.schema_version),
            f"is not {SCHEMA_VERSION}, the version read here",
            "install the cop_analysis the study was made with, or a newer one",
        )
    for section in ("waves", "instruments", "rating_items", "relations"):
        for again, first in repeated(config.keys(section)):
            say(
                (section, again, "key"),
                config.keys(section)[again],
                f"is also the key of {section}[{first + 1}]",
                "give each a key of its own",
            )
    for position, instrument in enumerate(config.instruments):
        for again, first in repeated(instrument.item_keys):
            say(
                ("instruments", position, "items", again, "key"),
                instrument.item_keys[again],
                f"is also the key of item {first + 1}",
                "give each item a key of its own",
            )
    for again, first in repeated([period.label for period in config.periods]):
        say(
            ("periods", again, "label"),
            config.periods[again].label,
            f"is also the label of periods[{first + 1}]",
            "give each period a label of its own",
        )
    dated = [(position, wave) for position, wave in enumerate(config.waves) if wave.date]
    for (_, earlier), (position, later) in pairwise(dated):
        if earlier.date and later.date and later.date < earlier.date:
            say(
                ("waves", position, "date"),
                str(later.date),
                f"is before {earlier.key}, which is listed earlier",
                "list the waves in order of time, or correct the date",
            )
    _check_plan(config, uncertain, say)
    for position, stated in enumerate(config.stated):
        if stated.period:
            try:
                find_period(stated.period, config.periods)
            except ValueError as error:
                if "periods" not in uncertain:
                    say(("stated", position, "period"), stated.period, "is not a period", str(error).rstrip("."))
        columns = [name for table in _COUNTED[stated.what] for name in CONTRACTS[table].column_names]
        for name in stated.where:
            if name not in columns:
                meant = nearest(name, columns)
                say(
                    ("stated", position, "where", name),
                    "",
                    f"no column of that name is counted for {stated.what}",
                    f"write {meant}" if meant else f"use one of {', '.join(dict.fromkeys(columns))}",
                )
    return faults


def _check_plan(config: StudyConfig, uncertain: set[str], say: Any) -> None:
    plan = config.plan
    if plan is None:
        return
    for name, section in (("instrument", "instruments"), ("before", "waves"), ("after", "waves")):
        key, known = getattr(plan, name), config.keys(section)
        if key and key not in known and section not in uncertain:
            meant = nearest(key, known)
            among = f"use one of {', '.join(known)}" if known else f"add a section [[{section}]]"
            say(("plan", name), key, f"is not a key of [[{section}]]", f"write {meant}" if meant else among)
    waves = config.keys("waves")
    if plan.before in waves and plan.after in waves and waves.index(plan.before) >= waves.index(plan.after):
        say(("plan", "after"), plan.after, f"is not after {plan.before}", "list the waves in order of time")


# --- blocks taken into use by halves ----------------------------------------------------------------------------------


_BLOCK = re.compile(r"\[\[?[^\[\]]+\]\]?")
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
    return list(_half_freed(text.split("\n"), file))


def _half_freed(lines: list[str], file: str) -> Iterator[Fault]:
    header, told = 0, False
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if _LEFT.match(line):
            yield Fault(file, number, "", bare, "still begins with ~", "take the ~ away as well as the #")
            told = True
        elif not bare or _BLOCK.match(bare):
            header = 0
        elif bare.startswith("#~"):
            if _BLOCK.match(bare[2:].strip()):
                header, told = number, False
        elif header and not told and _KEY.match(bare):
            named = lines[header - 1].strip().removeprefix("#~").strip()
            rule = f"is in use, but the line {named} it belongs to (line {header}) still begins with #~"
            fix = "take the #~ away from every line of the section, or put it back in front of this one"
            yield Fault(file, number, "", bare, rule, fix)
            told = True


# --- sections added ---------------------------------------------------------------------------------------------------


def with_section(content: bytes, section: str, values: Mapping[str, str | bool]) -> bytes:
    r"""Add one section, such as a relation or a wave, to the content of a study.toml.

    Parameters
    ----------
    content : bytes
        The file as it stands; it stays as it is, with its line ends.
    section : str
        ``"relations"`` or another that may be there several times.
    values : mapping of str to str or bool
        With its ``key``; what is empty is not written.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If the file would not be right with it, in one sentence.

    Examples
    --------
    >>> print(with_section(b'key = "forum"\n', "relations", {"key": "advice", "directed": True}).decode())
    key = "forum"
    <BLANKLINE>
    [[relations]]
    key = "advice"
    directed = true
    <BLANKLINE>
    >>> with_section(b'key = "forum"', "relations", {"key": "Advice?"})
    Traceback (most recent call last):
        ...
    ValueError: study.toml was not changed: 'Advice?' cannot be a key; write lower-case letters, digits and _.
    """
    key = str(values["key"])
    lines = [f"[[{section}]]", *(f"{name} = {_value(one)}" for name, one in values.items() if one != "")]
    end = "\r\n" if b"\r\n" in content else "\n"
    before = b"" if content.endswith(b"\n") or not content else end.encode()
    added = content + before + (end + end.join(lines) + end).encode("utf-8")
    was, now = parse_settings(_text(content)), parse_settings(_text(added))
    held = [] if now.config is None else [one.key for one in getattr(now.config, section)]
    if len(now.faults) > len(was.faults) or held.count(key) != 1:
        if not key.replace("_", "").isalnum() or not key.isascii() or key != key.lower():
            raise ValueError(
                f"study.toml was not changed: {key!r} cannot be a key; write lower-case letters, digits and _."
            )
        raise ValueError(
            f"study.toml was not changed, because {key!r} could not be added to it; list its faults first "
            "with `cop check`, or write it there yourself."
        )
    return added


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig")


def _value(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A basic string of TOML is written as JSON writes one, but for the one character JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
