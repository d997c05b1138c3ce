"""The self-check itself: each kind of fault, planted in a made-up result, is caught; what is right is left alone."""

from __future__ import annotations

from types import ModuleType

import pandas as pd
import pytest

from cop_analysis.results import Figure, Headline, Highlight, Quantity, Result, Verdict, columns


def result(**more: object) -> Result:
    return Result(**{"key": "made-up", "title": "Made up", "sentence": "Nothing.", **more})


@pytest.fixture
def faults(selfcheck: ModuleType):
    """Give the names of the checks that fail for results, each on a page of its own."""

    def find(*results: Result, absent: tuple[object, ...] = ()) -> list[str]:
        pages = [selfcheck.Shown(f"page {number}", one) for number, one in enumerate(results)]
        return [fault.check for fault in selfcheck.check_pages(pages, absent)]

    return find


LISTED = frozenset({"P1", "P2"})


@pytest.mark.parametrize(
    "quantity",
    [
        Quantity("answered", 3, 2),
        Quantity("answered", 2, 2, frozenset({"P1", "X9"}), LISTED),
        Quantity("answered", 1, 2, LISTED, LISTED),
        Quantity("answered", 2, 3, LISTED, LISTED),
    ],
    ids=["more than all", "one from outside", "not as many as named", "out of more than named"],
)
def test_a_count_outside_what_it_is_out_of(faults, quantity: Quantity):
    assert faults(result(quantities=(quantity,))) == ["inside"]


def test_a_count_inside_what_it_is_out_of(faults):
    assert faults(result(quantities=(Quantity("answered", 1, 2, frozenset({"P1"}), LISTED),))) == []


def test_one_quantity_with_two_values(faults):
    one, other = (result(quantities=(Quantity("survey:paired", value, 22),)) for value in (15, 0))
    assert faults(one, other) == ["one value"]
    assert faults(one, one) == []


def test_one_quantity_with_two_denominators(faults):
    assert faults(*(result(quantities=(Quantity("survey:paired", 15, of),)) for of in (22, 29))) == ["one value"]


@pytest.mark.parametrize("adjusted", ["adjusted_p_value", "holm_p_value", "bh_p_value", "max_t_p_value"])
def test_an_adjusted_p_below_its_own(faults, adjusted: str):
    table = pd.DataFrame({"p_value": [0.173, 0.2], adjusted: [0.131, 0.4]})
    assert faults(result(table=table)) == ["adjusted p"]
    assert faults(result(table=table.iloc[1:])) == []
    figure = Figure("made-up", "Made up", "<svg/>", "Nothing.", table)
    assert faults(result(figure=figure)) == ["adjusted p"]


@pytest.mark.parametrize(
    "verdict",
    [Verdict("could-loss-explain-it", "no", 0.31, 0.75, turns_at=0.63), Verdict("did-it-change", "perhaps", 1, 2, 0)],
    ids=["stronger than its caveat", "no answer"],
)
def test_an_answer_its_bounds_do_not_carry(faults, verdict: Verdict):
    assert faults(result(verdicts=(verdict,))) == ["answer"]


def test_a_question_with_two_answers(faults):
    yes, unsure = Verdict("did-it-change", "yes", 1, 2, 0), Verdict("did-it-change", "cannot tell", -1, 2, 0)
    assert faults(result(verdicts=(yes,)), result(verdicts=(unsure,))) == ["answer"]
    assert faults(result(verdicts=(yes,)), result(verdicts=(yes,))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("23 of 20 people came.", ["x of y"]),
        ("23 of the 20 people came.", ["x of y"]),
        ("1,230 of 1,020 came.", ["x of y"]),
        ("26 of 30 people answered (93%).", ["percentage"]),
        ("26 of 30 people answered, 93% in all.", ["percentage"]),
        ("28 answered (93% of the 31 listed).", ["percentage"]),
        ("28 answered (26, 93% of the 30 listed).", ["percentage"]),
        ("26 of 30 people answered (87%).", []),
        ("26 of 30 people answered (86.7%, 95% interval 70.3% to 94.7%).", []),
        ("28 answered (26, 87% of the 30 listed).", []),
        ("1,020 of 1,230 came (83%).", []),
        ("On 5 of 30 April nothing: the 30 of April.", []),
        ("0.5 of 0.2, 20% of 10, 2/3 of 1, 12 of 12.", []),
    ],
)
def test_counts_and_percentages_in_words(faults, text: str, found: list[str]):
    places = {
        "sentence": result(sentence=text),
        "caveat": result(caveats=(text,)),
        "headline": result(headline=Headline("who came", "some", text)),
        "highlight": result(highlights=(Highlight("In short", text),)),
        "note": result(highlights=(Highlight("In short", "It is so.", text),)),
        "alternative": result(figure=Figure("made-up", "Made up", "<svg/>", text, pd.DataFrame())),
        "markup": result(body_html=f"<p><b>{text}</b></p>"),
        "cell": result(table=pd.DataFrame({"shows": [text]})),
    }
    for place, one in places.items():
        assert faults(one) == found, place


def test_a_headline_whose_percentage_is_not_its_counts(faults):
    assert faults(result(headline=Headline("who came", "93%", "26 of 30; 95% interval 70% to 95%"))) == ["percentage"]
    assert faults(result(headline=Headline("who came", "87%", "26 of 30; 95% interval 70% to 95%"))) == []


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"share": [1.07]}),
        pd.DataFrame({"share": [0.5], "low": [0.6], "high": [0.7]}),
        pd.DataFrame({"numerator": [16], "denominator": [15]}),
    ],
    ids=["above all", "outside its interval", "numerator above denominator"],
)
def test_a_share_that_cannot_be(faults, table: pd.DataFrame):
    assert faults(result(table=table, columns={"share": columns.share("people")})) == ["share"]


@pytest.mark.parametrize(
    ("cells", "column", "found"),
    [
        ([3, 4], None, ["nothing says what seen holds"]),
        ([3, 4], columns.count("people"), []),
        ([3.5, 4], columns.count("people"), ["seen is said to hold a count, and does not"]),
        (["3", "4"], columns.count("people"), ["seen is said to hold a count, and does not"]),
        ([0.3, None], columns.share("people"), []),
        ([30.0, None], columns.share("people"), ["seen is said to hold a share, and does not"]),
        ([0.3, 1.0], columns.p(), []),
        ([0.3, -1.0], columns.statistic(), []),
        (["a", "b"], columns.score(), ["seen is said to hold a score, and does not"]),
        ([1, 2], columns.text(), ["seen is said to hold a text, and does not"]),
        ([True, False], columns.yes_or_no(), []),
    ],
)
def test_a_column_that_holds_something_else(selfcheck: ModuleType, cells: list, column, found: list[str]):
    told = {} if column is None else {"seen": column}
    shown = selfcheck.Shown("page", result(table=pd.DataFrame({"seen": cells}), columns=told))
    assert [fault.what for fault in selfcheck.columns_described([shown])] == found


def test_what_is_not_recorded_shown_as_something_else(faults, selfcheck: ModuleType):
    absent = (
        selfcheck.Unrecorded("whether those who answered came", r"\b0 paired|\b0% of the \d+ who came"),
        selfcheck.Unrecorded("invitations", r"\binvit(?:ed|ations?)\b"),
    )
    assert faults(result(sentence="In people: 20 came, 0 paired (0% of the 20 who came)."), absent=absent)
    assert faults(result(sentence="66 invited, 40 signed up."), absent=absent) == ["not recorded"]
    assert faults(result(sentence="66 on the list. Invitations are not recorded."), absent=absent) == []


def test_every_page_is_run(selfcheck: ModuleType, tmp_path):
    (tmp_path / "study.toml").write_text(
        'schema_version = 1\nkey = "bare"\ntitle = "A bare study"\nprovenance = "collected"\n', encoding="utf-8"
    )
    pages = {one.page for one in selfcheck.run_pages(tmp_path)}
    assert pages == {path.stem for path in selfcheck.NOTEBOOKS.glob("*.ipynb")} - {"00_workbench"}


@pytest.mark.parametrize("text", ["It changed by -0.31 points.", "-3 of 10", "(95% interval -0.2 to +0.1)"])
def test_a_hyphen_for_a_minus(faults, text: str):
    assert faults(result(sentence=text)) == ["minus"]
    assert faults(result(sentence=text.replace("-", "−"))) == []


def test_hyphens_that_are_none_and_cells_below_nought(faults):
    assert faults(result(sentence="From 2024-01-02 on P-03 had 3-5 ties; co-operation, q-1.")) == []
    assert faults(result(table=pd.DataFrame({"change": [-1.5, -2.0], "count": [-1, 2]}))) == []


@pytest.mark.parametrize(("text", "is_found"), [
    ("At Before the course, 39% crossed.", True), ("39% since Before the course", True),
    ("Before the course: 39% crossed.", False), ("the first time (Before the course)", False),
    ("Before the course to Before the course: 3 kept", False),
])  # fmt: skip
def test_a_label_forced_after_a_preposition(selfcheck: ModuleType, text: str, is_found: bool):
    pages = [selfcheck.Shown("page", result(caveats=(text,)))]
    found = [one.check for one in selfcheck.check_pages(pages, labels=("Before the course",))]
    assert found == (["label"] if is_found else [])


def test_a_share_of_the_count_before_the_last(faults):
    assert faults(result(sentence="29 of 41 sign-ups over 4 of 5 events came to it (71%).")) == []
    assert faults(result(sentence="29 of 41 sign-ups over 4 of 5 events came to it (75%).")) == ["percentage"]
