"""Draws are the same for ever and everywhere: the numbers below were written down once and must not move."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.simulate.draws import Draws, highest, share_of


def test_the_stream_is_raw_pcg64_output_seeded_by_seed_and_purpose():
    # NumPy keeps SeedSequence and raw PCG64 output stable between versions; the top 53 bits make the number.
    raw = np.random.PCG64(np.random.SeedSequence([7, zlib.crc32(b"ties")])).random_raw(3) >> np.uint64(11)
    assert Draws(7, "ties").uniform(3).tolist() == [int(word) / 2**53 for word in raw]
    assert Draws(7, "ties").whole(0, 1_000, 6).tolist() == [213, 441, 707, 434, 90, 393]
    assert Draws(7, "ties").normal(2).tolist() == [0.705078125, -0.92279052734375]


def test_another_purpose_or_seed_gives_another_stream():
    first = Draws(1, "a").uniform(8).tolist()
    assert Draws(1, "a").uniform(8).tolist() == first
    assert Draws(1, "b").uniform(8).tolist() != first
    assert Draws(2, "a").uniform(8).tolist() != first


def test_normal_draws_have_mean_0_and_standard_deviation_1():
    values = Draws(3, "normal").normal(200_000)
    # Standard errors: 1 / sqrt(200,000) = .0022 for the mean and about .0016 for the standard deviation.
    assert abs(values.mean()) < 0.01
    assert abs(values.std() - 1) < 0.01
    assert abs(values).max() <= 6
    assert abs((values > 1.96).mean() - 0.025) < 0.002


def test_whole_numbers_cover_their_range_evenly():
    values = Draws(4, "dice").whole(1, 7, 60_000)
    counts = np.bincount(values, minlength=7)[1:]
    assert set(values.tolist()) == {1, 2, 3, 4, 5, 6}
    assert abs(counts - 10_000).max() < 450  # five standard errors


def test_single_draws_stay_below_their_limit_and_reach_every_value():
    draws = Draws(5, "one")
    values = [draws.one(3) for _ in range(20_000)]
    assert set(values) == {0, 1, 2}
    assert abs(values.count(0) - 6_667) < 340
    assert [draws.one(1) for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_what_never_or_always_happens(share):
    draws = Draws(6, "happens")
    assert {draws.happens(share) for _ in range(1_000)} == {bool(share)}


def test_below_gives_each_its_own_limit():
    limits = np.array([1, 2, 1_000_000, 0], dtype=np.int64)
    values = Draws(7, "below").below(limits)
    assert (values[:3] < limits[:3]).all()
    assert values[3] == 0


@given(st.integers(0, 200), st.integers(0, 2**63 - 1))
def test_order_is_a_permutation(count, seed):
    assert sorted(Draws(seed, "order").order(count).tolist()) == list(range(count))


@pytest.mark.slow
@given(st.lists(st.floats(-100, 100), max_size=30), st.integers(-3, 40))
def test_highest_marks_as_many_as_wanted_and_none_lower_than_one_left_out(values, count):
    array = np.array(values, dtype=float)
    marked = highest(array, count)
    assert marked.sum() == min(max(count, 0), len(values))
    if marked.any() and not marked.all():
        assert array[marked].min() >= array[~marked].max()


def test_share_of_rounds_halves_up():
    assert [share_of(0.5, n) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert share_of(1.0, 7) == 7
    assert share_of(0.0, 7) == 0
