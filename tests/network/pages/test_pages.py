import inspect

import pandas as pd
import pytest

from cop_analysis import network
from cop_analysis.results.pages import pages_of
from tests.asking import ask

PAGES = [page for page in pages_of(network.Waves) if "ties" in page.needs]
OF_TIES = [page.method for page in PAGES]
BY_LEVEL = [page.method for page in PAGES if page.ending == "suffix"]
DRAWN = [name for name in OF_TIES if "permutations" in inspect.signature(getattr(network.Waves, name)).parameters]


@pytest.mark.parametrize("page", OF_TIES)
def test_a_study_without_ties_says_so_in_one_sentence(page, tables, make_study):
    answer = ask(
        network.waves(make_study({"people": tables["people"], "organisations": tables["organisations"]})), page
    )
    assert answer.sentence.startswith("This study has no ties table (ties.csv), so ")
    assert answer.table.empty
    assert answer.headline is None


@pytest.mark.parametrize("page", OF_TIES)
def test_every_page_prints_its_boundary_method_and_sources(page, forum):
    answer = ask(network.waves(forum), page)
    assert answer.caveats[0] == "Network boundary: Everybody on the mailing list on 1 March."
    assert answer.sources[:3] == ("ties.csv (relation advice, wave by wave)", "people.csv", "rosters.csv")
    assert any("did not answer" in caveat for caveat in answer.caveats)
    assert answer.sentence.endswith(".")
    assert answer.method
    assert (answer.headline is not None) == (page == "summary")
    assert answer.payload()["key"] == answer.key


def test_an_unknown_relation_is_refused_with_the_known_ones(forum):
    with pytest.raises(ValueError, match=r"no relation 'trust'\. It has: advice, knows_of"):
        network.waves(forum, "trust")


@pytest.mark.parametrize("page", OF_TIES)
def test_a_declared_relation_without_a_tie_says_so(page, forum):
    assert "No tie of the relation 'knows_of' is recorded" in ask(network.waves(forum, "knows_of"), page).sentence


@pytest.mark.slow
@pytest.mark.parametrize("page", OF_TIES)
def test_pages_build_without_people_without_rosters_and_with_one_wave(page, tables, make_study):
    tables["people"]["organisation"] = None
    answer = ask(network.waves(make_study({"people": tables["people"], "ties": tables["ties"]})), page)
    assert answer.sentence
    assert answer.headline is None
    one = tables["ties"][tables["ties"]["wave"] == "before"]
    people = tables["people"].assign(organisation="north")
    assert ask(network.waves(make_study({"ties": one, "people": people})), page).sentence


@pytest.mark.slow
@pytest.mark.parametrize("page", OF_TIES)
def test_results_of_two_relations_can_share_a_page(page, tables, make_study):
    more = tables["ties"].assign(relation="knows_of")
    tables["ties"] = pd.concat([tables["ties"], more], ignore_index=True)
    study = make_study(tables)
    first, second = (ask(network.waves(study, relation), page) for relation in ("advice", "knows_of"))
    assert first.key != second.key
    assert first.payload() is not None


@pytest.mark.slow
@pytest.mark.parametrize("page", DRAWN)
def test_same_seed_same_page(page, forum):
    assert ask(network.waves(forum), page).payload() == ask(network.waves(forum), page).payload()


@pytest.mark.slow
@pytest.mark.parametrize("page", BY_LEVEL)
def test_by_sector(page, forum, tables, make_study):
    tables["organisations"]["sector"] = ["hospital", "hospital", "hospice"]
    study = make_study(tables)
    by_sector = ask(network.waves(study, by="sector"), page)
    assert by_sector.key != ask(network.waves(study), page).key
    assert "organisations.csv" in by_sector.sources
    assert "No organisation has a sector" in ask(network.waves(forum, by="sector"), page).sentence


def test_the_headline_is_the_share_with_its_change_and_interval(forum):
    answer = network.summary(forum, permutations=199)
    assert answer.headline is not None
    assert answer.headline.value == "67%"  # 4 of the 6 ties after
    assert answer.headline.label == "of advice ties joined different organisations (After)"
    assert "95% interval" in answer.headline.uncertainty
    assert "change from the first time (Before) +27 percentage points, 95% interval" in answer.headline.uncertainty
    assert answer.table["ties_across"].tolist() == [2, 4]
    assert answer.table["cross_share"].tolist() == [pytest.approx(0.4), pytest.approx(4 / 6)]
    assert answer.table["share_low"].tolist() == [pytest.approx(0.4), pytest.approx(4 / 7)]


def test_summary_and_mixing_table_agree(forum):
    summary, mixing = network.summary(forum, permutations=499), network.mixing_table(forum, permutations=499)
    assert summary.table["p_value"].tolist() == mixing.table["p_value"].tolist()
    assert mixing.table["density"].tolist() == [5 / 20, 6 / 30]
    assert mixing.table["ei"].tolist() == [pytest.approx(-0.2), pytest.approx(1 / 3)]
    assert mixing.table["permutations"].tolist() == [499, 499]


def test_one_wave_has_no_change(tables, make_study):
    tables["ties"] = tables["ties"][tables["ties"]["wave"] == "before"]
    study = make_study(tables)
    assert "one wave, so no change" in network.summary(study).headline.uncertainty
    assert "no change can be shown" in network.wave_change(study).sentence
    assert any("rostered but no advice tie" in caveat for caveat in network.summary(study).caveats)


def test_wave_change_by_hand(forum):
    row = network.wave_change(forum).table.iloc[0]
    assert row[["kept", "gained", "lost", "not_known", "joiners", "joiners_ties"]].tolist() == [3, 2, 1, 1, 1, 1]
    assert row[["gained_across", "lost_across"]].tolist() == [2, 0]


def test_who_connects_puts_first_who_reaches_most(forum):
    table = network.who_connects(forum).table
    assert table.iloc[0][["person", "organisations_reached", "ties_across"]].tolist() == ["A", 2, 2]
    assert table.set_index("person")["reached_before"]["F"] is pd.NA
    # After, only C lies on all four shortest paths A>C>D, A>C>D>E, B>C>D, B>C>D>E, and on F>A>C>D and on to E.
    assert table.set_index("person")["betweenness"]["C"] == 6


def test_response_by_wave_and_organisation(forum):
    answer = network.response(forum)
    after = answer.table[answer.table["wave"] == "After"].set_index("organisation")
    assert after.loc["west", ["asked", "answered"]].tolist() == [2, 1]
    assert "After: 5 of 6 asked answered (83%)." in answer.sentence


def test_response_without_rosters_says_so(tables, make_study):
    del tables["rosters"]
    assert "no rosters table" in network.response(make_study(tables)).sentence


def test_the_matrix_counts_within_and_across(forum):
    table = network.organisation_matrix(forum).table
    after = table[table["wave"] == "After"].set_index(["from_organisation", "to_organisation"])
    assert after.loc[("north", "south"), "ties"] == 2
    assert after.loc[("north", "south"), "density"] == 0.5
    assert after.loc[("south", "south"), "mean_strength"] == 2


def test_a_person_without_an_organisation_is_left_out_of_shares_and_said(tables, make_study):
    tables["people"].loc[tables["people"]["person"] == "C", "organisation"] = None
    answer = network.summary(make_study(tables))
    assert answer.table["ties"].tolist() == [3, 3]  # before A>B, B>A, E>A; after A>B, D>E, F>A
    assert "After: 1 person without an organisation and 3 ties of theirs are left out of counts by organisation." in (
        answer.caveats
    )


def test_a_relation_that_is_not_directed(tables, make_study):
    study = make_study(tables, relations=[{"key": "advice", "directed": False}])
    assert network.mixing_table(study).table["ties"].tolist() == [4, 6]  # A-B was reported from both ends before
    assert network.sociogram(study).figure is not None
    assert network.organisation_matrix(study).table["ties"].sum() == 10


def test_same_seed_same_result(forum):
    assert network.summary(forum, seed=3).payload() == network.summary(forum, seed=3).payload()


def test_a_study_says_when_it_states_no_boundary(tables, make_study):
    assert (
        "does not say who could have been in the network" in network.summary(make_study(tables, boundary="")).caveats[0]
    )


def test_three_waves_are_all_shown_and_compared_in_turn(tables, make_study):
    third = tables["ties"][tables["ties"]["wave"] == "after"].assign(wave="later")
    tables["ties"] = pd.concat([tables["ties"], third], ignore_index=True)
    waves = [{"key": key, "label": key, "date": date} for key, date in
             (("before", "2024-03-01"), ("after", "2024-09-01"), ("later", "2025-03-01"))]  # fmt: skip
    study = make_study(tables, waves=waves)
    assert network.wave_change(study).table[["from_wave", "to_wave"]].to_numpy().tolist() == [
        ["before", "after"], ["after", "later"],
    ]  # fmt: skip
    assert len(network.summary(study).table) == 3
    assert network.sociogram(study).figure.svg.count("<g role=") == 3


def test_a_roster_row_that_was_not_asked_is_told_from_one_that_did_not_answer(tables, make_study):
    tables["rosters"].loc[(tables["rosters"]["person"] == "E") & (tables["rosters"]["wave"] == "after"), "asked"] = "no"
    caveats = network.summary(make_study(tables)).caveats
    assert any("1 person on the roster was never asked" in each for each in caveats)
    assert not any(each.startswith("After") and "did not answer" in each for each in caveats)


def test_two_people_and_one_tie(make_study, tables):
    tables["people"] = tables["people"].iloc[[0, 2]]
    tables["rosters"] = tables["rosters"][tables["rosters"]["person"].isin(["A", "C"])]
    tables["ties"] = tables["ties"][(tables["ties"]["ego"] == "A") & (tables["ties"]["alter"] == "C")]
    study = make_study(tables)
    answer = network.summary(study)
    assert answer.table["cross_share"].tolist() == [1, 1]
    assert (answer.table["interval_low"] < 0.5).all()
    assert "with these organisations no other share is possible" in answer.sentence
    assert network.sociogram(study).figure is not None


EVENTS = pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-01", "2024-03-01"]})


def test_meetings_by_hand(tables, make_study):
    # E1: A, B, C; E2: A, C. D, E and F attended nothing.
    seen = pd.DataFrame({"event": ["E1", "E1", "E1", "E2", "E2"], "person": ["A", "B", "C", "A", "C"]})
    answer = network.meeting_network(make_study({**tables, "events": EVENTS, "attendance": seen}))
    assert answer.table.values.tolist() == [  # noqa: PD011
        ["north", "north", 1, 1, 1.0, 1.0],
        ["north", "south", 2, 2, 1.0, 1.5],
        ["south", "south", 0, 0, pytest.approx(float("nan"), nan_ok=True), pytest.approx(float("nan"), nan_ok=True)],
    ]
    assert answer.sentence.startswith("3 people attended at least one session; 3 of their 3 pairs (100%)")


def test_meetings_of_head_counts_only_and_of_nothing(tables, make_study):
    counts = pd.DataFrame({"event": ["E1", "E2"], "count": [17, 73]})
    answer = network.meeting_network(make_study({"events": EVENTS, "attendance": counts}))
    assert "head counts only" in answer.sentence
    assert "no attendance table" in network.meeting_network(make_study(tables)).sentence
