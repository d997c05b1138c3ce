"""A table of very many bad cells: the first faults of each kind are kept one by one, the others counted."""

from __future__ import annotations

import numpy as np
import pytest

from cop_analysis.study import Study, StudyError, number_of, summarise
from cop_analysis.study.cells import read_column
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.faults import MOST_KEPT, Loosened, gather, nearest
from cop_analysis.study.read import Cells
from cop_analysis.study.tables import type_table

EXTRA = 2_345
RATINGS = {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
           "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5}]}  # fmt: skip


def scores(texts: list[str]) -> Cells:
    return Cells({"score": np.array(texts, dtype=object)}, np.arange(2, len(texts) + 2, dtype=np.int64))


@pytest.mark.parametrize("word", ["bad{}", "bad"])
def test_of_one_kind_so_many_are_kept_and_the_rest_are_counted(word):
    texts = [word.format(number) for number in range(MOST_KEPT + EXTRA)]
    table = type_table(CONTRACTS["ratings"], scores(texts), None)
    of_scores = [fault for fault in table.faults if fault.column == "score"]
    assert len(of_scores) == MOST_KEPT
    assert number_of(of_scores) == MOST_KEPT + EXTRA
    assert [(group.count, len(group.shown)) for group in gather(of_scores, 3)] == [(MOST_KEPT + EXTRA, 3)]
    # A cell that is only counted is as unread as one that is named.
    assert table.unread["score"].sum() == MOST_KEPT + EXTRA
    assert table.frame["score"].isna().all()


def test_up_to_the_limit_every_cell_has_its_fault():
    table = type_table(CONTRACTS["ratings"], scores([f"bad{n}" for n in range(MOST_KEPT)]), None)
    of_scores = [fault for fault in table.faults if fault.column == "score"]
    assert [fault.row for fault in of_scores] == list(range(2, MOST_KEPT + 2))
    assert not any(fault.more for fault in of_scores)


def test_texts_beyond_the_limit_are_put_together_by_their_rule():
    column = CONTRACTS["ratings"].column("score")
    texts = np.array([f"bad{number}" for number in range(MOST_KEPT + EXTRA)] + ["4", "5", "word"], dtype=object)
    values, faults = read_column(texts, column)
    by_rule = {fault.misread.rule: 0 for fault in faults}
    for fault in faults:
        by_rule[fault.misread.rule] += len(fault.positions)
    assert sorted(by_rule.values()) == [1, MOST_KEPT + EXTRA]
    assert len(faults) == MOST_KEPT + 2
    assert values[values.notna()].tolist() == [4.0, 5.0]


def test_a_study_of_them_says_the_first_and_how_many_there_are():
    import pandas as pd

    count = MOST_KEPT + EXTRA
    ratings = pd.DataFrame({"event": ["E1"] * count, "item": ["relevance"] * count, "score": np.full(count, 9.0)})
    events = pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]})
    with pytest.raises(StudyError) as caught:
        Study.from_tables(RATINGS, events=events, ratings=ratings)
    off = [fault for fault in caught.value.faults if fault.column == "score" and fault.row is not None]
    assert (len(off), number_of(off)) == (MOST_KEPT, count)
    assert f"{EXTRA:,} more rows have the same kind of fault ({count:,} in all)." in "\n".join(summarise(off))
    assert f"{number_of(f for f in caught.value.faults if f.severity == 'error'):,} faults" in str(caught.value)


@pytest.mark.parametrize("name", ["p-03", "P 03", "atendance", "zzz", "", "Ｐ03"])
def test_names_made_ready_once_give_the_same_nearest(name):
    known = ["P03", "p03", "attendance", "events", ""]
    assert nearest(name, Loosened(known)) == nearest(name, known)
