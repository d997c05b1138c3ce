"""Gaps in the theory as findings: what each configuration still lacks, and what to ask whom next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.configurations import Gap, ground_of
from cop_analysis.realist.model.consent import document_people, organisations_of_people, sources_of_voices
from cop_analysis.realist.pages import words
from cop_analysis.results import SECONDARY, Headline, Result
from cop_analysis.results.pages import Opening, from_files

if TYPE_CHECKING:
    from cop_analysis.realist.pages.opened import Coded
    from cop_analysis.study import Study


@dataclass(frozen=True)
class _Field:
    """Who could still be asked: the people of each organisation who are in no document yet."""

    organisations: dict[str, str]
    unheard: dict[str, list[str]]

    def to_ask(self, gap: Gap, heard: Sequence[str]) -> list[str]:
        """Name the organisations whose people could fill a gap, those not heard yet first where that matters."""
        outside = [name for name in dict.fromkeys(self.organisations.values()) if name not in heard]
        if gap in ("no extract", "not fully stated"):
            return self._ranked(self.unheard)
        return self._ranked(outside if outside or gap == "one organisation's voice only" else self.unheard)

    def _ranked(self, names: Iterable[str]) -> list[str]:
        """Put most people still to be asked first, so that an interview is likely to come about."""
        return sorted(names, key=lambda name: (-len(self.unheard.get(name, ())), name))


def gaps(of: Coded, opening: Opening) -> Result:
    """List what each configuration lacks and say what to ask whom next."""
    study, coding = of.study, of.coding
    configurations = coding.snapshot.configurations
    field = _field(study)
    heard_in = {extract: voice.organisations for extract, voice in of.voices.items()}
    rows = []
    for one in configurations:
        ground = ground_of(one, of.evidence.get(one.id, ()), coding, heard_in)
        for gap in ground.gaps(len(set(field.organisations.values()))):
            whom = words.whom_to_ask(field.to_ask(gap, ground.organisations), field.unheard)
            rows.append((one.id, one.label, gap, words.of_gap(gap, one, ground), words.to_ask(gap, one, ground), whom))
    table = pd.DataFrame(rows, columns=["configuration", "label", "gap", "found", "ask", "whom"])
    complete = len(configurations) - table["configuration"].nunique()
    return Result(
        **from_files(opening, *sources_of_voices(study)),
        sentence=words.of_gaps(table, len(configurations), complete),
        table=table,
        headline=Headline(
            "configurations without a gap",
            f"{complete} of {len(configurations)}",
            "a count, not an estimate",
            SECONDARY,
        ),
        caveats=(
            words.NOT_LINKED,
            words.WHO_IS_NAMED,
        ),
        method="A configuration has a gap when it has no extract; evidence from one document; evidence from one "
        "organisation; no refuting extract; no extract that refutes or refines its outcome, which is where an account "
        "of the mechanism not firing stands; or a role that is not filled.",
    )


def _field(study: Study) -> _Field:
    organisations = organisations_of_people(study)
    interviewed = {person for people in document_people(study).values() for person in people}
    not_to_ask = _may_not_be_asked(study)
    unheard: dict[str, list[str]] = {}
    for person, organisation in organisations.items():
        if person not in interviewed and person not in not_to_ask:
            unheard.setdefault(organisation, []).append(person)
    return _Field(organisations, unheard)


def _may_not_be_asked(study: Study) -> set[str]:
    """Name the people who did not consent, withdrew or left."""
    from cop_analysis.study.consent import refusing

    people = study.people
    if people is None:
        return set()
    return {*refusing({"people": people}), *people.loc[people["left"].notna(), "person"]}
