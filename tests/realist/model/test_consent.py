"""What people said who did not consent, or withdrew, is on no page; it stays counted, the others are heard."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from cop_analysis import open_study, realist, synthesis
from cop_analysis.realist import Code, Coder, Coding, Document, Extract, Memo, Snapshot, Validation, write_coding
from cop_analysis.realist.documents.speakers import turns
from cop_analysis.realist.model.consent import WITHHELD, Consent, handed_on
from cop_analysis.results.pages import pages_of
from cop_analysis.study import Study
from cop_analysis.synthesis.cases import Quoted
from cop_analysis.widgets.coding.static_form import static_html
from tests.asking import ask

SHIPPED = Path(__file__).parents[3] / "data" / "nmp_forum"
GROUP = (
    "INTERVIEWER: And together?\n\nP02: We heard the others out.\n\nP01 (nurse): My manager would not have it.\n\n"
    "That was the end of it for me."
)
ROOM = [(realist.coded, page.method) for page in pages_of(realist.Coded)]
ROOM += [(synthesis.side_by_side, page.method) for page in pages_of(synthesis.SideBySide)]


def people(**consent: str) -> pd.DataFrame:
    names = ["P01", "P02", "P03", "P04", "P05"]
    return pd.DataFrame(
        {"person": names, "organisation": ["N", "S", "N", "S", "N"], "consent": [consent.get(n, "yes") for n in names]}
    )


def words_of(result: object) -> str:
    table = getattr(result, "table", None)
    shown = "" if table is None else table.to_csv()
    if getattr(result, "disagreements", None) is not None:
        shown += result.disagreements.to_csv()
    html = unescape(re.sub(r"<[^>]+>", "", getattr(result, "body_html", "")))
    return f"{result.sentence} {' '.join(result.caveats)} {html} {shown}"


@pytest.mark.parametrize("consent", ["no", "withdrawn"])
@pytest.mark.parametrize(("opened", "page"), ROOM)
def test_no_page_shows_a_word_of_theirs(opened, page: str, consent: str, folder: Path, make_study) -> None:
    result = ask(opened(make_study(folder, people=people(P01=consent))), page)
    said = words_of(result)
    for words in ("alone with it", "Nobody to ring", "I rang the hospital", "this month"):
        assert words not in said
    assert len(ask(opened(make_study(folder, people=people())), page).table) == len(result.table)


def test_a_card_keeps_the_count_and_the_place_and_the_others_are_quoted(folder: Path, make_study) -> None:
    result = realist.configuration_table(make_study(folder, people=people(P01="withdrawn")))
    assert result.table.set_index("configuration").loc["cmo1", "supports"] == 2
    assert result.body_html.count(WITHHELD) == 2
    assert '<a href="#place-x001">' in result.body_html
    assert "I had people to ask already." in result.body_html
    assert any(caveat.startswith("2 extracts are counted and not quoted") for caveat in result.caveats)


def test_a_transcript_keeps_the_turn_its_label_and_its_anchors(folder: Path, make_study) -> None:
    html = realist.transcripts(make_study(folder, people=people(P01="no"))).body_html
    first = html.split('id="transcript-D02"')[0]
    # Two turns of P01; what the interviewer asked is not theirs, and is shown.
    assert first.count(WITHHELD) == 2
    assert "How was it before?" in first
    assert all(html.count(f'id="place-{one}"') == 1 for one in ("x001", "x002", "x003"))
    assert "I had people to ask already." in html


def test_the_joint_display_quotes_nobody_who_refused_and_the_people_quoted_are_the_others(
    folder: Path, make_study
) -> None:
    study = make_study(folder, people=people(P01="no"))
    assert WITHHELD in synthesis.joint_display(study).body_html
    assert Quoted(study, study.coding).people("cmo1") == ("P02",)


@pytest.mark.parametrize("shape", [1, 2, 3, 4])
def test_the_tables_to_be_saved_and_the_still_page_withhold_the_same(shape: int, folder: Path, make_study) -> None:
    study = make_study(folder, people=people(P01="no"))
    shown = realist.configuration_export(study, shape).to_csv() + static_html(study, study.coding)
    assert "alone with it" not in shown
    assert "I rang the hospital" not in shown


def test_a_word_document_to_hand_on_has_blocks_where_their_words_stood(folder: Path, make_study, tmp_path) -> None:
    from docx import Document

    study = make_study(folder, people=people(P01="no"))
    realist.write_docx(handed_on(study.coding, study), tmp_path / "c.docx")
    document = Document(str(tmp_path / "c.docx"))
    words = " ".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "alone with it" not in words
    assert "█ ███ █████ ████ ███" in words
    assert "I had people to ask already." in words
    nobody = make_study(folder, people=people())
    assert handed_on(nobody.coding, nobody) is nobody.coding


# --- whose turn it is --------------------------------------------------------------------------------------------


def group(folder: Path, make_study, listed: str, text: str = GROUP, **consent: str) -> Study:
    (folder / "documents" / "D03.txt").write_text(text, encoding="utf-8")
    documents = pd.DataFrame(
        {"document": ["D01", "D02", "D03"], "file": ["D01.txt", "D02.txt", "D03.txt"], "kind": ["interview"] * 3,
         "people": ["P02", "P02", listed]}
    )  # fmt: skip
    return make_study(folder, people=people(**consent), documents=documents)


def withheld_turns(study: Study) -> list[int]:
    consent = Consent(study, study.coding)
    return [one.number for one in turns(study.read_document("D03")) if consent.withholds_turn("D03", one)]


@pytest.mark.parametrize("listed", ["P01; P02", "P02"])
def test_in_a_group_only_their_turns_and_those_that_may_be_theirs_are_withheld(
    listed: str, folder: Path, make_study
) -> None:
    assert withheld_turns(group(folder, make_study, listed, P01="no")) == [3, 4]
    assert withheld_turns(group(folder, make_study, listed, P02="no")) == [2, 4]
    assert withheld_turns(group(folder, make_study, listed, P04="no")) == []


def test_where_labels_name_nobody_a_document_of_theirs_is_withheld_whole(folder: Path, make_study) -> None:
    text = "I: And together?\n\nNURSE: We heard the others out."
    assert withheld_turns(group(folder, make_study, "P01", text, P01="no")) == [1, 2]
    assert withheld_turns(group(folder, make_study, "P01; P02", text, P01="no")) == [1, 2]
    assert withheld_turns(group(folder, make_study, "P02", text, P01="no")) == []


def test_a_passage_that_runs_into_their_turn_or_lost_its_place_is_withheld(folder: Path, make_study) -> None:
    study = group(folder, make_study, "P01; P02", P01="no")
    consent = Consent(study, study.coding)

    def passage(words: str, **more) -> Extract:
        start = GROUP.index(words)
        return Extract("x9", "D03", start, start + len(words), words, "c1", "a", **more)

    assert not consent.withholds(passage("We heard the others out."))
    assert consent.withholds(passage("the others out.\n\nP01 (nurse): My"))
    assert consent.withholds(passage("My manager"))
    assert consent.withholds(passage("We heard the others out.", placed=False))
    assert consent.withholds(Extract("x9", "D03", 0, 4, "else", "c1", "a"))


def test_a_document_that_cannot_be_read_is_withheld(folder: Path, make_study) -> None:
    study = make_study(folder, people=people(P01="no"))
    (folder / "documents" / "D01.txt").unlink()
    assert "alone with it" not in words_of(realist.transcripts(study))


# --- what the team wrote -----------------------------------------------------------------------------------------


def test_the_teams_own_words_stay_and_what_they_quote_goes(folder: Path, study: Study, make_study) -> None:
    write_coding(
        study.coding.with_records(
            Memo("m1", "Striking: I was alone with it, nobody to ring! Ask.", about="extract", target="x001"),
            Validation("v1", "People ring.", "agrees", "P01 (nurse)", "cmo1", comment="Yes, that was me."),
            Validation("v2", "People ring.", "agrees", "P02", "cmo1", comment="So it was."),
        ),
        folder,
    )
    study = make_study(folder, people=people(P01="withdrawn"))
    memo = realist.memos_and_decisions(study).table.set_index("record").loc["m1", "text"]
    assert memo == f"Striking: {WITHHELD}! Ask."
    assert realist.validations(study).table["comment"].tolist() == [WITHHELD, "So it was."]
    assert "Yes, that was me" not in realist.configuration_export(study, 3).to_csv()


def test_where_nobody_in_a_document_refused_every_page_is_what_it_was(folder: Path, make_study) -> None:
    everybody, one_elsewhere = make_study(folder, people=people()), make_study(folder, people=people(P04="no"))
    for opened, page in ROOM:
        if opened is realist.coded and page != "gaps":  # which names whom to ask next
            assert ask(opened(everybody), page).payload() == ask(opened(one_elsewhere), page).payload(), page


def test_the_index_says_in_which_transcripts_words_are_withheld(tmp_path: Path, folder: Path, make_study) -> None:
    study = make_study(folder, people=people(P01="no"))
    assert study.consent_statement == (
        "1 person did not consent, or withdrew: no page shows their words in the transcript D01."
    )
    assert make_study(folder, people=people(P04="no")).consent_statement == (
        "1 person did not consent, or withdrew; the study holds no answer of theirs."
    )


def test_the_shipped_study_withholds_nothing() -> None:
    study = open_study(SHIPPED)
    assert Consent(study, study.coding).refused
    assert not any(Consent(study, study.coding).withholds(one) for one in study.coding.snapshot.extracts[:20])
    assert WITHHELD not in json.dumps(realist.configuration_table(study).payload())


def consent_of(text: str, passages: tuple[str, ...]) -> tuple[Consent, tuple[Extract, ...]]:
    """Give the consent of a study in which P02, who said these passages, withdrew."""
    documents, codes = (Document("D1", "documents/D1.txt"),), (Code("c1", "Trust"),)
    extracts = tuple(
        Extract(f"x{n}", "D1", text.index(words), text.index(words) + len(words), words, "c1", "a")
        for n, words in enumerate(passages)
    )
    study = Study.from_tables(
        {"key": "demo", "title": "Demo", "provenance": "simulated"},
        people=pd.DataFrame({"person": ["P01", "P02"], "consent": ["yes", "withdrawn"]}),
        documents=pd.DataFrame({"document": ["D1"], "file": ["D1.txt"], "people": ["P01; P02"]}),
    )
    snapshot = Snapshot("demo", (Coder("a"),), documents, codes, extracts)
    return Consent(study, Coding(snapshot, {"D1": text}.__getitem__)), extracts


def test_a_withheld_passage_of_three_words_is_taken_out_of_a_memo_and_one_of_two_is_not() -> None:
    consent, extracts = consent_of("P01: I rang her.\n\nP02: I never did. Oh well.", ("I never did", "Oh well"))
    assert all(consent.withholds(one) for one in extracts)
    assert consent.clean("She said I never did, oh well.") == f"She said {WITHHELD}, oh well."


def test_two_withheld_passages_side_by_side_are_withheld_as_one() -> None:
    consent, _ = consent_of("P01: I rang.\n\nP02: I never did. Not even once.", ("I never did", "Not even once"))
    assert consent.clean("She: Not even once. I never did!") == f"She: {WITHHELD}!"
