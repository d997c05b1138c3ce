"""Each configuration with what is known of it: the facts every page of this room tells.

Its coded text and the readings of its measures, the people whose words are its evidence (facts, no test), and the level
at which that evidence stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist import Code, Coding, Configuration, Evidence, Extract
from cop_analysis.realist.methods.configurations import evidence_by_configuration, stance_counts
from cop_analysis.realist.model.consent import Consent, Voice, voices
from cop_analysis.realist.model.vocabulary import LEVELS
from cop_analysis.synthesis.measures import READINGS, Measures, Reading, Text

if TYPE_CHECKING:
    from cop_analysis.study import Study


@dataclass(frozen=True)
class Case:
    """One configuration, what people said of it, and what each of its measures does to that."""

    configuration: Configuration
    text: Text
    readings: tuple[Reading, ...]

    @property
    def overall(self) -> str:
        """One word for all measures: contradiction is never outvoted, and silence never counts as agreement."""
        counts = Counter(reading.reading for reading in self.readings)
        if counts["confirm"] and counts["contradict"]:
            return "divided"
        for reading in ("contradict", "confirm", "complement"):
            if counts[reading]:
                return reading
        return "silent"


def gather(coding: Coding, measures: Measures) -> tuple[Case, ...]:
    """Give every configuration with its text and the readings of its measures."""
    said = texts(coding)
    return tuple(
        Case(one, said[one.id], measures.readings(one, said[one.id])) for one in coding.snapshot.configurations
    )


def texts(coding: Coding) -> dict[str, Text]:
    """Give the coded text of each configuration."""
    return {
        str(name): Text(int(supports), int(refines), int(refutes))
        for name, supports, refines, refutes in stance_counts(coding).itertuples(index=False, name=None)
    }


def count_overall(cases: Sequence[Case]) -> Counter[str]:
    """Count the configurations by their overall reading."""
    return Counter(case.overall for case in cases)


def by_strand(cases: Sequence[Case], coding: Coding) -> pd.DataFrame:
    """Give one row a strand of a configuration, the coded text first."""
    documents: dict[str, set[str]] = defaultdict(set)
    for link in coding.snapshot.evidence:
        documents[link.configuration].add(coding.find(Extract, link.extract).document)
    rows: list[dict[str, object]] = []
    for case in cases:
        text, heard = case.text, len(documents[case.configuration.id])
        told = (
            f"{text.supports} support, {text.refines} refine, {text.refutes} refute, from {heard} "
            f"{'document' if heard == 1 else 'documents'}"
        )
        rows.append(_row(case, strand="coded text", measure="extracts", shows=told, reading=text.verdict))
        for reading in case.readings:
            found = reading.finding
            rows.append(
                _row(
                    case,
                    strand=reading.strand.key,
                    measure=reading.measure,
                    expects=reading.expects,
                    shows=found.shows,
                    quantity=found.quantity,
                    estimate=found.estimate,
                    low=found.low,
                    high=found.high,
                    n=found.n or pd.NA,
                    p_value=found.p_value,
                    reading=reading.reading,
                )
            )
    return pd.DataFrame(rows)


_NOTHING: dict[str, object] = {
    "strand": "",
    "measure": "",
    "expects": "",
    "shows": "",
    "quantity": "",
    "estimate": float("nan"),
    "low": float("nan"),
    "high": float("nan"),
    "n": pd.NA,
    "p_value": float("nan"),
    "reading": "",
}


def _row(case: Case, **cells: object) -> dict[str, object]:
    return {"configuration": case.configuration.id, "label": case.configuration.label, **_NOTHING, **cells}


def by_configuration(cases: Sequence[Case]) -> pd.DataFrame:
    """Give one row a configuration: its text, how many of its measures do what, and the overall reading."""
    rows = []
    for case in cases:
        counts, text = Counter(reading.reading for reading in case.readings), case.text
        rows.append(
            {
                "configuration": case.configuration.id,
                "label": case.configuration.label,
                "supports": text.supports,
                "refines": text.refines,
                "refutes": text.refutes,
                "text": text.verdict,
                **{reading: counts[reading] for reading in READINGS},
                "overall": case.overall,
            }
        )
    return pd.DataFrame(rows)


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


NO_LEVEL = "no_level"


@dataclass(frozen=True)
class Levels:
    """Extracts by level.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a configuration and a last row for all: configuration, label, level (the configuration's own), a column
        for each level with the extracts whose code stands there, no_level, extracts, refuting.
    totals : collections.Counter
        Links by level.
    extracts : int
        Different extracts linked to a configuration.
    """

    table: pd.DataFrame
    totals: Counter[str]
    extracts: int


def count_levels(coding: Coding) -> Levels:
    """Count each configuration's extracts by the level of their codes; an extract counts once for a configuration."""
    snapshot = coding.snapshot
    level_of = _levels(snapshot.codes)
    columns = [*LEVELS, NO_LEVEL]
    links: dict[str, dict[str, bool]] = {}
    for link in snapshot.evidence:
        stands = links.setdefault(link.configuration, {})
        stands[link.extract] = stands.get(link.extract, False) or link.stance == "refutes"
    rows: list[dict[str, object]] = []
    totals: Counter[str] = Counter()
    for one in snapshot.configurations:
        mine = links.get(one.id, {})
        counts = Counter(level_of[coding.find(Extract, extract).code] for extract in mine)
        totals.update(counts)
        described = {"configuration": one.id, "label": one.label, "level": one.level or ""}
        by_level = {name: counts[name] for name in columns}
        rows.append({**described, **by_level, "extracts": len(mine), "refuting": sum(mine.values())})
    table = pd.DataFrame(rows)
    together = {name: int(table[name].sum()) for name in [*columns, "extracts", "refuting"]}
    table.loc[len(table)] = {"configuration": "all", "label": "all configurations", "level": "", **together}
    if not table[NO_LEVEL].any():
        table = table.drop(columns=NO_LEVEL)
    return Levels(table, totals, len({link.extract for link in snapshot.evidence}))


def _levels(codes: tuple[Code, ...]) -> dict[str, str]:
    by_identifier = {code.id: code for code in codes}
    found = {}
    for code in codes:
        step: Code | None = code
        while step is not None and step.level is None:
            step = by_identifier.get(step.parent) if step.parent is not None else None
        found[code.id] = step.level if step is not None and step.level is not None else NO_LEVEL
    return found
