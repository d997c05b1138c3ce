"""What changed since the last run of the same study: its files, its headline numbers, its notebooks, its versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cop_analysis.report.provenance import NOT_MADE, RUN_FILE, moment, read_record
from cop_analysis.report.settings import SettingsError
from cop_analysis.results.runs import begun, place_in_order

_FILES_NAMED = 12


@dataclass(frozen=True)
class Changes:
    """The run compared with, when it started, and what is different, a sentence each."""

    run: str
    started: str
    lines: tuple[str, ...]


def earlier_runs(folder: Path) -> list[dict[str, Any]]:
    """Read the records of a study's reports, the one made last first, those of a clock that runs ahead yet last.

    What cannot be read, and what came to no report, is passed over.
    """
    records = all_runs(folder)
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
    lines += [f"{name} was part of that run and is not part of this one."
              for name in old if name not in {item["name"] for item in now["notebooks"]}]  # fmt: skip
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
