"""What holds in every simulated study, whatever its size, and that its structure is the one it promises."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop_analysis.simulate import SimulationSettings, simulate_study
from cop_analysis.simulate.settings import NMP_FORUM, PRESETS
from cop_analysis.simulate.study import study_files

SHARE = st.sampled_from([0.0, 0.05, 0.3, 0.5, 1.0])

SMALL = st.builds(
    SimulationSettings,
    seed=st.integers(0, 2**63 - 1),
    people=st.integers(1, 40),
    organisations=st.integers(1, 8),
    events=st.integers(0, 5),
    items=st.integers(0, 12),
    scale_points=st.sampled_from([2, 3, 5, 7, 11]),
    effect_size=st.sampled_from([-5.0, 0.0, 0.5, 5.0]),
    drop_out=SHARE,
    unmatched_ids=SHARE,
    near_miss_ids=SHARE,
    missing_answers=SHARE,
    declined=st.sampled_from([0.0, 0.05, 0.4]),
    joiners=SHARE,
    leavers=SHARE,
    attendance=SHARE,
    no_shows=st.sampled_from([0.0, 0.5, 10.0]),
    session_minutes=st.sampled_from([1, 60, 1_440]),
    rating_response=SHARE,
    anonymous_ratings=SHARE,
    comments=SHARE,
    outputs=st.integers(0, 12),
    advice_ties=st.sampled_from([0.0, 0.5, 3.0, 40.0]),
    knows_ties=st.sampled_from([0.0, 3.0]),
    kept_ties=SHARE,
    homophily=SHARE,
    new_homophily=SHARE,
    reciprocity=SHARE,
    non_response=SHARE,
    transcripts=st.integers(0, 9),
    transcript_words=st.sampled_from([1, 60]),
    extracts=st.sampled_from([0, 1, 30]),
    coders=st.integers(1, 4),
    coder_agreement=SHARE,
    configurations=st.sampled_from([0, 1, 7, 300]),
)


@pytest.mark.slow
@given(SMALL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_study_keeps_its_contract(chosen):
    study = simulate_study(chosen)
    tables = study.tables
    people = tables["people"].set_index("person")
    assert people.index.is_unique
    assert len(people) == chosen.people
    assert people["organisation"].isin(tables["organisations"]["organisation"]).all()
    assert (people["left"].isna() | (people["left"] > people["joined"])).all()
    _check_events(chosen, tables, people)
    _check_survey(chosen, tables)
    _check_ties(tables, people)
    _check_coding(study)


def _check_events(chosen, tables, people):
    if not chosen.events:
        assert not {"events", "attendance", "ratings", "changes"} & set(tables)
        return
    events = tables["events"].set_index("event")
    assert events.index.is_unique
    assert (events["signed_up"] <= len(people)).all()
    attendance = tables.get("attendance")
    if attendance is None:
        return
    assert not attendance.duplicated(["event", "person"]).any()
    present = attendance.groupby("event").size().reindex(events.index, fill_value=0)
    assert (present <= events["signed_up"]).all()
    assert attendance["minutes"].between(0, chosen.session_minutes).all()
    when, who = attendance["event"].map(events["date"]), people.loc[attendance["person"]]
    assert (when.to_numpy() >= who["joined"].to_numpy()).all()
    left = who["left"].to_numpy()
    assert (np.isnat(left) | (when.to_numpy() < left)).all()
    ratings = tables.get("ratings")
    if ratings is not None:
        named = ratings.dropna(subset=["respondent"])
        assert not named.duplicated(["event", "respondent", "item"]).any()
        came = set(zip(attendance["event"], attendance["person"], strict=True))
        assert set(zip(named["event"], named["respondent"], strict=True)) <= came
        assert ratings["score"].isin([1, 2, 3, 4, 5]).all()


def _check_survey(chosen, tables):
    survey = tables.get("survey")
    if survey is None:
        return
    assert not survey.duplicated(["person", "wave", "item"]).any()
    answered = survey["score"].dropna()
    assert answered.isin(range(1, chosen.scale_points + 1)).all()
    declined = tables["people"].query("consent == 'no'")["person"]
    assert not survey["person"].isin(declined).any()


def _check_ties(tables, people):
    rosters = tables["rosters"]
    assert not rosters.duplicated(["person", "wave"]).any()
    assert rosters.loc[rosters["answered"], "asked"].all()
    ties = tables.get("ties")
    if ties is None:
        return
    assert not ties.duplicated(["ego", "alter", "relation", "wave"]).any()
    assert (ties["ego"] != ties["alter"]).all()
    assert ties[["ego", "alter"]].isin(people.index).all(axis=None)
    place = rosters.set_index(["person", "wave"])
    assert place.loc[list(zip(ties["ego"], ties["wave"], strict=True)), "answered"].all()
    assert place.loc[list(zip(ties["alter"], ties["wave"], strict=True)), "asked"].all()
    pairs = {
        relation: set(zip(rows["ego"], rows["alter"], rows["wave"], strict=True))
        for relation, rows in ties.groupby("relation")
    }
    assert pairs.get("advice", set()) <= pairs.get("knows_of", set())


def _check_coding(study):
    if study.coding is None:
        assert not study.documents
        assert study.settings.transcripts == 0
        return
    coding = study.coding
    words = {document["id"]: study.documents[document["file"]] for document in coding["documents"]}
    assert [len(text) for text in words.values()] == [document["length"] for document in coding["documents"]]
    assert len(coding["extracts"]) == study.settings.extracts
    for kind in ("codes", "extracts", "configurations", "evidence", "ripples", "documents", "coders"):
        names = [part["id"] for part in coding[kind]]
        assert len(set(names)) == len(names)
    codes = {code["id"] for code in coding["codes"]}
    assert all(code["parent"] is None or code["parent"] in codes for code in coding["codes"])
    records = set()
    for extract in coding["extracts"]:
        text, start, end = words[extract["document"]], extract["start"], extract["end"]
        assert 0 <= start < end <= len(text)
        assert text[start:end] == extract["quote"]
        assert text[max(start - 32, 0) : start] == extract["prefix"]
        assert text[end : end + 32] == extract["suffix"]
        assert extract["code"] in codes
        records.add((extract["document"], start, end, extract["code"], extract["coder"]))
    assert len(records) == len(coding["extracts"])
    configurations = {configuration["id"]: configuration for configuration in coding["configurations"]}
    extracts = {extract["id"]: extract for extract in coding["extracts"]}
    for evidence in coding["evidence"]:
        slots = {slot["role"]: slot["codes"] for slot in configurations[evidence["configuration"]]["slots"]}
        assert extracts[evidence["extract"]]["code"] in slots[evidence["slot"]]
    for configuration in configurations.values():
        assert all(configuration["id"] in configurations[rival]["rivals"] for rival in configuration["rivals"])
    for text in words.values():
        assert all(": " in turn for turn in text.rstrip("\n").split("\n\n"))
        assert len(text.split()) >= study.settings.transcript_words


def test_the_same_settings_give_the_same_bytes_and_another_seed_others():
    first = study_files(simulate_study(PRESETS["tiny"]))
    assert study_files(simulate_study(PRESETS["tiny"])) == first
    other = study_files(simulate_study(replace(PRESETS["tiny"], seed=2)))
    assert other["survey.csv"] != first["survey.csv"]


def test_tables_do_not_depend_on_what_else_is_made():
    with_texts = study_files(simulate_study(SimulationSettings(transcripts=2)))
    without = study_files(simulate_study(SimulationSettings(transcripts=0, outputs=0, comments=0.1)))
    for table in ("people", "events", "attendance", "survey", "ties", "rosters"):
        assert with_texts[f"{table}.csv"] == without[f"{table}.csv"]


def test_one_person_alone_makes_a_study():
    study = simulate_study(SimulationSettings(people=1, organisations=1, events=1, transcripts=1, extracts=3))
    assert "ties" not in study.tables
    assert len(study.coding["extracts"]) == 3


# --- structure: what a large study must show, with margins of several standard errors ------------------------------

LARGE = SimulationSettings(people=4_000, organisations=40, transcripts=0, seed=11)


def _changes(study):
    wide = study.tables["survey"].pivot_table(index="person", columns=["item", "wave"], values="score")
    before, after = (wide.xs(wave, axis=1, level="wave") for wave in ("baseline", "follow_up"))
    return before, after, (after - before).dropna(how="all")


@pytest.mark.slow
def test_the_effect_size_moves_confidence_and_zero_leaves_it():
    none = _changes(simulate_study(replace(LARGE, effect_size=0.0)))[2].to_numpy()
    half = _changes(simulate_study(replace(LARGE, effect_size=0.5)))[2].to_numpy()
    worse = _changes(simulate_study(replace(LARGE, effect_size=-0.5)))[2].to_numpy()
    assert abs(np.nanmean(none)) < 0.03
    assert np.nanmean(half) > 0.2
    assert np.nanmean(worse) < -0.2


def test_some_items_hardly_move_and_one_gets_worse():
    gain = _changes(simulate_study(LARGE))[2].mean()
    assert (gain < -0.05).sum() == 1
    assert (gain.abs() < 0.15).sum() >= 1
    assert (gain > 0.3).sum() >= 4


def test_those_who_come_more_often_gain_more_and_were_surer_before():
    study = simulate_study(LARGE)
    before, _, change = _changes(study)
    dose = study.tables["attendance"].groupby("person").size()
    gain = change.mean(axis=1)
    start = before.mean(axis=1).reindex(gain.index)
    dose = dose.reindex(gain.index).fillna(0)
    assert np.corrcoef(dose, gain)[0, 1] > 0.1
    assert np.corrcoef(dose, start)[0, 1] > 0.1


def test_drop_out_has_its_share_and_takes_the_less_confident():
    study = simulate_study(replace(LARGE, drop_out=0.3, unmatched_ids=0, near_miss_ids=0))
    survey = study.tables["survey"]
    first, last = (set(survey.loc[survey["wave"] == wave, "person"]) for wave in ("baseline", "follow_up"))
    start = survey[survey["wave"] == "baseline"].groupby("person")["score"].mean()
    assert abs(len(first - last) / len(first) - 0.3) < 0.001
    assert start[list(first - last)].mean() < start[list(first & last)].mean() - 0.15


def test_reversed_items_are_answered_the_other_way_round():
    plain = simulate_study(replace(LARGE, people=300))
    reversed_last = simulate_study(replace(LARGE, people=300, reversed_items=1))
    ours, theirs = (study.tables["survey"].query("item == 'q10'")["score"] for study in (plain, reversed_last))
    pd.testing.assert_series_equal(6 - ours, theirs)
    items = reversed_last.config["instruments"][0]["items"]
    assert [item.get("reverse", False) for item in items] == [False] * 9 + [True]


def test_unmatched_ids_and_near_misses_have_their_share():
    study = simulate_study(replace(LARGE, unmatched_ids=0.1, near_miss_ids=0.05))
    survey = study.tables["survey"]
    known = set(study.tables["people"]["person"])
    for wave in ("baseline", "follow_up"):
        persons = survey.loc[survey["wave"] == wave, "person"].unique()
        made_up = [person for person in persons if person[0].isdigit()]
        assert len(made_up) == pytest.approx(0.1 * len(persons), abs=1)
        slips = [person for person in persons if person not in known and not person[0].isdigit()]
        assert len(slips) == pytest.approx(0.05 * len(persons) if wave == "follow_up" else 0, abs=1)
        assert all(slip.replace("O", "0", 1) in known for slip in slips)


def test_ties_keep_to_the_organisation_first_and_cross_it_later():
    study = simulate_study(replace(LARGE, homophily=0.8, new_homophily=0.2))
    organisation = study.tables["people"].set_index("person")["organisation"]
    advice = study.tables["ties"].query("relation == 'advice'")
    across = advice["ego"].map(organisation) != advice["alter"].map(organisation)
    share = across.groupby(advice["wave"]).mean()
    assert share["baseline"] == pytest.approx(0.2, abs=0.03)
    assert share["follow_up"] > share["baseline"] + 0.1


def test_non_response_has_its_share():
    rosters = simulate_study(replace(LARGE, non_response=0.25)).tables["rosters"]
    asked = rosters[rosters["asked"]]
    assert asked.groupby("wave")["answered"].mean().tolist() == pytest.approx([0.75, 0.75], abs=0.001)


def test_ratings_rise_after_the_change_meant_for_them_and_others_do_not():
    study = simulate_study(replace(LARGE, events=8))
    ratings = study.tables["ratings"].pivot_table(index="event", columns="item", values="score")
    # Two changes among eight events come after the second and the fifth: 8 * 1 // 3 and 8 * 2 // 3.
    assert study.tables["changes"]["event"].tolist() == ["EV2", "EV5"]
    ease, support, relevance = (ratings[item] for item in ("ease_of_attendance", "peer_support", "relevance"))
    assert ease[2:].min() > ease[:2].max() + 0.3
    assert support[5:].min() > support[:5].max() + 0.3
    assert relevance.max() - relevance.min() < 0.6


def test_two_coders_agree_as_often_as_asked():
    study = simulate_study(replace(PRESETS["tiny"], transcripts=8, extracts=800, coder_agreement=0.6))
    extracts = pd.DataFrame(study.coding["extracts"])
    place = ["document", "start", "end", "code"]
    first, other = (extracts.loc[extracts["coder"] == coder, place] for coder in ("coder-a", "coder-b"))
    agreed = len(first.merge(other)) / len(first)
    assert 0.5 < agreed < 0.7


def test_refuting_evidence_has_its_share():
    study = simulate_study(replace(PRESETS["tiny"], transcripts=8, extracts=800, refuting=0.3))
    stances = pd.Series([evidence["stance"] for evidence in study.coding["evidence"]]).value_counts(normalize=True)
    assert stances["refutes"] == pytest.approx(0.3, abs=0.08)
    assert set(stances.index) == {"supports", "refines", "refutes"}


@pytest.mark.slow
def test_a_region_of_many_people_takes_moments():
    study = simulate_study(replace(LARGE, people=20_000, organisations=500))
    assert len(study.tables["people"]) == 20_000
    assert len(study.tables["survey"]) > 300_000
    assert study.tables["survey"]["person"].nunique() > 19_000


def test_totals_the_study_states_are_those_of_its_rows():
    study = simulate_study(NMP_FORUM)
    stated = {total["what"]: total["value"] for total in study.config["stated"]}
    assert stated == {
        "people": 30,
        "events held": 6,
        "signed up": int(study.tables["events"]["signed_up"].sum()),
        "attended": len(study.tables["attendance"]),
        "documents": 8,
    }


@pytest.mark.parametrize(("target", "written"), [(3.0, 3.0), (4.2, 4.2), (0, None)])
def test_the_target_of_the_ratings_is_written_into_the_study(target, written):
    config = simulate_study(SimulationSettings(people=4, events=1, transcripts=0, rating_target=target)).config
    assert [item.get("target") for item in config["rating_items"]] == [written] * 3


def test_a_target_off_the_scale_is_refused():
    with pytest.raises(ValueError, match="ratings run from 1 to 5"):
        SimulationSettings(rating_target=0.5)
    with pytest.raises(ValueError, match="rating_target"):
        SimulationSettings(rating_target=6)
