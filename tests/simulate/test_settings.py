"""Settings out of range, or against each other, are refused in one sentence that names the setting."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest

from cop_analysis.simulate import (
    DesignChange,
    SimulatedOrganisation,
    SimulationSettings,
    Story,
    choose_settings,
    describe_settings,
    simulate_study,
)
from cop_analysis.simulate.settings import NMP_FORUM, PRESETS

NUMBERS = [setting for setting in describe_settings() if setting.lowest is not None]


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.name)
def test_every_number_is_refused_just_outside_its_range(setting):
    for wrong in (setting.lowest - 1, setting.highest + 1, float("nan"), "3", None, True):
        with pytest.raises(ValueError, match=f"^The setting `{setting.name}` is "):
            SimulationSettings(**{setting.name: wrong})


def test_a_size_must_be_a_whole_number():
    with pytest.raises(ValueError, match=r"`people` is 2\.5, but must be a whole number from 1 to"):
        SimulationSettings(people=2.5)
    assert SimulationSettings(people=np.int64(3)).people == 3


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"key": "Forum 1"}, "`key` is 'Forum 1'"),
        ({"key": "f" * 65}, "64 at most"),
        ({"person_prefix": "P1"}, "`person_prefix`"),
        ({"event_prefix": ""}, "`event_prefix`"),
        ({"title": "  "}, "`title` is empty"),
        ({"title": 3}, "must be text"),
        ({"first_month": "2024-09"}, "must be a date"),
        ({"first_month": date(1850, 1, 1)}, "years 1901 to 2097"),
        ({"events": 2, "first_month": date(2097, 12, 1)}, "years 1901 to 2097"),
        ({"events": 1_000, "months_between_events": 12}, "years 1901 to 2097"),
        ({"roles": ()}, "at least one entry"),
        ({"reversed_items": 11}, "only 10 items"),
        ({"item_gains": (1.0,)}, "1 entries for 10 items"),
        ({"people": 1_000_000, "items": 200, "transcripts": 0}, "about 400,000,000 rows of survey"),
        ({"declined": 1.0}, "nobody consented"),
        ({"organisation_list": (SimulatedOrganisation(key="A", name="A", sector="s", people=3),)}, "do not add up"),
        (
            {"design_changes": (DesignChange(after_event=6, what="w", why="y", rating_item="relevance"),)},
            "events 1 to 5",
        ),
        ({"story": Story(attendance=(("P01", (7,)),))}, "not on the schedule"),
    ],
)
def test_contradictions_are_said_in_words(given, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        SimulationSettings(**given)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_story_about_somebody_who_is_no_member_is_refused():
    with pytest.raises(ValueError, match="The story names X99, who is not a member"):
        simulate_study(SimulationSettings(story=Story(attendance=(("X99", (1,)),))))


def test_more_extracts_than_passages_are_refused():
    with pytest.raises(ValueError, match="The setting `extracts` is 100000, but 1 transcripts of 20 words"):
        simulate_study(SimulationSettings(transcripts=1, transcript_words=20, extracts=100_000))


def test_every_setting_is_described():
    described = {setting.name: setting for setting in describe_settings()}
    assert set(described) == {field.name for field in fields(SimulationSettings)}
    assert all(setting.meaning for setting in described.values())
    for setting in NUMBERS:
        assert setting.lowest <= setting.default <= setting.highest


def test_presets_differ_in_key_and_the_demonstration_is_one_of_them():
    assert PRESETS["nmp_forum"] is NMP_FORUM
    assert len({preset.key for preset in PRESETS.values()}) == len(PRESETS)
    assert replace(NMP_FORUM) == NMP_FORUM


@pytest.mark.parametrize(
    "changes", [{"people": 300}, {"organisations": 3}, {"events": 2}, {"items": 4}, {"seed": 9}, {"people": 30}]
)
def test_a_preset_can_be_resized(changes):
    chosen = choose_settings("nmp_forum", **changes)
    study = simulate_study(chosen)
    assert chosen.key == "nmp_forum"
    if changes in ({"seed": 9}, {"people": 30}):
        assert chosen.story == NMP_FORUM.story
    else:
        assert chosen.story == Story()
    options = "".join(f" --{name} {value}" for name, value in changes.items() if getattr(NMP_FORUM, name) != value)
    assert f"by: cop simulate FOLDER --preset nmp_forum{options}." in study.config["provenance_note"]


def test_the_provenance_note_gives_the_command():
    note = simulate_study(SimulationSettings(people=7, drop_out=0.5, transcripts=0)).config["provenance_note"]
    assert "by: cop simulate FOLDER --people 7 --drop-out 0.5 --transcripts 0." in note
    only_code = simulate_study(SimulationSettings(roles=("nurse",))).config["provenance_note"]
    assert "(and settings that only Python code can give)" in only_code


def test_unknown_presets_and_settings_are_refused():
    with pytest.raises(ValueError, match="no preset 'regionl'; did you mean regional"):
        choose_settings("regionl")
    with pytest.raises(ValueError, match="no setting 'poeple'; did you mean people"):
        choose_settings(poeple=3)
