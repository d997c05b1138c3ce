"""Agreement of two coders on a code, counted by hand."""

from cop_analysis.realist.methods.agreement import Agreement


def test_agreement_where_coded_counts_no_turn_that_nobody_coded() -> None:
    agreement = Agreement("a", "b", "c1", "Trust", turns=10, both=2, only_a=1, only_b=1)
    assert (agreement.share_where_coded, agreement.share) == (0.5, 0.8)
