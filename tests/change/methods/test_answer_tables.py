"""Tables of answers in the forms people have them in: DataFrames, arrays, lists; and what is none of them."""

import numpy as np
import pandas as pd
import pytest

from cop_analysis import change
from cop_analysis.change.methods.columns import item_differences, paired_differences
from cop_analysis.change.methods.effects import superiority_of
from cop_analysis.change.methods.paired_tests import signed_rank_of
from cop_analysis.change.methods.scales import items_against_the_rest

ON_TABLES = (
    change.max_t,
    change.cronbach_alpha,
    change.omega_total,
    change.item_statistics,
    change.negatively_worded,
    items_against_the_rest,
    change.bootstrap_means,
    change.cochran_q,
    change.friedman,
    change.page_trend,
    change.waves_against_baseline,
)


def _on(method, table):
    return method(table, table) if method is change.max_t else method(table)


@pytest.mark.parametrize("method", ON_TABLES, ids=lambda method: method.__name__)
def test_an_array_and_a_list_are_read_as_a_table_is(method):
    answers = np.random.default_rng(3).integers(0, 2, (12, 3))
    given = pd.DataFrame(answers)
    told = repr(_on(method, given))
    assert repr(_on(method, answers)) == told
    assert repr(_on(method, answers.tolist())) == told


@pytest.mark.parametrize("method", ON_TABLES, ids=lambda method: method.__name__)
@pytest.mark.parametrize("nonsense", ["abc", None, 5, {1, 2}, np.zeros((2, 2, 2))], ids=str)
def test_what_is_no_table_is_refused_in_a_sentence(method, nonsense):
    with pytest.raises(ValueError, match="must be a table, a row a person"):
        _on(method, nonsense)


def test_a_table_of_answers_gives_the_changes_that_its_columns_give():
    first = pd.DataFrame({"half": [0.5, 0.825, 3, None], "whole": [1, 2, 3, 4]})
    last = pd.DataFrame({"half": [0.55, 0.775, 3, 4], "whole": [2, 2, 1, 4]})
    found = item_differences(first, last)
    for item, counts in (("half", (3, 1, 1, 1, 1)), ("whole", (4, 1, 1, 2, 0))):
        given, alone = found[item], paired_differences(first[item], last[item])
        assert (given.n, given.up, given.down, given.same, given.missing) == counts
        assert given.missing == alone.missing
        assert superiority_of(given) == superiority_of(alone)
        assert signed_rank_of(given) == signed_rank_of(alone)
