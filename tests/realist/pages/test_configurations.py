"""Configurations with their evidence by stance, gaps, code use and what two coders see differently."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from cop_analysis import realist, synthesis
from cop_analysis.realist.methods.agreement import cohen_kappa
from cop_analysis.realist.methods.configurations import slot_words, unfilled_roles
from cop_analysis.realist.model import Configuration, Slot
from cop_analysis.results.pages import pages_of
from cop_analysis.study import Study
from tests.asking import ask

EVERY_ANSWER = [page.method for page in pages_of(realist.Coded)]


def test_the_summary_counts_configurations_that_met_refuting_evidence(study) -> None:
    summary = realist.configuration_summary(study)
    assert summary.headline.value == "1 of 3"
    assert summary.headline.uncertainty == "a count, not an estimate"
    counts = dict(summary.table.itertuples(index=False, name=None))
    assert counts["with supporting evidence"] == 2
    assert counts["with no evidence yet"] == 1
    assert counts["partial (a role is not filled)"] == 2
    assert counts["with a rival explanation"] == 2
    assert counts["in a feedback loop"] == 2
    assert re.search(r"Each feeds the next in a loop among “.+” \(cmo1\), “.+” \(cmo2\)\.", summary.sentence)


def test_the_table_holds_slots_stances_documents_and_organisations(study) -> None:
    table = realist.configuration_table(study).table.set_index("configuration")
    first = table.loc["cmo1"]
    assert [first[name] for name in ("context", "resource", "reasoning", "outcome")] == [
        "decides alone", "a name", "expects help", "rings",
    ]  # fmt: skip
    assert [first[name] for name in ("supports", "refines", "refutes", "documents", "organisations")] == [2, 0, 1, 2, 2]
    assert table.loc["cmo2", "context"] == "Alone"
    assert table.loc["cmo10", "outcome"] == ""


def test_every_quote_links_to_its_place_in_the_transcript(study) -> None:
    cards = realist.configuration_table(study).body_html
    pages = realist.transcripts(study).body_html
    links = set(re.findall(r'href="#(place-[^"]*)"', cards))
    assert links == {"place-x001", "place-x003", "place-x004", "place-x005"}
    ids = re.findall(r'id="([^"]*)"', cards + pages)
    assert len(ids) == len(set(ids))
    assert links <= set(ids)
    assert set(re.findall(r'href="#([^"]*)"', cards + pages)) <= set(ids)
    assert "Refuting evidence</b> (1 extract)" in cards
    assert "coded by Coder A" in cards
    assert "relevance high, richness moderate, rigour low" in cards


def test_rivals_and_ripples_are_said_on_both_sides(study) -> None:
    cards = realist.configuration_table(study).body_html
    assert cards.count("Rival explanations") == 2
    assert "Its outcome becomes context of" in cards
    assert "ringing makes permission" in cards


def test_an_extract_linked_to_two_slots_counts_once(change, make_study) -> None:
    def link_again(payload: dict) -> None:
        payload["evidence"].append({**payload["evidence"][0], "id": "e9", "slot": "reasoning"})

    table = realist.configuration_table(make_study(change(link_again))).table.set_index("configuration")
    assert table.loc["cmo1", "supports"] == 2


def test_slots_of_other_schemas_have_their_columns(change, make_study) -> None:
    def other_schemas(payload: dict) -> None:
        payload["configurations"][1].update(
            schema="if-then", slots=[{"role": "if", "wording": "alone"}, {"role": "then", "wording": "rings"}]
        )
        payload["evidence"][3]["slot"] = "then"
        payload["configurations"][2].update(schema="SCMO", slots=[{"role": "strategy", "wording": "a forum"}])

    table = realist.configuration_table(make_study(change(other_schemas))).table.set_index("configuration")
    assert table.loc["cmo2", "context"] == "alone"
    assert table.loc["cmo2", "outcome"] == "rings"
    assert table.loc["cmo10", "strategy"] == "a forum"


def test_a_slot_without_code_and_wording_is_not_filled() -> None:
    one = Configuration("c", "x", slots=(Slot("context"), Slot("outcome", wording=" ")))
    assert unfilled_roles(one) == ("context", "resource", "reasoning", "outcome")
    assert slot_words(one, realist.Coding(realist.Snapshot("s"))) == {}


def test_gaps_say_what_is_missing_and_whom_to_ask(study) -> None:
    table = realist.gaps(study).table
    by_configuration = table.groupby("configuration")["gap"].apply(set).to_dict()
    assert "cmo1" not in by_configuration
    assert by_configuration["cmo2"] == {
        "one source only",
        "one organisation's voice only",
        "no refuting evidence",
        "no outcome without the mechanism",
        "not fully stated",
    }
    assert by_configuration["cmo10"] == {"no extract", "not fully stated"}
    alone = table[(table["configuration"] == "cmo2") & (table["gap"] == "one organisation's voice only")].iloc[0]
    # Only N is heard for cmo2; P04 of S is in no document, and P05 (N) did not consent.
    assert alone["found"] == "only N"
    assert alone["whom"] == "S: P04"
    assert not table["whom"].str.contains("P05").any()


def test_code_use_follows_the_tree(study) -> None:
    use = realist.code_use(study)
    table = use.table.set_index("code")
    assert table.loc["c3", "path"] == "Asking > Ringing"
    assert table.loc["c2", "extracts"] == 1
    assert table.loc["c2", "extracts_with_children"] == 3
    assert table.loc["c1", ["extracts_a", "extracts_b"]].tolist() == [1, 1]
    assert use.body_html.count("<ul") == use.body_html.count("</ul>")
    assert use.body_html.count("<li") == use.body_html.count("</li>")


def test_coders_are_compared_by_turn_where_both_coded(study) -> None:
    overlap = realist.coder_overlap(study)
    table = overlap.table.set_index("name")
    # D01 is the only document both coded; it has 4 turns. Both coded the second with Alone, only A the last.
    assert table.loc["Alone", ["turns", "both", "only_a", "only_b", "neither"]].tolist() == [4, 1, 0, 0, 3]
    assert table.loc["Alone", "kappa"] == 1.0
    assert table.loc["Ringing", ["both", "only_a", "only_b"]].tolist() == [0, 1, 0]
    assert table.loc["Ringing", "kappa"] == 0.0
    assert table.loc["all codes together", ["turns", "both", "only_a"]].tolist() == [8, 1, 1]
    assert overlap.disagreements[["document", "turn", "coded_by", "extract"]].to_numpy().tolist() == [
        ["D01", 4, "a", "x003"]
    ]
    assert "&lt;b&gt;twice&lt;/b&gt;" in overlap.body_html


def test_kappa_is_that_of_the_published_tables() -> None:
    # Cohen's kappa worked by hand: n = 50, agreement .70, chance .5 * .6 + .5 * .4 = .50, kappa .40.
    assert cohen_kappa(20, 5, 10, 15) == pytest.approx(0.4)
    # Two raters alike throughout: 1; alike by chance only: 0; always opposite with even margins: -1.
    assert cohen_kappa(5, 0, 0, 5) == 1.0
    assert cohen_kappa(25, 25, 25, 25) == 0.0
    assert cohen_kappa(0, 5, 5, 0) == -1.0
    for degenerate in [(0, 0, 0, 10), (10, 0, 0, 0), (0, 0, 0, 0)]:
        assert cohen_kappa(*degenerate) != cohen_kappa(*degenerate)


def test_one_coder_is_said_in_a_sentence(change, make_study) -> None:
    def one_coder(payload: dict) -> None:
        payload["extracts"][1]["coder"] = "a"

    answer = realist.coder_overlap(make_study(change(one_coder)))
    assert "no agreement to look at" in answer.sentence


@pytest.mark.parametrize("answer", EVERY_ANSWER)
def test_without_coding_each_says_so_in_one_sentence(answer, make_study, tmp_path: Path) -> None:
    result = ask(realist.coded(make_study(tmp_path)), answer)
    assert result.sentence.startswith("This study has no coding yet (coding.json), so ")
    assert result.table.empty


@pytest.mark.parametrize("answer", EVERY_ANSWER)
def test_an_empty_coding_is_no_error(answer, make_study, tmp_path: Path) -> None:
    empty = {"schema": "cop-analysis-coding", "schema_version": 1, "study": "forum"}
    (tmp_path / "coding.json").write_text(json.dumps(empty))
    assert ask(realist.coded(make_study(tmp_path)), answer).sentence


@pytest.mark.parametrize("answer", EVERY_ANSWER)
def test_markup_in_any_text_shows_as_text(answer, change, make_study) -> None:
    bad = "<script>alert(1)</script>"

    def poison(payload: dict) -> None:
        for record in payload["coders"] + payload["codes"]:
            record["name"] = bad
        for code in payload["codes"]:
            code.update(definition=bad, examples=bad)
        for one in payload["configurations"]:
            one.update(label=bad, statement=bad, for_whom=bad)
            for slot in one["slots"]:
                slot["wording"] = bad
        for link in payload["evidence"]:
            link["reason"] = bad
        for extract in payload["extracts"]:
            extract["memo"] = bad
        payload["documents"][0]["title"] = bad
        payload["ripples"][0]["note"] = bad

    html = ask(realist.coded(make_study(change(poison))), answer)._repr_html_()
    assert "<script" not in html


@pytest.mark.parametrize("answer", EVERY_ANSWER)
def test_without_people_and_documents_tables_the_coding_is_still_shown(answer, folder: Path) -> None:
    from cop_analysis.study import Study

    config = {"key": "forum", "title": "Forum", "provenance": "simulated"}
    study = Study.from_tables(config, folder=folder, coding_reader=realist.read_coding)
    assert ask(realist.coded(study), answer).sentence


def test_a_group_whose_speaker_is_named_speaks_for_one_organisation(folder: Path, make_study) -> None:
    documents = pd.DataFrame(
        {"document": ["D01", "D02", "D03"], "file": ["D01.txt", "D02.txt", "D03.txt"], "kind": ["focus group"] * 3,
         "people": ["P01;P02", "P02; P04", "P02;P04"]}
    )  # fmt: skip
    from cop_analysis.realist.model.consent import voices

    heard = voices(make_study(folder, documents=documents))
    assert (heard["x001"].person, heard["x001"].organisations) == ("P01", ("N",))
    # P03 speaks in D03 but is not among its people: nobody can say who it was.
    assert (heard["x005"].person, heard["x005"].organisations) == (None, ("S",))


def test_the_interviewer_s_words_are_not_the_interviewee_s(change, make_study) -> None:
    from cop_analysis.realist.model.consent import voices

    def code_the_question(payload: dict) -> None:
        payload["extracts"][0].update(start=13, end=31, quote="How was it before?", prefix="", suffix="")
        payload["extracts"][1].update(start=13, end=43, quote="How was it before?\n\nP01: I was", prefix="", suffix="")

    heard = voices(make_study(change(code_the_question)))
    assert (heard["x001"].speaker, heard["x001"].person) == ("INTERVIEWER", None)
    # A passage that runs from the question into the answer is the answer's.
    assert (heard["x002"].speaker, heard["x002"].person, heard["x002"].turn) == ("P01", "P01", 2)


def test_people_who_left_are_not_proposed(folder: Path, make_study) -> None:
    people = pd.DataFrame(
        {
            "person": ["P01", "P02", "P03", "P04"],
            "organisation": ["N", "S", "N", "S"],
            "left": [None] * 3 + ["2024-01-01"],
        }
    )
    table = realist.gaps(make_study(folder, people=people)).table
    assert not table["whom"].str.contains("P04").any()
    assert table["whom"].str.contains("somebody at S").any()


# --- as somebody new to it reads it ------------------------------------------------------------------


def test_a_card_and_its_links_begin_with_words_and_not_with_identifiers(study) -> None:
    cards = realist.configuration_table(study).body_html
    assert '<p class="cop-card-title"><strong>A name to ring</strong>' in cards
    assert "how strongly it fires: 0.6 of 1" in cards
    assert '<a href="#place-x001">D01, turn 2, P01</a>' in cards
    assert '<a href="#configuration-cmo2">Permission</a>' in cards
    notes = realist.transcripts(study).body_html
    assert not re.search(r"<li><a[^>]*>x001", notes)
    assert re.search(r"<li><span[^>]*></span><b>Alone</b> .*x001</a></small></li>", notes)


def test_an_extract_that_bears_on_two_is_said_to_count_twice(study, change, make_study, folder: Path) -> None:
    assert "rest on 4 extracts; each quote" in realist.configuration_table(study).sentence
    change(lambda payload: payload["evidence"].append({**payload["evidence"][0], "id": "e9", "configuration": "cmo2"}))
    twice = make_study(folder)
    assert "rest on 4 extracts (5 where one that bears on several counts for each);" in (
        realist.configuration_table(twice).sentence
    )
    assert "of 5 extracts, 4 different ones, each counted for every configuration it bears on)" in (
        synthesis.evidence_matrix(twice).sentence
    )


def test_what_to_ask_next_is_a_sentence_with_and_without_a_statement(study, change, make_study, folder: Path) -> None:
    def asked(of: Study, gap: str) -> str:
        table = realist.gaps(of).table
        return table[(table["configuration"] == "cmo2") & (table["gap"] == gap)]["ask"].iloc[0]

    assert asked(study, "one source only") == "“Permission”: has it been so for you as well?"
    assert asked(study, "not fully stated") == (
        "Ask what is not known yet of “Permission”: the resource (mechanism), the reasoning (mechanism)."
    )
    change(lambda payload: payload["configurations"][1].update(statement="If they may, they ring"))
    assert asked(make_study(folder), "no refuting evidence") == (
        "If they may, they ring. When, or for whom, was it not so?"
    )
