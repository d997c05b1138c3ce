"""How one value is written: what a reader sees is what was found."""

import pandas as pd
import pytest

from cop_analysis.results import count_of, csv_text, format_p, share_columns


@pytest.mark.parametrize(
    ("p_value", "written"),
    [(0.0009, "p < 0.001"), (0.001, "p = 0.001"), (0.005, "p = 0.005"), (0.0499, "p = 0.050"), (1.0, "p = 1.000")],
)
def test_a_p_is_written_to_three_places_and_below_a_thousandth_as_that(p_value, written):
    assert format_p(p_value) == written


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (1200, "1,200 people")]
)
def test_only_one_is_one(number, written):
    assert count_of(number, "person", "people") == written


def test_an_interval_of_a_mean_is_no_share():
    assert share_columns(["share", "low", "high", "mean", "low_mean", "high_mean"]) == {"share", "low", "high"}
    assert share_columns(["share", "mean_change_low", "mean_change_high"]) == {"share"}
    assert share_columns(["share", "mean", "low", "high"]) == {"share"}


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_and_no_header_of_a_table_runs_in_a_spreadsheet(lead):
    table = pd.DataFrame({f"{lead}head": [f"{lead}1+1"], "said": ["fine"]})
    written = csv_text(table)
    assert f"'{lead}head" in written
    assert f"'{lead}1+1" in written
