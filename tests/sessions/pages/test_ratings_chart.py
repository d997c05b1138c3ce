from __future__ import annotations

import math

import pandas as pd
import pytest

from cop_analysis.sessions import ratings_over_time
from cop_analysis.sessions.pages.ratings import phase_starts

pytestmark = pytest.mark.slow

DATES = pd.date_range("2023-01-15", periods=14, freq="MS")


def items(**more):
    return {"rating_items": [{"key": key, "minimum": 1, "maximum": 5, **more} for key in ("relevance", "burden")]}


@pytest.fixture
def long():
    """Fourteen monthly sessions, each rated twice; relevance rises by one from the eighth."""
    keys = [f"S{number}" for number in range(1, 15)]
    means = [2.5, 3.0] * 3 + [2.5] + [4.0, 3.5] * 3 + [4.0]
    rows = [(key, person, "relevance", mean + side) for key, mean in zip(keys, means, strict=True)
            for person, side in (("A", -0.5), ("B", 0.5))]  # fmt: skip
    return {
        "people": pd.DataFrame({"person": ["A", "B"]}),
        "events": pd.DataFrame({"event": keys, "date": DATES.strftime("%Y-%m-%d")}),
        "ratings": pd.DataFrame(rows, columns=["event", "respondent", "item", "score"]),
        "changes": pd.DataFrame({"change": ["C1"], "date": ["2023-09-20"], "what": ["Small groups"]}),
    }


def test_session_means_are_charted(make_study, long):
    chart = ratings_over_time(make_study(settings=items(), **long)).charts["relevance"]
    assert chart.points["value"].tolist()[:3] == [2.5, 3.0, 2.5]
    assert chart.centre == pytest.approx(sum(chart.points["value"]) / 14)
    assert not chart.trial_limits


def test_a_change_begins_a_phase_only_when_the_user_says_so(make_study, long):
    study = make_study(settings=items(), **long)
    silent = ratings_over_time(study)
    assert silent.phase_starts == ()
    assert silent.table["phases"].tolist() == [1]
    assert any("no phase of their own" in caveat for caveat in silent.caveats)
    declared = ratings_over_time(study, phases="C1")
    assert declared.phase_starts == ("S9",)
    assert declared.charts["relevance"].points["phase"].tolist() == [1] * 8 + [2] * 6
    assert any("proves nothing" in caveat for caveat in declared.caveats)
    setting = items() | {"schedule": {"phases": ["C1"]}}
    assert ratings_over_time(make_study(settings=setting, **long)).phase_starts == ("S9",)
    assert ratings_over_time(make_study(settings=setting, **long), phases="").phase_starts == ()


@pytest.mark.parametrize(
    ("phases", "starts"),
    [
        ("after S3", ["S4"]),
        ("from S3", ["S3"]),
        ("after S3, after S9", ["S4", "S10"]),
        (["from S9", "after S3"], ["S4", "S9"]),
        ("all changes", ["S9"]),
        ("after S14", []),
        ("from S1", []),
        ("", []),
    ],
)
def test_each_way_to_declare_a_phase(make_study, long, phases, starts):
    study = make_study(settings=items(), **long)
    found, silent = phase_starts(study, phases, study.events)
    assert found == starts
    assert len(silent) == (phases in ("after S14", "from S1"))


@pytest.mark.parametrize("phases", ["after S99", "C7", "S3", "later"])
def test_a_phase_nobody_knows_is_refused_with_the_nearest(make_study, long, phases):
    with pytest.raises(ValueError, match="neither a change"):
        ratings_over_time(make_study(settings=items(), **long), phases=phases)


def test_a_phase_before_the_period_shown_is_said_and_not_refused(make_study, long):
    study = make_study(period="2024", settings=items(), **long)
    result = ratings_over_time(study, phases="after S3")
    assert result.phase_starts == ()
    assert any("begins no phase here" in caveat for caveat in result.caveats)


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("direction", "target", "assurance", "words"),
    [
        ("higher is better", 5, "fails", "fails target"),
        ("higher is better", 1, "passes", "passes target"),
        ("lower is better", 5, "passes", "passes target"),
        ("higher is better", 3.3, "inconsistent", "hit and miss"),
    ],
)
def test_targets_of_study_toml_give_the_assurance_icon(make_study, long, direction, target, assurance, words):
    result = ratings_over_time(make_study(settings=items(direction=direction, target=target), **long))
    assert result.charts["relevance"].assurance == assurance
    assert words in result.figure.svg
    assert words in result.figure.alt


def test_targets_may_be_given_in_the_call(make_study, long):
    study = make_study(settings=items(target=5), **long)
    assert ratings_over_time(study, targets={"relevance": 1}).charts["relevance"].assurance == "passes"
    with pytest.raises(ValueError, match="'relevanc'"):
        ratings_over_time(study, targets={"relevanc": 1})
    with pytest.raises(ValueError, match="finite"):
        ratings_over_time(study, targets={"relevance": math.inf})


def test_where_lower_is_better_a_rise_is_a_concern(make_study, long):
    good, bad = (
        ratings_over_time(make_study(settings=items(direction=direction), **long))
        .charts["relevance"]
        .points["variation"]
        for direction in ("higher is better", "lower is better")
    )
    assert good.replace({"improvement": "concern", "concern": "improvement"}).tolist() == bad.tolist()
    assert "improvement" in good.tolist()


@pytest.mark.usefixtures("drawn")
def test_few_sessions_are_told_as_a_run_chart_first(make_study, long):
    study = make_study(settings=items(), **{**long, "ratings": long["ratings"].head(12)})
    result = ratings_over_time(study)
    assert result.sentence.startswith("With 6 sessions there are too few for limits to rely on")
    assert "run chart: too few values for any rule to show a change (relevance)" in result.sentence
    assert "(trial limits)" in result.figure.svg
    assert result.table["trial_limits"].tolist() == [True]


def test_one_session_and_none(make_study, long):
    one = ratings_over_time(make_study(settings=items(), **{**long, "ratings": long["ratings"].head(2)}))
    assert math.isnan(one.charts["relevance"].lower)
    assert any("no limits can be set" in caveat for caveat in one.caveats)
    assert "no ratings table" in ratings_over_time(make_study()).sentence
    long["ratings"]["score"] = None
    assert "no score" in ratings_over_time(make_study(settings=items(), **long)).sentence


def test_an_item_rated_at_some_sessions_only_keeps_its_own_points(make_study, long):
    extra = pd.DataFrame({"event": ["S8", "S10", "S12"], "respondent": "A", "item": "burden", "score": [1, 2, 1]})
    long["ratings"] = pd.concat([long["ratings"], extra])
    chart = ratings_over_time(make_study(settings=items(), **long), phases="C1").charts["burden"]
    assert chart.points["value"].tolist() == [1, 2, 1]
    assert chart.points["phase"].tolist() == [1, 2, 2]


@pytest.mark.usefixtures("drawn")
def test_declared_changes_are_drawn_and_counts_printed_without_a_phase_of_their_own(make_study, long):
    long["ratings"] = long["ratings"].head(12)
    result = ratings_over_time(make_study(settings=items(target=3), **long))
    assert result.table["phases"].tolist() == [1]
    assert "dotted and lettered: changes (A, " in result.figure.title
    assert "Change A, " in result.figure.alt
    for words in (">A<", ">n=2<", ">target 3<"):
        assert words in result.figure.svg
    assert result.figure.table["n"].tolist() == [2] * 6


def test_the_demonstration_shows_icons_against_the_target_it_was_simulated_with():
    from pathlib import Path

    from cop_analysis.study import open_study

    study = open_study(Path(__file__).parents[3] / "data" / "nmp_forum")
    result = ratings_over_time(study)
    assert result.table["target"].tolist() == [3.0, 3.0, 3.0]
    assert result.table["assurance"].tolist() == ["passes", "inconsistent", "inconsistent"]
    assert "passes target (3): relevance; hit and miss (3): ease of attendance and peer support" in result.sentence
    assert result.table["trial_limits"].all()
