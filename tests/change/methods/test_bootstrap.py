"""BCa against published intervals (R boot, 199,999 resamples) and what mid-rank counting is for."""

import numpy as np
import pandas as pd
import pytest

from cop_analysis.change import bootstrap_means
from cop_analysis.change.methods.effects import bca_limits, drawn_counts

# R datasets: sleep, extra hours of sleep gained; boot: aircondit, hours between failures (Proschan 1963)
SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
AIRCONDIT = [3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487]


def test_published_intervals():
    # R boot 1.3-28.1: sleep 1.05 to 2.63, aircondit 57.08 to 225.4. Resampling noise: 3 standard errors of a quantile
    # of 20,000 draws are about a hundredth of the width.
    found = bootstrap_means(pd.DataFrame({"sleep": SLEEP}), 20_000, seed=1)
    assert (found.low["sleep"], found.high["sleep"]) == pytest.approx((1.05, 2.63), abs=0.03)
    found = bootstrap_means(pd.DataFrame({"hours": AIRCONDIT}), 20_000, seed=1)
    assert (found.low["hours"], found.high["hours"]) == pytest.approx((57.08, 225.4), abs=4)


def test_lumpy_answers_are_not_shifted():
    # Twenty answers on a five-point scale: R's percentile interval is .45 to 1.2; counting only resamples below the
    # estimate moves its BCa interval to .4 to 1.15, although the answers are hardly skewed.
    change = pd.DataFrame({"change": [1, 1, 1, 2, 0, 2, 0, 1, 2, 1, 0, 0, 2, 0, 1, 1, 1, 0, 2, -1]})
    found = bootstrap_means(change, 20_000, seed=2)
    assert found.estimate["change"] == pytest.approx(0.85)
    assert (found.low["change"], found.high["change"]) == pytest.approx((0.45, 1.2), abs=0.051)


def test_counts_by_hand():
    # Half of the ties below: .25 of the draws lie below 2 and .5 equal it, so there is no bias to correct.
    limits = bca_limits(np.array([1.0, 2.0, 2.0, 3.0]), 2.0, 0.0, 0.5)
    assert limits.tolist() == pytest.approx(np.quantile([1, 2, 2, 3], [0.25, 0.75], method="hazen").tolist())


def test_missing_answers_take_a_person_out_of_that_item_only():
    table = pd.DataFrame({"a": [1.0, 2, 3, 4, np.nan, 0], "b": [1.0, 1, 2, 2, 3, 3]})
    found = bootstrap_means(table, 2000, seed=1)
    assert found.n.tolist() == [5, 6]
    assert found.estimate.tolist() == [2, 2]
    assert found.low["a"] < 2 < found.high["a"]


def test_everyone_the_same_nobody_and_two_people():
    table = pd.DataFrame({"same": [1.0] * 5, "none": [np.nan] * 5, "two": [1.0, 2, np.nan, np.nan, np.nan]})
    found = bootstrap_means(table, 200)
    assert (found.low["same"], found.high["same"]) == (1, 1)
    assert np.isnan(found.estimate["none"])
    assert found.estimate["two"] == 1.5
    assert np.isnan(found.low["two"])
    assert bootstrap_means(pd.DataFrame(index=range(3)), 200).estimate.empty


def test_a_seed_repeats_and_every_draw_has_everybody():
    table = pd.DataFrame({"a": SLEEP})
    assert bootstrap_means(table, 500, seed=7).low.equals(bootstrap_means(table, 500, seed=7).low)
    counts = drawn_counts(70_000, 3, np.random.default_rng(1))
    assert counts.sum(axis=1).tolist() == [70_000] * 3


def test_huge_scores_and_impossible_input():
    found = bootstrap_means(pd.DataFrame({"a": np.array(SLEEP) * 1e200}), 500)
    assert np.isfinite(found.high["a"])
    for resamples in (0, 1.5, True):
        with pytest.raises(ValueError, match="resamples must be"):
            bootstrap_means(pd.DataFrame({"a": SLEEP}), resamples)
    with pytest.raises(ValueError, match="'much' at position 1"):
        bootstrap_means(pd.DataFrame({"a": ["much", "1"]}), 200)
    with pytest.raises(ValueError, match="infinite"):
        bootstrap_means(pd.DataFrame({"a": [np.inf, 1]}), 200)
