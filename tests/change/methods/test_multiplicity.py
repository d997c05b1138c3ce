"""maxT against all arrangements (step-down by its definition, computed in R 4.2.2); Holm and BH against R."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.change import benjamini_hochberg, holm, max_t, signed_rank
from cop_analysis.change.methods import multiplicity

DIFFERENCES = [
    [1, 0, 0], [1, 1, 0], [0, 0, 1], [2, 1, -1], [1, 1, 0], [0, -1, 0],
    [1, 1, 1], [1, 0, 0], [0, 0, -1], [1, 1, 0], [2, 1, 1], [1, 0, 0],
]  # fmt: skip


def _tables(differences):
    post = pd.DataFrame(differences, columns=[f"q{number}" for number in range(1, len(differences[0]) + 1)])
    return post * 0, post


def test_all_4096_arrangements_of_twelve_people():
    tested = max_t(*_tables(DIFFERENCES), permutations=4096, seed=1, statistic="t")
    assert tested.exact
    assert tested.p_values.tolist() == [0.00390625, 0.18359375, 1.0]
    assert tested.unadjusted.tolist() == [0.00390625, 0.125, 1.0]
    assert tested.mid_p_values.isna().all(), "the p of a t counts arrangements; it has no mid-p"
    assert tested.statistics.tolist() == pytest.approx([4.7496654654721, 2.15893884794186, 0.431787769588373])
    assert tested.p_values.index.tolist() == ["q1", "q2", "q3"]


def test_twelve_people_by_signed_ranks():
    # These twelve happen to give the same p by either statistic; the sums of signed ranks are checked by hand:
    # q2 has six up and one down, all by 1, among twelve: midranks 9, so (6 - 1) * 9 / sqrt(7 * 9 ** 2).
    tested = max_t(*_tables(DIFFERENCES), permutations=4096, seed=1)
    assert tested.exact
    assert tested.p_values.tolist() == [0.00390625, 0.18359375, 1.0]
    assert tested.statistics["q2"] == pytest.approx(5 / 7**0.5)


def test_the_adjusted_p_belongs_to_the_exact_p_beside_it():
    # -1 by four, 0 by four, 1, 1, 2, 2, 2, 3, 3: exact Pratt .173, where the paired t gave .131.
    moved = [-1] * 4 + [0] * 4 + [1, 1, 2, 2, 2, 3, 3]
    alone = max_t(*_tables([[value] for value in moved]))
    assert alone.p_values["q1"] == alone.unadjusted["q1"] == 0.1728515625
    assert alone.mid_p_values["q1"] == signed_rank([0] * 15, moved).mid_p_value < 0.1728515625
    assert max_t(*_tables([[value] for value in moved]), statistic="t").p_values["q1"] == pytest.approx(0.131, abs=0.01)
    second = [0] * 14 + [1]
    two = max_t(*_tables(list(zip(moved, second, strict=True))), permutations=999)
    assert two.p_values.tolist() == [0.1728515625, 1.0], "an item that cannot reach as far adds nothing"


def _study_of(seed):
    random = np.random.default_rng(seed)
    pre = pd.DataFrame(random.integers(1, 6, (22, 8)), columns=list("abcdefgh")).astype(float)
    post = (pre + random.integers(-1, 3, (22, 8))).clip(1, 5)
    return pre, post.mask(random.random((22, 8)) < 0.1)


@pytest.mark.slow
def test_no_adjusted_p_is_below_its_own_exact_p_in_200_studies():
    for seed in range(200):
        pre, post = _study_of(seed)
        tested = max_t(pre, post, permutations=99, seed=seed)
        own = pd.Series({item: signed_rank(pre[item], post[item]).p_value for item in pre})
        assert tested.unadjusted.equals(own.rename("unadjusted_p_value")), seed
        assert (tested.p_values >= own).all(), seed
        ahead = tested.statistics.abs().sort_values(ascending=False, kind="stable").index
        assert tested.p_values[ahead].is_monotonic_increasing, seed
        assert (tested.p_values <= 1).all()


def test_drawn_arrangements_stay_within_three_standard_errors_of_all():
    for statistic in ("signed-rank", "t"):
        drawn = max_t(*_tables(DIFFERENCES), permutations=4000, seed=7, statistic=statistic)
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


def _paired_t(table):
    spread = table.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.abs(table.mean(axis=0)) / (spread / np.sqrt(len(table))), nan=0.0, posinf=1e9)


def _signed_ranks(table):
    sizes = pd.DataFrame(np.abs(table)).rank().to_numpy() * (table != 0)
    size = np.sqrt((sizes**2).sum(axis=0))
    return np.abs((np.sign(table) * sizes).sum(axis=0)) / np.where(size > 0, size, 1)


def _by_definition(differences, statistic):
    people, items = differences.shape
    observed = statistic(differences)
    order = np.argsort(-observed, kind="stable")
    reached = np.zeros(items)
    signs = list(itertools.product((1, -1), repeat=people))
    for sign in signs:
        drawn = statistic(differences * np.array(sign)[:, np.newaxis])
        for place in range(items):
            reached[place] += drawn[order[place:]].max() >= observed[order[place]] - 1e-9
    adjusted = np.empty(items)
    adjusted[order] = np.maximum.accumulate(reached / len(signs))
    return adjusted


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(1, 4), st.integers(0, 10_000))
def test_full_enumeration_follows_the_definition(people, items, seed):
    differences = np.random.default_rng(seed).integers(-2, 3, (people, items)).astype(float)
    for name, statistic in (("t", _paired_t), ("signed-rank", _signed_ranks)):
        tested = max_t(*_tables(differences.tolist()), permutations=2**people, seed=0, statistic=name)
        assert tested.p_values.tolist() == pytest.approx(_by_definition(differences, statistic).tolist())


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
    one = max_t(*_tables([[1, -2]]), permutations=99, statistic="t")
    assert one.p_values.tolist() == [1, 1]
    assert one.statistics.isna().all()
    assert max_t(*_tables([[1, -2]]), permutations=99).p_values.tolist() == [1, 1]
    unanimous = max_t(*_tables([[0.1, 1]] * 9 + [[0.1, 0]]), permutations=1024, statistic="t")
    assert unanimous.p_values["q1"] == pytest.approx(2 / 1024)
    assert np.isinf(unanimous.statistics["q1"])


def test_many_people_who_changed_alike_are_drawn_together(monkeypatch):
    random = np.random.default_rng(8)
    before = pd.DataFrame(random.integers(1, 6, (3000, 2)), columns=["q1", "q2"])
    after = (before + random.choice([-1, 0, 1], (3000, 2), p=[0.31, 0.36, 0.33])).clip(1, 5)
    together = max_t(before, after, 4000, seed=1)
    monkeypatch.setattr(multiplicity, "_MANY_PEOPLE", 10**9)
    singly = max_t(before, after, 4000, seed=1)
    for one, other in ((together.p_values, singly.p_values), (together.unadjusted, singly.unadjusted)):
        assert (abs(one - other) <= 3 * np.sqrt(2 * other * (1 - other) / 4000)).all()
    assert together.statistics.equals(singly.statistics)


def test_huge_scores_do_not_overflow():
    for statistic in ("signed-rank", "t"):
        tested = max_t(
            *_tables((np.array(DIFFERENCES) * 1e200).tolist()), permutations=4096, seed=0, statistic=statistic
        )
        assert tested.p_values.tolist() == [0.00390625, 0.18359375, 1.0]


def test_an_unknown_statistic_is_refused():
    with pytest.raises(ValueError, match="statistic must be 'signed-rank' or 't', not 'median'"):
        max_t(*_tables(DIFFERENCES), statistic="median")


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
