"""What is talk and who talks: page numbers, headings, labels that have to be asked about, and what is answered."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from cop_analysis.realist import TextDocument, read_text_document, turns

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture
def read(tmp_path: Path):
    def make(text: str, answers=None, name: str = "talk.txt") -> TextDocument:
        (tmp_path / name).write_text(text, encoding="utf-8")
        document = read_text_document(tmp_path / name, answers)
        assert document.words_in == document.words_out, document.text
        assert document.turns == turns(document.text, document.speakers)
        return document

    return make


@pytest.fixture
def word(tmp_path: Path):
    def make(build, answers=None) -> TextDocument:
        made = docx.Document()
        build(made)
        made.save(tmp_path / "talk.docx")
        document = read_text_document(tmp_path / "talk.docx", answers)
        assert document.words_in == document.words_out, document.text
        return document

    return make


def said(document: TextDocument) -> list[tuple[str, str]]:
    return [(turn.speaker, document.text[turn.speech_start : turn.end]) for turn in document.turns]


def field(instruction: str, result: str) -> object:
    """A field as Word writes it over several runs."""
    runs = "".join(
        f"<w:r>{inner}</w:r>"
        for inner in ('<w:fldChar w:fldCharType="begin"/>', f"<w:instrText> {instruction} </w:instrText>",
                      '<w:fldChar w:fldCharType="separate"/>', f"<w:t>{result}</w:t>",
                      '<w:fldChar w:fldCharType="end"/>')
    )  # fmt: skip
    return parse_xml(f"<w:p {nsdecls('w')}>{runs}</w:p>")


# --- C1: the page is no talk ------------------------------------------------------------


def test_a_page_number_is_nobodys_last_word() -> None:
    document = read_text_document(CASES / "footer_page_otter.docx")
    assert said(document) == [("I", "How was it?"), ("P01", "Right, bye.")]
    assert document.words_in == document.words_out == 7
    assert document.warnings == ()


@pytest.mark.parametrize("style", ["otter", "colon", "alone", "teams"])
def test_headers_footers_fields_boxes_and_notes_change_nobodys_words(word, style: str) -> None:
    turn_of = {
        "otter": lambda who, words: (f"{who}  00:03", words),
        "colon": lambda who, words: (f"{who}: {words}",),
        "alone": lambda who, words: (who, words),
        "teams": lambda who, words: (f"{who}   0:03\n{words}",),
    }[style]
    talk = [("INTERVIEWER", "How was it?"), ("P01", "Long."), ("INTERVIEWER", "And now?"), ("P01", "Right, bye.")]

    def build(made, with_pages: bool = True) -> None:
        section = made.sections[0]
        if with_pages:
            section.header.paragraphs[0].text = "Interview 12, confidential"
            section.footer.paragraphs[0].text = "Page "
            section.footer._element.append(field("PAGE", "11"))
            section.footer._element.append(field("NUMPAGES \\* MERGEFORMAT", "12"))
        for who, words in talk:
            for line in turn_of(who, words):
                made.add_paragraph(line)
            if with_pages:
                made.element.body.append(field("PAGE", "7"))
        if with_pages:
            box = (
                "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>Draft only</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
            )
            made.paragraphs[-1]._p.append(parse_xml(box.replace("<w:r>", f"<w:r {nsdecls('w')}>", 1)))

    bare, full = word(lambda made: build(made, False)), word(build)
    assert said(bare) == talk
    assert [one for one in said(full) if one[0]] == talk
    assert [words for who, words in said(full) if not who] == ["Draft only"]
    assert full.set_apart["words of headers and footers"] == 4
    assert full.set_apart["words of page numbers and tables of contents"] == 4
    assert full.words_in == bare.words_in + 2


def test_a_box_in_the_middle_of_a_turn_does_not_end_it(word) -> None:
    def build(made) -> None:
        for line in ("P01  00:03", "First,", "second."):
            made.add_paragraph(line)
        box = "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>Page 3</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
        made.paragraphs[1]._p.append(parse_xml(box.replace("<w:r>", f"<w:r {nsdecls('w')}>", 1)))
        for line in ("I  00:09", "Go on."):
            made.add_paragraph(line)

    assert said(word(build)) == [("P01", "First,"), ("", "Page 3"), ("P01", "second."), ("I", "Go on.")]


def test_a_table_of_contents_a_hyperlink_and_a_page_in_a_field(word) -> None:
    def build(made) -> None:
        made.element.body.insert(0, field('TOC \\o "1-3"', "Part one 2"))
        made.add_paragraph("P01: Look at")
        link = field('HYPERLINK "https://example.org"', "this page")
        made.paragraphs[-1]._p.extend(list(link))
        made.add_paragraph("I: Yes?")
        made.add_paragraph("P01: So.")

    assert said(word(build)) == [("P01", "Look atthis page"), ("I", "Yes?"), ("P01", "So.")]


@pytest.mark.parametrize(
    "page",
    ["Page {n}", "Page {n} of 4", "- {n} -", "{n}/4", "Interview 12 – Page {n} of 4", "{n}"],
)
def test_page_lines_that_came_into_a_text_are_set_apart(read, page: str) -> None:
    lines = []
    for number in range(1, 5):
        lines += ["I: How was it?", "P01: Long.", page.format(n=number), ""]
    document = read("\n".join(lines))
    assert said(document) == [("I", "How was it?"), ("P01", "Long.")] * 4
    assert "Page numbers and running lines (4 lines)" in document.warnings[0]


def test_a_running_title_goes_with_its_page_number_and_a_repeated_answer_stays(read) -> None:
    page = "I: And?\nP01: Yes.\n\nYes.\n\nForum study, wave one\nPage {n}\n\n"
    document = read("".join(page.format(n=number) for number in range(1, 5)))
    assert "Forum study" not in document.text
    assert document.text.count("\n\nYes.") == 4


@pytest.mark.parametrize("numbers", [(11,), (3, 9, 2), (1, 2)])
def test_a_number_somebody_says_stays(read, numbers) -> None:
    text = "\n\n".join(f"I\nHow many?\n\nP01\n{number}" for number in numbers) + "\n\nI\nThanks.\n\nP01\nBye."
    assert [words for who, words in said(read(text)) if words.isdigit()] == [str(number) for number in numbers]


def test_a_date_at_the_head_is_no_turn(read) -> None:
    document = read("Date: 3 May 2024\n\nI: How was it?\nP01: The date: that was set.\nI: And?\nP01: Date: none.")
    assert document.attributes["date"] == "3 May 2024"
    assert said(document)[0] == ("I", "How was it?")
    assert "Date: none." in document.text


# --- C2: headings and labels ------------------------------------------------------------


def test_headings_are_no_people_and_doubtful_labels_are_asked_about() -> None:
    document = read_text_document(CASES / "headings_as_speakers.docx")
    assert document.speakers == ("I", "P01")
    assert [(one.label, one.count, one.suggestion) for one in document.questions] == [
        ("p01", 1, "P01"),
        ("R :", 1, "R"),
    ]
    assert set(document.headings) == {"Key", "Part 1", "Note", "Part 2 – Interview 33"}
    assert document.words_in == document.words_out == 27
    assert any("“p01” (1), “R :” (1)" in one for one in document.warnings)
    assert said(document)[-2:] == [("", "p01: Short."), ("", "R :odd")]


def test_answers_are_taken() -> None:
    path = CASES / "headings_as_speakers.docx"
    document = read_text_document(path, {"p01": "P01", "R :": None, "Note": "Note"})
    assert (document.speakers, document.questions) == (("I", "P01", "Note"), ())
    assert said(document)[-2:] == [("P01", "Short."), ("", "R :odd")]
    assert document.words_in == document.words_out
    other = read_text_document(path, {"R :": "Ward manager", "p01": "P01"})
    assert said(other)[-1] == ("Ward manager", "odd")
    assert other.words_in == other.words_out == 28


def hundreds(*lines: str, turns: int = 120) -> str:
    talk = [line for number in range(turns) for line in (f"I: Question {number}?", f"P07: Answer {number}.")]
    for number, line in enumerate(lines):
        talk.insert(20 * (number + 1), line)
    return "\n".join(talk)


@pytest.mark.parametrize(
    ("line", "label", "suggestion"),
    [
        ("Trust: it is what counts.", "Trust", ""),
        ("P09: Can I say something?", "P09", "P09"),
        ("p07: Yes.", "p07", "P07"),
        ("P 07: Yes.", "P 07", "P07"),
        ("P07; Yes.", "P07;", "P07"),
        ("P07 : Yes.", "P07 :", "P07"),
        ("P07:Yes.", "P07:", "P07"),
        ("i: And?", "i", "I"),
    ],
)
def test_one_line_among_hundreds_is_a_question_and_its_words_are_nobodys(read, line, label, suggestion) -> None:
    document = read(hundreds(line))
    assert document.speakers == ("I", "P07")
    asked = {one.label: (one.count, one.suggestion) for one in document.questions}
    if label == "Trust":
        assert asked in ({}, {"Trust": (1, "")})
        return
    assert asked == {label: (1, suggestion)}
    assert ("", line) in said(document)
    answered = read(hundreds(line), {label: suggestion})
    assert answered.questions == ()
    assert [who for who, words in said(answered) if words == line.split(":")[-1].split(";")[-1].strip()][:1] == [
        suggestion
    ]


def test_nothing_is_asked_where_nothing_is_in_doubt(read) -> None:
    for text in (hundreds(), "I : Well?\nP01 : Yes.\n" * 5, "I: Well?\nP01: Yes.\nP02: No."):
        assert read(text).questions == ()
    french = read("I : Well?\nP01 : Yes.\n" * 5)
    assert (french.speakers, len(french.turns)) == (("I", "P01"), 10)


def test_a_time_of_day_and_a_link_are_no_labels(read) -> None:
    document = read(hundreds("We met at 10:30; it was late.", "https://example.org", "NHS; the rest."))
    assert document.questions == ()


def test_spellings_in_captions_and_tables_are_asked_and_answered(read, word) -> None:
    cues = ("<v Ann Lee>Yes.</v>", "<v ANN LEE>No.</v>", "<v Ann Lee>So.</v>")
    text = "WEBVTT\n\n" + "\n\n".join(f"00:0{n}.000 --> 00:0{n}.900\n{cue}" for n, cue in enumerate(cues, 1))
    assert [one.label for one in read(text, name="a.vtt").questions] == ["ANN LEE"]
    assert read(text, {"ANN LEE": "Ann Lee"}, "a.vtt").speakers == ("Ann Lee",)

    def build(made) -> None:
        table = made.add_table(rows=5, cols=2)
        rows = [("I:", "How was it?"), ("P01:", "Long and hard."), ("I:", "And now, at last?"), ("p01:", "Better now.")]
        for row, cells in enumerate([("Speaker", "Transcript"), *rows]):
            table.cell(row, 0).text, table.cell(row, 1).text = cells

    assert [one.label for one in word(build).questions] == ["p01"]
    document = word(build, {"p01": "P01"})
    assert said(document)[-1] == ("P01", "Better now.")
    assert document.set_apart["words of table headings"] == 2


@pytest.mark.parametrize(("bold", "is_said"), [((0, 2, 4, 6), True), ((0,), False), (range(8), False)])
def test_who_asks_in_bold_alone_is_not_guessed_but_said(word, bold, is_said: bool) -> None:
    def build(made) -> None:
        for number in range(8):
            made.add_paragraph().add_run(f"Something was said here, number {number}.").bold = number in bold

    document = word(build)
    assert document.speakers == ()
    assert any("paragraphs are bold" in one for one in document.warnings) == is_said


def test_a_surname_that_heads_parts_elsewhere_is_asked_about(read) -> None:
    text = "I: Well?\nPage: Yes.\n" * 12
    assert [(one.label, one.count) for one in read(text).questions] == [("Page", 12)]
    assert read(text, {"Page": "Page"}).speakers == ("I", "Page")


def test_headings_are_no_people_in_a_text_that_came_another_way() -> None:
    text = "Key: who speaks\n\nPart 1: The start\n\nI: Well?\n\nP01: Yes.\n\nNote: she laughs"
    assert [turn.speaker for turn in turns(text)] == ["", "", "I", "P01", ""]


def test_the_labels_in_doubt_are_gathered_once() -> None:
    """Asked for each line of a text with thousands of labels, it would take minutes."""
    from cop_analysis.realist.documents.speakers import judge_labels

    judged = judge_labels({"I"}, Counter({"I": 90, "P01": 1}), 91, {})
    assert judged.doubtful is judged.doubtful


_MANY = """
import resource
from collections import Counter
from cop_analysis.realist.documents.speakers import judge_labels
resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
labels = [f"Label {number:06d}x" for number in range(300_000)]
judged = judge_labels(set(labels), Counter(labels), len(labels), {})
print(len(judged.questions), len(judged.people))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the time of a process")
def test_a_text_of_hundreds_of_thousands_of_labels_is_asked_about_in_one_pass() -> None:
    """Some seconds of the processor; going through all labels once for each of them takes an hour."""
    done = subprocess.run([sys.executable, "-c", _MANY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["300000", "0"]), done.stderr


def test_of_a_hundred_speakers_the_first_are_named_and_the_rest_counted(read) -> None:
    document = read(
        "".join(f"P{number:03d}: Yes.\n\nP{number:03d}: No.\n\nP{number:03d}: Well.\n\n" for number in range(100))
    )
    assert len(document.speakers) == 100
    assert "P038, P039 and 60 more." in document.sentence
    assert "P040" not in document.sentence


def test_the_longest_label_that_is_known_is_taken() -> None:
    found = turns("Dr A: B: yes\n\nDr A: no\n\nDr A:x", ("Dr A", "Dr A: B"))
    assert [one.speaker for one in found] == ["Dr A: B", "Dr A", ""]


def test_what_is_settled_after_a_document_was_coded_is_said_to_change_nothing(tmp_path: Path) -> None:
    from cop_analysis import open_study
    from cop_analysis.realist.coding import start_coding
    from cop_analysis.realist.documents.speakers import keep_answers
    from cop_analysis.realist.model.check import check_coding
    from cop_analysis.study import new_study

    folder = new_study(tmp_path / "study", example=True)
    (folder / "documents").mkdir(exist_ok=True)
    (folder / "documents" / "D77.txt").write_text("p01: Yes.\n", encoding="utf-8")
    (folder / "documents.csv").write_text("document,file\nD77,D77.txt\n", encoding="utf-8")
    (folder / "quotes.csv").unlink(missing_ok=True)
    (folder / "coding.json").unlink(missing_ok=True)
    coding = start_coding(open_study(folder))
    coding.add_coder("zz", "Zoe")
    coding.add_document("D77")
    coding.save()
    coding.close()

    def said() -> list:
        return [one for one in check_coding(folder, open_study(folder)) if one.column == "documents.speakers"]

    assert said() == []
    keep_answers(folder, {"p01": "P01"}, file="talk.docx", document="D77")
    (notice,) = said()
    assert (notice.severity, notice.value) == ("notice", "p01")
    assert "the coding, which keeps the speakers it had" in notice.rule
