"""Which way the coded text of a configuration points: the larger side, and neither where they are even."""

import pytest

from cop_analysis.synthesis.measures import Text


@pytest.mark.parametrize(
    ("supports", "refines", "refutes", "verdict"),
    [
        (0, 0, 0, "silent"), (0, 2, 0, "mixed"), (1, 0, 0, "for"), (0, 0, 1, "against"), (2, 5, 1, "for"),
        (1, 5, 2, "against"), (1, 0, 1, "mixed"), (1, 3, 1, "mixed"),
    ],
)  # fmt: skip
def test_the_text_points_where_more_of_it_points(supports, refines, refutes, verdict):
    assert Text(supports, refines, refutes).verdict == verdict
