"""A new study for a beginner to fill in: a commented study.toml, empty tables and a guide made from the contracts."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from cop_analysis.characters import slug
from cop_analysis.files import put_whole
from cop_analysis.study.contracts import CONTRACTS, KINDS, Column, Contract

_EXAMPLE_ROWS: dict[str, tuple[dict[str, str], ...]] = {
    "people": (
        {"person": "P01", "organisation": "HOSP_A", "role": "nurse prescriber", "joined": "2024-01-15",
         "consent": "yes"},
        {"person": "P02", "organisation": "COMM", "role": "pharmacist", "joined": "2024-01-15", "consent": "yes"},
        {"person": "P03", "organisation": "HOSP_A", "role": "paramedic", "joined": "2024-02-01", "consent": "yes"},
    ),
    "organisations": (
        {"organisation": "HOSP_A", "name": "Hospice A (invented)", "sector": "hospice"},
        {"organisation": "COMM", "name": "Community provider (invented)", "sector": "community"},
    ),
    "events": (
        {"event": "E1", "date": "2024-02-20", "format": "webinar", "topic": "Starting a forum", "series": "forum",
         "status": "held", "signed_up": "3"},
        {"event": "E2", "date": "2024-04-16", "format": "webinar", "topic": "Deprescribing", "series": "forum",
         "status": "held", "signed_up": "3"},
    ),
    "attendance": (
        {"event": "E1", "person": "P01", "minutes": "55"},
        {"event": "E1", "person": "P02", "minutes": "60"},
        {"event": "E2", "person": "P01", "minutes": "50"},
        {"event": "E2", "person": "P03", "minutes": "58"},
    ),
    "ratings": (
        {"event": "E1", "respondent": "P01", "item": "relevance", "score": "4", "comment": "Close to my clinic"},
        {"event": "E1", "item": "relevance", "score": "5"},
        {"event": "E2", "respondent": "P03", "item": "relevance", "score": "2", "comment": "Too early in the day"},
    ),
    "survey": (
        {"person": "P01", "wave": "baseline", "instrument": "confidence", "item": "q01", "score": "2"},
        {"person": "P01", "wave": "follow_up", "instrument": "confidence", "item": "q01", "score": "4"},
        {"person": "P02", "wave": "baseline", "instrument": "confidence", "item": "q01", "score": "3"},
        {"person": "P02", "wave": "follow_up", "instrument": "confidence", "item": "q01", "score": "3"},
        {"person": "P03", "wave": "baseline", "instrument": "confidence", "item": "q01", "score": "3"},
    ),
    "ties": (
        {"ego": "P01", "alter": "P03", "relation": "advice", "strength": "2", "wave": "baseline"},
        {"ego": "P01", "alter": "P02", "relation": "advice", "strength": "1", "wave": "follow_up"},
    ),
    "rosters": (
        {"person": "P01", "wave": "baseline", "asked": "yes", "answered": "yes"},
        {"person": "P02", "wave": "baseline", "asked": "yes", "answered": "no"},
        {"person": "P03", "wave": "baseline", "asked": "yes", "answered": "yes"},
        {"person": "P01", "wave": "follow_up", "asked": "yes", "answered": "yes"},
        {"person": "P02", "wave": "follow_up", "asked": "yes", "answered": "yes"},
        {"person": "P03", "wave": "follow_up", "asked": "yes", "answered": "no"},
    ),
    "documents": (
        {"document": "D01", "file": "D01_example.txt", "kind": "interview", "people": "P01", "date": "2024-05-02",
         "setting": "video call", "title": "Invented example interview"},
    ),
    "outputs": (
        {"output": "O1", "title": "Prescribing handbook (invented)", "status": "planned",
         "planned_date": "2024-09-30"},
    ),
    "quotes": (
        {"quote": "Q1", "text": "I know who to ring now.", "document": "D01", "person": "P01",
         "role": "nurse prescriber", "organisation": "a hospice", "consent": "internal", "identifiable": "no"},
    ),
    "changes": (
        {"change": "C1", "date": "2024-04-01", "what": "Sessions moved to lunchtime (invented)",
         "why": "Clinics overran", "event": "E2"},
    ),
}  # fmt: skip

_EXAMPLE_TEXT = """INTERVIEWER: This is an invented example. What changed for you?

P01: I know who to ring now. Before, I would have waited until the morning.
"""


def new_study(path: str | Path, example: bool = False) -> Path:
    """Make the folder of a new study.

    Parameters
    ----------
    path : str or pathlib.Path
        A folder that is not there yet, or an empty one. Its name becomes the study's key.
    example : bool
        Fill in a few invented rows, marked as simulated, so that everything can be tried at once.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ValueError
        When the folder holds anything already, or a file stands in its place.

    Examples
    --------
    >>> import tempfile
    >>> folder = new_study(Path(tempfile.mkdtemp()) / "My forum")
    >>> sorted(entry.name for entry in folder.iterdir())[:3]
    ['README.md', 'attendance.csv', 'changes.csv']
    >>> from cop_analysis.study import check_folder
    >>> {fault.severity for fault in check_folder(folder)}
    {'notice'}
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder.name} is a file: give the name of a folder that is not there yet.")
    if folder.is_dir() and any(folder.iterdir()):
        raise ValueError(f"The folder {folder.name} is not empty: give a new one, so that nothing is overwritten.")
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    name = folder.resolve().name
    put_whole(folder / "study.toml", settings_text(study_key(name), _title(name), example))
    put_whole(folder / "README.md", guide_text())
    for contract in CONTRACTS.values():
        # The byte order mark makes Excel open the table as UTF-8.
        put_whole(folder / contract.file, "\ufeff" + table_text(contract, example))
    if example:
        put_whole(folder / "documents" / "D01_example.txt", _EXAMPLE_TEXT)
    return folder


def study_key(name: str) -> str:
    """Make a study's key of a folder's name.

    Examples
    --------
    >>> study_key("Forum für NMPs 2024"), study_key("2024"), study_key("con")
    ('forum_fur_nmps_2024', 'study_2024', 'study_con')
    """
    key = slug(name, between="_")
    devices = {"con", "prn", "aux", "nul"}
    if not key or not key[0].isalpha() or key in devices or re.fullmatch(r"(com|lpt)\d", key):
        key = f"study_{key}".rstrip("_")
    return key[:64]


def _title(name: str) -> str:
    words = " ".join("".join(character if character.isprintable() else " " for character in name).split())
    return (words.replace("_", " ").strip() or "New study").replace("\\", "/").replace('"', "'")


def table_text(contract: Contract, example: bool = False) -> str:
    """Write a table as its CSV begins: the header, and with `example` a few invented rows."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, contract.column_names, restval="", lineterminator="\r\n")
    writer.writeheader()
    if example:
        writer.writerows(_EXAMPLE_ROWS[contract.name])
    return buffer.getvalue()


def guide_text() -> str:
    """Write the guide to a study's files from the contracts, so that the two never disagree.

    Examples
    --------
    >>> "| score | a number with a point for decimals |" in guide_text()
    True
    """
    parts = [
        "# This study\n",
        "Fill in `study.toml` first, then the tables you have. Every table is optional: delete the ones you do not "
        "need, or leave them empty.\n",
        "Save tables as **CSV UTF-8 (comma delimited)**, write dates as YYYY-MM-DD, and use pseudonyms, never names. "
        "Then run `cop check` on this folder: it lists everything that is wrong with it, by file, row and column, and "
        "how to correct it. `cop report` makes the report.\n",
        "Transcripts go into `documents/` as plain text (.txt, UTF-8), a blank line between turns, each turn as "
        "`SPEAKER: what they said`.\n",
    ]
    parts += [_table_guide(contract) for contract in CONTRACTS.values()]
    return "\n".join(parts)


def _table_guide(contract: Contract) -> str:
    key = " + ".join(contract.key)
    if contract.name == "attendance":
        key = "event + person, or event + organisation in a head count"
    if contract.name == "ratings":
        key += ", where the respondent is known"
    lines = [
        f"## {contract.file}\n",
        f"{contract.holds[0].upper()}{contract.holds[1:]}. One row for each {key}.\n",
        "| column | holds | meaning | needed | example |",
        "|---|---|---|---|---|",
    ]
    lines += [_column_guide(column) for column in contract.columns]
    return "\n".join(lines) + "\n"


def _column_guide(column: Column) -> str:
    holds = KINDS[column.kind]
    if column.choices:
        holds = f"one of: {', '.join(column.choices)}"
    if column.minimum is not None:
        holds += f", {column.minimum:g} or more"
    needed = "every row" if column.required and column.filled else "the column" if column.required else "optional"
    return f"| {column.name} | {holds} | {column.meaning} | {needed} | {column.example} |"


def settings_text(key: str, title: str, example: bool = False) -> str:
    """Write the commented study.toml of a new study; with `example` the sections its invented rows need are live."""
    provenance = "simulated" if example else "collected"
    note = "Invented rows that show how a study is filled in." if example else ""
    text = _SETTINGS.replace("{key}", key).replace("{title}", title)
    text = text.replace("{provenance}", provenance).replace("{note}", note)
    return text if not example else re.sub(r"^#~ ?", "", text, flags=re.MULTILINE)


_SETTINGS = """# What this study is. Lines that begin with # are comments.
#
# Lines that begin with #~ are sections to be switched on: to use a section, take the #~ away from every one of its
# lines, from the one in square brackets to the next empty line. A line you do not need may stay behind its #~, but
# never the one in square brackets.
#
# `cop check` on this folder says what is missing or wrong, and how to correct it.

schema_version = 1
key = "{key}"                   # short name: lower-case letters, digits and _
title = "{title}"
summary = ""                    # what the programme is and what it is for, in a sentence or two

# Where the data come from: "collected", "published figures", "simulated" or "mixed".
# Every page of a report on simulated data says so.
provenance = "{provenance}"
provenance_note = "{note}"
source = ""                     # a citation, where the figures are published
language = "en-GB"

boundary = ""                   # who could have been in the network, and how that was decided
questions = ["What works, for whom, in what circumstances, and why?"]
caveats = []                    # what every reader must know, a sentence each: ["..."]

# Where a team keeps its coding, if not in the file coding.db in this folder; a name in ${} is an environment variable.
# coding.database = "postgresql+psycopg://team:${COP_DATABASE_PASSWORD}@server/coding"

# When the programme meets. Words such as bi-monthly are ambiguous: write the planned days.
#~ [schedule]
#~ interval = "every two months"
#~ planned = [2024-02-20, 2024-04-16]
# phases = ["C1", "after E2"]       # changes of design (changes.csv) that begin a phase of their own in the ratings

# The times at which people were asked, in order. survey.csv, ties.csv and rosters.csv name them by key.
#~ [[waves]]
#~ key = "baseline"
#~ label = "Baseline"
#~ date = 2024-01-20
#~
#~ [[waves]]
#~ key = "follow_up"
#~ label = "Follow-up"
#~ date = 2024-06-20
#~ design = "paired"                # the same id is the same person as before; "unmatched" where people differ
# ids = "survey codes"              # in each wave whose answers carry made-up codes; "people" for ids of people.csv

# Each questionnaire with its scale and items. survey.csv names the items by key.
#~ [[instruments]]
#~ key = "confidence"
#~ title = "Confidence in prescribing"
#~ minimum = 1
#~ maximum = 5
#~ step = 1
#~ direction = "higher is better"   # or "lower is better"
#~ labels = { "not at all confident" = 1, "fully confident" = 5 }
#~
#~ [[instruments.items]]
#~ key = "q01"
#~ wording = "I can take a full history before I prescribe."
#~ reverse = false

# What was planned before the answers were seen: which change is tested, and how.
#~ [plan]
#~ dated = 2024-01-10
#~ instrument = "confidence"
#~ before = "baseline"
#~ after = "follow_up"
#~ direction = "increase"           # "decrease" or "either"
#~ multiplicity = "maxT"            # "holm" or "bh"

# What people rate after an event. ratings.csv names it by key.
#~ [[rating_items]]
#~ key = "relevance"
#~ wording = "The session was relevant to my role."
#~ minimum = 1
#~ maximum = 5
# direction = "higher is better"    # or "lower is better"
# target = 4                        # the mean rating aimed at, if one was set beforehand

# The kinds of tie people were asked about. ties.csv names them by key.
#~ [[relations]]
#~ key = "advice"
#~ wording = "Whom do you turn to for advice on prescribing?"
#~ directed = true

# Figures that a source states: they are kept as stated and compared with the rows.
# [[stated]]
# what = "attended"                # or signed up, events held, events planned, people, organisations,
#                                  # outputs done, outputs planned, respondents, documents
# value = 360
# at_least = true                  # where the source says "360 +"
# source = "Annual poster, 2023"
# where = { format = "webinar" }   # only rows with this in that column
# period = "2023/24"
#
# [[stated]]
# what = "attended share"          # of those signed up; or rated share (of attended), returned share (of those who
#                                  # came), respondents share (of people), mean signed up, mean attended, mean rating,
#                                  # mean score
# value = 61
# unit = "%"                       # for a share written as a percentage
# decimals = 0                     # needed where the source prints a last 0, as in 4.20

# Periods besides financial years (2023/24, from 1 April) and calendar years (2023).
# [[periods]]
# label = "Pilot"
# start = 2024-01-01
# end = 2024-06-30
"""
