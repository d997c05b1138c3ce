"""The object model of realist coding: frozen records, and the `Coding` that holds them. No files and no HTML here.

One extract record is one span of one document under one code by one coder. The role a passage plays (context,
resource, reasoning, outcome) sits on its evidence link to a configuration and never on its code, so that what is a
mechanism here can be context there. Later work adds fields and record types; what stands here keeps its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd


@dataclass(frozen=True)
class Coder:
    """Somebody who codes."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Document:
    """A text that was coded; `sha256` and `length` (in code points) are those of its normalised text."""

    id: str
    file: str
    title: str = ""
    sha256: str = ""
    length: int = 0


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
    """A span of one document, ``text[start:end]`` in Unicode code points, under one code by one coder."""

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


@dataclass(frozen=True)
class Ripple:
    """The outcome of one configuration (`source`) becoming context of another (`target`); loops are allowed."""

    id: str
    source: str
    target: str
    note: str = ""


Record = Coder | Document | Code | Extract | Configuration | Evidence | Ripple
AnyRecord = TypeVar("AnyRecord", Coder, Document, Code, Extract, Configuration, Evidence, Ripple)

COLLECTIONS: Mapping[type, str] = {
    Coder: "coders",
    Document: "documents",
    Code: "codes",
    Extract: "extracts",
    Configuration: "configurations",
    Evidence: "evidence",
    Ripple: "ripples",
}
"""Each record type and the name of its collection, in the order coding.json writes them."""


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

    def __post_init__(self) -> None:
        for name in COLLECTIONS.values():
            ordered = tuple(sorted(getattr(self, name), key=lambda record: natural_order(record.id)))
            object.__setattr__(self, name, ordered)


_MEASURE_COLUMNS = ("configuration", "kind", "instrument", "item", "relation", "measure", "series", "expects")


@dataclass(frozen=True)
class Coding:
    """A study's coding, read as tidy tables (`.extracts`, `.configurations`, ...) or as records (`.snapshot`).

    Parameters
    ----------
    snapshot : Snapshot
        The records.
    read_text : callable, optional
        Gives the normalised text of a document by its identifier; `Study.read_document` is one.

    Examples
    --------
    >>> snapshot = Snapshot("demo", documents=(Document("D1", "documents/D1.txt"),), codes=(Code("c1", "Trust"),))
    >>> coding = Coding(snapshot, {"D1": "P01: I trust them."}.__getitem__)
    >>> coding.codes.loc[0, "name"], coding.text("D1")[5:12]
    ('Trust', 'I trust')
    """

    snapshot: Snapshot
    read_text: Callable[[str], str] | None = field(default=None, compare=False, repr=False)
    _texts: dict[str, str] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def study(self) -> str:
        """The key of the study this coding belongs to."""
        return self.snapshot.study

    @property
    def coders(self) -> pd.DataFrame:
        """One row a coder: coder, name."""
        return _frame("coder", ("id", "name"), self.snapshot.coders)

    @property
    def documents(self) -> pd.DataFrame:
        """One row a document: document, file, title, sha256, length."""
        return _frame(
            "document", ("id", "file", "title", "sha256", "length"), self.snapshot.documents, whole=("length",)
        )

    @property
    def codes(self) -> pd.DataFrame:
        """One row a code: code, name, parent, definition, examples, colour, level."""
        return _frame(
            "code", ("id", "name", "parent", "definition", "examples", "colour", "level"), self.snapshot.codes
        )

    @property
    def extracts(self) -> pd.DataFrame:
        """One row an extract: extract, document, start, end, quote, code, coder, prefix, suffix, created, memo."""
        return _frame(
            "extract",
            ("id", "document", "start", "end", "quote", "code", "coder", "prefix", "suffix", "created", "memo"),
            self.snapshot.extracts,
            whole=("start", "end"),
        )

    @property
    def configurations(self) -> pd.DataFrame:
        """One row a configuration: configuration, label, schema, statement, level, for_whom, activation."""
        columns = ("id", "label", "schema", "statement", "level", "for_whom", "activation")
        return _frame("configuration", columns, self.snapshot.configurations, number=("activation",))

    @property
    def slots(self) -> pd.DataFrame:
        """One row a code in a slot, or a slot that has only wording: configuration, role, code, wording."""
        rows = [
            (configuration.id, slot.role, code, slot.wording)
            for configuration in self.snapshot.configurations
            for slot in configuration.slots
            for code in slot.codes or (None,)
        ]
        return _rows(rows, ("configuration", "role", "code", "wording"))

    @property
    def measures(self) -> pd.DataFrame:
        """One row a measure a configuration points at: configuration, kind, and the fields that say which."""
        rows = [
            (configuration.id, *(getattr(measure, name) for name in _MEASURE_COLUMNS[1:]))
            for configuration in self.snapshot.configurations
            for measure in configuration.measures
        ]
        return _rows(rows, _MEASURE_COLUMNS)

    @property
    def rivals(self) -> pd.DataFrame:
        """One row a pair of rivals as they are written: configuration, rival."""
        rows = [(one.id, rival) for one in self.snapshot.configurations for rival in one.rivals]
        return _rows(rows, ("configuration", "rival"))

    @property
    def evidence(self) -> pd.DataFrame:
        """One row a link: evidence, extract, configuration, slot, stance, inference, the three appraisals, reason."""
        columns = ("id", "extract", "configuration", "slot", "stance", "inference", "relevance", "richness", "rigour")
        return _frame("evidence", (*columns, "reason"), self.snapshot.evidence)

    @property
    def ripples(self) -> pd.DataFrame:
        """One row a ripple link: ripple, source, target, note."""
        return _frame("ripple", ("id", "source", "target", "note"), self.snapshot.ripples)

    @cached_property
    def _by_identifier(self) -> dict[type, dict[str, Any]]:
        return {
            kind: {record.id: record for record in getattr(self.snapshot, name)} for kind, name in COLLECTIONS.items()
        }

    def find(self, kind: type[AnyRecord], identifier: str) -> AnyRecord:
        """Give the record of that type and identifier.

        Parameters
        ----------
        kind : type
            A record type: `Code`, `Extract`, `Configuration`, ...
        identifier : str

        Raises
        ------
        KeyError
            When there is none.

        Examples
        --------
        >>> Coding(Snapshot("demo", codes=(Code("c1", "Trust"),))).find(Code, "c1").name
        'Trust'
        """
        try:
            return self._by_identifier[kind][identifier]
        except KeyError:
            raise KeyError(f"The coding of {self.study} has no {kind.__name__.lower()} {identifier!r}.") from None

    def text(self, document: str) -> str:
        """Give the normalised text of a document, in which every extract's `start` and `end` count.

        Raises
        ------
        KeyError
            When the coding has no such document.
        ValueError
            When the coding was opened without its study, so that no text can be read.
        """
        self.find(Document, document)
        if document not in self._texts:
            if self.read_text is None:
                raise ValueError("This coding was opened without its study, so its documents cannot be read.")
            self._texts[document] = self.read_text(document)
        return self._texts[document]

    def with_records(self, *records: Record) -> Coding:
        """Give a coding in which these records are added, or take the place of those with the same identifier.

        Examples
        --------
        >>> coding = Coding(Snapshot("demo", codes=(Code("c1", "Trust"),)))
        >>> coding.with_records(Code("c1", "Trust in peers"), Code("c2", "Time")).codes["name"].tolist()
        ['Trust in peers', 'Time']
        """
        changed: dict[str, dict[str, Any]] = {}
        for record in records:
            name = COLLECTIONS[type(record)]
            kept = changed.setdefault(name, {one.id: one for one in getattr(self.snapshot, name)})
            kept[record.id] = record
        return self._with({name: tuple(kept.values()) for name, kept in changed.items()})

    def without_records(self, kind: type[Record], identifiers: Iterable[str]) -> Coding:
        """Give a coding in which the records of that type and these identifiers are gone; others stay as they are.

        A reference to a record that is gone is reported by `check_coding`, so that nothing disappears unseen.
        """
        gone = set(identifiers)
        name = COLLECTIONS[kind]
        return self._with({name: tuple(one for one in getattr(self.snapshot, name) if one.id not in gone)})

    def _with(self, collections: Mapping[str, Any]) -> Coding:
        changed = Coding(replace(self.snapshot, **collections), self.read_text)
        changed._texts.update(self._texts)
        return changed


def _frame(
    name: str,
    columns: tuple[str, ...],
    records: Iterable[Any],
    whole: tuple[str, ...] = (),
    number: tuple[str, ...] = (),
) -> pd.DataFrame:
    table = _rows([tuple(getattr(record, column) for column in columns) for record in records], columns, whole, number)
    return table.rename(columns={"id": name})


def _rows(
    rows: list[tuple[Any, ...]],
    columns: tuple[str, ...],
    whole: tuple[str, ...] = (),
    number: tuple[str, ...] = (),
) -> pd.DataFrame:
    # Each column is given its type, so that an empty table has the same columns of the same types as a full one.
    lists = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    kinds = dict.fromkeys(whole, "int64") | dict.fromkeys(number, "float64")
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=kinds.get(name, "str"))
            for name, values in zip(columns, lists, strict=True)
        }
    )
