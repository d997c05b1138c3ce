"""What organisations do to a finding: colleagues who answer alike, and unequal loss, on cases checked by hand."""

import math

import pandas as pd
import pytest

from cop_analysis.change.methods.effects import superiority
from cop_analysis.change.methods.group_tests import whole_organisations


def found_of(people, started):
    """Work it out from (person, organisation, before, after); who is only in `started` did not return."""
    pre = pd.Series({person: before for person, _, before, _ in people}, dtype=float)
    post = pd.Series({person: after for person, *_, after in people}, dtype=float)
    home = pd.Series({person: place for person, place, *_ in people} | started)
    first = pd.Series(1.0, index=home.index)
    effect = superiority(pre, post)
    return whole_organisations(pre, post, first, home, effect), effect


def test_ps_is_weighted_by_who_was_there_at_first():
    # N kept 2 of 6, both up (PS 1); S kept 2 of 2, one up, one down (PS 1/2): (6 x 1 + 2 x 1/2) / 8 = 7/8 against 3/4.
    people = [("a", "N", 1, 2), ("b", "N", 1, 2), ("c", "S", 1, 2), ("d", "S", 2, 1)]
    found, effect = found_of(people, {"e": "N", "f": "N", "g": "N", "h": "N"})
    assert effect.estimate == 0.75
    assert found.superiority == pytest.approx(7 / 8)
    assert (found.fewest_kept, found.most_kept) == ((2, 6), (2, 2))
    assert not math.isnan(found.loss_p_value)


def test_equal_shares_and_no_loss_change_nothing():
    people = [("a", "N", 1, 2), ("b", "N", 1, 2), ("c", "S", 1, 2), ("d", "S", 2, 1)]
    assert math.isnan(found_of(people, {})[0].superiority)
    assert math.isnan(found_of(people, {"e": "N", "f": "S"})[0].superiority)


def test_the_test_of_whole_organisations_weighs_where_it_is_half_as_large_again():
    people = [(f"{place}{n}", place, 1, 2) for place in "NSW" for n in range(3)]
    found, _ = found_of(people, {})
    # Three organisations that all rose: 2 of 2^3 patterns.
    assert (found.clusters, found.p_value, found.floor) == (3, 0.25, 0.25)
    assert found.weighs(0.1)
    assert not found.weighs(0.2)


def test_one_organisation_or_nobody_who_moved_gives_nothing():
    assert found_of([("a", "N", 1, 2), ("b", "N", 1, 2)], {})[0].clusters == 0
    still = found_of([("a", "N", 1, 1), ("b", "N", 1, 1), ("c", "S", 1, 1)], {"d": "S"})[0]
    assert still.clusters == 0
    assert math.isnan(still.superiority)
