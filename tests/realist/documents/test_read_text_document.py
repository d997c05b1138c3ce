"""Documents coming in: whatever made the file, speakers are recognised, nothing is guessed and no word is lost."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop_analysis.realist import TextDocument, read_text_document, turns

SHIPPED = Path(__file__).parents[3] / "data" / "nmp_forum" / "documents"


@pytest.fixture
def read(tmp_path: Path):
    def write_and_read(content: str | bytes, name: str = "talk.txt") -> TextDocument:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        document = read_text_document(path)
        assert document.words_in == document.words_out
        assert document.turns == turns(document.text, document.speakers)
        assert len(document.times) == len(document.turns)
        return document

    return write_and_read


@pytest.fixture
def word(tmp_path: Path):
    """Make a Word document with python-docx and read it."""

    def make(build, name: str = "talk.docx") -> TextDocument:
        made = docx.Document()
        build(made)
        made.save(tmp_path / name)
        document = read_text_document(tmp_path / name)
        assert document.words_in == document.words_out
        return document

    return make


def said(document: TextDocument) -> list[tuple[str, str]]:
    return [(turn.speaker, document.text[turn.speech_start : turn.end]) for turn in document.turns]


# --- text ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("INTERVIEWER: How was it?\n\nP01: Long.\n\nINTERVIEWER: And now?\n\nP01: Short.", ("INTERVIEWER", "P01")),
        ("I: How was it?\nR: Long.\nI: And now?\nR: Short.", ("I", "R")),
        ("P: How was it?\nI: Long.\nP: And now?\nI: Short.", ("P", "I")),
        ("INTERVIEWER\nHow was it?\n\nP01\nLong.\n\nINTERVIEWER\nAnd now?\n\nP01\nShort.", ("INTERVIEWER", "P01")),
        ("Jane Smith\nHow was it?\nAl Ray\nLong.\nJane Smith\nAnd now?\nAl Ray\nShort.", ("Jane Smith", "Al Ray")),
        ("Interviewer:\nHow was it?\n\nJane:\nLong.\n\nInterviewer:\nAnd now?\nJane:\nShort.", ("Interviewer", "Jane")),
        ("Interviewer:\n\nHow was it?\n\nJane:\n\nLong.\n\nInterviewer:\n\nAnd now?\n\nJane:\n\nShort.",
         ("Interviewer", "Jane")),
        ("Jane  00:03\nHow was it?\n\nAl  00:09\nLong.\n\nJane  01:02:03\nAnd now?\n\nAl  1:02:09\nShort.",
         ("Jane", "Al")),
        ("[00:03] Jane: How was it?\n[00:09] Al: Long.\n[00:12] Jane: And now?\n[00:15] Al: Short.", ("Jane", "Al")),
        ("Jane (00:03): How was it?\nAl (00:09): Long.\nJane (00:12): And now?\nAl (00:15): Short.", ("Jane", "Al")),
        ("interviewer: How was it?\nrespondent: Long.\ninterviewer: And now?\nrespondent: Short.",
         ("interviewer", "respondent")),
    ],
)  # fmt: skip
def test_every_way_of_naming_a_speaker_gives_the_same_talk(read, text: str, speakers: tuple[str, str]) -> None:
    document = read(text)
    asks, answers = speakers
    assert document.speakers == speakers
    assert document.text == f"{asks}: How was it?\n\n{answers}: Long.\n\n{asks}: And now?\n\n{answers}: Short."
    assert document.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "It was long.\n\nYes\n\nNo\n\nYes\n\nIt was at 10:30.\nNote: late",
        "We met at 10:30\nand again at 11:15\nbecause of this: trains.",
        "Yes\nIt was.\nYes\nIt was.\nYes\nIt was.",
    ],
)
def test_where_no_speaker_is_named_none_is_invented(read, text: str) -> None:
    document = read(text)
    assert document.speakers == ()
    assert document.text == text
    assert "No speaker was recognised" in document.warnings[0]


def test_what_is_said_after_a_colon_stays_speech(read) -> None:
    document = read("P01: One thing: time.\nNote: I was late.\nhttps://example.org: no\n\nP02: Yes.\n\nShe laughs.")
    assert said(document)[0] == ("P01", "One thing: time.\nNote: I was late.\nhttps://example.org: no")
    assert said(document)[-1] == ("", "She laughs.")
    assert "1 paragraph without a label stands under nobody's name" in document.warnings[0]


def test_markdown_labels_in_bold_and_its_head(read) -> None:
    document = read(
        "---\ntitle: Third\nprofession: nurse\n---\n# Talk\n\n**P01:** We *met*.\n\n**P02**: Yes.\n", "a.md"
    )
    assert document.text == "# Talk\n\nP01: We *met*.\n\nP02: Yes."
    assert (document.format, dict(document.attributes)) == ("md", {"profession": "nurse", "title": "Third"})


@pytest.mark.parametrize(
    ("encoding", "mark", "named"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8"),
        ("utf-16", b"", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("cp1252", b"", "Windows-1252"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_encoding_is_told_by_the_content(read, encoding: str, mark: bytes, named: str, ending: str) -> None:
    text = "P01: The café – “no”.\n\nP02: Ä.".replace("\n", ending)
    document = read(mark + text.encode(encoding))
    assert document.text == "P01: The café – “no”.\n\nP02: Ä."
    assert document.encoding == named
    assert any("Windows-1252" in one for one in document.warnings) == (named == "Windows-1252")


def test_a_shipped_transcript_comes_in_as_it_is() -> None:
    for path in sorted(SHIPPED.glob("*.txt")):
        document = read_text_document(path)
        assert document.text == path.read_text(encoding="utf-8").strip()
        assert document.words_in == document.words_out == len(document.text.split())
        assert document.warnings == ()


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.sampled_from(["P01: yes", "I: why? so: there", "R", "P01", "no", "", "Al Ray  0:03", "it: is",
                                       "[0:01] Jo: x", "Jo: 10:30", "Yes", ":", "Interviewer:", "a" * 90 + ":"]),
                      min_size=1, max_size=14))  # fmt: skip
def test_words_in_are_words_out_whatever_the_lines(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "any.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    if not any(line.strip(" :") for line in lines if line not in ("Interviewer:", "a" * 90 + ":", "Al Ray  0:03")):
        return
    document = read_text_document(path)
    assert document.words_in == document.words_out, (lines, document.text)
    assert document.words_out == sum(piece != ":" for piece in document.text.split())
    again = tmp_path / "again.txt"
    again.write_text(document.text, encoding="utf-8")
    second = read_text_document(again)
    assert second.words_in == second.words_out


# --- captions ------------------------------------------------------------

TEAMS = """WEBVTT

7a2c/18-0
00:00:01.000 --> 00:00:03.500
<v Smith, Jane>Hello &amp; wel-
come to &lt;b&gt;it&lt;/b&gt;</v>

7a2c/18-1
00:00:03.500 --> 00:00:05.000
<v Smith, Jane>and&nbsp;again.</v>

7a2c/19-0
00:00:06.000 --> 00:00:08.000
<v O'Brien, Al (ACUTE)>Thanks

for having me.</v>

NOTE made by hand

7a2c/20-0
00:01:00.000 --> 00:01:01.000
<v Smith, Jane>So.</v> <v O'Brien, Al (ACUTE)>Yes.</v>
"""


def test_teams_captions_are_joined_into_turns(read) -> None:
    document = read(TEAMS, "a.vtt")
    assert said(document) == [
        ("Smith, Jane", "Hello & wel- come to <b>it</b> and again."),
        ("O'Brien, Al (ACUTE)", "Thanks for having me."),
        ("Smith, Jane", "So."),
        ("O'Brien, Al (ACUTE)", "Yes."),
    ]
    assert document.times == ("00:00:01", "00:00:06", "00:01:00", "00:01:00")
    assert document.words_in == 14
    assert document.set_apart["words of notes and styles"] == 4
    assert any("Notes and styles" in one for one in document.warnings)


def test_captions_are_told_by_their_content(read) -> None:
    assert read("\ufeff" + TEAMS.replace("\n", "\r\n"), "a.txt").format == "vtt"
    assert read("WEBVTTER: I said so.", "a.vtt").format == "txt"


def test_zoom_captions_name_speakers_before_a_colon(read) -> None:
    cues = ["Jane Smith: Hello there: friend", "Jane Smith: again", "Al: hi", "she goes on", "Al: so"]
    text = "WEBVTT\n\n" + "\n\n".join(f"{n}\n00:00:0{n}.000 --> 00:00:0{n}.900\n{cue}" for n, cue in enumerate(cues, 1))
    assert said(read(text, "a.vtt")) == [
        ("Jane Smith", "Hello there: friend again"),
        ("Al", "hi"),
        ("", "she goes on"),
        ("Al", "so"),
    ]


def test_captions_without_speakers_and_subrip(read) -> None:
    document = read(
        "1\n00:00:01,000 --> 00:00:02,000\nHello\nthere\n\n2\n00:00:02,000 --> 00:00:03,000\nWorld\n", "a.srt"
    )
    assert said(document) == [("", "Hello there"), ("", "World")]
    assert "No caption names a speaker" in document.warnings[0]


# --- Word ------------------------------------------------------------


def test_a_word_file_is_read_in_body_order_with_tables_and_headers(word) -> None:
    def build(made) -> None:
        made.sections[0].header.paragraphs[0].text = "Interview 3"
        made.sections[0].footer.paragraphs[0].text = "Page end"
        made.add_paragraph("INTERVIEWER: How was it?")
        table = made.add_table(rows=2, cols=2)
        table.cell(0, 0).text, table.cell(0, 1).text = "P01:", "Long."
        table.cell(1, 0).text, table.cell(1, 1).text = "INTERVIEWER:", "And now, at last?"
        inner = table.cell(1, 1).add_table(rows=1, cols=2)
        inner.cell(0, 0).text, inner.cell(0, 1).text = "within", "a table"
        last = made.add_paragraph("P01: One")
        last.add_run().add_break()
        last.add_run("two\tthree")

    document = word(build)
    assert said(document) == [
        ("INTERVIEWER", "How was it?"),
        ("P01", "Long."),
        ("INTERVIEWER", "And now, at last?\nwithin\na table"),
        ("P01", "One\ntwo\tthree"),
    ]
    assert document.set_apart["words of headers and footers"] == 4


def test_merged_cells_are_read_once(word) -> None:
    def build(made) -> None:
        table = made.add_table(rows=2, cols=3)
        table.cell(0, 0).merge(table.cell(0, 2)).text = "only once"
        table.cell(1, 0).merge(table.cell(1, 1)).text = "and this"

    assert word(build).text.split() == ["only", "once", "and", "this"]


def test_one_row_with_all_speakers_in_one_cell_is_not_guessed(word) -> None:
    def build(made) -> None:
        made.add_paragraph("Interviewer: Thank you for coming to this.")
        table = made.add_table(rows=1, cols=2)
        table.cell(0, 0).text = "Interviewer:\n\nP01:\nInterviewer:\nP01:"
        table.cell(0, 1).text = "How was it?\nLong, long and hard it was that year.\nAnd now?\nBetter, thank you."

    document = word(build)
    assert [speaker for speaker, _ in said(document)] == ["Interviewer", "", ""]
    assert "several speakers in one cell" in document.warnings[0]
    assert "nobody named" in document.warnings[0]
    assert "Better, thank you." in document.text


def test_a_table_of_times_speakers_and_talk(word) -> None:
    rows = [("Time", "Speaker", "Text"), ("0:01", "Interviewer", "How was it for you?"),
            ("0:05", "P01", "Long and hard."), ("0:09", "Interviewer", "And now?")]  # fmt: skip

    def build(made) -> None:
        table = made.add_table(rows=4, cols=3)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                table.cell(row, column).text = cell

    document = word(build)
    assert said(document) == [(row[1], row[2]) for row in rows[1:]]
    assert document.set_apart["words of table headings"] == 3
    assert document.times == ("0:01", "0:05", "0:09")
    assert document.speakers == ("Interviewer", "P01")


@pytest.mark.parametrize(("first", "speaker"), [(("Speaker", "Talk"), "P01"), (("Method", "Talk"), "")])
def test_a_table_of_one_turn_is_told_by_its_headings(word, first, speaker) -> None:
    def fill(made) -> None:
        table = made.add_table(rows=2, cols=2)
        for row, cells in enumerate((first, ("P01", "We rang in the night, and nobody came."))):
            for column, cell in enumerate(cells):
                table.cell(row, column).text = cell

    assert word(fill).speakers == ((speaker,) if speaker else ())


def test_a_table_that_is_no_transcript_names_nobody(word) -> None:
    def build(made) -> None:
        table = made.add_table(rows=3, cols=2)
        for row, cells in enumerate([("Age", "Number"), ("Under forty", "12"), ("Forty and over", "18")]):
            table.cell(row, 0).text, table.cell(row, 1).text = cells

    assert word(build).speakers == ()


def test_a_teams_word_transcript(word) -> None:
    def build(made) -> None:
        for line in ("Forum review", "July 20, 2025, 9:00AM", "31m 5s", "Jane Smith started transcription",
                     "Jane Smith   0:03\nHello there.", "O'Brien, Al (ACUTE)   0:09\nHi.\nYes.",
                     "Jane Smith   1:00:10", "So it is.", "Jane Smith stopped transcription"):  # fmt: skip
            made.add_paragraph(line)

    document = word(build)
    assert said(document)[4:] == [
        ("Jane Smith", "Hello there."),
        ("O'Brien, Al (ACUTE)", "Hi.\nYes."),
        ("Jane Smith", "So it is."),
        ("", "Jane Smith stopped transcription"),
    ]
    assert dict(document.attributes) == {"date": "July 20, 2025, 9:00AM", "duration": "31m 5s", "title": "Forum review"}
    assert document.times[4:7] == ("0:03", "0:09", "1:00:10")


WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def raw_word(path: Path, body: str, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", f"<w:document {WORD}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            file.writestr(f"word/{name}.xml", content)
    return path


def test_what_a_reader_of_paragraphs_loses_is_read(tmp_path: Path) -> None:
    body = (
        "<w:sdt><w:sdtPr><w:t>never</w:t></w:sdtPr><w:sdtContent><w:p><w:r><w:t>P01: in a control</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
        "<w:p><w:r><w:t>P02: kept </w:t></w:r><w:del><w:r><w:delText>struck</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>inserted</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>moved away</w:t></w:r></w:moveFrom>"
        "<w:r><w:noBreakHyphen/><w:t>on</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>P01: be</w:t></w:r><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boxed in</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></w:r><w:r><w:t>fore</w:t></w:r></w:p>"
        "<w:p><w:r><w:fldChar/><w:instrText>PAGE</w:instrText><w:t>P02: end.</w:t></w:r></w:p>"
    )
    notes = f"<w:footnotes {WORD}><w:footnote><w:p><w:r><w:t>a footnote</w:t></w:r></w:p></w:footnote></w:footnotes>"
    document = read_text_document(
        raw_word(tmp_path / "a.docx", body, footnotes=notes, comments=f"<w:comments {WORD}/>")
    )
    assert said(document) == [
        ("P01", "in a control"),
        ("P02", "kept inserted\u2011on"),
        ("P01", "before"),
        ("", "boxed in"),
        ("P02", "end."),
        ("", "a footnote"),
    ]
    assert document.words_in == document.words_out == 15
    assert any("tracked changes" in one for one in document.warnings)
    assert any("Comments in the margin" in one for one in document.warnings)


def test_a_footnote_is_not_the_last_speakers_last_word(tmp_path: Path) -> None:
    lines = ("I  00:00", "How was it?", "P01  00:03", "Right, bye.")
    body = "".join(f"<w:p><w:r><w:t xml:space='preserve'>{line}</w:t></w:r></w:p>" for line in lines)
    notes = f"<w:footnotes {WORD}><w:footnote><w:p><w:r><w:t>a footnote</w:t></w:r></w:p></w:footnote></w:footnotes>"
    document = read_text_document(raw_word(tmp_path / "a.docx", body, footnotes=notes))
    assert said(document) == [("I", "How was it?"), ("P01", "Right, bye."), ("", "a footnote")]


# --- what cannot be read ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "holds no words"),
        ("a.txt", b" \n\t\n", "holds no words"),
        ("a.txt", b"\x00\x01\x02\x81" * 40, "is not a text"),
        ("a.txt", b"P01: \x81\x8d\xff\x90\x9d\x8f\x81", "neither UTF-8 nor Windows-1252"),
        ("a.txt", b"%PDF-1.7", "is a PDF"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word document"),
        ("a.txt", b"{\\rtf1", "a rich text file"),
        ("a.vtt", b"WEBVTT\n\n", "holds no caption with a time"),
        ("a.docx", b"PK\x03\x04 nonsense", "not a whole ZIP file"),
        ("a.txt", b"\xff\xfe\x00", "UTF-16"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(read, name: str, content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words) as found:
        read(content, name)
    assert name in str(found.value)
    assert "\n" not in str(found.value)


def test_a_cut_word_file_and_a_spreadsheet(tmp_path: Path) -> None:
    whole = raw_word(tmp_path / "a.docx", "<w:p><w:r><w:t>words</w:t></w:r></w:p>").read_bytes()
    (tmp_path / "cut.docx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="not a whole ZIP file"):
        read_text_document(tmp_path / "cut.docx")
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(ValueError, match="holds a spreadsheet and no Word document"):
        read_text_document(tmp_path / "b.docx")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("../../evil.xml", "x", "leads out of the file"),
        ("/etc/passwd", "x", "absolute path"),
        ("word/media/big.bin", "0" * (40 * 2**20), "would unpack from"),
    ],
)
def test_a_word_file_made_to_do_harm_is_refused(tmp_path: Path, name: str, content: str, words: str) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", f"<w:document {WORD}><w:body/></w:document>")
        file.writestr(name, content)
    with pytest.raises(ValueError, match=words):
        read_text_document(path)


def test_entities_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(
            "word/document.xml",
            f'<!DOCTYPE d [<!ENTITY e SYSTEM "{secret.as_uri()}">]><w:document {WORD}><w:body><w:p><w:r><w:t>&e;</w:t>'
            "</w:r></w:p></w:body></w:document>",
        )
    with pytest.raises(ValueError, match="declares a document type"):
        read_text_document(path)


def test_a_folder_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a folder"):
        read_text_document(tmp_path)
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_text_document(tmp_path / "none.txt")


def test_markup_in_a_text_is_only_text(read) -> None:
    document = read("P01: <script>alert(1)</script> =1+1\n\nP02: &lt;")
    assert "<script>alert(1)</script> =1+1" in document.text
    assert "&lt;" in document.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", "\n\n".join(f"P{n % 7:02d}: " + "word " * 40 for n in range(2_000)), 2_000 * 41),
        ("a.txt", " " * 300_000 + "x" + "\t" * 300_000 + "y", 2),
        ("a.txt", "\n \n" * 100_000 + "x", 1),
        ("a.txt", "a: " * 100_000, 100_000),
        ("a.vtt", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n" + "<v " * 100_000, 100_000),
        ("a.vtt", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v A>" + "\n\nNOTE x" * 10_000, 20_000),
    ],
    ids=["transcript", "blanks", "empty lines", "colons", "open tags", "open voice"],
)
def test_the_work_grows_no_faster_than_the_text(read, count_calls, name: str, content: str, words: int) -> None:
    document, calls = count_calls(lambda: read(content, name))
    assert document.words_out == words
    assert calls < 1_000 + 40 * (len(content.splitlines()) + words)


def test_a_word_file_nested_beyond_sense_is_refused(tmp_path: Path) -> None:
    inner = "<w:p><w:r><w:t>x</w:t></w:r></w:p>"
    sound = raw_word(tmp_path / "a.docx", "<w:tbl><w:tr><w:tc>" * 20 + inner + "</w:tc></w:tr></w:tbl>" * 20)
    assert read_text_document(sound).text == "x"
    deep = raw_word(tmp_path / "b.docx", "<w:tbl><w:tr><w:tc>" * 300 + inner + "</w:tc></w:tr></w:tbl>" * 300)
    with pytest.raises(ValueError, match="more than 150 parts stand inside each other"):
        read_text_document(deep)


def test_a_time_that_is_said_is_no_time_mark(read) -> None:
    document = read("Jo: 10:30\nAl: Sure?\nJo: 10:30")
    assert said(document) == [("Jo", "10:30"), ("Al", "Sure?"), ("Jo", "10:30")]
