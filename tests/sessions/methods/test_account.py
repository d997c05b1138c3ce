from __future__ import annotations

from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.sessions.methods.number_checks import account_for

POSTER = [17, 73, 57, 39, 69, 105, 32]


def kinds(account):
    return {(explanation.kind, explanation.rows) for explanation in account.explanations}


def test_the_row_left_out_of_the_poster_total_is_found():
    assert kinds(account_for(360, POSTER)) == {("left out", (6,))}


def test_a_row_counted_twice_is_found():
    assert ("counted twice", (0,)) in kinds(account_for(sum(POSTER) + 17, POSTER))


def test_two_digits_transposed_in_a_row_are_found():
    # 73 read as 37 makes the sum 36 less.
    found = account_for(sum(POSTER) - 36, POSTER)
    assert [(explanation.kind, explanation.rows, explanation.written) for explanation in found.explanations] == [
        ("digits transposed", (1,), 37)
    ]


def test_two_digits_transposed_in_the_total_are_found():
    assert ("total transposed", ()) in kinds(account_for(329, POSTER))


def test_a_row_that_does_not_belong_is_found():
    assert kinds(account_for(sum(POSTER) + 11, POSTER, [11, 5])) == {("also counted", (0,))}


def test_two_then_three_rows_are_found_only_where_fewer_do_not():
    assert kinds(account_for(sum(POSTER) - 17 - 32, POSTER)) == {("left out", (0, 6))}
    assert kinds(account_for(sum(POSTER) - 17 - 73 - 57, POSTER)) == {("left out", (0, 1, 2))}


def test_all_ties_are_counted_and_the_first_listed():
    found = account_for(999, [1] * 1000)
    assert found.found == {"left out": 1000}
    assert len(found.explanations) == 20


def test_no_difference_needs_no_explanation():
    assert account_for(392, POSTER).explanations == ()


@given(st.lists(st.integers(0, 30), min_size=1, max_size=9), st.integers(1, 90))
def test_the_search_finds_what_trying_everything_finds(values, difference):
    found = account_for(sum(values) - difference, values)
    for size in (1, 2, 3):
        every = [
            rows
            for rows in combinations(range(len(values)), size)
            if sum(values[row] for row in rows) == difference and all(values[row] for row in rows)
        ]
        if found.tried == size:
            assert found.found.get("left out", 0) == len(every)
            break
        assert not every


def test_thousands_of_rows_are_not_gone_through_pair_by_pair(count_calls):
    random = Random(1)
    values = [random.randrange(2, 10**9, 2) for _ in range(5000)]
    found, calls = count_calls(lambda: account_for(sum(values) - 999_999_999, values))
    assert calls < 500_000  # 5,000 rows make 12 million pairs and 21 thousand million threes
    assert found.tried == 3
    assert not found.stopped


def test_the_search_says_when_it_stopped():
    values = list(range(1000, 3000, 2))
    found = account_for(sum(values) - 9001, values, pair_steps=100)
    assert found.stopped
    assert found.tried == 2
