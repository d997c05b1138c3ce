"""The one gate for consent: whose words an extract holds, what of a coding may be shown, what stands in its place."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.realist.documents.speakers import Turn, turns
from cop_analysis.realist.model.check import MASK, holds_quote
from cop_analysis.realist.model.coding import Coding
from cop_analysis.realist.model.markup import html_text
from cop_analysis.realist.model.records import COLLECTIONS, Extract, Foreign, Question, Validation
from cop_analysis.results import count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study


WITHHELD: Final = "[withheld: no consent]"
"""What stands in the place of words that are not shown."""

REPEATED: Final = 6
"""So many words in a row that a memo shares with withheld speech are taken for a quotation of it."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class _Speech:
    """A document of which somebody refused: its turns, and those withheld by their place in the document."""

    text: str
    turns: tuple[Turn, ...]
    withheld: frozenset[int]


@dataclass
class Consent:
    """Says of each turn and each extract whether its words may be shown.

    A turn is withheld where its label names somebody who refused; where it has no label, or the labels of the document
    do not name everybody who refused, it is withheld unless its label names somebody else, because it may be theirs.
    An extract is withheld where it reaches into such a turn, or where its place in the document is not known.

    Parameters
    ----------
    study : Study
        Its people.csv says who refused (``no`` or ``withdrawn``), its documents.csv who is in which document.
    coding : Coding

    Examples
    --------
    >>> from cop_analysis.realist.model import Snapshot
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
    >>> Consent(study, Coding(Snapshot("demo"))).refused
    frozenset()
    """

    study: Study
    coding: Coding
    _documents: dict[str, _Speech | None] = field(default_factory=dict, init=False)

    @cached_property
    def refused(self) -> frozenset[str]:
        """The people whose consent is ``no`` or ``withdrawn``."""
        from cop_analysis.study.consent import refusing

        people = self.study.people
        return frozenset() if people is None else frozenset(refusing({"people": people}).astype(str))

    @cached_property
    def _listed(self) -> tuple[str, ...]:
        people = self.study.people
        return () if people is None else tuple(people["person"].astype(str))

    @cached_property
    def _people(self) -> dict[str, tuple[str, ...]]:
        return document_people(self.study)

    def withholds_turn(self, document: str, turn: Turn) -> bool:
        """Say whether what is said in a turn must not be shown."""
        speech = self._speech(document)
        return speech is not None and turn.start in speech.withheld

    def withholds(self, extract: Extract) -> bool:
        """Say whether the words of an extract must not be shown."""
        speech = self._speech(extract.document)
        if speech is None:
            return False
        stands = extract.placed and holds_quote(speech.text, extract)
        reached = turns_reached(speech.turns, extract) if stands else ()
        return not reached or any(turn.start in speech.withheld for turn in reached)

    def caveat(self, extracts: Iterable[Extract]) -> tuple[str, ...]:
        """Say how many of these extracts are counted and not quoted; nothing where all are."""
        count = len({one.id for one in extracts if self.withholds(one)})
        if not count:
            return ()
        passages = "1 extract is" if count == 1 else f"{count:,} extracts are"
        return (
            f"{passages} counted and not quoted: the speaker, or somebody who may be, did not consent or withdrew.",
        )

    def quote_html(self, extract: Extract, words: str) -> str:
        """Write as much of an extract as a page shows as a quote, or say that it is withheld."""
        return f"<em>{WITHHELD}</em>" if self.withholds(extract) else f"<q>{html_text(words)}</q>"

    def masked_text(self, document: str) -> tuple[str, bool]:
        """Give a document's text with █ for every character of withheld speech, and whether there is any."""
        speech = self._speech(document)
        if speech is None or not speech.withheld:
            return "", False
        parts, at = [], 0
        for turn in speech.turns:
            if turn.start in speech.withheld:
                said = speech.text[turn.speech_start : turn.end]
                parts += [speech.text[at : turn.speech_start], re.sub(r"\S", MASK, said)]
                at = turn.end
        return "".join([*parts, speech.text[at:]]), True

    @cached_property
    def _aliases(self) -> dict[str, str]:
        from cop_analysis.study.consent import aliases

        people = self.study.people
        return {} if people is None else aliases({"people": people})

    def unnamed(self, text: str) -> str:
        """Take the pseudonyms of people who refused out of a text."""
        from cop_analysis.study.consent import unnamed

        return unnamed(text, self._aliases)

    def told(self, who: str, text: str) -> str:
        """Give what somebody is noted to have said outside the transcripts, `who` being words about them."""
        words = [who, *(one.strip("()[],;:.") for one in who.split())]
        return WITHHELD if text.strip() and self.refused.intersection(words) else self.clean(text)

    def clean(self, text: str) -> str:
        """Take out of the team's own text what it quotes of withheld speech, `REPEATED` words in a row or more.

        A withheld extract of fewer words, but at least three, is taken out where it stands whole.
        """
        if not self.refused or not text.strip() or not self._runs:
            return text
        found = list(_WORD.finditer(text))
        words = [one[0].casefold() for one in found]
        spans: list[tuple[int, int]] = []
        for first in range(len(words)):
            lengths = [size for size in self._runs if tuple(words[first : first + size]) in self._runs[size]]
            if lengths:
                spans.append((first, first + max(lengths)))
        parts, at = [], 0
        for first, last in _merged(spans):
            parts += [text[at : found[first].start()], WITHHELD]
            at = found[last - 1].end()
        return "".join([*parts, text[at:]])

    @cached_property
    def _runs(self) -> dict[int, set[tuple[str, ...]]]:
        """The runs of words that are withheld, by their length."""
        runs: dict[int, set[tuple[str, ...]]] = defaultdict(set)

        def keep(said: str) -> None:
            words = tuple(_WORD.findall(said.casefold()))
            for first in range(len(words) - REPEATED + 1):
                runs[REPEATED].add(words[first : first + REPEATED])

        for document in self.coding.snapshot.documents:
            speech = self._speech(document.id)
            for turn in speech.turns if speech is not None else ():
                if speech is not None and turn.start in speech.withheld:
                    keep(speech.text[turn.speech_start : turn.end])
        for extract in self.coding.snapshot.extracts:
            if self.withholds(extract):
                keep(extract.quote)
                words = tuple(_WORD.findall(extract.quote.casefold()))
                if 3 <= len(words) < REPEATED:
                    runs[len(words)].add(words)
        return dict(runs)

    def _speech(self, document: str) -> _Speech | None:
        """Give a document's turns where somebody in it refused; None where nobody did."""
        if not self.refused:
            return None
        if document not in self._documents:
            self._documents[document] = self._read(document)
        return self._documents[document]

    def _read(self, document: str) -> _Speech | None:
        there = self._people.get(document, ())
        known = next((one for one in self.coding.snapshot.documents if one.id == document), None)
        text = None if known is None else document_text(self.coding, document)
        here = () if known is None or text is None else turns(text, known.speakers)
        everybody = (*there, *self._listed)
        named = [person_named(turn.speaker, everybody) for turn in here]
        refusing = self.refused.intersection((*there, *(one for one in named if one is not None)))
        if not refusing:
            return None
        all_named = refusing <= set(named)
        withheld = frozenset(
            turn.start
            for turn, person in zip(here, named, strict=True)
            if person in self.refused or (person is None and not (turn.speaker and all_named))
        )
        return _Speech(text or "", here, withheld)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


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
                *kept["documents"][:at],
                replace(kept["documents"][at], sha256=digest),
                *kept["documents"][at + 1 :],
            )

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


def document_text(coding: Coding, document: str) -> str | None:
    """Give the text of a document, or None where its file cannot be read (`check_coding` says why)."""
    try:
        return coding.text(document)
    except Exception:
        return None


def document_people(study: Study) -> dict[str, tuple[str, ...]]:
    """Give for each document of documents.csv the people it holds, in the order they are written there."""
    if study.documents is None:
        return {}
    cells = study.documents[["document", "people"]].itertuples(index=False, name=None)
    return {
        str(document): tuple(part.strip() for part in people.split(";") if part.strip())
        for document, people in cells
        if isinstance(people, str)
    }


def organisations_of_people(study: Study) -> dict[str, str]:
    """Give the organisation of each person of people.csv that has one."""
    if study.people is None:
        return {}
    cells = study.people[["person", "organisation"]].itertuples(index=False, name=None)
    return {str(person): organisation for person, organisation in cells if isinstance(organisation, str)}


@dataclass(frozen=True)
class Voice:
    """Whose words an extract holds.

    `turn` is 0 and `speaker` empty where the transcript does not say; `person` is None in a group whose speaker is
    not named, and `organisations` then holds those of all who were there.
    """

    turn: int
    speaker: str
    person: str | None
    organisations: tuple[str, ...]


def voices(study: Study) -> dict[str, Voice]:
    """Say for each extract, by its identifier, whose voice it is.

    The person is the first whom a speaker's label names among the turns the extract reaches into. Where no label of
    the document names a person of it, a document with one person is taken to be theirs.

    Parameters
    ----------
    study : Study
        With a coding; without one there are no voices.
    """
    coding = study.coding
    if coding is None:
        return {}
    people_of, organisation_of = document_people(study), organisations_of_people(study)
    known: dict[str, tuple[Turn, ...]] = {}
    are_labelled: dict[str, bool] = {}
    for document in coding.snapshot.documents:
        text = document_text(coding, document.id)
        known[document.id] = () if text is None else turns(text, document.speakers)
        there = people_of.get(document.id, ())
        are_labelled[document.id] = any(person_named(turn.speaker, there) for turn in known[document.id])
    found = {}
    for extract in coding.snapshot.extracts:
        there = people_of.get(extract.document, ())
        reached = turns_reached(known.get(extract.document, ()), extract) if extract.placed else ()
        named = ((turn, person) for turn in reached if (person := person_named(turn.speaker, there)) is not None)
        turn, person = next(named, (reached[0] if reached else None, None))
        if person is None and len(there) == 1 and not are_labelled.get(extract.document, False):
            person = there[0]
        heard = (person,) if person is not None else there
        organisations = tuple(dict.fromkeys(organisation_of[one] for one in heard if one in organisation_of))
        number, speaker = (turn.number, turn.speaker) if turn is not None else (0, "")
        found[extract.id] = Voice(number, speaker, person, organisations)
    return found


def person_named(label: str, people: tuple[str, ...]) -> str | None:
    """Give the person a speaker's label names: the label itself or its first word, as in "P07 (nurse)"."""
    words = label.split()
    return next((one for one in (label, words[0].strip("()[],") if words else "") if one in people), None)


def turns_reached(here: tuple[Turn, ...], extract: Extract) -> tuple[Turn, ...]:
    """Give the turns an extract reaches into."""
    first = bisect_right(here, extract.start, key=lambda turn: turn.end)
    last = bisect_left(here, extract.end, key=lambda turn: turn.start)
    return here[first:last]


def sources_of_voices(study: Study) -> tuple[str, ...]:
    """Name the files that say whose voice an extract is."""
    tables = (("documents.csv", study.documents), ("people.csv", study.people))
    return ("coding.json", *(name for name, table in tables if table is not None))
