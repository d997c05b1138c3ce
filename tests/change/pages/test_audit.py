"""The audit of what could not be paired."""

from cop_analysis.change import pairing_audit


def test_audit_counts_everybody(study):
    audit = pairing_audit(study)
    assert (audit.pairs, audit.only_before, audit.only_after, audit.duplicates) == (7, 1, 1, 0)
    assert audit.sentence.startswith(
        "7 people answered both times and can be compared; 1 answered only the first time (Baseline) and 1 only the "
        "second time (Follow-up)."
    )
    assert audit.table.loc[audit.table["finding"] == "answered only the first time (Baseline)", "person"].tolist() == [
        "P08"
    ]


def test_audit_points_at_a_mistyped_id_and_joins_nobody(make_study):
    audit = pairing_audit(
        make_study({"P01": ((2, 2, 2), (3, 3, 3)), "MB61": ((1, 1, 1), None), "mb61": (None, (2, 2, 2))})
    )
    assert (audit.pairs, audit.near_misses) == (1, 1)
    assert "1 pair of ids is so alike" in audit.sentence
    assert any("guesswork" in caveat for caveat in audit.caveats)


def test_audit_without_a_survey_says_so(make_study):
    assert "no survey table" in pairing_audit(make_study(None)).sentence
