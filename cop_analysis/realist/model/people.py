"""Whose words an extract holds: the turn it stands in, its speaker, the person and organisation; nothing is drawn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cop_analysis.realist.documents.speakers import Turn, turns
from cop_analysis.realist.model.coding import Coding
from cop_analysis.realist.model.records import Extract

if TYPE_CHECKING:
    from cop_analysis.study import Study


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
