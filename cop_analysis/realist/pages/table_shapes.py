"""The table shapes in which realist studies publish their configurations, each ready to be saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pandas as pd

from cop_analysis.realist.methods.configurations import evidence_by_configuration, lineages, slot_words, stance_counts
from cop_analysis.realist.model import Coding, Configuration, Evidence, Extract, Theory
from cop_analysis.realist.model.consent import Consent, coding_shown
from cop_analysis.realist.model.vocabulary import APPRAISALS, SCHEMAS
from cop_analysis.realist.pages import words

if TYPE_CHECKING:
    from cop_analysis.study import Study


SHAPES: Final = MappingProxyType(
    {
        1: ("configuration", "context", "mechanism", "outcome_with_mechanism", "outcome_without_mechanism"),
        2: ("theme", "configuration", "statement", "sources"),
        3: ("configuration", "initial_theory", "refined_statement", "key_quotations", "reflections"),
        4: ("configuration", "context", "resource", "reasoning", "outcome", "supporting", "refuting", "confidence"),
    }
)
"""The four shapes and their columns."""

_MOST_QUOTES = 3


def configuration_export(study: Study, shape: int) -> pd.DataFrame:
    """Give the configurations as a table in one of the shapes published studies use.

    Parameters
    ----------
    study : Study
    shape : {1, 2, 3, 4}
        1: context, mechanism, outcome when the mechanism is present and when it is not (Luetsch et al. 2020).
        2: theme, the configuration as a sentence with inline (c), (m) and (o), and its sources, those that
        confirmed the opposite marked.
        3: initial theory as if-then, refined statement, key quotations, reflections of the group.
        4: context, resource, reasoning, outcome, supporting, refuting, confidence.

    Returns
    -------
    pandas.DataFrame
        One row a configuration; without rows where the study has no coding.

    Raises
    ------
    ValueError
        When there is no such shape.

    Notes
    -----
    The outcome without the mechanism is what the configuration says of it; where it says nothing, the extracts that
    refute or refine its outcome are quoted. Confidence is the team's own judgement, and “not judged” where there is
    none. For an audience other than the team, quotations are named and not quoted: they are released by quotes.csv.
    Words of people who did not consent or withdrew are shown to nobody.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
    >>> configuration_export(study, 2).columns.tolist()
    ['theme', 'configuration', 'statement', 'sources']
    """
    if isinstance(shape, bool) or shape not in SHAPES:
        raise ValueError(f"There is no table shape {shape!r}. Choose one of {', '.join(map(str, SHAPES))}.")
    columns = list(SHAPES[shape])
    coding = coding_shown(study)
    if coding is None or not coding.snapshot.configurations:
        return pd.DataFrame({name: pd.Series([], dtype="int64" if name in _NUMBERS else "str") for name in columns})
    row = _Rows(study, coding).of(shape)
    return pd.DataFrame([row(one) for one in coding.snapshot.configurations], columns=columns)


_NUMBERS = ("supporting", "refuting")


class _Rows:
    """Writes the row of a configuration in each shape."""

    def __init__(self, study: Study, coding: Coding) -> None:
        self.coding, self.is_internal = coding, study.audience == "internal"
        self.consent = Consent(study, coding)
        self.links = evidence_by_configuration(coding)
        counts = stance_counts(coding)
        self.supporting = dict(zip(counts["configuration"], counts["supports"].tolist(), strict=True))
        self.refuting = dict(zip(counts["configuration"], counts["refutes"].tolist(), strict=True))

    def of(self, shape: int) -> Callable[[Configuration], Sequence[object]]:
        return {1: self.presence, 2: self.sentence, 3: self.theory, 4: self.appraised}[shape]

    def presence(self, one: Configuration) -> Sequence[object]:
        parts = self._by_part(one)
        absent = one.otherwise.strip() or self._quoted(
            [
                link
                for link in self._links(one)
                if link.stance != "supports" and self._part_of(one, link.slot) == "outcome"
            ]
        )
        return (words.with_label(one), parts["context"], parts["mechanism"], parts["outcome"], absent)

    def sentence(self, one: Configuration) -> Sequence[object]:
        said = words.marked_sentence([(self._part_of(one, role), text) for role, text in self._slots(one)])
        stances: dict[str, set[str]] = defaultdict(set)
        for link in self._links(one):
            stances[self.coding.find(Extract, link.extract).document].add(link.stance)
        order = [document.id for document in self.coding.snapshot.documents]
        sources = [words.of_source(document, stances[document]) for document in order if document in stances]
        return (one.theme, words.with_label(one), said or one.statement, "; ".join(sources))

    def theory(self, one: Configuration) -> Sequence[object]:
        initial = [version for version in self._versions(one) if version.stage == "initial"]
        chosen = sorted(
            (link for link in self._links(one) if link.stance == "supports"),
            key=lambda link: (self.consent.withholds(self.coding.find(Extract, link.extract)), _grade(link), link.id),
        )[:_MOST_QUOTES]
        refuting = [link for link in self._links(one) if link.stance == "refutes"][:1]
        return (
            words.with_label(one),
            " ".join(version.statement or version.label for version in initial),
            one.statement,
            words.for_and_against(self._quoted(chosen), self._quoted(refuting)),
            " ".join(self._reflections(one)),
        )

    def appraised(self, one: Configuration) -> Sequence[object]:
        slots = {_SLOT.get(role, role): text for role, text in self._slots(one)}
        parts = self._by_part(one)
        return (
            words.with_label(one),
            parts["context"],
            slots.get("resource", ""),
            slots.get("reasoning", ""),
            parts["outcome"],
            self.supporting[one.id],
            self.refuting[one.id],
            words.of_confidence(one),
        )

    def _links(self, one: Configuration) -> tuple[Evidence, ...]:
        return self.links.get(one.id, ())

    def _slots(self, one: Configuration) -> list[tuple[str, str]]:
        return list(slot_words(one, self.coding).items())

    def _by_part(self, one: Configuration) -> Mapping[str, str]:
        parts: dict[str, list[str]] = {"context": [], "mechanism": [], "outcome": []}
        for role, text in self._slots(one):
            parts[self._part_of(one, role) or "context"].append(text)
        return {part: "; ".join(texts) for part, texts in parts.items()}

    def _part_of(self, one: Configuration, role: str | None) -> str:
        """Give the part of a configuration a role belongs to; empty where its schema has no such role."""
        schema = SCHEMAS.get(one.schema)
        known = schema.role(role) if schema and role else None
        return known.part if known else ""

    def _quoted(self, links: Sequence[Evidence]) -> str:
        extracts = [self.coding.find(Extract, link.extract) for link in links]
        if not self.is_internal:
            return "; ".join(dict.fromkeys(words.of_place(one) for one in extracts))
        return " ".join(dict.fromkeys(words.quoted(one, self.consent.withholds(one)) for one in extracts))

    def _versions(self, one: Configuration) -> list[Theory]:
        """Give the versions of every theory that states a configuration at some time."""
        found = []
        for group in lineages(self.coding):
            if any(one.id in version.configurations for version in group):
                own = [version for version in group if one.id in version.configurations]
                initial = [version for version in own if version.stage == "initial"]
                found += own if initial else [version for version in group if version.stage == "initial"] + own
        return found

    def _reflections(self, one: Configuration) -> list[str]:
        snapshot = self.coding.snapshot
        said = []
        if self.is_internal:
            said += [memo.text for memo in snapshot.memos if (memo.about, memo.target) == ("configuration", one.id)]
        said += [
            words.answered(answer, self.consent.told(answer.who, answer.comment))
            for answer in snapshot.validations
            if answer.configuration == one.id
        ]
        said += [
            words.decided(decision)
            for decision in snapshot.decisions
            if (decision.about, decision.target) == ("configuration", one.id)
        ]
        return [self.consent.clean(one) for one in said]


_SLOT = {"because": "reasoning"}


def _grade(link: Evidence) -> tuple[int, ...]:
    """Rank evidence by its appraisal: richness first, as a key quotation should tell, then relevance and rigour."""
    order = {grade: position for position, grade in enumerate(APPRAISALS)}
    return tuple(order.get(value or "", len(order)) for value in (link.richness, link.relevance, link.rigour))
