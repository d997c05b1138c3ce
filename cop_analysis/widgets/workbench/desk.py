"""What the workbench knows and does, as plain values: answers what the browser asks. No Jupyter and no HTML lives here.

It reads a study and calls what others do: the command line checks and reports, the rooms of the package say what waits.
"""

from __future__ import annotations

import datetime
import re
import tempfile
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.speakers import kept_answers
from cop_analysis.results import count_of
from cop_analysis.study import CONTRACTS, StudyError
from cop_analysis.study.faults import number_of, visible
from cop_analysis.widgets.workbench.bringing import (
    KINDS,
    LARGEST_FILE,
    BringingError,
    Brought,
    BroughtProject,
    keep_document,
    look_at_project,
    names_among,
    people_of,
    plain_name,
    read_brought,
    title_from,
    warning_of_names,
)
from cop_analysis.widgets.workbench.bringing_networks import BroughtNetwork, look_at_network
from cop_analysis.widgets.workbench.folders import (
    FolderError,
    as_folder,
    find_studies,
    look_at,
    make_study,
    may_be_committed,
    outputs_folder,
    place_for_new,
    study_label,
)
from cop_analysis.widgets.workbench.runs import (
    Run,
    follow,
    latest_report,
    read_faults,
    reports_under_way,
    start_run,
)
from cop_analysis.widgets.workbench.waiting import what_waits

if TYPE_CHECKING:
    from cop_analysis.study import Study

State = dict[str, Any]

_LABELS_SHOWN: Final = 40
_LINES_SHOWN: Final = 100
"""So many faults are sent to the browser; how many more there are is said."""


@dataclass
class _Upload:
    name: str
    pieces: list[bytes] = field(default_factory=list)


class Desk:
    """One panel's work on a study.

    Parameters
    ----------
    study : str or Path
        The study folder to start with; empty for none.
    here : Path
        Where studies are looked for.
    tell : callable
        Called without arguments when `state` has changed, from whichever thread changed it.
    today : callable
        Gives the day of today.
    """

    def __init__(
        self,
        study: str | Path = "",
        here: Path | None = None,
        tell: Callable[[], None] = lambda: None,
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        self.here = (here or Path.cwd()).resolve()
        self.tell = tell
        self.today = today
        self.server_root = ""
        self._lock = threading.RLock()
        self._uploads: dict[str, _Upload] = {}
        self._brought: dict[str, Brought] = {}
        self._projects: dict[str, BroughtProject] = {}
        self._networks: dict[str, tuple[BroughtNetwork, State]] = {}
        self._run: Run | None = None
        self.busy: State = {}
        self.said: State = {"text": "", "tone": ""}
        self.folder: Path | None = None
        self._forget()
        studies = find_studies(self.here)
        if study:
            self.choose(str(study))
        elif studies:
            self.choose(str(studies[0]))

    def _forget(self) -> None:
        """Forget what was found of a study, because another is chosen."""
        self.facts: State = {}
        self.checked: State | None = None
        self.reported: State | None = None
        self.waiting: list[State] | None = None
        self._brought.clear()
        self._projects.clear()
        self._networks.clear()

    # --- what the browser is told -----------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Everything the browser shows, as JSON."""
        with self._lock:
            here = self.here
            studies = find_studies(here)
            if self.folder is not None and not self.facts.get("fault"):
                studies = sorted({*studies, self.folder})
            return {
                "studies": [{"path": str(one), "label": visible(study_label(one, here), 160)} for one in studies],
                "chosen": "" if self.folder is None else str(self.folder),
                "place": str(place_for_new(here)),
                "kinds": list(KINDS),
                "facts": self.facts,
                "busy": self.busy,
                "said": self.said,
                "checked": self.checked,
                "reported": self.reported,
                "latest": self._latest(),
                "waiting": self.waiting,
                "brought": [self._of_brought(key, one) for key, one in self._brought.items()],
                "projects": [{"upload": key, **one.state} for key, one in self._projects.items()],
                "networks": [{"upload": key, **shown} for key, (_, shown) in self._networks.items()],
                "next": self.next_step(),
            }

    def _of_brought(self, key: str, one: Brought) -> State:
        names = names_among(one.document.speakers, set() if self.folder is None else people_of(self.folder))
        warning = warning_of_names(names)
        return {
            "upload": key,
            "name": one.name,
            "title": title_from(one.name, names),
            "sentence": one.document.sentence,
            "warnings": [*([warning] if warning else []), *one.document.warnings],
            "questions": [
                {"label": asked.label, "sentence": visible(asked.sentence, 300), "suggestion": asked.suggestion}
                for asked in one.document.questions[:_LABELS_SHOWN]
            ],
            "headings": [
                f"{visible(label, 60)} ({number})"
                for label, number in islice(one.document.headings.items(), _LABELS_SHOWN)
            ],
            "speakers": [*one.document.speakers[:_LABELS_SHOWN]],
        }

    def _latest(self) -> State | None:
        key = self.facts.get("key")
        if self.folder is None or not key:
            return None
        out = outputs_folder(self.folder)
        found = latest_report(out, key)
        if found is None:
            return None
        return {
            **found,
            "page": str(found["page"]),
            "address": self.address_of(found["page"]),
            "all": str(out / "index.html"),
            "allAddress": self.address_of(out / "index.html"),
        }

    def address_of(self, page: Path) -> str:
        """Give the address of a page on the Jupyter server, from the server's own on; empty where it serves none."""
        from urllib.parse import quote

        if not self.server_root:
            return ""
        try:
            inside = page.resolve().relative_to(Path(self.server_root).expanduser().resolve())
        except (ValueError, OSError, RuntimeError):
            return ""
        hidden = any(part.startswith(".") for part in inside.parts)
        return "" if hidden else "files/" + quote(inside.as_posix())

    def next_step(self) -> State:
        """Say what to do next, for somebody who has never done it: where on the panel, and a sentence."""
        facts = self.facts

        def step(where: str, sentence: str) -> State:
            return {"where": where, "sentence": sentence}

        if self.folder is None:
            return step("study", "Choose a study in the list, or make a new one: it takes a name and one click.")
        if facts.get("fault"):
            return step("study", facts["fault"])
        if self._brought:
            many = "this document" if len(self._brought) == 1 else f"these {len(self._brought)} documents"
            return step("documents", f"Press “Add {many} to the study”: what you chose was read and is not kept yet.")
        if self._networks:
            return step("documents", "Press “Bring this network into the study”: it was looked at and is not kept yet.")
        if facts.get("faults"):
            return step(
                "check",
                "The files of this study have faults. Press “Check the study” to see each with its "
                "place and how to correct it.",
            )
        if not facts.get("documents"):
            besides = " Without any, go on to “Check the study”." if facts.get("tables") else ""
            return step(
                "documents", "Add your transcripts: drop the files on “Documents”, or press “Choose files”." + besides
            )
        if not facts.get("canWrite"):
            return step(
                "code",
                "You can read and check this study and run its report, but not change it: its folder "
                "cannot be written. To code, work in a copy of your own: cop coding copy STUDY "
                "TO.",
            )
        if not facts.get("extracts"):
            return step(
                "code",
                "Press “Code the documents”. The panel that opens says, line by line, how to code a first passage.",
            )
        if not facts.get("configurations"):
            return step(
                "code",
                "Go on coding. When you see why something worked, or did not, make a configuration: "
                "in the coding, tab Configurations (key 3).",
            )
        if not facts.get("supported"):
            return step(
                "code",
                "Give your configuration its evidence: in the coding, choose a passage and press "
                "“supports”, “refines” or “refutes” at one of its slots.",
            )
        if not facts.get("refuted"):
            return step(
                "code",
                "You have a first configuration with evidence. Now look for what speaks against it: "
                "in the coding, put such a passage into a slot by “refutes”.",
            )
        if self._latest() is None:
            return step("report", "Press “Run the report”: it checks the study and makes the pages to read and send.")
        return step(
            "waiting", "Press “See what waits”: coders who disagree, gaps and whom to ask, numbers that do not add up."
        )

    # --- choosing and making a study --------------------------------------------------------------------------------

    def choose(self, typed: str) -> None:
        """Take a folder as the study to work on; where it is none, that is said and stays said."""
        with self._lock:
            self._forget()
            self.said = {"text": "", "tone": ""}
            try:
                folder = as_folder(typed)
            except FolderError as fault:
                self.folder, self.said = None, {"text": str(fault), "tone": "alert"}
                return
            self.folder = folder
            self.look()
            if self.facts.get("fault"):
                self.said = {"text": self.facts["fault"], "tone": "alert"}

    def look(self) -> None:
        """Read the study again for what is said of it: title, how many documents, what is coded."""
        folder = self.folder
        if folder is None:
            return
        found = look_at(folder)
        facts: State = {"fault": found.fault, "canWrite": found.can_write, "name": visible(folder.name, 160)}
        if not found.fault:
            facts |= facts_of(folder)
        with self._lock:
            if self.folder == folder:
                self.facts = facts

    def make(self, title: str, place: str, *, example: bool = False) -> None:
        """Make a new study and choose it."""
        try:
            folder = make_study(title, as_folder(place) if place.strip() else place_for_new(self.here), example=example)
        except FolderError as fault:
            self.said = {"text": str(fault), "tone": "alert"}
            return
        self.choose(str(folder))
        said = f"The study is made, in {visible(str(folder), 300)}. {may_be_committed(folder)}".strip()
        self.said = {"text": said, "tone": "status"}

    # --- documents --------------------------------------------------------------------------------------------------

    def take_piece(self, upload: str, name: str, number: int, of: int, content: bytes) -> None:
        """Take one piece of a file somebody chose; with the last one it is read."""
        with self._lock:
            here = self._uploads.setdefault(upload, _Upload(name)) if number == 0 else self._uploads.get(upload)
            if here is None or number != len(here.pieces):
                self._uploads.pop(upload, None)
                return
            here.pieces.append(content)
            too_large = sum(map(len, here.pieces)) > LARGEST_FILE
            if len(here.pieces) < of and not too_large:
                return
            del self._uploads[upload]
        try:
            content = b"".join(here.pieces)
            network = look_at_network(self.folder, here.name, content)
            project = look_at_project(self.folder, here.name, content) if network is None else None
            if network is not None:
                self._show_network(upload, network)
            elif project is not None:
                self._projects[upload] = project
            else:
                known = {} if self.folder is None else kept_answers(self.folder, plain_name(here.name))
                self._brought[upload] = read_brought(here.name, content, known)
        except (BringingError, ValueError, OSError, StudyError) as fault:
            self._add_alert(visible(" ".join(str(fault).split()), 600))

    def settle(self, upload: str, answers: Mapping[str, object]) -> None:
        """Read a document again with what somebody said of its labels; empty text says that one is no person."""
        brought = self._brought.get(upload)
        if brought is None:
            return
        said = {str(label): (first_characters(str(speaker).strip(), 60) or None) for label, speaker in answers.items()}
        try:
            self._brought[upload] = brought.answered(said)
        except BringingError as fault:
            self._add_alert(str(fault))

    def bring_project(self, upload: str, offsets: str = "auto", line_breaks: str = "auto") -> None:
        """Bring a project that was looked at into the study."""
        project = self._projects.get(upload)
        if project is None or self.folder is None:
            return
        try:
            done = project.bring(self.folder, offsets, line_breaks, self.coder())
        except (ValueError, OSError, StudyError) as fault:
            self._add_alert(visible(" ".join(str(fault).split()), 800))
            return
        del self._projects[upload]
        self.checked = self.waiting = None
        self.look()
        lines = [done.sentence, *done.report.lines[1:6]]
        if len(done.report.lines) > 6:
            lines.append(
                f"{len(done.report.lines) - 6:,} more were changed or left; `cop coding import` lists them all."
            )
        if done.conflicts:
            lines.append(f"{len(done.conflicts):,} conflicts wait for a decision: open the coding, tab Compare.")
        lines += [line for line in (done.taking_back, *done.notices) if line]
        self.said = {"text": "\n".join(visible(line, 400) for line in lines), "tone": "status"}

    def _show_network(self, upload: str, network: BroughtNetwork) -> None:
        if self.folder is not None:
            self._networks[upload] = network, network.state(self.folder)

    def answer_network(self, upload: str, answers: Mapping[str, object]) -> None:
        """Look at a network again with what somebody said of it."""
        if upload in self._networks:
            try:
                self._show_network(upload, self._networks[upload][0].answered(answers))
            except (ValueError, OSError, StudyError) as fault:
                self._add_alert(visible(" ".join(str(fault).split()), 800))

    def bring_network(self, upload: str, answers: Mapping[str, object]) -> None:
        """Bring a network that was looked at into the study, with what its ties need in study.toml and people.csv."""
        if upload not in self._networks or self.folder is None:
            return
        self.said = {"text": "", "tone": ""}
        network = self._networks[upload][0].answered(answers)
        missing = [
            what
            for what, said in (
                ("what connects people", network.answers.relation),
                ("when it was asked", network.answers.wave),
            )
            if not said
        ]
        if missing or (network.layouts and not network.answers.layout):
            asked = " and ".join(missing) or "how the table is to be read"
            self._add_alert(f"{network.name} was not brought in: say first {asked}.")
            return
        try:
            done = network.look(self.folder)
            done.write()
        except (ValueError, OSError, StudyError) as fault:
            self._add_alert(visible(" ".join(str(fault).split()), 800))
            return
        if not done.contents:
            self._add_alert(f"{network.name} was not brought in: {visible(done.found.sentence, 600)}")
            return
        del self._networks[upload]
        self.checked = self.waiting = None
        self.look()
        ties = f"{count_of(len(done.found.rows), 'tie')} added to ties.csv ({done.relation}, {done.wave})."
        self.said = {
            "text": "\n".join(visible(line, 400) for line in (ties, *done.added, done.found.sentence)),
            "tone": "status",
        }

    def _add_alert(self, sentence: str) -> None:
        before = self.said["text"] if self.said["tone"] == "alert" and self.said.get("many") else ""
        self.said = {"text": f"{before}\n{sentence}".strip()[-4_000:], "tone": "alert", "many": True}

    def keep(self, wanted: Sequence[Mapping[str, str]]) -> None:
        """Keep documents that were read: each with its upload, title and kind."""
        if self.folder is None or self.facts.get("fault"):
            self.said = {"text": "Choose or make a study first; then add the documents to it.", "tone": "alert"}
            return
        kept = []
        self.said = {"text": "", "tone": ""}
        for one in wanted:
            brought = self._brought.get(str(one.get("upload")))
            if brought is None:
                continue
            try:
                kept.append(
                    keep_document(
                        self.folder, brought, title=one.get("title", ""), kind=one.get("kind", ""), who=self.coder()
                    )
                )
                del self._brought[str(one["upload"])]
            except (BringingError, OSError) as fault:
                self._add_alert(str(fault))
                if "already" in str(fault):
                    del self._brought[str(one["upload"])]
        self.checked = self.waiting = None
        self.look()
        if kept and self.said["tone"] != "alert":
            many = f"{len(kept)} documents are" if len(kept) > 1 else "1 document is"
            self.said = {"text": f"{many} in the study now: {', '.join(kept)}.", "tone": "status"}

    def drop(self, upload: str) -> None:
        """Let go of a document that was read and is not wanted."""
        self._brought.pop(upload, None)
        self._projects.pop(upload, None)
        self._networks.pop(upload, None)

    # --- running ----------------------------------------------------------------------------------------------------

    def start(self, verb: str, period: str = "") -> threading.Thread | None:
        """Run `cop check` or `cop report` on the study in the background, or gather what waits; one at a time."""
        with self._lock:
            if self.folder is None or self.facts.get("fault"):
                said = self.facts.get("fault") or "Choose a study first, in the list or by the path of its folder."
                self.said = {"text": said, "tone": "alert"}
                self.tell()
                return None
            if self.busy:
                return None
            words = {"check": "Checking the study", "report": "Running the report", "waiting": "Looking for what waits"}
            self.busy = {"verb": verb, "words": words[verb], "done": 0, "total": 0, "step": ""}
            self.said = {"text": "", "tone": ""}
            folder = self.folder
        work = {"check": self._check, "report": lambda one: self._report(one, period), "waiting": self._gather}[verb]
        thread = threading.Thread(target=self._carry, args=(work, folder), name=f"workbench {verb}", daemon=True)
        thread.start()
        self.tell()
        return thread

    def stop(self) -> None:
        """Stop what is running."""
        run = self._run
        if run is not None:
            run.stop()

    def _carry(self, work: Callable[[Path], None], folder: Path) -> None:
        try:
            work(folder)
        except Exception as fault:  # a thread that dies would leave the panel busy for ever
            sentence = visible(" ".join(str(fault).split()) or type(fault).__name__, 400)
            self.said = {"text": f"It could not be done: {sentence}", "tone": "alert"}
        finally:
            self._run = None
            self.busy = {}
            self.look()
            self.tell()

    def _step(self, done: int, total: int, step: str) -> None:
        self.busy = {**self.busy, "done": done, "total": total, "step": visible(step, 120)}
        self.tell()

    def _check(self, folder: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="cop-workbench-") as beside:
            table = Path(beside) / "faults.csv"
            self._run = run = start_run("check", folder, faults=table)
            code, lines = follow(run, self._step)
            faults = read_faults(table)
        if run.is_stopped:
            self.said = {"text": "The check was stopped.", "tone": "status"}
        elif self.folder == folder:
            self.checked = checked_state(code, lines, faults, folder)

    def _report(self, folder: Path, period: str) -> None:
        out = outputs_folder(folder)
        others = reports_under_way(out, str(self.facts.get("key", "")))
        if others:
            self.said = {
                "text": f"Another report of this study is being made already (begun {others[0]}); yours is "
                "made beside it and neither harms the other.",
                "tone": "status",
            }
        self._run = run = start_run("report", folder, period=period, out=out)
        code, lines = follow(run, self._step)
        if run.is_stopped:
            self.said = {
                "text": "The report was stopped. Nothing half-written is left where a finished report would be.",
                "tone": "status",
            }
        elif self.folder == folder:
            self.reported = reported_state(code, lines, folder, out)

    def _gather(self, folder: Path) -> None:
        found = what_waits(folder, self.today(), blind=self.is_blind(), coder=self.coder())
        if self.folder == folder:
            self.waiting = [asdict(one) for one in found]

    def is_blind(self) -> bool:
        """Say whether somebody codes blind in this panel; the panel that opens a coding knows."""
        return False

    def coder(self) -> str:
        """Say who codes in this panel; empty where nobody does."""
        return ""


# --- what is said of a study and of a run ----------------------------------------------------------------------------


def facts_of(folder: Path) -> State:
    """Read what is said of a study: title, documents, how far its coding is; with faults, how many."""
    from cop_analysis import open_study
    from cop_analysis.study.periods import financial_years

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            study = open_study(folder)
        except StudyError as error:
            errors = number_of(fault for fault in error.faults if fault.severity == "error")
            return {"title": "", "key": "", "faults": errors, "documents": [], "periods": []}
        except (ValueError, OSError) as error:
            return {"fault": f"The study cannot be opened: {visible(' '.join(str(error).split()), 400)}"}
        documents = study.documents
        events = study.events
        years = [] if events is None else sorted(set(financial_years(events["date"]).dropna()))
        facts: State = {
            "title": study.title,
            "key": study.key,
            "simulated": study.is_simulated,
            "faults": 0,
            "tables": any(study.has(name) for name in CONTRACTS if name != "documents"),
            "documents": [] if documents is None else _documents(documents.to_dict("records")),
            "periods": [*(one.label for one in study.config.periods), *years],
        }
        return facts | coded_facts(study)


def _documents(rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, str]]:
    def text(value: Any) -> str:
        return visible(value, 160) if isinstance(value, str) else ""

    return [
        {"id": text(row["document"]), "title": text(row.get("title")), "kind": text(row.get("kind"))} for row in rows
    ]


def coded_facts(study: Study) -> State:
    """Count what a study's coding holds; why it cannot be read, where that is so."""
    from cop_analysis.realist.store import CodingError

    try:
        coding = study.coding
    except (StudyError, CodingError, OSError) as error:
        return {"codingFault": visible(" ".join(str(error).split()), 400), "extracts": 0, "configurations": 0}
    if coding is None:
        return {"extracts": 0, "configurations": 0, "coders": 0, "supported": 0, "refuted": 0}
    try:
        return counted(coding.snapshot)
    finally:
        coding.close()


def counted(snapshot: Any) -> State:
    """Count a coding for the line that says how far it is."""
    stances: dict[str, set[str]] = {"supports": set(), "refines": set(), "refutes": set()}
    for link in snapshot.evidence:
        stances.setdefault(link.stance, set()).add(link.configuration)
    return {
        "extracts": len(snapshot.extracts),
        "codes": len(snapshot.codes),
        "coders": len(snapshot.coders),
        "configurations": len(snapshot.configurations),
        "supported": len(stances["supports"] | stances["refines"]),
        "refuted": len(stances["refutes"]),
        "coded": len({one.document for one in snapshot.extracts}),
    }


def _said_to_correct(lines: Sequence[str]) -> int:
    """Read from the check's last line how many faults there are; of millions only the first are in its file."""
    said = [found for line in lines if (found := re.search(r": ([\d,]+) faults? to correct, ", line))]
    return int(said[-1][1].replace(",", "")) if said else 0


def checked_state(code: int, lines: Sequence[str], faults: Sequence[Mapping[str, str]], folder: Path) -> State:
    """Put what a check said for the browser: the verdict, each fault with its place, what the number audit found."""
    errors = [one for one in faults if one["severity"] == "error"]
    notes = [one for one in faults if one["severity"] != "error"]
    total = max(len(errors), _said_to_correct(lines))
    audit = [line.partition("number audit: ")[2] for line in lines if "number audit: " in line]
    if code == 0:
        verdict, tone = "The study has no faults.", "good"
    elif code == 1 and errors:
        many = "1 fault" if total == 1 else f"{total:,} faults"
        verdict, tone = f"{many} to correct before a report can be run.", "alert"
    else:
        said = " ".join(line.removeprefix(f"{folder}: ") for line in lines)[-600:]
        verdict, tone = f"The check could not be run as asked. {visible(said, 600)}".strip(), "alert"
    return {
        "verdict": verdict,
        "tone": tone,
        "errors": [_fault(one) for one in errors[:_LINES_SHOWN]],
        "errorCount": total,
        "notes": [_fault(one) for one in notes[:_LINES_SHOWN]],
        "noteCount": len(notes),
        "audit": audit,
    }


def _fault(one: Mapping[str, str]) -> dict[str, str]:
    unit = "line" if one["file"].endswith((".toml", ".json")) else "row"
    place = ", ".join(
        part for part in (one["file"], f"{unit} {one['row']}" if one["row"] else "", one["column"]) if part
    )
    value = f"“{visible(one['value'])}” " if one["value"] else ""
    return {
        "place": visible(place, 200),
        "what": f"{value}{visible(one['rule'], 400)}",
        "fix": visible(one["how_to_correct"], 600),
    }


def reported_state(code: int, lines: Sequence[str], folder: Path, out: Path) -> State:
    """Put what a run of the report said for the browser: the verdict and the lines besides."""
    verdict, tone = {
        0: ("The report is ready.", "good"),
        1: ("No report was made, because the data is at fault. “Check the study” says how to correct it.", "alert"),
        2: ("The report could not be run as asked.", "alert"),
        3: ("The report is there, but a notebook failed; its page says why. The others are whole.", "alert"),
    }.get(
        code,
        (f"The report stopped unexpectedly (code {code}). Run it again; if it stops again, check the study.", "alert"),
    )
    said = [line.removeprefix(f"{folder}: ") for line in lines if not line.endswith("index.html")]
    if code == 3 and not any(line.endswith("index.html") and str(folder) in line for line in lines):
        verdict = f"The report could not be written to {visible(str(out), 300)}: see the line below."
    return {
        "verdict": verdict,
        "tone": tone,
        "lines": [visible(line, 600) for line in said[:_LINES_SHOWN]],
        "lineCount": len(said),
    }
