"""Puts a simulated study together: tables, configuration, documents and coding; no file is read or written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from cop_analysis.simulate import advice, coding, confidence, programme, transcripts
from cop_analysis.simulate.presets import command_for
from cop_analysis.simulate.settings import SimulationSettings
from cop_analysis.simulate.wordings import (
    ANSWER_LABELS,
    FURTHER_SITUATIONS,
    ITEM_WORDINGS,
    NEGATIVE_WORDINGS,
    RATING_ITEMS,
    RELATION_WORDINGS,
)
from cop_analysis.study.periods import MONTHS


@dataclass(frozen=True)
class SimulatedStudy:
    """A study out of nothing but settings.

    Parameters
    ----------
    settings : SimulationSettings
    config : dict
        What ``study.toml`` holds.
    tables : mapping of str to DataFrame
        The tables by name, without those that have no rows.
    documents : mapping of str to str
        The text of each document by its path inside the study folder.
    coding : dict or None
        What ``coding.json`` holds; None without transcripts.
    """

    settings: SimulationSettings
    config: dict[str, Any]
    tables: Mapping[str, pd.DataFrame]
    documents: Mapping[str, str]
    coding: dict[str, Any] | None


def simulate_study(settings: SimulationSettings) -> SimulatedStudy:
    """Make a whole study from its settings: what would such a programme's data look like?

    Parameters
    ----------
    settings : SimulationSettings
        Sizes, shares and seed; the same settings give the same study on every platform.

    Returns
    -------
    SimulatedStudy
        Write it with `write_study`, or analyse its tables directly.

    Raises
    ------
    ValueError
        When more extracts are wanted than the transcripts have passages, or the story names somebody unknown.

    Notes
    -----
    Latent confidence with item difficulties; the gain grows with the sessions attended, and the confident attend a
    little more (self-selection). Drop-out is likelier for people with low baseline confidence. Ratings rise after the
    change of session design meant for them. Ties form inside organisations first and across them later. It is a tool
    for trying methods out and for planning, never evidence about a real programme.

    Examples
    --------
    >>> study = simulate_study(SimulationSettings(people=12, events=3, seed=7))
    >>> len(study.tables["people"]), len(study.tables["events"])
    (12, 3)
    """
    members = programme.draw_members(settings)
    meetings = programme.hold_meetings(settings, members)
    people = programme.people_table(settings, members)
    ties, rosters = advice.ties_and_rosters(settings, members, meetings)
    tables = {
        "people": people,
        "organisations": programme.organisations_table(members),
        "events": programme.events_table(settings, members, meetings),
        "attendance": programme.attendance_table(settings, members, meetings),
        "ratings": programme.ratings_table(settings, members, meetings),
        "survey": confidence.survey_table(settings, members, meetings),
        "ties": ties,
        "rosters": rosters,
        "outputs": programme.outputs_table(settings),
        "changes": programme.changes_table(settings, meetings),
    }
    written: tuple[transcripts.Transcript, ...] = ()
    coded: dict[str, Any] | None = None
    if settings.transcripts:
        written, passages = transcripts.write_transcripts(settings, members)
        tables["documents"] = transcripts.documents_table(settings, written)
        coded = coding.write_coding(settings, written, passages)
        tables["quotes"] = coding.quotes_table(settings, members, people, coded, passages)
    tables = {name: table for name, table in tables.items() if len(table)}
    return SimulatedStudy(
        settings=settings,
        config=_config(settings, tables),
        tables=tables,
        documents={transcript.file: transcript.text for transcript in written},
        coding=coded,
    )


def _config(settings: SimulationSettings, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    baseline, follow_up = programme.wave_dates(settings)
    dates = programme.meeting_dates(settings)
    config: dict[str, Any] = {
        "schema_version": 1,
        "key": settings.key,
        "title": settings.title,
        "summary": settings.summary,
        "provenance": "simulated",
        "provenance_note": _provenance_note(settings),
        "source": "Simulated by the cop-analysis package; no real person, organisation or programme is described.",
        "language": "en-GB",
        "boundary": settings.boundary,
        "questions": [
            "What works, for whom, in what circumstances, and why?",
            "Does confidence to prescribe change, and for whom?",
            "Do members come to ask for advice across organisations?",
        ],
        "caveats": [
            "All data of this study are simulated: no number in it is a finding about a real programme.",
            "There is no comparison group, and people chose for themselves which sessions to attend.",
        ],
    }
    if dates:
        config["schedule"] = {"interval": _interval(settings.months_between_events), "planned": list(dates)}
    if settings.items:
        config["plan"] = {
            "dated": baseline,
            "instrument": confidence.INSTRUMENT,
            "before": confidence.WAVES[0],
            "after": confidence.WAVES[1],
            "direction": "increase",
            "multiplicity": "maxT",
            "primary": "The mean of all items of the confidence survey, paired by person, baseline against follow-up.",
        }
    config["waves"] = [
        {"key": confidence.WAVES[0], "label": "Baseline", "date": baseline},
        {"key": confidence.WAVES[1], "label": "Follow-up", "date": follow_up},
    ]
    if settings.items:
        config["instruments"] = [_instrument(settings)]
    target = {"target": settings.rating_target} if settings.rating_target else {}
    config["rating_items"] = [
        {"key": key, "wording": wording, "minimum": 1, "maximum": programme.RATING_POINTS, **target}
        for key, wording in RATING_ITEMS
    ]
    config["relations"] = [{"key": key, "wording": wording, "directed": True} for key, wording in RELATION_WORDINGS]
    config["stated"] = _stated(settings, tables, follow_up)
    return config


def _instrument(settings: SimulationSettings) -> dict[str, Any]:
    instrument: dict[str, Any] = {
        "key": confidence.INSTRUMENT,
        "title": "Confidence to prescribe",
        "minimum": 1,
        "maximum": settings.scale_points,
        "step": 1,
        "direction": "higher is better",
    }
    if settings.scale_points == len(ANSWER_LABELS):
        instrument["labels"] = dict(ANSWER_LABELS)
    reversed_positions = confidence.reversed_positions(settings)
    instrument["items"] = []
    for position, key in enumerate(settings.item_keys()):
        is_reversed = position in reversed_positions
        wording = _negative(position - reversed_positions[0]) if is_reversed else _positive(position)
        item: dict[str, Any] = {"key": key, "wording": wording}
        if is_reversed:
            item["reverse"] = True
        instrument["items"].append(item)
    return instrument


def _positive(position: int) -> str:
    if position < len(ITEM_WORDINGS):
        return ITEM_WORDINGS[position]
    turn, situation = divmod(position - len(ITEM_WORDINGS), len(FURTHER_SITUATIONS))
    wording = f"I am confident that I can {FURTHER_SITUATIONS[situation]}"
    return wording if turn == 0 else f"{wording} (form {turn + 1})"


def _negative(position: int) -> str:
    turn, wording = divmod(position, len(NEGATIVE_WORDINGS))
    return NEGATIVE_WORDINGS[wording] if turn == 0 else f"{NEGATIVE_WORDINGS[wording]} (form {turn + 1})"


def _stated(settings: SimulationSettings, tables: Mapping[str, pd.DataFrame], day: date) -> list[dict[str, Any]]:
    """Totals as a closing summary of the programme would state them; all of them agree with the rows."""
    # The summary comes two months after the last wave, when interviews are over; months are named whatever the locale.
    written = day + timedelta(days=60)
    source = f"Closing summary of the simulated programme, {MONTHS[written.month - 1]} {written.year}"
    totals: list[tuple[str, int]] = [("people", settings.people)]
    if settings.events:
        totals += [
            ("events held", settings.events),
            ("signed up", int(tables["events"]["signed_up"].sum())),
            ("attended", len(tables.get("attendance", ()))),
        ]
    if settings.transcripts:
        totals.append(("documents", settings.transcripts))
    return [{"what": what, "value": value, "source": source} for what, value in totals]


def _provenance_note(settings: SimulationSettings) -> str:
    note = (
        f"Simulated with seed {settings.seed} by: {command_for(settings)}. Every person, number and word is invented."
    )
    return f"{note} {settings.note}".strip()


def _interval(months: int) -> str:
    return {1: "every month", 2: "every two months", 3: "every three months", 12: "every year"}.get(
        months, f"every {months} months"
    )
