"""The demonstration study in data/nmp_forum is what its preset gives, and fits the transcripts written for it."""

from pathlib import Path

import pytest

from cop_analysis.simulate import simulate_study
from cop_analysis.simulate.settings import NMP_FORUM
from cop_analysis.simulate.study import study_files

FOLDER = Path(__file__).parents[2] / "data" / "nmp_forum"
SIMULATED = (
    "people.csv",
    "organisations.csv",
    "events.csv",
    "attendance.csv",
    "ratings.csv",
    "survey.csv",
    "ties.csv",
    "rosters.csv",
    "outputs.csv",
    "changes.csv",
    "study.toml",
)


@pytest.fixture(scope="module")
def forum():
    return simulate_study(NMP_FORUM)


@pytest.mark.parametrize("file", SIMULATED)
def test_the_shipped_file_is_the_simulated_one_byte_for_byte(forum, file):
    assert (FOLDER / file).read_bytes() == study_files(forum)[file], (
        f"data/nmp_forum/{file} and simulate_study(NMP_FORUM) differ: the generator or the file was changed alone."
    )


def test_it_has_the_size_the_demonstration_needs(forum):
    tables = forum.tables
    assert len(tables["people"]) == 30
    assert tables["people"]["organisation"].value_counts().to_dict() == {
        "HOSP_A": 7,
        "HOSP_B": 5,
        "HOSP_C": 4,
        "COMM": 8,
        "ACUTE": 6,
    }
    assert [str(day) for day in forum.config["schedule"]["planned"]] == [
        "2024-09-18",
        "2024-11-20",
        "2025-01-15",
        "2025-03-19",
        "2025-05-21",
        "2025-07-16",
    ]
    survey = tables["survey"]
    before, after = (set(survey.loc[survey["wave"] == wave, "person"]) for wave in ("baseline", "follow_up"))
    known = set(tables["people"]["person"])
    assert len(before) == 28
    assert len(before & after & known) == 22
    assert len(before - known) == 2
    assert len(after - known) == 3
    assert sum(person.replace("O", "0") in known for person in after - known) == 1
    rosters = tables["rosters"].query("asked")
    assert rosters["answered"].mean() == pytest.approx(0.85, abs=0.03)


def test_the_tables_tell_what_the_transcripts_tell(forum):
    tables = forum.tables
    came = tables["attendance"].groupby("person")["event"].agg(list)
    for person, events in NMP_FORUM.story.attendance:
        assert came[person] == [f"NMP{number}" for number in events]
    roles = tables["people"].set_index("person")["role"]
    for person, role in NMP_FORUM.story.roles:
        assert roles[person] == role
    consent = tables["people"].set_index("person")["consent"]
    assert (consent[list(NMP_FORUM.story.people())] == "yes").all()
    advice = tables["ties"].query("relation == 'advice'")
    first, last = (
        set(zip(rows["ego"], rows["alter"], strict=True))
        for rows in (advice.query("wave == 'baseline'"), advice.query("wave == 'follow_up'"))
    )
    for tie in NMP_FORUM.story.new_advice:
        assert tie in last - first
    organisation = tables["people"].set_index("person")["organisation"]
    assert not [tie for tie in last if "P22" in tie and organisation[tie[0]] != organisation[tie[1]]]


def test_one_member_loses_confidence_most_in_doses_and_interactions(forum):
    scores = forum.tables["survey"].query("person == 'P26'").pivot(index="item", columns="wave", values="score")
    change = scores["follow_up"] - scores["baseline"]
    assert change.max() <= 0
    assert change[["q03", "q07"]].max() <= -2
    assert change.drop(["q03", "q07"]).min() >= change[["q03", "q07"]].max()
