"""How a run appears on disk, what a killed one leaves, and what is told about the run before."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cop_analysis.report import SettingsError, write_outputs_index
from cop_analysis.report.folders import clear_stale, new_run_id, open_partial, publish, write_whole
from cop_analysis.report.provenance import (
    all_runs,
    attempt_json,
    code_commit,
    compare,
    earlier_runs,
    read_record,
    require_same_study,
    study_files,
    versions,
)

# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_run_id_sorts_by_time_and_suits_windows():
    earlier, later = (new_run_id(datetime(2026, 11, day, 9, 5, tzinfo=UTC)) for day in (1, 2))
    assert earlier < later
    assert set(earlier) <= set("0123456789abcdefTZ-")
    assert new_run_id(datetime.now(UTC)) != new_run_id(datetime.now(UTC))


def test_runs_begun_within_one_second_stand_in_their_order(tmp_path):
    begun = [datetime(2026, 11, 2, 9, 5, 7, part, tzinfo=UTC) for part in (0, 1_000, 500_000, 999_000, 999_999)]
    runs = [new_run_id(started) for started in begun]
    assert runs == sorted(runs)
    # The names given here would say the opposite: it is the moment in the record that counts.
    for name, started in zip("edcba", begun, strict=True):
        folder = tmp_path / name
        folder.mkdir()
        text = attempt_json(name, started, {"key": "forum"}, {}, [])
        write_whole(folder / "run.json", json.dumps({**json.loads(text), "status": "ok"}))
    assert [one["run"] for one in earlier_runs(all_runs(tmp_path))] == list("abcde")


def test_a_run_is_hidden_until_it_is_published(tmp_path):
    partial = open_partial(tmp_path, "forum", "r1")
    assert partial.name.startswith(".")
    publish(partial, tmp_path / "forum" / "r1")
    assert [path.name for path in (tmp_path / "forum").iterdir()] == ["r1"]
    assert list((tmp_path / "forum" / "r1").iterdir()) == []


def test_where_reports_go_must_not_be_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="is a file; reports go into a folder: give another with --out"):
        open_partial(tmp_path / "file", "forum", "r1")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "forum").write_text("x")
    with pytest.raises(SettingsError, match="is a file"):
        open_partial(tmp_path / "out", "forum", "r1")


def test_a_place_that_cannot_be_written_is_one_clear_sentence(tmp_path, monkeypatch):
    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(SettingsError, match=r"cannot be written to .* \(Permission denied\); give another folder"):
        open_partial(tmp_path, "forum", "r1")


@pytest.mark.skipif(sys.platform == "win32", reason="a folder of Windows has no write permission to take away")
def test_a_read_only_folder_is_refused(tmp_path):
    place = tmp_path
    if os.geteuid() == 0:
        place = Path("/proc/self")  # where even root makes no folder
    else:
        place.chmod(0o500)
    try:
        with pytest.raises(SettingsError, match="cannot be written"):
            open_partial(place, "forum", "r1")
    finally:
        tmp_path.chmod(0o700)


def test_only_what_nobody_builds_any_more_is_cleared_away(tmp_path):
    alive = open_partial(tmp_path, "forum", "alive")
    killed = open_partial(tmp_path, "forum", "killed")
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    owner = json.loads((killed / "owner.json").read_text())
    (killed / "owner.json").write_text(json.dumps({**owner, "process": int(gone.stdout)}))
    reused = open_partial(tmp_path, "forum", "reused")
    (reused / "owner.json").write_text(json.dumps({**owner, "born": f"{owner['born']}1"}))
    elsewhere = open_partial(tmp_path, "forum", "elsewhere")
    (elsewhere / "owner.json").write_text(json.dumps({**owner, "machine": "another", "process": int(gone.stdout)}))
    fresh = tmp_path / "forum" / ".partial-fresh"
    fresh.mkdir()
    old = tmp_path / "forum" / ".partial-old"
    old.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    # Made by a clock that ran a day ahead: it would be fresh until tomorrow.
    ahead = tmp_path / "forum" / ".partial-ahead"
    ahead.mkdir()
    os.utime(ahead, (time.time() + 86_400,) * 2)
    assert clear_stale(tmp_path / "forum") == 4
    assert not ahead.exists()
    assert alive.exists()
    assert elsewhere.exists()
    assert fresh.exists()
    assert not killed.exists()
    assert not reused.exists()
    assert not old.exists()


def test_a_file_is_whole_whoever_reads_it_meanwhile(tmp_path):
    path = tmp_path / "index.html"
    texts = {letter * 200_000 for letter in "abcd"}
    write_whole(path, min(texts))
    seen, stop = set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(path.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write_whole, args=(path, text)) for text in texts for _ in range(10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    reader.join()
    assert seen <= texts
    assert [one.name for one in tmp_path.iterdir()] == ["index.html"]


# --- provenance ------------------------------------------------------------------------------------------------------


def test_every_file_a_run_reads_is_fingerprinted_and_no_other(tmp_path):
    (tmp_path / "documents" / "more").mkdir(parents=True)
    for name in ("study.toml", "a.csv", "coding.json", "documents/D1.txt", "documents/more/D2.txt",
                 ".hidden.csv", "~$a.csv", "coding.db", "README.md", "documents/.lock"):  # fmt: skip
        (tmp_path / name).write_text(name)
    assert [one.file for one in study_files(tmp_path)] == [
        "a.csv", "coding.json", "documents/D1.txt", "documents/more/D2.txt", "study.toml",
    ]  # fmt: skip


def test_a_machine_without_git_makes_reports_all_the_same(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert code_commit() is None


def test_the_versions_name_what_a_number_depends_on():
    assert {"cop-analysis", "Python", "numpy", "pandas", "scipy", "networkx"} <= set(versions())


# --- what changed ----------------------------------------------------------------------------------------------------


def record(run: str = "r1", started: str = "2026-01-01T10:00:00+00:00", **changes) -> dict:
    facts = {
        "schema": "cop-analysis-run", "schema_version": 1, "run": run, "status": "ok", "started": started,
        "study": {"key": "forum", "title": "Forum", "folder": "forum", "provenance": "simulated"},
        "settings": {"audience": "internal", "period": ""},
        "notebooks": [{"name": "05_reach", "status": "ok", "parameters": {"study": "forum", "seed": 1}}],
        "headlines": [
            {"page": "05_reach", "key": "reach", "label": "Reach", "value": "61%", "uncertainty": "57% to 64%"},
        ],
        "data": [{"file": "a.csv", "bytes": 1, "sha256": "1"}, {"file": "b.csv", "bytes": 1, "sha256": "2"}],
        "versions": {"pandas": "3.0"},
        "failures": [],
    }  # fmt: skip
    return {**facts, **changes}


def save(out: Path, facts: dict | str, key: str = "forum", run: str = "r1") -> Path:
    folder = out / key / run
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(facts if isinstance(facts, str) else json.dumps(facts), encoding="utf-8")
    (folder / "index.html").write_text("x")
    return folder


def test_nothing_changed():
    changes = compare([record()], record("r2"))
    assert changes is not None
    assert changes.run == "r1"
    assert changes.started == "1 January 2026, 10:00 UTC"
    assert changes.lines == ()


def test_what_changed_is_said_in_words():
    now = record(
        "r2",
        data=[{"file": "a.csv", "bytes": 1, "sha256": "9"}, {"file": "c.csv", "bytes": 1, "sha256": "3"}],
        headlines=[{"page": "05_reach", "key": "reach", "label": "Reach", "value": "70%", "uncertainty": "60% to 80%"},
                   {"page": "05_reach", "key": "new", "label": "New one", "value": "1", "uncertainty": "a count"}],
        notebooks=[{"name": "05_reach", "status": "failed", "parameters": {"study": "elsewhere", "seed": 2}}],
        versions={"pandas": "3.1", "scipy": "1"},
    )  # fmt: skip
    assert compare([record()], now).lines == (
        "Changed data: a.csv.",
        "New data: c.csv.",
        "Data no longer there: b.csv.",
        "Reach: now 70% (60% to 80%), before 61% (57% to 64%).",
        "New headline: New one: 1 (a count).",
        "05_reach: now failed, before ok.",
        "05_reach: seed is now 2, before 1.",
        "Versions: pandas 3.0 to 3.1, scipy (absent) to 1.",
    )


@pytest.mark.parametrize(
    "settings", [{"audience": "internal", "period": "2023/24"}, {"audience": "partners", "period": ""}]
)
def test_only_a_run_for_the_same_audience_and_period_is_compared_with(settings):
    other = record("r1", settings=settings)
    older = record("r0", value=1)
    assert compare([other], record("r2")) is None
    assert compare([other, older], record("r2")).run == "r0"


def test_a_run_of_one_notebook_says_nothing_about_the_headlines_of_the_others():
    one = record("r2", notebooks=[{"name": "01_x", "status": "ok", "parameters": {}}], headlines=[])
    assert compare([record()], one).lines == (
        "01_x was not part of that run.",
        "05_reach was part of that run and is not part of this one.",
    )


def test_earlier_runs_come_newest_first_and_broken_ones_are_passed_over(tmp_path):
    save(tmp_path, record("r1"), run="r1")
    save(tmp_path, record("r2", started="2026-02-01T10:00:00+00:00"), run="r2")
    save(tmp_path, record("hidden"), run=".partial-x")
    for number, bad in enumerate(["", "{", "[]", "null", '{"schema": "cop-analysis-run"}', "[" * 100_000,
                                  json.dumps(record(started="yesterday")), json.dumps(record(data=[1]))]):  # fmt: skip
        save(tmp_path, bad, run=f"bad{number}")
    assert [one["run"] for one in earlier_runs(all_runs(tmp_path / "forum"))] == ["r2", "r1"]


def test_two_studies_with_one_key_are_told_apart():
    require_same_study([], "forum", "Any", "any")
    require_same_study([record()], "forum", "Forum, renamed", "forum")
    require_same_study([record()], "forum", "Forum", "moved")
    with pytest.raises(
        SettingsError, match=r"The key 'forum' already belongs to .* 'Forum' .*another key in its study.toml"
    ):
        require_same_study([record()], "forum", "Another", "another")


# --- the list of runs ------------------------------------------------------------------------------------------------


def test_the_list_names_every_study_and_run_and_marks_the_failed(tmp_path):
    save(tmp_path, record("r1"))
    failed = record("r2", status="failed", started="2026-02-01T10:00:00+00:00",
                    failures=[{"name": "05_reach", "reason": "failed: <script>x()</script>"}])  # fmt: skip
    save(tmp_path, failed, run="r2")
    save(tmp_path, record("a", study={"title": "<script>x()</script>"}), key="other", run="a")
    save(tmp_path, "{", key="other", run="b")
    save(tmp_path, record("p"), run=".partial-p")
    text = write_outputs_index(tmp_path).read_text(encoding="utf-8")
    assert text.index("forum/r2/index.html") < text.index("forum/r1/index.html")
    assert text.count("page-tag-failed") >= 3
    assert "its record (run.json) cannot be read" in text
    assert "<script>" not in text
    assert ".partial-p" not in text


def test_what_failed_several_pages_is_said_once_and_never_cut_within_a_word(tmp_path):
    reason = "code cell 3 raised StudyError: " + "a day that does not exist " * 20
    save(tmp_path, record("r1", status="failed", failures=[{"name": name, "reason": reason} for name in ("03", "04")]))
    text = write_outputs_index(tmp_path).read_text(encoding="utf-8")
    assert "03, 04: code cell 3 raised StudyError" in text
    assert re.search(r"(a|day|that|does|not|exist) …", text)


def test_an_empty_folder_has_a_list_that_says_how_to_begin(tmp_path):
    assert "cop report STUDY" in write_outputs_index(tmp_path).read_text(encoding="utf-8")


def test_a_record_with_odd_values_is_still_listed(tmp_path):
    save(tmp_path, record("r1", study={"title": 5}, settings={"period": ["x"], "audience": None}))
    assert read_record(tmp_path / "forum" / "r1" / "run.json") is not None
    assert "forum/r1" in write_outputs_index(tmp_path).read_text(encoding="utf-8")
