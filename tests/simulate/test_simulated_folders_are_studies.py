"""A simulated study is a study like any other: the checks of tables and coding find nothing to correct in it."""

from pathlib import Path

import pytest

from cop_analysis.realist import check_coding, read_coding
from cop_analysis.simulate import SimulationSettings, simulate_study, write_study
from cop_analysis.simulate.settings import NMP_FORUM, PRESETS
from cop_analysis.study import check_folder, open_study

CASES = {
    "demonstration": NMP_FORUM,
    "tiny": PRESETS["tiny"],
    "one person": SimulationSettings(people=1, organisations=1, transcripts=1, extracts=4),
    "no events": SimulationSettings(people=5, events=0),
    "no survey": SimulationSettings(items=0),
    "no transcripts": SimulationSettings(transcripts=0),
    "no ties": SimulationSettings(advice_ties=0, knows_ties=0, new_ties=0),
    "two answers, all reversed": SimulationSettings(items=40, scale_points=2, reversed_items=40),
    "nobody stays": SimulationSettings(drop_out=1.0, leavers=0.5, joiners=0.5, non_response=1.0),
    "everybody makes up a code": SimulationSettings(people=300, unmatched_ids=1.0),
    "long ago": SimulationSettings(first_month=SimulationSettings().first_month.replace(year=1901)),
    "more events than weeks": SimulationSettings(events=60, months_between_events=1, people=20, transcripts=0),
}


def is_self_made(fault) -> bool:
    """Whether it is the note on a survey id that is nobody's: simulated on purpose, as it happens in real surveys."""
    return fault.severity == "notice" and fault.rule == "answered, but is not in people.csv"


@pytest.mark.slow
@pytest.mark.parametrize("chosen", CASES.values(), ids=CASES.keys())
def test_nothing_is_at_fault(chosen, tmp_path):
    folder = write_study(simulate_study(chosen), tmp_path / "study")
    assert [fault.sentence for fault in check_folder(folder) if not is_self_made(fault)] == []
    if chosen.transcripts:
        study = open_study(folder, coding_reader=read_coding)
        assert [fault.sentence for fault in check_coding(folder, study)] == []
        assert study.coding is not None
        assert len(study.coding.extracts) == chosen.extracts


def test_the_shipped_demonstration_has_no_fault():
    faults = check_folder(Path(__file__).parents[2] / "data" / "nmp_forum")
    assert [fault.sentence for fault in faults if not is_self_made(fault)] == []
    assert [fault.value for fault in faults] == ["1dayuba", "9fihini", "PO1", "2rusefude", "0tazutefu"]
