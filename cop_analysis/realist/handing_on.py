"""What of a coding may leave the team: words of people who did not consent or withdrew are masked in every record.

The one gate below everything that writes a file for somebody else. A writer asks here before it writes anything, so
that no format and no command can forget to. The study's own working files (`coding.json`, the database, the log) are
not handed on: they keep what was coded until it is erased.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cop_analysis.realist.check import MASK
from cop_analysis.realist.consent import Consent
from cop_analysis.realist.model import COLLECTIONS, Coding, Extract, Foreign, Question, Validation
from cop_analysis.results import count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_AS_THEY_ARE = frozenset({
    "id", "document", "code", "coder", "created", "sha256", "file", "parent", "colour", "target", "extract",
    "configuration", "speakers", "quote", "prefix", "suffix",
})  # fmt: skip
"""Fields that name a record or a place, and those of an extract that are masked by their place."""


def handed_on(coding: Coding, study: Study | None = None) -> Coding:
    """Give a coding as it may be handed to somebody else.

    Parameters
    ----------
    coding : Coding
    study : Study, optional
        Whose people.csv says who refused; without it the study the coding was opened with. A coding that was opened
        without a study knows of nobody who refused and is given as it is.

    Returns
    -------
    Coding
        Texts, quotes and the words around quotes have █ for every character of withheld speech, at the same length, so
        that every place stays where it is; the team's own texts have `[withheld: no consent]` where they quote it;
        files and elements another program kept of a document that holds withheld speech are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from cop_analysis.realist.model import Code, Coder, Document, Snapshot
    >>> from cop_analysis.study import Study
    >>> text = "P01: I rang her.\\n\\nP02: I never did."
    >>> snapshot = Snapshot("demo", (Coder("a"),), (Document("D1", "documents/D1.txt"),), (Code("c1", "Trust"),),
    ...                     (Extract("x1", "D1", 23, 35, "I never did.", "c1", "a"),))
    >>> study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     people=pd.DataFrame({"person": ["P01", "P02"], "consent": ["yes", "withdrawn"]}),
    ...     documents=pd.DataFrame({"document": ["D1"], "file": ["D1.txt"], "people": ["P01; P02"]}))
    >>> shared = handed_on(Coding(snapshot, {"D1": text}.__getitem__), study)
    >>> shared.extracts.loc[0, "quote"], shared.text("D1")
    ('█ █████ ████', 'P01: I rang her.\\n\\nP02: █ █████ ████')
    """
    of = study if study is not None else getattr(coding, "_study", None)
    if of is None:
        return coding
    consent = Consent(of, coding)
    if not consent.refused:
        return coding
    texts = {one.id: consent.masked_text(one.id) for one in coding.snapshot.documents}
    held = frozenset(document for document, (_, is_masked) in texts.items() if is_masked)
    kept: dict[str, Any] = {}
    for name in COLLECTIONS.values():
        records = (
            one for one in getattr(coding.snapshot, name) if not (isinstance(one, Foreign) and _holds(one, held))
        )
        kept[name] = tuple(_masked(one, consent, texts) for one in records)
    for at, document in enumerate(coding.snapshot.documents):
        text, is_masked = texts[document.id]
        if is_masked:
            digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            kept["documents"] = (
                *kept["documents"][:at], replace(kept["documents"][at], sha256=digest), *kept["documents"][at + 1 :]
            )  # fmt: skip

    def read_text(document: str) -> str:
        text, is_masked = texts[document]
        return text if is_masked else coding.text(document)

    return Coding(replace(coding.snapshot, **kept), read_text, coding.read_file)


def coding_shown(study: Study, coding: Coding | None = None) -> Coding | None:
    """Give a study's coding as pages may show the team's own texts: without what they quote of withheld speech.

    Quotes and transcripts stay whole in it, because a page asks `Consent` of each and says where it withholds one.

    Parameters
    ----------
    study : Study
    coding : Coding, optional
        A part of the study's coding, or a state of it; without it all of it.

    Returns
    -------
    Coding or None
        The study's own coding where nobody refused; None where the study has none.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> coding_shown(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})) is None
    True
    """
    coding = study.coding if coding is None else coding
    if coding is None:
        return None
    consent = Consent(study, coding)
    if not consent.refused:
        return coding
    kept: dict[str, Any] = {
        name: tuple(_cleaned(one, consent) for one in getattr(coding.snapshot, name)) for name in COLLECTIONS.values()
    }
    return Coding(replace(coding.snapshot, **kept), coding.text, coding.read_file)


def withheld_words(coding: Coding, study: Study | None = None) -> str:
    """Say what a file for somebody else leaves out for want of consent; empty where nothing is.

    Examples
    --------
    >>> from cop_analysis.realist.model import Snapshot
    >>> withheld_words(Coding(Snapshot("demo")))
    ''
    """
    number = _withheld(coding, study)
    if not number:
        return ""
    extracts = count_of(number, "extract")
    return f"The words of {extracts} are masked (█): the speaker, or who may be, did not consent or withdrew."


def kept_words(coding: Coding, study: Study | None = None) -> str:
    """Say that a working file keeps the words of people who refused; empty where it keeps none.

    Examples
    --------
    >>> from cop_analysis.realist.model import Snapshot
    >>> kept_words(Coding(Snapshot("demo")))
    ''
    """
    number = _withheld(coding, study)
    if not number:
        return ""
    return (
        f"this is a working file: it holds {count_of(number, 'extract')} of people who did not consent or withdrew. "
        "Keep it in the team; cop export masks their words, cop coding erase takes them out for good."
    )


def _withheld(coding: Coding, study: Study | None) -> int:
    of = study if study is not None else getattr(coding, "_study", None)
    if of is None:
        return 0
    consent = Consent(of, coding)
    return sum(consent.withholds(one) for one in coding.snapshot.extracts)


def _holds(one: Foreign, held: frozenset[str]) -> bool:
    return bool(held.intersection(one.documents))


def _masked(record: Any, consent: Consent, texts: dict[str, tuple[str, bool]]) -> Any:
    record, changed = _cleaned(record, consent), {}
    if isinstance(record, Extract):
        text, is_masked = texts.get(record.document, ("", False))
        if consent.withholds(record):
            changed["quote"] = re.sub(r"\S", MASK, record.quote)
        if is_masked or consent.withholds(record):
            # The words around a quote may be somebody else's: they are taken from the masked text, or not at all.
            there = record.placed and 0 <= record.start < record.end <= len(text)
            changed["prefix"] = text[max(0, record.start - len(record.prefix)) : record.start] if there else ""
            changed["suffix"] = text[record.end : record.end + len(record.suffix)] if there else ""
    return replace(record, **changed)


def _cleaned(record: Any, consent: Consent) -> Any:
    changed = {one.name: _clean(getattr(record, one.name), one.name, consent) for one in fields(record)}
    if isinstance(record, Validation):
        changed["comment"] = consent.told(record.who, record.comment)
        changed["statement"] = consent.clean(record.statement)
        changed["who"] = consent.unnamed(changed["who"])
    if isinstance(record, Question):
        changed["whom"] = consent.unnamed(changed["whom"])
    return replace(record, **changed)


def _clean(value: Any, name: str, consent: Consent) -> Any:
    if name in _AS_THEY_ARE:
        return value
    if isinstance(value, str):
        return consent.clean(value)
    if isinstance(value, tuple):
        return tuple(_clean(one, name, consent) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        inside = {one.name: _clean(getattr(value, one.name), one.name, consent) for one in fields(value)}
        return replace(value, **inside)
    return value
