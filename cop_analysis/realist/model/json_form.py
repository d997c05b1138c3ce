"""The form of coding.json: which fields a record has, what may stand in each, and reading and writing it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, Final, Literal

from cop_analysis.realist.model import vocabulary
from cop_analysis.realist.model.records import (
    COLLECTIONS,
    Code,
    Coder,
    Configuration,
    Decision,
    Document,
    Erased,
    Evidence,
    Extract,
    Foreign,
    Measure,
    Memo,
    Part,
    Question,
    Ripple,
    Slot,
    Snapshot,
    Theory,
    Validation,
)
from cop_analysis.study.faults import Fault, nearest


@dataclass(frozen=True)
class Field:
    """One key of a record: its name in JSON, what it may hold, and where it lives in the record.

    `kind` is one of ``identifier`` (a non-empty text), ``text``, ``text or null``, ``whole``, ``number or null``,
    ``yes or no``, ``identifiers`` (a list of them), ``identifiers or null``, ``texts`` (an object of texts by name)
    and ``records`` (a list of objects of `record`). A key that is `later` came with the second form of coding.json
    and is written only where it says something.
    """

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    attribute: str = ""
    record: type | None = None
    later: bool = False


FORMS: Final[Mapping[type, tuple[Field, ...]]] = {
    Coder: (Field("id", "identifier", True), Field("name")),
    Document: (
        Field("id", "identifier", True),
        Field("file", "identifier", True),
        Field("title"),
        Field("sha256", "identifier", True),
        Field("length", "whole", True),
        Field("speakers", "identifiers or null", later=True),
        Field("attributes", "texts", later=True),
    ),
    Code: (
        Field("id", "identifier", True),
        Field("name", "identifier", True),
        Field("parent", "text or null"),
        Field("definition"),
        Field("examples"),
        Field("colour"),
        Field("level", "text or null", choices=vocabulary.LEVELS),
    ),
    Extract: (
        Field("id", "identifier", True),
        Field("document", "identifier", True),
        Field("start", "whole", True),
        Field("end", "whole", True),
        Field("quote", "text", True),
        Field("prefix"),
        Field("suffix"),
        Field("code", "identifier", True),
        Field("coder", "identifier", True),
        Field("created"),
        Field("memo"),
        Field("placed", "yes or no", later=True),
    ),
    Slot: (Field("role", "identifier", True), Field("codes", "identifiers"), Field("wording")),
    Measure: (
        Field("kind", "identifier", True, choices=tuple(vocabulary.MEASURE_FIELDS)),
        *(Field(name, "text or null") for name in ("instrument", "item", "relation", "measure", "series")),
        Field("expects", "text or null", choices=vocabulary.EXPECTATIONS),
    ),
    Configuration: (
        Field("id", "identifier", True),
        Field("label", "identifier", True),
        Field("schema", "identifier", choices=tuple(vocabulary.SCHEMAS)),
        Field("statement"),
        Field("level", "text or null", choices=vocabulary.LEVELS),
        Field("for_whom"),
        Field("activation", "number or null"),
        Field("slots", "records", record=Slot),
        Field("rivals", "identifiers"),
        Field("measures", "records", record=Measure),
        Field("theme", later=True),
        Field("otherwise", later=True),
        Field("confidence", "text or null", choices=vocabulary.APPRAISALS, later=True),
    ),
    Evidence: (
        Field("id", "identifier", True),
        Field("extract", "identifier", True),
        Field("configuration", "identifier", True),
        Field("slot", "text or null"),
        Field("stance", "identifier", True, choices=vocabulary.STANCES),
        Field("inference", "text or null", choices=vocabulary.INFERENCES),
        Field("relevance", "text or null", choices=vocabulary.APPRAISALS),
        Field("richness", "text or null", choices=vocabulary.APPRAISALS),
        Field("rigour", "text or null", choices=vocabulary.APPRAISALS),
        Field("reason"),
        Field("coder", "text or null", later=True),
        Field("created", later=True),
    ),
    Ripple: (
        Field("id", "identifier", True),
        Field("from", "identifier", True, attribute="source"),
        Field("to", "identifier", True, attribute="target"),
        Field("note"),
        Field("extracts", "identifiers", later=True),
    ),
    Theory: (
        Field("id", "identifier", True),
        Field("label", "identifier", True),
        Field("stage", "identifier", True, choices=vocabulary.STAGES),
        Field("statement"),
        Field("follows", "identifiers"),
        Field("move", "text or null", choices=vocabulary.MOVES),
        Field("inference", "text or null", choices=vocabulary.INFERENCES),
        Field("reason"),
        Field("configurations", "identifiers"),
        Field("evidence", "identifiers"),
        Field("middle_range"),
        Field("coder", "text or null"),
        Field("created"),
    ),
    Question: (
        Field("id", "identifier", True),
        Field("wording", "identifier", True),
        Field("configurations", "identifiers"),
        Field("theories", "identifiers"),
        Field("purpose", "text or null", choices=vocabulary.PURPOSES),
        Field("whom"),
        Field("documents", "identifiers"),
        Field("coder", "text or null"),
        Field("created"),
    ),
    Validation: (
        Field("id", "identifier", True),
        Field("statement", "identifier", True),
        Field("verdict", "identifier", True, choices=vocabulary.VERDICTS),
        Field("who"),
        Field("configuration", "text or null"),
        Field("theory", "text or null"),
        Field("document", "text or null"),
        Field("extracts", "identifiers"),
        Field("comment"),
        Field("coder", "text or null"),
        Field("created"),
    ),
    Memo: (
        Field("id", "identifier", True),
        Field("text", "identifier", True),
        Field("title"),
        Field("kind", "identifier", choices=vocabulary.MEMO_KINDS),
        Field("about", "text or null", choices=tuple(vocabulary.ABOUT)),
        Field("target", "text or null"),
        Field("coder", "text or null"),
        Field("created"),
    ),
    Decision: (
        Field("id", "identifier", True),
        Field("what", "identifier", True),
        Field("reason"),
        Field("alternatives"),
        Field("about", "text or null", choices=tuple(vocabulary.ABOUT)),
        Field("target", "text or null"),
        Field("coders", "identifiers"),
        Field("created"),
    ),
    Part: (
        Field("depth", "whole", True),
        Field("tag", "identifier", True),
        Field("attributes", "texts", later=True),
        Field("text", later=True),
    ),
    Foreign: (
        Field("id", "identifier", True),
        Field("kind", "identifier", True),
        Field("name"),
        Field("documents", "identifiers"),
        Field("parts", "records", True, record=Part),
        Field("loose", "identifiers", later=True),
    ),
    Erased: (
        Field("what", "identifier", True, choices=("record", "text", "name", "passage", "turn")),
        Field("salt", "identifier", True),
        Field("digest", "identifier", True),
        Field("words", "whole", later=True),
        Field("start", "whole", later=True),
        Field("stop", "whole", later=True),
    ),
}
"""What each record may hold in coding.json, in the order it is written."""

FILE: Final = "coding.json"

SCHEMA: Final = "cop-analysis-coding"

SCHEMA_VERSION: Final = 4
"""The newest form of coding.json that is read and written."""

FIRST_COLLECTIONS: Final = ("coders", "documents", "codes", "extracts", "configurations", "evidence", "ripples")
"""What the first form of coding.json holds; later ones add collections and keys and change none."""

LATEST_COLLECTIONS: Final = ("foreign",)
"""What the third form adds to the second."""

ERASED: Final = "erased"
"""What the fourth form adds: salted checksums of what was erased, no collection of records."""

_HEADER: Final = ("schema", "schema_version", "study")

_SURROGATE = re.compile("[\ud800-\udfff]")

_IDENTIFIER = re.compile(r'"id"\s*:\s*("(?:[^"\\\n]|\\.)*")')

_CHECKSUM = re.compile(r"[0-9a-f]{32,64}\Z")

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")


@dataclass
class Parsed:
    """What the text of a coding.json gave: records, faults, and where each identifier stands.

    `snapshot` holds every record whose shape is right (None when the file could not be read at all); `identifiers`
    holds those of broken records too, so that one fault is not reported twice. `about` names for each fault the record
    it is about, or "" for none. `given` says that somebody gave the file, and that it is not the study's own.
    """

    snapshot: Snapshot | None = None
    faults: list[Fault] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    identifiers: dict[str, set[str]] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    file: str = FILE
    given: bool = False

    @property
    def restore(self) -> str:
        """What to do where it cannot be corrected."""
        return "give another copy of it" if self.given else "restore the file from a copy"

    def add(
        self,
        where: str,
        value: object,
        rule: str,
        fix: str,
        *,
        record: str = "",
        row: int | None = None,
        severity: Literal["error", "notice"] = "error",
    ) -> None:
        """Note one fault: `where` reads like ``extracts.start``, and `record` names the record to correct."""
        row = self.line(record) if row is None else row
        fix = f"in {record}, {fix}" if record else fix
        self.faults.append(Fault(self.file, row, where, _shown(value), rule, fix, severity))
        self.about.append(record)

    def line(self, identifier: str, occurrence: int = 0) -> int | None:
        """Give the line of the file on which this identifier is declared."""
        found = self.lines.get(identifier, [])
        return found[min(occurrence, len(found) - 1)] if found else None


def meant(word: object, known: Iterable[str]) -> str:
    """Ask whether the nearest known word was meant, as the tail of a fault's fix; nothing where none is near.

    Examples
    --------
    >>> meant("supprots", ("supports", "refutes")), meant("colour", ())
    (" (did you mean 'supports'?)", '')
    """
    close = nearest(str(word)[:200], known)
    return f" (did you mean {close!r}?)" if close else ""


def parse(content: bytes, file: str = "") -> Parsed:
    """Read the bytes of a coding.json into records, listing every fault of shape at once.

    Parameters
    ----------
    content : bytes
        The file as it is; UTF-8, with or without a byte order mark.
    file : str, optional
        What to call it, where it is a file that somebody gave and not the study's own.

    Returns
    -------
    Parsed

    Examples
    --------
    >>> parse(b'{"schema": "cop-analysis-coding", "schema_version": 1, "study": "demo"}').snapshot.study
    'demo'
    >>> parse(b'{"schema": ').faults[0].rule
    'is not valid JSON (expecting value at character 12 of the line)'
    """
    parsed = Parsed(file=file, given=True) if file else Parsed()
    payload = _loaded(content, parsed)
    if payload is None or not _is_ours(payload, parsed):
        return parsed
    known = (*_HEADER, *COLLECTIONS.values(), ERASED)
    for key in payload:
        if key not in known:
            parsed.add(str(key), "", "is not a part of a coding", f"remove or rename it{meant(key, known)}")
    study = payload.get("study")
    if not isinstance(study, str) or not study:
        parsed.add("study", study, "does not name the study the coding belongs to", "write the study's key")
        study = ""
    collections: dict[str, tuple[Any, ...]] = {}
    for kind, name in COLLECTIONS.items():
        collections[name] = tuple(_collection(payload.get(name, []), kind, name, parsed))
    parsed.snapshot = Snapshot(study, **collections, erased=tuple(_erased(payload.get(ERASED, []), parsed)))
    return parsed


def check_form(records: Iterable[Any], parsed: Parsed) -> None:
    """Note what of records may not stand in a coding.json, as reading one would, without writing any.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Code
    >>> parsed = Parsed()
    >>> check_form([Code("c1", "Trust"), Code("c2", "Time", colour="red")], parsed)
    >>> [(fault.column, fault.value, fault.rule) for fault in parsed.faults]
    [('codes.colour', 'red', 'is not a colour')]
    """
    for position, record in enumerate(records, start=1):
        name, identifier = COLLECTIONS[type(record)], record.id
        label = identifier if isinstance(identifier, str) and identifier.strip() else f"record {position}"
        _record(_given(record), type(record), name, label, parsed)


class Layout:
    """What of a coding.json is laid out already: a record that is still the same keeps its lines.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Coder
    >>> layout, coders = Layout(), (Coder("coder-a"),)
    >>> layout.lines("coders", coders)
    ['{"id": "coder-a", "name": ""}']
    >>> layout.lines("coders", coders) is layout.lines("coders", coders)
    True
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[Any, ...], list[str]]] = {}

    def lines(self, name: str, records: tuple[Any, ...]) -> list[str]:
        """Give the lines of a collection, a text a record; only records that were not there before are laid out."""
        before, lines = self._kept.get(name, ((), []))
        if before is not records:
            # Records never change, and those of before are held: the same object has the same lines.
            known = dict(zip(map(id, before), lines, strict=True))
            lines = [known.get(id(one)) or _lines(one) for one in records]
            self._kept[name] = records, lines
        return lines


def write(snapshot: Snapshot, layout: Layout | None = None) -> str:
    """Write records as the text of a coding.json: stable order, a record a line, so that a change is a line of a diff.

    The file says the oldest schema version that can hold what it holds, so that a workbench that does not know what
    came later reads everything it can read and refuses the rest by its number.

    Parameters
    ----------
    snapshot : Snapshot
    layout : Layout, optional
        What was laid out when the coding was written before; the text is the same without it.

    Raises
    ------
    ValueError
        When a text holds half of a surrogate pair, which no UTF-8 file can hold.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Coder
    >>> print(write(Snapshot("demo", coders=(Coder("coder-a", "Coder A"),))).splitlines()[4])
     "coders": [
    """
    version = version_needed(snapshot)
    lines = ["{", f' "schema": {_json(SCHEMA)},', f' "schema_version": {version},']
    lines.append(f' "study": {_json(snapshot.study)},')
    since = dict.fromkeys(FIRST_COLLECTIONS, 1) | dict.fromkeys(LATEST_COLLECTIONS, 3)
    written = [name for name in COLLECTIONS.values() if version >= since.get(name, 2)]
    last = ERASED if snapshot.erased else written[-1]
    laid = Layout() if layout is None else layout
    for name in written:
        records = getattr(snapshot, name)
        comma = "" if name == last else ","
        if not records:
            lines.append(f' "{name}": []{comma}')
            continue
        lines.append(f' "{name}": [')
        lines.append(",\n".join(f"  {its}" for its in laid.lines(name, records)))
        lines.append(f" ]{comma}")
    if snapshot.erased:
        lines += [f' "{ERASED}": [', ",\n".join(f"  {_lines(one)}" for one in snapshot.erased), " ]"]
    text = "\n".join([*lines, "}", ""])
    if broken := _SURROGATE.search(text):
        near = text[max(0, broken.start() - 60) : broken.start()].split("\n")[-1]
        raise ValueError(f"A text of the coding holds half of a character after {near!r}. Type that character again.")
    return text


def version_needed(snapshot: Snapshot) -> int:
    """Give the oldest schema version of coding.json that can hold these records.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Memo
    >>> version_needed(Snapshot("demo")), version_needed(Snapshot("demo", memos=(Memo("m1", "I was a nurse."),)))
    (1, 2)
    """
    if snapshot.erased:
        return 4
    if any(getattr(snapshot, name) for name in LATEST_COLLECTIONS):
        return 3
    for kind, name in COLLECTIONS.items():
        records = getattr(snapshot, name)
        if records and name not in FIRST_COLLECTIONS:
            return 2
        later = [(attribute, default) for _, attribute, _, default in _keys(kind) if default is not MISSING]
        if any(getattr(record, attribute) != default for record in records for attribute, default in later):
            return 2
    return 1


# --- from text to records ------------------------------------------------------------------------------------------


_SHOWN: Final = 1000


def _loaded(content: bytes, parsed: Parsed) -> dict[str, Any] | None:
    restore = parsed.restore
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        parsed.add("", "", "the file is not UTF-8 text", "save it again as UTF-8", row=row)
        return None
    if not text.strip():
        fix = restore if parsed.given else f"{restore}, or delete it to start without coding"
        parsed.add("", "", "the file is empty", fix)
        return None
    repeated: list[tuple[str, str]] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) < len(pairs):
            names = [name for name, _ in pairs]
            identifier = record.get("id") if isinstance(record.get("id"), str) else ""
            repeated.extend((name, identifier or "") for name in dict.fromkeys(names) if names.count(name) > 1)
        return record

    try:
        payload = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        # A line may be the whole of a large file, and only its beginning is shown.
        begin, end = text.rfind("\n", 0, error.pos) + 1, text.find("\n", error.pos)
        line = text[begin : min(end if end >= 0 else len(text), begin + _SHOWN)].strip()
        rule = f"is not valid JSON ({error.msg[:1].lower()}{error.msg[1:]} at character {error.colno} of the line)"
        parsed.add("", line or "the end of the file", rule, f"correct the line, or {restore}", row=error.lineno)
        return None
    except (ValueError, RecursionError):
        parsed.add("", "", "the file holds a number or a nesting too large for a coding", restore)
        return None
    for number, line_text in enumerate(text.split("\n"), start=1):
        for match in _IDENTIFIER.finditer(line_text):
            parsed.lines.setdefault(json.loads(match[1], strict=False), []).append(number)
    for name, identifier in dict.fromkeys(repeated):
        parsed.add(
            name,
            "",
            "is written twice in one record, so that only one could be kept",
            "keep one of the two",
            record=identifier,
        )
    if not isinstance(payload, dict):
        parsed.add("", "", "the file is not one JSON object", f'start it with {{"schema": "{SCHEMA}"')
        return None
    return payload


def _is_ours(payload: Mapping[str, Any], parsed: Parsed) -> bool:
    if payload.get("schema") != SCHEMA:
        rule = "the file does not say that it is a coding"
        parsed.add("schema", payload.get("schema"), rule, f'write "schema": "{SCHEMA}" if it is one')
        return False
    version = payload.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        rule = "is not a schema version, which is a whole number from 1"
        parsed.add("schema_version", version, rule, f'write "schema_version": {SCHEMA_VERSION}')
        return False
    if version > SCHEMA_VERSION:
        parsed.add(
            "schema_version",
            version,
            f"is a newer form of coding.json than this workbench reads (up to {SCHEMA_VERSION})",
            f"update cop_analysis to a version that reads coding schema version {version}; the file was not touched",
        )
        return False
    return True


def _collection(given: object, kind: type, name: str, parsed: Parsed) -> Iterable[Any]:
    identifiers = parsed.identifiers.setdefault(name, set())
    if not isinstance(given, list):
        parsed.add(name, given, "is not a list of records", f'write "{name}": [ ... ]')
        return
    for position, one in enumerate(given, start=1):
        identifier = one.get("id") if isinstance(one, dict) else None
        label = identifier if isinstance(identifier, str) and identifier.strip() else ""
        record = _record(one, kind, name, label or f"record {position}", parsed)
        if label in identifiers:
            parsed.add(
                f"{name}.id",
                label,
                f"is used twice among the {name}",
                "give one of the two its own identifier",
                row=parsed.line(label, 1),
            )
            continue
        if label:
            identifiers.add(label)
        if record is not None:
            yield record


def _erased(given: object, parsed: Parsed) -> Iterable[Erased]:
    if not isinstance(given, list):
        parsed.add(ERASED, given, "is not a list of checksums", f'write "{ERASED}": [ ... ], or {parsed.restore}')
        return
    for position, given_one in enumerate(given, start=1):
        label = f"checksum {position} of what was erased"
        one = _record(given_one, Erased, ERASED, label, parsed)
        if one is None:
            continue
        for name in ("salt", "digest"):
            if not _CHECKSUM.match(getattr(one, name)):
                parsed.add(
                    f"{ERASED}.{name}",
                    getattr(one, name),
                    "is not hexadecimal, 32 to 64 digits",
                    parsed.restore,
                    record=label,
                )
        yield one


def _record(given: object, kind: type, where: str, label: str, parsed: Parsed) -> Any | None:
    form = FORMS[kind]
    if not isinstance(given, dict):
        parsed.add(where, given, "is not a JSON object", 'write it as {"id": ..., ...}', record=label)
        return None
    known = [one.name for one in form]
    for key in given:
        if key not in known:
            fix = f"remove or rename the key{meant(key, known)}"
            parsed.add(f"{where}.{key}", given[key], f"stands under a key that {where} do not have", fix, record=label)
    before = len(parsed.faults)
    values: dict[str, Any] = {}
    for one in form:
        if one.name in given:
            values[one.attribute or one.name] = _value(given[one.name], one, f"{where}.{one.name}", label, parsed)
        elif one.required:
            parsed.add(f"{where}.{one.name}", "", "is missing", f'write "{one.name}"', record=label)
    return kind(**values) if len(parsed.faults) == before else None


def _value(given: object, form: Field, where: str, label: str, parsed: Parsed) -> Any:
    def fault(rule: str, fix: str) -> None:
        parsed.add(where, given, rule, fix, record=label)

    if given is None and form.kind.endswith("or null"):
        return None
    if form.kind in ("identifier", "text", "text or null"):
        _judge_text(given, form, fault)
        return given
    if form.kind == "whole":
        if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**53:
            fault("is not a whole number, 0 or more", "write it without quotation marks and without a fraction")
        return given
    if form.kind == "number or null":
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
            fault("is not a number from 0 to 1", "write one, or null where it is not known")
            return None
        return float(given)
    if form.kind == "yes or no":
        if not isinstance(given, bool):
            fault("is neither true nor false", "write one of the two, without quotation marks")
        return given
    if form.kind == "texts":
        return _texts(given, fault)
    if not isinstance(given, list):
        fault("is not a list", "write it between square brackets")
        return ()
    if form.kind.startswith("identifiers"):
        if not all(isinstance(one, str) and one and not _SURROGATE.search(one) for one in given):
            fault("is not a list of identifiers", "write each one between quotation marks")
        elif len(set(given)) < len(given):
            fault("names the same identifier twice", "keep one of them")
        return tuple(given)
    assert form.record is not None
    parts = [_record(one, form.record, where, label, parsed) for one in given]
    return tuple(part for part in parts if part is not None)


def _texts(given: object, fault: Callable[[str, str], None]) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, dict):
        fault("is not an object of texts", 'write it like {"profession": "nurse"}')
        return ()
    if any(not name.strip() or not isinstance(value, str) for name, value in given.items()):
        fault("holds something without a name or that is not a text", "write name and value between quotation marks")
        return ()
    if any(_SURROGATE.search(name + value) for name, value in given.items()):
        fault("holds half of a character (a lone surrogate)", "type that character again")
    return tuple(given.items())


def _judge_text(given: object, form: Field, fault: Callable[[str, str], None]) -> None:
    if not isinstance(given, str):
        fault("is not a text", "write it between quotation marks")
    elif _SURROGATE.search(given):
        fault("holds half of a character (a lone surrogate)", "type that character again")
    elif form.kind == "identifier" and not given.strip():
        fault("is empty", "fill it in")
    elif form.choices and given not in form.choices:
        fix = f"write one of {', '.join(form.choices)}{meant(given, form.choices)}"
        fault(f"is not a {form.name} this workbench knows", fix)
    elif form.name == "colour" and given and not _COLOUR.match(given):
        fault("is not a colour", "write # and six hexadecimal digits, such as #005EB8")


# --- from records to text ------------------------------------------------------------------------------------------


_json: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


@cache
def _keys(kind: type) -> tuple[tuple[str, str, bool, Any], ...]:
    """List the keys of a record: name, attribute, whether it holds texts by name, and the value that is left out."""
    defaults = {one.name: one.default for one in fields(kind)}
    keys = ((one, one.attribute or one.name) for one in FORMS[kind])
    return tuple((one.name, at, one.kind == "texts", defaults[at] if one.later else MISSING) for one, at in keys)


def _plain(record: Any) -> dict[str, Any]:
    kind: type = type(record)
    values = {}
    for name, attribute, texts, left_out in _keys(kind):
        value = getattr(record, attribute)
        if value != left_out:
            values[name] = dict(value) if texts else value
    return values


def _given(record: Any) -> dict[str, Any]:
    """Give a record as reading its line of a coding.json would: lists for tuples, and objects for records in it."""
    values = _plain(record)
    for one in FORMS[type(record)]:
        value = values.get(one.name)
        if one.kind == "records":
            values[one.name] = [_given(part) for part in value or ()]
        elif isinstance(value, tuple):
            values[one.name] = list(value)
    return values


def _lines(record: Any) -> str:
    """Lay out a record: on one line, but a configuration and what another program kept a line a part."""
    values = _plain(record)
    if isinstance(record, Measure):
        # A measure says only the fields of its kind, as a person would write it.
        values = {name: value for name, value in values.items() if value is not None}
    if not isinstance(record, Configuration | Foreign):
        return _json(values)
    parts = []
    for name, value in values.items():
        if name in ("slots", "measures", "parts") and value:
            inner = ",\n".join(f"    {_lines(one)}" for one in value)
            parts.append(f'"{name}": [\n{inner}\n   ]')
        else:
            parts.append(f'"{name}": {_json(value)}')
    return "{" + ",\n   ".join(parts) + "}"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=True, default=str)[:400]
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
