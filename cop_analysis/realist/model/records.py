"""The records of realist coding, frozen: what each kind says, what it points at, and how they are kept together.

One extract record is one span of one document under one code by one coder. The role a passage plays (context,
resource, reasoning, outcome) sits on its evidence link to a configuration and never on its code, so that what is a
mechanism here can be context there. A field added later has a default, so that a record of before keeps its meaning.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeVar

from cop_analysis.realist.model.vocabulary import ABOUT

Key = tuple[str, str]
"""What names a record: its collection and its identifier."""


@dataclass(frozen=True)
class Coder:
    """Somebody who codes."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Document:
    """A text that was coded; `sha256` and `length` (in code points) are those of its normalised text.

    The text of a document never changes: a corrected transcript is a new text with a new checksum, to which
    `reanchor` carries the extracts over.

    Parameters
    ----------
    id, file, title : str
    sha256 : str
        Of the normalised text in UTF-8.
    length : int
        Code points.
    speakers : tuple of str or None
        The labels that begin a turn, where that was settled when the document came in; an empty tuple says that
        nobody is labelled. None leaves it to `turns`, which recognises labels by their form.
    attributes : tuple of (str, str)
        What is known of the document by name (``("profession", "nurse")``), in the order of the names.
    """

    id: str
    file: str
    title: str = ""
    sha256: str = ""
    length: int = 0
    speakers: tuple[str, ...] | None = None
    attributes: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        # One order, so that two people who note the same attributes write the same record.
        object.__setattr__(self, "attributes", tuple(sorted((name, value) for name, value in self.attributes)))


@dataclass(frozen=True)
class Code:
    """A code of the codebook; a code has a parent, a definition and a level, and no fixed context or mechanism type."""

    id: str
    name: str
    parent: str | None = None
    definition: str = ""
    examples: str = ""
    colour: str = ""
    level: str | None = None


@dataclass(frozen=True)
class Extract:
    """A span of one document, ``text[start:end]`` in Unicode code points, under one code by one coder.

    `placed` is False for an extract that could not be found in a corrected transcript: it keeps its quote, and
    `start` and `end` say where it stood last.
    """

    id: str
    document: str
    start: int
    end: int
    quote: str
    code: str
    coder: str
    prefix: str = ""
    suffix: str = ""
    created: str = ""
    memo: str = ""
    placed: bool = True


@dataclass(frozen=True)
class Slot:
    """A role filled in one configuration by codes, by wording, or by both."""

    role: str
    codes: tuple[str, ...] = ()
    wording: str = ""


@dataclass(frozen=True)
class Measure:
    """Measured evidence a configuration points at: a survey item or scale, a network measure, ratings, a series.

    `expects` says which way the measure goes (survey, network) or lies (ratings) if the configuration is right:
    ``"higher"``, ``"lower"``, or None where that was not written down. Without it a measure can add to a
    configuration but neither confirm nor contradict it.
    """

    kind: str
    instrument: str | None = None
    item: str | None = None
    relation: str | None = None
    measure: str | None = None
    series: str | None = None
    expects: str | None = None


@dataclass(frozen=True)
class Configuration:
    """A claim about what works for whom in what circumstances and why; partial ones are legal.

    Parameters
    ----------
    id, label : str
    schema : str
        A key of `vocabulary.SCHEMAS`.
    statement : str
        The configured statement. Quotes support it and are kept apart from it.
    level : str or None
    for_whom : str
    activation : float or None
        How strongly the mechanism fires, 0 to 1; None where it is not known.
    slots : tuple of Slot
    rivals : tuple of str
        Configurations that explain the same outcome by another mechanism.
    measures : tuple of Measure
    theme : str
        Under which it is reported; empty where none was given.
    otherwise : str
        The outcome where the mechanism does not fire.
    confidence : str or None
        How sure the team is of it, as they judged it: ``"high"``, ``"moderate"``, ``"low"``.
    """

    id: str
    label: str
    schema: str = "CMO"
    statement: str = ""
    level: str | None = None
    for_whom: str = ""
    activation: float | None = None
    slots: tuple[Slot, ...] = ()
    rivals: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    theme: str = ""
    otherwise: str = ""
    confidence: str | None = None

    def filled(self, role: str) -> bool:
        """Say whether a slot of this role holds a code or a wording."""
        return any(slot.role == role and (slot.codes or slot.wording.strip()) for slot in self.slots)


@dataclass(frozen=True)
class Evidence:
    """A link from an extract to a configuration, or to one slot of it, with its stance, inference and appraisal."""

    id: str
    extract: str
    configuration: str
    stance: str
    slot: str | None = None
    inference: str | None = None
    relevance: str | None = None
    richness: str | None = None
    rigour: str | None = None
    reason: str = ""
    coder: str | None = None
    created: str = ""


@dataclass(frozen=True)
class Ripple:
    """The outcome of one configuration (`source`) becoming context of another (`target`); loops are allowed.

    `extracts` are passages that tell of this very step.
    """

    id: str
    source: str
    target: str
    note: str = ""
    extracts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Theory:
    """One version of a programme theory, and how it came out of the versions before it.

    Parameters
    ----------
    id, label : str
    stage : str
        ``"initial"``, ``"tested"`` or ``"refined"``.
    statement : str
        The theory as it stood then, often as if-then.
    follows : tuple of str
        The versions it came out of; several where theories were brought together.
    move : str or None
        What was done: ``"juxtapose"``, ``"reconcile"``, ``"adjudicate"``, ``"consolidate"``, ``"situate"``.
    inference : str or None
        How the analyst got there.
    reason : str
    configurations : tuple of str
        The configurations that say it.
    evidence : tuple of str
        The evidence links the step rests on.
    middle_range : str
        The middle-range theory it leans on or adds to, with its source.
    coder : str or None
    created : str
    """

    id: str
    label: str
    stage: str
    statement: str = ""
    follows: tuple[str, ...] = ()
    move: str | None = None
    inference: str | None = None
    reason: str = ""
    configurations: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    middle_range: str = ""
    coder: str | None = None
    created: str = ""


@dataclass(frozen=True)
class Question:
    """An interview question and the theory it tests: configurations, versions of a theory, or both.

    `purpose` is the phase of the interviewing it belongs to, `whom` who should be asked, and `documents` where it
    was asked.
    """

    id: str
    wording: str
    configurations: tuple[str, ...] = ()
    theories: tuple[str, ...] = ()
    purpose: str | None = None
    whom: str = ""
    documents: tuple[str, ...] = ()
    coder: str | None = None
    created: str = ""


@dataclass(frozen=True)
class Validation:
    """What somebody who knows the programme said to a statement that was put to them.

    `statement` holds the words as they were put; `who` is a person's pseudonym or a description of a group.
    """

    id: str
    statement: str
    verdict: str
    who: str = ""
    configuration: str | None = None
    theory: str | None = None
    document: str | None = None
    extracts: tuple[str, ...] = ()
    comment: str = ""
    coder: str | None = None
    created: str = ""


@dataclass(frozen=True)
class Memo:
    """A note of the analysts, on a record (`about` its kind, `target` its identifier) or on themselves (reflexive)."""

    id: str
    text: str
    title: str = ""
    kind: str = "analytic"
    about: str | None = None
    target: str | None = None
    coder: str | None = None
    created: str = ""


@dataclass(frozen=True)
class Decision:
    """What the team decided, why, what else was on the table, who decided, and which record it is about."""

    id: str
    what: str
    reason: str = ""
    alternatives: str = ""
    about: str | None = None
    target: str | None = None
    coders: tuple[str, ...] = ()
    created: str = ""


@dataclass(frozen=True)
class Part:
    """One element of another program's project, with how deep it stands in the element that is kept."""

    depth: int
    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Foreign:
    """What a project of another program held and no record here stands for, kept so that it goes out again.

    Parameters
    ----------
    id : str
    kind : str
        The element's name in REFI-QDA: ``"Set"``, ``"Case"``, ``"PictureSource"``; `foreign_form.KINDS`.
    name : str
        What it is called there.
    documents : tuple of str
        The documents whose source it is, or is a part of; it goes when one of them goes.
    parts : tuple of Part
        The element and what stands in it, in the order of the file.
    loose : tuple of str
        GUIDs in it that nothing stood behind when it came: no code of the project, no extract.
    """

    id: str
    kind: str
    name: str = ""
    documents: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    loose: tuple[str, ...] = ()


Record = (
    Coder
    | Document
    | Code
    | Extract
    | Configuration
    | Evidence
    | Ripple
    | Theory
    | Question
    | Validation
    | Memo
    | Decision
    | Foreign
)

AnyRecord = TypeVar(
    "AnyRecord",
    Coder,
    Document,
    Code,
    Extract,
    Configuration,
    Evidence,
    Ripple,
    Theory,
    Question,
    Validation,
    Memo,
    Decision,
    Foreign,
)

COLLECTIONS: Mapping[type, str] = {
    Coder: "coders",
    Document: "documents",
    Code: "codes",
    Extract: "extracts",
    Configuration: "configurations",
    Evidence: "evidence",
    Ripple: "ripples",
    Theory: "theories",
    Question: "questions",
    Validation: "validations",
    Memo: "memos",
    Decision: "decisions",
    Foreign: "foreign",
}
"""Each record type and the name of its collection, in the order coding.json writes them."""


@dataclass(frozen=True)
class Erased:
    """What stays of something that was erased: a salted checksum, by which an old copy of it is known and kept out.

    Parameters
    ----------
    what : str
        ``"record"`` (its kind and identifier), ``"text"`` (of a document), ``"name"``, ``"passage"``, or ``"turn"`` (a
        place in a text that stays).
    salt, digest : str
        Hexadecimal.
    words : int
        How many words a name or passage has.
    start, stop : int
        Where a turn stood.
    """

    what: str
    salt: str
    digest: str
    words: int = 0
    start: int = 0
    stop: int = 0


@lru_cache(maxsize=2**17)
def natural_order(identifier: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Give a sort key under which ``cmo2`` comes before ``cmo10``; ties are settled by the identifier itself.

    Examples
    --------
    >>> sorted(["cmo10", "cmo2", "a"], key=natural_order)
    ['a', 'cmo2', 'cmo10']
    """
    parts = re.split(r"([0-9]{1,18})", identifier)
    return tuple((0, int(part), "") if index % 2 else (1, 0, part) for index, part in enumerate(parts)), identifier


@dataclass(frozen=True)
class Snapshot:
    """All records of a study's coding at one moment, each collection in the natural order of its identifiers.

    `erased` says what is to be kept out of it; it is no part of what the coding holds, and so not compared.

    Examples
    --------
    >>> snapshot = Snapshot("demo", codes=(Code("c2", "Trust"), Code("c1", "Time")))
    >>> [code.name for code in snapshot.codes]
    ['Time', 'Trust']
    """

    study: str
    coders: tuple[Coder, ...] = ()
    documents: tuple[Document, ...] = ()
    codes: tuple[Code, ...] = ()
    extracts: tuple[Extract, ...] = ()
    configurations: tuple[Configuration, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    ripples: tuple[Ripple, ...] = ()
    theories: tuple[Theory, ...] = ()
    questions: tuple[Question, ...] = ()
    validations: tuple[Validation, ...] = ()
    memos: tuple[Memo, ...] = ()
    decisions: tuple[Decision, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    erased: tuple[Erased, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "erased", tuple(sorted(set(self.erased), key=_order_of_erased)))
        for name in COLLECTIONS.values():
            ordered = tuple(sorted(getattr(self, name), key=lambda record: natural_order(record.id)))
            object.__setattr__(self, name, ordered)


def _order_of_erased(one: Erased) -> tuple[str, str, str, int, int]:
    return one.what, one.salt, one.digest, one.start, one.stop


Kept = TypeVar("Kept", bound=Any)

POINTERS: Final[Mapping[type, Mapping[str, str]]] = MappingProxyType(
    {
        Code: {"parent": "codes"},
        Extract: {"document": "documents", "code": "codes", "coder": "coders"},
        Configuration: {"rivals": "configurations"},
        Evidence: {"extract": "extracts", "configuration": "configurations", "coder": "coders"},
        Ripple: {"source": "configurations", "target": "configurations", "extracts": "extracts"},
        Theory: {
            "follows": "theories",
            "configurations": "configurations",
            "evidence": "evidence",
            "coder": "coders",
        },
        Question: {
            "configurations": "configurations",
            "theories": "theories",
            "documents": "documents",
            "coder": "coders",
        },
        Validation: {
            "configuration": "configurations",
            "theory": "theories",
            "document": "documents",
            "extracts": "extracts",
            "coder": "coders",
        },
        Memo: {"coder": "coders"},
        Decision: {"coders": "coders"},
        Foreign: {"documents": "documents"},
    }
)
"""For each kind of record the fields that hold an identifier, or several, and the collection they point into.

Besides these, the slots of a configuration point at codes, and a memo or decision at the record it is about.
"""


def references(record: Record) -> list[Key]:
    """Give every reference a record makes, as collection and identifier.

    Examples
    --------
    >>> references(Code("c2", "Ringing", parent="c1"))
    [('codes', 'c1')]
    >>> references(Memo("m1", "Too soon?", about="configuration", target="cmo01", coder="a"))
    [('coders', 'a'), ('configurations', 'cmo01')]
    """
    found: list[Key] = []
    for name, collection in POINTERS.get(type(record), {}).items():
        value = getattr(record, name)
        if isinstance(value, tuple):
            found += [(collection, identifier) for identifier in value]
        elif value is not None:
            found.append((collection, value))
    if isinstance(record, Configuration):
        found += [("codes", code) for slot in record.slots for code in slot.codes]
    if isinstance(record, Memo | Decision) and record.about in ABOUT and record.target is not None:
        found.append((ABOUT[record.about or ""], record.target))
    return found


def pointing_at(record: Kept, renamed: Mapping[str, Mapping[str, str]]) -> Kept:
    """Give the record with its references renamed.

    Parameters
    ----------
    record : record
    renamed : mapping of str to mapping of str to str
        By collection, the new identifier of each old one; what is not named stays.

    Examples
    --------
    >>> pointing_at(Code("c2", "Ringing", parent="c1"), {"codes": {"c1": "c9"}}).parent
    'c9'
    """

    def new(collection: str, identifier: str) -> str:
        return renamed.get(collection, {}).get(identifier, identifier)

    changed: dict[str, Any] = {}
    for name, collection in POINTERS.get(type(record), {}).items():
        if collection not in renamed:
            continue
        value = getattr(record, name)
        if isinstance(value, tuple):
            changed[name] = tuple(dict.fromkeys(new(collection, one) for one in value))
        elif value is not None:
            changed[name] = new(collection, value)
    if isinstance(record, Configuration) and "codes" in renamed:
        changed["slots"] = tuple(
            replace(slot, codes=tuple(dict.fromkeys(new("codes", one) for one in slot.codes))) for slot in record.slots
        )
    if isinstance(record, Memo | Decision) and record.about in ABOUT and record.target is not None:
        changed["target"] = new(ABOUT[record.about or ""], record.target)
    changed = {name: value for name, value in changed.items() if value != getattr(record, name)}
    return replace(record, **changed) if changed else record


def without(record: Record, gone: Collection[Key]) -> Record | None:
    """Give a record that no longer points at what is gone.

    Parameters
    ----------
    record : record
    gone : collection of (str, str)
        Collections and identifiers.

    Returns
    -------
    record or None
        None where the record is nothing without it: a link without its extract, an extract without its code.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Evidence, Slot
    >>> cmo = Configuration("cmo1", "A name", slots=(Slot("context", ("c1", "c2")),), rivals=("cmo2",))
    >>> without(cmo, {("codes", "c1"), ("configurations", "cmo2")}).slots[0].codes
    ('c2',)
    >>> without(Evidence("e1", "x1", "cmo1", "supports"), {("extracts", "x1")}) is None
    True
    """
    if not any(key in gone for key in references(record)):
        return record
    if isinstance(record, Foreign):
        # What another program kept beside a document may hold its words.
        return None
    changes: dict[str, Any] = {}
    kind: type = type(record)
    for name, collection in POINTERS.get(kind, {}).items():
        value = getattr(record, name)
        if isinstance(value, tuple):
            changes[name] = tuple(one for one in value if (collection, one) not in gone)
        elif value is not None and (collection, value) in gone:
            if not _may_be_none(kind, name):
                return None
            changes[name] = None
    if isinstance(record, Configuration):
        changes["slots"] = tuple(
            replace(slot, codes=tuple(one for one in slot.codes if ("codes", one) not in gone)) for slot in record.slots
        )
    if isinstance(record, Memo | Decision) and (ABOUT.get(record.about or ""), record.target) in gone:
        changes |= {"about": None, "target": None}
    return replace(record, **changes)


@cache
def _may_be_none(kind: type, name: str) -> bool:
    return type(None) in typing.get_args(typing.get_type_hints(kind, globals())[name])


def renames(of: Mapping[Key, Key]) -> dict[str, dict[str, str]]:
    """Write renamed keys in the way of `references.pointing_at`.

    Examples
    --------
    >>> renames({("codes", "c1"): ("codes", "c2")})
    {'codes': {'c1': 'c2'}}
    """
    found: dict[str, dict[str, str]] = {}
    for (collection, old), (_, new) in of.items():
        found.setdefault(collection, {})[old] = new
    return found
