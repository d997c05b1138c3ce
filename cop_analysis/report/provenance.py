"""What a run was made from and how it went: the run record, its JSON form, and the facts it is gathered from."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cop_analysis
from cop_analysis.files import MOST_CODING, MOST_SETTINGS, FileRefusedError, fingerprint, read_file
from cop_analysis.results.runs import begun

if TYPE_CHECKING:
    from cop_analysis.study import Study

SCHEMA, SCHEMA_VERSION = "cop-analysis-run", 1
RUN_FILE = "run.json"
NOT_MADE = "not made"
"""The status of a run that came to no report."""
_LIBRARIES = (
    "ipykernel", "matplotlib", "nbclient", "nbconvert", "networkx", "nh3", "numpy", "pandas", "papermill",
    "pydantic", "scipy",
)  # fmt: skip
_TABLE_ENDINGS = {".csv", ".json", ".toml"}


@dataclass(frozen=True)
class DataFile:
    """A file of the study as it was when the run read it."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class NotebookRun:
    """How one notebook ran, with the parameters it was given."""

    name: str
    title: str
    status: str
    reason: str
    seconds: float
    parameters: Mapping[str, Any]
    file: str
    notebook: str
    megabytes: float | None = None


@dataclass(frozen=True)
class HeadlineShown:
    """A headline number with the page and result it comes from."""

    page: str
    file: str
    key: str
    title: str
    label: str
    value: str
    uncertainty: str
    sentence: str
    order: int


@dataclass(frozen=True)
class Finding:
    """What the number audit found, with the page and result it comes from."""

    sentence: str
    file: str
    key: str


@dataclass(frozen=True)
class RunRecord:
    """One run from command to report.

    Parameters
    ----------
    run : str
        The run's id, which is the name of its folder.
    folder : Path
        The finished report.
    status : str
        ``"ok"``, or ``"failed"`` if a notebook did not finish or the data changed underneath the run.
    failures : tuple of (name, reason)
    findings : tuple of str
        What the number audit found; a finding, never a failure.
    claims_later : tuple of str
        Runs that were there already and say that they began later: a clock was wrong, and this one came after them.
    unlisted : str
        Why the report, which is made, could not be put into the list of reports; empty where it stands there.
    """

    run: str
    folder: Path
    status: str
    started: datetime
    seconds: float
    study: Mapping[str, Any]
    settings: Mapping[str, Any]
    notebooks: tuple[NotebookRun, ...]
    headlines: tuple[HeadlineShown, ...]
    audit: tuple[Finding, ...]
    data: tuple[DataFile, ...]
    versions: Mapping[str, str]
    platform: str
    commit: Mapping[str, Any] | None
    failures: tuple[tuple[str, str], ...]
    claims_later: tuple[str, ...] = ()
    unlisted: str = ""

    @property
    def findings(self) -> tuple[str, ...]:
        """What the number audit found, as sentences."""
        return tuple(finding.sentence for finding in self.audit)

    def to_json(self) -> str:
        """Write the record as the text of run.json; it holds no path of the machine it was made on."""
        record = asdict(self)
        record.pop("folder")
        record.pop("unlisted")
        record["failures"] = [{"name": name, "reason": reason} for name, reason in self.failures]
        record["started"] = self.started.isoformat(timespec="microseconds")
        record["seconds"] = round(self.seconds, 2)
        head = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION}
        return json.dumps({**head, **record}, indent=1, ensure_ascii=False, default=str) + "\n"


def attempt_json(
    run: str,
    started: datetime,
    study: Mapping[str, Any],
    settings: Mapping[str, Any],
    failures: list[tuple[str, str]],
    claims_later: Sequence[str] = (),
) -> str:
    """Write the record of a run that came to no report, as the text of a run.json."""
    record = {
        "schema": SCHEMA, "schema_version": SCHEMA_VERSION, "run": run, "status": NOT_MADE,
        "started": started.isoformat(timespec="microseconds"), "study": dict(study), "settings": dict(settings),
        "notebooks": [], "headlines": [], "data": [], "versions": versions(),
        "claims_later": list(claims_later),
        "failures": [{"name": name, "reason": reason} for name, reason in failures],
    }  # fmt: skip
    return json.dumps(record, indent=1, ensure_ascii=False, default=str) + "\n"


def read_record(path: Path) -> dict[str, Any] | None:
    """Read a run.json as plain facts; None if it is not there, not whole, or not ours."""
    try:
        found = json.loads(read_file(path, most=MOST_SETTINGS * 8).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        return None
    texts = all(isinstance(found.get(name), str) for name in ("run", "status", "started"))
    maps = all(isinstance(found.get(name), dict) for name in ("study", "settings", "versions"))
    lists = all(
        isinstance(found.get(name), list) and all(isinstance(item, dict) for item in found[name])
        for name in ("notebooks", "headlines", "data", "failures")
    )
    if not (texts and maps and lists):
        return None
    try:
        begun(found["started"])
    except ValueError:
        return None
    return found


def study_files(folder: Path, study: Study | None = None) -> tuple[DataFile, ...]:
    """Fingerprint every file of a study that a run may read: its settings, tables, coding and documents.

    With the study, a coding that is kept in a database is fingerprinted by what it says at this moment.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = (Path(name) / "people.csv").write_bytes(b"person\\n")
    ...     [(found.file, found.bytes, found.sha256[:8]) for found in study_files(Path(name))]
    [('people.csv', 7, '51d7a35f')]
    """
    found = [path for path in folder.iterdir() if path.suffix.lower() in _TABLE_ENDINGS]
    documents = folder / "documents"
    if documents.is_dir():
        found += documents.rglob("*")
    files = []
    for path in sorted(found):
        if path.name.startswith((".", "~$")):
            continue
        # What no reader would open is no data of the run.
        with suppress(FileRefusedError, FileNotFoundError):
            found_now = fingerprint(path, most=MOST_CODING, inside=folder)
            files.append(DataFile(path.relative_to(folder).as_posix(), *found_now))
    with suppress(ValueError):  # a coding that cannot be opened is said on the pages that need it
        kept = None if study is None else getattr(study.coding, "standing", None)
        if kept is not None:
            files.append(DataFile(kept.name, kept.size, kept.sha256))
    return tuple(files)


def versions() -> dict[str, str]:
    """Name the versions of the package, of Python and of the libraries a number may depend on."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"cop-analysis": cop_analysis.__version__, "Python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> str:
    """Name the kind of machine, not the machine: ``"Linux x86_64"``."""
    return f"{platform.system() or sys.platform} {platform.machine()}".strip()


def code_commit() -> dict[str, Any] | None:
    """Name the commit of a checkout the package runs from; None for an installed package or without git.

    Only the package's own repository is asked: git may run commands that a study's repository has configured.
    """
    root = Path(cop_analysis.__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None

    def ask(*words: str) -> str | None:
        try:
            answer = subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=False,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return None
        return answer.stdout.strip() if answer.returncode == 0 else None

    commit = ask("rev-parse", "--verify", "HEAD")
    if not commit:
        return None
    changed = ask("--no-optional-locks", "status", "--porcelain", "--untracked-files=no")
    return {"id": commit, "modified": None if changed is None else bool(changed)}


def moment(when: datetime) -> str:
    """Write a moment for people.

    Examples
    --------
    >>> moment(datetime(2026, 11, 22, 14, 10, tzinfo=UTC))
    '22 November 2026, 14:10 UTC'
    """
    when = when.astimezone(UTC)
    return f"{when.day} {when:%B %Y, %H:%M} UTC"
