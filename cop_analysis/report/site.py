"""The two index pages: a run's own, with the finding first, and the list of every study's runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cop_analysis.report.artefacts import Shown
from cop_analysis.report.folders import write_whole
from cop_analysis.report.pages import Frame, render_template
from cop_analysis.report.provenance import NOT_MADE, RUN_FILE, Changes, RunRecord, moment, read_record
from cop_analysis.results import SECONDARY
from cop_analysis.results.runs import DAWN, Place, begun, is_to_come, place_in_order

if TYPE_CHECKING:
    from cop_analysis.study import Study

INDEX = "index.html"
_BANNERS = {
    "simulated": "Simulated data: no number on this page is a finding about a real programme.",
    "mixed": "Partly simulated data: some rows behind this page are invented, so no number on it is a finding about a "
    "real programme.",
}
_ORIGINS = {
    "simulated": "simulated, not collected",
    "mixed": "published figures completed by simulation",
    "published figures": "published figures",
    "collected": "collected by the evaluation",
}


def banner(provenance: str) -> str:
    """Say at the top of each page what a reader must not miss about where the numbers come from."""
    return _BANNERS.get(provenance, "")


def render_index(
    frame: Frame, study: Study, record: RunRecord, results: Sequence[Shown], changes: Changes | None
) -> str:
    """Write a run's index page: findings, contents, caveats, what changed, provenance.

    Parameters
    ----------
    frame : Frame
    study : Study
    record : RunRecord
    results : sequence of Shown
        Every result of every page, in order, with its files.
    changes : Changes or None
        Against the run before; None if there is none.
    """
    config = study.config
    pages = {page.name: page for page in frame.pages}
    first: dict[str, str] = {}
    for shown in results:
        first.setdefault(shown.page, shown.payload["sentence"])
    return render_template(
        "index.html.j2",
        {
            "frame": frame,
            "study": config,
            "run": {
                "headlines": [asdict(one) for one in record.headlines if one.order < SECONDARY],
                "further": [asdict(one) for one in record.headlines if one.order >= SECONDARY],
                "highlights": _highlights(results),
                "findings": [asdict(finding) for finding in record.audit],
                "failures": [
                    {"title": pages[name].title, "file": pages[name].file, "reason": reason}
                    if name in pages
                    else {"title": name, "file": "", "reason": reason}
                    for name, reason in record.failures
                ],
                "data": record.data,
                "notebooks": record.notebooks,
                "versions": record.versions,
            },
            "contents": [
                {
                    "file": run.file,
                    "title": run.title,
                    "status": run.status,
                    "sentence": _first_sentence(first.get(run.name, "")),
                }
                for run in record.notebooks
            ],
            "caveats": [*config.caveats, *filter(None, [study.consent_statement])],
            "page_caveats": _page_caveats(results, pages),
            "changes": changes,
            "facts": _facts(study, record),
            "files": [
                {"path": path, "label": label, "title": f"{shown.page[:2]}: {shown.payload['title']}"}
                for shown in results
                for label, path in shown.files
            ],
        },
    )


def _highlights(results: Iterable[Shown]) -> list[dict[str, Any]]:
    """Gather the findings in words under their headings, each with the place it comes from."""
    found: dict[str, list[dict[str, str]]] = {}
    for shown in results:
        for one in shown.payload["highlights"]:
            place = {"file": f"{shown.page}.html", "key": shown.anchor, "title": shown.payload["title"]}
            found.setdefault(one["heading"], []).append({**one, **place})
    return [
        {"heading": heading, "items": items, "sources": list({item["key"]: item for item in items}.values())}
        for heading, items in found.items()
    ]


def _first_sentence(text: str) -> str:
    """Cut a finding after its first sentence; a decimal point or an abbreviation inside it does not end it."""
    return re.split(r"(?<=[.!?]) (?=[A-Z0-9“])", text, maxsplit=1)[0]


def _page_caveats(results: Iterable[Shown], pages: dict[str, Any]) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for shown in results:
        for text in shown.payload["caveats"]:
            page = pages[shown.page]
            found.setdefault(text, {"text": text, "file": page.file, "key": shown.anchor, "title": page.title})
    return list(found.values())


def _facts(study: Study, record: RunRecord) -> list[tuple[str, str]]:
    config, settings = study.config, record.settings
    period = study.period
    facts = [
        ("Where the data come from", _ORIGINS.get(config.provenance, str(config.provenance))),
        ("About the data", config.provenance_note),
        ("Source", config.source),
        ("Who could have been in the network", config.boundary),
        ("Run", record.run),
        ("Started", moment(record.started)),
        ("Took", f"{record.seconds:.1f} seconds"),
        ("Events", f"{period.label}: {period.start} to {period.end}" if period is not None else "the whole study"),
        ("Audience", str(settings["audience"])),
        ("Seed", "each notebook's own" if settings["seed"] is None else str(settings["seed"])),
        ("Made with", f"cop-analysis {record.versions['cop-analysis']}, Python {record.versions['Python']}"),
        ("Code", _code(record)),
        ("Kind of machine", record.platform),
    ]
    return [(name, text) for name, text in facts if text]


def _code(record: RunRecord) -> str:
    if record.commit is None:
        return ""
    changed = {True: ", with changes not committed", False: "", None: ""}[record.commit["modified"]]
    return f"commit {record.commit['id']}{changed}"


# --- the list of runs ----------------------------------------------------------------------------------------------


def write_outputs_index(out: Path) -> Path:
    """List every study and run under a folder of reports in its ``index.html``, and give that file's path.

    A run that cannot be read is listed as failed. When another run finishes at the same time the list is written
    again, so that the last writer leaves both in it.
    """
    out = Path(out)
    path = out / INDEX
    for _ in range(5):
        seen = _runs(out)
        write_whole(path, render_template("runs.html.j2", {"studies": _studies(seen)}))
        if _runs(out) == seen:
            break
    return path


def _runs(out: Path) -> list[Path]:
    """List the folders of finished runs; a hidden folder is one that is still being built."""
    return sorted(path.parent for path in out.glob(f"*/*/{RUN_FILE}") if not path.parent.name.startswith("."))


def _studies(runs: Iterable[Path]) -> list[dict[str, Any]]:
    by_key: dict[str, list[tuple[Path, dict[str, Any] | None]]] = {}
    for folder in runs:
        by_key.setdefault(folder.parent.name, []).append((folder, read_record(folder / RUN_FILE)))
    return sorted((_study(key, found) for key, found in by_key.items()), key=lambda study: study["title"].casefold())


def _study(key: str, found: list[tuple[Path, dict[str, Any] | None]]) -> dict[str, Any]:
    place = place_in_order([record for _, record in found if record])
    rows = sorted(
        (_row(key, folder, record, place) for folder, record in found), key=lambda row: row["order"], reverse=True
    )
    told = {folder.name: record["study"] for folder, record in found if record}
    newest: dict[str, Any] = next((told[row["folder"]] for row in rows if row["folder"] in told), {})
    return {
        "key": key,
        "title": str(newest.get("title") or key),
        "banner": banner(str(newest.get("provenance"))).replace("this page", "its pages").replace("on it ", ""),
        "runs": rows,
        "latest": next((row for row in rows if row["link"] and row["folder"] in told), None),
    }


def _row(
    key: str, folder: Path, record: dict[str, Any] | None, place: Callable[[Mapping[str, Any]], Place]
) -> dict[str, Any]:
    link = f"{quote(key)}/{quote(folder.name)}/{INDEX}" if (folder / INDEX).is_file() else ""
    if record is None:
        return {
            # When it began nobody knows, whatever its name says.
            "order": (False, DAWN, False, folder.name),
            "folder": folder.name,
            "run": folder.name,
            "link": link,
            "started": folder.name,
            "status": "failed",
            "reason": f"its record ({RUN_FILE}) cannot be read",
            "period": "",
            "audience": "",
        }
    notebooks: dict[str, list[str]] = {}
    for item in record["failures"]:
        notebooks.setdefault(str(item.get("reason")), []).append(str(item.get("name")))
    reasons = [f"{', '.join(names)}: {reason}" for reason, names in notebooks.items()]
    order = place(record)
    if is_to_come(begun(record["started"])):
        reasons.append("its date lies in the future, so the clock of its computer was wrong")
    elif not order[2]:
        reasons.append("a run made after it says that it began earlier, so the clock of a computer was wrong")
    return {
        # A run that claims to be of a day to come, or of an hour a later one did not know yet, is not the latest.
        "order": order,
        "folder": folder.name,
        "run": folder.name,
        "link": link,
        "started": moment(begun(record["started"])),
        "status": record["status"] if record["status"] in ("ok", NOT_MADE) else "failed",
        "reason": shorten("; ".join(reasons), 300, placeholder=" …"),
        "period": str(record["settings"].get("period") or ""),
        "audience": str(record["settings"].get("audience") or ""),
    }
