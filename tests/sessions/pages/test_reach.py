from __future__ import annotations

import pandas as pd
import pytest

from cop_analysis.sessions import reach_by_event, reach_by_format, reach_by_period

ALL = [reach_by_event, reach_by_format, reach_by_period]


def test_the_poster_is_recounted_with_every_denominator(make_study, poster_tables):
    result = reach_by_event(make_study(**poster_tables))
    assert (result.attended, result.signed_up) == (392, 647)
    assert result.pooled.estimate == pytest.approx(0.60587326, abs=1e-8)
    assert result.difference.statistic == pytest.approx(45.38967658, abs=1e-8)
    assert result.difference.df == 6
    assert "392 of 647" in result.sentence
    # Wilson intervals of the first and sixth event (R 4.2.2, prop.test without correction).
    assert result.table.loc[0, ["low", "high"]].tolist() == pytest.approx([0.31038569804373, 0.616159531078205])
    assert result.table.loc[5, ["low", "high"]].tolist() == pytest.approx([0.393389595599468, 0.521082371429545])


def test_the_event_furthest_from_the_rest_is_named_and_taken_out_as_a_check(make_study, poster_tables):
    result = reach_by_event(make_study(**poster_tables))
    sentence = result.sentence
    assert "18 September 2023" in sentence
    assert "105 of 230" in sentence
    assert "68.8%" in sentence  # 287 of 417
    assert "chi-square" not in sentence
    assert "Chi-square 45.39 on 6 degrees of freedom, p &lt; 0.001" in result.body_html
    assert "13.42 on 5 (p = 0.020)" in result.body_html


def test_overdispersion_is_said(make_study, poster_tables):
    result = reach_by_event(make_study(**poster_tables))
    assert any("7.6 times" in caveat for caveat in result.caveats)
    # 647 sign-ups that vary 7.56 times as much as chance makes them weigh as 647 / 7.56 would.
    assert result.headline.uncertainty.endswith("57% to 64%, or 50% to 70% allowing for how much events vary")
    assert any("not people" in caveat for caveat in result.caveats)


@pytest.mark.usefixtures("drawn")
def test_the_picture_prints_the_counts_and_says_them_in_words(make_study, poster_tables):
    figure = reach_by_event(make_study(**poster_tables)).figure
    assert "105 of 230" in figure.svg
    assert "105 of 230" in figure.alt


def test_formats_are_compared_with_newcombes_interval(make_study, poster_tables):
    result = reach_by_format(make_study(**poster_tables))
    counts = result.table.set_index("format")[["events", "signed_up", "attended"]]
    assert counts.loc["face to face"].tolist() == [3, 145, 88]
    assert counts.loc["webinar"].tolist() == [4, 502, 304]
    assert "+0.1 percentage points (95% interval −9.0 to +8.9)" in result.sentence


def test_periods_are_compared_later_less_earlier_with_a_real_minus_sign(make_study, poster_tables):
    sentence = reach_by_period(make_study(**poster_tables)).sentence
    # 375 of 610 less 17 of 37; R's prop.test shares, Newcombe's method 10.
    assert "2023/24 less 2022/23: +15.5 percentage points (95% interval −0.6 to +30.9)" in sentence
    assert " -" not in sentence


def test_three_years_are_compared_last_less_first_with_a_trend(make_study, poster_tables):
    poster_tables["events"]["date"] = ["2021-05-01"] * 2 + ["2022-05-01"] * 2 + ["2023-05-01"] * 3
    result = reach_by_period(make_study(**poster_tables))
    assert "2023/24 less 2021/22" in result.sentence
    assert "Is there a steady fall? Chi-square" in result.body_html


@pytest.mark.slow
@pytest.mark.usefixtures("drawn")
def test_long_formats_are_wrapped_and_not_cut(make_study, poster_tables):
    poster_tables["events"]["format"] = "online breakout case discussion in small groups that mix organisations"
    for function in (reach_by_event, reach_by_format):
        svg = function(make_study(**poster_tables)).figure.svg
        assert "…" not in svg
        assert "organisations" in svg


def test_the_financial_year_2023_24_holds_six_of_the_seven_events(make_study, poster_tables):
    result = reach_by_period(make_study(**poster_tables))
    counts = result.table.set_index("financial_year")[["events", "signed_up", "attended"]]
    assert counts.loc["2022/23"].tolist() == [1, 37, 17]
    assert counts.loc["2023/24"].tolist() == [6, 610, 375]


def test_a_study_of_one_period_counts_only_its_events_and_says_so(make_study, poster_tables):
    result = reach_by_event(make_study(period="2023/24", **poster_tables))
    assert (result.attended, result.signed_up) == (375, 610)
    assert any("2023/24" in caveat for caveat in result.caveats)


@pytest.mark.parametrize("function", ALL)
def test_a_period_without_events_is_one_sentence(make_study, poster_tables, function):
    result = function(make_study(period="2019/20", **poster_tables))
    assert "2019/20" in result.sentence
    assert result.table.empty


@pytest.mark.parametrize("function", ALL)
def test_an_absent_table_is_one_sentence(make_study, poster_tables, function):
    assert "no events table" in function(make_study()).sentence
    assert "no attendance table" in function(make_study(events=poster_tables["events"])).sentence


def test_events_that_cannot_take_part_are_left_out_and_named(make_study):
    events = pd.DataFrame(
        {
            "event": ["E1", "E2", "E3", "E4", "E5", "E6"],
            "date": ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01"],
            "status": ["held", "cancelled", "planned", "held", "held", None],
            "signed_up": [10, 20, None, None, 0, 8],
        }
    )
    attendance = pd.DataFrame({"event": ["E1", "E4"], "count": [5, 9]})
    result = reach_by_event(make_study(events=events, attendance=attendance))
    assert (result.attended, result.signed_up) == (5, 10)
    left_out = " ".join(result.caveats)
    assert "2 events not held" in left_out
    assert "without recorded sign-ups (9 attendances" in left_out
    assert "with 0 sign-ups" in left_out
    assert "without any recorded attendance" in left_out
    assert "1 June 2024" in left_out


def test_when_no_event_can_take_part_that_is_the_answer(make_study):
    events = pd.DataFrame({"event": ["E1"], "date": ["2024-01-01"]})
    attendance = pd.DataFrame({"event": ["E1"], "count": [3]})
    for function in ALL:
        assert "no share can be formed" in function(make_study(events=events, attendance=attendance)).sentence


def test_persons_and_head_counts_are_added(make_study, forum_tables):
    extra = pd.DataFrame({"event": ["N3"], "count": [1]})
    forum_tables["attendance"] = pd.concat([forum_tables["attendance"], extra])
    result = reach_by_event(make_study(**forum_tables))
    assert result.table["attended"].tolist() == [3, 2, 2]


def test_everyone_or_nobody_came(make_study, poster_tables):
    full = poster_tables["events"][["event", "signed_up"]].rename(columns={"signed_up": "count"})
    result = reach_by_event(make_study(events=poster_tables["events"], attendance=full))
    assert result.difference is None
    assert "no difference to test" in result.sentence
    empty = poster_tables["attendance"].assign(count=0)
    result = reach_by_event(make_study(events=poster_tables["events"], attendance=empty))
    assert result.pooled.low == 0 < result.pooled.high


def test_hostile_topics_stay_text(make_study, poster_tables):
    topics = ["<script>alert(1)</script>", "$\\frac{1}{0}$", "=1+1", "a\nb", "x" * 5000, "", "\N{GRINNING FACE}"]
    poster_tables["events"]["topic"] = topics
    result = reach_by_event(make_study(**poster_tables))
    page = result._repr_html_()
    assert "<script" not in page
    assert "'=1+1" in result.payload()["table"]["csv"]


def test_a_thousand_events_are_counted_and_the_latest_drawn(make_study):
    dates = pd.date_range("2020-01-01", periods=1000).strftime("%Y-%m-%d")
    keys = [f"E{number}" for number in range(1000)]
    events = pd.DataFrame({"event": keys, "date": dates, "signed_up": 10})
    attendance = pd.DataFrame({"event": keys, "count": 5})
    result = reach_by_event(make_study(events=events, attendance=attendance))
    assert result.attended == 5000
    assert len(result.figure.table) == 40
    assert "latest 40 of 1000" in result.figure.alt


# --- what a share covers, what it says of chance, and walk-ins --------------------------------------------------------


def events_where(make_study, signed_up, attended):
    keys = [f"E{number}" for number in range(1, len(signed_up) + 1)]
    dates = pd.date_range("2024-01-10", periods=len(keys), freq="MS").strftime("%Y-%m-%d")
    known = pd.DataFrame({"event": keys, "count": attended}).dropna()
    return make_study(events=pd.DataFrame({"event": keys, "date": dates, "signed_up": signed_up}), attendance=known)


def test_a_share_over_some_of_the_events_says_how_many(make_study):
    result = reach_by_event(events_where(make_study, [20, 20, None], [10, None, 9]))
    assert result.headline.label == "of sign-ups turned into attendance, at 1 of 3 events held"
    assert "over 1 of 3 events held turned into attendance" in result.sentence
    assert (result.events, result.events_held) == (1, 3)


def test_words_about_chance_are_the_p_value_and_do_not_turn_on_it(make_study):
    """18, 24 and 25 of 30: chi-square 5.02 on 2, p = .081; the variation is 2.5 times what chance gives."""
    result = reach_by_event(events_where(make_study, [30, 30, 30], [18, 24, 25]))
    assert result.difference.p_value == pytest.approx(0.0812, abs=5e-4)
    assert "would differ as much or more 8 times in 100" in result.sentence
    assert "no more than chance" not in result.sentence
    assert "2.5 times the variation chance alone gives" in result.body_html
    assert "allowing for how much events vary" in result.headline.uncertainty
    assert any("2.5 times as much as chance" in caveat for caveat in result.caveats)


def test_attendances_of_the_same_people_are_said_to_hang_together(make_study):
    study = make_study(
        events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-10", "2024-02-10"], "signed_up": [4, 4]}),
        attendance=pd.DataFrame({"event": ["E1", "E1", "E2", "E2"], "person": ["A", "B", "A", "B"]}),
    )
    assert any("4 of these attendances are of 2 people" in caveat for caveat in reach_by_event(study).caveats)


def test_a_walk_in_is_a_ratio_and_no_share(make_study):
    result = reach_by_event(events_where(make_study, [15, 20], [16, 18]))
    assert (result.attended, result.signed_up) == (18, 20)
    assert any("16 attendances, 15 sign-ups: 107%" in caveat for caveat in result.caveats)
    assert result.headline.label.endswith("at 1 of 2 events held")


def test_only_walk_ins_leave_no_share(make_study):
    result = reach_by_event(events_where(make_study, [15], [16]))
    assert result.sentence.startswith("16 attendances against 15 sign-ups at 1 event: more came than had signed up")


def test_the_small_case_of_a_walk_in_opens_with_a_note():
    from pathlib import Path

    from cop_analysis.study import check_folder, open_study

    case = Path(__file__).parents[2] / "cases" / "walkin"
    (note,) = check_folder(case)
    assert note.severity == "notice"
    assert "leave it where some came without signing up" in note.sentence
    assert "107%" in " ".join(reach_by_event(open_study(case)).caveats)
