"""The simulated coding: codes, extracts of several coders who partly disagree, configurations and their evidence.

It gives the content of ``coding.json`` as plain data. Offsets are code points of the transcript's text, end exclusive.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pandas as pd

from cop_analysis.simulate.draws import Draws
from cop_analysis.simulate.programme import RATING_ITEMS, Membership, text, wave_dates
from cop_analysis.simulate.settings import SimulationSettings
from cop_analysis.simulate.transcripts import ACTORS, PARENTS, THEMES, Passage, Theme, Transcript
from cop_analysis.simulate.waves import INSTRUMENT

_COLOURS = {
    "code-conditions": "#005EB8",
    "code-offer": "#007F3B",
    "code-response": "#8A1538",
    "code-results": "#7C2855",
}
_ROLES = ("context", "resource", "reasoning", "outcome")
_CONTEXT_CHARACTERS = 32
_LEVELS = ("high", "moderate", "low")
_INFERENCES = ("deductive", "inductive", "abductive", "retroductive")


def write_coding(
    settings: SimulationSettings, transcripts: tuple[Transcript, ...], passages: tuple[Passage, ...]
) -> dict[str, Any]:
    """Give the coding of a simulated study.

    Raises
    ------
    ValueError
        When more extracts are wanted than the transcripts hold passages for, at one a passage, code and coder.
    """
    draws = Draws(settings.seed, "coding")
    configurations = _configurations(settings)
    extracts = _extracts(settings, draws, transcripts, passages)
    return {
        "schema": "cop-analysis-coding",
        "schema_version": 1,
        "study": settings.key,
        "coders": [
            {"id": _coder(number), "name": f"Coder {_letters(number).upper()}"} for number in range(settings.coders)
        ],
        "documents": [
            {
                "id": transcript.document,
                "file": transcript.file,
                "title": transcript.title,
                "sha256": hashlib.sha256(transcript.text.encode("utf-8")).hexdigest(),
                "length": len(transcript.text),
            }
            for transcript in transcripts
        ],
        "codes": _codes(),
        "extracts": extracts,
        "configurations": configurations,
        "evidence": _evidence(settings, draws, extracts, configurations),
        "ripples": _ripples(configurations),
    }


def quotes_table(
    settings: SimulationSettings,
    members: Membership,
    people: pd.DataFrame,
    coding: dict[str, Any],
    passages: tuple[Passage, ...],
) -> pd.DataFrame:
    """Give quotes.csv: the first coder's first extracts, about two a transcript, with the speaker's consent."""
    draws = Draws(settings.seed, "quotes")
    speakers = {(passage.document, passage.start): passage.speaker for passage in passages}
    document_numbers = {document["id"]: number for number, document in enumerate(coding["documents"])}
    positions = members.positions()
    roles, organisations = people["role"].tolist(), people["organisation"].tolist()
    own = [extract for extract in coding["extracts"] if extract["coder"] == _coder(0)]
    rows: list[dict[str, Any]] = []
    seen: set[tuple[int, int]] = set()
    for extract in own:
        place = (document_numbers[extract["document"]], extract["start"])
        if place in seen or len(rows) >= 2 * len(document_numbers):
            continue
        seen.add(place)
        speaker = speakers[place]
        consent = ("internal", "review", "public", "public", "none")[draws.one(5)]
        rows.append(
            {
                "quote": f"QU{len(rows) + 1:03d}",
                "text": extract["quote"],
                "document": extract["document"],
                "extract": extract["id"],
                "person": speaker,
                "role": roles[positions[speaker]],
                "organisation": organisations[positions[speaker]],
                "consent": consent,
                "identifiable": draws.happens(0.2),
            }
        )
    names = ("quote", "text", "document", "extract", "person", "role", "organisation", "consent")
    columns: dict[str, Any] = {name: text([row[name] for row in rows]) for name in names}
    columns["identifiable"] = pd.array([row["identifiable"] for row in rows], dtype="boolean")
    return pd.DataFrame(columns)


def _codes() -> list[dict[str, Any]]:
    parents = [
        {
            "id": code,
            "name": name,
            "parent": None,
            "definition": definition,
            "examples": "",
            "colour": _COLOURS[code],
            "level": None,
        }
        for code, name, definition in PARENTS
    ]
    leaves = [
        {
            "id": theme.code,
            "name": theme.name,
            "parent": theme.parent,
            "definition": theme.definition,
            "examples": next(sentence for sentence in theme.sentences if "{" not in sentence),
            "colour": _COLOURS[theme.parent],
            "level": theme.level,
        }
        for theme in THEMES
    ]
    return parents + leaves


def _extracts(
    settings: SimulationSettings,
    draws: Draws,
    transcripts: tuple[Transcript, ...],
    passages: tuple[Passage, ...],
) -> list[dict[str, Any]]:
    """Passage after passage in random order, coded by each coder, until there are enough extracts.

    A second round codes the passages again with the next code, as when one passage speaks for two codes.
    """
    most = len(passages) * len(THEMES) if passages else 0
    # A further coder may pass a passage over, so only the first coder's extracts are certain.
    if settings.extracts > most:
        raise ValueError(
            f"The setting `extracts` is {settings.extracts}, but {len(transcripts)} transcripts of"
            f" {settings.transcript_words} words or more give at most {most} for each coder; ask for fewer extracts or"
            " for longer or more transcripts."
        )
    order = draws.order(len(passages)).tolist() if passages else []
    start_of_coding = datetime(*wave_dates(settings)[1].timetuple()[:3], 9, 0) + timedelta(days=40)
    width = max(3, len(str(settings.extracts)))
    extracts: list[dict[str, Any]] = []
    used: set[tuple[int, int, int, int, int]] = set()
    for turn in range(len(THEMES)):
        for position in order:
            passage = passages[position]
            for coder in range(settings.coders):
                if len(extracts) == settings.extracts:
                    return _in_order(extracts, width)
                span = (passage.start, passage.end, (passage.theme + turn) % len(THEMES))
                if coder:
                    other = _as_seen_by_another(settings, draws, transcripts[passage.document].text, *span)
                    if other is None:
                        continue
                    span = other
                start, end, theme = span
                if (passage.document, start, end, theme, coder) in used:
                    continue
                used.add((passage.document, start, end, theme, coder))
                words = transcripts[passage.document].text
                when = start_of_coding + timedelta(minutes=3 * len(extracts))
                extracts.append(
                    {
                        "id": "",
                        "document": transcripts[passage.document].document,
                        "start": start,
                        "end": end,
                        "quote": words[start:end],
                        "prefix": words[max(start - _CONTEXT_CHARACTERS, 0) : start],
                        "suffix": words[end : end + _CONTEXT_CHARACTERS],
                        "code": THEMES[theme].code,
                        "coder": _coder(coder),
                        "created": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
                        "memo": "",
                    }
                )
    return _in_order(extracts, width)


def _as_seen_by_another(
    settings: SimulationSettings, draws: Draws, words: str, start: int, end: int, theme: int
) -> tuple[int, int, int] | None:
    """A further coder agrees, or passes over, or takes half the passage, or sees another code in it."""
    if draws.happens(settings.coder_agreement):
        return start, end, theme
    kind = draws.one(3)
    if kind == 0:
        return None
    if kind == 1:
        middle = words.find(" ", start + (end - start) // 2, end)
        return (start, middle, theme) if middle > start else (start, end, theme)
    siblings = [k for k, other in enumerate(THEMES) if other.parent == THEMES[theme].parent and k != theme]
    return start, end, draws.pick(siblings)


def _in_order(extracts: list[dict[str, Any]], width: int) -> list[dict[str, Any]]:
    for number, extract in enumerate(extracts, start=1):
        extract["id"] = f"x{number:0{width}d}"
    return extracts


def _configurations(settings: SimulationSettings) -> list[dict[str, Any]]:
    by_role = {role: [theme for theme in THEMES if theme.role == role] for role in _ROLES}
    every = list(product(*(range(len(by_role[role])) for role in _ROLES)))
    width = max(2, len(str(settings.configurations)))
    configurations: list[dict[str, Any]] = []
    for number in range(settings.configurations):
        # 101 shares no factor with the 256 combinations: each comes up once before any comes up for other actors.
        chosen = every[(number * 101 + 37) % len(every)]
        themes = {role: by_role[role][position] for role, position in zip(_ROLES, chosen, strict=True)}
        actors = ACTORS[(number + number // len(every)) % len(ACTORS)]
        # Every sixth configuration is a partial one, as in a study under way.
        roles = tuple(role for role in _ROLES if role != "context") if number % 6 == 5 else _ROLES
        configurations.append(
            {
                "id": f"cmo{number + 1:0{width}d}",
                "label": f"{themes['resource'].name} to {themes['outcome'].name.lower()}",
                "schema": "CMO",
                "statement": _statement(themes, roles, actors),
                "level": themes["outcome"].level,
                "for_whom": actors,
                "activation": None,
                "slots": [
                    {"role": role, "codes": [themes[role].code], "wording": themes[role].clause} for role in roles
                ],
                "rivals": [],
                "measures": _measures(settings, themes),
            }
        )
    _set_rivals(configurations)
    return configurations


def _statement(themes: dict[str, Theme], roles: tuple[str, ...], actors: str) -> str:
    where = f"Where {themes['context'].clause}, and {themes['resource'].clause}"
    if "context" not in roles:
        where = f"When {themes['resource'].clause}"
    return f"{where}, {actors} {themes['reasoning'].clause}; as a result, {themes['outcome'].clause}."


def _measures(settings: SimulationSettings, themes: dict[str, Theme]) -> list[dict[str, str]]:
    measures: list[dict[str, str]] = []
    outcome = themes["outcome"].code
    if outcome == "code-ask-across":
        measures.append({"kind": "network", "relation": "advice", "measure": "cross_organisation_share"})
    elif settings.items:
        if outcome == "code-stops" and settings.items >= 5:
            measures.append({"kind": "survey_item", "instrument": INSTRUMENT, "item": settings.item_keys()[4]})
        else:
            measures.append({"kind": "survey_scale", "instrument": INSTRUMENT})
    rated = {"code-faces": 2, "code-slot": 1}.get(themes["resource"].code)
    if rated is not None:
        measures.append({"kind": "rating_item", "item": RATING_ITEMS[rated][0]})
    elif settings.events:
        measures.append({"kind": "event_series", "series": settings.series})
    return measures


def _set_rivals(configurations: list[dict[str, Any]]) -> None:
    """Two configurations are rivals when they claim the same outcome by different reasoning; pairs, first come."""

    def code_of(configuration: dict[str, Any], role: str) -> str:
        return str(next(slot["codes"][0] for slot in configuration["slots"] if slot["role"] == role))

    waiting: dict[str, dict[str, Any]] = {}
    for configuration in configurations:
        outcome = code_of(configuration, "outcome")
        other = waiting.get(outcome)
        if other is None:
            waiting[outcome] = configuration
        elif code_of(other, "reasoning") != code_of(configuration, "reasoning"):
            other["rivals"].append(configuration["id"])
            configuration["rivals"].append(other["id"])
            del waiting[outcome]


def _evidence(
    settings: SimulationSettings,
    draws: Draws,
    extracts: list[dict[str, Any]],
    configurations: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """The first coder's extracts are linked to one configuration each that has their code in a slot."""
    uses: dict[str, list[tuple[str, str]]] = {}
    for configuration in configurations:
        for slot in configuration["slots"]:
            for code in slot["codes"]:
                uses.setdefault(code, []).append((configuration["id"], slot["role"]))
    width = max(3, len(str(len(extracts))))
    evidence: list[dict[str, Any]] = []
    for extract in extracts:
        choices = uses.get(extract["code"])
        if extract["coder"] != _coder(0) or not choices:
            continue
        chosen, role = draws.pick(choices)
        stance = "refutes" if draws.happens(settings.refuting) else "refines" if draws.happens(0.12) else "supports"
        evidence.append(
            {
                "id": f"e{len(evidence) + 1:0{width}d}",
                "extract": extract["id"],
                "configuration": chosen,
                "slot": role,
                "stance": stance,
                "inference": draws.pick(_INFERENCES),
                "relevance": draws.pick(_LEVELS[:2]),
                "richness": draws.pick(_LEVELS),
                "rigour": draws.pick(_LEVELS),
                "reason": _REASONS[stance].format(role=role),
            }
        )
    return evidence


_REASONS = {
    "supports": "The speaker tells of the {role} as the configuration states it.",
    "refines": "The speaker narrows the {role}: it holds at some times and for some people.",
    "refutes": "The speaker tells of the opposite where the configuration claims this {role}.",
}


def _ripples(configurations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outcome of one configuration becomes context of a later one of the next level up or the same."""
    pairs = zip(configurations[::3], configurations[1::3], strict=False)
    return [
        {
            "id": f"r{number:02d}",
            "from": first["id"],
            "to": second["id"],
            "note": "What the first brings about is part of the circumstances in which the second begins.",
        }
        for number, (first, second) in enumerate(pairs, start=1)
    ]


def _coder(number: int) -> str:
    return f"coder-{_letters(number)}"


def _letters(number: int) -> str:
    return chr(ord("a") + number)
