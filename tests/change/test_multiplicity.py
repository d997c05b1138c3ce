"""maxT against all arrangements (step-down by its definition, computed in R 4.2.2); Holm and BH against R."""

import importlib
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.change import benjamini_hochberg, holm, max_t

DIFFERENCES = [
    [1, 0, 0], [1, 1, 0], [0, 0, 1], [2, 1, -1], [1, 1, 0], [0, -1, 0],
    [1, 1, 1], [1, 0, 0], [0, 0, -1], [1, 1, 0], [2, 1, 1], [1, 0, 0],
]  # fmt: skip


def _tables(differences):
    post = pd.DataFrame(differences, columns=[f"q{number}" for number in range(1, len(differences[0]) + 1)])
    return post * 0, post


def test_all_4096_arrangements_of_twelve_people():
    tested = max_t(*_tables(DIFFERENCES), permutations=4096, seed=1)
    assert tested.exact
    assert tested.p_values.tolist() == [0.00390625, 0.18359375, 1.0]
    assert tested.unadjusted.tolist() == [0.00390625, 0.125, 1.0]
    assert tested.statistics.tolist() == pytest.approx([4.7496654654721, 2.15893884794186, 0.431787769588373])
    assert tested.p_values.index.tolist() == ["q1", "q2", "q3"]


def test_drawn_arrangements_stay_within_three_standard_errors_of_all():
    drawn = max_t(*_tables(DIFFERENCES), permutations=4000, seed=7)
    assert not drawn.exact
    for found, exact in zip(drawn.p_values, [0.00390625, 0.18359375, 1.0], strict=True):
        assert abs(found - exact) <= 3 * (exact * (1 - exact) / 4000) ** 0.5 + 1 / 4001
    # (k + 1) / (R + 1): never 0, always a multiple of 1 / 4001
    assert (drawn.p_values * 4001).round(6).tolist() == pytest.approx((drawn.p_values * 4001).round().tolist())


@pytest.mark.parametrize("seed", ["seven", 1.5, -1, {}])
def test_a_seed_that_is_no_whole_number_is_refused_in_a_sentence(seed):
    with pytest.raises(ValueError, match="The seed must be a whole number of 0 or more"):
        max_t(*_tables(DIFFERENCES), permutations=99, seed=seed)


def test_a_seed_repeats_and_another_differs():
    tables = _tables(DIFFERENCES)
    first, again, other = (max_t(*tables, permutations=999, seed=seed).p_values for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def _by_definition(differences):
    people, items = differences.shape

    def t(table):
        spread = table.std(axis=0, ddof=1)
        mean = table.mean(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(np.abs(mean) / (spread / np.sqrt(people)), nan=0.0, posinf=1e9)

    observed = t(differences)
    order = np.argsort(-observed, kind="stable")
    reached = np.zeros(items)
    signs = list(itertools.product((1, -1), repeat=people))
    for sign in signs:
        drawn = t(differences * np.array(sign)[:, np.newaxis])
        for place in range(items):
            reached[place] += drawn[order[place:]].max() >= observed[order[place]] - 1e-9
    adjusted = np.empty(items)
    adjusted[order] = np.maximum.accumulate(reached / len(signs))
    return adjusted


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(1, 4), st.integers(0, 10_000))
def test_full_enumeration_follows_the_definition(people, items, seed):
    differences = np.random.default_rng(seed).integers(-2, 3, (people, items)).astype(float)
    tested = max_t(*_tables(differences.tolist()), permutations=2**people, seed=0)
    assert tested.p_values.tolist() == pytest.approx(_by_definition(differences).tolist())


def test_people_who_changed_nowhere_do_not_count_towards_the_arrangements():
    pre, post = _tables([*DIFFERENCES, *[[0, 0, 0]] * 8])
    tested = max_t(pre, post, permutations=4096, seed=1)
    assert tested.exact
    assert tested.arrangements == 4096


def test_people_are_paired_by_label_and_strangers_refused():
    pre, post = _tables(DIFFERENCES)
    shuffled = post.sample(frac=1, random_state=3)[["q3", "q1", "q2"]]
    assert max_t(pre, shuffled, permutations=4096).p_values.tolist() == [0.00390625, 0.18359375, 1.0]
    with pytest.raises(ValueError, match="same people; '3'"):
        max_t(pre, post.rename({3: 99}), permutations=99)
    with pytest.raises(ValueError, match="same items; 'q1'"):
        max_t(pre, post.drop(columns="q1"), permutations=99)
    with pytest.raises(ValueError, match="'0' more than once"):
        max_t(pre, post.rename({3: 0}), permutations=99)


def test_missing_answers_take_a_person_out_of_that_item_only():
    pre, post = _tables(DIFFERENCES)
    post = post.astype(float)
    post.loc[0, "q2"] = np.nan
    post["nobody"], pre["nobody"] = np.nan, 3
    tested = max_t(pre, post, permutations=4096)
    assert tested.n.tolist() == [12, 11, 12, 0]
    assert tested.p_values["q1"] == pytest.approx(0.00390625)
    assert np.isnan(tested.p_values["nobody"])


def test_no_change_one_person_and_unanimity():
    nothing = max_t(*_tables([[0, 0], [0, 0]]), permutations=99)
    assert nothing.p_values.tolist() == [1, 1]
    one = max_t(*_tables([[1, -2]]), permutations=99)
    assert one.p_values.tolist() == [1, 1]
    assert one.statistics.isna().all()
    unanimous = max_t(*_tables([[0.1, 1]] * 9 + [[0.1, 0]]), permutations=1024)
    assert unanimous.p_values["q1"] == pytest.approx(2 / 1024)
    assert np.isinf(unanimous.statistics["q1"])


def test_many_people_who_changed_alike_are_drawn_together(monkeypatch):
    random = np.random.default_rng(8)
    before = pd.DataFrame(random.integers(1, 6, (3000, 2)), columns=["q1", "q2"])
    after = (before + random.choice([-1, 0, 1], (3000, 2), p=[0.31, 0.36, 0.33])).clip(1, 5)
    together = max_t(before, after, 4000, seed=1)
    monkeypatch.setattr(importlib.import_module("cop_analysis.change.multiplicity"), "_MANY_PEOPLE", 10**9)
    singly = max_t(before, after, 4000, seed=1)
    for one, other in ((together.p_values, singly.p_values), (together.unadjusted, singly.unadjusted)):
        assert (abs(one - other) <= 3 * np.sqrt(2 * other * (1 - other) / 4000)).all()
    assert together.statistics.equals(singly.statistics)


def test_huge_scores_do_not_overflow():
    tested = max_t(*_tables((np.array(DIFFERENCES) * 1e200).tolist()), permutations=4096)
    assert tested.p_values.tolist() == [0.00390625, 0.18359375, 1.0]


@pytest.mark.parametrize("permutations", [0, -5, 1.5, True, None, "99"])
def test_permutations_must_be_a_count(permutations):
    with pytest.raises(ValueError, match="permutations must be"):
        max_t(*_tables(DIFFERENCES), permutations=permutations)


def test_words_in_an_item_are_refused_by_name():
    pre, post = _tables(DIFFERENCES)
    post = post.astype(object)
    post.loc[2, "q2"] = "agree"
    with pytest.raises(ValueError, match="item 'q2', holds 'agree'"):
        max_t(pre, post, permutations=99)


# R 4.2.2, p.adjust
P = [0.0005, 0.004, 0.02, 0.021, 0.049, 0.049, 0.3, np.nan]
HOLM = [0.0035, 0.024, 0.1, 0.1, 0.147, 0.147, 0.3, np.nan]
BH = [0.0035, 0.014, 0.03675, 0.03675, 0.0571666666666667, 0.0571666666666667, 0.3, np.nan]


def test_holm_and_bh_as_in_r_with_missing_values():
    assert holm(np.array(P)) == pytest.approx(HOLM, abs=1e-12, nan_ok=True)
    assert benjamini_hochberg(np.array(P)) == pytest.approx(BH, abs=1e-12, nan_ok=True)
    shuffled = pd.Series(P, index=list("abcdefgh"))[list("hgfedcba")]
    assert holm(shuffled).to_dict() == pytest.approx(dict(zip("abcdefgh", HOLM, strict=True)), nan_ok=True)


def test_adjusting_nothing_gives_nothing_and_impossible_values_are_refused():
    assert len(holm(np.array([]))) == 0
    assert np.isnan(benjamini_hochberg(np.array([np.nan]))).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm(np.array([0.2, 1.2]))
