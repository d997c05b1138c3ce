"""What a run was made from, how it went, and what changed since the last run of the same study.

The run record, its JSON form, the facts it is gathered from, and two records held side by side.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cop_analysis
from cop_analysis.files import MOST_CODING, MOST_SETTINGS, FileRefusedError, fingerprint, read_file
from cop_analysis.report.settings import SettingsError
from cop_analysis.results.runs import begun, place_in_order

if TYPE_CHECKING:
    from cop_analysis.study import Study

SCHEMA, SCHEMA_VERSION = "cop-analysis-run", 1
RUN_FILE = "run.json"
NOT_MADE = "not made"
"""The status of a run that came to no report."""
_LIBRARIES = (
    "ipykernel",
    "matplotlib",
    "nbclient",
    "nbconvert",
    "networkx",
    "nh3",
    "numpy",
    "pandas",
    "papermill",
    "pydantic",
    "scipy",
)
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
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "run": run,
        "status": NOT_MADE,
        "started": started.isoformat(timespec="microseconds"),
        "study": dict(study),
        "settings": dict(settings),
        "notebooks": [],
        "headlines": [],
        "data": [],
        "versions": versions(),
        "claims_later": list(claims_later),
        "failures": [{"name": name, "reason": reason} for name, reason in failures],
    }
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
                ["git", "-C", str(root), *words],
                capture_output=True,
                text=True,
                timeout=10,
                check=False,
                stdin=subprocess.DEVNULL,
            )
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


_FILES_NAMED = 12


@dataclass(frozen=True)
class Changes:
    """The run compared with, when it started, and what is different, a sentence each."""

    run: str
    started: str
    lines: tuple[str, ...]


def earlier_runs(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order the runs of a study that came to a report, the one made last first, those of a clock that runs ahead last.

    Parameters
    ----------
    records : sequence of dict
        As `all_runs` reads them.
    """
    return [one for one in sorted(records, key=place_in_order(records), reverse=True) if one["status"] != NOT_MADE]


def all_runs(folder: Path) -> list[dict[str, Any]]:
    """Read the records of a study's runs, also of those that came to no report; what cannot be read is passed over."""
    records = [read_record(path) for path in folder.glob(f"[!.]*/{RUN_FILE}")] if folder.is_dir() else []
    return [record for record in records if record]


def require_same_study(records: Iterable[Mapping[str, Any]], key: str, title: str, folder: str) -> None:
    """Refuse to file a study's report among those of another study with the same key.

    Raises
    ------
    SettingsError
        If the newest earlier run has another title and another folder name; one of the two may change.
    """
    newest = next(iter(records), None)
    if newest is None:
        return
    other = newest["study"]
    if other.get("title") != title and other.get("folder") != folder:
        raise SettingsError(
            f"The key {key!r} already belongs to the reports of another study, {other.get('title')!r} (folder "
            f"{other.get('folder')!r}). Give {title!r} another key in its study.toml, or another folder with --out."
        )


def compare(earlier: Iterable[Mapping[str, Any]], now: Mapping[str, Any]) -> Changes | None:
    """Compare a run with the newest earlier one for the same audience and period; None if there is none."""
    for before in earlier:
        if all(before["settings"].get(name) == now["settings"].get(name) for name in ("audience", "period")):
            lines = (*_files(before, now), *_headlines(before, now), *_notebooks(before, now), *_versions(before, now))
            return Changes(str(before["run"]), moment(begun(before["started"])), tuple(lines))
    return None


def _files(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    old = {str(item.get("file")): item.get("sha256") for item in before["data"]}
    new = {item["file"]: item["sha256"] for item in now["data"]}
    return [
        f"{words}: {_named(names)}."
        for words, names in (
            ("Changed data", [name for name in new if name in old and old[name] != new[name]]),
            ("New data", [name for name in new if name not in old]),
            ("Data no longer there", [name for name in old if name not in new]),
        )
        if names
    ]


def _headlines(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    # A run of some notebooks only says nothing about the headlines of the others.
    both = {item.get("name") for item in before["notebooks"]} & {item["name"] for item in now["notebooks"]}
    old, new = _by_place(before, both), _by_place(now, both)
    lines = []
    for place, headline in new.items():
        if place not in old:
            lines.append(f"New headline: {headline['label']}: {_figure(headline)}.")
        elif _figure(headline) != _figure(old[place]):
            lines.append(f"{headline['label']}: now {_figure(headline)}, before {_figure(old[place])}.")
    lines += [
        f"No longer given: {old[place]['label']} (was {_figure(old[place])})." for place in old if place not in new
    ]
    return lines


def _by_place(record: Mapping[str, Any], pages: set[Any]) -> dict[tuple[Any, Any], Mapping[str, Any]]:
    return {
        (item.get("page"), item.get("key")): item
        for item in record["headlines"]
        if item.get("page") in pages
        and all(isinstance(item.get(name), str) for name in ("label", "value", "uncertainty"))
    }


def _figure(headline: Mapping[str, Any]) -> str:
    return f"{headline['value']} ({headline['uncertainty']})"


def _notebooks(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    old = {item.get("name"): item for item in before["notebooks"]}
    lines = []
    for item in now["notebooks"]:
        earlier = old.get(item["name"])
        if earlier is None:
            lines.append(f"{item['name']} was not part of that run.")
            continue
        if earlier.get("status") != item["status"]:
            lines.append(f"{item['name']}: now {item['status']}, before {earlier.get('status')}.")
        given = earlier.get("parameters")
        # The study's folder may be called otherwise on another machine.
        if isinstance(given, dict):
            for name, value in item["parameters"].items():
                if name != "study" and given.get(name) != value:
                    lines.append(f"{item['name']}: {name} is now {value!r}, before {given.get(name)!r}.")
    lines += [
        f"{name} was part of that run and is not part of this one."
        for name in old
        if name not in {item["name"] for item in now["notebooks"]}
    ]
    return lines


def _versions(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    pairs = [
        f"{name} {before['versions'].get(name, '(absent)')} to {version}"
        for name, version in now["versions"].items()
        if before["versions"].get(name) != version
    ]
    return [f"Versions: {', '.join(pairs)}."] if pairs else []


def _named(names: list[str]) -> str:
    rest = len(names) - _FILES_NAMED
    return ", ".join(names[:_FILES_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
