"""The people whose words are a configuration's evidence: how often they came and how they changed; facts, no test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cop_analysis.realist import Coding, Evidence, Extract
from cop_analysis.realist.methods.configurations import evidence_by_configuration
from cop_analysis.realist.model.consent import Consent, Voice, voices

if TYPE_CHECKING:
    from cop_analysis.study import Study


@dataclass
class Quoted:
    """The people quoted in a study, with the sessions each attended.

    Parameters
    ----------
    study : Study
    coding : Coding
    """

    study: Study
    coding: Coding
    consent: Consent = field(init=False)
    _voices: dict[str, Voice] = field(init=False)
    _sessions: dict[str, int] = field(init=False)
    _held: int = field(init=False)
    _evidence: dict[str, tuple[Evidence, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.consent = Consent(self.study, self.coding)
        self._evidence = evidence_by_configuration(self.coding)
        self._voices = voices(self.study)
        self._sessions, self._held = _sessions_attended(self.study)

    def people(self, configuration: str) -> tuple[str, ...]:
        """Name the people whose words are linked to a configuration, where the transcript says who spoke.

        Nobody is named whose words are withheld for want of consent.
        """
        links = self._evidence.get(configuration, ())
        shown = (link for link in links if not self.consent.withholds(self.coding.find(Extract, link.extract)))
        named = (self._voices[link.extract].person for link in shown)
        return tuple(dict.fromkeys(person for person in named if person is not None))

    def sentence(self, configuration: str) -> str:
        """Say how often the people quoted for a configuration came, or nothing where that is not known."""
        people = self.people(configuration)
        if not people or not self._held:
            return ""
        attended = sorted(self._sessions.get(person, 0) for person in people)
        spread = f"{attended[0]}" if attended[0] == attended[-1] else f"{attended[0]} to {attended[-1]}"
        who = "The 1 person" if len(people) == 1 else f"The {len(people)} people"
        return f"{who} quoted came to {spread} of {self._held} sessions."


def _sessions_attended(study: Study) -> tuple[dict[str, int], int]:
    if study.events is None or study.attendance is None:
        return {}, 0
    held = set(study.events["event"])
    if "status" in study.events.columns:
        held = set(study.events.loc[study.events["status"].fillna("held") == "held", "event"])
    rows = study.attendance[study.attendance["event"].isin(held) & study.attendance["person"].notna()]
    # Where only heads were counted nobody's own attendance is known.
    recorded = int(rows["event"].nunique())
    counts = rows.groupby("person")["event"].nunique()
    return {str(person): int(count) for person, count in counts.items()}, recorded
