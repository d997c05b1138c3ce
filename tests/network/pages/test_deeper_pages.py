import pandas as pd
import pytest

from cop_analysis import network


@pytest.fixture
def with_sectors(tables):
    tables["organisations"]["sector"] = ["hospital", "hospital", "hospice"]
    return tables


def test_four_answers_are_to_the_four_questions(forum):
    table = network.four_answers(forum).table
    assert table["question"].tolist() == [
        "Connected across organisations?",
        "Who connects them?",
        "Did that change?",
        "Could non-response explain it?",
    ]
    assert "67% of advice ties" in table["answer"][0]
    assert "3 ties were kept" in table["answer"][2]


def test_without_rosters_silence_is_not_on_record(tables, make_study):
    del tables["rosters"]
    assert "not on record" in network.four_answers(make_study(tables)).table["answer"][3]


def test_who_spans_by_hand(forum):
    # After: A>B, A>C, B>C, C>D, D>E, F>A (A, B north; C, D south; E, F west).
    table = network.who_spans(forum).table.set_index("person")
    # C: A>C>D and B>C>D into its own organisation. D: C>D>E outwards. A: F>A>B into its own, F>A>C between three.
    assert table.loc["C", ["gatekeeper", "total"]].tolist() == [2, 2]
    assert table.loc["D", ["representative", "total"]].tolist() == [1, 1]
    assert table.loc["A", ["gatekeeper", "liaison", "total"]].tolist() == [1, 1, 2]
    assert list(table.index[:2]) == ["A", "C"]


def test_who_gained_counts_those_who_answered_both_times_apart(forum):
    answer = network.who_gained(forum)
    # E did not answer after: what E would have named is neither gained nor lost.
    assert "at least one contact cannot be called gained or lost" in answer.sentence
    assert answer.table.set_index("person").loc["E", "answered_both"] == False  # noqa: E712


def test_sessions_after_a_wave_do_not_predict_it(tables, make_study):
    people = [f"P{n:02d}" for n in range(12)]
    tables = {
        "people": pd.DataFrame({"person": people, "organisation": ["n", "s"] * 6, "role": list("ndx") * 4}),
        "organisations": pd.DataFrame({"organisation": ["n", "s"], "name": ["N", "S"]}),
        "ties": pd.DataFrame(
            [(people[a], people[(a + step) % 12], "advice", None, wave) for a in range(12) for wave, step in
             (("before", 1), ("before", 2), ("after", 1), ("after", 5))],
            columns=["ego", "alter", "relation", "strength", "wave"],
        ),
        "events": pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-05-01", "2024-12-01"]}),
        "attendance": pd.DataFrame(
            [("E1", person) for person in people[:6]] + [("E2", person) for person in people[3:]],
            columns=["event", "person"],
        ),
    }  # fmt: skip
    answer = network.what_predicts(make_study(tables), permutations=199)
    used = answer.table.groupby("wave")["predictor"].agg(set)
    assert "sessions attended together" not in used["Before"]
    assert used["After"] == {"sessions attended together", "same organisation", "same role", "tie in the wave before"}
    assert any("nobody had attended a session together yet" in caveat for caveat in answer.caveats)


EVENTS = pd.DataFrame({"event": ["E1", "E2", "E3"], "date": ["2024-01-01", "2024-03-01", "2024-05-01"]})


def test_organisations_and_sectors_that_met(with_sectors, make_study):
    seen = pd.DataFrame({"event": ["E1", "E1", "E2", "E2", "E3"], "person": ["A", "C", "B", "E", "F"]})
    study = make_study({**with_sectors, "events": EVENTS, "attendance": seen})
    answer = network.organisation_meetings(study)
    assert answer.table[["one", "other", "sessions_one", "sessions_other", "together"]].values.tolist() == [  # noqa: PD011
        ["north", "south", 2, 1, 1],
        ["north", "west", 2, 2, 1],
    ]
    assert answer.sentence.startswith("2 of 3 pairs of organisations (67%)")
    sectors = network.organisation_meetings(study, by="sector").table
    assert sectors[["one", "other", "together"]].values.tolist() == [["hospice", "hospital", 1]]  # noqa: PD011


def test_head_counts_with_an_organisation_are_enough(with_sectors, make_study):
    counts = pd.DataFrame({"event": ["E1", "E1", "E2"], "count": [3, 4, 5], "organisation": ["north", "west", "west"]})
    study = make_study({"organisations": with_sectors["organisations"], "events": EVENTS, "attendance": counts})
    assert network.organisation_meetings(study).table["together"].tolist() == [1]


def test_published_head_counts_say_what_is_not_known(make_study):
    counts = pd.DataFrame({"event": ["E1", "E2"], "count": [17, 73]})
    study = make_study({"events": EVENTS, "attendance": counts})
    for by, words in (("organisation", "organisations"), ("sector", "sectors")):
        assert f"fewer than two {words}" in network.organisation_meetings(study, by=by).sentence
    assert "names fewer than two people" in network.validated_meetings(study).sentence
    assert "no attendance table" in network.validated_meetings(make_study({"events": EVENTS})).sentence


def test_validated_meetings_show_every_null_and_minutes(tables, make_study):
    events = pd.DataFrame({"event": [f"E{n}" for n in range(9)], "date": [f"2024-0{n + 1}-01" for n in range(9)]})
    seen = pd.DataFrame(
        [(f"E{n}", person, 30 + n) for n in range(4) for person in "AB"]
        + [(f"E{n}", person, 50) for n in range(4, 9) for person in "CD"],
        columns=["event", "person", "minutes"],
    )
    answer = network.validated_meetings(make_study({**tables, "events": events, "attendance": seen}), permutations=99)
    row = answer.table.set_index(["one", "other"]).loc[("A", "B")]
    assert row[["shared", "minutes_together", "weight_size_corrected"]].tolist() == [4, 126, 4]
    assert row[["one_organisation", "other_organisation"]].tolist() == ["north", "north"]
    assert row["p_value_hypergeometric"] == pytest.approx(1 / 126)
    assert "corrected: " in answer.sentence
    # Six pairs at .05 take 120 draws, and with 99 none can pass.
    assert "no pair can pass Bonferroni's correction (that takes 120)" in answer.sentence


def test_trust_dimensions_are_shown_beside_strength(tables, make_study):
    asked = [("A", "C", "openness", 4, "after"), ("A", "B", "openness", 2, "after"), ("A", "C", "mission", 3, "after")]
    tables["ties"] = pd.concat([tables["ties"], pd.DataFrame(asked, columns=tables["ties"].columns)], ignore_index=True)
    study = make_study(tables, relations=[{"key": key} for key in ("advice", "openness", "mission")])
    table = network.tie_strength(study).table
    assert set(table.loc[table["wave"] == "After", "measure"]) == {"strength", "openness", "mission", "trust"}
    trust = table[(table["measure"] == "trust") & (table["kind"] == "across")]
    assert trust["mean"].tolist() == [3.5]


def test_the_page_of_the_core_keeps_going_where_a_wave_has_none(tables, make_study):
    tables["rosters"] = tables["rosters"][tables["rosters"]["person"].isin(["A", "B"])]
    tables["people"] = tables["people"].iloc[:2]
    tables["ties"] = tables["ties"].iloc[[0, 5]]
    tables["organisations"] = tables["organisations"].iloc[:1]
    assert "need at least 3" in network.core_and_periphery(make_study(tables)).sentence


def test_what_measures_and_groupings_give_by_chance_stands_in_one_column(forum):
    table = network.waves(forum, "advice").structure(permutations=9).table
    assert list(table.columns) == [
        "wave", "measure", "value", "expected", "standard_deviation", "p_value", "permutations",
    ]  # fmt: skip
    by_chance = table.set_index("measure")["standard_deviation"]
    assert by_chance["modularity of organisations"].notna().all()
    assert by_chance["transitivity"].notna().all()
