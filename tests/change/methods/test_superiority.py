"""PS and Tango's interval against R 4.2.2 (roots found to about 1e-7) and the score equation itself."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.change import superiority, tango

# (up, down, n): limits of the difference of shares
TANGO = {
    (12, 2, 50): (0.0611123561859131, 0.344708728790283),  # Tango 1998, table II
    (13, 1, 20): (0.268297958374023, 0.795448780059814),
    (7, 1, 12): (0.0421762466430664, 0.771492302417755),
    (6, 0, 6): (0.219331741333008, 1),
    (0, 0, 6): (-0.390334129333496, 0.39033430814743),
    (3, 3, 15): (-0.326334714889526, 0.326334774494171),
    (0, 5, 5): (-1, -0.131035029888153),
}


@pytest.mark.parametrize("counts", TANGO)
def test_tango_limits(counts):
    share = tango(*counts)
    assert (share.low, share.high) == pytest.approx(TANGO[counts], abs=1e-6)


def test_all_unchanged_has_a_closed_form():
    # With no discordant pair the score equation becomes d = z^2 / (n + z^2).
    squared = 1.959963984540054**2
    assert tango(0, 0, 6).high == pytest.approx(squared / (6 + squared), abs=1e-12)


def test_ps_is_the_mapped_share_and_never_collapses():
    effect = superiority([1, 2, 3, 1, 2, 3], [2, 3, 4, 2, 3, 4])
    assert (effect.estimate, effect.high) == (1, 1)
    assert effect.low == pytest.approx(0.5 + 0.219331741333008 / 2, abs=1e-6)
    assert (effect.up, effect.same, effect.down, effect.n) == (6, 0, 0, 6)


def test_ps_counts_no_change_as_half():
    # Bortz, Lienert & Boehnke: 8 up, 5 the same, 2 down
    pre = [9, 14, 8, 11, 14, 10, 8, 14, 12, 14, 13, 9, 15, 12, 9]
    post = [13, 15, 9, 12, 16, 10, 8, 13, 12, 16, 9, 10, 16, 12, 9]
    assert superiority(pre, post).estimate == pytest.approx(0.7)


def test_one_person_gives_a_wide_interval_not_an_error():
    effect = superiority([2], [4])
    assert effect.estimate == effect.high == 1
    assert effect.low < 0.5


counts = st.integers(1, 60).flatmap(
    lambda n: st.integers(0, n).flatmap(lambda up: st.integers(0, n - up).map(lambda down: (up, down, n)))
)


@settings(max_examples=80, deadline=None)
@given(counts)
def test_limits_contain_the_estimate_mirror_and_widen(case):
    up, down, n = case
    share = tango(up, down, n)
    assert -1 <= share.low <= share.estimate <= share.high <= 1
    assert share.low < share.high
    mirrored = tango(down, up, n)
    assert (share.low, share.high) == (-mirrored.high, -mirrored.low)
    wider = tango(up, down, n, level=0.99)
    assert wider.low <= share.low
    assert share.high <= wider.high


@settings(max_examples=25, deadline=None)
@given(counts, st.sampled_from([0.8, 0.95, 0.99]))
def test_each_limit_solves_the_score_equation(case, level):
    up, down, n = case
    share = tango(up, down, n, level)
    critical = {0.8: 1.2815515655446004, 0.95: 1.959963984540054, 0.99: 2.5758293035489004}[level]
    for limit, sign in ((share.low, 1), (share.high, -1)):
        if abs(limit) == 1:
            continue
        # The constrained share down by plain search over its likelihood, not by the formula the package uses.
        lowest, highest = max(0.0, -limit), (1 - limit) / 2
        grid = [lowest + (highest - lowest) * step / 2000 for step in range(2001)]

        def likelihood(q, limit=limit):
            parts = [(up, q + limit), (down, q), (n - up - down, 1 - 2 * q - limit)]
            if any(count and share <= 0 for count, share in parts):
                return -math.inf
            return sum(count * math.log(share) for count, share in parts if count)

        q = max(grid, key=likelihood)
        spread = math.sqrt(max(n * (2 * q + limit - limit * limit), 0))
        assert up - down - n * limit == pytest.approx(sign * critical * spread, abs=0.02 + 0.02 * n**0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: superiority([], []), "nothing to compare"),
        (lambda: superiority([1], [2], level=95), "between 0 and 1"),
        (lambda: tango(3, 3, 5), "impossible counts"),
        (lambda: tango(-1, 0, 5), "impossible counts"),
        (lambda: tango(0, 0, 0), "impossible counts"),
    ],
)
def test_impossible_input_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_hundred_thousand_pairs():
    share = tango(60_000, 20_000, 100_000)
    assert 0.395 < share.low < 0.4 < share.high < 0.405
