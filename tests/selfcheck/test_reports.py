"""No report contradicts itself: both studies, simulated ones, the small cases, and the forum with something missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

    from conftest import Folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
STUDIES = [ROOT / "data" / "nmp_forum", ROOT / "data" / "cancer_cop"]
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/study.toml"))


def told(faults: list[object]) -> str:
    return "\n".join(map(str, faults))


@pytest.mark.parametrize("folder", [*STUDIES, *CASES], ids=lambda folder: folder.name)
def test_a_report_agrees_with_itself(selfcheck: ModuleType, folder: Path):
    pages = selfcheck.run_pages(folder)
    assert not told(selfcheck.check_pages(pages, labels=selfcheck.wave_labels(folder)))
    assert not told(selfcheck.columns_described(pages))


@pytest.mark.parametrize(
    "settings",
    [
        {"seed": 1, "people": 8, "events": 3, "items": 2},
        {"seed": 2, "people": 22, "items": 8, "drop_out": 0.0},
        {"seed": 3, "people": 60, "events": 14, "drop_out": 0.4},
    ],
    ids=lambda settings: " ".join(f"{key}={value}" for key, value in settings.items()),
)
def test_a_simulated_report_agrees_with_itself(selfcheck: ModuleType, settings: dict, tmp_path: Path):
    from cop_analysis.simulate import SimulationSettings, simulate_study, write_study

    folder = write_study(simulate_study(SimulationSettings(**settings)), tmp_path / "study")
    pages = selfcheck.run_pages(folder)
    assert not told(selfcheck.check_pages(pages))
    assert not told(selfcheck.columns_described(pages))


@pytest.mark.parametrize(
    "names",
    [
        ("rosters", "organisations", "ratings", "changes"),
        ("survey", "attendance"),
        ("people", "rosters", "quotes", "coding", "documents"),
        ("events", "attendance", "ratings", "changes", "ties", "rosters"),
    ],
    ids=" ".join,
)
def test_a_report_without_some_files_agrees_with_itself(selfcheck: ModuleType, forum: Folder, names: tuple[str, ...]):
    forum.without(*names)
    assert not told(selfcheck.check_pages(selfcheck.run_pages(forum.path)))


# --- what was not recorded, or cannot be linked ----------------------------------------------------------------------


def codes_of_their_own(forum: Folder) -> None:
    """Nobody recorded consent, rosters or invitations, ratings are unnamed, and the survey's ids are self-made."""
    forum.without("rosters")
    forum.change("people", lambda row: {key: value for key, value in row.items() if key != "consent"})
    forum.change("survey", lambda row: {**row, "person": f"c0de{row['person']}"})
    forum.change("ratings", lambda row: {**row, "respondent": ""})


def head_counts(forum: Folder) -> None:
    """Attendance is counted by head, and nobody recorded who signed up."""
    came: dict[str, int] = {}
    for row in forum.rows("attendance"):
        came[row["event"]] = came.get(row["event"], 0) + 1
    forum.write("attendance", [{"event": event, "count": str(count)} for event, count in came.items()])
    forum.change("events", lambda row: {key: value for key, value in row.items() if key != "signed_up"})


INVITED = ("invitations", r"\d[\d,]* invited\b")
UNRECORDED: dict[Callable[[Folder], None], list[tuple[str, str]]] = {
    codes_of_their_own: [
        INVITED,
        ("who was asked about ties", r"(?i)\b(?:everybody|everyone|all) who (?:was|were) asked\b|response rate of \d"),
        ("who was asked about ties", r"\b\d+ of \d+ (?:people |who were )?asked\b"),
        ("consent", r"\d+ (?:person|people) (?:did not consent|consented)"),
        ("whether those who answered came", r"\b0 (?:paired|answered)|\b0% of the \d+ who came"),
        ("who rated", r"\b0 rated"),
    ],
    head_counts: [
        INVITED,
        ("which people came", r"\b0 (?:came|people|members)\b|\b0% of"),
        ("sign-ups", r"\b\d+ (?:signed up|sign-ups)"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("change", UNRECORDED, ids=lambda change: change.__name__)
def test_what_was_not_recorded_is_not_shown_as_something_else(
    selfcheck: ModuleType, forum: Folder, change: Callable[[Folder], None]
):
    change(forum)
    absent = [selfcheck.Unrecorded(what, pattern) for what, pattern in UNRECORDED[change]]
    assert not told(selfcheck.check_pages(selfcheck.run_pages(forum.path), absent))
