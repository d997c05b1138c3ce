"""Text that a spreadsheet would run: guarded on the way out, as it was on the way in."""

import pytest

from cop_analysis.files import FORMULA_LEADS, guarded, is_formula, unguarded

LEADS = ("=", "+", "-", "@", "\t", "\r")


def test_these_begin_a_formula():
    assert set(FORMULA_LEADS) == set(LEADS)


@pytest.mark.parametrize("lead", LEADS)
def test_what_would_run_is_guarded_and_comes_back(lead):
    for text in (f"{lead}1+1", f"'{lead}1+1"):
        assert is_formula(text)
        assert guarded(text) == f"'{text}"
        assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["fine", "'tis", "1-1", " =1", ""])
def test_what_would_not_is_left_alone(text):
    assert guarded(text) == unguarded(text) == text
