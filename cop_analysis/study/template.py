"""A new study for a beginner to fill in: a commented study.toml, empty tables and a guide made from the contracts."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from cop_analysis.characters import slug
from cop_analysis.files import put_files
from cop_analysis.study.contracts import CONTRACTS, KINDS, Column, Contract

_EXAMPLE_ROWS = {
    "people": """
person,organisation,role,joined,consent
P01,HOSP_A,nurse prescriber,2024-01-15,yes
P02,COMM,pharmacist,2024-01-15,yes
P03,HOSP_A,paramedic,2024-02-01,yes
""",
    "organisations": """
organisation,name,sector
HOSP_A,Hospice A (invented),hospice
COMM,Community provider (invented),community
""",
    "events": """
event,date,format,topic,series,status,signed_up
E1,2024-02-20,webinar,Starting a forum,forum,held,3
E2,2024-04-16,webinar,Deprescribing,forum,held,3
""",
    "attendance": """
event,person,minutes
E1,P01,55
E1,P02,60
E2,P01,50
E2,P03,58
""",
    "ratings": """
event,respondent,item,score,comment
E1,P01,relevance,4,Close to my clinic
E1,,relevance,5,
E2,P03,relevance,2,Too early in the day
""",
    "survey": """
person,wave,instrument,item,score
P01,baseline,confidence,q01,2
P01,follow_up,confidence,q01,4
P02,baseline,confidence,q01,3
P02,follow_up,confidence,q01,3
P03,baseline,confidence,q01,3
""",
    "ties": """
ego,alter,relation,strength,wave
P01,P03,advice,2,baseline
P01,P02,advice,1,follow_up
""",
    "rosters": """
person,wave,asked,answered
P01,baseline,yes,yes
P02,baseline,yes,no
P03,baseline,yes,yes
P01,follow_up,yes,yes
P02,follow_up,yes,yes
P03,follow_up,yes,no
""",
    "documents": """
document,file,kind,people,date,setting,title
D01,D01_example.txt,interview,P01,2024-05-02,video call,Invented example interview
""",
    "outputs": """
output,title,status,planned_date
O1,Prescribing handbook (invented),planned,2024-09-30
""",
    "quotes": """
quote,text,document,person,role,organisation,consent,identifiable
Q1,I know who to ring now.,D01,P01,nurse prescriber,a hospice,internal,no
""",
    "changes": """
change,date,what,why,event
C1,2024-04-01,Sessions moved to lunchtime (invented),Clinics overran,E2
""",
}
"""The invented rows of each table, as CSV with the columns they fill."""

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
    name = folder.resolve().name
    # The byte order mark makes Excel open the table as UTF-8.
    files = {"documents/": "", **{one.file: "\ufeff" + table_text(one, example) for one in CONTRACTS.values()}}
    if example:
        files["documents/D01_example.txt"] = _EXAMPLE_TEXT
    files |= {"README.md": guide_text(), "study.toml": settings_text(study_key(name), _title(name), example)}
    put_files(folder, files)
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
        writer.writerows(csv.DictReader(_EXAMPLE_ROWS[contract.name].strip().splitlines()))
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
