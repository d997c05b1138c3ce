"""Each configuration with its coded text and the readings of its measures: the facts every page of this room tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cop_analysis.realist import Coding, Configuration, Extract
from cop_analysis.realist.methods.configurations import stance_counts
from cop_analysis.synthesis.findings import READINGS, Text
from cop_analysis.synthesis.measures import Measures, Reading


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
