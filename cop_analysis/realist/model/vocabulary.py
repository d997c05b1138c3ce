"""The field's words: schemas and their roles, stances, inference types, appraisal, levels. No records and no logic."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Role:
    """A part a passage or a code can play in one configuration; the role sits on the link and never on the code.

    Parameters
    ----------
    key : str
        The word coding.json uses: ``"reasoning"``.
    title : str
        The word a page uses: ``"Mechanism: reasoning"``.
    part : str
        The part of a context-mechanism-outcome configuration it belongs to, whatever the schema calls it:
        ``"context"``, ``"mechanism"`` or ``"outcome"``.
    """

    key: str
    title: str
    part: str


@dataclass(frozen=True)
class Schema:
    """A way of writing a configuration: its name, its roles in reading order, and who uses it.

    Parameters
    ----------
    name : str
    title : str
    roles : tuple of Role
    source : str
        A published use.
    """

    name: str
    title: str
    roles: tuple[Role, ...]
    source: str

    def role(self, key: str) -> Role | None:
        """Give the role of that key, or None when the schema has no such role.

        Examples
        --------
        >>> SCHEMAS["CMO"].role("reasoning").part
        'mechanism'
        """
        return next((role for role in self.roles if role.key == key), None)


_CONTEXT = Role("context", "Context", "context")

# Mechanism is two things, what a programme offers and how people respond to it (Dalkin et al. 2015).
_MECHANISM = (
    Role("resource", "Mechanism: resource", "mechanism"),
    Role("reasoning", "Mechanism: reasoning", "mechanism"),
)

_OUTCOME = Role("outcome", "Outcome", "outcome")

SCHEMAS: Final = MappingProxyType(
    {
        "CMO": Schema(
            "CMO",
            "context, mechanism, outcome",
            (_CONTEXT, *_MECHANISM, _OUTCOME),
            "Pawson & Tilley 1997; mechanism as resource and reasoning: Dalkin et al. 2015",
        ),
        "ICAMO": Schema(
            "ICAMO",
            "intervention, context, actor, mechanism, outcome",
            (
                Role("intervention", "Intervention", "context"),
                _CONTEXT,
                Role("actor", "Actor", "context"),
                *_MECHANISM,
                _OUTCOME,
            ),
            "De Weger et al. 2020",
        ),
        "SCMO": Schema(
            "SCMO",
            "strategy, context, mechanism, outcome",
            (Role("strategy", "Strategy", "context"), _CONTEXT, *_MECHANISM, _OUTCOME),
            "De Weger et al. 2020",
        ),
        "if-then": Schema(
            "if-then",
            "if, then, because",
            (Role("if", "If", "context"), Role("because", "Because", "mechanism"), Role("then", "Then", "outcome")),
            "Husk et al. 2019",
        ),
    }
)
"""The schemas a configuration can be written in, by the name coding.json uses."""

STANCES: Final = ("supports", "refines", "refutes")
"""What a piece of evidence does to a configuration."""

INFERENCES: Final = ("deductive", "inductive", "abductive", "retroductive")
"""How the analyst got from the extract to the configuration (Mukumbang et al. 2021)."""

APPRAISALS: Final = ("high", "moderate", "low")
"""The grades of relevance, richness and rigour (Dada et al. 2023)."""

LEVELS: Final = ("individual", "interpersonal", "organisational", "system")
"""Where a mechanism works; ``None`` in the model where nobody has said."""

NETWORK_MEASURES: Final = MappingProxyType(
    {
        "cross_organisation_share": "share of ties that cross an organisation's border",
        "ei_index": "external minus internal ties, as a share of all ties",
    }
)
"""The network measures a configuration can point at."""

EXPECTATIONS: Final = ("higher", "lower")
"""Which way a configuration expects a measure to go or to lie; ``None`` in the model where nobody has said."""

MEASURE_FIELDS: Final = MappingProxyType(
    {
        "survey_item": ("instrument", "item"),
        "survey_scale": ("instrument",),
        "network": ("relation", "measure"),
        "rating_item": ("item",),
        "event_series": ("series",),
    }
)
"""The kinds of measured evidence a configuration can point at, with the fields that say which one is meant."""

STAGES: Final = ("initial", "tested", "refined")
"""Where a version of a programme theory stands on its way (Pawson & Tilley 1997)."""

MOVES: Final = ("juxtapose", "reconcile", "adjudicate", "consolidate", "situate")
"""What can be done with evidence on the way from one version of a theory to the next (Pawson 2006)."""

PURPOSES: Final = ("glean", "refine", "consolidate")
"""What an interview question is for: gleaning theory, refining it, consolidating it (Manzano 2016)."""

VERDICTS: Final = ("agrees", "agrees in part", "disagrees", "cannot say")
"""What a stakeholder can say to a statement put to them."""

MEMO_KINDS: Final = ("analytic", "reflexive", "methodological")
"""What a memo is about: the material, the analyst, or the way of working."""

ABOUT: Final = MappingProxyType(
    {
        "document": "documents",
        "code": "codes",
        "extract": "extracts",
        "configuration": "configurations",
        "evidence": "evidence",
        "ripple": "ripples",
        "theory": "theories",
        "question": "questions",
        "validation": "validations",
        "memo": "memos",
        "decision": "decisions",
    }
)
"""The kinds of record a memo or a decision can be about, with the collection each is kept in."""
