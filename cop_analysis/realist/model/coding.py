"""The `Coding`: a study's coding read as tidy tables or as records, changed into another one, read from its file.

The records themselves (`Code`, `Extract`, `Configuration`, ...) are in `records`, the form of the file in `json_form`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cop_analysis.files import MOST_CODING, FileRefusedError, put_whole, read_file
from cop_analysis.realist.documents.speakers import Turn, turns
from cop_analysis.realist.model.check import check_references
from cop_analysis.realist.model.json_form import FILE, Parsed, parse, write
from cop_analysis.realist.model.records import COLLECTIONS, AnyRecord, Document, Record, Snapshot
from cop_analysis.study.faults import Fault, StudyError

if TYPE_CHECKING:
    from cop_analysis.realist.model.consent import Consent
    from cop_analysis.study import Study


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
    read_file : callable, optional
        Gives the bytes of a file that came with another program's project (a picture, a PDF) by the path named there,
        or None; `read_qdpx` gives one.

    Examples
    --------
    >>> from cop_analysis.realist.model import Code
    >>> snapshot = Snapshot("demo", documents=(Document("D1", "documents/D1.txt"),), codes=(Code("c1", "Trust"),))
    >>> coding = Coding(snapshot, {"D1": "P01: I trust them."}.__getitem__)
    >>> coding.codes.loc[0, "name"], coding.text("D1")[5:12]
    ('Trust', 'I trust')
    """

    snapshot: Snapshot
    read_text: Callable[[str], str] | None = field(default=None, compare=False, repr=False)
    read_file: Callable[[str], bytes | None] | None = field(default=None, compare=False, repr=False)
    _texts: dict[str, str] = field(default_factory=dict, init=False, compare=False, repr=False)
    _study: Study | None = field(default=None, init=False, compare=False, repr=False)
    _said_by_refusing: Consent | None = field(default=None, init=False, compare=False, repr=False)

    def __repr__(self) -> str:
        counts = [f"{number:,} {word}" for number, word in self._counts()]
        return f"<Coding of {self.study}: {', '.join(counts) or 'nothing yet'}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{number:,}</td><td>{word}</td></tr>" for number, word in self._counts())
        table = f"<table>{rows or '<tr><td>nothing yet</td></tr>'}</table>"
        return f"<p><b>Coding of {escape(self.study)}</b>{escape(self._where())}</p>{table}"

    def _counts(self) -> list[tuple[int, str]]:
        """Count the records of each kind there is, with its word."""
        snapshot = self.snapshot
        words = {name: (kind.__name__.lower(), name) for kind, name in COLLECTIONS.items()}
        numbers = {name: len(getattr(snapshot, name)) for name in words}
        return [(number, words[name][number != 1]) for name, number in numbers.items() if number]

    def _where(self) -> str:
        """Say where it is kept, as the rest of a sentence."""
        return ""

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
        """One row an extract: place, quote, code, coder, created, memo, and whether it is placed (see `Extract`)."""
        columns = ("id", "document", "start", "end", "quote", "code", "coder", "prefix", "suffix", "created", "memo")
        kept = self.snapshot.extracts
        table = _frame("extract", columns, kept, whole=("start", "end"))
        return table.assign(placed=pd.Series([one.placed for one in kept], dtype="bool"))

    @property
    def configurations(self) -> pd.DataFrame:
        """One row a configuration: configuration, label, schema, statement, level, for_whom, activation, and more.

        What follows is theme, otherwise (the outcome where the mechanism does not fire) and confidence.
        """
        columns = ("id", "label", "schema", "statement", "level", "for_whom", "activation")
        later = ("theme", "otherwise", "confidence")
        return _frame("configuration", (*columns, *later), self.snapshot.configurations, number=("activation",))

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
        """One row a link: extract, configuration, slot, stance, inference, appraisals, reason, coder, created."""
        columns = ("id", "extract", "configuration", "slot", "stance", "inference", "relevance", "richness", "rigour")
        return _frame("evidence", (*columns, "reason", "coder", "created"), self.snapshot.evidence)

    @property
    def ripples(self) -> pd.DataFrame:
        """One row a ripple link: ripple, source, target, note."""
        return _frame("ripple", ("id", "source", "target", "note"), self.snapshot.ripples)

    @property
    def theories(self) -> pd.DataFrame:
        """One row a version of a programme theory; several references stand in one cell with "; " between them."""
        columns = ("id", "label", "stage", "statement", "follows", "move", "inference", "reason", "configurations")
        return _frame("theory", (*columns, "evidence", "middle_range", "coder", "created"), self.snapshot.theories)

    @property
    def questions(self) -> pd.DataFrame:
        """One row an interview question: question, wording, the theory it tests, purpose, whom, where it was asked."""
        columns = ("id", "wording", "configurations", "theories", "purpose", "whom", "documents", "coder", "created")
        return _frame("question", columns, self.snapshot.questions)

    @property
    def validations(self) -> pd.DataFrame:
        """One row a stakeholder's answer to a statement: validation, statement, verdict, who, and what it is about."""
        columns = ("id", "statement", "verdict", "who", "configuration", "theory", "document", "extracts", "comment")
        return _frame("validation", (*columns, "coder", "created"), self.snapshot.validations)

    @property
    def memos(self) -> pd.DataFrame:
        """One row a memo: memo, text, title, kind, about, target, coder, created."""
        columns = ("id", "text", "title", "kind", "about", "target", "coder", "created")
        return _frame("memo", columns, self.snapshot.memos)

    @property
    def decisions(self) -> pd.DataFrame:
        """One row a decision: decision, what, reason, alternatives, about, target, coders, created."""
        columns = ("id", "what", "reason", "alternatives", "about", "target", "coders", "created")
        return _frame("decision", columns, self.snapshot.decisions)

    @property
    def foreign(self) -> pd.DataFrame:
        """One row a thing kept for the program it came from: foreign, kind, name, documents."""
        return _frame("foreign", ("id", "kind", "name", "documents"), self.snapshot.foreign)

    @property
    def attributes(self) -> pd.DataFrame:
        """One row an attribute of a document: document, attribute, value."""
        rows = [(one.id, name, value) for one in self.snapshot.documents for name, value in one.attributes]
        return _rows(rows, ("document", "attribute", "value"))

    @property
    def turns(self) -> pd.DataFrame:
        """One row a turn of talk: document, turn, speaker, start, end, speech_start, words.

        Raises
        ------
        ValueError
            When the coding was opened without its study, so that no text can be read.
        """
        rows = []
        for document in self.snapshot.documents:
            text = self.text(document.id)
            for one in turns(text, document.speakers):
                words = len(text[one.speech_start : one.end].split())
                rows.append((document.id, one.number, one.speaker, one.start, one.end, one.speech_start, words))
        columns = ("document", "turn", "speaker", "start", "end", "speech_start", "words")
        return _rows(rows, columns, whole=("turn", "start", "end", "speech_start", "words"))

    def turns_of(self, document: str) -> tuple[Turn, ...]:
        """Give the turns of one document, by the speakers it names where it names them.

        Raises
        ------
        KeyError
            When the coding has no such document.

        Examples
        --------
        >>> snapshot = Snapshot("demo", documents=(Document("D1", "documents/D1.txt"),))
        >>> [turn.speaker for turn in Coding(snapshot, {"D1": "P01: Yes.\\n\\nP02: No."}.__getitem__).turns_of("D1")]
        ['P01', 'P02']
        """
        return turns(self.text(document), self.find(Document, document).speakers)

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
        >>> from cop_analysis.realist.model import Code
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

    def clean(self, study: Study, text: str) -> str:
        """Take out of a text of the programme what it quotes of people who refused (`Consent.clean`)."""
        from cop_analysis.realist.model.consent import Consent

        held = self._said_by_refusing
        if held is None or held.study is not study:
            held = Consent(study, self)
            object.__setattr__(self, "_said_by_refusing", held)
        return held.clean(text)

    def with_records(self, *records: Record) -> Coding:
        """Give a coding in which these records are added, or take the place of those with the same identifier.

        Examples
        --------
        >>> from cop_analysis.realist.model import Code
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
        changed = Coding(replace(self.snapshot, **collections), self.read_text, self.read_file)
        changed._texts.update(self._texts)
        return changed


def _frame(
    name: str,
    columns: tuple[str, ...],
    records: Iterable[Any],
    whole: tuple[str, ...] = (),
    number: tuple[str, ...] = (),
) -> pd.DataFrame:
    rows = [tuple(_cell(getattr(record, column)) for column in columns) for record in records]
    return _rows(rows, columns, whole, number).rename(columns={"id": name})


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, tuple) else value


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


def read_coding(path: Path | str, study: Study | None = None, *, given: bool = False) -> Coding:
    """Read a coding.json into a `Coding`.

    A document that was changed since it was coded does not stop the reading: `check_coding` names the extracts that
    no longer fit, and the transcript view lists them apart.

    Parameters
    ----------
    path : path
        The file, or the study folder that holds it.
    study : Study, optional
        Whose documents `Coding.text` reads.
    given : bool
        Whether it is a file that somebody gave and not the study's own: faults call it by its name and advise to give
        another copy then.

    Returns
    -------
    Coding

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    StudyError
        When the file is at fault, or written in a newer schema version; every fault is listed.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> from cop_analysis.realist.model import Code, Snapshot
    >>> _ = write_coding(Coding(Snapshot("demo", codes=(Code("c1", "Trust"),))), folder / "coding.json")
    >>> read_coding(folder).codes["name"].tolist()
    ['Trust']
    """
    path = Path(path)
    path = path / FILE if path.is_dir() and path.name != FILE else path
    if not os.path.lexists(path):
        raise FileNotFoundError(f"There is no coding at {path}.")
    try:
        parsed = parse(read_file(path, most=MOST_CODING, inside=path.parent), path.name if given else "")
    except FileRefusedError as refused:
        raise StudyError([Fault(path.name, None, "", "", refused.rule, refused.remedy)]) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        fix = "close it in other programs and check that you may read it"
        raise StudyError([Fault(path.name, None, "", "", f"the file cannot be read ({reason})", fix)]) from error
    if parsed.snapshot is not None:
        check_references(parsed.snapshot, parsed)
    if parsed.snapshot is None or any(fault.severity == "error" for fault in parsed.faults):
        raise StudyError(parsed.faults)
    return Coding(parsed.snapshot, None if study is None else study.read_document)


def write_coding(coding: Coding, path: Path | str) -> Path:
    """Write a coding to a file that is whole at every moment, and byte for byte the same for the same records.

    Parameters
    ----------
    coding : Coding
    path : path
        The file, or the study folder in which coding.json is written.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    StudyError
        When the records contradict each other, so that the file could not be read again; nothing is written.
    OSError
        When the folder cannot be written; what stood there before still stands.
    """
    path = Path(path)
    path = path / FILE if path.is_dir() and path.name != FILE else path
    content = write(coding.snapshot).encode("utf-8")
    # What is written must be readable: the same judge looks at it on the way out as on the way in.
    judged = parse(content)
    if judged.snapshot is not None:
        check_references(judged.snapshot, judged)
    _refuse(judged)
    put_whole(path, content)
    return path


def _refuse(judged: Parsed) -> None:
    errors = [fault for fault in judged.faults if fault.severity == "error"]
    if errors:
        raise StudyError(errors)
