"""Events on the bound: full to the last place, rated by more than came."""

import pandas as pd
import pytest

from cop_analysis.sessions import ratings_by_session, reach_by_event, reach_flow
from cop_analysis.sessions.pages.rows import list_events, walked_in

EVENTS = pd.DataFrame({"event": ["E1", "E2"], "date": ["2018-01-29", "2018-02-26"], "signed_up": [15, 20]})


@pytest.mark.parametrize(("came", "more"), [(14, False), (15, False), (16, True)])
def test_only_more_than_signed_up_walked_in(came, more):
    attendance = pd.DataFrame({"event": ["E1", "E2"], "count": [came, 18]})
    assert walked_in(list_events(EVENTS, attendance)).tolist() == [more, False]


def test_a_full_event_has_a_share(make_study):
    attendance = pd.DataFrame({"event": ["E1", "E2"], "count": [15, 18]})
    study = make_study(events=EVENTS.assign(date=pd.to_datetime(EVENTS["date"])), attendance=attendance)
    assert reach_by_event(study).table["event"].tolist() == ["E1", "E2"]


def test_no_more_rated_than_came(make_study):
    rows = [(event, f"P{n}", "relevance", 3) for event, rated in (("E1", 5), ("E2", 2)) for n in range(rated)]
    study = make_study(
        settings={"rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5}]},
        events=EVENTS.assign(date=pd.to_datetime(EVENTS["date"])),
        attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [3, 4]}),
        ratings=pd.DataFrame(rows, columns=["event", "respondent", "item", "score"]),
    )
    caveats = ratings_by_session(study).caveats
    # 5 rated of the 3 who came to E1, which is no share, and 2 of the 4 who came to E2: as the steps say on this page.
    assert any(one.startswith("About 2 of 4 attendances were rated") for one in caveats)
    assert any(one.startswith("More ratings than attendances at: E1, so no share") for one in caveats)
    rated = reach_flow(study).table.set_index("step").loc["rated"]
    assert (rated["numerator"], rated["denominator"]) == (2, 4)
