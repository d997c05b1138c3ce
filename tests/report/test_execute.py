"""One notebook in one kernel: how it ended, by our own record, and which Python and whose files it ran on."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from cop_analysis.report.execute import LONGEST_STREAM, Executed, Job, execute_job, kernel_environment, stop_run

pytestmark = pytest.mark.slow


@pytest.fixture
def run(notebook, tmp_path) -> Callable[..., Executed]:
    def run(*sources: str, name: str = "01_x", cell: float = 600, whole: float = 600, **parameters) -> Executed:
        text = nbformat.writes(notebook(*sources))
        given = {"study": "s", "period": "", "audience": "internal", **parameters}
        return execute_job(Job("run", name, text, given, str(tmp_path), cell, whole, 600))

    return run


def outputs(executed: Executed) -> list[dict]:
    return [out for cell in json.loads(executed.text)["cells"] for out in cell.get("outputs", [])]


def printed(executed: Executed) -> str:
    return "".join("".join(out["text"]) for out in outputs(executed) if out["output_type"] == "stream")


def test_a_notebook_that_runs_to_its_end_is_ok_and_keeps_its_outputs(run):
    done = run("print(study)\n3 + 4", study='it\'s "here" \\ é\n')
    assert (done.status, done.reason) == ("ok", "")
    assert printed(done) == 'it\'s "here" \\ é\n\n'
    assert [out["data"]["text/plain"] for out in outputs(done) if "data" in out] == [["7"]] or "7" in done.text
    assert done.seconds > 0


def test_an_error_names_its_cell_and_keeps_its_traceback(run):
    done = run("print('before')", "md:## text", "1 / 0", "print('never')")
    assert (done.status, done.reason) == ("failed", "code cell 4 raised ZeroDivisionError: division by zero")
    assert printed(done) == "before\n"
    assert [out["ename"] for out in outputs(done) if out["output_type"] == "error"] == ["ZeroDivisionError"]
    assert "papermill-error-cell" not in done.text


def test_a_dead_kernel_is_told_apart_with_what_it_said_last(run):
    done = run("import os, sys\nos.write(2, b'out of luck')\nos._exit(3)", "print('never')")
    assert done.status == "died"
    assert done.reason.startswith("code cell 3 ended its kernel")


def test_a_cell_that_takes_too_long_is_stopped_and_keeps_what_it_printed(run):
    done = run("import time\nprint('before', flush=True)\ntime.sleep(600)", "print('never')", cell=5)
    assert (done.status, done.reason) == ("timed out", "code cell 3 took longer than its 5 seconds")
    assert printed(done) == "before\n"


def test_a_cell_that_will_not_stop_is_stopped_all_the_same(run):
    stubborn = "import time\nwhile True:\n    try:\n        time.sleep(99)\n    except KeyboardInterrupt:\n        pass"
    done = run(stubborn, cell=1)
    assert done.status == "timed out"


def test_a_whole_notebook_has_a_deadline_too(run):
    done = run(*["import time; time.sleep(1.5)"] * 20, whole=6)
    assert done.status == "timed out"
    assert "the notebook had used its 6 seconds" in done.reason


def test_leaving_early_is_neither_ok_nor_an_error(run):
    done = run("import sys\nsys.exit()", "print('never')")
    assert (done.status, done.reason) == ("incomplete", "code cell 3 left the notebook early (sys.exit)")


def test_an_error_that_the_notebook_expects_is_ok(run, notebook, tmp_path):
    node = notebook("1 / 0", "print('after')")
    node.cells[2].metadata["tags"] = ["raises-exception"]
    given = {"study": "s", "period": "", "audience": "internal"}
    done = execute_job(Job("run", "01_x", nbformat.writes(node), given, str(tmp_path), 60, 120, 60))
    assert done.status == "ok"
    assert printed(done) == "after\n"


def test_a_flood_of_text_is_cut_and_the_notebook_goes_on(run):
    done = run("for _ in range(400):\n    print('x' * 9_999)", "print('after')")
    assert done.status == "ok"
    assert "The rest of what this cell printed was left out" in printed(done)
    assert printed(done).endswith("after\n")
    assert len(printed(done)) < LONGEST_STREAM + 1_000


def test_the_kernel_is_this_python_whatever_kernels_are_installed(run, tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    wrong = {"argv": ["/nowhere/python", "{connection_file}"], "display_name": "x", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(wrong))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    done = run("import sys, cop_analysis\nprint(sys.executable)\nprint(cop_analysis.__file__)")
    import cop_analysis

    assert printed(done).splitlines() == [sys.executable, cop_analysis.__file__]


def test_neither_the_data_s_folder_nor_the_user_s_profile_is_run_as_code(run, tmp_path, monkeypatch):
    (tmp_path / "statistics.py").write_text("print('code from the data folder ran')\n")
    profile = tmp_path / "ipython" / "profile_default" / "startup"
    profile.mkdir(parents=True)
    (profile / "00.py").write_text("hidden = 1\n")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", "")
    done = run(
        "import os, statistics\nprint('hidden' in globals(), os.path.basename(statistics.__file__), os.getcwd())"
    )
    assert printed(done) == f"False statistics.py {os.path.realpath(tmp_path)}\n"
    assert "code from the data folder ran" not in done.text


def test_a_relative_python_path_does_not_come_to_mean_the_data_s_folder(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f".{os.pathsep}{os.pathsep}lib")
    parts = kernel_environment("p")["PYTHONPATH"].split(os.pathsep)
    assert all(os.path.isabs(part) for part in parts)
    assert parts[1:] == [os.path.abspath("."), os.path.abspath("lib")] or parts[0] == os.path.abspath(".")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no socket files that kernels use")
def test_a_kernel_needs_no_port_that_another_program_could_take_first(run, monkeypatch, tmp_path):
    with tempfile.TemporaryDirectory(prefix="cop-") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        seen = run("import ipykernel\nprint(open(ipykernel.get_connection_file()).read())")
        told = json.loads(printed(seen))
        assert (told["transport"], Path(told["ip"]).parent.parent) == ("ipc", Path(short))
        assert list(Path(short).iterdir()) == [], "the sockets go with the kernel"
        # Where the path is too long for a socket file, ports do.
        deep = Path(short) / ("d" * 120)
        deep.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(deep))
        seen = run("import ipykernel\nprint(open(ipykernel.get_connection_file()).read())")
        assert json.loads(printed(seen))["transport"] == "tcp"


def test_the_same_notebook_gives_the_same_answer_twice(run):
    source = "print(list({'alpha', 'beta', 'gamma', 'delta'}), hash('x'))"
    assert printed(run(source)) == printed(run(source))


def test_two_notebooks_at_once_start_in_their_own_folders(notebook, tmp_path):
    jobs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        given = {"study": name, "period": "", "audience": "internal"}
        text = nbformat.writes(notebook("import os, time; time.sleep(1); print(os.path.basename(os.getcwd()), study)"))
        jobs.append(Job("run", name, text, given, str(tmp_path / name), 60, 120, 60))
    with ThreadPoolExecutor(2) as pool:
        assert [printed(done) for done in pool.map(execute_job, jobs)] == ["one one\n", "two two\n"]


def test_a_run_that_is_given_up_loses_its_kernels(run, wait_until):
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run, "print('up', flush=True)\nimport time; time.sleep(100)")

        def over() -> bool:
            stop_run("run")
            return future.done()

        wait_until(over, "the run to be given up")
        assert future.result().status in ("died", "incomplete")


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are told differently on Windows")
def test_no_kernel_outlives_a_run_that_was_killed(tmp_path, notebook, start_process, wait_until):
    import psutil

    mark = tmp_path / "kernel.pid"
    source = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)"
    (tmp_path / "n.json").write_text(nbformat.writes(notebook(source)))
    program = (
        "import sys\nfrom pathlib import Path\nfrom cop_analysis.report.execute import Job, execute_job\n"
        f"execute_job(Job('r', 'n', Path({str(tmp_path / 'n.json')!r}).read_text(), "
        f"{{'study': 's'}}, {str(tmp_path)!r}, 600, 600, 60))"
    )
    root = Path(__file__).resolve().parents[2]
    process = start_process([sys.executable, "-c", program], cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    wait_until(lambda: mark.exists() and mark.read_text(), "the kernel to start")
    kernel = int(mark.read_text())
    process.kill()
    process.wait()

    def is_over() -> bool:
        try:
            return psutil.Process(kernel).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    wait_until(is_over, "the kernel to end")
