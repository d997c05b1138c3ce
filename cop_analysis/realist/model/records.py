"""The records of realist coding, frozen: what each kind says and how they are kept together. No files, no tables.

One extract record is one span of one document under one code by one coder. The role a passage plays (context,
resource, reasoning, outcome) sits on its evidence link to a configuration and never on its code, so that what is a
mechanism here can be context there. A field added later has a default, so that a record of before keeps its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

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
