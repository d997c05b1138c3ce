"""The Study: validated tables, settings, documents and coding in one object, from which every notebook starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pandas as pd

from cop_analysis.files import MOST_CODING, FileRefusedError, fingerprint
from cop_analysis.results import Result
from cop_analysis.study.check import inspect_folder, inspect_tables
from cop_analysis.study.config import Instrument, RatingItem, Stated, StudyConfig, Wave
from cop_analysis.study.consent import aliases, documents_of_refusing, refusing, say_left_out, unnamed, without_refusals
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.documents import locate, read_text
from cop_analysis.study.faults import Fault, StudyError, nearest
from cop_analysis.study.periods import Period, find_period
from cop_analysis.study.settings import FILE
from cop_analysis.study.waves import WavePair, wave_pair, with_own_codes

CODING_FILE = "coding.json"
CODING_DATABASE = "coding.db"
AUDIENCES = ("internal", "review", "public")

CodingReader = Callable[[Path, Any], Any]
"""Gives the coding, from the path of coding.json and the study."""

CODING_READER = "cop_analysis.realist.coding:open_coding"
"""Who opens a study's coding: named, not imported, because the room of the coding stands above this one."""


@dataclass(frozen=True)
class InputFile:
    """One file a study was read from, with what identifies its content."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, eq=False)
class Study:
    """A study whose files have been checked.

    Parameters
    ----------
    folder : pathlib.Path or None
        Where it was read from; None for a study made of tables.
    config : StudyConfig
        What study.toml says.
    period : Period or None
        The period it is restricted to. Events are restricted by date, and with them attendance and ratings; changes
        and outputs by date. Survey, ties, rosters, people and documents are not: waves belong to the whole study.
    audience : str
        Who may read what is made from it.
    notices : tuple of Fault
        What was said about its files without keeping it from being opened.
    left_out : mapping of str to int
        Rows by table left out because the person who gave them did not consent, or withdrew.

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "simulated"},
    ...                           people=pd.DataFrame({"person": ["P01", "P02"]}))
    >>> len(study.people), study.survey is None
    (2, True)
    """

    folder: Path | None
    config: StudyConfig
    period: Period | None = None
    audience: str = "internal"
    notices: tuple[Fault, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    _tables: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    _coding_reader: CodingReader | None = field(default=None, repr=False, compare=False)
    _all_tables: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_tables(
        cls,
        config: Mapping[str, Any],
        folder: str | Path | None = None,
        period: str = "",
        *,
        audience: str = "internal",
        coding_reader: CodingReader | None = None,
        **tables: pd.DataFrame,
    ) -> Study:
        """Make a study of tables instead of files, checked by the same contracts.

        Parameters
        ----------
        config : mapping
            What study.toml would say.
        folder : str or pathlib.Path, optional
            Where documents/ and coding.json lie, if anywhere.
        period : str
            A label such as ``"2023/24"``; empty for the whole study.
        **tables : pandas.DataFrame
            By table name; rows are numbered from 2, as in a spreadsheet.

        Raises
        ------
        StudyError
            When something is at fault, with every fault.
        ValueError
            When a table, the period or the audience is not known.
        """
        found = inspect_tables(config, tables, None if folder is None else Path(folder))
        if found.config is None or found.errors:
            raise StudyError(found.faults)
        return _restricted(
            cls,
            None if folder is None else Path(folder),
            found.config,
            period,
            audience,
            found.faults,
            found.tables,
            coding_reader,
        )

    # --- what it is -----------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The study's title."""
        return self.config.title

    @property
    def key(self) -> str:
        """The study's short name, also the name of its folder of reports."""
        return self.config.key

    @property
    def is_simulated(self) -> bool:
        """Whether any of its rows were made by a generator rather than collected."""
        return self.config.provenance in {"simulated", "mixed"}

    @property
    def provenance_statement(self) -> str:
        """Where the data come from, in a sentence or two fit for the top of a page."""
        statements = {
            "simulated": "Simulated data: no number here is a finding about a real programme.",
            "mixed": "Partly simulated data: a number here is a finding only where its source is named as published.",
            "published figures": "Published figures, typed in from their source.",
            "collected": "Data collected by the evaluation.",
        }
        details = [text.strip() for text in (self.config.provenance_note, self.config.source) if text.strip()]
        ended = [text if text.endswith((".", "!", "?")) else f"{text}." for text in details]
        return " ".join([statements[self.config.provenance], *ended])

    @property
    def consent_statement(self) -> str:
        """What is left out because people did not consent, in a sentence; empty when everybody did."""
        return say_left_out(len(refusing(self._tables)), self.left_out, documents_of_refusing(self._tables))

    # --- tables ---------------------------------------------------------------------------------------------------

    def table(self, name: str) -> pd.DataFrame | None:
        """Give a table by name, restricted to the period; None when it is absent or has no rows.

        The index is the row number a spreadsheet shows (the header is row 1).

        Raises
        ------
        ValueError
            When a study has no table of that name.
        """
        if name not in CONTRACTS:
            meant = nearest(name, CONTRACTS)
            raise ValueError(f"A study has no table {name!r}" + (f"; {meant!r} is near." if meant else "."))
        frame = self._tables.get(name)
        return None if frame is None or frame.empty else frame.copy()

    def has(self, *names: str) -> bool:
        """Say whether the study has rows in every one of these tables."""
        return all(name in self._tables and not self._tables[name].empty for name in names)

    def is_empty_in_period(self, name: str) -> bool:
        """Say whether a table is there but has nothing in the period shown."""
        return name in self._tables and self._tables[name].empty

    @property
    def people(self) -> pd.DataFrame | None:
        """The people of the programme: person, organisation, role, joined, left, consent."""
        return self.table("people")

    @property
    def organisations(self) -> pd.DataFrame | None:
        """The organisations: organisation, name, sector, valid_from, valid_to."""
        return self.table("organisations")

    @property
    def events(self) -> pd.DataFrame | None:
        """The events: event, date, format, topic, series, status, signed_up."""
        return self.table("events")

    @property
    def attendance(self) -> pd.DataFrame | None:
        """Who or how many attended: event, person, count, minutes, organisation."""
        return self.table("attendance")

    @property
    def ratings(self) -> pd.DataFrame | None:
        """Ratings of events: event, respondent, item, score, comment."""
        return self.table("ratings")

    @property
    def survey(self) -> pd.DataFrame | None:
        """Answers to questionnaires: person, wave, instrument, item, score."""
        return self.table("survey")

    @property
    def ties(self) -> pd.DataFrame | None:
        """Who named whom: ego, alter, relation, strength, wave."""
        return self.table("ties")

    @property
    def rosters(self) -> pd.DataFrame | None:
        """Who was asked about ties and who answered: person, wave, asked, answered."""
        return self.table("rosters")

    @property
    def documents(self) -> pd.DataFrame | None:
        """The texts: document, file, kind, people, date, setting, title."""
        return self.table("documents")

    @property
    def outputs(self) -> pd.DataFrame | None:
        """What the programme set out to produce: output, title, status, planned_date, done_date."""
        return self.table("outputs")

    @property
    def quotes(self) -> pd.DataFrame | None:
        """Quotes: quote, text, document, extract, person, role, organisation, consent, identifiable."""
        return self.table("quotes")

    @property
    def changes(self) -> pd.DataFrame | None:
        """What was changed in the programme: change, date, what, why, event."""
        return self.table("changes")

    # --- settings -------------------------------------------------------------------------------------------------

    @property
    def waves(self) -> tuple[Wave, ...]:
        """The waves in order of time."""
        return self.config.waves

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The questionnaires."""
        return self.config.instruments

    def wave_pair(self, before: str, after: str) -> WavePair:
        """Say how the people of two waves of the survey stand to one another, and whether their ids may be paired.

        Examples
        --------
        >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "simulated",
        ...     "waves": [{"key": "start"}, {"key": "end", "design": "unmatched"}]})
        >>> study.wave_pair("start", "end").may_pair
        False
        """
        return wave_pair(self.survey, self.people, self.waves, before, after)

    def instrument(self, key: str = "") -> Instrument:
        """Give the instrument of that key; without a key, the study's only one."""
        return self.config.instrument(key)

    @property
    def rating_items(self) -> tuple[RatingItem, ...]:
        """What people rate after an event."""
        return self.config.rating_items

    @property
    def stated(self) -> tuple[Stated, ...]:
        """The totals the source states."""
        return self.config.stated

    # --- documents and coding -------------------------------------------------------------------------------------

    def read_document(self, document_id: str) -> str:
        """Read a document's text: UTF-8 without a byte order mark, every line ending a line feed.

        Raises
        ------
        ValueError
            When there is no such document or its file cannot be read, with the reason.
        """
        documents = self.documents
        files = {} if documents is None else dict(zip(documents["document"], documents["file"], strict=True))
        if document_id not in files:
            meant = nearest(document_id, files)
            raise ValueError(
                f"documents.csv has no document {document_id!r}" + (f"; {meant!r} is near." if meant else ".")
            )
        if self.folder is None:
            raise ValueError(f"The document {document_id!r} cannot be read: the study was made without a folder.")
        try:
            return read_text(locate(self.folder, str(files[document_id])), self.folder)
        except ValueError as error:
            raise ValueError(f"The file of document {document_id!r} {error}.") from None
        except OSError as error:
            raise ValueError(
                f"The file of document {document_id!r} cannot be read ({error.strerror or type(error).__name__})."
            ) from None

    @cached_property
    def coding(self) -> Any:
        """The coding of the documents, opened on first use; None when there is none.

        It is in the database coding.db, or the one study.toml names; without one, coding.json says it.
        """
        if self.folder is None:
            return None
        # Whatever stands there under these names is looked at; what is no file is said, not passed over.
        kept = any(os.path.lexists(self.folder / name) for name in (CODING_FILE, CODING_DATABASE))
        if not kept and not self.config.coding.database:
            return None
        reader: CodingReader = self._coding_reader or resolve_name(CODING_READER)
        return reader(self.folder / CODING_FILE, self)

    def without_withheld(self, texts: pd.Series) -> pd.Series:
        """Give texts of the programme without what they quote of people who refused, and without their pseudonyms.

        What somebody said who did not consent is known from the coded transcripts; a study without coding has none.

        Examples
        --------
        >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "simulated"},
        ...     people=pd.DataFrame({"person": ["P1"], "consent": ["withdrawn"]}))
        >>> study.without_withheld(pd.Series(["Asked for by P1", "A guide"])).tolist()
        ['Asked for by [withdrew]', 'A guide']
        """
        tables = {} if self.people is None else {"people": self.people}
        names = aliases(tables)
        if not names:
            return texts
        clean: Callable[[Study, str], str] | None = getattr(self.coding, "clean", None)

        def cleaned(text: object) -> object:
            if not isinstance(text, str):
                return text
            return unnamed(text if clean is None else clean(self, text), names)

        return texts.astype(object).map(cleaned)

    def unrestricted(self) -> Study:
        """Give the study with the rows of every period, for what speaks of the whole of it (a total its source states).

        Examples
        --------
        >>> study = Study.from_tables(
        ...     {"key": "forum", "title": "The forum", "provenance": "simulated"}, period="2023/24",
        ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-02-21", "2023-04-12"]}))
        >>> len(study.events), len(study.unrestricted().events)
        (1, 2)
        """
        return self if self.period is None else replace(self, period=None, _tables=self._all_tables)

    # --- provenance -----------------------------------------------------------------------------------------------

    def files(self) -> tuple[InputFile, ...]:
        """List the files the study is read from with size and SHA-256, for the provenance of a report.

        A coding that is kept in a database is listed by what it says now: size and checksum of its coding.json form.
        """
        if self.folder is None:
            return ()
        names = [FILE, *(contract.file for contract in CONTRACTS.values()), CODING_FILE]
        paths = [self.folder / name for name in names]
        documents = self.documents
        for file in [] if documents is None else documents["file"].dropna().tolist():
            try:
                paths.append(locate(self.folder, file))
            except ValueError:
                continue
        found = (_input_file(self.folder, path) for path in paths)
        files = tuple(file for file in found if file is not None)
        kept = getattr(self.coding, "standing", None)
        return files if kept is None else (*files, InputFile(kept.name, kept.size, kept.sha256))

    def heading(self) -> Result:
        """Give what stands at the top of every page: title, where the data come from, and the period."""
        from cop_analysis.study.overview import heading

        return heading(self)


def _input_file(folder: Path, path: Path) -> InputFile | None:
    try:
        size, digest = fingerprint(path, most=MOST_CODING, inside=folder)
    except (FileRefusedError, FileNotFoundError):
        return None
    return InputFile(path.relative_to(folder).as_posix(), size, digest)


def open_study(
    folder: str | Path, *, period: str = "", audience: str = "internal", coding_reader: CodingReader | None = None
) -> Study:
    """Open the study in a folder, once everything in it has been checked.

    Parameters
    ----------
    folder : str or pathlib.Path
        The folder that holds study.toml.
    period : str
        A financial year ``"2023/24"``, a calendar year ``"2023"``, a period the study defines, or empty for all.
    audience : {"internal", "review", "public"}
        Who may read what is made from it; only ``"internal"`` is served until disclosure control exists.
    coding_reader : callable, optional
        Opens the coding in place of `CODING_READER`, given the path of coding.json and the study.

    Raises
    ------
    StudyError
        When something in the folder is at fault, with every fault.
    ValueError
        When the period or the audience is not known.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.study.template import new_study
    >>> place = new_study(Path(tempfile.mkdtemp()) / "forum", example=True)
    >>> open_study(place).key
    'forum'
    """
    if audience in AUDIENCES[1:]:
        raise ValueError(
            f"The study cannot be opened for the audience {audience!r} yet: small numbers and quotes without consent "
            "would not be withheld; open it as 'internal'."
        )
    place = Path(folder)
    found = inspect_folder(place)
    if found.config is None or found.errors:
        raise StudyError(found.faults)
    return _restricted(Study, place, found.config, period, audience, found.faults, found.tables, coding_reader)


def _restricted(
    make: type[Study],
    folder: Path | None,
    config: StudyConfig,
    period: str,
    audience: str,
    notices: list[Fault],
    tables: Mapping[str, pd.DataFrame],
    coding_reader: CodingReader | None,
) -> Study:
    if audience not in AUDIENCES:
        raise ValueError(f"{audience!r} is not an audience: write one of {', '.join(AUDIENCES)}.")
    span = find_period(period, config.periods) if period.strip() else None
    tables, left_out = without_refusals(with_own_codes(tables, config))
    kept = tables if span is None else restrict(tables, span)
    return make(folder, config, span, audience, tuple(notices), left_out, kept, coding_reader, tables)


def restrict(tables: Mapping[str, pd.DataFrame], period: Period) -> dict[str, pd.DataFrame]:
    """Keep of the tables what belongs to a period.

    An output belongs to it when it was due or was done in it. Tables of waves, people and documents are not touched.

    Examples
    --------
    >>> events = pd.DataFrame({"event": ["E1", "E2"], "date": pd.to_datetime(["2023-02-21", "2023-04-12"])})
    >>> restrict({"events": events}, find_period("2023/24"))["events"]["event"].tolist()
    ['E2']
    """
    kept = dict(tables)
    if "events" in tables:
        kept["events"] = tables["events"][period.contains(tables["events"]["date"])]
        for name in ("attendance", "ratings"):
            if name in tables:
                kept[name] = tables[name][tables[name]["event"].isin(kept["events"]["event"])]
    if "changes" in tables:
        kept["changes"] = tables["changes"][period.contains(tables["changes"]["date"])]
    if "outputs" in tables:
        outputs = tables["outputs"]
        kept["outputs"] = outputs[period.contains(outputs["planned_date"]) | period.contains(outputs["done_date"])]
    return kept
