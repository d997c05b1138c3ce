"""Configurations with their evidence as a Word document, for people who discuss and sign on paper. Out only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import is_holdable
from cop_analysis.realist.exchange.formats.qdpx import judged_json
from cop_analysis.realist.exchange.registry import Format, HowToWrite
from cop_analysis.realist.exchange.report import ExchangeReport, Ledger, write_whole
from cop_analysis.realist.model import COLLECTIONS, Coding, Configuration, Evidence
from cop_analysis.realist.model.consent import handed_on
from cop_analysis.realist.model.vocabulary import SCHEMAS, STANCES
from cop_analysis.results import table_payload

if TYPE_CHECKING:
    import pandas as pd


_TITLES: Final = {"supports": "Supporting", "refines": "Refining", "refutes": "Refuting"}


def write_docx(
    coding: Coding,
    path: Path | str,
    *,
    title: str = "",
    tables: Mapping[str, pd.DataFrame] | None = None,
    overwrite: bool = True,
) -> ExchangeReport:
    """Write every configuration with its slots, statement and evidence by stance as a Word document.

    Parameters
    ----------
    coding : Coding
    path : path
    title : str
        The study's title; its key where none is given.
    tables : mapping of str to pandas.DataFrame, optional
        Tables to put behind it, each under its title: those of `configuration_export`.
    overwrite : bool
        False refuses where the file exists.

    Returns
    -------
    ExchangeReport

    Raises
    ------
    StudyError
        When the records contradict each other.
    ExchangeError
        When the place is taken.

    Notes
    -----
    The first table sets out configuration, context, resource, reasoning, outcome, and how much evidence supports,
    refines and refutes it. Quotes follow under each configuration, kept apart from its statement (Pawson & Tilley
    1997), with the appraisal of each (Dada et al. 2023).
    """
    path = Path(path)
    ledger = Ledger(path.name)
    coding = handed_on(coding)
    judged_json(coding)
    document = _Word(coding, ledger).document(title or coding.study, tables or {})

    def fill(file: BinaryIO) -> None:
        document.save(file)

    write_whole(path, fill, overwrite=overwrite)
    ledger.carry("configurations", len(coding.snapshot.configurations))
    ledger.carry("evidence", len(coding.snapshot.evidence))
    for name in COLLECTIONS.values():
        number = len(getattr(coding.snapshot, name))
        if number and name in ("theories", "questions", "validations", "memos", "decisions"):
            ledger.leave(
                name, f"({number:,})", "the document sets out configurations and their evidence", number=number
            )
    unlinked = len(coding.snapshot.extracts) - len({link.extract for link in coding.snapshot.evidence})
    if unlinked:
        ledger.leave("extracts", "those without a configuration", "the document holds evidence only", number=unlinked)
    return ledger.close("export", "docx")


class _Word:
    def __init__(self, coding: Coding, ledger: Ledger) -> None:
        self.coding, self.ledger = coding, ledger
        self.codes = {code.id: code.name for code in coding.snapshot.codes}
        self.extracts = {extract.id: extract for extract in coding.snapshot.extracts}
        self.titles = {one.id: one.title or one.id for one in coding.snapshot.documents}
        self.labels = {one.id: one.label for one in coding.snapshot.configurations}
        self.evidence: dict[str, list[Evidence]] = defaultdict(list)
        for link in coding.snapshot.evidence:
            self.evidence[link.configuration].append(link)

    def document(self, title: str, tables: Mapping[str, pd.DataFrame]) -> Any:
        docx, sections = import_module("docx"), import_module("docx.enum.section")
        document = docx.Document()
        section = document.sections[0]
        section.orientation = sections.WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
        document.core_properties.title = self.clean(f"{title}: configurations and their evidence")[:255]
        document.core_properties.author = ""
        document.add_heading(self.clean(f"{title}: configurations and their evidence"), level=0)
        configurations = self.coding.snapshot.configurations
        if not configurations:
            document.add_paragraph("The coding holds no configuration yet.")
            return document
        self.overview(document, configurations)
        for configuration in configurations:
            self.configuration(document, configuration)
        for name, table in tables.items():
            document.add_heading(self.clean(name), level=1)
            header = [str(column).replace("_", " ").capitalize() for column in table.columns]
            self.table(document, header, table_payload(table)["rows"])
        return document

    def overview(self, document: Any, configurations: tuple[Configuration, ...]) -> None:
        header = (
            "Configuration",
            "Context",
            "Mechanism: resource",
            "Mechanism: reasoning",
            "Outcome",
            *_TITLES.values(),
        )
        rows = []
        for one in configurations:
            parts = [self.filled(one, *roles) for roles in _COLUMNS]
            counts = [
                str(len({link.extract for link in self.evidence[one.id] if link.stance == stance}))
                for stance in STANCES
            ]
            rows.append((f"{one.id}: {one.label}", *parts, *counts))
        self.table(document, header, rows)

    def configuration(self, document: Any, one: Configuration) -> None:
        document.add_heading(self.clean(f"{one.id}: {one.label}"), level=1)
        document.add_paragraph(self.clean(one.statement or "No statement is written yet."), style="Intense Quote")
        details = (
            ("For whom", one.for_whom),
            ("Level", one.level or ""),
            ("Activation of the mechanism", "" if one.activation is None else f"{one.activation:g} (0 to 1)"),
            ("Where the mechanism does not fire", one.otherwise),
            ("Confidence", one.confidence or ""),
            ("Rival explanations", "; ".join(self.labels.get(rival, rival) for rival in one.rivals)),
        )
        schema = SCHEMAS[one.schema]
        rows = [(role.title, self.filled(one, role.key) or "not filled yet") for role in schema.roles]
        rows += [(name, value) for name, value in details if value]
        self.table(document, ("Part", "As it stands"), rows)
        for stance in STANCES:
            links = [link for link in self.evidence[one.id] if link.stance == stance]
            document.add_heading(f"{_TITLES[stance]} evidence ({len(links)})", level=2)
            if not links:
                document.add_paragraph("None found; that does not say that it was sought.")
                continue
            quoted: list[tuple[str, ...]] = []
            for link in links:
                extract = self.extracts[link.extract]
                appraisal = ", ".join(
                    f"{name} {value}"
                    for name in ("relevance", "richness", "rigour")
                    if (value := getattr(link, name)) is not None
                )
                bears_on = link.slot or "the whole"
                why = "; ".join(filter(None, (link.inference or "", appraisal, link.reason)))
                quoted.append(
                    (f"“{extract.quote}”", f"{self.titles.get(extract.document, '')} ({extract.id})", bears_on, why)
                )
            self.table(document, ("Words", "Source", "Bears on", "Inference, appraisal, reason"), quoted)

    def filled(self, configuration: Configuration, *roles: str) -> str:
        parts = []
        for slot in configuration.slots:
            if slot.role in roles:
                names = "; ".join(self.codes.get(code, code) for code in slot.codes)
                parts.append(f"{slot.wording} [{names}]" if slot.wording and names else slot.wording or names)
        return "; ".join(filter(None, parts))

    def table(self, document: Any, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = document.add_table(rows=1, cols=len(header))
        table.style = "Table Grid"
        for cell, text in zip(table.rows[0].cells, header, strict=True):
            cell.text = ""
            cell.paragraphs[0].add_run(text).bold = True
        self.repeat_header(table)
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = self.clean(text)
        document.add_paragraph()

    def repeat_header(self, table: Any) -> None:
        """Mark the first row as a header, for screen readers and for tables that run over a page."""
        table.rows[0]._tr.get_or_add_trPr().append(import_module("docx.oxml").OxmlElement("w:tblHeader"))

    def clean(self, text: str) -> str:
        if is_holdable(text):
            return text
        self.ledger.change(
            "text", first_characters(text, 60), "holds a control character that Word cannot hold; it was left out"
        )
        return "".join(character for character in text if is_holdable(character))


_COLUMNS: Final = (
    ("context", "if", "intervention", "strategy", "actor"),
    ("resource",),
    ("reasoning", "because"),
    ("outcome", "then"),
)


# --- as a kind of file --------------------------------------------------------------------------------------------


def _write(coding: Coding, path: Path, how: HowToWrite) -> ExchangeReport:
    tables = None if how.tables is None else how.tables()
    return write_docx(coding, path, title=how.title, tables=tables, overwrite=how.overwrite)


FORMATS: Final = (Format("docx", "Word document", "configurations with their evidence", write=_write),)
