"""Puts a simulated study together (tables, configuration, documents, coding), and writes it into a folder.

It is the same byte for byte on every platform; nothing is read.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cop_analysis.files import put_files
from cop_analysis.simulate import coding, programme
from cop_analysis.simulate.settings import SimulationSettings, command_for
from cop_analysis.simulate.transcripts import Transcript, documents_table, write_transcripts
from cop_analysis.simulate.waves import INSTRUMENT, WAVES, reversed_positions, survey_table, ties_and_rosters
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
    ties, rosters = ties_and_rosters(settings, members, meetings)
    tables = {
        "people": people,
        "organisations": programme.organisations_table(members),
        "events": programme.events_table(settings, members, meetings),
        "attendance": programme.attendance_table(settings, members, meetings),
        "ratings": programme.ratings_table(settings, members, meetings),
        "survey": survey_table(settings, members, meetings),
        "ties": ties,
        "rosters": rosters,
        "outputs": programme.outputs_table(settings),
        "changes": programme.changes_table(settings, meetings),
    }
    written: tuple[Transcript, ...] = ()
    coded: dict[str, Any] | None = None
    if settings.transcripts:
        written, passages = write_transcripts(settings, members)
        tables["documents"] = documents_table(settings, written)
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
            "instrument": INSTRUMENT,
            "before": WAVES[0],
            "after": WAVES[1],
            "direction": "increase",
            "multiplicity": "maxT",
            "primary": "The mean of all items of the confidence survey, paired by person, baseline against follow-up.",
        }
    config["waves"] = [
        {"key": WAVES[0], "label": "Baseline", "date": baseline},
        {"key": WAVES[1], "label": "Follow-up", "date": follow_up},
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
        "key": INSTRUMENT,
        "title": "Confidence to prescribe",
        "minimum": 1,
        "maximum": settings.scale_points,
        "step": 1,
        "direction": "higher is better",
    }
    if settings.scale_points == len(ANSWER_LABELS):
        instrument["labels"] = dict(ANSWER_LABELS)
    turned = reversed_positions(settings)
    instrument["items"] = []
    for position, key in enumerate(settings.item_keys()):
        is_reversed = position in turned
        wording = _negative(position - turned[0]) if is_reversed else _positive(position)
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


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


def study_files(study: SimulatedStudy) -> dict[str, bytes]:
    """Give the content of every file of a study by its path inside the folder, ``study.toml`` last.

    Examples
    --------
    >>> from cop_analysis.simulate import SimulationSettings, simulate_study
    >>> files = study_files(simulate_study(SimulationSettings(people=3, events=1, transcripts=0)))
    >>> files["events.csv"].decode().splitlines()[0]
    'event,date,format,topic,series,status,signed_up'
    """
    files = {f"{name}.csv": csv_bytes(table) for name, table in study.tables.items()}
    files |= {file: words.encode("utf-8") for file, words in study.documents.items()}
    if study.coding is not None:
        files["coding.json"] = (json.dumps(study.coding, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    files["study.toml"] = toml_text(study.config).encode("utf-8")
    return files


def write_study(study: SimulatedStudy, folder: Path | str) -> Path:
    """Write a study into a folder that does not exist yet or is empty.

    Each file appears whole, and ``study.toml`` last: a folder that has it is a complete study. Where one cannot be
    written none stays.

    Raises
    ------
    ValueError
        When the folder holds something already, or is a file.
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise ValueError(f"{target} is a file, not a folder; choose another place for the simulated study.")
    if target.is_dir() and any(target.iterdir()):
        raise ValueError(f"The folder {target} is not empty; choose a new one, nothing is overwritten.")
    put_files(target, study_files(study), lasting=False)
    return target


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Give a table as a CSV file: UTF-8, lines ended by a line feed, empty cells empty, ``yes`` and ``no``.

    Examples
    --------
    >>> import pandas as pd
    >>> csv_bytes(pd.DataFrame({"score": [4.0, None], "comment": ["so, so", None]}))
    b'score,comment\\n4,"so, so"\\n,\\n'
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*(_cells(table[column]) for column in table.columns), strict=True))
    return lines.getvalue().encode("utf-8")


def toml_text(config: Mapping[str, Any]) -> str:
    """Give a study's configuration as TOML: plain values, then tables, then lists of tables.

    Examples
    --------
    >>> print(toml_text({"key": "forum", "waves": [{"key": "baseline", "date": date(2024, 9, 4)}]}), end="")
    key = "forum"
    <BLANKLINE>
    [[waves]]
    key = "baseline"
    date = 2024-09-04
    """
    return "\n".join(_toml_lines(config, "")) + "\n"


def _toml_lines(table: Mapping[str, Any], name: str) -> Iterable[str]:
    for key, value in table.items():
        if not isinstance(value, Mapping) and not _is_table_list(value):
            yield f"{_toml_key(key)} = {_toml_value(value)}"
    for key, value in table.items():
        path = f"{name}.{_toml_key(key)}" if name else _toml_key(key)
        if isinstance(value, Mapping):
            yield from ("", f"[{path}]", *_toml_lines(value, path))
        elif _is_table_list(value):
            for entry in value:
                yield from ("", f"[[{path}]]", *_toml_lines(entry, path))


def _is_table_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.match(key) else _toml_value(key)


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(entry) for entry in value) + "]"
    if isinstance(value, str):
        # JSON and TOML escape alike, but for DEL, which TOML wants escaped too.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _cells(column: pd.Series) -> list[object]:
    if pd.api.types.is_datetime64_any_dtype(column):
        stamps = np.datetime_as_string(column.to_numpy().astype("datetime64[D]"))
        return np.where(column.isna(), "", stamps).tolist()
    if pd.api.types.is_bool_dtype(column):
        return ["" if pd.isna(value) else "yes" if value else "no" for value in column]
    if pd.api.types.is_float_dtype(column):
        return ["" if value != value else int(value) if value == int(value) else value for value in column.tolist()]
    if pd.api.types.is_integer_dtype(column):
        return ["" if pd.isna(value) else int(value) for value in column.tolist()]
    return ["" if value is None or value != value else value for value in column.tolist()]
