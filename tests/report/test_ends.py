"""However a run ends, it says so with a code of its own, and one study's end is not another's."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import cli
from cop_analysis.report import RunSettings, run_report, write_outputs_index
from cop_analysis.report.execute import clear_scratch, scratch_prefix
from cop_analysis.report.outputs import LONGEST_MARKUP, LONGEST_TEXT, outputs_html
from cop_analysis.report.provenance import NOT_MADE, attempt_json
from cop_analysis.report.run import _note_attempt

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: object):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


class Record:
    """As much of a run's record as the command line looks at."""

    def __init__(self, folder: Path, unlisted: str = "", failures: tuple = ()) -> None:
        self.folder, self.unlisted, self.failures, self.findings = folder, unlisted, failures, ()
        self.status = "failed" if failures else "ok"


@pytest.fixture
def three(write_study, tmp_path):
    return [write_study(tmp_path / name, key=name, title=f"The {name}") for name in ("first", "second", "third")]


@pytest.fixture
def ends(monkeypatch, tmp_path):
    """Let each study's run end in a way of its own, and note which were begun."""
    begun: list[str] = []

    def set_up(**ways):
        def run_report(settings: RunSettings, progress=None):
            name = settings.study.name
            begun.append(name)
            way = ways.get(name)
            if isinstance(way, BaseException):
                raise way
            return way or Record(tmp_path / "out" / name)

        monkeypatch.setattr("cop_analysis.report.run_report", run_report)
        return begun

    return set_up


# --- a batch ---------------------------------------------------------------------------------------------------------


def test_every_study_of_a_batch_gets_its_turn_and_the_worst_end_is_the_batch_s(three, ends, tmp_path):
    begun = ends(first=OSError(28, "No space left on device"), second=KeyError("unforeseen"))
    told = run("report", *three, "--out", tmp_path / "out")
    assert begun == ["first", "second", "third"]
    assert told.exit_code == 3
    assert "could not be written" in told.output
    assert "the disk has no room left" in told.output
    assert "Errno" not in told.output
    assert "ended by a fault of the workbench itself (KeyError: 'unforeseen')" in told.output
    assert "3 studies: 1 done; 2 failed (first, second)." in told.output


@pytest.mark.parametrize(
    ("failures", "unlisted", "code"),
    [((), "", 0), ((), "Is a directory", 4), ((("01_x", "died: a crash"),), "", 3), ((("01_x", "failed"),), "Full", 3)],
)
def test_each_end_has_its_code(three, ends, tmp_path, failures, unlisted, code):
    ends(second=Record(tmp_path, unlisted, failures))
    assert run("report", three[1], "--out", tmp_path / "out").exit_code == code
    assert run("report", *three, "--out", tmp_path / "out").exit_code == code


def test_a_period_one_study_has_nothing_in_costs_only_that_study(three, tmp_path, monkeypatch):
    from cop_analysis.report.run import _open

    events = three[1] / "events.csv"
    events.write_text(events.read_text(encoding="utf-8").replace("2024-", "2019-"), encoding="utf-8")

    def opened(settings, progress=None):
        return Record(_open(settings).folder)

    monkeypatch.setattr("cop_analysis.report.run_report", opened)
    told = run("report", *three, "--period", "2024/25", "--out", tmp_path / "out")
    assert told.exit_code == 2
    assert "No event lies in 2024/25: the study's events go from 2019-05-01" in told.output
    assert "3 studies: 2 done; 1 not asked for rightly (second)." in told.output
    assert run("report", three[1], "--period", "2024/25", "--out", tmp_path / "out").exit_code == 2


def test_a_study_that_is_gone_is_one_study_s_end_in_check_and_report(three, ends, tmp_path):
    begun = ends()
    shutil.rmtree(three[0])
    for command in (["report", "--out", str(tmp_path / "out")], ["check"]):
        told = run(command[0], *three, *command[1:])
        assert told.exit_code == 2
        assert "There is no folder" in told.output
        assert "3 studies: 2 done; 1 not asked for rightly (first)." in told.output
    assert begun == ["second", "third"]


def test_a_study_that_goes_away_while_it_is_run_is_said_to_be_gone(three, monkeypatch, tmp_path):
    def gone(settings, progress=None):
        shutil.rmtree(settings.study)
        raise FileNotFoundError(2, "No such file or directory", str(settings.study / "events.csv"))

    monkeypatch.setattr("cop_analysis.report.run_report", gone)
    told = run("report", three[0], "--out", tmp_path / "out")
    assert (told.exit_code, "There is no folder" in told.output) == (3, True)


def test_a_folder_that_may_not_be_read_is_one_sentence(three, monkeypatch, tmp_path):
    real = Path.iterdir

    def refuse(path: Path):
        if path.name == "first":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    told = run("check", *three)
    assert told.exit_code == 1
    assert "the folder cannot be read (Permission denied)" in told.output
    assert "3 studies: 2 done; 1 with data at fault (first)." in told.output


# --- what check and report share ------------------------------------------------------------------------------------


def test_what_report_refuses_check_has_said(three, tmp_path):
    (three[0] / "coding.json").write_text('{"schema": ', encoding="utf-8")
    (three[1] / "coding.db").write_text("not a database", encoding="utf-8")
    for folder in three[:2]:
        checked, reported = run("check", folder), run("report", folder, "--out", tmp_path / "out")
        assert (checked.exit_code, reported.exit_code) == (1, 1)
        faults = [line for line in checked.output.splitlines() if line.endswith(".")]
        assert faults
        assert all(line in reported.output for line in faults)


# --- the list of reports ---------------------------------------------------------------------------------------------


def a_run(out: Path, run: str, started: str, status: str = "ok") -> None:
    folder = out / "forum" / run
    folder.mkdir(parents=True)
    study = {"key": "forum", "title": "The forum", "folder": "forum", "provenance": "collected"}
    record = json.loads(attempt_json(run, datetime.fromisoformat(started), study, {}, []))
    (folder / "run.json").write_text(json.dumps({**record, "status": status}), encoding="utf-8")
    if status != NOT_MADE:
        (folder / "index.html").write_text("<p>A report</p>", encoding="utf-8")


def test_a_run_of_a_day_to_come_is_not_the_latest_for_ever(tmp_path):
    from cop_analysis.report.provenance import all_runs, earlier_runs
    from cop_analysis.widgets.workbench.runs import latest_report

    a_run(tmp_path, "20990101T000000Z-aaaaaa", "2099-01-01T00:00:00+00:00")
    a_run(tmp_path, "20240101T000000Z-bbbbbb", "2024-01-01T00:00:00+00:00")
    text = write_outputs_index(tmp_path).read_text(encoding="utf-8")
    assert text.index("20240101T000000Z-bbbbbb/index.html") < text.index("20990101T000000Z-aaaaaa/index.html")
    assert "its date lies in the future, so the clock of its computer was wrong" in text
    assert latest_report(tmp_path, "forum")["page"].parent.name == "20240101T000000Z-bbbbbb"
    assert [one["run"][:4] for one in earlier_runs(all_runs(tmp_path / "forum"))] == ["2024", "2099"]


@pytest.mark.parametrize("back", [timedelta(minutes=30), timedelta(days=1)])
def test_a_run_made_after_the_clock_was_put_back_is_the_latest_also_when_the_hour_comes_again(tmp_path, back):
    from cop_analysis.report.provenance import all_runs, earlier_runs
    from cop_analysis.results.runs import claiming_later
    from cop_analysis.widgets.workbench.runs import latest_report

    ahead = datetime(2025, 3, 2, 9, tzinfo=UTC)
    a_run(tmp_path, "20250101T090000Z-aaaaaa", "2025-01-01T09:00:00+00:00")
    a_run(tmp_path, "20250302T090000Z-bbbbbb", ahead.isoformat())
    later = ahead - back
    claiming = claiming_later(later, all_runs(tmp_path / "forum"))
    assert claiming == ["20250302T090000Z-bbbbbb"]
    name = f"{later:%Y%m%dT%H%M%SZ}-cccccc"
    a_run(tmp_path, name, later.isoformat())
    record = tmp_path / "forum" / name / "run.json"
    # The control: by their dates alone the one made before is the latest.
    assert earlier_runs(all_runs(tmp_path / "forum"))[0]["run"] == "20250302T090000Z-bbbbbb"
    record.write_text(json.dumps({**json.loads(record.read_text(encoding="utf-8")), "claims_later": claiming}))
    order = [name, "20250302T090000Z-bbbbbb", "20250101T090000Z-aaaaaa"]
    assert [one["run"] for one in earlier_runs(all_runs(tmp_path / "forum"))] == order
    assert latest_report(tmp_path, "forum")["page"].parent.name == name
    text = write_outputs_index(tmp_path).read_text(encoding="utf-8")
    places = [text.index(f"{run}/index.html") for run in order]
    assert places == sorted(places)
    assert text.count("a run made after it says that it began earlier, so the clock of a computer was wrong") == 1


def test_no_date_and_no_name_put_there_by_hand_makes_a_run_the_latest(tmp_path):
    a_run(tmp_path, "20240101T000000Z-bbbbbb", "2024-01-01T00:00:00+00:00")
    a_run(tmp_path, "20990101T000000Z-cccccc", "2023-01-01T00:00:00+00:00")
    for number, started in enumerate(["0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-05:00", "never"]):
        run = f"2099010{number}T000000Z-aaaaaa"
        a_run(tmp_path, run, "2024-01-01T00:00:00+00:00")
        record = tmp_path / "forum" / run / "run.json"
        record.write_text(json.dumps({**json.loads(record.read_text(encoding="utf-8")), "started": started}))
    text = write_outputs_index(tmp_path).read_text(encoding="utf-8")
    latest = text[: text.index("Open the latest report")].rpartition("href=")[2]
    assert "20240101T000000Z-bbbbbb" in latest
    assert text.count("its record (run.json) cannot be read") == 3


@pytest.mark.parametrize("named", [False, True])
def test_a_folder_nobody_may_look_into_is_one_of_all(three, ends, tmp_path, monkeypatch, named):
    import os

    (tmp_path / "data").mkdir()
    for one in three:
        shutil.copytree(one, tmp_path / "data" / one.name)
    real = os.lstat

    def lstat(path, **given):
        if "second" in str(path) and str(path).endswith("study.toml"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, **given)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "lstat", lstat)
    monkeypatch.setattr(os, "access", lambda path, mode: "second" not in str(path))
    begun = ends()
    studies = [tmp_path / "data" / one.name for one in three] if named else ["--all"]
    told = run("report", *studies, "--out", tmp_path / "out")
    assert begun == ["first", "third"]
    assert told.exit_code == 2
    assert "second cannot be looked into (Permission denied)" in told.output


def test_a_place_for_reports_nobody_may_look_into_is_one_sentence(three, tmp_path, monkeypatch):
    shut = tmp_path / "shut" / "out"
    real = Path.is_dir

    def is_dir(self):
        if self == shut or shut in self.parents:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self)

    monkeypatch.setattr(Path, "is_dir", is_dir)
    told = run("report", three[0], "--out", shut)
    assert told.exit_code == 3
    assert f"the report could not be written to {shut} (Permission denied)" in told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)


def test_an_attempt_without_a_report_stands_in_the_list_and_is_not_the_latest(three, tmp_path):
    out = tmp_path / "out"
    _note_attempt(RunSettings(study=three[0], out=out), datetime(2026, 1, 2, tzinfo=UTC), OSError(28, "No space left"))
    a_run(out, "20250101T000000Z-bbbbbb", "2025-01-01T00:00:00+00:00")
    text = write_outputs_index(out).read_text(encoding="utf-8")
    assert "report: the disk has no room left" in text
    assert "Open the latest report" in text


@pytest.mark.slow
def test_a_list_that_cannot_be_written_leaves_the_report_and_says_so(small_study, write_notebooks, notebook, tmp_path):
    out = tmp_path / "out"
    (out / "index.html").mkdir(parents=True)
    folder = write_notebooks(_01_x=notebook("1 + 1"))
    record = run_report(RunSettings(study=small_study, out=out, notebooks_folder=folder))
    assert (record.status, record.unlisted) == ("ok", "Is a directory")
    assert (record.folder / "index.html").is_file()
    assert "unlisted" not in json.loads((record.folder / "run.json").read_text(encoding="utf-8"))
    assert record.notebooks[0].megabytes is None or record.notebooks[0].megabytes > 10


# --- outputs too large or too strange for a page ---------------------------------------------------------------------


def shown(**data: str) -> str:
    from cop_analysis.report.markdown import Outline
    from cop_analysis.report.sanitise import Identifiers

    kinds = {name.replace("_", "/", 1): value for name, value in data.items()}
    output = {"output_type": "display_data", "data": kinds, "metadata": {}}
    return outputs_html([output], {}, Identifiers(), Outline(Identifiers()), 0)


def test_an_output_too_large_for_a_page_is_said_to_be(tmp_path):
    large = "<p>" + "x" * LONGEST_MARKUP + "</p>"
    assert "too large for a page; the executed notebook has all of it" in shown(text_html=large)
    both = shown(text_html=large, text_plain="a table of 9 rows")
    assert "too large for a page" in both
    assert "a table of 9 rows" in both


def test_a_cut_text_and_an_output_of_an_unknown_kind_are_said(tmp_path):
    assert "The last 5 characters of this text are left out" in shown(text_markdown="x" * (LONGEST_TEXT + 5))
    assert "of a kind a page cannot show (application/json)" in shown(application_json="{}")
    assert shown(text_plain="") == ""


# --- stopped ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_stopped_report_says_so_and_leaves_nothing(small_study, tmp_path, number, code, start_process, wait_until):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "COP_PROGRESS": "1"}
    command = [sys.executable, "-m", "cop_analysis", "report", str(small_study), "--out", str(tmp_path / "out")]
    process = start_process(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    begun = lambda: list(temporary.glob("cop-kernel-*/kernel.log"))  # noqa: E731
    wait_until(lambda: begun() or process.poll() is not None, "the report to start a kernel")
    assert process.poll() is None, process.stderr.read()
    process.send_signal(number)
    _, said = process.communicate(timeout=600)
    assert process.returncode == code
    home = tmp_path / "out" / "small"
    if code > 0:
        assert "Stopped. Nothing half-written is left where a finished report would be." in said
        assert "Traceback" not in said
        assert list(home.iterdir()) == []
        assert list(temporary.iterdir()) == []
    else:
        # A kernel that is still ending may write into its folder once more.
        wait_until(lambda: clear_scratch(temporary) or not list(temporary.glob("cop-kernel-*")), "the folders to go")
        clear_scratch(temporary)
        assert list(temporary.iterdir()) == []


def test_only_the_folders_of_dead_processes_are_cleared(tmp_path):
    alive = tmp_path / f"{scratch_prefix()}x"
    dead = tmp_path / f"{scratch_prefix().rsplit('-', 2)[0]}-1-x"
    strange = tmp_path / "cop-kernel-of-somebody"
    for folder in (alive, dead, strange):
        folder.mkdir()
    assert clear_scratch(tmp_path) == 1
    assert sorted(tmp_path.iterdir()) == sorted([alive, strange])
