"""How study.toml is read: every mistake is a fault on its line and key, all in one pass."""

from __future__ import annotations

import datetime

import pytest

from cop_analysis.study.settings import parse_settings, read_settings

BASE = 'key = "forum"\ntitle = "The forum"\nprovenance = "simulated"\n'
WAVES = '[[waves]]\nkey = "baseline"\ndate = 2024-01-20\n[[waves]]\nkey = "follow_up"\ndate = 2024-06-20\n'
INSTRUMENT = '[[instruments]]\nkey = "confidence"\nminimum = 1\nmaximum = 5\n[[instruments.items]]\nkey = "q01"\n'


def only(text):
    [fault] = parse_settings(text).faults
    return fault


def test_a_full_study_toml_is_read():
    config = parse_settings(
        BASE
        + 'caveats = ["Few people."]\n[schedule]\ninterval = "every two months"\nplanned = [2024-02-20]\n'
        + '[plan]\ndated = 2024-01-10\ninstrument = "confidence"\nbefore = "baseline"\nafter = "follow_up"\n'
        + WAVES
        + INSTRUMENT
        + 'reverse = true\n[[rating_items]]\nkey = "relevance"\nminimum = 1\nmaximum = 5\n'
        + '[[stated]]\nwhat = "attended"\nvalue = 360\nat_least = true\nwhere = { format = "webinar" }\n'
        + 'period = "2023/24"\n'
        + '[[relations]]\nkey = "advice"\ndirected = false\n'
        + '[[periods]]\nlabel = "Pilot"\nstart = 2024-01-01\nend = "2024-06-30"\n'
    )
    assert config.faults == []
    read = config.config
    assert read.keys("waves") == ("baseline", "follow_up")
    assert read.instrument().item("q01").reverse
    assert read.instrument("confidence").step == 1
    assert (read.stated[0].value, read.stated[0].at_least, read.stated[0].where) == (360, True, {"format": "webinar"})
    assert read.schedule.planned == (datetime.date(2024, 2, 20),)
    assert read.periods[0].end == datetime.date(2024, 6, 30)


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ('titel = "x"\n' + BASE, 1, "titel", "this key is not known; write title"),
        (BASE + WAVES + 'lable = "After"\n', 10, "waves[2].lable", "write label"),
        (BASE + "[plann]\n", 4, "plann", "write plan"),
        ('key = "forum"\nprovenance = "simulated"\n', None, "title", "this key is missing; add the key title"),
        (BASE.replace('"simulated"', '"simulation"'), 3, "provenance", 'write "simulated"'),
        (BASE.replace('"forum"', '"My Forum"'), 1, "key", '"My Forum" cannot name a study'),
        (BASE.replace('"forum"', '"con"'), 1, "key", "cannot name a study"),
        (BASE.replace('"The forum"', '" "'), 2, "title", "is empty"),
        (BASE.replace('"The forum"', "5"), 2, "title", '"5" is not text; put it in quotation marks'),
        (BASE + "schema_version = 2\n", 4, "schema_version", "install the cop_analysis the study was made with"),
        (BASE + 'language = "English please"\n', 4, "language", "such as en-GB"),
        (BASE + 'questions = "What works?"\n', 4, "questions", "put it in square brackets"),
        (BASE + WAVES.replace("2024-06-20", "2023-06-20"), 9, "waves[2].date", "is before baseline"),
        (BASE + WAVES.replace("follow_up", "baseline"), 8, "waves[2].key", "is also the key of waves[1]"),
        (BASE + '[[waves]]\nkey = "a b"\n', 5, "waves[1].key", "cannot be a key"),
        (BASE + '[[waves]]\nkey = "a"\ndate = "20/01/2024"\n', 6, "waves[1].date", "write the day as 2024-02-20"),
        (BASE + '[[waves]]\nkey = "a"\ndate = 2024-01-20T10:00:00\n', 6, "waves[1].date", "write 2024-01-20"),
        (BASE + '[[waves]]\nkey = "a"\ndate = 1066-01-20\n', 6, "waves[1].date", "1900 to 2100"),
        (BASE + '[[waves]]\nkey = "a"\ndate = 5\n', 6, "waves[1].date", "is not a date"),
        (BASE + INSTRUMENT.replace("maximum = 5", "maximum = 1"), 4, "instruments[1]", "scale from 1 to 1"),
        (BASE + INSTRUMENT.replace("maximum = 5", "maximum = nan"), 7, "instruments[1].maximum", "is not a number"),
        (BASE + INSTRUMENT.replace("maximum = 5", "maximum = true"), 7, "instruments[1].maximum", "is not a number"),
        (BASE + INSTRUMENT.replace("maximum = 5", "maximum = 5\nstep = 0"), 4, "instruments[1]", "step of 0"),
        (BASE + INSTRUMENT.split("[[instruments.items]]")[0], 4, "instruments[1].items", "[[instruments.items]]"),
        (BASE + INSTRUMENT + '[[instruments.items]]\nkey = "q01"\n', 11, "instruments[1].items[2].key", "of item 1"),
        (BASE + INSTRUMENT + '[plan]\ninstrument = "confidense"\n', 11, "plan.instrument", "write confidence"),
        (
            BASE + WAVES + '[plan]\nbefore = "follow_up"\nafter = "baseline"\n',
            12,
            "plan.after",
            "is not after follow_up",
        ),
        (BASE + '[[stated]]\nwhat = "attendees"\nvalue = 3\n', 5, "stated[1].what", 'write "attended"'),
        (BASE + '[[stated]]\nwhat = "attended"\nvalue = -3\n', 6, "stated[1].value", "is below 0"),
        (BASE + '[[stated]]\nwhat = "attended"\nvalue = 3\nperiod = "2023/25"\n', 7, "stated[1].period", "2023/24"),
        (
            BASE + '[[stated]]\nwhat = "attended"\nvalue = 3\nwhere = { formt = "x" }\n',
            7,
            "stated[1].where.formt",
            "write format",
        ),
        (
            BASE + '[[periods]]\nlabel = "P"\nstart = 2024-02-01\nend = 2024-01-01\n',
            4,
            "periods[1]",
            "before it starts",
        ),
        (BASE + "waves = 3\n", 4, "waves", "is not a list"),
        (BASE + "waves = [3]\n", 4, "waves[1]", "is not a section"),
    ],
)
def test_every_mistake_is_named_by_line_and_key(text, line, key, words):
    fault = only(text)
    assert (fault.file, fault.row, fault.column, fault.severity) == ("study.toml", line, key, "error")
    assert words in fault.sentence


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (BASE + "summary = hello\n", 4),
        (BASE + 'key = "again"\n', 4),
        (BASE + 'summary = "never closed\n', 4),
        (BASE + "caveats = [\n", 5),
        (BASE + "\x00\n", 4),
        (BASE + "a = " + "[" * 5000, None),
    ],
)
def test_what_is_no_toml_is_one_fault_with_its_line(text, line):
    fault = only(text)
    assert "TOML" in fault.sentence
    assert line is None or fault.row in {line, line + 1}
    assert fault.sentence.isprintable()


def test_several_mistakes_are_listed_together_and_the_rest_is_still_read():
    settings = parse_settings('key = "Forum"\ntitle = "F"\nprovenance = "made up"\ncolour = 1\n' + WAVES)
    assert [fault.column for fault in settings.faults] == ["key", "provenance", "colour"]
    assert settings.config.keys("waves") == ("baseline", "follow_up")
    assert settings.uncertain == set()


def test_a_section_with_a_broken_part_is_marked_so_that_references_are_not_judged():
    settings = parse_settings(BASE + WAVES.replace('"follow_up"', "3"))
    assert [fault.column for fault in settings.faults] == ["waves[2].key"]
    assert settings.config.keys("waves") == ("baseline",)
    assert settings.uncertain == {"waves"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_windows_line_endings_are_fine(tmp_path, newline, mark):
    (tmp_path / "study.toml").write_bytes(mark + BASE.replace("\n", newline).encode())
    assert read_settings(tmp_path).faults == []


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", None, "the file is empty"),
        (b"\xef\xbb\xbf\n", None, "the file is empty"),
        (BASE.encode("utf-16"), 1, "not UTF-8"),
        (BASE.replace("The", "Th\xe9").encode("latin-1"), 2, "not UTF-8"),
    ],
)
def test_a_file_that_is_empty_or_in_another_encoding_is_one_fault(tmp_path, content, line, words):
    (tmp_path / "study.toml").write_bytes(content)
    [fault] = read_settings(tmp_path).faults
    assert fault.row == line
    assert words in fault.sentence


def test_keys_inside_text_of_several_lines_are_not_taken_for_keys():
    fault = only('summary = """\ntitle = 3\n[[waves]]\n"""\ncolour = 1\n' + BASE)
    assert (fault.row, fault.column) == (5, "colour")


def test_a_rating_item_may_have_a_target_on_its_scale_and_a_direction():
    item = '[[rating_items]]\nkey = "burden"\nminimum = 1\nmaximum = 5\n'
    plain = parse_settings(BASE + item).config.rating_items[0]
    assert (plain.direction, plain.target) == ("higher is better", None)
    set_ = parse_settings(BASE + item + 'direction = "lower is better"\ntarget = 2\n').config.rating_items[0]
    assert (set_.direction, set_.target) == ("lower is better", 2)
    (fault,) = parse_settings(BASE + item + "target = 6\n").faults
    assert "has a target of 6, which is not on its scale 1 to 5" in fault.sentence


def test_phases_of_the_design_are_declared_in_the_schedule():
    assert parse_settings(BASE).config.schedule.phases == ()
    settings = parse_settings(BASE + '[schedule]\nphases = ["C1", "after E2"]\n')
    assert settings.faults == []
    assert settings.config.schedule.phases == ("C1", "after E2")


def test_a_share_and_an_average_may_be_stated():
    text = (
        '[[stated]]\nwhat = "attended share"\nvalue = 61\nunit = "%"\n[[stated]]\nwhat = "mean rating"\nvalue = 4.2\n'
    )
    settings = parse_settings(BASE + text + "decimals = 2\n")
    assert settings.faults == []
    share, mean = settings.config.stated
    assert (share.is_share, share.is_mean, mean.is_share, mean.is_mean, mean.decimals) == (True, False, False, True, 2)
