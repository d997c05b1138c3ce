"""What ratings say of a configuration: a direction only where the interval of the share lies on one side of a half."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from cop_analysis.realist import Measure
from cop_analysis.synthesis.strands.ratings import item_rated


def found(above: int, below: int):
    ratings = pd.DataFrame(
        {
            "respondent": [f"P{number}" for number in range(above + below)],
            "event": "E1",
            "item": "ease",
            "score": [5] * above + [1] * below,
        }
    )
    item = SimpleNamespace(key="ease", minimum=1, maximum=5)
    study = SimpleNamespace(ratings=ratings, rating_items=[item], events=None, changes=None)
    return item_rated(SimpleNamespace(study=study), Measure("rating_item", item="ease"))


@pytest.mark.parametrize(
    ("above", "below", "goes"),
    # Wilson at 95%: 12 of 20 is 39% to 78% and 15 of 20 is 53% to 89%.
    [(12, 8, "unclear"), (15, 5, "higher"), (8, 12, "unclear"), (5, 15, "lower")],
)
def test_people_rate_above_the_middle_only_where_the_interval_leaves_out_a_half(above, below, goes):
    finding = found(above, below)
    assert finding.goes == goes
    assert f"{above} of {above + below} people above its middle" in finding.shows
