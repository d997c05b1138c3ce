"""The command line as a person meets it: what it says and with which code it leaves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import __version__, cli
from cop_analysis.commands import registry

ROOT = Path(__file__).resolve().parent.parent
CANCER = ROOT / "data" / "cancer_cop"


def run(*arguments: object, cwd: Path | None = None, monkeypatch: pytest.MonkeyPatch | None = None):
    if cwd is not None:
        monkeypatch.chdir(cwd)
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    study = tmp_path / "broken"
    shutil.copytree(CANCER, study)
    events = (study / "events.csv").read_text(encoding="utf-8").splitlines()
    events[2] = events[2].replace("2023-04-12", "2023-02-30")
    (study / "events.csv").write_text("\n".join(events) + "\n", encoding="utf-8")
    return study


def test_help_names_every_command_and_the_exit_codes():
    told = run("--help")
    assert told.exit_code == 0
    for word in ("new", "check", "report", "workbench", "simulate", "Exit codes: 0 done; 1 the data is at fault"):
        assert word in told.output


def test_the_version_is_said():
    told = run("--version")
    assert (told.exit_code, told.output) == (0, f"cop {__version__}\n")


def test_two_functions_cannot_have_the_same_words():
    with pytest.raises(ValueError, match=r"`cop coding undo` is in .*coding\.undo already"):
        registry.command("coding", "undo")(lambda: None)


def test_every_module_of_the_folder_that_is_a_verb_is_on_the_command_line():
    registered = {function.__module__ for function, _ in registry.commands().values()}
    folder = Path(registry.__file__).parent
    verbs = {
        ".".join(("cop_analysis", "commands", *path.relative_to(folder).with_suffix("").parts))
        for path in folder.rglob("*.py")
        if "\n@command(" in path.read_text(encoding="utf-8")
    }
    assert verbs == registered
    assert len(verbs) > 15


def test_python_m_is_the_same_command():
    told = subprocess.run([sys.executable, "-m", "cop_analysis", "--help"], capture_output=True, text=True, check=True)
    assert "cop new my_study" in " ".join(told.stdout.split())


def test_a_new_study_passes_its_own_check(tmp_path: Path):
    made = run("new", tmp_path / "mine")
    assert made.exit_code == 0
    checked = run("check", tmp_path / "mine")
    assert checked.exit_code == 0, checked.output
    assert "no faults" in checked.output


def test_an_example_study_has_rows_and_passes(tmp_path: Path):
    assert run("new", tmp_path / "mine", "--example").exit_code == 0
    checked = run("check", tmp_path / "mine")
    assert checked.exit_code == 0, checked.output
    assert len((tmp_path / "mine" / "people.csv").read_text(encoding="utf-8").splitlines()) > 1


def test_new_never_overwrites(tmp_path: Path):
    (tmp_path / "kept.txt").write_text("mine", encoding="utf-8")
    refused = run("new", tmp_path)
    assert refused.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_fault_names_file_row_column_and_value(broken: Path):
    checked = run("check", broken)
    assert checked.exit_code == 1
    (line,) = [line for line in checked.output.splitlines() if "2023-02-30" in line]
    assert "events.csv" in line
    assert "row 3" in line
    assert "date" in line
    assert "Traceback" not in checked.output


def test_every_fault_goes_into_a_file_on_request(broken: Path, tmp_path: Path):
    run("check", broken, "--faults", tmp_path / "faults.csv")
    written = (tmp_path / "faults.csv").read_text(encoding="utf-8-sig")
    assert written.startswith("study,severity,file,row,column,value,rule,how_to_correct")
    assert "2023-02-30" in written


def test_an_audit_difference_is_a_finding_not_a_fault():
    checked = run("check", CANCER)
    assert checked.exit_code == 0
    (line,) = [line for line in checked.output.splitlines() if "number audit" in line]
    assert "392" in line
    assert "360" in line
    assert "18 October 2023" in line


def test_a_broken_study_is_not_run_and_leaves_no_report(broken: Path, tmp_path: Path):
    told = run("report", broken, "--out", tmp_path / "out")
    assert told.exit_code == 1
    assert "not run" in told.output
    assert list((tmp_path / "out").rglob("*.html")) == [tmp_path / "out" / "index.html"]


@pytest.mark.parametrize("audience", ["review", "public"])
def test_other_audiences_are_refused_with_the_reason(audience: str, tmp_path: Path):
    told = run("report", CANCER, "--audience", audience, "--out", tmp_path)
    assert told.exit_code == 2
    assert "refused" in told.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "Name at least one study"),
        (["check", "no/such/folder"], "There is no folder"),
        (["check", "pyproject.toml"], "is a file"),
        (["report", "data/cancer_cop", "--all"], "not both"),
        (["report", "data/cancer_cop", "--period", "2023/31"], "2023/31"),
        (["report", "data/cancer_cop", "--notebook", "04_confidense"], "04_confidence_change"),
        (["report", "data/cancer_cop", "--seed", "-1"], "seed"),
        (["check", "data/cancer_cop", "--nonsense"], "nonsense"),
        (["simulate", "x", "--people", "many"], "a whole number"),
        (["simulate", "x", "--people"], "needs a value"),
        (["simulate", "x", "people"], "not an option"),
        (["simulate", "x", "--story", "x"], "cannot be set"),
        (["nonsense"], "nonsense"),
    ],
)
def test_a_faulty_call_leaves_with_2_and_says_what(arguments, said, monkeypatch, tmp_path):
    out = ["--out", tmp_path] if arguments[0] == "report" else []
    told = run(*arguments, *out, cwd=ROOT, monkeypatch=monkeypatch)
    assert told.exit_code == 2, told.output
    assert said in told.output
    assert "Traceback" not in told.output


def test_all_takes_every_study_under_data_and_studies(monkeypatch, tmp_path):
    for place in ("data/one", "studies/two"):
        shutil.copytree(CANCER, tmp_path / place)
    (tmp_path / "data" / "not_a_study").mkdir()
    checked = run("check", "--all", cwd=tmp_path, monkeypatch=monkeypatch)
    assert checked.exit_code == 0
    assert "one: no faults" in checked.output
    assert "two: no faults" in checked.output
    assert "not_a_study" not in checked.output


def test_all_without_a_study_is_a_faulty_call(monkeypatch, tmp_path):
    told = run("report", "--all", cwd=tmp_path, monkeypatch=monkeypatch)
    assert told.exit_code == 2
    assert "cop report path/to/study" in told.output


def test_simulate_makes_a_study_that_passes(tmp_path: Path):
    made = run("simulate", tmp_path / "made", "--seed", "7", "--people=12")
    assert made.exit_code == 0, made.output
    assert run("check", tmp_path / "made").exit_code == 0


def test_simulate_lists_what_can_be_set_and_refuses_the_unknown(tmp_path: Path):
    assert "--drop-out" in run("simulate", tmp_path / "x", "--list").output
    refused = run("simulate", tmp_path / "x", "--peeple", "3")
    assert refused.exit_code == 2
    assert "people" in refused.output
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_a_report_from_the_command_line(tmp_path: Path):
    told = subprocess.run(
        [sys.executable, "-m", "cop_analysis", "report", str(CANCER), "--out", str(tmp_path), "--notebook", "05"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stderr == "", "quiet when not a terminal"
    assert (tmp_path / "index.html").is_file()
    assert len(list(tmp_path.glob("cancer_cop/*/run.json"))) == 1


@pytest.mark.slow
def test_a_study_in_the_folder_of_the_package_itself_is_run(tmp_path: Path, make_folder):
    """The tour's `cop new my_study` in a checkout: the kernel starts in the folder that holds the package."""
    study = make_folder(ROOT)
    shutil.copytree(CANCER, study, dirs_exist_ok=True)
    told = subprocess.run(
        [sys.executable, "-m", "cop_analysis", "report", study.name, "--out", str(tmp_path), "--notebook", "05"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_period_without_events_is_a_faulty_call(tmp_path: Path):
    told = run("report", CANCER, "--period", "1999/00", "--out", tmp_path)
    assert told.exit_code == 2
    assert "No event lies in 1999/00" in told.output
    assert "2023-02-21 to 2023-10-18" in told.output


def test_a_changed_preset_is_another_study_with_its_own_name(tmp_path: Path):
    assert run("simulate", tmp_path / "Big one", "--preset", "nmp_forum", "--people=40").exit_code == 0
    written = (tmp_path / "Big one" / "study.toml").read_text(encoding="utf-8")
    assert 'key = "big_one"' in written
    assert "30 prescribers" not in written
    assert "cop simulate FOLDER --preset nmp_forum --people 40." in written


@pytest.mark.parametrize("named", [(), ("--person", "P01", "--document", "D01")])
def test_one_call_erases_a_person_or_a_document(named: tuple[str, ...], tmp_path: Path):
    told = run("coding", "erase", tmp_path, *named, "--yes")
    assert told.exit_code == 2
    assert told.output == "Name the person with --person, or the document with --document.\n"
