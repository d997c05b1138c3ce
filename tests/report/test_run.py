"""A run from a study to its report: what one failure costs, and that nothing half-written ever looks finished."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cop_analysis.report import RunSettings, SettingsError, run_report
from cop_analysis.report.provenance import read_record

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
QUICK = "print('quick')"


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


@pytest.fixture
def settings(small_study, write_notebooks, notebook, tmp_path):
    def make(*sources: str, study: Path = small_study, **changes) -> RunSettings:
        notebooks = {f"_{number:02}_x": notebook(source) for number, source in enumerate(sources or (QUICK,), start=1)}
        folder = write_notebooks(**notebooks)
        return RunSettings(**{"study": study, "out": tmp_path / "out", "notebooks_folder": folder, **changes})

    return make


def test_a_run_leaves_one_whole_folder_and_a_list(settings, tmp_path):
    steps: list[tuple[int, int, str]] = []
    record = run_report(settings(QUICK, QUICK), progress=lambda *step: steps.append(step))
    assert record.status == "ok"
    assert record.failures == ()
    assert record.folder == tmp_path / "out" / "small" / record.run
    assert visible(record.folder) == ["01_x.html", "02_x.html", "index.html", "notebooks", "run.json"]
    assert hidden(record.folder) == hidden(record.folder.parent) == hidden(tmp_path / "out") == []
    assert visible(tmp_path / "out") == ["index.html", "small"]
    assert [step[:2] for step in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert read_record(record.folder / "run.json")["run"] == record.run


def test_a_failed_notebook_fails_the_run_and_costs_no_other_its_page(settings):
    record = run_report(settings("1 / 0", QUICK, "import os; os._exit(1)"))
    assert record.status == "failed"
    assert [name for name, _ in record.failures] == ["01_x", "03_x"]
    assert "raised ZeroDivisionError" in record.failures[0][1]
    assert "quick" in (record.folder / "02_x.html").read_text(encoding="utf-8")
    assert "division by zero" in (record.folder / "index.html").read_text(encoding="utf-8")


def test_deadlines_of_the_settings_reach_the_notebook(settings):
    record = run_report(settings("import time; time.sleep(60)", QUICK, cell_deadline=2))
    assert record.failures == (("01_x", "timed out: code cell 3 took longer than its 2 seconds"),)


def test_the_call_is_at_fault_before_anything_is_made(settings, tmp_path):
    for wrong, said in (
        ({"study": tmp_path / "nowhere"}, "holds no study.toml"),
        ({"period": "the nineties"}, "nineties"),
        ({"notebooks": ("09",)}, "There is no notebook '09'"),
        ({"parameters": {"01_x": {"relation": "advice"}}}, "takes no parameter 'relation'"),
        ({"parameters": {"01_x": {"study": "other"}}}, "given to every notebook by the run itself"),
        ({"parameters": {"07_x": {}}}, "'07_x', which is not run"),
    ):
        with pytest.raises(SettingsError, match=said):
            run_report(settings(**wrong))
    assert not (tmp_path / "out").exists()


def test_a_study_with_faults_makes_no_report(settings, small_study, tmp_path):
    from cop_analysis.study import StudyError

    events = small_study / "events.csv"
    good = events.read_text(encoding="utf-8")
    events.write_text("event,date\nE1,2024-13-45\n", encoding="utf-8")
    with pytest.raises(StudyError):
        run_report(settings())
    (attempt,) = visible(tmp_path / "out" / "small")
    assert visible(tmp_path / "out" / "small" / attempt) == ["run.json"]
    listed = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "not made" in listed
    assert "2024-13-45" in listed
    events.write_text(good, encoding="utf-8")
    record = run_report(settings())
    assert record.status == "ok"
    assert "This is the first run of this study" in (record.folder / "index.html").read_text(encoding="utf-8")


def test_where_reports_go_may_not_be_a_file(settings, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(SettingsError, match="is a file"):
        run_report(settings())
    assert (tmp_path / "out").read_text() == "mine"


def test_two_studies_with_one_key_do_not_share_a_history(settings, write_study, tmp_path):
    run_report(settings())
    other = write_study(tmp_path / "studies" / "other", title="Another forum", key="small")
    with pytest.raises(SettingsError, match="already belongs to the reports of another study"):
        run_report(settings(study=other))
    assert len(visible(tmp_path / "out" / "small")) == 1


def test_two_runs_at_once_both_arrive(settings, tmp_path):
    one = settings(QUICK)
    with ThreadPoolExecutor(2) as pool:
        records = list(pool.map(run_report, [one, one]))
    assert len({record.run for record in records}) == 2
    assert visible(tmp_path / "out" / "small") == sorted(record.run for record in records)
    listed = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert all(record.run in listed for record in records)


def test_what_changed_is_told_on_the_next_run(settings, small_study):
    first = run_report(settings())
    assert "This is the first run" in (first.folder / "index.html").read_text(encoding="utf-8")
    again = run_report(settings())
    assert "Nothing: the same data" in (again.folder / "index.html").read_text(encoding="utf-8")
    (small_study / "attendance.csv").write_text("event,count\nE1,13\nE2,9\n", encoding="utf-8")
    third = run_report(settings())
    text = (third.folder / "index.html").read_text(encoding="utf-8")
    assert "Changed data: attendance.csv." in text
    assert f"../{again.run}/index.html" in text


def test_data_that_changes_underneath_a_run_fails_it(settings, small_study):
    source = (
        f"from pathlib import Path\nPath({str(small_study / 'attendance.csv')!r}).write_text('event,count\\nE1,1\\n')"
    )
    record = run_report(settings(source))
    assert record.status == "failed"
    assert record.failures == (("data", "changed while the run was reading: attendance.csv; run the report again"),)


def test_a_notebook_starts_beside_its_study_and_is_given_the_folder_s_name(settings, small_study):
    record = run_report(settings("import os\nprint(os.getcwd(), os.path.exists(study + '/study.toml'), study)"))
    text = (record.folder / "01_x.html").read_text(encoding="utf-8")
    assert f"{os.path.realpath(small_study.parent)} True small" in text


def test_own_parameters_and_the_seed_reach_the_notebooks_that_take_them(
    small_study, write_notebooks, notebook, tmp_path
):
    own = 'study = "x"\nperiod = ""\naudience = "internal"\nrelation = ""\nseed = 1'
    folder = write_notebooks(_01_x=notebook("print(relation, seed)", parameters=own), _02_x=notebook(QUICK))
    record = run_report(
        RunSettings(
            study=small_study, out=tmp_path / "out", notebooks_folder=folder, seed=77,
            parameters={"01_x": {"relation": "advice"}},
        )
    )  # fmt: skip
    assert "advice 77" in (record.folder / "01_x.html").read_text(encoding="utf-8")
    assert record.notebooks[0].parameters["seed"] == 77
    assert "seed" not in record.notebooks[1].parameters


def test_another_executor_does_the_same_work(settings):
    with ThreadPoolExecutor(1) as pool:
        record = run_report(settings(QUICK, executor=pool))
        assert record.status == "ok"
        assert pool.submit(int).result() == 0, "a given executor is not shut down"


def test_a_lost_worker_is_one_notebook_s_failure(settings):
    class Losing(ThreadPoolExecutor):
        def submit(self, function, job):
            if job.name == "01_x":
                return super().submit(exec, "raise ConnectionError('worker lost')")
            return super().submit(function, job)

    with Losing(2) as pool:
        record = run_report(settings(QUICK, QUICK, executor=pool))
    assert [name for name, _ in record.failures] == ["01_x"]
    assert "worker that ran it was lost" in record.failures[0][1]


def test_an_interrupted_run_leaves_nothing_and_stops_its_kernels(settings, tmp_path, wait_until):
    def interrupt(done: int, total: int, what: str) -> None:
        if what.startswith("01_x"):
            raise KeyboardInterrupt

    finished = tmp_path / "slept to the end"
    sleeper = f"import time; time.sleep(300); open({str(finished)!r}, 'w').close()"
    with pytest.raises(KeyboardInterrupt):
        run_report(settings(QUICK, sleeper, workers=2), progress=interrupt)
    assert not finished.exists()
    assert list((tmp_path / "out" / "small").iterdir()) == []
    running = lambda: [one for one in threading.enumerate() if one.name.startswith("cop-notebook")]  # noqa: E731
    wait_until(lambda: not running(), "the notebooks' threads to end")


def test_a_page_that_cannot_be_rendered_costs_only_itself(settings, monkeypatch):
    import cop_analysis.report.run as module

    real = module.render_pages

    def breaks(frame, name, node, results, **told):
        if name == "01_x" and node.cells:
            raise RecursionError("too deep")
        return real(frame, name, node, results, **told)

    monkeypatch.setattr(module, "render_pages", breaks)
    record = run_report(settings(QUICK, QUICK))
    assert record.failures == (("01_x", "its page could not be made (RecursionError: too deep)"),)
    assert "its page could not be made" in (record.folder / "01_x.html").read_text(encoding="utf-8")


def test_a_full_disk_leaves_no_half_report(settings, monkeypatch, tmp_path):
    import cop_analysis.report.run as module

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "render_index", full)
    with pytest.raises(OSError, match="No space left"):
        run_report(settings())
    (attempt,) = (tmp_path / "out" / "small").iterdir()
    assert visible(attempt) == ["run.json"]
    assert "the disk has no room left" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed otherwise on Windows")
def test_a_killed_run_leaves_only_what_the_next_run_clears_away(
    settings, tmp_path, small_study, start_process, wait_until
):
    slow = settings("import time; time.sleep(300)")
    program = (
        "from pathlib import Path\nfrom cop_analysis.report import RunSettings, run_report\n"
        f"run_report(RunSettings(study=Path({str(small_study)!r}), out=Path({str(slow.out)!r}), "
        f"notebooks_folder=Path({str(slow.notebooks_folder)!r})), "
        f"progress=lambda *step: Path({str(tmp_path / 'step')!r}).write_text('on'))"
    )
    process = start_process([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    wait_until(lambda: (tmp_path / "step").exists() or process.poll() is not None, "the run's first step")
    assert process.poll() is None
    process.kill()
    process.wait()
    home = tmp_path / "out" / "small"
    assert visible(home) == []
    assert len(hidden(home)) == 1
    assert not (tmp_path / "out" / "index.html").exists()
    record = run_report(settings(QUICK))
    assert visible(home) == [record.run]
    assert hidden(home) == []
