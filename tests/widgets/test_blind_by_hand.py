"""Two who code without seeing one another: what is the other's is neither shown nor told of."""

from types import SimpleNamespace

import pytest

from cop_analysis.realist.model import Coding, Decision, Snapshot
from cop_analysis.realist.model.reanchoring import Lost, Moved, Reanchored
from cop_analysis.widgets.coding.session import _is_ones_own, as_seen


def test_what_moved_of_the_other_is_not_told():
    carried = Reanchored(
        Coding(Snapshot("demo")),
        moved=tuple(Moved(one, 0, 5, f"{one} before", f"{one} after", "quote", 100.0) for one in ("mine", "theirs")),
        lost=tuple(Lost(one, f"{one} lost", "it is gone") for one in ("mine too", "theirs too")),
        unchanged=7,
    )
    told = as_seen(carried, {"mine", "mine too", "a third of mine"})
    assert told["moved"] == [{"extract": "mine", "before": "mine before", "quote": "mine after"}]
    assert [one["extract"] for one in told["lost"]] == ["mine too"]
    assert "theirs" not in str(told)
    # Of three that may be seen one moved and one has no place: one stands where it stood, not seven.
    whole = as_seen(carried, {"mine", "theirs", "mine too", "theirs too"})
    assert told["sentence"] != whole["sentence"]


@pytest.mark.parametrize(("coders", "is_own"), [(("a",), True), (("b",), False), (("a", "b"), True), ((), True)])
def test_a_decision_is_that_of_those_who_took_it(coders, is_own):
    assert _is_ones_own("decisions", Decision("d1", "Merge the two codes", coders=coders), "a") == is_own


@pytest.mark.parametrize(("coder", "is_own"), [("a", True), ("b", False), ("", True)])
def test_an_extract_is_that_of_who_made_it(coder, is_own):
    assert _is_ones_own("extracts", SimpleNamespace(coder=coder), "a") == is_own
