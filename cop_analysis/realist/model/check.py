"""Whether a coding is sound: references, quotes in their places, words of the field, and theory work."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cop_analysis.files import MOST_CODING, FileRefusedError, read_file
from cop_analysis.realist.model import vocabulary
from cop_analysis.realist.model.foreign import faults_of
from cop_analysis.realist.model.json_form import FILE, Parsed, meant, parse
from cop_analysis.realist.model.records import (
    COLLECTIONS,
    Configuration,
    Decision,
    Document,
    Extract,
    Measure,
    Memo,
    Snapshot,
)
from cop_analysis.results import count_of
from cop_analysis.study.faults import Fault

if TYPE_CHECKING:
    from cop_analysis.study import Study


_SHOWN = 3

MASK = "█"
"""Written over each character of a name that was taken out of a quote, so that the quote keeps its length."""

CONTEXT_LENGTH = 32
"""How many characters before and after an extract are kept with it, at most."""


def check_coding(folder_or_path: Path | str, study: Study | None = None) -> list[Fault]:
    """List everything that is wrong with a coding.json, at once.

    Parameters
    ----------
    folder_or_path : path
        A study folder, or a coding file itself.
    study : Study, optional
        The study it belongs to. With it, the quotes are compared with the documents and the measures with the
        study's instruments, relations, rating items and event series.

    Returns
    -------
    list of Fault
        Empty when all is well, or when the folder holds no coding.json.

    Examples
    --------
    >>> check_coding(Path("no-such-study"))
    []
    """
    path = Path(folder_or_path)
    if path.name != FILE and (path.is_dir() or path.suffix.lower() != ".json"):
        path = path / FILE
    if not os.path.lexists(path):
        return []
    try:
        parsed = parse(read_file(path, most=MOST_CODING, inside=path.parent))
    except FileRefusedError as refused:
        return [Fault(FILE, None, "", "", refused.rule, refused.remedy)]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        fix = "close it in other programs and check that you may read it"
        return [Fault(FILE, None, "", "", f"the file cannot be read ({reason})", fix)]
    if parsed.snapshot is not None:
        check_references(parsed.snapshot, parsed)
        if study is not None:
            check_against_study(parsed.snapshot, study, parsed)
    return parsed.faults


def check_references(snapshot: Snapshot, parsed: Parsed) -> None:
    """Add to `parsed` what is wrong among the records themselves: references, ranges, roles, ancestors."""
    known = {
        name: parsed.identifiers.get(name, set()) | {record.id for record in getattr(snapshot, name)}
        for name in COLLECTIONS.values()
    }

    def refer(where: str, identifier: str | None, collection: str, record: str) -> None:
        if identifier is not None and identifier not in known[collection]:
            fix = f"name one of them{meant(identifier, known[collection])} or add it"
            parsed.add(where, identifier, f"is not among the {collection}", fix, record=record)

    for code in snapshot.codes:
        refer("codes.parent", code.parent, "codes", code.id)
    _check_ancestors(snapshot, parsed)
    for extract in snapshot.extracts:
        refer("extracts.document", extract.document, "documents", extract.id)
        refer("extracts.code", extract.code, "codes", extract.id)
        refer("extracts.coder", extract.coder, "coders", extract.id)
    _check_ranges(snapshot, parsed)
    for configuration in snapshot.configurations:
        for rival in configuration.rivals:
            refer("configurations.rivals", rival, "configurations", configuration.id)
            if rival == configuration.id:
                parsed.add(
                    "configurations.rivals",
                    rival,
                    "names the configuration itself as its rival",
                    "take it out",
                    record=configuration.id,
                )
        for slot in configuration.slots:
            _check_role("configurations.slots.role", slot.role, configuration, configuration.id, parsed)
            for code_id in slot.codes:
                refer("configurations.slots.codes", code_id, "codes", configuration.id)
        for measure in configuration.measures:
            _check_measure_form(measure, configuration.id, parsed)
    _check_evidence(snapshot, parsed, refer)
    for ripple in snapshot.ripples:
        refer("ripples.from", ripple.source, "configurations", ripple.id)
        refer("ripples.to", ripple.target, "configurations", ripple.id)
        for extract_id in ripple.extracts:
            refer("ripples.extracts", extract_id, "extracts", ripple.id)
    check_theory_work(snapshot, parsed, refer)
    for foreign in snapshot.foreign:
        for document_id in foreign.documents:
            refer("foreign.documents", document_id, "documents", foreign.id)
        for what, rule in faults_of(foreign)[:_SHOWN]:
            parsed.add(
                "foreign.parts", what, rule, "restore it from the project it came from, or delete it", record=foreign.id
            )


def check_against_study(snapshot: Snapshot, study: Study, parsed: Parsed) -> None:
    """Add to `parsed` what the study contradicts: another study's coding, changed documents, measures of nothing."""
    if snapshot.study and snapshot.study != study.key:
        parsed.add(
            "study",
            snapshot.study,
            f"is not this study, which is {study.key}",
            "put the coding in its own study's folder, or correct the key",
        )
    _check_measure_targets(snapshot, study, parsed)
    extracts: dict[str, list[Extract]] = defaultdict(list)
    for extract in snapshot.extracts:
        extracts[extract.document].append(extract)
    for document in snapshot.documents:
        _check_document(document, extracts[document.id], study, parsed)
    _check_speakers(snapshot, study, parsed)


def _check_speakers(snapshot: Snapshot, study: Study, parsed: Parsed) -> None:
    """Say where speakers.csv was settled otherwise after a document was coded, which changes nothing in the coding."""
    from cop_analysis.realist.documents.pieces import DocumentError
    from cop_analysis.realist.documents.speakers import FILE as ANSWERS
    from cop_analysis.realist.documents.speakers import answered_since

    if study.folder is None:
        return
    try:
        since = answered_since(study.folder, {one.id: one.speakers for one in snapshot.documents})
    except (DocumentError, OSError):
        # Whoever brings a transcript in is told what is wrong with that file.
        return
    for document, labels in since.items():
        parsed.add(
            "documents.speakers",
            ", ".join(labels[:_SHOWN]) + (" and others" if len(labels) > _SHOWN else ""),
            f"{'stand' if len(labels) > 1 else 'stands'} otherwise in {ANSWERS} than in the coding, which keeps the "
            f"speakers it had when {document} was coded",
            "leave it, or correct the labels in the text and carry the coding over: cop coding replace STUDY "
            f"{document}",
            record=document,
            severity="notice",
        )


def where_quote_stands(text: str, quote: str) -> int | None:
    """Give the place where a quote stands in a text if it stands there exactly once, else None.

    Examples
    --------
    >>> where_quote_stands("We met. We talked.", "We talked"), where_quote_stands("We met. We talked.", "We")
    (8, None)
    """
    first = text.find(quote) if quote else -1
    return first if first >= 0 and text.find(quote, first + 1) < 0 else None


def holds_quote(text: str, extract: Extract) -> bool:
    """Say whether a text holds an extract's quote at its range; a masked character (█) stands for any other.

    Examples
    --------
    >>> told = Extract("x1", "D01", 0, 8, "███ told", "c1", "a")
    >>> holds_quote("Ola told us.", told), holds_quote("Ola said us.", told), holds_quote("Ol told us.", told)
    (True, False, False)
    """
    there = text[extract.start : extract.end] if extract.start >= 0 else ""
    if there == extract.quote:
        return True
    return (
        MASK in extract.quote
        and len(there) == len(extract.quote)
        and all(said in (MASK, one) for said, one in zip(extract.quote, there, strict=True))
    )


# --- the parts -----------------------------------------------------------------------------------------------------


def _check_ancestors(snapshot: Snapshot, parsed: Parsed) -> None:
    parents = {code.id: code.parent for code in snapshot.codes}
    settled: set[str] = set()
    for start in parents:
        path: list[str] = []
        step: str | None = start
        while step is not None and step in parents and step not in settled and step not in path:
            path.append(step)
            step = parents[step]
        if step in path:
            circle = path[path.index(step) :]
            chain = " > ".join([*circle[:10], *(["..."] if len(circle) > 10 else []), circle[0]])
            parsed.add(
                "codes.parent",
                chain,
                "makes a code its own ancestor",
                "give one of these codes another parent, or null",
                record=circle[0],
            )
        settled.update(path)


def _check_ranges(snapshot: Snapshot, parsed: Parsed) -> None:
    lengths = {document.id: document.length for document in snapshot.documents}
    seen: dict[tuple[str, int, int, str, str], str] = {}
    for extract in snapshot.extracts:
        shown = f"{extract.start} to {extract.end}"
        length = lengths.get(extract.document)
        if extract.start >= extract.end:
            parsed.add("extracts.start", shown, "is an empty range", "select the passage again", record=extract.id)
        elif extract.placed and length is not None and extract.end > length:
            fix = f"select the passage again: the document holds {length} characters"
            parsed.add("extracts.end", shown, "runs past the end of its document", fix, record=extract.id)
        elif len(extract.quote) != extract.end - extract.start:
            parsed.add(
                "extracts.quote",
                extract.quote,
                "is not as long as its range",
                f"correct the quote ({len(extract.quote)} characters) or the range ({extract.end - extract.start})",
                record=extract.id,
            )
        elif not extract.quote.strip():
            parsed.add(
                "extracts.quote", shown, "holds nothing but blanks", "select the passage again", record=extract.id
            )
        check_moment("extracts.created", extract.created, extract.id, parsed)
        key = (extract.document, extract.start, extract.end, extract.code, extract.coder)
        if key in seen:
            parsed.add(
                "extracts.code",
                extract.code,
                "was given twice to one passage by one coder",
                f"delete this extract or {seen[key]}",
                record=extract.id,
                severity="notice",
            )
        seen.setdefault(key, extract.id)


def _check_role(where: str, role: str, configuration: Configuration, record: str, parsed: Parsed) -> None:
    schema = vocabulary.SCHEMAS.get(configuration.schema)
    if schema is not None and schema.role(role) is None:
        roles = [one.key for one in schema.roles]
        fix = f"write one of {', '.join(roles)}{meant(role, roles)}"
        parsed.add(where, role, f"is not a role of the schema {schema.name}", fix, record=record)


def _check_measure_form(measure: Measure, record: str, parsed: Parsed) -> None:
    needed = vocabulary.MEASURE_FIELDS.get(measure.kind)
    if needed is None:
        return
    for name in ("instrument", "item", "relation", "measure", "series"):
        value = getattr(measure, name)
        if name in needed and not value:
            parsed.add(
                f"configurations.measures.{name}",
                measure.kind,
                f"does not say which {name} is meant",
                f'write "{name}"',
                record=record,
            )
        elif name not in needed and value is not None:
            parsed.add(
                f"configurations.measures.{name}",
                value,
                f"means nothing for a {measure.kind}",
                f"remove the key; a {measure.kind} names {', '.join(needed)}",
                record=record,
            )
    if measure.kind == "network" and measure.measure and measure.measure not in vocabulary.NETWORK_MEASURES:
        parsed.add(
            "configurations.measures.measure",
            measure.measure,
            "is no measure of a network",
            f"write one of {', '.join(vocabulary.NETWORK_MEASURES)}"
            f"{meant(measure.measure, vocabulary.NETWORK_MEASURES)}",
            record=record,
        )


def _check_evidence(snapshot: Snapshot, parsed: Parsed, refer: Callable[[str, str | None, str, str], None]) -> None:
    configurations = {configuration.id: configuration for configuration in snapshot.configurations}
    seen: dict[tuple[str, str, str | None], str] = {}
    for link in snapshot.evidence:
        refer("evidence.extract", link.extract, "extracts", link.id)
        refer("evidence.configuration", link.configuration, "configurations", link.id)
        refer("evidence.coder", link.coder, "coders", link.id)
        check_moment("evidence.created", link.created, link.id, parsed)
        if link.slot is not None and link.configuration in configurations:
            _check_role("evidence.slot", link.slot, configurations[link.configuration], link.id, parsed)
        key = (link.extract, link.configuration, link.slot)
        if key in seen:
            parsed.add(
                "evidence.extract",
                link.extract,
                "is linked twice to one slot of one configuration",
                f"delete this link or {seen[key]}",
                record=link.id,
                severity="notice",
            )
        seen.setdefault(key, link.id)


def _check_measure_targets(snapshot: Snapshot, study: Study, parsed: Parsed) -> None:
    """Note, each once, what measures point at and the study does not have.

    It is no fault: configurations may come before what they are compared with, as in a project that is brought in
    before its survey. The pages say beside each what is missing.
    """
    missing: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for configuration in snapshot.configurations:
        for measure in configuration.measures:
            for found in _missing_targets(measure, study):
                missing[found].append(configuration.id)
    for (name, value, fix), records in missing.items():
        named = ", ".join(dict.fromkeys(records))
        parsed.add(
            f"configurations.measures.{name}",
            value,
            f"points at no {name} of the study, so nothing can stand beside the quotes of {named}",
            fix,
            row=parsed.line(records[0]),
            severity="notice",
        )


def _missing_targets(measure: Measure, study: Study) -> Iterator[tuple[str, str, str]]:
    """Give what a measure points at and is not there: its field, its value, and what to do."""

    def look(name: str, known: Iterable[str], where_kept: str) -> Iterator[tuple[str, str, str]]:
        value, choices = getattr(measure, name), list(known)
        if value and value not in choices:
            yield name, value, f"add it to {where_kept}, or name one that is there{meant(value, choices)}"

    if measure.kind in ("survey_item", "survey_scale"):
        instruments = {one.key: one for one in study.instruments}
        yield from look("instrument", instruments, "study.toml")
        if measure.kind == "survey_item" and measure.instrument in instruments:
            yield from look("item", [item.key for item in instruments[measure.instrument].items], "its instrument")
    elif measure.kind == "rating_item":
        yield from look("item", [item.key for item in study.rating_items], "study.toml")
    elif measure.kind == "network":
        relations = {relation.key for relation in study.config.relations}
        if study.ties is not None:
            relations |= set(study.ties["relation"].dropna())
        yield from look("relation", sorted(relations), "study.toml")
    elif measure.kind == "event_series" and study.period is None:
        series = [] if study.events is None else sorted(set(study.events["series"].dropna()))
        yield from look("series", series, "events.csv")


def _check_document(document: Document, extracts: list[Extract], study: Study, parsed: Parsed) -> None:
    try:
        text = study.read_document(document.id)
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        parsed.add(
            "documents.file",
            document.file,
            f"cannot be read ({reason})",
            "put the document back, or correct documents.csv",
            record=document.id,
        )
        return
    changed = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != document.sha256.lower()
    if changed:
        placed = [extract for extract in extracts if extract.placed]
        fallen = sum(not holds_quote(text, extract) for extract in placed)
        parsed.add(
            "documents.sha256",
            document.file,
            "is not the text that was coded: it was changed since"
            + (f", and of its {count_of(len(placed), 'extract')} {fallen:,} must be placed anew" if fallen else ""),
            "restore the text, or carry the coding over with the button of the coding panel or with: "
            f"cop coding replace STUDY {document.id}",
            record=document.id,
        )
    elif document.length != len(text):
        parsed.add(
            "documents.length",
            document.length,
            "is not the length of the document",
            f"write {len(text)}",
            record=document.id,
        )
    for extract in extracts:
        if not extract.placed:
            parsed.add(
                "extracts.placed",
                extract.quote,
                "has not been found again in its corrected document",
                "select the passage in the document as it is now, or delete the extract",
                record=extract.id,
                severity="notice",
            )
            continue
        # Of a text that was changed, the document is the fault, and what puts it right moves every extract at once.
        if changed or not 0 <= extract.start < extract.end:
            continue
        if not holds_quote(text, extract):
            stands = where_quote_stands(text, extract.quote)
            fix = (
                f"write start {stands} and end {stands + len(extract.quote)}, where the quote now stands"
                if stands is not None
                else "find the passage: the quote stands nowhere in the document"
                if extract.quote not in text
                else "choose the passage: the quote stands in the document more than once"
            )
            parsed.add(
                "extracts.quote", extract.quote, "is not what its document holds at this range", fix, record=extract.id
            )
        elif not (
            text[: extract.start].endswith(extract.prefix)
            and text.startswith(extract.suffix, extract.end)
            and len(extract.prefix) <= CONTEXT_LENGTH
            and len(extract.suffix) <= CONTEXT_LENGTH
        ):
            parsed.add(
                "extracts.prefix",
                extract.quote,
                "does not stand between its prefix and suffix",
                f"keep up to {CONTEXT_LENGTH} characters from each side",
                record=extract.id,
                severity="notice",
            )


Refer = Callable[[str, str | None, str, str], None]
"""Adds a fault where an identifier is not in a collection: place, identifier, collection, record."""


def check_theory_work(snapshot: Snapshot, parsed: Parsed, refer: Refer) -> None:
    """Add what is wrong with theories, questions, validations, memos and decisions, and with what they point at."""
    for theory in snapshot.theories:
        for before in theory.follows:
            refer("theories.follows", before, "theories", theory.id)
        for configuration in theory.configurations:
            refer("theories.configurations", configuration, "configurations", theory.id)
        for link in theory.evidence:
            refer("theories.evidence", link, "evidence", theory.id)
        refer("theories.coder", theory.coder, "coders", theory.id)
        check_moment("theories.created", theory.created, theory.id, parsed)
        if theory.stage != "initial" and not theory.follows:
            parsed.add(
                "theories.follows",
                theory.stage,
                "says that it came out of an earlier version and names none",
                'name it under "follows"',
                record=theory.id,
                severity="notice",
            )
        if theory.follows and not theory.reason.strip():
            parsed.add(
                "theories.reason",
                theory.label,
                "does not say why the theory changed",
                "write the reason of the step",
                record=theory.id,
                severity="notice",
            )
    _check_lineage(snapshot, parsed)
    for question in snapshot.questions:
        for configuration in question.configurations:
            refer("questions.configurations", configuration, "configurations", question.id)
        for version in question.theories:
            refer("questions.theories", version, "theories", question.id)
        for document in question.documents:
            refer("questions.documents", document, "documents", question.id)
        refer("questions.coder", question.coder, "coders", question.id)
        check_moment("questions.created", question.created, question.id, parsed)
        if not question.configurations and not question.theories:
            parsed.add(
                "questions.configurations",
                question.wording,
                "does not say which theory it tests",
                "name a configuration or a version of a theory",
                record=question.id,
                severity="notice",
            )
    for validation in snapshot.validations:
        refer("validations.configuration", validation.configuration, "configurations", validation.id)
        refer("validations.theory", validation.theory, "theories", validation.id)
        refer("validations.document", validation.document, "documents", validation.id)
        for extract in validation.extracts:
            refer("validations.extracts", extract, "extracts", validation.id)
        refer("validations.coder", validation.coder, "coders", validation.id)
        check_moment("validations.created", validation.created, validation.id, parsed)
    for memo in snapshot.memos:
        _check_target("memos", memo, parsed, refer)
        refer("memos.coder", memo.coder, "coders", memo.id)
    for decision in snapshot.decisions:
        _check_target("decisions", decision, parsed, refer)
        for coder in decision.coders:
            refer("decisions.coders", coder, "coders", decision.id)


def check_moment(where: str, moment: str, record: str, parsed: Parsed) -> None:
    """Add a fault where a text that should be a date and time is none; an empty one is no fault."""
    if not moment:
        return
    try:
        datetime.fromisoformat(moment)
        sound = len(moment) >= len("2025-03-02")
    except ValueError:
        sound = False
    if not sound:
        parsed.add(
            where,
            moment,
            "is not a date and time",
            "write it like 2025-03-02T10:00:00Z, or leave it empty",
            record=record,
        )


def _check_target(where: str, one: Memo | Decision, parsed: Parsed, refer: Refer) -> None:
    check_moment(f"{where}.created", one.created, one.id, parsed)
    if (one.about is None) != (one.target is None):
        parsed.add(
            f"{where}.target",
            one.target or one.about,
            "says only half of what it is about",
            "write both about (the kind) and target (the identifier), or neither",
            record=one.id,
        )
    elif one.about is not None and one.about in vocabulary.ABOUT:
        refer(f"{where}.target", one.target, vocabulary.ABOUT[one.about], one.id)


def _check_lineage(snapshot: Snapshot, parsed: Parsed) -> None:
    """Find versions that come out of themselves, by taking away what follows nothing until nothing more can go."""
    known = {one.id for one in snapshot.theories}
    waiting = {one.id: {before for before in one.follows if before in known} for one in snapshot.theories}
    later: dict[str, list[str]] = {}
    for identifier, befores in waiting.items():
        for before in befores:
            later.setdefault(before, []).append(identifier)
    ready = [identifier for identifier, befores in waiting.items() if not befores]
    while ready:
        done = ready.pop()
        del waiting[done]
        for identifier in later.get(done, ()):
            waiting[identifier].discard(done)
            if not waiting[identifier]:
                ready.append(identifier)
    # What is left stands in a circle or behind one; walking back from any of it ends in a circle.
    if waiting:
        path = [min(waiting)]
        while (step := min(waiting[path[-1]])) not in path:
            path.append(step)
        circle = path[path.index(step) :]
        chain = " > ".join([*circle[:10], *(["..."] if len(circle) > 10 else []), circle[0]])
        parsed.add(
            "theories.follows",
            chain,
            "makes a version of a theory come out of itself",
            "take one of these steps out",
            record=circle[0],
        )
