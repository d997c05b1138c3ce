"""Gaps in the theory as findings: what each configuration still lacks, and what to ask whom next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.configurations import unfilled_roles
from cop_analysis.realist.model import Coding, Configuration, Evidence, Extract
from cop_analysis.realist.model.consent import Voice, document_people, organisations_of_people, sources_of_voices
from cop_analysis.realist.model.vocabulary import SCHEMAS
from cop_analysis.realist.pages import words
from cop_analysis.results import SECONDARY, Headline, Result
from cop_analysis.results.pages import Opening, from_files

if TYPE_CHECKING:
    from cop_analysis.realist.pages.opened import Coded
    from cop_analysis.study import Study


_NAMED_AT_MOST = 3


@dataclass(frozen=True)
class _Field:
    """Who could still be asked: the people of each organisation who are in no document yet."""

    organisations: dict[str, str]
    unheard: dict[str, list[str]]

    def outside(self, heard: Iterable[str]) -> str:
        """Name an organisation that has not been heard, with people there who were not interviewed yet."""
        known = set(heard)
        other = [name for name in dict.fromkeys(self.organisations.values()) if name not in known]
        if not other:
            return ""
        # Most people still to be asked first, so that an interview is likely to come about.
        ranked = sorted(other, key=lambda name: (-len(self.unheard.get(name, ())), name))
        return "; ".join(_somebody(name, self.unheard.get(name, ())) for name in ranked[:_NAMED_AT_MOST])

    def anyone(self) -> str:
        """Name those not interviewed yet, wherever they are."""
        ranked = sorted(self.unheard, key=lambda name: (-len(self.unheard[name]), name))
        return "; ".join(_somebody(name, self.unheard[name]) for name in ranked[:_NAMED_AT_MOST])


def gaps(of: Coded, opening: Opening) -> Result:
    """List what each configuration lacks and say what to ask whom next."""
    study, coding = of.study, of.coding
    configurations = coding.snapshot.configurations
    voice, evidence = of.voices, of.evidence
    organisations = organisations_of_people(study)
    interviewed = {person for people in document_people(study).values() for person in people}
    not_to_ask = _may_not_be_asked(study)
    unheard: dict[str, list[str]] = {}
    for person, organisation in organisations.items():
        if person not in interviewed and person not in not_to_ask:
            unheard.setdefault(organisation, []).append(person)
    field = _Field(organisations, unheard)
    rows = [
        (one.id, one.label, *gap)
        for one in configurations
        for gap in _gaps_of(one, evidence.get(one.id, ()), coding, voice, field)
    ]
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
            "That no refuting evidence is linked does not say whether it was looked for.",
            "Whom to ask names people of people.csv who are in no document, did not refuse consent and have not left; "
            "whether they may be approached is for the team to judge.",
        ),
        method="A configuration has a gap when it has no extract; evidence from one document; evidence from one "
        "organisation; no refuting extract; no extract that refutes or refines its outcome, which is where an account "
        "of the mechanism not firing stands; or a role that is not filled.",
    )


def _gaps_of(
    one: Configuration, links: Sequence[Evidence], coding: Coding, voice: dict[str, Voice], field: _Field
) -> list[tuple[str, str, str, str]]:
    about = one.label.rstrip(".")
    found: list[tuple[str, str, str, str]] = []
    extracts = list(dict.fromkeys(link.extract for link in links))
    documents = list(dict.fromkeys(coding.find(Extract, extract).document for extract in extracts))
    heard = list(dict.fromkeys(name for extract in extracts for name in voice[extract].organisations))
    if not extracts:
        found.append(
            ("no extract", words.GAPS["no extract"], _asking(one, "What do you make of this?"), field.anyone())
        )
    else:
        if len(documents) == 1:
            found.append(
                (
                    "one source only",
                    f"{len(extracts)} in {documents[0]}",
                    _asking(one, "Has it been so for you as well?"),
                    field.outside(heard) or field.anyone(),
                )
            )
        if len(heard) == 1 and len(set(field.organisations.values())) > 1:
            found.append(
                (
                    "one organisation's voice only",
                    f"only {heard[0]}",
                    _asking(one, "How is it where you work?"),
                    field.outside(heard),
                )
            )
        if not any(link.stance == "refutes" for link in links):
            found.append(
                (
                    "no refuting evidence",
                    f"{len(extracts)} supporting or refining",
                    _asking(one, "When, or for whom, was it not so?"),
                    field.outside(heard) or field.anyone(),
                )
            )
        if not _tells_of_absence(one, links):
            found.append(
                (
                    "no outcome without the mechanism",
                    words.GAPS["no outcome without the mechanism"],
                    f"What happened where {_mechanism(one, about)} did not come about?",
                    field.outside(heard) or field.anyone(),
                )
            )
    if open_roles := unfilled_roles(one):
        titles = ", ".join(_role_title(one, role) for role in open_roles)
        found.append(
            (
                "not fully stated",
                f"open: {titles}",
                f"Ask what is not known yet of “{about}”: {titles}.",
                field.anyone(),
            )
        )
    return found


def _tells_of_absence(one: Configuration, links: Sequence[Evidence]) -> bool:
    schema = SCHEMAS.get(one.schema)
    outcomes = {role.key for role in schema.roles if role.part == "outcome"} if schema else {"outcome"}
    return any(link.slot in outcomes and link.stance != "supports" for link in links)


def _asking(one: Configuration, question: str) -> str:
    """Put the configuration to somebody: its statement and then the question, or the question about its label."""
    if said := one.statement.strip():
        return f"{said}{'' if said.endswith(('.', '!', '?', '”', '…')) else '.'} {question}"
    return f"“{one.label.rstrip('.')}”: {question[0].lower()}{question[1:]}"


def _mechanism(one: Configuration, about: str) -> str:
    words = [slot.wording.strip(' .“”"') for slot in one.slots if slot.role in ("reasoning", "because")]
    named = "; ".join(word for word in words if word)
    return f"“{named or about}”"


def _role_title(one: Configuration, role: str) -> str:
    schema = SCHEMAS.get(one.schema)
    known = schema.role(role) if schema else None
    whole, _, part = (known.title if known else role).lower().partition(": ")
    return f"the {part} ({whole})" if part else f"the {whole}"


def _may_not_be_asked(study: Study) -> set[str]:
    """Name the people who did not consent, withdrew or left."""
    from cop_analysis.study.consent import refusing

    people = study.people
    if people is None:
        return set()
    return {*refusing({"people": people}), *people.loc[people["left"].notna(), "person"]}


def _somebody(organisation: str, people: Sequence[str]) -> str:
    if not people:
        return f"somebody at {organisation}"
    more = f" and {len(people) - _NAMED_AT_MOST} more" if len(people) > _NAMED_AT_MOST else ""
    return f"{organisation}: {', '.join(people[:_NAMED_AT_MOST])}{more}"
