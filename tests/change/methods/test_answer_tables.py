"""Tables of answers in the forms people have them in: DataFrames, arrays, lists; and what is none of them."""

import numpy as np
import pandas as pd
import pytest

from cop_analysis import change
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
