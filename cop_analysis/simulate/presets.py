"""Named settings: the demonstration study the repository ships, and sizes to plan and measure with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from cop_analysis.simulate.settings import (
    DesignChange,
    ScriptedChange,
    SimulatedOrganisation,
    SimulationSettings,
    Story,
)

NMP_FORUM = SimulationSettings(
    seed=20240918,
    key="nmp_forum",
    title="Virtual forum for non-medical prescribers (simulated)",
    summary=(
        "A virtual forum for non-medical prescribers across one integrated care system: three hospices, a community"
        " provider and an acute trust. Members meet online every two months to discuss prescribing; the design of the"
        " sessions is changed on their feedback. The forum aims at confidence to prescribe and at closer working"
        " relationships across organisations. Every person, organisation, number and word of this study is invented."
    ),
    boundary=(
        "The 30 prescribers on the forum's membership list. The network questions showed the list of all members of"
        " the day; nobody outside it could be named, and colleagues who are not prescribers do not appear."
    ),
    note=(
        "In the study that comes with the package, the transcripts, their coding and the quotes are not the generator's"
        " simple ones: they were written by hand for this project, to fit these tables."
    ),
    people=30,
    organisations=5,
    organisation_list=(
        SimulatedOrganisation(key="HOSP_A", name="Alder Hospice", sector="hospice", people=7),
        SimulatedOrganisation(key="HOSP_B", name="Birchwood Hospice", sector="hospice", people=5),
        SimulatedOrganisation(key="HOSP_C", name="Cedar House Hospice", sector="hospice", people=4),
        SimulatedOrganisation(key="COMM", name="Downland Community Health", sector="community provider", people=8),
        SimulatedOrganisation(key="ACUTE", name="Eastmere Hospitals", sector="acute trust", people=6),
    ),
    events=6,
    event_prefix="NMP",
    first_month=date(2024, 9, 1),
    months_between_events=2,
    session_minutes=60,
    topics=(
        "Launch: scope of practice",
        "Anticipatory medicines at the end of life",
        "Opioids in kidney failure",
        "Antibiotics and wounds",
        "Deprescribing",
        "Charts and records across organisations",
    ),
    formats=("online presentation and discussion", "online breakout case discussion"),
    design_changes=(
        DesignChange(
            after_event=2,
            what="Meetings moved from 16:00 to 12:30",
            why="Ease of attendance was rated low: teams could not leave the wards and visits at four o'clock.",
            rating_item="ease_of_attendance",
            lift=1.0,
        ),
        DesignChange(
            after_event=4,
            what="Breakout case discussions in small groups that mix organisations",
            why="Peer support was rated lower than relevance: few people spoke in the whole group.",
            rating_item="peer_support",
            lift=0.9,
        ),
    ),
    items=10,
    scale_points=5,
    effect_size=0.5,
    item_gains=(0.6, 0.1, 1.1, 1.5, 1.3, 0.5, 0.9, 2.2, 0.6, -0.5),
    drop_out=0.12,
    unmatched_ids=0.07,
    near_miss_ids=0.04,
    missing_answers=0.01,
    declined=0.03,
    joiners=0.04,
    leavers=0.06,
    attendance=0.62,
    non_response=0.15,
    comments=0.6,
    advice_ties=2.2,
    knows_ties=2.6,
    transcripts=8,
    transcript_words=1_200,
    story=Story(
        roles=(
            ("P03", "nurse prescriber"),
            ("P05", "nurse prescriber"),
            ("P08", "nurse prescriber"),
            ("P10", "pharmacist prescriber"),
            ("P14", "physiotherapist prescriber"),
            ("P16", "nurse prescriber"),
            ("P17", "nurse prescriber"),
            ("P19", "nurse prescriber"),
            ("P21", "paramedic prescriber"),
            ("P22", "paramedic prescriber"),
            ("P26", "nurse prescriber"),
            ("P29", "pharmacist prescriber"),
        ),
        attendance=(
            ("P03", (1, 3, 4, 5, 6)),
            ("P05", (2, 3, 4, 5, 6)),
            ("P08", (1, 2, 3, 4, 5, 6)),
            ("P10", (1, 2, 3, 4, 6)),
            ("P14", (3, 4, 5, 6)),
            ("P16", (4, 5, 6)),
            ("P17", (1, 5)),
            ("P19", (1, 3, 5)),
            ("P21", (1, 3, 6)),
            ("P22", (1, 2)),
            ("P26", (1, 2, 3, 4, 5, 6)),
            ("P29", (1, 2, 3, 4, 5, 6)),
        ),
        new_advice=(("P03", "P26"), ("P19", "P08"), ("P14", "P29"), ("P05", "P03"), ("P16", "P29"), ("P26", "P10")),
        within_organisation=("P05", "P22"),
        change=(
            ScriptedChange(person="P26", level=1.2, shift=-0.6, marked_items=("q03", "q07"), marked_shift=-2.9),
            ScriptedChange(person="P05", level=-1.4, shift=1.6),
            ScriptedChange(person="P14", level=-0.6, shift=0.7, marked_items=("q02",), marked_shift=2.0),
        ),
    ),
)
"""The demonstration study in ``data/nmp_forum``. Its story holds what the transcripts written for it tell."""

PRESETS: Mapping[str, SimulationSettings] = MappingProxyType(
    {
        "nmp_forum": NMP_FORUM,
        "tiny": SimulationSettings(
            key="tiny", title="A tiny simulated study", people=4, organisations=2, events=2, transcripts=1, extracts=12
        ),
        "regional": SimulationSettings(
            key="regional",
            title="A simulated regional programme",
            people=400,
            organisations=25,
            events=18,
            transcripts=50,
            transcript_words=9_000,
            extracts=5_000,
            coders=3,
            configurations=60,
        ),
        "national": SimulationSettings(
            key="national",
            title="A simulated national programme",
            people=84_000,
            organisations=1_500,
            events=6,
            items=6,
            transcripts=20,
        ),
    }
)
"""Settings by name, for ``cop simulate --preset``."""

# What is written down name by name in a preset, and no longer fits once the size it was written for changes.
_FITTED: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "people": {"organisation_list": (), "story": Story()},
        "organisations": {"organisation_list": (), "story": Story()},
        "events": {"design_changes": None, "story": Story()},
        "items": {"item_gains": (), "story": Story()},
        "person_prefix": {"story": Story()},
    }
)


WORDS = ("key", "title", "summary", "boundary", "note")
"""The settings that name or describe a study, and change nothing in its tables."""


def choose_settings(preset: str = "", **changes: Any) -> SimulationSettings:
    """Give a preset with some settings changed; without a preset, the defaults with some settings changed.

    What a preset tells name by name (organisations, a story, changes after certain events) gives way when the size
    it was written for changes.

    Raises
    ------
    ValueError
        When there is no such preset or setting, or the settings do not fit each other.

    Examples
    --------
    >>> choose_settings("nmp_forum", people=300).organisations
    5
    >>> choose_settings("nmp_from")
    Traceback (most recent call last):
    ...
    ValueError: There is no preset 'nmp_from'; did you mean nmp_forum? There are nmp_forum, tiny, regional, national.
    """
    if preset and preset not in PRESETS:
        raise ValueError(
            f"There is no preset {preset!r}{_meant(preset, list(PRESETS))} There are {', '.join(PRESETS)}."
        )
    names = [setting.name for setting in fields(SimulationSettings)]
    for name in changes:
        if name not in names:
            raise ValueError(f"There is no setting {name!r}{_meant(name, names)} See describe_settings().")
    base = PRESETS[preset] if preset else SimulationSettings()
    loosened: dict[str, Any] = {}
    for name, fitted in _FITTED.items():
        if name in changes and changes[name] != getattr(base, name):
            loosened |= fitted
    return replace(base, **{**loosened, **changes})


def command_for(settings: SimulationSettings) -> str:
    """Give the command that makes a study of these settings, as far as a command can.

    Examples
    --------
    >>> command_for(choose_settings("nmp_forum", seed=5))
    'cop simulate FOLDER --preset nmp_forum --seed 5'
    """
    given = []
    for preset in (*PRESETS, ""):
        base = PRESETS[preset] if preset else SimulationSettings()
        unnamed = replace(settings, **{name: getattr(base, name) for name in WORDS})
        plain = {
            setting.name: getattr(unnamed, setting.name)
            for setting in fields(SimulationSettings)
            if (setting.type in ("int", "float", "date") or setting.name == "series")
            and getattr(unnamed, setting.name) != getattr(base, setting.name)
        }
        start = f"cop simulate FOLDER --preset {preset}" if preset else "cop simulate FOLDER"
        command = start + "".join(f" --{name.replace('_', '-')} {value}" for name, value in plain.items())
        if _gives(preset, plain, unnamed):
            given.append(command)
    return min(given, key=len) if given else f"{command} (and settings that only Python code can give)"


def _gives(preset: str, plain: Mapping[str, Any], settings: SimulationSettings) -> bool:
    try:
        return choose_settings(preset, **plain) == settings
    except ValueError:
        return False


def _meant(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else "."
